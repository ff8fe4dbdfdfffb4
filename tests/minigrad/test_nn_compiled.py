"""Every layer trained by a compiled step has the bits that it has without, at every step.

Compared are the outputs, parameters and buffers of five steps with new data each.
"""
import numpy as np
import pytest

import minigrad as mg
import optim
from minigrad import nn
from minigrad.compiler import sliding

STEPS = 5


def steps(make, inputs, compiled):
    """What each step gives: the output, and the state after it; and how often the plan
    could not run."""
    model = make()
    optimizer = optim.SGD(model.parameters(), lr=0.1)

    def step(x, g):
        optimizer.zero_grad()
        y = model(x)
        np.sum(y*g).backward()
        optimizer.step()
        return y
    run = mg.compile(step) if compiled else step
    found = []
    for i in range(STEPS):
        y = run(*inputs(i))
        found.append({"output": y.numpy()} | model.state_dict())
    return found, compiled and (run.given_up, run.source)


def differences(make, shape, whole=None):
    """The (step, name) at which the compiled run has other bits, and the source."""
    result = make()(np.zeros(shape, np.int64 if whole else np.float32)).shape

    def inputs(i):
        rng = np.random.default_rng(i)
        x = rng.integers(0, whole, shape) if whole else rng.standard_normal(shape)
        g = rng.standard_normal(result).astype(np.float32)
        return x if whole else x.astype(np.float32), g
    eager, _ = steps(make, inputs, False)
    fast, (given_up, source) = steps(make, inputs, True)
    assert given_up == 0
    return [(i, name) for i, (a, b) in enumerate(zip(eager, fast, strict=True))
            for name in a if a[name].tobytes() != b[name].tobytes()], source


def after_convolution(layer):
    return lambda: nn.Sequential(nn.Conv2d(2, 4, 3, padding=1, rng=0), layer())


def after_linear(layer):
    return lambda: nn.Sequential(nn.Linear(6, 4, rng=0), layer())


CONVOLUTIONS = [
    {}, {"stride": 2}, {"padding": "same"}, {"dilation": 2}, {"groups": 2}, {"bias": False},
    {"padding": 1, "padding_mode": "reflect"}, {"padding": 1, "padding_mode": "circular"},
    {"padding": 1, "padding_mode": "replicate"},
    {"stride": (2, 1), "dilation": (1, 2), "padding": (2, 0), "groups": 2}]


@pytest.mark.parametrize("options", CONVOLUTIONS)
def test_a_convolution_alone_and_after_another_has_the_same_bits_compiled(options):
    for make in (lambda: nn.Conv2d(2, 4, 3, rng=0, **options),
                 after_convolution(lambda: nn.Conv2d(4, 2, 3, rng=1, **options))):
        found, source = differences(make, (3, 2, 9, 8))
        assert found == [] and "for row in range(3)" in source


@pytest.mark.parametrize("options", [
    {}, {"stride": 2, "output_padding": 1, "padding": 1}, {"groups": 2, "bias": False},
    {"dilation": 2, "output_padding": 1}])
def test_a_transposed_convolution_has_the_same_bits_compiled(options):
    make = after_convolution(lambda: nn.ConvTranspose2d(4, 2, 3, rng=0, **options))
    assert differences(make, (3, 2, 6, 5))[0] == []


LAYERS = [
    lambda: nn.MaxPool2d(2), lambda: nn.MaxPool2d(3, 2, 1),
    lambda: nn.MaxPool2d(3, 1, 1, 2),
    lambda: nn.MaxPool2d(2, ceil_mode=True), lambda: nn.AvgPool2d(2),
    lambda: nn.AvgPool2d(3, 2, 1), lambda: nn.AvgPool2d(3, 2, 1, True, False),
    lambda: nn.AdaptiveAvgPool2d(1), lambda: nn.AdaptiveAvgPool2d((3, 2)),
    lambda: nn.BatchNorm2d(4), lambda: nn.BatchNorm2d(4, momentum=None),
    lambda: nn.BatchNorm2d(4).eval(), lambda: nn.BatchNorm2d(4, affine=False),
    lambda: nn.GroupNorm(2, 4), lambda: nn.LayerNorm((4, 9, 8)), lambda: nn.RMSNorm(8),
    lambda: nn.Dropout(0.3, rng=7), nn.Flatten, lambda: nn.Unflatten(1, (2, 2)),
    nn.Identity,
    nn.ReLU, nn.LeakyReLU, nn.Tanh, nn.GELU, lambda: nn.GELU("tanh"), nn.SiLU, nn.ELU,
    nn.Softplus, lambda: nn.Softplus(2.0, 1.0), nn.Sigmoid, nn.Hardtanh, nn.ReLU6,
    lambda: nn.Softmax(1), lambda: nn.LogSoftmax(1)]


