"""Claims about the command line, each made as a user would meet it."""
import io
import json
import os
import signal
import subprocess
import sys
import termios
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

import minigrad as mg
from optim import derivations, mutants
from optim import claims
from optim.commands import cli, shared
from optim.derivations import Claim
from optim.notation.plain_text import plain_text
from optim.proving.verdicts import Verdict
from optim.rules import FIRST, RULES
from optim.training import restore

ROOT = Path(__file__).parents[2]
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}


def minigrad(*words):
    """Run the command in a process of its own."""
    return subprocess.run([sys.executable, "-m", "optim", *words], env=ENVIRONMENT,
                          check=False, capture_output=True, text=True, timeout=60)


@pytest.fixture
def run(capsys):
    """Run a command in this process: exit code, stdout, stderr."""
    def run(*words):
        code = cli.main(words)
        out, err = capsys.readouterr()
        return code, out, err
    return run


@pytest.fixture
def refused(run):
    """Run a command that must be refused: the one line on stderr that says why."""
    def refused(*words):
        code, out, err = run(*words)
        assert (code, out) == (shared.WRONG, "")
        assert err.startswith("minigrad: ") and err.count("\n") == 1
        return err
    return refused


# ------------------------------------------------------------------------- wrong commands
def test_an_unknown_command_suggests_the_nearest(refused):
    assert "did you mean train" in refused("trian", "digits")
    assert "did you mean verify or prove?" in refused("verfy")


@pytest.mark.parametrize("words", [("formula", "admw"), ("derive", "admw"),
                                   ("verify", "adam", "admw"),
                                   ("train", "digits", "--optimizer", "admw")])
def test_an_unknown_rule_suggests_the_nearest(words, refused):
    assert "did you mean adamw" in refused(*words)


def test_a_name_like_no_other_lists_all_rules(refused):
    error = refused("formula", "zzzz")
    assert "did you mean" not in error and all(rule in error for rule in RULES)


@pytest.mark.parametrize("words", [
    ("formula",), ("formula", "adam", "--latex", "--json"), ("formula", "adam", "--nope"),
    ("train",), ("train", "digits", "--epochs", "many"),
    ("train", "digits", "--batch", "0"),
    ("train", "digits", "--batch", "some"), ("train", "digits", "--split", "other"),
    ("train", "digits", "--epochs", "-1"), ("train", "digits", "--lr", "nan"),
    ("train", "digits", "--lr", "-1"), ("train", "digits", "--model", "3-4"),
    ("train", "digits", "--optimizer", "adadelta", "--lr", "1"),
    ("train", "digits", "--seed", "-1"), ("train", "no-such-file.csv"),
    ("train", "x.csv", "--split", "file"), ("verify",), ("verify", "adam", "--all"),
    ("verify", "--mutants", "adam", "--all"), ("verify", "--mutants", "estimators"),
    ("report", "--out", "no/such/folder/report.html"), ("report", "--out", "."),
    ("train", "digits", "--save", "no/such/folder/model.npz"),
    ("report", "--out", os.devnull)])
def test_wrong_usage_is_one_line_on_stderr(words, refused):
    refused(*words)


def test_a_bad_file_is_refused_with_its_line(tmp_path, refused):
    file = tmp_path/"x.csv"
    file.write_text("1,2,0\n3,four,1\n")
    error = refused("train", str(file))
    assert f"{file}, line 2, column 2: 'four' is not a number" in error


def test_no_command_shows_the_help_and_is_wrong_usage(run):
    code, out, err = run()
    assert (code, out) == (shared.WRONG, "") and all(name in err for name in cli.COMMANDS)


def test_help_and_version_are_good(run):
    assert run("--version") == (shared.GOOD, f"minigrad {mg.__version__}\n", "")
    for words in (("--help",), *((name, "--help") for name in cli.COMMANDS)):
        code, out, err = run(*words)
        assert (code, err) == (shared.GOOD, "") and "usage: minigrad" in out


def test_the_help_names_every_topic(run):
    assert shared.TOPICS == tuple(derivations.TOPICS)
    for command in ("derive", "verify"):
        assert all(topic in run(command, "--help")[1] for topic in shared.TOPICS)


# -------------------------------------------------------------------------------- formula
@pytest.mark.parametrize("rule", RULES)
def test_formula_shows_the_step_of_every_rule(rule, run):
    code, out, err = run("formula", rule)
    assert (code, err) == (shared.GOOD, "") and out.startswith(f"{rule}\n")
    assert "theta[t+1] = " in out


def test_formula_as_latex_and_json_agree(run):
    latex = run("formula", "adam", "--latex")[1]
    found = json.loads(run("formula", "adam", "--json")[1])
    assert found["latex"] == latex.strip() and r"\sqrt{\hat{v}_{t}}" in latex
    assert found["init"] == {"m": "0", "v": "0"}


