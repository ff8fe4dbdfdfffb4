"""No alarm on healthy programs: every layer, loss and landscape, whole trainings, and what
looks odd but is meant."""
import warnings

import numpy as np
import pytest

import minigrad as mg
import optim
from minigrad import nn
from minigrad.explanation import watching
from optim.landscapes import LANDSCAPES, landscape

RNG = np.random.default_rng(0)
X = RNG.normal(size=(24, 6)).astype(np.float32)
LABELS = np.arange(24) % 3
IMAGES = RNG.normal(size=(6, 1, 8, 8)).astype(np.float32)
WORDS = RNG.integers(0, 9, (6, 5))
SERIES = RNG.normal(size=(4, 7, 6)).astype(np.float32)


def alarms(program, *args):
    with warnings.catch_warnings(), watching((optim.Optimizer,)) as watch:
        program(*args)
    assert watch.passes
    return watch.diagnosis().alarms


def learn(model, *inputs, steps=3, lr=0.01):
    """A few steps of Adam on the mean square of the (first) output less 1."""
    opt = optim.Adam(model.parameters(), lr=lr)
    for _ in range(steps):
        opt.zero_grad()
        out = model(*inputs)
        out = out[0] if isinstance(out, tuple) else out
        np.mean((out - 1)**2).backward()
        opt.step()


def dense(*layers):
    return nn.Sequential(nn.Linear(6, 8, rng=0), *layers, nn.Linear(8, 3, rng=1)), X


NETWORKS = {
    **{name: (lambda name=name: dense(getattr(nn, name)())) for name in (
        "ELU GELU Hardtanh LeakyReLU ReLU ReLU6 SiLU Sigmoid Softplus Tanh".split())},
    "Dropout": lambda: dense(nn.Dropout(0.2, rng=0)),
    "BatchNorm1d": lambda: dense(nn.BatchNorm1d(8), nn.ReLU()),
    "LayerNorm": lambda: dense(nn.LayerNorm(8)),
    "RMSNorm": lambda: dense(nn.RMSNorm(8)),
    "GroupNorm": lambda: dense(nn.GroupNorm(2, 8)),
    "Softmax inside": lambda: dense(nn.Softmax(-1)),
    "deep relu": lambda: dense(*[part for i in range(6) for part in (
        nn.Linear(8, 8, rng=i), nn.ReLU())]),
    "deep tanh": lambda: dense(*[part for i in range(6) for part in (
        nn.Linear(8, 8, rng=i), nn.Tanh())]),
    "Conv2d": lambda: (nn.Sequential(
        nn.Conv2d(1, 4, 3, rng=0), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(36, 3, rng=1)), IMAGES),
    "BatchNorm2d": lambda: (nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1, rng=0), nn.BatchNorm2d(4), nn.ReLU(),
        nn.AvgPool2d(2), nn.Flatten(), nn.Linear(64, 3, rng=1)), IMAGES),
    "ConvTranspose2d": lambda: (nn.Sequential(
        nn.ConvTranspose2d(1, 2, 3, rng=0), nn.ReLU(), nn.Conv2d(2, 1, 3, rng=1)), IMAGES),
    "Conv1d": lambda: (nn.Sequential(nn.Conv1d(7, 4, 3, rng=0), nn.ReLU(), nn.Flatten(),
                                     nn.Linear(16, 2, rng=1)), SERIES),
    "Embedding": lambda: (nn.Sequential(nn.Embedding(9, 4, rng=0), nn.Flatten(),
                                        nn.Linear(20, 3, rng=1)), WORDS),
    "RNN": lambda: (nn.RNN(6, 5, batch_first=True, rng=0), SERIES),
    "GRU": lambda: (nn.GRU(6, 5, batch_first=True, rng=0), SERIES),
    "LSTM": lambda: (nn.LSTM(6, 5, batch_first=True, rng=0), SERIES),
    "TransformerEncoderLayer": lambda: (nn.TransformerEncoderLayer(
        6, 2, 12, batch_first=True, dropout=0.0, rng=0), SERIES),
    "Bilinear": lambda: (nn.Bilinear(6, 6, 2, rng=0), X, X),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_networks(name):
    found = alarms(lambda: learn(*NETWORKS[name]()))
    assert not found, found


