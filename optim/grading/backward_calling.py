"""A hand-written backward pass called in its author's manner.

A function of (x, w, dout) in any order, of (dout, cache) with a cache that its own forward
makes, or that is read off how it is unpacked, a class with forward and backward, a loss
that gives (loss, dx). run_backward is all that others need of it.
"""
import ast
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from optim.grading.backward_exercises import (
    SYNONYMS, Arrays, Exercise, gradient_of, meaning)
from optim.hints import squeezed

SIZES = {"affine": ("d", "m"), "linear": ("d", "m"), "embedding": ("v", "d")}
DICTS = "param", "params", "config", "hparam", "hparameters", "hyper"
POOLED = "mode", "train"


class Given(dict):
    """Copies of a case's arguments, and which of them the homework has had."""

    def __init__(self, arrays: Arrays, used: set[str]):
        super().__init__({name: x.copy() if isinstance(x, np.ndarray) else x
                          for name, x in arrays.items()})
        self.used = used

    def __getitem__(self, name):
        self.used.add(name)
        return super().__getitem__(name)


def run_backward(target: Any, scope: Mapping[str, Any], asked: Exercise, arrays: Arrays,
                 used: set[str] | None = None) -> dict[str, Any]:
    """{"results": [array, ...], "names": of each or None, "changed": inputs written over}.

    target: a function or class; scope: what its file defines, for its forward; used: is
    given the names of those arguments that it has had. Raises whatever the homework raises,
    ValueError for arguments that are not understood.
    """
    given = Given(arrays, set() if used is None else used)
    holder = None
    if isinstance(target, type):
        found, holder = class_called(target, asked, given)
    else:
        found = function_called(target, scope, asked, given)
    results, names = in_order(found, asked)
    if holder is not None:
        results, names = with_attributes(holder, results, names, asked)
    changed = [name for name, x in arrays.items() if isinstance(x, np.ndarray)
               and not (x.shape == given[name].shape and np.all(x == given[name]))]
    return {"results": results, "names": names or returned_names(target, asked, results),
            "own": own_order(target, asked), "changed": changed}


# ------------------------------------------------------------------ functions
def parameters(f: Callable) -> dict[str, inspect.Parameter]:
    return {n: p for n, p in inspect.signature(f).parameters.items()
            if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)}


def function_called(f: Callable, scope: Mapping[str, Any], asked: Exercise, given: Arrays
                    ) -> Any:
    """What a function gives for the arguments that it names."""
    bound, unknown = bind(parameters(f), asked, given)
    found = values(bound, asked, given)
    forward = partner(f, scope)
    if len(unknown) == 1 and forward is not None:
        return f(**found, **{unknown[0]: cached(forward, asked, given)})
    known = {name: kept(name, asked, given) for name in unknown}
    found |= {name: x for name, x in known.items() if x is not None}
    unknown = [name for name, x in known.items() if x is None]
    free = [a for a in (*asked.shapes, "dout") if a not in bound.values()]
    if len(unknown) > 1:
        raise ValueError(f"came arguments {', '.join(unknown)}, which are not known; needed"
                         f" {', '.join((*asked.shapes, 'dout'))}, or a cache")
    if len(unknown) == len(free) == 1 and not is_taken_apart(f, unknown[0]):
        return f(**found, **{unknown[0]: given[free[0]]})
    return f(**found, **{name: unpacked(f, name, asked, given) for name in unknown})


def bind(names: Mapping[str, inspect.Parameter], asked: Exercise, given: Arrays
         ) -> tuple[dict[str, str], list[str]]:
    """{its argument: ours}, and those that are not known and have no default."""
    bound: dict[str, str] = {}
    unknown = []
    for name, p in names.items():
        found = meaning(name, asked)
        if found is None and is_settings(name):
            found = name
        if found is not None and (found not in bound.values()):
            bound[name] = found
        elif p.default is p.empty and name != "self":
            unknown.append(name)
    return bound, unknown


