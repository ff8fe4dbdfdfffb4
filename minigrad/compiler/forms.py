"""How each function of a recording is written: with out=, as a view, as an expression."""
import operator
from typing import Any

import numpy as np

from minigrad.compiler.calls import Call, Layout, Node, operands
from minigrad.compiler.drawing import drawn
from minigrad.compiler.shared_memory import updated, window
from minigrad.compiler.elementary import added_at, filled, item, put, scalar_power
from minigrad.compiler.sliding import SLIDING, sliding_lines
from minigrad.compiler.small_products import takes_dot
from minigrad.primitives import shapes
from minigrad.primitives.masking import BITS, zeroed

OPERATORS = {operator.add: "+", operator.sub: "-", operator.mul: "*",
             operator.truediv: "/", operator.floordiv: "//", operator.mod: "%",
             operator.pow: "**", operator.lshift: "<<", operator.rshift: ">>",
             operator.and_: "&", operator.or_: "|", operator.xor: "^",
             operator.lt: "<", operator.le: "<=", operator.eq: "==",
             operator.ne: "!=", operator.gt: ">", operator.ge: ">="}
BARE = {np.where, np.concatenate, np.vdot}      # written as they are, others with np.
SINGLE: dict[Any, str] = {np.add: "+", np.subtract: "-", np.multiply: "*",
                          np.true_divide: "/", np.negative: "-"}
UNARY = {operator.neg: "-", operator.pos: "+", operator.invert: "~"}
COPIES = {shapes.astype, shapes.copy, filled}
PARTIAL = {put, added_at, updated, shapes.replaced}     # a copy, then partly written


def is_ufunc(function: Any) -> bool:
    """Whether it is an elementwise function of NumPy with one result."""
    return isinstance(function, np.ufunc) and function.nout == 1 and not function.signature


def is_elementwise(call: Node) -> bool:
    """Whether each entry of the result comes of the same entries of the operands."""
    return isinstance(call, Call) and call.of is None and call.layout is not None and not (
        call.kwargs) and (is_ufunc(call.function) or call.function in COPIES
                          or call.function is zeroed
                          or call.function is np.where and len(call.args) == 3)


def is_single(x: Any) -> bool:
    """Whether it is arithmetic of single floats: scalars of NumPy's give the same bits as
    arrays of shape (), in a tenth of the time."""
    return isinstance(x, Call) and x.function in SINGLE and x.layout is not None and (
        x.layout.shape == () and x.layout.dtype in (np.float32, np.float64)) and all(
        y.layout is None or y.layout[:2] == x.layout[:2] for y in operands(x))


def takes_out(call: Call) -> bool:
    """Whether the result can be written into memory that is there already."""
    function: Any = call.function
    if isinstance(getattr(function, "__self__", None), np.ufunc):
        return function.__name__ == "reduce" and not call.kwargs
    if call.layout is None or call.of is not None or call.kwargs.keys() - {"axis"}:
        return False
    if is_single(call):
        return False
    return (is_ufunc(function) and not call.kwargs or function is np.matmul
            or function in COPIES or function in PARTIAL or function in SLIDING
            or function in (zeroed, np.concatenate))


def with_out(call: Call, out: str, text: Any, joined: bool = False) -> list[str]:
    """The lines that write the result into `out`; text(x) is how an argument is written.

    joined: whether the arrays that it joins have been computed there.
    """
    function: Any = call.function
    args = call.args
    if function in COPIES:
        return [f'copyto({out}, {text(args[0])}, "unsafe")']
    if function in PARTIAL:
        source = args[1] if function is added_at else args[0]
        copied = [] if text(source) == out else [f"copyto({out}, {text(source)})"]
        return [*copied, written_part(call, out, text)]
    if function in SLIDING:
        return sliding_lines(call, out, text)
    if function is zeroed:
        x, mask = map(text, args)
        bits = text(BITS[call.layout.dtype.itemsize])
        return [f"np.bitwise_and({x}.view({bits}), {mask}.view(np.int8) - 1,"
                f" {out}.view({bits}))"]
    if function is np.where:
        first = [f"copyto({out}, {text(args[2])})"]*(text(args[2]) != out)
        scalar = not isinstance(args[1], Node) or args[1].layout is None
        if scalar and isinstance(args[0], Node) and args[0].layout and (
                args[0].layout.shape == call.layout.shape):
            return [*first, f"putmask({out}, {text(args[0])}, {text(args[1])})"]
        return [*first, f"copyto({out}, {text(args[1])}, where={text(args[0])})"]
    if isinstance(getattr(function, "__self__", None), np.ufunc):
        return [f"{name_of(function)}({', '.join([*map(text, args), out])})"]
    if function is np.concatenate:
        if joined:
            return []
        return [f"concatenate({text(args[0])}, {text(call.kwargs.get('axis', 0))}, {out})"]
    if takes_dot(call):
        return [f"dot({', '.join([*map(text, args), out])})"]
    by_name = "out=" if function in (np.maximum, np.minimum) else ""   # NumPy wants it so
    return [f"{function.__name__}({', '.join([*map(text, args), by_name + out])})"]


