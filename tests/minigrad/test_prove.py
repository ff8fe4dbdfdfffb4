"""Every VJP is proved, a wrong one is not, and the page of operations is current."""
import functools
import re
import time
import types

import numpy as np
import pytest
import sympy as sp

from minigrad import composites, operations, primitives, prove
from minigrad.primitives import linalg, masking, moments, shapes, sliding, special, stable
from minigrad.primitives.elementwise import quotient
from minigrad.primitives.linear import Each, affine, affine_weight, sum_vjp, transposed
from minigrad.primitives.selection import relu, share, sort_vjp
from minigrad.primitives.ties import first_max, first_max_vjp
from minigrad.proving import adjoints
from minigrad.proving import stable as stable_theory
from minigrad.proving.algebra import between_jumps, vanishes
from minigrad.proving.pullbacks import Case, differential_failure
from minigrad.symbolic import Symbolic, symbols

from ..cases import each

TABLE_OF = {f: table for table, rows in primitives.TABLES.items() for f in rows}


@pytest.fixture(scope="module")
def proofs():
    return prove.prove_tables()


def test_every_vjp_of_every_table_is_proved(proofs):
    failed = [p for p in proofs if p.status != "PROVED"]
    assert failed == []
    assert all(p.cases and not p.detail for p in proofs)


def test_no_vjp_is_left_out(proofs):
    shown = {(p.table, p.primitive, p.argument) for p in proofs}
    for table, rows in primitives.TABLES.items():
        for function, vjps in rows.items():
            some = range(len(vjps)) if isinstance(vjps, tuple) else [1]
            for i in some:
                if vjps[i] is not None:
                    assert (table, function.__name__, i) in shown


# --- planted errors: (function, argument, a wrong VJP) ------------------------------------
ELEMENTWISE = {
    "sign": (np.cos, 0, lambda g, y, x: g*np.sin(x)),
    "factor 2": (np.square, 0, lambda g, y, x: g*x),
    "inner sign": (np.arcsin, 0, lambda g, y, x: g/np.sqrt(1 + x*x)),
    "root forgotten": (np.arccosh, 0, lambda g, y, x: g/((x - 1)*(x + 1))),
    "arguments swapped": (np.arctan2, 0, lambda g, y, a, b: g*a/(a**2 + b**2)),
    "factor log 2 forgotten": (np.exp2, 0, lambda g, y, x: g*y),
    "log 2 rounded": (np.exp2, 0, lambda g, y, x: g*y*0.6931471805599),
    "power one too high": (np.power, 0, lambda g, y, x, p: g*p*x**p),
    "wrong at p = 0": (np.power, 0, lambda g, y, x, p:
                       quotient(g*p, x**(1 - p)) + g*(p == 0)),
    "square forgotten": (np.tanh, 0, lambda g, y, x: g*(1 - y)),
    "a sum over entries": (np.sin, 0, lambda g, y, x: np.sum(g)*np.cos(x)),
    "the entries turned round": (np.exp, 0, lambda g, y, x: (g*y)[::-1] if np.ndim(y)
                                 else g*y),
    "wrong for x < 0 only": (np.absolute, 0, lambda g, y, x: g),
    "cbrt by a real power": (np.cbrt, 0, lambda g, y, x: g/(3*x**(2/3))),
    "floor for ceil": (np.remainder, 1, lambda g, y, a, b: -g*np.ceil(a/b)),
    "slope of a step": (np.floor, 0, lambda g, y, x: g),
    "y for x": (np.expm1, 0, lambda g, y, x: g*y),
    "cotangent forgotten": (np.sin, 0, lambda g, y, x: np.cos(x)),
    "undefined at x = -1": (np.square, 0, lambda g, y, x: 2*g*(x**2 + x)/(x + 1)),
    "nan for an infinite slope": (np.sqrt, 0, lambda g, y, x: g*y/(2*x)),
    "inf where g is 0": (np.sqrt, 0, lambda g, y, x: np.where(x == 0, np.inf, g/(2*y))),
    "slope 1 at the kink": (np.fabs, 0, lambda g, y, x: np.where(x >= 0, g, -g)),
    "erf without its factor": (special.erf, 0, lambda g, y, x: g*np.exp(-x*x)),
    "sinc twice": (np.sinc, 0, lambda g, y, x: g*special.sinc_derivative(x, 2)),
}
EINSUM = primitives.VJPS[np.einsum].vjp


