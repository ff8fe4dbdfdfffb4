"""Recurrent layers and attention are PyTorch's in values and gradients, and compile."""
import numpy as np
import pytest
import torch

import minigrad as mg
from minigrad import nn

from .against_torch import compared, compared_modules, replays

KINDS = "RNN", "LSTM", "GRU"


def layers(kind, seed, dropout=0.0):
    """Makers of ours and theirs with random options, and the arrays that they take."""
    rng = np.random.default_rng([seed, len(kind)])
    inputs, hidden, steps, n = rng.integers(1, 6, 4)
    options = {"num_layers": int(rng.integers(1, 4)), "bias": bool(rng.integers(2)),
               "batch_first": bool(rng.integers(2)), "bidirectional": seed % 2 == 1}
    if kind == "RNN":
        options["nonlinearity"] = ["tanh", "relu"][seed//2 % 2]
    directions = options["num_layers"]*(2 if options["bidirectional"] else 1)
    alone, starts = seed % 5 == 4, seed % 3 > 0
    shape = (steps, inputs) if alone else (
        (n, steps, inputs) if options["batch_first"] else (steps, n, inputs))
    state = (directions, hidden) if alone else (directions, n, hidden)
    arrays = [rng.standard_normal(shape)]
    arrays += [rng.standard_normal(state)]*starts
    arrays += [rng.standard_normal(state)]*(starts and kind == "LSTM")
    sizes = int(inputs), int(hidden)
    return (lambda dtype: getattr(nn, kind)(*sizes, **options, dtype=dtype),
            lambda dtype: getattr(torch.nn, kind)(*sizes, **options, dtype=dtype), arrays)


def call(module, x, *states):
    return module(x, *[states[0] if len(states) == 1 else states][:len(states)])


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("kind", KINDS)
def test_a_recurrent_layer_is_pytorchs(kind, seed):
    assert compared_modules(*layers(kind, seed), call) == []


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("kind", ["RNNCell", "LSTMCell", "GRUCell"])
def test_a_cell_is_pytorchs(kind, seed):
    rng = np.random.default_rng(seed)
    inputs, hidden, n = map(int, rng.integers(1, 6, 3))
    options = {"bias": seed != 1} | ({"nonlinearity": "relu"} if (kind, seed) == (
        "RNNCell", 2) else {})
    rows = () if seed == 3 else (n,)
    arrays = [rng.standard_normal((*rows, inputs)), rng.standard_normal((*rows, hidden))]
    arrays += [rng.standard_normal((*rows, hidden))]*(kind == "LSTMCell")
    assert compared_modules(
        lambda dtype: getattr(nn, kind)(inputs, hidden, **options, dtype=dtype),
        lambda dtype: getattr(torch.nn, kind)(inputs, hidden, **options, dtype=dtype),
        arrays, call) == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_state_has_pytorchs_names_in_its_order(kind):
    ours, theirs, _ = layers(kind, 1)
    state = theirs(torch.float32).state_dict()
    assert [(k, v.shape) for k, v in ours(np.float32).state_dict().items()] == [
        (k, tuple(v.shape)) for k, v in state.items()]


@pytest.mark.parametrize("wrong", ["gate order", "the bias inside", "direction"])
def test_a_slip_in_a_layer_is_noticed(wrong, monkeypatch):
    from minigrad.nn import recurrent
    ours, theirs, arrays = layers("GRU", 3)
    right = recurrent.gru_steps
    if wrong == "the bias inside":
        monkeypatch.setattr(recurrent, "gru_steps", lambda gi, h, w, b: right(
            gi + b if b is not None else gi*1.001, h, w, None))
    elif wrong == "direction":
        monkeypatch.setattr(nn.GRU, "_suffixes", lambda self, layer: [
            f"_l{layer}_reverse", f"_l{layer}"])
    else:
        monkeypatch.setattr(recurrent, "gru_steps", lambda gi, h, w, b: right(
            np.roll(gi, h.shape[1], 1), h, w, b))
    assert compared_modules(ours, theirs, arrays, call)


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_through_the_steps_are_right_to_second_order(kind):
    rng, k = np.random.default_rng(0), {"RNN": 1, "LSTM": 4, "GRU": 3}[kind]
    layer = getattr(nn, kind)(2, 2, rng=0, dtype=np.float64)
    x, w = rng.standard_normal((3, 2, 2)), 0.5*rng.standard_normal((k*2, 2))

    def through(x, w, h):
        layer.weight_hh_l0._data[...] = 0       # so that w counts alone
        starts = (h, h/2) if kind == "LSTM" else (h,)
        from minigrad.nn import recurrence
        gi = np.reshape(x, (-1, 2)) @ np.tile(np.eye(2), (1, k))
        steps = {"RNN": recurrence.simple_steps, "LSTM": recurrence.lstm_steps,
                 "GRU": recurrence.gru_steps}[kind]
        more = {"RNN": ("tanh",), "LSTM": (), "GRU": (w[:, 0],)}[kind]
        return np.sum(steps(gi, *starts, w, *more)**2)
    mg.check_grads(through, [x, w, rng.standard_normal((2, 2))], order=2)


def test_what_the_vjps_of_one_call_share_is_computed_once_and_let_go():
    from minigrad.nn.recurrence import Once, gru_deltas
    calls = []
    shared = Once(lambda g, x: calls.append(1) or g*x)
    g, x = np.ones(2), np.array([2., 3.])
    assert shared(g, x) is shared(g, x) and len(calls) == 1
    assert shared(g, x + 1).tolist() == [3, 4] and shared(g.copy(), x).tolist() == [2, 3]
    assert len(calls) == 3 and type(shared(mg.tensor(g), x)) is mg.Tensor
    layer = nn.GRU(2, 3, rng=0)
    np.sum(layer(np.ones((4, 1, 2), np.float32))[0]).backward()
    assert not vars(gru_deltas.last)
    before = layer.weight_hh_l0.grad.copy()
    with mg.no_grad():
        layer.weight_hh_l0 *= 2
    layer.zero_grad()
    np.sum(layer(np.ones((4, 1, 2), np.float32))[0]).backward()
    assert (layer.weight_hh_l0.grad != before).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", KINDS)
def test_a_compiled_layer_has_the_same_bits(kind, dtype):
    ours, _, arrays = layers(kind, 5)
    layer = ours(dtype)
    assert replays(lambda *x: call(layer, *x), [a.astype(dtype) for a in arrays],
                   layer.parameters()) == []


def test_dropout_works_between_layers_in_training_alone():
    layer = nn.GRU(2, 8, num_layers=2, dropout=0.5, rng=0)
    x = np.ones((3, 4, 2), np.float32)
    first, second = layer(x)[0].numpy(), layer(x)[0].numpy()
    assert (first != second).any()
    layer.eval()
    assert (layer(x)[0].numpy() == layer(x)[0].numpy()).all()
    plain = nn.GRU(2, 8, num_layers=2, rng=1)
    plain.load_state_dict(layer.state_dict())
    assert (plain(x)[0].numpy() == layer(x)[0].numpy()).all()


@pytest.mark.parametrize("run, complaint", [
    (lambda: nn.GRU(2, 3)(np.ones((4, 1, 2))), "input is float64, parameters are float32"),
    (lambda: nn.GRU(2, 3)(np.ones((4, 1, 5), np.float32)), r"shape \(4, 1, 5\); needed"),
    (lambda: nn.GRU(2, 3)(np.ones((0, 1, 2), np.float32)), "none empty"),
    (lambda: nn.GRU(2, 3)(np.ones((4, 1, 2), np.float32), np.ones((1, 1, 4), np.float32)),
     r"hx came as float32 \(1, 1, 4\); needed 1 of float32 \(1, 1, 3\)"),
    (lambda: nn.LSTM(2, 3)(np.ones((4, 1, 2), np.float32), np.ones((1, 1, 3), np.float32)),
     r"needed 2 of float32 \(1, 1, 3\), \(h, c\)"),
    (lambda: nn.GRU(2, 0), "hidden_size is 0"),
    (lambda: nn.GRU(2, 3, 0), "num_layers is 0"),
    (lambda: nn.RNN(2, 3, nonlinearity="sin"), "needed 'tanh' or 'relu'"),
    (lambda: nn.GRU(2, 3, dropout=2), "dropout is 2")])
def test_what_does_not_fit_is_refused(run, complaint):
    with pytest.raises((TypeError, ValueError), match=complaint):
        run()


# --- attention ----------------------------------------------------------------------------
def attention(seed):
    rng = np.random.default_rng(seed)
    # Of one entry each, gradients are what is left of sums that cancel, also in PyTorch.
    heads, width, steps, keys, n = map(int, rng.integers([1, 2, 2, 2, 1], 5))
    options = {"bias": bool(seed % 3), "batch_first": bool(seed % 2)}
    alone = seed % 5 == 4
    shape = (lambda t: (t, heads*width)) if alone else (
        lambda t: (n, t, heads*width) if options["batch_first"] else (t, n, heads*width))
    arrays = [rng.standard_normal(shape(t)) for t in (steps, keys, keys)]
    masks = {}
    if seed % 4 in (1, 3):
        masks["attn_mask"] = rng.random((steps, keys)) < 0.3
        masks["attn_mask"][:, 0] = False
    if seed % 4 in (2, 3):
        masks["key_padding_mask"] = rng.random((keys,) if alone else (n, keys)) < 0.3
        masks["key_padding_mask"][..., 0] = False
    if seed == 5:
        masks["attn_mask"] = rng.standard_normal((n*heads, steps, keys))
    return (heads*width, heads), options, arrays, masks, {
        "average_attn_weights": seed % 3 > 0, "need_weights": seed % 7 != 6}


@pytest.mark.parametrize("seed", range(16))
def test_attention_of_several_heads_is_pytorchs(seed):
    sizes, options, arrays, masks, more = attention(seed)

    def run(module, *inputs):
        if isinstance(module, nn.Module):
            given = {k: v if v.dtype == bool else v.astype(inputs[0].dtype)
                     for k, v in masks.items()}
        else:
            given = {k: torch.tensor(v) if v.dtype == bool else
                     torch.tensor(v, dtype=inputs[0].dtype) for k, v in masks.items()}
        return module(*inputs, **given, **more)
    assert compared_modules(
        lambda dtype: nn.MultiheadAttention(*sizes, **options, dtype=dtype),
        lambda dtype: torch.nn.MultiheadAttention(*sizes, **options, dtype=dtype),
        arrays, run) == []


@pytest.mark.parametrize("seed", range(6))
def test_scaled_dot_product_attention_is_pytorchs(seed):
    rng = np.random.default_rng(seed)
    arrays = [rng.standard_normal((2, 3, t, e)) for t, e in ((4, 5), (6, 5), (6, 2))]
    mask = [None, rng.random((4, 6)) < 0.7, rng.standard_normal((3, 1, 6))][seed % 3]
    if mask is not None and mask.dtype == bool:
        mask[:, 0] = True
    options = {"is_causal": seed == 3, "scale": [None, 0.3][seed % 2]}

    def masked(x, wrap):
        return None if mask is None or seed == 3 else wrap(
            mask if mask.dtype == bool else mask.astype(str(x.dtype).split(".")[-1]))
    assert compared(
        lambda *x: nn.scaled_dot_product_attention(
            *x, attn_mask=masked(x[0], np.array), **options),
        lambda *x: torch.nn.functional.scaled_dot_product_attention(
            *x, attn_mask=masked(x[0], torch.tensor), **options), arrays) == []


@pytest.mark.parametrize("norm_first", [False, True])
@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_a_transformers_layer_is_pytorchs(norm_first, activation):
    options = {"norm_first": norm_first, "activation": activation, "dropout": 0.0,
               "batch_first": norm_first}
    assert compared_modules(
        lambda dtype: nn.TransformerEncoderLayer(8, 2, 12, **options, dtype=dtype),
        lambda dtype: torch.nn.TransformerEncoderLayer(8, 2, 12, **options, dtype=dtype),
        [np.random.default_rng(0).standard_normal((4, 3, 8))]) == []


def test_a_query_without_keys_gets_what_it_gets_in_pytorch():
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal((2, 4, 6)) for _ in range(3)]
    hidden = rng.random((4, 4)) < 0.3
    hidden[1] = True
    layer = nn.MultiheadAttention(6, 2, batch_first=True, dtype=np.float64)
    with np.errstate(invalid="ignore"):                 # its weights are 0/0
        assert np.isnan(layer(*arrays, attn_mask=hidden)[1].numpy()[:, 1]).all()

    def attention(functions, wrap):
        return lambda *x: functions.scaled_dot_product_attention(
            *x, attn_mask=wrap(~hidden))
    assert compared(attention(nn, np.array), attention(torch.nn.functional, torch.tensor),
                    arrays) == []
    assert compared_modules(
        lambda dtype: nn.MultiheadAttention(6, 2, batch_first=True, dtype=dtype),
        lambda dtype: torch.nn.MultiheadAttention(6, 2, batch_first=True, dtype=dtype),
        arrays, lambda module, *x: module(*x, need_weights=False, attn_mask=(
            hidden if isinstance(module, nn.Module) else torch.tensor(hidden)))) == []
    assert replays(lambda q, k, v: nn.scaled_dot_product_attention(
        q, k, v, attn_mask=~hidden), arrays) == []


