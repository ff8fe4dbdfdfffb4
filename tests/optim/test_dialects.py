"""The rules as other libraries compute them: recorded runs, live runs, their manners.

Tolerance: both compute in float64, in another order of operations; 1e-12 of an entry, or of
1 where an entry is smaller.
"""
import copy
import inspect
import json
import math
import os
from pathlib import Path

import numpy as np
import pytest
import torch

import minigrad as mg
import optim
from optim.dialects import (
    keras_classes, keras_rules, named_optimizers, optax_aliases, optax_rules, pytorch,
    pytorch_rules, survey)
from optim.more_rules.norms import of_whole_parameters

from ..cases import each

os.environ["KERAS_BACKEND"] = "jax"             # before Keras is imported

TOLERANCE = 1e-12
GOLDEN = Path(__file__).parents[1]/"golden"
TORCH = json.loads((GOLDEN/"torch.json").read_text())
OPTAX = json.loads((GOLDEN/"optax.json").read_text())
KERAS = json.loads((GOLDEN/"keras.json").read_text())


def classes(module, base):
    return {name: cls for name, cls in vars(module).items()
            if isinstance(cls, type) and issubclass(cls, base) and cls is not base}


CLASSES = classes(pytorch, pytorch.TorchOptimizer)
ALIASES = classes(optax_aliases, optax_aliases.Alias)
OF_KERAS = classes(keras_classes, keras_classes.KerasOptimizer)
RULES = {f"{module.__name__.rsplit('.')[-1]} {name}": rule
         for module in (pytorch_rules, keras_rules, optax_rules, survey)
         for name, rule in module.RULES.items() if rule not in optim.rules.RULES.values()}


def off(came, needed):
    """The largest difference, of entries above 1 as a share of them."""
    needed = np.asarray(needed)
    return np.max(np.abs(came - needed)/np.maximum(np.abs(needed), 1))


@each("case", TORCH["cases"], ids=lambda case: case["name"])
def test_recorded_runs_of_torch(case):
    optimizer = CLASSES[case["optimizer"].removeprefix("torch.optim.")]
    p = mg.tensor(TORCH["initial_params"], requires_grad=True)
    opt = optimizer([p], **case["kwargs"])
    for g, after in zip(TORCH["gradients"], case["params_after_step"], strict=True):
        p.grad = np.array(g)
        opt.step()
        assert off(p.numpy(), after) < TOLERANCE


def test_every_class_has_a_recorded_run():
    assert {c["optimizer"].removeprefix("torch.optim.") for c in TORCH["cases"]} == {
        *CLASSES}


@each("case", OPTAX["cases"], ids=lambda case: case["name"])
@pytest.mark.filterwarnings("ignore:optax.(rprop|adadelta)")
def test_recorded_runs_of_optax(case):
    p = mg.tensor(OPTAX["initial_params"], requires_grad=True)
    opt = ALIASES[case["optimizer"].rsplit(".")[-1]]([p], **case["kwargs"])
    for g, after in zip(OPTAX["gradients"], case["params_after_step"], strict=True):
        p.grad = np.array(g)
        opt.step()
        assert off(p.numpy(), after) < TOLERANCE


@each("case", KERAS["cases"], ids=lambda case: case["name"])
def test_recorded_runs_of_keras(case):
    p = mg.tensor(KERAS["initial_params"], requires_grad=True)
    opt = OF_KERAS[case["optimizer"].rsplit(".")[-1]]([p], **case["kwargs"])
    for g, after in zip(KERAS["gradients"], case["params_after_step"], strict=True):
        p.grad = np.array(g)
        opt.step()
        assert off(p.numpy(), after) < TOLERANCE


