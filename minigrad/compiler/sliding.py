"""Windows of arrays, cut out and added up again, as loops over the places in the kernel."""
from collections.abc import Callable
from typing import Any

from minigrad.compiler.calls import Call
from minigrad.primitives.sliding import outputs, overlap_add, windows

SLIDING = {windows, overlap_add}
WORDS = "row", "column"                     # what the loops count, the last axis last


def sliding_lines(call: Call, out: str, text: Callable[[Any], str]) -> list[str]:
    """The lines that write the result of windows or overlap_add into `out`."""
    x, size, stride, dilation = call.args
    name = text(x)
    if call.function is windows:
        kernel, counts = size, outputs(x.layout.shape[1:-1], size, stride, dilation)
        first = []
        if not x.layout.contiguous:
            name = f"np.ascontiguousarray({name})"
            if len(kernel) and max(kernel) > 1:
                first, name = [f"rows = {name}"], "rows"
    else:
        n = len(size)
        kernel, counts = x.layout.shape[1:1 + n], x.layout.shape[1 + n:-1]
        first = [f"{out}[...] = 0"]
    loops, inside, there, indent = [], [":"], [":"], ""
    for word, k, m, s, d in zip(WORDS[-len(kernel):], kernel, counts, stride, dilation):
        loops.append(f"{indent}for {word} in range({k}):")
        indent += "    "
        start = word if d == 1 else f"{d}*{word}"
        inside.append(word)
        there.append(f"{start}:{start} + {s*(m - 1) + 1}" + (f":{s}" if s > 1 else ""))
    a, b = f"[{', '.join(inside)}]", f"[{', '.join(there)}]"
    loops.append(indent + (f"{out}{a} = {name}{b}" if call.function is windows else
                           f"{out}{b} += {name}{a}"))
    return first + loops
