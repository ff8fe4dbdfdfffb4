"""A run of homework from its beginning: made, called step by step, looked into."""
import contextlib
import copy
import functools
import inspect
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from optim import rules
from optim.lifting.arguments import Arguments
from optim.lifting.calling import METHODS, Layout, Roles, Tensor, layouts
from optim.lifting.graph import Node, node_of
from optim.lifting.names import HOMEWORK, HYPERPARAMETERS, PAIRS
from optim.lifting.storage import (
    Leaf, Path, Snapshot, Walk, is_mutable, is_number, refuse_put)
from optim.optimizers.signatures import anatomy, name_of

TRIAL_STEPS = 3
SIZES = {"shape", "size", "dim", "n_params", "num_params"}
DEFAULTS: dict[str, float] = {}                     # of letters that come without
for _rule in rules.RULES.values():
    DEFAULTS = anatomy(_rule)[1] | DEFAULTS


class HomeworkArguments(Arguments):
    """Arguments by homework's names: alpha is a learning rate, if nothing else is."""

    def letters_of(self, argument: str) -> list[str]:
        names = HYPERPARAMETERS | HOMEWORK
        value = self.values[argument]
        if isinstance(value, tuple):
            return PAIRS.get(argument) or [f"{argument}{i + 1}" for i in range(len(value))]
        meant = names.get(argument.lower(), argument)
        others = {names.get(n.lower(), n) for n in self.values if n != argument}
        return [argument if meant in others or meant in ("g", "theta", "t") else meant]


