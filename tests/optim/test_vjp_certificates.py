"""Each VJP of the tables as a goal that the checker accepts, and none that is wrong."""
import copy
from fractions import Fraction

import numpy as np
import pytest

from minigrad import primitives
from minigrad.primitives import linalg, selection, shapes, special
from minigrad.primitives.linear import sum_vjp
from minigrad.proving.pullbacks import Case
from minigrad.prove import THEORIES
from minigrad.symbolic import Symbolic, symbols
from optim import certificates, checker
from optim.certificates import tangents, vjp_goals
from optim.certificates.recorded_entries import CALLS, POINTS, VALUES, Recording
from optim.certificates.entry_arrays import Entries
from optim.certificates.proof_search import Search, Unproved
from optim.certificates.vjp_goals import Run
from optim.commands.cli import main

TABLE_OF = {f: table for table, rows in primitives.TABLES.items() for f in rows}
ROUNDING = {8: 1e-9, 4: 1e-6}           # in some hundred operations, by the bytes
STEP, CURVED = 1e-5, 1e-4               # of differences, and what they neglect


def every_case():
    """(function, VJP, argument, case) of all tables."""
    for table in primitives.TABLES:
        for _, *case in vjp_goals.vjp_cases(table):
            yield case


def certified(goal):
    """The goal with a proof that was found for it; Unproved if none is."""
    return goal | {"status": "PROVED", "proof": Search(goal).proof()}


def rejected(function, vjp, i, case):
    """Whether no proof is found for a VJP."""
    try:
        return checker.judged(certified(vjp_goals.vjp_goal("", function, vjp, i, case)))
    except Unproved:
        return True


@pytest.fixture(scope="module")
def goals():
    return list(vjp_goals.vjp_goals())


# --- what is claimed ----------------------------------------------------------------------
def test_every_case_that_is_proved_has_a_goal(goals):
    cases = sum(1 for _ in every_case())
    titles = [g["title"] for g in goals if g["kind"] == "vjp"]
    alone = [t for t in titles if not t.endswith("beside another entry")]
    assert len(alone) == len(set(alone)) == cases
    linear = [g for g in goals if g["title"].endswith("linear")]
    assert len(linear) == sum(THEORIES[TABLE_OF[f]] is vjp_goals.adjoints
                              for f, *_ in every_case())


def test_goals_are_well_formed(goals):
    for goal in goals:
        used = {args[0] for name, *args in goal["operations"] if name == "letter"}
        assert used == set(goal["letters"]), goal["title"]
        assert all(k < n for n, (_, *args) in enumerate(goal["operations"])
                   for k in args if isinstance(k, int)), goal["title"]
        assert set(goal["letters"].values()) <= set(checker.DOMAINS)


# --- is it what NumPy computes? -----------------------------------------------------------
def values(entries):
    """An array of entries as arrays of numbers, one for each of the points."""
    out = np.array([e.values for e in entries.array.flat], float).reshape(-1, POINTS)
    return [column.reshape(entries.shape) for column in out.T]


def evaluated(listed, letters):
    """The values of operations, where letters have these."""
    found = []
    with np.errstate(all="ignore"):
        for name, *args in listed:
            if name == "letter":
                found.append(letters[args[0]])
            elif name == "number":
                found.append(np.float64(Fraction(args[0])))
            elif name in ("true", "false"):
                found.append(np.bool_(name == "true"))
            elif name == "none":
                found.append(np.nan)
            elif name == "defined":
                found.append(0*found[args[0]])
            elif name == "call":
                found.append(CALLS[args[0]](*(found[k] for k in args[1:])))
            else:
                found.append(VALUES[name](*(found[k] for k in args)))
    return found


def on_numbers(run, k):
    """The arguments of a run at its k-th point, as NumPy takes them."""
    given = []
    for a in run.args:
        if not isinstance(a, Entries):
            given.append(a)
        elif a.size and all(e.is_truth for e in a.array.flat):
            given.append(values(a)[k].astype(bool))
        else:
            given.append(values(a)[k])
    return given


WHOLE = {np.ldexp: 1, special.sinc_derivative: 1}       # an argument that NumPy wants whole


def test_recorded_functions_and_vjps_are_what_numpy_computes():
    compared = set()
    for function, vjp, i, case in every_case():
        if case.result is not None:             # its defining equations are goals instead
            continue
        run = Run(function, vjp, i, case)
        for k in range(2):
            args = on_numbers(run, k)
            if function in WHOLE:
                args[WHOLE[function]] = np.asarray(args[WHOLE[function]]).astype(int)[()]
            g, back = values(run.g)[k], values(run.back)[k]
            y = np.asarray(function(*args, **case.kwargs))
            near = ROUNDING[y.dtype.itemsize]
            assert np.allclose(y, values(run.y)[k], near, near), (function, case.text)
            given = np.asarray(vjp(g, y, *args, **case.kwargs))
            if given.shape != back.shape:
                given = primitives.linear.unbroadcast(given, back.shape)
            assert np.allclose(given, back, near, near), (function, i, case.text)
        compared.add((function, i))
    assert len(compared) > 130


