"""The VJPs of minigrad's tables as files of certificates, a file for each table.

    write("certificates", certified_vjps())
"""
import json
from collections.abc import Iterator
from typing import Any

from minigrad import primitives
from minigrad.prove import THEORIES
from minigrad.time_limits import within
from optim import checker
from optim.certificates.goal_certificates import SECONDS
from optim.certificates.proof_search import Search, Unproved
from optim.certificates.vjp_goals import goals_of, vjp_cases


def certified_vjps(*tables: str) -> Iterator[dict[str, Any]]:
    """The claims on each VJP in some of minigrad's tables, or in all: one for each case."""
    for table in tables or primitives.TABLES:
        claims, uncertified = [], []
        for number, (name, *case) in enumerate(vjp_cases(table), 1):
            claim = {"id": f"{table}-{number}", "sentence": f"{name}: "
                     f"{THEORIES[table].THEOREM}", "status": "PROVED"}
            goals, why = certified_goals([*goals_of(table, name, *case)])
            if why:
                uncertified.append(claim | {"method": table, "why": why})
            else:
                claims.append(claim | {"source": "minigrad.prove", "premises": [],
                                       "goals": goals})
        yield {"version": checker.VERSION, "about": f"VJPs {table}", "claims": claims,
               "uncertified": uncertified}


def certified_goals(goals):
    """The goals with proofs that the checker accepts; or [] and why there are none."""
    found = []
    for goal in goals:
        goal, why = within(SECONDS, lambda goal=goal: certified_goal(goal),
                           otherwise=lambda: (None, f"no proof in {SECONDS:g} s"))
        if why:
            return [], why
        found.append(goal)
    return found, None


def certified_goal(goal):
    """A goal with its proof, and None; or None and why there is no proof."""
    try:
        goal = goal | {"status": "PROVED", "proof": Search(goal).proof()}
    except Unproved as error:
        return None, f"{goal['title']}: {error}"
    return goal, checker.judged(json.loads(json.dumps(goal)))
