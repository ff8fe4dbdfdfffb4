"""A folder of homework: each file is a row, whatever it does; table, CSV, exit codes."""
import csv
import io
import os
import re

import pytest

from optim.commands import cli
from optim.commands.shared import BAD, GOOD, WRONG
from optim.grading import confinement, folders, grade_folder

from . import graded_homework as homework
from .hostile_homework import ADAM, HOSTILE

SAMPLE = ("endless step", "memory", "exits", "deletes yours", "reads yours",
          "kills", "secrets", "import_module", "message that fails")
SGD = homework.PLAIN["gradient_descent"]
SIGN = SGD.replace("w - lr", "w + lr")
NAMES = ["plain.py", "with, comma.py", 'with "quotes".py', "=cmd|'x'!A1.py", "+1.py",
         "-2.py", "@SUM(A1).py", "Größe Δ 学.py", "\tTab.py", "x;y.py"]


def hostile_folder(place, names):
    """A folder of these, and a file of the teacher's that they would harm."""
    yours = place/"yours.txt"
    yours.write_text("kept")
    folder = place/"homework"
    folder.mkdir()
    for name in names:
        text, _ = HOSTILE[name]
        more = ADAM if text and "def adam" not in text else ""
        (folder/f"{name}.py").write_text(f"YOURS = {str(yours)!r}\n{text}{more}")
    return folder, yours


def check_hostile(place, names):
    """Each is one row that says what it did, and nothing of the teacher's is changed."""
    folder, yours = hostile_folder(place, names)
    before = {x: x.read_bytes() for x in (*folder.iterdir(), yours)}
    found = grade_folder(folder, "adam", jobs=2, seconds=3, progress=False)
    assert [*found.grades] == sorted(f"{n}.py" for n in names) and not found.right
    for name in names:
        grade = found.grades[f"{name}.py"]
        assert not grade.right, grade
        assert re.search(HOSTILE[name][1], grade.reason or grade.diagnosis), grade
    assert {x: x.read_bytes() for x in (*folder.iterdir(), yours)} == before
    return found


def test_whatever_a_homework_does_is_its_own_row(tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("SECRET_OF_TEACHER", "hunter2")
    found = check_hostile(tmp_path, SAMPLE)
    assert "hunter2" not in found.csv() and capfd.readouterr() == ("", "")
    assert all(len(line) < 1000 for line in str(found).splitlines())


def test_names_of_any_kind_survive_and_no_cell_is_a_formula(tmp_path):
    for i, name in enumerate(NAMES):
        (tmp_path/name).write_text(SIGN if i % 5 == 0 else SGD, encoding="utf-8")
    found = grade_folder(tmp_path, "gradient_descent", jobs=2, progress=False)
    found.write_csv(tmp_path/"grades.csv")
    data = (tmp_path/"grades.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")                     # so that Excel reads UTF-8
    rows = [*csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))]
    assert {r["submission"].lstrip("'").strip() for r in rows} == {n.strip() for n in NAMES}
    assert not any(x[:1] in (*"=+-@\t\r",) and x for r in rows for x in r.values())
    assert sum(r["status"] == "REFUTED" for r in rows) == 2
    assert {r["what is wrong"][:5] for r in rows} == {"sign:", ""}
    assert "8 of 10 right, 2 wrong, 0 not graded" in str(found)


@pytest.mark.parametrize("text, cell", [
    ("=1+1", "'=1+1"), ("-1", "'-1"), ("@x", "'@x"), ("\t=1", "' =1"), ("a=1", "a=1"),
    ("", ""), ("+x", "'+x"), ("line\nbreak", "line break"), ("\x1b[2J", " [2J")])
def test_a_cell_is_text(text, cell):
    assert folders.safe(text) == cell


def test_exit_codes_and_output_of_the_command(tmp_path, capsys):
    right, wrong = tmp_path/"right", tmp_path/"wrong"
    for folder, text in ((right, SGD), (wrong, SIGN)):
        folder.mkdir()
        (folder/"a.py").write_text(text)
    table = tmp_path/"grades.csv"
    assert cli.main(["grade", str(right), "--against", "sgd", "--csv", str(table)]) == GOOD
    assert "1 of 1 right" in capsys.readouterr().out and table.exists()
    assert cli.main(["grade", str(wrong), "--against", "sgd"]) == BAD
    assert "sign: theta + lr*g where theta - lr*g belongs" in capsys.readouterr().out
    file = f"{wrong/'a.py'}:gradient_descent"
    assert cli.main(["grade", file, "--against", "sgd", "--json"]) == BAD
    for words in (["grade", str(right)], ["grade", str(right), "--against", "adm"],
                  ["grade", "nowhere/", "--against", "adam"],
                  ["grade", file, "--against", "adam", "--csv", "x.csv"],
                  ["grade", str(right), "--against", "adam", "--csv", "x.txt"],
                  ["grade", str(tmp_path/"grades.csv"), "--against", "adam"],
                  ["grade", str(right), "--against", "adam", "--jobs", "0"]):
        assert cli.main(words) == WRONG, words
        assert len(capsys.readouterr().err.splitlines()) == 1, words


def test_a_students_own_folder_is_seen_by_that_student_only(tmp_path):
    (tmp_path/"ann").mkdir()
    (tmp_path/"ann"/"tools.py").write_text("RATE = 0.1\ndef gradient_descent(): pass\n")
    (tmp_path/"ann"/"sgd.py").write_text("from tools import RATE\ndef sgd(w, dw): "
                                         "return w - RATE*dw")
    (tmp_path/"bob.py").write_text("from eve import sgd as f\ndef sgd(w, dw): "
                                   "return f(w, dw)")
    (tmp_path/"eve.py").write_text(SGD)
    found = grade_folder(tmp_path, "gradient_descent", jobs=2, progress=False).grades
    assert found[os.path.join("ann", "sgd.py")].right and found["eve.py"].right
    assert "No module named 'eve'" in found["bob.py"].reason


def test_the_lid_names_events_that_python_has(monkeypatch):
    """Each event that the lid refuses or looks into is raised as it expects."""
    hooks = []
    monkeypatch.setattr(confinement.sys, "addaudithook", hooks.append)
    monkeypatch.setattr(confinement, "limit", lambda seconds: None)
    monkeypatch.setattr(confinement, "without_network", lambda: True)
    monkeypatch.setattr(confinement.sys, "dont_write_bytecode", False)
    confinement.confine(os.getcwd(), 1)
    for event in ("os.fork", "socket.connect", "ctypes.dlopen", "subprocess.Popen"):
        with pytest.raises(PermissionError):
            hooks[0](event, ())
    with pytest.raises(PermissionError):
        hooks[0]("open", ("/outside", "w", os.O_WRONLY))
    with pytest.raises(PermissionError):
        hooks[0]("os.rename", (os.getcwd() + "/x", "/outside", -1, -1))
    with pytest.raises(PermissionError, match="may not read '/outside'"):
        hooks[0]("open", ("/outside", "r", os.O_RDONLY))
    hooks[0]("open", (os.__file__, "r", os.O_RDONLY))
    hooks[0]("open", ("inside", "w", os.O_WRONLY | os.O_CREAT))
    hooks[0]("os.remove", ("inside", -1))
