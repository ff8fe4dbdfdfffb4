"""How pictures look: colours, line styles, markers, sizes, legends.

The colours are from Okabe & Ito 2008, "Color Universal Design", told apart with every
common kind of colour blindness. No picture relies on them alone.
"""
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO, StringIO
from itertools import chain, cycle, product
from typing import Any, NamedTuple

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from optim.hints import OTHER_NAMES, meant
from optim.optimizers.classes import OPTIMIZERS

OKABE_ITO = {"black": "#000000", "orange": "#E69F00", "sky": "#56B4E9",
             "green": "#009E73", "yellow": "#F0E442", "blue": "#0072B2",
             "vermillion": "#D55E00", "purple": "#CC79A7"}


class Look(NamedTuple):
    """How one runner is drawn."""
    title: str
    colour: str                                 # "ink" is black on light, white on dark
    dashes: Any
    marker: str
    original: str = ""                          # its colour in the famous animations
    edge: str = ""                              # of its marker

    @property
    def line(self) -> dict[str, Any]:
        """The arguments of matplotlib's plot for this look."""
        return {"color": self.colour, "linestyle": self.dashes, "marker": self.marker,
                "markeredgecolor": self.edge, "label": self.title}


DASHED, DOTTED, MIXED = (0, (5, 2)), (0, (1.2, 1.2)), (0, (5, 1.5, 1.2, 1.5))
LOOKS = {                                       # originals: r, g, m, b, y, k, c of 2014
    "gradient_descent": Look("Gradient descent", "ink", "-", "o", "#ff0000"),
    "momentum":         Look("Momentum", "orange", "-", "s", "#008000"),
    "nag":              Look("NAG", "vermillion", DASHED, "D", "#bf00bf"),
    "adagrad":          Look("Adagrad", "blue", "-", "^", "#0000ff"),
    "adadelta":         Look("Adadelta", "sky", DASHED, "v", "#bfbf00"),
    "rmsprop":          Look("RMSprop", "purple", MIXED, "P", "#000000"),
    "adam":             Look("Adam", "green", "-", "X", "#00bfbf"),
    "adamax":           Look("AdaMax", "yellow", MIXED, "h", "#8c564b"),
    "nadam":            Look("Nadam", "ink", DASHED, "p", "#7f7f7f"),
    "adamw":            Look("AdamW", "orange", DOTTED, "<"),
    "amsgrad":          Look("AMSGrad", "blue", DOTTED, ">")}


class Style(NamedTuple):
    """The colours around the data."""
    page: str
    ink: str
    faint: str
    grid: str
    low: str                                    # of a landscape
    high: str
    accent: str                                 # of a picture that needs only one


STYLES = {"light": Style("#ffffff", "#111111", "#767676", "#dddddd", "#fbfbfb", "#b9c2cc",
                         OKABE_ITO["blue"]),
          "dark": Style("#14161a", "#f2f2f2", "#9a9a9a", "#363b42", "#14161a", "#525e6c",
                        OKABE_ITO["sky"])}
SIZES = {"page": (6.8, 5.2, 10.0), "phone": (3.6, 4.3, 9.0)}      # inches, inches, points
LEGEND = {"page": 72, "phone": 48}                                # letters in a row
DPI = 100


