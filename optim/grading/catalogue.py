"""The catalogue of mistakes, mistakes.txt, and a rule with one of them or with two.

A block is a mistake: its name and what was done, then the edits that make it of a rule, as
optim/mutants/patterns.py writes them. `A -> B & C -> D` is two edits that go together,
`beta1 <=> beta2` exchanges two letters wherever they stand, `* KIND` takes what the mutants
call by that name.
"""
import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property


from optim.lifting.rule_source import compiled
from optim.mutants.patterns import (
    Slips, blocks, edits_of, exchanged, function_in, names, parsed, text)
from optim.mutants.sources import slipped, sources, stripped
from optim.optimizers.signatures import Rule, anatomy, name_of
from optim.rules import LEGEND

LETTERS = {"rho": 0.9, "mu": 0.9, "beta2": 0.999}    # that may come in where a rule has none
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
    """A rule with one slip or more: the sources of all its functions, its own last."""
    slips: tuple[Slip, ...]
    sources: tuple[str, ...]
    name: str

    @property
    def specific(self) -> bool:
        """Whether each slip has a name that says what was done."""
        return all(s.mistake in SPECIFIC for s in self.slips)

    @cached_property
    def rule(self) -> Rule:
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
            elif "<=>" not in line:
                key = f"{mistake} & " if rest else mistake
                edits += [(key, *edit) for edit in edits_of(first)]
                if rest:
                    second[key] = Slips([(mistake, *e) for e in edits_of(rest)], ())
    return Slips(edits, BLOCKS, LETTERS), kinds, second


def with_one_more(sources_before: tuple[str, ...], rule: Rule, before: tuple[Slip, ...] = ()
                  ) -> Iterator[Slipped]:
    """The rule, which may have slips already, with each slip of the catalogue, by its order.
    """
    slips, kinds, second = table()
    if any(LEGEND[h].domain == "[0, 1)" for h in anatomy(rule)[1] if h in LEGEND):
        slips = slips._replace(letters=())
    order = {name: i for i, name in enumerate(BLOCKS)}
    found: list[Slipped] = []
    seen = {stripped("".join(sources_before))}

    def add(slip: Slip, written: list[str]) -> None:
        whole = tuple(map(with_letters, written))
        if (key := stripped("".join(whole))) not in seen:
            seen.add(key)
            found.append(Slipped((*before, slip), whole, name_of(rule)))
    todo = [(kinds.get(e.kind, e.kind), e, written)
            for e, _, written in slipped([*sources_before], rule, slips)]
    for kind, edit, written in sorted(
            (x for x in todo if x[0].removesuffix(" & ") in BLOCKS),
            key=lambda x: order[x[0].removesuffix(" & ")]):
        slip = Slip(kind.removesuffix(" & "), edit.node.lineno, text(edit.node), edit.new)
        if kind in second:
            for other, _, both in slipped(written, rule, second[kind]):
                if other.kind == slip.mistake:
                    add(slip, both)
        else:
            add(slip, written)
    for slip, written in exchanges(sources_before, rule):
        add(slip, written)
    yield from sorted(found, key=lambda x: order[x.slips[-1].mistake])


def exchanges(written: tuple[str, ...], rule: Rule) -> Iterator[tuple[Slip, list[str]]]:
    """The rule with two of its letters exchanged wherever they stand in its body."""
    hyperparameters = anatomy(rule)[1]
    for mistake, (_, lines) in BLOCKS.items():
        for line in (line for line in lines if "<=>" in line):
            a, b = (word.strip() for word in line.split("<=>"))
            if a in hyperparameters and b in hyperparameters:
                yield Slip(mistake, 0, f"{a}, {b}", f"{b}, {a}"), [
                    *written[:-1], swapped(written[-1], a, b)]


def swapped(source: str, a: str, b: str) -> str:
    """The function with two letters exchanged in its body."""
    function = function_in(source)
    table = {a: ast.Name(b, ast.Load()), b: ast.Name(a, ast.Load())}
    function.body = [exchanged(line, table) for line in function.body]  # type: ignore
    return ast.unparse(function) + "\n"


def with_letters(source: str) -> str:
    """The function with those of LETTERS among its hyperparameters that it uses."""
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


@cache
def singles(rule: Rule) -> list[Slipped]:
    """The rule with each slip of the catalogue."""
    return [*with_one_more(tuple(sources(rule)), rule)]


def doubles(first: Slipped, rule: Rule) -> Iterator[Slipped]:
    """A rule that has a slip, with one more."""
    yield from with_one_more(first.sources, rule, first.slips)


def as_words(slips: tuple[Slip, ...]) -> str:
    """All that was done, what is one mistake said once."""
    out = []
    for mistake in dict.fromkeys(s.mistake for s in slips):
        same = [s for s in slips if s.mistake == mistake]
        places = ", ".join(f"{s.wrong} where {s.right} belongs" for s in same)
        out.append(f"{mistake}: {places} ({same[0].meaning})")
    return "; and ".join(out)
