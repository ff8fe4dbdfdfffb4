"""Landscapes: functions to race on, each written once in NumPy.

    from optim.landscapes import LANDSCAPES, landscape
    beale = landscape("beale")
    beale(3, 0.5), beale.gradient((1, 1.6)), beale.formula, beale.start, beale.minima

The same function gives numbers, gradients (through minigrad) and its formula (through
Symbolic). A new landscape is one function here and one line in LANDSCAPES.

Two of them change with every step, as the loss of a mini-batch does: `sampled` is what
step t sees, and the function that is drawn is its mean.
"""
import inspect
import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

import minigrad as mg
from minigrad.randomness import generator
from optim.hints import did_you_mean, meant

Point = tuple[float, ...]
Function = Callable[..., Any]


# --------------------------------------------------------- one global minimum, no traps
def d2l_quadratic(x, y):
    """The bowl of "Dive into Deep Learning", chapter 12: steep in y, flat in x."""
    return x**2/10 + 2*y**2


def long_valley(x, y):
    """A quadratic with condition number 100: plain descent zigzags or crawls."""
    return (x**2 + 100*y**2)/2


def booth(x, y):
    """Two crossed squares; a tilted bowl with condition number 9."""
    return (x + 2*y - 7)**2 + (2*x + y - 5)**2


def noisy_quadratic(x, y):
    """The mean of `shifted_quadratic`, up to a constant."""
    return (x**2 + 10*y**2)/2


def shifted_quadratic(x, y, t, rng):
    """What step t sees of the noisy quadratic: the bowl around a random point.

    The gradient's mean is that of the bowl at 0, its noise does not fade near the minimum.
    """
    a, b = rng.standard_normal(2)/2
    return noisy_quadratic(x - a, y - b)


# -------------------------------------------------------------------- curved and narrow
def beale(x, y):
    """Beale 1958: a flat curved valley between cliffs. The first famous animation."""
    return (1.5 - x + x*y)**2 + (2.25 - x + x*y**2)**2 + (2.625 - x + x*y**3)**2


def rosenbrock(x, y):
    """Rosenbrock 1960: a narrow valley bent like a banana."""
    return (1 - x)**2 + 100*(y - x**2)**2


def soft_rosenbrock(x, y):
    """Rosenbrock's valley with walls 50 times lower."""
    return (1 - x)**2 + 2*(y - x**2)**2


# -------------------------------------------------------------------------- many minima
def rastrigin(x, y):
    """Rastrigin 1974: a bowl full of dents, one at each whole point."""
    return 20 + x**2 - 10*np.cos(np.pi*x*2) + y**2 - 10*np.cos(np.pi*y*2)


def himmelblau(x, y):
    """Himmelblau 1972: four minima of equal depth."""
    return (x**2 + y - 11)**2 + (x + y**2 - 7)**2


def mccormick(x, y):
    """McCormick 1976: a sine wave along a parabolic gutter."""
    return np.sin(x + y) + (x - y)**2 - 3*x/2 + 5*y/2 + 1


def styblinski_tang(x, y):
    """Styblinski & Tang 1990: one deep and three shallower minima."""
    return (x**4 - 16*x**2 + 5*x + y**4 - 16*y**2 + 5*y)/2


def two_pits(x, y):
    """A bowl with a shallow pit on one side and a deep one on the other."""
    return (x**2 + y**2 - 2*np.exp(-5*((x - 1)**2 + y**2))
            - 6*np.exp(-5*((x + 1)**2 + y**2)))


# --------------------------------------------------------------------- flat and saddles
def plateau(x, y):
    """Rings of ripples around a pit, in a wide shallow bowl.

    The radius is 10 times the distance from 0, rounded off at 0 to have a slope there.
    """
    r = np.sqrt(100*(x**2 + y**2) + 0.0001)
    return r**2/100 - np.sin(r)/r


def golf_hole(x, y):
    """A green that is flat but for one hole: far away there is nearly no gradient."""
    return -np.exp(-(x**2 + y**2)/2)