class Picture(Figure):
    """A Figure that knows its style, so that it looks the same wherever it is drawn."""
    rc: dict[str, Any] = {}
    style, size, colours = "light", "page", STYLES["light"]

    def draw(self, renderer: Any) -> None:
        """Draw under the settings of the figure's own style and size."""
        with matplotlib.rc_context(self.rc):
            super().draw(renderer)

    def _repr_png_(self) -> bytes:
        file = BytesIO()
        self.savefig(file, format="png", dpi=2*self.dpi)
        return file.getvalue()

    def legend_below(self, handles: Any = None) -> None:
        """One legend for all axes, under them, in as many columns as have room."""
        if handles is None:
            handles = {h.get_label(): h for axes in self.axes
                       for h in axes.get_legend_handles_labels()[0]}.values()
        widths = [len(str(h.get_label())) + 7 for h in handles]
        rows = next(rows for rows in range(1, len(widths) + 1) if rows == len(widths)
                    or sum(max(widths[k:k + rows])          # filled column by column
                           for k in range(0, len(widths), rows)) <= LEGEND[self.size])
        self.legend(handles=[*handles], loc="outside lower center",
                    ncols=-(-len(widths)//rows))


@contextmanager
def picture(style: str = "light", size: str = "page", *, height: float = 1.0,
            phone: float | None = None, extra: float = 0.0, panels: int = 1,
            across: int = 1, **options: Any) -> Iterator[tuple[Any, ...]]:
    """A figure and its panels, inside the settings of their style and size.

    On a page the panels stand so many across, on a phone below one another. A row of them
    has this height, in units of the usual figure's; on a phone `phone`, where it is given.
    The options are those of Figure.subplots.

    >>> with picture("dark", "phone", panels=3, across=2) as (figure, *panels):
    ...     len(panels), figure.size
    (3, 'phone')
    """
    settings = rc(style, size)
    width, usual, _ = SIZES[size]
    columns = min(panels, across) if size == "page" else 1
    rows = -(-panels//columns)
    if size == "phone" and phone is not None:
        height = phone
    tall = usual*max(0.5, rows*height + extra)
    with matplotlib.rc_context(settings):
        figure = Picture(figsize=(width, tall), dpi=DPI, layout="constrained")
        figure.rc, figure.colours = settings, STYLES[style]
        figure.style, figure.size = style, size
        FigureCanvasAgg(figure)
        axes = figure.subplots(rows, columns, squeeze=False, **options).ravel()
        for empty in axes[panels:]:
            empty.set_axis_off()
        yield figure, *axes[:panels]


def svg_of(figure: Figure, salt: str, **options: Any) -> str:
    """The figure as the text of an SVG file, which is the same every time it is made."""
    file = StringIO()
    with matplotlib.rc_context({"svg.hashsalt": salt}):
        figure.savefig(file, format="svg", **options, metadata=dict.fromkeys((
            "Creator", "Date", "Format", "Type")))
    return file.getvalue()


def one_of(what: str, name: str, known: Iterable[str]) -> str:
    """The name, if it is known; ValueError with those that are."""
    if name not in known:
        raise ValueError(f"{what} {name!r} came; needed one of {', '.join(known)}")
    return name


def rc(style: str, size: str) -> dict[str, Any]:
    """The matplotlib settings of a style and a size."""
    s = STYLES[one_of("style", style, STYLES)]
    points = SIZES[one_of("size", size, SIZES)][2]
    same = {s.page: "figure.facecolor savefig.facecolor axes.facecolor",
            s.ink: "text.color axes.labelcolor axes.titlecolor xtick.color ytick.color",
            points - 1: "legend.fontsize xtick.labelsize ytick.labelsize",
            False: "axes.spines.top axes.spines.right legend.frameon text.usetex"}
    return {name: value for value, names in same.items() for name in names.split()} | {
        "font.size": points, "axes.titlesize": points + 1, "font.family": "sans-serif",
        "font.sans-serif": ["DejaVu Sans"], "axes.edgecolor": s.faint,
        "grid.color": s.grid, "grid.linewidth": 0.6, "axes.linewidth": 0.8,
        "legend.handlelength": 2.6, "path.sketch": None, "axes.unicode_minus": True}


def looks(labels: Iterable[str], palette: str = "okabe-ito",
          style: str = "light") -> dict[str, Look]:
    """{label: how it is drawn}. A label that names no rule gets what is left over."""
    original = one_of("palette", palette, ("okabe-ito", "original")) == "original"
    s, rules = STYLES[one_of("style", style, STYLES)], {n: rule_of(n) for n in labels}
    spare = chain((look for rule, look in LOOKS.items() if rule not in rules.values()),
                  further_looks())
    found = {}
    for label, rule in rules.items():
        look = LOOKS.get(rule) or next(spare)
        colour = OKABE_ITO.get(look.colour, s.ink)
        if original and rule in LOOKS and look.original:
            look, colour = look._replace(dashes="-", marker="o"), look.original
            if style == "dark" and colour == OKABE_ITO["black"]:
                colour = s.ink
        found[label] = look._replace(title=title_of(label), colour=colour,
                                     edge=s.page if colour == s.ink else s.ink)
    return found


def further_looks() -> Iterator[Look]:
    """Looks that none of the rules above has, again and again with other markers."""
    used = {(look.colour, look.dashes) for look in LOOKS.values()}
    colours = "ink", *(name for name in OKABE_ITO if name != "black")
    lines = [pair for pair in product(("-", DASHED, DOTTED, MIXED), colours)
             if (pair[1], pair[0]) not in used]
    for marker, (dashes, colour) in zip(cycle("d*H8"), cycle(lines)):
        yield Look("", colour, dashes, marker)


def rule_of(label: str) -> str:
    """The rule that a label names."""
    return meant(label, LOOKS, OTHER_NAMES) or label


def title_of(label: str) -> str:
    """The name of a rule in print; any other label as it is."""
    if label in LOOKS:
        return LOOKS[label].title
    return OPTIMIZERS[label].__name__ if label in OPTIMIZERS else label
