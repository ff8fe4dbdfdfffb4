"""What README.md says works: its example, links and commands; and docstrings' examples."""
import contextlib
import doctest
import importlib
import io
import re
import shlex
from pathlib import Path

import pytest

import minigrad
import optim

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


def test_every_link_leads_somewhere():
    links = re.findall(r"\]\((?!http)([^)#]+)\)", README)
    links += re.findall(r'src="(?!http)([^"]+)"', README)
    assert len(links) > 18
    for link in links:
        assert (ROOT/link).exists(), link


def test_every_source_file_is_reachable_from_the_reading_order():
    """A reader finds each file of the packages by name, or by its folder."""
    linked = {ROOT/link for link in re.findall(r"\]\((?!http)([^)#]+)\)", README)}
    inside = {path for path in linked if path.is_dir()}
    for name in ("tape", "tensors", "autodiff", "prove"):
        assert ROOT/"minigrad"/f"{name}.py" in linked | inside, name
    for name in ("rules", "optimizer", "formulas", "papers", "prover", "claims"):
        assert ROOT/"optim"/f"{name}.py" in linked, name


def test_the_ci_script_runs_the_command_of_the_readme():
    block = re.search(r"<!-- test -->\n```sh\n(.*?)\n```\n<!-- end -->", README, re.S)[1]
    words = shlex.split(block)
    for needed in (".[test,peers]", "pytest", "mypy", "flake8"):
        assert needed in words
    assert "README.md" in (ROOT/".ci"/"run").read_text(encoding="utf-8")


EXAMPLES = sorted(path for folder in ("minigrad", "optim")
                  for path in (ROOT/folder).rglob("*.py")
                  if ">>> " in path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: "/".join(path.parts[-2:]))
def test_the_examples_in_docstrings_are_true(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    name = ".".join(part for part in parts if part != "__init__")
    module = importlib.import_module(name)
    result = doctest.testmod(module, optionflags=doctest.ELLIPSIS)
    assert result.attempted and result.failed == 0


def test_docstrings_hold_examples_at_all():
    assert len(EXAMPLES) > 15


def test_public_names_have_docstrings():
    for package in (minigrad, optim):
        for name in package.__all__:
            assert getattr(package, name).__doc__, f"{package.__name__}.{name}"
