"""Backward passes that are wrong in a subtle way or right in an odd one; no tests."""
import json

import numpy as np

CALLS = [0]


# ------------------------------------------------------------------ affine, and wrong
def only_square(x, w, b, dout):
    return dout @ (w if w.shape[0] == w.shape[1] else w.T), x.T @ dout, dout.sum(0)


def only_small_batches(x, w, b, dout):
    return dout @ w.T, x.T @ dout, dout[:5].sum(0)


def only_few_outputs(x, w, b, dout):
    dx = sum(np.outer(dout[:, j], w[:, j]) for j in range(min(5, w.shape[1])))
    return dx, x.T @ dout, dout.sum(0)


def to_six_digits(x, w, b, dout):
    return dout @ w.T*(1 + 1e-6), x.T @ dout, dout.sum(0)


def clipped(x, w, b, dout):
    dout = np.clip(dout, -5, 5)
    return dout @ w.T, x.T @ dout, dout.sum(0)


def clipped_where_symbols_do_not_see_it(x, w, b, dout):
    few = dout if dout.dtype == object else np.minimum(dout, 2.5)
    return dout @ w.T, x.T @ dout, few.sum(0)


def view_of_its_input(x, w, b, dout):
    x[:] = dout @ w.T
    return x, x.T @ dout, dout.sum(0)


def whole_numbers(x, w, b, dout):
    return np.rint(dout @ w.T).astype(int), x.T @ dout, dout.sum(0)


def row_for_a_vector(x, w, b, dout):
    return dout @ w.T, x.T @ dout, dout.sum(0, keepdims=True)


def forges_its_answer(x, w, b, dout):
    json.dumps = lambda *a, **k: '{"runs": []}'
    return dout @ w, x.T @ dout, dout.sum(0)


def makes_all_equal(x, w, b, dout):
    np.allclose = np.array_equal = lambda *a, **k: True
    np.abs = lambda x: 0*x
    return dout @ w, x.T @ dout, dout.sum(0)


# ------------------------------------------------------------------ affine, and right
def in_lists(x, w, b, dout):
    return [(dout @ w.T).tolist(), (x.T @ dout).tolist(), dout.sum(0).tolist()]


def in_loops(x, w, b, dout):
    dx, dw, db = np.zeros(x.shape), np.zeros(w.shape), np.zeros(b.shape)
    for i, j in np.ndindex(dout.shape):
        db[j] += dout[i, j]
        for k in range(len(w)):
            dx[i, k] += dout[i, j]*w[k, j]
            dw[k, j] += x[i, k]*dout[i, j]
    return dx, dw, db


def by_einsum(x, w, b, dout):
    return (np.einsum("nm,dm->nd", dout, w), np.einsum("nd,nm->dm", x, dout),
            np.einsum("nm->m", dout))


def by_ones(x, w, b, dout):
    return np.dot(dout, w.T), np.dot(x.T, dout), np.dot(np.ones(len(x)), dout)


def single(x, w, b, dout):
    x, w, dout = (a.astype(np.float32) for a in (x, w, dout))
    return dout @ w.T, x.T @ dout, dout.sum(0)


def by_differences(x, w, b, dout):
    def loss():
        return float(np.sum((x @ w + b)*dout))

    def slope(a):
        out = np.zeros(a.shape)
        for i in np.ndindex(a.shape):
            old, a[i] = a[i], a[i] + 1
            out[i] = loss()
            a[i] = old - 1
            out[i] = (out[i] - loss())/2
            a[i] = old
        return out
    return slope(x), slope(w), slope(b)


def counts_its_calls(x, w, b, dout):
    CALLS[0] += 1
    return dout @ w.T*(1 if CALLS[0] < 40 else 2), x.T @ dout, dout.sum(0)


