"""Tensor: a NumPy array that remembers how it was made.

NumPy's own functions work on Tensors: __array_ufunc__ and __array_function__ send them to
`apply`, which computes with plain arrays and, where a gradient is wanted, records a Node.

Missing on purpose: in-place arithmetic on recorded tensors, complex numbers, devices.
"""
import functools
import inspect
import weakref

import numpy as np

from minigrad.guards import here
from minigrad.composites import COMPOSITES, INSTEAD, PLAIN
from minigrad.primitives import VJPS
from minigrad.primitives.shapes import astype, copy, getitem
from minigrad.tape import Node, name_of, state, tick

NOTHING: dict = {}


class Tensor:
    """An array with a gradient. Make one with `minigrad.tensor`."""

    __slots__ = ("_data", "_grad", "_node", "_memory", "_holder", "requires_grad",
                 "__weakref__")

    def __init__(self, data, requires_grad=False):
        self._data = data               # always an ndarray
        self._grad = None
        self._node = None               # the call that made it, if recorded
        self._memory = None             # [time of last write, what was lent, where]
        self._holder = None             # weak reference to the optimizer that owns it
        self.requires_grad = requires_grad

    # --- what it is -----------------------------------------------------------------
    @property
    def shape(self):
        return self._data.shape

    @property
    def dtype(self):
        return self._data.dtype

    @property
    def ndim(self):
        return self._data.ndim

    @property
    def size(self):
        return self._data.size

    @property
    def is_leaf(self):
        """Whether no recorded call made it."""
        return self._node is None

    @property
    def data(self):
        """The ndarray itself, for reading or writing. Writes behind a graph's back raise
        at backward(); from now on each use of this tensor is copied."""
        memory = self._watched()
        if memory[1] is None:
            memory[1:] = (self._data, self._data.copy()), here(2)
        return self._data

    @data.setter
    def data(self, value):
        if value is not self._data:
            value = np.asarray(value)
            if value.shape != self.shape or value.dtype != self.dtype:
                raise ValueError(f"data: came {value.dtype} {value.shape}, the tensor is "
                                 f"{self.dtype} {self.shape}; make a new tensor instead")
            self._data = value
        self._bump()

    @property
    def grad(self):
        """The gradient that backward() has added up, an ndarray, or None."""
        return self._grad

    @grad.setter
    def grad(self, value):
        if value is not None:
            value = value._data if type(value) is Tensor else value
            if not isinstance(value, np.ndarray):
                raise TypeError(f"grad: came {type(value).__name__}, needs an ndarray")
            if value.shape != self.shape or value.dtype != self.dtype:
                raise ValueError(f"grad: came {value.dtype} {value.shape}, the tensor is "
                                 f"{self.dtype} {self.shape}")
        self._grad = value

    def tolist(self):
        """The values as nested lists of Python numbers, outside any graph."""
        return self._data.tolist()

    def numpy(self):
        """A copy of the values as an ndarray, outside any graph."""
        return self._data.copy()

    def item(self):
        """The value of a tensor with one entry, as a Python number."""
        if self.size != 1:
            raise ValueError(f"item: the tensor has shape {self.shape}; needs one entry")
        return self._data.item()

    def detach(self):
        """The same values and memory, wanting no gradient."""
        out = Tensor(self._data)
        out._memory = self._watched()
        return out

    def copy(self):
        """The same values in memory of their own; gradients flow through."""
        return apply(copy, (self,))

    def __repr__(self):
        text = np.array2string(self._data, separator=", ", prefix="tensor(")
        kind = "" if self.dtype == float else f", dtype={self.dtype}"
        if self._node is not None:
            made = f", made by {name_of(self._node.function)}"
        else:
            made = ", requires_grad=True" if self.requires_grad else ""
        return f"tensor({text}{kind}{made})"

    def __len__(self):
        if not self.ndim:
            raise TypeError("len: a tensor of shape () has no length")
        return len(self._data)

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def __reduce__(self):
        if self._node is not None:
            raise TypeError("a tensor inside a graph cannot be pickled or deep-copied (the "
                            "graph is not part of it); use x.detach() or x.numpy()")
        return tensor, (self._data, self.requires_grad)

    def __deepcopy__(self, memo):
        rebuild, arguments = self.__reduce__()
        return rebuild(*arguments)

    # --- what would lose the graph ---------------------------------------------------
    def _refuse(self, what):
        if self.requires_grad:
            raise TypeError(
                f"{what} of a tensor that wants a gradient would lose the gradient; use "
                ".item() or .numpy() for its values, np.stack([...]) to join tensors")

    def __array__(self, dtype=None, copy=None):
        self._refuse("np.array or np.asarray")
        return np.array(self._data, dtype)

    def __float__(self):
        self._refuse("float()")
        return float(self._data)

    def __int__(self):
        self._refuse("int()")
        return int(self._data)

    def __index__(self):
        self._refuse("using as an index")
        return self._data.__index__()

    def __bool__(self):
        self._refuse("truth value")
        return bool(self._data)

    # --- what is done to it ----------------------------------------------------------
    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        if kwargs.pop("out", None) is not None:
            raise TypeError(f"{ufunc.__name__}: out= cannot hold a Tensor's result, whose "
                            "values must stay as recorded; leave it out")
        if method == "__call__":
            return dispatch(ufunc, inputs, kwargs)
        if method == "reduce" and ufunc in REDUCTIONS:
            kwargs.setdefault("axis", 0)
            return dispatch(REDUCTIONS[ufunc], inputs, kwargs)
        raise TypeError(f"np.{ufunc.__name__}.{method} has no derivative in minigrad")

    def __array_function__(self, function, types, args, kwargs):
        return dispatch(function, args, kwargs)

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
        self._data[plain(index)] = plain(value)
        self._bump()

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

    @property
    def T(self):
        """The axes in reverse order."""
        return apply(np.transpose, (self,))

    def sum(self, axis=None, keepdims=False):
        return apply(np.sum, (self,), {"axis": axis, "keepdims": keepdims})

    def mean(self, axis=None, keepdims=False):
        return np.mean(self, axis=axis, keepdims=keepdims)

    def max(self, axis=None, keepdims=False):
        return apply(np.max, (self,), {"axis": axis, "keepdims": keepdims})

    def min(self, axis=None, keepdims=False):
        return apply(np.min, (self,), {"axis": axis, "keepdims": keepdims})

    def var(self, axis=None, ddof=0, keepdims=False):
        return np.var(self, axis=axis, ddof=ddof, keepdims=keepdims)

    def std(self, axis=None, ddof=0, keepdims=False):
        return np.std(self, axis=axis, ddof=ddof, keepdims=keepdims)

    def prod(self, axis=None, keepdims=False):
        return np.prod(self, axis=axis, keepdims=keepdims)

    def cumsum(self, axis=None):
        return np.cumsum(self, axis=axis)

    def dot(self, other):
        return np.dot(self, other)

    def clip(self, low=None, high=None):
        return np.clip(self, low, high)

    def trace(self, offset=0):
        return np.trace(self, offset)

    def argmax(self, axis=None):
        return np.argmax(self._data, axis)

    def argmin(self, axis=None):
        return np.argmin(self._data, axis)

    def reshape(self, *shape):
        shape = shape[0] if len(shape) == 1 and not isinstance(shape[0], int) else shape
        return apply(np.reshape, (self, shape))

    def transpose(self, *axes):
        axes = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes or None
        return apply(np.transpose, (self, axes))

    def flatten(self):
        return apply(np.reshape, (self, (-1,)))

    ravel = flatten

    def swapaxes(self, axis1, axis2):
        return apply(np.swapaxes, (self, axis1, axis2))

    def squeeze(self, axis=None):
        return apply(np.squeeze, (self,), {"axis": axis})

    def astype(self, dtype):
        """The same values in another float dtype; gradients flow through."""
        return apply(astype, (self, np.dtype(dtype)))

    def backward(self, gradient=None, retain_graph=False):
        """Add d(self)/d(leaf), times `gradient`, to the .grad of every leaf it depends on.

        A tensor with more than one entry needs `gradient`, of its own shape. The graph is
        used up unless retain_graph=True. Raises RuntimeError when a value was written
        after its use; then no .grad has changed.
        """
        from minigrad.autodiff import backward
        backward(self, gradient, retain_graph)

    # --- for optimizers --------------------------------------------------------------
    def _bump(self, place=None):
        """Note that the values were written, by the caller or at a place that is given."""
        memory = self._watched()
        memory[0], memory[2] = tick(), place or here(2)

    def _watched(self):
        """What is known of writes to this memory, by all tensors that share it: the time of
        the last one; the array lent by .data, and a copy; and where that happened."""
        if self._memory is None:
            self._memory = [0, None, None]
        return self._memory

    def _adopt(self, view, holder):
        """Live in `view`, which has the values already, owned by holder."""
        self._data = view
        self._memory = [tick(), None, here(2)]
        self._holder = weakref.ref(holder)

    def _owner(self):
        return self._holder and self._holder()


