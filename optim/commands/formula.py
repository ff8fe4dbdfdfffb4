"""minigrad formula: a rule as a formula, read from its code.

    minigrad formula adam
    minigrad formula adam --latex
    minigrad formula keras:RMSprop
"""
import argparse
import contextlib
import sys
from typing import Any

from optim.commands.shared import GOOD, known_name, name_options, print_json, refusing


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    name_options(parser)


def in_formula(name: str) -> Any:
    """The formula of a rule, by any name that it may have."""
    if not any(mark in name for mark in ":.("):
        from optim.formulas import formula
        return formula(known_name(name))
    from optim.comparing.meant_rules import meant_rule
    with contextlib.redirect_stdout(sys.stderr), refusing(ValueError, TypeError,
                                                          NotImplementedError):
        return meant_rule(name).formula             # a file may print what it likes


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
