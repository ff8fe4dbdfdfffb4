"""Certificates written by hand to deceive the checker: each shows what is false or nothing.

Beside each stands one that differs in what makes it wrong, and is accepted.
"""
import json

import pytest

from optim.checker import judged

X = {"letters": {"x": "real"},
     "operations": [["letter", "x"], ["number", "1"], ["add", 0, 1]], "left": 0,
          "right": 2, "relation": "==", "status": "PROVED"}      # x == x + 1
HARMLESS = X | {"right": 0}
HOLDS = {"holds": {}}


def proof(*steps, goal=X, **changes):
    return goal | changes | {"proof": {"steps": [*steps]}}


def goal(letters, operations, left, right, relation="==", **fields):
    return {"letters": letters, "operations": operations, "left": left, "right": right,
            "relation": relation, "status": "PROVED"} | fields


def letter(name):
    return ["letter", name]


def number(text):
    return ["number", text]


HALF = {"exponent": {"": "1/2"}}
ROOT_OF_2 = HALF | {"power": {"": "2"}, "letter": "s"}
SQUARE = {"s^2": "1", "": "-2"}                                        # 0, as s^2 = 2
MADE_LATER = [["-0", [HALF | {"power": {"": "4"}, "letter": "z"},
                      {"empty": {"z": "1"}}]],
              ["+", [{"log": {"": "1/2"}, "letter": "z"}, {"empty": {"z": "1"}}]]]
WHOLE = goal({"t": "1, 2, ..."}, [letter("t"), letter("(t-1)"), number("1"),
                                  ["subtract", 0, 2]], 1, 3)
ROOT = goal({}, [letter("z"), number("2"), ["sqrt", 1]], 0, 2)
RECIPROCALS = [letter("x"), letter("k"), ["subtract", 0, 1], number("1"), ["divide", 3, 2],
               number("3"), ["sum", "k", 3, 5, 4], ["subtract", 6, 6], number("0")]
SUMS = goal({"x": "real"}, RECIPROCALS, 7, 8)
ZERO_TO = goal({"b": ">= 0"}, [letter("b"), number("2"), ["sqrt", 1], ["power", 0, 2],
                               number("0"), ["multiply", 0, 4]], 3, 4, status="REFUTED",
               point={"b": "0"})
EVEN = goal({}, [number("-1"), number("2"), ["sqrt", 1], ["multiply", 2, 2], ["power", 0,
     3],
                 number("1")], 4, 5, status="REFUTED", point={})
UNBOUND = goal({}, [letter("x"), ["absolute", 0]], 0, 1, status="REFUTED",
     point={"x": "-1"})
ONE_ZERO = goal({"x": "real", "y": "real"}, [                  # 0, or x if x y = 0
    letter("x"), letter("y"), ["multiply", 0, 1], number("0"), ["equal", 2, 3],
    ["where", 4, 0, 3]], 5, 3)
SOLVED = [{"split": {"x*y": "1"}, "cases": [
    ["0", [{"solve": {"x*y": "1"}, "for": "x"}, HOLDS]], ["+-", [HOLDS]]]}]
SQUARED = goal({"x": "real"}, [letter("x"), ["multiply", 0, 0], ["sqrt", 1]], 2, 0)
OF_SQUARE = [{"sign": {"x^2": "1"}, "sum": [["1", [[{"x": "1"}, 2]]]]},
             HALF | {"power": {"x^2": "1"}, "letter": "s"}]
NEAR_2 = goal({}, [number("2"), ["log", 0], ["exp", 1], ["call", "F", 2], ["call", "F", 0]],
              3, 4, status="REFUTED")

