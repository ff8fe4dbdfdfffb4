"""Optimizer: a rule from optim.rules applied to tensors, in PyTorch's manners.

The tensors of a group live end to end in one flat array, of which they are views: a step
is one call of the rule on flat arrays, however many tensors there are. Everything is
checked before anything is written, so a step that is refused has changed nothing.

Missing on purpose: closures, schedules, how other libraries compute these rules.
"""
import copy
import functools
import inspect
import math
import warnings
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np

from minigrad.tensors import Tensor
from optim import rules

REQUIRED = inspect.Parameter.empty
Rule = Callable[..., Any]


# --- a rule's signature -----------------------------------------------------------------

def named_rule(rule: Rule | str) -> Rule:
    """The rule itself, given itself or its name in optim.rules."""
    if callable(rule):
        return rule
    if rule in rules.RULES:
        return rules.RULES[rule]
    raise ValueError(f"no rule is called {rule!r}; there are {', '.join(rules.RULES)}")


@functools.lru_cache(1000)
def anatomy(rule: Rule) -> tuple[dict[str, Any], dict[str, Any]]:
    """The states of a rule and its hyperparameters, with their defaults.

    >>> anatomy(rules.momentum)
    ({'m': 0}, {'lr': 0.01, 'mu': 0.9})
    """
    parameters = list(inspect.signature(rule).parameters.values())
    states = [p for p in parameters[2:] if p.kind is p.POSITIONAL_OR_KEYWORD]
    keywords = [p for p in parameters[2:] if p.kind is p.KEYWORD_ONLY]
    others = len(parameters) - 2 - len(states) - len(keywords)
    if others or "t" not in [p.name for p in keywords]:
        raise TypeError(f"{name_of(rule)}{inspect.signature(rule)} is not a rule; needs "
                        "(theta, g, *states, *, t, **hyperparameters), each by its name")
    return ({p.name: 0 if p.default is REQUIRED else p.default for p in states},
            {p.name: p.default for p in keywords if p.name != "t"})


def name_of(rule: Rule) -> str:
    return getattr(rule, "__name__", repr(rule))


DOMAINS: dict[str, Callable[[float], bool]] = {
    "real": lambda x: True, ">= 0": lambda x: x >= 0, "> 0": lambda x: x > 0,
    "[0, 1)": lambda x: 0 <= x < 1, "[0, 1]": lambda x: 0 <= x <= 1}

# The legend has these positive, for its theorems; a step may also be taken with 0.
ZERO_IS_ALLOWED = {"lr": ">= 0", "eps": ">= 0"}


def validated(rule: Rule, given: dict[str, Any]) -> dict[str, float]:
    """The rule's hyperparameters as floats in their domains: `given`, else its defaults.

    `betas=(b1, b2)` stands for beta1 and beta2. Raises TypeError for a name the rule does
    not have or a value that is no number, ValueError outside the domain in the legend.
    """
    defaults = anatomy(rule)[1]
    given = dict(given)
    if "betas" in given and {"beta1", "beta2"} <= defaults.keys():
        betas = given.pop("betas")
        if not isinstance(betas, (tuple, list)) or len(betas) != 2:
            raise TypeError(f"betas: came {betas!r}; needs a pair (beta1, beta2)")
        given |= {"beta1": betas[0], "beta2": betas[1]}
    for name in given.keys() - defaults.keys():
        raise TypeError(unknown(name_of(rule), name, defaults))
    return {name: number(rule, name, given.get(name, default))
            for name, default in defaults.items()}


def unknown(who: str, name: str, takes: Iterable[str]) -> str:
    where = f": {WHERE[name]}" if name in WHERE else ""
    return f"{who} does not take {name!r}{where}. It takes {', '.join(takes) or 'nothing'}"


