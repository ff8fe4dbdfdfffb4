"""minigrad check: certificates of verdicts, read again by a checker that has no prover.

    minigrad verify --all --certificates certificates
    minigrad check certificates
    minigrad check certificates --json

The checker is the file optim/checker.py alone: copied anywhere, it does the same as
python checker.py certificates. What it does not do is done here: the derivative of which
a VJP's goal speaks is formed again (certificates/tangents.py).
"""
import argparse
from pathlib import Path

from optim import checker
from optim.certificates.tangents import same_sides
from optim.commands.shared import BAD, GOOD, UserError, json_option, print_json


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("directory", metavar="DIRECTORY",
                        help="where minigrad verify --certificates wrote them")
    json_option(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print what was accepted and what not; bad if anything is rejected, or none there."""
    place = Path(arguments.directory)
    if not arguments.directory or not place.is_dir():
        what = ("is a file; needed its directory" if place.is_file() else
                "is no directory; needed one of certificates")
        raise UserError(f"check: {arguments.directory!r} {what}, as minigrad verify --all "
                        "--certificates DIRECTORY writes it")
    try:
        found = checker.check(place)
        for name, file in found.items():
            if file["accepted"]:
                reject_other_derivatives(place/name, file)
    except (OSError, ValueError) as error:
        raise UserError(f"check: {arguments.directory!r} cannot be read: {error}"
                        ) from error
    if arguments.json:
        print_json({"ok": checker.holds_all(found), "files": found})
    else:
        print(*checker.told(found), sep="\n")
    return GOOD if checker.holds_all(found) else BAD


def reject_other_derivatives(path: Path, file: dict) -> None:
    """Move claims on VJPs to the rejected, whose sides are not <g, J v> and <VJP(g), v>."""
    for claim in checker.read(path)["claims"]:
        if claim["id"] in file["accepted"] and not all(
                same_sides(goal) for goal in claim["goals"] if goal.get("kind") == "vjp"):
            del file["accepted"][claim["id"]]
            file["rejected"][claim["id"]] = (
                "a side is not that of <g, J v> = <VJP(g), v>, formed again")
