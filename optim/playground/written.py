"""NumPy code run on letters that remember every operation, as it is written.

    at_every_branch(lambda x: x**2 if x > 0 else -x, [letter("x")])[0]      # a Node

SymPy's formula of a rule says what the rule computes; the order in which it does so is in
the source alone, and floats are rounded in that order. So what the page runs is taken from
here, in the same order, and compared with the formula (tests/optim/test_playground.py).

A function may ask a number whether it is > 0, as `if` and `max` do: it is run once for each
answer, and what differs is chosen by the question.
"""
import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

SIZE = 5                                # entries of an array, whose number is no constant
COUNT = "#entries"                      # the letter for how many there are
Shape = tuple[int, ...] | None          # None: a number of Python's
QUESTIONS = {np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal}
known: dict[tuple, int] = {}
tick = itertools.count().__next__


class Node:
    """function(*args), or a letter: a function that is a text. `key` is one for nodes that
    compute the same."""

    def __init__(self, function: Any, args: tuple = (), shape: Shape = None):
        self.function, self.args, self.shape = function, args, shape
        self.time = tick()
        parts = (x.key if isinstance(x, Node) else (type(x).__name__, repr(x))
                 for x in args)
        self.key: int = known.setdefault((function, *parts), len(known))


class Count(int):
    """How many entries there are: a size to NumPy, a letter in a quotient."""

    def __truediv__(self, other: Any) -> Any:
        return Number(Node(COUNT))/other


class Written(np.lib.mixins.NDArrayOperatorsMixin):
    """An array of letters with the Node that it came from."""
    __array_priority__ = 3000

    def __init__(self, node: Node):
        self.node = node

    ndim = property(lambda self: len(self.node.shape or ()))
    dtype: Any = np.dtype(float)

    @property
    def shape(self) -> tuple:
        return tuple(Count(n) if n == SIZE else n for n in self.node.shape or ())

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if ufunc is np.matmul:
            return product(*inputs)
        if method != "__call__" or kwargs:
            return NotImplemented
        return call(ufunc, *inputs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if function in MEANINGS:
            return MEANINGS[function](*args, **kwargs)
        inner = getattr(function, "__wrapped__", None)
        if inner and inner.__module__.startswith("minigrad"):
            return inner(*args, **kwargs)               # taken apart
        if inner and inner.__module__.startswith("optim"):
            return call(function, *args)                # it is named in runtime.js
        raise TypeError(f"np.{function.__name__} has no meaning for the page yet; add it "
                        "to MEANINGS in optim/playground/written.py")

    def __pow__(self, p: Any) -> Any:
        """What x**p is for NumPy's arrays, which is quicker and may differ from np.power.
        """
        special: dict = {2: np.square, 0.5: np.sqrt, -1: np.reciprocal, 1: np.positive}
        if self.node.shape is not None and type(p) in (int, float) and p in special:
            return call(special[p], self)
        return call(np.power, self, p)

    def exp(self) -> Any:               # what NumPy asks the entries of an array for
        return call(np.exp, self)

    def log(self) -> Any:
        return call(np.log, self)

    def __iadd__(self, other: Any) -> Any:
        return self + other

    def __imul__(self, other: Any) -> Any:
        return self*other

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index: Any) -> Any:
        if index == () or self.ndim == 0:
            return self
        if index == -1 and self.ndim == 1:
            return Number(Node("last", (self.node,)))
        raise TypeError(f"x[{index!r}] has no meaning for the page yet")

    def __bool__(self) -> bool:
        if self.node.shape is None:
            node = self.node
            return asked(node if node.function in QUESTIONS else
                         Node(np.not_equal, (node, 0)))
        raise TypeError("an array has no truth value; write np.where(condition, a, b)")

    def reshape(self, *shape: Any) -> Any:
        return reshaped(self, shape if len(shape) > 1 else shape[0])

    @property
    def T(self) -> Any:
        return of("transpose", self.node.shape[::-1], self)   # type: ignore[index]

    def item(self) -> Any:
        return Number(self.node) if self.node.shape is None else NotImplemented

    def astype(self, dtype: Any, **_: Any) -> Any:
        if np.dtype(dtype) == np.float32:
            return Single(of("Math.fround", self.node.shape, self).node)
        return wrapped(self.node)


class Number(Written):
    """A number of letters, which is a float to isinstance."""

    @property                           # type: ignore[misc]
    def __class__(self):
        return float


class Single(Written):
    """An array of float32, which stays one beside numbers."""
    dtype = np.dtype(np.float32)


def is_written(x: Any) -> bool:
    return issubclass(type(x), Written)


def letter(name: str, shape: Shape = None) -> Any:
    """A letter: a number, or an array of them."""
    return wrapped(Node(name, (), shape))


def wrapped(node: Node) -> Any:
    return Number(node) if node.shape is None else Written(node)


def node_of(x: Any) -> Any:
    """The node of what is written; an array that is the same everywhere as a number."""
    if is_written(x):
        return x.node
    if isinstance(x, np.ndarray) and x.size and (x == x.flat[0]).all():
        return Node("full", (x.flat[0].item(),), x.shape) if x.ndim else x.item()
    if isinstance(x, np.ndarray) and x.ndim == 2 and (x == np.eye(len(x))).all():
        return Node("identity", (Node(COUNT),), x.shape)
    return x.item() if isinstance(x, np.generic) else x


def of(function: Any, shape: Shape, *args: Any) -> Any:
    """The call of a function whose result has this shape."""
    return wrapped(Node(function, tuple(map(node_of, args)), shape))


