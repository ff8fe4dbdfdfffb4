"""A rule as a formula: formula("adam") runs the rule on letters and keeps what comes out.

In reading order:

    reading.py         a Symbolic that remembers what it divides by and takes roots of
    equations.py       a formula as one would write it
    rule_formulas.py   Formula, and how it is read off a rule
"""
from optim.formulas.rule_formulas import Formula, formula
from optim.notation.marks import Equation, Mark, aligned, latex, text
from optim.optimizers.signatures import Rule

__all__ = ["Equation", "Formula", "Mark", "Rule", "aligned", "formula", "latex", "text"]
