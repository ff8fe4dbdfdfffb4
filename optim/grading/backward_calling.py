"""A hand-written backward pass called in its author's manner.

A function of (x, w, dout) in any order, of (dout, cache) with a cache that its own forward
makes, or that is read off how it is unpacked, a class with forward and backward, a loss
that gives (loss, dx). run_backward is all that others need of it.
"""
import ast
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from optim.grading.backward_arguments import bind, parameters, values
from optim.grading.backward_caches import (
    cached, is_taken_apart, kept, partner, tree_of, unpacked)
from optim.grading.backward_exercises import Arrays, Exercise
from optim.grading.backward_names import gradient_of, meaning
from optim.grading.backward_objects import class_called, with_attributes


class Given(dict):
    """Copies of a case's arguments, and which of them the homework has had."""

    def __init__(self, arrays: Arrays, used: set[str]):
        super().__init__({name: x.copy() if isinstance(x, np.ndarray) else x
                          for name, x in arrays.items()})
        self.used = used

    def __getitem__(self, name):
        self.used.add(name)
        return super().__getitem__(name)


def run_backward(target: Any, scope: Mapping[str, Any], asked: Exercise, arrays: Arrays,
                 used: set[str] | None = None) -> dict[str, Any]:
    """{"results": [array, ...], "names": of each or None, "changed": inputs written over}.

    target: a function or class; scope: what its file defines, for its forward; used: is
    given the names of those arguments that it has had. Raises whatever the homework raises,
    ValueError for arguments that are not understood.
    """
    given = Given(arrays, set() if used is None else used)
    holder = None
    if isinstance(target, type):
        found, holder = class_called(target, asked, given)
    else:
        found = function_called(target, scope, asked, given)
    results, names = in_order(found, asked)
    if holder is not None:
        results, names = with_attributes(holder, results, names, asked)
    changed = [name for name, x in arrays.items() if isinstance(x, np.ndarray)
               and not (x.shape == given[name].shape and np.all(x == given[name]))]
    return {"results": results, "names": names or returned_names(target, asked, results),
            "own": own_order(target, asked), "changed": changed}


def function_called(f: Callable, scope: Mapping[str, Any], asked: Exercise, given: Arrays
                    ) -> Any:
    """What a function gives for the arguments that it names."""
    bound, unknown = bind(parameters(f), asked, given)
    found = values(bound, asked, given)
    forward = partner(f, scope)
    if len(unknown) == 1 and forward is not None:
        return f(**found, **{unknown[0]: cached(forward, asked, given)})
    known = {name: kept(name, asked, given) for name in unknown}
    found |= {name: x for name, x in known.items() if x is not None}
    unknown = [name for name, x in known.items() if x is None]
    free = [a for a in (*asked.shapes, "dout") if a not in bound.values()]
    if len(unknown) > 1:
        raise ValueError(f"came arguments {', '.join(unknown)}, which are not known; needed"
                         f" {', '.join((*asked.shapes, 'dout'))}, or a cache")
    if len(unknown) == len(free) == 1 and not is_taken_apart(f, unknown[0]):
        return f(**found, **{unknown[0]: given[free[0]]})
    return f(**found, **{name: unpacked(f, name, asked, given) for name in unknown})


def fixed_by(target: Any, scope: Mapping[str, Any], asked: Exercise, used: set[str]
             ) -> dict[str, Any]:
    """The numbers of a case that the homework does not ask for, and has for its own: a
    stride of 1, no padding, windows of 2 by 2, its own eps."""
    out: dict[str, Any] = {}
    missing = [n for n, shape in asked.shapes.items() if not shape and n not in used]
    pool = "pad" not in asked.shapes
    for name in missing:
        if name == "eps":
            small = {node.value for f in (target, partner(target, scope)) if f is not None
                     for node in ast.walk(tree_of(f) or ast.Pass())
                     if isinstance(node, ast.Constant) and isinstance(node.value, float)
                     and 0 < node.value <= 0.01}
            out |= {name: small.pop()} if len(small) == 1 else {}
        else:
            out[name] = {"pad": 0, "stride": "tall" if pool else 1, "wide": "tall"}.get(
                name, 2)
    return out


# ------------------------------------------------------------------ what comes back
def in_order(found: Any, asked: Exercise) -> tuple[list, list | None]:
    """The gradients as a list, and their names if they are known; a loss is left out."""
    if isinstance(found, dict):
        named = {gradient_of(str(k), asked): x for k, x in found.items()}
        order = [a for a in asked.wanted if a in named]
        return [named[a] for a in order], order
    results = [*found] if isinstance(found, tuple) or isinstance(
        found, list) and any(np.ndim(x) for x in found) and len(found) <= 3 and len(
            asked.wanted) > 1 else [found]
    if asked.loss and len(results) > 1 and np.ndim(results[0]) == 0:
        results = results[1:]
    while len(results) > len(asked.wanted) and results[-1] is None:
        results.pop()                                       # of an argument without one
    if len(results) > len(asked.wanted) and results[0] is None:
        results = results[1:]
    return results, None


def returned_names(target: Any, asked: Exercise, results: list) -> list | None:
    """The names in its return, where fewer are returned than were wanted."""
    if len(results) == len(asked.wanted):
        return None
    tree = tree_of(target)
    for node in reversed([*ast.walk(tree)] if tree is not None else []):
        if isinstance(node, ast.Return) and node.value is not None:
            parts = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
            found = [gradient_of(ast.unparse(p), asked) for p in parts]
            if len(parts) == len(results) and None not in found:
                return found
    return None


def own_order(target: Any, asked: Exercise) -> list[str]:
    """The arguments whose gradients are wanted, in the order in which it has them."""
    if isinstance(target, type):
        return []
    found = [meaning(n, asked) for n in parameters(target)]
    order = [a for a in found if a is not None and a in asked.wanted]
    return order if {*order} == {*asked.wanted} else []
