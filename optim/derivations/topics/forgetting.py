"""What each rule remembers, how fast it forgets, and which states have no weights at all.

Rules whose moments are one and the same sum are told together. The age of the newest
gradient is 0.
"""
from collections.abc import Callable, Iterator, Sequence

import sympy as sp

from optim.derivations.induction import by_induction, factor, in_ours, newest, unfolded
from optim.derivations.memory import proof, reason, summed, weight_of
from optim.derivations.steps import Step, all_of, at_point, by_theorem, checked
from optim.formulas.rule_formulas import Formula, formula
from optim.papers import (
    STATEMENTS, History, Statement, in_letters, momentum, mu, statement, t)
from optim.domains import declare
from optim.rules import RULES
from optim.optimizers.signatures import anatomy

c, a = declare("c", "[0, 1)"), declare("a", "> 0")          # a weight of age n is a c^n
n, before = declare("n", "1, 2, ..."), declare("s", "1, 2, ...")
HALF = sp.Rational(1, 2)
KEEPS = tuple(name for name, paper in STATEMENTS.items() if paper.moments)


def remembered() -> list[Step]:
    """The steps of the topic: the weights of every state, or why it has none."""
    return [*every_weight(), *fading(), *at_defaults(), adagrad(), nadam(), *without()]


def groups() -> Iterator[tuple[str, History, tuple[Formula, ...]]]:
    """(state, its closed form, the rules that keep it)."""
    found: dict[tuple[str, History], list[Formula]] = {}
    for name in KEEPS:
        for state, printed in statement(name).moments.items():
            found.setdefault((state, printed), []).append(formula(name))
    for (state, printed), rules in found.items():
        yield state, printed, tuple(rules)


# -------------------------------------------------------------------------- what is kept
def every_weight() -> Iterator[Step]:
    for state, printed, rules in groups():
        found, paper = weight_of(printed), statement(rules[0].name)
        if found is not None:
            yield from proof(rules, paper, state, found[1])
            yield together(rules, paper, state, in_ours(found[1], paper))


def together(rules: Sequence[Formula], paper: Statement, state: str, plain: History
             ) -> Step:
    start, old, total, written = summed(rules[0], paper, plain)
    return all_of(f"{state} of {', '.join(f.name for f in rules)}: all its weights "
                  "together. There are none at the start, and a step takes this sum from "
                  "t - 1 to t.",
                  [(start, sp.Integer(0)), (factor(plain)*old + newest(plain), total)],
                  formula=rf"w_1 + \cdots + w_t = {in_letters(written)}")


# -------------------------------------------------------------------- how fast it forgets
def half_life(kept: sp.Expr) -> sp.Expr:
    """The age at which a weight is half the newest; so many of the newest hold half."""
    return sp.log(HALF)/sp.log(kept)


def mean_age(kept: sp.Expr) -> sp.Expr:
    """The mean of the ages t - k, each taken as often as its weight says."""
    return kept/(1 - kept) - t*kept**t/(1 - kept**t)


def fading() -> list[Step]:
    """Weights a c^(t-k): c is mu, rho, beta1 or beta2."""
    def total(now):
        return a*(1 - c**now)/(1 - c)

    def ages(now):                                       # sum of weight times age
        return a*c*(1 - c**now)/(1 - c)**2 - a*now*c**now/(1 - c)

    rest = checked("Where a step multiplies old weights by c, all that is older than n "
                   "steps weighs c^n times what all weighed n steps ago. The newest n have "
                   "the rest, whatever t is.", total(n + before),
                   c**n*total(before) + total(n),
                   formula=r"w_k = a\, c^{t-k}:\quad a\frac{1-c^t}{1-c} ="
                           r" c^n\, a\frac{1-c^{t-n}}{1-c} + a\frac{1-c^n}{1-c}")
    half = by_theorem(
        "So in the long run the newest n hold the share 1 - c^n of all weight: half of it "
        "at the half-life, at which a weight, too, is half the newest.",
        r"n = \frac{\log \frac{1}{2}}{\log c}:\quad 1 - c^n = \tfrac{1}{2}",
        "c^t tends to 0 for 0 < c < 1, and log is strictly increasing", rest)
    older = all_of("The ages, each times its weight, add up to this: 0 at the start; in a "
                   "step every old one grows by 1, its weight by the factor c, and the "
                   "newest has age 0.",
                   [(ages(sp.Integer(0)), sp.Integer(0)),
                    (c*(ages(t - 1) + total(t - 1)), ages(t))],
                   formula=r"\sum_{k=1}^{t} (t-k)\, a\, c^{t-k} = \frac{a\, c\,(1-c^t)}"
                           r"{(1-c)^2} - \frac{a\, t\, c^t}{1-c}")
    mean = checked("Divided by all weights that is the mean age of what is remembered.",
                   ages(t), total(t)*mean_age(c),
                   formula=r"\frac{\sum_k (t-k)\, w_k}{\sum_k w_k} = \frac{c}{1-c}"
                           r" - \frac{t\, c^t}{1-c^t}")
    return [rest, half, older, mean, by_theorem(
        "In the long run it is c/(1 - c), or 1/(1 - c) where the newest counts as 1.",
        r"\frac{c}{1-c} - \frac{t\, c^t}{1-c^t} \to \frac{c}{1-c}",
        "c^t and t c^t tend to 0 for 0 <= c < 1", older, mean)]


