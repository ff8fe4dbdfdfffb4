"""What an implementation did, as calls of NumPy's functions: the graph of one run.

A Node is a call; its arguments are other nodes and numbers. A Number is a float that knows
the node that it came from: it passes where a float is asked for, steers `if` by its value,
and is remembered. What was asked of it is the path of the run.
"""
import contextlib
import math
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np


class Node:
    """A call function(*args), or a letter if the function is None; then args is its name.
    """
    __slots__ = ("function", "args")

    def __init__(self, function: Callable | None, *args: Any):
        self.function = function
        self.args = args

    def __repr__(self) -> str:
        if self.function is None:
            return self.args[0]
        return f"{self.function.__name__}({', '.join(map(repr, self.args))})"


def letter(name: str) -> Node:
    """The node of what a run is given."""
    return Node(None, name)


class Leak(ValueError):
    """A number was lost on the way: what is made of it is not remembered."""


class Question(NamedTuple):
    """A comparison that steered a run: function(a, b), and what it was."""
    node: Node
    answer: bool


MOST_QUESTIONS = 100


class Forgotten(Exception):
    """A number was about to lose its past."""


class Path(list):
    """The questions of the run in progress, in order.

    Where a Number is made a plain one, by float(), that is refused by name; in a strict
    run by Forgotten; and allowed where strict is False.
    """
    strict: bool | None = None


path = Path()


def node_of(x: Any) -> Any:
    """The node of a Number or of what else has one; any other number is itself."""
    return getattr(x, "node", x)


def value_of(x: Any) -> Any:
    """The plain number that a Number is; any other is itself."""
    return x.real if isinstance(x, Number) else x


# ---------------------------------------------------------------- numbers with a past
def ask(function: Callable, a: Any, b: Any) -> bool:
    """A comparison of numbers, remembered if one of them has a past."""
    answer = bool(function(value_of(a), value_of(b)))
    if len(path) > MOST_QUESTIONS:
        raise NotImplementedError(f"more than {MOST_QUESTIONS} questions in a step: a loop "
                                  "that goes on for as long as a letter says")
    about = node_of(a)
    if not (function is np.not_equal and b == 0 and getattr(about, "function", None
                                                            ) in TURNED):
        about = Node(function, about, node_of(b))       # but (x < y) != 0 is x < y
    path.append(Question(about, answer))
    return answer


class Number(float):
    """A float that remembers the node it came from.

    >>> beta = Number(0.9, letter("beta"))
    >>> (1 - beta**2).node
    subtract(1, power(beta, 2))
    """
    node: Any

    def __new__(cls, value: float, node: Any) -> "Number":
        self = super().__new__(cls, value)
        self.node = node
        return self

    def __deepcopy__(self, memo: Any) -> "Number":
        return self

    def __copy__(self) -> "Number":
        return self

    def item(self) -> "Number":
        """Itself, as of a NumPy scalar."""
        return self

    def __bool__(self) -> bool:
        return ask(np.not_equal, self, 0)

    def __float__(self) -> float:
        raise Leak(f"float() of {self.node}: what is made of it would not be remembered")

    def __int__(self) -> int:
        """A whole number made of t alone, as an index, say."""
        whole = int(value_of(self))
        if whole != value_of(self) or letters_of(self.node) - {"t"}:
            raise Leak(f"int() of {self.node}: what is made of it would not be remembered")
        return whole

    __trunc__ = __int__

    def __floor__(self) -> Any:
        return called(np.floor, self)

    def __ceil__(self) -> Any:
        return called(np.ceil, self)

    def __round__(self, digits: Any = None) -> Any:
        if digits:
            raise NotImplementedError("round(x, digits): what it means is not known here")
        return called(np.round, self)

    def __divmod__(self, other: Any) -> tuple[Any, Any]:
        return self//other, self % other

    def __rdivmod__(self, other: Any) -> tuple[Any, Any]:
        return other//self, other % self

    def is_integer(self) -> bool:
        """Whether it is whole, asked and remembered."""
        return ask(np.equal, called(np.floor, self), self)

    def refused(self, *how: Any) -> Any:
        """What is made of a text or a fraction is not remembered."""
        raise NotImplementedError(f"{self.node} as text or as a fraction: what is made of "
                                  "it is not remembered")

    as_integer_ratio = hex = __format__ = __str__ = refused

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        numbers = all(isinstance(x, (int, float, np.number)) for x in inputs)
        if method != "__call__" or kwargs or not numbers:
            return NotImplemented
        return called(ufunc, *inputs)

    __hash__ = float.__hash__


