"""Drawings as SVG that is part of the page: its colours, ids of their own, a title."""
import re
from collections.abc import Sequence
from typing import Any

import matplotlib
import numpy as np
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from optim.notation.markup import Html, tag
from optim.plots.styles import STYLES as LOOKS, svg_of, title_of
from optim.report.parts import figures, percent

# Matplotlib needs real colours; these stand for what the style sheet decides.
INK, GRID = "#000001", "#000002"
STYLES = {"BGD": ("#000003", "-", "o"), "MBGD": ("#000004", "--", "s"),
          "SGD": ("#000005", "-.", "^")}
PICTURE = LOOKS["light"]
VARIABLES = {INK: "currentColor", GRID: "var(--grid)", PICTURE.ink: "currentColor",
             PICTURE.page: "var(--paper)", PICTURE.faint: "var(--soft)",
             **{colour: f"var(--{name.lower()})" for name, (colour, *_) in STYLES.items()}}
RC: Any = {
    "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 9, "text.color": INK,
    "axes.labelcolor": INK, "axes.edgecolor": INK, "xtick.color": INK, "ytick.color": INK,
    "grid.color": GRID, "axes.spines.top": False, "axes.spines.right": False,
    "axes.linewidth": 0.6, "xtick.major.width": 0.6, "ytick.major.width": 0.6,
    "legend.frameon": False, "path.simplify": True}


def drawing(rule: str, curves: Sequence[Any], what: str) -> Html:
    """One plot against the examples seen, as SVG: of the "loss" or of the "accuracy"."""
    own = f"{rule}-{what}"
    with matplotlib.rc_context(RC):
        figure = Figure(figsize=(4.6, 2.9))
        FigureCanvasSVG(figure)
        axes = figure.add_axes((0.11, 0.15, 0.87, 0.74))
        for curve in curves:
            colour, dashes, marker = STYLES[curve.estimator.name]
            x, y = thinned(curve.examples, getattr(curve, what))
            axes.plot(x, y if what == "loss" else 100*y, color=colour, linestyle=dashes,
                      marker=marker, markevery=max(1, len(x)//6), markersize=4,
                      linewidth=1.4, label=curve.estimator.name)
        axes.set_xscale("log")
        axes.set_xlabel("examples seen")
        axes.grid(True, linewidth=0.5)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda n, _: short(n)))
        if what == "loss":
            axes.set_yscale("log")
            axes.yaxis.set_major_locator(LogLocator(subs=(1, 3)))
            axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}"))
        else:
            axes.set_ylim(0, 100)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_minor_formatter(NullFormatter())
        axes.legend(loc="lower left" if what == "loss" else "lower right")
        axes.set_title("training loss" if what == "loss" else "test accuracy, %",
                       loc="left", fontsize=9)
        svg = svg_of(figure, own, transparent=True)
    ends = "; ".join(
        f"{curve.estimator.name} ends at " + (figures(curve.loss[-1]) if what == "loss"
                                              else percent(curve.accuracy[-1]))
        for curve in curves)
    title = {"loss": "Training loss", "accuracy": "Test accuracy"}[what]
    return embedded(svg, own, f"{title} of {title_of(rule)}",
                    f"{title} against examples seen, on a logarithmic axis. {ends}.")


def thinned(x: np.ndarray, y: np.ndarray, most: int = 90) -> tuple[np.ndarray, np.ndarray]:
    """At most so many points, evenly spread on a logarithmic axis, the last one kept."""
    x, y = x[1:], y[1:]                               # 0 examples are not on such an axis
    places = np.geomspace(1, len(x), most) - 1
    keep = np.unique(np.round(places).astype(int))
    return x[keep], y[keep]


def short(n: float) -> str:
    """A number of examples in few letters: 1.5k."""
    return f"{n/1000:g}k" if n >= 1000 else f"{n:g}"


def embedded(svg: str, own: str, title: str, description: str) -> Html:
    """An SVG file as part of a page: own ids, the page's colours, a title, no size."""
    svg = svg[svg.index("<svg"):]
    box = re.search(r'viewBox="[^"]*"', svg)
    svg = re.sub(r"<style[^>]*>.*?</style>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = svg.replace("xlink:href", "href")
    svg = re.sub(r'\bid="', f'id="{own}-', svg)
    svg = re.sub(r'href="#', f'href="#{own}-', svg)
    svg = re.sub(r"url\(#", f"url(#{own}-", svg)
    for colour, variable in VARIABLES.items():
        svg = svg.replace(colour, variable)
    inner = svg[svg.index(">") + 1:]
    head = (f'<svg {box.group() if box else ""} role="img"'
            f' aria-labelledby="{own}-title {own}-description">')
    return Html(head + tag("title", title, id=f"{own}-title")
                + tag("desc", description, id=f"{own}-description") + inner.strip())
