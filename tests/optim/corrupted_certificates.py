"""Corrupted certificates: what was changed, and whether what they state is still true.

A corruption counts where a point shows that the claim, or a step of its proof, is false
(certificate_truth). Those that only prove less, or state the same otherwise, do not.
"""
import copy
import json
import random
from collections import Counter
from fractions import Fraction
from pathlib import Path

from . import certificate_truth as truth

SAMPLE = Path(__file__).parent/"data"/"certificates.json"
SOME = {"real": "-3 -2 -1 -1/2 0 1/3 1 2 7/2", "> 0": "1/5 1/2 1 2 7/2",
        ">= 0": "0 1/5 1/2 1 2 7/2", "> 1": "11/10 2 3", "[0, 1)": "0 1/5 1/2 9/10",
        "(0, 1)": "1/5 1/2 9/10", "[0, 1]": "0 1/5 1/2 1", "(0, 1]": "1/5 1/2 1",
        "1, 2, ...": "1 2 3 6"}
WIDER = {"> 0": [">= 0", "real"], ">= 0": ["real"], "> 1": ["> 0", "real"],
         "[0, 1)": ["[0, 1]", ">= 0", "real"], "(0, 1)": ["[0, 1]", "> 0", "real"],
         "[0, 1]": [">= 0", "real"], "(0, 1]": ["[0, 1]", "> 0"], "1, 2, ...": ["> 0"]}
OTHERS = {"add": ["subtract"], "subtract": ["add"], "multiply": ["divide", "add"],
          "divide": ["multiply"], "sqrt": ["absolute", "exp"],
          "absolute": ["sqrt", "negative"],
          "maximum": ["minimum", "add"], "minimum": ["maximum"], "sign": ["absolute"],
          "less": ["greater", "less_equal"], "greater": ["less"], "equal": ["not_equal"],
          "less_equal": ["greater"], "greater_equal": ["less"], "power": ["multiply"]}
POINTS, TRIES = 20, 4


def points(goal, count, rng):
    """Points of the domain."""
    return [{name: Fraction(rng.choice(SOME[domain].split()))
             for name, domain in goal["letters"].items()} for _ in range(count)]


def solving(goal, found):
    """Points moved to where a polynomial of a split in two letters or more is 0."""
    texts = {json.dumps(step["split"]) for *_, step in sites(goal) if "split" in step}
    for data in map(json.loads, sorted(texts)):
        for point in found[:4]:
            for x, domain in goal["letters"].items():
                at = {**point, **{f"({n}-1)": y - 1 for n, y in point.items()}}
                at.pop(x)
                slope, rest = Fraction(0), Fraction(0)
                for text, c in data.items():
                    powers = dict(truth.parts_of(text))
                    k = powers.pop(x, 0)
                    if k > 1 or not set(powers) <= set(at):
                        break
                    term = Fraction(c)
                    for name, j in powers.items():
                        term *= at[name]**j
                    slope, rest = (slope + term, rest) if k else (slope, rest + term)
                else:
                    if slope and truth.INSIDE[domain](-rest/slope):
                        yield point | {x: -rest/slope}


def lists_of(proof):
    """(place, steps) of each list of steps in a proof."""
    for kind in ("steps", "base", "step"):
        if kind in proof:
            yield from inner((kind,), proof[kind])


def inner(place, steps):
    yield place, steps
    for i, step in enumerate(steps):
        for j, (_, rest) in enumerate(step.get("cases", [])):
            yield from inner((*place, i, j), rest)


def sites(goal):
    """(place of a step, the list that holds it, its place there, the step)."""
    for place, steps in lists_of(goal.get("proof", {})):
        for i, step in enumerate(steps):
            yield (*place, i), steps, i, step


def polynomials(step):
    """Every polynomial of a step."""
    for kind in ("sign", "product", "power", "log", "split", "exponent", "solve"):
        if type(step.get(kind)) is dict:
            yield step[kind]
    yield from step.get("times", [])
    for _, powers in step.get("sum", []):
        yield from (data for data, _ in powers)
    for data, _ in step.get("of", []):
        yield data


# ---------------------------------------------------- what is changed; each returns a place
def some_step(goal, rng, good=lambda step: True):
    return rng.choice([site for site in sites(goal) if good(site[3])])


def some_polynomial(goal, rng):
    place, *_, step = some_step(goal, rng, lambda step: any(polynomials(step)))
    return place, rng.choice([data for data in polynomials(step) if data])


def sign_flipped(goal, rng):
    if rng.random() < .3:
        place, *_, step = some_step(goal, rng, lambda step: "cases" in step)
        case = rng.choice(step["cases"])
        case[0] = {"+": "-", "-": "+", "+0": "-0", "-0": "+0", "0": "+-",
                   "+-": "0"}[case[0]]
        return place
    place, data = some_polynomial(goal, rng)
    text = rng.choice([*data])
    data[text] = str(-Fraction(data[text]))
    return place


