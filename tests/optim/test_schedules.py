"""Schedules: PyTorch's numbers, their formulas, and steps that take them.

TOLERANCE is for values up to 1 after 1,000 steps of PyTorch's recursion.
"""
import copy
import json
import pickle

import numpy as np
import pytest
import sympy as sp

import minigrad as mg
import optim
from optim import schedules as s

from ..cases import each

TOLERANCE = 1e-12
SEEDS = range(4)


# --- PyTorch's ----------------------------------------------------------------------------

def pytorchs(make, lr, steps=1000, observe=None):
    """What PyTorch's scheduler has for the rate before each of its steps."""
    import torch
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=lr, momentum=0.9)
    scheduler = make(torch.optim.lr_scheduler, optimizer)
    for t in range(1, steps + 1):
        yield optimizer.param_groups[0]["lr"]
        optimizer.step()
        if observe is not None:
            scheduler.step(observe[t - 1])
        elif t < steps:
            scheduler.step()


def drawn(name, rng):
    """A schedule of ours, and a maker of PyTorch's, of random arguments."""
    lr, end = float(rng.uniform(1e-3, 1)), float(rng.uniform(0, 1e-3))
    n, m = int(rng.integers(2, 400)), int(rng.integers(1, 60))
    gamma = float(rng.uniform(0.3, 1))
    first, last = rng.uniform(0.1, 1, 2).tolist()
    times = sorted(map(int, rng.integers(1, 900, 4)))
    return lr, {
        "step": lambda: (s.step(lr, every=m, factor=gamma),
                         lambda L, o: L.StepLR(o, m, gamma)),
        "multi_step": lambda: (s.multi_step(lr, at=times, factor=gamma),
                               lambda L, o: L.MultiStepLR(o, times, gamma)),
        "held": lambda: (s.sequence([lr*first, lr], at=[m]),
                         lambda L, o: L.ConstantLR(o, first, m)),
        "line": lambda: (s.polynomial(lr*first, steps=n, end=lr*last),
                         lambda L, o: L.LinearLR(o, first, last, n)),
        "exponential": lambda: (s.exponential(lr, factor=gamma),
                                lambda L, o: L.ExponentialLR(o, gamma)),
        "polynomial": lambda: (s.polynomial(lr, steps=n, power=3*first),
                               lambda L, o: L.PolynomialLR(o, n, 3*first)),
        "cosine": lambda: (s.cosine(lr, steps=n, end=end),
                           lambda L, o: L.CosineAnnealingLR(o, n, end)),
        "cosine_restarts": lambda: (
            s.cosine_restarts(lr, steps=m, growth=1 + n % 4, end=end),
            lambda L, o: L.CosineAnnealingWarmRestarts(o, m, 1 + n % 4, end)),
        "one_cycle": lambda: (
            s.one_cycle(lr, steps=1000, rise=first/2, start=lr/5, end=lr/5/300,
                        linear=m % 2 == 1, three_phase=n % 2 == 1),
            lambda L, o: L.OneCycleLR(
                o, lr, 1000, pct_start=first/2, div_factor=5, final_div_factor=300,
                anneal_strategy=["cos", "linear"][m % 2], three_phase=n % 2 == 1)),
        "function": lambda: (lambda t: lr*gamma**((t - 1)/m),
                             lambda L, o: L.LambdaLR(o, lambda k: gamma**(k/m))),
        "warm_up": lambda: (
            s.warm_up(s.cosine(lr, steps=n, end=end), steps=m, start=lr*first),
            lambda L, o: L.SequentialLR(o, [
                L.LinearLR(o, first, 1., m), L.CosineAnnealingLR(o, n, end)], [m])),
        "three": lambda: (
            s.sequence([s.warm_up(lr, steps=m, start=lr*first), s.constant(lr),
                        s.step(lr, every=n, factor=gamma)], at=[m + 3, m + 9]),
            lambda L, o: L.SequentialLR(o, [
                L.LinearLR(o, first, 1., m), L.ConstantLR(o, 1.0), L.StepLR(o, n, gamma)],
                [m + 3, m + 9]))}[name]()


@pytest.mark.parametrize("name", [
    "step", "multi_step", "held", "line", "exponential", "polynomial", "cosine",
    "cosine_restarts", "one_cycle", "function", "warm_up", "three"])
