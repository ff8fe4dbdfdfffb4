"""What the doctor says: findings, the one to mend first at the front."""
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from minigrad.explanation.backward_records import Step, shortly


@dataclass(eq=False)
class Finding:
    """One thing that is wrong, or worth knowing (is_alarm False): where, why, what to do.
    """
    kind: str                   # "NaN", "broadcast", "no influence", ... the doctor's lists
    message: str                # what is there, and why
    remedy: str                 # what to write instead
    step: Step | None = None    # the node
    line: str = ""              # the user's line, where no node has it
    is_alarm: bool = True

    @property
    def place(self) -> str:
        """The user's line, as `file.py:12` and what stands there."""
        return self.line or (self.step.place if self.step else "")

    def __str__(self) -> str:
        head = f"{'!' if self.is_alarm else '-'} {self.kind}"
        where = f" at {self.place}" if self.place else ""
        return f"{head}{where}\n    {self.message}\n    -> {self.remedy}"


@dataclass
class Diagnosis:
    """All findings of one backward pass; healthy if none of them is an alarm."""
    findings: Sequence[Finding]

    @property
    def alarms(self) -> list[Finding]:
        return [f for f in self.findings if f.is_alarm]

    @property
    def healthy(self) -> bool:
        return not self.alarms

    def __bool__(self) -> bool:
        raise TypeError("a diagnosis is healthy or not: ask .healthy, or read .findings")

    def __str__(self) -> str:
        head = ("healthy: nothing wrong was found" if self.healthy else
                "1 finding" if len(self.alarms) == 1 else
                f"{len(self.alarms)} findings, the one to mend first at the top")
        return "\n".join([head, *map(str, self.findings)])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"


def told(step: Step) -> str:
    """A node in words: what it is called, how it was made, and what of."""
    if step.is_leaf:
        return f"{step.name} {step.value.shape}"
    parts = [f"{x.name} {shortly(x.value)}" for x in step.arguments if isinstance(x, Step)]
    return f"{step.name} = {step.call}" + (f", with {', '.join(parts)}" if parts else "")
