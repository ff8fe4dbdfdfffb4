"""minigrad formula: a rule as a formula, read from its code.

    minigrad formula adam
    minigrad formula adam --latex
"""
import argparse

from optim.commands.shared import GOOD, known_name, name_options, print_json


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    name_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the formula."""
    name = known_name(arguments.name)
    from optim.formulas import formula
    found = formula(name)
    if arguments.json:
        print_json({"name": found.name, "equations": [str(e) for e in found.equations],
                    "update": {name: str(e) for name, e in found.update.items()},
                    "init": {name: str(e) for name, e in found.init.items()},
                    "domains": {str(s): domain for s, domain in found.domains.items()},
                    "latex": found.latex()})
    else:
        print(found.latex() if arguments.latex else found)
    return GOOD
