"""PyTorch's optimizers: a step is run on real tensors, and every operation remembered.

A table says which node a stretch of memory holds, so that views, .data, out= and in-place
operations need no care of their own. What has no meaning here raises with its name.
"""
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch.overrides import TorchFunctionMode

from optim.lifting.graph import Leak, Node, Number, ask, letters_of, node_of, value_of
from optim.lifting.named_norms import is_square, norm

SAME = {name: getattr(np, name) for name in (
    "sqrt square reciprocal exp log log1p expm1 tanh sin cos floor ceil maximum minimum "
    "where logical_and logical_or logical_not sign multiply subtract add negative "
    "absolute").split()}
NAMES = SAME | {
    "neg": np.negative, "abs": np.absolute, "sgn": np.sign, "mul": np.multiply,
    "div": np.true_divide, "true_divide": np.true_divide, "truediv": np.true_divide,
    "divide": np.true_divide, "pow": np.power, "max": np.maximum, "min": np.minimum,
    "gt": np.greater, "lt": np.less, "ge": np.greater_equal, "le": np.less_equal,
    "eq": np.equal, "ne": np.not_equal, "and": np.logical_and, "or": np.logical_or,
    "invert": np.logical_not, "copysign": np.copysign, "atan2": np.arctan2}
REFLECTED = {"__rsub__": "sub", "rsub": "sub", "__rtruediv__": "div", "__rdiv__": "div",
             "__rpow__": "pow", "__radd__": "add", "__rmul__": "mul"}
VIEWS = set("clone detach contiguous expand expand_as view view_as reshape squeeze "
            "unsqueeze flatten ravel alias broadcast_to as_tensor deepcopy".split())
CASTS = set("to type type_as double float half bfloat16 bool int long short".split())
ASKED = set("size dim numel is_complex is_floating_point is_sparse stride __len__ "
            "requires_grad_ __get__ __set__ is_contiguous data_ptr element_size "
            "untyped_storage share_memory_ __hash__ has_names is_same_size __repr__ "
            "register_hook".split())
OF_ALL: dict[str, Any] = {"norm": norm, "mean": np.mean, "sum": np.sum, "amax": np.max,
                          "linalg_vector_norm": norm, "linalg_norm": norm}
WITHOUT_MEANING = {"out", "memory_format", "dtype", "device", "non_blocking", "copy",
                   "requires_grad", "pin_memory", "layout"}
TAKEN_OUT = "item", "bool", "float", "int", "index", "tolist"
OF_TRUTHS = {"and", "or", "invert", "logical_and", "logical_or", "logical_not"}
IN_PLACE = "add sub mul truediv div pow and or".split()


