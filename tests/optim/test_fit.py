"""fit trains what it is given, measures it, and stops when it should."""
import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import minigrad as mg
import optim
from minigrad import nn
from optim.plots import history_curves
from optim.schedules import cosine, reduce_on_plateau
from optim.training.measures import METRICS, mean_absolute_error
from optim.training.named_schedules import schedule_called

from ..cases import each

X, Y = mg.data.blobs(60, rng=0)


pytestmark = pytest.mark.usefixtures("no_seed_of_others")


def network(rng=0):
    return nn.Sequential(nn.Linear(2, 8, rng=rng), nn.ReLU(), nn.Linear(8, 3, rng=rng))


def fitted(data=(X, Y), model=None, lr=0.05, **arguments):
    """A model, and its History."""
    model = model or network()
    opt = optim.Adam(model.parameters(), lr=lr)
    return model, optim.fit(model, data, opt, **{"compiled": False} | arguments)


def same(a, b):
    a, b = a.state_dict(), b.state_dict()
    return all(a[name].tobytes() == b[name].tobytes() for name in a)


# ---------------------------------------------------------------------------------- steps
def by_hand(epochs, batch, orders):
    """What fit is said to do, written as a loop."""
    model = network()
    opt = optim.Adam(model.parameters(), lr=0.05)
    for order in orders[:epochs]:
        for start in range(0, len(order), batch):
            rows = order[start:start + batch]
            opt.zero_grad()
            nn.cross_entropy(model(X[rows]), Y[rows]).backward()
            opt.step()
    return model


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("arguments, orders", [
    ({"shuffle": False}, [np.arange(60)]*3),
    ({"order": lambda epoch, rng, x, y: np.arange(60)[::-1][:20*(epoch + 1)]},
     [np.arange(60)[::-1][:20*k] for k in (1, 2, 3)]),
    ({"order": lambda epoch, rng, x, y: -x[:, 0]}, [np.argsort(-X[:, 0], kind="stable")]*3),
    ({}, None)])
def test_the_steps_are_those_of_a_loop_by_hand(arguments, orders, compiled):
    if orders is None:
        rng = np.random.default_rng(3).spawn(3)[0]
        orders = [rng.permutation(60) for _ in range(3)]
    model, history = fitted(epochs=3, batch=25, seed=3, compiled=compiled, **arguments)
    assert same(model, by_hand(3, 25, orders))
    assert history.t[-1] == sum(math.ceil(len(order)/25) for order in orders)
    assert history.examples[-1] == sum(map(len, orders))
    assert history.epoch.tolist() == [0, 1, 2, 3]


def test_batches_of_minigrad_are_taken_as_they_come():
    model, _ = fitted(mg.data.batches(X, Y, 25, rng=7), epochs=2)
    rng = np.random.default_rng(7)
    assert same(model, by_hand(2, 25, [rng.permutation(60) for _ in range(2)]))
    whole, _ = fitted(mg.data.batches(X, Y, None), epochs=2)
    assert same(whole, by_hand(2, 60, [np.arange(60)]*2))
    assert same(whole, fitted(epochs=2, batch="all")[0])


def test_what_draws_without_a_generator_follows_from_the_seed():
    def drawn(seed):
        return fitted(model=nn.Sequential(network(), nn.Dropout(0.5)), epochs=2, seed=seed,
                      shuffle=False)[0]

    assert same(drawn(1), drawn(1)) and not same(drawn(1), drawn(2))
    assert not mg.randomness._shared                        # and nothing else does


# ------------------------------------------------------------------------------- measures
def test_each_entry_is_what_the_model_then_does_on_all_examples():
    states = []
    model, history = fitted((X[:40], Y[:40], X[40:], Y[40:]), epochs=3, batch=8,
                            validation=0.25, callbacks=lambda run: states.append(
                                run.model.state_dict()))
    assert len(history) == 4 and len(states) == 3
    for k, state in enumerate(states, 1):
        model.load_state_dict(state)
        with mg.no_grad():
            output = model(X[40:])
        assert history.test_loss[k] == nn.cross_entropy(output, Y[40:]).item()
        assert history.test_accuracy[k] == np.mean(np.argmax(output.numpy(), 1) == Y[40:])
    assert [*history.columns] == [
        "examples", "epoch", "loss", "accuracy", "validation_loss", "validation_accuracy",
        "test_loss", "test_accuracy"]
    assert history.loss[-1] < history.loss[0] < 2