def test_the_records_of_keras_are_of_all_classes_on_the_inputs_of_torch():
    assert KERAS["gradients"] == TORCH["gradients"]
    assert {c["optimizer"].rsplit(".")[-1] for c in KERAS["cases"]} == {*OF_KERAS}


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
          "max_step_size": (0.1, 5), "d": (1, 2), "beta2_decay": (-1, -0.3),
          "beta_2_decay": (-1, -0.3), "epsilon_1": (1e-30, 1e-4), "epsilon_2": (1e-4, 2),
          "clip_threshold": (0.3, 2), "clipping_threshold": (0.3, 2), "min_norm": (0, 2),
          "decay_rate": (0.3, 1), "weight_decay_rate": (0, 0.3), "weight_lr_power": (0, 3),
          "trust_coefficient": (0.001, 1), "learning_rate_power": (-1, 0),
          "l1_regularization_strength": (0, 0.3), "l2_regularization_strength": (0, 0.3),
          "l2_shrinkage_regularization_strength": (0, 0.3)} | dict.fromkeys(
              ("b1", "b2", "b3", "beta_1", "beta_2"), (0.05, 0.99))
CHOICES = {"nesterov", "centered", "amsgrad", "maximize", "decoupled_weight_decay",
           "factored", "multiply_by_parameter_scale", "relative_step", "eps_in_sqrt",
           "bias_correction", "bias_correction_mu", "bias_correction_nu"}


def drawn(optimizer, rng):
    """Arguments for an optimizer's class, each left at its default now and then."""
    out = {}
    for name, parameter in inspect.signature(optimizer.choose).parameters.items():
        if rng.random() < 0.3 and parameter.default is not parameter.empty:
            continue
        if name in RANGES and not isinstance(parameter.default, tuple):
            out[name] = float(rng.uniform(*RANGES[name]))
        elif name in CHOICES:
            out[name] = bool(rng.random() < 0.5)
        elif name == "betas":
            out[name] = tuple(rng.uniform(0.05, 0.99, 2).tolist())
        elif name == "etas":
            out[name] = float(rng.uniform(0.2, 0.9)), float(rng.uniform(1.05, 2))
        elif name in ("warmup_steps", "min_dim_size_to_factor"):
            out[name] = int(rng.integers(1, 6))
        elif name == "eps":                     # a pair
            out[name] = rng.choice([None, 1e-9, 0.1]), rng.uniform(1e-4, 1)
        elif name == "dtype_momentum":
            out[name] = "float64"
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


SHAPES = (4,), (3, 2), (2, 3, 2), (), (1, 4)


def inputs(seed):
    rng = np.random.default_rng(seed)
    shape = SHAPES[seed % len(SHAPES)]
    start, gradients = rng.normal(size=shape), rng.normal(size=(15, *shape))
    gradients[3] = 0
    return rng, start, gradients


@pytest.mark.parametrize("name", CLASSES)
def test_twenty_random_configurations_run_as_in_torch(name, float64):
    for seed in range(20):
        rng, start, gradients = inputs(seed)
        settings = drawn(CLASSES[name], rng)
        ours = mg.tensor(start, requires_grad=True)
        theirs = torch.tensor(start, requires_grad=True)
        opt = CLASSES[name]([ours], **settings)
        other = getattr(torch.optim, name)([theirs], **settings)
        for g in gradients:
            ours.grad, theirs.grad = np.array(g), torch.tensor(g)
            opt.step()
            other.step()
        assert off(ours.numpy(), theirs.detach().numpy()) < TOLERANCE, settings


def run(opt, p, gradients):
    for g in gradients:
        p.grad = np.array(g)
        opt.step()
    return p.numpy()


def of_optax(name):
    import optax
    import optax.contrib
    return getattr(optax, name, None) or getattr(optax.contrib, name)


def distance_from_optax(name, seeds):
    """The differences of some random runs from Optax's at float64, one by one."""
    import jax
    import optax
    for seed in seeds:
        rng, start, gradients = inputs(seed)
        settings = drawn(ALIASES[name], rng)
        if name == "sm3" and not start.ndim:            # which Optax's cannot move
            continue
        ours = mg.tensor(start, requires_grad=True)
        came = run(ALIASES[name]([ours], **settings), ours, gradients)
        with jax.enable_x64(True):
            transform = of_optax(name)(**settings)
            theirs = jax.numpy.asarray(start)
            state = transform.init(theirs)
            for g in gradients:
                updates, state = transform.update(jax.numpy.asarray(g), state, theirs)
                theirs = optax.apply_updates(theirs, updates)
            yield off(came, np.asarray(theirs)), settings


