"""A progress bar on stderr, for who wants one and has tqdm."""
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def progress_bar(work: Iterable[Any], wanted: bool, what: str, unit: str = "it",
                 total: int | None = None) -> Iterator[Any]:
    """The work, to iterate over: with a progress bar, where it is wanted.

    The bar is closed at the end, also at an error. ImportError says how to get tqdm.

    >>> with progress_bar("ab", False, "letters") as letters:
    ...     list(letters)
    ['a', 'b']
    """
    if not wanted:
        yield work
        return
    try:
        from tqdm import tqdm
    except ImportError:
        raise ImportError(f"{what}: a progress bar needs tqdm; pip install tqdm, or leave "
                          "progress out") from None
    with tqdm(work, desc=what, unit=unit, total=total) as bar:
        yield bar
