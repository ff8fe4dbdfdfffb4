"""NumPy code run on entries that record each operation: what a VJP does, as data.

An array of entries goes through a function as an array of numbers does; arrays.py says how
NumPy's functions reach it. An entry is the place of its operation in the list, beside the
values that it has at some points of the domain: there a sort, a floor or an `if` sees which
way it goes. What they saw is recorded as a guard, which must then hold on all the domain.
"""
from fractions import Fraction

import numpy as np
import sympy as sp

from minigrad.primitives import special
from minigrad.proving import elementwise
from minigrad.randomness import generator
from minigrad.symbolic.constants import exact
from optim.certificates.operation_lists import Operations, of_formula

COMPARED = {"less": np.less, "less_equal": np.less_equal, "greater": np.greater,
            "greater_equal": np.greater_equal, "equal": np.equal,
            "not_equal": np.not_equal}
TRUTHS = {"and": np.logical_and, "or": np.logical_or, "not": np.logical_not}
CALLS = {f.__name__: f for f in (       # of which only the derivative is known
    np.sin, np.cos, np.tan, np.arctan, np.arcsin, np.arcsinh, np.arctan2, np.floor,
    special.erf)}
VALUES = {f.__name__: f for f in (
    np.add, np.subtract, np.multiply, np.divide, np.negative, np.power, np.sqrt,
    np.absolute, np.sign, np.maximum, np.minimum, np.exp, np.log, np.where)
          } | COMPARED | TRUTHS
POINTS = 4                              # of the domain, at which each entry has a value


class Recording(Operations):
    """The operations of some entries, and the guards of what was decided."""

    def __init__(self):
        super().__init__()
        self.letters = {}               # name -> domain
        self.guards = []                # the conditions that were taken to hold
        self.known = {}                 # values of operations at the points

    def values(self, place):
        """The values of an operation at the points."""
        if place not in self.known:
            with np.errstate(all="ignore"):
                self.known[place] = self.worked_out(*self.listed[place])
        return self.known[place]

    def worked_out(self, name, *args):
        """The same, of what is not known yet."""
        if name in ("true", "false"):
            return np.full(POINTS, name == "true")
        if name in ("number", "none"):
            return np.full(POINTS, float(sp.Rational(args[0])) if args else np.nan)
        if name == "letter":
            rng = generator((len(args[0]), *args[0].encode()))
            return np.full(POINTS, np.pi) if args == ("pi",) else {
                "real": rng.normal(size=POINTS), "> 0": rng.uniform(0.2, 2, POINTS),
                "(0, 1)": rng.uniform(0.1, 0.9, POINTS),
                "1, 2, ...": rng.integers(1, 9, POINTS)*1.0}[self.letters[args[0]]]
        if name == "defined":
            return 0*self.values(args[0])
        function = CALLS[args[0]] if name == "call" else VALUES[name]
        return function(*[self.values(k) for k in args[name == "call":]])

    def entry(self, name, *args):
        """The entry of an operation on places."""
        return Entry(self, self.add(name, *args))

    def declare(self, name, domain="real"):
        """An entry that is a letter; its values are drawn from the domain."""
        if self.letters.setdefault(name, domain) != domain:
            raise ValueError(f"{name} is {self.letters[name]} already, not {domain}")
        return self.entry("letter", name)

    def new(self, name, shape=()):
        """An array of letters of their own."""
        out = np.empty(shape, dtype=object)
        for index in np.ndindex(*shape):
            entry = "_".join([name, *map(str, index)])
            if entry in self.letters:
                raise ValueError(f"the case has a letter {entry} of its own")
            out[index] = self.declare(entry)
        return out

    def constant(self, x):
        """The entry of a number, a truth value or a SymPy expression, as it stands."""
        if isinstance(x, (bool, np.bool_)):
            return self.entry(str(bool(x)).lower())
        e = sp.Rational(x) if isinstance(x, Fraction) else exact(x)
        known = {s: by for s in e.free_symbols | ({sp.pi} & e.atoms())
                 if (by := self.symbol(s)) != s}
        return Entry(self, of_formula(e, self, known))

    def symbol(self, s):
        """What is written for a symbol of a case, of letters that have a domain."""
        if s == sp.pi:                  # what holds for every positive number
            return self.symbol(sp.Symbol("pi", positive=True))
        name = s.name
        if s.is_integer:                # a whole number is the difference of two positive
            high, low = sp.symbols(f"{name} {name}_", real=True)
            self.declare(high.name, "1, 2, ...")
            if s.is_nonnegative:
                return high - 1
            self.declare(low.name, "1, 2, ...")
            return high - low
        below_1 = name.split("_")[0] == elementwise.r.name
        self.declare(name, "real" if not s.is_positive else "(0, 1)" if below_1 else "> 0")
        free = sp.Symbol(name, real=True)
        return sp.Piecewise((free, sp.Ne(free, 0))) if (
            s.is_nonzero and not s.is_positive) else s

    def apply(self, name, *parts):
        """The entry of an operation on entries."""
        name = ("call", name) if name in CALLS else (name,)
        return self.entry(*name, *[p.place for p in parts])

    def where(self, condition, a, b):
        """a or b, by a condition; a condition that is known chooses now."""
        if condition.is_known:
            return a if condition.values[0] else b
        return self.apply("where", condition, a, b)


