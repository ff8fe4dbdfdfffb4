"""Tables as people have them are trained on: labels, tasks, scales, hints."""
import numpy as np
import pytest

import minigrad as mg
import optim
from minigrad import nn
from optim.training.tasks import task_of
from optim.training.tables import tables

R = np.random.default_rng(3)
N = 60
SIZES, AGES = R.uniform(20, 200, N), R.integers(18, 80, N)
JOBS = R.choice(["clerk", "nurse", "smith"], N)
PRICES = 1000*SIZES - 300*AGES + R.normal(0, 500, N)
KINDS = np.where(SIZES < 80, "small", np.where(SIZES < 140, "middle", "large"))


def written(tmp_path, *columns, header="size,age,job,price", delimiter=",", name="a.csv"):
    rows = ([f"{cell:.10g}" if isinstance(cell, float) else str(cell) for cell in row]
            for row in zip(*(column.tolist() for column in columns), strict=True))
    lines = [*(header.split(",")[:len(columns)] and [header.split(",")]), *rows]
    path = tmp_path/name
    path.write_text("".join(delimiter.join(line) + "\n" for line in lines))
    return path


def table_of(data, seed=0, **options):
    return tables(data, "random", np.random.default_rng(seed), **options)


def test_a_csv_with_semicolons_and_words_as_labels_is_learned(tmp_path):
    path = written(tmp_path, KINDS, SIZES, AGES, header="kind,size,age", delimiter=";")
    result = optim.train(path, label="kind", lr=0.05, epochs=40)
    assert result.accuracy > 0.9 and result.task.classes == ("large", "middle", "small")
    assert result.settings["classes"] == ["large", "middle", "small"]
    assert result.settings["model"] == "2-32-3" and result.settings["label"] == "kind"
    notes = "\n".join(result.notes)
    for words in ("60 rows, 3 columns, between semicolons, a header",
                  "kind, 3 classes: large, middle, small", "task: classification",
                  "numbers: 2 columns, brought to mean 0 and deviation 1"):
        assert words in notes and words in repr(result)
    assert notes not in result.summary and "\n" not in result.summary


def test_a_regression_is_learned_in_the_labels_own_unit(tmp_path):
    path = written(tmp_path, SIZES, AGES, JOBS, PRICES)
    result = optim.train(path, lr=0.02, epochs=60)
    assert result.settings["task"] == "regression" and result.settings["model"] == "5-32-1"
    assert result.r2 > 0.95 and result.rmse < 0.25*PRICES.std()
    found = result.predict(path)
    assert found.shape == (N,) and abs(found - PRICES).mean() < 0.2*PRICES.std()
    assert "test r2 0.9" in repr(result) and "test rmse" in result._repr_html_()
    with pytest.raises(AttributeError, match="a regression has no accuracy; it has r2"):
        result.accuracy
    with pytest.raises(ValueError, match="a regression predicts numbers.*needed predict"):
        result.predict_proba(path)


def test_metrics_are_what_they_say():
    x = R.normal(size=(40, 2))
    y = 7 + 100*x[:, 0]
    run = optim.train((x[:30], y[:30], x[30:], y[30:]), lr=0.01, epochs=3)
    wrong = run.predict(x[30:]) - y[30:]
    assert run.rmse == pytest.approx(np.sqrt(np.mean(wrong**2)), rel=1e-5)
    assert run.r2 == pytest.approx(1 - np.sum(wrong**2)/np.sum((y[30:] - y[30:].mean())**2),
                                   rel=1e-5)
    scale = (run.predict(x[:30]) - y[:30])/y[:30].std()     # the loss is of standardised y
    assert run.loss[-1] == pytest.approx(np.mean(scale**2), rel=1e-5)


