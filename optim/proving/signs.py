"""Signs: which of -1, 0 and 1 a number may have; and the ranges that symbols lie in."""
from dataclasses import dataclass

from sympy.core.function import AppliedUndef

from optim.domains import DOMAINS
from optim.proving.evaluator import Evaluator
from optim.proving.intervals import Undefined, Unsure, sign_of

Signs = frozenset
ANY, POSITIVE, NONNEGATIVE = Signs({-1, 0, 1}), Signs({1}), Signs({0, 1})
NEGATIVE, NONPOSITIVE, ZERO, NONZERO = (
    Signs({-1}), Signs({-1, 0}), Signs({0}), Signs({-1, 1}))


@dataclass(frozen=True)
class Range:
    """Where a number lies: from low to high, whole numbers; an end may be open, or None.

    .whole says that it is one of the integers in there.
    """
    low: int | None = None
    open_low: bool = False
    high: int | None = None
    open_high: bool = False
    whole: bool = False


RANGES = {name: Range(d.low, d.open_low, d.high, d.open_high)
          for name, d in DOMAINS.items() if not d.integer}


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
