"""The catalogue of mistakes, mistakes.txt, and a rule with one of them or with two.

A block is a mistake: its name and what was done, then the edits that make it of a rule, as
optim/mutants/patterns.py writes them. `A -> B & C -> D` is two edits that go together,
`beta1 <=> beta2` exchanges two letters wherever they stand, `g => A` puts A for one,
`* KIND` takes what the mutants call by that name.
"""
import ast
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

import numpy as np


from optim.lifting.rule_source import compiled
from optim.mutants.edits import Edit
from optim.mutants.patterns import (
    Slips, blocks, edits_of, exchanged, function_in, names, parsed, replaced, text)
from optim.mutants.sources import slipped, sources, stripped
from optim.optimizers.signatures import Rule, anatomy, name_of
from optim.rules import LEGEND

# Letters that may come in: some only where a rule has no number that keeps a share.
LETTERS = {"weight_decay": 0.01, "other": 0.5, "rho": 0.9, "mu": 0.9, "beta2": 0.999}
ANYWHERE = "weight_decay", "other"
BLOCKS = {head.partition(": ")[0]: (head.partition(": ")[2], lines)
          for head, lines in blocks("optim.grading", "mistakes.txt").items()}
SPECIFIC = [*BLOCKS][:[*BLOCKS].index("missing factor")]       # the others fit anywhere


@dataclass(frozen=True)
class Slip:
    """One mistake in a rule: its name in the catalogue, the place, what became of it."""
    mistake: str
    line: int
    right: str
    wrong: str

    @property
    def meaning(self) -> str:
        """What was done, in words."""
        return BLOCKS[self.mistake][0]

    def __str__(self) -> str:
        return as_words((self,))

    def as_dict(self) -> dict[str, str]:
        return {"mistake": self.mistake, "meaning": self.meaning, "right": self.right,
                "wrong": self.wrong}


@dataclass(frozen=True)
class Slipped:
    """A rule with one slip or two: the sources of all its functions, its own last.

    edit, part: of a single slip, where it is made, if it is one edit.
    """
    slips: tuple[Slip, ...]
    sources: tuple[str, ...]
    name: str
    edit: Edit | None = field(default=None, repr=False, compare=False)
    part: int = 0

    @property
    def specific(self) -> bool:
        """Whether each slip has a name that says what was done."""
        return all(s.mistake in SPECIFIC for s in self.slips)

    @cached_property
    def rule(self) -> Rule:
        """It, for plain numbers."""
        scope: dict[str, Any] = {"np": np}
        exec(compile("".join(self.sources), "a rule with a slip", "exec"), scope)
        return scope[self.name]

    def readable(self) -> Rule:
        """It, for a proof: one whose decimals can be read."""
        return compiled(self.name, "".join(self.sources))


@cache
def table() -> tuple[Slips, dict[str, str], dict[str, Slips]]:
    """The catalogue's edits; {kind of the mutants: mistake}; the second of each two edits
    that go together."""
    edits: list[tuple[str, ast.expr, ast.expr]] = []
    kinds: dict[str, str] = {}
    second: dict[str, Slips] = {}
    for mistake, (_, lines) in BLOCKS.items():
        for line in map(str.strip, lines):
            first, _, rest = line.partition(" & ")
            if line.startswith("*"):
                kinds[line[1:].strip()] = mistake
            elif "=>" not in line:
                key = f"{mistake} & " if rest else mistake
                edits += [(key, *edit) for edit in edits_of(first)]
                if rest:
                    second[key] = Slips([(mistake, *e) for e in edits_of(rest)], ())
    return Slips(edits, BLOCKS, LETTERS), kinds, second


@cache
def singles(rule: Rule) -> list[Slipped]:
    """The rule with each slip of the catalogue, in its order; each wrong rule once."""
    slips, kinds, second = table()
    if any(LEGEND[h].domain == "[0, 1)" for h in anatomy(rule)[1] if h in LEGEND):
        slips = slips._replace(letters=ANYWHERE)
    written = [*right_sources(rule)]
    found: list[Slipped] = []
    for edit, part, after in slipped(written, rule, slips):
        kind = kinds.get(edit.kind, edit.kind)
        slip = Slip(kind.removesuffix(" & "), edit.node.lineno, text(edit.node), edit.new)
        if kind in second:
            found += [Slipped((slip,), complete(both), name_of(rule))
                      for other, _, both in slipped(after, rule, second[kind])
                      if other.kind == slip.mistake]
        elif kind in BLOCKS:
            found.append(Slipped((slip,), complete(after), name_of(rule), edit, part))
    found += [Slipped((slip,), complete(after), name_of(rule))
              for slip, after in exchanges(written, rule)]
    order = {name: i for i, name in enumerate(BLOCKS)}
    once: dict[str, Slipped] = {stripped("".join(written)): found[0]}
    for x in sorted(found, key=lambda x: order[x.slips[0].mistake]):
        once.setdefault(stripped("".join(x.sources)), x)
    return [*once.values()][1:]


