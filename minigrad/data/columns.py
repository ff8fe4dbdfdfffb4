"""Tables by columns: a .csv file as people have it, or a table of pandas.

What separates the cells, decimal commas, the encoding and whether the first row is a header
are found out, stated in .form, and can be said instead. A column holds numbers or words.
"""
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minigrad.spellings import did_you_mean

MISSING = {"", "na", "n/a", "#n/a", "nan", "?", "null", "<na>", "nat"}
POINT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?(inf|infinity)",
                   re.ASCII | re.IGNORECASE)
COMMA = re.compile(r"[+-]?(\d+|\d{1,3}(\.\d{3})+)(,\d*)?([eE][+-]?\d+)?", re.ASCII)


@dataclass(frozen=True)
class Columns:
    """Columns of one length, by name: numbers as float64, NaN where one is missing, or
    words as objects, None where one is missing; booleans only from tables in Python.

    named: whether the names are the author's, or "column 1", "column 2", .... lines: where
    each row begins in its file. form: how the file is written, in words.
    """
    names: tuple[str, ...]
    values: tuple[NDArray, ...]
    source: str
    named: bool = True
    lines: NDArray | None = None
    form: str = ""
    decimal: str = "."

    def __len__(self) -> int:
        return len(self.values[0]) if self.values else 0

    def __repr__(self) -> str:
        kinds = (f"{name!r} ({'words' if is_words(column) else 'numbers'})"
                 for name, column in zip(self.names, self.values))
        return f"<{len(self)} rows of {self.source}: {', '.join(kinds)}>"

    def place(self, row: int, at: int | None = None) -> str:
        """How to name a row, and a column's cell in it, in an error."""
        where = (f"{self.source}, row {row + 1}" if self.lines is None else
                 f"{self.source}, line {self.lines[row]}")
        if at is None:
            return where
        name = f" ({self.names[at]!r})" if self.named else ""
        return f"{where}, column {at + 1}{name}"

    def find(self, column: str | int, what: str = "column") -> int:
        """The place, from 0 on, of the column of that name, or of that number from 1 on."""
        if self.names.count(str(column)) == 1:
            return self.names.index(str(column))
        number = str(column)
        if number.isascii() and number.isdecimal() and 1 <= int(number) <= len(self.names):
            return int(number) - 1
        names = (f", or a name, {listed(self.names)}" if self.named else
                 "; the file has no header")
        near = did_you_mean(number, self.names) if self.named else ""
        raise ValueError(f"{self.source}: {what} is {number[:80]!r};{near} needed a "
                         f"column's number, 1 to {len(self.names)}{names}")

    def odd(self, at: int) -> int | None:
        """The first row whose cell is unlike most of its column: a word among numbers, or
        a number among words, with a decimal comma or a point; None if all are alike."""
        column = self.values[at]
        if not is_words(column):
            return None
        found = set(column.tolist()) - {None}
        for decimal in self.decimal, "." if self.decimal == "," else ",":
            isnumber = {word: number(word, decimal) is not None for word in found}
            if True in isnumber.values():
                kinds = [isnumber.get(word) for word in column.tolist()]
                if False not in kinds:
                    return None
                return kinds.index(decimal != self.decimal
                                   or kinds.count(True) < kinds.count(False))
        return None

    def unlike(self, row: int, at: int) -> str:
        """What to say of the cell of an odd row."""
        word = self.values[at][row]
        if number(word, self.decimal) is not None:
            return "is a number, and others in this column are words"
        other = "." if self.decimal == "," else ","
        if number(word, other) is not None:
            return (f"is no number where decimals stand behind {self.decimal!r}; say "
                    f"decimal={other!r} (--decimal), if they stand behind that")
        return "is not a number, as others in this column are"

    def keep(self, places: Iterable[int]) -> "Columns":
        """The columns at these places, in this order."""
        places = list(places)
        return replace(self, names=tuple(self.names[i] for i in places),
                       values=tuple(self.values[i] for i in places))

    def take(self, rows: NDArray) -> "Columns":
        """These rows, by number or by a mask."""
        return replace(self, values=tuple(column[rows] for column in self.values),
                       lines=None if self.lines is None else self.lines[rows])

    def missing(self) -> NDArray:
        """Which cells are missing, as booleans of shape (rows, columns)."""
        return np.stack([absent(column) for column in self.values], axis=1)


