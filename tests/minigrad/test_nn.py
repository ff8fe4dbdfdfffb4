"""Networks compute what their formulas say, and so do their gradients.

One tolerance: 1e-12, for float64 sums of at most some hundred terms of size 1 taken in
another order. Central differences with h = 1e-6 are good to 1e-7: h**2 of truncation, and
1e-16/h of rounding.
"""
import math

import mpmath
import numpy as np
import pytest

import minigrad as mg
from minigrad import nn
from minigrad.tape import VJPS

EXACT, H, CENTRAL = 1e-12, 1e-6, 1e-7


# --- gradients -----------------------------------------------------------------------
def network(dtype=np.float64):
    """5-7-6-3 with tanh and ReLU, and a batch of 8."""
    rng = np.random.default_rng(1)
    model = nn.Sequential(nn.Linear(5, 7, rng=rng, dtype=dtype), nn.Tanh(),
                          nn.Linear(7, 6, rng=rng, dtype=dtype), nn.ReLU(),
                          nn.Linear(6, 3, rng=rng, dtype=dtype))
    return model, rng.standard_normal((8, 5)).astype(dtype), rng.integers(0, 3, 8)


def gradients(model, x, labels):
    model.zero_grad()
    nn.cross_entropy(model(x), labels).backward()
    return {name: p.grad for name, p in model.named_parameters()}


def by_hand(p, x, labels):
    """The same gradients, layer by layer, from arrays p[name]."""
    n = len(x)
    h1 = np.tanh(x @ p["0.weight"].T + p["0.bias"])
    a2 = h1 @ p["2.weight"].T + p["2.bias"]
    h2 = np.maximum(a2, 0)
    z = h2 @ p["4.weight"].T + p["4.bias"]
    e = np.exp(z - z.max(axis=1, keepdims=True))
    d3 = e/e.sum(axis=1, keepdims=True)
    d3[np.arange(n), labels] -= 1
    d3 /= n
    d2 = (d3 @ p["4.weight"])*(a2 > 0)
    d1 = (d2 @ p["2.weight"])*(1 - h1**2)
    return {"0.weight": d1.T @ x, "0.bias": d1.sum(0), "2.weight": d2.T @ h1,
            "2.bias": d2.sum(0), "4.weight": d3.T @ h2, "4.bias": d3.sum(0)}


def central(model, x, labels):
    """The same gradients by (f(p + h) - f(p - h))/2h, entry by entry."""
    found = {}
    for name, p in model.named_parameters():
        found[name] = np.zeros(p.shape)
        for i in np.ndindex(p.shape):
            values = []
            for sign in (1, -1):
                with mg.no_grad():
                    p[i] = p._data[i] + sign*H
                    values.append(nn.cross_entropy(model(x), labels).item())
                    p[i] = p._data[i] - sign*H
            found[name][i] = (values[0] - values[1])/(2*H)
    return found


def difference(a, b):
    assert a.keys() == b.keys()
    return max(np.max(np.abs(a[name] - b[name])) for name in a)


def test_gradients_of_a_network_are_those_of_a_backward_pass_by_hand():
    model, x, labels = network()
    assert difference(gradients(model, x, labels),
                      by_hand(model.state_dict(), x, labels)) < EXACT


def test_gradients_of_a_network_are_its_central_differences_away_from_kinks():
    model, x, labels = network()
    relu_inputs = model[:3](x).numpy()
    assert np.abs(relu_inputs).min() > 100*H and 0.2 < np.mean(relu_inputs > 0) < 0.8
    assert difference(gradients(model, x, labels), central(model, x, labels)) < CENTRAL


@pytest.mark.parametrize("planted", ["scale", "sign of one entry", "mask", "shift by 1e-6"])
def test_a_planted_wrong_gradient_is_caught_by_both_comparisons(planted):
    model, x, labels = network()
    right = by_hand(model.state_dict(), x, labels)
    wrong = {name: g.copy() for name, g in right.items()}
    if planted == "scale":
        wrong["0.bias"] *= len(x)
    elif planted == "sign of one entry":
        largest = np.abs(wrong["2.weight"]).argmax()
        wrong["2.weight"].flat[largest] *= -1
    elif planted == "mask":
        wrong["2.weight"][:] = 0
    else:
        wrong["4.weight"] += 1e-6
    assert difference(wrong, gradients(model, x, labels)) > EXACT
    assert difference(wrong, central(model, x, labels)) > CENTRAL


def test_a_wrong_derivative_planted_in_the_engine_is_caught(monkeypatch):
    model, x, labels = network()
    monkeypatch.setitem(VJPS, np.tanh, (lambda g, y, x: g*(1 - y),))
    assert difference(gradients(model, x, labels),
                      by_hand(model.state_dict(), x, labels)) > 1e-3