def wanted(values, dtype=float):
    return mg.tensor(np.array(values, dtype), requires_grad=True)


LOSSES = {
    "cross entropy": lambda z: nn.cross_entropy(z, LABELS),
    "of log softmax": lambda z: nn.nll_loss(nn.log_softmax(z, 1), LABELS),
    "mse": lambda z: nn.mse_loss(z, np.ones((24, 3), np.float32)),
    "l1": lambda z: nn.l1_loss(z, np.ones((24, 3), np.float32)),
    "huber": lambda z: nn.huber_loss(z, np.ones((24, 3), np.float32)),
    "two classes, logits": lambda z: nn.binary_cross_entropy_with_logits(
        z, np.ones((24, 3), np.float32)),
    "two classes": lambda z: nn.binary_cross_entropy(
        nn.sigmoid(z), np.ones((24, 3), np.float32)),
    "one hot": lambda z: -np.mean(np.sum(nn.log_softmax(z, 1)
                                         * np.eye(3, dtype=np.float32)[LABELS], axis=1)),
    "margins": lambda z: nn.multi_margin_loss(z, LABELS),
    "a column": lambda z: nn.mse_loss(z[:, :1], np.ones((24, 1), np.float32)),
    "one column": lambda z: np.mean((z[:, 0] - LABELS.astype(np.float32))**2),
    "logsumexp": lambda z: np.mean(nn.logsumexp(z, 1)),
    "a norm": lambda z: np.linalg.norm(z),
    "L2 as well": lambda z: nn.cross_entropy(z, LABELS) + 1e-3*np.sum(z**2),
    "distances": lambda z: np.mean((z[:, None] - z[None])**2),
    "distances of one": lambda z: np.mean(np.abs(z[:, 0][:, None] - z[:, 0])),
    "an outer product": lambda z: np.mean(np.outer(z[:, 0], z[:, 1])),
    "masked attention": lambda z: np.mean(nn.softmax(np.where(
        np.tril(np.ones((24, 24), bool)), z @ z.T, np.float32(-np.inf)), -1) @ z),
    "a safe branch": lambda z: np.sum(np.where(z > 0, np.log(np.where(z > 0, z, 1)), 0)),
    "standardized": lambda z: np.mean(
        (z - np.mean(z, 0))/np.sqrt(np.var(z, 0) + 1e-5)*np.float32(2)),
}


@pytest.mark.parametrize("name", LOSSES)
def test_losses(name):
    layer = nn.Linear(6, 3, rng=0)
    found = alarms(lambda: LOSSES[name](layer(X)).backward())
    assert not found, found


@pytest.mark.parametrize("name", LANDSCAPES)
def test_landscapes(name):
    f = landscape(name)
    found = alarms(lambda: mg.grad(lambda p: f(*p))(np.array(f.start, float)))
    assert not found, found


def digits():
    x, y, *_ = mg.data.digits()
    model = nn.Sequential(nn.Linear(64, 32, rng=0), nn.ReLU(), nn.Linear(32, 10, rng=1))
    optim.fit(model, (x, y), optim.Adam(model.parameters()), epochs=2)


def readme():
    x = wanted([1.0, 2.0])
    np.sum(np.exp(x)*x).backward()
    mg.grad(mg.grad(np.sin))(1.0)


def at_the_minimum():
    x = wanted([0.0, 0.0])
    np.sum(x**2).backward()


def softmax_regression_from_zero():
    w, b = wanted(np.zeros((6, 3))), wanted(np.zeros(3))
    opt = optim.GradientDescent([w, b], lr=0.5)
    for _ in range(4):
        opt.zero_grad()
        nn.cross_entropy(X.astype(float) @ w + b, LABELS).backward()
        opt.step()


def column_with_bias():
    w, b = wanted(np.ones((6, 1))), wanted(np.zeros(1))
    np.mean((X.astype(float) @ w + b - 1)**2).backward()


def gradients_of_two_batches():
    w = wanted(np.ones(6))
    opt = optim.Adam([w])
    for _ in range(2):
        opt.zero_grad()
        for half in (X[:12], X[12:]):
            np.mean((half.astype(float) @ w - 1)**2).backward()
        opt.step()


