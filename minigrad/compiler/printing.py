"""The source of a program: `bind` takes the arrays that stay, sets memory aside and makes
all views, once; it returns `step`, which does the work.

Errors of NumPy's are watched as they were when the step was recorded: where they were not
ignored, one that arises makes the step give up, so that the function itself can say so.
"""
import linecache
import re
from itertools import groupby
from typing import Any

from minigrad.compiler.calls import Node, owner
from minigrad.compiler.lines import Lines
from minigrad.compiler.recorded_calls import QUIET


HELPERS = "copyto", "dot", "putmask", "errstate", "subtract", "bitwise_and"
NOTE = "lambda *kind: problems.append(kind)"


def handling(quiet: frozenset) -> str:
    """How NumPy's errors are handled where these are ignored: all others are noted."""
    if quiet == frozenset(QUIET):
        return 'all="ignore"'
    return 'all="call"' + "".join(
        f', {kind}="ignore"' for kind in sorted(quiet, key=QUIET.index))


def watching(quiet: frozenset) -> str:
    """The line that opens a block in which NumPy's errors are handled so."""
    noted = quiet != frozenset(QUIET)
    return f"with errstate({handling(quiet)}{f', call={NOTE}'*noted}):"


class Printed:
    """The source of a program, and the arrays that its bind takes besides the bound ones.
    """

    def __init__(self, lines: Lines):
        self.program, self.lines = lines.program, lines
        self.constants = self.lines.constants
        self.text = self.lines.names.text
        self.run = "step"                   # what bind returns to be called
        self.before: dict[int, str] = {}    # nodes that are copied before all writes
        self.lent: list[Any] = []           # whose memory is another's after the step
        self.source = self.whole()

    def whole(self) -> str:
        """The text of the module."""
        program, lines = self.program, self.lines
        kept = ", ".join(map(self.kept, program.kept))
        body = self.sections() if program.guards is not None else [
            line for _, line in lines.step]
        if any("problems" in line for line in body):
            lines.once += ["problems = []       # errors of NumPy's: a step gives up"]
        body += [*self.saved(), *self.writes(), *self.returned()]
        words = {*re.findall(r"\w+(?=[.(])", "\n".join([*lines.once, *body]))}
        functions = sorted(words & {*lines.functions, *HELPERS})
        return "\n".join([
            f'"""{program.title}"""',
            *(["from contextvars import Context", "from functools import partial"]
              if self.run != "step" else []),
            *(["from math import isfinite, isinf, isnan", ""] if program.guards else []),
            "import numpy as np",
            *([f"from numpy import {', '.join(functions)}"] if functions else []),
            "", "",
            f"def bind({', '.join(lines.names.of[id(x)] for x in lines.arrays)}):",
            *(f"    {line}" for line in lines.once),
            "",
            f"    def step({', '.join(map(self.text, program.given))}):",
            *(f"        {line}" for line in body or ["pass"]),
            f"    return {self.run}, ({kept}{',' if len(program.kept) == 1 else ''})"
            if program.guards is not None else "    return step",
            ""])

    def sections(self) -> list[str]:
        """The lines of step, those under one np.errstate together."""
        quiet = frozenset(QUIET)
        marked: list[tuple[frozenset, str]] = []
        comments: list[str] = []
        for own, line in self.lines.step:       # what cannot err stands with what is before
            comments.append(line)
            first = not marked and own is None          # and at the beginning with the next
            if not (line.lstrip().startswith("#") or first):
                quiet = quiet if own is None else own
                marked += [(quiet, line) for line in comments]
                comments = []
        marked += [(quiet, line) for line in comments]
        watched = {own for own, _ in marked} - {frozenset(QUIET)}
        if len(watched) > 1:
            text = []
            for own, group in groupby(marked, key=lambda pair: pair[0]):
                text += [watching(own), *(f"    {line}" for _, line in group)]
            return [*text, "if problems: return problems.clear()"]
        (own,) = watched or {frozenset(QUIET)}
        body = self.watched_first(marked, own) if watched else [x for _, x in marked]
        if self.lines.foreign or not body:          # which may look at other contexts
            return [watching(own), *(f"    {line}" for line in body)]*bool(body)
        self.lines.once += [
            "context = Context()     # where NumPy's errors are noted: a step gives up",
            f"context.run(np.seterr, {handling(own)})",
            f"context.run(np.seterrcall, {NOTE})"]
        self.run = "partial(context.run, step)"
        return body

    def watched_first(self, marked: list, own: frozenset) -> list[str]:
        """What is watched and, after it, what arises in lines that ignore errors, such as
        an optimizer's, is forgotten."""
        text, now = [], own
        for quiet, line in marked:
            if quiet != now:
                text.append("if problems: return problems.clear()" if now == own else
                            "problems.clear()")
            now = quiet
            text.append(line)
        return [*text, "if problems: return problems.clear()" if now == own else
                "problems.clear()"]

    def saved(self) -> list[str]:
        """The lines that copy what is to be written, or returned, out of arrays that other
        values are written into."""
        program, lines = self.program, []
        written = {id(goal) for goal, node in program.writes if node is not goal}
        for goal, node in [*program.writes, *program.results]:
            if isinstance(node, Node) and id(owner(node)) in written and (
                    node is not goal and id(node) not in self.before):
                name = self.lines.names.free(f"{self.text(node)}_before")
                self.before[id(node)] = name
                lines.append(f'{name} = {self.text(node)}.copy("K")')
        return lines

    def writes(self) -> list[str]:
        """The lines that put results where they shall end and were not computed."""
        lines = []
        for goal, node in self.program.writes:
            made = self.before.get(id(node)) or self.text(node)
            if made != self.text(goal):
                lines.append(f"{self.text(goal)}[...] = {made}")
        return lines

    def returned(self) -> list[str]:
        """The line that returns copies of the results."""
        parts = [self.result(kind, node) for kind, node in self.program.results]
        if self.program.guards is None:
            return [f"return {', '.join(parts)}"] if parts else []
        return [f"return ({', '.join(parts)}{',' if len(parts) == 1 else ''})"]

    def result(self, kind: str, node: Node) -> str:
        """A result, so that no later step changes it."""
        text = self.before.get(id(node)) or self.text(node)
        if getattr(node, "layout", None) is None:
            return text
        if kind == "scalar":
            return f"{text}[()]"
        new = (self.lines.is_new(node) or id(node) in self.before) and (
            text not in self.lent and id(owner(node)) not in self.lent)
        self.lent += [text if id(node) in self.before else id(owner(node))]
        if new and node.layout.shape == ():
            return f"np.asarray({text})"                # it may be a scalar of NumPy's
        return text if new else f"{text}.copy()" if node.layout.contiguous else (
            f'{text}.copy("K")')

    def kept(self, node: Node) -> str:
        """An array that stands where it is until the next step, and is no other's."""
        mine = self.lines.storages.of.get(id(owner(node)))
        if mine is not None and mine.node is None and id(mine) not in self.lent:
            self.lent.append(id(mine))
            return self.text(node)
        name = self.lines.names.free("kept")
        self.lines.once.append(f"{name} = np.empty({node.layout.shape}, "
                               f"{self.text(node.layout.dtype)})")
        self.lines.step.append((None, f"{name}[...] = {self.text(node)}"))
        return name


def executed(source: str, filename: str) -> dict[str, Any]:
    """The names that a source defines; tracebacks show its lines."""
    linecache.cache[filename] = len(source), None, source.splitlines(True), filename
    names: dict[str, Any] = {}
    exec(compile(source, filename, "exec"), names)
    return names
