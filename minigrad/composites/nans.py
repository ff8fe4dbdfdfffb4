"""Statistics of the entries that are numbers: where an entry is NaN it does not count."""
import functools
import warnings
from typing import Any

import numpy as np

from minigrad.composites.samples import median, percentile, quantile


def numbers(a, where):
    """Which entries are numbers, of those that where= chooses."""
    present = np.logical_not(np.isnan(a))
    return present if where is True else np.logical_and(where, present)


def of_numbers(reduction):
    """A reduction that takes where=, of the entries that are not NaN."""
    def run(a, axis=None, dtype=None, *, where=True, **options):
        if dtype is not None:
            options["dtype"] = dtype
        return reduction(a, axis=axis, where=numbers(a, where), **options)
    return run


def extremum_of_numbers(reduction, lowest):
    """np.nanmax or np.nanmin: NaN, with a warning, where no entry is a number."""
    def run(a, axis=None, *, keepdims=False, initial=None, where=True):
        present = numbers(a, where)
        start = lowest if initial is None else initial
        out = reduction(a, axis=axis, keepdims=keepdims, initial=start, where=present)
        some = np.any(present, axis=axis, keepdims=keepdims)
        if initial is not None or np.all(some):
            return out
        warnings.warn("All-NaN slice encountered", RuntimeWarning, stacklevel=4)
        return np.where(some, out, np.nan)
    return run


def running(accumulate, neutral):
    """np.nancumsum or np.nancumprod: an entry that is NaN changes nothing."""
    return lambda a, axis=None, dtype=None: accumulate(
        np.where(np.isnan(a), neutral, a), axis, dtype)


COMPOSITES: dict[Any, Any] = {
    np.nansum: of_numbers(np.sum), np.nanprod: of_numbers(np.prod),
    np.nanmax: extremum_of_numbers(np.max, -np.inf),
    np.nanmin: extremum_of_numbers(np.min, np.inf),
    np.nanmean: of_numbers(np.mean), np.nanvar: of_numbers(np.var),
    np.nanstd: of_numbers(np.std),
    np.nancumsum: running(np.cumsum, 0), np.nancumprod: running(np.cumprod, 1),
    np.nanquantile: functools.partial(quantile, skip_nan=True),
    np.nanpercentile: functools.partial(percentile, skip_nan=True),
    np.nanmedian: functools.partial(median, skip_nan=True),
}
