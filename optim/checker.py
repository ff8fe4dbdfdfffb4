"""A checker of certificates: nobody has to trust the prover that wrote them.

    python checker.py DIRECTORY          (or: minigrad check DIRECTORY)

A certificate holds two formulas as recorded operations, where each letter lies, and why
one is the other wherever it has a value (or what point tells them apart). This file reads
the operations, follows the reasons and accepts nothing else. It uses Python's standard
library and nothing of this project.

How a proof goes. A *case* is the part of the domain where some polynomials have known
signs; at first, those that the domains say. In a case each operation is worked out as a
quotient of polynomials in the letters; the denominator is a product of polynomials that
are known to be nonzero, and each root or power that is no rational function has a letter
of its own, with what is known of it: s^2 = v, s >= 0. A case is split by the signs that a
polynomial may have; the branches must cover them all. In a branch the two sides are one
where the numerator of their difference is 0 by the relations of its letters. That is all:
polynomials are multiplied out and compared, term by term, in exact fractions.

What is still trusted: that the operations of a certificate are the program's (its
companion runs both on fractions), the domains of the letters, Python (its decimals round
exp and log as they say, or at least to 50 of their 60 digits), and this file. Steps BY
THEOREM are listed and not checked.
"""
import json
import re
import sys
from collections import Counter
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

VERSION = 2
NUMBER = re.compile(r"-?[0-9]{1,2000}(/[1-9][0-9]{0,2000})?")
MOST_WORK, MOST_BITS = 10**6, 10_000                 # of a certificate, of a number in it
MOST = 1000                                          # a power that is multiplied out
ANY, POSITIVE, NEGATIVE, ZERO = (
    frozenset({-1, 0, 1}), frozenset({1}), frozenset({-1}), frozenset({0}))
NONNEGATIVE, NONPOSITIVE, NONZERO = POSITIVE | ZERO, NEGATIVE | ZERO, ANY - ZERO
RELATIONS = {"==": ZERO, "<=": NONPOSITIVE, ">=": NONNEGATIVE, "<": NEGATIVE, ">": POSITIVE}
SIGNS = {"+": POSITIVE, "0": ZERO, "-": NEGATIVE, "+0": NONNEGATIVE, "-0": NONPOSITIVE,
         "+-": NONZERO, "+0-": ANY}
WHOLE = "1, 2, ..."
# What each domain says: signs of x - end. In WHOLE, x - 1 is a whole number as well.
DOMAINS = {"real": {}, "> 0": {0: POSITIVE}, ">= 0": {0: NONNEGATIVE},
           "> 1": {0: POSITIVE, 1: POSITIVE}, WHOLE: {1: NONNEGATIVE},
           "[0, 1)": {0: NONNEGATIVE, 1: NEGATIVE}, "(0, 1)": {0: POSITIVE, 1: NEGATIVE},
           "[0, 1]": {0: NONNEGATIVE, 1: NONPOSITIVE},
           "(0, 1]": {0: POSITIVE, 1: NONPOSITIVE}}


class Rejected(Exception):
    """The certificate does not prove what it says."""


class Unknown(Rejected):
    """Something is needed that the steps before have not told: .what, a tuple."""

    def __init__(self, *what):
        super().__init__(" ".join(map(str, what)))
        self.what = what


class NoValue(Exception):
    """The formula has no value here."""


SPENT = [0]


def spend(work):
    """Count the work that one certificate takes; no certificate may take for ever."""
    SPENT[0] += work
    if SPENT[0] > MOST_WORK:
        raise Rejected("it takes too much work")


def whole_number(k):
    """A power of a certificate."""
    if type(k) is not int or not 0 < k <= MOST:
        raise Rejected(f"the power {k!r}")
    return k


def fraction(text):
    """An exact number of a certificate, such as "-3/2"."""
    if type(text) is not str or not NUMBER.fullmatch(text):
        raise Rejected(f"no number: {text!r}")
    return Fraction(text)


# ------------------------------------------------------------------------ polynomials
# {monomial: coefficient}; a monomial is a sorted tuple of (letter, power).
ONE = {(): Fraction(1)}


def letter(name):
    return {((name, 1),): Fraction(1)}


E = letter("(e)")                                    # the number e = 2.718...


def constant(c):
    return {(): Fraction(c)} if c else {}


@lru_cache(100_000)
def times(m, n):
    """The product of two monomials; a power below 0 divides."""
    powers = dict(m)
    for name, k in n:
        powers[name] = powers.get(name, 0) + k
    return tuple(sorted((name, k) for name, k in powers.items() if k))


def plus(p, q, c=1):
    """p + c q."""
    total = dict(p)
    for m, x in q.items():
        total[m] = total.get(m, 0) + c*x
    return {m: x for m, x in total.items() if x}


def product(p, q):
    spend(len(p)*len(q))
    total = {}
    for m, x in p.items():
        for n, y in q.items():
            mn = times(m, n)
            total[mn] = total.get(mn, 0) + x*y
    if any(x.numerator.bit_length() > MOST_BITS for x in total.values()):
        raise Rejected("a number too long to be worked with")
    return {m: x for m, x in total.items() if x}


def scaled(p, c):
    return {m: c*x for m, x in p.items()} if c else {}


