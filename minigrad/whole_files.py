"""Files that appear whole or not at all."""
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def whole_file(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """A file to write bytes to, which takes its place at `path` once it is closed.

    If an error comes before that, an earlier file of this name stays as it was, and nothing
    else is left behind. Raises OSError where check_writable does.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     with whole_file(Path(folder, "a.txt")) as file:
    ...         _ = file.write(b"all of it")
    ...     Path(folder, "a.txt").read_text()
    'all of it'
    """
    path = Path(path)
    check_writable(path)
    unfinished = unfinished_name(path)
    try:
        with open(unfinished, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())             # before its name points to it
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def unfinished_name(path: Path) -> Path:
    """Where a file is written until it is whole."""
    writer = f"{os.getpid()}-{threading.get_ident()}"          # two may write the same file
    return path.with_name(f".{path.name}.{writer}.unfinished")


def check_writable(path: Path) -> None:
    """OSError, in one sentence, if whole_file could not write here; nothing is left behind.
    """
    folder = path.parent
    try:
        if path.exists() and not path.is_file():
            raise OSError(f"{str(path)!r} is no file; needed the name of a file")
        if not folder.is_dir():
            raise FileNotFoundError(f"there is no folder {str(folder)!r}; make it first")
        for place in (folder, path):            # what nobody may write, root may not either
            if place.exists() and not place.stat().st_mode & 0o222:
                raise OSError(f"{str(place)!r} is read-only; choose another name")
        unfinished_name(path).touch()
        unfinished_name(path).unlink()
    except OSError as error:
        if error.errno is None:                 # one of ours
            raise
        raise OSError(f"{str(path)[:200]!r} cannot be written ({error.strerror}); choose "
                      "another name") from error
