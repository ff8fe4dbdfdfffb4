"""Activations, normalisation, embedding, dropout and their like are PyTorch's.

Tolerances are those of beside_torch.py. Normalisation over one or two entries is left out
there: its gradient is a difference that cancels to rounding, in PyTorch as here.
"""
import math

import mpmath
import numpy as np
import pytest

import minigrad as mg
from minigrad import nn
from minigrad.nn import activations, batch_normalization, normalization
from minigrad.primitives import VJPS, moments

from ..cases import each
from .beside_torch import failures, torch


def normal(*shape, scale=3):
    return lambda rng: [scale*rng.standard_normal(shape)]


def beside(name, kwargs, make, *args, typed=False, prepare=lambda model: model):
    """What of a layer is too far off; typed: whether it has parameters of a dtype."""
    return failures(
        lambda dtype: getattr(nn, name)(
            *args, **kwargs, **{"dtype": dtype} if typed else {}),
        lambda: getattr(torch.nn, name)(*args, **kwargs), make, prepare=prepare)


# --- activations ------------------------------------------------------------------------
ACTIVATIONS = [
    ("ReLU", {}), ("LeakyReLU", {}), ("LeakyReLU", {"negative_slope": 0.3}), ("Tanh", {}),
    ("GELU", {}), ("GELU", {"approximate": "tanh"}), ("SiLU", {}), ("Sigmoid", {}),
    ("ELU", {}), ("ELU", {"alpha": 2.5}), ("Softplus", {}),
    ("Softplus", {"beta": 3.0, "threshold": 5.0}), ("Hardtanh", {}), ("ReLU6", {}),
    ("Hardtanh", {"min_val": -2.0, "max_val": 0.5}), ("Softmax", {"dim": 1}),
    ("Softmax", {"dim": -1}), ("LogSoftmax", {"dim": 0}), ("LogSoftmax", {}),
    ("Softmax", {})]


@pytest.mark.filterwarnings("ignore:Implicit dimension choice")
@each("scale", [1, 20])
@each("name, kwargs", ACTIVATIONS)
def test_an_activation_is_pytorchs(name, kwargs, scale):
    for shape in ((6, 5), (2, 3, 4), (3, 2, 2, 2)):
        assert beside(name, kwargs, normal(*shape, scale=scale)) == []


@pytest.mark.parametrize("name, kwargs, kinks", [
    ("ReLU", {}, [0]), ("LeakyReLU", {}, [0]), ("ELU", {"alpha": 2.0}, [0]),
    ("Hardtanh", {}, [-1, 1]), ("ReLU6", {}, [0, 6]),
    ("Softplus", {"threshold": 2.0}, [2])])
def test_at_a_kink_the_slope_is_pytorchs(name, kwargs, kinks):
    points = np.array([*kinks, -0.0, 9.0, -9.0])
    assert beside(name, kwargs, lambda rng: [points]) == []


EXACT = {
    "sigmoid": (nn.sigmoid, lambda x: 1/(1 + mpmath.exp(-x))),
    "silu": (nn.silu, lambda x: x/(1 + mpmath.exp(-x))),
    "gelu": (nn.gelu, lambda x: x*mpmath.erfc(-x/mpmath.sqrt(2))/2),
    "gelu tanh": (lambda x: nn.gelu(x, "tanh"), lambda x: x*(1 + mpmath.tanh(
        mpmath.sqrt(2/mpmath.pi)*(x + mpmath.mpf("0.044715")*x**3)))/2),
    "elu": (nn.elu, lambda x: x if x > 0 else mpmath.expm1(x)),
    "softplus": (nn.softplus, lambda x: mpmath.log1p(mpmath.exp(x)) if x <= 20 else x)}
POINTS = {np.float32: [-80, -12, -5, -1.5, -0.01, 1e-6, 0.3, 2, 15, 80],
          np.float64: [-600, -30, -12, -1.5, -1e-9, 0.3, 2, 15, 600]}
# Units in the last place per unit of |x|: an exponential of x multiplies the rounding of
# its argument by |x|, that of the tanh form by |x|^3.
ROOM = {"gelu": lambda x: 8 + x*x, "gelu tanh": lambda x: 8 + 2*abs(x)**3}


