"""minigrad train: what a run is told besides, and how it ends and goes on."""
import errno
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest

import minigrad as mg
from optim.commands import cli, shared
from optim.training import Training, load_training, train
from optim.training.locks import alone

ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2]),
                            "OPENBLAS_NUM_THREADS": "1"}
SHORT = ("train", "digits", "--model", "64-8-10", "--batch", "200")
X, Y = mg.data.blobs(60, rng=0)


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    """(exit code, stdout, stderr) of a command, in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def main(*words):
        code = cli.main(words)
        return code, *capsys.readouterr()
    return main


def test_a_run_with_everything_says_what_it_was_told(run):
    code, out, _ = run(*SHORT, "--epochs", "4", "--validation", "0.2", "--patience", "2",
                       "--schedule", "warm_up(cosine, steps=5)", "--clip-norm", "1",
                       "--weight-decay", "1e-4", "--json")
    found = json.loads(out)["hyperparameters"]
    assert code == shared.GOOD and found["max_norm"] == 1
    assert found["lr"] == "warm_up(cosine(0.001, steps=19), steps=5)"       # 4 x 6 steps
    assert [name for name, value in found.items() if value == 1e-4] == ["decoupled_decay"]
    own = json.loads(run(*SHORT, "--epochs", "1", "--optimizer", "adamw",
                         "--weight-decay", "1e-4", "--json")[1])["hyperparameters"]
    assert own["weight_decay"] == 1e-4 and "decoupled_decay" not in own


def test_what_is_told_on_the_command_line_is_what_train_does(run):
    out = json.loads(run(*SHORT, "--epochs", "3", "--validation", "0.25", "--schedule",
                         "one_cycle", "--lr", "0.02", "--json")[1])
    result = train("digits", "adam", "64-8-10", batch=200, epochs=3, validation=0.25,
                   schedule="one_cycle(0.02, steps=18)")
    assert out["curves"]["train_loss"] == result.loss.tolist()
    assert result.history.examples[1] == 1078               # 1437 less a quarter
    assert result.history.lr[-1] != result.history.lr[1]


def test_a_run_that_goes_on_prints_what_one_that_was_not_stopped_prints(run, tmp_path):
    words = *SHORT, "--optimizer", "momentum", "--lr", "0.1", "--validation", "0.2"
    wanted = run(*words, "--epochs", "3", "--json")[1].replace('"saved": null', "")
    assert "yet: starting" in run(*words, "--epochs", "1", "--checkpoint", "run.npz",
                                  "--resume")[2]
    first = (tmp_path/"run.npz").read_bytes()
    code, _, err = run(*words, "--epochs", "3", "--checkpoint", "run.npz")
    assert code == shared.WRONG and "add --resume to go on from it" in err
    assert (tmp_path/"run.npz").read_bytes() == first
    code, _, err = run(*words[:-2], "--epochs", "3", "--checkpoint", "run.npz", "--resume")
    assert code == shared.WRONG and "validation came as None; needed 0.2, as saved" in err
    (tmp_path/"run.npz").write_bytes(first[:-9])
    code, _, err = run(*words, "--epochs", "3", "--checkpoint", "run.npz", "--resume",
                       "--every", "2")
    assert code == shared.GOOD and err.startswith("minigrad: train: run.npz is damaged")
    assert len(err.splitlines()) == 1
    again = run(*words, "--epochs", "3", "--checkpoint", "run.npz", "--resume", "--json")[1]
    assert again.replace('"saved": null', "") == wanted


def test_the_result_of_patience_is_that_of_the_weights_it_brings_back(tmp_path):
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((80, 8)), rng.integers(0, 2, 80)
    result = train((x, y), "adam", "8-64-2", lr=0.01, epochs=80, validation=0.3, patience=4)
    assert 0 < result.last == result.history.best < len(result.loss) - 1
    assert result.history.stopped == "patience"
    result.save(tmp_path/"run.npz")
    other = load_training(tmp_path/"run.npz")
    assert other.last == result.last and other.accuracy == result.accuracy
    test_x, test_y = held_out(x, y)
    assert np.mean(result.predict(test_x) == test_y) == result.accuracy
    assert f"after {result.examples[result.last]} examples" in repr(result)


def held_out(x, y):
    """The test part that train holds out, by its seed."""
    from optim.training.tables import tables
    found = tables((x, y), "random", np.random.default_rng(0).spawn(3)[2], None)
    return found.x_test, found.y_test


@pytest.mark.parametrize("words, complaint", [
    (("--patience", "3"), "--patience: needed --validation SHARE, which it watches"),
    (("--resume",), "--resume: needed --checkpoint FILE, where the run is saved"),
    (("--every", "3"), "--every: needed --checkpoint FILE"),
    (("--validation", "1"), "'1' came; needed a share between 0 and 1"),
    (("--validation", "-0.1"), "'-0.1' came; needed a number above 0"),
    (("--clip-norm", "0"), "'0' came; needed a number above 0"),
    (("--clip-norm", "nan"), "'nan' came"), (("--weight-decay", "x"), "'x' came"),
    (("--schedule", "cosin"), "'cosin'; did you mean cosine"),
    (("--schedule", "cosine", "--optimizer", "adadelta"), "adadelta has no learning rate"),
    (("--checkpoint", "a.npz", "--save", "a.npz"), "'a.npz' is the same as --save"),
    (("--checkpoint", "a.txt"), "needed a name that ends in .npz"),
    (("--checkpoint", "none/a.npz"), "there is no folder 'none'")])
def test_what_makes_no_sense_is_one_line_before_the_work(words, complaint, run, monkeypatch,
                                                         tmp_path):
    def work(*_):
        raise AssertionError("the work has begun")
    monkeypatch.setattr("optim.training.training_loop.Run.advance", work)
    code, out, err = run(*SHORT, *words)
    assert code == shared.WRONG and not out and complaint in err
    assert len(err.splitlines()) == 1 and not [*tmp_path.iterdir()]


def test_what_was_held_out_is_in_the_json_in_the_file_and_in_the_summary(run, tmp_path):
    words = *SHORT, "--lr", "0.05", "--epochs", "40", "--validation", "0.2"
    _, out, _ = run(*words, "--patience", "2", "--save", "a.npz")
    found = json.loads(run(*words, "--patience", "2", "--json")[1])
    losses = found["curves"]["validation_loss"]
    assert losses == np.load("a.npz")["validation_loss"].tolist()
    assert found["best"] == np.argmin(losses) == len(losses) - 3
    assert len(found["curves"]["validation_accuracy"]) == len(losses)
    seen = found["curves"]["examples"]
    assert (f"after {seen[found['best']]} examples, where the validation loss was lowest, "
            f"of {seen[-1]}\n") in out
    assert load_training("a.npz").summary in out
    assert "lowest" not in run(*SHORT, "--epochs", "1", "--validation", "0.2")[1]


def test_a_run_whose_last_checkpoint_is_gone_goes_on_from_the_one_before(run, tmp_path):
    words = *SHORT, "--epochs", "3", "--checkpoint", "a.npz"
    assert "there is no a.npz yet: starting" in run(*words, "--resume")[2]
    (tmp_path/"a.npz").unlink()
    _, _, err = run(*words, "--resume")
    assert "starting" not in err and "a.npz is missing; going on from a.previous.npz" in err


@pytest.mark.parametrize("option, ours", [
    ("--learning-rate", "--lr"), ("--batch-size", "--batch"), ("--target", "--label"),
    ("--validation-split", "--validation"), ("--random-state", "--seed")])
def test_an_option_of_other_tools_is_answered_with_ours(option, ours, run):
    code, out, err = run(*SHORT, option, "1")
    assert code == shared.WRONG and not out and f"did you mean {ours}? see" in err


@pytest.mark.parametrize("option", ["--save", "--checkpoint"])
def test_two_runs_cannot_write_one_file(option, run, tmp_path):
    with alone(tmp_path/"a.npz"):
        code, out, err = run(*SHORT, option, "a.npz")
    assert code == shared.WRONG and not out and not [*tmp_path.iterdir()]
    assert "'a.npz' is being written by another run (process" in err


def test_a_disk_that_is_full_at_the_end_does_not_cost_the_result(run, tmp_path,
                                                                 monkeypatch):
    usual = Training.save

    def save(result, path):
        if path == "a.npz":
            raise OSError(errno.ENOSPC, "No space left on device")
        usual(result, path)
    monkeypatch.setattr(Training, "save", save)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    code, out, err = run(*SHORT, "--epochs", "1", "--save", "a.npz")
    assert code == shared.WRONG and not out and len(err.splitlines()) == 1
    assert "--save: 'a.npz' could not be written (No space left on device); " in err
    assert load_training(err.split("is in ")[1].strip()).accuracy > 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_says_the_command_that_goes_on(
        number, tmp_path, hears_interrupts):
    words = ["train", "digits", "--model", "64-8-10", "--epochs", "100000", "--checkpoint",
             "my run.npz"]
    with subprocess.Popen(
            [sys.executable, "-m", "optim", *words], cwd=tmp_path, env=ENVIRONMENT,
            stderr=subprocess.PIPE, text=True) as process:
        while not (tmp_path/"my run.npz").exists():
            time.sleep(0.01)
        process.send_signal(number)
        _, err = process.communicate(timeout=60)
    assert process.returncode == shared.INTERRUPTED
    (line,) = err.splitlines()
    assert line.startswith("minigrad: interrupted after step ")
    assert line.endswith("; go on: minigrad train digits --model 64-8-10 --epochs 100000 "
                         "--checkpoint 'my run.npz' --resume")
