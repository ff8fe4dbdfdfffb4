"""grade: is this homework what was asked, and if not, what was done?"""
import time
from dataclasses import replace
from typing import Any

from optim.grading.backward import graded_backward
from optim.grading.backward_exercises import EXERCISES, Exercise, meant_exercise
from optim.grading.grades import Grade
from optim.grading.rule_grades import graded
from optim.grading.submissions import CPU, handed_in, submitted
from optim.hints import OTHER_NAMES, did_you_mean, meant
from optim.optimizers.signatures import Rule, name_of, named_rule
from optim.rules import RULES, WHOLE_RULES


def grade(target: Any, against: Any = "adam", seconds: float = CPU, alone: bool = False
          ) -> Grade:
    """Whether a homework is the rule or the backward pass that was asked, and if not, what
    was done.

    target: a function or a class, typed in a notebook or in a file, or "FILE.py:NAME". Its
    code never runs here: it runs in a process of its own, which gets its source, has
    `seconds` of processor time and 2 GB, no network where the system can forbid it, no
    secrets of the environment, and a copy of its folder to work in (confinement.py says
    what that does not protect against). alone: the copy has no other file of the folder.
    against: a rule, by its name or itself, or an exercise: "affine", "softmax", ...

    A rule that is correct in any form is PROVED: with states of other names and sizes, in
    place, as a class. What is wrong is REFUTED, quantity by quantity, with the first step
    at which a run shows it and the mistake in words, PROVED to be what was done.

    A backward pass is held against the engine's gradients in several shapes, then by proof
    on small shapes of symbols. Its arguments are matched by their names, in any order:
    def backward(x, w, dout), or (dout, cache) with the cache of its own forward or as it
    takes it apart, or a class with forward and backward. It gives gradients in the order
    x, w, b or in its own arguments' order, as a tuple or as a dict by name.

    Raises ValueError if there is no such file, rule or exercise, TypeError for what is no
    homework.
    """
    began, task = time.monotonic(), asked(against)
    if isinstance(task, Exercise):
        with handed_in(target, alone) as homework:
            found = graded_backward(homework, task, seconds)
    else:
        found = graded(submitted(target, name_of(task), seconds, alone), task)
    return replace(found, seconds=time.monotonic() - began)


def asked(against: Any) -> Rule | Exercise:
    """The rule or exercise that is meant; ValueError for a name of neither, which says what
    there is."""
    if isinstance(against, Exercise):
        return against
    if not isinstance(against, str):
        return named_rule(against)
    names = {**RULES, **WHOLE_RULES}
    if meant(against, names, OTHER_NAMES):
        return named_rule(against)
    if (exercise := meant_exercise(against)) is not None:
        return exercise
    raise ValueError(f"no rule or exercise is called {against!r};"
                     f"{did_you_mean(against, [*names, *EXERCISES], OTHER_NAMES, most=3)}"
                     f" there are the rules {', '.join(names)}, and the exercises "
                     f"{', '.join(EXERCISES)}; a rule of your own is given as the function"
                     " itself")
