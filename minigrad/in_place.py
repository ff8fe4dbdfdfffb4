"""Writing into a Tensor as NumPy's users do: x[i] = v, x += y, out=x, np.copyto(x, y).

Where nothing is recorded it means what NumPy's means; recorded, it raises and names the
cure, as the graph would not know of it.
"""
import operator

import numpy as np

from minigrad import composites
from minigrad.guards import name_of
from minigrad.inputs import refuse_subclass
from minigrad.recording import is_recording
from minigrad.values import plain, wants_gradient
from minigrad.writes import is_view, note_write, write

WRITERS = {np.copyto, np.put, np.place, np.putmask, np.put_along_axis, np.fill_diagonal}


class InPlace:
    """Item assignment; augmented assignment is added below."""
    __slots__ = ()

    def __setitem__(self, index, value):
        if is_recording() and (self.requires_grad or wants_gradient(value)):
            raise RuntimeError(
                "item assignment is not recorded, so gradients would be wrong; build the "
                "result with np.where or np.concatenate, or write under mg.no_grad()")
        if self._node is not None:
            raise RuntimeError("item assignment: this tensor is a result inside a graph; "
                               "write to x.detach().copy(), or use np.where")
        write(self, plain(value), plain(index))


def augmented(operate, in_place):
    """x += y and its like, which means what NumPy's means, or raises.

    Where nothing is recorded x changes in place, also what it is a view of. Recorded, x
    stands for x + y, in x's shape and dtype, if nobody can look for it in x's memory.
    """
    def run(self, other):
        if not (is_recording() and (self.requires_grad or wants_gradient(other))):
            refuse_subclass(other, in_place.__name__)
            note_write(self)
            in_place(self._data, plain(other))
            return self
        if is_view(self) or self.requires_grad and self._node is None:
            which = "a view" if is_view(self) else "a leaf"
            raise RuntimeError(
                f"changing {which} in place is not recorded, so gradients would be wrong; "
                "write x = x + y for x += y, or write under mg.no_grad()")
        out = operate(self, other)
        if (out.shape, out.dtype) != (self.shape, self.dtype):
            in_place(self._data.copy(), plain(other))       # NumPy refuses it, or it casts
            out = out.astype(self.dtype)
        return out
    return run


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"):
    setattr(InPlace, f"__i{_name}__", augmented(
        getattr(operator, _name), getattr(operator, f"i{_name}")))


def write_into(function, args, kwargs):
    """A call that writes into what its out= names, or into its first argument."""
    if is_recording() and wants_gradient((args, kwargs)):
        instead = composites.INSTEAD.get(function, "a = a + x for a += x, without out=")
        raise TypeError(
            f"{name_of(function)}: out= and writing in place are not recorded, so gradients"
            f" would be wrong; use {instead}, or write under mg.no_grad()")
    targets = [kwargs[name] for name in ("out", "dst", "a", "arr") if name in kwargs]
    target = (targets or args)[0]
    for written in target if type(target) is tuple else (target,):
        if isinstance(written, InPlace):
            note_write(written)
    result = function(*plain(args), **plain(kwargs))
    return written if isinstance(written, InPlace) and result is not None else result
