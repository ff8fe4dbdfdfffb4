"""What goes on inside a rule: its arrows, its memory, where it is stable, its relatives."""
from collections.abc import Iterable
from typing import Any, NamedTuple

import matplotlib
import numpy as np

from optim.plots.racing import edge, flat
from optim.plots.styles import (
    OKABE_ITO, Picture, accent, legend_below, looks, picture, style_called, title_of)
from optim.races import Race
from optim.rules import RULES, UNITS
from optim.signatures import Rule, anatomy, first_states, name_of, named_rule

# ------------------------------------------------------------------------------- arrows
ARROWS = {"-g": "downhill: -g", "-m": "the memory: -m", "step": "step taken"}


def arrow_colours(style: str) -> dict[str, str]:
    return {"-g": OKABE_ITO["vermillion"], "-m": accent(style),
            "step": style_called(style).ink}


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
                axes.quiver(*drawn["points"].T, *lengths.T, angles="xy", scale=1,
                            scale_units="xy", width=0.015, zorder=6, headwidth=3.5,
                            color=arrow_colours(style)[kind], edgecolor=s.page,
                            linewidth=0.5)
            axes.set_title(title_of(label))
            axes.label_outer()
        legend_below(figure, size, arrow_legend(style))
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


def arrow_legend(style: str) -> list[Any]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch
    green = OKABE_ITO["green"]
    return [*(Line2D([], [], color=colour, linewidth=2.5, label=ARROWS[kind])
              for kind, colour in arrow_colours(style).items()),
            Patch(facecolor=green + "40", edgecolor=green, label="root of v")]


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
            for k, (name, look) in enumerate(looks(names, style=style).items()):
                states, defaults = anatomy(RULES[name])
                if state in states:
                    own = {k: v for k, v in hyperparameters.items() if k in defaults}
                    # Shares that agree lie on one another: thin on thick, marks apart.
                    axes.plot(np.arange(steps), memory_share(name, state, steps, **own),
                              color=look.colour, linestyle=look.dashes, marker=look.marker,
                              linewidth=1.4 + 3.6*(len(names) - 1 - k)/len(names),
                              markevery=(3*k % 8, 8), markersize=7,
                              markeredgecolor=edge(look.colour, style),
                              markeredgewidth=0.6, label=title_of(name))
            axes.set(xlabel="age of the gradient, steps", ylim=(0, None), xlim=(-0.5, steps),
                     ylabel=f"share of the {what}", title=f"in ${state}_t$, t = {steps}")
            axes.grid(True)
        handles = {line.get_label(): line for axes in panels for line in axes.lines}
        legend_below(figure, size, list(handles.values()))
    return figure


# ---------------------------------------------------------------------------- stability
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


def growth(rule: Rule | str, rates: Any, others: Any, other: str,
           **hyperparameters: float) -> np.ndarray:
    """By what factor a step changes the distance to the minimum of theta**2/2, in the end.

    Entry (i, j) is for lr = rates[j] and `other` = others[i]: the largest modulus of an
    eigenvalue of the rule's step, which must be linear in theta and its states.
    """
    rule = named_rule(rule)
    if rule not in LINEAR:
        raise ValueError(f"growth: {name_of(rule)} is not linear; see farthest")
    shape, settings = plane(rule, rates, others, other, hyperparameters)
    size = 1 + len(anatomy(rule)[0])
    columns = []
    for k in range(size):
        unit = [np.full(shape, float(k == j)) for j in range(size)]
        after = rule(unit[0], unit[0], *unit[1:], t=1, **settings)
        columns.append(np.stack(after if isinstance(after, tuple) else (after,)))
    matrices = np.moveaxis(np.stack(columns, axis=1), (0, 1), (-2, -1))
    return np.abs(np.linalg.eigvals(matrices)).max(axis=-1)


