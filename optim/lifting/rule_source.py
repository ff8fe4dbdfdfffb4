"""A graph as the source of a rule: straight-line NumPy, a name for what is used twice."""
import linecache
import math
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from itertools import chain, count
from typing import Any

import numpy as np

from optim.lifting.graph import Node, below, key, letters_of

INFIX = {np.add: ("+", 1), np.subtract: ("-", 1), np.multiply: ("*", 2),
         np.true_divide: ("/", 2), np.power: ("**", 4), np.floor_divide: ("//", 2),
         np.remainder: ("%", 2), np.less: ("<", 0), np.less_equal: ("<=", 0),
         np.greater: (">", 0), np.greater_equal: (">=", 0), np.equal: ("==", 0),
         np.not_equal: ("!=", 0)}
SIGN, ATOM = 3, 5                       # how tightly -x and f(x) bind


def rule_source(name: str, states: Mapping[str, Any], norms: Collection[str],
                hyper: Mapping[str, float], results: Mapping[str, Any]) -> str:
    """The source of a rule: results {theta or a state: its node after the step}.

    states {name: the node or number where it starts}, norms: arguments without a default,
    hyper {name: default}.
    """
    body, final = statements(simplified({n: results[n] for n in ("theta", *states)}),
                             {"theta", "g", "t", *states, *norms, *hyper})
    starts = [name + start_text(start) for name, start in states.items()]
    if any("=" in text for text in starts):             # a default after a default
        starts = [text if "=" in text else f"{text}=0" for text in starts]
    settings = [f"{name}={default!r}" for name, default in hyper.items()]
    head = ", ".join(["theta", "g", *starts, "*", "t", *norms, *settings])
    return "\n    ".join([f"def {name}({head}):", *body,
                          f"return {', '.join(final)}"]) + "\n"


def start_text(start: Any) -> str:
    """The default of a state in a signature."""
    letters = sorted(letters_of(start) - {"theta"})
    if not isinstance(start, Node):
        return "" if start == 0 else f"={written(start, {})[0]}"
    return f"=lambda {', '.join(['theta', *letters])}: {written(start, {})[0]} + 0*theta"


def simplified(results: Mapping[str, Any]) -> dict[str, Any]:
    """The same graphs with one node for equal calls, and t for (t - 1) + 1."""
    known: dict = {}
    ours: dict[int, Node] = {}

    def same(x):
        return ours[key(x, known)] if isinstance(x, Node) else x
    for node in results.values():
        for x in below(node):
            a = x.args if x.function is None else tuple(map(same, x.args))
            new = Node(x.function, *a)
            if x.function is np.add and a[1] == 1 and isinstance(a[0], Node) and (
                    a[0].function is np.subtract and a[0].args[1] == 1):
                new = a[0].args[0]
            ours.setdefault(key(x, known), new)
    return {name: same(node) for name, node in results.items()}


def statements(results: Mapping[str, Any], taken: set[str]) -> tuple[list[str], list[str]]:
    """Assignments, and the texts of the results in their order."""
    nodes = {id(x): x for node in results.values() for x in below(node)}
    uses = Counter(id(part) for x in nodes.values() if x.function
                   for part in x.args if isinstance(part, Node))
    uses.update(id(node) for node in results.values() if isinstance(node, Node))
    last = {id(node): name for name, node in results.items()
            if isinstance(node, Node) and node.function}
    names: dict[int, str] = {}
    lines = []
    for x in nodes.values():
        if x.function is None or uses[id(x)] < 2:
            continue
        name = fresh(f"{last[id(x)]}_new" if id(x) in last else "a", taken)
        lines.append(f"{name} = {written(x, names)[0]}")
        names[id(x)] = name
    return lines, [written(node, names)[0] for node in results.values()]


def fresh(name: str, taken: set[str]) -> str:
    """The name, or it with a number that makes it new."""
    found = next(n for n in chain([name], (f"{name}{i}" for i in count(1)))
                 if n not in taken)
    taken.add(found)
    return found


def written(node: Any, names: Mapping[int, str]) -> tuple[str, int]:
    """The text of a node and how tightly it binds; names {id: name} stand for others."""
    if not isinstance(node, Node):
        number = float(node)
        text = str(int(number)) if number.is_integer() and abs(number) < 1e15 else \
            repr(number) if math.isfinite(number) else f"np.{abs(number)}"
        return (text, SIGN if text[0] == "-" else ATOM) if number != -math.inf else (
            f"-{text}", SIGN)
    if id(node) in names:
        return names[id(node)], ATOM
    if node.function is None:
        return node.args[0], ATOM
    if node.function is np.negative:
        return f"-{operand(node.args[0], names, SIGN)}", SIGN
    if node.function in INFIX:
        sign, level = INFIX[node.function]
        left, right = node.args
        space, power = " "*(level < 2), node.function is np.power
        # a**b associates to the right, a < b not at all.
        first = operand(left, names, level + (power or level == 0))
        return (first + f"{space}{sign}{space}"
                + operand(right, names, level + (not power))), level
    arguments = ", ".join(written(x, names)[0] for x in node.args)
    return f"np.{node.function.__name__}({arguments})", ATOM


def operand(node: Any, names: Mapping[int, str], level: int) -> str:
    """The text of a node as an operand, in brackets if it binds less tightly."""
    text, own = written(node, names)
    return text if own >= level else f"({text})"


def compiled(name: str, source: str, file: str = "") -> Callable:
    """The rule of this source, which tracebacks and readers of literals find: in its file,
    or else in what Python keeps of files."""
    place = file or f"<{name} as lifted, {zlib.crc32(source.encode()):08x}>"
    if not file:
        linecache.cache[place] = len(source), None, source.splitlines(True), place
    space: dict[str, Any] = {"np": np}
    exec(compile(source, place, "exec"), space)
    return space[name]
