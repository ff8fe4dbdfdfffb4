"""Signs: which of -1, 0 and 1 a number may have."""
from sympy.core.function import AppliedUndef

from optim.proving.evaluator import Evaluator
from optim.proving.intervals import Undefined, Unsure, sign_of

Signs = frozenset
ANY, POSITIVE, NONNEGATIVE = Signs({-1, 0, 1}), Signs({1}), Signs({0, 1})
NEGATIVE, NONPOSITIVE, ZERO, NONZERO = (
    Signs({-1}), Signs({-1, 0}), Signs({0}), Signs({-1, 1}))


def times(k: int, signs: Signs) -> Signs:
    return Signs(k*x for x in signs)


def constant_sign(e) -> Signs:
    """The sign of a number such as 1 - sqrt(2), by its interval; G(1) is no such number."""
    if not e.free_symbols and not e.has(AppliedUndef):
        try:
            return Signs({sign_of(Evaluator({})(e))})
        except (Unsure, Undefined):
            pass
    return ANY
