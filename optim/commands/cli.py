"""The command line: minigrad formula | lift | compare | prove | verify | train | report ...

    minigrad formula adam --latex
    minigrad prove adamw adam --where weight_decay=0
    minigrad compare torch:RMSprop keras:RMSprop
    minigrad verify adam nag
    minigrad verify --mutants
    minigrad verify --all --certificates certificates
    minigrad check certificates
    minigrad train digits --optimizer adam --epochs 30 --save digits.npz
    minigrad predict run.npz new.csv --out predicted.csv
    minigrad report --out report.html

Exit codes: 0 all is well; 1 a claim is not as expected, or a training diverged; 2 the
command or its input is wrong, which one line on stderr says; 130 interrupted. With --json
stdout holds JSON and nothing else. What a command needs is imported when it runs.
"""
import argparse
import os
import re
import sys
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper
from typing import Any, NoReturn

import minigrad
from minigrad.dictionary import ARGUMENTS
from optim.commands.shared import BAD, CLOSED_PIPE, INTERRUPTED, WRONG, UserError, say
from optim.hints import did_you_mean

COMMANDS = {                            # each is a module of this folder
    "formula": "Show a rule as a formula, read from its code.",
    "lift": "Show the formula that an installed optimizer computes, read from its code.",
    "compare": "Hold two rules against one another, whatever library they are from.",
    "grade": "Say whether homework is right, and if not, what was done.",
    "derive": "Show where a rule comes from, step by checked step.",
    "prove": "Decide whether two optimizers are one, and if not, when.",
    "verify": "Decide every claim about a rule: PROVED or REFUTED.",
    "check": "Read certificates of verdicts again, without the prover.",
    "train": "Train a network by one of the rules.",
    "rates": "Find which learning rates a network bears, before it is trained.",
    "predict": "Say what a saved training makes of new rows.",
    "explain": "Run a script, and say what is wrong with its backward passes.",
    "race": "Let rules race on a landscape, or on a function of x and y.",
    "playground": "Write one HTML page on which rules race, to play with.",
    "report": "Write one HTML page: formulas, proofs, training curves.",
    "atlas": "Write a page of what papers and libraries compute under one name.",
    "museum": "Show formulas as they were printed that are wrong, and what is right.",
    "bench": "Measure how fast it is: here, by hand, in other libraries."}


# What is looked for as an option, and what there is.
OTHER_OPTIONS = {"--rule": "--optimizer", "--rules": "--optimizer", "--html": "--out",
                 "--output": "--out"}


class Parser(argparse.ArgumentParser):
    """An ArgumentParser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        """Raise the message, for main to print."""
        raise UserError(f"{message}; see {self.prog} --help")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    >>> main(["formula", "gradient_descent"])
    gradient_descent
        theta[t+1] = theta[t] - lr*g[t]
    0
    """
    try:
        if isinstance(sys.stdout, TextIOWrapper):   # not every terminal has every letter
            sys.stdout.reconfigure(errors="backslashreplace")
        code = run(list(sys.argv[1:] if argv is None else argv))
        sys.stdout.flush()                          # a closed pipe shows here, not at exit
        return code
    except (UserError, FloatingPointError) as error:
        say(str(error))
        return WRONG if isinstance(error, UserError) else BAD
    except ModuleNotFoundError as error:
        say(missing(error))
        return WRONG
    except KeyboardInterrupt as error:
        say(str(error) or "interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        # Python flushes stdout once more at its exit: give it somewhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CLOSED_PIPE
    except OSError as error:                        # no space left, not BAD
        say(str(error))
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return WRONG


def run(argv: list[str]) -> int:
    """The exit code of the command that the words begin with."""
    name = next((word for word in argv if not word.startswith("-")), None)
    if name is not None and name not in COMMANDS:
        raise UserError(f"no command is called {name!r};"
                        f"{did_you_mean(name, COMMANDS, most=3)}"
                        f" needed one of {', '.join(COMMANDS)}")
    parser = Parser(prog="minigrad", allow_abbrev=False,
                    description="Update rules: their formulas, proofs and training runs.")
    parser.add_argument("--version", action="version",
                        version=f"minigrad {minigrad.__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", parser_class=Parser)
    parsers = {each: commands.add_parser(each, help=text, description=text,
                                         allow_abbrev=False)
               for each, text in COMMANDS.items()}
    if name is not None:
        command = import_module(f"optim.commands.{name}")
        command.options(parsers[name])
        if not getattr(command, "PASSES_ON", False):
            known_options(name, argv[argv.index(name) + 1:], parsers[name].format_help())
    try:
        arguments, rest = parser.parse_known_args([as_value(word) for word in argv])
    except SystemExit as done:                      # --help and --version
        return int(done.code or 0)
    if rest:
        raise UserError(f"{rest[0].strip()!r} is more than needed; see minigrad "
                        f"{f'{name} ' if name else ''}--help")
    if name is None:
        parser.print_help(sys.stderr)
        return WRONG
    for option, value in vars(arguments).items():
        setattr(arguments, option, restored(value))
    arguments.words = argv
    return command.run(arguments)


def known_options(name: str, words: list[str], usage: str) -> None:
    """UserError for an option that the help of the command does not name."""
    known = set(re.findall(r"--[a-z][a-z-]*", usage))
    others = {f"--{theirs.replace('_', '-')}": f"--{each}" for theirs, ours in
              ARGUMENTS.items() for each in ours if f"--{each}" in known}
    others |= {word: ours for word, ours in OTHER_OPTIONS.items() if ours in known}
    for option in (word.partition("=")[0] for word in words):
        if re.fullmatch(r"--[A-Za-z][\w-]*", option) and option not in known:
            near = did_you_mean(option, known, others)
            raise UserError(f"{name} has no option {option};{near} see minigrad {name} "
                            "--help")


def as_value(word: str) -> str:
    """A number or formula that begins with a minus, so that no option is seen in it.

    No option has a space in it, argparse says; `restored` takes the space away again.
    """
    option = re.fullmatch(r"-[a-wzA-Z]?|--([A-Za-z][\w-]*(=.*)?)?", word, re.DOTALL)
    return word if word[:1] != "-" or option else f"{word} "


def restored(value: Any) -> Any:
    """What as_value was given, out of what it gave; a list of them likewise."""
    if isinstance(value, list):
        return [*map(restored, value)]
    return value[:-1] if isinstance(value, str) and re.match("-.* $", value) else value


def missing(error: ModuleNotFoundError) -> str:
    """What is missing, and where it comes from."""
    own = str(error.name).partition(".")[0] in ("minigrad", "optim")
    cure = "it is part of minigrad: install it anew" if own else f"pip install {error.name}"
    return f"this command needs {error.name}, which is missing; {cure}"
