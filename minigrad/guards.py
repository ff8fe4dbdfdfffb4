"""What keeps the engine from being silently wrong: it looks here, and raises instead.

Three ways to a wrong gradient that nobody would notice, and what is said of each:

- a value that the way back needs was written after its use (check_unwritten; what only
  could be written is copied when it is captured);
- NaN is born on the way back, though the result is a number (refuse_new_nan);
- an argument that NumPy takes and we do not would be ignored (check_arguments), and so
  would the mask or the unit of an array of another class (inputs.py).

An error names both ends of its story: where the operation stands in the user's code, and
where the write. Such a place is a code object and an offset in it; no frame is kept, so no
variable stays alive.
"""
import functools
import inspect
import linecache
import math
import os
from sys import _getframe

import numpy as np

from minigrad.stand_ins import StandIn

HOME = os.path.dirname(__file__) + os.sep


class Inside(dict):
    """{name of a file: whether it is this package's}, found out once."""

    def __missing__(self, name):
        self[name] = name.startswith(HOME)
        return self[name]


INSIDE = Inside()


# --- places in the user's code ----------------------------------------------------------
def here(depth):
    """The place of the caller outside this package, at least `depth` calls up."""
    try:
        frame = _getframe(depth)
    except ValueError:                  # a new thread that begins with the operation
        frame = _getframe()
    while INSIDE[frame.f_code.co_filename] and (caller := frame.f_back):
        frame = caller
    return frame.f_code, frame.f_lasti


def line_of(place):
    """The file and the number of the line."""
    code, offset = place[:2]
    return code.co_filename, next((line for start, end, line in code.co_lines()
                                   if start <= offset < end and line), code.co_firstlineno)


def describe(place):
    """A place as text: file, line and what stands there."""
    if place is None:
        return "somewhere"
    path, number = line_of(place)
    text = linecache.getline(path, number).strip()
    return f"{os.path.basename(path)}:{number}" + (f" `{text}`" if text else "")


# --- values that were written after their use -------------------------------------------
def captured(x):
    """x, or a copy if it could be written before backward reads it."""
    if isinstance(x, np.ndarray):
        flags = x.flags
        if flags.writeable or not flags.owndata:
            x = x.copy("K")
            x.flags.writeable = False
        return x
    if isinstance(x, StandIn):
        return x.copy("K")
    if type(x) in (list, tuple):
        return type(x)([captured(part) for part in x])
    return x


def check_unwritten(tensor, node, what):
    """Raise if a tensor that this node computed with, or its result, was written since."""
    memory = tensor._memory
    written = memory.written > node.time
    if written or (memory.lent is not None
                   and not np.array_equal(memory.array, memory.lent, equal_nan=True)):
        how = "written" if written else "handed out by .data and written since,"
        raise RuntimeError(
            f"backward: {what} of {node}, of shape {tensor.shape}, was {how} at "
            f"{describe(memory.place)}, after it was used, so its gradient would be wrong; "
            "write after backward(), or compute with x.copy()")


# --- where NaN was born -----------------------------------------------------------------
def has_nan(arrays):
    """Whether NaN is among the entries: just then it is their sum of squares."""
    for g in arrays:
        g = g if type(g) is np.ndarray else getattr(g, "_data", g)
        if math.isnan(np.vdot(g, g)):           # which never warns
            return True
    return False


def refuse_new_nan(node, g, i, out, walked):
    """Raise if the VJP of argument i made a NaN, out, of a cotangent g without one.

    An np.where among the nodes walked may have hidden the NaN from the result.
    """
    if not has_nan([out]) or has_nan([g]):
        return
    why = ("a slope that is infinite or undefined there met a cotangent of 0, as in a "
           "branch that np.where has not chosen. Keep such values out of the function "
           "itself: f(np.where(ok, x, 1)) inside np.where(ok, ..., 0)"
           if any(other.function is np.where for other in walked) else
           "0/0, 0*inf or inf - inf arose there, as in np.sqrt(x**2) at 0, which has no "
           "slope, or where np.exp has overflowed: write np.logaddexp(0, x) for "
           "np.log(1 + np.exp(x))")
    raise FloatingPointError(
        "backward: the result is not NaN, but NaN first appears in the derivative of "
        f"{node}, by argument {i}: {why}")


# --- what would be ignored --------------------------------------------------------------
@functools.cache                            # a signature takes time to read
def check_arguments(function, takes, positional, keywords):
    """Refuse arguments that `takes`, our own form of a NumPy function, does not take."""
    try:
        inspect.signature(takes).bind(*[None]*positional, **dict.fromkeys(keywords))
    except TypeError as error:
        raise TypeError(f"{name_of(function)} of a Tensor: {error}") from None


def name_of(function):
    """How an error calls a function."""
    return getattr(function, "__name__", str(function))
