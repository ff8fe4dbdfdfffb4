"""The table of small edits, as slips of the pen make them, and of respellings.

`A -> B | C` is two edits, `A <-> B` one in each direction. A capital letter stands for any
expression (patterns.py). "respelled" is meant not to change the rule; "but for a point"
divides by what may be 0 or takes the root of what may be negative, though SymPy would
cancel that.
"""
import ast
import re
from collections.abc import Iterator

from optim.mutants.patterns import parsed

EDITS = {
    "operator": """
        A + B <-> A - B
        A*B <-> A/B
        A**B -> A*B""",
    "order": """
        A + B -> B + A
        A - B -> B - A
        A*B -> B*A
        A/B -> B/A
        A**B -> B**A
        np.maximum(A, B) -> np.maximum(B, A)""",
    "left out": """
        A + B -> A | B
        A - B -> A
        A*B -> A | B
        A/B -> A
        A**B -> A
        np.sqrt(A) -> A
        np.abs(A) -> A
        np.maximum(A, B) -> A | B""",
    "function": """
        np.maximum(A, B) -> np.minimum(A, B) | A + B
        np.abs(A) <-> A**2
        A + eps -> np.sqrt(A) + eps""",
    "moving mean": """
        A*B + C -> A*B + (1 - A)*C
        A*B + (1 - A)*C -> (1 - A)*B + A*C""",
    "eps": """
        np.sqrt(A) + eps <-> np.sqrt(A + eps)
        np.sqrt(A) + eps -> np.sqrt(A + eps**2) | np.sqrt(A) + np.sqrt(eps)
        np.sqrt(A + eps) -> np.sqrt(A) + np.sqrt(eps)
        A/(np.sqrt(B/C) + eps) -> A*np.sqrt(C)/(np.sqrt(B) + eps)
        np.maximum(A, B) -> np.maximum(A, B + eps)
        A + eps -> np.maximum(A, eps)""",
    "time": """
        t -> t - 1 | t + 1""",
    "respelled": """
        A*B + (1 - A)*C -> B + (1 - A)*(C - B) | C + A*(B - C)
        A*(B + C) -> A*B + A*C
        (A - B)*C -> A*C - B*C
        A - B -> -(B - A)
        theta - A -> lr*(theta/lr - A/lr)
        A*B/C <-> A*(B/C)
        A/B -> A*(1/B)
        A**2 -> A*A | np.abs(A)**2
        A**t -> A*A**(t - 1) | np.sqrt(A)**(2*t)
        A + eps -> eps*(A/eps + 1)
        np.sqrt(A) -> A**(1/2) | np.sqrt(4*A)/2
        np.sqrt(A/B) <-> np.sqrt(A)/np.sqrt(B)
        np.sqrt(A)/np.sqrt(B) -> np.sqrt(A*B)/B
        np.sqrt(np.maximum(A, B)) -> np.maximum(np.sqrt(A), np.sqrt(B))
        A/(np.sqrt(B/C) + eps) -> A*np.sqrt(C)/(np.sqrt(B) + eps*np.sqrt(C))
        np.maximum(A, B) -> np.where(A >= B, A, B) | (A + B + np.abs(A - B))/2
        np.maximum(A, B) -> B + np.maximum(A - B, 0) | -np.minimum(-A, -B)
        np.abs(A) -> np.sqrt(A**2) | np.maximum(A, -A) | A*np.sign(A)""",
    "but for a point": """
        A - B*C -> (A/B - C)*B
        A*B + (1 - A)*C -> (B + (1/A - 1)*C)*A
        np.abs(A) -> A**2/np.abs(A)
        np.sqrt(A) -> A/np.sqrt(A)
        A/B -> 1/(B/A)
        A*B -> A/(1/B)
        A**2 -> A**3/A
        A**t -> A**(t + 1)/A
        A + B -> A + np.sqrt(B)**2
        np.sqrt(A) + eps -> (A - eps**2)/(np.sqrt(A) - eps)
        np.sqrt(A)/np.sqrt(B) -> 1/np.sqrt(B/A)"""}
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
         for line in lines.strip().splitlines() for edit in edits_of(line)]
