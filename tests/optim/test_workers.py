"""Whatever runs the jobs, the results and their order are the same, and what is lost is
named."""
import contextlib
import logging
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import (
    BrokenExecutor, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor)
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import sympy as sp

import minigrad as mg
import optim
from minigrad import blas
from optim import mutants, races, training, workers
from optim.grading import folders
from optim.proving.expressions import prove_expressions
from optim.workers import LostWorker, results

FOLDER = str(Path(__file__).parent)
sys.path.append(FOLDER)                             # of which spawned workers are told
import worker_jobs as jobs                          # noqa: E402

# A server that forks has read once what else every process would read anew.
multiprocessing.get_context("forkserver").set_forkserver_preload(
    ["sympy", "optim.training", "optim.mutants", "optim.grading", "optim.races"])
FIVE = [(k,) for k in range(5)]
KILLED = pytest.mark.parametrize("kind", ["forkserver", "workers", "dask"])
pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


def hard(seconds):
    """A proof that takes longer than it may."""
    x, y = sp.symbols("x y", positive=True)
    left = sum((x**k + y**(k + 1))/(1 + x**(k + 2)*y) for k in range(40))
    began = time.monotonic()
    verdict = prove_expressions(left, sp.expand((x + y)**60)/left, seconds=seconds)
    return verdict.status, time.monotonic() - began


# Before Dask is loaded: an alarm in its watch of garbage would be told of.
def test_a_time_limit_ends_a_proof_in_a_thread_too():
    with ThreadPoolExecutor(2) as executor:
        for status, seconds in results(hard, [(0.1,), (0.2,)], executor):
            assert status != "PROVED" and seconds < 5


@pytest.fixture(scope="module")
def cluster():
    """Dask's client of two processes on this machine."""
    import distributed
    logging.getLogger("distributed").setLevel(logging.CRITICAL)     # it tells of the dead
    with (distributed.LocalCluster(2, threads_per_worker=1, dashboard_address=None) as here,
          distributed.Client(here) as client):
        yield client


@pytest.fixture
def where(cluster):
    """What results() is given to run the jobs there."""
    with contextlib.ExitStack() as stack:
        def of(kind):
            if isinstance(kind, int):
                return {"workers": kind}
            if kind == "workers":
                return {"workers": 2}
            if kind == "dask":
                return {"executor": cluster.get_executor()}
            return {"executor": stack.enter_context(
                ThreadPoolExecutor(4) if kind == "threads" else
                ProcessPoolExecutor(2, multiprocessing.get_context(kind)))}
        yield of


@cache
def grid(**where):
    """Two rules at two rates, one of which diverges, from two seeds."""
    return training.sweep(mg.data.blobs(40, rng=0), ["adam", optim.rules.nag], epochs=1,
                          lrs=[0.1, 1e30], seeds=[0, 1], model="2-4-3", **where)


@pytest.mark.parametrize("kind", [0, 1, 2, 8, "threads", "forkserver", "spawn", "dask"])
def test_a_rate_grid_is_the_same_wherever_it_runs(kind, where):
    found = grid(**where(kind))
    assert found.trials == grid().trials
    assert [(t.optimizer, t.lr, t.seed) for t in found.trials] == [
        (name, lr, seed) for name in ("adam", "nag") for lr in (0.1, 1e30)
        for seed in (0, 1)]
    assert {t.lr for t in found.trials if t.loss == float("inf")} == {1e30}
    assert found.best == {"adam": 0.1, "nag": 0.1}


def test_a_sweep_says_median_and_spread_of_what_its_task_measures():
    x = np.linspace(-1, 1, 40)[:, None]
    network = mg.nn.Linear(1, 1, rng=0)
    before = network.weight.numpy().copy()
    found = training.sweep((x, 3*x[:, 0]), lrs=[0.1, 1e-3, 1e30], seeds=[0, 1, 2], epochs=9,
                           task="regression", model=network)
    assert np.array_equal(network.weight.numpy(), before)       # a copy was trained
    good, _, bad = found.rows()
    losses = sorted(t.loss for t in found.trials[:3])
    assert good[2:5] == (*(f"{losses[k]:.4g}" for k in (1, 0, 2)),)
    assert "r2" in found.heads and "rmse" in found.heads and good[-1] == "0"
    assert bad[-1] == "3" and bad[5] == "" and found.best == {"adam": 0.1}
    assert "its own" in repr(grid_alone()) and "<td>inf</td>" in found._repr_html_()