def test_the_validation_share_is_not_trained_on_and_follows_from_the_seed():
    class Spy(nn.Module):
        def __init__(self):
            self.weight = mg.tensor(np.zeros((1, 3), np.float32), requires_grad=True)

        def forward(self, x):
            if self.training:
                seen.update(x[:, 0].tolist())
            return x*self.weight

    rows = np.repeat(np.arange(60.)[:, None], 3, axis=1)
    found = []
    for seed in (0, 0, 1):
        seen = set()
        fitted((rows/60, Y), Spy(), epochs=1, validation=0.25, seed=seed)
        found.append(seen)
    assert found[0] == found[1] != found[2] and {*map(len, found)} == {45}


def test_dropout_and_batch_norm_rest_while_measured_and_train_again():
    class Spy(nn.Module):
        def forward(self, x):
            modes.append((self.training, len(x)))
            return x

    modes = []
    model = nn.Sequential(network(), Spy(), nn.BatchNorm1d(3), nn.Dropout(0.3, rng=0))
    model.eval()                                            # as it is after it was used
    fitted(model=model, epochs=2, batch=60)
    assert modes == [(False, 60), (True, 60), (False, 60), (True, 60), (False, 60)]
    assert not model.training and not model[1].training
    model.train()
    model[3].eval()                                         # frozen by hand: it stays so
    fitted(model=model, epochs=1)
    assert model.training and not model[3].training


def test_measuring_in_pieces_measures_the_same(monkeypatch):
    _, whole = fitted(epochs=2)
    monkeypatch.setattr("optim.training.measures.LARGEST", 14)     # 7 examples
    _, pieces = fitted(epochs=2)
    np.testing.assert_allclose(pieces.loss, whole.loss, rtol=1e-6)
    assert pieces.accuracy.tolist() == whole.accuracy.tolist()


def test_targets_of_floats_are_learned_by_squares_and_images_and_words_as_they_are():
    x = np.linspace(-1, 1, 40)[:, None]
    model = nn.Sequential(nn.Linear(1, 16, rng=0), nn.Tanh(), nn.Linear(16, 1, rng=1))
    _, history = fitted((x, x**2), model, epochs=40, metrics=["mean_absolute_error"])
    assert "mse_loss" in repr(history) and history.loss[-1] < 0.01
    assert history.mean_absolute_error[-1] < history.mean_absolute_error[0]
    images = np.random.default_rng(0).random((20, 1, 6, 6))
    model = nn.Sequential(nn.Conv2d(1, 2, 3, rng=0), nn.Flatten(), nn.Linear(32, 2, rng=1))
    _, history = fitted((images, np.arange(20) % 2), model, epochs=3)
    assert "cross_entropy" in repr(history) and history.loss[-1] < history.loss[0]
    words = np.arange(30).reshape(10, 3) % 5                # integers stay integers
    model = nn.Sequential(nn.Embedding(5, 4, rng=0), nn.Flatten(), nn.Linear(12, 2, rng=1))
    _, history = fitted((words, (words[:, 0] > 2) + 0), model, epochs=30)
    assert history.accuracy[-1] == 1 > history.accuracy[0]


def test_a_loss_and_metrics_of_ones_own():
    def margins(output, target):
        return nn.cross_entropy(2*output, target)

    def confident(output, target):
        assert type(output) is np.ndarray
        return np.mean(output.max(axis=1) > 1)

    _, history = fitted(epochs=2, loss=margins, metrics=["accuracy", confident])
    assert "margins" in repr(history)
    assert {"accuracy", "confident"} <= history.columns.keys()
    assert METRICS.keys() >= {"accuracy", "mean_absolute_error"}
    assert "accuracy" not in fitted(epochs=1, metrics=[])[1].columns
    with pytest.raises(ValueError, match=r"outputs \(2, 1\), targets \(2,\); needed one "):
        mean_absolute_error(np.zeros((2, 1)), np.zeros(2))


# ----------------------------------------------------------------------------------- ends
def overfitting(**arguments):
    """Noise to learn by heart: the validation loss rises."""
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((40, 8)), rng.integers(0, 2, 40)
    model = nn.Sequential(nn.Linear(8, 64, rng=0), nn.Tanh(), nn.Linear(64, 2, rng=1))
    return fitted((x[:30], y[:30]), model, validation=(x[30:], y[30:]), epochs=60,
                  lr=0.003, **arguments), (x, y)


