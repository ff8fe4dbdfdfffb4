"""Reading .csv files: what they look like is found out from their beginning."""
import re
from collections.abc import Iterable
from itertools import islice
from os import PathLike, fspath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minigrad.data.columns import (
    MISSING, Columns, as_words, check_names, number, numbered, words)
from minigrad.data.csv_guesses import (
    SEPARATORS, guessed_decimal, guessed_delimiter, is_header, rows)
from minigrad.spellings import explaining

SAMPLE, BLOCK = 2**16, 2**14                # letters to look at; rows converted at a time
CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")       # in no text; \x1b has its uses


@explaining
def read_csv(path: str | PathLike[str], *, delimiter: str | None = None,
             decimal: str | None = None, header: bool | None = None,
             encoding: str | None = None, categories: Iterable[str | int] = (),
             expected: Iterable[str] = ()) -> Columns:
    """The columns of a .csv or .csv.gz file; what is None is found out.

    delimiter: one of , ; tab and |. decimal: "." or ",". header: whether the first row
    names the columns; if not said, it does if it holds no number, and not only words that
    come again below it, or if all of `expected` are in it. encoding: UTF-8, else cp1252, as
    Windows writes Western letters. categories: columns whose cells are words, though they
    look like numbers. Empty cells, NA, nan, ? and null are missing values. Raises
    ValueError, with file and line, for a file that is no table.

    >>> from tempfile import TemporaryDirectory
    >>> from pathlib import Path
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "a.csv").write_text("size;kind\\n1,5;oak\\n2;?\\n")
    ...     read_csv(Path(folder, "a.csv")).values
    (array([1.5, 2. ]), array(['oak', None], dtype=object))
    """
    import csv
    import zlib
    path = fspath(path)
    for name, given, known in (("delimiter", delimiter, SEPARATORS),
                               ("decimal", decimal, (".", ","))):
        if given is not None and given not in known:
            raise ValueError(f"{path}: {name} is {given!r}; needed one of "
                             f"{' '.join(map(repr, known))}")
    tried = [encoding] if encoding else encodings(path)
    for each in tried:
        try:
            with opened(path, each) as file:
                return _read(file, path, delimiter, decimal, header, each,
                             set(map(str, categories)), set(expected))
        except UnicodeError as error:
            if each == tried[-1]:
                raise ValueError(f"{path}: is no text in {' or '.join(tried)} ({error}); "
                                 "needed another: encoding='latin-1', say") from error
        except LookupError as error:
            raise ValueError(f"{path}: encoding is {each!r}; needed one that Python knows, "
                             "such as utf-8 or latin-1") from error
        except (csv.Error, OSError, EOFError, zlib.error) as error:
            raise ValueError(f"{path}: cannot be read ({error}); needed a table as text"
                             ) from error
    raise AssertionError


def opened(path: str, encoding: str | None) -> Any:
    """The file as text, or as bytes without an encoding, unpacked if its name says so."""
    import gzip
    start = gzip.open if path.lower().endswith(".gz") else open
    if encoding is None:
        return start(path, "rb")
    return start(path, "rt", encoding=encoding, newline="")


def encodings(path: str) -> list[str]:
    """Which encodings to try: what the first bytes say, or UTF-8 and then Windows'."""
    import zlib
    try:
        with opened(path, None) as file:
            start = file.read(2**12)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"{path}: cannot be read ({error}); needed a table as text"
                         ) from error
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return ["utf-16"]
    if CONTROL.search(start.decode("latin-1")):
        raise ValueError(f"{path}: is no text; needed a table as text, such as a .csv file")
    return ["utf-8-sig", "cp1252"]


def _read(file: Any, path: str, delimiter: str | None, decimal: str | None,
          header: bool | None, encoding: str, categories: set[str],
          expected: set[str]) -> Columns:
    sample = file.read(SAMPLE)
    if not sample.endswith(("\n", "\r")):
        sample += file.readline()
    skipped = 0
    if said := re.match(r"sep=([,;\t|])\r?\n", sample):         # Excel's own line
        delimiter, skipped = delimiter or said[1], 1
        sample = sample[said.end():]
    delimiter = delimiter or guessed_delimiter(sample)
    decimal = decimal or guessed_decimal(sample, delimiter)
    first = list(rows(sample.splitlines(True), delimiter))[:200]
    if not first:
        raise ValueError(f"{path}: no rows; needed at least one row")
    if header is None:
        its = {cell.strip() for cell in first[0][1]}
        header = (bool(expected) and expected <= its
                  or is_header([cells for _, cells in first], decimal))
    wide = len(first[0][1])
    names = numbered(wide)
    if header:
        names = tuple(cell.strip() or name for cell, name in zip(first[0][1], names))
        check_names(names, path)
    as_words = {k for k, name in enumerate(names)
                if name in categories or str(k + 1) in categories}
    file.seek(0)
    body = rows(file, delimiter, skip=skipped, strict=True)
    if header:
        next(body)
    lines: list[NDArray] = []
    parts: list[list[NDArray]] = [[] for _ in names]
    known: dict[str, str] = {}
    while block := list(islice(body, BLOCK)):
        numbers, cells = zip(*block)
        if set(map(len, cells)) != {wide}:
            k = next(k for k, row in enumerate(cells) if len(row) != wide)
            raise ValueError(f"{path}, line {numbers[k]}: {len(cells[k])} columns; needed "
                             f"{wide} as in line {first[0][0] + skipped}")
        lines.append(np.array(numbers))
        for i, column in enumerate(zip(*cells)):
            parts[i].append(converted(column, decimal, i in as_words, known))
    form = (f"between {SEPARATORS[delimiter]}, "
            f"{'decimal commas, ' if decimal == ',' else ''}"
            f"{'a' if header else 'no'} header, "
            f"{'UTF-8' if encoding == 'utf-8-sig' else encoding}")
    values = tuple(map(joined, parts)) if lines else tuple(np.zeros((wide, 0)))
    return Columns(names, values, path, header,
                   np.concatenate([*lines, np.zeros(0, int)]), form, decimal)


def converted(cells: tuple[str, ...], decimal: str, as_words: bool,
              known: dict[str, str]) -> NDArray:
    """Cells as numbers, or as words; each word is kept once."""
    text = "".join(cells)
    if not as_words and text.isascii() and "_" not in text and (
            decimal == "." or "." not in text):
        try:                                # most columns, fast; but float() takes 1_0
            return np.array([*map(float, cells)])
        except ValueError:
            pass
    found = {cell: None if cell.strip().lower() in MISSING else cell.strip()
             for cell in set(cells)}                        # of words there are few
    if not as_words:
        numbers = {cell: np.nan if word is None else number(word, decimal)
                   for cell, word in found.items()}
        if None not in numbers.values():
            return np.array([numbers[cell] for cell in cells])
    kept = {cell: word and known.setdefault(word, word) for cell, word in found.items()}
    return words([kept[cell] for cell in cells])


def joined(parts: list[NDArray]) -> NDArray:
    """The blocks of a column as one; numbers in some of them are words beside words."""
    if len({part.dtype for part in parts}) == 2:
        parts = [*map(as_words, parts)]
    return np.concatenate(parts)
