"""The rules as other libraries compute them: recorded runs, live runs, their manners.

Tolerance: both compute in float64, in another order of operations; 1e-12 of an entry, or of
1 where an entry is smaller.
"""
import ast
import inspect
import json
import os
import textwrap
from pathlib import Path

import numpy as np
import pytest
import torch

import minigrad as mg
import optim
from optim.dialects import (
    keras_classes, keras_rules, optax_aliases, optax_rules, pytorch, pytorch_rules)

os.environ["KERAS_BACKEND"] = "jax"             # before Keras is imported

TOLERANCE = 1e-12
GOLDEN = Path(__file__).parents[1]/"golden"
TORCH = json.loads((GOLDEN/"torch.json").read_text())
OPTAX = json.loads((GOLDEN/"optax.json").read_text())


def classes(module, base):
    return {name: cls for name, cls in vars(module).items()
            if isinstance(cls, type) and issubclass(cls, base) and cls is not base}


CLASSES = classes(pytorch, pytorch.TorchOptimizer)
ALIASES = classes(optax_aliases, optax_aliases.Alias)
OF_KERAS = classes(keras_classes, keras_classes.KerasOptimizer)
RULES = {f"{module.__name__.rsplit('.')[-1]} {name}": rule
         for module in (pytorch_rules, keras_rules, optax_rules)
         for name, rule in module.RULES.items()}
# Adafactor's step takes a root mean square over a whole parameter: it is no rule.
MISSING = {"torch.optim.Adafactor"}


def off(came, needed):
    """The largest difference, of entries above 1 as a share of them."""
    needed = np.asarray(needed)
    return np.max(np.abs(came - needed)/np.maximum(np.abs(needed), 1))


@pytest.mark.parametrize("case", [c for c in TORCH["cases"]
                                  if c["optimizer"] not in MISSING],
                         ids=lambda case: case["name"])
def test_recorded_runs_of_torch(case):
    optimizer = CLASSES[case["optimizer"].removeprefix("torch.optim.")]
    p = mg.tensor(TORCH["initial_params"], requires_grad=True)
    opt = optimizer([p], **case["kwargs"])
    for g, after in zip(TORCH["gradients"], case["params_after_step"], strict=True):
        p.grad = np.array(g)
        opt.step()
        assert off(p.numpy(), after) < TOLERANCE


def meaning(rule):
    """What a rule says, whatever it is called and whatever its defaults are."""
    f = optim.formula(rule)
    parts = [f"{n}: {f.update[n]} from {f.init.get(n)}" for n in f.update]
    return "; ".join(sorted(parts))


def calls_a_rule(rule):
    """Whether a rule is written in another one."""
    names = {name.split()[-1] for name in RULES} | optim.rules.RULES.keys() | {"rule"}
    return any(isinstance(node, ast.Call) and getattr(
        node.func, "attr", getattr(node.func, "id", "")) in names
        for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(rule)))))


def spelled_twice(rules):
    """Rules with one formula of which more than one is not written in another."""
    said = {}
    for name, rule in rules.items():
        if not calls_a_rule(rule):
            said.setdefault(meaning(rule), []).append(name)
    return [same for same in said.values() if len(same) > 1]


def test_no_rule_is_a_second_spelling_of_another():
    ours = {f"rules {name}": rule for name, rule in optim.rules.RULES.items()}
    assert not spelled_twice(ours | RULES)

    def again(theta, g, v, *, t, lr=1, eps=1):
        v = g*g + v
        return theta - g*lr/(eps + np.sqrt(v)), v
    assert spelled_twice(ours | {"again": again}) == [["rules adagrad", "again"]]


def test_no_recorded_run_is_left_out_but_adafactors():
    assert {c["optimizer"].removeprefix("torch.optim.") for c in TORCH["cases"]} == {
        *CLASSES, "Adafactor"}


# What works on a whole parameter or between steps is no rule of one entry.
NO_ALIAS = {"lamb", "lars", "adafactor", "novograd", "sm3", "schedule_free_sgd",
            "schedule_free_adamw"}
