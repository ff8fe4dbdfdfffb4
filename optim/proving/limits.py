"""A verdict within a time limit that really ends the search for it."""
import time
from collections.abc import Callable
from dataclasses import replace

from minigrad.time_limits import within
from optim.proving.verdicts import Verdict


def verdict_within(seconds: float, work: Callable[[], Verdict]) -> Verdict:
    """The verdict of work(), UNDECIDED if the time is up before; with the time it took."""
    began = time.monotonic()
    verdict = within(seconds, work, otherwise=lambda: Verdict(
        "UNDECIDED", method=f"time limit of {seconds:.3g} s"))
    return replace(verdict, seconds=time.monotonic() - began)
