"""Runs that are stopped and taken up again, and all that they end with, bit for bit.

    python -m tests.optim.resumed_runs 50 [SEED]

kills that many runs by SIGKILL at random moments, half of them while they write in every
step, takes each up again and compares what it ends with to a run that nobody disturbed.
"""
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import minigrad as mg
import optim
from minigrad import nn
from minigrad.saving import in_archive
from optim import schedules, second_order, transforms

X, Y = mg.data.blobs(50, rng=0)


def network():
    """Dropout by generators of its own and by the shared one, and buffers."""
    return nn.Sequential(
        nn.Linear(2, 6, rng=0), nn.BatchNorm1d(6), nn.ReLU(), nn.Dropout(0.2),
        nn.Linear(6, 6, rng=1), nn.Dropout(0.1, rng=7), nn.Tanh(), nn.Linear(6, 3, rng=2))


def harder(epoch, rng, x, y):
    """A curriculum with chance in it."""
    return np.abs(x).sum(axis=1).astype(float) + rng.random(len(x))


def adam(model):
    return optim.Adam(model.named_parameters(), lr=0.05)


def two_groups(model):
    first, *others = model.named_parameters()
    return optim.NAdam([{"params": [first], "lr": 0.01}, {"params": others}])


EAGER = {"compiled": False}
SCENES = {      # name: (optimizer of a model, arguments of fit)
    "plain": (adam, EAGER),
    "compiled": (adam, {}),
    "validated": (adam, {"validation": 0.2, "metrics": ["accuracy"], **EAGER}),
    "patient": (lambda model: optim.Adam(model.named_parameters(), lr=1.0),
                {"validation": 0.3, "patience": 3, "min_delta": 0.01}),
    "curriculum": (two_groups, {"order": harder, "evaluate_every": 20}),
    "in order": (lambda model: optim.LAMB(model.parameters()),
                 {"shuffle": False, **EAGER}),
    "scheduled": (lambda model: optim.Adam(
        model.parameters(), lr=schedules.warm_up(schedules.cosine(0.1, steps=20), steps=5),
        betas=(lambda t: 1 - 1/(t + 1), 0.999)), EAGER),
    "plateau": (lambda model: optim.Momentum(
        model.parameters(), lr=schedules.reduce_on_plateau(0.5, factor=0.5, patience=0)),
        {"validation": 0.3, "evaluate_every": 8}),
    "noisy": (lambda model: optim.Adam(model.parameters(), transforms=[
        transforms.clip_by_norm(0.1), transforms.gradient_noise(0.3),
        transforms.lookahead(3, 0.5), transforms.ema(0.9)]), {}),
    "elsewhere": (lambda model: optim.Momentum(model.parameters(), lr=0.1, transforms=[
        transforms.sam(0.05), transforms.accumulate(2)]), EAGER),
    "along lines": (lambda model: second_order.LBFGS(model.parameters(), steps=2),
                    {"batch": "all", **EAGER}),
    "all at once": (lambda model: optim.Momentum(model.parameters(), lr=0.1),
                    {"batch": "all"}),
}


def run(scene, path=None, **more):
    """All that the run of a scene ends with, as {name: array}; with its History."""
    optimizer, arguments = SCENES[scene]
    model = network()
    mover = optimizer(model)
    history = optim.fit(model, (X, Y), mover, checkpoint=path, **{
        "epochs": 4, "batch": 8, "seed": 3, **arguments, **more})
    found = {f"model {name}": value for name, value in model.state_dict().items()}
    found |= {f"history {name}": value for name, value in history.columns.items()}
    found |= {f"{name} of {k}": np.asarray(value)
              for k, record in mover.state_dict()["state"].items()
              for name, value in record.items()}
    return found | {"t": history.t, "best": np.array(-1 if history.best is None
                                                      else history.best)}, history


def differing(a, b):
    """The names of what is not the same, bit for bit."""
    return [name for name in a.keys() | b.keys()
            if name not in a or name not in b or a[name].tobytes() != b[name].tobytes()]


# --------------------------------------------------------------------------------- kills
def forked(work):
    """The process id of a child that does this and nothing else."""
    child = os.fork()
    if not child:
        try:
            work()
        finally:
            os._exit(0)
    return child


def check_whole(path):
    """Every checkpoint that stands there can be read."""
    for file in (path, path.with_suffix(".previous.npz")):
        if file.exists():
            in_archive(file)


def kill_and_resume(scene, rng, folder, wanted, seconds, every):
    """Kill a run at random moments, once or more, then let it end and compare."""
    path = Path(folder)/"run.npz"
    for _ in range(rng.integers(1, 4)):
        child = forked(lambda: run(scene, path, resume=True, every=every))
        time.sleep(rng.random()*seconds)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        check_whole(path)
    found, _ = run(scene, path, resume=True, every=every)
    assert not (names := differing(found, wanted)), (scene, names)
    assert not [*Path(folder).glob(".*")], "something was left behind"


def main(kills, seed=0):
    """Kill so many runs; AssertionError for one that does not end as if it had not been."""
    import warnings
    warnings.simplefilter("ignore", RuntimeWarning)         # going on from the previous
    rng = np.random.default_rng(seed)
    wanted = {scene: run(scene)[0] for scene in [*SCENES][:kills]}
    for k in range(kills):
        scene, every = [*SCENES][k % len(SCENES)], (None, 1)[k % 2]
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            run(scene, Path(folder)/"whole.npz", every=every)
            seconds = time.perf_counter() - start
        with tempfile.TemporaryDirectory() as folder:
            kill_and_resume(scene, rng, folder, wanted[scene], seconds, every)
    print(f"{kills} runs were killed, and each ended as if it had not been")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
