"""What a formula does to a training run: computed on the digits, in float64."""
from dataclasses import dataclass
from typing import Any

import numpy as np

import minigrad as mg
from minigrad import nn
from optim.museum.exhibit import Bound, Exhibit
from optim.optimizers.optimizer import Optimizer
from optim.optimizers.signatures import Rule, anatomy
from optim.training import train

EPOCHS, STEPS, BATCH = 2, 90, 32


@dataclass(frozen=True)
class Effect:
    """A number of the run, as printed and right: the loss after so many steps, or a step.

    printed: None where the loss stopped being finite
    """
    name: str
    steps: int
    printed: float | None
    right: float

    def __str__(self) -> str:
        printed = "not finite" if self.printed is None else f"{self.printed:.4g}"
        return (f"{self.name} {printed} as printed, {self.right:.4g} right "
                f"(digits, {self.steps} steps)")

    def as_dict(self) -> dict[str, Any]:
        return {"name": self.name, "steps": self.steps, "printed": self.printed,
                "right": self.right}


def effect(exhibit: Exhibit | Bound) -> Effect:
    """The loss after two epochs by either rule; of a bound, the longest of 90 steps."""
    if isinstance(exhibit, Bound):
        betas = dict(zip(("beta1", "beta2"), map(float, exhibit.betas)))
        return Effect("longest step over lr", STEPS,
                      float(exhibit.bound(*map(np.float64, betas.values()))),
                      longest_step(exhibit.rule, betas))
    numbers = {n: x for n, x in anatomy(exhibit.right)[1].items()} | dict(exhibit.training)
    right, steps = trained(exhibit.right, numbers)
    return Effect("loss", steps, *(trained(exhibit.printed, numbers)[0], right))


def network() -> nn.Sequential:
    """64 pixels, 32 hidden, 10 digits."""
    rng = np.random.default_rng(0)
    return nn.Sequential(nn.Linear(64, 32, rng=rng, dtype=np.float64), nn.ReLU(),
                         nn.Linear(32, 10, rng=rng, dtype=np.float64))


def trained(rule: Rule, numbers: dict[str, float]) -> tuple[Any, int]:
    """The loss on the training set at the end, and after how many steps."""
    own = {n: x for n, x in numbers.items() if n in anatomy(rule)[1]}
    try:
        run = train("digits", rule, network(), hyperparameters=own, epochs=EPOCHS,
                    batch=BATCH)
    except FloatingPointError:
        return None, 0
    return float(run.loss[-1]), EPOCHS*-(-int(run.examples[-1])//EPOCHS//BATCH)


def longest_step(rule: Rule, betas: dict[str, float]) -> float:
    """The longest step of any parameter over lr, of a network that learns the digits."""
    rng = np.random.default_rng(0)
    model = network()
    x, y, _, _ = mg.data.digits(dtype=np.float64)
    lr, longest = 0.001, 0.0
    opt = Optimizer(model.parameters(), rule, {"lr": lr, **betas})
    for _ in range(STEPS):
        batch = rng.choice(len(x), BATCH, replace=False)
        opt.zero_grad()
        nn.cross_entropy(model(x[batch]), y[batch]).backward()
        before = [p.numpy().copy() for p in model.parameters()]
        opt.step()
        longest = max(longest, *(float(np.max(np.abs(p.numpy() - old)))
                                 for p, old in zip(model.parameters(), before)))
    return longest/lr
