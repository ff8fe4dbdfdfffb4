"""Optimizers: the rule's steps on tensors, PyTorch's manners, and everything refused."""
import copy
import functools
import inspect
import pickle
import re

import numpy as np
import pytest

import minigrad as mg
import optim
from optim import rules
from optim.optimizers.classes import OPTIMIZERS
from optim.optimizers.hyperparameters import WHERE
from optim.optimizers.optimizer import Optimizer
from optim.optimizers.signatures import anatomy, first_states
from optim.rules import LEGEND

from ..cases import each

SHAPES = ((3, 2), (2,), (), (2, 1, 2))
every_rule = each("name", rules.RULES)


def tensors(dtype=np.float64, seed=0, shapes=SHAPES):
    rng = np.random.default_rng(seed)
    return [mg.tensor(rng.standard_normal(shape).astype(dtype), requires_grad=True)
            for shape in shapes]


def give_gradients(params, seed):
    rng = np.random.default_rng(seed)
    for p in params:
        p.grad = np.asarray(rng.standard_normal(p.shape) + 0.1, p.dtype)


def values(params):
    return [p.numpy() for p in params]


def everything(opt):
    """A copy of all that a refused step must leave alone."""
    tensors = [p for group in opt._groups for p in group.known["params"]]
    held = {place.position: (part.t, copy.deepcopy(record)) for part in opt._parts
            for place, record in zip(part.places, part.records())}
    return opt.t, values(tensors), held


def run(opt, params, steps, seed=1):
    for k in range(steps):
        give_gradients(params, seed + k)
        opt.step()
    return values(params)


# --- a step is the rule's ---------------------------------------------------------------

@every_rule
@each("dtype", [np.float32, np.float64])
def test_a_step_is_the_rule_applied_to_each_tensor(name, dtype):
    params = tensors(dtype)
    opt, rule = OPTIMIZERS[name](params), rules.RULES[name]
    alone = [p.numpy() for p in params]
    states = [list(first_states(rule, theta, anatomy(rule)[1]).values()) for theta in alone]
    for t in range(1, 6):
        give_gradients(params, t)
        for i, p in enumerate(params):
            after = rule(alone[i], p.grad, *states[i], t=t)
            alone[i], *states[i] = after if isinstance(after, tuple) else (after,)
        opt.step()
    for p, theta in zip(params, alone):
        np.testing.assert_array_equal(p.numpy(), theta)
    assert opt.t == 5


@every_rule
def test_a_class_has_its_rules_defaults_and_takes_each_of_them(name):
    cls, own = OPTIMIZERS[name], anatomy(rules.RULES[name])[1]
    takes = {n: p.default for n, p in inspect.signature(cls).parameters.items()
             if n not in ("params", "options")}
    if "betas" in takes:
        takes["beta1"], takes["beta2"] = takes.pop("betas")
    assert takes == own
    opt = cls(tensors())
    assert opt.rule is rules.RULES[name]
    assert {n: v for n, v in opt.param_groups[0].items() if n != "params"} == own


@every_rule
def test_an_argument_reaches_the_letter_of_the_rule_that_it_names(name):
    cls = OPTIMIZERS[name]
    for argument in set(inspect.signature(cls).parameters) - {"params", "options"}:
        above_1 = LEGEND.get(argument) and LEGEND[argument].domain == "> 1"
        given = (0.3, 0.7) if argument == "betas" else 1.5 if above_1 else 0.0007
        group = cls(tensors(), **{argument: given}).param_groups[0]
        came = (group["beta1"], group["beta2"]) if argument == "betas" else group[argument]
        assert came == given


def test_every_rule_has_a_class_and_sgd_is_gradient_descent():
    assert list(OPTIMIZERS) == [*rules.RULES, *rules.WHOLE_RULES]
    assert optim.SGD is optim.GradientDescent
    for cls in OPTIMIZERS.values():
        assert getattr(optim, cls.__name__) is cls


@every_rule
@each("dtype", [np.float16, np.float32])
def test_no_step_promotes_parameters_or_states(name, dtype):
    params = tensors(dtype)
    opt = OPTIMIZERS[name](params)
    run(opt, params, 3)
    held = [v for record in opt.state_dict()["state"].values() for v in record.values()]
    assert {p.dtype for p in params} == {np.dtype(dtype)}
    assert {v.dtype for v in held if isinstance(v, np.ndarray)} <= {np.dtype(dtype)}


