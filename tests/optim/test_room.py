"""Numbers put for letters in exponents: 2**(2**100) has no room, and nothing tries it."""
import os
import subprocess
import sys

import pytest

from optim.lifting.python_files import end

TOWERS = [("2**(2**(2**t))", "2**(2**(t**2))"), ("t**t**t", "t**(t*t)"),
          ("minimum(t, 10**12)*2**t", "minimum(t, 10**12 + 1)*2**t"),
          ("2**(2**(2**t))", "2**(2**(2**t))*minimum(t, 2)"), ("lr**lr**lr**t", "lr"),
          ("exp(exp(exp(t)))", "exp(exp(exp(2*t)))")]
OF_TYPED_RULES = """
import optim
from optim.comparing.typed_rules import typed_rule
rules = [typed_rule(f'theta - lr*g*({x})') for x in %r]
print(optim.prove(*rules, seconds=10).status)
"""
OF_EXPRESSIONS = """
import sympy as sp
from optim.domains import declare
from optim.proving.expressions import prove_expressions
t = declare("t", "1, 2, ...")
tower = sp.Integer(2)**(sp.Integer(2)**(33*t))
print(prove_expressions(sp.%s(tower), t, seconds=10).status)
"""
OF_CLAIMS = """
import optim
from optim.rules import adam
def own(theta, g, m, v, *, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    return adam(theta, g, m, v, t=t, lr=lr, beta1=beta1, beta2=beta2, eps=eps)
own.claims = ["adam if t = %s, beta1 = 1/2, beta2 = 1/3"]
try:
    optim.verify(own)
except ValueError as error:
    print(error)
"""
OF_PLAIN_NUMBERS = """
from optim.mutants.plain_numbers import number, on_plain_numbers
print(on_plain_numbers("def f(t):\\n    return 2**(2**(2**t))\\n")(number("30")))
"""
OF_CANDIDATES = """
from fractions import Fraction
from optim.domains import declare
from optim.proving.points import candidates, has_room
t, x = declare("t", "1, 2, ..."), declare("x", "real")
at = {t: Fraction(100), x: Fraction(1)}
print(candidates(x - 2**(2**t), x, {0}, at), has_room(2**t, at), has_room(2**2**t, at))
"""


def said_within(code, seconds=60, memory=2*2**30):
    """What the code prints, in a process that has so much of both."""
    limits = ("import resource; resource.setrlimit(resource.RLIMIT_AS, (%d, %d));"
              "resource.setrlimit(resource.RLIMIT_CPU, (%d, %d))" % ((memory,)*2
                                                                     + (seconds,)*2))
    process = subprocess.Popen([sys.executable, "-c", limits + code], text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               start_new_session=True,
                               env=os.environ | {"OPENBLAS_NUM_THREADS": "1"})
    try:
        out, _ = process.communicate(timeout=4*seconds)
    finally:
        end(process)
    assert process.returncode == 0, out
    return out


@pytest.mark.parametrize("pair", TOWERS)
def test_towers_of_powers_are_decided_or_left_in_time_and_memory(pair):
    out = said_within(OF_TYPED_RULES % (pair,), seconds=20)
    assert out.strip() in ("REFUTED", "UNDECIDED")


@pytest.mark.parametrize("function", ["floor", "sin", "Abs", "sqrt"])
def test_functions_of_towers_too(function):
    assert said_within(OF_EXPRESSIONS % function).strip() in ("REFUTED", "UNDECIDED")


@pytest.mark.parametrize("t", ["1000000000", "10**9", "10**12345", "1000"])
def test_a_claim_with_a_huge_exponent_is_refused(t):
    out = said_within(OF_CLAIMS % t)
    assert "an exponent of own is too large" in out or "too large a number" in out


def test_plain_numbers_and_candidates_have_bounds():
    assert said_within(OF_PLAIN_NUMBERS).strip() == "Number(None)"
    assert said_within(OF_CANDIDATES).strip() == "[] True False"
