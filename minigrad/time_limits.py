"""A time limit that really ends a computation, in whichever thread it runs.

    verdict = within(5.0, lambda: prove(a, b), otherwise=lambda: "undecided")

SymPy cannot be asked to stop. Python can raise an exception in a thread from outside, at
its next instruction; that ends everything but one long step of NumPy or of whole numbers.
One thread of our own watches the time for all others, and what it raises is no Exception,
or SymPy would catch it.
"""
import _thread
import ctypes
import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

TICK = 0.01                    # seconds between two looks at the clock
AGAIN = 0.1                    # seconds after which an alarm that was not heard rings again
raise_in_thread = ctypes.pythonapi.PyThreadState_SetAsyncExc
raise_in_thread.argtypes = ctypes.c_ulong, ctypes.py_object
Result = TypeVar("Result")


class TimeIsUp(BaseException):
    """What an alarm raises in the thread whose time is up; each alarm has a kind of its
    own, so that alarms within alarms are told apart."""


@dataclass(eq=False)
class Alarm:
    """The signal that is raised in the thread from the due time on."""
    due: float
    signal: type[TimeIsUp]
    thread: int
    run: object = None              # whose alarms end_now sets off


class Watch:
    """A thread that rings alarms until they are stopped.

    An alarm may ring between any two instructions of its thread, so that thread takes no
    lock here which could stay locked for ever.
    """

    def __init__(self) -> None:
        self.alarms: dict[Alarm, None] = {}
        self.process, self.ready, self.ringing = os.getpid(), False, False
        self.idle = _thread.allocate_lock()
        self.idle.acquire()
        _thread.start_new_thread(self.run, ())
        while not self.ready:             # a thread that starts may be taken for its maker
            time.sleep(0)

    def run(self) -> None:
        """Look at the clock while there are alarms, else sleep."""
        self.ready = True
        while True:
            if self.alarms:
                time.sleep(TICK)
            else:
                self.idle.acquire()
            self.ringing = True
            for alarm in list(self.alarms):
                if alarm in self.alarms and alarm.due <= time.monotonic():
                    raise_in_thread(alarm.thread, alarm.signal)
                    alarm.due = time.monotonic() + AGAIN
            self.ringing = False

    def start(self, alarm: Alarm) -> None:
        """Ring this alarm when it is due."""
        self.alarms[alarm] = None
        try:
            self.idle.release()
        except RuntimeError:                         # it does not sleep
            pass

    def stop(self, alarm: Alarm) -> None:
        """After this the alarm never rings, though it may ring while this runs."""
        while True:
            try:
                self.alarms.pop(alarm, None)
                while self.ringing:
                    time.sleep(0)
                for _ in range(3):      # a signal that is on its way arrives at such a jump
                    pass
                return
            except alarm.signal:
                continue


watches: list[Watch] = []      # the one of this process, last


def end_now(run: object) -> None:
    """The time is up for all work of this run, in whichever threads of this process."""
    for watch in watches[-1:]:
        for alarm in list(watch.alarms) if watch.process == os.getpid() else ():
            if alarm.run == run:
                alarm.due = -math.inf


def within(seconds: float, work: Callable[[], Result],
           otherwise: Callable[[], Result], run: object = None) -> Result:
    """work(), or otherwise() if the time is up before it has ended.

    Its alarms nest, and work in every thread. What work() raises is raised. run: what
    end_now calls it by.

    >>> within(10.0, lambda: 6*7, otherwise=lambda: None)
    42
    >>> within(0.1, lambda: time.sleep(0.5), otherwise=lambda: "too late")
    'too late'
    """
    due = time.monotonic() + seconds
    if not watches or watches[-1].process != os.getpid():
        watches.append(Watch())
    watch = watches[-1]

    class OwnTimeIsUp(TimeIsUp):
        """That of this alarm alone."""
    alarm = Alarm(due, OwnTimeIsUp, _thread.get_ident(), run)
    try:
        try:
            watch.start(alarm)
            return work()
        finally:
            watch.stop(alarm)
    except OwnTimeIsUp:
        return otherwise()
    except Exception:                       # what a library may have made of the alarm
        if time.monotonic() < due:
            raise
        return otherwise()
    finally:
        watch.stop(alarm)                            # if it rang on the way to the first
