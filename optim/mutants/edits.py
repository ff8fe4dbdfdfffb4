"""The small edits of a rule's source.

The table of patterns in slips.txt says most of them; what has to know which letter is a
hyperparameter, an old state or a new one is said in functions. Whether an edit changes the
rule is not said here.

Missing on purpose: the defaults of hyperparameters, which are no part of a formula.
"""
import ast
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from optim.mutants.patterns import (
    SLIPS, Slips, exchanged, function_in, matched, names, parsed, text)
from optim.optimizers.signatures import Rule, anatomy, name_of

DECAYS = {"m": ("beta1", "mu"), "v": ("beta2", "rho")}        # of m, m_hat ...; of v ...


class Edit(NamedTuple):
    """What stands for one expression of a source after a slip."""
    kind: str
    node: ast.expr
    new: str


class Scope(NamedTuple):
    """The letters that have a value where an expression stands, and which value.

    meaning holds the expression that was assigned to a letter, None for an argument.
    """
    states: tuple[str, ...]
    hyperparameters: tuple[str, ...]
    meaning: dict[str, ast.expr | None]

    @property
    def assigned(self) -> dict[str, ast.expr]:
        """{letter: the expression that was assigned to it}."""
        return {name: value for name, value in self.meaning.items() if value is not None}

    def after(self, target: ast.expr, value: ast.expr) -> "Scope":
        """The scope after an assignment, whose value knows an old m as m_old."""
        old = {s: parsed(s + "_old") for s in self.states if s not in self.assigned}
        new = dict.fromkeys(names(target), exchanged(value, old))
        return self._replace(meaning={**self.meaning, **new})


def edits(source: str, rule: Rule, slips: Slips | None = None) -> Iterator[Edit]:
    """Every edit of the source of a rule, which may be respelled already."""
    slips = slips or SLIPS
    function = function_in(source)
    states, hyperparameters = anatomy(rule)
    letters = dict.fromkeys(["theta", "g", "t", *states, *hyperparameters])
    scope = Scope((*states,), (*hyperparameters,), letters)
    for default in function.args.defaults:              # a start has letters of its own
        taken = [a.arg for a in default.args.args] if isinstance(
            default, ast.Lambda) else []
        own = Scope((), tuple(taken[1:]), dict.fromkeys(taken)) if taken else scope
        yield from edits_in(default, "", own, slips)
    for statement in function.body[1:]:
        match statement:
            case ast.Assign(targets=[target], value=value):
                yield from edits_in(value, getattr(target, "id", ""), scope, slips)
                scope = scope.after(target, value)
            case ast.Return(value=ast.expr() as value):
                yield from edits_in(value, "", scope, slips)
            case _:
                raise ValueError(f"{name_of(rule)}: came `{ast.unparse(statement)}`; a "
                                 "rule is assignments and a return")


def edits_in(value: ast.expr, target: str, scope: Scope, slips: Slips
             ) -> Iterator[Edit]:
    """The edits of the value that a statement gives to its target."""
    for node in ast.walk(value):
        if not isinstance(node, ast.expr) or isinstance(node, ast.Tuple | ast.Attribute):
            continue
        whole = node if isinstance(node, ast.Name) else exchanged(node, scope.assigned)
        for kind, pattern, new in slips.table:
            spellings = (node, whole) if kind in slips.deep else (node,)
            written = rewritten(spellings, pattern, new, scope, slips.letters)
            if written is not None:
                yield Edit(kind, node, written)
        match node:
            case ast.Constant(value=int(k)):
                yield from (Edit("constant", node, repr(near)) for near in (k + 1, k - 1))
            case ast.Constant(value=float(x)):
                yield Edit("constant", node, repr(round(x + 0.01, 9)))
            case ast.Name(id=letter) if letter in scope.meaning:
                for kind, other in others(letter, scope):
                    yield Edit(kind, node, other)
                if letter == target and letter in scope.states:
                    yield Edit("old state", node, text(value))      # the new for the old


def rewritten(spellings: Iterable[ast.expr], pattern: ast.expr, new: ast.expr,
              scope: Scope, letters: Iterable[str] = ()) -> str | None:
    """What the pattern makes of the first spelling that it fits; None if of none."""
    found = (matched(pattern, spelling) for spelling in spellings)
    bound = next((each for each in found if each is not None), None)
    if bound is None:
        return None
    result = exchanged(new, bound)
    known = {*scope.meaning, *(f"{s}_old" for s in scope.states), "np", *letters}
    return text(result) if names(result) <= known else None     # no other rule


def others(letter: str, scope: Scope) -> Iterator[tuple[str, str]]:
    """(kind, what may stand for this letter by a slip)."""
    for group, kind in ((("theta", "g", *scope.states), "letter"),
                        (scope.hyperparameters, "hyperparameter")):
        if letter in group:
            yield from ((kind, other) for other in group
                        if other != letter and other in scope.meaning)
    stem = letter.split("_")[0]
    for other in scope.meaning:
        if other.split("_")[0] == stem and other != letter and (
                {letter, other} & {*scope.assigned}):
            yield "hat", other                          # m for m_hat, mu_now for mu_next
    if letter in scope.states and letter in scope.assigned:
        yield "old state", f"{letter}_old"
        for decay in DECAYS.get(stem, ()):
            if decay in scope.hyperparameters:
                yield "hat", f"{letter}/(1 - {decay}**t)"
