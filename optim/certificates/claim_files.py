"""Files of certificates: what was claimed of a rule, as its checker reads it again.

    write("certificates", [certified(verify("adam"))])

A file holds {"version": 1, "about": "adam", "claims": [...], "uncertified": [...]}. A claim
is {"id", "sentence", "source", "status", "goals": [certificates], "theorem", "premises"};
what no certificate was found for is {"id", "sentence", "status", "method", "why"}.
"""
import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import sympy as sp

from minigrad.time_limits import within
from minigrad.whole_files import whole_file
from optim import checker
from optim.certificates.goal_certificates import certificate, states
from optim.certificates.operation_lists import Unwritable
from optim.certificates.proof_search import Unproved
from optim.proving.expressions import goal_of
from optim.proving.verdicts import Verdict

SECONDS = 120.0                                     # for the certificate of one goal
PREMISE = "it rests on what has no certificate"


class Uncertified(Exception):
    """A verdict has no certificate: how it was reached, and why there is none."""

    def __init__(self, method: str, why: str):
        super().__init__(f"{method}: {why}")
        self.method, self.why = method, why


def certified(report: Any) -> dict[str, Any]:
    """The file of a report's claims (optim.verify) and of the premises that they rest on.
    """
    everything: dict[str, Any] = {}
    for claim in report.claims:
        listed(claim, everything)
    found: dict[str, Any] = {}
    uncertified = []
    for name, claim in [*everything.items()]:        # premises come first
        premises = [listed(premise, everything) for premise in claim.premises]
        try:
            found[name] = entry(claim, premises, found)
        except Uncertified as error:
            uncertified.append({"id": name, "sentence": claim.sentence,
                                "status": claim.verdict.status, "method": error.method,
                                "why": error.why})
    return {"version": checker.VERSION, "about": report.name,
            "claims": [{"id": name} | each for name, each in found.items()],
            "uncertified": uncertified}


def listed(claim: Any, everything: dict[str, Any]) -> str:
    """Add a claim after its premises, and return its id here: of two that share theirs, the
    later one's is followed by a number."""
    for premise in claim.premises:
        listed(premise, everything)
    name, n = claim.id, 1
    while name in everything and not same(everything[name], claim):
        n += 1
        name = f"{claim.id}-{n}"
    everything.setdefault(name, claim)
    return name


def same(a: Any, b: Any) -> bool:
    """Whether two claims say the same, wherever they are from."""
    return replace(a, source="") == replace(b, source="")


def entry(claim: Any, premises: list[str], found: Mapping[str, Any]) -> dict[str, Any]:
    """A claim as a file has it, without its id."""
    verdict = claim.verdict
    says = {"sentence": claim.sentence, "source": claim.source, "status": verdict.status,
            "premises": premises}
    missing = [name for name in premises if name not in found]
    if missing:
        raise Uncertified(PREMISE, f"premises without certificates: {', '.join(missing)}")
    if claim.decided is not None or verdict.status == "UNDECIDED":
        raise Uncertified(verdict.method, f"{verdict.status} without a proof in steps")
    if claim.theorem:
        return says | {"theorem": claim.theorem, "goals": []}
    goals = []
    for relation in claim.goals:
        at = relation if claim.point is None else relation.at(claim.point)
        own, stated = at.verdict, at
        if claim.point is not None and own.status == "REFUTED":
            own = replace(own, witness={
                s: sp.sympify(x) for s, x in claim.point.items()} | (own.witness or {}),
                          goal=goal_of(relation.left, relation.right, relation.relation))
            stated = relation
        if verdict.status in ("PROVED", own.status):
            if own.goal is not None and not states(own.goal, stated):
                raise Uncertified(own.method, "what was decided is not what is claimed")
            goals.append(of_verdict(own))
    return says | {"goals": goals}


def of_verdict(verdict: Verdict) -> dict[str, Any]:
    """The certificate of a verdict on one goal, once the checker has accepted it."""
    def search() -> dict[str, Any] | None:
        return certificate(verdict.goal, verdict)
    if verdict.goal is None or verdict.status not in ("PROVED", "REFUTED"):
        raise Uncertified(verdict.method, f"{verdict.status}: there is no goal to certify")
    try:
        found = within(SECONDS, search, otherwise=lambda: None)
    except (Unproved, Unwritable) as error:
        raise Uncertified(verdict.method, str(error)) from error
    if found is None:
        raise Uncertified(verdict.method, f"no proof in steps within {SECONDS:g} s")
    why = checker.judged(json.loads(json.dumps(found)))
    if why is not None:
        raise Uncertified(verdict.method, f"the checker rejects what was found: {why}")
    return found


