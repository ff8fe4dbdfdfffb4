"""A rule of eight lines has all that ours have: the page on it is run, line by line."""
import importlib.util
import os
import pickle
import re
import time
from pathlib import Path

import numpy as np
import pytest

import minigrad as mg
import optim
from optim import mutants, plots, rules
from optim.commands import cli, shared
from optim.derivations import family, weights
from optim.derivations.rule_letters import rule
from optim.derivations.special_cases import special_case, special_cases
from optim.formulas.rule_formulas import formula
from optim.lifting import python_files
from optim.lifting.python_files import lifted_apart
from optim.rules import RULES
from optim.stability import dynamics, numeric_map

PAGE = Path(optim.__file__).parents[1]/"notebooks"/"reference"/"own_rules.md"
BLOCKS = dict(re.findall(r"```(python|sh)\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL))


def module_of(tmp_path, source, name="signum"):
    """The source as a module of a file of its own."""
    file = tmp_path/f"{name}.py"
    file.write_text(source)
    spec = importlib.util.spec_from_file_location(name, file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def signum(tmp_path):
    return module_of(tmp_path, BLOCKS["python"]).signum


# ------------------------------------------------------------------ the page
def test_the_rule_of_the_page_has_eight_lines_and_its_commands_run(
        tmp_path, monkeypatch, capsys):
    (tmp_path/"signum.py").write_text(BLOCKS["python"])
    monkeypatch.chdir(tmp_path)
    lines = [line for line in BLOCKS["python"].splitlines() if line.strip()]
    assert len(lines) <= 8
    for command in BLOCKS["sh"].splitlines():
        program, *words = command.split()
        expected = shared.BAD if words[0] == "prove" else shared.GOOD
        assert program == "minigrad" and cli.main(words) == expected, command
    out = capsys.readouterr().out
    assert "With mu = 0 it is sign_sgd." in out and "theta[t+1] = " in out


# ------------------------------------------------------------------ nothing else written
def test_it_has_formula_memory_units_and_its_claims(signum):
    assert r"\operatorname{sign}" in formula(signum).latex()
    assert str(weights(signum)["m"]) == (
        "signum: g[k] counts (1 - mu)*mu**(t - k) in m[t]")
    np.testing.assert_allclose(weights(signum)["m"].numbers(3, mu=0.5),
                               [0.125, 0.25, 0.5])
    report = optim.verify(signum)
    assert report.ok
    ids = {claim.id: claim.verdict.status for claim in report.claims}
    assert ids["is-sign-sgd"] == "PROVED" and ids["is-not-momentum"] == "REFUTED"
    assert ids["units-theta"] == ids["m-closed"] == "PROVED"


def test_its_mutants_are_told_apart(signum):
    score = mutants.score(signum, every=9)
    assert score.ok and len(score.found) > 10


def test_it_trains_races_and_is_drawn(signum):
    result = optim.train("digits", signum, epochs=30, seed=0, evaluate_every=10**9)
    assert result.accuracy > 0.94 and result.settings["optimizer"] == "signum"
    race = optim.race([signum, "adam"], "booth", steps=20)
    assert list(race) == ["signum", "adam"]
    assert plots.contour_race(race).axes
    moved = numeric_map(signum)((1.0, 0.0), 1)
    assert moved == (1 - 0.001, pytest.approx(0.1))
    with pytest.raises(ValueError, match="not one linear map"):
        dynamics(signum)


def test_it_gets_a_name_an_edge_and_a_class(signum, monkeypatch):
    monkeypatch.setattr(rules, "RULES", RULES)
    try:
        optim.register(signum, signum)
        assert optim.formula("Signum").name == "signum"
        assert ("signum", "sign_sgd") in {(e.source, e.target) for e in family().edges}
        with pytest.raises(ValueError, match="a rule is called 'signum' already"):
            optim.register(module_of(Path(signum.__code__.co_filename).parent,
                                     BLOCKS["python"]).signum)
    finally:
        RULES.pop("signum")
    kind = optim.class_of(signum, "Signum")
    p = mg.tensor([1.0, -2.0], requires_grad=True)
    opt = kind([p], 0.5, mu=0)
    p.grad = np.array([3.0, -0.1])
    opt.step()
    np.testing.assert_array_equal(p.numpy(), [0.5, -1.5])
    with pytest.raises(TypeError, match="Signum does not take 'momentum'"):
        kind([p], momentum=0.9)


def test_a_class_that_is_made_can_be_saved():
    p = mg.tensor([1.0, -2.0], requires_grad=True)
    opt = optim.Lion([p], lr=0.1, betas=(0.8, 0.9))
    again = pickle.loads(pickle.dumps(opt))
    assert type(again) is optim.Lion and again.param_groups[0]["beta1"] == 0.8
    assert "betas" in str(optim.Lion.__signature__)


# ------------------------------------------------------------------ claims that are wrong
BALL = """
def ball(theta, g, m, *, t, lr=0.1, mu=0.9):
    "Roll on."
    m = mu*m + g
    return theta - lr*m, m

claims = {claims!r}
"""


@pytest.mark.parametrize("text, ok", [
    ("momentum where m = lr*m", True), ("momentum", False), ("not momentum", True),
    ("gradient_descent if mu = 0", True), ("gradient_descent while m = 0", True),
    ("gradient_descent if m = 0", False), ("not gradient_descent if m = 0", True),
    ("qhm if mu = 0 where nu = 1/2", True), ("qhm where nu = 1/2", False),
    ("nag where m = lr*m", False), ("momentum if lr = lr/2 where m = lr*m", False),
    ("momentum if lr = lr/2 where m = lr*m/2, lr = lr/2", True)])
def test_a_claim_comes_out_as_it_is(tmp_path, text, ok):
    module = module_of(tmp_path, BALL.format(claims=[text]), "ball")
    report = optim.verify(module.ball)
    claim, = (c for c in report.claims if c.source == "special case")
    assert claim.ok == report.ok == ok
    assert claim.verdict.status != "UNDECIDED"


@pytest.mark.parametrize("text, message", [
    ("momentum if nu = 1", "ball has no letter 'nu'"),
    ("momentum if mu = 2", r"mu = 2 came; mu of ball may be \[0, 1\)"),
    ("momentum where m = lr*x", "neither rule has a letter 'x'"),
    ("momentum where m = lr*", "is no formula"),
    ("adam", "does not say what"), ("momentumm", "did you mean momentum"),
    ("if mu = 0", "needed TARGET if LETTER"), ("", "needed TARGET")])
def test_a_claim_that_cannot_be_read_says_why(tmp_path, text, message):
    module = module_of(tmp_path, BALL.format(claims=[text]), "ball")
    with pytest.raises(ValueError, match=message):
        optim.verify(module.ball)


def test_claims_may_stand_at_the_rule_or_be_sorted_by_its_name(tmp_path):
    module = module_of(tmp_path, BALL.format(claims={"ball": ["not nag"], "x": ["?"]}),
                       "ball")
    assert [case.text for case in special_cases(formula(module.ball))] == ["not nag"]
    module.ball.claims = ["momentum where m = lr*m"]
    assert [case.target.name for case in special_cases(formula(module.ball))] == [
        "momentum"]
    module.claims = "momentum"
    del module.ball.claims
    with pytest.raises(ValueError, match="needed a list of texts"):
        special_cases(formula(module.ball))


def test_a_wrong_claim_ends_the_command_so(tmp_path, capsys):
    module_of(tmp_path, BALL.format(claims=["momentum"]), "ball")
    assert cli.main(["verify", f"{tmp_path/'ball.py'}:ball"]) == shared.BAD
    assert "REFUTED (expected PROVED)  It is momentum." in capsys.readouterr().out


def test_a_target_may_stand_in_the_same_file(tmp_path):
    source = BALL.format(claims={"twice": ["ball where lr = 2*lr"]}) + """
def twice(theta, g, m, *, t, lr=0.1, mu=0.9):
    m = mu*m + g
    return theta - 2*lr*m, m
"""
    assert optim.verify(module_of(tmp_path, source, "ball").twice).ok


def test_a_value_at_the_edge_of_its_letter_is_read_there():
    """1/eps has no value at eps = 0, though eps is > 0 in the rule."""
    def divided(theta, g, *, t, lr=0.1, eps=1e-8):
        return theta - lr*g*eps/eps

    case = special_case(formula(divided), "gradient_descent if eps = 0")
    assert case.claim.verdict.status == "REFUTED"
    assert special_case(formula(divided), "gradient_descent").claim.ok
    assert special_case(rule("adamw"), "adam if weight_decay = 0").claim.ok


def test_units_are_found_or_said(tmp_path):
    source = BALL.format(claims=[]).replace("lr*m, m", "lr*m/speed, m").replace(
        "mu=0.9", "mu=0.9, speed=1.0")
    module = module_of(tmp_path, source, "ball")
    assert not any(c.id.startswith("units") for c in optim.verify(module.ball).claims)
    module.units = {"speed": "1"}
    said = {c.id: c.ok for c in optim.verify(module.ball).claims}
    assert said["units-theta"] and said["units-m"]
    module.units = {"speed": "P", "lr": "P**2/L", "m": "L/P"}
    assert not optim.verify(module.ball).ok


# ------------------------------------------------------------------ a file is not trusted
ATTACKS = {                             # what stands beside ball: what is said of it
    "claims = lambda: ['momentum']": "needed a list of texts",
    "class claims(list): pass\nclaims = claims([['momentum']])": "needed a list of texts",
    "claims = ['momentum' + ' '*10**6]": "needed a list of texts",
    "claims = ['momentum']*1000": "needed a list of texts",
    "claims = {'ball': {'momentum': 1}}": "needed a list of texts",
    "claims = [b'momentum']": "needed a list of texts",
    "class C:\n    def __repr__(self): 1/0\nclaims = C()": "ZeroDivisionError",
    "claims = ['momentum if lr = __import__(\"os\").mkdir(\"made\")']": "is no function",
    "claims = ['momentum if lr = [open(\"made\", \"w\") for x in [1]]']": "may not stand",
    "claims = ['momentum if lr = lr.__class__']": "may not stand",
    "claims = ['momentum if lr = 9**9**9**9']": "too large",
    "claims = ['momentum if lr = (9 + 0)**999']": "too large",
    "claims = ['momentum if lr = exp(exp(exp(999)))']": "too large",
    "claims = ['momentum if lr = 1e999999999']": "is no formula",
    "claims = ['momentum if lr = 1e-999999999']": "is no formula",
    "claims = ['momentum if lr = 1/0']": "has no value",
    "claims = ['momentum if lr = lr < 1']": "has no value",
    "claims = ['momentum if lr = ' + '('*180 + 'lr']": "is no formula",
    "claims = ['x' + ' if a'*90]": "x",
    "claims = ['momentum' + ' while = if'*30 + ' where']": "ball has no letter",
    "claims = ['__init__ if mu = 0']": "no rule is called '__init__'",
    "claims = ['np if mu = 0']": "no rule is called 'np'",
    "units = {'lr': 'P', 'm': '__import__(\"os\").mkdir(\"made\")'}": "is no function",
    "units = {'lr': 'Q', 'm': 'P'}": "no unit has a letter 'Q'",
    "units = ['P']": "needed texts by letter",
    "units = {'lr': 1}": "needed texts by letter",
    "units = {'lr': 'P**9**9**9'}": "too large",
    "claims = []\nimport os\nfor i in range(3, 20):\n"
    "    try: os.write(i, b'{\"rule\": 1}')\n    except OSError: continue\nos._exit(0)":
        "no answer that can be read"}


@pytest.mark.parametrize("text", ATTACKS)
def test_what_stands_beside_a_rule_is_text_and_no_more(tmp_path, monkeypatch, capsys, text):
    monkeypatch.chdir(tmp_path)
    rule, _ = BALL.split("claims =")
    (tmp_path/"ball.py").write_text(rule + text + "\n")
    began = time.process_time()
    code = cli.main(["verify", "ball.py:ball"])
    error = capsys.readouterr().err
    assert code == shared.WRONG and len(error.splitlines()) == 1
    assert error[:-1].isprintable()
    assert error.startswith("minigrad: ") and ATTACKS[text] in error
    assert not (tmp_path/"made").exists() and time.process_time() - began < 5


def test_a_claim_may_name_a_rule_of_its_file_which_is_not_run_here(tmp_path, capsys):
    source = BALL.format(claims={"twice": ["ball where lr = 2*lr", "not ball"]}) + """
import os
if os.getpid() == PID:
    raise RuntimeError("run where it was asked for")
def twice(theta, g, m, *, t, lr=0.1, mu=0.9):
    print("hello")
    m = mu*m + g
    return theta - 2*lr*m, m
units = {"lr": "P**2/L", "m": "L/P"}
""".replace("PID", str(os.getpid()))
    (tmp_path/"two.py").write_text(source)
    assert cli.main(["verify", f"{tmp_path}/two.py:twice"]) == shared.GOOD
    out = capsys.readouterr().out
    assert "It is ball, of which lr = 2*lr." in out and "hello" not in out
    assert "In other units" in out


def test_a_rule_of_ones_own_cannot_pass_for_ours(tmp_path, capsys):
    """A function called momentum in a file is not what a claim of momentum is held to."""
    source = BALL.format(claims=["momentum"]) + """
def momentum(theta, g, m, *, t, lr=0.1, mu=0.9):
    m = mu*m + g
    return theta - lr*m, m
"""
    (tmp_path/"ball.py").write_text(source)
    assert cli.main(["verify", f"{tmp_path}/ball.py:ball"]) == shared.BAD
    assert "REFUTED (expected PROVED)  It is momentum." in capsys.readouterr().out


@pytest.mark.parametrize("answer", [
    {}, {"rule": {"name": "f", "source": "f = 1", "line": 1}},
    {"rule": {"name": "f", "source": "def h(theta, g, *, t):\n    return g", "line": 1}},
    {"rule": {"name": "f", "source": "def f(theta, g, *, t):\n    return theta",
              "line": 10**12}},
    {"rule": {"name": "f", "source": "def f(", "line": 1}},
    {"rule": {"name": "f", "source": "("*10**5, "line": 1}},
    {"path": ["\x1b[31m"]}, {"path": [1]}, {"others": [{}]}, {"others": "x"},
    {"claims": ["x"*10**5]}, {"claims": 1}, {"units": {"lr": 1}}, {"units": [1]},
    {"error": 1}, {"error": ["ValueError"]}, {"rule": None}, {"rule": [1]}])
def test_an_answer_of_a_process_is_held_to_be_what_it_should(tmp_path, monkeypatch, answer):
    right = {"rule": {"name": "f", "source": "def f(theta, g, *, t):\n    return theta",
                      "line": 1}, "others": [], "path": [], "claims": [], "units": {}}
    (tmp_path/"f.py").write_text("")
    given = [right]
    monkeypatch.setattr(python_files, "run_apart", lambda *_: given[0])
    assert lifted_apart(f"{tmp_path}/f.py:f", {})[1] == []
    given[0] = right | answer if answer else {}
    with pytest.raises(ValueError, match="its process gave|needed"):
        lifted_apart(f"{tmp_path}/f.py:f", {})


# --- letters of one's own -----------------------------------------------------------------
def in_other_letters(w, grad, m=np.zeros_like, *, t, lr=0.01, mu=0.9):
    m = mu*m + lr*grad
    return w - m, m


def without_t(theta, g, m, *, lr=0.01, mu=0.9):
    m = mu*m + lr*g
    return theta - m, m


def test_a_rule_may_call_its_parameter_and_gradient_as_it_likes():
    report = optim.verify(in_other_letters)
    assert report.ok and "kernel" in {claim.id for claim in report.claims}
    assert optim.derive(in_other_letters, "momentum").ok
    assert optim.prove(in_other_letters, "momentum").status == "PROVED"


def test_a_start_may_be_a_function_of_numpys():
    run = optim.minimize(lambda x: np.sum(x**2), np.ones(2), in_other_letters, steps=3)
    same = optim.minimize(lambda x: np.sum(x**2), np.ones(2), "momentum", lr=0.01, mu=0.9,
                          steps=3)
    assert np.array_equal(run.theta, same.theta)


def test_a_start_that_takes_what_there_is_not_is_refused():
    def wrong(theta, g, m=lambda theta, rho: theta, *, t, lr=0.01):
        return theta - lr*g, m
    with pytest.raises(TypeError, match="start takes rho; there are .*lr"):
        optim.minimize(np.sum, np.ones(2), wrong, steps=1)


def test_a_derivation_needs_no_t_and_an_optimizer_does():
    assert optim.derive(without_t).ok
    with pytest.raises(TypeError, match="is not a rule; needs .theta, g, .states, ., t"):
        optim.verify(without_t)
