"""Parameter groups and options: what a user says of an optimizer, as last accepted."""
import inspect
import operator
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any, NamedTuple, TypedDict

from optim.optimizers.hyperparameters import has_schedule, unknown
from optim.optimizers.signatures import Rule


class Options(TypedDict, total=False):
    """What every optimizer takes besides its parameters and its rule's hyperparameters.

    allow_missing  a parameter without a gradient is left as it is, instead of an error
    check_finite   refuse a gradient or a result with inf or NaN in it; the default (then
                   warnings of NumPy are off while the rule is applied)
    fast           step in one loop over the entries, which numba compiles at the first
                   step (half a second or more; pip install "minigrad-optim[fast]"). It
                   takes a third of the time for large parameters. A rule that is not
                   elementwise steps as ever
    transforms     what is done to the rule, outermost first: [clip_by_norm(1.0)], of
                   optim.transforms or any functions from a rule to a rule
    """
    allow_missing: bool
    check_finite: bool
    fast: bool
    transforms: Sequence[Callable[[Rule], Rule]]


def refuse_unknown(options: Options, optimizer: type) -> None:
    """Raise TypeError for an option that is none, saying what the class takes."""
    known = Options.__annotations__
    for name in options.keys() - known.keys():
        takes = [*inspect.signature(optimizer).parameters][1:-1]    # not params, options
        if "hyperparameters" in takes:
            raise TypeError(f"{optimizer.__name__} does not take {name!r}: what the rule "
                            f"takes is one argument, {{{name!r}: value}}. It takes "
                            f"{', '.join([*takes, *known])}")
        raise TypeError(unknown(optimizer.__name__, name, [*takes, *known]))
    refuse_what_transforms_nothing(optimizer, options.get("transforms", ()))
    for name, value in options.items():
        if name != "transforms" and type(value) is not bool:
            raise TypeError(f"{optimizer.__name__}: {name} is {value!r}; it is True or "
                            "False")
    if options.get("fast") and find_spec("numba") is None:
        raise ImportError("fast=True needs numba, which is not installed: "
                          'pip install "minigrad-optim[fast]"')


def refuse_what_transforms_nothing(optimizer: type, transforms: Any) -> None:
    """Raise TypeError unless these are functions in a list or tuple."""
    usable = isinstance(transforms, (list, tuple))
    for each in transforms if usable else [transforms]:
        if not usable or not callable(each):
            raise TypeError(f"{optimizer.__name__}: transforms has {each!r:.80}; needs a "
                            "list of transforms, such as "
                            "[optim.transforms.clip_by_norm(1.0)]")


class Choice(NamedTuple):
    """A rule with the values of its hyperparameters, for f or, to climb it, for -f."""
    rule: Rule
    settings: dict[str, Any]
    maximize: bool = False


class Group(NamedTuple):
    """One of param_groups as it was last accepted, and what moves its parameters."""
    known: dict[str, Any]
    choice: Choice
    scheduled: bool = False             # whether the choice is for one step only


def group_of(group: dict[str, Any], choice: Choice) -> Group:
    """One of param_groups, as it is now."""
    return Group(dict(group), choice, any(map(has_schedule, arguments_in(group).values())))


def changed(k: int, group: dict[str, Any], known: dict[str, Any]) -> dict[str, Any] | None:
    """The hyperparameters of group k if they are no longer those known, else None.

    Raises ValueError if it has lost something or has other parameters.
    """
    if len(group) == len(known) and all(map(operator.is_, group.values(), known.values())):
        return None
    if group.get("params") is not known["params"]:
        raise ValueError(f"group {k}: 'params' was replaced; make a new optimizer, "
                         "or use add_param_group")
    if missing := known.keys() - group.keys():
        raise ValueError(f"group {k}: {', '.join(sorted(missing))} was removed")
    return arguments_in(group)


def arguments_in(group: dict[str, Any]) -> dict[str, Any]:
    """All that a group holds besides its parameters."""
    return {name: value for name, value in group.items() if name != "params"}
