"""The sections on how the networks trained: the table of accuracies, and the method."""
import inspect
from collections.abc import Sequence
from typing import Any

import numpy as np

from optim.notation.markup import Html, table, tag
from optim.plots.styles import title_of
from optim.report.parts import percent, section
from optim.rules import RULES


def accuracies(results: Any) -> Html:
    """The table of test accuracies, with what it rests on."""
    plan = results.plan
    rows = []
    for rule in plan.rules:
        settings = defaults(rule)
        cells = [spread(results.accuracies[rule, split]) for split in ("random", "file")]
        rows.append((title_of(rule), settings, *(part for cell in cells for part in cell),
                     len(plan.seeds_of(rule))))
    return section(
        "accuracy", "Test accuracy",
        tag("p", f"Each rule with its defaults, {plan.epochs} epochs at batch 32: the"
            " median over seeds, and the range. The fixed test set holds 360 digits drawn"
            " once and for all, so the same writers stand on both sides. By file order the"
            " last 360 digits are the test set, by writers mostly unseen: that is harder."),
        adam_line(results) if "adam" in plan.rules else "",
        table(f"Test accuracy after {plan.epochs} epochs, median and range over the seeds",
              ["rule", "defaults", "fixed test set", "range", "file order", "range",
               "seeds"],
              rows, ["name", "detail", *["number"]*5]),
        tag("p", "One digit of 360 is 0.28 %: differences of that size mean nothing.",
            class_="soft"))


def adam_line(results: Any) -> Html:
    """Adam's accuracy in one sentence."""
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


def method(plan: Any) -> Html:
    """How the runs were made, and what the three estimators are."""
    rows = [(e.name, e.meaning, e.epochs) for e in plan.estimators]
    return section(
        "method", "How the runs were made",
        tag("p", "A network of sizes 64-32-10 with ReLU learns 1437 handwritten digits of"
            " 8 × 8 pixels, in float32; the loss is the mean cross entropy. The gradient in"
            " a step is the mean over a batch. The curves use seed 0. Each rule has, for"
            " each batch size, its own learning rate: of 1 and 3 times powers of ten, what"
            " left the smallest training loss with that seed. The test set had no part."),
        table("The three estimators of the gradient", ["name", "meaning", "epochs"], rows,
              [None, None, "number"]),
        tag("p", "A step costs more than the examples in it, so the three budgets are equal"
            " neither in steps nor in examples, but nearly so in time.", class_="soft"))
