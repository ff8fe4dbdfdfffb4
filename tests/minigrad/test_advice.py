"""An advice that an error prints is a program: it runs, and gives what was asked for.

Each is run on Tensors, in the argument names of the function that it stands for, compared
with that function on plain arrays, and differentiated; tolerance as in test_surface.py. A
table's entry without a case here fails.
"""
import functools
import itertools
import re

import numpy as np
import pytest

import minigrad as mg
from minigrad import operations
from minigrad.composites import COMPOSITES, INSTEAD, OF_LISTS, OF_METHODS, PLAIN
from minigrad.primitives import VJPS
from minigrad.traces import leaves_of

from .test_surface import check_derivatives, parts

V, W, M = np.array([2., -1., 3., 1.]), np.array([5., 4.]), np.array([[2., 1.], [1., 3.]])
CHOSEN = np.array([True, False, True, False])


def changed(function, name):
    """What an array holds after a function that writes into it."""
    def run(**arguments):
        arguments[name] = arguments[name].copy()
        function(**arguments)
        return arguments[name]
    return run


def one_by_one(function, *names):
    """A function that takes its arguments by position only."""
    return lambda **arguments: function(*[arguments[name] for name in names])


def real_parts(function):
    return lambda a: (function(a).real, function(a).imag)


# the function on plain arrays, its arguments by name; those of floats are differentiated
CASES = {
    np.linalg.eig: (lambda a: np.linalg.eigh(a), {"a": M}),
    np.linalg.eigvals: (lambda a: np.sort(np.linalg.eigvals(a)), {"a": M}),
    np.put: (changed(np.put, "a"), {"a": M, "ind": [0, 2], "v": np.array(7.)}),
    np.place: (changed(np.place, "arr"), {"arr": V, "mask": CHOSEN, "vals": np.array(7.)}),
    np.putmask: (changed(one_by_one(np.putmask, "a", "mask", "values"), "a"),
                 {"a": V, "mask": CHOSEN, "values": V[::-1]}),
    np.copyto: (changed(np.copyto, "dst"), {"dst": V, "src": V*V, "where": CHOSEN}),
    np.fill_diagonal: (changed(np.fill_diagonal, "a"), {"a": M, "val": np.array(7.)}),
    np.put_along_axis: (changed(lambda arr, **rest: np.put_along_axis(arr, axis=-1, **rest),
                                "arr"),
                        {"arr": M, "indices": np.array([[1], [0]]), "values": W[:, None]}),
    np.i0: (np.i0, {"x": V}),
    np.apply_over_axes: (np.apply_over_axes, {"func": np.sum, "a": np.ones((2, 3, 2)),
                                              "axes": [0, 2]}),
    **{f: (real_parts(f), {"a": V}) for f in (
        np.fft.fft, np.fft.ifft, np.fft.rfft, np.fft.irfft, np.fft.hfft, np.fft.ihfft)},
    **{f: (real_parts(f), {"a": np.outer([1., 2., 4.], V)}) for f in (
        np.fft.fft2, np.fft.ifft2, np.fft.fftn, np.fft.ifftn, np.fft.rfft2, np.fft.rfftn,
        np.fft.irfft2, np.fft.irfftn)},
}
METHODS = {
    "reduce": (lambda ufunc, array: ufunc.reduce(array), {
        "ufunc": np.hypot, "array": np.outer(V, W)}),
    "accumulate": (lambda ufunc, array: ufunc.accumulate(array), {
        "ufunc": np.maximum, "array": V}),
    "reduceat": (lambda ufunc, array, indices: ufunc.reduceat(array, indices), {
        "ufunc": np.multiply, "array": V, "indices": [0, 2, 3]}),
    "at": (changed(lambda a, indices, b: np.add.at(a, indices, b), "a"), {
        "a": V, "indices": [1, 1], "b": W}),
}
PAIR = [V, V*V]
LISTS = {
    "array": (np.array, PAIR), "r_": (lambda *parts: np.r_[parts], PAIR),
    "c_": (lambda *parts: np.c_[parts], PAIR),
    "full": (lambda shape, fill_value: np.full(shape, fill_value), None),
    "vectorize": (lambda f, x: np.vectorize(f)(x), None),
}


def follow(text, arguments):
    """The value of an advice, in the names of the arguments."""
    return eval(text, {"np": np, "functools": functools, "itertools": itertools,
                       **arguments})


def by_arrays(program, arguments):
    """program(**arguments) as a function of those arguments that are arrays of floats."""
    names = [name for name, x in arguments.items()
             if isinstance(x, np.ndarray) and x.dtype.kind == "f"]
    return names, lambda *arrays: program(**arguments | dict(zip(names, arrays)))


