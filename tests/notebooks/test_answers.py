"""Reference answers are proved; wrong ones are refuted, and hear what they did.

Each is handed to the question that stands in the notebook, as a reader's would be.
"""
import ast
import importlib
import json
import linecache
import re
from functools import cache
from pathlib import Path

import pytest

from .build import code_cells, kind_of, source_of

HERE = Path(__file__).parent
NOTEBOOKS = HERE.parents[1]/"notebooks"
HEADING = re.compile(r'#+ (?:Exercise|练习) (\d+)')
WITNESS = re.compile(r"\bat (step )?\w+[ ,].*(=|is )|\[\d.*\] is |its shape is|it is ")


MODULES = [importlib.import_module(f"{__package__}.{path.stem}")
           for path in sorted(HERE.glob("answers*.py"))]
ENTRIES = [entry for module in MODULES for entry in module.ANSWERS]


@cache
def questions(notebook):
    """The names that a notebook's questions define, and what they need of the lesson: its
    imports, functions and classes. Nothing else of it is run."""
    parts = []
    for cell in code_cells(json.loads((NOTEBOOKS/f"{notebook}.ipynb").read_text("utf-8"))):
        kept = [node for node in ast.parse(source_of(cell)).body if is_definition(node)]
        parts += [source_of(cell)] if kind_of(cell) == "[question]" else map(
            ast.unparse, kept)
    source, name = "\n\n".join(parts) + "\n", f"<{notebook}>"
    linecache.cache[name] = len(source), None, source.splitlines(True), name
    space = {"__name__": notebook}
    exec(compile(source, name, "exec"), space)
    return space


def is_definition(node):
    """Whether a statement only gives a name, and no picture."""
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return "matplotlib" not in ast.unparse(node)
    return isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.decorator_list


def asked(entry):
    return questions(entry["notebook"])[f"exercise_{entry['exercise']}"]


def cases(kind):
    return [pytest.param(entry, answer, id="-".join(
                [entry["notebook"], str(entry["exercise"]), answer.__name__]))
            for entry in ENTRIES for answer in entry[kind]]


@pytest.mark.parametrize("entry, answer", cases("right"))
def test_a_reference_answer_is_proved(entry, answer):
    grade = asked(entry)(answer)
    assert grade.status == "PROVED" and grade.right, grade


@pytest.mark.parametrize("entry, answer", cases("wrong"))
def test_a_wrong_answer_is_refuted_with_a_witness_and_hears_what_it_did(entry, answer):
    grade = asked(entry)(answer)
    assert grade.status == "REFUTED" and not grade.right, grade
    assert WITNESS.search(str(grade)), grade
    assert entry["wrong"][answer] and entry["wrong"][answer] in grade.diagnosis, grade


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: f"{e['notebook']}-{e['exercise']}")
def test_what_is_not_written_yet_says_so(entry):
    def unwritten(*arguments):
        raise NotImplementedError("your turn")
    grade = asked(entry)(unwritten)
    assert grade.status == "NOT GRADED" and "not written yet" in str(grade)


@pytest.mark.parametrize("folder", [NOTEBOOKS, NOTEBOOKS/"zh"], ids=["en", "zh"])
def test_every_exercise_has_an_answer_and_a_wrong_one(folder):
    asked = {(path.stem, int(number)) for path in folder.glob("*.ipynb")
             for number in HEADING.findall(path.read_text(encoding="utf-8"))}
    answered = {(entry["notebook"], entry["exercise"]) for entry in ENTRIES
                if entry["right"] and entry["wrong"]}
    assert asked <= answered
    if folder == NOTEBOOKS:
        assert answered <= asked
