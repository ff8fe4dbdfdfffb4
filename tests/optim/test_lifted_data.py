"""The lifted formulas do what the released libraries did, number by number.

The recorded runs of tests/golden know nothing of formulas. TOLERANCE allows for the
rounding of the libraries' float64 over twelve steps; here everything has 40 digits.
"""
import json
from pathlib import Path

import mpmath
import pytest

from optim.domains import DOMAINS

from . import lifted as lift
from .evaluation import value


GOLDEN = {name: json.loads((Path(__file__).parents[1]/"golden"/f"{name}.json").read_text())
          for name in ("torch", "optax")}
TOLERANCE = {"rel_eps": 1e-12, "abs_eps": 1e-12}

# An argument's name in the library and the letter, or letters, that it gives a value.
ARGUMENTS = {
    "lr": "lr", "learning_rate": "lr", "momentum": "mu", "dampening": "dampening",
    "weight_decay": "wd", "lr_decay": "lr_decay", "eps": "eps", "eps_root": "delta",
    "rho": "rho", "alpha": "rho", "decay": "rho", "betas": "beta1 beta2", "b1": "beta1",
    "b2": "beta2", "momentum_decay": "psi", "lambd": "lambd", "t0": "t0"}

# Formula, recorded run, what is not as ARGUMENTS says, where a state starts if not at 0.
RECORDED = [
    ("torch SGD", "sgd_plain", {}, {}),
    ("torch SGD momentum", "sgd_momentum", {}, {}),
    ("torch SGD nesterov", "sgd_nesterov_wd", {}, {}),
    ("torch Adagrad", "adagrad_lr_decay", {}, {}),
    ("torch Adadelta", "adadelta_keras_like", {}, {}),
    ("torch RMSprop", "rmsprop_bigeps", {}, {}),
    ("torch Adam", "adam_bigeps", {}, {}),
    ("torch Adam wd amsgrad", "adam_amsgrad_fast_b2", {}, {}),
    ("torch AdamW", "adamw_wd", {}, {}),
    ("torch Adamax", "adamax_bigeps", {}, {}),
    ("torch NAdam", "nadam_momentum_decay", {}, {"P": 1}),
    ("torch RAdam", "radam_fast_b2", {}, {}),
    ("torch RAdam", "radam_never_rectified", {}, {}),
    ("torch Rprop", "rprop_custom",
     {"etaminus": "0.4", "e": "0.5", "lo": "0.01", "h": "0.49"}, {"delta": "0.2"}),
    ("torch Rprop", "rprop_lr_outside_bounds",
     {"etaminus": "0.5", "e": "0.2", "lo": "0.001", "h": "0.299"}, {"delta": 1}),
    ("torch ASGD", "asgd_decay", {"alpha": "0.75"}, {"eta": "0.1", "mu": 1}),
    ("torch ASGD t0=2", "asgd_decay", {"alpha": "0.75"}, {"eta": "0.1", "mu": 1}),
    ("optax sgd", "sgd_plain", {}, {}),
    ("optax momentum", "sgd_momentum", {}, {}),
    ("optax nesterov", "sgd_nesterov", {}, {}),
    ("optax adagrad", "adagrad_bigeps", {}, {"s": "0.3"}),
    ("optax adadelta", "adadelta_keras_like", {}, {}),
    ("optax rmsprop", "rmsprop_bigeps", {}, {}),
    ("optax rmsprop centered mom", "rmsprop_centered_momentum", {}, {}),
    ("optax rmsprop eps_in_sqrt=False, bias_correction", "rmsprop_bias_correction", {}, {}),
    ("optax adam", "adam_bigeps", {}, {}),
    ("optax adam eps_root", "adam_eps_root", {}, {}),
    ("optax nadam", "nadam_bigeps", {}, {}),
    ("optax adamw", "adamw_wd", {}, {}),
    ("optax amsgrad", "amsgrad_fast_b2", {}, {}),
    ("optax adamax", "adamax_bigeps", {}, {}),
    ("optax radam", "radam_fast_b2", {}, {}),
    ("optax yogi", "yogi_fast", {}, {"m": "1e-6", "v": "1e-6"}),
    ("optax adabelief", "adabelief_bigeps", {}, {}),
    ("optax lion", "lion_wd", {}, {}),
    ("optax rprop", "rprop_default", {}, {"delta": "0.01"}),
    ("optax signsgd", "sign_sgd", {}, {}),
]


def hyperparameters(case, changes):
    """{letter: number} of a recorded run."""
    values = {}
    for name, given in case["all_hyperparameters"].items():
        letters = ARGUMENTS.get(name, "").split()
        numbers = given if isinstance(given, list) else [given]
        if letters and all(type(x) in (int, float) for x in numbers):
            values |= dict(zip(letters, map(str, numbers)))
    return {name: mpmath.mpf(x) for name, x in (values | changes).items()}


def steps(optimizer, fixed, states, theta, gradients):
    """The parameter after each step."""
    names = set(lift.DATA["domains"])
    for t, g in enumerate(gradients, 1):
        known = fixed | states | {"theta": theta, "g": g, "t": t}
        point = {lift.letter(name, optimizer): known[name] for name in names & set(known)}
        after = {name: value(e, point, digits=40)
                 for name, e in lift.lifted(optimizer).items()}
        theta = after.pop("theta")
        states = states | after
        yield theta


def follows(optimizer, library, run, changes, start):
    """Whether the formula goes from each recorded start wherever the library went."""
    golden = GOLDEN[library]
    case = next(c for c in golden["cases"] if c["name"] == run)
    with mpmath.workdps(40):
        fixed = hyperparameters(case, changes)
        states = {name: mpmath.mpf(start.get(name, 0))
                  for name in lift.texts(optimizer) if name != "theta"}
        for column, theta in enumerate(golden["initial_params"]):
            gradients = [row[column] for row in golden["gradients"]]
            path = steps(optimizer, fixed, states, theta, gradients)
            for here, there in zip(path, case["params_after_step"], strict=True):
                if not mpmath.almosteq(here, there[column], **TOLERANCE):
                    return False
    return True


@pytest.mark.parametrize("optimizer, run, changes, start", RECORDED, ids=[
    ", ".join(row[:2]) for row in RECORDED])
def test_a_lifted_formula_goes_where_the_library_went(optimizer, run, changes, start):
    assert follows(optimizer, optimizer.split(" ")[0], run, changes, start)


@pytest.mark.parametrize("optimizer, library, run", [
    ("keras Adam", "torch", "adam_bigeps"), ("keras Adagrad", "torch", "adagrad_bigeps"),
    ("torch RMSprop", "optax", "rmsprop_bigeps")])
def test_another_librarys_formula_does_not_go_there(optimizer, library, run):
    assert not follows(optimizer, library, run, {}, {})


def test_every_letter_is_on_a_declared_domain_and_every_formula_is_one():
    assert set(lift.DATA["domains"].values()) <= set(DOMAINS)
    for optimizer in lift.optimizers():
        for state, e in lift.lifted(optimizer).items():
            assert state in lift.DATA["domains"] and e.free_symbols, (optimizer, state)
    with pytest.raises(KeyError, match="kappa"):
        lift.expression("kappa*theta")
