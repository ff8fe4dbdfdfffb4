"""The one training loop: epochs of steps, measured, stopped in time, and resumed.

Its state, as `Run.state` gives it, is all that the rest of a run depends on; so one that
takes it up goes on bit for bit.
"""
import contextlib
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minigrad import nn
from minigrad.randomness import shared_or
from optim.optimizers.compiling import replayed
from optim.optimizers.history import History
from optim.optimizers.optimizer import Optimizer
from optim.optimizers.signatures import name_of
from optim.training.checkpoints import Checkpoint
from optim.training.interrupts import Interrupted, interrupts
from optim.training.measures import (
    Measure, called, measuring, number, output_of, values_of)
from optim.training.network_steps import Diverged, infinite, training_step
from optim.training.orders import Order, indices, shuffled
from optim.training.run_states import (
    generators_in, rates, restore_model, restore_optimizer, schedules_of, settings_of,
    state_of_model, state_of_optimizer)
from optim.training.symptoms import cure

Examples = tuple[NDArray, NDArray]
# Without tqdm's bar, so that the losses have room on 80 columns.
BAR = "{desc} {n_fmt}/{total_fmt} [{elapsed}<{remaining}{postfix}]"


class Run:
    """A training under way, as a callback sees it: .epoch and .step are what it has done,
    .history what was measured so far, .model and .optimizer; .stop() ends it.

    sets {prefix: (x, y)}: "" is what is trained on. measured {prefix: {name: function}}.
    batch: examples to a step, None for all. every: examples between two measurements, None
    for an epoch. patience: how many measurements without a better one to bear.
    """

    def __init__(self, model: nn.Module, optimizer: Optimizer, sets: Mapping[str, Examples],
                 loss: Measure, measured: Mapping[str, Mapping[str, Measure]], *,
                 epochs: int, batch: int | None, order_rng: np.random.Generator,
                 shared_rng: np.random.Generator, order: Order = shuffled,
                 every: int | None = None, patience: int | None = None,
                 min_delta: float = 0.0, callbacks: Iterable[Callable[["Run"], Any]] = (),
                 compiled: bool = True, who: str = "fit") -> None:
        self.model, self.optimizer, self.sets, self.measured = (
            model, optimizer, sets, measured)
        self.loss, self.order, self.callbacks, self.who = loss, order, [*callbacks], who
        self.epochs, self.batch, self.every = epochs, batch, every
        self.patience, self.min_delta = patience, min_delta
        self.order_rng, self.shared_rng = order_rng, shared_rng
        self.hyperparameters = settings_of(optimizer)
        self.watched = "validation_loss" if "validation_" in measured else "loss"
        self.epoch = self.step = self.seen = self.position = 0
        self.taken: NDArray | None = None               # the examples of this epoch
        self.rows: list[dict[str, Any]] = []
        self.best: int | None = None                    # a row, if patience asks for it
        self.best_state: dict[str, Any] = {}
        self.stopped: str | None = None
        step = training_step(model, optimizer, loss)
        self.work = replayed(step) if compiled else step

    @property
    def history(self) -> History:
        """What was measured so far."""
        columns = {name: [row[name] for row in self.rows] for name in self.rows[0]}
        return History(self.optimizer.rule, self.hyperparameters, columns, self.stopped,
                       self.best, called(self.loss))

    def stop(self, why: str = "a callback") -> None:
        """End the run after this step."""
        self.stopped = why

    # --- the loop -----------------------------------------------------------------------

    def to_the_end(self, checkpoint: Checkpoint | None = None,
                   progress: bool = False) -> History:
        """Train to the last epoch, or until something stops it.

        The first Ctrl-C ends the step, saves and then raises KeyboardInterrupt, which has
        the history so far as .history.
        """
        with interrupts() as asked, shared_or(self.shared_rng), (
                self.bar() if progress else contextlib.nullcontext()) as bar:
            if not self.rows:
                self.look()
                if checkpoint:
                    checkpoint.begin(self.state())
            while self.epoch < self.epochs and self.stopped is None:
                epoch = self.epoch
                self.advance()
                if bar is not None and self.epoch > epoch:
                    bar.update()
                    bar.set_postfix({name: f"{self.rows[-1][name]:.4f}" for name in
                                     self.shown()})
                if checkpoint and (asked.to_stop or self.stopped or checkpoint.due(self)):
                    checkpoint.save(self.state())
                if asked.to_stop:
                    raise self.interrupted(checkpoint)
            self.finish()
        return self.history

    def bar(self) -> Any:
        """A progress bar on stderr; it loads much, and has a lock for all processes."""
        from tqdm import tqdm
        return tqdm(total=self.epochs, desc=name_of(self.optimizer.rule), unit="epoch",
                    initial=self.epoch, bar_format=BAR)

    def advance(self) -> None:
        """One step on one batch, and what is due after it."""
        x, y = self.sets[""]
        if self.batch is not None:
            if self.taken is None:
                self.taken = indices(self.order(self.epoch, self.order_rng, x, y), len(x))
            part = self.taken[self.position:self.position + self.batch]
            x, y = x[part], y[part]
        # The checks for inf and NaN say more than NumPy's warnings on the way there.
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            try:
                self.work(x, y)
            except Diverged as error:
                raise self.diverged(str(error)) from error
        self.step += 1
        self.seen += len(y)
        self.position += len(y)
        ended = self.taken is None or self.position >= len(self.taken)
        if ended:
            self.epoch, self.position, self.taken = self.epoch + 1, 0, None
        if (ended if self.every is None else
                self.seen//self.every > (self.seen - len(y))//self.every):
            self.look()
            self.react()

    def look(self) -> None:
        """Measure, unless this moment has been; and remember the best weights."""
        if self.rows and self.rows[-1]["t"] == self.step:
            return
        row: dict[str, Any] = {"t": self.step, "examples": self.seen,
                               "epoch": self.epoch if self.taken is None else
                               self.epoch + self.position/len(self.taken)}
        with measuring(self.model):
            for prefix, functions in self.measured.items():
                x, y = self.sets[prefix]
                output = output_of(self.model, x)
                row |= {prefix + name: number(f"{self.who}: {prefix}{name}", function(
                    output if function is self.loss else values_of(output), y))
                    for name, function in functions.items()}
        if not math.isfinite(row["loss"]):
            raise self.diverged(infinite(row["loss"]))
        self.rows.append(row | rates(self.optimizer))
        if self.patience is not None and (
                self.best is None or row[self.watched] <
                self.rows[self.best][self.watched] - self.min_delta):
            self.best, self.best_state = len(self.rows) - 1, state_of_model(self.model)

    def react(self) -> None:
        """What follows from a measurement: rates fall, the run stops, callbacks."""
        for schedule in schedules_of(self.optimizer):
            schedule.observe(self.rows[-1][self.watched])
        waited = len(self.rows) - 1 - (self.best or 0)
        if self.patience is not None and waited >= self.patience:
            self.stop("patience")
        for callback in self.callbacks:
            callback(self)

    def finish(self) -> None:
        """Measure the end, and bring the best weights back."""
        self.look()
        if self.best is not None:
            restore_model(self.model, self.best_state)

    def shown(self) -> Iterator[str]:
        """What the progress bar shows: all but the counts."""
        return (name for name, value in self.rows[-1].items()
                if name not in ("t", "examples", "epoch") and name[:2] != "lr")

    # --- its state ----------------------------------------------------------------------

    COUNTS = "epoch step seen position taken rows best stopped".split()

    def state(self) -> dict[str, Any]:
        """All that the rest of the run depends on, but for the data and the callbacks."""
        return {"counts": {name: getattr(self, name) for name in self.COUNTS},
                "generators": {name: rng.bit_generator.state
                               for name, rng in self.generators().items()},
                "model": state_of_model(self.model), "best": self.best_state,
                "optimizer": state_of_optimizer(self.optimizer)}

    def load(self, state: dict[str, Any]) -> None:
        """Go on from a state; the model and the optimizer must be of its kind."""
        restore_optimizer(self.optimizer, state["optimizer"])
        restore_model(self.model, state["model"])
        self.best_state = state["best"]
        for name, value in state["counts"].items():
            setattr(self, name, value)
        for name, rng in self.generators().items():
            rng.bit_generator.state = state["generators"][name]

    def generators(self) -> dict[str, np.random.Generator]:
        """{name: generator} of all that draw in this run."""
        with shared_or(self.shared_rng) as shared:
            return {"order": self.order_rng, "shared": shared,
                    **generators_in(self.model, self.optimizer)}

    # --- what went wrong ----------------------------------------------------------------

    def diverged(self, what: str) -> FloatingPointError:
        """The error that says where, and what to do."""
        x, _ = self.sets[""]
        remedy = cure(self.optimizer.rule, settings_of(self.optimizer),
                      float(np.abs(x).max()))
        return FloatingPointError(
            f"{self.who}: {name_of(self.optimizer.rule)} diverged at step {self.step + 1}, "
            f"after {self.seen} examples: {what}. {remedy}")

    def interrupted(self, checkpoint: Checkpoint | None) -> Interrupted:
        """The error that says how to go on."""
        self.stopped = "an interrupt"
        what = (f"interrupted after step {self.step}, in epoch {self.epoch + 1} of "
                f"{self.epochs}")
        if checkpoint and checkpoint.written != self.step:
            what += f", which is not saved, but step {checkpoint.written} is"
        return Interrupted(what, checkpoint.path if checkpoint else None, self.history)
