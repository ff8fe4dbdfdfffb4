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
companion runs both on fractions), the domains of the letters, Python, and this file. Steps
BY THEOREM are listed and not checked.
"""
import json
import re
import sys
from fractions import Fraction
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from math import isqrt
from pathlib import Path

VERSION = 1
NUMBER = re.compile(r"-?[0-9]{1,2000}(/[1-9][0-9]{0,2000})?")
MOST_WORK, MOST_BITS = 10**6, 10_000                 # of a certificate, of a number in it
MOST = 1000                                          # a power that is multiplied out
ANY, POSITIVE, NEGATIVE, ZERO = (
    frozenset({-1, 0, 1}), frozenset({1}), frozenset({-1}), frozenset({0}))
NONNEGATIVE, NONPOSITIVE, NONZERO = POSITIVE | ZERO, NEGATIVE | ZERO, ANY - ZERO
RELATIONS = {"==": ZERO, "<=": NONPOSITIVE, ">=": NONNEGATIVE, "<": NEGATIVE, ">": POSITIVE}
SIGNS = {"+": POSITIVE, "0": ZERO, "-": NEGATIVE, "+0": NONNEGATIVE, "-0": NONPOSITIVE,
         "+-": NONZERO, "+0-": ANY}
COMPARED = {"less": NEGATIVE, "less_equal": NONPOSITIVE, "greater": POSITIVE,
            "greater_equal": NONNEGATIVE, "equal": ZERO, "not_equal": NONZERO}
CONDITIONS = {"and": all, "or": any, "true": all, "false": any, "not": lambda x: not x[0],
              **COMPARED}
# What each domain says: signs of x - end. "1, 2, ..." says x - 1 = 0, 1, 2, ...
DOMAINS = {"real": {}, "> 0": {0: POSITIVE}, ">= 0": {0: NONNEGATIVE}, "> 1": {1: POSITIVE},
           "[0, 1)": {0: NONNEGATIVE, 1: NEGATIVE}, "(0, 1)": {0: POSITIVE, 1: NEGATIVE},
           "[0, 1]": {0: NONNEGATIVE, 1: NONPOSITIVE},
           "(0, 1]": {0: POSITIVE, 1: NONPOSITIVE}, "1, 2, ...": {}}


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


# ------------------------------------------------------------------------ polynomials
# {monomial: coefficient}; a monomial is a sorted tuple of (letter, power).
ONE = {(): Fraction(1)}


def letter(name):
    return {((name, 1),): Fraction(1)}


def constant(c):
    return {(): Fraction(c)} if c else {}


@lru_cache(100_000)
def times(m, n):
    """The product of two monomials."""
    powers = dict(m)
    for name, k in n:
        powers[name] = powers.get(name, 0) + k
    return tuple(sorted(powers.items()))


def plus(p, q, c=1):
    """p + c q."""
    total = dict(p)
    for m, x in q.items():
        x = total.get(m, 0) + c*x
        if x:
            total[m] = x
        else:
            total.pop(m, None)
    return total


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
    if not names(q) <= names(p):
        return None
    lead, result = leading(q), {}
    powers = dict(lead)
    while p:
        m = leading(p)
        rest = dict(m)
        for name, k in powers.items():
            if rest.get(name, 0) < k:
                return None
            rest[name] -= k
        n = tuple((name, k) for name, k in sorted(rest.items()) if k)
        c = p[m]/q[lead]
        result[n] = c
        p = plus(p, product({n: c}, q), -1)
    return result


def key(p):
    return frozenset(p.items())


def names(p):
    return {name for m in p for name, _ in m}


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


def product_of_signs(signs, others):
    return frozenset(x*y for x in signs for y in others)


def sum_of_signs(all_signs):
    """The signs that a sum can have whose terms have these."""
    together = frozenset().union(*all_signs) if all_signs else ZERO
    for weak in (NONNEGATIVE, NONPOSITIVE):
        if together <= weak:
            sure = any(0 not in signs for signs in all_signs)
            return weak - ZERO if sure else together
    return ANY


# -------------------------------------------------------------------------- quotients
class Quotient:
    """top / the product of the keys of .bottom to their powers, each known nonzero."""

    def __init__(self, top, bottom=()):
        self.top, self.bottom = top, dict(bottom)

    def over(self, bottom):
        """The top for another denominator, which has at least these factors."""
        top = self.top
        for f, k in bottom.items():
            for _ in range(k - self.bottom.get(f, 0)):
                top = product(top, dict(f))
        return top

    def __add__(self, other):
        bottom = {f: max(self.bottom.get(f, 0), other.bottom.get(f, 0))
                  for f in {**self.bottom, **other.bottom}}
        return Quotient(plus(self.over(bottom), other.over(bottom)), bottom)

    def __neg__(self):
        return Quotient(scaled(self.top, -1), self.bottom)

    def __mul__(self, other):
        bottom = {f: self.bottom.get(f, 0) + other.bottom.get(f, 0)
                  for f in {**self.bottom, **other.bottom}}
        return Quotient(product(self.top, other.top), bottom)

    def names(self):
        return names(self.top).union(*(names(dict(f)) for f in self.bottom))


def primes(n):
    """{prime: power} of a whole number >= 1; what is left of a large one counts as prime.
    """
    found, p = {}, 2
    while p*p <= n and p < 10_000:
        while n % p == 0:
            n, found[p] = n//p, found.get(p, 0) + 1
        p += 1
    if n > 1:
        found[n] = found.get(n, 0) + 1
    return found


class Evaluation:
    """The values of operations, each worked out once; the same in a case and at a point.
    """

    def value(self, i):
        """The value of operation i; NoValue if it has none anywhere here."""
        if i not in self.memo:
            try:
                self.memo[i] = self.worked_out(*self.operations[i])
            except NoValue as why:
                self.memo[i] = why
        if isinstance(self.memo[i], NoValue):
            raise self.memo[i]
        return self.memo[i]

    def worked_out(self, name, *args):
        if name == "none":
            raise NoValue("it has none")
        if name == "letter" or name == "number":
            return self.letter(*args) if name == "letter" else self.number(fraction(*args))
        if name == "where":
            return self.value(args[1] if self.truth(args[0]) else args[2])
        if name == "call":
            return self.called(args[0], *map(self.value, args[1:]))
        if name in CONDITIONS or name not in MEANINGS:
            raise Rejected(f"{name} where a number is needed")
        return self.meaning(name, *map(self.value, args))

    def truth(self, i):
        """Whether a condition holds here; all parts of it need a value."""
        spend(10)
        name, *args = self.operations[i]
        if name in COMPARED:
            return self.compared(*map(self.value, args), COMPARED[name])
        if name not in CONDITIONS:
            raise Rejected(f"{name} where a condition is needed")
        return CONDITIONS[name]([self.truth(j) for j in args])


class Case(Evaluation):
    """The part of the domain where the facts hold, and the values of operations there.

    facts      {key of a monic polynomial: the signs it can have}
    roots      [(letter s, polynomial p, q)]: s^q = p; the newest last
    powers     [(letter w, base, exponent)]: w = base^exponent; base None stands for e
    logs       [(letter l, polynomial p)]: l = log p
    calls      [(letter, function, arguments)]: any function of these numbers
    factored   {key of a monic polynomial: [(monic polynomial, power)]}
    solved     {letter: quotient}: what it is here
    """

    def __init__(self, claim):
        self.operations, self.whole, self.facts = claim["operations"], set(), {}
        self.roots, self.powers, self.logs, self.calls = [], [], [], []
        self.factored, self.solved, self.memo = {}, {}, {}
        self.declared = set(claim["letters"])
        self.letters = set(claim["letters"])         # that polynomials may hold
        self.used = set(claim["letters"])            # no new letter is called so
        for name, domain in claim["letters"].items():
            if domain == "1, 2, ...":
                before = f"({name}-1)"
                self.letters = self.letters - {name} | {before}
                self.whole.add(before)
                self.solved[name] = Quotient(plus(letter(before), ONE))
                self.learn(letter(before), NONNEGATIVE)
            for end, signs in DOMAINS[domain].items():
                self.learn(plus(letter(name), constant(end), -1), signs)
                if end == 1 and signs == POSITIVE:
                    self.learn(letter(name), POSITIVE)

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
            setattr(other, name, x.copy() if name != "operations" else x)
        other.memo = {}
        return other

    # -- signs
    def learn(self, p, signs):
        """Note that a polynomial has one of these signs."""
        if not p:
            p, signs = ONE, POSITIVE if 0 in signs else frozenset()
        c, q = monic(p)
        signs = signs if c > 0 else product_of_signs(NEGATIVE, signs)
        self.facts[key(q)] = self.facts.get(key(q), ANY) & signs

    def factors(self, p):
        """(c, {key: power}): p is c times these monic polynomials to their powers."""
        c, rest = monic(p)
        shared = set.intersection(*(set(name for name, _ in m) for m in rest))
        found = {}
        for name in shared:
            k = min(dict(m)[name] for m in rest)
            found[key(letter(name))] = k
            rest = {tuple((n, j - k*(n == name)) for n, j in m if (n, j) != (name, k)): x
                    for m, x in rest.items()}
        for f, k in self.split_up(rest):
            found[f] = found.get(f, 0) + k
        return c, found

    def split_up(self, p):
        if p == ONE:
            return
        if key(p) not in self.factored:
            yield key(p), 1
            return
        for f, k in self.factored[key(p)]:
            for part, j in self.split_up(f):
                yield part, j*k

    def sign(self, p):
        """The signs that a polynomial can have in this case."""
        if not p:
            return ZERO
        if set(p) == {()}:
            signs = POSITIVE if p[()] > 0 else NEGATIVE
            return signs if self.facts.get(key(ONE), ANY) else frozenset()
        c, parts = self.factors(p)
        signs = POSITIVE if c > 0 else NEGATIVE
        for f, k in parts.items():
            own = self.known(f)
            signs = product_of_signs(signs, own if k % 2 else {x*x for x in own})
        own = self.facts.get(key(scaled(p, 1/c)), ANY)
        return signs & (own if c > 0 else product_of_signs(NEGATIVE, own))

    def known(self, f):
        """What is known of a factor; a root has the sign of what it is the root of."""
        signs = self.facts.get(f, ANY)
        for s, base, _ in self.roots:
            if f == key(letter(s)):
                signs &= self.sign(base)
        return signs

    def sign_of(self, u):
        """The signs that a quotient can have."""
        signs = self.sign(u.top)
        for f, k in u.bottom.items():
            if k % 2:
                signs = product_of_signs(signs, self.sign(dict(f)))
        return signs

    def decide(self, u, *options):
        """The option that holds all the signs that u can have."""
        signs = self.sign_of(u)
        for option in options:
            if signs <= option:
                return option
        raise Unknown("sign", u, options)

    # -- quotients in this case
    def reduced(self, p):
        """p with s^q replaced by what it is, for each root s."""
        for s, base, q in reversed(self.roots):
            while any(k >= q for m in p for name, k in m if name == s):
                rest = {}
                for m, c in p.items():
                    k = dict(m).get(s, 0)
                    low = tuple((n, j if n != s else k % q) for n, j in m
                                if n != s or k % q)
                    rest = plus(rest, product({low: c}, raised(base, k//q)))
                p = rest
        return p

    def tidy(self, u):
        """u with common factors of top and bottom taken out."""
        top, bottom = self.reduced(u.top), {}
        for f, k in u.bottom.items():
            while k and top:
                smaller = divided(top, dict(f))
                if smaller is None:
                    break
                top, k = smaller, k - 1
            if k and top:
                bottom[f] = k
        return Quotient(top, bottom)

    def over(self, u, v):
        """u/v, where v is known to be nonzero, factor by factor."""
        if self.decide(v, ZERO, NONZERO) == ZERO:
            raise NoValue("division by 0")
        c, parts = self.factors(v.top)
        for f in parts:                              # no factor of what is not 0 is 0
            self.learn(dict(f), NONZERO)
        above = Quotient(scaled(u.top, 1/c), {f: k for f, k in u.bottom.items()})
        for f, k in v.bottom.items():
            above.top = product(above.top, raised(dict(f), k))
        return self.tidy(above*Quotient(ONE, parts))

    # -- what Evaluation asks for
    def number(self, x):
        return Quotient(constant(x))

    def letter(self, name):
        if name not in self.declared:
            raise Rejected(f"the letter {name} has no domain")
        return self.solved[name] if name in self.solved else Quotient(letter(name))

    def called(self, function, *args):
        """A function of which nothing is known but that equal numbers give equal ones."""
        for name, other, known in self.calls:
            if other == function and len(known) == len(args) and all(
                    not self.reduced(self.tidy(x + -y).top) for x, y in zip(args, known)):
                return Quotient(letter(name))
        raise Unknown("call", [function, *args])

    def compared(self, x, y, yes):
        return self.decide(self.tidy(x + -y), yes, ANY - yes) == yes

    def meaning(self, name, *args):
        return self.tidy(MEANINGS[name](self, *args))

    def chosen(self, x, y, wanted, other):
        """x where x - y has a wanted sign, else y."""
        return x if self.decide(self.tidy(x + -y), wanted, other) == wanted else y

    def needs(self, u, yes, why):
        """0 where u has a sign of these."""
        if self.decide(u, yes, ANY - yes) != yes:
            raise NoValue(why)
        return Quotient({})

    def signed(self, u):
        case = self.decide(u, POSITIVE, ZERO, NEGATIVE)
        return Quotient(constant(*case))

    def absolute(self, u):
        return u if self.decide(u, NONNEGATIVE, NONPOSITIVE) == NONNEGATIVE else -u

    # -- roots and powers
    def power(self, b, x):
        """b^x; 0^0 is 1, and a negative b has only whole powers."""
        c = x.top.get((), 0) if not x.bottom and set(x.top) <= {()} else None
        if c is not None and c.denominator == 1:
            if abs(c) > MOST:
                raise Rejected(f"the power {c}")
            if c < 0:
                b = self.over(Quotient(ONE), b)
            result = Quotient(ONE)
            for _ in range(abs(int(c))):
                result = self.tidy(result*b)
            return result
        return self.root(b, c) if c is not None else self.letters_for(b, x)

    def root(self, b, x):
        """b^x for a fraction x: a product of roots of the factors of b."""
        yes = NONNEGATIVE if x > 0 else POSITIVE
        self.needs(b, yes, "a root of a negative number, or division by one of 0")
        if self.sign_of(b) == ZERO:
            return Quotient({})
        c, parts = self.factors(b.top)
        for f, k in b.bottom.items():
            parts[f] = parts.get(f, 0) - k
        result = Quotient(ONE)
        for f, k in parts.items():
            part = Quotient(dict(f))
            if k*x % 2:                              # else f^(k x) whatever its sign is
                part = self.absolute(part)
            result = result*self.fraction_power(part, k*x)
        for n, sign in ((abs(c).numerator, 1), (abs(c).denominator, -1)):
            for prime, k in primes(n).items():
                result = result*self.fraction_power(
                    Quotient(constant(prime)), sign*k*x)
        return self.tidy(result)

    def fraction_power(self, u, x):
        """u^x for a polynomial u >= 0, or any u if x is even."""
        whole, part = divmod(x, 1)
        result = self.power(u, Quotient(constant(whole)))
        if part:
            q = part.denominator
            s = next((s for s, p, n in self.roots if n == q and p == u.top), None)
            if s is None:
                raise Unknown("root", u.top, q)
            result = result*Quotient(raised(letter(s), part.numerator))
        return result

    def is_whole(self, x):
        return not x.bottom and names(x.top) <= self.whole and all(
            c.denominator == 1 for c in x.top.values())

    def letters_for(self, b, x):
        """b^x for an exponent that is no number: for each term of it a letter's powers."""
        if b is not None and b.top == ONE and not b.bottom:
            return b
        if b is not None:
            if self.sign_of(b) == ZERO:
                case = self.decide(x, POSITIVE, ZERO, NEGATIVE)
                if case == NEGATIVE:
                    raise NoValue("0 to a negative power")
                return Quotient(constant(int(case == ZERO)))
            terms = [Quotient({m: c}, x.bottom) for m, c in x.top.items()]
            if 0 in self.sign_of(b) and not all(
                    self.sign_of(term) <= NONNEGATIVE for term in terms):
                self.decide(b, ZERO, POSITIVE, NEGATIVE)
            if not self.is_whole(x) and self.decide(
                    b, NONNEGATIVE, NEGATIVE) == NEGATIVE:
                raise Rejected("a negative base: it has a value at whole exponents only")
        result = Quotient(ONE)
        for m, c in x.top.items():
            term = Quotient({m: c}, x.bottom)
            if m == () and not x.bottom and b is not None:
                result = self.tidy(result*self.power(b, term))
                continue
            for f, k in self.bases(b, term):
                w, n = self.letter_of(f, term)
                power = Quotient(raised(letter(w), abs(n*k)))
                result = self.tidy(result*power) if n*k > 0 else self.over(result, power)
        return result

    def bases(self, b, x):
        """b as [(polynomial, power)] whose powers multiply to that of b."""
        if b is None:
            return [(None, 1)]
        c, parts = self.factors(b.top)
        for f, k in b.bottom.items():
            parts[f] = parts.get(f, 0) - k
        if c > 0 and (self.is_whole(x) or all(self.sign(dict(f)) <= NONNEGATIVE
                                              for f in parts)):
            number = [] if c == 1 else [(constant(min(c, 1/c)), 1 if c < 1 else -1)]
            return number + [(dict(f), k) for f, k in parts.items()]
        if b.bottom:
            raise Rejected("a power of a quotient of unknown signs")
        return [(b.top, 1)]

    def letter_of(self, base, x):
        """(letter, whole number n) with base^x = letter^n."""
        for w, p, exponent in self.powers:
            if p == base and exponent.bottom == x.bottom and (
                    set(exponent.top) == set(x.top)):
                n = x.top[leading(x.top)]/exponent.top[leading(x.top)]
                if n.denominator == 1 and scaled(exponent.top, n) == x.top:
                    return w, int(n)
        raise Unknown("power", base, x)

    def exp(self, u):
        return self.letters_for(None, u) if u.top else Quotient(ONE)

    def log(self, u):
        self.needs(u, POSITIVE, "log of a number that is not positive")
        c, parts = self.factors(u.top)
        for f, k in u.bottom.items():
            parts[f] = parts.get(f, 0) - k
        numbers = [(n, k) for x, sign in ((abs(c).numerator, 1), (abs(c).denominator, -1))
                   for n, k in ((p, sign*j) for p, j in primes(x).items())]
        result = Quotient({})
        for p, k in [(self.absolute(Quotient(dict(f))).top, k) for f, k in parts.items()
                     ] + [(constant(n), k) for n, k in numbers]:
            inside = next((x for w, base, x in self.powers
                           if base is None and letter(w) == p), None)
            if inside is not None:                   # log e^x = x
                result = result + Quotient(scaled(inside.top, k), inside.bottom)
                continue
            own = next((name for name, q in self.logs if q == p), None)
            if own is None:
                raise Unknown("log", p)
            result = result + Quotient(scaled(letter(own), k))
        return result

    def tanh(self, u):
        e = self.exp(u + u)
        return self.over(e + Quotient(constant(-1)), e + Quotient(ONE))

    # -- letters that were made, and what they are made of
    def made(self):
        """(letter, the letters in what it stands for) for roots, powers, logs and calls."""
        yield from ((s, names(p)) for s, p, _ in self.roots)
        yield from ((w, names(p or {}) | x.names()) for w, p, x in self.powers)
        yield from ((own, names(p)) for own, p in self.logs)
        yield from ((f, set().union(*(x.names() for x in known)))
                    for f, _, known in self.calls)

    def at(self, u, x, value):
        """A quotient with a value for the letter x."""
        bottom, total = Quotient(ONE), Quotient({})
        for m, c in u.top.items():
            rest = {tuple(f for f in m if f[0] != x): c}
            total = total + Quotient(rest)*self.power(
                value, Quotient(constant(dict(m).get(x, 0))))
        for f, k in u.bottom.items():
            part = self.at(Quotient(dict(f)), x, value)
            bottom = bottom*self.power(part, Quotient(constant(k)))
        return self.over(total, bottom)

    def forget(self, x, value):
        """x is this value, and what was made of x has to be made anew."""
        gone = {x}
        while more := {s for s, parts in self.made() if parts & gone} - gone:
            gone |= more
        if value.names() & gone or any(u.names() & (gone - {x})
                                       for u in self.solved.values()):
            raise Rejected(f"{x} would stand for itself")
        self.roots = [r for r in self.roots if r[0] not in gone]
        self.powers = [r for r in self.powers if r[0] not in gone]
        self.logs = [r for r in self.logs if r[0] not in gone]
        self.calls = [r for r in self.calls if r[0] not in gone]
        self.solved = {y: self.at(u, x, value) for y, u in self.solved.items()}
        self.solved[x], self.memo = value, {}
        told, self.facts = self.facts, {f: signs for f, signs in self.facts.items()
                                        if not names(dict(f)) & gone}
        for f, signs in told.items():
            if x in names(dict(f)) and not names(dict(f)) & (gone - {x}):
                u = self.at(Quotient(dict(f)), x, value)
                below = self.sign_of(Quotient(ONE, u.bottom))
                if below in (POSITIVE, NEGATIVE):
                    self.learn(u.top, product_of_signs(below, signs))
        self.letters -= gone


