"""A rule depends on its arguments alone: what uses more is refused, with its line."""
import pytest

import optim
from optim.formulas.outside import Outside

from ..cases import each
from .typed_rules import typed

HEAD = "def rule(theta, g, *, t, lr=0.1):\n"
LATE = "    return theta - lr*(2*g if {} else g)\n"


def rule_of(before, condition, inside=""):
    """Gradient descent, but for a condition that no run of a test will ever see."""
    return typed(before + HEAD + inside + LATE.format(condition), KEPT=200)


# ------------------------------------------------------------------ what may change
CHANGING = {            # what stands before the rule, in it, when it differs: the words
    ("N = 0\n", "    global N\n    N += 1\n", "N > 10**9"): "line 4 assigns to N",
    ("", "    rule.n += 1\n", "rule.n > 10**9"): "line 2 assigns to .n",
    ("N = []\n", "    N.append(1)\n", "len(N) > 10**9"): "line 3 changes N",
    ("N = {'n': 0}\n", "    N['n'] += 1\n", "N['n'] > 10**9"): "line 3 changes N",
    ("N = np.zeros(1)\n", "    N[0] += 1\n", "N[0] > 10**9"): "line 3 changes N",
    ("N = np.zeros(())\n", "    np.add(N, 1, out=N)\n", "N > 10**9"): "line 3 changes N",
    ("N = np.zeros(())\n", "    n = N\n    n += 1\n", "N > 10**9"): "line 3 changes N",
    ("N = ([0],)\n", "    N[0][0] += 1\n", "N[0][0] > 10**9"): "line 3 changes N",
    ("def f(g, seen=[]):\n    seen.append(1)\n    return len(seen)\n", "", "f(g) > 10**9"):
        "changes a default of f",
    ("def f():\n    f.n += 1\n    return f.n\nf.n = 0\n", "", "f() > 10**9"):
        "line 2 assigns to .n",
    ("class C:\n    n = 0\n", "    C.n += 1\n", "C.n > 10**9"):
        "line 4 uses C|assigns to .n",
    ("class C:\n    n = 0\n    def tick(self):\n        self.n += 1\n"
     "        return self.n\n"
     "c = C()\n", "", "c.tick() > 10**9"): "line 4 assigns to .n",
    ("class C:\n    seen = []\n    def __len__(self):\n        self.seen.append(1)\n"
     "        return len(self.seen)\nc = C()\n", "", "len(c) > 10**9"): "changes c",
    ("class C:\n    def __init__(self):\n        self.seen = []\n    @property\n"
     "    def n(self):\n        self.seen.append(1)\n        return len(self.seen)\n"
     "c = C()\n",
     "", "c.n > 10**9"): "changes c",
    ("def counted(f):\n    seen = []\n    def inner(*a):\n        seen.append(1)\n"
     "        return f(*a), len(seen)\n    return inner\n"
     "@counted\ndef f(g):\n    return g\n",
     "", "f(g)[1] > 10**9"): "changes seen",
    ("seen = []\nclass D:\n    def __get__(self, x, kind=None):\n"
     "        seen.append(1)\n        return len(seen)\nclass C:\n"
     "    n = D()\nc = C()\n", "",
     "c.n > 10**9"): "changes seen",
    ("seen = []\nclass M(type):\n    @property\n    def n(kind):\n"
     "        seen.append(1)\n        return len(seen)\n"
     "class C(metaclass=M):\n    pass\n", "",
     "C.n > 10**9"): "uses C",
    ("import types\nkit, seen = types.ModuleType('kit'), []\ndef asked(name):\n"
     "    seen.append(1)\n    return len(seen)\nkit.__getattr__ = asked\n", "",
     "kit.n > 10**9"): "uses kit",
    ("class C:\n    n = []\n    def __bool__(self):\n        self.n.append(1)\n"
     "        return len(self.n) > 10**9\nc = C()\n", "", "c"): "changes c",
    ("import functools\nN = []\ndef f(a, b):\n    N.append(1)\n    return len(N)\n", "",
     "functools.reduce(f, [1, 2]) > 10**9"): "changes N",
    ("import time\nF = {'a': time.time}\n", "", "F['a']() > 4e9"): "line 4 uses F",
    ("", "    def f(kit=np.random):\n        return kit.rand()\n", "f() < 1e-9"):
        "line 2 uses np.random",
    ("N = bytearray(1)\n", "    N[0] += 1\n", "N[0] > 200"): "line 3 uses N",
    ("N = np.zeros(3)\n", "    N[1:][...] += 1\n", "N[1] > 10**9"): "line 3 changes N",
    ("import itertools\nN = itertools.count()\n", "", "next(N) > 10**9"): "line 4 uses N",
    ("import random\nclass Dice(random.Random):\n    pass\ndice = Dice(0)\n", "",
     "dice.random() < 1e-9"): "line 6 uses dice",
    ("import itertools\nclass Count(itertools.count):\n    pass\nN = Count()\n", "",
     "next(N) > 10**9"): "line 6 uses N",
    ("class Counted(list):\n    def __getitem__(self, i):\n        self.append(1)\n"
     "        return len(self)\nN = Counted()\n", "", "N[0] > 10**9"): "line 7 changes N",
    ("", "    import numpy as kit\n    def f():\n        return kit.random.rand()\n",
     "f() < 1e-9"): "line [234] uses kit",
    ("N = iter(range(10**9))\n", "", "next(N) > 10**8"): "line 3 uses N",
    ("import time\n", "", "time.time() > 4e9"): "line 3 uses time.time",
    ("from time import time as now\n", "", "now() > 4e9"): "line 3 uses now",
    ("", "    import time\n", "time.time() > 4e9"): "line 2 imports time",
    ("", "    from numpy import random\n", "random.rand() < 1e-9"): "line [23] uses random",
    ("", "    import numpy\n", "numpy.random.rand() < 1e-9"):
        "line 3 uses numpy.random.rand",
    ("", "    kit = np\n", "kit.random.rand() < 1e-9"): "line 2 uses np",
    ("", "", "np.datetime64('now') > np.datetime64('2100')"): "uses np.datetime64",
    ("import os\n", "", "os.environ.get('LATE')"): "line 3 uses os.environ",
    ("import random\n", "", "random.random() < 1e-9"): "line 3 uses random.random",
    ("", "", "np.random.rand() < 1e-9"): "line 2 uses np.random.rand",
    ("dice = np.random.default_rng(0)\n", "", "dice.random() < 1e-9"): "line 3 uses dice",
    ("", "", "open('x')"): "line 2 uses open",
    ("", "", "np.fromfile('x')"): "line 2 uses np.fromfile",
    ("", "", "np.loadtxt('x')"): "line 2 uses np.loadtxt",
    ("", "", "np.empty(1)[0] == 77"): "line 2 uses np.empty",
    ("", "", "np.geterr()['divide'] == 'raise'"): "line 2 uses np.geterr",
    ("", "", "globals().get('LATE')"): "line 2 uses globals",
    ("", "", "eval('LATE', {'LATE': 0})"): "line 2 uses eval",
    ("import sys\n", "", "sys.getrefcount(g) > 10**6"): "line 3 uses sys.getrefcount",
    ("import threading\n", "", "threading.active_count() > 10**6"):
        "line 3 uses threading.",
    ("from contextlib import suppress\n", "    with suppress(ValueError):\n        pass\n",
     "lr < 0"): "line 3 uses suppress",
    ("", "    seen = []\n    def note(*a):\n        seen.append(1)\n"
     "    with np.errstate(all='call', call=note):\n"
     "        1/(g - 77)\n", "seen"): "line 1 calls something",
    ("import functools\n@functools.lru_cache\ndef f(x):\n    return open(x)\n", "", "f(1)"):
        "line 4 uses open"}


