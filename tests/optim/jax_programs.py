"""Optimizers on JAX: ready-made transformations, factories, and plain functions."""
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

FALLING = optax.exponential_decay(0.1, 10, 0.5)
chain = optax.chain(optax.scale_by_adam(), optax.scale(-1e-3))
adam = optax.adam(1e-3)
clipped = optax.chain(optax.clip_by_global_norm(1.0), optax.sgd(0.1, momentum=0.9))
injected = optax.inject_hyperparams(optax.adam)(learning_rate=1e-3)
injected_falling = optax.inject_hyperparams(optax.sgd)(learning_rate=FALLING)
falling = optax.sgd(FALLING)
lamb = optax.lamb(1e-3)


def factory(lr=0.1, mu=0.9):
    return optax.chain(optax.trace(decay=mu), optax.scale(-lr))


def choosing(lr=0.1, mu=0.9):
    """Python asks about a hyperparameter."""
    if mu > 0.5:
        return optax.chain(optax.trace(decay=mu), optax.scale(-lr))
    return optax.scale(-lr)


class State(NamedTuple):
    m: Any
    n: Any


class Pair(NamedTuple):
    init: Any
    update: Any


def own(lr=0.1, mu=0.9):
    def init(params):
        return State(jax.tree.map(jnp.zeros_like, params), jnp.zeros((), int))

    def update(grads, state, params=None):
        m = jax.tree.map(lambda m, g: mu*m + g/(1 + state.n), state.m, grads)
        return jax.tree.map(lambda m: -lr*m, m), State(m, state.n + 1)
    return Pair(init, update)


own_made = own()
two_functions = (lambda p: jnp.zeros_like(p), lambda g, m, p=None: (
    -0.1*(0.9*m + g), 0.9*m + g))


# ------------------------------------------------------------------------ plain functions
def update(theta, g, m, v, t, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = beta1*m + (1 - beta1)*g, beta2*v + (1 - beta2)*g**2
    m_hat, v_hat = m/(1 - beta1**t), v/(1 - beta2**t)
    return theta - lr*m_hat/(jnp.sqrt(v_hat) + eps), m, v


jitted = jax.jit(update)


def by_name(theta, g, m, v, *, t, lr=1e-3, b1=0.9, b2=0.999, eps=1e-8):
    """It looks like a rule of ours, and is written for JAX."""
    return jitted(theta, g, m, v, t, lr, b1, b2, eps)


def in_a_dict(theta, g, m, t, lr=0.1, mu=0.9):
    m = mu*m + g
    return {"theta": theta - lr*m, "m": m}


def trees(params, grads, state, lr=0.1, mu=0.9):
    state = jax.tree.map(lambda m, g: mu*m + g, state, grads)
    return jax.tree.map(lambda p, m: p - lr*m, params, state), state


def states_in_a_dict(theta, g, state, lr=0.1, mu=0.9):
    m = mu*state["m"] + g
    return theta - lr*m, {"m": m}


def control(theta, g, m, t, lr=0.1):
    m = jax.lax.fori_loop(0, 3, lambda i, x: x/2 + g, m)
    size = jax.lax.cond(t > 10, lambda: lr, lambda: lr/2)
    d = jax.lax.select(g > 0, g, 2*g)
    return theta - size*jnp.where(jnp.abs(d) > 1, jnp.sign(d), d)*m, m


def scanned(theta, g, lr=0.1):
    powers, _ = jax.lax.scan(lambda c, x: (c + x*g, c), jnp.zeros_like(g), jnp.arange(4.0))
    return theta - lr*powers


def closure(lr=0.1):
    weights = jnp.array([1.0, 2.0, 3.0])
    half = 0.5

    def step(w, g):
        return w - half*weights[1]*g
    return step


closed = closure()


def all_clipped(params, grads, lr=0.1, max_norm=1.0):
    n = optax.global_norm(grads)
    return jax.tree.map(lambda p, g: p - lr*g*jnp.minimum(1, max_norm/n), params, grads)


def asked(w, g, lr=0.1, mu=0.9):
    if mu > 0.5:
        return w - lr*g
    return w - lr*g/2


def unit(w, g, lr=0.1):
    return w - lr*g/jnp.linalg.norm(g)


# ---------------------------------------------------------------------- what is refused
def by_sort(w, g, lr=0.1): return w - lr*jnp.sort(g, axis=None).reshape(g.shape)
def by_largest(w, g, lr=0.1): return w - lr*g/jnp.max(jnp.abs(g))
def by_mean(w, g, lr=0.1): return w - lr*g/jnp.sqrt(jnp.mean(g**2))
def flipped(w, g, lr=0.1): return w - lr*jnp.flip(g)
def by_sums(w, g, lr=0.1): return w - lr*jnp.cumsum(g, axis=0)
def asked_of_g(w, g, lr=0.1): return w - lr*g if jnp.sum(g) > 0 else w
def in_single(w, g, lr=0.1): return w - lr*jnp.asarray(g, jnp.float32)
def random(w, g, lr=0.1): return w - lr*g*jax.random.uniform(jax.random.key(0), g.shape)
def first_only(w, g, lr=0.1): return w - lr*jnp.ravel(g)[0]
def scattered(w, g, lr=0.1): return jnp.asarray(w).at[0].add(-lr*g[0])


def while_large(w, g, lr=0.1):
    return w - lr*jax.lax.while_loop(lambda x: x.sum() > 1, lambda x: x/2, g)


noisy = optax.chain(optax.add_noise(0.1, 0.5, 0), optax.scale(-1.0))
every_third = optax.MultiSteps(optax.sgd(0.1), 3)
if_finite = optax.apply_if_finite(optax.sgd(0.1), 3)


def counting_wrongly():
    def init(params):
        return jnp.zeros((), int)

    def update(grads, n, params=None):
        n = jnp.where(n < 500, n + 1, 0)
        return jax.tree.map(lambda g: -g/(1 + n), grads), n
    return optax.GradientTransformation(init, update)


def last_one_differs():
    def update(grads, state, params=None):
        *rest, last = jax.tree.leaves(grads)
        return jax.tree.unflatten(jax.tree.structure(grads), [
            *(-g for g in rest), -2*last]), state
    return optax.GradientTransformation(lambda p: (), update)