@pytest.mark.parametrize("dtype", POINTS)
@pytest.mark.parametrize("name", EXACT)
def test_an_activation_keeps_its_digits_in_the_tails_and_so_does_its_slope(name, dtype):
    ours, exact = EXACT[name]
    x = mg.tensor(np.array(POINTS[dtype], dtype), requires_grad=True)
    y = ours(x)
    np.sum(y).backward()
    for at, found, slope in zip(x.tolist(), y.tolist(), x.grad.tolist(), strict=True):
        with mpmath.workdps(60):
            value = mpmath.mpf(at)
            truths = exact(value), mpmath.diff(exact, value, h=mpmath.mpf(10)**-25)
        for got, truth in zip((found, slope), truths, strict=True):
            if abs(truth) > np.finfo(dtype).tiny:
                room = ROOM.get(name, lambda x: 8)(at)*np.finfo(dtype).eps
                assert abs(got - float(truth)) <= room*abs(float(truth)), (at, got, truth)


def test_an_activation_that_cancels_in_the_tail_is_caught(monkeypatch):
    monkeypatch.setitem(EXACT, "gelu", (
        lambda x: x*(1 + mg.primitives.special.erf(x*math.sqrt(0.5)))/2, EXACT["gelu"][1]))
    with pytest.raises(AssertionError):
        test_an_activation_keeps_its_digits_in_the_tails_and_so_does_its_slope(
            "gelu", np.float64)


def test_a_wrong_slope_at_a_kink_is_caught(monkeypatch):
    monkeypatch.setattr(activations.Hardtanh, "function", staticmethod(
        lambda x, min_val, max_val: np.clip(x, min_val, max_val)))
    assert beside("Hardtanh", {}, lambda rng: [np.array([-1.0, 0.0, 1.0])])


@pytest.mark.parametrize("function", [
    nn.sigmoid, nn.silu, nn.gelu, lambda x: nn.gelu(x, "tanh"), nn.elu, nn.softplus,
    lambda x: nn.leaky_relu(x, 0.2), lambda x: nn.hardtanh(x, -0.7, 0.8), nn.relu6,
    lambda x: nn.softplus(x, 2.0)])
def test_an_activation_is_its_differences_to_second_order(function):
    x = np.array([[-3.1, -0.6, 0.4], [0.9, 2.2, 5.1]])
    mg.check_grads(lambda x: np.sin(function(x)), (x,), order=2)


def test_functions_refuse_options_that_have_no_meaning():
    for program, says in [(lambda: nn.gelu(1.0, "fast"), "'none' or 'tanh'"),
                          (lambda: nn.hardtanh(1.0, 2.0, 1.0), "needed min_val < max_val"),
                          (lambda: nn.dropout(1.0, 1.5), "needed a probability")]:
        with pytest.raises(ValueError, match=says):
            program()
    with pytest.raises(TypeError, match="results are new arrays"):
        nn.ReLU(inplace=True)
    with pytest.raises(TypeError, match="results are new arrays"):
        nn.GELU(inplace=True)


# --- normalisation ----------------------------------------------------------------------
BATCH = [("BatchNorm2d", (4, 3, 5, 6)), ("BatchNorm1d", (7, 3)), ("BatchNorm1d", (3, 3, 9))]


@each("mode", ["train", "eval"])
@each("kwargs", [
    {}, {"affine": False}, {"momentum": None}, {"track_running_stats": False},
    {"eps": 1e-2, "momentum": 0.4}])
@each("name, shape", BATCH)
def test_batch_normalisation_and_its_buffers_are_pytorchs(name, shape, kwargs, mode):
    assert beside(name, kwargs, normal(*shape), 3, typed=True,
                  prepare=lambda model: getattr(model, mode)()) == []


@pytest.mark.parametrize("momentum", [0.1, None])
def test_running_moments_of_several_batches_are_pytorchs_and_serve_in_use(momentum):
    rng = np.random.default_rng(0)
    ours = nn.BatchNorm2d(3, momentum=momentum, dtype=np.float64)
    theirs = torch.nn.BatchNorm2d(3, momentum=momentum).double()
    for n in (5, 2, 7):
        x = 2 + 3*rng.standard_normal((n, 3, 4, 2))
        ours(x), theirs(torch.tensor(x))
    for name, b in theirs.named_buffers():
        assert np.allclose(ours.state_dict()[name], b.numpy(), rtol=1e-12, atol=0)
    assert ours.state_dict()["num_batches_tracked"] == 3
    before = ours.state_dict()
    y, z = ours.eval()(x), theirs.eval()(torch.tensor(x))
    assert np.allclose(y.numpy(), z.detach().numpy(), rtol=0, atol=1e-12)
    assert all((before[name] == b).all() for name, b in ours.state_dict().items())


