"""What a survey's additional strategies do, tried on the digits: one experiment for each.

    python -m optim.training.strategies --out notebooks/reference/strategies.md

Ruder, An overview of gradient descent optimization algorithms, section 6: shuffling and
curriculum learning, batch normalization, early stopping, gradient noise. Every row is five
runs, which differ in their seed: starting weights, order of the examples, and what else is
drawn. An experiment is not a law: it says what happened here.
"""
import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import minigrad as mg
from minigrad import nn
from minigrad.randomness import generator
from minigrad.whole_files import whole_file
from optim import transforms
from optim.optimizers.classes import SGD, Adam
from optim.optimizers.history import History
from optim.training.fits import fit
from optim.training.orders import as_they_stand, shuffled
from optim.training.perceptrons import perceptron
from optim.workers import results

SEEDS = range(5)


class Row(NamedTuple):
    """A setting, and what its runs came to, one for each seed."""
    setting: str
    found: list[float]


class Experiment(NamedTuple):
    """A question, what is measured, the settings, and a run of one with a seed."""
    title: str
    question: str
    measured: str
    settings: tuple[tuple[Any, ...], ...]
    run: Callable[..., float]


def trained(model: nn.Module, optimizer: Any, epochs: int, seed: int,
            **more: Any) -> History:
    """The digits, unless there are others, in batches of 32, with a test set."""
    data = more.pop("data", None) or mg.data.digits()
    return fit(model, data, optimizer, epochs=epochs, batch=32, seed=seed, **more)


# --- 6.1 shuffling and curriculum learning ----------------------------------------------

def shuffling(order: str, epochs: int, seed: int) -> float:
    """Test accuracy of SGD: examples class by class, in one drawn order, or drawn anew."""
    x, y, x_test, y_test = mg.data.digits()
    once = generator(seed + 100).permutation(len(y))
    rows = np.argsort(y, kind="stable") if order == "class by class" else once
    model = perceptron("64-32-10", generator(seed))
    history = trained(model, SGD(model.parameters(), lr=0.1), epochs, seed,
                      data=(x[rows], y[rows], x_test, y_test),
                      order=shuffled if order == "drawn anew" else as_they_stand)
    return float(history.test_accuracy[-1])


