"""What belongs to no single rule, in reading order:

    forgetting.py    these weights of all rules, and how fast they fade
    descent.py       the best step under a measure of length
    estimators.py    mean and variance of the gradient of a batch
    every_batch.py   the same, by counting
    jury.py          two roots in a circle
    best_rates.py    the best parameters of linear rules
    quadratics.py    where linear rules are stable
"""
