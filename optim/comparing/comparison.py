"""The answer to "are these two one rule?", quantity by quantity, for a person to read."""
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

import sympy as sp

from optim.comparing.partners import Pair, defaults_side_by_side
from optim.comparing.reached import Apart
from optim.formulas import Equation
from optim.formulas.equations import given
from optim.notation.marks import latex, text
from optim.proving.verdicts import Condition, Verdict, except_where


if TYPE_CHECKING:
    from optim.comparing.effects import Effect
    from optim.plots.styles import Picture

LONGEST = 300                   # letters of a difference that is printed among others


@dataclass(frozen=True)
class Quantity:
    """theta or a state after a step: both equations, the verdict, values at its witness.

    values (left, right) at the witness: numbers, None where there is no value.
    """
    name: str
    left: Equation
    right: Equation
    verdict: Verdict
    values: tuple[float | None, float | None] | None = None

    def as_dict(self) -> dict[str, Any]:
        return {"left": str(self.left), "right": str(self.right), "values": self.values,
                "left_latex": self.left.latex(), "right_latex": self.right.latex(),
                "verdict": self.verdict.as_dict()}


@dataclass(frozen=True)
class Change:
    """What makes the two one: a Condition on one side's letters, and its proof.

    side      whose letters are replaced
    every_run whether from the start of a run only, not from every state
    zero      letters of it that are 0 on both sides
    """
    condition: Condition
    side: str
    every_run: bool
    zero: tuple[str, ...] = ()

    @property
    def unreachable(self) -> bool:
        """Whether their states are one in every run: a witness is a state of no run."""
        return self.every_run and not self.condition

    def __str__(self) -> str:
        both = ", ".join(f"{n} -> 0" for n in self.zero)
        rest = Condition({s: e for s, e in self.condition.items()
                          if str(s) not in self.zero},
                         self.condition.constant, self.condition.check)
        parts = [f"{both} on both sides"]*bool(both)
        if rest or not both:
            parts.append(f"{rest or 'the same states'} (letters of {self.side})")
        return (", ".join(parts)
                + ", from the first step on, though not from every state"*self.every_run
                + after_comma(except_where(self.condition.check.except_on)))


def after_comma(words: str) -> str:
    return f", {words}"*bool(words)


