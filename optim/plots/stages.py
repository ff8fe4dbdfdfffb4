"""Stages: a landscape drawn, from above or in perspective, and the paths of a race on it.

Pictures and films are made on the same stages.
"""
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import numpy as np
from matplotlib.colors import FuncNorm, LinearSegmentedColormap, LogNorm
from matplotlib.lines import Line2D
from matplotlib.patheffects import Normal, Stroke
from matplotlib.ticker import EngFormatter

from optim.landscapes import Landscape
from optim.plots.styles import OKABE_ITO, Look, Picture, looks, one_of, picture
from optim.races.contests import Race

GRID = 241                                      # points along each side of a landscape
DECADES = 300                                   # the highest, in heights of the lowest tenth
HALO = {(OKABE_ITO["yellow"], "light"): "#6b6b6b"}      # around a line; else the page


class Stage:
    """The axes of a landscape with two variables; `show` draws the paths up to a step."""

    def __init__(self, figure: Picture, axes: Any, result: Race,
                 palette: str = "okabe-ito", crop: bool = False):
        count = len(result.landscape.start)
        if not result or count != 2:
            raise ValueError(f"this race has {count} variables and {len(result)} runners; "
                             "needed two variables and a runner; loss_curves and "
                             "path_curves draw any race")
        self.figure, self.axes, self.result = figure, axes, result
        self.perspective, self.original = axes.name == "3d", palette == "original"
        self.looks = looks(result, palette, figure.style)
        self.labels: list[Any] = []         # of the start and the minima, above all paths
        self.domain = (cropped if crop else window)(result.landscape, result.paths)
        axes.set(xlabel="x", ylabel="y", xlim=self.domain[0], ylim=self.domain[1])

    def grid(self, count: int) -> tuple[np.ndarray, ...]:
        """x, y and the values of the landscape, arrays of shape (count, count)."""
        x, y = np.meshgrid(*(np.linspace(a, b, count) for a, b in self.domain))
        with np.errstate(all="ignore"):
            return x, y, np.asarray(self.result.landscape(x, y), dtype=float)

    @cached_property
    def artists(self) -> dict[str, tuple[Any, Any]]:
        """{label: (its trail, the marker at its end)}, made when first asked for."""
        return {label: self.path(look) for label, look in self.looks.items()}

    def path(self, look: Look) -> tuple[Any, Any]:
        """A trail and the marker at its end, without points at first."""
        empty: tuple[list[float], ...] = ([],)*(3 if self.perspective else 2)
        trail = self.axes.plot(*empty, **look.line | {"marker": ""}, zorder=5,
                               linewidth=3.0 if self.original else 2.0,
                               alpha=0.7 if self.original else 1.0, dash_capstyle="butt")[0]
        edge = {"markeredgecolor": "#000000"} if self.original else {}
        dot = self.axes.plot(*empty, **look.line | {"linestyle": "none"} | edge, zorder=6,
                             markersize=8, markeredgewidth=1.0)[0]
        if not self.original:
            halo = HALO.get((look.colour, self.figure.style), self.figure.colours.page)
            trail.set_path_effects([Stroke(linewidth=3.2, foreground=halo), Normal()])
        return trail, dot

    def show(self, step: int | None = None) -> None:
        """Every path up to a step, or to its end."""
        for label, (trail, dot) in self.artists.items():
            points = self.result[label].theta[:None if step is None else step + 1]
            self.place(trail, points)
            self.place(dot, points[-1:])

    def place(self, artist: Any, points: np.ndarray) -> None:
        """Give the artist these points, as far as they are on the landscape."""
        seen = on_stage(points, self.domain, leaving=self.perspective)
        if self.perspective:
            artist.set_data_3d(*seen.T, self.result.landscape(*seen.T))
        else:
            artist.set_data(*seen.T)

    @property
    def handles(self) -> list[Line2D]:
        """Legend entries that show line and marker together."""
        return [Line2D([], [], linewidth=2, markersize=7, markeredgewidth=0.8, **look.line)
                for look in self.looks.values()]


