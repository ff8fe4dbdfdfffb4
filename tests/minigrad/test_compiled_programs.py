"""Random programs, compiled and eager: the same bits after every call, or a refusal.

A program computes with parameters, arrays that a name is bound to, its arguments and
views of all of them; it writes into them in the ways that users have, walks back, and moves
the parameters. It is called six times, so that two calls are recorded and four replayed.
Refused (CannotFollow, RuntimeError) it may be; then the caller knows.
"""
import collections
import warnings

import numpy as np
import pytest

import minigrad as mg
from minigrad.compiler import CannotFollow, simplifying
from minigrad.primitives.sliding import overlap_add, windows

PROGRAMS, CALLS = 400, 6
SHAPES = [(2, 3), (3,), (2, 3), (1, 3)]
SMOOTH = [np.tanh, np.sin, lambda x: np.exp(x*0.1), lambda x: x**2, np.negative,
          lambda x: np.where(x > 0, x, 0), lambda x: np.sqrt(np.abs(x)),
          lambda x: np.mean(x, axis=0), lambda x: x - x.max(axis=-1, keepdims=True)]
MOVES = [lambda x: x[..., ::-1], lambda x: x[..., :2], lambda x: x.reshape(-1),
         lambda x: np.transpose(x), lambda x: x[..., np.array([0, 0, 2])], lambda x: x*1.0,
         lambda x: x.T @ x if x.ndim == 2 else x, lambda x: x[x > 0],
         lambda x: x[np.argmax(x, axis=-1)], lambda x: x[np.array([True, False, True])],
         lambda x: overlap_add(windows(np.reshape(x, (1, -1, 1)), (2,), (1,), (1,)),
                               (x.size,), (1,), (1,))]
BINARY = [np.add, np.subtract, np.multiply, np.maximum]


def program(seed):
    """A function of (x, rate), and a function that gives all it can have changed."""
    made = np.random.default_rng(seed)
    leaves = [mg.tensor(made.normal(size=s), requires_grad=True) for s in SHAPES]
    arrays = [made.normal(size=3) for _ in range(2)]
    buffer = mg.tensor(made.normal(size=3))

    def step(x, rate):
        rng = np.random.default_rng(seed)
        pool = [*leaves, x, buffer]
        for leaf in leaves if rng.random() < .7 else ():
            leaf.grad = None
        for _ in range(rng.integers(4, 14)):
            one, kind = pool[rng.integers(len(pool))], rng.integers(9)
            other, number = pool[rng.integers(len(pool))], rng.normal()
            choice, way = rng.integers(100), rng.integers(6)
            try:
                if kind < 2:
                    pool.append(SMOOTH[choice % len(SMOOTH)](one))
                elif kind < 4:
                    pool.append(BINARY[choice % len(BINARY)](one, other))
                elif kind == 4:
                    pool.append(MOVES[choice % len(MOVES)](one))
                elif kind == 5:
                    a = arrays[choice % 2]
                    pool.append((a[::-1] if way % 2 else a*rate)*one)
                elif kind == 6:
                    write_array(arrays[choice % 2], way, number)
                else:
                    write(one, way, number, rate)
            except (IndexError, ValueError, TypeError) as error:
                if isinstance(error, CannotFollow):
                    raise
        total = np.sum(pool[-1])
        if getattr(total, "requires_grad", False) and total._node is not None:
            total.backward()
            with mg.no_grad():
                for leaf in leaves:
                    if leaf.grad is not None:
                        leaf -= rate*leaf.grad
        return total, pool[-1] if rng.random() < .5 else {"rate": rate*2, "n": None}

    def state():
        return [*(x.numpy() for x in leaves), *(x.grad for x in leaves), *arrays,
                buffer.numpy()]
    return step, state


def write_array(a, way, number):
    if way < 2:
        a[0] = number
    elif way < 4:
        a *= number
    else:
        a[::-1][:2] = a[:2] + 1


def write(x, way, number, rate):
    """Write to x, in one of the ways that users have."""
    if not isinstance(x, mg.Tensor):
        x[..., 0] = number
    elif way == 0:
        x.data[..., 0] = number
    elif way == 1:
        x.data *= 1.5*rate
    elif way == 2:
        with mg.no_grad():
            try:
                x[..., 0] = number
            except RuntimeError:                    # inside a graph: refused
                pass
    elif way == 3:
        with mg.no_grad():
            x += rate
    else:
        x.data[...] = x.data*number


def bits(x):
    """What is compared."""
    if isinstance(x, mg.Tensor):
        return "tensor", x.requires_grad, bits(x.numpy())
    if isinstance(x, np.ndarray):
        return x.dtype, x.shape, x.tobytes()
    if isinstance(x, dict):
        return [(key, bits(part)) for key, part in x.items()]
    if isinstance(x, (tuple, list)):
        return [bits(part) for part in x]
    return type(x), np.asarray(x).tobytes() if x is not None else None


def written_to(given):
    """The caller goes on with what it got, and writes into it: memory is shared, or not."""
    for part in given if isinstance(given, tuple) else ():
        if isinstance(part, np.ndarray) and part.flags.writeable:
            part *= 0.5


def outcome(function, state, x, rate):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            given = function(x, rate)
            result = bits(given)
            written_to(given)
    except Exception as error:
        return type(error), str(error), bits(state())
    return "right", result, bits(state()), bits(x)


def run(seed):
    """"right", or the name of the exception with which a program was refused."""
    (eager, eager_state), (again, state) = program(seed), program(seed)
    compiled = mg.compile(again)
    data = np.random.default_rng(seed + 10**6)
    kinds = []
    for i in range(CALLS):
        x, rate = data.normal(size=(2, 3)), float(data.normal())*0.1
        mine = outcome(compiled, state, x.copy(), rate)
        if isinstance(mine[0], type) and issubclass(mine[0], CannotFollow):
            return "CannotFollow"
        theirs = outcome(eager, eager_state, x.copy(), rate)
        assert mine == theirs, f"program {seed}, call {i}"
        kinds.append(mine[0])
    if not compiled.plans:
        return "not compiled"
    return "right" if {*kinds} == {"right"} else "error"


def test_random_programs_have_the_same_bits_compiled():
    outcomes = collections.Counter(run(seed) for seed in range(PROGRAMS))
    assert outcomes["right"] > PROGRAMS//2, outcomes
    assert outcomes["error"] > PROGRAMS//50, outcomes


def test_a_planted_error_is_seen(monkeypatch):
    monkeypatch.setattr(simplifying, "key", lambda x: None)
    with pytest.raises(Exception):
        for seed in range(60):
            run(seed)
