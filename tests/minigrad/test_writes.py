"""Writes go through one door, and what goes through it is seen at backward()."""
import ast
import gc
from pathlib import Path

import numpy as np
import pytest

import minigrad as mg
import optim
from minigrad import writes


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
    for each in (model, twin):
        opt = optim.SGD(each.parameters(), lr=0.1)
        for _ in range(3):
            if each is model:
                each.weight.data, each.bias.data
            opt.zero_grad()
            mg.nn.mse_loss(each(x), y).backward()
            opt.step()
    assert np.array_equal(model.weight.numpy(), twin.weight.numpy())


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
        assert count == {"writes.py": 3, "values.py": 1}.get(path.name, 0), path.name
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
