"""What goes on inside a rule: its arrows, its memory, where it is stable, its relatives."""
from collections.abc import Iterable
from typing import Any, NamedTuple

import matplotlib
import numpy as np

from optim.plots.racing import flat
from optim.plots.styles import (
    OKABE_ITO, Picture, legend_below, looks, picture, style_called, title_of)
from optim.races import Race
from optim.rules import RULES, UNITS
from optim.signatures import Rule, anatomy, first_states, name_of, named_rule

# ------------------------------------------------------------------------------- arrows
ARROWS = {"-g": ("vermillion", "downhill: -g"), "-m": ("blue", "what m says: -m"),
          "step": ("ink", "the step taken")}


def inner_arrows(result: Race, steps: Iterable[int] | None = None, *,
                 style: str = "light", size: str = "page", length: float = 0.16) -> Picture:
    """One panel a runner: at some steps its gradient, its m, its root of v, and its step.

    Arrows of one kind are to scale within a panel, the longest being `length` of the
    panel's width. The rectangle's half sides are the root of v in x and in y: the rule
    divides by them, so it steps boldly where the rectangle is thin.
    """
    s, names = style_called(style), list(result)
    columns = min(len(names), {"page": 3, "phone": 1}[size])
    rows = -(-len(names)//columns)
    figure = picture(style, size, height={"page": 0.55, "phone": 0.75}[size]*rows + 0.12)
    with matplotlib.rc_context(figure.rc):
        panels = figure.subplots(rows, columns, squeeze=False).ravel()
        for axes in panels[len(names):]:
            axes.set_axis_off()
        for axes, (label, look) in zip(panels, looks(names, style=style).items()):
            stage = flat(result, style=style, size=size, axes=axes, figure=figure)
            stage.place(axes.plot([], [], color=s.faint, linewidth=1.2)[0],
                        result[label].theta)
            reach = length*(stage.domain[0][1] - stage.domain[0][0])
            for kind, drawn in arrows(result, label, steps).items():
                longest = np.abs(drawn["vectors"]).max(initial=0.0)
                lengths = drawn["vectors"]*(reach/longest if longest > 0 else 0)
                if kind == "root v":
                    rectangles(axes, drawn["points"], lengths, OKABE_ITO["green"])
                    continue
                colour = ARROWS[kind][0]
                axes.quiver(*drawn["points"].T, *lengths.T, angles="xy", scale=1,
                            scale_units="xy", width=0.009, zorder=6, headwidth=3.5,
                            color=s.ink if colour == "ink" else OKABE_ITO[colour],
                            edgecolor=s.page, linewidth=0.4)
            axes.set_title(title_of(label))
            axes.label_outer()
        legend_below(figure, size, arrow_legend(s))
    return figure


def arrows(result: Race, label: str, steps: Iterable[int] | None = None
           ) -> dict[str, dict[str, np.ndarray]]:
    """{kind: {"points", "vectors"}} at these steps, four spread over the way if None.

    m and v are those with which the step from that point is taken. A state in the unit of
    the gradient itself, as AdaMax's v, is shown as it is, any other v by its root.
    """
    run = result[label]
    if steps is None:
        moved = np.linalg.norm(np.diff(run.theta, axis=0), axis=1)
        way = np.cumsum(np.where(np.isfinite(moved), moved, 0))
        steps = [int(np.searchsorted(way, q*way[-1])) for q in (0.0, 0.25, 0.5, 0.75)]
    at = np.array(sorted(set(steps)))
    if at.min(initial=0) < 0 or at.max(initial=0) > len(run) - 2:
        raise ValueError(f"inner_arrows: steps {at.tolist()}; needed 0 to {len(run) - 2}, "
                         "from which a step was taken")
    vectors = {"-g": -run.grad[at], "step": run.theta[at + 1] - run.theta[at]}
    if "m" in run.columns:
        vectors["-m"] = -run.m[at + 1]
    if "v" in run.columns:
        plain = UNITS.get(name_of(run.rule), {}).get("v") == "L/P"
        vectors["root v"] = run.v[at + 1] if plain else np.sqrt(run.v[at + 1])
    return {kind: {"points": run.theta[at], "vectors": vectors[kind]}
            for kind in ("root v", "-g", "-m", "step") if kind in vectors}


def rectangles(axes: Any, points: np.ndarray, halves: np.ndarray, colour: str) -> None:
    from matplotlib.patches import Rectangle
    for (x, y), (a, b) in zip(points, halves):
        axes.add_patch(Rectangle((x - a, y - b), 2*a, 2*b, facecolor=colour + "40",
                                 edgecolor=colour, linewidth=1.2, zorder=5))


def arrow_legend(s: Any) -> list[Any]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch
    entries: list[Any] = [
        Line2D([], [], color=s.ink if colour == "ink" else OKABE_ITO[colour], linewidth=2.5,
               label=text) for colour, text in ARROWS.values()]
    green = OKABE_ITO["green"]
    return entries + [Patch(facecolor=green + "40", edgecolor=green, label="root of v")]


# ------------------------------------------------------------------------------- memory
def memory_share(rule: Rule | str, state: str, steps: int,
                 **hyperparameters: float) -> np.ndarray:
    """How much each past gradient counts in m_t or v_t: entry k, the one k steps ago.

    Measured, not derived: `steps` copies of the rule run side by side, copy k sees a
    gradient of 1 at one step and else 0. The answers are divided by their sum. v of AMSGrad
    and AdaMax is a maximum, no sum: there it is the answer to one gradient alone.

    >>> memory_share("adagrad", "v", 4)
    array([0.25, 0.25, 0.25, 0.25])
    """
    rule = named_rule(rule)
    states, defaults = anatomy(rule)
    if state not in states:
        raise ValueError(f"{name_of(rule)} has no state {state}; it has "
                         f"{', '.join(states) or 'none'}")
    settings = defaults | hyperparameters
    theta = np.zeros(steps)
    now = first_states(rule, theta, settings)
    for t in range(1, steps + 1):
        gradient = np.zeros(steps)
        gradient[steps - t] = 1
        _, *after = rule(theta, gradient, *now.values(), t=t, **settings)
        now = dict(zip(now, after, strict=True))
    answer = np.asarray(now[state])
    return answer/answer.sum()


def memory_weights(rules: Iterable[str] = ("momentum", "adagrad", "rmsprop", "adam"),
                   steps: int = 60, *, style: str = "light", size: str = "page",
                   **hyperparameters: float) -> Picture:
    """What share each past gradient has in m_t (left) and each square in v_t (right)."""
    names = list(rules)
    across = size == "page"
    figure = picture(style, size, height=0.75 if across else 1.3)
    with matplotlib.rc_context(figure.rc):
        panels = figure.subplots(1 if across else 2, 2 if across else 1).ravel()
        for axes, state, what in zip(panels, "mv", ("gradient", "squared gradient")):
            for name, look in looks(names, style=style).items():
                states, defaults = anatomy(RULES[name])
                if state in states:
                    own = {k: v for k, v in hyperparameters.items() if k in defaults}
                    axes.plot(np.arange(steps), memory_share(name, state, steps, **own),
                              color=look.colour, linestyle=look.dashes, linewidth=1.8,
                              marker=look.marker, markevery=max(1, steps//8), markersize=5,
                              label=title_of(name))
            axes.set(xlabel="age of the gradient, steps", ylim=(0, None), xlim=(-0.5, steps),
                     ylabel=f"share of the {what}", title=f"in ${state}_t$, t = {steps}")
            axes.grid(True)
        handles = {line.get_label(): line for axes in panels for line in axes.lines}
        legend_below(figure, size, list(handles.values()))
    return figure


# ---------------------------------------------------------------------------- stability
def growth(rule: Rule | str, rates: np.ndarray, others: np.ndarray, other: str,
           steps: int = 300, **hyperparameters: float) -> np.ndarray:
    """By what factor a step changes the distance to the minimum of theta**2/2, in the end.

    Entry (i, j) is for lr = rates[j] and `other` = others[i]. Where the rule is linear it
    is the largest modulus of an eigenvalue of its step, exactly. Elsewhere the mean over
    `steps` steps from 1, by the farthest point of the last third.
    """
    rule = named_rule(rule)
    states, defaults = anatomy(rule)
    for name in ("lr", other):
        if name not in defaults:
            raise ValueError(f"growth: {name_of(rule)} has no {name}; it has "
                             f"{', '.join(defaults)}")
    lr, free = np.meshgrid(rates, others)
    settings: dict[str, Any] = {**defaults, **hyperparameters, "lr": lr, other: free}
    if rule in LINEAR:
        columns = []
        for k in range(1 + len(states)):
            unit = [np.full(lr.shape, float(k == j)) for j in range(1 + len(states))]
            after = rule(unit[0], unit[0], *unit[1:], t=1, **settings)
            columns.append(np.stack(after if isinstance(after, tuple) else (after,)))
        matrices = np.moveaxis(np.stack(columns, axis=1), (0, 1), (-2, -1))
        return np.abs(np.linalg.eigvals(matrices)).max(axis=-1)
    theta = np.ones(lr.shape)
    now = first_states(rule, theta, {k: 0.5 for k in settings})
    farthest = np.zeros(lr.shape)
    with np.errstate(all="ignore"):
        for t in range(1, steps + 1):
            after = rule(theta, theta, *now.values(), t=t, **settings)
            theta, *rest = after if isinstance(after, tuple) else (after,)
            now = dict(zip(now, rest, strict=True))
            if t > 2*steps//3:
                farthest = np.maximum(farthest, np.abs(theta))
        return np.asarray(farthest**(1/steps))


LINEAR = tuple(RULES[name] for name in ("gradient_descent", "momentum", "nag"))
OTHER = {"momentum": "mu", "nag": "mu", "rmsprop": "rho", "nadam": "mu"}


def stability_map(rule: str = "momentum", other: str | None = None, *,
                  largest: float = 4.0, count: int = 241, style: str = "light",
                  size: str = "page", **hyperparameters: float) -> Picture:
    """Where a rule comes to rest on a parabola of curvature 1, over lr and a second letter.

    Of a linear rule the colour is the factor by which each step shrinks the distance, and
    beyond the thick line it diverges. For curvature c read c*lr instead of lr. Of another
    rule it is the mean factor over 300 steps, and lr is in units of the starting distance.
    """
    other = other or OTHER.get(rule, "beta1")
    s = style_called(style)
    rates = np.linspace(largest/count, largest, count)
    others = np.linspace(0, 0.995, count)
    factor = growth(rule, rates, others, other, **hyperparameters)
    figure = picture(style, size)
    with matplotlib.rc_context(figure.rc):
        axes = figure.subplots()
        shown = np.where(np.isfinite(factor), np.clip(factor, 0, 1.25), 1.25)
        heights = np.linspace(0, 1.25, 26)
        drawn = axes.contourf(rates, others, shown, heights, cmap="cividis")
        if np.nanmax(shown) > 1 > np.nanmin(shown):
            axes.contour(rates, others, shown, [1.0], colors=["#ffffff"], linewidths=4)
            axes.contour(rates, others, shown, [1.0], colors=["#000000"], linewidths=2)
        bar = figure.colorbar(drawn, ax=axes, ticks=[0, 0.25, 0.5, 0.75, 1.0, 1.25],
                              location="right" if size == "page" else "top")
        bar.set_label("factor per step (black line: 1)" if named_rule(rule) in LINEAR
                      else "mean factor per step over 300 steps")
        bar.outline.set_edgecolor(s.faint)
        axes.set(xlabel="lr × curvature" if named_rule(rule) in LINEAR
                 else "lr / starting distance", ylabel=other,
                 title=f"{title_of(rule)} on a parabola")
    return figure


# ------------------------------------------------------------------------------- family
class Change(NamedTuple):
    """One rule as one change to another; with `equal` they are the same."""
    parent: str
    child: str
    change: str
    equal: dict[str, float]


FAMILY = (
    Change("gradient_descent", "momentum", "let steps pile up", {"mu": 0}),
    Change("gradient_descent", "adagrad", "divide by the root\nof summed squares", {}),
    Change("momentum", "nag", "gradient\na step ahead", {}),
    Change("adagrad", "rmsprop", "forget old squares", {}),
    Change("rmsprop", "adadelta", "measure the rate\nfrom past steps", {}),
    Change("rmsprop", "adam", "correct\nthe start", {}),
    Change("momentum", "adam", "m becomes a mean", {}),
    Change("nag", "nadam", "look ahead", {}),
    Change("adam", "nadam", "", {}),
    Change("adam", "adamax", "largest |g|,\nno root", {}),
    Change("adam", "adamw", "decay past\nthe moments", {"weight_decay": 0}),
    Change("adam", "amsgrad", "never shrink v", {}))
PLACES = {"gradient_descent": (1.5, 4), "momentum": (0.5, 3), "adagrad": (2.7, 3),
          "nag": (0, 2), "rmsprop": (2.7, 2), "adam": (1.5, 1), "adadelta": (3.6, 1),
          "nadam": (0, 0), "adamax": (1.1, 0), "adamw": (2.35, 0), "amsgrad": (3.6, 0)}


def family_tree(*, style: str = "light", size: str = "page") -> Picture:
    """Each rule as one change to an earlier one.

    Along a thick arrow the child is the parent again once a letter is set, as written.
    """
    s = style_called(style)
    figure = picture(style, size, height=1.15 if size == "phone" else 1.0)
    small = 7 if size == "phone" else 9
    with matplotlib.rc_context(figure.rc):
        axes = figure.subplots()
        axes.set(xlim=(-0.55, 4.15), ylim=(-0.35, 4.35), title="Each rule is one change")
        axes.set_axis_off()
        for edge in FAMILY:
            start, end = np.array(PLACES[edge.parent]), np.array(PLACES[edge.child])
            axes.annotate("", end, start, arrowprops={
                "arrowstyle": "-|>", "color": s.ink if edge.equal else s.faint,
                "linewidth": 2.4 if edge.equal else 1.2, "shrinkA": 15, "shrinkB": 15})
            note = edge.change + "".join(f"\n({k} = {v}: the same)"
                                         for k, v in edge.equal.items())
            axes.text(*(0.48*start + 0.52*end), note, ha="center", va="center",
                      fontsize=small - 1, color=s.ink, linespacing=1.05, bbox={
                          "facecolor": s.page, "edgecolor": "none", "pad": 1.5})
        for name, look in looks(PLACES, style=style).items():
            title = title_of(name).replace(" ", "\n")
            axes.text(*PLACES[name], title, ha="center", va="center", fontsize=small,
                      fontweight="bold", color=s.ink, bbox={
                          "facecolor": s.page, "edgecolor": look.colour, "linewidth": 2,
                          "boxstyle": "round,pad=0.45", "linestyle": look.dashes})
    return figure