MEANINGS = {
    "add": lambda case, x, y: x + y, "subtract": lambda case, x, y: x + -y,
    "multiply": lambda case, x, y: x*y, "divide": Case.over, "negative": lambda case, x: -x,
    "power": Case.power, "sqrt": lambda case, x: case.root(x, Fraction(1, 2)),
    "absolute": Case.absolute, "sign": Case.signed, "exp": Case.exp, "log": Case.log,
    "tanh": Case.tanh,
    "maximum": lambda case, x, y: case.chosen(x, y, NONNEGATIVE, NONPOSITIVE),
    "minimum": lambda case, x, y: case.chosen(x, y, NONPOSITIVE, NONNEGATIVE),
    "nonzero": lambda case, x: case.needs(x, NONZERO, "it is 0"),
    "nonnegative": lambda case, x: case.needs(x, NONNEGATIVE, "it is negative"),
    "defined": lambda case, x: Quotient({})}


# ------------------------------------------------------------------------ proof steps
def by_identity(case, p, step):
    """The signs of p, where p times numbers of known sign is a sum of such products.

    step["times"] are those numbers; step["sum"] is [[c, [[polynomial, power], ...]], ...].
    """
    left, factor = p, POSITIVE
    for data in step.get("times", []):
        q = case.polynomial(data)
        signs = case.sign(q)
        if signs not in (POSITIVE, NEGATIVE):
            raise Rejected("a factor whose sign is not known")
        left, factor = product(left, q), product_of_signs(factor, signs)
    total, all_signs = {}, []
    for c, powers in step["sum"]:
        c = fraction(c)
        term, signs = constant(c), ZERO if not c else POSITIVE if c > 0 else NEGATIVE
        for data, k in powers:
            q, k = case.polynomial(data), whole_number(k)
            own = case.sign(q)
            term = product(term, raised(q, k))
            signs = product_of_signs(signs, own if k % 2 else {x*x for x in own})
        total = plus(total, term)
        all_signs.append(signs)
    if case.reduced(plus(left, total, -1)):
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
    p, parts = case.polynomial(step["product"]), []
    whole = ONE
    for data, k in step["of"]:
        c, f = monic(case.polynomial(data))
        whole = product(whole, raised(f, whole_number(k)))
        parts.append((f, k))
    q = monic(p)[1]
    if q != whole or sum(k for _, k in parts) < 2 or not all(names(f) for f, _ in parts):
        raise Rejected("a product that is another")
    case.factored[key(q)] = parts


