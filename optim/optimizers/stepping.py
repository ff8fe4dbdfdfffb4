"""One step of a rule on the arrays of a part, each result looked at before it is taken.

Nothing is written here: a step that is refused has changed nothing.
"""
import math
from typing import Any

import numpy as np

from optim.optimizers.arena import Part
from optim.optimizers.signatures import Rule, name_of, step_of

Settings = dict[str, float]


def applied(rule: Rule, part: Part, g: np.ndarray, settings: Settings,
            check_finite: bool, rounds: bool = False) -> list[Any]:
    """theta and the states of a part after its next step, by its gradient.

    Raises TypeError if the rule does not keep shapes and dtypes; if it rounds, a result of
    another dtype is rounded to the parameter's. With check_finite it
    raises FloatingPointError if the gradient or a result has inf or NaN in it.
    """
    if check_finite:
        refuse_infinite("gradient", g, part, settings)
    before = {"theta": part.theta(), **part.states}
    theta, *states = map(safe, before.values())
    after = step_of(rule, theta, g, *states, t=part.t + 1, **settings)
    results = []
    for (name, old), new in zip(before.items(), after):
        if type(old) is float:
            new = float(new)
        else:
            if rounds or not old.ndim:              # NumPy gives 0-d as a number
                new = np.asarray(new, old.dtype)
            check_kind(rule, name, old, new)
            if new.base is not None:            # a state that is a view of theta would
                new = new.copy()                # change when theta is written
        results.append(new)
    if check_finite:
        refuse_infinite_results(rule, part, results, settings)
    return results


def safe(x: Any) -> Any:
    """An array as one that cannot be written, by a rule that would; a float as it is."""
    if type(x) is not float:
        x = x.view()
        x.flags.writeable = False
    return x


def refuse_infinite_results(rule: Rule, part: Part, results: list[Any],
                            settings: Settings) -> None:
    """Raise FloatingPointError if theta or a state after a step has inf or NaN in it."""
    for name, new in zip(("theta", *part.states), results):
        if type(new) is not float:
            refuse_infinite(f"new {name}", new, part, settings)
        elif not math.isfinite(new):
            raise FloatingPointError(f"{name_of(rule)}: {name} became {new!r}")


def check_kind(rule: Rule, name: str, old: np.ndarray, new: Any) -> None:
    """Raise TypeError for a result that is not an array of the old one's shape and dtype.
    """
    if type(new) is not np.ndarray or new.shape != old.shape or new.dtype != old.dtype:
        came = getattr(new, "dtype", type(new).__name__)
        raise TypeError(f"{name_of(rule)}: {name} came back as {came} of shape "
                        f"{np.shape(new)}; needs {old.dtype} of shape {old.shape} (use "
                        "Python numbers as constants, and work elementwise)")


def finite(array: np.ndarray) -> bool:
    """Whether no entry of an array is inf or NaN."""
    # The sum of squares is the cheaper question; it may overflow, then each entry is asked.
    return math.isfinite(np.vdot(array, array)) or bool(np.isfinite(array).all())


def refuse_infinite(what: str, array: np.ndarray, part: Part, settings: Settings) -> None:
    """Raise FloatingPointError for an array with inf or NaN in it.

    It says how many entries of which parameters, and why, if that can be told.
    """
    if finite(array):
        return
    counts = [(np.count_nonzero(~np.isfinite(piece)), piece.size, place)
              for piece, place in zip(part.pieces(array), part.places)]
    found = "; ".join(f"{count} of {size} entries for {place}"
                      for count, size, place in counts if count)
    lost = [f"{name} = {value!r} is 0 in {array.dtype}" for name, value in settings.items()
            if type(value) is float and value and not array.dtype.type(value)]
    why = f" ({', '.join(lost)}: choose a larger one)" if lost else ""
    raise FloatingPointError(
        f"step {part.t + 1}: the {what} is not finite: {found}{why}. Nothing was "
        "written; lower lr or find where it arises, or pass check_finite=False")