def test_patience_ends_a_run_and_brings_the_best_weights_back():
    (model, history), (x, y) = overfitting(patience=5)
    losses = history.validation_loss
    assert history.stopped == "patience" and len(history) < 60
    assert history.best == np.argmin(losses) == len(losses) - 1 - 5
    with mg.no_grad():
        left = nn.cross_entropy(model(x[30:].astype(np.float32)), y[30:]).item()
    assert left == losses.min() < losses[-1]
    (_, longer), _ = overfitting()
    assert longer.stopped is longer.best is None and len(longer) == 61
    assert longer.validation_loss[:len(losses)].tolist() == losses.tolist()


def test_min_delta_is_what_counts_as_better():
    (_, history), _ = overfitting(patience=3, min_delta=10.0)
    assert history.best == 0 and len(history) == 4          # nothing is so much better


def test_a_run_without_an_end_by_patience_keeps_the_best_weights_too():
    (model, history), (x, y) = overfitting(patience=1000)
    assert history.stopped is None and history.best == np.argmin(history.validation_loss)
    with mg.no_grad():
        left = nn.cross_entropy(model(x[30:].astype(np.float32)), y[30:]).item()
    assert left == history.validation_loss.min()


def test_a_callback_sees_the_run_and_can_stop_it():
    seen = []

    def watch(run):
        seen.append((run.epoch, run.step, len(run.history), run.history.loss[-1]))
        if run.epoch == 2:
            run.stop()

    _, history = fitted(epochs=9, batch=20, callbacks=[watch])
    assert [each[:3] for each in seen] == [(1, 3, 2), (2, 6, 3)]
    assert [each[3] for each in seen] == history.loss[1:].tolist()
    assert history.stopped == "a callback"
    _, finely = fitted(epochs=1, batch=20, evaluate_every=20, callbacks=watch)
    assert finely.epoch.tolist() == [0, 1/3, 2/3, 1]


def test_a_rate_that_follows_a_schedule_is_measured_and_falls_on_a_plateau():
    _, history = fitted(epochs=4, batch="all", lr=cosine(0.1, steps=4))
    np.testing.assert_allclose(history.lr[1:], [cosine(0.1, steps=4)(t) for t in
                                                (1, 2, 3, 4)])
    rate = reduce_on_plateau(0.5, factor=0.1, patience=1)
    model = network()
    opt = optim.Momentum(model.parameters(), lr=rate)
    history = optim.fit(model, (X, Y), opt, validation=0.2, epochs=9,
                        loss=lambda output, target: 0*nn.cross_entropy(output, target) + 1)
    again = reduce_on_plateau(0.5, factor=0.1, patience=1)
    for loss in history.validation_loss[1:]:
        again.observe(loss)
    assert rate == again and rate(1) < 0.5 and history.lr[-1] < history.lr[0] == 0.5
    assert "lr" not in fitted(epochs=1)[1].columns


def test_a_run_that_diverges_says_where_and_what_to_try():
    with pytest.raises(FloatingPointError, match=r"fit: gradient_descent diverged at step "
                       r"\d+, after \d+ examples: .* lr is 1e\+30: try 0.1"):
        model = network()
        optim.fit(model, (X, Y), optim.GradientDescent(model.parameters(), lr=1e30),
                  batch=8, compiled=False)


def test_no_epochs_measure_the_start():
    model, history = fitted(epochs=0)
    assert same(model, network()) and len(history) == 1 and history.t.tolist() == [0]


