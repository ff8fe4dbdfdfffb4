"""Schedule: a number that depends on t, written once as plain mathematics.

The function of a schedule takes t and then its numbers. On numbers it gives the value, on
Symbolic the formula; a Schedule is such a function with its numbers, a Kind the function
itself, which is called with the numbers to give one.
"""
import copy
import functools
import inspect
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from optim.schedules.accepted_numbers import NUMBERS, accepted, refuse_unknown, written
from optim.schedules.plain_data import KINDS, as_data

if TYPE_CHECKING:
    import sympy as sp


class Schedule:
    """A number at each t = 1, 2, ...: called with t, or passed to an optimizer as `lr=`.

    name, numbers: the kind of schedule, and its numbers by name. state: what it has
    observed, where that counts. Two are equal if all three are.

    >>> from optim.schedules import cosine
    >>> rate = cosine(0.1, steps=10)
    >>> rate, rate(1), rate(6), rate(11)
    (cosine(0.1, steps=10), 0.1, 0.05, 0.0)
    """

    def __init__(self, name: str, numbers: dict[str, Any]):
        self.name, self.numbers = name, numbers
        self.state: dict[str, Any] = {}

    def __call__(self, t: Any) -> Any:
        """The value at t, of each of an array of times; the formula at a Symbolic t."""
        if not isinstance(t, (int, float, np.number, np.ndarray)):
            return self.value(t)
        if np.ndim(t):
            return np.array([self(x) for x in np.ravel(t)]).reshape(np.shape(t))
        if not (t >= 1 and math.isfinite(t) and t == int(t)):
            raise ValueError(f"{self!r}: t came as {t}; needs the number of a step, t = 1, "
                             "2, ...: in a loop that counts from 0 write schedule(k + 1)")
        with np.errstate(all="ignore"):         # also in branches that are not taken
            return float(self.value(np.float64(t)))

    def value(self, t: Any, **letters: Any) -> Any:
        """What its function gives at t, with letters for some of its numbers."""
        return KINDS[self.name].rule(t, **(self.numbers | letters))

    def parts(self) -> list["Schedule"]:
        """The schedules that it is made of; itself if there are none."""
        inside = [x for value in self.numbers.values()
                  for x in (value if isinstance(value, list) else [value])]
        return [part for x in inside if isinstance(x, Schedule)
                for part in x.parts()] or [self]

    @property
    def observes(self) -> bool:
        """Whether it waits for losses, which observe(loss) takes."""
        return any(part.state for part in self.parts())

    def observe(self, loss: Any) -> None:
        """Take a loss into account, as reduce_on_plateau does; TypeError if none counts."""
        if not self.observes:
            raise TypeError(f"{self!r} depends on t alone and observes nothing: leave "
                            "observe() out, or use optim.schedules.reduce_on_plateau")
        for part in self.parts():
            if part.observes:
                part.observe(loss)

    def saved(self) -> dict[str, Any]:
        """It as plain data for a file; optim.schedules.from_data makes it again.

        Raises TypeError if a function of t that is no schedule is part of it.
        """
        return {"schedule": self.name, "numbers": as_data(self.numbers),
                "state": dict(self.state)}

    def resumed(self, other: Any) -> Any:
        """This schedule in the state of the other one, or that if it is another kind."""
        trial = copy.deepcopy(self)
        parts: list[Schedule] = getattr(other, "parts", list)()
        for mine, its in zip(trial.parts(), parts):
            mine.state = its.state
        if trial != other:
            return other
        for mine, its in zip(self.parts(), parts):
            mine.state = dict(its.state)
        return self

    def formula(self, letters: bool = False) -> "sp.Expr":
        """The value as a SymPy expression in t; with letters for its numbers if asked for.

        >>> from optim.schedules import exponential
        >>> exponential(0.1, factor=0.5).formula()
        2**(1 - t)/10
        """
        import sympy as sp
        from minigrad.symbolic import Symbolic
        from optim.domains import declare
        exact = {name: Symbolic(declare(name, NUMBERS[name].domain)
                                if letters and NUMBERS[name].latex else x)
                 for name, x in self.numbers.items() if name in NUMBERS}
        t = declare("t", "1, 2, ...")
        return sp.piecewise_fold(Symbolic(self.value(Symbolic(t), **exact)).expr)

    def latex(self, letters: bool = False) -> str:
        r"""The formula in LaTeX, \eta_t = ...; what changes at some t is printed as cases.
        """
        import sympy as sp
        formula = self.formula(letters)
        names = {x: NUMBERS[str(x)].latex for x in formula.free_symbols if str(x) != "t"}
        return r"\eta_{t} = " + sp.latex(formula, symbol_names=names)

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    def __repr__(self) -> str:
        return KINDS[self.name].call(self.numbers)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Schedule) and (self.name, self.numbers, self.state) == (
            other.name, other.numbers, other.state)

    # Two that are equal now may observe different losses: as keys they are two.
    __hash__ = object.__hash__

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"a Schedule has no attribute {name!r}; "
                             + ELSEWHERE.get(name, "see dir(schedule)"))


