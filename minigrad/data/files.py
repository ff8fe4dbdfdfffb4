"""Examples from files: the digits that come with minigrad, and your own.

Features come as a float array of shape (n, features), labels as int64 of shape (n,).
"""
import os
from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import DTypeLike, NDArray

from minigrad.data.columns import Columns, absent, is_words, number
from minigrad.inputs import float_dtype

Array = NDArray
Where = Callable[[int], str]                        # how to name a row in an error
LARGEST_LABEL = 2**31 - 1


def digits(split: str = "random",
           dtype: DTypeLike = np.float32) -> tuple[Array, Array, Array, Array]:
    """Handwritten digits of 8 x 8 pixels: x_train, y_train, x_test, y_test.

    1437 examples to train on and 360 to test with; 64 pixels in [0, 1]; labels 0..9.
    `split="random"` tests on 360 rows drawn once and for all, so the same writers stand
    on both sides. `split="file"` tests on the last 360 rows, whose writers are mostly
    unseen: it is harder.

    Source: Optical Recognition of Handwritten Digits, test part, E. Alpaydin and
    C. Kaynak 1998, UCI, doi 10.24432/C50P49, CC BY 4.0 (see digits.LICENSE.txt).

    >>> x_train, y_train, x_test, y_test = digits()
    >>> x_train.shape, y_test.shape
    ((1437, 64), (360,))
    """
    if split not in ("random", "file"):
        raise ValueError(f"digits: split is {split!r}; needed 'random' or 'file'")
    x, y = _read_digits()
    x = x.astype(float_dtype("digits", dtype))/16
    if split == "random":
        test, train = np.split(np.random.default_rng(0).permutation(len(x)), [360])
    else:
        train, test = np.split(np.arange(len(x)), [len(x) - 360])
    return x[train], y[train], x[test], y[test]


@cache
def _read_digits() -> tuple[Array, ...]:
    """The file, read once; who asks gets copies."""
    return load(os.path.join(os.path.dirname(__file__), "digits.csv.gz"))


def load(path: str | os.PathLike[str], dtype: DTypeLike = np.float32,
         label: str | int | None = None) -> tuple[Array, ...]:
    """The examples in a file: (x, y), or (x_train, y_train, x_test, y_test).

    `.csv`, `.tsv` and such with `.gz`: numbers, as read_csv reads them. The label is the
    column of this name or number (from 1 on), or the last one.
    `.npz`: entries x and y, or x_train, y_train, x_test and y_test; never unpickled. Labels
    are integers from 0 on; a .csv file's may all be words, numbered in alphabetical order.
    A file that is not so is refused by a ValueError that says where.
    """
    path, dtype = os.fspath(path), float_dtype("load", dtype)
    if not os.path.exists(path):
        raise FileNotFoundError(f"{path}: no such file; needed a .csv or .npz file")
    if not os.path.isfile(path):
        raise ValueError(f"{path}: not a file; needed a .csv or .npz file")
    if path.endswith((".csv", ".csv.gz", ".tsv", ".tsv.gz")):
        return _load_csv(path, dtype, label)
    if path.endswith(".npz"):
        return _load_npz(path, dtype)
    raise ValueError(f"{path}: unknown kind of file; needed .csv, .csv.gz or .npz")


def _load_csv(path: str, dtype: DTypeLike, label: str | int | None) -> tuple[Array, Array]:
    from minigrad.data.csv_files import read_csv        # only readers of files need it
    table = read_csv(path)
    if not len(table):
        raise ValueError(f"{path}: no rows; needed at least one row of numbers")
    last = len(table.names)
    if last < 2:
        raise ValueError(f"{path}: one column; needed features, then the label,"
                         " separated by commas, semicolons, tabs or bars")
    at = last - 1 if label is None else table.find(label, "label")
    for k, column in enumerate(table.values):
        if k != at or not is_words(column):
            _check_numbers(table, k)
    y = table.values[at]
    if is_words(y):
        if (odd := table.odd(at)) is not None:
            raise ValueError(f"{table.place(odd, at)}: {y[odd][:80]!r} "
                             f"{table.unlike(odd, at)}; labels are all words, or none")
        _refuse_missing(table, at)
        y = np.unique(y.astype(str), return_inverse=True)[1].astype(np.float64)
    columns = np.delete(np.arange(last), at)
    x = np.stack([table.values[k] for k in columns], axis=1)
    return (_features(x, dtype, table.place, columns),
            _labels(y, table.place, f", in column {at + 1}"))


