"""A homework file is lifted in a process of its own; whatever it does is one clear line."""
import inspect
import os
import subprocess
import sys

import pytest

import optim
from optim import rules
from optim.lifting.python_files import check_rule, lifted_apart, loaded
from optim.lifting.joined_runs import Leak

ADAM = """
from numpy import *
print("hello")

class Adam:
    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.lr, self.beta1, self.beta2, self.eps, self.t = lr, beta1, beta2, eps, 0
        self.m = self.v = 0

    def update(self, w, g):
        print("a step")
        self.t += 1
        self.m = self.beta1*self.m + (1 - self.beta1)*g
        self.v = self.beta2*self.v + (1 - self.beta2)*square(g)
        m, v = self.m/(1 - self.beta1**self.t), self.v/(1 - self.beta2**self.t)
        w -= self.lr*m/(sqrt(v) + self.eps)

def sgd(w, dw, lr=0.1, b=zeros(1)):
    return w - lr*dw
"""
STEP = "def sgd(w, g, lr=0.1):\n    return w - lr*g\n"
WRONG = {                               # a file: what is said of it
    "import no_such_module": "ModuleNotFoundError: No module named 'no_such_module'",
    "def f(:": "SyntaxError: invalid syntax",
    "import sys\nsys.exit(3)": "SystemExit: 3",
    "import os\nos._exit(3)": r"ended without an answer \(status 3\)",
    "import os\nos.abort()": "ended without an answer",
    "1/0": "ZeroDivisionError",
    "x = bytearray(2**36)": "MemoryError",
    "def f(): f()\nf()": "RecursionError",
    "import os\nfor i in range(100000): os.write(1, b'x'*1000); os.write(2, b'x'*1000)\n"
    "1/0": "ZeroDivisionError",
    "def sgt(w, g, lr=0.1): return w - lr*g": "no function 'sgd'.*did you mean sgt",
    "import os\nfor i in range(3, 20):\n    try: os.write(i, b'{}'*10**6)\n"
    "    except OSError: continue\nos._exit(0)": "ended without an answer",
    "sgd = 3": "no function 'sgd'",
    "def sgd(w, g, lr=0.1): return w - float(lr)*g": "would lose"}


def written(tmp_path, text, name="mine.py"):
    file = tmp_path/name
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_a_file_is_lifted_and_prints_nowhere(tmp_path, capfd):
    file = written(tmp_path, ADAM)
    found = optim.lift(f"{file}:Adam")
    assert optim.prove(found.rule, rules.adam).status == "PROVED"
    assert optim.prove(optim.lift(f"{file}:sgd", lr=0.5).rule, "gradient_descent"
                       ).status == "PROVED"
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("text", WRONG)
def test_what_a_file_does_wrong_is_one_line(tmp_path, text):
    file = written(tmp_path, text)
    with pytest.raises((ValueError, TypeError), match=WRONG[text]) as caught:
        optim.lift(f"{file}:sgd")
    assert str(caught.value).startswith(f"{file}:sgd: ")
    assert len(str(caught.value).splitlines()) == 1


def test_a_file_that_hangs_is_ended(tmp_path):
    file = written(tmp_path, "import subprocess\nsubprocess.Popen(['sleep', '60'])\n"
                             "while True: pass")
    with pytest.raises(ValueError, match="not done after 3 s"):
        lifted_apart(f"{file}:sgd", {}, seconds=3)


def test_a_lost_number_is_a_leak_from_a_file_too(tmp_path):
    file = written(tmp_path, "def sgd(w, g, lr=0.1): return w - float(lr)*g")
    with pytest.raises(Leak, match="float.. of lr"):
        optim.lift(f"{file}:sgd")


def test_secrets_of_the_environment_are_not_seen(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "x")
    file = written(tmp_path, "import os\nassert 'SECRET_TOKEN' not in os.environ\n" + STEP)
    assert optim.lift(f"{file}:sgd").init == {}


def test_a_file_beside_it_may_be_imported_but_hides_no_library(tmp_path):
    written(tmp_path, "1/0", "numpy.py")
    written(tmp_path, "def half(x): return x/2", "helper.py")
    file = written(tmp_path, "import helper\ndef sgd(w, g, lr=0.1):\n"
                             "    return w - helper.half(lr)*g")
    assert "lr/2" in optim.lift(f"{file}:sgd").source.replace(" ", "")


@pytest.mark.parametrize("text", [
    "import os", "def f(theta, g, *, t):\n    return __import__('os').getcwd()",
    "def f(theta, g, *, t, x=().__class__):\n    return theta",
    "def f(theta, g, *, t):\n    return np.load('x')",
    "def f(theta, g, *, t):\n    return np.sqrt.__self__",
    "@np.sqrt\ndef f(theta, g, *, t):\n    return theta",
    "def f(theta, g, *, t):\n    return [x for x in theta]", "f = 1",
    "def f(theta, g, *, t):\n    theta = 'words'\n    return theta"])
def test_an_answer_that_is_no_rule_is_not_read(text):
    with pytest.raises(ValueError, match="no part of a rule|no rule"):
        check_rule(text, "x.py:f")


