"""Reading: an array of letters that remembers where its formulas have a value, and how.

A rule run on these gives its formula, and with it what must hold for the formula to have a
value (keeping.py), entry by entry. What stands in a branch of np.where counts only where
that branch is taken. What may mix entries, or asks how many there are, is noted.
"""
import numpy as np
import sympy as sp

from minigrad.symbolic import Symbolic
from minigrad.symbolic.meanings import ELEMENTWISE, MATRIX, ORDER, SORTS
from minigrad.symbolic.truths import as_truth, is_truth
from optim.formulas.keeping import operation
from optim.formulas.notes import Notes, line_of_the_rule

REFUSED = {*MATRIX, *ORDER, *SORTS, np.linalg.slogdet, np.angle, np.nan_to_num, np.isfinite,
           np.isnan}
ENTRY_BY_ENTRY = {np.clip, np.round, np.around}       # written in elementwise functions
IGNORE_NAN = {np.fmax: np.maximum, np.fmin: np.minimum}
OF_PYTHON = {np.add, np.invert}            # on truth values it may be Python's own, not or
NOTHING: frozenset = frozenset()


# What moves entries, or adds them up, and multiplies none by a 0 that would lose it.
MOVING = {"transpose", "reshape", "ravel", "squeeze", "expand_dims", "broadcast_to",
          "stack", "concatenate", "moveaxis", "swapaxes", "sum"}


class Reading(Symbolic):
    """A Symbolic with .needs: for each entry expressions that are 0 where it has a value.

    >>> g = Reading(sp.Symbol("g", real=True))
    >>> (1/(1/g)).expr, sorted(map(str, (1/(1/g)).needs.item()))
    (g, ['Nonzero(1/g)', 'Nonzero(g)'])
    """

    def __init__(self, array, needs=None, notes=None):
        super().__init__(array)
        self.needs = np.empty(self.array.shape, dtype=object)
        self.needs[...] = NOTHING if needs is None else needs
        self.notes = Notes() if notes is None else notes

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        refuse(ufunc)
        if ufunc is np.multiply and any(isinstance(x, (list, tuple)) for x in inputs):
            raise TypeError("a list times a letter: of a whole number it is a longer list; "
                            "write np.array([...])")
        if ufunc in ELEMENTWISE and method == "__call__" and not kwargs:
            return entrywise(ufunc, inputs, self.notes)
        adds = ufunc is np.add and method == "reduce"
        return self.mixed(f"np.{ufunc.__name__}", (inputs, kwargs), lambda: super(
            Reading, self).__array_ufunc__(ufunc, method, *inputs, **kwargs),
            np.add.reduce if adds else None)

    def __array_function__(self, function, types, args, kwargs):
        refuse(function)
        if function in ENTRY_BY_ENTRY:
            return super().__array_function__(function, types, args, kwargs)
        if function in ELEMENTWISE and len(args) == 3 - 2*(function is not np.where):
            return entrywise(function, args, self.notes)
        if function in (np.zeros_like, np.ones_like):
            truths = {"dtype": bool} if self.dtype == bool else {}
            return self.asked(f"np.{function.__name__}",
                              function(self.array, **truths | kwargs))
        return self.mixed(f"np.{function.__name__}", (args, kwargs), lambda: super(
            Reading, self).__array_function__(function, types, args, kwargs),
            function if function.__name__ in MOVING else None)

    def mixed(self, name, inputs, compute, moving=None):
        """What an operation gives that may take its entries from anywhere; it is noted."""
        within, self.notes.within = self.notes.within, True
        try:
            out = compute()
        finally:
            self.notes.within = within
        if not isinstance(out, Symbolic):
            self.notes.add(name)
            return out
        if not isinstance(out, Reading):
            out = Reading(out, notes=self.notes)
            if moving and union(inputs):
                out.needs = carried(*inputs, moving)
            else:
                out.needs[...] = union(inputs)
        self.notes.add(name, out)
        return out

    def asked(self, name, answer):
        self.notes.add(name)
        return answer

    shape = property(lambda self: self.asked(".shape", self.array.shape))
    size = property(lambda self: self.asked(".size", self.array.size))
    ndim = property(lambda self: self.asked(".ndim", self.array.ndim))
    dtype = property(lambda self: np.dtype(bool if all(map(is_truth, self.array.flat))
                                           and self.array.size else float))

    def astype(self, dtype):
        """The same numbers, truths as 1 and 0; whole numbers cut off what follows."""
        kind = np.dtype(dtype).kind
        if kind not in "bif":
            raise TypeError(f"astype({dtype}): a formula has real numbers; needs a float")
        return self != 0 if kind == "b" else np.trunc(1*self) if kind == "i" else 1*self

    def __repr__(self, *how):
        raise TypeError("text of a letter: a rule does the same to whatever numbers it is "
                        "given; leave the question out")

    __str__ = __format__ = __repr__

    def __len__(self):
        return self.asked("len", len(self.array))

    def __getitem__(self, index):
        if isinstance(index, Symbolic):
            raise TypeError("x[...] at an index that is a formula: which entries those are "
                            "is not known; write np.where(condition, a, b)")
        out = Reading(self.array[index], self.needs[index], self.notes)
        self.notes.add("an index [...]", out)
        return out

    def __setitem__(self, index, value):
        raise TypeError("x[...] = y: a formula is not changed in place; write "
                        "x = np.where(condition, y, x)")


