"""Rules of which a formula was read that is not what they do: none of them is PROVED."""
import contextlib

import numpy as np
import pytest

import optim

from .typed_rules import stepping, typed


def verdict(step, other="g", before="pass", **scope):
    return optim.prove(stepping(step, before), stepping(other), equal_if=False)


# ------------------------------------------------------------------ arrays of other shapes
@pytest.mark.parametrize("step", [
    "g.T", "np.transpose(g)", "np.moveaxis(g, 0, -1)", "np.diag(np.diag(g))",
    "2*g if g.ndim == 2 else g", "2*g if np.ndim(g) == 2 else g",
    "2*g if len(g) > 5 else g", "np.where(g.size > 5, 2*g, g)", "g + np.sum(g[5:])",
    "np.concatenate([g[:3], 2*g[3:]])"])
def test_what_differs_only_in_arrays_of_other_shapes_is_not_proved(step):
    found = verdict(step)
    assert found.status == "UNDECIDED" and "not elementwise" in found.method, found


@pytest.mark.parametrize("step", [
    "g*np.sum(np.ones_like(g))/2", "g*len(np.zeros_like(g))/2",
    "g*np.zeros_like(g).size/2"])
def test_what_counts_entries_that_no_letter_is_in_is_refused(step):
    with pytest.raises(ValueError, match="the number of entries, by np.(one|zero)s_like"):
        verdict(step)


@pytest.mark.parametrize("step", ["g.flatten()", "np.stack([x for x in g])",
                                  "np.atleast_1d(g)", "g + 0*np.ones_like(g)"])
def test_what_is_elementwise_in_each_shape_that_it_takes_is_still_proved(step):
    assert verdict(step).status == "PROVED"


# -------------------------------------------------------- what letters answer otherwise
@pytest.mark.parametrize("before, name", [
    ("g = 2*g if isinstance(g, np.ndarray) else g", "isinstance"),
    ("g = 2*g if isinstance(t, int) and t > 1000 else g", "isinstance"),
    ("g = 2*g if type(g) is np.ndarray else g", "type"),
    ("g = 2*g if type(g).__name__ == 'ndarray' else g", "type"),
    ("g = 2*g if hasattr(g, 'flags') else g", "hasattr"),
    ("g = 2*g if getattr(g, 'flags', None) is not None else g", "getattr"),
    ("g = 2*g if str(t) == '1000' else g", "str")])
def test_a_rule_that_asks_what_it_is_given_is_refused(before, name):
    with pytest.raises(TypeError, match=rf"line 3 .*{name}\(\.\.\.\) of a letter"):
        verdict("g", before=before)


@pytest.mark.parametrize("body", [
    "try:\n        if t > 1000: g = 2*g\n    except TypeError:\n        pass",
    "try:\n        g = g*float(t)\n    except Exception:\n        pass",
    "try:\n        g = np.asarray(g)*2\n    except TypeError:\n        pass",
    "with suppress(TypeError):\n        if t > 1000: g = 2*g"])
def test_a_rule_that_catches_exceptions_is_refused(body):
    rule = typed(f"def rule(theta, g, *, t, lr=.1):\n    {body}\n    return theta - lr*g\n",
                 suppress=contextlib.suppress)
    with pytest.raises((TypeError, ValueError), match=r"line \d catches|uses suppress"):
        optim.formula(rule)


# ------------------------------------------------------------------ kinds of numbers
@pytest.mark.parametrize("step, same, other", [
    ("(1.5*g).astype(int)", "np.trunc(1.5*g)", "1.5*g"),
    ("np.where(t > 1000, g.astype(int), g)", "np.where(t > 1000, np.trunc(g), g)", "g"),
    ("np.where(t > 1000, g.astype(bool), g)", "np.where(t > 1000, g != 0, g)", "g"),
    ("(g > 0).astype(float) + (m > 0).astype(float)",
     "np.where(g > 0, 1, 0) + np.where(m > 0, 1, 0)", "(g > 0) + (m > 0)"),
    ("np.ones_like(g > 0) + np.ones_like(g > 0)", "1", "2"),
    ("np.where(t > 1000, np.all(t), g)", "np.where(t > 1000, 1, g)",
     "np.where(t > 1000, t, g)"),
    ("np.any(t - 3)", "np.where(t == 3, 0, 1)", "t - 3")])
