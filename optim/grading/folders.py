"""A folder of homework: a grade for each file, whatever any of them does; table and CSV."""
import csv
import io
import os
from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from minigrad.whole_files import whole_file
from optim.grading.homework import asked, grade
from optim.grading.backward_exercises import Exercise
from optim.grading.grades import NOT_GRADED, Grade
from optim.grading.submissions import CPU
from optim.optimizers.signatures import name_of
from optim.rules import RULES, WHOLE_RULES
from optim.workers import LostWorker, results

COLUMNS = ("submission", "verdict", "status", "wrong", "step", "what is wrong",
           "diagnosis is", "seen", "notes", "more", "seconds")
FORMULA = "=+-@\t\r"                    # with what a spreadsheet begins a formula


@dataclass(frozen=True)
class Grades:
    """The grades of a folder, by the names of the files. `.right`, `.write_csv(path)`."""
    against: str
    grades: dict[str, Grade]

    @property
    def right(self) -> bool:
        """Whether every submission is."""
        return all(g.right for g in self.grades.values())

    def rows(self) -> Iterator[dict[str, str]]:
        """What a line of the table says of each submission."""
        for name, g in self.grades.items():
            proof = g.diagnosis_proof
            yield dict(zip(COLUMNS, (
                name, g.verdict, g.status, ", ".join(g.blamed),
                "" if g.step is None else str(g.step), g.diagnosis,
                "" if proof is None else proof.status,
                "" if g.first is None else str(g.first), "; ".join(g.notes), g.reason,
                f"{g.seconds:.1f}")))

    def csv(self) -> str:
        """The table as comma-separated values, in which no cell is a formula."""
        text = io.StringIO()
        writer = csv.DictWriter(text, COLUMNS)
        writer.writeheader()
        for row in self.rows():
            writer.writerow({n: safe(x) for n, x in row.items()})
        return text.getvalue()

    def write_csv(self, path: str | os.PathLike[str]) -> None:
        """Write the table for a spreadsheet: UTF-8, marked as such."""
        with whole_file(path) as file:
            file.write(self.csv().encode("utf-8-sig", "replace"))

    def __str__(self) -> str:
        rows = [("submission", "verdict", "wrong", "step", "what is wrong"), *(
            (r["submission"], r["verdict"], r["wrong"], r["step"],
             r["what is wrong"] or r["more"]*(not self.grades[r["submission"]].right)
             or r["notes"])
            for r in self.rows())]
        wide = [min(max(len(printable(row[k])) for row in rows), 40) for k in range(4)]
        lines = ["  ".join([*(f"{printable(x)[:w]:{w}}" for x, w in zip(row, wide)),
                            printable(row[4])]).rstrip() for row in rows]
        good = sum(g.right for g in self.grades.values())
        bad, unread, unsure = (sum(g.verdict == word for g in self.grades.values())
                               for word in ("WRONG", NOT_GRADED, "UNDECIDED"))
        return "\n".join([*lines, "", f"{good} of {len(self.grades)} right, {bad} wrong, "
                          f"{unread} not graded" + f", {unsure} undecided"*(unsure > 0)])

    __repr__ = __str__

    def as_dict(self) -> dict[str, Any]:
        """The grades in words that JSON can hold."""
        return {"against": self.against, "right": self.right,
                "grades": {n: g.as_dict() for n, g in self.grades.items()}}


def printable(text: str) -> str:
    """One line in which nothing moves the cursor."""
    return "".join(c if c.isprintable() else " " for c in text)


def safe(text: str) -> str:
    """A cell of a spreadsheet that is text, whatever it begins with."""
    line = printable(text)
    return f"'{line}" if text[:1] and text[0] in FORMULA or line[:1] in ("=", "@") else line


def submissions_in(folder: Path) -> list[Path]:
    """The Python files of a folder, and those of the folders in it, one for each student.
    """
    found = [x for pattern in ("*.py", "*/*.py") for x in folder.glob(pattern)
             if x.is_file() and not any(p.startswith((".", "__")) for p in x.relative_to(
                 folder).parts)]
    return sorted(found)


def grade_folder(folder: str | os.PathLike[str], against: Any = "adam",
                 jobs: int | None = None, seconds: float = CPU, progress: bool = True,
                 executor: Executor | None = None) -> Grades:
    """Grade every Python file of a folder: the function that is called as the rule or the
    exercise, or the only one. `jobs` at a time, by default as many as there are processors,
    0 for none in another process than this; or in an executor, see optim.workers.

    Whatever a file does is its own row. A file of the folder itself does not see the
    others; a folder in it belongs to one student, whose files see one another. Raises
    ValueError if there is no such folder, or no Python file in it.
    """
    task = asked(against)
    name = task.name if isinstance(task, Exercise) else name_of(task)
    sent = task if callable(task) and named(name) is not task else name
    place = Path(folder)
    files = submissions_in(place) if place.is_dir() else []
    if not files:
        raise ValueError(f"there is no folder {str(place)!r}" if not place.is_dir() else
                         f"the folder {str(place)!r} has no Python file")
    names = {x: named_text(x.relative_to(place)) for x in files}
    if jobs is None and executor is None:
        jobs = os.cpu_count() or 1

    def unread(error: LostWorker) -> Grade:
        return Grade(names[Path(error.arguments[0])], name, NOT_GRADED,
                     f"the process that graded it ended: {error}")
    found = results(row, [(str(x), sent, seconds, x.parent == place) for x in files],
                    executor, jobs, progress="grade" if progress else "", unit="file",
                    lost=unread)
    return Grades(name, dict(zip(names.values(), found)))


def named(name: str) -> Any:
    """The rule of a name, if there is one."""
    return {**RULES, **WHOLE_RULES}.get(name)


def row(file: str, against: Any, seconds: float, alone: bool) -> Grade:
    """The grade of one file; what goes wrong in the grading itself is a row as well."""
    try:
        return replace(grade(file, against, seconds, alone), comparison=None)
    except Exception as error:
        return Grade(Path(file).name, str(against), NOT_GRADED,
                     f"{type(error).__name__}: {str(error)[:300]}")


def named_text(path: Path) -> str:
    """The name of a file as text that can be written anywhere."""
    return os.fsencode(path).decode("utf-8", "replace")