def raised(p, k):
    result = ONE
    for _ in range(k):
        result = product(result, p)
    return result


@lru_cache(100_000)
def place(m):
    """Where a monomial stands in the lexicographic order; the leading one comes first."""
    return (*((name, -k) for name, k in m), ("\uffff", 0))


def leading(p):
    return min(p, key=place)


def monic(p):
    """(c, q) with p = c q, where the leading coefficient of q is 1."""
    c = p[leading(p)]
    return c, scaled(p, 1/c)


def divided(p, q):
    """p/q if it is a polynomial, else None."""
    if p and not names(q) <= names(p):               # 0 is 0 q
        return None
    lead, result = leading(q), {}
    while p:
        m = leading(p)
        n = times(m, tuple((name, -k) for name, k in lead))
        if any(k < 0 for _, k in n):
            return None
        result[n] = p[m]/q[lead]
        p = plus(p, product({n: result[n]}, q), -1)
    return result


def by_powers(p, x):
    """{k: q}: p is the sum of the q x^k, and x is in no q."""
    parts = {}
    for m, c in p.items():
        k = dict(m).get(x, 0)
        parts.setdefault(k, {})[times(m, ((x, -k),))] = c
    return parts


def key(p):
    return frozenset(p.items())


def names(p):
    return {name for m in p for name, _ in m}


# ------------------------------------------------------------------------------ signs
def sign_of_number(c):
    return frozenset({(c > 0) - (c < 0)})


def product_of_signs(signs, others):
    return frozenset(x*y for x in signs for y in others)


def power_of_signs(signs, k):
    return signs if k % 2 else frozenset(x*x for x in signs)


def sum_of_signs(all_signs):
    """The signs that a sum can have whose terms have these."""
    for weak in (NONNEGATIVE, NONPOSITIVE):
        if all(signs <= weak for signs in all_signs):
            sure = any(0 not in signs for signs in all_signs)
            return weak - ZERO if sure else ZERO.union(*all_signs)
    return ANY


# -------------------------------------------------------------------------- quotients
class Quotient:
    """top / the product of the keys of .bottom to their powers, each known nonzero."""

    def __init__(self, top, bottom=()):
        self.top, self.bottom = top, Counter(bottom)

    def over(self, bottom):
        """The top for another denominator, which has at least these factors."""
        top = self.top
        for f in (bottom - self.bottom).elements():
            top = product(top, dict(f))
        return top

    def __add__(self, other):
        bottom = self.bottom | other.bottom          # the higher power of each
        return Quotient(plus(self.over(bottom), other.over(bottom)), bottom)

    def __neg__(self):
        return Quotient(scaled(self.top, -1), self.bottom)

    def __mul__(self, other):
        return Quotient(product(self.top, other.top), self.bottom + other.bottom)

    def raised(self, k):
        return Quotient(raised(self.top, k), {f: k*n for f, n in self.bottom.items()})


def primes(x):
    """{prime: power} of a fraction > 0; what is left of large numbers counts as prime."""
    spend(100)
    found = Counter()
    for n, sign in ((x.numerator, 1), (x.denominator, -1)):
        p = 2
        while p*p <= n and p < 10_000:
            while n % p == 0:
                n, found[p] = n//p, found[p] + sign
            p += 1
        if n > 1:
            found[n] += sign
    return found


# -------------------------------------------------------------- the values of operations
class Evaluation:
    """The values of operations, each worked out once; the same in a case and at a point.

    What a value is, a quotient or an interval, is said there: number, letter, called,
    sign_of, exactly, tidy, inverse, root, other_power, exp and log.
    """

    def side(self, i):
        """The value of operation i, or None if it has none anywhere here."""
        if i not in self.memo:
            try:
                self.memo[i] = self.worked_out(*self.operations[i])
            except NoValue:
                self.memo[i] = None
        return self.memo[i]

    def value(self, i):
        if self.side(i) is None:
            raise NoValue("a formula has no value here")
        return self.memo[i]

    def worked_out(self, name, *args):
        """What an operation gives: a number, or of a condition whether it holds."""
        if name == "none":
            raise NoValue("it has none")
        if name == "number":
            return self.number(fraction(args[0]))
        if name == "letter":
            if args[0] not in self.declared:
                raise Rejected(f"the letter {args[0]} has no domain")
            return self.letter(args[0])
        if name == "call":
            return self.called(args[0], *map(self.value, args[1:]))
        if name == "where":
            chosen = args[1] if self.value(args[0]) else args[2]
            if type(self.value(args[0])) is not bool or type(self.side(chosen)) is bool:
                raise Rejected("a number for a condition, or a condition for a number")
            return self.value(chosen)
        _, meaning = OPERATIONS.get(name, (1, None))
        if meaning is None:
            raise Rejected(f"{name} is never worked out")
        found = meaning(self, *map(self.value, args))
        return found if type(found) is bool else self.tidy(found)

    def decide(self, u, *options):
        """The option that holds all the signs that u can have."""
        u = self.tidy(u)
        signs = self.sign_of(u)
        for option in options:
            if signs <= option:
                return option
        raise Unknown("sign", u, options)

    def has(self, u, yes):
        """Whether u has a sign of these."""
        return self.decide(u, yes, ANY - yes) == yes

    def needs(self, u, yes, why):
        """0 where u has a sign of these."""
        if not self.has(u, yes):
            raise NoValue(why)
        return self.number(0)

    def chosen(self, x, y, wanted, other):
        """x where x - y has a wanted sign, else y."""
        return x if self.decide(x + -y, wanted, other) == wanted else y

    def absolute(self, u):
        return u if self.decide(u, NONNEGATIVE, NONPOSITIVE) == NONNEGATIVE else -u

    def over(self, u, v):
        if self.decide(v, ZERO, NONZERO) == ZERO:
            raise NoValue("division by 0")
        return self.tidy(u*self.inverse(v))

    def power(self, b, x):
        """b^x; 0^0 is 1, and a negative b has only whole powers."""
        k = self.exactly(x)
        if k is None:
            return self.other_power(b, x)
        if k.denominator > 1:
            self.needs(b, NONNEGATIVE if k > 0 else POSITIVE,
                       "a root of a negative number, or division by one of 0")
            return self.number(0) if self.sign_of(b) == ZERO else self.root(b, k)
        if abs(k) > MOST:
            raise Rejected(f"the power {k}")
        if k < 0:
            b = self.over(self.number(1), b)
        result = self.number(1)
        for _ in range(abs(int(k))):
            result = self.tidy(result*b)
        return result

    def tanh(self, u):
        one, two = self.number(1), self.number(2)
        return one + -self.over(two, self.exp(u + u) + one)


