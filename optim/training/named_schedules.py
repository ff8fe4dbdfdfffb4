"""Schedules by what one writes on a command line: "cosine", "warm_up(cosine, steps=50)"."""
import ast
from typing import Any

from optim.hints import did_you_mean
from optim.schedules import Schedule
from optim.schedules.plain_data import KINDS


def schedule_called(words: str, lr: float, steps: int) -> Schedule:
    """The schedule that a text means; ValueError or TypeError if it means none.

    lr: where it starts, or its peak, unless the text says so; steps: how many there are in
    the run, likewise. After a warm-up there are fewer.

    >>> schedule_called("cosine", 0.1, 500), schedule_called("step(every=30)", 0.1, 500)
    (cosine(0.1, steps=500), step(0.1, every=30))
    >>> schedule_called("warm_up(cosine, steps=50)", 0.1, 500)
    warm_up(cosine(0.1, steps=450), steps=50)
    """
    def value(node: ast.expr, left: int) -> Any:
        if isinstance(node, ast.Name):
            node = ast.Call(node, [], [])
        if isinstance(node, ast.List):
            return [value(each, left) for each in node.elts]
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            return ast.literal_eval(node)
        name = node.func.id
        if name not in KINDS:
            raise ValueError(f"no kind of schedule is called {name[:40]!r};"
                             f"{did_you_mean(name, KINDS)} there are {', '.join(KINDS)}")
        given = {str(k.arg): value(k.value, left) for k in node.keywords}
        first, *others = KINDS[name].takes
        if name == "warm_up":
            rise = given.get("steps")
            left -= min(left - 1, rise) if isinstance(rise, int) else 0
        elif any(p.name == "steps" and p.default is p.empty for p in others):
            given.setdefault("steps", left)
        starts = [value(each, left) for each in node.args]
        if not starts and first.name not in given and first.name != "parts":
            starts = [lr]
        return KINDS[name](*starts, **given)
    try:
        found = value(ast.parse(words.strip(), mode="eval").body, steps)
        if isinstance(found, Schedule):
            return found
    except (SyntaxError, MemoryError, RecursionError):
        pass
    raise ValueError(f"{words[:80]!r} is no schedule; needed one such as cosine, "
                     "step(every=30), warm_up(cosine, steps=50)")
