"""Optimizer: a rule from optim.rules applied to tensors, in PyTorch's manners.

Everything is checked before anything is written, so a step that is refused has changed
nothing. Where parameters live is told in arena.py, how a rule is applied in stepping.py,
one class for each rule stands in classes.py. Missing on purpose: the arguments of other
libraries (dialects/).
"""
from collections.abc import Callable, Iterable
from functools import partial
from itertools import chain
from typing import Any, NoReturn, Unpack

import numpy as np

from minigrad.guards import here
from minigrad.stand_ins import session_here, sessions
from minigrad.values import wanted_gradients
from minigrad.writes import are_at, array_of, owner_of
from minigrad.html_tables import html_table
from optim.optimizers.arena import (
    Part, Place, Record, listed, members, moved, parts_of, refuse_sharing)
from optim.optimizers.averaged_parameters import averaged
from optim.optimizers.groups import (
    Choice, Group, Options, arguments_in, changed, group_of, refuse_unknown)
from optim.optimizers.hyperparameters import (
    WHERE, at_step, elsewhere, is_schedule, set_aside, validated)
from optim.optimizers.saved_state import matching
from optim.optimizers.signatures import (
    Rule, anatomy, first_states, is_of_whole_parameters, name_of, named_rule, supplied_to)
from optim.optimizers.stepping import applied, refuse_infinite
from optim.optimizers.supplies import (
    Given, generators_of, set_states, supplied_to_parts)
from optim.rules import RULES


class NoAttribute:
    """What stands elsewhere: to read or set it as an attribute raises, and says where.

    A schedule that all groups have can be read: opt.lr(t), opt.lr.observe(loss). A class
    derived from Optimizer may have an attribute of that name, set before its rule.
    """

    def __init__(self, name: str):
        self.name = name

    def __get__(self, opt: Any, kind: type) -> Any:
        if self.name in vars(opt or kind):
            return vars(opt)[self.name]
        values = [group.get(self.name) for group in opt.param_groups] if opt else []
        if values and is_schedule(values[0]) and all(x is values[0] for x in values):
            return values[0]
        self.refuse(opt, kind)

    def refuse(self, opt: Any, kind: type) -> NoReturn:
        """Raise AttributeError, which says where it is."""
        where = elsewhere(self.name, opt.defaults) if opt else ""
        raise AttributeError(f"{kind.__name__} has no attribute {self.name!r}{where}")

    def __set__(self, opt: Any, value: Any) -> None:
        if "defaults" in vars(opt) and self.name not in vars(opt):
            self.refuse(opt, type(opt))
        vars(opt)[self.name] = value


