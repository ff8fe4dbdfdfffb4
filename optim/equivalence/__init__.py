"""Whether two optimizers are one: prove("adamw", "adam") -> Verdict.

In reading order:

    views.py         an optimizer as the prover sees it, and several goals as one
    measured_letters.py  what is measured: one letter is one thing, and which values it has
    witnesses.py     a witness counts if the rules, run there, differ
    ranges.py        one domain for both, and "0 < beta2 < 1"
    simulations.py   the same updates, or one optimizer seen through a map of its states
    every_run.py     the same walk from the start, though not from every state
    catalogue.py     the changes of letters that are tried
    conditions.py    the change of letters that makes two optimizers one
    proofs.py        two optimizers, or two expressions: the verdict
"""
from optim.equivalence.every_run import walks_alike
from optim.equivalence.proofs import prove
from optim.equivalence.simulations import simulates

__all__ = ["prove", "simulates", "walks_alike"]
