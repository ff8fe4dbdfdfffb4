"""The extra `fast`: a rule's kernel as one loop over the entries, compiled by numba.

Printed from the same recorded calls in the same order. Where NumPy reads and writes memory
in each call, the loop does so once in a step; numba compiles it in about a second. (C by
the system's compiler took the same time a step, and a compiler is less often at hand.)
numba's arithmetic rounds as NumPy's does; its powers and exponentials may differ by some
units in the last place.
"""
from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad.compiler.calls import Call, Constant, Node, below
from minigrad.compiler.forms import COPIES, expression, name_of
from minigrad.compiler.naming import Names
from minigrad.compiler.places import text_of
from minigrad.compiler.printing import executed


class Loop:
    """Prints the loop of a program of the compiler's.

    If its results go into other arrays, step returns how many entries are not finite.
    """

    def __init__(self, program: Any):
        writes = program.writes
        nodes = below([node for _, node in writes])
        calls = [x for x in nodes if type(x) is Call]
        read = [x for x in program.bound if x in nodes or x.name == "g"]
        functions = {name_of(x.function) for x in calls if isinstance(x.function, np.ufunc)}
        self.names = Names(functions | {"lost"})
        arguments = [self.names.give(x, x.name or "x")
                     for x in [*program.bound, *program.given]]
        arrays = {x: self.names.of[id(x)] for x in program.bound}
        for x in read:                                  # from here on one entry of it
            self.names.of[id(x)] = self.names.free(f"{arrays[x]}_i")
        lines = [f"{self.names.of[id(x)]} = {arrays[x]}[i]" for x in read]
        said = ""
        for call in calls:
            if (note := text_of(call.place)) and note != said:
                lines.append(f"# {note[:80]}")
                said = note
            value = self.value(call)
            lines.append(f"{self.names.give(call, call.name or 'x')} = {value}")
        lines += [f"{arrays[goal]}[i] = {self.text(node)}" for goal, node in writes]
        looked_at = [] if any(goal in read for goal, _ in writes) else [
            self.text(node) for _, node in writes] + [
            self.names.of[id(x)] for x in read if x.name == "g"]
        if looked_at:                                   # only of finite x is x - x zero
            lines.append(f"lost += {' + '.join(f'({x} - {x})' for x in looked_at)} != 0")
        self.source = "\n".join([
            f'"""{program.title} One entry after the other."""',
            "import numpy as np",
            f"from numpy import {', '.join(sorted(functions))}"*bool(functions), "", "",
            f"def step({', '.join(arguments)}):",
            *["    lost = 0"]*bool(looked_at),
            f"    for i in range(len({arguments[0]})):",
            *(f"        {line}" for line in lines),
            *["    return lost"]*bool(looked_at), ""])

    def value(self, call: Call) -> str:
        """A call as an expression, in the dtype that NumPy has there."""
        dtype = call.layout.dtype
        strong = [x.layout.dtype for x in call.args if isinstance(x, Node)
                  and x.layout is not None and x.layout.dtype.kind == "f"]
        weak = np.result_type(*strong) if strong else dtype     # what Python's numbers take

        def text(x: Any) -> str:
            if isinstance(x, Constant) or isinstance(x, Node) and x.layout is not None:
                return self.text(x)
            return f"np.{weak}({self.text(x)})"

        if call.function is np.where:
            chosen, a, b = call.args
            value = f"{text(a)} if {self.text(chosen)} else {text(b)}"
        elif call.function in COPIES:
            value = text(call.args[0])
        else:
            value = expression(call, text)
        if call.function is np.sign:                    # NumPy's of -0.0 is 0.0
            value += " + 0"
        return value if dtype.kind == "b" else f"np.{dtype}({value})"

    def text(self, x: Any) -> str:
        """An argument."""
        if isinstance(x, Constant):
            return f"np.{x.layout.dtype}({x.value!r})"
        return self.names.of[id(x)] if isinstance(x, Node) else repr(x)


def compiled(source: str, filename: str) -> Callable[..., Any]:
    """The step that a source defines, compiled by numba; another thread may run meanwhile.
    """
    import numba
    return numba.njit(executed(source, filename)["step"], nogil=True, error_model="numpy")
