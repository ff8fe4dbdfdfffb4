"""Backward passes written by hand: right ones are not rejected, wrong ones not accepted,
and what was done is named."""
import dataclasses
from pathlib import Path

import numpy as np
import pytest
import sympy as sp

from optim.grading import backward_diagnosing, backward_proof
from optim.grading.backward import engine, grade_backward
from optim.grading.backward_catalogue import compiled, slips, source_of
from optim.grading.backward_exercises import EXERCISES, exercise
from optim.grading.backward_results import same
from optim.grading.backward_symbols import as_table, cases, from_table

from . import backward_homework as homework
from . import backward_hostile as hostile

SAMPLE = (homework.affine_tuple, homework.DenseLayer, homework.relu_indexed,
          homework.softmax_loss, homework.batchnorm_backward,
          homework.max_pool_two_by_two)
WRONG = (homework.affine_without_transpose, homework.affine_swapped,
         homework.relu_mask_in_place, homework.softmax_diagonal, homework.bn_no_variance,
         homework.conv_last_only, homework.two_mistakes)


def words(f):
    return f"{Path(__file__).parent/f.__module__.split('.')[-1]}.py:{f.__name__}"


def named(grade):
    """{gradient: its mistakes}, or the fault of the whole."""
    return {n.removeprefix("d"): " + ".join(sorted({s.mistake for s in g.mistakes}))
            for n, g in grade.quantities.items() if not g.right}


@pytest.mark.parametrize("name, f", [
    (name, f) for name, fs in homework.RIGHT.items() for f in fs if f in SAMPLE])
def test_right_ones_are_proved(name, f):
    grade = grade_backward(words(f), name)
    assert grade.status == "PROVED", grade
    assert grade.proof.method.startswith("for all numbers at")


@pytest.mark.parametrize("name, f, what", [x for x in homework.WRONG if x[1] in WRONG])
def test_what_was_done_is_named(name, f, what):
    grade = grade_backward(words(f), name)
    assert grade.status == "REFUTED" and not grade.right, grade
    if isinstance(what, str):
        assert what in {m.mistake for m in grade.mistakes}, grade
    else:
        assert named(grade) == what, grade


def test_the_wrong_entry_is_shown():
    grade = grade_backward(words(homework.affine_sign), "affine")
    assert grade.blamed == ["dw"] and grade.quantities["dx"].right
    found = grade.quantities["dw"]
    assert len(found.index) == 2 and found.got == -found.expected != 0
    assert "-dw for dw" in grade.diagnosis and str(found.index[0]) in str(grade)


@pytest.mark.parametrize("name", EXERCISES)
def test_the_gradients_that_are_spoiled_are_the_engines(name):
    asked = EXERCISES[name]
    f = compiled(source_of(asked))
    for call in asked.calls():
        truth = engine(asked, call)
        names = f.__code__.co_varnames[:f.__code__.co_argcount]
        for argument, found in zip(asked.wanted, f(**{n: call[n] for n in names})):
            assert same(np.asarray(found), truth[argument])


@pytest.mark.parametrize("name", EXERCISES)
def test_every_mistake_shows_in_some_shape(name):
    """Else a wrong one would be accepted; two ways of one mistake may be the same."""
    asked = EXERCISES[name].adapted({}, EXERCISES[name].loss)
    calls = [*asked.calls()]
    right = [backward_diagnosing.outcomes(source_of(asked), k, calls)
             for k in range(len(asked.wanted))]
    vectors = {"db", "dgamma", "dbeta"}                     # which transpose to themselves
    unseen = [slip for slip in slips(source_of(asked)) if not (
        slip.mistake == "transposed" and slip.right in vectors) and all(
        backward_diagnosing.alike(
            backward_diagnosing.outcomes(slip.source, k, calls), right[k])
        for k in range(len(asked.wanted)))]
    assert not unseen, [str(s) for s in unseen]


def test_a_wrong_table_is_not_proved():
    asked = EXERCISES["affine"]
    [(_, arrays, _)] = cases(asked)
    x, w, dout = arrays["x"], arrays["w"], arrays["dout"]
    good = [dout @ w.T, x.T @ dout, dout.sum(axis=0)]
    def proof(results):
        runs = [{"results": [as_table(r) for r in results]}]
        return backward_proof.proof(asked, runs, asked.wanted)[0]
    assert proof(good).status == "PROVED"
    for k in range(3):
        spoiled = [g.copy() for g in good]
        spoiled[k].flat[-1] += dout.flat[0]*sp.Rational(1, 10**9)
        assert proof(spoiled) is None
        assert proof([g.T if k == n else g for n, g in enumerate(good)]) is None or k == 2


def test_what_comes_over_the_wire_is_never_evaluated():
    table = {"shape": [1], "rows": [["__import__", "os"]], "entries": [0]}
    with pytest.raises(ValueError, match="__import__"):
        from_table(table, {})


@pytest.mark.parametrize("f, status, text", [
    (hostile.gives_none, "REFUTED", "came None; is the return forgotten?"),
    (hostile.gives_text, "REFUTED", "came str"),
    (hostile.gives_ragged, "REFUTED", "came list"),
    (hostile.wrong_shape, "REFUTED", "its shape is (12,), expected (4, 3)"),
    (hostile.nan_somewhere, "REFUTED", "not finite"),
    (hostile.writes_over_x, "REFUTED", "in-place change of the input: it writes over x"),
    (hostile.random_numbers, "REFUTED", "not a function of its arguments"),
    (hostile.remembers, "REFUTED", "not a function of its arguments"),
    (hostile.gives_list, "PROVED", ""),
    (hostile.scaled, "REFUTED", "factor: it is 1.7 times the gradient"),
    (hostile.unlike_anything, "REFUTED", "not in the catalogue"),
    (hostile.only_where_all_are_numbers, "REFUTED", "mask forgotten"),
    (hostile.only_on_numbers, "NUMERICALLY RIGHT", "not proved"),
    (hostile.unknown_arguments, "NOT GRADED", "foo, bar, baz")])
def test_odd_ones(f, status, text):
    grade = grade_backward(words(f), "relu")
    assert grade.status == status, grade
    assert text in str(grade), grade


def test_the_answer_of_a_library_is_not_graded(tmp_path):
    file = tmp_path/"homework.py"
    file.write_text("import numpy as np\ndef relu_backward(x, dout):\n"
                    "    import minigrad as mg\n"
                    "    return mg.vjp(lambda x: np.maximum(x, 0), x)[1](dout)[0]\n")
    grade = grade_backward(str(file), "relu")
    assert grade.status == "NOT GRADED" and "minigrad" in grade.reason


def test_names_and_errors():
    assert exercise("Conv2D").name == "conv" and exercise("relu_backward").name == "relu"
    with pytest.raises(ValueError, match="no exercise is called 'rleu'; did you mean relu"):
        exercise("rleu")
    with pytest.raises(TypeError, match="came 3"):
        grade_backward(3, "relu")


def test_a_function_that_was_typed_is_graded():
    grade = grade_backward(homework.relu_where, "relu")
    assert grade.status == "PROVED" and grade.as_dict()["right"] is True
    assert dataclasses.replace(grade, seconds=0) == grade