def check_advice(text, original, arguments):
    """Raise AssertionError unless the advice gives the same values, and slopes of them."""
    names, run = by_arrays(lambda **names: follow(text, names), arguments)
    arrays = [arguments[name] for name in names]
    wanted = original(**arguments)
    found = run(*[mg.tensor(x, requires_grad=True) for x in arrays])
    found, wanted = parts(found), parts(tuple(wanted) if isinstance(wanted, tuple)
                                        else wanted)
    assert len(found) == len(wanted)
    for got, want in zip(found, wanted):
        assert got.shape == np.shape(want)
        assert np.allclose(got.numpy(), want, rtol=1e-12, atol=1e-12), text
    f = (lambda *a: [run(*a)[0]]) if "eigh(a)" in text else run  # vectors: signs may differ
    check_derivatives(f, arrays, orders=(1,))


@pytest.mark.parametrize("function", INSTEAD, ids=lambda f: f.__name__)
def test_in_place_of_a_function_without_derivative(function):
    original, arguments = CASES[function]
    assert function not in VJPS and function not in COMPOSITES and function not in PLAIN
    t = mg.tensor(M, requires_grad=True)
    with pytest.raises(TypeError) as raised:
        t.__array_function__(function, (mg.Tensor,), (t,), {})
    assert INSTEAD[function] in str(raised.value)
    check_advice(INSTEAD[function], original, arguments)


@pytest.mark.parametrize("method", OF_METHODS)
def test_in_place_of_a_method_of_a_ufunc(method):
    original, arguments = METHODS[method]
    t = mg.tensor(V, requires_grad=True)
    with pytest.raises(TypeError) as raised:
        rest = {"reduceat": ([0, 2],), "at": ([0, 2], 1.)}.get(method, ())
        getattr(np.hypot, method)(t, *rest)
    assert str(raised.value).endswith(OF_METHODS[method])
    check_advice(OF_METHODS[method], original, arguments)


def raised_by(function, *arguments):
    with pytest.raises(TypeError) as raised:
        function(*arguments)
    return str(raised.value)


def test_a_method_of_a_ufunc_where_no_gradient_is_wanted_is_numpys():
    t = mg.tensor(V)
    assert np.array_equal(np.hypot.reduceat(t, [0, 2]), np.hypot.reduceat(V, [0, 2]))
    assert np.hypot.reduce(t) == np.hypot.reduce(V)
    p = mg.tensor(V, requires_grad=True)
    with mg.no_grad():
        y = np.sum(p*1.0)
        np.add.at(p, [0, 0], 2.0)
    assert np.array_equal(p.numpy(), V + [4, 0, 0, 0]) and y.item() == V.sum()


@pytest.mark.parametrize("name", ["array", "r_", "c_"])
def test_in_place_of_a_list_of_tensors(name):
    function, arrays = LISTS[name]
    tensors = [mg.tensor(x, requires_grad=True) for x in arrays]
    call = (lambda *parts: np.array(parts)) if name == "array" else function
    assert OF_LISTS[name] in raised_by(call, *tensors)
    wanted = call(*arrays)
    run = (lambda *parts: follow(OF_LISTS[name], {"parts": parts}))
    assert np.array_equal(run(*tensors).numpy(), wanted)
    check_derivatives(run, arrays)


def test_in_place_of_full_and_of_vectorize():
    x, twice = mg.tensor(V, requires_grad=True), np.vectorize(lambda v: v*v)
    assert OF_LISTS["full"] in raised_by(np.full, (2, 4), x)
    check_advice(OF_LISTS["full"], np.full, {"shape": (2, 4), "fill_value": V})
    assert OF_LISTS["vectorize"] in raised_by(twice, x)
    check_advice(OF_LISTS["vectorize"], lambda f, x: twice(x), {"f": np.square, "x": V})


@pytest.mark.parametrize("function, name", [
    (np.mean, "mean"), (np.max, "max"), (np.sum, "sum"), (np.std, "std"),
    (np.median, "median"), (np.prod, "prod"), (np.cumsum, "cumsum"), (np.var, "var"),
    (np.linalg.norm, "linalg.norm"), (np.argsort, "argsort")])
def test_a_function_of_a_list_is_that_of_the_stack(function, name):
    tensors = [mg.tensor(x, requires_grad=True) for x in PAIR]
    advice = f"np.{name}(np.stack(parts))"
    assert advice + f" in place of np.{name}" in raised_by(function, tensors)
    out = follow(advice, {"parts": tensors})
    assert np.allclose(getattr(out, "_data", out), function(PAIR))


