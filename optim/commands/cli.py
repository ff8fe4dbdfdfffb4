"""The command line: minigrad formula | derive | prove | verify | train | race | report.

    minigrad formula adam --latex
    minigrad prove adamw adam --where weight_decay=0
    minigrad verify adam nag
    minigrad verify --mutants
    minigrad train digits --optimizer adam --epochs 30 --save digits.npz
    minigrad report --out report.html

Exit codes: 0 all is well; 1 a claim is not as expected, or a training diverged; 2 the
command or its input is wrong, which one line on stderr says; 130 interrupted. With --json
stdout holds JSON and nothing else. What a command needs is imported when it runs.
"""
import argparse
import difflib
import json
import os
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import BrokenExecutor
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn

import minigrad
from optim.rules import RULES

TOPICS = ("steepest_descent", "estimators", "stability", "memory")  # optim.derivations
GOOD, BAD, WRONG, INTERRUPTED, CLOSED_PIPE = 0, 1, 2, 130, 141


class UserError(Exception):
    """What is wrong with a command, in one line."""


class Parser(argparse.ArgumentParser):
    """An ArgumentParser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        raise UserError(f"{message}; see {self.prog} --help")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    argv = list(sys.argv[1:] if argv is None else argv)
    try:
        code = run(argv)
        sys.stdout.flush()                          # a closed pipe shows here, not at exit
        return code
    except (UserError, FloatingPointError) as error:
        print("minigrad:", " ".join(str(error).split()), file=sys.stderr)
        return WRONG if isinstance(error, UserError) else BAD
    except ModuleNotFoundError as error:
        print("minigrad:", missing(error), file=sys.stderr)
        return WRONG
    except KeyboardInterrupt:
        print("minigrad: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # Python flushes stdout once more at its exit: give it somewhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CLOSED_PIPE


def run(argv: list[str]) -> int:
    parser = build_parser()
    first = next((word for word in argv if not word.startswith("-")), None)
    if first is not None and first not in COMMANDS:
        raise UserError(f"no command is called {first!r};{hint(first, COMMANDS)}"
                        f" needed one of {', '.join(COMMANDS)}")
    try:
        arguments = parser.parse_args(argv)
    except SystemExit as done:                      # --help and --version
        return int(done.code or 0)
    if first is None:
        parser.print_help(sys.stderr)
        return WRONG
    return COMMANDS[first](arguments)


def build_parser() -> argparse.ArgumentParser:
    parser = Parser(prog="minigrad", allow_abbrev=False,
                    description="Update rules: their formulas, proofs and training runs.")
    parser.add_argument("--version", action="version",
                        version=f"minigrad {minigrad.__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", parser_class=Parser)

    def command(name: str, text: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=text, description=text, allow_abbrev=False)

    def json_option(one: Any) -> None:
        one.add_argument("--json", action="store_true", help="JSON on stdout, no prose")

    for name, text in (("formula", "Show a rule as a formula, read from its code."),
                       ("derive", "Show where a rule comes from, step by checked step.")):
        one = command(name, text)
        topics = f"; or a topic: {', '.join(TOPICS)}" if name == "derive" else ""
        one.add_argument("name", metavar="NAME", help=f"one of {', '.join(RULES)}{topics}")
        either = one.add_mutually_exclusive_group()
        either.add_argument("--latex", action="store_true", help="LaTeX instead of text")
        json_option(either)

    one = command("prove", "Decide whether two optimizers are one, and if not, when.")
    import_module("optim.commands.prove").options(one)
    json_option(one)

    one = command("verify", "Decide every claim about a rule: PROVED or REFUTED.")
    one.add_argument("names", metavar="NAME", nargs="*", help="rules, or topics: "
                     + ", ".join(TOPICS))
    one.add_argument("--all", action="store_true", help="verify every rule and topic")
    one.add_argument("--mutants", action="store_true",
                     help="verify the prover instead: does it tell small slips in a rule "
                     "from the rule? Of these rules, or of all")
    json_option(one)

    one = command("train", "Train a classifier by one of the rules.")
    one.add_argument("data", metavar="digits|FILE",
                     help="the digits that come with minigrad, or a .csv or .npz file")
    one.add_argument("--optimizer", metavar="NAME", default="adam", help="default: adam")
    one.add_argument("--model", metavar="SIZES", help="such as 64-32-10, ReLU between")
    one.add_argument("--lr", type=float, metavar="F", help="default: the rule's own")
    one.add_argument("--epochs", type=int, metavar="N", default=30, help="default: 30")
    one.add_argument("--batch", type=batch_size, metavar="all|1|N", default=32,
                     help="examples per step: all (BGD), 1 (SGD) or N (MBGD; default 32)")
    one.add_argument("--seed", type=int, metavar="N", default=0, help="default: 0")
    one.add_argument("--split", choices=("random", "file"),
                     help="which digits are the test set; file is harder (unseen writers)")
    one.add_argument("--save", metavar="FILE", help="write parameters and curves, .npz")
    json_option(one)

    one = command("race", "Let rules race on a landscape, or on a function of x and y.")
    import_module("optim.commands.race").options(one)
    json_option(one)

    one = command("report", "Write one HTML page: formulas, proofs, training curves.")
    one.add_argument("--out", metavar="FILE", default="report.html",
                     help="default: report.html")
    one.add_argument("--quick", action="store_true", help="few rules and epochs: a trial")
    return parser


def batch_size(text: str) -> int | str:
    if text == "all":
        return text
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no batch size; needed all, 1, 2 ...")
    return int(text)


def hint(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word.lower(), known, n=3, cutoff=0.4)
    return f" did you mean {' or '.join(near)}?" if near else ""


def known_rule(name: str, others: Iterable[str] = ()) -> str:
    names = [*RULES, *others]
    if name not in names:
        what = "rule or topic" if others else "rule"
        raise UserError(f"no {what} is called {name!r};{hint(name, names)}"
                        f" needed one of {', '.join(names)}")
    return name


def missing(error: ModuleNotFoundError) -> str:
    """What is missing, and where it comes from."""
    own = str(error.name).partition(".")[0] in ("minigrad", "optim")
    cure = "it is part of minigrad: install it anew" if own else f"pip install {error.name}"
    return f"this command needs {error.name}, which is missing; {cure}"


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


def print_json(value: Any) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))


# ------------------------------------------------------------------------------ commands
def formula(arguments: argparse.Namespace) -> int:
    one = import_module("optim.formulas").formula(known_rule(arguments.name))
    if arguments.json:
        print_json({"name": one.name, "equations": [str(e) for e in one.equations],
                    "update": {name: str(e) for name, e in one.update.items()},
                    "init": {name: str(e) for name, e in one.init.items()},
                    "domains": {str(s): domain for s, domain in one.domains.items()},
                    "latex": one.latex()})
    else:
        print(one.latex() if arguments.latex else one)
    return GOOD


def derive(arguments: argparse.Namespace) -> int:
    derivations = import_module("optim.derivations")
    found = derivations.derive(known_rule(arguments.name, derivations.TOPICS))
    if arguments.json:
        print_json(found.as_dict())
    else:
        print(found.latex() if arguments.latex else found)
    return GOOD if found.ok else BAD


def prove(arguments: argparse.Namespace) -> int:
    try:
        verdict, note = import_module("optim.commands.prove").run(arguments)
    except (ValueError, TypeError) as error:
        raise UserError(str(error)) from error
    if arguments.json:
        print_json(verdict.as_dict())
    else:
        print(verdict, *([note] if note else []), sep="\n")
    return GOOD if verdict.status == "PROVED" else BAD


def verify(arguments: argparse.Namespace) -> int:
    if arguments.mutants and not (arguments.names and arguments.all):
        return verify_mutants(arguments)
    if bool(arguments.names) == arguments.all:
        raise UserError("verify: needed names of rules or topics, or else --all; see"
                        " minigrad verify --help")
    claims = import_module("optim.claims")
    topics = import_module("optim.derivations").TOPICS
    names = [known_rule(name, topics) for name in dict.fromkeys(arguments.names)]
    reports = []
    for name in names or [*RULES, *topics]:
        reports.append(claims.verify(name))
        if not arguments.json:
            print(reports[-1], end="\n\n", flush=True)
    if arguments.json:
        print_json([report.as_dict() for report in reports])
    else:
        found = [claim for report in reports for claim in report.claims]
        good = [claim.verdict.status for claim in found if claim.ok]
        what = "rule or topic" if len(reports) == 1 else "rules and topics"
        print(f"{len(reports)} {what}, {len(found)} claims:"
              f" {good.count('PROVED')} proved,"
              f" {good.count('REFUTED')} refuted as claimed, {len(found) - len(good)} not"
              " as claimed")
    return GOOD if all(report.ok for report in reports) else BAD


def verify_mutants(arguments: argparse.Namespace) -> int:
    names = [known_rule(name) for name in dict.fromkeys(arguments.names)] or [*RULES]
    mutants = import_module("optim.mutants")
    found = []
    for name in names:
        score = mutants.score(name)
        found += score.found
        if not arguments.json:
            print(score.row(name), *score.failures, sep="\n    ", flush=True)
    total = mutants.Score(tuple(found))
    if arguments.json:
        print_json(total.as_dict())
    else:
        print(f"\n{total}")
    return GOOD if total.ok else BAD


def train(arguments: argparse.Namespace) -> int:
    known_rule(arguments.optimizer)
    if arguments.split and arguments.data != "digits":
        raise UserError("--split: only digits come with two splits; leave it out")
    if arguments.save:
        writable(arguments.save, "--save")
    training = import_module("optim.training")
    try:
        result = training.train(
            arguments.data, arguments.optimizer, arguments.model, lr=arguments.lr,
            epochs=arguments.epochs, batch=arguments.batch, seed=arguments.seed,
            split=arguments.split or "random",
            progress=find_spec("tqdm") is not None)
        if arguments.save:
            result.save(arguments.save)
    except (ValueError, TypeError, OSError, MemoryError) as error:
        raise UserError(str(error)) from error
    if arguments.json:
        print_json({**result.settings, "saved": arguments.save,
                    "test_accuracy": result.accuracy, "train_loss": float(result.loss[-1]),
                    "curves": {"examples": result.examples.tolist(),
                               "train_loss": result.loss.tolist(),
                               "test_accuracy": result.test_accuracy.tolist()}})
    else:
        print(f"{result.settings['optimizer']} on {result.settings['data']}"
              f" ({result.settings['test']}): training loss {result.loss[-1]:.4f},"
              f" test accuracy {100*result.accuracy:.2f} %"
              f" after {result.examples[-1]} examples")
        if arguments.save:
            print(f"saved: {arguments.save}")
    if result.loss[-1] > result.loss[0]:
        print(f"minigrad: {arguments.optimizer} diverged: the training loss rose from"
              f" {result.loss[0]:.4g} to {result.loss[-1]:.4g}; try a smaller --lr",
              file=sys.stderr)
        return BAD
    return GOOD


def race(arguments: argparse.Namespace) -> int:
    for option in ("gif", "html"):
        if getattr(arguments, option):
            writable(getattr(arguments, option), f"--{option}")
    module = import_module("optim.commands.race")
    try:
        result = module.run(arguments)
    except (ValueError, TypeError, OSError) as error:
        raise UserError(str(error)) from error
    if arguments.json:
        print_json(module.as_dict(result))
    else:
        print(result)
    return GOOD


def report(arguments: argparse.Namespace) -> int:
    path = writable(arguments.out, "--out")
    import_module("matplotlib")                     # fails now, not after the work
    module = import_module("optim.report.writing")
    try:
        results = module.write_report(path, arguments.quick)
    except (OSError, BrokenExecutor) as error:      # a full disk; too little memory
        raise UserError(f"report: {error}") from error
    print(module.summary(results))
    print(f"report: {path}")
    return GOOD if results.as_expected else BAD


COMMANDS = {"formula": formula, "derive": derive, "prove": prove, "verify": verify,
            "train": train, "race": race, "report": report}
