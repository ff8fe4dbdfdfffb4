"""What was written, read back as SymPy's formula: is what runs what was proved?

    expression(node, symbols) == formula(rule).update["m"]

Each operation by its meaning (minigrad.symbolic), as formula() has it; so rounding to
float32 counts as nothing, and sqrt(sum(x**2)) is norm(x).
"""
from typing import Any

import numpy as np
import sympy as sp

from minigrad.symbolic.constants import exact
from minigrad.symbolic.meanings import entry
from optim.domains import declare, domain_of
from optim.formulas import Formula
from optim.formulas.equations import same
from optim.formulas.rule_formulas import fitting
from optim.optimizers.signatures import Rule, name_of, parameters_of
from optim.playground.printer import is_square
from optim.playground.rule_texts import programs
from optim.playground.written import COUNT, Node
from optim.proving.expressions import prove_expressions

LENGTHS = {"sum": "norm", "mean": "rms"}        # of which the root of the squares is
SAME = {"Math.fround", "full"}


def expression(node: Any, symbols: dict[str, sp.Symbol], known: dict | None = None) -> Any:
    """The formula of a node, its letters as these symbols."""
    known = {} if known is None else known
    if not isinstance(node, Node):
        return exact(node)
    if node.key not in known:
        known[node.key] = meaning(node, symbols, known)
    return known[node.key]


def meaning(node: Node, symbols: dict[str, sp.Symbol], known: dict) -> Any:
    """The same of a node whose arguments are to be read."""
    name = getattr(node.function, "__name__", node.function)
    if not node.args:
        return sp.Symbol("n", positive=True) if node.function == COUNT else (
            symbols[node.function])
    if node.function is np.sqrt and isinstance(node.args[0], Node) and (
            inner := length_of(node.args[0])):
        function, x = inner
        return sp.Function(function, nonnegative=True)(expression(x, symbols, known))
    parts = [expression(x, symbols, known) for x in node.args]
    if name == "kept_in_single":
        return 1 - parts[0]**parts[1]
    if node.function in SAME:
        return parts[0]
    if isinstance(node.function, str):
        return sp.Function(node.function, real=True)(*parts)
    return entry(node.function, parts)


def length_of(node: Node) -> tuple[str, Any] | None:
    """"norm" or "rms" and what it is of, if the root of this is one."""
    if node.function in LENGTHS and is_square(node.args[0]):
        return LENGTHS[node.function], node.args[0].args[0]
    return None


def check(f: Formula, first: dict[str, Any], after: dict[str, Any]) -> None:
    """Raise ValueError unless what was written of a rule is the formula that is proved.

    It is if both are one expression, or else are proved to be equal.
    """
    known: dict = {}
    pairs = [(n, after[n], e) for n, e in f.update.items()] + [
        (f"{n} at the start", first[n], e) for n, e in f.init.items()]
    for name, node, e in pairs:
        mine = expression(node, f.symbols, known)
        if not same(mine, e) and prove_expressions(mine, e, "==").status != "PROVED":
            raise ValueError(f"{f.name}: what is printed of {name} is {mine}, and its "
                             f"formula is {e}")


def formula_of(rule: Rule) -> Formula:
    """The formula of a rule by what was written; also where formula() finds none."""
    symbols = {n: declare(n, fitting(n, p.default)) for n, p in parameters_of(rule).items()}
    first, after = programs(rule)
    return Formula(
        name_of(rule), {n: expression(x, symbols) for n, x in after.items()},
        {n: expression(x, symbols) for n, x in first.items()}, symbols,
        {s: domain_of(s) for s in symbols.values()}, rule=rule)
