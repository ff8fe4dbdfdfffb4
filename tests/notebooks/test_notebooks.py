"""The notebooks run from a clean kernel, show what is stored in them, and claim by assert.

With MINIGRAD_SHORT=1 the notebooks that know this switch compute less; their numbers are
then not compared with the stored ones.
"""
import ast
import copy
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from . import build
from .build import code_cells, kind_of, source_of
from .test_answers import HEADING, MODULES

HERE = Path(__file__).parent
NOTEBOOKS = HERE.parents[1]/"notebooks"
PATHS = sorted([*NOTEBOOKS.glob("*.ipynb"), *NOTEBOOKS.glob("zh/*.ipynb")])
ENGLISH = [path for path in PATHS if path.parent == NOTEBOOKS]
SECONDS = 60                    # of computing for one notebook, kernel included
ASSERTIONS = 5
NUMBER = re.compile(r"[-+]?\d+(?:\.(\d*))?(?:e([-+]?\d+))?")
MACHINE = re.compile(r"/home/|/root/|/tmp/|/Users/|[A-Z]:\\|\b0x[0-9a-f]{6,}")
CLOCK = re.compile(r"\d ?(ms|µs|s|seconds)\)|\bimport time\b|perf_counter|%time")

DRAWING = re.compile(r"\bplt\b|matplotlib|subplots|\b(ax|axes|fig|figure)\b\s*[.,=]")
LIBRARIES = "torch", "optax", "keras", "jax", "tensorflow"


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def name_of(path):
    return str(path.relative_to(NOTEBOOKS).with_suffix(""))


# --- what is shown ----------------------------------------------------------------------
def shown(cell):
    """What a cell shows: [(kind, text)], where of a picture only the kind is kept.

    What is printed comes first and in one piece: a kernel under load sends it in parts,
    and before or after a picture.
    """
    printed, found = {}, []
    for output in cell.get("outputs", ()):
        if output["output_type"] == "stream":
            before = printed.get(output["name"], "")
            printed[output["name"]] = before + "".join(output["text"])
        elif output["output_type"] == "error":
            found.append(("error", f"{output['ename']}: {output['evalue']}"))
        elif any(kind.startswith("image/") for kind in output["data"]):
            found.append(("picture", ""))
        else:
            found += [(kind, "".join(text))
                      for kind, text in sorted(output["data"].items())]
    return [*printed.items(), *found]


def same_text(a, b):
    """Equal up to spaces, and to one unit of the last decimal that was printed: another
    processor adds in another order, so the last digit may be rounded the other way."""
    if NUMBER.sub("0", a).split() != NUMBER.sub("0", b).split():
        return False
    for x, y in zip(NUMBER.finditer(a), NUMBER.finditer(b), strict=True):
        decimals = min(len(x[1] or ""), len(y[1] or ""))
        exponent = max(int(x[2] or 0), int(y[2] or 0))
        unit = 1.001*10.0**(exponent - decimals) if decimals or exponent else 0
        if abs(float(x[0]) - float(y[0])) > unit:
            return False
    return True


def differences(stored, fresh, texts=True):
    """Where a fresh run shows what is not stored: a list of sentences."""
    found = []
    for old, new in zip(code_cells(stored), code_cells(fresh), strict=True):
        a, b = shown(old), shown(new)
        if [kind for kind, _ in a] != [kind for kind, _ in b]:
            found.append(f"cell {old['id']} stores {[kind for kind, _ in a]}, a fresh run "
                         f"shows {[kind for kind, _ in b]}")
        elif texts:
            found += [f"cell {old['id']} stores\n{x}\na fresh run shows\n{y}"
                      for (_, x), (_, y) in zip(a, b) if not same_text(x, y)]
    return found