def test_truth_values_and_whole_numbers_are_read_as_numpy_has_them(step, same, other):
    assert verdict(step, same).status == "PROVED"
    assert verdict(step, other).status == "REFUTED"


# ------------------------------------------------------------------ more than arguments
def test_a_rule_that_rolls_dice_is_not_refuted_by_its_own_dice():
    dice = np.random.default_rng(0)

    def rule(theta, g, *, t, lr=0.1):
        return theta - lr*g + dice.normal()
    for _ in range(20):
        with pytest.raises(ValueError, match="nothing but its arguments"):
            optim.prove(rule, rule)


def test_a_closure_whose_name_is_not_assigned_yet_is_read():
    def rule(theta, g, *, t, lr=0.1):
        return theta - lr*g if True else later(g)
    if rule is None:
        def later(g):
            return g
    assert optim.prove(rule, "gradient_descent").status == "PROVED"


# ------------------------------------------------------------------ where a state starts
def started(default):
    return typed(f"def rule(theta, g, z={default}, *, t, lr=0.1):\n"
                 "    return z - lr*g, z - lr*g\n")


@pytest.mark.parametrize("default, other", [
    ("lambda theta: theta.T", "lambda theta: theta"),
    ("lambda theta: theta if theta.ndim < 2 else 0*theta", "lambda theta: theta")])
def test_a_start_that_depends_on_the_shape_is_not_proved(default, other):
    found = optim.prove(started(default), started(other), equal_if=False)
    assert found.status == "UNDECIDED" and "z starts at" in found.method


@pytest.mark.parametrize("start", ["theta*np.ones_like(theta).sum()/2",
                                   "np.ones_like(theta).sum()/2"])
def test_a_start_that_counts_entries_is_refused(start):
    with pytest.raises(ValueError, match="z' depends on the number of entries, by np.ones"):
        optim.prove(started(f"lambda theta: {start}"), started("1"))


def test_a_truth_value_as_a_state_counts_as_a_number():
    assert optim.prove(started("True"), started("1")).status == "PROVED"
    assert optim.prove(started("True"), started("0")).status == "REFUTED"
    kept = typed("def rule(theta, g, up, *, t, lr=0.1):\n"
                 "    return theta - lr*g, g > 0\n")
    same = typed("def rule(theta, g, up, *, t, lr=0.1):\n"
                 "    return theta - lr*g, np.where(g > 0, 1, 0)\n")
    assert optim.prove(kept, same).status == "PROVED"


@pytest.mark.parametrize("text", ["", "((", "beta1**"])
def test_a_formula_that_cannot_be_read_is_named(text):
    with pytest.raises(ValueError, match="is no formula"):
        optim.prove("adam", "adam", where={"beta1": text})


@pytest.mark.parametrize("text", [
    "__import__('os').getcwd()", "().__class__", "[1][0]", "(lambda: 1)()", "open('x')",
    "exec('1')", "'a'", "1 if lr else 2", "eval(lr)", "", "((", "lambdify(lr, lr)"])
def test_a_text_that_is_no_formula_is_not_run(text):
    with pytest.raises(ValueError, match="no formula that SymPy can read"):
        optim.prove("adam", "adam", where={"lr": text})


def test_a_text_that_is_a_formula_is_read():
    found = optim.prove("adam", "adam", where={"lr": "sqrt(2)*exp(-1)/2 + Max(3, 1)"})
    assert found.status == "PROVED"


def test_a_where_that_is_no_dict_is_refused_in_words():
    with pytest.raises(TypeError, match="needed {letter: value}"):
        optim.prove("adamw", "adam", where="weight_decay=0")


@pytest.mark.parametrize("late", [
    "2 if f'{t}' > '1000' and len(f'{t}') > 3 else 1",
    "2 if np.isscalar(t) and t > 1000 else 1"])
def test_a_rule_that_is_another_one_late_in_a_run_is_not_proved(late):
    assert optim.prove(stepping("g*1"), stepping("g")).status == "PROVED"
    with pytest.raises(TypeError, match="leave the question out"):
        optim.prove(stepping(f"g*({late})"), stepping("g"))
