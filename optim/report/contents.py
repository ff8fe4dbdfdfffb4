"""What the page tells about rules, topics and their family, as text and MathML.

It is collected in processes of their own, so all of it can be pickled.
"""
import inspect
from collections.abc import Iterable
from dataclasses import dataclass

from optim.claims.verification import verify
from optim.derivations import Claim, derive, family
from optim.plots.families import family_svg
from optim.formulas.rule_formulas import Formula, formula
from optim.notation.marks import Mark
from optim.notation.markup import Html, tag
from optim.papers import in_letters
from optim.rules import LEGEND, PAPER_LETTERS, RULES, UNITS
from optim.notation.mathml import inline


@dataclass(frozen=True)
class Facts:
    """What the page tells about one rule; formulas are MathML."""
    name: str
    sentence: str
    source: str
    formula: Html
    row: tuple[Html, Html, Html]
    letters: tuple[tuple[str, Html, str, str, str], ...]
    steps: tuple[Claim, ...]
    topics: tuple[str, ...]                           # that say more about it
    claims: tuple[Claim, ...]                    # those that are no steps

    @property
    def verdicts(self) -> list[Claim]:
        """Everything that was decided about the rule."""
        return [*self.steps, *self.claims]


@dataclass(frozen=True)
class TopicFacts:
    """What the page tells about a topic: derived of several rules at once."""
    name: str
    about: str
    steps: tuple[Claim, ...]
    rules: tuple[str, ...]

    @property
    def verdicts(self) -> list[Claim]:
        return [*self.steps]


@dataclass(frozen=True)
class FamilyFacts:
    """How the rules become one another: a picture in SVG, and the edges in it."""
    picture: str
    edges: tuple[tuple[str, str, Claim], ...]     # source, target, what is claimed

    @property
    def verdicts(self) -> list[Claim]:
        return [claim for *_, claim in self.edges]


def facts(rule: str) -> Facts:
    """Formula, table row, letters, derivation and verdicts of one rule."""
    one, derivation = formula(rule), derive(rule)
    sentence, _, rest = (inspect.getdoc(RULES[rule]) or "").partition("\n")
    known = {step.id for step in derivation.steps}
    claims = [claim for claim in verify(rule).claims if claim.id not in known]
    return Facts(rule, sentence, " ".join(rest.split()), Html(one.mathml()), row(one),
                 tuple(letter(rule, name) for name in one.symbols),
                 decided(derivation.steps), derivation.see_also, decided(claims))


def topic_facts(name: str) -> TopicFacts:
    """A topic, its steps, and the rules that it serves."""
    derivation = derive(name)
    return TopicFacts(name, derivation.reference, decided(derivation.steps),
                      derivation.see_also)


def family_facts() -> FamilyFacts:
    """The picture of the family, and what its edges claim."""
    tree = family()
    claims = decided(edge.claim for edge in tree.edges)
    return FamilyFacts(family_svg(tree), tuple(
        (edge.source, edge.target, claim) for edge, claim in zip(tree.edges, claims)))


def decided(claims: Iterable[Claim]) -> tuple[Claim, ...]:
    """The claims with their verdicts, which go along with them from process to process."""
    return tuple(claim for claim in claims if claim.verdict.status)


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