ELSEWHERE = {
    "step": "each opt.step() reads its value anew: leave scheduler.step() out, and after a "
            "loss write opt.lr.observe(loss) for reduce_on_plateau",
    "get_last_lr": "call it with t: opt.lr(opt.t)",
    "state_dict": "it is part of opt.state_dict()",
    "load_state_dict": "it is part of what opt.load_state_dict() takes"}


class Kind:
    """A function of t and of numbers, called with the numbers to give a Schedule.

    .rule is the function itself: the mathematics, on numbers as on formulas.
    """

    def __init__(self, rule: Callable[..., Any], makes: type[Schedule]):
        functools.update_wrapper(self, rule)
        self.rule, self.makes, self.name = rule, makes, rule.__name__
        _, *self.takes = inspect.signature(rule).parameters.values()
        self.__signature__ = inspect.Signature(self.takes, return_annotation=Schedule)

    def __call__(self, *args: Any, **kwargs: Any) -> Schedule:
        refuse_unknown(self.name, self.takes, args, kwargs)
        try:
            given = self.__signature__.bind(*args, **kwargs).arguments
        except TypeError as error:
            raise TypeError(f"{self.name}: {error}; write for example "
                            f"{written(self.name, self.takes)}") from None
        numbers: dict[str, Any] = {}
        for p in self.takes:
            value = given[p.name] if p.name in given else self.default(p, numbers)
            numbers[p.name] = accepted(self.name, p.name, value, p.default)
        made = self.makes(self.name, numbers)
        made(1)                                     # or it raises here what it would then
        return made

    def default(self, p: inspect.Parameter, numbers: dict[str, Any]) -> Any:
        """A default, which may be a function of numbers that stand before it."""
        if not callable(p.default) or p.default is p.empty:
            return p.default
        return p.default(*[numbers[n] for n in inspect.signature(p.default).parameters])

    def call(self, numbers: dict[str, Any]) -> str:
        """How one writes the schedule with these numbers."""
        texts = [f"{p.name}="*(p.kind is p.KEYWORD_ONLY) + named(numbers[p.name])
                 for p in self.takes if self.default(p, numbers) != numbers[p.name]]
        return f"{self.name}({', '.join(texts)})"

    def __repr__(self) -> str:
        return f"<kind of schedule {self.name}{self.__signature__}>"

    def __reduce__(self) -> str:
        return self.name


def named(x: Any) -> str:
    """A number as one writes it; a function by its name."""
    if isinstance(x, list):
        return f"[{', '.join(map(named, x))}]"
    return x.__name__ if hasattr(x, "__code__") else repr(x)


def schedule(rule: Callable[..., Any], makes: type[Schedule] = Schedule) -> Kind:
    """Make a kind of schedule of a function of t, one number, and others by their names.

    makes: the class of its schedules, where they are more than that.

    >>> @schedule
    ... def halving(t, start, *, every=10):
    ...     return start/2**np.floor((t - 1)/every)
    >>> halving(0.1, every=2)(3)
    0.05
    """
    KINDS[rule.__name__] = kind = Kind(rule, makes)
    return kind
