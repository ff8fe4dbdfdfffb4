"""What a compiled function reads by names, and who changes it: the same bits, or an error.
"""
import argparse
import collections
import types

import numpy as np
import pytest

import minigrad as mg

settings = types.ModuleType("settings_of_a_user")
settings.inner = types.ModuleType("settings_of_a_user.inner")


class Config:
    k = 2.


class Slots:
    __slots__ = "k",


class Scaled:
    k = 2.

    def __call__(self, x):
        return x*self.k


class Thrice(Scaled):
    def __call__(self, x):
        return 3*x


def attribute(holder):
    """A function that reads holder.k, and what sets it."""
    holder.k = 2.
    return lambda x: x*holder.k, lambda: setattr(holder, "k", 3.)


def module_in_a_module():
    settings.inner.k = 2.
    return lambda x: x*settings.inner.k, lambda: setattr(settings.inner, "k", 3.)


def own_attribute():
    def scaled(x):
        return x*scaled.k
    scaled.k = 2.
    return scaled, lambda: setattr(scaled, "k", 3.)


def hiding_the_classes():
    scaled = Scaled()
    return lambda x: scaled(x), lambda: setattr(scaled, "k", 3.)


def of_another_class():
    scaled = Scaled()
    return lambda x: scaled(x), lambda: setattr(scaled, "__class__", Thrice)


def method_replaced():
    kind = type("Kind", (), {"scaled": lambda self, x: 2*x})
    kind.__module__ = __name__
    x = kind()
    return lambda y: x.scaled(y), lambda: setattr(kind, "scaled", lambda self, x: 3*x)


def defaults_replaced():
    def scaled(x, k=2.):
        return x*k
    return lambda x: scaled(x), lambda: setattr(scaled, "__defaults__", (3.,))


def code_replaced():
    def scaled(x):
        return x*2
    new = (lambda x: x*3).__code__
    return lambda x: scaled(x), lambda: setattr(scaled, "__code__", new)


def set_changed():
    flags = {"twice"}
    return lambda x: 2*x if "twice" in flags else x, flags.clear


def deque_turned():
    numbers = collections.deque([1., 2.])
    return lambda x: x*numbers[0], numbers.rotate


def long_list():
    numbers = [1.]*1500
    return lambda x: x*numbers[7], lambda: numbers.__setitem__(7, 3.)


def long_dict():
    numbers = dict.fromkeys(range(1500), 1.)
    return lambda x: x*numbers[7], lambda: numbers.update({7: 3.})


def bytes_written():
    numbers = bytearray([1, 2])
    return lambda x: x*numbers[0], lambda: numbers.__setitem__(0, 3)


def dict_in_another_order():
    arrays = {"a": np.ones(3), "b": 2*np.ones(3)}

    def chained(x):
        for array in arrays.values():
            x = x*array + 1
        return x
    return chained, lambda: arrays.update(a=arrays.pop("a"))


@pytest.mark.parametrize("make", [
    lambda: attribute(types.SimpleNamespace()), lambda: attribute(argparse.Namespace()),
    lambda: attribute(Config), lambda: attribute(Slots()), lambda: attribute(settings),
    module_in_a_module, own_attribute, hiding_the_classes, of_another_class,
    method_replaced, defaults_replaced, code_replaced, set_changed, deque_turned, long_list,
    long_dict, bytes_written, dict_in_another_order])
def test_what_is_changed_behind_a_name_is_refused(make):
    function, change = make()
    compiled = mg.compile(function)
    for i in range(5):
        x = np.random.default_rng(i).normal(size=3)
        assert np.array_equal(compiled(x), function(x))
    assert compiled.made == 1
    before = function(x)
    change()
    assert not np.array_equal(function(x), before)
    with pytest.raises(RuntimeError, match="bound to another value"):
        compiled(x)


def test_a_parameter_is_frozen_and_moves_again():
    def history(wrap):
        w, b = (mg.tensor(np.ones(4), requires_grad=True) for _ in range(2))

        @wrap
        def step(x):
            np.sum((w*x + b)**2).backward()
            for p in w, b:
                if p.grad is not None:
                    with mg.no_grad():
                        p -= 0.1*p.grad
                    p.grad = None
        seen = []
        for i in range(14):
            b.requires_grad = not 5 <= i < 9
            step(np.random.default_rng(i).normal(size=4))
            seen += [w.numpy().tobytes(), b.numpy().tobytes()]
        return seen

    assert history(mg.compile) == history(lambda f: f)


def test_a_compiled_function_that_writes_a_captured_array_inside_another():
    def history(wrap):
        w = np.ones(3)

        @wrap
        def inner(x):
            w[0] += 1
            return x*w

        @wrap
        def outer(x):
            return inner(x) + inner(2*x)
        seen = []
        for i in range(8):
            x = np.random.default_rng(i).normal(size=3)
            seen += [outer(x).tobytes(), w.tobytes(), inner(x).tobytes(), w.tobytes()]
        return seen

    assert history(mg.compile) == history(lambda f: f)
