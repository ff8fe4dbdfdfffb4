"""Jury's conditions for two roots in a circle, from the signs of p(r), p(-r) and p(0).

For a real quadratic p(z) = z^2 + a_1 z + a_0 and a radius r > 0: no root is longer than r
if and only if p(r) >= 0, p(-r) >= 0 and p(0) <= r^2; all are shorter if and only if these
hold with strict signs. Its roots are real or conjugate: all cases are gone through.
"""
import sympy as sp

from optim.derivations.claim import Claim, claim
from optim.derivations.letters import ZERO
from optim.domains import declare
from optim.stability import jury, z

r, c, h = (declare(name, "> 0") for name in ("r", "c", "h"))
gap, beyond = declare("gap", ">= 0"), declare("beyond", ">= 0")
first, second = declare("z_1", "real"), declare("z_2", "real")


def p(at, one=first, other=second) -> sp.Expr:
    """The polynomial with these two roots, at a point; p(0) is the roots' product."""
    return (at - one)*(at - other)


def jury_claims() -> list[Claim]:
    """The cases, and in the last claim what they come to."""
    cases = (inside(), outside())
    return [*cases, conjugate(cases), in_code()]


def inside() -> Claim:
    goals: list[tuple] = []
    for range_, below, above in (("[0, 1]", "<=", ">="), ("(0, 1)", "<", ">")):
        u, w = (r*(2*declare(f"share_{k}", range_) - 1) for k in (1, 2))
        goals += [(p(r, u, w), above, ZERO), (p(-r, u, w), above, ZERO),
                  (p(ZERO, u, w), below, r**2)]
    return claim(
        "roots-inside", "Let p be a real quadratic. If its roots are real and not longer "
        "than r, then p(r) and p(-r) are not negative, and p(0), the product of the roots, "
        "is at most r^2. If they are shorter, the signs are strict.", *goals)


def outside() -> Claim:
    return claim(
        "root-outside", "Conversely, let a real root be above r. If the other is below r, "
        "then p(r) is negative; if not, p(0) is above r^2. If a root is r or more, one of "
        "the strict signs fails likewise. Of a root below -r the same is true, for p(-z) "
        "has the roots -z_1 and -z_2.",
        (p(r, r + c, r - h), "<", ZERO), (p(ZERO, r + c, r + gap), ">", r**2),
        (p(r, r + gap, r - beyond), "<=", ZERO), (p(ZERO, r + gap, r + c), ">", r**2),
        (p(-r), p(r, -first, -second)), (p(ZERO), p(ZERO, -first, -second)))


def conjugate(cases: tuple[Claim, ...]) -> Claim:
    a, b, x = declare("a", "real"), declare("b", "> 0"), declare("z", "real")
    pair = sp.expand((x - a - sp.I*b)*(x - a + sp.I*b))
    return claim(
        "jury", "Of two conjugate roots p(0) is the square of their length, and p is "
        "positive for all real z. So in all cases no root is longer than r if and only if "
        "p(r) >= 0, p(-r) >= 0 and p(0) <= r^2, and all are shorter if and only if these "
        "hold with strict signs (Jury).",
        (pair, (x - a)**2 + b**2), (pair, ">", ZERO), (pair.subs(x, 0), a**2 + b**2),
        premises=cases)


def in_code() -> Claim:
    """What optim.stability.jury gives are these conditions."""
    a0, a1 = declare("a_0", "real"), declare("a_1", "real")
    q = z**2 + a1*z + a0
    return claim(
        "jury-in-code", "For r = 1 optim.stability.jury gives these conditions (and for "
        "one root z_1 that 1 - z_1 > 0 and 1 + z_1 > 0).",
        *zip(jury(q), (q.subs(z, 1), q.subs(z, -1), 1 - q.subs(z, 0)), strict=True),
        *zip(jury(z - first), (1 - first, 1 + first), strict=True))
