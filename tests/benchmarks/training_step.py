"""One training step of the digits' network, here and in PyTorch, as a ratio.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python tests/benchmarks/training_step.py

MLP 64-32-10, batch 32, float32, cross entropy, Adam; eager on both sides, one thread. The
two take turns, so that a machine whose speed drifts does not favour either; the median of
the turns' ratios is what to quote. A ratio below 1 means that minigrad is faster.
"""
import statistics
import time

import numpy as np
import torch

import minigrad as mg
import optim

ROUNDS, STEPS = 15, 200


def ours(x, y):
    """Functions of no arguments: the gradient, and the whole step."""
    model = mg.nn.Sequential(mg.nn.Linear(64, 32, rng=0), mg.nn.ReLU(),
                             mg.nn.Linear(32, 10, rng=1))
    optimizer = optim.Adam(model.parameters())

    def gradient():
        optimizer.zero_grad()
        mg.nn.cross_entropy(model(x), y).backward()

    def step():
        gradient()
        optimizer.step()
    return gradient, step


def theirs(x, y):
    torch.set_num_threads(1)
    model = torch.nn.Sequential(torch.nn.Linear(64, 32), torch.nn.ReLU(),
                                torch.nn.Linear(32, 10))
    optimizer = torch.optim.Adam(model.parameters())
    x, y = torch.tensor(x), torch.tensor(y)

    def gradient():
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(x), y).backward()

    def step():
        gradient()
        optimizer.step()
    return gradient, step


def microseconds(work):
    began = time.perf_counter()
    for _ in range(STEPS):
        work()
    return (time.perf_counter() - began)/STEPS*1e6


def main():
    rng = np.random.default_rng(0)
    x, y = rng.random((32, 64), dtype=np.float32), rng.integers(0, 10, 32)
    print(f"numpy {np.__version__}, torch {torch.__version__}; "
          f"{ROUNDS} turns of {STEPS} steps")
    for what, a, b in zip(("gradient", "step"), ours(x, y), theirs(x, y)):
        microseconds(a), microseconds(b)                # warm up
        turns = [(microseconds(a), microseconds(b)) for _ in range(ROUNDS)]
        mine, peer = (statistics.median(side) for side in zip(*turns))
        ratio = statistics.median(m/p for m, p in turns)
        print(f"{what:10} minigrad {mine:6.0f} us   torch {peer:6.0f} us"
              f"   ratio {ratio:.2f}")


if __name__ == "__main__":
    main()
