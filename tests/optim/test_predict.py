"""A saved training says of new rows what the trained one said; from the command line too.
"""
import csv
import errno
import io
import json
import os

import numpy as np
import pytest

import minigrad as mg
import optim
from minigrad import nn
from optim.commands import shared
from optim.commands.cli import main
from optim.training import load_training

R = np.random.default_rng(5)
N = 60
A, B = R.normal(size=N), 100 + 10*R.normal(size=N)
JOBS = R.choice(["clerk", "nurse", "smith"], N)
KINDS = np.where(A > 0, "ja", "nein")
PRICES = 50 + 7*A - (JOBS == "smith")


def write(path, header, *columns, delimiter=","):
    rows = [] if not columns else [[*map(str, row)] for row in zip(*columns, strict=True)]
    lines = ([header.split(",")] if header else []) + rows
    path.write_text("".join(delimiter.join(line) + "\n" for line in lines))
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Three trainings, saved, and what they were trained on."""
    folder = tmp_path_factory.mktemp("runs")
    write(folder/"kinds.csv", "a,b,job,kind", A, B, JOBS, KINDS)
    write(folder/"prices.csv", "price,a,b,job", PRICES, A, B, JOBS, delimiter=";")
    write(folder/"bare.csv", "", A, [f"k{k % 2}" for k in range(N)], B)
    for name, options in (("kinds", {}), ("prices", {"label": "price"}),
                          ("bare", {"label": 2})):
        run = optim.train(folder/f"{name}.csv", lr=0.05, epochs=15, **options)
        run.save(folder/f"{name}.npz")
    return folder


def loaded(folder, name="kinds"):
    return load_training(folder/f"{name}.npz")


@pytest.mark.parametrize("data, options", [
    ("digits", {"model": "mlp:8"}), ("kinds", {}), ("prices", {"label": "price"}),
    ("prices", {"label": "price", "standardize": False}), ("bare", {"label": 2}),
    (mg.data.blobs(60, rng=0), {"model": "2-3"})])
def test_a_loaded_training_is_the_one_that_was_saved(folder, tmp_path, data, options):
    source = folder/f"{data}.csv" if data in ("kinds", "prices", "bare") else data
    run = optim.train(source, epochs=2, **options)
    run.save(tmp_path/"run.npz")
    again = load_training(tmp_path/"run.npz")
    x = (source if source is not data else mg.data.digits()[2] if data == "digits" else
         data[0])
    assert np.array_equal(again.predict(x), run.predict(x))
    assert again.task == run.task and again.summary == run.summary
    for name in "mean", "std":
        assert np.array_equal(getattr(again.preparation, name),
                              getattr(run.preparation, name))
    assert again.preparation.inputs == run.preparation.inputs and again.optimizer is None
    if run.task.classes:
        assert np.array_equal(again.predict_proba(x), run.predict_proba(x))
        assert np.allclose(again.predict_proba(x).sum(axis=1), 1, atol=1e-6)


def test_predictions_are_the_networks_own(folder):
    run = loaded(folder)
    columns = mg.data.read_csv(folder/"kinds.csv").keep([0, 1, 2])
    features = run.preparation.prepared(columns)
    with mg.no_grad():
        outputs = run.model(features.astype(np.float32)).numpy()
    assert run.predict(folder/"kinds.csv").tolist() == [
        ["ja", "nein"][k] for k in np.argmax(outputs, axis=1)]
    assert np.mean(run.predict(folder/"kinds.csv") == KINDS) > 0.9
    prices = loaded(folder, "prices")
    assert np.abs(prices.predict(folder/"prices.csv") - PRICES).mean() < 3


def test_digits_are_predicted_as_they_were_tested(tmp_path):
    run = optim.train("digits", epochs=1)
    _, _, x, y = mg.data.digits()
    assert np.mean(run.predict(x) == y) == run.accuracy
    assert run.predict(x[:3].tolist()).shape == (3,)        # lists are arrays, too
    with pytest.raises(ValueError, match=r"x has shape \(360, 63\); needed \(n, 64\)"):
        run.predict(x[:, 1:])
    with pytest.raises(ValueError, match=r"x\[1, 2\] is nan; needed a finite number"):
        run.predict(np.where(np.arange(360*64).reshape(360, 64) == 66, np.nan, x))


def test_numbers_of_another_unit_are_noted():
    run = optim.train("digits", epochs=0)
    x = mg.data.digits()[2]
    assert run.predictions(x).notes == ()
    assert "reaches 16, in training 1: are the units" in run.predictions(x*16).notes[0]


def test_columns_are_found_by_name_in_any_order(folder, tmp_path):
    run, new = loaded(folder), tmp_path/"new.csv"
    wanted = run.predict(folder/"kinds.csv")
    write(new, "job,extra,b,a,more", JOBS, A, B, A, B, delimiter=";")
    found = run.predictions(new)
    assert np.array_equal(found.values, wanted)
    assert found.notes == ("not needed: extra, more",) and found.measured == {}
    write(new, "job,b", JOBS, B)
    with pytest.raises(ValueError, match="new.csv: has no column 'a'; it has job, b"):
        run.predict(new)
    write(new, "", A, B, JOBS)                              # without names, in their order
    assert np.array_equal(run.predict(new), wanted)
    write(new, "", A, B, JOBS, KINDS)
    assert run.predictions(new).measured["accuracy"] > 0.9
    write(new, "", A, B)
    with pytest.raises(ValueError, match="has 2 columns; needed the 3 that went in"):
        run.predict(new)


def test_rows_without_names_are_found_by_their_places(folder, tmp_path):
    run, new = loaded(folder, "bare"), tmp_path/"new.csv"
    wanted = run.predict(folder/"bare.csv")
    assert np.array_equal(run.predict(np.column_stack([A, B])), wanted)
    assert np.array_equal(run.predict(write(new, "", A, B)), wanted)
    assert np.array_equal(run.predict(write(new, "x,y", A, B)), wanted)
    assert run.predictions(folder/"bare.csv").measured["accuracy"] > 0.3
    assert run.predict(new).dtype.kind == "U"


def test_a_label_among_the_columns_is_measured(folder, tmp_path):
    run, new = loaded(folder), tmp_path/"new.csv"
    labels = [*KINDS[:58], "vielleicht", ""]
    found = run.predictions(write(new, "kind,a,b,job", labels, A, B, JOBS))
    assert found.measured["accuracy"] == np.mean(found.values[:58] == KINDS[:58])
    assert "2 of 60 labels are missing, or no class that was learned" in found.notes[0]
    found = loaded(folder, "prices").predictions(folder/"prices.csv")
    assert found.measured["rmse"] == pytest.approx(
        np.sqrt(np.mean((found.values - PRICES)**2)), rel=1e-4)
    assert found.measured["r2"] > 0.8
    write(new, "price,a,b,job", [*PRICES[:5], ""], A[:6], B[:6], JOBS[:6])
    found = loaded(folder, "prices").predictions(new)
    assert found.measured["rmse"] == pytest.approx(
        np.sqrt(np.mean((found.values[:5] - PRICES[:5])**2)), rel=1e-4)
    assert "1 of 6 labels are missing" in found.notes[0]
    write(new, "price,a,b,job", ["dear"]*5 + ["cheap"], A[:6], B[:6], JOBS[:6])
    found = loaded(folder, "prices").predictions(new)
    assert found.measured == {} and "6 of 6 labels are missing" in found.notes[0]


def test_rows_that_lack_a_value_are_refused_or_left_blank(folder, tmp_path):
    run, new = loaded(folder), tmp_path/"new.csv"
    write(new, "a,b,job", [1, "?", 2, 3], [1, 2, "", 3], ["clerk", "nurse", "NA", "smith"])
    with pytest.raises(ValueError, match=r"line 3, column 1 .'a'.: no value; 2 of 4 rows"):
        run.predict(new)
    found = run.predictions(new, drop_missing=True)
    assert found.kept.tolist() == [True, False, False, True] and len(found.values) == 2
    assert "2 of 4 rows lack a value and have no prediction" in found.notes


def test_what_is_not_as_in_training_is_refused_or_stated(folder, tmp_path):
    run, new = loaded(folder), tmp_path/"new.csv"
    found = run.predictions(write(new, "a,b,job", [1, 2, 3], [1, 2, 3],
                                  ["clerk", "pilot", "pilot"]))
    assert len(found.values) == 3 and (
        "line 3: 'pilot' is no word of job in the training part (2 such cells); it counts "
        "as none of clerk, nurse, smith") in found.notes[0]
    for column, complaint in ((["x", "y"], r"line 2, column 1 .'a'.: 'x' is not a number"),
                              ([1, "inf"], "line 3, column 1 .'a'.: inf; needed a finite")):
        with pytest.raises(ValueError, match=complaint):
            run.predict(write(new, "a,b,job", column, [1, 2], ["clerk", "nurse"]))
    with pytest.raises(ValueError, match="row 2 is too large"):
        run.predict(write(new, "a,b,job", [1, "1e300"], [1, 2], ["clerk", "nurse"]))
    write(new, "a,b,job", [1, 2], [1, 2], [3, 4])           # numbers where words were
    assert "'3' is no word of job" in run.predictions(new).notes[0]
    with pytest.raises(ValueError, match="'data.txt' came; needed a .csv file, or arrays"):
        run.predict("data.txt")
    with pytest.raises(FileNotFoundError, match="absent.csv: no such file"):
        run.predict("absent.csv")


def test_a_table_in_python_is_predicted_as_a_file(folder):
    class Series(np.ndarray):
        def to_numpy(self):
            return np.asarray(self)

    class Frame(dict):
        columns = property(list)

        def to_numpy(self):
            return np.column_stack([*self.values()])

    run = loaded(folder)
    frame = Frame(job=JOBS.astype(object).view(Series), b=B.view(Series), a=A.view(Series))
    assert np.array_equal(run.predict(frame), run.predict(folder/"kinds.csv"))
    mixed = np.column_stack([A.astype(object), B.astype(object), JOBS.astype(object)])
    assert np.array_equal(run.predict(mixed), run.predict(folder/"kinds.csv"))


def test_predicting_leaves_the_model_as_it_is():
    model = nn.Sequential(nn.Linear(2, 8, rng=0), nn.BatchNorm1d(8), nn.Dropout(0.5, rng=0),
                          nn.Linear(8, 3, rng=1))
    x, y = mg.data.blobs(60, rng=0)
    run = optim.train((x, y), model=model, epochs=1)
    before = {name: array.copy() for name, array in model.state_dict().items()}
    assert np.array_equal(run.predict(x), run.predict(x)) and all(
        module.training for module in model.modules())
    assert all(np.array_equal(before[name], array)
               for name, array in model.state_dict().items())


def test_a_module_of_ones_own_is_loaded_into_one_of_its_shape(tmp_path):
    x, y = mg.data.blobs(60, rng=0)
    run = optim.train((x, y*1.5), model=nn.Sequential(nn.Linear(2, 1, rng=0)), epochs=1,
                      task="regression")
    run.save(tmp_path/"run.npz")
    with pytest.raises(ValueError, match="needed restore.path, model."):
        load_training(tmp_path/"run.npz")
    again = load_training(tmp_path/"run.npz", nn.Sequential(nn.Linear(2, 1, rng=3)))
    assert np.array_equal(again.predict(x), run.predict(x))


def test_a_run_without_what_new_rows_need_is_refused(folder, tmp_path):
    with np.load(folder/"kinds.npz") as file:
        entries = {name: file[name] for name in file.files if name != "prepared"}
    np.savez(tmp_path/"old.npz", **entries)
    with pytest.raises(ValueError, match="old.npz: was saved by an earlier version"):
        load_training(tmp_path/"old.npz")
    assert optim.training.restore(tmp_path/"old.npz")[1]["task"] == "classification"


# ------------------------------------------------------------------------ minigrad predict
@pytest.fixture
def run(capsys):
    def call(*words):
        code = main([*map(str, words)])
        out, err = capsys.readouterr()
        return code, out, err
    return call


def table(text):
    return [*csv.DictReader(io.StringIO(text))]


def test_from_a_file_to_a_table_on_the_command_line(run, tmp_path):
    data = write(tmp_path/"mine.csv", "kind,a,b,job", KINDS, A, B, JOBS, delimiter=";")
    code, out, err = run("train", data, "--label", "kind", "--lr", "0.05", "--epochs", 15,
                         "--optimizer", "adam", "--save", tmp_path/"run.npz", "--model",
                         "mlp:8")
    assert code == shared.GOOD and "label: kind, 2 classes: ja, nein" in out
    assert err.count("\n") == 1 and "the test set has 12 examples" in err
    code, out, err = run("predict", tmp_path/"run.npz", data)
    rows = table(out)
    wanted = load_training(tmp_path/"run.npz")
    assert code == shared.GOOD and [row["prediction"] for row in rows] == \
        wanted.predict(data).tolist()
    assert np.allclose([float(row["probability"]) for row in rows],
                       wanted.predict_proba(data).max(axis=1), atol=1e-5)
    assert "measured on the 60 rows: accuracy" in err and err.count("\n") == 1


def test_the_table_goes_to_a_file_and_as_json(run, folder, tmp_path):
    words = "predict", folder/"prices.npz", folder/"prices.csv"
    code, out, err = run(*words, "--out", tmp_path/"out.csv")
    assert code == 0 and out == f"predicted: 60 rows, in {tmp_path/'out.csv'}\n"
    rows = table((tmp_path/"out.csv").read_text())
    assert [*rows[0]] == ["prediction"] and "r2 0.9" in err and "rmse" in err
    found = json.loads(run(*words, "--json")[1])
    assert found["prediction"] == [float(row["prediction"]) for row in rows]
    assert np.allclose(found["prediction"], loaded(folder, "prices").predict(
        folder/"prices.csv"), rtol=1e-7)
    assert found["task"] == "regression" and found["measured"]["r2"] > 0.9


def test_rows_that_lack_a_value_are_blank_lines_of_the_table(run, folder, tmp_path):
    new = write(tmp_path/"new.csv", "a,b,job", [1, "", 3], [1, 2, 3], ["clerk"]*3)
    code, out, err = run("predict", folder/"kinds.npz", new)
    assert code == shared.WRONG and "line 3" in err and "--drop-missing" in err and not out
    code, out, err = run("predict", folder/"kinds.npz", new, "--drop-missing")
    whole = [True, False, True]
    assert code == 0 and [bool(row["prediction"]) for row in table(out)] == whole
    assert "1 of 3 rows lack a value" in err
    prices = run("predict", folder/"prices.npz", new, "--drop-missing")[1]
    assert [bool(row["prediction"]) for row in table(prices)] == whole
    found = json.loads(run("predict", folder/"kinds.npz", new, "--drop-missing",
                           "--json")[1])
    assert found["prediction"][1] is found["probability"][1] is None


def test_a_file_of_no_rows_gives_a_table_of_none(run, folder, tmp_path):
    new = write(tmp_path/"new.csv", "a,b,job")
    assert run("predict", folder/"kinds.npz", new)[:2] == (0, "prediction,probability\n")
    found = json.loads(run("predict", folder/"kinds.npz", new, "--json")[1])
    assert found["prediction"] == found["probability"] == []
    new.write_text("")
    code, _, err = run("predict", folder/"kinds.npz", new)
    assert code == shared.WRONG and "no rows; needed" in err


@pytest.mark.parametrize("words, complaint", [
    (("kinds.csv", "kinds.csv"), "not an .npz file; needed a file that Training.save wr"),
    (("absent.npz", "kinds.csv"), "no such file"), (("kinds.npz", "absent.csv"), "no such"),
    (("kinds.npz", "kinds.npz"), "needed a .csv file"), (("kinds.npz",), "see minigrad p"),
    (("kinds.npz", "prices.csv", "--delimiter", "x"), "delimiter is 'x'; needed one of"),
    (("kinds.npz", "prices.csv", "--delimiter", ","), "column"),
    (("kinds.npz", "kinds.csv", "--out", "no/where.csv"), "there is no folder"),
    (("kinds.npz", "kinds.csv", "--out", "x.txt"), "needed a name that ends in .csv"),
    (("kinds.npz", "kinds.csv", "--opt"), "no option --opt; did you mean --out")])
def test_a_command_that_cannot_be_done_is_one_line(run, folder, monkeypatch, words,
                                                   complaint):
    monkeypatch.chdir(folder)
    code, out, err = run("predict", *words)
    assert code == shared.WRONG and complaint in err and not out
    assert err.count("\n") == 1 and err[:-1].isprintable()


def test_how_a_file_is_written_can_be_said_to_both_commands(run, folder, tmp_path):
    data = write(tmp_path/"years.csv", "2019,2020,kind", A.round(3), B.round(3), KINDS)
    words = "train", data, "--epochs", 1, "--save", tmp_path/"run.npz", "--no-standardize"
    code, out, err = run(*words, "--header", "--encoding", "latin-1")
    assert code == 0 and "a header, latin-1" in out and "as they are, not standard" in out
    assert "the features differ in size" in err
    assert run("predict", tmp_path/"run.npz", data, "--header", "--delimiter", ",")[0] == 0
    assert len(table(run("predict", tmp_path/"run.npz", data)[1])) == N     # by its names
    code, _, err = run(*words)                              # taken as a row of numbers
    assert code == 0 and "first row alone has the label kind: if it is a header" in err
    assert "first row" not in run(*words, "--header")[2]
    for words in (("train", "digits", "--delimiter", ";"), ("train", "digits", "--header"),
                  ("train", "digits", "--drop", "a")):
        assert run(*words)[0] == shared.WRONG


def test_a_regression_and_its_metrics_on_the_command_line(run, folder):
    words = "train", folder/"prices.csv", "--label", "price", "--epochs", 2, "--drop", "b"
    code, out, _ = run(*words, "--optimizer", "adam")
    assert code == 0 and "test r2" in out and "test rmse" in out and "dropped: b" in out
    found = json.loads(run(*words, "--json")[1])
    assert found["task"] == "regression" and len(found["curves"]["test_rmse"]) == 3
    assert found["test_r2"] == found["curves"]["test_r2"][-1]
    assert "test_accuracy" not in found
    assert any("test set has 12" in hint for hint in found["hints"])
    code, _, err = run("train", folder/"kinds.csv", "--task", "regression")
    assert code == shared.WRONG and f"the labels are words, such as '{KINDS[0]}'" in err


def test_hostile_names_do_not_move_the_cursor(run, tmp_path):
    data = write(tmp_path/"evil.csv", "\x1b[31ma,b\r,kind".replace("\r", ""), A.round(2),
                 np.full(N, "\x1b[2J"), KINDS)
    code, out, err = run("train", data, "--epochs", 1, "--save", tmp_path/"run.npz")
    assert code == 0 and "\x1b" not in out + err and "\\x1b[2J" in err
    assert run("predict", tmp_path/"run.npz", data)[0] == 0


def test_a_column_that_was_constant_in_training_has_no_say_in_predictions(tmp_path):
    data = write(tmp_path/"a.csv", "a,c,price", A, np.full(N, 7), PRICES)
    optim.train(data, lr=0.05, epochs=2).save(tmp_path/"run.npz")
    found = load_training(tmp_path/"run.npz")
    usual, other = (found.predict(np.c_[A, np.full(N, c)]) for c in (7, -1e6))
    assert np.isfinite(usual).all() and usual.tobytes() == other.tobytes()


def test_predictions_on_a_full_disk_are_one_line_that_names_the_file(run, folder, tmp_path,
                                                                     monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")
    monkeypatch.setattr(os, "fsync", full)
    code, out, err = run("predict", folder/"kinds.npz", folder/"kinds.csv", "--out",
                         tmp_path/"a.csv")
    assert code == shared.WRONG and not out and not [*tmp_path.iterdir()]
    assert "--out: " in err and "a.csv' could not be written (No space left on dev" in err
