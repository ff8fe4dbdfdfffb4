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
from numpy import asarray, generic, ndarray
from numpy.typing import DTypeLike

from minigrad import composites
from minigrad.guards import captured, check_arguments, here, name_of
from minigrad.in_place import WRITERS, InPlace, write_into
from minigrad.inputs import as_plain, refuse_subclass
from minigrad.methods import ArrayMethods
from minigrad.primitives import VJPS
from minigrad.primitives.shapes import VJPS as MOVES, astype, copy, getitem
from minigrad.recording import is_recording
from minigrad.spellings import KNOWN, explaining
from minigrad.stand_ins import StandIn, copied, numeric
from minigrad.tape import backward, record
from minigrad.values import Values, plain, wants_gradient
from minigrad.writes import memory_of

NOTHING: dict = {}
NUMBERS = {float, int, bool, type(None)}
OF_NUMBERS = {np.add: operator.add, np.subtract: operator.sub, np.negative: operator.neg,
              np.multiply: operator.mul, np.true_divide: operator.truediv}
PLAIN_TYPES = {np.ndarray, float, int, bool, tuple, slice, type(None), type(...)}


def operators(ufunc):
    """x + y and y + x for a ufunc such as np.add, as methods of x."""
    return (lambda self, other: apply(ufunc, (self, other), NOTHING, 3),
            lambda self, other: apply(ufunc, (other, self), NOTHING, 3))


def sign(ufunc):
    """-x and its like, as a method."""
    return lambda self: apply(ufunc, (self,), NOTHING, 3)


def comparison(ufunc):
    """x < y and its like, as a method: a plain array."""
    return lambda self, other: ufunc(self._data, plain(other))


class Tensor(Values, InPlace, ArrayMethods):
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

    T = property(lambda self: apply(np.transpose, (self,)), doc="The axes reversed.")

    __add__, __radd__ = operators(np.add)
    __sub__, __rsub__ = operators(np.subtract)
    __mul__, __rmul__ = operators(np.multiply)
    __truediv__, __rtruediv__ = operators(np.true_divide)
    __pow__, __rpow__ = operators(np.power)
    __matmul__, __rmatmul__ = operators(np.matmul)
    __floordiv__, __rfloordiv__ = operators(np.floor_divide)
    __mod__, __rmod__ = operators(np.remainder)
    __neg__, __pos__, __abs__ = map(sign, (np.negative, np.positive, np.absolute))
    __lt__, __le__, __eq__ = map(comparison, (np.less, np.less_equal, np.equal))
    __gt__, __ge__, __ne__ = map(comparison, (
        np.greater, np.greater_equal, np.not_equal))
    __hash__ = object.__hash__

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        if method == "__call__":
            return dispatch(ufunc, inputs, kwargs)
        if (method, ufunc) in UFUNC_METHODS:
            return dispatch(UFUNC_METHODS[method, ufunc], inputs, {"axis": 0} | kwargs)
        if method == "outer":
            columns = np.expand_dims(inputs[0], tuple(range(-np.ndim(inputs[1]), 0)))
            return dispatch(ufunc, (columns, inputs[1]), kwargs)
        wanted = wants_gradient(inputs)
        if method == "at" and not (wanted and is_recording()):
            return write_into(ufunc.at, inputs, kwargs)
        if not wanted:
            return getattr(ufunc, method)(*plain(inputs), **kwargs)
        raise TypeError(f"np.{ufunc.__name__}.{method} has no derivative in minigrad; use "
                        f"in its place {composites.OF_METHODS[method]}")

    def __array_function__(self, function, types, args, kwargs):
        return dispatch(function, args, kwargs)


UFUNC_METHODS = {
    ("reduce", np.add): np.sum, ("reduce", np.multiply): np.prod,
    ("reduce", np.maximum): np.max, ("reduce", np.minimum): np.min,
    ("accumulate", np.add): np.cumsum, ("accumulate", np.multiply): np.cumprod}


@explaining
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
    array = copied(data) if isinstance(data, StandIn) else np.array(data, dtype)
    if dtype is not None:
        array = array.astype(dtype, copy=False)
    if array.dtype.kind not in "fiub":
        raise TypeError(f"tensor: came {type(data).__name__} of dtype {array.dtype}, needs "
                        "real numbers in an array of one shape")
    array = array.astype(array.dtype.newbyteorder("="), copy=False)
    if requires_grad and array.dtype.kind != "f":
        raise TypeError(f"tensor: came dtype {array.dtype}; only floats have gradients, "
                        "so write 3.0 for 3, or pass dtype=float")
    return Tensor(array, bool(requires_grad))


