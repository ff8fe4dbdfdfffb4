"""What each rule remembers, how fast it forgets, and which states have no weights at all.

Rules whose moments are one and the same sum are told together. The age of the newest
gradient is 0.
"""
from collections.abc import Callable, Iterator, Sequence

import sympy as sp

from optim.derivations.claim import Claim, by_theorem, claim
from optim.derivations.induction import factor, in_ours, newest, unfolded
from optim.derivations.rule_letters import half as HALF, rule, substitute
from optim.derivations.memory import proof, reason, summed, weight_of
from optim.formulas.rule_formulas import Formula
from optim.papers import STATEMENTS, History, Statement, momentum, mu, statement, t
from optim.domains import declare
from optim.rules import FIRST, RULES
from optim.optimizers.signatures import anatomy

c, a = declare("c", "[0, 1)"), declare("a", "> 0")          # a weight of age n is a c^n
n, before = declare("n", "1, 2, ..."), declare("s", "1, 2, ...")
KEEPS = tuple(name for name in FIRST if STATEMENTS[name].moments)


def remembered() -> list[Claim]:
    """The steps of the topic: the weights of every state, or why it has none."""
    return [*every_weight(), *fading(), *at_defaults(), adagrad(), nadam(), *without()]


def groups() -> Iterator[tuple[str, History, tuple[Formula, ...]]]:
    """(state, its closed form, the rules that keep it)."""
    found: dict[tuple[str, History], list[Formula]] = {}
    for name in KEEPS:
        for state, printed in statement(name).moments.items():
            found.setdefault((state, printed), []).append(rule(name))
    for (state, printed), rules in found.items():
        yield state, printed, tuple(rules)


# -------------------------------------------------------------------------- what is kept
def every_weight() -> Iterator[Claim]:
    """The weights of every state that has some."""
    for state, printed, rules in groups():
        found, paper = weight_of(printed), statement(rules[0].name)
        if found is not None:
            yield from proof(rules, paper, state, found[1])
            yield together(rules, paper, state, in_ours(found[1], paper))


def together(rules: Sequence[Formula], paper: Statement, state: str, plain: History
             ) -> Claim:
    """The claim about the sum of all weights of a state."""
    start, old, total, written = summed(rules[0], paper, plain)
    return claim(f"{rules[0].name}-{state}-total", f"{state} of "
                 f"{', '.join(f.name for f in rules)}: all its weights together. There are "
                 "none at the start, and a step takes this sum from t - 1 to t.",
                 (start, 0), (factor(plain)*old + newest(plain), total))


# -------------------------------------------------------------------- how fast it forgets
def half_life(kept: sp.Expr) -> sp.Expr:
    """The age at which a weight is half the newest; so many of the newest hold half."""
    return sp.log(HALF)/sp.log(kept)


def mean_age(kept: sp.Expr) -> sp.Expr:
    """The mean of the ages t - k, each taken as often as its weight says."""
    return kept/(1 - kept) - t*kept**t/(1 - kept**t)


def fading() -> list[Claim]:
    """Weights a c^(t-k): c is mu, rho, beta1 or beta2."""
    def total(now):
        return a*(1 - c**now)/(1 - c)

    def ages(now):                                       # sum of weight times age
        return a*c*(1 - c**now)/(1 - c)**2 - a*now*c**now/(1 - c)

    rest = claim("older", "Where a step multiplies old weights by c, all that is older "
                 "than n steps weighs c^n times what all weighed n steps ago. The newest n "
                 "have the rest, whatever t is.",
                 (total(n + before), c**n*total(before) + total(n)))
    older = claim("ages", "By induction the ages, each times its weight, add up to this: 0 "
                  "at the start; in a step every old one grows by 1, its weight by the "
                  "factor c, and the newest has age 0. Divided by all weights that is the "
                  "mean age of what is remembered.",
                  (ages(sp.Integer(0)), 0), (c*(ages(t - 1) + total(t - 1)), ages(t)),
                  (ages(t), total(t)*mean_age(c)))
    return [rest, older, by_theorem(
        "long-run", "So in the long run the newest n hold the share 1 - c^n of all weight: "
        "half of it at the half-life, at which a weight, too, is half the newest. And the "
        "mean age is c/(1 - c), or 1/(1 - c) where the newest counts as 1.",
        "c^t and t c^t tend to 0 for 0 <= c < 1, and log is strictly increasing",
        rest, older, caption=r"\frac{c}{1-c} - \frac{t\, c^t}{1-c^t} \to \frac{c}{1-c}")]


