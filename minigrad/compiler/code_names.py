"""The names that a function's code speaks of."""
import dis
import functools
import types
from typing import Any


def closure_and_globals(function: types.FunctionType) -> list[tuple[str, Any]]:
    """What a function's free variables and globals are bound to, by name."""
    space = function.__globals__
    found = {name: space[name] for name in globals_read(function.__code__)
             if name in space}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or ()):
        try:
            found[name] = cell.cell_contents
        except ValueError:
            pass
    return [*found.items()]


@functools.cache
def attributes_read(code: types.CodeType) -> set[str]:
    """All names that code looks up, also in the functions inside it."""
    inner = [attributes_read(x) for x in code.co_consts if isinstance(x, types.CodeType)]
    return set(code.co_names).union(*inner)


@functools.cache
def names_used(code: types.CodeType, *kinds: str) -> list[str]:
    """The names in these kinds of instructions, also of the functions inside the code."""
    names = [i.argval for i in dis.get_instructions(code) if i.opname in kinds]
    for part in code.co_consts:
        if isinstance(part, types.CodeType):
            names += names_used(part, *kinds)
    return [*dict.fromkeys(names)]


def globals_read(code: types.CodeType) -> list[str]:
    """The names of globals that code reads."""
    return names_used(code, "LOAD_GLOBAL", "LOAD_NAME", "STORE_GLOBAL")
