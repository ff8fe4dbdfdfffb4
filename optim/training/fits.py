"""fit: train a model of one's own on data of one's own, by an optimizer of one's own."""
import math
import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minigrad import nn
from minigrad.randomness import generator
from minigrad.spellings import explaining
from optim.optimizers.history import History
from optim.optimizers.optimizer import Optimizer
from optim.optimizers.signatures import name_of
from optim.training.checkpoints import Checkpoint, fingerprint
from optim.training.fit_inputs import (
    batch_size, check_agreeing, check_counts, check_functions, checked, given_data, parted)
from optim.training.measures import called, in_words, metrics_of, usual_loss
from optim.training.orders import Order, as_they_stand, shuffled
from optim.training.training_loop import Run


@explaining
def fit(model: nn.Module, data: Any, optimizer: Optimizer | None = None, *,
        epochs: int = 10, batch: int | str | None = None,
        loss: Callable[[Any, Any], Any] | None = None,
        validation: float | tuple[Any, Any] | None = None, patience: int | None = None,
        min_delta: float = 0.0, shuffle: bool = True, order: Order | None = None,
        metrics: Any = None, callbacks: Any = (), evaluate_every: int | None = None,
        seed: int = 0, checkpoint: str | os.PathLike[str] | None = None,
        every: int | None = None, resume: bool = False, progress: bool = False,
        compiled: bool = True) -> History:
    """Train a model, in place, and give what was measured: a History.

    data: (x, y), (x, y, x_test, y_test), or mg.data.batches(x, y, size); x of any shape
    (n, ...), floats in the dtype of the model. batch: examples to a step, or "all"; 32 if
    None. loss: a function of (output, target) that gives a scalar tensor, the mean over
    the examples; if None, cross_entropy for targets of integers, mse_loss for floats; print
    the History to see which. validation: the share to hold out, or (x, y). patience: end
    after so many measurements whose validation loss is not min_delta below the best, and
    bring the best weights back. shuffle: whether each epoch has an order of its own; order:
    a curriculum, see optim.training.orders. metrics: names or functions of (output,
    target) as arrays; accuracy for classes. callbacks: functions of the Run, called after
    each measurement; run.stop() ends it. evaluate_every: examples between two measurements,
    an epoch if None. All that is drawn follows from the seed, or from mg.manual_seed.

    checkpoint: a file, .npz, for all that the run needs to go on, written every so many
    steps, or after each epoch; resume: go on from there, bit for bit, with the arguments of
    the first call (only epochs, every, callbacks, progress and compiled may be others); if
    there is none, start. What callbacks, losses and orders remember themselves is not
    saved. Ctrl-C ends the step, saves, and raises KeyboardInterrupt, so that no script goes
    on with half a training; the error's .history is what was measured (in a notebook:
    sys.last_value.history), and the model is as it was after that step.

    The History has t (steps), examples, epoch, loss, validation_loss, ...: entry 0 is the
    start. Losses are measured on all examples, with the model in eval(). compiled: whether
    steps go through mg.compile, which changes no bit.

    Raises ValueError or TypeError for what does not fit; FloatingPointError for a loss that
    is not finite; before the work OSError for a checkpoint that cannot be written,
    FileExistsError where one is already, ValueError for one of another run.

    >>> import minigrad as mg, optim
    >>> model = nn.Sequential(nn.Linear(2, 8, rng=0), nn.ReLU(), nn.Linear(8, 3, rng=1))
    >>> opt = optim.Adam(model.parameters(), lr=0.05)
    >>> history = optim.fit(model, mg.data.blobs(60, rng=0), opt, validation=0.2)
    >>> history.epoch[-1], history.validation_accuracy[-1]
    (np.int64(10), np.float64(1.0))
    """
    optimizer = checked(model, optimizer)
    check_counts("fit", epochs=epochs, patience=patience, evaluate_every=evaluate_every,
                 every=every, seed=seed)
    check_agreeing("fit", validation, patience, checkpoint, every, resume)
    callbacks = [callbacks] if callable(callbacks) else [*callbacks]
    check_functions(loss=loss, order=order, **{f"callbacks[{k}]": each for k, each in
                                               enumerate(callbacks)})
    if not (isinstance(min_delta, (int, float)) and 0 <= min_delta < math.inf):
        raise ValueError(f"fit: min_delta is {min_delta!r}; needed a number from 0 on")
    for_order, for_validation, for_draws = generator(seed).spawn(3)
    dtype = model.parameters()[0].dtype
    given = given_data(data, batch, dtype, for_order)
    sets = parted("fit", given.sets, validation, for_validation, dtype)
    x, y = sets[""]
    size = batch_size(given.batch, len(x))
    chosen = loss or usual_loss(y)
    functions = {"loss": chosen, **metrics_of(metrics, chosen)}
    order = order or (shuffled if shuffle else as_they_stand)
    run = Run(model, optimizer, sets, chosen, dict.fromkeys(sets, functions),
              epochs=epochs, batch=None if size == "all" else int(size),
              order_rng=given.rng, shared_rng=for_draws, order=order,
              every=evaluate_every, patience=patience, min_delta=min_delta,
              callbacks=callbacks, compiled=compiled)
    mode = model.training
    if not mode:                                # left so after it was used
        model.train()
    try:
        return trained(run, checkpoint, every, resume, progress, {
            "seed": seed, "validation": share_of(validation)})
    finally:
        if not mode:
            model.eval()


def trained(run: Run, checkpoint: str | os.PathLike[str] | None, every: int | None,
            resume: bool, progress: bool, settings: Mapping[str, Any]) -> History:
    """The run to its end, with a checkpoint if one is asked for; settings: what else it
    depends on."""
    if checkpoint is None:
        return run.to_the_end(progress=progress)
    saved = Checkpoint(checkpoint, every, resume, run.who)
    with saved.of(run, settings_in(run, settings)):
        return run.to_the_end(saved, progress)


def share_of(validation: Any) -> float | None:
    """The share to hold out, if one was asked for; arrays speak for themselves."""
    return float(validation) if isinstance(validation, (float, np.floating)) else None


def settings_in(run: Run, more: Mapping[str, Any]) -> dict[str, Any]:
    """What two runs must agree in for one to go on where the other ended, in plain data."""
    parts = run.model.state_dict()
    sets: Iterable[tuple[str, NDArray]] = (
        (prefix + name, array) for prefix, pair in run.sets.items()
        for name, array in zip("xy", pair))
    return {
        **more, "rule": name_of(run.optimizer.rule),
        "hyperparameters": [{name: in_words(value) for name, value in group.items()
                             if name != "params"} for group in run.optimizer.param_groups],
        "model": repr(run.model),
        "parameters": {name: f"{value.dtype} {value.shape}"
                       for name, value in parts.items()},
        **{name: fingerprint(array) for name, array in sets},
        "batch": run.batch, "loss": called(run.loss), "order": called(run.order),
        "metrics": [*run.measured[""]], "evaluate_every": run.every,
        "patience": run.patience, "min_delta": run.min_delta,
        "generators": {name: type(rng.bit_generator).__name__
                       for name, rng in run.generators().items()}}
