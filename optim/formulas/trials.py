"""A rule run on numbers at a point, as NumPy runs it: what its formula is held against.

Reading a rule and running it could disagree. So before a difference is called one, both
rules are run at the witness, and before two rules are called equal each is run at a few
points and compared with its formula. Rounding is no difference of rules: it is far below
what is compared here.
"""
import contextlib
import inspect
import math
from collections.abc import Mapping
from fractions import Fraction
from itertools import islice, product
from typing import Any

import numpy as np
import sympy as sp

from optim.formulas.pure import MOST
from optim.formulas.nearness import ROUNDING, close, exact_value, middle, off
from optim.formulas.watched import Watched, bare, lost_of
from optim.optimizers.signatures import start_of, step_of, supplied_to
from optim.proving.intervals import Unsure
from optim.proving.points import points

POINTS = 3                      # at which a formula is compared with its rule
LATE = 10_007                   # and a step that only a long run reaches
DIMENSIONS = 32                 # of arrays, that every NumPy has
COUNTS = range(1, 65)           # of entries, for a rule that asks for their number
# Shapes, and entries in them, to which the rule has to do the same: also off a matrix's
# diagonal, and in three axes any two of which it may have exchanged.
PLACES = [((), 0), *product(((2,), (7,), (2, 2), (4, 3)), (1, -1)),
          ((2, 2, 2), 1), ((2, 2, 2), 2)]
OTHER = 0.5                     # the second entry; it lies in every domain
Outcome = dict[str, float | None]               # None: no value


def outcome(f: Any, point: Mapping[str, Any]) -> Outcome:
    """What one step of a formula's rule makes of the first of two entries.

    point {letter: number}: theta, g and the states of that entry, and the hyperparameters.
    What cannot be watched is run on plain arrays; what that raises is raised. Among numbers
    Python ends at 1/0, and NumPy makes 0 of 1/(1/0): both are no value.
    """
    try:
        found = run(f, point, Watched)
    except (TypeError, ValueError, AttributeError):
        return run(f, point, np.asarray)
    with contextlib.suppress(TypeError, ValueError, AttributeError):
        watched = run(f, point, Watched, scalars=Watched)
        found = {n: None if watched[n] is None else x for n, x in found.items()}
    return found


def run(f: Any, point: Mapping[str, Any], array: Any, shape: tuple[int, ...] = (2,),
        entry: Any = 0, scalars: Any = float) -> Outcome:
    """The same on arrays of this kind and shape, of the entry that has this place in it."""
    place, gradient, *_ = f.symbols
    parameters = inspect.signature(f.rule).parameters
    entrywise = [n for n, kind in supplied_to(f.rule).items() if kind.entrywise]

    def given(name: str) -> Any:
        if f.domains[f.symbols[name]] == "1, 2, ...":
            return float(point[name])           # as an int 2**(2**t) would fill the memory
        start = parameters[name].default                    # a number stays one in a run
        scalar = name not in (place, gradient, *f.init, *entrywise) or (
            name in f.init and isinstance(start, (int, float)) and start)
        x = float(point[name])
        if scalar:
            return scalars(x)
        return array(among(x, shape, entry))
    values = {name: given(name) for name in parameters}
    named = {n: values.pop(n) for n, p in parameters.items() if p.kind is p.KEYWORD_ONLY}
    try:
        with np.errstate(all="ignore"):
            after = step_of(f.rule, *values.values(), **named)
        if any(np.shape(bare(x)) not in ((), shape) for x in after):
            raise ValueError(f"a result has another shape than {shape}")
        return {name: number(x, entry) for name, x in zip(f.update, after)}
    except (ZeroDivisionError, OverflowError):              # between Python's numbers
        return dict.fromkeys(f.update)


def among(x: float, shape: tuple[int, ...], entry: Any) -> np.ndarray:
    """An array of this shape with x at this place."""
    entries = np.full(shape, OTHER)
    entries.flat[slice(None) if callable(entry) else entry] = x
    return entries


def start(f: Any, name: str, point: Mapping[str, Any], array: Any = Watched,
          shape: tuple[int, ...] = (2,), entry: Any = 0) -> float | None:
    """Where a state of an entry starts, the first of two or one in another array."""
    default = inspect.signature(f.rule).parameters[name].default
    if callable(default) and default is not inspect.Parameter.empty:
        theta = float(point[next(iter(f.symbols))])
        with np.errstate(all="ignore"):
            given = array(among(theta, shape, entry))
            numbers = {n: float(x) for n, x in point.items()}
            return number(start_of(default, given, numbers), entry)
    return 0.0 if default is inspect.Parameter.empty else number(default)