# ------------------------------------------------------------------------------- refusals
@each("arguments, error, complaint", [
    ({"epochs": -1}, ValueError, "epochs is -1; needed a whole number from 0"),
    ({"epochs": 1.5}, ValueError, "epochs is 1.5"), ({"epochs": True}, ValueError, "True"),
    ({"batch": 61}, ValueError, "batch size is 61; needed 1 to 60"),
    ({"batch": 0}, ValueError, "batch size is 0"), ({"seed": None}, ValueError, "seed is "),
    ({"patience": 3}, ValueError, "patience is 3 without examples to watch; .* valid"),
    ({"patience": 0, "validation": 0.2}, ValueError, "patience is 0; needed .* from 1"),
    ({"validation": 1}, ValueError, "validation is 1; needed a share between 0 and 1"),
    ({"validation": 0.999}, ValueError, "0.999 of 60 examples; needed one or more"),
    ({"validation": (X, Y[:9])}, ValueError, "validation_x has 60 examples and its y 9"),
    ({"resume": True}, ValueError, "resume came without a checkpoint"),
    ({"every": 3}, ValueError, "every came without a checkpoint"),
    ({"loss": lambda a, b: a}, ValueError, r"fit: loss gave shape \(60, 3\); needed one n"),
    ({"metrics": ["acuracy"]}, ValueError, "no metric .*'acuracy'; did you mean accuracy"),
    ({"metrics": [3]}, TypeError, "metric 3 came; needed a name, accuracy"),
    ({"order": lambda *_: [99]}, ValueError, "order gave int64 .* needed indices from 0"),
    ({"order": lambda *_: []}, ValueError, "order gave float64 of shape .0,."),
    ({"data": X}, TypeError, "data came as ndarray; needed .x, y."),
    ({"data": (X, Y, X)}, TypeError, "data came as tuple of 3"),
    ({"data": (X, Y[:9])}, ValueError, "x has 60 examples and its y 9; needed as"),
    ({"data": (X*np.nan, Y)}, ValueError, r"x\[0, 0\] is not finite"),
    ({"data": (X, Y.astype(str))}, TypeError, "y is <U"),
    ({"data": (X, Y > 0)}, TypeError, "targets are bool; needed integers"),
    ({"model": 3}, TypeError, r"an? int came as the model; .*optim.train\(\(x, y\), "),
    ({"optimizer": "adam"}, TypeError, "a str came as the optimizer; .* optim.Adam"),
    ({"optimizer": optim.Adam(network().parameters())}, ValueError, "no parameter of this"),
    ({"data": mg.data.batches(X, Y, 8), "batch": 4}, ValueError, "leave one of them out"),
    ({"loss": "mse"}, TypeError, "loss is 'mse'; needed a function"),
    ({"order": "easy"}, TypeError, "order is 'easy'; needed a function"),
    ({"callbacks": [print, 3]}, TypeError, r"callbacks\[1\] is 3; needed a function"),
    ({"min_delta": -1}, ValueError, "min_delta is -1; needed a number from 0 on"),
    ({"epoch": 3}, TypeError, "did you mean epochs")])
def test_what_does_not_fit_is_refused_with_what_was_needed(arguments, error, complaint):
    arguments = dict(arguments)
    own = network()
    model = arguments.pop("model", own)
    opt = arguments.pop("optimizer", None) or optim.Adam(own.parameters())
    with pytest.raises(error, match=complaint):
        optim.fit(model, arguments.pop("data", (X, Y)), opt, **arguments)


# -------------------------------------------------------------------------------- History
def test_a_history_prints_a_table_and_draws_its_curves():
    (_, history), _ = overfitting(patience=5)
    lines = str(history).splitlines()
    assert lines[0] == repr(history) and "best after" in lines[0]
    assert lines[1].split() == ["t", *history.columns]
    assert 2 < len(lines) - 2 <= 20 and lines[-1].split()[0] == str(history.t[-1])
    assert float(lines[-1].split()[3]) == pytest.approx(history.loss[-1], rel=1e-5)
    assert history._repr_html_().count("<tr>") == 1 + 5
    figure = history.plot(style="dark", size="phone")
    assert [axes.get_ylabel() for axes in figure.axes] == ["loss", "accuracy"]
    drawn = figure.axes[0].lines[1]
    assert drawn.get_ydata().tolist() == history.validation_loss.tolist()
    assert drawn.get_label() == "validation"
    figure.savefig("/dev/null", format="png")


def test_the_history_of_minimize_is_of_the_same_type():
    path = optim.minimize(lambda x: np.sum(x**2), [1.0, 2.0], "adam", steps=30)
    assert type(path) is type(fitted(epochs=0)[1]) is optim.History
    assert str(path).splitlines()[1].split()[:2] == ["t", "value"]
    assert len(str(path).splitlines()) == 2 + 20
    (axes,) = path.plot().axes
    assert axes.lines[0].get_ydata().tolist() == path.value.tolist()
    assert history_curves(path, title="down").axes[0].get_title() == "down"


def test_progress_is_shown_on_request(capsys):
    fitted(epochs=2)
    assert capsys.readouterr().err == ""
    fitted(epochs=2, progress=True)
    assert "loss=" in (text := capsys.readouterr().err) and "accuracy=" in text


