"""Hyperparameters at the door: numbers in the legend's domains, under the rule's names.

Who writes the name that PyTorch has is told what it is called here.
"""
import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from optim.domains import DOMAINS
from optim.rules import LEGEND
from optim.optimizers.signatures import REQUIRED, Rule, anatomy, name_of

# The legend has these positive, for its theorems; a step may also be taken with 0.
ZERO_IS_ALLOWED = {"lr", "eps"}

# What PyTorch's classes take and ours do not: what it is called here, or what to do.
OWN_RULE = ("PyTorch's variant is not in this version; write it as a rule of your own, for "
            "optim.Optimizer(params, rule)")
WHERE = {
    "momentum": "the momentum is called mu here; optim.Momentum and optim.NAG have it",
    "nesterov": "use optim.NAG",
    "dampening": OWN_RULE,
    "amsgrad": "use optim.AMSGrad, the paper's; PyTorch's variant is not in this version",
    "weight_decay": "use optim.AdamW; for the decay of PyTorch's other classes add "
                    "weight_decay*p.numpy() to p.grad before the step",
    "decoupled_weight_decay": "use optim.AdamW",
    "alpha": "it is called rho here, and PyTorch's default is 0.99",
    "lr": "there is no learning rate in the paper; leave it out, as PyTorch's 1.0 does",
    "centered": OWN_RULE,
    "lr_decay": "it is not in this version; change param_groups[0]['lr'] between steps",
    "initial_accumulator_value": OWN_RULE,
    "momentum_decay": "it is called psi here; PyTorch's variant is not in this version",
    "learning_rate": "it is called lr here, where there is one",
    "hyperparameters": "each is an argument of its own",
    "epsilon": "it is called eps here",
    "maximize": "take the gradient of -f",
    "foreach": "every step works on flat arrays already; leave it out",
    "fused": "every step works on flat arrays already; leave it out",
    "capturable": "there is no graph capture here; leave it out",
    "differentiable": "apply .rule itself to tensors, it is differentiable",
}


def validated(rule: Rule, given: dict[str, Any]) -> dict[str, float]:
    """The rule's hyperparameters as floats in their domains: `given`, else its defaults.

    `betas=(b1, b2)` stands for beta1 and beta2. Raises TypeError for a name the rule does
    not have or a value that is no number, ValueError outside the domain in the legend.
    """
    defaults = anatomy(rule)[1]
    given = dict(given)
    if "betas" in given and {"beta1", "beta2"} <= defaults.keys():
        betas = given.pop("betas")
        if not isinstance(betas, (tuple, list)) or len(betas) != 2:
            raise TypeError(f"betas: came {betas!r}; needs a pair (beta1, beta2)")
        given |= {"beta1": betas[0], "beta2": betas[1]}
    for name in given.keys() - defaults.keys():
        raise TypeError(unknown(name_of(rule), name, defaults))
    return {name: number(name_of(rule), name, given.get(name, default))
            for name, default in defaults.items()}


def number(who: str, name: str, value: Any) -> float:
    """value as a float, if the legend allows it for a hyperparameter of this name."""
    if value is REQUIRED:
        raise TypeError(f"{who} needs a value for {name}, which has no default")
    try:
        if isinstance(value, str):
            raise TypeError("text is not a number")
        result = float(value)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{who}: {name} came as {value!r}; needs a number "
                        f"({error})") from None
    letter = LEGEND.get(name)
    domain = DOMAINS[letter.domain if letter else "real"]
    if name in ZERO_IS_ALLOWED:
        domain = replace(domain, open_low=False)
    if not (math.isfinite(result) and domain.holds(result)):
        needed = domain if domain.ends else "a finite number"
        meaning = f" ({letter.meaning})" if letter else ""
        raise ValueError(f"{who}: {name} = {result!r}, but {name}{meaning} must be "
                         f"{needed}")
    return result


def unknown(who: str, name: str, takes: Iterable[str]) -> str:
    """What to say of an argument that is not taken."""
    where = f": {WHERE[name]}" if name in WHERE else ""
    return f"{who} does not take {name!r}{where}. It takes {', '.join(takes) or 'nothing'}"
