"""The house stands as it is drawn: who imports whom, what loads, where formulas live."""
import ast
import configparser
import importlib
import inspect
import pkgutil
import shutil
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

import minigrad
import optim

from .cases import each

PACKAGES = {name: Path(importlib.import_module(name).__file__).parent
            for name in ("minigrad", "optim")}
PROVERS = {             # what states and proves; everything else works without it
    "minigrad": "symbolic prove proving operations compiler explanation",
    "optim": "notation papers proving formulas certificates equivalence lifting stability "
             "derivations claims mutants comparing report playground grading atlas "
             "museum"}
# Each room uses those before it, never those behind it; a folder is one room.
ROOMS = {
    "optim": "rules more_rules domains hints workers schedules optimizers transforms "
             "second_order landscapes "
             "notation papers proving formulas checker certificates equivalence dialects "
             "lifting stability derivations claims mutants races plots training "
             "distributed comparing report grading atlas museum playground benchmarks "
             "commands __main__"}


@cache
def modules():
    """{dotted name: path} of every module of both packages."""
    found = {}
    for package, root in PACKAGES.items():
        for path in sorted(root.rglob("*.py")):
            parts = (package, *path.relative_to(root).with_suffix("").parts)
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def parsed(text):
    """The syntax tree of a source, which several tests look at."""
    return ast.parse(text)


def statements(node):
    """Every statement within a node; expressions, which hold none, are left out."""
    for part in ast.iter_child_nodes(node):
        if not isinstance(part, ast.expr):
            yield part
            yield from statements(part)


def imports(path, top_level_only=True):
    """The modules that a file imports, by full name."""
    text = path.read_text(encoding="utf-8")
    nodes = parsed(text).body if top_level_only else statements(parsed(text))
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: relative import"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_minigrad_never_imports_optim():
    for name, path in modules().items():
        if name.startswith("minigrad"):
            assert not [m for m in imports(path, False) if m.split(".")[0] == "optim"], name


def test_the_import_graph_has_no_cycle():
    """Imports inside functions count; a package that gathers its parts is no cycle."""
    known = modules()
    graph = {name: {m for m in imports(path, False) if m in known and m != name
                    and not name.startswith(m + ".")} for name, path in known.items()}
    cycle = found_cycle(graph)
    assert not cycle, " -> ".join(cycle)


def found_cycle(graph):
    """The names along a cycle of the graph {name: names}, [] if there is none."""
    done, path = set(), []

    def visit(name):
        if name in path:
            return [*path[path.index(name):], name]
        if name not in done:
            path.append(name)
            for other in graph[name]:
                if cycle := visit(other):
                    return cycle
            path.pop()
            done.add(name)
        return []
    return next(filter(None, map(visit, graph)), [])


def room(name):
    """The room of a module: the folder or file right below the package."""
    return name.split(".")[1] if "." in name else ""


@pytest.mark.parametrize("package", ROOMS)
def test_imports_point_down_the_list_of_rooms(package):
    order = ROOMS[package].split()
    known = {name: path for name, path in modules().items()
             if name.startswith(package + ".")}
    assert {room(name) for name in known} == set(order)
    for name, path in known.items():
        for other in imports(path, False):
            if other in known:
                assert order.index(room(other)) <= order.index(room(name)), (name, other)


def test_importing_both_packages_loads_numpy_only():
    assert {*loaded("numpy, minigrad, optim")} <= {"numpy", "minigrad", "optim"}
    assert {*loaded("numpy, sympy")} >= {"numpy", "sympy", "mpmath"}


def test_importing_takes_little_more_than_numpy():
    """Counted in own modules, which is steady where seconds and NumPy's parts are not."""
    count = loaded("numpy, minigrad, optim")
    assert 10 < count["minigrad"] + count["optim"] < 75         # 9 of them have the rules


def loaded(names):
    """How many modules of each package a fresh Python loads, besides its own library."""
    code = (f"import sys; before = set(sys.modules); import {names}; "
            "print(*(set(sys.modules) - before))")
    out = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    tops = Counter(name.split(".")[0] for name in out.stdout.decode().split())
    return {top: n for top, n in tops.items() if "cython" not in top
            and top not in sys.stdlib_module_names}     # Cython's are made by NumPy


def test_sympy_is_imported_at_the_top_only_where_it_is_listed():
    for name, path in modules().items():
        parts = name.split(".")
        listed = any(part in PROVERS[parts[0]].split() for part in parts)
        assert listed or "sympy" not in {m.split(".")[0] for m in imports(path)}, name


def public_functions():
    for package in (minigrad, optim):
        for name in package.__all__:
            if inspect.isroutine(getattr(package, name)):
                yield package.__name__, name


