"""Kernels: a rule's own calls, as source that writes their results into arrays kept for it.

minigrad.compiler records the rule and prints it; here are the forms that a step needs: its
numbers; its calls on arrays with results in other arrays, from which nothing is taken
before all was looked at; and the same in place.
"""
import itertools
import operator
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from types import FunctionType, ModuleType
from typing import Any, NamedTuple

import numpy as np

from optim.optimizers.signatures import (
    Rule, anatomy, name_of, step_of, supplied_to)

SHAPE = 4,                              # of the arrays as recorded; a kernel takes any
TRUTHS = {operator.lt, operator.le, operator.eq, operator.ne, operator.gt, operator.ge}
made = itertools.count()


class Form(NamedTuple):
    """A printed program. bind(*arrays, *scratch) gives its step; scratch: their dtypes."""
    source: str
    bind: Callable[..., Any]
    scratch: list[np.dtype]
    takes_g: bool = False       # whether step takes g, before the numbers, and tells of inf


@dataclass(frozen=True, eq=False)
class Kernel:
    """A rule as programs.

    numbers(*states that are floats, t, *hyperparameters) gives a tuple: the `passed`
    numbers that the others' step takes, then those states after the step. into_others
    binds theta, g, the states that are arrays, and where their results and theta's go;
    in_place the former only. programs: these two as the compiler's. outside: the
    names that the rule reads, with the values that they had.
    """
    rule: Rule
    numbers: Form
    passed: int
    weak: bool          # whether they come as arrays of one entry, in the parameters' dtype
    into_others: Form
    in_place: Form
    programs: tuple[Any, Any]
    outside: list[Any]

    def holds(self) -> bool:
        """Whether what the rule reads outside is as it was."""
        return all([name.holds() for name in self.outside])


@lru_cache(1000)
def kernel_of(rule: Rule, dtype: np.dtype, floats: frozenset[str],
              rounds: bool) -> Kernel | None:
    """The kernel of a rule for flat arrays of a dtype; None if the rule is not elementwise.

    floats: the states that are numbers. rounds: whether results are rounded to the dtype.
    """
    if find_spec("minigrad.compiler") is None:          # which can be left out
        return None
    if any(kind.entrywise for kind in supplied_to(rule).values()):
        return None
    from minigrad.compiler.calls import Call, Input, Layout, below, mapped, operands
    from minigrad.compiler.kernels import SAMPLES, enlarged, fitting, twice
    from minigrad.compiler.lines import Program
    from minigrad.compiler.watching import names_from
    states, hyperparameters = anatomy(rule)
    values = {name: 0.5 if name in floats else np.ones(SHAPE, dtype)
              for name in ("theta", "g", *states)}
    numbers = {"t": 2} | dict.fromkeys([*hyperparameters, *supplied_to(rule)], 0.5)

    def protected(*arguments: Any, **keywords: Any) -> tuple[Any, ...]:
        for x in arguments:
            if hasattr(x, "flags"):                     # a rule has to leave them alone
                x.value.flags.writeable = False
        return step_of(rule, *arguments, **keywords)

    outside = names_from([(rule, name_of(rule))])
    if any(map(is_or_reads_a_module, (rule, *(name.value for name in outside)))):
        return None                                     # whose attributes nobody watches
    try:
        inputs, results = twice(protected, name_of(rule), values, numbers, SAMPLES)
        inputs, results = enlarged(inputs, results, SHAPE)
        ends = dict(zip(("theta", *states), results, strict=True))
        arrays = {name: fitting(name, inputs[name], node, rounds)
                  for name, node in ends.items() if name not in floats}
    except Exception:           # whatever it is, the rule itself says it when it is called
        return None
    nodes = below(arrays.values())
    if any(not is_array(x) and any(map(is_array, operands(x))) for x in nodes):
        return None                                     # it adds entries up
    calls = [x for x in nodes if type(x) is Call and is_array(x)]
    passed = list({id(x): x for call in calls for x in call.args
                   if type(x) in (Call, Input) and not is_array(x)}.values())
    weak = all(x.layout is None and getattr(x, "function", None) not in TRUTHS
               for x in passed) and all(x.layout.dtype in (dtype, bool) for x in calls)
    given = {id(x): Input(Layout((), dtype, ()) if weak else x.layout, x.name or "k")
             for x in passed}
    for call in calls:
        call.args = mapped(call.args, lambda x: given.get(id(x), x))
    bound = [inputs[name] for name in values if name not in floats]
    others = [Input(inputs[name].layout, f"{name}_next") for name in arrays]
    own = [inputs[name] for name in arrays]

    def program(bound: list[Any], given: list[Any], goals: list[Any], results: list[Any]
                ) -> Any:
        names = ", ".join(goal.name for goal in goals)
        return Program(f"{name_of(rule)}: "
                       f"{f'its results go into {names}' if names else 'its numbers'}.",
                       bound, given, [*zip(goals, arrays.values())],
                       [("number", node) for node in results])

    numbers_of = program([], [inputs[name] for name in (*values, *numbers)
                              if inputs[name] not in bound], [],
                         [*passed, *(ends[name] for name in states if name in floats)])
    programs = (program([*bound, *others], [*given.values()], others, []),
                program(bound, [*given.values()], own, []))
    into_others, in_place = map(printed, programs)
    return Kernel(rule, printed(numbers_of), len(passed), weak, into_others, in_place,
                  programs, [name for name in outside if name.holder is not None])


