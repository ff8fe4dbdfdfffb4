"""Compiled training steps with every optimizer: the bits of the eager ones, states and all.
"""
import copy
import warnings

import numpy as np
import pytest

import minigrad as mg
import optim
from minigrad import nn
from optim.optimizers import history as minimizing
from optim.training import train

from ..cases import each

RNG = np.random.default_rng(0)
DATA = [(RNG.standard_normal((5, 3)).astype(np.float32), RNG.integers(0, 2, 5))
        for _ in range(8)]


def dialects():
    """{name: an optimizer of another library's, made of parameters}."""
    found = {}
    for dialect in (optim.dialects.torch, optim.dialects.keras, optim.dialects.optax):
        for name, make in vars(dialect).items():
            for arguments in {"learning_rate": .01}, {"lr": .01}, {}:
                try:
                    with warnings.catch_warnings():
                        warnings.simplefilter("ignore")
                        made = make([mg.tensor([1.], requires_grad=True)], **arguments)
                except (TypeError, AttributeError, ValueError):
                    continue
                if isinstance(made, optim.Optimizer):
                    found[f"{dialect.__name__.rpartition('.')[2]}.{name}"] = make, arguments
                    break
    return found


FOUND = dialects()
SEARCHES = "pytorch.LBFGS", "optax_aliases.lbfgs"           # which call a closure again
DIALECTS = {name: made for name, made in FOUND.items() if name not in SEARCHES}


def bits(x):
    if isinstance(x, dict):
        return [(key, bits(part)) for key, part in x.items()]
    if isinstance(x, (tuple, list)):
        return [bits(part) for part in x]
    if isinstance(x, mg.Tensor):
        x = x.numpy()
    return x if x is None else (np.asarray(x).dtype, np.asarray(x).tobytes())


class Setup:
    """A network, its optimizer and a step, the same ones every time."""

    def __init__(self, optimizer=lambda p: optim.Adam(p, lr=.01), zero_last=False,
                 dtype=np.float32):
        self.model = model = nn.Sequential(nn.Linear(3, 4, rng=0, dtype=dtype), nn.ReLU(),
                                           nn.Linear(4, 2, rng=9, dtype=dtype))
        self.optimizer = moved = optimizer(model.parameters())

        def step(x, labels):
            if not zero_last:
                moved.zero_grad()
            loss = nn.cross_entropy(model(x), labels)
            loss.backward()
            moved.step()
            if zero_last:
                moved.zero_grad()
            return loss
        self.step = step

    def state(self):
        try:
            saved = self.optimizer.state_dict()
        except ValueError as error:                     # of a rate that is not allowed
            return str(error), bits(self.model.state_dict())
        return bits([self.model.state_dict(), [p.grad for p in self.model.parameters()],
                     [*saved["state"].values()], saved["t"]])


def history(wrap, make, between, calls):
    """What every call gives, and leaves behind."""
    setup, found = make(), []
    step = wrap(setup.step)
    for i in range(calls):
        between(setup, i)
        x, labels = DATA[i % 8]
        try:
            found.append(bits(step(x.astype(setup.model.parameters()[0].dtype), labels)))
        except Exception as error:
            found.append((type(error), str(error)))
        found.append(setup.state())
    return found, step


def agree(make=Setup, between=lambda setup, i: None, calls=12):
    eager, _ = history(lambda f: f, make, between, calls)
    mine, compiled = history(mg.compile, make, between, calls)
    assert mine == eager
    assert compiled.plans
    return compiled


@each("zero_last", [False, True])
@each("rule", optim.rules.RULES.values(), ids=optim.rules.RULES)
def test_every_rule(rule, zero_last):
    agree(lambda: Setup(lambda p: optim.Optimizer(p, rule), zero_last), calls=6)


def shifted(theta, g, m, a, b, *, t, lr=0.1):
    return theta - lr*b + lr*(theta - m), theta, g, a


def turned(theta, g, m, a, b, *, t, lr=0.1):
    return theta - lr*(g + b), a[:], b, m + g


def viewed(theta, g, m, a, b, *, t, lr=0.1):
    return theta - lr*(g + m), theta, m, np.reshape(g, theta.shape)


def views(theta, g, m, a, b, *, t, lr=0.1):
    return (theta - lr*(g + m), np.reshape(theta, theta.shape), theta[:].T, a.ravel())


def turned_views(theta, g, m, a, b, *, t, lr=0.1):
    return (np.ravel(theta - lr*(g + m)), b[::-1], np.broadcast_to(theta, theta.shape),
            np.reshape(theta, -1).copy()[::-1])


