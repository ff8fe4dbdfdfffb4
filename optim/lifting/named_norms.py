"""Norms: the root of the sum of the squares of all entries, by its name, never as |x|.

A rule is elementwise; a norm of theta or g enters it as an argument: norm_g of the
parameter, global_norm_g of all parameters together. Of anything else, as the step, it is
norm_update; what it is of is a result of the rule, `update`, so that two rules with norms
of different things differ in that.

A letter of an entry ends in its place: g@0/2.1/3 is entry 1 of 3 of parameter 0 of 2. A
letter inside the norm of a parameter ends in that parameter's, g@0/2.
"""
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from optim.lifting.graph import Node, Question, below, key, letter, letters_of, rebuilt
from optim.optimizers.signatures import Rule, anatomy, step_of

MARK = "@"                              # between a letter and the place of its entry
OWN, GLOBAL = "norm_", "global_norm_"   # before the name of what it is of


def norm(x: Any) -> Any:
    """The norm of a parameter, in a graph."""
    return np.linalg.norm(x)


def global_norm(x: Any) -> Any:
    """The norm of all parameters together, in a graph."""
    return np.linalg.norm(x)


NORMS: dict[Any, str] = {norm: OWN, global_norm: GLOBAL}
PLACE = re.compile(rf"(.*){MARK}(\d+)/(\d+)(?:\.(\d+)/(\d+))?")


class Place(NamedTuple):
    """Which parameter, of how many; which entry, of how many (None of a whole one)."""
    parameter: int
    parameters: int
    entry: int | None = None
    entries: int | None = None

    def __str__(self) -> str:
        whole = f"{MARK}{self.parameter}/{self.parameters}"
        return whole if self.entry is None else f"{whole}.{self.entry}/{self.entries}"


def parted(name: str) -> tuple[str, Place | None]:
    """A letter without its place, and that."""
    found = PLACE.fullmatch(name)
    if not found:
        return name, None
    bare, *numbers = found.groups()
    return bare, Place(*(None if n is None else int(n) for n in numbers))  # type: ignore


def outside(node: Any) -> set[str]:
    """The letters of a node that stand in no norm."""
    return letters_of(node, but_below=NORMS)


def at(node: Any, place: Any) -> Any:
    """The node with its letters of entries at another place; at none if "".

    What stands in a norm is of a whole parameter and stays there, but for none.
    """
    def change(function, args):
        if function is not None:
            return Node(function, *args)
        bare, own = parted(args[0])
        moved = own is not None and (own.entry is not None or place == "")
        return letter(f"{bare}{place}") if moved else Node(None, *args)
    return rebuilt({"": node}, change)[""]


# ------------------------------------------------------------------------------ recognized
def recognized(results: Mapping[Any, Any]) -> dict[Any, Any]:
    """The graphs, with a norm where the squares of all entries are added."""
    known: dict = {}

    def change(function, args):
        if function is np.add:
            return added(terms(args), known) or Node(function, *args)
        if function is np.where and any(x.function in NORMS for x in below(args[2])):
            return Node(function, *args[:2], without(args[2], args[0], known))
        if is_root(function, args) and is_square(args[0], known) and (
                getattr(args[0].args[0], "function", None) in NORMS):
            return args[0].args[0]
        return Node(function, *args)
    return rebuilt(dict(results), change)


def without(node: Any, condition: Any, known: dict) -> Any:
    """The node where a condition does not hold."""
    def change(function, args):
        if function is np.where and key(args[0], known) == key(condition, known):
            return args[2]
        return Node(function, *args)
    return rebuilt({"": node}, change)[""]


def is_root(function: Any, args: tuple) -> bool:
    return function is np.sqrt or function is np.power and args[1] == 0.5


def is_square(x: Any, known: dict) -> bool:
    """Whether it is the square of its first argument."""
    if not isinstance(x, Node) or x.function not in (np.square, np.power, np.multiply):
        return False
    if x.function is np.multiply:
        return isinstance(x.args[0], Node) and key(x.args[0], known) == key(
            x.args[1], known)
    return x.function is np.square or x.args[1] == 2


def terms(args: Sequence[Any]) -> list[Any]:
    """What is added: the terms of a sum of sums."""
    return [part for x in args for part in (
        terms(x.args) if isinstance(x, Node) and x.function is np.add else [x])
        if isinstance(part, Node) or part != 0]


