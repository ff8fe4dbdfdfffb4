"""A zoo of broken programs: the first diagnosis names the kind, and the user's line.

Each function is a program; its docstring is the kind of the first finding, and the line
that it has to name ends with `# <- here`.
"""
import inspect
import linecache

import numpy as np
import pytest

import minigrad as mg
import optim
from minigrad import nn
from minigrad.explanation import doctor, influence
from minigrad.explanation.kinks import kinks
from minigrad.explanation import watching

from ...cases import each

X = np.random.default_rng(0).normal(size=(24, 3))


def wanted(values, dtype=float):
    return mg.tensor(np.array(values, dtype), requires_grad=True)


# ------------------------------------------------------------------- NaN and infinities
def log_of_zero():
    """infinity"""
    p = wanted([0.5, 0.0, 0.5])
    loss = -np.sum(np.log(p))  # <- here
    loss.backward()


def log_of_a_negative_number():
    """NaN"""
    w = wanted([1.0, -2.0])
    scores = np.log(w)  # <- here
    np.sum(scores**2).backward()


def cross_entropy_by_hand():
    """infinity"""
    z = wanted([[900.0, 0.0], [0.0, 1.0]])
    e = np.exp(z - np.max(z, axis=1, keepdims=True))
    p = e/np.sum(e, axis=1, keepdims=True)
    ys = np.array([1, 1])
    loss = -np.mean(np.log(p[np.arange(2), ys]))  # <- here
    loss.backward()


def softmax_without_the_maximum():
    """infinity"""
    z = wanted([1000.0, 1.0])
    e = np.exp(z)  # <- here
    p = e/np.sum(e)
    p[0].backward()


def softplus_by_hand():
    """infinity"""
    x = wanted([1.0, 800.0])
    y = np.log(1 + np.exp(x))  # <- here
    np.sum(y).backward()


def square_root_of_a_negative_number():
    """NaN"""
    x = wanted([4.0, -1.0])
    np.sum(np.sqrt(x)).backward()  # <- here


def variance_below_zero():
    """NaN"""
    x = wanted([1e8 + 1, 1e8 + 1, 1e8 + 1])
    spread = np.mean(x**2) - np.mean(x)**2 - 3.0
    np.sqrt(spread).backward()  # <- here


def division_by_zero():
    """infinity"""
    a, b = wanted([1.0, 2.0]), wanted([0.0, 1.0])
    ratio = a/b  # <- here
    np.sum(ratio).backward()


def a_vector_of_length_zero():
    """NaN"""
    v = wanted([0.0, 0.0])
    unit = v/np.sqrt(np.sum(v*v))  # <- here
    unit[0].backward()


def negative_power_of_zero():
    """infinity"""
    x = wanted([0.0, 1.0])
    np.sum(x**-0.5).backward()  # <- here


def root_of_a_negative_number_by_power():
    """NaN"""
    x = wanted([-8.0, 8.0])
    np.sum(x**(1/3)).backward()  # <- here


def arccos_past_one():
    """NaN"""
    c = wanted([0.5, 1.0 + 1e-9])
    np.sum(np.arccos(c)).backward()  # <- here


def overflow_of_float16():
    """infinity"""
    x = wanted([300.0, 2.0], np.float16)
    y = x*x  # <- here
    np.sum(y).backward()


def infinity_less_infinity():
    """infinity"""
    x = wanted([800.0, 1.0])
    a = np.exp(x)  # <- here
    b = a*2
    np.sum(a - b).backward()


def missing_numbers_in_the_data():
    """NaN in the data"""
    x, w = X.copy(), wanted(np.ones(3))
    x[3, 1] = np.nan
    prediction = x @ w  # <- here
    np.mean(prediction**2).backward()


def infinite_data():
    """infinity in the data"""
    x, w = X.copy(), wanted(np.ones(3))
    x[3, 1] = np.inf
    prediction = x @ w  # <- here
    np.mean(prediction**2).backward()


def mean_of_nothing():
    """NaN"""
    w = wanted(np.ones(3))
    few = (X[:0] @ w)**2
    loss = np.sum(few)/np.sum(few*0)  # <- here
    loss.backward()


def square_root_at_zero():
    """infinity on the way back"""
    x = wanted([0.0, 4.0])
    np.sum(np.sqrt(x)).backward()  # <- here


