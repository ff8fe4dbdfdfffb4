"""Question: an exercise of a notebook, which says of an answer that it is right, or what
was done.

Unlike grade it runs the answer here: the reader's own function, in the reader's notebook.
"""
import traceback
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import sympy as sp

from minigrad import Symbolic
from optim.comparing import prove
from optim.formulas import formula
from optim.grading.backward_exercises import Exercise
from optim.grading.grades import NOT_GRADED, Grade
from optim.grading.homework import asked, grade
from optim.grading.rule_grades import graded
from optim.grading.submissions import Submission
from optim.proving.verdicts import Verdict

NOT_YET = ("not written yet: put your own code for the line with `raise`, and run the cell "
           "again")
# What the code of a beginner raises, and what is said of a result that is none.
RAISED = (ArithmeticError, AttributeError, LookupError, NameError, TypeError, ValueError)
Claims = Mapping[str, tuple[Any, ...]]      # {what: (it, what it should be, relation)}


@dataclass(frozen=True)
class Part:
    """What is known of one thing that an answer gives. `.status`, `.witness`, `.detail`"""
    verdict: Verdict
    detail: str = ""

    @property
    def status(self) -> str:
        return self.verdict.status

    @property
    def witness(self) -> dict | None:
        return self.verdict.witness

    def as_dict(self) -> dict[str, Any]:
        return self.verdict.as_dict() | {"detail": self.detail}


@dataclass(frozen=True)
class Question:
    """What is asked for: question(answer) is its Grade.

    of        a rule or a backward pass, as grade takes it for against; or what the answer
              is called with, a sequence of SymPy's letters and expressions
    expected  what it should then return, or several such; or a function that makes claims
              {words: (left, right, relation)} of what it returned
    slips     {what was done, in words: an answer that does it}: said of an answer that is
              PROVED to be this one

    >>> x = sp.Symbol("x", real=True)
    >>> question = Question([x], 2*x, slips={"the square itself": lambda x: x**2})
    >>> def slope(x):
    ...     return x*x
    >>> print(question(slope))
    slope against the exercise: WRONG (REFUTED)
      value  wrong: at x = -4 it is 16 and should be -8
      what is wrong: the square itself
    """
    of: Any
    expected: Any = None
    slips: Mapping[str, Callable] = field(default_factory=dict)

    def __call__(self, answer: Callable) -> Grade:
        """The grade of an answer; what its code raises is said in one line."""
        def none(reason: str) -> Grade:
            return Grade(getattr(answer, "__name__", "the answer"), "the exercise",
                         NOT_GRADED, reason)
        if not isinstance(answer, types.FunctionType):
            return none(f"{answer!r:.40} came; needed a function: its name, without a call")
        if "NotImplementedError" in answer.__code__.co_names:
            return none(NOT_YET)
        try:
            if not isinstance(self.of, (str, types.FunctionType)):
                return self.of_letters(answer, returned(answer, self.of))
            task = asked(self.of)
            if isinstance(task, Exercise):
                return grade(answer, task)
            found = formula(answer)
        except RAISED as error:
            return none(said(error, answer))
        return graded(Submission(answer.__name__, found), task)

    def of_letters(self, answer: Callable, given: Sequence[Any]) -> Grade:
        """The grade of an answer that gives this on letters."""
        parts = {words: judged(*claim) for words, claim in self.claims(given).items()}
        grade_of = partial(Grade, answer.__name__, "the exercise", quantities=parts)
        bad = [p.status for p in parts.values() if p.status != "PROVED"]
        if not bad:
            return grade_of("PROVED", "for all numbers")
        done = next((words for words, slip in self.slips.items()
                     if same(given, returned(slip, self.of))), "")
        return grade_of("REFUTED" if "REFUTED" in bad else "UNDECIDED", diagnosis=done)

    def claims(self, given: Sequence[Any]) -> Claims:
        """What has to hold of what was returned."""
        if callable(self.expected):
            return self.expected(*given)
        wanted = results(self.expected)
        if len(given) != len(wanted):
            raise ValueError(f"the answer returns {len(given)} values, not {len(wanted)}")
        names = ["value"] if len(wanted) == 1 else [f"value {k}" for k in range(
            1, len(wanted) + 1)]
        return {n: (x, y, "==") for n, x, y in zip(names, given, wanted)}


def said(error: Exception, answer: Callable) -> str:
    """An error in one line, with the line of the answer that it comes from, if it does."""
    frames = [*traceback.walk_tb(error.__traceback__)]
    lines = [n for frame, n in frames if frame.f_code is answer.__code__]
    where = f"line {lines[-1]}: {type(error).__name__}: " if lines else ""
    return where + str(error).removeprefix(f"{answer.__name__}: ")


def returned(answer: Callable, arguments: Sequence[Any]) -> list[Any]:
    """What an answer makes of formulas, as SymPy's expressions."""
    return results(answer(*map(Symbolic, arguments)))


def results(x: Any) -> list[Any]:
    """One or several expressions as a list. ValueError for what is none."""
    each = list(x) if isinstance(x, (tuple, list)) else [x]
    if any(y is None or y is Ellipsis for y in each):
        raise ValueError("the answer returns nothing; is there a return in it?")
    return [sp.nsimplify(sp.sympify(getattr(y, "expr", y)), rational=True) for y in each]


def judged(left: Any, right: Any, relation: str = "==") -> Part:
    """Whether a claim holds; where it does not, what stands on each side."""
    verdict = prove(left, right, relation)
    if verdict.witness is None:
        return Part(verdict)
    at = ", ".join(f"{n} = {x}" for n, x in verdict.witness.items())
    is_, should = (number(sp.sympify(side).subs(verdict.witness)) for side in (left, right))
    relation = "" if relation == "==" else f"{relation} "
    return Part(verdict, f"at {at} "*bool(at)
                + f"it is {is_} and should be {relation}{should}")


def number(x: sp.Expr) -> str:
    """A number as one writes it: a fraction, or six digits."""
    if not x.is_finite:
        return "no number"
    return str(x) if x.is_Rational else f"{float(x):.6g}"


def same(one: Sequence[Any], other: Sequence[Any]) -> bool:
    """Whether two answers are PROVED to return the same."""
    return len(one) == len(other) and all(
        prove(x, y).status == "PROVED" for x, y in zip(one, other))
