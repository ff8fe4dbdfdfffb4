"""A session: the recording of one call of a whole function, with all that it reads and
writes outside.

Tensors that the function can reach hold stand-ins for its duration, and so do the names
that are bound to plain arrays; both get back what is theirs at the end. What the function
has written by then are its effects: arrays, gradients, and numbers such as a step's t.
"""
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from minigrad.compiler.bound_names import Name
from minigrad.compiler.calls import parts_of
from minigrad.compiler.drawing import Drawing, Iterating, drawn, is_iterator, source_of
from minigrad.compiler.questions import Guard, Questions
from minigrad.compiler.recorded_arrays import Recorded
from minigrad.compiler.recorded_numbers import RecordedNumber
from minigrad.compiler.recorded_calls import STAND_INS, plain
from minigrad.compiler.shared_memory import CannotFollow, root_of
from minigrad.compiler.fetching import Source
from minigrad.compiler.surroundings import Surroundings
from minigrad.compiler.undoing import set_there
from minigrad.stand_ins import sessions
from minigrad.tape import tick
from minigrad.tensors import Tensor
from minigrad.writes import hold

class Met(NamedTuple):
    """A tensor that lived before the session: as it was, and how its data is fetched."""
    tensor: Tensor
    text: str
    source: Source                      # of the tensor itself
    data: np.ndarray                    # at the beginning,
    grad: Any                           # likewise,
    wanted: bool                        # and whether it wanted a gradient


