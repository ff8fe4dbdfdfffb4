"""The tables of the page's own tape: each function that one may type, its value and its
derivatives, printed from the closed list of typed_functions.py and the VJPs of minigrad.
"""
import json
import operator
from typing import Any

import numpy as np

from minigrad.primitives import VJPS
from optim.playground.printer import Program
from optim.playground.written import Number, Node, Written, at_every_branch, call
from optim.races import typed_functions

UFUNCS = {operator.add: np.add, operator.sub: np.subtract, operator.mul: np.multiply,
          operator.truediv: np.true_divide, operator.pow: np.power,
          operator.pos: np.positive, operator.neg: np.negative}
SIGNS = {"Add": "+", "Sub": "-", "Mult": "*", "Div": "/", "Pow": "**", "UAdd": "+",
         "USub": "-"}


def arrow(function: Any, *letters: Any) -> str:
    """A function of JavaScript of these letters."""
    (result,) = at_every_branch(function, *letters)
    program = Program({"out": result})
    names = [program.letters.get(x.node.function, x.node.function) for x in letters]
    if not program.lines:
        return f"({', '.join(names)}) => {program.names['out']}"
    return (f"({', '.join(names)}) => {{ {' '.join(program.lines)} return "
            f"{program.names['out']}; }}")


def row(function: Any, count: int, kind: type = Written) -> str:
    """{f, d: [derivative by each argument]}; kind: of the last argument."""
    a, b = Written(Node("a")), kind(Node("b"))
    g, y = Written(Node("g")), Written(Node("y"))
    args = [a, b][:count]

    def slope(i: int) -> str:
        def by(*letters: Any) -> Any:
            return VJPS[function][i](*letters)
        return arrow(by, g, y, *args)

    places = range(count if kind is Written else 1)
    return (f"{{f: {arrow(lambda *x: call(function, *x), *args)}, "
            f"d: [{', '.join(map(slope, places))}]}}")


def tables() -> str:
    """The constants that parser.js reads: OPS, FUNCTIONS, NAMES, and the limits."""
    t = typed_functions
    ops: dict[str, Any] = {sign.__name__: (UFUNCS[f], 2 if sign.__name__ in (
        "Add", "Sub", "Mult", "Div", "Pow") else 1) for sign, f in t.OPERATORS.items()}
    ops |= {name: (f, count) for name, (count, f) in t.FUNCTIONS.items()}
    rows = [f"{name}: {row(f, count)}" for name, (f, count) in ops.items()]
    rows.append(f"PowNumber: {row(np.power, 2, Number)}")
    names = {n: None if callable(x) else x for n, x in t.NAMES.items()}
    counts = {n: count for n, (count, _) in t.FUNCTIONS.items()}
    constants = {"FUNCTIONS": counts, "NAMES": names, "LONGEST": t.LONGEST,
                 "DEEPEST": t.DEEPEST, "LARGEST": t.LARGEST, "HIGHEST": t.HIGHEST}
    return "\n".join([f"const OPS = {{{(',' + chr(10)).join(rows)}}};", *(
        f"const {name} = {json.dumps(x)};" for name, x in constants.items())])
