"""What is true of two formulas at a point, by a computation that shares nothing with them.

No SymPy, no NumPy, nothing of the prover: the text of a formula or of a rule is run by
Python on numbers that are exact fractions for as long as they can be, and intervals of 60
digits that surely hold the value after that. What has no real value (1/0, the root or the
logarithm of a negative number) is no value, and so is all that is computed from it. In
np.where only what is chosen counts. 0**0 is 1. What cannot be told raises Unsure.
"""
import ast
import operator
from fractions import Fraction
from functools import partial
from math import isqrt
from types import SimpleNamespace

from mpmath.ctx_iv import MPIntervalContext
from mpmath.libmp import to_int

iv = MPIntervalContext()
iv.dps = 60
LARGEST = 3000                 # bits of an exact number; longer ones become intervals
NARROW = iv.mpf(10)**-30       # what is nearer than that is taken to be equal
STEEPEST = 10**4               # argument of an exponential


class Unsure(ArithmeticError):
    """An interval holds the number that would decide, or the number is out of reach."""


def wide(x):
    """The number as an interval."""
    return iv.mpf(x.numerator)/x.denominator if isinstance(x, Fraction) else x


def short(x):
    exact = isinstance(x, Fraction)
    long = exact and max(x.numerator.bit_length(), x.denominator.bit_length()) > LARGEST
    return wide(x) if long else x


def sign(x):
    if isinstance(x, Fraction):
        return (x > 0) - (x < 0)
    if x.a <= 0 <= x.b:
        raise Unsure("an interval holds 0")
    return 1 if x.a > 0 else -1


def lifted(function):
    """The function on Numbers; of no value it makes none."""
    def run(*numbers):
        values = [x.value if isinstance(x, Number) else Fraction(x) for x in numbers]
        if None in values:
            return Number(None)
        return Number(function(*values))
    return run


def arithmetic(function):
    def run(a, b):
        exact = isinstance(a, Fraction) and isinstance(b, Fraction)
        return short(function(a, b)) if exact else function(wide(a), wide(b))
    return run


def divide(a, b):
    return None if sign(b) == 0 else arithmetic(operator.truediv)(a, b)


def whole_root(n, q):
    """The whole number whose q-th power is n, or None."""
    if q == 2:
        near = [isqrt(n)]
    else:
        guess = round(n**(1/q)) if n.bit_length() < 1000 else 0
        near = range(max(guess - 2, 0), guess + 3)
    return next((k for k in near if k**q == n), None)


def exponential(x):
    if x == 0:
        return Fraction(1)
    if abs(wide(x)).b > STEEPEST:
        raise Unsure("an exponential that is too large")
    return iv.exp(wide(x))


def power(b, x):
    if not isinstance(x, Fraction):
        if sign(b) < 0:
            raise Unsure("a negative base with an exponent that is not exact")
        if sign(b) == 0:
            return Fraction(0) if sign(x) > 0 else None
        return exponential(x*iv.log(wide(b)))
    if x.denominator == 1:
        if x < 0 and sign(b) == 0:
            return None
        exact = isinstance(b, Fraction)
        size = max(b.numerator.bit_length(), b.denominator.bit_length()) if exact else 0
        if exact and (size*abs(x) <= LARGEST or abs(b) in (0, 1)):
            return b**(x.numerator if abs(b) != 1 else x.numerator % 2)
        result = wide(b)**abs(x.numerator)
        return 1/result if x < 0 else result
    if sign(b) < 0:
        return None
    if sign(b) == 0:
        return Fraction(0) if x > 0 else None
    if isinstance(b, Fraction):
        up, down = (whole_root(k, x.denominator) for k in (b.numerator, b.denominator))
        if up is not None and down is not None:
            return power(Fraction(up, down), Fraction(x.numerator))
    if x.denominator == 2:
        return power(iv.sqrt(wide(b)), Fraction(x.numerator))
    return exponential(iv.log(wide(b))*wide(x))


def logarithm(x):
    if sign(x) <= 0:
        return None
    return Fraction(0) if x == 1 else iv.log(wide(x))


def extreme(pick, a, b):
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return pick(a, b)
    a, b = wide(a), wide(b)
    return iv.mpf([pick(a.a, b.a), pick(a.b, b.b)])


def smooth(name, x):
    if name == "tanh":
        e = exponential(2*x)
        return Fraction(0) if x == 0 else 1 - 2/(wide(e) + 1)
    if x == 0:
        return Fraction(name == "cos")
    return getattr(iv, name)(wide(x))


