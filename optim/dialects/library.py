"""An optimizer that takes another library's arguments: what its classes share.

Each class has one function from the library's own arguments, by its names, in its order and
with its defaults, to the rule that they choose: `.choose`. Otherwise it is optim.Optimizer,
but that, as in those libraries, NaN passes, a parameter without a gradient rests, and what
a rule computes in float64 is rounded to the parameter's dtype.
"""
import inspect
from collections.abc import Iterable
from typing import Any, ClassVar

from optim.optimizers.groups import Choice
from optim.optimizers.hyperparameters import at, is_schedule, number, unknown
from optim.optimizers.optimizer import Optimizer
from optim.optimizers.signatures import anatomy, name_of


class LibraryOptimizer(Optimizer):
    """Moves parameters as a library's optimizer of this name does, by its arguments.

    params: tensors, (name, tensor) pairs, or group dicts. The other arguments are those of
    `choose`; they stand in `param_groups`, where they may be changed between steps. There
    is one more, transforms=[...], as optim.Optimizer has it.

    Raises TypeError for an argument that the library's optimizer does not have, ValueError
    for a value that it refuses or that has no meaning on NumPy arrays.
    """
    __signature__: ClassVar[inspect.Signature]          # what help() shows
    without_meaning: ClassVar[tuple[str, ...]] = ()     # on arrays of NumPy
    _as_libraries = True
    also: ClassVar[dict[str, Any]] = {}                 # what all take, with defaults
    counts_from_0: ClassVar[bool] = False       # whether its own schedules have t - 1 for t

    choose: ClassVar[Any]               # each class has its own

    def __init_subclass__(cls) -> None:
        if not hasattr(cls, "choose"):                  # what a library's classes share
            return
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        own = inspect.signature(cls.choose).parameters.values()
        others = [inspect.Parameter(name, kind, default=default)
                  for name, default in cls.also.items()]
        cls.__signature__ = inspect.Signature([
            inspect.Parameter("params", kind), *own, *others])

    def __init__(self, params: Iterable[Any], *args: Any, **kwargs: Any):
        transforms = kwargs.pop("transforms", ())
        given = self.arguments(*args, **kwargs)
        self._begin(params, self._choice(given, 1).rule, given, {
            "allow_missing": True, "check_finite": False, "transforms": transforms})

    @classmethod
    def arguments(cls, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """All arguments by name, the defaults filled in; TypeError for one too many."""
        _, *takes = cls.__signature__.parameters.values()
        for name in kwargs.keys() - {p.name for p in takes}:
            raise TypeError(unknown(cls.__name__, name, [p.name for p in takes]))
        bound = inspect.Signature(takes).bind(*args, **kwargs)
        bound.apply_defaults()
        return {name: unchanging(x) for name, x in bound.arguments.items()}

    @classmethod
    def choice(cls, **given: Any) -> Choice:
        """The rule that these arguments choose and all its hyperparameters, as numbers."""
        given = cls.arguments(**given)
        for name in cls.without_meaning:
            if given.get(name):
                raise ValueError(f"{cls.__name__}: {name} = {given[name]!r} has no meaning "
                                 "on NumPy arrays; leave it out, the formula is the same")
        rule, settings, maximize = cls.choose(**{
            name: x for name, x in given.items() if name not in cls.also})
        return Choice(rule, {
            name: number(cls.__name__, name, settings.get(name, default))
            for name, default in anatomy(rule)[1].items()}, maximize)

    def _validated(self, given: dict[str, Any]) -> dict[str, Any]:
        mine = {n: given.get(n, x) for n, x in self._numbers().items()}
        return self.arguments(**{n: x for n, x in given.items() if n not in mine}) | {
            n: x if is_schedule(x) else number(name_of(self.rule), n, x)
            for n, x in mine.items()}

    def _choice(self, arguments: dict[str, Any], t: int) -> Choice:
        now = {name: x if name in self.without_meaning else
               at(x, t if hasattr(x, "formula") else t - self.counts_from_0)
               for name, x in arguments.items()}
        mine = {name: number(name_of(self.rule), name, now.pop(name))
                for name in self._numbers()}
        chosen = self.choice(**now)
        return Choice(self._transformed(chosen.rule), chosen.settings | mine,
                      chosen.maximize)

    def _numbers(self) -> dict[str, Any]:
        """The numbers of its transforms, with their defaults."""
        if not self.transforms:
            return {}
        plain = anatomy(self._plain)[1]
        return {n: x for n, x in anatomy(self.rule)[1].items() if n not in plain}


def unchanging(x: Any) -> Any:
    """A list as a tuple, an array of one number as that: a change of it would not be seen.
    """
    if isinstance(x, list):
        return tuple(map(unchanging, x))
    alone = hasattr(x, "__float__") and getattr(x, "shape", None) == ()
    return float(x) if alone else x


def zero_grad(self: Optimizer, set_to_none: bool = True) -> None:
    """Set every parameter's grad to None, or else to zeros where there is one."""
    for group in self.param_groups:
        for tensor in group["params"]:
            if set_to_none or tensor.grad is None:
                tensor.grad = None
            else:
                tensor.grad = 0*tensor.grad