def test_relu_has_value_and_slope_0_at_0():
    x = mg.tensor([-1., -0., 0., 2.], requires_grad=True)
    y = nn.ReLU()(x)
    np.sum(y).backward()
    assert y.numpy().tolist() == [0, 0, 0, 2] and x.grad.tolist() == [0, 0, 0, 1]


# --- losses --------------------------------------------------------------------------
@pytest.mark.parametrize("logits, label, loss", [
    ([0.0]*10, 3, math.log(10)), ([0.0, math.log(3)], 1, math.log(4/3)),
    ([1000.0, 0.0], 0, 0.0), ([1000.0, 0.0], 1, 1000.0), ([-1000.0]*4, 0, math.log(4)),
    ([0.0, -math.inf], 0, 0.0), ([5.0], 0, 0.0)])
def test_cross_entropy_has_its_closed_forms(logits, label, loss):
    found = nn.cross_entropy(mg.tensor([logits], requires_grad=True), np.array([label]))
    assert found.shape == () and math.isclose(found.item(), loss, rel_tol=EXACT)


def test_cross_entropy_is_its_textbook_form_in_fifty_digits():
    rng = np.random.default_rng(2)
    z, labels = 30*rng.standard_normal((6, 4)), rng.integers(0, 4, 6)
    with mpmath.workdps(50):
        exact = mpmath.fsum(mpmath.log(mpmath.fsum(mpmath.exp(v) for v in row)) - row[label]
                            for row, label in zip(z, labels, strict=True))/6
    assert abs(nn.cross_entropy(mg.tensor(z), labels).item() - float(exact)) < EXACT
    assert abs(float(nn.cross_entropy(z, labels)) - float(exact)) < EXACT     # plain arrays


def test_cross_entropy_and_its_gradient_do_not_see_a_shift_and_stay_finite():
    z, labels = np.random.default_rng(3).standard_normal((6, 4)), np.arange(6) % 4
    results = []
    for shift in (0, 2.0**40, -2.0**40):
        rounded = mg.tensor((z + shift) - shift + shift, requires_grad=True)
        loss = nn.cross_entropy(rounded, labels)
        loss.backward()
        assert np.isfinite(rounded.grad).all()
        assert np.abs(rounded.grad.sum(axis=1)).max() < EXACT
        results.append(loss.item())
    assert np.ptp(results) < 1e-3                               # 2**40 rounds z to 2**-12


def test_cross_entropy_has_a_second_derivative():
    z, labels = np.array([[0.3, -1.0, 2.0]]), np.array([2])
    p = np.exp(z[0])/np.exp(z[0]).sum()
    found = mg.hessian(lambda z: nn.cross_entropy(z, labels))(z).reshape(3, 3)
    assert np.abs(found - (np.diag(p) - np.outer(p, p))).max() < EXACT


def test_labels_may_have_any_integer_dtype_or_be_a_list_or_a_tensor():
    z = np.random.default_rng(4).standard_normal((3, 4))
    expected = nn.cross_entropy(z, np.array([0, 3, 1]))
    for labels in ([0, 3, 1], np.array([0, 3, 1], np.uint8), np.array([0, 3, 1], np.int8),
                   mg.tensor([0, 3, 1])):
        assert nn.cross_entropy(z, labels) == expected


@pytest.mark.parametrize("shape, labels, error, complaint", [
    ((2, 3), [0, 3], ValueError, "label 3; needed 0 to 2, as the logits have 3 columns"),
    ((2, 3), [-1, 0], ValueError, "label -1; needed 0 to 2"),
    ((2, 3), np.array([0, -1], np.int8), ValueError, "label -1; needed 0 to 2"),
    ((2, 3), [0.0, 1.0], TypeError, "labels are float64; needed integers: np.asarray"),
    ((2, 3), [True, False], TypeError, "labels are bool; needed integers"),
    ((2, 3), [[0], [1]], ValueError, r"labels \(2, 1\); needed \(n, classes\) and \(n,\)"),
    ((2, 3), [0], ValueError, r"labels \(1,\); needed"),
    ((3,), [0, 1, 2], ValueError, r"shape \(3,\) and labels \(3,\); needed"),
    ((0, 3), [], ValueError, "needed at least one example"),
    ((2, 0), [0, 0], ValueError, "needed at least one example and one class")])
def test_cross_entropy_refuses_what_would_be_silently_wrong(shape, labels, error,
                                                            complaint):
    with pytest.raises(error, match="cross_entropy: .*" + complaint):
        nn.cross_entropy(mg.tensor(np.zeros(shape), requires_grad=True), labels)


def test_cross_entropy_does_not_see_labels_written_before_backward():
    z, labels = mg.tensor([[1.0, 2.0]], requires_grad=True), np.array([0])
    loss = nn.cross_entropy(z, labels)
    labels[0] = 1
    loss.backward()
    assert z.grad[0, 0] < 0 < z.grad[0, 1]