def on_stage(points: np.ndarray, domain: Any, leaving: bool) -> np.ndarray:
    """The points that can be drawn: up to the first that is not a number.

    With `leaving` the first outside the domain is the end: who left a surface is gone.
    Otherwise who comes back is seen again, and far away is at most 100 windows away,
    where no line can overflow.
    """
    low, high = np.array(domain, dtype=float).T
    inside = (low <= points) & (points <= high) if leaving else ~np.isnan(points)
    kept = points[:np.argmin(inside.all(axis=1))] if not inside.all() else points
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
    middle = np.median([start, *ends], axis=0)
    reach = 5*max(np.abs(start - middle).max(), np.abs(start).max(), 0.2)
    points = np.concatenate([*paths.values(), start[None]])
    near = points[(np.abs(points - start) <= reach).all(axis=1)]    # NaN is not near
    low, high = near.min(axis=0), near.max(axis=0)
    margin = 0.15*max(float((high - low).max()), 0.1*reach)
    return tuple((float(a - margin), float(b + margin)) for a, b in zip(low, high))


def cropped(landscape: Landscape, paths: dict[str, np.ndarray]) -> Any:
    """The part of the window where the start, the paths and where they lead to are."""
    low, high = np.array(whole := window(landscape, paths), dtype=float).T
    points = np.concatenate([*paths.values(), np.array(landscape.start)[None]])
    inside = points[((low <= points) & (points <= high)).all(axis=1)]
    if landscape.minima:
        minima = np.array(landscape.minima, dtype=float)
        ends = np.array([p[-1] for p in paths.values() if np.isfinite(p[-1]).all()])
        nearest = [int(np.argmin(np.sum((minima - end)**2, axis=1))) for end in ends]
        inside = np.concatenate([inside, minima[nearest]])
    middle = (inside.min(axis=0) + inside.max(axis=0))/2
    reach = np.maximum(0.6*np.ptp(inside, axis=0), 0.06*(high - low))
    found = np.maximum(middle - reach, low), np.minimum(middle + reach, high)
    return tuple(zip(*map(np.ndarray.tolist, found))) if inside.size else whole


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


def marked(landscape: Landscape) -> Iterator[tuple[tuple[float, ...], str, str]]:
    """The start and each minimum: where, its name, and the marker that it gets."""
    yield tuple(map(float, landscape.start)), "start", "o"
    for point in landscape.minima or ():
        yield tuple(map(float, point)), "minimum", "*"


def heights_of(z: np.ndarray) -> Any:
    """How heights become colours: by their logarithm where they span decades, so that a
    valley between cliffs is seen; None for in proportion."""
    finite = z[np.isfinite(z)]
    low, tenth, high = np.quantile(finite, (0, 0.1, 1)) if finite.size else (0, 0, 0)
    if not high - low > DECADES*(tenth - low) > 0:
        return None
    floor = low - (tenth - low)/10
    return FuncNorm((lambda h: np.log(np.maximum(h - floor, (tenth - low)/20)),
                     lambda h: floor + np.exp(h)), vmin=low, vmax=high)


def contours(figure: Picture, axes: Any, result: Race, palette: str = "okabe-ito",
             crop: bool = False, count: int = GRID) -> Stage:
    """The landscape from above, its values taken on a grid of count by count points."""
    stage, landscape = Stage(figure, axes, result, palette, crop), result.landscape
    s, (x, y, z) = figure.colours, stage.grid(count)
    if stage.original and landscape.minima:
        # As in the original: about ten lines a decade, jet, the logarithm of height.
        axes.contour(x, y, z - z.min() + 1e-9, np.logspace(0, 5, 50), cmap="jet",
                     norm=LogNorm(1, 1e5), linewidths=0.9)
    else:
        heights = levels(landscape, z)
        colours = LinearSegmentedColormap.from_list("height", [s.low, s.high])
        bands = colours(np.linspace(0, 1, len(heights) - 1))
        axes.contourf(x, y, z, heights, colors=bands, antialiased=False)
        axes.contour(x, y, z, heights, colors=[s.faint], linewidths=0.35)
    narrow = figure.size == "phone" or len(figure.axes) > 1         # room for few numbers
    for point, name, shape in marked(landscape):
        axes.plot(*point, shape, color=s.faint, markeredgecolor=s.ink, zorder=4,
                  markersize=13, markeredgewidth=0.6 if shape == "*" else 1.5,
                  markerfacecolor=s.faint if shape == "*" else "none")
        if not narrow:
            halo = [Stroke(linewidth=3, foreground=s.page), Normal()]
            stage.labels.append(axes.annotate(
                name, point, (0, 9), textcoords="offset points", ha="center", zorder=7,
                annotation_clip=True, path_effects=halo))
    axes.locator_params(nbins=5 if narrow else 8)
    axes.spines[["top", "right"]].set_visible(True)
    return stage