@pytest.mark.parametrize("shape", [5, (5,), (4, 5)])
@pytest.mark.parametrize("name, kwargs", [
    ("LayerNorm", {}), ("LayerNorm", {"elementwise_affine": False}),
    ("LayerNorm", {"bias": False, "eps": 1e-3}), ("RMSNorm", {}),
    ("RMSNorm", {"elementwise_affine": False}), ("RMSNorm", {"eps": 1e-3})])
def test_normalisation_over_the_last_axes_is_pytorchs(name, kwargs, shape):
    assert beside(name, kwargs, normal(3, 4, 5), shape, typed=True) == []


@pytest.mark.parametrize("groups, kwargs, shape", [
    (1, {}, (3, 4, 5, 6)), (2, {}, (3, 4, 5, 6)), (4, {}, (3, 4, 5, 6)), (2, {}, (3, 8)),
    (2, {"affine": False}, (3, 4, 7)), (1, {"eps": 1e-2}, (3, 4))])
def test_group_normalisation_is_pytorchs(groups, kwargs, shape):
    assert beside("GroupNorm", kwargs, normal(*shape), groups, shape[1],
                  typed=True) == []


@pytest.mark.parametrize("model, shape", [
    (nn.BatchNorm1d(2, dtype=np.float64), (5, 2)),
    (nn.LayerNorm(4, dtype=np.float64), (2, 4)), (nn.RMSNorm(4, dtype=np.float64), (2, 4)),
    (nn.GroupNorm(2, 4, dtype=np.float64), (2, 4, 2))])
def test_normalisation_is_its_differences_to_second_order(model, shape):
    x = np.random.default_rng(0).standard_normal(shape)
    mg.check_grads(lambda x: np.sin(model(x)), (x,), order=2)


@pytest.mark.parametrize("wrong", [
    lambda x, axis, eps: (x - moments.mean(x, axis))/(
        np.sqrt(moments.variance(x, axis)) + eps),
    lambda x, axis, eps: x - moments.mean(x, axis)])
def test_a_planted_error_in_normalisation_is_caught(monkeypatch, wrong):
    monkeypatch.setattr(normalization, "standardized", wrong)
    assert beside("LayerNorm", {}, normal(3, 5), 5, typed=True)


@pytest.mark.parametrize("wrong", [
    lambda g, y, x, axis, eps: (g - moments.mean(g, axis))/np.sqrt(
        moments.variance(x, axis) + eps),
    lambda g, y, x, axis, eps: 1.000001*moments.standardized_vjp(g, y, x, axis, eps)])
def test_a_planted_error_in_its_derivative_is_caught(monkeypatch, wrong):
    monkeypatch.setitem(VJPS, moments.standardized, (wrong,))
    for layer, args in ("LayerNorm", (5,)), ("GroupNorm", (1, 5)), ("BatchNorm1d", (5,)):
        assert beside(layer, {}, normal(4, 5), *args, typed=True)


def test_a_biased_running_variance_is_caught(monkeypatch):
    remember = batch_normalization.BatchNorm._remember
    monkeypatch.setattr(batch_normalization.BatchNorm, "_remember",
                        lambda self, centre, spread, n: remember(
                            self, centre, spread*((n - 1)/n), n))
    assert beside("BatchNorm1d", {}, normal(7, 3), 3, typed=True)


# --- embedding, bilinear, shapes --------------------------------------------------------
@pytest.mark.parametrize("padding", [None, 2, -1])
@pytest.mark.parametrize("shape", [(4, 6), (5,), (), (2, 1, 3), (0,)])
def test_embedding_is_pytorchs(padding, shape):
    assert failures(
        lambda dtype: nn.Embedding(7, 3, padding, rng=0, dtype=dtype),
        lambda: torch.nn.Embedding(7, 3, padding),
        lambda rng: [rng.integers(0, 7, shape)]) == []


