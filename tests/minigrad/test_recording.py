"""What is recorded in which thread, task and block; and nothing outlives its use."""
import asyncio
import contextlib
import gc
import sys
import threading

import numpy as np
import pytest

import minigrad as mg
import optim

pytestmark = pytest.mark.usefixtures("nothing_older_is_looked_at")
W = mg.tensor(1., requires_grad=True)


def recorded():
    return (W*1.).requires_grad


# --- threads ------------------------------------------------------------------------------
@pytest.fixture
def hasty():
    """Threads that interrupt one another as often as can be."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def in_threads(count, work):
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_gradients_of_several_threads_add_up(hasty):
    """github.com/pytorch/pytorch/issues/67887"""
    w, v = mg.tensor(1., requires_grad=True), mg.tensor([1., 2.], requires_grad=True)

    def work():
        for _ in range(200):
            np.sum(w*1. + v).backward()
    in_threads(4, work)
    assert w.grad == 1600 and v.grad.tolist() == [800, 800]


def test_of_threads_that_share_a_graph_those_that_come_late_are_told_so(hasty):
    w, said = mg.tensor(1., requires_grad=True), []

    def work():
        try:
            np.sum(trunk*2.).backward()
        except RuntimeError as error:
            said.append(str(error))
    for _ in range(50):
        trunk = w*1.
        for _ in range(20):
            trunk = trunk*1.
        in_threads(3, work)
    assert w.grad == 2*(150 - len(said))
    assert all("used up" in text for text in said)


def test_no_grad_is_of_one_thread():
    seen = []
    with mg.no_grad():
        in_threads(1, lambda: seen.append(recorded()))
        seen.append(recorded())
    assert seen == [True, False]


# --- blocks -------------------------------------------------------------------------------
def test_no_grad_is_of_one_asyncio_task():
    async def evaluate():
        with mg.no_grad():
            await asyncio.sleep(0.02)
            return recorded()

    async def train():
        await asyncio.sleep(0.01)               # meanwhile the other waits in its block
        return recorded()

    async def main():
        return await asyncio.gather(evaluate(), train())
    assert asyncio.run(main()) == [False, True]


def predictions():
    with mg.no_grad():
        yield 1


def test_a_generator_leaves_its_caller_in_its_block_until_it_goes_on():
    waiting = predictions()
    next(waiting)
    assert not recorded()
    waiting.close()
    assert recorded()


def test_blocks_may_end_in_any_order():
    with mg.no_grad():
        waiting = predictions()
        next(waiting)
    waiting.close()                             # begun within a block that ended before
    assert recorded()
    first, second = predictions(), predictions()
    next(first), next(second)
    first.close()
    assert not recorded()
    second.close()
    assert recorded()


def test_a_block_may_be_entered_twice():
    block = mg.no_grad()
    with block:
        with block:
            pass
        assert not recorded()
    assert recorded()


def test_no_grad_decorates_a_function_with_or_without_brackets():
    @mg.no_grad()
    def count_down(n):
        """Doc."""
        return recorded() or (n > 0 and count_down(n - 1))

    @mg.no_grad
    def plainly():
        return recorded()
    assert not count_down(2) and not plainly() and recorded()
    assert count_down.__name__ == "count_down" and count_down.__doc__ == "Doc."

    @contextlib.contextmanager
    def evaluating():
        with mg.no_grad():
            yield
    with evaluating():
        assert not recorded()
    assert recorded()


def test_a_function_whose_body_runs_later_is_not_decorated():
    async def task():
        pass

    async def stream():
        yield 1
    for function in (predictions, task, stream):
        with pytest.raises(TypeError, match=f"{function.__name__}.*inside it"):
            mg.no_grad()(function)


# --- what stays alive ---------------------------------------------------------------------
RNG = np.random.default_rng(0)
HIDDEN, BIAS, OUT = [mg.tensor(RNG.standard_normal(shape), requires_grad=True)
                     for shape in ((1, 4), 4, 4)]
X = np.linspace(0., 1., 3)


def network(x):
    return np.tanh(x[:, None] @ HIDDEN + BIAS) @ OUT


def total(x):
    return np.sum(network(x))


def slope(x):
    return mg.grad(total)(x)


def pullback_of_ones(f):
    return mg.vjp(f, X)[1](np.ones(3))[0]


# The derivatives by the input that a loss over the weights may hold.
RESIDUALS = {
    "slope": lambda: slope(X),
    "slope of slope": lambda: mg.grad(lambda x: np.sum(slope(x)))(X),
    "hvp": lambda: mg.hvp(total, X, np.ones(3)),
    "jacobian": lambda: mg.jacobian(network)(X),
    "hessian": lambda: mg.hessian(total)(X),
    "jvp": lambda: mg.jvp(network, (X,), (np.ones(3),))[1],
    "vjp": lambda: pullback_of_ones(network),
    "joined": lambda: np.concatenate([slope(X), np.stack([slope(X), slope(X)])[0]]),
}


def alive():
    """How many Tensors there are, and how many objects that could hold some."""
    objects = gc.get_objects()
    return sum(type(x) is mg.Tensor for x in objects), len(objects)


def kept(step, steps=60):
    """What is alive after a third of the steps and after all, without the collector."""
    gc.collect()
    gc.disable()
    try:
        counts = []
        for i in range(steps):
            step()
            if i in (steps//3, steps - 1):
                counts.append(alive())
        return counts
    finally:
        gc.enable()


@pytest.mark.parametrize("residual", RESIDUALS)
def test_steps_on_a_loss_with_derivatives_by_the_input_keep_nothing(residual):
    optimizer = optim.Adam([HIDDEN, BIAS, OUT], lr=1e-3)

    def step():
        optimizer.zero_grad()
        np.mean((RESIDUALS[residual]() + np.sum(network(X)))**2).backward()
        optimizer.step()
    (early, objects), (late, more) = kept(step)
    assert early == late and abs(more - objects) < 20


def test_steps_whose_gradient_is_a_function_s_keep_nothing():
    weights = [w.numpy() for w in (HIDDEN, BIAS, OUT)]

    def loss(w):
        def f(x):
            return np.sum(np.tanh(x[:, None] @ w[0] + w[1]) @ w[2])
        return np.mean(mg.grad(f)(X)**2)

    def step():
        for w, g in zip(weights, mg.grad(loss)(weights)):
            w -= 1e-3*(g.numpy() if type(g) is mg.Tensor else g)
    (early, objects), (late, more) = kept(step, 200)
    assert early == late and abs(more - objects) < 20


def test_derivatives_that_are_thrown_away_keep_nothing_nor_do_errors():
    def step():
        for residual in RESIDUALS.values():
            residual()
        with pytest.raises(ValueError):
            mg.grad(lambda x: x @ np.ones((7, 7)))(X)
    (early, objects), (late, more) = kept(step, 30)
    assert early == late and abs(more - objects) < 20


def test_the_count_would_notice_what_is_kept():
    hoard = []
    (early, _), (late, _) = kept(lambda: hoard.append(network(X)))
    assert late > early


def test_reading_data_in_a_loop_keeps_nothing():
    def step():
        HIDDEN.data.mean(), HIDDEN.detach().data.std(), HIDDEN[0].data.max()
        np.sum(network(X)).backward()
        HIDDEN.grad = None
    (early, objects), (late, more) = kept(step)
    assert early == late and abs(more - objects) < 20