def peeking_sum(g, y, x, axis=None, dtype=None, keepdims=False):
    """Orthogonal to x, so <VJP, x> cannot tell it from the adjoint."""
    flat = np.ravel(x)
    twist = np.reshape(np.roll(flat, 1) - np.roll(flat, -1), np.shape(x))
    return sum_vjp(g, y, x, axis, dtype, keepdims) + twist


def unscattered(g, y, x, index):
    """An entry named twice gets one of its cotangents only."""
    out = np.zeros(np.shape(x), object)
    out[index] = g.array
    return Symbolic(out)


MAPS = {
    "not spread out": (np.sum, 0, lambda g, y, x, axis=None, keepdims=False: g),
    "looks at x": (np.sum, 0, peeking_sum),
    "not reversed": (np.cumsum, 0, lambda g, y, x, axis=None: np.cumsum(g, axis)
                     if axis is not None else np.reshape(np.cumsum(g), np.shape(x))),
    "transpose forgotten": (np.matmul, 0, lambda g, y, a, b: np.matmul(g, b)
                            if np.shape(a) == np.shape(b) == (2, 2) else
                            primitives.VJPS[np.matmul][0](g, y, a, b)),
    "left for right": (np.matmul, 1, primitives.VJPS[np.matmul][0]),
    "weights transposed": (affine, 1, lambda g, y, x, weight, bias=None: np.matmul(
        transposed(x), g) if weight.shape == (2, 2) else
        affine_weight(g, y, x, weight, bias)),
    "bias doubled": (affine, 2, lambda g, y, x, weight, bias=None: 2*g),
    "axes not restored": (np.moveaxis, 0, lambda g, y, x, source, destination: np.reshape(
        np.moveaxis(g, source, destination), np.shape(x))),
    "factor 2 in einsum": (np.einsum, 1, lambda *args, **kw: 2*EINSUM(1, *args, **kw)),
    "other triangle": (np.tril, 0, lambda g, y, m, k=0: np.triu(g, k)),
    "axes not inverted": (np.transpose, 0, lambda g, y, x, axes=None:
                          np.transpose(g, axes)),
    "rolled on": (np.roll, 0, lambda g, y, x, shift, axis=None: np.roll(g, shift, axis)),
    "not flipped back": (np.flip, 0, lambda g, y, x, axis=None: g),
    "order forgotten": (np.reshape, 0, lambda g, y, x, shape, order="C": np.reshape(
        g, np.shape(x))),
    "copies not added": (shapes.getitem, 0, unscattered),
    "what was replaced counts": (shapes.replaced, 0, lambda g, y, x, places, values: g),
    "first copy only": (np.broadcast_to, 0, lambda g, y, x, shape: np.reshape(
        np.ravel(g)[:np.size(x)], np.shape(x))),
    "wrong piece": (shapes.concatenate, 1, lambda g, y, *arrays, axis=0: np.reshape(
        np.ravel(g)[:np.size(arrays[1])], np.shape(arrays[1]))),
    "wrong diagonal": (np.triu, 0, lambda g, y, m, k=0: np.triu(g)),
    "the others replaced": (masking.zeroed, 0, lambda g, y, x, mask: masking.zeroed(
        g, np.logical_not(mask))),
    "kernel turned": (sliding.windows, 0, lambda g, y, x, kernel, stride, dilation:
                      sliding.overlap_add(np.flip(g, 1), np.shape(x)[1:-1], stride,
                                          dilation)),
    "stride forgotten": (sliding.windows, 0, lambda g, y, x, kernel, stride, dilation:
                         sliding.overlap_add(g, np.shape(x)[1:-1], (1,)*len(stride),
                                             dilation)),
    "twice where one window lies": (
        sliding.overlap_add, 0, lambda g, y, x, space, stride, dilation: 2*sliding.windows(
            g, np.shape(x)[1:1 + len(space)], stride, dilation)),
}
PICKS = {
    "the slope of |x|": (relu, 0, lambda g, y, x: np.where(x <= 0, -g, g)),
    "slope 1 at 0": (relu, 0, lambda g, y, x: np.where(x < 0, 0, g)),
    "tie unshared": (np.maximum, 0, lambda g, y, a, b: np.where(a >= b, g, 0)),
    "the smaller one": (np.maximum, 0, lambda g, y, a, b: np.where(a <= b, g, 0)),
    "other argument": (np.minimum, 1, share),
    "ties counted in full": (np.max, 0, lambda g, y, x, axis=None, keepdims=False: np.where(
        x == sum_vjp(y, None, x, axis, None, keepdims),
        sum_vjp(g, None, x, axis, None, keepdims), 0)),
    "branches swapped": (np.where, 1, lambda g, y, c, a, b: np.where(c, 0, g)),
    "bounds ignored": (np.clip, 0, lambda g, y, x, a_min=None, a_max=None: g),
    "not sorted back": (np.sort, 0, lambda g, y, x, axis=-1, kind=None: g),
    "wrong axis": (np.sort, 0, lambda g, y, x, axis=-1, kind=None:
                   sort_vjp(g, y, x, 0)),
    "shared at a tie": (first_max, 0, lambda g, y, x: np.where(
        x == np.expand_dims(y, 1), np.expand_dims(g, 1), 0)),
    "the last of tied entries": (first_max, 0, lambda g, y, x: np.flip(
        first_max_vjp(g, y, np.flip(x, 1)), 1)),
    "the smallest": (first_max, 0, lambda g, y, x: first_max_vjp(g, -y, -x)),
    "as if sorted": (np.partition, 0, lambda g, y, x, kth, axis=-1: g),
}