def run(path, target, folder=NOTEBOOKS):
    """Execute a notebook in a process and a kernel of its own: notebook, seconds, error.

    The seconds are those of the processor, which other work on the machine does not alter.
    """
    began = os.times()
    done = subprocess.run(
        [sys.executable, str(HERE/"build.py"), str(path), str(target), "--folder", folder],
        check=False, capture_output=True, text=True)
    ended = os.times()
    seconds = (ended.children_user + ended.children_system
               - began.children_user - began.children_system)
    return (None if done.returncode else read(target)), seconds, done.stderr[-3000:]


@pytest.fixture(scope="module")
def in_a_clean_shell(tmp_path_factory):
    """A function that runs a notebook as `run` does, but by clean_shells.py."""
    place = tmp_path_factory.mktemp("shells")
    with subprocess.Popen(
            [sys.executable, str(HERE/"clean_shells.py")], text=True,
            env=build.environment(place), stdin=subprocess.PIPE, stdout=subprocess.PIPE
            ) as process:
        def run(path, folder=NOTEBOOKS, first=""):
            target = place/path.name
            target.unlink(missing_ok=True)
            job = json.dumps([str(path), str(target), str(folder), first])
            print(job, file=process.stdin, flush=True)
            error, seconds = json.loads(process.stdout.readline())
            return (None if error else read(target)), seconds, error[-3000:]
        yield run


# --- how a notebook is made -------------------------------------------------------------
def assertions(notebook):
    """The number of assertions that could fail: those that ask for the value of a name."""
    count = 0
    for cell in code_cells(notebook):
        for node in ast.walk(ast.parse(source_of(cell))):
            if isinstance(node, ast.Assert):
                count += any(isinstance(part, ast.Name) for part in ast.walk(node.test))
            elif isinstance(node, ast.Call):
                called = getattr(node.func, "attr", getattr(node.func, "id", ""))
                count += called.startswith("assert_")
    return count


def complaints(notebook, folder):
    """What is wrong with a notebook as it is stored: a list of sentences."""
    cells, found = notebook["cells"], []
    stored = notebook["metadata"].get("minigrad", {})
    if stored.get("code_sha256") != build.code_hash(notebook):
        found.append("the outputs are not of this code; run tests/notebooks/build.py on it")
    if not stored.get("needs"):
        found.append("the metadata does not say what it needs")
    if cells[0]["cell_type"] != "markdown" or not source_of(cells[0]).startswith("# "):
        found.append("it does not open with a title")
    if [cell["id"] for cell in cells] != [f"c{n:02}" for n in range(1, len(cells) + 1)]:
        found.append("the cells are not numbered c01, c02, ...")
    if assertions(notebook) < ASSERTIONS:
        found.append(f"{assertions(notebook)} assertions; needed {ASSERTIONS}")
    for cell in cells:
        texts = [source_of(cell), *[text for _, text in shown(cell)]]
        for what, pattern in (("of the machine", MACHINE), ("a clock", CLOCK)):
            if any(pattern.search(text) for text in texts):
                found.append(f"cell {cell['id']} tells {what}")
        for kind, text in shown(cell):
            if kind in ("stderr", "error"):
                found.append(f"cell {cell['id']} stores {kind}: {text}")
        for output in cell.get("outputs", ()):
            large = [kind for kind, value in output.get("data", {}).items()
                     if len("".join(value)) > 4*build.LARGEST/3 + 100]      # base64
            found += [f"cell {cell['id']} holds a large {kind}" for kind in large]
        for link in re.findall(r"\]\(([^)#:]+)\)", source_of(cell)):
            if cell["cell_type"] == "markdown" and not (folder/link).exists():
                found.append(f"cell {cell['id']} links to {link}, which is not there")
    return found


def lesson_complaints(notebook):
    """Where a lesson shows how a picture is drawn, or hides what it claims."""
    found = []
    for cell in code_cells(notebook):
        kind, source = kind_of(cell), source_of(cell)
        if kind == "" and DRAWING.search(source):
            found.append(f"cell {cell['id']} draws; collapse it: '# %% [hidden]'")
        if kind and re.search(r"^\s*assert\b", source, re.MULTILINE):
            found.append(f"cell {cell['id']} is collapsed and claims")
        if kind and not source.startswith("# "):        # JupyterLab shows its first line
            found.append(f"cell {cell['id']} is collapsed and does not open with a title")
    return found


