"""Adam by hand: its rule's operations, block by block, in place."""
from collections.abc import Callable

import numpy as np
from numpy import add, divide, multiply, sqrt, square, subtract
from numpy.typing import NDArray

BLOCK = 2**15           # float32 entries; six arrays of them fit into a cache of 1 MiB
BETA1, BETA2, LR, EPS = 0.9, 0.999, 0.001, 1e-8


def number(x: float) -> NDArray:
    """A constant."""
    return np.array(x, np.float32)


def adam_step(theta: NDArray, g: NDArray) -> Callable[[], None]:
    """A function that moves the flat theta once, by what is in g then."""
    m, v = np.zeros_like(theta), np.zeros_like(theta)
    size = min(BLOCK, theta.size)
    scratch, direction = np.empty(size, np.float32), np.empty(size, np.float32)
    blocks = [(theta[i:i + size], g[i:i + size], m[i:i + size], v[i:i + size],
               scratch[:theta.size - i], direction[:theta.size - i])
              for i in range(0, theta.size, size)]
    beta1, rest1, beta2, rest2, lr, eps = map(
        number, (BETA1, 1 - BETA1, BETA2, 1 - BETA2, LR, EPS))
    left1, left2 = number(1), number(1)
    t = 0

    def step() -> None:
        nonlocal t
        t += 1
        left1[()], left2[()] = 1 - BETA1**t, 1 - BETA2**t
        for theta, g, m, v, s, d in blocks:
            multiply(m, beta1, m)                   # m = beta1*m + (1 - beta1)*g
            multiply(g, rest1, s)
            add(m, s, m)
            multiply(v, beta2, v)                   # v = beta2*v + (1 - beta2)*g**2
            square(g, s)
            multiply(s, rest2, s)
            add(v, s, v)
            divide(v, left2, s)                     # sqrt(v_hat) + eps
            sqrt(s, s)
            add(s, eps, s)
            divide(m, left1, d)                     # theta - lr*m_hat/(sqrt(v_hat) + eps)
            multiply(d, lr, d)
            divide(d, s, d)
            subtract(theta, d, theta)
    return step
