"""Arrays of other classes and libraries: taken as NumPy's own, or refused with a cure."""
import array
import re
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import minigrad as mg

from ..cases import each


def leaf(values, dtype=None):
    return mg.tensor(values, requires_grad=True, dtype=dtype)


# --- classes whose arithmetic is their own ------------------------------------------------
class Metres(np.ndarray):
    """An array with a unit, as some libraries have them."""

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        plain = [np.asarray(x) for x in inputs]
        return getattr(ufunc, method)(*plain, **kwargs).view(Metres)


class Signed(np.ndarray):
    """An array that adds in another way."""

    def __add__(self, other):
        return np.abs(np.add(self, other))


MASKED = np.ma.masked_array([[1., 2.], [3., 4.]], [[0, 1], [0, 0]])
OTHERS = {"masked": MASKED, "matrix": np.array([[1., 2.], [3., 4.]]).view(np.matrix),
          "unit": np.ones((2, 2)).view(Metres), "sum": np.ones((2, 2)).view(Signed)}
DOORS = {
    "tensor": lambda x, a: mg.tensor(a),
    "tensor of a list": lambda x, a: mg.tensor([a, a]),
    "grad": lambda x, a: mg.grad(np.sum)(a),
    "jacobian": lambda x, a: mg.jacobian(np.exp)(a),
    "hvp": lambda x, a: mg.hvp(np.sum, a, np.ones((2, 2))),
    "vjp": lambda x, a: mg.vjp(np.exp, a),
    "pullback": lambda x, a: mg.vjp(np.exp, np.ones((2, 2)))[1](a),
    "grad of several": lambda x, a: mg.grad(lambda p: np.sum(p["a"]))({"a": a}),
    "x*a": lambda x, a: x*a, "a*x": lambda x, a: a*x, "a - x": lambda x, a: a - x,
    "x @ a": lambda x, a: x @ a, "a @ x": lambda x, a: a @ x,
    "x + [a]": lambda x, a: x + [a],
    "np.multiply": lambda x, a: np.multiply(a, x),
    "np.dot": lambda x, a: np.dot(x, a), "np.where": lambda x, a: np.where(x > 0, a, x),
    "np.stack": lambda x, a: np.stack([a, x]),
    "np.concatenate": lambda x, a: np.concatenate([x, a]),
    "np.einsum": lambda x, a: np.einsum("ij,ij", a, x),
    "np.average": lambda x, a: np.average(x, weights=a),
    "where=": lambda x, a: np.sum(x, where=a.astype(bool)),
    "where= of max": lambda x, a: np.max(x, where=a.astype(bool), initial=0.0),
    "constant": lambda x, a: mg.tensor(np.ones((2, 2)))*a,
    "data": lambda x, a: setattr(x, "data", a),
    "grad =": lambda x, a: setattr(x, "grad", a),
    "item": lambda x, a: mg.tensor(np.ones((2, 2))).__setitem__(..., a),
    "+=": lambda x, a: mg.tensor(np.ones((2, 2))).__iadd__(a),
    "backward": lambda x, a: np.exp(x).backward(a),
}


@each("door", DOORS)
@each("kind", OTHERS)
def test_an_array_with_an_arithmetic_of_its_own_is_refused(kind, door):
    """github.com/jax-ml/jax/issues/13795"""
    x = leaf(np.ones((2, 2)))
    with pytest.raises(TypeError, match="whose arithmetic is not that|would lose the grad"):
        DOORS[door](x, OTHERS[kind])
    assert x.tolist() == [[1, 1], [1, 1]] and x.grad is None


def test_the_cures_that_the_errors_name_are_right():
    x, m = leaf([[5., 6.], [7., 8.]]), MASKED
    by_mask = np.where(m.mask, 0, m.filled(0)*x)
    np.sum(by_mask).backward()
    assert np.array_equal(by_mask.numpy(), (m*x.numpy()).filled(0))
    assert x.grad.tolist() == [[1, 0], [3, 4]]
    x.grad = None
    np.sum(np.array(OTHERS["matrix"])*x).backward()
    assert x.grad.tolist() == [[1, 2], [3, 4]]


