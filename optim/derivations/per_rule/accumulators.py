"""Adagrad and RMSprop: a sum of squares that only grows, and one that forgets.

As RMSprop forgets less and less it becomes Adagrad, for the same gradients. Adagrad has a
twin by dual averaging, the other update of the paper's Figure 1: it steps from 0 by the sum
of all gradients; both share their first step and no more. Centred, RMSprop divides by a
variance: v less the square of m, the mean with the same rho, which is 0 at the start.
"""
import sympy as sp

from optim.derivations.claim import Claim, by_theorem, claim
from optim.derivations.induction import by_induction, invariant
from optim.derivations.per_rule.origins import only_least
from optim.derivations.rule_letters import (
    ONE, beta1, eps, g, gap, lr, m, rho, rule, share, substitute, t, theta, v)
from optim.domains import declare
from optim.formulas.rule_formulas import Formula
from optim.papers import statement

w, A = declare("w", ">= 0"), declare("A", ">= 0")
x, total, first, second, W = (
    declare(name, "real") for name in ("x", "Z", "g_1", "g_2", "W"))
other = declare("rho_m", "[0, 1)")


def adagrad(f: Formula) -> list[Claim]:
    """What is particular to Adagrad."""
    return [*step_size(f), *dual_averaging(f)]


def rmsprop(f: Formula) -> list[Claim]:
    """What is particular to RMSprop."""
    return [*forgets(f), *centred(f)]


def size(x):
    """What a rule multiplies a first moment by, of a second moment x."""
    return lr/(sp.sqrt(x) + eps)


def step_size(f: Formula) -> list[Claim]:
    """Adagrad's effective step size."""
    return [
        claim("step-size", "The step is the gradient times the effective step size.",
              (theta - f.update["theta"], size(f.update["v"])*g)),
        claim("step-size-falls", "It never grows while lr is constant.",
              (size(f.update["v"]), "<=", size(v)))]


def dual_averaging(f: Formula) -> list[Claim]:
    """The claims about the twin, and where it parts from Adagrad."""
    model = lr*total*x + (eps + sp.sqrt(v))*x**2/2
    best = -lr*total/(eps + sp.sqrt(v))

    def twin(*gradients):
        return best.subs({total: sum(gradients), v: sum(each**2 for each in gradients)})

    begun = {name: e.subs({theta: 0, g: first}) for name, e in f.first_step.items()}
    two = substitute(f, f.update["theta"], g=second, **begun)
    return [
        claim("twin", "Its twin by dual averaging holds all tangents so far, of slopes "
              "with the sum Z, by the distance from 0, and steps to the only least point "
              "of that model: at any distance c > 0 from there it is larger.",
              *only_least(model, x, best)),
        claim("twin-first", "From 0 both take the same first step.",
              (begun["theta"], twin(first))),
        claim("twin-apart", "After the second they differ by this: the twin divides g_1, "
              "too, by the root of the new v.", (
                  two - twin(first, second),
                  lr*first*(1/(eps + sp.sqrt(first**2 + second**2))
                            - 1/(eps + sp.Abs(first))))),
        claim("twin-second", "Not so: their second step is the same too.",
              (two, twin(first, second)), expected="REFUTED")]


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
                    *invariant(f, {"v": 1 - rho**t}, {"g": ONE}))
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
