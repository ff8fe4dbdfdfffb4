"""What a History measured, over the steps."""
from typing import Any

import numpy as np

from optim.optimizers.history import History
from optim.optimizers.signatures import name_of
from optim.plots.styles import DASHED, DOTTED, Picture, looks, picture

PARTS = {"validation_": DASHED, "test_": DOTTED}        # how a column's name may begin


def history_curves(history: History, *, style: str = "light", size: str = "page",
                   title: str | None = None) -> Picture:
    """The curves of a History: a panel for each thing measured, on all parts of the data.

    Of optim.minimize the value; of optim.fit the loss, each metric, and the learning rate
    where it changes. A line marks the entry whose weights were kept.

    >>> import optim
    >>> path = optim.minimize(lambda x: x**2, 1.0, "adam", steps=9)
    >>> [axes.get_ylabel() for axes in history_curves(path).axes]
    ['value']
    """
    names = ["value"] if "value" in history.columns else [
        name for name in history.columns if name not in ("examples", "epoch")]
    panels: dict[str, dict[str, Any]] = {}
    for name in names:
        part = next((part for part in PARTS if name.startswith(part)), "")
        panels.setdefault(name.removeprefix(part), {})[part] = history.columns[name]
    rule = name_of(history.rule)
    look = looks([rule])[rule]
    with picture(style, size, panels=len(panels), height=1 if len(panels) == 1 else
                 1.25/len(panels), sharex=True) as (figure, *drawn):
        for axes, (name, curves) in zip(drawn, panels.items()):
            for part, curve in curves.items():
                axes.plot(history.t, curve, color=figure.colours.accent, linewidth=1.7,
                          linestyle=PARTS.get(part, "-"), label=part.rstrip("_") or
                          ("training" if len(panels) > 1 else look.title))
            if history.best is not None:
                axes.axvline(history.t[history.best], color=figure.colours.faint,
                             linewidth=1, label="weights kept")
            values = np.concatenate([*curves.values()])
            if name in ("value", "loss") and (values > 0).all():
                axes.set_yscale("log")
            axes.set_ylabel(name)
            axes.grid(True)
        drawn[-1].set_xlabel("step")
        drawn[0].set_title(title or look.title)
        figure.legend_below()
    return figure
