"""Training a classifier from start to finish, the same way for every rule.

    result = train("digits", "adam", epochs=30)
    result.accuracy, result.examples, result.loss, result.test_accuracy
    result.save("digits.npz")

Everything random comes from the seed: the starting weights, the order of the examples
and, where a file brings no test set, which fifth of it is held out. The same seed gives
the same bits. Missing on purpose: schedules, validation sets, early stopping.
"""
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from minigrad import nn
from minigrad.html_tables import html_table, some_of
from minigrad.randomness import generator
from minigrad.spellings import explaining
from optim.dialects.named_optimizers import any_rule
from optim.optimizers.classes import OPTIMIZERS
from optim.optimizers.history import History
from optim.optimizers.optimizer import Optimizer
from optim.optimizers.signatures import (
    RULE_OF_CLASS, Rule, article, name_of)
from optim.training.architectures import network_of
from optim.training.fits import batch_size
from optim.training.measures import Measure, accuracy
from optim.training.saved_runs import save
from optim.training.tables import Data, Tables, tables
from optim.training.training_loop import Run

if TYPE_CHECKING:
    from optim.formulas import Formula


class Rounded(Optimizer):
    """Moves by a rule of another library, whose results have the parameters' dtype."""
    _as_libraries = True


@dataclass(frozen=True)
class Training:
    """A trained model, how it went, and what it was asked to do.

    The curves were measured after `examples` examples: `loss` on the whole training set,
    `test_accuracy` (a share from 0 to 1) on the test set; three arrays of one length.
    """
    model: nn.Module
    optimizer: Optimizer
    examples: NDArray
    loss: NDArray
    test_accuracy: NDArray
    settings: dict[str, Any]
    history: History | None = None

    @property
    def accuracy(self) -> float:
        """The share of the test set that the trained model gets right."""
        return float(self.test_accuracy[-1])

    def __repr__(self) -> str:
        settings, last = self.settings, len(self.loss) - 1
        return (f"{settings['optimizer']} on {settings['data']} ({settings['test']}):"
                f" training loss {self.loss[last]:.4f},"
                f" test accuracy {100*self.accuracy:.2f} %"
                f" after {self.examples[last]} examples")

    def _repr_html_(self) -> str:
        rows = ((self.examples[k], f"{self.loss[k]:.4f}",
                 f"{100*self.test_accuracy[k]:.2f} %") for k in some_of(len(self.loss)))
        return html_table(("examples", "training loss", "test accuracy"), rows, repr(self))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write parameters, curves and settings to an .npz file; `restore` reads it.

        The file appears whole or not at all, in place of an earlier one of that name.
        """
        save(path, self.model, self.settings, examples=self.examples, loss=self.loss,
             test_accuracy=self.test_accuracy)


@explaining
def train(data: Data, optimizer: "str | Rule | Formula" = "adam",
          model: str | nn.Module | None = None, *,
          lr: float | None = None, hyperparameters: dict[str, float] | None = None,
          epochs: int = 30, batch: int | str | None = None, seed: int = 0,
          split: str = "random", label: str | int | None = None, progress: bool = False,
          evaluate_every: int | None = None, compiled: bool = True) -> Training:
    """Train a classifier by a rule: "adam", "torch:RMSprop", a function, a Formula.

    data: "digits", the path of a .csv or .npz file, or arrays (x, y) or (x_train, y_train,
    x_test, y_test), x of shape (n, features), y of n integers; without a test set a fifth
    is held out. label: which column of a .csv file is the label, by its name or its number
    from 1 on; the last one if None. model: sizes as in "64-32-10" or "mlp:64-32-10", with
    ReLU between, "conv" or "gru" for square images, or a module, which is trained in place
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
    if not isinstance(data, (str, os.PathLike, tuple, list)):
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
    examples = tables(data, split, for_test, label)
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
                "epochs": epochs, "batch": batch, "seed": seed}
    fixed = examples.fixed(model.parameters()[0].dtype)
    sets = {"": (fixed.x_train, fixed.y_train), "test_": (fixed.x_test, fixed.y_test)}
    measured: dict[str, dict[str, Measure]] = {
        "": {"loss": nn.cross_entropy}, "test_": {"accuracy": accuracy}}
    run = Run(model, mover, sets, nn.cross_entropy, measured, epochs=epochs,
              batch=None if batch == "all" else int(batch), order_rng=for_order,
              shared_rng=for_draws, every=evaluate_every, compiled=compiled, who="train")
    history = run.to_the_end(progress=progress)
    return Training(model, mover, history.examples, history.loss, history.test_accuracy,
                    settings, history)


def network(model: str | nn.Module | None, data: Tables,
            rng: np.random.Generator) -> tuple[nn.Module, str | None]:
    """The network to train, and its name if it is made from one."""
    if isinstance(model, nn.Module):
        if not model.parameters():
            raise ValueError("train: the model has no parameters; needed some to train")
        return model, None
    name = f"{data.features}-32-{data.classes}" if model is None else model
    return network_of(name, data.features, data.classes, rng, data.source)