@each("before, inside, condition", CHANGING)
def test_what_may_be_another_thing_tomorrow_is_refused(before, inside, condition):
    words = CHANGING[before, inside, condition]
    for _ in range(2):
        with pytest.raises(ValueError, match=f"(?s)({words}).*nothing but its arguments"):
            optim.prove(rule_of(before, condition, inside), "gradient_descent")


def test_a_counter_in_a_closure_is_refused():
    for store, count in (("nonlocal n; n += 1", "n"), ("seen.append(1)", "len(seen)")):
        rule = typed("def made():\n    n, seen = 0, []\n"
                     "    def rule(theta, g, *, t, lr=0.1):\n"
                     f"        {store}\n        return theta - lr*(g + ({count} > 10**9))\n"
                     "    return rule\nrule = made()\n")
        with pytest.raises(ValueError, match="line 4 (assigns to n|changes seen)"):
            optim.prove(rule, "gradient_descent")


# ------------------------------------------------------- what letters answer otherwise
@each("condition", [
    "g.dtype == np.float32", "g.dtype.kind == 'i'", "np.dtype(g.dtype) == np.float32",
    "np.issubdtype(g.dtype, np.integer)", "g.itemsize == 4", "g.nbytes > 10**6",
    "g.flags.writeable is False", "g.strides == (4,)", "g.base is not None",
    "id(g) % 160 == 7", "type(g).__name__ == 'Tensor'", "t.__class__ is bool",
    "g.__array_interface__['data'][0] == 7", "np.isscalar(g)", "np.iterable(g)",
    "t is KEPT", "(t == 200) is True", "theta is g", "f'{t}' == '200'",
    "'%s' % t == '200'", "'{}'.format(t) == '200'", "'200' in [str(t)]",
    "print(t) or 0", "callable(g)", "hash(t) == 200", "t.__index__() == 200",
    "(lambda: 0).__globals__.get('LATE')", "np.result_type(g) == np.float32",
    "np.can_cast(g, np.int8)", "np.may_share_memory(g, theta)", "np.iscomplexobj(g)",
    "{200: 1}.get(t)", "t in {200}", "t in (200, 201)", "bool(t == 200)", "not t > 200",
    "max(t, 200) == t", "sorted([t, 200])[0] == 200", "[200].index(t)", "round(t) == 200",
    "math.isclose(t, 200)", "t.bit_length() == 8", "divmod(t, 200)[1] == 0",
    "any([t > 10**6])", "range(200)[t]", "len([0]*t) == 200", "t.real == 200",
    "lr.is_integer()", "np.array(t) == 200", "len(range(t)) == 200", "2**t > 10**60"])
