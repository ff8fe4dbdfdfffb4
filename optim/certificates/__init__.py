"""What a verdict rests on, written so that a program of one page can check it again.

In reading order:

    operation_lists.py  formulas as lists of NumPy's operations, as they stand
    recorded_entries.py NumPy code run on entries that record each operation
    tangents.py         the derivative of recorded operations, by the textbook's rules
    entry_meanings.py   what NumPy's functions record
    entry_arrays.py     arrays of entries, which NumPy's functions take
    vjp_goals.py        what is to be shown of each VJP of minigrad's tables
"""
