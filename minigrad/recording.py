"""Whether calls are recorded, in the blocks and functions of each thread and task."""
from contextlib import ContextDecorator
from contextvars import ContextVar
from inspect import isasyncgenfunction, iscoroutinefunction, isgeneratorfunction

# Each thread and each asyncio task has its own: the blocks that it is in, the innermost
# first, and what that one says.
blocks: ContextVar[list] = ContextVar("blocks", default=[])
mode: ContextVar[bool] = ContextVar("mode", default=True)
is_recording = mode.get


class recording(ContextDecorator):
    """A block, or a function, whose calls are recorded or not, whatever was so outside.

    Blocks may end in any order, as those of two generators do.
    """
    written = "mg.no_grad()"                    # in messages

    def __init__(self, on=True):
        self.on = on

    def __enter__(self):
        blocks.set([self, *blocks.get()])
        mode.set(self.on)

    def __exit__(self, *error):
        remaining = [*blocks.get()]
        if self in remaining:                   # else it began in another thread or task
            remaining.remove(self)
        blocks.set(remaining)
        mode.set(remaining[0].on if remaining else True)

    def __call__(self, function):
        if any(runs_later(function) for runs_later in (
                isgeneratorfunction, iscoroutinefunction, isasyncgenfunction)):
            raise TypeError(f"{self.written}: the body of {function.__name__} runs after "
                            f"the call has returned; write `with {self.written}:` inside it"
                            )
        return super().__call__(function)


def is_differentiating():
    """Whether the caller runs inside a function of which a derivative is being taken."""
    return any(block.on for block in blocks.get())


def no_grad(function=None):
    """A block, or a decorated function, in which nothing is recorded: its results want no
    gradient. Augmented assignment writes in place there, as NumPy's does.

    A generator that yields inside such a block leaves its caller in it until it goes on.

    >>> import minigrad as mg
    >>> x = mg.tensor([1., 2.], requires_grad=True)
    >>> with mg.no_grad():
    ...     y = 2*x
    ...     x -= y/4
    >>> y.requires_grad, x.requires_grad, x.numpy()
    (False, True, array([0.5, 1. ]))
    """
    return recording(False) if function is None else recording(False)(function)
