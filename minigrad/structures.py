"""Structures: tuples, lists and dicts of arrays, nested, as arguments and results come."""
from typing import Any, Callable

from minigrad.tape import vector_like


def map_leaves(f: Callable, tree: Any) -> Any:
    """The same structure of dicts, tuples and lists, with f of every leaf."""
    if isinstance(tree, dict):
        return {key: map_leaves(f, part) for key, part in tree.items()}
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)(*[map_leaves(f, part) for part in tree])
    if isinstance(tree, (tuple, list)):
        return type(tree)(map_leaves(f, part) for part in tree)
    return f(tree)


def leaves_of(tree: Any) -> list:
    """The leaves of a structure, in order."""
    found: list = []
    map_leaves(found.append, tree)
    return found


def describe(tree: Any) -> str:
    """A structure in words, for errors."""
    if isinstance(tree, dict):
        return f"a dict of {', '.join(map(repr, tree)) or 'nothing'}"
    if isinstance(tree, (tuple, list)):
        return f"a {type(tree).__name__} of {len(tree)}"
    return type(tree).__name__


def vectors(name: str, given: Any, needed: Any) -> list:
    """Tangents or cotangents for each leaf of the structure `needed`, in its order.

    Raises ValueError where structure or shapes differ, as nothing is broadcast, and
    TypeError for what is not real numbers.
    """
    if isinstance(needed, dict):
        same = isinstance(given, dict) and given.keys() == needed.keys()
        parts = [(given[key], needed[key]) for key in needed] if same else []
    elif isinstance(needed, (tuple, list)):
        same = isinstance(given, (tuple, list)) and len(given) == len(needed)
        parts = list(zip(given, needed)) if same else []
    else:
        return [vector_like(given, needed, name)]
    if not same:
        raise ValueError(f"{name}: came {describe(given)} for {describe(needed)}; a vector "
                         "has the structure of what it belongs to")
    return [leaf for pair in parts for leaf in vectors(name, *pair)]
