"""A race is the runs of minimize side by side, whatever happens to a runner."""
import argparse
import io
import json
from contextlib import redirect_stderr

import numpy as np
import pytest

import optim
from optim.commands import race as race_command
from optim.landscapes import landscape
from optim.races.contests import Race, entered, projected, race
from optim.rules import RULES
from optim.races.tuning import GRID, tune


def test_each_runner_goes_as_minimize_goes():
    result = race(list(RULES), "booth", steps=20)
    assert list(result) == list(RULES)
    for name, run in result.items():
        alone = optim.minimize(landscape("booth").at, np.array([-8.0, 8.0]), name, steps=20)
        for column in run.columns:
            np.testing.assert_array_equal(run.columns[column], alone.columns[column])


def test_what_is_said_of_one_runner_goes_before_what_is_said_of_all():
    result = race({"a": "adam", "b": ("adam", {"lr": 0.5}), "c": "adam"}, "booth", steps=2,
                  lr=0.25, hyperparameters={"c": {"lr": 0.125, "beta1": 0.5}})
    assert [run.hyperparameters["lr"] for run in result.values()] == [0.25, 0.5, 0.125]
    assert [run.hyperparameters["beta1"] for run in result.values()] == [0.9, 0.9, 0.5]


def test_a_rule_without_a_learning_rate_runs_at_any():
    result = race(["adadelta"], "booth", steps=2, lr=0.25)
    assert "lr" not in result["adadelta"].hyperparameters
    assert ("adadelta", "none") == result.rows()[0][:2]


def test_the_losses_are_the_landscape_along_the_paths():
    result = race(["adam"], "noisy_quadratic", steps=30, lr=0.1)
    x, y = result.paths["adam"].T
    np.testing.assert_allclose(result.losses["adam"], (x**2 + 10*y**2)/2)
    assert not np.allclose(result["adam"].value, result.losses["adam"])      # seen: noisy


def test_all_runners_meet_the_same_noise_and_the_seed_decides_it():
    twins = race({"a": "adam", "b": "adam"}, "noisy_quadratic", steps=10)
    np.testing.assert_array_equal(twins.paths["a"], twins.paths["b"])
    other = race({"a": "adam"}, "noisy_quadratic", steps=10, seed=1)
    assert (twins["a"].grad != other["a"].grad).any()


def test_adam_ends_at_the_worst_point_of_reddi_s_example_and_amsgrad_at_the_best():
    own = {"beta1": 0, "beta2": 0.1}
    result = race({"adam": ("adam", own), "amsgrad": ("amsgrad", own)}, "reddi", steps=600,
                  lr=0.05)
    ends = {name: path[-30:].mean() for name, path in result.paths.items()}
    assert ends["adam"] > 0.9 and ends["amsgrad"] < -0.9
    assert all((np.abs(path) <= 1).all() for path in result.paths.values())


def test_without_the_projection_adam_would_leave_the_interval():
    rule, free = projected(RULES["adam"], lambda p: np.clip(p, -1, 1)), RULES["adam"]
    assert projected(free, None) is free
    start = np.array([0.9]), np.array([-1.0]), np.zeros(1), np.zeros(1)
    assert rule(*start, t=1, lr=0.5)[0] == 1 < free(*start, t=1, lr=0.5)[0]


def test_who_leaves_the_domain_is_known_with_the_step():
    left = race({"slow": ("gradient_descent", {"lr": 0.01}), "fast": ("gradient_descent",
                {"lr": 0.1})}, "saddle", start=(0.0, -1.0), steps=20).left
    # y is -(1 + 2 lr)**t: beyond -2 first at t = 4 for lr = 0.1.
    assert left == {"slow": None, "fast": 4}


# ------------------------------------------------------------------------------- tuning
def test_the_tuned_rate_is_the_one_that_ends_lowest_when_each_is_run_alone():
    rates = [rate for rate in GRID if rate < 0.3]
    ends = {}
    for rate in rates:
        loss = race(["momentum"], "booth", steps=60, lr=rate).losses["momentum"]
        ends[rate] = loss[54:].max() if np.isfinite(loss[54:]).all() else np.inf
    assert tune("momentum", "booth", steps=60, grid=rates) == min(ends, key=ends.get)


def test_descent_on_a_parabola_of_curvature_1_is_tuned_to_lr_1():
    assert tune("gradient_descent", lambda x, y: (x**2 + y**2)/2, (1, 2)) == 1


def test_where_there_is_no_lowest_point_nothing_is_tuned():
    with pytest.raises(ValueError, match="no lowest point"):
        race(["adam"], "saddle", lr="tuned")
    with pytest.raises(ValueError, match="diverges"):
        tune("gradient_descent", "rosenbrock", grid=(1, 3))


# ------------------------------------------------------------------- runs that go wrong
def test_a_run_that_diverges_goes_on_to_the_last_step():
    result = race(["gradient_descent", "adam"], "beale", steps=40, lr=1.0)
    assert result.paths["gradient_descent"].shape == (41, 2)
    assert not np.isfinite(result.losses["gradient_descent"][-1])
    assert np.isfinite(result.losses["adam"][-1])
    assert [row[0] for row in result.rows()] == ["adam", "gradient_descent"]


