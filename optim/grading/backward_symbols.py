"""A backward pass run on symbols: arrays whose entries are SymPy expressions, in NumPy's
own arrays, so that x[i, j] = ... works. What comes back goes over a wire as a table of
operations and numbers, never as text that is evaluated.
"""
import functools
import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import sympy as sp

from minigrad.randomness import generator
from minigrad.symbolic import Symbolic, symbols
from minigrad.symbolic.constants import exact
from optim.grading.backward_calling import run_backward
from optim.grading.backward_exercises import Arrays, Exercise
from optim.lifting.python_files import one_line

HEADS = {f.__name__: f for f in (sp.Add, sp.Mul, sp.Pow, sp.exp, sp.log, sp.tanh, sp.cosh,
                                 sp.sinh, sp.Abs, sp.sign)}
MEANT = (np.exp, np.log, np.sqrt, np.tanh, np.log1p, np.expm1, np.square, np.sinh, np.cosh,
         np.reciprocal, np.absolute, np.sign, np.power, np.float_power)
MOST = 100_000                          # entries of a table


class Entries(np.ndarray):
    """An array of expressions that stays one through NumPy's functions."""

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **kwargs):
        if method == "at":
            return ufunc.at(inputs[0].view(np.ndarray), inputs[1], *map(plain, inputs[2:]))
        given = [plain(x) for x in inputs]
        if any(x.dtype == object for x in given):
            given = [x if x.dtype == object else plain_numbers(x) for x in given]
        if ufunc in MEANT and method == "__call__":
            result = ufunc(*map(Symbolic, given)).array
        else:
            if kwargs.get("dtype") is not None and np.dtype(kwargs["dtype"]).kind == "f":
                kwargs["dtype"] = object
            result = getattr(ufunc, method)(*given, **kwargs)
        if out is not None:
            out[0][...] = result
            return out[0]
        return result.view(Entries) if isinstance(result, np.ndarray) else result

    def astype(self, dtype, *args, **kwargs):
        """Expressions have no precision."""
        return self.copy()


def plain(x: Any) -> np.ndarray:
    """An operand as NumPy's own array; floats are exact numbers."""
    array = x.view(np.ndarray) if isinstance(x, Entries) else np.asarray(x)
    return plain_numbers(array) if array.dtype.kind == "f" else array


def plain_numbers(array: np.ndarray) -> np.ndarray:
    """Exact numbers for numbers; True counts as 1."""
    return entries(array.astype(int) if array.dtype == bool else array).view(np.ndarray)


def entries(x: Any) -> Any:
    """An array of exact numbers and expressions."""
    array = np.array(np.frompyfunc(exact, 1, 1)(np.asarray(x, dtype=object)), dtype=object)
    return array.view(Entries)


class NumPy:
    """NumPy, whose functions that make arrays make such that can hold expressions.

    It stands for np in the homework alone: NumPy's own compiled parts must not meet it.
    """
    MAKES = "zeros ones empty zeros_like ones_like empty_like eye full full_like".split()

    def __getattr__(self, name):
        f = getattr(np, name)
        return functools.partial(made, f) if name in self.MAKES else f


def made(f, *args, dtype=float, **kwargs):
    """What a function of MAKES makes, of expressions if it would be of floats."""
    if dtype not in (float, np.float64, np.float32, None):
        return f(*args, dtype=dtype, **kwargs)
    like = [np.zeros(np.shape(a)) if isinstance(a, Entries) else a for a in args]
    return entries(np.nan_to_num(f(*like, **kwargs)))


def put_in(scope: dict[str, Any]) -> None:
    """Put NumPy for np in what a file defines."""
    for name, x in scope.items():
        if x is np:
            scope[name] = NumPy()


