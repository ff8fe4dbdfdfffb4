"""The special cases that are claimed beside a rule, as text, each decided of both rules.

    claims = ["sign_sgd if beta1 = 0, beta2 = 0",
              "momentum if nu = 1 where lr = lr*(1 - mu), m = lr*m",
              "sign_sgd while g_prev = 0, size = lr",
              "not adam"]

TARGET if LETTER = FORMULA, ... while STATE = FORMULA, ... where LETTER = FORMULA, ...

`if` puts formulas for letters of the rule; a state that it names must keep that value in
every run, which is proved as well; `while` says nothing of that. `where` says what the
letters of the target are, in letters of the rule: a hyperparameter, or a state before a
step. A letter that both have is the same one, and has the value that `if` gives it, unless
that is made of itself: lr = lr*(1 - beta1**t) only stretches it. `not` claims that it is
not so.

The claims are a list beside the rule in its file, for every rule of the file, or a
dictionary {name of the rule: list}; or the rule's own, `rule.claims`.
"""
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

import sympy as sp

from optim.derivations.claim import Claim, claim
from optim.derivations.rule_letters import read, rule
from optim.equivalence.views import needed
from optim.domains import DOMAINS, domain_of
from optim.formulas.rule_formulas import Formula, formula
from optim.formulas.typed_formulas import expression
from optim.notation.marks import Mark
from optim.optimizers.beside import claims_beside
from optim.papers import in_letters
from optim.proving.needs import START, Nonnegative, Nonzero
from optim.proving.points import has_room
from optim.rules import RULES

SHAPE = re.compile(r"\s*(?P<no>not\s+)?(?P<target>\w+)(\s+if\s+(?P<if>.+?))?"
                   r"(\s+while\s+(?P<hold>.+?))?(\s+where\s+(?P<of>.+?))?\s*")
BETWEEN = re.compile(r",(?![^(]*\))")               # a comma, but not between arguments
Letters = dict[str, sp.Expr]
HIGHEST = 100                                   # exponent that a claim gives a number


@dataclass(frozen=True)
class SpecialCase:
    """What the text of a claim says: the target, values of letters, and what they make.

    values   the rule's letters -> formulas; those in .held are not proved to last
    made     the target's letters -> formulas in the rule's
    """
    rule: Formula
    target: Formula
    values: Letters
    held: frozenset[str]
    made: Letters
    text: str
    true: bool = True
    number: int = 1                     # of this claim among those that name the target

    @property
    def how(self) -> str:
        """What is done to the rule, a line for each letter, in LaTeX."""
        lines = [f"${name} = {in_letters(e)}$".replace(name, Mark(name).latex(), 1)
                 for name, e in self.values.items()]
        return ",\n".join(lines) or "always"

    @property
    def claim(self) -> Claim:
        """The claim, with its goals."""
        words = ["is" if self.true else "is-not", *self.target.name.split("_"),
                 *[str(self.number)]*(self.number > 1)]
        return claim("-".join(words), sentence(self), *goals(self), source="special case",
                     expected="PROVED" if self.true else "REFUTED")

    @property
    def fixed(self) -> Letters:
        """The values that are no stretched letters."""
        return {n: e for n, e in self.values.items() if not e.has(self.rule.symbols[n])}


def special_cases(f: Formula) -> list[SpecialCase]:
    """What is claimed beside a rule; ValueError for a claim that cannot be read."""
    cases = [special_case(f.as_run(), text) for text in claims_beside(f.rule)
             ] if f.rule else []
    targets = [(case.target.name, case.true) for case in cases]
    return [replace(case, number=targets[:k].count(targets[k]) + 1)
            for k, case in enumerate(cases)]


def special_case(f: Formula, text: str) -> SpecialCase:
    """The special case that a text claims of a rule.

    >>> case = special_case(rule("adamw"), "adam if weight_decay = 0")
    >>> case.claim.verdict.status
    'PROVED'
    """
    found = SHAPE.fullmatch(text)
    if found is None:
        raise ValueError(f"claims of {f.name}: came {text!r}; needed TARGET if LETTER = "
                         "FORMULA, ... where LETTER = FORMULA, ...")
    target = target_of(f, found["target"])
    who = f"claims of {f.name}: {text!r}"
    zeros = [n for n, e in assigned(f, target.symbols | f.symbols, who, found["if"]).items()
             if e == 0]
    f, target = at_zero(f, zeros), at_zero(target, zeros)
    letters = target.symbols | f.symbols
    sure, held, of = (assigned(owner, letters, who, found[part])
                      for owner, part in ((f, "if"), (f, "hold"), (target, "of")))
    for owner, given in ((f, sure | held), (target, of)):
        for n, e in given.items():
            domain = owner.domains[owner.symbols[n]]
            if e.is_number and not DOMAINS[domain].holds(e):
                raise ValueError(f"{who}: {n} = {e} came; {n} of {owner.name} may be "
                                 f"{domain}")
        numbers = {owner.symbols[n]: Fraction(str(e)) for n, e in given.items()
                   if e.is_Rational}
        if not all(has_room(e, numbers, HIGHEST) for e in (
                *owner.update.values(), *given.values())):
            raise ValueError(f"{who}: an exponent of {owner.name} is too large there; "
                             f"needed at most {HIGHEST}")
    case = SpecialCase(f, target, sure | held, frozenset(held), {}, text, not found["no"])
    shared = {n: case.fixed.get(n, f.symbols[n]) for n in target.symbols if n in f.symbols}
    return replace(case, made=shared | of)


