"""What L-BFGS and Newton cost beside SciPy, from several starts, at three tolerances.

    python tests/full/second_order_beside_scipy.py

A row for each run: evaluations of f with its gradient here, and there until the gradient
is as small; where Newton works by products, products with the Hessian in brackets. It fails
where a run here does not end in a minimum or costs more than 1.5 times the cheapest peer.
"""
import sys
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import minigrad as mg  # noqa: E402
from minigrad import nn  # noqa: E402
from optim.second_order import lbfgs, newton  # noqa: E402

PEERS = {lbfgs: ("L-BFGS-B", "BFGS"), newton: ("Newton-CG", "trust-ncg")}
OPTIONS = {"L-BFGS-B": {"ftol": 0, "gtol": 0, "maxiter": 10**4, "maxfun": 10**5},
           "Newton-CG": {"xtol": 1e-15}}


class Reached(Exception):
    """The gradient is small enough."""


def rosenbrock(x):
    return np.sum(100*(x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2)


def digits():
    x, y, *_ = mg.data.digits()
    x = np.column_stack([x.astype(float), np.ones(len(x))])
    return lambda w: nn.cross_entropy(x @ w.reshape(65, 10), y) + 1e-2/2*np.sum(w*w)


PROBLEMS = {
    "rosenbrock 2": (rosenbrock, np.array([-1.2, 1.0])),
    "rosenbrock 2, beside": (rosenbrock, np.array([2.0, -2.0])),
    "rosenbrock 100": (rosenbrock, np.tile([-1.2, 1.0], 50)),
    "rosenbrock 100, from 0": (rosenbrock, np.zeros(100)),
    "rosenbrock 100, from -1.2": (rosenbrock, np.full(100, -1.2)),
    "digits, L2 1e-2": (digits(), np.zeros(650))}


def peer(f, x0, method, tolerance):
    """Evaluations and products of SciPy's method, and the value that it ends with."""
    calls, both, last = [0, 0], mg.value_and_grad(f), []

    def evaluated(x):
        calls[0] += 1
        value, grad = both(x)
        last[:] = [value]
        if np.max(np.abs(grad)) <= tolerance:
            raise Reached
        return value, grad

    def product(x, v):
        calls[1] += 1
        return mg.hvp(f, x, v)
    try:
        minimize(evaluated, x0, jac=True, method=method,
                 options=OPTIONS.get(method, {"gtol": tolerance/9}),
                 hessp=None if "B" in method else product)
        raise SystemExit(f"{method} did not reach a gradient of {tolerance}")
    except Reached:
        return *calls, last[0]


def main():
    failed = False
    for tolerance in (1e-3, 1e-5, 1e-8):
        for name, (f, x0) in PROBLEMS.items():
            for method, peers in PEERS.items():
                path = method(f, x0, tolerance=tolerance)
                runs = {p: peer(f, x0, p, tolerance) for p in peers}
                share = path.evaluations[-1]/min(run[0] for run in runs.values())
                lowest = min(run[2] for run in runs.values())
                good = path.converged and share <= 1.5 and (
                    path.value[-1] <= lowest + tolerance)
                products = path.columns.get("products", [0])[-1]
                theirs = ", ".join(f"{p} {run[0]} ({run[1]})" for p, run in runs.items())
                print(f"{tolerance:g}  {name:26} {method.__name__:7}"
                      f"{path.evaluations[-1]:5} ({products:4})  {share:.2f} of {theirs}"
                      f"{'' if good else '   FAILED'}", flush=True)
                failed |= not good
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