# What PyTorch's classes take and ours do not: where it lives, or what it is called here.
TORCH = "optim.dialects.torch"
WHERE = {
    "momentum": "the momentum is called mu here; optim.Momentum and optim.NAG have it",
    "nesterov": "use optim.NAG",
    "dampening": f"{TORCH}.SGD has it",
    "amsgrad": f"use optim.AMSGrad; PyTorch's variant of it is in {TORCH}.Adam",
    "weight_decay": f"use optim.AdamW, or PyTorch's coupled decay in {TORCH}",
    "decoupled_weight_decay": "use optim.AdamW",
    "alpha": f"it is called rho here; {TORCH}.RMSprop has PyTorch's name and default",
    "lr": f"there is no learning rate in the paper; {TORCH}.Adadelta adds one",
    "centered": f"{TORCH}.RMSprop has it",
    "lr_decay": f"{TORCH}.Adagrad has it; or change param_groups[0]['lr'] between steps",
    "initial_accumulator_value": f"{TORCH}.Adagrad has it",
    "momentum_decay": f"it is called psi here; {TORCH}.NAdam is another rule",
    "learning_rate": "it is called lr here, where there is one",
    "hyperparameters": "each is an argument of its own",
    "epsilon": "it is called eps here",
    "maximize": f"take the gradient of -f, or use {TORCH}",
    "foreach": "every step works on flat arrays already; leave it out",
    "fused": "every step works on flat arrays already; leave it out",
    "capturable": "there is no graph capture here; leave it out",
    "differentiable": "apply .rule itself to tensors, it is differentiable",
}


def number(rule: Rule, name: str, value: Any) -> float:
    """value as a float, if the legend allows it for a hyperparameter of this name."""
    if value is REQUIRED:
        raise TypeError(f"{name_of(rule)} needs a value for {name}, which has no default")
    try:
        if isinstance(value, (str, bytes)):
            raise TypeError("text is not a number")
        result = float(value)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{name_of(rule)}: {name} came as {value!r}; needs a number "
                        f"({error})") from None
    letter = rules.LEGEND.get(name)
    domain = ZERO_IS_ALLOWED.get(name) or (letter.domain if letter else "real")
    if not (math.isfinite(result) and DOMAINS[domain](result)):
        needed = "a finite number" if domain == "real" else domain
        meaning = f" ({letter.meaning})" if letter else ""
        raise ValueError(f"{name_of(rule)}: {name} = {result!r}, but {name}{meaning} must "
                         f"be {needed}")
    return result


def first_states(rule: Rule, theta: np.ndarray,
                 settings: dict[str, float]) -> dict[str, Any]:
    """What the rule remembers before its first step: arrays like theta, or floats.

    A default that is a number stays a float if the rule keeps it one, as a product of
    hyperparameters; one call on a single entry tells.
    """
    starts = {name: default(theta) if callable(default) else default
              for name, default in anatomy(rule)[0].items()}
    numbers = {name: float(start) for name, start in starts.items()
               if isinstance(start, (int, float)) and start}
    floats = {}
    if numbers:
        one = np.ones(1, theta.dtype)
        with np.errstate(all="ignore"):
            after = rule(one, one, *[numbers.get(n, one) for n in starts], t=1, **settings)
        floats = {name: numbers[name] for name, end in zip(starts, after[1:])
                  if name in numbers and np.ndim(end) == 0}
    return {name: np.broadcast_to(np.asarray(start, theta.dtype), theta.shape).copy()
            for name, start in starts.items()} | floats


def finite(array: np.ndarray) -> bool:
    # The sum of squares is the cheaper question; it may overflow, then each entry is asked.
    return math.isfinite(array.dot(array)) or bool(np.isfinite(array).all())


# --- where the parameters live ----------------------------------------------------------

class Place(NamedTuple):
    """A parameter and its home: the stretch of an arena that it must be a view of."""
    group: int
    position: int                       # among all parameters, in the order they came
    name: str | None
    tensor: Tensor
    home: np.ndarray

    def __str__(self) -> str:
        return f"{self.name or f'parameter {self.position}'} of shape {self.home.shape}"


