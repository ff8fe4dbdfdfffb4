"""What is learned: a class (classification) or a number (regression)."""
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minigrad import nn
from minigrad.data.columns import is_words, listed
from optim.training.measures import accuracy, r_squared

CLASSIFICATION, REGRESSION = "classification", "regression"
FEW = 20                                # so many whole numbers are still taken as classes


@dataclass(frozen=True)
class Task:
    """A task: its loss, what it is measured by, and what outputs of a network mean.

    classes: what each output stands for, in order; a regression has none, but one output,
    the label less `mean` in units of `std`.

    >>> task = Task("classification", ("ash", "oak"))
    >>> task.targets(np.array(["oak", "ash"], object))
    array([1, 0])
    >>> task.predictions(np.array([[2., 1.], [0., 5.]]))
    array(['ash', 'oak'], dtype='<U3')
    """
    name: str
    classes: tuple[Any, ...] = ()
    mean: float = 0.0
    std: float = 1.0

    @property
    def outputs(self) -> int:
        """How many outputs a network for it has."""
        return len(self.classes) or 1

    @property
    def loss(self) -> Callable[[Any, Any], Any]:
        """The loss of outputs and targets, a tensor."""
        return nn.cross_entropy if self.classes else nn.mse_loss

    @property
    def metrics(self) -> dict[str, Callable[[NDArray, NDArray], float]]:
        """{name: function of outputs and targets}, the one that matters most first."""
        return {"accuracy": accuracy} if self.classes else {"r2": r_squared,
                                                            "rmse": self.rmse}

    def targets(self, labels: NDArray) -> NDArray:
        """What the loss takes: numbers of classes (n,), or standardised numbers (n, 1).

        Raises ValueError for a class that there is not.
        """
        if not self.classes:
            return ((labels - self.mean)/self.std)[:, None]
        if self.classes == tuple(range(len(self.classes))) and labels.dtype.kind in "iu":
            return labels.astype(np.int64)
        number = {each: k for k, each in enumerate(self.classes)}
        try:
            return np.array([number[label] for label in labels.tolist()], np.int64)
        except KeyError as error:
            raise ValueError(f"there is no class {error}; there are "
                             f"{listed(self.classes)}") from None

    def predictions(self, outputs: NDArray) -> NDArray:
        """The class with the largest output, by its name, or the number, (n,)."""
        if self.classes:
            return np.array(self.classes)[np.argmax(outputs, axis=1)]
        return outputs.reshape(len(outputs)).astype(np.float64)*self.std + self.mean

    def probabilities(self, outputs: NDArray) -> NDArray:
        """The probability of each class, (n, classes); a regression has none."""
        if not self.classes:
            raise ValueError("predict_proba: a regression predicts numbers, which have no "
                             "probabilities; needed predict")
        return nn.softmax(outputs, axis=1)

    def rmse(self, outputs: NDArray, targets: NDArray) -> float:
        """The root of the mean squared error, in the label's own unit."""
        return float(np.sqrt(np.mean((outputs - targets).astype(np.float64)**2))*self.std)

    def as_data(self) -> dict[str, Any]:
        """As plain data, for JSON."""
        return asdict(self)


def task_of(labels: NDArray, task: str | None, numbered: bool) -> tuple[Any, ...]:
    """The classes of the labels, in order; none if they are to be learned as numbers.

    Words are classes, and so are at most FEW different whole numbers; others are numbers.
    numbered: integers of an array from 0 on, less than there are rows, whose classes are 0,
    1, ... to the largest. Raises ValueError for words as numbers.
    """
    if task not in (None, CLASSIFICATION, REGRESSION):
        raise ValueError(f"train: task is {task!r}; needed {CLASSIFICATION} or {REGRESSION}"
                         ", or none, to choose by the labels")
    if is_words(labels):
        if task == REGRESSION:
            raise ValueError(f"train: task is {REGRESSION}, but the labels are words, such "
                             f"as {labels[0]!r}; needed {CLASSIFICATION}, or numbers")
        return tuple(sorted(set(labels.tolist())))
    if task == REGRESSION:
        return ()
    if labels.dtype.kind == "b":
        return tuple(np.unique(labels).tolist())
    if numbered:
        return tuple(range(int(labels.max()) + 1))
    found = np.unique(labels)
    whole = bool((found == np.floor(found)).all())
    if task is None and not (whole and len(found) <= FEW):
        return ()
    return tuple(map(int, found) if whole else found.tolist())
