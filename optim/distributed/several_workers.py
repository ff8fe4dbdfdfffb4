"""train: a model trained by several workers, by one of the strategies.

    optim.distributed.train(model, (x, y), "adam", workers=2, epochs=5, lr=1e-3)
    optim.distributed.train(model, (x, y), optimizer, strategy="downpour", client=client)
"""
from concurrent.futures import Executor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minigrad import nn
from minigrad.randomness import generator
from minigrad.spellings import explaining
from optim import rules
from optim.distributed.asynchronous import Downpour, ElasticAveraging, Strategy
from optim.distributed.clusters import engine_of
from optim.distributed.delays import plain_numbers, whole
from optim.distributed.progress import Progress
from optim.distributed.replicas import Loss, packed, trained
from optim.distributed.revisions import adaptive_revision
from optim.distributed.servers import Center, Parameters
from optim.distributed.synchronous import synchronous
from optim.optimizers.history import History
from optim.optimizers.optimizer import Optimizer
from optim.optimizers.signatures import (
    Rule, is_of_whole_parameters, name_of, supplied_to)
from optim.optimizers.supplies import GradientAt
from optim.training.fit_inputs import batch_size
from optim.training.measures import usual_loss

PUSHING = "n_push", "n_fetch", "lr_local"
STRATEGIES: dict[str, tuple[str, ...]] = {              # and what only they take
    "synchronous": (), "downpour": PUSHING, "delay_tolerant": PUSHING,
    "elastic_averaging": ("alpha", "period")}


@explaining
def train(model: nn.Module, data: tuple[Any, Any], optimizer: "Optimizer | Rule | str", *,
          strategy: str = "synchronous", epochs: int = 1, batch: int | str | None = None,
          loss: Loss | None = None, seed: int = 0, workers: int = 0, client: Any = None,
          executor: Executor | None = None, shards: int | None = None, lr: Any = None,
          n_push: int | None = None, n_fetch: int | None = None,
          lr_local: float | None = None, alpha: float | None = None,
          period: int | None = None, timeout: float = 60.0) -> History:
    """Train a model in place on (x, y), with the work on several workers.

    The arguments are those of optim.fit; synchronous training takes its steps, with the
    same seed on the same batches.

    strategy: "synchronous"; "downpour" with n_push and n_fetch, 1 if None, and lr_local,
    the first group's lr if None; "delay_tolerant", which is Downpour by
    optim.distributed.adaptive_revision; "elastic_averaging" with alpha, 0.9/shards if
    None, and period, 10 if None. optimizer: an Optimizer of the model's parameters, or a
    rule, with lr; elastic averaging takes its rule for each replica. batch: how many
    examples a step of all parts together takes, or "all"; 32, or all if fewer, if None.
    workers: 0 for none but this thread, n for a Dask cluster of n processes on this machine
    for the time of the run (a script then needs `if __name__ == "__main__":`); or
    client=, a Dask client, or executor=, any of concurrent.futures. shards: in how many
    parts the data are cut, as many as workers if None. Synchronous results depend on the
    shards by rounding, on workers not at all; the others also on who is done first, unless
    workers is 0. loss(model(x), y) has to be a mean over examples: cross_entropy for whole
    numbers y if None, else mse_loss. timeout: seconds without any worker, then it fails.

    The History has t, how many steps were taken, after each epoch; loss, the mean over its
    batches before their steps; age, how many pushes the gradients were late on average.
    Raises ValueError and TypeError for what cannot be trained so, FloatingPointError for a
    gradient that is not finite, naming part and worker, RuntimeError for workers that are
    gone: then the model is as it was after the last step.

    >>> import minigrad
    >>> x, y = minigrad.data.blobs(60, rng=0)
    >>> model = nn.Linear(2, 3, rng=0)
    >>> history = train(model, (x, y), "adam", epochs=20, lr=0.1, shards=4)
    >>> bool(history.loss[-1] < history.loss[0]/5)
    True
    """
    if strategy not in STRATEGIES:
        raise ValueError(f"train: strategy is {strategy!r}; needed one of "
                         f"{', '.join(STRATEGIES)}, or optim.distributed.hogwild")
    options = {"n_push": n_push, "n_fetch": n_fetch, "lr_local": lr_local, "alpha": alpha,
               "period": period}
    for name, value in options.items():
        if value is not None and name not in STRATEGIES[strategy]:
            raise ValueError(f"train: {name} came, which {strategy} does not take; needed "
                             f"{' or '.join(STRATEGIES[strategy]) or 'none of these'}")
    counts = {name: whole(f"train: {name}", value, least) for name, value, least in (
        ("epochs", epochs, 1), ("workers", workers, 0),
        ("n_push", 1 if n_push is None else n_push, 1),
        ("n_fetch", 1 if n_fetch is None else n_fetch, 1),
        ("period", 10 if period is None else period, 1))}
    if alpha is not None and not 0 <= alpha <= 1:
        raise ValueError(f"train: alpha is {alpha}; needed a share of the distance to the "
                         "center, from 0 to 1, as 0.9 divided by the number of replicas")
    parameters = trained(model)
    x, y = arrays(data, parameters[0][1].dtype)
    size = batch_size(batch, len(x), "train")
    loss = loss or usual_loss(y)
    mover = optimizer_of(optimizer, parameters, lr, strategy)
    pack = packed(model, loss)
    with engine_of(counts["workers"], client, executor, timeout) as engine:
        parts = whole("train: shards", engine.workers if shards is None else shards, 1)
        if strategy != "synchronous" and parts > len(x):
            raise ValueError(f"train: {len(x)} examples came for {parts} replicas; needed "
                             "one or more for each: fewer shards")
        run = Progress(model, parameters, mover, engine, pack, seed, x, y, parts)
        if strategy == "synchronous":
            for_order, *_ = generator(seed).spawn(3)            # as optim.fit draws
            synchronous(run, epochs, size, for_order)
        else:
            settings = {name: value for name, value in mover.param_groups[0].items()
                        if name != "params"}
            mine: Strategy
            if strategy == "elastic_averaging":
                mine = ElasticAveraging(
                    Center(parameters), parts, mover.rule,
                    plain_numbers("train", mover.rule, settings),
                    0.9/parts if alpha is None else alpha, counts["period"])
            else:
                local = plain_numbers("train: lr_local", rules.gradient_descent, {
                    "lr": settings.get("lr", 0.01) if lr_local is None else lr_local})
                mine = Downpour(run.server, parts, local["lr"], counts["n_push"],
                                counts["n_fetch"])
            run.asynchronously(mine, epochs, len(x) if size == "all" else int(size))
        return run.history()


