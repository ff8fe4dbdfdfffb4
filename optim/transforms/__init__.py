"""What is done to any rule: clip_by_norm(1.0) makes of a rule the rule that clips first.

    from optim.transforms import clip_by_norm, lookahead, weight_decay
    opt = optim.Adam(params, transforms=[clip_by_norm(1.0), weight_decay(1e-4)])
    optim.formula(clip_by_norm(1.0)("adam"))

A transform is a function of numbers that gives a function from a rule to a rule. The rule
that it makes is one like any other: its numbers are hyperparameters, which stand in
param_groups, and what it remembers are states. In reading order:

    transform_letters.py their letters
    transforming.py     how a transform makes of a rule another
    of_gradients.py     maximize, weight decay, clipping, noise, SAM, accumulation
    of_points.py        weight decay past the rule, lookahead, averages
"""
from optim.hints import no_such_name
from optim.transforms import transform_letters
from optim.transforms.of_gradients import (
    accumulate, clip_by_norm, clip_by_value, coupled_weight_decay, gradient_noise, maximize,
    sam)
from optim.transforms.of_points import ema, lookahead, polyak, weight_decay
from optim.transforms.transforming import Transform, chain, transform

__all__ = ["Transform", "accumulate", "chain", "clip_by_norm", "clip_by_value",
           "coupled_weight_decay", "ema", "gradient_noise", "lookahead", "maximize",
           "polyak", "sam", "transform", "weight_decay"]

# What other libraries call them.
OTHERS = {"clip_by_global_norm": "clip_by_norm", "clip_grad_norm_": "clip_by_norm",
          "clip": "clip_by_value", "clip_grad_value_": "clip_by_value",
          "add_decayed_weights": "coupled_weight_decay", "l2": "coupled_weight_decay",
          "decoupled_weight_decay": "weight_decay", "add_noise": "gradient_noise",
          "MultiSteps": "accumulate", "AveragedModel": "ema", "swa": "polyak",
          "sharpness_aware": "sam"}


def __getattr__(name):
    """AttributeError, with the name that it has here."""
    raise no_such_name("optim.transforms", name, __all__,
                       f"; it is optim.transforms.{OTHERS[name]} here"
                       if name in OTHERS else "")
