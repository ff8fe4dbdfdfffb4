"""LBFGS: L-BFGS on the parameters of a network, in PyTorch's manners."""
from collections.abc import Iterable
from typing import Any

import numpy as np

from optim.second_order.closures import Closure, ClosureOptimizer
from optim.second_order.descents import positive, stepped, whole
from optim.second_order.objectives import Point, largest
from optim.second_order.quasi_newton import Pairs
from optim.second_order.wolfe import Wolfe


class LBFGS(ClosureOptimizer):
    """L-BFGS whose steps have the strong Wolfe conditions: opt.step(closure).

    params: tensors of one dtype, in one group. steps: how many are taken by one call of
    step. tolerance: no step is taken where no entry of the gradient is larger. memory: how
    many pairs are remembered, also from one call of step to the next: change the data
    seldom, or the pairs mix two functions.

    >>> import minigrad as mg
    >>> p = mg.tensor([-1.2, 1.0], requires_grad=True)
    >>> opt = LBFGS([p], steps=50)
    >>> def closure():
    ...     opt.zero_grad()
    ...     loss = (1 - p[0])**2 + 100*(p[1] - p[0]**2)**2
    ...     loss.backward()
    ...     return loss
    >>> opt.step(closure).item().__round__(1), p.numpy().round(6)
    (24.2, array([1., 1.]))
    """

    remembers = "s", "y", "gamma", "evaluations"

    def __init__(self, params: Iterable[Any], steps: int = 20, *, memory: int = 10,
                 tolerance: float = 1e-7, c1: float = 1e-4, c2: float = 0.9):
        self.s: list[Any] = []
        self.y: list[Any] = []
        self.gamma, self.evaluations, self.stopped = 1.0, 0, ""
        self._start(params, {"steps": steps, "memory": memory, "tolerance": tolerance,
                             "c1": c1, "c2": c2})

    def checked(self, **settings: Any) -> dict[str, Any]:
        """The settings, if they make sense."""
        wolfe = Wolfe(settings.pop("c1"), settings.pop("c2")).checked("LBFGS")
        steps, memory = settings.pop("steps"), settings.pop("memory")
        tolerance = settings.pop("tolerance")
        for name in settings:
            raise TypeError(f"LBFGS does not take {name!r}; it takes steps, memory, "
                            "tolerance, c1, c2")
        return {"steps": whole("LBFGS", "steps", steps, 0),
                "memory": whole("LBFGS", "memory", memory, 1),
                "tolerance": positive("LBFGS", "tolerance", tolerance, zero=True),
                **wolfe._asdict()}

    def _moved(self, loss: Closure, start: Point) -> np.ndarray:
        settings = self.param_groups[0]
        wolfe, point = Wolfe(settings["c1"], settings["c2"]), start
        pairs = Pairs(settings["memory"])
        pairs.gamma = self.gamma
        pairs.pairs.extend((s, y, 1/float(s @ y)) for s, y in zip(self.s, self.y))
        self.stopped = f"all {settings['steps']} steps are done"
        for _ in range(settings["steps"]):
            with np.errstate(all="ignore"):
                direction, length = pairs.direction(point)
                step = (stepped(loss, point, direction, length, wolfe)
                        if largest(point.grad) > settings["tolerance"]
                        else f"the gradient is at most tolerance={settings['tolerance']:g}")
                if isinstance(step, str):
                    self.stopped = step
                    break
                pairs.learn(point, step.point)
            point = step.point
        self.s, self.y = ([pair[k] for pair in pairs.pairs] for k in (0, 1))
        self.gamma = pairs.gamma
        self.evaluations += loss.evaluations
        return point.theta