# The number of arguments of each operation, and its meaning; others have one argument.
OPERATIONS = {
    "add": (2, lambda here, x, y: x + y), "subtract": (2, lambda here, x, y: x + -y),
    "multiply": (2, lambda here, x, y: x*y), "negative": (1, lambda here, x: -x),
    "divide": (2, Evaluation.over), "power": (2, Evaluation.power),
    "sqrt": (1, lambda here, x: here.power(x, here.number(Fraction(1, 2)))),
    "exp": (1, lambda here, x: here.exp(x)), "log": (1, lambda here, x: here.log(x)),
    "tanh": (1, Evaluation.tanh), "absolute": (1, Evaluation.absolute),
    "sign": (1, lambda here, x: here.number(*here.decide(x, POSITIVE, ZERO, NEGATIVE))),
    "maximum": (2, lambda here, x, y: here.chosen(x, y, NONNEGATIVE, NONPOSITIVE)),
    "minimum": (2, lambda here, x, y: here.chosen(x, y, NONPOSITIVE, NONNEGATIVE)),
    "nonzero": (1, lambda here, x: here.needs(x, NONZERO, "it is 0")),
    "nonnegative": (1, lambda here, x: here.needs(x, NONNEGATIVE, "it is negative")),
    "defined": (1, lambda here, x: x*here.number(0)),
    "less": (2, lambda here, x, y: here.has(x + -y, NEGATIVE)),
    "less_equal": (2, lambda here, x, y: here.has(x + -y, NONPOSITIVE)),
    "greater": (2, lambda here, x, y: here.has(x + -y, POSITIVE)),
    "greater_equal": (2, lambda here, x, y: here.has(x + -y, NONNEGATIVE)),
    "equal": (2, lambda here, x, y: here.has(x + -y, ZERO)),
    "not_equal": (2, lambda here, x, y: here.has(x + -y, NONZERO)),
    "and": (2, lambda here, c, d: c & d), "or": (2, lambda here, c, d: c | d),
    "not": (1, lambda here, c: c ^ True), "true": (0, lambda here: True),
    "false": (0, lambda here: False), "letter": (1, None), "number": (1, None),
    "none": (0, None), "where": (3, None), "sum": (4, None), "product": (4, None)}


