"""`mg.explain`: the walk back of the engine, watched.

The engine's own walk (tape.walk) runs with its own pull; what passes by is written down.
No .grad changes, and the graph stays.
"""
import sys
from typing import Any

import numpy as np

from minigrad import tape
from minigrad.explanation.backward_records import Edge, Step
from minigrad.explanation.explanations import Explanation
from minigrad.explanation.local_derivatives import pulled
from minigrad.explanation.names_of_tensors import left_out, modules_in, names_in
from minigrad.indeterminate import Indeterminate
from minigrad.nn.modules import Module
from minigrad.structures import vector_like
from minigrad.tensors import Tensor


def explain(loss: Any, gradient: Any = None, *, names: Any = None) -> Explanation:
    """What backward() does from this tensor: every value, cotangent and local derivative.

    loss: a Tensor with one entry, or of any shape with `gradient`, a cotangent of that
    shape. Call it before loss.backward(), or after loss.backward(retain_graph=True): the
    walk back is walked once more, no .grad changes and the graph stays. names: a module
    whose parameters are called as it calls them, or {name: tensor}; without it tensors are
    called as the variables where explain is called.

    Printed it is the evaluation trace, forward values and then adjoints, as in Baydin,
    Pearlmutter, Radul & Siskind 2018, tables 2 and 3; `.steps()` goes back step by step,
    `.svg()` draws the graph, `.diagnosis` says what is wrong, `.save("page.html")` writes
    all of it.

    Raises TypeError for what is no Tensor, ValueError for more than one entry without a
    gradient, RuntimeError where nothing wants one or the graph is used up.

    >>> import numpy as np, minigrad as mg
    >>> x = mg.tensor(2.0, requires_grad=True)
    >>> loss = np.log(x)*x
    >>> [(step.name, step.cotangent.item()) for step in mg.explain(loss).nodes]
    [('x', 1.6931471805599454), ('v1', 2.0), ('loss', 1.0)]
    """
    if not isinstance(loss, Tensor):
        raise TypeError(f"explain: came {type(loss).__name__}, needs the tensor on which "
                        "backward() would be called: mg.explain(loss); a number from "
                        ".item() or float() has lost its graph")
    if not loss.requires_grad:
        raise RuntimeError("explain: this tensor depends on nothing that wants a gradient; "
                           "make its inputs with mg.tensor(..., requires_grad=True)")
    if gradient is None and loss._data.size != 1:
        raise ValueError(f"explain: the result has shape {loss.shape}, needs one entry; "
                         "sum it, or pass a gradient of that shape")
    seed = np.ones(loss.shape, loss.dtype) if gradient is None else vector_like(
        gradient, loss, "explain")
    return explained(loss, getattr(seed, "_data", seed), sys._getframe(1), names)


def explained(loss: Tensor, seed: np.ndarray, frame: Any, names: Any = None) -> Explanation:
    """The explanation, in the names of a frame's variables."""
    variables = {**frame.f_globals, **frame.f_locals}
    called = names_in(frame.f_globals, frame.f_locals, names)
    modules = [*modules_in(variables).values(), *([names] if isinstance(names, Module)
                                                  else [])]
    steps = watched_walk(loss, seed, called)
    return Explanation([*steps.values()], steps[id(loss)],
                       left_out(modules, called, steps))


def watched_walk(loss: Tensor, seed: np.ndarray, called: dict[int, str]) -> dict[int, Step]:
    """{id of a tensor: its step} in order of evaluation, with all that came back."""
    steps = forward_steps(loss, called)
    forms = Indeterminate([(loss, seed)], False)

    def pull(forms: Any, node: Any, result: Tensor, g: Any) -> list:
        pairs = tape.pull(forms, node, result, g)
        step = steps[id(result)]
        step.cotangent = np.array(g)
        wanted = [i for i in node.positions if node.args[i].requires_grad]
        for i, (argument, out) in zip(wanted, pairs):
            source, before = steps[id(argument)], np.array(out)
            if argument.shape != result.shape and step.function in tape.VJPS:
                raw = np.asarray(pulled(node.function, i, g, result._data, node.values,
                                        node.kwargs))
                before = before if raw.shape == argument.shape else raw
            edge = Edge(step, source, i, before, np.array(out))
            step.inputs.append(edge)
            source.outputs.append(edge)
        return pairs
    with np.errstate(all="ignore", invalid="call", call=forms):
        for leaf, g in tape.walk([(loss, seed)], None, 0, pull, forms):
            steps[id(leaf)].cotangent = np.array(g)
    return steps


def forward_steps(loss: Tensor, called: dict[int, str]) -> dict[int, Step]:
    """{id of a tensor: its step} for all that the loss depends on, in order of evaluation.
    """
    found, waiting = {id(loss): loss}, [loss]
    while waiting:
        node = waiting.pop()._node
        if node is None:
            continue
        if node.args is None:
            raise RuntimeError("explain: the graph was used up by an earlier backward(); "
                               "explain before it, or keep the graph with "
                               "backward(retain_graph=True)")
        for i in node.positions:
            if id(node.args[i]) not in found:
                found[id(node.args[i])] = node.args[i]
                waiting.append(node.args[i])
    calls = sorted([x for x in found.values() if x._node], key=lambda x: x._node.time)
    used = [x._node.args[i] for x in calls for i in x._node.positions]      # in this order
    inputs = dict.fromkeys(id(x) for x in [*used, loss] if x._node is None)
    in_time = [*(found[key] for key in inputs), *calls]
    steps: dict[int, Step] = {}
    called, taken = unique(called, found), {called[key] for key in found if key in called}
    count = 0
    for index, tensor in enumerate(in_time):
        name = called.get(id(tensor))
        if name is None:
            count += 1
            while f"v{count}" in taken:
                count += 1
            name = f"v{count}"
        node = tensor._node
        steps[id(tensor)] = step = Step(index, name, np.array(tensor._data),
                                        tensor.requires_grad)
        if node is not None:
            step.function, step.raw_place = node.function, node.place
            step.options = dict(node.kwargs)
            step.arguments = tuple([
                steps[id(a)] if i in node.positions else value for i, (a, value)
                in enumerate(zip(node.args, node.values))])
    return steps


def unique(called: dict[int, str], found: dict) -> dict[int, str]:
    """The names of what was found, each once: a second x is x#2."""
    given: dict[str, int] = {}
    names = {}
    for key in called:
        if key in found:
            count = given[called[key]] = given.get(called[key], 0) + 1
            names[key] = called[key] if count == 1 else f"{called[key]}#{count}"
    return names
