"""The door of a plan: one function, made for it, that does all that a call needs.

It looks whether the plan may run (the arguments are of its kinds, every name still has its
value, all lives where it did), fetches the numbers, runs the step, and then sets what the
function itself would have set: gradients, counters, the time of writes. As it is part of
every step it is written out, too, instead of looping over what it checks.
"""
import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad.compiler.bound_names import tests_of
from minigrad.compiler.call_leaves import kind_of
from minigrad.compiler.calls import Input
from minigrad.compiler.drawing import generators_of
from minigrad.compiler.recorded_calls import errors_here, ignored, plain
from minigrad.compiler.results import builder
from minigrad.compiler.shared_memory import address, root_of
from minigrad.recording import blocks
from minigrad.stand_ins import sessions
from minigrad.tape import tick
from minigrad.writes import memory_of

FAILED = object()           # what a door gives when a guard did not hold,
MISSED = object()           # and when the plan may not run


class Door:
    """names(), holds(leaves), run(leaves, place), and quick(leaves, place): all of them,
    for a plain call by position; MISSED if one of them does not hold."""

    def __init__(self, plan: Any, arrays: list[np.ndarray], step: Callable, grads: list):
        self.plan, self.arrays, self.step, self.grads = plan, arrays, step, grads
        lock = threading.Lock()
        self.space: dict[str, Any] = {
            "failed": FAILED, "missed": MISSED, "step": step, "tick": tick,
            "memory_of": memory_of, "address": address, "ndarray": np.ndarray,
            "blocks": blocks.get, "sessions": sessions, "checks": plan.session.before,
            "build": builder(plan.outcome.tree), "acquire": lock.acquire,
            "release": lock.release}
        self.space |= {"errors_here": errors_here, "errors": errors_here(),
                       "ignored": ignored, "quiet": ignored()}
        names, space = tests_of(plan.names)
        self.space |= space
        self.holding = [*self.sharing(), *self.living()]
        self.running = self.run_lines()
        self.names = self.function("names()", [
            f"try: return {joined(names)}",
            "except (AttributeError, KeyError): return False"])
        self.holds = self.function("holds(leaves)", [f"return {joined(self.holding)}"])
        self.run = self.function("run(leaves, place)", self.running)
        self.quick = None if plan.kinds is None else self.quick_one(names)

    def function(self, head: str, lines: list[str]) -> Callable:
        """A function of these lines."""
        exec("\n    ".join([f"def {head}:", *lines]), self.space)
        return self.space[head.partition("(")[0]]

    def quick_one(self, names: list[str]) -> Callable:
        """The whole call in one function."""
        leaves = [plain(x) for x in self.plan.leaves]
        kinds = [f"len(leaves) == {len(leaves)}", "not blocks()", "not sessions",
                 "(errors_here() is errors or ignored() == quiet)"]
        for i, x in enumerate(leaves):
            if type(x) is np.ndarray:
                self.space |= {f"s{i}": x.shape, f"d{i}": x.dtype, f"q{i}": x.strides}
                kinds += [f"type(leaves[{i}]) is ndarray", f"leaves[{i}].shape == s{i}",
                          f"leaves[{i}].dtype is d{i}", f"leaves[{i}].strides == q{i}"]
            else:
                self.space |= {"kind_of": kind_of, f"a{i}": self.plan.kinds[i]}
                kinds.append(f"kind_of(leaves[{i}]) == a{i}")
        checks = ["try:", "    for check in checks: check()",
                  "except Exception: return missed"] if self.plan.session.before else []
        return self.function("quick(leaves, place)", [
            "try:", f"    if not ({joined(kinds + names)}): return missed",
            "except (AttributeError, KeyError): return missed", *checks,
            f"if not ({joined(self.holding)}): return missed", *self.running])

    # --- whether it may run ---------------------------------------------------------------
    def sharing(self) -> list[str]:
        """Tests that arguments share written memory as they did when it was recorded."""
        plan = self.plan
        written = {id(goal) for goal, _ in plan.outcome.writes}
        roots = [root_of(array) for x, array in zip(plan.bound, self.arrays)
                 if id(x) in written]
        arguments = [(i, plain(x)) for i, x in enumerate(plan.leaves)
                     if isinstance(plain(x), np.ndarray)]
        self.space["owners"] = [x for root in roots for x in (root, root.base)]
        self.space["roots"] = {id(x) for x in self.space["owners"] if x is not None}
        tests = []
        for i, x in arguments:
            mine = f"(leaves[{i}] if leaves[{i}].base is None else leaves[{i}].base)"
            if any(root_of(x) is root for root in roots):
                tests.append(f"address(leaves[{i}]) == {address(x)}")
            elif roots:
                tests.append(f"id({mine}) not in roots")
            for j, y in arguments if len(written) > len(roots) else ():
                if j < i:
                    sign = "is" if root_of(x) is root_of(y) else "is not"
                    other = mine.replace(f"[{i}]", f"[{j}]")
                    tests.append(f"{mine} {sign} {other}")
        return tests

    def living(self) -> list[str]:
        """Tests that all lives where it did, and is as it was."""
        plan, session = self.plan, self.plan.session
        wanted = [(x.source.text, x.source.owner, array)
                  for x, array in zip(plan.bound, self.arrays) if isinstance(x, Input)]
        wanted += [("{}._data", met.tensor, met.tensor._data)
                   for met in session.tensors.values() if met.source.owner is not None]
        wanted += [("{}.requires_grad", met.tensor, met.wanted)
                   for met in session.tensors.values() if met.source.owner is not None]
        wanted += session.checks
        written = [root_of(array) for array in self.arrays]
        kept = [(array, copy) for array, copy in session.copies
                if not any(root_of(array) is root for root in written)]
        self.space |= {"copies": kept, "equal": np.array_equal}
        tests = [f"e{i}._grad is {no}None" for i, (_, no) in enumerate(plan.entry)]
        self.space |= {f"e{i}": tensor for i, (tensor, _) in enumerate(plan.entry)}
        wanted = [*{(text, id(owner)): (text, owner, value)
                    for text, owner, value in wanted}.values()]     # each asked once
        for i, (text, owner, value) in enumerate(wanted):
            self.space |= {f"w{i}": owner, f"v{i}": value}
            tests.append(f"{text.format(f'w{i}')} is v{i}")
        if kept:            # no stand-in could be put there: what is in them is compared
            tests.append("all([equal(x, y, equal_nan=True) for x, y in copies])")
        return tests

    # --- the call ------------------------------------------------------------------------
    def run_lines(self) -> list[str]:
        """The lines that fetch, run the step, and set what it has changed."""
        plan, space = self.plan, self.space
        sources = [x.source.text.format(f"o{i}") for i, x in enumerate(plan.given)]
        space |= {f"o{i}": x.source.owner for i, x in enumerate(plan.given)}
        count, numbers = len(plan.results), plan.outcome.numbers
        names = [f"r{i}" for i in range(count + len(numbers))]
        run = [f"try: out = step({', '.join(sources)})",        # an index out of bounds,
               "except (ArithmeticError, LookupError, ValueError): out = None"]     # say
        lines = [*run, "if out is None: return failed"]
        generators = generators_of(
            [x.node.source for x in plan.session.generators.values()])
        if generators:                                  # the function draws again
            space["generators"] = generators
            lines = ["before = [g.bit_generator.state for g in generators]", *run,
                     "if out is None:",
                     "    for g, state in zip(generators, before):",
                     "        g.bit_generator.state = state",
                     "    return failed"]
        if names:
            lines.append(f"{', '.join(names)}, = out")
        for i, (holder, text, _) in enumerate(numbers):
            space[f"h{i}"] = holder
            lines.append(f"{text.format(f'h{i}')} = r{count + i}")
        for i, (source, pending) in enumerate(self.grads):
            space |= {f"t{i}": source.owner, f"g{i}": pending}
            kept = pending is None or source.owner is not None      # else it is another
            own = f"g{i}" if kept else f"g{i}.copy()"               # tensor next time
            lines.append(f"{source.text.format(f't{i}')}._grad = {own}")
        if plan.written:
            lines.append("now = tick()")
        for i, source in enumerate(plan.written):
            if source.owner is None:
                lines.append(f"m{i} = memory_of({source.text})")
            else:
                space[f"m{i}"] = memory_of(source.owner)
            lines.append(f"m{i}.written = now; m{i}.place = place")
        given = "".join(f", {name}" for name in names[:count])
        lines.append(f"return build(leaves{given})")
        # The arrays are one caller's at a time; to another thread the function is left.
        return ["if not acquire(False): return failed", "try:",
                *(f"    {line}" for line in lines), "finally: release()"]


def joined(tests: list[str]) -> str:
    """All of the tests as one."""
    return " and ".join(tests) or "True"