def is_settings(name: str) -> bool:
    return squeezed(name).endswith(DICTS)


def values(bound: Mapping[str, str], asked: Exercise, given: Arrays) -> Arrays:
    """Its arguments; a dict of settings has each under every name that is usual."""
    return {name: given[ours] if ours in given else settings(asked, given)
            for name, ours in bound.items()}


def settings(asked: Exercise, given: Arrays) -> Arrays:
    """The numbers of a case, for `conv_param` and its like."""
    out: Arrays = {"mode": "train"}
    for name in (*asked.shapes, *asked.extra):
        if not isinstance(given[name], np.ndarray) or name.startswith("running"):
            out |= dict.fromkeys([name, *SYNONYMS.get(name, "").split()], given[name])
    return out


def partner(f: Callable, scope: Mapping[str, Any]) -> Callable | None:
    """The forward that belongs to a backward, of the same file."""
    name = getattr(f, "__name__", "")
    for old, new in (("backward", "forward"), ("back", "forward"), ("bwd", "fwd"),
                     ("backprop", "forward"), ("bprop", "fprop")):
        if old in name and callable(scope.get(name.replace(old, new))):
            return scope[name.replace(old, new)]
    return None


def cached(forward: Callable, asked: Exercise, given: Arrays) -> Any:
    """The cache that a forward makes: the last of what it returns."""
    bound, unknown = bind(parameters(forward), asked, given)
    if unknown:
        raise ValueError(f"the forward asks for {', '.join(unknown)}, which is not known")
    out = forward(**values(bound, asked, given))
    if not isinstance(out, tuple) or len(out) < 2:
        raise ValueError("the forward gives no (out, cache)")
    return out[-1]


def fixed_by(target: Any, scope: Mapping[str, Any], asked: Exercise, used: set[str]
             ) -> dict[str, Any]:
    """The numbers of a case that the homework does not ask for, and has for its own: a
    stride of 1, no padding, windows of 2 by 2, its own eps."""
    out: dict[str, Any] = {}
    missing = [n for n, shape in asked.shapes.items() if not shape and n not in used]
    pool = "pad" not in asked.shapes
    for name in missing:
        if name == "eps":
            small = {node.value for f in (target, partner(target, scope)) if f is not None
                     for node in ast.walk(tree_of(f) or ast.Pass())
                     if isinstance(node, ast.Constant) and isinstance(node.value, float)
                     and 0 < node.value <= 0.01}
            out |= {name: small.pop()} if len(small) == 1 else {}
        else:
            out[name] = {"pad": 0, "stride": "tall" if pool else 1, "wide": "tall"}.get(
                name, 2)
    return out


# ------------------------------------------------------------------ caches without forward
def tree_of(f: Any) -> ast.AST | None:
    """The syntax tree of a function or class, from its file."""
    codes = [g.__code__ for g in (f, *vars(f).values()) if hasattr(g, "__code__")]
    if not codes:
        return None
    with open(codes[0].co_filename, "rb") as file:
        tree = ast.parse(file.read())
    return next((x for x in ast.walk(tree) if isinstance(x, (ast.FunctionDef, ast.ClassDef))
                 and x.name == f.__name__), None)


def is_taken_apart(f: Callable, name: str) -> bool:
    """Whether an argument is unpacked, or has keys that are texts."""
    def is_it(x: ast.AST) -> bool:
        return isinstance(x, ast.Name) and x.id == name
    return name == "cache" or any(
        isinstance(x, ast.Assign) and is_it(x.value) and isinstance(x.targets[0], ast.Tuple)
        or isinstance(x, ast.Subscript) and is_it(x.value) and isinstance(
            x.slice, ast.Constant) for x in ast.walk(tree_of(f) or ast.Pass()))


