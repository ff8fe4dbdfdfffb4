"""minigrad train: a classifier, trained by one of the rules.

    minigrad train digits --optimizer adam --epochs 30 --save digits.npz
    minigrad train mine.csv --model 4-16-3 --batch all --json
"""
import argparse
import sys

from optim.commands.shared import (
    BAD, GOOD, UserError, json_option, known_name, print_json, refusing, writable)


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    add = parser.add_argument
    add("data", metavar="digits|FILE",
        help="the digits that come with minigrad, or a .csv or .npz file")
    add("--optimizer", metavar="NAME", default="adam", help="default: adam")
    add("--model", metavar="SIZES", help="such as 64-32-10, ReLU between")
    add("--lr", type=float, metavar="F", help="default: the rule's own")
    add("--epochs", type=int, metavar="N", default=30, help="default: 30")
    add("--batch", type=batch_size, metavar="all|1|N", default=32,
        help="examples per step: all (BGD), 1 (SGD) or N (MBGD; default 32)")
    add("--seed", type=int, metavar="N", default=0, help="default: 0")
    add("--split", choices=("random", "file"),
        help="which digits are the test set; file is harder (unseen writers)")
    add("--save", metavar="FILE", help="write parameters and curves, .npz")
    json_option(parser)


def batch_size(text: str) -> int | str:
    """How many examples a step sees; "all" stays a word."""
    if text == "all":
        return text
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no batch size; needed all, 1, 2 ...")
    return int(text)


def run(arguments: argparse.Namespace) -> int:
    """Train, and print how it went; bad if the training loss rose."""
    known_name(arguments.optimizer)
    if arguments.split and arguments.data != "digits":
        raise UserError("--split: only digits come with two splits; leave it out")
    if arguments.save:
        writable(arguments.save, "--save")
    import optim.training as training
    with refusing(ValueError, TypeError, OSError, MemoryError):
        result = training.train(
            arguments.data, arguments.optimizer, arguments.model, lr=arguments.lr,
            epochs=arguments.epochs, batch=arguments.batch, seed=arguments.seed,
            split=arguments.split or "random", progress=True)
        if arguments.save:
            result.save(arguments.save)
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
