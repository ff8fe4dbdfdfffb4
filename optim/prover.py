"""PROVED, REFUTED or UNDECIDED: whether two formulas agree on a declared domain.

PROVED means: equal wherever both are defined, and defined at the same points, by algebra
that covers the whole domain (normalform.py). REFUTED comes with a rational point of the
domain at which the two provably differ or only one is defined (intervals.py). All else is
UNDECIDED.

It is computer algebra, not a kernel-checked proof: it trusts SymPy's polynomials and
mpmath's intervals. All numbers are real: a formula with a root of a negative number in it
is undefined, whatever is done to that root. 0**0 is 1. Unknown functions and sums have a
value everywhere. A float is the decimal that it prints as. SymPy has already rewritten what
arrives here: x/x is 1 before anyone can ask where it is defined, and sqrt(x**2) is x if the
symbol was made positive, whatever domain is listed for it later.
"""
import contextlib
import os
import pickle
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import islice
from types import MappingProxyType
from typing import Any

import sympy as sp

from optim import intervals, normalform
from optim.intervals import Undefined, gap, moved_into, points, rational_roots
from optim.normalform import (
    ANY, NEGATIVE, NONNEGATIVE, NONPOSITIVE, NONZERO, POSITIVE, RANGES, ZERO, Branch,
    Generators, Range, Split, Unsupported)

DOMAINS: Mapping[str, dict[str, bool]] = MappingProxyType({
    "real": {"real": True},
    ">= 0": {"nonnegative": True},
    "> 0": {"positive": True},
    "[0, 1)": {"nonnegative": True, "below_one": True},
    "(0, 1)": {"positive": True, "below_one": True},
    "[0, 1]": {"nonnegative": True, "at_most_one": True},
    "1, 2, ...": {"integer": True, "positive": True},
})
TELLING = ("integer", "positive", "negative", "nonnegative")      # of SymPy's assumptions
RELATIONS = {"==": ZERO, "<=": NONPOSITIVE, ">=": NONNEGATIVE, "<": NEGATIVE, ">": POSITIVE}
MOST_BRANCHES = 3000
QUICK = 24                     # points that are tried before a proof is


def declare(name: str, domain: str) -> sp.Symbol:
    """A symbol that ranges over the domain, one of DOMAINS.

    SymPy knows no "less than 1": the symbol carries it as a mark that only the prover
    reads. Symbols of one name and different domains are different symbols.
    """
    if domain not in DOMAINS:
        raise ValueError(f"declare: no domain {domain!r} for {name}; "
                         f"one of {', '.join(map(repr, DOMAINS))} is needed")
    return sp.Symbol(name, **DOMAINS[domain])


def domain_of(symbol: sp.Symbol) -> str:
    """The domain that a symbol's own assumptions state; an error if they state none."""
    marks = symbol.assumptions0
    if marks.get("below_one") and symbol.is_nonnegative:
        return "(0, 1)" if symbol.is_positive else "[0, 1)"
    if marks.get("at_most_one") and symbol.is_nonnegative:
        return "[0, 1]"
    if symbol.is_integer:
        if symbol.is_positive:
            return "1, 2, ..."
        raise ValueError(f"{symbol} is an integer that need not be positive: of the "
                         "integers only '1, 2, ...' is a domain; write k - 1 or j - k")
    for domain, stated in (("> 0", symbol.is_positive), (">= 0", symbol.is_nonnegative),
                           ("real", symbol.is_real)):
        if stated:
            return domain
    raise ValueError(f"{symbol} has no domain: its assumptions do not even say that it is "
                     f"real; make it with optim.prover.declare({symbol.name!r}, 'real') or "
                     "list it in domains")


def checked(symbol: sp.Symbol, domain: str) -> str:
    """The domain, if the symbol's assumptions say no more than it does."""
    if domain not in DOMAINS:
        raise ValueError(f"prove: no domain {domain!r} for {symbol}; "
                         f"one of {', '.join(map(repr, DOMAINS))} is needed")
    implied, stated = sp.Dummy(**DOMAINS[domain]).assumptions0, symbol.assumptions0
    for name in sorted(stated, key=lambda name: (name not in TELLING, name)):
        if implied.get(name) != stated[name] and name != "commutative":
            raise ValueError(f"prove: {symbol} was made {name}={stated[name]}, which SymPy "
                             f"has used, and the domain {domain!r} does not say so; make "
                             f"it with declare({symbol.name!r}, {domain!r})")
    return domain


