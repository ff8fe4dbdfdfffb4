"""Races as pictures: on contours, on a surface, as curves."""
from typing import Any

import numpy as np

from optim.plots.stages import GRID, caption, contours, stage_of
from optim.plots.styles import Look, Picture, looks, picture
from optim.races.contests import Race, race


def contour_race(result: Race, *, style: str = "light", size: str = "page",
                 palette: str = "okabe-ito", step: int | None = None,
                 title: str | None = None, crop: bool = False) -> Picture:
    """The paths of a race on the contours of its landscape, up to a step or the last.

    crop    show no more than where the start, the paths and their minima are

    >>> figure = contour_race(race(["nag", "adam"], "beale", lr=0.001), step=20)
    >>> [text.get_text() for text in figure.legends[0].get_texts()]
    ['NAG', 'Adam']
    """
    with stage_of(result, "contour", style, size, palette, title, crop=crop) as stage:
        stage.show(step)
    return stage.figure


def surface_race(result: Race, *, style: str = "light", size: str = "page",
                 palette: str = "okabe-ito", step: int | None = None,
                 title: str | None = None) -> Picture:
    """The paths of a race on the surface of its landscape; who leaves it is gone.

    As contour_race; both raise ValueError for a landscape that has not two variables.
    """
    with stage_of(result, "surface", style, size, palette, title) as stage:
        stage.show(step)
    return stage.figure


def curve(axes: Any, values: np.ndarray, look: Look) -> None:
    """Values over the steps, as far as they are numbers that an axis can bear."""
    axes.plot(np.where(np.abs(values) < 1e100, values, np.nan), **look.line, markersize=5,
              linewidth=1.7, markevery=max(1, len(values)//8), markeredgewidth=0.6)


def loss_curves(result: Race, *, style: str = "light", size: str = "page",
                palette: str = "okabe-ito", title: str | None = None) -> Picture:
    """The value of each runner after each step; above the lowest point, where known.

    The axis is logarithmic where all values are above a known lowest point, else symlog.
    """
    landscape = result.landscape
    lowest = float(landscape(*landscape.minima[0])) if landscape.minima else 0.0
    heights = {label: loss - lowest for label, loss in result.losses.items()}
    with picture(style, size) as (figure, axes):
        for label, look in looks(result, palette, style).items():
            curve(axes, heights[label], look)
        drawn = np.concatenate([line.get_ydata() for line in axes.lines])
        if landscape.minima and (drawn[np.isfinite(drawn)] >= 0).all():
            positive = drawn[drawn > 0]
            axes.set(yscale="log",
                     ylim=(max(positive.min()/2, 1e-16) if len(positive) else None, None))
            highest = 100*max(height[0] for height in heights.values())
            axes.set_ylim(top=min(axes.get_ylim()[1], highest))
        else:
            axes.set_yscale("symlog")
        axes.set(xlabel="step", title=caption(result, title),
                 ylabel="value above the minimum" if landscape.minima else "value")
        axes.grid(True)
        figure.legend_below()
    return figure


def path_curves(result: Race, *, style: str = "light", size: str = "page",
                palette: str = "okabe-ito", title: str | None = None) -> Picture:
    """Each variable of each runner over the steps; the way to see one dimension."""
    count, domain = len(result.landscape.start), result.landscape.domain
    with picture(style, size, panels=count, height=1 if count == 1 else 1.25/count,
                 sharex=True) as (figure, *panels):
        for k, axes in enumerate(panels):
            for label, look in looks(result, palette, style).items():
                curve(axes, result[label].theta[:, k], look)
            axes.set_ylabel("xy"[k] if count < 3 else f"variable {k}")
            axes.grid(True)
            if domain is not None:
                low, high = domain[k]
                axes.set_ylim(low - 0.05*(high - low), high + 0.05*(high - low))
        axes.set_xlabel("step")
        panels[0].set_title(caption(result, title))
        figure.legend_below()
    return figure


def fair_race(rules: Any, landscape: Any, start: Any = None, steps: int = 200, *,
              rates: tuple[float | str, ...] = (0.001, 0.01, "tuned"),
              style: str = "light", size: str = "page") -> Picture:
    """The same rules side by side: all at one learning rate, at another, and each tuned.

    The arguments are those of `race`, but for `rates`: what each panel's `lr` is.
    """
    races = [race(rules, landscape, start, steps, lr=rate) for rate in rates]
    with picture(style, size, height=0.62, panels=len(rates), across=len(rates),
                 sharex=True, sharey=True) as (figure, *panels):
        for rate, result, axes in zip(rates, races, panels):
            stage = contours(figure, axes, result, count=GRID//2)
            stage.show()
            axes.set_title("each lr tuned" if rate == "tuned" else f"lr = {rate:g} for all")
            axes.label_outer()
        figure.suptitle(caption(races[0]), fontsize="medium")
        figure.legend_below(stage.handles)
    return figure
