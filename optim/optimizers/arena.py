"""Where parameters live: end to end in flat arrays, of which the tensors are views.

So a step is one call of the rule on flat arrays, however many tensors there are. A Place
is one tensor's home; a Part is the places that step together. A rule that looks at a whole
parameter (a norm, a mean of its rows) steps each of them alone, in its own shape.
"""
import itertools
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np

from minigrad.nn.modules import Module
from minigrad.tensors import Tensor
from minigrad.writes import array_of, move, note_writes


class Place(NamedTuple):
    """A parameter and its home: the stretch of an arena that it must be a view of."""
    group: int
    position: int                       # among all parameters, in the order they came
    name: str | None
    tensor: Tensor
    home: Any                           # an ndarray

    def __str__(self) -> str:
        return f"{self.name or f'parameter {self.position}'} of shape {self.home.shape}"


Record = dict[str, Any]                 # a parameter's t, and its piece of each state


class Part:
    """Parameters that step together: of one group and dtype, after equally many steps.

    Their states are flat arrays in the order of `places`, or floats that all share.
    """

    def __init__(self, pairs: list[tuple[Place, Record]]):
        self.places = [place for place, _ in pairs]
        self.tensors = [place.tensor for place in self.places]
        self.homes = [place.home for place in self.places]
        self.kernel: Any = None             # its rule's, bound to it (kernel_steps.py)
        first = pairs[0][1]
        self.t = first["t"]
        self.states = {name: join([record[name] for _, record in pairs])
                       for name in first if name != "t"}
        self.arena = arena = self.places[0].home.base
        self.whole = arena.size == sum(place.home.size for place in self.places)

    def theta(self) -> np.ndarray:
        """The parameters as the rule takes them, end to end."""
        return self.arena if self.whole else join(self.homes)

    def write(self, theta: np.ndarray, states: list[Any], line: Any) -> int:
        """Take the results of a step, which a line of the user's asked for.

        theta may be the arena itself, where it is written already. Returns the time.
        """
        if not self.whole:
            for home, piece in zip(self.homes, cut(theta, self.places)):
                home[...] = piece
        elif theta is not self.arena:
            self.arena[...] = theta
        self.states = dict(zip(self.states, states))
        self.t += 1
        return note_writes(self.tensors, line)

    def put(self, theta: Any, line: Any) -> None:
        """Bring the parameters to a point, which is no step."""
        for tensor, piece in zip(self.tensors, self.pieces(theta)):
            array_of(tensor)[...] = piece
        note_writes(self.tensors, line)

    def records(self) -> list[Record]:
        """Of each place its t, and its piece of every state as a view of the place's shape.
        """
        columns = {name: [state]*len(self.places) if type(state) is float
                   else cut(state, self.places) for name, state in self.states.items()}
        return [{"t": self.t} | {name: column[i] for name, column in columns.items()}
                for i in range(len(self.places))]

    def joined(self, gradients: list[np.ndarray]) -> np.ndarray:
        """The gradients of all places as the rule takes them."""
        return np.concatenate(gradients, axis=None)

    def pieces(self, array: np.ndarray) -> list[np.ndarray]:
        """A result of the rule, cut into what belongs to each place."""
        return cut(array, self.places)

    def divided(self, first: list[bool]) -> tuple["Part", "Part"]:
        """The places for which this is true as a part of their own, and the others."""
        pairs = list(zip(self.places, self.records()))
        return (Part([pair for pair, chosen in zip(pairs, first) if chosen]),
                Part([pair for pair, chosen in zip(pairs, first) if not chosen]))


class WholePart(Part):
    """One parameter in its own shape; its states may have shapes of their own."""

    def __init__(self, pairs: list[tuple[Place, Record]]):
        ((place, record),) = pairs
        self.places, self.tensors, self.homes = [place], [place.tensor], [place.home]
        self.kernel = None
        self.t = record["t"]
        self.states = {name: np.array(x) for name, x in record.items() if name != "t"}
        self.arena, self.whole = place.home, True

    def write(self, theta: np.ndarray, states: list[Any], line: Any) -> int:
        """Take the results of a step, which a line of the user's asked for."""
        self.homes[0][...] = theta
        self.states = dict(zip(self.states, states))
        self.t += 1
        return note_writes(self.tensors, line)

    def joined(self, gradients: list[np.ndarray]) -> np.ndarray:
        """The gradient, safe from a rule that would write it."""
        return gradients[0].copy()

    def pieces(self, array: np.ndarray) -> list[np.ndarray]:
        """It is one piece."""
        return [array]

    def records(self) -> list[Record]:
        """Its t and its states."""
        return [{"t": self.t, **self.states}]


