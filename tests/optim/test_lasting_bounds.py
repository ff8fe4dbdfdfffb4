"""Bounds that last: every step from within them stays finite, and compiled steps that write
in place have changed nothing where they give up."""
import copy

import numpy as np
import pytest

import minigrad as mg
import optim
from minigrad import nn
from optim import rules
from optim.optimizers.lasting_bounds import LastingBounds, Unbounded, lasting_bounds
from optim.optimizers.signatures import step_of

from ..cases import each

BOUNDED = ["gradient_descent", "momentum", "nag", "rmsprop", "adam", "adamax", "adamw",
           "sign_sgd", "lion", "qhm", "aggmo", "sgdw", "qhadam"]


def bounds_of(rule, dtype=np.float32, **settings):
    """A box that was proved for a rule, and its choice."""
    p = mg.tensor(np.ones(3, dtype), requires_grad=True)
    q = mg.tensor(np.ones(2, dtype), requires_grad=True)
    opt = optim.Optimizer([p, q], rule, settings)
    found = LastingBounds(opt._parts[0])
    found.prove(opt._groups[0].choice)
    return found


def stray(bounds, dtype, t):
    """How many results of a step, from the corners of a box and within, leave it."""
    rng = np.random.default_rng(t)

    def within(low, high):
        far = rng.uniform(-1, 1, 500)*10.**-rng.integers(0, 60, 500)
        x = np.concatenate([[low, high, 0], np.where(far < 0, -far*low, far*high)])
        return rng.choice(x, 2000).astype(dtype)

    largest, g = bounds.largest, bounds.largest_g
    with np.errstate(all="ignore"):
        theta, *states = step_of(
            bounds.choice.rule, within(-largest, largest), within(-g, g),
            *[within(low, largest) for low in bounds.lowest], t=t,
            **bounds.choice.settings)
    out = np.count_nonzero(~np.isfinite(theta))
    return out + sum(np.count_nonzero(~((low <= x) & (x <= largest)))
                     for x, low in zip(states, bounds.lowest))


@each("dtype", [np.float32, np.float64])
@each("rule", BOUNDED)
def test_every_step_from_within_the_box_ends_within_it(rule, dtype):
    bounds = bounds_of(rule, dtype)
    assert sum(stray(bounds, dtype, t) for t in (1, 2, 10, 1000, 10**6, 10**12)) == 0


def test_a_box_that_is_too_large_or_has_too_large_gradients_is_noticed():
    wide = bounds_of("adam")
    wide.largest_g *= 2**20
    assert stray(wide, np.float32, 10**6)               # g**2 leaves the box
    low = bounds_of("adam")
    low.lowest = low.lowest[0], -low.largest            # roots of numbers below 0
    assert stray(low, np.float32, 1)


@pytest.mark.parametrize("rule, settings", [
    ("momentum", {"mu": 1. - 1e-9}), ("adam", {"eps": 0.}), ("adagrad", {}),
    ("rmsprop", {"lr": 1e38}), ("rprop", {}), ("ftrl", {})])
def test_what_does_not_last_is_not_proved(rule, settings):
    with pytest.raises(Unbounded):
        bounds_of(rule, **settings)


def test_wrong_rules_are_not_bounded():
    def sums_up(theta, g, m, *, t, lr):
        m = m + g
        return theta - lr*m, m

    def grows(theta, g, *, t, lr):
        return theta - lr*g*np.exp(t),

    for rule in sums_up, grows:
        with pytest.raises(Unbounded):
            bounds_of(rule, lr=0.1)


# --- in place -------------------------------------------------------------------------
SIZES = [(4, 3, 2), (300, 200, 10)]                     # the second is worked in blocks
TABLE = np.array([1, 2], np.float32)


class Training:
    """A network and a step; late: after it something may still go wrong."""

    def __init__(self, sizes, wrap, optimizer=optim.Adam, late=False):
        a, b, c = self.sizes = sizes
        self.model = nn.Sequential(nn.Linear(a, b, rng=0), nn.ReLU(),
                                   nn.Linear(b, c, rng=1))
        self.optimizer = opt = optimizer(self.model.parameters(), lr=.01)
        model = self.model

        def step(x, labels, divisor, factor, k):
            opt.zero_grad()
            loss = nn.cross_entropy(model(x), labels)
            (loss*factor).backward()
            early = loss.detach()/divisor
            opt.step()
            return loss.detach()/divisor + TABLE[k] if late else early

        self.step = wrap(step)

    def run(self, between, calls=10):
        found = []
        for i in range(calls):
            rng = np.random.default_rng(i)
            given = {"divisor": 1., "factor": 1., "k": 0, **(between(self, i) or {})}
            x = rng.standard_normal((5, self.sizes[0])).astype(np.float32)
            labels = rng.integers(0, self.sizes[-1], 5)
            try:
                found.append(self.step(x, labels, np.float32(given["divisor"]),
                                       np.float32(given["factor"]),
                                       np.array([given["k"]])).numpy().tobytes())
            except (FloatingPointError, RuntimeError, IndexError) as error:
                found.append((type(error), str(error)))
            found.append([p.numpy().tobytes() for p in self.model.parameters()])
            state = self.optimizer.state_dict()["state"]
            found.append([x.tobytes() if isinstance(x, np.ndarray) else x
                          for record in state.values() for x in record.values()])
        return found