def call(function: Any, *args: Any) -> Any:
    """A function of one entry of each argument."""
    shapes = [x.node.shape if is_written(x) else getattr(x, "shape", None) for x in args]
    arrays = [shape for shape in shapes if shape is not None]
    single = [type(x) is Single for x, shape in zip(args, shapes) if shape is not None]
    if single and all(single):
        rounded = [of("Math.fround", None, x) if is_written(x) and type(x) is not Single
                   else x for x in args]
        out = of(function, np.broadcast_shapes(*arrays), *rounded)
        return out.astype(np.float32)
    return of(function, np.broadcast_shapes(*arrays) if arrays else None, *args)


# ------------------------------------------------- what NumPy's other functions mean here
def product(a: Any, b: Any) -> Any:
    return of("product", (a.node.shape[0], b.node.shape[1]), a, b)


def reshaped(x: Any, shape: Any) -> Any:
    shape = tuple(int(n) for n in (shape if isinstance(shape, tuple) else (shape,)))
    size = math.prod(x.node.shape)
    shape = tuple(size//-math.prod(shape) if n == -1 else n for n in shape)
    return x if shape == x.node.shape else of("reshape", shape, x)


def reduced(name: str) -> Callable:
    def reduce(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        if axis == ():
            return x
        if axis is not None or keepdims:
            raise TypeError(f"np.{name} along axis {axis} has no meaning for the page yet")
        return of(name, None, x)
    return reduce


def decomposed(h: Any) -> Any:
    n = h.node.shape[0]
    return of("eigenvalues", (n,), h), of("eigenvectors", (n, n), h)


def clip(x: Any, low: Any, high: Any) -> Any:
    return np.minimum(np.maximum(x, low), high)


MEANINGS: dict[Any, Callable] = {
    np.where: lambda *args: call(np.where, *args), np.sum: reduced("sum"),
    np.mean: reduced("mean"), np.max: reduced("max"), np.reshape: reshaped,
    np.linalg.eigh: decomposed, np.clip: clip, np.ndim: lambda x: x.ndim,
    np.shape: lambda x: x.shape, np.zeros_like: lambda x: 0*x if not is_written(
        x) else of("full", x.node.shape, 0.0),
    np.split: lambda x, ends: [x] if not len(ends) else NotImplemented,
    np.expand_dims: lambda x, axes: x if axes == [] else NotImplemented,
    np.concatenate: lambda parts, axis=0: parts[0] if len(parts) == 1 else NotImplemented,
}


# --------------------------------------------------------------------- both ways of an if
class Branches:
    """The answers that a run is given, and the questions that it asked."""
    answers: list[bool] = []
    questions: list[Node] = []


def asked(question: Node) -> bool:
    """The answer of this run to a question; True where it has none yet."""
    Branches.questions.append(question)
    k = len(Branches.questions)
    return Branches.answers[k - 1] if k <= len(Branches.answers) else True


def at_every_branch(function: Callable, *args: Any, answers: Sequence[bool] = (),
                    **keywords: Any) -> list[Any]:
    """The nodes of a function's results, whatever its questions are answered.

    A question is a number: whether it is not 0.
    """
    Branches.answers, Branches.questions = [*answers], []
    out = function(*args, **keywords)
    results = [node_of(x) for x in (out if isinstance(out, tuple) else (out,))]
    questions = Branches.questions
    if len(questions) == len(answers):
        return results
    question = questions[len(answers)]
    yes, no = (at_every_branch(function, *args, answers=[*answers, answer], **keywords)
               for answer in (True, False))
    return [chosen(question, a, b) for a, b in zip(yes, no, strict=True)]


def chosen(question: Node, a: Any, b: Any) -> Any:
    """a where the question is answered yes, else b: the choice stands as deep as it can."""
    if not isinstance(a, Node) or not isinstance(b, Node):
        if not isinstance(a, Node) and not isinstance(b, Node) and repr(a) == repr(b):
            return a
    elif a.key == b.key:
        return a
    elif a.function == b.function and len(a.args) == len(b.args) and a.args and (
            a.shape == b.shape):
        return Node(a.function, tuple(chosen(question, x, y)
                                      for x, y in zip(a.args, b.args)), a.shape)
    shapes = [x.shape for x in (a, b) if isinstance(x, Node) and x.shape is not None]
    return Node(np.where, (question, a, b), shapes[0] if shapes else None)


# ------------------------------------------------------------------------- the way back
def gradient(result: Node, by: Sequence[Node]) -> list[Any]:
    """The derivatives of a result by letters: the tape's walk, on nodes.

    The VJPs are those of minigrad.primitives, in the order in which its tape takes them:
    the latest result first, cotangents added as they come.
    """
    from minigrad.primitives import VJPS
    leads: dict[Node, bool] = dict.fromkeys(by, True)

    def depends(node: Any) -> bool:
        if node not in leads:
            leads[node] = any([depends(x) for x in node.args if isinstance(x, Node)])
        return leads[node]

    depends(result)
    summed: dict[Node, Any] = {result: 1.0}
    for node in sorted((x for x in leads if leads[x] and x not in by),
                       key=lambda node: -node.time):
        g = summed.pop(node)
        values = [wrapped(x) if isinstance(x, Node) else x for x in node.args]
        for i, x in enumerate(node.args):
            if isinstance(x, Node) and depends(x):
                part = VJPS[node.function][i](g, wrapped(node), *values)
                summed[x] = summed[x] + part if x in summed else part
    return [node_of(summed.get(x, 0.0)) for x in by]
