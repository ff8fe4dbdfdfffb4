"""Which name a word means, and what a message says to who misspelled one."""
import difflib
from collections.abc import Iterable, Mapping

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


def squeezed(word: str) -> str:
    """The word in small letters, without what stands between words."""
    return "".join(word.casefold().split()).replace("_", "").replace("-", "")


def did_you_mean(word: str, names: Iterable[str], aliases: Mapping[str, str] | None = None,
                 most: int = 1, near: float = 0.4) -> str:
    """The names nearest to the word as a question, or nothing if none is near.

    aliases {what it is also called: name} are looked at too, and answered with the name.
    near: how alike a name must be, from 0 to 1.

    >>> did_you_mean("Adma", ["adam", "nag"])
    ' did you mean adam?'
    >>> did_you_mean("nesterof", ["adam", "nag"], {"nesterov": "nag"})
    ' did you mean nag?'
    """
    known = {other.lower(): name for other, name in (aliases or {}).items()}
    known |= {name.lower(): name for name in names}
    found = difflib.get_close_matches(str(word).lower()[:100], known, most, near)
    meant_ones = dict.fromkeys(known[name] for name in found)
    return f" did you mean {' or '.join(meant_ones)}?" if meant_ones else ""
