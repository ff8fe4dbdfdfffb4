"""Somebody's homework as a rule of ours, though none of its code runs in this process.

A function or class that was typed, in a notebook say, has no file: its source, and that of
what it uses, is taken by inspect and sent to a process as a file is. What comes back is
text that is checked to be a rule and nothing else (lifting/python_files.py).
"""
import ast
import builtins
import inspect
import json
import math
import shutil
import sys
import tempfile
import textwrap
import types
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from optim.formulas import Formula, formula
from optim.lifting.python_files import check_rule, parted, run_apart
from optim.lifting.rule_source import compiled
from optim.lifting.storage import LIBRARIES, filled
from optim.optimizers.signatures import name_of

CPU, CLOCK = 10, 60                     # seconds that a homework may take
LARGEST = 1_000_000                     # bytes of a file
ROUNDED = 15                            # digits of what is no decimal that one writes


@dataclass(frozen=True)
class Submission:
    """What was handed in: its formula, or what went wrong, and what it took from others."""
    label: str
    formula: Formula | None
    error: str = ""
    borrowed: tuple[str, ...] = ()


def submitted(target: Any, rule: str, seconds: float = CPU, alone: bool = False
              ) -> Submission:
    """The rule that a homework computes.

    target: FILE.py:NAME, FILE.py (the function of the rule's name, or the only one), a
    function or a class. alone: it does not get the other Python files of its folder.
    Raises ValueError if there is no such file, TypeError for what is no homework.
    """
    if isinstance(target, str):
        file, name = parted(target)
        return in_process(file, name, file.name + f":{name}"*bool(name), rule, seconds,
                          alone)
    if not isinstance(target, (types.FunctionType, type)):
        raise TypeError(f"grade: came {target!r}; needed a function, a class, FILE.py:NAME "
                        "or a folder")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "typed.py")
        file.write_text(as_file(target), encoding="utf-8")
        return in_process(file, name_of(target), name_of(target), rule, seconds, True)


def in_process(file: Path, name: str, label: str, rule: str, seconds: float, alone: bool
               ) -> Submission:
    """What a process of its own makes of a file, in a copy of its folder."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        beside = [] if alone else [x for x in file.parent.glob("*.py") if x.is_file()]
        for each in (file, *beside):
            if each.stat().st_size <= LARGEST:
                shutil.copyfile(each, Path(folder, each.name))
        copy = str(Path(folder, file.name))
        try:
            if not Path(copy).exists():
                raise ValueError(f"has {file.stat().st_size} bytes; at most {LARGEST} are "
                                 "read")
            answer = run_apart(json.dumps([copy, name, rule]), file.name, seconds,
                               max(CLOCK, seconds), "optim.grading.homework_process",
                               folder)
        except ValueError as error:
            return Submission(label, None, short(str(error), copy, file.name))
    borrowed = tuple(map(str, answer.get("borrowed", ())))
    name = str(answer.get("name", name))
    label = label if ":" in label or not name or label == name else f"{label}:{name}"
    try:
        if "error" in answer:
            raise ValueError(answer["error"][1])
        source = str(answer["source"])
        check_rule(source, label)
        called = ast.parse(source).body[0].name                 # type: ignore
        found = formula(compiled(called, without_rounding(source)))
        path = tuple(map(str, answer.get("path", ())))
        return Submission(label, replace(found, name=label, path=path), "", borrowed)
    except (ValueError, TypeError, NotImplementedError, KeyError, SyntaxError) as error:
        return Submission(label, None, short(str(error), copy, file.name), borrowed)


def short(text: str, copy: str, name: str) -> str:
    """One line that names the file, not its copy."""
    return " ".join(text.replace(copy, name).split()).removeprefix(f"{name}: ")[:300]


def without_rounding(source: str) -> str:
    """The source with 0.1 for 0.09999999999999998, which is 1 - 0.9 as Python has it.

    A float of as many digits as a float has was reckoned, not written; it stands for a
    decimal of 12 digits if it is that but for rounding.
    """
    class Decimals(ast.NodeTransformer):
        def visit_Constant(self, node: ast.Constant) -> ast.AST:
            x = node.value
            if isinstance(x, float) and math.isfinite(x):
                digits = repr(x).partition("e")[0].replace(".", "").strip("0")
                near = float(f"{x:.12g}")
                if len(digits) >= ROUNDED and abs(near - x) < 4e-16:
                    return ast.Constant(near)
            return node
    return ast.unparse(Decimals().visit(ast.parse(source))) + "\n"


# ------------------------------------------------------------------ what was typed
def as_file(target: Any) -> str:
    """The source of a function or class, and before it of all that it uses.

    Raises ValueError for what it uses that cannot be written down.
    """
    parts: dict[str, str] = {}
    write_down(target, name_of(target), parts)
    return "\n".join(parts.values())


def write_down(x: Any, name: str, parts: dict[str, str]) -> None:
    """Add the source of x to the parts, after that of all that it uses."""
    if name in parts:
        return
    library = (getattr(x, "__module__", None) or type(x).__module__).partition(".")[0]
    if isinstance(x, types.ModuleType):
        parts[name] = f"import {x.__name__} as {name}\n"
    elif hasattr(x, "__name__") and library in LIBRARIES:
        parts[name] = f"from {x.__module__ or library} import {x.__name__} as {name}\n"
    elif isinstance(x, (types.FunctionType, type)):
        parts[name] = ""                                        # it may use itself
        try:
            source = textwrap.dedent(inspect.getsource(x))
        except (OSError, TypeError):
            raise ValueError(f"grade: the source of {name} is not to be found; write it "
                             "into a file and grade FILE.py:NAME") from None
        for each, value in uses(x, source):
            write_down(value, each, parts)
        parts[name] = parts.pop(name) + source
    elif isinstance(x, PLAIN):
        parts[name] = f"{name} = {x!r}\n"
    else:
        raise ValueError(f"grade: it uses {name}, {type(x).__name__}, which cannot be sent "
                         "to a process; write all of it into a file and grade FILE.py:NAME")


PLAIN = int, float, str, bool, type(None), tuple, list, dict


def uses(x: Any, source: str) -> Iterator[tuple[str, Any]]:
    """The globals, and what is enclosed, that the source of a function or class names."""
    named = {n.id for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Name)}
    scope = dict(vars(sys.modules.get(x.__module__, builtins)))
    for f in [x] if isinstance(x, types.FunctionType) else vars(x).values():
        if isinstance(f, types.FunctionType):
            scope |= f.__globals__ | {n: c.cell_contents for n, c in zip(
                f.__code__.co_freevars, f.__closure__ or ()) if filled(c)}
    for name in sorted(named & scope.keys() - {x.__name__, "__class__"}):
        yield name, scope[name]