def cut(flat: np.ndarray, places: list[Place]) -> list[np.ndarray]:
    """A flat array cut into the shapes of the parameters, as views."""
    ends = np.cumsum([place.home.size for place in places])[:-1]
    return [piece.reshape(place.home.shape)
            for piece, place in zip(np.split(flat, ends), places)]


def join(values: list[Any]) -> Any:
    """Arrays end to end; equal floats as one."""
    return values[0] if type(values[0]) is float else np.concatenate(values, axis=None)


def gathered(items: Iterable[Any], key: Callable[[Any], Any]) -> list[list[Any]]:
    """The items with equal keys together, otherwise in their order."""
    together: dict[Any, list[Any]] = {}
    for item in items:
        together.setdefault(key(item), []).append(item)
    return list(together.values())


def moved(places: list[Place], owner: object) -> list[Place]:
    """Move parameters end to end, into one flat array for each group and dtype."""
    homes = {}
    for alike in gathered(places, lambda place: (place.group, place.home.dtype)):
        arena = np.concatenate([place.home for place in alike], axis=None)
        for place, home in zip(alike, cut(arena, alike)):
            move(place.tensor, home, owner)
            homes[place.position] = home
    return [place._replace(home=homes[place.position]) for place in places]


def parts_of(places: list[Place], records: Iterable[Record],
             whole: list[bool]) -> list[Part]:
    """As few parts as can be: in each there is one arena, one t, one value of a float.

    whole: of each group, whether its rule takes one whole parameter at a time.
    """
    def alike(pair: tuple[Place, Record]) -> tuple[Any, ...]:
        place, record = pair
        if whole[place.group]:
            return place.position,
        floats = [value for value in record.values() if type(value) is float]
        return id(place.home.base), record["t"], *floats

    return [WholePart(pairs) if whole[pairs[0][0].group] else Part(pairs)
            for pairs in gathered(zip(places, records), alike)]


# --- what may be a parameter ------------------------------------------------------------

def listed(params: Any) -> list[Any]:
    """params as a list, if it has an order."""
    iterable = isinstance(params, Iterable) and not isinstance(params, Module)
    if not iterable or isinstance(params, (Tensor, np.ndarray, str, dict, set)):
        hint = (": write model.parameters()" if isinstance(params, Module) else
                ": write params.items()" if isinstance(params, dict) else
                ": w = mg.tensor(array, requires_grad=True), then [w]"
                if isinstance(params, np.ndarray) else
                ": [w] for one, model.parameters() for those of a module")
        raise TypeError(f"params: came {type(params).__name__}; needs tensors in a fixed "
                        f"order{hint}")
    return list(params)


def members(group: int, params: Any, first: int, resting: bool = False) -> list[Place]:
    """The places of a group's tensors; one that comes twice is taken once.

    resting: whether one that does not want a gradient is taken, to rest until it does.
    """
    places: dict[int, Place] = {}
    for item in listed(params):
        named = isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], str)
        name, tensor = item if named else (None, item)
        label = f"group {group}, {name or f'parameter {first + len(places)}'}"
        if not isinstance(tensor, Tensor):
            cure = ("[*a.parameters(), *b.parameters()] for those of modules a and b"
                    if isinstance(tensor, Module) else "one list of all, [*a, *b]"
                    if isinstance(tensor, (list, tuple)) else
                    "mg.tensor(data, requires_grad=True)")
            raise TypeError(f"{label}: came {type(tensor).__name__}; needs a tensor: "
                            f"{cure}")
        if tensor.dtype.kind != "f":
            raise TypeError(f"{label}: came dtype {tensor.dtype}; needs floats: "
                            "mg.tensor(data, requires_grad=True, dtype=float)")
        if not tensor.is_leaf:
            raise ValueError(f"{label} is the result of a computation, which backward() "
                             "leaves without grad; pass the tensors it was computed from")
        if not (tensor.requires_grad or resting):
            raise ValueError(f"{label} has requires_grad=False, so it would never move; "
                             "leave it out, or set requires_grad = True")
        places.setdefault(id(tensor), Place(group, first + len(places), name, tensor,
                                            array_of(tensor)))
    if not places:
        raise ValueError(f"group {group} has no parameters; a generator gives its tensors "
                         "only once")
    return list(places.values())


def refuse_sharing(places: list[Place]) -> None:
    """Two groups cannot move one tensor, nor an arena keep two tensors' common memory."""
    for place, other in itertools.combinations(places, 2):
        if place.tensor is other.tensor:
            raise ValueError(f"{other} of group {other.group} is also in group "
                             f"{place.group}; a tensor moves with one group")
        if np.shares_memory(place.home, other.home):
            raise ValueError(f"{place} and {other} share memory, which the arena would "
                             "part; pass one tensor where they shall be tied, or copy")
