"""Somebody's homework as a rule of ours, though none of its code runs in this process.

What comes back of the process that it has is text that is checked to be a rule and nothing
else (lifting/python_files.py).
"""
import ast
import json
import math
import shutil
import tempfile
import types
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from optim.formulas import Formula, formula
from optim.grading.typed_sources import as_file
from optim.lifting.python_files import check_rule, parted, run_apart
from optim.lifting.rule_source import compiled
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


@dataclass(frozen=True)
class HandedIn:
    """A homework's file in a copy of its folder, and what it is called. `.answer(...)`"""
    file: Path
    name: str
    label: str
    size: int = 0

    def answer(self, module: str, seconds: float, *question: Any) -> dict[str, Any]:
        """What a process of its own, in the copy, answers to [FILE, NAME, *question].

        Raises ValueError, in one line that names the file, if it gives none.
        """
        try:
            if not self.file.exists():
                raise ValueError(f"has {self.size} bytes; at most {LARGEST} are read")
            return run_apart(json.dumps([str(self.file), self.name, *question]),
                             self.file.name, seconds, max(CLOCK, seconds), module,
                             str(self.file.parent))
        except ValueError as error:
            raise ValueError(self.short(str(error))) from error

    def named(self, name: str) -> str:
        """The label with the name that was found in the file."""
        return self.label if ":" in self.label or not name or self.label == name else (
            f"{self.label}:{name}")

    def short(self, text: str) -> str:
        """One line that names the file, not its copy."""
        return " ".join(text.replace(str(self.file), self.file.name).split()).removeprefix(
            f"{self.file.name}: ")[:300]


@contextmanager
def handed_in(target: Any, alone: bool = False) -> Iterator[HandedIn]:
    """A homework in a folder that is thrown away.

    target: FILE.py:NAME, FILE.py (NAME is then found in it), a function or a class. alone:
    it does not get the other Python files of its folder. Raises ValueError if there is no
    such file, TypeError for what is no homework.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        if isinstance(target, str):
            file, name = parted(target)
            beside = [] if alone else [x for x in file.parent.glob("*.py") if x.is_file()]
            for each in (file, *beside):
                if each.stat().st_size <= LARGEST:
                    shutil.copyfile(each, Path(folder, each.name))
            yield HandedIn(Path(folder, file.name), name, file.name + f":{name}"*bool(name),
                           file.stat().st_size)
            return
        if not isinstance(target, (types.FunctionType, type)):
            raise TypeError(f"grade: came {target!r}; needed a function, a class, "
                            "FILE.py:NAME or a folder")
        copy = Path(folder, "typed.py")
        copy.write_text(as_file(target), encoding="utf-8")
        yield HandedIn(copy, name_of(target), name_of(target))


def submitted(target: Any, rule: str, seconds: float = CPU, alone: bool = False
              ) -> Submission:
    """The rule that a homework computes; the function of the rule's name, or the only one,
    of a file. What handed_in raises."""
    borrowed: tuple[str, ...] = ()
    with handed_in(target, alone) as homework:
        label = homework.label
        try:
            answer = homework.answer("optim.grading.homework_process", seconds, rule)
            borrowed = borrowed_by(answer)
            label = homework.named(str(answer.get("name", "")))
            if borrowed:
                return Submission(label, None, "", borrowed)
            if "error" in answer:
                raise ValueError(str(answer["error"]))
            source = str(answer["source"])
            check_rule(source, label)
            called = ast.parse(source).body[0].name                 # type: ignore
            found = formula(compiled(called, without_rounding(source)))
            path = tuple(map(str, answer.get("path", ())))
            return Submission(label, replace(found, name=label, path=path))
        except (ValueError, TypeError, NotImplementedError, KeyError, SyntaxError) as error:
            return Submission(label, None, homework.short(str(error)), borrowed)


def borrowed_by(answer: Mapping[str, Any]) -> tuple[str, ...]:
    """Whose answers a homework took, as its process says."""
    return tuple(map(str, answer.get("borrowed", ())))


def not_own(borrowed: Sequence[str]) -> str:
    """What is said of a homework that took an answer."""
    return f"takes the answer from {', '.join(borrowed)}: not the student's own work"


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
