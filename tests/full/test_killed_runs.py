"""Fifty runs killed at random moments, during writes too, end as if they had not been.

    python -m pytest --import-mode=importlib tests/full/test_killed_runs.py
"""
import subprocess
import sys


def test_fifty_killed_runs_end_as_if_they_had_not_been():
    done = subprocess.run([sys.executable, "-m", "tests.optim.resumed_runs", "50"],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
