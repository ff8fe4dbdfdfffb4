"""Random programs with random writes: the gradient is right, or an exception says why not.

Each program is run twice. The engine runs it as a user would, with writes through .data,
through kept views of .data, under no_grad, and into captured arrays. The reference carries
(value, directional derivative) forward on copies, so no write can reach what was used
before; a write changes a value and leaves its dependence on the leaves as it was.

Tolerance: some twenty float64 operations on numbers of size about 1; 1e-9 relative.
"""
import collections

import numpy as np
import pytest

import minigrad as mg
from minigrad.primitives import VJPS

PROGRAMS = 10_000
SHAPES = [(2, 3), (3,), (2, 3), (1, 3)]


class Reference:
    """Forward mode on plain arrays: a value and its derivative along one direction."""

    def __init__(self, value, slope):
        self.value, self.slope = np.array(value), np.array(slope)


def smooth(rng):
    """A function of one array, as (NumPy function, derivative)."""
    return [(np.tanh, lambda x: 1 - np.tanh(x)**2), (np.sin, np.cos),
            (lambda x: np.exp(x*0.1), lambda x: 0.1*np.exp(x*0.1)),
            (lambda x: x**2, lambda x: 2*x), (np.negative, lambda x: -np.ones_like(x)),
            (lambda x: np.where(x > 0, x, 0), lambda x: (x > 0)*1.0)][rng.integers(6)]


MOVES = [lambda x: x[..., ::-1], lambda x: x[..., :2], lambda x: x.reshape(-1),
         lambda x: np.transpose(x), lambda x: x[..., np.array([0, 0, 2])], lambda x: x*1.0]
BINARY = [np.add, np.subtract, np.multiply, np.maximum]


def binary_slope(f, a, b):
    if f is np.multiply:
        return a.slope*b.value + a.value*b.slope
    if f is np.maximum:
        return np.where(a.value == b.value, (a.slope + b.slope)/2,
                        np.where(a.value > b.value, a.slope, b.slope))
    return f(a.slope, b.slope)


def run(seed):
    """One program; "right", or the name of the exception. A wrong gradient fails."""
    rng = np.random.default_rng(seed)
    leaves = [mg.tensor(rng.normal(size=s), requires_grad=True) for s in SHAPES]
    directions = [rng.normal(size=s) for s in SHAPES]
    pool = [(x, Reference(x.numpy(), d)) for x, d in zip(leaves, directions)]
    arrays = [rng.normal(size=3) for _ in range(2)]
    kept = []                               # views of .data that somebody still holds
    for _ in range(rng.integers(4, 14)):
        x, r = pool[rng.integers(len(pool))]
        kind = rng.integers(8)
        try:
            if kind == 0:
                f, df = smooth(rng)
                new = f(x), Reference(f(r.value), df(r.value)*r.slope)
            elif kind in (1, 2):
                other, s = pool[rng.integers(len(pool))]
                f = BINARY[rng.integers(len(BINARY))]
                new = f(x, other), Reference(f(r.value, s.value), binary_slope(f, r, s))
            elif kind == 3:
                move = MOVES[rng.integers(len(MOVES))]
                new = move(x), Reference(move(r.value), move(r.slope))
            elif kind == 4:
                a = arrays[rng.integers(2)]
                a = a[::-1] if rng.random() < .5 else a
                new = a*x, Reference(a*r.value, a*r.slope)
            elif kind == 5:                 # write into a captured array
                arrays[rng.integers(2)][rng.integers(3)] = rng.normal()
                continue
            else:
                write(rng, x, kept, pool)
                continue
        except (IndexError, ValueError):    # shapes that do not fit, or a refused write
            continue
        pool.append(new)
    total, reference = pool[-1][0], pool[-1][1]
    if not total.requires_grad or total.is_leaf:
        return "no graph"
    try:
        total.sum().backward()
    except RuntimeError as error:
        assert "after it was used" in str(error)
        assert all(x.grad is None for x in leaves), "a refused backward() left a gradient"
        return "RuntimeError"
    got = sum(float(np.sum(x.grad*d)) for x, d in zip(leaves, directions)
              if x.grad is not None)
    np.testing.assert_allclose(got, np.sum(reference.slope), rtol=1e-9, atol=1e-9,
                               err_msg=f"program {seed}")
    return "right"


def write(rng, x, kept, pool):
    """Write to x, or to a kept view, in one of the ways that users have."""
    way = rng.integers(5)
    if way == 0:
        x.data[..., 0] = rng.normal()
    elif way == 1:
        x.data *= 1.5
    elif way == 2:
        with mg.no_grad():
            try:
                x[..., 0] = rng.normal()
            except RuntimeError:            # inside a graph: refused, nothing written
                pass
    elif way == 3:
        kept.append(x.data[..., :1])
    elif kept:
        kept[rng.integers(len(kept))][...] = rng.normal()
    for tensor, reference in pool:          # the values are now what the arrays hold
        reference.value = tensor.numpy()


def test_ten_thousand_programs_are_right_or_refused():
    outcomes = collections.Counter(run(seed) for seed in range(PROGRAMS))
    assert outcomes["right"] > PROGRAMS//3, outcomes
    assert outcomes["RuntimeError"] > PROGRAMS//100, outcomes


@pytest.mark.parametrize("function, vjp", [
    (np.multiply, (lambda g, y, a, b: g*b, lambda g, y, a, b: g*b)),
    (np.subtract, (lambda g, y, a, b: g, lambda g, y, a, b: g)),
    (np.tanh, (lambda g, y, x: g*(1 - y),))])
def test_the_fuzzer_sees_a_planted_error(monkeypatch, function, vjp):
    monkeypatch.setitem(VJPS, function, vjp)
    with pytest.raises(AssertionError, match="program"):
        for seed in range(300):
            run(seed)


def test_the_fuzzer_sees_an_engine_that_does_not_watch_writes(monkeypatch):
    monkeypatch.setattr("minigrad.tape.check_unwritten", lambda *args: None)
    with pytest.raises(AssertionError, match="program"):
        for seed in range(2000):
            run(seed)


def test_the_fuzzer_sees_an_engine_that_does_not_copy_captured_arrays(monkeypatch):
    monkeypatch.setattr("minigrad.tape.captured", lambda x: x)
    with pytest.raises(AssertionError, match="program"):
        for seed in range(2000):
            run(seed)
