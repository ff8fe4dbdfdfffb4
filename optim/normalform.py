"""Proof: formulas as rational functions, case by case, until the cases cover the domain.

A branch is a set of facts "this polynomial has one of these signs". In a branch a formula
is evaluated bottom-up to a rational function of generators:

    a power b**(2*n + 1)    b*W**2     with a generator W = b**n
    the root of f >= 0      s          with s**2 = f, for each irreducible factor f
    G(x), log(x), a sum     one generator for each function and each argument

Whenever the next move needs a sign - of a denominator, of what stands under a root, of a
condition - it is proved from the domain or the branch is split on it, and the cases of a
split leave nothing out. So every division was by something nonzero, every root of something
nonnegative, and two formulas agree in a branch if the numerator of their difference reduces
to 0 by s**2 = f. Nothing here is decided by a sample.
"""
from dataclasses import dataclass
from functools import reduce as fold

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational
from sympy.logic.boolalg import ITE, And, BooleanFalse, BooleanTrue, Not, Or
from sympy.polys.rings import ring
from sympy.solvers.simplex import InfeasibleLPError, UnboundedLPError, linprog

from optim.intervals import SIGNS, Evaluator, Undefined, Unsure, sign_of

Signs = frozenset
ANY, POSITIVE, NONNEGATIVE = Signs({-1, 0, 1}), Signs({1}), Signs({0, 1})
NEGATIVE, NONPOSITIVE, ZERO, NONZERO = (
    Signs({-1}), Signs({-1, 0}), Signs({0}), Signs({-1, 1}))
TOTAL = (sp.sin, sp.cos, sp.tanh, sp.sinh, sp.cosh, sp.atan, sp.asinh, sp.erf,
         sp.floor, sp.ceiling)           # functions defined for every real argument
BOUND = (sp.Sum, sp.Product, sp.Integral, sp.Derivative)      # whole: equal if identical


class Unsupported(Exception):
    """The formula holds something this prover has no rule for."""


class Split(Exception):
    """The sign of this polynomial is needed; the cases cover all it may be."""

    def __init__(self, polynomial, cases):
        super().__init__(polynomial)
        self.polynomial, self.cases = polynomial, cases


@dataclass(frozen=True)
class Range:
    """Where a generator lies: all reals, or 0 and up, or 0 to 1; an end may be open."""
    low: bool = False
    open_low: bool = False
    high: bool = False
    open_high: bool = False


RANGES = {"real": Range(), ">= 0": Range(True), "> 0": Range(True, True),
          "[0, 1)": Range(True, False, True, True), "[0, 1]": Range(True, False, True),
          "(0, 1)": Range(True, True, True, True)}


def times(k: int, signs: Signs) -> Signs:
    return Signs(k*x for x in signs)


# ------------------------------------------------------------------ signs from the domain
class Parametrised:
    """Polynomials, times positive numbers, in variables that are > 0, >= 0 or real.

    x in [0, 1) is a/(a + 1), x in (0, 1] is 1/(1 + b), x in [0, 1] is a/(a + b) where a and
    b are not both 0. Each polynomial becomes {exponents: coefficient} in .terms.
    """

    def __init__(self, polynomials: list, ranges: dict) -> None:
        symbols = sorted(set().union(*(p.free_symbols for p in polynomials)), key=str)
        self.kinds: list[str] = []
        self.pairs: list[tuple[int, int]] = []
        plan = [self._variables(ranges[x]) for x in symbols]
        one, *xs = ring([f"x{i}" for i in range(len(self.kinds) or 1)], sp.QQ)
        one = one.one
        pick = [tuple(one if i is None else xs[i] for i in pair) for pair in plan]
        bounded = [ranges[x].high for x in symbols]
        polys = [sp.Poly(p, *symbols, domain=sp.QQ) for p in polynomials]
        degree = [max(p.degree(x) for p in polys) if is_bounded else 0
                  for x, is_bounded in zip(symbols, bounded)]
        self.terms = []
        for p in polys:
            total = one*0
            for powers, c in p.rep.to_dict().items():
                term = one*c
                for k, d, (a, b), is_bounded in zip(powers, degree, pick, bounded):
                    term *= a**k*((a + b)**(d - k) if is_bounded else 1)
                total += term
            self.terms.append(dict(total.terms()))

    def _variables(self, r):
        """The indices of a and b (None stands for the constant 1) for one symbol."""
        def new(kind):
            self.kinds.append(kind)
            return len(self.kinds) - 1
        if not r.high:
            return new("real" if not r.low else ">" if r.open_low else ">="), None
        if r.open_high:
            return new(">" if r.open_low else ">="), None
        if r.open_low:
            return None, new(">=")
        self.pairs.append((new(">="), new(">=")))
        return self.pairs[-1]

    def sign_of_term(self, powers) -> bool:
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
        if all(map(self.sign_of_term, terms)):
            for s in (1, -1):
                if all(s*c > 0 for c in terms.values()):
                    return Signs({s}) if self.covers(terms) else Signs({0, s})
        return ANY