def at_zero(f: Formula, names: Iterable[str]) -> Formula:
    """The rule, read anew with those of these letters >= 0 that are > 0 in it."""
    wider = {n: ">= 0" for n in names
             if n in f.symbols and f.domains[f.symbols[n]] == "> 0"}
    return formula(f.rule, wider) if wider and f.rule else f


def target_of(f: Formula, name: str) -> Formula:
    """The rule of this name: one of ours, or another of the same file."""
    own = getattr(f.rule, "__globals__", {}).get(name)
    return (read(own) if name not in RULES and callable(own) else rule(name)).as_run()


def assigned(owner: Formula, letters: Mapping[str, sp.Symbol], who: str, words: str | None
             ) -> Letters:
    """{letter of the owner: formula in these letters}."""
    made: Letters = {}
    for part in BETWEEN.split(words or ""):
        name, equal, right = (piece.strip() for piece in part.partition("="))
        if not part:
            continue
        if not equal or name not in owner.symbols:
            raise ValueError(f"{who}: {owner.name} has no letter {name!r}; it has "
                             f"{', '.join(owner.symbols)}")
        try:
            made[name] = expression(right, letters)
        except ValueError as error:
            raise ValueError(f"{who}: {error}") from None
    return made


# ------------------------------------------------------------------ what has to be proved
def goals(case: SpecialCase) -> list[tuple]:
    """The steps are one, the target's states are what they are made of, the values last."""
    f, target, t = case.rule, case.target, case.rule.symbols["t"]
    put, fixed = ({f.symbols[n]: e for n, e in letters.items()}
                  for letters in (case.values, case.fixed))
    of = {target.symbols[n]: e for n, e in case.made.items()}
    start = {f.symbols[n]: sp.sympify(e).subs(put, simultaneous=True)
             for n, e in f.init.items()}
    start |= {t: sp.S.One}
    after = {f.symbols[n]: e.subs(put, simultaneous=True) for n, e in f.update.items()}
    after |= {t: t + 1}

    def both(e: sp.Expr, first: sp.Expr, later: sp.Expr) -> list[tuple]:
        """e has these values at the start and after a step."""
        return [(e.subs(start, simultaneous=True), first),
                (e.subs(after, simultaneous=True), later)]

    place, theirs = next(iter(f.update)), next(iter(target.update))
    out = [(after[f.symbols[place]], target.update[theirs].subs(of, simultaneous=True))]
    for n in target.init:
        if n in case.made:
            e = case.made[n].subs(fixed, simultaneous=True)
            begun = sp.sympify(target.init[n])
            out += both(e, begun.subs(of, simultaneous=True),
                        target.update[n].subs(of, simultaneous=True))
    for n in f.init:
        if n in case.values and n not in case.held:
            kept = case.values[n]
            out += [(start[f.symbols[n]], kept.subs(start, simultaneous=True)),
                    (after[f.symbols[n]], kept.subs(after, simultaneous=True))]
    known = {*f.symbols.values()}.union(*(e.free_symbols for e in case.values.values()))
    if free := sp.Tuple(*(e for goal in out for e in goal)).free_symbols - known:
        raise ValueError(f"claims of {f.name}: {case.text!r} does not say what "
                         f"{min(map(str, free))} of {target.name} is; add `where "
                         f"{min(map(str, free))} = ...`")
    return [*out, *defined(f, put, target, of), *inside(f, case.values),
            *inside(target, case.made)]


def defined(f: Formula, put: Mapping, target: Formula, of: Mapping) -> list[tuple]:
    """The goal that both have a value at the same points; none where they have everywhere.
    """
    def needs(rule: Formula, letters: Mapping) -> sp.Expr:
        e = needed(rule, *rule.update, *(n + START for n in rule.init))
        return e.subs(letters, simultaneous=True).replace(
            lambda x: isinstance(x, (Nonzero, Nonnegative)) and x.args[0].is_positive,
            lambda x: sp.S.Zero)

    left, right = needs(f, put), needs(target, of)
    return [] if left == right == 0 else [(left, right)]


def inside(f: Formula, values: Letters) -> list[tuple]:
    """The goals that these values lie where their letters do."""
    return [(e, relation, end) for n, e in values.items()
            if not (e.is_Symbol and domain_of(e) == f.domains[f.symbols[n]])
            for relation, end in DOMAINS[f.domains[f.symbols[n]]].ends]


def sentence(case: SpecialCase) -> str:
    """The claim in words."""
    def words(letters: Letters) -> str:
        return ", ".join(f"{n} = {e}" for n, e in letters.items())

    sure = {n: e for n, e in case.values.items() if n not in case.held}
    held = {n: e for n, e in case.values.items() if n in case.held}
    other = {n: e for n, e in case.made.items() if e != case.rule.symbols.get(n)
             and e != case.values.get(n)}
    parts = [f"with {words(sure)}"]*bool(sure) + [f"while {words(held)}"]*bool(held)
    start = f"{', '.join(parts)} it is" if parts else "it is"
    return (start[0].upper() + start[1:] + f" {case.target.name}"
            + f", of which {words(other)}"*bool(other) + ".")