def hypergradient():
    def after(lr):
        theta = np.array([1.0, 2.0])
        for _ in range(3):
            theta = theta - lr*2*theta
        return np.sum(theta**2)
    mg.grad(after)(0.1)


def by_hand_with_rates():
    w = wanted(np.ones(6))
    for _ in range(3):
        w.grad = None
        np.mean((X.astype(float) @ w - 1)**2).backward()
        with mg.no_grad():
            w -= 0.1*w.grad


def teacher_and_student():
    teacher, student = nn.Linear(6, 3, rng=0), nn.Linear(6, 3, rng=1)
    target = teacher(X).detach()
    np.mean((student(X) - target)**2).backward()


def frozen_layer():
    model = nn.Sequential(nn.Linear(6, 8, rng=0), nn.ReLU(), nn.Linear(8, 3, rng=1))
    for p in model[0].parameters():
        p.requires_grad = False
    nn.cross_entropy(model(X), LABELS).backward()


def printed_on_the_way():
    model, x = dense(nn.ReLU())
    losses = []
    for _ in range(2):
        loss = nn.cross_entropy(model(x), LABELS)
        losses.append(loss.item())
        model.zero_grad()
        loss.backward()


def two_models_against_each_other():
    """Gradients pile up in the judge while the maker learns, and are cleared before use."""
    maker = nn.Linear(2, 2, rng=0)
    judge = nn.Sequential(nn.Linear(2, 8, rng=1), nn.LeakyReLU(), nn.Linear(8, 1, rng=2))
    making, judging = (optim.Adam(m.parameters()) for m in (maker, judge))
    loss, rng = nn.binary_cross_entropy_with_logits, np.random.default_rng(0)
    yes, no = np.ones((16, 1), np.float32), np.zeros((16, 1), np.float32)
    for _ in range(6):
        noise, real = rng.normal(size=(2, 16, 2)).astype(np.float32)
        judge.zero_grad()
        (loss(judge(real), yes) + loss(judge(maker(noise).detach()), no)).backward()
        judging.step()
        maker.zero_grad()
        loss(judge(maker(noise)), yes).backward()
        making.step()


def second_order():
    x = wanted([-1.0, 2.0])
    opt = optim.LBFGS([x])

    def closure():
        opt.zero_grad()
        loss = (1 - x[0])**2 + 100*(x[1] - x[0]**2)**2
        loss.backward()
        return loss
    for _ in range(4):
        opt.step(closure)


def a_loss_below_zero():
    x = wanted([0.001])
    opt = optim.GradientDescent([x], lr=0.1)
    for _ in range(9):
        opt.zero_grad()
        (-x[0]*3).backward()
        opt.step()


def a_lucky_first_example():
    w, rng = wanted(np.zeros(2)), np.random.default_rng(0)
    opt = optim.GradientDescent([w], lr=0.01)
    for i in range(12):
        opt.zero_grad()
        x = rng.normal(size=2)
        ((x @ w - (x.sum() if i else 0.01))**2).backward()
        opt.step()


def distillation():
    teacher, student = nn.Linear(6, 3, rng=0), nn.Linear(6, 3, rng=1)
    opt = optim.Adam(student.parameters())
    for _ in range(3):
        target = nn.softmax(teacher(X), -1).detach()
        opt.zero_grad()
        nn.cross_entropy(student(X), target).backward()
        opt.step()


def zeros_that_meet():
    w, v = wanted([1.0, 2.0]), wanted(1.0)
    (np.sum(np.array([0.0, 1.0])*(w*np.array([1.0, 0.0]))) + v).backward()


def every_pair():
    w = wanted(np.ones(6))
    column = np.reshape(X.astype(float) @ w, (24, 1))*1.0
    np.mean((column - column.T)**2).backward()


WHOLE = [digits, readme, at_the_minimum, softmax_regression_from_zero, column_with_bias,
         gradients_of_two_batches, hypergradient, by_hand_with_rates, teacher_and_student,
         frozen_layer, printed_on_the_way, two_models_against_each_other, second_order,
         a_loss_below_zero, a_lucky_first_example, distillation, zeros_that_meet,
         every_pair]


@pytest.mark.parametrize("program", WHOLE, ids=lambda f: f.__name__)
def test_whole_programs(program):
    found = alarms(program)
    assert not found, found
