"""What is claimed of each rule, with its verdict: verify("adam") -> Report.

In reading order:

    between_rules.py  how the rules relate: special cases, and claims that are false
    rule_claims.py    defaults, units, the common frame
    kernel_claims.py  what an optimizer runs
    verification.py   all claims about a rule, and the verdict on each
"""
from optim.claims.verification import Report, decided, verify, verify_all
from optim.derivations.claim import Claim

__all__ = ["Claim", "Report", "decided", "verify", "verify_all"]
