"""What a whole run of the tests needs to be quick; no test depends on it."""
import gc
import os

# Processes that share the cores wait for each other's threads: one thread each, unless
# the caller says otherwise. NumPy reads this when it is imported first.
for library in ("OPENBLAS", "OMP", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")


def pytest_configure(config):
    """pytest-xdist would begin with the files of most tests and leave the notebooks, which
    are few and slow, for one process at the end."""
    config.option.loadscopereorder = False


def pytest_collection_finish():
    """What was loaded to here stays; a search for what is left need not look at it."""
    gc.collect()
    gc.freeze()
