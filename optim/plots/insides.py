"""What goes on inside a rule: its arrows and its memory."""
from collections.abc import Iterable
from textwrap import wrap
from typing import Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from optim.optimizers.signatures import name_of
from optim.plots.stages import GRID, contours
from optim.plots.styles import OKABE_ITO, Picture, looks, picture, title_of
from optim.races.contests import Race
from optim.rules import UNITS

# ------------------------------------------------------------------------------- arrows
ARROWS = {"-g": "downhill: -g", "-m": "the memory: -m", "step": "step taken"}
ROOT: dict[str, Any] = {"edgecolor": OKABE_ITO["green"], "linewidth": 1.2,
                        "facecolor": OKABE_ITO["green"] + "40"}


def inner_arrows(result: Race, steps: Iterable[int] | None = None, *,
                 style: str = "light", size: str = "page", length: float = 0.16) -> Picture:
    """One panel a runner: at some steps its gradient, its m, its root of v, and its step.

    Arrows of one kind are to scale within a panel, the longest being `length` of the
    panel's width. The rectangle's half sides are the root of v in x and in y: the rule
    divides by them, so it steps boldly where the rectangle is thin.
    """
    with picture(style, size, height=0.55, phone=0.75, extra=0.12, panels=len(result),
                 across=3) as (figure, *panels):
        s = figure.colours
        colours = {"-g": OKABE_ITO["vermillion"], "-m": s.accent, "step": s.ink}
        for axes, label in zip(panels, result):
            stage = contours(figure, axes, result, count=GRID//2)
            stage.place(axes.plot([], [], color=s.faint, linewidth=1.2)[0],
                        result[label].theta)
            reach = length*(stage.domain[0][1] - stage.domain[0][0])
            for kind, (points, vectors) in arrows(result, label, steps).items():
                longest = np.abs(vectors).max(initial=0.0)
                vectors = vectors*(reach/longest if longest > 0 else 0)
                if kind == "root v":
                    for corner, sides in zip(points - vectors, 2*vectors):
                        axes.add_patch(Rectangle(corner, *sides, **ROOT, zorder=5))
                else:
                    axes.quiver(*points.T, *vectors.T, angles="xy", scale=1, zorder=6,
                                scale_units="xy", width=0.015, headwidth=3.5,
                                color=colours[kind], edgecolor=s.page, linewidth=0.5)
            axes.set_title(title_of(label))
            axes.label_outer()
        figure.legend_below([
            *(Line2D([], [], color=colour, linewidth=2.5, label=ARROWS[kind])
              for kind, colour in colours.items()),
            Patch(**ROOT | {"linewidth": 1.0}, label="root of v")])
    return figure


def arrows(result: Race, label: str, steps: Iterable[int] | None = None
           ) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """{kind: (points, vectors)} at these steps, four spread over the way if None.

    Both arrays have the shape (steps, 2). m and v are those with which the step from that
    point is taken. A state in the unit of the gradient itself, as AdaMax's v, is shown as
    it is, any other v by its root.
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
    return {kind: (run.theta[at], vectors[kind])
            for kind in ("root v", "-g", "-m", "step") if kind in vectors}


# ------------------------------------------------------------------------------- memory
def memory_weights(rules: Iterable[str] = ("momentum", "adagrad", "rmsprop", "adam"),
                   steps: int = 60, *, style: str = "light", size: str = "page",
                   **hyperparameters: float) -> Picture:
    """What share each past gradient has in m_t (left) and each square in v_t (right).

    The shares are the proved weights of optim.derivations.weights over their sum. A state
    without weights, such as a largest value, is named under its panel and not drawn.
    """
    from optim.derivations import weights          # SymPy, only when it is drawn
    names = [rules] if isinstance(rules, str) else list(rules)
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
    with picture(style, size, height=0.75, phone=0.65, panels=2, across=2,
                 extra=0.04*max(map(len, notes.values()))) as (figure, *panels):
        for axes, state, what in zip(panels, "mv", ("gradient", "squared gradient")):
            for k, (name, look) in enumerate(looks(names, style=style).items()):
                memory = memories[name].get(state)
                if memory is None or memory.weight is None:
                    continue
                own = {k: v for k, v in hyperparameters.items() if k in memory.defaults}
                newest_first = memory.numbers(steps, **own)[::-1]
                # Shares that agree lie on one another: thin on thick, marks apart.
                axes.plot(np.arange(steps), newest_first/newest_first.sum(), **look.line,
                          linewidth=1.4 + 3.6*(len(names) - 1 - k)/len(names),
                          markevery=(3*k % 8, 8), markersize=7, markeredgewidth=0.6)
            axes.set(xlabel="\n".join(["age of the gradient, steps", *notes[state]]),
                     ylim=(0, None), xlim=(-0.5, steps), ylabel=f"share of the {what}",
                     title=f"in ${state}_t$, t = {steps}")
            axes.grid(True)
        figure.legend_below()
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
