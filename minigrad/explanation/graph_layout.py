"""Where the nodes of a graph are drawn: in layers, each above what is computed from it.

Layers by the longest way to the result (so that a weight stands beside its layer), order
in a layer by the barycenter of the neighbours (Sugiyama, Tagawa & Toda 1981); a line past
several layers bends at a point in each.
"""
from dataclasses import dataclass, field
from typing import Any

from minigrad.explanation.backward_records import Step

SWEEPS = 8
BOX, POINT, GAP = 114, 12, 6            # widths in pixels


@dataclass(eq=False)
class Place:
    """A box of a step, or a point where a line bends (step is None)."""
    step: Step | None
    layer: int
    x: float = 0
    above: list["Place"] = field(default_factory=list)
    below: list["Place"] = field(default_factory=list)

    @property
    def width(self) -> int:
        return POINT if self.step is None else BOX


def nearest(loss: Step, most: int) -> list[Step]:
    """The steps that are fewest calls away from the result."""
    found, at = {loss: None}, 0
    while at < len(found) and len(found) < most:
        for x in list(found)[at].arguments:
            if isinstance(x, Step) and len(found) < most:
                found.setdefault(x, None)
        at += 1
    return sorted(found, key=lambda step: step.index)


def layered(steps: list[Step]) -> list[list[Place]]:
    """The layers from the inputs down to the result, each in order and with its x."""
    drawn, depth = set(steps), dict.fromkeys(steps, 0)
    for step in reversed(steps):
        for x in step.arguments:
            if isinstance(x, Step) and x in drawn:
                depth[x] = max(depth[x], depth[step] + 1)
    last = max(depth.values())
    layers: list[list[Place]] = [[] for _ in range(last + 1)]
    places = {}
    for step in steps:
        places[step] = place = Place(step, last - depth[step])
        layers[place.layer].append(place)
    for step in steps:
        for x in dict.fromkeys(a for a in step.arguments if isinstance(a, Step)):
            if x in drawn:
                join(places[x], places[step], layers)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        for layer in layers if down else reversed(layers):
            at = {place: i for i, place in enumerate(layer)}
            layer.sort(key=lambda place: middle(place.above if down else place.below,
                                                at[place]))
            for i, place in enumerate(layer):
                place.x = i
    widest = max(sum(p.width + GAP for p in layer) for layer in layers)
    for layer in layers:
        x = (widest - sum(p.width + GAP for p in layer) + GAP)/2
        for place in layer:
            place.x = x + place.width/2
            x += place.width + GAP
    return layers


def join(upper: Place, lower: Place, layers: list[list[Place]]) -> None:
    """A line from a box to one below, with a bend in each layer between."""
    for layer in range(upper.layer + 1, lower.layer):
        bend = Place(None, layer)
        layers[layer].append(bend)
        upper.below.append(bend)
        bend.above.append(upper)
        upper = bend
    upper.below.append(lower)
    lower.above.append(upper)


def middle(neighbours: list[Place], otherwise: Any) -> float:
    """The mean place of the neighbours."""
    return (sum(n.x for n in neighbours)/len(neighbours) if neighbours else otherwise)
