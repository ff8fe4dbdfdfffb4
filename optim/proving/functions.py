"""Functions beside powers, as rational functions of generators.

    exp, tanh, sinh, cosh    by E = exp(u): tanh u = (E^2 - 1)/(E^2 + 1)
    log                      by logarithms of irreducible factors
    sin, cos, tan            by C = cos(a), S = sin(a), S^2 = 1 - C^2 of a common part a of
                             all angles of the goal, and the theorems of addition
    floor, ceiling           by one whole number for each argument
    all others               by one generator for each argument
"""
from math import lcm

import sympy as sp

from optim.domains import Domain
from optim.proving.intervals import Undefined
from optim.proving.powers import Powers, primes
from optim.proving.signs import (
    ANY, NEGATIVE, NONNEGATIVE, NONPOSITIVE, NONZERO, POSITIVE, ZERO)

WAVES = sp.sin, sp.cos, sp.tan
MOST_TURNS = 16                # how often an angle may hold the common part
BOUNDS = {sp.erf: Domain(-1, 1, True, True), sp.atan: Domain(-2, 2, True, True),
          sp.asin: Domain(-2, 2, True, True)}
REQUIRED = {sp.asin: (lambda u: 1 - u**2, NONNEGATIVE), sp.acosh: (lambda u: u - 1,
            NONNEGATIVE), sp.atanh: (lambda u: 1 - u**2, POSITIVE)}
REQUIRED[sp.acos] = REQUIRED[sp.asin]