class Session(Questions):
    """The recording of one call; use as a block."""

    def __init__(self, look: Callable[[], list[Name]], name: str, hidden: list[np.ndarray]):
        super().__init__(name)
        self.look = look                # all names that the function can reach now
        names = look()
        self.hidden = [(array, array.copy()) for array in hidden]   # met by earlier calls
        self.names = names
        self.copies = [(name.value, name.value.copy()) for name in names
                       if type(name.value) is np.ndarray and not name.can_bind()]
        self.tensors: dict[int, Met] = {}
        self.rebound: list[tuple[Name, Any]] = []
        self.numbers: list[tuple[Any, str, Any]] = []   # (object, attribute, number)
        self.current: dict[tuple[int, str], Any] = {}   # what `numbers` have become
        self.began: dict[tuple[int, str], Any] = {}     # what they were, and where
        self.checks: list[tuple[str, Any, Any]] = []    # (text, object, value)
        self.states: list[tuple[Any, Any]] = []         # of generators, at the beginning
        self.generators: dict[tuple, Any] = {}
        self.before: list[Any] = []                     # to be called before every step
        self.outside = Surroundings(name, names)
        self.since = tick()

    def __enter__(self) -> "Session":
        sessions.append(self)
        for name in self.names:
            if type(name.value) is Tensor:
                self.adopt(name.value, name.text, Source("{}", name.value))
        for name in self.names:
            if type(name.value) is np.ndarray and name.can_bind():
                stand_in = self.array(name.value, name.text, name.value, "{}")
                name.bind(stand_in)
                self.rebound.append((name, stand_in))
            elif type(name.value) is np.random.Generator and name.can_bind():
                self.states.append((name.value, name.value.bit_generator.state))
                self.rebound.append((name, Drawing(name.value, self)))
                name.bind(self.rebound[-1][1])
            elif is_iterator(name.value) and name.can_bind():
                self.rebound.append((name, Iterating(name.value, name.text, self)))
                name.bind(self.rebound[-1][1])
        return self

    def __exit__(self, *error: Any) -> None:
        sessions.remove(self)
        self.open = False
        for name, stand_in in self.rebound:
            if name.now() is stand_in:
                name.bind(name.value)
        for name in self.look():                        # what the function has bound anew
            if name.can_bind() and type(name.value) in STAND_INS:
                name.bind(plain(name.value))
            elif type(name.value) is Tensor:
                settle(name.value)
        for met in self.tensors.values():
            settle(met.tensor)

    def refuse_unseen(self) -> None:
        """CannotFollow if an array that no name is bound to was written unrecorded."""
        for array, before in self.hidden:
            if id(root_of(array)) not in self.memories and (
                    array.tobytes() != before.tobytes()):
                raise CannotFollow(
                    f"{self.name}: an array of shape {array.shape} was written where a "
                    "recording does not see it; let a name be bound to it, or pass it as an"
                    " argument")

    # --- what comes in -------------------------------------------------------------------
    def array(self, value: np.ndarray, name: str, holder: Any, text: str) -> Recorded:
        """The stand-in for an array that a holder has, or the arguments if it is None."""
        source = Source(text, holder)
        memory = self.memories.get(id(root_of(value)))
        if memory is None:
            root = root_of(value)
            if root is not value and root.ndim == 1 and root.dtype == value.dtype and (
                    root.flags.c_contiguous and source.owner is not None):
                source = Source(source.text + ".base", source.owner)
                self.given(root, "parameters", source)
            else:
                return self.given(value, name, source)
            memory = self.memories[id(root)]
        node = memory.window(value)
        node.name = node.name or name
        return Recorded(value, node, memory, self)

    def adopt(self, tensor: Tensor, text: str, source: Source) -> None:
        """Let a tensor that lived before hold stand-ins."""
        if id(tensor) in self.tensors or isinstance(tensor._data, Recorded):
            return
        grad = tensor.grad
        self.tensors[id(tensor)] = Met(tensor, text, source, tensor._data, grad,
                                      tensor.requires_grad)
        data = self.array(tensor._data, text, source.owner, f"{source.text}._data")
        if tensor._memory is not None and tensor._memory.array is tensor._data:
            tensor._memory.array = data
        hold(tensor, data)
        if grad is not None:
            tensor._grad = self.array(grad, f"{text}_grad", source.owner,
                                      f"{source.text}.grad")

    def met(self, leaves: list[Tensor]) -> None:
        """backward() is about to write the gradients of these."""
        if self.recording():
            for leaf in leaves:
                self.adopt(leaf, "parameter", Source("{}", leaf))

    def number_of(self, holder: Any, text: str, name: str) -> RecordedNumber:
        """The stand-in for a number that an object holds, as Source's text says."""
        if (id(holder), text) in self.current:
            return self.current[id(holder), text]
        source = Source(text, holder)
        return self.given(source.fetch([]), name, source)

    def must_hold(self, text: str, holder: Any) -> None:
        """Note that what an object holds there steered the function: it must stay so."""
        self.checks.append((text, holder, Source(text, holder).fetch([])))

    def begin_with(self, check: Any) -> None:
        """Note what is to be called before every step."""
        if check not in self.before:
            self.before.append(check)

    def set(self, holder: Any, text: str, value: Any) -> None:
        """What a holder has there gets a value, now and after every step."""
        if (id(holder), text) not in self.began:
            self.began[id(holder), text] = holder, text, Source(text, holder).fetch([])
        self.numbers = [x for x in self.numbers if x[0] is not holder or x[1] != text]
        self.numbers.append((holder, text, self.node(value)))
        self.current[id(holder), text] = value
        set_there(holder, text, plain(value))

    # --- what an optimizer asks for (optim.optimizers.recorded_steps) ---------------------
    def plain(self, x: Any) -> Any:
        """The array or number behind a stand-in."""
        return plain(x)

    def lives_in(self, tensor: Tensor) -> Any:
        """The array in which a tensor lives."""
        return plain(tensor._data)

    def as_float(self, x: Any) -> Any:
        """float(x), recorded."""
        return self.number(float, (x,)) if type(x) in STAND_INS else float(x)

    def must_be_finite(self, values: list) -> None:
        """Let the step give up where an entry or number is not finite."""
        alike: dict[tuple, list[Recorded]] = {}
        for x in values:
            if type(x) is Recorded:
                alike.setdefault(x.shape, []).append(x)
        for arrays in alike.values():
            arrays += arrays[:1]*(len(arrays) % 2)
            for x, y in zip(arrays[::2], arrays[1::2]):     # inf*0 is NaN: none is lost
                total: Any = np.vdot(x, y)
                self.guards.append(Guard(total.node, "float", "finite"))
        self.guards += [Guard(x.node, "float", "finite") for x in values
                        if type(x) is RecordedNumber]

    def must_be_small(self, x: Recorded, largest: float) -> None:
        """Let the step give up where an entry may be larger than this."""
        total: Any = np.vdot(x, x)              # a sum of squares never falls
        self.guards.append(Guard(total.node, "at most", largest**2))

    def draw(self, rng: Any, method: str, args: tuple, kwargs: dict) -> Any:
        """Random numbers, drawn now and anew at every call."""
        source = source_of(rng)
        key = source.text, id(source.owner)
        if key not in self.generators:
            generator = source.fetch([])
            self.states.append((generator, generator.bit_generator.state))
            self.generators[key] = self.given(generator, "rng", source)
        out = self.call(drawn, (self.generators[key], method, *args), kwargs)
        self.draws += [x.node for x in parts_of(out)]
        return out


def settle(tensor: Tensor) -> None:
    """Give a tensor the array that its stand-in holds."""
    if type(tensor._data) is Recorded:
        hold(tensor, np.asarray(tensor._data.value))
    if type(tensor._grad) is Recorded:
        tensor._grad = np.asarray(tensor._grad.value)
    memory = tensor._memory
    if memory is not None:
        memory.array, memory.lent = plain(memory.array), plain(memory.lent)
