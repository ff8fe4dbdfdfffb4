"""One door for rules and for backward passes; and what goes along with what was typed."""
import csv
import functools
import io

import numpy as np
import pytest

import optim
from optim.commands import cli
from optim.commands.shared import BAD, GOOD, WRONG
from optim.grading import Grade, asked, grade_folder
from optim.grading.backward_exercises import EXERCISES
from optim.grading.typed_sources import as_file, free_names, write_down

AFFINE = """import numpy as np
def affine_forward(x, w, b):
    return x @ w + b, (x, w, b)
def affine_backward(dout, cache):
    x, w, b = cache
    return dout @ w.T, x.T @ dout, dout.sum(axis=0)
def relu_backward(dout, x):
    return dout*(x > 0)
"""
TURNED = AFFINE.replace("w.T", "w")


def affine(x, w, b, dout):
    return dout @ w.T, x.T @ dout, np.sum(dout, axis=0)


def affine_mean(x, w, b, dout):
    return dout @ w.T, x.T @ dout, np.mean(dout, axis=0)


def test_a_backward_pass_just_typed_is_graded_as_a_rule_is():
    right, wrong = (optim.grade(f, against="affine") for f in (affine, affine_mean))
    assert isinstance(right, Grade) and right.right and right.status == "PROVED"
    assert right.proof.status == "PROVED" and not right.diagnosis
    assert isinstance(wrong, Grade) and wrong.status == "REFUTED" and wrong.blamed == ["db"]
    assert [m.mistake for m in wrong.mistakes] == ["mean for sum"]
    assert {n: q.status for n, q in wrong.quantities.items()} == {
        "dx": "NUMERICALLY RIGHT", "dw": "NUMERICALLY RIGHT", "db": "REFUTED"}
    assert wrong.as_dict().keys() == right.as_dict().keys()


def test_what_follows_an_error_is_judged_where_there_is_none():
    def three(x, w, b, dout):
        return dout @ w, dout.T @ x, dout.mean(axis=0)
    found = optim.grade(three, "affine")
    assert {m.mistake for m in found.mistakes} == {
        "missing transpose", "product transposed", "mean for sum"}


def test_the_command_grades_exercises_as_rules(tmp_path, capsys):
    folder, table = tmp_path/"homework", tmp_path/"grades.csv"
    folder.mkdir()
    (folder/"ann.py").write_text(AFFINE)
    (folder/"=bob.py").write_text(TURNED)
    (folder/"eve.py").write_text("import os\nos._exit(0)\ndef affine_backward(): pass")
    (folder/"zoe.py").write_text("import torch.optim\n" + AFFINE)
    words = ["grade", str(folder), "--against", "Affine", "--csv", str(table)]
    assert cli.main(words) == BAD
    out = capsys.readouterr().out
    assert "1 of 4 right, 1 wrong, 2 not graded" in out and "missing transpose" in out
    rows = {r["submission"]: r for r in csv.DictReader(io.StringIO(
        table.read_text("utf-8-sig"), newline=""))}
    assert {n: r["verdict"] for n, r in rows.items()} == {
        "ann.py": "RIGHT", "'=bob.py": "WRONG", "eve.py": "NOT GRADED",
        "zoe.py": "NOT GRADED"}
    assert rows["'=bob.py"]["what is wrong"].startswith("dx: missing transpose")
    assert cli.main(["grade", f"{folder/'ann.py'}:affine_backward", "--against",
                     "fully_connected"]) == GOOD
    assert "RIGHT (PROVED; in 5 shapes" in capsys.readouterr().out
    assert cli.main(["grade", str(folder/"ann.py"), "--against", "relu"]) == GOOD