def unguarded_product(g, y, x, axis=None, keepdims=False):
    return sum_vjp(g*y, y, x, axis, None, keepdims)/x


OTHERS = {
    "undefined at zeros": (np.prod, 0, unguarded_product),
    "product before only": (np.cumprod, 0, lambda g, y, x, axis=None: np.reshape(
        g*y, np.shape(x))),
    "sum forgotten": (stable.log_softmax, 0, lambda g, y, x, axis=-1: g - np.exp(y)*g),
    "not normalised": (stable.logsumexp, 0, lambda g, y, x, axis=-1, keepdims=False: np.exp(
        x)*(g if keepdims else np.expand_dims(g, axis))),
    "part along y forgotten": (moments.standardized, 0, lambda g, y, x, axis, eps: (
        g - moments.mean(g, axis))/np.sqrt(moments.variance(x, axis) + eps)),
    "eps outside the root": (moments.standardized, 0, lambda g, y, x, axis, eps: (
        g - moments.mean(g, axis) - y*moments.mean(g*y, axis))/(
            np.sqrt(moments.variance(x, axis)) + eps)),
    "mean forgotten": (stable.cross_entropy, 0, lambda g, y, logits, labels: len(
        labels)*primitives.VJPS[stable.cross_entropy][0](g, y, logits, labels)),
    "sign of inv": (np.linalg.inv, 0, lambda g, y, a: transposed(y) @ g @ transposed(y)),
    "inv not transposed": (np.linalg.inv, 0, lambda g, y, a: -y @ g @ y),
    "det not transposed": (np.linalg.det, 0, lambda g, y, a: transposed(
        primitives.VJPS[np.linalg.det][0](g, y, a))),
    "solve not transposed": (np.linalg.solve, 1, lambda g, y, a, b: np.linalg.solve(a, g)),
    "change of rank space": (np.linalg.pinv, 0, lambda g, y, a: -transposed(
        y) @ g @ transposed(y)),
    "diagonal not halved": (np.linalg.cholesky, 0, lambda g, y, a, *, upper=False:
                            2*linalg.cholesky_vjp(g, y, a, upper=upper)),
    "both triangles": (linalg.eigh_rows, 0, lambda g, y, a, UPLO="L": (
        linalg.eigh_vjp(g, y, a, "L") + linalg.eigh_vjp(g, y, a, "U"))/2),
    "gap of the wrong sign": (
        linalg.eigh_rows, 0, lambda g, y, a, UPLO="L":
        linalg.eigh_vjp(g, np.concatenate([-y[:1], y[1:]]), a, UPLO)),
    "left for right vectors": (linalg.svd_rows, 0, lambda g, y, a: linalg.svd_vjp(
        g, y, transposed(a)) if np.shape(a) == (2, 1) else -linalg.svd_vjp(g, y, a)),
    "wrong power": (linalg.p_norm, 0, lambda g, y, x, p, axis=None, keepdims=False:
                    linalg.p_norm_vjp(g, y, x, p + 1 if np.ndim(p) == 0 and p == 4 else p,
                                      axis, keepdims)),
    "sign of the determinant": (linalg.signed_logdet, 0, lambda g, y, a: linalg.stretch(
        y[..., 0])*linalg.signed_logdet_vjp(g, y, a)),
}
PLANTED = ELEMENTWISE | MAPS | PICKS | OTHERS


