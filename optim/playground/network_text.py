"""The page's network: two moons, 2-16-2, cross entropy; printed for one point at a time.

The loss of a point and its derivatives by all 82 numbers come from the same trace and VJPs
as those of the landscapes; the page adds them up over the points.
"""
import base64
from typing import Any

import numpy as np

import minigrad as mg
from minigrad.nn import Linear
from minigrad.primitives import selection
from minigrad.primitives.stable import cross_entropy
from minigrad.randomness import generator
from optim.playground.statements_text import Program
from optim.playground.traced import at_every_branch, chosen, gradient
from optim.playground.written import Number, Node, letter, node_of, of

SIZES, POINTS, SEED = (2, 16, 2), 200, 0
ACTIVATIONS = {"tanh": np.tanh, "relu": selection.relu}
TRACED = {name: np.frompyfunc(lambda z, f=f: of(f, None, z), 1, 1)
          for name, f in ACTIVATIONS.items()}


def layers(theta: Any) -> list[Any]:
    """The flat parameters as weights (out, in) and biases (out,) of both layers."""
    parts, at = [], 0
    for inside, outside in zip(SIZES, SIZES[1:]):
        for shape in ((outside, inside), (outside,)):
            size = int(np.prod(shape))
            parts.append(theta[at:at + size].reshape(shape))
            at += size
    return parts


def logits(theta: Any, x: Any, activation: Any) -> Any:
    """Two numbers for each row of x."""
    weight, bias, last, end = layers(theta)
    return activation(x @ weight.T + bias) @ last.T + end


def loss(theta: Any, x: Any, labels: Any, activation: Any) -> Any:
    """Mean cross entropy over the rows."""
    return cross_entropy(logits(theta, x, activation), labels)


def data() -> tuple[np.ndarray, np.ndarray]:
    x, y = mg.data.moons(POINTS, rng=SEED)
    return x.astype(float), y


def start() -> np.ndarray:
    """Weights as mg.nn.Linear starts them, flat."""
    rng = generator(SEED)
    made = [Linear(inside, outside, rng=rng, dtype=np.float64)
            for inside, outside in zip(SIZES, SIZES[1:])]
    return np.concatenate([p.numpy().ravel() for layer in made for p in layer.parameters()])


# ------------------------------------------------------------------------------ printed
def point_functions(activation: Any) -> str:
    """{logits, add}: of one point; add(p, x, y, label, g) adds the derivatives of its loss
    to g and returns that."""
    size = len(start())
    theta = [Number(Node(f"p{k}")) for k in range(size)]
    names = {f"p{k}": f"p[{k}]" for k in range(size)}
    flat = np.empty(size, dtype=object)
    flat[:] = theta
    x = np.empty((1, 2), dtype=object)
    x[:] = [[letter("x"), letter("y")]]

    def of_label(label: int) -> list[Any]:
        def both() -> tuple:
            value = node_of(cross_entropy(logits(flat, x, activation), [label]))
            return value, *map(as_written, gradient(value, [p.node for p in theta]))
        return at_every_branch(both)

    question = Node(np.equal, (letter("label").node, 0))
    value, *slopes = (chosen(question, a, b) for a, b in zip(of_label(0), of_label(1)))
    keys = [f"g[{k}]" for k in range(size)]
    program = Program({"value": value} | dict(zip(keys, slopes)), names)
    added = " ".join(f"{key} += {program.names[key]};" for key in keys)
    ends = Program(dict(zip("ab", map(node_of, logits(flat, x, activation)[0]))), names)
    return (f"{{logits: (p, x, y) => {{ {' '.join(ends.lines)} return [{ends.names['a']}, "
            f"{ends.names['b']}]; }}, add: (p, x, y, label, g) => {{ "
            f"{' '.join(program.lines)} {added} return {program.names['value']}; }}}}")


def as_written(x: Any) -> Any:
    return Number(x) if isinstance(x, Node) else x


def base64_of(array: np.ndarray) -> str:
    return f'floats("{base64.b64encode(array.astype("<f8").tobytes()).decode()}")'


def network() -> str:
    """The constant `network` of the page."""
    x, y = data()
    functions = ", ".join(f"{name}: {point_functions(f)}" for name, f in TRACED.items())
    return "\n".join([
        f"const POINT = {{{functions}}};",
        f"const network = {{sizes: {list(SIZES)}, activations: {list(ACTIVATIONS)},",
        f"  data: {{x: {base64_of(x)}, labels: {y.tolist()}}},",
        f"  start: {base64_of(start())}}};"])
