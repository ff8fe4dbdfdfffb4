"""What runs in the process of its own of backward.py: one backward pass, as JSON.

Standard input has [FILE, NAME, exercise, null], or in place of null what `adapted` is given
for a run on symbols; the argument is the seconds of CPU.
"""
import ast
import contextlib
import json
import os
import sys
import types
from typing import Any

import numpy as np

from optim.grading.backward_calling import fixed_by, run_backward
from optim.grading.backward_exercises import Exercise, exercise
from optim.grading.confinement import confine
from optim.grading.homework_process import mentioned, watch_imports
from optim.hints import squeezed
from optim.lifting.file_process import one_line
from optim.lifting.python_files import loaded


def main() -> None:
    """Answer on what was standard output, which the homework does not see."""
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    quiet = os.open(os.devnull, os.O_RDWR)
    file, name, asked, adaption = json.load(sys.stdin)
    for stream in (0, 1, 2):
        os.dup2(quiet, stream)
    found: dict[str, Any] = {}
    borrowed: set[str] = set()
    try:
        if adaption is not None:
            from optim.grading import backward_symbols
        with open(file, "rb") as opened:
            tree = ast.parse(opened.read())
        borrowed |= mentioned(tree)
        name = name or meant(tree, exercise(asked))
        watch_imports(borrowed)
        confine(os.getcwd(), int(sys.argv[1]))
        sys.path.append(os.getcwd())
        target = loaded(f"{file}:{name}")
        scope = scope_of(target)
        task = exercise(asked)
        found = answered(target, scope, task) if adaption is None else {
            "runs": backward_symbols.runs(target, scope, task.adapted(*adaption))}
    except (Exception, SystemExit) as error:
        found = {"error": one_line(error)}
    answer.write(json.dumps(found | {"borrowed": sorted(borrowed), "name": name}))
    answer.flush()
    os._exit(0)                                         # nothing that waits at exit


def scope_of(target: Any) -> dict[str, Any]:
    """What the file of a function or class defines."""
    functions = [target] if not isinstance(target, type) else vars(target).values()
    return next((f.__globals__ for f in functions if isinstance(f, types.FunctionType)), {})


def meant(tree: ast.Module, asked: Exercise) -> str:
    """The backward pass of a file: by the exercise's name, or the only one."""
    functions = [x.name for x in tree.body if isinstance(x, ast.FunctionDef)
                 and "forward" not in x.name and x.name[0] != "_"]
    classes = [x.name for x in tree.body if isinstance(x, ast.ClassDef) and any(
        isinstance(m, ast.FunctionDef) and m.name == "backward" for m in x.body)]
    back = [n for n in functions if "back" in n.casefold() or "grad" in n.casefold()]
    for names in (back + classes, functions + classes):
        called = [n for n in names if squeezed(asked.name) in squeezed(n)]
        if len(called) == 1 or len(names) == 1:
            return (called or names)[0]
    raise ValueError(f"has {', '.join(functions + classes) or 'no function'}; needed one "
                     f"function or class whose name has {asked.name} and backward")


def answered(target: Any, scope: Any, asked: Exercise) -> dict[str, Any]:
    """What comes of each case, and again of each, from the last to the first; which of the
    case's numbers it has for its own, and whether it takes the dout of a loss."""
    used: set[str] = set()
    one_run(target, scope, asked, next(asked.calls()), used)
    adaption = fixed_by(target, scope, asked, used), "dout" in used
    calls = [*asked.adapted(*adaption).calls()]
    there = [one_run(target, scope, asked, call) for call in calls]
    back = [one_run(target, scope, asked, call) for call in reversed(calls)]
    for run, again in zip(there, reversed(back)):
        run["steady"] = same_text(run) == same_text(again)
    return {"runs": there, "adaption": adaption}


def same_text(run: dict[str, Any]) -> str:
    return json.dumps([run.get("results"), run.get("error")])


def one_run(target: Any, scope: Any, asked: Exercise, call: dict[str, Any],
            used: set[str] | None = None) -> dict[str, Any]:
    """What comes of one case, as JSON has it."""
    try:
        with np.errstate(all="ignore"), contextlib.suppress(DeprecationWarning):
            run = run_backward(target, scope, asked, call, used)
        return run | {"results": [as_json(x) for x in run["results"]]}
    except (Exception, SystemExit) as error:
        return {"error": one_line(error)}


def as_json(x: Any) -> dict[str, Any]:
    """An array as {shape, data, dtype}; whatever else it is, in words."""
    try:
        array = np.asarray(x)
        if array.dtype.kind not in "biuf":
            raise ValueError
    except ValueError:
        return {"words": "None" if x is None else type(x).__name__}
    return {"shape": array.shape, "data": array.astype(float).ravel().tolist(),
            "dtype": array.dtype.name}


if __name__ == "__main__":
    main()