def test_mse_loss_is_the_mean_square_and_has_its_gradient():
    a, b = mg.tensor([[1.0, 2.0], [3.0, 5.0]], requires_grad=True), np.ones((2, 2))
    loss = nn.mse_loss(a, b)
    loss.backward()
    assert loss.item() == (0 + 1 + 4 + 16)/4
    assert a.grad.tolist() == [[0, 0.5], [1, 2]]


@pytest.mark.parametrize("a, b, error, complaint", [
    (np.zeros((3, 1)), np.zeros(3), ValueError, r"shapes \(3, 1\) and \(3,\) differ"),
    (np.zeros((3, 2)), np.zeros((1, 2)), ValueError, "differ and are not broadcast"),
    (np.zeros(3), 0.0, ValueError, "differ"),
    (np.zeros(0), np.zeros(0), ValueError, "no entries"),
    (np.zeros(3, np.float32), np.zeros(3), TypeError, "target.astype.np.float32"),
    (np.zeros(2), [0.0], ValueError, r"shapes \(2,\) and \(1,\) differ")])
def test_mse_loss_refuses_what_numpy_would_broadcast_or_promote(a, b, error, complaint):
    with pytest.raises(error, match="mse_loss: .*" + complaint):
        nn.mse_loss(mg.tensor(a, requires_grad=True), b)


# --- modules -------------------------------------------------------------------------
def test_linear_is_x_times_weight_transposed_plus_bias():
    layer = nn.Linear(3, 2, rng=0, dtype=np.float64)
    x = np.random.default_rng(0).standard_normal((4, 3))
    expected = np.array([[sum(x[i, k]*layer.weight.numpy()[j, k] for k in range(3))
                          + layer.bias.numpy()[j] for j in range(2)] for i in range(4)])
    assert np.abs(layer(x).numpy() - expected).max() < EXACT
    assert np.abs(layer(x[0]).numpy() - expected[0]).max() < EXACT
    bare = nn.Linear(3, 2, bias=False, dtype=np.float64)
    assert bare.bias is None and [name for name, _ in bare.named_parameters()] == ["weight"]
    assert np.array_equal(bare(x).numpy(), x @ bare.weight.numpy().T)


def test_linear_starts_uniform_within_one_over_root_of_its_inputs():
    layer = nn.Linear(100, 400, rng=0)
    for parameter in (layer.weight, layer.bias):
        values = parameter.numpy()
        assert parameter.requires_grad and values.dtype == np.float32
        assert np.abs(values).max() <= np.float32(0.1) and np.abs(values).max() > 0.099
        # U(-b, b) has variance b**2/3; of its sample variance the deviation is known
        tolerance = 5*0.1**2*math.sqrt((1/5 - 1/9)/values.size)
        assert abs(np.mean(values.astype(float)**2) - 0.1**2/3) < tolerance
    assert layer.weight.shape == (400, 100) and layer.bias.shape == (400,)


def test_equal_seeds_give_equal_layers_and_a_generator_moves_on():
    def weights(rng):
        return nn.Linear(3, 2, rng=rng).weight.numpy().tolist()

    assert weights(7) == weights(np.random.default_rng(7)) != weights(8)
    rng = np.random.default_rng(7)
    assert weights(rng) != weights(rng)
    assert weights(None) != weights(None)


@pytest.mark.parametrize("x, error, complaint", [
    (np.zeros((2, 4), np.float32), ValueError, r"shape \(2, 4\); needed \(n, 3\) or"),
    (np.float32(1), ValueError, r"shape \(\); needed"),
    (np.zeros((2, 3)), TypeError,
     r"is float64, parameters are float32; .*x.astype\(np.float32\), or Linear\(.*float64"),
    (np.zeros((2, 3), np.int64), TypeError, r"is int64, .*x.astype\(np.float32\)$"),
    ([[1.0, 2.0]], ValueError, r"shape \(1, 2\); needed \(n, 3\) or"),
    ([[1.0, 2.0, 3.0], [4.0]], ValueError, "x: list is no array of one shape"),
    ([[object()]*3], TypeError, "x: list holds no numbers")])
def test_linear_refuses_another_width_or_dtype_with_the_cure(x, error, complaint):
    with pytest.raises(error, match=r"Linear\(in_features=3, .*" + complaint):
        nn.Linear(3, 2)(x)


def test_linear_refuses_to_be_empty():
    for sizes in (0, 2), (2, -1), (2.0, 3), ("a", 3), (3, None):
        with pytest.raises((ValueError, TypeError), match="_features is .*; needed a"):
            nn.Linear(*sizes)
    assert nn.Linear(np.int64(3), np.int32(2)).weight.shape == (2, 3)


