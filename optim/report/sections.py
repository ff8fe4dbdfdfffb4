"""The sections on rules, on topics, and on how the rules become one another."""
import inspect
import itertools
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from optim.derivations import Claim, Derivation, Family, tally
from optim.notation.marks import Mark
from optim.notation.markup import Html, prose, table, tag
from optim.notation.mathml import inline
from optim.plots.families import family_svg
from optim.plots.styles import title_of
from optim.report.curves import drawing, embedded
from optim.optimizers.signatures import anatomy
from optim.report.measuring import Facts
from optim.report.parts import (
    badge, certificate, claim_items, figures, folded, goals, key_claims, key_steps, listed,
    more, notes, percent, rule_links, topic_links, topic_place, topic_title)
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
        more(f"What the {len(claims)} arrows say: {tally(claims)}",
             claim_items(claims, heads))]


def rule_section(rule: str, facts: Facts, curves: Sequence[Any],
                 certificates: Mapping[str, Any] = {}) -> Html:
    """One rule, folded: its formula, one picture, key claims, and the rest on demand."""
    title = title_of(rule)
    sentence, _, source = (inspect.getdoc(RULES[rule]) or "").partition("\n")
    keys = key_claims(facts.claims)
    rest = [claim for claim in facts.claims if not any(claim is key for key in keys)]
    kept = anatomy(RULES[rule])[0]
    memory = (f"Beside θ it keeps {', '.join(kept)}: {len(kept)} "
              f"{'number' if len(kept) == 1 else 'numbers'} for each parameter."
              if kept else "It keeps nothing beside θ.")
    return folded(
        rule, title, prose(sentence),
        tag("div", tag("div", tag("div", Html(facts.formula.mathml()), class_="scroll",
                                  tabindex="0", role="region",
                                  aria_label=f"{title} as a formula"), class_="formula"),
            tag("figure", drawing(rule, curves, "loss")), class_="curves"),
        tag("p", tag("strong", "Source. "), prose(" ".join(source.split()))),
        tag("h4", "Key claims"), claim_items(keys, certificates=certificates),
        tag("h4", "Where it comes from"), steps(facts.derivation, certificates),
        see_also(facts.derivation.see_also),
        more(f"What else is claimed: {tally(rest)}",
             claims_table(title, rest, certificates))
        if rest else "",
        more("Defaults, units, memory", tag("p", memory), table(
            f"Letters of {title}; the loss has unit L, a parameter P",
            ["in code", "letter", "meaning", "default", "unit", "in the paper"],
            [letter_row(rule, name) for name in facts.formula.symbols],
            [None, None, "words"])),
        more("The runs in numbers", tag("div", tag("figure", drawing(
            rule, curves, "accuracy")), class_="curves"), runs_table(title, curves)))


def letter_row(rule: str, name: str) -> tuple[Html | str, ...]:
    """A row of the legend: name, letter, meaning, default, unit, the paper's letter."""
    known = LEGEND.get(name) or Letter(name, "", "", "real")
    unit = UNITS.get(rule, {}).get(name, known.unit)
    declared = inspect.signature(RULES[rule]).parameters.get(name)
    default = declared.default if declared is not None else None
    return (tag("code", name), inline(Mark(name).latex()), known.meaning,
            f"{default:g}" if isinstance(default, (int, float)) else "",
            unit.replace("**2", "²").replace("*", " "),
            PAPER_LETTERS.get(rule, {}).get(name, ""))


def steps(derivation: Derivation, certificates: Mapping[str, Any] = {}) -> list[Html]:
    """The key steps of a derivation, by their numbers, and the others to be opened."""
    found = derivation.steps
    keys = key_steps(found)
    others = [k for k in range(len(found)) if k not in keys]
    words = f"{len(keys)} of {len(found)} steps: {tally(found[k] for k in keys)}."
    return [tag("p", words, class_="soft"),
            claim_items([found[k] for k in keys], numbers=[k + 1 for k in keys],
                        certificates=certificates),
            more(f"The other {len(others)}: {tally(found[k] for k in others)}",
                 claim_items([found[k] for k in others], numbers=[k + 1 for k in others],
                             certificates=certificates))
            if others else Html()]


def see_also(topics: Sequence[str]) -> Html:
    """Links to the topics that say more; nothing if there are none."""
    return tag("p", "More about it: ", listed(topic_links(topics)),
               ".") if topics else Html()


def claims_table(title: str, claims: Sequence[Claim], certificates: Mapping[str, Any] = {}
                 ) -> Html:
    """The claims of a rule that are no steps, by where they are from."""
    rows: list[Any] = []
    for source, group in itertools.groupby(claims, lambda claim: claim.source):
        rows.append(tag("tr", tag("th", source, colspan=3, scope="rowgroup"),
                        class_="group"))
        rows += [([prose(claim.sentence), goals(claim)], badge(claim),
                  [notes(claim), certificate(claim, certificates)])
                 for claim in group]
    return table(f"What else is claimed of {title}",
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


def topic_section(topic: Derivation, rules: Collection[str], picture: Any = "",
                  certificates: Mapping[str, Any] = {}) -> Html:
    """A topic and the rules that it serves; `rules` are those that the page has."""
    about = topic.reference
    return folded(
        topic_place(topic.name), topic_title(topic.name),
        about[:1].upper() + about[1:] + ".",
        tag("p", "It is about ", listed(rule_links(topic.see_also, rules)), "."),
        picture, steps(topic, certificates))
