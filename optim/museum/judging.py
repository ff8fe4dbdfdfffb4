"""The verdict on an exhibit: refuted by a run on fractions, the right form proved."""
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from minigrad import symbols
from optim.comparing import compare
from optim.derivations import derive
from optim.dialects.adapted_rules import adapted
from optim.formulas import formula
from optim.museum import of_code, of_documentation, of_papers, of_reports
from optim.museum.exhibit import KINDS, Bound, Exhibit, Same
from optim.museum.trainings import Effect, effect
from optim.museum.witnesses_of_runs import Witness, smallest
from optim.optimizers.signatures import Rule, anatomy, name_of
from optim.proving.verdicts import Verdict

EXHIBITS = (*of_papers.EXHIBITS, *of_documentation.EXHIBITS, *of_reports.EXHIBITS,
            *of_code.EXHIBITS)


@dataclass(frozen=True)
class Proof:
    """One thing that the right form rests on, and its status; LaTeX of what it says."""
    words: str
    status: str
    latex: str = ""


@dataclass(frozen=True)
class Judged:
    """An exhibit with what was computed: .verdict, .witness, .proofs, .effect, .ok."""
    exhibit: Exhibit | Bound
    verdict: Verdict
    witness: Witness | None
    proofs: tuple[Proof, ...]
    effect: Effect

    @property
    def right(self) -> str:
        """PROVED if all that the right form rests on is; BY THEOREM counts beside it."""
        found = {p.status for p in self.proofs}
        return "PROVED" if "PROVED" in found <= {"PROVED", "BY THEOREM"} else "UNDECIDED"

    @property
    def ok(self) -> bool:
        """Whether it belongs here: the printed form refuted, the right one proved."""
        return self.verdict.status == "REFUTED" and self.right == "PROVED"

    @property
    def formulas(self) -> tuple[Any, Any]:
        """As printed and right, letters at 0 that only one has; of a bound (None, None)."""
        e = self.exhibit
        return (None, None) if isinstance(e, Bound) else (
            formula(without(e.printed, e.right)), formula(without(e.right, e.printed)))

    def lines(self) -> tuple[list[str], list[str]]:
        """Both formulas as lines of text."""
        printed, right = self.formulas
        if printed is None:
            return [f"|theta[t+1] - theta[t]| <= {printed_bound(self.exhibit)}"], []
        return equations(printed), equations(right)

    def as_dict(self) -> dict[str, Any]:
        """In words that JSON can hold; numbers of the witness as exact fractions."""
        e, (printed, right) = self.exhibit, self.lines()
        return {"id": e.id, "title": e.title, "kind": e.kind, "link": e.link,
                "date": e.date, "version": e.version, "words": e.words, "ok": self.ok,
                "printed": printed, "right": right, "verdict": self.verdict.as_dict(),
                "witness": None if self.witness is None else {
                    "gradients": [*map(str, self.witness.gradients)],
                    "numbers": {n: str(x) for n, x in self.witness.numbers.items()},
                    "printed": repr(self.witness.values[0]),
                    "right": repr(self.witness.values[1])},
                "proofs": [{"words": p.words, "status": p.status} for p in self.proofs],
                "effect": self.effect.as_dict()}

    def __str__(self) -> str:
        e, (printed, right) = self.exhibit, self.lines()
        stated = ", ".join(x for x in (KINDS[e.kind], e.date, e.version) if x)
        rows = [f"{e.title}  [{e.id}]", f"  {stated}: {e.link}", f"  {e.words}",
                *(f"  printed  {x}" for x in printed), *(f"  right    {x}" for x in right),
                f"  {self.verdict.status}"]
        if self.witness is not None:
            rows.append(f"    at {self.witness}: {self.witness.values[0]!r} as printed, "
                        f"{self.witness.values[1]!r} right")
        rows += [f"  {p.status}  {p.words}" for p in self.proofs]
        return "\n".join([*rows, f"  {self.effect}"])

    __repr__ = __str__


def equations(f: Any) -> list[str]:
    """The lines of a formula, without its name."""
    return [line.strip() for line in str(f).splitlines()[1:]]


