"""Products along an axis: polynomials, so the identity holds everywhere, at zeros too."""
import numpy as np

from minigrad.proving.pullbacks import differential_failure, entrywise_cases

THEOREM = "VJP = derivative, an identity of polynomials: it holds at zeros too"

CALLS: dict = {
    np.prod: [*[((n,), {}) for n in (1, 2, 3, 4, 5)], ((), {}), ((2, 3), {}),
              ((2, 3), {"axis": 0}), ((2, 3), {"axis": -1, "keepdims": True}),
              ((2, 2, 2), {"axis": (0, -1)}), ((2, 1, 3), {"axis": (2, 0)}),
              ((2, 3), {"axis": (), "keepdims": True})],
    np.cumprod: [*[((n,), {}) for n in (1, 2, 3, 4, 5)], ((2, 3), {}),
                 ((2, 3), {"axis": 0}), ((2, 3), {"axis": -1}), ((2, 2, 2), {"axis": 1})],
}
ZERO, TWO_ZEROS = np.array([0.0, 2.0, 3.0]), np.array([0.0, 2.0, 0.0])
KINKS: list[tuple] = [
    (np.prod, 0, (ZERO,), 1.0, [6.0, 0.0, 0.0], "exact at zeros (evaluated)"),
    (np.prod, 0, (TWO_ZEROS,), 1.0, [0.0, 0.0, 0.0], "exact at zeros (evaluated)"),
    (np.cumprod, 0, (ZERO,), np.ones(3), [9.0, 0.0, 0.0], "exact at zeros (evaluated)"),
    (np.cumprod, 0, (TWO_ZEROS,), np.ones(3), [3.0, 0.0, 0.0],
     "exact at zeros (evaluated)"),
]


def cases(function):
    """The shapes and keywords at which a function is proved."""
    return entrywise_cases(CALLS.get(function, []))


failure = differential_failure
