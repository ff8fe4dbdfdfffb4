"""The worst error of every elementwise VJP, at many more points than the quick test takes.

    python -m tests.full.test_precision_sweep [points] [seed]
    python -m pytest tests/full/test_precision_sweep.py
"""
import sys

import pytest

from ..minigrad.test_precision import ALL, ULPS, WIDTHS, named, worst


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("dtype", WIDTHS, ids=named)
@pytest.mark.parametrize("function, i", ALL, ids=named)
def test_a_vjp_is_right_to_four_ulps_at_5000_points(function, i, dtype, seed):
    found = worst(function, i, 5000, seed, dtype=dtype)
    assert found.ulps <= ULPS, f"{found.ulps:.3g} ulps at {found.at}"


def main(points=5000, seed=1):
    """Print a line for each VJP: the worst ulps over its condition, without it, and where
    (arguments, cotangent, what the VJP gave)."""
    print(f"{'function':16} i {'dtype':8}  over condition      raw  at")
    for function, i in ALL:
        for dtype in WIDTHS:
            plain = worst(function, i, points, seed, {}, dtype=dtype)
            found = worst(function, i, points, seed, dtype=dtype)
            print(f"{function.__name__:16} {i} {dtype.__name__:8} {found.ulps:15.2f} "
                  f"{plain.ulps:8.3g}  {found.at}", flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