def test_a_question_that_letters_answer_otherwise_is_refused(condition):
    with pytest.raises(TypeError, match="line 2"):
        optim.prove(rule_of("", condition), "gradient_descent")


@pytest.mark.parametrize("body", [
    "match t:\n        case int() if t > 200: g = 2*g",
    "try:\n        0/(lr - 77)\n    except ZeroDivisionError:\n        g = 2*g",
    "try:\n        g = g/(lr - 77)\n    finally:\n        return theta",
    "with np.errstate(all='raise'):\n        try: g/(g - 77)\n        except: g = 2*g"])
def test_a_way_that_only_numbers_take_is_refused(body):
    with pytest.raises(TypeError, match=r"line \d (asks|catches)"):
        optim.prove(typed(f"{HEAD}    {body}\n    return theta - lr*g\n"),
                    "gradient_descent")


# ------------------------------------------------------------------ sizes and places
@pytest.mark.parametrize("step", [
    "2*g if g.ndim == 3 else g", "2*g if np.ndim(g) > 4 else g",
    "2*g if len(g) > 900 else g", "2*g if g.shape[0] == 50 else g",
    "2*g if np.shape(g) == (7001,) else g", "2*g if np.size(g) == 5 else g",
    "2*g if next(iter(g.shape)) > 70_000 else g", "2*g if len([*g]) > 900 else g",
    "2*g if sum(1 for _ in g) > 900 else g", "g + np.sum(g[300:])",
    "np.stack([x*(2 if n > 50 else 1) for n, x in enumerate(g)])",
    "np.stack([x*(1 + n//50) for n, x in enumerate(g)])",
    "np.stack([x*(1 + (n == 7)) for n, x in enumerate(g)])"])
def test_a_size_or_place_that_is_named_is_tried(step):
    rule = typed(f"{HEAD}    return theta - lr*({step})\n")
    found = optim.prove(rule, "gradient_descent")
    assert found.status == "UNDECIDED" and "not elementwise" in found.method


