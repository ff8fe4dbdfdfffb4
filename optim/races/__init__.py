"""Several rules from one point of one landscape: race(["adam", "nag"], "rosenbrock").

In reading order:

    typed_functions.py   a function of x and y that a user typed
    tuning.py            the same trials of learning rates for every rule
    contests.py          the race itself
    replays.py           two well-known animations, run again
"""
from optim.races.contests import Race, race
from optim.races.replays import replay
from optim.races.tuning import tune

__all__ = ["Race", "race", "replay", "tune"]
