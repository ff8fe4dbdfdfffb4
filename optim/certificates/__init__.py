"""What a verdict rests on, written so that a program of one page can check it again.

In reading order:

    operation_lists.py  formulas as lists of NumPy's operations, as they stand
    operation_names.py  NumPy's functions by the names that they have there
    recorded_rules.py   the operations of a rule, recorded while it runs
    sixty_digits.py     a number that is rational, or known to 60 digits
    evaluation.py       the value of operations at a rational point
    companion.py        whether the operations are what the rule computes
"""
