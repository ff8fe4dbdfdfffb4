"""The page of the report as one HTML file, which loads nothing from elsewhere.

The words of the page and its style sheet are in page.html; here is what goes into its
places. All of that goes through `tag`, which escapes what is not markup already, and all
formulas are LaTeX that optim.notation.mathml has read.
"""
from base64 import b64encode
from collections import Counter
from collections.abc import Sequence
from functools import cache
from importlib import resources
from io import BytesIO
from string import Template
from typing import Any

import numpy as np
from PIL import Image

from optim import plots
from optim.derivations.claim import KINDS
from optim.formulas import formula
from optim.notation.markup import Html, markup, table, tag
from optim.notation.mathml import display, inline
from optim.papers import in_letters
from optim.plots.styles import title_of
from optim.report import first_screen
from optim.report.parts import certificate_of, figures, more, percent, rule_links
from optim.report.sections import family_section, rule_section, topic_section
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
        "certificates": certified(results),
        "frame": [display(line) for line in FRAME],
        "findings": first_screen.findings(results),
        "all_curves": first_screen.all_curves(results),
        "about_curves": about_curves(results), "race": first_screen.race_film(),
        "rule_table": rule_table(results), "later_table": later_table(results),
        "family": family_section(results.family),
        "epochs": plan.epochs, "adam": adam_line(results),
        "accuracies": accuracies(results), "estimators": estimators(plan),
        "rule_sections": [rule_section(rule, results.facts[rule], results.curves[rule],
                                       results.certificates.get(rule, {}))
                          for rule in plan.rules],
        "topic_sections": [topic_section(topic, plan.rules, stability_picture()
                                         if topic.name == "stability" else "",
                                         results.certificates.get(topic.name, {}))
                           for topic in results.topics.values()]}
    return TEMPLATE.substitute({place: markup(x) for place, x in places.items()})


def notice(plan: Any) -> Html:
    """That a trial is one; nothing if the plan is the full one."""
    return tag("p", tag("strong", "A quick trial."), " Few rules and few epochs: the"
               " numbers say little about the rules.", class_="notice", role="note"
               ) if plan.quick else Html()


def counts(results: Any) -> list[Html]:
    """How many rules and claims there are, and how the claims came out."""
    kinds = Counter(claim.kind for claim in results.verdicts)
    found = [("rules", len(results.curves)), ("claims", len(results.verdicts)),
             *((words, kinds[kind]) for kind, words in KINDS.items())]
    return [tag("div", tag("dt", name), tag("dd", n)) for name, n in found]


def certified(results: Any) -> Html:
    """How many verdicts are shown with certificates, or how to have them."""
    count = sum(certificate_of(claim, results.certificates.get(name, {})) is not None
                for name, claims in results.claims.items() for claim in claims)
    return tag("p", f"{count} certificates, which the checker has read again, are folded"
               " beside their verdicts." if count else "Without certificates: minigrad"
               " verify --all --certificates DIRECTORY writes them, minigrad report"
               " --certificates DIRECTORY shows them.", class_="soft")


HEADS = ["rule", *map(inline, (PHI, PSI, NEXT)), "training loss", "test accuracy"]
CLASSES = ["name", None, None, None, "number", "number"]


def rule_table(results: Any) -> Html:
    """Each rule as a row: phi, psi, its step, and how its training ends."""
    rows = [row_of(rule, known.formula, results) for rule, known in results.facts.items()]
    return table("Each rule in the frame", HEADS, rows, CLASSES)


def later_table(results: Any) -> Html:
    """The rules that are only trained; nothing if there are none."""
    if not results.plan.others:
        return Html()
    rows = [row_of(rule, formula(rule) if rule in RULES else None, results)
            for rule in results.plan.others]
    return tag("section", more(
        f"{len(rows)} later rules, trained with their defaults", table(
            "Each later rule in the frame; what depends on a whole parameter, and not on"
            " each number alone, has no row in it", HEADS, rows, CLASSES)),
        id="later-rules", class_="fold")


def row_of(rule: str, known: Any, results: Any) -> tuple[Any, ...]:
    """A row: the rule as a link, if the page tells more; its formula, if there is one."""
    row = known.row if known is not None else None
    parts = [Html("–") if e is None else inline(in_letters(e))
             for e in ((row.phi, row.psi) if row else (None, None))]
    ended = first_screen.of_chart(results)[rule]
    return (*rule_links([rule], results.facts), *parts,
            inline(known.equations[-1].latex()) if known is not None else Html("–"),
            figures(ended.loss[-1]), percent(ended.accuracy[-1]))


def about_curves(results: Any) -> str:
    """What the chart of all curves shows, in words."""
    first, later = len(results.plan.rules), len(results.plan.others)
    words = (f"{first} rules, each with its best learning rate"
             + (f"; thin, {later} later ones with their defaults" if later else "")
             + ". Point at a name to see its curve alone, follow it to the rule.")
    return words + (" Rprop needs gradients of all examples; on batches it fails."
                    if "rprop" in results.plan.others else "")


# ------------------------------------------------------------------------------ pictures
def encoded(figure: Any) -> str:
    """A figure as a data: address, in 256 colours."""
    file, small = BytesIO(), BytesIO()
    figure.savefig(file, format="png", dpi=1.6*figure.dpi)
    Image.open(file).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(
        small, format="png", optimize=True)
    return "data:image/png;base64," + b64encode(small.getvalue()).decode()


@cache
def stability_picture() -> Html:
    """Where momentum is stable, for a light and a dark page: the reader's is shown."""
    light, dark = (encoded(plots.stability_map("momentum", style=style))
                   for style in ("light", "dark"))
    on_dark = "screen and (prefers-color-scheme: dark)"
    return tag("figure", tag("picture", tag("source", srcset=dark, media=on_dark),
                             tag("img", src=light, loading="lazy", alt="A map over learning"
                                 " rate times curvature and momentum; the stable part"
                                 " shaded")),
               tag("figcaption", "Which learning rates and momenta make the steps shrink on"
                   " a parabola, and how fast."), class_="picture")


# ------------------------------------------------------------------------------ training
def accuracies(results: Any) -> Html:
    """The table of test accuracies."""
    plan = results.plan
    rows = []
    for rule in plan.rules:
        cells = [spread(results.accuracies[rule, split]) for split in ("random", "file")]
        rows.append((title_of(rule), *cells[0], *cells[1], len(plan.seeds_of(rule))))
    return table(
        f"Test accuracy after {plan.epochs} epochs, median and range over the seeds",
        ["rule", "fixed test set", "range", "file order", "range", "seeds"],
        rows, ["name", *["number"]*5])


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


def estimators(plan: Any) -> Html:
    """The table of the three estimators of the gradient."""
    return table("The three estimators of the gradient", ["name", "meaning", "epochs"],
                 [(e.name, e.meaning, e.epochs) for e in plan.estimators],
                 [None, None, "number"])
