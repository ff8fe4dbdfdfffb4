"""A rule's kernel at work on a part: in stretches that fit the cache, in kept arrays.

Either every result goes into an array of its own first, is looked at there and then taken
(so that a refused step has changed nothing); or, in large parts, bounds tell beforehand
that no entry can become infinite or NaN, and the step writes in place.
"""
import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from minigrad.writes import written_since
from optim.optimizers.arena import Part
from optim.optimizers.stretches import Stretch, stretches_of
from optim.optimizers.bounds import Bounds
from optim.optimizers.lasting_bounds import LastingBounds, Unbounded, lasting_bounds
from optim.optimizers.groups import Choice
from optim.optimizers.rule_kernels import Form, Kernel, form_of, kernel_of
from optim.optimizers.signatures import (
    Rule, anatomy, is_of_whole_parameters, step_of, supplied_to)
from optim.optimizers.stepping import refuse_infinite, refuse_infinite_results
from optim.optimizers.second_thread import is_sooner, worker

# Bytes of a stretch in each array. Adam on 10**7 float32 takes in one thread and in two
# 1.00 and 0.60 of its time at 2**20 in one; at 2**18 it is 1.08 and 0.91, as two threads
# wait for each other after each call of NumPy's.
BLOCK = 2**20
LOOPED = 16                 # times as much in a compiled loop, which reads no array twice
IN_PLACE = 2**18            # entries from which on bounds are cheaper than other arrays


def kernel_steps(rule: Rule, part: Part, rounds: bool, fast: bool
                 ) -> "KernelSteps | bool":
    """A rule's kernel at work on a part, False if the rule itself has to be called."""
    if is_of_whole_parameters(rule) or not part.whole:
        return False
    floats = frozenset(n for n, x in part.states.items() if type(x) is float)
    kernel = kernel_of(rule, part.arena.dtype, floats, rounds)
    return KernelSteps(kernel, part, fast) if kernel else False


