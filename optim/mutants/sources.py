"""Every mutant of a rule, as source.

Each rule is edited as it is written, and once more after every line of it was respelled, so
that what an edit leaves alone has to be proved as well.
"""
import ast
import inspect
from dataclasses import dataclass
from typing import Any

import numpy as np

from optim.mutants.edits import Edit, edits
from optim.mutants.patterns import function_in, names, parsed, replaced, text
from optim.rules import RULES
from optim.optimizers.signatures import Rule, name_of, named_rule


@dataclass(frozen=True)
class Mutant:
    """The source of a rule, the same with one edit, and the edit in words."""
    name: str
    kind: str
    text: str
    original: str
    source: str

    def __str__(self) -> str:
        return f"{self.name}, {self.text} ({self.kind})"

    def rule(self) -> Rule:
        """The mutant as a rule."""
        scope: dict[str, Any] = {"np": np}
        exec(compile(self.source, str(self), "exec"), scope)
        return scope[self.name]


def mutants(rule: Rule | str) -> list[Mutant]:
    """Every mutant of a rule, each once, in the order of its source.

    A rule that calls another rule is changed there too.

    >>> print(mutants("gradient_descent")[0])
    gradient_descent, line 7: theta - lr*g became theta + lr*g (operator)
    """
    rule = named_rule(rule)
    parts = [*called(rule), rule]
    plain = sources(rule)
    original = "".join(plain)
    found: dict[str, Mutant | None] = {stripped(original): None}

    def add(source: str, kind: str, words: str) -> None:
        found.setdefault(stripped(source), Mutant(name_of(rule), kind, words, original,
                                                  source))

    again = [*map(respelled, plain, parts)]
    for written, spelled in ((plain, ""), (again, "respelled, ")):
        for k, part in enumerate(parts):
            place = spelled + ("" if part is rule else f"in {name_of(part)}, ")
            for edit in edits(written[k], part):
                changed = applied(edit, written[k])
                add("".join([*written[:k], changed, *written[k + 1:]]), edit.kind,
                    f"{place}line {edit.node.lineno}: {text(edit.node)} became {edit.new}")
    add("".join(again), "respelled", "every line respelled")
    return [mutant for mutant in found.values() if mutant is not None]


def sources(rule: Rule) -> list[str]:
    """The sources of the rules that a rule calls, then its own."""
    return [inspect.getsource(part) for part in (*called(rule), rule)]


def called(rule: Rule) -> list[Rule]:
    """The other rules that a rule calls."""
    used = names(ast.parse(inspect.getsource(rule)))        # "adam" in adam(0, g, ...)
    return [other for name, other in RULES.items() if name in used]


def stripped(source: str) -> str:
    """The source without its layout, comments and docstrings."""
    tree = ast.parse(source)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return ast.unparse(tree)


def respelled(source: str, rule: Rule) -> str:
    """The source after the first respelling of each line, where there is one."""
    first: dict[int, Edit] = {}
    for edit in edits(source, rule):
        if edit.kind == "respelled" and "_old" not in edit.new:
            first.setdefault(edit.node.lineno, edit)
    for _, edit in sorted(first.items(), reverse=True):          # from below: lines keep
        source = applied(edit, source)                           # their numbers above
    return source


def applied(edit: Edit, source: str) -> str:
    """The source with the edit; the old states that it names are kept from the start."""
    kept = sorted(name for name in names(parsed(edit.new)) if name.endswith("_old"))
    lines = replaced(source, edit.node, edit.new).splitlines(keepends=True)
    start = function_in(source).body[1].lineno - 1                  # past the docstring
    lines[start:start] = [f"    {name} = {name.removesuffix('_old')}\n" for name in kept]
    return "".join(lines)