class Target:
    """What is lifted: a function, or a class or what makes one; how it is called."""

    def __init__(self, target: Any, given: Mapping[str, Any]):
        self.whole = target
        self.name = name_of(target)
        if not self.name.isidentifier():
            self.name = "homework"
        walk = Walk()
        for _ in walk.leaves(target, (self.name,), refuse_put):
            pass
        self.snapshot, self.spaces = Snapshot(walk.lasting), walk.spaces
        self.libraries = walk.libraries
        self.counts = False                         # whether t is given back
        self.first_t = 0
        self.memory: Any = None
        self.make: Callable | None = None           # what makes the object with the method
        self.object: Any = None
        self.given = dict(given)
        self.letters_inside = True                  # whether what it holds may be letters
        self.arguments: HomeworkArguments | None
        self.hyper: dict[str, float]
        if isinstance(target, type):
            self.make = target
        elif not isinstance(target, (types.FunctionType, types.MethodType)):
            self.object = target
        elif isinstance(target, types.FunctionType):
            roles = Roles(target, self.name)
            if roles.theta is None and roles.g is None:     # it gives what does a step
                self.make = target
        self.takes_parameters = ""
        maker = self.make or (target if isinstance(target, types.FunctionType) else None)
        if self.make is None and maker is not None:
            self.roles = Roles(maker, self.name)
            self.read_arguments(maker, self.roles)
        elif self.make is not None:
            self.read_constructor()
        else:
            if self.given:
                raise TypeError(f"{self.name}: is made already; it takes no arguments")
            self.arguments, self.hyper = None, {}
            self.roles = self.method_roles(self.object or target)

    # --------------------------------------------------------------------------- arguments
    def read_arguments(self, f: Callable, roles: Roles) -> None:
        """The hyperparameters among a function's arguments."""
        signature = inspect.signature(f).parameters
        inside = {n: x for n, x in self.given.items()
                  if n not in signature and roles.memory}
        if inside:
            self.memory = inside
        given = {n: x for n, x in self.given.items() if n not in inside}
        if roles.memory in given:
            self.memory = dict(given.pop(roles.memory) or {})
        left = [n for n, p in signature.items()
                if n not in roles.hyper or is_mutable(p.default)]
        names = HYPERPARAMETERS | HOMEWORK
        instead = {n: DEFAULTS[names.get(n.lower(), n)] for n in roles.hyper
                   if names.get(n.lower(), n) in DEFAULTS}
        arguments = HomeworkArguments(f, given, instead, left)
        self.arguments, self.hyper = arguments, dict(arguments.hyper)

    def read_constructor(self) -> None:
        """The hyperparameters among what makes an object; its method's parameters."""
        make = self.make
        assert make is not None
        roles = Roles(make, self.name)
        parameters = inspect.signature(make).parameters
        required = [n for n in (roles.theta, roles.g, *roles.states, roles.memory, roles.t)
                    if n and n in roles.needed]
        names = HYPERPARAMETERS | HOMEWORK
        instead = {n: DEFAULTS[names.get(n.lower(), n)] for n in roles.needed
                   if names.get(n.lower(), n) in DEFAULTS}
        self.sizes = [n for n in required if n.lower() in SIZES]
        required = [n for n in required if n not in self.sizes and n not in instead]
        self.takes_parameters = required[0] if required else ""
        left = required + [n for n, p in parameters.items() if is_mutable(p.default)]
        arguments = HomeworkArguments(make, self.given, instead, left)
        for n in required[1:]:
            if n not in self.given:
                raise TypeError(f"{self.name} needs {n}: lift(..., {n}=…)")
        self.arguments, self.hyper = arguments, dict(arguments.hyper)
        self.roles = Roles(lambda w, g: w, self.name)           # until it is made

    def method_roles(self, made: Any) -> Roles:
        """The method that does a step, and its parameters."""
        if isinstance(made, (types.FunctionType, types.MethodType)):
            self.method = ""
            return Roles(made, self.name)
        public = [n for n in dir(made) if n[0] != "_" and isinstance(
            inspect.getattr_static(made, n, None), types.FunctionType)]
        found = [n for n in METHODS if isinstance(inspect.getattr_static(
            type(made), n, None), types.FunctionType)] or (
                public if len(public) == 1 else [])
        if not found:
            raise TypeError(f"{self.name} has no method {', '.join(METHODS)}; it has "
                            f"{', '.join(public) or 'none'}")
        self.method = found[0]
        return Roles(getattr(made, found[0]), f"{self.name}.{found[0]}")

    # ------------------------------------------------------------------ the way of calling
    def choose(self, plain: Callable[[Layout, int], Any]) -> None:
        """Take the first layout of parameters in which plain steps run."""
        wrong: list[Exception] = []
        if self.make is not None:
            self.roles = self.roles_of_made()
        for kind in layouts([self.roles]):
            self.layout = Layout(kind)
            for memory, first in ((None, 0), (None, 1), ({}, 0)):
                self.first_t = first
                if self.roles.memory and memory == {} and self.memory is None:
                    self.memory = {}
                try:
                    with contextlib.suppress(GivenBack):
                        plain(self.layout, TRIAL_STEPS)
                        return
                    plain(self.layout, TRIAL_STEPS)
                    return
                except Exception as error:
                    if isinstance(error, NotImplementedError) and str(error):
                        raise
                    wrong.append(error)
        if self.roles.memory in self.roles.needed and not self.memory:
            # It is no dict of states, then, but one state, which starts at 0.
            self.roles.states[self.roles.memory], self.roles.memory = None, None
            return self.choose(plain)
        first_wrong = next((e for e in wrong if not isinstance(e, Unfit)), wrong[0])
        raise TypeError(f"{self.name}: called with NumPy arrays, in a dict or a list, or "
                        f"with numbers, it fails: {type(first_wrong).__name__}: "
                        f"{first_wrong}") from first_wrong

    def roles_of_made(self) -> Roles:
        """The method's parameters, of one that is made on parameters of any kind."""
        assert self.make is not None and self.arguments is not None
        wrong: Exception | None = None
        for kind in ("array", "list", "dict", "objects"):
            try:
                layout = Layout(kind)
                theta = layout.put([np.ones(2) for _ in layout.keys])
                return self.method_roles(self.made(theta, (2,), lambda n, x: x))
            except (TypeError, ValueError) as error:
                wrong = wrong or error
                if "has no method" in str(error):
                    raise
            except Exception as error:
                wrong = wrong or error
        raise TypeError(f"{self.name}: {type(wrong).__name__}: {wrong}") from wrong

    def made(self, theta: Any, shape: tuple, number: Callable[[str, float], Any]) -> Any:
        """An object with its arguments."""
        assert self.make is not None and self.arguments is not None
        keywords = self.arguments.with_numbers(number)
        if self.takes_parameters:
            keywords[self.takes_parameters] = theta
        for n in getattr(self, "sizes", ()):
            keywords[n] = shape if n == "shape" or len(shape) != 1 else shape[0]
        return self.make(**keywords)

    # ------------------------------------------------------------------------------- paths
    def is_key(self, part: Any) -> bool:
        """Whether a part of a path is the key of a parameter."""
        keys = self.layout.keys
        return keys != (None,) and any(type(part) is type(k) and part == k for k in keys)

    def in_memory(self, path: Path) -> bool:
        """Whether it is in a dict that is handed over."""
        return bool(self.roles.memory) and path[0] == self.roles.memory and len(path) == 2

    def own_argument(self, path: Path) -> bool:
        """Whether it is a default of an argument that is given anyhow."""
        if self.make is None and self.object is None:
            return len(path) == 2 and path[0] == "self" and path[1] in self.roles.order
        return path[:3] == ("self", "class", "__init__")


