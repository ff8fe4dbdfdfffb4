"""RawExamples as they come: columns or arrays that go in, and labels; not yet prepared."""
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

import minigrad as mg
from minigrad.data.columns import (
    Columns, absent, as_words, column_of, columns_of, is_table, is_words, listed)
from minigrad.data.csv_files import read_csv
from minigrad.data.files import arrays_in
from minigrad.spellings import did_you_mean
from optim.training.preparing import check_finite, check_pure, complete

CSV = ".csv", ".csv.gz", ".tsv", ".tsv.gz"


@dataclass(frozen=True)
class RawExamples:
    """Pairs of what goes in and its labels: one, or one to train on and one to test with.

    numbered: the labels are integers of an array from 0 on, fewer than there are rows.
    places: where the columns stand in the file. about: what a Preparation is told of them.
    """
    parts: list[tuple[Columns | NDArray, NDArray]]
    source: str
    where: str = "the labels"
    test: str = "as given"
    of_columns: bool = False
    numbered: bool = False
    places: Sequence[int] = ()
    notes: tuple[str, ...] = ()
    about: dict[str, Any] = field(default_factory=dict)


def examples_of(data: Any, split: str, label: str | int | None,
                drop: str | Iterable[str], categories: str | Iterable[str],
                drop_missing: bool) -> RawExamples:
    """The examples of "digits", of a file, of columns, of a table of pandas or of arrays.
    """
    drop, categories = ([names] if isinstance(names, (str, int)) else list(names)
                        for names in (drop, categories))
    if not (isinstance(data, Columns) or is_table(data)
            or isinstance(data, (str, os.PathLike)) and is_csv(data)):
        for name, value in (("label", label), ("drop", drop), ("categories", categories)):
            if value not in (None, []):
                raise ValueError(f"train: {name} is {value!r}, but only of a .csv file or "
                                 "a table it is said which column is the label, a category"
                                 " or to drop; leave it out")
        return of_arrays(data, split, drop_missing)
    if is_table(data):
        data = columns_of(data)
    elif not isinstance(data, Columns):
        data = read_csv(existing(data), categories=categories)
    return of_columns(data, label, drop, categories, drop_missing)


def is_csv(path: str | os.PathLike[str]) -> bool:
    """Whether the name is that of a .csv file."""
    return os.fspath(path).lower().endswith(CSV)


def existing(path: str | os.PathLike[str]) -> str:
    """The path, or the error for a file that there is not."""
    if not os.path.exists(path):
        hint = did_you_mean(os.fspath(path), ["digits"], near=0.8)
        raise FileNotFoundError(f"{os.fspath(path)}: no such file; needed a .csv or .npz "
                                + f"file;{hint}".rstrip(";"))
    if not os.path.isfile(path):
        raise ValueError(f"{os.fspath(path)}: not a file; needed a .csv or .npz file")
    return os.fspath(path)


def of_columns(table: Columns, label: str | int | None, drop: list[str],
               categories: list[str], drop_missing: bool) -> RawExamples:
    """The examples in columns, of which one is the label: the last one, if not said."""
    if not len(table):
        raise ValueError(f"{table.source}: no rows; needed at least one row of numbers or "
                         "words")
    dropped = {table.find(name, "drop") for name in drop}
    chosen = {table.find(name, "categories") for name in categories}
    left = [k for k in range(len(table.names)) if k not in dropped]
    if len(left) < 2:
        raise ValueError(f"{table.source}: one column; needed features and a label, between"
                         " commas, semicolons, tabs or bars")
    at = left[-1] if label is None else table.find(label, "label")
    if at in dropped:
        raise ValueError(f"{table.source}: {table.names[at]} is the label and among the "
                         "columns to drop; needed one of both")
    notes = [f"read: {len(table)} rows, {len(table.names)} columns"
             f"{', ' if table.form else ''}{table.form}"]
    if dropped:
        notes.append(f"dropped: {listed(table.names[k] for k in sorted(dropped))}")
    wide = len(table.names)
    for k in left:
        check_pure(table, k, k in chosen)
    lacking = len(table)
    used = table.keep(left)
    used, _ = complete(used, drop_missing)
    if lacking > len(used):
        notes.append(f"missing: {lacking - len(used)} of {lacking} rows lacked a value and "
                     "were left out")
    if not len(used):
        raise ValueError(f"{table.source}: every row lacks a value; needed some without")
    inputs = [k for k in left if k != at]
    places = {k: i for i, k in enumerate(left)}
    x = used.keep(places[k] for k in inputs)
    x = Columns(x.names, tuple(as_words(column) if k in chosen else column for k, column in
                               zip(inputs, x.values)), *_rest(x))
    y = used.values[places[at]]
    y = as_words(y) if at in chosen else y
    check_finite(x)
    if not is_words(y) and not np.isfinite(y).all():
        row = int(np.argmin(np.isfinite(y)))
        raise ValueError(f"{used.place(row, places[at])}: label {y[row]}; needed a finite "
                         "number")
    return RawExamples([(x, y)], table.source, f"column {table.names[at]}", of_columns=True,
                    places=inputs, notes=tuple(notes),
                    about={"named": table.named, "label": table.names[at],
                           "label_place": at, "width": wide})


