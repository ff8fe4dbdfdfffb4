"""Programs that would fool who lifts them: numbers lost, hidden, late, or of other entries.
"""
import decimal
import functools
import itertools
import json
import math
import os
import random
import threading
import time
from collections import Counter, deque

import numpy as np

calls = itertools.count()
drops = {50: 0.1}


class Plain:
    """Gradient descent; what a subclass does to the size of a step is its trick."""

    def __init__(self, lr=0.1):
        self.lr, self.t, self.k, self.flag, self.wd = lr, 0, 1.0, False, 0

    def __call__(self, w, g):
        self.t += 1
        return w - self.lr*self.times(w, g)*g

    def times(self, w, g):
        return 1


def counting():
    k = 0
    while True:
        k += 1
        yield k


numbers = counting()


@functools.cache
def cached(x):
    return x


# ---------------------------------------------------------- numbers that are lost or hidden
class FloatOfEntry(Plain):
    def times(self, w, g): return float(g.flat[0])


class Item(Plain):
    def times(self, w, g): return float(g.ravel()[0].item())


class ThroughJson(Plain):
    def times(self, w, g): return json.loads(json.dumps(self.k + self.lr))


class IntOfCounter(Plain):
    def times(self, w, g): return 1/int(self.t)


class IntAsked(Plain):
    def times(self, w, g): return 2 if int(self.t) > 5000 else 1


class FloatAsked(Plain):
    def times(self, w, g): return 2 if float(self.t) > 5000 else 1


class NumpyFloatAsked(Plain):
    def times(self, w, g): return 2 if np.float64(self.t) > 5000 else 1


class CloseAsked(Plain):
    def times(self, w, g): return 2 if math.isclose(self.t, 5000) else 1


class NumpyCloseAsked(Plain):
    def times(self, w, g): return 2 if np.isclose(self.t, 700) else 1


class WholeAsked(Plain):
    def times(self, w, g): return 2 if (self.t/3000).is_integer() else 1


class TextAsked(Plain):
    def times(self, w, g): return 2 if len(str(self.t)) > 4 else 1


class Hashed(Plain):
    def times(self, w, g): return drops.get(self.t, 1)


class Rounded(Plain):
    def times(self, w, g): return round(self.lr, 3)


class Decimals(Plain):
    def times(self, w, g): return float(decimal.Decimal(self.lr))


class Single(Plain):
    def times(self, w, g): return np.float32(self.lr)


class Listed(Plain):
    def times(self, w, g):
        return np.array([float(x) for x in g.ravel().tolist()]).reshape(g.shape)


class Bytes(Plain):
    def times(self, w, g):
        return np.frombuffer(np.ascontiguousarray(g).tobytes()).reshape(g.shape)


class Whole(Plain):
    def times(self, w, g): return np.zeros(w.shape, dtype=int) + (3*g).astype(int)


class KindAsked(Plain):
    def times(self, w, g): return 2 if type(self.lr) is float else 1


class NodeAsked(Plain):
    def times(self, w, g): return 2 if hasattr(self.lr, "node") else 1


class DtypeAsked(Plain):
    def times(self, w, g): return 2 if w.dtype == float else 1


# ----------------------------------------------------------- memory that is out of sight
class Iterator(Plain):
    def times(self, w, g): return 2 if next(calls) > 500 else 1


class Generator(Plain):
    def times(self, w, g): return 2 if next(numbers) > 500 else 1


class Cache(Plain):
    def times(self, w, g): return cached(self.lr)


class Growing(Plain):
    seen: list = []

    def times(self, w, g):
        self.seen.append(1)
        return 2 if len(self.seen) > 3000 else 1


class Queue(Plain):
    def __init__(self, lr=0.1):
        super().__init__(lr)
        self.last = deque(maxlen=2)

    def times(self, w, g):
        self.last.append(g.copy())
        return sum(self.last)


class Switch(Plain):
    def times(self, w, g):
        self.flag = self.flag or self.t > 2000
        return 2 if self.flag else 1


class Text(Plain):
    text = ""

    def times(self, w, g):
        self.text += "x"
        return 2 if len(self.text) > 3000 else 1


class Documentation(Plain):
    def times(self, w, g):
        Documentation.times.__doc__ = (Documentation.times.__doc__ or "") + "x"
        return 2 if len(Documentation.times.__doc__) > 3000 else 1


class Complex(Plain):
    z = 1j

    def times(self, w, g):
        self.z *= 1.001
        return 2 if abs(self.z) > 30 else 1


class SetOfNumbers(Plain):
    def __init__(self, lr=0.1):
        super().__init__(lr)
        self.seen = {0}

    def times(self, w, g):
        self.seen.add(len(self.seen))
        return 2 if len(self.seen) > 3000 else 1


class ByteArray(Plain):
    buffer = bytearray(2)

    def times(self, w, g):
        self.buffer[0] = min(self.buffer[0] + 1, 200)
        return 2 if self.buffer[0] > 150 else 1


