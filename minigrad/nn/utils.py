"""PyTorch's nn.utils: gradients that are kept from becoming too large.

    loss.backward()
    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0)
    opt.step()
"""
from collections.abc import Iterable
from typing import Any

import numpy as np

from minigrad.primitives.elementwise import is_finite
from minigrad.tensors import Tensor


def get_total_norm(tensors: Iterable[Any], norm_type: float = 2.0,
                   error_if_nonfinite: bool = False) -> Any:
    """The norm of all entries of all arrays; norm_type: 2, 1, inf or any other above 0.

    >>> get_total_norm([np.array([3.]), np.array([[4.]])])
    np.float64(5.0)
    """
    p, arrays = float(norm_type), [x for x in tensors if x is not None]
    if not p > 0:
        raise ValueError(f"get_total_norm: norm_type is {norm_type}; needed more than 0")
    if not arrays:
        return np.float32(0)
    if p == np.inf:
        norm: Any = np.float32(0)
        for x in arrays:
            norm = np.maximum(norm, np.max(np.abs(x)))
    elif p == 2:
        norm = np.sqrt(sum([np.vdot(x, x) for x in arrays]))
    else:
        norm = sum([np.sum(np.abs(x)**p) for x in arrays])**(1/p)
    if error_if_nonfinite and not is_finite(np.asarray(norm)):
        raise RuntimeError(f"get_total_norm: the norm of the gradients is {norm}; needed"
                           " one that is finite, or error_if_nonfinite=False")
    return norm


def clip_grad_norm_(parameters: Tensor | Iterable[Tensor], max_norm: float,
                    norm_type: float = 2.0, error_if_nonfinite: bool = False) -> Any:
    """Scale all gradients so that their norm together is at most max_norm; returns the
    norm that they had. As PyTorch's it divides by the norm + 1e-6.

    >>> import minigrad as mg
    >>> p = mg.tensor([3., 4.], requires_grad=True)
    >>> p.grad = np.array([3., 4.])
    >>> float(clip_grad_norm_(p, 1.0)), np.round(p.grad, 3).tolist()
    (5.0, [0.6, 0.8])
    """
    owners = having_gradients(parameters)
    norm = get_total_norm([p.grad for p in owners], norm_type, error_if_nonfinite)
    share = np.minimum(float(max_norm)/(norm + 1e-6), 1.0)
    for p in owners:
        p.grad = p.grad*share.astype(p.dtype)
    return norm


def clip_grad_value_(parameters: Tensor | Iterable[Tensor], clip_value: float) -> None:
    """Bring each entry of each gradient between -clip_value and clip_value."""
    for p in having_gradients(parameters):
        p.grad = np.clip(p.grad, -float(clip_value), float(clip_value))


def having_gradients(parameters: Tensor | Iterable[Tensor]) -> list[Tensor]:
    """Those of them that have a gradient; one tensor may come alone."""
    given = [parameters] if isinstance(parameters, Tensor) else list(parameters)
    return [p for p in given if p.grad is not None]
