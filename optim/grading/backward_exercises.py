"""The layers that are asked for: their arguments by any name, and where they are tried.

An argument's kind says what is drawn for it: a shape in letters, whose sizes each case
gives, or a number of the case. A name of a student's counts without case and underscores.
"""
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from minigrad.randomness import generator
from optim.grading import backward_formulas as formulas
from optim.hints import did_you_mean, meant, squeezed

Arrays = dict[str, Any]


@dataclass(frozen=True)
class Exercise:
    """A layer: forward(**arguments), and its gradients by `wanted`.

    shapes   {argument: its shape in letters, or "" for a number of the case}
    cases    sizes of the letters, and numbers: the last is larger, and its dout too
    small    those that are small enough for symbols
    extra    what a homework may be given and the forward does not need
    """
    name: str
    forward: Callable
    slopes: Callable
    shapes: Mapping[str, str]
    wanted: tuple[str, ...]
    cases: tuple[dict[str, Any], ...]
    small: tuple[dict[str, Any], ...]
    extra: Mapping[str, str]
    loss: bool = False
    ordered: bool = False
    upstream: bool = False

    @property
    def arguments(self) -> tuple[str, ...]:
        return tuple(self.shapes)

    @property
    def signature(self) -> str:
        """What a homework is asked for, as `affine_backward(x, w, b, dout) -> dx, dw, db`.
        """
        return (f"{self.name}_backward({', '.join((*self.arguments, 'dout'))}) -> "
                + ", ".join(f"d{n}" for n in self.wanted))

    def arrays(self, case: Mapping[str, Any], seed: int) -> Arrays:
        """What is drawn for a case, without dout."""
        rng = generator(seed)
        return {name: drawn(name, shape, case, rng)
                for name, shape in {**self.shapes, **self.extra}.items()}

    def called(self, arrays: Mapping[str, Any]) -> Any:
        """The forward of a case."""
        return self.forward(**{name: arrays[name] for name in self.arguments})

    def calls(self) -> Iterator[Arrays]:
        """Every case with its dout."""
        for seed, case in enumerate(self.cases):
            arrays = self.arrays(case, seed)
            rng = generator(1000 + seed)
            dout = rng.normal(size=np.shape(self.called(arrays)))
            dout = dout*100 if case is self.cases[-1] else dout     # none is clipped
            yield arrays | {"dout": dout if not self.loss else
                            float(dout) if self.upstream else 1.0}

    def adapted(self, fixed: Mapping[str, Any], upstream: bool) -> "Exercise":
        """The exercise for a homework that has numbers of a case for its own, or equal to
        another one that is named, and that takes the dout of a loss or does not."""
        cases, small = (tuple(with_fixed(case, fixed) for case in each)
                        for each in (self.cases, self.small))
        return replace(self, cases=cases, small=small, upstream=upstream)


