"""Where each rule comes from: derive("adam") -> Derivation, step by checked step.

The recursion is proved equal to the paper's sum over the history by induction, its step to
the paper's step, and what it remembers is compared with the mean that it stands for. What
this leaves out: why a rule converges, and how fast.
"""
from dataclasses import replace

from optim.derivations.expectation import bias
from optim.derivations.induction import by_induction, the_step
from optim.derivations.origins import origin
from optim.derivations.steps import Derivation, Step, checked, shown
from optim.formulas import Rule, formula
from optim.papers import statement

__all__ = ["Derivation", "Step", "derive"]


def derive(rule: str | Rule, against: str | Rule | None = None) -> Derivation:
    """The derivation of a rule from what its paper states.

    A rule of one's own is held against the paper of the rule named by `against`.

    >>> derive("momentum").ok
    True
    """
    f, paper = formula(rule), statement(rule if against is None else against)
    missing = set(paper.moments) ^ set(f.init)
    if missing:
        raise ValueError(f"derive: {f.name} keeps the states {list(f.init)}, the paper "
                         f"{list(paper.moments)}; rename or add {sorted(missing)}")
    steps = [step for name in paper.moments for step in by_induction(f, paper, name)]
    place = next(iter(f.update))
    steps.append(checked("With these moments the rule's step is the paper's.",
                         f.update[place], the_step(f, paper, paper.step),
                         formula=shown(*paper.equations()[-1])))
    reference = ", ".join(x for x in (paper.reference, paper.numbered) if x)
    parts = [(steps, reference)]
    if against is None:
        parts = [(origin(f), "what the step is best for"), *parts,
                 (bias(f, paper), "mean of the moments")]
    return Derivation(f.name, reference, tuple(
        replace(step, source=source) for part, source in parts for step in part))