def test_a_masked_array_and_a_constant_keep_the_mask():
    product = MASKED*mg.tensor(np.full((2, 2), 3.))
    assert isinstance(product, np.ma.MaskedArray) and product[0, 1] is np.ma.masked
    assert product[1, 1] == 12


# --- what means what NumPy's own arrays mean ----------------------------------------------
class Plain(np.ndarray):
    """A class of its own without an arithmetic of its own."""


class Column:
    """Stands for arrays of other libraries: it converts, and computes in its own way."""

    def __init__(self, values):
        self.values = np.array(values)

    def __array__(self, dtype=None, copy=None):
        return self.values

    def __mul__(self, other):
        raise NotImplementedError("aligned by their labels")

    __rmul__ = __array_ufunc__ = __mul__


@pytest.fixture
def mapped(tmp_path):
    on_disk = np.memmap(tmp_path/"numbers", dtype=float, mode="w+", shape=3)
    on_disk[:] = [1., 2., 3.]
    return on_disk


def test_arrays_on_disk_of_records_and_of_other_libraries_are_taken_as_numpys(mapped):
    record = np.rec.fromarrays([[1., 2., 3.]], names="a").a.view(np.recarray)
    for a in (mapped, record, np.array([1., 2., 3.]).view(Plain), Column([1., 2., 3.]),
              array.array("d", [1., 2., 3.]), memoryview(np.array([1., 2., 3.]))):
        x = leaf([4., 5., 6.])
        for loss in (np.sum(x*a), x @ a, np.sum(np.where([True]*3, x, a)*a)):
            x.grad = None
            loss.backward()
            assert x.grad.tolist() == [1, 2, 3] and type(x.grad) is np.ndarray
        assert np.concatenate([x[:1], np.asarray(a)]).tolist() == [4, 1, 2, 3]
        assert type(x[np.asarray(a) > 1]) is mg.Tensor
        assert mg.tensor(a).tolist() == [1, 2, 3]
    for a in (mapped, Column([1., 2., 3.])):
        gradient = mg.grad(lambda v: np.sum(v*v))(a)
        assert type(gradient) is np.ndarray and gradient.tolist() == [2, 4, 6]
    assert type(np.stack([x, mapped])) is mg.Tensor
    x.data = mapped
    assert type(x.data) is np.ndarray


def test_what_another_library_s_array_held_when_it_was_used_counts(mapped):
    for a in (mapped, Column([1., 2., 3.]), array.array("d", [1., 2., 3.])):
        x = leaf([4., 5., 6.])
        loss = np.sum(x*a)
        np.asarray(a)[0] = 100.
        loss.backward()
        assert x.grad.tolist() == [1, 2, 3]


def test_a_pandas_series_leaves_its_product_with_a_tensor_to_the_tensor():
    """pandas asks for this attribute, and otherwise would make np.arrays of tensors."""
    assert mg.Tensor.__pandas_priority__ > 4000             # that of a DataFrame


def without_addresses(x):
    """A name for a case that is the same in every process."""
    return re.sub(r" at 0x\w+", "", str(x))


# --- entries that are not real numbers ----------------------------------------------------
@pytest.mark.parametrize("bad", [
    np.array(["2020-01-01"], "M8[D]"), np.array([3], "m8[s]"), np.array(["a"]), "a", 1j,
    np.array([1j]), None, {"a": 1.}, {1., 2.}, np.array([1., None]), Decimal(1),
    Fraction(1, 2), np.array([(1., 2)], "f8,i8"), (i for i in range(3)), map(float, "12")],
    ids=without_addresses)
def test_entries_that_are_not_real_numbers_are_refused(bad):
    with pytest.raises(TypeError, match=f"tensor: came {type(bad).__name__} of dtype"):
        mg.tensor(bad)
    if not isinstance(bad, dict):
        with pytest.raises(TypeError, match="came|loop|operand|not supported"):
            mg.grad(lambda x: np.sum(x))(bad)
    with pytest.raises(TypeError):
        leaf([1.])*bad


