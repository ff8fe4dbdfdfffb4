"""Random pairs of formulas and of rules, written with the grammar of optimizers.

A pair is made equal by rewriting, or by rewriting that costs values (x**2/x for x), or
different by a slip; what is true of it is not taken from how it was made but from truth.py,
at many points. So a verdict can be counted: PROVED where the two differ, or REFUTED by a
witness at which they do not, is a false verdict.
"""
import linecache
import random
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import product

import numpy as np
import sympy as sp

from optim.domains import declare
from optim.equivalence.proofs import prove
from optim.proving.expressions import prove_expressions

from . import truth

DOMAIN = {"theta": "real", "g": "real", "m": "real", "v": ">= 0", "weight_decay": ">= 0",
          "lr": "> 0",
          "eps": "> 0", "beta1": "[0, 1)", "beta2": "[0, 1)", "t": "1, 2, ..."}
VALUES = {"real": "0 1 -1 1/2 -1/2 2 -3 1/1000 -1/7 100 -10000",
          "> 0": "1 1/10 2 4 1/1000 9",
          ">= 0": "0 1 2 1/4 4 1/1000 100", "[0, 1)": "0 1/2 9/10 1/4 999/1000 1/1000",
          "1, 2, ...": "1 2 3 10 4 25"}
VALUES = {domain: [Fraction(x) for x in text.split()] for domain, text in VALUES.items()}
REAL, WEAK = ("theta", "g", "m"), ("v", "weight_decay")
STRICT, UNIT = ("lr", "eps"), ("beta1", "beta2")

# A formula is a nested tuple (operation, arguments); a number or a letter is a text.
OPERATORS = {"add": "+", "sub": "-", "mul": "*", "div": "/", "pow": "**", "gt": ">",
             "ge": ">=", "lt": "<", "le": "<=", "eq": "==", "ne": "!="}
OPPOSITE = {"gt": "le", "le": "gt", "ge": "lt", "lt": "ge", "eq": "ne", "ne": "eq"}
NUMPY = {"max": "maximum", "min": "minimum", "and": "logical_and"}


def text(e):
    """The formula as NumPy code."""
    if isinstance(e, str):
        return f"({e})" if e[0] == "-" or "/" in e else e
    head, *args = e
    parts = [text(x) for x in args]
    if head in OPERATORS:
        return f"({parts[0]} {OPERATORS[head]} {parts[1]})"
    return f"(-{parts[0]})" if head == "neg" else (
        f"np.{NUMPY.get(head, head)}({', '.join(parts)})")


# ------------------------------------------------------------------ as SymPy's expressions
SYMBOLS = {name: declare(name, domain) for name, domain in DOMAIN.items()}
AS_WRITTEN = {"evaluate": False}
SYMPY = {
    "add": sp.Add, "mul": sp.Mul, "pow": sp.Pow, "abs": sp.Abs, "sign": sp.sign,
    "max": sp.Max, "min": sp.Min, "exp": sp.exp, "log": sp.log, "gt": sp.Gt, "ge": sp.Ge,
    "lt": sp.Lt, "le": sp.Le, "eq": sp.Eq, "ne": sp.Ne, "floor": sp.floor, "sin": sp.sin,
    "cos": sp.cos, "tanh": sp.tanh, "and": sp.And}


def expression(e, kept=AS_WRITTEN):
    """The formula as a SymPy expression, which SymPy leaves as it was written."""
    if isinstance(e, str):
        return SYMBOLS[e] if e in SYMBOLS else sp.Rational(e)
    head, *args = e
    parts = [expression(x, kept) for x in args]
    a, b = parts[0], parts[-1]
    if head == "neg":
        return sp.Mul(-1, a, **kept)
    if head == "sub":
        return sp.Add(a, sp.Mul(-1, b, **kept), **kept)
    if head == "div":
        return sp.Mul(a, sp.Pow(b, -1, **kept), **kept)
    if head in ("sqrt", "square"):
        return sp.Pow(a, sp.Rational(1, 2) if head == "sqrt" else 2, **kept)
    if head == "cbrt":
        root = sp.Pow(sp.Abs(a, **kept), sp.Rational(1, 3), **kept)
        return sp.Mul(sp.sign(a, **kept), root, **kept)
    if head == "clip":
        return sp.Min(sp.Max(a, parts[1], **kept), b, **kept)
    if head == "where":
        return sp.Piecewise((parts[1], a), (b, True), **kept)
    return SYMPY[head](*parts, **kept)


