"""A test of many cases fails where one fails, names all that do, and runs the others."""
import pytest

from .cases import each


def failing(test, **fixtures):
    """The labels and errors of the cases that fail."""
    with pytest.raises(BaseExceptionGroup) as caught:
        test(**fixtures)
    return str(caught.value), list(caught.value.exceptions)


def test_every_case_runs_and_every_one_that_fails_is_named():
    seen = []

    @each("x", range(5))
    def test(x):
        seen.append(x)
        assert x not in (1, 3), "odd"
    text, errors = failing(test)
    assert seen == [0, 1, 2, 3, 4]
    assert text.startswith("2 of 5 cases fail: 1; 3")
    assert [e.__notes__ for e in errors] == [["case: 1"], ["case: 3"]]
    assert all("odd" in str(e) for e in errors)


def test_one_case_that_does_not_raise_is_a_failure_of_its_own():
    @each("x, y", [("a", "1"), ("b", "2"), ("c", "x")])
    def test(x, y):
        with pytest.raises(ValueError):
            int(y)
    text, errors = failing(test)
    assert "2 of 3 cases fail: a-1; b-2" in text and "DID NOT RAISE" in str(errors[0])


@pytest.mark.parametrize("reported", [pytest.skip, pytest.fail, pytest.importorskip])
def test_no_case_is_skipped(reported):
    @each("x", ["a"])
    def test(x):
        reported("no_such_module_anywhere")
    assert "1 of 1 cases fail: a" in failing(test)[0]


@each("ids, labels", [
    (None, "f; x1; first"), (str.upper, "F; W; first"), (["i", "j", "k"], "i; j; first")],
    ids=["own", "a function", "a list"])
def test_labels_are_what_pytest_would_call_the_cases(ids, labels):
    def f(): pass
    cases = [f, "w"*99, pytest.param(1, id="first")]
    if callable(ids):
        cases[:2] = ["f", "w"]

    @each("x", cases, ids=ids)
    def test(x):
        raise ValueError
    assert failing(test)[0].startswith(f"3 of 3 cases fail: {labels} ")


def test_two_lists_make_every_pair_and_fixtures_are_for_all(tmp_path):
    pairs = []

    @each("x", "ab")
    @each("y", [1, 2])
    def test(x, y, tmp_path):
        pairs.append((x, y, tmp_path))
        assert (x, y) != ("b", 1)
    text, [inner] = failing(test, tmp_path=tmp_path)
    assert pairs == [(x, y, tmp_path) for x in "ab" for y in (1, 2)]
    assert text.startswith("1 of 2 cases fail: b ")
    assert str(inner).startswith("1 of 2 cases fail: 1 ")


def test_cases_of_a_function_are_made_when_the_test_runs():
    made = []

    @each("x", lambda: made.append("now") or [1, 2])
    def test(x):
        assert x
    assert made == []
    test()
    assert made == ["now"]


@pytest.mark.parametrize("cases", [[], [(1, 2, 3)], [pytest.param(1, 2, marks=[
    pytest.mark.xfail])]], ids=["none", "too many values", "a mark"])
def test_a_list_of_another_form_is_an_error(cases):
    @each("x, y", cases)
    def test(x, y):
        pass
    with pytest.raises((AssertionError, TypeError, BaseExceptionGroup)):
        test()


def test_a_name_that_is_no_argument_is_an_error():
    with pytest.raises(TypeError, match="no argument of each"):
        each("z", [1])(lambda x: None)
