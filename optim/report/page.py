"""The page of the report as one HTML file, which loads nothing from elsewhere.

All text goes through `tag`, which escapes what is not markup already, and all formulas are
LaTeX that optim.notation.mathml has read. The style sheet is in page.html.
"""
from collections import Counter
from collections.abc import Sequence
from importlib import resources
from string import Template
from typing import Any

from optim.derivations.claim import KINDS
from optim.notation.markup import Html, table, tag
from optim.plots.styles import title_of
from optim.papers import in_letters
from optim.report.measuring import Facts
from optim.report.parts import rule_links, section, topic_links
from optim.report.pictures import pictures
from optim.report.training_section import accuracies, method
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
    plan, topics = results.plan, results.topics.values()
    body = [head(results), contents(plan), frame(), all_rules(results.facts),
            family_section(results.family), pictures(), accuracies(results), method(plan),
            *(rule_section(rule, results.facts[rule], results.curves[rule])
              for rule in plan.rules),
            *(topic_section(topic, plan.rules) for topic in topics),
            verdicts_explained(), tag("footer", tag("p", results.about, class_="about"))]
    return TEMPLATE.substitute(title="Update rules: formulas, proofs, training curves",
                               body="\n".join(body))


def head(results: Any) -> Html:
    """The title, the counts of claims by how they came out, and when it was made."""
    kinds = Counter(claim.kind for claim in results.verdicts)
    counts = [("rules", len(results.facts)), ("topics", len(results.topics)),
              ("claims", len(results.verdicts)),
              *((words, kinds[kind]) for kind, words in KINDS.items())]
    notice = tag("p", tag("strong", "A quick trial."), " Few rules and few epochs: the"
                 " numbers say little about the rules.", class_="notice", role="note")
    return tag(
        "header", tag("h1", "How to move, given a slope"),
        tag("p", "Update rules of gradient descent: each one as a formula read from the"
            " code that runs, with its derivation, what is proved about it, and how it"
            " trains a small network.", class_="lead"),
        notice if results.plan.quick else "",
        tag("p", results.about, class_="about"),
        tag("dl", [tag("div", tag("dt", name), tag("dd", n)) for name, n in counts],
            class_="counts"))


def contents(plan: Any) -> Html:
    """Links to every section of the page."""
    places = [("frame", "The frame"), ("rules", "All rules in one table"),
              ("family", "How the rules become one another"), ("pictures", "Pictures"),
              ("accuracy", "Test accuracy"), ("method", "How the runs were made"),
              ("verdicts", "What a verdict means")]
    groups = [("Overview", [tag("a", text, href=f"#{place}") for place, text in places]),
              ("Rules", rule_links(plan.rules, plan.rules)),
              ("Topics", topic_links(plan.topics))]
    return tag("nav", tag("h2", "Contents", id="contents"), *(
        [tag("h3", title), tag("ol", [tag("li", link) for link in links])]
        for title, links in groups), aria_labelledby="contents")


def frame() -> Html:
    """The frame that all rules share."""
    return section(
        "frame", "The frame",
        tag("p", "A loss J of the parameters θ is to become small. Every rule here looks at"
            " the slope, remembers something of all slopes so far, and takes a step:"),
        tag("div", tag("div", [display(line) for line in FRAME], class_="scroll"),
            class_="formula"),
        tag("p", "The rules differ in φ and ψ, what they remember, and in how the step is"
            " made of it. The learning rate η belongs to the step, or stands inside m."
            " Where a rule keeps ε outside the root, its own formula says so."))


def all_rules(facts: dict[str, Facts]) -> Html:
    """Each rule as a row: phi, psi and its step."""
    rows = []
    for rule, known in facts.items():
        row = known.formula.row
        phi, psi = (Html("–") if e is None else inline(in_letters(e))
                    for e in (row.phi, row.psi))
        rows.append((tag("a", title_of(rule), href=f"#{rule}"), phi, psi,
                     inline(known.formula.equations[-1].latex())))
    heads: Sequence[Any] = ["rule", *map(inline, (PHI, PSI, NEXT))]
    return section(
        "rules", "All rules in one table",
        tag("p", "What each rule remembers of the gradients, in closed form; its step."),
        table("Each rule in the frame", heads, rows))


def verdicts_explained() -> Html:
    """What PROVED, BY THEOREM, REFUTED and UNDECIDED mean."""
    return section(
        "verdicts", "What a verdict means",
        tag("dl",
            tag("dt", tag("span", "PROVED", class_="badge proved")),
            tag("dd", "Algebra that covers the whole domain: equal wherever both sides are"
                " defined, and defined at the same points. Never from samples."),
            tag("dt", tag("span", "BY THEOREM", class_="badge by-theorem")),
            tag("dd", "What it rests on is proved so, and a theorem, named there, gives it"
                " from that. That last inference is not checked; such claims are counted"
                " apart."),
            tag("dt", tag("span", "REFUTED (as claimed)", class_="badge refuted")),
            tag("dd", "A rational point of the domain at which the two sides provably"
                " differ, or only one is defined: the witness. Such claims are here because"
                " the difference is worth knowing."),
            tag("dt", tag("span", "UNDECIDED", class_="badge undecided")),
            tag("dd", "Neither was found in time. That counts as a failure.")),
        tag("p", "This is computer algebra by SymPy, not a proof checked by a kernel."))
