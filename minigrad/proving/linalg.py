"""Matrix functions: <g, dy> = <VJP, dA> with the defining equations for y.

inv, solve and det are rational in the entries of A, which are free symbols. For the
factorings the factors are chosen instead, by free symbols, and A is made from them: A =
L L^T for cholesky, A = Q R for qr, A = V diag(w) V^T for eigh, where Q and V are rotations
in their rational parametrization. That they satisfy the defining equations is itself
decided by algebra.
"""
import itertools

import numpy as np
import sympy as sp

from minigrad.primitives import linalg
from minigrad.proving.algebra import vanishes
from minigrad.proving.pullbacks import Case, call_text, differential_failure
from minigrad.symbolic import Symbolic, symbols

THEOREM = "⟨g, dy⟩ = ⟨VJP(g), dA⟩, where y satisfies its defining equations"


def free(*shapes, **kwargs):
    """Every entry of every argument a free symbol, which moves alone."""
    args = tuple(symbols("ab"[i], shape) for i, shape in enumerate(shapes))
    return Case(call_text(args, kwargs), args, kwargs,
                {i: [{u: 1} for u in np.ravel(a.array)] for i, a in enumerate(args)})


def made(text, a, parameters, result, equations, **kwargs):
    """A matrix made of parameters, its result, and equations that they must satisfy."""
    moves = {0: [{u: 1} for u in parameters]}
    case = Case(text, (Symbolic(a),), kwargs, moves)
    case.result = Symbolic(np.array(result, dtype=object))
    case.equations = [e for matrix in equations for e in np.ravel(np.array(matrix))]
    return case


def rotation(n, name):
    """A rotation of n dimensions by Cayley's formula, and its symbols."""
    places = list(itertools.combinations(range(n), 2))
    letters = [sp.Symbol(f"{name}{i}{j}", real=True) for i, j in places]
    skew = sp.zeros(n, n)
    for (i, j), t in zip(places, letters):
        skew[i, j], skew[j, i] = -t, t
    one = sp.eye(n)
    cayley = (one + skew)*(one - skew).adjugate()/(one - skew).det()
    return cayley.applyfunc(sp.factor), letters


def descending(n, name):
    """n different positive symbols in falling order: sums of gaps."""
    gaps = sp.symbols(f"{name}1:{n + 1}", positive=True)
    return [sp.Add(*gaps[i:]) for i in range(n)], list(gaps)


def one_triangle(a, which):
    """A symmetric matrix in which the triangle that is not read holds other symbols."""
    def is_read(i, j):
        return i >= j if which == "L" else i <= j
    return sp.Matrix(*a.shape, lambda i, j: a[i, j] if is_read(i, j) else
                     sp.Symbol(f"unread{i}{j}", real=True))


def cholesky_cases():
    """A = L L^T with free L, diagonal positive."""
    for n, upper in itertools.product((1, 2, 3), (False, True)):
        entries = {(i, j): sp.Symbol(f"l{i}{j}", real=True, positive=i == j or None)
                   for i in range(n) for j in range(i + 1)}
        factor = sp.Matrix(n, n, lambda i, j: entries.get((i, j), 0))
        a = factor*factor.T
        read = one_triangle(a, "U" if upper else "L")
        kwargs, y = ({"upper": True}, factor.T) if upper else ({}, factor)
        yield made(f"A = L L^T, {n} x {n}, upper={upper}, the other triangle free",
                   read, entries.values(), y, [a - factor*factor.T], **kwargs)


def eigh_cases(*sizes):
    """A = V diag(w) V^T with V a free rotation and w in rising order."""
    for n, triangle in sizes or ((1, "L"), (2, "L"), (2, "U")):
        v, turns = rotation(n, "t")
        w, gaps = descending(n, "w")
        w = [-value for value in w]                         # ascending
        diagonal = sp.diag(*w)
        a = (v*diagonal*v.T).applyfunc(sp.factor)
        yield made(f"A = V diag(w) V^T, {n} x {n}, UPLO={triangle!r}, the other triangle "
                   "free", one_triangle(a, triangle), turns + gaps,
                   sp.Matrix([w]).col_join(v), [v.T*v - sp.eye(n), a*v - v*diagonal],
                   UPLO=triangle)


def svd_cases(*shapes):
    """A = U diag(s) V^T with free rotations and s in falling order."""
    for m, n in shapes or ((1, 1), (2, 2), (2, 1), (1, 2)):
        k = min(m, n)
        u, first = rotation(m, "t")
        v, second = rotation(n, "r")
        s, gaps = descending(k, "s")
        u, v, diagonal = u[:, :k], v[:, :k], sp.diag(*s)
        a = (u*diagonal*v.T).applyfunc(sp.factor)
        yield made(f"A = U diag(s) V^T, {m} x {n}", a, first + second + gaps,
                   u.col_join(sp.Matrix([s])).col_join(v),
                   [u.T*u - sp.eye(k), v.T*v - sp.eye(k), a*v - u*diagonal])


