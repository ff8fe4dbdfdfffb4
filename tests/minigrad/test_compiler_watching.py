"""What a compiled function reads by names, and who changes it: the same bits, or an error.
"""
import argparse
import collections
import contextvars
import functools
import sys
import threading
import types
import weakref

import numpy as np
import pytest

import minigrad as mg
from minigrad.compiler import CannotFollow

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


def context_variable():
    k = contextvars.ContextVar("k", default=2.)
    return lambda x: x*k.get(), lambda: k.set(3.)


def of_a_partial():
    scaled = functools.partial(lambda x, k: x*k, k=2.)
    return lambda x: scaled(x), lambda: scaled.keywords.update(k=3.)


def method_of_a_dict():
    numbers = {"k": 2.}
    get = numbers.get
    return lambda x: x*get("k"), lambda: numbers.update(k=3.)


def of_a_chain():
    numbers = {"k": 2.}
    chain = collections.ChainMap({}, numbers)
    return lambda x: x*chain["k"], lambda: numbers.update(k=3.)


def weakly_held():
    scaled = Scaled()
    held = weakref.ref(scaled)
    scaled.k = 2.
    return lambda x: x*held().k, lambda: setattr(scaled, "k", 3.)


def imported_inside():
    sys.modules[settings.__name__] = settings
    settings.k = 2.

    def scaled(x):
        from settings_of_a_user import k
        return x*k
    return scaled, lambda: setattr(settings, "k", 3.)


def by_a_method_for_all_attributes():
    numbers = [2.]
    kind = type("Kind", (), {"__getattr__": lambda self, name: numbers[0],
                             "__module__": __name__})
    x = kind()
    return lambda y: x.k*y, lambda: numbers.__setitem__(0, 3.)


@pytest.mark.parametrize("make", [
    context_variable, of_a_partial, method_of_a_dict, of_a_chain, weakly_held,
    imported_inside, by_a_method_for_all_attributes, lambda: attribute(threading.local()),
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


def test_a_mask_that_is_written_between_its_uses():
    def function(x):
        mask, total = np.zeros(3), x*0
        for i in range(3):
            mask[i] = 1 + i
            total = total + x*mask
        return total

    compiled = mg.compile(function)
    for i in range(6):
        x = np.random.default_rng(i).normal(size=3)
        assert np.array_equal(compiled(x), function(x))
    assert compiled.made == 1 and compiled.given_up == 0


def add_after(array, x):
    y = x*array
    array[0] += 1
    return y


def add_before(array, x):
    array[0] += 1
    return x*array


def replace_before(array, x):
    array[:] = np.arange(3)
    return x*array


@pytest.mark.parametrize("use", [add_after, add_before, replace_before])
def test_a_hidden_array_that_is_written_is_refused(use):
    array = np.ones(3)
    hidden = weakref.WeakValueDictionary(w=array)       # no name leads there

    def step(x):
        return use(hidden["w"], x)

    compiled = mg.compile(step)
    with pytest.raises(CannotFollow, match="written where a recording does not see it"):
        for i in range(4):
            compiled(np.ones(3))
            array[:] = 7


@pytest.mark.parametrize("use", [add_after, add_before, replace_before])
def test_an_array_in_a_mapping_that_cannot_be_changed_is_followed(use):
    def history(wrap):
        hidden = types.MappingProxyType({"w": np.ones(3)})
        step, seen = wrap(lambda x: use(hidden["w"], x)), []
        for i in range(6):
            seen += [step(np.arange(3.) + i).tolist(), hidden["w"].tolist()]
            hidden["w"][1] = i
        return seen
    assert history(mg.compile) == history(lambda f: f)


def test_a_flag_that_changes_is_recorded_anew_and_remembered():
    class Halving:
        def __init__(self):
            self.training, self.factor = True, 0.5

        def __call__(self, x):
            return x*self.factor if self.training else x
    layer = Halving()
    compiled = mg.compile(lambda x: 3*layer(x))
    for i in range(24):
        layer.training = i//4 % 2 == 0
        x = np.random.default_rng(i).normal(size=3)
        assert np.array_equal(compiled(x), 3*layer(x))
    assert compiled.made == 2
    layer.factor = 2.
    with pytest.raises(RuntimeError, match="layer.factor was bound to another value"):
        compiled(x)


def test_a_gradient_from_elsewhere_is_seen():
    def history(wrap):
        w, b = (mg.tensor(np.ones(3), requires_grad=True) for _ in range(2))

        @wrap
        def step(x):
            w.grad = None
            np.sum(w*x).backward()
            for p in w, b:
                if p.grad is not None:
                    p.data -= 0.1*p.grad
        seen = []
        for i in range(12):
            if i == 5:
                np.sum(b*b).backward()
            if i == 9:
                b.grad = None
            step(np.random.default_rng(i).normal(size=3))
            seen += [w.tolist(), b.tolist()]
        return seen, step
    (mine, compiled), (eager, _) = history(mg.compile), history(lambda f: f)
    assert mine == eager and compiled.made == 2
