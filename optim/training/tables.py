"""Tables of examples: to train on and to test with, from wherever they come."""
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minigrad.data.columns import Columns, listed
from optim.training.examples import examples_of
from optim.training.fit_inputs import drawn_share
from optim.training.preparing import Preparation, learned
from optim.training.symptoms import of_columns, of_features
from optim.training.task_checks import check_size, check_split, check_task
from optim.training.tasks import CLASSIFICATION, REGRESSION, Task, task_of

Data = str | os.PathLike[str] | Columns | tuple[Any, ...]


@dataclass(frozen=True)
class Tables:
    """Features of shape (n, features), targets as the task's loss takes them; where they
    are from.

    .test says in words what the test set is, .where what the labels are called, .notes what
    was found out and chosen, .hints what may be wrong, a line each.
    .preparation made the features of the columns.
    """
    x_train: NDArray
    y_train: NDArray
    x_test: NDArray
    y_test: NDArray
    source: str
    test: str
    task: Task
    preparation: Preparation
    where: str = "the labels"
    notes: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    x_validation: NDArray | None = None
    y_validation: NDArray | None = None

    @property
    def features(self) -> int:
        """How many numbers an example has."""
        return self.x_train.shape[1]

    @property
    def settings(self) -> dict[str, Any]:
        """What was chosen, as plain data, for the settings of a training."""
        standardized = self.preparation.mean is not None
        return {"task": self.task.name, "standardized": standardized} | (
            {"classes": [*self.task.classes]} if self.task.classes else {}) | (
            {"label": self.preparation.label} if self.preparation.label else {})

    def fixed(self, dtype: np.dtype) -> "Tables":
        """A copy with features of this dtype, which nobody can write to meanwhile."""
        def fix(part: NDArray) -> NDArray:
            part = part.astype(dtype if part.ndim == 2 else np.int64)
            part.flags.writeable = False
            return part
        names = [f"{kind}_{part}" for kind in "xy" for part in ("train", "validation",
                                                                "test")]
        fixed: dict[str, Any] = {name: fix(getattr(self, name)) for name in names
                                 if getattr(self, name) is not None}
        return replace(self, **fixed)

    @property
    def sets(self) -> dict[str, tuple[NDArray, NDArray]]:
        """{prefix of its measures: features and targets} of each part that there is."""
        parts = {"": (self.x_train, self.y_train)}
        if self.x_validation is not None and self.y_validation is not None:
            parts["validation_"] = self.x_validation, self.y_validation
        return parts | {"test_": (self.x_test, self.y_test)}


def tables(data: Data, split: str, rng: np.random.Generator,
           label: str | int | None = None, *, task: str | None = None,
           standardize: bool | None = None, drop: str | Iterable[str] = (),
           categories: str | Iterable[str] = (), drop_missing: bool = False,
           validation: float | None = None,
           for_validation: np.random.Generator | None = None) -> Tables:
    """The tables of "digits", of a .csv or .npz file, of columns or of arrays.

    Where there is no test set, a fifth drawn by `rng` is held out; of the rest, a share
    drawn by `for_validation` is the validation set. What is learned of features and targets
    is learned of the training part alone. Raises ValueError for arrays that
    are no examples, for a task that cannot be failed, and what minigrad.data.read_csv
    raises for a file.
    """
    examples = examples_of(data, split, label, drop, categories, drop_missing)
    labels = np.concatenate([part for _, part in examples.parts])
    classes = task_of(labels, task, examples.numbered)
    who = f"train: {examples.source}"
    check_task(examples, classes, task, who)
    n = len(examples.parts[0][1])
    alone, test, hints = len(examples.parts) == 1, examples.test, list[str]()
    order = rng.permutation(n) if alone else np.arange(n)
    held, kept = np.split(order, [n//5 if alone else 0])
    watched = kept[:0]
    if validation is not None and for_validation is not None:
        out, rest = drawn_share("train", validation, len(kept), for_validation)
        watched, kept = kept[out], kept[rest]
    if alone:
        test = f"{n//5} of {n}, held out by seed"
        hints = check_split(labels, held, kept, classes, who)
    standardize = examples.of_columns if standardize is None else standardize
    columns, trained = examples.parts[0]
    preparation = learned(columns, kept, standardize, examples.places, **examples.about)
    its = Task(CLASSIFICATION, classes) if classes else regression(trained[kept], who)
    pairs = [(preparation.prepared(x), its.targets(y)) for x, y in examples.parts]
    for (x, _), (features, _) in zip(examples.parts, pairs, strict=True):
        check_size(x, features, preparation)
    (x, y), (x_test, y_test) = pairs[0], pairs[-1]
    if alone:
        x_test, y_test = x[held], y[held]
    watching = (x[watched], y[watched]) if len(watched) else (None, None)
    if alone or len(watched):
        x, y = x[kept], y[kept]
    hints += of_features(x, preparation)
    if isinstance(columns, Columns):
        hints += of_columns(columns, labels)
    return Tables(x, y, x_test, y_test, examples.source, test, its, preparation,
                  examples.where, (*examples.notes, *said(its, preparation, task,
                                                          examples.numbered)), tuple(hints),
                  *watching)


def regression(labels: NDArray, who: str) -> Task:
    """The task of these training labels, standardised by them."""
    labels = labels.astype(np.float64)
    std = float(labels.std())
    if not std > 0:
        raise ValueError(f"{who}: the labels are {labels[0]:g} throughout the training "
                         "part; needed two or more different ones")
    return Task(REGRESSION, (), float(labels.mean()), std)


def said(task: Task, preparation: Preparation, chosen: str | None, plain: bool
         ) -> list[str]:
    """What was found out of the columns, and what is done with them, a line each.

    plain: of labels 0, 1, ... there is nothing to say.
    """
    how = "as asked" if chosen else (
        "chosen by the labels; task='regression' (--task regression) learns them as numbers"
        if task.classes and not isinstance(task.classes[0], str) else
        "chosen by the labels" if task.classes else
        "chosen by the labels; task='classification' (--task classification) learns each "
        "as a class")
    what = (f"{len(task.classes)} classes: {listed(task.classes)}" if task.classes else
            f"a number, mean {task.mean:.6g}, deviation {task.std:.6g}")
    numbers = [each.name for each in preparation.inputs if not each.words]
    label = f"{preparation.label}, " if preparation.label else ""
    notes = [] if plain and not chosen else [f"label: {label}{what}",
                                             f"task: {task.name}, {how}"]
    scaled = ("brought to mean 0 and deviation 1 by the training part"
              if preparation.mean is not None else "as they are, not standardised")
    if numbers:
        notes.append(f"numbers: {len(numbers)} columns, {scaled}")
    for each in preparation.inputs:
        if each.words:
            notes.append(f"categories: {each.name}: {listed(each.words)}")
    return notes