def floor(x):
    if isinstance(x, Fraction):
        return Fraction(x.numerator//x.denominator)
    low, high = (to_int(end, "f") for end in x._mpi_)
    if low != high:
        raise Unsure("a whole number lies in the interval")
    return Fraction(low)


def compare(signs, a, b):
    """Truth as True, False or None, where a side has no value."""
    difference = (a - b).value
    return None if difference is None else sign(difference) in signs


class Number:
    """A real number, or none: .value is a Fraction, an interval or None."""

    def __init__(self, value):
        self.value = value

    __add__ = lifted(arithmetic(operator.add))
    __sub__ = lifted(arithmetic(operator.sub))
    __mul__ = lifted(arithmetic(operator.mul))
    __truediv__, __pow__ = lifted(divide), lifted(power)
    __neg__, __abs__ = lifted(operator.neg), lifted(abs)

    def __gt__(self, other): return compare({1}, self, other)
    def __ge__(self, other): return compare({0, 1}, self, other)
    def __lt__(self, other): return compare({-1}, self, other)
    def __le__(self, other): return compare({-1, 0}, self, other)
    def __eq__(self, other): return compare({0}, self, other)
    def __ne__(self, other): return compare({-1, 1}, self, other)
    __hash__ = None


def where(condition, a, b):
    return Number(None) if condition is None else a if condition else b


def both(a, b):
    return None if a is None or b is None else a and b


def maximum(a, b): return lifted(partial(extreme, max))(a, b)
def minimum(a, b): return lifted(partial(extreme, min))(a, b)


FUNCTIONS = SimpleNamespace(
    where=where, maximum=maximum, minimum=minimum, abs=abs, logical_and=both,
    clip=lambda x, low, high: minimum(maximum(x, low), high),
    sign=lifted(lambda x: Fraction(sign(x))),
    sqrt=lifted(lambda x: power(x, Fraction(1, 2))),
    square=lifted(lambda x: power(x, Fraction(2))),
    cbrt=lifted(lambda x: sign(x)*power(abs(x), Fraction(1, 3))), floor=lifted(floor),
    exp=lifted(exponential), log=lifted(logarithm),
    sin=lifted(partial(smooth, "sin")), cos=lifted(partial(smooth, "cos")),
    tanh=lifted(partial(smooth, "tanh")))


class Exact(ast.NodeTransformer):
    """Every number in the text is the decimal that stands there."""

    def visit_Constant(self, node):
        if type(node.value) not in (int, float):
            return node
        return ast.Call(ast.Name("number", ast.Load()),
                        [ast.Constant(repr(node.value))], [])


def number(text):
    return Number(Fraction(text))


def compiled(text):
    """The text of a formula, or of a function, as a function of {letter: Fraction}."""
    tree = ast.fix_missing_locations(Exact().visit(ast.parse(text)))
    scope = {"np": FUNCTIONS, "number": number}
    if isinstance(tree.body[-1], ast.FunctionDef):
        exec(compile(tree, "a rule", "exec"), scope)
        rule = scope[tree.body[-1].name]
        arguments = tree.body[-1].args
        places = [a.arg for a in arguments.args]
        names = [a.arg for a in arguments.kwonlyargs]

        def run(point):
            out = rule(*(Number(point[n]) for n in places),
                       **{n: Number(point[n]) for n in names})
            return out if isinstance(out, tuple) else (out,)
        return run
    code = compile(ast.Expression(tree.body[0].value), "a formula", "eval")
    return lambda point: (eval(code, scope | {n: Number(x) for n, x in point.items()}),)


def fails(a, b, relation, point):
    """Whether `a relation b` surely fails at the point, for a part of the two results."""
    return any(part_fails(x.value, y.value, relation) for x, y in zip(a(point), b(point)))


def part_fails(x, y, relation):
    if x is None or y is None:
        return x is not y
    signs = {"==": {0}, "<=": {-1, 0}, ">=": {0, 1}, "<": {-1}, ">": {1}}[relation]
    if isinstance(x, Fraction) and isinstance(y, Fraction):
        return sign(x - y) not in signs
    difference = wide(x) - wide(y)
    if difference.a <= 0 <= difference.b:
        if "=" not in relation or difference.delta > NARROW:
            raise Unsure("an interval holds 0")
        return False                                 # as near as 60 digits can tell
    return sign(difference) not in signs