def coefficient_changed(goal, rng):
    place, data = some_polynomial(goal, rng)
    text = rng.choice([*data])
    data[text] = str(Fraction(data[text])*rng.choice((2, Fraction(1, 2), 3))
                     + rng.choice((0, 0, 1)))
    return place


def weight_changed(goal, rng):
    place, *_, step = some_step(goal, rng, lambda step: step.get("sum"))
    term = rng.choice(step["sum"])
    term[0] = str(Fraction(term[0])*rng.choice((-1, 2, 0)) + rng.choice((0, 1)))
    return place


def exponent_changed(goal, rng):
    if rng.random() < .3:
        place, *_, step = some_step(goal, rng, lambda step: any(
            powers for _, powers in step.get("sum", [])) or "of" in step)
        pairs = step.get("of") or [p for _, powers in step["sum"] for p in powers]
        rng.choice(pairs)[1] += 1
        return place
    place, data = some_polynomial(goal, rng)
    text = rng.choice([text for text in data if text])
    pairs = [*truth.parts_of(text)]
    i = rng.randrange(len(pairs))
    pairs[i] = pairs[i][0], pairs[i][1] + rng.choice((1, 2, -1))
    data["*".join(f"{x}^{k}" for x, k in pairs if k)] = data.pop(text)
    return place


def case_dropped(goal, rng):
    place, *_, step = some_step(goal, rng, lambda step: "cases" in step)
    step["cases"].pop(rng.randrange(len(step["cases"])))
    return place


def step_dropped(goal, rng):
    place, steps, i, _ = some_step(goal, rng)
    steps.pop(i)
    return place[:-1]


def step_moved(goal, rng):
    place, steps, i, _ = some_step(goal, rng)
    steps.insert(rng.randrange(len(steps)), steps.pop(i))
    return place[:-1]


def step_duplicated(goal, rng):
    place, steps, i, step = some_step(goal, rng)
    steps.insert(rng.randint(i, len(steps)), copy.deepcopy(step))
    return place[:-1]


def letter_renamed(goal, rng):
    place, *_, step = some_step(goal, rng, lambda step: "letter" in step)
    step["letter"] = rng.choice([f"{step['letter']}0", *goal["letters"]])
    return place[:-1]


def root_relation_changed(goal, rng):
    place, *_, step = some_step(goal, rng, lambda step: "letter" in step)
    if list(step.get("exponent", [])) == [""] and rng.random() < .5:
        degree = Fraction(step["exponent"][""]).denominator
        step["exponent"][""] = str(Fraction(1, degree + rng.choice((1, 2))))
    else:
        data = rng.choice([data for data in polynomials(step) if data])
        text = rng.choice([*data])
        data[text] = str(Fraction(data[text])*rng.choice((2, -1, Fraction(1, 3))))
    return place[:-1]


def premise_swapped(goal, rng):
    place, *_, step = some_step(goal, rng, lambda step: any(polynomials(step)))
    other = some_polynomial(goal, rng)[1]
    data = rng.choice([data for data in polynomials(step) if data])
    new = dict(other)
    data.clear()
    data.update(new)
    return place


def sums_swapped(goal, rng):
    found = [step for *_, step in sites(goal) if "sum" in step]
    a, b = rng.sample(found, 2)
    field = rng.choice(("sum", "sign"))
    a[field], b[field] = b[field], a[field]
    return next(place for place, *_, step in sites(goal) if step is a)


IN_A_PROOF = (sign_flipped, coefficient_changed, weight_changed, exponent_changed,
              case_dropped, step_dropped, step_moved, step_duplicated, letter_renamed,
              root_relation_changed, premise_swapped, sums_swapped)


# ------------------------------------------------------- changes of the claim: no place
def domain_widened(goal, rng):
    name = rng.choice([x for x, domain in goal["letters"].items() if domain in WIDER])
    goal["letters"][name] = rng.choice(WIDER[goal["letters"][name]])


def relation_changed(goal, rng):
    goal["relation"] = rng.choice([r for r in truth.HOLDS if r != goal["relation"]])


def operation_changed(goal, rng):
    operation = rng.choice([x for x in goal["operations"] if x[0] in OTHERS])
    operation[0] = rng.choice(OTHERS[operation[0]])


def number_changed(goal, rng):
    operation = rng.choice([x for x in goal["operations"] if x[0] == "number"])
    x = Fraction(operation[1])
    operation[1] = str(rng.choice((-x, x + 1, x - 1, x/2, 2*x)))


def operand_changed(goal, rng):
    i, operation = rng.choice([(i, x) for i, x in enumerate(goal["operations"])
                               if x[0] not in ("letter", "number", "call")])
    j = rng.randrange(1, len(operation))
    operation[j] = rng.randrange(i)


def side_moved(goal, rng):
    goal[rng.choice(("left", "right"))] = rng.randrange(len(goal["operations"]))


