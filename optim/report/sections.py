"""The sections on rules, on topics, and on how the rules become one another."""
import itertools
from collections.abc import Collection, Sequence
from typing import Any

from optim.derivations import tally
from optim.notation.markup import Html, prose, table, tag
from optim.plots.styles import title_of
from optim.report.curves import drawing, embedded
from optim.report.contents import FamilyFacts, Facts, TopicFacts
from optim.report.parts import (
    badge, claim_items, figures, goals, listed, notes, percent, rule_links, section,
    topic_links, topic_place, topic_title)


def family_section(tree: FamilyFacts) -> Html:
    """The picture of the family, and below it what each arrow claims."""
    heads = [tag("strong", title_of(source), " → ", title_of(target), ". ")
             for source, target, _ in tree.edges]
    steps = [step for *_, step in tree.edges]
    told = "; ".join(f"{title_of(source)} becomes {title_of(target)}"
                     for source, target, _ in tree.edges)
    return section(
        "family", "How the rules become one another",
        tag("p", "Do to a rule what stands beside an arrow, and it is the rule at the head"
            " of the arrow: for the same gradients, from the first step on. Identities are"
            " proved of the formulas of both rules; with ∞ it is a limit, which follows by"
            " a theorem from a bound that is proved."),
        tag("figure", embedded(tree.picture, "family", "The family of the rules", told),
            class_="tree"),
        tag("details", tag("summary", f"What the {len(steps)} arrows say:"
                           f" {tally(tree.verdicts)}"), claim_items(steps, heads)))


def rule_section(facts: Facts, curves: Sequence[Any]) -> Html:
    title = title_of(facts.name)
    return section(
        facts.name, title, tag("p", prose(facts.sentence), class_="lead"),
        tag("div", tag("div", facts.formula, class_="scroll", tabindex="0", role="region",
                       aria_label=f"{title} as a formula"), class_="formula"),
        tag("p", tag("strong", "Source. "), prose(facts.source)),
        tag("h3", "Letters"),
        table(f"Letters of {title}; the loss has unit L, a parameter P",
              ["in code", "letter", "meaning", "unit", "in the paper"], facts.letters,
              [None, None, "words"]),
        tag("h3", "Where it comes from"), derivation(facts), see_also(facts.topics),
        tag("h3", "Claims"), claims_table(facts), tag("h3", "Training on digits"),
        tag("div", [tag("figure", drawing(facts.name, curves, what))
                    for what in ("loss", "accuracy")], class_="curves"),
        runs_table(title, curves))


def derivation(facts: Facts | TopicFacts, **attributes: str) -> Html:
    steps = facts.steps
    done = tally(steps)
    return tag("details", tag("summary", f"{len(steps)} steps: {done}"),
               claim_items(steps), **attributes)


def see_also(topics: Sequence[str]) -> Html:
    return tag("p", "More about it: ", listed(topic_links(topics)),
               ".") if topics else Html()


def claims_table(facts: Facts) -> Html:
    rows: list[Any] = []
    for source, group in itertools.groupby(facts.claims, lambda claim: claim.source):
        rows.append(tag("tr", tag("th", source, colspan=3, scope="rowgroup"),
                        class_="group"))
        rows += [([prose(claim.sentence), goals(claim)], badge(claim), notes(claim))
                 for claim in group]
    return table(f"What else is claimed of {title_of(facts.name)}:"
                 f" {tally(facts.claims)}", ["claim", "verdict", "how"], rows,
                 ["claim", None, "detail"])


def runs_table(title: str, curves: Sequence[Any]) -> Html:
    return table(
        f"{title}: the runs above",
        ["gradient", "learning rate", "steps", "examples seen", "training loss",
         "test accuracy"],
        [(c.estimator.name, "none" if c.lr is None else f"{c.lr:g}", f"{c.steps:,}",
          f"{int(c.examples[-1]):,}", figures(c.loss[-1]), percent(c.accuracy[-1]))
         for c in curves], [None, *["number"]*5])


def topic_section(facts: TopicFacts, rules: Collection[str]) -> Html:
    """rules are those that the page tells about."""
    return section(
        topic_place(facts.name), topic_title(facts.name),
        tag("p", facts.about[:1].upper() + facts.about[1:] + ".", class_="lead"),
        tag("p", "It is about ", listed(rule_links(facts.rules, rules)), "."),
        derivation(facts, open=""))
