"""From columns to features, as it was learned on the training part: numbers brought to mean
0 and deviation 1, words made categories. It is saved with a model, so that new rows become
features in the same way.
"""
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minigrad.data.columns import Columns, is_words, listed

MOST_CATEGORIES = 100
FAR = 10                                # times the largest number of the training part


@dataclass(frozen=True)
class Input:
    """A column that goes in, and the words in it, sorted; none for numbers.

    Two words are one feature, 0 for the first and 1 for the second; more have a feature
    each, which is 1 where the word stands. place: of the column in its file, from 0 on.
    """
    name: str
    place: int
    words: tuple[str, ...] = ()

    @property
    def features(self) -> int:
        """How many features it becomes."""
        return len(self.words) if len(self.words) > 2 else 1

    def encoded(self, column: NDArray) -> NDArray:
        """Its features, (n, features). A word that is not known is none of them; between
        two words it is 1/2."""
        if not self.words:
            return column[:, None]
        at = {word: k for k, word in enumerate(self.words)}
        if len(self.words) <= 2:
            return np.array([[at.get(word, 0.5)] for word in column.tolist()], float)
        codes = np.array([at.get(word, -1) for word in column.tolist()])
        return (codes[:, None] == np.arange(len(self.words))).astype(np.float64)


@dataclass(frozen=True)
class Preparation:
    """Columns that go in, and what their features are shifted and divided by, if they are.

    largest: how far each feature reached before. named: whether columns have names of
    their own, by which new ones are found. label and
    label_place: the column that is not among them. width: how many columns the file had.
    """
    inputs: tuple[Input, ...]
    named: bool = False
    label: str = ""
    label_place: int = -1
    width: int = 0
    mean: NDArray | None = None
    std: NDArray | None = None
    largest: NDArray | None = None

    @property
    def features(self) -> int:
        """How many numbers a network sees of each row."""
        return sum(each.features for each in self.inputs)

    @property
    def feature_names(self) -> list[str]:
        """What each feature is called: a column's name, or column=word."""
        return [name for each in self.inputs for name in (
            [f"{each.name}={word}" for word in each.words] if each.features > 1 else
            [each.name])]

    @property
    def of_numbers(self) -> NDArray:
        """Which features are numbers of a column, rather than words."""
        return np.repeat([not each.words for each in self.inputs],
                         [each.features for each in self.inputs])

    def encoded(self, columns: Columns | NDArray) -> NDArray:
        """The features before they are brought to one scale."""
        if not isinstance(columns, Columns):
            return columns
        return np.concatenate([each.encoded(column) for each, column in
                               zip(self.inputs, columns.values, strict=True)], axis=1)

    def prepared(self, columns: Columns | NDArray) -> NDArray:
        """The features of shape (n, features), from the columns that go in, in order."""
        features = self.encoded(columns)
        if self.mean is None:
            return features
        with np.errstate(over="ignore"):
            return (features - self.mean)/self.std

    def unknown(self, columns: Columns) -> list[str]:
        """What to say of words that the training part did not have."""
        said = []
        for each, column in zip(self.inputs, columns.values, strict=True):
            new = [word for word in column.tolist() if word not in each.words
                   ] if each.words else []
            if new:
                row = column.tolist().index(new[0])
                said.append(f"{columns.place(row)}: {new[0][:80]!r} is no word of "
                            f"{each.name} in the training part ({len(new)} such cells); it "
                            f"counts as none of {listed(each.words)}")
        return said

    def beyond(self, columns: Columns | NDArray) -> list[str]:
        """What to say of numbers far beyond those of the training part."""
        features = self.encoded(columns)
        if self.largest is None or not len(features):
            return []
        reach = np.abs(features).max(axis=0)
        far = np.flatnonzero((reach > FAR*self.largest) & (self.largest > 0))
        return [f"{self.feature_names[k]} reaches {reach[k]:.3g}, in training "
                f"{self.largest[k]:.3g}: are the units those of the training?"
                for k in far[:1]]

    def as_data(self) -> dict[str, Any]:
        """As plain data, for JSON."""
        return asdict(self) | {name: None if numbers is None else numbers.tolist() for
                               name, numbers in (("mean", self.mean), ("std", self.std),
                                                 ("largest", self.largest))}

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> "Preparation":
        """What as_data gave."""
        inputs = tuple(Input(each["name"], each["place"], tuple(each["words"]))
                       for each in data["inputs"])
        arrays = {name: None if data[name] is None else np.array(data[name])
                  for name in ("mean", "std", "largest")}
        return cls(**(data | arrays | {"inputs": inputs}))


