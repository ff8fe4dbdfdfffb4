"""The graph of a compiled step as text: which calls, into which memory, in which blocks."""
from typing import Any

from minigrad.compiler.calls import Call, operands
from minigrad.compiler.forms import name_of


WIDEST = 48                 # letters of a column


def overview(lines: Any) -> str:
    """A row for each call of a program: what it is called, the call, where its result goes.

    `view`: it shows another array; `new`: memory of its own at every step; `block`: worked
    block by block, together with its neighbours.
    """
    rows = []
    for call in lines.calls:
        given = ", ".join(lines.names.text(x) for x in operands(call))
        rows.append((call.name or "", f"{name_of(call.function)}({given})",
                     shape_of(call), memory_of(lines, call)))
    made = [mine for mine in lines.storages.made if mine.inside is None]
    size = sum(mine.layout.size*mine.layout.dtype.itemsize for mine in made
               if not mine.in_blocks)
    widths = [max([len(row[i]) for row in rows], default=0) for i in range(3)]
    text = [" ".join([*(part[:WIDEST].ljust(min(width, WIDEST))
                        for part, width in zip(row, widths)), row[3]]) for row in rows]
    held = sum(1 for call in lines.calls if id(call) in lines.storages.of)
    return "\n".join([f"{len(rows)} calls; {held} results share {len(made)} arrays, "
                      f"{size:,} bytes; {lines.blocks} loops over blocks", *text])


def shape_of(call: Call) -> str:
    """The dtype and shape of a result."""
    if call.layout is None:
        return "number"
    return f"{call.layout.dtype} {'x'.join(map(str, call.layout.shape)) or '()'}"


def memory_of(lines: Any, call: Call) -> str:
    """Where the result of a call goes."""
    if call.of is not None:
        return "view"
    mine = lines.storages.of.get(id(call))
    where = "" if call.layout is None or lines.is_scalar(call) else (
        "new" if mine is None else f"-> {lines.names.text(call)}")
    return f"{where} block" if id(call) in lines.loops else where
