"""What is claimed of a rule beside its derivation: defaults, units, the common frame."""
import inspect
from collections.abc import Iterator
from functools import partial

import sympy as sp

from optim.derivations.claim import Claim, claim
from optim.derivations.induction import the_step
from optim.derivations.per_rule.adadelta_units import split
from optim.derivations.rule_letters import eps, v
from optim.domains import declare
from optim.formulas.rule_formulas import Formula
from optim.optimizers.signatures import Rule
from optim.papers import Statement
from optim.rules import LEGEND, UNITS

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
    return sp.sympify(unit, {"L": LOSS, "P": PARAMETER})


def units_hold(f: Formula, name: str, units: dict[str, str] | None = None
               ) -> Iterator[Claim]:
    """The rule commutes with a change of units: the legend's, those of the rule of this
    name, and above these the given ones. A rule with letters of its own has no claim."""
    known = {n: letter.unit for n, letter in LEGEND.items()} | UNITS.get(name, {})
    known |= units or {}
    if not all(n in known for n in f.symbols):
        return
    both = known["eps"].split(" and ")
    if len(both) == 1:
        yield from commuting(f, known)
        return
    # an eps that stands beside v and beside v_delta is split; unsplit it must fail
    yield from commuting(split(f), known | dict(zip(("eps_1", "eps_2"), both)),
                         note=" (with one eps beside v, another beside v_delta)")
    for unit in both:
        yield next(commuting(f, known | {"eps": unit}, "REFUTED",
                             f" (with the one eps in {unit})"))


def commuting(f: Formula, units: dict[str, str], expected: str = "PROVED", note: str = ""
              ) -> Iterator[Claim]:
    """Each update of scaled letters is the scaled update."""
    factors = {s: scale(units[n])*s for n, s in f.symbols.items()}
    one_eps = f"-eps-{units['eps']}" if expected == "REFUTED" else ""
    for name, e in f.update.items():
        yield claim(f"units-{name}{one_eps}",
                    f"In other units of loss and parameters {name} is the same{note}.",
                    (e.subs(factors, simultaneous=True), scale(units[name])*e),
                    expected=expected, source="units of the legend")


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
