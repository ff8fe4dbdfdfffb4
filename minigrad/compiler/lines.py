"""The lines of `step` and `bind`: one for each call, in the order of the recording."""
import operator
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from minigrad.compiler.blocks import in_order, loops_of
from minigrad.compiler.buffers import Storages
from minigrad.compiler.cells import Cells
from minigrad.compiler.calls import Call, Constant, Input, Node, below, operands, owner
from minigrad.compiler.elementary import added_at
from minigrad.compiler.forms import (
    BARE, OPERATORS, expression, is_elementwise, is_foreign, is_single, name_of, with_out)
from minigrad.compiler.loops import write_loop
from minigrad.compiler.masks import Masks
from minigrad.compiler.naming import Names
from minigrad.compiler.places import text_of
from minigrad.compiler.recorded_calls import QUIET
from minigrad.primitives import shapes

LETTERS = [*"abcdefghjkpqruvwxyz", *(f"a{i}" for i in range(1, 10**4))]


class Program(NamedTuple):
    """What is to be printed: nodes to compute, and what becomes of them.

    bound: the arrays that `bind` takes. given: what `step` takes. writes: (array, node):
    the array, bound or given, holds the node at the end. results: (kind, node), what is
    returned. kept: arrays that stand where they are until the next step, returned by bind.
    draws: what is computed in any case. guards: what must hold, else step returns None and
    has written nothing; None where results may be written at any time.
    """
    title: str
    bound: list[Any]
    given: list[Input]
    writes: list[tuple[Any, Node]]
    results: Sequence[tuple[str, Node]] = ()
    kept: Sequence[Node] = ()
    guards: Sequence[Any] | None = None
    draws: Sequence[Node] = ()

    def ends(self) -> list[Node]:
        """The nodes that have to last to the end."""
        return [*(node for _, node in self.writes), *(node for _, node in self.results),
                *self.kept]


def is_number_or_view(call: Call) -> bool:
    """Whether no error of NumPy's can arise in a call."""
    return call.layout is None or call.of is not None


def can_err(call: Call) -> bool:
    """Whether an error of NumPy's that is noted can arise in a call."""
    return not is_number_or_view(call) and call.quiet != frozenset(QUIET)


def is_sure(call: Call) -> bool:
    """Whether a call cannot raise, nor have an error noted."""
    if call.of is not None:
        return call.function is not shapes.getitem          # by what index is not known
    return is_elementwise(call) and call.layout.dtype.kind in "fb" and not can_err(call)


