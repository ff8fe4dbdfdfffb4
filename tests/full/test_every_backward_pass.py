"""The confusion matrix of all backward passes of tests/optim/backward_homework.py, and the
hostile ones that take long. Each takes less than 5 s of processor time.
"""
import resource
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent.parent/"optim"))
import backward_homework as homework  # noqa: E402
import backward_hostile as hostile  # noqa: E402

from optim.grading.backward import grade_backward  # noqa: E402

SECONDS = 5


def spent():
    return sum(u.ru_utime + u.ru_stime for u in map(resource.getrusage, (
        resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))


def graded(f, against, **how):
    began = spent()
    grade = grade_backward(f"{sys.modules[f.__module__].__file__}:{f.__name__}", against,
                           **how)
    assert spent() - began < SECONDS, grade
    return grade


def diagnosed(grade, what):
    """Whether what was done is named, for each gradient and nothing else."""
    found = {n[1:]: " + ".join(sorted({s.mistake for s in g.mistakes}))
             for n, g in grade.quantities.items() if not g.right}
    return found == what if not isinstance(what, str) else what in {
        m.mistake for m in grade.mistakes}


def test_the_confusion_matrix():
    right = [graded(f, name) for name, fs in homework.RIGHT.items() for f in fs]
    wrong = [(graded(f, name), what) for name, f, what in homework.WRONG]
    assert len(right) >= 25 and len(wrong) >= 50
    assert [str(g) for g in right if g.status != "PROVED"] == []
    assert [str(g) for g, _ in wrong if g.status != "REFUTED"] == []
    missed = [str(g) for g, what in wrong if not diagnosed(g, what)]
    assert len(missed) <= 0.05*len(wrong), missed


@pytest.mark.parametrize("f, text", [
    (hostile.goes_round, "ended without an answer"), (hostile.ends, "without an answer"),
    (hostile.waits, "not done after"), (hostile.leaves, "SystemExit"),
    (hostile.takes_all_memory, "Memory"), (hostile.raises, "KeyError"),
    (hostile.forks, "may not do this: os.fork"), (hostile.deletes, "may not")])
def test_the_run_goes_on(f, text, monkeypatch):
    monkeypatch.setattr("optim.grading.submissions.CLOCK", 4 if f is hostile.waits else 30)
    grade = graded(f, "relu", seconds=3)
    assert grade.status == "NOT GRADED" and text in grade.reason, grade
    assert len(str(grade)) < 500


def test_what_it_prints_is_nobodys():
    assert graded(hostile.floods, "relu").right
    assert not graded(hostile.changes_numpy, "relu").right
