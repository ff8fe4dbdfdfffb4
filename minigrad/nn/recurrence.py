"""What recurrent layers repeat at every step: simple, LSTM and GRU, forward and back.

Each function takes what the inputs contribute, gi (steps*n, gates), made in one product by
its layer, the state h0 (n, hidden) that it starts from, and weight (gates, hidden); it
gives the states after each step, (steps*n, hidden). Gates stand in PyTorch's order.

The way back first computes the gates of all steps at once, from the states that are known
by then. What is left to do step by step is linear: the cotangent dh of a state is carried
to the state before it.
"""
import threading
import weakref
from typing import Any

import numpy as np

from minigrad.custom import custom_vjp


class Once:
    """A function of g and more that computes once where it is called again with the very
    same arrays, as the VJPs of one call are; kept while g lives, by each thread its own."""

    def __init__(self, function):
        self.function, self.last = function, threading.local()

    def __call__(self, g, *args):
        if type(g) is not np.ndarray:               # traced: a graph is walked once
            return self.function(g, *args)
        held: dict[str, Any] = vars(self.last)
        same = held and held["g"]() is g and len(args) == len(held["args"]) and all(
            a is b for a, b in zip(args, held["args"]))
        if not same:
            held.update(found=self.function(g, *args), args=args,
                        g=weakref.ref(g, lambda _: held.clear()))
        return held["found"]


def logistic(x):
    """1/(1 + exp(-x)), which cannot overflow so; right to an absolute 1e-16, as states are
    of size 1 (nn.sigmoid keeps the digits of small results too)."""
    return np.tanh(x*0.5)*0.5 + 0.5


def turned_over(weight):
    """weight.T in memory of its own, in which small products with it take half the time."""
    return np.reshape(np.ravel(weight.T), weight.shape[::-1])


def steps_of(x, n):
    """The rows of each step."""
    return [x[i:i + n] for i in range(0, len(x), n)]


def before(y, h0):
    """The states that the steps start from, of the states y that they end in."""
    return np.concatenate([h0, y[:-len(h0)]])


def spread(dh, gates):
    """dh (n, hidden) side by side for each gate."""
    return np.concatenate([dh]*gates, 1)                        # (n, gates*hidden)


# --- simple: h' = tanh(gi + W h) or relu --------------------------------------------------
def _simple(gi, h0, weight, nonlinearity):
    h, states, turned = h0, [], turned_over(weight)
    for x in steps_of(gi, len(h0)):
        h = x + h @ turned
        h = np.tanh(h) if nonlinearity == "tanh" else np.maximum(h, 0)
        states.append(h)
    return np.concatenate(states)


@Once
def simple_deltas(g, y, h0, weight, nonlinearity):
    """The cotangents of gi and of h0."""
    dh, deltas, n = 0, [], len(h0)
    slope = 1 - y*y if nonlinearity == "tanh" else np.where(y > 0, np.ones_like(y), 0)
    for gt, by in zip(steps_of(g, n)[::-1], steps_of(slope, n)[::-1]):
        deltas.append((gt + dh)*by)
        dh = deltas[-1] @ weight
    return np.concatenate(deltas[::-1]), dh


simple_steps = custom_vjp(
    _simple,
    lambda g, y, gi, h0, w, how: simple_deltas(g, y, h0, w, how)[0],
    lambda g, y, gi, h0, w, how: simple_deltas(g, y, h0, w, how)[1],
    lambda g, y, gi, h0, w, how: simple_deltas(g, y, h0, w, how)[0].T @ before(y, h0),
    None)


# --- GRU: r, z = sigmoid, n = tanh(gi_n + r (W h + b)_n), h' = n + z (h - n) --------------
def _gru(gi, h0, weight, bias):
    k, h, states, turned = h0.shape[1], h0, [], turned_over(weight)
    for x in steps_of(gi, len(h0)):
        gh = h @ turned if bias is None else h @ turned + bias  # (n, 3 k)
        rz = logistic(x[:, :2*k] + gh[:, :2*k])
        n = np.tanh(x[:, 2*k:] + rz[:, :k]*gh[:, 2*k:])
        h = n + rz[:, k:]*(h - n)
        states.append(h)
    return np.concatenate(states)


