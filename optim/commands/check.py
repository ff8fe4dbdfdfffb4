"""minigrad check: certificates of verdicts, read again by a checker that has no prover.

    minigrad verify --all --certificates certificates
    minigrad check certificates
    minigrad check certificates --json

The checker is the file optim/checker.py alone: copied anywhere, it does the same as
python checker.py certificates. What it cannot do is done here: the derivative of which a
VJP's goal speaks is formed again, and each rule is run and recorded again.
"""
import argparse
from pathlib import Path

from optim import checker
from optim.certificates.rule_readings import reading_fault
from optim.certificates.tangents import same_sides
from optim.commands.shared import BAD, GOOD, UserError, json_option, print_json


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("directory", metavar="DIRECTORY",
                        help="where minigrad verify --certificates wrote them")
    json_option(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print what was accepted and what not; bad if anything is rejected, or none there."""
    try:
        found = checker.check(arguments.directory)
        for name, file in found.items():
            if file["accepted"]:
                reject_other_programs(Path(arguments.directory)/name, file)
    except (OSError, ValueError) as error:
        raise UserError(f"check: {error}; needed a directory of certificates, as minigrad "
                        "verify --certificates writes") from error
    if arguments.json:
        print_json({"ok": checker.holds_all(found), "files": found})
    else:
        print(*checker.told(found), sep="\n")
    return GOOD if checker.holds_all(found) else BAD


def reject_other_programs(path: Path, file: dict) -> None:
    """Move claims to the rejected, whose sides are not those of our VJPs and rules."""
    for claim in checker.read(path)["claims"]:
        if claim["id"] in file["accepted"] and (why := fault(claim)):
            del file["accepted"][claim["id"]]
            file["rejected"][claim["id"]] = why


def fault(claim: dict) -> str:
    """What is wrong with the sides of a claim about a program; "" if nothing is seen."""
    kinds = [goal.get("kind") for goal in claim["goals"]]
    if not all(same_sides(goal) for kind, goal in zip(kinds, claim["goals"])
               if kind == "vjp"):
        return "a side is not that of <g, J v> = <VJP(g), v>, formed again"
    return reading_fault(claim) if "reading" in kinds else ""