class Part:
    """Parameters that step together: of one group and dtype, after equally many steps.

    Their states are flat arrays in the order of `places`, or floats that all share.
    """

    def __init__(self, places: list[Place], records: list[dict[str, Any]]):
        memory = places[0].home.base
        size = sum(place.home.size for place in places)
        self.places, self.t = places, records[0]["t"]
        self.gradient = np.empty(size, places[0].home.dtype)
        self.memory = memory if memory is not None and memory.size == size else None
        self.reading = None if self.memory is None else self.memory.view()
        if self.reading is not None:
            self.reading.flags.writeable = False
        self.states = {name: join([record[name] for record in records])
                       for name in records[0] if name != "t"}

    def theta(self) -> np.ndarray:
        """The parameters end to end, in an array that cannot be written."""
        return join([p.home for p in self.places]) if self.reading is None else self.reading

    def pieces(self, flat: Any) -> list[Any]:
        """A flat array cut into the shapes of the parameters; a float for each."""
        if type(flat) is float:
            return [flat]*len(self.places)
        ends = np.cumsum([place.home.size for place in self.places])[:-1]
        return [piece.reshape(place.home.shape)
                for piece, place in zip(np.split(flat, ends), self.places)]

    def records(self) -> list[dict[str, Any]]:
        """For each parameter its t and its states."""
        columns = {name: self.pieces(state) for name, state in self.states.items()}
        return [{"t": self.t} | {name: column[i] for name, column in columns.items()}
                for i in range(len(self.places))]

    def take(self, indices: list[int]) -> "Part":
        records = self.records()
        return Part([self.places[i] for i in indices], [records[i] for i in indices])

    def write(self, theta: np.ndarray, states: list[Any]) -> None:
        if self.memory is not None:
            self.memory[...] = theta
        else:
            for place, piece in zip(self.places, self.pieces(theta)):
                place.home[...] = piece
        for place in self.places:
            place.tensor._bump()
        self.states = dict(zip(self.states, states))
        self.t += 1


def join(values: list[Any]) -> Any:
    """Arrays end to end, safe from a rule that would write them; equal floats as one."""
    if type(values[0]) is float:
        return values[0]
    flat = np.concatenate(values, axis=None)
    flat.flags.writeable = False
    return flat


def parts_of(places: list[Place], records: list[dict[str, Any]]) -> list[Part]:
    """As few parts as can be: in each there is one arena, one t, one value of a float."""
    alike: dict[Any, list[int]] = {}
    for i, (place, record) in enumerate(zip(places, records)):
        floats = tuple(value for value in record.values() if type(value) is float)
        alike.setdefault((id(place.home.base), record["t"], floats), []).append(i)
    return [Part([places[i] for i in indices], [records[i] for i in indices])
            for indices in alike.values()]


def settled(places: list[Place], owner: object) -> list[Place]:
    """Move parameters of one dtype end to end into one flat array."""
    memory = np.concatenate([place.home for place in places], axis=None)
    start, homes = 0, []
    for place in places:
        home = memory[start:start + place.home.size].reshape(place.home.shape)
        start += place.home.size
        place.tensor._adopt(home, owner)
        homes.append(place._replace(home=home))
    return homes


# --- what may be a parameter ------------------------------------------------------------

NO_LIST = (Tensor, np.ndarray, str, dict, set)     # though Python would iterate over them


def members(group: int, params: Any, first: int) -> list[Place]:
    """The places of a group's tensors; one that comes twice is taken once."""
    if isinstance(params, NO_LIST) or not isinstance(params, Iterable):
        raise TypeError(f"params: came {type(params).__name__}; needs tensors in a fixed "
                        "order: [w] for one, model.parameters() for those of a module")
    places: dict[int, Place] = {}
    for item in params:
        named = isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], str)
        name, tensor = item if named else (None, item)
        label = f"group {group}, {name or f'parameter {first + len(places)}'}"
        if not isinstance(tensor, Tensor):
            raise TypeError(f"{label}: came {type(tensor).__name__}; needs a tensor: "
                            "mg.tensor(data, requires_grad=True)")
        if tensor.dtype.kind != "f":
            raise TypeError(f"{label}: came dtype {tensor.dtype}; needs floats: "
                            "mg.tensor(data, requires_grad=True, dtype=float)")
        if not tensor.is_leaf:
            raise ValueError(f"{label} is the result of a computation, which backward() "
                             "leaves without grad; pass the tensors it was computed from")
        if not tensor.requires_grad:
            raise ValueError(f"{label} has requires_grad=False, so it would never move; "
                             "leave it out, or set requires_grad = True")
        places.setdefault(id(tensor), Place(group, first + len(places), name, tensor,
                                            tensor._data))
    if not places:
        raise ValueError(f"group {group} has no parameters; a generator gives its tensors "
                         "only once")
    return list(places.values())


