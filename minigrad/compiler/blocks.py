"""Runs of elementwise calls on large arrays, worked block by block.

An array that is larger than the cache would travel from memory and back in every call. So
the calls of a run are done on one block, then on the next: entries never meet, and each
gets the bits that it gets alone. Sums and products are no part of a run.

BLOCK: entries of a block at most; loops.py takes less for many arrays. Six arrays of 32,768
float32 are 768 kB, which a second cache of 1 MB holds; smaller blocks cost more calls
(measured with Adam on 235,000 parameters: 16,384 takes 1.07 of the time of 32,768, and
8,192 takes 1.33).
"""
from typing import NamedTuple

from minigrad.compiler.forms import is_elementwise, takes_out
from minigrad.compiler.calls import Call, Constant, Input, Layout, Node, operands, owner

BLOCK = 32768


class Loop(NamedTuple):
    """A run of calls, by their places, whose results have one layout."""
    start: int
    end: int
    layout: Layout


def in_order(calls: list[Call]) -> list[Call]:
    """The calls with the arithmetic of Python's numbers first, where it can be."""
    early: set[int] = set()
    for call in calls:
        if call.layout is None and all(
                id(x) in early or isinstance(x, (Input, Constant)) and x.layout is None
                for x in operands(call)):
            early.add(id(call))
    return [c for c in calls if id(c) in early] + [c for c in calls if id(c) not in early]


def loops_of(calls: list[Call], bound: set[int]) -> dict[int, Loop]:
    """{id of a call: the run that it is part of}, for runs of two calls and more.

    bound: the ids of the inputs that are the same arrays at every step.
    """
    found: dict[int, Loop] = {}
    start = 0
    while start < len(calls):
        end = start
        while end < len(calls) and joins(calls[end], calls[start], bound):
            end += 1
        if end - start > 1:
            loop = Loop(start, end - 1, calls[start].layout)
            found |= {id(call): loop for call in calls[start:end]}
        start = max(end, start + 1)
    return found


def joins(call: Call, first: Call, bound: set[int]) -> bool:
    """Whether a call can be worked in blocks together with the first one of a run."""
    layout = first.layout
    return (is_elementwise(call) and layout is not None and layout.size > BLOCK
            and call.layout.shape == layout.shape and call.quiet == first.quiet
            and all(x.layout is None or x.layout.shape == () or (
                x.layout.shape == layout.shape and x.layout.contiguous and stays(x, bound))
                for x in [call, *operands(call)]))


def stays(x: Node, bound: set[int]) -> bool:
    """Whether the array is the same at every step, so that its blocks are."""
    x = owner(x)
    return id(x) in bound or isinstance(x, Constant) or isinstance(x, Call) and (
        takes_out(x) or is_elementwise(x))
