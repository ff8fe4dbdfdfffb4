"""What a rule keeps of each gradient: the weight w_k of g_k in m_t, of g_k**2 in v_t.

The weights are read off the closed form that induction proves, and proved to be what they
are called: the sum grows by exactly w_k h when g_k grows by h, and the rule's recursion,
differentiated, makes the same weights step after step. So they are the derivatives of a
moment by its gradients. A largest value, squared steps and a product of momenta have none.
"""
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.printing.pycode import PythonCodePrinter

from optim.derivations.induction import (
    by_induction, factor, in_ours, newest, peeled, same_states, unfolded)
from optim.derivations.claim import Claim, claim
from optim.formulas.rule_formulas import Formula, formula
from optim.notation.marks import text
from optim.optimizers.signatures import Rule, named_rule
from optim.optimizers.hyperparameters import number
from optim.derivations.read_off import stated
from optim.papers import History, Statement, g, i, in_letters, momentum, step, t
from optim.domains import declare
from optim.optimizers.signatures import anatomy

k, n = declare("k", "1, 2, ..."), declare("n", "1, 2, ...")      # of g_k; an age
x, h = declare("x", "real"), declare("h", "real")                # g_k, and by how much more


@dataclass(frozen=True)
class Memory:
    """What one state of a rule keeps of g_1..g_t.

    weight   w_k, in k, t and hyperparameters: how much `of` counts at time t
    of       g(k) or g(k)**2
    total    w_1 + ... + w_t
    kept     by what a step multiplies the weight of an old gradient
    why      where there is no weight, the reason
    """
    rule: str
    state: str
    weight: sp.Expr | None = None
    of: sp.Expr | None = None
    total: sp.Expr | None = None
    kept: sp.Expr | None = None
    why: str = ""
    steps: tuple[Claim, ...] = ()
    defaults: dict[str, float] = field(default_factory=dict, repr=False)

    def numbers(self, now: int, **hyperparameters: float) -> np.ndarray:
        """The weights of g_1..g_t at t = now; hyperparameters not given are the rule's.

        >>> weights("momentum")["m"].numbers(3, mu=0.5, lr=1)
        array([0.25, 0.5 , 1.  ])
        """
        if self.weight is None:
            raise ValueError(f"{self.rule}: {self.state} has no weights: it is {self.why}")
        unknown = set(hyperparameters) - set(self.defaults)
        if unknown:
            raise ValueError(f"{self.rule} has no {', '.join(sorted(unknown))}; it has "
                             f"{', '.join(self.defaults)}")
        if not isinstance(now, (int, np.integer)) or now < 1:
            raise ValueError(f"{self.rule}: t = {now} came; needed 1, 2, ...")
        letters = self.defaults | {name: number(self.rule, name, x)
                                   for name, x in hyperparameters.items()}
        values = {s: letters[s.name] for s in self.weight.free_symbols - {k, t}}
        printer = Products({"fully_qualified_modules": False})
        weight = sp.lambdify([k, t, *values], self.weight, "math", printer)
        return np.array([weight(one, now, *values.values())
                         for one in range(1, now + 1)], dtype=float)

    def __str__(self) -> str:
        if self.weight is None:
            return f"{self.rule}: {self.state} has no weights: it is {self.why}"
        return (f"{self.rule}: {in_letters(self.of, text)} counts "
                f"{in_letters(self.weight, text)} in {self.state}[t]")

    __repr__ = __str__

    def _repr_latex_(self) -> str:
        words = rf"\text{{{self.why}}}" if self.weight is None else in_letters(self.weight)
        return rf"$\displaystyle w_k = {words}$"


class Products(PythonCodePrinter):
    """Python code in which a product runs over numbers."""

    def _print_Product(self, e):
        index, low, high = map(self._print, e.limits[0])
        return f"prod({self._print(e.function)} for {index} in range({low}, {high} + 1))"


def weights(rule: str | Rule) -> dict[str, Memory]:
    """What each state of a rule keeps of the gradients: {state: Memory}.

    Only what is proved is given: a rule that is not its paper's is a ValueError. Of a rule
    of one's own the sums are read off its recursions.

    >>> print(weights("adam")["v"])
    adam: g[k]**2 counts (1 - beta2)*beta2**(t - k) in v[t]
    >>> print(weights("adamax")["v"])
    adamax: v has no weights: it is a largest value, no sum
    """
    f = formula(rule)
    paper = stated(f)
    same_states(f, paper)
    return {state: of_state(f, paper, state, anatomy(named_rule(rule))[1])
            for state in paper.moments}