def new_letter(case, step):
    name = step["letter"]
    if not is_name(name) or name in case.used:
        raise Rejected(f"a new letter {name!r}")
    case.used.add(name)
    case.letters.add(name)
    return letter(name)


def step_root(case, step):
    """A letter for the root of a polynomial that is not negative."""
    p, q = case.polynomial(step["root"]), whole_number(step["degree"])
    if q < 2 or not p or not case.sign(p) <= NONNEGATIVE:
        raise Rejected("a root of what may be negative")
    s = new_letter(case, step)
    case.learn(s, case.sign(p))
    case.learn(plus(s, ONE, -1), case.sign(plus(p, ONE, -1)))
    case.roots.append((step["letter"], p, q))


def step_power(case, step):
    """A letter for base^exponent, with what its size says; the base None stands for e."""
    base = None if step["power"] == "e" else case.polynomial(step["power"])
    x = case.tidy(Quotient(case.polynomial(step["exponent"]),
                           {key(monic(case.polynomial(f))[1]): whole_number(k)
                            for f, k in step.get("over", [])}))
    if any(case.sign(dict(f)) & ZERO for f in x.bottom) or not x.top:
        raise Rejected("an exponent over what may be 0")
    way = case.sign_of(x)
    signs = POSITIVE if base is None else case.sign(base)
    rise = POSITIVE if base is None else case.sign(plus(base, ONE, -1))
    whole = case.is_whole(x)
    if not (signs == POSITIVE or (whole or signs <= NONNEGATIVE) and (
            way <= NONNEGATIVE or whole and 0 not in signs)):
        raise Rejected("a power that may have no value")
    w = new_letter(case, step)
    case.learn(w, signs | POSITIVE if signs <= NONNEGATIVE else ANY if 0 in signs
               else NONZERO)
    above = product_of_signs(rise, way)              # of w - 1, if the base is not 0
    if signs == POSITIVE or signs <= NONNEGATIVE and above <= NONPOSITIVE and (
            way <= NONNEGATIVE):
        case.learn(plus(w, ONE, -1), above)
    case.powers.append((step["letter"], base, x))


