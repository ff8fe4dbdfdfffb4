"""optim: how to move, given a slope. Every update rule once, as plain mathematics.

    optim.minimize(f, x0, optim.rules.adam, steps=200, lr=0.1)
    optim.Adam(model.parameters(), lr=1e-3)
    optim.formula("adam"), optim.derive("adam"), optim.verify("adam")
    optim.certify("certificates", optim.prove("adamw", "adam"))

What needs SymPy or matplotlib is loaded when it is first used. In reading order:

    rules.py        the rules
    more_rules/     the rules after the first eleven
    domains.py      where a number or a letter lies
    hints.py        "did you mean"
    workers/        independent jobs side by side
    schedules/      hyperparameters that change
    optimizers/     the rules at work
    transforms/     what is done to any rule: clipping, decay, lookahead, averages
    second_order/   steps that know the curvature
    landscapes.py   functions to race on
    notation/       how formulas are printed
    papers/         what each paper states
    proving/        two expressions: PROVED, REFUTED or UNDECIDED
    formulas/       a rule as a formula
    checker.py      certificates read again; alone, with nothing of the rest
    certificates/   what a verdict rests on, to be checked again
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
    distributed/    networks trained by several workers
    comparing/      anybody's rule beside anybody else's
    report/         the page
    grading/        homework: right, or what was done
    atlas/          what papers and libraries compute under one name
    museum/         formulas as printed that are wrong, and what is right
    playground/     the page to play with
    benchmarks/     how fast it is
    commands/       the command line; __main__.py calls it
"""
import importlib

import minigrad
from optim import domains, hints, more_rules, optimizers, rules
from optim.optimizers.classes import (
    NAG, SGD, Adadelta, Adagrad, Adam, AdaMax, Adamax, AdamW, AMSGrad, GradientDescent,
    Momentum, NAdam, Nadam, RMSprop)
from optim.optimizers.history import History, minimize
from optim.optimizers.more_classes import (
    ADOPT, ASGD, FTRL, LAMB, LARS, QHM, SGDW, AdaBelief, Adafactor, Adan, AggMo, Lion,
    Muon, QHAdam, RAdam, RMSpropGraves, Rprop, ScheduleFreeAdamW, ScheduleFreeSGD, Shampoo,
    SignSGD, Yogi, class_of)
from optim.optimizers.optimizer import Optimizer
from optim.rules import register

LAZY = {"formula": "formulas", "Formula": "formulas", "derive": "derivations",
        "verify": "claims", "verify_all": "claims", "prove": "comparing",
        "Verdict": "proving.verdicts", "race": "races", "replay": "races",
        "LBFGS": "second_order", "lift": "lifting.lifted", "compare": "comparing",
        "train": "training", "Training": "training", "fit": "training",
        "load_training": "training", "errata": "museum", "grade": "grading",
        "certify": "certificates"
        } | dict.fromkeys(
    "workers schedules transforms second_order landscapes notation papers proving "
    "formulas checker certificates equivalence dialects lifting stability derivations "
    "claims mutants races plots training distributed comparing report playground grading "
    "atlas museum benchmarks commands".split())

__all__ = [
    "ADOPT", "ASGD", "FTRL", "LAMB", "LARS", "NAG", "QHM", "SGD", "SGDW", "AMSGrad",
    "AdaBelief", "Adadelta", "Adafactor", "Adagrad", "AdaMax", "Adam", "AdamW", "Adamax",
    "Adan", "AggMo", "GradientDescent", "History", "Lion", "Momentum", "Muon", "NAdam",
    "Nadam", "Optimizer", "QHAdam", "RAdam", "RMSprop", "RMSpropGraves", "Rprop",
    "ScheduleFreeAdamW", "ScheduleFreeSGD", "Shampoo", "SignSGD", "Yogi", "class_of",
    "domains", "hints", "minimize", "more_rules", "optimizers", "register", "rules", *LAZY]

# What people look for here, and what there is.
ELSEWHERE = {
    "clip_grad_norm_": "optim.Adam(params, transforms=[optim.transforms.clip_by_norm(1.0)])"
                       " clips in every step; minigrad.nn.clip_grad_norm_ once",
    "clip_grad_value_": "optim.Adam(params, transforms=[optim.transforms.clip_by_value(1.0)"
                        "]) clips in every step; minigrad.nn.clip_grad_value_ once",
    "clip_by_global_norm": "use transforms=[optim.transforms.clip_by_norm(1.0)]",
    "chain": "use optim.Adam(params, transforms=[...]), or optim.transforms.chain of them, "
             "which takes a rule",
    "MultiSteps": "use transforms=[optim.transforms.accumulate(4)]",
    "SAM": "use transforms=[optim.transforms.sam(0.05)], and opt.step(closure)",
    "lr_scheduler": "a schedule is the rate: optim.Adam(params, lr=optim.schedules.step("
                    "0.1, every=30)); no scheduler.step() is needed"}
ELSEWHERE |= dict.fromkeys(
    ["EarlyStopping", "ModelCheckpoint", "callbacks"],
    "optim.fit(model, (x, y), opt, validation=0.2, patience=5, checkpoint='run.npz') ends "
    "early and saves; callbacks=[f] are functions of the run")
ELSEWHERE |= dict.fromkeys(
    ["swa_utils", "AveragedModel", "SWA", "EMA"],
    "use transforms=[optim.transforms.ema(0.999)] or [optim.transforms.polyak()], and then "
    "with opt.averaged(): evaluate")


def __getattr__(name):
    """Load a module when one of its public names is first used."""
    if name not in LAZY:
        raise AttributeError(f"module 'optim' has no attribute {name!r};{nearest(name)}")
    module = importlib.import_module(f"optim.{LAZY[name] or name}")
    return getattr(module, name) if LAZY[name] else module


def nearest(name: str) -> str:
    """What a message says of a name that is not here."""
    if name in ELSEWHERE:
        return f" {ELSEWHERE[name]}"
    known = ({each: f"minigrad.{each}" for each in minigrad.__all__}
             | {each: f"optim.{each}" for each in __all__})
    hint = (f" it is {known[name]}" if name in known else
            hints.did_you_mean(name, (), known, near=0.6) or " see dir(optim)")
    if rule := hints.meant(name, rules.RULES, hints.OTHER_NAMES):
        hint += f" The rule itself is optim.rules.{rule}"
    return hint


def __dir__():
    """The public names, for completion: what is loaded when first used is among them."""
    return sorted(__all__)