@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize("rule", [shifted, turned, viewed, views, turned_views])
def test_states_that_become_theta_or_another_state(rule, fast):
    """All are as before the step: none is written before another one was taken from it."""
    agree(lambda: Setup(lambda p: optim.Optimizer(p, rule, {"lr": .01}, fast=fast)))
    path = optim.minimize(lambda x: np.sum(x**2), np.ones(1), rule, 12, lr=.01).theta[-1]
    x = mg.tensor([1.], requires_grad=True, dtype=float)
    moved = optim.Optimizer([x], rule, {"lr": .01}, fast=fast)
    for _ in range(12):
        moved.zero_grad()
        np.sum(x**2).backward()
        moved.step()
    np.testing.assert_allclose(x.numpy(), path, rtol=1e-14)


@pytest.mark.filterwarnings("ignore:optax")
@each("name", DIALECTS)
def test_every_optimizer_of_the_dialects(name):
    make, arguments = DIALECTS[name]
    agree(lambda: Setup(lambda p: make(p, **arguments)), calls=6)


@pytest.mark.parametrize("name", SEARCHES)
def test_searches_that_look_at_values_are_refused(name):
    make, arguments = FOUND[name]
    setup = Setup(lambda p: make(p, **arguments))

    def step(x, labels):
        def closure():
            setup.optimizer.zero_grad()
            loss = nn.cross_entropy(setup.model(x), labels)
            loss.backward()
            return loss
        return setup.optimizer.step(closure)
    before = bits(setup.model.state_dict())
    with pytest.raises(mg.compiler.CannotFollow, match="cannot depend on values"):
        mg.compile(step)(*DATA[0])
    assert bits(setup.model.state_dict()) == before


def test_the_dialects_are_there():
    assert len(DIALECTS) > 40


@pytest.mark.parametrize("dtype", [np.float16, np.float64])
def test_every_dtype(dtype):
    agree(lambda: Setup(lambda p: optim.Adam(p, lr=.1, eps=1e-3), dtype=dtype))


def test_groups_and_large_steps():
    agree(lambda: Setup(lambda p: optim.AdamW([{"params": p[:2], "lr": .1},
                                               {"params": p[2:]}])))
    agree(lambda: Setup(lambda p: optim.Adam(p, lr=1., check_finite=False)))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("optimizer", [
    lambda p: optim.Adam(p, lr=.01), lambda p: optim.NAdam(p, lr=.01),
    lambda p: optim.Momentum(p, lr=1e30), lambda p: optim.AMSGrad(p, check_finite=False)])
def test_large_networks_are_worked_in_blocks(optimizer, dtype):
    data = [(RNG.standard_normal((16, 200)).astype(dtype), RNG.integers(0, 10, 16))
            for _ in range(6)]
    data[4] = data[4][0]*np.nan, data[4][1]

    def run(wrap):
        model = nn.Sequential(nn.Linear(200, 300, rng=0, dtype=dtype), nn.Tanh(),
                              nn.Linear(300, 10, rng=1, dtype=dtype))
        moved, found = optimizer(model.parameters()), []

        def step(x, labels):
            moved.zero_grad()
            loss = nn.cross_entropy(model(x), labels)
            loss.backward()
            moved.step()
            return loss
        step = wrap(step)
        for pair in data:
            try:
                found.append(bits(step(*pair)))
            except (FloatingPointError, RuntimeWarning) as error:
                found.append(str(error))
            found.append(bits([model.state_dict(), [p.grad for p in model.parameters()],
                               [*moved.state_dict()["state"].values()]]))
        return found, step
    eager, _ = run(lambda f: f)
    mine, compiled = run(mg.compile)
    assert mine == eager
    assert "in blocks" in compiled.source


def at(moment, action):
    """Do something to the setup before one call."""
    return lambda setup, i: action(setup) if i == moment else None


def rate(value):
    return lambda setup: setup.optimizer.param_groups[0].update(lr=value)


def replaced(setup):
    p = setup.model.parameters()[0]
    p.data = p.numpy()*2


def written(setup):
    p = setup.model.parameters()[0]
    p.data[...] = p.numpy()*2


def frozen(setup):
    setup.model.parameters()[0].requires_grad = False


def taken_over(setup):
    setup.other = optim.Momentum(setup.model.parameters(), lr=.1)


def eager_step(setup):
    setup.step(*DATA[0])


def grown(setup):
    setup.optimizer.add_param_group({"params": [mg.tensor(np.ones(2), requires_grad=True)]})


@pytest.mark.parametrize("action", [
    rate(.3), rate(0.), rate(-1.), replaced, written, frozen, taken_over, eager_step, grown,
    lambda s: s.optimizer.param_groups[0].update(beta1=.5)])
def test_what_happens_between_two_steps(action):
    agree(between=at(5, action), calls=14)


