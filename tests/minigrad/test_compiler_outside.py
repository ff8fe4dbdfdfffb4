"""What a compiled function asks of the world, and what NumPy says of its errors."""
import datetime
import itertools
import os
import pathlib
import random
import time
import uuid
import warnings

import numpy as np
import pytest

import minigrad as mg
from minigrad.compiler import CannotFollow
from minigrad.randomness import draw

from ..cases import each

OLD = np.random.RandomState(0)
PYTHONS = random.Random(0)
PAIR = np.random.default_rng(0), 1
BOUND = np.random.default_rng(0)
counter, numbers = itertools.count(), (float(i) for i in range(9))


def X(i):
    return np.random.default_rng(i).normal(size=3)


def coin(p):
    """A factor that is mostly 1, so that two calls agree by chance."""
    return 1 if p < 0.999 else 2


@each("function, asked", [
    (lambda x: x*time.time(), "asks time.time"),
    (lambda x: x if time.perf_counter() else 2*x, "asks time.perf_counter"),
    (lambda x: x*datetime.date.today().day, "asks date.today"),
    (lambda x: x*datetime.datetime.now().year, "asks datetime.now"),
    (lambda x: x*len(os.getcwd()), "asks os.getcwd"),
    (lambda x: x*len(os.environ.get("HOME", "")), "asks os.environ"),
    (lambda x: 2*x if "HOME" in os.environ else x, "asks os.environ"),
    (lambda x: x*len(os.getenv("HOME", "")), "asks os.environ"),
    (lambda x: x*len(pathlib.Path(__file__).read_text()), "asks open"),
    (lambda x: x*len(np.loadtxt(["1 2"])), None),
    (lambda x: x*len(np.fromfile(__file__, np.int8)), "asks open"),
    (lambda x: x if uuid.uuid4().int else 2*x, "asks os.urandom"),
    (lambda x: x*coin(np.random.default_rng().random()), "asks os.urandom"),
    (lambda x: x*globals()["OLD"].randint(1), "asks builtins.globals"),
    (lambda x: x*eval("1"), "asks builtins.eval"),
    (lambda x: x*coin(random.random()), "drawn from random"),
    (lambda x: x*coin(np.random.rand()), r"drawn from np\.random"),
    (lambda x: x*coin(OLD.rand()), "drawn from OLD"),
    (lambda x: x*coin(PYTHONS.random()), "drawn from PYTHONS"),
    (lambda x: x*coin(PAIR[0].random()), r"drawn from PAIR\[0\]"),
    (lambda x: x*coin(np.random.Generator.random(BOUND)), "drawn from BOUND"),
    (lambda x: x*(BOUND.bit_generator.random_raw() > 0), "drawn from BOUND"),
    (lambda x: x*next(counter), r"next\(counter\) outside"),
    (lambda x: x*sum(numbers), r"next\(numbers\) outside"),
    (lambda x: np.seterr(divide="call" if np.geterr()["divide"] != "call" else "log") and x,
     r"with np\.errstate"),
])
def test_what_is_asked_of_the_world_is_refused(function, asked):
    before = np.geterr()
    compiled = mg.compile(function)
    try:
        for i in range(3):
            if asked:
                with pytest.raises(CannotFollow, match=asked):
                    compiled(X(i))
            else:
                assert np.array_equal(compiled(X(i)), function(X(i)))
        assert compiled.made == (not asked)
    finally:
        np.seterr(**before)


def test_what_answers_nothing_may_be_called(capsys):
    def step(x):
        time.sleep(0)
        print("recorded")
        return x*draw(BOUND, "random") + draw(0, "random")
    compiled = mg.compile(step)
    for i in range(5):
        state = BOUND.bit_generator.state
        mine = compiled(X(i))
        BOUND.bit_generator.state = state
        assert np.array_equal(mine, step(X(i)))
    assert compiled.made == 1 and capsys.readouterr().out.count("recorded") == 2 + 5


@pytest.mark.parametrize("came", [iter([np.ones(3)]), (x for x in [1.]), zip([1.]),
                                  itertools.count(), map(abs, [1.])])
