"""Where the nodes of a graph stand: layers by longest path, ordered by barycenter.

Sugiyama, Tagawa & Toda 1981. Edges that span several layers pass through points of their
own, so that they go around what stands between.
"""
from typing import Any

SWEEPS = 6


def layers_of(steps: list) -> dict[int, int]:
    """The layer of each step: one below all its arguments; leaves right above their use."""
    layer: dict[int, int] = {}
    for step in steps:
        if step.function is not None:
            layer[step.index] = 1 + max(
                (layer.get(edge.source.index, 0) for edge in step.edges), default=0)
    for step in steps:
        for edge in step.edges:
            if edge.source.function is None:
                above = layer[step.index] - 1
                known = layer.get(edge.source.index, above)
                layer[edge.source.index] = min(known, above)
    return {step.index: layer.get(step.index, 0) for step in steps}


def placed(steps: list) -> tuple[list[list[Any]], dict[tuple, list]]:
    """The rows of keys, from the top, and the way of each edge through them as keys.

    A key is a step's index, or (source, target, layer) for a point of a long edge.
    """
    layer, shown = layers_of(steps), {step.index for step in steps}
    rows: list[list[Any]] = [[] for _ in range(max(layer.values()) + 1)]
    for step in steps:
        rows[layer[step.index]].append(step.index)
    ways: dict[tuple, list] = {}
    for step in steps:
        for source in {edge.source.index for edge in step.edges} & shown:
            inner = [(source, step.index, k)
                     for k in range(layer[source] + 1, layer[step.index])]
            for point in inner:
                rows[point[2]].append(point)
            ways[source, step.index] = [source, *inner, step.index]
    return ordered(rows, ways), ways


def ordered(rows: list[list[Any]], ways: dict[tuple, list]) -> list[list[Any]]:
    """The rows, each sorted by the mean place of its neighbours, down and up in turn."""
    above: dict[Any, list] = {}
    below: dict[Any, list] = {}
    for way in ways.values():
        for a, b in zip(way, way[1:]):
            above.setdefault(b, []).append(a)
            below.setdefault(a, []).append(b)
    for sweep in range(SWEEPS):
        near = below if sweep % 2 else above
        order = range(len(rows) - 1, -1, -1) if sweep % 2 else range(len(rows))
        place = {key: i - len(row)/2 for row in rows for i, key in enumerate(row)}
        for k in order:
            def center(key: Any) -> float:
                others = [place[other] for other in near.get(key, ())]
                return sum(others)/len(others) if others else place[key]
            rows[k] = sorted(rows[k], key=center)
            place.update((key, i - len(rows[k])/2) for i, key in enumerate(rows[k]))
    return rows