def certified_pair(about: str, verdict: Verdict) -> dict[str, Any]:
    """The file of a verdict of optim.prove: each quantity, and what makes the two equal."""
    found, uncertified = [], []
    check = getattr(verdict.equal_if, "check", None)
    for name, sentence, own in (
            ("equal", about, verdict),
            ("equal-if", f"{about}, if {verdict.equal_if}", check)):
        if own is None:
            continue
        parts = {label: v for label, v in (own.parts or {"": own}).items()
                 if v.status == own.status}
        says = {"id": name, "sentence": sentence, "status": own.status}
        try:
            found.append(says | {"source": "", "premises": [], "goals": [
                {"about": label} | of_verdict(v) for label, v in parts.items()]})
        except Uncertified as error:
            uncertified.append(says | {"method": error.method, "why": error.why})
    return {"version": checker.VERSION, "about": about, "claims": found,
            "uncertified": uncertified}


# ------------------------------------------------------------------------------- writing
def write(directory: str | os.PathLike[str], files: Iterable[Mapping[str, Any]]
          ) -> list[Path]:
    """Write each of certified's results as a file of the directory, which is made if there
    is none; each appears whole or not at all.

    FileExistsError if something else than certificates stands there: the checker reads all
    .json of a directory, and nothing of yours is to be written over.
    """
    place, paths = prepared(directory), []
    for file in files:
        name = stem = re.sub(r"[^\w.-]+", "_", file["about"]).strip("._")[:80] or "claims"
        n = 1
        while place/f"{name}.json" in paths:
            n += 1
            name = f"{stem}-{n}"
        paths.append(place/f"{name}.json")
        with whole_file(paths[-1]) as out:
            out.write(text(file).encode("utf-8", "surrogatepass"))
    return paths


def prepared(directory: str | os.PathLike[str]) -> Path:
    """The directory, fit to be written to."""
    place = Path(directory)
    if place.exists() and not place.is_dir():
        raise FileExistsError(f"{str(place)!r} is no directory; choose another name")
    place.mkdir(parents=True, exist_ok=True)
    for path in place.glob("*.json"):
        try:
            checker.read(path)
        except checker.Rejected as why:
            raise FileExistsError(
                f"{str(path)!r} is no file of certificates of this version ({why}); move it"
                " away, or choose an empty directory") from why
    return place


def text(file: Mapping[str, Any]) -> str:
    """The JSON of a file, a goal on a line."""
    return "".join(lines(file))


def lines(file: Mapping[str, Any]) -> Iterator[str]:
    def compact(x: Any, sort_keys: bool = False) -> str:
        return json.dumps(x, separators=(",", ":"), ensure_ascii=False,
                          sort_keys=sort_keys)
    head = {key: x for key, x in file.items() if key not in ("claims", "uncertified")}
    yield f'{compact(head)[:-1]},\n"claims":['
    for i, claim in enumerate(file["claims"]):
        says = {key: x for key, x in claim.items() if key != "goals"}
        yield f'{","*(i > 0)}\n{compact(says)[:-1]},"goals":['
        yield ",".join("\n " + compact(goal, sort_keys=True)
                       for goal in claim["goals"]) + "]}"
    yield '],\n"uncertified":['
    yield ",".join(f"\n{compact(each)}" for each in file["uncertified"]) + "]}\n"


# ------------------------------------------------------------------------------ counting
def counted(files: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """How many verdicts are certified, and how many are not, by method."""
    files = [*files]
    return {"certified": sum(len(file["claims"]) for file in files),
            "uncertified": dict(Counter(re.split("[,;]", each["method"])[0]
                                        for file in files for each in file["uncertified"]))}


def summary(files: Iterable[Mapping[str, Any]]) -> str:
    """What counted says, in words."""
    found = counted(files)
    others = found["uncertified"]
    words = (f"{found['certified']} verdicts with certificates, "
             f"{sum(others.values())} without")
    return "\n".join([words, *(f"    {n} by: {method}"
                               for method, n in sorted(others.items()))])
