"""The lines of a run of elementwise calls: a loop over blocks that stay in the cache.

What must be finite at the end is looked at there too, while it is in the cache: the sum
over the blocks of x.dot(y) is not finite if an entry of x or y is not.
"""
from typing import Any

import numpy as np

from minigrad.compiler.blocks import BLOCK, Loop
from minigrad.compiler.calls import Call, Node, operands

CACHE = 3*2**18             # bytes that the blocks of all arrays in a loop may take


def write_loop(lines: Any, loop: Loop) -> None:
    """Write a run of calls block by block into the lines."""
    calls = lines.calls[loop.start:loop.end + 1]
    asked = sums_after(lines, loop)
    used: dict[str, Node] = {}
    for x in [x for call in [*calls, *asked] for x in [*operands(call), call]]:
        if x.layout is not None and x.layout.shape:
            used.setdefault(lines.names.text(x), x)

    def text(x: Any) -> str:
        name = lines.names.text(x)
        return lines.block_name(name) if name in used and isinstance(x, Node) else name

    block = block_of(loop, len(used))
    blocks = lines.names.free("blocks")
    lines.blocks += 1
    pieces = ", ".join(piece(lines, name, x, loop, block) for name, x in used.items())
    lines.once += [f"{blocks} = [({pieces})",
                   f"{' '*len(blocks)}    for i in range(0, {loop.layout.size}, {block})]"]
    for call in calls:
        lines.cells.prepare(call)
    total = lines.names.free("total") if asked else ""
    if asked:
        lines.add(f"{total} = 0.0")
    names = ", ".join(map(lines.block_name, used))
    lines.add(f"for {names} in {blocks}:", calls[0].quiet)
    lines.said = ""
    for call in calls:
        lines.one(call, "    ", text)
    if asked:
        sums = " + ".join(f"{text(x)}.dot({text(y)})" for x, y in (c.args for c in asked))
        lines.add(f"    {total} += {sums}     # finite if all of them are", calls[0].quiet)
        lines.add(f"if not isfinite({total}): return problems.clear()")
        lines.asked |= {id(call) for call in asked}


def sums_after(lines: Any, loop: Loop) -> list[Call]:
    """The sums of products that only guards want, of arrays that a loop has at its end."""
    guarded = {id(guard.node) for guard in lines.program.guards or ()
               if guard.answer == "finite"}
    known = {id(x) for call in lines.calls[:loop.end + 1] for x in [call, *operands(call)]}
    return [call for call in lines.calls[loop.end + 1:]
            if call.function is np.vdot and id(call) in guarded
            and lines.uses[id(call)] == 1 and all(
                x.layout == loop.layout and id(x) in known and lines.stays(x)
                and len(x.layout.shape) == 1 for x in call.args)]


def block_of(loop: Loop, arrays: int) -> int:
    """Entries of a block, so that those of all arrays fit into the cache."""
    fitting = CACHE//(arrays*loop.layout.dtype.itemsize)//1024*1024
    return max(1024, min(BLOCK, fitting))


def piece(lines: Any, name: str, x: Node, loop: Loop, block: int) -> str:
    """Block i of an array, in bind; of one that serves blocks alone its beginning."""
    mine = lines.storages.of.get(id(x))
    if mine is not None and mine.in_blocks:
        return f"{name}[:min({block}, {loop.layout.size} - i)]"
    flat = name if len(x.layout.shape) == 1 else f"{name}.reshape(-1)"
    return f"{flat}[i:i + {block}]"