def arrays(data: Any, dtype: np.dtype) -> tuple[NDArray, NDArray]:
    """x and y as arrays, floats in the dtype of the parameters; ValueError for others."""
    if not isinstance(data, (tuple, list)) or len(data) != 2:
        raise TypeError(f"train: data came as {type(data).__name__}; needed (x, y)")
    x, y = (np.asarray(part) for part in data)
    if not x.ndim or not y.ndim or len(x) != len(y) or not len(x):
        raise ValueError(f"train: x has shape {x.shape} and y {y.shape}; needed as many "
                         "examples in both, one or more")
    return tuple(part.astype(dtype) if part.dtype.kind == "f" else part  # type: ignore
                 for part in (x, y))


def optimizer_of(optimizer: Any, parameters: Parameters, lr: Any,
                 strategy: str) -> Optimizer:
    """The optimizer of these parameters, made if a rule came; errors for one of others."""
    settings = {} if lr is None else {"lr": lr}
    if strategy == "delay_tolerant":
        if optimizer not in ("adaptive_revision", adaptive_revision):
            raise ValueError("train: strategy delay_tolerant is Downpour with a rule of "
                             f"its own; came {optimizer!r:.60}; needed "
                             "'adaptive_revision', with lr=")
        optimizer = adaptive_revision
    if not isinstance(optimizer, Optimizer):
        mover = Optimizer(parameters, optimizer, settings)
    elif settings:
        raise ValueError("train: lr came beside an optimizer, which has its own; set it "
                         "there")
    else:
        mover = optimizer
    if any(type(wanted) is GradientAt for wanted in supplied_to(mover.rule).values()):
        raise ValueError(f"train: {name_of(mover.rule)} takes the gradient at another point"
                         " too, which no strategy computes; needed a rule without, or "
                         "optim.fit")
    have = {id(p) for group in mover.param_groups for p in group["params"]}
    if strange := [name for name, p in parameters if id(p) not in have]:
        raise ValueError(f"train: the optimizer does not move {strange[0]}; needed one of "
                         "model.parameters(), or set its requires_grad = False")
    if strategy == "elastic_averaging" and (
            is_of_whole_parameters(mover.rule) or len(mover.param_groups) > 1):
        raise ValueError(f"train: elastic averaging runs {name_of(mover.rule)} on each "
                         "replica, on all parameters as one array; needed a rule that is "
                         "elementwise, and one group")
    return mover