def unpacked(f: Callable, cache: str, asked: Exercise, given: Arrays) -> Any:
    """A cache of the form that the function takes apart; ValueError for what is in it and
    not known."""
    tree = tree_of(f)
    keys: list[Any] = []
    for node in ast.walk(tree) if tree is not None else ():
        match node:
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Name(id=name)) if (
                    name == cache):
                return tuple(remembered(ast.unparse(n), asked, given) for n in names)
            case ast.Assign(targets=[ast.Name(id=new)], value=ast.Name(id=name)) if (
                    name == cache):
                return remembered(new, asked, given)
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=key)) if (
                    name == cache):
                keys.append(key)
    if keys and all(isinstance(k, str) for k in keys):
        return {k: remembered(k, asked, given) for k in keys}
    order = [a for a in asked.shapes]
    if keys and max(keys) < len(order):
        return tuple(given[a] for a in order)
    if not keys and len(order) == 1:
        return given[order[0]]
    raise ValueError(f"how it takes {cache!r} apart is not understood; hand in its forward "
                     "too")


def remembered(name: str, asked: Exercise, given: Arrays) -> Any:
    """What a name in a cache stands for: an argument, or what the forward computes."""
    found = meaning(name, asked)
    if found in given:
        return given[found]
    if is_settings(name):
        return settings(asked, given)
    value = kept(name, asked, given)
    if value is None:
        raise ValueError(f"its cache has {name!r}, which is not known; hand in its forward "
                         "too")
    return value


def kept(name: str, asked: Exercise, given: Arrays) -> Any:
    """What the forward computes and calls by this name, or None."""
    return next((value for words, value in intermediates(asked, given).items()
                 if squeezed(name) in map(squeezed, words.split())), None)


def intermediates(asked: Exercise, given: Arrays) -> dict[str, Any]:
    """{names: value} of what a forward is likely to have kept."""
    out: dict[str, Any] = {}
    if asked.name not in ("cross_entropy", "mse"):
        out["out y a yhat s sig output p probs"] = asked.called(given)
    if asked.name in ("softmax", "cross_entropy"):
        exps = np.exp(given["x"])
        out["probs p prob softmax out yhat s ypred sm a"] = exps/np.sum(
            exps, axis=1, keepdims=True)
    if asked.name.endswith("norm"):
        how: dict[str, Any] = dict(axis=0) if asked.name == "batch_norm" else dict(
            axis=1, keepdims=True)
        mean, var = np.mean(given["x"], **how), np.var(given["x"], **how)
        std = np.sqrt(var + given["eps"])
        out |= {"mean mu sample_mean batch_mean m u": mean,
                "var sample_var batch_var v variance sigma2": var,
                "std sigma sqrtvar stddev denom": std,
                "ivar inv_std istd inv invstd rstd": 1/std,
                "xhat x_norm xnorm norm normalized x_normalized xn xnormalised":
                (given["x"] - mean)/std, "xmu xc centered centred x_centered diff":
                given["x"] - mean}
    return out


# ------------------------------------------------------------------ classes
def class_called(kind: type, asked: Exercise, given: Arrays) -> tuple[Any, Any]:
    """What the backward of an object gives, and the object."""
    sized = dict(given)
    for name, words in (("w", ("in_features n_in input_dim input_size fan_in d_in in_dim "
                               "num_inputs nin num_embeddings vocab_size din n_inputs",
                               "out_features n_out output_dim output_size fan_out d_out "
                               "out_dim num_outputs nout embedding_dim dim dout_ hidden "
                               "n_neurons units")),):
        if name in given:
            shape = given[name].shape[:2]
            shape = shape[::-1] if asked.name == "linear" else shape
            for text, size in zip(words, shape):
                sized |= {squeezed(word): size for word in text.split()}
    if "gamma" in given:
        sized |= dict.fromkeys(map(squeezed, "num_features dim size features d n_features "
                                   "normalized_shape input_dim".split()),
                               given["gamma"].shape[0])
    made = {}
    for name, p in parameters(kind).items():
        found = meaning(name, asked)
        if found in given:
            made[name] = given[found]
        elif squeezed(name) in sized:
            made[name] = sized[squeezed(name)]
        elif p.default is p.empty:
            raise ValueError(f"its class asks for {name!r}, which is not known")
    it = kind(**made)
    for name in [*vars(it)]:
        found = meaning(name, asked)
        if found in given and found not in ("x", "dout", "y"):
            setattr(it, name, given[found])
        elif isinstance(getattr(it, name), dict) and "grad" not in name:
            for key in getattr(it, name):
                found = meaning(key, asked)
                if found in given:
                    getattr(it, name)[key] = given[str(found)]
    for method in ("forward", "__call__"):
        if method in vars(kind) or hasattr(kind, "forward"):
            f = getattr(it, method)
            bound, unknown = bind(parameters(f), asked, given)
            if unknown:
                raise ValueError(f"its forward asks for {', '.join(unknown)}, which is not "
                                 "known")
            f(**values(bound, asked, given))
            break
    back = it.backward
    bound, unknown = bind(parameters(back), asked, given)
    if len(unknown) == 1 and "dout" not in bound.values():
        bound, unknown = bound | {unknown[0]: "dout"}, []
    if unknown:
        raise ValueError(f"its backward asks for {', '.join(unknown)}, which is not known")
    return back(**values(bound, asked, given)), it