def at_defaults() -> Iterator[Step]:
    """Half-lives and mean ages at the rules' defaults, between two powers, exactly."""
    found: dict[sp.Rational, list[str]] = {}
    for state, printed, rules in groups():
        weight = weight_of(printed)
        letter = sp.Integer(1) if weight is None else factor(weight[1])
        for f in rules if letter.is_Symbol else ():
            value = sp.Rational(repr(anatomy(RULES[f.name])[1][letter.name]))
            found.setdefault(value, []).append(f"{state} of {f.name}")
    for kept, names in found.items():
        many = int(sp.ceiling(half_life(kept)))
        yield all_of(f"At the default {kept} ({', '.join(names)}) the newest {many} hold "
                     f"more than half of all weight, the newest {many - 1} less; the mean "
                     f"age stays below {kept/(1 - kept)}.",
                     [(1 - kept**many, HALF, ">"), (1 - kept**(many - 1), HALF, "<"),
                      (mean_age(kept), kept/(1 - kept), "<")],
                     formula=rf"1 - c^{{{many - 1}}} < \tfrac{{1}}{{2}} < 1 - c^{{{many}}}"
                             rf",\qquad c = {sp.latex(kept)}")


def adagrad() -> Step:
    ages = t*(t - 1)/2
    return all_of("Adagrad forgets nothing: its memory grows older with every step. In a "
                  "step each of t - 1 ages grows by 1, so the mean of the t ages is "
                  "(t - 1)/2.",
                  [(ages.subs(t, 1), sp.Integer(0)), (ages.subs(t, t - 1) + t - 1, ages),
                   (ages/t, (t - 1)/2)],
                  formula=r"w_k = 1:\quad \frac{1}{t}\sum_{k=1}^{t} (t-k)"
                          r" = \frac{t-1}{2}")


def nadam() -> Step:
    now = unfolded(momentum(t), statement("nadam"))
    return all_of("In Nadam's m the factor is the momentum of each step. It rises from "
                  "mu/2 towards mu: there is no one half-life, and forgetting slows down.",
                  [(mu/2, now, "<="), (now, now.subs(t, t + 1), "<="), (now, mu, "<=")],
                  formula=r"\tfrac{\mu}{2} \le \mu_t \le \mu_{t+1} \le \mu")


# ----------------------------------------------------------------- what has no weights
def without() -> Iterator[Step]:
    """Of each state without weights, why: the claim that it has some is refuted."""
    for state, printed, rules in groups():
        if weight_of(printed) is not None:
            continue
        f, why = rules[0], reason(printed)
        yield additive(f, state, why) if printed.how != "product" else by_theorem(
            f"{state} of {f.name} is {why}: it remembers none.",
            rf"\frac{{\partial {in_letters(printed.closed())}}}{{\partial g_k}} = 0",
            "what does not stand in an expression does not change it",
            *by_induction(f, statement(f.name), state))


def after(f: Formula, gradients: Sequence[sp.Expr]) -> dict[str, sp.Expr]:
    """The states of a rule after these gradients."""
    states = f.init
    for now, gradient in enumerate(gradients, 1):
        here = {f.symbols[name]: e for name, e in states.items()} | {
            f.symbols["g"]: gradient, f.symbols["t"]: sp.Integer(now)}
        states = {name: f.update[name].subs(here, simultaneous=True) for name in f.init}
    return states


def additive(f: Formula, state: str, why: str) -> Step:
    """The claim that two gradients are remembered as the one and the other, added up.

    A weight of g_k**2 would make it true of squares, a weight of |g_k| of sizes.
    """
    sizes = statement(f.name).moments[state].term.has(sp.Abs)
    gradient: Callable = (lambda x: x) if sizes else sp.sqrt
    one, two = ([declare(f"{letter}_{number}", ">= 0") for number in (1, 2)]
                for letter in "pq")
    both = after(f, [gradient(p + q) for p, q in zip(one, two)])[state]
    each = sum(after(f, [gradient(p) for p in some])[state] for some in (one, two))
    ones = dict(zip((*one, *two), map(sp.Integer, (1, 0, 0, 1))))
    point = ones | {s: HALF if s.name in ("rho", "beta2") else sp.Integer(1)
                    for s in sorted((both + each).free_symbols - set(ones), key=str)}
    size, letter = "|g|" if sizes else "g^2", in_letters(
        sp.Function(state, real=True)(sp.Integer(2)))
    return at_point(
        f"Not so: {state} of {f.name} has weights: with {size} = p + q in each of two "
        f"steps it is what it is with p plus what it is with q. (It is {why}.)",
        both, each, point, f"{letter}(p + q) = {letter}(p) + {letter}(q)")