class Unfit(TypeError):
    """Parameters that are passed otherwise."""


class GivenBack(Exception):
    """What counts the steps is among the results."""


class Session:
    """One run from the beginning.

    number(letter, default) is what a letter is, zeros(shape) where a state starts.
    """

    def __init__(self, target: Target, layout: Layout, theta: list,
                 number: Callable[[str, float], Any], zeros: Callable[[Any], Any],
                 letters: Any = None):
        target.snapshot.begin()
        self.target, self.layout, self.number, self.zeros = target, layout, number, zeros
        self.inner = letters.inner if letters else {}
        self.defaults = letters.hyper if letters else {}
        self.shapes = [np.shape(x) for x in theta]
        self.theta = layout.put(theta)
        self.count = 0
        self.now: Any = None                    # what t is, if not the count of steps
        self.kept: dict[str, Any] = {}
        roles = target.roles
        self.root: Any = target.whole if target.object is None else copy.deepcopy(
            target.object)
        self.put_letters()
        if target.make is not None:
            self.root = target.made(self.theta, self.shapes[0], number)
        self.call = getattr(self.root, target.method) if getattr(
            target, "method", "") else self.root
        self.keywords: dict[str, Any] = target.arguments.with_numbers(number) if (
            target.make is None and target.arguments is not None) else {}
        for name, default in roles.states.items():
            self.kept[name] = default
            if default is None and name in roles.needed:
                self.kept[name] = layout.put([
                    zeros(s) if s else 0.0 for s in self.shapes]) if layout.kind not in (
                        "objects", "object") else zeros(self.shapes[0])
        if roles.memory:
            ready = {p[1]: number(name, self.defaults[name]) for p, name in
                     self.inner.items() if target.in_memory(p)}
            first = copy.deepcopy(target.memory)
            self.kept[roles.memory] = first if not ready and first is None else {
                **(first or {}), **ready}
            if self.kept[roles.memory] is None and roles.memory in roles.needed:
                self.kept[roles.memory] = {}
        if target.counts and roles.t:
            self.kept[roles.t] = self.first_count()
        self.put_letters()

    def first_count(self) -> int:
        """Where an argument starts that counts steps and is given back."""
        roles = self.target.roles
        default = inspect.signature(roles.f).parameters[roles.t or "t"].default
        return self.target.first_t if default is inspect.Parameter.empty else default

    def put_letters(self) -> None:
        """Give each hyperparameter that is no argument its number."""
        for leaf in self.leaves():
            if leaf.path in self.inner and not isinstance(node_of(leaf.value), Node):
                name = self.inner[leaf.path]
                leaf.put(self.number(name, self.defaults[name]))

    def step(self, gradients: list[Any]) -> None:
        """A step with these gradients."""
        roles, layout = self.target.roles, self.layout
        self.count += 1
        keywords = {**self.keywords, **self.kept}
        if roles.memory and keywords[roles.memory] is None:
            del keywords[roles.memory]
        if roles.theta:
            keywords[roles.theta] = self.theta
        if roles.g:
            keywords[roles.g] = layout.put(gradients)
        if layout.kind in ("objects", "object"):
            for x, g in zip(self.theta if layout.kind == "objects" else [self.theta],
                            gradients):
                x.grad = g
        if roles.t and roles.t not in self.kept:
            keywords[roles.t] = self.count if self.now is None else self.now
        self.take(self.call(**keywords))

    def take(self, out: Any) -> None:
        """What a step gives back."""
        roles, kind = self.target.roles, self.layout.kind
        if out is None or out is self.root:
            return
        named = {roles.theta, roles.t, roles.memory, *roles.states} - {None}
        if isinstance(out, tuple):
            results = roles.results(out)
        elif isinstance(out, dict) and roles.theta in out and out.keys() <= named:
            results = out
        elif roles.theta is None and self.target.takes_parameters == "":
            raise TypeError("a step without parameters gives a result")
        else:
            results = {roles.theta or "": out}
        for name, x in results.items():
            if name in (roles.theta, ""):
                self.put_theta(x, kind)
            elif name == roles.t and not self.target.counts:
                self.target.counts = True
                raise GivenBack
            else:
                self.kept[name] = x

    def put_theta(self, x: Any, kind: str) -> None:
        fits = {"array": isinstance(x, np.ndarray), "number": is_number(x),
                "dict": isinstance(x, dict), "list": isinstance(x, (list, tuple)),
                "objects": isinstance(x, (list, tuple)), "object": isinstance(x, Tensor)}
        if not fits[kind]:
            raise Unfit(f"a step gives a {type(x).__name__}; needed the new parameter")
        self.theta = x if kind != "list" else list(x)

    def parameters(self) -> list[Any]:
        """The parameters now."""
        return self.layout.get(self.theta)

    def replace_parameters(self, values: list[Any]) -> None:
        """Put other values where the parameters are."""
        for i, (old, new) in enumerate(zip(self.parameters(), values)):
            if isinstance(old, np.ndarray) and old.dtype == object and old.shape:
                old[...] = new
            elif self.layout.kind in ("dict", "list"):
                self.theta[self.layout.keys[i]] = new
            elif self.layout.kind == "number" or self.layout.kind == "array":
                self.theta = new
            else:
                (self.theta[i] if self.layout.kind == "objects" else self.theta).data = new

    def leaves(self) -> Iterator[Leaf]:
        """All that is remembered, but for the parameters themselves."""
        walk = Walk()
        if self.layout.kind not in ("array", "number"):
            walk.seen.add(id(self.theta))
        if self.layout.kind == "objects":
            walk.seen |= {id(x) for x in self.theta}
        own = [x for x in self.parameters() if isinstance(x, np.ndarray)]
        held = self.theta if self.layout.kind == "objects" else self.parameters()
        ids = {id(x): self.layout.keys[j] for j, x in enumerate(held)}
        kept = [(n, x) for n, x in self.kept.items()]
        for name, x in kept:
            yield from walk.leaves(x, (name,), functools.partial(
                self.kept.__setitem__, name))
        for leaf in walk.leaves(self.root, ("self",), refuse_put):
            if not any(isinstance(leaf.value, np.ndarray) and np.may_share_memory(
                    leaf.value, x) for x in own):
                yield leaf._replace(path=tuple(ids.get(p, p) if isinstance(p, int) else p
                                               for p in leaf.path))

    def remembered(self) -> dict[Path, Any]:
        """The value of each leaf now."""
        return {leaf.path: np.copy(leaf.value) if isinstance(leaf.value, np.ndarray)
                else leaf.value for leaf in self.leaves()}
