"""The two sides of <g, J v> = <VJP(g), v>, from what a goal of kind "vjp" holds.

The derivative J v of recorded operations is formed by the rules of a textbook, operation by
operation: where SLOPES says how fast one moves with each of its arguments. Where a choice
ties or a function has a kink the derivative is recorded as having no value. Imports nothing
of this project, so that a checker can form the sides again and need not trust who wrote
them.
"""
from collections.abc import Iterable, Sequence
from typing import Any

Goal = dict[str, Any]
CONDITIONS = {"less", "less_equal", "greater", "greater_equal", "equal", "not_equal", "and",
              "or", "not", "true", "false"}
PARTIAL = {"divide", "log", "sqrt", "power", "none"}    # those that may have no value


class Place:
    """The place of an operation in a list; arithmetic with it adds operations."""

    def __init__(self, derivative: "Derivative", place: int):
        self.derivative, self.place = derivative, place

    def make(self, name: str, *others: Any) -> "Place":
        return self.derivative.make(name, self, *others)

    def call(self, name: str) -> "Place":
        return self.derivative.make("call", name, self)

    def __add__(self, other): return self.make("add", other)

    def __radd__(self, other): return self.derivative.make("add", other, self)

    def __sub__(self, other): return self.make("subtract", other)

    def __rsub__(self, other): return self.derivative.make("subtract", other, self)

    def __mul__(self, other): return self.make("multiply", other)

    __rmul__ = __mul__

    def __truediv__(self, other): return self.make("divide", other)

    def __rtruediv__(self, other): return self.derivative.make("divide", other, self)

    def __pow__(self, other): return self.make("power", other)

    def __neg__(self): return self.make("negative")


def by_base(y: Place, a: Place, p: Place) -> Any:
    """p a^(p-1); for an exponent that is no whole number p y/a, where a is not 0."""
    name, text = p.derivative.listed[p.place][:2]
    if name == "number" and "/" not in text:
        return p*a**(int(text) - 1) if int(text) else 0
    return p*y/a


def by_exponent(y: Place, a: Place, p: Place) -> Place:
    """y log a; 0 to a positive power stays 0."""
    if a.derivative.listed[a.place] == ["number", "0"]:
        return p.make("greater", 0).make("where", 0, a.derivative.make("none"))
    return y*a.make("log")


def off_zero(a: Place, slope: Any) -> Place:
    """A slope, which is none at a = 0."""
    return a.make("not_equal", 0).make("where", slope, a.derivative.make("none"))


def larger(a: Place, b: Place) -> Place:
    """1 where a > b, 0 where a < b, and no value at a tie."""
    return a.make("not_equal", b).make(
        "where", a.make("greater", b).make("where", 1, 0), a.derivative.make("none"))


# How fast each operation y moves with each of its arguments. Of the functions, which stand
# in calls, nothing else is known.
SLOPES: dict[str, tuple] = {
    "add":      (lambda y, a, b: 1,             lambda y, a, b: 1),
    "subtract": (lambda y, a, b: 1,             lambda y, a, b: -1),
    "multiply": (lambda y, a, b: b,             lambda y, a, b: a),
    "divide":   (lambda y, a, b: 1/b,           lambda y, a, b: -y/b),
    "power":    (by_base,                       by_exponent),
    "maximum":  (lambda y, a, b: larger(a, b),  lambda y, a, b: larger(b, a)),
    "minimum":  (lambda y, a, b: larger(b, a),  lambda y, a, b: larger(a, b)),
    "negative": (lambda y, a: -1,),
    "sqrt":     (lambda y, a: 1/(2*y),),
    "exp":      (lambda y, a: y,),
    "log":      (lambda y, a: 1/a,),
    "absolute": (lambda y, a: off_zero(a, a.make("sign")),),
    "sign":     (lambda y, a: off_zero(a, 0),),
    "floor":    (lambda y, a: off_zero(a - y, 0),),
    "sin":      (lambda y, a: a.call("cos"),),
    "cos":      (lambda y, a: -a.call("sin"),),
    "tan":      (lambda y, a: 1/a.call("cos")**2,),
    "arcsin":   (lambda y, a: 1/(1 - a**2).make("sqrt"),),
    "arctan":   (lambda y, a: 1/(1 + a**2),),
    "arcsinh":  (lambda y, a: 1/(a**2 + 1).make("sqrt"),),
    "arctan2":  (lambda y, a, b: b/(a**2 + b**2), lambda y, a, b: -a/(a**2 + b**2)),
    "erf":      (lambda y, a: 2/a.derivative.make("letter", "pi").make("sqrt")
                 * (-a**2).make("exp"),),
}


class Listed:
    """A list of operations, each once."""

    def __init__(self, operations: list):
        self.listed = [[*operation] for operation in operations]
        self.places = {(*operation,): k for k, operation in enumerate(operations)}

    def add(self, *operation: Any) -> int:
        """The place of an operation, which is added if it is new."""
        if operation not in self.places:
            self.places[operation] = len(self.listed)
            self.listed.append([*operation])
        return self.places[operation]