def written_part(call: Call, out: str, text: Any) -> str:
    """The line that writes a part of what was copied."""
    args = call.args
    if call.function is added_at:
        rest = ", ".join(map(text, args[2:]))
        return f"{args[0].__name__}.at({out}, {rest})"
    if call.function is put:
        return f"{out}[{index_text(args[1], text)}] = {text(args[2])}"
    if call.function is shapes.replaced:
        return f"{out}.put({text(args[1])}, {text(args[2])})"
    node, offset, shape, strides, values = args
    view = Call(Layout(shape, node.layout.dtype, strides), window,
                (node, offset, shape, strides))
    place = window_text(view, lambda x: out if x is node else text(x))
    return f"{place}[...] = {text(values)}"


def expression(call: Call, text: Any) -> str:
    """The call as an expression of Python."""
    function, args = call.function, call.args
    if is_single(call):
        *left, last = map(text, args)
        return f"{' '.join([*left, SINGLE[function]])} {last}" if left else f"-{last}"
    if function in OPERATORS:
        a, b = map(text, args)
        return f"{a}**{b}" if function is operator.pow else f"{a} {OPERATORS[function]} {b}"
    if function in UNARY:
        return f"{UNARY[function]}{text(args[0])}"
    if function in (shapes.getitem, operator.getitem):
        return f"{text(args[0])}[{index_text(args[1], text)}]"
    if function is window:
        return window_text(call, text)
    if function is np.vdot and all(
            isinstance(x, Node) and len(x.layout.shape) == 1 for x in args):
        return f"{text(args[0])}.dot({text(args[1])})"
    if function is drawn:
        options = [f"{name}={text(x)}" for name, x in call.kwargs.items()]
        return f"{text(args[0])}.{args[1]}({', '.join([*map(text, args[2:]), *options])})"
    if function is item:
        return f"{text(args[0])}.item()"
    if function is scalar_power:
        return f"{text(args[0])}[()]**{text(args[1])}"
    options = [f"{name}={text(x)}" for name, x in call.kwargs.items()]
    return f"{name_of(function)}({', '.join([*map(text, args), *options])})"


def name_of(function: Any) -> str:
    """How a function of NumPy's is called in the source."""
    owner = getattr(function, "__self__", None)
    if isinstance(owner, np.ufunc):
        return f"{owner.__name__}.{function.__name__}"
    module = getattr(function, "__module__", None) or "numpy"
    name = function.__name__
    if is_foreign(function):
        return name
    if module in ("_operator", "builtins"):
        return name
    if isinstance(function, np.ufunc) or function in BARE:
        return name
    return f"{module.replace('numpy', 'np')}.{name}"


def is_foreign(function: Any) -> bool:
    """Whether a function is neither NumPy's, nor Python's, nor one that has its own form:
    bind takes it then, and the source does not run with NumPy alone."""
    module = (getattr(function, "__module__", None) or "numpy").partition(".")[0]
    return module not in ("numpy", "_operator", "builtins", "minigrad")


def index_text(index: Any, text: Any) -> str:
    """What stands in the brackets of x[...]."""
    if isinstance(index, tuple) and index:
        return ", ".join(index_text(part, text) for part in index) + (
            "," if len(index) == 1 else "")
    if isinstance(index, slice):
        ends = ["" if x is None else text(x) for x in (index.start, index.stop)]
        return ":".join(ends) + ("" if index.step is None else f":{text(index.step)}")
    return "..." if index is ... else text(index)


def window_text(call: Call, text: Any) -> str:
    """A window of memory, as a slice where it is one."""
    x, offset, shape, strides = call.args
    item = call.layout.dtype.itemsize
    mine, whole = call.layout, x.layout
    if mine.contiguous and whole.contiguous and offset % item == 0:
        start = offset//item
        flat = text(x) if len(whole.shape) == 1 else f"{text(x)}.reshape(-1)"
        piece = f"{flat}[{start}:{start + mine.size}]"
        return piece if len(shape) == 1 else f"{piece}.reshape({shape})"
    flat = f'{text(x)}.ravel("K")'
    return f"np.ndarray({shape}, {text(x)}.dtype, {flat}, {offset}, {strides})"
