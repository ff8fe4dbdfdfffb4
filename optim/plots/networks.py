"""Networks as pictures: what they decide, and what is inside."""
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

import minigrad as mg
from optim.plots.styles import OKABE_ITO, Picture, picture

CLASSES = [(OKABE_ITO[colour], marker) for colour, marker in (
    ("blue", "o"), ("orange", "s"), ("green", "^"), ("purple", "D"), ("sky", "v"),
    ("vermillion", "P"), ("yellow", "h"), ("black", "X"))]


def values_of(x: Any) -> np.ndarray:
    """A Tensor, array or list as an array."""
    return x.numpy() if isinstance(x, mg.Tensor) else np.asarray(x)


def decision_boundaries(model: Callable[[Any], Any], x: Any, labels: Any, *,
                        style: str = "light", size: str = "page", count: int = 201,
                        title: str = "What the model decides") -> Picture:
    """The class that a model gives each point of the plane, and the examples.

    model   takes an array (n, 2) and gives logits (n, classes), at most 8 classes
    x       the examples, of shape (n, 2); labels: their classes, integers of shape (n,)
    count   points of the plane along each side

    Raises ValueError where the shapes or the labels do not fit.
    """
    x, labels = values_of(x), values_of(labels)
    if x.ndim != 2 or x.shape[1] != 2 or labels.shape != x.shape[:1]:
        raise ValueError(f"decision_boundaries: x has shape {x.shape}, labels "
                         f"{labels.shape}; needed (n, 2) and (n,)")
    margin = 0.08*np.ptp(x, axis=0)
    left, low = x.min(axis=0) - margin
    right, high = x.max(axis=0) + margin
    across, up = np.linspace(left, right, count), np.linspace(low, high, count)
    plane = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2).astype(x.dtype)
    with mg.no_grad():
        logits = values_of(model(plane))
    classes = logits.shape[1]
    if classes > len(CLASSES) or labels.min() < 0 or labels.max() >= classes:
        raise ValueError(f"decision_boundaries: {classes} classes and labels from "
                         f"{labels.min()} to {labels.max()}; needed at most {len(CLASSES)} "
                         "classes, and labels among them")
    decided = logits.argmax(axis=1).reshape(count, count)
    with picture(style, size) as (figure, axes):
        ink, between = figure.colours.ink, np.arange(classes + 1) - 0.5
        axes.contourf(across, up, decided, between, alpha=0.28,
                      colors=[colour for colour, _ in CLASSES[:classes]])
        if classes > 1:
            axes.contour(across, up, decided, between[1:-1], colors=[ink], linewidths=1.2)
        for k, (colour, marker) in enumerate(CLASSES[:classes]):
            axes.plot(*x[labels == k].T, linestyle="none", marker=marker, markersize=5,
                      color=colour, markeredgecolor=ink, markeredgewidth=0.5,
                      label=f"class {k}")
        axes.set(xlabel="first feature", ylabel="second feature", title=title,
                 xlim=(left, right), ylim=(low, high))
        figure.legend_below()
    return figure


def histograms(values: Mapping[str, Any] | mg.nn.Module, x: Any = None, *,
               bins: int = 40, style: str = "light", size: str = "page",
               title: str | None = None) -> Picture:
    """How weights or activations are spread: one panel for each array.

    values  {name: array}; or a model, whose parameters are drawn, or with examples x the
            outputs of each part of a mg.nn.Sequential

    >>> histograms({"w": [0.0, 0.5, 1.0]}).axes[0].get_xlabel()
    'mean 0.5, sd 0.41, 33% zero'
    """
    if isinstance(values, mg.nn.Module):
        title = title or ("Weights" if x is None else "Activations")
        values = dict(values.named_parameters()) if x is None else activations(values, x)
    arrays = {name: values_of(v).ravel().astype(float) for name, v in values.items()}
    if not arrays:
        raise ValueError("histograms: nothing came; needed at least one array")
    with picture(style, size, height=0.38, panels=len(arrays), across=3
                 ) as (figure, *panels):
        for axes, (name, array) in zip(panels, arrays.items()):
            finite = array[np.isfinite(array)]
            axes.hist(finite, bins=bins, color=figure.colours.accent, linewidth=0.3,
                      edgecolor=figure.colours.page)
            axes.set(title=name, ylabel="count", xlabel=summary(array, finite))
        if title:
            figure.suptitle(title)
    return figure


def summary(array: np.ndarray, finite: np.ndarray) -> str:
    """Mean, spread, and how many entries are 0 or not finite, where there are such."""
    words = []
    if len(finite):
        words.append(f"mean {finite.mean():.2g}, sd {finite.std():.2g}")
        if np.mean(finite == 0) > 0.005:
            words.append(f"{np.mean(finite == 0):.0%} zero")
    if len(finite) < len(array):
        words.append(f"{len(array) - len(finite)} not finite")
    return ", ".join(words)


def activations(model: mg.nn.Module, x: Any) -> dict[str, np.ndarray]:
    """{number and kind of each part of a Sequential: its output for x}."""
    if not isinstance(model, mg.nn.Sequential):
        raise TypeError(f"activations: a {type(model).__name__} came; needed a "
                        "mg.nn.Sequential, or {name: array} of your own")
    with mg.no_grad():
        return {f"{k} {type(model[k]).__name__}": values_of(x := model[k](x))
                for k in range(len(model))}