# ------------------------------------------------------------------ a case and its signs
class Case(Evaluation):
    """The part of the domain where the facts hold, and the values of operations there.

    letters    what polynomials may name: (e) is the base of exp, (t-1) is t - 1 for a
               whole number t, others are the goal's or stand for a root, power, ...
    facts      {key of a monic polynomial: the signs it can have}
    factored   {key of a monic polynomial: [(monic polynomial, power)]}
    made       {letter: (kind, *what)}, where what is power: base, exponent; log: p;
               call: function, arguments (any function of these numbers)
    rules      {letter: (q, u)}, the newest last: letter^q is the quotient u
    root_of    {key of a root's letter: what it is a root of}
    """

    def __init__(self, goal):
        self.operations, self.declared = goal["operations"], goal["letters"]
        self.facts, self.factored, self.made, self.rules = {}, {}, {}, {}
        self.root_of, self.memo, self.letters, self.whole = {}, {}, {"(e)"}, set()
        self.learn(E, POSITIVE)
        self.learn(plus(E, ONE, -1), POSITIVE)
        for name, domain in goal["letters"].items():
            if domain == WHOLE:
                before = f"({name}-1)"
                self.whole.add(before)
                self.rules[name] = 1, Quotient(plus(letter(before), ONE))
            self.letters.add(before if domain == WHOLE else name)
            for end, signs in DOMAINS[domain].items():
                self.learn(plus(self.letter(name).top, constant(end), -1), signs)

    def polynomial(self, data):
        """{"x^2*y": "3/2", "": "-1"} is 3/2 x^2 y - 1, in letters that there are."""
        p = {}
        for text, c in data.items():
            m = ()
            for factor in text.split("*") if text else ():
                name, power, k = factor.partition("^")
                if name not in self.letters or power and not k.isdecimal():
                    raise Rejected(f"the letter {name!r} is not known here")
                m = times(m, ((name, whole_number(int(k or 1))),))
            p = plus(p, {m: fraction(c)})
        return p

    def branch(self):
        """A copy to which more can be added."""
        other = object.__new__(type(self))
        for name, x in vars(self).items():
            setattr(other, name, x.copy())
        other.memo = {}
        return other

    def learn(self, p, signs):
        """Note that a polynomial has one of these signs."""
        if not p:
            p, signs = ONE, POSITIVE if 0 in signs else frozenset()
        c, q = monic(p)
        signs = product_of_signs(sign_of_number(c), signs)
        self.facts[key(q)] = self.facts.get(key(q), ANY) & signs

    def factors(self, p):
        """(c, {key: power}): p is c times these monic polynomials to their powers."""
        c, p = monic(p)
        found = Counter()
        for f, k in self.split_up(p):
            found[f] += k
        return c, found

    def split_up(self, p):
        """The letters of a monomial, or what steps have told of a polynomial."""
        if len(p) == 1:
            monomial, = p
            for name, k in monomial:
                yield key(letter(name)), k
        elif key(p) in self.factored:
            for f, k in self.factored[key(p)]:
                for part, j in self.split_up(f):
                    yield part, j*k
        else:
            yield key(p), 1

    def sign(self, p):
        """The signs that a polynomial can have in this case."""
        if not p:
            return ZERO
        c, parts = self.factors(p)
        signs = POSITIVE
        for f, k in parts.items():
            own = self.facts.get(f, ANY)
            if f in self.root_of:                    # a root has the sign of its base
                spend(len(self.made))
                own &= self.sign(self.root_of[f])
            signs = product_of_signs(signs, power_of_signs(own, k))
        signs &= self.facts.get(key(scaled(p, 1/c)), ANY)
        return product_of_signs(sign_of_number(c), signs)

    def sign_of(self, u):
        """The signs that a quotient can have."""
        signs = self.sign(u.top)
        for f, k in u.bottom.items():
            if k % 2:
                signs = product_of_signs(signs, self.sign(dict(f)))
        return signs

    # -- what Evaluation asks for
    def number(self, x):
        return Quotient(constant(x))

    def letter(self, name):
        return self.tidy(Quotient(letter(name)))

    def called(self, function, *args):
        """A function of which nothing is known but that equal numbers give equal ones."""
        for name, other, known in self.made_by("call"):
            if other == function and len(known) == len(args) and all(
                    not self.tidy(x + -y).top for x, y in zip(args, known)):
                return Quotient(letter(name))
        raise Unknown("call", [function, *args])

    def exactly(self, u):
        """The number that u is, or None."""
        return u.top.get((), Fraction(0)) if not (u.bottom or names(u.top)) else None

    def tidy(self, u):
        """u by the rules of its letters, without common factors of top and bottom."""
        for s, (q, value) in reversed(self.rules.items()):
            if any(k >= q for m in u.top for name, k in m if name == s):
                total = Quotient({})
                for k, part in by_powers(u.top, s).items():
                    low = product(part, raised(letter(s), k % q))
                    total = total + Quotient(low)*value.raised(k//q)
                u = Quotient(total.top, total.bottom + u.bottom)
        return self.cancelled(u)

    def cancelled(self, u):
        top, bottom = u.top, {}
        for f, k in u.bottom.items():
            while k and (smaller := divided(top, dict(f))) is not None:
                top, k = smaller, k - 1
            if k:
                bottom[f] = k
        return Quotient(top, bottom)

    def inverse(self, u):
        """1/u, where u is known to be nonzero, and so is each of its factors."""
        c, parts = self.factors(u.top)
        for f in parts:
            self.learn(dict(f), NONZERO)
        return Quotient(Quotient(constant(1/c)).over(u.bottom), parts)

    # -- letters for powers and logarithms
    def made_by(self, kind):
        """[(letter, *what)] of the letters of one kind."""
        return [(s, *what) for s, (own, *what) in self.made.items() if own == kind]

    def factors_of(self, u):
        """The same of a quotient; the factors of the bottom have powers below 0."""
        c, parts = self.factors(u.top)
        parts.subtract(u.bottom)
        return c, parts

    def pieces(self, u):
        """[(p, k)]: |u| is the product of these |p|^k, of factors and of prime numbers."""
        c, parts = self.factors_of(u)
        return [(dict(f), k) for f, k in parts.items()] + [
            (constant(n), k) for n, k in primes(abs(c)).items()]

    def root(self, b, x):
        """b^x for b > 0 and a fraction x: a product of roots of the factors of b."""
        result = Quotient(ONE)
        for p, k in self.pieces(b):
            part = Quotient(p)
            if k*x % 2:                              # else p^(k x) whatever its sign is
                part = self.absolute(part)
            whole, rest = divmod(k*x, 1)
            result = result*self.power(part, self.number(whole))
            if rest:
                result = result*self.of_letter(part.top, self.number(rest))
        return self.tidy(result)

    def is_whole(self, x):
        return not x.bottom and names(x.top) <= self.whole and all(
            c.denominator == 1 for c in x.top.values())

    def other_power(self, b, x):
        """b^x for an exponent that is no number."""
        if self.sign_of(b) == ZERO:
            sign = self.decide(x, POSITIVE, ZERO, NEGATIVE)
            if sign == NEGATIVE:
                raise NoValue("0 to a negative power")
            return self.number(int(sign == ZERO))
        parts = [Quotient({m: c}, x.bottom) for m, c in x.top.items()]
        if 0 in self.sign_of(b) and not all(
                self.sign_of(part) <= NONNEGATIVE for part in parts):
            self.decide(b, ZERO, POSITIVE, NEGATIVE)
        if not self.is_whole(x) and not self.has(b, NONNEGATIVE):
            raise Rejected("a negative base: it has a value at whole exponents only")
        result = Quotient(ONE)
        for part in parts:                           # b^(x + y) = b^x b^y
            if self.exactly(part) is not None:
                result = self.tidy(result*self.power(b, part))
                continue
            for p, k in self.bases(b, self.is_whole(x)):
                result = self.tidy(result*self.of_letter(p, part*self.number(k)))
        return result

    def bases(self, b, whole):
        """[(p, k)]: b^x is the product of these p^(k x), for a whole x or not."""
        c, parts = self.factors_of(b)
        if c > 0 and (whole or all(self.sign(dict(f)) <= NONNEGATIVE for f in parts)):
            number = [] if c == 1 else [(constant(min(c, 1/c)), 1 if c < 1 else -1)]
            return number + [(dict(f), k) for f, k in parts.items()]
        if b.bottom:
            raise Rejected("a power of a quotient of unknown signs")
        return [(b.top, 1)]

    def of_letter(self, base, x):
        """base^x = w^n for a whole number n and the letter w of a power."""
        (m, c), = x.top.items()
        for w, p, y in self.made_by("power"):
            if p == base and y.bottom == x.bottom and set(y.top) == {m} and (
                    c % y.top[m] == 0):
                return self.power(Quotient(letter(w)), self.number(c/y.top[m]))
        raise Unknown("power", base, x)

    def exp(self, u):
        return self.power(Quotient(E), u)

    def log(self, u):
        self.needs(u, POSITIVE, "log of a number that is not positive")
        result = Quotient({})
        for p, k in self.pieces(u):
            result = result + self.number(k)*self.log_of(self.absolute(Quotient(p)).top)
        return result

    def log_of(self, p):
        for w, base, x in [("(e)", E, Quotient(ONE)), *self.made_by("power")]:
            if base == E and letter(w) == p:         # log e^x = x
                return x
        for name, other in self.made_by("log"):
            if other == p:
                return Quotient(letter(name))
        raise Unknown("log", p)


# ------------------------------------------------------------------------ proof steps
def by_identity(case, p, step):
    """The signs of p, where p times numbers of known sign is a sum of such products.

    step["times"] are those numbers; step["sum"] is [[c, [[polynomial, power], ...]], ...].
    """
    left, factor = p, POSITIVE
    for data in step.get("times", []):
        q = case.polynomial(data)
        signs = case.sign(q)
        if 0 in signs:
            raise Rejected("a factor that may be 0")
        left, factor = product(left, q), product_of_signs(factor, signs)
    all_signs = []
    for c, powers in step["sum"]:
        term, signs = constant(fraction(c)), sign_of_number(fraction(c))
        for data, k in powers:
            q, k = case.polynomial(data), whole_number(k)
            term = product(term, raised(q, k))
            signs = product_of_signs(signs, power_of_signs(case.sign(q), k))
        left = plus(left, term, -1)
        all_signs.append(signs)
    if case.tidy(Quotient(left)).top:
        raise Rejected("the two sides of an identity differ")
    return product_of_signs(factor, sum_of_signs(all_signs))


def step_sign(case, step):
    """A sign that follows from known ones by an identity."""
    p = case.polynomial(step["sign"])
    if not p:
        raise Rejected("the sign of 0")
    case.learn(p, by_identity(case, p, step))


def step_factors(case, step):
    """A polynomial is a product of others."""
    _, p = monic(case.polynomial(step["product"]))
    whole, parts = ONE, []
    for data, k in step["of"]:
        _, f = monic(case.polynomial(data))
        whole = product(whole, raised(f, whole_number(k)))
        parts.append((f, k))
    if p != whole or sum(k for _, k in parts) < 2 or any(f == ONE for f, _ in parts):
        raise Rejected("a product that is another")
    case.factored[key(p)] = parts


def new_letter(case, step, kind, *what):
    """The letter of a step, made for this."""
    name = step["letter"]
    if not is_name(name) or name in case.letters or name in case.declared:
        raise Rejected(f"a new letter {name!r}")
    case.letters.add(name)
    case.made[name] = (kind, *what)
    return letter(name)


def step_power(case, step):
    """A letter for base^exponent with what its size says; 1/2 and the like make a root."""
    base = case.polynomial(step["power"])
    x = Quotient(case.polynomial(step["exponent"]))
    if not base or not x.top:
        raise Rejected("a power of 0, or the exponent 0")
    signs, way, whole = case.sign(base), case.sign_of(x), case.is_whole(x)
    real = signs == POSITIVE or signs <= NONNEGATIVE and way <= NONNEGATIVE
    if not real and not (whole and (way <= NONNEGATIVE or 0 not in signs)):
        raise Rejected("a power that may have no value")
    w = new_letter(case, step, "power", base, x)
    if real:                                         # 0^0 = 1
        case.learn(w, signs if way == POSITIVE else signs | POSITIVE)
        case.learn(plus(w, ONE, -1), product_of_signs(
            case.sign(plus(base, ONE, -1)), way))
    elif 0 not in signs:
        case.learn(w, NONZERO)
    k = case.exactly(x)
    if k is not None and k.numerator == 1:
        case.rules[step["letter"]] = k.denominator, Quotient(base)
        case.root_of[key(w)] = base


def step_log(case, step):
    """A letter for the logarithm of a positive polynomial."""
    p = case.polynomial(step["log"])
    if case.sign(p) != POSITIVE:
        raise Rejected("a logarithm of what may be 0 or negative")
    own = new_letter(case, step, "log", p)
    case.learn(own, case.sign(plus(p, ONE, -1)))


def step_call(case, step):
    """A letter for an operation of which only its arguments are known."""
    name, function, *args = case.operations[place_of(step["call"], len(case.operations))]
    if name != "call":
        raise Rejected("no call")
    new_letter(case, step, "call", function, [*map(case.branch().value, args)])


def step_solve(case, step):
    """Where a x + b = 0 and a is not 0, x is -b/a; what is known of x is known of that."""
    p, x = case.polynomial(step["solve"]), step["for"]
    parts = by_powers(p, x)
    if case.sign(p) != ZERO or 1 not in parts or not set(parts) <= {0, 1}:
        raise Rejected("an equation that is not solved so")
    slope = Quotient(parts[1])
    case.decide(slope, NONZERO)
    case.rules[x] = 1, -case.over(Quotient(parts.get(0, {})), slope)
    case.rules = {s: (q, case.tidy(u)) for s, (q, u) in case.rules.items()}
    known = [(case.tidy(Quotient(dict(f))), signs) for f, signs in case.facts.items()]
    known = [(u.top, product_of_signs(signs, case.sign_of(Quotient(ONE, u.bottom))))
             for u, signs in known]
    case.facts, case.memo = {}, {}
    for p, signs in known:
        case.learn(p, signs)


STEPS = {"sign": step_sign, "product": step_factors, "power": step_power, "log": step_log,
         "call": step_call, "solve": step_solve}


# --------------------------------------------------------------------- the end of a case
def follow(case, steps, holds):
    """Follow the steps of a proof; the last one closes the case or splits it."""
    *steps, last = steps
    for step in steps:
        kind = next((kind for kind in STEPS if kind in step), None)
        if kind is None:
            raise Rejected(f"no step {step}")
        STEPS[kind](case, step)
    if "empty" in last:                              # a point in it would have a sign
        if case.sign(case.polynomial(last["empty"])):
            raise Rejected("a case that may hold points")
    elif "split" in last:
        p, covered = case.polynomial(last["split"]), frozenset()
        if not p:
            raise Rejected("a split by the sign of 0")
        for signs, rest in last["cases"]:
            covered |= SIGNS[signs]
            branch = case.branch()
            branch.learn(p, SIGNS[signs])
            follow(branch, rest, holds)
        if not case.sign(p) <= covered:
            raise Rejected("a case is missing")
    elif "holds" in last:
        holds(case.branch())
    else:
        raise Rejected(f"no end {last}")


def difference(case, goal, total):
    """The left side less the right; None where neither has a value."""
    left, right = case.side(goal["left"]), case.side(goal["right"])
    if left is None and right is None and not total:
        return None
    if left is None or right is None:
        raise Rejected("a side has no value")
    return case.tidy(left + -right)


def agrees(case, u, wanted):
    """The sign of u is a wanted one."""
    if not case.sign_of(u) <= wanted:
        raise Unknown("relation", u, wanted)


def proved(goal):
    """Raise Rejected unless the proof of a goal holds."""
    proof, wanted, total = goal["proof"], RELATIONS[goal["relation"]], goal.get("total")

    def holds(case):
        u = difference(case, goal, total)
        if u is not None:
            agrees(case, u, wanted)

    def holds_next(case):
        """For f(t + 1) - k f(t), where f(t) = left - right and k >= 0."""
        after = case.branch()
        after.rules[t] = 1, case.letter(t) + Quotient(ONE)
        old, new = (difference(x, goal, True) for x in (case, after))
        k = case.value(place_of(proof["factor"], len(goal["operations"])))
        case.needs(k, NONNEGATIVE, "a factor below 0")
        agrees(case, case.tidy(new + -(k*old)), wanted)

    if "identical" in proof:
        if goal["left"] != goal["right"] or 0 not in wanted or total:
            raise Rejected("two formulas that are not one")
    elif "induction" in proof:
        t, total, base = proof["induction"], True, Case(goal)
        if goal["letters"].get(t) != WHOLE:
            raise Rejected(f"no induction on {t}")
        base.rules[t] = 1, Quotient(ONE)
        follow(base, proof["base"], holds)
        follow(Case(goal), proof["step"], holds_next)
    else:
        follow(Case(goal), proof["steps"], holds)


# -------------------------------------------------------------- intervals and refutations
# Ends are cut to 60 digits; those of exp and log are trusted in 50 of them.
DOWN, UP = Context(prec=60, rounding=ROUND_FLOOR), Context(prec=60, rounding=ROUND_CEILING)
TINY = Fraction(1, 10**50)


class Interval:
    """The numbers from low to high, two fractions; it is known exactly if they are one."""

    def __init__(self, low, high):
        self.low, self.high = low, high

    def __add__(self, other):
        return Interval(self.low + other.low, self.high + other.high)

    def __neg__(self):
        return Interval(-self.high, -self.low)

    def __mul__(self, other):
        ends = [x*y for x in (self.low, self.high) for y in (other.low, other.high)]
        return Interval(min(ends), max(ends))

    def in_decimals(self, function):
        """Both ends of exp or log, to 60 digits: Python rounds each of them correctly."""
        return [Fraction(function(decimal(x, DOWN))) for x in (self.low, self.high)]


def decimal(x, context):
    """The number with 60 digits that is nearest below, or above."""
    return context.divide(Decimal(x.numerator), Decimal(x.denominator))


class Point(Evaluation):
    """The values of operations at one rational point, as intervals."""

    def __init__(self, goal, point):
        self.operations, self.declared = goal["operations"], goal["letters"]
        self.point, self.memo = point, {}

    def number(self, x):
        return Interval(Fraction(x), Fraction(x))

    def letter(self, name):
        return self.number(self.point[name])

    def called(self, function, *args):
        known = [self.exactly(x) for x in args]
        name = f"{function}({', '.join(map(str, known))})"
        if None in known or name not in self.point:
            raise Rejected(f"the value of {name} is not known")
        return self.number(self.point[name])

    def exactly(self, x):
        return x.low if x.low == x.high else None

    def sign_of(self, x):
        seen = {-1: x.low < 0, 0: x.low <= 0 <= x.high, 1: x.high > 0}
        return frozenset(sign for sign in seen if seen[sign])

    def tidy(self, x):
        """The interval, its ends cut outward; a number that is known exactly stays so."""
        spend(10)
        if max(abs(x.low.numerator), x.low.denominator).bit_length() > MOST_BITS:
            raise Rejected("a number too long to be worked with")
        if x.low == x.high:
            return x
        return Interval(Fraction(decimal(x.low, DOWN)), Fraction(decimal(x.high, UP)))

    def inverse(self, x):
        return Interval(1/x.high, 1/x.low)

    def root(self, b, x):
        """b^x for b > 0 and a fraction x: exactly where that is a fraction, too."""
        known = self.exactly(b)
        powers = {} if known is None else {p: k*x for p, k in primes(known).items()}
        if known is None or any(k.denominator > 1 for k in powers.values()):
            return self.other_power(b, self.number(x))
        result = self.number(1)
        for p, k in powers.items():
            result = self.tidy(result*self.power(self.number(p), self.number(k)))
        return result

    def other_power(self, b, x):
        if self.sign_of(b) != POSITIVE:              # an exponent may be whole, unseen
            raise Rejected("a power of a number <= 0 whose exponent is not known exactly")
        return self.exp(self.tidy(x*self.log(b)))

    def exp(self, x):
        if max(abs(x.low), abs(x.high)) > 10_000:
            raise Rejected("an exponential too large to work out")
        if self.exactly(x) == 0:
            return self.number(1)
        low, high = x.in_decimals(DOWN.exp)
        return Interval(low*(1 - TINY), high*(1 + TINY))

    def log(self, x):
        self.needs(x, POSITIVE, "log of a number that is not positive")
        if self.exactly(x) == 1:
            return self.number(0)
        low, high = x.in_decimals(DOWN.ln)
        return Interval(low - TINY*(1 + abs(low)), high + TINY*(1 + abs(high)))


def refuted(goal):
    """Raise Rejected unless the relation fails at the point of a goal."""
    wanted = RELATIONS[goal["relation"]]
    point = {name: fraction(x) for name, x in goal["point"].items()}
    for name, domain in goal["letters"].items():
        x = point[name]
        if domain == WHOLE and x.denominator > 1 or not all(
                sign_of_number(x - end) <= yes for end, yes in DOMAINS[domain].items()):
            raise Rejected(f"{name} = {x} does not lie in its domain")
    here = Point(goal, point)
    left, right = here.side(goal["left"]), here.side(goal["right"])
    if left is None and right is None:
        raise Rejected("neither side has a value")
    if None not in (left, right) and here.sign_of(left + -right) & wanted:
        raise Rejected("the relation may hold at the point")


# ------------------------------------------------------------------- what comes from files
MALFORMED = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError,
             RecursionError)
