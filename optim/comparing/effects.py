"""The size of a difference: both rules train one network on the digits, step by step."""
from dataclasses import dataclass
from typing import Any

import numpy as np

from optim.comparing.partners import Pair, known_numbers
from optim.dialects.named_optimizers import RATE
from optim.plots.styles import Picture, looks, picture
from optim.training import Training, train


@dataclass(frozen=True)
class Effect:
    """Two trainings with the same numbers for the same letters, from the same weights.

    apart: the largest difference of a parameter at the end, largest: the largest parameter.
    """
    labels: tuple[str, str]
    left: Training
    right: Training
    steps: int

    @property
    def apart(self) -> float:
        pairs = zip(self.left.model.parameters(), self.right.model.parameters())
        return max(float(np.max(np.abs(x.numpy() - y.numpy()))) for x, y in pairs)

    @property
    def largest(self) -> float:
        return max(float(np.max(np.abs(x.numpy()))) for x in self.left.model.parameters())

    def __str__(self) -> str:
        ends = " | ".join(f"loss {x.loss[-1]:.5f}, test {100*x.accuracy:.1f} %"
                          for x in (self.left, self.right))
        return (f"digits, {self.steps} steps in float32, the same numbers: {ends}; "
                f"parameters apart by up to {self.apart:.2g} (the largest is "
                f"{self.largest:.2g})")

    __repr__ = __str__

    def plot(self, style: str = "light", size: str = "page") -> Picture:
        """Both losses on the training set over the examples seen."""
        drawn = looks(self.labels, style=style)
        with picture(style, size) as (figure, axes):
            for label, training in zip(self.labels, (self.left, self.right)):
                axes.plot(training.examples, training.loss,
                          **drawn[label].line | {"label": label})
            axes.set(xlabel="examples seen", ylabel="training loss", yscale="log")
            figure.legend_below()
        return figure

    def as_dict(self) -> dict[str, Any]:
        """In words that JSON can hold."""
        return {"steps": self.steps, "apart": self.apart, "largest": self.largest,
                **{side: {"loss": float(x.loss[-1]), "accuracy": x.accuracy}
                   for side, x in (("left", self.left), ("right", self.right))}}


def effect_of(pair: Pair, epochs: int = 2, seed: int = 0) -> Effect:
    """Both rules on the digits, each letter at the left side's default if it has one.

    Raises ValueError for a Formula that has no rule to run.
    """
    known = {"lr": RATE} | known_numbers(pair)
    trained = []
    for x in (pair.left, pair.right):
        f = x.formula
        if f.rule is None:
            raise ValueError(f"compare: {x.label} is a Formula without a rule to run")
        after = [n for n in [*f.symbols][2 + len(f.init):] if n in known]
        trained.append(train("digits", f.rule, epochs=epochs, seed=seed, evaluate_every=320,
                             hyperparameters={n: known[n] for n in after}))
    labels = pair.left.label, pair.right.label
    if labels[0] == labels[1]:
        labels = labels[0], f"{labels[1]} (right)"
    steps = -(-int(trained[0].examples[-1]//epochs)//32)*epochs
    return Effect(labels, trained[0], trained[1], steps)
