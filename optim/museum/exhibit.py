"""Exhibit: one formula as it was printed, where, and the rule that is right instead."""
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from optim.optimizers.signatures import Rule

KINDS = {"paper": "printed in a paper or survey",
         "documentation": "printed in documentation",
         "report": "proposed or claimed in a report", "code": "code as a report quotes it"}


@dataclass(frozen=True)
class Same:
    """What proves a right form: two rules that are one, where {letter: number} holds.

    letters: the change of the right one's letters that this takes, as optim.compare prints
    it; said here, as with some change or other a wrong rule may be a right one too.
    """
    left: Rule
    right: Rule
    where: Mapping[str, float | str] = field(default_factory=dict)
    letters: str = ""


@dataclass(frozen=True)
class Printed:
    """What is common to all exhibits: where it was printed, and what of it.

    id     a short name, which no other has
    link   where it can be read; date and version where they are stated
    words  what was printed or proposed, and what is right, in neutral words
    """
    id: str
    title: str
    kind: str                           # of KINDS
    link: str
    words: str
    date: str = field(default="", kw_only=True)
    version: str = field(default="", kw_only=True)


@dataclass(frozen=True)
class Exhibit(Printed):
    """A rule as printed, and the rule that is right.

    proofs    what the right one rests on: the name of a rule, whose paper is meant, or Same
    at        {letter: value} of the witness, where the usual one would not do
    training  {letter: value} of the run on the digits; all others have the right one's
              default
    """
    printed: Rule
    right: Rule
    proofs: tuple[str | Same, ...]
    at: Mapping[str, Fraction | int] = field(default_factory=dict)
    training: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Bound(Printed):
    """A bound on how long a step of a rule is, as printed, and the run that breaks it.

    bound      (beta1, beta2) -> the printed bound, over lr
    betas      the numbers of the run, and its gradients
    claims     ids of the claims of optim.derive that hold instead
    refuted    the id of the claim that is the printed one
    """
    rule: Rule
    bound: Callable[[Any, Any], Any]
    betas: tuple[Fraction, Fraction]
    gradients: tuple[Fraction, ...]
    claims: tuple[str, ...]
    refuted: str
