"""What of a landscape is drawn, what of the paths, and how heights become colours."""
from typing import Any

import numpy as np
from matplotlib.colors import FuncNorm

from optim.landscapes import Landscape

DECADES = 300                               # the highest, in heights of the lowest tenth


def window(landscape: Landscape, paths: dict[str, np.ndarray]) -> Any:
    """What to draw: the landscape's domain, or else where the paths are.

    Paths that run away would push all others into one pixel: nothing is shown beyond five
    times the size of the start and of where most paths end.
    """
    if landscape.domain is not None:
        return landscape.domain
    ends = [p[-1] for p in paths.values() if np.isfinite(p[-1]).all()]
    start = np.array(landscape.start)
    middle = np.median([start, *ends], axis=0)
    reach = 5*max(np.abs(start - middle).max(), np.abs(start).max(), 0.2)
    points = np.concatenate([*paths.values(), start[None]])
    near = points[(np.abs(points - start) <= reach).all(axis=1)]    # NaN is not near
    low, high = near.min(axis=0), near.max(axis=0)
    margin = 0.15*max(float((high - low).max()), 0.1*reach)
    return tuple((float(a - margin), float(b + margin)) for a, b in zip(low, high))


def cropped(landscape: Landscape, paths: dict[str, np.ndarray]) -> Any:
    """The part of the window where the start, the paths and where they lead to are."""
    low, high = np.array(whole := window(landscape, paths), dtype=float).T
    points = np.concatenate([*paths.values(), np.array(landscape.start)[None]])
    inside = points[((low <= points) & (points <= high)).all(axis=1)]
    if landscape.minima:
        minima = np.array(landscape.minima, dtype=float)
        ends = np.array([p[-1] for p in paths.values() if np.isfinite(p[-1]).all()])
        nearest = [int(np.argmin(np.sum((minima - end)**2, axis=1))) for end in ends]
        inside = np.concatenate([inside, minima[nearest]])
    middle = (inside.min(axis=0) + inside.max(axis=0))/2
    reach = np.maximum(0.6*np.ptp(inside, axis=0), 0.06*(high - low))
    found = np.maximum(middle - reach, low), np.minimum(middle + reach, high)
    return tuple(zip(*map(np.ndarray.tolist, found))) if inside.size else whole


def on_stage(points: np.ndarray, domain: Any, leaving: bool) -> np.ndarray:
    """The points that can be drawn: up to the first that is not a number.

    With `leaving` the first outside the domain is the end: who left a surface is gone.
    Otherwise who comes back is seen again, and far away is at most 100 windows away,
    where no line can overflow.
    """
    low, high = np.array(domain, dtype=float).T
    inside = (low <= points) & (points <= high) if leaving else ~np.isnan(points)
    kept = points[:np.argmin(inside.all(axis=1))] if not inside.all() else points
    return np.clip(kept, low - 100*(high - low), high + 100*(high - low))


def levels(landscape: Landscape, values: np.ndarray, count: int = 22) -> np.ndarray:
    """Heights of contours: narrow near the bottom; even where there is no bottom."""
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    if high <= low:
        return np.array([low - 1, low + 1])
    if landscape.minima == ():
        return np.linspace(low, high, count)
    small = max(float(np.quantile(finite, 0.003)) - low, 1e-6*(high - low))
    return np.concatenate([[low], low + np.geomspace(small, high - low, count)])


def heights_of(z: np.ndarray) -> Any:
    """How heights become colours: by their logarithm where they span decades, so that a
    valley between cliffs is seen; None for in proportion."""
    finite = z[np.isfinite(z)]
    low, tenth, high = np.quantile(finite, (0, 0.1, 1)) if finite.size else (0, 0, 0)
    if not high - low > DECADES*(tenth - low) > 0:
        return None
    floor = low - (tenth - low)/10
    return FuncNorm((lambda h: np.log(np.maximum(h - floor, (tenth - low)/20)),
                     lambda h: floor + np.exp(h)), vmin=low, vmax=high)
