"""Certificates: what is written is what is claimed, and what is wrong is not accepted."""
import copy
import json
import operator
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import sympy as sp

import optim
from optim import certificates, checker
from optim.certificates.proof_search import Search, Unproved
from optim.claims import verify
from optim.claims.verification import Report
from optim.commands import cli, shared
from optim.derivations.claim import Claim, by_theorem, claim
from optim.domains import declare
from optim.equivalence import proofs
from optim.proving.verdicts import Verdict

X, Y = declare("x", "real"), declare("y", "> 0")
RULES_HERE = ("nag", "rmsprop")


@cache
def written(name):
    return certificates.certified(verify(name))


@pytest.fixture
def folder(tmp_path):
    certificates.write(tmp_path, map(written, RULES_HERE))
    return tmp_path


@pytest.fixture
def run(capsys):
    def run(*words):
        code = cli.main([*map(str, words)])
        return code, *capsys.readouterr()
    return run


def of(*claims):
    return certificates.certified(Report("own", claims))


# ------------------------------------------------------------------------- what is written
@pytest.mark.parametrize("name", RULES_HERE)
def test_each_verdict_of_a_report_is_in_its_file(name, folder):
    file = json.loads((folder/f"{name}.json").read_text(encoding="utf-8"))
    assert file == written(name) and file["about"] == name
    entries = {each["id"]: each for each in file["claims"]}
    assert file["uncertified"] == [] and len(entries) == len(file["claims"])
    for own in verify(name).claims:
        entry = entries[own.id]
        assert (entry["sentence"], entry["status"]) == (own.sentence, own.verdict.status)
        assert len(entry["goals"]) == len(own.goals) or entry["status"] == "REFUTED"
        assert entry["premises"] == [premise.id for premise in own.premises]


def test_the_checker_accepts_what_is_written_and_the_count_is_right(folder):
    found = checker.check(folder)
    assert checker.holds_all(found) and set(found) == {f"{n}.json" for n in RULES_HERE}
    for name in RULES_HERE:
        assert found[f"{name}.json"]["accepted"] == {
            each["id"]: each["status"] for each in written(name)["claims"]}
    assert certificates.counted(map(written, RULES_HERE)) == {
        "certified": sum(len(written(name)["claims"]) for name in RULES_HERE),
        "uncertified": {}}


def test_a_goal_stands_on_a_line_and_nothing_is_left_beside_the_files(folder):
    for name in RULES_HERE:
        lines = (folder/f"{name}.json").read_text(encoding="utf-8").splitlines()
        goals = [line for line in lines if line.startswith(" ")]
        assert len(goals) == sum(len(each["goals"]) for each in written(name)["claims"])
        read = json.JSONDecoder().raw_decode
    assert all(set(read(goal, 1)[0]) >= {"left", "status"} for goal in goals)
    assert sorted(os.listdir(folder)) == [f"{name}.json" for name in RULES_HERE]


def test_the_copied_checker_alone_says_the_same(folder, tmp_path):
    copied = shutil.copy(checker.__file__, tmp_path/"alone.py")
    ran = subprocess.run([sys.executable, "-I", copied, str(folder)], cwd="/",
                         capture_output=True, text=True, check=False, env={})
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.splitlines() == checker.told(checker.check(folder))
    assert "theorems that are trusted:" in ran.stdout


def test_a_refuted_claim_carries_its_witness():
    at = claim("at", "no", (X, 0), at={X: 3})
    found = of(at, claim("false", "no", (X**2, ">", Y)))
    assert [each["status"] for each in found["claims"]] == ["REFUTED"]*2
    assert found["claims"][0]["goals"][0]["point"] == {"x": "3"}
    assert found["claims"][0]["goals"][0]["letters"] == {"x": "real"}
    assert set(found["claims"][1]["goals"][0]["point"]) == {"x", "y"}
    assert not checker.judged_file(found)["rejected"]


@pytest.mark.parametrize("other", [
    lambda theta, g, *, t, lr=0.1: theta - lr*np.where(lr == 1, g + 1, g),
    lambda theta, g, *, t, lr=0.1: theta - lr*np.where(theta == g, g + 1, g)])
def test_a_witness_where_an_equation_holds_has_a_certificate(other):
    verdict = optim.prove("gradient_descent", other)
    found = certificates.certified_pair("a pair", verdict)
    assert verdict.status == "REFUTED" and not found["uncertified"]
    assert checker.judged_file(found)["accepted"] == {"equal": "REFUTED"}