def is_or_reads_a_module(x: Any) -> bool:
    """Whether something is a module, not of a library, or a function that names one."""
    from minigrad.compiler.code_names import globals_read
    from minigrad.compiler.watching import LIBRARIES
    found = [x]
    if isinstance(x, FunctionType):
        found += map(x.__globals__.get, globals_read(x.__code__))
    return any(isinstance(part, ModuleType)
               and part.__name__.partition(".")[0] not in LIBRARIES for part in found)


@lru_cache(1000)
def form_of(kernel: Kernel, in_place: bool, fast: bool) -> Form:
    """One of the forms of a kernel; fast: as one loop, if numba can compile it."""
    form = kernel.in_place if in_place else kernel.into_others
    return fast and looped(kernel.programs[in_place]) or form


def looped(program: Any) -> Form | None:
    """A program as one loop that numba has compiled, None if it cannot.

    bind gives step(g, *numbers), for any g of that size.
    """
    from numba.core.errors import NumbaError
    from optim.optimizers.fused_loops import Loop, compiled
    source = Loop(program).source
    loop = compiled(source, f"<loop {next(made)}>")
    arrays = [np.ones(SHAPE, node.layout.dtype) for node in program.bound]
    try:
        loop(*arrays, *[0.5 if node.layout is None else node.layout.dtype.type(0.5)
                        for node in program.given])
    except (NumbaError, NotImplementedError):           # of float16
        return None

    def bind(theta: np.ndarray, _: np.ndarray, *others: np.ndarray) -> Callable[..., Any]:
        return lambda g, *numbers: loop(theta, g, *others, *numbers)

    return Form(source, bind, [], True)


def is_array(node: Any) -> bool:
    """Whether a node stands for an array of the recording's shape."""
    return node.layout is not None and node.layout.shape != ()


def printed(program: Any) -> Form:
    """A program of the compiler's as a form, whose scratch arrays are arguments of bind."""
    from minigrad.compiler.calls import Input
    from minigrad.compiler.lines import Lines
    from minigrad.compiler.printing import Printed, executed

    class ScratchLines(Lines):
        def set_aside(self) -> None:
            super().set_aside()
            self.once.clear()
            for mine in self.storages.made:
                scratch.append(Input(mine.layout, mine.name))
                self.names.of[id(scratch[-1])] = mine.name
            self.arrays += scratch

    scratch: list[Any] = []
    source = Printed(ScratchLines(program)).source
    return Form(source, executed(source, f"<kernel {next(made)}>")["bind"],
                [node.layout.dtype for node in scratch])
