"""The mathematics of the page: JavaScript, printed from rules, landscapes and VJPs.

    from optim.playground.javascript import mathematics
    text = mathematics()                # one constant MG; no file is read but our own

Nothing in it is typed by hand but runtime.js (NumPy's conventions, small matrices) and
parser.js (a grammar, a tape), whose tables are printed too.

    MG.rules[key]       {title, about, group, states, first, second, hyper {name: {value,
                        low, high, log, symbol, meaning, inert}}, init(theta, h),
                        step(theta, g, state, t, h) -> {theta, state},
                        equations [{name, mathml}], paper, differs, note}
    MG.landscapes[name] {title, about, start, minima, saddles, window, heights, levels,
                        curvatures, value(x, y), gradient(x, y), noisy, sampledValue(x, y,
                        t), sampledGradient(x, y, t), project(x)}
    MG.parse(text)      {value, gradient, mathml, text}, or throws MGError
    MG.network          {sizes, activations, data, start, value(p, activation),
                        gradient(p, activation), logits(p, x, y, activation)}
    MG.stability[rule]  {hyper, mathml, radius(s, h)}, s = lr*curvature
    MG.presets[name]    {title, landscape, steps, runs [{label, rule, hyper}]}
"""
import functools
import json
from pathlib import Path
from typing import Any

from optim.formulas import Equation, formula
from optim.landscapes import LANDSCAPES
from optim.notation.mathml import inline
from optim.optimizers.signatures import is_of_whole_parameters, name_of
from optim.playground import landscape_texts, network_text, stability_text
from optim.playground.dialect_rules import keys, papers
from optim.playground.phrases import pack
from optim.playground.presets import presets
from optim.playground.rule_entries import differing, equations, left_of, words
from optim.playground.read_back import check, formula_of
from optim.playground.rule_texts import methods, programs
from optim.playground.tape_tables import tables
from optim.rules import LEGEND, RULES, WHOLE_RULES

HERE = Path(__file__).parent
WHOLE = ("It looks at the whole parameter (a norm, a mean, a product of matrices): what "
         "runs is printed from its code, and no proof about one entry speaks of it.")


class Table:
    """Texts of which each stands once; add(text) gives its number."""

    def __init__(self) -> None:
        self.places: dict[str, int] = {}

    def add(self, text: str) -> int:
        return self.places.setdefault(text, len(self.places))

    def __iter__(self) -> Any:
        return iter(self.places)


def compact(x: Any) -> str:
    return json.dumps(x, ensure_ascii=False, separators=(",", ":"))


def rules_text() -> str:
    """The rules: functions and equations that several have stand once."""
    functions, formulas = Table(), Table()
    known, of_paper = keys(), papers()
    written: dict[str, list[Equation]] = {}
    entries: dict[str, dict[str, Any]] = {}
    for key, (group, rule) in known.items():
        first, after = programs(rule)
        whole = is_of_whole_parameters(rule)
        f = formula_of(rule) if whole and group != "paper" else formula(rule)
        if not whole:
            check(f, first, after)
        written[key] = equations(f)
        init, step, inert = methods(rule, first, after)
        entries[key] = words(key, rule, group) | {
            "inert": inert, "init": functions.add(init), "step": functions.add(step),
            "equations": [[left_of(e), formulas.add(quoted_once(e.mathml()))]
                          for e in written[key]]}
        if whole:
            entries[key]["note"] = WHOLE
        if paper := of_paper.get(key):
            entries[key] |= {"paper": paper,
                             "differs": differing(written[key], written[paper])}
    letters = sorted({n for entry in entries.values() for n in entry["hyper"]})
    legend = {n: [LEGEND[n].meaning, inline(LEGEND[n].latex)] if n in LEGEND else ["", n]
              for n in letters}
    inner = ",\n".join(functions)
    packed = ", ".join(map(compact, pack([*formulas])))
    return "\n".join([f"const FUNCTION = [\n{inner}\n];",
                      f"const MATHML = unpack({packed});",
                      f"const LEGEND = {compact(legend)};",
                      f"const rules = {compact(entries)};"])


def quoted_once(mathml: str) -> str:
    """Markup that stands in a text of JavaScript without a backslash for each quote."""
    return mathml.replace('"', "'")


def landscapes_text() -> str:
    """The landscapes, and the curvatures of those that are quadratics."""
    entries = ",\n".join(map(landscape_texts.entry, LANDSCAPES.values()))
    known = {name: found for name, x in LANDSCAPES.items()
             if (found := stability_text.curvatures(x))}
    return (f"{landscape_texts.draws()}\nconst landscapes = {{\n{entries}\n}};\n"
            f"const CURVATURES = {compact(known)};")


def stability() -> str:
    entries = [f"{name_of(rule)}: {text}" for rule in (RULES | WHOLE_RULES).values()
               if (text := stability_text.entry(rule))]
    inner = ",\n".join(entries)
    return f"const stability = {{\n{inner}\n}};"


@functools.cache
def mathematics() -> str:
    """One text of JavaScript that defines the constant MG; see the head of this file."""
    parts = [(HERE / "runtime.js").read_text(encoding="utf-8"), rules_text(),
             landscapes_text(), tables(), (HERE / "parser.js").read_text(encoding="utf-8"),
             network_text.network(), stability(), f"const presets = {compact(presets())};",
             (HERE / "assembly.js").read_text(encoding="utf-8")]
    text = "\n".join(["const MG = (() => {", '"use strict";', *parts, "})();", ""])
    return text.replace("</", "<\\/")                   # it stands in a <script>