LARGEST = 10**8                                      # bytes of a file that is read


def is_name(x):
    return type(x) is str and x and not set(x) & set("()*^") and max(x) < "\uffff"


def place_of(i, count):
    """The place of an operation among the first ones, or Rejected."""
    if type(i) is not int or not 0 <= i < count:
        raise Rejected(f"no operation {i!r}")
    return i


def well_formed(goal):
    """Raise Rejected unless the letters, operations and sides of a goal are what they are
    said to be."""
    letters, operations = goal["letters"], goal["operations"]
    if not all(is_name(x) and domain in DOMAINS for x, domain in letters.items()):
        raise Rejected("a letter of no name or domain")
    for i, (name, *args) in enumerate(operations):
        count = len(args) if name == "call" else OPERATIONS.get(name, (1, None))[0]
        named = name in ("letter", "number", "call", "sum", "product")
        if len(args) != count or named and not is_name(args[0]):
            raise Rejected(f"no operation {[name, *args]}")
        for place in args[named:]:
            place_of(place, i)
    for side in ("left", "right"):
        place_of(goal[side], len(operations))


def judged(goal):
    """None if a goal's certificate shows what it says, else why not."""
    SPENT[0] = 0
    try:
        well_formed(goal)
        {"PROVED": proved, "REFUTED": refuted}[goal["status"]](goal)
    except (Rejected, NoValue) as why:
        return str(why) or type(why).__name__
    except MALFORMED as error:
        return f"no certificate: {type(error).__name__} {error}"
    return None


