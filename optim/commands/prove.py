"""minigrad prove: are two optimizers one?

    minigrad prove adamw adam
    minigrad prove adamw adam --where weight_decay=0
    minigrad prove adamw adam --where "0 < beta2 < 1"
    minigrad prove amsgrad adam --where "0 < beta2 < 1" --where "beta1 >= 1/2"
    minigrad prove homework.py:adam adam
    minigrad prove torch:RMSprop rmsprop
"""
import argparse
import contextlib
import sys
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from optim.commands.shared import (
    BAD, GOOD, OTHERS, certificates_option, certificates_place, json_option, meant_by,
    print_json, refusing, where_of, where_option, written_certificates)
from optim.domains import DOMAINS
from optim.rules import RULES


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    what = f"one of {', '.join(RULES)}; {OTHERS}"
    parser.usage = "%(prog)s [-h] LEFT RIGHT [--where NAME=NUMBER ...] [OPTION ...]"
    parser.add_argument("left", metavar="LEFT", help=what)
    parser.add_argument("right", metavar="RIGHT", help="likewise")
    where_option(parser)
    certificates_option(parser)
    json_option(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the verdict, and a note on it; good if it is PROVED."""
    place = certificates_place(arguments)
    with refusing(ValueError, TypeError):
        verdict, note, both = decided(arguments)
    words, counts = written_certificates(place, verdict, both)
    if arguments.json:
        print_json(verdict.as_dict() | counts)
    else:
        print(verdict, *([note] if note else []), *words, sep="\n")
    return GOOD if verdict.status == "PROVED" else BAD


def decided(arguments: argparse.Namespace) -> tuple[Any, str, list[tuple[str, Any]]]:
    """The verdict, a note on it and both rules; ValueError says what is wrong with the
    command."""
    from optim.comparing.proving_rules import in_words
    from optim.equivalence.proofs import prove          # SymPy, only for proofs
    where = where_of(arguments.where)
    names = arguments.left, arguments.right
    left, right = (meant_by(name).formula for name in names)
    unknown = [name for name in where if name not in {**left.symbols, **right.symbols}]
    if unknown:
        raise ValueError(f"--where: neither side has a letter {unknown[0]}; there are "
                         f"{', '.join({**left.symbols, **right.symbols})}")
    for f in (left, right):
        check_domains(f, where)
    with contextlib.redirect_stdout(sys.stderr):
        verdict = prove(left.rule, right.rule, where=where or None)
    note = "" if verdict.status == "PROVED" else unshared(left, right)
    verdict = replace(verdict, about=in_words(*names, "==", where))
    return verdict, note, [*zip(names, (left.rule, right.rule))]


def check_domains(f: Any, where: Mapping[str, Fraction | str]) -> None:
    """Raise for a number where its letter may not be; 0 may stand for one that is > 0."""
    for name, number in where.items():
        if name not in f.symbols or isinstance(number, str):
            continue
        domain = DOMAINS[f.domains[f.symbols[name]]]
        if not (domain.holds(number) or number == 0 and domain == DOMAINS["> 0"]):
            raise ValueError(f"--where: {name}={number} came; needed a number that {name} "
                             f"may be: {domain}")


def unshared(left: Any, right: Any) -> str:
    """A note on hyperparameters of two names that may be meant as one."""
    def alone(f: Any, other: Any) -> list[str]:
        after = [*f.symbols][2 + len(f.init):]              # theta, g and the states
        return [n for n in after if n != "t" and n not in other.symbols]
    ours, theirs = alone(left, right), alone(right, left)
    if not (ours and theirs):
        return ""
    return (f"note: {', '.join(ours)} only on the left, {', '.join(theirs)} only on the "
            "right: if they are meant as one, give them one name")
