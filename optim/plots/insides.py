"""What goes on inside a rule: its arrows and its memory."""
from collections.abc import Iterable
from textwrap import wrap
from typing import Any

import matplotlib
import numpy as np

from optim.plots.stages import contour_stage, edge
from optim.plots.styles import (
    OKABE_ITO, Picture, accent, legend_below, looks, picture, style_called, title_of)
from optim.races.contests import Race
from optim.rules import UNITS
from optim.optimizers.signatures import name_of

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
            stage = contour_stage(result, style=style, size=size, axes=axes, figure=figure)
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
def memory_weights(rules: Iterable[str] = ("momentum", "adagrad", "rmsprop", "adam"),
                   steps: int = 60, *, style: str = "light", size: str = "page",
                   **hyperparameters: float) -> Picture:
    """What share each past gradient has in m_t (left) and each square in v_t (right).

    The shares are the proved weights of optim.derivations.weights over their sum. A state
    without weights, such as a largest value, is named under its panel and not drawn.
    """
    from optim.derivations import weights          # SymPy, only when it is drawn
    names, across = [rules] if isinstance(rules, str) else list(rules), size == "page"
    memories = {name: weights(name) for name in names}
    drawn = [memory for states in memories.values() for memory in states.values()
             if memory.weight is not None]
    if not drawn:
        raise ValueError(f"memory_weights: {', '.join(names) or 'no rule'} came; needed a "
                         "rule that remembers gradients")
    for name in hyperparameters:
        if not any(name in memory.defaults for memory in drawn):
            raise ValueError(f"memory_weights: no weight of {', '.join(names)} has {name}")
    notes = {state: without_weights(memories, state) for state in "mv"}
    lines = max(map(len, notes.values()))
    figure = picture(style, size, height=(0.75 if across else 1.3) + 0.04*lines)
    with matplotlib.rc_context(figure.rc):
        shape = (1, 2) if across else (2, 1)
        panels = figure.subplots(*shape, squeeze=False).ravel()
        for axes, state, what in zip(panels, "mv", ("gradient", "squared gradient")):
            for k, (name, look) in enumerate(looks(names, style=style).items()):
                memory = memories[name].get(state)
                if memory is None or memory.weight is None:
                    continue
                own = {k: v for k, v in hyperparameters.items() if k in memory.defaults}
                newest_first = memory.numbers(steps, **own)[::-1]
                # Shares that agree lie on one another: thin on thick, marks apart.
                axes.plot(np.arange(steps), newest_first/newest_first.sum(),
                          color=look.colour, linestyle=look.dashes, marker=look.marker,
                          linewidth=1.4 + 3.6*(len(names) - 1 - k)/len(names),
                          markevery=(3*k % 8, 8), markersize=7,
                          markeredgecolor=edge(look.colour, style), markeredgewidth=0.6,
                          label=title_of(name))
            axes.set(xlabel="\n".join(["age of the gradient, steps", *notes[state]]),
                     ylim=(0, None), xlim=(-0.5, steps), ylabel=f"share of the {what}",
                     title=f"in ${state}_t$, t = {steps}")
            axes.grid(True)
        handles = {line.get_label(): line for axes in panels for line in axes.lines}
        legend_below(figure, size, list(handles.values()))
    return figure


def without_weights(memories: dict[str, dict[str, Any]], letter: str) -> list[str]:
    """Lines that name the states of this letter that have no weights, and why."""
    found: dict[str, list[str]] = {}
    for name, states in memories.items():
        for state, memory in states.items():
            if memory.weight is None and state.split("_")[0] == letter:
                found.setdefault(memory.why, []).append(f"{title_of(name)} {state}")
    return [line for why, those in found.items()
            for line in wrap(f"no weights in {', '.join(those)}: {why}", 34)]
