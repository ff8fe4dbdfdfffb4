"""Stable compositions: equal to their textbook form, and so is the VJP to its derivative.

The implementation itself runs on symbols. Both claims are algebra in exp(x_i); that the
results stay finite where the textbook form overflows is tested on numbers.
"""
import numpy as np

from minigrad.primitives import moments, stable
from minigrad.proving.algebra import vanishes
from minigrad.proving.pullbacks import differential_failure, entrywise_cases
from minigrad.symbolic import Symbolic

THEOREM = "the function equals its textbook form, and VJP = the derivative of that form"

ALONG_AXES = [((3,), {}), ((2, 2), {}), ((2, 2), {"axis": 0}), ((1, 3), {"axis": 1}),
              ((2,), {"axis": -1}), ((1,), {}), ((1, 2), {"axis": None}),
              ((2, 1, 2), {"axis": (0, 1)})]
CALLS: dict = {
    stable.logsumexp: ALONG_AXES + [((2, 2), {"keepdims": True}),
                                    ((2, 2), {"axis": 0, "keepdims": True})],
    stable.log_softmax: ALONG_AXES, stable.softmax: ALONG_AXES,
    stable.softmax_of_others: ALONG_AXES,
    moments.standardized: [
        ((3,), {"axis": 0, "eps": 1}), ((2, 2), {"axis": -1, "eps": 2}),
        ((2, 2), {"axis": (0, 1), "eps": 1}), ((2, 1, 2), {"axis": (0, 2), "eps": 3})],
    stable.cross_entropy: [((2, 2), {"labels": [1, 0]}), ((2, 3), {"labels": [2, 2]}),
                           ((1, 3), {"labels": [0]})],
}
KINKS: list[tuple] = []


def cases(function):
    """The shapes and keywords at which a function is proved."""
    return entrywise_cases(CALLS.get(function, []))


def failure(function, vjp, i, case):
    """Why the textbook form is not shown to be equal, or its derivative; or None."""
    textbook = Symbolic(function(*case.args, **case.kwargs))
    ours = Symbolic(function.__wrapped__(*case.args, **case.kwargs))
    if ours.shape != textbook.shape:
        return f"{case.text}: shape {ours.shape}, the textbook form has {textbook.shape}"
    for a, b in zip(np.ravel(ours.array), np.ravel(textbook.array)):
        if not vanishes(a - b):
            return f"{case.text}: {a} is not shown to equal the textbook form {b}"
    return differential_failure(function, vjp, i, case)
