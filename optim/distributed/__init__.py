"""Training by several workers, in step or not, and a simulator of their delays.

Section 5 of Ruder's survey (2016) on an existing engine, Dask: synchronous data-parallel
training, Downpour, delay-tolerant and elastic averaging, Hogwild on shared memory. What the
machines do to each other's parameters are pure functions, proved to be the plain rule where
nothing is late. A cluster needs the extra `distributed`. In reading order:

    delays.py        gradients that come late, as a rule
    exchanges.py     what machines do to each other's parameters, as pure functions
    revisions.py     a rule that knows how late its gradients are
    replicas.py      the worker's side
    servers.py       the server's side
    engines.py       where work is done: here or in an executor
    clusters.py      or on a Dask cluster, where workers may be lost
    asynchronous.py  nobody waits
    progress.py      a training under way
    synchronous.py   one large batch in parts
    simulated.py     simulate: what delays do to a rule, repeatable
    several_workers.py  train: a model, by one of these strategies
    lock_free.py     hogwild: processes on the same parameters, without locks
"""
from optim.distributed.delays import delayed
from optim.distributed.exchanges import (
    downpour, elastic_averaging, pulled, weighted_mean)
from optim.distributed.several_workers import train
from optim.distributed.lock_free import hogwild
from optim.distributed.revisions import adaptive_revision
from optim.distributed.simulated import simulate

__all__ = ["adaptive_revision", "delayed", "downpour", "elastic_averaging", "hogwild",
           "pulled", "simulate", "train", "weighted_mean"]
