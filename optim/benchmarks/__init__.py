"""How fast it is: the same work here, by hand and in other libraries, as ratios.

    results = optim.benchmarks.measured(peers=True)
    print(optim.benchmarks.page(results))

In reading order:

    layered_networks.py a convolutional, a recurrent network and one with attention
    workloads.py        what is computed, each piece of work stated once
    own_steps.py        in minigrad, eager and compiled
    adam_by_hand.py     Adam by hand, in blocks
    by_hand.py          all of it by hand, in NumPy that allocates nothing
    torch_peers.py      in PyTorch
    peers.py            in JAX, HIPS autograd, MyGrad and micrograd
    implementations.py  the table of these, and one at work in a process of its own
    rounds.py           all of them in turns
    ratios.py           from seconds to ratios, and what is to be reached
    benchmark_page.py   the page
    overtaking.py       a picture of where PyTorch overtakes
    worker_counts.py    a step by several workers, measured and on paper
    campaigns.py        all of it, or a quick look, and the page written
    side_by_side.py     how time falls with workers
"""
from optim.benchmarks.benchmark_page import Results, page
from optim.benchmarks.campaigns import measured, write_page
from optim.benchmarks.rounds import Measured, measure
from optim.benchmarks.workloads import WORKLOADS, Workload

__all__ = ["Measured", "Results", "WORKLOADS", "Workload", "measure", "measured", "page",
           "write_page"]