def test_the_padding_row_starts_at_0_and_training_leaves_it_there():
    layer = nn.Embedding(5, 2, padding_idx=1, rng=0)
    indices = np.array([[0, 1], [1, 4]])
    np.sum(np.square(layer(indices) - 3)).backward()
    weight = layer.weight
    assert not weight.numpy()[1].any() and not weight.grad[1].any()
    assert weight.grad[[0, 4]].all()


def test_bilinear_is_pytorchs():
    def make(*lead):
        return lambda rng: [rng.standard_normal((*lead, n)) for n in (3, 4)]
    for bias in (True, False):
        for lead in ((5,), (2, 5), ()):
            assert failures(lambda dtype: nn.Bilinear(3, 4, 2, bias, rng=0, dtype=dtype),
                            lambda: torch.nn.Bilinear(3, 4, 2, bias), make(*lead)) == []


@pytest.mark.parametrize("name, args, shape", [
    ("Flatten", (), (2, 3, 4, 5)), ("Flatten", (0, -2), (2, 3, 4)), ("Flatten", (), (3, 2)),
    ("Unflatten", (1, (2, -1)), (3, 6, 2)), ("Unflatten", (-1, (2, 3)), (3, 6)),
    ("Identity", (), (2, 3)), ("Identity", (54, 3), (2, 3))])
def test_layers_that_move_nothing_are_pytorchs(name, args, shape):
    assert beside(name, {}, normal(*shape), *args) == []


# --- dropout ----------------------------------------------------------------------------
def test_dropout_drops_a_share_p_and_keeps_the_mean():
    x = np.ones((400, 500), np.float32)
    for p in (0.1, 0.5, 0.8):
        y = nn.Dropout(p, rng=0)(x)
        spread = math.sqrt(p*(1 - p)/x.size)
        assert abs(np.mean(y == 0) - p) < 4*spread and y.dtype == np.float32
        assert np.allclose(y[y != 0], 1/(1 - p), rtol=1e-6)
    assert not nn.Dropout(1.0)(x).any() and (nn.Dropout(0.0)(x) == x).all()


def test_dropout_draws_anew_and_not_at_all_in_use_and_passes_the_gradient_of_what_is_kept():
    layer, x = nn.Dropout(0.5, rng=0), mg.tensor(np.ones(64), requires_grad=True)
    first, second = layer(x), layer(x)
    assert (first.numpy() != second.numpy()).any()
    np.sum(first).backward()
    assert np.array_equal(x.grad, first.numpy())
    assert layer.eval()(x) is x
    again = nn.Dropout(0.5, rng=0)
    assert np.array_equal(again(x).numpy(), first.numpy())


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_results_gradients_and_buffers_keep_the_dtype(dtype):
    rng = np.random.default_rng(0)
    x = mg.tensor(rng.standard_normal((2, 4, 6, 6)).astype(dtype), requires_grad=True)
    typed = [nn.Conv2d(4, 4, 3, groups=2, rng=0, dtype=dtype), nn.LayerNorm(6, dtype=dtype),
             nn.ConvTranspose2d(4, 4, 3, stride=2, rng=0, dtype=dtype),
             nn.BatchNorm2d(4, dtype=dtype), nn.BatchNorm2d(4, momentum=None, dtype=dtype),
             nn.BatchNorm2d(4, dtype=dtype).eval(), nn.GroupNorm(2, 4, dtype=dtype),
             nn.RMSNorm(6, dtype=dtype)]
    plain = [nn.MaxPool2d(3, 2, 1), nn.AvgPool2d(3, 2, 1, True, False), nn.AvgPool2d(2),
             nn.AdaptiveAvgPool2d(4), nn.Dropout(0.3, rng=0), nn.Softmax(1), nn.Flatten(),
             nn.LogSoftmax(1)]
    plain += [getattr(nn, name)(**kwargs) for name, kwargs in ACTIVATIONS]
    for layer in typed + plain:
        x.grad = None
        y = layer(x)
        np.sum(y).backward()
        assert y.dtype == x.grad.dtype == dtype, layer
        assert all(p.grad.dtype == dtype for p in layer.parameters()), layer
        assert all(b.dtype in (dtype, np.int64) for b in layer.buffers()), layer