def test_is_causal_alone_hides_what_comes_later():
    x = np.random.default_rng(0).standard_normal((2, 4, 6))
    layer = nn.MultiheadAttention(6, 2, batch_first=True, dtype=np.float64, rng=0)
    out, weights = layer(x, x, x, is_causal=True)
    assert (weights.numpy() == np.tril(weights.numpy())).all()
    later = x.copy()
    later[:, 3] += 1
    assert (layer(later, later, later, is_causal=True)[0].numpy()[:, :3]
            == out.numpy()[:, :3]).all()


def test_attention_is_right_to_second_order_and_compiles():
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal((2, t, 4)) for t in (2, 3, 3)]
    layer = nn.MultiheadAttention(4, 2, batch_first=True, dtype=np.float64, rng=0)
    hidden = np.array([[False, False, True], [False, False, False]])
    mg.check_grads(lambda *x: layer(*x, key_padding_mask=hidden)[0], arrays, order=2)
    mask = np.array([[True, False, False]]*2)
    assert replays(lambda *x: layer(*x, attn_mask=mask), arrays, layer.parameters()) == []
    block = nn.TransformerEncoderLayer(4, 2, 8, dropout=0.0, batch_first=True, rng=0)
    assert replays(lambda x: block(x, is_causal=True), [arrays[0].astype(np.float32)],
                   block.parameters()) == []


