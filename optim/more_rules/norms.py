"""Functions of a whole array, which stay named symbols in formulas; rules that use them."""
import functools

import numpy as np


def of_whole_parameters(rule):
    """Declare a rule to be no elementwise one: it looks at a parameter as a whole.

    It gets one parameter at a time, in its shape; a state whose default is a function of
    theta has the shape of what that gives.
    """
    rule.of_whole_parameters = True
    return rule


def named(function):
    """The function, but of formulas a symbol of its name: norm(theta)."""
    @functools.wraps(function)
    def run(*arguments):
        formulas = [x for x in arguments if hasattr(x, "expr")]
        if not formulas:
            return function(*arguments)
        import sympy as sp                              # only where letters are met
        parts = (getattr(x, "expr", x) for x in arguments)
        return type(formulas[0])(sp.Function(function.__name__, real=True)(*parts))
    return run


def number(x):
    """A scalar of NumPy's as Python's float."""
    return x.item() if hasattr(x, "item") else float(x)


@named
def norm(x):
    """The root of the sum of squares of all entries."""
    return number(np.sqrt(np.sum(x**2)))


@named
def rms(x):
    """The root mean square of all entries."""
    return number(np.sqrt(np.mean(x**2)))


def ratio(a, b):
    """a/b, and 1 where one of them is 0; in a formula a/b."""
    return a/b if hasattr(a, "expr") else a/b if a and b else 1.0