FALSE = {
    "x y = 0 is solved for x, where y may be 0": proof(*SOLVED, goal=ONE_ZERO),
    "s = x is solved, and is not known": proof(
        *OF_SQUARE, {"solve": {"s": "1", "x": "-1"}, "for": "x"}, HOLDS, goal=SQUARED),
    "a root's rule of a reciprocal": proof(
        {"power": {"": "2"}, "exponent": {"": "-1/2"}, "letter": "s"},
        {"sign": SQUARE, "sum": []}, {"empty": SQUARE}),
    "e is 1": proof({"sign": {"(e)": "1", "": "-1"}, "sum": []},
                    {"empty": {"(e)": "1", "": "-1"}}),
    "a letter that is called e": proof(
        HALF | {"power": {"": "1"}, "letter": "(e)"}, {"empty": {"(e)": "1", "": "-1"}}),
    "F at numbers that are not exact": NEAR_2 | {"point": {"F(None)": "5", "F(2)": "7"}},
    "a letter that is a function's value": goal(
        {}, [letter("F(1)"), number("1")], 0, 1, status="REFUTED", point={"F(1)": "2"}),
    "a number where a condition is needed": proof(HOLDS, goal=goal({"x": "real"}, [
        letter("x"), ["not", 0], ["where", 1, 0, 0]], 2, 0)),
    "a number for a condition, where neither side has a value": proof(HOLDS, goal=goal({}, [
        number("1"), ["none"], ["where", 0, 1, 0]], 2, 1)),
    "a condition where a number is needed": proof(HOLDS, goal=goal({"x": "real"}, [
        letter("x"), ["true"], ["add", 1, 1], ["subtract", 2, 2]], 3, 3)),
    "an empty sum has a sign": proof(
        ROOT_OF_2, {"sign": SQUARE, "sum": []}, {"empty": SQUARE}),
    "a split by a letter that is made otherwise in each case": proof(
        {"split": {"z": "1"}, "cases": MADE_LATER}),
    "a root of itself": proof(
        {"sign": {"s^2": "1", "": "1"}, "sum": [["1", [[{"s": "1"}, 2]]], ["1", []]]},
        ROOT_OF_2 | {"power": {"s^2": "1", "": "1"}}, {"empty": SQUARE}),
    "a letter without domain, made by a step": ROOT | {"proof": {"steps": [
        HALF | {"power": {"": "2"}, "letter": "z"}, HOLDS]}},
    "a letter named as t - 1": proof(
        HOLDS, goal=WHOLE, letters={"t": "1, 2, ...", "(t-1)": "real"}),
    "t - 1 as a letter without domain": proof(HOLDS, goal=WHOLE),
    "a sum that need not have a value": proof(
        {"call": 6, "letter": "S"}, HOLDS, goal=SUMS),
    "a total sum that need not have a value": proof(
        {"call": 6, "letter": "S"}, HOLDS, goal=SUMS, right=7, total=True),
    "a function with the name of a sum": proof(
        {"call": 1, "letter": "S"}, HOLDS, goal=goal({}, [
            number("1"), ["sum", "k", 0, 0, 0], ["call", 1]], 1, 2)),
    "no value and itself, where both need one": goal(
        {}, [["none"]], 0, 0, total=True, proof={"identical": True}),
    "places below 0": HARMLESS | {"left": -1, "right": -1, "proof": {"identical": True}},
    "places beyond the end": HARMLESS | {"left": 9, "right": 9,
         "proof": {"identical": True}},
    "places that are no numbers": HARMLESS | {"left": "a", "right": "a",
                                              "proof": {"identical": True}},
    "a truth as a place": proof(HOLDS, goal=goal({"x": "real"}, [
        letter("x"), ["add", 0, 0], ["add", False, False]], 1, 2)),
    "0 to the power sqrt(2) is 0 and is said to have no value": ZERO_TO,
    "-1 to the power sqrt(2) sqrt(2) is 1 and is said to have no value": EVEN,
    "refuted at a letter without domain": UNBOUND,
    "refuted without a relation": X | {
        "operations": [["none"], *X["operations"][:2]], "left": 0, "right": 1,
        "relation": "<>", "status": "REFUTED", "point": {"x": "1"}},
}
LONG = [letter("x"), number("1"), ["add", 0, 1]] + [["multiply", i, i] for i in range(2,
     22)]
TRUTHS = [letter("x"), ["less_equal", 0, 0]] + [["and", i, i] for i in range(1, 60)]
ROOTS = [{"root": {"x": "1"}, "degree": 2, "letter": "s0"},
         {"root": {"s0": "1"}, "degree": 2, "letter": "s1"}, *(
             {"root": {f"s{i - 1}*s{i}": "1"}, "degree": 2, "letter": f"s{i + 1}"}
             for i in range(1, 60))]
