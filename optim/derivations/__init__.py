"""Where each rule comes from: derive("adam") -> Derivation, step by checked step.

The recursion is proved equal to the paper's sum over the history by induction, its step to
the paper's step, and what it remembers is compared with the mean that it stands for. Then
follows what is particular to the rule: the problem that its step solves, how far it can
step, what it tends to. What belongs to no single rule has a name of its own, such as
derive("estimators"). What this leaves out: how fast a rule converges on general losses.

In reading order:

    steps.py          a sentence, its formula and the verdict on it
    induction.py      a recursion is the paper's sum over the history
    memory.py         the weight of each gradient in a moment
    expectation.py    how far a moment is from the mean that it estimates
    relations.py      how the rules relate
    topics/           what belongs to no single rule
    walks.py          a rule walked in intervals
    per_rule/         what is particular to each rule
    becoming.py       one rule run as another
    family_edges.py   all the ways from rule to rule
"""
from collections.abc import Callable
from dataclasses import replace

from optim.derivations.per_rule import (
    accumulators, adam_attained, adamax_steps, amsgrad_steps, decay, drift, heavy_ball,
    largest, look_ahead, next_momentum, scaling, two_eps)
from optim.derivations.topics.descent import steepest_descent
from optim.derivations.topics.estimators import estimators
from optim.derivations.expectation import bias
from optim.derivations.family_edges import Family, family
from optim.derivations.topics.forgetting import KEEPS, remembered
from optim.derivations.induction import by_induction, same_states, the_step
from optim.derivations.memory import Memory, weights
from optim.derivations.per_rule.origins import origin
from optim.derivations.topics.quadratics import proofs
from optim.derivations.steps import Derivation, Step, checked, shown
from optim.formulas.rule_formulas import Formula, formula
from optim.hints import did_you_mean
from optim.optimizers.signatures import Rule
from optim.papers import statement
from optim.equivalence.views import needed
from optim.rules import RULES

__all__ = [
    "TOPICS", "Derivation", "Family", "Memory", "Step", "derive", "family", "weights"]


# What belongs to no single rule: name -> what it is about, its steps, the rules it serves
TOPICS: dict[str, tuple[str, Callable[[], list[Step]], tuple[str, ...]]] = {
    "steepest_descent": ("the best step under a measure of length", steepest_descent,
                         ("gradient_descent", "adagrad")),
    "estimators": ("BGD, SGD and MBGD: mean and variance of a gradient", estimators,
                   ("gradient_descent",)),
    "stability": ("linear rules on a quadratic", proofs,
                  ("gradient_descent", "momentum", "nag")),
    "memory": ("what a rule remembers of each gradient", remembered, KEEPS),
}
# What is particular to a rule: what it is about, and its steps
PARTICULAR: dict[str, tuple[str, Callable[[Formula], list[Step]]]] = {
    "momentum": ("a sum, its limit, an oscillator", heavy_ball.heavy_ball),
    "nag": ("the gradient a step ahead", look_ahead.nesterov),
    "adagrad": ("its step size, and its twin", accumulators.adagrad),
    "rmsprop": ("forgetting, and centring", accumulators.rmsprop),
    "adadelta": ("units", lambda f: [*scaling.exponents(f), *two_eps.of_units(f)]),
    "adam": ("the size of a step", adam_attained.adam),
    "adamax": ("a limit, and the size of a step",
               lambda f: [*largest.largest(f), *adamax_steps.adamax(f)]),
    "nadam": ("from Adam, a step ahead", next_momentum.nadam_from_adam),
    "adamw": ("decay beside Adam and in its gradient", decay.decoupled),
    "amsgrad": ("step sizes that never grow, and an example",
                lambda f: [*amsgrad_steps.step_sizes(f), *drift.example(f)]),
}


def derive(rule: str | Rule, against: str | Rule | None = None) -> Derivation:
    """The derivation of a rule from what its paper states, or of a topic, by its name.

    A rule of one's own is held against the paper of the rule named by `against`. An unknown
    name is a ValueError that names the nearest rule or topic.

    >>> derive("momentum").ok
    True
    >>> derive("estimators").see_also
    ('gradient_descent',)
    """
    if isinstance(rule, str) and rule in TOPICS:
        if against is not None:
            raise ValueError(f"derive: {rule} is a topic, held against no paper; leave "
                             "`against` out")
        about, steps, serves = TOPICS[rule]
        return Derivation(rule, about, sourced(steps(), about), serves)
    if isinstance(rule, str) and rule not in RULES:
        raise ValueError(f"no rule or topic is called {rule!r};"
                         f"{did_you_mean(rule, [*RULES, *TOPICS])} there are the "
                         f"rules {', '.join(RULES)} and the topics {', '.join(TOPICS)}")
    return of_rule(rule, against)


def of_rule(rule, against) -> Derivation:
    f, paper = formula(rule), statement(rule if against is None else against)
    if against is not None:                     # what it divides by and takes roots of too
        f = replace(f, update={n: e + needed(f, n) for n, e in f.update.items()})
    same_states(f, paper)
    steps = [step for name in paper.moments for step in by_induction(f, paper, name)]
    place = next(iter(f.update))
    given = "With these moments the" if steps else "The"
    steps.append(checked(f"{given} rule's step is the paper's.",
                         f.update[place], the_step(f, paper, paper.step),
                         formula=shown(*paper.equations()[-1])))
    reference = ", ".join(x for x in (paper.reference, paper.numbered) if x)
    if against is not None:
        return Derivation(f.name, reference, sourced(steps, reference))
    about, particular = PARTICULAR.get(f.name, ("", lambda f: []))
    parts = [(origin(f), "what the step is best for"), (steps, reference),
             (bias(f, paper), "mean of the moments"), (particular(f), about)]
    links = tuple(name for name, (*_, serves) in TOPICS.items() if f.name in serves)
    return Derivation(f.name, reference, tuple(
        step for part, source in parts for step in sourced(part, source)), links)


def sourced(steps: list[Step], source: str) -> tuple[Step, ...]:
    return tuple(replace(step, source=source) for step in steps)
