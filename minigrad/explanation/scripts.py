"""A script run in this process as `python script.py` would run it, and watched."""
import linecache
import os
import sys
import traceback
import types
from typing import Any

from minigrad.explanation.findings import Diagnosis
from minigrad.explanation.user_source import is_ours
from minigrad.explanation.watched_passes import watching


class Ran:
    """How a script ran: what was watched, the error that ended it, its exit code."""

    def __init__(self, watch: watching, error: BaseException | None, code: Any) -> None:
        self.watch, self.error, self.code = watch, error, code
        self.diagnosis: Diagnosis = watch.diagnosis(
            None if isinstance(error, KeyboardInterrupt) else error)

    @property
    def traceback(self) -> str:
        """The error with the user's own lines only, "" if there was none."""
        if self.error is None:
            return ""
        frames = [f for f in traceback.extract_tb(self.error.__traceback__)
                  if not is_ours(f.filename)]
        last = traceback.format_exception_only(self.error)
        return "".join(["Traceback (most recent call last):\n"*bool(frames),
                        *traceback.format_list(frames), *last])


def code_of(path: str) -> Any:
    """The code of a script; OSError where it cannot be read, ValueError in one line where
    it is no Python."""
    if os.path.isdir(path):
        raise IsADirectoryError(f"{path} is a folder; needed a Python file")
    if not os.path.exists(path):
        raise FileNotFoundError(f"there is no file {path!r}; needed a Python file")
    with open(path, "rb") as file:
        source = file.read()
    try:
        code = compile(source, path, "exec", dont_inherit=True)
        text = source.decode("utf-8-sig")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        where = f" line {line}:" if line else ""
        raise ValueError(f"{path} is no Python:{where} {getattr(error, 'msg', error)}"
                         ) from None
    linecache.cache[path] = (len(text), None, text.splitlines(True), path)
    return code


def run_script(path: str, arguments: list[str], optimizers: tuple = ()) -> Ran:
    """Run a script as __main__, with its own sys.argv and its folder on the path.

    Its prints go through. What it raises is in Ran.error, also KeyboardInterrupt; a
    SystemExit only in Ran.code.
    """
    code = code_of(path)
    main = types.ModuleType("__main__")
    vars(main).update(__file__=path, __builtins__=__builtins__)
    before = sys.argv, sys.path[:], sys.modules["__main__"]
    sys.argv, sys.modules["__main__"] = [path, *arguments], main
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
    error, ended = None, None
    watch = watching(optimizers)
    try:
        with watch:
            exec(code, vars(main))
    except SystemExit as done:
        ended = done.code
    except BaseException as raised:
        error = raised
    finally:
        sys.argv, sys.modules["__main__"] = before[0], before[2]
        sys.path[:] = before[1]
    return Ran(watch, error, ended)