def saddle(x, y):
    """Down to both sides in y, up in x. The second famous animation."""
    return 5*x**2 - y**2


def sine_saddle(x, y):
    """A gutter that waves: saddles and minima by turns."""
    return np.sin(x) + y**2


def monkey_saddle(x, y):
    """Three ways down, and no curvature at all at 0."""
    return x**3 - 3*x*y**2


# ---------------------------------------------------------------------- one dimension
def reddi(x):
    """The mean of `reddi_sampled`: down to -1, the best point of [-1, 1]."""
    return x/3


def reddi_sampled(x, t, rng):
    """Reddi, Kale & Kumar 2018, section 3, with C = 3: 3x at every third step, else -x.

    On [-1, 1], with beta1 = 0 and beta2 = 1/(1 + C**2), Adam ends at 1, the worst point.
    """
    return 3*x if t % 3 == 1 else -x


def unit_interval(theta):
    """The projection onto [-1, 1]. In one dimension it is the same in every norm."""
    return np.clip(theta, -1, 1)


# --------------------------------------------------------------------------------- type
@dataclass(frozen=True)
class Landscape:
    """A function with what is known of it.

    f         of x and y (or of x), elementwise, in NumPy
    start     where races begin
    domain    (low, high) for each variable: what is drawn
    minima    the lowest points of the domain; () if there is none, None if not known
    saddles   stationary points from which a way leads down
    sampled   f as step t sees it: of the variables, t and a random generator; None: f
    project   brings a point back to where it is allowed; None: it may be anywhere
    """
    f: Function
    start: Point
    domain: tuple[tuple[float, float], ...] | None = None
    minima: tuple[Point, ...] | None = None
    saddles: tuple[Point, ...] = ()
    sampled: Function | None = None
    project: Callable[[Any], Any] | None = None

    @property
    def name(self) -> str:
        """That of the function."""
        return getattr(self.f, "__name__", "f")

    def __call__(self, *variables: Any) -> Any:
        """The value: numbers, arrays of them or formulas, one for each variable.

        >>> landscape("booth")(1, 3)
        0
        """
        return self.f(*variables)

    def at(self, point: Any) -> Any:
        """The value at one array [x, y]."""
        return self.f(*(point[k] for k in range(len(self.start))))

    def gradient(self, point: Any) -> np.ndarray:
        """The gradient at one point, from the engine.

        >>> landscape("saddle").gradient((0.25, -1))
        array([2.5, 2. ])
        """
        return np.asarray(mg.grad(self.at)(np.asarray(point, dtype=float)))

    def seen(self, seed: int = 0) -> Function:
        """`at` for a run; of a sampled landscape, call number t is what step t sees."""
        if self.sampled is None:
            return self.at
        sampled, rng, t = self.sampled, generator(seed), itertools.count(1)
        return lambda p: sampled(*(p[k] for k in range(len(self.start))), next(t), rng)

    @property
    def formula(self) -> Any:
        """The function as a SymPy expression in x and y.

        >>> landscape("saddle").formula
        5*x**2 - y**2
        """
        from minigrad.symbolic import symbols           # SymPy, only when asked for
        return self.f(*(symbols(letter) for letter in "xy"[:len(self.start)])).expr

    def latex(self) -> str:
        """The formula as LaTeX, with f(x, y) on its left."""
        from sympy import latex
        return f"f({', '.join('xy'[:len(self.start)])}) = {latex(self.formula)}"

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"


