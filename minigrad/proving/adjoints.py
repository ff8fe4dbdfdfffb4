"""Functions linear in each argument: the VJP is the adjoint map.

For each listed call, with symbols for all entries of the argument and of all others:
L(p*x + q*x') = p*L(x) + q*L(x'), and <g, L x'> = <VJP(g, L x, x), x'> for an x' of its own,
so that a VJP which looks at x is not taken for an adjoint.
"""
import numpy as np
import sympy as sp

from minigrad.primitives import shapes, sliding
from minigrad.primitives.linear import affine
from minigrad.primitives.masking import zeroed
from minigrad.proving.pullbacks import Case, call_text, inner, pulled_back, shape_failure
from minigrad.symbolic import Symbolic, symbols

THEOREM = "linear in the argument, and ⟨g, L x⟩ = ⟨VJP(g), x⟩, the others symbols"
KINKS: list[tuple] = []
# A sum of maps, each linear in some of the arguments: to which one argument i belongs.
TERMS = {shapes.concatenate: lambda i: i, affine: lambda i: i == 2,
         shapes.replaced: lambda i: i == 2}


class A:
    """The place of an array of symbols of this shape."""

    def __init__(self, *shape):
        self.shape = shape


def call(*args, **kwargs):
    """A call: its arguments, A for an array of symbols, and its keywords."""
    return args, kwargs


COLUMN = np.array([True, False, True])
ROWS = np.array([1, 0, 1])                      # names a row twice
INDICES: list = [
    0, -1, slice(1, None), slice(None, None, -1), slice(None, None, 2), (0, 1), (..., 0),
    (slice(None), slice(1, 3)), (None, 1), (slice(None), None, slice(0, 2)), ..., (),
    ROWS, (slice(None), np.array([2, 2, 0])), (ROWS, np.array([0, 2, 0])),
    (slice(None), COLUMN), np.array([True, False]),
    (np.array([[0], [1]]), np.array([0, 2])),
    [1, 1], (0, ROWS), slice(2, 2), np.array([[True, False, True], [False, False, True]]),
]
BOTH = [call(A(3), A(3)), call(A(2, 3), A(3)), call(A(3), A(3, 2)), call(A(2, 3), A(3, 2)),
        call(A(2, 2, 3), A(3)), call(A(3), A(2, 3, 2)), call(A(1, 2), A(2, 1)),
        call(A(2, 2), A(2, 2))]

