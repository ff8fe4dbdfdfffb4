"""A model as a table: each layer, the shape of what it gives, and its parameters."""
from typing import Any

import numpy as np

from minigrad.html_tables import html_table
from minigrad.nn.modules import Module
from minigrad.recording import no_grad
from minigrad.structures import leaves_of

HEADS = "layer", "output shape", "parameters"


class Summary:
    """The rows (layer, output shape, parameters) and the totals of a model."""

    def __init__(self, rows: list[tuple[str, str, int]], model: Module) -> None:
        parameters = model.parameters()
        self.rows, self.total = rows, model.num_parameters()
        self.trainable = sum(p._data.size for p in parameters if p.requires_grad)
        self.bytes = sum(p._data.nbytes for p in parameters)

    def _totals(self) -> str:
        return (f"{self.total:,} numbers in parameters, {self.trainable:,} of them trained;"
                f" {self.bytes:,} bytes")

    def __repr__(self) -> str:
        rows = [HEADS, *((name, shape, f"{n:,}") for name, shape, n in self.rows)]
        widths = [max(len(row[i]) for row in rows) for i in range(3)]
        lines = [f"{name.ljust(widths[0])}  {shape.ljust(widths[1])}  {n.rjust(widths[2])}"
                 for name, shape, n in rows]
        return "\n".join([*lines, self._totals()])

    def _repr_html_(self) -> str:
        return html_table(HEADS, self.rows, self._totals())


def summary(model: Module, x: Any = None) -> Summary:
    """A row for each layer, in the order in which they run on x: an array, a shape such as
    (1, 64), which stands for zeros of the parameters' dtype, or a list of these as inputs.
    Without x, in the order of assignment and without shapes.

    A shared parameter is counted at its first layer. The model runs as in use: buffers stay
    as they are.

    >>> from minigrad.nn import Linear, ReLU, Sequential
    >>> summary(Sequential(Linear(64, 32, rng=0), ReLU(), Linear(32, 10, rng=1)), (1, 64))
    layer         output shape  parameters
    0 Linear      (1, 32)            2,080
    1 ReLU        (1, 32)                0
    2 Linear      (1, 10)              330
      Sequential  (1, 10)                0
    2,410 numbers in parameters, 2,410 of them trained; 9,640 bytes
    """
    named = model.named_modules()
    shapes: list[tuple[Module, str]] = [(module, "") for _, module in named]
    if x is not None:
        shapes = []
        modes = [module.training for _, module in named]
        handles = [module.register_forward_hook(lambda module, _, out: shapes.append(
            (module, " ".join(str(np.shape(leaf)) for leaf in leaves_of(out)
                              if leaf is not None)))) for _, module in named]
        try:
            model.eval()
            with no_grad():
                model(*[_example(model, part) for part in (x if type(x) is list else [x])])
        finally:
            for handle, (_, module), mode in zip(handles, named, modes):
                handle.remove()
                module.training = mode
    names = {id(module): name for name, module in named}
    counted: set[int] = set()
    rows = []
    for module, shape in shapes:
        own = {id(p): p for p in _own(module) if id(p) not in counted}
        counted |= {*own}
        rows.append((f"{names[id(module)]} {type(module).__name__}", shape,
                     sum(p._data.size for p in own.values())))
    return Summary(_aligned(rows), model)


def _own(module: Module) -> list:
    """The parameters that a module has itself."""
    below = {id(p) for child in module.children() for p in child.parameters()}
    return [p for p in module.parameters() if id(p) not in below]


def _example(model: Module, x: Any) -> Any:
    """Zeros of a shape; anything else as it is."""
    if type(x) is tuple and all(isinstance(n, (int, np.integer)) for n in x):
        parameters = model.parameters()
        return np.zeros(x, parameters[0].dtype if parameters else np.float32)
    return x


def _aligned(rows: list) -> list:
    """The rows, the names of the layers padded so that their classes stand below each
    other."""
    width = max(len(name.rpartition(" ")[0]) for name, _, _ in rows)
    return [(f"{name.rpartition(' ')[0].ljust(width)} {name.rpartition(' ')[2]}", *rest)
            for name, *rest in rows]
