"""What is reckoned of a step by several machines; the table says what was timed."""
import pytest

from optim.benchmarks.worker_counts import (
    Timed, best_count, exchanged, main, reckoned, tables, timed)


def test_a_step_sends_all_parameters_and_gets_all_gradients_of_each_worker():
    assert exchanged(1000, 0) == 0 and exchanged(1000, 3) == 2*3*1000*4
    assert exchanged(1000, 3, itemsize=8) == 2*exchanged(1000, 3)


@pytest.mark.parametrize("compute, parameters", [
    (0.3, 1_900_000), (1e-3, 2000), (5.0, 10**8)])
def test_the_best_number_of_machines_is_where_another_one_does_not_pay(compute, parameters):
    best = best_count(compute, parameters, 1.25e9)
    seconds = [reckoned(compute, parameters, count, 1.25e9, 1e-3)
               for count in range(1, 3*best + 3)]
    assert abs(1 + seconds.index(min(seconds)) - best) <= 1


def test_the_table_says_what_was_timed():
    alone, = timed("4-3", 8, [0], steps=2)
    assert (alone.parameters, alone.bytes_sent) == (15, 0) and alone.seconds > 0
    text = tables([Timed("4-3", 8, 0, 15, 0.5, 0), Timed("4-3", 8, 2, 15, 0.25, 240)])
    row = text.splitlines()[3].split()
    assert row[:7] == ["4-3", "8", "2", "250.00", "ms", "2.00", "0.00"]
    assert "the most that pay" in text


def test_the_command_says_what_it_takes(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "--workers" in capsys.readouterr().out
