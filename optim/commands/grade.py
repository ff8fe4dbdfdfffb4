"""minigrad grade: is this homework right, and if not, what was done?

    minigrad grade homework.py:adam --against adam
    minigrad grade FOLDER/ --against adam --csv grades.csv

Exit code 0: all is right; 1: something is wrong or could not be graded; 2: the command is
wrong. A homework's code runs in a process of its own, with a lid on it, and not here;
optim/grading/confinement.py says what that does not protect against.
"""
import argparse
from pathlib import Path

from optim.commands.shared import (
    BAD, GOOD, UserError, count, json_option, known_name, print_json, refusing, writable)
from optim.rules import RULES


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    add = parser.add_argument
    add("homework", metavar="HOMEWORK", help="FILE.py:FUNCTION, FILE.py, or a folder of "
        "files, in each of which the function is called as the rule or is the only one")
    add("--against", metavar="NAME", required=True,
        help=f"the rule that was asked: one of {', '.join(RULES)}")
    add("--csv", metavar="FILE", help="write the table of a folder to a .csv file")
    add("--jobs", metavar="N", type=count(1),
        help="how many at a time; default: as many as there are processors")
    add("--seconds", metavar="S", type=count(1), default=10,
        help="of processor time for the code of one homework; default: %(default)s")
    json_option(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the grade or the table; good if all is right."""
    rule, place = known_name(arguments.against), Path(arguments.homework)
    if arguments.csv is not None:
        if not place.is_dir():
            raise UserError(f"--csv: {str(place)!r} is no folder; a table needs one")
        writable(arguments.csv, "--csv", ".csv")
    from optim.grading import grade, grade_folder
    with refusing(ValueError, TypeError):
        found = grade_folder(place, rule, arguments.jobs, arguments.seconds) if (
            place.is_dir()) else grade(arguments.homework, rule, arguments.seconds)
    if arguments.csv is not None:
        found.write_csv(arguments.csv)              # type: ignore[union-attr]
    if arguments.json:
        print_json(found.as_dict())
    else:
        print(found)
    return GOOD if found.right else BAD