def tensor(data, requires_grad=False, dtype=None) -> Tensor:
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
    if isinstance(x, (list, tuple)):
        parts = [plain(part) for part in x]
        return type(x)(parts) if type(x) in (list, tuple) else x
    return x


def captured(x):
    """x, or a copy if it could be written before backward reads it."""
    if isinstance(x, np.ndarray):
        if x.flags.writeable or not x.flags.owndata:
            x = x.copy()
            x.flags.writeable = False
        return x
    if type(x) in (list, tuple):
        return type(x)(captured(part) for part in x)
    return x


def apply(function, args, kwargs=NOTHING):
    """function(*args, **kwargs) on plain arrays, recorded if an argument wants a gradient.

    function is a key of VJPS; Tensors stand directly in args.
    """
    values = [a._data if type(a) is Tensor else a for a in args]
    try:
        out = function(*values, **kwargs)
    except ValueError as error:
        shapes = ", ".join(str(np.shape(v)) for v in values if isinstance(v, np.ndarray))
        kind = type(error)                      # LinAlgError and AxisError stay themselves
        raise kind(f"{name_of(function)} of shapes {shapes}: {error}") from None
    ans = Tensor(out if type(out) is np.ndarray else np.asarray(out))
    if ans._data.base is not None:
        share_memory(ans, args)
    if state.recording:
        for a in args:
            if type(a) is Tensor and a.requires_grad:
                record(ans, function, args, kwargs)
                break
    return ans


