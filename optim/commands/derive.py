"""minigrad derive: where a rule comes from, step by checked step.

    minigrad derive adam
    minigrad derive stability --json
"""
import argparse
from dataclasses import replace

from optim.commands.shared import (
    BAD, GOOD, TOPICS, known_name, name_options, print_json, refusing)


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    name_options(parser, TOPICS)


def run(arguments: argparse.Namespace) -> int:
    """Print the derivation; bad if one of its steps is not as claimed."""
    name = known_name(arguments.name, TOPICS)
    import optim.derivations as derivations
    with refusing(ValueError):
        found = derivations.derive(name)
    if arguments.json:
        print_json(found.as_dict())
    elif arguments.latex:
        print(found.latex())
    else:
        from optim.notation.plain_text import plain_text
        print(replace(found, steps=tuple(
            replace(step, caption=plain_text(step.caption)) for step in found.steps)))
    return GOOD if found.ok else BAD