def at_defaults() -> Iterator[Claim]:
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
        share, less = (1 - sp.Pow(kept, n, evaluate=False) for n in (many, many - 1))
        yield claim(f"default-{kept}".replace("/", "-"), f"At the default {kept} "
                    f"({', '.join(names)}) the newest {many} hold more than half of all "
                    f"weight, the newest {many - 1} less; the mean age stays below "
                    f"{kept/(1 - kept)}.",
                    (share, ">", HALF), (less, "<", HALF),
                    (mean_age(kept), "<", kept/(1 - kept)))


def adagrad() -> Claim:
    """The mean age in a memory that forgets nothing."""
    ages = t*(t - 1)/2
    return claim("adagrad-age", "Adagrad forgets nothing: its memory grows older with "
                 "every step. In a step each of t - 1 ages grows by 1, so by induction the "
                 "mean of the t ages is (t - 1)/2.",
                 (ages.subs(t, 1), 0), (ages.subs(t, t - 1) + t - 1, ages),
                 (ages/t, (t - 1)/2))


def nadam() -> Claim:
    """The momentum schedule, between its bounds."""
    now = unfolded(momentum(t), statement("nadam"))
    return claim("nadam-schedule", "In Nadam's m the factor is the momentum of each step. "
                 "It rises from mu/2 towards mu: there is no one half-life, and forgetting "
                 "slows down.",
                 (mu/2, "<=", now), (now, "<=", now.subs(t, t + 1)), (now, "<=", mu))


# ----------------------------------------------------------------- what has no weights
def without() -> Iterator[Claim]:
    """Of each state without weights, why: the claim that it has some is refuted."""
    for state, printed, rules in groups():
        if weight_of(printed) is not None:
            continue
        f, why = rules[0], reason(printed)
        yield additive(f, state, why) if printed.how != "product" else claim(
            f"{f.name}-{state}-none", f"{state} of {f.name} is {why}: it remembers none.",
            (sp.diff(f.update[state], f.symbols["g"]), 0))


def after(f: Formula, gradients: Sequence[sp.Expr]) -> dict[str, sp.Expr]:
    """The states of a rule after these gradients."""
    states = f.init
    for now, gradient in enumerate(gradients, 1):
        here = {**states, "g": gradient, "t": sp.Integer(now)}
        states = {name: substitute(f, f.update[name], **here) for name in f.init}
    return states


def additive(f: Formula, state: str, why: str) -> Claim:
    """The claim that two gradients are remembered as the one and the other, added up.

    A weight of g_k**2 would make it true of squares, a weight of |g_k| of sizes.
    """
    sizes = statement(f.name).moments[state].term.has(sp.Abs)
    gradient: Callable = (lambda x: x) if sizes else sp.sqrt
    first, second = ([declare(f"{letter}_{number}", ">= 0") for number in (1, 2)]
                for letter in "pq")
    both = after(f, [gradient(p + q) for p, q in zip(first, second)])[state]
    each = sum(after(f, [gradient(p) for p in some])[state] for some in (first, second))
    ones = dict(zip((*first, *second), map(sp.Integer, (1, 0, 0, 1))))
    point = ones | {s: HALF if s.name in ("rho", "beta2") else sp.Integer(1)
                    for s in sorted((both + each).free_symbols - set(ones), key=str)}
    size = "|g|" if sizes else "g^2"
    return claim(
        f"{f.name}-{state}-additive", f"Not so: {state} of {f.name} has weights: with "
        f"{size} = p + q in each of two steps it is what it is with p plus what it is with "
        f"q. (It is {why}.)", (both, each), at=point)