def refuse_sharing(places: list[Place]) -> None:
    """Two groups cannot move one tensor, nor an arena keep two tensors' common memory."""
    seen: dict[int, Place] = {}
    for place in places:
        other = seen.setdefault(id(place.tensor), place)
        if other is not place:
            raise ValueError(f"{place} of group {place.group} is also in group "
                             f"{other.group}; a tensor moves with one group")
    bounds = np.lib.array_utils.byte_bounds
    order = sorted((place for place in places if place.home.size),
                   key=lambda place: bounds(place.home))
    for i, place in enumerate(order):
        end = bounds(place.home)[1]
        for other in order[i + 1:]:
            if bounds(other.home)[0] >= end:
                break
            if np.shares_memory(place.home, other.home):
                raise ValueError(f"{place} and {other} share memory, which the arena would "
                                 "part; pass one tensor where they shall be tied, or copy")


# --- the optimizer ----------------------------------------------------------------------

class Optimizer:
    """Moves parameters by a rule: `loss.backward(); opt.step(); opt.zero_grad()`.

    params: tensors, (name, tensor) pairs, or group dicts {"params": [...], "lr": ...}. The
    parameters move into memory of the optimizer's own; an earlier optimizer loses them.
    hyperparameters: the rule's, where they differ from its defaults. They stand in
    `param_groups`, where they may be changed between steps.
    allow_missing: a parameter without a gradient is left as it is, instead of an error.
    check_finite: refuse a gradient or a result with inf or NaN in it, instead of NumPy's
    warnings.
    """

    rule: Rule

    def __new__(cls, *args: Any, **kwargs: Any):
        _, _, *takes = inspect.signature(cls.__init__).parameters.values()
        names = [parameter.name for parameter in takes]
        for name in kwargs.keys() - {"params", *names}:
            if not any(parameter.kind is parameter.VAR_KEYWORD for parameter in takes):
                raise TypeError(unknown(cls.__name__, name, names))
        return super().__new__(cls)

    def __init__(self, params: Iterable[Any], rule: Rule | str,
                 hyperparameters: dict[str, Any] | None = None, *,
                 allow_missing: bool = False, check_finite: bool = True):
        self.rule = named_rule(rule)
        self.allow_missing, self.check_finite = allow_missing, check_finite
        self.defaults = self._validated(hyperparameters or {})
        self.param_groups: list[dict[str, Any]] = []
        self.t = 0
        self._known: list[dict[str, Any]] = []        # param_groups as last validated
        self._settings: list[dict[str, float]] = []   # its hyperparameters alone
        self._parts: list[Part] = []
        if not isinstance(params, NO_LIST) and isinstance(params, Iterable):
            params = list(params)
        grouped = isinstance(params, list) and params and isinstance(params[0], dict)
        self._add(list(params) if grouped else [{"params": params}])

    def add_param_group(self, group: dict[str, Any]) -> None:
        """Take further parameters; their first step is their t = 1."""
        self._add([group])

    def _validated(self, given: dict[str, Any]) -> dict[str, float]:
        return validated(self.rule, given)

    def _places(self) -> list[Place]:
        return sorted((place for part in self._parts for place in part.places),
                      key=lambda place: place.position)

    def _add(self, groups: list[Any]) -> None:
        places, settings = self._places(), []
        first, start = len(self._known), len(places)
        for k, group in enumerate(groups, first):
            if not isinstance(group, dict) or "params" not in group:
                raise TypeError(f"group {k}: came {type(group).__name__}; needs a dict "
                                "with 'params'; tensors and groups cannot be mixed")
            options = {name: value for name, value in group.items() if name != "params"}
            settings.append(self._validated(self.defaults | options))
            places += members(k, group["params"], len(places))
        refuse_sharing(places)
        for k, values in enumerate(settings, first):
            mine = [place for place in places[start:] if place.group == k]
            group = {"params": tuple(place.tensor for place in mine), **values}
            self.param_groups.append(group)
            self._known.append(dict(group))
            self._settings.append(values)
            for dtype in dict.fromkeys(place.home.dtype for place in mine):
                homes = settled([p for p in mine if p.home.dtype == dtype], self)
                self._parts += parts_of(homes, [
                    {"t": 0} | first_states(self.rule, place.home, values)
                    for place in homes])

    # --- a step -------------------------------------------------------------------------

    def zero_grad(self) -> None:
        """Set every parameter's grad to None."""
        for part in self._parts:
            for place in part.places:
                place.tensor.grad = None

    def step(self) -> None:
        """Apply the rule once, to every parameter at its gradient.

        Raises, and then has changed nothing: RuntimeError for a parameter that was given
        other memory or wants a gradient and has none; TypeError or ValueError for
        gradients and hyperparameters that do not fit; FloatingPointError for inf and NaN.
        """
        self._check_groups()
        moves = []
        for part in list(self._parts):
            found = [self._gradient(place) for place in part.places]
            gradients = [g for g in found if g is not None]
            if 0 < len(gradients) < len(found):
                part = self._set_apart(part, [g is not None for g in found])
            if gradients:
                moves.append((part, *self._move(part, gradients)))
        for part, theta, states in moves:
            part.write(theta, states)
        self.t += 1

    def _gradient(self, place: Place) -> np.ndarray | None:
        """The gradient of a parameter, or None if it shall be skipped."""
        tensor, home = place.tensor, place.home
        if tensor._data is not home:
            owner = tensor._owner()
            by = (f"a later {type(owner).__name__} has taken it over"
                  if owner not in (None, self) else "its data was replaced")
            raise RuntimeError(f"{place} left this optimizer's memory: {by}. Write "
                               "p.data[...] = values, or make a new optimizer")
        gradient = tensor.grad
        if not tensor.requires_grad:
            return None
        if gradient is None:
            if self.allow_missing:
                return None
            raise RuntimeError(
                f"{place} wants a gradient and has none; does the loss depend on it, and "
                "was backward() called after zero_grad()? To skip such parameters pass "
                "allow_missing=True, to freeze one set its requires_grad = False")
        if type(gradient) is not np.ndarray:
            raise TypeError(f"the gradient of {place} came as {type(gradient).__name__}; "
                            "needs an ndarray")
        if gradient.shape != home.shape or gradient.dtype != home.dtype:
            raise ValueError(f"the gradient of {place} came as {gradient.dtype} of shape "
                             f"{gradient.shape}; needs {home.dtype} of its shape")
        return gradient

    def _set_apart(self, part: Part, steps: list[bool]) -> Part:
        """Split a part in two, whose t will differ; return the one that steps now."""
        moving, resting = (part.take([i for i, s in enumerate(steps) if s is which])
                           for which in (True, False))
        at = self._parts.index(part)
        self._parts[at:at + 1] = [moving, resting]
        return moving

    def _move(self, part: Part, gradients: list[np.ndarray]) -> tuple[Any, list[Any]]:
        """Where the rule would take a part."""
        settings = self._settings[part.places[0].group]
        g = np.concatenate(gradients, axis=None, out=part.gradient)
        # Where results are looked at, NumPy's warnings about them would only come first.
        with np.errstate(all="ignore" if self.check_finite else None):
            if self.check_finite and not finite(g):
                raise FloatingPointError(self._not_finite(part, g, "gradient"))
            theta = part.theta()
            results = self.rule(theta, g, *part.states.values(), t=part.t + 1, **settings)
            if not isinstance(results, tuple):
                results = (results,)
            if len(results) != len(part.states) + 1:
                raise TypeError(f"{name_of(self.rule)} returned {len(results)} values; "
                                f"needs theta and {len(part.states)} states")
            names, before = ["theta", *part.states], [theta, *part.states.values()]
            after = [self._kept(part, name, old, new, g)
                     for name, old, new in zip(names, before, results)]
        return after[0], after[1:]

    def _kept(self, part: Part, name: str, old: Any, new: Any, g: np.ndarray) -> Any:
        """A result of the rule, if it may take the place of `old`."""
        if type(old) is float:
            if not self.check_finite or math.isfinite(new):
                return float(new)
            raise FloatingPointError(f"{name_of(self.rule)}: {name} became {new!r}")
        if type(new) is not np.ndarray or new.shape != old.shape or new.dtype != old.dtype:
            came = getattr(new, "dtype", type(new).__name__)
            raise TypeError(f"{name_of(self.rule)}: {name} came back as {came} of shape "
                            f"{np.shape(new)}; needs {old.dtype} of shape {old.shape} (use "
                            "Python numbers as constants, and work elementwise)")
        if self.check_finite and not finite(new):
            raise FloatingPointError(self._not_finite(part, new, f"new {name}"))
        # What is, or looks into, memory that is written later would change with it.
        return new.copy() if new is g or new.base is not None else new

    def _not_finite(self, part: Part, flat: np.ndarray, what: str) -> str:
        counts = [(np.count_nonzero(~np.isfinite(piece)), place)
                  for piece, place in zip(part.pieces(flat), part.places)]
        found = "; ".join(f"{count} of {place.home.size} entries for {place}"
                          for count, place in counts if count)
        lost = [f"{name} = {value!r} is 0 in {flat.dtype}"
                for name, value in self._settings[part.places[0].group].items()
                if value and not flat.dtype.type(value)]
        why = f" ({', '.join(lost)}: choose a larger one)" if lost else ""
        return (f"step {part.t + 1}: the {what} is not finite: {found}{why}. Nothing was "
                "written; lower lr or find where it arises, or pass check_finite=False")

    def _check_groups(self) -> None:
        """Accept what was changed in param_groups, if it is allowed."""
        if len(self.param_groups) != len(self._known):
            raise ValueError(f"param_groups has {len(self.param_groups)} groups, the "
                             f"optimizer {len(self._known)}; use add_param_group")
        for k, (group, known) in enumerate(zip(self.param_groups, self._known)):
            if len(group) == len(known):
                for name, value in known.items():
                    if group.get(name) is not value:
                        break
                else:
                    continue
            if group.get("params") is not known["params"]:
                raise ValueError(f"group {k}: 'params' was replaced; make a new optimizer, "
                                 "or use add_param_group")
            if missing := known.keys() - group.keys():
                raise ValueError(f"group {k}: {', '.join(sorted(missing))} was removed")
            given = {name: value for name, value in group.items() if name != "params"}
            self._settings[k] = self._validated(given)
            group.pop("betas", None)
            self._known[k] = {"params": known["params"], **self._settings[k]}
            group.update(self._settings[k])

    # --- saving -------------------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """Copies of all that the next step depends on, but for the parameters' values."""
        self._check_groups()
        groups: list[dict[str, Any]] = [
            {**settings, "params": [], "names": []} for settings in self._settings]
        for place in self._places():
            groups[place.group]["params"].append(place.position)
            groups[place.group]["names"].append(place.name)
        state = {place.position: copy.deepcopy(record) for part in self._parts
                 for place, record in zip(part.places, part.records())}
        return {"rule": name_of(self.rule), "t": self.t,
                "state": dict(sorted(state.items())), "param_groups": groups}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Continue where `state_dict` was taken.

        Raises ValueError, and then has changed nothing, if it is of another rule or of
        other groups, names, shapes or dtypes.
        """
        own, settings = self.state_dict(), []
        agree("keys", set(state_dict), set(own))
        agree("rule", state_dict["rule"], own["rule"])
        agree("number of groups", len(state_dict["param_groups"]), len(self._known))
        for k, mine in enumerate(own["param_groups"]):
            group = dict(state_dict["param_groups"][k])
            agree(f"keys of group {k}", set(group), set(mine))
            agree(f"parameters of group {k}", list(group.pop("params")), mine["params"])
            names = [name and needed and name for name, needed
                     in zip(group.pop("names"), mine["names"], strict=True)]
            agree(f"names in group {k}", names,
                  [needed if name else name for name, needed in zip(names, mine["names"])])
            settings.append(self._validated(group))
        agree("parameters with a state", set(state_dict["state"]), set(own["state"]))
        places = self._places()
        records = [fitting(place, state_dict["state"][i], own["state"][i])
                   for i, place in enumerate(places)]
        self.t = fitting("the optimizer", {"t": state_dict["t"]}, {"t": 0})["t"]
        self._parts = parts_of(places, records)
        for group, values in zip(self.param_groups, settings):
            group.update(values)
        self._check_groups()

    def __getstate__(self) -> dict[str, Any]:
        groups: list[dict[str, Any]] = [{"params": []} | s for s in self._settings]
        for place in self._places():
            member = (place.name, place.tensor) if place.name else place.tensor
            groups[place.group]["params"].append(member)
        return {"groups": groups, "rule": self.rule, "defaults": self.defaults,
                "allow_missing": self.allow_missing, "check_finite": self.check_finite,
                "frozen": [p.tensor for p in self._places() if not p.tensor.requires_grad],
                "state_dict": self.state_dict()}

    def __setstate__(self, saved: dict[str, Any]) -> None:
        for tensor in saved["frozen"]:
            tensor.requires_grad = True
        Optimizer.__init__(self, saved["groups"], saved["rule"], saved["defaults"],
                           allow_missing=saved["allow_missing"],
                           check_finite=saved["check_finite"])
        self.load_state_dict(saved["state_dict"])
        for tensor in saved["frozen"]:
            tensor.requires_grad = False

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for k, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {k}")
            lines += [f"    {name}: {group[name]}" for name in sorted(group)
                      if name != "params"]
            size = sum(tensor.size for tensor in group["params"])
            lines.append(f"    params: {len(group['params'])} tensors, {size} numbers")
        return "\n".join([*lines, ")"])


def agree(what: str, came: Any, needed: Any) -> None:
    if came != needed:
        raise ValueError(f"load_state_dict: {what}: came {came}, needs {needed}")


def fitting(place: object, record: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """A loaded record, if its states are of the kinds, shapes and dtypes of our own."""
    agree(f"states of {place}", set(record), set(own))
    loaded = {}
    for name, needed in own.items():
        value = np.asarray(record[name])
        kinds = [(array.dtype, array.shape) for array in (value, np.array(needed))]
        agree(f"{name} of {place}", *kinds)
        loaded[name] = value if isinstance(needed, np.ndarray) else value.item()
    agree(f"whether t of {place} is negative", loaded["t"] < 0, False)
    return loaded


# --- one class for each rule ------------------------------------------------------------
# Positional arguments stand where PyTorch's stand; the others must be named.

class GradientDescent(Optimizer):
    """theta - lr*g. With gradients of random batches it is SGD, which is its other name."""

    def __init__(self, params: Iterable[Any], lr: float = 0.1, *,
                 allow_missing: bool = False, check_finite: bool = True):
        super().__init__(params, rules.gradient_descent, {"lr": lr},
                         allow_missing=allow_missing, check_finite=check_finite)


SGD = GradientDescent


class Momentum(Optimizer):
    """Heavy ball, with lr inside the velocity; mu is PyTorch's momentum."""

    def __init__(self, params: Iterable[Any], lr: float = 0.01, mu: float = 0.9, *,
                 allow_missing: bool = False, check_finite: bool = True):
        super().__init__(params, rules.momentum, {"lr": lr, "mu": mu},
                         allow_missing=allow_missing, check_finite=check_finite)