def exercise_complaints(notebook):
    """What three exercises lack: a hint, a question, and a cell to answer it in."""
    cells, found = notebook["cells"], []
    places = [(k, number) for k, cell in enumerate(cells)
              for number in HEADING.findall(source_of(cell))]
    if [number for _, number in places] != ["1", "2", "3"]:
        return [f"exercises {[number for _, number in places]}; needed 1, 2, 3"]
    asked = "".join(source_of(cell) for cell in code_cells(notebook)
                    if kind_of(cell) == "[question]")
    ends = [k for k, _ in places[1:]] + [len(cells)]
    for (k, number), end in zip(places, ends):
        code = [source_of(cell) for cell in code_cells({"cells": cells[k:end]})]
        if "<summary>Hint</summary>" not in source_of(cells[k]):
            found.append(f"exercise {number} has no hint")
        if not re.search(rf"^exercise_{number} = ", asked, re.MULTILINE):
            found.append(f"exercise {number} has no question")
        if not any(re.search(rf"^exercise_{number}\(\w+\)$", text, re.MULTILINE)
                   for text in code):
            found.append(f"exercise {number} is not asked of an answer")
    return found


# --- answers ----------------------------------------------------------------------------
def squeezed(text):
    """Its lines without spaces and #, each between line ends."""
    lines = [re.sub(r"[\s#]", "", line) for line in text.splitlines()]
    return "\n" + "".join(line + "\n" for line in lines if line)


def bodies_of(function_source):
    """The statements of a function without its docstring, squeezed: as they are written,
    and as Python writes them."""
    body = ast.parse(function_source).body[0].body
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    return {squeezed("\n".join(ast.get_source_segment(function_source, s) for s in body)),
            squeezed("\n".join(ast.unparse(s) for s in body))}


def leaks(notebook, bodies):
    """The cells in which one of the bodies (squeezed code) stands, also in a comment."""
    found = []
    for cell in notebook["cells"]:
        texts = [source_of(cell), *[text for _, text in shown(cell)]]
        if cell["cell_type"] == "code":
            texts.append(ast.unparse(ast.parse(source_of(cell))))
        if any(body in squeezed(text) for body in bodies for text in texts):
            found.append(cell["id"])
    return found


def answers_to(notebook_name):
    """The bodies of all reference answers to a notebook's exercises."""
    found = set()
    for module in MODULES:
        source = Path(module.__file__).read_text(encoding="utf-8")
        functions = {node.name: ast.get_source_segment(source, node)
                     for node in ast.parse(source).body
                     if isinstance(node, ast.FunctionDef)}
        for entry in module.ANSWERS:
            if entry["notebook"] == notebook_name:
                for answer in entry["right"]:
                    found |= bodies_of(functions[answer.__name__])
    return found


# --- the claims -------------------------------------------------------------------------
@pytest.mark.parametrize("path", PATHS, ids=name_of)
def test_a_notebook_is_made_as_the_others_are(path):
    assert complaints(read(path), path.parent) == []


@pytest.mark.parametrize("path", PATHS, ids=name_of)
def test_a_clean_shell_shows_what_is_stored(path, in_a_clean_shell):
    fresh, seconds, error = in_a_clean_shell(path, path.parent)
    assert fresh is not None, error
    stored = read(path)
    short = os.environ.get("MINIGRAD_SHORT") and any(
        "MINIGRAD_SHORT" in source_of(cell) for cell in code_cells(stored))
    assert differences(stored, fresh, texts=not short) == []
    assert seconds < SECONDS


