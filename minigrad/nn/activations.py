"""Layers without parameters that bend: one function of each entry."""
from typing import Any

import numpy as np

from minigrad.inputs import as_array
from minigrad.nn.modules import Module
from minigrad.primitives.selection import relu


class ReLU(Module):
    """max(x, 0), with slope 0 at 0; NaN stays NaN.

    >>> ReLU()(np.array([-1., 0., 2.]))
    array([0., 0., 2.])
    """

    def forward(self, x: Any) -> Any:
        """x of any shape; the result has its shape and dtype."""
        return relu(as_array("ReLU: x", x))


class Tanh(Module):
    """tanh(x), entry by entry.

    >>> Tanh()(np.array([0., 100.]))
    array([0., 1.])
    """

    def forward(self, x: Any) -> Any:
        """x of any shape; the result has its shape and dtype."""
        return np.tanh(as_array("Tanh: x", x))