class NAG(Optimizer):
    """Nesterov's accelerated gradient; the parameters are the look-ahead point."""

    def __init__(self, params: Iterable[Any], lr: float = 0.01, mu: float = 0.9, *,
                 allow_missing: bool = False, check_finite: bool = True):
        super().__init__(params, rules.nag, {"lr": lr, "mu": mu},
                         allow_missing=allow_missing, check_finite=check_finite)


class Adagrad(Optimizer):
    """Steps divided by the root of all squared gradients so far."""

    def __init__(self, params: Iterable[Any], lr: float = 0.01, *, eps: float = 1e-10,
                 allow_missing: bool = False, check_finite: bool = True):
        super().__init__(params, rules.adagrad, {"lr": lr, "eps": eps},
                         allow_missing=allow_missing, check_finite=check_finite)


class RMSprop(Optimizer):
    """Adagrad that forgets; rho is PyTorch's alpha, whose default is 0.99."""

    def __init__(self, params: Iterable[Any], lr: float = 0.001, rho: float = 0.9,
                 eps: float = 1e-8, *,
                 allow_missing: bool = False, check_finite: bool = True):
        super().__init__(params, rules.rmsprop, {"lr": lr, "rho": rho, "eps": eps},
                         allow_missing=allow_missing, check_finite=check_finite)


