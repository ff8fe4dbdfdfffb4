"""x += y on a tensor means what it means on a NumPy array, or it raises."""
import operator

import numpy as np
import pytest

import minigrad as mg

from ..cases import each

OPERATORS = [operator.iadd, operator.isub, operator.imul, operator.itruediv,
             operator.ifloordiv, operator.imod, operator.ipow, operator.imatmul]
TARGETS = {                                     # values, and what of them is written to
    "vector": ([1., 2., 3.], lambda a: a),
    "backwards": ([1., 2., 3.], lambda a: a[::-1]),
    "square": ([[1., 2.], [3., 4.]], lambda a: a),
    "row": ([[1., 2.], [3., 4.]], lambda a: a[0]),
    "transposed": ([[1., 2.], [3., 4.]], lambda a: a.T),
    "number": (5., lambda a: a),
    "nothing": (np.zeros((0, 2)), lambda a: a)}
OTHERS = [2., 2, [1., 2., 3.], np.array([[1., 2.], [3., 5.]]), np.ones((2, 3)),
          np.array([3., 4.], np.float32), np.float64(3), np.array(2.), 1j, np.ones(4)]


def leaf(values, dtype=None):
    return mg.tensor(values, requires_grad=True, dtype=dtype)


def numpys(operate, array, part, other):
    """What NumPy makes of an array: itself, changed, or the kind of its error."""
    try:
        operate(part, other)
    except (TypeError, ValueError) as error:
        return TypeError if isinstance(error, TypeError) else ValueError
    return array


@each("dtype", [np.float64, np.float32, np.int64])
@each("target", TARGETS)
@each("operate", OPERATORS, ids=lambda f: f.__name__)
def test_where_nothing_is_recorded_it_is_numpys(operate, target, dtype):
    values, view = TARGETS[target]
    for other in OTHERS:
        array = np.array(values, dtype)
        expected = numpys(operate, array, view(array), other)
        for wanting in (False, True) if dtype is not np.int64 else (False,):
            x = mg.tensor(np.array(values, dtype), wanting)
            with mg.no_grad():
                part = view(x)
                if expected is array:
                    assert operate(part, other) is part and x.dtype == dtype
                    assert np.array_equal(x.numpy(), array)
                else:
                    with pytest.raises(expected):
                        operate(part, other)
                    assert np.array_equal(x.numpy(), np.array(values, dtype))


@each("target", TARGETS)
@each("operate", OPERATORS, ids=lambda f: f.__name__)
def test_recorded_a_leaf_and_a_view_refuse_and_another_result_becomes_a_new_value(
        operate, target):
    values, view = TARGETS[target]
    for dtype in (np.float64, np.float32):
        for other in OTHERS:
            x = leaf(np.array(values, dtype))
            with pytest.raises(RuntimeError, match=r"write x = x \+ y .*no_grad"):
                operate(view(x), other)
            if view(x) is not x:
                continue
            array = np.array(values, dtype)
            result = old = +x
            expected = numpys(operate, array, array, other)
            if expected is array:
                result = operate(result, other)
                assert np.array_equal(result.numpy(), array) and result.dtype == dtype
                assert result is not old and np.array_equal(old.numpy(), x.numpy())
            else:
                with pytest.raises((TypeError, ValueError)):
                    operate(result, other)


def test_nothing_is_lost_where_a_constant_meets_what_wants_a_gradient():
    w = leaf(2.)
    total = mg.tensor(0.)
    for _ in range(3):
        total += w*w
    total.backward()
    assert total.item() == 12 and w.grad == 12
    buffer = mg.tensor(np.zeros((2, 2)))
    for view in (buffer[0], buffer.T, buffer.detach()):
        with pytest.raises(RuntimeError, match="a view in place"):
            view += w                           # the buffer would not have it
    count = mg.tensor(0)
    with pytest.raises(TypeError, match="int64"):
        count += w                              # as NumPy's own: no cast to int
    row = mg.tensor(np.zeros(3))
    with pytest.raises(ValueError, match=r"\(3,\).*\(2,3\)"):
        row += w*np.ones((2, 3))
    half = mg.tensor(np.zeros(2), dtype=np.float32)
    half += w*np.ones(2)
    assert half.dtype == np.float32             # NumPy casts to what is on the left


def test_a_tensor_may_stand_on_both_sides():
    for change in (lambda a: operator.iadd(a, a[::-1]), lambda a: operator.isub(a, a.T),
                   lambda a: operator.imatmul(a, a), lambda a: operator.imul(a[0], a[1])):
        array = np.arange(9.).reshape(3, 3)
        x = leaf(array)
        change(array)
        with mg.no_grad():
            change(x)
        assert np.array_equal(x.numpy(), array)


