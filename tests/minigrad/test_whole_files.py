"""Claims about files that appear whole or not at all, and about hints."""
import os
import stat
import threading

import pytest

from optim.hints import did_you_mean
from minigrad.whole_files import whole_file


def test_a_file_appears_when_it_is_whole(tmp_path):
    path = tmp_path/"a.bin"
    with whole_file(path) as file:
        file.write(b"half")
        assert not path.exists()
        file.write(b" and half")
    assert path.read_bytes() == b"half and half" and os.listdir(tmp_path) == ["a.bin"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_what_breaks_midway_leaves_the_earlier_file_and_nothing_else(tmp_path, error):
    path = tmp_path/"a.bin"
    path.write_bytes(b"old")
    with pytest.raises(error), whole_file(path) as file:
        file.write(b"half")
        raise error
    assert path.read_bytes() == b"old" and os.listdir(tmp_path) == ["a.bin"]


def test_a_file_that_cannot_take_its_place_leaves_the_earlier_one(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError("no space left")

    path = tmp_path/"a.bin"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="no space"), whole_file(path) as file:
        file.write(b"new")
    assert path.read_bytes() == b"old" and os.listdir(tmp_path) == ["a.bin"]


def test_a_new_file_has_the_rights_that_other_files_get(tmp_path):
    (tmp_path/"other").write_text("")
    with whole_file(tmp_path/"new") as file:
        file.write(b"x")
    rights = [stat.S_IMODE((tmp_path/name).stat().st_mode) for name in ("other", "new")]
    assert rights[0] == rights[1]


def test_two_threads_that_write_one_file_do_not_mix_it(tmp_path):
    path, both = tmp_path/"a.bin", threading.Barrier(2)

    def write(text):
        with whole_file(path) as file:
            file.write(text)
            both.wait(10)                           # both are under way now
            file.write(text)

    threads = [threading.Thread(target=write, args=(text,)) for text in (b"aa", b"bb")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert path.read_bytes() in (b"aaaa", b"bbbb") and os.listdir(tmp_path) == ["a.bin"]


def test_a_hint_names_what_is_near_and_is_silent_where_nothing_is():
    assert did_you_mean("adm", ["nag", "adam"]) == " did you mean adam?"
    assert did_you_mean("ADAM", ["nag", "adam"]) == " did you mean adam?"
    assert did_you_mean("zzz", ["nag", "adam"]) == ""
    assert did_you_mean("verfy", ["verify", "prove", "race"], most=3) == (
        " did you mean verify or prove?")
    assert did_you_mean("heavy", ["adam"], {"heavy_ball": "momentum"}) == (
        " did you mean momentum?")
