"""A time limit ends what it limits, in every thread, and leaves no alarm behind."""
import subprocess
import sys
import threading
import time

import pytest

from minigrad.time_limits import TimeIsUp, watches, within


def forever():
    while True:
        try:
            while True:
                pass
        except Exception:           # as SymPy catches what it does not know
            pass


def late():
    return "late"


def test_work_that_ends_in_time_gives_its_result_and_its_errors():
    assert within(10, lambda: 42, otherwise=late) == 42
    with pytest.raises(ZeroDivisionError):
        within(10, lambda: 1/0, otherwise=late)
    assert not watches[-1].alarms


def test_work_that_catches_every_exception_is_ended_in_the_main_thread_and_in_others():
    results = []

    def limited():
        began = time.monotonic()
        results.append((within(0.2, forever, otherwise=late), time.monotonic() - began))
    limited()
    thread = threading.Thread(target=limited)
    thread.start()
    thread.join(30)
    assert [result for result, _ in results] == ["late", "late"]
    assert all(seconds >= 0.2 for _, seconds in results)
    assert not watches[-1].alarms


def test_the_outer_limit_ends_what_an_inner_one_allows_and_is_told_apart_from_it():
    inner_late = []

    def outer():
        return within(30, forever, otherwise=lambda: inner_late.append(1))
    assert within(0.2, outer, otherwise=late) == "late" and not inner_late
    assert "late" == within(30, lambda: within(0.2, forever, otherwise=late),
                            otherwise=forever)


def test_nothing_rings_after_the_work_has_ended():
    for _ in range(200):
        within(1e-4, lambda: None, otherwise=late)
    time.sleep(0.3)                 # an alarm that was left would ring here


def test_what_is_raised_is_no_exception():
    assert not issubclass(TimeIsUp, Exception)


def test_a_profiler_may_watch_what_has_a_time_limit():
    """A cleared signal leaves CPython 3.11 looking for it at every call, a profiled one
    for ever."""
    code = ("import cProfile; from minigrad.time_limits import within\n"
            "cProfile.run('within(5.0, lambda: sum(range(10)), lambda: None)')\n"
            "print(within(5.0, lambda: 42, lambda: None))")
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60)
    assert out.stdout.endswith(b"42\n")


def test_an_alarm_that_a_library_makes_another_error_of_is_one_all_the_same():
    def swallowed():
        try:
            forever()
        except BaseException:
            raise TypeError("not supported") from None
    assert within(0.05, swallowed, otherwise=late) == "late"
    assert within(0.05, lambda: within(30, swallowed, otherwise=lambda: 1/0),
                  otherwise=late) == "late"
