"""Notebooks from text: run in a clean kernel, cleaned, and stored with what they showed.

    python tests/notebooks/build.py text.py notebooks/01_slope.ipynb     text -> notebook
    python tests/notebooks/build.py notebooks/01_slope.ipynb             run again in place
    python tests/notebooks/build.py notebooks/01_slope.ipynb text.py     notebook -> text

The text is in percent format: `# %% [markdown]` opens a cell of prose, whose lines start
with `# `, and `# %%` a cell of code. `# %% [hidden]` is one that JupyterLab shows collapsed
to its first line, a comment, above its outputs; so is `# %% [question]`, which says what
an exercise asks. A first line `# needs: door A` becomes metadata. The file name of the text
does not matter. A cell may not raise, nor write to stderr (so that no warning is stored).
"""
import argparse
import base64
import hashlib
import json
import os
import re
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LARGEST = 100_000                   # bytes of a figure: a notebook should load at once
SECONDS = 120                       # for one cell; the tests hold the whole to 60
IPYTHON = """\
c.InlineBackend.figure_formats = {'png'}
c.HistoryManager.enabled = False
"""
MATPLOTLIB = """\
svg.hashsalt: minigrad
svg.fonttype: path
figure.dpi: 100
savefig.dpi: 100
"""
HIDDEN = {"jupyter": {"source_hidden": True}, "tags": ["hide-input"]}
KINDS = {"": {}, "[hidden]": HIDDEN,
         "[question]": HIDDEN | {"tags": ["hide-input", "question"]}}     # of code
OPENING = re.compile(r"^# %%(.*)\n", re.MULTILINE)


def source_of(cell):
    """The text of a cell: files keep it as a list of lines, or as one string."""
    return "".join(cell["source"])


def code_cells(notebook):
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def kind_of(cell):
    """Which of KINDS a cell of code is."""
    tags = cell["metadata"].get("tags", ())
    return ("[question]" if "question" in tags else
            "[hidden]" if "hide-input" in tags else "")


def code_hash(notebook):
    """The SHA-256 of the code, by which stored outputs know the code that they are of."""
    code = "\n\n".join(source_of(cell) for cell in code_cells(notebook))
    return hashlib.sha256(code.encode()).hexdigest()


def parse(text):
    """The notebook, as a dict and without outputs, that a percent-format text describes."""
    needs = re.match(r"# needs:(.*)\n", text)
    kinds = OPENING.split(text)
    if len(kinds) < 3:
        raise ValueError("the text has no cell; open one by a line '# %%'")
    cells = []
    for number, (kind, body) in enumerate(zip(kinds[1::2], kinds[2::2]), 1):
        cell = {"id": f"c{number:02}", "metadata": {}, "source": body.strip("\n")}
        if kind.strip() == "[markdown]":
            lines = cell["source"].splitlines()
            if not all(line == "#" or line.startswith("# ") for line in lines):
                raise ValueError(f"cell {number}: a line of prose does not start with '# '")
            cell["source"] = "\n".join(line[2:] for line in lines)
            cell["cell_type"] = "markdown"
        elif kind.strip() in KINDS:
            cell.update(cell_type="code", execution_count=None, outputs=[],
                        metadata=KINDS[kind.strip()])
        else:
            raise ValueError(f"cell {number}: {kind.strip()!r} is no kind of cell; write "
                             f"'# %%' or '# %% [markdown]', {', '.join(KINDS)[2:]}")
        cells.append(cell)
    return {"cells": cells, "nbformat": 4, "nbformat_minor": 5,
            "metadata": {"minigrad": {"needs": needs[1].strip() if needs else ""}}}


def to_text(notebook):
    """The percent-format text of a notebook: what `parse` reads."""
    parts = [f"# needs: {notebook['metadata'].get('minigrad', {}).get('needs', '')}\n"]
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            lines = "\n".join(f"# {line}".rstrip() for line in source_of(cell).split("\n"))
            parts.append(f"# %% [markdown]\n{lines}\n")
        else:
            parts.append(f"# %% {kind_of(cell)}".rstrip() + f"\n{source_of(cell)}\n")
    return "\n".join(parts)


def environment(place):
    """The variables of a kernel, whose settings are written into a folder."""
    settings = Path(place, "profile_default", "ipython_kernel_config.py")
    settings.parent.mkdir()
    settings.write_text(IPYTHON)
    style = Path(place, "matplotlibrc")
    style.write_text(MATPLOTLIB)
    paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    return os.environ | dict(
        PYTHONPATH=os.pathsep.join(p for p in paths if p), PYTHONHASHSEED="0",
        MPLBACKEND="module://matplotlib_inline.backend_inline", IPYTHONDIR=str(place),
        MATPLOTLIBRC=str(style), OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")


def run(notebook, folder):
    """Execute a notebook, in place, by a kernel that nothing has touched, in a folder."""
    import nbformat
    from nbclient import NotebookClient
    with tempfile.TemporaryDirectory() as place:
        os.environ.update(environment(place))
        book = nbformat.reads(json.dumps(notebook), as_version=4)
        NotebookClient(book, timeout=SECONDS, kernel_name="python3", record_timing=False,
                       resources={"metadata": {"path": str(folder)}}).execute()
    nbformat.validate(book)
    notebook["cells"] = json.loads(nbformat.writes(book))["cells"]
    return tidy(notebook)


def tidy(notebook):
    """Keep what a reader needs; refuse warnings and pictures that are too large."""
    for number, cell in enumerate(notebook["cells"], 1):
        cell["id"] = f"c{number:02}"
        cell["metadata"] = KINDS[kind_of(cell)] if "outputs" in cell else {}
        if "outputs" in cell:
            cell["outputs"] = joined(cell["outputs"])
        for output in cell.get("outputs", ()):
            if output.get("name") == "stderr":
                raise ValueError(f"cell {cell['id']} wrote to stderr: "
                                 f"{''.join(output['text'])}")
            if "data" in output:
                output["metadata"] = {}
                output["data"] = small_picture(output["data"], cell["id"])
    notebook["metadata"] = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        "minigrad": {"needs": notebook["metadata"]["minigrad"]["needs"],
                     "code_sha256": code_hash(notebook)}}
    return notebook


def joined(outputs):
    """The outputs with neighbouring prints as one: a kernel sends them as it has time."""
    found = []
    for output in outputs:
        if found and "name" in output and found[-1].get("name") == output["name"]:
            text = "".join(found[-1]["text"]) + "".join(output["text"])
            found[-1]["text"] = text.splitlines(keepends=True)
        else:
            found.append(output)
    return found


def small_picture(data, where):
    """The same data, if its PNG is small. (Only trusted notebooks show an SVG.)"""
    size = len(base64.b64decode("".join(data.get("image/png", ""))))
    if size > LARGEST:
        raise ValueError(f"cell {where}: the figure takes {size} bytes as PNG; at most "
                         f"{LARGEST} are kept: draw fewer points, or a smaller figure")
    return data


def build(source, target, folder=None):
    """Read text or a notebook from a path, and write a notebook or text to another."""
    text = source.read_text(encoding="utf-8")
    notebook = json.loads(text) if source.suffix == ".ipynb" else parse(text)
    if target.suffix == ".ipynb":
        run(notebook, folder or target.resolve().parent)
        out = json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    else:
        out = to_text(notebook)
    target.write_text(out, encoding="utf-8")


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path, nargs="?")
    parser.add_argument("--folder", type=Path, help="where to run; else where target is")
    given = parser.parse_args(argv)
    build(given.source, given.target or given.source, given.folder)


if __name__ == "__main__":
    sys.exit(main())