def test_the_update_in_json_is_the_rule_when_read_back(run):
    found = json.loads(run("formula", "momentum", "--json")[1])
    values = {"theta": 1.0, "g": 2.0, "m": 3.0, "lr": 0.5, "mu": 0.25, "t": 1}
    theta, m = RULES["momentum"](1.0, 2.0, 3.0, t=1, lr=0.5, mu=0.25)
    assert eval(found["update"]["theta"], values) == theta
    assert eval(found["update"]["m"], values) == m


# ---------------------------------------------------------------------- derive and verify
def test_derive_shows_every_step_with_its_verdict(run):
    code, out, err = run("derive", "momentum")
    found = json.loads(run("derive", "momentum", "--json")[1])
    assert (code, err) == (shared.GOOD, "") and found["ok"]
    for step in found["steps"]:
        assert step["sentence"] in out and step["verdict"]["status"] == step["expected"]
    assert run("derive", "momentum", "--latex")[1].startswith(r"\begin{aligned}")


@pytest.mark.parametrize("name", ["momentum", "steepest_descent", "estimators"])
def test_derive_prints_no_latex_unless_asked_for(name, run):
    out = run("derive", name)[1]
    assert out.isascii() and "\\" not in out
    captions = [line for line in out.splitlines() if line.startswith("    caption: ")]
    assert captions and not set("".join(captions)) & set("{}$")
    assert "\\" in run("derive", name, "--latex")[1]


@pytest.mark.parametrize("latex, text", [
    (r"m_{t} = \eta \sum_{i=1}^{t} \mu^{t - i} g_{i}",
     "m[t] = lr*sum[i=1..t] mu**(t - i)*g[i]"),
    (r"\frac{C\beta_1(1-\beta_2)}{(1-\beta_1)\beta_2} g_t",
     "C*beta1*(1 - beta2)/((1 - beta1)*beta2)*g[t]"),
    (r"\frac{a - b}{h^2} + \rho^t (0 - m_t)^2", "(a - b)/(h**2) + rho**t*(0 - m[t])**2"),
    (r"-\eta \|g\|_1 \,\mathrm{sign}(g)", "-lr*||g||_1*sign(g)"),
    (r"\max_{1 \le i \le t} \beta_2^{t-i} |g_i| = \left(\hat{v}_t^{(p)}\right)^{1/p}",
     "max[1<=i<=t] beta2**(t - i)*|g[i]| = (v_hat[t]^(p))**(1/p)"),
    (r"\arg\min_d\; \langle g, d \rangle,\quad v^\Delta_{t}",
     "arg min[d] <g, d>, v_delta[t]"),
    (r"\mathrm{E}\left[\frac{1}{b}\sum_{k=1}^{b} \nabla J_{i_k}\right]",
     "E[1/b*sum[k=1..b] grad J[i[k]]]"),
    (r"\frac{\frac{a}{b}}{\frac{c}{d}}^2, \left(a + b\right) (c - d), \sqrt{\infty}",
     "(a/b/(c/d))**2, (a + b)*(c - d), sqrt(infinity)")])
def test_latex_as_text_says_the_same(latex, text):
    assert plain_text(latex) == text


def test_verify_tells_each_claim_with_its_verdict(run):
    code, out, err = run("verify", "momentum", "nag", "momentum")
    found = json.loads(run("verify", "momentum", "nag", "--json")[1])
    assert (code, err) == (shared.GOOD, "")
    assert [report["name"] for report in found] == ["momentum", "nag"]
    claims = [claim for report in found for claim in report["claims"]]
    assert all(claim["sentence"] in out and claim["ok"] for claim in claims)
    assert f"2 rules and topics, {len(claims)} claims" in out
    assert "not as claimed" not in out and " BY THEOREM, " in out


def test_verify_all_is_every_rule_and_topic(run, monkeypatch):
    asked = []
    monkeypatch.setattr(claims, "decided", lambda name, against: asked.append(name)
                        or claims.Report(name, ()))
    assert run("verify", "--all")[0] == shared.GOOD and asked == [
        *RULES, *derivations.TOPICS]


@pytest.mark.parametrize("words", [("verify", "nag"), ("verify", "nag", "--json")])
def test_a_claim_that_fails_is_bad(words, run, monkeypatch):
    wrong = claims.Claim("x", "x", decided=Verdict("UNDECIDED", method="planted"))
    monkeypatch.setattr(claims, "decided", lambda name, _: claims.Report(name, (wrong,)))
    code, out, _ = run(*words)
    assert code == shared.BAD and "UNDECIDED" in out


