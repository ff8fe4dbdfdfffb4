"""Which memory each result is written into: as little as can be, none of it new.

A result takes the memory of an operand that is read for the last time, else memory that
nobody needs any more, else new memory, which is set aside once. A result that shall end in
a given array (a parameter, a state) is computed there, once that array's old values have
been read for the last time.
"""
from collections.abc import Callable

import numpy as np

from minigrad.compiler.blocks import BLOCK, Loop
from minigrad.compiler.drawing import drawn
from minigrad.compiler.elementary import falling
from minigrad.compiler.forms import is_elementwise, takes_out
from minigrad.compiler.calls import Call, Input, Layout, Node, operands, owner
from minigrad.primitives import shapes

FOREVER = 10**9


class Storage:
    """A stretch of memory: set aside once, or given; in blocks it has a block's size."""
    __slots__ = ("layout", "in_blocks", "node", "until", "due", "name", "inside")

    def __init__(self, layout: Layout, in_blocks: bool = False,
                 node: Input | None = None, until: int = -1, due: int = FOREVER):
        self.layout = layout
        self.in_blocks = in_blocks
        self.node = node                # whose memory it is, if it is given
        self.until = until              # when what it holds is read for the last time
        self.due = due                  # when what shall end there comes, if it is given
        self.name = ""
        self.inside: tuple[Storage, int] | None = None      # a piece of another, from where

    def kind(self) -> tuple:
        """Equal for those that can stand for each other."""
        return (self.layout.dtype,) if self.in_blocks else (self.layout,)

    def made(self, text: Callable) -> str:
        """The expression that makes it, in the source; text(x) is how x is written."""
        layout = self.layout
        if self.in_blocks:
            return f"np.empty({BLOCK}, {text(layout.dtype)})"
        if self.inside is not None:
            whole, start = self.inside
            flat = "" if len(whole.layout.shape) == 1 else ".reshape(-1)"
            piece = f"{whole.name}{flat}[{start}:{start + layout.size}]"
            return piece if len(layout.shape) == 1 else f"{piece}.reshape({layout.shape})"
        order = falling(layout.strides)
        shape = text(tuple(layout.shape[i] for i in order))
        back = tuple(order.index(i) for i in range(len(order)))
        turned = "" if order == sorted(order) else f".transpose({text(back)})"
        return f"np.empty({shape}, {text(layout.dtype)}){turned}"


def may_be_view(call: Call) -> bool:
    """Whether a call that makes its own result might show an operand's memory in it."""
    return call.of is None and call.layout is not None and not (
        takes_out(call) or is_elementwise(call) or call.function is drawn)


class Storages:
    """The memory of every call that writes into some, in `of` by the id of the call.

    targets: {id of a result: the Input in whose memory it shall end}, into which calls
    after number `begin` write. `made` is what has to be set aside. Results and what is
    looked at through views stay until the end.
    """

    def __init__(self, calls: list[Call], results: list[Node], targets: dict[int, Input],
                 loops: dict[int, Loop], begin: int = -1):
        self.targets, self.loops, self.begin = targets, loops, begin
        self.last: dict[int, int] = {}
        self.viewed = {id(owner(call)) for call in calls if call.of is not None}
        for i, call in enumerate(calls):
            for x in operands(call):
                self.last[id(owner(x))] = i
        for node in results:
            self.last[id(owner(node))] = FOREVER
        for i, call in reversed([*enumerate(calls)]):
            if may_be_view(call):               # then what it shows is needed as long
                for x in operands(call):
                    key = id(owner(x))
                    self.last[key] = max(self.last[key], self.last.get(id(call), i))
        due = {id(call): i for i, call in enumerate(calls)}
        self.of: dict[int, Storage] = {
            id(node): Storage(node.layout, False, node, self.last.get(id(node), -1),
                              due[goal]) for goal, node in targets.items() if goal in due}
        self.made: list[Storage] = []
        for call in calls:
            if call.function is np.concatenate:
                self.join(call)
        for i, call in enumerate(calls):
            if id(call) not in self.of and (
                    takes_out(call) or call.function is np.where and (
                        id(call) in loops or self.replaces(i, call))):
                self.of[id(call)] = self.chosen(i, call)

    def join(self, call: Call) -> None:
        """Let arrays that are joined end to end be computed where they are joined."""
        parts, axis = call.args[0], call.kwargs.get("axis", 0)
        flat = axis is None or axis == 0 and all(
            x.layout is not None and x.layout.shape for x in parts)
        if not flat or len({id(x) for x in parts}) < len(parts) or id(call) in self.targets:
            return
        if not all(isinstance(x, Call) and takes_out(x) and x.layout.contiguous
                   and x.layout.dtype == call.layout.dtype and id(x) not in self.loops
                   and id(x) not in self.of and id(x) not in self.targets for x in parts):
            return
        whole, start = Storage(call.layout, until=FOREVER), 0
        self.made.append(whole)
        self.of[id(call)] = whole
        for x in parts:
            piece = Storage(x.layout, until=FOREVER)
            piece.inside = whole, start
            start += x.layout.size
            self.of[id(x)] = piece
            self.made.append(piece)

    def is_joined(self, call: Call) -> bool:
        """Whether what a call joins has been computed where it is joined."""
        whole = self.of.get(id(call))
        return whole is not None and any(
            mine.inside is not None and mine.inside[0] is whole for mine in self.made)

    def replaces(self, i: int, call: Call) -> bool:
        """Whether np.where can write into its last argument, which is not needed again."""
        x = call.args[2] if len(call.args) == 3 else None
        mine = self.of.get(id(x))
        return mine is not None and mine.until == i and self.fits(
            mine, i, call, self.last.get(id(call), i), False)

    def chosen(self, i: int, call: Call) -> Storage:
        """The memory for call number i."""
        last, loop = self.last.get(id(call), i), self.loops.get(id(call))
        in_blocks = loop is not None and last <= loop.end and id(call) not in self.viewed
        new = Storage(call.layout, in_blocks)
        found = next((mine for mine in [*self.of_operands(i, call), *self.made, new]
                      if self.fits(mine, i, call, last, in_blocks)))
        if found is new:
            self.made.append(new)
        found.until = last
        return found

    def of_operands(self, i: int, call: Call) -> list[Storage]:
        """First what shall hold the result in the end, then that of its operands."""
        goal = self.targets.get(id(call))
        nodes = [goal, *operands(call)] if goal is not None else operands(call)
        return [self.of[id(x)] for x in nodes if id(x) in self.of]

    def fits(self, mine: Storage, i: int, call: Call, last: int, in_blocks: bool) -> bool:
        """Whether call number i, read until `last`, may be written there."""
        if mine.node is not None:
            free = i > self.begin and mine.layout == call.layout and (
                last <= mine.due or mine.due == i)
        elif in_blocks and not mine.in_blocks:
            free = mine.until == i and mine.layout == call.layout
        else:
            free = mine.kind() == Storage(call.layout, in_blocks).kind() and (
                in_blocks == mine.in_blocks)
        if mine.until < i or not free:
            return free and mine.until < i
        sharing = [x for x in operands(call) if self.of.get(id(owner(x))) is mine]
        if call.function is shapes.replaced and sharing == operands(call)[:1]:
            return mine.until == i and mine.layout == call.layout
        return (mine.until == i and is_elementwise(call)        # it is read here, at last
                and all(x.layout == call.layout and owner(x) is x for x in sharing)
                and not (call.function is np.where and any(
                    x in sharing for x in call.args[:2])))
