"""The first screen: one chart with the curves of all rules, three findings, the race."""
from collections import Counter
from functools import cache
from typing import Any

import numpy as np

from optim import plots
from optim.notation.markup import Html, tag
from optim.plots.styles import OKABE_ITO, looks, title_of
from optim.races.replays import replayed
from optim.report.charts import Series, chart
from optim.report.parts import figures, percent
from optim.report.plans import TRAINED_ON

CHART = "MBGD"                                  # the estimator of the chart
PLAIN = "gradient_descent"
CALM = 3                                        # epochs of which the chart has the median


def of_chart(results: Any) -> dict[str, Any]:
    """{rule: its curve under the estimator of the chart}."""
    return {rule: curve for rule, curves in results.curves.items() for curve in curves
            if curve.estimator.name == CHART}


def colour_of(colour: str) -> str:
    """A colour as the page knows it, whose ink and yellow change with its style."""
    named = {OKABE_ITO["yellow"]: "var(--yellow)"}
    return named.get(colour, colour if colour in OKABE_ITO.values() else "currentColor")


def all_curves(results: Any) -> Html:
    """The training loss of every rule over the epochs, each named at its end."""
    found = of_chart(results)
    drawn = looks(found)
    series = [Series(
        title_of(rule), curve.examples/TRAINED_ON, calm(curve),
        colour_of(drawn[rule].colour), dashes(drawn[rule].dashes),
        f"#{rule}" if rule in results.facts else "#later-rules",
        rule not in results.plan.rules) for rule, curve in found.items()]
    size = next(c.estimator.size for c in found.values())
    last = ", ".join(f"{title_of(rule)} {figures(curve.loss[-1])}"
                     for rule, curve in found.items())
    epochs = f"epochs of {TRAINED_ON} digits, {size} a step"
    return chart("all-rules", series, f"Training loss of {len(series)} rules",
                 f"Training loss over the epochs, on a logarithmic axis. At the end: {last}.",
                 x_title=epochs, y_title=f"training loss, median of {CALM} epochs",
                 log_y=True, size=(480, max(400, 13*len(series) + 70)), beside=140)


def calm(curve: Any) -> np.ndarray:
    """The loss without its spikes: at each point the median of the epochs before it."""
    since = np.searchsorted(curve.examples, curve.examples - CALM*TRAINED_ON, side="right")
    return np.array([np.median(curve.loss[first:k + 1]) for k, first in enumerate(since)])


def dashes(of_line: Any) -> str:
    """Dashes of matplotlib's as SVG's."""
    return "" if of_line == "-" else " ".join(f"{1.8*x:g}" for x in of_line[1])


@cache
def race_film() -> Html:
    """The famous race, played."""
    film = plots.animate(replayed("contours"), crop=True, hold=2.0,
                         title="Six optimizers on Beale's function")
    return Html(film.player())


# ------------------------------------------------------------------------------ findings
def findings(results: Any) -> list[Html]:
    """What the results say, in words made of them."""
    return [tag("li", words) for words in (
        of_rules(results), of_estimators(results), of_splits(results)) if words]


def of_rules(results: Any) -> list[Any]:
    """How the best rule does beside plain descent."""
    ends = {rule: curve for rule, curve in of_chart(results).items()
            if rule in results.plan.rules}
    best = min(ends, key=lambda rule: ends[rule].loss[-1])
    plain, epochs = ends.get(PLAIN), ends[best].estimator.epochs
    first = tag("strong", f"{title_of(best)} leaves the smallest training loss")
    if plain is None or best == PLAIN:
        return [first, f" of {len(ends)} rules: {figures(ends[best].loss[-1])} after"
                f" {epochs} epochs."]
    there = int(np.argmax(ends[best].loss <= plain.loss[-1]))
    after = ends[best].examples[there]/TRAINED_ON
    return [first, f": {figures(ends[best].loss[-1])} after {epochs} epochs. Plain gradient"
            f" descent has {figures(plain.loss[-1])} then; {title_of(best)} was there after"
            f" {after:.0f}."]


def of_estimators(results: Any) -> list[Any]:
    """Which estimator of the gradient ends lowest, for how many rules."""
    last = [{c.estimator.name: c.loss[-1] for c in results.curves[rule]}
            for rule in results.plan.rules]
    wins = Counter(min(each, key=lambda name: each[name]) for each in last)
    found = sorted(results.plan.estimators, key=lambda e: -wins[e.name])
    words = [f"{wins[e.name]} with {e.meaning.partition(': ')[2]} ({e.epochs} epochs)"
             for e in found]
    return [tag("strong", found[0].meaning.partition(":")[0].capitalize(),
                " ends lowest most often"), f": of {len(last)} rules {', '.join(words[:-1])} and {words[-1]}. The three take"
            " about the same time."]


def of_splits(results: Any) -> list[Any]:
    """Whether the rule or the split matters more for the test."""
    medians = {split: [float(np.median(results.accuracies[rule, split]))
                       for rule in results.plan.rules] for split in ("random", "file")}
    random, file = medians["random"], medians["file"]
    spread, fall = max(random) - min(random), float(np.median(random) - np.median(file))
    return [tag("strong", "Who wrote the digits matters more than the rule"
                if fall > spread else "The rule matters more than who wrote the digits"),
            f": by default the {len(random)} rules read {percent(min(random))} to"
            f" {percent(max(random))} of the test digits, but {percent(min(file))} to"
            f" {percent(max(file))} where the writers are mostly new."]