def test_scales_are_learned_on_the_training_part_only(tmp_path):
    path = written(tmp_path, SIZES, AGES, PRICES, header="size,age,price")
    first = table_of(path)
    held, kept = np.split(np.random.default_rng(0).permutation(N), [N//5])
    x = np.column_stack([SIZES, AGES])
    assert np.allclose(first.preparation.mean, x[kept].mean(axis=0), rtol=1e-9)
    assert np.allclose(first.preparation.std, x[kept].std(axis=0), rtol=1e-9)
    assert np.allclose(first.x_train.mean(axis=0), 0, atol=1e-9)
    assert np.allclose(first.x_train.std(axis=0), 1)
    assert np.allclose(first.task.mean, PRICES[kept].mean())
    assert not np.allclose(first.x_test.mean(axis=0), 0, atol=1e-3)
    # What is in the test part changes nothing that was learned.
    sizes, prices = SIZES.copy(), PRICES.copy()
    sizes[held], prices[held] = 1e6, 1e9
    other = table_of(written(tmp_path, sizes, AGES, prices, header="size,age,price"))
    assert np.array_equal(other.x_train, first.x_train)
    assert np.array_equal(other.y_train, first.y_train)
    assert not np.allclose(other.x_test, first.x_test)


def test_the_validation_set_teaches_neither_scales_nor_categories(tmp_path):
    jobs = JOBS.astype(object)
    path = written(tmp_path, SIZES, AGES, jobs, PRICES)

    def drawn(path):
        return table_of(path, validation=0.25, for_validation=np.random.default_rng(4))
    first = drawn(path)
    order = np.split(np.random.default_rng(0).permutation(N), [N//5])[1]
    watched, kept = np.split(order[np.random.default_rng(4).permutation(48)], [12])
    assert len(first.x_validation) == 12 and len(first.x_train) == 36
    assert np.allclose(first.preparation.mean[:2], [SIZES[kept].mean(), AGES[kept].mean()])
    assert np.isclose(first.task.mean, PRICES[kept].mean())
    sizes = SIZES.copy()
    sizes[watched], jobs[watched[0]] = 1e6, "only here"
    other = drawn(written(tmp_path, sizes, AGES, jobs, PRICES))
    assert np.array_equal(other.x_train, first.x_train)
    assert np.array_equal(other.x_test, first.x_test)
    assert other.x_validation.max() > 1000 and other.x_validation[0, 2:].sum() == 0
    run = optim.train(path, epochs=2, validation=0.25)
    assert [*run.history.columns].count("validation_loss") == 1
    assert "validation_r2" in run.history.columns


def test_categories_are_learned_on_the_training_part_only():
    rows = np.array(["a", "b", "c"]*20, object)
    held = np.split(np.random.default_rng(0).permutation(N), [N//5])[0]
    rows[held[0]] = "only here"
    x = np.column_stack([rows, AGES.astype(object)])
    found = table_of((x, np.arange(N) % 2))
    assert found.preparation.inputs[0].words == ("a", "b", "c")
    assert found.preparation.feature_names == [
        "column 1=a", "column 1=b", "column 1=c", "column 2"]
    assert found.x_test[0, :3].tolist() == [0, 0, 0] and found.x_test[0, 3] != 0
    assert set(found.x_train[:, :3].sum(axis=1)) == {1}


def test_two_words_are_one_feature_and_so_is_one(tmp_path):
    yes = np.where(AGES > 40, "yes", "no")
    path = written(tmp_path, yes, np.full(N, "x"), JOBS, KINDS,
                   header="owner,land,job,kind")
    found = table_of(path)
    assert found.preparation.feature_names == ["owner", "land", "job=clerk", "job=nurse",
                                               "job=smith"]
    kept = np.split(np.random.default_rng(0).permutation(N), [N//5])[1]
    assert np.array_equal(found.x_train[:, 0], yes[kept] == "yes")
    assert set(found.x_train[:, 1]) == {0}


def test_constant_and_huge_columns_are_scaled_safely(tmp_path):
    path = written(tmp_path, np.full(N, 0.1), SIZES*1e300, AGES*1e-300, KINDS,
                   header="a,b,c,kind")
    found = table_of(path)
    assert set(found.x_train[:, 0]) == {0.0}
    assert np.allclose(found.x_train[:, 1:].std(axis=0), 1)
    with pytest.raises(ValueError, match=r"line 2, column 2 .'b'.: .*e.301; needed a fini"
                                         "te number that fits float32"):
        table_of(path, standardize=False)


def test_a_class_that_the_test_part_lacks_is_named_as_in_the_file(tmp_path):
    levels = np.where(np.arange(N) < 2, 8, 5 + (KINDS == KINDS[0]))
    path = written(tmp_path, SIZES, levels, header="a,level")
    hints = [hint for seed in range(9) for hint in optim.train(
        path, epochs=0, seed=seed).hints if "none of class" in hint]
    assert hints and all("has none of class 8; another" in hint for hint in hints)


def test_arrays_are_as_they_were_and_standardised_if_asked():
    x, y = mg.data.blobs(60, rng=0)
    plain, asked = table_of((x, y)), table_of((x*7, y), standardize=True)
    assert plain.preparation.mean is None and np.isin(plain.x_train, x).all()
    assert np.allclose(asked.x_train.std(axis=0), 1, atol=1e-6)
    assert plain.notes == ("numbers: 2 columns, as they are, not standardised",)
    assert "brought to mean 0" in asked.notes[-1]
    digits = optim.train("digits", epochs=0)
    assert "64 columns, as they are" in digits.notes[-1]
    assert optim.train("digits", epochs=0, standardize=True).loss[0] != digits.loss[0]


# --- the task is chosen by the labels ----------------------------------------------------
@pytest.mark.parametrize("labels, task, classes", [
    (np.array(["b", "a"], object), None, ("a", "b")), (np.array([True, False]), None,
                                                       (False, True)),
    (np.array([3., 5.]), None, (3, 5)), (np.array([3., 5.5]), None, ()),
    (np.arange(20.), None, tuple(range(20))), (np.arange(21.), None, ()),
    (np.arange(21.), "classification", tuple(range(21))), (np.array([0., 1]), "regression",
                                                           ()),
    (np.array([3., 5.5]), "classification", (3.0, 5.5)),
    (np.array([-1, 4]), None, (-1, 4))])
def test_words_and_few_whole_numbers_are_classes(labels, task, classes):
    found = task_of(labels, task, False)
    assert found == classes and [*map(type, found)] == [*map(type, classes)]


def test_integers_of_an_array_below_its_length_are_numbered_classes():
    assert task_of(np.array([0, 2, 2]), None, True) == (0, 1, 2)
    assert table_of((np.ones((50, 1))*np.arange(50)[:, None], np.arange(50) % 25)
                    ).task.outputs == 25
    many = np.arange(500)*7 % 499
    assert table_of((np.arange(500.)[:, None], many*1000)).task.name == "regression"


@pytest.mark.parametrize("labels", [
    np.array(["x", "y", "z"]*20), np.arange(60) % 3 + 1990, np.arange(60) % 3 - 1,
    np.arange(60) % 2 == 0, (np.arange(60) % 3).astype(float), (np.arange(60) % 2)[:, None],
    ["p", "q"]*30])
def test_labels_of_any_kind_come_back_as_they_were(labels):
    plain = np.ravel(labels)
    codes = np.unique(plain, return_inverse=True)[1]
    x = np.eye(3)[codes]*4
    result = optim.train((x, labels), lr=0.1, epochs=10)
    found = result.predict(x)
    assert np.array_equal(found, plain)
    assert found.dtype.kind == ("i" if plain.dtype.kind == "f" else plain.dtype.kind)
    assert result.predict_proba(x).shape == (60, len(set(plain.tolist())))


def test_the_label_is_any_column_by_name_or_number_and_columns_are_dropped(tmp_path):
    path = written(tmp_path, KINDS, SIZES, AGES, JOBS, header="kind,size,age,job")
    wanted = table_of(path, label="kind", drop="job")
    assert [each.name for each in wanted.preparation.inputs] == ["size", "age"]
    for label, drop in ((1, ["4"]), ("1", [4]), ("kind", ("job",))):
        found = table_of(path, label=label, drop=drop)
        assert np.array_equal(found.x_train, wanted.x_train)
    assert table_of(path).preparation.label == "job"
    assert table_of(path, drop="job").preparation.label == "age"
    for options, complaint in (({"label": "kinds"}, "label is 'kinds'; did you mean kind"),
                               ({"drop": "x"}, "drop is 'x'"),
                               ({"label": "job", "drop": "job"}, "job is the label and am"),
                               ({"categories": "x"}, "categories is 'x'"),
                               ({"drop": ["size", "age", "job"]}, "one column; needed")):
        with pytest.raises(ValueError, match=complaint):
            table_of(path, **options)
    x, y = mg.data.blobs(60, rng=0)
    for options in {"label": 1}, {"drop": "a"}, {"categories": ["a"]}:
        with pytest.raises(ValueError, match="only of a .csv file or a table"):
            table_of((x, y), **options)


def test_numbers_can_be_taken_as_words(tmp_path):
    path = written(tmp_path, AGES % 4, SIZES, KINDS, header="code,size,kind")
    found = table_of(path, categories="code")
    assert found.preparation.inputs[0].words == ("0", "1", "2", "3")
    again = table_of(mg.data.read_csv(path), categories="code")
    assert np.array_equal(found.x_train, again.x_train) and found.features == 5


def test_missing_values_are_refused_with_their_place_or_dropped(tmp_path):
    path = tmp_path/"a.csv"
    rows = [f"{k},{'NA' if k in (7, 9) else k % 5},{'' if k == 8 else 'ab'[k % 2]}\n"
            for k in range(30)]
    path.write_text("x,y,kind\n" + "".join(rows))
    with pytest.raises(ValueError, match=r"line 9, column 2 .'y'.: no value; 3 of 30 rows "
                                         r"lack one; .*drop_missing=True .--drop-missing."):
        table_of(path)
    found = table_of(path, drop_missing=True)
    assert len(found.x_train) + len(found.x_test) == 27
    assert "missing: 3 of 30 rows lacked a value and were left out" in found.notes
    path.write_text("x,y,kind\n" + "".join(f"{k},?,{'ab'[k % 2]}\n" for k in range(30)))
    with pytest.raises(ValueError, match=r"leave the column out: drop='y' .--drop."):
        table_of(path, drop_missing=False)
    with pytest.raises(ValueError, match="every row lacks a value"):
        table_of(path, drop_missing=True)
    x, y = np.ones((30, 2))*np.arange(30.)[:, None], np.array([*"ab"*15], object)
    x[3, 1], y[4] = np.nan, None
    words = np.column_stack([x, np.array([*"pq"*15, ], object)])
    assert len(table_of((words, np.arange(30) % 2), drop_missing=True).x_train) == 29 - 5
    numbers = np.where(y == "a", 1, 0)
    for data in (x, numbers), (np.ones((30, 1)), y), (words, numbers):
        with pytest.raises(ValueError, match="drop_missing=True (leaves|.--drop)"):
            table_of(data)
    assert len(table_of((x, y), drop_missing=True).x_train) == 28 - 5


@pytest.mark.parametrize("text, complaint", [
    ("a,b\n", "no rows; needed"), ("a,b\n1,x\n", "1 examples; needed at least 5"),
    ("a\n1\n2\n", "one column; needed features and a label"),
    ("a,b\n" + "1,x\n2,y\n"*5 + "inf,x\n", r"line 12, column 1 .'a'.: inf; needed a fin"),
    ("a,b\n" + "1,0.5\n2,1\n"*5 + "3,inf\n", r"line 12, column 2 .'b'.: label inf; needed"),
    ("a,b\n" + "1,x\n2,y\n"*5 + "z,x\n", "'z' is not a number, as others .*categories='a'"),
    ("a,b\n" + "p,x\nq,y\n"*5 + "3,x\n", "'3' is a number, and others in this column are"),
    ("a,b\n" + "1.5,x\n2.5,y\n"*5 + '"3,5",x\n', "'3,5' is no number where .*decimal=','"),
    ("a,b\n" + "1,x\n2,x\n"*5, "one class only in column b, x everywhere"),
    ("a,b\n" + "1,7\n2,7\n"*5, "one class only in column b, 7 everywhere"),
    ("a,b\n" + "1,7.5\n2,7.5\n"*5, "one number only in column b, 7.5 everywhere"),
    ("a,b\n" + "".join(f"{k % 3},{k}\n" for k in range(9)), "as many classes as examples"),
    ("a,b\n" + "".join(f"{k % 3},{k}\n" for k in range(90)), "column b numbers the rows"),
    ("a,b\n" + "".join(f"{k % 3},n{k}\n" for k in range(90)), "as many classes as ex"),
    ("a,b,c\n" + "1,x,x\n2,y,y\n"*5, "feature 'b' is the label itself"),
    ("a,b\n" + "".join(f"name{k},{k % 2}\n" for k in range(150)),
     r"a has 120 different words, .* drop='a' .--drop."),
    ("a,b\n" + "1,x\n2,y\n"*9 + "3,z\n", "training part.*has none of class z|none of cla")])
def test_a_table_that_cannot_be_learned_is_refused(tmp_path, text, complaint):
    path = tmp_path/"a.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=f"a.csv.*{complaint}"):
        for seed in range(20):                              # z is held out by some of them
            table_of(path, seed=seed)


def test_a_label_that_numbers_the_rows_is_learned_if_asked():
    x = R.normal(size=(90, 2))
    assert table_of((x, np.arange(90.)), task="regression").task.name == "regression"
    assert table_of((x, np.arange(90.)*2)).task.name == "regression"


class Frame(dict):
    """A table that quacks as pandas' does."""
    columns = property(list)

    def to_numpy(self):
        return np.column_stack([*self.values()])


class Series(np.ndarray):
    def to_numpy(self):
        return np.asarray(self)


def series(values):
    return np.asarray(values).view(Series)


def test_a_data_frame_is_trained_on_as_its_file_is(tmp_path):
    path = written(tmp_path, SIZES, AGES, JOBS, PRICES)
    frame = Frame(size=series(SIZES), age=series(AGES), job=series(JOBS.astype(object)),
                  price=series(PRICES))
    inputs = Frame({name: frame[name] for name in ("size", "age", "job")})
    first = optim.train(path, epochs=2)
    whole = optim.train(frame, label="price", epochs=2)
    pair = optim.train((inputs, frame["price"]), epochs=2, standardize=True)
    for other in whole, pair:
        assert np.allclose(other.loss, first.loss, rtol=1e-6)
        assert np.allclose(other.predict(inputs), first.predict(path), rtol=1e-5)
    assert whole.settings["data"] == "the table"


def test_sizes_are_checked_and_hidden_ones_alone_are_enough(tmp_path):
    path = written(tmp_path, SIZES, AGES, JOBS, PRICES)
    assert optim.train(path, model="mlp:7", epochs=0).settings["model"] == "5-7-1"
    assert optim.train(path, model="mlp:5-7-1", epochs=0).settings["model"] == "5-7-1"
    for model in "4-7-1", "5-7-2", "mlp:5-7":
        with pytest.raises(ValueError, match="has 5 features and 1 output; needed 5-...-1,"
                                             " or mlp:32 for one hidden"):
            optim.train(path, model=model)
    with pytest.raises(ValueError, match="conv needs square images"):
        optim.train(path, model="conv")
    square = R.uniform(size=(40, 16))
    for model in "conv", "gru":
        run = optim.train((square, square[:, 0]*3), model=model, epochs=1)
        assert run.settings["model"] == f"{model}:16-1"
        assert run.predict(square).shape == (40,)


# --- hints: each where it belongs, and not where it does not -----------------------------
def hints(data, **options):
    return "\n".join(optim.train(data, **{"epochs": 8, "lr": 0.02} | options).hints)


GOOD = np.column_stack([SIZES/100, AGES/50]), (SIZES < 100)*1
LARGE = np.tile(GOOD[0], (3, 1)), np.tile(GOOD[1], 3)


def test_a_good_training_has_no_hints():
    assert hints(LARGE) == "" and hints(LARGE, task="regression", epochs=30) == ""
    assert optim.train("digits", epochs=1).hints == ()


@pytest.mark.parametrize("wrong, words", [
    ({"data": (LARGE[0]*[1, 1000], LARGE[1])}, "the features differ in size, .* reaches"),
    ({"data": GOOD}, "the test set has 12 examples, so that each of them counts 8.3 %"),
    ({"lr": 1e-7}, r"loss hardly moved, .* a larger lr .it is 1e-07."),
    ({"lr": 0.0}, "the training loss hardly moved"),
    ({"optimizer": "gradient_descent", "lr": 100.0, "epochs": 3, "seed": 1},
     "gradient_descent diverged: the training loss rose from .*lr is 100.0: try 0.1"),
    ({"data": (LARGE[0][::-1], R.permutation(np.repeat([0, 0, 0, 1], 45)))},
     "is no more than saying the most frequent class always"),
    ({"data": (LARGE[0], R.normal(size=180))}, "R² .* hardly better than saying the mean"),
    ({"data": (LARGE[0], np.where(np.arange(180) < 3, 2, LARGE[1])), "seed": 2},
     "the test part, 36 examples, has none of class 2")])
def test_what_went_wrong_is_hinted_at(wrong, words):
    import re
    found = hints(**{"data": LARGE} | wrong)
    assert re.search(words, found), found


def test_a_loss_that_rose_again_is_hinted_at():
    from optim.training.symptoms import of_run
    settings = {"optimizer": "adam", "hyperparameters": {"lr": 0.5}}
    rule = optim.rules.adam
    y = np.arange(100) % 2
    found = [of_run(settings, rule, np.array(loss), {"accuracy": np.array([.9])}, y)
             for loss in ([1, .1, .3], [1, .1, .15], [1, .1], [1])]
    assert [len(hints) for hints in found] == [1, 0, 0, 0]
    assert "rose again, from 0.1 to 0.3" in found[0][0] and "try 0.001" in found[0][0]


@pytest.mark.parametrize("column, words", [
    (np.full(N, 5.0), "column extra is 5 everywhere and tells nothing; drop='extra'"),
    (np.full(N, "x"), "column extra is x everywhere"),
    (1000 + np.arange(N), "column extra is another in each row"),
    (np.array([f"n{k}" for k in range(N)]), "column extra is another in each row"),
    (np.array(["5 kg", "6 kg", "7 kg"]*20), "'5 kg' and so on; if these are numbers with"),
    (SIZES, ""), (AGES % 2, ""), (JOBS, "")])
def test_columns_that_cannot_help_are_hinted_at_and_kept(tmp_path, column, words):
    path = written(tmp_path, column, SIZES, KINDS, header="extra,size,kind")
    found = table_of(path)
    about = [hint for hint in found.hints if "extra" in hint]
    assert len(about) == bool(words) and words in "".join(about)
    assert found.preparation.inputs[0].name == "extra"
    assert not any("extra" in hint for hint in table_of(path, drop="extra").hints)


def test_unscaled_columns_are_hinted_at_only_where_they_are_not_standardised(tmp_path):
    path = written(tmp_path, SIZES*1000, AGES, KINDS, header="size,age,kind")
    assert any("age reaches 7" in hint and "size 1.9" in hint and "--standardize" in hint
               for hint in table_of(path, standardize=False).hints)
    assert not any("reaches" in hint for hint in table_of(path).hints)


def test_what_the_hint_on_unscaled_columns_asks_for_helps(tmp_path):
    path = written(tmp_path, AGES*1e4, SIZES, KINDS, header="age,size,kind")
    poor, good = (optim.train(path, standardize=choice, lr=0.02)
                  for choice in (False, True))
    assert good.accuracy > 0.9 > poor.accuracy + 0.1


def test_a_module_of_ones_own_learns_a_regression():
    mine = nn.Sequential(nn.Linear(2, 1, rng=0, dtype=np.float64))
    result = optim.train((LARGE[0], LARGE[0][:, 0]*5 + 2.25), model=mine, lr=0.05)
    assert result.r2 > 0.95 and result.predict(LARGE[0]).dtype == np.float64
    with pytest.raises(TypeError, match="labels is complex128 .*; needed numbers or words"):
        optim.train((LARGE[0], LARGE[1] + 1j))
