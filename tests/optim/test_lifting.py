"""What libraries really compute: lifted, and proved to be the dialects' rules."""
import importlib
import json
import operator
import os

import numpy as np
import optax
import pytest
import torch

import optim
from optim.certificates import certified_pair
from optim.checker import judged_file
from optim.dialects import keras_rules, optax_rules, pytorch_rules
from optim.lifting.joined_runs import Leak

DECAY = {"weight_decay": 0.1}
OF_TORCH = {                            # rule of ours: class and arguments of torch.optim
    "sgd": ("SGD", DECAY),
    "sgd_momentum": ("SGD", DECAY | {"momentum": 0.9}),
    "sgd_dampened": ("SGD", DECAY | {"momentum": 0.9, "dampening": 0.5}),
    "sgd_nesterov": ("SGD", DECAY | {"momentum": 0.9, "nesterov": True}),
    "adagrad": ("Adagrad", DECAY | {"lr_decay": 0.1, "initial_accumulator_value": 0.1}),
    "adadelta": ("Adadelta", DECAY), "rmsprop": ("RMSprop", DECAY),
    "rmsprop_momentum": ("RMSprop", DECAY | {"momentum": 0.9}),
    "rmsprop_centered": ("RMSprop", DECAY | {"centered": True}),
    "rmsprop_centered_momentum": ("RMSprop", DECAY | {"centered": True, "momentum": 0.9}),
    "adam": ("Adam", DECAY), "adam_amsgrad": ("Adam", DECAY | {"amsgrad": True}),
    "adamw": ("AdamW", {}), "adamw_amsgrad": ("AdamW", {"amsgrad": True}),
    "adamax": ("Adamax", DECAY), "nadam": ("NAdam", DECAY),
    "nadam_decoupled": ("NAdam", DECAY | {"decoupled_weight_decay": True}),
    "radam": ("RAdam", DECAY),
    "radam_decoupled": ("RAdam", DECAY | {"decoupled_weight_decay": True}),
    "rprop": ("Rprop", {}), "asgd": ("ASGD", DECAY)}
SECONDS = 120
os.environ["KERAS_BACKEND"] = "jax"             # before Keras is imported

def ftrl_of_keras(theta, g, v=lambda theta, initial: initial + 0*theta, zt=0, *, t,
                  lr=0.001, learning_rate_power=-0.5, initial=0.1, l1=0.1, l2=0.1,
                  shrinkage=0.1, offset=0.1, weight_decay=0.1):
    """With the power that Keras takes, which is the other's with a minus."""
    return keras_rules.ftrl(theta, g, v, zt, t=t, lr=lr, power=-learning_rate_power, l1=l1,
                            l2=l2, shrinkage=shrinkage, offset=offset,
                            weight_decay=weight_decay)


KERAS_LETTERS = {"ftrl": ftrl_of_keras}
OF_KERAS = [                            # rule of ours: class and arguments of Keras
    ("sgd", "SGD", {}), ("sgd_momentum", "SGD", {"momentum": 0.9}),
    ("sgd_nesterov", "SGD", {"momentum": 0.9, "nesterov": True}),
    ("adagrad", "Adagrad", {}), ("adadelta", "Adadelta", {}), ("rmsprop", "RMSprop", {}),
    ("rmsprop_momentum", "RMSprop", {"momentum": 0.9}),
    ("rmsprop_centered", "RMSprop", {"centered": True}),
    ("rmsprop_centered_momentum", "RMSprop", {"centered": True, "momentum": 0.9}),
    ("adam", "Adam", {}), ("adam_amsgrad", "Adam", {"amsgrad": True}),
    ("adam", "AdamW", {}), ("nadam", "Nadam", {}), ("adamax", "Adamax", {}),
    ("lion", "Lion", {}),
    ("schedule_free_adamw", "ScheduleFreeAdamW", {"warmup_steps": 10}),
    ("ftrl", "Ftrl", {"l1_regularization_strength": 0.1, "beta": 0.1,
                      "l2_regularization_strength": 0.1,
                      "l2_shrinkage_regularization_strength": 0.1})]