def step_log(case, step):
    """A letter for the logarithm of a positive polynomial."""
    p = case.polynomial(step["log"])
    if case.sign(p) != POSITIVE:
        raise Rejected("a logarithm of what may be 0 or negative")
    own = new_letter(case, step)
    case.learn(own, case.sign(plus(p, ONE, -1)))
    case.logs.append((step["letter"], p))


def step_call(case, step):
    """A letter for an operation of which only its arguments are known."""
    name, function, *args = case.operations[place_of(step["call"], case.operations)]
    if name != "call":
        raise Rejected("no call")
    inside = case.branch()
    known = [inside.value(j) for j in args]
    new_letter(case, step)
    case.calls.append((step["letter"], function, known))


def step_solve(case, step):
    """Where a x + b = 0 and a is not 0, x is -b/a; its domain holds for that, too."""
    p, x = case.polynomial(step["solve"]), step["for"]
    if case.sign(p) != ZERO or x in case.whole or any(
            dict(m).get(x, 0) > 1 for m in p) or x in {s for s, _ in case.made()}:
        raise Rejected("an equation that is not solved so")
    slope = {tuple(f for f in m if f[0] != x): c for m, c in p.items() if dict(m).get(x)}
    rest = {m: c for m, c in p.items() if not dict(m).get(x)}
    case.decide(Quotient(slope), NONZERO)
    value = -case.over(Quotient(rest), Quotient(slope))
    case.forget(x, value)