@pytest.mark.parametrize("dtype", [">f8", ">f4", ">f2", "<f8", np.longdouble, np.float16])
def test_floats_of_any_size_and_byte_order_are_leaves(dtype):
    values = np.array([1., 2., 3.], dtype)
    x = leaf(values)
    assert x.dtype.isnative and x.dtype.itemsize == np.dtype(dtype).itemsize
    np.sum(x*x*values).backward()
    assert x.grad.tolist() == [2, 8, 18]
    x.grad = 2*x.grad                                       # of the tensor's dtype
    gradient = mg.grad(lambda v: np.sum(v*v))(values)
    assert gradient.dtype.isnative and gradient.tolist() == [2, 4, 6]
    assert type(mg.grad(lambda v: v*v)(np.float64(3))) is float
    assert np.array([1, 2], ">i4").tolist() == mg.tensor(np.array([1, 2], ">i4")).tolist()


def test_integers_that_were_made_to_want_a_gradient_are_told_at_backward():
    x = mg.tensor([1, 2])
    x.requires_grad = True
    with pytest.raises(TypeError, match="int64 has no gradient.*dtype=float"):
        np.sum(x*0.5).backward()                            # rounded to 0 otherwise
    assert x.grad is None


@pytest.mark.parametrize("values", [
    np.zeros(0), np.zeros((0, 3)), np.zeros((2, 0)), np.array(3.), np.arange(6.)[::-2],
    np.asfortranarray(np.ones((3, 2))), np.broadcast_to(2., (2, 2)), np.ones((3, 4))[:, 1]])
def test_arrays_of_every_layout_and_of_no_entries_are_leaves(values):
    expected = 2*np.array(values)
    gradient = mg.grad(lambda v: np.sum(v*v))(values)
    assert np.array_equal(gradient, expected) and np.shape(gradient) == values.shape
    x = leaf(values)
    x.data = values.copy()
    (np.sum(x*x) + np.sum(x.T.reshape(-1)[::-1])).backward()
    assert np.array_equal(x.grad, expected + 1) and x.grad.flags.writeable


# --- Python's own ways with a tensor ------------------------------------------------------
def test_comparisons_are_numpys():
    x, y = leaf([1., 2.]), leaf([3., 4.])
    assert (x == None).tolist() == [False, False]                           # noqa: E711
    assert (x != None).tolist() == [True, True]                             # noqa: E711
    assert (np.array([1., 3.]) == x).tolist() == [True, False]
    assert 2. in x and 5. not in x and len({x, y, x}) == 2 and {x: "x"}[x] == "x"
    with pytest.raises(ValueError, match=r"broadcast.*\(2,\) \(3,\)"):
        x == [1., 2., 3.]
    with pytest.raises(TypeError, match="equal"):
        x == "a"
    with pytest.raises(ValueError, match="ambiguous"):
        0 < x < 3
    for compare in (lambda: x < None, lambda: x < "a"):
        with pytest.raises(TypeError):
            compare()


def test_tensors_as_indices_are_numpys():
    a = np.arange(12.).reshape(3, 4)
    x, integer, vector = leaf(a), mg.tensor(1), mg.tensor([2, 0])
    mask = mg.tensor([True, False, True])
    for index, numpys in (
            (integer, 1), (vector, [2, 0]), (mask, [True, False, True]), (..., ...),
            ((vector, integer), ([2, 0], 1)), (slice(integer, None), slice(1, None)),
            ((None, integer), (None, 1)), ((..., mask.reshape(3)[:2]), None)):
        if numpys is None:
            with pytest.raises(IndexError):
                x[index]
            continue
        part = x[index]
        x.grad = None
        np.sum(part*part).backward()
        expected = np.zeros((3, 4))
        np.add.at(expected, numpys, 2*a[numpys])
        assert np.array_equal(part.numpy(), a[numpys]) and np.array_equal(x.grad, expected)
    with pytest.raises(IndexError, match="integer"):
        x[leaf(1.)]