def test_a_clean_kernel_shows_it_too(tmp_path):
    path = NOTEBOOKS/"zh"/"doctor.ipynb"                             # which is the shortest
    fresh, _, error = run(path, tmp_path/path.name, path.parent)
    assert fresh is not None, error
    assert differences(read(path), fresh) == []


@pytest.mark.parametrize("path", ENGLISH, ids=name_of)
def test_a_lesson_reads_without_plotting_code_and_ends_with_three_exercises(path):
    assert lesson_complaints(read(path)) + exercise_complaints(read(path)) == []


def test_the_dialects_are_the_same_where_no_library_is_installed(in_a_clean_shell):
    hiding = f"""import sys
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {LIBRARIES}:
            raise ModuleNotFoundError(f"no module named {{name!r}}: hidden", name=name)
sys.meta_path.insert(0, Hidden())
"""
    path = NOTEBOOKS/"07_dialects.ipynb"
    assert "'torch': hidden" in in_a_clean_shell(path, first=hiding + "import torch")[2]
    fresh, _, error = in_a_clean_shell(path, first=hiding)
    assert fresh is not None, error
    assert differences(read(path), fresh) == []


def test_what_the_page_for_teachers_names_is_there_and_its_questions_work():
    page = (NOTEBOOKS/"teaching.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#:]+)\)", page)
    assert len(links) > 10 and [x for x in links if not (NOTEBOOKS/x).exists()] == []
    sections = {path.stem[:2]: "\n".join(source_of(c) for c in read(path)["cells"])
                for path in ENGLISH}
    for number, title in re.findall(r"\[(\d\d)[^]]*\]\([^)]*\),? \"([^\"]+)\"", page):
        assert re.search(rf"^#+ {title}", sections[number], re.MULTILINE), title
    for number, which in re.findall(r"\b(\d\d), Exercises? (\d)", page):
        assert f"### Exercise {which}\n" in sections[number], (number, which)
    space = {}
    exec(re.search(r"```python\n(.*?)```", page, re.DOTALL)[1], space)

    def doubled(x):
        return x + x

    def squared(x):
        return x*x
    assert space["exercise_2"](doubled).right
    assert space["exercise_2"](squared).diagnosis == "that is the square itself"


@pytest.mark.parametrize("path", PATHS, ids=name_of)
def test_answers_do_not_stand_in_the_notebook(path):
    assert leaks(read(path), answers_to(path.stem)) == []


def test_the_switch_is_known_to_the_three_slowest_notebooks():
    knowing = [path.stem for path in PATHS if path.parent == NOTEBOOKS
               and "MINIGRAD_SHORT" in "".join(map(source_of, code_cells(read(path))))]
    assert len(knowing) >= 3, knowing


def test_the_engine_of_notebook_02_has_at_most_100_lines():
    cells = read(NOTEBOOKS/"02_engine.ipynb")["cells"]
    titles = [source_of(cell).split("\n")[0] for cell in cells]
    part = cells[titles.index("## The engine"):titles.index("## Against minigrad")]
    code = [line for cell in code_cells({"cells": part})
            for line in source_of(cell).splitlines()]
    assert 20 < len(code) <= 100


def test_a_text_survives_the_way_to_a_notebook_and_back():
    text = ("# needs: door A\n\n# %% [markdown]\n# # Title\n#\n# $x$\n\n# %%\nx = 1\n\n"
            "# %% [hidden]\nplot(x)\n\n# %% [question]\nasked = x\n")
    notebook = build.parse(text)
    assert [source_of(cell) for cell in notebook["cells"]] == [
        "# Title\n\n$x$", "x = 1", "plot(x)", "asked = x"]
    assert build.to_text(notebook) == build.to_text(build.tidy(notebook)) == text
    assert [cell["metadata"].get("jupyter", {}).get("source_hidden", False)
            for cell in notebook["cells"]] == [False, False, True, True]
    with pytest.raises(ValueError, match=r"\[folded\]"):
        build.parse(text.replace("[hidden]", "[folded]"))


