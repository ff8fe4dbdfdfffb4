"""The table of small edits, as slips of the pen make them, and of respellings.

It stands in slips.txt: the name of each kind, and below it the edits of that kind. `A -> B
| C` is two edits, `A <-> B` one in each direction. A capital letter stands for any
expression (patterns.py). "respelled" is meant not to change the rule; "but for a point"
divides by what may be 0 or takes the root of what may be negative, though SymPy would
cancel that.
"""
import ast
import re
from collections.abc import Iterator
from importlib import resources

from optim.mutants.patterns import parsed

BLOCKS = resources.files("optim.mutants").joinpath("slips.txt").read_text("utf-8")
EDITS = {kind: lines for kind, *lines in map(str.splitlines, BLOCKS.split("\n\n"))}
KINDS = (*EDITS, "constant", "hyperparameter", "letter", "hat", "old state")
DEEP = ("eps", "respelled", "but for a point")        # these see through an assignment


def edits_of(line: str) -> Iterator[tuple[ast.expr, ast.expr]]:
    """(pattern, what replaces it) of each edit in a line of the table.

    >>> [ast.unparse(new) for _, new in edits_of("A + B -> A | B")]
    ['A', 'B']
    """
    left, right = re.split("<?->", line)
    yield from ((parsed(left), parsed(new)) for new in right.split("|"))
    if "<->" in line:
        yield parsed(right), parsed(left)


TABLE = [(kind, *edit) for kind, lines in EDITS.items()
         for line in lines for edit in edits_of(line)]