ROOT, SCALE = {"eps_root": 1e-3}, {"initial_scale": 0.5}
NO_DECAY = {"weight_decay": 0}
OF_OPTAX = [                            # rule of ours: alias of Optax, arguments, where
    ("sgd", "sgd", {}, {}), ("sgd_momentum", "sgd", {"momentum": 0.9}, {}),
    ("sgd_nesterov", "sgd", {"momentum": 0.9, "nesterov": True}, {}),
    ("adagrad", "adagrad", {}, {}),
    ("adadelta", "adadelta", DECAY | {"learning_rate": 1.0}, {}),
    ("adadelta_ascent", "adadelta", DECAY, {}),
    ("rmsprop", "rmsprop", SCALE | {"eps_in_sqrt": False}, {"eps_root": 0}),
    ("rmsprop_corrected", "rmsprop", SCALE | {"eps_in_sqrt": False,
                                              "bias_correction": True}, {"eps_root": 0}),
    ("rmsprop_centered", "rmsprop", SCALE | {"eps_in_sqrt": False, "centered": True},
     {"eps_root": 0}),
    ("rmsprop_centered_corrected_nesterov", "rmsprop",
     SCALE | {"eps_in_sqrt": False, "centered": True, "bias_correction": True,
              "momentum": 0.9, "nesterov": True}, {"eps_root": 0}),
    ("rmsprop_momentum", "rmsprop", SCALE | {"eps_in_sqrt": False, "momentum": 0.9},
     {"eps_root": 0}),
    ("adam", "adam", ROOT, NO_DECAY), ("adam", "adamw", ROOT, {}),
    ("nadam", "nadam", ROOT, NO_DECAY), ("nadam", "nadamw", ROOT, {}),
    ("adamax", "adamax", {}, NO_DECAY), ("adamax", "adamaxw", {}, {}),
    ("amsgrad", "amsgrad", ROOT, {}),
    ("amsgrad_plain", "amsgrad", ROOT | {"bias_correction_mu": False,
                                         "bias_correction_nu": False}, {}),
    ("amsgrad_corrected_m", "amsgrad", ROOT | {"bias_correction_nu": False}, {}),
    ("amsgrad_corrected_v", "amsgrad", ROOT | {"bias_correction_mu": False}, {}),
    ("radam", "radam", ROOT, {}),
    ("radam_nesterov", "radam", ROOT | {"nesterov": True}, {}),
    ("lion", "lion", {}, {}), ("yogi", "yogi", {}, {}), ("adabelief", "adabelief", {}, {}),
    ("adabelief_nesterov", "adabelief", {"nesterov": True}, {}),
    ("adan", "adan", DECAY, {}), ("rprop", "rprop", {}, {}),
    ("sign_sgd", "sign_sgd", {}, {}), ("signum", "signum", {}, {}),
    ("optimistic_gradient_descent", "optimistic_gradient_descent", {}, {}),
    ("schedule_free_sgd", "contrib.schedule_free_sgd", DECAY, {}),
    ("schedule_free_adamw", "contrib.schedule_free_adamw", DECAY, {}),
    ("schedule_free_sgd_warmup", "contrib.schedule_free_sgd",
     DECAY | {"warmup_steps": 10}, {}),
    ("schedule_free_adamw_warmup", "contrib.schedule_free_adamw",
     DECAY | {"warmup_steps": 10}, {})]


def assert_certified(name, verdict):
    """The checker, which knows nothing of the prover, accepts each part of the verdict."""
    file = json.loads(json.dumps(certified_pair(name, verdict)))
    assert not file["uncertified"], file["uncertified"]
    assert judged_file(file)["accepted"] == {"equal": "PROVED"}


def lifted(name, **more):
    cls, arguments = OF_TORCH[name]
    return optim.lift(getattr(torch.optim, cls), **arguments | more)


def test_every_rule_of_the_dialect_is_lifted():
    assert OF_TORCH.keys() == pytorch_rules.RULES.keys()


@pytest.mark.parametrize("name", OF_TORCH)
def test_what_torch_computes_is_the_dialects_rule(name):
    formula = lifted(name)
    verdict = optim.prove(formula.rule, pytorch_rules.RULES[name], seconds=SECONDS)
    assert verdict.status == "PROVED", verdict
    assert_certified(name, verdict)


@pytest.mark.parametrize("name, cls, arguments", OF_KERAS)
def test_what_keras_computes_is_the_dialects_rule(name, cls, arguments):
    import keras
    formula = optim.lift(getattr(keras.optimizers, cls), **DECAY | arguments)
    verdict = optim.prove(formula.rule, KERAS_LETTERS.get(name, keras_rules.RULES[name]),
                          seconds=SECONDS)
    assert verdict.status == "PROVED", verdict
    assert_certified(name, verdict)


@pytest.mark.parametrize("name, alias, arguments, where", OF_OPTAX)
def test_what_optax_computes_is_the_dialects_rule(name, alias, arguments, where):
    import optax.contrib                                    # noqa: F401
    formula = optim.lift(operator.attrgetter(alias)(optax), **arguments)
    verdict = optim.prove(formula.rule, optax_rules.RULES[name], where=where,
                          seconds=SECONDS)
    assert verdict.status == "PROVED", verdict
    assert_certified(name, verdict)


def test_optax_rmsprop_has_eps_inside_the_root_by_default():
    def inside(theta, g, v=optax_rules.second, *, t, lr, rho=0.9, eps=1e-8,
               initial_scale=0):
        return optax_rules.rmsprop(theta, g, v, t=t, lr=lr, rho=rho, eps_root=eps, eps=0)
    formula = optim.lift(optax.rmsprop, **SCALE)
    assert optim.prove(formula.rule, inside).status == "PROVED"