def test_parameters_of_two_dtypes_each_keep_theirs():
    params = tensors(np.float32) + tensors(np.float64)
    run(optim.Adam(params), params, 2)
    assert [p.dtype for p in params] == [np.float32]*4 + [np.float64]*4


def test_training_by_backward_finds_the_bottom_of_a_bowl():
    x, y = mg.tensor([3.0, -2.0], requires_grad=True), mg.tensor(1.0, requires_grad=True)
    opt = optim.Momentum([x, y], lr=0.05)
    for _ in range(300):
        opt.zero_grad()
        (np.sum((x - 1)**2) + y**2).backward()
        opt.step()
    np.testing.assert_allclose([*x.numpy(), y.item()], [1, 1, 0], atol=1e-5)


def test_zero_grad_forgets_every_gradient():
    params = tensors()
    opt = optim.Adam(params)
    give_gradients(params, 0)
    opt.zero_grad()
    assert all(p.grad is None for p in params)


def test_a_state_that_is_a_product_of_hyperparameters_stays_a_python_float():
    params = tensors(np.float32)
    opt = optim.Nadam(params, psi=0)
    run(opt, params, 3)
    product = opt.state_dict()["state"][0]["mu_product"]
    assert type(product) is float and product == pytest.approx(0.45**3)


def test_a_numeric_default_that_the_rule_makes_an_array_starts_as_one():
    def warm(theta, g, v=0.1, *, t, lr=0.1):
        step = g/np.sqrt(v)                     # a float here would become a float64
        return theta - lr*step, v + g**2

    params = tensors(np.float32)
    opt = Optimizer(params, warm)
    run(opt, params, 2)
    assert opt.state_dict()["state"][0]["v"].dtype == np.float32


def test_a_state_may_start_at_the_parameters_and_does_not_move_with_them():
    def anchored(theta, g, start=lambda theta: theta, *, t, lr=0.1):
        return theta - lr*g - lr*(theta - start), start

    params = tensors()
    before = values(params)
    opt = Optimizer(params, anchored)
    run(opt, params, 3)
    np.testing.assert_array_equal(opt.state_dict()["state"][0]["start"], before[0])


def test_a_rule_may_remember_its_gradient_or_point_itself():
    def remembering(theta, g, m, last=lambda theta: theta, *, t, lr=0.1):
        return theta - lr*g - lr*m, g, theta

    [x] = params = tensors(shapes=((3,),))
    opt = Optimizer(params, remembering)
    theta, m = x.numpy(), np.zeros(3)
    for t in range(1, 5):
        give_gradients(params, t)
        opt.step()
        before, theta, m = theta, theta - 0.1*x.grad - 0.1*m, x.grad
        np.testing.assert_array_equal(x.numpy(), theta)
        np.testing.assert_array_equal(opt.state_dict()["state"][0]["last"], before)


# --- parameters, groups, hyperparameters ------------------------------------------------

def test_groups_have_their_own_hyperparameters_and_inherit_the_others():
    a, b, c = tensors(shapes=((2,),)*3)
    opt = optim.Adam([{"params": [a]}, {"params": [b], "lr": 0.5},
                      {"params": [("c", c)], "betas": (0.0, 0.5)}], lr=0.1)
    assert [g["lr"] for g in opt.param_groups] == [0.1, 0.5, 0.1]
    assert [g["beta1"] for g in opt.param_groups] == [0.9, 0.9, 0.0]
    before = values([a, b, c])
    for p in (a, b, c):
        p.grad = np.ones(2)
    opt.step()
    moved = [old - new for old, new in zip(before, values([a, b, c]))]
    np.testing.assert_allclose(moved, [[0.1]*2, [0.5]*2, [0.1]*2], rtol=1e-6)


def test_a_hyperparameter_set_in_param_groups_works_at_the_next_step():
    x = mg.tensor([1.0], requires_grad=True)
    opt = optim.SGD([x], lr=0.5)
    for lr in (0.5, np.float32(0.25), 0, np.array(1.0)):
        before, x.grad = x.item(), np.array([1.0])
        opt.param_groups[0]["lr"] = lr
        opt.step()
        assert x.item() == before - float(lr)
        assert type(opt.param_groups[0]["lr"]) is float


