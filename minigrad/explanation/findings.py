"""What the doctor says: findings, the first of which is to be mended first."""
from dataclasses import dataclass
from html import escape
from typing import Any

from minigrad.explanation.user_source import Line

ERROR, WARNING, NOTE = "error", "warning", "note"


FAMILIES = {                    # what several causes have in common, where it has a name
    "no influence": "step function, factor of 0, never chosen, gradient of 0, all "
    "weights are"
                    " 0, parameter without influence, detached parameter, softmax over one "
                    "entry",
    "inactive branch": "branch of np.where that was not chosen",
    "broadcast": "suspicious broadcast", "dtype": "dtype drift",
    "equal weights": "units that are all alike", "saturated": "saturated units",
    "applied twice": "softmax applied twice, sigmoid applied twice",
    "zero_grad": "zero_grad forgotten", "loss explodes": "learning rate too large"}
FAMILY_OF = {cause: family for family, causes in FAMILIES.items()
             for cause in causes.split(", ")}


@dataclass
class Finding:
    """One thing that is wrong, or, as a note, worth knowing.

    cause: what it is called; kind: the family of it. what: the operation with its numbers.
    why: the mathematics.
    instead: the repaired code or what to do. node: the Step, None where no operation is at
    fault. raw_place: the user's code, as guards.here gives it.
    """
    cause: str
    severity: str
    what: str
    why: str = ""
    instead: str = ""
    node: Any = None
    raw_place: Any = None
    kind: str = ""

    def __post_init__(self) -> None:
        self.kind = self.kind or FAMILY_OF.get(self.cause, self.cause)
        if self.raw_place is None and self.node is not None:
            self.raw_place = self.node.raw_place

    @property
    def line(self) -> Line:
        """The user's line."""
        return Line(self.raw_place)

    @property
    def place(self) -> str:
        """The user's line, as `file.py:12` and what stands there."""
        return str(self.line)

    @property
    def step(self) -> Any:
        return self.node

    @property
    def remedy(self) -> str:
        """What to write instead."""
        return self.instead

    @property
    def is_alarm(self) -> bool:
        return self.severity != NOTE

    @property
    def message(self) -> str:
        """What, why, and what to write instead, in lines."""
        parts = [self.what, self.why and f"why: {self.why}",
                 self.instead and f"write: {self.instead}"]
        return "\n".join(filter(None, parts))

    def __str__(self) -> str:
        more = f" ({self.cause})" if self.cause != self.kind else ""
        where = f", {self.line}" if self.line else ""
        head = f"{self.severity}: {self.kind}{more}{where}"
        return "\n    ".join([head, *self.message.split("\n")])


class Diagnosis:
    """The findings of a backward pass, or of several; printed it is for reading."""

    def __init__(self, findings: list[Finding], of: str = "the backward pass") -> None:
        self.findings = sorted(findings, key=lambda f: f.severity == NOTE)
        self.of = of

    @property
    def alarms(self) -> list[Finding]:
        """What is wrong: all but the notes."""
        return [f for f in self.findings if f.severity != NOTE]

    @property
    def healthy(self) -> bool:
        """Whether nothing is wrong; notes may be there."""
        return not self.alarms

    @property
    def first(self) -> Finding | None:
        """What is to be mended first."""
        return self.alarms[0] if self.alarms else None

    def __bool__(self) -> bool:
        raise TypeError("a diagnosis is healthy or not: ask .healthy, or read .findings")

    def __str__(self) -> str:
        notes = len(self.findings) - len(self.alarms)
        count = len(self.alarms)
        head = (f"{self.of}: " + ("healthy" if not count else
                f"{count} finding{'s'*(count > 1)}, the first is to be mended first")
                + (f" ({notes} note{'s'*(notes > 1)})" if notes else ""))
        return "\n".join([head, *(f"  {finding}".replace("\n", "\n  ")
                                  for finding in self.findings)])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head, _, _ = str(self).partition("\n")
        items = "".join(
            f"<li><b>{escape(f.severity)}: {escape(f.kind)}</b>"
            + (f" <code>{escape(str(f.line))}</code>" if f.line else "")
            + f"<pre>{escape(f.message)}</pre></li>" for f in self.findings)
        return f"<p>{escape(head)}</p>" + (f"<ol>{items}</ol>" if items else "")
