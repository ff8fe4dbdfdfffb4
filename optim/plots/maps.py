"""Where a rule is stable: maps over its learning rate and a second letter."""
from typing import Any

import matplotlib
import numpy as np

from optim.plots.styles import Picture, picture, title_of
from optim.rules import RULES
from optim.optimizers.signatures import (
    Rule, anatomy, first_states, name_of, named_rule, step_of)

STEPS = 300                                     # of the rules that are run
LINEAR = tuple(RULES[name] for name in ("gradient_descent", "momentum", "nag"))
OTHER = {"momentum": "mu", "nag": "mu", "rmsprop": "rho", "nadam": "mu"}


def plane(rule: Rule, rates: Any, others: Any, other: str,
          hyperparameters: dict[str, float]) -> tuple[tuple[int, ...], dict[str, Any]]:
    """The shape of the map and the rule's settings over it: rules take arrays as well."""
    defaults = anatomy(rule)[1]
    for name in ("lr", other):
        if name not in defaults:
            raise ValueError(f"stability: {name_of(rule)} has no {name}; it has "
                             f"{', '.join(defaults)}")
    lr, free = np.meshgrid(rates, others)
    return lr.shape, {**defaults, **hyperparameters, "lr": lr, other: free}


def radii(rule: Rule | str, rates: Any, others: Any, other: str) -> np.ndarray:
    """The factor of a linear rule's distance to the minimum per step, in the long run."""
    from optim.stability import stability_map as found
    known = anatomy(named_rule(rule))[1]
    if other != "mu" or other not in known:
        raise ValueError(f"stability: {name_of(named_rule(rule))} has the letters "
                         f"{', '.join(known)}; a map over lr needs mu" + (
                             f", not {other}" if "mu" in known else ""))
    return found(rule, rates, others)


def farthest(rule: Rule | str, rates: Any, others: Any, other: str,
             **hyperparameters: float) -> np.ndarray:
    """How far from the minimum of theta**2/2 it still comes in the last third, from 1."""
    rule = named_rule(rule)
    shape, settings = plane(rule, rates, others, other, hyperparameters)
    theta, found = np.ones(shape), np.zeros(shape)
    now = first_states(rule, theta, dict.fromkeys(settings, 0.5))
    with np.errstate(all="ignore"):
        for t in range(1, STEPS + 1):
            theta, *rest = step_of(rule, theta, theta, *now.values(), t=t, **settings)
            now = dict(zip(now, rest, strict=True))
            if t > 2*STEPS//3:
                found = np.maximum(found, np.abs(theta))
    return found


def stability_map(rule: str = "momentum", other: str | None = None, *,
                  largest: float = 4.0, count: int = 241, style: str = "light",
                  size: str = "page", **hyperparameters: float) -> Picture:
    """Where a rule comes to rest on a parabola of curvature 1, over lr and a second letter.

    Of a linear rule the colour is the factor by which each step shrinks the distance, and
    beyond the thick line it diverges; for curvature c read c*lr instead of lr. Any other
    rule is run from distance 1, in whose units lr is, and the colour is how far it still
    is after 200 to 300 steps.
    """
    if count < 2 or not 0 < largest < np.inf:
        raise ValueError(f"stability_map: count = {count}, largest = {largest} came; "
                         "needed count >= 2 and a finite largest > 0")
    other = other or OTHER.get(rule, "beta1")
    rates = np.linspace(largest/count, largest, count)
    others = np.linspace(0, 0.995, count)
    linear = named_rule(rule) in LINEAR
    figure = picture(style, size)
    with matplotlib.rc_context(figure.rc):
        axes = figure.subplots()
        if linear:
            if hyperparameters:
                raise ValueError(f"stability_map: {', '.join(hyperparameters)} came, but "
                                 f"{rule} has only lr and {other}, which the map is over")
            values = np.clip(radii(rule, rates, others, other), 0, 1.25)
            heights, ticks = np.linspace(0, 1.25, 26), np.linspace(0, 1.25, 6)
            text = "factor per step (black line: 1)"
        else:
            far = farthest(rule, rates, others, other, **hyperparameters)
            values = np.log10(np.clip(np.nan_to_num(far, nan=np.inf), 1e-6, 10))
            heights, ticks = np.linspace(-6, 1, 29), np.linspace(-6, 1, 8)
            text = "log10 of the farthest distance, steps 201 to 300"
        drawn = axes.contourf(rates, others, values, heights, cmap="cividis")
        if linear:
            for colour, width in (("#ffffff", 4), ("#000000", 2)):
                axes.contour(rates, others, values, [1.0], colors=[colour],
                             linewidths=width)
        bar = figure.colorbar(drawn, ax=axes, ticks=ticks,
                              location="right" if size == "page" else "top")
        bar.set_label(text)
        axes.set(xlabel="lr × curvature" if linear else "lr / starting distance",
                 ylabel=other, title=f"{title_of(rule)} on a parabola")
    return figure
