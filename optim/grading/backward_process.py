"""What runs in the process of its own of backward.py: one backward pass, as JSON.

Standard input has [FILE, NAME, exercise, null], or in place of null what `adapted` is given
for a run on symbols.
"""
import ast
import contextlib
import json
from importlib import import_module
from typing import Any

import numpy as np

from optim.grading.backward_arguments import parameters
from optim.grading.backward_calling import fixed_by, run_backward
from optim.grading.backward_exercises import OTHER_NAMES, Exercise, exercise, meant_exercise
from optim.grading.confined_process import serve
from optim.hints import squeezed
from optim.lifting.python_files import one_line, with_its_file

PLAIN = int, float, str, list, dict, set, np.ndarray


def work(words: str, asked: str, adaption: Any) -> dict[str, Any]:
    """The runs of the backward pass FILE:NAME: on numbers, or on symbols."""
    (target, scope), task = with_its_file(words), exercise(asked)
    if adaption is None:
        return answered(target, scope, task)
    from optim.grading import backward_symbols
    return {"runs": backward_symbols.runs(target, scope, task.adapted(*adaption))}


def prepare(asked: str, adaption: Any) -> None:
    """Load SymPy where it is needed."""
    if adaption is not None:
        import_module("optim.grading.backward_symbols")


def meant(tree: ast.Module, asked: str, adaption: Any = None) -> str:
    """The backward pass of a file: by the exercise's name, or the only one."""
    functions = [x.name for x in tree.body if isinstance(x, ast.FunctionDef)
                 and "forward" not in x.name and x.name[0] != "_"]
    classes = [x.name for x in tree.body if isinstance(x, ast.ClassDef) and any(
        isinstance(m, ast.FunctionDef) and m.name == "backward" for m in x.body)]
    back = [n for n in functions if "back" in n.casefold() or "grad" in n.casefold()]
    words = [*map(squeezed, (asked, *(k for k, v in OTHER_NAMES.items() if v == asked)))]
    for names in (back + classes, functions + classes):
        called = [n for n in names if any(w in squeezed(n) for w in words)]
        exact = [n for n in called if meant_exercise(n) is exercise(asked)]
        for found in (exact, called, names):
            if len(found) == 1:
                return found[0]
    raise ValueError(f"has {', '.join(functions + classes) or 'no function'}; needed one "
                     f"function or class whose name has {asked} and backward")


def answered(target: Any, scope: Any, asked: Exercise) -> dict[str, Any]:
    """What comes of each case, and again of each, from the last to the first; which of the
    case's numbers it has for its own, and whether it takes the dout of a loss."""
    used: set[str] = set()
    before = outliving(target, scope)
    one_run(target, scope, asked, next(asked.calls()), used)
    adaption = fixed_by(target, scope, asked, used), "dout" in used
    calls = [*asked.adapted(*adaption).calls()]
    there = [one_run(target, scope, asked, call) for call in calls]
    back = [one_run(target, scope, asked, call) for call in reversed(calls)]
    for run, again in zip(there, reversed(back)):
        run["steady"] = same_text(run) == same_text(again)
    after = outliving(target, scope)
    return {"runs": there, "adaption": adaption,
            "kept": [n for n in after if after[n] != before.get(n, after[n])]}


def outliving(target: Any, scope: dict[str, Any]) -> dict[str, str]:
    """What outlives a call, as text: what its file and its defaults have of plain data."""
    there = {n: x for n, x in scope.items() if n[:2] != "__"}
    there |= {n: p.default for n, p in parameters(target).items()}
    return {n: repr(x) for n, x in there.items() if isinstance(x, PLAIN)}


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
    serve(meant, work, prepare)