def set_state(training, value):
    saved = copy.deepcopy(training.optimizer.state_dict())
    for record in saved["state"].values():
        record["m"][...] = value
    training.optimizer.load_state_dict(saved)


CASES = {
    "an index out of range": lambda training, i: {"k": 7 if i in (5, 8) else 1},
    "nothing": lambda training, i: None,
    "a division by 0": lambda training, i: {"divisor": 0 if i in (5, 8) else 1},
    "large gradients": lambda training, i: {"factor": 1e12 if i in (4, 6) else 1},
    "too large gradients": lambda training, i: {"factor": 1e38 if i in (4, 6) else 1},
    "gradients without value": lambda training, i: {"factor": np.nan if i == 5 else 1},
    "a large state was loaded": lambda training, i: set_state(training, 1e30)
    if i == 5 else None,
    "a large parameter": lambda training, i: training.model.parameters()[1].data.fill(1e20)
    if i == 5 else None,
    "an eager step between": lambda training, i: training.optimizer.step()
    if i in (4, 5) else None,
    "a rate that is not bounded": lambda training, i: training.optimizer.param_groups[
        0].__setitem__("lr", 1e25 if i == 5 else .01),
}


@pytest.mark.filterwarnings("ignore:divide by zero|overflow|invalid")
@each("late", [False, True])
@each("sizes", SIZES)
@each("optimizer", [optim.Adam, optim.RMSprop, optim.GradientDescent])
@each("case", CASES)
def test_a_step_in_place_gives_up_before_it_has_written(case, optimizer, sizes, late):
    if "state" in case and optimizer is not optim.Adam:
        optimizer = optim.Momentum
    eager = Training(sizes, lambda f: f, optimizer, late).run(CASES[case])
    training = Training(sizes, mg.compile, optimizer, late)
    assert training.run(CASES[case]) == eager
    assert training.step.made >= 1
    assert training.step.given_up or case[:9] not in ("a divisio", "too large", "gradients")


def test_the_step_writes_in_place_and_a_bound_stands_before_it():
    training = Training(SIZES[1], mg.compile)
    training.run(CASES["nothing"])
    late = Training(SIZES[1], mg.compile, late=True)
    late.run(CASES["nothing"])
    assert "parameters[...] =" in late.step.source      # a division comes after it
    source = training.step.source
    assert "parameters[...] =" not in source and "m[...] =" not in source
    lines = [line.strip() for line in source.splitlines()]
    writes = min(i for i, x in enumerate(lines) if x.endswith((", m_k)", ", v_k)")))
    assert max(i for i, x in enumerate(lines) if "return problems.clear()" in x) < writes


def test_bounds_are_not_taken_from_a_step_that_did_not_ask_for_them():
    """A recording steps without looking at bounds: the next step measures the states."""
    training = Training(SIZES[0], mg.compile)
    training.run(CASES["nothing"])
    opt = training.optimizer
    part, choice = opt._parts[0], opt._groups[0].choice
    bounds = lasting_bounds(part, choice)
    part.states["m"][0] = 1e30
    with pytest.raises(Unbounded):
        bounds.check(choice)                            # it was never looked at
    part.states["m"][0] = 1.
    part.kernel = None
    bounds.check(choice)
    part.states["m"][0] = 1e30                          # as a step by others may
    part.t += 2
    with pytest.raises(Unbounded):
        bounds.check(choice)
    part.states["m"][0] = 1.
    bounds.check(choice)
    training.optimizer.step()                           # likewise, with one step's t
    part.states["m"][0] = 1e30
    with pytest.raises(Unbounded):
        bounds.check(choice)


def test_a_schedule_is_proved_a_few_times(monkeypatch):
    proofs = []
    lows = LastingBounds.lows
    monkeypatch.setattr(LastingBounds, "lows",
                        lambda *given: proofs.append(1) or lows(*given))
    bounds = bounds_of("adamw")
    choice = bounds.choice
    for i in range(1, 100):
        settings = choice.settings | {"lr": .001*i, "weight_decay": .1/i,
                                      "beta1": .9 + 1e-4*i}
        bounds.check(choice._replace(settings=settings))
        assert sum(stray(bounds, np.float32, t) for t in (1, 10**6)) == 0
    assert len(proofs) < 8 and bounds.ranges["lr"][0] == 0 < bounds.ranges["lr"][1]


def test_most_rules_of_use_have_lasting_bounds():
    def is_bounded(name):
        try:
            return bool(bounds_of(name))
        except (Unbounded, AttributeError):
            return False

    assert {name for name in rules.RULES if is_bounded(name)} == {*BOUNDED}