class Tangled(nn.Module):
    """Parameters in every place that is searched, one of them shared."""

    def __init__(self):
        self.first = nn.Linear(2, 2, rng=0)
        self.again = self.first
        self.tied = nn.Linear(2, 2, rng=1)
        self.tied.weight = self.first.weight
        self.blocks = [nn.Linear(2, 1, bias=False, rng=2),
                       {"deep": (nn.Tanh(), self.first)}]
        self.scale = mg.tensor([2.0], requires_grad=True)
        self.myself = self
        self.note, self.table = "no parameter", np.zeros(3)

    def forward(self, x):
        self.hidden = self.tied(self.first(x))              # a result is no parameter
        return self.hidden


def test_parameters_are_found_in_attributes_and_containers_each_once():
    model = Tangled()
    model(np.ones((1, 2), np.float32))
    assert [name for name, _ in model.named_parameters()] == [
        "first.weight", "first.bias", "tied.bias", "blocks.0.weight", "scale"]
    assert model.parameters() == [p for _, p in model.named_parameters()]
    model.scale.requires_grad = False
    assert "scale" in model.state_dict()                    # frozen, not forgotten


def test_a_tied_parameter_gets_the_gradients_of_both_its_uses():
    shared, x = Tangled(), np.ones((1, 2), np.float32)
    np.sum(shared(x)).backward()
    apart = Tangled()
    apart.tied.weight = mg.tensor(apart.first.weight.numpy(), requires_grad=True)
    np.sum(apart(x)).backward()
    assert np.allclose(shared.first.weight.grad,
                       apart.first.weight.grad + apart.tied.weight.grad, rtol=1e-6)


def test_zero_grad_forgets_the_gradients():
    model, x, labels = network()
    gradients(model, x, labels)
    model.zero_grad()
    assert [p.grad for p in model.parameters()] == [None]*6


def test_a_state_dict_is_a_copy_and_loading_it_restores_the_function():
    model, x, _ = network()
    before, state = model(x).numpy(), model.state_dict()
    with mg.no_grad():
        for p in model.parameters():
            p[...] = p.numpy() + 1
    assert not np.array_equal(model(x).numpy(), before)
    model.load_state_dict(state)
    assert np.array_equal(model(x).numpy(), before)
    state["0.weight"][...] = 9                              # neither end is shared
    assert np.array_equal(model(x).numpy(), before)


@pytest.mark.parametrize("change, error, complaint", [
    ({"4.bias": None}, KeyError, "missing .'4.bias'., unexpected"),
    ({"5.bias": np.zeros(3)}, KeyError, "unexpected .'5.bias'."),
    ({"4.bias": np.zeros((3, 1))}, ValueError, r"4.bias has shape \(3, 1\); needed \(3,\)"),
    ({"4.bias": np.zeros(3, complex)}, TypeError, "4.bias is complex128; needed numbers"),
    ({"4.bias": np.array(["a", "b", "c"])}, TypeError, "4.bias is <U1"),
    ({"4.bias": np.full(3, 1e300)}, ValueError, "4.bias has numbers too large for")])
def test_a_wrong_state_is_refused_before_anything_is_written(change, error, complaint):
    model, _, _ = network(np.float32)
    before = model.state_dict()
    state = {name: value + 1 for name, value in before.items()} | change
    state = {name: value for name, value in state.items() if value is not None}
    with pytest.raises(error, match="load_state_dict: .*" + complaint):
        model.load_state_dict(state)
    assert all(np.array_equal(value, before[name])
               for name, value in model.state_dict().items())


def test_loading_counts_as_a_write_so_a_graph_from_before_is_refused():
    model, x, labels = network()
    loss = nn.cross_entropy(model(x), labels)
    model.load_state_dict(model.state_dict())
    with pytest.raises(RuntimeError, match="written"):
        loss.backward()


def test_a_sequential_has_a_length_and_indices_and_takes_functions():
    layer = nn.Linear(2, 2, rng=0)
    model = nn.Sequential(layer, np.exp, nn.ReLU())
    assert len(model) == 3 and model[0] is layer and model[-1] is model[2]
    assert isinstance(model[:2], nn.Sequential) and model[:2][0] is layer
    x = np.ones((1, 2), np.float32)
    assert np.array_equal(model(x).numpy(), np.exp(layer(x).numpy()))


def test_modules_print_as_trees():
    assert repr(nn.Sequential(nn.Sequential(nn.ReLU()))) == (
        "Sequential(\n  (0): Sequential(\n    (0): ReLU()\n  )\n)")
    assert repr(nn.Linear(3, 2, bias=False)) == (
        "Linear(in_features=3, out_features=2, bias=False)")


