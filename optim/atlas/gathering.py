"""What stands in the atlas: each library's formula, lifted where the library is installed,
and what each two of one name are to each other.
"""
import itertools
from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from importlib import metadata

from optim.atlas.names_in_libraries import FAMILIES, PAPER, SURVEY, recorded
from optim.comparing import Comparison, compare
from optim.comparing.meant_rules import Meant, meant_rule
from optim.workers import results

RECORDED = {"torch": "2.13.0", "optax": "0.2.8", "keras": "3.15.1"}    # of our own copies
DATE = "2026-11"
SECONDS, SEARCH = 300, 100                  # of a pair, at most: most take one or two


@dataclass(frozen=True)
class Member:
    """One of a family: where it is from, what it is, and whether it is as we have it.

    version is that of the library which was lifted, None for a paper and for our own copy;
    change is how the lifted one compares with our copy, None where nothing was lifted.
    """
    source: str
    text: str
    meaning: Meant
    version: str | None = None
    change: Comparison | None = None

    @property
    def origin(self) -> str:
        """Where the formula is from, in words."""
        if self.source not in RECORDED:
            return {PAPER: "the paper's", SURVEY: "Ruder's survey"}[self.source]
        if self.version is None:
            return f"{self.source} {RECORDED[self.source]}, recorded {DATE}"
        words = f"{self.source} {self.version}, lifted from what is installed"
        if self.change is not None and not self.change.same:
            return f"{words}; NOT as {RECORDED[self.source]} was: {self.change.headline}"
        return words


@dataclass(frozen=True)
class Family:
    """Optimizers of one name, and how each two of them compare: {(source, source): it}."""
    title: str
    members: dict[str, Member]
    pairs: dict[tuple[str, str], Comparison]


def gathered(titles: Iterable[str] | None = None, installed: bool = True,
             progress: bool = False, executor: Executor | None = None,
             workers: int | None = None) -> list[Family]:
    """The families of these titles, or all.

    installed=False uses our own copies only, so that no library is loaded. executor,
    workers: where each is gathered, if not here; see optim.workers.
    """
    todo = [(title, installed) for title in (FAMILIES if titles is None else titles)]
    return [*results(gather, todo, executor, workers, unit="name",
                     progress="atlas" if progress else "")]


def gather(title: str, installed: bool) -> Family:
    """The family of a title."""
    members = {source: member(source, text, installed)
               for source, text in FAMILIES[title].items()}
    return Family(title, members, {
        (a, b): compared(members[a], members[b])
        for a, b in itertools.combinations(members, 2)})


def compared(a: Member, b: Member) -> Comparison:
    """How two of a family compare, and what makes them one rule."""
    return compare(a.meaning.formula, b.meaning.formula, seconds=SECONDS, search=SEARCH)


def member(source: str, text: str, installed: bool) -> Member:
    """One optimizer: lifted where its library is installed, else as we have it."""
    if source not in RECORDED:
        return Member(source, text, meant_rule(text))
    version = version_of(source) if installed else None
    ours = meant_rule(recorded(text))
    if version is None:
        return Member(source, text, ours)
    lifted = meant_rule(text)
    return Member(source, text, lifted, version, compare(
        lifted.formula, ours.formula, seconds=SECONDS))


def version_of(library: str) -> str | None:
    """The version of a library that is installed, None if it is not."""
    try:
        return metadata.version(library).partition("+")[0]
    except metadata.PackageNotFoundError:
        return None
