"""Tables of examples: to train on and to test with, from wherever they come."""
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import minigrad as mg

Data = str | os.PathLike[str] | tuple[NDArray, ...]


@dataclass(frozen=True)
class Tables:
    """Features of shape (n, features), labels of shape (n,); where they are from.

    .test says in words what the test set is, .where what the labels are called.
    """
    x_train: NDArray
    y_train: NDArray
    x_test: NDArray
    y_test: NDArray
    source: str
    test: str
    where: str = "the labels"

    @property
    def features(self) -> int:
        """How many numbers an example has."""
        return self.x_train.shape[1]

    @property
    def classes(self) -> int:
        """How many classes there are: the largest label, and one more for 0."""
        return 1 + int(max(self.y_train.max(), self.y_test.max()))

    def fixed(self, dtype: np.dtype) -> "Tables":
        """A copy with features of this dtype, which nobody can write to meanwhile."""
        def fix(part: NDArray) -> NDArray:
            part = part.astype(dtype if part.ndim == 2 else np.int64)
            part.flags.writeable = False
            return part
        return Tables(fix(self.x_train), fix(self.y_train), fix(self.x_test),
                      fix(self.y_test), self.source, self.test, self.where)


def tables(data: Data, split: str, rng: np.random.Generator,
           label: str | int | None = None) -> Tables:
    """The tables of "digits", of a .csv or .npz file, or of arrays.

    Where there is no test set, a fifth drawn by `rng` is held out. Raises ValueError for
    arrays that are no examples, for a task that cannot be failed, and what
    minigrad.data.load raises for a file.
    """
    if label is not None and not str(data).endswith((".csv", ".csv.gz")):
        raise ValueError(f"train: label is {label!r}, but only of a .csv file it is said "
                         "which column is the label; leave it out")
    if isinstance(data, str) and data == "digits":
        return Tables(*mg.data.digits(split), "digits", f"{split} split")
    where = "the labels"
    if isinstance(data, (str, os.PathLike)):
        source, parts = os.fspath(data), list(mg.data.load(Path(data), label=label))
        if len(parts) == 2 and source.endswith((".csv", ".csv.gz")):
            where = f"column {parts[0].shape[1] + 1 if label is None else label}"
    else:
        source, parts = "arrays", [np.asarray(part) for part in data]
        check_arrays(parts)
    check_task(parts, f"train: {source}", where)
    if len(parts) == 4:
        x, y, x_test, y_test = parts
        return Tables(x, y, x_test, y_test, source, "as given", where)
    x, y = parts
    n = len(x)
    held, kept = np.split(rng.permutation(n), [n//5])
    for part, rows in (("test", held), ("training", kept)):
        if len(absent := np.setdiff1d(y, y[rows])):
            count = np.sum(y == absent[0])
            raise ValueError(
                f"train: {source}: the {part} part, {len(rows)} of {n} examples drawn by "
                f"the seed, has none of class {absent[0]}, of which there are {count}; "
                f"{'choose another seed, ' if count > 1 else ''}add examples of it or "
                "leave it out, or bring a test set: np.savez('data.npz', x_train=..., "
                "y_train=..., x_test=..., y_test=...)")
    return Tables(x[kept], y[kept], x[held], y[held], source,
                  f"{n//5} of {n}, held out by seed", where)


def check_task(parts: list[NDArray], who: str, where: str) -> None:
    """Raise ValueError for labels that can be told without learning, or not at all."""
    other = ("; --label NAME or NUMBER says which column is the label"
             if where.startswith("column") else "")
    n = sum(map(len, parts[1::2]))
    if len(parts) == 2 and n < 5:
        raise ValueError(f"{who}: {n} examples; needed at least 5, as a fifth is held out "
                         "for the test")
    for x, y in zip(parts[::2], parts[1::2], strict=True):
        classes = np.unique(y)
        if len(classes) == 1:
            raise ValueError(f"{who}: one class only in {where}, {classes[0]} everywhere; "
                             f"needed two or more{other}")
        if classes[-1] >= n:
            raise ValueError(f"{who}: a label in {where} is {classes[-1]}, of {n} examples"
                             f"; classes are numbered 0, 1, ...: {numbered(y)}{other}")
        if len(parts) == 2 and len(classes) == len(y):
            raise ValueError(f"{who}: as many classes as examples in {where}, {len(y)}, as "
                             f"in a column that numbers them{other}")
        if len(same := np.flatnonzero((x == y[:, None]).all(axis=0))):
            raise ValueError(f"{who}: feature {same[0] + 1} is the label itself; leave it "
                             f"out{other}")


def numbered(labels: NDArray) -> str:
    """How to make classes of labels that are none, as code; or what else to do."""
    if labels.dtype.kind == "f" and (labels != np.floor(labels)).any():
        return "a measured number is no class, learn it with mg.nn.mse_loss"
    if labels.dtype.kind == "b" or labels.dtype.kind == "f" and labels.min() >= 0:
        return "y = y.astype(np.int64)"
    return "y = np.unique(y, return_inverse=True)[1]"


def check_arrays(parts: list[Any]) -> None:
    """Raise ValueError for arrays that are not (x, y) or (x_train, y_train, x_test, ...).
    """
    if len(parts) not in (2, 4):
        raise ValueError(f"train: {len(parts)} arrays; needed (x, y) or (x_train, y_train,"
                         " x_test, y_test)")
    for x, y in zip(parts[::2], parts[1::2], strict=True):
        if x.ndim != 2 or y.shape != x.shape[:1] or 0 in x.shape:
            raise ValueError(f"train: x has shape {x.shape} and y {y.shape}; needed"
                             " (n, features) and (n,), n > 0")
        if y.dtype.kind not in "iu" or y.min() < 0:
            low = f" from {y.min()}" if y.dtype.kind in "iuf" else ""
            raise ValueError(f"train: labels are {y.dtype}{low}; needed integers from 0 on"
                             f": {numbered(y)}")
        if x.dtype.kind not in "biuf" or not np.isfinite(x).all():
            lost = "" if x.dtype.kind not in "f" else (
                f", and x{np.argwhere(~np.isfinite(x))[0].tolist()} is not finite")
            raise ValueError(f"train: features are {x.dtype}{lost}; needed finite real "
                             "numbers")
    if parts[0].shape[1] != parts[-2].shape[1]:
        raise ValueError(f"train: x_train has {parts[0].shape[1]} features and x_test"
                         f" {parts[-2].shape[1]}; needed the same number")