def test_a_module_without_forward_says_so():
    class Bare(nn.Module):
        pass

    with pytest.raises(NotImplementedError, match="Bare has no method forward; write def"):
        Bare()(1)


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_no_float64_appears_in_a_narrower_network(dtype):
    model, x, labels = network(dtype)
    seen = []
    for layer in model:
        x = layer(x)
        seen.append(x)
    loss = nn.cross_entropy(x, labels)
    square = nn.mse_loss(x, np.zeros(x.shape, dtype))
    seen += [loss, square, nn.cross_entropy(x.numpy(), labels)]
    (loss + square).backward()
    seen += [p.grad for p in model.parameters()]
    assert len(seen) == 5 + 3 + 6 and {v.dtype for v in seen} == {np.dtype(dtype)}


# --- initialisers --------------------------------------------------------------------
@pytest.mark.parametrize("make, variance, kurtosis", [
    (nn.he_normal, lambda i, o: 2/i, 3), (nn.he_uniform, lambda i, o: 2/i, 9/5),
    (nn.glorot_normal, lambda i, o: 2/(i + o), 3),
    (nn.glorot_uniform, lambda i, o: 2/(i + o), 9/5)])
@pytest.mark.parametrize("shape, fan_in, fan_out", [((300, 200), 200, 300),
                                                    ((20, 30, 5, 4), 600, 400)])
def test_an_initialiser_has_the_variance_of_its_paper(make, variance, kurtosis, shape,
                                                      fan_in, fan_out):
    values, expected = make(shape, 0), variance(fan_in, fan_out)
    assert values.shape == shape and values.dtype == np.float32
    n = values.size
    assert abs(np.mean(values, dtype=float)) < 5*math.sqrt(expected/n)
    second = np.mean(values.astype(float)**2)/expected
    assert abs(second - 1) < 5*math.sqrt((kurtosis - 1)/n)
    fourth = np.mean(values.astype(float)**4)/expected**2       # tells normal from uniform
    assert abs(fourth - kurtosis) < 0.3
    assert np.array_equal(values, make(shape, np.random.default_rng(0)))
    assert make(shape, 0, dtype=np.float16).dtype == np.float16


@pytest.mark.parametrize("shape", [(3,), (), (0, 3)])
def test_an_initialiser_refuses_a_shape_without_fans(shape):
    with pytest.raises(ValueError, match="initialiser: shape is .*; needed .out, in."):
        nn.he_normal(shape)


def test_relu_keeps_nan_and_has_slope_0_at_0():
    y = nn.ReLU()(mg.tensor([np.nan, -1., 0., 2.]))
    np.testing.assert_array_equal(y.numpy(), [np.nan, 0, 0, 2])
    assert mg.grad(lambda x: nn.ReLU()(x))(0.0) == 0


# --- hints, followed -----------------------------------------------------------------
X = np.array([[1., 2., 3.], [4., 5., 6.]])


@pytest.mark.parametrize("x, cures", [
    (X, ["x.astype(np.float32)", "Linear(3, 2, dtype=np.float64)"]),
    (mg.tensor(X), ["x.astype(np.float32)", "Linear(3, 2, dtype=np.float64)"]),
    (X.astype(np.float16), ["x.astype(np.float32)", "Linear(3, 2, dtype=np.float16)"]),
    (X.astype(int), ["x.astype(np.float32)"]), (X > 2, ["x.astype(np.float32)"]),
    (mg.tensor([[1, 2, 3]]), ["x.astype(np.float32)"]),
    (X.T.astype(np.float32), ["x.T"]),
    (np.ones((2, 3, 1), np.float32), ["x.reshape(len(x), -1)"])])
def test_a_layer_takes_what_its_error_asked_for(x, cures):
    layer = nn.Linear(3, 2, rng=0)
    with pytest.raises((TypeError, ValueError)) as error:
        layer(x)
    names = {"x": x, "np": np, "Linear": nn.Linear}
    for cure in cures:
        assert cure in str(error.value)
        made = eval(cure, names)
        out = made(x) if isinstance(made, nn.Linear) else layer(made)
        assert out.shape[-1] == 2 and out.dtype.kind == "f"
    others = {"x.astype", "Linear(3, 2, dtype"} - {cure.split("=")[0].split("(np")[0]
                                                   for cure in cures}
    assert not [other for other in others if other in str(error.value)]


def test_a_layer_of_one_input_takes_a_vector_as_a_column():
    layer = nn.Linear(1, 2)
    x = np.ones(5, np.float32)
    with pytest.raises(ValueError, match=r"needed .n, 1. or .1,.: x.reshape\(-1, 1\)$"):
        layer(x)
    assert layer(x.reshape(-1, 1)).shape == (5, 2)


