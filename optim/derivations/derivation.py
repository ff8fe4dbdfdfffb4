"""Where a rule comes from: the claims in the order in which they prove it."""
import re
import textwrap
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import sympy as sp

from optim.derivations.claim import Claim, claim
from optim.derivations.expectation import bias
from optim.derivations.induction import by_induction, same_states, the_step
from optim.derivations.per_rule import (
    accumulators, adadelta_units, adam_attained, adamax_steps, amsgrad_steps, decay,
    heavy_ball, largest, look_ahead, next_momentum, three_gradients)
from optim.derivations.per_rule.later_rules import LATER
from optim.derivations.per_rule.origins import origin
from optim.derivations.read_off import stated
from optim.derivations.topics.descent import steepest_descent
from optim.derivations.topics.estimators import estimators
from optim.derivations.topics.forgetting import KEEPS, remembered
from optim.derivations.topics.quadratics import proofs
from optim.equivalence.views import needed
from optim.formulas.rule_formulas import Formula, formula
from optim.hints import OTHER_NAMES, did_you_mean, meant
from optim.optimizers.signatures import Rule
from optim.papers import STATEMENTS, Statement, statement, t
from optim.proving.expressions import prove_expressions
from optim.proving.verdicts import except_where
from optim.rules import RULES, WHOLE_RULES

AT_ONCE = 10.0                          # seconds for a proof that the moments are letters
# What belongs to no single rule: name -> what it is about, its claims, the rules it serves
TOPICS: dict[str, tuple[str, Callable[[], list[Claim]], tuple[str, ...]]] = {
    "steepest_descent": ("the best step under a measure of length", steepest_descent,
                         ("gradient_descent", "adagrad")),
    "estimators": ("BGD, SGD and MBGD: mean and variance of a gradient", estimators,
                   ("gradient_descent",)),
    "stability": ("linear rules on a quadratic", proofs,
                  ("gradient_descent", "momentum", "nag")),
    "memory": ("what a rule remembers of each gradient", remembered, KEEPS),
}
# What is particular to a rule: what it is about, and its claims
PARTICULAR: dict[str, tuple[str, Callable[[Formula], list[Claim]]]] = {
    "momentum": ("a sum, its limit, an oscillator", heavy_ball.heavy_ball),
    "nag": ("the gradient a step ahead", look_ahead.nesterov),
    "adagrad": ("its step size, and its twin", accumulators.adagrad),
    "rmsprop": ("forgetting, and centring", accumulators.rmsprop),
    "adadelta": ("units", adadelta_units.adadelta),
    "adam": ("the size of a step", adam_attained.adam),
    "adamax": ("a limit, and the size of a step",
               lambda f: [*largest.largest(f), *adamax_steps.adamax(f)]),
    "nadam": ("from Adam, a step ahead", next_momentum.nadam_from_adam),
    "adamw": ("decay beside Adam and in its gradient", decay.decoupled),
    "amsgrad": ("step sizes that never grow, and an example",
                lambda f: [*amsgrad_steps.step_sizes(f), *three_gradients.example(f)]),
} | LATER


@dataclass(frozen=True)
class Derivation:
    """Where a rule comes from: .steps, each a Claim with its goals and its verdict.

    It prints as text, in a notebook as a list; .latex() and .as_dict() are the same.
    """
    name: str
    reference: str
    steps: tuple[Claim, ...]
    see_also: tuple[str, ...] = ()                      # other names that derive() knows

    @property
    def ok(self) -> bool:
        """Whether every step came out as claimed."""
        return all(step.ok for step in self.steps)

    def latex(self) -> str:
        """Each sentence, and below it its goals and the verdict on them."""
        rows = []
        for step in self.steps:
            words = textwrap.wrap(step.sentence, 90)
            rows += [r"& \text{" + as_text(line) + "}" for line in words]
            goals = [goal.latex() for goal in step.goals] or [step.caption]
            rows += [rf"& \quad {goal}" for goal in goals[:-1]]
            found = f"{step.verdict.status.lower()} {except_where(step.verdict.except_on)}"
            rows.append(rf"& \quad {goals[-1]} && \text{{{as_text(found.strip())}}}")
        return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"

    def __str__(self) -> str:
        parts = [f"{self.name}: {self.reference}"]
        parts += [f"{n}. {step}" for n, step in enumerate(self.steps, 1)]
        if self.see_also:
            parts.append("See also: " + ", ".join(f"derive({x!r})" for x in self.see_also))
        return "\n".join(parts)

    __repr__ = __str__

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    def _repr_markdown_(self) -> str:
        items = []
        for n, step in enumerate(self.steps, 1):
            goals = "".join(f" ${goal.latex()}$" for goal in step.goals)
            caption = f" caption: ${step.caption}$" if step.caption else ""
            items.append(f"{n}. {step.sentence}{goals}{caption} **{step.verdict.status}**"
                         + f" {except_where(step.verdict.except_on)}".rstrip())
        links = "".join(f"\n\nSee also `derive({x!r})`." for x in self.see_also)
        return f"**{self.name}**: {self.reference}\n\n" + "\n".join(items) + links

    def as_dict(self) -> dict[str, Any]:
        """The derivation in words that JSON can hold."""
        return {"name": self.name, "reference": self.reference, "ok": self.ok,
                "steps": [step.as_dict() for step in self.steps],
                "see_also": list(self.see_also)}


