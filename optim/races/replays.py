"""The two famous animations, run again: optimizers on a contour plot and at a saddle.

    replay("contours")["Adagrad"]           # the points after 0, 1, ..., 198 steps
    replay("saddle", lr=0.01)               # the same, all at one learning rate

Alec Radford's animations of 2014 show six methods on Beale's function and at a saddle. The
rules and their settings here were found by fitting; each frame is one step. The six have
learning rates from 0.001 to 5: these are six tuned runs, not a race. `lr` makes it one:
a number for all, or "tuned", where each gets the same trials.

Three of the six are not what the papers print. They stand here as rules of their own;
tests/optim/test_replays.py proves how they differ, and what makes them equal.
"""
from collections.abc import Mapping
from typing import Any

import numpy as np

from optim import rules
from optim.hints import did_you_mean, meant
from optim.races.contests import Race, race

STEPS = 198                                 # the originals have 199 frames


# ------------------------------------------------------------- the originals' own variants
def adagrad_inside(theta, g, v, *, t, lr=1.0, eps=1e-6):
    """Adagrad with eps inside the root. With eps = 0 it is the paper's."""
    _, v = rules.adagrad(theta, g, v, t=t)
    return theta - lr*g/np.sqrt(v + eps), v


def rmsprop_inside(theta, g, v, *, t, lr=0.01, rho=0.95, eps=1e-6):
    """RMSprop with eps inside the root. With eps = 0 it is the lecture's."""
    _, v = rules.rmsprop(theta, g, v, t=t, rho=rho)
    return theta - lr*g/np.sqrt(v + eps), v


def adadelta_scaled(theta, g, v, v_delta, *, t, lr=1.0, rho=0.95, eps=1e-6):
    """Adadelta with a learning rate, which its memory of past steps has seen as well.

    With lr = 1 it is the paper's. Elsewhere it is not lr times the paper's step: the
    larger steps are remembered and make the next ones larger still. They are averaged as
    RMSprop averages gradients.
    """
    move, v, _ = rules.adadelta(0, g, v, v_delta, t=t, rho=rho, eps=eps)
    _, v_delta = rules.rmsprop(theta, lr*move, v_delta, t=t, rho=rho)
    return theta + lr*move, v, v_delta


# Each with the paper's rule, and what makes the two the same.
VARIANTS = {adagrad_inside: ("adagrad", {"eps": 0}),
            rmsprop_inside: ("rmsprop", {"eps": 0}),
            adadelta_scaled: ("adadelta", {"lr": 1})}

# ------------------------------------------------------------------------------- settings
LANDSCAPE = {"contours": "beale", "saddle": "saddle"}
Field = dict[str, tuple[Any, dict[str, float]]]         # {method: (rule, hyperparameters)}
ORIGINAL: dict[str, Field] = {
    "contours": {
        "SGD":      (rules.gradient_descent, {"lr": 0.001}),
        "Momentum": (rules.momentum,         {"lr": 0.001, "mu": 0.95}),
        "NAG":      (rules.nag,              {"lr": 0.001, "mu": 0.95}),
        "Adagrad":  (adagrad_inside,         {"lr": 1.0}),
        "Adadelta": (adadelta_scaled,        {"lr": 5.0}),
        "RMSprop":  (rmsprop_inside,         {"lr": 0.075})},
    "saddle": {
        "SGD":      (rules.gradient_descent, {"lr": 0.01}),
        "Momentum": (rules.momentum,         {"lr": 0.01, "mu": 0.95}),
        "NAG":      (rules.nag,              {"lr": 0.01, "mu": 0.95}),
        "Adagrad":  (adagrad_inside,         {"lr": 0.05}),
        "Adadelta": (adadelta_scaled,        {"lr": 1.0}),
        "RMSprop":  (rmsprop_inside,         {"lr": 0.01})}}

# What the originals do not show; one learning rate for the three.
ADAMS = {"Adam": rules.adam, "AdaMax": rules.adamax, "Nadam": rules.nadam}
SECOND: dict[str, Field] = {
    name: {label: (rule, {"lr": lr}) for label, rule in ADAMS.items()}
    for name, lr in (("contours", 0.3), ("saddle", 0.01))}


def runners(name: str, methods: str = "original") -> Field:
    """{label: (rule, hyperparameters)} of "original", "second" or "all" methods."""
    for what, word, known in (("replay", name, LANDSCAPE),
                              ("methods", methods, ("original", "second", "all"))):
        if word not in known:
            raise ValueError(f"{what}: {word!r} came;{did_you_mean(word, known)} needed one"
                             f" of {', '.join(known)}")
    return (ORIGINAL[name] if methods != "second" else {}) | (
        SECOND[name] if methods != "original" else {})


def replayed(name: str, methods: str = "original", *, start: Any = None,
             steps: int = STEPS, lr: float | str | None = None,
             hyperparameters: Mapping[str, Mapping[str, float]] | None = None) -> Race:
    """The replay as a Race, with everything that each method remembered.

    lr: None for the originals' six, a number for all, or "tuned".
    """
    name = meant(name, LANDSCAPE) or name
    field = runners(name, methods)
    if lr is not None:
        field = {label: (rule, {k: v for k, v in own.items() if k != "lr"})
                 for label, (rule, own) in field.items()}
    return race(field, LANDSCAPE[name], start, steps, lr=lr,
                hyperparameters=hyperparameters)


def replay(name: str, methods: str = "original", *, start: Any = None,
           steps: int = STEPS, lr: float | str | None = None) -> dict[str, np.ndarray]:
    """{method: its points after 0, 1, ..., 198 steps} of "contours" or "saddle".

    >>> {name: path.shape for name, path in replay("contours").items()}["NAG"]
    (199, 2)
    """
    return replayed(name, methods, start=start, steps=steps, lr=lr).paths
