"""What a training leaves: the model, how it went, what it is good for."""
import os
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from minigrad import nn
from minigrad.html_tables import html_table, some_of
from optim.optimizers.history import History
from optim.optimizers.optimizer import Optimizer
from optim.training.predicting import Predicting
from optim.training.preparing import Preparation
from optim.training.saved_runs import entries_of, prepared_in, restore, save
from optim.training.tasks import Task


@dataclass(frozen=True)
class Training(Predicting):
    """A trained model, how it went, and what it was asked to do.

    The curves were measured after `examples` examples: `loss` on the whole training set,
    each of `metrics` on the test set: "accuracy" (a share from 0 to 1), or "r2" and "rmse"
    of a regression; arrays of one length. notes say what was found out of the data, hints
    what may be wrong, a line each. optimizer and history are None where a file brought it.
    """
    model: nn.Module
    optimizer: Optimizer | None
    examples: NDArray
    loss: NDArray
    metrics: dict[str, NDArray]
    settings: dict[str, Any]
    task: Task
    preparation: Preparation
    notes: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    history: History | None = None

    @property
    def test_accuracy(self) -> NDArray:
        """The share of the test set that the model got right, along the way."""
        return self.measured("accuracy")

    @property
    def accuracy(self) -> float:
        """The share of the test set that the trained model gets right."""
        return float(self.test_accuracy[self.last])

    @property
    def r2(self) -> float:
        """R² of the trained model on the test set."""
        return float(self.measured("r2")[self.last])

    @property
    def rmse(self) -> float:
        """The root of the mean squared error on the test set, in the label's unit."""
        return float(self.measured("rmse")[self.last])

    def measured(self, name: str) -> NDArray:
        """The curve of a metric; AttributeError if the task has no such."""
        if name not in self.metrics:
            raise AttributeError(f"a {self.task.name} has no {name}; it has "
                                 f"{', '.join(self.metrics)}")
        return self.metrics[name]

    @property
    def last(self) -> int:
        """Which entry of the curves the model is of: the last one, unless patience brought
        the best weights back."""
        return int(self.settings.get("best", len(self.loss) - 1))

    @property
    def curves(self) -> dict[str, NDArray]:
        """All but `loss`, by their names: of the test set and, after a training that held
        some out, of the validation set."""
        measured = {} if self.history is None else self.history.columns
        return {name: curve for name, curve in measured.items()
                if name.startswith("validation_")} | {
            f"test_{name}": curve for name, curve in self.metrics.items()}

    @property
    def summary(self) -> str:
        """How it went, in one line."""
        settings, last = self.settings, self.last
        found = ", ".join(f"test {shown(name, curve[last])}"
                          for name, curve in self.metrics.items())
        kept = (f", where the validation loss was lowest, of {self.examples[-1]}"
                if "best" in settings else "")
        return (f"{settings['optimizer']} on {settings['data']} ({settings['test']}):"
                f" training loss {self.loss[last]:.4f}, {found}"
                f" after {self.examples[last]} examples{kept}")

    def __repr__(self) -> str:
        return "\n".join([self.summary, *self.notes, *(f"hint: {h}" for h in self.hints)])

    def _repr_html_(self) -> str:
        rows = ((self.examples[k], f"{self.loss[k]:.4f}", *(
            shown(name, curve[k]).removeprefix(f"{name} ")
            for name, curve in self.metrics.items())) for k in some_of(len(self.loss)))
        return html_table(("examples", "training loss", *(
            f"test {name}" for name in self.metrics)), rows, self.summary)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write parameters, curves and settings to an .npz file; optim.load_training gives
        the training, restore the model and the settings.

        The file appears whole or not at all, in place of an earlier one of that name.
        """
        save(path, self.model, self.settings, self.preparation, self.task,
             examples=self.examples, loss=self.loss, **self.curves)


def shown(name: str, value: float) -> str:
    """A metric and its value, as text."""
    return f"{name} {100*value:.2f} %" if name == "accuracy" else f"{name} {value:.4g}"


def load_training(path: str | os.PathLike[str], model: nn.Module | None = None) -> Training:
    """The training in a file that Training.save wrote, to predict with; without optimizer.

    model: as in restore. Raises ValueError for another file.

    >>> from tempfile import TemporaryDirectory
    >>> import minigrad as mg; from optim import train
    >>> x, y = mg.data.blobs(60, rng=0)
    >>> with TemporaryDirectory() as folder:
    ...     train((x, y), epochs=1).save(f"{folder}/run.npz")
    ...     load_training(f"{folder}/run.npz").predict(x).shape
    (60,)
    """
    arrays = entries_of(path)
    preparation, task = prepared_in(arrays, path)
    model, settings = restore(path, model)
    metrics = {name: arrays[f"test_{name}"] for name in task.metrics}
    return Training(model, None, arrays["examples"], arrays["loss"], metrics, settings,
                    task, preparation)
