"""Where each wrong engine errs, and where it does not: the smallest programs there are.

A program starts with a number a and a vector b; each line adds or multiplies two of the
values so far. Its result is the sum of the last one, differentiated once or in several
passes, between which every .grad is cleared. Programs are ordered by their lines and
passes; the first on which an engine errs, and the first on which it is right and another
one errs, stand here as a search through all of them (tests/) has found them.
"""
import operator
import warnings
from typing import NamedTuple

import numpy as np

from minigrad.explanation.wrong_on_purpose import ENGINES, wrong_engine
from minigrad.html_tables import html_table
from minigrad.tensors import tensor

START = {"a": 3.0, "b": (1.0, 2.0)}
OPERATIONS = {"+": operator.add, "*": operator.mul}


class Program(NamedTuple):
    """Lines as "c = a + b; d = c*c", and how often the result is differentiated."""
    text: str
    passes: int = 1

    def result(self, start):
        """The sum of the last value, for {name: value} to start with."""
        values, value = dict(start), None
        for line in self.text.split("; "):
            name, _, left, sign, right = line.split()
            values[name] = value = OPERATIONS[sign](values[left], values[right])
        return np.sum(value)

    def gradients(self):
        """{name: gradient} of what it starts with, by the engine that is on."""
        start = {name: tensor(value, requires_grad=True) for name, value in START.items()}
        for _ in range(self.passes):
            for leaf in start.values():
                leaf.grad = None                # zero_grad
            self.result(start).backward()
        return {name: leaf.grad for name, leaf in start.items() if leaf.grad is not None}

    def __str__(self):
        return self.text + (f"; {self.passes} passes" if self.passes > 1 else "")


class Example(NamedTuple):
    """An engine, the program on which it errs, one on which it does not, and why."""
    name: str
    errs: Program
    agrees: Program
    why: str

    def wrong(self, program):
        """{name: gradient} of a program by this engine; without its warning."""
        with warnings.catch_warnings(action="ignore"), wrong_engine(self.name):
            return program.gradients()


EXAMPLES = (
    Example("no topological order", Program("c = a + a; d = c + c"), Program("c = a + a"),
            "what is used twice is a leaf: it sums, and hands nothing on"),
    Example("= for +=", Program("c = a + a"), Program("c = a + b"),
            "each value is used once: there is nothing to be added"),
    Example("no unbroadcast", Program("c = a + b"), Program("c = a + a"),
            "all values have one shape: nothing was stretched"),
    Example("no zero_grad", Program("c = a + a", 2), Program("c = a + a"),
            "the first pass of all: there is nothing to be cleared"))


def written(gradients):
    """Gradients as a: 2, b: [1, 1]."""
    return ", ".join(
        f"{name}: {np.array2string(g, separator=', ', formatter={'float': '{:g}'.format})}"
        for name, g in gradients.items())


class WrongEngines(tuple):
    """The examples, as a table."""
    HEADS = ("wrong engine", "what is wrong", "it errs on", "and says", "which is",
             "it is right on", "because")

    def rows(self):
        """One row for each engine; the gradients are computed now."""
        return [(each.name, ENGINES[each.name][0],
                 each.errs, written(each.wrong(each.errs)), written(each.errs.gradients()),
                 each.agrees, each.why) for each in self]

    def __str__(self):
        def lines(row):
            yield row[0]
            for head, cell in zip(self.HEADS[1:], row[1:]):
                yield f"    {head + ':':16}{cell}"
        return "\n\n".join("\n".join(lines(row)) for row in self.rows())

    __repr__ = __str__

    def _repr_html_(self):
        return html_table(self.HEADS, self.rows(), "Programs start with " + ", ".join(
            f"{name} = {value}" for name, value in START.items()))


def wrong_engines():
    """The engines that are wrong on purpose: what is wrong, and where it shows.

    A tuple of examples, each with .name, .errs, .agrees (programs) and .why; it prints as a
    table, in which the gradients are computed anew. with wrong_engine(name): switches on.

    >>> [example.name for example in wrong_engines()]
    ['no topological order', '= for +=', 'no unbroadcast', 'no zero_grad']
    >>> example = wrong_engines()[1]
    >>> str(example.errs), example.errs.gradients(), example.wrong(example.errs)
    ('c = a + a', {'a': array(2.)}, {'a': array(1.)})
    """
    return WrongEngines(EXAMPLES)