class Optimizer:
    """Moves parameters by a rule: `loss.backward(); opt.step(); opt.zero_grad()`.

    params: tensors, (name, tensor) pairs, or group dicts {"params": [...], "lr": ...}. The
    parameters move into memory of the optimizer's own; an earlier optimizer loses them.
    rule: a rule, or its name in optim.rules.
    hyperparameters: the rule's, where they differ from its defaults. They stand in
    `param_groups`, where they may be changed between steps. One that is a function of t,
    such as those of optim.schedules, has its value at opt.t + 1 in a step.
    options: allow_missing, check_finite, fast and transforms, see Options.

    Threads may add up gradients of the same parameters by backward(), but one optimizer is
    for one thread: step() and zero_grad() are to run while no backward() does.

    Raises TypeError for what is no tensor, rule or hyperparameter of the rule, ValueError
    for a hyperparameter outside its domain or a tensor that cannot be moved.

    >>> import minigrad as mg
    >>> p = mg.tensor([1., 2.], requires_grad=True)
    >>> opt = Optimizer([p], "momentum", {"lr": 0.5})
    >>> (p @ p).backward()
    >>> opt.step()
    >>> p.numpy()
    array([0., 0.])
    """

    # Whether parameters may rest from the start, and results are rounded to their dtype.
    _as_libraries = False
    transforms: tuple[Callable[[Rule], Rule], ...] = ()

    def __init_subclass__(cls) -> None:
        """help() of each class names what all of them take besides."""
        cls.__doc__ = (f"{cls.__doc__ or cls.__name__}\n\n    options: allow_missing, "
                       "check_finite, fast and transforms, see optim.Optimizer.\n    ")

    def __init__(self, params: Iterable[Any], rule: Rule | str,
                 hyperparameters: dict[str, Any] | None = None,
                 **options: Unpack[Options]):
        self._begin(params, rule, hyperparameters or {}, options)

    def _begin(self, params: Iterable[Any], rule: Rule | str,
               hyperparameters: dict[str, Any], options: Options) -> None:
        refuse_unknown(options, type(self))
        if not isinstance(hyperparameters, dict):
            raise TypeError(f"hyperparameters: came {hyperparameters!r:.80}; needs a dict, "
                            "such as {'lr': 0.1}")
        self.transforms = tuple(options.get("transforms", ()))
        self._plain = named_rule(rule)
        self.rule = self._transformed(self._plain)
        self.generators, self.is_averaged = generators_of(self.rule), False
        self.allow_missing = options.get("allow_missing", False)
        self.check_finite = options.get("check_finite", True)
        self.fast = options.get("fast", False)
        self.defaults = self._validated(hyperparameters)
        self._choice(self.defaults, 1)
        self.param_groups: list[dict[str, Any]] = []
        self.t = 0
        self._groups: list[Group] = []
        self._ahead: dict[int, list[Choice]] = {}       # see recorded_steps.py
        self._parts: list[Part] = []
        params = listed(params)
        grouped = params and isinstance(params[0], dict)
        self._add(params if grouped else [{"params": params}])
        for name in self.defaults.keys() - {*vars(self), *vars(Optimizer)}:
            setattr(Optimizer, name, NoAttribute(name))

    def _transformed(self, rule: Rule) -> Rule:
        """What the transforms make of a rule; the last of them is the innermost."""
        for transform in reversed(self.transforms):
            rule = named_rule(transform(rule))
        return rule

    def add_param_group(self, group: dict[str, Any]) -> None:
        """Take further parameters; their first step is their t = 1."""
        self._add([group])

    def _validated(self, given: dict[str, Any]) -> dict[str, Any]:
        """What a group is to hold by these arguments: numbers, and schedules."""
        return validated(self.rule, given)

    def _choice(self, arguments: dict[str, Any], t: int) -> Choice:
        """What they choose for step t."""
        return Choice(self.rule, at_step(name_of(self.rule), arguments, t))

    def _places(self) -> list[Place]:
        return sorted((place for part in self._parts for place in part.places),
                      key=lambda place: place.position)

    def _add(self, groups: list[Any]) -> None:
        places, added = self._places(), []
        for k, group in enumerate(groups, len(self._groups)):
            if not isinstance(group, dict) or "params" not in group:
                raise TypeError(f"group {k}: came {type(group).__name__}; needs a dict "
                                "with 'params'; tensors and groups cannot be mixed")
            given = {name: value for name, value in group.items() if name != "params"}
            arguments = self._validated(self.defaults | given)
            choice = self._choice(arguments, self.t + 1)
            mine = members(k, group["params"], len(places), self._as_libraries)
            records = [{"t": 0} | first_states(choice.rule, place.home, choice.settings)
                       for place in mine]
            added.append((mine, records, arguments, choice))
            places += mine
        refuse_sharing(places)
        for mine, records, arguments, choice in added:
            group = {"params": tuple(place.tensor for place in mine), **arguments}
            self.param_groups.append(group)
            self._groups.append(group_of(group, choice))
            self._parts += self._parts_of(moved(mine, self), records)

    def _parts_of(self, places: list[Place], records: Iterable[Record]) -> list[Part]:
        return parts_of(places, records, [is_of_whole_parameters(group.choice.rule)
                                          for group in self._groups])

    # --- a step -------------------------------------------------------------------------

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Set every parameter's grad to None, from where backward() adds as from zeros."""
        if not set_to_none:
            raise ValueError("zero_grad: set_to_none came as False; grad is None after it "
                             "and not zeros, so leave it out: opt.zero_grad()")
        for group in self._groups:
            for tensor in group.known["params"]:
                tensor.grad = None

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Apply the rule once, to every parameter at its gradient.

        closure: called before, to compute the gradients; what it returns is returned.
        Raises, and then has changed nothing: RuntimeError for a parameter that was given
        other memory or wants a gradient and has none; TypeError or ValueError for
        hyperparameters or a rule that do not fit; FloatingPointError for inf and NaN.
        """
        if self.is_averaged:
            raise RuntimeError("step: the parameters are their averages now, from where no "
                               "step is taken; leave the block of averaged() first")
        loss = None if closure is None else closure()
        self._check_groups()
        if sessions and (session := session_here()):    # minigrad.compile records
            from optim.optimizers.recorded_steps import record_step
            record_step(session, self, closure)
            return loss
        line = here(2)
        with np.errstate(all="ignore"):         # what NumPy would warn of is looked for
            moving = [x for x in map(self._moving, list(self._parts)) if x[1]]
            taken = self._taken(moving)
            given = taken and supplied_to_parts(self, taken, closure, line)
            takes = [self._prepared(part, gradients, known) for (part, gradients), known
                     in zip(moving, given or [{}]*len(moving))]
            for take in takes:
                take(line)
        self.t += 1
        return loss

    def _moving(self, part: Part) -> tuple[Part, list[np.ndarray]]:
        """What moves now of a part, and by which gradients; what rests becomes another.

        Raises RuntimeError for a parameter that should move and cannot.
        """
        if not are_at(part.tensors, part.homes):
            for place in part.places:
                self._refuse_moved(place)
        gradients = wanted_gradients(part.tensors)
        given = [g for g in gradients if g is not None]
        if len(given) < len(gradients):
            for place, gradient in zip(part.places, gradients):
                self._refuse_missing(place, gradient)
            if given:                                   # from now on their t will differ
                at = self._parts.index(part)
                part, resting = part.divided([g is not None for g in gradients])
                self._parts[at:at + 1] = [part, resting]
        return part, given

    def _refuse_missing(self, place: Place, gradient: Any) -> None:
        """Raise RuntimeError for a parameter that should move and has no gradient."""
        if gradient is None and place.tensor.requires_grad and not self.allow_missing:
            raise RuntimeError(
                f"{place} wants a gradient and has none; does the loss depend on it, and "
                "was backward() called after zero_grad()? To skip such parameters pass "
                "allow_missing=True, to freeze one set its requires_grad = False")

    def _taken(self, moving: list[tuple[Part, list[np.ndarray]]]
               ) -> list[tuple[Part, Given]]:
        """What the rule takes for parts that move, if it is given something besides.

        Raises FloatingPointError for a gradient with inf or NaN in it.
        """
        taken = []
        for part, gradients in moving if supplied_to(self.rule) else ():
            choice = self._groups[part.places[0].group].choice
            g = part.joined(gradients)
            if self.check_finite:
                refuse_infinite("gradient", g, part, choice.settings)
            taken.append((part, Given(part.theta(), -g if choice.maximize else g,
                                      (*part.states.values(),),
                                      {"t": part.t + 1} | choice.settings)))
        return taken

    def _prepared(self, part: Part, gradients: list[np.ndarray], known: dict[str, Any]
                  ) -> Callable[[Any], Any]:
        """Compute the step of a part, up to what takes its results and writes.

        By the kernel of its rule, if it has one, else by the rule itself. known: what the
        rule is given besides (supplies.py).
        """
        choice = self._groups[part.places[0].group].choice
        if known:
            choice = choice._replace(settings=choice.settings | known)
        if part.kernel is None:
            from optim.optimizers.kernel_steps import kernel_steps
            part.kernel = kernel_steps(choice.rule, part, self._as_libraries, self.fast)
        if part.kernel and part.kernel.kernel.holds():
            return part.kernel.prepared(gradients, choice, self.check_finite)
        g = part.joined(gradients)
        theta, *states = applied(choice.rule, part, -g if choice.maximize else g,
                                 choice.settings, self.check_finite, self._as_libraries)
        return partial(part.write, theta, states)

    def _refuse_moved(self, place: Place) -> None:
        """Raise RuntimeError for a parameter that lives elsewhere by now."""
        owner = owner_of(place.tensor)
        by = (f"a later {type(owner).__name__} has taken it over"
              if owner not in (None, self) else "its data was replaced")
        if array_of(place.tensor) is not place.home:
            raise RuntimeError(f"{place} left this optimizer's memory: {by}. Write "
                               "p.data[...] = values, or make a new optimizer")

    def _check_groups(self) -> None:
        """Accept what was changed in param_groups, if it is allowed."""
        if len(self.param_groups) != len(self._groups):
            raise ValueError(f"param_groups has {len(self.param_groups)} groups, the "
                             f"optimizer {len(self._groups)}; use add_param_group")
        for k, (group, last) in enumerate(zip(self.param_groups, self._groups)):
            given = changed(k, group, last.known)
            if given is None and not last.scheduled:
                continue
            arguments = (arguments_in(last.known) if given is None
                         else self._validated(given))
            choice = self._choice(arguments, self.t + 1)
            if choice.rule is not last.choice.rule:
                raise ValueError(
                    f"group {k}: these arguments choose {name_of(choice.rule)}, which "
                    f"remembers other things than {name_of(last.choice.rule)}; make a new "
                    "optimizer")
            if given is None:
                self._groups[k] = last._replace(choice=choice)
            else:
                for name in group.keys() - arguments.keys() - {"params"}:
                    del group[name]                     # such as betas, told as two
                group.update(arguments)
                self._groups[k] = group_of(group, choice)

    averaged = averaged

    # --- saving -------------------------------------------------------------------------

    def _records(self) -> list[dict[str, Any]]:
        """Of each parameter, in their order, a copy of its t and its states."""
        records = {place.position: {name: value.copy() if isinstance(value, np.ndarray)
                                    else value for name, value in record.items()}
                   for part in self._parts
                   for place, record in zip(part.places, part.records())}
        return [records[position] for position in sorted(records)]

    def state_dict(self) -> dict[str, Any]:
        """Copies of all that the next step depends on, but for the parameters' values."""
        self._check_groups()
        groups: list[dict[str, Any]] = [
            {**known, "params": [], "names": []}
            for known in set_aside(arguments_in(group.known) for group in self._groups)]
        for place in self._places():
            groups[place.group]["params"].append(place.position)
            groups[place.group]["names"].append(place.name)
        states = {name: x.bit_generator.state for name, x in self.generators.items()}
        return {"rule": name_of(self.rule), "t": self.t,
                "state": dict(enumerate(self._records())), "param_groups": groups,
                **({"generators": states} if states else {})}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Continue where `state_dict` was taken.

        Raises ValueError, and then has changed nothing, if it is of another rule or of
        other groups, names, shapes or dtypes.
        """
        places = self._places()
        t, groups, records = matching(state_dict, Optimizer.state_dict(self), places)
        settings = set_aside(self._validated(group) for group in groups)
        for values in settings:
            self._choice(values, t + 1)
        set_states(self.generators, state_dict.get("generators", {}))
        self.t, self._parts = t, self._parts_of(places, records)
        for group, values in zip(self.param_groups, settings):
            group.update({name: group[name].resumed(x) if hasattr(
                group[name], "resumed") else x for name, x in values.items()})
        self._check_groups()

    # A copy has parameters of its own, which settle in an arena of its own.

    def __getstate__(self) -> dict[str, Any]:
        members = [(place.group, place.name, place.tensor) for place in self._places()]
        return vars(self) | {"_parts": list(zip(members, self._records())),
                             "rule": self._plain, "_plain": None, "_ahead": {},
                             "_groups": [group.known for group in self._groups]}

    def __setstate__(self, saved: dict[str, Any]) -> None:
        members, records = zip(*saved["_parts"])
        places = [Place(group, i, name, tensor, array_of(tensor))
                  for i, (group, name, tensor) in enumerate(members)]
        vars(self).update(saved)
        self._plain, self.rule = saved["rule"], self._transformed(saved["rule"])
        self._groups = [group_of(known, self._choice(arguments_in(known), self.t + 1))
                        for known in saved["_groups"]]
        self._parts = self._parts_of(moved(places, self), records)

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for k, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {k}")
            lines += [f"    {name}: {group[name]}" for name in sorted(group)
                      if name != "params"]
            size = sum(tensor.size for tensor in group["params"])
            lines.append(f"    params: {len(group['params'])} tensors, {size} numbers")
        return "\n".join([*lines, ")"])

    def _repr_html_(self) -> str:
        names = [*self.defaults]
        rows = [(k, f"{len(group['params'])} tensors",
                 sum(tensor.size for tensor in group["params"]),
                 *(group.get(name, "") for name in names))
                for k, group in enumerate(self.param_groups)]
        above = f"{type(self).__name__}: {name_of(self.rule)} after {self.t} steps"
        return html_table(("group", "params", "numbers", *names), rows, above)


for absent in {"betas", "state", *WHERE, *chain(*(anatomy(r)[1] for r in RULES.values()))}:
    setattr(Optimizer, absent, NoAttribute(absent))
