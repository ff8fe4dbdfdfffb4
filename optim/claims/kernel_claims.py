"""What a step of an optimizer runs is the rule: its source, run on letters.

An optimizer runs no rule but its kernel, which minigrad.compiler prints from the rule's
calls (optimizers/rule_kernels.py): those on numbers; those on arrays, into other arrays or
in place; and for the option `fast` all of them as one loop. The very text is run here, on
arrays of expressions; NumPy's functions write into these as they do into arrays of numbers.
"""
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import sympy as sp

from minigrad.symbolic import Symbolic
from optim.derivations.claim import Claim, claim
from optim.formulas.rule_formulas import Formula
from optim.optimizers.rule_kernels import Form, Kernel, kernel_of
from optim.optimizers.signatures import Rule, anatomy, first_states


class Buffer(Symbolic):
    """An array of expressions that can be written."""

    def __setitem__(self, index: Any, value: Any) -> None:
        self.array[index] = Symbolic(value).array

    def copy(self) -> "Buffer":
        """The same expressions in memory of their own."""
        return Buffer(self.array)


def of_kernel(f: Formula, rule: Rule) -> Iterator[Claim]:
    """That a rule's kernel computes what the rule does, in both forms, if it has one."""
    settings = {name: 0.5 for name in anatomy(rule)[1]}
    floats = frozenset(name for name, x in first_states(
        rule, np.ones(1), settings).items() if type(x) is float)
    kernel = kernel_of(rule, np.dtype(float), floats, False)
    if kernel is not None:
        found = [on_letters(kernel, form, f.symbols, floats)
                 for form in (kernel.into_others, kernel.in_place)]
        yield claim("kernel", "What a step of the optimizer runs, into other arrays and in "
                    "place, is the rule.", *((came[name], e) for came in found
                                             for name, e in f.update.items()),
                    source="its source, run on letters")


def on_letters(kernel: Kernel, form: Form, letters: Mapping[str, sp.Symbol],
               floats: frozenset[str]) -> dict[str, sp.Expr]:
    """theta and the states after one step of a kernel's source, as expressions."""
    states, hyperparameters = anatomy(kernel.rule)
    numbers = [Symbolic(letters[n]) for n in (*filter(floats.__contains__, states), "t",
                                              *hyperparameters)]
    found = bound(kernel.numbers.source)(*blank(kernel.numbers, ()))(*numbers)
    found = found if isinstance(found, tuple) else () if found is None else (found,)
    passed, after = found[:kernel.passed], found[kernel.passed:]
    place, gradient, *_ = letters                   # whatever the rule calls them
    names = [place, *(n for n in states if n not in floats)]
    arrays = {n: Buffer([letters[n]]) for n in (place, gradient, *names[1:])}
    results = arrays if form is kernel.in_place else {n: Buffer([0]) for n in names}
    others = [] if results is arrays else [*results.values()]
    bound(form.source)(*arrays.values(), *others, *blank(form, (1,)))(*passed)
    return {n: results[n].expr for n in names} | {
        n: Symbolic(x).expr for n, x in zip(filter(floats.__contains__, states), after)}


def blank(form: Form, shape: tuple[int, ...]) -> list[Buffer]:
    """Its scratch arrays."""
    return [Buffer(np.zeros(shape)) for _ in form.scratch]


def bound(source: str) -> Callable[..., Any]:
    """The bind of a source, in which NumPy's functions write expressions."""
    names: dict[str, Any] = {}
    exec(compile(source, "<kernel on letters>", "exec"), names)
    names.update({name: writing(x) for name, x in names.items()
                  if getattr(np, name, None) is x}, np=OnLetters())
    return names["bind"]


class OnLetters:
    """np, but that new arrays are to hold expressions."""

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)

    def empty(self, shape: Any, dtype: Any) -> Buffer:
        """As np.empty."""
        return Buffer(np.zeros(shape))

    def asarray(self, x: Any) -> Any:
        """A number that is a formula is no array."""
        return x


def writing(function: Any) -> Callable[..., Any]:
    """A function of NumPy's on expressions: with an array to write into, or without."""
    def call(*args: Any, out: Buffer | None = None, where: Any = True) -> Any:
        if function is np.copyto:
            out, new = args[:2]
            new = new if where is True else np.where(where, new, out)
        elif function is np.putmask:
            out, chosen, new = args
            new = np.where(chosen, new, out)
        elif isinstance(function, np.ufunc) and len(args) > function.nin:
            new, out = function(*args[:-1]), args[-1]
        else:
            new = function(*args)
        if out is None:
            return new
        out[...] = new
        return out
    return call