@each("error", PLANTED)
def test_a_planted_error_is_refused_by_the_theorem_and_not_by_a_crash(error):
    function, i, wrong = PLANTED[error]
    proof = prove.prove_argument(TABLE_OF[function], function, wrong, i)
    assert proof.status == "FAILED" and proof.detail and "Error:" not in proof.detail


def test_there_is_a_planted_error_for_every_table():
    assert {TABLE_OF[function] for function, _, _ in PLANTED.values()} == set(
        primitives.TABLES)


def test_a_function_that_is_not_linear_is_refused_as_a_linear_one():
    """<g, x^2> = <g x, x>, so the adjoint identity alone would let it pass."""
    x = symbols("x", (2,))
    case = Case("(2,)", (x,), {}, {0: ()})
    reason = adjoints.failure(np.square, lambda g, y, x: g*y/x, 0, case)
    assert "not linear" in reason
    assert adjoints.failure(np.negative, lambda g, y, x: -g, 0, case) is None


def test_a_sum_of_maps_is_taken_apart(monkeypatch):
    """A term more, which vanishes with the bias alone, is no term of the bias."""
    x, weight, bias = symbols("x", (1,)), symbols("w", (1, 1)), symbols("b", (1,))
    case = Case("planted", (x, weight, bias), {}, {0: (), 2: ()})
    right, wrong = affine, lambda x, weight, bias: x @ weight.T + bias + x*bias

    def reason(function, i):
        return adjoints.failure(function, primitives.VJPS[affine][i], i, case)
    assert reason(right, 0) is None and reason(right, 2) is None
    monkeypatch.setitem(adjoints.TERMS, wrong, adjoints.TERMS[affine])
    assert "not linear" in reason(wrong, 0) and "not linear" in reason(wrong, 2)


def test_a_stable_form_that_is_not_its_textbook_form_is_refused():
    right, wrong = stable.logsumexp, functools.partial(stable.logsumexp)
    wrong.__wrapped__ = lambda x, axis=-1, keepdims=False: np.log(np.sum(np.exp(
        x - np.max(x, axis=axis, keepdims=True)), axis=axis, keepdims=keepdims))
    case, vjp = stable_theory.cases(right)[0], primitives.VJPS[right][0]
    assert stable_theory.failure(right, vjp, 0, case) is None
    assert "textbook form" in stable_theory.failure(wrong, vjp, 0, case)


def test_a_result_that_does_not_satisfy_its_equations_is_refused():
    case = prove.linalg.cases(np.linalg.cholesky)[2]
    case.equations = [case.args[0].array[0, 0] - 1]
    reason = prove.linalg.failure(np.linalg.cholesky, linalg.cholesky_vjp, 0, case)
    assert "does not satisfy" in reason


def test_a_case_must_move_its_argument_and_no_other():
    a, b = sp.symbols("a b", real=True)
    for args, reason in [((a, a + b), "moves argument 1 too"), ((b, b), "does not move")]:
        case = Case("planted", tuple(map(Symbolic, args)), moves={0: [{a: 1}]})
        assert reason in differential_failure(np.add, lambda g, y, a, b: g, 0, case)


def test_a_function_without_cases_or_theorem_fails_instead_of_being_skipped(monkeypatch):
    vjps = (lambda g, y, x: g,)
    monkeypatch.setitem(primitives.TABLES, "unheard of", {np.i0: vjps})
    for rows in primitives.TABLES.values():
        monkeypatch.setitem(rows, np.i0, vjps)
    tables = list(primitives.TABLES)
    proofs = [prove.prove_argument(table, np.i0, vjps[0], 0) for table in tables]
    assert {p.status for p in proofs} == {"FAILED"}
    assert "no theorem" in proofs[-1].detail and "no cases" in proofs[0].detail
    assert prove.prove_function(np.i0)[0].status == "FAILED"


