"""Training a network from start to finish, the same way for every rule.

    result = train("digits", "adam", epochs=30)
    result.accuracy, result.examples, result.loss, result.test_accuracy
    result.save("digits.npz")

Everything random comes from the seed: the starting weights, the order of the examples
and, where a file brings no test set, which fifth of it is held out. The same seed gives
the same bits.
"""
import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from minigrad import nn
from minigrad.data.columns import Columns, is_table
from minigrad.randomness import generator
from minigrad.spellings import explaining
from optim.dialects.named_optimizers import any_rule
from optim.optimizers.classes import OPTIMIZERS
from optim.optimizers.optimizer import Optimizer
from optim.optimizers.signatures import (
    RULE_OF_CLASS, Rule, article, name_of)
from optim.training.architectures import network_of
from optim.training.fits import batch_size
from optim.training.measures import Measure
from optim.training.results import Training
from optim.training.symptoms import of_run
from optim.training.tables import Data, Tables, tables
from optim.training.training_loop import Run

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
    for_weights, for_order, for_test, for_draws = generator(seed).spawn(4)
    examples = tables(data, split, for_test, label, task=task, standardize=standardize,
                      drop=drop, categories=categories, drop_missing=drop_missing)
    batch = batch_size(batch, len(examples.x_train), "train")
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
    fixed, learned = examples.fixed(model.parameters()[0].dtype), examples.task
    sets = {"": (fixed.x_train, fixed.y_train), "test_": (fixed.x_test, fixed.y_test)}
    measured: dict[str, dict[str, Measure]] = {
        "": {"loss": learned.loss}, "test_": learned.metrics}
    run = Run(model, mover, sets, learned.loss, measured, epochs=epochs,
              batch=None if batch == "all" else int(batch), order_rng=for_order,
              shared_rng=for_draws, every=evaluate_every, compiled=compiled, who="train")
    history = run.to_the_end(progress=progress)
    metrics = {name: history.columns[f"test_{name}"] for name in learned.metrics}
    return Training(model, mover, history.examples, history.loss, metrics, settings,
                    learned, examples.preparation, examples.notes,
                    (*examples.hints, *of_run(settings, rule, history.loss, metrics,
                                              examples.y_test)), history)


def network(model: str | nn.Module | None, data: Tables,
            rng: np.random.Generator) -> tuple[nn.Module, str | None]:
    """The network to train, and its name if it is made from one."""
    if isinstance(model, nn.Module):
        if not model.parameters():
            raise ValueError("train: the model has no parameters; needed some to train")
        return model, None
    name = f"{data.features}-32-{data.task.outputs}" if model is None else model
    return network_of(name, data.features, data.task.outputs, rng, data.source)
