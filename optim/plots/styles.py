"""How pictures look: colours, line styles, markers, sizes.

The colours are from Okabe & Ito 2008, "Color Universal Design", told apart with every
common kind of colour blindness. No picture relies on them alone.
"""
from collections.abc import Iterable
from io import BytesIO
from typing import Any, NamedTuple

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

OKABE_ITO = {"black": "#000000", "orange": "#E69F00", "sky": "#56B4E9",
             "green": "#009E73", "yellow": "#F0E442", "blue": "#0072B2",
             "vermillion": "#D55E00", "purple": "#CC79A7"}


class Look(NamedTuple):
    """How one runner is drawn."""
    colour: str
    dashes: Any
    marker: str


DASHED, DOTTED, MIXED = (0, (5, 2)), (0, (1.2, 1.2)), (0, (5, 1.5, 1.2, 1.5))
LOOKS = {                                       # "ink" is black on light, white on dark
    "gradient_descent": Look("ink", "-", "o"),
    "momentum":         Look("orange", "-", "s"),
    "nag":              Look("vermillion", DASHED, "D"),
    "adagrad":          Look("blue", "-", "^"),
    "adadelta":         Look("sky", DASHED, "v"),
    "rmsprop":          Look("purple", MIXED, "P"),
    "adam":             Look("green", "-", "X"),
    "adamax":           Look("yellow", MIXED, "h"),
    "nadam":            Look("ink", DASHED, "p"),
    "adamw":            Look("orange", DOTTED, "<"),
    "amsgrad":          Look("blue", DOTTED, ">")}

# The colours of the famous animations: r, g, m, b, y, k of matplotlib 1.
ORIGINALS = {
    "gradient_descent": "#ff0000", "momentum": "#008000", "nag": "#bf00bf",
    "adagrad": "#0000ff", "adadelta": "#bfbf00", "rmsprop": "#000000",
    "adam": "#00bfbf", "adamax": "#8c564b", "nadam": "#7f7f7f"}

TITLES = {"gradient_descent": "Gradient descent", "momentum": "Momentum", "nag": "NAG",
          "adagrad": "Adagrad", "adadelta": "Adadelta", "rmsprop": "RMSprop",
          "adam": "Adam", "adamax": "AdaMax", "nadam": "Nadam", "adamw": "AdamW",
          "amsgrad": "AMSGrad"}


class Style(NamedTuple):
    """The colours around the data."""
    page: str
    ink: str
    faint: str
    grid: str
    low: str                                    # of a landscape
    high: str


STYLES = {"light": Style("#ffffff", "#111111", "#767676", "#dddddd", "#fbfbfb", "#b9c2cc"),
          "dark": Style("#14161a", "#f2f2f2", "#9a9a9a", "#363b42", "#14161a", "#525e6c")}
SIZES = {"page": (6.8, 5.2, 10.0), "phone": (3.6, 4.3, 9.0)}      # inches, inches, points
LEGEND = {"page": 72, "phone": 48}                                # letters in a row
DPI = 100


class Picture(Figure):
    """A Figure that knows its style, so that it looks the same wherever it is drawn."""
    rc: dict[str, Any] = {}

    def draw(self, renderer: Any) -> None:
        with matplotlib.rc_context(self.rc):
            super().draw(renderer)

    def _repr_png_(self) -> bytes:
        file = BytesIO()
        self.savefig(file, format="png", dpi=2*self.dpi)
        return file.getvalue()


def style_called(name: str) -> Style:
    if name not in STYLES:
        raise ValueError(f"style {name!r} came; needed one of {', '.join(STYLES)}")
    return STYLES[name]


def rc(style: str, size: str) -> dict[str, Any]:
    """The matplotlib settings of a style and a size."""
    if size not in SIZES:
        raise ValueError(f"size {size!r} came; needed one of {', '.join(SIZES)}")
    s, points = style_called(style), SIZES[size][2]
    return {"font.size": points, "axes.titlesize": points + 1, "font.family": "sans-serif",
            "font.sans-serif": ["DejaVu Sans"], "legend.fontsize": points - 1,
            "figure.facecolor": s.page, "savefig.facecolor": s.page,
            "axes.facecolor": s.page, "axes.edgecolor": s.faint, "axes.labelcolor": s.ink,
            "text.color": s.ink, "xtick.color": s.ink, "ytick.color": s.ink,
            "axes.titlecolor": s.ink, "grid.color": s.grid, "grid.linewidth": 0.6,
            "axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False,
            "axes.linewidth": 0.8, "xtick.labelsize": points - 1,
            "ytick.labelsize": points - 1, "legend.handlelength": 2.6, "path.sketch": None,
            "axes.unicode_minus": True, "text.usetex": False}


def picture(style: str = "light", size: str = "page", *, height: float = 1.0) -> Picture:
    """An empty figure; height is in units of the usual one."""
    settings = rc(style, size)
    width, tall, _ = SIZES[size]
    with matplotlib.rc_context(settings):
        figure = Picture(figsize=(width, tall*height), dpi=DPI, layout="constrained")
        FigureCanvasAgg(figure)
    figure.rc = settings
    return figure


def looks(labels: Iterable[str], palette: str = "okabe-ito",
          style: str = "light") -> dict[str, Look]:
    """{label: how it is drawn}. A label that names no rule gets what is left over."""
    if palette not in ("okabe-ito", "original"):
        raise ValueError(f"palette {palette!r} came; needed okabe-ito or original")
    labels = list(labels)
    taken = {rule_of(label) for label in labels}
    spare = [look for rule, look in LOOKS.items() if rule not in taken] + [*LOOKS.values()]
    found = {}
    for label in labels:
        rule = rule_of(label)
        look = LOOKS[rule] if rule in LOOKS else spare.pop(0) if spare else LOOKS["adam"]
        if palette == "original" and rule in ORIGINALS:
            black = style == "dark" and ORIGINALS[rule] == "#000000"
            found[label] = Look(STYLES[style].ink if black else ORIGINALS[rule], "-", "o")
        else:
            colour = (style_called(style).ink if look.colour == "ink"
                      else OKABE_ITO[look.colour])
            found[label] = look._replace(colour=colour)
    return found


def rule_of(label: str) -> str:
    """The rule that a label names."""
    word = label.lower().replace(" ", "_")
    return {"sgd": "gradient_descent", "gd": "gradient_descent"}.get(word, word)


def title_of(label: str) -> str:
    return TITLES.get(label, label)


def accent(style: str) -> str:
    """The colour of a picture that needs only one."""
    return OKABE_ITO["blue" if style == "light" else "sky"]


def legend_below(figure: Figure, size: str, handles: Any = None) -> None:
    """One legend for the whole figure, under it, in as many columns as have room."""
    if handles is None:
        handles = figure.axes[0].get_legend_handles_labels()[0]
    room, widths = LEGEND[size], [len(str(h.get_label())) + 7 for h in handles]
    for rows in range(1, len(handles) + 1):             # filled column by column
        if sum(max(widths[k:k + rows]) for k in range(0, len(widths), rows)) <= room:
            break
    figure.legend(handles=handles, loc="outside lower center", ncols=-(-len(handles)//rows))
