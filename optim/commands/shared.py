"""What the commands share: exit codes, refusals, names, files that can be written, JSON."""
import argparse
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from optim.hints import OTHER_NAMES, did_you_mean
from optim.rules import RULES

TOPICS = ("steepest_descent", "estimators", "stability", "memory")  # optim.derivations
GOOD, BAD, WRONG, INTERRUPTED, CLOSED_PIPE = 0, 1, 2, 130, 141


class UserError(Exception):
    """What is wrong with a command, in one line."""


@contextmanager
def refusing(*errors: type[Exception]) -> Iterator[None]:
    """These errors are the user's: their text says what is wrong with the command."""
    try:
        yield
    except errors as error:
        raise UserError(str(error)) from error


def known_name(name: str, topics: Iterable[str] = ()) -> str:
    """The name, if it is that of a rule or of one of the topics; UserError if not."""
    names = [*RULES, *topics]
    if name not in names:
        what = "rule or topic" if topics else "rule"
        raise UserError(f"no {what} is called {name!r};"
                        f"{did_you_mean(name, names, OTHER_NAMES, most=3)} needed one "
                        f"of {', '.join(names)}")
    return name


def writable(path: str, option: str) -> Path:
    """The path of a file that can be written; said before the work, not after it."""
    file = Path(path)
    folder = file.parent
    if not path or (file.exists() and not file.is_file()):
        raise UserError(f"{option}: {path!r} is no file; needed the name of a file")
    if not folder.is_dir():
        raise UserError(f"{option}: there is no folder {str(folder)!r}; make it first")
    # A new file takes the old one's place, so the folder is what must be writable.
    if not os.access(folder, os.W_OK):
        raise UserError(f"{option}: {str(folder)!r} cannot be written to; choose another")
    return file


def json_option(parser: Any) -> None:
    """Declare --json, for a parser or a group of options that exclude each other."""
    parser.add_argument("--json", action="store_true", help="JSON on stdout, no prose")


def name_options(parser: argparse.ArgumentParser, topics: Iterable[str] = ()) -> None:
    """Declare NAME and how it is printed: --latex or --json."""
    more = f"; or a topic: {', '.join(topics)}" if topics else ""
    parser.add_argument("name", metavar="NAME", help=f"one of {', '.join(RULES)}{more}")
    either = parser.add_mutually_exclusive_group()
    either.add_argument("--latex", action="store_true", help="LaTeX instead of text")
    json_option(either)


def print_json(value: Any) -> None:
    """Print what JSON can hold; ValueError for a number that is not finite."""
    print(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))