def shadowed(package, known):
    """The public functions and classes of a package that one of its modules is named like.
    """
    face = importlib.import_module(package)
    return [name for name in getattr(face, "__all__", vars(face))
            if f"{package}.{name}" in known and not inspect.ismodule(getattr(face, name))]


def test_no_module_has_the_name_of_a_public_function_of_its_package():
    """`import optim.mutants.score as x` would give the function, or shadow it."""
    known = modules()
    for name, path in known.items():
        if path.stem == "__init__":
            assert not shadowed(name, known), name


def test_public_functions_survive_the_import_of_every_submodule():
    before = {key: getattr(sys.modules[key[0]], key[1]) for key in public_functions()}
    for package, root in PACKAGES.items():
        for info in pkgutil.walk_packages([str(root)], package + "."):
            if not info.name.endswith("__main__"):
                importlib.import_module(info.name)
    for (package, name), function in before.items():
        assert getattr(sys.modules[package], name) is function, f"{package}.{name}"


def test_engine_networks_and_optimizers_work_without_what_proves_them(tmp_path):
    for package, root in PACKAGES.items():
        shutil.copytree(root, tmp_path/package,
                        ignore=shutil.ignore_patterns("__pycache__"))
        for name in PROVERS[package].split():
            target = tmp_path/package/name
            if target.is_dir():
                shutil.rmtree(target)
            else:
                target.with_suffix(".py").unlink(missing_ok=True)
    code = ("import minigrad, optim; assert minigrad.__file__.startswith(r'%s')\n"
            "from optim.training import train\n"
            "assert train('digits', 'adam', epochs=3).accuracy > 0.8" % tmp_path)
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path)
    out = subprocess.run([sys.executable, "-m", "optim", "verify", "adam"], cwd=tmp_path,
                         capture_output=True, text=True)
    assert out.returncode == 2 and "Traceback" not in out.stderr
    assert "optim.claims" in out.stderr or "missing" in out.stderr


@each("path", lambda: modules().values(), ids=lambda path: path.stem)
def test_every_module_opens_with_a_docstring(path):
    assert ast.get_docstring(parsed(path.read_text(encoding="utf-8")))


def unlisted(text, root):
    """The files and folders in a folder that a reading order does not name."""
    parts = [path.name for path in root.glob("*.py") if path.stem != "__init__"]
    parts += [f"{path.parent.name}/" for path in root.glob("*/__init__.py")]
    ordered = "reading order" in text
    return [name for name in sorted(parts) if not (ordered and name in text.split())]


def test_the_docstring_of_every_folder_lists_what_is_in_it_in_reading_order():
    for path in modules().values():
        if path.stem == "__init__":
            text = ast.get_docstring(parsed(path.read_text(encoding="utf-8"))) or ""
            assert not unlisted(text, path.parent), path.parent.name


# Files of one name in two places are about one thing: what is written here.
SAME_NAME = {"elementwise": "a kind of primitive", "linalg": "a kind of primitive",
             "products": "a kind of primitive", "selection": "a kind of primitive",
             "sliding": "windows of an array and their sum",
             "stable": "a kind of primitive", "__main__": "what python -m runs",
             "prove": "a command, and what it is for",
             "check": "whether what was found is right"}


def test_no_file_name_stands_twice_with_two_meanings():
    stems = Counter(path.stem for path in modules().values())
    twice = {stem for stem, count in stems.items() if count > 1} - {"__init__"}
    assert twice == set(SAME_NAME)


def test_setup_cfg_names_every_package():
    settings = configparser.ConfigParser()
    settings.read(Path(__file__).parents[1]/"setup.cfg")
    named = set(settings["options"]["packages"].split())
    assert named == {name for name, path in modules().items() if path.stem == "__init__"}


def test_the_lists_of_this_file_name_what_exists():
    for package, names in PROVERS.items():
        for name in names.split():
            assert f"{package}.{name}" in modules(), name


def test_the_checks_of_this_file_see_a_planted_error(tmp_path):
    bad = tmp_path/"bad.py"
    bad.write_text("import sympy\nfrom optim import rules\n")
    assert {"sympy", "optim", "optim.rules"} <= set(imports(bad))
    bad.write_text("def f():\n    from optim import report\n")
    assert "optim.report" in set(imports(bad, False)) - set(imports(bad))
    assert found_cycle({"a": ["b"], "b": ["c"], "c": ["b"]}) == ["b", "c", "b"]
    assert found_cycle({"a": ["b", "c"], "b": ["c"], "c": []}) == []
    assert unlisted("good.py  a file, in reading order", tmp_path) == ["bad.py"]
    assert unlisted("bad.py  a file", tmp_path) == ["bad.py"]
    assert unlisted("bad.py  a file, in reading order", tmp_path) == []
    assert shadowed("optim.mutants", {"optim.mutants.score", "optim.mutants.edits"}) == [
        "score"]
