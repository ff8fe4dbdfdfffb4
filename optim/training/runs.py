"""Training a network from start to finish, the same way for every rule.

    result = train("digits", "adam", epochs=30)
    result.accuracy, result.examples, result.loss, result.test_accuracy
    result.save("digits.npz")

Everything random comes from the seed: the starting weights, the order of the examples
and, where a file brings no test set, which fifth of it is held out. The same seed gives
the same bits. Missing on purpose: schedules, validation sets, early stopping.
"""
import math
import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

import minigrad as mg
from minigrad import nn
from minigrad.data.columns import Columns, is_table
from minigrad.primitives.elementwise import is_finite
from minigrad.randomness import generator
from minigrad.spellings import explaining
from optim.dialects.named_optimizers import any_rule
from optim.optimizers.classes import OPTIMIZERS
from optim.optimizers.compiling import replayed
from optim.optimizers.optimizer import Optimizer
from optim.optimizers.signatures import (
    RULE_OF_CLASS, Rule, article, name_of)
from optim.training.architectures import network_of
from optim.training.predicting import in_use
from optim.training.results import Training
from optim.training.symptoms import cure, of_run
from optim.training.tables import Data, Tables, tables

if TYPE_CHECKING:
    from optim.formulas import Formula


class Rounded(Optimizer):
    """Moves by a rule of another library, whose results have the parameters' dtype."""
    _as_libraries = True


@explaining
def train(data: Data, optimizer: "str | Rule | Formula" = "adam",
          model: str | nn.Module | None = None, *,
          lr: float | None = None, hyperparameters: dict[str, float] | None = None,
          epochs: int = 30, batch: int | str | None = None, seed: int = 0,
          split: str = "random", label: str | int | None = None,
          task: str | None = None, standardize: bool | None = None,
          drop: str | Iterable[str] = (), categories: str | Iterable[str] = (),
          drop_missing: bool = False, progress: bool = False,
          evaluate_every: int | None = None, compiled: bool = True) -> Training:
    """Train a network by a rule: "adam", "torch:RMSprop", a function, a Formula.

    data: "digits", the path of a .csv or .npz file, mg.data.read_csv(path, ...), a table
    of pandas, or arrays (x, y) or (x_train, y_train, x_test, y_test), x (n, features), y n
    classes or numbers; without a test set a fifth is held out. label: which column of a
    .csv file or table is the label, by its name or its number from 1 on; the last one if
    None. task: "classification" or "regression"; if None, words, integers of an array and
    few different whole numbers are classes. standardize: whether features are brought to
    mean 0 and deviation 1, as learned on the training part; if None, those of .csv files
    and tables. drop: columns to leave out. categories: columns of numbers to take as words;
    words are categories anyhow. drop_missing: leave rows out that lack a value, instead of
    refusing them.
    model: sizes as in "64-32-10" or "mlp:64-32-10", with ReLU between, or "mlp:32", one
    hidden layer; "conv" or "gru" for square images, or a module, which is trained in place
    and measured in eval(). epochs: 0 leaves the model as it starts. batch: how
    many examples a step sees, or "all"; 32 if None, or all if these are fewer.
    evaluate_every: examples between two points of the curves, an epoch if None. compiled:
    whether steps go through mg.compile, which changes no bit of them.

    Raises ValueError or TypeError for what cannot be trained so, or would be learned
    without learning, such as one class only; FloatingPointError for a loss that stops
    being finite.

    >>> x, y = mg.data.blobs(60, rng=0)
    >>> train((x, y), "adam", lr=0.05, epochs=20).accuracy
    1.0
    """
    sources: tuple[Any, ...] = str, os.PathLike, tuple, list, Columns
    if not (isinstance(data, sources) or is_table(data)):
        raise TypeError(f"train: data came as {type(data).__name__}; needed a pair of "
                        "arrays: optim.train((x, y), 'adam')")
    if isinstance(optimizer, nn.Module) or not (
            isinstance(optimizer, str) or callable(optimizer)
            or hasattr(optimizer, "equations")):
        raise TypeError(f"train: {article(type(optimizer).__name__)} came where a rule is "
                        "named; needed optim.train((x, y), 'adam'), with the model as the "
                        "third argument; it makes the optimizer")
    rule = any_rule(optimizer)
    called = name_of(rule)
    counts = ("epochs", epochs, 0), ("evaluate_every", evaluate_every, 1)
    for name, n, least in counts:
        if n is not None and not (isinstance(n, (int, np.integer)) and n >= least):
            raise ValueError(f"train: {name} is {n}; needed a whole number from {least} on")
    for_weights, for_order, for_test = generator(seed).spawn(3)
    examples = tables(data, split, for_test, label, task=task, standardize=standardize,
                      drop=drop, categories=categories, drop_missing=drop_missing)
    batch = batch_size(batch, len(examples.x_train))
    model, sizes = network(model, examples, for_weights)
    chosen = dict(hyperparameters or {}) | ({} if lr is None else {"lr": lr})
    groups = [{"params": model.named_parameters(), **chosen}]
    kind: Callable[..., Optimizer] | None = OPTIMIZERS.get(called)
    known: Any = RULE_OF_CLASS
    elsewhere = any(mark in called for mark in ":.")    # as torch:Adam, torch.optim.Adam
    mover = (kind(groups) if kind and known[kind] is rule else
             (Rounded if elsewhere else Optimizer)(groups, rule))
    settings = {"data": examples.source, "test": examples.test, "model": sizes,
                "optimizer": called,
                "hyperparameters": {name: value for name, value
                                    in mover.param_groups[0].items() if name != "params"},
                "epochs": epochs, "batch": batch, "seed": seed, **examples.settings}
    run = Run(model, mover, examples.fixed(model.parameters()[0].dtype), settings,
              evaluate_every or len(examples.x_train), compiled)
    from tqdm import tqdm                           # which loads much, only for a training
    with tqdm(range(epochs), called, unit="epoch", disable=not progress) as bar:
        for _ in bar:
            run.epoch(for_order)
            _, loss, first, *_ = run.points[-1]
            bar.set_postfix({"loss": f"{loss:.4f}", [*examples.task.metrics][0]:
                             f"{first:.3f}"})
    run.evaluate()
    curves = [np.array(column) for column in zip(*run.points, strict=True)]
    metrics = dict(zip(examples.task.metrics, curves[2:], strict=True))
    return Training(model, mover, curves[0], curves[1], metrics, settings, examples.task,
                    examples.preparation, examples.notes, (*examples.hints, *of_run(
                        settings, rule, curves[1], metrics, examples.y_test)))


