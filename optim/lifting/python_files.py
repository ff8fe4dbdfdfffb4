"""FILE.py:NAME: what a file defines, and its lifting in a process of its own.

A file is somebody's homework: what it prints reaches no terminal, it sees no secrets of the
environment, it has limited time and memory, and what comes back is text that is checked to
be a rule, and no more, before it is read.
"""
import ast
import importlib.util
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import optim
from optim.hints import did_you_mean
from optim.lifting.joined_runs import Leak
from optim.lifting.rule_source import compiled
from optim.optimizers.beside import claims_beside, units_beside

SECONDS = 60
LONGEST = 1_000_000                     # bytes of an answer
KEPT = "PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "LANG", "LC_ALL"
ERRORS = {e.__name__: e for e in (ValueError, TypeError, NotImplementedError)} | {
    "Leak": Leak}
IN_A_RULE = (ast.Module, ast.FunctionDef, ast.arguments, ast.arg, ast.Assign, ast.Return,
             ast.AugAssign,
             ast.Tuple, ast.BinOp, ast.UnaryOp, ast.Compare, ast.Call, ast.Name,
             ast.Constant, ast.Lambda, ast.Attribute, ast.operator, ast.unaryop, ast.cmpop,
             ast.expr_context)


def parted(words: str) -> tuple[Path, str]:
    """The file and the name of FILE.py:NAME; ValueError if there is no such file."""
    path, colon, name = words.rpartition(":")
    file = Path(path if colon else words)
    if file.suffix != ".py" or not file.is_file():
        raise ValueError(f"there is no Python file {str(file)!r}; needed "
                         "FILE.py:FUNCTION")
    return file, name if colon else ""


def loaded(words: str) -> Any:
    """What FILE.py:NAME is, with the file run here; ValueError for what goes wrong."""
    return with_its_file(words)[0]


def with_its_file(words: str) -> tuple[Any, dict[str, Any]]:
    """The same, and all that the file has."""
    file, name = parted(words)
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None and spec.loader is not None         # it ends in .py
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error
    if not callable(getattr(module, name, None)):
        found = [n for n, x in vars(module).items() if callable(x) and n[0] != "_"
                 and getattr(x, "__module__", None) == file.stem]
        wanted = f"no function {name!r}" if name else f"needed {file}:FUNCTION"
        meant = did_you_mean(name, found)
        raise ValueError(f"{wanted}; the file has {', '.join(found) or 'none'}"
                         + f";{meant}"*bool(meant))
    return getattr(module, name), vars(module)


# ------------------------------------------------------------------ a process of its own
def lifted_apart(words: str, hyper: Mapping[str, Any], seconds: float = SECONDS
                 ) -> tuple[Callable, list[str]]:
    """The rule that FILE.py:NAME is or computes, and its path.

    Raises what lifting raises, and ValueError for a file that hangs, crashes or ends.
    """
    answer = run_apart(json.dumps([words, dict(hyper)]), words, seconds)
    match answer:
        case {"error": [str(kind), str(text)]}:
            text = text.removeprefix(f"{words.rpartition(':')[2]}: ")
            raise ERRORS.get(kind, ValueError)(f"{words}: {text}")
        case {"error": _}:
            pass
        case {"rule": found, "others": [*others], "path": [*path], "claims": claims,
              "units": units} if all(isinstance(x, str) and x.isprintable() for x in path):
            rule = rule_of(found, words)
            for other in others:
                made = rule_of(other, words)
                rule.__globals__.setdefault(made.__name__, made)
            rule.claims, rule.units = claims, units
            rule.claims, rule.units = claims_beside(rule), units_beside(rule)
            return rule, path
    raise ValueError(f"{words}: its process gave no answer that can be read")


def rule_of(answer: Any, words: str) -> Any:
    """The rule of an answer, in its line of the file if it stands there so."""
    match answer:
        case {"name": str(name), "source": str(source), "line": int(line)} if (
                line in range(LONGEST)):
            check_rule(source, words)
            if f"def {name}(" in source:
                return compiled(name, "\n"*(line - 1) + source,
                                str(parted(words)[0].resolve())*(line > 0))
    raise ValueError(f"{words}: its process gave no rule")