def with_fixed(case: Mapping[str, Any], fixed: Mapping[str, Any]) -> dict[str, Any]:
    """A case with other numbers; images that the windows then fill."""
    out = dict(case)
    for name in sorted(fixed, key=lambda n: isinstance(fixed[n], str)):
        out[name] = out.get(fixed[name], fixed[name])
    if fixed.keys() & {"stride", "tall"} and out["stride"] == out["tall"]:
        out |= {"h": out["h"]//out["tall"]*out["tall"],
                "v": out["v"]//out["wide"]*out["wide"]}
    return out


def drawn(name: str, shape: str, case: Mapping[str, Any], rng: np.random.Generator) -> Any:
    """Numbers for an argument: none of them 0, none twice."""
    if not shape:
        return case[name]
    letters, kind = shape.split(":") if ":" in shape else (shape, "")
    size = tuple(n for letter in letters.split() for n in np.ravel(case[letter]).tolist())
    if kind == "positive":
        return rng.uniform(0.5, 2, size)
    if kind == "mask":
        return (rng.random(size) < 0.7)/0.7
    if kind:                                                # below the size of a letter
        return rng.integers(0, case[kind], size)
    return np.round(rng.normal(size=size) + 1e-3, 6)


def table(name: str, wanted: str, cases: list[dict[str, Any]], small: list[dict[str, Any]],
          extra: Mapping[str, str] | None = None, loss: bool = False, ordered: bool = False,
          **shapes: str) -> Exercise:
    return Exercise(name, getattr(formulas, name), getattr(formulas, f"{name}_slopes"),
                    shapes, tuple(wanted.split()), tuple(cases), tuple(small), extra or {},
                    loss, ordered)


DENSE = [dict(n=3, d=4, m=2), dict(n=1, d=3, m=5), dict(n=5, d=2, m=3), dict(n=3, d=3, m=3),
         dict(n=13, d=9, m=11)]
DEEP = [dict(n=3, c=2, h=3, d=6, m=4), dict(n=1, c=4, h=2, d=8, m=3),
        dict(n=4, c=2, h=2, d=4, m=4), dict(n=11, c=3, h=4, d=12, m=9)]
ROWS = [dict(n=4, c=3), dict(n=1, c=5), dict(n=2, c=4), dict(n=3, c=3),
        dict(n=13, c=11)]
NORMS = [dict(case, eps=eps) for case, eps in zip(
    [dict(n=4, d=3), dict(n=2, d=5), dict(n=6, d=2), dict(n=4, d=4), dict(n=13, d=11)],
    (1e-5, 0.3, 1e-3, 0.1, 1e-4))]
MOVING = [dict(n=2, c=3, h=5, v=4, tall=3, wide=2, stride=1, pad=1, f=2),
          dict(n=1, c=2, h=6, v=8, tall=2, wide=4, stride=2, pad=1, f=3),
          dict(n=3, c=1, h=7, v=5, tall=3, wide=3, stride=2, pad=0, f=2),
          dict(n=7, c=2, h=9, v=10, tall=2, wide=3, stride=3, pad=1, f=6)]
POOLS = [dict(n=2, c=3, h=4, v=6, tall=2, wide=2, stride=2),
         dict(n=1, c=2, h=6, v=4, tall=3, wide=2, stride=1),
         dict(n=3, c=2, h=5, v=7, tall=3, wide=3, stride=2),
         dict(n=7, c=4, h=12, v=9, tall=3, wide=3, stride=3)]
WORDS: list[dict[str, Any]] = [
    dict(n=(3, 4), v=5, d=2), dict(n=1, v=3, d=4), dict(n=6, v=4, d=3),
    dict(n=17, v=11, d=7)]
GIVEN = {"running_mean": "d", "running_var": "d:positive"}

EXERCISES = {e.name: e for e in (
    table("affine", "x w b", DENSE, [dict(n=2, d=3, m=2)], x="n d", w="d m", b="m"),
    table("affine_images", "x w b", DEEP, [dict(n=2, c=1, h=2, d=2, m=2)], x="n c h",
          w="d m", b="m"),
    table("linear", "x w b", DENSE, [dict(n=2, d=3, m=2)], x="n d", w="m d", b="m"),
    table("relu", "x", ROWS, [dict(n=2, c=3)], x="n c"),
    table("sigmoid", "x", ROWS, [dict(n=2, c=2)], x="n c"),
    table("tanh", "x", ROWS, [dict(n=2, c=2)], x="n c"),
    table("softmax", "x", ROWS, [dict(n=2, c=2), dict(n=1, c=3)], x="n c", ordered=True),
    table("cross_entropy", "x", ROWS, [dict(n=2, c=2), dict(n=1, c=3)], x="n c", y="n:c",
          loss=True, ordered=True),
    table("mse", "x", ROWS, [dict(n=2, c=3)], x="n c", y="n c", loss=True),
    table("batch_norm", "x gamma beta", NORMS, [dict(n=2, d=2, eps=1e-3)], GIVEN,
          x="n d", gamma="d", beta="d", eps=""),
    table("layer_norm", "x gamma beta", NORMS, [dict(n=2, d=2, eps=1e-3)],
          x="n d", gamma="d", beta="d", eps=""),
    table("dropout", "x", [dict(c, p=0.7) for c in ROWS], [dict(n=2, c=3, p=0.7)],
          {"p": ""}, x="n c", mask="n c:mask"),
    table("conv", "x w b", MOVING,
          [dict(n=1, c=2, h=3, v=2, tall=2, wide=2, stride=1, pad=0, f=2)],
          x="n c h v", w="f c tall wide", b="f", stride="", pad=""),
    table("max_pool", "x", POOLS, [dict(n=1, c=1, h=2, v=4, tall=2, wide=2, stride=2)],
          x="n c h v", tall="", wide="", stride="", ordered=True),
    table("average_pool", "x", POOLS, [dict(n=1, c=1, h=2, v=4, tall=2, wide=2, stride=2)],
          x="n c h v", tall="", wide="", stride=""),
    table("embedding", "w", WORDS, [dict(n=3, v=2, d=2)], x="n:v", w="v d"))}

OTHER_NAMES = {
    "fully_connected": "affine", "dense": "affine", "fc": "affine",
    "affine_layer": "affine",
    "softmax_loss": "cross_entropy", "softmax_cross_entropy": "cross_entropy",
    "mean_squared_error": "mse", "mse_loss": "mse", "l2_loss": "mse", "logistic": "sigmoid",
    "batchnorm": "batch_norm", "layernorm": "layer_norm", "conv2d": "conv",
    "convolution": "conv", "maxpool": "max_pool", "avg_pool": "average_pool",
    "average_pooling": "average_pool", "mean_pool": "average_pool", "embed": "embedding"}


def meant_exercise(name: str) -> Exercise | None:
    """The exercise of a name, or of one that others use; None for another word."""
    key = squeezed(name)
    for end in ("backward", "layer", "backprop"):
        key = key.removesuffix(end)
    found = meant(key, EXERCISES, OTHER_NAMES)
    return None if found is None else EXERCISES[found]


def exercise(name: str) -> Exercise:
    """The exercise of a name, or of one that others use; ValueError for none."""
    if (found := meant_exercise(name)) is None:
        raise ValueError(f"no exercise is called {name!r};"
                         f"{did_you_mean(name, EXERCISES, OTHER_NAMES)} there are "
                         f"{', '.join(EXERCISES)}")
    return found
