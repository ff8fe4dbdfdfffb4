"""A layer as an object of a class: made, run forward, asked for its gradients."""
from typing import Any

from optim.grading.backward_arguments import bind, parameters, values
from optim.grading.backward_exercises import Arrays, Exercise
from optim.grading.backward_names import gradient_of, meaning
from optim.hints import squeezed


SIZES = (("in_features n_in input_dim input_size fan_in d_in in_dim num_inputs nin "
          "num_embeddings vocab_size din n_inputs"),
         ("out_features n_out output_dim output_size fan_out d_out out_dim num_outputs "
          "nout embedding_dim dim dout_ hidden n_neurons units"))
WIDTH = "num_features dim size features d n_features normalized_shape input_dim"


def class_called(kind: type, asked: Exercise, given: Arrays) -> tuple[Any, Any]:
    """What the backward of an object gives, and the object."""
    it = kind(**made_of(kind, asked, given))
    fill(it, asked, given)
    forward = next((n for n in ("forward", "__call__") if n in vars(kind)
                    or hasattr(kind, "forward")), None)
    if forward is not None:
        method_called(it, forward, asked, given)
    return method_called(it, "backward", asked, given), it


def made_of(kind: type, asked: Exercise, given: Arrays) -> Arrays:
    """What an object is made with: arrays, or their sizes."""
    sized = dict(given)
    if "w" in given:
        shape = given["w"].shape[:2]
        for text, size in zip(SIZES, shape[::-1] if asked.name == "linear" else shape):
            sized |= dict.fromkeys(map(squeezed, text.split()), size)
    if "gamma" in given:
        sized |= dict.fromkeys(map(squeezed, WIDTH.split()), given["gamma"].shape[0])
    made: Arrays = {}
    for name, p in parameters(kind).items():
        found = meaning(name, asked)
        if found in given:
            made[name] = given[found]
        elif squeezed(name) in sized:
            made[name] = sized[squeezed(name)]
        elif p.default is p.empty:
            raise ValueError(f"its class asks for {name!r}, which is not known")
    return made


def fill(it: Any, asked: Exercise, given: Arrays) -> None:
    """Put the parameters of a case in the place of those that an object has begun with."""
    for name, value in [*vars(it).items()]:
        found = meaning(name, asked)
        if found in given and found not in ("x", "dout", "y"):
            setattr(it, name, given[found])
        elif isinstance(value, dict) and "grad" not in name:
            for key in value:
                if (inner := meaning(key, asked)) in given:
                    value[key] = given[str(inner)]


def method_called(it: Any, name: str, asked: Exercise, given: Arrays) -> Any:
    """What a method gives for the arguments that it names."""
    method = getattr(it, name)
    bound, unknown = bind(parameters(method), asked, given)
    if name == "backward" and len(unknown) == 1 and "dout" not in bound.values():
        bound, unknown = bound | {unknown[0]: "dout"}, []
    if unknown:
        raise ValueError(f"its {name} asks for {', '.join(unknown)}, which is not known")
    return method(**values(bound, asked, given))


def with_attributes(it: Any, results: list, names: list | None, asked: Exercise
                    ) -> tuple[list, list | None]:
    """The results, and those gradients that an object keeps: .dw, .grads["w"]."""
    kept: dict[str, Any] = {}
    for name, x in vars(it).items():
        inside = x.items() if isinstance(x, dict) and "grad" in name.casefold() else ()
        for key, value in inside:
            found = gradient_of(str(key), asked)
            if found is not None:
                kept[found] = value
        key = squeezed(name)
        if (key.startswith(("d", "grad")) or key.endswith("grad")) and x is not None:
            found = gradient_of(name, asked)
            if found is not None and not isinstance(x, dict):
                kept[found] = x
    if len(results) == 1 and kept:
        first = "x" if "x" in asked.wanted else asked.wanted[0]
        if results[0] is not None or first not in kept:
            kept[first] = results[0]
    elif len(results) > 1 or not kept:
        return results, names
    order = [a for a in asked.wanted if a in kept]
    return [kept[a] for a in order], order