STEPS = {"sign": step_sign, "product": step_factors, "root": step_root, "power": step_power,
         "log": step_log, "call": step_call, "solve": step_solve}


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
        holds(case.branch(), last["holds"])
    else:
        raise Rejected(f"no end {last}")


def difference(case, goal, total):
    """The left side less the right; None where neither has a value."""
    values = []
    for i in (goal["left"], goal["right"]):
        try:
            values.append(case.value(i))
        except NoValue:
            values.append(None)
    if None in values:
        if values != [None, None] or total:
            raise Rejected("a side has no value")
        return None
    return case.tidy(values[0] + -values[1])


def agrees(case, step, u, wanted):
    """The sign of u is a wanted one."""
    if not (0 in wanted and vanishes(case, u.top, step) or case.sign_of(u) <= wanted):
        raise Unknown("relation", u, wanted)


def vanishes(case, p, step):
    """Whether p, times numbers that are not 0, is a sum of multiples of what is 0."""
    for data in step.get("times", []):
        q = case.polynomial(data)
        if 0 in case.sign(q):
            raise Rejected("a factor that may be 0")
        p = product(p, q)
    for factor, zero in step.get("multiples", []):
        zero = case.polynomial(zero)
        if case.sign(zero) != ZERO:
            raise Rejected("a polynomial that need not be 0")
        p = plus(p, product(case.polynomial(factor), zero), -1)
    return not case.reduced(p)


