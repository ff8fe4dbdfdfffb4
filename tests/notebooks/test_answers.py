"""Reference answers are proved; wrong ones are refuted by a point to check by hand."""
import importlib
import re
from pathlib import Path

import pytest

import optim

HERE = Path(__file__).parent
NOTEBOOKS = HERE.parents[1]/"notebooks"
HEADING = re.compile(r'#+ (?:Exercise|练习) (\d+)')


MODULES = [importlib.import_module(f"{__package__}.{path.stem}")
           for path in sorted(HERE.glob("answers*.py"))]
ENTRIES = [entry for module in MODULES for entry in module.ANSWERS]


def cases(kind):
    return [pytest.param(entry, answer, id="-".join(
                [entry["notebook"], str(entry["exercise"]), answer.__name__]))
            for entry in ENTRIES for answer in entry.get(kind, ())]


def judged(entry, answer):
    judge = entry.get("judge") or (lambda rule: optim.prove(rule, entry["against"]))
    return judge(answer)


@pytest.mark.parametrize("entry, answer", cases("right"))
def test_a_reference_answer_is_proved(entry, answer):
    verdict = judged(entry, answer)
    assert verdict.status == "PROVED", verdict


@pytest.mark.parametrize("entry, answer", cases("wrong"))
def test_a_wrong_answer_is_refuted_with_a_witness(entry, answer):
    verdict = judged(entry, answer)
    assert verdict.status == "REFUTED" and verdict.witness is not None, verdict


@pytest.mark.parametrize("entry, answer", cases("diagnosed"))
def test_a_mistake_that_is_known_is_named(entry, answer):
    assert judged(entry, answer).grade.diagnosis


@pytest.mark.parametrize("folder", [NOTEBOOKS, NOTEBOOKS/"zh"], ids=["en", "zh"])
def test_every_exercise_has_an_answer_and_a_wrong_one(folder):
    asked = {(path.stem, int(number)) for path in folder.glob("*.ipynb")
             for number in HEADING.findall(path.read_text(encoding="utf-8"))}
    answered = {(entry["notebook"], entry["exercise"]) for entry in ENTRIES
                if entry["right"] and entry["wrong"]}
    assert asked <= answered
    if folder == NOTEBOOKS:
        assert answered <= asked