# ------------------------------------------------------------------ formulas at random
class Maker:
    """Random formulas; all randomness comes from one seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def pick(self, *options):
        return self.random.choice(options)

    def letter(self):
        return self.pick(*REAL, *REAL, *WEAK, *STRICT, *UNIT)

    def at_least_0(self, depth):
        """A formula that is >= 0 wherever it has a value."""
        if depth <= 0:
            return self.pick(*WEAK, *STRICT, *UNIT, "t")
        a, b = self.at_least_0(depth - 1), self.at_least_0(depth - 1)
        x, beta = self.formula(depth - 1), self.pick(*UNIT)
        return self.pick(
            ("add", a, b), ("mul", a, b), ("square", x), ("pow", x, "2"), ("abs", x),
            ("sqrt", a), ("add", ("mul", beta, a), ("mul", ("sub", "1", beta), b)),
            ("sub", "1", ("pow", beta, "t")), ("pow", beta, "t"), ("max", a, b),
            ("max", x, "0"), ("exp", x), ("div", a, self.pick(*STRICT)))

    def formula(self, depth):
        if depth <= 0:
            return self.letter() if self.random.random() < 0.85 else self.pick(
                "1", "2", "0", "3", "1/2", "-1", "1/10")
        a, b = self.formula(depth - 1), self.formula(depth - 1)
        w, beta = self.at_least_0(depth - 1), self.pick(*UNIT)
        return self.pick(
            ("add", a, b), ("sub", a, b), ("mul", a, b), ("mul", a, w),
            ("div", a, ("add", ("sqrt", w), "eps")),
            ("div", a, ("sqrt", ("add", w, "eps"))),
            ("div", a, b), ("sqrt", w), ("sqrt", a), ("sqrt", ("mul", w, a)),
            ("sqrt", ("div", a, self.pick(*STRICT, *WEAK))),
            ("pow", ("mul", w, a), "3/2"), ("abs", a), ("sign", a), ("max", a, b),
            ("min", a, b), ("clip", a, ("neg", self.pick(*STRICT, "1")),
                            self.pick(*STRICT, "1")),
            ("where", self.condition(depth - 1), a, b), ("neg", a),
            ("pow", a, self.power()),
            ("add", ("mul", beta, a), ("mul", ("sub", "1", beta), b)),
            ("div", a, ("sub", "1", ("pow", beta, "t"))), ("log", ("add", "1", w)),
            ("exp", ("neg", w)), ("cbrt", a),
            ("pow", beta, self.pick("t", ("add", "t", "1"))),
            ("log", a), ("tanh", a), (self.pick("cos", "sin"), a),
            ("floor", ("div", a, self.pick("2", "10"))),
            ("pow", self.pick(a, w), self.pick(*STRICT, *UNIT)),
            ("pow", beta, ("floor", ("div", "t", "10"))))

    def power(self):
        return self.pick("2", "2", "3", "-1", "-2", "1/2", "3/2", "1/3", "-1/2", "1/4")

    def condition(self, depth):
        a, b = self.formula(min(depth, 1)), self.pick("0", "0", self.letter())
        plain = (self.pick("gt", "ge", "lt", "le", "eq", "ne"), a, b)
        return plain if self.random.random() < 0.9 else (
            "and", plain, ("gt", self.letter(), "0"))

    # -- other formulas for the same
    def anywhere(self, e, change):
        """The formula with a change at one of its places, or None."""
        places = [p for p in paths(e) if change(at(e, p)) is not None]
        if not places:
            return None
        place = self.random.choice(places)
        return replaced(e, place, change(at(e, place)))

    def same(self, e):
        """Another formula for e, with values at the same points; None for a condition."""
        return self.chosen(e, self.sames)

    def narrower(self, e):
        """Another formula for e, with values at fewer points, or at the same."""
        return self.chosen(e, self.narrowers)

    def slipped(self, e):
        """A formula that is like e."""
        return self.chosen(e, self.slips)

    def chosen(self, e, options):
        found = list(options(e))
        return self.random.choice(found) if found else None

    def sames(self, e):
        head, *args = (e, "") if isinstance(e, str) else e
        if head in OPPOSITE:
            if head not in ("eq", "ne"):
                swapped = {"gt": "lt", "lt": "gt", "ge": "le", "le": "ge"}[head]
                yield (swapped, args[1], args[0])
                yield (head, ("sub", *args), "0")
            return
        if head == "and":
            yield ("and", args[1], args[0])
            return
        real, strict, weak = self.pick(*REAL), self.pick(*STRICT), self.pick(*WEAK)
        yield ("sub", ("add", e, real), real)
        yield ("div", ("mul", e, strict), strict)
        yield ("neg", ("neg", e))
        yield ("add", e, ("sub", ("sqrt", ("mul", weak, strict)),
                          ("mul", ("sqrt", weak), ("sqrt", strict))))
        a, b = args[0], args[-1]
        if head in ("add", "mul", "max", "min"):
            yield (head, b, a)
        if head == "add":
            yield ("sub", a, ("neg", b))
            if a[0] == "mul" and b[0] == "mul" and b[1] == ("sub", "1", a[1]):
                yield ("add", b[2], ("mul", a[1], ("sub", a[2], b[2])))
                yield ("add", a[2], ("mul", b[1], ("sub", b[2], a[2])))
        if head == "sub":
            yield ("add", a, ("neg", b))
            yield ("neg", ("sub", b, a))
        if head == "mul":
            if b[0] in ("add", "sub"):
                yield (b[0], ("mul", a, b[1]), ("mul", a, b[2]))
            yield ("neg", ("mul", ("neg", a), b))
        if head == "div":
            yield ("mul", a, ("pow", b, "-1"))
            yield ("mul", a, ("div", "1", b))
            yield ("div", ("mul", a, strict), ("mul", b, strict))
        if head == "abs":
            yield ("where", (self.pick("gt", "ge"), a, "0"), a, ("neg", a))
            yield ("mul", a, ("sign", a))
            yield ("max", a, ("neg", a))
            yield ("sqrt", ("square", a))
        if head == "sign":
            yield ("where", ("gt", a, "0"), "1", ("where", ("lt", a, "0"), "-1", "0"))
            yield ("sign", ("mul", a, strict))
            yield ("pow", e, "3")
            yield ("cbrt", e)
        if head in ("max", "min"):
            order = ("gt", "ge") if head == "max" else ("lt", "le")
            yield ("where", (self.pick(*order), a, b), a, b)
            yield ("div", ("add" if head == "max" else "sub", ("add", a, b),
                           ("abs", ("sub", a, b))), "2")
            yield ("neg", ({"max": "min", "min": "max"}[head], ("neg", a), ("neg", b)))
        if head == "clip":
            low = args[1]
            yield ("min", ("max", a, low), b)
            yield ("max", ("min", a, b), low)
            yield ("where", ("gt", a, b), b, ("where", ("lt", a, low), low, a))
        if head == "where" and a[0] in OPPOSITE:
            yield ("where", (OPPOSITE[a[0]], a[1], a[2]), b, args[1])
        if head == "square":
            yield ("mul", a, a)
            yield ("pow", a, "2")
            yield ("square", ("abs", a))
        if head == "sqrt":
            yield ("pow", a, "1/2")
            yield ("mul", ("sqrt", ("sqrt", a)), ("sqrt", ("sqrt", a)))
            if a[0] == "mul" and a[1] in (*STRICT, *UNIT, *WEAK) and a[2] in (
                    *STRICT, *WEAK):
                yield ("mul", ("sqrt", a[1]), ("sqrt", a[2]))
            yield ("div", ("sqrt", ("mul", a, strict)), ("sqrt", strict))
        if head == "pow":
            if b in ("2", "3"):
                yield ("mul", a, ("pow", a, str(int(b) - 1)))
            if b == "3/2":
                yield ("mul", a, ("sqrt", a))
            if b in ("-1", "-2"):
                yield ("div", "1", ("pow", a, b[1:]))
            if b == "1/4":
                yield ("sqrt", ("sqrt", a))
            if b == "t":
                yield ("mul", a, ("pow", a, ("sub", "t", "1")))
                yield ("where", ("eq", "t", "1"), a, e)
        if head == "exp":
            yield ("div", "1", ("exp", ("neg", a)))
            if a[0] == "add":
                yield ("mul", ("exp", a[1]), ("exp", a[2]))
        if head == "log":
            yield ("neg", ("log", ("div", "1", a)))
            yield ("sub", ("log", ("mul", a, strict)), ("log", strict))
        if head == "cbrt":
            yield ("neg", ("cbrt", ("neg", a)))
        if head in ("cos", "sin"):
            half = (("cos", ("div", a, "2")), ("sin", ("div", a, "2")))
            yield (("sub", ("square", half[0]), ("square", half[1])) if head == "cos" else
                   ("mul", "2", ("mul", *half)))
            if a[0] == "add":
                yield (("sub", ("mul", ("cos", a[1]), ("cos", a[2])),
                        ("mul", ("sin", a[1]), ("sin", a[2]))) if head == "cos" else
                       ("add", ("mul", ("sin", a[1]), ("cos", a[2])),
                        ("mul", ("cos", a[1]), ("sin", a[2]))))
        if head == "floor":
            yield ("sub", ("floor", ("add", a, "3")), "3")
            yield ("add", ("floor", ("sub", a, "t")), "t")
        if head == "pow" and b in (*STRICT, *UNIT):
            yield ("mul", ("sqrt", e), ("sqrt", e)) if a[0] in ("abs", "sqrt") else (
                "mul", e, ("div", strict, strict))
        if head == "tanh":
            yield ("neg", ("tanh", ("neg", a)))
            doubled = ("mul", "2", a)
            yield ("sub", ("div", "2", ("add", "1", ("exp", ("neg", doubled)))), "1")

    def narrowers(self, e):
        if isinstance(e, tuple) and e[0] in (*OPPOSITE, "and"):
            return
        real, weak = self.pick(*REAL), self.pick(*WEAK)
        yield ("div", ("mul", e, real), real)
        yield ("div", ("square", e), e)
        yield ("square", ("sqrt", e))
        yield ("mul", ("sqrt", e), ("sqrt", e))
        yield ("exp", ("log", e))
        yield ("div", "1", ("div", "1", e))
        yield ("add", e, ("sqrt", ("neg", weak)))
        yield ("add", e, ("sqrt", ("neg", ("square", real))))
        yield ("add", e, ("mul", "0", ("log", real)))
        yield ("add", e, ("mul", "0", ("div", "1", ("sub", real, weak))))
        yield ("mul", e, ("pow", weak, ("sub", "1", "1")))
        if isinstance(e, tuple):
            head, a, b = e[0], e[1], e[-1]
            if head == "abs":
                yield ("div", ("square", a), e)
            if head == "sign":
                yield ("div", a, ("abs", a))
                yield ("div", ("abs", a), a)
            if head == "sqrt" and a[0] == "mul":
                yield ("mul", ("sqrt", a[1]), ("sqrt", a[2]))
            if head == "sqrt" and a[0] == "div":
                yield ("div", ("sqrt", a[1]), ("sqrt", a[2]))
            if head == "log" and a[0] == "mul":
                yield ("add", ("log", a[1]), ("log", a[2]))
            if head == "pow" and b in ("2", "-2"):
                yield ("pow", ("pow", a, "1/2"), "4" if b == "2" else "-4")
            if head == "cbrt":
                yield ("pow", a, "1/3")

    def slips(self, e):
        if isinstance(e, str):
            yield self.pick("0", "1", "2", self.letter())
            for group in (REAL, WEAK, STRICT, UNIT):
                if e in group:
                    yield self.pick(*(x for x in group if x != e))
            yield ("neg", e)
            yield ("add", e, self.pick("eps", "1", "1/1000000"))
            return
        head, *args = e
        others = {"add": "sub", "sub": "add", "mul": "div", "div": "mul", "max": "min",
                  "min": "max", "gt": "ge", "ge": "gt", "lt": "le", "le": "lt", "eq": "ge",
                  "ne": "gt", "cos": "sin", "sin": "tanh", "floor": "abs", "exp": "tanh",
                  "sqrt": "cbrt", "cbrt": "sqrt", "sign": "tanh"}
        if head in others:
            yield (others[head], *args)
        if head in ("gt", "ge", "lt", "le"):
            yield (OPPOSITE[head], *args)
        if head in ("sub", "div", "pow"):
            yield (head, args[-1], args[0])
        if head in ("abs", "sign", "sqrt", "square", "neg", "cbrt", "exp", "clip"):
            yield args[0]
        if head == "where":
            yield ("where", args[0], args[2], args[1])
            yield args[1]
        if head == "add" and args[1] == "eps" and args[0][0] == "sqrt":
            yield ("sqrt", ("add", args[0][1], "eps"))


def paths(e, here=()):
    yield here
    if not isinstance(e, str):
        for i, part in enumerate(e[1:], 1):
            yield from paths(part, (*here, i))


def at(e, path):
    for i in path:
        e = e[i]
    return e


def replaced(e, path, new):
    if not path:
        return new
    i, *rest = path
    return (*e[:i], replaced(e[i], rest, new), *e[i + 1:])


# ------------------------------------------------------------------ pairs
@dataclass
class Pair:
    """Two formulas or rules, and how the second was made of the first."""
    a: object
    b: object
    made: str
    relation: str = "=="

    def words(self):
        return f"{self.made}:\n{shown(self.a)}\n  {self.relation}\n{shown(self.b)}"


def shown(x):
    return x if isinstance(x, str) and "def " in x else text(x)


def other(maker, e, size):
    """(how it was made, another formula that was made of e)."""
    kind = maker.random.random()
    for _ in range(size):
        e = maker.anywhere(e, maker.same) or e
    if kind < 0.5:
        return "rewritten", e
    made, change = (("with fewer values", maker.narrower) if kind < 0.75 else
                    ("slipped", maker.slipped))
    return made, maker.anywhere(e, change) or e


def formulas(seed, depths=(1, 2, 2, 3)):
    """A pair of formulas."""
    maker = Maker(seed)
    e = maker.formula(maker.pick(*depths))
    made, f = other(maker, e, maker.pick(1, 2, 3))
    relation = maker.pick(*["=="]*12, "<=", ">=", "<", ">")
    return Pair(e, f, made, relation)


def inequalities(seed):
    """A formula, and a bound of it or of one that is like it."""
    maker = Maker(seed)
    e = maker.formula(maker.pick(1, 2))
    bound = maker.pick(
        "0", "1", ("abs", e), ("max", e, maker.letter()), maker.formula(1),
        maker.at_least_0(1), ("add", maker.anywhere(e, maker.slipped) or e, "eps"),
        maker.anywhere(e, maker.slipped) or e, ("add", "1", maker.anywhere(
            e, maker.slipped) or e), ("square", e), ("neg", ("abs", e)), ("exp", e))
    return Pair(e, bound, "inequality", maker.pick("<=", ">=", "<", ">"))


HEAD = ("def {name}(theta, g, m, v, *, t, lr=0.1, beta1=0.9, beta2=0.999, eps=1e-8,\n"
        "         weight_decay=0.01):\n"
        "    m = {m}\n    v = {v}\n    theta = {theta}\n    return theta, m, v\n")


def rules(seed):
    """A pair of rules, as source."""
    maker = Maker(seed)
    parts = {"m": ("add", ("mul", "beta1", "m"), ("mul", ("sub", "1", "beta1"), "g")),
             "v": maker.pick(("add", ("mul", "beta2", "v"), ("mul", ("sub", "1", "beta2"),
                                                             ("square", "g"))),
                             maker.at_least_0(2)),
             "theta": ("sub", "theta", ("mul", "lr", maker.formula(maker.pick(1, 2, 3))))}
    name = maker.pick("theta", "theta", "theta", "m", "v")
    made, new = other(maker, parts[name], maker.pick(1, 2))
    sources = [HEAD.format(name="rule", **{k: text(e) for k, e in side.items()})
               for side in (parts, parts | {name: new})]
    return Pair(*sources, made)


# ------------------------------------------------------------------ what is true of a pair
def letters(source):
    names = {node.id for node in truth.ast.walk(truth.ast.parse(source))
             if isinstance(node, truth.ast.Name)}
    return [n for n in DOMAIN if n in names or "def " in source and n in (
        "theta", "g", "m", "v", "t", "lr", "beta1", "beta2", "eps", "weight_decay")]


def points(names, seed, count=60):
    """Points that are often telling: at rest, at edges, with ties, and of all kinds."""
    rng = random.Random(seed)
    for k in range(3):
        yield {n: VALUES[DOMAIN[n]][k] for n in names}
    for n in names:
        for x in VALUES[DOMAIN[n]]:
            yield {r: x if r == n else rng.choice(VALUES[DOMAIN[r]][1:4]) for r in names}
    for a, b in product(names, names):
        if a < b:
            common = [x for x in VALUES[DOMAIN[a]] if x in VALUES[DOMAIN[b]]]
            if common:
                x = rng.choice(common)
                yield {n: x if n in (a, b) else rng.choice(VALUES[DOMAIN[n]][:4])
                       for n in names}
    for _ in range(count):
        yield {n: rng.choice(VALUES[DOMAIN[n]]) for n in names}


def differing(pair, seed=0):
    """A point at which the claim surely fails, or None."""
    a, b = sides(pair)
    names = sorted({*letters(source_of(pair.a)), *letters(source_of(pair.b))})
    for point in points(names, seed):
        if failing(a, b, pair.relation, point):
            return point
    return None


def failing(a, b, relation, point):
    try:
        return truth.fails(a, b, relation, point)
    except (truth.Unsure, OverflowError, RecursionError):
        return False


def source_of(x):
    return x if isinstance(x, str) and "def " in x else text(x)


def sides(pair):
    return [truth.compiled(source_of(x)) for x in (pair.a, pair.b)]


def confirmed(pair, witness):
    """Whether the claim fails at the witness; None if that cannot be told."""
    a, b = sides(pair)
    point = {str(s): Fraction(int(x.p), int(x.q)) for s, x in witness.items()}
    names = {*letters(source_of(pair.a)), *letters(source_of(pair.b))}
    point |= {n: VALUES[DOMAIN[n]][1] for n in names - set(point)}
    try:
        return truth.fails(a, b, pair.relation, point)
    except (truth.Unsure, OverflowError, RecursionError):
        return None


def verdict_on(pair, seconds=5):
    """The prover's verdict on the pair of formulas, as they were written."""
    return prove_expressions(expression(pair.a), expression(pair.b), pair.relation,
                             domains=DOMAIN, seconds=seconds)


