"""The doctor: what is wrong with a backward pass, and what to write instead.

Each kind of ailment has a function that takes an Explanation and yields findings; what
began first is named first. Findings of errors and warnings are alarms, notes are none.
"""
from typing import Any

import numpy as np

from minigrad.explanation import (
    influence, kinks, not_numbers, probabilities, shapes_and_dtypes)
from minigrad.explanation.findings import NOTE, Diagnosis, Finding

CHECKS = (not_numbers.forward, not_numbers.backward, influence.without_gradient,
          influence.left_out, influence.alike, shapes_and_dtypes.broadcasts,
          probabilities.twice, influence.units, influence.layers, shapes_and_dtypes.drift,
          kinks.kinks)


def looked(check: Any, explanation: Any) -> list[Finding]:
    """What one check finds; where it cannot look, a note says so, and the others go on."""
    try:
        return [*check(explanation)]
    except (ValueError, TypeError, IndexError, KeyError, AttributeError) as error:
        return [Finding("not looked at", NOTE, f"{check.__name__}: {error}")]


def diagnose(explanation: Any, of: str = "the backward pass") -> Diagnosis:
    """What is wrong with an explained backward pass: see Diagnosis.

    >>> import numpy as np, minigrad as mg
    >>> x = mg.tensor([0., 4.], requires_grad=True)
    >>> found = mg.explain(np.sum(np.sqrt(x))).diagnosis
    >>> found.healthy, found.first.kind
    (False, 'infinity on the way back')
    """
    found: dict[tuple, Finding] = {}
    with np.errstate(all="ignore"):
        for check in CHECKS:
            for finding in looked(check, explanation):
                line = finding.line
                found.setdefault((finding.cause, line.path, line.number, finding.severity),
                                 finding)
    return Diagnosis([*found.values()], of)
