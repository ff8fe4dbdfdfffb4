"""Stages: a landscape drawn, flat or in perspective, on which paths are drawn.

Pictures and films are made on the same stages.
"""
from typing import Any

import matplotlib
import numpy as np
from matplotlib.colors import LinearSegmentedColormap, LogNorm
from matplotlib.patheffects import Normal, Stroke

from optim.landscapes import Landscape
from optim.plots.styles import (
    OKABE_ITO, Look, Picture, looks, picture, style_called, title_of)
from optim.races.contests import Race

GRID = 241                                      # points along each side of a landscape


class Stage:
    """A landscape drawn; `artists(look)` draws a path on it, `place` moves that path."""

    def __init__(self, figure: Picture, axes: Any, landscape: Landscape, domain: Any,
                 style: str, palette: str):
        self.figure, self.axes, self.landscape = figure, axes, landscape
        self.domain, self.style, self.palette = domain, style, palette
        self.is_surface = hasattr(axes, "get_zlim")

    def path(self, label: str, look: Look) -> tuple[Any, Any]:
        """An empty trail and a marker for its end."""
        original = self.palette == "original"
        ink, halo = edge(look.colour, self.style), halo_of(look.colour, self.style)
        common: dict[str, Any] = {"label": title_of(label), "color": look.colour}
        empty: tuple[list[float], ...] = ([],)*(3 if self.is_surface else 2)
        trail = self.axes.plot(
            *empty, linestyle=look.dashes, linewidth=3.0 if original else 2.0, zorder=5,
            alpha=0.7 if original else 1.0, dash_capstyle="butt", **common)[0]
        if not original:
            trail.set_path_effects([Stroke(linewidth=3.2, foreground=halo), Normal()])
        dot = self.axes.plot(
            *empty, linestyle="none", marker=look.marker, markersize=8, zorder=6,
            markeredgecolor="#000000" if original else ink, markeredgewidth=1.0,
            **common)[0]
        return trail, dot

    def place(self, artist: Any, points: np.ndarray) -> None:
        """Move the artist to these points, as far as they are on the landscape."""
        visible = on_stage(points, self.domain, leaving=self.is_surface)
        if self.is_surface:
            artist.set_data_3d(*visible.T, self.landscape(*visible.T))
        else:
            artist.set_data(*visible.T)


def edge(colour: str, style: str) -> str:
    """The edge of a marker: ink, or the page on a marker that is ink."""
    s = style_called(style)
    return s.page if colour == s.ink else s.ink


def halo_of(colour: str, style: str) -> str:
    """What surrounds a line: the page, or ink around yellow on white."""
    s = style_called(style)
    return "#6b6b6b" if colour == OKABE_ITO["yellow"] and style == "light" else s.page


def on_stage(points: np.ndarray, domain: Any, leaving: bool) -> np.ndarray:
    """The points that can be drawn: up to the first that is not a number.

    With `leaving` the first outside the domain is the end: who left a surface is gone.
    Otherwise who comes back is seen again, and far away is at most 100 windows away,
    where no line can overflow.
    """
    low, high = np.array(domain, dtype=float).T
    with np.errstate(invalid="ignore"):
        inside = (low <= points) & (points <= high) if leaving else ~np.isnan(points)
    kept = points[:int(np.argmin(inside.all(axis=1)))] if not inside.all() else points
    return np.clip(kept, low - 100*(high - low), high + 100*(high - low))


def window(landscape: Landscape, paths: dict[str, np.ndarray]) -> Any:
    """What to draw: the landscape's domain, or else where the paths are.

    Paths that run away would push all others into one pixel: nothing is shown beyond five
    times the size of the start and of where most paths end.
    """
    if landscape.domain is not None:
        return landscape.domain
    ends = [p[-1] for p in paths.values() if np.isfinite(p[-1]).all()]
    start = np.array(landscape.start)
    middle = np.median([start, *ends], axis=0) if ends else start
    reach = 5*max(np.abs(start - middle).max(), np.abs(start).max(), 0.2)
    points = np.concatenate([*paths.values(), start[None]])
    near = points[(np.abs(points - start) <= reach).all(axis=1)]    # NaN is not near
    low, high = near.min(axis=0), near.max(axis=0)
    margin = 0.15*max(float((high - low).max()), 0.1*reach)
    return tuple((float(a - margin), float(b + margin)) for a, b in zip(low, high))


def grid(landscape: Landscape, domain: Any, count: int) -> tuple[np.ndarray, ...]:
    """x, y and the values of the landscape on a grid."""
    x, y = np.meshgrid(*(np.linspace(a, b, count) for a, b in domain))
    with np.errstate(all="ignore"):
        return x, y, np.asarray(landscape(x, y), dtype=float)


def levels(landscape: Landscape, values: np.ndarray, count: int = 22) -> np.ndarray:
    """Heights of contours: narrow near the bottom; even where there is no bottom."""
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    if high <= low:
        return np.array([low - 1, low + 1])
    if landscape.minima == ():
        return np.linspace(low, high, count)
    small = max(float(np.quantile(finite, 0.003)) - low, 1e-6*(high - low))
    return np.concatenate([[low], low + np.geomspace(small, high - low, count)])


