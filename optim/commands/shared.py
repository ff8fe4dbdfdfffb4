"""What the commands share: exit codes, refusals, names, files that can be written, JSON."""
import argparse
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

from optim.dialects.named_optimizers import called, is_of_a_dialect
from optim.hints import OTHER_NAMES, did_you_mean, meant
from optim.rules import RULES
from optim.whole_files import check_writable

TOPICS = ("steepest_descent", "estimators", "stability", "memory")  # optim.derivations
OTHERS = ("or torch:RMSprop, optax:..., keras:..., a library's, with its arguments if you "
          "like: 'torch:SGD(momentum=0.9)'; or torch.optim.RMSprop, lifted from what is "
          "installed; or FILE.py:FUNCTION")
LONGEST, SHOWN = 400, 80        # digits of a number; letters of a wrong one in a message
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


def known_name(name: str, topics: Iterable[str] = ()) -> str:
    """The rule or topic that is meant, by its usual name; UserError if there is none."""
    names = [*RULES, *topics]
    found = meant(name, names, OTHER_NAMES)
    if found is None and is_of_a_dialect(name):
        raise UserError(f"{name}: only rules of optim.rules are meant here; to hold it "
                        f"against one of them: minigrad compare '{name}' adam")
    if found is None and re.search(r"\.py(:|$)", name):
        function = name if ":" in name else f"{name}:FUNCTION"
        raise UserError(f"{name!r} is a file; only rules of optim.rules are named here: to "
                        f"hold a rule of your own against one, minigrad prove {function} "
                        "adam")
    if found is None:
        what = "rule or topic" if topics else "rule"
        raise UserError(f"no {what} is called {name!r};"
                        f"{did_you_mean(name, names, OTHER_NAMES, most=3)} needed one "
                        f"of {', '.join(names)}")
    return found


def known_rule(name: str) -> Any:
    """The rule of a library's dialect, or the name of one of ours."""
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
    parser.add_argument("name", metavar="NAME", help=f"one of {', '.join(RULES)}{more}")
    either = parser.add_mutually_exclusive_group()
    either.add_argument("--latex", action="store_true", help="LaTeX instead of text")
    json_option(either)


def where_option(parser: argparse.ArgumentParser) -> None:
    """Declare --where, which where_of reads."""
    parser.add_argument("--where", metavar="NAME=NUMBER|INTERVAL", nargs="+", default=[],
                        action="extend", help="put numbers for letters first, each in the "
                        "domain of its letter or 0: weight_decay=0 beta1=9/10; or narrow "
                        "where a letter lies: '0 < beta2 < 1'")


def where_of(words: list[str]) -> dict[str, Fraction | str]:
    """{letter: number or interval} of the words of --where; ValueError for other words."""
    given = list(map(substitution, words))
    if len(dict(given)) < len(given):
        raise ValueError(f"--where: {' '.join(words)} came; needed one number for each "
                         "letter")
    return dict(given)


def substitution(text: str) -> tuple[str, Fraction | str]:
    """The letter and the number of "beta1=9/10"; of "0 < beta2 < 1" the text itself."""
    if "<" in text or ">" in text:
        from optim.equivalence.ranges import interval
        return interval(text)[0], text
    name, _, number = (part.strip() for part in text.partition("="))
    power = number.lower().partition("e")[2]
    try:
        if len(number) > LONGEST or abs(int(power or 0)) > LONGEST:
            raise ValueError
        return name, Fraction(number)
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"--where: {text[:SHOWN]!r} came; needed NAME=NUMBER, such as "
                         f"beta1=9/10, of at most {LONGEST} digits, or an interval, such "
                         "as '0 < beta2 < 1'") from None


def print_json(value: Any) -> None:
    """Print what JSON can hold; ValueError for a number that is not finite."""
    readable = str(sys.stdout.encoding).lower().startswith("utf")
    print(json.dumps(value, indent=2, ensure_ascii=not readable, allow_nan=False))
