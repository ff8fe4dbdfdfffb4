"""Certificates: what was proved, as data that optim/checker.py checks on its own.

    entries.py         NumPy code run on entries that record each operation
    tangents.py        the derivative of recorded operations, by the textbook's rules
    entry_meanings.py  what NumPy's functions record
    entry_arrays.py    arrays of entries, which NumPy's functions take
    vjp_goals.py       what is to be shown of each VJP of minigrad's tables
"""
