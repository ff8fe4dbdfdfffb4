"""The page of the report as one HTML file, which loads nothing from elsewhere.

The words of the page and its style sheet are in page.html; here is what goes into its
places. All of that goes through `tag`, which escapes what is not markup already, and all
formulas are LaTeX that optim.notation.mathml has read.
"""
import inspect
from base64 import b64encode
from collections import Counter
from collections.abc import Sequence
from importlib import resources
from io import BytesIO
from string import Template
from typing import Any

import numpy as np

from optim import plots
from optim.derivations.claim import KINDS
from optim.notation.markup import Html, markup, table, tag
from optim.plots.styles import title_of
from optim.papers import in_letters
from optim.report.measuring import Facts
from optim.races.replays import replayed
from optim.report.parts import percent, rule_links, topic_links
from optim.report.sections import family_section, rule_section, topic_section
from optim.notation.mathml import display, inline
from optim.rules import RULES

TEMPLATE = Template(
    resources.files("optim.report").joinpath("page.html").read_text("utf-8"))
PHI = r"m_t = \varphi(g_1, \ldots, g_t)"
PSI = r"v_t = \psi(g_1, \ldots, g_t)"
NEXT = r"\theta_{t+1}"
FRAME = (r"g_t = \nabla J(\theta_t)", PHI, PSI,
         NEXT + r" = \theta_t - \frac{m_t}{\sqrt{v_t + \varepsilon}}")


def page(results: Any) -> str:
    """The whole page."""
    plan = results.plan
    places = {
        "about": results.about, "notice": notice(plan), "counts": counts(results),
        "rule_links": items(rule_links(plan.rules, plan.rules)),
        "topic_links": items(topic_links(plan.topics)),
        "frame": [display(line) for line in FRAME], "rule_table": rule_table(results.facts),
        "family": family_section(results.family), "pictures": pictures(),
        "epochs": plan.epochs, "adam": adam_line(results),
        "accuracies": accuracies(results), "estimators": estimators(plan),
        "rule_sections": [rule_section(rule, results.facts[rule], results.curves[rule])
                          for rule in plan.rules],
        "topic_sections": [topic_section(topic, plan.rules)
                           for topic in results.topics.values()]}
    return TEMPLATE.substitute({place: markup(x) for place, x in places.items()})


def items(links: list[Html]) -> list[Html]:
    """Links as items of a list."""
    return [tag("li", link) for link in links]


def notice(plan: Any) -> Html:
    """That a trial is one; nothing if the plan is the full one."""
    return tag("p", tag("strong", "A quick trial."), " Few rules and few epochs: the"
               " numbers say little about the rules.", class_="notice", role="note"
               ) if plan.quick else Html()


def counts(results: Any) -> list[Html]:
    """How many rules, topics and claims there are, and how the claims came out."""
    kinds = Counter(claim.kind for claim in results.verdicts)
    found = [("rules", len(results.facts)), ("topics", len(results.topics)),
             ("claims", len(results.verdicts)),
             *((words, kinds[kind]) for kind, words in KINDS.items())]
    return [tag("div", tag("dt", name), tag("dd", n)) for name, n in found]


def rule_table(facts: dict[str, Facts]) -> Html:
    """Each rule as a row: phi, psi and its step."""
    rows = []
    for rule, known in facts.items():
        row = known.formula.row
        phi, psi = (Html("–") if e is None else inline(in_letters(e))
                    for e in (row.phi, row.psi))
        rows.append((tag("a", title_of(rule), href=f"#{rule}"), phi, psi,
                     inline(known.formula.equations[-1].latex())))
    return table("Each rule in the frame", ["rule", *map(inline, (PHI, PSI, NEXT))], rows)


# ------------------------------------------------------------------------------ pictures
def encoded(figure: Any) -> str:
    """A figure as a data: address."""
    file = BytesIO()
    figure.savefig(file, format="png", dpi=1.6*figure.dpi)
    return "data:image/png;base64," + b64encode(file.getvalue()).decode()


def pictures() -> list[Html]:
    """Pictures for a light and a dark page, of which the reader's is shown."""
    contours = replayed("contours")
    makers = [
        ("A race", "The six methods of a famous animation, on Beale's function. Each has a"
         " learning rate of its own, from 0.001 to 5: six tuned runs, not a fair race.",
         "Paths of six optimizers on contour lines, towards a minimum marked by a star",
         lambda style: plots.contour_race(contours, style=style)),
        ("Where momentum is stable", "Which learning rates and momenta make the steps"
         " shrink on a parabola, and how fast.",
         "A map over learning rate times curvature and momentum; the stable part shaded",
         lambda style: plots.stability_map("momentum", style=style))]
    return [tag("figure", tag("h3", title),
                tag("picture", tag("source", srcset=encoded(make("dark")),
                                   media="(prefers-color-scheme: dark)"),
                    tag("img", src=encoded(make("light")), alt=alternative)),
                tag("figcaption", text), class_="picture")
            for title, text, alternative, make in makers]


# ------------------------------------------------------------------------------ training
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
