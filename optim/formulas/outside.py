"""What a rule uses besides its arguments: constants and pure functions, or it is refused.

The code of a rule, and of each function that it names, is looked through before it is run.
Numbers, texts and containers of them are constants if a run leaves them as they were. A
function is pure if it is listed here, or if its own code is found to be. All else may be
another thing tomorrow: the clock, a file, random numbers, a counter.

Code is refused too where letters would take another way than arrays: where it asks for
types or identities, or catches what only numbers raise.
"""
import builtins
import dis
import math
import sys
from collections import _tuplegetter                # type: ignore[attr-defined]
from collections.abc import Iterable
from types import CodeType, FunctionType, ModuleType, SimpleNamespace
from typing import Any, NoReturn

import numpy as np

from optim.formulas.pure import (
    ASKING, ATTRIBUTE, CONSTANTS, CONTAINERS, HIDDEN, IN_C, LAZY, MOST, OF_ARRAYS, PURE,
    OF_KIND, QUIET, WRAPPERS, WRITES, flat, frozen, of_numpy)
from optim.formulas.source_code import content, within
from optim.optimizers.signatures import name_of


class Outside:
    """What a rule names outside of its arguments, once all of it is allowed.

    Raises ValueError for what may change from run to run, TypeError for a question that
    letters answer otherwise than arrays. Both name the line.
    """

    def __init__(self, rule: Any):
        self.name, self.line = name_of(rule), 0
        self.seen: dict[int, Any] = {}
        self.names: set[str] = set()
        self.numbers: set[float] = set()
        self.containers: list[tuple[int, str, Any]] = []
        self.objects: list[tuple[str, Any]] = []
        self.check(rule, self.name)
        known = 0, 0
        while known != (len(self.names), len(self.objects)):    # a method may name others
            known = len(self.names), len(self.objects)
            for what, x in [*self.objects]:
                self.check_methods(x, what)
        self.before = [frozen(x) for *_, x in self.containers]

    def check_unchanged(self) -> None:
        """Raise ValueError if one of the containers is not what it was."""
        for (self.line, what, x), before in zip(self.containers, self.before):
            if frozen(x) != before:
                self.refuse(f"changes {what}")

    def sizes(self, counted: str) -> tuple[int, ...]:
        """How many entries the rule may look for, by the numbers in it."""
        large = [x for x in self.numbers if MOST < x < math.inf]
        if large:
            raise ValueError(f"{self.name} counts its entries, by {counted}, and has "
                             f"{min(large)} in it, more than are tried: leave one out")
        return *sorted({int(x) for x in self.numbers if 1 <= x <= MOST}), 1000

    def refuse(self, why: str) -> NoReturn:
        raise ValueError(f"{self.name}: line {self.line} {why}; a rule depends on nothing "
                         "but its arguments, constants and pure functions")

    def refuse_use(self, what: str) -> NoReturn:
        self.refuse(f"uses {what}, which may give something else each time")

    def refuse_question(self, why: str) -> NoReturn:
        raise TypeError(f"{self.name}: line {self.line} {why}: a rule does the same to "
                        "whatever numbers it is given; leave the question out")

    def check(self, x: Any, what: str) -> None:
        """Raise unless this is a constant, a pure function, or made of such."""
        if isinstance(x, (int, float)):
            self.numbers.add(x)
        if isinstance(x, CONSTANTS) or id(x) in self.seen or id(x) in PURE:
            return
        self.seen[id(x)] = x
        if id(x) in ASKING:
            self.refuse_question(f"asks {what}(...) of a letter")
        elif isinstance(x, FunctionType):
            self.check_function(x, what)
        elif type(x) in WRAPPERS:
            self.check_each((getattr(x, name) for name in WRAPPERS[type(x)]), what)
        elif isinstance(x, CONTAINERS):
            self.containers.append((self.line, what, x))
            if type(x) not in CONTAINERS:
                self.objects.append((what, x))
            values = x.ravel() if isinstance(x, np.ndarray) else (
                [*x, *x.values()] if isinstance(x, dict) else x)
            self.check_each(values, what)
        elif not of_numpy(x):
            ours = type(x).__module__.startswith(("optim.", "minigrad."))
            if isinstance(x, (type, ModuleType)) or ours or not hasattr(x, "__dict__"):
                self.refuse_use(what)
            self.check(vars(x), what)
            self.objects.append((what, x))

    def check_each(self, parts: Iterable[Any], what: str) -> None:
        for x in parts:
            self.check(x, what)

    def check_methods(self, x: Any, what: str) -> None:
        """What the class of an object has that is named, or that is not named to be used.
        """
        for kind in type(x).__mro__[:-1]:
            for name, part in vars(kind).items() if kind not in CONTAINERS else ():
                hidden = name in HIDDEN or name == "__eq__" and hasattr(
                    x, "__dataclass_fields__")
                if isinstance(part, _tuplegetter):                  # of a namedtuple
                    continue
                if isinstance(part, IN_C) and kind is not SimpleNamespace:
                    self.refuse_use(what)
                if name in self.names or not hidden and name.startswith("__") and (
                        isinstance(part, FunctionType)):
                    self.check(part, f"{what}.{name}")

    def check_function(self, function: FunctionType, what: str) -> None:
        cells = dict(zip(function.__code__.co_freevars,
                         map(content, function.__closure__ or ())))
        module = function.__globals__.get("__name__", "")
        if module.partition(".")[0] in {"numpy", *sys.stdlib_module_names}:
            if not hasattr(function, "__wrapped__") or not module.startswith("numpy"):
                self.refuse_use(what)
            self.check_each(cells.values(), what)           # it was decorated by NumPy's
        elif not module.startswith(OF_ARRAYS):
            self.check_each([*(function.__defaults__ or ()),
                             *(function.__kwdefaults__ or {}).values()],
                            f"a default of {what}")
            codes = [*within(function.__code__)]
            self.names |= {name for code in codes for name in code.co_names}
            imported: dict[str, Any] = {}
            for code in codes:
                self.check_code(code, cells, function.__globals__, imported)

    def check_code(self, code: CodeType, cells: dict, scope: dict, imported: dict) -> None:
        """Each operation of some code, and what it takes from outside."""
        self.line = code.co_firstlineno
        self.numbers |= {x for x in flat(code.co_consts) if isinstance(x, (int, float))}
        if "errstate" in code.co_names and "call" in flat(code.co_consts):
            self.refuse("calls something where numbers have no value")
        steps = [x for x in dis.get_instructions(code) if x.opname not in QUIET]
        for n, step in enumerate(steps):
            op, name = step.opname, step.argval
            after = steps[n + 1:]
            self.line = step.positions and step.positions.lineno or self.line
            if op in WRITES:
                self.refuse(WRITES[op].format(name))
            elif op in ("STORE_DEREF", "DELETE_DEREF") and name in cells:
                self.refuse(f"assigns to {name}")
            elif op == "IS_OP" and steps[n - 1].argval is not None:
                self.refuse_question("asks whether two things are one")
            elif op.startswith("MATCH_"):
                self.refuse_question("asks for a type")
            elif op == "PUSH_EXC_INFO" and after[0].opname != "WITH_EXCEPT_START":
                self.refuse_question("catches exceptions, which letters do not raise")
            elif op in ATTRIBUTE and (name.startswith("__") or name in OF_KIND):
                self.refuse_question(f"asks for .{name}")
            elif op == "IMPORT_NAME":
                if name not in ("math", "numpy"):
                    self.refuse(f"imports {name}, and not at the top of its file")
                module = math if name == "math" else np
                imported[after[0].argval] = module
                for what, local in zip(after[::2], after[1::2]):
                    if what.opname != "IMPORT_FROM":
                        break
                    imported[local.argval] = getattr(module, what.argval, None)
            elif op.startswith("LOAD_FAST"):
                *others, name = name if isinstance(name, tuple) else (name,)
                self.check_each((imported.get(x) for x in others), name)
                self.check_chain(imported.get(name), name, after)
            elif op in ("LOAD_GLOBAL", "LOAD_NAME"):
                x = scope.get(name, getattr(builtins, name, None))
                self.check_chain(x, name, after)
            elif op.startswith("LOAD_") and op.endswith("DEREF"):
                self.check_chain((cells | imported).get(name), name, after)

    def check_chain(self, x: Any, what: str, after: list) -> None:
        """What a name and the attributes after it stand for."""
        for step in after:
            known = isinstance(x, ModuleType) and (
                step.argval in vars(x) or x.__name__.startswith(LAZY))
            known |= type(x) is type or isinstance(x, FunctionType)
            if not known or id(x) in PURE or step.opname not in ATTRIBUTE:
                break
            x, what = getattr(x, step.argval, None), f"{what}.{step.argval}"
        self.check(x, what)
