"""Hyperparameters at the door: numbers in the legend's domains, under the rule's names.

Who writes the name that PyTorch has is told what it is called here.
"""
import copy
import functools
import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from optim.domains import DOMAINS, Domain
from optim.hints import did_you_mean
from optim.rules import LEGEND
from optim.optimizers.signatures import REQUIRED, Rule, anatomy, name_of

# The legend has these positive, for its theorems; a step may also be taken with 0.
ZERO_IS_ALLOWED = {"lr", "eps"}

# What PyTorch's classes take and ours do not: what it is called here, or what to do.
PYTORCHS = "the optimizer of that name in optim.dialects.torch has it, as PyTorch's"
LEAVE_OUT = "every step works on flat arrays already; leave it out"
WHERE = {
    "momentum": "the momentum is called mu here; optim.Momentum(params, lr=0.01, mu=0.9) "
                "and optim.NAG have it",
    "nesterov": "use optim.NAG(params, lr=0.01, mu=0.9)",
    "dampening": PYTORCHS,
    "amsgrad": "use optim.AMSGrad, the paper's, or optim.dialects.torch.Adam, PyTorch's",
    "weight_decay": "use optim.AdamW, or transforms=[optim.transforms.weight_decay(1e-5)];"
                    " that of PyTorch's other classes, which is added to the gradient, is "
                    "[optim.transforms.coupled_weight_decay(1e-4)], see also "
                    "optim.dialects.torch",
    "decoupled_weight_decay": "use optim.AdamW, or transforms="
                              "[optim.transforms.weight_decay(1e-5)]",
    "clipnorm": "use transforms=[optim.transforms.clip_by_norm(1.0)]",
    "global_clipnorm": "use transforms=[optim.transforms.clip_by_norm(1.0)]",
    "max_grad_norm": "use transforms=[optim.transforms.clip_by_norm(1.0)]",
    "clipvalue": "use transforms=[optim.transforms.clip_by_value(1.0)]",
    "use_ema": "use transforms=[optim.transforms.ema(0.99)]",
    "gradient_accumulation_steps": "use transforms=[optim.transforms.accumulate(4)]",
    "alpha": "it is called rho here, and PyTorch's default is 0.99",
    "lr": "there is no learning rate in the paper; leave it out, as PyTorch's 1.0 does",
    "centered": PYTORCHS,
    "lr_decay": "optim.dialects.torch.Adagrad has it; or write lr=lambda t: 0.01/(1 + "
                "(t - 1)*lr_decay)",
    "initial_accumulator_value": PYTORCHS,
    "momentum_decay": "it is called psi here; PyTorch's variant of the rule is "
                      "optim.dialects.torch.NAdam",
    "learning_rate": "it is called lr here, where there is one",
    "hyperparameters": "each is an argument of its own",
    "epsilon": "it is called eps here",
    "maximize": "take the gradient of -f, or transforms=[optim.transforms.maximize()]",
    "foreach": LEAVE_OUT,
    "fused": LEAVE_OUT,
    "capturable": "there is no graph capture here; leave it out",
    "differentiable": "apply .rule itself to tensors, it is differentiable",
}


def validated(rule: Rule, given: dict[str, Any]) -> dict[str, Any]:
    """The rule's hyperparameters as floats in their domains: `given`, else its defaults.

    A schedule stays; at_step has what it is at some t. `betas=(b1, b2)` stands for beta1
    and beta2. Raises TypeError for a name the rule does not have or a value that is no
    number, ValueError outside the domain in the legend.
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
    values = {name: given.get(name, default) for name, default in defaults.items()}
    return {name: value if is_schedule(value) else number(name_of(rule), name, value)
            for name, value in values.items()}


def is_schedule(value: Any) -> bool:
    """Whether a hyperparameter is a function of t: a Schedule, or any other."""
    return callable(value) and not hasattr(value, "__float__") and not isinstance(
        value, type)


def has_schedule(value: Any) -> bool:
    """Whether it is a schedule, or a tuple with one in it."""
    return any(map(has_schedule, value)) if isinstance(value, tuple) else is_schedule(value)


def at(value: Any, t: int) -> Any:
    """What a schedule gives at t, also those in a tuple; anything else as it is."""
    if isinstance(value, tuple):
        return tuple([at(x, t) for x in value])
    return value(t) if is_schedule(value) else value


def at_step(who: str, settings: dict[str, Any], t: int) -> dict[str, float]:
    """The hyperparameters at step t, as numbers that the legend allows."""
    return {name: number(f"{who} at t = {t}", name, value(t)) if is_schedule(value)
            else value for name, value in settings.items()}


def set_aside(groups: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Copies of groups, with copies of those schedules that observe."""
    memo: dict[int, Any] = {}           # what two groups share, their copies share as well
    return [{name: copy.deepcopy(x, memo) if hasattr(x, "resumed") else x
             for name, x in group.items()} for group in groups]


def number(who: str, name: str, value: Any) -> float:
    """value as a float, if the legend allows it for a hyperparameter of this name."""
    if value is REQUIRED:
        raise TypeError(f"{who} needs a value for {name}, which has no default")
    try:
        if isinstance(value, str):
            float(value)
            raise TypeError("text is not a number: leave the quotes out")
        if hasattr(value, "get_last_lr"):
            raise TypeError("PyTorch's schedulers follow PyTorch's optimizers: write one "
                            "of optim.schedules, such as optim.schedules.step(0.1, "
                            "every=30)")
        if np.ndim(value):
            raise TypeError("one for all the parameters of a group: float(array[0])")
        result = float(value)
    except OverflowError:
        result = math.inf
    except (TypeError, ValueError) as error:
        raise TypeError(f"{who}: {name} came as {value!r:.80}; needs a number "
                        f"({error})") from None
    letter = LEGEND.get(name)
    domain = allowed(letter.domain if letter else "real", name in ZERO_IS_ALLOWED)
    if not (math.isfinite(result) and domain.holds(result)):
        needed = domain if domain.ends else "a finite number"
        meaning = f" ({letter.meaning})" if letter else ""
        raise ValueError(f"{who}: {name} = {result!r}, but {name}{meaning} must be "
                         f"{needed}")
    return result


@functools.cache
def allowed(domain: str, zero: bool) -> Domain:
    """The domain of this name, which may have to hold 0 as well."""
    return replace(DOMAINS[domain], open_low=False) if zero else DOMAINS[domain]


def elsewhere(name: str, settings: Iterable[str]) -> str:
    """Where what is no attribute of an optimizer is found, "" if nothing is known of it."""
    if name in settings:
        return f"; it stands in opt.param_groups[0][{name!r}], where it may be changed"
    if name == "betas" and "beta1" in settings:
        return "; write opt.param_groups[0].update(beta1=0.9, beta2=0.999)"
    if name == "state":
        return "; write opt.state_dict()['state'][0] for that of parameter 0"
    return f"; {WHERE[name]}" if name in WHERE else ""


def unknown(who: str, name: str, takes: Iterable[str]) -> str:
    """What to say of an argument that is not taken."""
    takes = list(takes)
    where = (f": {WHERE[name]}" if name in WHERE else
             f";{hint}" if (hint := did_you_mean(name, takes, near=0.6)) else ".")
    return (f"{who} does not take {name!r}{where}{'.'*(name in WHERE)} It takes "
            f"{', '.join(takes) or 'nothing'}")
