"""Verdict: what is known of a claim, and why."""
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


STATUSES = ("PROVED", "BY THEOREM", "REFUTED", "UNDECIDED")


class Condition(dict):
    """{letter: expression}: what makes the right side of a refuted claim the left one.

    A hyperparameter of the right side (or one that only the left side has) is replaced by
    the expression; a state of the right side is that expression of the left side's states.

    .constant  the letters that must not change from step to step
    .check     the verdict, PROVED, that this makes them walk the same way
    """

    def __init__(self, letters: dict, constant: tuple[str, ...], check: "Verdict") -> None:
        super().__init__(letters)
        self.constant, self.check = constant, check

    def __str__(self) -> str:
        words = ", ".join(f"{k} -> {x}" for k, x in self.items())
        return words + (f", with {', '.join(self.constant)} constant" if self.constant
                        else "")


def except_where(equations: Iterable[Any]) -> str:
    """What a proof leaves out, in words; "" if nothing."""
    words = dict.fromkeys(f"{e.lhs} = {e.rhs}" for e in equations)
    return f"except where {', '.join(words)}"*bool(words)


@dataclass(frozen=True)
class Verdict:
    """What is known of a claim, and why.

    status     one of STATUSES, of the claim as it was made; BY THEOREM: its premises are
               PROVED, and the inference from them is named in .method and not checked
    witness    {symbol: rational} where a refuted claim fails, else None
    equal_if   the substitution under which the sides are equal: the one that was given,
               or of a refuted claim about optimizers a Condition that was found
    except_on  equations without rational solution in the domain, left out of the proof
    method     how it was found, or why it was not
    goal       what was decided, as the prover had it; None if it is of several
    parts      {label: verdict}: what it was made of, if of several
    about      the claim in words, if they are known
    """
    status: str
    witness: dict | None = None
    equal_if: dict | None = None
    except_on: tuple = ()
    method: str = ""
    seconds: float = 0.0
    goal: Any = field(default=None, repr=False, compare=False)
    parts: dict[str, "Verdict"] = field(default_factory=dict, repr=False, compare=False)
    about: str = field(default="", repr=False, compare=False)

    def __bool__(self) -> bool:
        raise TypeError("a Verdict is no bool: compare its .status with one of "
                        + ", ".join(map(repr, STATUSES)))

    def __str__(self) -> str:
        lines = [f"{self.status} ({self.method}; {self.seconds:.2f} s)"]
        if self.witness is not None:
            lines.append("  at " + (", ".join(f"{k} = {x}" for k, x in self.witness.items())
                                    or "every point"))
        if self.except_on:
            lines.append(f"  {except_where(self.except_on)}")
        if self.equal_if:
            lines.append(f"  equal if {self.equal_if}" if isinstance(
                self.equal_if, Condition) else f"  with {', '.join(stated(self.equal_if))}")
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        escaped = str(self).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        rest = escaped.removeprefix(self.status).lstrip()
        return f"<b>{self.status}</b> {rest.replace(chr(10), '<br>')}"

    def as_dict(self) -> dict[str, Any]:
        """The verdict in words that JSON can hold; numbers as exact fractions."""
        def words(pairs):
            return None if pairs is None else {str(k): str(x) for k, x in pairs.items()}
        return {"status": self.status, "witness": words(self.witness),
                "equal_if": words(self.equal_if),
                "except_on": [f"{e.lhs} = {e.rhs}" for e in self.except_on],
                "method": self.method, "seconds": round(self.seconds, 6)}


def stated(where: Mapping) -> tuple[str, ...]:
    """What was to hold of the letters, in words: numbers, formulas and intervals."""
    return tuple(x if isinstance(x, str) and {*x} & {*"<>"} else f"{k} = {x}"
                 for k, x in where.items())
