"""Writes go through one door, and what goes through it is seen at backward()."""
import ast
import gc
from pathlib import Path

import numpy as np
import pytest

import minigrad as mg
import optim
from minigrad import writes

from ..cases import each


def leaf(values):
    return mg.tensor(values, requires_grad=True)


@pytest.mark.parametrize("write", [
    lambda x: writes.write(x, 100),
    lambda x: writes.write(x, 100, index=0),
    lambda x: (writes.array_of(x).fill(100), writes.note_write(x)),
    lambda x: writes.move(x, np.array([100., 200.]), owner=None)])
def test_each_way_to_write_is_seen_by_a_graph_that_used_the_value(write):
    x = leaf([1., 2.])
    y = np.sum(x*x)
    write(x)
    with pytest.raises(RuntimeError, match="after it was used"):
        y.backward()
    assert x.grad is None
    np.sum(x*x).backward()                          # the next graph uses what was written
    assert x.grad.tolist() == (2*x.numpy()).tolist()


def test_reading_data_does_not_disturb_training():
    """A view of memory that was handed out, and written by a step, is no reason to stop."""
    model = mg.nn.Linear(2, 1, rng=0)
    twin = mg.nn.Linear(2, 1, rng=0)
    x, y = np.ones((3, 2), np.float32), np.zeros((3, 1), np.float32)
    for network in (model, twin):
        opt = optim.SGD(network.parameters(), lr=0.1)
        for _ in range(3):
            if network is model:
                network.weight.data, network.bias.data
            opt.zero_grad()
            mg.nn.mse_loss(network(x), y).backward()
            opt.step()
    assert np.array_equal(model.weight.numpy(), twin.weight.numpy())


RULES = [optim.GradientDescent, optim.Momentum, optim.NAG, optim.Adagrad, optim.RMSprop,
         optim.Adadelta, optim.Adam, optim.AdaMax, optim.Nadam, optim.AdamW, optim.AMSGrad]
ONES = np.ones((2, 3))
MOMENTS = ["before", "forward", "backward", "step"]     # when .data is read: after what


@each("rule", RULES)
@each("moment", MOMENTS)
def test_reading_data_at_any_moment_changes_no_step_of_any_optimizer(rule, moment):
    """Its mean printed, its histogram, np.save: a network trains on as if unread."""
    x, y = np.ones((3, 4)), np.linspace(0., 1., 6).reshape(3, 2)
    trained = []
    for reads in (False, True):
        first, last = mg.nn.Linear(4, 3, rng=0, dtype=float), mg.nn.Linear(
            3, 2, rng=1, dtype=float)
        params = [*first.parameters(), *last.parameters()]

        def read(now):
            if reads and now == moment:
                for p in params:
                    p.data.mean(), np.histogram(p.detach().data), p[..., 0].data.tobytes()
        read("before")
        optimizer = rule(params)
        for _ in range(4):
            read("before")
            loss = mg.nn.mse_loss(last(np.tanh(first(x))) @ last.weight, y @ ONES)
            read("forward")
            optimizer.zero_grad()
            loss.backward()
            read("backward")
            optimizer.step()
            read("step")
        trained.append([p.numpy() for p in params])
    for unread, was_read in zip(*trained):
        assert np.array_equal(unread, was_read)


def replace(x):
    x.data = x.data + 1.


@each("lend", [
    lambda x: x.data, lambda x: x.detach().data, lambda x: x[...].data,
    lambda x: x.T.data.T, lambda x: x[:1].data.base, lambda x: (x[:1].data, x.data)[1],
    lambda x: (x.detach()[1].data, x.detach().data)[1]])
@each("sanctioned", [
    lambda x: None, lambda x: writes.write(x, np.ones((2, 2))),
    lambda x: x.__setitem__(0, 3.), lambda x: x.__isub__(1.), lambda x: x.T.__imul__(2.),
    replace, lambda x: np.copyto(x, 4.)])
def test_a_write_through_what_was_lent_is_caught_before_and_after_sanctioned_writes(
        lend, sanctioned):
    x = leaf([[1., 2.], [3., 4.]])

    def write():
        with mg.no_grad():
            sanctioned(x)

    # Used, lent, written: caught.
    write()
    loss = np.sum(x*x)
    used = x.numpy()
    lend(x)[0, 1] = 50.
    if sanctioned is replace:           # what was given counts as lent: each use is a copy
        loss.backward()
        assert np.array_equal(x.grad, 2*used)
        x.grad = None
    else:
        with pytest.raises(RuntimeError, match="handed out by .data and written since"):
            loss.backward()
        assert x.grad is None
    # Lent, used, written: the gradient is that of the values that were used.
    array = lend(x)
    used = x.numpy()
    loss = np.sum(x*x)
    array[0, 1] = 70.
    loss.backward()
    assert np.array_equal(x.grad, 2*used) and x.numpy()[0, 1] == 70
    # Lent, written by the rules, used, read: nothing to object to.
    lend(x)
    write()
    for _ in range(2):
        x.grad = None
        loss = np.sum(x*x)
        lend(x).mean()
        loss.backward()
        assert np.array_equal(x.grad, 2*x.numpy())


