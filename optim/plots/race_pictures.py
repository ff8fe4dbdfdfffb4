"""Races as pictures: on contours, on a surface, as curves."""
from typing import Any

import matplotlib
import numpy as np

from optim.plots.stages import (
    Stage, caption, contour_stage, draw_paths, edge, legend_entries, surface_stage)
from optim.plots.styles import Look, Picture, legend_below, looks, picture, title_of
from optim.races.contests import Race, race


def contour_race(result: Race, *, style: str = "light", size: str = "page",
                 palette: str = "okabe-ito", step: int | None = None,
                 title: str | None = None) -> Picture:
    """The paths of a race on the contours of its landscape, up to a step or the last."""
    stage = contour_stage(result, style=style, size=size, palette=palette)
    return with_paths(stage, result, size, step, title)


def surface_race(result: Race, *, style: str = "light", size: str = "page",
                 palette: str = "okabe-ito", step: int | None = None,
                 title: str | None = None) -> Picture:
    """The paths of a race on the surface of its landscape; who leaves it is gone."""
    stage = surface_stage(result, style=style, size=size, palette=palette)
    return with_paths(stage, result, size, step, title)


def with_paths(stage: Stage, result: Race, size: str, step: int | None,
               title: str | None) -> Picture:
    """The stage with the paths up to a step, a title and a legend."""
    with matplotlib.rc_context(stage.figure.rc):
        draw_paths(stage, result, step)
        stage.axes.set_title(title if title is not None else caption(result))
        legend_below(stage.figure, size, legend_entries(stage, result))
    return stage.figure


def curve(axes: Any, values: np.ndarray, look: Look, style: str, label: str) -> None:
    """Values over the steps, as far as they are numbers that an axis can bear."""
    axes.plot(np.where(np.abs(values) < 1e100, values, np.nan), color=look.colour,
              linestyle=look.dashes, marker=look.marker, markersize=5, linewidth=1.7,
              markevery=max(1, len(values)//8), markeredgewidth=0.6,
              markeredgecolor=edge(look.colour, style), label=title_of(label))


def loss_curves(result: Race, *, style: str = "light", size: str = "page",
                palette: str = "okabe-ito", title: str | None = None) -> Picture:
    """The value of each runner after each step; above the lowest point, where known."""
    figure = picture(style, size)
    landscape = result.landscape
    lowest = float(landscape(*landscape.minima[0])) if landscape.minima else 0.0
    with matplotlib.rc_context(figure.rc):
        axes = figure.subplots()
        for label, look in looks(result, palette, style).items():
            values = result.losses[label] - lowest
            curve(axes, values, look, style, label)
        drawn = np.concatenate([line.get_ydata() for line in axes.lines])
        if landscape.minima and (drawn[np.isfinite(drawn)] >= 0).all():
            axes.set_yscale("log")
            positive = drawn[drawn > 0]
            axes.set_ylim(bottom=max(positive.min()/2, 1e-16) if len(positive) else None)
            top = 100*max(loss[0] - lowest for loss in result.losses.values())
        else:
            axes.set_yscale("symlog")
            top = np.inf
        axes.set_ylim(top=min(axes.get_ylim()[1], top))
        axes.set(xlabel="step", title=title if title is not None else caption(result),
                 ylabel="value above the minimum" if landscape.minima else "value")
        axes.grid(True)
        legend_below(figure, size)
    return figure


def path_curves(result: Race, *, style: str = "light", size: str = "page",
                palette: str = "okabe-ito", title: str | None = None) -> Picture:
    """Each variable of each runner over the steps; the way to see one dimension."""
    count = len(result.landscape.start)
    figure = picture(style, size, height=1 if count == 1 else 1.25)
    with matplotlib.rc_context(figure.rc):
        rows = figure.subplots(count, 1, sharex=True, squeeze=False)[:, 0]
        for k, axes in enumerate(rows):
            for label, look in looks(result, palette, style).items():
                curve(axes, result[label].theta[:, k], look, style, label)
            axes.set_ylabel("xy"[k] if count < 3 else f"variable {k}")
            axes.grid(True)
            if result.landscape.domain is not None:
                low, high = result.landscape.domain[k]
                axes.set_ylim(low - 0.05*(high - low), high + 0.05*(high - low))
        rows[-1].set_xlabel("step")
        rows[0].set_title(title if title is not None else caption(result))
        legend_below(figure, size)
    return figure


def fair_race(rules: Any, landscape: Any, start: Any = None, steps: int = 200, *,
              rates: tuple[float | str, ...] = (0.001, 0.01, "tuned"),
              style: str = "light", size: str = "page") -> Picture:
    """The same rules side by side: all at one learning rate, at another, and each tuned."""
    races = [race(rules, landscape, start, steps, lr=rate) for rate in rates]
    wide = size == "page"
    figure = picture(style, size, height=0.62 if wide else 0.62*len(rates))
    with matplotlib.rc_context(figure.rc):
        panels = figure.subplots(1 if wide else len(rates), len(rates) if wide else 1,
                                 sharex=True, sharey=True, squeeze=False).ravel()
        for rate, result, axes in zip(rates, races, panels):
            stage = contour_stage(result, style=style, size=size, axes=axes, figure=figure)
            draw_paths(stage, result)
            axes.set_title("each lr tuned" if rate == "tuned" else f"lr = {rate:g} for all")
            axes.label_outer()
        figure.suptitle(caption(races[0]), fontsize="medium")
        legend_below(figure, size, legend_entries(stage, races[0]))
    return figure
