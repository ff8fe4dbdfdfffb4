"""The letters in which a formula is a rational expression, and what they obey.

A formula's symbols are letters; so is each exponential, logarithm, root, sine and cosine
that stands in it, and each function that means nothing here. Roots obey r**q = radicand,
sines s**2 = 1 - c**2; products, powers and sums inside of functions are taken apart.

Every rewriting holds on the whole domain that the symbols declare (real, positive, ...),
wherever all parts of the formula are real.

The prover of update rules (optim/proving) has generators of its own, and for a reason: it
decides equality and order on a domain with facts and cases, and splits the domain where a
sign is needed. Here nothing is ever split. That keeps this small enough to be trusted
with what the engine rests on, and minigrad free of optim.
"""
import sympy as sp

from minigrad.proving.polynomials import factors, in_parts

HYPERBOLIC = {
    sp.sinh: lambda a: (sp.exp(a) - sp.exp(-a))/2,
    sp.cosh: lambda a: (sp.exp(a) + sp.exp(-a))/2,
    sp.tanh: lambda a: (sp.exp(a) - sp.exp(-a))/(sp.exp(a) + sp.exp(-a)),
    sp.tan: lambda a: sp.sin(a)/sp.cos(a),
}


class Letters:
    """The letters that stand for the parts of a formula which are not rational in it.

    After `rational`, the set `poles` says where the formula may be undefined: pairs
    ("!= 0" | "> 0" | ">= 0", what should be so and is not known to).
    """

    def __init__(self):
        self.letters = {}           # what a letter stands for -> letter
        self.relations = []         # (letter, q, its q-th power), in order of appearance
        self.exponents = {}         # letter of exp(a) -> a
        self.logarithms = {}        # letter of log(z) -> z
        self.poles = set()
        self.known = {}             # formulas met before -> what they are in letters

    def letter(self, *meaning, **known):
        """The letter for a meaning, and whether it is new."""
        new = meaning not in self.letters
        if new:
            known = {name: True for name, value in known.items() if value}
            self.letters[meaning] = sp.Dummy(f"k{len(self.letters)}", **known)
        return self.letters[meaning], new

    def rational(self, e):
        """The formula e as a rational expression in letters."""
        if e.is_Rational or e.is_Symbol:
            return e
        if e not in self.known:
            self.known[e] = self.translated(e)
        return self.known[e]

    def translated(self, e):
        """The formula e in letters, by its outermost function."""
        if e.is_Add or e.is_Mul:
            return e.func(*map(self.rational, e.args))
        if e == sp.E:
            return self.exponential(sp.Integer(1))
        if isinstance(e, sp.exp):
            return self.exponential(self.rational(e.exp))
        if e.is_Pow and e.exp.is_Rational:
            base = self.rational(e.base)
            if e.exp < 0:
                self.expect_nonzero(base)
            return self.root(base, e.exp.q)**e.exp.p
        if e.is_Pow and e.base == -1 and e.exp.is_integer:
            return self.sign(e.exp)
        if e.is_Pow:
            return self.rational(sp.exp(e.exp*sp.log(e.base)))
        if isinstance(e, sp.log):
            return self.logarithm(self.rational(e.args[0]))
        if e.func in HYPERBOLIC:
            return self.rational(HYPERBOLIC[e.func](e.args[0]))
        if isinstance(e, (sp.sin, sp.cos)):
            return self.circular(e)
        return self.letter(e.func, *map(self.canonical, e.args), real=e.is_real,
                           positive=e.is_positive, nonzero=e.is_nonzero)[0]

    def canonical(self, e):
        """One form for the arguments that are equal as rational expressions."""
        return sp.cancel(self.rational(e)) if isinstance(e, sp.Expr) else e

    def expect_nonzero(self, e):
        """Note each factor of e that is not known to differ from 0, up to its sign."""
        for factor, _ in factors(e):
            if factor.is_zero is not False:
                minus = factor.could_extract_minus_sign()
                self.poles.add(("!= 0", -factor if minus else factor))

    def poles_of(self, formulas, beyond):
        """The poles of some formulas that other formulas do not have already."""
        for e in beyond.array.flat:
            self.rational(e)
        allowed = set(self.poles)
        for e in formulas.array.flat:
            self.rational(e)
        return self.poles - allowed

    def root(self, e, q):
        """The principal q-th root of e: factors known to be positive come out."""
        if q == 1 or e == 0:
            return e
        inside, outside = sp.Integer(1), sp.Integer(1)
        for factor, k in factors(e):
            if factor.is_nonnegative and k % q == 0:
                outside *= factor**(k//q)
            elif factor.is_positive:
                outside *= self.new_root(factor, q)**k
            else:
                inside *= factor**k
        if inside == 1:
            return outside
        if not inside.is_nonnegative:
            self.poles.add((">= 0", inside))
        return outside*self.new_root(inside, q)

    def new_root(self, e, q):
        """The letter of a q-th root, and the relation that it obeys."""
        letter, new = self.letter("root", e, q, positive=e.is_positive, real=e.is_positive)
        if new:
            self.relations.append((letter, q, e))
        return letter

    def sign(self, n):
        """(-1)**n for an integer n."""
        out = sp.Integer(1)
        for term in sp.Add.make_args(sp.expand(n)):
            if term.is_Integer:
                out *= (-1)**int(term)
                continue
            letter, new = self.letter("sign", term if term.as_coeff_Mul()[0] > 0 else -term,
                                      real=True, nonzero=True)
            if new:
                self.relations.append((letter, 2, sp.Integer(1)))
            out *= letter
        return out

    def exponential(self, a):
        """exp(a), one letter for each term of a; exp(k*log(z)) is z**k."""
        out = sp.Integer(1)
        for term in sp.Add.make_args(sp.expand(in_parts(sp.cancel(a)))):
            k, rest = term.as_coeff_Mul()
            if rest in self.logarithms:
                base = self.logarithms[rest]
            else:
                base, _ = self.letter("exp", rest, positive=True)
                self.exponents[base] = rest
            out *= self.root(base, k.q)**k.p
        return out

    def logarithm(self, z):
        """log(z), one letter for each factor known to be positive; log(exp(a)) is a."""
        out, inside = sp.Integer(0), sp.Integer(1)
        roots = {letter: (base, q) for letter, q, base in self.relations}
        for factor, k in factors(z):
            if factor in self.exponents:
                out += k*self.exponents[factor]
            elif factor in roots and factor.is_positive:
                base, q = roots[factor]
                out += k*self.logarithm(base)/q
            elif factor.is_positive:
                out += k*self.new_logarithm(factor)
            else:
                inside *= factor**k
        if inside == 1:
            return out
        self.poles.add(("> 0", inside))
        self.expect_nonzero(inside)
        return out + self.new_logarithm(inside)

    def new_logarithm(self, z):
        """The letter of a logarithm, which exponential() knows again."""
        letter, _ = self.letter("log", z, real=z.is_positive)
        self.logarithms[letter] = z
        return letter

    def circular(self, e):
        """sin or cos of one argument: two letters on the unit circle."""
        argument = self.canonical(e.args[0])
        cos, _ = self.letter("cos", argument, real=True)
        sin, new = self.letter("sin", argument, real=True)
        if new:
            self.relations.append((sin, 2, 1 - cos**2))
        return sin if isinstance(e, sp.sin) else cos
