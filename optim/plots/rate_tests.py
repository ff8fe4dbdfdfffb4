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
    then. Parameters, states and learning rates are put back as they were.
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


@contextlib.contextmanager
def restored(optimizer: Optimizer) -> Iterator[None]:
    """Parameters, states and settings are at the end what they were at the start."""
    saved = optimizer.state_dict()
    parameters = [(p, p.numpy()) for group in optimizer.param_groups
                  for p in group["params"]]
    try:
        yield
    finally:
        with mg.no_grad():
            for parameter, old in parameters:
                parameter[...] = old
        optimizer.zero_grad()
        optimizer.load_state_dict(saved)


def range_curve(rates: Any, losses: Any, *, style: str = "light", size: str = "page",
                title: str = "Learning-rate range test") -> Picture:
    """What range_test found; the marks are at the steepest fall and at the lowest loss."""
    rates, losses = np.asarray(rates, dtype=float), np.asarray(losses, dtype=float)
    if rates.shape != losses.shape or rates.ndim != 1 or len(rates) < 3:
        raise ValueError(f"range_curve: rates {rates.shape} and losses {losses.shape}; "
                         "needed two arrays of one length, at least 3")
    lowest = max(int(np.argmin(losses)), 1)
    falls = np.gradient(losses, np.log(rates))[:lowest + 1]         # later ones are spikes
    with picture(style, size) as (figure, axes):
        axes.plot(rates, losses, color=figure.colours.accent, linewidth=1.8, label="loss")
        for k, marker, text in ((int(np.argmin(falls)), "v", "steepest fall"),
                                (lowest, "o", "lowest")):
            axes.plot(rates[k], losses[k], linestyle="none", marker=marker, markersize=9,
                      color=OKABE_ITO["orange"], markeredgecolor=figure.colours.ink,
                      label=f"{text}: lr = {rates[k]:.2g}")
        axes.set(xscale="log", xlabel="learning rate", ylabel="loss of the batch",
                 title=title)
        axes.grid(True)
        figure.legend_below()
    return figure
