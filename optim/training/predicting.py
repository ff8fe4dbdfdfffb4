"""What a trained network says of new rows: classes by name, probabilities, or numbers."""
import os
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minigrad import nn
from minigrad.data.columns import (
    Columns, absent, as_words, columns_of, is_table, is_words, listed, text, words)
from minigrad.data.csv_files import read_csv
from optim.training.examples import existing, is_csv
from optim.training.measures import measuring
from optim.training.preparing import Preparation, check_finite, complete
from optim.training.tasks import Task


@dataclass(frozen=True)
class Predictions:
    """What is predicted of each row, `values`, and the `probabilities` of each class, None
    of a regression. kept: which rows had all that is needed; the others have no prediction.

    measured: {metric: value} where the rows brought their labels. notes: what was found.
    """
    values: NDArray
    probabilities: NDArray | None
    kept: NDArray
    measured: dict[str, float]
    notes: tuple[str, ...]


class Predicting:
    """What predicts: has a model, a task and a preparation."""
    model: nn.Module
    task: Task
    preparation: Preparation

    def predict(self, x: Any) -> NDArray:
        """The class of each row, by its name, or its number in the label's unit.

        x: the path of a .csv file, mg.data.read_csv(path, ...), a table of pandas, or an
        array (n, columns that went in), not standardised. Columns with names are found by
        them, in any order. Raises ValueError for rows that lack a value.
        """
        return self.predictions(x).values

    def predict_proba(self, x: Any) -> NDArray:
        """The probability of each class, (n, classes), in the order of task.classes."""
        found = self.predictions(x).probabilities
        return self.task.probabilities(np.zeros((0, 1))) if found is None else found

    def predictions(self, x: Any, drop_missing: bool = False) -> Predictions:
        """Predictions, how good they are where the labels are in x, and notes.

        drop_missing: rows that lack a value are left out instead of refused.
        """
        columns, labels, notes = inputs_of(x, self.preparation)
        kept = np.ones(len(columns), bool)
        if isinstance(columns, Columns):
            columns, kept = complete(columns, drop_missing)
            check_finite(columns)
            notes += self.preparation.unknown(columns)
            if not kept.all():
                notes.append(f"{int((~kept).sum())} of {len(kept)} rows lack a value and "
                             "have no prediction")
        notes += self.preparation.beyond(columns)
        features = self.preparation.prepared(columns)
        outputs = self.outputs(features)
        measured: dict[str, float] = {}
        if labels is not None:
            measured, more = self.measure(outputs, labels[kept])
            notes += more
        return Predictions(
            self.task.predictions(outputs),
            self.task.probabilities(outputs) if self.task.classes else None, kept, measured,
            tuple(notes))

    def outputs(self, features: NDArray) -> NDArray:
        """What the network makes of features, as they went into it."""
        if not len(features):
            return np.zeros((0, self.task.outputs))
        dtype = self.model.parameters()[0].dtype
        with measuring(self.model):
            outputs = self.model(features.astype(dtype)).numpy()
        if not np.isfinite(outputs).all():
            row = int(np.argmin(np.isfinite(outputs).all(axis=1)))
            raise ValueError(f"predict: row {row + 1} is too large: what the network makes "
                             f"of it is not finite in {dtype}")
        return outputs

    def measure(self, outputs: NDArray, labels: NDArray
                ) -> tuple[dict[str, float], list[str]]:
        """{metric: value} of rows with labels, and what to say of those without."""
        if self.task.classes:               # True of a table is the "True" of a file
            classes = {text(each): each for each in self.task.classes}
            named = [text(label) for label in labels.tolist()]
            known = np.array([name in classes for name in named], bool)
            labels = words([classes.get(name) for name in named])
        else:
            known = ~absent(labels) if not is_words(labels) else np.zeros(len(labels), bool)
        notes = [] if known.all() else [
            f"{int((~known).sum())} of {len(known)} labels are missing, or no class that "
            "was learned; they are left out of what is measured"]
        if not known.any():
            return {}, notes
        outputs, targets = outputs[known], self.task.targets(labels[known])
        return {name: f(outputs, targets) for name, f in self.task.metrics.items()}, notes


def inputs_of(x: Any, preparation: Preparation
              ) -> tuple[Columns | NDArray, NDArray | None, list[str]]:
    """The columns that go in, in their order; the labels, if they are there; notes."""
    inputs = preparation.inputs
    if isinstance(x, (str, os.PathLike)):
        if not is_csv(x):
            raise ValueError(f"predict: {os.fspath(x)!r} came; needed a .csv file, or "
                             "arrays")
        names = [each.name for each in inputs] if preparation.named else []
        x = read_csv(existing(x), expected=names,
                     categories=[each.name for each in inputs if each.words])
    if not isinstance(x, Columns):
        array = x if is_table(x) else np.asarray(x)
        if not is_table(x) and array.ndim == 2 and array.dtype.kind in "biuf" and not any(
                each.words for each in inputs):
            return checked(array, len(inputs)), None, []
        x = columns_of(x, "predict")
    places, label, notes = matched(x, preparation)
    values = []
    for each, at in zip(inputs, places, strict=True):
        column = x.values[at]
        if each.words:
            column = as_words(column)
        elif is_words(column):
            row = x.odd(at)
            row = int(np.argmin(absent(column))) if row is None else row
            raise ValueError(f"{x.place(row, at)}: {column[row][:80]!r} is not a number, "
                             "as in training this column's cells were")
        values.append(column)
    columns = Columns(tuple(each.name for each in inputs), tuple(values), x.source,
                      x.named, x.lines)
    return columns, None if label is None else x.values[label], notes


def checked(array: NDArray, wide: int) -> NDArray:
    """The array, if it has the right columns and finite numbers; else ValueError."""
    if array.shape[1] != wide:
        raise ValueError(f"predict: x has shape {array.shape}; needed (n, {wide}), the "
                         "columns that went in")
    if not np.isfinite(array).all():
        row, k = np.argwhere(~np.isfinite(array))[0]
        raise ValueError(f"predict: x[{row}, {k}] is {array[row, k]}; needed a finite "
                         "number")
    return array


def matched(x: Columns, preparation: Preparation
            ) -> tuple[list[int], int | None, list[str]]:
    """Where the columns that go in stand, and the label, if it is there; notes."""
    inputs, label = preparation.inputs, preparation.label
    if preparation.named and x.named:
        lacking = [each.name for each in inputs if each.name not in x.names]
        if lacking:
            raise ValueError(f"{x.source}: has no column {listed(map(repr, lacking))}; "
                             f"it has {listed(x.names)}")
        places = [x.names.index(each.name) for each in inputs]
        at = x.names.index(label) if label in x.names else None
        extra = [name for k, name in enumerate(x.names) if k not in (*places, at)]
        return places, at, [f"not needed: {listed(extra)}"] if extra else []
    wide, original = len(x.names), preparation.width
    places = [each.place for each in inputs]
    at = preparation.label_place if preparation.label_place >= 0 else None
    if wide == original:
        return places, at, []
    if at is not None and wide == original - 1:
        return [place - (place > at) for place in places], None, []
    if wide == len(inputs):
        return [*range(wide)], None, []
    raise ValueError(f"{x.source}: has {wide} columns; needed the {len(inputs)} that went "
                     "in, in their order, and no names to find them by")
