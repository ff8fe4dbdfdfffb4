"""The only door for writing into a tensor that exists: everybody who writes comes here.

A graph may still need the values that a write replaces. So each write is noted with its
time and place, and backward() raises where it would need a value from before. Optimizers,
load_state_dict, `x[i] = v`, `x += v` and `x.data = v` all use:

    array_of(x)             the ndarray, to be read; unlike x.data it is not handed out
    write(x, values)        values into x, entry by entry
    note_write(x)           x was written through another view of its memory
    note_writes(xs)         so were all of these, at once; written_since(xs, then) asks
    move(x, array, owner)   x lives in `array` from now on, which has its values already
    owner_of(x)             who has moved it last, or None
    hold(x, array)          x is recorded: `array` stands for its own meanwhile
    are_at(xs, arrays)      whether each still lives where it was moved to
    is_view(x)              whether its memory was another tensor's before

    >>> from minigrad.tensors import tensor
    >>> p = tensor([1., 2.], requires_grad=True)
    >>> flat = np.array([1., 2., 3.])
    >>> move(p, flat[:2], owner=None)
    >>> write(p, [5., 6.])
    >>> flat
    array([5., 6., 3.])
"""
import weakref

import numpy as np

from minigrad.guards import here
from minigrad.inputs import refuse_subclass
from minigrad.stand_ins import numeric
from minigrad.tape import tick


class Memory:
    """What is known of writes to a stretch of memory, by all tensors that share it."""
    __slots__ = ("array", "written", "lent", "place", "owner")

    def __init__(self, array, written=0, place=None, owner=None):
        self.array = array              # all of it: others are views of this one
        self.written = written          # the time of the last write that was noted,
        self.place = place              # and where in the user's code it stands
        self.lent = None                # a copy of what .data handed out, whole or in part
        self.owner = owner              # a weak reference to who has moved a tensor here


def memory_of(x):
    """The Memory of a tensor; most have none until somebody writes or asks for .data."""
    if x._memory is None:
        x._memory = Memory(x._data)
    return x._memory


def is_view(x):
    """Whether x shows memory that another tensor had before it."""
    return x._memory is not None and x._memory.array is not x._data


def array_of(x) -> np.ndarray:
    """The tensor's ndarray, to be read; who writes to it must note_write(x)."""
    return x._data


def note_write(x, place=None):
    """Note that x was written, by the caller or at a `place` that guards.here() gave."""
    memory = memory_of(x)
    memory.written, memory.place = tick(), place or here(2)


def note_writes(tensors, place):
    """Note that these, each of which was moved, were written at a place; and return when.
    """
    now = tick()
    for x in tensors:
        memory = x._memory
        memory.written, memory.place = now, place
    return now


def written_since(tensors, then):
    """Whether one of these, each of which was moved, may have been written after a time.
    """
    return any([x._memory.written > then or x._memory.lent is not None for x in tensors])


def write(x, values, index=..., place=None):
    """Put values into x's memory, all of it or at an index, as x[index] = values."""
    refuse_subclass(values, "item assignment")
    x._data[index] = values
    note_write(x, place)


def move(x, array, owner):
    """Let x live in `array`, of its shape and dtype, which already has its values.

    The owner is anything that can be weakly referenced, or None; an earlier one has lost x.
    """
    x._data = array
    x._memory = Memory(array, tick(), here(2), owner and weakref.ref(owner))


def are_at(tensors, arrays):
    """Whether each tensor lives in the array that it was moved to."""
    return all([x._data is array for x, array in zip(tensors, arrays)])


def hold(x, array):
    """Let x hold what stands for its array while a step is recorded, or the array again:
    nothing is written by that."""
    x._data = array


def owner_of(x):
    """Who moved x to where it is, while that object lives; else None."""
    return x._memory and x._memory.owner and x._memory.owner()


def lend(x):
    """The ndarray for x.data: from now on each recorded use of x is a copy."""
    memory = memory_of(x)
    if memory.lent is None:
        memory.lent, memory.place = memory.array.copy(), here(2)
    return x._data


def fitting(x, array, name):
    """An array for x's data or grad, of its shape and dtype; ValueError for another."""
    refuse_subclass(array, name)
    array = numeric(array)
    if array.shape != x.shape or array.dtype != x.dtype:
        raise ValueError(f"{name}: came {array.dtype} {array.shape}, the tensor is "
                         f"{x.dtype} {x.shape}; needed the same, or make a new tensor")
    return array


def replace(x, array):
    """x.data = array: another ndarray of the same shape and dtype, which its giver may
    still hold, so that it counts as handed out."""
    if array is not x._data:
        array = fitting(x, array, "data")
        x._data, x._memory = array, Memory(array)
        x._memory.lent = array.copy()
    note_write(x)
