"""A rule as an entry of MG.rules: its start and its step, as they are written in Python."""
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from optim.optimizers.signatures import (
    Rule, anatomy, is_of_whole_parameters, start_of, step_of)
from optim.playground.printer import Program, safe
from optim.playground.written import SIZE, Node, at_every_branch, letter

VECTOR = (SIZE,)


def starts(rule: Rule, settings: dict[str, Any], spread: set[str]) -> dict[str, Any]:
    """The nodes of the first states; spread: those with one entry for each of theta's."""
    theta, found = letter("theta", VECTOR), {}
    for name, default in anatomy(rule)[0].items():
        (node,) = at_every_branch(
            lambda: start_of(default, theta, settings))     # noqa: B023
        shape = getattr(node, "shape", None)
        if name in spread and shape is None:
            node = Node("full", (node,), VECTOR)
        found[name] = node
    return found


def step(rule: Rule, settings: dict[str, Any], shapes: dict[str, Any]) -> dict[str, Any]:
    """The nodes of theta and the states after a step of letters of these shapes."""
    theta, g = (letter(name, VECTOR) for name in ("theta", "g"))
    states = [letter(name, shape) for name, shape in shapes.items()]
    after = at_every_branch(lambda: step_of(rule, theta, g, *states, t=letter("t"),
                                            **settings))
    return dict(zip(("theta", *shapes), after, strict=True))


def programs(rule: Rule) -> tuple[dict[str, Any], dict[str, Any]]:
    """The nodes of a rule's first states and of its step.

    A state that starts at a number stays one where the rule keeps it one, as first_states
    of optim.optimizers has it.
    """
    states, hyperparameters = anatomy(rule)
    settings = {name: letter(name) for name in hyperparameters}
    if is_of_whole_parameters(rule):
        spread = {name for name, x in states.items() if not callable(x) and not np.ndim(x)}
        first = starts(rule, settings, spread)
        return first, step(rule, settings, {
            name: getattr(x, "shape", None) for name, x in first.items()})
    numbers = {name for name, x in starts(rule, settings, set()).items()
               if getattr(x, "shape", None) is None and x}
    while True:
        shapes = {name: None if name in numbers else VECTOR for name in states}
        after = step(rule, settings, shapes)
        arrays = {n for n in numbers if getattr(after[n], "shape", None) is not None}
        if not arrays:
            return starts(rule, settings, states.keys() - numbers), after
        numbers -= arrays


def function(head: str, unpacked: dict[str, list[str]], results: dict[str, Any],
             made: Callable[[Program], str]) -> tuple[str, Program]:
    """A function of JavaScript; unpacked {an argument: names that are read out of it}."""
    program = Program(results)
    lines = [f"const {{{', '.join(map(binding, used))}}} = {argument};"
             for argument, names in unpacked.items()
             if (used := [n for n in names if is_read(program, n)])]
    text = " ".join([*lines, *program.lines, made(program)])
    count = "const n = theta.length; "*bool(re.search(r"\bn\b", text))
    return f"{head} {{ {count}{text} }}", program


def is_read(program: Program, name: str) -> bool:
    return any(x.function == name for x in program.nodes.values() if not x.args)


def binding(name: str) -> str:
    return name if safe(name) == name else f"{name}: {safe(name)}"


def methods(rule: Rule, first: dict[str, Any], after: dict[str, Any]
            ) -> tuple[str, str, list[str]]:
    """init(theta, h) and step(theta, g, s, t, h) of a rule as functions of JavaScript, by
    its programs, and the hyperparameters that neither reads: those of matrices."""
    states, hyperparameters = anatomy(rule)

    def states_of(program: Program) -> str:
        pairs = (f"{name}: {copied(program.names[name])}" for name in states)
        return f"{{{', '.join(pairs)}}}"

    def copied(text: str) -> str:
        return "theta.slice()" if text == "theta" else text

    init, start = function("(theta, h) =>", {"h": [*hyperparameters]}, first,
                           lambda program: f"return {states_of(program)};")
    run, moved = function("(theta, g, s, t, h) =>", {"s": [*states], "h": [
        *hyperparameters]}, after, lambda program: f"return {{theta: "
        f"{program.names['theta']}, state: {states_of(program)}}};")
    return init, run, [n for n in hyperparameters
                       if not is_read(start, n) and not is_read(moved, n)]
