"""The mathematics of the page: JavaScript, printed from the rules and landscapes."""
import json
from pathlib import Path
from typing import Any

from optim.domains import DOMAINS
from optim.formulas import formula
from optim.landscapes import LANDSCAPES, Landscape
from optim.optimizers.signatures import Rule, anatomy
from optim.playground.printer import Program
from optim.playground.rule_texts import methods
from optim.playground.written import at_every_branch, gradient, letter
from optim.rules import LEGEND, RULES, WHOLE_RULES

HERE = Path(__file__).parent


def slider(name: str, value: float) -> dict[str, Any]:
    """The range of a hyperparameter, by its domain in the legend."""
    domain = LEGEND[name].domain if name in LEGEND else "real"
    low, high = DOMAINS[domain].low, DOMAINS[domain].high
    log = domain == "> 0"
    if log:
        low, high = value/1000, value*1000
    elif domain == "[0, 1)":
        low, high = 0, max(0.9999, value)
    elif domain == "(0, 1)":
        low, high = 0.01, 0.99
    else:
        low = min(-1., 2*value) if low is None else low + 0.01*(domain == "> 1")
        high = max(1., 2*value) if high is None else high
    return {"value": value, "low": low, "high": high, "log": log,
            "symbol": LEGEND[name].latex if name in LEGEND else name,
            "meaning": LEGEND[name].meaning if name in LEGEND else ""}


def rule_entry(key: str, rule: Rule, group: str) -> str:
    states, hyperparameters = anatomy(rule)
    about = {"title": key, "group": group, "states": [*states],
             "hyper": {n: slider(n, x) for n, x in hyperparameters.items()},
             "equations": [{"name": e.left.text() if hasattr(e.left, "text") else e.left,
                            "mathml": e.mathml()} for e in formula(rule).equations]}
    return f"{json.dumps(key)}: {{...{compact(about)},\n{methods(rule)}}}"


def compact(x: Any) -> str:
    return json.dumps(x, ensure_ascii=False, separators=(",", ":"))


def landscape_entry(landscape: Landscape) -> str:
    letters = [letter(name) for name in "xy"[:len(landscape.start)]]
    (value,) = at_every_branch(landscape.f, *letters)
    slope = gradient(value, [x.node for x in letters])
    about = {"title": landscape.name, "start": landscape.start,
             "minima": landscape.minima, "saddles": landscape.saddles,
             "window": landscape.domain}
    names = [x.node.function for x in letters]
    f, df = Program({"f": value}), Program(dict(zip(names, slope)))
    text = [f"value({', '.join(names)}) {{ {' '.join(f.lines)} return {f.names['f']}; }}",
            f"gradient({', '.join(names)}) {{ {' '.join(df.lines)} return "
            f"[{', '.join(df.names[n] for n in names)}]; }}"]
    return f"{json.dumps(landscape.name)}: {{...{compact(about)},\n{', '.join(text)}}}"


def mathematics() -> str:
    """One JS text that defines MG: rules, landscapes."""
    rules = ",\n".join(rule_entry(name, rule, "paper") for name, rule in
                       (RULES | WHOLE_RULES).items())
    landscapes = ",\n".join(map(landscape_entry, LANDSCAPES.values()))
    runtime = (HERE / "runtime.js").read_text(encoding="utf-8")
    return f"const MG = (() => {{\n\"use strict\";\n{runtime}\nconst rules = {{\n{rules}" \
           f"\n}};\nconst landscapes = {{\n{landscapes}\n}};\n" \
           "return {rules, landscapes, MGError};\n})();\n"
