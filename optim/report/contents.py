"""What the page tells about rules, topics and their family, as text and MathML.

It is collected in processes of their own, so all of it can be pickled.
"""
import inspect
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from optim.claims.verification import verify
from optim.derivations import Step, derive, family
from optim.plots.families import family_svg
from optim.formulas.rule_formulas import Formula, formula
from optim.notation.marks import Mark
from optim.notation.markup import Html, tag
from optim.papers import in_letters
from optim.rules import LEGEND, PAPER_LETTERS, RULES, UNITS
from optim.notation.mathml import display, inline


@dataclass(frozen=True)
class ClaimFacts:
    """A claim and what became of it."""
    statement: str
    source: str
    expected: str
    status: str
    notes: tuple[str, ...]                            # method, witness, conditions
    seconds: float

    @property
    def as_expected(self) -> bool:
        return self.status == self.expected


@dataclass(frozen=True)
class StepFacts:
    """A step of a derivation: words, a formula, and how it was checked."""
    text: str
    formula: Html
    check: ClaimFacts


@dataclass(frozen=True)
class Facts:
    """What the page tells about one rule; formulas are MathML."""
    name: str
    sentence: str
    source: str
    formula: Html
    row: tuple[Html, Html, Html]
    letters: tuple[tuple[str, Html, str, str, str], ...]
    steps: tuple[StepFacts, ...]
    topics: tuple[str, ...]                           # that say more about it
    claims: tuple[ClaimFacts, ...]                    # those that are no steps

    @property
    def verdicts(self) -> list[ClaimFacts]:
        """Everything that was decided about the rule."""
        return [*(step.check for step in self.steps), *self.claims]


@dataclass(frozen=True)
class TopicFacts:
    """What the page tells about a topic: derived of several rules at once."""
    name: str
    about: str
    steps: tuple[StepFacts, ...]
    rules: tuple[str, ...]

    @property
    def verdicts(self) -> list[ClaimFacts]:
        return [step.check for step in self.steps]


@dataclass(frozen=True)
class FamilyFacts:
    """How the rules become one another: a picture in SVG, and the edges in it."""
    picture: str
    edges: tuple[tuple[str, str, StepFacts], ...]     # source, target, what is claimed

    @property
    def verdicts(self) -> list[ClaimFacts]:
        return [step.check for *_, step in self.edges]


def facts(rule: str) -> Facts:
    """Formula, table row, letters, derivation and verdicts of one rule."""
    one, derivation = formula(rule), derive(rule)
    sentence, _, rest = (inspect.getdoc(RULES[rule]) or "").partition("\n")
    steps = told(derivation.steps)
    return Facts(rule, sentence, " ".join(rest.split()), Html(one.mathml()), row(one),
                 tuple(letter(rule, name) for name in one.symbols), steps,
                 derivation.see_also,
                 other_claims(rule, {step.text for step in steps}))


def topic_facts(name: str) -> TopicFacts:
    """A topic, its steps, and the rules that it serves."""
    derivation = derive(name)
    return TopicFacts(name, derivation.reference, told(derivation.steps),
                      derivation.see_also)


def family_facts() -> FamilyFacts:
    tree = family()
    steps = told(edge.step for edge in tree.edges)
    return FamilyFacts(family_svg(tree), tuple(
        (edge.source, edge.target, step) for edge, step in zip(tree.edges, steps)))


def row(one: Formula) -> tuple[Html, Html, Html]:
    """phi, psi and the step of the rule's row in the table."""
    phi, psi = (Html("–") if e is None else inline(in_letters(e))
                for e in (one.row.phi, one.row.psi))
    return phi, psi, inline(one.equations[-1].latex())


def letter(rule: str, name: str) -> tuple[str, Html, str, str, str]:
    """A row of the legend: name, letter, meaning, unit, and the paper's letter."""
    known = LEGEND[name]
    unit = UNITS.get(rule, {}).get(name, known.unit)
    return (tag("code", name), inline(Mark(name).latex()), known.meaning,
            unit.replace("**2", "²").replace("*", " "), PAPER_LETTERS[rule].get(name, ""))


def told(steps: Iterable[Step]) -> tuple[StepFacts, ...]:
    return tuple(StepFacts(step.sentence, display(step.formula), verdict_facts(
        step.sentence, step.expected, step.check)) for step in steps)


def verdict_facts(statement: str, expected: str, verdict: Any, source: str = ""
                  ) -> ClaimFacts:
    """A verdict in words."""
    known = verdict.as_dict()
    witness = known["witness"]
    where = None if witness is None else ", ".join(
        f"{name} = {value}" for name, value in witness.items()) or "every point"
    notes = [known["method"], *(f"at {where}" for _ in [where] if where),
             *(f"except on {e}" for e in known["except_on"])]
    if known["equal_if"]:
        notes.append("equal if " + ", ".join(
            f"{name} → {value}" for name, value in known["equal_if"].items()))
    return ClaimFacts(statement, source, expected, known["status"],
                      tuple(filter(None, notes)), verdict.seconds)


def other_claims(rule: str, sentences: set[str]) -> tuple[ClaimFacts, ...]:
    """The claims about a rule that its derivation does not tell already."""
    return tuple(verdict_facts(claim.text, claim.expected, claim.verdict, claim.source)
                 for claim in verify(rule).claims if claim.text not in sentences)
