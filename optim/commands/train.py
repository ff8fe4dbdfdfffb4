"""minigrad train: a network, trained by one of the rules.

    minigrad train digits --optimizer adam --epochs 30 --save digits.npz
    minigrad train digits --model conv --epochs 10
    minigrad train mine.csv --label species --model mlp:16 --save run.npz
    minigrad train houses.csv --label price --task regression --drop-missing --drop id
    minigrad train digits --optimizer 'torch:SGD(momentum=0.9)' --lr 0.1
    minigrad train digits --optimizer homework.py:adam
    minigrad train digits --validation 0.2 --patience 5 --schedule cosine --clip-norm 1
    minigrad train digits --epochs 300 --checkpoint run.npz     # --resume goes on
"""
import argparse
import contextlib
import sys

from pathlib import Path
from typing import Any

from optim.commands.run_options import (
    resumable, run_arguments, run_options, saved_somewhere)
from optim.commands.shared import (
    BAD, GOOD, OTHERS, UserError, count, json_option, known_rule, on_one_line, print_json,
    reading_options, refusing, say, table_in, writable)
from optim.rules import RULES

LIST = ", ".join(RULES)


def what_is_trained(parser: argparse.ArgumentParser) -> None:
    """Declare what says on which data which network is trained, by which rule."""
    add = parser.add_argument
    add("data", metavar="digits|FILE", nargs="?",
        help="the digits that come with minigrad, or a .csv or .npz file")
    add("--optimizer", metavar="NAME", nargs="?", const="",
        help=f"default: adam; there are {LIST}; {OTHERS}")
    add("--label", metavar="NAME|NUMBER",
        help="the column of a .csv file that is the label, all numbers or all words; "
             "default: the last one")
    add("--task", choices=("classification", "regression"),
        help="default: words and few different whole numbers are classes")
    add("--standardize", action=argparse.BooleanOptionalAction, default=None,
        help="bring numbers to mean 0 and deviation 1, as learned on the training part; "
             "default: those of .csv files")
    add("--drop", metavar="COLUMN", nargs="+", action="extend", default=[],
        help="columns of a .csv file to leave out, by name or number")
    add("--categories", metavar="COLUMN", nargs="+", action="extend", default=[],
        help="columns of numbers to take as words, each of which is a category")
    add("--drop-missing", action="store_true",
        help="leave rows out that lack a value: an empty cell, NA, nan, ? or null")
    reading_options(parser)
    add("--model", metavar="conv|gru|SIZES",
        help="conv and gru take square images; sizes such as 64-32-10, or mlp:64-32-10, "
             "have ReLU between, mlp:32 has one hidden layer of 32, as the default has")
    add("--batch", type=batch_size, metavar="all|1|N",
        help="examples per step: all (BGD), 1 (SGD) or N (MBGD; default 32)")
    add("--seed", type=count(0), metavar="N", default=0, help="default: 0")
    add("--split", choices=("random", "file"),
        help="which digits are the test set; file is harder (unseen writers)")


def of_tables(arguments: argparse.Namespace) -> dict[str, Any]:
    """What of it says which examples there are, by the names of optim.train."""
    return {"split": arguments.split or "random"} | {
        name: getattr(arguments, name) for name in (
            "label", "task", "standardize", "drop", "categories", "drop_missing")}


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    what_is_trained(parser)
    add = parser.add_argument
    add("--lr", type=float, metavar="F", help="default: the rule's own")
    add("--epochs", type=count(1), metavar="N", default=30, help="default: 30")
    run_options(parser)
    add("--save", metavar="FILE", help="write parameters and curves, .npz")
    add("--eager", action="store_true",
        help="run the steps as they are written; by default they go through mg.compile, "
             "which changes no bit of them")
    add("--explain", action="store_true",
        help="look at the backward passes and say what is wrong with them (eager steps)")
    json_option(parser)


def batch_size(text: str) -> int | str:
    """How many examples a step sees; "all" stays a word."""
    return "all" if text.lower() == "all" else count(1)(text)


def run(arguments: argparse.Namespace) -> int:
    """Train, and print how it went; bad if the training loss rose."""
    if not arguments.data:
        raise UserError("train: needed digits or a file, as in minigrad train digits "
                        f"--optimizer adam; the optimizers are {LIST}")
    optimizer = known_rule("adam" if arguments.optimizer is None else arguments.optimizer)
    if arguments.split and arguments.data != "digits":
        raise UserError("--split: only digits come with two splits; leave it out")
    if arguments.save is not None:
        saved = writable(arguments.save, "--save", ".npz")
        if saved.exists() and Path(arguments.data).exists() and saved.samefile(
                arguments.data):
            raise UserError(f"--save: {arguments.save!r} is the data; choose another name")
    more = run_arguments(arguments, optimizer)
    import optim.training as training
    from optim.training.locks import alone
    with refusing(ValueError, TypeError, OSError, MemoryError), resumable(
            arguments.words), contextlib.ExitStack() as held:
        if arguments.save:
            held.enter_context(alone(saved))
        watch = held.enter_context(watched()) if arguments.explain else None
        result = training.train(
            table_in(arguments, arguments.categories), optimizer, arguments.model,
            lr=arguments.lr, epochs=arguments.epochs, batch=arguments.batch,
            seed=arguments.seed, **of_tables(arguments), progress=sys.stderr.isatty(),
            compiled=not (arguments.eager or arguments.explain), **more)
        if arguments.save:
            saved_somewhere(result, arguments.save)
    if arguments.json:
        curves = {name: curve.tolist() for name, curve in result.curves.items()}
        print_json({**result.settings, "saved": arguments.save,
                    **{name: curve[result.last] for name, curve in curves.items()},
                    "train_loss": float(result.loss[result.last]), "notes": result.notes,
                    "hints": result.hints,
                    "curves": {"examples": result.examples.tolist(),
                               "train_loss": result.loss.tolist(), **curves}})
    else:
        print(result.summary)
        for note in result.notes:
            print(on_one_line(note))
        if not (arguments.eager or arguments.explain):
            print("steps: compiled by mg.compile (--eager to switch it off)")
        if arguments.save:
            print(f"saved: {arguments.save}")
    if watch is not None:
        explained(watch, sys.stderr if arguments.json else sys.stdout)
    if arguments.optimizer is None:
        print(f"minigrad: trained by adam; --optimizer takes one of {LIST}",
              file=sys.stderr)
    for hint in result.hints:
        say(hint)
    if result.loss[result.last] > result.loss[0]:
        return BAD
    return GOOD


def watched() -> Any:
    """A block in which backward passes are looked at."""
    from minigrad.explanation.watching import watching
    return watching()


def explained(watch: Any, stream: Any) -> None:
    """Print what was seen in the first step and in the last one that was looked at."""
    print(f"first step: {watch.first.diagnosis}", file=stream)
    print(f"of {watch.count} steps: {watch.diagnosis}", file=stream)
