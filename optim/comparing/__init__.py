"""Which formula does that library really compute, and is it this one? compare(a, b).

In reading order:

    adapted_rules.py    a rule with some letters renamed or held
    spellings.py        "torch:RMSprop", "adam", "hw.py:adam": the rule that is meant
    partners.py         which letters and states of two rules are one
    walks.py            a difference that a run from the start reaches
    comparison.py       the answer: quantity by quantity, and what would make them equal
    comparing_rules.py  compare: all of it
"""
from optim.comparing.comparing_rules import compare
from optim.comparing.comparison import Comparison

__all__ = ["Comparison", "compare"]