def drawn(domain, rng):
    """A random number of a domain."""
    return {"real": rng.normal, "> 0": lambda: rng.uniform(.4, 2),
            "(0, 1)": lambda: rng.uniform(.1, .9),
            "1, 2, ...": lambda: float(rng.integers(1, 6))}[domain]()


def left_and_differences(goal, rng):
    """The left side of a goal at a random point, and what it should be."""
    at = {x: np.pi if x == "pi" else drawn(d, rng) for x, d in goal["letters"].items()}
    listed = goal["operations"]
    here = evaluated(listed, at)
    moved = [evaluated(listed, at | {x: at[x] + h*here[v] for x, v in goal["inputs"]})
             for h in (STEP, -STEP)]
    slope = sum(at[g]*(moved[0][y] - moved[1][y])/(2*STEP)
                for g, y in zip(goal["cotangents"], goal["outputs"]) if g in at)
    return here[goal["left"]], slope


def test_recorded_derivatives_are_the_limits_of_differences(goals):
    """The left sides; none of them lacks a value everywhere."""
    rng, seen = np.random.default_rng(0), set()
    for goal in goals:
        if goal["kind"] != "vjp":
            continue
        for _ in range(20):
            left, slope = left_and_differences(goal, rng)
            if np.isfinite(left):
                break
        assert abs(slope - left) < CURVED*(1 + abs(left)), goal["title"]
        seen |= {args[0] if name == "call" else name for name, *args in (
            goal["operations"][k] for k in tangents.needed(
                goal["operations"], goal["outputs"]))}
    assert set(tangents.SLOPES) <= seen


def test_the_sides_are_those_that_can_be_formed_again(goals):
    of_vjps = [g for g in goals if g["kind"] == "vjp"][::5]
    assert all(map(tangents.same_sides, of_vjps))
    for goal in of_vjps[::20]:
        other = copy.deepcopy(goal)
        other["operations"].append(["negative", goal["left"]])
        other["left"] = len(other["operations"]) - 1
        assert not tangents.same_sides(other)
        assert not tangents.same_sides(goal | {"inputs": []})


# --- what is accepted ---------------------------------------------------------------------
def test_a_goal_of_each_vjp_is_certified(goals):
    first = {}
    for goal in goals:
        kind = goal["title"].split(", case")[0], goal["title"].split(":")[-1][-9:]
        first.setdefault((kind[0], kind[1] if goal["kind"] == "equation" else ""), goal)
    refused = []
    for goal in first.values():
        try:
            refused += [goal["title"]]*bool(checker.judged(certified(goal)))
        except Unproved:
            refused.append(goal["title"])
    assert refused == []


WRONG = {
    "sign": (np.cos, 0, lambda g, y, x: g*np.sin(x)),
    "factor 2": (np.square, 0, lambda g, y, x: g*x),
    "root forgotten": (np.arccosh, 0, lambda g, y, x: g/((x - 1)*(x + 1))),
    "arguments swapped": (np.arctan2, 0, lambda g, y, a, b: g*a/(a**2 + b**2)),
    "log 2 forgotten": (np.exp2, 0, lambda g, y, x: g*y),
    "log 2 rounded": (np.exp2, 0, lambda g, y, x: g*y*0.6931471805599),
    "square forgotten": (np.tanh, 0, lambda g, y, x: g*(1 - y)),
    "a pole": (np.square, 0, lambda g, y, x: 2*g*(x**2 + x)/(x + 1)),
    "no value for x < -1": (np.square, 0, lambda g, y, x: 2*g*x + 0*np.sqrt(x + 1)),
    "wrong for x < 0": (np.absolute, 0, lambda g, y, x: g),
    "floor for ceil": (np.remainder, 1, lambda g, y, a, b: -g*np.ceil(a/b)),
    "cotangent forgotten": (np.sin, 0, lambda g, y, x: np.cos(x)),
    "looks at x": (np.sum, 0, lambda g, y, x, axis=None, **kw: sum_vjp(
        g, y, x, axis, **kw) + x - np.flip(x)),
    "not flipped back": (np.flip, 0, lambda g, y, x, axis=None: g),
    "wrong piece": (shapes.concatenate, 1, lambda g, y, *arrays, axis=0: np.reshape(
        np.ravel(g)[:np.size(arrays[1])], np.shape(arrays[1]))),
    "slope of |x|": (selection.relu, 0, lambda g, y, x: np.where(x <= 0, -g, g)),
    "the smaller one": (np.maximum, 0, lambda g, y, a, b: np.where(a <= b, g, 0)),
    "not sorted back": (np.sort, 0, lambda g, y, x, axis=-1, kind=None: np.reshape(
        g, np.shape(x))),
    "bounds ignored": (np.clip, 0, lambda g, y, x, a_min=None, a_max=None: g),
    "transposed": (np.linalg.inv, 0, lambda g, y, a: -y @ g @ y),
    "half forgotten": (linalg.eigh_rows, 0, lambda g, y, a, UPLO="L": 2*linalg.eigh_vjp(
        g, y, a, UPLO)),
}