class Adadelta(Optimizer):
    """RMSprop whose learning rate is the size of its own past steps; it takes no lr."""

    def __init__(self, params: Iterable[Any], *, rho: float = 0.95, eps: float = 1e-6,
                 allow_missing: bool = False, check_finite: bool = True):
        super().__init__(params, rules.adadelta, {"rho": rho, "eps": eps},
                         allow_missing=allow_missing, check_finite=check_finite)


class Adam(Optimizer):
    """The mean gradient in units of its root mean square."""

    def __init__(self, params: Iterable[Any], lr: float = 0.001,
                 betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8, *,
                 allow_missing: bool = False, check_finite: bool = True):
        super().__init__(params, rules.adam, {"lr": lr, "betas": betas, "eps": eps},
                         allow_missing=allow_missing, check_finite=check_finite)


class AdaMax(Optimizer):
    """Adam with the largest recent |g| in place of the root mean square."""

    def __init__(self, params: Iterable[Any], lr: float = 0.002,
                 betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8, *,
                 allow_missing: bool = False, check_finite: bool = True):
        super().__init__(params, rules.adamax, {"lr": lr, "betas": betas, "eps": eps},
                         allow_missing=allow_missing, check_finite=check_finite)


class Nadam(Optimizer):
    """Adam with Nesterov's momentum, which grows to mu at a speed psi."""

    def __init__(self, params: Iterable[Any], lr: float = 0.002, *,
                 mu: float = 0.9, beta2: float = 0.999, eps: float = 1e-8,
                 psi: float = 0.004,
                 allow_missing: bool = False, check_finite: bool = True):
        super().__init__(params, rules.nadam,
                         {"lr": lr, "mu": mu, "beta2": beta2, "eps": eps, "psi": psi},
                         allow_missing=allow_missing, check_finite=check_finite)