FAULTS = {"rprop", "adadelta"}                  # that are reproduced, with a warning


@pytest.mark.parametrize("case", [
    c for c in OPTAX["cases"] if c["optimizer"].rsplit(".")[-1] not in NO_ALIAS],
    ids=lambda case: case["name"])
@pytest.mark.filterwarnings("ignore:optax.(rprop|adadelta)")
def test_recorded_runs_of_optax(case):
    p = mg.tensor(OPTAX["initial_params"], requires_grad=True)
    opt = ALIASES[case["optimizer"].removeprefix("optax.")]([p], **case["kwargs"])
    for g, after in zip(OPTAX["gradients"], case["params_after_step"], strict=True):
        p.grad = np.array(g)
        opt.step()
        assert off(p.numpy(), after) < TOLERANCE


@pytest.mark.parametrize("make", [
    lambda p: optax_aliases.rprop(p, 0.1), lambda p: optax_aliases.adadelta(p)])
def test_a_fault_that_is_reproduced_is_named(make):
    with pytest.warns(UserWarning, match="and so does this|and so does"):
        make([mg.tensor([1.], requires_grad=True)])


def test_optax_adadelta_climbs_by_default_and_with_a_rate_it_does_not():
    for settings, sign in (({}, 1), ({"learning_rate": 1.0}, -1)):
        p = mg.tensor([1.], requires_grad=True)
        p.grad = np.array([2.])
        opt = (pytest.warns(UserWarning) if not settings else None)
        if opt is None:
            made = optax_aliases.adadelta([p], **settings)
        else:
            with opt:
                made = optax_aliases.adadelta([p])
        made.step()
        assert np.sign(p.item() - 1) == sign


RANGES = {"lr": (1e-4, 1), "momentum": (0.1, 0.99), "dampening": (0, 1), "eps": (1e-9, 0.1),
          "weight_decay": (0, 0.3), "rho": (0.1, 0.99), "alpha": (0.1, 0.99),
          "lr_decay": (0, 0.5), "initial_accumulator_value": (0, 2), "lambd": (0, 0.1),
          "momentum_decay": (0, 1), "t0": (0, 8), "learning_rate": (1e-4, 1),
          "epsilon": (1e-9, 0.1), "decay": (0.1, 0.99), "initial_scale": (0, 1),
          "eps_root": (0, 0.01), "threshold": (4, 6), "beta": (0.1, 0.99),
          "eta_minus": (0.2, 0.9), "eta_plus": (1.05, 2), "min_step_size": (1e-6, 1e-2),
          "max_step_size": (0.1, 5)} | dict.fromkeys(
              ("b1", "b2", "b3", "beta_1", "beta_2"), (0.05, 0.99))
CHOICES = {"nesterov", "centered", "amsgrad", "maximize", "decoupled_weight_decay",
           "eps_in_sqrt", "bias_correction", "bias_correction_mu", "bias_correction_nu"}


def drawn(optimizer, rng):
    """Arguments for an optimizer's class, each left at its default now and then."""
    out = {}
    for name, parameter in inspect.signature(optimizer.choose).parameters.items():
        if rng.random() < 0.3 and parameter.default is not parameter.empty:
            continue
        if name in RANGES:
            out[name] = float(rng.uniform(*RANGES[name]))
        elif name in CHOICES:
            out[name] = bool(rng.random() < 0.5)
        elif name == "betas":
            out[name] = tuple(rng.uniform(0.05, 0.99, 2).tolist())
        elif name == "etas":
            out[name] = float(rng.uniform(0.2, 0.9)), float(rng.uniform(1.05, 2))
        elif name == "step_sizes":
            out[name] = float(rng.uniform(1e-6, 1e-2)), float(rng.uniform(0.1, 5))
    if out.get("nesterov"):                     # which torch has with these alone
        needed = {"momentum": 0.9, "dampening": 0}
        out |= {n: needed[n] for n in inspect.signature(optimizer.choose).parameters
                if n in needed}
    return out