def test_an_unlisted_variadic_function_fails(monkeypatch):
    monkeypatch.setitem(primitives.TABLES["linear"], np.i0, Each(lambda i, g, y, x: g))
    assert [p.status for p in prove.prove_function(np.i0)] == ["FAILED"]


def test_a_proof_that_takes_too_long_ends_as_failed(monkeypatch):
    monkeypatch.setattr(prove, "SECONDS", 0.05)
    def slow(g, y, x):
        for _ in range(3000):                   # one long sleep could not be interrupted
            time.sleep(0.01)
    began = time.monotonic()
    proof = prove.prove_argument("elementwise", np.exp, slow, 0)
    assert time.monotonic() - began < 20
    assert proof.status == "FAILED" and "not decided within 0.05 s" in proof.detail


def test_one_refuses_what_is_not_in_the_tables():
    with pytest.raises(ValueError, match="mean is not in the tables"):
        prove.prove_function(np.mean)
    assert [p.argument for p in prove.prove_function(np.where)] == [1, 2]


def test_the_command_prints_the_table_and_exits_1_unless_all_is_proved(monkeypatch, capsys):
    good = prove.prove_function(np.exp)
    bad = prove.prove_argument("elementwise", np.exp, lambda g, y, x: g, 0)
    for proofs, status in [(good, 0), (good + [bad], 1)]:
        monkeypatch.setattr(prove, "prove_tables", lambda large, proofs=proofs: proofs)
        assert prove.main() == status
    out = capsys.readouterr().out
    assert "1 of 1 VJPs proved" in out and "1 of 2 VJPs proved" in out
    assert "FAILED  exp" in out and "x real: <g, dy> - <VJP, dx> =" in out


# --- the algebra --------------------------------------------------------------------------
x, u = sp.symbols("x u", positive=True)
a, b = sp.symbols("a b", real=True)
n = sp.Symbol("n", integer=True)

ZEROS = [
    sp.sqrt(x**2) - x, sp.sqrt(4*x)*sp.sqrt(x) - 2*x, sp.sqrt(2)*sp.sqrt(3) - sp.sqrt(6),
    sp.cosh(a)**2 - sp.sinh(a)**2 - 1, sp.tan(a)**2 + 1 - 1/sp.cos(a)**2,
    sp.exp(a - sp.log(sp.exp(a) + sp.exp(b))) - sp.exp(a)/(sp.exp(a) + sp.exp(b)),
    2**(a - sp.log(2**a + 2**b)/sp.log(2)) - 2**a/(2**a + 2**b), x**a*x**b - x**(a + b),
    (-1)**(n + 2) - (-1)**(-n), sp.log(sp.exp(a)*x) - a - sp.log(x),
    sp.log(4*x) - 2*sp.log(2) - sp.log(x), sp.log(sp.sqrt(x)) - sp.log(x)/2,
    (x**(u + 2))**(1/(u + 2)) - x, sp.exp(a/2)**2 - sp.exp(a),
    sp.E*sp.exp(a) - sp.exp(a + 1),
]
NOT_ZEROS = [
    sp.sqrt(a**2) - a, sp.log(a**2) - 2*sp.log(a), sp.sin(a) + sp.cos(a) - 1,
    sp.sqrt((a - b)**2) - a + b, sp.sqrt(-x)*sp.sqrt(-u) - sp.sqrt(x*u), sp.zoo*x, sp.nan*x,
    sp.Abs(a) - a, sp.floor(a) - a, (-1)**n - 1, x - sp.Rational("1e-30"),
    sp.exp(x) - sp.exp(-x),
    1/(sp.sin(a)**2 + sp.cos(a)**2 - 1) - 1/(sp.sin(a)**2 + sp.cos(a)**2 - 1)**2,
]


@pytest.mark.parametrize("e", ZEROS, ids=str)
def test_algebra_shows_a_formula_to_be_zero(e):
    assert vanishes(e)


@pytest.mark.parametrize("e", NOT_ZEROS, ids=str)
def test_algebra_does_not_take_a_formula_for_zero(e):
    assert not vanishes(e)


