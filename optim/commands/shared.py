"""What the commands share: exit codes, refusals, names, files that can be written, JSON."""
import argparse
import contextlib
import json
import os
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

from minigrad.data.csv_files import read_csv
from minigrad.whole_files import check_writable
from optim.dialects.named_optimizers import called, is_of_a_dialect, labelled
from optim.hints import OTHER_NAMES, did_you_mean, meant
from optim.optimizers.beside import beside
from optim.optimizers.signatures import name_of
from optim.rules import RULES, WHOLE_RULES

TOPICS = ("steepest_descent", "estimators", "stability", "memory")  # optim.derivations
OTHERS = ("or torch:RMSprop, optax:..., keras:..., a library's, with its arguments if you "
          "like: 'torch:SGD(momentum=0.9)'; or torch.optim.RMSprop, lifted from what is "
          "installed; or FILE.py:FUNCTION")
LONGEST, SHOWN = 400, 80        # digits of a number; letters of a wrong one in a message
GOOD, BAD, WRONG, INTERRUPTED, CLOSED_PIPE = 0, 1, 2, 130, 141


class UserError(ValueError):
    """What is wrong with a command, in one line."""


@contextlib.contextmanager
def refusing(*errors: type[Exception]) -> Iterator[None]:
    """These errors are the user's: their text says what is wrong with the command."""
    try:
        yield
    except errors as error:
        raise UserError(str(error)) from error


def known_name(name: str, topics: Iterable[str] = ()) -> str:
    """The rule or topic that is meant, by its usual name; UserError if there is none."""
    names = [*RULES, *WHOLE_RULES, *topics]
    found = meant(name, names, OTHER_NAMES)
    if found is None:
        what = "rule or topic" if topics else "rule"
        raise UserError(f"no {what} is called {name!r};"
                        f"{did_you_mean(name, names, OTHER_NAMES, most=3)} needed one "
                        f"of {', '.join(names)}")
    return found


def is_plain(name: str) -> bool:
    """Whether a name can only be one of ours: not torch:SGD, optax.sgd, FILE.py:sgd."""
    return not any(mark in name for mark in ":.(;=")


def known_rule(name: str) -> Any:
    """The name of a rule of ours, or the rule that anything else is, called by its name."""
    if is_plain(name):
        return known_name(name)
    with refusing(ValueError, TypeError):
        return called(name) if is_of_a_dialect(name) else labelled(
            name, meant_by(name).formula.rule)


def known_source(name: str) -> Any:
    """The rule of FILE.py:FUNCTION or of an installed library, as it is written."""
    with refusing(ValueError, TypeError):
        if is_of_a_dialect(name):
            raise UserError(f"{name} is chosen of several rules, and its source none of "
                            "them; needed a rule of ours or FILE.py:FUNCTION")
        return meant_by(name).formula.rule


def meant_by(name: str) -> Any:
    """The rule, its formula and its defaults, by any name; ValueError in one line."""
    from optim.comparing.meant_rules import meant_rule      # SymPy
    with contextlib.redirect_stdout(sys.stderr):            # a file may print what it likes
        return in_one_line(meant_rule, name, name)


def in_one_line(action: Callable[[Any], Any], argument: Any, words: str) -> Any:
    """The result of an action; whatever goes wrong in it is one line of a ValueError."""
    path, colon, name = words.rpartition(":")
    try:
        return action(argument)
    except ModuleNotFoundError as error:
        if ".py" in words:
            raise ValueError(f"{words}: {type(error).__name__}: {error}") from error
        raise                                   # a library that has to be installed
    except Exception as error:
        text = str(error).removeprefix(f"{words}: ").removeprefix(f"{name}: ")
        if not isinstance(error, (ValueError, TypeError)):
            text = f"{type(error).__name__}: {error}"
        raise ValueError(f"{words}: {text}" if colon else text) from error


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


def workers_option(parser: argparse.ArgumentParser, *names: str,
                   default: str = "as many as there are processors") -> None:
    """Declare --workers, for what optim.workers runs."""
    parser.add_argument("--workers", *names, metavar="N", type=count(1),
                        help="how many processes work side by side, which changes nothing "
                        f"but the time; default: {default}")


def json_option(parser: Any) -> None:
    """Declare --json, for a parser or a group of options that exclude each other."""
    parser.add_argument("--json", action="store_true", help="JSON on stdout, no prose")


