"""Where each rule comes from: derive("adam") -> Derivation, claim by decided claim.

The recursion is proved equal to the paper's sum over the history by induction, its step to
the paper's step, and what it remembers is compared with the mean that it stands for. Then
follows what is particular to the rule: the problem that its step solves, how far it can
step, what it tends to. What belongs to no single rule has a name of its own, such as
derive("estimators"). What this leaves out: how fast a rule converges on general losses.

In reading order:

    claim.py          a sentence, its goals and the verdict on them
    rule_letters.py   the letters of the rules, and what each rule makes of them
    induction.py      a recursion is the paper's sum over the history
    read_off.py       what a rule without a paper remembers
    memory.py         the weight of each gradient in a moment
    expectation.py    how far a moment is from the mean that it estimates
    topics/           what belongs to no single rule
    walks.py          a rule walked in intervals
    per_rule/         what is particular to each rule
    derivation.py     all of it in order, rule by rule
    becoming.py       one rule run as another
    special_cases.py  the special cases that are claimed beside a rule
    family_edges.py   all the ways from rule to rule
"""
from optim.derivations.claim import Claim, Relation, tally
from optim.derivations.derivation import PARTICULAR, TOPICS, Derivation, derive
from optim.derivations.family_edges import Family, family
from optim.derivations.memory import Memory, weights

__all__ = ["PARTICULAR", "TOPICS", "Claim", "Derivation", "Family", "Memory", "Relation",
           "derive", "family", "tally", "weights"]
