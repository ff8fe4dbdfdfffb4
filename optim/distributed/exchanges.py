"""What machines that train together do to each other's parameters, as pure functions.

Each formula stands here once; simulations, threads, processes and clusters all call it.
For one machine alone each is also a pure rule, so that it can be proved to be the plain
rule where it should be: elastic averaging with alpha = 0, Downpour that pushes and fetches
at every step.

>>> import optim, sympy
>>> tied = optim.formula(elastic_averaging("adam"))
>>> plain = optim.formula("adam")
>>> optim.equivalence.simulates(tied, plain, given={"alpha": sympy.S(0)}).status
'PROVED'
"""
from collections.abc import Sequence
from typing import Any

import numpy as np

from optim import rules
from optim.distributed.delays import whole, with_states
from optim.optimizers.signatures import Rule, anatomy, name_of, named_rule


def weighted_mean(values: Sequence[Any], counts: Sequence[int]) -> Any:
    """The mean over all examples, of means over parts with these counts of examples.

    It is added up from the first part to the last, whoever computed them and whenever they
    arrived, so that the same parts give the same bits.

    >>> weighted_mean([1., 4.], [2, 1])
    2.0
    """
    total = sum(counts)
    mean = values[0]*(counts[0]/total)
    for value, count in zip(values[1:], counts[1:], strict=True):
        mean = mean + value*(count/total)
    return mean


def pulled(x: Any, center: Any, alpha: Any) -> tuple[Any, Any]:
    """A replica and the center, each pulled to the other by a share of their distance.

    Zhang, Choromanska & LeCun 2015, Algorithm 1, steps a) and b).

    >>> pulled(1.0, 0.0, 0.25)
    (0.75, 0.25)
    """
    force = alpha*(x - center)
    return x - force, center + force


def elastic_averaging(rule: Rule | str, period: int = 1) -> Rule:
    """The rule on one replica that is tied to a center by an elastic force.

    theta is the replica's parameter, the state center the center's; alpha is the share of
    their distance by which both are pulled before every `period`-th step. Zhang,
    Choromanska & LeCun 2015, Algorithm 1 (EASGD) for gradient descent; its gradient is
    taken before the pull.
    """
    rule = named_rule(rule)
    own, every = len(anatomy(rule)[0]), whole("elastic_averaging: period", period, 1)

    def apply(theta, g, *states, t, alpha, **settings):
        near, center = pulled(theta, states[own], alpha)
        if every > 1:
            due = (t - 1) % every == 0
            near = np.where(due, near, theta)
            center = np.where(due, center, states[own])
        after = rule(near, g, *states[:own], t=t, **settings)
        return (*(after if own else (after,)), center)

    return with_states(apply, rule, f"{name_of(rule)}_elastic_averaging",
                       {"center": lambda theta: theta}, {"alpha": 0.1})


def accumulated(accrued: Any, g: Any) -> Any:
    """The gradients that a replica has not pushed yet, and one more."""
    return accrued + g


def downpour(rule: Rule | str, n_push: int = 1, n_fetch: int = 1) -> Rule:
    """Downpour SGD with one replica; the rule is the server's.

    theta is the replica's parameter, where gradients are taken; the states `server` and
    `accrued` are the server's parameter and the gradients that were not pushed yet;
    lr_local moves the replica between two fetches. Dean et al. 2012, Algorithm 7.1, counted
    so that each push brings n_push gradients, the first one too.
    """
    rule = named_rule(rule)
    own = len(anatomy(rule)[0])
    push = whole("downpour: n_push", n_push, 1)
    fetch = whole("downpour: n_fetch", n_fetch, 1)

    def apply(theta, g, *states, t, lr_local, **settings):
        server, accrued = states[own:]
        local = rules.gradient_descent(theta, g, t=t, lr=lr_local)
        accrued = accumulated(accrued, g)
        after = rule(server, accrued, *states[:own], t=(t + push - 1)//push, **settings)
        after = after if own else (after,)
        if push > 1:
            due = t % push == 0
            after = [np.where(due, new, old)
                     for new, old in zip(after, (server, *states[:own]), strict=True)]
            rest = np.where(due, 0, accrued)
        else:
            rest = accrued - accrued
        moved = after[0] if fetch == 1 else np.where(t % fetch == 0, after[0], local)
        return (moved, *after[1:], after[0], rest)

    return with_states(apply, rule, f"{name_of(rule)}_downpour",
                       {"server": lambda theta: theta, "accrued": 0}, {"lr_local": 0.01})
