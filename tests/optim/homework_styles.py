"""Optimizers in plain NumPy, in the styles in which people write them."""
import math
from dataclasses import dataclass
from math import sqrt as root

import numpy as np

LR = 0.05
velocity = 0


def config_made_inside(w, dw, config=None):
    if config is None:
        config = {}
    for name, x in {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8,
                    "m": np.zeros_like(w), "v": np.zeros_like(w), "t": 0}.items():
        config.setdefault(name, x)
    config["t"] += 1
    config["m"] = config["beta1"]*config["m"] + (1 - config["beta1"])*dw
    config["v"] = config["beta2"]*config["v"] + (1 - config["beta2"])*dw**2
    m = config["m"]/(1 - config["beta1"]**config["t"])
    v = config["v"]/(1 - config["beta2"]**config["t"])
    return w - config["learning_rate"]*m/(np.sqrt(v) + config["epsilon"]), config


def config_momentum(w, dw, config=None):
    config = {} if config is None else config
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("momentum", 0.9)
    v = config.get("velocity", np.zeros_like(w))
    v = config["momentum"]*v + config["learning_rate"]*dw
    config["velocity"] = v
    return w - v, config


def states_and_t(w, dw, m, v, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1*m + (1 - beta1)*dw
    v = beta2*v + (1 - beta2)*dw**2
    m_hat, v_hat = m/(1 - beta1**t), v/(1 - beta2**t)
    return w - lr*m_hat/(np.sqrt(v_hat) + eps), m, v


def t_given_back(w, g, m, v, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    t += 1
    m += (1 - beta1)*(g - m)
    v += (1 - beta2)*(g*g - v)
    return w - lr*(m/(1 - beta1**t))/(np.sqrt(v/(1 - beta2**t)) + eps), m, v, t


def given_back_by_name(w, g, m, v, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8, t=1):
    m = beta1*m + (1 - beta1)*g
    v = beta2*v + (1 - beta2)*g**2
    w = w - lr*(m/(1 - beta1**t))/(np.sqrt(v/(1 - beta2**t)) + eps)
    return w, v, m


def closure(lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = v = None
    t = 0

    def step(w, g):
        nonlocal m, v, t
        if m is None:
            m, v = np.zeros_like(w), np.zeros_like(w)
        t += 1
        m = beta1*m + (1 - beta1)*g
        v = beta2*v + (1 - beta2)*g*g
        return w - lr*(m/(1 - beta1**t))/(np.sqrt(v/(1 - beta2**t)) + eps)
    return step


def attribute(w, g, lr=0.1, momentum=0.9):
    if not hasattr(attribute, "m"):
        attribute.m = np.zeros(w.shape)
    attribute.m = momentum*attribute.m + g
    return w - lr*attribute.m


def in_globals(w, g, momentum=0.9):
    global velocity
    velocity = momentum*velocity + g
    w -= LR*velocity


def mutable_default(w, g, lr=0.1, eps=1e-8, cache={}):              # noqa: B006
    cache["v"] = cache.get("v", 0) + g**2
    return w - lr*g/(np.sqrt(cache["v"]) + eps)


class Params:
    """A dict of parameters; lr with the correction folded into it."""

    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.lr, self.beta1, self.beta2, self.eps, self.iter = lr, beta1, beta2, eps, 0
        self.m = self.v = None

    def update(self, params, grads):
        if self.m is None:
            self.m, self.v = {}, {}
            for key, x in params.items():
                self.m[key], self.v[key] = np.zeros_like(x), np.zeros_like(x)
        self.iter += 1
        lr = self.lr*np.sqrt(1 - self.beta2**self.iter)/(1 - self.beta1**self.iter)
        for key in params:
            self.m[key] += (1 - self.beta1)*(grads[key] - self.m[key])
            self.v[key] += (1 - self.beta2)*(grads[key]**2 - self.v[key])
            params[key] -= lr*self.m[key]/(np.sqrt(self.v[key]) + self.eps)


class Lists:
    """Lists of states made with the parameters, written in place and with out=."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        self.params, self.lr, self.betas, self.eps, self.t = params, lr, betas, eps, 0
        self.m = [np.zeros(p.shape) for p in params]
        self.v = [np.zeros(p.shape) for p in params]

    def step(self, grads):
        self.t += 1
        b1, b2 = self.betas
        for i, g in enumerate(grads):
            self.m[i] *= b1
            self.m[i] += (1 - b1)*g
            np.multiply(self.v[i], b2, out=self.v[i])
            self.v[i][:] = self.v[i] + (1 - b2)*g*g
            m, v = self.m[i]/(1 - math.pow(b1, self.t)), self.v[i]/(1 - b2**self.t)
            self.params[i] -= self.lr*m/(np.sqrt(v) + self.eps)


class Objects:
    """Parameters that have .data and .grad."""

    def __init__(self, params, lr=0.01, momentum=0.9):
        self.params, self.lr, self.momentum = list(params), lr, momentum
        self.velocities = [np.zeros_like(p.data) for p in self.params]

    def step(self):
        for p, v in zip(self.params, self.velocities):
            v *= self.momentum
            v += self.lr*p.grad
            p.data -= v


class ById:
    """States by the identity of the parameter."""

    def __init__(self, lr=0.01, momentum=0.9):
        self.lr, self.momentum, self.m = lr, momentum, {}

    def step(self, params, grads):
        for p, g in zip(params, grads):
            m = self.m.setdefault(id(p), np.zeros_like(p))
            m[...] = self.momentum*m + g
            p -= self.lr*m


class Called:
    """Running powers instead of t; scalars that become arrays."""

    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.m = self.v = 0.0
        self.p1 = self.p2 = 1.0

    def __call__(self, w, g):
        self.p1 *= self.beta1
        self.p2 *= self.beta2
        self.m = self.beta1*self.m + (1 - self.beta1)*g
        self.v = self.beta2*self.v + (1 - self.beta2)*g**2
        return w - self.lr*(self.m/(1 - self.p1))/(np.sqrt(self.v/(1 - self.p2)) + self.eps)


class OfClass:
    """State and settings as class attributes."""
    m = 0
    lr = 0.1
    mu = 0.9

    def update(self, w, g):
        OfClass.m = self.mu*OfClass.m + g
        return w - self.lr*OfClass.m


class Base:
    def __init__(self, lr=0.1):
        self.lr = lr

    def step(self, w, g):
        return w - self.lr*self.direction(g)


class Inherited(Base):
    def __init__(self, lr=0.1, momentum=0.9):
        super().__init__(lr)
        self.momentum, self.m = momentum, None

    def direction(self, g):
        self.m = g if self.m is None else self.momentum*self.m + g
        return self.m


@dataclass
class Data:
    lr: float = 0.1
    mu: float = 0.9
    m: float = 0.0

    def step(self, w, g):
        self.m = self.mu*self.m + g
        return w - self.lr*self.m


class WarmUp:
    def __init__(self, lr=0.1, warmup=10):
        self.lr, self.warmup, self.t = lr, warmup, 0

    def __call__(self, w, g):
        self.t += 1
        return w - (self.lr*self.t/self.warmup if self.t < self.warmup else self.lr)*g


def masks(w, g, lr=0.1):
    d = np.copy(g)
    d[d > 1] = 1
    d[d < -1] = -1
    return w - lr*d


def clip(w, g, lr=0.1):
    return w - lr*np.clip(g, -1, 1)


def signs(w, g, lr=0.1):
    return w - lr*np.sign(g)*np.where(np.abs(g) > 0.5, 1, 0.5)


def one_number(x, dx, v, lr=0.1, decay_rate=0.9, eps=1e-8):
    v = decay_rate*v + (1 - decay_rate)*dx**2
    return x - lr*dx/(math.sqrt(v) + eps), v


def one_root(x, dx, v, lr=0.1, decay_rate=0.9, eps=1e-8):
    v = decay_rate*v + (1 - decay_rate)*dx**2
    return x - lr*dx/(root(v) + eps), v


def lists_given_back(params, grads, learning_rate=0.1):
    return [p - learning_rate*g for p, g in zip(params, grads)]


def tuple_state(w, g, state=(0, 0), lr=0.01, eps=1e-8):
    m, v = state
    m, v = 0.9*m + g, v + g*g
    return w - lr*m/(np.sqrt(v) + eps), (m, v)


def needs_lr(w, dw, lr):
    return w - lr*dw


def counted_from_1(w, g, state={"t": 1, "m": 0}, lr=0.1, mu=0.9):   # noqa: B006
    state["m"] = mu*state["m"] + g/state["t"]
    state["t"] += 1
    return w - lr*state["m"]


def anchored(w, g, lr=0.1, memory={}):                              # noqa: B006
    memory.setdefault("w_first", w.copy())
    return w - lr*(g + (w - memory["w_first"]))