@dataclass(frozen=True)
class Verdict:
    """What is known of a claim, and why.

    status     "PROVED", "REFUTED" or "UNDECIDED", of the claim as it was made
    witness    {symbol: rational} where a refuted claim fails, else None
    equal_if   the substitution under which the sides are equal, where one was given
    except_on  equations without rational solution in the domain, left out of the proof
    method     how it was found, or why it was not
    """
    status: str
    witness: dict | None = None
    equal_if: dict | None = None
    except_on: tuple = ()
    method: str = ""
    seconds: float = 0.0

    def __bool__(self) -> bool:
        raise TypeError("a Verdict has three values and is no bool: compare its .status "
                        "with 'PROVED', 'REFUTED' or 'UNDECIDED'")

    def __str__(self) -> str:
        lines = [f"{self.status} ({self.method}; {self.seconds:.2f} s)"]
        if self.witness is not None:
            lines.append("  at " + (", ".join(f"{k} = {x}" for k, x in self.witness.items())
                                    or "every point"))
        if self.except_on:
            lines.append("  except on " + ", ".join(map(str, self.except_on)))
        if self.equal_if:
            lines.append("  equal if " + ", ".join(
                f"{k} -> {x}" for k, x in self.equal_if.items()))
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        escaped = str(self).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        status, rest = escaped.split(" ", 1)
        return f"<b>{status}</b> {rest.replace(chr(10), '<br>')}"

    def as_dict(self) -> dict[str, Any]:
        """The verdict in words that JSON can hold; numbers as exact fractions."""
        def words(pairs):
            return None if pairs is None else {str(k): str(x) for k, x in pairs.items()}
        return {"status": self.status, "witness": words(self.witness),
                "equal_if": words(self.equal_if),
                "except_on": [str(x) for x in self.except_on],
                "method": self.method, "seconds": round(self.seconds, 6)}


# ------------------------------------------------------------------------------ one goal
@dataclass(frozen=True)
class Goal:
    """sign(a - b) in holds, for symbols in their domains.

    Some symbols are known: formulas of the others. They are never put into a and b, where
    SymPy would make 0 of 1/(1 + 1/x) at x = 0.
    """
    a: sp.Expr
    b: sp.Expr
    domains: dict
    holds: frozenset
    known: dict

    def refuted(self, point: dict, seed: int = 0) -> Verdict | None:
        found = gap(self.a, self.b, point, self.holds, self.known, seed)
        if found is None:
            return None
        reason, unknown = found
        witness = {s: sp.Rational(x.numerator, x.denominator)
                   for s, x in sorted(point.items(), key=lambda pair: str(pair[0]))}
        for (name, args), x in unknown.items():
            witness[sp.Function(name)(*map(sp.Rational, args))] = sp.Rational(x)
        return Verdict("REFUTED", witness, method=reason)


def by_points(goal: Goal, first: int = 0, count: int | None = None) -> Verdict | None:
    """A refutation at one of some points of the domain that are often telling."""
    special = intervals.constants(goal.a, goal.b, *goal.known.values())
    telling = points(goal.domains, special)
    last = None if count is None else first + count
    for seed, point in enumerate(islice(telling, first, last)):
        verdict = goal.refuted(point, seed)
        if verdict is not None:
            return verdict
    return None


def by_cases(goal: Goal) -> Verdict:
    """A proof, branch by branch, or a witness from a branch where the sides differ."""
    unshift, ranges, integers, known = {}, {}, set(), dict(goal.known)
    for s, domain in goal.domains.items():
        if domain == "1, 2, ...":                            # t = 1 + n with n = 0, 1, ...
            n = sp.Dummy(s.name, integer=True, nonnegative=True)
            known[s], unshift[n] = 1 + n, s - 1
            ranges[n] = Range(True)
            integers.add(n)
        else:
            ranges[s] = RANGES[domain]
    hidden = set().union(*(e.free_symbols for side in (goal.a, goal.b, *goal.known.values())
                           for e in side.atoms(*normalform.BOUND)))
    hidden |= {n for n, e in unshift.items() if e.free_symbols & hidden}
    stack: list = [(Branch(Generators(), ranges, integers, known), [])]
    count, doubts, exceptions = 0, [], []
    while stack:
        branch, trail = stack.pop()
        count += 1
        if count > MOST_BRANCHES:
            return Verdict("UNDECIDED", method=f"more than {MOST_BRANCHES} branches")
        try:
            if settled(goal, branch):
                continue
        except Split as split:
            stack += children(branch, trail, split, hidden)
            continue
        except (Unsupported, sp.PolynomialError, NotImplementedError,
                RecursionError) as why:
            doubts.append(f"{why}")
            continue
        if branch.empty():
            continue
        finer = branch.unsettled()             # the sides may agree where two cases meet
        found = [(e.xreplace(unshift), case) for e, case in trail]
        witness = by_search(goal, found, tries=30 if finer is None else 5)
        if witness is not None:
            return replace(witness, method=f"{witness.method}; found in branch {count}")
        irrational = irrational_set(found)
        if finer is not None and irrational is None:
            stack += children(branch, trail, finer, hidden)
        elif irrational is not None:
            exceptions.append(irrational)
        else:
            facts = " and ".join(describe(e, s) for e, s in found) or "any point goes"
            doubts.append(f"no rule makes the two sides agree where {facts}, "
                          "and no such point of the domain was found at which they differ")
    if doubts:
        return Verdict("UNDECIDED", method=doubts[0])
    cases = "1 case" if count == 1 else f"{count} cases"
    return Verdict("PROVED", method=f"normal form, {cases}",
                   except_on=tuple(dict.fromkeys(exceptions)))


