"""One test of many cases: each is run, and every one that fails is named."""
import functools
import inspect
from itertools import count

import pytest

FAILURES = Exception, pytest.fail.Exception, pytest.skip.Exception, BaseExceptionGroup


def each(names, cases, ids=None):
    """A decorator with the arguments of pytest.mark.parametrize, which makes one test.

    For many cases of about a millisecond: pytest takes as long for every test. Fixtures
    are set up once for all cases. cases may be a function that gives them: nothing is then
    computed where tests are only collected. Raises AssertionError if there are no cases,
    and an exception group of what the cases raised, each with a note of its label. No case
    may be skipped: pytest.skip counts as a failure.
    """
    names = [name.strip() for name in names.split(",")]

    def decorated(test):
        signature = inspect.signature(test)
        others = [p for p in signature.parameters.values() if p.name not in names]
        if len(others) + len(names) != len(signature.parameters):
            raise TypeError(f"{test.__name__} has no argument of each of {names}")

        @functools.wraps(test)
        def run(**fixtures):
            failed, errors, number = [], [], 0
            for label, values in labelled(names, cases, ids):
                number += 1
                try:
                    test(**fixtures, **dict(zip(names, values, strict=True)))
                except FAILURES as error:
                    error.add_note(f"case: {label}")
                    failed.append(label)
                    errors.append(error)
            assert number, "no cases"
            if failed:
                raise BaseExceptionGroup(f"{len(failed)} of {number} cases fail: "
                                         + "; ".join(failed), errors)
        run.__signature__ = signature.replace(parameters=others)
        return run
    return decorated


def labelled(names, cases, ids):
    """(label, values) of each case."""
    for index, case in zip(count(), cases() if callable(cases) else cases):
        own = getattr(case, "id", None)                 # of a pytest.param
        values = getattr(case, "values", None) if hasattr(case, "marks") else None
        if values is None:
            values = (case,) if len(names) == 1 else tuple(case)
        elif case.marks:
            raise TypeError(f"case {index} has marks, which nothing reads here")
        if own is None:
            words = [ids(v) if callable(ids) else None for v in values]
            own = ids[index] if isinstance(ids, (list, tuple)) else "-".join(
                named(v, f"{name}{index}") if word is None else str(word)
                for v, name, word in zip(values, names, words))
        yield own, values


def named(value, otherwise):
    """What is short in the words of its own, else by its place in the list."""
    text = getattr(value, "__name__", value if isinstance(value, str) else repr(value))
    return text if len(text) <= 60 else otherwise