@cache
def double(one: Slipped, other: Slipped, rule: Rule) -> Slipped | None:
    """The rule with both slips; None where one takes the place of the other."""
    a, b = one.edit, other.edit
    if a is None or b is None:
        return None
    written = [*right_sources(rule)]
    if one.part == other.part:
        if inside(b.node, a.node):
            a, b = b, a                                     # a stands inside of b
        if inside(a.node, b.node):
            new = exchanged_once(parsed(b.new), a.node, parsed(a.new))
            if inside(b.node, a.node) or new is None:
                return None
            both = [b._replace(new=text(new))]
        else:
            both = sorted((a, b), key=lambda e: (e.node.lineno, e.node.col_offset))
        part = written[one.part]
        for edit in reversed(both):                         # from below: places keep
            part = replaced(part, edit.node, edit.new)
        written[one.part] = with_old(part)
    else:
        for x in (one, other):
            written[x.part] = x.sources[x.part]
    return Slipped(one.slips + other.slips, complete(written), name_of(rule))


def exchanged_once(tree: ast.expr, old: ast.expr, new: ast.expr) -> ast.expr | None:
    """The expression with another for its first part that is like old; None if none is."""
    wanted, done = ast.dump(old), list[ast.AST]()

    class Exchange(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            if not done and isinstance(node, ast.expr) and ast.dump(node) == wanted:
                done.append(node)
                return new
            return self.generic_visit(node)
    whole = ast.Expression(tree)
    Exchange().visit(whole)
    return whole.body if done else None


def inside(inner: ast.expr, outer: ast.expr) -> bool:
    """Whether an expression of a source is a part of another, or the same."""
    def ends(x: ast.expr) -> tuple:
        return (x.lineno, x.col_offset), (x.end_lineno, x.end_col_offset)
    (a, b), (c, d) = ends(inner), ends(outer)
    return c <= a and b <= d


@cache
def right_sources(rule: Rule) -> tuple[str, ...]:
    """The sources of a rule and of those that it calls, each with a docstring."""
    found = []
    for source in map(textwrap.dedent, sources(rule)):
        function = ast.parse(source).body[0]
        assert isinstance(function, ast.FunctionDef)
        if ast.get_docstring(function) is None:
            function.body.insert(0, ast.Expr(ast.Constant("A rule.")))
            source = ast.unparse(ast.fix_missing_locations(function)) + "\n"
        found.append(source)
    return tuple(found)


def with_old(source: str) -> str:
    """The function with the old states that it names, kept from its start."""
    if "_old" not in source:
        return source
    function = function_in(source)
    old = sorted(n for n in names(function) - stored(function) if n.endswith("_old"))
    function.body[1:1] = ast.parse("\n".join(f"{n} = {n[:-4]}" for n in old)).body
    return ast.unparse(function) + "\n"


def complete(written: list[str]) -> tuple[str, ...]:
    return tuple(map(with_letters, written))


def exchanges(written: list[str], rule: Rule) -> Iterator[tuple[Slip, list[str]]]:
    """The rule with a letter exchanged wherever it stands in its body, or two of them."""
    known = {"g", *anatomy(rule)[1]}
    for mistake, (_, lines) in BLOCKS.items():
        for line in (line for line in lines if "=>" in line):
            both = "<=>" in line
            a, b = (word.strip() for word in line.split("<=>" if both else "=>"))
            new = {a: parsed(b)} | ({b: parsed(a)} if both else {})
            if known.issuperset(new) and (both or not names(new[a]) & known & {*LETTERS}):
                yield Slip(mistake, 0, f"{a}, {b}" if both else a,
                           f"{b}, {a}" if both else b), [
                    *written[:-1], everywhere(written[-1], new)]


def everywhere(source: str, table: dict[str, ast.expr]) -> str:
    """The function with an expression for each of these letters in its body."""
    function = function_in(source)
    function.body = [exchanged(line, table) for line in function.body]  # type: ignore
    return ast.unparse(function) + "\n"


def with_letters(source: str) -> str:
    """The function with those of LETTERS among its hyperparameters that it uses."""
    if not any(n in source for n in LETTERS):
        return source
    function = function_in(source)
    own = {a.arg for a in (*function.args.args, *function.args.kwonlyargs)}
    new = [n for n in LETTERS if n in names(function) - own - stored(function)]
    if not new:
        return source
    function.args.kwonlyargs += [ast.arg(n) for n in new]
    function.args.kw_defaults += [parsed(repr(LETTERS[n])) for n in new]
    return ast.unparse(function) + "\n"


def stored(function: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(function) if isinstance(n, ast.Name)
            and isinstance(n.ctx, ast.Store)}


def as_words(slips: tuple[Slip, ...]) -> str:
    """All that was done, what is one mistake said once."""
    out = []
    for mistake in dict.fromkeys(s.mistake for s in slips):
        same = [s for s in slips if s.mistake == mistake]
        places = ", ".join(f"{s.wrong} where {s.right} belongs" for s in same)
        out.append(f"{mistake}: {places} ({same[0].meaning})")
    return "; and ".join(out)