def settled(goal, branch) -> bool:
    """Whether the claim is proved in the branch."""
    values = []
    for e in (goal.a, goal.b):
        try:
            values.append(branch.value(e))
        except Undefined:
            values.append(None)
    if None in values:
        return values == [None, None]
    (x, y), holds = values, goal.holds
    if 0 in holds and branch.equal(x, y):
        return True
    if holds == ZERO:
        return False
    return branch.decide(x - y, holds, ANY - holds) == holds


def children(branch, trail, split, hidden):
    """The branch in each case of the split; f = 0 is solved for a symbol if it can be."""
    f, back = split.polynomial, branch.generators.back
    for case in split.cases:
        noted = [*trail, (back(f), case)]
        solved = solve(f, branch, hidden) if case == ZERO else None
        if solved is None:
            yield branch.narrowed(f, case), noted
            continue
        x, value = solved
        ranges = {s: r for s, r in branch.ranges.items()
                  if s is not x and s not in branch.generators.meaning}
        known = branch.known | {x: value}
        rest = Branch(Generators(), ranges, branch.integers - {x}, known)
        where, facts = branch.ranges[x], [(back(p), s) for p, s in branch.facts.items()]
        if where.low:
            facts.append((value, POSITIVE if where.open_low else NONNEGATIVE))
        if where.high:
            facts.append((1 - value, POSITIVE if where.open_high else NONNEGATIVE))
        if x in branch.integers and not value.is_Integer:
            continue
        if all(rest.assume(e, s) for e, s in facts):
            yield rest, noted


def solve(f, branch, hidden):
    """(symbol, value) with f = 0 at that value and only there, or None."""
    generators = branch.generators
    for s in f.free_symbols & set(generators.meaning):
        hidden = hidden | generators.back(s).free_symbols
    for x in sorted(f.free_symbols - set(generators.meaning) - hidden, key=str):
        if sp.degree(f, x) != 1:
            continue
        slope, rest = sp.Poly(f, x).all_coeffs()
        if 0 in branch.signs(slope):
            continue
        value = sp.cancel(generators.back(-rest/slope))
        if x not in branch.integers or value.is_Rational:
            return x, value
    return None


def describe(e, case) -> str:
    words = {ZERO: "= 0", POSITIVE: "> 0", NEGATIVE: "< 0", NONNEGATIVE: ">= 0",
             NONPOSITIVE: "<= 0", NONZERO: "!= 0"}
    return f"{e} {words.get(case, 'is real')}"


def irrational_set(trail):
    """An equation of the branch that no rational number solves, or None."""
    for e, case in trail:
        if case == ZERO and len(e.free_symbols) == 1:
            x, = e.free_symbols
            if e.is_polynomial(x) and not rational_roots(e, x):
                return sp.Eq(e, 0, evaluate=False)
    return None


# ---------------------------------------------------------- witnesses in a given branch
def by_search(goal, trail, tries) -> Verdict | None:
    """A refutation at a point that was moved to where the branch's conditions hold."""
    trail = sorted(trail, key=lambda pair: len(pair[1]))               # equations first
    special = intervals.constants(*(e for e, _ in trail))
    rng = random.Random(1)
    for count, point in enumerate(points(goal.domains, special, seed=1)):
        if count == tries:
            return None
        moved = moved_into(point, trail, goal.domains, rng)
        verdict = None if moved is None else goal.refuted(moved, count)
        if verdict is not None:
            return verdict
    return None


# --------------------------------------------------------------------------- time limit
class TimeIsUp(BaseException):
    """No Exception, or SymPy would catch it."""


