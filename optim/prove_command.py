"""minigrad prove: are two optimizers one?

    minigrad prove adamw adam
    minigrad prove adamw adam --where weight_decay=0
    minigrad prove homework.py:adam adam

`options` declares what the command takes and `run` does it; optim.cli calls both.
"""
import argparse
import importlib.util
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

from optim.rules import RULES
from optim.signatures import named_rule


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    what = f"one of {', '.join(RULES)}; or FILE.py:FUNCTION, a rule of your own"
    parser.add_argument("left", metavar="LEFT", help=what)
    parser.add_argument("right", metavar="RIGHT", help="likewise")
    parser.add_argument("--where", metavar="NAME=NUMBER", nargs="+", default=[],
                        help="put numbers for letters first: weight_decay=0 beta1=9/10")


def run(arguments: argparse.Namespace) -> Any:
    """The verdict; ValueError says what is wrong with the command."""
    from optim.formulas import formula
    from optim.prover import prove                          # SymPy, only for proofs
    where = dict(map(put, arguments.where))
    left, right = (read(formula, words) for words in (arguments.left, arguments.right))
    unknown = [name for name in where if name not in {**left.symbols, **right.symbols}]
    if unknown:
        raise ValueError(f"--where: neither side has a letter {unknown[0]}; there are "
                         f"{', '.join({**left.symbols, **right.symbols})}")
    return prove(left, right, where=where or None)


def read(formula: Callable[[Any], Any], words: str) -> Any:
    """The formula of what the words name; whatever goes wrong in it is told in one line."""
    try:
        return formula(rule(words))
    except Exception as error:
        raise ValueError(f"{words}: {error}" if isinstance(error, (ValueError, TypeError))
                         else f"{words}: {type(error).__name__}: {error}") from error


def put(text: str) -> tuple[str, Fraction]:
    name, _, number = text.partition("=")
    try:
        return name.strip(), Fraction(number.strip())
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"--where: {text!r} came; needed NAME=NUMBER, such as beta1=9/10"
                         ) from None


def rule(words: str) -> Any:
    """The rule of this name, or the function of a file."""
    path, colon, name = words.rpartition(":")
    if not colon:
        return named_rule(words)
    file = Path(path)
    if file.suffix != ".py" or not file.is_file():
        raise ValueError(f"there is no Python file {path!r}; needed FILE.py:FUNCTION")
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None and spec.loader is not None         # it ends in .py
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error
    if not callable(getattr(module, name, None)):
        found = [n for n, x in vars(module).items() if callable(x) and n[0] != "_"]
        raise ValueError(f"no function {name!r}; the file has {', '.join(found) or 'none'}")
    return getattr(module, name)
