"""What a certificate says, at one point: decided by evaluation, without the checker.

Operations are evaluated in fractions, and to 60 digits where they have to be rounded
(optim.certificates.evaluation). A proof is walked from its start along the cases that hold
the point; the letters that steps make have their true values there. What a step states (an
identity, a root of what is not negative, that the cases cover the point) is then true or
false at the point.
"""
from fractions import Fraction
from functools import lru_cache

import mpmath

from optim.certificates.evaluation import Evaluation
from optim.certificates.sixty_digits import Unsure

mpmath.mp.dps = 60
NEAR, ZERO_BELOW = mpmath.mpf(10)**-25, mpmath.mpf(10)**-45
HOLDS = {"==": {0}, "<=": {-1, 0}, ">=": {0, 1}, "<": {-1}, ">": {1}}
SIGNS = {"+": {1}, "0": {0}, "-": {-1}, "+0": {0, 1}, "-0": {-1, 0}, "+-": {-1, 1},
         "+0-": {-1, 0, 1}}
INSIDE = {"real": lambda x: True, "> 0": lambda x: x > 0, ">= 0": lambda x: x >= 0,
          "> 1": lambda x: x > 1, "[0, 1)": lambda x: 0 <= x < 1,
          "(0, 1)": lambda x: 0 < x < 1, "[0, 1]": lambda x: 0 <= x <= 1,
          "(0, 1]": lambda x: 0 < x <= 1,
          "1, 2, ...": lambda x: x >= 1 and x.denominator == 1}


class Untold(Exception):
    """The point does not tell: it is too near to where cases meet."""


class False_(Exception):
    """What is stated does not hold at the point."""


# ------------------------------------------------------------------------ the claim itself
def sides_of(goal, point):
    """The values of both sides, None for none."""
    table = {}
    for text, x in goal.get("point", {}).items():
        name, bracket, args = text.partition("(")
        if bracket:
            table[name, *map(Fraction, args[:-1].split(", "))] = Fraction(x)
    evaluation = Evaluation(goal["operations"], point, table)
    try:
        return [None if x is None else x.value for x in (
            evaluation.value(goal[side]) for side in ("left", "right"))]
    except (TypeError, AttributeError) as why:       # a condition for a number: no formula
        raise Unsure("no formula") from why


def relation_fails(goal, point):
    """Whether the relation surely fails at the point, or one side alone has a value."""
    try:
        a, b = sides_of(goal, point)
    except (Unsure, OverflowError, ZeroDivisionError):
        return False
    if None in (a, b):
        return a is not b or bool(goal.get("total"))
    size = abs(a) + abs(b)
    if abs(a - b) <= size*Fraction(1, 10**25):
        return a == b and 0 not in HOLDS[goal["relation"]]
    return (a > b) - (a < b) not in HOLDS[goal["relation"]]


def inside(goal, point):
    return set(goal["letters"]) <= set(point) and all(
        INSIDE[domain](point[name]) for name, domain in goal["letters"].items())


# --------------------------------------------------------------------------- polynomials
@lru_cache(100_000)
def number(text):
    c = Fraction(text)
    return mpmath.mpf(c.numerator)/c.denominator


@lru_cache(100_000)
def parts_of(text):
    """[(letter, power)] of a monomial."""
    pairs = [factor.partition("^") for factor in text.split("*")] if text else []
    return [(name, int(k or 1)) for name, _, k in pairs]


def value_of(data, letters):
    """The value of a polynomial and the size of its terms."""
    total = size = mpmath.mpf(0)
    for text, c in data.items():
        term = number(c)
        for name, k in parts_of(text):
            if name not in letters:
                raise False_(f"no letter {name}")
            term *= letters[name] if k == 1 else letters[name]**k
        total, size = total + term, size + abs(term)
    return total, size


def sign_of(pair):
    value, size = pair
    if abs(value) <= size*ZERO_BELOW:
        return 0
    if abs(value) <= size*NEAR:
        raise Untold
    return 1 if value > 0 else -1


def same(pair, other):
    return abs(pair[0] - other[0]) <= NEAR*(pair[1] + other[1])


def times(pair, other):
    return pair[0]*other[0], pair[1]*other[1]


def power(pair, k):
    return pair[0]**k, pair[1]**k


def monic(data, letters):
    """Its value over its leading coefficient; that of the alphabetically first letter."""
    first = min(data, key=lambda text: [*((name, -k) for name, k in sorted(
        parts_of(text))), ("\uffff", 0)])
    c, (value, size) = number(data[first]), value_of(data, letters)
    return value/c, size/abs(c)


