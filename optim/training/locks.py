"""One run at a time: whoever writes a file holds a lock beside it."""
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:                             # on Windows
    fcntl = None                                # type: ignore[assignment]


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """A block that no other process or thread enters with the same path.

    Raises BlockingIOError at once if somebody is inside. The lock of a process that has
    died is nobody's.
    """
    lock = path.with_name(f"{path.name}.lock")
    file = held(lock, path)
    try:
        os.truncate(file, 0)
        os.write(file, f"{os.getpid()}\n".encode())
        yield
    finally:
        lock.unlink(missing_ok=True)            # while it is held
        os.close(file)


def held(lock: Path, path: Path) -> int:
    """The open lock file, held by us."""
    while True:
        try:
            file = os.open(lock, os.O_RDWR | os.O_CREAT | (0 if fcntl else os.O_EXCL),
                           0o644)
        except FileExistsError:
            raise BlockingIOError(busy(lock, path)) from None
        try:
            if fcntl:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.stat(lock), os.fstat(file)):
                return file
        except BlockingIOError:
            os.close(file)
            raise BlockingIOError(busy(lock, path)) from None
        except FileNotFoundError:               # its last holder has just removed it
            pass
        os.close(file)


def busy(lock: Path, path: Path) -> str:
    """What to say of a path that another run writes."""
    try:
        by = f"process {int(lock.read_text())}"
    except (OSError, ValueError):
        by = "another process"
    cure = "" if fcntl else f"; if it runs no more, delete {str(lock)!r}"
    return (f"{str(path)!r} is being written by another run ({by}); wait for its end, or "
            f"choose another name{cure}")