ENDLESS = {
    "the sign of a root of two roots, each of which is one of two": proof(
        *ROOTS, HOLDS, letters={"x": ">= 0"}),
    "a factor of an induction that is itself added 60 times": goal(
        {"t": "1, 2, ..."}, [letter("t"), number("0")] + [
            ["add", i, i] for i in range(1, 61)], 0, 1,
        proof={"induction": "t", "factor": 61, "base": [HOLDS], "step": [HOLDS]}),
    "a number of 3,000,000,000 digits": proof(HOLDS, goal=goal(
        {}, [number("1e3000000000"), number("1")], 0, 1)),
    "3 to the power 1000, four times": goal(
        {}, [number("3"), number("1000")] + [["power", i, 1] for i in (0, 2, 3, 4)], 5, 0,
        status="REFUTED", point={}),
    "a power of powers": proof(HOLDS, goal=goal(
        {}, [number("3"), number("1000")] + [["power", i, 1] for i in (0, 2, 3, 4)], 5, 0)),
    "1 + x squared 20 times": proof(HOLDS, goal=goal({"x": "real"}, LONG, len(LONG) - 1,
         0)),
    "a condition of 2^60 parts": proof(HOLDS, goal=goal(
        {"x": "real"}, TRUTHS + [["where", 60, 0, 1]], 61, 1)),
    "a letter after all others": proof(
        {"split": {"\U0001F600": "1", "": "1"}, "cases": [["+", [HOLDS]]]}, goal=goal(
            {"\U0001F600": "> 0", "x": "real"}, [
                letter("x"), letter("\U0001F600"), number("1"), ["add", 1, 2],
                ["divide", 0, 3]], 4, 0)),
    "a sum to the power 1000": proof({"sign": {"x": "1"}, "sum": [["1", [[
        {"x": "1", "x^2": "1", "x^999": "1", "": "1"}, 1000]]]]}, HOLDS),
    "a billion terms": goal({"x": "real"}, [
        letter("x"), number("1"), number("1000"), ["sum", "k", 1, 2, 0],
        ["sum", "j", 1, 2, 3], ["sum", "i", 1, 2, 4]], 5, 0, status="REFUTED",
        point={"x": "2"}),
}
TRUE = {
    "x y = 0 is solved for x": proof(*SOLVED, goal=ONE_ZERO,
                                     letters={"x": "real", "y": "> 0"}),
    "s = x is solved where it holds": proof(
        *OF_SQUARE, {"split": {"s": "1", "x": "-1"}, "cases": [
            ["0", [{"solve": {"s": "1", "x": "-1"}, "for": "x"}, HOLDS]],
            ["+-", [HOLDS]]]}, goal=SQUARED, letters={"x": ">= 0"}),
    "F at numbers that are exact": NEAR_2 | {
        "point": {"F(3)": "5", "F(2)": "7"}, "operations": [
            number("2"), number("3"), number("0"), ["call", "F", 1], ["call", "F", 0]]},
    "x is x": HARMLESS | {"proof": {"identical": True}},
    "a sum with a sign": proof(
        ROOT_OF_2, {"sign": {"s": "1", "": "3"}, "sum": [["1", [[{"s": "1"}, 1]]], ["3",
             []]]},
        HOLDS, goal=HARMLESS),
    "both cases of x": proof({"split": {"x": "1"}, "cases": [
        ["-", [HOLDS]], ["+0", [HOLDS]]]}, goal=HARMLESS),
    "a root with a letter": proof(
        ROOT_OF_2, HOLDS, goal=goal({}, [number("2"), ["sqrt", 0], ["multiply", 1, 1]],
             0, 2)),
    "t has a domain": proof(HOLDS, goal=goal(
        {"t": "1, 2, ..."}, [letter("t"), number("1"), ["subtract", 0, 1], ["add", 2, 1]],
        0, 3)),
    "no value and itself": goal({}, [["none"]], 0, 0, proof={"identical": True}),
    "2 to the power sqrt(2) is not 0": ZERO_TO | {"point": {"b": "2"}},
    "refuted at a letter with a domain": UNBOUND | {"letters": {"x": "real"}},
}


@pytest.mark.parametrize("about", FALSE)
def test_what_is_false_is_rejected(about):
    assert judged(json.loads(json.dumps(FALSE[about]))) is not None


@pytest.mark.parametrize("about", TRUE)
def test_what_differs_by_the_fault_is_accepted(about):
    assert judged(json.loads(json.dumps(TRUE[about]))) is None


@pytest.mark.parametrize("about", ENDLESS)
def test_what_would_take_for_ever_is_rejected_soon(about):
    assert judged(json.loads(json.dumps(ENDLESS[about]))) is not None
