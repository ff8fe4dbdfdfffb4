"""Convolution and pooling are PyTorch's, and what does not fit is refused with the cure.

Tolerances are those of beside_torch.py.
"""
import random

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn
from minigrad.nn import convolution
from minigrad.primitives import VJPS, sliding, ties

from ..cases import each
from . import beside_torch
from .beside_torch import failures, torch

CASES = 12                      # random configurations of each layer


def normal(shape):
    return lambda rng: [rng.standard_normal(shape)]


def convolution_options(r, dims):
    """Random (arguments, keywords, shape of the input) of a convolution."""
    def several(low, high):
        return tuple(r.randint(low, high) for _ in range(dims))
    groups = r.choice([1, 1, 2, 3])
    channels = groups*r.randint(1, 3), groups*r.randint(1, 3)
    kernel, stride, dilation = several(1, 4), several(1, 3), several(1, 2)
    padding = several(0, 3)
    if r.random() < 0.25:
        padding, stride = r.choice(["same", "valid"]), (1,)*dims
    space = [(k - 1)*d + r.randint(4, 9) for k, d in zip(kernel, dilation)]
    shape = (r.randint(1, 4), channels[0], *space)
    return (*channels, kernel), {
        "stride": stride, "padding": padding, "dilation": dilation, "groups": groups,
        "bias": r.random() < 0.7, "padding_mode": r.choice(
            ["zeros", "zeros", "reflect", "replicate", "circular"])
    }, shape[r.random() < 0.2:]


def transposed_options(r):
    """Likewise of a transposed convolution."""
    args, kwargs, shape = convolution_options(r, 2)
    kwargs |= {"padding": (r.randint(0, 1), r.randint(0, 1)), "padding_mode": "zeros"}
    kwargs["output_padding"] = tuple(
        r.randint(0, max(pair) - 1) for pair in zip(kwargs["stride"], kwargs["dilation"]))
    space = [r.randint(3, 5), r.randint(3, 5)]
    return args, kwargs, (*shape[:-2], *space)