def test_a_size_too_large_to_be_tried_is_refused_and_the_tried_ones_are_told():
    with pytest.raises(ValueError, match="counts its entries, by .size at line 2.*1000000"):
        optim.prove(rule_of("", "g.size > 10**6"), "gradient_descent")
    fine = typed(f"{HEAD}    return theta - lr*np.stack([x for x in g])\n")
    found = optim.prove(fine, "gradient_descent")
    assert found.status == "PROVED" and "was tried on up to 2000 of them" in found.method
    assert "tried" not in optim.prove("adam", "adam").method


# ------------------------------------------------------------------ what goes on working
ALLOWED = [
    "RATE = 0.1\ndef rule(theta, g, *, t):\n    return theta - RATE*g\n",
    "from math import sqrt\nROOT = sqrt(4)\ndef rule(theta, g, *, t):\n"
    "    return theta - g/(5*ROOT)\n",
    "def step(g, rate=0.1):\n    return rate*g\ndef rule(theta, g, *, t):\n"
    "    return theta - step(g)\n",
    "RATES = [0.1, 0.2]\nSET = {'lr': RATES}\ndef rule(theta, g, *, t):\n"
    "    first, _ = RATES\n    return theta - (first + SET['lr'][0] - RATES[0])*g\n",
    "TENTH = np.array(0.1)\ndef rule(theta, g, *, t):\n    return theta - TENTH*g\n",
    "class C:\n    def __init__(self):\n        self.lr = 0.1\n    def step(self, g):\n"
    "        return self.lr*g\nc = C()\ndef rule(theta, g, *, t):\n"
    "    return theta - c.step(g)\n",
    "from dataclasses import dataclass\n@dataclass\nclass C:\n    lr: float = 0.1\n"
    "c = C()\n"
    "def rule(theta, g, *, t):\n    return theta - c.lr*g\n",
    "from types import SimpleNamespace\nc = SimpleNamespace(lr=0.1)\n"
    "def rule(theta, g, *, t):\n    return theta - c.lr*g\n",
    "from collections import namedtuple\nc = namedtuple('C', 'lr')(0.1)\n"
    "def rule(theta, g, *, t):\n    return theta - c.lr*g\n",
    "def rule(theta, g, *, t):\n"
    "    return theta - g/10 + 0*np.clip(g, -1e6, 1e6) + 0*np.round(g)\n",
    "def rule(theta, g, *, t):\n    import numpy as kit, math\n"
    "    return theta - kit.abs(-0.1)*g*math.cos(0)\n",
    "def rule(theta, g, *, t):\n    from math import cos\n"
    "    return theta - 0.1*g*cos(0)\n",
    "def rule(theta, g, *, t):\n    with np.errstate(divide='ignore'):\n"
    "        return theta - g/10\n",
    "@np.errstate(all='ignore')\ndef rule(theta, g, *, t):\n    return theta - g/10\n",
    "import functools\nbase = functools.partial(np.multiply, 0.1)\n"
    "def rule(theta, g, *, t):\n    return theta - base(g)\n",
    "def rule(theta, g, *, t):\n    parts = [g*k for k in range(3)]\n"
    "    parts.append(7*g)\n    return theta - sum(parts)/100\n",
    "def rule(theta, g, *, t):\n    n = 0\n    def add(k):\n        nonlocal n\n"
    "        n += k\n    add(0.1)\n    return theta - n*g\n",
    "import optim\ndef rule(theta, g, *, t):\n"
    "    return optim.rules.gradient_descent(theta, g, t=t, lr=0.1)\n",
    "FAST = False\ndef rule(theta, g, *, t):\n    if FAST:\n        g = 2*g\n"
    "    elif FAST is None:\n        raise ValueError('set FAST')\n"
    "    return theta - g/10\n"]


@pytest.mark.parametrize("source", ALLOWED)
def test_constants_helpers_and_objects_that_stay_as_they_are_are_read(source):
    tenth = typed("def rule(theta, g, *, t):\n    return theta - g/10\n")
    found = optim.prove(typed(source), tenth)
    assert found.status == "PROVED", found


def test_a_planted_gap_in_the_search_lets_a_counter_through(monkeypatch):
    """What the search is for: without it the counter is PROVED."""
    late = rule_of("N = []\n", "len(N) > 10**9", "    N.append(1)\n")
    monkeypatch.setattr(Outside, "check_unchanged", lambda self: None)
    assert optim.prove(late, "gradient_descent").status == "PROVED"