def _rest(x: Columns) -> tuple[Any, ...]:
    return x.source, x.named, x.lines, x.form, x.decimal


def of_arrays(data: Any, split: str, drop_missing: bool) -> RawExamples:
    """The examples in arrays: of "digits", of an .npz file, or as they came."""
    if isinstance(data, str) and data == "digits":
        x, y, x_test, y_test = mg.data.digits(split)
        return RawExamples([(x, y), (x_test, y_test)], "digits", test=f"{split} split",
                        numbered=True, places=range(x.shape[1]))
    if isinstance(data, (str, os.PathLike)):
        source, parts = os.fspath(data), list(arrays_in(existing(data)))
    else:
        source, parts = "arrays", list(data)
        if len(parts) not in (2, 4):
            raise ValueError(f"train: {len(parts)} arrays; needed (x, y) or (x_train, "
                             "y_train, x_test, y_test)")
    pairs = [pair(x, y, source, drop_missing)
             for x, y in zip(parts[::2], parts[1::2], strict=True)]
    wide = [len(x.names) if isinstance(x, Columns) else x.shape[1] for x, _ in pairs]
    if wide[0] != wide[-1]:
        raise ValueError(f"train: x_train has {wide[0]} features and x_test {wide[-1]}; "
                         "needed the same number")
    labels = np.concatenate([y for _, y in pairs])
    first = pairs[0][0]
    named = isinstance(first, Columns) and first.named
    numbered = (labels.dtype.kind in "iu" and 0 <= labels.min()
                and bool(labels.max() < len(labels)))
    return RawExamples(pairs, source, of_columns=isinstance(first, Columns),
                       numbered=numbered, places=range(wide[0]),
                       about={"named": named, "width": wide[0]})


def pair(x: Any, y: Any, source: str, drop_missing: bool
         ) -> tuple[Columns | NDArray, NDArray]:
    """Features and labels of one part, checked; ValueError for what are none."""
    features: Any = x if is_table(x) else np.asarray(x)
    if is_table(x) or features.dtype.kind in "OUS" and features.ndim == 2:
        features = columns_of(x, source)
    labels = np.asarray(y.to_numpy() if hasattr(y, "to_numpy") else y)
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    n = len(features) if isinstance(features, Columns) else features.shape[:1]
    shape = (n, len(features.names)) if isinstance(features, Columns) else features.shape
    if len(shape) != 2 or labels.shape != (shape[0],) or 0 in shape:
        raise ValueError(f"train: x has shape {shape} and y {labels.shape}; needed"
                         " (n, features) and (n,), n > 0")
    if labels.dtype.kind not in "biuf":
        labels = column_of(labels, "train: labels")
    kept = np.ones(len(labels), bool)
    if labels.dtype.kind == "f" and np.isinf(labels).any():
        row = int(np.argmax(np.isinf(labels)))
        raise ValueError(f"train: y[{row}] is {labels[row]}; needed finite labels")
    if is_words(labels):
        kept = ~absent(labels)
    elif labels.dtype.kind == "f":
        kept = ~np.isnan(labels)
    if isinstance(features, Columns):
        for k in range(len(features.names)):
            check_pure(features, k, False)
        _, rows = complete(features, drop_missing)
        check_finite(features.take(rows))
        kept &= rows
    elif features.dtype.kind not in "biuf" or not np.isfinite(features).all():
        if not (features.dtype.kind == "f" and drop_missing) or np.isinf(features).any():
            lost = "" if features.dtype.kind not in "f" else (
                f", and x{np.argwhere(~np.isfinite(features))[0].tolist()} is not finite")
            raise ValueError(f"train: features are {features.dtype}{lost}; needed finite "
                             "real numbers; drop_missing=True leaves rows with NaN out")
        kept &= np.isfinite(features).all(axis=1)
    if not kept.all():
        if not drop_missing:
            raise ValueError(f"train: y[{int(np.argmin(kept))}] is missing; needed a label "
                             "in each row; drop_missing=True leaves others out")
        features = (features.take(kept) if isinstance(features, Columns) else
                    features[kept])
        labels = labels[kept]
    return features, labels
