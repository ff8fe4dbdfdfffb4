"""Training a classifier from start to finish, the same way for every rule.

    result = train("digits", "adam", epochs=30)
    result.accuracy, result.examples, result.loss, result.test_accuracy
    result.save("digits.npz")

Everything random comes from the seed: the starting weights, the order of the examples
and, where a file brings no test set, which fifth of it is held out. The same seed gives
the same bits. Missing on purpose: schedules, validation sets, early stopping.
"""
import importlib
import itertools
import json
import math
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import minigrad as mg
from minigrad import nn
from optim.hints import did_you_mean
from optim.optimizers.classes import OPTIMIZERS
from optim.optimizers.optimizer import Optimizer
from optim.rules import RULES

# What people call the rules; only hints use this.
OTHER_NAMES = {"sgd": "gradient_descent", "bgd": "gradient_descent",
               "mbgd": "gradient_descent", "heavy_ball": "momentum", "nesterov": "nag"}
Data = str | os.PathLike[str] | tuple[NDArray, ...]


@dataclass(frozen=True)
class Training:
    """A trained model, how it went, and what it was asked to do.

    The curves were measured after `examples` examples: `loss` on the whole training set,
    `test_accuracy` (a share from 0 to 1) on the test set.
    """
    model: nn.Module
    optimizer: Optimizer
    examples: NDArray
    loss: NDArray
    test_accuracy: NDArray
    settings: dict[str, Any]

    @property
    def accuracy(self) -> float:
        """The share of the test set that the trained model gets right."""
        return float(self.test_accuracy[-1])

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write parameters, curves and settings to an .npz file; `restore` reads it.

        The file appears whole or not at all, in place of an earlier one of that name.
        """
        path = Path(path)
        unfinished = path.with_name(f".{path.name}.{os.getpid()}.unfinished")
        entries: dict[str, Any] = {
            "settings": np.array(json.dumps(self.settings, default=int)),
            "examples": self.examples, "loss": self.loss,
            "test_accuracy": self.test_accuracy,
            **{f"parameter/{name}": v for name, v in self.model.state_dict().items()}}
        try:
            with open(unfinished, "wb") as file:
                np.savez(file, **entries)
            os.replace(unfinished, path)
        finally:
            unfinished.unlink(missing_ok=True)


def train(data: Data, optimizer: str = "adam", model: str | nn.Module | None = None, *,
          lr: float | None = None, hyperparameters: dict[str, float] | None = None,
          epochs: int = 30, batch: int | str = 32, seed: int = 0, split: str = "random",
          progress: bool = False, evaluate_every: int | None = None) -> Training:
    """Train a classifier by one of the rules in optim.rules.

    data: "digits", the path of a .csv or .npz file, or arrays (x, y) or (x_train, y_train,
    x_test, y_test); without a test set a fifth is held out. model: sizes as in "64-32-10",
    with ReLU between, or a module, which is trained in place. batch: how many examples a
    step sees, or "all". evaluate_every: examples between two points of the curves, an
    epoch if None. A loss that stops being finite raises FloatingPointError.
    """
    rule = _known_rule(optimizer)
    for name, count in (("epochs", epochs), ("evaluate_every", evaluate_every)):
        if count is not None and count < (name == "evaluate_every"):
            raise ValueError(f"train: {name} is {count}; needed a positive number")
    for_weights, for_order, for_test = np.random.default_rng(seed).spawn(3)
    sets, source, test = _examples(data, split, for_test)
    model, sizes = _model(model, sets, source, for_weights)
    sets = [_fixed(part, model.parameters()[0].dtype) for part in sets]
    chosen = dict(hyperparameters or {}) | ({} if lr is None else {"lr": lr})
    make: Callable[..., Optimizer] = OPTIMIZERS[rule]
    mover = make([{"params": model.named_parameters(), **chosen}])
    settings = {"data": source, "test": test, "model": sizes, "optimizer": rule,
                "hyperparameters": {name: value for name, value in mover.param_groups[0]
                                    .items() if name != "params"},
                "epochs": epochs, "batch": batch, "seed": seed}
    run = _Run(model, mover, sets, settings, evaluate_every or len(sets[0]))
    for _ in _shown(range(epochs), progress, run):
        run.epoch(for_order)
    run.evaluate()
    examples, loss, accuracy = map(np.array, zip(*run.points, strict=True))
    return Training(model, mover, examples, loss, accuracy, settings)


def restore(path: str | os.PathLike[str],
            model: nn.Module | None = None) -> tuple[nn.Module, dict[str, Any]]:
    """The trained model and the settings in a file that Training.save wrote.

    A model that was not made from sizes must be given: one of the same shape, which takes
    the saved parameters.
    """
    with np.load(path, allow_pickle=False) as file:
        if "settings" not in file.files:
            raise ValueError(f"{path}: has no entry settings; needed a file that"
                             " Training.save wrote")
        settings = json.loads(str(file["settings"]))
        state = {name.removeprefix("parameter/"): file[name] for name in file.files
                 if name.startswith("parameter/")}
    if model is None:
        if settings["model"] is None:
            raise ValueError(f"{path}: its model was not made from sizes; needed"
                             " restore(path, model) with a model of the same shape")
        model = _network(_sizes(settings["model"]), np.random.default_rng(0))
    model.load_state_dict(state)
    return model, settings


class _Run:
    """The state of a training under way: steps, examples seen, points of the curves."""

    def __init__(self, model: nn.Module, optimizer: Optimizer, sets: list[NDArray],
                 settings: dict[str, Any], every: int) -> None:
        self.model, self.optimizer, self.sets = model, optimizer, sets
        self.settings, self.every = settings, every
        self.step = self.seen = 0
        self.points: list[tuple[int, float, float]] = []
        self.evaluate()

    def epoch(self, rng: np.random.Generator) -> None:
        size = None if self.settings["batch"] == "all" else self.settings["batch"]
        for x, y in mg.data.batches(self.sets[0], self.sets[1], size, rng):
            # The checks for inf and NaN say more than NumPy's warnings on the way there.
            with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
                self.learn(x, y)
            self.step += 1
            self.seen += len(y)
            if self.seen//self.every > (self.seen - len(y))//self.every:
                self.evaluate()

    def learn(self, x: NDArray, y: NDArray) -> None:
        loss = nn.cross_entropy(self.model(x), y)
        self.check(loss.item())
        self.optimizer.zero_grad()
        loss.backward()
        try:
            self.optimizer.step()
        except FloatingPointError as error:
            raise self.diverged(str(error)) from error

    def evaluate(self) -> None:
        """Add a point to the curves, unless this moment has one."""
        if self.points and self.points[-1][0] == self.seen:
            return
        x_train, y_train, x_test, y_test = self.sets
        with mg.no_grad(), np.errstate(over="ignore", invalid="ignore"):
            loss = nn.cross_entropy(self.model(x_train), y_train).item()
            right = np.argmax(self.model(x_test), axis=1) == y_test
        self.check(loss)
        self.points.append((self.seen, loss, float(np.mean(right))))

    def check(self, loss: float) -> None:
        if not math.isfinite(loss):
            raise self.diverged(f"the loss is {loss}")

    def diverged(self, what: str) -> FloatingPointError:
        numbers = self.settings["hyperparameters"]
        cure = (f"lr is {numbers['lr']}: try {numbers['lr']/10:.2g}" if "lr" in numbers
                else f"its hyperparameters are {numbers}")
        return FloatingPointError(
            f"train: {self.settings['optimizer']} diverged at step {self.step + 1}, after"
            f" {self.seen} examples: {what}. {cure}; see also that the features are of"
            " size 1")


def _known_rule(name: str) -> str:
    if name in RULES:
        return name
    raise ValueError(f"train: no rule is called {name!r};"
                     f"{did_you_mean(name, RULES, OTHER_NAMES)} needed one of"
                     f" {', '.join(RULES)}")


def _examples(data: Data, split: str,
              rng: np.random.Generator) -> tuple[list[NDArray], str, str]:
    """x_train, y_train, x_test, y_test; where they are from; what the test set is."""
    if isinstance(data, str) and data == "digits":
        return list(mg.data.digits(split)), "digits", f"{split} split"
    if isinstance(data, (str, os.PathLike)):
        source, parts = os.fspath(data), list(mg.data.load(Path(data)))
    else:
        source, parts = "arrays", [np.asarray(part) for part in data]
        _check_arrays(parts)
    if len(parts) == 4:
        return parts, source, "as given"
    x, y = parts
    n = len(x)
    if n < 5:
        raise ValueError(f"train: {source}: {n} examples; needed at least 5, as a fifth is"
                         " held out for the test")
    held, kept = np.split(rng.permutation(n), [n//5])
    return [x[kept], y[kept], x[held], y[held]], source, f"{n//5} of {n}, held out by seed"


def _check_arrays(parts: list[NDArray]) -> None:
    if len(parts) not in (2, 4):
        raise ValueError(f"train: {len(parts)} arrays; needed (x, y) or (x_train, y_train,"
                         " x_test, y_test)")
    for x, y in zip(parts[::2], parts[1::2], strict=True):
        if x.ndim != 2 or y.shape != x.shape[:1] or 0 in x.shape:
            raise ValueError(f"train: x has shape {x.shape} and y {y.shape}; needed"
                             " (n, features) and (n,), n > 0")
        if y.dtype.kind not in "iu" or y.min() < 0:
            raise ValueError(f"train: labels are {y.dtype} from {y.min()}; needed integers"
                             " from 0 on: labels.astype(np.int64)")
        if x.dtype.kind not in "biuf" or not np.isfinite(x).all():
            raise ValueError(f"train: features are {x.dtype}; needed finite real numbers")
    if parts[0].shape[1] != parts[-2].shape[1]:
        raise ValueError(f"train: x_train has {parts[0].shape[1]} features and x_test"
                         f" {parts[-2].shape[1]}; needed the same number")


def _model(model: str | nn.Module | None, sets: list[NDArray], source: str,
           rng: np.random.Generator) -> tuple[nn.Module, str | None]:
    """The network to train, and its sizes if it is made from sizes."""
    if isinstance(model, nn.Module):
        if not model.parameters():
            raise ValueError("train: the model has no parameters; needed some to train")
        return model, None
    features = sets[0].shape[1]
    classes = 1 + int(max(sets[1].max(), sets[3].max()))
    text = f"{features}-32-{classes}" if model is None else model
    sizes = _sizes(text)
    if (sizes[0], sizes[-1]) != (features, classes):
        raise ValueError(f"train: model is {text}, but {source} has {features} features and"
                         f" {classes} classes; needed {features}-...-{classes}")
    return _network(sizes, rng), text


def _sizes(text: str) -> list[int]:
    parts = str(text).split("-")
    if len(parts) < 2 or not all(part.isdecimal() and int(part) > 0 for part in parts):
        raise ValueError(f"train: model is {text!r}; needed sizes such as 64-32-10, from"
                         " the features to the classes, or an nn.Module")
    return [int(part) for part in parts]


def _network(sizes: list[int], rng: np.random.Generator) -> nn.Sequential:
    layers: list[nn.Module] = []
    for inputs, outputs in itertools.pairwise(sizes):
        layers += [nn.Linear(inputs, outputs, rng=rng), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def _fixed(part: NDArray, dtype: np.dtype) -> NDArray:
    """A copy, features in the model's dtype, that nobody can write to meanwhile."""
    part = part.astype(dtype if part.ndim == 2 else np.int64)
    part.flags.writeable = False
    return part


def _shown(epochs: Iterable[int], progress: bool, run: _Run) -> Iterator[int]:
    """The epochs, with a progress bar if asked for."""
    if not progress:
        yield from epochs
        return
    try:
        tqdm = importlib.import_module("tqdm").tqdm
    except ImportError:
        raise ImportError("train: progress=True needs tqdm; pip install tqdm, or leave"
                          " progress out") from None
    with tqdm(epochs, desc=run.settings["optimizer"], unit="epoch") as bar:
        for epoch in bar:
            yield epoch
            _, loss, accuracy = run.points[-1]
            bar.set_postfix(loss=f"{loss:.4f}", accuracy=f"{100*accuracy:.1f} %")
