"""Every rule of the playground on every landscape, in the browser beside Python. A command:

    python -m pytest --import-mode=importlib tests/full/test_playground_everywhere.py

A landscape may magnify the last place of a sine from step to step until two paths have
nothing in common; which is right, nobody can say. So each step is compared from where
Python's path is: the gradient there, and the step by it, to 1e-12. Whole paths are compared
as well; those that part are counted, and are paths of a kind: on all others none parts.
"""
import warnings

import numpy as np
import pytest

import optim
from optim.landscapes import LANDSCAPES
from optim.optimizers.signatures import anatomy
from optim.playground.javascript import mathematics
from tests.optim import page_runs as pages

STEPS = 100
# Landscapes whose slopes are of exp, sin or cos, which no two libraries round alike, or of
# a fourth power, which NumPy itself rounds in two ways.
ROUNDED = {"rastrigin", "mccormick", "two_pits", "plateau", "golf_hole", "sine_saddle",
           "styblinski_tang"}
SLOPES = """([name, points]) => points.map(p => {
  const land = MG.landscapes[name]; return [...land.gradient(...p)]; })"""


@pytest.fixture(scope="module")
def page(browser):
    page = browser.new_page()
    page.add_script_tag(content=mathematics().replace("const MG =", "window.MG =", 1))
    return page


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", [n for n, x in LANDSCAPES.items() if not x.sampled])
def test_each_step_of_each_rule_from_pythons_path_is_pythons(page, name):
    parted = set()
    runs = pages.every_run(pages.RULES, [name], STEPS)
    for (key, _, _, _), path in zip(runs, page.evaluate(pages.PATHS, runs)):
        history = run_of(key, name)
        finite = np.isfinite(history.theta).all(axis=1) & np.isfinite(history.grad).all(
            axis=1)
        last = len(finite) if finite.all() else int(np.argmin(finite))
        points = history.theta[:last]
        slopes = page.evaluate(SLOPES, [name, points.tolist()])
        apart = np.abs(np.array(slopes) - history.grad[:last])
        assert (apart <= pages.CLOSE*(1 + np.abs(points) + np.abs(
            history.grad[:last]).max(axis=1, keepdims=True))).all(), key
        steps = [step_at(key, history, t) for t in range(1, last)]
        for t, after in enumerate(page.evaluate(pages.STEPS, [*map(pages.sent, steps)]), 1):
            assert pages.differences(after[0], history.theta[t]).max() <= pages.CLOSE, key
        if not (pages.differences(path, history.theta)[:last] <= pages.CLOSE).all():
            parted.add(key)
    print(f"{name}: {len(runs) - len(parted)} of {len(runs)} whole paths are one; apart: "
          f"{', '.join(sorted(parted))}")
    assert not parted or name in ROUNDED


def run_of(key, name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return optim.minimize(LANDSCAPES[name], LANDSCAPES[name].start, pages.RULES[key],
                              STEPS, check_finite=False, **pages.defaults(pages.RULES[key]))


def step_at(key, history, t):
    """Step t from Python's states."""
    rule = pages.RULES[key]
    states = {n: history[n][t - 1] for n in anatomy(rule)[0]}
    return [key, history.theta[t - 1], history.grad[t - 1], {
        n: x if np.ndim(x) else float(x) for n, x in states.items()}, t,
        pages.defaults(rule)]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", [n for n, x in LANDSCAPES.items() if x.sampled])
def test_paths_on_what_is_drawn_are_pythons(page, name):
    runs = [run for run in pages.every_run(pages.RULES, [name], STEPS)]
    far = {key: pages.differences(path, pages.python_path(key, name, steps)).max()
           for (key, _, steps, _), path in zip(runs, page.evaluate(pages.PATHS, runs))}
    assert {key for key, x in far.items() if not x <= pages.CLOSE} == set()
