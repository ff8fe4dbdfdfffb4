"""Loops of our own run through mg.compile, where it is installed and the loop is long."""
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import minigrad as mg

LONG = 500          # calls from which on two recordings have paid; they take 5 to 20 ms


def replayed(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function through mg.compile; what cannot be recorded runs as it is."""
    if find_spec("minigrad.compiler") is None:          # which can be left out
        return function
    return mg.compile(function, strict=False)
