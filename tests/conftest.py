"""What tests share, and what a whole run of them needs to be quick."""
import gc
import os
import shutil
import signal
from pathlib import Path

import pytest

# Processes that share the cores wait for each other's threads: one thread each, unless
# the caller says otherwise. NumPy reads this when it is imported first.
for library in ("OPENBLAS", "OMP", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

# What JAX compiles runs for milliseconds here, and is compiled for seconds.
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0 "
                      "--xla_llvm_disable_expensive_passes=true")


def pytest_configure(config):
    """pytest-xdist would begin with the files of most tests and leave the notebooks, which
    are few and slow, for one process at the end."""
    config.option.loadscopereorder = False


# What is proved for one of these is known to the others, in one process.
OF_CLAIMS = "captions", "claims", "family", "museum", "report"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """pytest-xdist gives a process whole files, and the files of all claims together."""
    if config.getvalue("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class Together(LoadFileScheduling):
        """Files as they come, but those of the claims to one process."""
        def _split_scope(self, nodeid):
            file = super()._split_scope(nodeid)
            return "claims" if Path(file).stem.removeprefix("test_") in OF_CLAIMS else file
    return Together(config, log)


def pytest_collection_finish():
    """What was loaded to here stays; a search for what is left need not look at it."""
    skip_what_is_there()


def skip_what_is_there():
    """Searches for what is left go over what is made from now on."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="module")
def nothing_older_is_looked_at():
    """A search goes over what the module makes, not over what other tests have loaded."""
    skip_what_is_there()


@pytest.fixture
def no_seed_of_others():
    """Other tests may have called manual_seed, from which networks here would draw."""
    import minigrad as mg
    before = mg.randomness._shared[:]
    mg.randomness._shared.clear()
    yield
    mg.randomness._shared[:] = before


@pytest.fixture
def hears_interrupts():
    """What a shell starts with & ignores interrupts, and so would what we start."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


@pytest.fixture(scope="module")
def browser():
    """A real browser, Chromium, through Playwright; new_page() of it has no network."""
    from playwright.sync_api import sync_playwright
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None and not os.environ.get("CI"):
        pytest.skip("no browser: install Chromium (apt-get install chromium)")
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=path, args=[
            "--no-sandbox", "--disable-gpu", "--disable-background-networking"])
        context = chromium.new_context(offline=True)
        yield context
        chromium.close()