def test_betas_set_in_param_groups_become_beta1_and_beta2():
    params = tensors()
    opt = optim.Adam(params)
    opt.param_groups[0]["betas"] = (0.5, 0.6)
    run(opt, params, 1)
    assert opt.param_groups[0]["beta2"] == 0.6 and "betas" not in opt.param_groups[0]


def test_a_float64_learning_rate_does_not_promote():
    params = tensors(np.float32)
    opt = optim.Adam(params, lr=np.float64(0.1))
    opt.param_groups[0]["lr"] = np.float64(0.2)
    run(opt, params, 2)
    assert params[0].dtype == np.float32


def test_a_tied_tensor_is_taken_once():
    x = mg.tensor([1.0], requires_grad=True)
    opt = optim.SGD([x, x], lr=0.5)
    x.grad = np.array([1.0])
    opt.step()
    assert x.item() == 0.5 and len(opt.param_groups[0]["params"]) == 1


def test_a_group_added_later_starts_at_its_own_t_of_one():
    early, late = tensors(shapes=((3,), (3,)))
    opt = optim.Adam([early])
    run(opt, [early], 4)
    opt.add_param_group({"params": [late], "lr": 0.5})
    before = late.numpy()
    run(opt, [early, late], 1)
    np.testing.assert_allclose(np.abs(late.numpy() - before), 0.5, rtol=1e-6)
    assert [record["t"] for record in opt.state_dict()["state"].values()] == [5, 1]


@pytest.mark.parametrize("made", [
    lambda x: (p for p in [x]), lambda x: (x,), lambda x: [("weight", x)],
    lambda x: iter([{"params": [x]}]), lambda x: [{"params": (("weight", x),)}],
    lambda x: {"weight": x}.items()])
def test_parameters_may_come_from_any_ordered_iterable(made):
    x = mg.tensor([1.0], requires_grad=True)
    assert optim.SGD(made(x)).param_groups[0]["params"] == (x,)


def test_the_modules_of_nn_bring_their_parameters():
    model = mg.nn.Linear(3, 2, rng=np.random.default_rng(0))
    params = optim.Adam(model.parameters()).param_groups[0]["params"]
    assert [p.shape for p in params] == [(2, 3), (2,)]


def made(data=(1.0, 2.0), **options):
    return mg.tensor(data, **{"requires_grad": True} | options)


SHARED = made()


def sharing():
    one, two = made(), made()
    two._data = one._data[::-1]
    return [one, two]


@pytest.mark.parametrize("params, error, message", [
    ([], ValueError, "group 0 has no parameters"),
    (iter([]), ValueError, "group 0 has no parameters"),
    (made(), TypeError, r"came Tensor; needs tensors in a fixed order: \[w\] for one"),
    ({made()}, TypeError, "came set; needs tensors in a fixed order"),
    (np.ones(2), TypeError, "came ndarray"),
    (None, TypeError, "came NoneType"),
    ([np.ones(2)], TypeError, "parameter 0: came ndarray; needs a tensor: mg.tensor"),
    ([("w", 1.0)], TypeError, "group 0, w: came float; needs a tensor"),
    ([made([1, 2], requires_grad=False)], TypeError, "came dtype int64; needs floats"),
    ([made(), made(requires_grad=False)], ValueError,
     "parameter 1 has requires_grad=False.*leave it out, or set"),
    ([made()*2], ValueError, "is the result of a computation"),
    ([{"params": [SHARED]}, {"params": [SHARED]}], ValueError,
     "parameter 1 of shape .2,. of group 1 is also in group 0"),
    (sharing(), ValueError, "parameter [01] .* and parameter [01] .* share memory"),
    ([{"params": [made()]}, made()], TypeError, "group 1: came Tensor; needs a dict"),
    ([made(), {"params": [made()]}], TypeError, "parameter 1: came dict; needs a tensor"),
    ([{"parameters": [made()]}], TypeError, "needs a dict with 'params'"),
    ([{"params": made()}], TypeError, "came Tensor; needs tensors in a fixed order"),
    ([{"params": [made()], "rho": 1}], TypeError, "adam does not take 'rho'.*It takes lr"),
])
def test_what_cannot_be_parameters_is_refused(params, error, message):
    with pytest.raises(error, match=message):
        optim.Adam(params)


def test_a_refused_construction_takes_nothing_over():
    x = made()
    opt = optim.SGD([x])
    with pytest.raises(ValueError, match="requires_grad=False"):
        optim.Adam([x, made(requires_grad=False)])
    x.grad = np.ones(2)
    opt.step()
    assert opt.t == 1


