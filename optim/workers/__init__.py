"""Independent jobs side by side, whatever runs them: results(job, arguments, executor).

In reading order:

    pools.py    processes of one thread each
    jobs.py     one job in a worker
    running.py  all of them, in order
"""
from optim.workers.pools import pool, single_threaded
from optim.workers.running import LostWorker, results

__all__ = ["LostWorker", "pool", "results", "single_threaded"]
