"""What is claimed of a rule beside its derivation: defaults, units, the common frame."""
import inspect
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import product

import sympy as sp

from optim.derivations.claim import Claim, claim
from optim.derivations.induction import the_step
from optim.derivations.rule_letters import eps, v
from optim.domains import declare
from optim.formulas.rule_formulas import Formula
from optim.formulas.typed_formulas import expression
from optim.optimizers.signatures import Rule
from optim.papers import Statement
from optim.proving.needs import Power
from optim.rules import LEGEND, UNITS

KINDS_OF_UNITS = {"lr": ("P", "P**2/L"), "m": ("L/P", "P", "1")}
LOSS, PARAMETER = declare("loss_scale", "> 0"), declare("parameter_scale", "> 0")


# ------------------------------------------------------------------ what the paper prints
def as_printed(f: Formula, paper: Statement) -> Iterator[Claim]:
    """Where the paper prints no eps: without eps our step is the printed one."""
    if paper.printed is not None and not paper.printed.has(eps):
        yield claim("as-printed", "With eps = 0 the step is the one that the paper prints.",
                    (f.update["theta"].subs(eps, 0), the_step(f, paper, paper.printed)),
                    source=", ".join(x for x in (paper.reference, paper.numbered) if x))


def defaults(rule: Rule, paper: Statement) -> Iterator[Claim]:
    """The defaults of the rule where the paper gives values."""
    parameters = inspect.signature(rule).parameters
    for name, value in paper.defaults.items():
        yield claim(f"default-{name}", f"The default {name} = {value} is the paper's.",
                    (sp.Rational(repr(parameters[name].default)), sp.Rational(value)),
                    source=paper.reference)


# ------------------------------------------------------------------ units as a symmetry
def scale(unit: str) -> sp.Expr:
    """The factor of a quantity of this unit when L becomes c L and P becomes k P."""
    return expression(unit, {"L": LOSS, "P": PARAMETER}, "no unit")


def units_hold(f: Formula, name: str, units: dict[str, str] | None = None
               ) -> Iterator[Claim]:
    """The rule commutes with a change of units: the legend's, those of the rule of this
    name, and above these the given ones. A rule with letters of its own has no claim."""
    known = {n: letter.unit for n, letter in LEGEND.items()} | UNITS.get(name, {})
    known |= units or {}
    if not all(n in known for n in f.symbols):
        return
    twice = next((n for n in f.symbols if " and " in known[n]), "")
    if not twice:
        yield from commuting(f, known)
        return
    # a letter that would need two units is split; unsplit it must fail
    both = known[twice].split(" and ")
    parts = {f"{twice}_{k}": unit for k, unit in enumerate(both, 1)}
    yield from commuting(split(f, known, twice, parts), known | parts,
                         note=f" (with one {twice} in {both[0]}, another in {both[1]})")
    for unit in both:
        yield next(claim for claim in commuting(
            f, known | {twice: unit}, f"-{twice}-{unit}",
            f" (with the one {twice} in {unit})")
            if claim.id.startswith("units-theta"))


def fitting_units(f: Formula, units: dict[str, str] | None) -> dict[str, str]:
    """Units of a rule of one's own: as given, and for lr and m what makes it commute.

    Whether lr and m have the legend's units depends on whether a root is divided by.
    """
    given = units or {}
    open_to = {n: kinds for n, kinds in KINDS_OF_UNITS.items()
               if n in f.symbols and n not in given}
    choices = [given | dict(zip(open_to, kinds)) for kinds in product(*open_to.values())]
    return next((choice for choice in choices if all(
        claim.ok for claim in units_hold(f, f.name, choice))), given)


def split(f: Formula, units: dict[str, str], name: str, parts: dict[str, str]) -> Formula:
    """The rule with several letters for one of its own, each in a unit of its own.

    Each stands where that unit fits: beside what it is added to, or in the case of a
    product that is a step.
    """
    letter, new = f.symbols[name], {part: declare(part, "> 0") for part in parts}
    table = {s: scale(units[n]) for n, s in f.symbols.items() if n != name}
    table |= {new[part]: scale(unit) for part, unit in parts.items()}

    def measured(e: sp.Expr) -> sp.Expr:
        """The unit of an expression that has the letter in no product."""
        if e.is_Add:
            return measured(next(x for x in e.args if not x.is_number and x != letter
                                 and x not in new.values()))
        if isinstance(e, sp.Piecewise):
            return measured(e.args[0].expr)
        if e.is_Pow or isinstance(e, Power):
            return measured(e.args[0])**e.args[1] if e.args[1].is_number else sp.S.One
        return e.func(*map(measured, e.args)) if e.is_Mul else (
            sp.S.One if e.is_number else table[e])

    def fitting(e: sp.Expr, factor: sp.Expr, unit: sp.Expr) -> sp.Expr:
        """e with the letter for which its factor times the letter has this unit."""
        return e.xreplace({letter: new[part] for part in parts if sp.simplify(
            measured(factor)*table[new[part]]/unit) == 1})

    def cases(e: sp.Expr) -> sp.Expr:
        """The letter times cases as the cases of that product."""
        chosen = next(x for x in e.args if isinstance(x, sp.Piecewise))
        return sp.Mul(*(x for x in e.args if x not in (chosen, letter)), sp.Piecewise(*(
            (fitting(letter, e/chosen/letter*x, PARAMETER)*x, condition)
            for x, condition in chosen.args)))

    def visit(e: sp.Expr) -> sp.Expr:
        return fitting(e, sp.S.One, measured(e)) if e.is_Add else cases(e)

    update = {n: e.replace(lambda x: letter in x.args and (x.is_Add or x.is_Mul and any(
        isinstance(y, sp.Piecewise) for y in x.args)), visit) for n, e in f.update.items()}
    symbols = {n: s for n, s in f.symbols.items() if n != name}
    return replace(f, update=update, symbols=symbols | new)


def commuting(f: Formula, units: dict[str, str], unsplit: str = "", note: str = ""
              ) -> Iterator[Claim]:
    """Each update of scaled letters is the scaled update; not so if one is unsplit."""
    factors = {s: scale(units[n])*s for n, s in f.symbols.items()}
    for name, e in f.update.items():
        yield claim(f"units-{name}{unsplit}",
                    f"In other units of loss and parameters {name} is the same{note}.",
                    (e.subs(factors, simultaneous=True), scale(units[name])*e),
                    expected="REFUTED" if unsplit else "PROVED",
                    source="units of the legend")


# ------------------------------------------------------------------ the common frame
def frame(f: Formula) -> Iterator[Claim]:
    """theta - m/sqrt(v + eps): the rule's step, or what separates them."""
    frame, difference = f.frame
    same = difference.right == 0
    lying = {s: declare(s.name, LEGEND[mark.name].domain)
             for s, mark in frame.marks.items() if mark.name in LEGEND and mark.index}
    ours, theirs = (e.xreplace(lying) for e in (f.equations[-1].right, frame.right))
    framed = partial(claim, source="common frame")
    yield framed("frame", "Its step has the form theta - m/sqrt(v + eps) of the common "
                 "frame.", (ours, theirs), expected="PROVED" if same else "REFUTED")
    if same:
        return
    yield framed("frame-denominator", "Its denominator squared is v + eps**2 + 2 eps "
                 "sqrt(v), where the frame has v + eps.",
                 ((sp.sqrt(v) + eps)**2, v + eps**2 + 2*eps*sp.sqrt(v)))
    yield framed("frame-root", "With eps**2 inside, the frame's root is never above "
                 "sqrt(v) + eps.", (sp.sqrt(v + eps**2), "<=", sp.sqrt(v) + eps))
