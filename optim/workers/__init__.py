"""Independent jobs side by side, whatever runs them: results(job, arguments, executor).

In reading order:

    pools.py     processes of one thread each
    jobs.py      one job in a worker
    in_order.py  all of them
"""
from optim.workers.pools import pool, single_threaded
from optim.workers.in_order import LostWorker, results

__all__ = ["LostWorker", "pool", "results", "single_threaded"]
