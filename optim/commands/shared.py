"""What the commands share: exit codes, refusals, names, files that can be written, JSON."""
import argparse
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

from optim.dialects.named_optimizers import called, is_of_a_dialect
from optim.hints import OTHER_NAMES, did_you_mean, meant
from optim.optimizers.signatures import anatomy
from optim.rules import RULES, WHOLE_RULES
from optim.whole_files import check_writable

TOPICS = ("steepest_descent", "estimators", "stability", "memory")  # optim.derivations
OTHERS = ("or torch:RMSprop, optax:..., keras:..., a library's, with its arguments if you "
          "like: 'torch:SGD(momentum=0.9)'; or torch.optim.RMSprop, lifted from what is "
          "installed; or FILE.py:FUNCTION")
GOOD, BAD, WRONG, INTERRUPTED, CLOSED_PIPE = 0, 1, 2, 130, 141


class UserError(ValueError):
    """What is wrong with a command, in one line."""


@contextmanager
def refusing(*errors: type[Exception]) -> Iterator[None]:
    """These errors are the user's: their text says what is wrong with the command."""
    try:
        yield
    except errors as error:
        raise UserError(str(error)) from error


def known_name(name: str, topics: Iterable[str] = ()) -> Any:
    """The rule or topic that is meant, by its usual name; that of FILE.py:FUNCTION itself.

    UserError if there is none.
    """
    names = [*RULES, *WHOLE_RULES, *topics]
    found = meant(name, names, OTHER_NAMES)
    if found is None and is_of_a_dialect(name):
        raise UserError(f"{name}: only rules of optim.rules are meant here; to hold it "
                        f"against one of them: minigrad compare '{name}' adam")
    if found is None and re.search(r"\.py(:|$)", name):
        return rule_in_file(name)
    if found is None:
        what = "rule or topic" if topics else "rule"
        raise UserError(f"no {what} is called {name!r};"
                        f"{did_you_mean(name, names, OTHER_NAMES, most=3)} needed one "
                        f"of {', '.join(names)}")
    return found


def rule_in_file(words: str) -> Callable[..., Any]:
    """The rule that FILE.py:FUNCTION is; what the file prints goes to stderr.

    UserError for what is no rule: other code has to be lifted first.
    """
    from optim.lifting.python_files import loaded
    with redirect_stdout(sys.stderr), refusing(ValueError, TypeError):
        rule = loaded(words)
        try:
            anatomy(rule)
        except (TypeError, ValueError) as error:
            raise TypeError(f"{error}; minigrad prove {words} adam, and minigrad compare, "
                            "lift what is written otherwise") from error
    return rule


def known_rule(name: str) -> Any:
    """The rule of a library's dialect or of a file, or the name of one of ours."""
    if not is_of_a_dialect(name):
        return known_name(name)
    with refusing(ValueError):
        return called(name)


def writable(path: str, option: str, *kinds: str) -> Path:
    """The path of a file that can be written; said before the work, not after it.

    kinds: how its name may end, as in ".gif".
    """
    file = Path(path)
    if not path or path.endswith(("/", os.sep)):
        raise UserError(f"{option}: {path!r} is no file; needed the name of a file")
    if file.suffix.lower() not in kinds:
        raise UserError(f"{option}: {path!r} came; needed a name that ends in "
                        f"{' or '.join(kinds)}, such as {file.stem or 'new'}{kinds[0]}")
    try:
        check_writable(file)
    except OSError as error:
        raise UserError(f"{option}: {error}") from error
    return file


def count(least: int) -> Callable[[str], int]:
    """The type of an option that is a whole number from `least` on."""
    def whole(text: str) -> int:
        text = text.strip()
        if not (text.isdecimal() and len(text) < 10 and int(text) >= least):
            raise argparse.ArgumentTypeError(f"{text[:40]!r} came; needed a whole number "
                                             f"from {least} to 999999999")
        return int(text)
    return whole


def json_option(parser: Any) -> None:
    """Declare --json, for a parser or a group of options that exclude each other."""
    parser.add_argument("--json", action="store_true", help="JSON on stdout, no prose")


def name_options(parser: argparse.ArgumentParser, topics: Iterable[str] = ()) -> None:
    """Declare NAME and how it is printed: --latex or --json."""
    more = f"; or a topic: {', '.join(topics)}" if topics else ""
    parser.add_argument("name", metavar="NAME", help=f"one of {', '.join(RULES)}{more}; "
                        "or FILE.py:FUNCTION, a rule of your own")
    either = parser.add_mutually_exclusive_group()
    either.add_argument("--latex", action="store_true", help="LaTeX instead of text")
    json_option(either)


def print_json(value: Any) -> None:
    """Print what JSON can hold; ValueError for a number that is not finite."""
    readable = str(sys.stdout.encoding).lower().startswith("utf")
    print(json.dumps(value, indent=2, ensure_ascii=not readable, allow_nan=False))
