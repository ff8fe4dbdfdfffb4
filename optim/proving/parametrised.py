"""Polynomials on a domain, as polynomials in numbers that are > 0, >= 0 or real."""
import sympy as sp
from sympy.polys.rings import ring

from optim.proving.signs import ANY, ZERO, Signs


class Parametrised:
    """Polynomials, times positive numbers, in variables that are > 0, >= 0 or real.

    From 0 to 1 x is (0 b + 1 a)/(a + b), where b is 1 if x does not come to 1, a is 1 if it
    does not come to 0, and else a and b are not both 0; likewise from -1 to 1. From 1 on x
    is 1 + a. Each polynomial becomes {exponents: coefficient} in .terms.
    """

    def __init__(self, polynomials: list, ranges: dict) -> None:
        symbols = sorted(set().union(*(p.free_symbols for p in polynomials)), key=str)
        self.kinds: list[str] = []
        self.pairs: list[tuple[int, int]] = []
        self.plan = [self._variables(ranges[x]) for x in symbols]
        polynomial_ring, *xs = ring([f"x{i}" for i in range(len(self.kinds) or 1)], sp.QQ)
        one = polynomial_ring.one
        tops, bottoms = [], []
        for x, (i, j) in zip(symbols, self.plan):
            r, (a, b) = ranges[x], (one if k is None else xs[k] for k in (i, j))
            bounded = r.high is not None
            tops.append(r.low*b + r.high*a if bounded else a + (r.low or 0))
            bottoms.append(a + b if bounded else one)
        polys = [sp.Poly(p, *symbols, domain=sp.QQ) for p in polynomials]
        degree = [max(p.degree(x) for p in polys) for x in symbols]
        self.terms = []
        for p in polys:
            total = one*0
            for powers, c in p.rep.to_dict().items():
                term = one*c
                for k, d, top, bottom in zip(powers, degree, tops, bottoms):
                    term *= top**k*(bottom**(d - k) if bottom != one else 1)
                total += term
            self.terms.append(dict(total.terms()))

    def _variables(self, r):
        """The indices of a and b (None stands for the constant 1) for one symbol."""
        def new(kind):
            self.kinds.append(kind)
            return len(self.kinds) - 1
        if r.high is None:
            return new("real" if r.low is None else ">" if r.open_low else ">="), None
        if r.open_high:
            return new(">" if r.open_low else ">="), None
        if r.open_low:
            return None, new(">=")
        self.pairs.append((new(">="), new(">=")))
        return self.pairs[-1]

    def is_nonnegative(self, powers) -> bool:
        """Whether the monomial is >= 0 everywhere."""
        return all(kind != "real" or k % 2 == 0 for kind, k in zip(self.kinds, powers))

    def covers(self, monomials) -> bool:
        """Whether at each point one of these monomials is not 0."""
        loose = [{i for i, kind in enumerate(self.kinds) if kind != ">"}]
        for a, b in self.pairs:
            loose = [s - {x} for s in loose for x in (a, b)]
        return all(any(not any(m[i] for i in zeros) for m in monomials) for zeros in loose)

    def sign(self, terms) -> Signs:
        """The signs it can have if all its terms have one, else any."""
        if not terms:
            return ZERO
        if all(map(self.is_nonnegative, terms)):
            for s in (1, -1):
                if all(s*c > 0 for c in terms.values()):
                    return Signs({s}) if self.covers(terms) else Signs({0, s})
        return ANY

    def seen(self, terms) -> Signs:
        """The signs that it does have, at a few points."""
        low = {"real": (2, -1, -3, 1), ">": (1, 3, 1, 5), ">=": (0, 2, 7, 1)}
        values = (sum(c*sp.prod(low[kind][(shift*i + shift) % 4]**k for i, (kind, k)
                                in enumerate(zip(self.kinds, powers)))
                      for powers, c in terms.items()) for shift in range(4))
        return Signs(int(x > 0) - int(x < 0) for x in values)
