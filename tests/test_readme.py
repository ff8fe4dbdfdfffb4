"""What README.md says works: its example, links and commands; and docstrings' examples."""
import ast
import contextlib
import doctest
import importlib
import io
import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

import minigrad
import optim

from .cases import each

ROOT = Path(__file__).parents[1]
README = (ROOT/"README.md").read_text(encoding="utf-8")


def test_the_example_runs_and_prints_what_its_comments_say():
    code = re.search(r"```python\n(.*?)```", README, re.S)[1]
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, "README.md", "exec"), {})
    text = out.getvalue()
    assert "m_hat[t]" in text and re.search(r"(\d+) of \1 claims as expected", text)
    assert re.search(r"^REFUTED \(.*\n  at .*\n  equal if weight_decay -> 0$", text, re.M)
    assert len([line for line in code.split("\n") if line.strip()]) <= 12


def test_the_example_of_other_libraries_runs_too():
    code = re.findall(r"```python\n(.*?)```", README, re.S)[1]
    out = io.StringIO()
    model = minigrad.nn.Linear(2, 1)
    with contextlib.redirect_stdout(out):
        exec(compile(code, "README.md", "exec"), {"model": model})
    assert out.getvalue().startswith("def torch_RMSprop(theta, g, v, *, t, lr=0.01")
    assert "PROVED" in out.getvalue() and "REFUTED: two rules" in out.getvalue()


def test_the_example_of_a_compiled_step_runs_compiled():
    """It prints NumPy source, and its loss falls as that of the same step as it is."""
    code = re.findall(r"```python\n(.*?)```", README, re.S)[2]
    losses = []
    for text in code, code.replace("@mg.compile\n", "").split("print(step.source)")[0]:
        space, out = {"__name__": "example"}, io.StringIO()
        minigrad.manual_seed(0)
        with contextlib.redirect_stdout(out):
            exec(compile(text, "README.md", "exec"), space)
        losses.append(space["losses"])
        assert ("import numpy as np" in out.getvalue()) == ("@mg.compile" in text)
    assert losses[0] == losses[1] and losses[0][-1] < losses[0][0]


def test_the_examples_of_the_page_on_training_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = (ROOT/"notebooks"/"reference"/"training.md").read_text(encoding="utf-8")
    text = "\n".join(re.findall(r"```python\n(.*?)```", page, re.S))
    space, out = {}, io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(text, "training.md", "exec"), space)
    assert {"curves.png", "run.npz"} <= {path.name for path in tmp_path.iterdir()}
    assert space["history"].test_accuracy[-1] > 0.95 and "Piecewise" in out.getvalue()
    verdicts = re.findall("^(PROVED|REFUTED)", out.getvalue(), re.M)
    assert verdicts == ["REFUTED", "PROVED", "PROVED"]


def test_the_example_of_a_training_run_runs_too():
    code = re.findall(r"```python\n(.*?)```", README, re.S)[4]
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, "README.md", "exec"), {})
    assert "validation_loss" in out.getvalue() and "g_inner[t] = " in out.getvalue()


def test_the_example_of_an_explained_pass_runs_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code = re.findall(r"```python\n(.*?)```", README, re.S)[3]
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, "README.md", "exec"), {})
    assert "5.5" in out.getvalue() and "healthy" in out.getvalue()
    assert "<svg" in (tmp_path/"pass.html").read_text("utf-8")


def test_every_link_leads_somewhere():
    links = re.findall(r"\]\((?!http)([^)#]+)\)", README)
    links += re.findall(r'src="(?!http)([^"]+)"', README)
    assert len(links) > 18
    for link in links:
        assert (ROOT/link).exists(), link


