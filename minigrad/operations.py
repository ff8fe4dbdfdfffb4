"""The page that lists every operation with its derivative, and what is proved of it.

    python -m minigrad.operations       writes notebooks/reference/operations.md

All of it is read off the tables: formulas by running the VJPs on symbols, statuses by
running the proofs. Its first and last words are in operations.md beside this module. A test
compares the page with what this module would write.
"""
import ast
import functools
import inspect
from importlib import resources
from pathlib import Path

import numpy as np
import sympy as sp

from minigrad import composites, primitives, prove
from minigrad.proving import elementwise
from minigrad.symbolic import Symbolic

PAGE = Path(__file__).parents[1]/"notebooks"/"reference"/"operations.md"

FIRST, LAST = resources.files("minigrad").joinpath("operations.md").read_text(
    "utf-8").split("\n<!-- what is read off the tables -->\n")
NOTES = {
    "elementwise": " `n` is any whole number, `m` any from 0 up.",
    "stable": " Tests show that it stays finite where the textbook form overflows.",
    "linalg": " `python -m minigrad.prove --large` adds larger matrices.",
}


def options():
    """The options that some functions with a derivative take besides, as text."""
    names = [f"`{o}=`" for o in sorted(composites.OPTIONS)]
    return f"{', '.join(names[:-1])} or {names[-1]}, where NumPy's take them"


def name(function):
    """How a user calls it."""
    home = "numpy" if isinstance(function, np.ufunc) else function.__module__
    home = home.replace("numpy", "np", 1) + "." if home.startswith("numpy") else ""
    return home + function.__name__


def formula(function, vjp):
    """The VJP of an elementwise function in LaTeX, or None if it has no short formula."""
    letters = elementwise.letters(function)
    g, y, *args = [sp.Symbol(s, real=True, nonzero=True) for s in ("g", "y", *letters)]
    if "p" in letters:
        args[1] = 1 + sp.Symbol("q", positive=True)     # p = 1 + q > 1 decides a branch
    try:
        out = Symbolic(vjp(*map(Symbolic, (g, y, *args)))).expr
    except (TypeError, ValueError):
        return None
    if "p" in letters:
        out = out.subs(args[1] - 1, sp.Symbol("p") - 1)
    if out.has(sp.Piecewise):
        return None
    return f"${sp.latex(out, ln_notation=True)}$".replace("|", r"\vert ")


@functools.cache
def lambdas(path):
    """The text of each lambda in a file, by the place where its body begins."""
    tree = ast.parse(Path(path).read_text(encoding="utf-8"))
    return {(node.body.lineno, node.body.col_offset): ast.unparse(node.body)
            for node in ast.walk(tree) if isinstance(node, ast.Lambda)}


def words(vjp):
    """The first sentence of a VJP's docstring, or the text of a lambda."""
    if vjp.__name__ != "<lambda>":
        text = inspect.getdoc(vjp) or f"{vjp.__name__}, which has no docstring"
        return text.split("\n\n")[0].replace("\n", " ").replace("|", r"\|")
    bodies = lambdas(inspect.getsourcefile(vjp))
    places = {(line, column) for line, _, column, _ in vjp.__code__.co_positions()}
    return f"`{bodies[min(places & bodies.keys())]}`"


def argument_name(table, function, vjps, i):
    """What the domain, or else the last VJP, calls argument i."""
    if prove.THEORIES[table] is elementwise:
        return elementwise.letters(function)[i]
    if not isinstance(vjps, tuple):
        return str(i)
    return list(inspect.signature(vjps[-1]).parameters)[2 + i]


def row(table, function, vjps, proof):
    """One line of the table: what the VJP is, where it is proved, what holds at kinks."""
    i = proof.argument
    vjp = vjps[i] if isinstance(vjps, tuple) else vjps.vjp
    derivative = formula(function, vjp) if table == "elementwise" else None
    kinks = dict.fromkeys(text for f, argument_, *_, text in prove.THEORIES[table].KINKS
                          if f is function and argument_ == i)
    code = "; ".join(f"`{case}`" for case in proof.cases)
    argument = argument_name(table, function, vjps, i)
    cells = [f"`{name(function)}`", argument, derivative or words(vjp), code,
             "; ".join(kinks), proof.status]
    return "| " + " | ".join(cells) + " |"


def page(proofs: list[prove.Proof]) -> str:
    """The text of the page, from the proofs of prove.prove_tables()."""
    found: dict[tuple[str, str], list] = {}
    for proof in proofs:
        found.setdefault((proof.table, proof.primitive), []).append(proof)
    lines = [FIRST]
    for table, rows in primitives.TABLES.items():
        theorem = f"Theorem: {prove.THEORIES[table].THEOREM}.{NOTES.get(table, '')}"
        lines += [f"## {table.capitalize()}", "", theorem, "",
                  "| function | argument | VJP | proved for | kinks and ties | status |",
                  "|---|---|---|---|---|---|"]
        lines += [row(table, function, vjps, proof) for function, vjps in rows.items()
                  for proof in found[table, function.__name__]]
        lines.append("")
    composed = ", ".join(f"`{name(f)}`" for f in composites.COMPOSITES)
    plain = ", ".join(sorted(f"`{name(f)}`" for f in composites.PLAIN))
    optional = ", ".join(f"`{name(f)}`" for f in composites.WITH_OPTIONS)
    lines += ["## Written in the functions above", "", composed, "",
              f"Also {optional} with {options()}.", "",
              "## Answered with plain values, without a derivative", "", plain, "",
              "## Without a derivative", "", "| function | write instead |", "|---|---|"]
    lines += [f"| `{name(f)}` | `{text}` |" for f, text in composites.INSTEAD.items()]
    lines += [f"| `ufunc.{method}` | `{text}` |"
              for method, text in composites.OF_METHODS.items()]
    lines += [f"| `np.{f}` of tensors | `{text}` |"
              for f, text in composites.OF_LISTS.items()]
    return "\n".join([*lines, LAST])


def main() -> int:
    """Write the page; 1 if a proof failed."""
    proofs = prove.prove_tables()
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(proofs), encoding="utf-8")
    failed = [p for p in proofs if p.status != "PROVED"]
    print(f"{PAGE}: {len(proofs)} VJPs, {len(failed)} not proved")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
