"""Every mutant of a rule, as source.

Each rule is edited as it is written, and once more after every line of it was respelled, so
that what an edit leaves alone has to be proved as well.
"""
import ast
import inspect
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from optim.lifting.rule_source import compiled
from optim.mutants.edits import Edit, edits
from optim.mutants.patterns import (
    Slips, function_in, names, parsed, replaced, text)
from optim.optimizers.signatures import Rule, anatomy, name_of, named_rule, parameters_of


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
        """The mutant as a rule, whose numbers are read as they are written."""
        return compiled(self.name, self.source)


def mutants(rule: Rule | str) -> list[Mutant]:
    """Every mutant of a rule, each once, in the order of its source.

    A rule that calls another rule is changed there too. What raises wherever it is run,
    as 0/0 between Python's own numbers does, is no rule and none of them.

    >>> print(mutants("gradient_descent")[0])
    gradient_descent, line 7: theta - lr*g became theta + lr*g (operator)
    """
    return [*every_mutant(named_rule(rule))]


@lru_cache(100)
def every_mutant(rule: Rule) -> tuple[Mutant, ...]:
    """The same; who judges them asks again."""
    plain = sources(rule)
    again = [*map(respelled, plain, (*called(rule), rule))]
    found: dict[tuple[str, ...], Mutant] = {}
    for parts, kind, words in [*changes(plain, rule, ""),
                               *changes(again, rule, "respelled, "),
                               (again, "respelled", "every line respelled")]:
        found.setdefault((*map(stripped, parts),), Mutant(
            name_of(rule), kind, words, "".join(plain), "".join(parts)))
    found.pop((*map(stripped, plain),), None)
    return tuple(mutant for mutant in found.values() if runs(mutant.rule()))


def runs(rule: Rule) -> bool:
    """Whether a step of the rule on some numbers, no two alike, is not a division by 0
    between Python's own.
    """
    values = {name: 0.1 + 0.8/(k + 2) for k, name in enumerate(parameters_of(rule))}
    named = {h: values[h] for h in anatomy(rule)[1]}
    with np.errstate(all="ignore"), suppress(ArithmeticError):
        rule(*(np.float64(values[n]) for n in values if n not in {"t", *named}), t=3,
             **named)
        return True
    return False


def changes(written: list[str], rule: Rule, spelled: str
            ) -> Iterator[tuple[list[str], str, str]]:
    """(sources, kind, words) of each edit of a rule and of the rules that it calls."""
    parts = (*called(rule), rule)
    for edit, k, source in slipped(written, rule):
        place = spelled + ("" if parts[k] is rule else f"in {name_of(parts[k])}, ")
        yield source, edit.kind, (
            f"{place}line {edit.node.lineno}: {text(edit.node)} became {edit.new}")


def slipped(written: list[str], rule: Rule, slips: Slips | None = None
            ) -> Iterator[tuple[Edit, int, list[str]]]:
    """Each edit, which of the sources it changes, and all of them with it."""
    for k, part in enumerate((*called(rule), rule)):
        if is_rule(part):
            for edit in edits(written[k], part, slips):
                if edit.node.lineno in unread(written[k]):
                    continue                # no slip: nothing comes of the line
                yield edit, k, [*written[:k], applied(edit, written[k]),
                                   *written[k + 1:]]


@lru_cache(100)
def unread(source: str) -> frozenset[int]:
    """The lines that give names to values which no later line reads."""
    found, read = set[int](), set[str]()
    for part in reversed(ast.parse(source).body[0].body):       # type: ignore[attr-defined]
        words = [x for x in ast.walk(part) if isinstance(x, ast.Name)]
        given = {x.id for x in words if isinstance(x.ctx, ast.Store)}
        if given and not given & read:
            found.update(range(part.lineno, part.end_lineno + 1))
        read |= {x.id for x in words}
    return frozenset(found)


def sources(rule: Rule) -> list[str]:
    """The sources of the functions that a rule calls, then its own.

    What another module's rule is called there, rules.adam, is one word here: rules_adam.
    """
    return [DOTTED.sub(r"\1_\2", inspect.getsource(part).replace(
        f"def {part.__name__}(", f"def {word.replace('.', '_')}(", 1))
            for part, word in [*called(rule).items(), (rule, name_of(rule))]]


DOTTED = re.compile(r"\b(\w*rules)\.(\w+)")                 # rules.adam, keras_rules.lion


def called(rule: Rule) -> dict[Rule, str]:
    """The functions that a rule calls, deepest first, and what they are called there."""
    scope, found = rule.__globals__, dict[Rule, str]()
    source = inspect.getsource(rule)
    words = {*names(ast.parse(source)), *(m.group() for m in DOTTED.finditer(source))}
    for word in sorted(words):
        module, _, name = word.rpartition(".")
        part = vars(scope[module]).get(name) if module in scope else scope.get(name)
        if inspect.isfunction(part) and part is not rule:
            found |= called(part) | {part: word}
    return found


def is_rule(part: Rule) -> bool:
    """Whether it is a rule, not a function that helps one."""
    t = inspect.signature(part).parameters.get("t")
    return t is not None and t.kind is t.KEYWORD_ONLY


@lru_cache(10_000)
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
    if not is_rule(rule):
        return source
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
    start = past_docstring(source)
    lines[start:start] = [f"    {name} = {name.removesuffix('_old')}\n" for name in kept]
    return "".join(lines)


@lru_cache(100)
def past_docstring(source: str) -> int:
    """The line of a function, counted from 0, where its body begins."""
    return function_in(source).body[1].lineno - 1