CALLS: dict = {
    np.sum: [call(A(2, 3), **kw) for kw in (
        {}, {"axis": 0}, {"axis": -1}, {"axis": (0, 1)}, {"axis": (-1, 0)}, {"axis": ()},
        {"keepdims": True}, {"axis": 1, "keepdims": True},
        {"axis": (0, 1), "keepdims": True},
    )] + [call(A()), call(A(2, 1, 2), axis=(0, -1)), call(A(2, 3), 1)],
    np.cumsum: [call(A(3)), call(A(2, 3)), call(A(2, 3), axis=0), call(A(2, 3), axis=-1)],
    np.matmul: BOTH + [call(A(2, 2, 3), A(3, 2)), call(A(2, 3), A(2, 3, 2)),
                       call(A(2, 2, 1), A(2, 1, 2)), call(A(1, 2, 2), A(2, 2, 1))],
    affine: [call(A(2, 3), A(2, 3), A(2)), call(A(3), A(2, 3), A(2)), call(A(1), A(1, 1)),
             call(A(2, 1, 3), A(2, 3), A(2)), call(A(3), A(2, 3)), call(A(2, 2), A(2, 2))],
    np.einsum: [call(subscripts, *map(lambda shape: A(*shape), operands))
                for subscripts, *operands in [
        ("ij,jk->ik", (2, 3), (3, 2)), ("ij,jk->ki", (2, 3), (3, 2)), ("ij->ji", (2, 3)),
        ("ij->", (2, 3)), ("ij->j", (2, 3)), ("ii->", (3, 3)), ("ii->i", (3, 3)),
        ("iij->j", (2, 2, 3)), ("i,i->", (3,), (3,)), ("i,j->ij", (2,), (3,)),
        ("ij,j->i", (2, 3), (3,)), ("bij,bjk->bik", (2, 2, 1), (2, 1, 2)),
        ("i,ij,j->", (2,), (2, 3), (3,)), ("ij,k->k", (2, 2), (2,)),
        ("ii,i->i", (2, 2), (2,)), ("iii->i", (2, 2, 2)), ("iji->j", (2, 3, 2)),
        ("ij,jk", (2, 3), (3, 2)), ("ba", (2, 3)), ("ii", (2, 2)),
        ("...ij->...ji", (2, 1, 3)), ("...j,j", (2, 3), (3,)),
        ("...i,...i->...", (2, 2), (2,)), ("i...,i->...", (2, 3), (2,)),
        ("i->i", (3,)), ("ij,ij->ij", (2, 2), (2, 2)), (" i j , j -> i ", (2, 2), (2,)),
        ("ij,ij->ij", (1, 2), (2, 2)), ("ij,j->i", (2, 1), (3,))]] + [
        call(A(2, 3), [0, 1], A(3), [1]), call(A(2, 3), [0, 1], A(3, 2), [1, 2], [2, 0]),
        call("ij,j->i", A(2, 3), A(3), optimize=True)],
    np.tril: [call(A(3, 3)), call(A(2, 3), 1), call(A(2, 3, 2), k=-1)],
    np.triu: [call(A(3, 3)), call(A(2, 3), 1), call(A(2, 3, 2), k=-1)],

    shapes.getitem: [call(A(2, 3), index) for index in INDICES],
    shapes.scatter: [call(A(*np.empty((2, 3))[index].shape), index, (2, 3))
                     for index in INDICES],
    shapes.replaced: [call(A(2, 3), [1, 5], A(2)), call(A(2, 2), np.array([[3], [0]]),
                                                        A(2, 1)),
                      call(A(3), [2], A()), call(A(2, 2), [0], A(1))],
    shapes.astype: [call(A(2, 3), np.float32), call(A(), np.float64)],
    shapes.copy: [call(A(2, 3)), call(A())],
    shapes.concatenate: [
        call(A(2), A(3)), call(A(1, 2), A(2, 2), axis=0), call(A(2, 1), A(2, 2), axis=1),
        call(A(2, 1), A(2, 2), axis=-1), call(A(2, 1), A(3), A(), axis=None), call(A(2)),
        call(A(2), A(0), A(1))],
    np.reshape: [call(A(2, 3), (3, 2)), call(A(2, 3), -1), call(A(2, 3), (3, -1)),
                 call(A(2, 3), (3, 2), order="F"), call(A(1), ()), call(A(2, 3), 6),
                 call(A(2, 3), (1, 2, 3, 1), order="C")],
    np.ravel: [call(A(2, 3)), call(A(2, 3), order="F"), call(A()), call(A(2, 3), "C")],
    np.squeeze: [call(A(1, 2, 1)), call(A(1, 2, 1), axis=0), call(A(1, 2, 1), axis=-1),
                 call(A(1, 2, 1), axis=(0, 2))],
    np.expand_dims: [call(A(2, 3), 0), call(A(2, 3), -1), call(A(2, 3), (0, 2)),
                     call(A(), axis=0)],
    np.broadcast_to: [call(A(3), (2, 3)), call(A(2, 1), (2, 3)), call(A(), (2,)),
                      call(A(1), (2, 2)), call(A(2, 3), (2, 3)),
                      call(A(1, 2), shape=(3, 2))],
    np.transpose: [call(A(2, 3)), call(A(2, 1, 3), (2, 0, 1)), call(A(3)),
                   call(A(2, 1, 3), axes=(1, 2, 0)), call(A(2, 1, 3), (-1, 0, 1)),
                   call(A())],
    np.swapaxes: [call(A(2, 3), 0, 1), call(A(2, 1, 3), 0, -1), call(A(2, 1, 3), -2, -1)],
    np.moveaxis: [call(A(2, 1, 3), 0, -1), call(A(2, 1, 3), (0, 1), (2, 0)),
                  call(A(2, 1, 3), -1, 0), call(A(2, 1, 3), (0, 1, 2), (1, 2, 0))],
    np.flip: [call(A(2, 3)), call(A(2, 3), 0), call(A(2, 3), axis=-1),
              call(A(2, 3), axis=(0, 1))],
    np.roll: [call(A(2, 3), 1), call(A(2, 3), -4), call(A(2, 3), 1, 0),
              call(A(2, 3), 2, axis=-1), call(A(2, 3), (1, 2), axis=(0, 1)),
              call(A(2, 3), 1, axis=(0, 1))],

    zeroed: [call(A(3), COLUMN), call(A(2, 3), COLUMN), call(A(2, 1), COLUMN),
             call(A(), np.array(True)), call(A(), np.array(False))],
    # x (c, *space, n), kernel, stride, dilation; g (c, *kernel, *outputs, n), space, ...
    sliding.windows: [
        call(A(1, 4, 1), (2,), (1,), (1,)), call(A(2, 3, 2), (1,), (2,), (1,)),
        call(A(1, 5, 2), (2,), (2,), (1,)), call(A(1, 6, 1), (2,), (1,), (3,)),
        call(A(1, 5, 1), (2,), (3,), (1,)), call(A(1, 3, 4, 2), (2, 2), (1, 1), (1, 1)),
        call(A(2, 4, 3, 1), (2, 1), (2, 1), (1, 1)),
        call(A(1, 4, 5, 1), (2, 2), (1, 2), (2, 1)),
        call(A(1, 2, 2, 1), (2, 2), (1, 1), (1, 1))],
    sliding.overlap_add: [
        call(A(1, 2, 3, 1), (4,), (1,), (1,)), call(A(2, 1, 2, 2), (3,), (2,), (1,)),
        call(A(1, 2, 2, 2), (5,), (2,), (1,)), call(A(1, 2, 3, 1), (6,), (1,), (3,)),
        call(A(1, 2, 2, 2, 3, 1), (3, 4), (1, 1), (1, 1)),
        call(A(2, 2, 1, 2, 3, 1), (4, 3), (2, 1), (1, 1)),
        call(A(1, 2, 2, 2, 2, 1), (4, 5), (1, 2), (2, 1))],
}