PAGES = sorted((ROOT/"notebooks"/"reference").glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_links_of_the_reference_pages_lead_somewhere(page):
    text = re.sub("`[^`]*`", "", page.read_text(encoding="utf-8"))
    for link in re.findall(r"\]\((?!http)([^)#]+)\)", text):
        assert (page.parent/link).exists(), link


def test_the_readme_is_read_in_five_minutes_and_leads_to_the_rest():
    assert len(README.splitlines()) <= 260
    for page in PAGES:
        assert f"(notebooks/reference/{page.name})" in README


def reachable(text, root):
    """The source files that a text leads to: by a link, or by a folder's docstring.

    A link to a folder leads to its __init__.py, whose docstring names files and folders.
    """
    found, folders = set(), []
    for link in re.findall(r"\]\((?!http)([^)#]+)\)", text):
        target = root/link
        if target.is_dir():
            folders.append(target)
        else:
            found.add(target)
    while folders:
        folder = folders.pop()
        found.add(folder/"__init__.py")
        tree = ast.parse((folder/"__init__.py").read_text(encoding="utf-8"))
        for word in (ast.get_docstring(tree) or "").split():
            if word.endswith(".py"):
                found.add(folder/word)
            elif word.endswith("/") and (folder/word/"__init__.py").exists():
                folders.append(folder/word)
    return found


SOURCES = {path for folder in ("minigrad", "optim") for path in (ROOT/folder).rglob("*.py")}
FACES = {ROOT/"minigrad"/"__init__.py", ROOT/"optim"/"__init__.py",
         ROOT/"optim"/"__main__.py", ROOT/"minigrad"/"__main__.py"}


def test_every_source_file_is_reachable_from_the_reading_order():
    assert SOURCES - FACES - reachable(README, ROOT) == set()


def test_a_file_that_nothing_names_is_not_reachable(tmp_path):
    (tmp_path/"room").mkdir()
    (tmp_path/"room"/"__init__.py").write_text('"""A room:\n\n    a.py   a file"""')
    assert reachable("[room/](room), [b](b.py)", tmp_path) == {
        tmp_path/"room"/"__init__.py", tmp_path/"room"/"a.py", tmp_path/"b.py"}


def test_the_evening_is_about_ten_files():
    """It is short enough to be read in one, and leads from the tape to the step."""
    evening = re.search(r"### The evening\n(.*?)\n### ", README, re.S)[1]
    files = re.findall(r"\]\(([^)#]+\.py)\)", evening)
    assert 8 <= len(files) <= 12
    assert files[0] == "minigrad/tape.py" and files[-1] == "optim/optimizers/optimizer.py"
    assert "optim/rules.py" in files


STAND_IN = """#!/bin/sh
if [ "$1 $2" = "-m venv" ]; then
    mkdir -p "$3/bin"
    cp "$0" "$3/bin/python"
    echo "PATH='$3/bin:$PATH'" > "$3/bin/activate"
else
    echo "$@" >> calls.txt
fi
"""
SCRIPT = (ROOT/".ci"/"run").read_text(encoding="utf-8")


def calls_of(script, readme, folder):
    """What a CI script beside a README has Python do; a stand-in for Python notes it."""
    for path, text in {".ci/run": script, "README.md": readme,
                       "path/python3": STAND_IN}.items():
        (folder/path).parent.mkdir(exist_ok=True)
        (folder/path).write_text(text, encoding="utf-8")
    (folder/"path"/"python3").chmod(0o755)
    subprocess.run(["bash", folder/".ci"/"run"], check=True, capture_output=True, env=(
        os.environ | {"PATH": f"{folder/'path'}{os.pathsep}{os.environ['PATH']}"}))
    return (folder/"calls.txt").read_text().splitlines()


def test_the_ci_script_runs_the_command_of_the_readme(tmp_path):
    block = re.search(r"<!-- test -->\n```sh\n(.*?)\n```\n<!-- end -->", README, re.S)[1]
    calls = calls_of(SCRIPT, README, tmp_path)
    assert " && ".join(f"python {call}" for call in calls).split() == shlex.split(block)
    assert [call.split()[1] for call in calls] == ["pip", "pytest", "mypy", "flake8"]
    assert ".[test,peers]" in calls[0].split()


@pytest.mark.parametrize("command, calls", [
    ("python -m other && python -m tests", ["-m other", "-m tests"]), ("false", None),
    ("", None)])
def test_the_ci_script_runs_another_command_and_fails_with_it(command, calls, tmp_path):
    readme = f"<!-- test -->\n```sh\n{command}\n```\n<!-- end -->\n```sh\nfalse\n```\n"
    if calls:
        assert calls_of(SCRIPT, readme, tmp_path) == calls
    else:
        with pytest.raises(subprocess.CalledProcessError):
            calls_of(SCRIPT, readme, tmp_path)


def test_a_ci_script_that_only_speaks_of_the_readme_is_caught(tmp_path):
    script = 'cd "$(dirname "$0")/.."\npython3 -m pytest  # as README.md says\n'
    assert calls_of(script, README, tmp_path) == ["-m pytest"]


EXAMPLES = sorted(path for folder in ("minigrad", "optim")
                  for path in (ROOT/folder).rglob("*.py")
                  if ">>> " in path.read_text(encoding="utf-8"))


@each("path", EXAMPLES, ids=lambda path: "/".join(path.parts[-2:]))
def test_the_examples_in_docstrings_are_true(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    name = ".".join(part for part in parts if part != "__init__")
    module = importlib.import_module(name)
    result = doctest.testmod(module, optionflags=doctest.ELLIPSIS)
    assert result.attempted and result.failed == 0


def test_docstrings_hold_examples_at_all():
    assert len(EXAMPLES) > 15


def test_public_names_are_completed_and_have_docstrings():
    for package in (minigrad, optim):
        assert dir(package) == sorted(package.__all__)
        for name in package.__all__:
            assert getattr(package, name).__doc__, f"{package.__name__}.{name}"