def test_an_unknown_name_is_answered_with_rules_and_exercises(capsys):
    for word, meant in ("affin", "affine"), ("adm", "adam"), ("soft max los", "softmax"):
        assert cli.main(["grade", "x.py:f", "--against", word]) == WRONG
        text, = capsys.readouterr().err.splitlines()
        assert f"did you mean {meant}" in text and "rmsprop" in text and "conv" in text
    assert asked("ReLU") is EXERCISES["relu"] and asked("adam") is optim.rules.adam
    assert cli.main(["grade", "--help"]) == GOOD
    text = capsys.readouterr().out
    for exercise in EXERCISES.values():
        assert exercise.signature in text
    assert "affine_backward(x, w, b, dout) -> dx, dw, db" in text


def own_rule(theta, g, *, t, lr=0.1):
    return theta - lr*g**3


def test_a_folder_is_graded_against_a_rule_of_ones_own(tmp_path):
    (tmp_path/"a.py").write_text("def own_rule(w, dw, lr=0.1): return w - lr*dw*dw*dw")
    (tmp_path/"b.py").write_text("def own_rule(w, dw, lr=0.1): return w - lr*dw")
    found = grade_folder(tmp_path, own_rule, jobs=1, progress=False)
    assert [g.verdict for g in found.grades.values()] == ["RIGHT", "WRONG"]


# ------------------------------------------------------------------ what is sent along
rate = m = v = size = np.random.default_rng()       # which cannot be sent
SCALE, Base = 0.25, object
K = np.float64(0.5)


def doubled(f):
    @functools.wraps(f)
    def run(*args, **kwargs):
        return f(*args, **kwargs)
    return run


@doubled
def local_names(w: rate, dw, lr=SCALE):
    rate = lr
    m = [size*rate for size in (dw,)]

    class Kept(Base):
        v = 1
    return w - 2*K*m[0]*Kept.v


def test_a_local_name_takes_no_global_along():
    found = optim.grade(local_names, "gradient_descent")
    assert found.right and "0.25" in found.notes[0], found
    for name in ("rate", "size", "m", "v"):
        assert f"\n{name} = " not in as_file(local_names)


@pytest.mark.parametrize("source, names", [
    ("def f(x):\n    a = x\n    return a + b", "b"),
    ("def f(x, y=a, *, z=b): return c", "a b c"),
    ("@a\ndef f(x: b) -> c: return x", "a"),
    ("def f(x): return [a*i for i in x if i > b], {k: c for k in x}", "a b c"),
    ("def f(x):\n    def g(): return a, h\n    h = 1\n    return g", "a"),
    ("def f(x):\n    class C(a):\n        b = 1\n        def m(self): return b\n"
     "    return C", "a b"),
    ("def f(x):\n    global a\n    a = 1", ""),
    ("def f(x):\n    global a\n    a = a + 1", "a"),
    ("def f(x): return lambda a: a + b", "b"),
    ("def f(x):\n    for a in x: pass\n    with b as c: return c\n    import d", "b"),
    ("def f(x):\n    if (a := x): return a\n    try: pass\n    except b as e: return e",
     "b"),
    ("def f(n): return f(n - 1)", ""),
    ("class C(a):\n    b = c\n    def __init__(self): self.d = e", "a c e"),
    ("def f(x):\n    a.b = x\n    c[0] += 1\n    return x.d", "a c")])
def test_which_names_come_from_outside(source, names):
    assert free_names(source) == {*names.split()}


def test_a_default_is_what_it_was_where_the_function_was_made():
    SCALE = 0.125

    def sgd(w, dw, lr=SCALE):
        return w - lr*dw
    assert optim.grade(sgd, "gradient_descent").notes == ("lr is 0.125, asked was 0.1",)


def test_what_is_written_down_is_what_it_is():
    def written(x):
        parts = {}
        write_down(x, "x", parts)
        return parts["x"]
    assert written(np.float32(0.5)) == "x = 0.5\n"
    assert written(1e400) == "x = float('inf')\n"
    assert written([1, (2, "a")]) == "x = [1, (2, 'a')]\n"
    assert written(np) == "import numpy as x\n"
    for no in (rate, [rate], np.ones(3), {"f": np.sqrt}):
        with pytest.raises(ValueError, match="it uses x, .*cannot be sent"):
            written(no)
