"""Whether two expressions agree on a declared domain: the goal, made and decided."""
import ast
from collections.abc import Mapping
from dataclasses import replace
from numbers import Real
from typing import Any

import sympy as sp

from optim.proving.branches import BOUND
from optim.domains import checked, domain_of
from optim.proving.decimals import rounded
from optim.proving.decision import decide
from optim.proving.goals import Goal
from optim.proving.limits import verdict_within
from optim.proving.signs import NEGATIVE, NONNEGATIVE, NONPOSITIVE, POSITIVE, ZERO
from optim.proving.verdicts import Verdict

LONGEST = 1e6                                  # seconds
RELATIONS = {"==": ZERO, "<=": NONPOSITIVE, ">=": NONNEGATIVE, "<": NEGATIVE, ">": POSITIVE}


def symbols_of(e) -> set:
    """The symbols that stand for numbers: not dummies of sums, not names of sequences."""
    labels = {base.label for base in e.atoms(sp.IndexedBase)}
    return {s for s in e.free_symbols if s.is_Symbol} - labels


PARTS = (ast.Expression, ast.BinOp, ast.UnaryOp, ast.Constant, ast.Name, ast.Load,
         ast.operator, ast.unaryop, ast.Call)


def is_formula(text: str) -> bool:
    """Whether a text is arithmetic and functions of SymPy's: it is evaluated as Python."""
    try:
        nodes = [*ast.walk(ast.parse(text.strip(), mode="eval"))]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    called = [getattr(node.func, "id", "") for node in nodes if isinstance(node, ast.Call)]
    return all(isinstance(node, PARTS) for node in nodes) and all(
        isinstance(getattr(sp, name, None), sp.core.function.FunctionClass)
        or name in ("sqrt", "cbrt", "root", "Rational") for name in called) and not any(
        isinstance(node, ast.Constant) and not isinstance(node.value, (int, float))
        for node in nodes)


def read(e) -> sp.Expr:
    """A formula as SymPy has it; a text may only be a formula."""
    if isinstance(e, str) and not is_formula(e):
        raise ValueError(f"prove: {e!r} is no formula that SymPy can read; needed one such "
                         "as 'lr*sqrt(v) + eps'")
    try:
        e = sp.sympify(e)
    except sp.SympifyError as error:
        raise ValueError(f"prove: {e!r} is no formula that SymPy can read") from error
    if not isinstance(e, sp.Expr) or e.is_Matrix:
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
    back = {new: old for old, new in table.items()}
    if any(e.xreplace(table).xreplace(back) != e for e in (a, b)):
        raise ValueError("prove: where cannot be put into a formula that was made with "
                         "evaluate=False; put it in while making it")
    a, b = (e.xreplace(table) for e in (a, b))
    whole = {e for side in (a, b) for e in side.atoms(*BOUND)}
    caught = {i for e in whole for i in e.bound_symbols} & set().union(
        *(e.free_symbols for e in known.values()))
    if caught:
        raise ValueError(f"prove: {', '.join(map(str, caught))} is the index of a sum and "
                         "stands in where too; rename one of them")
    sums = {e: e.xreplace(known) for e in whole}
    return a.xreplace(sums), b.xreplace(sums), known


def check_substitution(known: dict, ranges: dict) -> None:
    """Raise unless what is put for a symbol is > 0, >= 0, an integer, if the symbol is."""
    for s, value in known.items():
        sign, words = (POSITIVE, "> 0") if s.is_positive else (NONNEGATIVE, ">= 0")
        needed = Goal(value, sp.Integer(0), ranges, sign, {})
        if s.is_nonnegative and decide(needed).status != "PROVED":
            raise ValueError(f"prove: where puts {value} for {s.name}, but it is not "
                             f"proved that this is {words}, which SymPy has used of "
                             f"{s.name}; declare {s.name} with a wider domain")
        if s.is_integer and not value.is_integer:
            raise ValueError(f"prove: where puts {value} for {s.name}, "
                             "which has to be an integer")


def check_values(where: Mapping | None) -> None:
    """Raise if a number in where is not a real one."""
    for key, value in (where or {}).items():
        e = read(value)
        if e.is_number and (e.is_real is False or e.has(sp.nan, sp.zoo, sp.oo)):
            raise ValueError(f"prove: where puts {value} for {key}, "
                             "which is no real number")