def decided(condition):
    """Whether a condition holds: the same at all points, which becomes a guard."""
    record, held = condition.record, bool(condition.values[0])
    if condition.is_known:
        return held
    if np.any(condition.values != held):
        raise TypeError("the case does not decide a comparison that the function asks for")
    guard = condition if held else record.apply("not", condition)
    if guard.place not in record.guards:
        record.guards.append(guard.place)
    return held


class Entry:
    """One entry: the place of its operation in the recording, and values at points."""
    __slots__ = ("record", "place")
    __hash__ = None                                             # type: ignore[assignment]

    def __init__(self, record, place):
        self.record, self.place = record, place

    values = property(lambda self: self.record.values(self.place))

    @property
    def is_truth(self):
        """Whether this is a condition."""
        return self.values.dtype == bool

    @property
    def is_known(self):
        """Whether this is a condition that is always true, or always false."""
        return self.record.listed[self.place][0] in ("true", "false")

    def __bool__(self):
        return decided(self if self.is_truth else self != 0)


def entry(record, x):
    """An entry as it is, and the entry of a number or formula."""
    if isinstance(x, np.ndarray) and x.shape == ():     # NumPy stores these as they are
        x = x.item()
    if isinstance(x, Entry):
        return x
    return record.constant(x)


def as_number(x):
    """A condition as the number that NumPy counts it as; others stay."""
    if not x.is_truth:
        return x
    return x.record.where(x, x.record.constant(1), x.record.constant(0))


def of_numbers(name):
    """The function of entries or numbers that records this operation."""
    def run(*parts):
        record = next(p.record for p in parts if isinstance(p, Entry))
        return record.apply(name, *[as_number(entry(record, p)) for p in parts])
    return run


def of_truths(name):
    """Likewise of conditions; those that are known are reckoned with now."""
    def run(*parts):
        record = next(p.record for p in parts if isinstance(p, Entry))
        parts = [entry(record, p) for p in parts]
        if all(p.is_known for p in parts):
            return record.constant(bool(TRUTHS[name](*[p.values[0] for p in parts])))
        for p, other in zip(parts, parts[::-1]):
            if p.is_known and name != "not":
                return p if p.values[0] == (name == "or") else other
        return record.apply(name, *parts)
    return run


def turned(run):
    """The function with its two arguments swapped."""
    return lambda a, b: run(b, a)


for operator, name in {"add": "add", "sub": "subtract", "mul": "multiply",
                       "truediv": "divide", "pow": "power"}.items():
    setattr(Entry, f"__{operator}__", of_numbers(name))
    setattr(Entry, f"__r{operator}__", turned(of_numbers(name)))
for operator, name in {"lt": "less", "le": "less_equal", "gt": "greater", "ne": "not_equal",
                       "ge": "greater_equal", "eq": "equal", "neg": "negative"}.items():
    setattr(Entry, f"__{operator}__", of_numbers(name))
for operator, name in {"and": "and", "or": "or", "invert": "not"}.items():
    setattr(Entry, f"__{operator}__", of_truths(name))
    setattr(Entry, f"__r{operator}__", of_truths(name))