# ------------------------------------------------------------------------------- table
def square(reach: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """The domain from -reach to reach in both variables."""
    return (-reach, reach), (-reach, reach)


THIRD = np.pi/3
TABLE = (
    Landscape(d2l_quadratic, (-5, -2), ((-6, 4), (-3, 3)), ((0, 0),)),
    Landscape(long_valley, (-9, 1), ((-10, 4), (-2, 2)), ((0, 0),)),
    Landscape(booth, (-8, 8), square(10), ((1, 3),)),
    Landscape(noisy_quadratic, (-4, 2), ((-5, 3), (-3, 3)), ((0, 0),),
              sampled=shifted_quadratic),
    Landscape(beale, (1, 1.6), square(5), ((3, 0.5),), ((0, 1),)),
    Landscape(rosenbrock, (-2, 2), ((-2.5, 2.5), (-1.5, 3.5)), ((1, 1),)),
    Landscape(soft_rosenbrock, (-2, 2), ((-2.5, 2.5), (-1.5, 3.5)), ((1, 1),)),
    Landscape(rastrigin, (-2, 3.5), square(5.12), ((0, 0),)),
    Landscape(himmelblau, (-0.5, -0.5), square(5), (
        (3, 2), (-2.805118086952745, 3.131312518250573),
        (-3.779310253377747, -3.283185991286170),
        (3.584428340330492, -1.848126526964404)),
        ((0.08667750455539634, 2.884254701174776),
         (-3.0730257507643897, -0.08135304428796751),
         (3.385154183607021, 0.07385187983774928),
         (-0.12796134673068005, -1.9537149802445766))),
    Landscape(mccormick, (3.5, -2), ((-1.5, 4), (-3, 4)), ((0.5 - THIRD, -0.5 - THIRD),),
              ((0.5 + THIRD, -0.5 + THIRD),)),
    Landscape(styblinski_tang, (0.5, 4), square(5),
              ((-2.903534027771177, -2.903534027771177),)),
    Landscape(two_pits, (1.4, 1.2), square(2), ((-0.9675774464554597, 0),),
              ((0.1202503640594219, 0),)),
    Landscape(plateau, (-0.9, 0.8), square(1), ((0, 0),)),
    Landscape(golf_hole, (-3, 2.2), square(4), ((0, 0),)),
    Landscape(saddle, (0.25, -1e-6), ((-1, 1), (-2, 1)), (), ((0, 0),)),
    Landscape(sine_saddle, (1.55, 1), ((-4, 5), (-2, 2)), ((-np.pi/2, 0), (3*np.pi/2, 0)),
              ((np.pi/2, 0),)),
    Landscape(monkey_saddle, (0.8, 0.05), square(1), (), ((0, 0),)),
    Landscape(reddi, (0,), ((-1, 1),), ((-1,),), sampled=reddi_sampled,
              project=unit_interval),
)
LANDSCAPES = {landscape.name: landscape for landscape in TABLE}


def landscape(what: "str | Landscape | Function", start: Any = None) -> Landscape:
    """A landscape by its name, or of a function f(x, y); from `start`, where it is given.

    Raises ValueError for an unknown name, and where the start does not fit the function.

    >>> landscape(lambda x, y: x**2 + y**2, start=(1, 1)).gradient((1, 1))
    array([2., 2.])
    """
    if isinstance(what, str):
        name = meant(what, LANDSCAPES)
        if name is None:
            raise ValueError(f"no landscape is called {what!r};"
                             f"{did_you_mean(what, LANDSCAPES)} there are "
                             f"{', '.join(LANDSCAPES)}")
        what = LANDSCAPES[name]
    if not isinstance(what, Landscape):
        if not callable(what):
            raise TypeError(f"landscape: came {type(what).__name__}; needed a name, a "
                            "Landscape or a function f(x, y)")
        if start is None:
            raise ValueError("landscape: a function of one's own needs a start, such as "
                             "start=(1, 1)")
        what = Landscape(what, ())
    if start is None:
        return what
    try:
        point = tuple(np.atleast_1d(np.asarray(start, dtype=float)).tolist())
    except (TypeError, ValueError):
        raise ValueError(f"landscape: start came as {start!r:.80}; needs numbers, such as "
                         "(1, 1)") from None
    try:
        inspect.signature(what.f).bind(*point)
    except TypeError as error:
        raise ValueError(f"landscape: start {point} does not fit the function ({error}); "
                         "needs one number for each variable") from None
    if not np.isfinite(point).all():
        raise ValueError(f"landscape: start {point}; needs finite numbers")
    return replace(what, start=point)
