"""minigrad report: formulas, proofs and training curves of every rule, on one page.

    minigrad report --out report.html
    minigrad report --quick
    minigrad report --all
    minigrad report --certificates certificates
"""
import argparse
from concurrent.futures import BrokenExecutor
from pathlib import Path

from optim.commands.shared import BAD, GOOD, UserError, workers_option, writable


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("--out", metavar="FILE", default="report.html",
                        help="default: report.html")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true",
                      help="few rules and epochs: a trial")
    size.add_argument("--all", action="store_true", dest="later",
                      help="the proofs of the later rules, too: some minutes")
    parser.add_argument("--certificates", metavar="DIRECTORY",
                        help="show those that minigrad verify --certificates wrote there, "
                        "folded beside their verdicts")
    workers_option(parser)


def run(arguments: argparse.Namespace) -> int:
    """Measure everything and write the page; bad if a claim is not as claimed."""
    path = writable(arguments.out, "--out", ".html", ".htm")
    place = arguments.certificates
    if place is not None and not Path(place).is_dir():
        raise UserError(f"--certificates: {place!r} is no directory; minigrad verify --all "
                        f"--certificates {place} makes it")
    import matplotlib                               # fails now, not after the work
    del matplotlib
    from optim.report import writing
    try:
        results = writing.write_report(path, arguments.quick, arguments.workers,
                                       later=arguments.later, certificates=place)
    except (OSError, ValueError, BrokenExecutor) as error:      # a full disk; no memory
        raise UserError(f"report: {error}") from error
    print(writing.summary(results))
    print(f"report: {path}")
    return GOOD if results.as_expected else BAD
