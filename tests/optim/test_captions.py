"""What stands beside a verdict is what was decided: captions and goals, by plain numbers.

Each caption is read back by tests/optim/latex_reader.py, with the letters of the rule for
what they are, and compared with the goals of its claim at rational points that the prover
has not chosen. A caption of a closed form is compared with the rule, run step by step. And
each goal is evaluated at such points: none that is PROVED is false there.
"""
import random
from dataclasses import replace
from functools import cache

import pytest
import sympy as sp
from sympy.core.function import AppliedUndef

from optim.claims.verification import verify
from optim.derivations import TOPICS, family
from optim.derivations.claim import Relation, claim
from optim.domains import declare, domain_of
from optim.formulas.rule_formulas import formula
from optim.notation.marks import Mark
from optim.proving.needs import Nonnegative, Nonzero
from optim.rules import FIRST, LEGEND, RULES

from ..cases import each
from .latex_reader import SIGNS, Definition, Reader, Unreadable, clauses, name_of, read

POINTS, COMPARED = 2, 6                  # for a goal; for two relations
DIGITS, CLOSE = 40, sp.Float("1e-25")               # no rounding at 40 digits makes 1e-25
STEPS = 3                                            # of a rule that is run step by step
FLIPPED = {"==": "==", "<=": ">=", ">=": "<=", "<": ">", ">": "<"}

# Captions that truly cannot be read back: conclusions of theorems, which have no goals to
# compare them with. The list may only get shorter.
UNREADABLE = {
    "mean": "an expectation", "unbiased": "an expectation", "batch-variance": "a variance",
    "with-replacement": "a variance", "without-replacement": "a variance",
    "covariance": "a covariance", "geometric-limit": "a limit", "is-adagrad": "a limit",
    "long-run": "a limit", "limit": "a limit", "supremum": "a supremum",
    "variance": "a sum, linear by a theorem", "all-coordinates": "an arg min",
    "maximum-norm": "an arg min", "ball": "an arg min"}
# letters of captions that are no letters of the rule at one of its steps
before = declare("theta_before", "real")
SPECIAL = {
    "newtons-law": {"theta_t-1": before, "m_t-1": before - declare("theta", "real"),
                    "h": declare("h", "> 0")},
    "cauchy-schwarz": {"C": declare("C", "> 0")}}
NEEDS = Nonzero, Nonnegative            # where a side has a value at all: no value itself
reported = cache(lambda name: verify(name).claims)


# The closed forms of the later rules are held to exact runs in test_papers.py alone: their
# signs and cases are no letters for the reader of captions.
of_each_rule = each("name", [*RULES, *TOPICS])
of_the_first = each("name", [*FIRST, *TOPICS])


def captioned(name, closed):
    """The claims of a rule or topic whose caption is to be read."""
    return [each for each in reported(name) if each.caption and each.id not in UNREADABLE
            and each.id.endswith("-closed") == closed]


# ------------------------------------------------------------------ what letters stand for
def constants(f):
    """{name: letter} of the hyperparameters and t."""
    return {name_of(Mark(n).latex()): s for n, s in f.symbols.items()
            if n not in ("theta", "g", *f.init)}


def at_a_step(f, special):
    """{name: expression} of the letters of a rule at step t: the old states are symbols."""
    s, own = f.symbols, {n: special.get(f"{n}_t-1", f.symbols[n]) for n in f.init}
    new = {n: e.subs({s[n]: x for n, x in own.items()}, simultaneous=True)
           for n, e in f.update.items()}
    table = constants(f) | {"theta_t": s["theta"], "theta_t+1": new["theta"], "g_t": s["g"]}
    for n in f.init:
        table |= {name_of(Mark(n, "t").latex()): new[n],
                  name_of(Mark(n, "t-1").latex()): own[n]}
    schedule = next((e.right for e in f.equations if e.kind == "schedule"), None)
    if schedule is not None:
        ahead = schedule.subs(s["t"], s["t"] + 1)
        table |= {"mu_t": schedule, "mu_t+1": ahead, "Pi_t+1": new["mu_product"]*ahead}
    if "theta_2" in special or "g_1" in special:
        first = {s["g"]: special["g_1"], s["theta"]: sp.Integer(0)}
        table["theta_2"] = f.first_step["theta"].subs(first, simultaneous=True)
    return table | special


