"""Adagrad and RMSprop: a sum of squares that only grows, and one that forgets.

As RMSprop forgets less and less it becomes Adagrad, for the same gradients.
"""
import sympy as sp

from optim.derivations.claim import Claim, by_theorem, claim
from optim.derivations.rule_letters import (
    eps, g, gap, lr, rho, rule, share, substitute, t, theta, v)
from optim.derivations.per_rule.centring import centred
from optim.derivations.per_rule.dual_averaging import dual_averaging
from optim.domains import declare
from optim.formulas.rule_formulas import Formula

w, A = declare("w", ">= 0"), declare("A", ">= 0")


def adagrad(f: Formula) -> list[Claim]:
    """What is particular to Adagrad."""
    return [*step_size(f), *dual_averaging(f)]


def rmsprop(f: Formula) -> list[Claim]:
    """What is particular to RMSprop."""
    return [*forgets(f), *centred(f)]


def step_size(f: Formula) -> list[Claim]:
    """Adagrad's effective step size."""
    def size(x):
        return lr/(sp.sqrt(x) + eps)

    return [
        claim("step-size", "The step is the gradient times the effective step size.",
              (theta - f.update["theta"], size(f.update["v"])*g)),
        claim("step-size-falls", "It never grows while lr is constant.",
              (size(f.update["v"]), "<=", size(v)))]


def forgets(f: Formula) -> list[Claim]:
    """RMSprop with lr sqrt(1 - rho), eps sqrt(1 - rho), in the letter w = v/(1 - rho)."""
    s, root, twin = f.symbols, sp.sqrt(1 - rho), rule("adagrad")
    here = {"v": (1 - rho)*w, "lr": s["lr"]*root, "eps": s["eps"]*root}

    def adagrads(part, total):
        """What Adagrad makes of a letter when this is its sum of squares so far."""
        return substitute(twin, twin.update[part], v=total)

    same = claim(
        "rescaled", "Put lr sqrt(1 - rho) and eps sqrt(1 - rho) for lr and eps, and "
        "(1 - rho) w for v. Then RMSprop is Adagrad but for one thing: what is summed so "
        "far is first multiplied by rho.",
        (substitute(f, f.update["v"], **here), (1 - rho)*adagrads("v", rho*w)),
        (substitute(f, f.update["theta"], **here), adagrads("theta", rho*w)))
    between = claim(
        "between", "By induction w lies between rho^t A and A, for Adagrad's sum A of the "
        "same squares: both start at 0. If w is rho^(t-1) A + gap before step t, it is at "
        "least rho^t A after it; if it is a share of A, it is at most A after it.",
        (f.init["v"], (1 - rho)*twin.init["v"]),
        (adagrads("v", rho*(rho**(t - 1)*A + gap)), ">=", rho**t*adagrads("v", A)),
        (adagrads("v", rho*share*A), "<=", adagrads("v", A)))
    return [same, between, by_theorem(
        "is-adagrad", "So as rho tends to 1 this RMSprop becomes Adagrad: at every t its "
        "step tends to that of Adagrad, for the same gradients. (And on a loss whose "
        "gradient is continuous.)", "rho^t tends to 1; roots, and quotients with a "
        "denominator of at least eps > 0, are continuous", same, between,
        caption=r"\rho \to 1 \;\Rightarrow\; \frac{\eta g_t}{\sqrt{w_t} + \varepsilon} \to"
                r" \frac{\eta g_t}{\sqrt{A_t} + \varepsilon}")]
