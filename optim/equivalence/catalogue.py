"""The changes of letters by which rules of papers and libraries are known to differ.

    eps -> eps sqrt(1 - beta2^t)        the epsilon-hat form of Adam
    lr -> lr sqrt(1 - beta2^t)/(1 - beta1^t)    bias correction, or none
    lr -> lr/(1 - mu)                   momentum that means against momentum that sums
    weight_decay -> lr weight_decay     decay with or without lr
    psi -> 0, weight_decay -> 0         a term that only one of them has
    m -> -lr m, at constant lr          where the learning rate stands
    m -> m (1 - beta1^(t-1))            a mean that is kept corrected
    m -> theta - theta_before           the last two points in place of a velocity
    beta1 -> beta1/2, l2 -> 2 l2        a schedule at its beginning; a half in a penalty
    eps_root -> eps                     one number in two places
    beta1 -> 1 - beta1, g -> -g, t -> t + 1

Each is a guess, which conditions.py looks at and proves.
"""
from collections.abc import Iterator
from itertools import permutations, product
from typing import Any

import sympy as sp

from optim.equivalence.views import gradient, letters

UNIT = ("[0, 1)", "(0, 1)")
SIZES = ("> 0", ">= 0")
Changes = dict[str, sp.Expr]


def pairings(a: Any, b: Any) -> Iterator[dict[str, str]]:
    """{state of b: state of a}: those of one name, the others in every order."""
    left = [n for n in a.update if n not in b.update]
    right = [n for n in b.update if n not in a.update]
    if len(right) <= len(left) <= 3:
        for order in permutations(left, len(right)):
            yield {n: n for n in b.update if n in a.update} | dict(zip(right, order))


def hyperparameters(f: Any) -> dict[str, str]:
    """{name: domain} of what is neither state, gradient, t nor measured."""
    others = {gradient(f), *getattr(f, "measured", ())}
    return {s.name: domain for s, domain in f.domains.items() if s.name not in f.update
            and s not in others and domain != "1, 2, ..."}


# ------------------------------------------------------------------ of hyperparameters
def missing(a: Any, b: Any, numbers: Any) -> list[Changes]:
    """Values for one letter that only the left side has, or the first ones for all."""
    left, right = hyperparameters(a), hyperparameters(b)
    values = {n: special(n, left[n], numbers) for n in left if n not in right}
    each = [{n: x} for n, xs in values.items() for x in xs]
    together = {n: xs[0] for n, xs in values.items() if xs}
    return each + [together]*(len(together) > 1)


def special(name: str, domain: str, numbers: Any) -> list[sp.Expr]:
    """The values at which a letter may be left out."""
    values = {">= 0": (0, 1), "[0, 1]": (0, 1), "[0, 1)": (0,), "> 0": (1,)}
    own = [numbers[name]] if numbers.get(name) is not None else []
    own += [x - 1 for x in own if domain == "real"]         # a threshold, one lower
    return [sp.Rational(str(k)) for k in (*values.get(domain, ()), *own)]


def replacements(a: Any, b: Any, numbers: Any) -> Iterator[Changes]:
    """Changes of the right side's letters, those that only it has left out or kept."""
    for gone in ({}, *missing(b, a, numbers)):
        yield from (gone | change for change in changes(a, b) if not gone & change.keys())


def changes(a: Any, b: Any) -> Iterator[Changes]:
    """Changes of the right side's letters: of none, of one, of lr and eps together."""
    left, right, at = hyperparameters(a), hyperparameters(b), letters(b)
    yield {}
    if g := gradient(b):
        yield {g.name: -g}
    if "t" in at:                               # t - 1 would be 0: no step, not read so
        yield {"t": at["t"] + 1}
    for name, domain in right.items():
        if domain in UNIT:
            yield from ({name: 1 - at[name]}, {name: at[name]/2})
        if domain in SIZES:
            yield from ({name: at[name]*k} for k in (2, sp.Rational(1, 2)))
            yield from ({name: at[name]*k} for k in factors(right, at))
            for other in right:
                if other != name and right[other] == "> 0" and other in left:
                    yield {name: at[name]*at[other]}
                    yield {name: at[name]/at[other]}
                    if name not in left:
                        yield {name: at[other]}
    if {"lr", "eps"} <= set(right):
        yield from ({"lr": at["lr"]*k, "eps": at["eps"]*k} for k in factors(right, at))
    yield from corrections(right, at)


def corrections(right: dict[str, str], at: dict[str, sp.Symbol]) -> Iterator[Changes]:
    """lr with two bias corrections in it, and eps with one of them or as it is."""
    if "lr" not in right or "t" not in at:
        return
    powers = [1 - at[n]**at["t"] for n, domain in right.items() if domain in UNIT]
    for x, y in permutations(powers, 2):
        for p, q in product((1, -1), (sp.Rational(1, 2), sp.Rational(-1, 2))):
            yield {"lr": at["lr"]*x**p*y**q}
            if "eps" in right:
                yield {"lr": at["lr"]*x**p*y**q, "eps": at["eps"]*y**q}


def factors(right: dict[str, str], at: dict[str, sp.Symbol]) -> Iterator[sp.Expr]:
    """What learning rates and eps are found multiplied by."""
    for name in (n for n, domain in right.items() if domain in UNIT):
        shares = [1 - at[name]] + ([1 - at[name]**at["t"]] if "t" in at else [])
        for share in shares:
            yield from (sp.sqrt(share), 1/sp.sqrt(share), share, 1/share)


# ------------------------------------------------------------------ of states
def scales(a: Any) -> list[sp.Expr]:
    """What a state of one optimizer is found to be a multiple of the other's by."""
    at, known = letters(a), hyperparameters(a)
    rates = [at["lr"], 1/at["lr"]] if "lr" in known else []
    shares = [1 - at[n] for n, domain in known.items() if domain in UNIT]
    plain = [sp.Integer(1), *rates]
    plain += [x*k for x in plain for share in shares for k in (share, 1/share)]
    return [k*x for x in plain for k in (1, -1)]


def images(a: Any, s: sp.Symbol) -> Iterator[sp.Expr]:
    """What a state of the other optimizer is found to be, in terms of this one's."""
    yield from (k*s for k in scales(a))
    at, place = letters(a), letters(a)[next(iter(a.update))]
    if "t" in at:
        shares = [1 - at[n]**(at["t"] - 1) for n, domain in hyperparameters(a).items()
                  if domain in UNIT]
        yield from (k*s for k in (*shares, at["t"] - 1))
    if not s.is_nonnegative:
        for k in (1, at["lr"]) if "lr" in at else (1,):
            yield from (place + k*s, place - k*s, (place - s)/k, (s - place)/k)
