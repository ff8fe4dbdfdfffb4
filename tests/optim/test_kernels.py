"""A rule's kernel gives the bits that the rule gives, in place, in blocks and without."""
import inspect

import numpy as np
import pytest

from minigrad.compiler import CannotFollow, kernel
from minigrad.compiler.blocks import BLOCK
from optim import rules
from optim.dialects import keras_rules, optax_rules, pytorch_rules, survey
from optim.optimizers.signatures import anatomy, first_states, step_of

from ..cases import each

RULES = {f"{module.__name__.rpartition('.')[2]}.{name}": rule
         for module in (rules, pytorch_rules, optax_rules, keras_rules, survey)
         for name, rule in vars(module).items()
         if inspect.isfunction(rule) and rule.__module__ == module.__name__
         and [*inspect.signature(rule).parameters][:2] == ["theta", "g"]}
DTYPES = (np.float16, np.float32, np.float64)
SIZES = (1, 100, 2*BLOCK + 1)


def settings_of(rule):
    return {name: 0.1 if default is inspect.Parameter.empty else float(default)
            for name, default in anatomy(rule)[1].items()}


def runs(rule, dtype, size, steps=4):
    """The bits of theta and the states after each step, by the rule and by its kernel."""
    rng, settings = np.random.default_rng(size), settings_of(rule)
    theta = rng.standard_normal(size).astype(dtype)
    eager = {"theta": theta, **first_states(rule, theta, settings)}
    mine = {name: x.copy() if isinstance(x, np.ndarray) else x for name, x in eager.items()}
    g = np.empty_like(theta)
    names = [*eager]
    given = {"theta": mine["theta"], "g": g, **mine}
    made = kernel(rule, given, {"t": 1, **settings}, names, rounds=True)
    numbers = [name for name, x in mine.items() if not isinstance(x, np.ndarray)]
    for t in range(1, steps + 1):
        g[...] = rng.standard_normal(size)
        with np.errstate(all="ignore"):
            after = step_of(rule, eager["theta"], g.copy(), *[*eager.values()][1:], t=t,
                            **settings)
            returned = made.step(*[mine[n] for n in numbers], t, *settings.values())
        eager = {name: np.asarray(new, old.dtype) if isinstance(old, np.ndarray) else
                 float(new) for (name, old), new in zip(eager.items(), after)}
        mine |= zip(numbers, returned if len(numbers) > 1 else [returned])
        yield [[np.asarray(x[name]).tobytes() for name in names] for x in (eager, mine)]


@each("size", SIZES)
@each("name", RULES)
def test_a_kernel_has_the_bits_of_its_rule(name, size):
    for dtype in DTYPES:
        for by_rule, by_kernel in runs(RULES[name], dtype, size):
            assert by_rule == by_kernel, dtype


def test_the_smaller_rules_have_their_bits_in_a_large_array():
    for rule in rules.RULES.values():
        for by_rule, by_kernel in runs(rule, np.float32, 100_000, steps=2):
            assert by_rule == by_kernel, rule


def test_there_are_rules_to_test():
    assert len(RULES) > 60


def test_a_kernel_reads_as_the_rule_does():
    theta = np.zeros(3)
    arrays = {"theta": theta, "g": theta.copy(), "m": theta.copy(), "v": theta.copy()}
    made = kernel(rules.adam, arrays, {"t": 1, **settings_of(rules.adam)},
                  ("theta", "m", "v"))
    for line in ("# m = beta1*m + (1 - beta1)*g", "multiply(beta1_0d, m, m)", "# m_hat",
                 "subtract(theta, a, theta)"):
        assert line in made.source


def branching(theta, g, *, t, lr):
    return theta - lr*g if theta[0] > 0 else theta


def by_size(theta, g, *, t, lr):
    return theta - lr*g/np.sqrt(theta.size)


calls = []


def counting(theta, g, *, t, lr):
    calls.append(1)
    return theta - len(calls)*lr*g


def test_a_rule_that_cannot_be_followed_is_refused():
    theta = np.ones(100)
    for rule in (branching, counting):
        with pytest.raises(CannotFollow):
            kernel(rule, {"theta": theta, "g": theta.copy()}, {"t": 1, "lr": .1}, ["theta"])


def test_a_rule_that_looks_at_its_size_is_recorded_at_its_own():
    theta = np.ones(100)
    made = kernel(by_size, {"theta": theta, "g": np.ones(100)}, {"t": 1, "lr": .1},
                  ["theta"])
    made.step(1, .5)
    assert (theta == 1 - .5/10).all()


def test_results_that_are_each_others_arguments_are_exchanged():
    m, v = np.array([1., 2.]), np.array([3., 4.])
    made = kernel(lambda m, v: (v, m), {"m": m, "v": v}, {}, ["m", "v"])
    made.step()
    assert m.tolist() == [3., 4.] and v.tolist() == [1., 2.]


def test_a_source_runs_with_numpy_alone():
    theta, g = np.ones(5), np.ones(5)
    made = kernel(rules.gradient_descent, {"theta": theta, "g": g}, {"t": 1, "lr": .1},
                  ["theta"])
    names = {}
    exec(made.source, names)
    names["bind"](theta, g)(1, .25)
    assert (theta == .75).all() and "minigrad" not in made.source
