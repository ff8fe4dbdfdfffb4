"""VJPs that came with mg.custom_vjp: proved at the shapes that are asked for, or refuted.

The function and its VJPs are run on arrays of symbols, one for each entry; the theorem is
<g, dy> = <VJP(g, y, arguments), dx> along each of them. A refutation is a rational point
at which the two sides differ as exact numbers, and at which the VJP as NumPy runs it
differs from the differences of the function as NumPy runs it.
"""
import functools
import itertools

import numpy as np
import sympy as sp

from minigrad.check import GradientError, check_grads
from minigrad.proving.elementwise import names, piece
from minigrad.proving.normal_forms import Letters
from minigrad.proving.pullbacks import (
    Case, along, differential_failure, inner, pulled_back)
from minigrad.symbolic import Symbolic
from minigrad.tape import recording
from minigrad.tensors import Tensor, plain

THEOREM = "⟨g, dy⟩ = ⟨VJP(g, y, arguments), dx⟩ in each entry of each argument"
KINKS: list[tuple] = []
PIECES = ("real", "> 0", "< 0", "> 1", "> -1", "in (-1, 1)")
DEFAULT = ((), (2,))            # shapes of all arguments, where the user lists none
POINTS = [sp.Rational(*pair) for pair in ((3, 2), (-2, 3), (5, 4), (1, 3), (-7, 5), (2, 1))]
TRIALS = 8


def array_of_pieces(name, shape, text):
    """An array of formulas that run through a piece of the line, and their symbols."""
    found = [piece(text, "_".join([name, *map(str, index)]))
             for index in np.ndindex(*shape)]
    entries = np.empty(len(found), dtype=object)
    entries[:] = [formula for formula, _ in found]
    return Symbolic(entries.reshape(shape)), [symbol for _, symbol in found]


def letters_of(function):
    """What the arguments of a function are called."""
    count = len(function.vjps)
    return names(count) if count <= 3 else tuple(f"x{i}" for i in range(count))


def cases(function, shapes=None, domain=None, constants=None):
    """The calls at which a function's VJPs are proved."""
    letters = letters_of(function)
    pieces = domain or ("real",)*len(letters)
    listed = [tuple(shapes)] if shapes else [(shape,)*len(letters) for shape in DEFAULT]
    if not len(listed[0]) == len(pieces) == len(letters) or not {*pieces} <= {*PIECES}:
        raise ValueError(f"prove: came shapes {listed[0]}, domain {pieces}; needs a shape "
                         f"and a piece for each of {len(letters)} arguments, pieces from "
                         f"{', '.join(PIECES)}")
    out = []
    for each in listed:
        args, symbols = zip(*map(array_of_pieces, letters, each, pieces))
        text = ", ".join(f"{name} {kind} {shape}" for name, kind, shape
                         in zip(letters, pieces, each))
        moves = {i: [{s: 1} for s in own] for i, own in enumerate(symbols)}
        out.append(Case(text, args, dict(constants or {}), moves))
    return out


def failure(function, vjp, i, case):
    """Why the theorem is not shown for argument i, or None."""
    return differential_failure(function, vjp, i, case) or gap(function, vjp, i, case)


def gap(function, vjp, i, case):
    """Why a VJP is not known to be defined wherever the function is, or None.

    As a formula x*x/x is x, so that its gap at 0 is not seen in the whole: each operation
    that NumPy does is looked at, and each denominator.
    """
    g, y, _ = pulled_back(function, vjp, i, case)
    poles = set()
    for operation, args in operations(vjp, [g, y, *case.args], case.kwargs):
        value = Symbolic(operation(*args))
        poles |= Letters().poles_of(value, beyond=y)
        if operation is np.true_divide:
            poles |= Letters().poles_of(1/Symbolic(args[1]), beyond=y)
    if poles:
        return f"{case.text}: the VJP is not known to be defined, which needs {poles}"
    return None


def operations(vjp, formulas, kwargs):
    """The operations that a VJP does on formulas, in their order: (function, arguments).

    They are recorded on numbers, as formulas remember none.
    """
    point = {s: 1 for e in formulas for s in set().union(*[
        entry.free_symbols for entry in np.ravel(e.array)])}
    with recording(), np.errstate(all="ignore"):
        tensors = [Tensor(array, True) for array in numbers_at(formulas, point)]
        stack = [vjp(*tensors, **kwargs)]
    known, nodes = {id(t): e for t, e in zip(tensors, formulas)}, {}
    while stack:
        tensor = stack.pop()
        if isinstance(tensor, Tensor) and tensor._node and id(tensor) not in nodes:
            nodes[id(tensor)] = tensor
            stack.extend(tensor._node.args)
    for tensor in sorted(nodes.values(), key=lambda tensor: tensor._node.time):
        node = tensor._node
        args = [known.get(id(a), plain(a)) for a in node.args]
        run = functools.partial(node.function, **node.kwargs)
        known[id(tensor)] = Symbolic(run(*args))
        yield node.function if not node.kwargs else run, args


def letters_in(case, *more):
    """The symbols in a case's arguments, and in more formulas."""
    return sorted(set().union(*[e.free_symbols for a in (*case.args, *more)
                                for e in np.ravel(a.array)]), key=str)


def numbers_at(arrays, point):
    """Arrays of formulas as NumPy's, with numbers put for their symbols."""
    return [at_point(a, point).array.astype(float) for a in arrays]


def witness(function, vjp, i, case):
    """Where the VJP of argument i is not the derivative, in words, or None."""
    g, y, back = pulled_back(function, vjp, i, case)
    sides = [(inner(g.array, along(y, move)),
              inner(back.array, along(case.args[i], move))) for move in case.moves[i]]
    letters, numbers = letters_in(case, g), itertools.cycle(POINTS)
    for _ in range(TRIALS):
        point = {s: abs(v) if s.is_positive else v for s, v in zip(letters, numbers)}
        next(numbers)                                   # another pairing the next time
        for true, given in sides:
            off = (true - given).subs(point).evalf(30)
            if off.is_Float and abs(off) > 1e-9 and contradicted(function, i, case, point):
                at = ", ".join(f"{name} = {at_point(a, point).array.tolist()}" for name, a
                               in zip((*letters_of(function), "g"), (*case.args, g)))
                return (f"at {at}: the derivative is {true.subs(point).evalf(9)}, the VJP "
                        f"gives {given.subs(point).evalf(9)}")
    return None


def at_point(formulas, point):
    """Formulas with numbers put for their symbols."""
    return Symbolic(np.frompyfunc(lambda e: e.subs(point), 1, 1)(formulas.array))


def contradicted(function, i, case, point):
    """Whether differences of the function as NumPy runs it contradict its VJP."""
    args = numbers_at(case.args, point)

    def alone(x):
        return function(*args[:i], x, *args[i + 1:], **case.kwargs)
    try:
        check_grads(alone, (args[i],), order=1)
    except GradientError:
        return True
    except (ArithmeticError, ValueError, TypeError):    # the function has no value there
        return False
    return False