@dataclass(frozen=True)
class Comparison:
    """How two rules compare. `.quantities`, `.walk`, `.equal_if`, `.apart`, `.status`.

    quantities  a verdict for theta and for each state that both have, at every state
    walk        how theta walks alike in every run all the same, PROVED, or None
    equal_if    the change of hyperparameters that is PROVED to make them one, or None
    apart       a run from the start that comes to two places, or None
    where       what was asked to hold of the hyperparameters, in all of this
    """
    pair: Pair
    quantities: dict[str, Quantity]
    walk: Change | None = None
    equal_if: Change | None = None
    apart: Apart | None = None
    seconds: float = 0.0
    notes: tuple[str, ...] = field(default=())
    where: tuple[str, ...] = ()

    @property
    def status(self) -> str:
        """The worst of the quantities' verdicts; PROVED: the same at every state."""
        found = {q.verdict.status for q in self.quantities.values()}
        return next(s for s in ("REFUTED", "UNDECIDED", "PROVED") if s in found)

    @property
    def same(self) -> bool:
        """Whether theta is PROVED to walk alike in every run, with the same numbers."""
        return self.status == "PROVED" or self.walk is not None

    @property
    def about(self) -> str:
        """What is compared."""
        return (f"{self.pair.left.label} and {self.pair.right.label}"
                + f", where {', '.join(self.where)}"*bool(self.where))

    def verdicts(self) -> list[tuple[str, str, Verdict]]:
        """Each verdict with a short name and what it says, for optim.certify."""
        runs = "".join(f", where {n} is {e} before step t" for n, e in
                       self.pair.closed.items())
        return [*((name, f"{name} is one in {self.about}{runs}.", q.verdict)
                  for name, q in self.quantities.items()),
                *((name, f"{self.about} are one: {change}.", change.condition.check)
                  for name, change in (("walk", self.walk), ("equal-if", self.equal_if))
                  if change)]

    @property
    def difference(self) -> sp.Expr:
        """theta after a step on the left, minus that on the right, as formulas."""
        left, right = self.pair.left.formula, self.pair.right.formula
        theirs = {s: left.symbols.get(self.pair.states.get(n, n), s)
                  for n, s in right.symbols.items()}
        (_, x), (_, y) = next(iter(left.update.items())), next(iter(right.update.items()))
        return x - y.xreplace(theirs)

    @property
    def headline(self) -> str:
        """The answer in one line."""
        return (self.answer + after_comma(self.exceptions)
                + f", where {', '.join(self.where)}"*bool(self.where))

    @property
    def exceptions(self) -> str:
        """Where it is not proved that they are the same, in words; "" if nowhere."""
        proofs = [self.walk.condition.check] if self.walk and self.status != "PROVED" else [
            q.verdict for q in self.quantities.values()]
        return except_where(e for v in proofs for e in v.except_on)*self.same

    @property
    def answer(self) -> str:
        """The answer, without what was asked to hold."""
        if self.status == "PROVED":
            return ("PROVED: one rule" + ", in every run"*bool(self.pair.closed)
                    + "; other defaults"*bool(defaults_side_by_side(self.pair)))
        if self.walk:
            fixed = ", ".join(self.walk.condition.constant)
            return ("PROVED: equal in every run" + f" with {fixed} constant"*bool(fixed)
                    + (", though not at every state" if self.walk.unreachable else
                       "; their states are not the same numbers"))
        if self.status == "UNDECIDED":
            return "UNDECIDED"
        return "REFUTED: two rules" + ", equal under a condition"*bool(self.equal_if)

    def lines(self) -> list[str]:
        """The answer as lines of text."""
        a, b = self.pair.left, self.pair.right
        wide = max(len(a.label), len(b.label))
        out = [f"{a.label} | {b.label}: {self.headline}"]
        for q in self.quantities.values():
            out.append(f"  {q.name}  {q.verdict.status}")
            sides = ((a, q.left), (b, q.right))
            if str(q.left) == str(q.right):
                out.append(f"      {'both':{wide}}  {q.left}")
            else:
                out += [f"      {x.label:{wide}}  {e}" for x, e in sides]
            if q.verdict.witness is not None:
                at = ", ".join(f"{s} = {x}" for s, x in q.verdict.witness.items())
                out.append(f"      at {at or 'every point'}: {values(q.values)}"
                           + " (in no run)"*bool(self.walk and self.walk.unreachable))
            elif q.verdict.status == "UNDECIDED":
                out.append(f"      {q.verdict.method}")
        return out + self.further()

    def further(self) -> list[str]:
        """What is to be said beside the quantities."""
        out = [f"  in every run {n} is {e} before step t" + "".join(
            f", with {s} constant" for s in sorted(map(str, e.free_symbols)) if s != "t")
            for n, e in self.pair.closed.items()]
        out += [f"  nothing depends on {n}" for n in self.pair.resting]
        out += [f"  {n} has no partner on the other side"
                for n in self.pair.alone if not self.same]
        out += [f"  {old} is read as {new}" for old, new in self.pair.matched.items()]
        out += [f"  {theirs} of {self.pair.right.label} stands for {ours}"
                for theirs, ours in self.pair.states.items() if theirs != ours]
        if self.walk:
            out.append(f"  the same walk: {self.walk}, PROVED")
        if self.equal_if:
            out.append(f"  equal if {self.equal_if}, PROVED")
        if self.apart:
            out.append(f"  {self.apart}")
        if "REFUTED" == self.quantities[next(iter(self.quantities))].verdict.status:
            short = self.difference_text()
            out.append("  difference of theta: " + (
                short if len(short) <= LONGEST else "long; see .difference, or --latex"))
        for n, (x, y) in defaults_side_by_side(self.pair).items():
            out.append(f"  default of {n}: {words(x)} | {words(y)}")
        return out + [f"  {note}" for note in self.notes]

    def effect(self, epochs: int = 2, seed: int = 0) -> "Effect":
        """Both train one network on the digits, with the same numbers; a few seconds."""
        from optim.comparing.effects import effect_of           # matplotlib, training
        return effect_of(self.pair, epochs, seed)

    def plot(self, epochs: int = 2, seed: int = 0, style: str = "light") -> "Picture":
        """The losses of both on the digits."""
        return self.effect(epochs, seed).plot(style)

    def difference_text(self) -> str:
        return text(self.difference, self.marks)

    @property
    def marks(self) -> dict:
        """How the letters of the difference are printed."""
        return given(self.pair.right.formula) | given(self.pair.left.formula)

    def __str__(self) -> str:
        return "\n".join(self.lines())

    __repr__ = __str__

    def latex(self) -> str:
        """Both sides of each quantity and the difference, aligned, as LaTeX."""
        rows = [" &= ".join(e.sides()) for q in self.quantities.values()
                for e in {str(e): e for e in (q.left, q.right)}.values()]
        rows.append(rf"\Delta\theta &= {latex(self.difference, self.marks)}")
        return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{escape(q.name)}</td><td><b>{q.verdict.status}</b></td>"
            f"<td>{q.left.mathml()}</td><td>{q.right.mathml()}</td></tr>"
            for q in self.quantities.values())
        head = "".join(f"<th>{escape(x)}</th>" for x in (
            "", "", self.pair.left.label, self.pair.right.label))
        rest = "<br>".join(map(escape, self.further()))
        return (f"<p><b>{escape(self.headline)}</b></p><table><tr>{head}</tr>{rows}"
                f"</table><p>{rest}</p>")

    def as_dict(self) -> dict[str, Any]:
        """The answer in words that JSON can hold."""
        def change(x: Change | None) -> dict[str, Any] | None:
            return None if x is None else {
                "letters": {str(k): str(e) for k, e in x.condition.items()},
                "of": x.side, "every_run": x.every_run,
                "constant": [*x.condition.constant], "check": x.condition.check.as_dict()}
        pair = self.pair
        return {"left": pair.left.label, "right": pair.right.label, "status": self.status,
                "same": self.same, "answer": self.headline, "where": [*self.where],
                "quantities": {n: q.as_dict() for n, q in self.quantities.items()},
                "walk": change(self.walk), "equal_if": change(self.equal_if),
                "apart": None if self.apart is None else self.apart.as_dict(),
                "matched": pair.matched, "states": pair.states,
                "closed": {n: str(e) for n, e in pair.closed.items()},
                "resting": [*pair.resting], "alone": [*pair.alone],
                "defaults": {n: [*map(words, both)] for n, both in
                             defaults_side_by_side(pair).items()},
                "difference": self.difference_text(), "seconds": round(self.seconds, 3)}


def words(x: Any) -> str:
    return "none" if x is None else str(x)


def values(pair: tuple[float | None, float | None] | None) -> str:
    """Both values at a witness, as text."""
    return "" if pair is None else " | ".join(
        "no value" if x is None else f"{x:.6g}" for x in pair)