def test_lists_and_other_libraries_arrays_go_into_layers_and_losses():
    import torch
    layer, x = nn.Linear(3, 2, rng=0), X.astype(np.float32)
    expected = layer(x).numpy()
    for same in X.tolist(), X.astype(int).tolist(), [*x], torch.tensor(x), (*x,):
        assert np.array_equal(layer(same).numpy(), expected)
    with pytest.raises(TypeError, match="input is float64.*x.astype"):
        layer([*X])                                     # arrays of float64, not numbers
    with pytest.raises(TypeError, match=r"np.stack"):
        layer([layer(x)[0]])
    loss = nn.mse_loss(layer(x), [[0, 1], [2, 3]])
    assert loss.dtype == np.float32
    assert loss == nn.mse_loss(layer(x), np.array([[0, 1], [2, 3]], np.float32))
    assert nn.mse_loss([1, 2], [1, 4]) == 2 == nn.mse_loss([1., 2.], np.array([1., 4.]))
    assert nn.cross_entropy([[0., 0.]], [0]) == math.log(2)
    assert nn.ReLU()([-1., 2.]).tolist() == [0, 2] and nn.Tanh()([0.]).tolist() == [0]
    for use in layer, nn.ReLU(), nn.Tanh(), lambda x: nn.mse_loss(x, [1.]):
        for nothing in None, "text":
            with pytest.raises(TypeError, match="holds no numbers; needed an array"):
                use(nothing)
    with pytest.raises(TypeError, match="x: list holds no numbers"):
        layer([["1", "2", "3"]])
    assert nn.cross_entropy(layer(x), torch.tensor([0, 1])) == nn.cross_entropy(
        layer(x), [0, 1])


@pytest.mark.parametrize("logits, labels, error, cure", [
    (X, [[0], [1]], ValueError, "np.ravel(labels)"),
    (X, np.array([[0, 1]]), ValueError, "np.ravel(labels)"),
    (X, np.eye(3, dtype=int)[:2], ValueError, "np.argmax(labels, axis=1)"),
    (X, [0., 1.], TypeError, "np.asarray(labels, np.int64)"),
    (X, [True, False], TypeError, "np.asarray(labels, np.int64)"),
    (X, mg.tensor([0., 1.]), TypeError, "np.asarray(labels, np.int64)"),
    (X, np.array(["dog", "cat"]), TypeError, "np.unique(labels, return_inverse=True)[1]"),
    (X, np.array([1, 3]), ValueError, "labels - 1"),
    (X[0], 1, ValueError, "np.atleast_2d(logits), np.ravel(labels)"),
    (np.stack([X, X]), np.array([[0, 1], [1, 0]]), ValueError,
     "logits.reshape(-1, 3), np.ravel(labels)")])
def test_cross_entropy_takes_what_its_error_asked_for(logits, labels, error, cure):
    with pytest.raises(error, match="cross_entropy: ") as raised:
        nn.cross_entropy(mg.tensor(logits), labels)
    assert cure in str(raised.value)
    made = eval(cure, {"np": np, "logits": logits, "labels": labels})
    pair = made if isinstance(made, tuple) else (logits, made)
    assert 0 < nn.cross_entropy(*pair) < 5


def test_cross_entropy_takes_probabilities_and_names_another_loss_for_numbers():
    shares = np.array([[0.5, 0.5, 0], [0, 0, 1.]])
    found = nn.cross_entropy(X, shares)
    by_hand = [(nn.cross_entropy(X[:1], [k]) + 0)*shares[0, k] for k in range(3)]
    assert abs(found - (sum(by_hand) + nn.cross_entropy(X[1:], [2]))/2) < EXACT
    with pytest.raises(TypeError, match="nn.mse_loss for targets that are no classes"):
        nn.cross_entropy(X, np.array([0.3, 1.7]))
    with pytest.raises(ValueError, match="label 1; .*: two classes need two columns"):
        nn.cross_entropy(X[:, :1], [0, 1])
    for logits, labels, cure in ([0, 1], X, "the logits first"), (
            np.argmax(X, axis=1), [0, 1], "without np.argmax"):
        with pytest.raises(ValueError, match=cure):
            nn.cross_entropy(np.array(logits), labels)
    with pytest.raises(ValueError, match="label 7; needed 0 to 2, .* columns$"):
        nn.cross_entropy(X, [1, 7])


@pytest.mark.parametrize("a, b, cure", [
    (X, X.ravel(), "np.reshape(target, (2, 3))"),
    (X[:, :1], X[:, 0], "np.reshape(target, (2, 1))"),
    (X[0], X[:1], "np.reshape(target, (3,))"), (X, 0.0, "np.broadcast_to(target, (2, 3))"),
    (X.astype(np.float32), X, "target.astype(np.float32)"),
    (X, X.astype(int), "target.astype(np.float64)"),
    (X.astype(int), X, "input.astype(np.float64)")])
def test_mse_loss_takes_what_its_error_asked_for(a, b, cure):
    with pytest.raises((TypeError, ValueError), match="mse_loss: ") as error:
        nn.mse_loss(mg.tensor(a), b)
    assert cure in str(error.value)
    names = {"np": np, "input": a, "target": b}
    pair = names | {cure.split(".")[0] if "astype" in cure else "target": eval(cure, names)}
    assert np.isfinite(nn.mse_loss(pair["input"], pair["target"]))