def domain_sign(p, ranges, depth=2) -> Signs:
    """The signs the polynomial p can have on the whole domain, as far as can be proved."""
    if p.is_Number:
        return Signs({int(sp.sign(p))})
    whole = Parametrised([p], ranges)
    s = whole.sign(whole.terms[0])
    if s != ANY or not depth:
        return s
    for x in sorted(p.free_symbols, key=str):              # a x^2 + b x + c, by its square
        if ranges[x].low or sp.degree(p, x) != 2:
            continue
        a, b, c = (sp.expand(q) for q in sp.Poly(p, x).all_coeffs())
        for k in (1, -1):
            if all(domain_sign(k*q, ranges, depth - 1) <= NONNEGATIVE for q in (a, c)):
                rest = domain_sign(sp.expand(4*a*c - b**2), ranges, depth - 1)
                if rest <= NONNEGATIVE:
                    return Signs({k}) if rest == POSITIVE else Signs({0, k})
    return ANY


def coefficient(terms, m):
    c = terms.get(m, sp.QQ(0))
    return sp.Rational(int(c.numerator), int(c.denominator))


def contradictory(facts, ranges) -> bool:
    """Whether a nonnegative combination of the facts p > 0, p >= 0 is negative (Farkas)."""
    polynomials, strict = [], []
    for p, s in facts:
        for k in (1, -1):
            if -k not in s and s:                        # then k*p >= 0
                polynomials.append(k*p)
                strict.append(0 not in s)
    if not polynomials:
        return False
    whole = Parametrised([sp.expand(p) for p in polynomials], ranges)
    monomials = sorted(set().union(*whole.terms))
    upper: list = []
    equal: list = []
    for m in monomials:              # sum of l_i p_i: no term may be able to be positive
        row = [coefficient(t, m) for t in whole.terms]
        (upper if whole.sign_of_term(m) else equal).append(row)
    # a strict fact must take part, or the sum must be surely negative: weigh both
    certain = [sum(coefficient(t, m) for m in monomials
                   if whole.covers([m]) and whole.sign_of_term(m)) for t in whole.terms]
    weights = [c - int(s) for c, s in zip(certain, strict)]
    try:
        least, _ = linprog(weights, upper + [[1]*len(weights)], [0]*len(upper) + [1],
                           equal or None, [0]*len(equal) if equal else None)
    except (InfeasibleLPError, UnboundedLPError):
        return False
    return least < 0


def constant_sign(e) -> Signs:
    """The sign of a number such as 1 - sqrt(2), by its interval; G(1) is no such number."""
    if not e.free_symbols and not e.has(AppliedUndef):
        try:
            return Signs({sign_of(Evaluator({})(e))})
        except (Unsure, Undefined):
            pass
    return ANY