def witness_moved(goal, rng):
    name = rng.choice([*goal["point"]])
    goal["point"][name] = rng.choice((*SOME["real"].split(), "-7", "99/10"))


def verdict_changed(goal, rng):
    """A proof, and the relation that would be refuted: at a point where it holds."""
    goal.pop("proof", None)
    goal["status"] = "REFUTED"
    goal["point"] = {name: rng.choice(SOME[domain].split())
                     for name, domain in goal["letters"].items()}


# ----------------------------------------------------------------------------- inductions
def base_case_removed(goal, rng):
    """f(t) less a number has the same steps; it does not hold at 1."""
    n = len(goal["operations"])
    sign = 1 if ">" in goal["relation"] else -1
    goal["operations"] += [["number", str(sign*rng.choice((5, 20, 100)))],
                           ["subtract", goal["left"], n]]
    goal["left"] = n + 1
    goal["proof"]["base"] = rng.choice((goal["proof"]["base"], [{"holds": {}}]))


def factor_changed(goal, rng):
    n = len(goal["operations"])
    goal["operations"].append(["number", rng.choice(("-1", "-1/2", "2", "7", "0"))])
    goal["proof"]["factor"] = rng.choice((n, rng.randrange(n)))


OF_A_CLAIM = (domain_widened, relation_changed, operation_changed, number_changed,
              operand_changed, side_moved)
OF_A_REFUTATION = (witness_moved, domain_widened, relation_changed, operation_changed,
                   number_changed, operand_changed, side_moved)
OF_AN_INDUCTION = (base_case_removed, factor_changed)


# -------------------------------------------------------------------------------- counting
class Sampled:
    """A certificate, points of its domain, and which of them reach which step."""

    def __init__(self, goal, seed):
        self.goal, self.text = goal, json.dumps(goal)
        rng = random.Random(seed)
        self.points = points(goal, POINTS, rng)
        self.points += [*solving(goal, self.points)][:POINTS]
        self.reached = {}
        for point in self.points if "proof" in goal else ():
            for place in truth.places(goal, point):
                self.reached.setdefault(place, []).append(point)

    def kinds(self):
        if self.goal["status"] == "REFUTED":
            return OF_A_REFUTATION
        proof = self.goal["proof"]
        return (*OF_A_CLAIM, verdict_changed, *(IN_A_PROOF*("identical" not in proof)),
                *(OF_AN_INDUCTION*("induction" in proof)))

    def corrupted(self, kind, rng):
        """A certificate with such a change that is shown to be false, or None."""
        goal = json.loads(self.text)
        try:
            place = kind(goal, rng)
        except (IndexError, ValueError, KeyError):   # there is nothing of the kind in it
            return None
        if json.dumps(goal) == self.text:
            return None
        return goal if self.is_false(goal, place, rng) else None

    def is_false(self, goal, place, rng):
        if goal["status"] == "REFUTED":
            point = {name: Fraction(x) for name, x in goal["point"].items()}
            return not truth.inside(goal, point) or certainly_holds(goal, point)
        if place is None:
            some = points(goal, TRIES, rng) + rng.sample(self.points, TRIES)
            if any(truth.relation_fails(goal, point) for point in some):
                return True
        else:
            some = next((found for p, found in sorted(self.reached.items())
                         if p[:len(place)] == place), self.points)[:2*TRIES]
        return "steps" in goal["proof"] and any(
            truth.false_at(goal, point) for point in some) or (
            "induction" in goal["proof"] and any(
                truth.false_at(goal, point) for point in some))


def certainly_holds(goal, point):
    """Whether the relation surely holds at a point, or neither side has a value."""
    try:
        a, b = truth.sides_of(goal, point)
    except (truth.Unsure, OverflowError, ZeroDivisionError):
        return False
    if a is None or b is None:
        return a is b
    if abs(a - b) <= (abs(a) + abs(b))*Fraction(1, 10**25):
        return 0 in truth.HOLDS[goal["relation"]]
    return (a > b) - (a < b) in truth.HOLDS[goal["relation"]]


def sample():
    return [Sampled(goal, seed) for seed, goal in enumerate(
        json.loads(SAMPLE.read_text(encoding="utf-8")))]


def corruptions(found, rounds, seed=1):
    """(kind, certificate) for each corruption that is shown to be false."""
    rng = random.Random(seed)
    for _ in range(rounds):
        for each in found:
            for kind in each.kinds():
                goal = each.corrupted(kind, rng)
                if goal is not None:
                    yield kind.__name__, goal


def tally(judged, rounds, found=None):
    """({kind: how many were false}, [those of them that the checker accepts])."""
    counts, accepted = Counter(), []
    for kind, goal in corruptions(found or sample(), rounds):
        counts[kind] += 1
        if judged(json.loads(json.dumps(goal))) is None:
            accepted.append((kind, goal))
    return counts, accepted
