"""Explaining costs nothing when not asked for: training steps with it loaded and used once,
in parts of steps without, in processes that take turns.

    python tests/benchmarks/cost_of_explaining.py

On 28 November 2026 (AMD EPYC, one thread) the median of ten was 1.000 (0.94 to 1.13).
"""
import statistics
import subprocess
import sys
import time

import numpy as np

import minigrad as mg
from minigrad import nn

ROUNDS, STEPS = 10, 3000


def seconds(explained: bool) -> float:
    """The processor time of some eager steps of a small network."""
    if explained:
        x = mg.tensor([1., 2.], requires_grad=True)
        str(mg.explain(np.sum(x*x)))
    model = nn.Sequential(nn.Linear(64, 32, rng=0), nn.ReLU(), nn.Linear(32, 10, rng=1))
    x, y = np.ones((32, 64), np.float32), np.zeros(32, int)

    def steps(count):
        start = time.process_time()
        for _ in range(count):
            model.zero_grad()
            nn.cross_entropy(model(x), y).backward()
        return time.process_time() - start
    steps(STEPS//10)
    return steps(STEPS)


def measured(kind: str) -> float:
    """The same in a process of its own."""
    return float(subprocess.run([sys.executable, __file__, kind], check=True,
                                capture_output=True, text=True).stdout)


if __name__ == "__main__":
    if sys.argv[1:]:
        print(seconds(sys.argv[1] == "explained"))
    else:
        ratios = []
        for i in range(ROUNDS):
            kinds = ("explained", "plain") if i % 2 else ("plain", "explained")
            found = {kind: measured(kind) for kind in kinds}
            ratios.append(found["explained"]/found["plain"])
        print(f"median {statistics.median(ratios):.3f}, "
              f"{min(ratios):.3f} to {max(ratios):.3f}")
