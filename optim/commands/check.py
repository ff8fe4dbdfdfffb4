"""minigrad check: certificates of verdicts, read again by a checker that has no prover.

    minigrad verify --all --certificates certificates
    minigrad check certificates
    minigrad check certificates --json

The checker is the file optim/checker.py alone: copied anywhere, it does the same as
python checker.py certificates.
"""
import argparse

from optim import checker
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
    except (OSError, ValueError) as error:
        raise UserError(f"check: {error}; needed a directory of certificates, as minigrad "
                        "verify --certificates writes") from error
    if arguments.json:
        print_json({"ok": checker.holds_all(found), "files": found})
    else:
        print(*checker.told(found), sep="\n")
    return GOOD if checker.holds_all(found) else BAD
