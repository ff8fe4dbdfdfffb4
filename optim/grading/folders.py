"""A folder of homework: a grade for each file, whatever any of them does; table and CSV."""
import csv
import io
import os
from collections.abc import Iterator
from concurrent.futures import as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from optim.grading.grades import NOT_GRADED, Grade, grade
from optim.grading.submissions import CPU
from optim.optimizers.signatures import name_of, named_rule
from minigrad.whole_files import whole_file
from optim.workers import pool, single_threaded

COLUMNS = ("submission", "status", "wrong", "step", "what was done", "proof", "witness",
           "notes", "not graded because", "seconds")
FORMULA = "=+-@\t\r"                    # with what a spreadsheet begins a formula
WIDE = 100


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
            proof, first = g.diagnosis_proof, g.first
            yield dict(zip(COLUMNS, (
                name, g.status, ", ".join(g.blamed),
                "" if first is None else str(first.step), g.diagnosis,
                "" if proof is None else proof.status,
                "" if first is None else str(first), "; ".join(g.notes), g.reason,
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
        rows = [("submission", "verdict", "wrong", "step", "what was done"), *(
            (r["submission"], r["status"], r["wrong"], r["step"],
             r["what was done"] or r["not graded because"] or r["notes"])
            for r in self.rows())]
        wide = [min(max(len(printable(row[k])) for row in rows), 40) for k in range(4)]
        lines = ["  ".join([*(f"{printable(x)[:w]:{w}}" for x, w in zip(row, wide)),
                            printable(row[4])[:WIDE]]).rstrip() for row in rows]
        good = sum(g.right for g in self.grades.values())
        unread = sum(g.status == NOT_GRADED for g in self.grades.values())
        return "\n".join([*lines, "", f"{good} of {len(self.grades)} right, "
                          f"{len(self.grades) - good - unread} wrong, {unread} not graded"])

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
                 jobs: int | None = None, seconds: float = CPU, progress: bool = True
                 ) -> Grades:
    """Grade every Python file of a folder: the function that is called as the rule, or the
    only one. `jobs` at a time, by default as many as there are processors.

    Whatever a file does is its own row. A file of the folder itself does not see the
    others; a folder in it belongs to one student, whose files see one another. Raises
    ValueError if there is no such folder, or no Python file in it.
    """
    from tqdm import tqdm                           # which loads much, only for a folder
    place, rule = Path(folder), name_of(named_rule(against))
    files = submissions_in(place) if place.is_dir() else []
    if not files:
        raise ValueError(f"there is no folder {str(place)!r}" if not place.is_dir() else
                         f"the folder {str(place)!r} has no Python file")
    names = {x: named_text(x.relative_to(place)) for x in files}
    done: dict[Path, Grade] = {}
    with single_threaded(), pool(jobs or os.cpu_count() or 1) as executor, tqdm(
            total=len(files), desc="grade", unit="file", disable=not progress) as bar:
        waiting = {executor.submit(row, str(x), rule, seconds, x.parent == place): x
                   for x in files}
        for future in as_completed(waiting):
            x = waiting[future]
            try:
                done[x] = future.result()
            except BrokenProcessPool:
                done[x] = Grade(names[x], rule, NOT_GRADED, "the process that graded it "
                                "ended; grade it alone (and a script does so below: if "
                                "__name__ == '__main__':)")
            bar.update()
    return Grades(rule, {names[x]: done[x] for x in files})


def row(file: str, against: str, seconds: float, alone: bool) -> Grade:
    """The grade of one file; what goes wrong in the grading itself is a row as well."""
    try:
        return replace(grade(file, against, seconds, alone), comparison=None)
    except Exception as error:
        return Grade(Path(file).name, against, NOT_GRADED,
                     f"{type(error).__name__}: {str(error)[:300]}")


def named_text(path: Path) -> str:
    """The name of a file as text that can be written anywhere."""
    return os.fsencode(path).decode("utf-8", "replace")
