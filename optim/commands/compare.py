"""minigrad compare: two rules side by side, whatever library they are from.

    minigrad compare torch:RMSprop rmsprop
    minigrad compare torch:RMSprop keras:RMSprop
    minigrad compare 'torch:SGD(momentum=0.9)' momentum --effect
    minigrad compare torch.optim.Adam optax.adam
    minigrad compare homework.py:adam adam --rename decay1=beta1
    minigrad compare torch:RMSprop keras:RMSprop --where "eps = 0"
    minigrad compare torch:RAdam optax:radam --where "0 < beta2 < 3/5"
    minigrad compare "v = rho*v + (1 - rho)*g**2; theta - lr*g/sqrt(v + eps)" rmsprop
"""
import argparse
import contextlib
import sys

from optim.commands.shared import (
    BAD, GOOD, OTHERS, UserError, certificates_option, certificates_place, json_option,
    print_json, refusing, where_of, where_option, writable, written_certificates)
from optim.rules import RULES


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    add = parser.add_argument
    parser.usage = "%(prog)s [-h] LEFT RIGHT [OPTION ...]"
    add("left", metavar="LEFT", help=f"one of {', '.join(RULES)}; {OTHERS}")
    add("right", metavar="RIGHT", help="likewise")
    add("--rename", metavar="OLD=NEW", nargs="+", default=[], action="extend",
        help="a letter that has another name on the other side: alpha=rho")
    where_option(parser)
    add("--effect", action="store_true",
        help="also train on the digits by both, with the same numbers (seconds)")
    add("--plot", metavar="FILE", help="draw both trainings into a .png, .svg or .pdf")
    either = parser.add_mutually_exclusive_group()
    either.add_argument("--latex", action="store_true", help="LaTeX instead of text")
    json_option(either)
    certificates_option(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print how they compare; good if they are PROVED to walk alike in every run."""
    if arguments.plot is not None:
        writable(arguments.plot, "--plot", ".png", ".svg", ".pdf")
    place = certificates_place(arguments)
    pairs = [word.partition("=") for word in arguments.rename]
    for word, (old, _, new) in zip(arguments.rename, pairs):
        if not (old.isidentifier() and new.isidentifier()):
            raise UserError(f"--rename: {word!r} came; needed OLD=NEW, such as alpha=rho")
    from optim.comparing import compare
    with contextlib.redirect_stdout(sys.stderr), refusing(       # a file may print
            ValueError, TypeError, NotImplementedError):
        found = compare(arguments.left, arguments.right,
                        rename={old: new for old, _, new in pairs},
                        where=where_of(arguments.where))
        effect = found.effect() if arguments.effect or arguments.plot else None
    if effect is not None and arguments.plot:
        effect.plot().savefig(arguments.plot)
    both = [(x.label, x.formula.rule) for x in (found.pair.left, found.pair.right)]
    words, counts = written_certificates(place, found, both)
    if arguments.json:
        print_json(found.as_dict() | counts | ({} if effect is None else {
            "effect": effect.as_dict()}))
    elif arguments.latex:
        print(found.latex())
    else:
        print(found, *([] if effect is None else [f"  {effect}"]), *words, sep="\n")
    return GOOD if found.same else BAD
