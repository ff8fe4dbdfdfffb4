"""The time limit that really ends a proof: a signal, or a process that is killed."""
import contextlib
import os
import pickle
import signal
import subprocess
import sys
import threading
import time

from optim.proving.cases import by_cases
from optim.proving.goals import Goal, by_points
from optim.proving.inductions import by_induction, can_induct
from optim.proving.verdicts import Verdict

QUICK, SHORT = 26, 12          # points and cases that are tried first
SERVE = "from optim.proving.limits import serve; serve()"
IMPORTS = 5                    # seconds a worker may take to import SymPy


def verdict_on(goal: Goal) -> Verdict:
    """Some points, a short proof; then all points, and a long proof."""
    found = by_points(goal, 0, QUICK)
    if found is not None:
        return found
    verdict = by_cases(goal, SHORT)
    if verdict.status == "UNDECIDED":
        found = by_points(goal, QUICK)
        if found is None and can_induct(goal):
            found = by_induction(goal, by_cases)
        verdict = by_cases(goal) if found is None else found
    return verdict


class TimeIsUp(BaseException):
    """No Exception, or SymPy would catch it."""


@contextlib.contextmanager
def alarm(seconds: float):
    """Raise TimeIsUp in the main thread when the time is up, until it is heard."""
    active = True

    def ring(number, frame):
        if active:
            raise TimeIsUp

    before, began = signal.getitimer(signal.ITIMER_REAL), time.monotonic()
    handler = signal.signal(signal.SIGALRM, ring)
    try:
        try:
            signal.setitimer(signal.ITIMER_REAL, min(seconds, before[0] or seconds), 0.1)
            yield
        finally:
            active = False
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
        if before[0]:                                # somebody else's alarm goes on
            left = before[0] - (time.monotonic() - began)
            signal.setitimer(signal.ITIMER_REAL, max(left, 1e-3), before[1])


def decide(goal: Goal, seconds: float) -> Verdict:
    """The verdict on the goal, within the time."""
    if not hasattr(signal, "setitimer") or \
            threading.current_thread() is not threading.main_thread():
        return decide_elsewhere(goal, seconds)
    try:
        with alarm(seconds):
            return verdict_on(goal)
    except TimeIsUp:
        return late(seconds)


def late(seconds: float) -> Verdict:
    return Verdict("UNDECIDED", method=f"time limit of {seconds:g} s")


def serve() -> None:
    """Decide the goal that stands in standard input (a worker process)."""
    goal, seconds = pickle.load(sys.stdin.buffer)
    verdict = (decide(goal, seconds) if hasattr(signal, "setitimer")
               else verdict_on(goal))
    sys.stdout.buffer.write(pickle.dumps(verdict))


def decide_elsewhere(goal: Goal, seconds: float) -> Verdict:
    """The same in a process of its own, which can be killed: no signal reaches a thread."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    try:
        done = subprocess.run([sys.executable, "-c", SERVE], env=environment,
                              input=pickle.dumps((goal, seconds)), capture_output=True,
                              timeout=seconds + IMPORTS)
    except subprocess.TimeoutExpired:
        return late(seconds)
    if done.returncode:
        raise RuntimeError(f"prove: the worker process failed:\n{done.stderr.decode()}")
    return pickle.loads(done.stdout)
