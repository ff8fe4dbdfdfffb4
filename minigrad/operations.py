"""The page that lists every operation with its derivative, and what is proved of it.

    python -m minigrad.operations       writes notebooks/reference/operations.md

All of it is read off the tables: formulas by running the VJPs on symbols, statuses by
running the proofs. Its first words are in operations.md. A test compares the page with what
this module would write.
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

HEADER = resources.files("minigrad").joinpath("operations.md").read_text("utf-8")
NOTES = {
    "elementwise": " `n` is any whole number, `m` any from 0 up.",
    "stable": " Tests show that it stays finite where the textbook form overflows.",
    "linalg": " `python -m minigrad.prove --large` adds larger matrices.",
}


# Programs of HIPS autograd, and the same here: f of x, in the directions v and g.
AUTOGRAD = {
    "grad(f, 1)(x, y)": "mg.grad(f, argnums=1)(x, y)",
    "elementwise_grad(np.sin)(x)": "mg.elementwise_grad(np.sin)(x)",
    "value_and_grad(f)(x, y)": "mg.value_and_grad(f)(x, y)",
    "jacobian(np.sin)(x)": "mg.jacobian(np.sin)(x)",
    "hessian(f)(x, y)": "mg.hessian(f)(x, y)",
    "make_vjp(np.sin)(x)[0](g)": "mg.vjp(np.sin, x)[1](g)[0]",
    "make_jvp(np.sin)(x)(v)": "mg.jvp(np.sin, (x,), (v,))",
    "make_jvp_reversemode(np.sin)(x)(v)": "mg.jvp(np.sin, (x,), (v,))[1]",
    "deriv(np.sin)(1.0)": "mg.jvp(np.sin, (1.0,), (1.0,))[1]",
    "make_hvp(f)(x, y)[0](v)": "mg.hvp(lambda x: f(x, y), x, v)",
    "hessian_tensor_product(f)(x, y, v)": "mg.hvp(lambda x: f(x, y), x, v)",
    "tensor_jacobian_product(np.sin)(x, g)": "mg.vjp(np.sin, x)[1](g)[0]",
    "grad_named(f, 'y')(x, y)": "mg.grad(f, argnums=1)(x, y)",
    "multigrad_dict(f)(x, y)": "mg.grad(lambda d: f(**d))({'x': x, 'y': y})",
    "flatten([x, y])[0]": "np.concatenate([np.ravel(x), np.ravel(y)])",
    "check_grads(np.sin, order=2)(x)": "mg.check_grads(np.sin, (x,), order=2)",
}
HIPS = """\

Elsewhere: `import numpy as np` itself, not a copy of it. NumPy does not look for tensors
inside lists: `np.array([x, y])`, `np.r_[x, y]` and `np.mean([x, y])` raise, and name what
to write. Whole numbers have no derivative: `3.0` for `3`. `int(x)` and `np.int64(x)` raise.
`A[i] = x` raises RuntimeError, not TypeError, and a function without derivative TypeError,
not NotImplementedError. Complex numbers, `autograd.scipy`, `autograd.misc`, `checkpoint`,
`make_ggnvp` and forward mode are not here.
"""


def options():
    """The options that some functions with a derivative take besides, as text."""
    names = [f"`{o}=`" for o in sorted(composites.OPTIONS)]
    return f"{', '.join(names[:-1])} or {names[-1]}, where NumPy's take them"


def name(function):
    """How a user calls it."""
    home = "np." if getattr(np, function.__name__, None) is function else ""
    for module in (np.linalg, np.fft):
        if getattr(module, function.__name__, None) is function:
            home = f"np.{module.__name__.split('.')[1]}."
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
        return inspect.getdoc(vjp).split("\n\n")[0].replace("\n", " ").replace("|", r"\|")
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
    lines = [HEADER]
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
    lines += ["", "## Coming from HIPS autograd", "", "| autograd | here |", "|---|---|"]
    lines += [f"| `{theirs}` | `{ours}` |" for theirs, ours in AUTOGRAD.items()]
    return "\n".join([*lines, HIPS])


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