class Lines:
    """`once`: the lines of bind. `step`: pairs (errors that are ignored, line)."""

    def __init__(self, program: Program):
        self.program = program
        guarded = [guard.node for guard in program.guards or ()]
        nodes = below([program.ends(), guarded, [*program.draws]])
        self.calls = in_order([node for node in nodes if isinstance(node, Call)])
        self.loops = loops_of(self.calls, {id(node) for node in program.bound})
        self.storages = Storages(self.calls, program.ends(), self.aims(), self.loops,
                                 self.last_doubt())
        self.users: dict[int, list[Call]] = {}
        for call in self.calls:
            for x in operands(call):
                self.users.setdefault(id(x), []).append(call)
        self.uses = Counter({key: len(calls) for key, calls in self.users.items()})
        self.uses.update(id(node) for node in [*program.ends(), *guarded])
        self.functions = {name_of(call.function).partition(".")[0]
                          for call in self.calls if call.layout is not None or (
                              isinstance(call.function, np.ufunc) or call.function in BARE)
                          } - {"np"}
        self.functions |= {call.args[0].__name__ for call in self.calls
                           if call.function is added_at}
        self.names = Names(self.functions)
        self.once: list[str] = []
        self.step: list[tuple[frozenset | None, str]] = []
        self.blocks = 0                     # how many loops there are
        self.cells = Cells(self)
        self.masks = Masks(self)
        self.asked: set[int] = set()        # guards that a loop has asked already
        self.said = ""                      # the comment that stands above
        for x in [*program.bound, *program.given]:
            self.names.give(x, x.name or "x")
        constants = [node for node in nodes if isinstance(node, Constant)
                     and isinstance(node.value, np.ndarray) and node not in program.bound]
        for node in constants:
            self.names.give(node, node.name or "constant")
        self.constants = [x.array if x.captured else x.value for x in constants]
        foreign = {call.function: None for call in self.calls if is_foreign(call.function)}
        self.foreign = [*foreign]
        self.functions -= {function.__name__ for function in foreign}
        for function in foreign:
            self.names.of[id(function)] = function.__name__
        self.arrays = [*program.bound, *constants, *foreign]    # what bind takes
        self.constants += foreign
        self.set_aside()
        whole = [c for c in self.calls if c.layout is not None and id(c) not in self.loops]
        moved = [1 for goal, node in program.writes
                 if self.names.text(goal) != self.names.text(node)]
        self.part = bool(whole or moved or program.results)     # whole arrays are used, too
        self.block_names: dict[str, str] = {}
        self.write_all()

    def aims(self) -> dict[int, Input]:
        """Which results may be computed where they shall end."""
        if len({call.quiet for call in self.calls if can_err(call)}) > 1:
            return {}                           # errors are looked for at the end
        return {id(node): goal for goal, node in self.program.writes
                if isinstance(node, Call) and node.layout == goal.layout}

    def last_doubt(self) -> int:
        """The last call that may make the step give up: nothing is written before."""
        if self.program.guards is None:
            return -1
        asked = {id(guard.node) for guard in self.program.guards}
        return max([i for i, call in enumerate(self.calls)
                    if id(call) in asked or not is_sure(call)], default=-1)

    def set_aside(self) -> None:
        """The memory, called as the one variable in it, else by a letter."""
        letters = iter(LETTERS)
        for mine in self.storages.made:
            held = {call.name for call in self.calls
                    if self.storages.of.get(id(call)) is mine}
            own = held.pop() if len(held) == 1 else None
            mine.name = self.names.free(own or next(letters))
            self.once.append(f"{mine.name} = {mine.made(self.names.text)}")
        for call in self.calls:
            held_in = self.storages.of.get(id(call))
            if held_in is not None:
                self.names.of[id(call)] = held_in.name if held_in.node is None else (
                    self.names.of[id(held_in.node)])

    def block_name(self, name: str) -> str:
        """What a block of an array is called: as the array, if that is used in blocks only.
        """
        if name not in self.block_names:
            self.block_names[name] = self.names.free(f"{name}_k") if self.part else name
        return self.block_names[name]

    # --- the lines of step ---------------------------------------------------------------
    def add(self, line: str, quiet: frozenset | None = None) -> None:
        """A line of step; quiet is None where no error of NumPy's can arise."""
        self.step.append((quiet, line))

    def write_all(self) -> None:
        """All calls in order, those of a run inside its loop."""
        for guard in self.program.guards or ():
            if isinstance(guard.node, Input):
                self.add(f"if {guard.fails(self.names.text(guard.node))}: return None")
        i = 0
        while i < len(self.calls):
            call = self.calls[i]
            loop = self.loops.get(id(call))
            if loop is None:
                self.one(call, "", self.names.text)
                i += 1
            else:
                write_loop(self, loop)
                i = loop.end + 1

    def one(self, call: Call, indent: str, text: Callable[[Any], str]) -> None:
        """The lines of one call."""
        names = self.names
        if id(call) in self.asked:
            return
        if self.is_made_once(call):
            base = text(call.args[0])
            turned = call.function in (np.transpose, np.swapaxes)
            wish = call.name or f"{base}{'_T' if turned else '_view'}"
            self.once.append(f"{names.give(call, wish)} = {expression(call, text)}")
            return
        if self.is_inside(call):
            inside = expression(call, text)
            names.of[id(call)] = inside if call.function is operator.pow else f"({inside})"
            return
        if id(call) in self.storages.of:
            self.cells.prepare(call)
            lines = self.masks.lines_of(call) if not indent else []
            lines = lines or with_out(call, text(call), self.cells.text_in(call, text),
                                      self.storages.is_joined(call))
            if lines and call.name and not text(call).startswith(call.name):
                lines[-1] += f"    # {call.name}"
        else:
            wish = call.name or ("k" if call.layout is None else "r")
            line = expression(call, self.single(text) if is_single(call) else text)
            lines = [f"{names.give(call, wish)} = {line}"]
        said = text_of(call.place)
        if lines and said and said != self.said:
            self.add(f"{indent}# {said[:80]}")
            self.said = said
        for line in lines:
            self.add(indent + line, None if is_number_or_view(call) else call.quiet)
        for guard in self.program.guards or ():
            if guard.node is call and id(call) not in self.asked:
                self.add(f"{indent}if {guard.fails(text(call))}: return problems.clear()")

    def is_scalar(self, x: Any) -> bool:
        """Whether it is a scalar of NumPy's, in a variable and no memory of ours."""
        return is_single(x) and id(x) not in self.storages.of

    def single(self, text: Callable[[Any], str]) -> Callable[[Any], str]:
        """How an operand of scalars' arithmetic is written: as one itself."""
        def scalar(x: Any) -> str:
            if isinstance(x, Constant) and isinstance(x.value, np.generic):
                if id(x) not in self.names.of:
                    self.once.append(f"{self.names.give(x, 'number')} = {text(x.value)}")
                return text(x)
            array = isinstance(x, Node) and x.layout is not None and not self.is_scalar(x)
            return text(x) + "[()]"*array
        return scalar

    def is_made_once(self, call: Call) -> bool:
        """Whether it is a view of an array that is the same at every step."""
        return call.of is not None and all(self.stays(x) for x in operands(call))

    def is_inside(self, call: Call) -> bool:
        """Whether it is arithmetic of numbers that stands inside one other call's."""
        user = self.users.get(id(call), ())
        return (call.layout is None and self.uses[id(call)] == 1 and call.name is None
                and len(user) == 1 and user[0].layout is None
                and (user[0].function is not operator.pow) and call.function in OPERATORS)

    def stays(self, node: Node) -> bool:
        """Whether a node's array is the same at every step."""
        if isinstance(node, Call) and node.of is not None:
            return self.is_made_once(node)
        mine = self.storages.of.get(id(node))
        if mine is not None and mine.node is None:
            return not mine.in_blocks
        whose = node if mine is None else mine.node
        return isinstance(whose, Constant) or whose in self.program.bound

    def is_new(self, node: Node) -> bool:
        """Whether a node's array is made anew at every step."""
        mine = owner(node)
        return isinstance(mine, Call) and id(mine) not in self.storages.of