def test_a_sweep_measures_the_model_that_is_left_and_watches_on_the_way():
    """Patience brings earlier weights back, a plateau needs losses: both ask for epochs."""
    data, options = mg.data.blobs(60, rng=0), {"epochs": 12, "validation": 0.3,
                                               "patience": 1}
    found, = training.sweep(data, lrs=[0.5], seeds=[3], **options).trials
    alone = training.train(data, lr=0.5, seed=3, **options)
    assert alone.last < len(alone.loss) - 1 and alone.loss[alone.last] != alone.loss[-1]
    assert found.loss == alone.loss[alone.last]
    assert found.metrics == {"accuracy": alone.accuracy}
    rate = optim.schedules.reduce_on_plateau(0.5, factor=0.01, patience=0, threshold=0.5)
    for way in ({"lrs": [rate]}, {"schedule": repr(rate)}):
        found, = training.sweep(data, seeds=[3], epochs=6, **way).trials
        assert found.loss == training.train(data, lr=rate, seed=3, epochs=6).loss[-1]
        rate = optim.schedules.reduce_on_plateau(0.5, factor=0.01, patience=0,
                                                 threshold=0.5)


def test_rates_and_rules_of_a_sweep_are_told_apart():
    data, near = mg.data.blobs(40, rng=0), (0.1234567, 0.1234568)
    found = training.sweep(data, lrs=near, seeds=[0], epochs=0)
    assert [row[1] for row in found.rows()] == ["0.1234567", "0.1234568"]
    with pytest.raises(ValueError, match="two optimizers are called adam"):
        training.sweep(data, ["adam", optim.rules.adam], seeds=[0], epochs=0)


def grid_alone():
    return training.sweep(mg.data.blobs(40, rng=0), seeds=[0], epochs=0)


@pytest.mark.parametrize("kind", ["threads", "forkserver", "dask"])
def test_mutants_are_judged_the_same_wherever_it_is(kind, where):
    def seen(score):
        return [(j.mutant, j.verdict.status, j.verdict.witness, j.sampled, j.separated)
                for j in score.found]
    found = mutants.score("momentum", 20, **where(kind))
    assert seen(found) == seen(mutants.score("momentum", 20)) and found.ok and found.found


@pytest.mark.parametrize("kind", ["threads", "forkserver"])
def test_a_race_and_its_tuning_are_the_same_wherever_it_is(kind, where):
    here = races.race(["adam", "nag"], "reddi", lr="tuned", steps=20)
    there = races.race(["adam", "nag"], "reddi", lr="tuned", steps=20, **where(kind))
    assert repr(here) == repr(there) and list(there) == ["adam", "nag"]
    assert all((here.paths[n] == there.paths[n]).all() for n in here)


# ------------------------------------------------------------------------- lost workers
@KILLED
def test_a_job_whose_worker_is_killed_is_tried_once_more(kind, where, tmp_path):
    todo = [(k, (1, 4), str(tmp_path), 1) for k in range(6)]
    assert [*results(jobs.dies, todo, **where(kind))] == [*range(6)]
    tries = Counter(p.name.partition("-")[0] for p in tmp_path.iterdir())
    assert tries["1"] >= 2 <= tries["4"]
    assert kind == "dask" or max(tries.values()) <= 3               # which tries more


@KILLED
def test_who_kills_its_worker_again_is_named_and_nobody_else(kind, where, tmp_path):
    todo = [(k, (2,), str(tmp_path), 99) for k in range(5)]
    words = r"job 3 of 5, dies\(2, .* its worker ended"
    with pytest.raises(LostWorker, match=words) as lost:
        [*results(jobs.dies, todo, **where(kind))]
    assert lost.value.arguments == todo[2]
    tries = Counter(p.name.partition("-")[0] for p in tmp_path.iterdir())
    # Dask's scheduler tries again itself. Who died in company was only suspected then.
    assert tries["2"] == 4 if kind == "dask" else 2 <= tries["2"] <= 3
    if kind == "forkserver":
        found = [*results(jobs.dies, todo, **where(kind), lost=lambda e: e.arguments[0])]
        assert found == [*range(5)]