# ------------------------------------------------------------------- schedules in words
@pytest.mark.parametrize("words, meant", [
    ("cosine", "cosine(0.1, steps=100)"), ("cosine(steps=500)", "cosine(0.1, steps=500)"),
    ("cosine(0.5)", "cosine(0.5, steps=100)"), ("one_cycle", "one_cycle(0.1, steps=100)"),
    ("warm_up(cosine, steps=20)", "warm_up(cosine(0.1, steps=80), steps=20)"),
    ("warm_up(steps=5)", "warm_up(0.1, steps=5)"),
    ("multi_step(at=[3, 4])", "multi_step(0.1, at=(3, 4))"),
    ("reduce_on_plateau(patience=3)", "reduce_on_plateau(0.1, patience=3)")])
def test_a_schedule_is_named_as_it_is_written(words, meant):
    assert repr(schedule_called(words, 0.1, 100)) == meant


@pytest.mark.parametrize("words, complaint", [
    ("cosin", "'cosin'; did you mean cosine"), ("3", "'3' is no schedule; needed one such"),
    ("cosine(", "is no schedule"), ("", "is no schedule"), ("step", "missing .* 'every'"),
    ("__import__('os')", "no kind"), ("cosine(lr=3)", "it is called start here"),
    ("cosine(open('x'))", "no kind of schedule is called 'open'"),
    ("warm_up(cosine, steps='x')", "steps came as 'x'")])
def test_words_that_are_no_schedule_are_refused(words, complaint):
    with pytest.raises((ValueError, TypeError), match=complaint):
        schedule_called(words, 0.1, 100)


# --- what those who come from elsewhere type ------------------------------------------
@each("program, cure", [
    ("optim.fit(model, X, Y, opt)", r"data as \(x, y\), all else by name; 4 came"),
    ("optim.fit(model, (X, Y), opt, validation_split=0.2)", "did you mean validation=[?]"),
    ("optim.fit(model, (X, Y), opt, validation_data=(X, Y))", "mean validation=[?]"),
    ("optim.fit(model, (X, Y), opt, verbose=1)", "did you mean progress=[?]"),
    ("optim.fit(model, (X, Y), opt, criterion=abs)", "did you mean loss=[?]"),
    ("optim.fit(model, (X, Y), opt, loss='mse')", "such as nn.cross_entropy"),
    ("optim.fit(model, (X, Y), opt, callbacks=['stop'])", "such as lambda run: print"),
    ("optim.fit(model, (X, Y), opt, schedule='cosine')", "lr=optim.schedules.cosine"),
    ("optim.fit(model, (X, Y), opt, lr=0.1)", "lr=0.01"),
    ("optim.train((X, Y), learning_rate=0.1)", "did you mean lr=[?]"),
    ("optim.train((X, Y), target='a')", "did you mean label=[?]"),
    ("optim.train((X, Y), scheduler='cosine')", "did you mean schedule=[?]"),
    ("optim.EarlyStopping(patience=3)", "validation=0.2, patience=5"),
    ("optim.callbacks.ModelCheckpoint('a')", "checkpoint='run.npz'"),
    ("optim.schedules.StepLR(opt, 10)", "did you mean step[?]"),
    ("mg.data.read_csv('a.csv', sep=';')", "did you mean delimiter=[?]"),
    ("optim.minimize(np.sum, X, 'L-BFGS')", r"optim.second_order.lbfgs\(f, x0\)"),
    ("optim.second_order.lbfgs(np.sum, X, max_iter=3)", "did you mean steps=[?]"),
    ("optim.distributed.train(model, (X, Y), 'adam', world_size=2)", "mean workers=[?]"),
    ("optim.training.sweep((X, Y), seeds=3)", "seeds is 3; needed several, such as ra"),
    ("optim.training.sweep((X, Y), lrs=0.1)", "lrs is 0.1; needed several, such as"),
    ("optim.training.sweep((X, Y), executor=ThreadPoolExecutor)", "ThreadPoolExecutor.4")])
def test_a_habit_is_answered_with_what_to_write(program, cure):
    model = network()
    names = {"opt": optim.Adam(model.parameters()), "model": model, "X": X, "Y": Y,
             "np": np, "optim": optim, "mg": mg,
             "ThreadPoolExecutor": ThreadPoolExecutor}
    with pytest.raises((TypeError, ValueError, AttributeError), match=cure) as error:
        eval(program, names)
    assert "\n" not in str(error.value)