def printed_bound(e: Any) -> Any:
    """The bound, times lr, as an expression."""
    lr, *betas = map(symbols, ("lr", "beta1", "beta2"))
    return (lr*e.bound(*betas)).expr


def without(rule: Rule, other: Rule) -> Rule:
    """The rule with each letter at 0 that is 0 by default and that the other has not."""
    defaults, known = anatomy(rule)[1], anatomy(other)[1]
    return adapted(rule, held={n: 0 for n, x in defaults.items()
                               if x == 0 and n not in known})


def errata(*ids: str, started: Callable[[str], None] | None = None) -> list[Judged]:
    """All exhibits of the museum, or those of these ids, judged now.

    ValueError for an id that there is none of. started(title) is called before each.

    >>> errata("mlx-adam")[0].verdict.status
    'REFUTED'
    """
    known = {e.id: e for e in EXHIBITS}
    if unknown := [x for x in ids if x not in known]:
        raise ValueError(f"errata: no exhibit is called {unknown[0]!r}; there are "
                         f"{', '.join(known)}")
    return [*judged_in_turn([known[x] for x in ids or known], started)]


def judged_in_turn(exhibits: list, started: Callable[[str], None] | None
                   ) -> Iterator[Judged]:
    for e in exhibits:
        if started is not None:
            started(e.title)
        yield judged(e)


def judged(e: Exhibit | Bound) -> Judged:
    """The exhibit with its verdict, proofs and effect."""
    began = time.process_time()
    witness = smallest(e)
    if witness is not None:
        found = Verdict("REFUTED", witness.letters, method="a run on exact fractions",
                        seconds=time.process_time() - began)
    else:
        found = Verdict("UNDECIDED", method="no run that was tried sets them apart")
        if isinstance(e, Exhibit) and compare(e.printed, e.right).same:
            found = Verdict("PROVED", method="what is printed is right: no exhibit")
    return Judged(e, found, witness, tuple(proofs(e)), effect(e))


def proofs(e: Exhibit | Bound) -> Iterator[Proof]:
    """What the right form rests on, decided."""
    if isinstance(e, Bound):
        steps = {step.id: step for step in derive(name_of(e.rule)).steps}
        for claim in map(steps.__getitem__, e.claims):
            shown = claim.goals[-1].latex() if claim.id == "bound" else claim.caption
            first = re.split(r"(?<=\.) (?=[A-Z])", claim.sentence)[0]
            yield Proof(first, claim.verdict.status, shown)
        return
    for each in e.proofs:
        yield one_rule(each) if isinstance(each, Same) else of_paper(each)


def of_paper(name: str) -> Proof:
    """The rule of this name has the moments and the step that its paper states."""
    steps = derive(name).steps
    last = [step.id for step in steps].index("step")
    found = {step.verdict.status for step in steps[:last + 1]}
    return Proof(f"{name} is the paper's, by induction over the steps",
                 "PROVED" if found == {"PROVED"} else "UNDECIDED")


def one_rule(claim: Same) -> Proof:
    """Two rules are one: as they are, in other states, or in other letters."""
    c = compare(claim.left, claim.right, where=claim.where or None)
    change = c.walk or c.equal_if
    proved = c.same or c.equal_if is not None and not c.equal_if.zero and (
        str(c.equal_if.condition) == claim.letters
        and c.equal_if.condition.check.status == "PROVED")
    where = " and ".join(x if isinstance(x, str) else f"{n} = {x}"
                         for n, x in claim.where.items())
    return Proof(f"{label(claim.left)} is {label(claim.right)}"
                 + f", where {where}"*bool(where)
                 + f", with {change}"*(change is not None),
                 "PROVED" if proved else "UNDECIDED")


def label(rule: Any) -> str:
    """A rule by its library and name."""
    module = rule.__module__.rpartition(".")[2]
    library = module.removesuffix("_rules").removeprefix("py")      # torch, keras
    return f"{library}:{rule.__name__}" if library != module else rule.__name__
