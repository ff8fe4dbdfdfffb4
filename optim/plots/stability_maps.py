"""Where a rule is stable: maps over its learning rate and a second letter."""
from typing import Any

import numpy as np

from optim.hints import OTHER_NAMES, meant
from optim.optimizers.signatures import Rule, anatomy, first_states, named_rule
from optim.plots.styles import Picture, picture, title_of
from optim.rules import RULES

STEPS = 300                                     # of the rules that are run
OTHER = {"momentum": "mu", "nag": "mu", "rmsprop": "rho", "nadam": "mu"}


def farthest(rule: Rule | str, rates: Any, others: Any, other: str,
             **hyperparameters: float) -> np.ndarray:
    """How far from the minimum of theta**2/2 it still comes in the last third, from 1.

    An array with a row for each of `others` and a column for each of `rates`.
    """
    from optim.stability import numeric_map        # SymPy, only when it is drawn
    rule = named_rule(rule)
    lr, free = np.meshgrid(rates, others)           # rules take arrays as well
    move = numeric_map(rule, **hyperparameters | {"lr": lr, other: free})
    start, found = np.ones(lr.shape), np.zeros(lr.shape)
    settings = dict.fromkeys(anatomy(rule)[1], 0.5)
    point = (start, *first_states(rule, start, settings).values())
    with np.errstate(all="ignore"):
        for t in range(1, STEPS + 1):
            point = move(point, t)
            if t > 2*STEPS//3:
                found = np.maximum(found, np.abs(point[0]))
    return found


def is_linear(rule: Rule | str, other: str) -> bool:
    """Whether one step is a linear map that depends on lr and the other letter alone."""
    from optim.stability import dynamics
    try:
        return {*dynamics(rule).compiled[0]} <= {other}
    except ValueError:
        return False


def stability_map(rule: str = "momentum", other: str | None = None, *,
                  largest: float = 4.0, count: int = 241, style: str = "light",
                  size: str = "page", **hyperparameters: float) -> Picture:
    """Where a rule comes to rest on a parabola of curvature 1, over lr and a second letter.

    Of a linear rule the colour is the factor by which each step shrinks the distance, as
    `optim.stability.stability_map` has it, and beyond the thick line it diverges; for
    curvature c read c*lr instead of lr. Any other rule is run from distance 1, in whose
    units lr is, and the colour is how far it still is after 200 to 300 steps. lr goes up
    to `largest`, the other letter to 0.995, each in `count` steps; ValueError if the rule
    has no such letters.
    """
    if count < 2 or not 0 < largest < np.inf:
        raise ValueError(f"stability_map: count = {count}, largest = {largest} came; "
                         "needed count >= 2 and a finite largest > 0")
    from optim.stability import stability_map as radii
    rule = meant(rule, RULES, OTHER_NAMES) or rule
    other = other or OTHER.get(rule, "beta1")
    known = set(anatomy(named_rule(rule))[1])
    if len({"lr", other, *hyperparameters} & known) < 2 + len(hyperparameters):
        raise ValueError(f"stability_map: {rule} has the letters "
                         f"{', '.join(sorted(known))}; needed lr, a second one, and values "
                         f"for others; {', '.join([other, *hyperparameters])} came")
    rates, others = np.linspace(largest/count, largest, count), np.linspace(0, 0.995, count)
    with picture(style, size) as (figure, axes):
        if linear := is_linear(rule, other):
            values = np.clip(radii(rule, rates, others), 0, 1.25)
            heights, ticks = np.linspace(0, 1.25, 26), np.linspace(0, 1.25, 6)
            text = "factor per step (black line: 1)"
        else:
            far = farthest(rule, rates, others, other, **hyperparameters)
            values = np.log10(np.clip(np.nan_to_num(far, nan=np.inf), 1e-6, 10))
            heights, ticks = np.linspace(-6, 1, 29), np.linspace(-6, 1, 8)
            text = "log10 of the farthest distance, steps 201 to 300"
        drawn = axes.contourf(rates, others, values, heights, cmap="cividis")
        if linear:
            axes.contour(rates, others, values, [1.0], colors="#ffffff", linewidths=4)
            axes.contour(rates, others, values, [1.0], colors="#000000", linewidths=2)
        figure.colorbar(drawn, ax=axes, ticks=ticks, label=text,
                        location="right" if size == "page" else "top")
        axes.set(xlabel="lr × curvature" if linear else "lr / starting distance",
                 ylabel=other, title=f"{title_of(rule)} on a parabola")
    return figure
