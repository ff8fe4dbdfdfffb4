"""The verdict on a goal: points that may refute it, then proofs."""
from optim.proving.cases import by_cases
from optim.proving.goals import Goal, by_points
from optim.proving.inductions import by_induction, can_induct
from optim.proving.verdicts import Verdict

QUICK, SHORT = 26, 12          # points and cases that are tried first


def decide(goal: Goal) -> Verdict:
    """Some points, a short proof; then all points, and a long proof."""
    found = by_points(goal, 0, QUICK)
    if found is not None:
        return found
    verdict = by_cases(goal, SHORT)
    if verdict.status == "UNDECIDED":
        found = by_points(goal, QUICK)
        if found is None and can_induct(goal):
            found = by_induction(goal, by_cases)
        verdict = by_cases(goal) if found is None else found
    return verdict