def cases(function):
    """The calls at which a map is proved; none if it is not listed here."""
    out = []
    for args, kwargs in CALLS.get(function, []):
        arrays = {i: symbols("abcd"[i], a.shape) for i, a in enumerate(args)
                  if isinstance(a, A)}
        args = tuple(arrays.get(i, a) for i, a in enumerate(args))
        text = call_text(args, kwargs)
        out.append(Case(text, args, kwargs, dict.fromkeys(arrays, ())))
    return out


def failure(function, vjp, i, case):
    """Why the call is not shown to be linear in argument i with this adjoint, or None."""
    x, other = case.args[i], symbols("z", np.shape(case.args[i]))
    p, q = symbols("p"), symbols("q")
    term = TERMS.get(function, lambda i: 0)
    terms = {term(j) for j in range(len(case.args))}

    def summand(number, args):
        kept = [0*a if isinstance(a, Symbolic) and term(j) != number else a
                for j, a in enumerate(args)]
        return Symbolic(function(*kept, **case.kwargs))

    def at(x):
        return summand(term(i), [*case.args[:i], x, *case.args[i + 1:]])
    excess = [at(p*x + q*other) - p*at(x) - q*at(other)]
    if len(terms) > 1:
        excess.append(function(*case.args, **case.kwargs) - sum(
            summand(number, case.args) for number in terms))
    if any(sp.expand(e) != 0 for part in excess for e in np.ravel(part.array)):
        return f"{case.text}: not linear in argument {i}"
    g, y, back = pulled_back(function, vjp, i, case)
    if back.shape != x.shape:
        return shape_failure(back, i, case)
    difference = sp.expand(inner(g.array, at(other).array) - inner(back.array, other.array))
    if difference != 0:
        return f"{case.text}: <g, L x> - <VJP, x> = {difference}"
    return None