# -------------------------------------------------------------------------------- a proof
class Walk:
    """The steps of a proof at one point; .seen has the place of each step that is reached.

    Raises False_ where a step states what does not hold at the point.
    """

    def __init__(self, goal, point):
        self.goal, self.point, self.seen = goal, point, []

    def start(self):
        letters = {"(e)": +mpmath.e}
        for name, domain in self.goal["letters"].items():
            x = self.point[name]
            x = mpmath.mpf(x.numerator)/x.denominator
            letters |= {f"({name}-1)": x - 1} if domain == "1, 2, ..." else {name: x}
        return letters

    def run(self):
        proof = self.goal["proof"]
        if "steps" in proof:
            self.steps(proof["steps"], self.start(), ("steps",), relation_fails)
        elif "induction" in proof:
            self.steps(proof["base"], self.start(), ("base",), self.base_fails)
            self.steps(proof["step"], self.start(), ("step",), self.step_fails)
        return self.seen

    def base_fails(self, goal, point):
        return relation_fails(goal, point | {goal["proof"]["induction"]: Fraction(1)})

    def step_fails(self, goal, point):
        """Whether f(t + 1) - k f(t) has a wrong sign, or k is negative."""
        t = goal["proof"]["induction"]
        try:
            (a, b), (c, d) = (sides_of(goal, p) for p in (
                point | {t: point[t] + 1}, point))
            k = Evaluation(goal["operations"], point).value(goal["proof"]["factor"])
        except Unsure as why:
            raise Untold from why
        if None in (a, b, c, d) or k is None or k.value < 0:
            return True
        u = a - b - k.value*(c - d)
        if abs(u) <= (abs(a) + abs(b))*Fraction(1, 10**25):
            raise Untold
        return (u > 0) - (u < 0) not in HOLDS[goal["relation"]]

    def steps(self, steps, letters, place, fails):
        letters = dict(letters)
        for i, step in enumerate(steps):
            self.seen.append((*place, i))
            kind = next((kind for kind in (*KINDS, *ENDS) if kind in step), None)
            if kind is None or (kind in ENDS) != (i == len(steps) - 1):
                raise False_("a proof that does not end where it should")
            if kind in KINDS:
                KINDS[kind](self, step, letters)
            elif kind == "empty":
                raise False_("there is a point in what is said to be empty")
            elif kind == "split":
                sign = sign_of(value_of(step["split"], letters))
                chosen = [j for j, (signs, _) in enumerate(step["cases"])
                          if sign in SIGNS[signs]]
                if not chosen:
                    raise False_("the point is in no case")
                for j in chosen:
                    self.steps(step["cases"][j][1], letters, (*place, i, j), fails)
            else:
                if fails(self.goal, self.point):
                    raise False_("the relation does not hold")
        if not steps:
            raise False_("no steps")

    def sign(self, step, letters):
        left = value_of(step["sign"], letters)
        for data in step.get("times", []):
            left = times(left, value_of(data, letters))
        value = size = mpmath.mpf(0)
        for c, powers in step["sum"]:
            term = (number(c),)*2
            for data, k in powers:
                term = times(term, power(value_of(data, letters), k))
            value, size = value + term[0], size + abs(term[1])
        if not same(left, (value, size)):
            raise False_("an identity that does not hold")

    def product(self, step, letters):
        whole = mpmath.mpf(1), mpmath.mpf(1)
        for data, k in step["of"]:
            whole = times(whole, power(monic(data, letters), k))
        if not same(monic(step["product"], letters), whole):
            raise False_("a product that is another")

    def new(self, step, letters, value):
        if step["letter"] in letters or step["letter"] in self.goal["letters"]:
            raise False_("a letter that is made twice")
        letters[step["letter"]] = value

    def power(self, step, letters):
        x = value_of(step["exponent"], letters)[0]
        pair = value_of(step["power"], letters)
        sign = sign_of(pair)
        whole = abs(x - mpmath.nint(x)) < NEAR
        if sign == 0 and x < 0 or sign < 0 and not whole:
            raise False_("a power without value")
        b = pair[0] if sign else mpmath.mpf(0)
        self.new(step, letters, b**(int(mpmath.nint(x)) if whole else x))

    def log(self, step, letters):
        pair = value_of(step["log"], letters)
        if sign_of(pair) <= 0:
            raise False_("a logarithm of what is not positive")
        self.new(step, letters, mpmath.log(pair[0]))

    def call(self, step, letters):
        try:
            found = Evaluation(self.goal["operations"], self.point).value(step["call"])
        except Unsure as why:
            raise Untold from why
        if found is None:
            raise False_("a function of what has no value")
        x = found.value
        self.new(step, letters, mpmath.mpf(x.numerator)/x.denominator)

    def solve(self, step, letters):
        if sign_of(value_of(step["solve"], letters)):
            raise False_("an equation that does not hold")
        if letters.pop(step["for"], None) is None:
            raise False_("an equation solved for no letter of it")


KINDS = {kind: getattr(Walk, kind) for kind in (
    "sign", "product", "power", "log", "call", "solve")}
ENDS = "split", "empty", "holds"


def places(goal, point):
    """The places of the steps that the point reaches; [] if it does not tell."""
    try:
        return Walk(goal, point).run()
    except (Untold, Unsure, OverflowError, ZeroDivisionError):
        return []


def false_at(goal, point):
    """Whether the proof of a goal states what is false at a point of the domain."""
    try:
        Walk(goal, point).run()
    except False_:
        return True
    except (Untold, Unsure, OverflowError, ZeroDivisionError):
        return False
    return False
