"""The proof of a goal that the checker accepts, found by asking it what it still needs.

The checker works out both sides in a case until it needs a sign, a root's letter or another
thing that no step has told; here that step is found, or the case is split, until both
sides are one in every case.
"""
from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache
from typing import Any

import sympy as sp

from optim import checker
from optim.certificates.identities import (
    as_poly, factor_steps, from_poly, improves, parted, reduced, roots, sign_steps, step_of,
    written)
from optim.certificates.case_samples import (
    first_points, still_within, with_letter, within)
from optim.checker import (
    ANY, NEGATIVE, NONNEGATIVE, NONPOSITIVE, POSITIVE, SIGNS, ZERO, Case, Quotient,
    Rejected, Unknown, key, letter, names, plus, product)

FEW_CASES, MOST_CASES = 20, 300
TEXT = {signs: text for text, signs in SIGNS.items()}


class Unproved(Exception):
    """No proof was found; why not."""


@lru_cache(10_000)
def without(p: frozenset, f: frozenset) -> tuple[frozenset | None, int]:
    """p/f where it is a polynomial, else None, and the work that it is: the same ones are
    asked for in many cases."""
    before = checker.SPENT[0]
    found = checker.divided(dict(p), dict(f))
    work, checker.SPENT[0] = checker.SPENT[0] - before, before
    return None if found is None else key(found), work


class Quick(Case):
    """A case of the checker's that remembers what no denominator divides."""

    def cancelled(self, u: Quotient) -> Quotient:
        top, bottom = key(u.top), {}
        for f, k in u.bottom.items():
            while k:
                smaller, work = without(top, f)
                checker.spend(work)
                if smaller is None:
                    bottom[f] = k
                    break
                top, k = smaller, k - 1
        return Quotient(dict(top), bottom)


class Sampled(Quick):
    """A case with some points of it."""

    def __init__(self, goal: dict[str, Any]):
        super().__init__(goal)
        self.points = first_points(self)


