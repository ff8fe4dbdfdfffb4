"""A pure function of arrays, as a rule of optim.rules is, as a kernel that works in place.

    k = kernel(adam, {"theta": theta, "g": g, "m": m, "v": v}, {"t": 1, "lr": 0.1, ...},
               into=("theta", "m", "v"))
    k.step(t, lr, ...)                      # theta, m and v hold their new values

It is recorded twice, at other numbers and on other arrays: what differs then was computed
behind the recording's back, and is refused, so that nothing is baked in.
"""
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigrad.compiler.comparing import refuse_differences
from minigrad.compiler.calls import Call, Constant, Input, Layout, Node, below
from minigrad.compiler.forms import is_elementwise
from minigrad.compiler.shared_memory import CannotFollow
from minigrad.compiler.naming import named_variables
from minigrad.compiler.lines import Lines, Program
from minigrad.compiler.printing import Printed, executed
from minigrad.compiler.recorder import Recorder
from minigrad.compiler.simplifying import simplified
from minigrad.primitives import shapes

SAMPLES = (2, 3)            # entries of the arrays on which an elementwise rule is recorded


class Kernel:
    """A function of arrays and numbers whose results go into the arrays it was made for.

    source: its text, which runs with NumPy alone; its bind also takes the `constants`.
    step(*numbers) does the work, and returns those results that are numbers.
    """

    def __init__(self, name: str, printed: Printed, arrays: list[np.ndarray]):
        self.source = printed.source
        self.constants = printed.constants
        self._bind = executed(self.source, f"<minigrad kernel {name} {id(self)}>")["bind"]
        self.step = self.bind(*arrays)

    def bind(self, *arrays: np.ndarray) -> Callable:
        """The step for these arrays, which lie in memory as those that it was made for."""
        return self._bind(*arrays, *self.constants)


def kernel(function: Callable, values: dict[str, Any], numbers: dict[str, Any],
           into: Sequence[str], rounds: bool = False) -> Kernel:
    """The kernel of function(*values, **numbers), whose results go `into` these values.

    values: arrays, or Python's numbers, by name; results for numbers are returned by the
    step as floats, which takes the numbers among `values` and then `numbers`, in order.
    rounds: whether a result of another dtype is rounded to its array's. Raises
    CannotFollow for a function that a recording cannot repeat: one with branches on values,
    or with numbers that are not among its arguments.

    >>> x = np.array([1., 2.])
    >>> k = kernel(lambda x, *, by: x*by + 1, {"x": x}, {"by": 2.}, into=["x"])
    >>> k.step(3.)
    >>> x
    array([4., 7.])
    """
    arrays = {name: x for name, x in values.items() if isinstance(x, np.ndarray)}
    name = getattr(function, "__name__", type(function).__name__)
    inputs, results = recorded(function, name, values, numbers)
    writes: list[tuple[Input, Node]] = []
    returned = []
    for goal, node in zip([inputs[n] for n in into], results, strict=True):
        if goal.layout is None:
            returned.append(Call(None, float, (node,)))
        else:
            writes.append((goal, fitting(name, goal, node, rounds)))
    program = Program(
        f"{name}: every array is changed in place.", [inputs[n] for n in arrays],
        [inputs[n] for n in [*values, *numbers] if n not in arrays], writes,
        [("number", node) for node in returned])
    return Kernel(name, Printed(Lines(program)), [*arrays.values()])


def fitting(name: str, goal: Input, node: Any, rounds: bool) -> Node:
    """The result that an array takes; CannotFollow if it is of another shape or dtype."""
    wanted: Layout = goal.layout
    came: Layout | None = getattr(node, "layout", None)
    if came is None or came.shape != wanted.shape or not (
            rounds or came.dtype == wanted.dtype):
        raise CannotFollow(f"{name}: {goal.name} came back as {came or node!r}; needs "
                           f"{wanted.dtype} of shape {wanted.shape}")
    return node if came.dtype == wanted.dtype else Call(
        wanted, shapes.astype, (node, wanted.dtype))


def recorded(function: Callable, name: str, values: dict, numbers: dict) -> Any:
    """The inputs by name and the nodes of the results, of two recordings that agree."""
    arrays = [x for x in values.values() if isinstance(x, np.ndarray)]
    if arrays and all(x.ndim == 1 and x.size > max(SAMPLES) and x.shape == arrays[0].shape
                      and x.flags.c_contiguous for x in arrays):
        try:
            inputs, results = twice(function, name, values, numbers, SAMPLES)
            return enlarged(inputs, results, arrays[0].shape)
        except CannotFollow:
            pass                        # it looks at shapes: record it at its real one
    return twice(function, name, values, numbers, (None, None))


def twice(function: Callable, name: str, values: dict, numbers: dict, sizes: tuple) -> Any:
    """Record a function twice on arrays of these sizes, and compare."""
    found = []
    for seed, size in enumerate(sizes, 1):
        given = {n: sample(x, size, seed) for n, x in (values | numbers).items()}
        recorder = Recorder()
        inputs = {n: recorder.given(x, n) for n, x in given.items()}
        with np.errstate(all="ignore"), named_variables():
            out = function(*[inputs[n] for n in values], **{n: inputs[n] for n in numbers})
        recorder.open = False
        results = [recorder.node(x) for x in (out if isinstance(out, tuple) else (out,))]
        found.append(({n: x.node for n, x in inputs.items()}, results))
    refuse_differences(name, found[0][1], found[1][1], shapes=sizes[0] is None)
    inputs, results = found[1]
    return inputs, simplified(results)


def sample(x: Any, size: int | None, seed: int) -> Any:
    """Other values of the same kind: what a kernel computes does not depend on them."""
    if not isinstance(x, np.ndarray):
        return x if seed == 1 else type(x)(x + seed) if isinstance(x, int) else 0.7*x + 0.01
    out = np.empty_like(x) if size is None else np.empty(size, x.dtype)
    out[...] = np.linspace(0.5, 1.5, out.size).reshape(out.shape)*seed
    return out


def enlarged(inputs: dict[str, Node], results: list[Node], shape: tuple) -> Any:
    """The same elementwise calls, on arrays of another shape."""
    for node in below([[*inputs.values()], results]):
        if node.layout is not None and node.layout.shape:
            if isinstance(node, Constant) or isinstance(
                    node, Call) and not is_elementwise(node):
                raise CannotFollow("the calls are not elementwise")
            dtype = node.layout.dtype
            node.layout = Layout(shape, dtype, (dtype.itemsize,))
    return inputs, results