def after_steps(f):
    """{name: expression} of the letters of a rule run from its start for STEPS steps."""
    s, state, table = f.symbols, dict(f.init), constants(f) | {"t": sp.Integer(STEPS)}
    theta = s["theta"]
    for now in range(1, STEPS + 2):
        gradient = declare(f"g_{now}", "real")
        here = {s[n]: e for n, e in state.items()} | {
            s["g"]: gradient, s["theta"]: theta, s["t"]: sp.Integer(now)}
        new = {n: e.subs(here, simultaneous=True) for n, e in f.update.items()}
        state = {n: new[n] for n in f.init}
        table |= {name_of(Mark(n, str(now)).latex()): e for n, e in state.items()}
        table |= {f"g_{now}": gradient, f"Deltatheta_{now}": new["theta"] - theta}
        theta = new["theta"]
        for e in f.equations:
            if e.kind == "schedule":
                table[f"mu_{now}"] = e.right.subs(s["t"], now)
    return table


# ------------------------------------------------------------------ by plain numbers
def number(symbol, seed):
    """A rational number of the symbol's domain; by its name, for a letter has several."""
    domain, rng = domain_of(symbol), random.Random(f"{seed} {symbol.name}")
    if domain == "1, 2, ...":
        return sp.Integer(rng.randint(1, 6))
    if "1" in domain:
        return sp.Rational(rng.randint(1, 96), 97)
    size = sp.Rational(rng.randint(1, 400), 97)
    return size*rng.choice([-1, 1]) if domain == "real" else size


def values(expressions, seed):
    """The expressions at one random point: numbers with DIGITS digits, or None."""
    letters = set().union(*(e.free_symbols for e in expressions))
    point = {s: number(s, seed) for s in letters if s.is_real}
    result = []
    for e in expressions:
        e = e.subs(point).doit()
        unknown = {u: sp.Rational(random.Random(f"{seed} {u}").randint(1, 400), 401)
                   for u in sorted(e.atoms(AppliedUndef), key=lambda u: -len(str(u)))}
        value = sp.N(e.subs(unknown), DIGITS)
        result.append(value if value.is_comparable else None)
    return result


def holds(goal, seed):
    """Whether a goal holds at a random point, or None where a side has no value."""
    left, right = values([goal.left, goal.right], seed)
    if left is None or right is None:
        return left is right
    gap, size = left - right, max(abs(left), abs(right), 1)
    return {"==": abs(gap) < CLOSE*size, "<=": gap < CLOSE*size, ">=": -gap < CLOSE*size,
            "<": gap < 0, ">": gap > 0}[goal.relation]


def same(first, second):
    """Whether two relations compare the same numbers, at some random points."""
    (a, sign, b), (c, other, d) = first, second
    if sign != other:
        if FLIPPED[sign] != other:
            return False
        c, d = d, c
    pairs = [(a, b, c, d)] + ([(a, b, d, c)] if sign == "==" else [])
    return any(all(close(*values(sides, seed)) for seed in range(COMPARED))
               for sides in pairs)


def close(a, b, c, d):
    return None not in (a, b, c, d) and all(
        abs(x - y) < CLOSE*max(abs(x), 1) for x, y in ((a, c), (b, d)))


def read_back(each, table):
    """What in a caption is no relation among the goals of its claim; [] if all is."""
    wrong, defined, table = [], {}, dict(table)
    for clause in clauses(each.caption):
        letter, _, rest = clause.partition("=")
        if rest and not set("+-(|{ ") & set(letter.strip()) and (
                name_of(letter) not in table):
            table[name_of(letter)] = defined[letter] = Reader(rest, table).sum()
            continue
        for relation in read(clause, table):
            if not any(same(relation, (g.left, g.relation, g.right)) for g in each.goals):
                wrong.append(clause)
    if len(defined) == len(clauses(each.caption)):    # they are what the goals are made of
        wrong += [name for name, e in defined.items()
                  if not any(same((e, "==", e), (side, "==", side))
                             for g in each.goals for side in (g.left, g.right))]
    return wrong


def ordered(each):
    """The claim with definitions first, which a caption may give at its end."""
    return replace(each, caption=r"\quad".join(sorted(
        clauses(each.caption), key=lambda c: len(c.partition("=")[0]) > 8)))


def is_read(name, each):
    return read_back(ordered(each), at_a_step(formula(name), SPECIAL.get(each.id, {})))


# ------------------------------------------------------------------ captions
@of_each_rule
def test_a_caption_says_what_was_decided(name):
    for line in captioned(name, closed=False):
        assert is_read(name, line) == [], line.id


@of_the_first
def test_a_closed_form_is_what_the_rule_makes_in_its_first_steps(name):
    for line in captioned(name, closed=True):
        (left, sign, right), = read(line.caption, after_steps(formula(name)))
        assert sign == "==" and same((left, sign, right), (left, sign, left)), line.id


