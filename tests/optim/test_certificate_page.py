"""The examples of notebooks/reference/certificates.md are certificates, and what the page
says must be refused is refused."""
import copy
import json
import re
import shlex
from pathlib import Path

import pytest

import optim
from optim import checker
from optim.checker import judged
from optim.commands import cli, shared

PAGE = Path(optim.__file__).parents[1]/"notebooks"/"reference"/"certificates.md"
TEXT = PAGE.read_text(encoding="utf-8")
PROVED, REFUTED = map(json.loads, re.findall(
    r"(?:^    .*\n)+", TEXT[TEXT.index("## An example"):], re.M))
SQUARE_ROOT = {"letter": "s", "power": {"x": "1"}, "exponent": {"": "1/2"}}


def test_the_commands_and_the_program_of_the_page_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    shell, python = (re.search(rf"```{kind}\n(.*?)```", TEXT, re.DOTALL)[1]
                     for kind in ("sh", "python"))
    exec(compile(python, PAGE.name, "exec"), {})
    assert "'uncertified': {}" in capsys.readouterr().out
    Path("homework.py").write_text(
        python[python.index("import"):python.index("counts")])
    for line in shell.splitlines():
        program, *words = shlex.split(line, comments=True)
        words = [word.replace("homework.py:adam", "homework.py:mine") for word in words]
        assert program == "minigrad" and cli.main(words) == (
            shared.BAD if words[0] == "compare" else shared.GOOD), line
    files = checker.check("certificates")
    assert checker.holds_all(files) and not any(x["uncertified"] for x in files.values())


def test_the_examples_of_the_page_are_accepted():
    assert judged(PROVED) is judged(REFUTED) is None


@pytest.mark.parametrize("path, value", [
    (["letters", "b"], "[0, 1]"), (["relation"], ">"), (["operations", 1, 1], "1"),
    (["proof", "steps", 0, "exponent"], {"(t-1)": "2"}),
    (["proof", "steps", 1, "sum", 0, 0], "1"),
    (["proof", "steps", 1, "sum", 1, 1, 0, 1], 2),
    (["proof", "steps", 1, "sum"], []), (["proof", "steps"], [])])
def test_the_first_example_changed_is_refused(path, value):
    found = copy.deepcopy(PROVED)
    part = found
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    assert judged(found)


@pytest.mark.parametrize("x", ["4", "0", "1/0", "-0.5"])
def test_a_point_where_the_sides_agree_or_that_is_no_number_refutes_nothing(x):
    assert judged(dict(REFUTED, point={"x": x}))
    assert judged(dict(REFUTED, point={})) and judged(dict(REFUTED, letters={"x": "> 0"}))


def goal(letters, operations, left, right, *steps, **more):
    return {"letters": letters, "operations": operations, "left": left, "right": right,
            "relation": "==", "status": "PROVED", "proof": {"steps": [*steps]}} | more


ONE_MORE = [["letter", "x"], ["number", "1"], ["add", 0, 1]]
SIGN = [["letter", "x"], ["sign", 0], ["number", "1"]]
ZERO_TO_A_ROOT = [["number", "0"], ["number", "2"], ["sqrt", 1], ["power", 0, 2]]
FALSE = {
    "the sum of no terms has a sign, 0": goal(
        {"x": "real"}, ONE_MORE, 0, 2,
        {"letter": "s", "power": {"": "1"}, "exponent": {"": "1/2"}},
        {"sign": {"s^2": "1", "": "-1"}, "sum": []}, {"empty": {"s^2": "1", "": "-1"}}),
    "a split by a letter that each branch makes another thing": goal(
        {"x": ">= 0"}, SIGN, 1, 2, {"split": {"s": "1"}, "cases": [
            ["+", [SQUARE_ROOT, {"sign": {"x": "1"}, "sum": [["1", [[{"s": "1"}, 2]]]]},
                   {"holds": {}}]],
            ["-0", [{"letter": "s", "power": {"": "1"}, "exponent": {"": "1/2"}},
                    {"empty": {"s": "1"}}]]]}),
    "one place has a value everywhere": goal(
        {"x": "real"}, [["letter", "x"], ["log", 0]], 1, 1, total=True,
        proof={"identical": True}),
    "a sum has a value everywhere": goal(
        {}, [["letter", "k"], ["number", "0"], ["divide", 1, 0], ["sum", "k", 1, 1, 2],
             ["multiply", 1, 3]], 4, 1, {"call": 3, "letter": "c"}, {"holds": {}}),
    "a letter of the operations that the proof makes": goal(
        {}, [["letter", "k"], ["number", "1"]], 0, 1,
        {"letter": "k", "power": {"": "1"}, "exponent": {"": "1/2"}}, {"holds": {}}),
    "a letter that is called t less 1": goal(
        {"t": "1, 2, ...", "(t-1)": "real"}, [["letter", "(t-1)"], ["absolute", 0]], 0, 1,
        {"holds": {}}),
    "0 to a root of 2 has no value": goal(
        {}, ZERO_TO_A_ROOT, 3, 0, status="REFUTED", point={}),
    "a point of no domain": goal({}, [["letter", "x"], ["absolute", 0]], 0, 1,
                                 status="REFUTED", point={"x": "-1"}),
}


@pytest.mark.parametrize("name", FALSE)
def test_what_is_false_is_refused(name):
    assert judged(FALSE[name])
