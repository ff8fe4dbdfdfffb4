"""Whether the prover tells a rule from its mutants, in reading order.

    patterns.py       edits written as `A + B -> A - B`; the table of them, slips.txt
    edits.py          where a slip may happen in a rule
    sources.py        every mutant of a rule, as source
    plain_numbers.py  a rule run from its source without SymPy, NumPy and the prover
    differences.py    whether two rules differ there
    scoring.py        the prover's verdict on each mutant, confirmed by plain numbers
"""
from optim.mutants.patterns import KINDS
from optim.mutants.scoring import Judged, Score, judged, score
from optim.mutants.sources import Mutant, mutants

__all__ = ["KINDS", "Judged", "Mutant", "Score", "judged", "mutants", "score"]
