"""A text to learn letters from, small enough to be learned in seconds."""
from pathlib import Path


def verses() -> str:
    """The House That Jack Built: eleven verses, each of which repeats the one before.

    A nursery rhyme in 1,971 letters (28 different ones). Author unknown; in print in London
    since 1755, so that it is nobody's property.

    >>> verses()[:34]
    'This is the house that Jack built.'
    >>> len(verses()), len(set(verses()))
    (1971, 28)
    """
    return Path(__file__).with_name("verses.txt").read_text(encoding="utf-8")
