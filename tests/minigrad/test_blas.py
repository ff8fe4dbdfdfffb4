"""The number of threads that multiply matrices: set, or chosen once and for all."""
import numpy as np
import pytest

import minigrad as mg
from minigrad import blas
from minigrad.compiler import replaying


class Library:
    """A BLAS that remembers how many threads it was given."""

    def __init__(self, most=64):
        self.num_threads, self.most, self.calls = 2, most, 0

    def set_num_threads(self, n):
        self.num_threads, self.calls = min(n, self.most), self.calls + 1


@pytest.fixture
def library(monkeypatch):
    """A stand-in for the BLAS, in a process where nothing has been chosen."""
    found = Library()
    monkeypatch.setattr(blas, "loaded", lambda: [found])
    monkeypatch.setattr(blas, "final", False)
    monkeypatch.setattr(blas, "processors", lambda: 8)
    for name in blas.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    return found


def test_the_threads_of_numpys_own_blas_are_set(monkeypatch):
    monkeypatch.setattr(blas, "final", False)
    (library, *_) = blas.loaded()
    before = library.num_threads
    try:
        assert mg.set_blas_threads(2) == library.num_threads == 2
        assert mg.set_blas_threads(np.int64(1)) == library.num_threads == 1
    finally:
        library.set_num_threads(before)


def test_what_is_returned_is_what_was_set(library):
    library.most = 4
    assert mg.set_blas_threads(3) == 3 and mg.set_blas_threads(100) == 4


@pytest.mark.parametrize("n, error, text", [
    (0, ValueError, "at least 1; 8 would be one for each"), (-2, ValueError, "came -2"),
    (1.0, TypeError, "whole number"), ("2", TypeError, "'2'"), (True, TypeError, "True"),
    (None, TypeError, "None")])
def test_a_bad_number_is_refused(n, error, text, library):
    with pytest.raises(error, match=text):
        mg.set_blas_threads(n)
    assert library.calls == 0 and not blas.final


def test_where_no_blas_is_known_setting_raises_and_choosing_leaves_it(library, monkeypatch):
    monkeypatch.setattr(blas, "loaded", lambda: [])
    with pytest.raises(RuntimeError, match="no OpenBLAS.*before Python starts"):
        mg.set_blas_threads(1)
    assert blas.choose_threads(10) is None


def test_a_compiled_step_asks_by_its_largest_product(monkeypatch):
    asked = []
    monkeypatch.setattr(replaying, "choose_threads", asked.append)
    model = mg.nn.Sequential(mg.nn.Linear(5, 7, rng=0), mg.nn.ReLU(), mg.nn.Linear(7, 2))
    step = mg.compile(lambda x: np.sum(model(x)))
    for _ in range(4):
        step(np.ones((3, 5), np.float32))
    assert asked == [3*5*7]
    other = mg.compile(lambda x: np.sum(x*x))
    for _ in range(3):
        other(np.ones(3))
    assert asked == [3*5*7, 0]


def test_small_products_get_one_thread(library):
    assert blas.choose_threads(0) is None and library.num_threads == 2
    assert blas.choose_threads(32*64*32) == library.num_threads == 1
    assert not blas.final                   # a large one may still be measured


@pytest.mark.parametrize("alone, together, chosen", [(1.0, 0.5, 8), (1.0, 0.9, 1),
                                                     (1.0, 20.0, 1)])
def test_a_large_product_is_measured_once(alone, together, chosen, library, monkeypatch):
    asked = []

    def seconds(a, libraries, n):
        asked.append(len(a))
        return alone if n == 1 else together
    monkeypatch.setattr(blas, "seconds", seconds)
    blas.choose_threads(1000)
    assert blas.choose_threads(256**3) == library.num_threads == chosen
    assert asked == [256, 256]
    assert blas.choose_threads(10**12) is None and len(asked) == 2
    assert library.num_threads == chosen


def test_measuring_does_not_multiply_the_largest(library, monkeypatch):
    asked = []
    monkeypatch.setattr(blas, "seconds", lambda a, *_: asked.append(len(a)) or 1.0)
    blas.choose_threads(10**12)
    assert set(asked) == {blas.WIDEST}


def test_the_time_of_a_product_is_taken_with_the_threads_that_are_meant(library):
    assert blas.seconds(np.ones((8, 8)), [library], 5) > 0 and library.num_threads == 5


@pytest.mark.parametrize("name", blas.VARIABLES)
def test_what_the_user_has_chosen_stays(name, library, monkeypatch):
    monkeypatch.setenv(name, "2")
    assert blas.choose_threads(10) is None and blas.choose_threads(10**9) is None
    monkeypatch.delenv(name)
    assert mg.set_blas_threads(3) == 3
    assert blas.choose_threads(10) is None and library.num_threads == 3