def deviation_of_equal_numbers():
    """NaN"""
    x = wanted([2.0, 2.0, 2.0])
    centred = x - np.mean(x)
    z = centred/np.sqrt(np.mean(centred**2))  # <- here
    z[0].backward()


# -------------------------------------------------------------- branches not taken
def log_behind_where():
    """inactive branch"""
    x = wanted([1.0, 0.0, -1.0])
    y = np.where(x > 0, np.log(x), 0)  # <- here
    np.sum(y).backward()


def root_behind_where():
    """inactive branch"""
    x = wanted([1.0, 0.0])
    r = np.sqrt(x)  # <- here
    y = np.where(x > 0, r, 0)
    np.sum(y).backward()


def division_behind_where():
    """inactive branch"""
    x = wanted([2.0, 0.0])
    inverse = 1/x  # <- here
    np.sum(np.where(x == 0, 0, inverse)).backward()


def exp_behind_where():
    """inactive branch"""
    x = wanted([1.0, 900.0])
    e = np.exp(x)  # <- here
    np.sum(np.where(x < 20, np.log(1 + e), x)).backward()


# ----------------------------------------------------------------- shapes and dtypes
def column_less_row():
    """broadcast"""
    w, y = wanted(np.ones((3, 1))), np.arange(24.0)
    prediction = X @ w
    error = prediction - y  # <- here
    np.mean(error**2).backward()


def row_less_column():
    """broadcast"""
    w, y = wanted(np.ones(3)), np.arange(24.0).reshape(-1, 1)
    prediction = X @ w
    np.mean(np.abs(y - prediction)).backward()  # <- here


def weights_of_examples():
    """broadcast"""
    w, each = wanted(np.ones((3, 1))), np.linspace(0, 1, 24)
    losses = (X @ w)**2
    np.mean(losses*each).backward()  # <- here


def float64_data():
    """dtype"""
    w = wanted(np.ones(3), np.float32)
    prediction = X @ w  # <- here
    np.mean(prediction**2).backward()


def float64_scale():
    """dtype"""
    w = wanted(np.ones(3), np.float32)
    scale = np.array(0.5)*np.ones(3)
    np.mean((w*scale)**2).backward()  # <- here


# -------------------------------------------------------------------- does not learn
def all_weights_zero():
    """no influence"""
    w, v = wanted(np.zeros((3, 4))), wanted(np.zeros((4, 1)))
    hidden = np.tanh(X @ w)
    out = hidden @ v  # <- here
    np.mean((out - 1)**2).backward()


def all_weights_equal():
    """equal weights"""
    w, v = wanted(np.full((3, 4), 0.5)), wanted(np.full((4, 1), 0.5))
    hidden = np.tanh(X @ w)  # <- here
    np.mean((hidden @ v - 1)**2).backward()


def dead_layer():
    """no influence"""
    layer = nn.Linear(3, 8, rng=0)
    with mg.no_grad():
        layer.bias.data[:] = -100
    x = X.astype(np.float32)
    hidden = nn.relu(layer(x))  # <- here
    np.mean(hidden).backward()


def mostly_dead_layer():
    """dead units"""
    layer = nn.Linear(3, 8, rng=0)
    layer.bias.data[:6] = -100
    x = X.astype(np.float32)
    hidden = nn.relu(layer(x))  # <- here
    np.mean(hidden).backward()


def saturated():
    """saturated"""
    w = wanted(np.full((3, 4), 1.0) + np.arange(4))
    hidden = np.tanh(1000*X @ w)  # <- here
    np.mean(hidden**2).backward()


def vanishing():
    """vanishing cotangents"""
    model = nn.Sequential(*[part for i in range(10) for part in (
        nn.Linear(8, 8, rng=i), nn.Sigmoid())])
    x = np.random.default_rng(0).normal(size=(9, 8)).astype(np.float32)
    np.mean(model(x)**2).backward()  # <- here


def exploding():
    """exploding cotangents"""
    rng = np.random.default_rng(0)
    weights = [wanted(5*rng.normal(size=(16, 16))) for _ in range(8)]
    h = rng.normal(size=(4, 16))
    for w in weights:
        h = h @ w  # <- here
    np.mean(h).backward()


def rounded():
    """no influence"""
    w = wanted(np.ones(3))
    label = np.round(X @ w)  # <- here
    np.mean((label - 1)**2).backward()


