"""Theorems for every derivative in the tables, decided by algebra.

    python -m minigrad.prove            the table; exit status 1 unless all is PROVED
    python -m minigrad.prove --large    also matrices that take up to half a minute each
    minigrad.prove.prove_function(np.exp)   the proofs of its VJPs, one for each argument
    minigrad.prove.prove_tables()           the proofs of all VJPs

PROVED: for every listed case algebra covers the whole domain that it declares; no case
rests on sampled numbers. What is generic in shapes is proved for the listed small shapes.
A function without theorem or cases is FAILED, never skipped. SymPy computes these proofs;
they are not checked by a kernel, and floating point is not part of them.
"""
import sys
import time
from dataclasses import dataclass
from typing import Any, Callable

from minigrad import primitives
from minigrad.proving import (
    adjoints, elementwise, linalg, products, selection, stable, user_vjps)
from minigrad.proving.pullbacks import kink_failure
from minigrad.time_limits import within

THEORIES = {
    "elementwise": elementwise, "special": elementwise,
    "linear": adjoints, "shapes": adjoints,
    "sliding": adjoints, "masking": adjoints, "products": products,
    "selection": selection, "ties": selection,
    "linalg": linalg, "moments": stable, "stable": stable,
}


SECONDS = 120                   # for one VJP; a proof that needs more is FAILED


@dataclass(frozen=True)
class Proof:
    """What was shown of one VJP: status is "PROVED" or "FAILED", detail says why not.

    A VJP of a user's may also be "REFUTED": detail is the point where it is wrong.
    seconds are of the processor.
    """
    table: str
    primitive: str
    argument: int
    theorem: str
    cases: tuple[str, ...]
    status: str
    seconds: float
    detail: str = ""


def first_failure(theory, function, vjp, i, cases):
    """Why the theorem is not shown in one of the cases, or None; errors count too."""
    try:
        for case in cases:
            reason = theory.failure(function, vjp, i, case)
            if reason:
                return reason
        for primitive, argument, args, g, promised, _ in theory.KINKS:
            if primitive is function and argument == i:
                reason = kink_failure(vjp, function, args, {}, g, promised)
                if reason:
                    return reason
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None


def prove_argument(table: str, function: Callable, vjp: Callable, i: int,
                   large: bool = False) -> Proof:
    """The theorem of this table for the VJP of one argument."""
    start = time.process_time()
    theory = THEORIES.get(table)
    cases = theory.cases(function) if theory else []
    if large and theory is linalg:
        cases += linalg.LARGER.get(function, list)()
    cases = [case for case in cases if i in case.moves]
    if theory is None:
        reason = f"no theorem for the table {table!r}; add one to minigrad.prove"
    elif not cases:
        reason = f"no cases are listed; add them to {theory.__name__}"
    else:
        reason = within(
            SECONDS, lambda: first_failure(theory, function, vjp, i, cases),
            otherwise=lambda: f"not decided within {SECONDS} s")
    return Proof(
        table, function.__name__, i, theory.THEOREM if theory else "none",
        tuple(dict.fromkeys(case.text for case in cases)),
        "FAILED" if reason else "PROVED", time.process_time() - start, reason or "")


def prove_user_vjp(function, vjp, i, cases):
    """The theorem for the VJP of one argument of a user's, or where it fails."""
    start = time.process_time()
    cases = [case for case in cases if case.moves[i]]
    reason = within(SECONDS, lambda: first_failure(user_vjps, function, vjp, i, cases),
                    otherwise=lambda: f"not decided within {SECONDS} s")
    point = reason and within(SECONDS, lambda: first_witness(function, vjp, i, cases),
                              otherwise=lambda: None)
    status = "REFUTED" if point else "FAILED" if reason else "PROVED"
    return Proof("custom", function.__name__, i, user_vjps.THEOREM,
                 tuple(case.text for case in cases), status,
                 time.process_time() - start, point or reason or "")


def first_witness(function, vjp, i, cases):
    """A point in one of the cases at which the VJP is wrong, or None."""
    try:
        return next(filter(None, (user_vjps.witness(function, vjp, i, case)
                                  for case in cases)), None)
    except Exception:                   # what runs on no formulas has no exact numbers
        return None


def arguments(table, function):
    """The numbers of the arguments that have a VJP."""
    vjps = primitives.TABLES[table][function]
    if isinstance(vjps, tuple):
        return [i for i, vjp in enumerate(vjps) if vjp is not None]
    cases = THEORIES[table].cases(function) if table in THEORIES else []
    return sorted({i for case in cases for i in case.moves}) or [0]


def prove_function(function: Callable, large: bool = False, *, shapes: Any = None,
                   domain: Any = None, **constants: Any) -> list[Proof]:
    """The proofs for one function of the tables, one for each argument with a VJP.

    For a function of mg.custom_vjp, at the `shapes` of its arguments (all numbers, and all
    vectors of 2, where none are given), on the `domain` of each ("real" for all, else
    "> 0", "< 0", "> 1", "> -1", "in (-1, 1)"), and with `constants` as its keywords.
    ValueError for a function that is neither.

    >>> import numpy as np, minigrad as mg
    >>> [(p.argument, p.status) for p in prove_function(np.multiply)]
    [(0, 'PROVED'), (1, 'PROVED')]
    >>> wrong = mg.custom_vjp(np.sin, lambda g, y, x: g*np.sin(x))
    >>> prove_function(wrong)[0].status
    'REFUTED'
    """
    if hasattr(function, "vjps"):
        cases = user_vjps.cases(function, shapes, domain, constants)
        return [prove_user_vjp(function, vjp, i, cases)
                for i, vjp in enumerate(function.vjps) if vjp]
    for table, rows in primitives.TABLES.items():
        if function in rows:
            return [prove_argument(table, function, rows[function][i], i, large)
                    for i in arguments(table, function)]
    raise ValueError(f"prove: {getattr(function, '__name__', function)} is not in the "
                     "tables of minigrad.primitives; give a function with a VJP there "
                     "(composites have none of their own)")


def prove_tables(large: bool = False) -> list[Proof]:
    """The proofs for every function of every table, in the order of the tables."""
    return [proof for rows in primitives.TABLES.values() for function in rows
            for proof in prove_function(function, large)]


def main(large: bool = False) -> int:
    """Print the table of proofs; 1 if anything is not PROVED."""
    proofs = prove_tables(large)
    for p in proofs:
        print(f"{p.status}  {p.primitive:15} argument {p.argument}  {len(p.cases):2} "
              f"cases  {p.seconds:5.2f} s  {p.table}")
        if p.detail:
            print(f"        {p.detail}")
    failed = [p for p in proofs if p.status != "PROVED"]
    print(f"{len(proofs) - len(failed)} of {len(proofs)} VJPs proved, "
          f"{sum(p.seconds for p in proofs):.1f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main("--large" in sys.argv[1:]))