class Functions(Powers):
    """A case with the generators of its functions."""

    def exp(self, e):
        return self.exponential(self.value(e.args[0]))

    def exponential(self, u):
        return self.power(self.value(sp.E), u)

    def hyperbolic(self, e):
        power = self.exponential(self.value(e.args[0]))
        up, down = (power + 1/power)/2, (power - 1/power)/2
        return down/up if isinstance(e, sp.tanh) else up if isinstance(e, sp.cosh) else down

    def require(self, u, case, why):
        """Undefined where u has no sign of the case."""
        if self.decide(u, case, ANY - case) != case:
            raise Undefined(why)

    def log(self, e):
        return self.logarithm(self.value(e.args[0]))

    def logarithm(self, u):
        u = self.canonical(u)
        if self.decide(u, POSITIVE, NONPOSITIVE) != POSITIVE:
            raise Undefined("log of a number that is not positive")
        c, powers = self.factors(u)
        if all(len(self.sign_of_factor(f)) == 1 or k % 2 == 0 for f, k in powers):
            down = {f for f, _ in powers if self.decide(f, POSITIVE, NEGATIVE) == NEGATIVE}
            powers = [(-f if f in down else f, k) for f, k in powers]
        else:
            c, powers = sp.Integer(1), [(u, 1)]
        powers = [*powers, *((sp.Integer(p), k) for p, k in primes(abs(c)).items())]
        return sum(k*self.log_of_factor(f) for f, k in powers)

    def log_of_factor(self, f):
        kind, *rest = self.generators.key.get(f, (None,))
        if kind is sp.E:
            return sp.Integer(1)
        if kind is sp.Pow and self.signs(rest[0]) == POSITIVE:       # log(b^x) = x log b
            return rest[1]*self.logarithm(rest[0])
        if kind == "root":
            return self.logarithm(rest[0])/rest[1]
        return self.generator((sp.log, f), sp.log(f), Domain())

    def whole(self, e):
        """floor and ceiling; whole numbers are taken out of them."""
        u = self.canonical(self.value(e.args[0]))
        k = -1 if isinstance(e, sp.ceiling) else 1                  # ceiling x = -floor(-x)
        top, bottom = sp.fraction(k*u)
        outside, inside = sp.Integer(0), sp.Integer(0)
        for term in sp.Add.make_args(sp.expand(top)):
            c, rest = (term/bottom).as_coeff_Mul()
            if c.is_Integer and rest.is_polynomial() and rest.free_symbols <= self.integers:
                outside += c*rest
            else:
                inside += term/bottom
        if inside.is_Rational:
            return k*(outside + sp.floor(inside))
        inside = self.canonical(inside)
        where = Domain(0 if self.signs(inside) <= NONNEGATIVE else None, integer=True)
        s = self.generator((sp.floor, inside), sp.floor(inside, evaluate=False), where)
        self.integers.add(s)
        return k*(outside + s)

    def opaque(self, e):
        args = e.indices if isinstance(e, sp.Indexed) else e.args
        args = tuple(self.canonical(self.value(x)) for x in args)
        head = e.base if isinstance(e, sp.Indexed) else e.func
        if head in REQUIRED:
            inside, case = REQUIRED[head]
            self.require(inside(args[0]), case, f"{head} out of its domain")
        meaning = head[args] if isinstance(e, sp.Indexed) else head(*args, evaluate=False)
        where = BOUNDS.get(head) or Domain(0 if meaning.is_nonnegative else None,
                                           open_low=bool(meaning.is_positive))
        return self.generator((head, *args), meaning, where)

    # -- angles
    def wave(self, e):
        cosine, sine = self.turned(e.args[0])
        if not isinstance(e, sp.tan):
            return cosine if isinstance(e, sp.cos) else sine
        if self.decide(cosine, NONZERO, ZERO) == ZERO:
            raise Undefined("tan at a pole")
        return sine/cosine

    def turned(self, angle):
        """(cos, sin) of an angle."""
        common, parts = self.generators.angles
        u, base = self.canonical(self.value(angle)), sp.Integer(0)
        if common is not None:
            base = self.canonical(self.of_solution(common))
        c = sp.cancel(u/base) if base != 0 else None
        if c is not None and c.is_Rational:
            terms = [(c, base)]
        else:                                         # angles of several kinds: add them up
            top, bottom = sp.fraction(u)
            terms = [(term/bottom).as_coeff_Mul()
                     for term in sp.Add.make_args(sp.expand(top))]
        pi, (cosine, sine) = self.value(sp.pi), (sp.Integer(1), sp.Integer(0))
        for c, rest in terms:
            x, y = (self.exact(c) if rest == pi and (12*c).is_Integer
                    else self.multiple(c, rest, parts))
            cosine, sine = cosine*x - sine*y, sine*x + cosine*y
        return sp.expand(cosine), sp.expand(sine)

    def exact(self, c):
        return self.value(sp.cos(c*sp.pi)), self.value(sp.sin(c*sp.pi))

    def multiple(self, c, rest, parts):
        """(cos, sin) of c times an angle, by those of one of so many parts of it."""
        turns = abs(c*parts)
        if not turns.is_Integer or turns > MOST_TURNS:
            turns, parts = sp.Integer(1), 1/abs(c)
        angle, bounds = self.canonical(rest/parts), Domain(-1, 1)
        x = self.generator((sp.cos, angle), sp.cos(angle, evaluate=False), bounds)
        y = self.generator((sp.sin, angle), sp.sin(angle, evaluate=False), bounds,
                           (1 - x**2, 2))
        cosine, sine = sp.Integer(1), sp.Integer(0)
        for _ in range(turns):
            cosine, sine = sp.expand(cosine*x - sine*y), sp.expand(sine*x + cosine*y)
        return cosine, sine if c > 0 else -sine


def content(angle):
    """(c, w) with angle = c w, where w is the same for multiples of it by numbers."""
    top, bottom = sp.fraction(sp.together(angle))
    (c, top), (d, bottom) = top.as_content_primitive(), bottom.as_content_primitive()
    c, w = c/d, top/bottom
    return (-c, -w) if w.could_extract_minus_sign() else (c, w)


def angles_of(expressions):
    """The angle of which all angles in the formulas are multiples, or None; and by what.

    The second is a number of parts, such that each is a whole number of times that part.
    """
    angles = {e.args[0] for side in expressions for e in side.atoms(*WAVES)}
    found = [content(angle) for angle in angles]
    parts = lcm(*(c.q for c, _ in found), *(
        x.q for angle in angles for x in angle.atoms(sp.Rational)))
    kinds = {w for _, w in found}
    return (kinds.pop() if len(kinds) == 1 else None), parts
