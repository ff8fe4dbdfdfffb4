"""minigrad rates: which learning rates a network bears, before it is trained.

    minigrad rates digits --optimizer adam
    minigrad rates mine.csv --label species --model mlp:16 --out rates.png
    minigrad rates digits --optimizer momentum --low 1e-4 --high 10 --steps 200

The rate grows by the same factor in each step, from low to high; the loss says when it
helps and when it is too much. Smith 2017, section 3.3.
"""
import argparse
import itertools
from typing import Any

import minigrad as mg
from minigrad.randomness import generator
from optim.commands.shared import (
    GOOD, UserError, count, json_option, known_rule, print_json, refusing, say, table_in,
    writable)
from optim.commands.train import of_tables, what_is_trained


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    what_is_trained(parser)
    add = parser.add_argument
    add("--low", type=float, metavar="F", default=1e-5, help="first rate; default: 1e-5")
    add("--high", type=float, metavar="F", default=10.0, help="last rate; default: 10")
    add("--steps", type=count(3), metavar="N", default=100, help="default: 100")
    add("--out", metavar="FILE", help="draw the losses, .png, .svg or .pdf")
    json_option(parser)


def run(arguments: argparse.Namespace) -> int:
    """Test, and print at which rate the loss fell fastest and was lowest."""
    if not arguments.data:
        raise UserError("rates: needed digits or a file, as in minigrad rates digits "
                        "--optimizer adam")
    if arguments.split and arguments.data != "digits":
        raise UserError("--split: only digits come with two splits; leave it out")
    out = None if arguments.out is None else writable(
        arguments.out, "--out", ".png", ".svg", ".pdf")
    optimizer = known_rule(arguments.optimizer or "adam")
    from optim.plots.rate_tests import marked, range_curve
    with refusing(ValueError, TypeError, OSError, MemoryError):
        rates, losses, called = tested(arguments, optimizer)
    if len(rates) < 3:
        raise UserError(f"rates: the loss is lost after {len(rates)} steps, from --low "
                        f"{arguments.low:g} on; start lower")
    steepest, lowest = marked(rates, losses)
    if out is not None:
        range_curve(rates, losses, title=f"{called}: learning-rate range test").savefig(out)
    if arguments.json:
        print_json({"optimizer": called, "steepest": rates[steepest], "lowest":
                    rates[lowest], "rates": rates.tolist(), "losses": losses.tolist(),
                    "out": arguments.out})
        return GOOD
    print(f"{called} on {arguments.data}: {len(rates)} rates from {rates[0]:.2g} to "
          f"{rates[-1]:.2g}, loss {losses[0]:.4g} at the first, {losses[lowest]:.4g} at "
          "the lowest")
    print(f"the loss falls fastest near lr = {rates[steepest]:.2g}: a rate to train with")
    print(f"it is lowest near lr = {rates[lowest]:.2g}: the peak of a one-cycle or cosine "
          "schedule lies below")
    if arguments.out:
        print(f"saved: {arguments.out}")
    if len(rates) == arguments.steps and lowest > 0.9*len(rates):
        say(f"no rate up to {arguments.high:g} was too high; --high goes further")
    return GOOD


def tested(arguments: argparse.Namespace, optimizer: Any) -> tuple[Any, Any, str]:
    """The rates, the loss at each, and what the optimizer is called."""
    import optim.training as training
    from optim.plots.rate_tests import range_test
    from optim.training.tables import tables
    data = table_in(arguments, arguments.categories)
    ready = training.train(data, optimizer, arguments.model, epochs=0, compiled=False,
                           batch=arguments.batch, seed=arguments.seed,
                           **of_tables(arguments))
    _, for_order, for_test = generator(arguments.seed).spawn(3)     # as train has them
    examples = tables(data, rng=for_test, **of_tables(arguments)).fixed(
        ready.model.parameters()[0].dtype)
    size = ready.settings["batch"]
    batches = mg.data.batches(examples.x_train, examples.y_train,
                              None if size == "all" else size, for_order)
    endless = itertools.chain.from_iterable(itertools.repeat(batches))

    def loss() -> Any:
        x, y = next(endless)
        return ready.task.loss(ready.model(x), y)
    mover: Any = ready.optimizer
    rates, losses = range_test(mover, loss, arguments.low, arguments.high, arguments.steps)
    return rates, losses, ready.settings["optimizer"]