@pytest.fixture
def exact_schedules(monkeypatch):
    """Optax's schedules divide the count of steps in float32, whatever the dtype is."""
    from jax import numpy
    from optax.contrib import _schedule_free
    monkeypatch.setattr(
        _schedule_free._schedule, "warmup_constant_schedule",
        lambda init_value, peak_value, warmup_steps: lambda count: (
            peak_value*numpy.minimum(count/numpy.float64(warmup_steps), 1)))


@pytest.mark.parametrize("name", ALIASES)
@pytest.mark.filterwarnings("ignore:optax.(rprop|adadelta)")
def test_twenty_random_configurations_run_as_in_optax(name, exact_schedules):
    for distance, settings in distance_from_optax(name, range(20)):
        assert distance < TOLERANCE, settings


def test_what_is_off_in_optax_warm_up_is_the_float32_of_its_schedule():
    runs = [*distance_from_optax("schedule_free_sgd", range(8))]
    assert all(distance < TOLERANCE for distance, settings in runs
               if "warmup_steps" not in settings)
    assert 50*TOLERANCE < max(distance for distance, _ in runs) < 1e-5


def distance_from_keras(name, seeds):
    """The differences of some random runs from Keras's at float64, one by one."""
    import jax
    import keras
    before = keras.config.floatx()
    keras.config.set_floatx("float64")
    try:
        for seed in seeds:
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
                yield off(came, np.asarray(theirs)), settings
    finally:
        keras.config.set_floatx(before)


@pytest.fixture
def exact_means(monkeypatch):
    """Keras takes means in float32 on JAX, whatever it is given."""
    import keras
    from jax import numpy
    monkeypatch.setattr(keras.src.ops, "mean", lambda x, axis=None, keepdims=False:
                        numpy.mean(numpy.asarray(x), axis=axis, keepdims=keepdims))


@pytest.mark.parametrize("name", OF_KERAS)
def test_twenty_random_configurations_run_as_in_keras(name, exact_means):
    for distance, settings in distance_from_keras(name, range(20)):
        assert distance < TOLERANCE, settings


def test_what_is_off_in_keras_adafactor_is_the_float32_of_its_means():
    far = max(distance for distance, _ in distance_from_keras("Adafactor", range(5)))
    assert 50*TOLERANCE < far < 1e-6


@each("name", [*ALIASES, *OF_KERAS])
def test_arguments_and_their_defaults_are_those_of_optax_and_keras(name):
    import keras
    ours = inspect.signature((ALIASES | OF_KERAS)[name]).parameters
    theirs = inspect.signature(of_optax(name) if name in ALIASES else
                               getattr(keras.optimizers, name)).parameters
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


@pytest.mark.parametrize("name", CLASSES)
def test_parameters_of_float32_stay_so_and_move_as_in_torch(name):
    rng, start, gradients = inputs(1)
    ours = mg.tensor(start.astype(np.float32), requires_grad=True)
    theirs = torch.tensor(ours.numpy().copy(), requires_grad=True)
    opt, other = CLASSES[name]([ours]), getattr(torch.optim, name)([theirs])
    for g in gradients.astype(np.float32):
        ours.grad, theirs.grad = g.copy(), torch.tensor(g)
        opt.step()
        other.step()
    assert ours.dtype == np.float32
    assert off(ours.numpy(), theirs.detach().numpy()) < 1e-5


@each("cls", [*ALIASES.values(), *OF_KERAS.values()])
@pytest.mark.filterwarnings("ignore:optax.(rprop|adadelta)")
def test_parameters_of_float32_stay_so(cls):
    first = {"learning_rate": 0.1}
    single, double = (mg.tensor(np.ones((2, 3), t), requires_grad=True)
                      for t in (np.float32, np.float64))
    for p in (single, double):
        opt = cls([p], **first)
        for k in range(4):
            p.grad = np.full((2, 3), k - 1, p.dtype)
            opt.step()
    assert single.dtype == np.float32 and off(single.numpy(), double.numpy()) < 1e-5


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


@each("name", RULES)
def test_every_rule_is_read_as_a_formula_and_runs_as_it_says(name):
    formula = optim.formula(RULES[name])
    assert formula.disagreement == "" and formula.update["theta"].free_symbols


