"""Gradients by hand with one mistake of backward_mistakes.txt, or with two."""
import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from optim.grading.backward_exercises import Exercise
from optim.mutants.patterns import blocks, exchanged, matched, parsed, replaced, text

BLOCKS = {head.partition(": ")[0]: (head.partition(": ")[2], lines)
          for head, lines in blocks("optim.grading", "backward_mistakes.txt").items()}
Edit = tuple[ast.expr, ast.expr]


@dataclass(frozen=True)
class Slip:
    """One mistake in gradients by hand: its name in the catalogue, and what became of what.
    """
    mistake: str
    right: str
    wrong: str
    source: str

    @property
    def key(self) -> tuple[str, ...]:
        """What tells it from others of the same text."""
        return self.mistake, self.right, self.wrong

    @property
    def meaning(self) -> str:
        """What was done, in words."""
        return BLOCKS[self.mistake][0]

    def __str__(self) -> str:
        return f"{self.mistake}: {self.meaning} ({self.wrong} for {self.right})"

    def as_dict(self) -> dict[str, str]:
        return {"mistake": self.mistake, "meaning": self.meaning, "right": self.right,
                "wrong": self.wrong}


def source_of(asked: Exercise) -> str:
    """The right gradients, as text."""
    return textwrap.dedent(inspect.getsource(asked.slopes))


@lru_cache(16)
def compiled(source: str) -> Callable[..., tuple]:
    """The gradients that a text is."""
    scope: dict[str, Any] = {"np": np}
    exec(compile(source, "<gradients>", "exec"), scope)
    return next(f for name, f in scope.items() if name.endswith("_slopes"))


def slips(source: str) -> Iterator[Slip]:
    """Every mistake of the catalogue that can be made in a text."""
    met = {source}
    for mistake, (_, lines) in BLOCKS.items():
        for line in lines:
            for right, wrong, changed in variants(source, line):
                if changed not in met:
                    met.add(changed)
                    yield Slip(mistake, right, wrong, changed)


def variants(source: str, line: str) -> Iterator[tuple[str, str, str]]:
    """(what stood, what stands, the text) for each place where a line of the table fits;
    `A -> B & C -> D` is one change in two places, `return A -> B` changes a result."""
    if "&" in line:
        changed, was, became = source, [], []
        for part in line.split("&"):
            found = next(variants(changed, part), None)
            if found is None:
                return
            changed = found[2]
            was.append(found[0])
            became.append(found[1])
        yield ", ".join(was), ", ".join(became), changed
        return
    returned = line.strip().startswith("return ")
    left, right = re.split("->", line.strip().removeprefix("return "), maxsplit=1) if (
        "'" not in line and line.count('"') == 0) else line.strip().split(" -> ", 1)
    pattern = parsed(left)
    for node in places(source, returned):
        bound = matched(pattern, node)
        if bound is not None:
            for alternative in right.split(" | "):
                new = text(exchanged(parsed(alternative), bound))
                yield text(node), new, replaced(source, node, new)


def places(source: str, returned: bool) -> list[ast.expr]:
    """The expressions of a text that may be changed: its results, or all others."""
    function = ast.parse(source).body[0]
    assert isinstance(function, ast.FunctionDef)
    last = function.body[-1]
    assert isinstance(last, ast.Return) and isinstance(last.value, ast.Tuple)
    if returned:
        return last.value.elts
    return [x for statement in function.body[:-1] for x in ast.walk(statement)
            if isinstance(x, ast.expr)
            and not isinstance(getattr(x, "ctx", None), ast.Store)]
