"""VJPs of whole arrays as text in NumPy's words, by running them on text.

A Written is an array that knows how it was written: NumPy code that runs on it computes
its values, so that branches on shapes and values go as they would, and its text.
"""
from typing import Any

import numpy as np

from minigrad.guards import name_of
from minigrad.methods import ArrayMethods
from minigrad.primitives.linear import affine
from minigrad.primitives.shapes import getitem

# The signs of Python, and how tightly they bind.
INFIX = {np.add: (" + ", 1), np.subtract: (" - ", 1), np.multiply: ("*", 2),
         np.true_divide: ("/", 2), np.matmul: (" @ ", 2), np.power: ("**", 4),
         np.less: (" < ", 0), np.less_equal: (" <= ", 0), np.equal: (" == ", 0),
         np.greater: (" > ", 0), np.greater_equal: (" >= ", 0), np.not_equal: (" != ", 0),
         np.bitwise_and: (" & ", 0)}
ATOM = 5
LONGEST = 70                    # of what is still a formula


def plain_text(x: Any) -> str:
    """A number or an option, in few letters."""
    if isinstance(x, Written):
        return x.text
    if isinstance(x, slice):
        ends = ["" if end is None else str(end) for end in (x.start, x.stop, x.step)]
        return ":".join(ends[:2] + ends[2:]*bool(ends[2]))
    if isinstance(x, (tuple, list)):
        inside = ", ".join(map(plain_text, x))
        return f"[{inside}]" if isinstance(x, list) else (
            f"({inside}{',' if len(x) == 1 else ''})")
    if isinstance(x, (np.ndarray, np.generic)):
        return f"{x.item():.6g}" if x.ndim == 0 and x.dtype.kind == "f" else (
            str(x.item()) if x.size == 1 else f"array{x.shape}")
    if isinstance(x, np.dtype):
        return str(x)
    if isinstance(x, float):
        return repr(x) if len(repr(x)) < 8 else f"{x:.6g}"
    return "..." if x is ... else name_of(x) if callable(x) else repr(x)[:40]


def joined(function: Any, args: list[tuple[str, int]], kwargs: dict) -> tuple[str, int]:
    """The text of a call of parts (text, how tightly it binds), and how tightly it binds.
    """
    if function in INFIX and len(args) == 2 and not kwargs:
        sign, tight = INFIX[function]
        (a, left), (b, right) = args
        a = f"({a})" if left < tight or (sign == "**" and left <= tight) else a
        b = f"({b})" if right < tight or (
            right == tight and sign not in (" + ", "*", "**")) else b
        return f"{a}{sign}{b}", tight
    if function is np.negative:
        text, tight = args[0]
        return f"-{text}" if tight >= 2 else f"-({text})", 2
    if function is getitem:
        (x, tight), (index, _) = args
        plain = index.startswith("(") and not index.endswith(",)")
        inside = index[1:-1] if plain else index
        return f"{x if tight == ATOM else f'({x})'}[{inside}]", ATOM
    if function is affine and len(args) > 1:
        product = joined(np.matmul, [args[0], (f"{args[1][0]}.T", ATOM)], {})
        return joined(np.add, [product, args[2]], {}) if len(args) == 3 and (
            args[2][0] != "None") else product
    if function is np.swapaxes and [text for text, _ in args[1:]] == ["-1", "-2"]:
        return f"{args[0][0] if args[0][1] == ATOM else f'({args[0][0]})'}.mT", ATOM
    parts = [text for text, _ in args]
    parts += [f"{key}={plain_text(x)}" for key, x in kwargs.items()]
    return f"{name_of(function)}({', '.join(parts)})", ATOM


class Written(ArrayMethods, np.lib.mixins.NDArrayOperatorsMixin):
    """An array and its text."""
    __array_priority__ = 2000

    def __init__(self, value: Any, text: str, tight: int = ATOM) -> None:
        self.value, self.text, self.tight = np.asarray(value), text, tight

    shape = property(lambda self: self.value.shape)
    ndim = property(lambda self: self.value.ndim)
    size = property(lambda self: self.value.size)
    dtype = property(lambda self: self.value.dtype)

    def __bool__(self) -> bool:
        return bool(self.value)

    def __len__(self) -> int:
        return len(self.value)

    def __getitem__(self, index: Any) -> "Written":
        return called(getitem, (self, index), {})

    def astype(self, dtype: Any) -> "Written":
        """The same text, in another precision."""
        return Written(self.value.astype(dtype), self.text, self.tight)

    def __array_ufunc__(self, ufunc: Any, method: str, *args: Any, **kwargs: Any) -> Any:
        function = ufunc if method == "__call__" else np.sum if ufunc is np.add else None
        return called(function, args, kwargs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if function in (np.shape, np.ndim, np.size):
            return function(*map(valued, args))
        if function in (np.zeros_like, np.ones_like):
            return Written(function(valued(args[0])), str(int(function is np.ones_like)))
        return called(function, args, kwargs)


def valued(x: Any) -> Any:
    """x with arrays for what is written."""
    if isinstance(x, (tuple, list)):
        return type(x)(map(valued, x))
    return x.value if isinstance(x, Written) else x


def called(function: Any, args: tuple, kwargs: dict) -> Written:
    """A call on what is written."""
    value = function(*valued(args), **{key: valued(x) for key, x in kwargs.items()})
    parts = [(x.text, x.tight) if isinstance(x, Written) else (
        plain_text(x), ATOM) for x in args]
    return Written(value, *joined(function, parts, kwargs))


def vjp_text(vjp: Any, y: np.ndarray, name: str, args: list, names: list,
             kwargs: dict) -> str | None:
    """The cotangent of an argument as text in g, that of the result, and in the names of
    the result and of the arguments; None where the VJP reads an array itself.

    >>> from minigrad.primitives.linear import VJPS
    >>> a, b = np.ones((2, 3)), np.ones((3, 4))
    >>> vjp_text(VJPS[np.matmul][0], a @ b, "y", [a, b], ["a", "b"], {})
    'g @ b.mT'
    """
    values = [Written(x, name) if isinstance(name, str) and isinstance(x, np.ndarray)
              and x.dtype.kind == "f" else x for x, name in zip(args, names)]
    try:
        with np.errstate(all="ignore"):
            out = vjp(Written(np.ones_like(y), "g"), Written(y, name), *values, **kwargs)
    except (TypeError, ValueError, AttributeError, IndexError):
        return None
    return out.text if isinstance(out, Written) and len(out.text) <= LONGEST else None