def curriculum(order: str, epochs: int, seed: int) -> float:
    """Test accuracy where a quarter more of the examples enters with each epoch, those
    with the smallest loss of a linear teacher first (Bengio et al. 2009), or the largest.
    """
    x, y, _, _ = mg.data.digits()
    teacher = nn.Linear(64, 10, rng=generator(seed + 50))
    trained(teacher, Adam(teacher.parameters(), lr=0.01), 3, seed)
    hardness = nn.cross_entropy(teacher(x).numpy(), y, reduction="none")
    ranked = np.argsort(hardness if order == "easy first" else -hardness, kind="stable")

    def growing(epoch: int, rng: np.random.Generator, x: NDArray, y: NDArray) -> NDArray:
        return rng.permutation(ranked[:len(y)*min(epoch + 1, 4)//4])
    model = perceptron("64-32-10", generator(seed))
    history = trained(model, SGD(model.parameters(), lr=0.1), epochs, seed,
                      order=shuffled if order == "all, drawn anew" else growing)
    return float(history.test_accuracy[-1])


# --- 6.2 batch normalization ------------------------------------------------------------

def normalization(layer: str, lr: float, seed: int) -> float:
    """Test accuracy of seven linear layers after 10 epochs of SGD."""
    rng = generator(seed)
    layers: list[nn.Module] = []
    for inputs in (64, *[32]*5):
        layers.append(nn.Linear(inputs, 32, rng=rng))
        if layer == "normalized":
            layers.append(nn.BatchNorm1d(32))
        layers.append(nn.ReLU())
    model = nn.Sequential(*layers, nn.Linear(32, 10, rng=rng))
    return float(trained(model, SGD(model.parameters(), lr=lr), 10, seed).test_accuracy[-1])


# --- 6.3 early stopping -----------------------------------------------------------------

def stopping(end: str, measured: str, seed: int) -> float:
    """Test accuracy of the weights that are kept, or how many epochs it took, with 300
    digits, a fifth of whose labels are drawn at random, for at most 100 epochs."""
    x, y, x_test, y_test = mg.data.digits()
    rng = generator(seed + 9)
    rows = rng.permutation(len(y))[:300]
    labels = np.where(rng.random(300) < 0.2, rng.integers(10, size=300), y[rows])
    model = perceptron("64-128-10", generator(seed))
    history = trained(model, Adam(model.parameters(), lr=0.003), 100, seed,
                      data=(x[rows], labels, x_test, y_test), validation=0.2,
                      patience=10 if end == "patience 10" else None)
    if measured == "epochs":
        return float(history.epoch[-1])
    return float(history.test_accuracy[-1 if history.best is None else history.best])


# --- 6.4 gradient noise -----------------------------------------------------------------

def noise(depth: int, start: str, rule: str, variance: float, seed: int) -> float:
    """Test accuracy after 15 epochs, with noise of variance/t**0.55 in the gradient."""
    model = perceptron("-".join(["64", *["32"]*depth, "10"]), generator(seed))
    if start == "all weights 0":
        model.load_state_dict({name: np.zeros_like(value) for name, value
                               in model.state_dict().items()})
    added = [transforms.gradient_noise(variance)] if variance else []
    optimizer = (SGD(model.parameters(), lr=0.1, transforms=added) if rule == "sgd" else
                 Adam(model.parameters(), transforms=added))
    if added:
        optimizer.generators["xi"] = generator(seed)
    return float(trained(model, optimizer, 15, seed).test_accuracy[-1])


EXPERIMENTS = (
    Experiment("Shuffling", "Does the order of the examples matter to SGD at lr 0.1?",
               "test accuracy of 64-32-10",
               tuple((order, epochs) for epochs in (3, 20)
                     for order in ("class by class", "drawn once", "drawn anew")),
               shuffling),
    Experiment("Curriculum", "Do easy examples first help (SGD, lr 0.1)?",
               "test accuracy of 64-32-10",
               tuple((order, epochs) for epochs in (4, 20)
                     for order in ("easy first", "hard first", "all, drawn anew")),
               curriculum),
    Experiment("Batch normalization", "Does it allow larger rates, and deeper networks?",
               "test accuracy of 64-32-32-32-32-32-32-10, SGD, 10 epochs",
               tuple((layer, lr) for lr in (0.01, 0.1, 1.0)
                     for layer in ("plain", "normalized")), normalization),
    Experiment("Early stopping", "Does it help where labels are wrong, and save time?",
               "64-128-10, Adam at lr 0.003, 300 examples, a fifth of the labels random",
               tuple((end, measured) for measured in ("test accuracy", "epochs")
                     for end in ("epoch 100", "patience 10")), stopping),
    Experiment("Gradient noise", "Does it help a bad start, and a deep network?",
               "test accuracy after 15 epochs; sgd at lr 0.1, adam at its default",
               tuple((depth, start, rule, variance)
                     for depth, start, rule in ((1, "as usual", "sgd"),
                                                (1, "all weights 0", "sgd"),
                                                (6, "as usual", "adam"))
                     for variance in (0.0, 0.01)), noise))
HEADS = {"Shuffling": ("order", "epochs"), "Curriculum": ("order", "epochs"),
         "Batch normalization": ("layers", "lr"),
         "Early stopping": ("end", "measured"),
         "Gradient noise": ("hidden layers", "start", "rule", "variance")}


def rows(experiment: Experiment, seeds: Sequence[int] = SEEDS, **where: Any) -> list[Row]:
    """A row for each setting; `where` they run is as in optim.workers.results."""
    jobs = [(*setting, seed) for setting in experiment.settings for seed in seeds]
    found = [*results(experiment.run, jobs, **where)]
    n = len(seeds)
    return [Row(" | ".join(map(str, setting)), found[k*n:(k + 1)*n])
            for k, setting in enumerate(experiment.settings)]


def table(experiment: Experiment, found: Sequence[Row]) -> str:
    """One experiment as Markdown: the median, and from the least to the largest."""
    heads = [*HEADS[experiment.title], "median", "least", "largest"]
    lines = [f"| {' | '.join(heads)} |", "|" + " --- |"*len(heads)]
    for row in found:
        spread = np.median(row.found), min(row.found), max(row.found)
        lines.append(f"| {row.setting} | {' | '.join(map(number, spread))} |")
    return "\n".join([f"## {experiment.title}", "", f"{experiment.question} Measured: "
                      f"{experiment.measured}.", "", *lines, ""])


def number(value: float) -> str:
    """A share to four places, a count as it is."""
    return f"{value:.4f}" if value <= 1 else f"{value:g}"


def main() -> None:
    """Run all experiments, and print the page or write it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, metavar="FILE", help="the page, .md")
    parser.add_argument("--workers", type=int, metavar="N", help="processes; default: 2",
                        default=2)
    arguments = parser.parse_args()
    parts = [table(each, rows(each, workers=arguments.workers, progress=each.title))
             for each in EXPERIMENTS]
    page = "\n".join([HEAD, *parts])
    if arguments.out is None:
        print(page)
        return
    with whole_file(arguments.out) as file:
        file.write(page.encode())


HEAD = """# Shuffling, curriculum, batch normalization, early stopping, gradient noise

The additional strategies of Ruder's survey (section 6), each in one experiment on the 1,797
digits, five seeds for each row. Written by `python -m optim.training.strategies`.
"""

if __name__ == "__main__":
    main()