def test_arrays_of_objects_cannot_become_parameters():
    x = made()
    x._data = np.array([1, 2], object)
    with pytest.raises(TypeError, match="came dtype object; needs floats"):
        optim.SGD([x])


@pytest.mark.parametrize("cls, argument, message", [
    (optim.Adam, "amsgrad", "use optim.AMSGrad"),
    (optim.Adam, "weight_decay", "use optim.AdamW"),
    (optim.SGD, "momentum", "called mu here; optim.Momentum"),
    (optim.Momentum, "momentum", "called mu here"),
    (optim.Momentum, "nesterov", "use optim.NAG"),
    (optim.Momentum, "dampening", "optim.dialects.torch has it"),
    (optim.RMSprop, "alpha", "called rho here"),
    (optim.RMSprop, "centered", "optim.dialects.torch has it"),
    (optim.Adadelta, "lr", "no learning rate in the paper"),
    (optim.Adagrad, "lr_decay", "write lr=lambda t"),
    (optim.Nadam, "momentum_decay", "called psi here"),
    (optim.Nadam, "betas", "It takes lr, mu, beta2, eps, psi, allow_missing"),
    (optim.Adam, "beta1", "It takes lr, betas, eps"),
    (optim.Adam, "learning_rat", "It takes lr, betas, eps"),
    (optim.Adam, "fused", "leave it out"),
    (Optimizer, "mu", "It takes rule, hyperparameters"),
])
def test_an_argument_of_pytorchs_that_is_not_ours_says_where(cls, argument, message):
    refusal = f"{cls.__name__} does not take '{argument}'.*{message}"
    rule = {"rule": "momentum"} if cls is Optimizer else {}
    with pytest.raises(TypeError, match=refusal):
        cls(tensors(), **rule, **{argument: 0.5})


def test_the_options_of_every_optimizer_reach_it():
    for cls in OPTIMIZERS.values():
        params = [p for p in tensors() if p.ndim < 3]   # which rules of matrices take
        plain = cls(params)
        other = cls(params, allow_missing=True, check_finite=False)
        assert (plain.allow_missing, plain.check_finite) == (False, True)
        assert (other.allow_missing, other.check_finite) == (True, False)


def test_a_class_of_ones_own_may_take_any_arguments():
    class Halving(Optimizer):
        def __init__(self, params, **settings):
            super().__init__(params, rules.gradient_descent, {"lr": settings["rate"]/2})

    assert Halving(tensors(), rate=0.5).param_groups[0]["lr"] == 0.25


def test_the_public_names_that_the_pointers_mention_exist():
    names = re.findall(r"optim\.(\w+)", " ".join(WHERE.values()))
    assert "dialects" in names and all(hasattr(optim, name) for name in names)


def test_arguments_that_pytorch_has_elsewhere_must_be_named():
    for cls, arguments in ((optim.Adadelta, [0.1]), (optim.Adagrad, [0.1, 0.1]),
                           (optim.Nadam, [0.1, (0.9, 0.99)])):
        with pytest.raises(TypeError, match="positional argument"):
            cls(tensors(), *arguments)


BELOW_1 = r"\[0, 1\)"
OUTSIDE = [(optim.SGD, "lr", -0.1, ">= 0"), (optim.SGD, "lr", float("nan"), ">= 0"),
           (optim.SGD, "lr", float("inf"), ">= 0"), (optim.Adam, "eps", -1e-8, ">= 0"),
           (optim.Momentum, "mu", 1.0, BELOW_1), (optim.Momentum, "mu", -0.1, BELOW_1),
           (optim.RMSprop, "rho", 1.5, BELOW_1), (optim.Adadelta, "rho", 1, BELOW_1),
           (optim.Nadam, "beta2", 1.0, BELOW_1), (optim.Nadam, "psi", -1, ">= 0"),
           (optim.AdamW, "weight_decay", -1e-3, ">= 0"),
           (optim.Adam, "betas", (0.9, 1.0), BELOW_1)]


@pytest.mark.parametrize("cls, name, value, needed", OUTSIDE)
def test_a_hyperparameter_outside_its_domain_is_refused(cls, name, value, needed):
    with pytest.raises(ValueError, match=f"must be {needed}"):
        cls(tensors(), **{name: value})


