"""Transforms of rules: what they compute, beside loops by hand and other libraries; that
they compose with every rule in every way of stepping; what of them is proved."""
import copy
import inspect
import pickle
import warnings

import numpy as np
import optax
import pytest
import torch

import minigrad as mg
import optim
from optim import transforms as tf
from optim.dialects.adapted_rules import adapted
from optim.domains import declare
from optim.equivalence import simulates
from optim.optimizers.signatures import anatomy, supplied_to
from optim.optimizers.supplies import GradientAt, Norm
from optim.rules import LEGEND, RULES, WHOLE_RULES

from ..cases import each

EXACT = 1e-12                   # relative, in float64: a few roundings
SHAPES = (3, 2), (2,)
TRANSFORMS = {x.body.__name__: x for x in (
    tf.maximize(), tf.coupled_weight_decay(0.01), tf.clip_by_value(0.5),
    tf.clip_by_norm(0.5), tf.gradient_noise(0.01), tf.sam(0.01), tf.accumulate(2),
    tf.weight_decay(0.01), tf.lookahead(2, 0.5), tf.ema(0.9), tf.polyak())}
every_transform = each("name", TRANSFORMS)
CHAIN = [tf.accumulate(2), tf.clip_by_norm(0.5), tf.coupled_weight_decay(0.1),
         tf.gradient_noise(0.01), tf.lookahead(2, 0.5), tf.weight_decay(0.01), tf.ema(0.9)]


def tensors(dtype=np.float64):
    rng = np.random.default_rng(0)
    return [mg.tensor(rng.standard_normal(s).astype(dtype), requires_grad=True)
            for s in SHAPES]


def loss_of(params, x=1.):
    return np.sum(params[0]**2*3*x) + np.sum(params[1]**4) + np.sum(params[0][0]*params[1])


def training(opt, params):
    """A step by a closure, of which the loss depends on one number."""
    def step(x):
        def closure():
            opt.zero_grad()
            loss = loss_of(params, x)
            loss.backward()
            return loss
        return opt.step(closure)
    return step


def values(params):
    return np.concatenate([p.numpy().ravel() for p in params])


def run(transforms, rule="adam", steps=6, hyperparameters=None, **options):
    params = tensors()
    opt = optim.Optimizer(params, rule, hyperparameters, transforms=transforms, **options)
    step, path = training(opt, params), []
    for k in range(steps):
        step(1 + k/4)
        path.append(values(params))
    return np.array(path)


def by_hand(change, rule=optim.rules.adam, steps=6, **hyperparameters):
    """The path of a loop in which change(k, params, g, move) does what a transform does:
    move(theta, g) is one step of the rule."""
    params, path, states = tensors(), [], [0.]*len(anatomy(rule)[0])
    done = 0

    def move(theta, g):
        nonlocal states, done
        done += 1
        theta, *states = rule(theta, g, *states, t=done, **hyperparameters)
        return theta

    def gradient(theta, k):
        place(params, theta)
        for p in params:
            p.grad = None
        loss_of(params, 1 + k/4).backward()
        return np.concatenate([p.grad.ravel() for p in params])
    theta = values(params)
    for k in range(steps):
        theta = change(k, theta, gradient, move)
        path.append(theta)
    return np.array(path)


def place(params, theta):
    with mg.no_grad():
        for p, piece in zip(params, np.split(theta, [6])):
            p[...] = piece.reshape(p.shape)


# --- what they compute ------------------------------------------------------------------
def clip(g, most):
    length = np.sqrt(np.sum(g**2))
    return g*min(1, most/length)


def hands():
    """Of each transform the loop that it stands for, written without it."""
    memory = {}

    def hand(kind):
        def change(k, theta, gradient, move):
            if k == 0:
                memory.clear()
                memory.update(slow=theta, sum=0, rng=np.random.default_rng(0))
            g = gradient(theta, k)
            if kind == "maximize":
                return move(theta, -g)
            if kind == "coupled_weight_decay":
                return move(theta, g + 0.01*theta)
            if kind == "clip_by_value":
                return move(theta, np.clip(g, -0.5, 0.5))
            if kind == "clip_by_norm":
                return move(theta, clip(g, 0.5))
            if kind == "gradient_noise":
                spread = np.sqrt(0.01/(1 + k)**0.55)
                return move(theta, g + spread*memory["rng"].standard_normal(8))
            if kind == "sam":
                return move(theta, gradient(theta + 0.01*g/np.sqrt(np.sum(g**2)), k))
            if kind == "accumulate":
                memory["sum"] = memory["sum"] + g
                if k % 2 == 0:
                    return theta
                mean, memory["sum"] = memory["sum"]/2, 0
                return move(theta, mean)
            if kind == "weight_decay":
                return move(theta, g) - 0.01*theta
            after = move(theta, g)
            if kind == "lookahead" and k % 2:
                memory["slow"] = after = memory["slow"] + 0.5*(after - memory["slow"])
            return after
        return change
    return {name: hand(name) for name in TRANSFORMS}


@every_transform
@each("rule", ["momentum", "adam", "radam"])
def test_a_transform_is_the_loop_that_it_stands_for(name, rule):
    found = run([TRANSFORMS[name]], rule)
    expected = by_hand(hands()[name], RULES[rule])
    np.testing.assert_allclose(found, expected, rtol=EXACT, atol=EXACT)
    plain = run([], rule)
    assert (name in ("ema", "polyak")) == np.array_equal(found, plain)