@contextlib.contextmanager
def alarm(seconds: float):
    """Raise TimeIsUp in the main thread when the time is up, until it is heard."""
    active = True

    def ring(number, frame):
        if active:
            raise TimeIsUp

    before, began = signal.getitimer(signal.ITIMER_REAL), time.monotonic()
    handler = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.1)
    try:
        yield
    finally:
        active = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
        if before[0]:                                # somebody else's alarm goes on
            left = before[0] - (time.monotonic() - began)
            signal.setitimer(signal.ITIMER_REAL, max(left, 1e-3), before[1])


def verdict_on(goal: Goal) -> Verdict:
    """Some points, then the proof, then the other points if the proof was left open."""
    found = by_points(goal, 0, QUICK)
    if found is not None:
        return found
    verdict = by_cases(goal)
    if verdict.status == "UNDECIDED":
        found = by_points(goal, QUICK)
    return verdict if found is None else found


def decide(goal: Goal, seconds: float) -> Verdict:
    """The verdict on the goal, within the time."""
    if not hasattr(signal, "setitimer") or \
            threading.current_thread() is not threading.main_thread():
        return decide_elsewhere(goal, seconds)
    try:
        with alarm(seconds):
            return verdict_on(goal)
    except TimeIsUp:
        return late(seconds)


def late(seconds: float) -> Verdict:
    return Verdict("UNDECIDED", method=f"time limit of {seconds:g} s")


SERVE = "from optim.prover import serve; serve()"
START = 5                      # seconds a worker may take to import SymPy


def serve() -> None:
    """Decide the goal that stands in standard input (a worker process)."""
    goal, seconds = pickle.load(sys.stdin.buffer)
    verdict = (decide(goal, seconds) if hasattr(signal, "setitimer")
               else verdict_on(goal))
    sys.stdout.buffer.write(pickle.dumps(verdict))


