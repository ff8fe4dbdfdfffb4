"""Centred RMSprop: v less the square of a mean of the gradients is a variance.

m is the mean with the same rho as v, as Adam keeps it; it is 0 at the start.
"""
import sympy as sp

from optim.derivations.claim import Claim, by_theorem, claim
from optim.derivations.induction import by_induction, invariant
from optim.derivations.rule_letters import beta1, g, gap, m, rho, rule, t, v
from optim.domains import declare
from optim.formulas.rule_formulas import Formula
from optim.papers import statement

W, other = declare("W", "real"), declare("rho_m", "[0, 1)")


def centred(f: Formula) -> list[Claim]:
    """The claims about v - m^2."""
    adam = rule("adam")
    v_new, m_new = f.update["v"], adam.update["m"].xreplace({beta1: rho})
    above = v_new.subs(v, m**2 + gap)                            # any v with v >= m^2
    return [
        claim("centred", "Centred RMSprop takes m^2 off v. m is Adam's, with rho for "
              "beta1. What is left follows a rule of its own.",
              (v_new - m_new**2, rho*(v - m**2) + rho*(1 - rho)*(m - g)**2)),
        claim("not-negative", "By induction it never is negative: it starts at 0, and a v "
              "of m^2 or more stays so.",
              (f.init["v"] - adam.init["m"]**2, 0), (above - m_new**2, ">=", 0)),
        *variance(f),
        claim("two-rhos", "Not so: with another rho for m than for v it is never negative "
              "either.", (above - adam.update["m"].xreplace({beta1: other})**2, ">=", 0),
              expected="REFUTED")]


def variance(f: Formula) -> list[Claim]:
    """v - m^2 over the whole history, with 0 for what lies before it."""
    adam = rule("adam")
    weights = claim("centred-weights", "If all gradients are 1, then v is the sum of its "
                    "weights. By induction that is 1 - rho^t.",
                    *invariant(f, {"v": 1 - rho**t}, {"g": sp.Integer(1)}))
    spread = claim("spread", "Let W be the sum of the weights w_i. Multiplied out, the sum "
                   "of w_i (g_i - m)^2 is v - 2 m m + m^2 W. A zero of weight 1 - W makes "
                   "it v - m^2.",
                   ((v - 2*m*m + m**2*W) + (1 - W)*(0 - m)**2, v - m**2))
    return [weights, spread, by_theorem(
        "variance", "So from 0, v - m^2 is the variance of the history with zeros before "
        "it, of weight rho^t. Its mean is m.",
        "a sum is linear in its terms; v and m are sums over RMSprop's and Adam's history",
        weights, spread, *by_induction(f, statement("rmsprop"), "v"),
        *by_induction(adam, statement("adam"), "m"),
        caption=r"v_t - m_t^2 = \sum_{i=1}^{t} w_i (g_i - m_t)^2 + \rho^t (0 - m_t)^2")]