class Derivative:
    """What adds to a list of operations their derivatives along a direction.

    operations has .listed and .add; tangents {place: place of its tangent} says how letters
    move.
    """

    def __init__(self, operations: Any, tangents: dict[int, int]):
        self.listed, self.add = operations.listed, operations.add
        self.known: dict[int, Place | None] = {
            k: Place(self, v) for k, v in tangents.items()}

    def make(self, name: str, *args: Any) -> Place:
        """The same, of places, numbers and names."""
        return Place(self, self.add(name, *[
            x.place if isinstance(x, Place) else x if isinstance(x, str) else
            self.add("number", str(x)) for x in args]))

    def of(self, place: int) -> Place | None:
        """The tangent of an operation; None where it stands still."""
        for k in needed(self.listed, [place]):
            if k not in self.known:
                self.known[k] = self.formed(k, *self.listed[k])
        return self.known[place]

    def formed(self, k: int, name: str, *args: Any) -> Place | None:
        """The tangent of the operation at k, where those of its arguments are known."""
        if name == "call":
            name, *args = args                          # type: ignore[assignment]
        if name in CONDITIONS or name == "letter":
            return None
        if name == "where":
            return self.chosen(*args)
        moving = [(j, self.known[i]) for j, i in enumerate(args)
                  if isinstance(i, int) and self.known[i]]
        if moving and name not in SLOPES:
            raise TypeError(f"no rule of differentiation for {name}")
        parts = [Place(self, i) for i in args if isinstance(i, int)]
        total = None
        for j, tangent in moving:
            slope = SLOPES[name][j](Place(self, k), *parts)
            term = tangent if slope == 1 else slope*tangent
            total = term if total is None else total + term
        return total

    def chosen(self, c: int, a: int, b: int) -> Place | None:
        """That of the branch that is chosen; no value where a moving comparison ties."""
        both = [self.known[i] or 0 for i in (a, b)]
        ties = [self.make("not_equal", *(Place(self, i) for i in self.listed[k][1:]))
                for k in needed(self.listed, [c]) if self.listed[k][0] in CONDITIONS
                and any(isinstance(i, int) and self.known[i] for i in self.listed[k][1:])]
        if both == [0, 0] and not ties:
            return None
        found = Place(self, c).make("where", *both) if both != [0, 0] else 0
        for apart in ties:
            found = apart.make("where", found, self.make("none"))
        return found                                        # type: ignore[return-value]


def needed(listed: list, places: Iterable[int]) -> list[int]:
    """The places of all operations that some are made of, in order."""
    found: set[int] = set()
    stack = [*places]
    while stack:
        k = stack.pop()
        if k not in found:
            found.add(k)
            stack += [i for i in listed[k][1:] if isinstance(i, int)]
    return sorted(found)


def sides(goal: Goal) -> Goal:
    """The goal with its two sides, and the operations that they need.

    Left is <g, J v> + <h, J' v>, where J' v is how the other arguments move: not at all, if
    the sides are one for all h. Right is <VJP(g), v>, where the guards hold. Each has a
    value only where the function has.
    """
    operations = Listed(goal["operations"])
    listed = operations.listed
    d = Derivative(operations, {operations.add("letter", x): v for x, v in goal["inputs"]})
    left = total(d, [(d.make("letter", g), d.of(y)) for g, y in zip(
        goal["cotangents"] + goal["still"], goal["outputs"] + goal["others"])])
    right = total(d, [(Place(d, back), d.of(x)) for back, x in zip(
        goal["vjp"], goal["arguments"])])
    for y in goal["outputs"]:
        if any(listed[k][0] in PARTIAL for k in needed(listed, [y])):
            sure = d.make("defined", Place(d, y))
            left, right = left + sure, right + sure
    for guard in goal["guards"]:
        right = Place(d, guard).make("where", right, d.make("none"))
    for c in goal["where"]:
        left, right = (Place(d, c).make("where", x, d.make("none")) for x in (left, right))
    return goal | {"operations": listed, "left": left.place, "right": right.place}


def total(d: Derivative, pairs: Sequence) -> Place:
    """The sum of the products of pairs; None is 0."""
    terms = [a*b for a, b in pairs if b is not None]
    return sum(terms[1:], start=terms[0]) if terms else d.make("number", "0")


def same_formula(listed: list, place: int, others: list, other: int) -> bool:
    """Whether two places of two lists of operations are one formula."""
    numbers = dict[tuple, int]()             # of each formula, whichever list it stands in

    def number(listed: list, place: int) -> int:
        own = dict[int, int]()
        for k in needed(listed, [place]):
            shape = tuple(own[i] if isinstance(i, int) else i for i in listed[k])
            own[k] = numbers.setdefault(shape, len(numbers))
        return own[place]
    return number(listed, place) == number(others, other)


def same_sides(goal: Goal) -> bool:
    """Whether the sides of a goal are those that are formed here from what else it holds.
    """
    try:
        again = sides(goal)
        return all(same_formula(goal["operations"], goal[side], again["operations"],
                                again[side]) for side in ("left", "right"))
    except (LookupError, TypeError, ValueError, AttributeError):
        return False                    # it does not hold what it should, or no such thing