def no_key_twice(pairs):
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a key that stands twice")
    return dict(pairs)


def read(path):
    """What a file holds; Rejected if it is no file of certificates."""
    try:
        if not path.is_file() or path.stat().st_size > LARGEST:
            raise ValueError(f"it is no file, or larger than {LARGEST} bytes")
        data = json.loads(path.read_bytes(), object_pairs_hook=no_key_twice)
        if data["version"] != VERSION:
            raise ValueError(f"it is not of version {VERSION}")
        if not all(type(x["id"]) is str for x in data["claims"] + data["uncertified"]):
            raise ValueError("an id that is no text")
    except (*MALFORMED, OSError, MemoryError) as error:
        raise Rejected(f"it cannot be read: {type(error).__name__} {error}") from error
    return data


def judge_claim(claim, accepted):
    """Raise Rejected unless a claim follows from its goals and from accepted ones."""
    status, goals, premises = claim["status"], claim["goals"], claim["premises"]
    for premise in premises:
        if accepted.get(premise) not in ("PROVED", "BY THEOREM"):
            raise Rejected(f"its premise {premise!r} is not accepted before it")
    for i, goal in enumerate(goals):
        why = judged(goal)
        if why is not None:
            raise Rejected(f"goal {i}: {why}")
    found, theorem = {goal["status"] for goal in goals}, claim.get("theorem")
    shown = {"PROVED": found == {"PROVED"}, "REFUTED": "REFUTED" in found,
             "BY THEOREM": premises and not goals and (
                 type(theorem) is str and theorem.strip())}
    if not shown.get(status):
        raise Rejected(f"{status} by goals {sorted(found)}, premises {premises} and the "
                       f"theorem {theorem!r}")