@pytest.mark.parametrize("wrong", [
    "np.where(mask, a, values)", "np.where(mask, values, a)*(1 + 1e-9)",
    "mg.tensor(np.where(mask, values.numpy(), a.numpy()))", "np.wher(mask, values, a)"])
def test_an_advice_that_is_wrong_is_caught(wrong):
    original, arguments = CASES[np.putmask]
    with pytest.raises((AssertionError, NameError, AttributeError)):
        check_advice(wrong, original, arguments)


def test_every_entry_of_the_tables_has_a_case():
    assert set(CASES) == set(INSTEAD)
    assert set(METHODS) == set(OF_METHODS) and set(LISTS) == set(OF_LISTS)


# --- coming from HIPS autograd ------------------------------------------------------------
def f(x, y):
    return np.sum(x**3)*y


POINT = {"f": f, "x": np.array([1., 2.]), "y": 3.0, "v": np.array([1., -1.]),
         "g": np.array([2., 5.])}
SIN, COS = np.sin(POINT["x"]), np.cos(POINT["x"])
PROGRAMS = dict(re.findall(r"^\| `(.*)` \| `(.*)` \|$", operations.LAST, re.MULTILINE))
SAME = {        # what these programs, of the page's last words, give there
    "grad(": 9.0, "elementwise_grad": COS, "value_and_grad": (27.0, np.array([9., 36.])),
    "jacobian": np.diag(COS), "hessian(": np.diag([18., 36.]), "make_vjp": 2*COS*[1, 2.5],
    "make_jvp(": (SIN, COS*[1, -1]), "make_jvp_r": COS*[1, -1], "deriv": np.cos(1.0),
    "make_hvp": np.array([18., -36.]), "hessian_t": np.array([18., -36.]),
    "tensor_j": 2*COS*[1, 2.5], "grad_named": 9.0, "flatten": np.array([1., 2., 3.]),
    "grad_and_aux": (np.array([9., 36.]), np.array([1., 2.])), "p =": SIN,
    "multigrad": {"x": np.array([9., 36.]), "y": 9.0},
}


def test_every_program_of_the_page_is_run():
    assert len(PROGRAMS) == len(SAME) + 1                   # and check_grads


@pytest.mark.parametrize("theirs", PROGRAMS)
def test_what_stands_in_place_of_autograds_programs_gives_what_they_gave(theirs):
    found = eval(PROGRAMS[theirs], {"np": np, "mg": mg, **POINT})
    if theirs.startswith("check_grads"):
        assert found.entries == 2
        return
    wanted = next(w for start, w in SAME.items() if theirs.startswith(start))
    for got, want in zip(leaves_of(found), leaves_of(wanted), strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-13)


# --- what other errors advise -----------------------------------------------------------
COLUMN = np.array([[1., 2.], [3., 4.], [5., 7.]])
ADVISED = [     # what raises, what its error says, what then works, what NumPy gives
    (lambda x: np.max(x, where=x > 2.5), "pass also initial=, as initial=-inf",
     lambda x: np.max(x, where=x > 2.5, initial=-np.inf)),
    (lambda x: np.min(x, where=x > 2.5), "pass also initial=, as initial=inf",
     lambda x: np.min(x, where=x > 2.5, initial=np.inf)),
    (lambda x: np.linalg.svd(x), "pass full_matrices=False",
     lambda x: np.linalg.svd(x, full_matrices=False)[1]),
    (lambda x: np.linalg.qr(x, mode="complete"), "pass mode='reduced' or 'r'",
     lambda x: np.abs(np.linalg.qr(x, mode="r"))),
    (lambda x: np.split(x, 2), "use np.array_split",
     lambda x: np.array_split(x, 2)[0]),
    (lambda x: np.cross(x, x), "give plane vectors a third entry 0",
     lambda x: np.cross(np.pad(x, ((0, 0), (0, 1))), np.pad(x[::-1], ((0, 0), (0, 1))))),
    (lambda x: np.reshape(x, -1, order="A"), "use order='C' or 'F'",
     lambda x: np.reshape(x, -1, order="C")),
    (lambda x: np.nan_to_num(x, nan=x[0, 0]), "no derivative by keyword nan",
     lambda x: np.where(np.isnan(x), x[0, 0], x)),
]


@pytest.mark.parametrize("wrong, text, right", ADVISED, ids=[a[1] for a in ADVISED])
def test_what_an_error_advises_works(wrong, text, right):
    with pytest.raises((TypeError, ValueError), match=text.replace("(", r"\(")):
        mg.grad(lambda x: np.sum(wrong(x)))(COLUMN)
    found = right(mg.tensor(COLUMN, requires_grad=True)).numpy()
    assert np.allclose(found, right(COLUMN), rtol=1e-12)
    check_derivatives(right, [COLUMN], orders=(1,))
