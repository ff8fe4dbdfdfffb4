"""Training learns, repeats bit for bit, saves what it learned and explains refusals."""
import json
import os
import subprocess
import sys

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn
from optim.rules import RULES
from optim.training import restore, train

from ..cases import each

BLOBS = mg.data.blobs(60, rng=0)


def parameters(result):
    return result.model.state_dict()


def same(a, b):
    return a.keys() == b.keys() and all(np.array_equal(a[name], b[name]) for name in a)


def test_adam_learns_the_digits():
    result = train("digits", "adam", epochs=10)
    assert result.accuracy > 0.92
    assert result.loss[-1] < result.loss[0]/4
    assert abs(result.loss[0] - np.log(10)) < 0.1          # it started from knowing nothing


@each("rule", RULES)
def test_every_rule_lowers_the_loss_by_its_default(rule):
    result = train(BLOBS, rule, epochs=5, batch=8)
    assert result.loss[-1] < result.loss[0]
    assert result.settings["optimizer"] == rule
    assert result.optimizer.rule is RULES[rule]


def test_the_same_seed_gives_the_same_bits_and_another_seed_others():
    runs = [train(BLOBS, epochs=3, batch=8, seed=seed) for seed in (4, 4, 5)]
    assert same(parameters(runs[0]), parameters(runs[1]))
    assert np.array_equal(runs[0].loss, runs[1].loss)
    assert not same(parameters(runs[0]), parameters(runs[2]))
    assert same(*(parameters(train("digits", epochs=1)) for _ in range(2)))


def test_evaluating_more_often_does_not_change_what_is_learned():
    rarely, often = (train(BLOBS, epochs=3, batch=7, evaluate_every=every)
                     for every in (None, 10))
    assert same(parameters(rarely), parameters(often))
    assert rarely.examples.tolist() == [0, 48, 96, 144]
    # after the first batch that reaches 10, 20, ...; 48 = 6*7 + 6 in an epoch
    assert often.examples.tolist() == [
        0, 14, 21, 35, 42, 55, 62, 76, 83, 90, 103, 110, 124, 131, 144]
    for result in (rarely, often):
        assert len(result.loss) == len(result.test_accuracy) == len(result.examples)
        assert result.accuracy == result.test_accuracy[-1]


def test_the_curves_are_those_of_the_whole_training_and_test_set():
    x, y = BLOBS
    wrong = (y + 1) % 3                                     # to be told from y
    result = train((x[:40], y[:40], x[40:], wrong[40:]), epochs=20, batch=8)
    with mg.no_grad():
        assert result.loss[-1] == nn.cross_entropy(result.model(x[:40]), y[:40]).item()
        answers = np.argmax(result.model(x[40:]), axis=1)
    assert result.accuracy == np.mean(answers == wrong[40:]) < 0.2
    assert np.mean(answers == y[40:]) > 0.8
    assert result.settings["test"] == "as given"


def test_one_epoch_takes_one_step_in_bgd_n_in_sgd_and_n_over_size_in_mbgd():
    for batch, steps in (("all", 1), (1, 48), (10, 5)):
        result = train(BLOBS, "gradient_descent", epochs=1, batch=batch, lr=0.01)
        assert result.optimizer.t == steps, batch
        assert result.examples.tolist() == [0, 48]


def test_a_step_of_bgd_is_the_rule_applied_to_the_mean_gradient():
    x, y = (part[:40] for part in BLOBS)
    start = train((x, y, x, y), "gradient_descent", epochs=0).model
    before = start.state_dict()
    nn.cross_entropy(start(x), y).backward()
    moved = train((x, y, x, y), "gradient_descent", epochs=1, batch="all", lr=0.5)
    after = parameters(moved)
    for name, p in start.named_parameters():
        assert np.array_equal(after[name], before[name] - 0.5*p.grad), name


def test_hyperparameters_go_to_the_rule_and_are_stated_in_the_settings():
    result = train(BLOBS, "adam", lr=0.02, hyperparameters={"beta1": 0.5}, epochs=0)
    assert result.settings["hyperparameters"] == {
        "lr": 0.02, "beta1": 0.5, "beta2": 0.999, "eps": 1e-8}


def test_a_fifth_is_held_out_by_the_seed_where_there_is_no_test_set(tmp_path):
    x, y = BLOBS
    path = tmp_path/"mine.csv"
    np.savetxt(path, np.column_stack([x, y]), delimiter=",", header="a,b,c", comments="")
    result = train(path, epochs=1, seed=2)
    assert result.settings["test"] == "12 of 60, held out by seed"
    assert result.settings["data"] == str(path)
    assert result.examples.tolist() == [0, 48]
    # Features that tell which rows are tested: only those of the training part are seen.
    rows = np.arange(60)
    tested = [_rows_held_out(rows, seed) for seed in (2, 2, 3)]
    assert tested[0] == tested[1] != tested[2] and len(tested[0]) == 12


