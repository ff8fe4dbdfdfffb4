"""Which name a word means, and what a message says to who misspelled one."""
import dis
import sys
from collections.abc import Iterable, Mapping

from minigrad.spellings import did_you_mean

__all__ = ["OTHER_NAMES", "did_you_mean", "meant", "no_such_name", "squeezed"]

# What people call the rules.
OTHER_NAMES = {"sgd": "gradient_descent", "bgd": "gradient_descent",
               "mbgd": "gradient_descent", "gd": "gradient_descent",
               "heavy_ball": "momentum", "polyak": "momentum", "nesterov": "nag"}


def meant(word: object, names: Iterable[str],
          aliases: Mapping[str, str] | None = None) -> str | None:
    """The one of the names that a word means, in whatever case; None if it is another word.

    Spaces, hyphens and underscores do not count. aliases as in did_you_mean.

    >>> meant("Rms-Prop", ["adam", "rmsprop"]), meant("adm", ["adam"])
    ('rmsprop', None)
    """
    known = {squeezed(other): name for other, name in (aliases or {}).items()}
    known |= {squeezed(name): name for name in names}
    return known.get(squeezed(word)) if isinstance(word, str) else None


def no_such_name(module: str, name: str, known: Iterable[str], why: str = "") -> Exception:
    """What a module raises for a name that it lacks, with the nearest that it has.

    An import has to be answered by an ImportError: of an AttributeError it says nothing.
    """
    caller = sys._getframe(2)
    importing = caller.f_code.co_code[caller.f_lasti] == dis.opmap["IMPORT_FROM"]
    text = f"{module} has no {name!r}{why or ';' + did_you_mean(name, known)}".rstrip(";")
    return (ImportError if importing else AttributeError)(text)


def squeezed(word: str) -> str:
    """The word in small letters, without what stands between words."""
    return "".join(word.casefold().split()).replace("_", "").replace("-", "")
