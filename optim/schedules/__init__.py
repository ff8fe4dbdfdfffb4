"""Hyperparameters that change: each schedule is a function of t = 1, 2, ...

    opt = optim.Adam(params, lr=optim.schedules.cosine(0.1, steps=1000))
    opt.step()                                  # with the rate at opt.t + 1

Any hyperparameter may be a schedule, or any function of t: lr=lambda t: 0.1/t. What a
schedule gives is accepted as a number would be; it may be 0. PyTorch's value before its
k-th scheduler.step() is that of t = k here. In reading order:

    accepted_numbers.py  what the numbers of a schedule mean and may be
    plain_data.py        schedules in files
    numbers_of_t.py      Schedule, and what makes one of a function of t
    usual_schedules.py   steps, powers, cosines, one cycle
    in_sequence.py       one schedule after another
    plateaus.py          a rate that falls when a loss does not
"""
from minigrad.spellings import named
from optim.schedules.in_sequence import sequence, warm_up
from optim.schedules.numbers_of_t import Schedule, schedule
from optim.schedules.plain_data import as_data, from_data
from optim.schedules.plateaus import reduce_on_plateau
from optim.schedules.usual_schedules import (
    constant, cosine, cosine_restarts, exponential, inverse_square_root, multi_step,
    one_cycle, polynomial, step)

__all__ = [
    "Schedule", "as_data", "constant", "cosine", "cosine_restarts", "exponential",
    "from_data", "inverse_square_root", "multi_step", "one_cycle", "polynomial",
    "reduce_on_plateau", "schedule", "sequence", "step", "warm_up"]


def __getattr__(name):
    """What a name that is not here was meant to be."""
    raise AttributeError(named("optim.schedules", name, "", __all__))
