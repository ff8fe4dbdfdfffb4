"""Tensor: a NumPy array that remembers how it was made.

NumPy's own functions work on Tensors: __array_ufunc__ and __array_function__ send them to
`dispatch`, and all that has a derivative ends in `apply`, which computes with plain arrays
and, where a gradient is wanted, records a Node.

Missing on purpose: writes that are recorded, complex numbers, devices.
"""
import inspect
import operator
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from minigrad.composites import (
    COMPOSITES, INSTEAD, OF_METHODS, OPTIONS, PLAIN, WITH_OPTIONS)
from minigrad.guards import as_plain, captured, check_arguments, name_of, refuse_subclass
from minigrad.methods import ArrayMethods
from minigrad.primitives import VJPS
from minigrad.primitives.shapes import VJPS as MOVES, astype, copy, getitem
from minigrad.tape import backward, is_recording, record
from minigrad.values import Values
from minigrad.writes import is_view, memory_of, note_write, write

NOTHING: dict = {}
PLAIN_TYPES = {np.ndarray, float, int, bool, tuple, slice, type(None), type(...)}


class Tensor(Values, ArrayMethods):
    """An array with a gradient. Make one with `minigrad.tensor`."""
    __slots__ = ()
    __pandas_priority__ = 5000          # a Series leaves series*x to us

    def backward(self, gradient=None, retain_graph=False, create_graph=False):
        """Add d(self)/d(leaf), times `gradient`, to the .grad of every leaf it depends on.

        A tensor with more than one entry needs `gradient`, of its own shape. The graph is
        used up unless retain_graph=True. Raises RuntimeError when a value was written
        after its use; then no .grad has changed.
        """
        if create_graph:
            raise TypeError("backward: create_graph=True is not here, gradients are plain "
                            "arrays; mg.grad nests: mg.grad(mg.grad(f))(x)")
        backward(self, gradient, retain_graph)

    def copy(self):
        """The same values in memory of their own; gradients flow through."""
        return apply(copy, (self,))

    def astype(self, dtype):
        """The same values in another float dtype; gradients flow through."""
        return apply(astype, (self, np.dtype(dtype)))

    def __getitem__(self, index):
        return apply(getitem, (self, plain(index)))

    def __setitem__(self, index, value):
        if is_recording() and (self.requires_grad or wants_gradient(value)):
            raise RuntimeError(
                "item assignment is not recorded, so gradients would be wrong; build the "
                "result with np.where or np.concatenate, or write under mg.no_grad()")
        if self._node is not None:
            raise RuntimeError("item assignment: this tensor is a result inside a graph; "
                               "write to x.detach().copy(), or use np.where")
        write(self, plain(value), plain(index))

    def __add__(self, other):       return apply(np.add, (self, other))
    def __radd__(self, other):      return apply(np.add, (other, self))
    def __sub__(self, other):       return apply(np.subtract, (self, other))
    def __rsub__(self, other):      return apply(np.subtract, (other, self))
    def __mul__(self, other):       return apply(np.multiply, (self, other))
    def __rmul__(self, other):      return apply(np.multiply, (other, self))
    def __truediv__(self, other):   return apply(np.true_divide, (self, other))
    def __rtruediv__(self, other):  return apply(np.true_divide, (other, self))
    def __pow__(self, other):       return apply(np.power, (self, other))
    def __rpow__(self, other):      return apply(np.power, (other, self))
    def __matmul__(self, other):    return apply(np.matmul, (self, other))
    def __rmatmul__(self, other):   return apply(np.matmul, (other, self))
    def __floordiv__(self, other):  return apply(np.floor_divide, (self, other))
    def __rfloordiv__(self, other): return apply(np.floor_divide, (other, self))
    def __mod__(self, other):       return apply(np.remainder, (self, other))
    def __rmod__(self, other):      return apply(np.remainder, (other, self))
    def __neg__(self):              return apply(np.negative, (self,))
    def __pos__(self):              return apply(np.positive, (self,))
    def __abs__(self):              return apply(np.absolute, (self,))
    def __lt__(self, other):        return np.less(self._data, plain(other))
    def __le__(self, other):        return np.less_equal(self._data, plain(other))
    def __gt__(self, other):        return np.greater(self._data, plain(other))
    def __ge__(self, other):        return np.greater_equal(self._data, plain(other))
    def __eq__(self, other):        return np.equal(self._data, plain(other))
    def __ne__(self, other):        return np.not_equal(self._data, plain(other))
    __hash__ = object.__hash__

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        if method == "__call__":
            return dispatch(ufunc, inputs, kwargs)
        if (method, ufunc) in UFUNC_METHODS:
            return dispatch(UFUNC_METHODS[method, ufunc], inputs, {"axis": 0} | kwargs)
        if method == "outer":
            columns = np.expand_dims(inputs[0], tuple(range(-np.ndim(inputs[1]), 0)))
            return dispatch(ufunc, (columns, inputs[1]), kwargs)
        wanted = wants_gradient([*inputs])
        if method == "at" and not (wanted and is_recording()):
            return write_into(ufunc.at, inputs, kwargs)
        if not wanted:
            return getattr(ufunc, method)(*plain(inputs), **kwargs)
        raise TypeError(f"np.{ufunc.__name__}.{method} has no derivative in minigrad; use "
                        f"in its place {OF_METHODS[method]}")

    def __array_function__(self, function, types, args, kwargs):
        return dispatch(function, args, kwargs)


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
                f"{in_place.__name__} of {which} in place is not recorded, so gradients "
                "would be wrong; write x = x + y for x += y, or write under mg.no_grad()")
        out = operate(self, other)
        if (out.shape, out.dtype) != (self.shape, self.dtype):
            in_place(self._data.copy(), plain(other))       # NumPy refuses it, or it casts
            out = out.astype(self.dtype)
        return out
    return run


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"):
    setattr(Tensor, f"__i{_name}__", augmented(
        getattr(operator, _name), getattr(operator, f"i{_name}")))

