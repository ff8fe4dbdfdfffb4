"""The family tree: rules as nodes, an edge where one becomes another, each one proved.

An edge is a Relation or a step of a derivation, found by its words; so it cannot say more
than what was decided. Drawn as SVG without any drawing library.
"""
import html
from collections.abc import Callable
from dataclasses import dataclass

from optim.derivations import accumulators, largest, look_ahead
from optim.derivations.relations import RELATIONS
from optim.derivations.steps import verdict
from optim.formulas import formula
from optim.prover import Verdict


@dataclass(frozen=True)
class Edge:
    """The rule `child` becomes the rule `parent` when what `how` says is done to it."""
    child: str
    parent: str
    how: str
    claim: str
    check: Verdict


@dataclass(frozen=True)
class Family:
    """All edges; .svg() draws them."""
    edges: tuple[Edge, ...]

    @property
    def ok(self) -> bool:
        return all(edge.check.status == "PROVED" for edge in self.edges)

    def __str__(self) -> str:
        return "\n".join(f"{e.child} -> {e.parent}: {e.how} ({e.check.status})"
                         for e in self.edges)

    __repr__ = __str__

    def _repr_svg_(self) -> str:
        return self.svg()

    def svg(self) -> str:
        """The tree as SVG; every edge carries what it claims as a tooltip."""
        return drawn(self)


# child, parent, what is done, the first words of the relation or step that proves it
EDGES = (
    ("momentum", "gradient_descent", "μ = 0", "With mu = 0 it is gradient descent"),
    ("nag", "gradient_descent", "μ = 0", "With mu = 0 it is gradient descent"),
    ("nag", "momentum", "new m for old", "Beside momentum the rule steps by"),
    ("rmsprop", "adagrad", "ρ → 1", "So as rho tends to 1"),
    ("adadelta", "rmsprop", "v^Δ + ε = η²", "With lr**2 for v_delta + eps it is RMSprop"),
    ("adam", "rmsprop", "β₁ = 0, v̂ for v", "With beta1 = 0 its step is RMSprop's"),
    ("adamax", "adam", "from p → ∞", "So between two bounds that both tend"),
    ("nadam", "adam", "μ = 0, β₁ = 0", "With mu = 0 it is Adam"),
    ("adamw", "adam", "λ = 0", "With weight_decay = 0 its theta"),
    ("amsgrad", "adam", "v largest, no correction", "As long as v is the largest so far"),
)
PROOFS: dict[str, Callable] = {
    "nag": look_ahead.nesterov, "rmsprop": accumulators.rmsprop, "adamax": largest.largest}
PLACES = {                                                       # column, row
    "gradient_descent": (1, 0), "momentum": (0, 1), "nag": (0, 2), "adagrad": (2, 0),
    "rmsprop": (2, 1), "adadelta": (3, 2), "adam": (2, 2), "nadam": (0, 3),
    "adamax": (1, 3), "adamw": (2, 3), "amsgrad": (3, 3)}
WIDE, HIGH, BOX = 210, 110, (150, 36)


def family() -> Family:
    """The tree of the rules, every edge decided anew.

    >>> family().ok
    True
    """
    return Family(tuple(edge(*words) for words in EDGES))


def edge(child: str, parent: str, how: str, words: str) -> Edge:
    for r in RELATIONS[child]():
        if r.text.startswith(words):
            return Edge(child, parent, how, r.text, verdict(r.left, r.right, r.relation))
    for step in PROOFS[child](formula(child)) if child in PROOFS else ():
        if step.sentence.startswith(words):
            return Edge(child, parent, how, step.sentence, step.check)
    raise ValueError(f"family: nothing claimed of {child} starts with {words!r}: give the "
                     "words of one of its relations or steps")


def drawn(tree: Family) -> str:
    def middle(name):
        column, row = PLACES[name]
        return WIDE*column + WIDE//2, HIGH*row + 40

    parts = []
    for e in tree.edges:
        (x1, y1), (x2, y2) = middle(e.parent), middle(e.child)
        down = BOX[1]//2 if y1 != y2 else 0
        x, y = (x1 + x2)/2, (y1 + y2)/2
        solid = "" if e.check.status == "PROVED" else " stroke-dasharray='4'"
        parts.append(
            f"<g><title>{html.escape(f'{e.claim} {e.check.status}')}</title>"
            f"<line x1='{x1}' y1='{y1 + down}' x2='{x2}' y2='{y2 - down}'"
            f" stroke='currentColor'{solid}/>"
            f"<text x='{x + 6:g}' y='{y + 4:g}' font-size='12'>{html.escape(e.how)}</text>"
            "</g>")
    for name in PLACES:
        x, y = middle(name)
        parts.append(
            f"<rect x='{x - BOX[0]//2}' y='{y - BOX[1]//2}' width='{BOX[0]}'"
            f" height='{BOX[1]}' rx='6' fill='none' stroke='currentColor'/>"
            f"<text x='{x}' y='{y + 5}' text-anchor='middle'>"
            f"{name.replace('_', ' ')}</text>")
    width, height = WIDE*4, HIGH*4 - 30
    return (f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}'"
            " role='img' font-family='sans-serif' font-size='14' fill='currentColor'>"
            "<title>How the update rules become one another</title>"
            + "".join(parts) + "</svg>")