def test_the_first_of_a_chain_is_outermost():
    def change(k, theta, gradient, move):
        g = clip(gradient(theta, k), 0.5) + 0.1*theta
        return move(theta, clip_value(g)) - 0.01*theta

    def clip_value(g):
        return np.clip(g, -0.2, 0.2)
    found = run([tf.clip_by_norm(0.5), tf.coupled_weight_decay(0.1), tf.clip_by_value(0.2),
                 tf.weight_decay(0.01)])
    np.testing.assert_allclose(found, by_hand(change), rtol=EXACT, atol=EXACT)
    other = run([tf.weight_decay(0.01), tf.coupled_weight_decay(0.1), tf.clip_by_norm(0.5),
                 tf.clip_by_value(0.2)])
    assert not np.allclose(found, other)


def test_a_norm_is_of_what_arrives_where_it_is_clipped():
    def change(k, theta, gradient, move):
        return move(theta, clip(gradient(theta, k) + 0.7*theta, 0.5))
    found = run([tf.coupled_weight_decay(0.7), tf.clip_by_norm(0.5)], "momentum")
    np.testing.assert_allclose(found, by_hand(change, RULES["momentum"]), rtol=EXACT)


def test_the_gradient_that_sam_takes_is_clipped_by_its_own_norm():
    def change(k, theta, gradient, move):
        g = gradient(theta, k)
        return move(theta, clip(gradient(theta + 0.3*g/np.linalg.norm(g), k), 0.5))
    found = run([tf.sam(0.3), tf.clip_by_norm(0.5)], "momentum")
    np.testing.assert_allclose(found, by_hand(change, RULES["momentum"]), rtol=EXACT)


@pytest.mark.parametrize("name, theirs", [
    ("clip_by_norm", lambda: optax.clip_by_global_norm(0.5)),
    ("clip_by_value", lambda: optax.clip(0.5)),
    ("coupled_weight_decay", lambda: optax.add_decayed_weights(0.01)),
    ("accumulate", None), ("lookahead", None)])
def test_they_are_what_optax_computes(name, theirs):
    """In float64, with heavy ball below."""
    import jax
    jax.config.update("jax_enable_x64", True)
    try:
        inner, own, ahead = optax.sgd(0.01, momentum=0.9), [TRANSFORMS[name]], False
        if name == "accumulate":
            their = optax.MultiSteps(inner, 2, accumulator_dtype=np.float64)
        elif name == "lookahead":
            their, ahead = optax.lookahead(inner, 2, 0.5), True
        else:
            their = optax.chain(theirs(), inner)
        rng, p = np.random.default_rng(1), tensors()
        opt = optim.Optimizer(p, "momentum", {"lr": 0.01, "mu": 0.9},
                                  transforms=own)
        q = [jax.numpy.asarray(x.numpy()) for x in p]
        q = optax.LookaheadParams.init_synced(q) if ahead else q
        state = their.init(q)
        for _ in range(6):
            g = [rng.standard_normal(s) for s in SHAPES]
            for x, y in zip(p, g):
                x.grad = y
            opt.step()
            updates, state = their.update([*map(jax.numpy.asarray, g)], state, q)
            q = optax.apply_updates(q, updates)
        for x, y in zip(p, q.fast if ahead else q):
            np.testing.assert_allclose(x.numpy(), y, rtol=EXACT, atol=EXACT)
    finally:
        jax.config.update("jax_enable_x64", False)


@pytest.mark.parametrize("kind", ["norm", "value"])
def test_clipping_is_pytorchs(kind):
    """PyTorch divides by the norm + 1e-6, which its largest norm makes up for here."""
    p = tensors()
    q = [torch.tensor(x.numpy(), requires_grad=True) for x in p]
    own = TRANSFORMS[f"clip_by_{kind}"]
    opt = optim.Optimizer(p[:1], "momentum", {"lr": 0.1, "mu": 0.9}, transforms=[own])
    opt.add_param_group({"params": p[1:], "lr": 0.2})       # one norm for all groups
    theirs = torch.optim.SGD([{"params": q[:1], "lr": 0.1}, {"params": q[1:], "lr": 0.2}],
                             momentum=0.9)
    rng = np.random.default_rng(0)
    for _ in range(5):
        for x, y in zip(p, q):
            x.grad = rng.standard_normal(x.shape)
            y.grad = torch.tensor(x.grad)
        if kind == "norm":
            length = float(torch.nn.utils.get_total_norm([y.grad for y in q]))
            torch.nn.utils.clip_grad_norm_(q, 0.5*(length + 1e-6)/length)
        else:
            torch.nn.utils.clip_grad_value_(q, 0.5)
        opt.step()
        theirs.step()
    for x, y in zip(p, q):
        np.testing.assert_allclose(x.numpy(), y.detach().numpy(), rtol=EXACT, atol=EXACT)


def test_the_noise_is_normal_with_the_variance_that_is_said():
    p = [mg.tensor(np.zeros(40_000), requires_grad=True)]
    opt = optim.SGD(p, lr=1., transforms=[tf.gradient_noise(0.3, 0.5)])
    for t in range(1, 4):
        before = p[0].numpy()
        p[0].grad = np.zeros(40_000)
        opt.step()
        drawn = (before - p[0].numpy())/np.sqrt(0.3/t**0.5)
        assert abs(drawn.mean()) < 4/200 and abs(drawn.var() - 1) < 4*np.sqrt(2)/200
        assert abs(np.mean(drawn**4) - 3) < 4*np.sqrt(96)/200
        state = optax.add_noise(0.3, 0.5, 0)
        zeros = {"p": np.zeros(40_000, np.float32)}
        kept = state.init(zeros)._replace(count=np.int32(t - 1))
        theirs = np.asarray(state.update(zeros, kept)[0]["p"])
        assert abs(theirs.var()/(0.3/t**0.5) - 1) < 4*np.sqrt(2)/200