UFUNC_METHODS = {
    ("reduce", np.add): np.sum, ("reduce", np.multiply): np.prod,
    ("reduce", np.maximum): np.max, ("reduce", np.minimum): np.min,
    ("accumulate", np.add): np.cumsum, ("accumulate", np.multiply): np.cumprod}


def tensor(data: Any, requires_grad: bool = False,
           dtype: DTypeLike | None = None) -> Tensor:
    """A Tensor with a copy of data: a number, a nested sequence or an array.

    Raises TypeError for what is not real numbers, and for integers that shall have a
    gradient.

    >>> x = tensor([1., 2.], requires_grad=True)
    >>> (x*x).sum().backward()
    >>> x.grad
    array([2., 4.])
    """
    if isinstance(data, Tensor):
        data._refuse("mg.tensor")
        data = data._data
    refuse_subclass(data, "tensor")
    array = np.array(data, dtype)
    if array.dtype.kind not in "fiub":
        raise TypeError(f"tensor: came {type(data).__name__} of dtype {array.dtype}, needs "
                        "real numbers in an array of one shape")
    array = array.astype(array.dtype.newbyteorder("="), copy=False)
    if requires_grad and array.dtype.kind != "f":
        raise TypeError(f"tensor: came dtype {array.dtype}; only floats have gradients, "
                        "so write 3.0 for 3, or pass dtype=float")
    return Tensor(array, bool(requires_grad))


def wants_gradient(x):
    """Whether a Tensor that wants a gradient is in x, also inside lists and tuples."""
    if isinstance(x, (list, tuple)):
        return any(wants_gradient(part) for part in x)
    return type(x) is Tensor and x.requires_grad


def plain(x):
    """x with every Tensor inside replaced by its values."""
    if type(x) is Tensor:
        return x._data
    if type(x) in (list, tuple):
        return type(x)(plain(part) for part in x)
    return x