def two_variables(result: Race, what: str) -> Landscape:
    if not result or len(result.landscape.start) != 2:
        raise ValueError(f"{what}: this race has {len(result.landscape.start)} variables "
                         f"and {len(result)} runners; needed two variables and a runner; "
                         "loss_curves and path_curves draw any race")
    return result.landscape


def contour_stage(result: Race, *, style: str = "light", size: str = "page",
                  palette: str = "okabe-ito", axes: Any = None,
                  figure: Any = None) -> Stage:
    """The landscape from above, as contours; with less detail in `axes`, where given."""
    landscape, s = two_variables(result, "contour_race"), style_called(style)
    figure = figure or picture(style, size)
    with matplotlib.rc_context(figure.rc):
        count = GRID if axes is None else GRID//2
        axes = axes or figure.subplots()
        domain = window(landscape, result.paths)
        x, y, z = grid(landscape, domain, count)
        if palette == "original" and landscape.minima:
            # As in the original: about ten lines a decade, jet, the logarithm of height.
            axes.contour(x, y, z - z.min() + 1e-9, np.logspace(0, 5, 50), cmap="jet",
                         norm=LogNorm(1, 1e5), linewidths=0.9)
        else:
            heights = levels(landscape, z)
            colours = LinearSegmentedColormap.from_list("height", [s.low, s.high])
            bands = colours(np.linspace(0, 1, len(heights) - 1))
            axes.contourf(x, y, z, heights, colors=bands, antialiased=False)
            axes.contour(x, y, z, heights, colors=[s.faint], linewidths=0.35)
        for point in landscape.minima or ():
            axes.plot(*point, "*", color=s.faint, markersize=13, markeredgecolor=s.ink,
                      markeredgewidth=0.6, zorder=4)
        axes.set(xlabel="x", ylabel="y", xlim=domain[0], ylim=domain[1])
        axes.locator_params(nbins=5 if size == "phone" else 8)
        axes.spines[["top", "right"]].set_visible(True)
    return Stage(figure, axes, landscape, domain, style, palette)


def surface_stage(result: Race, *, style: str = "light", size: str = "page",
                  palette: str = "okabe-ito") -> Stage:
    """The landscape as a surface in perspective."""
    landscape, s = two_variables(result, "surface_race"), style_called(style)
    figure = picture(style, size, height=1.1 if size == "phone" else 1.0)
    with matplotlib.rc_context(figure.rc):
        axes: Any = figure.add_subplot(projection="3d", computed_zorder=False)
        axes.set_box_aspect(None, zoom=0.9)     # the numbers, too, stay in the picture
        domain = window(landscape, result.paths)
        x, y, z = grid(landscape, domain, 41)
        axes.plot_surface(x, y, z, rstride=1, cstride=1, cmap="coolwarm", linewidth=0.3,
                          edgecolor=(0, 0, 0, 0.35), antialiased=True, zorder=1,
                          alpha=1.0 if style == "light" else 0.9)
        axes.view_init(elev=60 if landscape.minima else 45, azim=225)
        axes.set(xlabel="x", ylabel="y", zlabel="f(x, y)", xlim=domain[0], ylim=domain[1])
        if landscape.name == "saddle":
            axes.set_zlim(-5, 5)
        for axis in (axes.xaxis, axes.yaxis, axes.zaxis):
            axis.set_pane_color((0, 0, 0, 0))
            axis.line.set_color(s.faint)
            axis._axinfo["grid"]["color"] = s.grid
        axes.locator_params(nbins=5)
    return Stage(figure, axes, landscape, domain, style, palette)


def draw_paths(stage: Stage, result: Race, step: int | None = None
               ) -> dict[str, tuple[Any, Any]]:
    """The trail and the marker of every runner, up to a step."""
    artists = {}
    for label, look in looks(result, stage.palette, stage.style).items():
        trail, dot = artists[label] = stage.path(label, look)
        points = result[label].theta if step is None else result[label].theta[:step + 1]
        stage.place(trail, points)
        stage.place(dot, points[-1:])
    return artists


def legend_entries(stage: Stage, result: Race) -> list[Any]:
    """Legend entries that show line and marker together."""
    from matplotlib.lines import Line2D
    return [Line2D([], [], color=look.colour, linestyle=look.dashes, marker=look.marker,
                   linewidth=2, markersize=7, markeredgewidth=0.8, label=title_of(label),
                   markeredgecolor=edge(look.colour, stage.style))
            for label, look in looks(result, stage.palette, stage.style).items()]


def caption(result: Race) -> str:
    """The landscape's name, its start and the number of steps."""
    start = ", ".join(f"{x:g}" for x in result.landscape.start)
    name = result.landscape.name.replace("_", " ").replace("<lambda>", "f")
    name = name if len(name) < 30 else name[:28] + "…"
    return f"{name}, {len(next(iter(result.values()))) - 1} steps from ({start})"