def test_a_pool_that_is_broken_already_has_another_in_its_place(tmp_path):
    with ProcessPoolExecutor(2, multiprocessing.get_context("forkserver")) as broken:
        with pytest.raises(BrokenExecutor):
            broken.submit(jobs.dies, 0, (0,), str(tmp_path), 1).result()
        assert [*results(jobs.square, FIVE, broken)] == [0, 1, 4, 9, 16]


def test_a_homework_whose_grader_dies_is_its_own_row(tmp_path, monkeypatch):
    for name in "abc":
        (tmp_path/f"{name}.py").write_text("")
    monkeypatch.setattr(folders, "row", jobs.graded)
    with ProcessPoolExecutor(2, multiprocessing.get_context("forkserver")) as executor:
        found = folders.grade_folder(tmp_path, "adam", progress=False, executor=executor)
    assert [*found.grades] == ["a.py", "b.py", "c.py"]
    assert [bool(g.reason) for g in found.grades.values()] == [False, True, False]
    assert "its worker ended" in found.grades["b.py"].reason


# ----------------------------------------------------------------- executors that are odd
class Odd(Executor):
    """Calls at once, and answers as `answer` does with the future."""

    def __init__(self, answer):
        self.answer, self.calls = answer, []

    def submit(self, function, /, *arguments):
        future = Future()
        self.calls.append((future, function, arguments))
        self.answer(self, future, function, arguments)
        return future


def last_first(executor, *_):
    """All five answers when the last job has come, the last first."""
    if len(executor.calls) == 5:
        for future, function, arguments in reversed(executor.calls):
            future.set_result(function(*arguments))


def raises(executor, future, *_):
    future.set_exception(OSError("no route"))


def raises_once(executor, future, function, arguments):
    if len(executor.calls) == 2:
        raise ConnectionError("try again")
    if len(executor.calls) == 5:
        return raises(executor, future)
    future.set_result(function(*arguments))


def cancels(executor, future, *_):
    future.cancel()
    future.set_running_or_notify_cancel()


def refuses(executor, *_):
    raise RuntimeError("cannot schedule new futures after shutdown")


def test_results_are_in_order_whatever_order_they_come_in():
    assert [*results(jobs.square, FIVE, Odd(last_first))] == [0, 1, 4, 9, 16]


def test_what_goes_wrong_once_is_tried_again():
    executor = Odd(raises_once)
    assert [*results(jobs.square, FIVE, executor)] == [0, 1, 4, 9, 16]
    assert len(executor.calls) == 7


@pytest.mark.parametrize("answer, words", [
    (raises, "OSError: no route"), (cancels, "CancelledError"), (refuses, "shutdown"),
    (lambda _, future, *__: future.set_result(None), "returned NoneType")])
def test_an_executor_that_fails_twice_is_named_with_the_job(answer, words):
    executor = Odd(answer)
    with pytest.raises(LostWorker, match=rf"job 1 of 5, square\(0\), .*{words}"):
        [*results(jobs.square, FIVE, executor)]
    assert max(Counter(a[4] for *_, a in executor.calls).values()) == 2     # tries of each


@pytest.mark.parametrize("what, words", [
    ({"executor": 4}, "executor came as int"), ({"executor": "dask"}, "get_executor"),
    ({"executor": Odd(raises), "workers": 2}, "needed one of them")])
def test_what_is_no_executor_is_refused(what, words):
    with pytest.raises((TypeError, ValueError), match=words):
        [*results(jobs.square, FIVE, **what)]


# ------------------------------------------------------------------------ errors of jobs
@pytest.mark.parametrize("kind", [0, "threads", "forkserver", "dask"])
def test_the_first_error_in_order_is_raised_and_says_where(kind, where):
    seen = []
    with pytest.raises(ValueError, match="no 2") as error:
        for result in results(jobs.fails, FIVE, **where(kind)):
            seen.append(result)
    assert seen == [0, 1]
    text = "".join(getattr(error.value, "__notes__", ())) + str(error.traceback)
    assert "in fails" in text or "worker_jobs.py" in text
    if kind != 0:
        with pytest.raises((RuntimeError, jobs.Odd), match="0 and 0"):
            [*results(jobs.fails_oddly, FIVE, **where(kind))]