class Remembering(TorchFunctionMode):
    """A block in which each operation on tensors is remembered: nodes {memory: node}."""

    def __init__(self, entries: int = 2) -> None:
        super().__init__()
        self.entries = entries                  # of a parameter
        self.nodes: dict[int, Any] = {}
        self.made: dict[int, Any] = {}          # what a stretch of memory held at first
        self.alive: list[Any] = []              # else its memory would be used again

    def get(self, x: Any) -> Any:
        """The node of a tensor, or the number that all its entries are."""
        if isinstance(x, (list, tuple)):
            raise NotImplementedError(f"torch: {x} as an argument, which is not known here")
        if not isinstance(x, torch.Tensor):
            return node_of(x)
        place = x.untyped_storage()._cdata
        if place in self.nodes:
            return self.nodes[place]
        entries = x.detach().reshape(-1).tolist()
        if len(set(entries)) != 1:
            raise TypeError(f"a tensor {entries} that the step was not given")
        return entries[0]

    def put(self, x: torch.Tensor, node: Any) -> torch.Tensor:
        """Note that a tensor's memory holds a node from now on."""
        storage = x.untyped_storage()
        if x.numel()*x.element_size() != storage.nbytes():
            raise TypeError("a part of a tensor is written; a rule works on all entries")
        if isinstance(node, Node) and letters_of(node) - {"t"}:
            if x.dtype not in (torch.float64, torch.bool):
                raise NotImplementedError(f"torch: a number kept in {x.dtype}, which "
                                          "rounds it")
            if x.numel() > self.entries:
                raise NotImplementedError(f"torch: a tensor of shape {tuple(x.shape)}, in "
                                          "which entries are mixed")
        self.alive.append((x, storage))
        self.nodes[storage._cdata] = node
        self.made.setdefault(storage._cdata, node)
        return x

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        raw = getattr(func, "__name__", str(func))
        result = func(*plain(tuple(args)), **plain(kwargs))
        name, args = (REFLECTED[raw], args[::-1]) if raw in REFLECTED else (raw, args)
        name, in_place = bare_name(name)
        given = {k: v for k, v in kwargs.items() if k not in WITHOUT_MEANING}
        if raw in ASKED or name in ASKED:
            return result
        if name in TAKEN_OUT and not isinstance(result, torch.Tensor):
            return self.taken_out(name, args[0], result)
        if name.startswith("_foreach_"):
            return self.each(name[9:], in_place, args, given, result)
        if name in ("zero", "fill", "copy"):
            return self.put(args[0], 0 if name == "zero" else self.get(args[1]))
        if raw == "__setitem__":
            return self.chosen_entries(*args)
        if not isinstance(result, torch.Tensor):
            if not any(isinstance(x, torch.Tensor) for x in flat(args)):
                return result
            raise NotImplementedError(f"torch.{raw}: what it means is not known here")
        made = self.factory(name, args, kwargs)
        if made is None and name in VIEWS | CASTS and isinstance(args[0], torch.Tensor):
            if result.untyped_storage()._cdata == args[0].untyped_storage()._cdata:
                return result
            made = self.cast(args[0], result.dtype)
        plainly = all(v is None or v is False or OF_ALL.get(name) is norm and v in (
            "fro", 2) for v in (*args[1:], *given.values()))
        if made is None and name in OF_ALL and plainly:
            made = self.of_all(name, args[0])
        if made is None and name == "stack" and all(x.ndim == 0 for x in args[0]):
            made = Node(np.stack, *map(self.get, args[0]))
        if made is None:
            if name in OF_TRUTHS and result.dtype != torch.bool:
                raise NotImplementedError(f"torch.{raw} of {result.dtype}: bit by bit")
            if any(isinstance(x, (list, tuple)) for x in args):
                raise NotImplementedError(f"torch.{raw} with lists: what it means is not "
                                          "known here")
            made = meaning(name, [self.get(x) for x in args],
                           {k: self.get(v) for k, v in given.items()})
        out = kwargs.get("out")
        return self.put(result if out is None else out, made)

    def of_all(self, name: str, x: torch.Tensor) -> Any:
        """What a function makes of all entries; a sum of squares is that of a norm."""
        node, length = self.get(x), OF_ALL[name] is norm
        if x.ndim == 0:
            return Node(np.absolute, node) if length else node
        parts = node.args if getattr(node, "function", None) is np.stack else None
        if parts is None and length:
            return Node(norm, node)
        if parts is None and name == "sum" and is_square(node, {}):
            return Node(np.power, Node(norm, node.args[0]), 2)
        if parts is None or name not in ("sum", "norm") and not length:
            return Node(OF_ALL[name], node)
        out: Any = 0
        for part in parts:
            out = Node(np.add, out, Node(np.power, part, 2) if length else part)
        return Node(np.sqrt, out) if length else out

    def cast(self, x: torch.Tensor, dtype: torch.dtype) -> Any:
        """The node of a tensor as another type: truths are 1 and 0, whole numbers stay."""
        node = self.get(x)
        if x.dtype == dtype or not isinstance(node, Node):
            return node
        if x.dtype == torch.bool:
            return Node(np.where, node, 1, 0)
        if dtype == torch.bool:
            return Node(np.not_equal, node, 0)
        if not dtype.is_floating_point and (
                x.dtype.is_floating_point or x.element_size() > dtype.itemsize):
            raise NotImplementedError(f"torch: {x.dtype} made {dtype}, which rounds it")
        return node

    def factory(self, name: str, args: Any, kwargs: Any) -> Any:
        """The number in a tensor that is made, None if none is."""
        if name in ("tensor", "as_tensor", "scalar_tensor"):
            if isinstance(args[0], (list, tuple)):
                if len(args[0]) == 1:
                    return self.get(args[0][0])
                raise NotImplementedError(f"torch.{name} of a list: which entry is which "
                                          "is not known here")
            return self.get(args[0]) if isinstance(args[0], (int, float)) else None
        kind = name.removeprefix("new_").removesuffix("_like")
        if kind in ("zeros", "empty"):
            return 0
        if kind == "ones":
            return 1
        return self.get(args[1] if len(args) > 1 else kwargs["fill_value"]
                        ) if kind == "full" else None

    def taken_out(self, name: str, x: torch.Tensor, result: Any) -> Any:
        """A tensor of one entry as a number: it remembers what it was."""
        node = self.get(x)
        if not isinstance(node, Node):
            return result
        if name == "bool" or isinstance(result, bool):
            return ask(np.not_equal, Number(float(x), node), 0)
        if name != "item":
            raise Leak(f"{name}() of a tensor that is {node}: what is made of it would not "
                       "be remembered")
        return Number(float(result), node)

    def chosen_entries(self, x: torch.Tensor, index: Any, value: Any) -> None:
        """x[mask] = value."""
        if not (isinstance(index, torch.Tensor) and index.dtype == torch.bool):
            raise NotImplementedError("torch: x[index] = value but by a mask of truths")
        self.put(x, Node(np.where, self.get(index), self.get(value), self.get(x)))

    def each(self, name: str, in_place: bool, args: Any, given: Any, result: Any) -> Any:
        """The same for each tensor of a list."""
        count = max(len(a) for a in args if isinstance(a, (list, tuple)))

        def at(x, i):
            return self.get(x[i] if isinstance(x, (list, tuple)) else x)
        nodes = []
        for i in range(count):
            parts, named = [at(x, i) for x in args], {k: at(v, i) for k, v in given.items()}
            if name in ("addcmul", "addcdiv") and len(parts) == 4:
                named["value"] = parts.pop()
            nodes.append(parts[1] if name == "copy" else 0 if name == "zero" else
                         Node(norm, parts[0]) if name == "norm" and all(
                             x == 2 for x in parts[1:]) and not named else
                         meaning(name, parts, named))
        for x, node in zip(args[0] if in_place else result, nodes):
            self.put(x, node)
        return result