def test_tied_parameters_and_views_in_an_arena_are_lent_alike():
    shared = leaf(np.ones((2, 2)))
    other = leaf(np.ones(2))
    optimizer = optim.SGD([shared, other, shared], lr=0.1)
    for _ in range(3):
        optimizer.zero_grad()
        loss = np.sum((shared @ (shared @ other))**2)
        shared.data.mean(), shared.detach().T.data.mean(), other.data.mean()
        loss.backward()
        optimizer.step()
    used = shared.numpy()
    loss = np.sum(shared*shared)
    shared.grad = None
    shared.detach().T.data[0, 1] = 9.           # all was lent before, so a copy was used
    loss.backward()
    assert np.array_equal(shared.grad, 2*used) and shared.numpy()[1, 0] == 9


@pytest.mark.parametrize("was_read", [False, True])
def test_a_view_stays_a_view_whether_data_was_read_or_not(was_read):
    x = leaf([[1., 2.], [3., 4.]])
    if was_read:
        x.data.mean()
    row, turned = x[0], x.T
    with mg.no_grad():
        row += 10.
        turned *= 2.
    x[1].data[...] = 0.
    assert x.tolist() == [[22, 24], [0, 0]]


def test_what_only_moves_entries_needs_none_of_them_on_the_way_back():
    x = leaf([[1., 2.], [3., 4.]])
    loss = np.sum(np.concatenate([x.T[0], x.reshape(4)])[1:])
    with mg.no_grad():
        x *= 2.
    loss.backward()
    assert x.grad.tolist() == [[1, 1], [2, 1]]


def test_older_views_keep_what_they_show_when_data_is_replaced():
    x, w = leaf([1., 2.]), leaf([3., 4.])
    view = x.detach()
    loss = np.sum(view*w)
    x.data = np.array([5., 6.])
    loss.backward()
    assert w.grad.tolist() == [1, 2] and view.tolist() == [1, 2] and x.tolist() == [5, 6]


def test_what_squeeze_returns_is_a_view_also_where_it_squeezes_nothing():
    x = leaf([1., 2.])
    y = np.squeeze(x)
    loss = np.sum(y*y)
    with mg.no_grad():
        x[0] = 9.
    with pytest.raises(RuntimeError, match="after it was used"):
        loss.backward()


def test_a_view_of_memory_that_was_handed_out_keeps_the_values_it_was_made_of():
    x = leaf([[1., 2.]])
    array = x.data
    y = x.T
    z = np.sum(y*y)
    array[...] = 9
    z.backward()
    assert x.grad.tolist() == [[2, 4]]


def test_an_array_given_as_data_counts_as_handed_out():
    x, array = leaf([1., 2.]), np.array([3., 4.])
    x.data = array
    y = np.sum(x*x)
    array[0] = 100                                  # its giver still holds it
    y.backward()
    assert x.grad.tolist() == [6, 8]


def test_who_moved_a_tensor_is_known_while_he_lives():
    class Owner:
        pass
    x, owner = leaf([1., 2.]), Owner()
    assert writes.owner_of(x) is None
    home = np.array([1., 2.])
    writes.move(x, home, owner)
    assert writes.owner_of(x) is owner and writes.array_of(x) is home
    del owner
    gc.collect()
    assert writes.owner_of(x) is None


INSIDE = {"_data", "_node", "_memory", "_grad"}     # what only the engine may touch


def touched(source):
    """The engine's own attributes that a source reads or writes."""
    return {node.attr for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.Attribute) and node.attr in INSIDE}


def test_optim_goes_through_the_door():
    for path in Path(optim.__file__).parent.rglob("*.py"):
        assert not touched(path.read_text(encoding="utf-8")), path.name
    assert touched("tensor._data[...] = 0") == {"_data"}


def test_only_the_door_puts_values_into_a_tensor():
    """Elsewhere in minigrad _data is set when a Tensor is made, and never written."""
    def written(source):
        return [node for node in ast.walk(ast.parse(source))
                if isinstance(node, (ast.Assign, ast.AugAssign))
                for target in getattr(node, "targets", None) or [node.target]
                for part in ast.walk(target)
                if isinstance(part, ast.Attribute) and part.attr == "_data"]
    for path in Path(mg.__file__).parent.rglob("*.py"):
        count = len(written(path.read_text(encoding="utf-8")))
        assert count == {"writes.py": 4, "values.py": 1}.get(path.name, 0), path.name
    assert written("x._data[i] = 1") and written("x._data += 1")


def test_augmented_assignment_changes_a_leaf_in_place_or_raises():
    p = mg.tensor([1., 2.], requires_grad=True)
    params = [p]
    for _ in range(3):
        p.grad = None
        np.sum(p*p).backward()
        with mg.no_grad():
            for q in params:
                q -= 0.1*q.grad
    assert q is p and np.allclose(p.numpy(), np.array([1., 2.])*0.8**3)
    with pytest.raises(RuntimeError, match="no_grad"):
        p *= 2
    loss = np.sum(p*p)
    with mg.no_grad():
        p += 1
    with pytest.raises(RuntimeError, match="multiply"):
        loss.backward()
    total = mg.tensor(0.)
    total += np.sum(p)                              # a new tensor, whose gradient flows
    total += np.sum(p)
    p.grad = None
    total.backward()
    assert p.grad.tolist() == [2., 2.]
    counts = mg.tensor([1, 2])
    with pytest.raises(TypeError):                  # as NumPy's own: no cast to int
        counts += 0.5
    same = counts
    same += 1
    assert counts.numpy().tolist() == [2, 3]
