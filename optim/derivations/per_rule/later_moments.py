"""What is particular to rules that divide by a root of squares, after the first eleven."""
import sympy as sp

from optim.derivations.claim import Claim, claim
from optim.derivations.induction import invariant
from optim.derivations.per_rule.origins import only_least
from optim.derivations.rule_letters import (
    ONE, ZERO, beta1, beta2, eps, g, gap, lr, m, mu, new, rho, substitute, t, theta,
    v, weight_decay)
from optim.domains import declare
from optim.formulas.rule_formulas import Formula

x, bent, before = (declare(n, "real") for n in ("x", "h", "w"))
c = declare("c", "> 0")


def qhadam(f: Formula) -> list[Claim]:
    """Between a gradient and a mean, above the root and below."""
    nu1, nu2 = f.symbols["nu1"], f.symbols["nu2"]
    first = theta - f.first_step["theta"]
    root = (1 - nu2)*g**2 + nu2*f.update["v"]/(1 - beta2**t)
    above = (1 - nu1)*g + nu1*f.update["m"]/(1 - beta1**t)
    return [
        claim("form", "Its step is a share nu1 of the way from the gradient to Adam's "
              "m_hat, over the root of the same, with nu2, of their squares.",
              (theta - f.update["theta"], lr*above/(sp.sqrt(root) + eps)),
              (f.update["m"], new("adam", "m")), (f.update["v"], new("adam", "v"))),
        claim("first", "The first step is Adam's, whatever nu1 and nu2 are: m_hat is g and "
              "v_hat is g^2 then.", (first, lr*g/(sp.Abs(g) + eps))),
        claim("steady", "Under gradients of 1 it steps as if it had no memory, at every t: "
              "by induction m = 1 - beta1^t and v = 1 - beta2^t.",
              *invariant(f, {"m": 1 - beta1**t, "v": 1 - beta2**t}, {"g": ONE}),
              (substitute(f, f.update["theta"], g=ONE, m=1 - beta1**(t - 1),
                          v=1 - beta2**(t - 1)), theta - lr/(1 + eps)))]


def adan(f: Formula) -> list[Claim]:
    """A gradient a step ahead, told from two; a decay that is a least point."""
    beta3 = f.symbols["beta3"]
    ahead = bent*(theta + beta2*(theta - before))
    rest = substitute(f, f.update["theta"], weight_decay=ZERO)
    model = lr*weight_decay*x**2/2 + (x - rest)**2/2
    mean, square = 1 - beta1**t, 1 - beta3**t
    return [
        claim("ahead", "On a loss whose slope is h times theta, g + beta2 (g - g_prev) is "
              "the gradient a share beta2 of the last move ahead.",
              (bent*theta + beta2*(bent*theta - bent*before), ahead)),
        claim("first", "The first difference is 0, so the first step is that of Adam "
              "without bias correction, with eps inside the root.",
              (f.first_step["d_mean"], 0), (f.first_step["m"], (1 - beta1)*g),
              (f.first_step["v"], (1 - beta3)*g**2),
              (f.first_step["theta"].subs(weight_decay, 0), theta - lr*f.first_step["m"]
               / sp.sqrt(f.first_step["v"] + eps))),
        claim("steady", "Under gradients of 1 no difference is left: by induction m is "
              "1 - beta1^t and v is 1 - beta3^t.",
              (substitute(f, f.update["m"], g=ONE, m=mean.subs(t, t - 1)), mean),
              (substitute(f, f.update["d_mean"], g=ONE, d_mean=ZERO, g_prev=ONE), 0),
              (substitute(f, f.update["v"], g=ONE, g_prev=ONE,
                          v=square.subs(t, t - 1)), square)),
        claim("proximal", "The decay is no step down a slope: theta goes to the only least "
              "point of lr weight_decay x^2/2 + (x - rest)^2/2, where rest is where it "
              "would go without; at any distance c > 0 from there that is larger.",
              *only_least(model, x, f.update["theta"]))]


def rmsprop_graves(f: Formula) -> list[Claim]:
    """A variance under the root, and how far one gradient takes it."""
    mean, new_mean, new_v = f.symbols["g_mean"], f.update["g_mean"], f.update["v"]
    spread = rho*(1 - rho)*g**2
    return [
        claim("centred", "What stands under the root follows a rule of its own: a share "
              "rho of what it was, and the square of what the mean did not foresee.",
              (new_v - new_mean**2, rho*(v - mean**2) + rho*(1 - rho)*(mean - g)**2)),
        claim("not-negative", "By induction it never is negative: it starts at 0, and a v "
              "of g_mean^2 or more stays so. So the root is of eps or more.",
              (f.init["v"] - f.init["g_mean"]**2, 0),
              ((new_v - new_mean**2).subs(v, mean**2 + gap), ">=", 0)),
        claim("first", "The first step is lr g over the root of rho (1 - rho) g^2 + eps, "
              "and so at most lr/sqrt(rho (1 - rho)) in size.",
              (f.first_step["m"], lr*g/sp.sqrt(spread + eps)),
              ((lr*c)**2/(spread.subs(g, c) + eps)*rho*(1 - rho), "<=", lr**2)),
        claim("piles-up", "lr is inside m: with other rates later, old gradients keep the "
              "rate that they came with.",
              (f.update["m"] - mu*m, lr*g/sp.sqrt(new_v - new_mean**2 + eps)))]