@pytest.mark.parametrize("name", sorted(CLASSES.keys() - {"Adafactor", "SGD"}))
def test_the_state_has_the_names_and_values_of_torch(name, float64):
    rng, start, gradients = inputs(0)
    ours = mg.tensor(start, requires_grad=True)
    theirs = torch.tensor(start, requires_grad=True)
    opt, other = CLASSES[name]([ours]), getattr(torch.optim, name)([theirs])
    assert opt.state == {}
    for g in gradients[:3]:
        ours.grad, theirs.grad = g.copy(), torch.tensor(g)
        opt.step()
        other.step()
    came, needed = opt.state[ours], other.state[theirs]
    assert came.keys() == needed.keys()
    assert all(off(came[n], np.asarray(needed[n])) < TOLERANCE for n in needed)


def test_the_state_of_momentum_and_of_a_factored_parameter_has_the_values_of_torch():
    rng, start, gradients = inputs(2)
    for make in (lambda library, p: library.SGD([p], momentum=0.9),
                 lambda library, p: library.Adafactor([p])):
        ours = mg.tensor(start, requires_grad=True)
        theirs = torch.tensor(start, requires_grad=True)
        opt, other = make(pytorch, ours), make(torch.optim, theirs)
        for g in gradients[:3]:
            ours.grad, theirs.grad = g.copy(), torch.tensor(g)
            opt.step()
            other.step()
        came, needed = opt.state[ours], other.state[theirs]
        assert came.keys() >= needed.keys() > {"step"} - came.keys()
        assert all(off(came[n], np.asarray(needed[n])) < TOLERANCE for n in needed)


def test_a_parameter_that_wants_no_gradient_rests_until_it_does():
    p, q = mg.tensor([1.], requires_grad=True), mg.tensor([1.])
    opt = pytorch.Adam([p, q], lr=0.1)
    for k in range(3):
        p.grad = np.array([2.])
        if k == 2:
            q.requires_grad, q.grad = True, np.array([2.])
        opt.step()
    assert q.item() == pytest.approx(0.9) and p.item() < 0.75
    assert [opt.state[x]["step"] for x in (p, q)] == [3, 1]
    with pytest.raises(ValueError, match="requires_grad=False"):
        optim.Adam([mg.tensor([1.])])


def test_a_later_group_has_settings_of_its_own_and_its_first_step():
    p, q = (mg.tensor([1.], requires_grad=True) for _ in range(2))
    opt = pytorch.SGD([p], lr=0.5, momentum=0.9)
    p.grad = np.array([1.])
    opt.step()
    opt.add_param_group({"params": [q], "lr": 0.25})
    p.grad, q.grad = np.array([1.]), np.array([1.])
    opt.step()
    assert (p.item(), q.item()) == (1 - 0.5 - 0.5*1.9, 0.75)
    assert opt.param_groups[1]["momentum"] == 0.9


@pytest.mark.parametrize("scalar", [np.array, np.float64, np.float32, mg.tensor])
def test_a_rate_that_is_an_array_of_one_number_may_be_changed_in_place(scalar):
    p = mg.tensor([1.], requires_grad=True)
    opt = pytorch.SGD([p], lr=scalar(0.5))
    opt.param_groups[0]["lr"] *= 0.5
    p.grad = np.array([1.])
    opt.step()
    assert p.item() == 0.75


def test_a_list_of_betas_is_kept_as_a_pair():
    opt = pytorch.Adam([mg.tensor([1.], requires_grad=True)], betas=[0.5, 0.75])
    assert opt.param_groups[0]["betas"] == (0.5, 0.75)


@pytest.mark.parametrize("shape", [(3, 2), (2, 3, 2), (4,), ()])
def test_what_looks_at_whole_parameters_goes_on_from_its_state_dict_and_a_copy(shape):
    rng = np.random.default_rng(0)
    for make in (lambda p: pytorch.Adafactor(p), lambda p: optax_aliases.sm3(p, 0.1),
                 lambda p: optax_aliases.novograd(p, 0.1)):
        p, q, r = (mg.tensor(rng.normal(size=shape), requires_grad=True) for _ in range(3))
        opt = make([p, q])
        for g in rng.normal(size=(3, *shape)):
            p.grad, q.grad = np.array(g), np.array(g)
            opt.step()
        with mg.no_grad():
            r[...] = p
        other = make([r, mg.tensor(q.numpy().copy(), requires_grad=True)])
        other.load_state_dict(opt.state_dict())
        again = copy.deepcopy(opt)
        g = rng.normal(size=shape)
        for o in (opt, other, again):
            for x in o.param_groups[0]["params"]:
                x.grad = np.array(g)
            o.step()
        after = [[x.numpy().tolist() for x in o.param_groups[0]["params"]]
                 for o in (opt, other, again)]
        assert after[0] == after[1] == after[2]