class Annotations(Plain):
    def times(self, w, g):
        a = Annotations.__annotations__
        a["n"] = a.get("n", 0) + 1
        return 2 if a["n"] > 300 else 1


class InNumPy(Plain):
    def times(self, w, g):
        np.hidden = getattr(np, "hidden", 0) + 1
        return 2 if np.hidden > 3000 else 1


class OtherShape(Plain):
    buffer = np.zeros((2, 50))

    def times(self, w, g):
        self.buffer[1, 0] += 1
        return 2 if self.buffer[1, 0] > 3000 else 1


class Environment(Plain):
    def times(self, w, g): return 2 if "HIDDEN" in os.environ else 1


class Thread(Plain):
    def times(self, w, g): return threading.active_count()


class Clock(Plain):
    def times(self, w, g): return 2 if time.time() > 4e9 else 1


class Chance(Plain):
    def times(self, w, g): return 2 if random.random() > 0.9999 else 1


class NumPyChance(Plain):
    def times(self, w, g): return 2 if np.random.rand() > 0.9999 else 1


class Evaluated(Plain):
    def times(self, w, g): return eval("2")


# ------------------------------------------------------------------ entries that are mixed
class Sum(Plain):
    def times(self, w, g): return 1/np.sum(g)


class Norm(Plain):
    def times(self, w, g): return 1/np.linalg.norm(g)


class Mean(Plain):
    def times(self, w, g): return g.mean()


class Cumulated(Plain):
    def times(self, w, g): return np.cumsum(g).reshape(g.shape)


class Sorted(Plain):
    def times(self, w, g): return np.sort(g)


class First(Plain):
    def times(self, w, g): return g[0]


class Flipped(Plain):
    def times(self, w, g): return g[::-1]


class Rolled(Plain):
    def times(self, w, g): return np.roll(g, 1)


class Product(Plain):
    def times(self, w, g): return g @ np.eye(g.shape[-1])


class Largest(Plain):
    def times(self, w, g): return max(abs(g.max()), 1)


class Anywhere(Plain):
    def times(self, w, g): return 2 if np.any(g > 0) else 1


class Length(Plain):
    def times(self, w, g): return 1/len(g)


class Size(Plain):
    def times(self, w, g): return 1/g.size


class Dimensions(Plain):
    def times(self, w, g): return 2 if w.ndim == 2 else 1


class Transposed(Plain):
    def times(self, w, g): return g.T


class CountsParameters(Plain):
    def update(self, params, grads):
        for k in params:
            self.t += 1
            params[k] = params[k] - self.lr*grads[k]/self.t
    __call__ = None


def by_place(params, grads, lr=0.1):
    for i, (p, g) in enumerate(zip(params, grads)):
        p -= lr*g*(i + 1)


def norm_of_all(params, grads, lr=0.1):
    n = sum((g**2).sum() for g in grads)
    for p, g in zip(params, grads):
        p -= lr*g/n


def the_step_alone(w, g, lr=0.1):
    return -lr*g


def loop(w, g, t, lr=0.1):
    while t > 100:
        lr, t = lr/2, t - 100
    return w - lr*g


def own_default(w, g, lr=0.1):
    own_default.__defaults__ = own_default.__defaults__[0]*0.99,
    return w - lr*g


# ----------------------------------------------------------------- late, and to be found
class Late(Plain):
    def times(self, w, g): return 2 if self.t > 100 else 1


class VeryLate(Plain):
    def times(self, w, g): return 2 if self.t > 5000 else 1


class Once(Plain):
    def times(self, w, g): return 2 if self.t == 777 else 1


class EveryNow(Plain):
    def times(self, w, g): return 2 if self.t % 777 == 0 else 1


class InList(Plain):
    def times(self, w, g): return 2 if self.t in [50, 90] else 1


class Nested(Plain):
    class Inner:
        n = 0

    def times(self, w, g):
        Nested.Inner.n += 1
        return 2 if Nested.Inner.n > 3000 else 1


class InDict(Plain):
    def times(self, w, g):
        InDict.times.__dict__["n"] = InDict.times.__dict__.get("n", 0) + 1
        return 2 if InDict.times.n > 3000 else 1


class Counted(Plain):
    def __init__(self, lr=0.1):
        super().__init__(lr)
        self.c = Counter()

    def times(self, w, g):
        self.c["n"] += 1
        return 2 if self.c["n"] > 3000 else 1


class Powers(Plain):
    def times(self, w, g):
        self.k *= 1.5
        return 2 if self.k > 1e9 else 1


class DefaultAsked(Plain):
    def times(self, w, g): return 2 if self.lr == 0.1 else 1


class Overwritten(Plain):
    def times(self, w, g):
        self.lr = 0.25
        return 1


class SetLater(Plain):
    def times(self, w, g):
        if self.t == 30:
            self.lr = self.lr/10
        return 1


class ZeroLater(Plain):
    def times(self, w, g):
        if self.t > 2000:
            self.wd = 0.5
        return 1 + self.wd


class Skipping(Plain):
    def times(self, w, g):
        if self.t > 30:
            self.t += 1
        return 1/self.t
