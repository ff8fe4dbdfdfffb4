"""Curves as SVG that is part of the page: in its colours, each named where it ends."""
import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from optim.notation.markup import Html, tag

GAP = 13                                        # pixels from one name to the next
MARGIN = 42, 30, 20                             # left, below, above


class Series(NamedTuple):
    """One curve: its name, where the name leads to, and how it is drawn."""
    name: str
    x: np.ndarray
    y: np.ndarray
    colour: str = "currentColor"
    dashes: str = ""                            # of SVG
    href: str | None = None
    minor: bool = False                         # thinner, and its name softer


class Axis(NamedTuple):
    """An axis from low to high, drawn over so many pixels from a place on."""
    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def at(self, values: np.ndarray) -> np.ndarray:
        """Where values lie, in pixels."""
        low, high, values = self.low, self.high, np.asarray(values, dtype=float)
        if self.log:
            low, high, values = math.log(low), math.log(high), np.log(values)
        return self.start + (self.end - self.start)*(values - low)/(high - low)

    def ticks(self) -> list[float]:
        """Round numbers along the axis, at most a dozen."""
        if self.log:
            first, last = (math.floor(math.log10(x)) for x in (self.low, self.high))
            found = [k*10.0**n for n in range(first, last + 1)
                     for k in ((1, 3) if last - first < 4 else (1,))]
        else:
            step = 10.0**math.floor(math.log10((self.high - self.low)/2))
            step *= next(k for k in (1, 2, 5) if (self.high - self.low)/(k*step) <= 7)
            found = list(step*np.arange(math.ceil(self.low/step), self.high/step + 1))
        return [x for x in found if self.low <= x*(1 + 1e-9) and x <= self.high*(1 + 1e-9)]


def short(n: float) -> str:
    """A number in few letters: 1.5k."""
    return f"{n/1000:g}k" if n >= 1000 else f"{n:g}"


def thinned(series: Series, log: bool, most: int = 60) -> Series:
    """At most so many points, evenly spread along the axis, the last one kept."""
    keep = np.isfinite(series.y) & ((series.x > 0) | (not log))
    x, y = series.x[keep], series.y[keep]
    places = np.geomspace(1, len(x), most) - 1 if log else np.linspace(0, len(x) - 1, most)
    chosen = np.unique(np.round(places).astype(int))
    return series._replace(x=x[chosen], y=y[chosen])


def apart(places: np.ndarray, low: float, high: float, gap: float = GAP) -> np.ndarray:
    """The places moved as little as need be, in their order, to stand a gap apart.

    >>> apart(np.array([10.0, 11.0, 50.0]), 0, 100).tolist()
    [4.0, 17.0, 50.0]
    """
    order = np.argsort(places, kind="stable")
    gap = min(gap, (high - low)/max(len(places) - 1, 1))
    groups: list[list[float]] = []              # [sum of wishes, members], wishes of tops
    for k, place in enumerate(places[order]):
        groups.append([place - gap*k, 1])
        while len(groups) > 1 and groups[-2][0]/groups[-2][1] >= groups[-1][0]/groups[-1][1]:
            total, members = groups.pop()
            groups[-1] = [groups[-1][0] + total, groups[-1][1] + members]
    tops = np.concatenate([np.full(int(n), total/n) for total, n in groups])
    last = high - gap*(len(places) - 1)
    found = np.empty(len(places))
    found[order] = np.round(np.clip(tops, low, max(low, last)) + gap*np.arange(len(places)))
    return found


def chart(own: str, series: Sequence[Series], title: str, description: str, *,
          x_title: str, y_title: str, log_x: bool = False, log_y: bool = False,
          y_range: tuple[float, float] | None = None, size: tuple[int, int] = (460, 300),
          beside: int = 0) -> Html:
    """The curves as an SVG with axes. Names stand in a column of `beside` pixels on the
    right, or where there is none at the curves' own ends. Values that no axis can bear,
    infinite or on a logarithmic one 0 or less, are left out."""
    drawn = [thinned(one._replace(y=np.where((one.y > 0) | (not log_y), one.y, np.nan)),
                     log_x) for one in series]
    drawn = [one for one in drawn if len(one.x)]
    width, height = size
    left, below, above = MARGIN
    xs, ys = (np.concatenate([getattr(one, k) for one in drawn] or [np.array([1.0, 2.0])])
              for k in "xy")
    low, high = y_range or (ys.min(), ys.max())
    if low == high:
        low, high = low/2 if log_y else low - 1, 2*high if log_y else high + 1
    elif log_y and y_range is None:
        low, high = low/1.15, high*1.15
    across = Axis(xs.min(), max(xs.max(), xs.min() + 1e-9), left, width - max(beside, 8),
                  log_x)
    up = Axis(low, high, height - below, above, log_y)
    ends = np.array([float(up.at(one.y[-1])) for one in drawn])
    places = apart(ends, above, height - below) if beside else ends
    return tag(
        "svg", tag("title", title, id=f"{own}-title"),
        tag("desc", description, id=f"{own}-description"),
        tag("g", grid(across, up, height, x_title, y_title), class_="axes"),
        [curve(one, across, up, float(place), width - beside if beside else None)
         for one, place in zip(drawn, places)],
        viewBox=f"0 0 {width} {height}", role="img", class_="chart",
        aria_labelledby=f"{own}-title {own}-description")


def grid(across: Axis, up: Axis, height: int, x_title: str, y_title: str) -> list[Html]:
    """The lines and numbers of both axes, and their titles."""
    parts = []
    for x in across.ticks():
        at = f"{float(across.at(x)):.1f}"
        parts += [tag("path", d=f"M{at} {up.start}V{up.end}"),
                  tag("text", short(x), x=at, y=up.start + 13, text_anchor="middle")]
    for y in up.ticks():
        at = f"{float(up.at(y)):.1f}"
        parts += [tag("path", d=f"M{across.start} {at}H{across.end}"),
                  tag("text", short(y), x=across.start - 5, y=at, dy=".32em",
                      text_anchor="end")]
    middle = (across.start + across.end)/2
    return [*parts, tag("text", x_title, x=f"{middle:.0f}", y=height - 3,
                        text_anchor="middle"),
            tag("text", y_title, x=across.start, y=up.end - 8)]


def curve(one: Series, across: Axis, up: Axis, place: float, beside: float | None) -> Html:
    """A curve with its name, which a line leads to; a link if there is more about it."""
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(across.at(one.x), up.at(one.y)))
    x, y = points.split(" ")[-1].split(",")
    parts = [tag("polyline", points=points, stroke_dasharray=one.dashes or None)]
    if beside is not None:
        parts.append(tag("path", d=f"M{x} {y}L{beside + 16:.0f} {place:.1f}",
                         class_="leader"))
    where = {"x": f"{beside + 19:.0f}" if beside is not None else x, "dy": ".32em",
             "y": f"{place:.1f}" if beside is not None else f"{float(y) - 9:.1f}",
             "text_anchor": None if beside is not None else "end"}
    parts.append(tag("text", one.name, **where))
    kind = "series minor" if one.minor else "series"
    return tag("a" if one.href else "g", parts, class_=kind, href=one.href,
               style=f"--own: {one.colour}")
