"""Which learning rate a network bears: Smith's range test, and its picture."""
import contextlib
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import minigrad as mg
from optim.optimizers.optimizer import Optimizer
from optim.plots.styles import OKABE_ITO, Picture, picture


def range_test(optimizer: Optimizer, loss: Callable[[], Any], low: float = 1e-5,
               high: float = 10.0, steps: int = 100) -> tuple[np.ndarray, np.ndarray]:
    """The loss while the learning rate grows by a fixed factor each step: (rates, losses).

    loss() gives the loss of a batch as a scalar Tensor. Smith 2017, section 3.3. It ends
    early once the loss is not finite or ten times the best one: the arrays are shorter
    then. Parameters, states and learning rates are afterwards what they were. Raises
    ValueError where the rule has no learning rate.

    >>> from optim import SGD
    >>> x = mg.tensor([1.0], requires_grad=True)
    >>> rates, losses = range_test(SGD([x], lr=0.1), lambda: np.sum(x**2), 0.01, 1, 3)
    >>> rates, x.item()
    (array([0.01, 0.1 , 1.  ]), 1.0)
    """
    if not 0 < low < high or steps < 2:
        raise ValueError(f"range_test: low = {low}, high = {high}, steps = {steps}; needed "
                         "0 < low < high and at least 2 steps")
    groups = optimizer.param_groups
    if any("lr" not in group for group in groups):
        raise ValueError(f"range_test: {type(optimizer).__name__} has no learning rate")
    rates = np.geomspace(low, high, steps)
    losses: list[float] = []
    with restored(optimizer), contextlib.suppress(FloatingPointError):
        for rate in rates:
            for group in groups:
                group["lr"] = float(rate)
            optimizer.zero_grad()
            now = loss()
            limit = 10*min(losses, default=math.inf)
            if not math.isfinite(now.item()) or now.item() > limit:
                break
            losses.append(now.item())
            now.backward()
            optimizer.step()                    # raises where a gradient is not finite
    return rates[:len(losses)], np.array(losses)


def marked(rates: np.ndarray, losses: np.ndarray) -> tuple[int, int]:
    """Where the loss falls fastest by the logarithm of the rate, and where it is lowest.

    Batches differ: of 20 losses or more it is the means of a tenth of them that fall.
    """
    half, lowest = len(losses)//20, max(int(np.argmin(losses)), 1)
    before = losses[:lowest + 1]                                    # later falls are spikes
    means = [before[max(k - half, 0):k + half + 1].mean() for k in range(lowest + 1)]
    return int(np.argmin(np.gradient(means, np.log(rates[:lowest + 1])))), lowest


@contextlib.contextmanager
def restored(optimizer: Optimizer) -> Iterator[None]:
    """Parameters, states and settings are at the end what they were at the start."""
    saved = optimizer.state_dict()
    settings = [dict(group) for group in optimizer.param_groups]
    parameters = [(p, p.numpy()) for group in optimizer.param_groups
                  for p in group["params"]]
    try:
        yield
    finally:
        with mg.no_grad():
            for parameter, old in parameters:
                parameter[...] = old
        optimizer.zero_grad()
        for group, before in zip(optimizer.param_groups, settings):
            group.update(before)
        optimizer.load_state_dict(saved)


def range_curve(rates: Any, losses: Any, *, style: str = "light", size: str = "page",
                title: str = "Learning-rate range test") -> Picture:
    """What range_test found; the marks are at the steepest fall and at the lowest loss."""
    rates, losses = np.asarray(rates, dtype=float), np.asarray(losses, dtype=float)
    if rates.shape != losses.shape or rates.ndim != 1 or len(rates) < 3:
        raise ValueError(f"range_curve: rates {rates.shape} and losses {losses.shape}; "
                         "needed two arrays of one length, at least 3")
    steepest, lowest = marked(rates, losses)
    with picture(style, size) as (figure, axes):
        axes.plot(rates, losses, color=figure.colours.accent, linewidth=1.8, label="loss")
        for k, marker, text in ((steepest, "v", "steepest fall"),
                                (lowest, "o", "lowest")):
            axes.plot(rates[k], losses[k], linestyle="none", marker=marker, markersize=9,
                      color=OKABE_ITO["orange"], markeredgecolor=figure.colours.ink,
                      label=f"{text}: lr = {rates[k]:.2g}")
        axes.set(xscale="log", xlabel="learning rate", ylabel="loss of the batch",
                 title=title)
        axes.grid(True)
        figure.legend_below()
    return figure