def pooling_options(r, dims, largest):
    """Likewise of a pooling layer."""
    kernel = tuple(r.randint(1, 4) for _ in range(dims))
    dilation = tuple(r.randint(1, 2) if largest else 1 for _ in range(dims))
    kwargs = {"stride": r.choice([None, tuple(r.randint(1, 4) for _ in range(dims))]),
              "padding": tuple(r.randint(0, k//2) for k in kernel),
              "ceil_mode": r.random() < 0.5}
    if largest:
        kwargs["dilation"] = dilation
    else:
        kwargs["count_include_pad"] = r.random() < 0.5
        if dims == 2 and r.random() < 0.3:
            kwargs["divisor_override"] = r.randint(1, 9)
    space = [(k - 1)*d + r.randint(1, 9) for k, d in zip(kernel, dilation)]
    return (kernel,), kwargs, (r.randint(1, 3), r.randint(1, 3), *space)[r.random() < 0.2:]


def adaptive_options(r, dims):
    """Likewise of an adaptive pooling layer."""
    size = [r.choice([None, 1, 2, 3, 5, 7] if dims == 2 else [1, 2, 3, 5, 7])
            for _ in range(dims)]
    return (tuple(size),), {}, (2, 3, *[r.randint(1, 9) for _ in range(dims)])


OPTIONS = {
    "Conv1d": lambda r: convolution_options(r, 1),
    "Conv2d": lambda r: convolution_options(r, 2), "ConvTranspose2d": transposed_options,
    "MaxPool1d": lambda r: pooling_options(r, 1, True),
    "MaxPool2d": lambda r: pooling_options(r, 2, True),
    "AvgPool1d": lambda r: pooling_options(r, 1, False),
    "AvgPool2d": lambda r: pooling_options(r, 2, False),
    "AdaptiveAvgPool1d": lambda r: adaptive_options(r, 1),
    "AdaptiveAvgPool2d": lambda r: adaptive_options(r, 2)}


@pytest.mark.filterwarnings("ignore:Using padding='same'")
@each("seed", range(CASES))
@each("name", OPTIONS)
def test_a_layer_is_pytorchs_for_random_options_or_both_refuse(name, seed):
    args, kwargs, shape = OPTIONS[name](random.Random(seed))
    weights = {} if "Pool" in name else {"rng": seed}

    def ours(dtype):
        return getattr(nn, name)(*args, **kwargs, **weights,
                                 **({"dtype": dtype} if weights else {}))

    def theirs():
        return getattr(torch.nn, name)(*args, **kwargs)
    try:
        theirs()(torch.zeros(shape))
    except (RuntimeError, ValueError):
        with pytest.raises(ValueError, match="needed"):
            ours(np.float32)(np.zeros(shape, np.float32))
        return
    assert failures(ours, theirs, normal(shape)) == []


@pytest.mark.parametrize("stride", [1, 2, 3])
def test_max_pooling_gives_ties_to_the_first_as_pytorch(stride):
    def make(rng):
        return [rng.integers(0, 3, (3, 2, 7, 8)).astype(np.float64)]
    assert failures(lambda dtype: nn.MaxPool2d(3, stride, 1),
                    lambda: torch.nn.MaxPool2d(3, stride, 1), make) == []


def test_max_pooling_passes_nan_and_its_gradient():
    x = np.arange(16.0).reshape(1, 1, 4, 4)
    x[0, 0, 2, 0] = np.nan
    ours, theirs = mg.tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    y, other = nn.max_pool2d(ours, 2), torch.nn.functional.max_pool2d(theirs, 2)
    np.sum(np.where(np.isnan(y.numpy()), y, 2*y)).backward(retain_graph=True)
    torch.where(torch.isnan(other), other, 2*other).sum().backward()
    assert np.array_equal(y.numpy(), other.detach().numpy(), equal_nan=True)
    assert np.array_equal(ours.grad, theirs.grad.numpy())


def test_what_pooling_has_not_chosen_is_no_indeterminate_form():
    x = mg.tensor(np.array([[[0.0, 4.0, 9.0, 1.0]]]), requires_grad=True)
    np.sum(nn.max_pool1d(np.sqrt(x), 2)).backward()             # no warning at 0
    assert x.grad.tolist() == [[[0, 0.25, 1/6, 0]]]
    with pytest.warns(RuntimeWarning, match="met an infinite slope"):
        np.sum(nn.avg_pool1d(np.sqrt(x)**2, 2)).backward()


@pytest.mark.parametrize("name, options", [
    ("conv1d", {"stride": 2, "padding": 1, "dilation": 2, "groups": 2}),
    ("conv2d", {"stride": (2, 1), "padding": (1, 2), "groups": 2}),
    ("conv_transpose2d", {"stride": 2, "padding": 1, "output_padding": 1, "groups": 2})])
def test_a_function_is_pytorchs_with_and_without_bias(name, options):
    rng = np.random.default_rng(0)
    space = (5,) if name == "conv1d" else (5, 4)
    x, weight = rng.standard_normal((3, 4, *space)), rng.standard_normal(
        (4, 2) + (3,)*len(space))
    theirs = getattr(torch.nn.functional, name)
    for bias in (None, rng.standard_normal(4)):
        tensors = [None if a is None else torch.tensor(a) for a in (x, weight, bias)]
        expected = theirs(*tensors, **options).numpy()
        assert np.allclose(getattr(nn, name)(x, weight, bias, **options), expected,
                           rtol=0, atol=1e-12*np.abs(expected).max())


@pytest.mark.parametrize("function, shapes", [
    (lambda x, w, b: nn.conv2d(x, w, b, 2, 1, 1, 2), [(1, 2, 4, 3), (2, 1, 3, 2), (2,)]),
    (lambda x, w, b: nn.conv1d(x, w, b, padding="same", dilation=2),
     [(2, 2, 7), (3, 2, 2), (3,)]),
    (lambda x, w, b: nn.conv_transpose2d(x, w, b, 2, 1, 1),
     [(2, 2, 2, 3), (2, 1, 3, 3), (1,)]),
    (lambda x: nn.max_pool2d(x, 2, 1, 1), [(2, 2, 3, 4)]),
    (lambda x: nn.avg_pool2d(x, 3, 2, 1, True, False), [(1, 2, 3, 4)]),
    (lambda x: nn.adaptive_avg_pool2d(x, (2, 3)), [(2, 2, 3, 5)])])
def test_gradients_are_differences_to_second_order(function, shapes):
    rng = np.random.default_rng(0)
    mg.check_grads(lambda *args: np.sin(function(*args)),
                   [rng.standard_normal(shape) for shape in shapes], order=2)


def test_transposed_convolution_is_the_adjoint_of_convolution():
    rng = np.random.default_rng(0)
    x, weight = rng.standard_normal((2, 4, 9, 8)), rng.standard_normal((6, 2, 3, 3))
    options = {"stride": 2, "padding": 1, "groups": 2}
    y = nn.conv2d(x, weight, **options)
    g = rng.standard_normal(y.shape)
    back = nn.conv_transpose2d(g, weight, output_padding=(0, 1), **options)
    assert abs(np.vdot(y, g) - np.vdot(x, back)) < 1e-12*np.abs(y*g).sum()


def test_on_symbols_a_convolution_is_its_formula():
    x, weight = mg.symbols("x", (1, 1, 3, 3)), mg.symbols("w", (1, 1, 2, 2))
    y = nn.conv2d(x, weight)
    for i, j in np.ndindex(2, 2):
        by_hand = np.sum(x[0, 0, i:i + 2, j:j + 2]*weight[0, 0])
        assert (y[0, 0, i, j] - by_hand).expr.expand() == 0
    back = nn.conv_transpose2d(x, weight)[0, 0, 1, 1] - sum(
        x[0, 0, 1 - i, 1 - j]*weight[0, 0, i, j] for i, j in np.ndindex(2, 2))
    assert back.expr.expand() == 0


# --- the comparison objects to what is wrong --------------------------------------------
def conv_pair():
    return (lambda dtype: nn.Conv2d(2, 4, 3, stride=2, padding=1, groups=2, rng=0,
                                    dtype=dtype),
            lambda: torch.nn.Conv2d(2, 4, 3, stride=2, padding=1, groups=2))


def turned_bias(layer, y, bias, channels, groups):
    return y + np.reshape(np.flip(bias), (groups, channels//groups, 1))


@pytest.mark.parametrize("owner, name, wrong", [
    (VJPS, sliding.windows, (lambda g, y, x, kernel, stride, dilation: sliding.overlap_add(
        np.flip(g, 1), np.shape(x)[1:-1], stride, dilation),)),
    (VJPS, sliding.windows, (lambda g, y, x, kernel, stride, dilation: 1.000001
                             * sliding.overlap_add(g, np.shape(x)[1:-1], stride,
                                                   dilation),)),
    (vars(convolution), "with_bias", turned_bias)])
def test_a_planted_error_in_convolution_is_caught(monkeypatch, owner, name, wrong):
    ours, theirs = conv_pair()
    assert failures(ours, theirs, normal((2, 2, 5, 6)), draws=1) == []
    monkeypatch.setitem(owner, name, wrong)
    assert failures(ours, theirs, normal((2, 2, 5, 6)), draws=1)


def test_a_tie_given_to_the_last_is_caught(monkeypatch):
    def make(rng):
        return [rng.integers(0, 2, (2, 1, 4, 4)).astype(np.float64)]
    monkeypatch.setitem(VJPS, ties.first_max, (lambda g, y, x: np.flip(
        ties.first_max_vjp(g, y, np.flip(x, 1)), 1),))
    assert failures(lambda dtype: nn.MaxPool2d(2), lambda: torch.nn.MaxPool2d(2), make)


def test_a_result_of_too_few_digits_is_caught(monkeypatch):
    def coarse(x, kernel, stride, dilation):
        out = sliding.windows(x, kernel, stride, dilation)
        return out + 1e-6*out if out.dtype == np.float32 else out
    monkeypatch.setattr(convolution, "windows", coarse)
    ours, theirs = conv_pair()
    said = failures(ours, theirs, normal((2, 2, 5, 6)))
    assert said and all("float64" not in text for text in said)
    assert beside_torch.ROOM == 4


# --- what does not fit ------------------------------------------------------------------
IMAGES = np.zeros((2, 3, 8, 8), np.float32)


@each("program, error, says", [
    (lambda: nn.Conv2d(3, 4, 3)(IMAGES[0, 0]), ValueError,
     "input has shape (8, 8), 2 axes; needed (n, 3, height, width) or (3, height, width)"),
    (lambda: nn.Conv2d(4, 4, 3)(IMAGES), ValueError, "3 channels; needed 4"),
    (lambda: nn.Conv2d(8, 4, 3)(IMAGES), ValueError, "np.moveaxis(x, -1, -3)"),
    (lambda: nn.Conv2d(3, 4, 9)(IMAGES), ValueError, "the kernel reaches over (9, 9)"),
    (lambda: nn.Conv2d(3, 4, 3, dilation=4)(IMAGES), ValueError,
     "more padding or a smaller"),
    (lambda: nn.Conv2d(3, 4, 3, groups=2), ValueError,
     "groups is 2, which does not divide"),
    (lambda: nn.Conv2d(4, 3, 3, groups=2), ValueError, "the 3 output channels"),
    (lambda: nn.Conv2d(0, 3, 3), ValueError, "in_channels is 0; needed a whole number"),
    (lambda: nn.Conv2d(3, 3, 0), ValueError, "kernel_size is 0; needed"),
    (lambda: nn.Conv2d(3, 3, (1, 2, 3)), ValueError, "a whole number, or 2 of them"),
    (lambda: nn.Conv2d(3, 3, 3, stride=0), ValueError, "stride is 0"),
    (lambda: nn.Conv2d(3, 3, 3, padding=-1), ValueError, "padding is -1"),
    (lambda: nn.Conv2d(3, 3, 3, 2, "same"), ValueError, "'same' with stride (2, 2)"),
    (lambda: nn.Conv2d(3, 3, 3, padding="full"), ValueError, "'full'; needed numbers"),
    (lambda: nn.Conv2d(3, 3, 3, padding_mode="mirror"), ValueError, "'mirror'; needed one"),
    (lambda: nn.Conv2d(3, 4, 3)(IMAGES.astype(np.float64)), TypeError,
     "x.astype(np.float32)"),
    (lambda: nn.Conv1d(3, 4, 3)(IMAGES), ValueError, "(n, 3, length)"),
    (lambda: nn.conv2d(IMAGES, np.zeros((3, 4), np.float32)), ValueError,
     "weight has shape"),
    (lambda: nn.conv2d(IMAGES, np.zeros((4, 3, 3, 3), np.float32), np.zeros(3)), ValueError,
     "bias has shape (3,); needed (4,)"),
    (lambda: nn.ConvTranspose2d(3, 4, 3, output_padding=1)(IMAGES), ValueError,
     "output_padding is 1; needed less than the stride or the dilation, 1"),
    (lambda: nn.ConvTranspose2d(3, 4, 1, padding=4)(IMAGES), ValueError, "less padding"),
    (lambda: nn.ConvTranspose2d(3, 4, 1, padding="same"), ValueError, "in numbers"),
    (lambda: nn.ConvTranspose2d(5, 4, 1)(IMAGES), ValueError, "3 channels; needed 5"),
    (lambda: nn.MaxPool2d(2)(IMAGES[0, 0]), ValueError,
     "needed (n, channels, height, width)"),
    (lambda: nn.MaxPool2d(9)(IMAGES), ValueError, "the kernel reaches over (9, 9)"),
    (lambda: nn.MaxPool2d(2, padding=2)(IMAGES), ValueError, "at most half of the kernel"),
    (lambda: nn.MaxPool2d(2, return_indices=True), ValueError, "leave it out"),
    (lambda: nn.AvgPool2d(2, divisor_override=0)(IMAGES), ValueError,
     "divisor_override is 0"),
    (lambda: nn.AdaptiveAvgPool2d((2, 0))(IMAGES), ValueError, "output_size is (2, 0)"),
    (lambda: nn.Conv2d(3, 4, 3, device="cpu"), TypeError, "there is one device")])
def test_what_does_not_fit_is_refused_with_what_was_needed(program, error, says):
    with pytest.raises(error) as caught:
        program()
    assert says in str(caught.value)


def test_weights_start_in_pytorchs_distributions():
    for ours, theirs in [(nn.Conv2d(8, 64, 5, groups=2, rng=0),
                          torch.nn.Conv2d(8, 64, 5, groups=2)),
                         (nn.Conv1d(16, 64, 9, rng=0), torch.nn.Conv1d(16, 64, 9)),
                         (nn.ConvTranspose2d(64, 8, 5, rng=0),
                          torch.nn.ConvTranspose2d(64, 8, 5))]:
        for p, q in zip(ours.parameters(), theirs.parameters(), strict=True):
            bound = 1/np.sqrt(np.prod(ours.weight.shape[1:]))
            a, b = np.abs(p.numpy()), np.abs(q.detach().numpy())
            assert a.max() <= bound*(1 + 1e-6) and b.max() <= bound*(1 + 1e-6)
            assert a.max() > 0.7*bound
        spread = ours.weight.numpy().std()/theirs.weight.detach().numpy().std()
        assert abs(spread - 1) < 0.05
