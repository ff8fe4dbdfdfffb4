"""The cases of a split; where an equation holds it is solved for a letter if it can be."""
import sympy as sp

from optim.proving.branches import Branch
from optim.proving.generators import Generators
from optim.proving.signs import NONNEGATIVE, POSITIVE, ZERO


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
        generators = Generators()
        generators.angles = branch.generators.angles
        integers = branch.integers - {x} - set(branch.generators.meaning)
        solutions = branch.solved | {x: value}
        rest = Branch(generators, ranges, integers, branch.known, solutions)
        where, facts = branch.ranges[x], [(back(p), s) for p, s in branch.facts.items()]
        if where.low is not None:
            facts.append((value - where.low, POSITIVE if where.open_low else NONNEGATIVE))
        if where.high is not None:
            facts.append((where.high - value, POSITIVE if where.open_high else NONNEGATIVE))
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