def test_a_run_into_a_place_without_a_slope_is_nan_from_there():
    result = race(["gradient_descent"], lambda x, y: np.sqrt(x) + y**2, (0.2, 1), lr=1.0,
                  steps=9)
    path = result.paths["gradient_descent"]
    assert path.shape == (10, 2) and np.isfinite(path[:2]).all()
    assert np.isnan(path[2:, 0]).all()
    steep = race(["gradient_descent"], lambda x, y: np.exp(-x**99), (1, 1), lr=1000.0,
                 steps=9)
    assert steep.paths["gradient_descent"].shape == (10, 2)


@pytest.mark.parametrize("call, said", [
    (lambda: race(["adm"], "booth"), "no rule is called 'adm'"),
    (lambda: race([], "booth"), "at least one rule"),
    (lambda: race(["adam"], "both"), "did you mean booth"),
    (lambda: race(["adam"], "booth", (1, 2, 3)), "one number for each"),
    (lambda: race(["adam"], "booth", (1, np.nan)), "finite numbers"),
    (lambda: race(["adam", RULES["adam"]], "booth"), "one name"),
    (lambda: race(["adam"], "booth", hyperparameters={"nag": {}}), "runners are adam"),
    (lambda: race(["adam"], lambda x, y: np.log(x) + y, (-1, 0)), "another start"),
    (lambda: race(["adam"], lambda x, y: np.sqrt(x) + y, (0, 0)), "another start")])
def test_what_cannot_be_run_is_told_in_words(call, said):
    with pytest.raises(ValueError, match=said):
        call()


def test_one_rule_needs_no_list_and_a_race_prints_its_standings():
    result = race("adam", "booth", steps=3)
    assert isinstance(result, Race) and list(result) == ["adam"] == list(entered("adam"))
    assert "3 steps on booth" in repr(result) and "<td>adam</td>" in result._repr_html_()


def test_a_bar_is_shown_only_where_it_is_asked_for():
    quiet, loud = io.StringIO(), io.StringIO()
    with redirect_stderr(quiet):
        race("adam", "booth", steps=2)
    with redirect_stderr(loud):
        race("adam", "booth", steps=2, progress=True)
    assert not quiet.getvalue() and "race" in loud.getvalue()


# ------------------------------------------------------------------------- command line
def command(*words):
    parser = argparse.ArgumentParser()
    race_command.options(parser)
    return race_command.finished(parser.parse_args(words))


def test_the_command_replays_the_famous_animations():
    for name in ("contours", "saddle"):
        paths = optim.replay(name)
        for method, path in command(name).paths.items():
            np.testing.assert_array_equal(path, paths[method])
    assert list(command("saddle", "--rules", "sgd,Adam", "--steps", "5")) == ["SGD", "Adam"]


def test_the_command_races_on_a_landscape_and_on_a_typed_formula():
    pair = command("booth", "--rules", "adam", "nag", "--steps", "4")
    assert list(pair) == ["adam", "nag"]
    result = command("x**2 + 10*y**2", "--start=1,-1", "--steps", "60")
    assert list(result) == list(race_command.RUNNERS)
    assert result.landscape.start == (1, -1)
    assert max(loss[-1] for n, loss in result.losses.items() if n != "adadelta") < 0.5


def test_where_a_formula_has_no_bottom_the_command_does_not_tune():
    result = command("x**2 - y**2", "--start", "1,0.001", "--steps", "50")
    assert result["adam"].hyperparameters["lr"] == race_command.SAFE_RATE
    assert command("saddle", "--lr", "0.02")["SGD"].hyperparameters["lr"] == 0.02


def test_the_command_writes_films(tmp_path):
    files = {kind: tmp_path/f"race.{kind}" for kind in ("gif", "html")}
    command("x**2 + 10*y**2", "--start", "1,1", "--steps", "3", "--rules", "adam", "--lr",
            "0.1", *(w for kind, path in files.items() for w in (f"--{kind}", str(path))))
    assert files["gif"].read_bytes()[:6] == b"GIF89a"
    assert files["html"].read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_the_race_as_json_has_no_infinity():
    result = command("beale", "--rules", "gradient_descent", "--lr", "1", "--steps", "40")
    text = json.dumps(race_command.as_dict(result), allow_nan=False)
    assert json.loads(text)["runs"]["gradient_descent"]["value"] is None


@pytest.mark.parametrize("words, said", [
    (("x**2",), "needs a start"), (("x**2", "--start", "1"), "needed X,Y"),
    (("x**2", "--start", "a,b"), "finite numbers"),
    (("x**2", "--start", "1,inf"), "finite numbers"),
    (("rosenbrok",), "did you mean rosenbrock"), (("__import__('os')", "--start", "1,1"),
                                                  "no function is called __import__"),
    (("booth", "--steps", "0"), "needed 1 to"),
    (("booth", "--steps", "1000000"), "needed 1 to"),
    (("booth", "--lr", "-1"), "positive"), (("booth", "--lr", "nan"), "positive"),
    (("booth", "--rules", "adm"), "no rule is called 'adm'"),
    (("contours", "--rules", "adamw"), "not in this animation"),
    (("reddi", "--gif", "x.gif", "--steps", "2"), "one variable")])
def test_a_wrong_command_is_told_in_one_line(words, said):
    with pytest.raises(ValueError, match=said) as error:
        command(*words)
    assert "\n" not in str(error.value)
