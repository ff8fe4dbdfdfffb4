"""Every derivative in the project, as tables: VJPS[function][i] is the VJP of argument i.

COMPOSITES are NumPy functions written in other NumPy functions; they need no VJP. PLAIN
are the questions about an array whose answer is no function of its values' small changes:
shapes, comparisons, positions.
"""
from typing import Any

from minigrad import special
from minigrad.primitives import (
    elementwise, linalg, linear, products, selection, shapes, stable)
from minigrad.primitives.composites import COMPOSITES
from minigrad.primitives.plain import INSTEAD, PLAIN

TABLES: dict[str, dict[Any, Any]] = {
    "elementwise": elementwise.VJPS,
    "special": special.VJPS,
    "linear": linear.VJPS,
    "products": products.VJPS,
    "shapes": shapes.VJPS,
    "selection": selection.VJPS,
    "linalg": linalg.VJPS,
    "stable": stable.VJPS,
}
VJPS = {function: vjps for table in TABLES.values() for function, vjps in table.items()}

__all__ = ["COMPOSITES", "INSTEAD", "PLAIN", "TABLES", "VJPS"]
