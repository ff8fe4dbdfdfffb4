"""Claim: a sentence, the goals that were decided for it, and the verdict.

What stands beside a verdict is what was decided: the goals are data, and text, LaTeX, JSON
and pages print them. A caption is typed by hand, for the reader, and is marked as one.
"""
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import sympy as sp

from optim.domains import domain_of
from optim.notation.marks import text
from optim.papers import in_letters
from optim.proving.expressions import prove_expressions, symbols_of
from optim.proving.verdicts import Verdict

SIGNS = {"==": "=", "<=": r"\le", ">=": r"\ge", "<": "<", ">": ">"}
# how a claim came out, in the words in which the kinds are counted
KINDS = {"algebra": "PROVED by algebra", "identity": "PROVED as one expression with itself",
         "walk": "PROVED by a walk in intervals", "theorem": "BY THEOREM",
         "refuted": "REFUTED as claimed", "open": "not as claimed"}


@dataclass(frozen=True)
class Relation:
    """left relation right, wherever its letters lie in their domains."""
    left: sp.Expr
    relation: str                                             # one of SIGNS
    right: sp.Expr

    @classmethod
    def read(cls, goal: tuple) -> "Relation":
        """The relation of (left, right), which are equal, or of (left, sign, right)."""
        left, *sign, right = goal
        return cls(sp.sympify(left), sign[0] if sign else "==", sp.sympify(right))

    @property
    def domains(self) -> dict[sp.Symbol, str]:
        """Where each letter lies; unknown functions in it are any functions."""
        letters = symbols_of(self.left) | symbols_of(self.right)
        return {s: domain_of(s) for s in sorted(letters, key=str)}

    @property
    def verdict(self) -> Verdict:
        """The prover's, asked for once: many rules share their moments."""
        if self not in DECIDED or DECIDED[self].status == "UNDECIDED":
            DECIDED[self] = prove_expressions(self.left, self.right, self.relation)
        return DECIDED[self]

    def at(self, point: Mapping) -> "Relation":
        """The relation with these values for its letters."""
        return replace(self, left=self.left.subs(point), right=self.right.subs(point))

    def latex(self) -> str:
        """Both sides in the letters of the papers."""
        return f"{in_letters(self.left)} {SIGNS[self.relation]} {in_letters(self.right)}"

    def __str__(self) -> str:
        return (f"{in_letters(self.left, text)} {self.relation} "
                f"{in_letters(self.right, text)}")

    def as_dict(self) -> dict[str, Any]:
        """The relation in words that JSON can hold."""
        return {"left": str(self.left), "relation": self.relation, "right": str(self.right),
                "domains": {str(s): domain for s, domain in self.domains.items()}}


DECIDED: dict[Relation, Verdict] = {}


