"""Training a network from start to finish, the same way for every rule.

    result = train("digits", "adam", epochs=30)
    result.accuracy, result.examples, result.loss, result.test_accuracy
    result.save("digits.npz")

Everything random comes from the seed: the starting weights, the order of the examples
and, where a file brings no test set, which fifth of it is held out. The same seed gives
the same bits.
"""
import math
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
    RULE_OF_CLASS, Rule, anatomy, article, name_of)
from optim.training.architectures import network_of
from optim.training.fit_inputs import batch_size, check_agreeing, check_counts
from optim.training.fits import share_of, trained
from optim.training.measures import Measure, in_words
from optim.training.named_schedules import schedule_called
from optim.training.symptoms import of_run
from optim.training.tables import Data, Tables, tables
from optim.training.training_loop import Run
from optim.training.training_results import Training

if TYPE_CHECKING:
    from optim.formulas import Formula


class Rounded(Optimizer):
    """Moves by a rule of another library, whose results have the parameters' dtype."""
    _as_libraries = True


@explaining
def train(data: Data, optimizer: "str | Rule | Formula" = "adam",
          model: str | nn.Module | None = None, *,
          lr: float | Callable[[int], float] | None = None,
          hyperparameters: dict[str, Any] | None = None,
          schedule: str | None = None, transforms: Iterable[Any] = (),
          epochs: int = 30, batch: int | str | None = None, seed: int = 0,
          split: str = "random", label: str | int | None = None,
          task: str | None = None, standardize: bool | None = None,
          drop: str | Iterable[str] = (), categories: str | Iterable[str] = (),
          drop_missing: bool = False, validation: float | None = None,
          patience: int | None = None, callbacks: Iterable[Callable[[Run], Any]] = (),
          checkpoint: str | os.PathLike[str] | None = None, every: int | None = None,
          resume: bool = False, progress: bool = False,
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
    schedule: how lr changes, such as "cosine" or "warm_up(cosine, steps=50)", over all
    steps unless it says how many; lr may be one of optim.schedules, too. transforms: those
    of optim.transforms, around the rule. validation: the share of the training part to
    watch instead of learning from it. patience, callbacks, checkpoint, every and resume: as
    in optim.fit.

    Raises ValueError or TypeError for what cannot be trained so, or would be learned
    without learning, such as one class only; FloatingPointError for a loss that stops
    being finite.

    >>> import minigrad as mg
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
    check_counts("train", epochs=epochs, evaluate_every=evaluate_every, patience=patience,
                 every=every)
    check_agreeing("train", validation, patience, checkpoint, every, resume)
    for_weights, for_order, for_test, for_draws, for_validation = generator(seed).spawn(5)
    examples = tables(data, split, for_test, label, task=task, standardize=standardize,
                      drop=drop, categories=categories, drop_missing=drop_missing,
                      validation=validation, for_validation=for_validation)
    model, sizes = network(model, examples, for_weights)
    fixed, learned = examples.fixed(model.parameters()[0].dtype), examples.task
    sets = fixed.sets
    count = len(sets[""][0])
    batch = batch_size(batch, count, "train")
    size = count if batch == "all" else int(batch)
    chosen = dict(hyperparameters or {}) | ({} if lr is None else {"lr": lr})
    if schedule is not None:
        chosen["lr"] = schedule_called(schedule, first_rate(rule, chosen), max(
            1, epochs*math.ceil(count/size)))
    groups = [{"params": model.named_parameters(), **chosen}]
    kind: Callable[..., Optimizer] | None = OPTIMIZERS.get(called)
    known: Any = RULE_OF_CLASS
    elsewhere = any(mark in called for mark in ":.")    # as torch:Adam, torch.optim.Adam
    around = [*transforms]
    mover = (kind(groups, transforms=around) if kind and known[kind] is rule else
             (Rounded if elsewhere else Optimizer)(groups, rule, transforms=around))
    settings = {"data": examples.source, "test": examples.test, "model": sizes,
                "optimizer": called,
                "hyperparameters": {name: in_words(value) for name, value
                                    in mover.param_groups[0].items() if name != "params"},
                "epochs": epochs, "batch": batch, "seed": seed, **examples.settings}
    loss: dict[str, Measure] = {"loss": learned.loss}
    measured = {"": loss, "validation_": loss | learned.metrics, "test_": learned.metrics}
    run = Run(model, mover, sets, learned.loss, {part: measured[part] for part in sets},
              epochs=epochs, batch=None if batch == "all" else size, order_rng=for_order,
              shared_rng=for_draws, every=evaluate_every, patience=patience,
              callbacks=callbacks, compiled=compiled, who="train")
    history = trained(run, checkpoint, every, resume, progress,
                      {"seed": int(seed), "validation": share_of(validation)})
    if history.best is not None:
        settings["best"] = history.best
    metrics = {name: history.columns[f"test_{name}"] for name in learned.metrics}
    return Training(model, mover, history.examples, history.loss, metrics, settings,
                    learned, examples.preparation, examples.notes,
                    (*examples.hints, *of_run(settings, rule, history.loss, metrics,
                                              examples.y_test)), history)


def first_rate(rule: Rule, chosen: dict[str, Any]) -> float:
    """The learning rate that a schedule begins with; ValueError if there is none."""
    usual = anatomy(rule)[1]
    rate = chosen.get("lr", usual.get("lr"))
    if not isinstance(rate, (int, float)):
        cure = "; needed lr, a number" if "lr" in usual else ""
        raise ValueError(f"train: {name_of(rule)} has no learning rate that a schedule "
                         f"could begin with{cure}")
    return float(rate)


def network(model: str | nn.Module | None, data: Tables,
            rng: np.random.Generator) -> tuple[nn.Module, str | None]:
    """The network to train, and its name if it is made from one."""
    if isinstance(model, nn.Module):
        if not model.parameters():
            raise ValueError("train: the model has no parameters; needed some to train")
        return model, None
    name = f"{data.features}-32-{data.task.outputs}" if model is None else model
    return network_of(name, data.features, data.task.outputs, rng, data.source)
