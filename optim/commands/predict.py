"""minigrad predict: what a saved training says of new rows.

    minigrad predict run.npz new.csv
    minigrad predict run.npz new.csv --out predicted.csv --drop-missing
    minigrad predict run.npz new.csv --json
"""
import argparse
import csv
import io
import math
import sys
from typing import Any

from minigrad.whole_files import whole_file
from optim.commands.shared import (
    GOOD, UserError, json_option, print_json, reading_options, refusing, say, table_in,
    writable)


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    add = parser.add_argument
    add("run", metavar="RUN.npz", help="what minigrad train --save wrote")
    add("data", metavar="FILE.csv",
        help="new rows; columns are found by their names, if they have such, in any order; "
             "with the label among them it is said how good the predictions are")
    add("--drop-missing", action="store_true",
        help="leave the prediction of a row blank that lacks a value")
    reading_options(parser)
    add("--out", metavar="FILE", help="write the table there, .csv, instead of printing it")
    json_option(parser)


def run(arguments: argparse.Namespace) -> int:
    """Predict, and print a table: a row for each row of the file."""
    out = None if arguments.out is None else writable(arguments.out, "--out", ".csv")
    import optim.training as training
    with refusing(ValueError, TypeError, OSError, MemoryError):
        trained = training.load_training(arguments.run)
        prepared = trained.preparation
        found = trained.predictions(
            table_in(arguments, [each.name for each in prepared.inputs if each.words],
                     [each.name for each in prepared.inputs] if prepared.named else []),
            arguments.drop_missing)
    measured = {name: value if math.isfinite(value) else None
                for name, value in found.measured.items()}
    for note in found.notes:
        say(note)
    if found.measured:
        say(f"measured on the {int(found.kept.sum())} rows: " + ", ".join(
            training.shown(name, value) for name, value in found.measured.items()))
    rows = table(found)
    if arguments.json:
        print_json({"task": trained.task.name, "classes": [*trained.task.classes],
                    **{name: [row[k] for row in rows]
                       for k, name in enumerate(heads(found))},
                    "measured": measured, "notes": [*found.notes]})
        return GOOD
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(heads(found))
    writer.writerows(["" if cell is None else cell for cell in row] for row in rows)
    if out is None:
        sys.stdout.write(text.getvalue())
    else:
        try:
            with whole_file(out) as file:
                file.write(text.getvalue().encode("utf-8"))
        except OSError as error:
            raise UserError(f"--out: {arguments.out!r} could not be written "
                            f"({error.strerror or error}); choose another place") from error
        print(f"predicted: {len(rows)} rows, in {arguments.out}")
    return GOOD


def heads(found: Any) -> list[str]:
    """The names of the columns of the table."""
    return ["prediction"] + ["probability"]*(found.probabilities is not None)


def table(found: Any) -> list[list[Any]]:
    """A row for each row of the file: what is predicted, and the class's probability; None
    where nothing is."""
    values = found.values.tolist()
    columns = [[float(f"{x:.9g}") if isinstance(x, float) else x for x in values]]
    if found.probabilities is not None:
        columns.append([float(f"{p:.6g}") for p in found.probabilities.max(axis=1)])
    rows = iter([*row] for row in zip(*columns))
    return [next(rows) if kept else [None]*len(columns) for kept in found.kept]
