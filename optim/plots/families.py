"""The family of the rules as a picture: an arrow from each rule to what it becomes."""
from typing import TYPE_CHECKING

from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from optim.plots.styles import Picture, picture, svg_of, title_of

if TYPE_CHECKING:
    from optim.derivations import Family

# Where the middle of each rule is, in a field of 360 by 520 that is read from the top
FIELD = (360, 520)
PLACES = {"gradient_descent": (150, 18), "momentum": (78, 118), "adagrad": (225, 118),
          "nag": (34, 232), "rmsprop": (230, 225), "adam": (165, 350),
          "adadelta": (315, 330), "nadam": (34, 482), "adamax": (116, 505),
          "adamw": (198, 505), "amsgrad": (310, 482)}
# Where the label of an edge begins; where it ends, if it stands left of its arrow
RIGHT = {("adagrad", "gradient_descent"): (206, 66), ("rmsprop", "adagrad"): (236, 172),
         ("adadelta", "rmsprop"): (287, 268), ("adam", "rmsprop"): (206, 300),
         ("adam", "momentum"): (115, 190), ("nadam", "nag"): (41, 315),
         ("adamw", "adam"): (193, 455), ("amsgrad", "adam"): (268, 396)}
LEFT = {("momentum", "gradient_descent"): (98, 66), ("nag", "momentum"): (48, 174),
        ("nadam", "adam"): (82, 408), ("adam", "adamax"): (121, 464)}


def family_tree(tree: "Family | None" = None, *, style: str = "light", size: str = "page"
                ) -> Picture:
    """The rules, and how they become one another: the edges of optim.derivations.family.

    An arrow leads from a rule to what it becomes when what stands beside it is done to it.
    An arrow whose claim does not come out as claimed is dashed.
    """
    if tree is None:
        from optim.derivations import family
        tree = family()
    with picture(style, size, height=1.3) as (figure, axes):
        s, points = figure.colours, {"page": 10.5, "phone": 7.5}[size]
        axes.set(xlim=(0, FIELD[0]), ylim=(FIELD[1], 0),
                 title="Along an arrow one rule becomes another")
        axes.set_axis_off()
        boxes = {}
        for name, (x, y) in PLACES.items():
            wide = 13 + 3*len(title_of(name))
            boxes[name] = axes.add_patch(FancyBboxPatch(
                (x - wide, y - 11), 2*wide, 22, facecolor=s.page, edgecolor=s.ink,
                boxstyle="round,pad=0,rounding_size=4"))
            axes.text(x, y, title_of(name), ha="center", va="center", fontsize=points,
                      fontweight="bold")
        for edge in (e for e in tree.edges if {e.source, e.target} <= {*PLACES}):
            ends = edge.source, edge.target
            patches = dict(zip(("patchA", "patchB"), (boxes[name] for name in ends)))
            axes.add_patch(FancyArrowPatch(
                *(PLACES[name] for name in ends), **patches, arrowstyle="-|>", shrinkA=0,
                shrinkB=0, mutation_scale=1.3*points, color=s.faint,
                linestyle="-" if edge.claim.ok else "--"))
            x, y = RIGHT.get(ends) or LEFT[ends]
            axes.text(x, y, edge.how, ha="left" if ends in RIGHT else "right", va="center",
                      fontsize=points - 0.5, linespacing=1.35, label="how")
    return figure


def further_edges(tree: "Family | None" = None, *, style: str = "light",
                  size: str = "page") -> Picture:
    """The edges from the rules that family_tree has no place for, a row for each.

    A rule of your own is among them once it was given to optim.register.
    """
    if tree is None:
        from optim.derivations import family
        tree = family()
    edges = [edge for edge in tree.edges if not {edge.source, edge.target} <= {*PLACES}]
    with picture(style, size, height=0.1*max(len(edges), 8)) as (figure, axes):
        s, points = figure.colours, {"page": 9.0, "phone": 6.0}[size]
        axes.set(xlim=(0, 1), ylim=(len(edges) - 0.4, -0.6),
                 title="Along an arrow one rule becomes another")
        axes.set_axis_off()
        for row, edge in enumerate(edges):
            for x, name, side in ((0, edge.source, "left"), (1, edge.target, "right")):
                axes.text(x, row, title_of(name), ha=side, va="center", fontsize=points,
                          fontweight="bold")
            axes.add_patch(FancyArrowPatch(
                (0.26, row + 0.25), (0.78, row + 0.25), arrowstyle="-|>",
                mutation_scale=points, color=s.faint,
                linestyle="-" if edge.claim.ok else "--"))
            axes.text(0.52, row + 0.05, edge.how.replace("\n", " "), ha="center",
                      va="bottom", fontsize=points - 1, label="how")
    return figure


def family_svg(tree: "Family | None" = None) -> str:
    """The picture for a page that is as narrow as a phone, as the text of an SVG file."""
    return svg_of(family_tree(tree, size="phone"), "family")
