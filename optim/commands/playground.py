"""minigrad playground: one page on which rules race, in any browser, without a network.

    minigrad playground
    minigrad playground --out lesson.html
"""
import argparse

from optim.commands.shared import GOOD, writable


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("--out", metavar="FILE", default="playground.html",
                        help="default: playground.html")


def run(arguments: argparse.Namespace) -> int:
    """Write the page."""
    path = writable(arguments.out, "--out", ".html", ".htm")
    from optim.playground.playground_page import write_playground
    size = write_playground(path)
    print(f"playground: {path}, {round(size/1000)} kB; open it in a browser")
    return GOOD
