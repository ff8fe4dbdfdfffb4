"""Ctrl-C at a good moment: it is noted, and the loop asks when it can stop."""
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Asked:
    """Whether somebody has asked to stop."""

    def __init__(self) -> None:
        self.to_stop = False


@contextmanager
def interrupts() -> Iterator[Asked]:
    """A block in which the first Ctrl-C is only noted; a second one interrupts at once.

    Where interrupts are not Python's own (in another thread, or with a handler of the
    user's) they stay what they are.
    """
    asked = Asked()
    usual = signal.default_int_handler
    if (threading.current_thread() is not threading.main_thread()
            or signal.getsignal(signal.SIGINT) is not usual):
        yield asked
        return

    def noted(number: int, frame: object) -> None:
        asked.to_stop = True
        signal.signal(signal.SIGINT, usual)
    signal.signal(signal.SIGINT, noted)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, usual)
