"""minigrad formula: a rule as a formula, read from its code.

    minigrad formula adam
    minigrad formula adam --latex
    minigrad formula keras:RMSprop
"""
import argparse
from typing import Any

from optim.commands.shared import (
    GOOD, is_plain, known_name, meant_by, name_options, print_json, refusing)


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    name_options(parser)


def in_formula(name: str) -> Any:
    """The formula of a rule, by any name that it may have."""
    if is_plain(name):
        from optim.formulas import formula
        return formula(known_name(name))
    with refusing(ValueError, TypeError):
        return meant_by(name).formula


def run(arguments: argparse.Namespace) -> int:
    """Print the formula."""
    found = in_formula(arguments.name)
    if arguments.json:
        print_json({"name": found.name, "equations": [str(e) for e in found.equations],
                    "update": {name: str(e) for name, e in found.update.items()},
                    "init": {name: str(e) for name, e in found.init.items()},
                    "domains": {str(s): domain for s, domain in found.domains.items()},
                    "latex": found.latex()})
    else:
        print(found.latex() if arguments.latex else found)
    return GOOD