@pytest.mark.parametrize("i", range(len(LAYERS)))
def test_a_layer_after_a_convolution_has_the_same_bits_compiled(i):
    assert differences(after_convolution(LAYERS[i]), (3, 2, 9, 8))[0] == []


@pytest.mark.parametrize("layer", [
    lambda: nn.BatchNorm1d(4), lambda: nn.LayerNorm(4), lambda: nn.RMSNorm(4),
    lambda: nn.GroupNorm(2, 4), lambda: nn.Dropout(0.5, rng=0), nn.GELU])
def test_a_layer_after_a_linear_one_has_the_same_bits_compiled(layer):
    assert differences(after_linear(layer), (5, 6))[0] == []


class Squares(nn.Module):
    """A Bilinear of x and x."""

    def __init__(self):
        super().__init__()
        self.form = nn.Bilinear(6, 6, 3, rng=0)

    def forward(self, x):
        return self.form(x, x)


@pytest.mark.parametrize("make, shape, whole", [
    (lambda: nn.Sequential(nn.Conv1d(2, 4, 3, rng=0), nn.Conv1d(
        4, 4, 3, groups=2, stride=2, rng=1), nn.MaxPool1d(2), nn.AvgPool1d(2)),
     (3, 2, 20), None),
    (lambda: nn.Conv2d(2, 4, 3, rng=0), (2, 9, 8), None),
    (lambda: nn.Embedding(7, 4, rng=0), (3, 5), 7),
    (lambda: nn.Embedding(7, 4, padding_idx=2, rng=0), (3, 5), 7), (Squares, (5, 6), None)])
def test_layers_of_other_inputs_have_the_same_bits_compiled(make, shape, whole):
    assert differences(make, shape, whole)[0] == []


def test_an_index_out_of_range_is_refused_by_the_compiled_step_too():
    layer = nn.Embedding(7, 2, rng=0)
    run = mg.compile(lambda i: layer(i))
    for seed in range(4):
        run(np.random.default_rng(seed).integers(0, 7, 5))
    with pytest.raises(IndexError, match="index 7; needed 0 to 6"):
        run(np.array([0, 1, 2, 3, 7]))


def test_in_use_a_model_of_batch_norm_and_dropout_is_recorded_apart():
    model = nn.Sequential(nn.Linear(6, 4, rng=0), nn.BatchNorm1d(4), nn.Dropout(rng=0))
    x = np.random.default_rng(0).standard_normal((5, 6)).astype(np.float32)
    for _ in range(3):
        model(x)
    model.eval()
    run = mg.compile(lambda x: model(x))
    outputs = [run(x + i).numpy() for i in range(4)]
    state = model.state_dict()
    assert all((a == model(x + i).numpy()).all() for i, a in enumerate(outputs))
    assert all((state[name] == b).all() for name, b in model.state_dict().items())


def test_the_loops_in_the_source_are_those_of_the_primitives(monkeypatch):
    """Windows whose rows and columns are exchanged are seen."""
    lines = sliding.sliding_lines
    monkeypatch.setattr("minigrad.compiler.forms.sliding_lines", lambda *args: [
        line.replace("row:row", "ROW").replace("column:column", "row:row").replace(
            "ROW", "column:column") for line in lines(*args)])
    found, _ = differences(lambda: nn.Conv2d(2, 4, 3, rng=0), (3, 2, 9, 8))
    assert found
