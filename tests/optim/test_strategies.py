"""The experiments of a survey's section 6: the page has every one, and they run again."""
from pathlib import Path

import pytest

from optim.training.strategies import EXPERIMENTS, Row, noise, rows, shuffling, table

PAGE = (Path(__file__).parents[2]/"notebooks"/"reference"/"strategies.md").read_text(
    encoding="utf-8")


def row_of(*setting):
    """Median, least and largest of a row of the page."""
    start = f"| {' | '.join(map(str, setting))} | "
    (line,) = [line for line in PAGE.splitlines() if line.startswith(start)]
    return [float(cell) for cell in line.removeprefix(start).strip("| ").split(" | ")]


def test_the_page_has_a_row_for_each_setting():
    for experiment in EXPERIMENTS:
        assert f"## {experiment.title}" in PAGE and experiment.measured in PAGE
        for setting in experiment.settings:
            median, least, largest = row_of(*setting)
            assert least <= median <= largest


@pytest.mark.parametrize("setting", [("class by class", 3), ("drawn anew", 3)])
def test_an_order_does_what_the_page_says(setting):
    _, least, largest = row_of(*setting)
    assert least <= round(shuffling(*setting, 0), 4) <= largest


@pytest.mark.parametrize("variance", [0.0, 0.01])
def test_noise_frees_weights_that_are_all_equal(variance):
    setting = 1, "all weights 0", "sgd", variance
    _, least, largest = row_of(*setting)
    assert least <= round(noise(*setting, 0), 4) <= largest
    assert (largest < 0.15) == (variance == 0)


def test_a_table_is_made_of_what_was_found():
    quick = EXPERIMENTS[0]._replace(
        settings=(("a", 1), ("b", 2)), run=lambda order, epochs, seed: epochs/(seed + 1))
    found = rows(quick, seeds=(0, 1, 3))
    assert found == [Row("a | 1", [1, 0.5, 0.25]), Row("b | 2", [2, 1, 0.5])]
    assert "| b | 2 | 1.0000 | 0.5000 | 2 |" in table(quick, found)
