"""What runs in the process of its own of submissions.py: one homework, as JSON.

Standard input has [FILE, NAME, rule]; it runs in a folder that is thrown away afterwards.
The argument is the seconds of CPU. All of the homework's code runs here and none elsewhere.
"""
import ast
import json
import os
import sys
from typing import Any

from optim.grading.confinement import confine
from optim.hints import OTHER_NAMES, squeezed
from optim.lifting.file_process import one_line, rule_text
from optim.lifting.python_files import loaded

# Where the answers are.
ANSWERS = ("optim", "minigrad", "torch.optim", "torch_optimizer", "pytorch_optimizer",
           "optax", "keras.optimizers", "tensorflow.keras.optimizers")


def main() -> None:
    """Answer on what was standard output, which the homework does not see."""
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    quiet = os.open(os.devnull, os.O_RDWR)
    file, name, rule = json.load(sys.stdin)
    for stream in (0, 1, 2):
        os.dup2(quiet, stream)
    found: dict[str, Any] = {}
    borrowed: set[str] = set()
    try:
        with open(file, "rb") as opened:
            tree = ast.parse(opened.read())
        borrowed |= mentioned(tree)
        name = name or meant(tree, rule)
        watch_imports(borrowed)
        confine(os.getcwd(), int(sys.argv[1]))
        sys.path.append(os.getcwd())
        text, path = rule_text(loaded(f"{file}:{name}")[0], {})
        found = text | {"name": name, "path": path}
    except (Exception, SystemExit) as error:
        found = {"error": [type(error).__name__, one_line(error)], "name": name}
    answer.write(json.dumps(found | {"borrowed": sorted(borrowed)}))
    answer.flush()
    os._exit(0)                                         # nothing that waits at exit


def meant(tree: ast.Module, rule: str) -> str:
    """The function or class of a file that has the rule's name, or is the only one."""
    kinds = ast.FunctionDef, ast.ClassDef
    public = [x.name for x in tree.body if isinstance(x, kinds) and x.name[0] != "_"]
    names = {squeezed(n) for n in (rule, *(k for k, v in OTHER_NAMES.items() if v == rule))}
    called = [n for n in public if squeezed(n) in names]
    if len(called) == 1 or len(public) == 1:
        return (called or public)[0]
    raise ValueError(f"has {', '.join(public) or 'no function'}; needed one function or "
                     f"class that is called {rule}")


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


if __name__ == "__main__":
    main()