def _check_numbers(table: Columns, at: int) -> None:
    """ValueError for the first cell of a column that is no number."""
    column = table.values[at]
    _refuse_missing(table, at)
    if is_words(column):
        row = next(k for k, word in enumerate(column)
                   if number(word, table.decimal) is None)
        raise ValueError(f"{table.place(row, at)}: {column[row][:80]!r} is not a number; "
                         "needed numbers (words may stand in a header without any number, "
                         "and in all of the label)")


def _refuse_missing(table: Columns, at: int) -> None:
    """ValueError for the first cell of a column that has no value."""
    for row in np.flatnonzero(absent(table.values[at])):
        raise ValueError(f"{table.place(int(row), at)}: this cell is empty, or NA; fill "
                         "it, or leave its line out")


def _load_npz(path: str, dtype: DTypeLike) -> tuple[Array, ...]:
    found: list[Array] = []
    arrays = arrays_in(path)
    parts = ["x", "y"] if len(arrays) == 2 else ["x_train", "y_train", "x_test", "y_test"]
    for name, array in zip(parts, arrays):
        found.append(_features(array, dtype, _places(path, name)) if array.ndim == 2 else
                     _labels(array, _places(path, name)))
    return tuple(found)


def arrays_in(path: str) -> list[Array]:
    """The entries x and y of an .npz file, or x_train, y_train, x_test and y_test: arrays
    of numbers (n, features) and (n,); labels may be words."""
    import zipfile
    if not zipfile.is_zipfile(path):
        raise ValueError(f"{path}: not an .npz file; write one with np.savez(path, x=x,"
                         " y=y)")
    with np.load(path, allow_pickle=False) as file:
        names = next((names for names in (["x", "y"],
                                          ["x_train", "y_train", "x_test", "y_test"])
                      if set(names) <= set(file.files)), None)
        if names is None:
            raise ValueError(f"{path}: has the entries {', '.join(file.files) or 'none'};"
                             " needed x and y, or x_train, y_train, x_test and y_test")
        arrays = [_entry(file, name, path) for name in names]
    for x_name, y_name, x, y in zip(names[::2], names[1::2], arrays[::2], arrays[1::2]):
        if x.ndim != 2 or y.ndim != 1 or len(x) != len(y) or 0 in x.shape:
            raise ValueError(f"{path}: {x_name} has shape {x.shape} and {y_name}"
                             f" {y.shape}; needed (n, features) and (n,), n > 0"
                             " (flatten images by x.reshape(len(x), -1))")
    if arrays[0].shape[1] != arrays[-2].shape[1]:
        raise ValueError(f"{path}: x_train has {arrays[0].shape[1]} features and x_test"
                         f" {arrays[2].shape[1]}; needed the same number")
    return arrays


def _places(path: str, name: str) -> Where:
    return lambda row: f"{path}, {name}[{row}]"


def _entry(file: np.lib.npyio.NpzFile, name: str, path: str) -> Array:
    import zipfile
    import zlib
    try:
        array = file[name]
    except (ValueError, OSError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"{path}: entry {name} cannot be read ({error}); needed a plain"
                         " array of numbers") from error
    if not isinstance(array, np.ndarray) or array.dtype.kind not in (
            "biufU" if name[0] == "y" else "biuf"):
        kind = getattr(array, "dtype", type(array).__name__)
        raise ValueError(f"{path}: entry {name} is of type {kind}; needed real numbers")
    return array


def _features(table: Array, dtype: DTypeLike, where: Where,
              columns: Array | None = None) -> Array:
    with np.errstate(over="ignore"):                                # found just below
        x = table.astype(dtype)
    if not np.isfinite(x).all():
        row, column = np.argwhere(~np.isfinite(x))[0]
        number = column if columns is None else columns[column]
        raise ValueError(f"{where(row)}, column {number + 1}: {table[row, column]};"
                         f" needed a finite number that fits {x.dtype}")
    return x


def _labels(column: Array, where: Where, place: str = "") -> Array:
    if column.dtype.kind == "U":
        raise ValueError(f"{where(0)}: label {column[0]!r}; needed integers from 0 on: "
                         "np.unique(y, return_inverse=True)[1]")
    wrong = ~((column >= 0) & (column <= LARGEST_LABEL) & (column == np.floor(column)))
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ValueError(f"{where(row)}: label {column[row]}; needed an integer from 0 on"
                         f"{place} (classes are numbered 0, 1, ...; a measured number is no"
                         " class: learn it with nn.mse_loss)")
    return column.astype(np.int64)