# --- planted errors ---------------------------------------------------------------------
GOOD = """# needs: nothing

# %% [markdown]
# # A title

# %%
import matplotlib.pyplot as plt
x = 2
plt.plot([x, 1.5])
plt.show()
print(x, 0.12345)
assert x == 2
assert x != 3
assert x > 1
assert x < 4
assert x + x == 4
"""


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    place = tmp_path_factory.mktemp("good")
    (place/"good.py").write_text(GOOD, encoding="utf-8")
    notebook, _, error = run(place/"good.py", place/"good.ipynb")
    assert notebook is not None, error
    return notebook


def test_a_good_notebook_is_not_complained_of(good):
    assert complaints(good, HERE) == []
    assert [kind for kind, _ in shown(good["cells"][1])] == ["stdout", "picture"]
    assert differences(good, good) == []


@pytest.mark.parametrize("old, new, complaint", [
    ("x = 2", "x = 1 + 1", "not of this code"),
    ("assert x < 4", "assert 3 < 4", "4 assertions"),
    ("# A title", "A title", "title"),
    ("print(x, 0.12345)", "print(x, 0.12345)  # /home/me", "machine"),
    ("# A title", "# A title\n[other](no_such_file.ipynb)", "no_such_file"),
])
def test_a_planted_error_in_the_source_is_complained_of(good, old, new, complaint):
    bad = copy.deepcopy(good)
    for cell in bad["cells"]:
        cell["source"] = source_of(cell).replace(old, new)
    assert complaint in " ".join(complaints(bad, HERE))


LESSON = """# needs: nothing

# %%
x = 1
assert x == 1

# %% [hidden]
# Picture: a point
plt.plot([x])

# %% [question]
# What is asked.
exercise_1 = exercise_2 = exercise_3 = print
""" + "".join(f"""
# %% [markdown]
# ### Exercise {k}
# <summary>Hint</summary>

# %%
exercise_{k}(answer)
""" for k in (1, 2, 3))
LESSON = LESSON.replace("= exercise_2 = exercise_3 =", "= 1\nexercise_2 = 2\nexercise_3 =")


@pytest.mark.parametrize("old, new, complaint", [
    ("", "", ""), ("x = 1\n", "x = 1\nfig, ax = plt.subplots()\n", "collapse it"),
    ("x = 1\n", "x = 1\nax.plot(x)\n", "collapse it"),
    ("plt.plot([x])", "plt.plot([x])\nassert x", "collapsed and claims"),
    ("# Picture: a point\n", "", "title"), ("# What is asked.\n", "", "title"),
    ("# ### Exercise 3", "# Exercise 3", "needed 1, 2, 3"),
    ("# ### Exercise 3", "# ### Exercise 2", "needed 1, 2, 3"),
    ("# ### Exercise 2\n# <summary>Hint</summary>", "# ### Exercise 2", "2 has no hint"),
    ("exercise_2 = 2", "exercise_5 = 2", "2 has no question"),
    ("exercise_2(answer)", "# exercise_2(answer)", "2 is not asked")])
def test_a_planted_error_in_a_lesson_is_complained_of(old, new, complaint):
    bad = build.tidy(build.parse(LESSON.replace(old, new)))
    found = lesson_complaints(bad) + exercise_complaints(bad)
    assert complaint in " ".join(found) and bool(found) == bool(complaint)


def printed(cell):
    return next(o for o in cell["outputs"] if o.get("name") == "stdout")


def test_planted_stale_outputs_are_found(good):
    wrong_text, wrong_digit, no_picture = (copy.deepcopy(good) for _ in range(3))
    for bad, text in ((wrong_text, "3 0.12345\n"), (wrong_digit, "2 0.12347\n")):
        printed(bad["cells"][1])["text"] = [text]
    no_picture["cells"][1]["outputs"] = [printed(no_picture["cells"][1])]
    for bad in (wrong_text, wrong_digit, no_picture):
        assert len(differences(bad, good)) == 1
    assert same_text("2 0.12346\n", "2 0.12345")
    assert not same_text("2 0.12346 a", "2 0.12345")