def test_averages_are_those_of_the_points_after_each_step():
    for transform, mean in ((tf.polyak(), lambda path, start: np.mean(path, 0)),
                            (tf.ema(0.9), smoothed)):
        params = tensors()
        start = values(params)
        opt = optim.Adam(params, transforms=[transform])
        step, path = training(opt, params), []
        for k in range(5):
            step(1.)
            path.append(values(params))
        with opt.averaged():
            np.testing.assert_allclose(values(params), mean(path, start), rtol=EXACT)
            with pytest.raises(RuntimeError, match="leave the block"):
                opt.step()
            with pytest.raises(RuntimeError, match="already"):
                opt.averaged().__enter__()
        assert values(params).tobytes() == path[-1].tobytes()
        with pytest.raises(KeyError), opt.averaged():
            raise KeyError
        assert values(params).tobytes() == path[-1].tobytes()
        step(1.)                                            # and goes on


def smoothed(path, start):
    for theta in path:
        start = 0.9*start + (1 - 0.9)*theta
    return start


@pytest.mark.parametrize("rule, transforms, state", [
    ("asgd", [], "theta_mean"), ("adam", [tf.lookahead(3)], "slow"),
    ("schedule_free_sgd", [tf.ema(0.5)], "average"), ("muon", [tf.polyak()], "average")])
def test_which_average_is_taken(rule, transforms, state):
    params = tensors()
    opt = optim.Optimizer(params, rule, transforms=transforms)
    training(opt, params)(1.)
    with opt.averaged():
        for p, record in zip(params, opt.state_dict()["state"].values()):
            np.testing.assert_array_equal(p.numpy(), record[state])
    with pytest.raises(RuntimeError, match="no average.*ema"):
        optim.Adam(tensors()).averaged().__enter__()


def test_averages_are_not_taken_inside_a_compiled_function():
    params = tensors()
    opt = optim.SGD(params, transforms=[tf.ema(0.5)])

    def evaluate(x):
        with opt.averaged():
            return params[1]*x
    with pytest.raises(RuntimeError, match="around the call"):
        mg.compile(evaluate)(np.ones(2))
    training(opt, params)(1.)


