"""Training by several workers, in step or not, and a simulator of their delays.

Section 5 of Ruder's survey (2016) on an existing engine, Dask: synchronous data-parallel
training, Downpour, delay-tolerant and elastic averaging, Hogwild on shared memory. What the
machines do to each other's parameters are pure functions, proved to be the plain rule where
nothing is late. A cluster needs the extra `distributed`. In reading order:

    delays.py        gradients that come late, as a rule
    exchanges.py     what machines do to each other's parameters, as pure functions
    replicas.py      the worker's side
    servers.py       the server's side
    engines.py       where work is done: here, in an executor, on a Dask cluster
    synchronous.py   one large batch in parts
    asynchronous.py  nobody waits
    simulated.py     simulate: what delays do to a rule, repeatable
    running.py       train: a model, by one of these strategies
    shared_memory.py  hogwild: processes on the same parameters, without locks
"""
from optim.distributed.delays import delayed
from optim.distributed.exchanges import (
    adaptive_revision, downpour, elastic_averaging, pulled, weighted_mean)
from optim.distributed.running import train
from optim.distributed.shared_memory import hogwild
from optim.distributed.simulated import simulate

__all__ = ["adaptive_revision", "delayed", "downpour", "elastic_averaging", "hogwild",
           "pulled", "simulate", "train", "weighted_mean"]
