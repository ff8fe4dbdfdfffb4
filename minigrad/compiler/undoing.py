"""A recorded call taken back, as if it had not been made."""
from typing import Any

from minigrad.compiler.watching import SEQUENCES


def undo(session: Any) -> None:
    """Make all that can be reached what it was at the beginning: arrays, gradients,
    numbers, lists, what names were bound to, and states of generators."""
    for memory in session.memories.values():
        if memory.before is not None:
            memory.anchor[...] = memory.before
    for array, before in [*session.copies, *session.hidden]:
        if array.tobytes() != before.tobytes():
            array[...] = before
    for met in session.tensors.values():
        met.tensor._grad = met.grad
    for holder, text, value in session.began.values():
        set_there(holder, text, value)
    for generator, state in session.states:
        generator.bit_generator.state = state
    known = {(id(name.holder), name.text) for name in session.names}
    for name in [*session.look()][::-1]:
        if name.can_bind() and (id(name.holder), name.text) not in known and (
                not isinstance(name.holder, SEQUENCES)):
            name.bind(name.holder)                  # it was not bound
    for name in session.names:
        if name.key is len:
            resized(name.holder, name.value)
    for name in session.names:
        if name.can_bind() and not name.holds():
            name.bind(name.value)
        elif name.key is frozenset and not name.holds():
            name.holder.clear()
            name.holder.update(name.value)


def set_there(holder: Any, text: str, value: Any) -> None:
    """Set what a holder has there, as Source's text says."""
    exec(f"{text.format('holder')} = value", {"holder": holder, "value": value})


def resized(parts: Any, size: int) -> None:
    """Make a list or deque as long as it was; its parts are bound afterwards."""
    while len(parts) > size:
        parts.pop()
    parts.extend([None]*(size - len(parts)))
