"""Conventions that were used: kinks that values stood on, where a slope is a choice."""
from collections.abc import Iterator
from typing import Any

import numpy as np

from minigrad.explanation.backward_records import Step
from minigrad.explanation.findings import NOTE, Finding
from minigrad.explanation.not_numbers import at, described
from minigrad.explanation.shapes_and_dtypes import value_of
from minigrad.primitives.elementwise import quotient
from minigrad.primitives.selection import relu

CONVENTIONS = {
    relu: ("relu at 0", "its slope is 0 there; between 0 and 1 every number is a "
                        "subgradient"),
    np.absolute: ("abs at 0", "its slope is 0 there; from -1 to 1 all are subgradients"),
    quotient: ("norm at 0", "its slope is 0 there; all vectors in the unit ball are "
               "subgradients")}


def kinks(explanation: Any) -> Iterator[Finding]:
    """Notes on calls at whose kink some entry stood, with a cotangent that counts."""
    for step in explanation.nodes:
        if step.cotangent is None or not np.any(step.cotangent) or step.function is None:
            continue
        for kind, mask, why in on_kink(step):
            mask = mask & (step.cotangent != 0) if mask.shape == step.cotangent.shape else (
                mask)
            if np.any(mask):
                yield Finding(kind, NOTE, f"{described(step)}{at(mask)}", why, "", step)


def on_kink(step: Step) -> Iterator[tuple[str, np.ndarray, str]]:
    """(what it is, where, the convention) for the calls that have a kink."""
    f, args = step.function, step.arguments
    if f in CONVENTIONS:
        kind, why = CONVENTIONS[f]
        yield kind, value_of(args[-1] if f is quotient else args[0]) == 0, why
    elif f in (np.maximum, np.minimum):
        tie = np.asarray(value_of(args[0]) == value_of(args[1]))
        yield (f"tie of {step.operation}", tie,
               "each of the two gets half of the cotangent")
    elif f in (np.max, np.min) and isinstance(args[0], Step):
        axis = step.options.get("axis", args[1] if len(args) > 1 else None)
        x = args[0].value
        top = x.max(axis=axis, keepdims=True) if f is np.max else x.min(axis=axis,
                                                                       keepdims=True)
        yield (f"tie of {step.operation}", (x == top).sum(axis=axis) > 1,
               "those that attain it share the cotangent equally")
