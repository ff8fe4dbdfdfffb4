"""What the sections on training show: the table of accuracies, and the estimators."""
import inspect
from collections.abc import Sequence
from typing import Any

import numpy as np

from optim.notation.markup import Html, table, tag
from optim.plots.styles import title_of
from optim.report.parts import percent
from optim.rules import RULES


def accuracies(results: Any) -> Html:
    """The table of test accuracies."""
    plan = results.plan
    rows = []
    for rule in plan.rules:
        cells = [spread(results.accuracies[rule, split]) for split in ("random", "file")]
        rows.append((title_of(rule), defaults(rule), *cells[0], *cells[1],
                     len(plan.seeds_of(rule))))
    return table(
        f"Test accuracy after {plan.epochs} epochs, median and range over the seeds",
        ["rule", "defaults", "fixed test set", "range", "file order", "range", "seeds"],
        rows, ["name", "detail", *["number"]*5])


def adam_line(results: Any) -> Html:
    """Adam's accuracy in one sentence; nothing if the plan has no Adam."""
    if "adam" not in results.plan.rules:
        return Html()
    median, extent = spread(results.accuracies["adam", "random"])
    n = len(results.plan.seeds_of("adam"))
    return tag("p", tag("strong", f"Adam: {median}"), " on the fixed test set, the median"
               f" of {n} {'seed' if n == 1 else 'seeds'} (from {extent}).")


def spread(values: Sequence[float]) -> tuple[str, str]:
    """The median of shares from 0 to 1, and their range, in percent."""
    return (percent(float(np.median(values))),
            f"{100*min(values):.1f} to {percent(max(values))}")


def defaults(rule: str) -> str:
    """The rule's hyperparameters as it declares them."""
    return ", ".join(f"{name} = {p.default:g}" for name, p in
                     inspect.signature(RULES[rule]).parameters.items()
                     if p.kind is p.KEYWORD_ONLY and name != "t")


def estimators(plan: Any) -> Html:
    """The table of the three estimators of the gradient."""
    return table("The three estimators of the gradient", ["name", "meaning", "epochs"],
                 [(e.name, e.meaning, e.epochs) for e in plan.estimators],
                 [None, None, "number"])