def as_text(words: str) -> str:
    r"""Words for LaTeX's \text: what it cannot hold stands outside of it."""
    words = re.sub(r"([_{}%&#$])", r"}\\\1\\text{", words)
    return words.replace("^", r"}{\wedge}\text{")


def derive(rule: str | Rule, against: str | Rule | None = None) -> Derivation:
    """The derivation of a rule from what its paper states, or of a topic, by its name.

    A rule of one's own is held against the paper of the rule named by `against`, or without
    that against the sums that its own recursions say. An unknown name is a ValueError that
    names the nearest rule or topic.

    >>> derive("momentum").ok
    True
    >>> derive("estimators").see_also
    ('gradient_descent',)
    """
    if isinstance(rule, str):
        rule = meant(rule, [*RULES, *WHOLE_RULES, *TOPICS], OTHER_NAMES) or rule
    if isinstance(rule, str) and rule in TOPICS:
        if against is not None:
            raise ValueError(f"derive: {rule} is a topic, held against no paper; leave "
                             "`against` out")
        about, claims, serves = TOPICS[rule]
        return Derivation(rule, about, sourced(claims(), about), serves)
    if isinstance(rule, str) and rule not in RULES | WHOLE_RULES:
        raise ValueError(f"no rule or topic is called {rule!r};"
                         f"{did_you_mean(rule, [*RULES, *TOPICS], OTHER_NAMES)} there are "
                         f"the rules {', '.join(RULES)} and the topics "
                         f"{', '.join(TOPICS)}")
    f = formula(rule)
    return of_formula(f, stated(f) if against is None else statement(against),
                      against is None)


def of_formula(f: Formula, paper: Statement, in_full: bool = True) -> Derivation:
    """The derivation of a formula from a paper; in full with what is said of our rule."""
    same_states(f.as_run(), paper)
    place = next(iter(f.update))
    goal = None if in_full else of_the_moments(f, paper)
    if not in_full:                             # what it divides by and takes roots of too
        f = replace(f, update={n: e + needed(f, n) for n, e in f.update.items()})
    steps = [step for name in paper.moments for step in by_induction(f, paper, name)]
    given = "With these moments the" if steps else "The"
    known = f.name in STATEMENTS or not in_full
    whose = "rule's step is the paper's" if known else "step is this"
    steps.append(claim("step", f"{given} {whose}.", goal or (
        f.update[place], the_step(f, paper, paper.step))))
    cited = ", ".join(x for x in (paper.reference, paper.numbered) if x)
    if not in_full:
        return Derivation(f.name, cited, sourced(steps, cited))
    about, particular = PARTICULAR.get(f.name, ("", lambda f: []))
    links = tuple(name for name, (*_, serves) in TOPICS.items() if f.name in serves)
    return Derivation(f.name, cited, (
        *sourced(origin(f), "what the step is best for"), *sourced(steps, cited),
        *sourced(bias(f, paper), "mean of the moments"),
        *sourced(particular(f), about)), links)


def of_the_moments(f: Formula, paper: Statement) -> tuple | None:
    """The goal that the step is the paper's whatever numbers the new moments are, where
    that is proved: what the moments are made of is then no part of it."""
    place, *states = f.update
    made = {f.update[n]: sp.Function(n, real=True)(t) for n in states}
    have_values = {need: sp.S.Zero for need in sp.Add.make_args(needed(f, *states))}
    step = (f.update[place] + needed(f, place).xreplace(have_values)).xreplace(made)
    goal = step, the_step(replace(f, update={place: step} | {
        n: made[f.update[n]] for n in states}), paper, paper.step)
    proved = prove_expressions(*goal, seconds=AT_ONCE).status == "PROVED"
    return goal if proved else None


def sourced(claims: Iterable[Claim], source: str) -> tuple[Claim, ...]:
    """The claims with this source."""
    return tuple(replace(each, source=source) for each in claims)
