"""What must hold for a formula to have a value, where SymPy has rewritten the formula.

SymPy makes x of 1/(1/x), which has no value at 0. Nonzero(1/x) is 0 wherever 1/x is not 0,
and has no value elsewhere; so x + Nonzero(1/x) is what was meant. SymPy leaves these
functions alone, and so does the prover: it takes a formula as it arrives and never rebuilds
it. So these are all read as they stand:

    e + Nonzero(x) + Nonnegative(y)              needs of the whole formula
    Piecewise((a + Nonzero(x), c), (b, True))    needs of the branch that is chosen
    Piecewise((0, Eq(x, 0)), (root, True))       the root of x, which SymPy has split
    sp.Pow(x*y, 1/2, evaluate=False)             the same, kept from being split

Where SymPy has taken i out of a root of -v, i times root of v is 0 where v is; with another
factor beside it nobody knows whose root it was, and where that is 0 nothing is claimed.
"""
import sympy as sp

DIVISION = "division by 0, which has no value here, where NumPy says inf"

START = " at the start"       # after a state's name: what its first value needs


class Nonzero(sp.Function):
    """0 where the argument has a value and is not 0; undefined elsewhere."""
    nargs = 1


class Defined(sp.Function):
    """0 where the argument has a value; undefined elsewhere."""
    nargs = 1


class Nonnegative(sp.Function):
    """0 where the argument has a value and is >= 0; undefined elsewhere."""
    nargs = 1


class Power(sp.Function):
    """b**x as it was written, where SymPy would split it: sqrt(v*g) into two roots.

    0**0 is 1; a negative b has no value here unless x is an integer.
    """
    nargs = 2
    is_real = True
    _imp_ = staticmethod(lambda b, x: b**x)             # for sp.lambdify and .evalf()

    @classmethod
    def eval(cls, b, x):
        if b.is_number and b.is_positive:
            return b**x
        return None

    @property
    def written(self) -> sp.Expr:
        """The power in SymPy's own form, which must not be reckoned with."""
        return sp.Pow(*self.args, evaluate=False)

    def _eval_is_nonnegative(self):
        x = self.args[1]
        return True if x.is_Rational and not x.is_Integer else None

    def fdiff(self, argindex=1):
        b, x = self.args
        return x*Power(b, x - 1) if argindex == 1 else self*sp.log(b)

    def _sympystr(self, printer):
        text = printer._print(self.written)
        return text if self.args[1] == sp.Rational(1, 2) else f"({text})"

    def _latex(self, printer, exp=None):
        text = printer._print(self.written)
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"


def imaginary(e: sp.Expr) -> bool:
    """Whether SymPy may have taken this out of a root: i, or (-1)**(1/3) and the like."""
    return e is sp.I or bool(e.is_Pow and e.base == -1 and e.exp.is_Rational
                             and 0 < e.exp < 1 and e.exp.q > 2)


def beside_imaginary(e: sp.Mul) -> tuple[list[sp.Expr], bool] | None:
    """The other factors of a product with i, without numbers; None if it has no i.

    The product has no value where none of them is 0. The flag says whether it is known to
    be 0 where one of them is: whether i was a part of that root.
    """
    taken = [x for x in e.args if imaginary(x)]
    if not taken:
        return None
    rest = [x for x in e.args if not (imaginary(x) or x.is_Rational)]
    return rest, taken == [sp.I] and len(rest) == 1
