"""minigrad grade: is this homework right, and if not, what was done?

    minigrad grade homework.py:adam --against adam
    minigrad grade FOLDER/ --against adam --csv grades.csv
    minigrad grade homework.py:affine_backward --against affine

Exit code 0: all is right; 1: something is wrong or could not be graded; 2: the command is
wrong. A homework's code runs in a process of its own, with a lid on it, and not here;
optim/grading/confinement.py says what that does not protect against.
"""
import argparse
from pathlib import Path

from optim.commands.shared import (
    BAD, GOOD, UserError, count, json_option, print_json, refusing,
    workers_option, writable)
from optim.rules import RULES


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    from optim.grading.backward_exercises import EXERCISES
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = "\n  ".join(["exercises, as functions or as classes with forward and "
                                "backward:", *(e.signature for e in EXERCISES.values())])
    add = parser.add_argument
    add("homework", metavar="HOMEWORK", help="FILE.py:FUNCTION, FILE.py, or a folder of "
        "files, in each of which the function is called as what was asked or is alone")
    add("--against", metavar="NAME", required=True,
        help=f"what was asked: a rule, one of {', '.join(RULES)}; or an exercise of those "
        "below, a backward pass")
    add("--csv", metavar="FILE", help="write the table of a folder to a .csv file")
    workers_option(parser, "--jobs")
    add("--seconds", metavar="S", type=count(1), default=10,
        help="of processor time for the code of one homework; default: %(default)s")
    json_option(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the grade or the table; good if all is right."""
    from optim.grading import asked, grade, grade_folder
    with refusing(ValueError, TypeError):
        task = asked(arguments.against)
    place = Path(arguments.homework)
    if not place.is_dir() and ".py" not in arguments.homework:
        raise UserError(f"there is no folder {arguments.homework!r}; needed a folder, "
                        "FILE.py or FILE.py:FUNCTION")
    if arguments.csv is not None:
        if not place.is_dir():
            raise UserError(f"--csv: {str(place)!r} is no folder; a table needs one")
        writable(arguments.csv, "--csv", ".csv")
    with refusing(ValueError, TypeError):
        found = grade_folder(place, task, arguments.workers, arguments.seconds) if (
            place.is_dir()) else grade(arguments.homework, task, arguments.seconds)
    if arguments.csv is not None:
        found.write_csv(arguments.csv)              # type: ignore[union-attr]
    if arguments.json:
        print_json(found.as_dict())
    else:
        print(found)
    return GOOD if found.right else BAD
