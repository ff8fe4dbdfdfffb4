"""The sections on rules, on topics, and on how the rules become one another."""
import inspect
import itertools
from collections.abc import Collection, Sequence
from typing import Any

from optim.derivations import Claim, Derivation, Family, tally
from optim.notation.marks import Mark
from optim.notation.markup import Html, prose, table, tag
from optim.notation.mathml import inline
from optim.plots.families import family_svg
from optim.plots.styles import title_of
from optim.report.curves import drawing, embedded
from optim.report.measuring import Facts
from optim.report.parts import (
    badge, claim_items, figures, goals, listed, notes, percent, rule_links, section,
    topic_links, topic_place, topic_title)
from optim.rules import LEGEND, PAPER_LETTERS, RULES, UNITS, Letter


def family_section(tree: Family) -> list[Html]:
    """The picture of the family, and what each arrow claims."""
    names = [(title_of(edge.source), title_of(edge.target)) for edge in tree.edges]
    heads = [tag("strong", source, " → ", target, ". ") for source, target in names]
    words = "; ".join(f"{source} becomes {target}" for source, target in names)
    claims = [edge.claim for edge in tree.edges]
    return [
        tag("figure", embedded(family_svg(tree), "family", "The family of the rules",
                               words), class_="tree"),
        tag("details", tag("summary", f"What the {len(claims)} arrows say:"
                           f" {tally(claims)}"), claim_items(claims, heads))]


def rule_section(rule: str, facts: Facts, curves: Sequence[Any]) -> Html:
    """Formula, letters, derivation, claims and runs of one rule."""
    title = title_of(rule)
    sentence, _, source = (inspect.getdoc(RULES[rule]) or "").partition("\n")
    return section(
        rule, title, tag("p", prose(sentence), class_="lead"),
        tag("div", tag("div", Html(facts.formula.mathml()), class_="scroll", tabindex="0",
                       role="region", aria_label=f"{title} as a formula"),
            class_="formula"),
        tag("p", tag("strong", "Source. "), prose(" ".join(source.split()))),
        tag("h3", "Letters"),
        table(f"Letters of {title}; the loss has unit L, a parameter P",
              ["in code", "letter", "meaning", "unit", "in the paper"],
              [letter_row(rule, name) for name in facts.formula.symbols],
              [None, None, "words"]),
        tag("h3", "Where it comes from"), steps(facts.derivation),
        see_also(facts.derivation.see_also),
        tag("h3", "Claims"), claims_table(title, facts.claims),
        tag("h3", "Training on digits"),
        tag("div", [tag("figure", drawing(rule, curves, what))
                    for what in ("loss", "accuracy")], class_="curves"),
        runs_table(title, curves))


def letter_row(rule: str, name: str) -> tuple[Html | str, ...]:
    """A row of the legend: name, letter, meaning, unit, and the paper's letter."""
    known = LEGEND.get(name) or Letter(name, "", "", "real")
    unit = UNITS.get(rule, {}).get(name, known.unit)
    return (tag("code", name), inline(Mark(name).latex()), known.meaning,
            unit.replace("**2", "²").replace("*", " "),
            PAPER_LETTERS.get(rule, {}).get(name, ""))


def steps(derivation: Derivation, **attributes: str) -> Html:
    """The steps of a derivation, to be opened."""
    count = f"{len(derivation.steps)} steps: {tally(derivation.steps)}"
    return tag("details", tag("summary", count), claim_items(derivation.steps),
               **attributes)


def see_also(topics: Sequence[str]) -> Html:
    """Links to the topics that say more; nothing if there are none."""
    return tag("p", "More about it: ", listed(topic_links(topics)),
               ".") if topics else Html()


def claims_table(title: str, claims: Sequence[Claim]) -> Html:
    """The claims of a rule that are no steps, by where they are from."""
    rows: list[Any] = []
    for source, group in itertools.groupby(claims, lambda claim: claim.source):
        rows.append(tag("tr", tag("th", source, colspan=3, scope="rowgroup"),
                        class_="group"))
        rows += [([prose(claim.sentence), goals(claim)], badge(claim), notes(claim))
                 for claim in group]
    return table(f"What else is claimed of {title}: {tally(claims)}",
                 ["claim", "verdict", "how"], rows, ["claim", None, "detail"])


def runs_table(title: str, curves: Sequence[Any]) -> Html:
    """The curves of one rule in numbers."""
    return table(
        f"{title}: the runs above",
        ["gradient", "learning rate", "steps", "examples seen", "training loss",
         "test accuracy"],
        [(c.estimator.name, "none" if c.lr is None else f"{c.lr:g}", f"{c.steps:,}",
          f"{int(c.examples[-1]):,}", figures(c.loss[-1]), percent(c.accuracy[-1]))
         for c in curves], [None, *["number"]*5])


def topic_section(topic: Derivation, rules: Collection[str]) -> Html:
    """A topic and the rules that it serves; `rules` are those that the page has."""
    about = topic.reference
    return section(
        topic_place(topic.name), topic_title(topic.name),
        tag("p", about[:1].upper() + about[1:] + ".", class_="lead"),
        tag("p", "It is about ", listed(rule_links(topic.see_also, rules)), "."),
        steps(topic, open=""))
