"""Is this homework right, and if not, what was done? grade(function, against="adam").

In reading order:

    mistakes.txt         the catalogue of mistakes, as edits
    slipped_rules.py     a rule with one of them, or with two
    confinement.py       a lid on the process in which homework runs
    homework_process.py  what runs there
    submissions.py       homework as a rule of ours
    plain_runs.py        rules run on plain numbers
    matching.py          whose letter is whose
    diagnosing.py        which mistake was made, PROVED
    first_difference.py  the first step at which a run shows it
    grades.py            grade: all of it
    folders.py           a folder of homework: table and CSV

and for gradients written by hand, of layers:

    backward_formulas.py    the layers, and their gradients by hand, to be spoiled
    backward_exercises.py   what is asked for, and where it is tried
    backward_calling.py     a backward pass called in its author's manner
    backward_process.py     what runs in the process of its own
    backward_mistakes.txt   the catalogue of mistakes
    backward_catalogue.py   gradients with one of them
    backward_symbols.py     a backward pass run on symbols
    backward_proof.py       what it made of them, against SymPy's derivative
    backward.py             grade_backward: all of it
"""
from optim.grading.folders import Grades, grade_folder
from optim.grading.grades import Grade, grade

__all__ = ["Grade", "Grades", "grade", "grade_folder"]