def name_options(parser: argparse.ArgumentParser, topics: Iterable[str] = ()) -> None:
    """Declare NAME and how it is printed: --latex or --json."""
    more = f"; or a topic: {', '.join(topics)}" if topics else ""
    parser.add_argument("name", metavar="NAME",
                        help=f"one of {', '.join(RULES)}{more}; {OTHERS}")
    either = parser.add_mutually_exclusive_group()
    either.add_argument("--latex", action="store_true", help="LaTeX instead of text")
    json_option(either)


def certificates_option(parser: argparse.ArgumentParser) -> None:
    """Declare --certificates, which certificates_place reads."""
    parser.add_argument("--certificates", metavar="DIRECTORY",
                        help="write there why each verdict holds, for minigrad check to "
                        "read again")


def certificates_place(arguments: argparse.Namespace) -> str | None:
    """The directory for certificates, if any are wanted; UserError before the work, not
    after it, if nothing can be written there."""
    if arguments.certificates is not None:
        from optim.certificates import prepared
        with refusing(OSError):
            prepared(arguments.certificates)
    return arguments.certificates


def written_certificates(place: str | None, result: Any, rules: Iterable[tuple[str, Any]]
                         ) -> tuple[list[str], dict[str, Any]]:
    """Write the certificates of a result, and that what these rules do, pairs (label,
    rule), was read right: as lines of text and as counts, both empty without a place."""
    if place is None:
        return [], {}
    from optim.certificates import counted, file_of, readings, summary, write
    file = file_of(result)
    programs = [rule if RULES.get(label) is rule else labelled(label, rule)
                for label, rule in rules]
    files = [file, readings(*programs, about=f"readings of {file['about']}")]
    write(place, files)
    return [summary(files), check_command(place)], {"certificates": counted(files)}


def check_command(place: str) -> str:
    """The command that reads certificates again."""
    return shlex.join(["minigrad", "check", place])


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


def against_option(parser: argparse.ArgumentParser) -> None:
    """Declare --against, which against_of reads."""
    parser.add_argument("--against", metavar="NAME", help="the rule whose paper it is held "
                        "against, if it is none of ours: --against rmsprop")


def against_of(rule: Any, against: str | None) -> str | None:
    """The rule of ours whose paper is meant; UserError if none is said where one is needed:
    for a rule that is none of ours and has no claims or units beside it.
    """
    said = isinstance(rule, str) or any(
        beside(rule, word) for word in ("claims", "units"))
    if against is None and not said:
        raise UserError(f"{name_of(rule)} is no rule of ours: say whose paper it is to be "
                        f"held against: --against, and one of {', '.join(RULES)}; or write "
                        "claims = [...] beside it in its file")
    return None if against is None else known_name(against)


def reading_options(parser: argparse.ArgumentParser) -> None:
    """Declare how a .csv file is written, where that is not to be found out; table_in."""
    add = parser.add_argument
    add("--delimiter", metavar="CHARACTER",
        help="what separates the cells: , ; | or tab; default: found out, as all here")
    add("--decimal", choices=(".", ","), help="what stands before decimals")
    add("--header", action=argparse.BooleanOptionalAction, default=None,
        help="whether the first row names the columns")
    add("--encoding", metavar="NAME", help="such as utf-8 or latin-1")


def table_in(arguments: argparse.Namespace, categories: Iterable[str] = (),
             expected: Iterable[str] = ()) -> Any:
    """The columns of the .csv file in the arguments; the word as it is if it is none."""
    tab = arguments.delimiter in ("tab", "\\t")
    said = {"delimiter": "\t" if tab else arguments.delimiter,
            "decimal": arguments.decimal, "header": arguments.header,
            "encoding": arguments.encoding}
    from optim.training.examples import existing, is_csv
    if is_csv(arguments.data):
        return read_csv(existing(arguments.data), categories=categories,
                        expected=expected, **said)
    for name, value in said.items():
        if value is not None:
            raise UserError(f"--{name}: only of a .csv file it can be said; leave it out")
    return arguments.data


def say(text: str) -> None:
    """Print one line on stderr, in which nothing moves the cursor."""
    print("minigrad:", on_one_line(text), file=sys.stderr)


def on_one_line(text: str) -> str:
    """The text with escapes for what would move the cursor."""
    line = " ".join(text.split())
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in line)


def print_json(value: Any) -> None:
    """Print what JSON can hold; ValueError for a number that is not finite."""
    readable = str(sys.stdout.encoding).lower().startswith("utf")
    print(json.dumps(value, indent=2, ensure_ascii=not readable, allow_nan=False))
