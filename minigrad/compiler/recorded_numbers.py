"""RecordedNumber: a Python number that remembers what it was computed from.

t, hyperparameters and numbers among the arguments travel as such through the recorded
function; arithmetic on them is Python's own and becomes lines of Python. It looks like a
float or an int to isinstance, but is none, so that nothing of C takes the number silently:
all that asks for its value comes here, and the recorder decides (recorder.py).
"""
import operator
from typing import Any

from minigrad.stand_ins import StandIn


class RecordedNumber(StandIn):
    """A float, int or bool with the node that it came from."""
    __slots__ = ("value", "node", "recorder")

    def __init__(self, value: Any, node: Any, recorder: Any):
        self.value = value
        self.node = node
        self.recorder = recorder

    @property                           # type: ignore[misc]
    def __class__(self):                # for isinstance; type(x) is another
        return type(self.value)

    def _asked(self) -> Any:
        """The value, for one who will not remember where it came from."""
        return self.recorder.number_asked(self)

    def __float__(self):
        return float(self._asked())

    def __int__(self):
        return int(self._asked())

    def __index__(self):
        return operator.index(self._asked())

    def __bool__(self):
        return bool(self._asked())

    def __hash__(self):
        return hash(self._asked())

    def __round__(self, digits=None):
        return round(self._asked(), digits)

    def __format__(self, how):
        return format(self._asked(), how)

    def __repr__(self):
        return repr(self.recorder.as_text(self))

    def __divmod__(self, other):
        return self//other, self % other

    def __rdivmod__(self, other):
        return other//self, other % self

    def __complex__(self):
        return complex(self._asked())

    def __getattr__(self, name):        # is_integer, real, bit_length, ...
        if name.startswith("__") or not hasattr(self.value, name):
            raise AttributeError(f"{type(self.value).__name__} has no attribute {name!r}")
        return getattr(self._asked(), name)

    def item(self):
        """Itself."""
        return self

    def copy(self, order="C"):
        """Itself; a number has no order in memory."""
        return self

    def as_array(self):
        """An array of shape () with this number, as np.asarray makes it."""
        return self.recorder.array_of(self)

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return self.recorder.ufunc(ufunc, method, inputs, kwargs)

    def __array_function__(self, function, types, args, kwargs):
        return self.recorder.function(function, args, kwargs)


def _is_number(x: Any) -> bool:
    return type(x) in (RecordedNumber, int, float, bool)


def _binary(function, reflected):
    def run(self, other):
        if not _is_number(other):
            return NotImplemented
        return self.recorder.number(
            function, (other, self) if reflected else (self, other))
    return run


def _unary(function):
    return lambda self: self.recorder.number(function, (self,))


for _name in "add sub mul truediv floordiv mod pow lshift rshift and or xor".split():
    _function = getattr(operator, _name, None) or getattr(operator, f"{_name}_")
    setattr(RecordedNumber, f"__{_name}__", _binary(_function, False))
    setattr(RecordedNumber, f"__r{_name}__", _binary(_function, True))
for _name in "lt le eq ne gt ge".split():
    setattr(RecordedNumber, f"__{_name}__", _binary(getattr(operator, _name), False))
for _name in "neg pos abs invert".split():
    setattr(RecordedNumber, f"__{_name}__", _unary(getattr(operator, _name)))
