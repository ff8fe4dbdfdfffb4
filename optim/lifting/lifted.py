"""lift: the formula of anybody's optimizer; its module tells of which library it is."""
import importlib
import inspect
import types
from dataclasses import replace
from typing import Any

from optim.dialects.named_optimizers import (
    EXAMPLES, at_home, installed, is_installed, rate_for)
from optim.formulas import Formula, formula
from optim.lifting.assembly import Implementation, assembled
from optim.lifting.calling import Roles
from optim.lifting.python_files import lifted_apart
from optim.lifting.storage import filled, imported, mentioned, of_jax, of_library
from optim.optimizers.signatures import RULE_OF_CLASS, name_of

# The library that a module belongs to: ours that reads it, and the name of its reader.
READERS = {"torch": ("pytorch_steps", "TorchClass"),
           "optax": ("optax_steps", "OptaxFunction"),
           "jax": ("jax_functions", "JaxFunction"),
           "keras": ("keras_steps", "KerasClass"),
           "numpy": ("numpy_steps", "Homework")}


def lift(target: Any, **hyper: Any) -> Formula:
    """The formula that an optimizer of another library computes.

    target: a class of torch.optim or made on it, a function of Optax that makes a
    GradientTransformation, or one that is made, whose numbers stay numbers; a class of
    keras.optimizers; a function in JAX or plain NumPy, or a class in the latter;
    FILE.py:NAME, which is run in a process of its own; "torch:RMSprop" for what is
    installed, with arguments if you like. hyper: its arguments. Each number
    among them, or among the defaults, that is not 0 is a letter of the formula; 0, None,
    True and False choose what is done: lift(torch.optim.Adam, weight_decay=0.1) has a
    weight_decay, lift(torch.optim.Adam) has none.

    A norm of theta or g is a letter, norm_g of one parameter and global_norm_g of all; of
    anything else it is norm_update, and `update`, which it is of, is a result of the rule.

    The Formula's .source is what was done, as a rule in plain NumPy, its .rule that rule,
    its .path what was so in every run. It has been held against plain runs of the
    implementation itself.

    Raises Leak where a number was lost on the way (by float(), say), NotImplementedError
    for an operation that is not understood, ValueError for what is not elementwise,
    TypeError for a target or an argument that is none.

    >>> import torch
    >>> print(lift(torch.optim.SGD, momentum=0.9).source)
    def torch_SGD(theta, g, m, *, t, lr=0.001, mu=0.9):
        m_new = m*mu + g
        return theta + -lr*m_new, m_new
    <BLANKLINE>
    """
    if isinstance(target, str):
        if is_installed(at_home(target)):
            found, given = installed(at_home(target))
            return lift(found, **rate_for(found, (), given | hyper) | given | hyper)
        if ".py" not in target:
            raise ValueError(f"{target[:80]!r} names no optimizer; needed one such as "
                             f"{', '.join(EXAMPLES)}, or FILE.py:FUNCTION")
        rule, path = lifted_apart(target, hyper)
        return replace(formula(rule), path=tuple(path))
    ours = target in RULE_OF_CLASS if isinstance(target, type) else is_rule(target)
    if ours and not used(target):
        return formula(RULE_OF_CLASS.get(target, target))
    return assembled(implementation(target, hyper))


def implementation(target: Any, hyper: dict[str, Any]) -> Implementation:
    """What reads the target, by the library that it is of; plain Python if of none."""
    pair = isinstance(target, tuple) and (hasattr(target, "init") or len(target) == 2)
    if not callable(target) and not hasattr(target, "__dict__") and not pair:
        raise TypeError(f"lift: came {target!r}; needed an optimizer: a class or a "
                        "function of torch, optax, keras, or of plain NumPy, or "
                        "FILE.py:NAME")
    module, name = READERS[library_of(target) or "numpy"]
    reader = importlib.import_module(f"optim.lifting.{module}")
    return getattr(reader, name)(target, hyper)


def is_rule(target: Any) -> bool:
    """Whether it is a rule as ours are, (theta, g, *states, *, t, **hyperparameters)."""
    if not isinstance(target, types.FunctionType):
        return False
    parameters = inspect.signature(target).parameters
    t = parameters.get("t")
    by_name = t is not None and t.kind is t.KEYWORD_ONLY
    return by_name and [*parameters][:2] == ["theta", "g"]


def library_of(target: Any) -> str | None:
    """The library in which something is made, by its modules' names, or that it uses.

    A pair of functions, init and update, is Optax's, and so is a function that takes
    neither a parameter nor a gradient.
    """
    kinds: list[Any] = [*target.__mro__] if isinstance(target, type) else [
        getattr(target, "func", target)]                            # a partial's function
    for kind in kinds:
        library = (getattr(kind, "__module__", None) or "").partition(".")[0]
        if library in READERS:
            return library
    if isinstance(target, tuple):
        return "optax"
    if not used(target):
        return None
    roles = Roles(inspect.unwrap(target), name_of(target))
    return "jax" if roles.theta or roles.g else "optax"


def used(x: Any) -> bool:
    """Whether it is a function that uses JAX or Optax, itself or by others of its kind."""
    todo, seen = [x], set[int]()
    while todo:
        f = inspect.unwrap(todo.pop())
        module = getattr(f, "__module__", None) or getattr(f, "__name__", "")
        if of_jax(f) or str(module).partition(".")[0] in ("jax", "optax"):
            return True
        if not isinstance(f, types.FunctionType) or id(f) in seen or of_library(f):
            continue
        seen.add(id(f))
        if {n.partition(".")[0] for n in imported(f.__code__)} & {"jax", "optax"}:
            return True
        todo += [f.__globals__[n] for n in mentioned(f.__code__) if n in f.__globals__]
        todo += [c.cell_contents for c in f.__closure__ or () if filled(c)]
    return False