@pytest.mark.parametrize("compiled", [False, True])
def test_the_numbers_of_a_transform_may_be_schedules(compiled):
    def change(k, theta, gradient, move):
        return move(theta, clip(gradient(theta, k), 1/2**(k//2 + 1)))
    falling = optim.schedules.step(0.5, every=2, factor=0.5)
    params = tensors()
    opt = optim.Adam(params, transforms=[tf.clip_by_norm(falling)])
    step = training(opt, params)
    step, path = mg.compile(step) if compiled else step, []
    for k in range(6):
        step(np.ones((3, 2))*(1 + k/4))
        path.append(values(params))
    np.testing.assert_allclose(path, by_hand(change), rtol=EXACT)
    assert opt.param_groups[0]["max_norm"] is falling
    made = tf.clip_by_norm(falling)("momentum")
    assert optim.prove(made, tf.clip_by_norm()("momentum")).status == "PROVED"
    with pytest.raises(TypeError, match="max_norm"):
        made(1., 2., 0., t=1, g_norm=2.)


def test_graphs_from_before_the_averages_are_refused():
    params = tensors()
    opt = optim.SGD(params, transforms=[tf.ema(0.5)])
    training(opt, params)(1.)
    loss = loss_of(params)
    with opt.averaged(), pytest.raises(RuntimeError):
        loss.backward()


# --- with every rule, in every way of stepping ------------------------------------------
@every_transform
def test_every_rule_composes_in_float32_without_a_float64(name):
    for rule in (*RULES, *WHOLE_RULES):
        params = tensors(np.float32)
        opt = optim.Optimizer(params, rule, transforms=[TRANSFORMS[name]])
        step = training(opt, params)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            for _ in range(2):                  # to the first move of each kind
                step(np.float32(1))
            path = optim.minimize(lambda x: np.sum(x**2), np.float32([1, 2]), opt.rule,
                                  steps=2)
        found = [x for part in opt._parts for x in (part.theta(), *part.states.values())
                 if type(x) is not float]
        assert {x.dtype for x in found} == {path.theta.dtype} == {np.dtype(np.float32)}
        assert all(np.isfinite(x).all() for x in found)


@every_transform
@each("rule", ["nadam", "muon"])
def test_compiled_steps_are_the_same_bit_for_bit(name, rule):
    check_compiled([TRANSFORMS[name]], rule)


@pytest.mark.parametrize("transforms", [CHAIN, [
    tf.sam(0.1), tf.clip_by_norm(0.5), tf.gradient_noise(), tf.polyak()]], ids=len)
def test_compiled_chains_are_the_same_bit_for_bit(transforms):
    check_compiled(transforms, "adam")


def check_compiled(transforms, rule):
    out = []
    for compiled in (False, True):
        params = tensors(np.float32)
        opt = optim.Optimizer(params, rule, transforms=transforms)
        step = training(opt, params)
        step = mg.compile(step) if compiled else step
        for k in range(7):
            step(np.ones((3, 2), np.float32)*np.float32(1 + k/4))
            if k == 4:                                      # read anew at each call
                for name in anatomy(opt.rule)[1].keys() & {"max_norm", "pull", "variance",
                                                           "radius", "lr"}:
                    opt.param_groups[0][name] *= 0.5
        out.append(values(params).tobytes())
        if compiled:
            assert (step.made, step.given_up, step.why_not) == (1, 0, "")
    assert out[0] == out[1]


@pytest.mark.parametrize("name", ["clip_by_norm", "sam"])
def test_fast_steps_are_the_same_but_for_rounding(name):
    found = run([TRANSFORMS[name]], "momentum", fast=True)
    np.testing.assert_allclose(found, run([TRANSFORMS[name]], "momentum"), rtol=1e-10)


@every_transform
def test_minimize_follows_the_same_path(name):
    p = mg.tensor([1., -2.], requires_grad=True)
    opt = optim.Adam([p], transforms=[TRANSFORMS[name]])

    def closure():
        opt.zero_grad()
        loss = np.sum(p**4)
        loss.backward()
        return loss
    path = optim.minimize(lambda x: np.sum(x**4), [1., -2.], opt.rule, steps=5)
    for theta in path.theta[1:]:
        opt.step(closure)
        np.testing.assert_allclose(p.numpy(), theta, rtol=EXACT)


@pytest.mark.parametrize("again", [
    copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))], ids=["deepcopy", "pickle"])
def test_a_run_goes_on_bit_for_bit_after_saving_and_copying(again):
    params = tensors()
    opt = optim.Adam(params, transforms=CHAIN)
    step = training(opt, params)
    for _ in range(3):
        step(1.)
    others = tensors()
    place(others, values(params))
    loaded = optim.Adam(others, transforms=CHAIN)
    loaded.load_state_dict(pickle.loads(pickle.dumps(opt.state_dict())))
    (copied, theirs) = again((opt, params))
    for _ in range(3):
        step(1.)
        training(loaded, others)(1.)
        training(copied, theirs)(1.)
    assert values(params).tobytes() == values(others).tobytes() == values(theirs).tobytes()


def test_what_is_saved_of_other_transforms_is_refused():
    opt = optim.Adam(tensors(), transforms=[tf.gradient_noise()])
    saved = opt.state_dict()
    for others in ([], [tf.clip_by_norm()], [tf.gradient_noise(), tf.ema()]):
        with pytest.raises(ValueError, match="load_state_dict"):
            optim.Adam(tensors(), transforms=others).load_state_dict(saved)
    saved["generators"]["xi"] = {"bit_generator": "MT19937", "state": {}}
    before = opt.generators["xi"].bit_generator.state
    with pytest.raises(ValueError, match="generator xi"):
        opt.load_state_dict(saved)
    assert opt.generators["xi"].bit_generator.state == before


def test_the_dialects_take_transforms_too():
    p, q = tensors(), tensors()
    for opt in (optim.dialects.torch.Adam(p, weight_decay=0.1, maximize=True,
                                          transforms=[tf.clip_by_norm(0.5)]),
                optim.Optimizer(q, "adam", transforms=[
                    tf.maximize(), tf.clip_by_norm(0.5), tf.coupled_weight_decay(0.1)])):
        params = p if opt.param_groups[0]["params"][0] is p[0] else q
        for k in range(4):
            opt.param_groups[0]["max_norm"] = 0.5 + k
            training(opt, params)(1.)
    np.testing.assert_allclose(values(p), values(q), rtol=EXACT)


# --- what is proved ---------------------------------------------------------------------
def letter(name):
    return declare(name, LEGEND[name].domain)


SHARE = declare("share", "[0, 1]")
PROVED = {
    "no decay": ("weight_decay", "adam", {"decoupled_decay": 0}, "adam"),
    "AdamW": ("weight_decay", "adam", {"decoupled_decay": letter("weight_decay")}, "adamw"),
    "SGDW": ("weight_decay", "momentum", {"decoupled_decay": letter("weight_decay")},
             "sgdw"),
    "no coupled decay": ("coupled_weight_decay", "adam", {"coupled_decay": 0}, "adam"),
    "PyTorch's Adam": ("coupled_weight_decay", "adam", {
        "coupled_decay": letter("weight_decay")}, "torch:Adam(weight_decay=0.5)"),
    "g_norm <= max_norm": ("clip_by_norm", "adam", {
        "g_norm": SHARE*letter("max_norm")}, "adam"),
    "g within max_value": ("clip_by_value", "momentum", {
        "g": (2*SHARE - 1)*letter("max_value")}, None),
    "no noise": ("gradient_noise", "adam", {"variance": 0}, "adam"),
    "sam on the spot": ("sam", "adam", {"g_ahead": letter("g")}, "adam")}
REFUTED = {
    "AdamW, by its default": ("weight_decay", "adam", None, "adam"),
    "PyTorch's AdamW": ("weight_decay", "adam", {
        "decoupled_decay": letter("weight_decay")}, "torch:AdamW"),
    "clipping": ("clip_by_norm", "adam", {"g_norm": 2*letter("max_norm")}, "adam"),
    "climbing": ("maximize", "adam", None, "adam"),
    "noise": ("gradient_noise", "momentum", {"cooling": 0}, "momentum")}


@pytest.mark.parametrize("claim", PROVED)
def test_what_a_transform_reduces_to_is_proved(claim):
    name, rule, where, other = PROVED[claim]
    made = TRANSFORMS[name](rule)
    if other is None:                       # g is no hyperparameter: of the step itself
        verdict = optim.prove(*(optim.formula(x).update["m"] for x in (made, rule)),
                              where=where)
    else:
        verdict = optim.prove(made, other, where=where, seconds=30)
    assert verdict.status == "PROVED" and not verdict.except_on, verdict


@pytest.mark.parametrize("claim", REFUTED)
def test_what_is_like_it_and_false_is_refuted(claim):
    name, rule, where, other = REFUTED[claim]
    verdict = optim.prove(TRANSFORMS[name](rule), other, where=where, seconds=30,
                          equal_if=False)
    assert verdict.status == "REFUTED" and verdict.witness, verdict


@pytest.mark.parametrize("rule", ["adam", "momentum"])
@pytest.mark.parametrize("name, given, status", [
    ("lookahead", {"period": 1, "pull": 1}, "PROVED"),
    ("accumulate", {"every": 1}, "PROVED"),
    ("lookahead", {"pull": 1}, "PROVED"), ("ema", {}, "PROVED"), ("polyak", {}, "PROVED"),
    ("lookahead", {"period": 1}, "REFUTED"), ("accumulate", {"every": 2}, "REFUTED")])
def test_what_a_transform_with_a_state_reduces_to(rule, name, given, status):
    import sympy as sp
    verdict = simulates(optim.formula(TRANSFORMS[name](rule)), optim.formula(rule),
                        given={n: sp.Integer(x) for n, x in given.items()}, seconds=30)
    assert verdict.status == status, verdict


@tf.transform()
def scaled(step, theta, g, *, t, times=2):
    return step(theta, times*g, t)


@tf.transform()
def unscaled(step, theta, g, *, t, parts=2):
    return step(theta, g/parts, t)


def test_norms_of_two_things_are_not_one_letter():
    """Both have the formula of clip_by_norm, and the first one clips at half the norm."""
    around = tf.chain(scaled(2), tf.clip_by_norm(1.0), unscaled(2))
    given = {"times": declare("parts", "> 0")}
    with pytest.raises(ValueError, match="g_norm is measured of .*one letter would"):
        optim.prove(around("momentum"), tf.clip_by_norm(1.0)("momentum"), where=given)
    assert not np.allclose(run([scaled(2), tf.clip_by_norm(1.0), unscaled(2)], "momentum"),
                           run([tf.clip_by_norm(1.0)], "momentum"))
    down = tf.chain(tf.clip_by_norm(), tf.maximize())("momentum")     # |-g| is |g|
    up = tf.chain(tf.maximize(), tf.clip_by_norm())("momentum")
    assert optim.prove(up, down).status == "PROVED"
    later = tf.chain(tf.ema(), tf.clip_by_norm())("adam")
    assert optim.prove(later, tf.chain(tf.clip_by_norm(), tf.ema())("adam")).status == (
        "PROVED")


@tf.transform(g_ahead=GradientAt(lambda theta, g, radius: theta + radius*g))
def uphill(step, theta, g, *, t, g_ahead, radius=0.05):
    return step(theta, g_ahead, t)


@tf.transform(g_ahead=GradientAt(lambda theta, g, radius: theta + radius*np.abs(g)))
def rightwards(step, theta, g, *, t, g_ahead, radius=0.05):
    return step(theta, g_ahead, t)


@tf.transform(g_norm=Norm(lambda theta, g: np.where(g > 0, g, 0*g)))
def clipped_by_half(step, theta, g, *, t, g_norm, max_norm=1.0):
    return step(theta, g*(max_norm/np.maximum(g_norm, max_norm).item()), t)


def by_a_number(theta, g, *, t, g_norm=1., max_norm=1., lr=0.01):
    return theta - lr*(g*(max_norm/np.maximum(g_norm, max_norm)))


def noisy(theta, g, *, t, xi=1., variance=0.01, cooling=0.55, lr=0.01):
    return theta - lr*(g + (variance/t**cooling)**(1/2)*xi)


@pytest.mark.parametrize("one, other", [
    (uphill()("momentum"), rightwards()("momentum")),
    (tf.clip_by_norm()("momentum"), clipped_by_half()("momentum")),
    (tf.clip_by_norm()("gradient_descent"), by_a_number),
    (noisy, tf.gradient_noise()("gradient_descent"))])
@pytest.mark.parametrize("saved", [False, True])
def test_what_is_measured_elsewhere_has_another_letter(one, other, saved):
    """All have the same formula; g is not positive, and a norm is no hyperparameter."""
    pair = optim.formula(one), optim.formula(other)
    if saved:
        pair = pickle.loads(pickle.dumps(pair))
    for where in None, {"lr": "0 < lr < 1"}:
        with pytest.raises(ValueError, match="one letter would stand for two things"):
            optim.prove(*pair, where=where)
    with pytest.raises(ValueError, match="one letter would stand for two things"):
        simulates(*pair)


asked = []


def more_and_more(theta, g):
    asked.append(g)
    return g*len(asked)


@tf.transform(g_norm=Norm(more_and_more))
def by_chance(step, theta, g, *, t, g_norm, max_norm=1.0):
    return step(theta, g*(max_norm/np.maximum(g_norm, max_norm).item()), t)


def test_what_is_measured_depends_on_nothing_else():
    for made in by_chance()("momentum"), tf.chain(tf.maximize(), by_chance())("momentum"):
        with pytest.raises(ValueError, match="(changes|uses) asked.*depends on nothing"):
            optim.formula(made)


def test_a_map_of_the_gradient_maps_its_norm():
    """Clipping does not scale with the loss, unless its limit does."""
    clip, sam = (optim.formula(made("gradient_descent")) for made in (
        tf.clip_by_norm(), tf.sam()))
    g, lr, norm, limit = (clip.symbols[n] for n in ("g", "lr", "g_norm", "max_norm"))
    scaled = {"g": 2*g, "lr": lr/2}
    with pytest.raises(ValueError, match=r"g_norm is .* of g .* of 2\*g"):
        simulates(clip, clip, where=scaled)
    both = scaled | {"g_norm": 2*norm}
    assert simulates(clip, clip, where=both).status == "REFUTED"
    assert simulates(clip, clip, where=both | {"max_norm": 2*limit}).status == "PROVED"
    with pytest.raises(ValueError, match="(ascent_norm|g_ahead) is measured"):
        simulates(sam, sam, where=scaled)


@tf.transform(g_norm=Norm(lambda theta, g: g))
def zeroed(step, theta, g, *, t, g_norm):
    """As nothing: where g_norm is 0, g is."""
    return step(theta, np.where(g_norm == 0, 0*g, g), t)


@tf.transform(g_norm=Norm(lambda theta, g: g))
def doubled_where_alone(step, theta, g, *, t, g_norm):
    return step(theta, np.where(np.abs(g) >= g_norm, 2*g, g), t)


@tf.transform(g_ahead=GradientAt(lambda theta, g, radius: theta + radius*g))
def on_the_spot(step, theta, g, *, t, g_ahead, radius=0.05):
    return step(theta, np.where(radius == 0, g_ahead, g), t)


def test_what_no_run_measures_refutes_nothing():
    for same in zeroed(), on_the_spot():
        verdict = optim.prove(same("momentum"), "momentum", equal_if=False)
        assert verdict.status != "REFUTED", verdict
    verdict = optim.prove(doubled_where_alone()("momentum"), "momentum", equal_if=False)
    assert verdict.status == "REFUTED"
    at = {s.name: x for s, x in verdict.witness.items()}
    assert at["g_norm"] == abs(at["g"]) > 0
    assert optim.prove(tf.sam()("adam"), "adam", where={"radius": 0}).status == "PROVED"


@tf.transform()
def again(step, theta, g, *, t):
    moved, *_ = step(theta, g, t)
    return step(moved, 2*g, t)


@tf.transform()
def exchanged(step, theta, g, *, t):
    theta, m, v = step(theta, g, t)
    return theta, v, m


@tf.transform()
def faded(step, theta, g, *, t):
    theta, *states = step(theta, g, t)
    return theta, *[x/2 for x in states]


@pytest.mark.parametrize("made", [again()("gradient_descent"), again()("momentum"),
                                  exchanged()("adam"), faded()("momentum"),
                                  tf.chain(tf.lookahead(), faded())("momentum")])
def test_what_is_done_to_states_and_twice_is_printed_as_it_is(made):
    f = optim.formula(made)
    known = {}
    for e in f.equations:
        known[e.left.text()] = e.right.xreplace({
            s: known[m.text()] for s, m in e.marks.items() if m.text() in known})
    printed = {"theta": known["theta[t+1]"], **{n: known[f"{n}[t]"] for n in f.init}}
    for name, e in printed.items():
        assert e.free_symbols <= {*f.symbols.values()}, (name, e)
        assert optim.prove(e, f.update[name]).status == "PROVED", (name, e)


def test_what_is_measured_once_is_not_taken_twice():
    with pytest.raises(ValueError, match="again called it 2 times"):
        run([again(), tf.clip_by_norm()])


def test_a_transformed_rule_in_other_letters():
    made = adapted(tf.sam()("momentum"), {"radius": "r", "lr": "rate"})
    assert "g_ahead[t] is the gradient at theta[t] + r*g[t]" in str(optim.formula(made))
    x0, f = [1., 2.], lambda x: np.sum(x**4)
    paths = [optim.minimize(f, x0, made, 5, r=0.3).theta,
             optim.minimize(f, x0, tf.sam(0.3)("momentum"), 5).theta]
    np.testing.assert_array_equal(*paths)
    lamb = adapted(tf.clip_by_norm()("lamb"), {"lr": "rate"})
    assert "norm(theta[t])" in str(optim.formula(lamb))


def test_what_is_measured_is_no_number_that_stays():
    """Clipping is not linear; a run has norms that are none of an entry less; that a norm
    is 0 is nothing that one can choose."""
    from optim import stability
    for made in (tf.clip_by_norm()("momentum"), tf.sam()("gradient_descent")):
        for of in stability.dynamics, stability.numeric_map:
            with pytest.raises(ValueError, match="measured anew in every step"):
                of(made)
    assert stability.dynamics(tf.maximize()("momentum")).matrix.shape == (2, 2)
    found = optim.compare(tf.clip_by_norm()("momentum"), "momentum")
    assert found.equal_if is None and found.apart
    assert found.apart.settings["g_norm"] >= max(map(abs, found.apart.gradients))
    found = optim.compare(tf.sam()("gradient_descent"), "gradient_descent")
    assert found.apart and found.apart.settings["radius"]
    assert optim.prove(tf.clip_by_norm()("adam"), "adam").equal_if is None


def test_climbing_twice_is_nothing():
    twice = tf.chain(tf.maximize(), tf.maximize())("adam")
    assert optim.prove(twice, "adam").status == "PROVED"


def test_optim_compare_takes_a_transformed_rule():
    found = optim.compare(tf.weight_decay()("adam"), "adam")
    assert found.status == "REFUTED" and "decoupled_decay -> 0" in str(found.equal_if)


# --- how they are written ---------------------------------------------------------------
def test_the_formula_of_a_chain_is_printed():
    chain = tf.chain(tf.clip_by_norm(1.0), tf.coupled_weight_decay(), tf.ema())
    assert str(optim.formula(chain("momentum"))) == """\
clip_by_norm(coupled_weight_decay(ema(momentum)))
    g_inner[t] = coupled_decay*theta[t] + max_norm*g[t]/Max(g_norm, max_norm)
    m[t] = mu*m[t-1] + lr*g_inner[t]
    theta[t+1] = theta[t] - m[t]
    average[t] = keep*average[t-1] + (1 - keep)*theta[t+1]
    from average[0] = theta, m[0] = 0
    where g_norm is the norm of g[t], over all parameters"""
    assert r"\frac{c g_{t}}{\max\left(\lVert g\rVert, c\right)}" in optim.formula(
        chain("momentum")).latex()
    assert "norm of coupled_decay*theta[t] + g[t]," in str(optim.formula(tf.chain(
        tf.coupled_weight_decay(), tf.clip_by_norm(1.0))("lamb")))
    text = str(optim.formula(tf.sam()("adam")))
    assert "g_ahead[t] is the gradient at theta[t] + radius*g[t]/ascent_norm" in text
    assert "t_inner*psi" in str(optim.formula(tf.accumulate()("nadam")))
    assert "xi[t] is drawn" in str(optim.formula(tf.gradient_noise()("adam")))


@every_transform
def test_what_is_printed_is_what_is_computed(name):
    """The equations, each put into those after it, are the formula."""
    for rule in ("momentum", "adam"):
        f = optim.formula(TRANSFORMS[name](rule))
        known = {}
        for e in f.equations:
            known[e.left.text()] = e.right.xreplace({
                s: known[m.text()] for s, m in e.marks.items() if m.text() in known})
        theta = known["theta[t+1]"]
        for n, printed in (("theta", theta), *((n, known[f"{n}[t]"]) for n in f.init)):
            if name == "accumulate" and n == "theta":       # the rule's hats rest as well
                continue
            verdict = optim.prove(printed, f.update[n])
            assert verdict.status == "PROVED", (n, printed)


@every_transform
def test_a_transformed_rule_says_what_it_takes(name):
    made = TRANSFORMS[name]("adam")
    assert TRANSFORMS[name]("adam") is made                # they share their kernels
    numbers = dict(TRANSFORMS[name].numbers)
    assert anatomy(made)[1] == numbers | anatomy(optim.rules.adam)[1]
    assert supplied_to(made).keys() <= inspect.signature(made).parameters.keys()
    for letter in inspect.signature(made).parameters:
        assert letter in LEGEND
    assert made.__name__ == f"{name}(adam)" and eval(f"tf.{TRANSFORMS[name]!r}") == (
        TRANSFORMS[name])
    assert optim.formula(made).assumed == ()


# --- what would fool it -----------------------------------------------------------------
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_a_norm_beyond_squares_is_still_a_norm(dtype):
    p = [mg.tensor(np.zeros(3, dtype), requires_grad=True)]
    opt = optim.SGD(p, lr=1, transforms=[tf.clip_by_norm(1.0)])
    for size in (float(np.finfo(dtype).max)/4, float(np.finfo(dtype).tiny)):
        p[0].data[...] = 0
        p[0].grad = np.full(3, size, dtype)
        opt.step()
        expected = max(-size, -3**-0.5)
        np.testing.assert_allclose(p[0].numpy(), expected, rtol=2*np.finfo(dtype).eps**0.5)


def test_a_norm_beyond_all_floats_is_refused():
    for compiled in (False, True):
        p = mg.tensor(np.zeros(9), requires_grad=True)
        opt = optim.SGD([p], transforms=[tf.clip_by_norm(1.0)])

        def step(x):
            opt.zero_grad()
            np.sum(p*x).backward()
            opt.step()
        step = mg.compile(step) if compiled else step
        for _ in range(3):
            step(np.ones(9))
        before = p.numpy()
        with pytest.raises(FloatingPointError, match="g_norm is inf"):
            step(np.full(9, np.finfo(float).max))
        np.testing.assert_array_equal(p.numpy(), before)


@every_transform
@each("rule", ["adam", "lamb"])
def test_a_nan_is_refused_and_nothing_is_written(name, rule):
    params = tensors()
    opt = optim.Optimizer(params, rule, transforms=[TRANSFORMS[name]])
    step = training(opt, params)
    step(1.)
    before, saved = values(params), opt.state_dict()
    with pytest.raises(FloatingPointError, match="gradient is not finite"):
        step(np.nan)
    np.testing.assert_array_equal(values(params), before)
    assert str(opt.state_dict()["state"]) == str(saved["state"])


def test_a_closure_that_fails_elsewhere_leaves_everything_where_it_was():
    params, calls = tensors(), []
    opt = optim.Adam(params, transforms=[tf.sam(0.5)])

    def closure():
        opt.zero_grad()
        loss_of(params).backward()
        calls.append(values(params))
        if len(calls) == 2:
            raise KeyError
    before = values(params)
    with pytest.raises(KeyError):
        opt.step(closure)
    assert not np.allclose(calls[1], before)
    np.testing.assert_array_equal(values(params), before)
    assert opt.t == 0
    with pytest.raises(RuntimeError, match=r"opt.step\(closure\)"):
        opt.step()


def test_accumulation_counts_moves_and_rests_in_between():
    p = mg.tensor(np.ones(2), requires_grad=True)
    opt = optim.Adam([p], lr=0.1, transforms=[tf.accumulate(3)])
    seen = []
    for k in range(6):
        p.grad = np.array([1., -2.])
        opt.step()
        state = opt.state_dict()["state"][0]
        seen.append((p.numpy().tolist(), state["m"].tolist(), state["v"].tolist()))
    assert seen[0] == seen[1] == ([1., 1.], [0., 0.], [0., 0.]) and seen[3] == seen[2]
    np.testing.assert_allclose(seen[2][0], [0.9, 1.1], rtol=1e-7)     # Adam's first step
    np.testing.assert_allclose(seen[5][0], [0.8, 1.2], rtol=1e-7)


def test_rules_of_ones_own_are_transformed_and_read():
    def mine(x, grad, seen, *, t, rate=0.5):
        return x - rate*grad, seen + 1
    made = tf.chain(tf.clip_by_norm(2.0), tf.lookahead(1, 1.0))(mine)
    assert str(inspect.signature(made)).startswith("(x, grad, slow=<")
    assert made(1., 4., 1., 0., t=1, g_norm=4.) == (0., 0., 1.)
    assert "x[t+1]" in str(optim.formula(made))
    with pytest.raises(TypeError, match="bogus"):
        made(1., 4., 1., 0., t=1, g_norm=4., bogus=3)
    with pytest.raises(TypeError, match="g_norm"):
        made(1., 4., 1., 0., t=1)


@tf.transform()
def halved(step, theta, g, *, t, share=0.5):
    """A transform of one's own."""
    return step(theta, share*g, t)


def test_a_chain_is_a_transform():
    made = tf.chain(tf.clip_by_norm(0.5), tf.ema(0.9))
    assert repr(made) == "chain(clip_by_norm(max_norm=0.5), ema(keep=0.9))"
    assert pickle.loads(pickle.dumps(made)) == made
    assert np.array_equal(run([made]), run([tf.clip_by_norm(0.5), tf.ema(0.9)]))


def test_transforms_of_ones_own():
    assert np.array_equal(run([halved(0.25)], "gradient_descent"),
                          run([], "gradient_descent", hyperparameters={"lr": 0.025}))

    def plain(rule):                                        # any function will do
        return tf.maximize()(rule)
    assert np.array_equal(run([plain]), run([tf.maximize()]))


@each("make, error, words", [
    (lambda p: optim.Adam(p, transforms=[tf.ema(), tf.polyak()]), ValueError,
     "'average' already.*once"),
    (lambda p: optim.Adam(p, transforms=[tf.weight_decay(), tf.weight_decay()]),
     ValueError, "decoupled_decay.*leave one"),
    (lambda p: tf.ema()(lambda theta, g, average, *, t: (theta, average)), ValueError,
     "'average' already"),
    (lambda p: optim.Adam(p, transforms=[tf.maximize(), tf.sam()]), ValueError,
     "maximize before sam.*put it first"),
    (lambda p: optim.Adam(p, transforms=tf.maximize()), TypeError, "needs a list"),
    (lambda p: optim.Adam(p, transforms=[tf.clip_by_norm]), TypeError, "numbers.*rule"),
    (lambda p: optim.Adam(p, transforms=[lambda rule: 3]), TypeError, "needed a rule"),
    (lambda p: optim.Adam(p, transforms=[None]), TypeError, "transforms has None"),
    (lambda p: tf.clip_by_norm(0), ValueError, "max_norm.*> 0"),
    (lambda p: tf.accumulate(2.5), ValueError, "every.*1, 2"),
    (lambda p: tf.ema(1), ValueError, r"keep.*\[0, 1\)"),
    (lambda p: tf.maximize()("adm"), ValueError, "did you mean adam"),
    (lambda p: tf.clip_by_global_norm, AttributeError, "it is optim.transforms.clip_by_n"),
    (lambda p: tf.lokahead, AttributeError, "did you mean lookahead"),
    (lambda p: optim.clip_grad_norm_, AttributeError, "transforms.clip_by_norm"),
    (lambda p: optim.swa_utils, AttributeError, "averaged"),
    (lambda p: optim.Adam(p, maximize=True), TypeError, "transforms.maximize"),
    (lambda p: optim.SGD(p, weight_decay=1e-4), TypeError, "transforms.weight_decay"),
    (lambda p: optim.Adam(p, transforms=[tf.clip_by_norm()]).max_norm, AttributeError,
     "param_groups"),
    (lambda p: optim.Adam([{"params": p, "g_norm": 1.}], transforms=[tf.clip_by_norm()]),
     TypeError, "does not take 'g_norm'")])
def test_what_cannot_be_meant_is_refused(make, error, words):
    with pytest.raises(error, match=f"(?s){words}"):
        make(tensors())
