"""Each loss as a module that holds its options, under PyTorch's name of the class."""
import inspect
from collections.abc import Callable
from typing import Any, ClassVar

from minigrad.nn import classification, margins, regression
from minigrad.nn.modules import Module
from minigrad.spellings import did_you_mean


class Loss(Module):
    """A loss function with its options; the module of the inputs and targets is the loss.

    The options are those of the function, by keyword or in its order, and stand in
    attributes; weights are buffers.

    >>> HuberLoss(delta=2.0)
    HuberLoss(reduction='mean', delta=2.0)
    """
    function: ClassVar[Callable]

    def __init__(self, *args: Any, **options: Any) -> None:
        known = options_of(type(self).function)
        for name in options:
            if name not in known:
                raise TypeError(f"{type(self).__name__} takes no {name}=;"
                                f"{did_you_mean(name, known, near=0.6)}"
                                f" it takes {', '.join(known)}")
        if len(args) > len(known):
            raise TypeError(f"{type(self).__name__}: came {len(args)} options; it takes"
                            f" {', '.join(known)}")
        for name, value in (known | dict(zip(known, args)) | options).items():
            if name.endswith("weight"):
                self.register_buffer(name, value)
            else:
                setattr(self, name, value)

    def forward(self, *inputs: Any) -> Any:
        """The loss of what the function takes before its options."""
        kind = type(self)
        options = {name: getattr(self, name) for name in options_of(kind.function)}
        return kind.function(*inputs, **options)

    def _settings(self) -> str:
        return ", ".join(f"{name}={getattr(self, name)!r}"
                         for name in options_of(type(self).function)
                         if name not in self._buffers)


def options_of(function: Callable) -> dict[str, Any]:
    """{name: default} of the arguments of a function that have defaults."""
    return {name: x.default for name, x in inspect.signature(function).parameters.items()
            if x.default is not x.empty}


class CrossEntropyLoss(Loss):
    """cross_entropy(input, target)."""
    function = staticmethod(classification.cross_entropy)


class NLLLoss(Loss):
    """nll_loss(input, target)."""
    function = staticmethod(classification.nll_loss)


class BCEWithLogitsLoss(Loss):
    """binary_cross_entropy_with_logits(input, target)."""
    function = staticmethod(classification.binary_cross_entropy_with_logits)


class BCELoss(Loss):
    """binary_cross_entropy(input, target)."""
    function = staticmethod(classification.binary_cross_entropy)


class KLDivLoss(Loss):
    """kl_div(input, target)."""
    function = staticmethod(classification.kl_div)


class MSELoss(Loss):
    """mse_loss(input, target)."""
    function = staticmethod(regression.mse_loss)


class L1Loss(Loss):
    """l1_loss(input, target)."""
    function = staticmethod(regression.l1_loss)


class HuberLoss(Loss):
    """huber_loss(input, target)."""
    function = staticmethod(regression.huber_loss)


class SmoothL1Loss(Loss):
    """smooth_l1_loss(input, target)."""
    function = staticmethod(regression.smooth_l1_loss)


class HingeEmbeddingLoss(Loss):
    """hinge_embedding_loss(input, target)."""
    function = staticmethod(margins.hinge_embedding_loss)


class SoftMarginLoss(Loss):
    """soft_margin_loss(input, target)."""
    function = staticmethod(margins.soft_margin_loss)


class MarginRankingLoss(Loss):
    """margin_ranking_loss(input1, input2, target)."""
    function = staticmethod(margins.margin_ranking_loss)


class MultiMarginLoss(Loss):
    """multi_margin_loss(input, target)."""
    function = staticmethod(margins.multi_margin_loss)
