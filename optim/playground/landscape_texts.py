"""The landscapes for the page: value and gradient, and what a step sees of the noisy ones.
"""
import base64
import json
from typing import Any

import numpy as np

from minigrad.randomness import generator
from optim.landscapes import Landscape
from optim.playground.printer import Program
from optim.playground.written import (
    Node, Number, at_every_branch, gradient, letter, node_of)

DRAWS, SEED = 512, 0                    # steps that are drawn; then they begin again


class Drawn:
    """In place of a generator: draws are letters d[0], d[1] of the step."""

    def standard_normal(self, count: int) -> np.ndarray:
        out = np.empty(count, dtype=object)
        out[:] = [Number(Node(f"d{k}")) for k in range(count)]
        return out


def method(head: str, function: Any, letters: list[Any], *others: Any) -> tuple[str, str]:
    """The value of a function and its derivatives by the letters, as two methods."""
    def both() -> tuple:
        value = node_of(function(*letters, *others))
        by = [x.node for x in letters]
        slopes = gradient(value, by) if isinstance(value, Node) else [0]*len(by)
        return value, *(Number(x) if isinstance(x, Node) else x for x in slopes)

    value, *slopes = at_every_branch(both)
    names = [x.node.function for x in letters]
    f, df = Program({"f": value}), Program(dict(zip(names, slopes)))
    drawn = [f"const [{', '.join(ds)}] = drawn(t); " if (ds := [
        f"d{k}" for k in range(2) if any(x.function == f"d{k}" for x in p.nodes.values())])
        else "" for p in (f, df)]
    return (f"({head}) => {{ {drawn[0]}{' '.join(f.lines)} return {f.names['f']}; }}",
            f"({head}) => {{ {drawn[1]}{' '.join(df.lines)} return "
            f"[{', '.join(df.names[n] for n in names)}]; }}")


def entry(landscape: Landscape) -> str:
    """The entry of a landscape in MG.landscapes."""
    from optim.plots.stages import levels                   # matplotlib
    names = ["x", "y"][:len(landscape.start)]
    letters = [letter(name) for name in names]
    head = ", ".join(names)
    value, slope = method(head, landscape.f, letters)
    x = [np.linspace(*ends, 81) for ends in landscape.domain or ()]
    heights = levels(landscape, landscape(*np.meshgrid(*x)))
    about = {"title": landscape.name.replace("_", " "),
             "about": (landscape.f.__doc__ or "").partition("\n")[0],
             "start": landscape.start, "minima": landscape.minima,
             "saddles": landscape.saddles, "window": landscape.domain,
             "heights": [float(f"{h:.6g}") for h in heights],
             "levels": "linear" if np.ptp(np.diff(heights)) < 1e-9*np.ptp(heights)
             else "log"}
    text = [f"...{json.dumps(about, separators=(',', ':'))}", f"value: {value}",
            f"gradient: {slope}"]
    if landscape.sampled is not None:
        t = letter("t")
        seen, slope = method(f"{head}, t", landscape.sampled, letters, t, Drawn())
        text += [f"sampledValue: {seen}", f"sampledGradient: {slope}", "noisy: true"]
    if landscape.project is not None:
        clipped = [node_of(landscape.project(x)) for x in letters]
        program = Program(dict(zip(names, clipped)))
        text.append(f"project: ({head}) => {{ {' '.join(program.lines)} return "
                    f"[{', '.join(program.names.values())}]; }}")
    return f"{landscape.name}: {{{', '.join(text)}}}"


def draws() -> str:
    """What the noisy landscapes draw: the generator's own numbers, of its first steps."""
    numbers = generator(SEED).standard_normal(2*DRAWS).astype("<f8").tobytes()
    return f"const DRAWN = floats(\"{base64.b64encode(numbers).decode()}\");\n" \
           f"const drawn = t => [0, 1].map(k => DRAWN[(2*(t - 1) + k) % {2*DRAWS}]);"
