"""What a recorded call has given: its result, and what it has written, as nodes."""
from typing import Any, NamedTuple

import numpy as np

from minigrad.compiler.bound_names import PLAIN_VALUES
from minigrad.compiler.calls import Constant, Input, Node
from minigrad.compiler.fetching import Source
from minigrad.compiler.recorded_arrays import Recorded
from minigrad.compiler.recorded_numbers import RecordedNumber
from minigrad.compiler.recorded_calls import plain
from minigrad.compiler.session import Guard, Session
from minigrad.compiler.shared_memory import CannotFollow
from minigrad.structures import map_leaves
from minigrad.tensors import Tensor
from minigrad.writes import hold


# Values that are alike whenever they are made: what else is returned must last.
LASTING = *PLAIN_VALUES, type, type(...), np.dtype, range, slice


class Result(NamedTuple):
    """A leaf of what the function returned: `kind` says how it is made of the node. What
    was returned in two places has one Result in both."""
    kind: str           # tensor, array, scalar, number, argument, object, outside
    node: Any                           # or the number of the argument, or the object
    wants_gradient: bool = False


class Outcome(NamedTuple):
    """All that a recorded call has given."""
    tree: Any                           # what was returned, with a Result for each leaf
    writes: list[tuple[Any, Node]]      # an array that lives outside: what it holds now
    grads: list[tuple[Any, Any]]        # where a tensor is: its gradient, None if set so
    numbers: list[tuple[Any, str, Any]]
    guards: list[Guard]
    draws: list[Node]

    def nodes(self) -> list:
        """Every node that has to be computed."""
        return [[x.node for x in leaves_of_results(self.tree) if isinstance(x.node, Node)],
                [node for _, node in self.writes], [g for _, g in self.grads],
                [node for *_, node in self.numbers], [guard.node for guard in self.guards],
                self.draws]


def leaves_of_results(tree: Any) -> list[Result]:
    """The Results in a structure; they are tuples themselves."""
    if isinstance(tree, Result):
        return [tree]
    parts = tree.values() if isinstance(tree, dict) else tree
    return [x for part in parts for x in leaves_of_results(part)]


def outcome_of(session: Session, value: Any, arguments: list) -> Outcome:
    """What the session has given when the function returned this value."""
    own = {id(x): i for i, x in enumerate(arguments)}
    lasting = {id(name.value) for name in session.names}

    def leaf(x: Any) -> Result:
        if id(x) in own and not isinstance(x, (float, int)):
            return Result("argument", own[id(x)])
        if type(x) is Tensor and id(x) not in lasting:
            if x._grad is not None:
                raise CannotFollow(f"{session.name}: returns a tensor that has a gradient; "
                                   "return x and x.grad, or make x outside")
            return Result("tensor", session.node(x._data), x.requires_grad)
        if type(x) is RecordedNumber:
            return Result("number", x.node)
        if type(x) is Recorded and (there := found_outside(session, x)):
            return there
        if type(x) is Recorded or type(x) is np.ndarray or isinstance(x, np.generic):
            if plain(x).dtype.hasobject:
                raise CannotFollow(f"{session.name}: returns an array of objects; return a "
                                   "list or tuple of arrays")
            scalar = not isinstance(plain(x), np.ndarray)
            return Result("scalar" if scalar else "array", session.node(x))
        if type(x) is str and session.written_out and id(x) not in lasting:
            raise CannotFollow(f"{session.name}: returns text, and wrote values as text; "
                               "return the values, and write them outside")
        if not (isinstance(x, LASTING) or id(x) in lasting):
            raise CannotFollow(
                f"{session.name}: returns {type(x).__name__}, which later calls could not "
                "make anew; return arrays, tensors and numbers, alone or in tuples, lists "
                "and dicts")
        return Result("object", x)

    seen: dict[int, Result] = {}
    tree = map_leaves(lambda x: seen.setdefault(id(x), leaf(x)), value)
    writes = [(memory.source, memory.node) for memory in session.memories.values()
              if memory.version and isinstance(memory.source, (Input, Constant))]
    grads = []
    for met in session.tensors.values():
        if plain(met.tensor._data) is not met.data:
            raise CannotFollow(
                f"{session.name}: {met.text} lives in another array after the call, as "
                "p.data = p.data - step makes it; write p.data -= step, or under "
                "mg.no_grad() p -= step")
        now = met.tensor._grad
        before = now is None and met.grad is None or (
            type(now) is Recorded and now.value is met.grad and not now.memory.version)
        if not before:
            grads.append((met.source, None if now is None else session.node(now)))
    return Outcome(tree, writes, grads, session.numbers, session.guards,
                   [*session.draws, *session.risky])


def found_outside(session: Session, x: Recorded) -> Result | None:
    """What stands for an array that lives outside, or a view of one: it is returned itself,
    as what is written into it later is seen, too. None if x was made inside."""
    for met in session.tensors.values():
        g = met.tensor._grad
        if g is x or type(g) is Recorded and shows(x, g):
            place = None if g is x else g.memory.place(x.value) or ...
            return Result("outside", (met.source.extended(".grad"), place))
    source = x.memory and isinstance(x.memory.source, Input) and x.memory.source.source
    if not source or source.text.endswith(".grad") or not isinstance(x.value, np.ndarray):
        return None
    if source.owner is not None:
        known = [name.value for name in session.names]
        known += [met.data for met in session.tensors.values()]
        whole = any(x.value is y for y in known)
        return Result("outside", (Source("{}", x.value), None if whole else ...))
    try:
        return Result("outside", (source, x.memory.place(x.value) or ...))
    except CannotFollow:
        return None


def shows(x: Recorded, whole: Recorded) -> bool:
    """Whether an array is a view of another one, of all of its memory."""
    return (x.memory is not None and x.memory is whole.memory
            and x.dtype == whole.dtype and whole.memory.place(whole.value) is None)


def settled(value: Any) -> Any:
    """The function's value for its caller, without stand-ins."""
    def leaf(x: Any) -> Any:
        if type(x) is Tensor:
            if type(x._data) is Recorded:
                hold(x, np.asarray(x._data.value))
            return x
        return plain(x)
    return map_leaves(leaf, value)