def test_an_iterator_is_no_argument(came):
    with pytest.raises(CannotFollow, match=f"came {type(came).__name__}, which one call"):
        mg.compile(lambda x: 2*next(x))(came)
    loose = mg.compile(lambda x: 2*next(x), strict=False)
    assert loose(iter([3.])) == 6 and loose.made == 0


def history(function, errors):
    """What a function gives, raises or warns under these settings of np.seterr."""
    before, seen = np.geterr(), []
    try:
        for i, how in enumerate(errors):
            np.seterr(**how)
            with warnings.catch_warnings(record=True) as noted:
                warnings.simplefilter("always")
                try:
                    seen.append(function(X(i)).tobytes())
                except FloatingPointError as error:
                    seen.append(str(error))
            seen.append([str(w.message) for w in noted])
    finally:
        np.seterr(**before)
    return seen


@each("function", [
    lambda x: np.log(x*0), lambda x: x/(x - x), lambda x: np.exp(1000*abs(x)),
    lambda x: np.exp(-1000 - abs(x)), lambda x: x*np.float64(1e-200)*1e-200])
@each("first, then", [*itertools.permutations(
    ["ignore", "warn", "raise"], 2)])
def test_numpys_errors_are_seen_as_they_are_set_at_each_call(function, first, then):
    errors = [{"all": first}]*4 + [{"all": then}]*4 + [{"all": first}]*2
    assert history(mg.compile(function), errors) == history(function, errors)


@pytest.mark.parametrize("function", [
    lambda x, n: x[n > 0], lambda x, n: np.sum(x[n > 0]), lambda x, n: np.repeat(x, n),
    lambda x, n: np.unique(n), lambda x, n: np.unique(n, return_counts=True)[1]*2,
    lambda x, n: np.bincount(n)*2, lambda x, n: x*np.unique(n).size,
    lambda x, n: x*len(x[n > 0]), lambda x, n: x[np.nonzero(n)], lambda x, n: np.compress(
        n > 0, x), lambda x, n: x[np.where(n)].sum(), lambda x, n: np.argwhere(n)*1])
def test_a_shape_that_rests_on_values_is_watched(function):
    compiled = mg.compile(function)
    for i, n in enumerate([[1, 0, 1], [0, 1, 1], [1, 1, 0], [1, 2, 3], [2, 2, 0], [0]*3]):
        assert np.array_equal(compiled(X(i), np.array(n)), function(X(i), np.array(n)))
    assert compiled.made == 1 and compiled.given_up


@pytest.mark.parametrize("function, error", [
    (lambda x, i: x[i], IndexError), (lambda x, i: np.take(x, i), IndexError),
    (lambda x, i: np.linalg.solve(np.diag(i*1.), x), np.linalg.LinAlgError),
    (lambda x, i: np.linalg.inv(np.diag(i*1.)), np.linalg.LinAlgError)])
def test_an_error_that_values_raise_is_raised_or_caught_as_ever(function, error):
    def caught(x, i):
        try:
            return function(x, i)
        except error:
            return -x
    for indices in [1, 2, 2], [2, 1, 1], [1, 1, 2]:
        compiled, careful = mg.compile(function), mg.compile(caught)
        for _ in range(3):
            given = X(0), np.array(indices)
            assert np.array_equal(compiled(*given), function(*given))
            assert np.array_equal(careful(*given), function(*given))
        given = X(0), np.array([1, 0, 3] if error is IndexError else [1, 0, 2])
        with pytest.raises(error):
            compiled(*given)
        assert np.array_equal(careful(*given), -X(0))
        assert compiled.given_up == careful.given_up == 1
    unused = mg.compile(lambda x, i: (function(x, i), x)[1])
    for _ in range(3):
        assert np.array_equal(unused(X(0), np.array([1, 2, 2])), X(0))
    with pytest.raises(error):
        unused(*given)
    careful = mg.compile(caught)
    with pytest.raises(CannotFollow, match="catches an error that values have raised"):
        careful(*given)