# --- a call on plain arrays, recorded -----------------------------------------------------
def apply(function, args, kwargs=NOTHING, depth=2):
    """function(*args, **kwargs) on plain arrays, recorded if an argument wants a gradient.

    function is a key of VJPS; Tensors stand directly in args. depth: how many calls up the
    user's code may be, counted from `here`.
    """
    positions, values, lent, wanted, held = (), [], (), False, False
    quick = OF_NUMBERS.get(function)
    for a in args:
        if type(a) is Tensor:
            i = len(values)
            positions += (i,)
            if a.requires_grad:
                wanted = True
            if a._memory is not None and a._memory.lent is not None:
                lent += (i,)            # what .data has handed out could be written later
            a = a._data
            if quick and not a.ndim and type(a) is ndarray:
                a = a[()]               # NumPy's numbers are quicker than its 0-d arrays
        elif type(a) not in NUMBERS:
            held = True                 # and so could this
            if type(a) not in PLAIN_TYPES:
                i, a = len(values), as_plain(a, name_of(function))
                args = (*args[:i], a, *args[i + 1:])
        values.append(a)
    recorded = wanted and is_recording()
    if lent and recorded and function not in MOVES:
        for i in lent:
            args = (*args[:i], apply(copy, (args[i],)), *args[i + 1:])
            values[i] = args[i]._data
    values = tuple(values)
    try:
        out = (function(*values, **kwargs) if kwargs else
               function(*values) if held or not quick else quick(*values))
    except ValueError as error:
        came = ", ".join(str(np.shape(v)) for v in values if isinstance(v, ndarray))
        kind = type(error)                      # LinAlgError and AxisError stay themselves
        raise kind(f"{name_of(function)} of shapes {came}: {error}") from None
    if type(out) is not ndarray:
        out = asarray(out) if isinstance(out, generic) else numeric(out)
    elif out is values[0]:              # np.squeeze, where there is nothing to squeeze
        out = out.view()
    result, base = Tensor(out, recorded), out.base
    if base is not None:
        for i in positions:             # a view is written when what it shows is written
            data = args[i]._data
            if base is data or base is data.base or (
                    isinstance(data, StandIn) and base is data.value):
                result._memory = memory_of(args[i])
    if recorded:
        record(result, function, args, values, kwargs, positions, held, here(depth))
    return result


# --- what a NumPy function means for Tensors ----------------------------------------------
def dispatch(function, args, kwargs):
    """Find what a NumPy function means for Tensors: in VJPS, in COMPOSITES or in PLAIN."""
    if not kwargs and function in VJPS:
        return apply(function, args, NOTHING, 4)
    if (out := kwargs.pop("out", None)) is not None:
        return write_into(function, args, {"out": out} | kwargs)
    with_options = not composites.OPTIONS.isdisjoint(kwargs)
    if function in VJPS and not (with_options and function in composites.WITH_OPTIONS):
        args, kwargs = by_position(function, args, kwargs)
        return apply(function, args, kwargs, 4)
    table = composites.WITH_OPTIONS if function in VJPS else composites.COMPOSITES
    if function in table:
        check_arguments(function, table[function], len(args), tuple(kwargs))
        refuse_subclass([args, *kwargs.values()], name_of(function))
        return table[function](*args, **kwargs)
    if function in composites.PLAIN:
        return function(*plain(args), **plain(kwargs))
    if function in WRITERS:
        return write_into(function, args, kwargs)
    if not (is_recording() and wants_gradient((args, kwargs))):
        return function(*captured(plain(args)), **plain(kwargs))    # results may be views
    instead = composites.INSTEAD.get(
        function, "functions listed in notebooks/reference/operations.md")
    raise TypeError(f"{name_of(function)} has no derivative in minigrad; use x.numpy() "
                    f"where no gradient is needed, or in its place {instead}")


def knows(function):
    """Whether tensors know a function of NumPy's."""
    tables = VJPS, composites.COMPOSITES, composites.PLAIN
    return any(function is known for table in tables for known in table)


KNOWN.append(knows)


def by_position(function, args, kwargs):
    """The same arguments, with Tensors that want a gradient in args, as `apply` needs."""
    if wants_gradient(kwargs):
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
    return args, plain(kwargs)
