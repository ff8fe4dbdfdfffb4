"""The page says what was measured: every ratio is that of the medians beside it."""
import re
from pathlib import Path

import pytest

from optim.benchmarks import campaigns
from optim.benchmarks.benchmark_page import Results, page, ratios
from optim.benchmarks.campaigns import write_page
from optim.benchmarks.implementations import EVERYONE
from optim.benchmarks.ratios import AIMS, STEEPEST, Growth, best, ratio
from optim.benchmarks.rounds import Measured
from optim.benchmarks.workloads import WORKLOADS, Workload
from optim.commands.cli import main

ROOT = Path(__file__).parents[2]
STORED = (ROOT/"notebooks"/"reference"/"benchmarks.md").read_text(encoding="utf-8")
README = (ROOT/"README.md").read_text(encoding="utf-8")
SMALL = WORKLOADS[1]


def results(**seconds):
    """Results of one workload, in which each implementation took so long in two rounds."""
    found = [Measured(SMALL, name, 1, 0.5, 2**21, (s, s)) for name, s in seconds.items()]
    growth = [Growth("width", name, (8, 16, 32), (s, 4*s, 16*s), ())
              for name, s in seconds.items()]
    growth.append(Growth("batch", "eager", (1, 10, 100), (1., 20., 400.), (1, 10, 100)))
    return Results(found, growth, "clock", 2, "1 May 2000, a machine")


def rows_of(text, title):
    """The rows of the first table under a heading, as lists, without its head."""
    part = text.split(f"\n## {title}")[1].split("\n## ")[0]
    lines = [line for line in part.split("\n") if line.startswith("|")]
    return [[entry.strip() for entry in line.strip("| ").split(" | ")] for line in lines]


def number(text):
    return float(text.split(" (")[0].replace(",", ""))


def complaints(text):
    """Where a page contradicts itself: its ratios and aims against its own medians."""
    medians = {(row[0], row[1]): number(row[3]) for row in rows_of(text, "A step")[2:]}
    head, _, *rows = rows_of(text, "Ratios")
    claimed = [(row[0], row[1], title, entry) for row in rows
               for title, entry in zip(head[2:], row[2:]) if entry != "–"]
    aims = rows_of(text, "Aims")[2:]
    claimed += [(row[0], row[1], row[2], row[4]) for row in aims]
    found = [f"{work}, {ours}, {other}: {entry}" for work, ours, other, entry in claimed
             if number(entry) != pytest.approx(
                 medians[work, f"minigrad {ours}"]/medians[work, other],
                 rel=0.02, abs=0.006)]
    found += [f"{row}" for row in aims
              if (row[5] == "yes") != (number(row[4]) <= number(row[3]))]
    return found


def test_the_ratios_are_of_the_medians_that_stand_below_them():
    made = results(eager=2e-4, compiled=5e-5, torch_fused=4e-4, jax=1e-4, by_hand=4e-5)
    text = page(made)
    assert complaints(text) == []
    head, rows = ratios(made)
    assert head[2:] == ["NumPy by hand", "PyTorch fused", "jax.jit"]
    assert [row[3].split()[0] for row in rows] == ["0.50", "0.12"]


@pytest.mark.parametrize("old, new", [
    ("0.50 (0.50 to 0.50)", "0.40 (0.40 to 0.40)"), ("| 200 |", "| 100 |"),
    ("| yes |", "| **no** |"), ("| **no** |", "| yes |")])
def test_a_planted_wrong_number_is_found(old, new):
    text = page(results(eager=2e-4, compiled=5e-5, torch_fused=4e-4, by_hand=4e-5))
    assert old in text and complaints(text.replace(old, new, 1))


def test_growth_is_a_power_and_what_is_too_steep_is_said():
    rows = rows_of(page(results(eager=1e-4, torch_fused=1e-4)), "Growth")[2:]
    assert ["batch", "1 to 100", "minigrad eager", "time", "1.30", "**no**"] in rows
    assert ["batch", "1 to 100", "minigrad eager", "memory", "1.00", "yes"] in rows
    assert ["width", "8 to 32", "PyTorch fused", "time", "2.00", "–"] in rows
    assert 1 < STEEPEST < 1.30


def test_the_better_number_of_threads_counts():
    found = [Measured(SMALL, "eager", n, seconds=(s, s)) for n, s in ((1, 2.0), (2, 1.0))]
    found.append(Measured(SMALL, "torch", 1, seconds=(4.0, 4.0)))
    assert best(found, SMALL, "eager").threads == 2
    assert ratio(found, SMALL, "eager", "torch").median == 0.25
    assert ratio(found, SMALL, "eager", "jax") is None


def test_what_was_not_measured_is_said_once():
    found = [*results(eager=1e-4).measured, *(
        Measured(work, "jax", 1, reason="it is tired") for work in WORKLOADS[:2])]
    text = page(Results(found, [], "processor", 2, "a machine"))
    assert text.count("- jax.jit: it is tired (MLP 2-16-1 B32; MLP 64-32-10 B32)") == 1
    assert "processor time, as others computed" in text


def test_a_page_is_written_with_its_picture(tmp_path):
    path = tmp_path/"made.md"
    write_page(path, results(eager=2e-4, torch_fused=4e-4))
    text = path.read_text(encoding="utf-8")
    assert "](made.svg)" in text and "<svg" in (tmp_path/"made.svg").read_text()
    assert rows_of(text, "Where PyTorch overtakes")[2:] == [
        [w, "0.50", "–", "–"] for w in ("8", "16", "32")]
    write_page(path, results(eager=2e-4))
    assert "overtakes" not in path.read_text(encoding="utf-8")


def test_every_aim_names_what_is_measured():
    for work, ours, theirs, most in AIMS:
        assert work in WORKLOADS and {ours, theirs} <= set(EVERYONE) and 0 < most < 3


def test_the_command_measures_and_prints_a_table(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(campaigns, "QUICK", (Workload("training", (3, 4, 2), 4),))
    path = tmp_path/"bench.md"
    assert main(["bench", "--quick", "--processor-time", "--out", str(path)]) == 0
    out = capsys.readouterr().out
    assert re.search(r"\| MLP 3-4-2 B4 \| eager \| [1-9]\d*\.\d\d \(", out)
    assert complaints(path.read_text(encoding="utf-8")) == []


def test_the_stored_page_does_not_contradict_itself():
    assert complaints(STORED) == []


def misquoted(readme, stored):
    """The rows of README's table of ratios that the page does not have so."""
    head, _, *rows = rows_of(stored, "Ratios")
    known = {(row[0], row[1], title): entry.split(" (")[0] for row in rows
             for title, entry in zip(head[2:], row[2:])}
    quoted = re.search(r"\| work \| minigrad \|.*?\n\n", readme, re.S)[0]
    titles, _, *rows = rows_of(f"\n## Quoted\n{quoted}", "Quoted")
    return [row for row in rows for title, entry in zip(titles[2:], row[2:])
            if known.get((row[0], row[1], title)) != entry]


def test_the_readme_quotes_the_stored_page():
    assert misquoted(README, STORED) == []
    date = re.search(r"\d+ \w+ \d{4}", STORED)[0]
    assert date in README


def test_a_planted_misquotation_is_found():
    entry = re.search(r"\| work \| minigrad \|.*?(\d+\.\d\d)", README, re.S)
    wrong = README[:entry.start(1)] + "0.01" + README[entry.end(1):]
    assert len(misquoted(wrong, STORED)) == 1