def learned(columns: Columns | NDArray, training: NDArray, standardize: bool,
            places: Sequence[int], **about: Any) -> Preparation:
    """The preparation that the training rows of the columns teach.

    Raises ValueError for a column of words and numbers, or of too many words.
    """
    if isinstance(columns, Columns):
        inputs = tuple(Input(name, places[k], categories(columns, k, training))
                       for k, name in enumerate(columns.names))
        part: Any = columns.take(training)
    else:
        inputs = tuple(Input(f"column {k + 1}", k) for k in range(columns.shape[1]))
        part = columns[training]
    features = Preparation(inputs).encoded(part)
    plain = Preparation(inputs, **about,
                        largest=np.abs(features).max(axis=0).astype(np.float64))
    if not standardize:
        return plain
    mean, std = standardization(features)
    return replace(plain, mean=np.where(plain.of_numbers, mean, 0),
                   std=np.where(plain.of_numbers, std, 1))


def standardization(features: NDArray) -> tuple[NDArray, NDArray]:
    """Mean and standard deviation of each column, infinite for one that is constant: what
    could not be learned of it changes no prediction either.

    >>> standardization(np.array([[1., 5.], [3., 5.]]))
    (array([2., 5.]), array([ 1., inf]))
    """
    features = features.astype(np.float64)
    largest = np.abs(features).max(axis=0)
    scale = np.where(largest > 0, largest, 1)               # squares of 1e200 are infinite
    mean, std = (features/scale).mean(axis=0), (features/scale).std(axis=0)
    return mean*scale, np.where(std > 1e-12, std*scale, np.inf)


def categories(columns: Columns, k: int, training: NDArray) -> tuple[str, ...]:
    """The words of a column in the training rows, sorted; none if it holds numbers."""
    column = columns.values[k]
    if not is_words(column):
        return ()
    found = tuple(sorted(set(column[training].tolist())))
    if len(found) > MOST_CATEGORIES:
        raise ValueError(f"{columns.source}: {columns.names[k]} has {len(found)} different "
                         f"words, more than the {MOST_CATEGORIES} that become categories: "
                         f"an identifier or a text; leave it out: drop={columns.names[k]!r}"
                         f" (--drop)")
    return found


def check_pure(columns: Columns, k: int, chosen: bool) -> None:
    """ValueError for a column that holds words and numbers, unless they are `chosen` words.
    """
    row = None if chosen else columns.odd(k)
    if row is not None:
        raise ValueError(
            f"{columns.place(row, k)}: {columns.values[k][row][:80]!r} "
            f"{columns.unlike(row, k)}; mend it, or take all as words: "
            f"categories={columns.names[k]!r} (--categories)")


def complete(columns: Columns, drop: bool) -> tuple[Columns, NDArray]:
    """The rows without a missing value, and which they are; ValueError if any has one that
    is not to be dropped."""
    lacking = columns.missing()
    kept = ~np.asarray(lacking.any(axis=1))
    if kept.all():
        return columns, kept
    if not drop:
        row, k = np.argwhere(lacking)[0]
        empty = [columns.names[k] for k in np.flatnonzero(lacking.all(axis=0))]
        cure = (f"leave the column out: drop={empty[0]!r} (--drop)" if empty else
                "fill it, or leave such rows out: drop_missing=True (--drop-missing)")
        raise ValueError(f"{columns.place(row, k)}: no value; {int((~kept).sum())} of "
                         f"{len(columns)} rows lack one; {cure}")
    return columns.take(kept), kept


def check_finite(x: Columns) -> None:
    """ValueError, with its place, for a number that is infinite."""
    for k, column in enumerate(x.values):
        if not is_words(column) and not np.isfinite(column).all():
            row = int(np.argmin(np.isfinite(column)))
            raise ValueError(f"{x.place(row, k)}: {column[row]}; needed a finite number")