def sign_of_a_score():
    """no influence"""
    w = wanted(np.ones(3))
    np.mean((np.sign(X @ w) - 1)**2).backward()  # <- here


def constant_factor_zero():
    """no influence"""
    w, mask = wanted(np.ones(3)), np.zeros(3)
    kept = w*mask  # <- here
    np.sum(kept + 1).backward()


def clipped():
    """no influence"""
    w = wanted(np.full(3, 9.0))
    p = np.clip(w, 0, 1)  # <- here
    np.mean((p - 0.5)**2).backward()


def forgotten_layer():
    """no influence"""
    model = nn.Sequential(nn.Linear(3, 4, rng=0), nn.Linear(4, 1, rng=1))  # <- here
    x = X.astype(np.float32)
    hidden = model[0](x)
    loss = np.mean(hidden**2)
    loss.backward()


def applied_twice():
    """applied twice"""
    layer = nn.Linear(3, 2, rng=0)
    p = nn.softmax(layer(X.astype(np.float32)), 1)
    nn.cross_entropy(p, np.arange(24) % 2).backward()  # <- here


def sigmoid_twice():
    """applied twice"""
    layer = nn.Linear(3, 1, rng=0)
    p = nn.sigmoid(layer(X.astype(np.float32)))
    y = np.ones((24, 1), np.float32)
    nn.binary_cross_entropy_with_logits(p, y).backward()  # <- here


# -------------------------------------------------------------------- several passes
def gradients_of_old():
    """zero_grad"""
    w = wanted(np.ones(3))
    opt = optim.GradientDescent([w], lr=0.01)
    for _ in range(5):
        loss = np.mean((X @ w - 1)**2)
        loss.backward()  # <- here
        opt.step()


def too_large_a_rate():
    """loss explodes"""
    w = wanted(np.ones(3))
    opt = optim.GradientDescent([w], lr=30.0)  # <- here
    for _ in range(6):
        opt.zero_grad()
        loss = np.mean((X @ w - 1)**2)
        loss.backward()
        opt.step()


PROGRAMS = [f for f in dict(globals()).values() if inspect.isfunction(f)
            and f.__module__ == __name__ and f.__doc__]


def seen(program):
    """The diagnosis of a program, with its warnings and errors set aside."""
    ended = None
    with np.errstate(all="ignore"), watching((optim.Optimizer,)) as watch:
        try:
            program()
        except FloatingPointError as error:
            ended = error
    return watch.diagnosis(ended)


def marked_line(program):
    lines, first = inspect.getsourcelines(program)
    return next(first + i for i, line in enumerate(lines) if "# <- here" in line)


def line_named(finding):
    return int(finding.place.partition(":")[2].partition(" ")[0])


@each("program", PROGRAMS, ids=lambda f: f.__name__)
@pytest.mark.filterwarnings("ignore:.*infinite slope and stays 0:RuntimeWarning")
def test_the_first_finding_is_the_fault_at_the_users_line(program):
    diagnosis = seen(program)
    assert not diagnosis.healthy
    first = diagnosis.findings[0]
    assert first.kind == program.__doc__, diagnosis
    assert line_named(first) == marked_line(program), first.place
    text = linecache.getline(__file__, marked_line(program)).strip()
    assert text in first.place
    assert first.message and first.remedy


def test_one_pass_alone_shows_what_is_left_out_of_a_model():
    """A watched program shows it by the line at which the layer was made."""
    model = nn.Sequential(nn.Linear(3, 4, rng=0), nn.Linear(4, 1, rng=1))
    x = X.astype(np.float32)
    found = mg.explain(np.mean(model[0](x)**2), model).diagnosis
    assert found.first.cause == "parameter without influence"
    assert "1.weight, 1.bias" in found.first.message
    assert mg.explain(np.mean(model(x)**2), model).diagnosis.healthy


@pytest.mark.parametrize("check", [c for c in doctor.CHECKS
                                   if c not in (kinks, influence.left_out)],
                         ids=lambda f: f.__name__)
def test_without_a_check_the_zoo_shows_what_it_found(check, monkeypatch):
    """The zoo is no decoration: each check is what finds some of it."""
    monkeypatch.setattr(doctor, "CHECKS", [c for c in doctor.CHECKS if c is not check])
    missed = 0
    for program in PROGRAMS:
        findings = seen(program).findings
        missed += not findings or findings[0].kind != program.__doc__
    assert missed
