"""A certificate in words: what is claimed, where, and how its proof goes."""
from collections.abc import Iterator
from typing import Any

# The sign of an operation, and how strongly it binds, as in Python.
SIGNS = {"less": ("<", 1), "less_equal": ("<=", 1), "greater": (">", 1),
         "greater_equal": (">=", 1), "equal": ("==", 1), "not_equal": ("!=", 1),
         "add": ("+", 2), "subtract": ("-", 2), "multiply": ("*", 3), "divide": ("/", 3),
         "power": ("**", 5)}
NAME = 6                                            # how strongly a name binds
LONGEST = 300                                       # letters of a side that is printed
REASONS = {"+": "> 0", "-": "< 0", "0": "= 0", "+0": ">= 0", "-0": "<= 0", "+-": "!= 0",
           "+0-": "of any sign"}


def sides(goal: dict[str, Any]) -> str:
    """Both sides as formulas of NumPy's operations, as Python reads them; a long one is
    cut."""
    found: list[tuple[str, int]] = []
    for name, *args in goal["operations"]:
        parts = [found[x] if type(x) is int else (str(x), NAME) for x in args]
        texts = [text for text, _ in parts]
        text, binds = f"{name}({', '.join(texts)})", NAME
        if name in ("letter", "number"):
            text = texts[0]
            binds = 3 if "/" in text else 4 if text[0] == "-" else NAME
        elif name in SIGNS:
            sign, binds = SIGNS[name]
            more = (1, 0) if name == "power" else (0, 1)
            first, second = (f"({text})" if own < binds + strict else text
                             for (text, own), strict in zip(parts, more))
            text = f"{first}{sign}{second}" if binds > 2 else f"{first} {sign} {second}"
        elif name == "call":
            text = f"{texts[0]}({', '.join(texts[1:])})"
        found.append((text if len(text) <= LONGEST else text[:LONGEST] + " ...", binds))
    left, right = (found[goal[side]][0] for side in ("left", "right"))
    return f"{left}  {goal['relation']}  {right}"


def in_words(goal: dict[str, Any]) -> list[str]:
    """A goal's certificate, line by line: sides, domains, and how it is shown."""
    where = ", ".join(f"{name} in {domain}" if domain[0] in "[(" or domain[:1].isdigit()
                      else f"{name} {domain}" for name, domain in goal["letters"].items())
    found = [sides(goal)] + [f"for {where}"]*bool(where)
    if goal["status"] == "REFUTED":
        at = ", ".join(f"{name} = {x}" for name, x in goal["point"].items())
        return [*found, f"fails at {at or 'every point'}"]
    proof = goal["proof"]
    if "identical" in proof:
        return [*found, "both sides are one formula"]
    if "induction" in proof:
        found.append(f"by induction on {proof['induction']}")
    for part in ("base", "step", "steps"):
        if part in proof:
            leaves = [*cases(proof[part])]
            count = steps_in(proof[part])
            found.append(f"{'' if part == 'steps' else part + ': '}{len(leaves)} "
                         f"{'case' if len(leaves) == 1 else 'cases'}, "
                         f"{count} {'step' if count == 1 else 'steps'}")
            found += [line for line in map(leaf, leaves[:4]) if len(leaves) > 1]
            found += [f"and {len(leaves) - 4} more cases"]*(len(leaves) > 4)
    return found


def cases(steps: list[dict]) -> Iterator[tuple[list[str], dict]]:
    """(signs that hold, last step) of each case of a proof."""
    *_, last = steps
    if "split" not in last:
        yield [], last
        return
    for signs, rest in last["cases"]:
        for others, end in cases(rest):
            yield [f"{polynomial(last['split'])} {REASONS[signs]}", *others], end


def leaf(case: tuple[list[str], dict]) -> str:
    signs, end = case
    return f"{', '.join(signs)}: " + (
        "there is no such point" if "empty" in end else "it holds")


def steps_in(steps: list[dict]) -> int:
    """How many steps a proof has, those of its cases counted."""
    return len(steps) + sum(steps_in(rest) for step in steps
                            for _, rest in step.get("cases", []))


def polynomial(data: dict[str, str]) -> str:
    text = " + ".join(m if c == "1" and m else f"{c}*{m}" if m else c
                      for m, c in data.items()).replace("+ -1*", "- ").replace("+ -", "- ")
    return text if len(text) <= LONGEST else text[:LONGEST] + " ..."