def function_of(source):
    """The rule that the source defines, which can be asked for its source."""
    name = f"<attack {hash(source)}>"
    linecache.cache[name] = len(source), None, source.splitlines(keepends=True), name
    scope = {"np": np}
    exec(compile(source, name, "exec"), scope)
    return scope["rule"]


def verdict_on_rules(pair, seconds=5):
    """The prover's verdict on the pair of rules."""
    return prove(function_of(pair.a), function_of(pair.b), seconds=seconds, equal_if=False)


def judge(pair, verdict, seed=0):
    """(what is true, the status, whether the verdict is false)."""
    point = differing(pair, seed)
    true = "agree at all points" if point is None else "differ"
    if verdict.status == "PROVED":
        return true, "PROVED", point is not None
    if verdict.status == "REFUTED":
        return true, "REFUTED", confirmed(pair, verdict.witness) is False
    return true, "UNDECIDED", False


STATUSES = "PROVED", "REFUTED", "UNDECIDED"
KINDS = {                      # of pairs: how they are made, and who decides
    "formulas": (formulas, verdict_on),
    "inequalities": (inequalities, verdict_on),
    "deep formulas": (partial(formulas, depths=(4, 5)), verdict_on),
    "rules": (rules, verdict_on_rules)}


def attack(make, decide, seeds, report=print):
    """Counts {(what is true, how it was made, the status): pairs}, and false verdicts."""
    counts, false = Counter(), []
    for seed in seeds:
        pair = make(seed)
        try:
            verdict = decide(pair)
        except Exception as refused:         # a rule that cannot be read: told, not judged
            counts["refused", type(refused).__name__, "refused"] += 1
            continue
        true, status, is_false = judge(pair, verdict, seed)
        counts[true, pair.made, status] += 1
        if is_false:
            false.append((seed, pair, verdict))
            report(f"FALSE (seed {seed}) {pair.words()}\n{verdict}\n"
                   f"differs at {differing(pair, seed)}\n")
    return counts, false


def table(counts):
    """The counts as lines of text."""
    rows = sorted({key[:2] for key in counts if key[0] != "refused"})
    lines = [f"{'what is true, and how the pair was made':44}" + "".join(
        f"{status:>11}" for status in STATUSES)]
    lines += [f"{', '.join(row):44}" + "".join(
        f"{counts[(*row, status)]:11}" for status in STATUSES) for row in rows]
    refused = {key[1]: n for key, n in counts.items() if key[0] == "refused"}
    return "\n".join(lines + [f"refused: {refused}"]*bool(refused))
