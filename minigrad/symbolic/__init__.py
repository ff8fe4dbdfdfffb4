"""The same NumPy code on SymPy's expressions, in this reading order:

    constants.py     numbers as exact numbers
    truths.py        truth values as NumPy reckons with them
    meanings.py      what NumPy's functions mean in SymPy
    arrays.py        Symbolic: an array of expressions, on which NumPy code runs
"""
from minigrad.symbolic.arrays import Symbolic, symbols

__all__ = ["Symbolic", "symbols"]