def surface(figure: Picture, axes: Any, result: Race, palette: str = "okabe-ito",
            crop: bool = False) -> Stage:
    """The landscape as a surface in perspective."""
    stage, landscape = Stage(figure, axes, result, palette, crop), result.landscape
    s, (x, y, z) = figure.colours, stage.grid(41)
    axes.set_box_aspect(None, zoom=0.9)     # the numbers, too, stay in the picture
    colours = heights_of(z)
    axes.plot_surface(x, y, z, rstride=1, cstride=1, cmap="coolwarm", zorder=1,
                      edgecolor=(0, 0, 0, 0.35), linewidth=0.3, antialiased=True,
                      alpha=1.0 if figure.style == "light" else 0.9, norm=colours)
    for point, name, shape in marked(landscape):
        at = *point, float(landscape(*point))
        axes.scatter(*at, marker=shape, s=170 if shape == "*" else 90, zorder=4,
                     facecolor=s.faint if shape == "*" else "none", edgecolor=s.ink,
                     linewidth=0.8 if shape == "*" else 1.5, depthshade=False)
        if figure.size == "page":
            stage.labels.append(axes.text(
                *at, f"{name}\n", ha="center", va="bottom", zorder=7,
                path_effects=[Stroke(linewidth=3, foreground=s.page), Normal()]))
    axes.view_init(elev=60 if landscape.minima else 45, azim=225)
    if np.max(z, where=np.isfinite(z), initial=0) >= 1e4:
        axes.zaxis.set_major_formatter(EngFormatter(sep=""))    # 200k leaves the label room
    axes.set_zlabel("f(x, y)" if colours is None else "f(x, y); colour: its logarithm")
    if landscape.name == "saddle":
        axes.set_zlim(-5, 5)
    for axis in (axes.xaxis, axes.yaxis, axes.zaxis):
        axis.set_pane_color("none")
    axes.locator_params(nbins=5)
    return stage


PERSPECTIVE = {"projection": "3d", "computed_zorder": False}
KINDS: dict[str, tuple[Any, dict[str, Any]]] = {
    "contour": (contours, {}),
    "surface": (surface, {"phone": 1.1, "subplot_kw": PERSPECTIVE})}


@contextmanager
def stage_of(result: Race, kind: str, style: str, size: str, palette: str,
             title: str | None = None, where: str = "center", crop: bool = False,
             bare: bool = False) -> Iterator[Stage]:
    """A figure that is one stage, a "contour" or a "surface", with title and legend, or
    bare of both."""
    draw, options = KINDS[one_of("kind", kind, KINDS)]
    with picture(style, size, **options) as (figure, axes):
        stage = draw(figure, axes, result, palette, crop)
        if not bare:
            axes.set_title(caption(result, title), loc=where)
            figure.legend_below(stage.handles)
        yield stage


def caption(result: Race, title: str | None = None) -> str:
    """The title, or else the landscape's name, its start and the number of steps."""
    if title is not None:
        return title
    start = ", ".join(f"{x:g}" for x in result.landscape.start)
    name = result.landscape.name.replace("_", " ").replace("<lambda>", "f")
    short = name if len(name) < 30 else name[:28] + "…"
    return f"{short}, {len(next(iter(result.values()))) - 1} steps from ({start})"