def qr_cases(*shapes):
    """A = Q R with a free rotation or reflection for Q, and R free, none 0 in its diagonal.
    """
    for (m, n), sign in itertools.product(shapes or ((1, 1), (2, 1), (2, 2), (3, 2)), (
            1, -1)):
        q, turns = rotation(m, "t")
        q = q[:, :n]*sp.diag(*[1]*(n - 1), sign)
        letters = {(i, j): sp.Symbol(f"r{i}{j}", real=True, nonzero=i == j or None)
                   for j in range(n) for i in range(j + 1)}
        r = sp.Matrix(n, n, lambda i, j: letters.get((i, j), 0))
        a = (q*r).applyfunc(sp.factor)
        yield made(f"A = Q R, {m} x {n}, det {sign}", a, [*turns, *letters.values()],
                   q.col_join(r), [q.T*q - sp.eye(n), a - q*r])


def pinv_cases(*shapes):
    """Free matrices of full rank, with the textbook inverse from one side."""
    for m, n in shapes or ((1, 1), (2, 1), (1, 2), (3, 1), (1, 3)):
        a = sp.Matrix(m, n, lambda i, j: sp.Symbol(f"a{i}{j}", real=True))
        p = (a.T*a).inv()*a.T if m >= n else a.T*(a*a.T).inv()
        product = a*p if m >= n else p*a
        yield made(f"full rank, {m} x {n}", a, list(a), p,
                   [(p*a if m >= n else a*p) - sp.eye(min(m, n)), product - product.T])


def logdet_cases():
    """Free matrices of either sign of the determinant."""
    for n, sign in itertools.product((1, 2, 3), (1, -1)):
        a = symbols("a", (n, n))
        det = sp.Matrix(a.array).det(method="berkowitz")
        yield made(f"sign(det A) = {sign}, {n} x {n}", a, np.ravel(a.array),
                   [sign, sp.log(sign*det)], [])


def norm_cases():
    """No entry 0: each sign of the first entry, for orders p of every kind."""
    q = sp.Symbol("q", positive=True)
    calls = [((2,), p, {}) for p in (
        2, 4, 1, -1, Symbolic(2 + q), Symbolic(-q), Symbolic(1/(1 + q)),
        Symbolic(1 + 1/(1 + q)))]
    calls += [((2, 2), 2, kwargs) for kwargs in (
        {}, {"axis": 0}, {"axis": -1, "keepdims": True}, {"axis": (0, 1)})]
    for shape, p, kwargs in calls:
        size = int(np.prod(shape))
        letters = sp.symbols(f"x1:{size + 1}", positive=True)
        for sign in (1, -1):                            # of the first entry
            x = Symbolic(np.reshape([sign*letters[0], *letters[1:]], shape))
            name = p.expr if isinstance(p, Symbolic) else p
            yield Case(f"{call_text((x,), kwargs)}, p = {name}, no entry 0", (x, p),
                       kwargs, {0: [{u: 1} for u in letters]})
    x, y = sp.Symbol("x", positive=True), sp.Symbol("y", real=True)
    yield Case("one entry positive, the other real, p = 2", (Symbolic([x, y]), 2),
               moves={0: [{x: 1}, {y: 1}]})


CASES: dict = {
    np.linalg.inv: lambda: [free((1, 1)), free((2, 2)), free((3, 3)), free((2, 1, 1))],
    np.linalg.det: lambda: [free((n, n)) for n in (1, 2, 3, 4)] + [free((2, 2, 2))],
    np.linalg.solve: lambda: [free((1, 1), (1,)), free((2, 2), (2,)), free((2, 2), (2, 1)),
                              free((2, 2), (2, 2)), free((2, 1, 1), (1, 2))],
    np.linalg.pinv: pinv_cases, np.linalg.cholesky: cholesky_cases,
    linalg.eigh_rows: eigh_cases, linalg.svd_rows: svd_cases, linalg.qr_rows: qr_cases,
    linalg.signed_logdet: logdet_cases, linalg.p_norm: norm_cases,
}
LARGER: dict = {                                # further ones, up to half a minute each
    np.linalg.pinv: lambda: pinv_cases((2, 2), (3, 2), (2, 3)),
    linalg.eigh_rows: lambda: eigh_cases((3, "L")),
    linalg.svd_rows: lambda: svd_cases((3, 2), (2, 3)),
}


def cases(function):
    """The matrices at which a function is proved; none if it is not listed."""
    return list(CASES[function]()) if function in CASES else []


def failure(function, vjp, i, case):
    """Why the identity is not shown, or the equations for the result; or None."""
    for e in case.equations:
        if not vanishes(e):
            return f"{case.text}: the result given does not satisfy {e} = 0"
    return differential_failure(function, vjp, i, case)


# function, argument, its values, g, what the VJP gives there by convention, in words
KINKS: list[tuple] = [
    (linalg.p_norm, 0, (np.zeros(2), 2), 1.0, [0.0, 0.0], "0 at 0"),
    (linalg.p_norm, 0, (np.zeros(2), 1), 1.0, [0.0, 0.0], "0 at 0"),
    (linalg.p_norm, 0, (np.array([0.0, 2.0]), 1), 1.0, [0.0, 1.0], "0 for an entry 0"),
]
