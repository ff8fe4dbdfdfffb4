"""Tables of examples: to train on and to test with, from wherever they come."""
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minigrad.data.columns import Columns, as_words, is_words
from optim.training.examples import RawExamples, examples_of
from optim.training.fit_inputs import drawn_share
from optim.training.preparing import Preparation, learned
from optim.training.symptoms import of_columns, of_features
from optim.training.tasks import CLASSIFICATION, REGRESSION, Task, task_of

Data = str | os.PathLike[str] | Columns | tuple[Any, ...]
FITS = float(np.finfo(np.float32).max)


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
    what = (f"{len(task.classes)} classes: {brief(task.classes)}" if task.classes else
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
            notes.append(f"categories: {each.name}: {brief(each.words)}")
    return notes


def brief(names: Iterable[Any]) -> str:
    """Names between commas, the first ten."""
    names = [str(name)[:40] for name in names]
    return ", ".join(names[:10]) + (f", ... ({len(names)})" if len(names) > 10 else "")


def check_size(columns: Columns | NDArray, features: NDArray, preparation: Preparation
               ) -> None:
    """ValueError for a number beyond those of float32."""
    wrong = ~(np.abs(features) <= FITS)
    if isinstance(columns, Columns) and wrong.any():
        row, k = np.argwhere(wrong)[0]
        at = np.repeat(np.arange(len(preparation.inputs)),
                       [each.features for each in preparation.inputs])[k]
        raise ValueError(f"{columns.place(row, at)}: {columns.values[at][row]:g}; needed a "
                         "finite number that fits float32")


def check_split(labels: NDArray, held: NDArray, kept: NDArray, classes: tuple[Any, ...],
                who: str) -> list[str]:
    """Hints on classes that the test part lacks; ValueError where one cannot be learned,
    or nothing can be measured."""
    if not classes:
        return []
    hints = []
    present = set(labels.tolist())
    for part, rows in (("test", held), ("training", kept)):
        found = set(labels[rows].tolist())
        if not (absent := sorted(present - found)):
            continue
        count = int(np.sum(labels == absent[0]))
        if part == "test" and len(found) > 1:
            hints.append(f"the test part, {len(rows)} examples, has none of class "
                         f"{brief(absent)}; another seed= (--seed) may")
            continue
        raise ValueError(
            f"{who}: the {part} part, {len(rows)} of {len(labels)} examples drawn by the "
            f"seed, has none of class {absent[0]}, of which there are {count}; "
            f"{'choose another seed, ' if count > 1 else ''}add examples of it or leave it "
            "out, or bring a test set: np.savez('data.npz', x_train=..., y_train=..., "
            "x_test=..., y_test=...)")
    return hints


def check_task(examples: RawExamples, classes: tuple[Any, ...], task: str | None,
               who: str) -> None:
    """Raise ValueError for labels that can be told without learning, or not at all."""
    where, alone = examples.where, len(examples.parts) == 1
    other = ("; label= (--label NAME or NUMBER) says which column is the label"
             if examples.of_columns else "")
    if alone and len(examples.parts[0][1]) < 5:
        raise ValueError(f"{who}: {len(examples.parts[0][1])} examples; needed at least 5, "
                         "as a fifth is held out for the test")
    for x, y in examples.parts:
        found = np.unique(y)
        if len(found) == 1:
            what = "class" if classes else "number"
            raise ValueError(f"{who}: one {what} only in {where}, {as_words(found)[0]} "
                             f"everywhere; needed two or more{other}")
        if alone and classes and len(found) == len(y):
            raise ValueError(f"{who}: as many classes as examples in {where}, {len(y)}, as "
                             f"in a column that numbers them{other}")
        if alone and task is None and not classes and counts_rows(found, len(y)):
            raise ValueError(f"{who}: {where} numbers the rows, {found[0]:g} to "
                             f"{found[-1]:g}{other}, or task='regression' (--task "
                             "regression) learns it nevertheless")
        same = [k for k, column in enumerate(x.values if isinstance(x, Columns) else x.T)
                if is_words(column) == is_words(y) and (column == y).all()]
        if same:
            name = (repr(x.names[same[0]]) if isinstance(x, Columns) and x.named else
                    same[0] + 1)
            raise ValueError(f"{who}: feature {name} is the label itself; leave it out"
                             f"{other}")


def counts_rows(found: NDArray, n: int) -> bool:
    """Whether n sorted different numbers are each 1 more than the one before."""
    return len(found) == n and bool((np.diff(found.astype(np.float64)) == 1).all())
