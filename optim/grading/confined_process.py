"""The frame of a process in which one homework runs, and answers in JSON.

Standard input has [FILE, NAME, ...]; it runs in a folder that is thrown away afterwards.
The argument is the seconds of CPU. All of a homework's code runs in such a process and none
elsewhere.
"""
import ast
import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import Any

from optim.grading.confinement import confine
from optim.lifting.python_files import one_line

# Where the answers are.
ANSWERS = ("optim", "minigrad", "torch.optim", "torch_optimizer", "pytorch_optimizer",
           "optax", "keras.optimizers", "tensorflow.keras.optimizers")


def serve(meant: Callable[..., str], work: Callable[..., dict[str, Any]],
          prepare: Callable[..., None] = lambda *question: None) -> None:
    """Answer on what was standard output, which the homework does not see.

    meant(tree, ...) is the name that is meant where none is given; work("FILE:NAME", ...)
    the answer; prepare(...) loads what work needs. Each gets the rest of standard input.
    """
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    quiet = os.open(os.devnull, os.O_RDWR)
    file, name, *question = json.load(sys.stdin)
    for stream in (0, 1, 2):
        os.dup2(quiet, stream)
    found: dict[str, Any] = {}
    borrowed: set[str] = set()
    try:
        prepare(*question)
        with open(file, "rb") as opened:
            tree = ast.parse(opened.read())
        borrowed |= mentioned(tree)
        name = name or meant(tree, *question)
        load_installed(tree)
        watch_imports(borrowed)
        confine(os.getcwd(), int(sys.argv[1]))
        sys.path.append(os.getcwd())
        found = work(f"{file}:{name}", *question)
    except (Exception, SystemExit) as error:
        found = {"error": one_line(error)}
    answer.write(json.dumps(found | {"name": name, "borrowed": sorted(borrowed)}))
    answer.flush()
    os._exit(0)                                         # nothing that waits at exit


def load_installed(tree: ast.AST) -> None:
    """Import what is installed and the homework will import, before the lid is on: some
    libraries load machine code, which is refused then."""
    imports = [x for x in ast.walk(tree) if isinstance(x, (ast.Import, ast.ImportFrom))]
    for word in {word.partition(".")[0] for x in imports for word in (
            [a.name for a in x.names] if isinstance(x, ast.Import) else
            [x.module or ""]*(not x.level))} - {""}:
        with suppress(Exception):                       # it will say so again
            import_module(word)


def mentioned(tree: ast.AST) -> set[str]:
    """What of ANSWERS a syntax tree imports, or names in a text of its own."""
    found: set[str] = set()
    for x in ast.walk(tree):
        if isinstance(x, ast.Import):
            found |= {a.name for a in x.names if is_answer(a.name)}
        elif isinstance(x, ast.ImportFrom) and not x.level:
            words = (x.module or "", *(f"{x.module}.{a.name}" for a in x.names))
            found |= {w for w in words if is_answer(w)}
        elif isinstance(x, ast.Constant) and is_answer(str(x.value)):
            found.add(str(x.value))
        elif isinstance(x, ast.Attribute) and is_answer(ast.unparse(x)):
            found.add(ast.unparse(x))
    return {w for w in found if not any(w.startswith(f"{v}.") for v in found)}


def is_answer(word: str) -> bool:
    """Whether a dotted name lies in one of ANSWERS."""
    return any(word == a or word.startswith(f"{a}.") for a in ANSWERS)


def watch_imports(borrowed: set[str]) -> None:
    """Note what of ANSWERS anything but a library of ours or of Python's imports."""
    import builtins
    plain, here = builtins.__import__, os.getcwd()

    def watching(name, globals=None, locals=None, fromlist=(), level=0):
        file = str((globals or {}).get("__file__", here))
        if not level and file.startswith(here):
            for word in (name, *(f"{name}.{n}" for n in fromlist or ())):
                if is_answer(word):
                    borrowed.add(word)
        return plain(name, globals, locals, fromlist, level)
    builtins.__import__ = watching
