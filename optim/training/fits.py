"""fit: train a model of one's own on data of one's own, by an optimizer of one's own."""
import math
import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from minigrad import nn
from minigrad.data.batching import Batches
from minigrad.inputs import as_array
from minigrad.randomness import generator
from minigrad.spellings import explaining
from optim.optimizers.history import History
from optim.optimizers.optimizer import Optimizer
from optim.optimizers.signatures import article, name_of
from optim.training.checkpoints import Checkpoint, fingerprint
from optim.training.measures import called, in_words, metrics_of, usual_loss
from optim.training.orders import Order, as_they_stand, shuffled
from optim.training.training_loop import Examples, Run


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


class Given(NamedTuple):
    """The arrays in what came as data, the size of a batch, and what draws the order."""
    sets: dict[str, Examples]
    batch: int | str | None
    rng: np.random.Generator


def given_data(data: Any, batch: int | str | None, dtype: np.dtype,
               rng: np.random.Generator) -> Given:
    """Data in any form as arrays; ValueError or TypeError for what is none."""
    if isinstance(data, Batches):
        if batch is not None:
            raise ValueError(f"fit: batch is {batch}, but the data came in batches; leave "
                             "one of them out")
        batch, rng = data.size or "all", data.rng or rng
        data = data.x, data.y
    if not isinstance(data, (tuple, list)) or len(data) not in (2, 4):
        raise TypeError(f"fit: data came as {type(data).__name__}"
                        f"{f' of {len(data)}' if isinstance(data, (tuple, list)) else ''};"
                        " needed (x, y), (x, y, x_test, y_test) or mg.data.batches")
    prefixes = "", "test_"
    return Given({prefix: examples(f"fit: {prefix}", x, y, dtype) for prefix, x, y in zip(
        prefixes, data[::2], data[1::2])}, batch, rng)


def examples(who: str, x: Any, y: Any, dtype: np.dtype) -> Examples:
    """Copies of x and y, floats in the model's dtype, which nobody writes meanwhile."""
    found = []
    for name, came in (("x", x), ("y", y)):
        array = as_array(f"{who}{name}", came)
        array = array.numpy() if hasattr(array, "numpy") else array
        if not array.ndim or array.dtype.kind not in "biuf":
            raise TypeError(f"{who}{name} is {array.dtype} of shape {array.shape}; needed "
                            "an array of numbers, (n, ...)")
        array = array.astype(dtype if array.dtype.kind == "f" else array.dtype)
        if not np.isfinite(array).all():
            where = np.argwhere(~np.isfinite(array))[0].tolist()
            raise ValueError(f"{who}{name}{where} is not finite; needed finite numbers")
        array.flags.writeable = False
        found.append(array)
    if len(found[0]) != len(found[1]) or not len(found[0]):
        raise ValueError(f"{who}x has {len(found[0])} examples and its y {len(found[1])}; "
                         "needed as many, and at least one")
    return found[0], found[1]


def parted(who: str, sets: dict[str, Examples], validation: Any,
           rng: np.random.Generator, dtype: np.dtype) -> dict[str, Examples]:
    """The sets, and the validation set: a share of what there is to train on, or arrays."""
    if validation is None:
        return sets
    x, y = sets[""]
    if isinstance(validation, (tuple, list)) and len(validation) == 2:
        held = examples(f"{who}: validation_", validation[0], validation[1], dtype)
        train = x, y
    else:
        out, kept = drawn_share(who, validation, len(x), rng)
        held, train = (x[out], y[out]), (x[kept], y[kept])
    return {"": train, "validation_": held, **{k: v for k, v in sets.items() if k}}


def drawn_share(who: str, share: Any, n: int, rng: np.random.Generator) -> list[NDArray]:
    """Which of n examples are the validation set, drawn by `rng`, and which are not."""
    if not (isinstance(share, (float, np.floating)) and 0 < share < 1):
        raise ValueError(f"{who}: validation is {share!r:.80}; needed a share between 0 "
                         f"and 1{', or (x, y)' if who == 'fit' else ''}")
    count = max(1, round(share*n))
    if count >= n:
        raise ValueError(f"{who}: validation is {share} of {n} examples; needed one or more"
                         " to train on")
    return np.split(rng.permutation(n), [count])


def batch_size(batch: int | str | None, count: int, who: str = "fit") -> int | str:
    """How many examples a step sees; ValueError for what cannot be, as more than all."""
    if batch is None:
        return min(32, count)
    number = isinstance(batch, (int, np.integer)) and not isinstance(batch, bool)
    if batch == "all" or number and 1 <= int(batch) <= count:
        return batch
    raise ValueError(f"{who}: batch size is {batch!r}; needed 1 to {count}, as many as "
                     "there are to train on, or 'all'")


def checked(model: Any, optimizer: Any) -> Optimizer:
    """The optimizer; TypeError or ValueError unless it moves what the model has."""
    if not isinstance(model, nn.Module):
        raise TypeError(f"fit: {article(type(model).__name__)} came as the model; needed "
                        "an nn.Module, fit(model, (x, y), optimizer), or, for a network "
                        "that is made for the data, optim.train((x, y), 'adam')")
    if not hasattr(optimizer, "param_groups"):
        raise TypeError(f"fit: {article(type(optimizer).__name__)} came as the optimizer; "
                        "needed one, such as optim.Adam(model.parameters(), lr=0.001)")
    own = {id(p) for p in model.parameters()}
    if not own & {id(p) for group in optimizer.param_groups for p in group["params"]}:
        raise ValueError("fit: the optimizer moves no parameter of this model; needed "
                         f"{type(optimizer).__name__}(model.parameters())")
    return optimizer


def check_counts(who: str, **counts: Any) -> None:
    """Raise ValueError for what is no whole number, from 0 or 1 on; some may be None."""
    for name, n in counts.items():
        least = 0 if name in ("epochs", "seed") else 1
        if n is None and least:
            continue
        if isinstance(n, bool) or not (isinstance(n, (int, np.integer)) and n >= least):
            raise ValueError(f"{who}: {name} is {n!r}; needed a whole number from {least} "
                             "on")


def check_functions(**given: Any) -> None:
    """Raise TypeError for what is no function, nor None."""
    for name, each in given.items():
        if each is not None and not callable(each):
            raise TypeError(f"fit: {name} is {each!r:.80}; needed a function")


def check_agreeing(who: str, validation: Any, patience: int | None, checkpoint: Any,
                   every: int | None, resume: bool) -> None:
    """Raise ValueError for what makes no sense without what is missing."""
    if patience is not None and validation is None:
        raise ValueError(f"{who}: patience is {patience} without examples to watch; needed"
                         " validation=0.2, or validation=(x, y)")
    if (every or resume) and checkpoint is None:
        raise ValueError(f"{who}: {'resume' if resume else 'every'} came without a "
                         "checkpoint; needed checkpoint='run.npz'")


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
