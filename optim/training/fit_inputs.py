"""What optim.fit is given, checked and as arrays: data, what is held out, batches."""
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from minigrad import nn
from minigrad.data.batching import Batches
from minigrad.inputs import as_array
from optim.optimizers.optimizer import Optimizer
from optim.optimizers.signatures import article
from optim.training.training_loop import Examples


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
            example = {"loss": "nn.cross_entropy", "order": "optim.training.shuffled"}.get(
                name, "lambda run: print(run.epoch)")
            raise TypeError(f"fit: {name} is {each!r:.80}; needed a function, such as "
                            f"{example}")


def check_agreeing(who: str, validation: Any, patience: int | None, checkpoint: Any,
                   every: int | None, resume: bool) -> None:
    """Raise ValueError for what makes no sense without what is missing."""
    if patience is not None and validation is None:
        raise ValueError(f"{who}: patience is {patience} without examples to watch; needed"
                         " validation=0.2, or validation=(x, y)")
    if (every or resume) and checkpoint is None:
        raise ValueError(f"{who}: {'resume' if resume else 'every'} came without a "
                         "checkpoint; needed checkpoint='run.npz'")