def decide_elsewhere(goal: Goal, seconds: float) -> Verdict:
    """The same in a process of its own, which can be killed: no signal reaches a thread."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    try:
        done = subprocess.run([sys.executable, "-c", SERVE], env=environment,
                              input=pickle.dumps((goal, seconds)), capture_output=True,
                              timeout=seconds + START)
    except subprocess.TimeoutExpired:
        return late(seconds)
    if done.returncode:
        raise RuntimeError(f"prove: the worker process failed:\n{done.stderr.decode()}")
    return pickle.loads(done.stdout)


# ------------------------------------------------------------------------ public functions
def symbols_of(e) -> set:
    """The symbols that stand for numbers: not dummies of sums, not names of sequences."""
    labels = {base.label for base in e.atoms(sp.IndexedBase)}
    return {s for s in e.free_symbols if s.is_Symbol} - labels


def read(e) -> sp.Expr:
    e = sp.sympify(e)
    if not isinstance(e, sp.Expr):
        raise TypeError(f"prove: a formula is needed, not {type(e).__name__} {e}")
    return e


def substituted(a, b, where):
    """a and b with new symbols for those in where, and {new symbol: expression}."""
    table, known = {}, {}
    for key, value in (where or {}).items():
        matching = [s for s in symbols_of(a) | symbols_of(b)
                    if s == key or isinstance(key, str) and s.name == key]
        for s in matching:
            table[s] = sp.Dummy(s.name, **s.assumptions0)
            known[table[s]] = read(value)
    a, b = (e.xreplace(table) if table else e for e in (a, b))
    sums = {e: e.xreplace(known) for side in (a, b) for e in side.atoms(*normalform.BOUND)}
    return a.xreplace(sums), b.xreplace(sums), known


def check_substitution(known: dict, ranges: dict, seconds: float) -> None:
    """Raise unless what is put for a symbol is >= 0, an integer, if the symbol is."""
    for s, value in known.items():
        needed = Goal(value, sp.Integer(0), ranges, NONNEGATIVE, {})
        if s.is_nonnegative and decide(needed, seconds).status != "PROVED":
            raise ValueError(f"prove: where puts {value} for {s}, but it is not proved "
                             f"that this is >= 0, which SymPy has used of {s}")
        if s.is_integer and not value.is_integer:
            raise ValueError(f"prove: where puts {value} for {s}, "
                             "which has to be an integer")


def prove_expressions(a: Any, b: Any, relation: str = "==",
                      domains: Mapping | None = None, where: Mapping | None = None,
                      seconds: float = 60.0) -> Verdict:
    """Decide whether `a relation b` holds at every point of the domain.

    domains  {symbol or name: one of DOMAINS}; a symbol that is not listed ranges over what
             its own SymPy assumptions say, and it is an error if they say nothing
    where    {symbol or name: expression}, put into both sides first; >= 0 or an integer
             where the symbol is, for SymPy has used that
    seconds  after this long the answer is UNDECIDED

    >>> x = declare("x", "real")
    >>> prove_expressions(sp.sqrt(x**2), x).witness
    {x: -4}
    >>> prove_expressions(x*sp.sign(x), abs(x)).status
    'PROVED'
    """
    began = time.monotonic()
    if relation not in RELATIONS:
        raise ValueError(f"prove: no relation {relation!r}; one of {', '.join(RELATIONS)}")
    if not seconds > 0:
        raise ValueError(f"prove: seconds = {seconds}; some time > 0 is needed")
    a, b, known = substituted(read(a), read(b), where)
    listed = {getattr(s, "name", s): domain for s, domain in (domains or {}).items()}
    used = set().union(*map(symbols_of, (a, b, *known.values()))) - set(known)
    for s in used:
        if any(r is not s and r.name == s.name for r in used):
            raise ValueError(f"prove: two different symbols are named {s}; "
                             "make it once, with one domain, and use it on both sides")
    ranges = {s: checked(s, listed[s.name]) if s.name in listed else domain_of(s)
              for s in used}
    check_substitution(known, ranges, seconds)
    if a == b and 0 in RELATIONS[relation]:
        verdict = Verdict("PROVED", method="identical")
    else:
        verdict = decide(Goal(a, b, ranges, RELATIONS[relation], known), seconds)
    condition = dict(where) if where and verdict.status == "PROVED" else None
    return replace(verdict, equal_if=condition, seconds=time.monotonic() - began)


def prove(a: Any, b: Any, relation: str = "==", where: Mapping | None = None,
          seconds: float = 60.0) -> Verdict:
    """Decide whether `a relation b`: of two expressions, or of two optimizers.

    An optimizer is a Formula, a rule or a rule's name. Two of them are equal if they keep
    states of the same names, start them alike and update them alike, for every value of the
    states: a difference may lie at a state that no run reaches.
    """
    left, right = as_formula(a), as_formula(b)
    if left is None and right is None:
        return prove_expressions(a, b, relation, where=where, seconds=seconds)
    if left is None or right is None:
        raise TypeError("prove: an optimizer and an expression cannot be compared: "
                        f"{a}, {b}; take one of the optimizer's .update expressions")
    if relation != "==":
        raise ValueError(f"prove: optimizers can be == to one another, not {relation}")
    return prove_formulas(left, right, where, seconds)


def as_formula(x):
    """The Formula that x is or names, None if x is an expression."""
    if all(hasattr(x, name) for name in ("update", "init", "domains")):
        return x
    if isinstance(x, str) or callable(x) and not isinstance(x, (sp.Basic, type)):
        from optim.formulas import formula
        return formula(x)
    return None


def prove_formulas(a: Any, b: Any, where: Mapping | None, seconds: float) -> Verdict:
    began, verdicts = time.monotonic(), {}
    for part in ("update", "init"):
        left, right = getattr(a, part), getattr(b, part)
        if set(left) != set(right):
            only = [", ".join(sorted(set(x) - set(y))) or "none"
                    for x, y in ((left, right), (right, left))]
            raise ValueError(f"prove: the two keep different states (only left: {only[0]}; "
                             f"only right: {only[1]}); rename or remove these first")
    domains = dict(a.domains)
    for s, domain in b.domains.items():
        if domains.setdefault(s, domain) != domain:
            raise ValueError(f"prove: {s} is {domains[s]!r} on the left, "
                             f"{domain!r} on the right")
    for part in ("update", "init"):
        for name, left in getattr(a, part).items():
            rest = max(seconds - (time.monotonic() - began), 0.01)
            label = name + ("'" if part == "update" else " at the start")
            verdicts[label] = prove_expressions(left, getattr(b, part)[name],
                                                domains=domains, where=where, seconds=rest)
    worst = next((pair for status in ("REFUTED", "UNDECIDED") for pair in verdicts.items()
                  if pair[1].status == status), None)
    spent = time.monotonic() - began
    if worst:
        name, verdict = worst
        return replace(verdict, method=f"{name}: {verdict.method}", seconds=spent)
    return Verdict("PROVED", equal_if=dict(where) if where else None, seconds=spent,
                   except_on=tuple(x for v in verdicts.values() for x in v.except_on),
                   method="; ".join(f"{name}: {v.method}" for name, v in verdicts.items()))
