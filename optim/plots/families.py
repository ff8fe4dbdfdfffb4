"""The family of rules: each as one change to an earlier one."""
from typing import NamedTuple

import matplotlib

from optim.plots.styles import Picture, looks, picture, style_called, title_of


class Relative(NamedTuple):
    """A rule as one change to earlier ones; `same` says when it is the first of them."""
    parents: tuple[str, ...]
    change: str
    same: dict[str, float]
    place: tuple[float, float]


FAMILY = {
    "gradient_descent": Relative((), "step against\nthe gradient", {}, (1.5, 4)),
    "momentum": Relative(("gradient_descent",), "let steps pile up", {"mu": 0}, (0.6, 3)),
    "adagrad": Relative(("gradient_descent",), "divide by the root\nof summed squares", {},
                        (2.5, 3)),
    "nag": Relative(("momentum",), "gradient\na step ahead", {}, (0, 2)),
    "rmsprop": Relative(("adagrad",), "forget\nold squares", {}, (2.5, 2)),
    "adadelta": Relative(("rmsprop",), "learn lr from\npast steps", {}, (3, 1)),
    "adam": Relative(("momentum", "rmsprop"), "both, and correct\nthe start", {}, (1.4, 1)),
    "nadam": Relative(("adam", "nag"), "look ahead", {}, (0, 0)),
    "adamax": Relative(("adam",), "largest |g|,\nno root", {}, (1, 0)),
    "adamw": Relative(("adam",), "decay past\nthe moments", {"weight_decay": 0}, (2, 0)),
    "amsgrad": Relative(("adam",), "never\nshrink v", {}, (3, 0))}


def family_tree(*, style: str = "light", size: str = "page") -> Picture:
    """Each rule as one change to an earlier one.

    Along a thick arrow the child is the parent again once a letter is set, as written.
    """
    s = style_called(style)
    figure = picture(style, size, height=1.35)
    points, gap = {"page": (10, 0.15), "phone": (7.5, 0.14)}[size]
    with matplotlib.rc_context(figure.rc):
        axes = figure.subplots()
        axes.set(xlim=(-0.45, 3.45), ylim=(-0.6, 4.25), title="Each rule is one change")
        axes.set_axis_off()
        for name, look in looks(FAMILY, style=style).items():
            rule = FAMILY[name]
            x, y = rule.place
            for parent in rule.parents:
                thick = bool(rule.same) and parent == rule.parents[0]
                above_x, above_y = FAMILY[parent].place
                axes.annotate("", (x, y + 0.13), (above_x, above_y - 0.38), zorder=1,
                              arrowprops={"arrowstyle": "-|>", "shrinkA": 0, "shrinkB": 0,
                                          "color": s.ink if thick else s.faint,
                                          "linewidth": 2.4 if thick else 1.2})
            note = rule.change + "".join(
                f"\n{k.replace('_', ' ')} = {v}: the same" for k, v in rule.same.items())
            axes.text(x, y, title_of(name), ha="center", va="center", fontsize=points,
                      fontweight="bold", zorder=3, bbox={
                          "facecolor": s.page, "edgecolor": look.colour, "linewidth": 2,
                          "boxstyle": "round,pad=0.4", "linestyle": look.dashes})
            axes.text(x, y - gap, note, ha="center", va="top", fontsize=points - 1.5,
                      zorder=2, linespacing=1.1, bbox={
                          "facecolor": s.page, "edgecolor": "none", "pad": 1})
    return figure
