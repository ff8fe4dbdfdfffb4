"""Every layer in a compiled training step: the bits of the eager one, while the model goes
from training to evaluation and back, its buffers and draws included."""
import numpy as np
import pytest

import minigrad as mg
from minigrad import nn
from minigrad.structures import leaves_of


def numbers(*shape):
    return lambda i: np.random.default_rng(i).normal(size=shape).astype(np.float32)


def indices(*shape):
    return lambda i: np.random.default_rng(i).integers(0, 5, size=shape)


def after_linear(*layers):
    return lambda: nn.Sequential(nn.Linear(3, 4), *[layer() for layer in layers])


def after_windows(*layers):
    return lambda: nn.Sequential(nn.Conv2d(2, 3, 2), *[layer() for layer in layers])


LAYERS = {
    "activations": (after_linear(nn.ELU, nn.GELU, nn.Hardtanh, nn.LeakyReLU, nn.ReLU6,
                                 nn.SiLU, nn.Sigmoid, nn.Softplus, nn.Tanh), numbers(6, 3)),
    "softmax": (after_linear(lambda: nn.Softmax(1), lambda: nn.LogSoftmax(1)),
                numbers(6, 3)),
    "batch_norm": (after_linear(lambda: nn.BatchNorm1d(4)), numbers(6, 3)),
    "batch_norm_2d": (after_windows(lambda: nn.BatchNorm2d(3)), numbers(2, 2, 5, 5)),
    "layer_norm": (after_linear(lambda: nn.LayerNorm(4)), numbers(6, 3)),
    "rms_norm": (after_linear(lambda: nn.RMSNorm(4)), numbers(6, 3)),
    "group_norm": (lambda: nn.GroupNorm(2, 4), numbers(2, 4, 3, 3)),
    "dropout": (after_linear(lambda: nn.Dropout(.5)), numbers(6, 3)),
    "dropout_of_its_own": (after_linear(lambda: nn.Dropout(.5, rng=0)), numbers(6, 3)),
    "conv1d": (lambda: nn.Conv1d(2, 3, 2), numbers(2, 2, 6)),
    "conv2d": (lambda: nn.Conv2d(2, 3, 2, padding=1, stride=2), numbers(2, 2, 6, 6)),
    "conv_transpose2d": (lambda: nn.ConvTranspose2d(2, 3, 2), numbers(2, 2, 4, 4)),
    "max_pool": (after_windows(lambda: nn.MaxPool2d(2)), numbers(2, 2, 5, 5)),
    "avg_pool": (after_windows(lambda: nn.AvgPool2d(2)), numbers(2, 2, 5, 5)),
    "adaptive": (after_windows(lambda: nn.AdaptiveAvgPool2d(2)), numbers(2, 2, 6, 6)),
    "flatten": (after_windows(nn.Flatten, lambda: nn.Linear(48, 2)), numbers(2, 2, 5, 5)),
    "embedding": (lambda: nn.Embedding(5, 3), indices(4, 2)),
    "rnn": (lambda: nn.RNN(3, 4), numbers(2, 5, 3)),
    "gru": (lambda: nn.GRU(3, 4), numbers(2, 5, 3)),
    "lstm": (lambda: nn.LSTM(3, 4), numbers(2, 5, 3)),
    "attention": (lambda: nn.TransformerEncoderLayer(4, 2, 8), numbers(2, 3, 4)),
}


def bits(x):
    return [None if part is None else np.asarray(part).tobytes() for part in leaves_of(x)]


def history(wrap, make, x):
    """What ten steps give and leave behind."""
    mg.manual_seed(3)
    model, seen = make(), []
    parameters = [p for p in model.parameters() if p.requires_grad]

    def step(x):
        model.zero_grad()
        out = model(x)
        loss = np.mean((out[0] if isinstance(out, tuple) else out)**2)
        loss.backward()
        for p in parameters:
            p.data -= 0.1*p.grad
        return loss.item()
    step = wrap(step)
    for i in range(10):
        (model.eval if 4 <= i < 7 else model.train)()
        seen += [step(x(i)), bits(model.state_dict()), bits([p.grad for p in parameters])]
    return seen, step


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_has_the_same_bits_compiled(name):
    mine, compiled = history(mg.compile, *LAYERS[name])
    assert mine == history(lambda step: step, *LAYERS[name])[0]
    assert compiled.made == 2 and compiled.given_up == 0 and "step(x" in compiled.source


def test_a_mode_that_is_not_watched_would_be_seen(monkeypatch):
    monkeypatch.setattr("minigrad.compiler.watching.is_of_user", lambda x: False)
    mine, _ = history(mg.compile, *LAYERS["dropout"])
    assert mine != history(lambda step: step, *LAYERS["dropout"])[0]