def test_what_cannot_be_sent_is_named_with_the_cure(where):
    for job in (lambda k: k, jobs.returns_what_cannot_be_sent):
        with pytest.raises(TypeError, match=r"\(0\) .*does not pickle: .*needed a funct"):
            [*results(job, FIVE, **where("forkserver"))]
        assert len([*results(job, FIVE, **where("threads"))]) == 5
    assert [*results(lambda k: k + 1, FIVE, **where("dask"))] == [1, 2, 3, 4, 5]


def test_a_function_that_a_worker_does_not_have_is_named(where, monkeypatch):
    pool = where("spawn")
    [*results(jobs.square, FIVE, **pool)]                       # both have read the module
    monkeypatch.setattr(jobs, "typed", lambda k: k, raising=False)
    jobs.typed.__module__, jobs.typed.__qualname__ = jobs.__name__, "typed"
    with pytest.raises(TypeError, match="a worker cannot read .* 'typed'.*notebook"):
        [*results(jobs.typed, FIVE, **pool)]


# ------------------------------------------------------------------ threads, and the end
def test_proofs_go_one_at_a_time_in_a_process_and_trainings_together():
    with ThreadPoolExecutor(3) as executor:
        for together in (False, True):
            meeting = jobs.Meeting()
            assert [*results(meeting, FIVE, executor, together=together)] == [*range(5)]
            assert (meeting.most > 1) == together


@pytest.mark.parametrize("kind", ["workers", "threads", "spawn"])
def test_ctrl_c_ends_at_once_without_tracebacks_of_workers(kind):
    code = f"""import signal, sys
sys.path += {[FOLDER, *sys.path]!r}
signal.signal(signal.SIGINT, signal.default_int_handler)
import worker_jobs
if __name__ == "__main__":
    try: worker_jobs.interrupted({kind!r})
    except KeyboardInterrupt: print("stopped")"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True,
                          stderr=subprocess.PIPE, start_new_session=True) as process:
        try:
            assert process.stdout.readline() == "begun\n"
            time.sleep(1.5)                                 # until workers have begun
            began = time.monotonic()
            os.killpg(process.pid, signal.SIGINT)
            out, err = process.communicate(timeout=20)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    assert (out, err) == ("stopped\n", "") and time.monotonic() - began < 5


def test_an_iteration_that_is_left_ends_its_workers():
    others = {*multiprocessing.active_children()}
    found = results(jobs.square, FIVE, workers=1)
    assert next(found) == 0
    running = {*multiprocessing.active_children()} - others
    found.close()
    for worker in running:
        worker.join(30)
    assert running and not any(worker.is_alive() for worker in running)


def test_one_thread_multiplies_in_every_worker_and_all_are_put_back(where):
    before = [library.num_threads for library in blas.loaded()], dict(os.environ)
    for kind in (0, "forkserver", "threads", "dask"):
        assert [*results(jobs.threads_of_blas, FIVE[:2], **where(kind))] == [({1}, "1")]*2
    assert before == ([library.num_threads for library in blas.loaded()], dict(os.environ))


def test_a_progress_bar_shows_what_is_done(capfd, where):
    for kind in (0, "threads"):
        [*results(jobs.square, FIVE, progress="squares", unit="square", **where(kind))]
        shown = capfd.readouterr().err
        assert re.search("squares: 100%.*5/5.*square", shown)
    [*results(jobs.square, FIVE)]
    assert capfd.readouterr() == ("", "") and threading.active_count() < 50
    assert workers.results is results


def test_workers_end_by_themselves_once_all_is_there_though_nobody_asks_for_more(tmp_path):
    """As zip(keys, results(...)) does not: workers ended from outside leave semaphores."""
    file = str(tmp_path/"tidied")
    assert dict(zip(["a"], results(jobs.tidies, [(file,)], workers=1))) == {"a": file}
    assert os.path.exists(file)
