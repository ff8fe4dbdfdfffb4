"""Adagrad's twin by dual averaging: the other update of the paper's Figure 1.

It steps from 0 by the sum of all gradients. Both share their first step and no more.
"""
import sympy as sp

from optim.derivations.claim import Claim, claim
from optim.derivations.per_rule.origins import only_least
from optim.derivations.rule_letters import eps, g, lr, theta, v
from optim.domains import declare
from optim.formulas.rule_formulas import Formula

x, total, first, second = (declare(name, "real") for name in ("x", "Z", "g_1", "g_2"))


def dual_averaging(f: Formula) -> list[Claim]:
    """The claims about the twin, and where it parts from Adagrad."""
    model = lr*total*x + (eps + sp.sqrt(v))*x**2/2
    best = -lr*total/(eps + sp.sqrt(v))

    def twin(*gradients):
        return best.subs({total: sum(gradients), v: sum(each**2 for each in gradients)})

    begun = {name: e.subs({theta: 0, g: first}) for name, e in f.first_step.items()}
    two = f.update["theta"].subs({theta: begun["theta"], v: begun["v"], g: second},
                                 simultaneous=True)
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
