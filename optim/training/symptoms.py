"""What may be wrong with a training: a line for each sign of it, and what to do."""
import math
import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minigrad.data.columns import Columns, as_words, is_words
from optim.optimizers.signatures import Rule, anatomy
from optim.training.preparing import Preparation

FEW_TESTS = 30
LARGE = 100                             # how far columns may differ in size, or reach
STILL = 0.03                            # a loss that fell by less has hardly moved


def of_columns(columns: Columns, labels: NDArray) -> list[str]:
    """Hints on a header that was not seen, and on columns that cannot help: constant ones,
    and those that number the rows."""
    hints = []
    if is_words(labels) and not columns.named and labels.tolist().count(labels[0]) == 1:
        hints.append(f"the first row alone has the label {labels[0]}: if it is a header, "
                     "say so: header=True (--header)")
    for name, column in zip(columns.names, columns.values):
        found = set(column.tolist())
        cure = f"drop={name!r} (--drop) leaves it out"
        if len(found) == 1:
            hints.append(f"column {name} is {as_words(column)[0]} everywhere and tells "
                         f"nothing; {cure}")
        elif len(found) == len(column) and (is_words(column) or numbers_rows(column)):
            hints.append(f"column {name} is another in each row, as a number or name of "
                         f"it, and tells nothing of new rows; {cure}")
        elif is_words(column) and all(re.match(r"\W?\s*\d", word) for word in found):
            hints.append(f"column {name} is taken as categories, {min(found)!r} and so on; "
                         "if these are numbers with a unit, or dates, write plain numbers")
    return hints


def numbers_rows(column: NDArray) -> bool:
    """Whether different numbers are whole and lie close, as the numbers of rows do."""
    return bool((column == np.floor(column)).all()
                and np.ptp(column) < 1.5*len(column))


def of_features(x: NDArray, preparation: Preparation) -> list[str]:
    """A hint on features of different size that were not standardised."""
    size = np.abs(x).max(axis=0)
    used = np.flatnonzero((size > 0) & preparation.of_numbers)
    if preparation.mean is not None or not len(used):
        return []
    least, most = used[np.argmin(size[used])], used[np.argmax(size[used])]
    if size[most] <= LARGE*min(1, size[least]):
        return []
    names = preparation.feature_names
    return [f"the features differ in size, {names[least]} reaches {size[least]:.3g}, "
            f"{names[most]} {size[most]:.3g}; standardize=True (--standardize) brings them "
            "to one size"]


def of_run(settings: dict[str, Any], rule: Rule, loss: NDArray,
           metrics: dict[str, NDArray], y_test: NDArray) -> list[str]:
    """Hints on how a training went, by its curves."""
    tests, called = len(y_test), settings["optimizer"]
    numbers = settings["hyperparameters"]
    hints = []
    if tests < FEW_TESTS:
        hints.append(f"the test set has {tests} examples, so that each of them counts "
                     f"{100/tests:.1f} %; another seed= (--seed) shows how sure it is")
    if len(loss) < 2:
        return hints
    first, last, rate = float(loss[0]), float(loss[-1]), numbers.get("lr")
    if last > first:
        return [*hints, f"{called} diverged: the training loss rose from {first:.4g} to "
                        f"{last:.4g}; {cure(rule, numbers)}"]
    if last > 2*loss.min():
        hints.append(f"the training loss rose again, from {loss.min():.4g} to {last:.4g}: "
                     f"too large a step; {cure(rule, numbers)}")
    elif last > (1 - STILL)*first:
        now = "" if rate is None else f" a larger lr (it is {rate}),"
        hints.append(f"the training loss hardly moved, from {first:.4g} to {last:.4g}; try"
                     f"{now} more epochs, or other columns")
    if "accuracy" in metrics:
        counts = np.bincount(y_test)
        share, right = counts.max()/tests, float(metrics["accuracy"][-1])
        if right <= share and right < 1:
            hints.append(f"test accuracy {100*right:.2f} % is no more than saying the most "
                         f"frequent class always, {100*share:.2f} %")
    if "r2" in metrics and metrics["r2"][-1] < 0.05:
        hints.append(f"R² {metrics['r2'][-1]:.3g} on the test set: hardly better than "
                     "saying the mean always")
    return hints


def cure(rule: Rule, hyperparameters: dict[str, Any], largest: float = 0.0) -> str:
    """What to do about a training that diverges; `largest` is its largest feature.

    >>> from optim.rules import adam
    >>> cure(adam, {"lr": 1e30})
    'lr is 1e+30: try 0.001'
    """
    size = (f"the features reach {largest:.3g}: bring them to size 1, as by "
            "x = (x - x.mean(0))/(x.std(0) + 1e-8); " if largest > 100 else "")
    if not isinstance(hyperparameters.get("lr"), (int, float)):
        return f"{size}its hyperparameters are {hyperparameters}"
    usual, came = anatomy(rule)[1]["lr"], hyperparameters["lr"]
    usual = usual if isinstance(usual, float) else math.inf             # it has no default
    return f"{size}lr is {came}: try {min(usual, came/10):.2g}"