def test_stochastic_gradient_descent_as_pytorch_users_write_it():
    rng = np.random.default_rng(0)
    a, b = rng.random((8, 3)), rng.random(8)
    params = [leaf(np.zeros(3)), leaf(0.)]
    theirs = [np.zeros(3), np.zeros(())]
    for _ in range(100):
        np.mean((a @ params[0] + params[1] - b)**2).backward()
        with mg.no_grad():
            for p in params:
                p -= 0.1*p.grad
                p.grad = None
        error = 2*(a @ theirs[0] + theirs[1] - b)/8
        theirs = [theirs[0] - 0.1*a.T @ error, theirs[1] - 0.1*np.sum(error)]
    for p, expected in zip(params, theirs):
        assert np.allclose(p.numpy(), expected, rtol=1e-12, atol=0)


@pytest.mark.parametrize("change", [
    lambda h: operator.iadd(h, 1.), lambda h: operator.imul(h[0], 2.),
    lambda h: np.multiply(h, 2., out=h), lambda h: np.copyto(h, 3.)])
def test_a_change_of_a_result_is_seen_by_its_graph(change):
    x = leaf([[1., 2.]])
    h = np.exp(x)
    loss = np.sum(h)
    with mg.no_grad():
        change(h)
    with pytest.raises(RuntimeError, match="written at .*after it was used"):
        loss.backward()
    assert x.grad is None


def test_a_change_that_numpy_broke_off_is_seen_too():
    x = leaf([1., 2.])
    loss = np.sum(x*x)
    with np.errstate(divide="raise"), mg.no_grad(), pytest.raises(FloatingPointError):
        x /= 0
    with pytest.raises(RuntimeError, match="after it was used"):
        loss.backward()


# --- other ways in which NumPy writes ---------------------------------------------------
def test_out_and_an_array_on_the_left_take_values_where_nothing_is_recorded():
    mean, p = np.zeros(2), leaf([1., 2.])
    with mg.no_grad():
        same = mean
        mean += 0.5*p
        assert same is mean and type(mean) is np.ndarray
        assert np.clip(p, 0, 1.5, out=p) is p
        assert np.sum(p, out=(total := np.zeros(()))) is total and total == 2.5
        whole, rest = mg.tensor([0., 0.]), np.zeros(2)
        assert np.divmod(5*p, 2, out=(np.zeros(2), rest))[1] is rest
        assert rest.tolist() == [1, 1.5] and np.negative(p, out=whole) is whole
        assert np.copyto(src=p, dst=whole) is None and whole.tolist() == [1, 1.5]
    mean *= mg.tensor([2., 2.])
    assert mean.tolist() == [1, 2] and p.tolist() == [1, 1.5]
    for operate in OPERATORS[:4]:
        with pytest.raises(TypeError, match=r"a = a \+ x for a \+= x"):
            operate(mean, p)
    assert mean.tolist() == [1, 2]


@pytest.mark.parametrize("write", [
    lambda a: np.copyto(a, 7.), lambda a: np.put(a, [0], 7.), lambda a: np.place(
        a, [[True, False], [False, False]], 7.), lambda a: np.putmask(a, np.eye(2) > 0, 7.),
    lambda a: np.put_along_axis(a, np.array([[1], [0]]), 7., 1),
    lambda a: np.fill_diagonal(a, 7.)])
def test_functions_that_write_into_their_argument_write_and_are_seen(write):
    array = np.ones((2, 2))
    constant, x, y = mg.tensor(array), leaf(array), leaf(array)
    losses = np.sum(constant*y), np.sum(x*x)
    with pytest.raises(TypeError, match="no_grad"):
        write(x)
    write(array)
    write(constant)
    with mg.no_grad():
        write(x)
    assert np.array_equal(x.numpy(), array) and np.array_equal(constant.numpy(), array)
    for loss in losses:
        with pytest.raises(RuntimeError, match="after it was used"):
            loss.backward()


def test_what_other_functions_return_of_a_tensor_cannot_be_written():
    x = mg.tensor([1., 2., 0.])
    with pytest.raises(ValueError, match="read-only"):
        np.apply_over_axes(lambda a, axis: a, x, [0])[0] = 5
    assert x.tolist() == [1, 2, 0]


def test_functions_without_derivative_work_where_nothing_is_recorded():
    x = leaf([1., 2., 2.])
    with mg.no_grad():
        assert np.unique(x).tolist() == [1, 2]
        assert np.histogram(x, bins=2)[0].tolist() == [1, 2]
