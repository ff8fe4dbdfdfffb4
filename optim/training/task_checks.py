"""Whether labels can be learned, and learning them be measured."""
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minigrad.data.columns import Columns, as_words, is_words, listed
from optim.training.examples import RawExamples
from optim.training.preparing import Preparation

FITS = float(np.finfo(np.float32).max)


def check_size(columns: Columns | NDArray, features: NDArray, preparation: Preparation
               ) -> None:
    """ValueError for a number beyond those of float32."""
    wrong = ~(np.abs(features) <= FITS)
    if isinstance(columns, Columns) and wrong.any():
        row, k = np.argwhere(wrong)[0]
        at = np.repeat(np.arange(len(preparation.inputs)),
                       [each.features for each in preparation.inputs])[k]
        raise ValueError(f"{columns.place(row, at)}: {columns.values[at][row]:g}; needed a "
                         "finite number that fits float32")


def check_split(labels: NDArray, held: NDArray, kept: NDArray, classes: tuple[Any, ...],
                who: str) -> list[str]:
    """Hints on classes that the test part lacks; ValueError where one cannot be learned,
    or nothing can be measured."""
    if not classes:
        return []
    hints = []
    present = set(labels.tolist())
    for part, rows in (("test", held), ("training", kept)):
        found = set(labels[rows].tolist())
        if not (absent := sorted(present - found)):
            continue
        names = as_words(np.array(absent, labels.dtype))
        count = int(np.sum(labels == absent[0]))
        if part == "test" and len(found) > 1:
            hints.append(f"the test part, {len(rows)} examples, has none of class "
                         f"{listed(names)}; another seed= (--seed) may")
            continue
        raise ValueError(
            f"{who}: the {part} part, {len(rows)} of {len(labels)} examples drawn by the "
            f"seed, has none of class {names[0]}, of which there are {count}; "
            f"{'choose another seed, ' if count > 1 else ''}add examples of it or leave it "
            "out, or bring a test set: np.savez('data.npz', x_train=..., y_train=..., "
            "x_test=..., y_test=...)")
    return hints


def check_task(examples: RawExamples, classes: tuple[Any, ...], task: str | None,
               who: str) -> None:
    """Raise ValueError for labels that can be told without learning, or not at all."""
    where, alone = examples.where, len(examples.parts) == 1
    other = ("; label= (--label NAME or NUMBER) says which column is the label"
             if examples.of_columns else "")
    if alone and len(examples.parts[0][1]) < 5:
        raise ValueError(f"{who}: {len(examples.parts[0][1])} examples; needed at least 5, "
                         "as a fifth is held out for the test")
    for x, y in examples.parts:
        found = np.unique(y)
        if len(found) == 1:
            what = "class" if classes else "number"
            raise ValueError(f"{who}: one {what} only in {where}, {as_words(found)[0]} "
                             f"everywhere; needed two or more{other}")
        if alone and classes and len(found) == len(y):
            raise ValueError(f"{who}: as many classes as examples in {where}, {len(y)}, as "
                             f"in a column that numbers them{other}")
        if alone and task is None and not classes and counts_rows(found, len(y)):
            raise ValueError(f"{who}: {where} numbers the rows, {found[0]:g} to "
                             f"{found[-1]:g}{other}, or task='regression' (--task "
                             "regression) learns it nevertheless")
        same = [k for k, column in enumerate(x.values if isinstance(x, Columns) else x.T)
                if is_words(column) == is_words(y) and (column == y).all()]
        if same:
            name = (repr(x.names[same[0]]) if isinstance(x, Columns) and x.named else
                    same[0] + 1)
            raise ValueError(f"{who}: feature {name} is the label itself; leave it out"
                             f"{other}")


def counts_rows(found: NDArray, n: int) -> bool:
    """Whether n sorted different numbers are each 1 more than the one before."""
    return len(found) == n and bool((np.diff(found.astype(np.float64)) == 1).all())
