"""Powers and roots as products of generators.

    b**(2*n + 1)      b*W**2     with a generator W = b**n
    the root of f     s          with s**2 = f, for each irreducible factor f >= 0 of it

Every division is by something that was proved nonzero, every root of something that was
proved nonnegative, else the case is split.
"""
from dataclasses import replace

import sympy as sp

from optim.domains import Domain
from optim.proving.facts import Facts
from optim.proving.generators import Unsupported
from optim.proving.intervals import Undefined
from optim.proving.needs import DIVISION
from optim.proving.signs import (
    NEGATIVE, NONNEGATIVE, NONPOSITIVE, NONZERO, POSITIVE, ZERO)


LONGEST = 100                  # bits of a number that is taken apart into primes
LARGEST = 10**6                # bits of a number that a power is written down as


def primes(c: sp.Rational) -> dict[int, int]:
    """{prime: exponent} of c > 0; a long numerator or denominator counts as a prime.

    (SymPy 1.14 has been seen to raise ValueError for some numbers of 280 bits.)
    """
    found: dict[int, int] = {}
    for number, sign in ((c.p, 1), (c.q, -1)):
        parts = {number: 1} if number.bit_length() > LONGEST else sp.factorint(
            number, limit=10_000)
        for prime, k in parts.items():
            if prime != 1:
                found[prime] = found.get(prime, 0) + sign*k
    return found


def integer_power(b: sp.Expr, n: sp.Integer) -> sp.Expr:
    """b**n; Unsupported if the number in it is too large: made in one step of Python, which
    no alarm ends."""
    c, _ = b.as_coeff_Mul()
    bits = max(int(c.p).bit_length(), int(c.q).bit_length())
    if abs(c) != 1 and bits*abs(n) > LARGEST:
        raise Unsupported(f"a number of more than {LARGEST} bits")
    return b**n