def test_a_compiled_block_draws_its_dropout_anew_and_the_same_as_eager():
    x = np.random.default_rng(0).standard_normal((2, 3, 4)).astype(np.float32)
    results = []
    for compiled in True, False:
        block = nn.TransformerEncoderLayer(4, 2, 8, dropout=0.5, rng=3)
        step = mg.compile(lambda x: block(x)) if compiled else block
        results.append([step(x).numpy() for _ in range(5)])
    assert (np.stack(results[0]) == np.stack(results[1])).all()
    assert (results[0][3] != results[0][4]).any()


@pytest.mark.parametrize("run, complaint", [
    (lambda x: nn.MultiheadAttention(4, 3), "a multiple of it"),
    (lambda x: nn.MultiheadAttention(4, 2)(x, x, x[..., :3]), "the last of 4"),
    (lambda x: nn.MultiheadAttention(4, 2)(x, x, x, attn_mask=np.ones((2, 2), bool)),
     r"^MultiheadAttention\(4, 2\): attn_mask has shape \(2, 2\);"
     r" needed \(3, 3\) or \(10, 3, 3\)"),
    (lambda x: nn.MultiheadAttention(4, 2)(x, x, x, attn_mask=np.ones((3, 3), int)),
     "mask is int64; needed bool"),
    (lambda x: nn.scaled_dot_product_attention(x, x[..., :2], x), "needed .*l, e"),
    (lambda x: nn.TransformerEncoderLayer(4, 2, activation="sin"), "activation is 'sin'")])
def test_attention_refuses_what_does_not_fit(run, complaint):
    with pytest.raises((TypeError, ValueError), match=complaint):
        run(np.ones((3, 5, 4), np.float32))