@pytest.mark.parametrize("cls, name, value, needed", OUTSIDE)
def test_and_at_the_next_step(cls, name, value, needed):
    params = tensors()
    opt = cls(params)
    give_gradients(params, 0)
    opt.param_groups[0][name] = value
    before = everything(opt)
    with pytest.raises(ValueError, match=f"must be {needed}"):
        opt.step()
    np.testing.assert_equal(everything(opt), before)


@pytest.mark.parametrize("value", ["0.1", None, [0.1], 1j])
def test_a_hyperparameter_that_is_no_number_is_refused(value):
    with pytest.raises(TypeError, match="lr came as .*; needs a number"):
        optim.SGD(tensors(), lr=value)


@pytest.mark.parametrize("betas", [0.9, (0.9,), (0.9, 0.99, 0.999), None])
def test_betas_that_are_no_pair_are_refused(betas):
    with pytest.raises(TypeError, match="needs a pair"):
        optim.Adam(tensors(), betas=betas)


def test_zero_is_allowed_for_lr_and_eps():
    params = tensors()
    before = values(params)
    np.testing.assert_equal(run(optim.Adam(params, lr=0, eps=0), params, 2), before)


def test_adamw_warns_once_of_a_decay_that_looks_like_pytorchs():
    params = tensors()
    with pytest.warns(UserWarning, match="this one is PyTorch's times lr") as caught:
        opt = optim.AdamW(params, weight_decay=1e-2)
        opt.param_groups[0]["weight_decay"] = 2e-2
        run(opt, params, 2)
    assert len(caught) == 1 and caught[0].filename == __file__
    opt = optim.AdamW(params, weight_decay=1e-3)
    opt.param_groups[0]["weight_decay"] = 1e-2
    give_gradients(params, 0)
    with pytest.warns(UserWarning, match="weight_decay = 0.01"):
        opt.step()


# --- refused steps change nothing -------------------------------------------------------

def missing(opt, p):
    p.grad = None


def nan(opt, p):
    p.grad[0] = np.nan


def infinite(opt, p):
    p.grad[...] = -np.inf


def replaced(opt, p):
    p.data = p.numpy()


def taken_over(opt, p):
    opt.thief = optim.RMSprop([p])


def negative_lr(opt, p):
    opt.param_groups[1]["lr"] = -1


def unknown_key(opt, p):
    opt.param_groups[1]["learning_rate"] = 1


def removed_key(opt, p):
    del opt.param_groups[1]["lr"]


def appended_group(opt, p):
    opt.param_groups.append({"params": [made()], "lr": 1})


def replaced_params(opt, p):
    opt.param_groups[1]["params"] = [p]


@each("spoil, error, message", [
    (missing, RuntimeError, "second .*has none; .*allow_missing=True"),
    (nan, FloatingPointError, "the gradient is not finite: 1 of 2 entries for second of"),
    (infinite, FloatingPointError, "2 of 2 entries for second of shape .2,..*lower lr"),
    (replaced, RuntimeError, "second .* left this .* memory: its data was replaced"),
    (taken_over, RuntimeError, "second .*: a later RMSprop has taken it over"),
    (negative_lr, ValueError, "lr = -1.0"),
    (unknown_key, TypeError, "adam does not take 'learning_rate': it is called lr here"),
    (removed_key, ValueError, "group 1: lr was removed"),
    (appended_group, ValueError, "param_groups has 3 groups.*use add_param_group"),
    (replaced_params, ValueError, "group 1: 'params' was replaced"),
], ids=lambda x: getattr(x, "__name__", ""))
@each("steps_before", [0, 2])
def test_a_refused_step_leaves_parameters_states_and_t(spoil, error, message, steps_before):
    first, second = tensors(shapes=((3,), (2,)))
    opt = optim.Adam([{"params": [("first", first)]}, {"params": [("second", second)]}])
    run(opt, [first, second], steps_before)
    give_gradients([first, second], 7)
    spoil(opt, second)
    before = everything(opt)
    with pytest.raises(error, match=message):
        opt.step()
    np.testing.assert_equal(everything(opt), before)


def test_the_checker_of_refused_steps_would_see_a_change():
    params = tensors()
    opt = optim.Adam(params)
    before = everything(opt)
    run(opt, params, 1)
    for now, old in zip(everything(opt), before):
        with pytest.raises(AssertionError):
            np.testing.assert_equal(now, old)


