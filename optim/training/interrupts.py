"""Ctrl-C at a good moment: it is noted, and the loop asks when it can stop."""
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from optim.optimizers.history import History


class Interrupted(KeyboardInterrupt):
    """A run that was interrupted: .history has what was measured, .checkpoint is the file
    from which it goes on, if there is one."""

    def __init__(self, what: str, checkpoint: Path | None, history: History) -> None:
        how = ("no checkpoint was asked for" if checkpoint is None else
               f"saved: {checkpoint}; the same call with resume=True goes on")
        super().__init__(f"{what}; {how}")
        self.what, self.checkpoint, self.history = what, checkpoint, history


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