def _rows_held_out(rows, seed):
    """The rows on which no step's gradient was taken."""
    seen = set()

    class Spy(nn.Module):
        def __init__(self):
            self.weight = mg.tensor(np.zeros((1, 60), np.float32), requires_grad=True)

        def forward(self, x):
            if len(x) == 1:                                 # a training batch of size 1
                seen.add(int(x[0, 0]))
            return x*self.weight

    train((rows[:, None], rows % 3), model=Spy(), epochs=1, batch=1, lr=0.0, seed=seed)
    return set(rows.tolist()) - seen


def test_a_model_is_made_from_sizes_or_taken_as_a_module():
    x, y = BLOBS
    result = train(BLOBS, model="2-5-4-3", epochs=0)
    assert [p.shape for p in result.model.parameters()] == [
        (5, 2), (5,), (4, 5), (4,), (3, 4), (3,)]
    assert [type(layer).__name__ for layer in result.model] == [
        "Linear", "ReLU", "Linear", "ReLU", "Linear"]
    assert train(BLOBS, epochs=0).settings["model"] == "2-32-3"
    tested = train((x, y, x, y + 1), epochs=0)             # class 3 is only tested
    assert tested.settings["model"] == "2-32-4"
    mine = nn.Sequential(nn.Linear(2, 3, rng=0, dtype=np.float64), nn.Tanh())
    result = train(BLOBS, model=mine, epochs=1)
    assert result.model is mine and result.settings["model"] is None
    assert mine[0].weight.grad.dtype == np.float64          # the data follow the model


@each("arguments, complaint", [
    ({"optimizer": "Adma"}, "no rule is called 'Adma'; did you mean adam.* there are grad"),
    ({"optimizer": "sgdd"}, "did you mean gradient_descent.* there are gradient_descent"),
    ({"optimizer": "???"}, "no rule is called '...'; there are gradient_descent, mom"),
    ({"model": "3-32-3"}, "model is 3-32-3, but arrays has 2 feat.* needed 2-"),
    ({"model": "2-32-4"}, "needed 2-...-3"), ({"model": "2-x-3"}, "needed sizes such as"),
    ({"model": "2"}, "needed sizes such as"), ({"model": "2-0-3"}, "needed sizes such as"),
    ({"model": nn.Sequential(nn.ReLU())}, "the model has no parameters"),
    ({"batch": 49}, "size is 49; needed 1 to 48"), ({"batch": 0}, "size is 0"),
    ({"epochs": -1}, "epochs is -1; needed a whole number from 0 on"),
    ({"epochs": 1.5}, "epochs is 1.5; needed a whole number from 0 on"),
    ({"evaluate_every": 0}, "evaluate_every is 0; needed a whole number from 1 on"),
    ({"data": (BLOBS[0],)}, "1 arrays; needed"),
    ({"data": (BLOBS[0], BLOBS[1][:9])}, r"shape \(60, 2\) and y \(9,\); needed"),
    ({"data": (BLOBS[0], BLOBS[1]/[*[1]*59, np.nan])}, r"y\[59\] is missing; needed a lab"),
    ({"data": (BLOBS[0], np.array([*BLOBS[1][:59], np.inf]))}, r"y\[59\] is inf; need"),
    ({"data": (BLOBS[0], [*"ab"*29, "a", None])}, r"y\[59\] is missing; .*drop_missing"),
    ({"data": BLOBS, "task": "ranking"}, "task is 'ranking'; needed classification or reg"),
    ({"data": (BLOBS[0], BLOBS[1].astype(str)), "task": "regression"}, "labels are words"),
    ({"data": (BLOBS[0]*np.nan, BLOBS[1])}, "needed finite real numbers"),
    ({"data": (BLOBS[0][:4], BLOBS[1][:4])}, "4 examples; needed at least 5"),
    ({"data": (*BLOBS, BLOBS[0][:, :1], BLOBS[1])}, "x_train has 2 features and x_test 1"),
    ({"data": "digits", "split": "sorted"}, "split is 'sorted'"),
    ({"lr": -1.0}, "lr")])
def test_an_impossible_request_is_refused_with_what_was_needed(arguments, complaint):
    with pytest.raises(ValueError, match=complaint):
        train(**{"data": BLOBS, "epochs": 1} | arguments)


def test_a_hyperparameter_that_the_rule_does_not_have_is_refused():
    with pytest.raises(TypeError, match="adadelta .*'lr'"):
        train(BLOBS, "adadelta", lr=0.1)


X, Y = (part[:30] for part in mg.data.blobs(30, rng=0))


