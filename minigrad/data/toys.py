"""Points in the plane, drawn in classes: x float32 of shape (n, 2), labels int64 (n,)."""
import math

import numpy as np
from numpy.typing import NDArray

from minigrad.randomness import Random, generator

Array = NDArray


def moons(n: int, noise: float = 0.1, rng: Random = None) -> tuple[Array, Array]:
    """Two interleaved half circles of radius 1: x (n, 2) float32, y in {0, 1}.

    noise is the standard deviation added to each coordinate.

    >>> x, y = moons(100, rng=0)
    >>> x.shape, y[:4]
    ((100, 2), array([0, 1, 0, 1]))
    """
    y, rng = _classes("moons", n, noise, 2, rng)
    angle = rng.uniform(0, np.pi, n)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    lower = np.stack([1 - np.cos(angle), 1/2 - np.sin(angle)], axis=1)
    return _noisy(np.where(y[:, None] == 0, upper, lower), noise, rng), y


def spirals(n: int, noise: float = 0.02, rng: Random = None,
            classes: int = 2, turns: float = 1.0) -> tuple[Array, Array]:
    """Arms that wind around each other within the unit disc: x (n, 2) float32, y.

    >>> spirals(90, rng=0, classes=3)[1].max()
    np.int64(2)
    """
    y, rng = _classes("spirals", n, noise, classes, rng)
    radius = rng.uniform(0.05, 1, n)
    angle = 2*np.pi*(turns*radius + y/classes)
    arms = np.stack([radius*np.cos(angle), radius*np.sin(angle)], axis=1)
    return _noisy(arms, noise, rng), y


def blobs(n: int, noise: float = 0.2, rng: Random = None,
          classes: int = 3) -> tuple[Array, Array]:
    """Gaussian clouds around points of the unit circle: x (n, 2) float32, y.

    >>> blobs(4, noise=0, classes=2)[0][:, 0].tolist()
    [1.0, -1.0, 1.0, -1.0]
    """
    y, rng = _classes("blobs", n, noise, classes, rng)
    angle = 2*np.pi*y/classes
    return _noisy(np.stack([np.cos(angle), np.sin(angle)], axis=1), noise, rng), y


def _classes(name: str, n: int, noise: float, classes: int,
             rng: Random) -> tuple[Array, "np.random.Generator"]:
    """Labels 0, 1, .., 0, 1, .. (as equal in number as can be), and the generator."""
    if not isinstance(n, (int, np.integer)):
        raise TypeError(f"{name}: n is {n!r}; needed a whole number of examples")
    if classes < 1 or n < classes:
        raise ValueError(f"{name}: n is {n}, classes is {classes}; needed at least one"
                         " example of each class, and one class")
    if not (noise >= 0 and math.isfinite(noise)):
        raise ValueError(f"{name}: noise is {noise}; needed a finite number >= 0")
    return np.arange(n, dtype=np.int64) % classes, generator(rng)


def _noisy(points: Array, noise: float, rng: "np.random.Generator") -> Array:
    return (points + noise*rng.standard_normal(points.shape)).astype(np.float32)