def proved(goal):
    """Raise Rejected unless the proof of a goal holds."""
    proof, wanted, total = goal["proof"], RELATIONS[goal["relation"]], goal.get("total")

    def holds(case, step):
        u = difference(case, goal, total)
        if u is not None:
            agrees(case, step, u, wanted)

    def holds_next(case, step):
        """For f(t + 1) - k f(t), with a number k >= 0 and f(t) = left - right."""
        after = case.branch()
        after.solved[t] = case.solved[t] + Quotient(ONE)
        old, new = (difference(x, goal, True) for x in (case, after))
        k = case.value(place_of(proof["factor"], goal["operations"]))
        case.needs(k, NONNEGATIVE, "a factor below 0")
        if t in names_under(goal["operations"], proof["factor"]):
            raise Rejected("a factor that changes")
        agrees(case, step, case.tidy(new + -(k*old)), wanted)

    if "identical" in proof:
        if goal["left"] != goal["right"] or 0 not in wanted or total:
            raise Rejected("two formulas that are not one")
    elif "induction" in proof:
        t, total, base = proof["induction"], True, Case(goal)
        if goal["letters"].get(t) != "1, 2, ...":
            raise Rejected(f"no induction on {t}")
        base.solved[t] = Quotient(ONE)
        follow(base, proof["base"], holds)
        follow(Case(goal), proof["step"], holds_next)
    else:
        follow(Case(goal), proof["steps"], holds)


def names_under(operations, i):
    """The letters that an operation rests on."""
    name, *args = operations[i]
    return {args[0]} if name == "letter" else set().union(
        *(names_under(operations, j) for j in args if type(j) is int))


# -------------------------------------------------------------- intervals and refutations
# An interval is (low, high), two fractions; a number is known exactly if they are one.
BITS = 160


def cut(x, up):
    """The fraction with so many bits that is nearest below, or above."""
    shift = BITS - abs(x.numerator).bit_length() + x.denominator.bit_length()
    n = x*Fraction(2)**shift
    return (n.__ceil__() if up else n.__floor__())/Fraction(2)**shift


def outward(low, high):
    """The interval, its ends cut; a number that is known exactly stays so."""
    spend(10)
    if max(abs(low.numerator), low.denominator).bit_length() > MOST_BITS:
        raise Rejected("a number too long to be worked with")
    return (low, high) if low == high else (cut(low, False), cut(high, True))


def multiplied(x, y):
    ends = [a*b for a in x for b in y]
    return outward(min(ends), max(ends))


def sign_in(x):
    """The sign of a number in an interval."""
    if x[0] > 0 or x[1] < 0 or x[0] == x[1]:
        return (x[0] > 0) - (x[1] < 0)
    raise Rejected("an interval holds 0: the sign is not seen")


def inverse(x):
    if sign_in(x) == 0:
        raise NoValue("division by 0")
    return outward(1/x[1], 1/x[0])


def whole_root(n, q):
    """The largest whole number whose q-th power is at most n."""
    if q == 2:
        return isqrt(n)
    low, high = 0, 1 << n.bit_length()//q + 1
    while high - low > 1:
        middle = (low + high)//2
        low, high = (middle, high) if middle**q <= n else (low, middle)
    return low


def root_of(x, q):
    """The q-th root of an interval of numbers >= 0."""
    if x[0] == x[1]:
        parts = [whole_root(n, q) for n in (x[0].numerator, x[0].denominator)]
        if Fraction(parts[0], parts[1])**q == x[0]:
            return (Fraction(*parts),)*2
    scale = BITS + max(0, x[1].denominator.bit_length() - x[1].numerator.bit_length())
    low, high = ((y*2**(q*scale)).__floor__() for y in x)
    return outward(Fraction(whole_root(low, q), 2**scale),
                   Fraction(whole_root(high, q) + 1, 2**scale))


def exp_of(x):
    """e^x: Taylor's series of x/2^k, squared k times."""
    if max(map(abs, x)) > 10_000:
        raise Rejected("an exponential too large to work out")
    ends = []
    for up in (False, True):
        k = int(abs(x[up])).bit_length() + 1
        z, total, term, n = cut(x[up], up)/2**k, Fraction(1), Fraction(1), 0
        while 2**BITS*abs(term) > 1:
            n += 1
            term *= z/n
            total += term
        value = outward(total - abs(term), total + abs(term))    # |z| <= 1/2
        for _ in range(k):
            value = multiplied(value, value)
        ends.append(value[up])
    return tuple(ends)


def artanh_twice(z):
    """2 artanh z = 2 (z + z^3/3 + z^5/5 + ...) for |z| <= 1/3."""
    term, total, n = z, z, 1
    while 2**BITS*abs(term) > 1:
        term, n = term*z*z, n + 2
        total += term/n
    return outward(2*total - abs(term), 2*total + abs(term))


def log_of(x):
    """log x = k log 2 + 2 artanh((m - 1)/(m + 1)) with x = 2^k m."""
    ends, two = [], artanh_twice(Fraction(1, 3))
    for up in (False, True):
        k = x[up].numerator.bit_length() - x[up].denominator.bit_length()
        m = cut(x[up], up)/Fraction(2)**k
        own = artanh_twice((m - 1)/(m + 1))
        ends.append(own[up] + k*two[up if k >= 0 else not up])
    return tuple(ends)


class Point(Evaluation):
    """The values of operations at one rational point, as intervals."""

    def __init__(self, operations, point, functions):
        self.operations, self.point = operations, point
        self.functions, self.memo = functions, {}

    def number(self, x):
        return x, x

    def letter(self, name):
        return self.number(self.point[name])

    def called(self, function, *args):
        if any(low != high for low, high in args):
            raise Rejected("a function at a number that is not exact")
        return self.number(self.functions[function, tuple(low for low, _ in args)])

    def compared(self, x, y, yes):
        return sign_in((x[0] - y[1], x[1] - y[0])) in yes

    def meaning(self, name, *args):
        return AT_A_POINT[name](*args)


