"""The cache of a backward pass: made by its own forward, or read off how it is unpacked."""
import ast
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from optim.grading.backward_arguments import bind, is_settings, parameters, settings, values
from optim.grading.backward_exercises import Arrays, Exercise
from optim.grading.backward_names import meaning
from optim.hints import squeezed


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
