"""Checkpoints: the state of a run in a file, from which another process goes on.

The file is written whole or not at all, and the one before it is kept beside it, as
run.previous.npz. While a run is under way it holds a lock beside them.
"""
import hashlib
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import minigrad as mg
from minigrad.saving import in_archive
from minigrad.whole_files import check_writable
from optim.training.locks import alone
from optim.training.packing import packed, unpacked

FORMAT = "checkpoint of optim.fit, 1"
Path_ = str | os.PathLike[str]


class Checkpoint:
    """Where a run is saved, how often, and whether it goes on from what is there.

    every: how many steps to a checkpoint, None for an epoch. written: the step of the
    last one. settings: what another run must agree in, to go on from it.
    """

    def __init__(self, path: Path_, every: int | None = None, resume: bool = False,
                 who: str = "fit"):
        self.path, self.every, self.resume, self.who = Path(path), every, resume, who
        if self.path.is_symlink():              # which replacing would take away
            self.path = self.path.resolve()
        if self.path.suffix != ".npz":
            raise ValueError(f"{who}: checkpoint is {str(path)!r}; needed a name that ends "
                             "in .npz")
        self.previous = self.path.with_suffix(".previous.npz")
        self.next = self.path.with_name(f".{self.path.stem}.next.npz")
        self.settings: dict[str, Any] = {}
        self.written: int | None = None
        self.sound = True                       # whether what is at `path` may be kept

    @contextmanager
    def of(self, run: Any, settings: dict[str, Any]) -> Iterator[None]:
        """A block in which this run alone writes here; first it goes on from what is there.

        Raises, before anything is written, ValueError for a checkpoint that is damaged or
        of another run, FileExistsError for one that was not meant, BlockingIOError where
        another run is at work, OSError where nothing can be written.
        """
        self.settings = settings
        check_writable(self.path)
        with alone(self.path):
            for left in (self.next, *self.path.parent.glob(
                    f".{self.next.name}.*.unfinished")):
                left.unlink(missing_ok=True)    # by a run that was killed
            found = [path for path in (self.path, self.previous) if path.exists()]
            if found and not self.resume:
                raise FileExistsError(
                    f"{self.who}: {str(found[0])!r} exists; to go on from it pass "
                    "resume=True, to start anew delete it or choose another name")
            if found:
                run.load(self.load(found))
            yield

    def due(self, run: Any) -> bool:
        """Whether the run is to be saved after this step."""
        if run.epoch == run.epochs or self.every is None and run.position == 0:
            return True
        return self.every is not None and run.step % self.every == 0

    def begin(self, state: dict[str, Any]) -> None:
        """Save the start; OSError, before the work, if that cannot be."""
        try:
            self.write(state)
        except OSError as error:
            raise OSError(f"{self.who}: checkpoint {str(self.path)!r} cannot be written "
                          f"({error.strerror or error}); nothing was trained") from error

    def save(self, state: dict[str, Any]) -> None:
        """Save; if that fails, say so and leave what was saved before: the run goes on."""
        try:
            self.write(state)
        except OSError as error:
            warnings.warn(
                f"{self.who}: the checkpoint of step {state['counts']['step']} was not "
                f"written ({error.strerror or error}); {self.path} is of step "
                f"{self.written}; the run goes on", RuntimeWarning, stacklevel=4)

    def write(self, state: dict[str, Any]) -> None:
        """Write the file beside, keep the one before, and put the new one in its place."""
        content = {"format": FORMAT, "settings": self.settings, "state": state}
        mg.save(self.next, packed(content))
        if self.path.exists() and self.sound:
            os.replace(self.path, self.previous)
        os.replace(self.next, self.path)
        self.written, self.sound = state["counts"]["step"], True

    def load(self, found: list[Path]) -> dict[str, Any]:
        """The state in the first of these files that is whole."""
        wrong: list[str] = []
        for path in found:
            try:
                arrays = in_archive(path)
                break
            except ValueError as error:
                wrong.append(str(error))
        else:
            raise ValueError(f"{self.who}: no checkpoint is whole: {'; '.join(wrong)}")
        try:
            content = unpacked(arrays)
        except (ValueError, KeyError, TypeError):       # a file of something else
            content = None
        if not isinstance(content, dict) or content.get("format") != FORMAT:
            raise ValueError(f"{self.who}: {str(path)!r} is no checkpoint of a run; needed "
                             "a file that optim.fit(..., checkpoint=...) wrote")
        agree(f"{self.who}: {str(path)!r} is of another run", self.settings,
              content["settings"])
        self.written, self.sound = content["state"]["counts"]["step"], path == self.path
        if not self.sound:
            warnings.warn(f"{self.who}: {self.path} is "
                          f"{'damaged' if wrong else 'missing'}; going on from {path}, "
                          f"after step {self.written}", RuntimeWarning, stacklevel=4)
        return content["state"]


def agree(what: str, came: dict[str, Any], needed: dict[str, Any]) -> None:
    """Raise ValueError, with both, for the first setting that is not as it was saved."""
    for name in {**needed, **came}:
        if came.get(name) != needed.get(name):
            raise ValueError(f"{what}: {name} came as {came.get(name)!r:.200}; needed "
                             f"{needed.get(name)!r:.200}, as saved")


def fingerprint(array: NDArray) -> str:
    """Kind, shape and a hash of the content.

    >>> fingerprint(np.zeros(2))[:13], fingerprint(np.zeros(2)) == fingerprint(np.ones(2))
    ('float64 (2,) ', False)
    """
    content = np.ascontiguousarray(array)
    return (f"{array.dtype} {array.shape} "
            f"{hashlib.blake2b(content.data, digest_size=16).hexdigest()}")
