"""Backward passes that are odd, broken or hostile."""
import os
import sys
import time

import numpy as np

COUNT = [0]


def gives_none(x, dout):
    dout*(x > 0)


def gives_text(x, dout):
    return "dout*(x > 0)"


def gives_ragged(x, dout):
    return [[1.0, 2.0], [3.0]]


def wrong_shape(x, dout):
    return (dout*(x > 0)).ravel()


def nan_somewhere(x, dout):
    dx = dout*(x > 0)
    dx[0, 0] = np.nan
    return dx


def infinite(x, dout):
    return dout*(x > 0)/0


def gives_list(x, dout):
    return (dout*(x > 0)).tolist()


def remembers(x, dout):
    COUNT[0] += 1
    return dout*(x > 0)*(1 if COUNT[0] < 6 else 2)


def random_numbers(x, dout):
    return dout*(x > 0) + np.random.normal(size=x.shape)*1e-3


def writes_over_x(x, dout):
    x[:] = x > 0
    return dout*x


def raises(x, dout):
    raise KeyError("a"*10**6)


def leaves(x, dout):
    sys.exit(0)


def ends(x, dout):
    os._exit(0)


def goes_round(x, dout):
    while True:
        pass


def takes_all_memory(x, dout):
    return np.ones((10**6, 10**6))*dout


def floods(x, dout):
    for _ in range(2000):
        print("x"*10_000)
    return dout*(x > 0)


def forks(x, dout):
    os.fork()
    return dout*(x > 0)


def deletes(x, dout):
    for name in os.listdir(".."):
        os.remove(os.path.join("..", name))
    return dout*(x > 0)


def only_where_all_are_numbers(x, dout):
    if x.dtype == object:
        return dout*(x > 0)
    return dout


def only_on_numbers(x, dout):
    return dout if x.dtype == object else dout*(x > 0)


def changes_numpy(x, dout):
    np.isfinite = lambda a: True
    return dout


def unknown_arguments(foo, bar, baz):
    return foo


def scaled(x, dout):
    return 1.7*dout*(x > 0)


def unlike_anything(x, dout):
    return dout*np.cos(x)


def waits(x, dout):
    time.sleep(1000)
