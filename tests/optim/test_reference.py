"""The page of public names is what the docstrings say today, and holds every name."""
import inspect
from html import unescape

import minigrad
import optim
from minigrad import data, nn
from optim.commands import reference

PAGE = reference.PAGE.read_text(encoding="utf-8")


def test_the_page_is_fresh():
    assert PAGE == reference.page(), "run: python -m optim.commands.reference"


def test_every_public_name_stands_on_it():
    for room in (minigrad, nn, data, optim):
        for name in room.__all__:
            value = getattr(room, name)
            assert inspect.ismodule(value) or f"<code>{name}" in PAGE or any(
                f"<code>{other}" in PAGE for other in vars(room)
                if vars(room)[other] is value), name


def test_a_docstring_or_signature_that_changes_is_seen(monkeypatch):
    def minimize(f, x0, steps=3):
        """Another sentence. And more."""
    monkeypatch.setattr(optim, "minimize", minimize)
    text = unescape(reference.page())
    assert "minimize(f, x0, steps=3)</code> Another sentence.</summary>" in text
    assert text != unescape(PAGE)


def test_nothing_of_the_machine_stands_on_it():
    assert " at 0x" not in PAGE and str(reference.PAGE.parents[2]) not in PAGE
