"""A rate that falls when a loss does not: the one schedule that is not a function of t."""
from functools import partial
from typing import Any

from optim.schedules.numbers_of_t import Schedule, schedule


class Plateau(Schedule):
    """reduce_on_plateau, with what it has observed in .state."""

    def __init__(self, name: str, numbers: dict[str, Any]):
        super().__init__(name, numbers)
        self.state = {"value": numbers["start"], "best": None, "bad": 0, "resting": 0}

    def value(self, t: Any, **letters: Any) -> Any:
        """The value now, whatever t is."""
        return self.state["value"]

    def observe(self, loss: Any) -> None:
        """Take the loss of an epoch, or whatever is to get better, into account."""
        n, now, loss = self.numbers, self.state, as_number(loss)
        if now["best"] is None or self.is_better(loss, now["best"]):
            now["bad"], now["best"] = 0, loss
        else:
            now["bad"] += 1
        if now["resting"]:
            now["resting"], now["bad"] = now["resting"] - 1, 0
        if now["bad"] > n["patience"]:
            value = max(now["value"]*n["factor"], n["least"])
            if now["value"] - value > n["eps"]:
                now["value"] = value
            now["resting"], now["bad"] = n["cooldown"], 0

    def is_better(self, loss: float, best: float) -> bool:
        """Whether it is progress."""
        n, up = self.numbers, self.numbers["mode"] == "max"
        apart = n["threshold"] if up else -n["threshold"]
        bound = best*(1 + apart) if n["threshold_mode"] == "rel" else best + apart
        return loss > bound if up else loss < bound


def as_number(loss: Any) -> float:
    """The number behind a loss, a Tensor's as well."""
    try:
        return float(loss.item() if hasattr(loss, "item") else loss)
    except (TypeError, ValueError):
        raise TypeError(f"observe: came {loss!r:.80}; needs the loss as one number: "
                        "opt.lr.observe(loss)") from None


@partial(schedule, makes=Plateau)
def reduce_on_plateau(t, start, *, factor=0.1, patience=10, threshold=1e-4, cooldown=0,
                      least=0.0, mode="min", threshold_mode="rel", eps=1e-8):
    """Times a factor when more losses than patience were no better than the best one.

    After each epoch say what came out: opt.lr.observe(loss). mode: "max" for what is to
    rise. threshold: by which share of the best, or by how much if threshold_mode is "abs",
    a loss must be better to count. cooldown: losses after a change that do not count
    against it. As PyTorch's ReduceLROnPlateau.

    >>> rate = reduce_on_plateau(0.1, factor=0.5, patience=1)
    >>> for loss in (1.0, 0.9, 0.9, 0.9):
    ...     rate.observe(loss)
    >>> rate(5)
    0.05
    """
    return start
