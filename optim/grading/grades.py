"""Grade: what is known of a homework, of either kind, and how it is said."""
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from optim.proving.verdicts import Verdict

NOT_GRADED, NUMERICALLY = "NOT GRADED", "NUMERICALLY RIGHT"
WORDS = {"PROVED": "RIGHT", NUMERICALLY: "RIGHT", "REFUTED": "WRONG"}


@dataclass(frozen=True)
class Grade:
    """What is known of a homework. `.right`, `.status`, `.quantities`, `.diagnosis`.

    status           PROVED: it walks as the rule asked in every run, whatever its form, or
                     has the layer's gradients for all numbers; NUMERICALLY RIGHT: gradients
                     that are right in all shapes that were tried, and not proved; REFUTED:
                     .first shows where it is wrong; UNDECIDED; NOT GRADED: it could not be
                     read, or took the answer from a library. .reason says more
    quantities       {"theta" or a state: its Verdict}, or {"dx": its Gradient}; each has
                     a .status
    first            the first step at which a small run shows it, or the wrong entry
    mistakes         what was done, one by one: .mistake, .meaning, .right, .wrong
    diagnosis        the same in words
    diagnosis_proof  PROVED: what was handed in is what was asked with these mistakes
    proof            what proves that it is right
    notes            what is no mistake and yet to be said, such as another default
    """
    label: str
    against: str
    status: str
    reason: str = ""
    quantities: Mapping[str, Any] = field(default_factory=dict)
    first: Any = None
    mistakes: tuple[Any, ...] = ()
    diagnosis: str = ""
    diagnosis_proof: Verdict | None = None
    proof: Verdict | None = None
    notes: tuple[str, ...] = ()
    seconds: float = field(default=0.0, compare=False)
    comparison: Any = field(default=None, compare=False)

    @property
    def right(self) -> bool:
        return WORDS.get(self.status) == "RIGHT"

    @property
    def verdict(self) -> str:
        """RIGHT, WRONG, UNDECIDED or NOT GRADED."""
        return WORDS.get(self.status, self.status)

    @property
    def blamed(self) -> list[str]:
        """The quantities that are wrong, though all that they are made of is right."""
        bad = [n for n, v in self.quantities.items() if WORDS.get(v.status) != "RIGHT"]
        states = [n for n in bad if n != "theta"]
        return [] if self.right else states or bad

    @property
    def step(self) -> int | None:
        """The first step at which a run shows that a rule is wrong."""
        return getattr(self.first, "step", None)

    def lines(self) -> list[str]:
        more = "; ".join([self.status]*(self.status != self.verdict)
                         + [self.reason]*bool(self.reason))
        out = [f"{self.label} against {self.against}: {self.verdict}"
               + f" ({more})"*bool(more)]
        if not self.right:
            out += [f"  {n:5}  {self.said(n)}" for n in self.quantities]
        if self.step is not None:
            out.append(f"  seen {self.first}")
        if self.diagnosis:
            out.append(f"  what is {self.verdict.lower()}: {self.diagnosis}")
        if self.diagnosis_proof is not None:
            out.append(f"  the diagnosis is {self.diagnosis_proof.status}: "
                       f"{self.diagnosis_proof.method}")
        return out + [f"  note: {note}" for note in self.notes]

    def said(self, name: str) -> str:
        """What is said of a quantity."""
        status = self.quantities[name].status
        detail = getattr(self.quantities[name], "detail", "")
        follows = WORDS.get(status) != "RIGHT" and name not in self.blamed
        return WORDS.get(status, status).lower() + f": {detail}"*bool(detail) + (
            f", made with the wrong {' and '.join(self.blamed)}"*follows)

    def __str__(self) -> str:
        return "\n".join(self.lines())

    __repr__ = __str__

    def as_dict(self) -> dict[str, Any]:
        """The grade in words that JSON can hold."""
        def words(x: Any) -> Any:
            return None if x is None else x.as_dict()
        return {"submission": self.label, "against": self.against,
                "verdict": self.verdict, "status": self.status,
                "right": self.right, "reason": self.reason, "blamed": self.blamed,
                "quantities": {n: v.as_dict() for n, v in self.quantities.items()},
                "first": words(self.first), "diagnosis": self.diagnosis,
                "mistakes": [m.as_dict() for m in self.mistakes],
                "diagnosis_proof": words(self.diagnosis_proof),
                "proof": words(self.proof), "notes": [*self.notes],
                "seconds": round(self.seconds, 3)}
