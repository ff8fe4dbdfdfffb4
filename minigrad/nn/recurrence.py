"""What recurrent layers repeat at every step: simple, LSTM and GRU, forward and back.

Each function takes what the inputs contribute, gi (steps, n, gates), made in one product by
its layer, the state h0 (n, hidden) that it starts from, and weight (gates, hidden); it
gives the states after each step, (steps, n, hidden). Gates stand in PyTorch's order.

The way back first computes the gates of all steps at once, from the states that are known
by then. What is left to do step by step is linear: the cotangent dh of a state is carried
to the state before it.
"""
import numpy as np

from minigrad.custom import custom_vjp


def logistic(x):
    """1/(1 + exp(-x)), which cannot overflow so; right to an absolute 1e-16, as states are
    of size 1 (nn.sigmoid keeps the digits of small results too)."""
    return np.tanh(x*0.5)*0.5 + 0.5


def before(y, h0):
    """The states that the steps start from, of the states y that they end in."""
    return np.concatenate([np.expand_dims(h0, 0), y[:-1]])


def product(delta, prev):
    """The cotangent of the weights: one product over all steps and examples."""
    rows = np.reshape(delta, (-1, delta.shape[-1]))             # (steps*n, gates)
    return rows.T @ np.reshape(prev, (-1, prev.shape[-1]))


def side_by_side(dh, by, gates):
    """dh*by for gates of one width: (..., hidden) to (..., gates*hidden)."""
    out = np.expand_dims(dh, -2)*by                             # (..., gates, hidden)
    return np.reshape(out, (*dh.shape[:-1], gates*dh.shape[-1]))


# --- simple: h' = tanh(gi + W h) or relu --------------------------------------------------
def _simple(gi, h0, weight, nonlinearity):
    h, states = h0, []
    for t in range(len(gi)):
        h = gi[t] + h @ weight.T
        h = np.tanh(h) if nonlinearity == "tanh" else np.maximum(h, 0)
        states.append(h)
    return np.stack(states)


def simple_deltas(g, y, weight, nonlinearity):
    """The cotangents of gi, (steps, n, hidden), and of h0."""
    dh, deltas = 0, []
    slope = 1 - y*y if nonlinearity == "tanh" else np.where(y > 0, np.ones_like(y), 0)
    for t in reversed(range(len(y))):
        deltas.append((g[t] + dh)*slope[t])
        dh = deltas[-1] @ weight
    return np.stack(deltas[::-1]), dh


simple_steps = custom_vjp(
    _simple,
    lambda g, y, gi, h0, w, how: simple_deltas(g, y, w, how)[0],
    lambda g, y, gi, h0, w, how: simple_deltas(g, y, w, how)[1],
    lambda g, y, gi, h0, w, how: product(simple_deltas(g, y, w, how)[0], before(y, h0)),
    None)


# --- GRU: r, z = sigmoid, n = tanh(gi_n + r (W h + b)_n), h' = n + z (h - n) ---------------
def _gru(gi, h0, weight, bias):
    k, h, states = h0.shape[-1], h0, []
    for t in range(len(gi)):
        gh = h @ weight.T if bias is None else h @ weight.T + bias      # (n, 3 k)
        rz = logistic(gi[t][:, :2*k] + gh[:, :2*k])
        n = np.tanh(gi[t][:, 2*k:] + rz[:, :k]*gh[:, 2*k:])
        h = n + rz[:, k:]*(h - n)
        states.append(h)
    return np.stack(states)


def gru_deltas(g, y, gi, h0, weight, bias):
    """The cotangents of gi, of W h + b, and of h0."""
    k, prev = h0.shape[-1], before(y, h0)
    gh = prev @ weight.T if bias is None else prev @ weight.T + bias    # (steps, n, 3 k)
    r, z = (logistic(gi[..., i:i + k] + gh[..., i:i + k]) for i in (0, k))
    n = np.tanh(gi[..., 2*k:] + r*gh[..., 2*k:])
    by_n = (1 - z)*(1 - n*n)
    by_r, by_z = by_n*gh[..., 2*k:]*(r*(1 - r)), (prev - n)*(z*(1 - z))
    inner = np.stack([by_r, by_z, by_n*r], -2)                  # (steps, n, 3, k)
    dh, carried = 0, []
    for t in reversed(range(len(y))):
        dh = g[t] + dh
        carried.append(dh)
        dh = dh*z[t] + side_by_side(dh, inner[t], 3) @ weight
    carried = np.stack(carried[::-1])
    return (side_by_side(carried, np.stack([by_r, by_z, by_n], -2), 3),
            side_by_side(carried, inner, 3), dh)


gru_steps = custom_vjp(
    _gru,
    lambda g, y, *args: gru_deltas(g, y, *args)[0],
    lambda g, y, *args: gru_deltas(g, y, *args)[2],
    lambda g, y, gi, h0, w, b: product(gru_deltas(g, y, gi, h0, w, b)[1], before(y, h0)),
    lambda g, y, *args: np.sum(gru_deltas(g, y, *args)[1], (0, 1)))


# --- LSTM: i, f, o = sigmoid, c~ = tanh, c' = f c + i c~, h' = o tanh(c') ------------------
def _lstm(gi, h0, c0, weight):
    k, h, c, hs, cs = h0.shape[-1], h0, c0, [], []
    scale = half(k, gi.dtype)
    for t in range(len(gi)):
        a = np.tanh((gi[t] + h @ weight.T)*scale)*scale + (1 - scale)   # i f c~ o
        c = a[:, k:2*k]*c + a[:, :k]*a[:, 2*k:3*k]
        h = a[:, 3*k:]*np.tanh(c)
        hs.append(h)
        cs.append(c)
    return np.stack(hs + cs)                                    # (2 steps, n, k)


def half(k, dtype):
    """What makes sigmoids of the gates i, f and o in one tanh, as in `logistic`."""
    return np.repeat(np.array([0.5, 0.5, 1, 0.5], dtype), k)


def lstm_deltas(g, y, gi, h0, c0, weight):
    """The cotangents of gi, of h0 and of c0."""
    k, steps, scale = h0.shape[-1], len(gi), half(h0.shape[-1], h0.dtype)
    a = np.tanh((gi + before(y[:steps], h0) @ weight.T)*scale)*scale + (1 - scale)
    i, f, new, o = (a[..., j*k:(j + 1)*k] for j in range(4))    # (steps, n, k)
    tanh_c = np.tanh(y[steps:])
    by_c = np.concatenate([new*(i*(1 - i)), before(y[steps:], c0)*(f*(1 - f)),
                           i*(1 - new*new)], -1)
    by_h, h_to_c = tanh_c*(o*(1 - o)), o*(1 - tanh_c*tanh_c)
    dh, dc, deltas = 0, 0, []
    for t in reversed(range(steps)):
        dh = g[t] + dh
        dc = g[steps + t] + dc + dh*h_to_c[t]
        deltas.append(np.concatenate([np.concatenate([dc, dc, dc], -1)*by_c[t],
                                      dh*by_h[t]], -1))
        dh, dc = deltas[-1] @ weight, dc*f[t]
    return np.stack(deltas[::-1]), dh, dc


lstm_steps = custom_vjp(
    _lstm,
    *(lambda g, y, *args, j=j: lstm_deltas(g, y, *args)[j] for j in range(3)),
    lambda g, y, gi, h0, c0, w: product(lstm_deltas(g, y, gi, h0, c0, w)[0],
                                        before(y[:len(gi)], h0)))
