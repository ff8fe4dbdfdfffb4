"""Broken scripts, run as `minigrad explain script.py` runs them: the first finding names
the line that ends with `# <- here`; and what becomes of scripts that end badly.

broken_scripts.txt holds them, each behind a line `=== name | what it is`.
"""
import subprocess
import sys
from pathlib import Path

import pytest

from minigrad.explanation import over_steps, scripts
from minigrad.explanation.scripts import run_script
from optim.commands.cli import main
from optim.optimizers.optimizer import Optimizer

HEAD = """import numpy as np, minigrad as mg, optim
from minigrad import nn
rng = np.random.default_rng(0)
"""
TEXT = Path(__file__).with_name("broken_scripts.txt").read_text(encoding="utf-8")
SCRIPTS = {block.partition(" |")[0]: HEAD + block.partition("\n")[2]
           for block in TEXT.split("=== ")[1:]}


def first_finding(text, folder):
    path = folder/"broken.py"
    path.write_text(text)
    return run_script(str(path), [], (Optimizer,)).diagnosis.first


def marked(text):
    return next(i for i, line in enumerate(text.split("\n"), 1) if "# <- here" in line)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", SCRIPTS)
def test_the_first_finding_is_at_the_users_line(name, tmp_path):
    first = first_finding(SCRIPTS[name], tmp_path)
    assert first is not None and first.message
    assert first.line.number == marked(SCRIPTS[name]), str(first)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("check, names", [
    ("forgotten", "zero_grad zero_grad_hand"), ("diverging", "rate rate_grad ascent"),
    ("others_moved", "other_parameters"), ("without_influence", "unused_layer grad_unused"),
    ("ending", "label_range not_scalar")])
def test_without_a_check_of_several_steps_scripts_pass_for_others(check, names, tmp_path,
                                                                  monkeypatch):
    monkeypatch.setattr(over_steps, check, lambda *a: [])
    for name in names.split():
        first = first_finding(SCRIPTS[name], tmp_path)
        assert first is None or first.line.number != marked(SCRIPTS[name]), name


def test_the_repaired_code_of_a_branch_is_healthy(tmp_path):
    text = SCRIPTS["where_log"].replace("  # <- here", "")
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        instead = first_finding(text, tmp_path).instead.partition("    #")[0]
    assert instead == "y = np.where(x > 0, np.log(np.where(x > 0, x, 1)), 0.0)"
    assert first_finding(text.replace("y = np.where(x > 0, np.log(x), 0.0)", instead),
                         tmp_path) is None


# --- the command --------------------------------------------------------------------------
GOOD = HEAD + """import sys
print("its words:", sys.argv[1:], __name__)
x = mg.tensor([1.0, 4.0], requires_grad=True)
np.sum(np.sqrt(x)).backward()
"""


def explain(text, folder, *words):
    (folder/"script.py").write_text(text)
    return main(["explain", str(folder/"script.py"), *words])


def test_a_healthy_script_prints_its_own_and_ends_with_0(tmp_path, capsys):
    before = sys.argv, sys.path[:], sys.modules["__main__"]
    page = tmp_path/"page.html"
    assert explain(GOOD, tmp_path, "--epochs", "3", "--html", str(page), "--trace") == 0
    out = capsys.readouterr().out
    assert "its words: ['--epochs', '3'] __main__" in out and "healthy" in out
    assert "Forward, in order of evaluation" in out and page.read_text()
    assert before == (sys.argv, sys.path, sys.modules["__main__"])


def test_nothing_is_left_of_the_watching(tmp_path):
    from minigrad import tape, traces
    from minigrad.values import Values
    before = tape.walk_back, traces.walk_back, vars(Values)["data"], Values.__init__
    explain(GOOD, tmp_path)
    assert before == (tape.walk_back, traces.walk_back, vars(Values)["data"],
                      Values.__init__)


@pytest.mark.parametrize("text, code, words", [
    ("x = (1", 2, "is no Python: line 1"), ("print(1)", 0, "no backward pass"),
    ("import sys; sys.exit(3)", 0, "exit code 3"),
    ("import os; os.remove(__file__)\nraise KeyError('lost')", 1, "KeyError: 'lost'"),
    ("raise KeyboardInterrupt", 130, "KeyboardInterrupt"),
    ("def f(): f()\nf()", 1, "RecursionError"), ("\0", 2, "is no Python")])
def test_how_scripts_end(text, code, words, tmp_path, capsys):
    assert explain(text, tmp_path) == code
    said = capsys.readouterr()
    assert words in said.out + said.err and "minigrad/" not in said.err


def test_a_file_that_is_missing_or_a_folder_is_refused(tmp_path, capsys):
    assert main(["explain", str(tmp_path/"none.py")]) == 2
    assert main(["explain", str(tmp_path)]) == 2 and main(["explain"]) == 2
    assert "needed a script" in capsys.readouterr().err


def test_an_error_shows_the_users_frames_only(tmp_path, capsys):
    text = HEAD + "w = mg.tensor([1.0], requires_grad=True)\nw.backward(7, 8, 9, 10)"
    assert explain(text, tmp_path) == 1
    err = capsys.readouterr().err
    assert "script.py" in err and "scripts.py" not in err and "tensors.py" not in err


def test_an_endless_script_ends_with_ctrl_c(tmp_path, hears_interrupts):
    (tmp_path/"endless.py").write_text(GOOD + "import os, signal\nos.kill(os.getpid(), "
                                       "signal.SIGINT)\nwhile True:\n    pass\n")
    done = subprocess.run([sys.executable, "-m", "optim", "explain",
                           str(tmp_path/"endless.py")], capture_output=True, text=True)
    assert done.returncode == 130 and "healthy" in done.stdout
    assert scripts.__name__ not in done.stderr