def test_a_floor_is_settled_only_if_no_whole_number_lies_inside():
    r, half = sp.Symbol("r", positive=True), sp.Rational(1, 2)
    assert between_jumps(sp.floor(n + r), r) == n
    assert between_jumps(sp.ceiling(n - r), r) == n
    assert between_jumps(sp.floor(r/2 + half), r) == 0
    assert between_jumps(sp.floor(2*r), r) == sp.floor(2*r)
    assert between_jumps(sp.floor(r - half), r) == sp.floor(r - half)


# --- what is tested, not proved -----------------------------------------------------------
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("function, args, g", [
    (stable.logsumexp, (), np.ones(2)), (stable.log_softmax, (), np.ones((2, 2))),
    (stable.cross_entropy, ([0, 1],), np.ones(()))])
def test_stable_forms_and_their_slopes_are_finite_at_10000(function, args, g, dtype):
    logits = np.array([[1e4, -1e4], [-1e4, -1e4]], dtype)
    y = function(logits, *args)
    slope = primitives.VJPS[function][0](g.astype(dtype), y, logits, *args)
    assert np.all(np.isfinite(y)) and np.all(np.isfinite(slope))
    with np.errstate(over="ignore"):
        assert not np.all(np.isfinite(np.exp(logits)))      # the textbook form overflows


ONE_ARGUMENT = [f for table in ("elementwise", "special", "products")
                for f, vjps in primitives.TABLES[table].items() if len(vjps) == 1]
OPEN_AT_0 = {np.sqrt, np.cbrt, np.reciprocal, np.log, np.log2, np.log10, np.arccosh}


@each("function", ONE_ARGUMENT, ids=lambda f: f.__name__)
def test_a_vjp_is_finite_at_0_where_the_function_is_smooth(function):
    """SymPy cancels x/x, so that a VJP is defined at 0 is seen on numbers only."""
    rest = (1,) if function is special.sinc_derivative else ()
    zero = np.zeros(3) if function in (np.prod, np.cumprod) else np.zeros(())
    with np.errstate(all="ignore"):
        y = np.asarray(function(zero, *rest))
        slope = primitives.VJPS[function][0](np.ones_like(y), y, zero, *rest)
    assert np.all(np.isfinite(slope)) != (function in OPEN_AT_0)


# --- the page -----------------------------------------------------------------------------
def test_the_page_of_operations_is_what_the_tables_say_today(proofs):
    """If this fails: python -m minigrad.operations."""
    stored = operations.PAGE.read_text(encoding="utf-8").splitlines()
    assert [*without_missing(stored)] == operations.page(proofs).splitlines()


def without_missing(lines, package=np):
    """The lines of the page without the functions that an older NumPy does not have: their
    rows, and their names in the lists."""
    def kept(name):
        path = re.fullmatch(r"`np\.([\w.]+)`", name)
        return not path or functools.reduce(
            lambda a, part: getattr(a, part, None), path[1].split("."), package) is not None

    for line in lines:
        if not line.startswith("| "):
            yield ", ".join(filter(kept, line.split(", ")))
        elif kept(line.split(" ")[1]):
            yield line


def test_a_function_that_numpy_lacks_is_all_that_the_page_may_have_more():
    older = types.SimpleNamespace(sin=np.sin, linalg=types.SimpleNamespace(inv=0))
    lines = ["| `np.sin` | x |", "| `np.tan` | x |", "`np.linalg.inv`, `np.sin`, `np.tan`"]
    assert [*without_missing(lines, older)] == [lines[0], "`np.linalg.inv`, `np.sin`"]
    assert [*without_missing(lines)] == lines


def test_the_page_names_its_command_and_every_function(proofs):
    text = operations.page(proofs)
    assert "Generated by `python -m minigrad.operations`" in text
    for function in [*primitives.VJPS, *composites.COMPOSITES, *composites.PLAIN]:
        assert f"`{operations.name(function)}`" in text
    assert text.count("| PROVED |") == len(proofs)
    assert r"| `np.sqrt` | x | $\frac{g}{2 y}$ | `x > 0` |" in text


def test_every_row_of_the_page_has_six_cells(proofs):
    for line in operations.page(proofs).split("## Written in")[0].splitlines():
        if line.startswith("| "):
            assert line.replace(r"\|", "").count("|") == 7, line
