"""optim: how to move, given a slope. Every update rule once, as plain mathematics.

    optim.minimize(f, x0, optim.rules.adam, steps=200, lr=0.1)
    optim.Adam(model.parameters(), lr=1e-3)
    optim.formula("adam"), optim.derive("adam"), optim.verify("adam")

What needs SymPy or matplotlib is loaded when it is first used. In reading order:

    rules.py        the rules
    domains.py      where a number or a letter lies
    hints.py        "did you mean"
    whole_files.py  files that appear whole or not at all
    optimizers/     the rules at work
    landscapes.py   functions to race on
    notation/       how formulas are printed
    papers/         what each paper states
    proving/        two expressions: PROVED, REFUTED or UNDECIDED
    formulas/       a rule as a formula
    equivalence/    two optimizers: are they one?
    dialects/       the rules as other libraries compute them
    lifting/        an existing implementation as a formula
    stability.py    a rule on a quadratic
    derivations/    where each rule comes from
    claims/         what is claimed of each rule
    mutants/        small slips in a rule
    races/          several rules from one point
    plots/          pictures and films
    training/       networks trained on data
    comparing/      anybody's rule beside anybody else's
    report/         the page
    commands/       the command line; __main__.py calls it
"""
import importlib

from optim import rules
from optim.optimizers.classes import (
    NAG, SGD, Adadelta, Adagrad, Adam, AdaMax, AdamW, AMSGrad, GradientDescent,
    Momentum, Nadam, RMSprop)
from optim.optimizers.history import History, minimize
from optim.optimizers.optimizer import Optimizer

LAZY = {"formula": "formulas", "Formula": "formulas", "derive": "derivations",
        "verify": "claims", "verify_all": "claims", "prove": "equivalence",
        "Verdict": "proving.verdicts", "race": "races", "replay": "races",
        "lift": "lifting.lifted", "dialects": None, "compare": "comparing",
        "train": "training", "landscapes": None, "plots": None, "stability": None}

__all__ = [
    "NAG", "SGD", "AMSGrad", "Adadelta", "Adagrad", "AdaMax", "Adam", "AdamW",
    "GradientDescent", "History", "Momentum", "Nadam", "Optimizer", "RMSprop", "minimize",
    "rules", *LAZY]


def __getattr__(name):
    """Load a module when one of its public names is first used."""
    if name not in LAZY:
        raise AttributeError(f"module 'optim' has no attribute {name!r}")
    module = importlib.import_module(f"optim.{LAZY[name] or name}")
    return getattr(module, name) if LAZY[name] else module


def __dir__():
    """The public names, for completion: what is loaded when first used is among them."""
    return sorted(__all__)
