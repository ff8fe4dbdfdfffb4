"""Is this homework right, and if not, what was done? grade(function, against="adam").

In reading order:

    mistakes.txt         the catalogue of mistakes, as edits
    slipped_rules.py     a rule with one of them, or with two
    confinement.py       a lid on the process in which homework runs
    confined_process.py  the frame of that process
    homework_process.py  what it makes of a rule
    typed_sources.py     what was typed, as a file
    submissions.py       homework as a rule of ours
    plain_runs.py        rules run on plain numbers
    matching.py          whose letter is whose
    diagnosing.py        which mistake was made, PROVED
    first_difference.py  the first step at which a run shows it
    grades.py            what is known of a homework, and how it is said
    rule_grades.py       a rule: all of that

and for gradients written by hand, of layers:

    backward_formulas.py    the layers, and their gradients by hand, to be spoiled
    backward_exercises.py   what is asked for, and where it is tried
    backward_names.py       what students call it
    backward_arguments.py   whose argument is whose
    backward_caches.py      what the forward kept for it
    backward_objects.py     a layer that is an object
    backward_calling.py     a backward pass called in its author's manner
    backward_process.py     what runs in the process of its own
    backward_mistakes.txt   the catalogue of mistakes
    backward_catalogue.py   gradients with one of them
    backward_results.py     whose result is whose
    backward_diagnosing.py  which mistake was made
    backward_gradients.py   what is known of one gradient
    backward_symbols.py     a backward pass run on symbols
    backward_proof.py       what it made of them, against SymPy's derivative
    backward.py             a backward pass: all of that

and for either:

    homework.py          what was asked, and grade
    folders.py           a folder of homework: table and CSV
    lesson_questions.py  an exercise of a notebook
"""
import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from optim.grading.folders import Grades, grade_folder
    from optim.grading.grades import Grade
    from optim.grading.homework import asked, grade
    from optim.grading.lesson_questions import Question

# Loaded when it is first used: the process of a homework needs little of it.
LAZY = {"Grade": "grades", "Grades": "folders", "Question": "lesson_questions",
        "asked": "homework", "grade": "homework", "grade_folder": "folders"}

__all__ = ["Grade", "Grades", "Question", "asked", "grade", "grade_folder"]


def __getattr__(name):
    """Load a module when one of its public names is first used."""
    if name not in LAZY:
        raise AttributeError(f"module 'optim.grading' has no attribute {name!r}")
    return getattr(importlib.import_module(f"optim.grading.{LAZY[name]}"), name)