@pytest.fixture
def float64():
    """PyTorch keeps the product of NAdam's momenta in its default dtype."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


@pytest.mark.parametrize("name", CLASSES)
def test_twenty_random_configurations_run_as_in_torch(name, float64):
    for seed in range(20):
        rng = np.random.default_rng(seed)
        settings = drawn(CLASSES[name], rng)
        start, gradients = rng.normal(size=4), rng.normal(size=(15, 4))
        gradients[3] = 0
        ours = mg.tensor(start, requires_grad=True)
        theirs = torch.tensor(start, requires_grad=True)
        opt = CLASSES[name]([ours], **settings)
        other = getattr(torch.optim, name)([theirs], **settings)
        for g in gradients:
            ours.grad, theirs.grad = g.copy(), torch.tensor(g)
            opt.step()
            other.step()
        assert off(ours.numpy(), theirs.detach().numpy()) < 50*TOLERANCE, settings


def inputs(seed):
    rng = np.random.default_rng(seed)
    start, gradients = rng.normal(size=4), rng.normal(size=(15, 4))
    gradients[3] = 0
    return rng, start, gradients


def run(opt, p, gradients):
    for g in gradients:
        p.grad = g.copy()
        opt.step()
    return p.numpy()


@pytest.mark.parametrize("name", ALIASES)
@pytest.mark.filterwarnings("ignore:optax.(rprop|adadelta)")
def test_twenty_random_configurations_run_as_in_optax(name):
    import jax
    import optax
    for seed in range(20):
        rng, start, gradients = inputs(seed)
        settings = drawn(ALIASES[name], rng)
        ours = mg.tensor(start, requires_grad=True)
        came = run(ALIASES[name]([ours], **settings), ours, gradients)
        with jax.enable_x64(True):
            transform = getattr(optax, name)(**settings)
            theirs = jax.numpy.asarray(start)
            state = transform.init(theirs)
            for g in gradients:
                updates, state = transform.update(jax.numpy.asarray(g), state, theirs)
                theirs = optax.apply_updates(theirs, updates)
            assert off(came, np.asarray(theirs)) < 50*TOLERANCE, settings


@pytest.mark.parametrize("name", OF_KERAS)
def test_twenty_random_configurations_run_as_in_keras(name):
    import jax
    import keras
    before = keras.config.floatx()
    keras.config.set_floatx("float64")
    try:
        for seed in range(20):
            rng, start, gradients = inputs(seed)
            settings = drawn(OF_KERAS[name], rng)
            ours = mg.tensor(start, requires_grad=True)
            came = run(OF_KERAS[name]([ours], **settings), ours, gradients)
            with jax.enable_x64(True):
                theirs = keras.Variable(start, dtype="float64")
                opt = getattr(keras.optimizers, name)(**settings)
                opt.build([theirs])
                for g in gradients:
                    opt.apply([jax.numpy.asarray(g)], [theirs])
                assert off(came, np.asarray(theirs)) < 50*TOLERANCE, settings
    finally:
        keras.config.set_floatx(before)


@pytest.mark.parametrize("name", [*ALIASES, *OF_KERAS])
def test_arguments_and_their_defaults_are_those_of_optax_and_keras(name):
    import keras
    import optax
    ours = inspect.signature((ALIASES | OF_KERAS)[name]).parameters
    library = optax if name in ALIASES else keras.optimizers
    theirs = inspect.signature(getattr(library, name)).parameters
    assert [*ours][1:] == [n for n in theirs if n != "kwargs"]
    assert all(ours[n].default == p.default for n, p in theirs.items() if n != "kwargs")


@pytest.mark.parametrize("name", CLASSES)
def test_arguments_and_their_defaults_are_those_of_torch(name):
    ours = inspect.signature(CLASSES[name]).parameters
    theirs = inspect.signature(getattr(torch.optim, name)).parameters
    assert [*ours] == [*theirs]
    assert [p.default for p in ours.values()] == [p.default for p in theirs.values()]
    assert [p.kind for p in ours.values()] == [p.kind for p in theirs.values()]


def test_a_script_moves_over_by_its_import():
    def train(library, tensor):
        w = tensor([3., -2.], requires_grad=True)
        b = tensor([1.], requires_grad=True)
        opt = library.AdamW([{"params": [w]}, {"params": [b], "weight_decay": 0.0}], lr=0.1,
                            betas=(0.8, 0.9))
        for step in range(10):
            opt.zero_grad(set_to_none=True)
            loss = ((w*w).sum() + (b*b).sum())
            loss.backward()
            opt.step()
            opt.param_groups[0]["lr"] *= 0.9
        return np.concatenate([w.detach().numpy(), b.detach().numpy()])
    ours = train(optim.dialects.torch, mg.tensor)
    theirs = train(torch.optim, lambda data, requires_grad: torch.tensor(
        data, dtype=torch.float64, requires_grad=requires_grad))
    assert off(ours, theirs) < 1e-6             # torch's step counter is a float32


def test_a_closure_is_called_and_its_loss_comes_back():
    p = mg.tensor([1.], requires_grad=True)
    opt = pytorch.SGD([p], lr=0.5)

    def closure():
        opt.zero_grad()
        loss = (p*p).sum()
        loss.backward()
        return loss
    assert opt.step(closure).item() == 1 and p.item() == 0


def test_nan_passes_and_a_parameter_without_a_gradient_rests():
    p, q = (mg.tensor([1.], requires_grad=True) for _ in range(2))
    opt = pytorch.Adam([p, q])
    p.grad = np.array([np.nan])
    opt.step()
    assert np.isnan(p.item()) and q.item() == 1


def test_zero_grad_may_leave_zeros():
    p = mg.tensor([1.], requires_grad=True)
    opt = pytorch.SGD([p])
    p.grad = np.array([2.])
    opt.zero_grad(set_to_none=False)
    assert p.grad.tolist() == [0]


@pytest.mark.parametrize("make, error, message", [
    (lambda p: pytorch.RMSprop(p, alpah=0.9), TypeError, "RMSprop does not take 'alpah'"),
    (lambda p: pytorch.Adam(p, differentiable=True), ValueError, "no meaning on NumPy"),
    (lambda p: pytorch.SGD(p, nesterov=True), ValueError, "nesterov needs a momentum"),
    (lambda p: pytorch.Adam(p, lr=-1), ValueError, "lr = -1.0"),
    (lambda p: pytorch.Rprop(p, etas=(1.5, 1.2)), ValueError, "etas"),
])
def test_what_torch_refuses_is_refused(make, error, message):
    with pytest.raises(error, match=message):
        make([mg.tensor([1.], requires_grad=True)])


def test_a_group_cannot_turn_into_another_rule_between_steps():
    p = mg.tensor([1.], requires_grad=True)
    opt = pytorch.SGD([p], momentum=0.9)
    p.grad = np.array([1.])
    opt.step()
    opt.param_groups[0]["momentum"] = 0
    with pytest.raises(ValueError, match="make a new optimizer"):
        opt.step()


def test_a_state_dict_goes_on_where_it_was():
    def fresh():
        p = mg.tensor([1., 2.], requires_grad=True)
        return p, pytorch.Adam([p], lr=0.1, amsgrad=True)
    p, opt = fresh()
    for k in range(3):
        p.grad = np.array([1., -2.])*k
        opt.step()
    q, other = fresh()
    with mg.no_grad():
        q[...] = p
    other.load_state_dict(opt.state_dict())
    for x, o in ((p, opt), (q, other)):
        x.grad = np.array([3., 4.])
        o.step()
    assert p.numpy().tolist() == q.numpy().tolist()


@pytest.mark.parametrize("name", RULES)
def test_every_rule_is_read_as_a_formula_and_runs_as_it_says(name):
    formula = optim.formula(RULES[name])
    assert formula.disagreement == "" and formula.update["theta"].free_symbols