class Search:
    """The search for a proof of one goal."""

    def __init__(self, goal: dict[str, Any]):
        self.goal, self.cases, self.letters = goal, 0, 0
        self.direct = True                           # split what is asked, not its parts
        self.anew = False              # work both sides out anew whenever more is known

    def proof(self) -> dict[str, Any]:
        goal = self.goal
        if goal["left"] == goal["right"] and 0 in checker.RELATIONS[goal["relation"]]:
            return {"identical": True}
        for self.direct, self.anew in ((True, False), (False, False), (False, True)):
            self.cases = self.letters = 0
            try:
                found = {"steps": self.of(Sampled(goal))}
                checker.SPENT[0] = 0
                checker.follow(Quick(goal), found["steps"], self.try_end)
                return found
            except (Unproved, Rejected) as error:
                why = str(error)
        raise Unproved(why)

    def of(self, case: Sampled) -> list[dict]:
        """Steps that prove the goal in a case."""
        self.cases += 1
        checker.SPENT[0] = 0                         # a search may take more than a check
        most = FEW_CASES if self.direct else MOST_CASES
        if self.cases > most:
            raise Unproved(f"more than {most} cases")
        steps: list[dict] = []
        inside = case.branch()                       # where both sides are worked out
        inside.memo = case.memo
        while True:
            empty = next((f for f, signs in case.facts.items() if not signs or not
                          names(dict(f)) and not case.sign(dict(f))), None)
            if empty is not None:
                return [*steps, {"empty": written(dict(empty))}]
            try:
                self.try_end(inside)
                return [*steps, {"holds": {}}]
            except Unknown as need:
                before, case.memo = len(steps), inside.memo
                more = self.answer(case, need, steps)
                if more is not None:
                    return [*steps, more]
                inside = self.told(case, inside, steps[before:])
            except Rejected as why:
                more = self.last_resort(case, steps)
                if more is None:
                    raise Unproved(str(why)) from why
                return [*steps, more]

    def told(self, case: Sampled, inside: Sampled, steps: list[dict]) -> Sampled:
        """Where the sides are worked out, with more steps; what was worked out stays."""
        if self.anew:
            return case.branch()
        for step in steps:
            kind = next(kind for kind in checker.STEPS if kind in step)
            checker.STEPS[kind](inside, step)
        return inside

    def try_end(self, case: Case) -> None:
        """Raise what is still needed, if something is."""
        u = checker.difference(case, self.goal, self.goal.get("total"))
        if u is not None:
            checker.agrees(case, u, checker.RELATIONS[self.goal["relation"]])

    def answer(self, case: Sampled, need: Unknown, steps: list) -> dict | None:
        """Add a step that answers what is needed, or give the step that ends the case."""
        kind, *what = need.what
        if kind == "sign":
            return self.signs(case, what[0], what[1], steps)
        if kind == "relation":
            return self.relation(case, what[0], what[1], steps)
        self.take(case, steps, self.new_letter(case, kind, *what))
        return None

    def new_letter(self, case: Sampled, kind: str, *what: Any) -> dict:
        self.letters += 1
        step: dict[str, Any] = {"letter": f"{kind[0]}{self.letters}"}
        if kind == "log":
            return step | {"log": written(what[0])}
        if kind == "call":
            return step | {"call": self.next_call(case)}
        base, x = what
        c = abs(x.top[checker.leading(x.top)])
        unit = checker.scaled(x.top, 1/c*(1 if c.denominator == 1 else
                                          Fraction(1, c.denominator)))
        step |= {"power": written(base), "exponent": written(unit)}
        if x.bottom:
            raise Unproved("an exponent that is a quotient")
        return step

    def next_call(self, case: Sampled) -> int:
        """The first call that has no letter yet, and whose arguments have a value."""
        for i, (name, *_) in enumerate(self.goal["operations"]):
            try:
                if name == "call":
                    case.branch().value(i)
            except Unknown as need:
                if need.what[0] == "call" and not any(
                        self.waits(case, j) for j in self.goal["operations"][i][2:]):
                    return i
            except (Rejected, checker.NoValue):
                continue
        raise Unproved("a call that has no letter")

    @staticmethod
    def waits(case: Sampled, i: int) -> bool:
        try:
            case.branch().value(i)
        except Unknown:
            return True
        return False

    def take(self, case: Sampled, steps: list, step: dict) -> None:
        kind = next(kind for kind in checker.STEPS if kind in step)
        try:
            checker.STEPS[kind](case, step)
        except Rejected as why:
            raise Unproved(f"{kind}: {why}") from why
        if "letter" in step:
            case.points = with_letter(case, case.points, step["letter"])
        steps.append(step)

    # -- a sign that is needed
    def signs(self, case: Sampled, u: Quotient, options: Iterable, steps: list
              ) -> dict | None:
        before = len(steps)
        steps += factor_steps(case, u.top)
        if len(steps) > before:
            return None
        unknown = [f for f, _ in self.unknown(case, u)]
        for f in unknown:
            more = sign_steps(case, dict(f))
            if more:
                steps += more
                return None
        if not unknown:
            raise Unproved("a sign that its factors do not tell")
        return self.split(case, u, unknown[0], [*options], steps)

    def unknown(self, case: Sampled, u: Quotient) -> list:
        parts = dict(case.factors(u.top)[1]) if u.top else {}
        for f, k in u.bottom.items():
            parts[f] = parts.get(f, 0) - k
        found = []
        for f, k in parts.items():
            s = case.sign(dict(f))
            if len(s) > 1 and (k % 2 or 0 in s):
                found.append((f, k))
        return found

    def split(self, case: Sampled, u: Quotient, f: Any, options: list, steps: list) -> dict:
        """The cases of a polynomial of which a sign is needed."""
        found = parted(case, dict(f))
        if found and not self.direct:                # a root less, if the parts are known
            a, b, s, base = found
            for part in (a, b):
                if part and case.sign(part) == ANY:
                    more = self.simpler(case, part, steps)
                    if more:
                        return more
            square = reduced(case, plus(product(a, a), product(product(b, b), base), -1))
            if square and len(case.sign(square)) > 1:
                more = self.simpler(case, square, steps)
                if more:
                    return more
        s = case.sign(dict(f))
        parts = dict(self.unknown(case, u))
        if parts.get(f, 1) % 2 == 0:
            return self.divided(case, dict(f), [s - ZERO, ZERO])
        others = [g for g in parts if g != f]
        cases = [frozenset({x}) for x in sorted(s)]
        if not others:
            rest = case.sign_of(u) if len(s) == 1 else self.rest(case, u, f)
            if len(rest) == 1 and 0 not in rest:
                k, = rest
                cases = [c for c in (frozenset(k*x for x in option) & s
                                     for option in options) if c]
        elif s == ANY and all(0 in option for option in options):
            cases = [NONNEGATIVE, NONPOSITIVE]
        return self.divided(case, dict(f), cases)

    def simpler(self, case: Sampled, p: dict, steps: list) -> dict | None:
        """A split by a factor of p."""
        steps += factor_steps(case, p)
        for f, _ in case.factors(p)[1].items():
            s = case.sign(dict(f))
            if len(s) > 1:
                return self.divided(case, dict(f), [frozenset({x}) for x in sorted(s)])
        return None

    def rest(self, case: Sampled, u: Quotient, f: Any) -> frozenset:
        """The sign of u without one factor."""
        c, parts = case.factors(u.top)
        signs = POSITIVE if c > 0 else NEGATIVE
        for g, k in [*parts.items(), *u.bottom.items()]:
            if g != f and k % 2:
                signs = checker.product_of_signs(signs, case.sign(dict(g)))
        return signs

    def divided(self, case: Sampled, p: dict, cases: list) -> dict:
        """The split, with a proof in each of the cases."""
        done = []
        for signs in cases:
            branch = case.branch()
            if signs != ZERO and not self.anew:
                branch.memo = case.memo.copy()
            branch.learn(p, signs)
            branch.points = within(case.points, p, signs)
            before: list[dict] = []
            if signs == ZERO and self.solve(branch, p, before):
                branch.points = still_within(branch, case.points)
            done.append([TEXT[signs], before + self.of(branch)])
        return {"split": written(p), "cases": done}

    def solve(self, case: Sampled, p: dict, steps: list) -> bool:
        """Solve p = 0 for a letter, if it can be."""
        inside: set = set()                          # x of a root would stand for itself
        for s, base, _ in reversed(roots(case)):
            if s in names(p) | inside:
                inside |= names(base)
        for x in sorted(names(p) - set(case.made) - inside - case.whole - {"(e)"}):
            if any(dict(m).get(x, 0) > 1 for m in p):
                continue
            slope = {tuple(f for f in m if f[0] != x): c for m, c in p.items()
                     if dict(m).get(x)}
            if 0 in case.sign(slope):
                continue
            trial = case.branch()
            step = {"solve": written(p), "for": x}
            try:
                checker.step_solve(trial, step)
            except (Rejected, checker.NoValue):
                continue
            checker.step_solve(case, step)
            steps.append(step)
            return True
        return False

    # -- the two sides
    def relation(self, case: Sampled, difference: Quotient, wanted: frozenset, steps: list
                 ) -> dict | None:
        if 0 in wanted:
            terms = self.multiples(case, difference.top)
            step = step_of(difference.top, terms or [])
            if terms and improves(case, step):
                steps.append(step)
                return None
        if not difference.top:
            return self.last_resort(case, steps) or self.give_up(case, difference)
        before = len(steps)
        steps += factor_steps(case, difference.top)
        if len(steps) > before:
            return None
        for f, _ in self.unknown(case, difference):
            more = sign_steps(case, dict(f))
            if more:
                steps += more
                return None
        if wanted != ZERO and not case.sign_of(difference) <= wanted:
            unknown = self.unknown(case, difference)
            if unknown and case.sign_of(difference) & wanted:
                return self.split(case, difference, unknown[0][0], [wanted, ANY - wanted],
                                  steps)
        return self.last_resort(case, steps) or self.give_up(case, difference)

    def give_up(self, case: Sampled, difference: Quotient) -> dict:
        facts = {str(written(dict(f))): TEXT.get(s, "") for f, s in case.facts.items()}
        raise Unproved(f"{written(difference.top)} where {facts}"[:600])

    def multiples(self, case: Sampled, p: dict) -> list | None:
        """p as a sum of multiples of what is 0 here."""
        zeros = [dict(f) for f, s in case.facts.items() if s == ZERO and names(dict(f))]
        if not (zeros and names(p)):
            return None
        relations = [plus({((s, q),): Fraction(1)}, base, -1)
                     for s, base, q in roots(case)]
        symbols = sorted(set().union(*map(names, (p, *zeros, *relations))))
        gens = [sp.Symbol(x) for x in symbols]
        try:
            basis = [*zeros, *relations]
            quotients, left = sp.reduced(as_poly(p, symbols).as_expr(), [
                as_poly(z, symbols).as_expr() for z in basis], *gens)
        except sp.PolynomialError:
            return None
        if left != 0:
            return None
        return [(Fraction(1), [(from_poly(sp.Poly(q, *gens)), 1), (z, 1)])
                for q, z in zip(quotients, zeros) if q != 0]

    def last_resort(self, case: Sampled, steps: list) -> dict | None:
        """Show that the case is empty, or split what may or may not be 0."""
        empty = None if case.points else self.emptiness(case, steps)
        if empty is not None:
            return empty
        for f, s in case.facts.items():
            if 0 in s and len(s) > 1 and names(dict(f)):
                return self.divided(case, dict(f), [s - ZERO, ZERO])
        return None

    def emptiness(self, case: Sampled, steps: list) -> dict | None:
        """The end of a case that holds no points; steps get what shows that."""
        for s, base, q in roots(case):
            if not case.sign(base) & case.sign(letter(s)):
                return {"empty": written(letter(s))}
            trial, step = case.branch(), step_of(base, [(Fraction(1), [(letter(s), q)])])
            if names(base) and improves(trial, step) and not trial.sign(base):
                steps.append(step)
                return {"empty": written(base)}
        for f, s in [*case.facts.items()]:
            p = dict(f)
            if not names(p) or s == ANY:
                continue
            trial = case.branch()
            trial.facts[f] = ANY
            more = sign_steps(trial, p)
            if more and not s & trial.facts[f]:
                steps += more
                return {"empty": written(p)}
        return None
