"""One class for each rule, with its hyperparameters as arguments.

Positional arguments stand where PyTorch's stand; the others must be named. The defaults
are the rule's. Each takes the options of every optimizer as well, see Options.
"""
import warnings
from collections.abc import Iterable
from typing import Any, Unpack

from optim import rules
from optim.optimizers.groups import Options
from optim.optimizers.hyperparameters import at
from optim.optimizers.more_classes import MORE_OPTIMIZERS
from optim.optimizers.optimizer import Optimizer
from optim.optimizers.signatures import RULE_OF_CLASS

Params = Iterable[Any]                  # tensors, (name, tensor) pairs, or groups
Betas = tuple[float, float]


class GradientDescent(Optimizer):
    """theta - lr*g. With gradients of random batches it is SGD, which is its other name."""

    def __init__(self, params: Params, lr: float = 0.1, **options: Unpack[Options]):
        self._begin(params, rules.gradient_descent, {"lr": lr}, options)


SGD = GradientDescent


class Momentum(Optimizer):
    """Heavy ball, with lr inside the velocity; mu is PyTorch's momentum."""

    def __init__(self, params: Params, lr: float = 0.01, mu: float = 0.9,
                 **options: Unpack[Options]):
        self._begin(params, rules.momentum, {"lr": lr, "mu": mu}, options)


class NAG(Optimizer):
    """Nesterov's accelerated gradient; the parameters are the look-ahead point."""

    def __init__(self, params: Params, lr: float = 0.01, mu: float = 0.9,
                 **options: Unpack[Options]):
        self._begin(params, rules.nag, {"lr": lr, "mu": mu}, options)


class Adagrad(Optimizer):
    """Steps divided by the root of all squared gradients so far."""

    def __init__(self, params: Params, lr: float = 0.01, *, eps: float = 1e-10,
                 **options: Unpack[Options]):
        self._begin(params, rules.adagrad, {"lr": lr, "eps": eps}, options)


class RMSprop(Optimizer):
    """Adagrad that forgets; rho is PyTorch's alpha, whose default is 0.99."""

    def __init__(self, params: Params, lr: float = 0.001, rho: float = 0.9,
                 eps: float = 1e-8, **options: Unpack[Options]):
        self._begin(params, rules.rmsprop, {"lr": lr, "rho": rho, "eps": eps}, options)


class Adadelta(Optimizer):
    """RMSprop whose learning rate is the size of its own past steps; it takes no lr."""

    def __init__(self, params: Params, *, rho: float = 0.95, eps: float = 1e-6,
                 **options: Unpack[Options]):
        self._begin(params, rules.adadelta, {"rho": rho, "eps": eps}, options)


class Adam(Optimizer):
    """The mean gradient in units of its root mean square."""

    def __init__(self, params: Params, lr: float = 0.001, betas: Betas = (0.9, 0.999),
                 eps: float = 1e-8, **options: Unpack[Options]):
        self._begin(params, rules.adam, {"lr": lr, "betas": betas, "eps": eps}, options)


class AdaMax(Optimizer):
    """Adam with the largest recent |g| in place of the root mean square."""

    def __init__(self, params: Params, lr: float = 0.002, betas: Betas = (0.9, 0.999),
                 eps: float = 1e-8, **options: Unpack[Options]):
        self._begin(params, rules.adamax, {"lr": lr, "betas": betas, "eps": eps}, options)


class Nadam(Optimizer):
    """Adam with Nesterov's momentum, which grows to mu at a speed psi."""

    def __init__(self, params: Params, lr: float = 0.002, *, mu: float = 0.9,
                 beta2: float = 0.999, eps: float = 1e-8, psi: float = 0.004,
                 **options: Unpack[Options]):
        self._begin(params, rules.nadam, {"lr": lr, "mu": mu, "beta2": beta2, "eps": eps,
                                          "psi": psi}, options)


class AdamW(Optimizer):
    """Adam that takes the share weight_decay off the parameters, not multiplied by lr."""

    def __init__(self, params: Params, lr: float = 0.001, betas: Betas = (0.9, 0.999),
                 eps: float = 1e-8, weight_decay: float = 1e-5, **options: Unpack[Options]):
        self._begin(params, rules.adamw, {"lr": lr, "betas": betas, "eps": eps,
                                          "weight_decay": weight_decay}, options)

    _warned = False

    def _validated(self, given: dict[str, Any]) -> dict[str, Any]:
        settings = super()._validated(given)
        decay = at(settings["weight_decay"], 1)
        if decay > 1e-3 and not self._warned:
            self._warned = True
            warnings.warn(
                f"AdamW: weight_decay = {decay} is taken off in every "
                "step, as in the paper; this one is PyTorch's times lr, so write that "
                "product, or use optim.dialects.torch.AdamW", stacklevel=4)
        return settings


class AMSGrad(Optimizer):
    """Adam whose denominator never shrinks, without bias correction."""

    def __init__(self, params: Params, lr: float = 0.001, betas: Betas = (0.9, 0.999),
                 eps: float = 1e-8, **options: Unpack[Options]):
        self._begin(params, rules.amsgrad, {"lr": lr, "betas": betas, "eps": eps}, options)


Adamax, NAdam = AdaMax, Nadam           # as PyTorch spells them

OPTIMIZERS: dict[str, type[Optimizer]] = dict(zip(rules.FIRST, (
    GradientDescent, Momentum, NAG, Adagrad, RMSprop, Adadelta,
    Adam, AdaMax, Nadam, AdamW, AMSGrad), strict=True)) | MORE_OPTIMIZERS
RULE_OF_CLASS.update((OPTIMIZERS[name], rules.RULES[name]) for name in rules.FIRST)
