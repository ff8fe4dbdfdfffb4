"""The doctor: what is wrong with a backward pass, the thing to mend first at the front.

Alarms are faults; notes are conventions that were used (a kink, a few dead units). What
each looks for stands in not_finite.py, misfits.py and stalled.py.
"""
from collections.abc import Iterator
from typing import Any

import numpy as np

from minigrad.explanation.findings import Diagnosis, Finding
from minigrad.explanation.misfits import broadcasts, dtypes, twice
from minigrad.explanation.not_finite import inactive_branches, not_finite
from minigrad.explanation.stalled import (
    by_layer, dead_units, large, symmetric, unused, without_slope)

KINKS = {"relu": (lambda y, x, *a: x == 0, "0"),
         "absolute": (lambda y, x, *a: x == 0, "0"),
         "maximum": (lambda y, a, b: a == b, "1/2 for each"),
         "minimum": (lambda y, a, b: a == b, "1/2 for each"),
         "p_norm": (lambda y, x, *a: y == 0, "0")}


def kinks(explanation: Any) -> Iterator[Finding]:
    """Points without a slope, where a convention was used: notes."""
    for step in explanation.nodes:
        rule, chosen = KINKS.get(step.operation, (None, ""))
        if rule is None or step.cotangent is None:
            continue
        with np.errstate(all="ignore"):
            hit = np.asarray(rule(step.value, *step.plain_arguments()[:2]))
        if np.any(hit):
            yield Finding("kink", f"{int(np.sum(hit))} of {hit.size} entries of "
                          f"{step.name} = {step.call} are where {step.operation} has a "
                          f"kink; its slope there is taken as {chosen}",
                          "nothing to do: any value between the one-sided slopes would do",
                          step, is_alarm=False)


CHECKS = (not_finite, broadcasts, dtypes, twice, unused, inactive_branches, symmetric,
          without_slope, dead_units, by_layer, large, kinks)


def diagnose(explanation: Any) -> Diagnosis:
    """All findings of one backward pass, alarms first.

    >>> import numpy as np, minigrad as mg
    >>> x = mg.tensor([1.0, 0.0], requires_grad=True)
    >>> with np.errstate(divide="ignore"):
    ...     loss = np.sum(np.log(x))
    >>> mg.explain(loss).diagnosis.findings[0].kind
    'infinity'
    """
    with np.errstate(all="ignore"):
        found = [finding for check in CHECKS for finding in check(explanation)]
    return Diagnosis(sorted(found, key=lambda finding: not finding.is_alarm))