# ------------------------------------------------------------------ other layers
def softmax_by_jacobians(x, dout):
    e = np.exp(x - x.max(1, keepdims=True))
    s = e/e.sum(1, keepdims=True)
    return np.array([(np.diag(p) - np.outer(p, p)) @ d for p, d in zip(s, dout)])


def softmax_other_axis(x, dout):
    e = np.exp(x)
    s = e/e.sum(1, keepdims=True)
    return s*(dout - (dout*s).sum(0, keepdims=True))


def cross_entropy_in_place(x, y):
    e = np.exp(x - x.max(1, keepdims=True))
    s = e/e.sum(1, keepdims=True)
    s[range(len(x)), y] -= 1
    return s/len(x)


def cross_entropy_no_mean(x, y):
    return cross_entropy_in_place(x, y)*len(x)


def relu_by_sign(x, dout):
    return dout*(np.sign(x) + 1)/2


def relu_into_dout(x, dout):
    dout[x < 0] = 0
    return dout


def relu_leaks(x, dout):
    return dout*np.where(x > 0, 1, 1e-7)


def norm_by_steps(x, gamma, beta, eps, dout):
    n, xc = len(x), x - x.mean(0)
    var = (xc**2).mean(0)
    s = np.sqrt(var + eps)
    dxh = dout*gamma
    dvar = (dxh*xc).sum(0)*-.5*(var + eps)**-1.5
    dmu = (-dxh/s).sum(0) + dvar*(-2*xc).mean(0)
    return dxh/s + dvar*2*xc/n + dmu/n, (dout*xc/s).sum(0), dout.sum(0)


def norm_of_another_eps(x, gamma, beta, eps, dout):
    return norm_by_steps(x, gamma, beta, 1e-8, dout)


def norm_of_a_sample(x, gamma, beta, eps, dout):
    s = np.sqrt(x.var(0, ddof=1) + eps)
    xh, d = (x - x.mean(0))/s, dout*gamma
    return (d - d.mean(0) - xh*(d*xh).mean(0))/s, (dout*xh).sum(0), dout.sum(0)


# {exercise: {function: status, and a word of what is said}}
EXPECTED = {
    "affine": {
        only_square: ("REFUTED", "(3, 3)"), only_small_batches: ("REFUTED", "(13, 9)"),
        only_few_outputs: ("REFUTED", "(13, 9)"), to_six_digits: ("REFUTED", "1.000001"),
        clipped: ("REFUTED", "wrong"), clipped_where_symbols_do_not_see_it: (
            "REFUTED", "(13, 9)"),
        view_of_its_input: ("REFUTED", "in-place change"), whole_numbers: (
            "REFUTED", "not in the catalogue"), row_for_a_vector: ("REFUTED", "axis kept"),
        forges_its_answer: ("NOT GRADED", "no results"),
        makes_all_equal: ("REFUTED", "missing transpose"),
        in_lists: ("PROVED", "RIGHT"),
        in_loops: ("PROVED", "RIGHT"), by_einsum: ("PROVED", "RIGHT"),
        by_ones: ("PROVED", "RIGHT"), single: ("PROVED", "single precision"),
        by_differences: ("NUMERICALLY RIGHT", "does not run on symbols"),
        counts_its_calls: ("NUMERICALLY RIGHT", "changes CALLS")},
    "softmax": {softmax_by_jacobians: ("PROVED", "RIGHT"),
                softmax_other_axis: ("REFUTED", "sum over the wrong axis")},
    "cross_entropy": {cross_entropy_in_place: ("PROVED", "RIGHT"),
                      cross_entropy_no_mean: ("REFUTED", "missing mean")},
    "relu": {relu_by_sign: ("PROVED", "RIGHT"), relu_into_dout: (
        "REFUTED", "writes over dout"), relu_leaks: ("REFUTED", "wrong")},
    "batch_norm": {norm_by_steps: ("PROVED", "RIGHT"), norm_of_another_eps: (
        "REFUTED", "wrong"), norm_of_a_sample: ("REFUTED", "variance of a sample")}}
