"""minigrad museum: formulas as they were printed that are wrong, and what is right.

    minigrad museum
    minigrad museum mlx-adam
    minigrad museum --html museum.html
    minigrad museum --json
"""
import argparse

from optim.commands.shared import (
    BAD, GOOD, json_option, print_json, refusing, writable)


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("names", metavar="NAME", nargs="*",
                        help="some exhibits, by the names in the table: in full")
    parser.add_argument("--html", metavar="FILE", help="write one page instead")
    json_option(parser)


def run(arguments: argparse.Namespace) -> int:
    """Judge the exhibits and print them; bad if one does not belong there."""
    path = arguments.html and writable(arguments.html, "--html", ".html", ".htm")
    from optim.museum import errata
    with refusing(ValueError):
        found = errata(*arguments.names)
    if path:
        from optim.museum.museum_page import write_museum
        write_museum(path, found)
    if arguments.json:
        print_json([j.as_dict() for j in found])
    elif path:
        print(f"museum: {path}")
    elif arguments.names:
        print(*found, sep="\n\n")
    else:
        for j in found:
            print(f"{j.exhibit.id:<20} {j.verdict.status:<10} right: {j.right:<10} "
                  f"{j.effect}")
        print(f"{len(found)} exhibits, {sum(j.ok for j in found)} refuted with the right "
              "form proved; more of one: minigrad museum NAME")
    return GOOD if all(j.ok for j in found) else BAD
