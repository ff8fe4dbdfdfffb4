"""Two optimizers that walk alike from the start, though not from every state.

At t = 1 both are taken where they start; from t = 2 on at every state. So a first step that
overwrites the states, np.where(t == 1, g, ...), is no difference, nor is another start that
the first step makes good.
"""
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sympy as sp

from optim.equivalence.simulations import narrowed, read, simulation, stand_in
from optim.equivalence.views import START, all_proved, letters, needed, rebuilt
from optim.proving.needs import Defined
from optim.proving.verdicts import Verdict


def walks_alike(a: Any, b: Any, states: Mapping | None = None, where: Mapping | None = None,
                seconds: float = 60.0, given: Mapping[str, sp.Expr] | None = None
                ) -> Verdict:
    """Decide whether b, seen through a map of the states, does what a does, in every run.

    As simulates, but the map need not hold before the first step: by induction on t, from
    the states that the first step leaves. Raises ValueError as simulates does.
    """
    claim = narrowed(a, b, states, where, given or {})
    goals, domains, known = beginning(*claim)
    base = all_proved(goals, domains, known, seconds)
    if base.status != "PROVED":
        return replace(base, method=f"the first step: {base.method}", equal_if=None)
    goals, domains, known = later(*claim)
    step = all_proved(goals, domains, known, seconds)
    return replace(step, equal_if=None, except_on=(*base.except_on, *step.except_on),
                   seconds=base.seconds + step.seconds, parts={
                       **{f"first step, {label}": v for label, v in base.parts.items()},
                       **step.parts}, method="by induction: first step "
                   f"({base.method}); any later step ({step.method})")


def later(a: Any, b: Any, states: Mapping, where: Mapping) -> tuple[dict, dict, dict]:
    """The goals of one step of a simulation relation, for t >= 2."""
    goals, domains, known = simulation(a, b, states, where)
    t = (letters(a) | letters(b)).get("t")
    shift: dict = {} if t is None else {t: t + 1}
    table, counted = stand_in(shift)
    there = {s: Defined(e.xreplace(table)) for s, e in known.items()}

    def side(e: sp.Expr) -> sp.Expr:
        return e.xreplace(table) + sp.Add(*(there[s] for s in e.free_symbols if s in there))
    return ({label: (side(x), side(y)) for label, (x, y) in goals.items()
             if not label.endswith(START)}, domains,
            {s: rebuilt(e, shift) for s, e in known.items()} | counted)


def beginning(a: Any, b: Any, states: Mapping, where: Mapping) -> tuple[dict, dict, dict]:
    """The goals that the first step of a, seen through the map, is the first step of b.

    Where an update at the start is put into another formula, SymPy may cancel what has no
    value there: so it stands beside that, as it is, as what has to be defined.
    """
    ours, theirs = letters(a), letters(b)
    mapped, changed = read(a, b, states, where)
    place, here = next(iter(b.update)), ours[next(iter(a.update))]
    t = (ours | theirs).get("t")
    clock: dict = {} if t is None else {t: sp.Integer(1)}
    starts = {ours[n]: sp.sympify(e) for n, e in a.init.items()} | clock
    begun, known = stand_in(starts)
    after, steps = stand_in({ours[n]: rebuilt(e, starts) for n, e in a.update.items()}
                            | {s: n + 1 for s, n in clock.items()})
    given = {theirs[n]: rebuilt(e, clock) for n, e in changed.items()} | {
        theirs[place]: here}
    others, instead = stand_in(given)
    memory, firsts = stand_in({theirs[n]: rebuilt(sp.sympify(e), given)
                               for n, e in b.init.items()})
    table = memory | others | {s: x for s, x in begun.items() if s == t}
    begins = (sp.Add(*(needed(a, n + START) for n in a.init)),
              sp.Add(*(needed(b, n + START) for n in b.init)).xreplace(others))
    goals = {}
    for name, e in b.update.items():
        used = [s.name for s in mapped[name].free_symbols if s.name in a.update]
        there = [Defined(a.update[n].xreplace(begun)) for n in used]
        left = mapped[name].xreplace(after) + needed(a, *used).xreplace(begun)
        goals[f"{name}'"] = (left + sp.Add(*there) + begins[0],
                             (e + needed(b, name)).xreplace(table) + begins[1])
    domains = {s: d for s, d in b.domains.items() if s not in table}
    return goals, domains | dict(a.domains), known | steps | instead | firsts
