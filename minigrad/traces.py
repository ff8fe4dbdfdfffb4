"""A function's call, recorded: its arguments become leaves, in whatever structure."""
import numpy as np

from minigrad.guards import here
from minigrad.inputs import refuse_subclass
from minigrad.primitives.shapes import copy
from minigrad.structures import leaves_of, map_leaves
from minigrad.recording import is_recording, recording
from minigrad.stand_ins import copied, numeric
from minigrad.tape import record, tick, walk_back
from minigrad.tensors import Tensor
from minigrad.values import wants_gradient


# --- what may be differentiated, and by what ----------------------------------------------
def check_call(name, f, argnums=0):
    """Raise TypeError unless f is a function and argnums are numbers of arguments."""
    if not callable(f):
        raise TypeError(f"{name}: came {type(f).__name__}, needs a function; a tensor has "
                        "its gradients by loss.backward(), then x.grad")
    for n in argnums if isinstance(argnums, (tuple, list)) else [argnums]:
        if isinstance(n, bool) or not isinstance(n, (int, np.integer)):
            raise TypeError(f"{name}: argnums came {type(n).__name__}, needs numbers of "
                            f"arguments as (0, 1); the point follows: mg.{name}(f)(x)")


def positions(name, argnums, count):
    """The numbers of the arguments to differentiate by, among this many."""
    numbers = argnums if isinstance(argnums, (tuple, list)) else [argnums]
    found = [range(count)[n] for n in numbers if -count <= n < count]
    if len({*found}) < len(numbers):
        raise ValueError(f"{name}: argnums is {argnums}, but the call has {count} "
                         "positional arguments; name some of these, each once")
    return found


def as_leaf(x, name):
    """A copy of x to differentiate by, recorded as one; only what wants a gradient itself,
    as in an outer derivative, is an argument of that call."""
    refuse_subclass(x, name)
    leaf = Tensor(copied(getattr(x, "_data", x)), True)
    if leaf.dtype.kind != "f":
        raise TypeError(f"{name}: came {type(x).__name__} of dtype {leaf.dtype}; only "
                        "floats have derivatives, so write 3.0 for 3, or x.astype(float)")
    tied = getattr(x, "requires_grad", False)
    if tied:
        record(leaf, copy, (x,), [x._data], {}, (0,), False, here(2))
    else:
        record(leaf, copy, (), [], {}, (), False, None)
    return leaf


def as_result(y, name):
    """A leaf of a function's value as a Tensor."""
    out = y if type(y) is Tensor else Tensor(numeric(y))
    if out.dtype.kind != "f":
        raise TypeError(f"{name}: the function returned {type(y).__name__} of dtype "
                        f"{out.dtype}, needs floats or Tensors of floats")
    return out


def like(g, x):
    """g as a Python number where x is a float; else an array with memory of its own."""
    if type(g) is Tensor:
        return g
    return g.item() if isinstance(x, float) and g.ndim == 0 else copied(g)


# --- a function's call, recorded ----------------------------------------------------------
class Trace:
    """f called once on leaves; `pull` sends cotangents of its value back to them.

    Results are plain unless they depend on a Tensor from before the time `since` that
    wants a gradient, as in a derivative of a derivative.
    """

    def __init__(self, name, f, args, kwargs, argnums, has_aux=False):
        self.since = tick()
        chosen, args = positions(name, argnums, len(args)), list(args)
        self.originals = leaves_of([args[n] for n in chosen])
        for n in chosen:
            args[n] = map_leaves(lambda x: as_leaf(x, name), args[n])
        inputs = tuple([args[n] for n in chosen])
        self.inputs = inputs if isinstance(argnums, (tuple, list)) else inputs[0]
        self.leaves = leaves_of(inputs)
        with recording():
            value = f(*args, **kwargs)
        self.aux = ()                           # or (aux,)
        if has_aux:
            if not isinstance(value, (tuple, list)) or len(value) != 2:
                raise TypeError(f"{name}: the function returned {type(value).__name__}; "
                                "with has_aux=True it returns a pair (value, aux)")
            value, *self.aux = value
        self.value = map_leaves(lambda y: as_result(y, name), value)
        self.results = leaves_of(self.value)
        self.nested = is_recording() and reaches_beyond(
            [*self.results, *leaves_of(self.aux)], self.since)
        self.aux = map_leaves(lambda y: self.plain(y) if type(y) is Tensor else y, self.aux)

    def plain(self, y, x=0.0):
        """y like x, outside the graph unless a Tensor from before needs it."""
        if type(y) is Tensor and not (self.nested and reaches_beyond([y], self.since)):
            y = y._data
        return like(y, x)

    def result(self):
        """The function's value."""
        return map_leaves(self.plain, self.value)

    def with_aux(self, found):
        """What was found, or a pair of it and aux where f returns one."""
        return (found, *self.aux) if self.aux else found

    def pull(self, cotangents, retain=True):
        """The cotangents of the inputs, in their structure, for one of each leaf of the
        value, or None; from such as want a gradient they are Tensors."""
        pairs = [(y, g) for y, g in zip(self.results, cotangents)
                 if y.requires_grad and g is not None]
        given = is_recording() and wants_gradient([g for _, g in pairs])
        if not given:
            pairs = [(y, getattr(g, "_data", g)) for y, g in pairs]
        originals = iter(self.originals)
        further = is_recording() and self.nested
        found = {id(leaf): g for leaf, g in walk_back(
            pairs, self.leaves, self.since, further, retain)}
        for y in () if retain or self.nested else self.results:
            if y._node is not None and y._node.time > self.since:   # f may have kept it:
                y.requires_grad, y._node = False, None              # a constant now

        def gradient(leaf):
            g = found[id(leaf)] if id(leaf) in found else np.zeros(leaf.shape, leaf.dtype)
            return (self.plain if self.nested and not given else like)(g, next(originals))
        return map_leaves(gradient, self.inputs)


def reaches_beyond(results, since):
    """Whether any depends on a Tensor from before `since` that wants a gradient."""
    stack = [y for y in results if type(y) is Tensor and y.requires_grad]
    seen = {*stack}                             # a tensor's hash is its identity
    while stack:
        node = stack.pop()._node
        if node is None or node.time < since:
            return True
        for i in node.positions if node.args else ():
            tensor = node.args[i]
            if tensor.requires_grad and tensor not in seen:
                seen.add(tensor)
                stack.append(tensor)
    return False