@Once
def gru_deltas(g, y, gi, h0, weight, bias):
    """The cotangents of gi, of W h + b, and of h0."""
    k, rows, prev = h0.shape[1], len(h0), before(y, h0)
    gh = prev @ weight.T if bias is None else prev @ weight.T + bias    # (steps*n, 3 k)
    rz = logistic(gi[:, :2*k] + gh[:, :2*k])
    r, z, ghn = rz[:, :k], rz[:, k:], gh[:, 2*k:]
    n = np.tanh(gi[:, 2*k:] + r*ghn)
    by_n = (1 - z)*(1 - n*n)
    by_rz = [by_n*ghn*(r*(1 - r)), (prev - n)*(z*(1 - z))]
    inner, dh, carried = np.concatenate([*by_rz, by_n*r], 1), 0, []
    for gt, zt, by in list(zip(*(steps_of(x, rows) for x in (g, z, inner))))[::-1]:
        dh = gt + dh
        carried.append(dh)
        dh = dh*zt + (spread(dh, 3)*by) @ weight
    all_dh = spread(np.concatenate(carried[::-1]), 3)
    return all_dh*np.concatenate([*by_rz, by_n], 1), all_dh*inner, dh


gru_steps = custom_vjp(
    _gru,
    lambda g, y, *args: gru_deltas(g, y, *args)[0],
    lambda g, y, *args: gru_deltas(g, y, *args)[2],
    lambda g, y, gi, h0, w, b: gru_deltas(g, y, gi, h0, w, b)[1].T @ before(y, h0),
    lambda g, y, *args: np.sum(gru_deltas(g, y, *args)[1], 0))


# --- LSTM: i, f, o = sigmoid, c~ = tanh, c' = f c + i c~, h' = o tanh(c') -----------------
def half(k, dtype):
    """What makes sigmoids of the gates i, f and o in one tanh, as in `logistic`."""
    return np.repeat(np.array([0.5, 0.5, 1, 0.5], dtype), k)


def _lstm(gi, h0, c0, weight):
    k, h, c, hs, cs = h0.shape[1], h0, c0, [], []
    scale, turned = half(k, gi.dtype), turned_over(weight)
    for x in steps_of(gi, len(h0)):
        a = np.tanh((x + h @ turned)*scale)*scale + (1 - scale)         # i f c~ o
        c = a[:, k:2*k]*c + a[:, :k]*a[:, 2*k:3*k]
        h = a[:, 3*k:]*np.tanh(c)
        hs.append(h)
        cs.append(c)
    return np.concatenate(hs + cs)                              # (2 steps*n, k)


@Once
def lstm_deltas(g, y, gi, h0, c0, weight):
    """The cotangents of gi, of h0 and of c0."""
    (rows, k), half_way, scale = h0.shape, len(gi), half(h0.shape[1], gi.dtype)
    prev = before(y[:half_way], h0)
    a = np.tanh((gi + prev @ weight.T)*scale)*scale + (1 - scale)
    i, f, new, o = (a[:, j*k:(j + 1)*k] for j in range(4))      # (steps*n, k)
    tanh_c = np.tanh(y[half_way:])
    by = np.concatenate([new*(i*(1 - i)), before(y[half_way:], c0)*(f*(1 - f)),
                         i*(1 - new*new), tanh_c*(o*(1 - o))], 1)
    h_to_c, dh, dc, carried = o*(1 - tanh_c*tanh_c), 0, 0, []
    parts = g[:half_way], g[half_way:], h_to_c, f, by
    for gh, gc, to_c, ft, by_t in list(zip(*(steps_of(x, rows) for x in parts)))[::-1]:
        dh = gh + dh
        dc = gc + dc + dh*to_c
        carried.append(np.concatenate([dc, dc, dc, dh], 1)*by_t)
        dh, dc = carried[-1] @ weight, dc*ft
    return np.concatenate(carried[::-1]), dh, dc


lstm_steps = custom_vjp(
    _lstm,
    *(lambda g, y, *args, j=j: lstm_deltas(g, y, *args)[j] for j in range(3)),
    lambda g, y, gi, h0, c0, w: lstm_deltas(
        g, y, gi, h0, c0, w)[0].T @ before(y[:len(gi)], h0))