@pytest.mark.parametrize("make", [
    lambda dtype: nn.Linear(3, 2, dtype=dtype),
    lambda dtype: nn.he_normal((3, 2), 0, dtype),
    lambda dtype: nn.glorot_uniform((3, 2), 0, dtype)])
@pytest.mark.parametrize("dtype", [np.int64, int, bool, complex])
def test_weights_of_whole_numbers_are_refused(make, dtype):
    with pytest.raises(TypeError, match="only floats are trained: dtype=np.float32"):
        make(dtype)
    assert make(np.float32) is not None


# --- a parameter is replaced by a parameter, or not at all -----------------------------
def layer_and_weight():
    model = nn.Sequential(nn.Linear(3, 2, rng=0), nn.ReLU())
    return model, model[0], mg.tensor(np.ones((2, 3), np.float32), requires_grad=True)


VANISHING = {
    "ndarray": lambda layer, new: np.zeros((2, 3), np.float32), "None": lambda *_: None,
    "list": lambda *_: [[0.]*3]*2, "number": lambda *_: 0.0,
    "no gradient": lambda layer, new: mg.tensor(new.numpy()),
    "another shape": lambda *_: mg.tensor(np.ones((3, 2), np.float32), requires_grad=True),
    "another dtype": lambda *_: mg.tensor(np.ones((2, 3)), requires_grad=True),
    "a result": lambda layer, new: layer.weight*2, "a module": lambda *_: nn.ReLU(),
    "a list of it": lambda layer, new: [new], "detached": lambda layer, new: new.detach()}


@pytest.mark.parametrize("kind", VANISHING)
def test_what_would_make_a_parameter_vanish_is_refused_with_the_two_ways_to_write(kind):
    model, layer, new = layer_and_weight()
    before, old = model.state_dict(), layer.weight
    with pytest.raises(TypeError, match="Linear.weight is a parameter, Tensor float32 .2, "
                       r"3., and would be lost: came .*no_grad.*p\[...\] = values.*load_"):
        layer.weight = VANISHING[kind](layer, new)
    assert layer.weight is old and model.parameters()[0] is old
    with mg.no_grad():
        model[0].weight[...] = np.zeros((2, 3))                             # as it says
    assert not model[0].weight.numpy().any() and before["0.weight"].any()
    model.load_state_dict(before)
    layer.weight = new                                                      # and so
    assert model.parameters()[0] is new


def test_deleting_a_parameter_is_refused_and_deleting_anything_else_is_not():
    model, layer, _ = layer_and_weight()
    with pytest.raises(TypeError, match="Linear.weight is a parameter.*came NoneType"):
        del layer.weight
    layer.note = 1
    del layer.note
    with pytest.raises(AttributeError):
        del layer.nosuch
    assert len(model.parameters()) == 2


def test_parameters_in_lists_and_dicts_are_kept_as_well():
    class Listed(nn.Module):
        def __init__(self):
            self.weights = [mg.tensor([float(i)], requires_grad=True) for i in range(2)]
            self.named = {"a": mg.tensor([1.], requires_grad=True)}
    model = Listed()
    for wrong in ([], model.weights[:1], [np.zeros(1)]*2, None, {"0": 1}):
        with pytest.raises(TypeError, match=r"Listed.weights.[01] is a parameter"):
            model.weights = wrong
    with pytest.raises(TypeError, match="Listed.named.a is a parameter"):
        model.named = {"b": model.named["a"]}
    model.weights = [*model.weights, mg.tensor([2.], requires_grad=True)]   # one more
    assert len(model.parameters()) == 4


def test_what_is_no_parameter_is_assigned_freely():
    class Free(nn.Module):
        def __init__(self):
            self.weight = mg.tensor([1.], requires_grad=True)
            self.state, self.count = mg.tensor([0.]), 0

        def forward(self, x):
            self.hidden = self.weight*x                     # a result each time
            self.state = mg.tensor(np.zeros(len(self.state) + 1))
            self.count += 1
            return self.hidden
    model = Free()
    for _ in range(3):
        model(2.0)
    model.hidden = None
    model.state = model.weight*2
    assert model.count == 3 and model.parameters() == [model.weight]
    bare = nn.Linear(2, 2, bias=None)
    bare.bias = mg.tensor(np.zeros(2, np.float32), requires_grad=True)
    assert len(bare.parameters()) == 2
    bare.bias.requires_grad = False                         # frozen, and still kept
    with pytest.raises(TypeError, match="Linear.bias is a parameter"):
        bare.bias = np.zeros(2, np.float32)