def test_what_looks_at_whole_parameters_sees_each_alone_and_has_no_formula():
    p, q = (mg.tensor([x], requires_grad=True) for x in (3., 300.))
    opt = optax_aliases.lamb([p, q], 0.1)
    for x in (p, q):
        x.grad = np.array([1.])
    opt.step()
    assert off(np.array([p.item(), q.item()]), [2.7, 270]) < TOLERANCE
    with pytest.raises(ValueError, match="whole parameter"):
        optim.formula(opt.rule)


def test_a_result_that_is_not_finite_is_told_of_the_states_of_a_whole_parameter():
    @of_whole_parameters
    def broken(theta, g, v_row=lambda theta: theta[:, 0], *, t, lr=1.):
        return theta - lr*g, v_row/0
    p = mg.tensor(np.ones((3, 2)), requires_grad=True)
    opt = optim.Optimizer([p], broken)
    p.grad = np.ones((3, 2))
    with pytest.raises(FloatingPointError, match="3 of 3 entries for parameter 0"):
        opt.step()
    assert p.numpy().min() == 1


# --- the survey -------------------------------------------------------------------------

SURVEY = {                  # arXiv:1609.04747, by hand: theta and states after t = 2
    "adagrad": lambda g, t, s: (g/math.sqrt(s["v"] + g*g + 1e-8)*0.01,
                                {"v": s["v"] + g*g}),
    "rmsprop": lambda g, t, s: (0.001*g/math.sqrt(0.9*s["v"] + 0.1*g*g + 1e-8),
                                {"v": 0.9*s["v"] + 0.1*g*g}),
}


def survey_run(name, gradients):
    p = mg.tensor([1.], requires_grad=True)
    opt = optim.Optimizer([p], survey.RULES[name])
    return run(opt, p, np.array(gradients)[:, None])[0]


@pytest.mark.parametrize("name", SURVEY)
def test_the_survey_has_eps_inside_the_root(name):
    theta, state = 1., {"v": 0.}
    for t, g in enumerate((1e-4, -3e-4, 2e-4), 1):
        step, state = SURVEY[name](g, t, state)
        theta -= step
    assert survey_run(name, [1e-4, -3e-4, 2e-4]) == pytest.approx(theta, rel=1e-14)
    assert optim.prove(survey.RULES[name], name).status == "REFUTED"


def test_the_first_step_of_the_surveys_nadam_is_1_9_rates():
    assert survey_run("nadam", [1.]) == pytest.approx(1 - 0.002*1.9, abs=1e-10)


def test_where_the_survey_prints_the_papers_rule_it_is_that():
    same = {name for name, rule in survey.RULES.items() if rule is optim.rules.RULES[name]}
    assert same == {"gradient_descent", "momentum", "nag", "adam", "amsgrad"}
    assert optim.prove(survey.RULES["adadelta"], "adadelta").status == "PROVED"
    assert optim.dialects.survey is survey


def test_the_surveys_adamax_is_the_papers_as_eps_goes_to_0():
    assert survey_run("adamax", [2., 1.]) == pytest.approx(
        1 - 0.002 - 0.002*(0.9*0.2 + 0.1)/0.19/(0.999*2), rel=1e-13)


def test_a_rule_of_the_survey_has_a_name_wherever_rules_are_named():
    rule = named_optimizers.called("survey:adagrad(lr=0.5)")
    assert optim.formula(rule).update == optim.formula(survey.adagrad).update
    assert inspect.signature(rule).parameters["lr"].default == 0.5
    for words, said in (("survey:lion", "has no 'lion'"), ("survey:adam(rho=1)", "'rho'"),
                        ("optax:lamb", "whole parameter")):
        with pytest.raises(ValueError, match=said):
            named_optimizers.called(words)