def refuse(function) -> None:
    if function in REFUSED or getattr(function, "__module__", "") == "numpy.linalg":
        raise TypeError(f"{function.__name__} at line {line_of_the_rule()}: a rule works "
                        "entry by entry, and its formula has no NaN; write it with "
                        "np.where and arithmetic")


def entrywise(function, inputs, notes) -> Reading:
    """An elementwise function: each entry of the result from those at its place."""
    given = [x if isinstance(x, Reading) else Reading(x) for x in inputs]
    arrays = np.broadcast_arrays(*(x.array for x in given))
    needs = np.broadcast_arrays(*(x.needs for x in given))
    out = Reading(np.zeros(arrays[0].shape, dtype=object), notes=notes)
    for index in np.ndindex(arrays[0].shape):
        parts, known = [a[index] for a in arrays], [n[index] for n in needs]
        if function in IGNORE_NAN and any(known):
            raise TypeError(f"np.{function.__name__}: where one side has no value it takes "
                            f"the other; write np.{IGNORE_NAN[function].__name__} or "
                            "np.where")
        if not index and function in OF_PYTHON and all(map(is_truth, parts)):
            raise TypeError(f"np.{function.__name__} of comparisons of hyperparameters: "
                            "Python and NumPy differ; write np.where(condition, 1, 0)")
        out.array[index], own = operation(function, parts)
        if function is np.where:
            known[1:] = in_branches(as_truth(parts[0]), *known[1:])
        out.needs[index] = NOTHING.union(own, *known)
    return out


def in_branches(condition, *needs):
    """The needs of each branch, which count only where it is taken."""
    for branch, taken in zip(needs, (condition, sp.Not(condition))):
        yield {sp.Piecewise((n, taken), (0, True)) for n in branch} - {sp.Integer(0)}


def carried(args, kwargs, moving) -> np.ndarray:
    """What each entry needs that a function moved there: what it needed before."""
    known: dict[sp.Symbol, frozenset] = {}

    def lettered(x):
        """The inputs with a letter for each entry of a Reading."""
        if isinstance(x, Reading):
            letters = np.array([sp.Dummy(real=True) for _ in x.needs.ravel()], object)
            known.update(zip(letters, x.needs.ravel()))
            return Symbolic(letters.reshape(x.needs.shape))
        if isinstance(x, dict):
            return {key: lettered(value) for key, value in x.items()}
        return type(x)(map(lettered, x)) if isinstance(x, (list, tuple)) else x
    made = moving(*lettered(args), **lettered(kwargs)).array
    needs = np.empty(made.shape, object)
    for index in np.ndindex(made.shape):
        needs[index] = NOTHING.union(*(known.get(s, NOTHING)
                                       for s in made[index].free_symbols))
    return needs


def union(x) -> frozenset:
    """The needs of all Readings in nested lists, tuples and dicts."""
    if isinstance(x, Reading):
        return NOTHING.union(*x.needs.ravel())
    if isinstance(x, dict):
        x = list(x.values())
    if isinstance(x, (list, tuple)):
        return NOTHING.union(*map(union, x))
    return NOTHING
