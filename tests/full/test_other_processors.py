"""The tests that compare numbers hold on lesser processors, with one and with two threads.

NumPy has kernels for several processors and takes the best that it finds; without them it
takes others, whose last digits and order of entries differ. What this machine has more
than those is switched off.

    python -m pytest tests/full/test_other_processors.py
"""
import os
import subprocess
import sys
from pathlib import Path

import pytest
from numpy._core import _multiarray_umath as numpy_core

ROOT = Path(__file__).parents[2]
KERNELS = [name for name in numpy_core.__cpu_dispatch__
           if numpy_core.__cpu_features__.get(name)]
NUMBERS = ["tests/minigrad", "tests/optim/test_optimizer.py", "tests/optim/test_races.py",
           "tests/optim/test_replays.py", "tests/optim/test_rules.py",
           "tests/optim/test_stability.py", "tests/optim/test_training.py"]


def run(kept, threads, *tests):
    """The tests in a process that has the first few of NumPy's kernels only."""
    environment = os.environ | {
        "NPY_DISABLE_CPU_FEATURES": " ".join(KERNELS[kept:]),
        "OPENBLAS_NUM_THREADS": str(threads), "OMP_NUM_THREADS": str(threads)}
    if not kept:
        environment["OPENBLAS_CORETYPE"] = "Nehalem"
    return subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider",
                           *tests], cwd=ROOT, env=environment, capture_output=True,
                          text=True)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("kept", range(len(KERNELS)))
def test_numbers_are_right_with_fewer_kernels(kept, threads):
    done = run(kept, threads, *NUMBERS)
    assert done.returncode == 0, done.stdout[-3000:]


def test_kernels_are_switched_off(tmp_path):
    test = tmp_path/"test_kernels.py"
    test.write_text("from numpy._core import _multiarray_umath as numpy_core\n"
                    "def test_all_are_there():\n"
                    f"    assert all(map(numpy_core.__cpu_features__.get, {KERNELS}))\n")
    assert run(len(KERNELS), 1, str(test)).returncode == 0
    assert not KERNELS or run(0, 1, str(test)).returncode == 1
