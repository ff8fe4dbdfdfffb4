"""minigrad explain: run a program and say what is wrong with its backward passes.

    minigrad explain train.py
    minigrad explain train.py --trace            # and the evaluation trace
    minigrad explain train.py --html page.html   # trace, graph and way back, on one page
    minigrad explain train.py -- --epochs 3      # what follows -- is the program's
"""
import argparse
import os
import sys
import traceback
from pathlib import Path
from typing import Any

from minigrad.guards import HOME as ENGINE
from optim.commands.shared import (
    BAD, GOOD, INTERRUPTED, UserError, json_option, print_json, writable)

OWN = (ENGINE, str(Path(__file__).parents[1]) + os.sep)


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    add = parser.add_argument
    add("script", metavar="FILE.py", help="a program that calls backward() or mg.grad")
    add("given", metavar="ARGUMENT", nargs="*", help="what the program is given; after --")
    add("--trace", action="store_true", help="print the evaluation trace as well")
    add("--steps", action="store_true", help="print the way back step by step as well")
    add("--html", metavar="PAGE", help="write trace, graph and way back to a page, .html")
    json_option(parser)


def run(arguments: argparse.Namespace) -> int:
    """Run the program and print the diagnosis; bad if something is wrong."""
    page = None if arguments.html is None else writable(arguments.html, "--html", ".html")
    path = Path(arguments.script)
    code = source_of(path)
    from minigrad.explanation.watching import watching
    with watching() as watch:
        failed = executed(path, code, arguments.given)
    if isinstance(failed, KeyboardInterrupt):
        print("minigrad: interrupted; what was seen until then:", file=sys.stderr)
    diagnosis = watch.diagnosis
    if isinstance(failed, Exception):
        diagnosis = with_error(diagnosis, failed)
    shown = watch.unhealthy or watch.last
    if arguments.json:
        print_json({"passes": watch.count, "healthy": diagnosis.healthy, "findings": [
            {"kind": f.kind, "place": f.place, "message": f.message, "remedy": f.remedy,
             "alarm": f.is_alarm} for f in diagnosis.findings]})
    else:
        report(watch, shown, diagnosis, arguments)
    if page is not None and shown is not None:
        shown.save(page)
        print(f"written: {arguments.html}", file=sys.stderr)
    if isinstance(failed, KeyboardInterrupt):
        return INTERRUPTED
    return GOOD if diagnosis.healthy else BAD


def report(watch: Any, shown: Any, diagnosis: Any, arguments: argparse.Namespace) -> None:
    """Print what was seen."""
    if not watch.count and diagnosis.healthy:
        print("no backward pass was seen: the program calls neither backward() nor "
              "mg.grad, or only inside a process of its own")
        return
    if shown is not None and arguments.trace:
        print(f"{shown}\n")
    if shown is not None and arguments.steps:
        print(f"{shown.steps()}\n")
    passes = "1 backward pass" if watch.count == 1 else f"{watch.count} backward passes"
    print(f"{passes}; {diagnosis}")


def source_of(path: Path) -> Any:
    """The program, compiled; UserError if there is none, or none that Python reads."""
    if path.is_dir() or not path.exists():
        raise UserError(f"explain: there is no file {str(path)!r}; needed a Python program")
    try:
        return compile(path.read_bytes(), str(path.resolve()), "exec")
    except (SyntaxError, ValueError, UnicodeDecodeError) as error:
        raise UserError(f"explain: {str(path)!r} is no Python program: "
                        f"{error}") from error
    except OSError as error:
        raise UserError(f"explain: {str(path)!r} cannot be read: {error}") from error


def executed(path: Path, code: Any, words: list[str]) -> BaseException | None:
    """Run it as `python FILE.py words` would; what it ended with, if not well."""
    argv, modules = sys.argv, sys.modules["__main__"]
    main = type(sys)("__main__")
    main.__file__, main.__builtins__ = str(path.resolve()), __builtins__
    sys.argv, sys.modules["__main__"] = [str(path), *words], main
    sys.path.insert(0, str(path.resolve().parent))
    try:
        exec(code, main.__dict__)
    except SystemExit as done:
        return None if not done.code else RuntimeError(f"it ended by sys.exit({done.code!r})")
    except KeyboardInterrupt as stop:
        return stop
    except Exception as error:
        lines = traceback.extract_tb(error.__traceback__)
        print("".join(["Traceback (most recent call last):\n", *traceback.format_list(
            [line for line in lines if not line.filename.startswith(OWN)]),
            *traceback.format_exception_only(error)]), file=sys.stderr, end="")
        return error
    finally:
        sys.argv, sys.modules["__main__"] = argv, modules
        sys.path.remove(str(path.resolve().parent))
    return None


def with_error(diagnosis: Any, error: Exception) -> Any:
    """The diagnosis with the error that the program ended with, at its line."""
    from minigrad.explanation.findings import Diagnosis, Finding
    lines = [line for line in traceback.extract_tb(error.__traceback__)
             if not line.filename.startswith(OWN)]
    where = (f"{os.path.basename(lines[-1].filename)}:{lines[-1].lineno} `{lines[-1].line}`"
             if lines else "")
    finding = Finding("error", f"{type(error).__name__}: {error}",
                      "the message says what is needed", line=where)
    return Diagnosis([*diagnosis.alarms, finding,
                      *(f for f in diagnosis.findings if not f.is_alarm)])
