"""What runs in the process of its own of submissions.py: one homework, as a rule."""
import ast
from typing import Any

from optim.grading.confined_process import serve
from optim.hints import OTHER_NAMES, squeezed
from optim.lifting.file_process import rule_text
from optim.lifting.python_files import loaded


def lifted(words: str, rule: str) -> dict[str, Any]:
    """The rule that FILE:NAME is or computes, as text."""
    text, path = rule_text(loaded(words), {})
    return text | {"path": path}


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


if __name__ == "__main__":
    serve(meant, lifted)
