"""The arguments of a library's optimizer: which of them are letters, and which choose."""
import inspect
from collections.abc import Callable, Collection, Mapping
from typing import Any

from optim.lifting.names import HYPERPARAMETERS, OF_CLASS, PAIRS
from optim.optimizers.signatures import name_of


class Arguments:
    """The arguments with which an optimizer is made; .hyper has the letters' defaults.

    A number that is not 0 is a letter, and so is each of a tuple; 0, None, True, False and
    what is annotated as an int choose what is done and stay as they are. Raises TypeError
    for a name that `make` does not take, and for a number that it needs and that is not
    given.
    """

    def __init__(self, make: Callable, given: Mapping[str, Any],
                 instead: Mapping[str, Any], left_out: Collection[str] = ()):
        self.make = make
        self.name = name_of(getattr(make, "func", make))        # of a partial's function
        parameters = inspect.signature(make).parameters
        self.whole = {n for n, p in parameters.items() if p.annotation in (int, "int")}
        for name in given.keys() - parameters.keys():
            raise TypeError(f"{self.name} does not take {name!r}; it takes "
                            f"{', '.join(parameters)}")
        defaults = {n: p.default for n, p in parameters.items()
                    if p.default is not p.empty and n not in left_out}
        self.values = {n: x for n, x in instead.items() if n in parameters
                       } | defaults | dict(given)
        self.hyper: dict[str, float] = {}
        self.with_numbers(self.hyper.setdefault)

    def letters_of(self, argument: str) -> list[str]:
        """Our letters for an argument: one, or one for each number of a tuple."""
        value = self.values[argument]
        if is_of_numbers(value):
            known = PAIRS.get(argument, [])
            stem = known[0].rstrip("1") if known and known[0].endswith("1") else argument
            return known if len(known) == len(value) else [
                f"{stem}{i + 1}" for i in range(len(value))]
        own = OF_CLASS.get(self.name, {})
        return [own.get(argument) or HYPERPARAMETERS.get(argument, argument)]

    def with_numbers(self, number: Callable[[str, float], Any]) -> dict[str, Any]:
        """The arguments, with number(letter, default) for each that is a letter."""
        def value(name: str, default: Any) -> Any:
            fixed = isinstance(default, bool) or not isinstance(default, (int, float))
            return default if fixed or not default else number(name, default)
        out: dict[str, Any] = {}
        for argument, default in self.values.items():
            if argument in self.whole:
                out[argument] = default
                continue
            names = self.letters_of(argument)
            out[argument] = (tuple(map(value, names, default)) if is_of_numbers(default)
                             else value(names[0], default))
        return out

    def made(self, settings: Mapping[str, Any], *first: Any) -> Any:
        """What the optimizer's maker gives with these numbers for its letters."""
        return self.make(*first, **self.with_numbers(lambda name, _: settings[name]))


def is_of_numbers(x: Any) -> bool:
    """Whether it is a tuple of numbers."""
    return type(x) is tuple and all(isinstance(e, (int, float)) for e in x)