def test_a_missing_gradient_within_an_arena_is_refused_too():
    params = tensors()
    opt = optim.Adam(params)
    run(opt, params, 1)
    give_gradients(params[:3], 0)
    params[3].grad = None
    before = everything(opt)
    with pytest.raises(RuntimeError, match="parameter 3 of shape .2, 1, 2. wants a grad"):
        opt.step()
    np.testing.assert_equal(everything(opt), before)


def test_check_finite_false_lets_nan_through():
    x = made()
    opt = optim.SGD([x], lr=1.0, check_finite=False)
    x.grad = np.array([np.nan, 1.0])
    opt.step()
    np.testing.assert_equal(x.numpy(), [np.nan, 1.0])


def test_large_finite_gradients_are_not_taken_for_infinite_ones():
    for dtype, huge in ((np.float16, 6e4), (np.float32, 1e38), (np.float64, 1e308)):
        x = made(dtype=dtype)
        x.grad = np.full(2, huge, dtype)
        optim.SGD([x], lr=1e-4).step()
        assert np.isfinite(x.numpy()).all()


def test_a_result_that_is_not_finite_is_refused_with_its_cause():
    x = made([1.0, 2.0, 3.0], dtype=np.float16)
    opt = optim.Adam([x])
    x.grad = np.array([0, 1, 0], np.float16)
    before = everything(opt)
    with pytest.raises(FloatingPointError, match=(
            "new theta is not finite: 2 of 3 entries for parameter 0 of shape .3,. "
            ".eps = 1e-08 is 0 in float16: choose a larger one")):
        opt.step()
    np.testing.assert_equal(everything(opt), before)


def test_a_state_that_overflows_is_refused():
    x = made(dtype=np.float32)
    opt = optim.RMSprop([x])
    x.grad = np.full(2, 1e30, np.float32)
    before = everything(opt)
    with pytest.raises(FloatingPointError, match="the new v is not finite"):
        opt.step()
    np.testing.assert_equal(everything(opt), before)


def promoting(theta, g, *, t, lr=0.1):
    return theta - np.float64(lr)*g


def summing(theta, g, m, *, t, lr=0.1):
    return theta - lr*g, np.sum(g)


def forgetting(theta, g, m, *, t, lr=0.1):
    return theta - lr*g


def writing_theta(theta, g, *, t, lr=0.1):
    theta -= lr*g
    return theta


def writing_a_state(theta, g, m, *, t, lr=0.1):
    m += g
    return theta - lr*m, m


@pytest.mark.parametrize("rule, error, message", [
    (promoting, TypeError, "promoting: theta came back as float64.*needs float32"),
    (summing, TypeError, r"summing: m came back as float32 of shape \(\); needs"),
    (forgetting, TypeError, "forgetting: came 1 result, needs theta and the states m"),
    (writing_theta, ValueError, "read-only"),
    (writing_a_state, ValueError, "read-only"),
], ids=lambda x: getattr(x, "__name__", ""))
def test_a_rule_that_breaks_the_form_is_refused_before_anything_is_written(
        rule, error, message):
    params = tensors(np.float32)
    opt = Optimizer(params, rule)
    give_gradients(params, 0)
    before = everything(opt)
    with pytest.raises(error, match=message):
        opt.step()
    np.testing.assert_equal(everything(opt), before)


@pytest.mark.parametrize("rule", [
    lambda theta, g: theta, lambda theta, g, *states, t: theta,
    lambda theta, g, *, t, **hyperparameters: theta, lambda theta, g, t: theta])
def test_a_function_of_another_form_is_no_rule(rule):
    with pytest.raises(TypeError, match="is not a rule; needs .theta, g"):
        Optimizer(tensors(), rule)


def test_a_hyperparameter_without_default_must_be_given():
    def bare(theta, g, *, t, lr):
        return theta - lr*g

    with pytest.raises(TypeError, match="bare needs a value for lr"):
        Optimizer(tensors(), bare)
    assert Optimizer(tensors(), bare, {"lr": 0.1}).param_groups[0]["lr"] == 0.1


# --- who owns the memory ----------------------------------------------------------------

def test_in_place_writes_to_data_reach_the_next_step():
    x = made([1.0, 2.0])
    opt = optim.SGD([x], lr=1.0)
    x.data -= 0.5
    x.data[0] = 7
    x.grad = np.ones(2)
    opt.step()
    assert x.numpy().tolist() == [6, 0.5]


