"""Adams that are wrong in a subtle way or right in an odd one, as texts; no tests.

Each is a body for HEAD, which has base(), a right Adam; or a whole class.
"""
HEAD = """
import numpy as np

COUNT = [0]


def base(w, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1*m + (1 - beta1)*g
    v = beta2*v + (1 - beta2)*g*g
    return w - lr*(m/(1 - beta1**t))/(np.sqrt(v/(1 - beta2**t)) + eps), m, v


"""
SIGNATURE = ("def adam(w, g, m, v, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):\n")
BASE = "base(w, g, m, v, t, lr, beta1, beta2, eps)"
CLASS = """
class Adam:
    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.lr, self.b1, self.b2, self.eps = lr, beta1, beta2, eps
        self.m = self.v = 0
        self.p1 = self.p2 = 1

    def step(self, w, g):
        self.p1 *= self.b1
        self.p2 *= self.b2
        self.m = self.b1*self.m + (1 - self.b1)*g
        self.v = self.b2*self.v + (1 - self.b2)*g**2
        root = np.sqrt(self.v/(1 - self.p2))
        return w - self.lr*self.m/(1 - self.p1)/(root + self.eps)
"""
# {what: (body, status, a word of what is said)}
ATTACKS = {
    "base": (f"return {BASE}", "PROVED", "RIGHT"),
    "powers by products": (CLASS, "PROVED", "RIGHT"),
    "one fraction": (
        "m = m - (1 - beta1)*(m - g)\nv = v - (1 - beta2)*(v - np.square(g))\n"
        "c = np.sqrt(1 - np.power(beta2, t))\n"
        "return w - np.divide(lr*c*m, (1 - beta1**t)*(np.sqrt(v) + eps*c)), m, v",
        "PROVED", "RIGHT"),
    "torch at the top": (f"return {BASE}", "PROVED", "RIGHT"),
    "late": (f"lr = lr*(1 if t < 100 else 1.1)\nreturn {BASE}", "REFUTED",
             "g = 1 in each step"),
    "late by a count": (f"COUNT[0] += 1\nlr = lr*(1 if COUNT[0] < 50 else 2)\n"
                        f"return {BASE}", "", "WRONG|NOT GRADED"),
    "far out": (f"g = np.clip(g, -1000, 1000)\nreturn {BASE}", "REFUTED", "g = 1000000"),
    "to six digits": (f"lr = lr*(1 + 1e-6)\nreturn {BASE}", "REFUTED", "step 1"),
    "another eps": (f"eps = eps + 1e-12\nreturn {BASE}", "REFUTED", "step 1"),
    "rests without a gradient": (
        f"x = {BASE}\nreturn (np.where(g == 0, w, x[0]), *x[1:])", "REFUTED", "step 2"),
    "other first step": (f"if t == 1:\n    m = g\nreturn {BASE}", "REFUTED",
                         "m      wrong"),
    "an old state": (f"x = {BASE}\nreturn x[0], m, x[2]", "REFUTED", "old state for new"),
    "rounded": (f"x = {BASE}\nreturn (np.round(x[0], 6), *x[1:])", "NOT GRADED", "round"),
    "single": (f"x = {BASE}\nreturn (np.asarray(x[0], np.float32), *x[1:])",
               "NOT GRADED", "formula gives"),
    "a mean of entries": (f"g = g - np.mean(g)/1000\nreturn {BASE}", "NOT GRADED", "mean"),
    "right on letters": (f"x = {BASE}\nif type(w).__module__ == 'numpy':\n"
                         "    return (w - lr*g, *x[1:])\nreturn x", "NOT GRADED",
                         "formula gives"),
    "right on numbers": (f"x = {BASE}\nif type(w).__module__ != 'numpy':\n"
                         "    return (w - lr*g, *x[1:])\nreturn x", "NOT GRADED",
                         "formula gives"),
    "numpy changed": (f"np.sqrt = lambda x: x\nreturn {BASE}", "REFUTED",
                      "root forgotten"),
    "sympy changed": ("import sympy\nsympy.Basic.__eq__ = lambda a, b: True\n"
                      "return w - lr*g, m, v", "REFUTED", "not in the catalogue"),
    "writes an answer": ("import os\nos.write(3, b'{\"source\": \"def f(): pass\"}')\n"
                         "return w - lr*g, m, v", "NOT GRADED", "uses os"),
    "sleeps": ("import time\ntime.sleep(600)\nreturn w - lr*g, m, v", "NOT GRADED",
               "uses time"),
}


def program(what):
    """The file of an attack."""
    body = ATTACKS[what][0]
    text = HEAD + (body if body is CLASS else SIGNATURE + "".join(
        f"    {line}\n" for line in body.splitlines()))
    return "import torch\n"*(what == "torch at the top") + text