def test_sides_that_differ_by_a_number_where_a_function_is_0_have_no_proof():
    stated = {"letters": {"x": "real"}, "operations": [
        ["letter", "x"], ["number", "0"], ["number", "1"], ["number", "2"],
        ["call", "G", 0], ["equal", 4, 1], ["where", 5, 2, 3]], "left": 6, "right": 3,
        "relation": "=="}
    with pytest.raises(Unproved):
        Search(stated).proof()


def test_premises_come_with_what_rests_on_them_and_once():
    premise = claim("p", "a square", (X**2, ">=", 0))
    same = claim("p", "a square", (X**2, ">=", 0))
    other = claim("p", "another", (Y, ">", 0))
    found = of(by_theorem("a", "so", "some theorem", premise),
               by_theorem("b", "so", "some theorem", same, other))
    assert {each["id"]: each["premises"] for each in found["claims"]} == {
        "p": [], "a": ["p"], "p-2": [], "b": ["p", "p-2"]}
    judged = checker.judged_file(found)
    assert judged["theorems"] == ["some theorem"]*2 and not judged["rejected"]


def test_what_has_no_certificate_is_counted_with_its_method():
    walked = Claim("w", "a walk", decided=Verdict("PROVED", method="9 steps, in intervals"))
    beyond = claim("e", "a sine", (sp.sin(X)**2 + sp.cos(X)**2, 1))
    found = of(by_theorem("t", "so", "some theorem", walked), beyond)
    assert found["claims"] == []
    assert {each["id"]: each["method"].split(",")[0] for each in found["uncertified"]} == {
        "w": "9 steps", "t": certificates.claim_files.PREMISE,
        "e": beyond.verdict.method.split(",")[0]}
    assert sum(certificates.counted([found])["uncertified"].values()) == 3
    assert not checker.holds_all({"own": checker.judged_file(found)})


def test_a_case_is_empty_where_numbers_contradict_one_another():
    r, part = declare("r", "(0, 1)"), declare("part", "[0, 1]")
    found = of(claim("p", "in the best rate", (r - part*r*(1 - r)/(2 - r), ">", 0)))
    assert not found["uncertified"] and '{"empty": {"": "1"}}' in json.dumps(found)
    assert not checker.judged_file(found)["rejected"]


def test_what_the_checker_rejects_is_not_written(monkeypatch):
    monkeypatch.setattr(certificates.claim_files, "certificate", lambda goal, verdict: {})
    found = of(claim("p", "a square", (X**2, ">=", 0)))
    assert found["claims"] == [] and "the checker rejects" in found["uncertified"][0]["why"]


def test_two_optimizers_and_what_makes_them_equal():
    found = certificates.certified_pair("adamw is adam", optim.prove("adamw", "adam"))
    assert [(each["id"], each["status"]) for each in found["claims"]] == [
        ("equal", "REFUTED"), ("equal-if", "PROVED")]
    assert not checker.judged_file(found)["rejected"] and not found["uncertified"]
    assert {goal["about"] for goal in found["claims"][1]["goals"]} == {
        f"{name}{when}" for name in ("theta", "m", "v") for when in ("'", " at the start")}


def test_a_verdict_on_expressions_has_its_goal_as_well():
    found = certificates.certified_pair("a root", proofs.prove(sp.sqrt(Y**2), Y))
    assert not checker.judged_file(found)["rejected"] and len(found["claims"]) == 1


# --------------------------------------------------------------- what was proved in Python
def test_what_verify_prove_and_compare_gave_is_written(tmp_path):
    found = optim.compare("torch:RMSprop", "rmsprop")
    assert optim.certify(tmp_path, verify("nag"), optim.prove("adamw", "adam"), found,
                         certificates.readings("nag")) == {
        "certified": len(written("nag")["claims"]) + 2 + 2 + 1, "uncertified": {}}
    accepted = {name: file["accepted"] for name, file in checker.check(tmp_path).items()}
    assert checker.holds_all(checker.check(tmp_path)) and set(accepted) == {
        "nag.json", "adamw_adam.json", "torch_RMSprop_and_rmsprop.json",
        "readings_of_nag.json"}
    assert accepted["torch_RMSprop_and_rmsprop.json"] == {"theta": "PROVED", "v": "PROVED"}
    file = checker.read(tmp_path/"torch_RMSprop_and_rmsprop.json")
    assert {goal["about"] for goal in file["claims"][1]["goals"]} == {
        "after a step", "at the start"}