@dataclass(frozen=True)
class Claim:
    """A sentence about a rule, what it says as goals, and what became of them.

    id         short, and unique among the claims of a rule or topic
    goals      relations that together are what the sentence says; none if a theorem does
    caption    LaTeX for the reader, typed by hand; tests hold it to the goals
    expected   the status that is claimed; REFUTED where the sentence is often said
    premises   claims that it rests on; without a proof of each it is UNDECIDED
    theorem    the inference from the premises, which nothing has checked: BY THEOREM
    point      where it is refuted, if that place is chosen
    decided    a verdict that was reached in another way than by the prover
    """
    id: str
    sentence: str
    goals: tuple[Relation, ...] = ()
    caption: str = ""
    expected: str = "PROVED"
    source: str = ""
    premises: tuple["Claim", ...] = ()
    theorem: str = ""
    point: Mapping | None = None
    decided: Verdict | None = None

    @cached_property
    def verdict(self) -> Verdict:
        """The worst verdict on a goal."""
        if self.decided is not None:
            return self.decided
        for premise in self.premises:
            if not premise.ok or premise.expected == "REFUTED":
                return Verdict("UNDECIDED",
                               method=f"a premise is not proved: {premise.sentence}")
        if self.theorem:
            return Verdict("BY THEOREM", method=self.theorem)
        goals = self.goals if self.point is None else [g.at(self.point) for g in self.goals]
        verdicts = [goal.verdict for goal in goals]
        seconds = sum(v.seconds for v in verdicts)
        for status in ("REFUTED", "UNDECIDED"):
            for v in verdicts:
                if v.status == status:
                    return replace(v, seconds=seconds, witness=v.witness
                                   if self.point is None else dict(self.point))
        count, same = len(verdicts), sum(v.method == "identical" for v in verdicts)
        method = ("identical" if same == count else verdicts[0].method if count == 1 else
                  f"{count} goals, each proved" + (f"; {same} identical" if same else ""))
        return Verdict("PROVED", except_on=tuple(x for v in verdicts for x in v.except_on),
                       method=method, seconds=seconds)

    @property
    def check(self) -> Verdict:
        """The verdict: the name that it has in a derivation."""
        return self.verdict

    @property
    def ok(self) -> bool:
        """Whether the verdict is the one that is claimed."""
        return self.verdict.status == self.expected

    @property
    def kind(self) -> str:
        """One of KINDS."""
        if not self.ok:
            return "open"
        if self.expected != "PROVED":
            return "theorem" if self.theorem else "refuted"
        if self.decided is not None:
            return "walk"
        return "identity" if self.verdict.method == "identical" else "algebra"

    def latex(self) -> str:
        r"""The goals, side by side; of a theorem, which has none, the caption."""
        return r",\quad ".join(goal.latex() for goal in self.goals) or self.caption

    def __str__(self) -> str:
        note = "" if self.ok else f", but {self.expected} is claimed"
        lines = [self.sentence, *(f"    {goal}" for goal in self.goals)]
        lines += [f"    caption: {self.caption}"] if self.caption else []
        return "\n".join([*lines, f"    {self.verdict}{note}"])

    def as_dict(self) -> dict[str, Any]:
        """The claim in words that JSON can hold."""
        return {"id": self.id, "sentence": self.sentence, "source": self.source,
                "goals": [goal.as_dict() for goal in self.goals], "latex": self.latex(),
                "caption": self.caption, "premises": [p.id for p in self.premises],
                "expected": self.expected, "ok": self.ok, "kind": self.kind,
                "verdict": self.verdict.as_dict()}


def claim(id: str, sentence: str, *goals: tuple, at: Mapping | None = None,
          expected: str = "PROVED", **fields: Any) -> Claim:
    """The claim of goals (left, right) or (left, sign, right); with `at`, refuted there.

    >>> x = sp.Symbol("x", real=True)
    >>> claim("square", "A square is not negative.", (x**2, ">=", 0)).verdict.status
    'PROVED'
    """
    if not goals:
        raise ValueError(f"claim: no goals came for {sentence!r}; at least one is needed")
    return Claim(id, sentence, tuple(map(Relation.read, goals)), point=at,
                 expected=expected if at is None else "REFUTED", **fields)


def by_theorem(id: str, sentence: str, theorem: str, *premises: Claim, caption: str = ""
               ) -> Claim:
    """The claim that follows from proved ones by a theorem, named in words.

    The prover has decided the premises; that the theorem gives this from them is for the
    reader to judge. So its status is BY THEOREM, and never PROVED.
    """
    if not premises:
        raise ValueError(f"by_theorem: {sentence!r} needs the claims that it rests on")
    return Claim(id, sentence, caption=caption, expected="BY THEOREM", premises=premises,
                 theorem=theorem)


def tally(claims: Iterable[Claim]) -> str:
    """How many claims came out how, each kind counted apart.

    >>> tally([claim("one", "x is x.", (sp.Symbol("x", real=True),)*2)])
    '1 PROVED as one expression with itself'
    """
    found = Counter(each.kind for each in claims)
    return ", ".join(f"{found[kind]} {words}" for kind, words in KINDS.items()
                     if found[kind]) or "no claims"