def forgetting(name: str) -> Callable:
    """A method of float that gives something without a past, as the path allows."""
    plain, refused = getattr(float, name), getattr(Number, name)

    def run(self, *args):
        if path.strict is None:
            return refused(self, *args)
        if path.strict:
            raise Forgotten(f"{name.strip('_')}() of {self.node} would lose where the "
                            "number comes from")
        return plain(self, *args)
    return run


for _name in ("__float__ __int__ __trunc__ __floor__ __ceil__ __round__ __hash__ "
              "__divmod__ __rdivmod__ is_integer as_integer_ratio hex").split():
    setattr(Number, _name, forgetting(_name))


def called(function: Any, *args: Any) -> Any:
    """A NumPy function of numbers, remembered."""
    with np.errstate(all="ignore"):
        value = function(*map(value_of, args))
    return Number(float(value), Node(function, *map(node_of, args)))


ARITHMETIC = {"add": np.add, "sub": np.subtract, "mul": np.multiply,
              "truediv": np.true_divide, "pow": np.power, "floordiv": np.floor_divide,
              "mod": np.remainder}
COMPARISONS = {"lt": np.less, "le": np.less_equal, "gt": np.greater,
               "ge": np.greater_equal, "eq": np.equal, "ne": np.not_equal}


def binary(function: Any, reflected: bool) -> Callable:
    def run(self, other):
        if not isinstance(other, (int, float)):
            return NotImplemented
        return called(function, *((other, self) if reflected else (self, other)))
    return run


def comparison(function: Any) -> Callable:
    def run(self, other):
        if not isinstance(other, (int, float)):
            return NotImplemented
        return ask(function, self, other)
    return run


for _name, _function in ARITHMETIC.items():
    setattr(Number, f"__{_name}__", binary(_function, False))
    setattr(Number, f"__r{_name}__", binary(_function, True))
for _name, _function in COMPARISONS.items():
    setattr(Number, f"__{_name}__", comparison(_function))
for _name, _one in {"neg": np.negative, "pos": np.positive, "abs": np.absolute}.items():
    setattr(Number, f"__{_name}__", lambda self, f=_one: called(f, self))


OF_MATH = {name: getattr(np, name) for name in (
    "sqrt exp exp2 log log2 log10 log1p expm1 fabs cos sin tan cosh sinh tanh hypot cbrt "
    "copysign floor ceil trunc degrees radians").split()} | {
    "pow": np.power, "atan": np.arctan, "atan2": np.arctan2, "asin": np.arcsin,
    "acos": np.arccos, "asinh": np.arcsinh, "acosh": np.arccosh, "atanh": np.arctanh}
ALL_OF_MATH = [name for name in dir(math) if callable(getattr(math, name))
               and not name.startswith("_")]


@contextlib.contextmanager
def remembering(strict: bool | None = None) -> Iterator[Path]:
    """A block in which math's functions, max and min remember too; its questions.

    It changes those modules while it runs, so no other thread may run meanwhile.
    """
    import builtins
    before = {name: getattr(math, name) for name in ALL_OF_MATH}
    extremes = {"max": (builtins.max, np.maximum), "min": (builtins.min, np.minimum)}

    def of_math(name: str) -> Callable:
        def run(*args, **kwargs):
            parts = [y for x in args for y in (x if isinstance(x, (list, tuple)) else [x])]
            if not any(isinstance(x, Number) for x in parts):
                return before[name](*args, **kwargs)
            known = OF_MATH.get(name)
            if known is None or len(args) != known.nin or kwargs:
                raise NotImplementedError(f"math.{name} of {len(args)} numbers: what it "
                                          "means is not known here")
            return called(known, *args)
        return run

    def extreme(name: str) -> Callable:
        plain, function = extremes[name]

        def run(*args, **kwargs):
            given = args if len(args) > 1 else tuple(args[0]) if args else ()
            if not kwargs and any(type(x) is Number for x in given):
                out = given[0]
                for x in given[1:]:
                    out = called(function, out, x)
                return out
            return plain(*args, **kwargs) if len(args) != 1 else plain(given, **kwargs)
        return run
    path.clear()
    path.strict = strict
    try:
        for name in ALL_OF_MATH:
            setattr(math, name, of_math(name))
        for name in extremes:
            setattr(builtins, name, extreme(name))
        yield path
    finally:
        path.strict = None
        for name, function in before.items():
            setattr(math, name, function)
        for name, (function, _) in extremes.items():
            setattr(builtins, name, function)