@pytest.mark.parametrize("data, complaint", [
    ((X, Y*0), "one class only in the labels, 0 everywhere; needed two or more"),
    ((X, Y, X, Y*0 + 2), "one class only in the labels, 2 everywhere"),
    ((X, np.arange(30)), "as many classes as examples in the labels, 30"),
    ((X, Y/2*0 + 0.5), "one number only in the labels, 0.5 everywhere"),
    ((X, np.arange(30.) + 99), "the labels numbers the rows, 99 to 128, or task='regres"),
    ((np.column_stack([X, Y]), Y), "feature 3 is the label itself; leave it out"),
    ((X, (np.arange(30) == 0) + 0), "none of class 1, of which there are 1; add examples"),
    ((X, (np.arange(30) < 2) + 0), "none of class 1, of which there are 2; choose ano")])
def test_a_task_that_cannot_be_failed_is_refused(data, complaint):
    with pytest.raises(ValueError, match="train: arrays: .*" + complaint):
        train(data, epochs=1)


@pytest.mark.parametrize("arguments, complaint", [
    ((X, Y), r"data came as ndarray; needed .* optim.train\(\(x, y\), 'adam'\)"),
    (((X, Y), Y), r"a ndarray came where a rule is named; needed optim.train\(\(x, y\)"),
    (((X, Y), nn.Linear(2, 3, rng=0)), "a Linear came .* the third argument"),
    (([[1., 2.]]*9, [0]*9), "a list came where a rule is named"),
    ((nn.Linear(2, 3, rng=0),), "data came as Linear")])
def test_arguments_in_another_order_are_answered_with_the_order(arguments, complaint):
    with pytest.raises(TypeError, match=complaint):
        train(*arguments)
    assert train((X, Y), "adam", epochs=1).settings["batch"] == 24      # of 30; as told


def test_a_rule_comes_by_any_of_its_names_as_its_class_or_as_a_function():
    def half(theta, g, *, t, lr=0.1):
        return theta - lr*g/2

    runs = [train(BLOBS, rule, epochs=1) for rule in
            ("Adam", "ADAM", RULES["adam"], type(train(BLOBS, epochs=0).optimizer))]
    assert {run.settings["optimizer"] for run in runs} == {"adam"}
    assert all(same(parameters(run), parameters(runs[0])) for run in runs)
    assert train(BLOBS, half, epochs=1).settings["optimizer"] == "half"
    assert train(BLOBS, "SGD", epochs=0).settings["optimizer"] == "gradient_descent"


def test_the_label_may_stand_in_any_column_of_a_file(tmp_path):
    x, y = BLOBS
    first, last = tmp_path/"first.csv", tmp_path/"last.csv"
    np.savetxt(last, np.column_stack([x, y]), delimiter=",")
    np.savetxt(first, np.column_stack([y, x]), delimiter=",", header="kind,a,b",
               comments="")
    wanted = parameters(train(last, epochs=2))
    for label in ("kind", "1", 1):
        assert same(parameters(train(first, epochs=2, label=label)), wanted)
    assert same(parameters(train(last, epochs=2, label=3)), wanted)
    for wrong in ("Kind", "0", "4", 1.0, "-1", "\u0664"):
        with pytest.raises(ValueError, match="needed a column's number, 1 to 3, or a name, "
                                             "kind, a, b"):
            train(first, label=wrong)
    with pytest.raises(ValueError, match="only of a .csv file"):
        train(BLOBS, label=1)


@pytest.mark.parametrize("rule, lr, batch", [("gradient_descent", 1e30, "all"),
                                             ("adam", 1e30, 8), ("momentum", 1e20, 8)])
def test_the_learning_rate_that_a_diverged_training_is_told_to_try_works(rule, lr, batch):
    with pytest.raises(FloatingPointError, match=r"try \S+$") as error:
        train(BLOBS, rule, lr=lr, batch=batch)
    advised = float(str(error.value).split()[-1])
    result = train(BLOBS, rule, lr=advised, batch=batch)
    assert result.loss[-1] < result.loss[0]


def test_the_scaling_that_a_diverged_training_is_told_to_try_works():
    x, y = BLOBS
    with pytest.raises(FloatingPointError, match="the features reach .*size 1") as error:
        train((np.float32(1e30)*x, y), "gradient_descent")
    advised = str(error.value).split("as by ")[1].split(";")[0]
    names = {"x": 1e30*x.astype(float)}
    exec(advised, names)
    assert train((names["x"], y), "gradient_descent").accuracy == 1


def test_a_missing_file_is_refused_by_name():
    with pytest.raises(FileNotFoundError, match="absent.csv"):
        train("absent.csv")