class AdamW(Optimizer):
    """Adam that takes the share weight_decay off the parameters, not multiplied by lr."""

    def __init__(self, params: Iterable[Any], lr: float = 0.001,
                 betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
                 weight_decay: float = 1e-5, *,
                 allow_missing: bool = False, check_finite: bool = True):
        super().__init__(params, rules.adamw, {"lr": lr, "betas": betas, "eps": eps,
                                               "weight_decay": weight_decay},
                         allow_missing=allow_missing, check_finite=check_finite)

    _warned = False

    def _validated(self, given: dict[str, Any]) -> dict[str, float]:
        settings = super()._validated(given)
        if settings["weight_decay"] > 1e-3 and not self._warned:
            self._warned = True
            warnings.warn(
                f"AdamW: weight_decay = {settings['weight_decay']} is taken off in every "
                "step; this one is PyTorch's times lr. Write that "
                "product, or use optim.dialects.torch.AdamW", stacklevel=4)
        return settings


class AMSGrad(Optimizer):
    """Adam whose denominator never shrinks, without bias correction."""

    def __init__(self, params: Iterable[Any], lr: float = 0.001,
                 betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8, *,
                 allow_missing: bool = False, check_finite: bool = True):
        super().__init__(params, rules.amsgrad, {"lr": lr, "betas": betas, "eps": eps},
                         allow_missing=allow_missing, check_finite=check_finite)


OPTIMIZERS: dict[str, type[Optimizer]] = dict(zip(rules.RULES, (
    GradientDescent, Momentum, NAG, Adagrad, RMSprop, Adadelta,
    Adam, AdaMax, Nadam, AdamW, AMSGrad), strict=True))
