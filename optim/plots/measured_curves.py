"""What a History or a training measured, over the steps."""
from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from optim.optimizers.history import History
from optim.optimizers.signatures import name_of
from optim.plots.styles import DASHED, DOTTED, Picture, looks, picture, title_of

NEEDED = ("needed a Race, a Training, a History, a list of these or {label: one of these}, "
          "such as optim.train(...) or optim.fit(...) returns")
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


class Run(NamedTuple):
    """One training: its curves, and which entry's weights were kept."""
    rule: str
    steps: np.ndarray | None
    examples: np.ndarray | None
    loss: np.ndarray
    validation: np.ndarray | None
    best: int | None


def run_of(result: Any) -> Run:
    """The curves of a History, or of a Training, which has one or came from a file."""
    history = result if isinstance(result, History) else getattr(result, "history", None)
    if isinstance(history, History):
        columns = history.columns
        loss = columns.get("value", columns.get("loss"))
        if loss is None:
            raise ValueError(f"loss_curves: this History has {', '.join(columns)}, and no "
                             "loss; needed one of optim.fit or of optim.minimize")
        return Run(name_of(history.rule), history.t, columns.get("examples"), loss,
                   columns.get("validation_loss"), history.best)
    loss, examples = (getattr(result, name, None) for name in ("loss", "examples"))
    if loss is None or examples is None:
        raise TypeError(f"loss_curves: {type(result).__name__} came; {NEEDED}")
    settings = getattr(result, "settings", {})
    return Run(str(settings.get("optimizer", "training")), None, np.asarray(examples),
               np.asarray(loss), None, settings.get("best"))


def labelled(result: Any) -> dict[str, Run]:
    """{label: run} of one, of a list, or of {label: one}."""
    if isinstance(result, Mapping):
        found = {str(label): run_of(each) for label, each in result.items()}
    elif isinstance(result, (list, tuple)):
        runs = [run_of(each) for each in result]
        count, seen = Counter(run.rule for run in runs), Counter[str]()
        found = {}
        for run in runs:
            seen[run.rule] += 1
            found[f"{title_of(run.rule)} {seen[run.rule]}" if count[run.rule] > 1 else
                  run.rule] = run
    else:
        found = {(run := run_of(result)).rule: run}
    if not found:
        raise ValueError(f"loss_curves: nothing came; {NEEDED}")
    return found


def training_curves(result: Any, *, style: str = "light", size: str = "page",
                    palette: str = "okabe-ito", title: str | None = None) -> Picture:
    """The training loss of one run or of several, the validation loss dashed beside it.

    Over the examples seen, where all runs counted them, else over the steps. The axis is
    logarithmic where all losses are positive. A line marks the entry of a single run whose
    weights were kept.
    """
    runs = labelled(result)
    over = "examples" if all(run.examples is not None for run in runs.values()) else "steps"
    if any(getattr(run, over) is None for run in runs.values()):
        raise ValueError("loss_curves: some runs counted examples and others only steps; "
                         "draw them apart")
    single = len(runs) == 1
    with picture(style, size) as (figure, axes):
        for (label, run), look in zip(runs.items(), looks(runs, palette, style).values()):
            colour = figure.colours.accent if single else look.colour
            x = getattr(run, over)
            both = run.validation is not None
            axes.plot(x, finite(run.loss), color=colour, linewidth=1.8,
                      linestyle="-" if single or both else look.dashes,
                      label="training" if single and both else look.title)
            if run.validation is not None:
                axes.plot(x, finite(run.validation), color=colour, linewidth=1.8,
                          linestyle=DASHED, label="validation" if single else
                          f"{look.title}, validation")
            if single and run.best is not None:
                axes.axvline(x[run.best], color=figure.colours.faint, linewidth=1,
                             label="weights kept")
        drawn = np.concatenate([line.get_ydata() for line in axes.lines
                                if line.get_label() != "weights kept"])
        drawn = drawn[np.isfinite(drawn)]
        if len(drawn) and (drawn > 0).all():
            axes.set_yscale("log")
            axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}"))
            axes.yaxis.set_minor_formatter(NullFormatter())
        axes.locator_params(axis="x", nbins=4 if size == "phone" else 8)
        axes.set(xlabel="step" if over == "steps" else "examples seen", ylabel="loss",
                 title=title or (title_of(next(iter(runs))) if single else
                                 f"{len(runs)} trainings"))
        axes.grid(True)
        figure.legend_below()
    return figure


def finite(values: np.ndarray) -> np.ndarray:
    """The values that an axis can bear; NaN, which is not drawn, for the others."""
    return np.where(np.abs(values) < 1e100, values, np.nan)
