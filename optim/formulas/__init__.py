"""A rule as a formula: formula("adam") runs the rule on letters and keeps what comes out.

In reading order:

    keeping.py         what SymPy would lose of an operation: needs, and roots as written
    notes.py           what a rule did that is not entry by entry
    reading.py         an array of letters that remembers them, and what mixes its entries
    exact_numbers.py   a float that knows the number for which it was written
    source_code.py     the syntax tree of a function
    pure.py            what gives the same each time
    outside.py         what a rule uses besides its arguments
    literals.py        a rule with its numbers as they stand in its source
    equations.py       a formula as one would write it
    entries.py         the rule on two entries and on three: what it does to one
    watched.py         an array that remembers which of its entries have no value
    nearness.py        whether floats are the numbers of a formula, but for rounding
    trials.py          the rule on numbers, as NumPy runs it
    chains.py          the formula of a transformed rule, as one would write it
    rule_formulas.py   Formula, and how it is read off a rule
    typed_formulas.py  a formula that somebody typed, by its syntax tree
"""
from optim.formulas.rule_formulas import Formula, formula
from optim.notation.marks import Equation, Mark, aligned, latex, text
from optim.optimizers.signatures import Rule

__all__ = ["Equation", "Formula", "Mark", "Rule", "aligned", "formula", "latex", "text"]