@pytest.mark.parametrize("batch", ["all", 8])
def test_a_training_that_diverges_stops_and_says_where_and_what_to_do(batch):
    with pytest.raises(FloatingPointError,
                       match=r"gradient_descent diverged at step \d+, after \d+ examples: "
                             r".*lr is 1e\+30: try 0.1"):
        train(BLOBS, "gradient_descent", lr=1e30, batch=batch)


def test_an_infinite_loss_is_found_at_its_step_though_its_gradient_is_finite():
    class Scale(nn.Module):
        def __init__(self):
            self.weight = mg.tensor(np.zeros(2, np.float32), requires_grad=True)

        def forward(self, x):
            return x*self.weight

    x = np.full((6, 2), [1.2, -1.2], np.float32)           # logits +-2e38 after a step
    with pytest.raises(FloatingPointError, match=r"at step [2-5], .*: the loss is inf"):
        train((x, np.arange(6) % 2)*2, "gradient_descent", Scale(), lr=3e38, batch=1)


def test_a_rule_without_a_learning_rate_says_its_hyperparameters_when_it_diverges():
    x, y = BLOBS
    with pytest.raises(FloatingPointError, match="adadelta diverged at step 1.*'rho'"):
        train((np.float32(1e38)*x, y), "adadelta")


def test_a_saved_training_is_restored_to_the_same_function(tmp_path):
    result = train(BLOBS, epochs=2, batch=8, seed=np.int64(3))
    result.save(tmp_path/"run.npz")
    model, settings = restore(tmp_path/"run.npz")
    assert same(model.state_dict(), parameters(result))
    assert repr(model) == repr(result.model)
    assert settings == json.loads(json.dumps(result.settings, default=int))
    with np.load(tmp_path/"run.npz") as file:               # readable without this project
        assert np.array_equal(file["test_accuracy"], result.test_accuracy)
        assert np.array_equal(file["loss"], result.loss)
        assert np.array_equal(file["examples"], result.examples)
        assert np.array_equal(file["parameter/0.weight"], result.model[0].weight.numpy())
    assert [path.name for path in tmp_path.iterdir()] == ["run.npz"]


def test_a_module_of_ones_own_is_restored_into_one_of_the_same_shape(tmp_path):
    def mine(rng):
        return nn.Sequential(nn.Linear(2, 3, rng=rng), nn.Tanh())

    result = train(BLOBS, model=mine(0), epochs=1)
    result.save(tmp_path/"run.npz")
    with pytest.raises(ValueError, match="not made from a name; needed restore.path, mod"):
        restore(tmp_path/"run.npz")
    model, _ = restore(tmp_path/"run.npz", mine(1))
    assert same(model.state_dict(), parameters(result))


@pytest.mark.parametrize("module, name", [(np, "savez"), (os, "replace")])
def test_a_save_that_fails_leaves_the_earlier_file_and_nothing_else(tmp_path, monkeypatch,
                                                                   module, name):
    def interrupted(file, *args, **entries):
        if hasattr(file, "write"):
            file.write(b"half")
        raise KeyboardInterrupt

    result = train(BLOBS, epochs=0)
    result.save(tmp_path/"run.npz")
    before = (tmp_path/"run.npz").read_bytes()
    monkeypatch.setattr(module, name, interrupted)
    with pytest.raises(KeyboardInterrupt):
        result.save(tmp_path/"run.npz")
    assert (tmp_path/"run.npz").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["run.npz"]


def test_a_file_that_is_no_saved_training_is_refused(tmp_path):
    np.savez(tmp_path/"other.npz", x=np.zeros(1))
    with pytest.raises(ValueError, match="other.npz: has no entry settings"):
        restore(tmp_path/"other.npz")
    (tmp_path/"other.csv").write_text("1,2,0\n")
    with pytest.raises(ValueError, match="other.csv: not an .npz file; needed a file that"):
        restore(tmp_path/"other.csv")
    with pytest.raises(FileNotFoundError, match="absent.npz: no such file; needed a file"):
        restore(tmp_path/"absent.npz")
    with pytest.raises(OSError, match="there is no folder '.*none'; make it first"):
        train(BLOBS, epochs=0).save(tmp_path/"none"/"run.npz")


def test_progress_shows_loss_and_accuracy_and_changes_nothing(capsys):
    shown = train(BLOBS, epochs=2, progress=True)
    assert "adam" in (text := capsys.readouterr().err) and "accuracy=" in text
    quiet = train(BLOBS, epochs=2)
    assert capsys.readouterr().err == "" and same(parameters(shown), parameters(quiet))


def test_importing_training_loads_numpy_only():
    code = ("import sys, optim.training; print([name for name in"
            " ('sympy', 'matplotlib', 'tqdm', 'torch') if name in sys.modules])")
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                           check=True)
    assert found.stdout.strip() == "[]"