RULES = """import os, sys
import numpy as np
from numpy import sqrt
if os.getpid() == PARENT:
    raise RuntimeError("run where it was asked for")

def rmsprop(theta, g, v=0, *, t, lr=0.001, rho=0.9, eps=1e-8):
    '''What it says of itself.'''
    v = rho*v + (1 - rho)*g**2                      # the mean of squares
    return theta - lr*g/(np.sqrt(v) + eps), v

def helped(w, grad, v=0, *, t, lr=0.001, rho=0.9, eps=1e-8):
    print("hello")
    v = rho*v + (1 - rho)*grad**2
    return w - lr*grad/(sqrt(v) + eps), v

def mixing(theta, g, *, t, lr=0.1):
    return theta - lr*np.sum(g)

def nadam(theta, g, m=0, share=1, z=lambda theta: theta, *, t, lr=0.1, mu=0.9):
    share = share*mu
    for _ in range(2):
        m = mu*m + g
    return z - lr*m*share, m, share, z

def slip(theta, g, v=0, *, t, lr=0.001, rho=0.9, eps=1e-8):
    v = rho*v + (1 - rho)*g**2
    return theta - lr*g/np.sqrt(v + eps), v
"""


@pytest.fixture
def of_rules(tmp_path):
    return written(tmp_path, RULES.replace("PARENT", str(os.getpid())))


def test_a_rule_in_a_file_is_not_run_here_and_stays_as_it_is_written(of_rules, capfd):
    found = optim.lift(f"{of_rules}:rmsprop")
    assert optim.prove(found.rule, rules.rmsprop).status == "PROVED"
    assert inspect.getsource(found.rule) in RULES and "the mean of squares" in found.source
    assert found.rule.__code__.co_firstlineno == 7
    assert found.rule.__code__.co_filename == of_rules
    assert capfd.readouterr() == ("", "")


def test_a_rule_that_needs_its_file_is_lifted_there(of_rules, capfd):
    found = optim.lift(f"{of_rules}:helped")
    assert optim.prove(found.rule, rules.rmsprop).status == "PROVED"
    assert [*found.symbols] == ["theta", "g", "v", "t", "lr", "rho", "eps"]
    assert "hello" not in "".join(capfd.readouterr())


def test_states_of_a_rule_in_a_file_start_where_it_says(of_rules):
    def nadam(theta, g, m=0, share=1, z=lambda theta: theta, *, t, lr=0.1, mu=0.9):
        m, share = mu*(mu*m + g) + g, share*mu
        return z - lr*m*share, m, share, z
    found = optim.lift(f"{of_rules}:nadam")
    assert optim.prove(found.rule, nadam).status == "PROVED"


def test_a_slip_in_a_rule_of_a_file_is_refuted(of_rules):
    assert optim.prove(optim.lift(f"{of_rules}:slip").rule, "rmsprop").status == "REFUTED"


def test_what_is_wrong_with_a_rule_in_a_file_is_said_with_its_line(of_rules):
    with pytest.raises(ValueError, match="not elementwise.* by np.sum at line 18"):
        optim.lift(f"{of_rules}:mixing")
    compared = optim.compare(f"{of_rules}:rmsprop", "rmsprop")
    assert compared.status == "PROVED"


@pytest.mark.parametrize("text", [
    "def f(theta, g, *, t):\n    '''Words.'''\n    return theta",
    "def f(theta, g, m, *, t, lr=0.1):\n    m += g\n    return theta - lr*np.abs(m), m"])
def test_a_rule_is_read(text):
    check_rule(text, "x.py:f")


def test_no_file(tmp_path):
    with pytest.raises(ValueError, match="there is no Python file"):
        optim.lift(str(tmp_path/"none.py:adam"))
    with pytest.raises(ValueError, match="needed .*:FUNCTION; the file has sgd"):
        loaded(written(tmp_path, STEP))


def test_importing_the_loader_loads_no_sympy():
    code = "import optim.lifting.python_files, sys; sys.exit('sympy' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], env=dict(os.environ))
    assert ran.returncode == 0


@pytest.mark.parametrize("short, long", [
    ("torch:RMSprop", "torch.optim.RMSprop"), ("optax:sgd(momentum=0.9)", "optax.sgd"),
    ("keras:SGD(momentum=0.9)", "keras.optimizers.SGD")])
def test_a_librarys_name_is_lifted_from_what_is_installed(short, long):
    given = {"momentum": 0.9} if "momentum" in short else {}
    assert optim.lift(short).source == optim.lift(long, **given).source
    assert optim.prove(optim.lift(short).rule, short).status == "PROVED"


@pytest.mark.parametrize("words, said", [
    ("torch:Adma", "did you mean"), ("torch", "needed one such as torch:RMSprop"),
    ("torch:", "needed a name such as"), ("torchh:Adam", "needed one such as"),
    ("survey:adam", "names no optimizer"), ("adam", "names no optimizer"), ("", "names no"),
    ("torch.optim.Adam(1)", "by name"), ("optax:adam()()", "needed a name with arguments"),
    ("torch:Adam(lr=", "needed a name with arguments"), ("none.py", "no Python file")])
def test_a_name_that_cannot_be_lifted_is_one_line(words, said):
    with pytest.raises(ValueError, match=said) as caught:
        optim.lift(words)
    assert len(str(caught.value).splitlines()) == 1
