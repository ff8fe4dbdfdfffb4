"""Tensor: a NumPy array that remembers how it was made.

NumPy's own functions work on Tensors: __array_ufunc__ and __array_function__ send them to
`dispatch`, and all that has a derivative ends in `apply`, which computes with plain arrays
and, where a gradient is wanted, records a Node.

Missing on purpose: in-place arithmetic on results in a graph, complex numbers, devices.
"""
import inspect
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from minigrad.composites import COMPOSITES, INSTEAD, PLAIN
from minigrad.guards import check_arguments, name_of
from minigrad.methods import ArrayMethods
from minigrad.primitives import VJPS
from minigrad.primitives.shapes import astype, copy, getitem
from minigrad.tape import backward, record, state
from minigrad.values import Values
from minigrad.writes import memory_of, note_write, write

NOTHING: dict = {}


class Tensor(Values, ArrayMethods):
    """An array with a gradient. Make one with `minigrad.tensor`."""
    __slots__ = ()

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
        if state.recording and (self.requires_grad or wants_gradient(value)):
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
        if method == "reduce" and ufunc in REDUCTIONS:
            return dispatch(REDUCTIONS[ufunc], inputs, {"axis": 0} | kwargs)
        raise TypeError(f"np.{ufunc.__name__}.{method} has no derivative in minigrad")

    def __array_function__(self, function, types, args, kwargs):
        return dispatch(function, args, kwargs)


def augmented(function):
    """x += y and its like: a leaf changes in place, as NumPy's arrays do, or it raises.

    A result inside a graph stays as recorded, and so does what a gradient is to flow
    into: the name then stands for x + y.
    """
    def run(self, other):
        if state.recording and self.requires_grad and self._node is None:
            raise RuntimeError(
                f"{function.__name__} in place is not recorded, so gradients would be "
                "wrong; write x = x + y for x += y, or write under mg.no_grad()")
        if self._node is not None or state.recording and wants_gradient(other):
            return NotImplemented
        function(self._data, plain(other), out=self._data)
        note_write(self)
        return self
    return run


for _name, _function in {"add": np.add, "sub": np.subtract, "mul": np.multiply,
                         "truediv": np.true_divide, "pow": np.power}.items():
    setattr(Tensor, f"__i{_name}__", augmented(_function))

REDUCTIONS = {np.add: np.sum, np.multiply: np.prod, np.maximum: np.max, np.minimum: np.min}


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
    array = np.array(data, dtype)
    if array.dtype.kind not in "fiub":
        raise TypeError(f"tensor: came dtype {array.dtype}, needs real numbers in an array "
                        "of one shape")
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
        values.append(a)
    if recorded := recorded and state.recording:
        for i in positions:             # what .data has handed out could be written later
            memory = args[i]._memory
            if memory is not None and memory.lent is not None and function is not copy:
                args = (*args[:i], apply(copy, (args[i],)), *args[i + 1:])
                values[i] = args[i]._data
    try:
        out = function(*values, **kwargs)
    except ValueError as error:
        shapes = ", ".join(str(np.shape(v)) for v in values if isinstance(v, np.ndarray))
        kind = type(error)                      # LinAlgError and AxisError stay themselves
        raise kind(f"{name_of(function)} of shapes {shapes}: {error}") from None
    result = Tensor(out if type(out) is np.ndarray else np.asarray(out))
    base = result._data.base
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
    if kwargs and kwargs.pop("out", None) is not None:
        raise TypeError(f"{name_of(function)}: out= cannot hold a Tensor's result, whose "
                        "values must stay as recorded; leave it out")
    if function in VJPS:
        if kwargs:
            args, kwargs = by_position(function, args, kwargs)
        return apply(function, args, kwargs)
    if function in COMPOSITES:
        check_arguments(function, COMPOSITES[function], len(args), tuple(kwargs))
        return COMPOSITES[function](*args, **kwargs)
    if function in PLAIN or not wants_gradient([*args, *kwargs.values()]):
        return function(*map(plain, args), **{k: plain(v) for k, v in kwargs.items()})
    instead = INSTEAD.get(function, "functions listed in notebooks/reference/operations.md")
    raise TypeError(f"{name_of(function)} has no derivative in minigrad; use x.numpy() "
                    f"where no gradient is needed, or in its place {instead}")


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
