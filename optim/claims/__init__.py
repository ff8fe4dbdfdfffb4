"""What is claimed of each rule, with its verdict: verify("adam") -> Report.

In reading order:

    verification.py   the claims about a rule, and the verdict on each
"""
from optim.claims.verification import Claim, Report, verify, verify_all

__all__ = ["Claim", "Report", "verify", "verify_all"]
