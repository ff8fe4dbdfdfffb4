"""Every optimizer of torch_optimizer and pytorch_optimizer: lifted, refused, or wrong.

    pip install torch_optimizer pytorch_optimizer
    python tests/full/lift_third_parties.py

Each that lifts is held against the running class at fresh points over 30 steps. It exits
with 1 if one is wrong. What is refused is counted by kind of error and printed.
"""
import collections
import importlib
import inspect
import signal
import sys
import warnings

import numpy as np
import torch

import optim
from optim.lifting.pytorch_steps import TorchClass
from optim.lifting.unrelated_points import ENTRIES
from optim.optimizers.signatures import first_states, step_of

LIBRARIES = "torch_optimizer", "pytorch_optimizer"
STEPS, SECONDS = 30, 60
EXACT = 1e-8                            # of float64 whose operations are in another order


def classes(library):
    """The optimizer classes of a package, by name."""
    return sorted({c for c in vars(importlib.import_module(library)).values()
                   if inspect.isclass(c) and issubclass(c, torch.optim.Optimizer)
                   and c.__module__.startswith(library)}, key=lambda c: c.__name__)


def agrees(cls, rule):
    """Whether the rule does what the class does."""
    target = TorchClass(cls, {})
    for seed, factor in enumerate((1, 0.9, 0.5)):
        rng = np.random.default_rng(50 + seed)
        theta, gradients = rng.normal(size=ENTRIES), rng.normal(size=(STEPS, ENTRIES))
        settings = {name: factor*x for name, x in target.hyper.items()}
        states = [*first_states(rule, theta, settings).values()]
        ran = target.trajectory(settings, theta.copy(), gradients)
        for t, (g, came) in enumerate(zip(gradients, ran), 1):
            with np.errstate(all="ignore"):
                theta, *states = step_of(rule, theta, g, *states, t=t, **settings)
            if not np.allclose(came, theta, rtol=EXACT, atol=EXACT, equal_nan=True):
                return False
    return True


def outcome(cls):
    """LIFTED, WRONG, or the error with which it is refused."""
    signal.alarm(SECONDS)
    try:
        formula = optim.lift(cls)
    except Exception as error:                  # anything that a foreign class may raise
        return f"{type(error).__name__}: {' '.join(str(error).split())[:160]}"
    finally:
        signal.alarm(0)
    return "LIFTED" if agrees(cls, formula.rule) else "WRONG"


def timed_out(*_):
    raise TimeoutError(f"more than {SECONDS} s")


def main():
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGALRM, timed_out)
    wrong = 0
    for library in LIBRARIES:
        found = {cls.__name__: outcome(cls) for cls in classes(library)}
        for name, what in found.items():
            print(f"{library}.{name}: {what}")
        counts = collections.Counter(what.partition(":")[0] for what in found.values())
        print(f"{library}: {len(found)} classes, {dict(counts.most_common())}")
        wrong += counts["WRONG"]
    return wrong


if __name__ == "__main__":
    sys.exit(bool(main()))