# ------------------------------------------------------------------ what is run
def cases(asked: Exercise) -> Iterator[tuple[str, Arrays, Any]]:
    """(its shapes, the arguments, the forward's result) of each small case, in symbols.

    Where a maximum or a comparison decides, every sign or some orders are a case each.
    """
    for number, small in enumerate(asked.small):
        numbers = asked.arrays(small, number)
        for words, x in varieties(asked, numbers):
            arrays: Arrays = dict(numbers)
            for name, value in numbers.items():
                if isinstance(value, np.ndarray) and value.dtype.kind == "f":
                    positive = {"positive": True} if name == "running_var" else {}
                    arrays[name] = symbols(name, value.shape, **positive).array
            arrays["mask"] = arrays.get("mask")
            arrays["x"] = x if x is not None else arrays["x"]
            out = Symbolic(asked.called({n: Symbolic(v) if isinstance(
                v, np.ndarray) and v.dtype == object else v for n, v in arrays.items()}))
            dout = sp.Integer(1) if asked.loss and not asked.upstream else symbols(
                "dout", out.shape).array
            shapes = ", ".join(f"{n} {np.shape(arrays[n])}" for n in asked.arguments
                               if isinstance(arrays[n], np.ndarray))
            yield shapes + words, arrays | {"dout": dout}, out.array


def varieties(asked: Exercise, numbers: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What x may be: any reals, or ones whose signs or whose order is known."""
    shape = np.shape(numbers["x"])
    size = math.prod(shape)
    if asked.name == "relu":
        for flip in (0, 1):
            yield ", each entry of one sign", np.array([
                sp.Symbol(f"x_{k}", positive=True)*(-1)**(k + flip)
                for k in range(size)], dtype=object).reshape(shape)
    elif asked.ordered:
        for seed in range(2):
            steps = [sp.Symbol(f"x_{k}", positive=True) for k in range(size)]
            order = generator(seed).permutation(size)
            x = np.empty(size, dtype=object)
            for place, k in enumerate(order):
                x[k] = sp.Add(*steps[:place + 1])
            yield ", in one order of the entries", x.reshape(shape)
    else:
        yield "", None


def runs(target: Any, scope: Any, asked: Exercise) -> list[dict[str, Any]]:
    """What comes of each small case, as tables; or why nothing does."""
    put_in(scope)
    out = []
    for _, arrays, _ in cases(asked):
        given = {n: entries(x) if isinstance(x, np.ndarray) and x.dtype == object else x
                 for n, x in arrays.items() if x is not None}
        try:
            run = run_backward(target, scope, asked, given)
            out.append({"names": run["names"], "own": run["own"],
                        "results": [as_table(x) for x in run["results"]]})
        except (Exception, SystemExit) as error:
            return [{"error": one_line(error)}]
    return out


# ------------------------------------------------------------------ the wire
def as_table(x: Any) -> dict[str, Any]:
    """An array of expressions as {shape, rows, entries}: each row an operation on rows."""
    known: dict[Any, int] = {}
    rows: list[list[Any]] = []

    def row(e: Any) -> int:
        if e not in known:
            if e.is_Float:
                e = sp.Rational(str(e))                     # the decimal that was written
            if e.is_Rational:
                new: list[Any] = ["number", str(e.p), str(e.q)]
            elif e.is_Symbol:
                new = ["symbol", e.name]
            elif e is sp.E:
                new = ["exp", row(sp.Integer(1))]
            else:
                new = [type(e).__name__, *map(row, e.args)]
            rows.append(new)
            known[e] = len(rows) - 1
        return known[e]
    array = entries(x)
    places = [row(e) for e in array.ravel().view(np.ndarray)]
    return {"shape": array.shape, "rows": rows, "entries": places}


def from_table(table: Mapping[str, Any], letters: Mapping[str, Any]) -> np.ndarray:
    """The array that a table says; ValueError for what is no table of ours."""
    made: list[Any] = []
    if len(table["rows"]) > MOST:
        raise ValueError(f"came {len(table['rows'])} operations; at most {MOST} are read")
    for head, *parts in table["rows"]:
        if head == "number":
            made.append(sp.Rational(int(parts[0]), int(parts[1])))
        elif head == "symbol":
            made.append(letters[parts[0]])
        elif head in HEADS:
            made.append(HEADS[head](*[made[k] for k in parts]))
        else:
            raise ValueError(f"it uses {head}, of which nothing is proved")
    out = np.empty(len(table["entries"]), dtype=object)
    out[:] = [made[k] for k in table["entries"]]
    return out.reshape(table["shape"])