class KernelSteps:
    """A kernel bound to the arrays of one part, which is all of its arena."""

    def __init__(self, kernel: Kernel, part: Part, fast: bool):
        self.kernel, self.part, self.arena = kernel, part, part.arena
        self.states = [x for x in part.states.values() if type(x) is not float]
        self.spare: list[np.ndarray] = []               # for theta and as many states
        self.numbers = kernel.numbers.bind(*[
            np.empty((), dtype) for dtype in kernel.numbers.scratch])
        self.settings = [*anatomy(kernel.rule)[1], *supplied_to(kernel.rule)]
        self.cells = np.empty(kernel.passed, self.arena.dtype)
        self.views = [self.cells[i, ...] for i in range(kernel.passed)]
        size = self.arena.size
        # A compiled loop has a quarter of the work that two threads would share.
        self.threads = 2 if is_sooner(size//4 if fast else size) else 1
        self.fast = fast
        self.sizes = [place.home.size for place in part.places]
        self.largest, self.piece = self._at_most(BLOCK), self._at_most(LOOPED*BLOCK)*fast
        self.bound: dict[Any, tuple[Form, list[list[Stretch]]]] = {}
        self.ends: tuple[Any, ...] = ()         # bounds of theta and of every state,
        self.next_ends: tuple[Any, ...] = ()    # those after this step,
        self.noted = 0                          # and when theta had the former
        self.lasting: LastingBounds | None = None
        self.seeks = size < IN_PLACE and not fast       # whether it is to be found yet

    def _at_most(self, block: int) -> int:
        """The entries of a stretch of at most so many bytes, equally many of each thread.
        """
        stretches = self.threads*-(-self.arena.nbytes//(self.threads*block))
        return -(-self.arena.size//max(stretches, 1))

    def prepared(self, gradients: list[np.ndarray], choice: Choice,
                 check_finite: bool) -> Callable[[Any], None]:
        """Compute a step, up to what takes its results.

        Raises FloatingPointError for what is not finite, unless it is not to be checked.
        """
        part, settings = self.part, choice.settings
        if max(self.sizes) > self.largest:
            gradients = [g.reshape(-1) for g in gradients]
        numbers, floats = self._numbers(settings)
        work = gradients, choice.maximize, numbers
        self.next_ends = ()
        if self.arena.size >= IN_PLACE and (
                not check_finite or self._stays_finite(gradients, settings)):
            return partial(self._write_in_place, work, floats)
        if check_finite and self._lasts(gradients, choice):
            return partial(self._write_in_place, ([], *work[1:]), floats)
        if not self.spare:
            self.spare = [np.empty_like(x) for x in (self.arena, *self.states)]
        total = self._run(self.spare, *work)
        theta, *after = self.spare
        if check_finite and not math.isfinite(sum(floats, total)):
            g = part.joined(gradients)
            refuse_infinite("gradient", g, part, settings)
            refuse_infinite_results(self.kernel.rule, part, [
                theta, *self._in_order(after, floats)], settings)
        return partial(self._take, theta, after, floats)

    def _numbers(self, settings: dict[str, float]) -> tuple[Any, list[float]]:
        """The numbers that the step of a stretch takes, and the states that are floats."""
        states = [x for x in self.part.states.values() if type(x) is float]
        found = self.numbers(*states, self.part.t + 1,
                             *[settings[name] for name in self.settings])
        found = found if type(found) is tuple else () if found is None else (found,)
        passed = found[:self.kernel.passed]
        return passed, [float(x) for x in found[self.kernel.passed:]]

    def _in_order(self, arrays: list[np.ndarray], floats: list[float]) -> list[Any]:
        """The states of both kinds as the rule has them."""
        if not floats:
            return arrays
        of_kind = {True: iter(floats), False: iter(arrays)}
        return [next(of_kind[type(x) is float]) for x in self.part.states.values()]

    def _take(self, theta: np.ndarray, after: list[np.ndarray], floats: list[float],
              line: Any) -> None:
        """Take results that lie in other arrays; the old ones are spare then."""
        self.spare, self.states, self.ends = [theta, *self.states], after, ()
        self.part.write(theta, self._in_order(after, floats), line)

    # --- the stretches --------------------------------------------------------------------
    def _run(self, others: list[np.ndarray], gradients: list[np.ndarray], climbs: bool,
             numbers: list[Any]) -> float:
        """A step of every stretch, into others or in place; what Stretch.step gives."""
        form, halves = self._bound_to(others)
        if self.kernel.weak:
            self.cells[...] = numbers           # NumPy takes arrays sooner than numbers
            numbers = self.views
        if form.takes_g:                        # and numba numbers
            numbers = [x[()] if isinstance(x, np.ndarray) else x for x in numbers]
        if len(halves[0]) == len(halves[1]) == 1 or not gradients:
            self._gather(gradients, climbs, halves)
            return summed(halves, lambda s: s.step(numbers))
        return summed(halves, lambda s: s.gather(gradients, climbs).step(numbers))

    def _gather(self, gradients: list[np.ndarray], climbs: bool,
                halves: list[list[Stretch]]) -> None:
        """Take the gradients, unless it has been done, each stretch in a place of its own.
        """
        # Many small copies are one thread's work: two would wait for each other.
        for stretch in [*halves[0], *halves[1]]*bool(gradients):
            stretch.gather(gradients, climbs)

    def _bound_to(self, others: list[np.ndarray]) -> tuple[Form, list[list[Stretch]]]:
        """The stretches of each thread, bound to write into these arrays, or in place."""
        # The arrays live as long as self does; with the last one the others change too.
        key = bool(others), id((others or self.states or [self.arena])[-1])
        if key not in self.bound:
            form = form_of(self.kernel, not others, self.fast)
            stretches = stretches_of(self.sizes, self.largest, self.piece)
            middle = self.arena.size if self.threads == 2 else math.inf
            halves = [[s for s in stretches if s.start + s.stop <= middle],
                      [s for s in stretches if s.start + s.stop > middle]]
            whole = np.empty_like(self.arena) if self.lasting and not others else None
            for half in halves:
                size = max([s.stop - s.start for s in half], default=0)
                g = np.empty(size, self.arena.dtype)
                scratch = [np.empty(size, dtype) for dtype in form.scratch]
                for stretch in half:            # all gradients at once, or one by one
                    stretch.bind(form, [self.arena, *self.states], others,
                                 g if whole is None else whole[stretch.start:], scratch)
            self.bound[key] = form, halves
        return self.bound[key]

    # --- in place -------------------------------------------------------------------------
    def _lasts(self, gradients: list[np.ndarray], choice: Choice) -> bool:
        """Whether bounds that last tell that all results are finite, in small parts; then
        the gradients are gathered."""
        if self.seeks:
            self.lasting, self.seeks = lasting_bounds(self.part, choice, self), False
        if self.lasting is None:
            return False
        halves = self._bound_to([])[1]
        try:
            self.lasting.check(choice)
        except Unbounded:
            if self.lasting.choice is None:     # nor will it be proved at the next step
                self.lasting = None
            return False
        self._gather(gradients, choice.maximize, halves)
        squares = [s.sums_of_squares() for half in halves for s in half]
        if (sum([g for g, _ in squares]) <= self.lasting.largest_g**2
                and sum([theta for _, theta in squares]) <= self.lasting.largest**2):
            return True
        self.lasting.t = -1                     # the states may leave their box now
        return False

    def _stays_finite(self, gradients: list[np.ndarray], settings: dict[str, float]
                      ) -> bool:
        """Whether bounds of theta, g and the states tell that all results are finite."""
        # Sums of squares never fall, so that the root of one is at least every entry.
        largest = math.sqrt(summed(
            self._bound_to([])[1], lambda s: s.squares(gradients)))
        known = self.ends
        if known and written_since(self.part.tensors, self.noted):
            known = None, *known[1:]
        measured = (None,)*(1 + len(self.part.states))
        self.next_ends = (known and self._ends_after(known, largest, settings)
                          or self._ends_after(measured, largest, settings))
        return bool(self.next_ends)

    def _ends_after(self, known: tuple[Any, ...], largest: float,
                    settings: dict[str, float]) -> tuple[Any, ...]:
        """Bounds after a step by gradients up to the largest, () if there are none.

        known: those before it of theta and each state, None for what is to be measured.
        """
        part, dtype = self.part, self.arena.dtype
        try:
            theta, *states = [
                x if type(x) is float else Bounds(float(x.min()), float(x.max()), dtype)
                if ends is None else ends
                for x, ends in zip((self.arena, *part.states.values()), known)]
            after = step_of(self.kernel.rule, theta, Bounds(-largest, largest, dtype),
                            *states, t=part.t + 1, **settings)
        except (TypeError, ValueError, ArithmeticError):
            return ()
        return after if all(type(x) in (Bounds, float) for x in after) else ()

    def _write_in_place(self, work: tuple[Any, ...], floats: list[float],
                        line: Any) -> None:
        self._run([], *work)
        self.ends = self.next_ends
        self.noted = self.part.write(self.arena, self._in_order(self.states, floats), line)


def summed(halves: list[list[Stretch]], job: Callable[[Stretch], float]) -> float:
    """The sum of what a job gives of every stretch; the second half in a second thread."""
    def run(stretches: list[Stretch]) -> float:
        return sum([job(stretch) for stretch in stretches])

    if not halves[1]:
        return run(halves[0])
    return sum(worker().both(*(partial(run, half) for half in halves)))