@pytest.mark.parametrize("result", [
    lambda: optim.compare("torch:RMSprop", "keras:RMSprop"),             # equal if eps -> 0
    lambda: optim.compare("amsgrad", "adam", where={"beta2": "0 < beta2 < 1"}),
    lambda: optim.prove(sp.Abs(X), X, where={"x": "x > -1"}),
    lambda: optim.prove(sp.Abs(X), X, where={"x": "x > 1/2"}),
    lambda: optim.prove(X**2 + 1, 0, ">")])
def test_conditions_and_narrowed_letters_have_certificates(result, tmp_path):
    assert not optim.certify(tmp_path, result())["uncertified"]
    assert checker.holds_all(checker.check(tmp_path))


def test_a_wrong_verdict_of_ones_own_has_none(tmp_path):
    wrong = [replace(optim.prove(sp.Abs(X), X), status="PROVED"),
             replace(optim.prove(X, X), status="REFUTED", witness={X: sp.Integer(1)}),
             replace(optim.prove(X, X), status="UNDECIDED")]
    found = optim.certify(tmp_path, *wrong)
    assert found["certified"] == 0 and sum(found["uncertified"].values()) == 3
    for other in ([], "adam", {"adam": 1}, None):
        with pytest.raises(TypeError, match="needed what optim.verify"):
            optim.certify(tmp_path, other)


# ----------------------------------------------------------------------- what is rejected
def changed(change):
    file = copy.deepcopy(written("nag"))
    change(file)
    return checker.judged_file(file)["rejected"]


def entry(file, **what):
    return next(each for each in file["claims"]
                if all(each[key] == x for key, x in what.items()) and (
                    each["goals"] or each["status"] == "BY THEOREM"))


def goal_with(file, part):
    return next(goal for each in file["claims"] for goal in each["goals"]
                if part in goal.get("proof", {}))


@pytest.mark.parametrize("change, why", [
    (lambda f: f["claims"].append(f["claims"][0]), "two claims have one id"),
    (lambda f: entry(f, status="BY THEOREM").update(premises=["none"]), "is not accepted"),
    (lambda f: entry(f, status="BY THEOREM").update(premises=[]), "premises []"),
    (lambda f: entry(f, status="BY THEOREM").update(theorem=" "), "theorem ' '"),
    (lambda f: entry(f, status="BY THEOREM").update(status="PROVED"), "PROVED by goals []"),
    (lambda f: [each.update(premises=[f["claims"][-1]["id"]]) for each in f["claims"]],
     "is not accepted before it"),
    (lambda f: entry(f, status="PROVED").update(goals=[]), "PROVED by goals []"),
    (lambda f: entry(f, status="PROVED").update(status="REFUTED"), "REFUTED by goals"),
    (lambda f: entry(f, status="REFUTED").update(status="PROVED"), "PROVED by goals"),
    (lambda f: entry(f, status="PROVED").update(status="UNDECIDED"), "UNDECIDED by goals"),
    (lambda f: entry(f, status="PROVED")["goals"].append(
        entry(f, status="REFUTED")["goals"][0]), "PROVED by goals"),
    (lambda f: goal_with(f, "identical").update(left=10**6, right=10**6), "no operation"),
    (lambda f: goal_with(f, "steps")["proof"].update(steps=[{"holds": {}}]), "goal 0"),
    (lambda f: goal_with(f, "steps").update(right=0), "goal 0"),
    (lambda f: entry(f, status="PROVED").pop("premises"), "KeyError"),
    (lambda f: entry(f, status="PROVED").update(premises=[[]]), "TypeError")])
def test_a_changed_file_is_rejected(change, why):
    rejected = changed(change)
    assert any(why in text for text in rejected.values()), rejected


def test_what_rests_on_a_rejected_claim_is_rejected():
    def change(file):
        premise = entry(file, status="BY THEOREM")["premises"][0]
        next(each for each in file["claims"] if each["id"] == premise)["goals"].clear()
    assert len(changed(change)) == 2


def plant(name, make):
    return pytest.param(name, make, id=name)


GOOD_FILE = {"version": 2, "claims": [], "uncertified": []}


@pytest.mark.parametrize("name, make", [
    plant("other.txt.json", lambda path: path.write_text("no JSON")),
    plant("deep.json", lambda path: path.write_text("["*10**5 + "]"*10**5)),
    plant("bytes.json", lambda path: path.write_bytes(b"\xff\x00\xfe")),
    plant("number.json", lambda path: path.write_text("9"*5000)),
    plant("twice.json", lambda path: path.write_text('{"version": 1, "version": 2}')),
    plant("folder.json", lambda path: path.mkdir()),
    plant("pipe.json", os.mkfifo),
    plant("loop.json", lambda path: path.symlink_to(path)),
    plant("later.json", lambda path: path.write_text(json.dumps(GOOD_FILE | {
        "version": 1}))),
    plant("types.json", lambda path: path.write_text(json.dumps(GOOD_FILE | {
        "claims": [{"id": [], "status": 1}]}))),
    plant("null.json", lambda path: path.write_text(json.dumps(GOOD_FILE | {
        "claims": None})))])
