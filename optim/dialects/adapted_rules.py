"""A rule with some of its letters renamed, held at a number, or given other defaults."""
import inspect
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from optim.optimizers.signatures import (
    REQUIRED, Rule, is_of_whole_parameters, name_of, parameters_of, supplied_to)


def adapted(rule: Rule, names: Mapping[str, str] | None = None,
            held: Mapping[str, Any] | None = None,
            defaults: Mapping[str, Any] | None = None) -> Rule:
    """The rule in other letters: names {its letter: the new one}, held {its hyperparameter:
    number}, defaults {its hyperparameter: number}. It computes what the rule computes.

    Raises ValueError if two of its letters would have one name.

    >>> import numpy as np
    >>> from optim import rules
    >>> rms = adapted(rules.rmsprop, {"rho": "alpha"}, held={"eps": 0})
    >>> inspect.signature(rms)
    <Signature (theta, g, v, *, t, lr=0.001, alpha=0.9)>
    >>> rms(np.float64(1), 3., 0., t=1, lr=.5, alpha=0.)
    (np.float64(0.5), 9.0)
    """
    names, held, defaults = dict(names or {}), dict(held or {}), dict(defaults or {})
    given = parameters_of(rule)
    if not (names or held or defaults):
        return rule
    new = {n: names.get(n, n) for n in given if n not in held}
    twice = [n for n in new.values() if [*new.values()].count(n) > 1]
    if twice:
        raise ValueError(f"{name_of(rule)}: two of its letters would be called {twice[0]}")
    old = {n: before for before, n in new.items()}

    def start(default: Any) -> Any:
        """A start that asks for hyperparameters asks for them by their new names."""
        takes = [*inspect.signature(default).parameters][1:]

        def begun(theta, **settings):
            known = held | {old[n]: x for n, x in settings.items()}
            return default(theta, **{n: known[n] for n in takes})
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        setattr(begun, "__signature__", inspect.Signature([
            inspect.Parameter(n, kind)
            for n in ("theta", *(new[n] for n in takes if n in new))]))
        return begun

    def measured(kind: Any) -> Any:
        """What is supplied is asked for by the old names, too."""
        measure = kind.of

        def of(theta, g, states, numbers):
            return measure(theta, g, states, held | {
                old.get(n, n): x for n, x in numbers.items()})
        return of

    def default_of(p: inspect.Parameter) -> Any:
        value = defaults.get(p.name, p.default)
        return start(value) if callable(value) and value is not REQUIRED else value

    def run(*values, **settings):
        return rule(*values, **held, **{old[n]: x for n, x in settings.items()})
    if is_of_whole_parameters(rule):
        setattr(run, "of_whole_parameters", True)
    setattr(run, "supplied", {new[n]: kind.of and replace(kind, of=measured(kind)) or kind
                              for n, kind in supplied_to(rule).items() if n in new})
    run.__name__ = name_of(rule)
    run.__doc__ = rule.__doc__
    setattr(run, "__signature__", inspect.Signature([
        p.replace(name=new[n], default=default_of(p)) for n, p in given.items()
        if n in new]))
    return run