def test_a_schedule_and_gradients_that_are_left():
    agree(between=lambda setup, i: rate(.1/(i + 1))(setup))


def test_saved_states_are_loaded_between_steps():
    def between(setup, i):
        if i == 4:
            setup.saved = setup.optimizer.state_dict(), setup.model.state_dict()
        if i == 8:
            setup.optimizer.load_state_dict(setup.saved[0])
            setup.model.load_state_dict(setup.saved[1])
    agree(between=between, calls=16)


def test_gradients_that_are_not_finite_change_nothing():
    def make():
        setup = Setup()
        step = setup.step
        setup.step = lambda x, labels: step(x, labels)
        return setup

    def between(setup, i):
        if i == 5:
            with mg.no_grad():
                setup.model.parameters()[0][0, 0] = np.nan
    agree(make, between, calls=8)


def test_two_optimizers_and_two_steps_of_one():
    class Two(Setup):
        def __init__(self):
            super().__init__()
            other = Setup(lambda p: optim.RMSprop(p))
            mine, theirs, step = self.model, other.model, self.step
            moved = self.optimizer
            self.others = other

            def both(x, labels):
                first = step(x, labels)
                second = other.step(x, labels)
                moved.zero_grad()
                third = nn.cross_entropy(mine(x) + theirs(x), labels)
                third.backward()
                moved.step()
                return first, {"second": second, "third": third}
            self.step = both

        def state(self):
            return [super().state(), self.others.state()]
    agree(Two)


def test_models_and_optimizers_as_arguments():
    def run(wrap):
        setups = Setup(), Setup(lambda p: optim.Momentum(p, lr=.1))

        def step(model, optimizer, x, labels):
            optimizer.zero_grad()
            loss = nn.cross_entropy(model(x), labels)
            loss.backward()
            optimizer.step()
            return loss
        step, found = wrap(step), []
        for i in range(20):
            setup = setups[i % 2]
            found.append(bits(step(setup.model, setup.optimizer, *DATA[i % 8])))
        return found, [setup.state() for setup in setups]
    assert run(mg.compile) == run(lambda f: f)


def test_a_copied_model_is_another_one():
    setup = Setup()
    compiled = mg.compile(setup.step)
    for pair in DATA:
        compiled(*pair)
    other = copy.deepcopy(setup.model)
    before = bits(other.state_dict())
    compiled(*DATA[0])
    assert bits(other.state_dict()) == before != bits(setup.model.state_dict())


def test_only_the_step_of_an_optimizer():
    def run(wrap):
        setup = Setup()
        step = wrap(setup.optimizer.step)
        for x, labels in DATA:
            setup.optimizer.zero_grad()
            nn.cross_entropy(setup.model(x), labels).backward()
            step()
        return setup.state()
    assert run(mg.compile) == run(lambda f: f)


# --- loops of our own ---------------------------------------------------------------------
@pytest.mark.parametrize("name", ["rosenbrock", "himmelblau", "saddle", "noisy_quadratic"])
def test_minimize_goes_the_same_way_compiled(name, monkeypatch):
    landscape, paths = optim.landscapes.LANDSCAPES[name], []
    for long in (0, 10**9):
        monkeypatch.setattr(minimizing, "LONG", long)
        paths.append(optim.minimize(landscape, landscape.start, "adam", steps=40))
    for column in paths[0].columns:
        assert bits(paths[0].columns[column]) == bits(paths[1].columns[column])


def test_minimize_takes_functions_that_cannot_be_recorded(monkeypatch):
    monkeypatch.setattr(minimizing, "LONG", 0)
    calls = []

    def counted(x):
        calls.append(1)
        return np.sum(x**2) if len(calls) % 2 else np.sum(2*x**2)
    path = optim.minimize(counted, [1., 2.], "gradient_descent", steps=20)
    assert len(calls) == 21 and path.value[1] == 2*np.sum(path.theta[1]**2)


@pytest.mark.parametrize("rule", ["adam", "nadam", "gradient_descent"])
def test_a_training_has_the_same_bits_compiled(rule):
    x, y = mg.data.blobs(60, rng=0)
    runs = [train((x, y), rule, lr=.05, epochs=6, compiled=on) for on in (True, False)]
    assert bits(runs[0].loss) == bits(runs[1].loss)
    assert bits(runs[0].model.state_dict()) == bits(runs[1].model.state_dict())


def test_a_training_that_diverges_says_so_compiled():
    x, y = mg.data.blobs(60, rng=0)
    messages = []
    for on in (True, False):
        with pytest.raises(FloatingPointError) as caught, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            train((x*1e10, y), "gradient_descent", lr=1e30, epochs=5, compiled=on)
        messages.append(str(caught.value))
    assert messages[0] == messages[1]
