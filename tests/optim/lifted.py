"""The formulas of tests/golden/lifted.json.

`lifted("torch Adam")` is {letter: its new value}, in old values only.
"""
import json
import re
from functools import cache
from pathlib import Path

import sympy as sp

from optim.domains import declare
from optim.proving.expressions import prove_expressions

from .evaluation import differ
from .statements import statements

DATA = json.loads((Path(__file__).parents[1]/"golden"/"lifted.json").read_text())
MEANINGS = {name: getattr(sp, name) for name in (
    "sqrt", "sign", "Abs", "Max", "Min", "Piecewise", "Eq", "ITE", "Rational")}
NAME = re.compile(r"[A-Za-z_]\w*")
SECONDS = 120                                  # for a proof; RAdam's are long


def optimizers():
    return [f"{library} {name}" for library, formulas in DATA["formulas"].items()
            for name in formulas]


def texts(optimizer):
    library, name = optimizer.split(" ", 1)
    return DATA["formulas"][library][name]


def letter(name, optimizer=""):
    """What a name stands for: a symbol on the domain that the file declares for it."""
    if name in DATA["stands_for"]:
        return expression(DATA["stands_for"][name])
    own = DATA["other_domains"].get(optimizer, {})
    return declare(name, own.get(name) or DATA["domains"][name])


def expression(text, optimizer="", new=None):
    """The formula that a text says; new(state) is what a primed letter stands for."""
    text = re.sub(r"\b(\d+)/(\d+)\b", r"Rational(\1, \2)", text)
    text = re.sub(r"(\w)'", r"\1_new", text)
    names = set(NAME.findall(text)) - set(MEANINGS) - {"True", "False"}
    values = {n: new(n.removesuffix("_new")) if n.endswith("_new") else letter(n, optimizer)
              for n in names}
    return sp.sympify(eval(text, {"__builtins__": {}}, MEANINGS | values))


@cache
def lifted(optimizer):
    """{letter: its new value} of an optimizer such as "torch Adam" or "optax adam"."""
    return read(texts(optimizer), optimizer)


@cache
def papers():
    """{rule: {letter: its new value}} as the papers state them, in the same letters."""
    return statements(letter)


def read(formulas, optimizer=""):
    @cache
    def new(state):
        return expression(formulas[state], optimizer, new)

    return {state: new(state) for state in formulas}


def put(e, values):
    """The formula with values in it, as in "eps = 0, psi = 1/250"."""
    pairs = [pair.split(" = ") for pair in values.split(", ") if pair]
    table = {letter(name): expression(value) for name, value in pairs}
    return e.subs(table, simultaneous=True)


def decided(a, b, wanted):
    """Assert that a = b is PROVED everywhere, or REFUTED where mpmath sees a gap too."""
    verdict = prove_expressions(a, b, seconds=SECONDS)
    assert verdict.status == wanted and not verdict.except_on, verdict
    if wanted == "REFUTED":
        assert differ(a, b, verdict.witness), verdict