def share_memory(ans, args):
    """A view is written when the argument is whose memory it shows."""
    base = ans._data.base
    for a in args:
        if type(a) is Tensor and (base is a._data or base is a._data.base):
            ans._memory = a._watched()


def record(ans, function, args, kwargs):
    """Make ans remember the call; keep what could be written meanwhile as copies."""
    if ans._data.dtype.kind != "f":
        raise TypeError(f"{name_of(function)}: a result of {ans.dtype} has no gradient;"
                        " use x.numpy() where none is needed")
    vjps, kept, positions = VJPS[function], [], []
    for i, a in enumerate(args):
        if type(a) is Tensor:
            if a._memory is not None and a._memory[1] is not None and function is not copy:
                a = apply(copy, (a,))
            beyond = isinstance(vjps, tuple) and i >= len(vjps)
            if a.requires_grad and (beyond or vjps[i] is None):
                raise TypeError(f"{name_of(function)} has no derivative in argument {i}")
            positions.append(i)
        elif isinstance(a, (np.ndarray, list, tuple)):
            a = captured(a)
        kept.append(a)
    ans.requires_grad = True
    kwargs = {k: captured(v) for k, v in kwargs.items()} if kwargs else kwargs
    ans._node = Node(function, tuple(kept), kwargs, tuple(positions))


@functools.cache
def check_keywords(function, positional, keywords):
    """Refuse a keyword that the VJP does not know, before it is ignored."""
    vjp = next(vjp for vjp in VJPS[function] if vjp is not None)
    try:
        inspect.signature(vjp).bind(*[None]*(2 + positional), **dict.fromkeys(keywords))
    except TypeError as error:
        raise TypeError(f"{name_of(function)} of a Tensor: {error}") from None


def no_derivative(function):
    instead = INSTEAD.get(function, "functions listed in notebooks/reference/operations.md")
    return (f"{name_of(function)} has no derivative in minigrad; use x.numpy() where no "
            f"gradient is needed, or in its place {instead}")


def dispatch(function, args, kwargs):
    """Find what a NumPy function means for Tensors."""
    if kwargs and kwargs.get("out") is not None:
        raise TypeError(f"{name_of(function)}: out= cannot hold a Tensor's result; leave "
                        "it out")
    if function in VJPS:
        if kwargs:
            if wants_gradient(list(kwargs.values())):
                try:
                    bound = inspect.signature(function).bind(*args, **kwargs)
                except ValueError:              # some built-in functions do not tell
                    raise TypeError(f"{name_of(function)}: pass tensors by position, not "
                                    "by keyword") from None
                args, kwargs = bound.args, bound.kwargs
                lost = [k for k, v in kwargs.items() if wants_gradient(v)]
                if lost:
                    raise TypeError(f"{name_of(function)}: no derivative by keyword "
                                    f"{lost[0]}; pass the arguments before it too")
            check_keywords(function, len(args), tuple(kwargs))
        return apply(function, args, {k: plain(v) for k, v in kwargs.items()})
    if function in COMPOSITES:
        try:
            inspect.signature(COMPOSITES[function]).bind(*args, **kwargs)
        except TypeError as error:
            raise TypeError(f"{name_of(function)} of a Tensor: {error}") from None
        return COMPOSITES[function](*args, **kwargs)
    if function in PLAIN or not wants_gradient([*args, *kwargs.values()]):
        return function(*plain(list(args)), **{k: plain(v) for k, v in kwargs.items()})
    raise TypeError(no_derivative(function))


REDUCTIONS = {np.add: np.sum, np.multiply: np.prod, np.maximum: np.max, np.minimum: np.min}
