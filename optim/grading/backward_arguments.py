"""Which of a homework's arguments is which of ours, by its name."""
import inspect
from collections.abc import Callable, Mapping

import numpy as np

from optim.grading.backward_exercises import Arrays, Exercise
from optim.grading.backward_names import SYNONYMS, meaning
from optim.hints import squeezed

DICTS = "param", "params", "config", "hparam", "hparameters", "hyper"


def parameters(f: Callable) -> dict[str, inspect.Parameter]:
    return {n: p for n, p in inspect.signature(f).parameters.items()
            if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)}


def bind(names: Mapping[str, inspect.Parameter], asked: Exercise, given: Arrays
         ) -> tuple[dict[str, str], list[str]]:
    """{its argument: ours}, and those that are not known and have no default."""
    bound: dict[str, str] = {}
    unknown = []
    for name, p in names.items():
        found = meaning(name, asked)
        if found is None and is_settings(name):
            found = name
        if found is not None and (found not in bound.values()):
            bound[name] = found
        elif p.default is p.empty and name != "self":
            unknown.append(name)
    return bound, unknown


def is_settings(name: str) -> bool:
    return squeezed(name).endswith(DICTS)


def values(bound: Mapping[str, str], asked: Exercise, given: Arrays) -> Arrays:
    """Its arguments; a dict of settings has each under every name that is usual."""
    return {name: given[ours] if ours in given else settings(asked, given)
            for name, ours in bound.items()}


def settings(asked: Exercise, given: Arrays) -> Arrays:
    """The numbers of a case, for `conv_param` and its like."""
    out: Arrays = {"mode": "train"}
    for name in (*asked.shapes, *asked.extra):
        if not isinstance(given[name], np.ndarray) or name.startswith("running"):
            out |= dict.fromkeys([name, *SYNONYMS.get(name, "").split()], given[name])
    return out
