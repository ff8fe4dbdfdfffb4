"""What a training run is told besides: when to stop, where to go on from, what changes."""
import argparse
import contextlib
import os
import shlex
import signal
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from optim.commands.shared import UserError, count, say, writable
from optim.dialects.named_optimizers import any_rule
from optim.optimizers.signatures import anatomy


def run_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options, which run_arguments reads."""
    add = parser.add_argument
    add("--validation", type=share, metavar="SHARE",
        help="watch this share of the training part instead of learning from it, as 0.2")
    add("--patience", type=count(1), metavar="N",
        help="end after N epochs without a lower validation loss; the best weights stay")
    add("--schedule", metavar="NAME",
        help="how the rate changes: cosine, one_cycle, 'step(every=100)', "
             "'warm_up(cosine, steps=50)', reduce_on_plateau; over all steps, or as many "
             "as it says")
    add("--clip-norm", type=positive, metavar="F",
        help="shorten gradients that are longer, all parameters together")
    add("--weight-decay", type=positive, metavar="F",
        help="take this share off the weights in every step, past the rule, not multiplied "
             "by lr; or the rule's own weight_decay, if it has one")
    add("--checkpoint", metavar="FILE",
        help="save all that the run needs to go on, .npz, after each epoch")
    add("--every", type=count(1), metavar="N", help="save after every N steps instead")
    add("--resume", action="store_true",
        help="go on from the checkpoint, bit for bit; start if there is none yet")


def share(text: str) -> float:
    """The type of an option that is a share, between 0 and 1."""
    value = positive(text)
    if value >= 1:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} came; needed a share between 0 "
                                         "and 1, such as 0.2")
    return value


def positive(text: str) -> float:
    """The type of an option that is a positive number."""
    text = text.strip()
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text[:40]!r} came; needed a number above 0")
    return value


def run_arguments(arguments: argparse.Namespace, optimizer: Any) -> dict[str, Any]:
    """What optim.train is to be told; UserError for options that contradict each other."""
    given = arguments
    if given.patience and not given.validation:
        raise UserError("--patience: needed --validation SHARE, which it watches")
    for option, value in ("--resume", given.resume), ("--every", given.every):
        if value and not given.checkpoint:
            raise UserError(f"{option}: needed --checkpoint FILE, where the run is saved")
    if given.checkpoint is not None:
        path = writable(given.checkpoint, "--checkpoint", ".npz")
        for name, other in ("data", given.data), ("same as --save", given.save):
            if other and path.resolve() == Path(other).resolve():
                raise UserError(f"--checkpoint: {given.checkpoint!r} is the {name}; choose "
                                "another name")
        if given.resume and not (path.exists() or path.with_suffix(
                ".previous.npz").exists()):
            say(f"there is no {given.checkpoint} yet: starting")
        if path.exists() and not given.resume:
            raise UserError(f"--checkpoint: {given.checkpoint!r} exists; add --resume to "
                            "go on from it, or choose another name")
    around, hyperparameters = [], {}
    if given.clip_norm or given.weight_decay:
        from optim import transforms
        if given.clip_norm:
            around.append(transforms.clip_by_norm(given.clip_norm))
        if given.weight_decay and "weight_decay" in anatomy(any_rule(optimizer))[1]:
            hyperparameters["weight_decay"] = given.weight_decay
        elif given.weight_decay:
            around.append(transforms.weight_decay(given.weight_decay))
    return {"validation": given.validation, "patience": given.patience,
            "schedule": given.schedule, "transforms": around,
            "hyperparameters": hyperparameters, "checkpoint": given.checkpoint,
            "every": given.every, "resume": given.resume}


def saved_somewhere(result: Any, path: str) -> None:
    """Save a training; UserError, which says where it is instead, if the disk is full."""
    try:
        result.save(path)
    except OSError as error:
        other = Path(tempfile.gettempdir(), f"{Path(path).stem}-{os.getpid()}.npz")
        result.save(other)
        raise UserError(f"--save: {path!r} could not be written ({error.strerror or error})"
                        f"; the result is in {other}") from error


@contextlib.contextmanager
def resumable(words: list[str]) -> Iterator[None]:
    """A block in which SIGTERM is Ctrl-C, a warning is a line on stderr, and an interrupt
    says which command goes on. words: those of the command line."""
    def say_it(message: Warning | str, *_: Any, **__: Any) -> None:
        say(str(message))
    before = signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always", RuntimeWarning)
            warnings.showwarning = say_it
            yield
    except KeyboardInterrupt as error:
        what = getattr(error, "what", "")
        if not what:
            raise
        command = shlex.join(["minigrad", *words])
        how = (f"go on: {command}{'' if '--resume' in words else ' --resume'}"
               if getattr(error, "checkpoint") else "nothing is saved; with --checkpoint "
               "FILE it would be, and --resume would go on")
        raise KeyboardInterrupt(f"{what}; {how}") from None
    finally:
        signal.signal(signal.SIGTERM, before)
