"""Every derivative in the project, as tables: VJPS[function][i] is the VJP of argument i.

One file for each theorem that proves its lines, in this reading order:

    dispatch.py      functions of our own, called as NumPy's are
    elementwise.py   VJP = d(function)/dx, by SymPy
    special.py       erf, erfc and sinc, likewise
    linear.py        <g, L x> = <L^T g, x>: sums and products of matrices
    contraction.py   np.einsum, likewise
    shapes.py        entries moved about, likewise
    products.py      products along an axis, also where entries are 0
    sliding.py       windows of an array and their sum, likewise
    masking.py       entries replaced by 0, likewise
    selection.py     correct off the ties, by convention at them
    ties.py          likewise; the first of tied entries gets all
    linalg.py        from the differential of the defining equations
    moments.py       standardised entries; equal to the textbook form
    stable.py        equal to the textbook form, and finite where that is not
"""
from typing import Any

from minigrad.primitives import (
    elementwise, linalg, linear, masking, moments, products, selection, shapes, sliding,
    special, stable, ties)

TABLES: dict[str, dict[Any, Any]] = {
    module.__name__.rpartition(".")[2]: module.VJPS for module in (
        elementwise, special, linear, products, shapes, sliding, masking, selection, ties,
        linalg, moments, stable)}


class Derivatives(dict):
    """{function: its VJPs}; one that is in no table brings its own (custom.py)."""

    def __missing__(self, function):
        return function.vjps


VJPS = Derivatives(
    {function: vjps for table in TABLES.values() for function, vjps in table.items()})
ELEMENTWISE = {*elementwise.VJPS, *special.VJPS}

__all__ = ["ELEMENTWISE", "TABLES", "VJPS"]