def test_verify_mutants_tells_each_rule_and_the_score(run):
    code, out, err = run("verify", "--mutants", "momentum", "nag", "momentum")
    found = json.loads(run("verify", "--mutants", "momentum", "nag", "--json")[1])
    assert (code, err) == (shared.GOOD, "") and found["ok"]
    assert [line.split()[0] for line in out.splitlines()[:2]] == ["momentum", "nag"]
    count = len(found["mutants"])
    assert f"score: {count} of {count} mutants decided and confirmed" in out
    assert {one["rule"] for one in found["mutants"]} == {"momentum", "nag"}
    assert sum(found["matrix"]["differs"].values()) == found["matrix"]["differs"]["REFUTED"]
    assert sum(found["matrix"]["agrees"].values()) == found["matrix"]["agrees"]["PROVED"]


@pytest.mark.parametrize("words", [(), ("--all",)])
def test_verify_mutants_is_of_the_first_rules_or_of_all(words, run, monkeypatch):
    asked = []
    monkeypatch.setattr(mutants, "score", lambda name: asked.append(name) or mutants.Score(
        ()))
    assert run("verify", "--mutants", *words)[0] == shared.GOOD
    assert asked == [*(RULES if words else FIRST)]


@pytest.mark.parametrize("words", [(), ("--json",)])
@pytest.mark.parametrize("status", ["PROVED", "UNDECIDED"])
def test_a_mutant_that_is_not_told_from_its_rule_is_bad(words, status, run, monkeypatch):
    planted = Verdict(status, method="planted")
    score = mutants.score("nag", 9, lambda *_, **__: planted)
    monkeypatch.setattr(mutants, "score", lambda name: score)
    code, out, _ = run("verify", "--mutants", "nag", *words)
    assert code == shared.BAD and "planted" in out


def test_a_derivation_that_fails_is_bad(run, monkeypatch):
    step = Claim("x", "x", decided=Verdict("REFUTED", method="planted"))
    monkeypatch.setattr(derivations, "derive", lambda name, _: derivations.Derivation(
        name, "", (step,)))
    assert run("derive", "momentum")[0] == shared.BAD


# ---------------------------------------------------------------------------------- train
SHORT = ("train", "digits", "--epochs", "1", "--model", "64-8-10")


def test_the_same_seed_trains_the_same_parameters(tmp_path, run):
    states = []
    for k, seed in enumerate(("3", "3", "4")):
        file = tmp_path/f"{k}.npz"
        code, out, _ = run(*SHORT, "--seed", seed, "--save", str(file))
        assert code == shared.GOOD and f"saved: {file}" in out
        states.append(restore(file)[0].state_dict())
    same = [all(np.array_equal(states[0][name], other[name]) for name in states[0])
            for other in states[1:]]
    assert same == [True, False]


def test_train_takes_every_size_of_batch_and_both_splits(run):
    for batch, steps in (("all", 1437), ("1", 1437), ("500", 1437)):
        code, out, _ = run(*SHORT, "--batch", batch, "--split", "file", "--json")
        found = json.loads(out)
        assert code == shared.GOOD and found["curves"]["examples"][-1] == steps
        assert found["batch"] == (batch if batch == "all" else int(batch))
        assert found["test"] == "file split"


def test_train_json_tells_the_settings_and_the_result(run):
    _, out, err = run(*SHORT, "--optimizer", "momentum", "--lr", "0.1", "--json")
    found = json.loads(out)
    assert found["optimizer"] == "momentum" and found["hyperparameters"]["lr"] == 0.1
    assert found["test_accuracy"] == found["curves"]["test_accuracy"][-1] > 0.5
    assert err == ""                                # a progress bar is only for a terminal


def test_train_reads_a_file(tmp_path, run):
    x, y = mg.data.blobs(60, rng=0)
    np.savetxt(tmp_path/"blobs.csv", np.column_stack([x, y]), delimiter=",")
    code, out, _ = run("train", str(tmp_path/"blobs.csv"), "--epochs", "20", "--lr", "0.05")
    assert code == shared.GOOD and "test accuracy 100.00 %" in out


@pytest.mark.parametrize("rule, lr", [("gradient_descent", "1e30"), ("adam", "1e9")])
def test_a_training_that_diverges_is_bad(rule, lr, run):
    code, _, err = run(*SHORT, "--optimizer", rule, "--lr", lr)
    assert code == shared.BAD and "diverged" in err.splitlines()[-1]


def test_training_leaves_sympy_and_matplotlib_alone():
    code = ("import sys; from optim.commands.cli import main; main(sys.argv[1:]);"
            "print(sorted({'sympy', 'matplotlib'} & set(sys.modules)))")
    done = subprocess.run([sys.executable, "-c", code, *SHORT], env=ENVIRONMENT,
                          check=True, capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]"


