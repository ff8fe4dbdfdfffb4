"""The report: formulas, proofs and training curves of every rule, on one page.

    minigrad report --out report.html

The page depends on nothing but the code and the plan, save for the times and the line
about the machine.
"""
import os
import shlex
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np

from minigrad.whole_files import whole_file
from optim import checker
from optim.report.measuring import Results, measure
from optim.report.plans import ALL, FULL, QUICK


def summary(results: Results) -> str:
    """The accuracy table and the counts of verdicts, for a terminal."""
    heads = ("proved", "by theorem", "refuted", "other", "test accuracy", "by file order")
    lines = [f"{'rule':<18}" + "".join(f"{head:>15}" for head in heads)]
    for name, claims in results.claims.items():
        found = [claim.verdict.status if claim.ok else "" for claim in claims]
        medians = [f"{100*np.median(results.accuracies[name, split]):.1f} %"
                   for split in ("random", "file") if (name, split) in results.accuracies]
        cells = (*map(found.count, ("PROVED", "BY THEOREM", "REFUTED", "")), *medians)
        lines.append(f"{name:<18}" + "".join(f"{cell:>15}" for cell in cells))
    return "\n".join(lines)


def write_report(path: str | os.PathLike[str] = "report.html",
                 quick: bool = False, workers: int | None = None,
                 executor: Executor | None = None, later: bool = False,
                 certificates: str | os.PathLike[str] | None = None) -> Results:
    """Measure everything and write the page; the results are returned.

    quick: few rules and epochs, for a trial. later: the later rules too with all that is
    proved of them, not their curves alone. workers: processes, else one for each core;
    executor: see optim.workers. certificates: a directory that minigrad verify
    --certificates wrote, whose certificates are shown, folded. The page is one HTML file
    that loads nothing, and appears whole or not at all. Raises OSError where it cannot be
    written, ValueError where the checker rejects a certificate or finds none.
    """
    from optim.report.page import page          # which workers need not load
    found = {} if certificates is None else accepted(certificates, path)
    results = measure(QUICK if quick else ALL if later else FULL, workers, executor)
    text = page(replace(results, certificates=found))
    with whole_file(path) as file:
        file.write(text.encode())
    return results


def accepted(directory: str | os.PathLike[str], page: str | os.PathLike[str]
             ) -> dict[str, dict[str, Any]]:
    """{rule or topic: {id: its claim in a file, and the .file from where the page is}}, of
    a directory of which the checker accepts everything; else ValueError.
    """
    found, files = {}, checker.check(directory)
    if not checker.holds_all(files):
        why = [line for line in checker.told(files) if line.startswith("REJECTED")]
        raise ValueError(f"certificates: {why[-1]}; see "
                         + shlex.join(["minigrad", "check", os.fspath(directory)]))
    for name in files:
        path = Path(directory, name)
        data = checker.read(path)
        link = quote(Path(os.path.relpath(path, Path(page).parent)).as_posix())
        found[str(data.get("about"))] = {
            claim["id"]: claim | {"file": link} for claim in data["claims"]}
    return found