def test_no_other_rule_of_keras_and_optax_is_left_to_be_lifted():
    assert {*keras_rules.RULES} == {name for name, *_ in OF_KERAS}
    left = {*optax_rules.RULES} - {name for name, *_ in OF_OPTAX}
    assert all(name.startswith("rmsprop_") for name in left), left


@pytest.mark.parametrize("library, name, words", [
    ("torch.optim", "Muon", "2D parameters"), ("torch.optim", "LBFGS", "closure"),
    ("torch.optim", "Adafactor", "torch_Adafactor|not remembered"),
    ("keras.optimizers", "Muon", "keras_Muon"),
    ("keras.optimizers", "Adafactor", "float32, which rounds|shape"),
    ("optax.contrib", "muon", "optax_muon"), ("optax", "sm3", "state m has shape"),
    ("optax", "adafactor", "state v_row has shape"),
    ("optax", "lbfgs", "diff_params_memory has shape")])
def test_what_looks_at_a_whole_parameter_otherwise_than_by_norms_is_refused(library, name,
                                                                            words):
    target = getattr(importlib.import_module(library), name)
    with pytest.raises((NotImplementedError, TypeError, ValueError), match=words):
        optim.lift(target)


def test_adamw_of_optax_is_that_of_torch():
    assert optim.prove(optim.lift(optax.adamw).rule, optim.lift(torch.optim.AdamW).rule
                       ).status == "PROVED"


@pytest.mark.parametrize("name", ["sgd_dampened", "adam_amsgrad", "nadam", "rprop", "asgd"])
def test_the_path_over_lists_of_tensors_is_the_same_rule(name):
    verdict = optim.prove(lifted(name, foreach=True).rule, lifted(name, foreach=False).rule,
                          seconds=SECONDS)
    assert verdict.status == "PROVED", verdict


def test_a_fused_kernel_is_refused():
    with pytest.raises(NotImplementedError, match="_fused_adam"):
        optim.lift(torch.optim.Adam, fused=True)


def test_what_is_zero_by_default_is_no_letter():
    assert "weight_decay" not in optim.lift(torch.optim.Adam).symbols
    assert "weight_decay" in lifted("adam").symbols


def test_the_path_tells_what_was_so_in_every_run():
    assert lifted("sgd_momentum").path == ("mu != 0", "weight_decay != 0")


class Plain(torch.optim.Optimizer):
    """Gradient descent; what a subclass does to the step size is its slip."""

    def __init__(self, params, lr=0.1):
        super().__init__(params, {"lr": lr})

    def size(self, group, p):
        return group["lr"]

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                p.sub_(p.grad*self.size(group, p))


class Halved(Plain):
    """A number of its own: no leak."""

    def size(self, group, p):
        return 2**0.5*group["lr"]


class Lost(Plain):
    """float() drops what lr remembers."""

    def size(self, group, p):
        return float.__mul__(float(group["lr"]), 1.0)


class LostNorm(Plain):
    """A norm as a number that remembers nothing."""

    def size(self, group, p):
        return float(p.grad.norm())*group["lr"]


class Late(Plain):
    """Another rule from step 5 on, counted where nobody looks."""
    count = 0

    def size(self, group, p):
        Late.count += 1
        return group["lr"]*(1 if Late.count % 17 else 2)


def test_a_rule_of_ones_own_is_lifted_and_its_own_constants_stay():
    theta = optim.lift(Halved).update["theta"]
    assert str(optim.lift(Plain).update["theta"]) == "-g*lr + theta"
    assert theta.free_symbols == {s for s in theta.free_symbols if s.name in (
        "theta", "g", "lr")}


@pytest.mark.parametrize("leaking", [Lost, LostNorm, Late])
def test_a_number_that_was_lost_on_the_way_is_found(leaking):
    with pytest.raises((Leak, ValueError)):
        optim.lift(leaking)


class Shuffled(Plain):
    def size(self, group, p):
        return group["lr"]*torch.flip(p.grad, [0])


class Whole(Plain):
    def size(self, group, p):
        return group["lr"]/p.grad.abs().mean()


@pytest.mark.parametrize("mixing", [Shuffled, Whole])
def test_what_mixes_entries_is_refused(mixing):
    with pytest.raises((NotImplementedError, TypeError, ValueError),
                       match="flip|not elementwise"):
        optim.lift(mixing)


@pytest.mark.parametrize("target", [3, "adam?", np.sqrt, torch.nn.Linear])
def test_what_is_no_optimizer_is_refused(target):
    with pytest.raises((TypeError, ValueError)):
        optim.lift(target)