@pytest.mark.parametrize("function, i, vjp", WRONG.values(), ids=WRONG)
def test_a_wrong_vjp_is_not_certified(function, i, vjp):
    cases = [c for c in THEORIES[TABLE_OF[function]].cases(function) if i in c.moves][:9]
    if function is np.linalg.inv:
        cases = cases[1:2]                                      # larger ones take long
    right = primitives.VJPS[function][i]
    wrong = [c for c in cases if rejected(function, vjp, i, c)]
    assert wrong and not any(rejected(function, right, i, c) for c in wrong[:1])


@pytest.mark.parametrize("function, slope", [
    (selection.relu, lambda g, y, x: np.where(x > 0, g, 0)),
    (np.absolute, lambda g, y, x: g*np.sign(x)),
    (np.sign, lambda g, y, x: 0*g)])
def test_a_kink_has_no_slope(function, slope):
    """On all of the line the derivative has no value at 0, where the VJP has."""
    x = symbols("x")
    assert rejected(function, slope, 0, Case("x real", (x,), moves={0: [{x.expr: 1}]}))


def test_a_maximum_of_two_that_tie_has_no_slope():
    a, b = symbols("a"), symbols("b")
    case = Case("a, b real", (a, b), moves={0: [{a.expr: 1}]})
    assert rejected(np.maximum, selection.share, 0, case)


def test_what_the_case_does_not_decide_is_refused():
    x = symbols("x", (3,))
    case = Case("", (x,), moves={0: [{s: 1} for s in x.array]})
    with pytest.raises(TypeError, match="does not decide"):
        vjp_goals.vjp_goal("", np.sort, selection.sort_vjp, 0, case)


def test_what_was_decided_must_hold_on_all_the_domain():
    """At the points that an entry has values at x is below 100; at others it is not."""
    x = symbols("x", positive=True)
    case = Case("x > 0", (x,), moves={0: [{x.expr: 1}]})
    assert rejected(np.square, lambda g, y, x: 2*g*x if x < 100 else g, 0, case)
    assert not rejected(np.square, lambda g, y, x: 2*g*x if x > 0 else g, 0, case)


def test_an_argument_that_moves_too_is_seen():
    s, d = symbols("s"), symbols("d", positive=True)
    case = Case("b moves with a", (s, Symbolic(s.expr - d.expr)),
                moves={0: [{s.expr: 1}]})
    assert rejected(np.maximum, selection.share, 0, case)


def test_a_file_of_certificates_is_read_again(tmp_path, capsys):
    files = [*certificates.certified_vjps("special", "moments")]
    certificates.write(tmp_path, files)
    found = checker.check(tmp_path)
    cases = sum(TABLE_OF[f] in ("special", "moments") for f, *_ in every_case())
    assert checker.holds_all(found) and cases == sum(
        len(file["accepted"]) for file in found.values())
    assert certificates.counted(files) == {"certified": cases, "uncertified": {}}
    assert main(["check", str(tmp_path)]) == 0
    other = files[0]["claims"][0]["goals"][0]           # true, but not of the derivative
    other |= {"left": other["right"], "proof": {"identical": True}}
    certificates.write(tmp_path, files)
    assert checker.holds_all(checker.check(tmp_path))
    assert main(["check", str(tmp_path)]) != 0 and "formed again" in capsys.readouterr().out
    del other["kind"]
    certificates.write(tmp_path, files)
    assert main(["check", str(tmp_path)]) != 0 and "say so" in capsys.readouterr().out


@pytest.mark.parametrize("change", ["vjp", "letters", "guards", "proof"])
def test_a_certificate_that_was_changed_is_rejected(goals, change):
    goal = next(g for g in goals if g["title"].startswith("sort, argument 0, case 3 "))
    found = certified(goal)
    assert checker.judged(found) is None
    if change == "vjp":                                     # another entry comes back
        a, b, *rest = found["vjp"]
        found = tangents.sides(found | {"vjp": [b, a, *rest]})
    elif change == "letters":                               # gaps that may be negative
        found["letters"] = dict.fromkeys(found["letters"], "real")
    elif change == "guards":                                # an order that is not so
        k = found["guards"][0]
        found["operations"] = [*found["operations"], ["not", k]]
        found = tangents.sides(found | {"guards": [len(found["operations"]) - 1]})
    else:
        found["proof"] = {"identical": True}
    assert checker.judged(found) is not None


def test_letters_are_not_taken_twice():
    record = Recording()
    record.declare("g")
    with pytest.raises(ValueError, match="of its own"):
        record.new("g")
    with pytest.raises(ValueError, match="already"):
        record.declare("g", "> 0")