def test_a_module_is_replaced_by_a_module_or_a_function():
    class Two(nn.Module):
        def __init__(self):
            self.first, self.parts = nn.Linear(2, 2), [nn.Linear(2, 1), nn.ReLU()]
    model = Two()
    for wrong in np.zeros(2), mg.tensor([1.], requires_grad=True), 3:
        with pytest.raises(TypeError, match="Two.first is a module, .* came .*; needed a"):
            model.first = wrong
    model.first = nn.Linear(2, 5)
    model.parts = [nn.Linear(2, 3), np.tanh, nn.ReLU()]
    assert [p.shape for p in model.parameters()] == [(5, 2), (5,), (3, 2), (3,)]
    model.first = None
    assert len(model.parameters()) == 2


def test_a_sequential_takes_modules_by_index_append_and_delete():
    model, layer, _ = layer_and_weight()
    other = nn.Linear(3, 2)
    model[0] = other
    assert model[0] is other and model.parameters()[0] is other.weight
    model.append(nn.Linear(2, 4))
    model.insert(1, np.tanh)
    assert model(np.ones((5, 3), np.float32)).shape == (5, 4) and len(model) == 4
    del model[1]
    model[1:] = [nn.Tanh(), nn.Linear(2, 1)]
    model.layers.append(nn.ReLU())                          # a plain list
    assert [type(m).__name__ for m in model] == ["Linear", "Tanh", "Linear", "ReLU"]
    assert model(np.ones((5, 3), np.float32)).shape == (5, 1)


@pytest.mark.parametrize("wrong, cure", [
    (np.zeros(3), "came a ndarray; needed modules or functions"), (None, "came a NoneType"),
    (nn.ReLU, r"came the class ReLU; needed one of it: ReLU\(\)"),
    ([nn.ReLU()], r"came a list; needed .*Sequential\(\*layers\)"),
    ({"act": nn.ReLU()}, r"came a dict; needed .*Sequential\(\*layers.values\(\)\)")])
def test_a_sequential_refuses_what_is_no_module(wrong, cure):
    model = nn.Sequential(nn.Linear(3, 2))
    for put in (lambda: nn.Sequential(nn.Linear(3, 2), wrong), lambda: model.append(wrong),
                lambda: model.__setitem__(0, wrong), lambda: model.insert(0, wrong),
                lambda: model.__setitem__(slice(0, 1), [wrong])):
        with pytest.raises(TypeError, match="Sequential: " + cure):
            put()
    assert len(model) == 1 and len(model.parameters()) == 2


def test_pytorchs_state_is_loaded_and_gives_pytorchs_outputs():
    import torch
    theirs = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(),
                                 torch.nn.Linear(4, 2))
    ours = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))
    ours.load_state_dict(theirs.state_dict())
    x = X.astype(np.float32)
    with torch.no_grad():
        expected = theirs(torch.tensor(x)).numpy()
    assert np.abs(ours(x).numpy() - expected).max() < 1e-6                  # float32


@pytest.mark.parametrize("state", ["model.npz", None, [1, 2], 3])
def test_a_state_that_is_no_dict_is_refused_with_what_is(state, tmp_path):
    model, _, _ = layer_and_weight()
    with pytest.raises(TypeError, match=r"came \w+; needed a dict .*np.load\(path\)"):
        model.load_state_dict(state)
    np.savez(tmp_path/"model.npz", **model.state_dict())
    model.load_state_dict(np.load(tmp_path/"model.npz"))


def test_the_functions_of_pytorchs_functional_are_here():
    assert abs(np.sum(nn.softmax(X, axis=1)) - 2) < EXACT
    assert np.abs(nn.log_softmax(X, axis=0) - np.log(nn.softmax(X, axis=0))).max() < EXACT
    assert np.abs(nn.logsumexp(X, axis=1) - np.log(np.exp(X).sum(1))).max() < EXACT


def test_linear_and_relu_are_bit_for_bit_what_they_say():
    """In float32 also the gradients: products of numbers whose order is the same."""
    rng = np.random.default_rng(0)
    layer = nn.Linear(7, 5, rng=rng)
    for shape in ((7,), (3, 7), (2, 3, 7)):
        x = mg.tensor(rng.standard_normal(shape, np.float32), requires_grad=True)
        found, gradients = [], []
        for y in (nn.ReLU()(layer(x)), np.where(
                (plain := x @ layer.weight.T + layer.bias) <= 0, 0, plain)):
            found.append(y.numpy())
            weights = np.cos(np.arange(y.size, dtype=np.float32)).reshape(y.shape)
            np.sum(y*weights).backward()
            gradients.append([p.grad for p in (x, layer.weight, layer.bias)])
            x.grad = layer.weight.grad = layer.bias.grad = None
        assert found[0].tobytes() == found[1].tobytes()
        for ours, theirs in zip(*gradients):
            assert ours.dtype == np.float32 and np.array_equal(ours, theirs)
    assert np.signbit(nn.ReLU()(np.array([-0.0, -1.0]))).tolist() == [False, False]
