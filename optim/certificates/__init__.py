"""What a verdict rests on, written so that a program of one page can check it again.

In reading order:

    operation_lists.py  formulas as lists of NumPy's operations, as they stand
    identities.py       signs of polynomials, as products and sums of what is known
    proofs.py           the search for a proof that the checker accepts
    goals.py            one goal and its certificate
    files.py            claims and their certificates, written and counted
"""
from optim.certificates.files import (
    certified, certified_pair, counted, prepared, summary, write)

__all__ = ["certified", "certified_pair", "counted", "prepared", "summary", "write"]