@pytest.mark.filterwarnings("ignore:Detected call of")
def test_its_values_are_pytorchs(name):
    for seed in SEEDS:
        lr, (ours, theirs) = drawn(name, np.random.default_rng(seed))
        values = np.array([ours(t) for t in range(1, 1001)])
        np.testing.assert_allclose(values, [*pytorchs(theirs, lr)], rtol=0, atol=TOLERANCE,
                                   err_msg=f"{seed} {ours}")


@pytest.mark.parametrize("seed", range(8))
def test_a_plateau_is_seen_as_pytorch_sees_it(seed):
    rng = np.random.default_rng(seed)
    lr, factor, threshold = rng.uniform(0.1, 1, 3).tolist()
    patience, cooldown = rng.integers(0, 6, 2).tolist()
    modes = {"mode": ["min", "max"][seed % 2],
             "threshold_mode": ["rel", "abs"][seed//2 % 2]}
    losses = rng.normal(size=1000).cumsum() + 5
    losses[rng.integers(0, 1000, 5)] = np.nan
    ours = s.reduce_on_plateau(lr, factor=factor, patience=patience, threshold=threshold/9,
                               cooldown=cooldown, least=1e-3*lr, **modes)
    theirs = [*pytorchs(lambda L, o: L.ReduceLROnPlateau(
        o, factor=factor, patience=patience, threshold=threshold/9, cooldown=cooldown,
        min_lr=1e-3*lr, **modes), lr, observe=losses)]
    values = []
    for t, loss in enumerate(losses, 1):
        values.append(ours(t))
        ours.observe(loss)
    np.testing.assert_allclose(values, theirs, rtol=0, atol=TOLERANCE)
    assert len({*values}) > 1


def scripts(L):
    """Makers of schedulers as a script has them, for PyTorch's module and for ours."""
    return [
        lambda o: L.StepLR(o, 3, gamma=0.5), lambda o: L.MultiStepLR(o, [7, 3], 0.5),
        lambda o: L.ConstantLR(o, total_iters=4), lambda o: L.LinearLR(o),
        lambda o: L.ExponentialLR(o, 0.9), lambda o: L.PolynomialLR(o, 8, power=2.0),
        lambda o: L.CosineAnnealingLR(o, T_max=6, eta_min=1e-3),
        lambda o: L.CosineAnnealingWarmRestarts(o, 3, T_mult=2),
        lambda o: L.OneCycleLR(o, max_lr=[0.5, 0.1], epochs=4, steps_per_epoch=5),
        lambda o: L.OneCycleLR(o, 0.5, 20, anneal_strategy="linear", three_phase=True),
        lambda o: L.LambdaLR(o, [lambda k: 1/(1 + k), lambda k: 0.9**k]),
        lambda o: L.SequentialLR(o, [L.LinearLR(o, 0.1, total_iters=4),
                                     L.CosineAnnealingLR(o, 9)], milestones=[4]),
        lambda o: L.ReduceLROnPlateau(o, patience=1, factor=0.5)]


@each("k", range(len(scripts(None))))
@each("kind", ["SGD", "Adam"])
def test_a_script_with_schedulers_runs_as_in_pytorch(k, kind):
    """Step by step, in two groups; halfway ours is saved, made anew and loaded."""
    import torch
    from optim.dialects.torch import lr_scheduler
    momentum = {"momentum": 0.9} if kind == "SGD" else {}
    w, p = torch.ones(1, requires_grad=True, dtype=torch.float64), parameter()
    v, q = torch.ones(1, requires_grad=True, dtype=torch.float64), parameter()

    def made(library, schedulers, a, b):
        optimizer = getattr(library, kind)(
            [{"params": [a]}, {"params": [b], "lr": 0.05}], lr=0.2, **momentum)
        return optimizer, scripts(schedulers)[k](optimizer)
    theirs = made(torch.optim, torch.optim.lr_scheduler, w, v)
    ours = made(optim.dialects.torch, lr_scheduler, p, q)
    for epoch in range(19):
        for (optimizer, scheduler), x, y in ((theirs, w, v), (ours, p, q)):
            optimizer.zero_grad()
            ((x**2).sum() + (y**2).sum()).backward()
            optimizer.step()
            scheduler.step(*[1/(1 + epoch % 5)]*(k == len(scripts(None)) - 1))
        assert ours[1].get_last_lr() == pytest.approx(theirs[1].get_last_lr(), abs=1e-14)
        assert (p.item(), q.item()) == pytest.approx((w.item(), v.item()), abs=1e-13)
        if epoch == 8:
            saved = [copy.deepcopy(each.state_dict()) for each in ours]
            ours = made(optim.dialects.torch, lr_scheduler, p, q)
            for scheduler, state in zip(ours, saved):
                scheduler.load_state_dict(state)


def test_what_pytorchs_schedulers_are_refused_for():
    from optim.dialects.torch import SGD, lr_scheduler
    for wrong, error, words in [
            (lambda: lr_scheduler.StepLR([1], 3), TypeError, "needs an optimizer"),
            (lambda: lr_scheduler.StepLR(SGD([parameter()], lr=s.constant(1)), 3),
             ValueError, "a schedule for it already"),
            (lambda: lr_scheduler.OneCycleLR(optim.SGD([parameter()]), 0.1, 9), ValueError,
             "cycle_momentum=False"),
            (lambda: lr_scheduler.StepLR(adam(lr=0.1), 3).load_state_dict(
                lr_scheduler.StepLR(adam(lr=0.2), 3).state_dict()), ValueError, "[0.2]"),
            (lambda: lr_scheduler.CyclicLR, AttributeError, "optim.schedules.sequence"),
            (lambda: lr_scheduler.StpLR, AttributeError, "did you mean StepLR?")]:
        with pytest.raises(error) as caught:
            wrong()
        assert words in str(caught.value)


# --- formulas -----------------------------------------------------------------------------

def examples():
    """A schedule of each kind, some with cases."""
    return [
        s.constant(0.1), s.step(0.3, every=7), s.step(0.3, every=1, factor=0.9),
        s.multi_step(0.1, at=[3, 7, 7]), s.exponential(0.1, factor=0.97),
        s.polynomial(0.1, steps=20, power=2.5, end=0.01), s.cosine(0.1, steps=30, end=1e-3),
        s.cosine_restarts(0.1, steps=7), s.cosine_restarts(0.1, steps=7, growth=2),
        s.cosine_restarts(0.1, steps=1, growth=10), s.one_cycle(0.1, steps=50),
        s.one_cycle(0.1, steps=40, rise=0.45, linear=True, three_phase=True),
        s.one_cycle(0.85, steps=40, start=0.95, end=0.95), s.inverse_square_root(0.1),
        s.inverse_square_root(0.1, steps=10), s.warm_up(s.cosine(0.1, steps=30), steps=5),
        s.warm_up(0.1, steps=3, start=0.01),
        s.sequence([0.2, s.step(0.1, every=3), lambda t: 0.1/t], at=[4, 20]),
        s.reduce_on_plateau(0.1)]


@pytest.mark.parametrize("schedule", examples(), ids=str)
def test_the_formula_is_what_is_computed(schedule):
    t = optim.domains.declare("t", "1, 2, ...")
    formula = schedule.formula()
    assert formula.free_symbols <= {t} and not formula.has(sp.Float)
    number = sp.lambdify([t], formula, "math")
    in_letters = schedule.formula(letters=True)
    values = {x: schedule.numbers[str(x)] for x in in_letters.free_symbols - {t}}
    for k in [*range(1, 60), 997, 1000]:
        assert number(k) == pytest.approx(schedule(k), abs=1e-13), k
    for k in (1, 8, 41):
        assert float(in_letters.subs(values | {t: k})) == pytest.approx(
            schedule(k), abs=1e-13)
    assert ("\\begin{cases}" in schedule.latex()) == formula.has(sp.Piecewise)
    assert schedule.latex() in schedule._repr_latex_()


def test_a_planted_slip_in_a_formula_is_seen():
    cosine = s.cosine(0.1, steps=30)
    t, = cosine.formula().free_symbols
    shifted = sp.lambdify([t], cosine.formula().subs(t, t + 1), "math")
    assert shifted(5) != pytest.approx(cosine(5), abs=1e-13)


def test_what_changes_is_printed_as_cases():
    assert s.multi_step(0.1, at=[3, 7]).latex() == (
        r"\eta_{t} = \begin{cases} \frac{1}{1000} & \text{for}\: t > 7 \\"
        r"\frac{1}{100} & \text{for}\: t > 3 \\\frac{1}{10} & \text{otherwise} \end{cases}")
    assert str(s.exponential(0.1, factor=0.5).formula(letters=True)) == (
        "factor**(t - 1)*start")
    assert r"\gamma^{t - 1} \eta_1" in s.exponential(0.1, factor=0.5).latex(letters=True)


@pytest.mark.parametrize("schedule", examples(), ids=str)
def test_it_is_written_as_it_is_typed_and_saved_as_plain_data(schedule):
    if "lambda" in repr(schedule):
        with pytest.raises(TypeError, match="@optim.schedules.schedule"):
            schedule.saved()
        return
    typed = eval(repr(schedule), vars(s))
    loaded = s.from_data(json.loads(json.dumps(schedule.saved(), allow_nan=False)))
    for other in (typed, loaded, copy.deepcopy(schedule),
                  pickle.loads(pickle.dumps(schedule))):
        assert other == schedule and other is not schedule
        assert (other(np.arange(1, 50)) == schedule(np.arange(1, 50))).all()


def test_it_is_called_with_times_tensors_and_formulas():
    cosine = s.cosine(0.1, steps=10)
    assert type(cosine(np.int64(3))) is float and cosine(3.0) == cosine(3)
    np.testing.assert_allclose(cosine(np.array([[1, 6], [11, 21]])),
                               [[0.1, 0.05], [0, 0.1]], atol=1e-15)
    slope = mg.grad(lambda start: s.cosine.rule(6, start, steps=10))(0.1)
    assert slope == pytest.approx(0.5)          # a rate can be learned through a schedule


# --- in an optimizer ----------------------------------------------------------------------

def run(make, rates=None, *, compiled=False, steps=12, dtype=np.float32, size=5, inner=1,
        name="lr", first=1):
    """Parameters after steps whose rate is a schedule in make, or is set before each."""
    rng = np.random.default_rng(0)
    ps = [mg.tensor(rng.normal(size=shape).astype(dtype), requires_grad=True)
          for shape in (size, (2, 3))]
    opt = make(ps)

    def step(x):
        for _ in range(inner):
            if rates is not None:
                opt.param_groups[0][name] = rates(opt.t + first)
            opt.zero_grad()
            (np.sum((ps[0] - x)**2) + np.sum(ps[1]**4)).backward()
            opt.step()
    work = mg.compile(step) if compiled else step
    for _ in range(steps):
        work(rng.normal(size=size).astype(dtype))
    if compiled:
        assert (work.made, work.given_up) == (1, 0)
    assert {p.dtype for p in ps} == {np.dtype(dtype)}
    assert all(x.dtype == dtype for record in opt.state_dict()["state"].values()
               for x in record.values() if isinstance(x, np.ndarray))
    return np.concatenate([p.numpy().ravel() for p in ps])


RATES = {"cosine": s.cosine(0.1, steps=7), "function": lambda t: np.cos(t)**2/10,
         "warm_up": s.warm_up(s.exponential(0.1, factor=0.8), steps=3),
         "float32": lambda t: np.float32(0.1)/np.float32(t), "to_0": lambda t: 0.1*(t < 4)}


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("rates", RATES)
def test_every_step_takes_the_value_at_its_t(rates, dtype):
    def make(ps):
        return optim.Adam(ps, lr=RATES[rates])
    wanted = run(lambda ps: optim.Adam(ps), RATES[rates], dtype=dtype)
    assert (run(make, dtype=dtype) == wanted).all()
    assert (run(make, dtype=dtype, compiled=True) == wanted).all()
    late = run(lambda ps: optim.Adam(ps), lambda t: RATES[rates](t + 1), dtype=dtype)
    assert (late != wanted).any()               # else the test could not fail


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("kind", ["Adam", "RMSprop", "Momentum", "LAMB", "Muon"])
def test_the_same_of_several_rules_and_two_steps_in_a_call(kind, compiled):
    rates, kind = RATES["cosine"], getattr(optim, kind)
    wanted = run(lambda ps: kind(ps, lr=1.0), rates, inner=2)
    assert (run(lambda ps: kind(ps, lr=rates), inner=2, compiled=compiled) == wanted).all()


def test_the_fast_loop_and_large_parts_take_it_too():
    rates = RATES["warm_up"]
    fast = run(lambda ps: optim.Adam(ps, lr=rates, fast=True))
    assert (fast == run(lambda ps: optim.Adam(ps, fast=True), rates)).all()
    large = run(lambda ps: optim.Adam(ps, lr=rates), size=2**18, steps=3)
    assert (large == run(lambda ps: optim.Adam(ps), rates, size=2**18, steps=3)).all()


def test_any_hyperparameter_may_change_and_several_at_once():
    rise = s.polynomial(0.5, steps=10, end=0.95)
    moved = run(lambda ps: optim.Adam(ps, lr=0.05, betas=(rise, 0.999)))
    wanted = run(lambda ps: optim.Adam(ps, lr=0.05), rise, name="beta1")
    assert (moved == wanted).all()
    run(lambda ps: optim.AdamW(ps, lr=RATES["cosine"], weight_decay=lambda t: 1e-4/t),
        compiled=True)


@pytest.mark.parametrize("library, kind, name, first", [
    ("torch", "SGD", "lr", 1), ("optax", "adam", "learning_rate", 0),
    ("keras", "RMSprop", "learning_rate", 0)])
@pytest.mark.parametrize("compiled", [False, True])
def test_a_librarys_optimizer_counts_as_it_does_there(library, kind, name, first, compiled):
    kind = getattr(getattr(optim.dialects, library), kind)

    def decay(count):
        return 0.1/(1 + count)
    wanted = run(lambda ps: kind(ps, **{name: 0.1}), decay, name=name, first=first)
    assert (run(lambda ps: kind(ps, **{name: decay}), compiled=compiled) == wanted).all()
    wanted = run(lambda ps: kind(ps, **{name: 0.1}), RATES["cosine"], name=name)
    assert (run(lambda ps: kind(ps, **{name: RATES["cosine"]}), compiled=compiled)
            == wanted).all()


def test_optax_itself_is_followed_step_by_step():
    import jax
    import optax
    with jax.enable_x64(True):
        theirs = optax.sgd(optax.polynomial_schedule(0.5, 0.1, 1, 4))
        x, state = jax.numpy.array([1.0]), theirs.init(jax.numpy.array([1.0]))
        p = mg.tensor([1.0], requires_grad=True)
        ours = optim.dialects.optax.sgd([p], optax.polynomial_schedule(0.5, 0.1, 1, 4))
        for _ in range(6):
            update, state = theirs.update(2*x, state)
            x = optax.apply_updates(x, update)
            ours.zero_grad()
            np.sum(p**2).backward()
            ours.step()
            assert p.item() == pytest.approx(float(x[0]), abs=1e-7)     # their float32


def parameter(value=1.0):
    return mg.tensor([value], requires_grad=True)


def stepped(opt, times=1):
    for _ in range(times):
        opt.zero_grad()
        sum(np.sum(p**2) for group in opt.param_groups for p in group["params"]).backward()
        opt.step()


def test_a_rate_of_0_moves_nothing_and_the_next_one_does():
    p = parameter()
    opt = optim.SGD([p], lr=s.warm_up(0.1, steps=2))
    stepped(opt)
    assert p.item() == 1 and opt.t == 1
    stepped(opt)
    assert p.item() == 0.9


def test_groups_have_schedules_of_their_own():
    p, q = parameter(), parameter()
    opt = optim.SGD([{"params": [p]}, {"params": [q], "lr": lambda t: 0.25/t}],
                    lr=s.constant(0.5))
    with pytest.raises(AttributeError, match=r"opt.param_groups\[0\]\['lr'\]"):
        opt.lr
    stepped(opt)
    assert (p.item(), q.item()) == (0, 0.5)
    r = parameter()
    opt.add_param_group({"params": [r]})        # the clock is the optimizer's
    opt.param_groups[0]["lr"] = 0.1
    opt.param_groups[2]["lr"] = lambda t: 0.5/t
    stepped(opt)
    assert r.item() == 0.5


def test_opt_lr_is_the_schedule_and_cannot_be_set_in_passing():
    rate = s.reduce_on_plateau(0.5, factor=0.5, patience=0)
    opt = optim.SGD([{"params": [parameter()]}, {"params": [parameter()]}], lr=rate)
    assert opt.lr is rate
    for loss in (1.0, 1.0):
        opt.lr.observe(loss)
    stepped(opt)
    assert opt.param_groups[0]["params"][0].item() == 0.5
    with pytest.raises(AttributeError, match="opt.param_groups"):
        opt.lr = 0.1
    assert opt.lr is rate and "reduce_on_plateau(0.5" in repr(opt)


def test_a_saved_state_keeps_what_was_observed_and_loading_gives_it_back():
    def make():
        rate = s.warm_up(s.reduce_on_plateau(0.5, factor=0.5, patience=1), steps=1)
        return optim.Momentum([{"params": [parameter()]}, {"params": [parameter(2.0)]}],
                              lr=rate)

    def go_on(opt):
        for loss in (0.8, 0.9, 0.9, 0.9):
            stepped(opt)
            opt.lr.observe(loss)
        stepped(opt)
        return [p.item() for group in opt.param_groups for p in group["params"]]
    opt = make()
    stepped(opt, 2)
    opt.lr.observe(0.7)
    saved = opt.state_dict()
    values = [p.numpy() for group in opt.param_groups for p in group["params"]]
    wanted, rate = go_on(opt), opt.lr
    assert saved["param_groups"][0]["lr"] != rate       # a copy: it has not followed
    as_text = json.dumps(s.as_data(saved["param_groups"]))
    others = make(), copy.deepcopy(make()), make()
    others[2].param_groups[0]["lr"] = others[2].param_groups[1]["lr"] = 0.1
    for other in others:
        loaded = saved | {"param_groups": s.from_data(json.loads(as_text))}
        for state in (saved, loaded):
            mine = other.param_groups[0]["lr"]
            other.load_state_dict(state)
            if isinstance(mine, s.Schedule):
                assert other.lr is mine         # who holds it still observes through it
            if state is loaded and not isinstance(mine, s.Schedule):
                continue                        # two groups of a file share nothing
            for group, value in zip(other.param_groups, values):
                with mg.no_grad():
                    group["params"][0][...] = value
            assert go_on(other) == wanted


def test_a_number_of_a_transform_changes_too_and_two_that_observe_are_two():
    bounds = [s.reduce_on_plateau(0.5), s.reduce_on_plateau(0.5)]
    opts = [optim.SGD([parameter(9.0)], lr=1.0, transforms=[
        optim.transforms.clip_by_norm(bound)]) for bound in bounds]
    assert all(opt.max_norm is bound for opt, bound in zip(opts, bounds))
    bounds[0].state["value"] = 2.0
    for opt, moved in zip(opts, (2.0, 0.5)):
        stepped(opt)
        assert opt.param_groups[0]["params"][0].item() == 9 - moved


def test_equal_schedules_have_equal_numbers_and_states_and_are_two_keys():
    rate = s.warm_up(s.reduce_on_plateau(0.1), steps=3)
    assert rate == copy.deepcopy(rate) and len({rate, copy.deepcopy(rate)}) == 2
    for other in (s.warm_up(s.reduce_on_plateau(0.2), steps=3), 0.1,
                  s.warm_up(s.reduce_on_plateau(0.1), steps=4), s.warm_up(0.1, steps=3)):
        assert rate != other
    seen = copy.deepcopy(rate)
    seen.observe(1.0)
    assert rate != seen


def test_minimize_follows_and_observes_and_leaves_the_schedule_as_it_was():
    path = optim.minimize(np.sum, [1.0], "gradient_descent", 4, lr=lambda t: 1/2**t)
    assert path.theta[:, 0].tolist() == [1, 0.5, 0.25, 0.125, 0.0625]
    rate = s.reduce_on_plateau(0.5, factor=0.5, patience=0)
    path = optim.minimize(lambda x: np.sum(np.abs(x)), [0.25], "gradient_descent", 3,
                          lr=rate)
    assert path.theta[:, 0].tolist() == [0.25, -0.25, 0.0, 0.0]
    assert rate == s.reduce_on_plateau(0.5, factor=0.5, patience=0)
    assert "reduce_on_plateau(0.5" in repr(path)
    race = optim.race(["adam"], "booth", lr=rate, steps=3)
    assert race.rows()[0][1] == "f(t)" and "f(t)" in repr(race)
    assert optim.races.tune("momentum", "booth", steps=20, mu=lambda t: 0.9) == (
        optim.races.tune("momentum", "booth", steps=20, mu=0.9))


def test_a_training_with_a_schedule_is_saved(tmp_path):
    trained = optim.train(mg.data.blobs(60, rng=0), "adam", lr=s.cosine(0.1, steps=9),
                          epochs=1)
    trained.save(tmp_path/"run.npz")
    loaded = optim.training.load_training(tmp_path/"run.npz")
    assert loaded.settings["hyperparameters"]["lr"] == "cosine(0.1, steps=9)"


def test_a_kind_of_schedule_of_ones_own_is_like_the_others():
    @s.schedule
    def halving_for_tests(t, start, *, every=10):
        """Halved every so often."""
        return start/2**np.floor((t - 1)/every)
    rate = halving_for_tests(0.4, every=2)
    assert [rate(t) for t in (1, 2, 3, 5)] == [0.4, 0.4, 0.2, 0.1]
    assert s.from_data(rate.saved()) == rate and rate.formula().has(sp.floor)
    assert repr(rate) == "halving_for_tests(0.4, every=2)"


# --- which rates a network bears ----------------------------------------------------------

def test_a_range_test_leaves_a_schedule_where_it_was():
    opt = adam(lr=s.reduce_on_plateau(0.1))
    rate = opt.lr
    p = opt.param_groups[0]["params"][0]
    rates, losses = optim.plots.range_test(opt, lambda: np.sum(p**2), 1e-3, 10, 30)
    assert opt.lr is rate and p.item() == 1 and len(rates) == len(losses)


def test_the_marks_of_noisy_losses_are_those_of_their_mean():
    from optim.plots.rate_tests import marked
    rates = np.geomspace(1e-5, 1, 100)
    clean = 1/(1 + (rates/1e-2)**2) + (rates/0.2)**4
    noisy = clean + np.random.default_rng(3).normal(scale=0.05, size=100)
    (fall, low), (mean_fall, mean_low) = marked(rates, clean), marked(rates, noisy)
    assert abs(fall - mean_fall) <= 6 and abs(low - mean_low) <= 6
    raw = np.gradient(noisy, np.log(rates))[:low]
    assert abs(int(np.argmin(raw)) - fall) > 6      # without a mean it would be a spike


def test_minigrad_rates_prints_draws_and_refuses(tmp_path, capsys):
    from optim.commands.cli import main
    x, y = mg.data.blobs(60, rng=0)
    data, out = tmp_path/"data.npz", tmp_path/"rates.png"
    np.savez(data, x_train=x, y_train=y, x_test=x, y_test=y)
    words = ["rates", str(data), "--optimizer", "momentum", "--steps", "40"]
    assert main([*words, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["rates"][0] == 1e-5 and found["losses"][0] > min(found["losses"])
    assert 1e-3 < found["steepest"] <= found["lowest"] <= found["rates"][-1]
    assert main([*words, "--out", str(out)]) == 0
    text = capsys.readouterr().out
    assert f"{found['steepest']:.2g}" in text and out.read_bytes()[:4] == b"\x89PNG"
    for more, said in (("--low 1 --high 0.1", "0 < low < high"), ("--optimizer adadelta",
                       "no learning rate"), ("--low 1e300 --high 1e301", "start lower")):
        assert main([*words, *more.split()]) == 2
        assert said in capsys.readouterr().err


# --- what is refused ----------------------------------------------------------------------

def torch_scheduler():
    import torch
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.1)
    return torch.optim.lr_scheduler.StepLR(optimizer, 30)


def adam(**settings):
    return optim.Adam([parameter()], **settings)


@each("wrong, error, words", [
    (lambda: s.cosine(0.1, steps=0), ValueError, "steps came as 0; needs a whole number"),
    (lambda: s.cosine(0.1, steps=2.5), ValueError, "steps came as 2.5"),
    (lambda: s.cosine(0.1, steps="9"), TypeError, "needs a number, such as 1000"),
    (lambda: s.cosine(-0.1, steps=9), ValueError,
     "start (value of the first step) came as -0.1; needs >= 0"),
    (lambda: s.cosine(np.nan, steps=9), ValueError, "came as nan"),
    (lambda: s.cosine(True, steps=9), TypeError, "came as True"),
    (lambda: s.cosine(0.1), TypeError, "write for example cosine(0.1, steps=1000)"),
    (lambda: s.cosine(0.1, 100), TypeError, "write for example cosine(0.1, steps=1000)"),
    (lambda: s.cosine(0.1, T_max=9), TypeError, "'T_max': it is called steps here"),
    (lambda: s.step(0.1, evry=9), TypeError, "did you mean every?"),
    (lambda: s.step(adam(), 30), TypeError,
     "optim.Adam(params, lr=optim.schedules.step(0.1, every=30))"),
    (lambda: s.multi_step(0.1, at=5), TypeError, "needs a list, such as (30, 60)"),
    (lambda: s.multi_step(0.1, at=[5, 2]), ValueError, "at=(2, 5)"),
    (lambda: s.multi_step(0.1, at=[0]), ValueError, "from 1 on"),
    (lambda: s.one_cycle(0.1, steps=9, rise=1.5), ValueError, "needs [0, 1]"),
    (lambda: s.one_cycle(0.1, steps=9, linear=1), ValueError, "needs False or True"),
    (lambda: s.sequence([0.1, 0.2], at=[1, 2]), ValueError, "one part more than times"),
    (lambda: s.warm_up("cosine", steps=3), TypeError, "came as 'cosine'"),
    (lambda: s.reduce_on_plateau(0.1, mode="least"), ValueError, "needs 'min' or 'max'"),
    (lambda: s.reduce_on_plateau(0.1, patience=-1), ValueError, "from 0 on"),
    (lambda: s.reduce_on_plateau(0.1).observe(np.ones(2)), TypeError,
     "opt.lr.observe(loss)"),
    (lambda: s.cosine(0.1, steps=9)(0), ValueError, "schedule(k + 1)"),
    (lambda: s.cosine(0.1, steps=9)(-3), ValueError, "t came as -3"),
    (lambda: s.cosine(0.1, steps=9)(1.5), ValueError, "t came as 1.5"),
    (lambda: s.cosine(0.1, steps=9)(np.nan), ValueError, "t came as nan"),
    (lambda: s.cosine(0.1, steps=9)(np.array([1, 0])), ValueError, "t came as 0"),
    (lambda: s.cosine(0.1, steps=9).step(), AttributeError, "leave scheduler.step() out"),
    (lambda: s.cosine(0.1, steps=9).get_last_lr(), AttributeError, "opt.lr(opt.t)"),
    (lambda: s.cosine(0.1, steps=9).observe(1.0), TypeError, "reduce_on_plateau"),
    (lambda: s.from_data({"schedule": "cosin", "numbers": {}, "state": {}}), ValueError,
     "did you mean cosine?"),
    (lambda: s.from_data({"schedule": "constant", "numbers": 3, "state": {}}), ValueError,
     "needs what as_data gave"),
    (lambda: s.from_data({"schedule": "constant", "numbers": {"start": 1},
                          "state": {"a": 1}}), ValueError, "the state of constant"),
    (lambda: adam(lr=torch_scheduler()), TypeError, "optim.schedules.step(0.1, every=30)"),
    (lambda: adam(lr=lambda t: -0.1), ValueError, "adam at t = 1: lr = -0.1"),
    (lambda: adam(lr=lambda t: None), TypeError, "adam at t = 1: lr came as None"),
    (lambda: adam(lr=s.cosine), TypeError, "write for example cosine(0.1, steps=1000)"),
    (lambda: adam(betas=(s.constant(1.0), 0.9)), ValueError, "beta1 = 1.0"),
    (lambda: optim.minimize(np.sum, [1.0], "adam", 3, lr=lambda t: 2.0 - t), ValueError,
     "adam at t = 3: lr = -1.0"),
    (lambda: optim.lr_scheduler, AttributeError, "optim.schedules.step(0.1, every=30)")])
def test_what_is_wrong_is_refused_in_one_line_that_says_what_to_write(wrong, error, words):
    with pytest.raises(error) as caught:
        wrong()
    assert words in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("compiled", [False, True])
def test_a_value_that_is_wrong_at_a_later_step_leaves_all_as_it_was(compiled):
    p = parameter()
    opt = optim.SGD([p], lr=lambda t: 0.1*(4 - t))

    def step():
        opt.zero_grad()
        np.sum(p**2).backward()
        opt.step()
    work = mg.compile(step) if compiled else step
    for _ in range(4):
        work()
    before = p.item()
    with pytest.raises(ValueError, match="at t = 5: lr = -0.1"):
        work()
    assert (p.item(), opt.t) == (before, 4)