def batch_size(batch: int | str | None, examples: int) -> int | str:
    """How many examples a step sees; ValueError for what cannot be, as more than all."""
    if batch is None:
        return min(32, examples)
    whole = isinstance(batch, (int, np.integer)) and not isinstance(batch, bool)
    if batch == "all" or whole and 1 <= int(batch) <= examples:
        return batch
    raise ValueError(f"train: batch size is {batch!r}; needed 1 to {examples}, as many as "
                     "there are to train on, or 'all'")


def network(model: str | nn.Module | None, data: Tables,
            rng: np.random.Generator) -> tuple[nn.Module, str | None]:
    """The network to train, and its name if it is made from one."""
    if isinstance(model, nn.Module):
        if not model.parameters():
            raise ValueError("train: the model has no parameters; needed some to train")
        return model, None
    name = f"{data.features}-32-{data.task.outputs}" if model is None else model
    return network_of(name, data.features, data.task.outputs, rng, data.source)


def training_step(model: nn.Module, optimizer: Optimizer,
                  loss_of: Callable[[Any, Any], Any]) -> Callable[..., None]:
    """A function of a batch that takes one step on it."""
    def step(x: NDArray, y: NDArray) -> None:
        loss = loss_of(model(x), y)
        if not is_finite(loss.numpy()):
            raise Diverged(infinite(loss.item()))
        optimizer.zero_grad()
        loss.backward()
        try:
            optimizer.step()
        except FloatingPointError as error:
            raise Diverged(str(error)) from error
    return step


class Diverged(FloatingPointError):
    """A step that was refused, or a loss that is not finite."""


def infinite(loss: float) -> str:
    """What an error says of a loss."""
    return f"the loss is {loss}"


class Run:
    """The state of a training under way: steps, examples seen, points of the curves."""

    def __init__(self, model: nn.Module, optimizer: Optimizer, data: Tables,
                 settings: dict[str, Any], every: int, compiled: bool) -> None:
        self.model, self.optimizer, self.data = model, optimizer, data
        self.settings, self.every = settings, every
        self.step = self.seen = 0
        self.points: list[tuple[Any, ...]] = []
        step = training_step(model, optimizer, data.task.loss)
        self.work = replayed(step) if compiled else step
        self.evaluate()

    def epoch(self, rng: np.random.Generator) -> None:
        """One step for each batch, and a point of the curves wherever one is due."""
        size = None if self.settings["batch"] == "all" else self.settings["batch"]
        for x, y in mg.data.batches(self.data.x_train, self.data.y_train, size, rng):
            # The checks for inf and NaN say more than NumPy's warnings on the way there.
            with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
                self.learn(x, y)
            self.step += 1
            self.seen += len(y)
            if self.seen//self.every > (self.seen - len(y))//self.every:
                self.evaluate()

    def learn(self, x: NDArray, y: NDArray) -> None:
        """One step on one batch."""
        try:
            self.work(x, y)
        except Diverged as error:
            raise self.diverged(str(error)) from error

    def evaluate(self) -> None:
        """Add a point to the curves, unless this moment has one."""
        if self.points and self.points[-1][0] == self.seen:
            return
        data = self.data
        with in_use(self.model), mg.no_grad(), np.errstate(over="ignore", invalid="ignore"):
            loss = data.task.loss(self.model(data.x_train), data.y_train).item()
            outputs = self.model(data.x_test).numpy()
            found = [f(outputs, data.y_test) for f in data.task.metrics.values()]
        self.check(loss)
        self.points.append((self.seen, loss, *found))

    def check(self, loss: float) -> None:
        """Raise FloatingPointError for a loss that is not finite."""
        if not math.isfinite(loss):
            raise self.diverged(infinite(loss))

    def diverged(self, what: str) -> FloatingPointError:
        """The error that says where, and what to do."""
        largest = float(np.abs(self.data.x_train).max())
        remedy = cure(self.optimizer.rule, self.settings["hyperparameters"], largest)
        return FloatingPointError(
            f"train: {self.settings['optimizer']} diverged at step {self.step + 1}, after"
            f" {self.seen} examples: {what}. {remedy}")