def test_a_later_optimizer_takes_over_and_works():
    x = made()
    earlier = optim.SGD([x])
    later = optim.SGD([x], lr=1.0)
    x.grad = np.ones(2)
    with pytest.raises(RuntimeError, match="a later GradientDescent has taken it over"):
        earlier.step()
    later.step()
    assert x.numpy().tolist() == [0, 1]


def test_a_step_is_noticed_by_a_backward_that_used_the_old_values():
    x = made()
    opt = optim.SGD([x])
    loss = np.sum(x*x)
    x.grad = np.ones(2)
    opt.step()                                          # here
    with pytest.raises(RuntimeError, match=r"test_optimizer.py:\d+ `opt.step\(\) +# here`"):
        loss.backward()


def test_all_parameters_of_a_group_are_views_of_one_array():
    params = tensors()
    optim.Adam(params)
    assert len({id(p._data.base) for p in params}) == 1
    assert params[0]._data.base.size == sum(p.size for p in params)


def test_parameters_stay_where_they_are_when_one_of_them_rests():
    params = tensors()
    opt = optim.Adam(params, allow_missing=True)
    homes = [p._data for p in params]
    give_gradients(params[1:], 0)
    opt.step()
    assert all(p._data is home for p, home in zip(params, homes))


# --- missing and frozen -----------------------------------------------------------------

def by_missing(opt, p, rests):
    if rests:
        p.grad = None


def by_freezing(opt, p, rests):
    p.requires_grad = not rests


@every_rule
@each("rest", [by_missing, by_freezing])
def test_a_parameter_that_rests_goes_on_as_if_it_had_been_alone(name, rest):
    """In particular its t counts its own steps, or bias corrections would be wrong."""
    params, alone = tensors(), tensors()
    opt = OPTIMIZERS[name](params, allow_missing=True)
    single = [OPTIMIZERS[name]([p]) for p in alone]
    resting = [{}, {1}, {1, 2}, {0, 1, 2, 3}, {3}, {}]
    for k, absent in enumerate(resting):
        give_gradients(params, k)
        give_gradients(alone, k)
        for i, p in enumerate(params):
            rest(opt, p, i in absent)
            if i not in absent:
                single[i].step()
        opt.step()
    for p, q in zip(params, alone):
        np.testing.assert_array_equal(p.numpy(), q.numpy())
    steps = [sum(i not in absent for absent in resting) for i in range(4)]
    assert [record["t"] for record in opt.state_dict()["state"].values()] == steps


def test_a_frozen_parameter_with_a_stale_gradient_stays():
    x, y = made(), made()
    opt = optim.SGD([x, y])
    give_gradients([x, y], 0)
    y.requires_grad = False
    opt.step()
    assert y.numpy().tolist() == [1, 2] and x.numpy().tolist() != [1, 2]


# --- saving -----------------------------------------------------------------------------

def uneven(name, seed=0):
    """An optimizer some of whose parameters have rested."""
    params = tensors(seed=seed)
    opt = OPTIMIZERS[name]([{"params": params[:3]}, {"params": params[3:]}],
                           allow_missing=True)
    give_gradients(params, 0)
    params[1].grad = None
    opt.step()
    run(opt, params, 2)
    return opt, params


@every_rule
def test_a_round_trip_through_state_dict_continues_bit_for_bit(name):
    opt, params = uneven(name)
    opt.param_groups[1]["eps" if name == "adadelta" else "lr"] = 0.05
    saved = pickle.loads(pickle.dumps(opt.state_dict()))
    others = [mg.tensor(p.numpy(), requires_grad=True) for p in params]
    other = OPTIMIZERS[name]([{"params": others[:3]}, {"params": others[3:]}])
    other.load_state_dict(saved)
    np.testing.assert_equal(other.state_dict(), saved)
    np.testing.assert_equal(run(other, others, 4), run(opt, params, 4))
    assert other.t == opt.t == 7


@every_rule
@each("duplicate", [
    copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))], ids=["deepcopy", "pickle"])
def test_a_copy_of_optimizer_and_parameters_continues_bit_for_bit(name, duplicate):
    opt, params = uneven(name)
    params[2].requires_grad = False
    other, others = duplicate((opt, params))
    assert type(other) is type(opt) and not others[2].requires_grad
    continued = run(other, others, 3)
    assert not np.array_equal(continued[0], params[0].numpy())      # the copy moved alone
    np.testing.assert_equal(run(opt, params, 3), continued)