def added(parts: list[Any], known: dict) -> Node | None:
    """The sum of these with norms for the squares in it, None if there are none."""
    squares: dict[int, dict[int, Any]] = {}             # parameter: entry: what is squared
    whole: dict[int, Any] = {}                          # parameter: what the norm is of
    places: dict[int, Place] = {}
    rest, found = [], 0
    for x in parts:
        base: Any = unsigned(x.args[0]) if is_square(x, known) else None
        inner = base.args[0] if getattr(base, "function", None) is norm else None
        own = {p for n in (letters_of(inner) if inner is not None else outside(base))
               if (p := parted(n)[1])}
        place = own.pop() if len(own) == 1 else None
        if place is None or any(p.parameter != place.parameter for n in letters_of(base)
                                if (p := parted(n)[1])):
            rest.append(x)
        elif inner is not None and place.parameter not in whole:
            whole[place.parameter], places[place.parameter] = inner, place
        elif place.entry is not None and place.entry not in squares.setdefault(
                place.parameter, {}):
            squares[place.parameter][place.entry] = base
            places.setdefault(place.parameter, place)
        else:
            return None                                 # one of them twice
    for j, own_squares in squares.items():
        place = places[j]
        alike = {key(at(x, Place(j, place.parameters)), known)
                 for x in own_squares.values()}
        if j in whole or len(own_squares) != place.entries or len(alike) > 1:
            return None
        whole[j], found = at(own_squares[0], Place(j, place.parameters)), found + 1
    sums: list[Any] = [Node(np.power, Node(norm, x), 2) for x in whole.values()]
    count = next((p.parameters for p in places.values()), 0)
    bare = {key(at(x, ""), known) for x in whole.values()}
    if len(whole) == count > 1 and len(bare) == 1:
        sums = [Node(np.power, Node(global_norm, at(whole[0], "")), 2)]
    elif not found:
        return None
    out, *others = rest + sums
    for x in others:
        out = Node(np.add, out, x)
    return out


def unsigned(x: Any) -> Any:
    """What has the same square."""
    return unsigned(x.args[0]) if isinstance(x, Node) and x.function in (
        np.absolute, np.negative) else x


def of_parameter(who: str, name: str, node: Any, j: int) -> Any:
    """The node in bare letters; ValueError if it has the norm of another parameter."""
    for x in below(node):
        for n in letters_of(x) if x.function is norm else ():
            place = parted(n)[1]
            if place is not None and place.parameter != j:
                raise ValueError(f"{who} is not elementwise: {name}' of a parameter "
                                 f"depends on the norm of another's {parted(n)[0]}")
    return at(node, "")


class Apart(Exception):
    """Parameters go different ways: of one of them a norm is larger than a bound, say, and
    not of another."""


def of_all(questions: Sequence[Question], nodes: Mapping[int, Any]) -> list[Question]:
    """The questions with these nodes in bare letters; Apart if two answers differ."""
    known: dict = {}
    answers: dict = {}
    out = []
    for i, q in enumerate(questions):
        out.append(q._replace(node=at(nodes[i], "")))
        if answers.setdefault(key(out[-1].node, known), q.answer) is not q.answer:
            raise Apart
    return out


# ----------------------------------------------------------------------------------- named
def named(results: Mapping[str, Any], taken: set[str]
          ) -> tuple[dict[str, Any], dict[str, str], list[str]]:
    """The results with a letter for each norm, and with what else the norms are of.

    Also {the letter of a norm: what it is, in words}, and the names of what was added.
    """
    known: dict = {}
    updates: dict[Any, tuple[str, Any]] = {}
    words: dict[str, str] = {}

    def change(function, args):
        if function not in NORMS:
            return Node(function, *args)
        x = args[0]
        if isinstance(x, Node) and x.function is None and x.args[0] in ("theta", "g"):
            name = x.args[0]
        else:
            count = len(updates)
            name, _ = updates.setdefault(key(x, known), (
                next(n for n in (f"update{i or ''}" for i in range(count, 1000))
                     if n not in taken), x))
        found = NORMS[function] + name
        words[found] = f"{found} is the norm of {name} " + (
            "of all parameters together" if function is global_norm else "of the parameter")
        return letter(found)
    new = rebuilt(dict(results), change)
    return new | dict(updates.values()), words, [name for name, _ in updates.values()]


def norms_of(rule: Rule) -> list[str]:
    """The arguments of a rule that are norms."""
    return [n for n in anatomy(rule)[1] if n.startswith((*NORMS.values(),))]


def stepped(rule: Rule, parameters: Sequence[tuple], t: int,
            settings: Mapping[str, Any]) -> list[tuple]:
    """Several parameters after a step of a rule, with the norms that it asks for.

    parameters: theta, g and the states of each.
    """
    names, after = norms_of(rule), list[tuple]()
    lengths = [dict.fromkeys(names, 1.0) for _ in parameters]
    for _ in range(len(names) + 1):                     # a norm may be of what has another
        with np.errstate(all="ignore"):
            after = [step_of(rule, *x, **{"t": t, **settings, **own})
                     for x, own in zip(parameters, lengths)]
        for name in names:
            of = name.removeprefix(GLOBAL).removeprefix(OWN)
            parts = [dict(zip(anatomy(rule)[0], x[1:])) | {"theta": old[0], "g": old[1]}
                     for x, old in zip(after, parameters)]
            own_lengths = [float(np.sqrt(np.sum(np.square(part[of])))) for part in parts]
            together = float(np.sqrt(sum(x**2 for x in own_lengths)))
            for own, x in zip(lengths, own_lengths):
                own[name] = together if name.startswith(GLOBAL) else x
    return after