def power_at(b, x):
    if x[0] != x[1]:
        if sign_in(b) <= 0:
            raise Rejected("a power of a number <= 0 whose exponent is not known exactly")
        return exp_of(multiplied(x, log_of(b)))
    x = x[0]
    if x.denominator > 1:
        sign = sign_in(b)
        if sign < 0 or sign == 0 and x < 0:
            raise NoValue("a root of a negative number, or division by one of 0")
        if x.denominator > MOST or abs(x.numerator) > MOST:
            return exp_of(multiplied((x, x), log_of(b))) if sign else (Fraction(0),)*2
        b, x = root_of(b, x.denominator), Fraction(x.numerator)
    if abs(x) > MOST:
        raise Rejected(f"the power {x}")
    result = (Fraction(1),)*2
    for _ in range(abs(int(x))):
        result = multiplied(result, b)
    if x % 2 == 0 and b[0] < 0 < b[1]:
        result = Fraction(0), result[1]
    return inverse(result) if x < 0 else result


def log_at(x):
    if sign_in(x) <= 0:
        raise NoValue("log of a number that is not positive")
    return log_of(x)


def checked_at(x, yes):
    """0 where the sign of x is one of these."""
    if sign_in(x) not in yes:
        raise NoValue("what it needs does not hold")
    return (Fraction(0),)*2


def absolute_at(x):
    low, high = sorted(map(abs, x))
    return (Fraction(0) if x[0] < 0 < x[1] else low), high


AT_A_POINT = {
    "add": lambda x, y: outward(x[0] + y[0], x[1] + y[1]), "multiply": multiplied,
    "subtract": lambda x, y: outward(x[0] - y[1], x[1] - y[0]),
    "divide": lambda x, y: multiplied(x, inverse(y)), "power": power_at,
    "negative": lambda x: (-x[1], -x[0]), "absolute": absolute_at,
    "sqrt": lambda x: power_at(x, (Fraction(1, 2),)*2), "exp": lambda x: exp_of(x),
    "log": log_at, "sign": lambda x: (Fraction(sign_in(x)),)*2,
    "tanh": lambda x: multiplied((exp_of((2*x[0],)*2)[0] - 1, exp_of((2*x[1],)*2)[1] - 1),
                                 inverse(outward(exp_of((2*x[0],)*2)[0] + 1,
                                                 exp_of((2*x[1],)*2)[1] + 1))),
    "maximum": lambda x, y: (max(x[0], y[0]), max(x[1], y[1])),
    "minimum": lambda x, y: (min(x[0], y[0]), min(x[1], y[1])),
    "nonzero": lambda x: checked_at(x, NONZERO), "defined": lambda x: (Fraction(0),)*2,
    "nonnegative": lambda x: checked_at(x, NONNEGATIVE)}


def lies_in(x, domain):
    if domain == "1, 2, ...":
        return x.denominator == 1 and x >= 1
    return all((x > end) - (x < end) in signs for end, signs in DOMAINS[domain].items())


def refuted(goal):
    """Raise Rejected unless the relation fails at the point of a goal."""
    point = {name: fraction(x) for name, x in goal["point"].items()}
    wanted = RELATIONS[goal["relation"]]
    if set(point) != set(goal["letters"]):
        raise Rejected("a point needs a number for each letter, and no others")
    for name, domain in goal["letters"].items():
        if not lies_in(point[name], domain):
            raise Rejected(f"{name} = {point[name]} does not lie in its domain")
    functions = {(name, tuple(map(fraction, args))): fraction(x)
                 for name, args, x in goal.get("functions", [])}
    if len(functions) < len(goal.get("functions", [])):
        raise Rejected("two values of a function at one point")
    values = []
    for i in (goal["left"], goal["right"]):
        try:
            values.append(Point(goal["operations"], point, functions).value(i))
        except NoValue:
            values.append(None)
    if values == [None, None]:
        raise Rejected("neither side has a value")
    if None not in values:
        (a, b), (c, d) = values
        if sign_in((a - d, b - c)) in wanted:
            raise Rejected("the relation holds at the point")


# ------------------------------------------------------------------- what comes from files
# How many arguments, of which kinds: places of earlier operations, or a text before them.
TEXTS = {"letter": 0, "number": 0, "sum": 3, "product": 3}
COUNTS = dict.fromkeys(("add", "subtract", "multiply", "divide", "power", "maximum",
                        "minimum", "and", "or", *COMPARED), 2) | {
    "where": 3, "true": 0, "false": 0, "none": 0}


def is_name(x):
    return type(x) is str and x and not set(x) & set("()*^") and max(x) < "\uffff"


def place_of(i, operations):
    """The place of an operation, or Rejected."""
    if type(i) is not int or not 0 <= i < len(operations):
        raise Rejected(f"no operation {i!r}")
    return i


def well_formed(goal):
    """Raise Rejected unless the operations, letters and sides of a goal are what they are
    said to be."""
    letters, operations = goal["letters"], goal["operations"]
    if not all(is_name(x) and domain in DOMAINS for x, domain in letters.items()):
        raise Rejected("a letter of no name or domain")
    bound = {args[0] for name, *args in operations if name in ("sum", "product")}
    for i, (name, *args) in enumerate(operations):
        places = args
        if name in TEXTS or name == "call":
            text, *places = args
            known = text in letters or text in bound if name == "letter" else (
                fraction(text) is not None if name == "number" else is_name(text))
            if not known:
                raise Rejected(f"no {name} {text!r}")
        if name != "call" and len(places) != TEXTS.get(name, COUNTS.get(name, 1)) or any(
                place_of(j, operations) >= i for j in places):
            raise Rejected(f"no operation {[name, *args]}")
    for side in ("left", "right"):
        place_of(goal[side], operations)


