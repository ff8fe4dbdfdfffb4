"""Programs with norms: in plain NumPy, on PyTorch, on JAX."""
import math

import numpy as np
import torch


# ---------------------------------------------------------------------------- plain NumPy
def clipped(w, g, lr=0.1, max_norm=1.0):
    return w - lr*g*min(1, max_norm/(np.linalg.norm(g) + 1e-6))


def clipped_if(w, g, lr=0.1, max_norm=1.0):
    n = np.sqrt(np.sum(g**2))
    if n > max_norm:
        g = g*max_norm/n
    return w - lr*g


def clipped_at_five(w, g, lr=0.1):
    n = math.sqrt((g*g).sum())
    if n > 5:
        g = g*5/n
    return w - lr*g


def each_alone(params, grads, lr=0.1):
    for k in params:
        params[k] -= lr*grads[k]/(np.linalg.norm(grads[k]) + 1e-8)


def each_alone_if(params, grads, lr=0.1):
    for k in params:
        n, g = np.linalg.norm(grads[k]), grads[k]
        params[k] = params[k] - lr*(g/n if n > 1.5 else g)


def together(params, grads, lr=0.1):
    total = np.sqrt(sum(np.sum(g**2) for g in grads.values()))
    for k in params:
        params[k] -= lr*grads[k]/(total + 1e-8)


def together_by_norms(params, grads, lr=0.1, clip=1.0):
    total = np.linalg.norm([np.linalg.norm(g) for g in grads.values()])
    for k in params:
        params[k] -= lr*grads[k]*(clip/total if total > clip else 1)


def squared(w, g, lr=0.1):
    return w - lr*g*np.dot(g.ravel(), g.ravel())


def by_a_loop(w, g, lr=0.1):
    total = 0.0
    for x in g.ravel():
        total += x**2
    return w - lr*g/math.sqrt(total)


class Lamb:
    def __init__(self, lr=0.01, beta1=0.9, beta2=0.999, eps=1e-6, weight_decay=0.01):
        self.lr, self.b1, self.b2, self.eps, self.wd = lr, beta1, beta2, eps, weight_decay
        self.m = self.v = self.t = 0

    def update(self, w, g):
        self.t += 1
        self.m = self.b1*self.m + (1 - self.b1)*g
        self.v = self.b2*self.v + (1 - self.b2)*g*g
        u = self.m/(1 - self.b1**self.t)/(
            np.sqrt(self.v/(1 - self.b2**self.t)) + self.eps) + self.wd*w
        return w - self.lr*np.linalg.norm(w)/np.linalg.norm(u)*u


# What is no norm of a whole parameter.
def largest(w, g, lr=0.1): return w - lr*g/np.max(np.abs(g))
def root_mean_square(w, g, lr=0.1): return w - lr*g/np.sqrt(np.mean(g**2))
def of_the_first(w, g, lr=0.1): return w - lr*g/np.linalg.norm(g.ravel()[:1])
def of_all_but_one(w, g, lr=0.1): return w - lr*g/np.linalg.norm(g.ravel()[1:])
def twice_the_first(w, g, lr=0.1): return w - lr*g/np.sqrt(
    np.sum(g**2) + g.ravel()[0]**2)
def absolute(w, g, lr=0.1): return w - lr*g/np.linalg.norm(g.ravel(), 1)
def weighted(w, g, lr=0.1): return w - lr*g/np.sqrt(np.sum(np.arange(g.size)*g.ravel()**2))
def of_rows(w, g, lr=0.1): return w - lr*g/np.sqrt(np.sum(g**2, axis=0))
def a_product(w, g, lr=0.1): return w - lr*g*np.sum(w*g)


def of_the_other(params, grads, lr=0.1):
    norms = {k: np.linalg.norm(g) for k, g in grads.items()}
    a, b = params
    params[a] -= lr*grads[a]/norms[b]
    params[b] -= lr*grads[b]/norms[a]


def of_the_first_parameter(params, grads, lr=0.1):
    n = np.linalg.norm(grads[[*grads][0]])
    for k in params:
        params[k] -= lr*grads[k]/n


def crossed(params, grads, lr=0.1):
    a, b = (np.linalg.norm(g) for g in grads.values())
    n = np.sqrt(sum(np.sum((g*x)**2) for g, x in zip(grads.values(), (b, a))))
    for k in params:
        params[k] -= lr*grads[k]/n


# -------------------------------------------------------------------------------- PyTorch
class Base(torch.optim.Optimizer):
    def __init__(self, params, lr=0.1, max_norm=1.0):
        super().__init__(params, {"lr": lr, "max_norm": max_norm})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            self.clip(group)
            for p in group["params"]:
                p.sub_(group["lr"]*self.along(p.grad, p, group))

    def clip(self, group):
        pass

    def along(self, g, p, group):
        return g


class Clipped(Base):
    def clip(self, group):
        torch.nn.utils.clip_grad_norm_(group["params"], group["max_norm"])


class ClippedOneByOne(Base):
    def clip(self, group):
        torch.nn.utils.clip_grad_norm_(group["params"], group["max_norm"], foreach=False)


class ClippedByHand(Base):
    def clip(self, group):
        total = sum(p.grad.norm(2).item()**2 for p in group["params"])**0.5
        factor = group["max_norm"]/(total + 1e-6)
        if factor < 1:
            for p in group["params"]:
                p.grad.mul_(factor)


class Unit(Base):
    def along(self, g, p, group):
        return g/g.norm()


class Squared(Base):
    def along(self, g, p, group):
        return g*(g*g).sum()


class Lars(Base):
    def along(self, g, p, group):
        d = g + p/100
        return d*p.norm()/(d.norm() + 1)


class LarsIf(Base):
    def along(self, g, p, group):
        a, b = torch.norm(p), torch.norm(g)
        return g*a/b if a != 0 and b != 0 else g


class RootMeanSquare(Base):
    def along(self, g, p, group):
        return g/g.pow(2).mean().sqrt()


class Largest(Base):
    def along(self, g, p, group):
        return g/g.abs().max()


class OfTheFirstEntry(Base):
    def along(self, g, p, group):
        return g/g[:1].norm()


class Absolute(Base):
    def along(self, g, p, group):
        return g/g.norm(1)


class Spectral(Base):
    def along(self, g, p, group):
        return g/torch.linalg.norm(g, 2) if g.ndim == 2 else g/g.norm()


class OfTheFirstParameter(Base):
    def along(self, g, p, group):
        return g/group["params"][0].grad.norm()


class OfTheSum(Base):
    def along(self, g, p, group):
        return g*g.sum()