def is_words(column: NDArray) -> bool:
    """Whether a column holds words."""
    return column.dtype.kind == "O"


def absent(column: NDArray) -> NDArray:
    """Which of its cells are missing."""
    if is_words(column):
        return np.array([word is None for word in column.tolist()], bool)
    return np.isnan(column)


def listed(names: Iterable[Any], most: int = 12) -> str:
    """Names between commas, of many the first."""
    names = [str(name)[:80] for name in names]
    more = f", ... ({len(names)} in all)" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def number(cell: str, decimal: str = ".") -> float | None:
    """The number in a cell, or None; 1.234,5 is one where decimals have a comma."""
    cell = cell.strip()
    if not (POINT if decimal == "." else COMMA).fullmatch(cell):
        return None
    return float(cell if decimal == "." else cell.replace(".", "").replace(",", "."))


# --- tables of pandas and the like: they have .columns and .to_numpy ----------------------
def is_table(x: Any) -> bool:
    """Whether x is a table of columns by name, as a DataFrame of pandas."""
    return hasattr(x, "columns") and hasattr(x, "to_numpy") and not isinstance(x, Columns)


def columns_of(x: Any, source: str = "the table") -> Columns:
    """The columns of a DataFrame, or of an array of two axes, whose columns get numbers."""
    if is_table(x):
        names = tuple(map(str, x.columns))
        check_names(names, source)
        return Columns(names, tuple(
            as_numbers(column_of(x[name], f"{source}: column {str(name)!r}"))
            for name in x.columns), source)
    array = np.asarray(x)
    if array.ndim != 2 or 0 in array.shape:
        raise ValueError(f"{source}: x has shape {array.shape}; needed (n, features), "
                         "n > 0")
    values = tuple(as_numbers(column_of(column, f"{source}: column {k + 1}"))
                   for k, column in enumerate(array.T))
    return Columns(numbered(len(values)), values, source, named=False)


def column_of(x: Any, who: str) -> NDArray:
    """Numbers or words of a Series, a list or an array, as a column of Columns."""
    array = x.to_numpy() if hasattr(x, "to_numpy") else np.asarray(x)
    if array.dtype.kind in "biuf":
        return array if array.dtype.kind == "b" else array.astype(np.float64)
    if array.dtype.kind not in "OUST" or array.ndim != 1:
        raise TypeError(f"{who} is {array.dtype} of shape {array.shape}; needed numbers or "
                        "words, one in each row")
    cells = [None if str(cell).strip().lower() in MISSING or cell is None else cell
             for cell in array.tolist()]
    try:
        if not any(isinstance(cell, (str, bytes)) for cell in cells):
            return np.array([np.nan if cell is None else float(cell) for cell in cells])
    except (TypeError, ValueError):
        raise TypeError(f"{who} holds {type(cells[0]).__name__}; needed numbers or words"
                        ) from None
    return words([None if cell is None else str(cell).strip() for cell in cells])


def as_numbers(column: NDArray) -> NDArray:
    """The column, its words as numbers if all are such, as in a file."""
    if not is_words(column):
        return column
    found = {word: np.nan if word is None else number(word)
             for word in set(column.tolist())}
    if None in found.values():
        return column
    return np.array([found[word] for word in column.tolist()], np.float64)


def as_words(column: NDArray) -> NDArray:
    """The column, its numbers as words: whole ones without a point."""
    if is_words(column):
        return column
    return words([None if x != x else text(x) for x in column.tolist()])


def text(x: Any) -> str:
    """A cell's value as it would stand in a file: whole numbers without a point."""
    plain = isinstance(x, (int, float)) and not isinstance(x, bool)
    return f"{x:.15g}" if plain else str(x)


def words(cells: list[str | None]) -> NDArray:
    """A column of words."""
    column = np.empty(len(cells), object)
    column[:] = cells
    return column


def numbered(n: int) -> tuple[str, ...]:
    """Names for columns that have none."""
    return tuple(f"column {k + 1}" for k in range(n))


def check_names(names: tuple[str, ...], source: str) -> None:
    """ValueError for a name that two columns have."""
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        places = [str(k + 1) for k, name in enumerate(names) if name == twice]
        raise ValueError(f"{source}: columns {' and '.join(places)} are both called "
                         f"{twice[:80]!r}; needed a name of its own for each")