def farthest(rule: Rule | str, rates: Any, others: Any, other: str, steps: int = 300,
             **hyperparameters: float) -> np.ndarray:
    """The largest distance from the minimum of theta**2/2 in the last third of a run from 1."""
    rule = named_rule(rule)
    shape, settings = plane(rule, rates, others, other, hyperparameters)
    theta, found = np.ones(shape), np.zeros(shape)
    now = first_states(rule, theta, dict.fromkeys(settings, 0.5))
    with np.errstate(all="ignore"):
        for t in range(1, steps + 1):
            after = rule(theta, theta, *now.values(), t=t, **settings)
            theta, *rest = after if isinstance(after, tuple) else (after,)
            now = dict(zip(now, rest, strict=True))
            if t > 2*steps//3:
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
    other = other or OTHER.get(rule, "beta1")
    rates = np.linspace(largest/count, largest, count)
    others = np.linspace(0, 0.995, count)
    linear = named_rule(rule) in LINEAR
    figure = picture(style, size)
    with matplotlib.rc_context(figure.rc):
        axes = figure.subplots()
        if linear:
            values = np.clip(growth(rule, rates, others, other, **hyperparameters), 0, 1.25)
            heights, ticks = np.linspace(0, 1.25, 26), np.linspace(0, 1.25, 6)
            text = "factor per step (black line: 1)"
        else:
            far = farthest(rule, rates, others, other, **hyperparameters)
            values = np.log10(np.clip(np.nan_to_num(far, nan=np.inf), 1e-6, 10))
            heights, ticks = np.linspace(-6, 1, 29), np.arange(-6, 2)
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


# ------------------------------------------------------------------------------- family
class Relative(NamedTuple):
    """A rule as one change to earlier ones; `same` says when it is the first of them."""
    parents: tuple[str, ...]
    change: str
    same: dict[str, float]
    place: tuple[float, float]


FAMILY = {
    "gradient_descent": Relative((), "step against\nthe gradient", {}, (1.5, 4)),
    "momentum": Relative(("gradient_descent",), "let steps pile up", {"mu": 0}, (0.6, 3)),
    "adagrad": Relative(("gradient_descent",), "divide by the root\nof summed squares", {},
                        (2.5, 3)),
    "nag": Relative(("momentum",), "gradient\na step ahead", {}, (0, 2)),
    "rmsprop": Relative(("adagrad",), "forget\nold squares", {}, (2.5, 2)),
    "adadelta": Relative(("rmsprop",), "learn lr from\npast steps", {}, (3, 1)),
    "adam": Relative(("momentum", "rmsprop"), "both, and correct\nthe start", {}, (1.4, 1)),
    "nadam": Relative(("adam", "nag"), "look ahead", {}, (0, 0)),
    "adamax": Relative(("adam",), "largest |g|,\nno root", {}, (1, 0)),
    "adamw": Relative(("adam",), "decay past\nthe moments", {"weight_decay": 0}, (2, 0)),
    "amsgrad": Relative(("adam",), "never\nshrink v", {}, (3, 0))}


def family_tree(*, style: str = "light", size: str = "page") -> Picture:
    """Each rule as one change to an earlier one.

    Along a thick arrow the child is the parent again once a letter is set, as written.
    """
    s = style_called(style)
    figure = picture(style, size, height=1.35)
    points, gap = {"page": (10, 0.15), "phone": (7.5, 0.14)}[size]
    with matplotlib.rc_context(figure.rc):
        axes = figure.subplots()
        axes.set(xlim=(-0.45, 3.45), ylim=(-0.6, 4.25), title="Each rule is one change")
        axes.set_axis_off()
        for name, look in looks(FAMILY, style=style).items():
            rule = FAMILY[name]
            x, y = rule.place
            for parent in rule.parents:
                thick = bool(rule.same) and parent == rule.parents[0]
                above_x, above_y = FAMILY[parent].place
                axes.annotate("", (x, y + 0.13), (above_x, above_y - 0.38), zorder=1,
                              arrowprops={"arrowstyle": "-|>", "shrinkA": 0, "shrinkB": 0,
                                          "color": s.ink if thick else s.faint,
                                          "linewidth": 2.4 if thick else 1.2})
            note = rule.change + "".join(
                f"\n{k.replace('_', ' ')} = {v}: the same" for k, v in rule.same.items())
            axes.text(x, y, title_of(name), ha="center", va="center", fontsize=points,
                      fontweight="bold", zorder=3, bbox={
                          "facecolor": s.page, "edgecolor": look.colour, "linewidth": 2,
                          "boxstyle": "round,pad=0.4", "linestyle": look.dashes})
            axes.text(x, y - gap, note, ha="center", va="top", fontsize=points - 1.5,
                      zorder=2, linespacing=1.1, bbox={
                          "facecolor": s.page, "edgecolor": "none", "pad": 1})
    return figure