def judged(goal):
    """None if a goal's certificate shows what it says, else why not."""
    SPENT[0] = 0
    try:
        well_formed(goal)
        {"PROVED": proved, "REFUTED": refuted}[goal["status"]](goal)
    except (Rejected, NoValue) as why:
        return str(why) or type(why).__name__
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError,
            RecursionError) as error:
        return f"no certificate: {type(error).__name__} {error}"
    return None


LARGEST = 10**8                                      # bytes of a file that is read


def no_key_twice(pairs):
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a key that stands twice")
    return dict(pairs)


def read(path):
    """What a file holds; Rejected if it is no file of certificates."""
    try:
        if not path.is_file() or path.stat().st_size > LARGEST:
            raise Rejected(f"it is no file, or larger than {LARGEST} bytes")
        data = json.loads(path.read_bytes(), object_pairs_hook=no_key_twice)
    except (OSError, ValueError, RecursionError, MemoryError) as error:
        raise Rejected(f"it cannot be read: {error}") from error
    if type(data) is not dict or data.get("version") != VERSION:
        raise Rejected(f"it is no file of certificates of version {VERSION}")
    claims = data.get("claims"), data.get("uncertified")
    if not all(type(part) is list and all(
            type(each) is dict and type(each.get("id")) is str and
            type(each.get("status")) is str for each in part) for part in claims):
        raise Rejected('"claims" and "uncertified" are not lists of claims')
    return data


def judged_claim(claim, accepted):
    """None if a claim follows from its goals and from accepted ones, else why not."""
    status, goals, premises = claim["status"], claim["goals"], claim["premises"]
    for premise in premises:
        if accepted.get(premise) not in ("PROVED", "BY THEOREM"):
            return f"its premise {premise!r} is not accepted"
    for i, goal in enumerate(goals):
        why = judged(goal)
        if why is not None:
            return f"goal {i}: {why}"
    found = {goal["status"] for goal in goals}
    if status == "BY THEOREM":
        named = type(claim["theorem"]) is str and claim["theorem"].strip()
        return None if named and premises and not goals else "no theorem with its premises"
    holds = found == {"PROVED"} if status == "PROVED" else "REFUTED" in found
    return None if status in ("PROVED", "REFUTED") and holds else (
        f"{status} of goals that are {', '.join(sorted(found)) or 'not there'}")


def judged_file(data):
    """{"accepted": {id: status}, "rejected": {id: why}, "theorems", "uncertified"}."""
    claims = {claim["id"]: claim for claim in data["claims"]}
    accepted, rejected, theorems = {}, {}, []
    try:
        if len(claims) < len(data["claims"]):
            raise Rejected("two claims have one id")
        order = TopologicalSorter({name: claim["premises"] for name, claim in
                                   claims.items()}).static_order()
        for name in [name for name in order if name in claims]:
            why = judged_claim(claims[name], accepted)
            if why is None:
                accepted[name] = claims[name]["status"]
                theorems += [claims[name]["theorem"]
                             ] if accepted[name] == "BY THEOREM" else []
            else:
                rejected[name] = why
    except CycleError as error:
        accepted, rejected = {}, {"": f"premises that rest on themselves: {error.args[1]}"}
    except (Rejected, LookupError, TypeError, ValueError, AttributeError) as error:
        accepted, rejected = {}, {"": f"{type(error).__name__}: {error}"}
    return {"accepted": accepted, "rejected": rejected, "theorems": theorems,
            "uncertified": data["uncertified"]}


def check(directory):
    """{file: what judged_file says}; OSError if there is no such directory."""
    found = {}
    for path in sorted(p for p in Path(directory).iterdir() if p.suffix == ".json"):
        try:
            found[path.name] = judged_file(read(path))
        except Rejected as why:
            found[path.name] = {"accepted": {}, "rejected": {"": str(why)},
                                "theorems": [], "uncertified": []}
    return found


def holds_all(found):
    """Whether something was accepted, and nothing rejected."""
    return any(file["accepted"] for file in found.values()) and not any(
        file["rejected"] for file in found.values())


def told(found):
    """What check found, as lines of text."""
    lines, total = [], [0]*4
    for name, file in found.items():
        by_theorem = [*file["accepted"].values()].count("BY THEOREM")
        counts = [len(file["accepted"]) - by_theorem, by_theorem, len(file["rejected"]),
                  len(file["uncertified"])]
        total = [x + y for x, y in zip(total, counts)]
        lines.append("".join(f"{n:>13}" for n in counts) + f"  {name}")
    heads = "".join(f"{h:>13}" for h in ("accepted", "by theorem", "rejected",
                                         "uncertified"))
    lines = [heads, *lines, "".join(f"{n:>13}" for n in total) + "  in all"]
    theorems = sorted({text for file in found.values() for text in file["theorems"]})
    lines += ["theorems that are trusted:"]*bool(theorems) + [f"  {t}" for t in theorems]
    lines += [f"REJECTED {name}: {id}{': '*bool(id)}{why}" for name, file in found.items()
              for id, why in file["rejected"].items()]
    lines += ["REJECTED: there are no certificates"]*(not holds_all(found) and not any(
        file["rejected"] for file in found.values()))
    return [line[:500] if line.isprintable() else ascii(line[:500])[1:-1] for line in lines]


def main(words):
    if len(words) != 1:
        print("python checker.py DIRECTORY", file=sys.stderr)
        return 2
    try:
        found = check(words[0])
    except (OSError, ValueError) as error:
        print(f"checker: {error}", file=sys.stderr)
        return 1
    sys.stdout.reconfigure(errors="backslashreplace")
    print(*told(found), sep="\n")
    return 0 if holds_all(found) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
