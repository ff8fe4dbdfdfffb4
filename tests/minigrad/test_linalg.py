"""np.linalg on Tensors: values are NumPy's own, derivatives are those of the values.

The comparison is that of test_surface.py, with its tolerance; values that come by another
route of LAPACK than NumPy's (singular values with and without vectors) agree to 1e-12.
"""
import numpy as np
import pytest

import minigrad as mg
from minigrad.composites import matrices
from minigrad.primitives import VJPS, linalg

from ..cases import each
from .test_surface import check_derivatives, check_values, slope, slope_of, weighed


def matrix(*shape, seed=0):
    """Random, and well away from singular where it is square."""
    a = np.random.default_rng(seed).uniform(-1, 1, shape)
    return a + 2*np.eye(*shape[-2:]) if len(shape) > 1 and shape[-1] == shape[-2] else a


def symmetric(*shape, seed=0):
    """With eigenvalues that differ, all positive."""
    a = matrix(*shape, seed=seed)/2
    return a @ np.swapaxes(a, -1, -2) + np.diag(np.arange(1., shape[-1] + 1))


la = np.linalg


def signs(vectors):
    """1 or -1 for each column: LAPACK promises vectors up to their signs only."""
    return np.sign(np.sum(vectors, axis=-2, keepdims=True))


def eigh(a, **options):
    w, v = la.eigh(a, **options)
    return w, v*signs(v)


def svd(a, **options):
    u, s, vh = la.svd(a, **options)
    return u*signs(u), s, vh*np.swapaxes(signs(u), -1, -2)


def lstsq(a, b, **options):
    x, left, rank, values = la.lstsq(a, b, **options)
    assert rank == min(a.shape)
    return x, left, values


def eigh_rows(a):
    y = linalg.eigh_rows(a)
    return y[..., 0, :], y[..., 1:, :]*signs(y[..., 1:, :])


def svd_rows(a):
    y, m = linalg.svd_rows(a), a.shape[-2]
    u, s, v = y[..., :m, :], y[..., m, :], y[..., m + 1:, :]
    return u*signs(u), s, v*signs(u)