def test_parameters_of_one_t_and_different_products_are_told_apart():
    a, b = tensors(shapes=((2,), (2,)))
    opt = optim.Nadam([a, b], allow_missing=True)
    for p, mu in ((a, 0.9), (b, 0.5)):
        opt.zero_grad()
        give_gradients([p], 0)
        opt.param_groups[0]["mu"] = mu
        opt.step()
    saved = opt.state_dict()
    opt.load_state_dict(saved)
    np.testing.assert_equal(opt.state_dict(), saved)
    assert saved["state"][0]["mu_product"] != saved["state"][1]["mu_product"]


def test_a_state_dict_holds_copies():
    opt, params = uneven("adam")
    saved = opt.state_dict()
    kept = copy.deepcopy(saved)
    saved["state"][0]["m"][...] = 9
    np.testing.assert_equal(opt.state_dict(), kept)
    run(opt, params, 1)
    opt.load_state_dict(kept)
    kept["state"][0]["m"][...] = 9
    assert opt.state_dict()["state"][0]["m"].max() < 9


def test_a_step_after_loading_does_not_write_what_was_loaded():
    opt, params = uneven("momentum")
    saved = opt.state_dict()
    kept = copy.deepcopy(saved)
    opt.load_state_dict(saved)
    run(opt, params, 1)
    np.testing.assert_equal(saved, kept)


def altered(path, value):
    def alter(saved):
        *parents, last = path
        functools.reduce(lambda at, key: at[key], parents, saved)[last] = value
    return alter


@pytest.mark.parametrize("alter, message", [
    (altered(["rule"], "adamw"), "rule: came adamw, needs adam"),
    (altered(["extra"], 1), "keys: came"),
    (altered(["t"], -1), "t of the optimizer is negative"),
    (altered(["t"], 1.5), "t of the optimizer"),
    (altered(["state", 4], {}), "parameters with a state"),
    (altered(["state", 3, "m"], np.ones(3)), r"m of parameter 3 .* came \(dtype.*\(3,\)"),
    (altered(["state", 3, "m"], np.ones((2, 1, 2), np.float32)), "m of .*float32.*float64"),
    (altered(["state", 3, "t"], -2), "t of parameter 3 .* is negative"),
    (altered(["state", 3], {"t": 1}), "states of parameter 3"),
    (altered(["param_groups", 1, "lr"], -1), "lr = -1.0"),
    (altered(["param_groups", 1, "params"], [4]), r"group 1: came \[4\], needs \[3\]"),
    (altered(["param_groups"], []), "number of groups: came 0, needs 2"),
    (altered(["param_groups", 1], {"params": [3]}), "keys of group 1"),
])
def test_a_state_dict_that_does_not_fit_is_refused_and_nothing_loaded(alter, message):
    saved = uneven("adam", seed=5)[0].state_dict()
    opt, _ = uneven("adam")
    before, groups = everything(opt), copy.deepcopy([g.choice for g in opt._groups])
    alter(saved)
    with pytest.raises(ValueError, match=message):
        opt.load_state_dict(saved)
    np.testing.assert_equal(everything(opt), before)
    assert [group.choice for group in opt._groups] == groups


def test_parameters_of_other_names_are_refused_even_if_the_shapes_fit():
    a, b = made(), made()
    saved = optim.Adam([("a", a), ("b", b)]).state_dict()
    with pytest.raises(ValueError, match="names in group 0: came .'a', 'b'., needs .'b',"):
        optim.Adam([("b", b), ("a", a)]).load_state_dict(saved)
    optim.Adam([a, b]).load_state_dict(saved)


def test_an_optimizer_shows_its_groups():
    assert repr(optim.Momentum([made(), made([3.0])], lr=0.1)) == "\n".join([
        "Momentum (", "Parameter Group 0", "    lr: 0.1", "    mu: 0.9",
        "    params: 2 tensors, 3 numbers", ")"])


@pytest.mark.parametrize("option", ["fast", "allow_missing", "check_finite"])
@pytest.mark.parametrize("value", ["yes", 1, None, 0.0])
def test_an_option_is_true_or_false(option, value):
    x = mg.tensor([1.], requires_grad=True)
    with pytest.raises(TypeError, match=f"{option} is {value!r}; it is True or False"):
        optim.SGD([x], lr=0.1, **{option: value})