def test_a_planted_file_is_noticed_and_never_written_over(name, make, folder, run):
    make(folder/name)
    code, out, err = run("check", folder)
    assert (code, err) == (shared.BAD, "") and f"REJECTED {name}: " in out
    with pytest.raises(FileExistsError, match="move it"):
        certificates.write(folder, [written("momentum")])


def test_a_huge_file_is_not_read(folder, monkeypatch, run):
    monkeypatch.setattr(checker, "LARGEST", 1000)
    code, out, _ = run("check", folder)
    assert code == shared.BAD and out.count("larger than 1000 bytes") == len(RULES_HERE)


def test_what_a_file_says_does_not_move_the_cursor(tmp_path, run):
    (tmp_path/"a.json").write_text(json.dumps(GOOD_FILE | {"claims": [
        {"id": "\x1b[2J", "status": "\x1b[1A", "goals": [], "premises": []}]}))
    code, out, _ = run("check", tmp_path)
    assert code == shared.BAD and "\x1b" not in out


# ---------------------------------------------------------------------------- the commands
def test_verify_writes_and_check_reads(tmp_path, run):
    place = tmp_path/"new"/"certificates"
    code, out, err = run("verify", "momentum", "--certificates", place)
    count = len(written("momentum")["claims"]) + 1           # and what its code does
    assert (code, err) == (shared.GOOD, "")
    assert f"{count} verdicts with certificates, 0 without" in out
    code, out, err = run("check", place)
    assert (code, err) == (shared.GOOD, "") and "momentum.json" in out
    assert out.splitlines() == checker.told(checker.check(place))
    code, out, _ = run("check", place, "--json")
    found = json.loads(out)
    assert code == shared.GOOD and found["ok"]
    assert len(found["files"]["momentum.json"]["accepted"]) == count - 1
    assert found["files"]["readings_of_momentum.json"]["accepted"] == {"momentum": "PROVED"}
    code, out, _ = run("verify", "momentum", "--certificates", place, "--json")
    assert json.loads(out)["certificates"] == {"certified": count, "uncertified": {}}


def test_a_rule_of_ones_own_has_certificates_too(tmp_path, run):
    place = tmp_path/"out"
    code, out, _ = run("verify", "torch:SGD(momentum=0.9)", "--against", "momentum",
                       "--certificates", place)
    assert {path.name for path in place.iterdir()} == {
        f"{start}torch_SGD_momentum_0.9.json" for start in ("", "readings_of_")}
    assert run("check", place)[0] == shared.GOOD


@pytest.mark.parametrize("words", [
    ("check", "no/such/place"), ("check",), ("verify", "momentum", "--certificates"),
    ("verify", "--mutants", "momentum", "--certificates", "x"), ("check", ""),
    ("check", __file__), ("report", "--certificates", "no/such/place")])
def test_wrong_words_are_refused(words, run):
    code, out, err = run(*words)
    assert (code, out) == (shared.WRONG, "") and err.count("\n") == 1 and "Errno" not in err


@pytest.mark.parametrize("words", [
    ("verify", "momentum"), ("prove", "adamw", "adam"), ("compare", "adamw", "adam")])
@pytest.mark.parametrize("name, reason", [
    ("file", "is no directory"), ("file/new", "cannot be made"), ("sealed", "is read-only"),
    ("", "names no directory")])
