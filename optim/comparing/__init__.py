"""Which formula does that library really compute, and is it this one? compare(a, b).

In reading order:

    typed_rules.py      a rule as one types it
    meant_rules.py      "torch:RMSprop", "adam", "hw.py:adam": the rule that is meant
    partners.py         which letters and states of two rules are one
    reached.py          a difference that a run from the start reaches
    effects.py          both train on the digits: how far apart they come
    comparison.py       the answer: quantity by quantity, and what would make them equal
    comparing_rules.py  compare: all of it
    proving_rules.py    prove, of rules by any of these names
"""
from optim.comparing.comparing_rules import compare
from optim.comparing.comparison import Comparison
from optim.comparing.proving_rules import prove

__all__ = ["Comparison", "compare", "prove"]