# ---------------------------------------------------------------------- are two the same?
def below(node: Any, but_below: Collection[Callable] = ()) -> list[Node]:
    """All nodes that a node rests on, and itself, each once and after its arguments; but
    for what stands below calls of certain functions.
    """
    order: dict[int, Node] = {}

    def visit(x):
        if isinstance(x, Node) and id(x) not in order:
            for part in x.args if x.function and x.function not in but_below else ():
                visit(part)
            order[id(x)] = x
    visit(node)
    return [*order.values()]


def rebuilt(results: dict[str, Any], change: Callable) -> dict[str, Any]:
    """The graphs with change(function, args) for each call, after its arguments."""
    new: dict[int, Any] = {}
    for node in results.values():
        for x in below(node):
            if id(x) not in new:
                new[id(x)] = change(x.function, tuple(new.get(id(a), a) for a in x.args))
    return {name: new.get(id(node), node) for name, node in results.items()}


TURNED: dict[Any, Any] = {np.less: np.greater, np.greater: np.less, np.equal: np.equal,
                          np.less_equal: np.greater_equal, np.not_equal: np.not_equal,
                          np.greater_equal: np.less_equal}


def folded(function: Callable | None, args: tuple) -> Any:
    """A call, or what it gives if numbers alone, or a 0 or 1 in it, decide that."""
    if function is not None and not any(isinstance(x, Node) for x in args):
        return float(function(*map(float, args)))
    if function is np.where and not isinstance(args[0], Node):
        return args[1 if args[0] else 2]
    a, b = args if len(args) == 2 else (None, None)
    if function in TURNED and not isinstance(a, Node):
        return Node(TURNED[function], b, a)             # 1 < x is x > 1
    if function is np.add and (a == 0 or b == 0):
        return b if a == 0 else a
    if function is np.subtract and b == 0:
        return a
    if function is np.multiply and (a == 1 or b == 1):
        return b if a == 1 else a
    if function is np.power and b == 1:
        return a
    for zero, other in ((a, b), (b, a)):
        if function is np.multiply and zero == 0 and isinstance(
                other, Node) and other.function is None:
            return 0.0
    return Node(function, *args)


def evaluated(node: Any, at: Mapping[str, Any]) -> Any:
    """The number that a node is, or the array, where its letters are these."""
    if not isinstance(node, Node):
        return node
    known: dict[int, Any] = {}
    with np.errstate(all="ignore"):
        for x in below(node):
            known[id(x)] = np.asarray(at[x.args[0]], float) if x.function is None else \
                x.function(*[known.get(id(a), a) for a in x.args])
    return known[id(node)]


def letters_of(node: Any, but_below: Collection[Callable] = ()) -> set[str]:
    """The letters in a node, but for what stands below calls of certain functions."""
    return {x.args[0] for x in below(node, but_below) if x.function is None}


def key(node: Any, known: dict[Any, Any]) -> Any:
    """A number for each node: the same for the same calls of the same letters and numbers.

    known {id or contents: number} is shared by all that is compared.
    """
    if not isinstance(node, Node):
        number = isinstance(node, (int, float, np.number))
        return repr(float(node)) if number else repr(node)
    if id(node) not in known:
        contents = (node.function, *(key(x, known) for x in node.args))
        # The node is kept, else another that is made later might have its id.
        known[id(node)] = known.setdefault(contents, len(known)), node
    return known[id(node)][0]