# --------------------------------------------------------------------------- generators
class Generators:
    """The generators of one proof: what each stands for; shared by all its branches."""

    def __init__(self):
        self.symbols, self.meaning, self.square, self.factored = {}, {}, {}, {}

    def get(self, key, meaning, square=None):
        """The generator for the key; square = (f, q) for a root with s**q = f."""
        if key not in self.symbols:
            s = sp.Dummy(f"w{len(self.symbols):03}", real=True)
            self.symbols[key], self.meaning[s] = s, meaning
            if square:
                self.square[s] = square
        return self.symbols[key]

    def back(self, e):
        """The expression in the symbols of the goal."""
        for s, meaning in reversed(self.meaning.items()):
            if e.has(s):
                e = e.xreplace({s: meaning})
        return e

    def reduce(self, p):
        """The polynomial modulo s**q = f, the newest roots first."""
        p = sp.expand(p)
        for s, (f, q) in reversed(self.square.items()):
            if p.has(s):
                terms = sp.Poly(p, s).terms()
                if any(k >= q for (k,), _ in terms):
                    p = sp.expand(sum(c*f**(k//q)*s**(k % q) for (k,), c in terms))
        return p


class Branch:
    """The part of the domain where the facts hold, and the values of formulas there."""

    def __init__(self, generators, ranges, integers, known, facts=(), memo=()):
        self.generators, self.integers = generators, integers
        self.known = known                         # symbols that are formulas of the others
        self.ranges, self.facts, self.memo = dict(ranges), dict(facts), dict(memo)
        self.signs_memo = {}

    def narrowed(self, polynomial, case):
        facts = self.facts | {polynomial: self.facts.get(polynomial, ANY) & case}
        return Branch(self.generators, self.ranges, self.integers, self.known,
                      facts, self.memo)

    def oriented(self):
        """Real letters known to be <= 0, as {x: -x}, and ranges in which signs count."""
        flips, ranges = {}, dict(self.ranges)
        for x, s in self.facts.items():
            if x in ranges and not ranges[x].low and s and (
                    s <= NONNEGATIVE or s <= NONPOSITIVE):
                if not s <= NONNEGATIVE:
                    flips[x] = -x
                ranges[x] = Range(True, 0 not in s)
        return flips, ranges

    # -- signs
    def factors(self, u):
        """u = c * f1**k1 * f2**k2 ... with irreducible polynomials f."""
        known = self.generators.factored
        if u not in known:
            known[u] = self._factors(u)
        return known[u]

    def _factors(self, u):
        c, powers = sp.Integer(1), []
        for part, k in zip(sp.fraction(sp.together(u)), (1, -1)):
            part = self.generators.reduce(part)
            if part == 0:
                return sp.Integer(0), []
            number, found = sp.factor_list(part)
            c *= number**k
            powers += [(f, k*j) for f, j in found]
        return c, powers

    def sign_of_factor(self, f) -> Signs:
        if f not in self.signs_memo:
            self.signs_memo[f] = self._sign_of_factor(f)
        return self.signs_memo[f] & self.facts.get(f, ANY)

    def _sign_of_factor(self, f) -> Signs:
        found = domain_sign(f, self.ranges)
        flips, ranges = self.oriented()
        if len(found) > 1 and ranges != self.ranges:
            found &= domain_sign(f.xreplace(flips), ranges)
        if len(found) == 1 or f.is_Number:
            return found
        if f.free_symbols <= set(self.generators.meaning):
            found &= constant_sign(self.generators.back(f))
        squared = self.squared(f)
        return times(squared[0], self.signs(squared[1])) & found if squared else found

    def squared(self, f):
        """(k, g) with sign f = k sign g and a root less: a - b for sqrt(a) - sqrt(b)."""
        roots = [s for s, (_, q) in self.generators.square.items() if q == 2 and f.has(s)]
        if not roots:
            return None
        s = roots[-1]
        b, a = (f.coeff(s, 1), f.coeff(s, 0))
        signs_a, signs_b = self.signs(a), self.signs(b)
        for k in (1, -1):
            if times(k, signs_a) <= NONNEGATIVE and times(k, signs_b) <= NONPOSITIVE:
                return k, self.generators.reduce(a**2 - b**2*self.generators.square[s][0])
        return None

    def signs(self, u) -> Signs:
        return self.signs_of_product(*self.factors(u))

    def signs_of_product(self, c, powers) -> Signs:
        result = Signs({int(sp.sign(c))})
        for f, k in powers:
            s = self.sign_of_factor(f)
            result = Signs(x*(y if k % 2 else y*y) for x in result for y in s)
        return result

    def decide(self, u, *cases) -> Signs:
        """The case that holds all signs of u in this branch, else the branch is split."""
        signs = self.signs(u)
        for case in cases:
            if signs <= case:
                return case
        c, powers = self.factors(u)
        unknown = [(f, k, self.sign_of_factor(f)) for f, k in powers]
        unknown = [(f, k, s) for f, k, s in unknown if len(s) > 1 and (k % 2 or 0 in s)]
        f, k, s = unknown[0]
        if k % 2 == 0:
            raise Split(f, [ZERO, s - ZERO])
        rest = self.signs_of_product(c, [pair for pair in powers if pair[0] != f])
        options = [Signs({x}) for x in s]
        if len(rest) == 1:                        # the sign of f decides: carry cases over
            options = [Signs(x*y for x in case for y in rest) & s for case in cases]
        elif s == ANY and all(0 in case for case in cases):
            options = [NONNEGATIVE, NONPOSITIVE]
        squared = self.squared(f)
        if squared and len(self.signs(squared[1])) > 1:
            self.decide(squared[1], *[times(squared[0], case) for case in options])
        raise Split(f, [case for case in options if case])

    # -- values
    def value(self, e):
        """The formula as a rational function of generators, every denominator nonzero."""
        if e not in self.memo:
            self.memo[e] = self._value(e)
        return self.memo[e]

    def _value(self, e):
        if e.is_Rational:
            return e
        if e.is_Float:
            return sp.Rational(str(float(e)))
        if e in self.known:
            return self.value(self.known[e])
        if e.is_Symbol:
            if e not in self.ranges:
                raise Unsupported(f"no domain for {e}")
            return e
        if e in (sp.nan, sp.zoo):
            raise Undefined(e)
        if e is sp.pi or e is sp.E:
            return self.generator((e,), e, Range(True, True))
        if isinstance(e, BOUND):
            return self.generator((e,), e, Range())
        for kind, method in METHODS:
            if isinstance(e, kind):
                return method(self, e)
        raise Unsupported(f"no rule for {type(e).__name__}")

    def generator(self, key, meaning, where, square=None):
        s = self.generators.get(key, meaning, square)
        self.ranges[s] = where
        return s

    def arithmetic(self, e):
        return e.func(*[self.value(x) for x in e.args])

    def abs(self, e):
        u = self.value(e.args[0])
        return u if self.decide(u, NONNEGATIVE, NONPOSITIVE) == NONNEGATIVE else -u

    def sign(self, e):
        case = self.decide(self.value(e.args[0]), POSITIVE, ZERO, NEGATIVE)
        return sp.Integer(next(iter(case)))

    def extreme(self, e):
        wanted = NONNEGATIVE if isinstance(e, sp.Max) else NONPOSITIVE

        def better(x, y):
            return x if self.decide(x - y, NONNEGATIVE, NONPOSITIVE) == wanted else y
        return fold(better, [self.value(x) for x in e.args])

    def piecewise(self, e):
        for value, condition in e.args:
            if self.truth(condition):
                return self.value(value)
        raise Undefined("no piece holds here")

    def truth(self, c) -> bool:
        """Whether the condition holds in the branch; undefined if any part of it is."""
        if isinstance(c, (BooleanTrue, BooleanFalse)):
            return bool(c)
        if isinstance(c, (And, Or, Not, ITE)):
            parts = [self.truth(x) for x in c.args]
            if isinstance(c, ITE):
                return parts[1] if parts[0] else parts[2]
            return not parts[0] if isinstance(c, Not) else (
                all(parts) if isinstance(c, And) else any(parts))
        if not isinstance(c, Relational) or isinstance(c.lhs, BooleanTrue | BooleanFalse):
            raise Unsupported(f"no truth value for {type(c).__name__}")
        yes = Signs(SIGNS[type(c)])
        return self.decide(self.value(c.lhs) - self.value(c.rhs), yes, ANY - yes) == yes

    def opaque(self, e):
        args = e.indices if isinstance(e, sp.Indexed) else e.args
        args = tuple(self.canonical(self.value(x)) for x in args)
        head = e.base if isinstance(e, sp.Indexed) else e.func
        meaning = head[args] if isinstance(e, sp.Indexed) else head(*args)
        where = Range(bool(meaning.is_nonnegative), bool(meaning.is_positive))
        return self.generator((head, args), meaning, where)

    def log(self, e):
        u = self.canonical(self.value(e.args[0]))
        if self.decide(u, POSITIVE, NONPOSITIVE) != POSITIVE:
            raise Undefined("log of a number that is not positive")
        c, powers = self.factors(u)
        if not all(self.sign_of_factor(f) == POSITIVE for f, _ in powers):
            c, powers = sp.Integer(1), [(u, 1)]
        powers = [*powers, *((sp.Integer(p), k) for p, k
                             in sp.factorrat(c, limit=10_000).items())]
        return sum(k*self.generator((sp.log, f), sp.log(f), Range()) for f, k in powers)

    def canonical(self, u):
        """One spelling for equal rational functions (of independent generators)."""
        top, bottom = (self.generators.reduce(x) for x in sp.fraction(sp.together(u)))
        return sp.cancel(top/bottom)

    # -- powers
    def pow(self, e):
        return self.power(self.value(e.base), self.value(e.exp))

    def exp(self, e):
        return self.power(self.value(sp.E), self.value(e.args[0]))

    def power(self, b, x):
        """b**x with 0**0 = 1, and undefined at a negative b unless x is an integer."""
        x = self.canonical(x)
        if x.is_Integer:
            if x < 0 and self.decide(b, ZERO, NONZERO) == ZERO:
                raise Undefined("division by 0")
            return b**x
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
            raise Unsupported("a negative base with an exponent that is no integer")
        result = sp.Integer(1)
        for c, rest in terms:
            if rest == 1 and c.is_Integer:
                result *= b**c
            elif rest == 1:
                result *= self.root(b, c)
            elif c.is_Integer:
                result *= self.single(b, rest, whole)**c
            else:
                result *= self.root(self.single(b, rest, whole), c)
        return result

    def single(self, b, x, whole):
        """The generators for b**x, one for each factor of b if their signs allow it."""
        c, powers = self.factors(b)
        if not (whole or all(self.sign_of_factor(f) <= NONNEGATIVE for f, _ in powers)):
            c, powers = sp.Integer(1), [(b, 1)]
        if c.is_negative and not whole:
            c, powers = sp.Integer(1), [(b, 1)]
        if c > 0 and c != 1:                         # 4**x is (2**x)**2
            primes = sp.factorrat(c, limit=10_000)
            k = sp.igcd(0, *primes.values())
            least = sp.prod([sp.Integer(p)**(j//k) for p, j in primes.items()])
            powers = [*powers, (least, k)]
        elif c < 0:
            powers = [*powers, (c, 1)]
        return sp.prod([self.atom(f, x)**k for f, k in powers])

    def atom(self, b, x):
        """The generator for b**x, and where it lies."""
        if b.is_Rational and b > 1:
            return 1/self.atom(1/b, x)
        signs = self.signs(b)
        where = Range()
        if signs <= NONNEGATIVE:
            positive, small = signs == POSITIVE, self.signs(1 - b)
            where = Range(True, positive)
            if small <= NONNEGATIVE and self.signs(x) <= NONNEGATIVE:
                strict = small == POSITIVE and self.signs(x) == POSITIVE
                where = Range(True, positive, True, strict)
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
                result *= f**(k*x)
                continue
            down = self.decide(f, NONNEGATIVE, NONPOSITIVE) == NONPOSITIVE
            result *= self.fraction_power(-f if down else f, k*x)
        for number, k in sp.factorrat(abs(c), limit=10_000).items():
            result *= self.fraction_power(sp.Integer(number), k*x)
        return result

    def fraction_power(self, f, x):
        """f**x for an irreducible f >= 0: a power of f times a power of its root."""
        whole, part = x.p//x.q, x - x.p//x.q
        if not part:
            return f**whole
        f = sp.expand(f)
        where = Range(True, self.signs(f) == POSITIVE)
        if self.signs(1 - f) <= NONNEGATIVE:
            where = Range(True, where.open_low, True, self.signs(1 - f) == POSITIVE)
        s = self.generator(("root", f, part.q), sp.Pow(f, sp.Rational(1, part.q),
                                                       evaluate=False), where, (f, part.q))
        return f**whole*s**part.p

    # -- verdicts in this branch
    def equal(self, x, y) -> bool:
        """Whether the numerator of x - y reduces to 0."""
        top = self.generators.reduce(sp.fraction(sp.together(x - y))[0])
        if top == 0:
            return True
        zeros = [p for p, s in self.facts.items() if s == ZERO]
        if not zeros:
            return False
        roots = [s**q - f for s, (f, q) in self.generators.square.items()
                 if any(p.has(s) for p in [top, *zeros])]
        return sp.groebner([*zeros, *roots], *sorted(
            set().union(*(p.free_symbols for p in [top, *zeros, *roots])), key=str),
            order="grevlex").contains(top)

    def assume(self, e, case) -> bool:
        """Note that the formula e has a sign in the case; False if it cannot."""
        try:
            u = self.value(e)
        except (Split, Undefined, Unsupported):
            return True                       # a fact forgotten: the branch is only larger
        if not self.signs(u) & case:
            return False
        c, powers = self.factors(u)
        unknown = [(f, k) for f, k in powers if len(self.sign_of_factor(f)) > 1]
        if len(unknown) == 1 and unknown[0][1] % 2:
            f = unknown[0][0]
            rest = self.signs_of_product(c, [pair for pair in powers if pair[0] != f])
            if len(rest) == 1 and rest != ZERO:
                allowed = Signs(x*y for x in case for y in rest)
                self.facts[f] = self.sign_of_factor(f) & allowed
                self.signs_memo.clear()
        return True

    def unsettled(self):
        """A polynomial that may or may not be 0 in this branch, and those two cases."""
        for p in self.facts:
            s = self.sign_of_factor(p)
            if 0 in s and len(s) > 1:
                return Split(p, [s - ZERO, ZERO])
        return None

    def empty(self) -> bool:
        """Whether no point of the domain is proved to lie in this branch."""
        for p, s in self.facts.items():
            if not s & self.sign_of_factor(p):
                return True
        flips, ranges = self.oriented()
        return contradictory(list(self.facts.items()), self.ranges) or (
            ranges != self.ranges and contradictory(
                [(p.xreplace(flips), s) for p, s in self.facts.items()], ranges))


METHODS = (
    ((sp.Add, sp.Mul), Branch.arithmetic), (sp.Pow, Branch.pow), (sp.exp, Branch.exp),
    (sp.log, Branch.log), (sp.Abs, Branch.abs), (sp.sign, Branch.sign),
    ((sp.Max, sp.Min), Branch.extreme), (sp.Piecewise, Branch.piecewise),
    ((AppliedUndef, sp.Indexed, *TOTAL), Branch.opaque))
