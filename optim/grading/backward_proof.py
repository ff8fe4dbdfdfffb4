"""What a backward pass made of symbols, held against SymPy's derivative of the forward."""
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import sympy as sp

from minigrad.proving.algebra import vanishes
from minigrad.proving.normal_forms import Letters
from optim.grading.backward_exercises import Exercise
from optim.grading.backward_symbols import cases, from_table
from optim.proving.verdicts import Verdict


def proof(asked: Exercise, runs: Sequence[Mapping[str, Any]], names: Sequence[str]
          ) -> tuple[Verdict | None, str]:
    """PROVED if every entry is the derivative for all numbers, else None and why not."""
    began, shapes = time.monotonic(), []
    for run, (words, arrays, out) in zip(runs, cases(asked), strict=True):
        letters = {s.name: s for a in arrays.values() if isinstance(a, np.ndarray)
                   and a.dtype == object for e in a.flat for s in e.free_symbols}
        try:
            given = {name: from_table(table, letters)
                     for name, table in zip(names, run["results"])}
        except (ValueError, KeyError, IndexError, TypeError) as error:
            return None, f"what it makes of symbols is not read ({error})"
        common = Letters()
        for name, array in given.items():
            for index, entry in np.ndenumerate(derivative(out, arrays, name)):
                if array.shape != arrays[name].shape or not vanishes(
                        array[index] - entry, common):
                    return None, f"d{name}{[*index]} is not decided for {words}"
        shapes.append(words)
    where = "; ".join(dict.fromkeys(shapes))
    return Verdict("PROVED", method=f"for all numbers at {where}",
                   seconds=time.monotonic() - began), ""


def derivative(out: np.ndarray, arrays: Mapping[str, Any], name: str) -> np.ndarray:
    """<dout, d out/d name> in each entry of an argument, by SymPy.

    An entry of x may be a formula in its own symbols, one more in each than in the one
    below it: the derivatives by the symbols are then sums of those by the entries.
    """
    whole = sum((g*y for g, y in zip(np.ravel(arrays["dout"]), np.ravel(out))),
                sp.Integer(0))
    x = arrays[name]
    symbols = sorted(set().union(*[e.free_symbols for e in x.flat]), key=str)
    jacobian = sp.Matrix([[sp.diff(e, s) for s in symbols] for e in x.flat])
    slopes = sp.Matrix([sp.diff(whole, s) for s in symbols])
    found = np.empty(x.size, dtype=object)
    found[:] = [*(jacobian.T.inv()*slopes)]
    return found.reshape(x.shape)