def check_seconds(seconds: Any) -> None:
    if not isinstance(seconds, Real) or not 0 < float(seconds) <= LONGEST:
        raise ValueError(f"prove: seconds = {seconds}; some time > 0 is needed, at most "
                         f"{LONGEST:g}")


def check_letters(a, b, where: Mapping | None) -> None:
    """Raise if where names what stands in neither side: SymPy may have decided by it."""
    there = symbols_of(a) | symbols_of(b)
    for key in where or {}:
        if not any(key in (s, s.name) for s in there):
            raise ValueError(f"prove: where puts a value for {key}, which is in neither "
                             "side (SymPy may have dropped it); there are "
                             f"{', '.join(sorted(map(str, there)))}")


def prove_expressions(a: Any, b: Any, relation: str = "==",
                      domains: Mapping | None = None, where: Mapping | None = None,
                      seconds: float = 60.0, strict: bool = True) -> Verdict:
    """Decide whether `a relation b` holds at every point of the domain.

    domains  {symbol or name: one of DOMAINS}; a symbol that is not listed ranges over what
             its own SymPy assumptions say, and it is an error if they say nothing
    where    {symbol or name: expression}, put into both sides first; > 0, >= 0 or an
             integer where the symbol is, for SymPy has used that
    seconds  after this long the answer is UNDECIDED
    strict   whether it is an error that where has a letter which is in neither side

    >>> from optim.domains import declare
    >>> x = declare("x", "real")
    >>> prove_expressions(sp.sqrt(x**2), x).witness
    {x: -4}
    >>> prove_expressions(x*sp.sign(x), abs(x)).status
    'PROVED'
    """
    check_seconds(seconds)
    return verdict_within(
        seconds, lambda: decided(a, b, relation, domains, where, strict))


def decided(a: Any, b: Any, relation: str, domains: Mapping | None,
            where: Mapping | None, strict: bool) -> Verdict:
    """The verdict, whenever it is found."""
    goal = goal_of(a, b, relation, domains, where, strict)
    check_substitution(goal.known, goal.domains)
    if goal.a == goal.b and 0 in goal.holds:
        verdict = Verdict("PROVED", method="identical")
    else:
        verdict = decide(goal)
    condition = dict(where) if where and verdict.status == "PROVED" else None
    exceptions = tuple(sp.Eq(e.lhs.xreplace(goal.known), e.rhs.xreplace(goal.known),
                             evaluate=False) for e in verdict.except_on)
    words = binary(verdict, goal.a, goal.b, *goal.known.values())
    return replace(verdict, equal_if=condition, except_on=exceptions,
                   method=verdict.method + words, goal=goal)


def goal_of(a: Any, b: Any, relation: str = "==", domains: Mapping | None = None,
            where: Mapping | None = None, strict: bool = True) -> Goal:
    """What is to be decided, as the prover has it; the arguments are prove_expressions'."""
    if relation not in RELATIONS:
        raise ValueError(f"prove: no relation {relation!r}; one of {', '.join(RELATIONS)}")
    a, b = read(a), read(b)
    if strict:
        check_letters(a, b, where)
        check_values(where)
    a, b, known = substituted(a, b, where)
    listed = {getattr(s, "name", s): domain for s, domain in (domains or {}).items()}
    used = set().union(*map(symbols_of, (a, b, *known.values()))) - set(known)
    for s in used:
        if any(r is not s and r.name == s.name for r in used):
            raise ValueError(f"prove: two different symbols are named {s}; "
                             "make it once, with one domain, and use it on both sides")
    ranges = {s: checked(s, listed[s.name] if s.name in listed else domain_of(s))
              for s in used}
    return Goal(a, b, ranges, RELATIONS[relation], known)


def binary(verdict: Verdict, *expressions: sp.Expr) -> str:
    """What a verdict has to say of numbers that were computed in binary."""
    floats = rounded(*expressions)
    if not floats or verdict.status == "REFUTED" or verdict.method == "identical":
        return ""
    return (f"; {float(floats[0])!r} was computed in binary and counts as {floats[0]}, "
            "as it is printed")