def plain(x: Any) -> Any:
    """The same arguments with every Number a float."""
    if isinstance(x, dict):
        return {k: plain(v) for k, v in x.items()}
    if isinstance(x, (list, tuple)):
        return type(x)(map(plain, x))
    return value_of(x)


def flat(x: Any) -> Iterator[Any]:
    """What lists and tuples hold."""
    for part in x if isinstance(x, (list, tuple)) else ():
        yield from flat(part) if isinstance(part, (list, tuple)) else (part,)


def bare_name(name: str) -> tuple[str, bool]:
    """The name of an operation without its marks, and whether it works in place."""
    if name.startswith("__") and name.endswith("__") and name not in ("__get__", "__set__"):
        name = name[2:-2]
        in_place = name[0] == "i" and name[1:] in IN_PLACE
        return name[in_place:], in_place
    in_place = name.endswith("_") and not name.endswith("__")
    return (name[:-1], True) if in_place else (name, False)


def meaning(name: str, x: list, named: dict[str, Any]) -> Any:
    """A torch operation in NumPy's; NotImplementedError if it is not known."""
    for other in ("other", "exponent", "tensor2", "end"):
        if other in named:
            x.append(named.pop(other))
    if name in ("add", "sub", "subtract"):
        scale = named.pop("alpha", 1)
        term = x[1] if scale == 1 else Node(np.multiply, scale, x[1])
        x = [x[0], term, *x[2:]]
        name = "add" if name == "add" else "subtract"
    elif name == "lerp":
        weight = x[2] if len(x) > 2 else named.pop("weight")
        return Node(np.add, x[0], Node(np.multiply, weight, Node(np.subtract, x[1], x[0])))
    elif name in ("addcmul", "addcdiv"):
        a, b, c = x
        value = named.pop("value", 1)
        first = b if value == 1 else Node(np.multiply, value, b)
        function = np.multiply if name == "addcmul" else np.true_divide
        return Node(np.add, a, Node(function, first, c))
    elif name in ("clamp", "clip", "clamp_min", "clamp_max"):
        out, *ends = x
        low, high = (ends + [None, None])[:2]
        if name == "clamp_max":
            low, high = None, low
        low, high = named.pop("min", low), named.pop("max", high)
        out = out if low is None else Node(np.maximum, out, low)
        return out if high is None else Node(np.minimum, out, high)
    elif name == "rsqrt":
        return Node(np.true_divide, 1, Node(np.sqrt, x[0]))
    elif name == "masked_fill":
        return Node(np.where, x[1], x[2] if len(x) > 2 else named["value"], x[0])
    if name not in NAMES or named:
        raise NotImplementedError(f"torch.{name} {sorted(named) or ''}: what it means is "
                                  "not known here")
    if len(x) != getattr(NAMES[name], "nin", 3):
        raise NotImplementedError(f"torch.{name} of {len(x)} arguments: what it means is "
                                  "not known here")
    return Node(NAMES[name], *x)