# ------------------------------------------------------------------------- as a process
def test_the_module_runs_as_a_program():
    done = minigrad("formula", "gradient_descent")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "gradient_descent\n    theta[t+1] = theta[t] - lr*g[t]\n"
    assert minigrad("formla").returncode == shared.WRONG


def test_a_full_disk_is_no_failed_claim():
    code = ("from optim.commands import cli\n"
            "def run(argv): raise OSError(28, 'No space left on device')\n"
            "cli.run = run; raise SystemExit(cli.main(['formula']))")
    done = subprocess.run([sys.executable, "-c", code], env=ENVIRONMENT, check=False,
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == shared.WRONG
    assert done.stderr.startswith("minigrad: ") and done.stderr.count("\n") == 1


def test_what_people_call_a_rule_is_its_name(run, refused):
    assert run("formula", "SGD") == run("formula", "gradient_descent")
    assert run("prove", "sgd", "Gradient-Descent")[0] == shared.GOOD
    assert run("derive", "Heavy_Ball", "--json")[1].startswith('{\n  "name": "momentum"')
    assert "did you mean gradient_descent" in refused("formula", "SDG")


def test_a_closed_pipe_is_quiet():
    read, write = os.pipe()
    os.close(read)
    with open(write, "w") as closed:
        done = subprocess.run([sys.executable, "-m", "optim", "formula", "adam"],
                              env=ENVIRONMENT, stdout=closed, stderr=subprocess.PIPE,
                              text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (shared.CLOSED_PIPE, "")


def test_an_interrupt_exits_130_without_a_traceback(hears_interrupts):
    terminal, end = os.openpty()
    termios.tcsetwinsize(end, (24, 80))                     # one without columns has no bar
    with subprocess.Popen(
            [sys.executable, "-m", "optim", "train", "digits", "--epochs", "100000"],
            env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=end) as process:
        try:
            os.close(end)
            seen = os.read(terminal, 1)                     # the progress bar: it has begun
            process.send_signal(signal.SIGINT)
            with suppress(OSError):                         # the terminal's end, on Linux
                while part := os.read(terminal, 9999):
                    seen += part
            process.wait(timeout=60)
        finally:
            process.kill()
            os.close(terminal)
    assert process.returncode == shared.INTERRUPTED and b"adam 0/100000 [" in seen
    assert b"minigrad: interrupted after step " in seen.splitlines()[-1]
    assert seen.endswith(b"\r\n") and b"Traceback" not in seen


def test_a_missing_module_is_named(monkeypatch, refused):
    monkeypatch.setitem(sys.modules, "optim.formulas", None)
    assert "needs optim.formulas" in refused("formula", "adam")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert "pip install matplotlib" in refused("report", "--out", "r.html")


def test_race_shows_who_stands_where_and_writes_a_film(tmp_path, capsys):
    film = str(tmp_path/"a.gif")
    assert cli.main(["race", "contours", "--steps", "4", "--gif", film]) == 0
    assert "Adagrad" in capsys.readouterr().out
    assert (tmp_path/"a.gif").read_bytes()[:6] == b"GIF89a"
    assert cli.main(["race", "x**2 + 10*y**2", "--start", "1,1", "--rules", "nag",
                     "--steps", "3", "--lr", "0.01", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("words", [
    ["race", "__import__('os')", "--start", "1,1"], ["race", "x.real", "--start", "1,1"],
    ["race", "9**9**9**9", "--start", "1,1"], ["race", "booth", "--start", "a"],
    ["race", "booth", "--rules", "adm"], ["race", "booth", "--steps", "-1"]])
def test_race_refuses_what_it_cannot_run_in_one_line(words, capsys):
    assert cli.main(words) == 2
    err = capsys.readouterr().err
    assert err.startswith("minigrad:") and err.count("\n") == 1


# --------------------------------------------------------------------------------- prove
HOMEWORK = """
import numpy as np

def adam(theta, g, m, v, *, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1*m + (1 - beta1)*g
    v = beta2*v + (1 - beta2)*g**2
    rate = lr*np.sqrt(1 - beta2**t)/(1 - beta1**t)
    return theta - rate*m/(np.sqrt(v) + eps), m, v

def lost(theta, g, *, t):
    raise KeyError("lost")
"""


def test_prove_tells_when_two_rules_are_one(run):
    code, out, _ = run("prove", "adamw", "adam")
    assert code == shared.BAD and "REFUTED" in out and "equal if weight_decay -> 0" in out
    code, out, _ = run("prove", "adamw", "adam", "--where", "weight_decay=0")
    assert code == shared.GOOD and out.startswith("PROVED")


def test_prove_reads_a_rule_from_a_file(run, tmp_path):
    file = tmp_path/"homework.py"
    file.write_text(HOMEWORK)
    code, out, _ = run("prove", f"{file}:adam", "adam", "--json")
    found = json.loads(out)
    assert code == shared.BAD and found["status"] == "REFUTED"
    assert found["equal_if"] == {"eps": "eps/sqrt(1 - beta2**t)"}


def test_prove_says_what_is_wrong_with_its_input(refused, tmp_path):
    file = tmp_path/"homework.py"
    file.write_text(HOMEWORK)
    assert "no function 'adm'; the file has adam, lost" in refused("prove", f"{file}:adm",
                                                                   "adam")
    assert "KeyError: 'lost'" in refused("prove", f"{file}:lost", "adam")
    assert "there is no Python file" in refused("prove", "none.py:adam", "adam")
    assert "there are gradient_descent" in refused("prove", "adm", "adam")
    assert "has a letter wd" in refused("prove", "adamw", "adam", "--where", "wd=0")
    assert "NAME=NUMBER" in refused("prove", "adamw", "adam", "--where", "eps")
    assert "the file has adam, lost" in refused("prove", str(file), "adam")
    assert "did you mean adam?" in refused("prove", "Adamm", "adam")
    assert ">= 0" in refused("prove", "adamw", "adam", "--where", "weight_decay=-1")
    assert "different states" in refused("prove", "amsgrad", "adam")


@pytest.mark.parametrize("where, words", [
    (["lr=1e999999999"], "of at most 400 digits"), (["lr=" + "1"*5000], "400 digits"),
    (["lr=1e5x"], "NAME=NUMBER"), (["beta1=1"], r"beta1 may be: [0, 1)"),
    (["lr=-1"], "lr may be: > 0"), (["t=3/2"], "t may be: 1, 2, ..."),
    (["lr=1", "lr=2"], "needed one number for each letter")])
def test_a_number_that_no_letter_can_have_is_refused(where, words, refused):
    assert words in refused("prove", "adam", "adamw", "--where", *where)


def test_prove_takes_intervals(run, refused):
    code, out, _ = run("prove", "adam", "adamw", "--where", "0 < beta2 < 1", "eps > 1",
                       "weight_decay=0")
    assert code == shared.GOOD and "with 0 < beta2 < 1, eps > 1, weight_decay = 0" in out
    assert "an interval of one letter" in refused(
        "prove", "adam", "adamw", "--where", "beta1 < beta2")
    assert "no number is left" in refused("prove", "adam", "adamw", "--where", "eps < 0")


def test_prove_takes_every_where_and_0_for_what_is_above_0(run, tmp_path):
    both = run("prove", "adam", "adamw", "--where", "weight_decay=0", "--where", "lr=1")
    assert both[0] == shared.GOOD and "with weight_decay = 0, lr = 1" in both[1]
    file = tmp_path/"my rules.py"
    file.write_text(HOMEWORK)
    assert run("prove", f"{file}:adam", "adam", "--where", "eps=0")[0] == shared.GOOD


def test_prove_tells_of_hyperparameters_that_only_one_side_has(run, tmp_path):
    file = tmp_path/"homework.py"
    file.write_text(HOMEWORK.replace("beta1", "beta_1").replace("eps", "epsilon"))
    code, out, _ = run("prove", f"{file}:adam", "adam")
    assert code == shared.BAD and out.endswith(
        "note: beta_1, epsilon only on the left, beta1, eps only on the right: if they are "
        "meant as one, give them one name\n")
    assert "note" not in run("prove", "adamw", "adam")[1]


def test_what_a_file_prints_is_seen_nowhere(run, tmp_path):
    file = tmp_path/"loud.py"
    file.write_text("print('loaded')\ndef gd(theta, g, *, t, lr=0.1):\n"
                    "    print('called')\n    return theta - lr*g\n")
    code, out, err = run("prove", f"{file}:gd", "gradient_descent", "--json")
    assert json.loads(out)["status"] == "PROVED"
    assert "loaded" not in out + err and "called" not in out + err


def test_a_file_that_ends_the_program_is_wrong_input(refused, tmp_path):
    file = tmp_path/"ends.py"
    file.write_text("import sys\nsys.exit(0)\n")
    assert "SystemExit: 0" in refused("prove", f"{file}:f", "adam")


# ----------------------------------------------------------- refused before the work starts
@pytest.fixture
def idle(monkeypatch):
    """Nothing may be trained, raced or reported."""
    def work(*_, **__):
        raise AssertionError("the work has begun")
    monkeypatch.setattr("optim.training.training_loop.Run.advance", work)
    monkeypatch.setattr("optim.races.contests.run", work)
    monkeypatch.setattr("optim.races.tuning.slopes", work)
    monkeypatch.setattr("optim.report.writing.write_report", work)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The working folder, with things in it that no output can replace."""
    monkeypatch.chdir(tmp_path)
    for name in ("folder.gif", "folder.html", "folder.npz", "locked"):
        (tmp_path/name).mkdir()
    for name in ("kept.gif", "kept.html", "kept.npz"):
        (tmp_path/name).write_text("kept")
        (tmp_path/name).chmod(0o444)
    (tmp_path/"locked").chmod(0o555)
    yield tmp_path
    (tmp_path/"locked").chmod(0o755)


@pytest.mark.parametrize("command, kind", [
    (("race", "booth", "--gif"), "gif"), (("race", "booth", "--html"), "html"),
    (("report", "--quick", "--out"), "html"), (("train", "digits", "--save"), "npz"),
    (("train", "digits", "--checkpoint"), "npz")])
@pytest.mark.parametrize("name, reason", [
    ("x.png", "needed a name that ends in"), ("r.txt", "needed a name that ends in"),
    ("r", "needed a name that ends in"), ("", "is no file"), ("a.KIND/", "is no file"),
    ("folder.KIND", "is no file"), ("none/x.KIND", "there is no folder 'none'"),
    ("locked/x.KIND", "'locked' is read-only"), ("kept.KIND", "'kept.KIND' is read-only"),
    ("kept.KIND/x.KIND", "there is no folder"), ("a"*300 + ".KIND", "cannot be written"),
    ("a"*240 + ".KIND", "cannot be written"), ("evil\x1b[31m\n.png", "evil")])
def test_an_output_that_cannot_be_written(command, kind, name, reason, refused, folder,
                                          idle):
    before = sorted(folder.rglob("*"))
    error = refused(*command, name.replace("KIND", kind))
    assert reason.replace("KIND", kind) in error and command[-1] in error
    assert error[:-1].isprintable() and sorted(folder.rglob("*")) == before


def test_an_output_that_can_be_written_is_asked_without_a_trace(folder):
    for name in ("new.gif", "NEW.GIF", "-new.gif", "\u00e9 \u4e2d.gif", "a\nb.gif"):
        assert shared.writable(name, "--gif", ".gif") == Path(name)
    assert not list(folder.glob("*new*"))


@pytest.mark.parametrize("words, reason", [
    (("train", "digits", "--epochs", "0"), "needed a whole number from 1"),
    (("train", "digits", "--epochs", "-3"), "'-3' came"),
    (("train", "digits", "--epochs", "9"*30), "needed a whole number from 1"),
    (("train", "digits", "--batch", "99999"), "99999; needed 1 to 1437"),
    (("train", "digits", "--batch", "-1"), "needed a whole number"),
    (("train", "digits", "--lr", "-1e-3"), "lr = -0.001"),
    (("train", "digits", "--lr", "1e400"), "lr = inf"),
    (("train", "digits", "--label", "3"), "only of a .csv file"),
    (("train",), "the optimizers are gradient_descent, momentum"),
    (("train", "digits", "--optimizer"), "needed one of gradient_descent, momentum"),
    (("train", "digits", "--optimiser", "adam"), "did you mean --optimizer?"),
    (("train", "digits", "--ephocs=3"), "no option --ephocs; did you mean --epochs?"),
    (("train", "digits", "adam"), "'adam' is more than needed; see minigrad train --help"),
    (("formula", "adam", "-q"), "'-q' is more than needed"),
    (("race", "reddi", "--gif", "r.gif"), "one variable"),
    (("race", "booth", "--surface"), "needed --gif or --html"),
    (("race", "booth", "--png", "x.gif"), "no option --png; did you mean --gif?"),
    (("verify", "homework.py:adam"), "no Python file 'homework.py'"),
    (("derive", "homework.py"), "needed FILE.py:FUNCTION"),
    (("formula", "\x1b[31madam"), "'\\x1b[31madam'"),
    (("train", "no\x1b.csv"), "no\\x1b.csv")])
def test_a_command_that_cannot_be_done(words, reason, refused, idle):
    error = refused(*words)
    assert reason in error and error[:-1].isprintable()


def test_the_data_are_not_overwritten_by_what_is_learned_of_them(tmp_path, refused):
    x, y = mg.data.blobs(60, rng=0)
    file = tmp_path/"data.npz"
    np.savez(file, x=x, y=y)
    assert "is the data" in refused("train", str(file), "--save", str(file))


@pytest.mark.parametrize("command", ["verify", "derive"])
def test_a_rule_of_ones_own_is_held_against_a_paper(command, run, refused, tmp_path):
    file = tmp_path/"homework.py"
    file.write_text(HOMEWORK)
    assert "--against" in refused(command, f"{file}:adam")
    code, out, _ = run(command, f"{file}:adam", "--against", "adam")
    assert code == shared.BAD and "REFUTED" in out
    code, out, _ = run(command, "torch:RMSprop", "--against", "RMSProp")
    assert code == shared.GOOD and "REFUTED" not in out
    assert "topic" in refused(command, "stability", "--against", "adam")


def test_a_file_or_an_installed_class_trains_and_races(run, refused, tmp_path):
    file = tmp_path/"homework.py"
    file.write_text("def plain(theta, g, *, t, lr=0.1):\n    return theta - lr*g\n")
    ends = [json.loads(run("train", "digits", "--epochs", "1", "--optimizer", name, "--json"
                           )[1])["train_loss"] for name in (
        f"{file}:plain", "gradient_descent", "torch.optim.SGD(lr=0.1)")]
    assert ends[0] == ends[1] == ends[2]
    out = run("race", "booth", "--steps", "5", "--lr", "0.1", "--rules",
              f"{file}:plain,sgd,keras.optimizers.SGD")[1]
    assert len({" ".join(line.split()[1:]) for line in out.splitlines()[2:]}) == 1
    for name in (f"{file}:plane", "optax.adamm", "torch:Adma", "nowhere.py:adam"):
        for words in (("train", "digits", "--optimizer", name),
                      ("race", "booth", "--rules", name), ("derive", name),
                      ("verify", name), ("formula", name), ("prove", name, "adam"),
                      ("compare", name, "adam")):
            assert len(refused(*words)) > 20                # one line, which says why


# ----------------------------------------------------------------------- words with a minus
@pytest.mark.parametrize("formula", ["-x**2-y**2", "-x", "-y", "-(x+y)", "-1*x", "--x**2",
                                     "-exp(x)", "-pi*x"])
def test_a_formula_may_begin_with_a_minus(formula, run):
    code, out, _ = run("race", formula, "--start", "-1,1", "--steps", "2", "--json")
    found = json.loads(out)
    assert code == 0 and found["start"] == [-1, 1] and found["landscape"] == formula
    assert run("race", "--steps", "2", "--start=-1,1", "--json", formula)[1] == out


def test_a_file_name_may_begin_with_a_minus(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run("race", "booth", "--steps", "2", "--gif", "-a.gif")[0] == 0
    assert [path.name for path in tmp_path.iterdir()] == ["-a.gif"]


# ------------------------------------------------------------------------ names and labels
def test_rules_and_landscapes_are_found_in_any_case(run):
    races = [run("race", what, "--rules", *rules, "--steps", "3") for what, *rules in (
        ("booth", "gradient_descent", "adam"), ("Booth", "SGD,Adam,sgd"))]
    assert races[0] == races[1] and races[0][0] == 0
    assert run("race", "Contours", "--rules", "sgd", "heavy_ball", "--steps", "2") == run(
        "race", "contours", "--rules", "SGD,Momentum", "--steps", "2")
    assert run(*SHORT, "--optimizer", "SGD")[1] == run(
        *SHORT, "--optimizer", "gradient_descent")[1]
    assert "1 rule or topic" in run("verify", "Momentum", "MOMENTUM")[1]


def test_train_without_a_rule_tells_which_there_are(run):
    code, out, err = run(*SHORT)
    assert code == 0 and out.startswith("adam on digits")
    assert err.count("\n") == 1 and all(rule in err for rule in RULES)
    assert run(*SHORT, "--optimizer", "adam")[1:] == (out, "")
    assert all(rule in run("train", "--help")[1] for rule in RULES)


def test_train_is_told_which_column_is_the_label(run, refused, tmp_path):
    x, y = mg.data.blobs(60, rng=0)
    file = tmp_path/"first.csv"
    np.savetxt(file, np.column_stack([y, x, np.ones(60)]), delimiter=",",
               header="kind,a,b,constant", comments="")
    assert ("one class only in column constant, 1 everywhere; needed two or more; label= "
            "(--label NAME or NUMBER)") in refused("train", str(file))
    found = [run("train", str(file), "--label", label, "--lr", "0.05") for label in (
        "kind", "1")]
    assert found[0] == found[1] and "test accuracy 100.00 %" in found[0][1]
    assert "1 to 4, or a name, kind, a, b, constant" in refused(
        "train", str(file), "--label", "-1")


def test_a_rule_without_a_rate_is_not_told_to_lower_it(run, monkeypatch):
    from optim.training import runs
    trained = runs.trained

    def risen(*arguments):
        history = trained(*arguments)
        history.columns["loss"] = history.loss[0] + np.arange(len(history.loss))
        return history
    monkeypatch.setattr(runs, "trained", risen)
    code, _, err = run(*SHORT, "--optimizer", "adadelta")
    assert code == shared.BAD and "diverged" in err and "--lr" not in err and "rho" in err
    assert "lr is 0.001: try 0.0001" in run(*SHORT, "--optimizer", "adam")[2]


# ----------------------------------------------------------------------------- terminals
@pytest.mark.parametrize("words", [
    ("formula", "adam"), ("derive", "momentum"), ("prove", "adamw", "adam", "--json"),
    ("race", "booth", "--steps", "2"), ("train", "\u00e9.csv"), ("formula", "\u00e9")])
@pytest.mark.parametrize("environment", [
    {"PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "latin-1"}, {"COLUMNS": "40"},
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {"NO_COLOR": "1"}])
def test_every_terminal_gets_a_text_it_can_show(words, environment):
    done = subprocess.run([sys.executable, "-m", "optim", *words], check=False, timeout=60,
                          env=ENVIRONMENT | environment, capture_output=True)
    assert done.returncode in (0, 1, 2) and b"Traceback" not in done.stderr
    assert b"\x1b" not in done.stdout + done.stderr and b"\r" not in done.stderr
    if "ascii" in environment.values():
        assert (done.stdout + done.stderr).isascii()
    if "--json" in words:
        json.loads(done.stdout)


def test_json_stays_json_where_letters_are_missing(monkeypatch, capfd):
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="backslashreplace")
    monkeypatch.setattr(sys, "stdout", out)
    shared.print_json({"file": "\u00e9\u4e2d"})
    out.flush()
    assert json.loads(out.buffer.getvalue()) == {"file": "\u00e9\u4e2d"}


@pytest.mark.parametrize("columns", [1, 10, 40, 80, 300])
def test_help_fits_every_width(columns, run, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    for words in ((), *((name,) for name in cli.COMMANDS)):
        code, out, err = run(*words, "--help")
        assert (code, err) == (0, "") and "usage: minigrad" in out
        if columns == 80:
            assert max(map(len, out.splitlines())) <= 80


# ------------------------------------------------------------- rules of other libraries
def test_compare_answers_whether_torchs_rmsprop_is_the_papers(run):
    code, out, _ = run("compare", "torch:RMSprop", "rmsprop")
    assert code == shared.GOOD and "PROVED: one rule; other defaults" in out
    code, out, _ = run("compare", "torch:RMSprop", "keras:RMSprop", "--json")
    assert code == shared.BAD
    assert json.loads(out)["equal_if"]["letters"] == {"eps": "0"}
    assert r"\begin{aligned}" in run("compare", "torch:Adam", "adam", "--latex")[1]


def test_compare_renames_and_shows_the_effect(run, tmp_path):
    file = tmp_path/"own.py"
    file.write_text("print('hello')\ndef own(theta, g, m, *, t, speed=1, mu=.9):\n"
                    "    m = mu*m + speed*g\n    return theta - m, m\n", encoding="utf-8")
    picture = tmp_path/"effect.png"
    code, out, err = run("compare", f"{file}:own", "momentum", "--rename", "speed=lr",
                         "--effect", "--plot", str(picture))
    assert code == shared.GOOD and "digits, 90 steps" in out
    assert "speed is read as lr" in out
    assert picture.exists() and "hello" not in out + err


def test_lift_shows_what_an_installed_library_computes(run):
    code, out, _ = run("lift", "torch:SGD(momentum=0.9)")
    assert code == shared.GOOD and "theta[t+1] = theta[t] - lr*m[t]" in out
    assert "where mu != 0" in out and "def torch_SGD(" in out
    assert json.loads(run("lift", "torch.optim.SGD", "--json")[1])["path"] == []


@pytest.mark.parametrize("words, reason", [
    (("compare", "torch:Adma", "adam"), "did you mean Adam"),
    (("compare", "adam", "adam", "--rename", "a"), "OLD=NEW"),
    (("lift", "torch:Adma"), "has no 'Adma'"), (("lift", "optax.adamx"), "adamx"),
    (("verify", "torch:Adam"), "--against"),
    (("train", "digits", "--optimizer", "torch:Adma"), "did you mean Adam"),
    (("formula", "keras:RMSprop(speed=1)"), "speed")])
def test_a_library_has_no_such_optimizer_or_argument(words, reason, refused):
    assert reason in refused(*words)


def test_other_libraries_rules_stand_wherever_a_rule_is_named(run):
    assert "sqrt(v[t] + eps)" in run("formula", "keras:RMSprop")[1]
    assert run("prove", "torch:RMSprop", "rmsprop")[0] == shared.GOOD
    out = run("train", "digits", "--epochs", "1", "--optimizer", "torch:RMSprop", "--json")
    assert json.loads(out[1])["optimizer"] == "torch:RMSprop"
    out = run("race", "booth", "--steps", "5", "--lr", "0.01", "--rules",
              "adam,torch:SGD(momentum=0.9,nesterov=True)")[1]
    assert "torch:SGD(momentum=0.9,nesterov=True)" in out


def test_a_library_that_is_not_installed_is_one_line(refused):
    assert "pip install torch_optimizer" in refused("lift", "torch_optimizer.Lamb")
