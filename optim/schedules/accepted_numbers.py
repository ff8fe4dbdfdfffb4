"""What the numbers of a schedule mean and may be, and what is said of others."""
import inspect
import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from optim.domains import DOMAINS
from optim.hints import did_you_mean
from optim.rules import Letter

# Those without a letter stand as numbers in every formula.
NUMBERS = {
    "start": Letter(r"\eta_1", "value of the first step", "", ">= 0"),
    "peak": Letter(r"\hat\eta", "largest value", "", ">= 0"),
    "end": Letter(r"\eta_{\mathrm{end}}", "value at the end", "", ">= 0"),
    "steps": Letter("T", "number of steps", "", "1, 2, ..."),
    "every": Letter("k", "steps from one change to the next", "", "1, 2, ..."),
    "factor": Letter(r"\gamma", "what a change multiplies by", "", ">= 0"),
    "power": Letter("p", "power of the share of steps left", "", "> 0"),
    "rise": Letter("r", "share of the steps before the peak", "", "[0, 1]"),
    "growth": Letter("", "how much longer the next period is", "", "1, 2, ..."),
    "patience": Letter("", "how many losses without progress pass", "", ">= 0"),
    "cooldown": Letter("", "how many losses after a change pass", "", ">= 0"),
    "threshold": Letter("", "how much better counts as progress", "", ">= 0"),
    "least": Letter("", "value below which it does not fall", "", ">= 0"),
    "eps": Letter("", "smallest change that is made", "", ">= 0")}

WORDS = {"mode": ("min", "max"), "threshold_mode": ("rel", "abs")}

# What other libraries call them.
ALIASES = {
    "lr": "start", "base_lr": "start", "initial_learning_rate": "start",
    "init_value": "start", "max_lr": "peak", "peak_value": "peak", "T_max": "steps",
    "T_0": "steps", "total_iters": "steps", "total_steps": "steps", "decay_steps": "steps",
    "transition_steps": "steps", "warmup_steps": "steps", "step_size": "every",
    "milestones": "at", "boundaries": "at", "gamma": "factor", "decay_rate": "factor",
    "eta_min": "end", "end_value": "end", "T_mult": "growth", "pct_start": "rise",
    "min_lr": "least"}

EXAMPLES = {"start": "0.1", "peak": "0.1", "steps": "1000", "every": "30",
            "factor": "0.5", "at": "(30, 60)", "then": "cosine(0.1, steps=1000)",
            "parts": "[0.01, cosine(0.1, steps=1000)]"}


def accepted(kind: str, name: str, value: Any, default: Any) -> Any:
    """The value of one of a schedule's numbers, as it is kept.

    Raises TypeError for what is no number, ValueError for one that it cannot be.
    """
    if name == "parts":
        return [accepted(kind, "then", part, default) for part in listed(kind, name, value)]
    if name == "then":
        return value if callable(value) else accepted(kind, "start", value, None)
    if name == "at":
        times = tuple([whole(kind, name, x) for x in listed(kind, name, value)])
        if list(times) != sorted(times):
            raise ValueError(f"{kind}: at came as {times}; needs times in order, such as "
                             f"at={tuple(sorted(times))}")
        return times
    choices = WORDS.get(name, (False, True) if isinstance(default, bool) else ())
    if choices:
        if not any(value is x or isinstance(x, str) and value == x for x in choices):
            raise ValueError(f"{kind}: {name} came as {value!r}; needs "
                             f"{' or '.join(map(repr, choices))}")
        return value
    letter = NUMBERS.get(name)
    domain = DOMAINS[letter.domain if letter else "real"]
    if domain.integer or isinstance(default, int):
        return whole(kind, name, value, 1 if domain.integer else 0)
    number = real(kind, name, value)
    if not (math.isfinite(number) and domain.holds(number)):
        meaning = f" ({letter.meaning})" if letter else ""
        needed = domain if domain.ends else "a finite number"
        raise ValueError(f"{kind}: {name}{meaning} came as {value!r}; needs {needed}")
    return number


def real(kind: str, name: str, value: Any) -> float:
    """The value as a float; TypeError if it is no number."""
    if isinstance(value, (bool, str)) or callable(value) or np.ndim(value):
        number = None
    else:
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = None
    if number is None:
        raise TypeError(f"{kind}: {name} came as {value!r:.80}; needs a number, such as "
                        f"{EXAMPLES.get(name, '1')}")
    return number


def whole(kind: str, name: str, value: Any, least: int = 1) -> int:
    """The value as an int; TypeError or ValueError if it is no count."""
    number = real(kind, name, value)
    if not (math.isfinite(number) and number == int(number) and number >= least):
        raise ValueError(f"{kind}: {name} came as {value!r}; needs a whole number of steps "
                         f"from {least} on")
    return int(number)


def listed(kind: str, name: str, value: Any) -> list[Any]:
    """The values of a list or an array; TypeError for what is neither."""
    if isinstance(value, (list, tuple, np.ndarray)):
        return list(value)
    raise TypeError(f"{kind}: {name} came as {value!r:.80}; needs a list, such as "
                    f"{EXAMPLES[name]}")


def refuse_unknown(kind: str, parameters: Iterable[inspect.Parameter],
                   args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
    """Raise TypeError for an optimizer, and for a name that is not taken."""
    takes = [p.name for p in parameters]
    if args and hasattr(args[0], "param_groups"):
        raise TypeError(f"{kind}: an optimizer came; a schedule goes into it instead: "
                        f"optim.Adam(params, lr=optim.schedules.{written(kind, parameters)}"
                        ")")
    for name in kwargs.keys() - set(takes):
        called = ALIASES.get(name)
        hint = (f"it is called {called} here" if called in takes else
                did_you_mean(name, takes, near=0.6).strip() or "leave it out")
        raise TypeError(f"{kind} does not take {name!r}: {hint}. It takes "
                        f"{', '.join(takes)}")


def written(kind: str, takes: Iterable[inspect.Parameter]) -> str:
    """An example of how a schedule is written."""
    texts = [EXAMPLES.get(p.name, "0.1") if p.kind is not p.KEYWORD_ONLY else
             f"{p.name}={EXAMPLES.get(p.name, '1')}" for p in takes if p.default is p.empty]
    return f"{kind}({', '.join(texts)})"