def test_prints_are_one_output_however_the_kernel_sends_them(good):
    split = copy.deepcopy(good)
    printed(split["cells"][1])["text"] = ["2 "]
    split["cells"][1]["outputs"].append(
        {"output_type": "stream", "name": "stdout", "text": ["0.12345\n"]})
    assert differences(split, good) == []


def test_planted_warnings_errors_and_times_are_complained_of(good):
    for output in ({"output_type": "stream", "name": "stderr", "text": ["Warning\n"]},
                   {"output_type": "error", "ename": "E", "evalue": "no", "traceback": []},
                   {"output_type": "stream", "name": "stdout", "text": ["(0.25 s)\n"]}):
        bad = copy.deepcopy(good)
        bad["cells"][1]["outputs"].append(output)
        assert len(complaints(bad, HERE)) == 1


WRONG = [("assert 1 == 2", "AssertionError"),
         ("import warnings; warnings.warn('look out')", "look out")]


@pytest.mark.parametrize("code, error", WRONG)
def test_a_cell_that_raises_or_warns_is_not_stored(tmp_path, code, error):
    (tmp_path/"bad.py").write_text(f"# needs: nothing\n# %%\n{code}\n", encoding="utf-8")
    notebook, _, said = run(tmp_path/"bad.py", tmp_path/"bad.ipynb")
    assert notebook is None and error in said and not (tmp_path/"bad.ipynb").exists()


@pytest.mark.parametrize("code, error", [
    *WRONG, ("import os; os.write(2, b'look out')", "look out"),
    ("import os; os._exit(3)", "ended"), ("import sys; sys.exit()", "SystemExit")])
def test_a_clean_shell_says_what_is_wrong(tmp_path, code, error, in_a_clean_shell):
    (tmp_path/"bad.ipynb").write_text(json.dumps(build.parse(f"# %%\n{code}\n")))
    notebook, _, said = in_a_clean_shell(tmp_path/"bad.ipynb", tmp_path)
    assert notebook is None and error in said


def test_a_clean_shell_shows_what_a_kernel_does(tmp_path, good, in_a_clean_shell):
    (tmp_path/"good.ipynb").write_text(json.dumps(build.parse(
        GOOD + "\n# %%\nnew = 'no'\nx + 1\n\n# %%\nx + 2;\n")))
    fresh, _, error = in_a_clean_shell(tmp_path/"good.ipynb", tmp_path)
    assert fresh is not None, error
    assert [shown(cell) for cell in code_cells(fresh)] == [
        shown(good["cells"][1]), [("text/plain", "3")], []]
    (tmp_path/"next.ipynb").write_text(json.dumps(build.parse("# %%\nnew\n")))
    assert "NameError" in in_a_clean_shell(tmp_path/"next.ipynb", tmp_path)[2]


def test_a_planted_answer_is_found_even_in_a_comment(good):
    bodies = bodies_of('def f(theta, g):\n    "How."\n    m = theta*g\n    return m, 1')
    bad = copy.deepcopy(good)
    for written in ("# m = theta * g\n# return m, 1", "m = theta*g; return_(m, 1)",
                    "def f():\n    m = theta*g\n    return (m, 1)"):
        bad["cells"][1]["source"] = written
        assert leaks(bad, bodies) == ([] if ";" in written else ["c02"])
    assert leaks(good, bodies) == []


def test_reference_answers_are_found_in_their_files():
    assert answers_to("03_gradient_descent") > {"\nreturntheta-lr*g\n"}
    assert answers_to("02_engine") > {"\nreturn(g/b,-g*y/b)\n", "\nreturng/b,-g*y/b\n"}
