"""What the papers state, transcribed from them and not from our rules.

A moment is stated as a sum, a largest value or a product over the history g_1, ..., g_t, a
step as the paper prints it. So it is another form than the recursion in optim.rules, and
the two are proved equal in optim.derivations. A number of an equation or an algorithm is
given only where it has been checked; `numbered` is empty otherwise.

Here theta(t) is where step t begins, m(t) what is remembered after it; it ends at
theta(t + 1).

In reading order:

    histories.py      moments over the history, and how they print
    stated.py         Statement, and moments that many papers share
    more_statements.py  what the papers of the later rules state
    statements.py     what those of the first eleven state; the table of all rules
"""
from optim.papers.histories import (
    History, Largest, beta1, beta2, eps, g, i, in_letters, j, lr, m, m_hat, momentum, mu,
    psi, rho, step, t, theta, v, v_delta, v_hat, v_max, velocity, weight_decay)
from optim.papers.stated import Statement, decaying
from optim.papers.statements import STATEMENTS, Row, row, statement

__all__ = [
    "STATEMENTS", "History", "Largest", "Row", "Statement", "beta1", "beta2", "decaying",
    "eps", "g", "i", "in_letters", "j", "lr", "m", "m_hat", "momentum", "mu", "psi", "rho",
    "row", "statement", "step", "t", "theta", "v", "v_delta", "v_hat", "v_max", "velocity",
    "weight_decay"]