def run_apart(question: str, words: str, seconds: float, longest: float | None = None,
              module: str = "optim.lifting.file_process", folder: str | None = None
              ) -> dict[str, Any]:
    """The answer of the process, as JSON; it has these seconds of CPU, and by the clock as
    many or `longest`. folder: where it runs."""
    longest = seconds if longest is None else longest
    root = str(Path(optim.__file__).parent.parent)
    environment = {k: os.environ[k] for k in KEPT if k in os.environ} | {
        "PYTHONPATH": root, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", module, str(int(seconds) + 1)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env=environment, start_new_session=True, cwd=folder)
    late = threading.Event()

    def stop():
        late.set()
        end(process)
    timer = threading.Timer(longest, stop)
    timer.start()
    with process:
        try:
            assert process.stdin is not None and process.stdout is not None
            process.stdin.write(question.encode())
            process.stdin.close()
            text = process.stdout.read(LONGEST + 1)
        finally:
            timer.cancel()
            end(process)
    status = process.wait()
    if late.is_set():
        raise ValueError(f"{words}: not done after {longest:g} s; does it wait for "
                         "something, or go round for ever?")
    try:
        answer = json.loads(text)
        if not isinstance(answer, dict) or len(text) > LONGEST:
            raise ValueError
    except ValueError:
        cause = (f"go round for ever? It had {seconds:g} s of processor time"
                 if status == -signal.SIGKILL else "exit, crash, or need too much memory?")
        raise ValueError(f"{words}: its process ended without an answer (status {status}); "
                         f"does it {cause}") from None
    return answer


def end(process: subprocess.Popen) -> None:
    """End a process, and those that it has started."""
    try:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    except ProcessLookupError:
        return                                          # it has ended by itself


def check_rule(source: str, words: str) -> None:
    """Raise ValueError unless the text is one function that only calls np's functions."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError(f"{words}: its process gave no rule: {error}") from None
    for body in [x.body for x in tree.body if isinstance(x, ast.FunctionDef)]:
        first = body[0].value if isinstance(body[0], ast.Expr) else None
        if isinstance(first, ast.Constant) and isinstance(first.value, str) and body[1:]:
            del body[0]                                 # what it says of itself
    for x in ast.walk(tree):
        good = isinstance(x, IN_A_RULE) and (
            not isinstance(x, ast.Call) or isinstance(x.func, ast.Attribute)) and (
            not isinstance(x, ast.Attribute) or isinstance(x.value, ast.Name)
            and x.value.id == "np" and x.attr in MEANT) and (
            not isinstance(x, ast.FunctionDef) or not x.decorator_list) and (
            not isinstance(x, ast.Constant) or isinstance(x.value, (int, float)))
        if not good:
            raise ValueError(f"{words}: its process gave {ast.unparse(x)!r}, which is no "
                             "part of a rule")
    if [type(x) for x in tree.body] != [ast.FunctionDef]:
        raise ValueError(f"{words}: its process gave no rule")


def one_line(error: BaseException) -> str:
    """What went wrong, with its kind unless it is one that lifting raises."""
    text = " ".join(str(error).split())[:2000]
    known = isinstance(error, (ValueError, TypeError, NotImplementedError))
    return text if known else f"{type(error).__name__}: {text}"


def is_plain(source: str) -> bool:
    """Whether a text is a rule whose names are its own letters and np."""
    try:
        check_rule(source, "")
    except ValueError:
        return False
    names = [x for x in ast.walk(ast.parse(source)) if isinstance(x, ast.Name)]
    own = {x.id for x in names if isinstance(x.ctx, ast.Store)} | {
        x.arg for x in ast.walk(ast.parse(source)) if isinstance(x, ast.arg)}
    return "np" not in own and {x.id for x in names} <= own | {"np"}


MEANT = set("sqrt square reciprocal exp exp2 log log1p log2 log10 expm1 sin cos tan sinh "
            "cosh tanh arctan arctan2 floor ceil rint trunc maximum minimum fmax fmin "
            "where logical_and logical_or logical_not logical_xor sign absolute fabs cbrt "
            "copysign power float_power hypot positive add subtract multiply divide "
            "heaviside remainder abs".split())
