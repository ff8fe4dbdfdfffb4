"""What a verdict rests on, written so that a program of one page can check it again.

In reading order:

    operation_lists.py  formulas as lists of NumPy's operations, as they stand
    recording.py        what a rule does, recorded while it runs
    companion.py        the rule itself run in fractions, beside what was recorded of it
    vjp_goals.py        derivatives: what is to be proved of each VJP, as operations
    samples.py          some points of a case, which save searches
    identities.py       identities that show the sign of a polynomial
    proofs.py           the search for a proof that the checker accepts
    goals.py            a goal of the prover's as a certificate
    files.py            all certificates of a rule as a file, and of two optimizers
"""