# --- a call on plain arrays, recorded -----------------------------------------------------
def apply(function, args, kwargs=NOTHING):
    """function(*args, **kwargs) on plain arrays, recorded if an argument wants a gradient.

    function is a key of VJPS; Tensors stand directly in args.
    """
    positions, values, recorded = [], [], False
    for i, a in enumerate(args):
        if type(a) is Tensor:
            positions.append(i)
            recorded = recorded or a.requires_grad
            a = a._data
        elif type(a) not in PLAIN_TYPES:
            a = as_plain(a, name_of(function))
            args = (*args[:i], a, *args[i + 1:])
        values.append(a)
    if recorded := recorded and is_recording():
        for i in positions:             # what .data has handed out could be written later
            memory = args[i]._memory
            if memory is not None and memory.lent is not None and function not in MOVES:
                args = (*args[:i], apply(copy, (args[i],)), *args[i + 1:])
                values[i] = args[i]._data
    try:
        out = function(*values, **kwargs)
    except ValueError as error:
        came = ", ".join(str(np.shape(v)) for v in values if isinstance(v, np.ndarray))
        kind = type(error)                      # LinAlgError and AxisError stay themselves
        raise kind(f"{name_of(function)} of shapes {came}: {error}") from None
    if type(out) is not np.ndarray:
        out = np.asarray(out)
    elif out is values[0]:              # np.squeeze, where there is nothing to squeeze
        out = out.view()
    result, base = Tensor(out), out.base
    if base is not None:
        for i in positions:             # a view is written when what it shows is written
            if base is args[i]._data or base is args[i]._data.base:
                result._memory = memory_of(args[i])
    if recorded:
        record(result, function, args, kwargs, positions)
    return result


# --- what a NumPy function means for Tensors ----------------------------------------------
def dispatch(function, args, kwargs):
    """Find what a NumPy function means for Tensors: in VJPS, in COMPOSITES or in PLAIN."""
    if kwargs and (out := kwargs.pop("out", None)) is not None:
        return write_into(function, args, {"out": out} | kwargs)
    if kwargs and function in WITH_OPTIONS and not OPTIONS.isdisjoint(kwargs):
        check_arguments(function, WITH_OPTIONS[function], len(args), tuple(kwargs))
        return WITH_OPTIONS[function](*args, **kwargs)
    if function in VJPS:
        if kwargs:
            args, kwargs = by_position(function, args, kwargs)
        return apply(function, args, kwargs)
    if function in COMPOSITES:
        check_arguments(function, COMPOSITES[function], len(args), tuple(kwargs))
        refuse_subclass([args, *kwargs.values()], name_of(function))
        return COMPOSITES[function](*args, **kwargs)
    if function in PLAIN:
        return function(*map(plain, args), **{k: plain(v) for k, v in kwargs.items()})
    if function in WRITERS:
        return write_into(function, args, kwargs)
    if not (is_recording() and wants_gradient([*args, *kwargs.values()])):
        args, kwargs = captured(plain(args)), {k: plain(v) for k, v in kwargs.items()}
        return function(*args, **kwargs)        # of copies: its results may be views
    instead = INSTEAD.get(function, "functions listed in notebooks/reference/operations.md")
    raise TypeError(f"{name_of(function)} has no derivative in minigrad; use x.numpy() "
                    f"where no gradient is needed, or in its place {instead}")


WRITERS = {np.copyto, np.put, np.place, np.putmask, np.put_along_axis, np.fill_diagonal}


def write_into(function, args, kwargs):
    """A call that writes into what its out= names, or into its first argument."""
    if is_recording() and wants_gradient([*args, *kwargs.values()]):
        instead = INSTEAD.get(function, "a = a + x for a += x, without out=")
        raise TypeError(
            f"{name_of(function)}: out= and writing in place are not recorded, so gradients"
            f" would be wrong; use {instead}, or write under mg.no_grad()")
    targets = [kwargs[name] for name in ("out", "dst", "a", "arr") if name in kwargs]
    target = (targets or args)[0]
    for written in target if type(target) is tuple else (target,):
        if type(written) is Tensor:
            note_write(written)
    result = function(*plain(args), **{k: plain(v) for k, v in kwargs.items()})
    return written if type(written) is Tensor and result is not None else result


def by_position(function, args, kwargs):
    """The same arguments, with Tensors that want a gradient in args, as `apply` needs."""
    if wants_gradient([*kwargs.values()]):
        try:
            bound = inspect.signature(function).bind(*args, **kwargs)
        except ValueError:                      # some built-in functions do not tell
            raise TypeError(f"{name_of(function)}: pass tensors by position, not by keyword"
                            ) from None
        args, kwargs = bound.args, bound.kwargs
        for name, value in kwargs.items():
            if wants_gradient(value):
                raise TypeError(f"{name_of(function)}: no derivative by keyword {name}; "
                                "pass the arguments before it too")
    vjps = VJPS[function]
    check_arguments(function, vjps[0] or vjps[-1], 2 + len(args), tuple(kwargs))
    return args, {name: plain(value) for name, value in kwargs.items()}
