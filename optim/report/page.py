"""The page of the report as one HTML file, which loads nothing from elsewhere.

The words of the page and its style sheet are in page.html; here is what goes into its
places. All of that goes through `tag`, which escapes what is not markup already, and all
formulas are LaTeX that optim.notation.mathml has read.
"""
from collections import Counter
from importlib import resources
from string import Template
from typing import Any

from optim.derivations.claim import KINDS
from optim.notation.markup import Html, markup, table, tag
from optim.plots.styles import title_of
from optim.papers import in_letters
from optim.report.measuring import Facts
from optim.report.parts import rule_links, topic_links
from optim.report.pictures import pictures
from optim.report.training_section import accuracies, adam_line, estimators
from optim.report.sections import family_section, rule_section, topic_section
from optim.notation.mathml import display, inline

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