def test_a_place_that_cannot_be_written_is_refused_before_the_work(
        words, name, reason, tmp_path, run, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("")
    Path("sealed").mkdir(mode=0o500)
    code, out, err = run(*words, "--certificates", name)
    assert (code, out) == (shared.WRONG, "") and reason in err and "Errno" not in err


@pytest.mark.parametrize("words", [
    ("prove", "adamw", "adam", "--where", "weight_decay=0"),
    ("compare", "torch:RMSprop", "rmsprop"), ("prove", "own.py:adam", "adam")])
def test_prove_and_compare_write_certificates_of_both_programs_too(
        words, tmp_path, run, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("own.py").write_text(
        "def adam(theta, g, m, v, *, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):\n"
        "    m, v = m + (1 - beta1)*(g - m), v + (1 - beta2)*(g*g - v)\n"
        "    return (theta - lr*m/(1 - beta1**t)/((v/(1 - beta2**t))**0.5 + eps), m, v)\n")
    code, out, _ = run(*words, "--certificates", "two words")
    assert code == shared.GOOD and out.endswith("without\nminigrad check 'two words'\n")
    assert run("check", "two words")[0] == shared.GOOD
    found = checker.check("two words")
    (programs,) = (x for name, x in found.items() if name.startswith("readings_of"))
    assert set(programs["accepted"]) == {*words[1:3]}
    code, out, _ = run(*words, "--certificates", "two words", "--json")
    assert json.loads(out)["certificates"]["uncertified"] == {}


def test_two_rules_of_one_name_are_two_claims(tmp_path):
    def adam(theta, g, *, t, lr=0.1):
        return theta - 2*lr*g
    certificates.write(tmp_path, [certificates.readings("adam", adam)])
    (file,) = checker.check(tmp_path).values()
    assert set(file["accepted"]) == {"adam", "adam-2"} and not file["rejected"]


def test_an_empty_directory_is_not_good(tmp_path, run):
    code, out, _ = run("check", tmp_path)
    assert code == shared.BAD and "no certificates" in out
    assert checker.main([str(tmp_path)]) == 1 and checker.main([]) == 2
    assert checker.main([str(Path(tmp_path, "none"))]) == 2


# -------------------------------------------------------------------------------- the page
def test_the_report_folds_what_the_checker_accepts_and_nothing_else(folder, tmp_path):
    from optim.report import parts, writing
    found = writing.accepted(folder, tmp_path.parent/"page.html")
    assert set(found) == set(RULES_HERE)
    for own in verify("nag").claims:
        text = str(parts.certificate(own, found["nag"]))
        assert f'href="{tmp_path.name}/nag.json"' in text and "<summary>" in text
        other = Claim(own.id, own.sentence + " ", decided=own.verdict)
        assert not str(parts.certificate(other, found["nag"]))
    assert not str(parts.certificate(own, {}))
    path = folder/"nag.json"
    path.write_text(path.read_text().replace('"identical":true', '"steps":[{}]', 1))
    with pytest.raises(ValueError, match="REJECTED nag.json: .*; see minigrad check"):
        writing.accepted(folder, "page.html")
    for path in folder.iterdir():
        path.unlink()
    with pytest.raises(ValueError, match="no certificates"):
        writing.accepted(folder, "page.html")


OPERATORS = {"add": operator.add, "subtract": operator.sub, "multiply": operator.mul,
             "divide": operator.truediv, "power": operator.pow}


@pytest.mark.parametrize("inner", OPERATORS)
@pytest.mark.parametrize("outer", OPERATORS)
@pytest.mark.parametrize("first", [["letter", "x"], ["number", "-1"], ["number", "3/10"]])
def test_formulas_are_printed_as_python_reads_them(outer, inner, first):
    """No parenthesis is left out that changes what Python reads."""
    from optim.certificates.words import sides
    operations = [first, ["letter", "y"], ["letter", "z"], [inner, 0, 1], [outer, 3, 2],
                  [outer, 2, 3], [inner, 1, 0], [outer, 2, 6]]
    at = {"x": 0.7, "y": 2.25, "z": 3.5}
    values = [eval(first[1], at), at["y"], at["z"]]
    for name, i, j in operations[3:]:
        values.append(OPERATORS[name](values[i], values[j]))
    for left, right in ((4, 5), (7, 6)):
        goal = {"operations": operations, "left": left, "right": right, "relation": "<"}
        assert [eval(text, at) for text in sides(goal).split("  <  ")] == [
            values[left], values[right]], sides(goal)
    assert sides(goal | {"operations": [["letter", "x"], ["number", "-1"], ["add", 0, 1],
                                        ["multiply", 1, 2], ["add", 3, 0]],
                         "left": 4, "right": 0}) == "-1*(x + -1) + x  <  x"


def test_a_certificate_is_told_in_words():
    from optim.certificates.words import in_words
    file = of(claim("root", "a root", (sp.sqrt(X**2), sp.Abs(X))),
              claim("no", "no", (X, Y), at={X: -1, Y: sp.Rational(1, 2)}))
    assert not file["uncertified"]
    (root,), (no,) = (each["goals"] for each in file["claims"])
    assert any("x > 0: it holds" in line or "x >= 0: it holds" in line
               for line in in_words(root)) or "identical" in root["proof"]
    said = in_words(no)
    assert said[::2] == ["x  ==  y", "fails at x = -1, y = 1/2"]
    assert said[1] in ("for x real, y > 0", "for y > 0, x real")