def with_attributes(it: Any, results: list, names: list | None, asked: Exercise
                    ) -> tuple[list, list | None]:
    """The results, and those gradients that an object keeps: .dw, .grads["w"]."""
    kept: dict[str, Any] = {}
    for name, x in vars(it).items():
        inside = x.items() if isinstance(x, dict) and "grad" in name.casefold() else ()
        for key, value in inside:
            found = gradient_of(str(key), asked)
            if found is not None:
                kept[found] = value
        key = squeezed(name)
        if (key.startswith(("d", "grad")) or key.endswith("grad")) and x is not None:
            found = gradient_of(name, asked)
            if found is not None and not isinstance(x, dict):
                kept[found] = x
    if len(results) == 1 and kept:
        first = "x" if "x" in asked.wanted else asked.wanted[0]
        if results[0] is not None or first not in kept:
            kept[first] = results[0]
    elif len(results) > 1 or not kept:
        return results, names
    order = [a for a in asked.wanted if a in kept]
    return [kept[a] for a in order], order


# ------------------------------------------------------------------ what comes back
def in_order(found: Any, asked: Exercise) -> tuple[list, list | None]:
    """The gradients as a list, and their names if they are known; a loss is left out."""
    if isinstance(found, dict):
        named = {gradient_of(str(k), asked): x for k, x in found.items()}
        order = [a for a in asked.wanted if a in named]
        return [named[a] for a in order], order
    results = [*found] if isinstance(found, tuple) or isinstance(
        found, list) and any(np.ndim(x) for x in found) and len(found) <= 3 and len(
            asked.wanted) > 1 else [found]
    if asked.loss and len(results) > 1 and np.ndim(results[0]) == 0:
        results = results[1:]
    while len(results) > len(asked.wanted) and results[-1] is None:
        results.pop()                                       # of an argument without one
    if len(results) > len(asked.wanted) and results[0] is None:
        results = results[1:]
    return results, None


def returned_names(target: Any, asked: Exercise, results: list) -> list | None:
    """The names in its return, where fewer are returned than were wanted."""
    if len(results) == len(asked.wanted):
        return None
    tree = tree_of(target)
    for node in reversed([*ast.walk(tree)] if tree is not None else []):
        if isinstance(node, ast.Return) and node.value is not None:
            parts = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
            found = [gradient_of(ast.unparse(p), asked) for p in parts]
            if len(parts) == len(results) and None not in found:
                return found
    return None


def own_order(target: Any, asked: Exercise) -> list[str]:
    """The arguments whose gradients are wanted, in the order in which it has them."""
    if isinstance(target, type):
        return []
    found = [meaning(n, asked) for n in parameters(target)]
    order = [a for a in found if a is not None and a in asked.wanted]
    return order if {*order} == {*asked.wanted} else []
