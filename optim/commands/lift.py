"""minigrad lift: the formula that an installed library's optimizer computes, from its code.

    minigrad lift torch:RMSprop
    minigrad lift 'torch.optim.SGD(momentum=0.9)' --latex
    minigrad lift optax.adam
"""
import argparse

from optim.commands.formula import in_formula
from optim.commands.shared import GOOD, OTHERS, json_option, print_json
from optim.dialects.named_optimizers import at_home


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("name", metavar="NAME", help=f"an optimizer: {OTHERS[3:]}")
    either = parser.add_mutually_exclusive_group()
    either.add_argument("--latex", action="store_true", help="LaTeX instead of text")
    json_option(either)


def run(arguments: argparse.Namespace) -> int:
    """Print the formula, what it was read off, and what was so in every run."""
    found = in_formula(at_home(arguments.name))
    if arguments.json:
        print_json({"name": found.name, "equations": [str(e) for e in found.equations],
                    "latex": found.latex(), "source": found.source,
                    "path": [*found.path],
                    "init": {n: str(e) for n, e in found.init.items()}})
    elif arguments.latex:
        print(found.latex())
    else:
        print(found)
        for condition in found.path:
            print(f"    where {condition}")
        print("", *found.source.rstrip().splitlines(), sep="\n    ")
    return GOOD