SINGULAR = np.array([[1., 2., 3.], [4., 5., 6.], [7., 8., 9.]])
V = np.array([0.5, -1., 2.])
CASES = {
    la.inv: [(la.inv, matrix(3, 3)), (la.inv, matrix(2, 2, 2)), (la.inv, matrix(1, 1))],
    la.pinv: [(la.pinv, matrix(3, 3)), (la.pinv, matrix(3, 2)), (la.pinv, matrix(2, 3)),
              (la.pinv, matrix(2, 3, 2))],
    la.solve: [(la.solve, matrix(*s), matrix(*t, seed=1)) for s, t in (
        ((3, 3), (3,)), ((3, 3), (3, 2)), ((2, 3, 3), (3,)), ((2, 3, 3), (3, 1)),
        ((3, 3), (2, 3, 2)))],
    la.det: [(la.det, matrix(*s)) for s in (
        (1, 1), (2, 2), (3, 3), (4, 4), (2, 3, 3), (0, 0))] + [
        (la.det, SINGULAR), (la.det, np.zeros((2, 2))), (la.det, np.ones((4, 4)))],
    la.slogdet: [(la.slogdet, matrix(3, 3)), (la.slogdet, -matrix(2, 3, 3))],
    la.eigh: [(eigh, symmetric(3, 3)), (eigh, symmetric(2, 2, 2)),
              (lambda a: eigh(a, UPLO="U"), symmetric(3, 3)),
              (lambda a: eigh(a @ a.T + np.diag([1., 2., 4.])), matrix(3, 3))],
    la.eigvalsh: [(la.eigvalsh, symmetric(3, 3)), (lambda a: la.eigvalsh(a, "U"),
                                                   symmetric(2, 3, 3))],
    la.svd: [(svd, matrix(3, 3))] + [
        (lambda a: svd(a, full_matrices=False), matrix(*s)) for s in (
            (3, 3), (4, 2), (2, 4), (2, 3, 2))] + [
        (lambda a: la.svd(a, compute_uv=False), matrix(3, 2))],
    la.svdvals: [(la.svdvals, matrix(2, 3))],
    la.qr: [(la.qr, matrix(*s)) for s in (
        (3, 3), (4, 2), (2, 4), (2, 3, 2), (3, 1), (1, 3), (2, 2, 2))] + [
        (lambda a: la.qr(a, mode="r"), matrix(3, 2)),
        (lambda a: la.qr(a, "complete"), matrix(2, 3))],
    la.lstsq: [(lstsq, matrix(*s), matrix(*t, seed=1)) for s, t in (
        ((4, 2), (4,)), ((4, 2), (4, 3)), ((3, 3), (3,)), ((2, 3), (2,)))] + [
        (lambda a, b: lstsq(a, b, rcond=1e-3), matrix(4, 2), matrix(4, seed=1))],
    la.cond: [(lambda a, p=p: la.cond(a, p), matrix(3, 3)) for p in (
        None, 1, -1, 2, -2, np.inf, -np.inf, "fro")] + [
        (la.cond, matrix(4, 2)), (la.cond, matrix(2, 2, 2)),
        (lambda a: la.cond(a, 1), matrix(2, 2, 2))],
    la.tensorsolve: [
        (la.tensorsolve, matrix(2, 3, 6), matrix(2, 3, seed=1)),
        (lambda a, b: la.tensorsolve(a, b, axes=(0, 2)), matrix(2, 6, 3), V[[0, 1, 2]*2])],
    la.tensorinv: [(la.tensorinv, matrix(2, 3, 6)),
                   (lambda a: la.tensorinv(a, ind=1), matrix(6, 3, 2))],
    np.polyfit: [(lambda x, y: np.polyfit(x, y, 2), matrix(6), matrix(6, seed=1)),
                 (lambda y: np.polyfit(np.arange(5.), y, 1), matrix(5, 2)),
                 (lambda y, w: np.polyfit(np.arange(5.), y, 1, w=w), matrix(5),
                  matrix(5, seed=1) + 2)],
    la.cholesky: [(la.cholesky, symmetric(3, 3)), (la.cholesky, symmetric(2, 2, 2)),
                  (lambda a: la.cholesky(a, upper=True), symmetric(3, 3)),
                  (lambda a: la.cholesky(a @ a.T), matrix(3, 3))],
    la.matrix_power: [(lambda a, n=n: la.matrix_power(a, n), matrix(2, 2))
                      for n in (-2, -1, 0, 1, 2, 3, 5)],
    la.multi_dot: [(lambda a, b, c: la.multi_dot([a, b, c]), matrix(2, 3), matrix(3, 2),
                    matrix(2))],
    la.norm: [(lambda x, o=o: la.norm(x, o), V) for o in (
        None, 1, 2, 3, 2.5, 0.5, 0, -1, np.inf, -np.inf)] + [
        (lambda x, o=o: la.norm(x, o), matrix(2, 3)) for o in (
            None, "fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf)] + [
        (lambda x, kw=kw: la.norm(x, **kw), matrix(2, 3, 2)) for kw in (
            {}, {"axis": 1}, {"axis": -1, "ord": 3}, {"axis": (0, 2)}, {"keepdims": True},
            {"axis": (1, 0), "ord": 1, "keepdims": True}, {"axis": (0, 1), "ord": "nuc"},
            {"axis": (2, 1), "ord": 2, "keepdims": True}, {"axis": 0, "ord": np.inf})],
    la.vector_norm: [(la.vector_norm, matrix(2, 3)),
                     (lambda x: la.vector_norm(x, axis=(0, 2)), matrix(2, 3, 2)),
                     (lambda x: la.vector_norm(x, axis=1, ord=1), matrix(2, 3))],
    la.matrix_norm: [(la.matrix_norm, matrix(2, 3, 2)),
                     (lambda x: la.matrix_norm(x, ord="nuc"), matrix(2, 3, 2))],
    la.trace: [(la.trace, matrix(2, 3, 3)),
               (lambda a: la.trace(a, offset=1), matrix(2, 3))],
    la.diagonal: [(la.diagonal, matrix(2, 3, 3))],
    la.matrix_transpose: [(la.matrix_transpose, matrix(2, 3, 2))],
    la.outer: [(la.outer, V, V[:2])], la.matmul: [(la.matmul, matrix(2, 3), V)],
    la.tensordot: [(lambda a, b: la.tensordot(a, b, axes=1), matrix(2, 3), V)],
    la.vecdot: [(la.vecdot, matrix(2, 3), V)], la.cross: [(la.cross, matrix(2, 3), V)],
    linalg.p_norm: [(lambda x: linalg.p_norm(x, 2, (0, 1)), matrix(2, 3))],
    linalg.signed_logdet: [(linalg.signed_logdet, matrix(2, 2))],
    linalg.eigh_rows: [(eigh_rows, symmetric(2, 2))],
    linalg.svd_rows: [(svd_rows, matrix(3, 2))],
    linalg.qr_rows: [(linalg.qr_rows, matrix(3, 2))],
}
PARAMETERS = [pytest.param(f, arrays, id=f"{key.__name__}-{i}")
              for key, calls in CASES.items() for i, (f, *arrays) in enumerate(calls)]


@each("f, arrays", PARAMETERS)
def test_values_are_numpys_and_both_derivatives_are_those_of_the_values(f, arrays):
    check_values(f, arrays, 1e-12)
    check_derivatives(f, arrays)


@each("f, arrays", PARAMETERS)
def test_float32_stays_float32_and_gives_nearly_the_same_gradient(f, arrays):
    if arrays[0] is SINGULAR:
        arrays = [SINGULAR/16]
    small = [x.astype(np.float32) for x in arrays]
    check_values(f, small, 2e-4)
    for scalar in (weighed(f), slope_of(weighed(f), len(small))):
        found = mg.grad(scalar, tuple(range(len(small))))(*small)
        exact = mg.grad(scalar, tuple(range(len(small))))(*[x.astype(float) for x in small])
        for got, want in zip(found, exact):
            assert got.dtype == np.float32
            np.testing.assert_allclose(got, want, rtol=1e-2, atol=1e-3*max(
                1, np.abs(want).max(initial=0)))


def test_every_function_of_the_tables_has_a_case():
    assert {*linalg.VJPS, *matrices.COMPOSITES, np.polyfit} == set(CASES)


@pytest.mark.parametrize("function", linalg.VJPS, ids=lambda f: f.__name__)
def test_a_vjp_that_is_wrong_by_a_thousandth_is_caught(function, monkeypatch):
    f, *arrays = CASES[function][0]
    right = VJPS[function]
    monkeypatch.setitem(VJPS, function, tuple(
        lambda g, y, *args, v=v, **kw: 1.001*v(g, y, *args, **kw) for v in right))
    with pytest.raises(AssertionError):
        check_derivatives(f, arrays)


def test_a_singular_value_that_is_slightly_wrong_is_caught():
    with pytest.raises(AssertionError):
        check_values(lambda x: la.svdvals(x)*(1 if isinstance(x, np.ndarray) else 1 + 1e-9),
                     [matrix(3, 3)], 1e-12)


# --- conventions ------------------------------------------------------------------------
WEIGHTS = np.arange(9.).reshape(3, 3)


@pytest.mark.parametrize("ord", [None, 2, 3, 2.5, 1])
def test_the_slope_of_a_norm_at_zero_is_zero(ord):
    assert np.array_equal(slope(lambda x: la.norm(x, ord), np.zeros(3)), np.zeros(3))
    rows = np.array([[0., 0.], [3., 4.]])
    g = slope(lambda x: la.norm(x, ord, axis=1), rows)
    assert np.array_equal(g[0], [0, 0]) and np.all(g[1] > 0)
    assert np.isfinite(slope(lambda x: np.sum(mg.grad(lambda x: la.norm(x)**2)(x)),
                             np.ones(3))).all()


@pytest.mark.parametrize("uplo, unread", [("L", (0, 1)), ("U", (1, 0))])
def test_only_the_triangle_that_is_read_has_a_cotangent(uplo, unread):
    a = symmetric(2, 2)
    assert slope(lambda a: la.eigvalsh(a, uplo)**2, a)[unread] == 0
    assert slope(lambda a: la.cholesky(a, upper=uplo == "U"), a)[unread] == 0
    changed = a.copy()
    changed[unread] += 1
    assert np.array_equal(la.eigvalsh(changed, uplo), la.eigvalsh(a, uplo))


@pytest.mark.parametrize("a", [
    np.eye(3), np.diag([1., 1., 2.]), np.diag([2., 5., 5. + 1e-15])])
def test_equal_eigenvalues_are_differentiable_but_their_vectors_raise(a):
    assert np.allclose(slope(la.eigvalsh, a), np.eye(3))
    with pytest.raises(ValueError, match="eigh: some values are equal"):
        slope(lambda a: la.eigh(a)[1]*WEIGHTS, a)

    def exponential(a):             # smooth, but not by way of its vectors
        w, v = la.eigh(a)
        return (v*np.exp(w)) @ v.T*(WEIGHTS + WEIGHTS.T)
    with pytest.raises(ValueError, match="use the values alone"):
        slope(exponential, a)


def test_the_vectors_of_other_eigenvalues_stay_differentiable():
    a = np.diag([1., 2., 2.])
    assert np.isfinite(slope(lambda a: la.eigh(a)[1][:, 0]**2, a)).all()


def test_equal_or_zero_singular_values_are_differentiable_but_their_vectors_raise():
    assert np.allclose(slope(lambda a: la.svd(a, compute_uv=False), np.eye(2)), np.eye(2))
    assert np.allclose(slope(lambda a: la.norm(a, "nuc"), np.eye(3)), np.eye(3))
    with pytest.raises(ValueError, match="svd: some values are equal"):
        slope(lambda a: la.svd(a)[0]*WEIGHTS, np.eye(3))
    thin = np.array([[1., 0.], [0., 0.], [0., 0.]])
    with pytest.raises(ValueError, match="singular value is 0"):
        slope(lambda a: la.svd(a, full_matrices=False)[0], thin)
    with pytest.raises(ValueError, match="full_matrices=False"):
        slope(lambda a: la.svd(a)[1], thin)


def test_a_pseudoinverse_of_less_than_full_rank_raises():
    with pytest.raises(ValueError, match="pinv jumps"):
        slope(la.pinv, SINGULAR)


def test_a_factor_that_the_matrix_does_not_determine_raises():
    with pytest.raises(ValueError, match="rank below 3, so Q is not"):
        slope(lambda a: la.qr(a)[1], SINGULAR)
    with pytest.raises(ValueError, match="pass mode='reduced' or 'r'"):
        slope(lambda a: la.qr(a, "complete")[1], matrix(3, 2))


def test_where_numpy_raises_so_do_we():
    for f in (la.inv, la.slogdet, lambda a: la.solve(a, V[:2])):
        with pytest.raises(la.LinAlgError), np.errstate(divide="ignore"):
            slope(lambda a, f=f: np.sum(f(a)[-1]), np.ones((2, 2)))
    with pytest.raises(la.LinAlgError):
        slope(la.cholesky, -np.eye(2))
    with pytest.raises(TypeError, match="float16"):
        slope(la.inv, np.eye(2, dtype=np.float16))
    for bad in (lambda x: la.norm(x, "fro"), lambda x: la.norm(x[None], 3),
                lambda x: la.norm(x[None, None], 2)):
        with pytest.raises(ValueError, match="norm: order"):
            slope(bad, V)


@pytest.mark.parametrize("n", [3, 6])
def test_the_slope_of_a_determinant_is_right_at_singular_matrices(n):
    rng = np.random.default_rng(n)
    a = rng.uniform(-1, 1, (n, n))
    a[-1] = a[:-1].sum(0)                   # singular up to rounding
    check_derivatives(la.det, [a])