def of_state(f: Formula, paper: Statement, state: str, defaults: dict) -> Memory:
    """What one state keeps; ValueError if it is not proved."""
    printed = paper.moments[state]
    found = weight_of(printed)
    if found is None:
        return Memory(f.name, state, why=reason(printed))
    sample, weight = found
    plain, steps = in_ours(weight, paper), proof([f], paper, state, weight)
    for each in steps:
        if not each.ok:
            raise ValueError(f"weights: {state} of {f.name} is not proved to be the sum "
                             f"that its paper states: {each.verdict}; see "
                             f"derive({f.name!r})")
    return Memory(f.name, state, plain.at(k, t), sample.subs(i, k),
                  unfolded(summed(f, paper, plain)[3], paper), factor(plain), "",
                  tuple(steps), defaults)


# ----------------------------------------------------------------------- out of the paper
def weight_of(printed: History) -> tuple[sp.Expr, History] | None:
    """(g(i) or g(i)**2, its weights) if the terms are multiples of that, else None."""
    for sample in (g(i), g(i)**2) if printed.how == "sum" else ():
        weight = printed.term/sample
        of_each_step = {e.func for e in weight.atoms(AppliedUndef)}
        found = History("sum", weight)
        if of_each_step <= {momentum} and (of_each_step or not newest(found).has(t)):
            return sample, found
    return None


def reason(printed: History) -> str:
    """Why a moment has no weights, as the end of a sentence."""
    if printed.how == "largest":
        return "a largest value, no sum"
    if printed.how == "latest":
        return "told by what it was before, no sum"
    if printed.term.has(step):
        return "a sum of squared steps, not of gradients"
    if not printed.term.has(g):
        return f"a {printed.how} without gradients"
    return f"a {printed.how} whose terms are no multiples of g or g**2"


def summed(f: Formula, paper: Statement, plain: History) -> tuple[sp.Expr, ...]:
    """The sum of the weights before any step, before step t, after it; and as printed."""
    c, w = factor(plain), newest(plain)
    if c.has(t):                                # a schedule: 1 less the product of the c's
        product = f.symbols["mu_product"]
        return (1 - f.init["mu_product"], 1 - product, 1 - c*product,
                1 - paper.moments["mu_product"].closed())
    total = t*w if c == 1 else w*(1 - c**t)/(1 - c)
    return total.subs(t, 0), total.subs(t, t - 1), total, total


# ------------------------------------------------------------------------------ the proof
def proof(rules: Sequence[Formula], paper: Statement, state: str, weight: History
          ) -> list[Claim]:
    """The claims that prove these weights of a state, of rules that share its closed form.

    At t = k + n a gradient is old, at t = k + n - 1 it may also be the newest.
    """
    printed, plain = paper.moments[state], in_ours(weight, paper)
    square = printed.term.has(g(i)**2)
    names = f"{state} of {', '.join(f.name for f in rules)}"
    id = f"{rules[0].name}-{state}"
    term, recent = (e.at(k, k + n - 1) for e in (printed, weight))
    grown = "w_k (2 g_k h + h^2)" if square else "w_k h"
    goals = []
    for f in rules:
        old, new = f.symbols[state], f.symbols["g"]
        slope = sp.diff(f.update[state], old).subs(t, k + n)
        goals += [(peeled(plain.at(k, k + n), k + n), slope*plain.at(k, k + n - 1)),
                  (newest(plain)*(2*new if square else 1), sp.diff(f.update[state], new))]
    derivative = "2 w_k g_k" if square else "w_k"
    return [
        claim(f"{id}-grows", f"{names}: when g_k grows by h, its term in the sum grows by "
              f"exactly {grown}.",
              (term.subs(g(k), x + h) - term.subs(g(k), x),
               recent*(2*x*h + h**2 if square else h)),
              premises=tuple(c for f in rules for c in by_induction(f, paper, state))),
        claim(f"{id}-derivative", f"{names}: its derivative by g_k is {derivative}, for "
              "every t and k <= t. By induction: the slope of the rule in the old state "
              "makes of that derivative the one a step later, and its slope in g_t is "
              f"{'2 g_t times ' if square else ''}the newest weight.", *goals)]