def number(x: Any, entry: Any = 0) -> float | None:
    """An entry, the first or that of all, if it is a real number that came of real ones."""
    place = entry(bare(x)) if callable(entry) else entry
    value, lost = (np.ravel(y)[place if np.ndim(y) else 0] for y in (bare(x), lost_of(x)))
    if lost or isinstance(value, complex) or not math.isfinite(value):
        return None
    return float(value)


def disagreement(f: Any) -> str:
    """Where a rule, run on numbers, is not what its formula says; "" if nowhere seen."""
    domains = {s: f.domains[s] for s in f.symbols.values()}
    tried = [*islice(points(domains, []), POINTS)]
    if "t" in f.symbols:
        tried.append(tried[0] | {f.symbols["t"]: Fraction(LATE)})
    for point in tried:
        named = {n: point[s] for n, s in f.symbols.items()}
        try:
            ran = outcome(f, named)
            other = elsewhere(f, named, ran) or begun(f, point, named)
        except Exception as error:
            return f"{f.name} does not run on numbers: {type(error).__name__}: {error}"
        if other:
            return other
        values = {}
        for name, e in f.update.items():
            with contextlib.suppress(Unsure):
                values[name] = exact_value(e + sp.Add(*f.needs.get(name, ())), point)
        if (len(values) < len(ran) or None in values.values()) and set(
                ran.values()) == {None}:
            continue                        # Python's own 1/0 ends the whole run
        if named.get("t") == LATE:                  # where powers of t underflow in floats
            values = {name: x for name, x in values.items() if ran[name] is not None}
        for name, value in values.items():
            largest = [*named.values(), *filter(None, ran.values())]
            if not close(value, ran[name], largest) and not any(
                    close(value, outcome(f, off(named, k))[name], largest)
                    for k in (ROUNDING, -ROUNDING)):        # a jump, which rounding missed
                where = ", ".join(f"{n} = {x}" for n, x in named.items())
                said = "no value" if value is None else f"{middle(value):.6g}"
                return (f"reading and running {f.name} disagree: {name}' is {said} by its "
                        f"formula, {ran[name]} as NumPy runs it, at {where}")
    return ""


def arrays(f: Any) -> list[tuple[tuple[int, ...], Any]]:
    """Shapes, and entries in them; many of both for a rule that counts its entries.

    Of an array with all entries alike the smallest and the largest result are taken.
    """
    near = {s for n in f.sizes for s in (n - 1, n, n + 1, 2*n)}
    shapes = [(n,) for n in near] + [(n, 1) for n in near] + [
        (2,) + (1,)*k for k in near if k < DIMENSIONS] + [
        shape for shape in product(f.sizes, repeat=2) if math.prod(shape) <= MOST]
    counts = [(n,) for n in COUNTS if f.sizes]
    return [*PLACES, *product(counts, (np.argmin, np.argmax)),
            *product(shapes, (1, -1, np.argmin, np.argmax))]


def elsewhere(f: Any, point: Mapping[str, Any], ran: Outcome) -> str:
    """Where a rule does to an entry of a plain array what it did not in ran; "" if nowhere.
    """
    for shape, entry in arrays(f):
        try:
            plain = run(f, point, np.asarray, shape, entry)
        except Exception:                   # it refuses the shape, and is not wrong in it
            continue
        for name, x in ran.items():
            if x is not None and not close(Fraction(x), plain[name], [*point.values(), x]):
                return (f"{f.name} is not elementwise: {name}' of an entry is {x} as first "
                        f"of two, {plain[name]} in an array of shape {shape}, at "
                        + ", ".join(f"{n} = {y}" for n, y in point.items()))
    return ""


def begun(f: Any, point: Mapping[sp.Symbol, Any], named: Mapping[str, Any]) -> str:
    """Where a state does not start as its formula says; "" if nowhere."""
    for name, (shape, entry) in product(f.init, [((2,), 0), *arrays(f)]):
        with contextlib.suppress(Unsure, ValueError, IndexError):
            value = exact_value(f.init[name], point)
            ran = start(f, name, named, np.asarray, shape, entry)
            if value is not None and not close(value, ran, named.values()):
                return (f"{f.name} is not its formula: {name} starts at {ran} in an array "
                        f"of shape {shape}, at {middle(value)} by the formula")
    return ""
