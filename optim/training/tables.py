"""Tables of examples: to train on and to test with, from wherever they come."""
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import minigrad as mg

Data = str | os.PathLike[str] | tuple[NDArray, ...]


@dataclass(frozen=True)
class Tables:
    """Features of shape (n, features), labels of shape (n,); where they are from.

    .test says in words what the test set is.
    """
    x_train: NDArray
    y_train: NDArray
    x_test: NDArray
    y_test: NDArray
    source: str
    test: str

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
                      fix(self.y_test), self.source, self.test)


def tables(data: Data, split: str, rng: np.random.Generator) -> Tables:
    """The tables of "digits", of a .csv or .npz file, or of arrays.

    Where there is no test set, a fifth drawn by `rng` is held out. Raises ValueError for
    arrays that are no examples, and what minigrad.data.load raises for a file.
    """
    if isinstance(data, str) and data == "digits":
        return Tables(*mg.data.digits(split), "digits", f"{split} split")
    if isinstance(data, (str, os.PathLike)):
        source, parts = os.fspath(data), list(mg.data.load(Path(data)))
    else:
        source, parts = "arrays", [np.asarray(part) for part in data]
        check_arrays(parts)
    if len(parts) == 4:
        x, y, x_test, y_test = parts
        return Tables(x, y, x_test, y_test, source, "as given")
    x, y = parts
    n = len(x)
    if n < 5:
        raise ValueError(f"train: {source}: {n} examples; needed at least 5, as a fifth is"
                         " held out for the test")
    held, kept = np.split(rng.permutation(n), [n//5])
    return Tables(x[kept], y[kept], x[held], y[held], source,
                  f"{n//5} of {n}, held out by seed")


def check_arrays(parts: list[NDArray]) -> None:
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
            raise ValueError(f"train: labels are {y.dtype} from {y.min()}; needed integers"
                             " from 0 on: labels.astype(np.int64)")
        if x.dtype.kind not in "biuf" or not np.isfinite(x).all():
            raise ValueError(f"train: features are {x.dtype}; needed finite real numbers")
    if parts[0].shape[1] != parts[-2].shape[1]:
        raise ValueError(f"train: x_train has {parts[0].shape[1]} features and x_test"
                         f" {parts[-2].shape[1]}; needed the same number")