def judged_file(data):
    """{"accepted": {id: status}, "rejected": {id: why}, "theorems", "uncertified"}."""
    accepted, rejected, theorems = {}, {}, []
    try:
        for claim in data["claims"]:
            name = claim["id"]
            if name in accepted or name in rejected:
                raise Rejected(f"two claims have one id: {name}")
            try:
                judge_claim(claim, accepted)
                accepted[name] = claim["status"]
                if accepted[name] == "BY THEOREM":
                    theorems.append(claim["theorem"])
            except Rejected as why:
                rejected[name] = str(why)
    except (Rejected, *MALFORMED) as error:
        accepted, theorems = {}, []
        rejected = {"file": f"{type(error).__name__}: {error}"}
    return {"accepted": accepted, "rejected": rejected, "theorems": theorems,
            "uncertified": data["uncertified"]}


def check(directory):
    """{file: what judged_file says}; OSError if there is no such directory."""
    found = {}
    for path in sorted(p for p in Path(directory).iterdir() if p.suffix == ".json"):
        try:
            found[path.name] = judged_file(read(path))
        except Rejected as why:
            found[path.name] = {"accepted": {}, "rejected": {"file": str(why)},
                                "theorems": [], "uncertified": []}
    return found


def holds_all(found):
    """Whether something was accepted, and nothing rejected."""
    return any(file["accepted"] for file in found.values()) and not any(
        file["rejected"] for file in found.values())


def told(found):
    """What check found, as lines of text."""
    lines = ["theorems that are trusted:", *sorted(
        {f"  {text}" for file in found.values() for text in file["theorems"]})]
    sums = Counter()
    for name, file in found.items():
        counts = {kind: len(file[kind]) for kind in ("accepted", "rejected", "uncertified")}
        sums.update(counts)
        lines.append(f"{name}: {', '.join(f'{n} {kind}' for kind, n in counts.items())}")
        lines += [f"REJECTED {name}: {id}: {why}" for id, why in file["rejected"].items()]
    lines.append(f"in all: {', '.join(f'{n} {kind}' for kind, n in sums.items())}")
    if not sums["accepted"]:
        lines.append("REJECTED: there are no certificates")
    return [ascii(line[:500])[1:-1] for line in lines]


def main(words):
    if len(words) != 1 or not Path(words[0]).is_dir():
        print("python checker.py DIRECTORY", file=sys.stderr)
        return 2
    found = check(words[0])
    print(*told(found), sep="\n")
    return 0 if holds_all(found) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
