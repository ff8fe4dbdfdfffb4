"""Subclasses of Keras's optimizers that would fool a lift, and some that do not."""
import os
import random
import time

import numpy as np
import pytest

import optim

os.environ["KERAS_BACKEND"] = "jax"             # before Keras is imported
import jax.numpy as jnp  # noqa: E402
import keras  # noqa: E402
from keras import ops  # noqa: E402

KEPT = [0]


class Plain(keras.optimizers.Optimizer):
    """Gradient descent along what `along` makes of the gradient."""

    def __init__(self, learning_rate=0.1, mu=0.9, **kwargs):
        super().__init__(learning_rate=learning_rate, name="plain", **kwargs)
        self.mu, self.calls, self.numbers = mu, 0, []

    def build(self, variables):
        if not self.built:
            super().build(variables)
            self.first, self.second = self.add_optimizer_variables(
                variables, ["momentum", "velocity"])

    def update_step(self, gradient, variable, learning_rate):
        i = self._get_variable_index(variable)
        self.assign_sub(variable, learning_rate*self.along(
            gradient, variable, self.first[i], i))


def made(along):
    return type(along.__name__.title(), (Plain,), {
        "along": lambda self, *args: along(self, *args), "__module__": __name__})


# ------------------------------------------------------------------------ lifted rightly
def momentum(self, g, p, m, i):
    self.assign(m, self.mu*m + g)
    return m


def asked(self, g, p, m, i):
    return g if self.mu > 0.5 else g/2


def unit(self, g, p, m, i):
    return g/ops.sqrt(ops.sum(ops.square(g)))


def late(self, g, p, m, i):
    return ops.where(self.iterations > 200, g/2, g)


def falling(self, g, p, m, i):
    return g/ops.cast(self.iterations + 1, g.dtype)


def clipped(self, g, p, m, i):
    return ops.clip(g, -self.mu, self.mu)


def heavy_ball(theta, g, m, *, t, lr=0.1, mu=0.9):
    m = mu*m + g
    return theta - lr*m, m


def half_for_small(theta, g, m, *, t, lr=0.1, mu=0.9):
    return theta - lr*np.where(mu > 1/2, g, g/2), m


def of_length_one(theta, g, m, *, t, norm_g, lr=0.1, mu=0.9):
    return theta - lr*g/norm_g, m


def half_late(theta, g, m, *, t, lr=0.1, mu=0.9):
    return theta - lr*np.where(t - 1 > 200, g/2, g), m


def over_t(theta, g, m, *, t, lr=0.1, mu=0.9):
    return theta - lr*g/t, m


def cut(theta, g, m, *, t, lr=0.1, mu=0.9):
    return theta - lr*np.minimum(np.maximum(g, -mu), mu), m


RIGHT = {momentum: heavy_ball, asked: half_for_small, unit: of_length_one, late: half_late,
         falling: over_t, clipped: cut}


# ------------------------------------------------------------------------------- refused
def counted_on_itself(self, g, p, m, i):
    self.calls += 1
    return g*(2 if self.calls > 10**5 else 1)


def counted_in_a_list(self, g, p, m, i):
    self.numbers.append(0)
    return g*(2 if len(self.numbers) > 10**5 else 1)


def counted_on_the_class(self, g, p, m, i):
    type(self).total = getattr(type(self), "total", 0) + 1
    return g*(2 if type(self).total > 10**5 else 1)


def counted_in_the_module(self, g, p, m, i, kept=KEPT):
    kept[0] += 1
    return g*(2 if kept[0] > 10**5 else 1)


def by_place(self, g, p, m, i):
    return g if i == 0 else 2*g


def by_size(self, g, p, m, i):
    return g/g.size


def by_shape(self, g, p, m, i):
    return g*2 if len(g.shape) == 2 else g


def mean(self, g, p, m, i):
    return g/ops.mean(ops.abs(g))


def largest(self, g, p, m, i):
    return g/ops.max(ops.abs(g))


def total(self, g, p, m, i):
    return g*ops.sum(g)


def first_entry(self, g, p, m, i):
    return g/ops.ravel(g)[0]


def flipped(self, g, p, m, i):
    return ops.flip(g)


def cumulated(self, g, p, m, i):
    return ops.reshape(ops.cumsum(ops.ravel(g)), g.shape)


def in_single(self, g, p, m, i):
    return ops.cast(ops.cast(g, "float32"), g.dtype)


def rounded(self, g, p, m, i):
    return g + ops.cast(ops.cast(g, "int32"), g.dtype)


def chance(self, g, p, m, i):
    return g*random.random()


def noise(self, g, p, m, i):
    return g*keras.random.uniform(g.shape, seed=1, dtype=g.dtype)


def clock(self, g, p, m, i):
    return g*(1 + time.time() % 1)


def float_of_mu(self, g, p, m, i):
    return g*float(self.mu)


def asked_of_g(self, g, p, m, i):
    return g if ops.sum(g) > 0 else g/2


def norm_of_the_other(self, g, p, m, i):
    self.numbers[i:i + 1] = [g]
    return g/jnp.linalg.norm(self.numbers[0])


def sorted_entries(self, g, p, m, i):
    return ops.reshape(ops.sort(ops.ravel(g)), g.shape)


WRONG = {
    counted_on_itself: "calls changes", counted_in_a_list: "numbers",
    counted_on_the_class: "total changes|two ways", counted_in_the_module: "changes",
    by_place: "not made alike", by_size: "not made alike", by_shape: "not made alike",
    mean: "float32|not made alike", largest: "reduce_max", total: "not elementwise",
    first_entry: "not elementwise|known", flipped: "not elementwise", cumulated: "cumsum",
    in_single: "float32", rounded: "int32", chance: "not made alike|outside|gives",
    noise: "random|not known|not made alike", clock: "not made alike|outside|gives",
    float_of_mu: "traced", asked_of_g: "traced", norm_of_the_other: "norm of another|Leak|"
    "changes|not elementwise|leaked", sorted_entries: "sort"}


@pytest.mark.parametrize("along", RIGHT, ids=lambda f: f.__name__)
def test_what_a_subclass_computes_is_lifted(along):
    found = optim.lift(made(along))
    states = {n for n in found.init}
    verdict = optim.prove(found.rule, idle(RIGHT[along], states))
    assert verdict.status == "PROVED", f"{found.source}\n{verdict}"


def idle(rule, states):
    """The rule with the states that the class keeps and does not use."""
    if states == {"m", "v"}:
        if "norm_g" in rule.__code__.co_varnames:
            def more(theta, g, m, v, *, t, norm_g, lr=0.1, mu=0.9):
                return *rule(theta, g, m, t=t, norm_g=norm_g, lr=lr, mu=mu), v
            return more

        def more(theta, g, m, v, *, t, lr=0.1, mu=0.9):
            return *rule(theta, g, m, t=t, lr=lr, mu=mu), v
        return more
    return rule


@pytest.mark.parametrize("along", WRONG, ids=lambda f: f.__name__)
def test_what_would_fool_a_lift_is_refused(along):
    with pytest.raises((NotImplementedError, TypeError, ValueError), match=WRONG[along]):
        optim.lift(made(along))
