"""A lid on the process in which somebody's homework runs: limits, no network, no new
processes, nothing written or deleted outside a folder that is thrown away, and nothing read
outside of it but Python, what is installed, and the system.

Limits of the system (time, memory, size of a file) and, on Linux, a network namespace hold
whatever the homework does. All else is an audit hook of Python: it stops what goes through
Python's own functions, and machine code goes round it. It is for homework that is wrong,
careless or curious; for homework that may be an attack, grade in a container or a virtual
machine without anything of yours.
"""
import ctypes
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

MEMORY, FILE = 2*2**30, 16*2**20        # bytes
NEW_USER, NEW_NETWORK = 0x10000000, 0x40000000              # of unshare(2)
# Python's events (its audit table) that homework has no use for, and those that change a
# file: which of their arguments are paths.
REFUSED = ("os.fork", "os.forkpty", "os.exec", "os.posix_spawn", "os.spawn", "os.system",
           "os.startfile", "os.kill", "os.killpg", "subprocess.Popen",
           "pty.spawn", "socket.", "ctypes.", "resource.", "signal.", "winreg.", "mmap.",
           "os.chown", "os.setxattr", "os.removexattr", "os.lockf", "fcntl.", "syslog.")
CHANGES = {"os.remove": (0,), "os.rmdir": (0,), "os.rename": (0, 1), "os.truncate": (0,),
           "os.chmod": (0,), "os.link": (0, 1), "os.symlink": (0, 1), "os.mkdir": (0,),
           "os.utime": (0,), "shutil.rmtree": (0,), "shutil.move": (0, 1)}
SYSTEM = "/usr", "/lib", "/lib64", "/etc", "/proc", "/sys", "/dev", "/System", "/Library"
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def confine(folder: str, seconds: int) -> None:
    """Put the lid on this process, for good."""
    without_network()
    limit(seconds)
    sys.dont_write_bytecode = True
    inside = (os.path.join(os.path.realpath(folder), ""),)
    readable = (*inside, *readable_folders())

    def within(path: Any, folders: tuple[str, ...] = inside) -> bool:
        if isinstance(path, int):
            return True                                     # a file that is open already
        whole = os.path.realpath(os.fsdecode(path))
        return whole == os.devnull or os.path.join(whole, "").startswith(folders)

    def hook(event: str, given: tuple) -> None:
        if event == "open":
            path, mode, flags = given
            writes = isinstance(flags, int) and flags & WRITING or isinstance(
                mode, str) and {*mode} & {*"wax+"}
            if writes and not within(path):
                raise PermissionError(f"homework may not write {path!r}")
            if not within(path, readable):
                raise PermissionError(f"homework may not read {path!r}")
        elif event in CHANGES:
            if not all(within(given[k]) for k in CHANGES[event]):
                raise PermissionError(f"homework may not change files: {event}")
        elif event.startswith(REFUSED):
            raise PermissionError(f"homework may not do this: {event}")
    sys.addaudithook(hook)


def readable_folders() -> tuple[str, ...]:
    """Where Python, what is installed and the system are: not the teacher's own files."""
    own = [str(Path(__file__).parents[2]/name) for name in ("optim", "minigrad")]
    installed = [p for p in sys.path if p.endswith(("site-packages", "dist-packages"))]
    found = [*own, *installed, sys.prefix, sys.base_prefix, os.path.dirname(os.__file__),
             *SYSTEM, *filter(None, [os.environ.get("SYSTEMROOT")])]
    return tuple(os.path.join(os.path.realpath(p), "") for p in found)


def without_network() -> bool:
    """Leave the network, where the system allows it; whether it did."""
    if not sys.platform.startswith("linux"):
        return False
    unshare = getattr(ctypes.CDLL(None), "unshare", None)
    return unshare is not None and (unshare(NEW_NETWORK) == 0
                                    or unshare(NEW_USER | NEW_NETWORK) == 0)


def limit(seconds: int) -> None:
    """Limit memory, time and the size of files, where the system can."""
    with suppress(ImportError):                             # Windows has none of it
        import resource
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_FSIZE, (FILE, FILE))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