class Powers(Facts):
    """A case with the generators of its powers; 0**0 is 1."""

    def generator(self, key, meaning, where, square=None):
        s = self.generators.get(key, meaning, square)
        self.ranges[s] = where
        return s

    def canonical(self, u):
        """One spelling for equal rational functions (of independent generators)."""
        top, bottom = (self.generators.reduce(x) for x in sp.fraction(sp.together(u)))
        return sp.cancel(top/bottom)

    def power(self, b, x):
        """b**x with 0**0 = 1, and undefined at a negative b unless x is an integer."""
        x = self.canonical(x)
        if x.is_Integer:
            if x < 0 and self.decide(b, ZERO, NONZERO) == ZERO:
                raise Undefined(DIVISION)
            return integer_power(b, x)
        if x.is_Rational:
            return self.root(b, x)
        b = self.canonical(b)
        if b == 1:
            return b
        if self.signs(b) == ZERO:
            case = self.decide(x, POSITIVE, ZERO, NEGATIVE)
            if case == NEGATIVE:
                raise Undefined("0 to a negative power")
            return sp.Integer(case == ZERO)
        top, bottom = sp.fraction(x)
        terms = [(term/bottom).as_coeff_Mul() for term in sp.Add.make_args(sp.expand(top))]
        whole = all(c.is_Integer and rest.free_symbols <= self.integers
                    and (rest == 1 or rest.is_polynomial()) for c, rest in terms)
        signs = self.signs(b)
        rising = all(c > 0 and self.signs(rest) <= NONNEGATIVE for c, rest in terms)
        if 0 in signs and not rising:             # else 0**(x + y) is 0**x * 0**y
            self.decide(b, ZERO, POSITIVE, NEGATIVE)
        if not whole and self.decide(b, NONNEGATIVE, NEGATIVE) == NEGATIVE:
            return self.partial(b, x)
        result = sp.Integer(1)
        for c, rest in terms:
            log = self.factor_that_is_log(rest) if b == self.value(sp.E) else None
            if log is not None:                      # exp(x log u) is u^x
                u = self.generators.key[log][1]
                result *= self.power(u, c*sp.cancel(rest/log))
            elif rest == 1 and c.is_Integer:
                result *= integer_power(b, c)
            elif rest == 1:
                result *= self.root(b, c)
            elif c.is_Integer:
                result *= self.single(b, rest, whole)**c
            else:
                result *= self.root(self.single(b, rest, whole), c)
        return result

    def factor_that_is_log(self, e):
        """A factor of the product that stands for a logarithm, or None."""
        keys = self.generators.key
        return next((s for s in sp.Mul.make_args(e) if s in keys and keys[s][0] is sp.log),
                    None)

    def partial(self, b, x):
        """The generator for b**x with b < 0, which has a value if x is an integer."""
        s = self.generator(("partial", b, x), sp.Pow(b, x, evaluate=False), Domain())
        self.facts[s] = NONZERO
        self.asked |= {s}
        return s

    def single(self, b, x, whole):
        """The generators for b**x, one for each factor of b if their signs allow it."""
        c, powers = self.factors(b)
        if not (whole or all(self.sign_of_factor(f) <= NONNEGATIVE for f, _ in powers)):
            c, powers = sp.Integer(1), [(b, 1)]
        if c.is_negative and not whole:
            c, powers = sp.Integer(1), [(b, 1)]
        if c > 0 and c != 1:                         # 4**x is (2**x)**2
            found = primes(c)
            k = sp.igcd(0, *found.values())
            least = sp.prod([sp.Integer(p)**(j//k) for p, j in found.items()])
            powers = [*powers, (least, k)]
        elif c < 0:
            powers = [*powers, (c, 1)]
        return sp.prod([self.atom(f, x)**k for f, k in powers])

    def atom(self, b, x):
        """The generator for b**x, and where it lies."""
        if b.is_Rational and b > 1:
            return 1/self.atom(1/b, x)
        signs = self.signs(b)
        where = Domain()
        if signs <= NONNEGATIVE:
            positive, rise = signs == POSITIVE, self.signs(b - 1)
            where, way = Domain(0, open_low=positive), self.signs(x)
            strict = 0 not in rise | way
            if positive and (rise <= NONNEGATIVE and way <= NONNEGATIVE
                             or rise <= NONPOSITIVE and way <= NONPOSITIVE):
                where = Domain(1, open_low=strict)
            elif rise <= NONPOSITIVE and way <= NONNEGATIVE or positive and (
                    rise <= NONNEGATIVE and way <= NONPOSITIVE):
                where = Domain(0, 1, positive, strict)
        return self.generator((sp.Pow, b, x), sp.Pow(b, x, evaluate=False), where)

    def root(self, b, x):
        """b**x for a fraction x, as a product of roots of irreducible factors."""
        cases = (NONNEGATIVE, NEGATIVE) if x > 0 else (POSITIVE, NONPOSITIVE)
        if self.decide(b, *cases) != cases[0]:
            raise Undefined("a root of a negative number, or division by one of 0")
        if self.signs(b) == ZERO:
            return sp.Integer(0)
        c, powers = self.factors(b)
        result = sp.Integer(1)
        for f, k in powers:
            if (k*x).is_Integer and (k*x) % 2 == 0:
                result *= integer_power(f, k*x)
                continue
            down = self.decide(f, NONNEGATIVE, NONPOSITIVE) == NONPOSITIVE
            result *= self.fraction_power(-f if down else f, k*x)
        for number, k in primes(abs(c)).items():
            result *= self.fraction_power(sp.Integer(number), k*x)
        return result

    def fraction_power(self, f, x):
        """f**x for an irreducible f >= 0: a power of f times a power of its root."""
        whole, part = x.p//x.q, x - x.p//x.q
        if not part:
            return integer_power(f, whole)
        f = sp.expand(f)
        where, rise = Domain(0, open_low=self.signs(f) == POSITIVE), self.signs(f - 1)
        if rise <= NONNEGATIVE:
            where = Domain(1, open_low=rise == POSITIVE)
        elif rise <= NONPOSITIVE:
            where = replace(where, high=1, open_high=rise == NEGATIVE)
        s = self.generator(("root", f, part.q), sp.Pow(f, sp.Rational(1, part.q),
                                                       evaluate=False), where, (f, part.q))
        return integer_power(f, whole)*s**part.p