@of_the_first
def test_a_wrong_closed_form_is_seen(name):
    for line in captioned(name, closed=True):
        table = after_steps(formula(name))
        for old, new in (("i=1", "i=2"), (r"\le t", r"\le t - 1"),
                         (r"\sum", r"2\sum"), ("t - i", "t - i + 1"), ("g_{i}", "g_{i} 2")):
            if old in line.caption:
                (left, _, right), = read(line.caption.replace(old, new), table)
                assert not same((left, "==", right), (left, "==", left)), (line.id, new)


def test_captions_of_both_kinds_are_read():
    assert sum(len(captioned(name, closed=False)) for name in (*RULES, *TOPICS)) >= 3
    assert sum(len(captioned(name, closed=True)) for name in (*FIRST, *TOPICS)) >= 18


def edits(caption):
    """The caption with one slip each."""
    for old, new in ((" + ", " - "), (" - ", " + "), (r"\le", r"\ge"), (r"\le", "<"),
                     ("^2", "^3"), ("t-1", "t"), ("t+1", "t"), (r"\sqrt{", "{"),
                     (r"\mu", r"2\mu"), (r"\eta", r"2\eta"), ("= ", "= 2")):
        if old in caption:
            yield caption.replace(old, new, 1)


@of_each_rule
def test_a_wrong_caption_is_seen(name):
    for right in captioned(name, closed=False):
        slips = list(edits(right.caption))
        assert slips
        for slip in slips:
            try:
                assert is_read(name, replace(right, caption=slip)), slip
            except (Definition, Unreadable):            # it is not read at all: seen too
                continue


def test_a_goal_that_is_weaker_than_its_caption_is_seen():
    x = declare("x", "real")
    for goal in ((x**2, ">=", -1), (x**2 + 1, ">=", 0), (x**2, ">", -1), (x**4, ">=", 0)):
        weak = claim("weak", "A square is not negative.", goal, caption=r"x^2 \ge 0")
        assert weak.ok and read_back(weak, {"x": x}) == [r"x^2 \ge 0"]
    right = claim("right", "A square is not negative.", (x**2, ">=", 0),
                  caption=r"x^2 \ge 0")
    assert read_back(right, {"x": x}) == []
    wrong = replace(right, caption=r"x^2 \le 0")
    assert wrong.ok and read_back(wrong, {"x": x}) == [r"x^2 \le 0"]


def test_what_cannot_be_read_back_is_listed_and_the_list_only_shrinks():
    all_claims = [each for name in (*RULES, *TOPICS) for each in reported(name)]
    used = {each.id for each in all_claims if each.caption and each.id in UNREADABLE}
    assert used == set(UNREADABLE) and len(UNREADABLE) <= 15
    assert all(each.theorem and not each.goals for each in all_claims
               if each.id in UNREADABLE and each.caption)
    assert not [edge for edge in family().edges if edge.claim.caption]


# ------------------------------------------------------------------ goals
def every_goal(expected):
    return [(name, each, goal) for name in (*RULES, *TOPICS) for each in reported(name)
            if each.expected == expected for goal in each.goals
            if not goal.left.has(*NEEDS) and not goal.right.has(*NEEDS)]


def test_no_goal_of_a_proved_claim_is_false_at_random_points():
    goals = every_goal("PROVED") + [("family", edge.claim, goal) for edge in family().edges
                                    for part in (edge.claim, *edge.claim.premises)
                                    for goal in part.goals if not goal.left.has(*NEEDS)]
    false = [(name, each.id, str(goal)) for name, each, goal in goals
             for seed in range(POINTS) if holds(goal, seed) is False]
    assert not false and len(goals) > 600


def test_every_goal_tells_where_each_of_its_letters_lies():
    known = {name: letter.domain for name, letter in LEGEND.items()}
    for _, _, goal in every_goal("PROVED") + every_goal("REFUTED"):
        assert goal.relation in SIGNS.values()
        assert {s.name for s in goal.domains} == {s.name for s in (
            goal.left.free_symbols | goal.right.free_symbols)}
        for s, domain in goal.domains.items():
            within = known.get(s.name, domain)
            assert domain in (within, "(0, 1)", "> 0", ">= 0"), (s, domain)


@pytest.mark.parametrize("wrong", [
    (declare("x", "real")**2, ">", 0), (declare("x", "> 0") + 1, "==", 1),
    (declare("k", "1, 2, ..."), "<=", 3),
    (declare("b", "[0, 1)"), ">=", sp.Rational(1, 2))])
def test_a_false_goal_is_seen_by_numbers(wrong):
    found = [holds(Relation.read(wrong), seed) for seed in range(40)]
    assert False in found or wrong[1] == ">"          # x = 0 is no point that is drawn
