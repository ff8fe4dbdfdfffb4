"""What a verdict rests on, written so that a program of one page can check it again.

In reading order:

    operation_lists.py  formulas as lists of NumPy's operations, as they stand
    operation_names.py  NumPy's functions by the names that they have there
    recorded_rules.py   the operations of a rule, recorded while it runs
    sixty_digits.py     a number that is rational, or known to 60 digits
    evaluation.py       the value of operations at a rational point
    companion.py        whether the operations are what the rule computes
    tangents.py         the derivative of recorded operations, by the textbook's rules
    recorded_entries.py NumPy code run on entries that record each operation
    entry_meanings.py   what more of NumPy's functions record
    entry_arrays.py     arrays of entries, which NumPy's functions take
    array_goals.py      goals of recorded arrays: equal, linear, as defined
    vjp_goals.py        what is to be shown of each VJP of minigrad's tables
    case_samples.py     some points of a case, which save searches
    identities.py       signs of polynomials, as products and sums of what is known
    proof_search.py     the search for a proof that the checker accepts
    goal_certificates.py  one goal and its certificate
    rule_readings.py    what each rule does is its formula: certificates of that
    vjp_certificates.py the VJPs of each table, with their certificates
    claim_files.py      claims and their certificates, written and counted
    certified_results.py  certify: what verify, prove and compare gave, written
    words.py            a certificate in words
"""
from optim.certificates.certified_results import certified_pair, certify, file_of
from optim.certificates.claim_files import certified, counted, prepared, summary, write
from optim.certificates.rule_readings import readings
from optim.certificates.vjp_certificates import certified_vjps

__all__ = ["certified", "certified_pair", "certified_vjps", "certify", "counted",
           "file_of", "prepared", "readings", "summary", "write"]
