"""Nested dicts and lists as arrays by name, for a file, and back: nothing is pickled.

Numbers, words and the nesting stand as JSON in the array "tree", in which a dict is a list
of pairs; each array has an entry of its own, named by the keys on the way to it.
"""
import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

PLAIN = bool, int, float, str, type(None)


def packed(value: Any) -> dict[str, NDArray]:
    """The arrays that hold a value; TypeError for what is no plain data.

    >>> sorted(packed({"a": {"w": np.ones(2)}, "t": 3}))
    ['a/w', 'tree']
    >>> unpacked(packed({1: (0.1, np.float32(2), [None])}))
    {1: (0.1, np.float32(2.0), [None])}
    """
    arrays: dict[str, NDArray] = {}

    def plain(x: Any, path: str) -> Any:
        if type(x) in PLAIN:
            return x
        if isinstance(x, (np.ndarray, np.generic)):
            name = path
            while name in arrays or name == "tree":
                name += "'"
            arrays[name] = np.asarray(x)
            return {"array" if isinstance(x, np.ndarray) else "number": name}
        if isinstance(x, dict):
            return {"dict": [[plain(key, path), plain(each, f"{path}/{key}".lstrip("/"))]
                             for key, each in x.items()]}
        if isinstance(x, (list, tuple)):
            items = [plain(each, f"{path}/{k}") for k, each in enumerate(x)]
            return items if isinstance(x, list) else {"tuple": items}
        raise TypeError(f"{path} is {x!r:.80}; needed plain data: numbers, words, arrays, "
                        "in dicts and lists")
    tree = json.dumps(plain(value, ""))
    return {"tree": np.frombuffer(tree.encode(), np.uint8), **arrays}


def unpacked(arrays: dict[str, NDArray]) -> Any:
    """The value of what packed gave; ValueError, KeyError or TypeError for other arrays."""
    def value(x: Any) -> Any:
        if isinstance(x, list):
            return [*map(value, x)]
        if not isinstance(x, dict):
            return x
        ((kind, inner),) = x.items()
        if kind == "dict":
            return {value(key): value(each) for key, each in inner}
        if kind == "tuple":
            return tuple(map(value, inner))
        return arrays[inner] if kind == "array" else arrays[inner][()]
    return value(json.loads(arrays["tree"].tobytes().decode()))
