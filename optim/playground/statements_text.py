"""Nodes as statements of JavaScript: loops over entries, and whole arrays between them.

    Program({"y": node})                # .lines, after which y is .names["y"]
"""
import re
from typing import Any

import numpy as np

from optim.playground.printer import (
    RANK, RESERVED, WHOLE, is_one, is_square, number, safe, template)
from optim.playground.written import COUNT, SIZE, Node


class Program:
    """Statements that compute nodes.

    Arrays of n entries are computed in loops; what takes a whole array (a sum, a product of
    matrices) stands between them. letters {name: text}: how each letter is read. After it
    .names has the text of each result.
    """

    def __init__(self, results: dict[str, Any], letters: dict[str, str] | None = None):
        self.letters = {COUNT: "n"} | (letters or {})
        self.nodes: dict[int, Node] = {}
        self.uses: dict[int, int] = {}
        self.levels: dict[int, int] = {}
        self.names: dict[str, str] = {}
        self.texts: dict[int, tuple[str, int]] = {}
        self.stored: set[int] = set()
        self.counter = 0
        for x in results.values():
            self.meet(x)
        self.squared = {x.args[0].key for x in self.nodes.values() if is_square(x)}
        self.taken = {*RESERVED, *re.findall(r"\w+", " ".join(self.letters.values())), *(
            safe(x.function) for x in self.nodes.values() if not x.args)}
        for x in results.values():
            if isinstance(x, Node) and x.shape is not None:
                self.stored.add(x.key)
        self.lines: list[str] = []
        for level in range(max(self.levels.values(), default=0) + 1):
            self.write(level)
        self.names = {name: self.text(x, 0, False) for name, x in results.items()}

    # --- what there is -------------------------------------------------------------------
    def meet(self, node: Any) -> int:
        """Count the uses of what a node rests on, and find its level."""
        if not isinstance(node, Node):
            return 0
        self.uses[node.key] = self.uses.get(node.key, 0) + 1
        if node.key in self.nodes:
            return self.levels[node.key]
        level = max(map(self.meet, node.args), default=0) + self.is_whole(node)
        self.nodes[node.key], self.levels[node.key] = node, level
        for x in node.args:
            if isinstance(x, Node) and self.is_entrywise(x) and (
                    self.is_whole(node) or self.levels[x.key] < level):
                self.stored.add(x.key)
        return level

    def is_whole(self, node: Node) -> bool:
        """Whether it takes whole arrays, or has another shape than a parameter."""
        if node.function in WHOLE:
            return True
        shapes = {x.shape for x in (node, *node.args)
                  if isinstance(x, Node) and x.shape is not None}
        return not shapes <= {(SIZE,)}

    def is_entrywise(self, node: Node) -> bool:
        return node.shape == (SIZE,) and node.function not in WHOLE

    # --- statements ----------------------------------------------------------------------
    def write(self, level: int) -> None:
        """The statements of a level: numbers and whole arrays, then one loop."""
        mine = [x for key, x in self.nodes.items() if self.levels[key] == level and x.args]
        for node in mine:
            if self.is_entrywise(node):
                continue
            text, rank = self.expression(node, False)
            if self.is_named(node, rank):
                name = self.new()
                self.lines.append(f"const {name} = {text};")
                text, rank = name, RANK[None]
            self.texts[node.key] = text, rank
        inside = []
        entrywise = [x for x in mine if self.is_entrywise(x)]
        for node in entrywise:
            text, rank = self.expression(node, True)
            if node.key in self.stored:
                name = self.new()
                self.lines.append(f"const {name} = vector(n);")
                inside.append(f"{name}[i] = {text};")
                text, rank = f"{name}[i]", RANK[None]
            elif self.is_named(node, rank):
                name = self.new()
                inside.append(f"const {name} = {text};")
                text, rank = name, RANK[None]
            self.texts[node.key] = text, rank
        if inside:
            body = " ".join(inside)
            self.lines.append(f"for (let i = 0; i < n; i++) {{ {body} }}")

    def is_named(self, node: Node, rank: int) -> bool:
        """Whether it stands in a statement of its own: it is used twice, or squared."""
        return (self.uses[node.key] > 1 or node.key in self.squared
                or self.is_whole(node)
                or node.shape is None and node.function is np.power)    # is slow

    def new(self) -> str:
        """A short name that no letter has."""
        while True:
            k, self.counter = self.counter, self.counter + 1
            name = "abcdefjklmopqruwxyz"[k % 19] + (str(k//19) if k >= 19 else "")
            if name not in self.taken:
                return name

    # --- expressions ---------------------------------------------------------------------
    def expression(self, node: Node, in_loop: bool) -> tuple[str, int]:
        """A call with its arguments, and how strongly it binds."""
        if node.function in WHOLE:
            inner = ", ".join(self.text(x, 0, in_loop) for x in node.args)
            extra = [repr(list(node.shape or ())).replace(str(SIZE), "n")]*(
                node.function in ("full", "reshape"))
            return f"{node.function}({', '.join([inner, *extra])})", RANK[None]
        function, args = node.function, node.args
        if function is np.power and args[1] == 1:
            function, args = np.positive, args[:1]
        if is_square(node):
            function, args = np.square, args[:1]
        if function is np.multiply and is_one(args[0]):             # which is exact
            function, args = np.positive, args[1:]
        text, rank = template(function, len(args))
        if not in_loop and self.is_whole(node):
            letters = "ABC"[:len(args)]
            inner = ", ".join(self.text(x, 0, False) for x in args)
            return f"zip(({', '.join(letters)}) => {text}, {inner})", RANK[None]
        call = text.endswith(")") and rank == RANK[None]
        places = {}
        if text == "A":
            return self.bare(args[0], in_loop)
        for name, x in zip("ABC", args):
            first = text.startswith(name)
            least = 0 if call else rank if first and rank > 0 else rank + 1
            places[name] = self.text(x, least, in_loop)
        return re.sub(r"\b[ABC]\b", lambda m: places[m[0]], text), rank

    def bare(self, x: Any, in_loop: bool) -> tuple[str, int]:
        """An argument that stands alone."""
        rank = self.texts[x.key][1] if isinstance(x, Node) and x.args else RANK[None]
        return self.text(x, 0, in_loop), rank

    def text(self, x: Any, least: int, in_loop: bool) -> str:
        """An argument, in brackets if it binds less than is needed."""
        if not isinstance(x, Node):
            text = number(x)
            return f"({text})" if text.startswith("-") and least else text
        if not x.args:
            read = self.letters.get(x.function, safe(x.function))
            return f"{read}[i]" if in_loop and x.shape == (SIZE,) else read
        text, rank = self.texts[x.key]
        if not in_loop and self.is_entrywise(x):
            return text.removesuffix("[i]")
        if in_loop and x.shape == (SIZE,) and not self.is_entrywise(x):
            return f"{text}[i]"
        return f"({text})" if rank < least else text