def test_a_batch_of_no_examples_passes_through_every_layer():
    for layer in (nn.Conv2d(4, 6, 3, rng=0), nn.ConvTranspose2d(4, 6, 3, 2, 1, rng=0),
                  nn.MaxPool2d(3, 1, 1), nn.AvgPool2d(2), nn.AdaptiveAvgPool2d(2),
                  nn.BatchNorm2d(4).eval(), nn.LayerNorm(6), nn.GroupNorm(2, 4),
                  nn.RMSNorm(6), nn.Dropout(rng=0), nn.Flatten(), nn.GELU(), nn.Softmax(1)):
        x = mg.tensor(np.zeros((0, 4, 6, 6), np.float32), requires_grad=True)
        y = layer(x)
        np.sum(y).backward()
        assert y.shape[0] == 0 and x.grad.shape == x.shape
        assert all(not p.grad.any() for p in layer.parameters())


# --- what does not fit ------------------------------------------------------------------
X = np.zeros((4, 3), np.float32)


@each("program, error, says", [
    (lambda: nn.BatchNorm1d(3)(X[:1]), ValueError,
     "two or more in training: a larger batch"),
    (lambda: nn.BatchNorm1d(3, track_running_stats=False).eval()(X[:1]), ValueError,
     "1 entries for each channel"),
    (lambda: nn.BatchNorm1d(4)(X), ValueError, "needed (n, 4) or (n, 4, length)"),
    (lambda: nn.BatchNorm2d(3)(X), ValueError, "needed (n, 3, height, width)"),
    (lambda: nn.BatchNorm1d(3)(X.astype(np.float64)), TypeError,
     "x.astype(np.float32), or BatchNorm1d(3, dtype=np.float64)"),
    (lambda: nn.LayerNorm(4)(X), ValueError, "needed (..., 4)"),
    (lambda: nn.LayerNorm((4, 3))(X[:2]), ValueError, "needed (..., 4, 3)"),
    (lambda: nn.LayerNorm(0), ValueError, "normalized_shape[0] is 0"),
    (lambda: nn.RMSNorm(3)(X.astype(np.float64)), TypeError,
     "RMSNorm((3,), dtype=np.float64)"),
    (lambda: nn.GroupNorm(2, 3), ValueError, "does not divide num_channels, 3"),
    (lambda: nn.GroupNorm(3, 3)(X[:, :2]), ValueError, "needed (n, 3, ...)"),
    (lambda: nn.Embedding(3, 2)(np.array([0, 3])), IndexError, "index 3; needed 0 to 2"),
    (lambda: nn.Embedding(3, 2)(np.array([0, -1])), IndexError,
     "none is counted from the end"),
    (lambda: nn.Embedding(3, 2)(np.array([0.0])), TypeError,
     "np.asarray(indices, np.int64)"),
    (lambda: nn.Embedding(3, 2, padding_idx=3), ValueError,
     "padding_idx is 3; needed -3 to 2"),
    (lambda: nn.Embedding(3, 2.0), TypeError,
     "embedding_dim is 2.0; needed a whole number"),
    (lambda: nn.Bilinear(3, 2, 1)(X, X), ValueError, "needed (..., 3) and (..., 2)"),
    (lambda: nn.Dropout(-0.1), ValueError, "p is -0.1; needed a probability"),
    (lambda: nn.Flatten(2)(X), ValueError, "needed an axis 2 and -1"),
    (lambda: nn.Unflatten(1, (2, 2))(X), ValueError, "as many entries as (2, 2) has"),
    (lambda: nn.Unflatten(2, (2, 2))(X), ValueError, "needed an axis 2")])
def test_what_does_not_fit_is_refused_with_what_was_needed(program, error, says):
    with pytest.raises(error) as caught:
        program()
    assert says in str(caught.value)


def test_weights_start_in_pytorchs_distributions():
    rows = nn.Embedding(300, 200, rng=0).weight.numpy()
    assert abs(rows.mean()) < 0.02 and abs(rows.std() - 1) < 0.02
    layer = nn.Bilinear(16, 40, 50, rng=0)
    assert 0.24 < np.abs(layer.weight.numpy()).max() <= 0.25
    assert abs(layer.weight.numpy().std()*math.sqrt(3) - 0.25) < 0.01
