"""Examples from files: the digits that come with minigrad, and your own.

Features come as a float array of shape (n, features), labels as int64 of shape (n,).
"""
import os
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

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
    x, y = load(os.path.join(os.path.dirname(__file__), "digits.csv.gz"), dtype)
    x = x/16
    if split == "random":
        test, train = np.split(np.random.default_rng(0).permutation(len(x)), [360])
    else:
        train, test = np.split(np.arange(len(x)), [len(x) - 360])
    return x[train], y[train], x[test], y[test]


def load(path: str | os.PathLike[str], dtype: DTypeLike = np.float32,
         label: str | int | None = None) -> tuple[Array, ...]:
    """The examples in a file: (x, y), or (x_train, y_train, x_test, y_test).

    `.csv` and `.csv.gz`: numbers between commas; a first row without any number is a
    header. The label is the column of this name or number (from 1 on), or the last one.
    `.npz`: entries x and y, or x_train, y_train, x_test and y_test; never unpickled. Labels
    are integers from 0 on; a .csv file's may all be words, numbered in alphabetical order.
    A file that is not so is refused by a ValueError that says where.
    """
    path, dtype = os.fspath(path), float_dtype("load", dtype)
    if not os.path.exists(path):
        raise FileNotFoundError(f"{path}: no such file; needed a .csv or .npz file")
    if not os.path.isfile(path):
        raise ValueError(f"{path}: not a file; needed a .csv or .npz file")
    if path.endswith((".csv", ".csv.gz")):
        return _load_csv(path, dtype, label)
    if path.endswith(".npz"):
        return _load_npz(path, dtype)
    raise ValueError(f"{path}: unknown kind of file; needed .csv, .csv.gz or .npz")


def _load_csv(path: str, dtype: DTypeLike, label: str | int | None) -> tuple[Array, Array]:
    import csv                          # only readers of files need these
    import gzip
    import zlib
    rows: list[list[Any]] = []
    lines: list[int] = []
    words: list[str] = []
    header: list[str] = []
    start = gzip.open if path.endswith(".gz") else open
    try:
        with start(path, "rt", encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            for first, cells in enumerate(cells for cells in reader if cells):
                numbers = [_number(cell) for cell in cells]
                if first == 0 and not any(x is not None for x in numbers):
                    header = [cell.strip() for cell in cells]
                    continue
                lines.append(reader.line_num)
                if not rows:
                    last = len(cells)
                    at = last if label is None else _column(path, label, header, last)
                for i, cell in enumerate(cells):
                    if numbers[i] is None and not (i == at - 1 and _is_word(cell)):
                        raise ValueError(f"{path}, line {lines[-1]}, column {i + 1}: "
                                         f"{_no_number(cell)}")
                rows.append(numbers)
                words.append(cells[min(at, len(cells)) - 1].strip())
                if len(cells) != len(rows[0]):
                    raise ValueError(f"{path}, line {lines[-1]}: {len(cells)} columns;"
                                     f" needed {len(rows[0])} as in line {lines[0]}")
    except (UnicodeDecodeError, csv.Error, OSError, EOFError, zlib.error) as error:
        raise ValueError(f"{path}: cannot be read ({error}); needed numbers between"
                         " commas in UTF-8 text") from error
    if not rows:
        raise ValueError(f"{path}: no rows; needed at least one row of numbers")
    if len(rows[0]) < 2:
        raise ValueError(f"{path}: one column; needed features, then the label,"
                         " separated by commas")
    table = np.array(rows, np.float64)                          # a word is NaN
    no_numbers = [row[at - 1] is None for row in rows]
    if all(no_numbers):
        table[:, at - 1] = np.unique(words, return_inverse=True)[1]
    elif any(no_numbers):
        first = no_numbers.index(True)
        raise ValueError(f"{path}, line {lines[first]}, column {at}: "
                         f"{_no_number(words[first])}; labels are all words, or none")

    def where(row: int) -> str:
        return f"{path}, line {lines[row]}"

    columns = np.delete(np.arange(last), at - 1)
    return (_features(table[:, columns], dtype, where, columns),
            _labels(table[:, at - 1], where, f", in column {at}"))


def _column(path: str, label: str | int, header: list[str], last: int) -> int:
    """The number of the column that is the label, from 1 on."""
    if header.count(str(label)) == 1:
        return 1 + header.index(str(label))
    if str(label).isdecimal() and 1 <= int(label) <= last:
        return int(label)
    names = f", or a name, {', '.join(header)}" if header else "; the file has no header"
    raise ValueError(f"{path}: label is {str(label)[:80]!r}; needed a column's number, 1 "
                     f"to {last}{names}")


def _is_word(cell: str) -> bool:
    """Whether a cell names a class; one with other separators is a row of a kind."""
    return bool(cell.strip()) and not set(";\t") & set(cell)


def _no_number(cell: str) -> str:
    """What to say of a cell that should be a number."""
    hint = " (words may stand in a header without any number, and in all of the label)"
    for separator, name in ((";", "semicolons"), ("\t", "tabs")):
        if separator in cell:
            hint = f", not {name}: tr {separator!r} ',' < FILE > NEW.csv makes them"
    if not cell.strip():
        hint = "; this cell is empty: fill it, or leave its line out"
    return f"{cell[:80]!r} is not a number; needed numbers between commas{hint}"


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None


def _load_npz(path: str, dtype: DTypeLike) -> tuple[Array, ...]:
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
    found: list[Array] = []
    for x_name, y_name, x, y in zip(names[::2], names[1::2], arrays[::2], arrays[1::2]):
        if x.ndim != 2 or y.ndim != 1 or len(x) != len(y) or 0 in x.shape:
            raise ValueError(f"{path}: {x_name} has shape {x.shape} and {y_name}"
                             f" {y.shape}; needed (n, features) and (n,), n > 0"
                             " (flatten images by x.reshape(len(x), -1))")
        found.append(_features(x, dtype, _places(path, x_name)))
        found.append(_labels(y, _places(path, y_name)))
    if len(found) == 4 and found[0].shape[1] != found[2].shape[1]:
        raise ValueError(f"{path}: x_train has {found[0].shape[1]} features and x_test"
                         f" {found[2].shape[1]}; needed the same number")
    return tuple(found)


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
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "biuf":
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
    wrong = ~((column >= 0) & (column <= LARGEST_LABEL) & (column == np.floor(column)))
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ValueError(f"{where(row)}: label {column[row]}; needed an integer from 0 on"
                         f"{place} (classes are numbered 0, 1, ...; a measured number is no"
                         " class: learn it with nn.mse_loss)")
    return column.astype(np.int64)
