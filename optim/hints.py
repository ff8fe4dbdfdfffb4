"""What a message says to who misspelled a name."""
import difflib
from collections.abc import Iterable, Mapping

# What people call the rules; only hints use this.
OTHER_NAMES = {"sgd": "gradient_descent", "bgd": "gradient_descent",
               "mbgd": "gradient_descent", "heavy_ball": "momentum", "nesterov": "nag"}


def did_you_mean(word: str, names: Iterable[str], aliases: Mapping[str, str] | None = None,
                 most: int = 1) -> str:
    """The names nearest to the word as a question, or nothing if none is near.

    aliases {what it is also called: name} are looked at too, and answered with the name.

    >>> did_you_mean("Adma", ["adam", "nag"])
    ' did you mean adam?'
    >>> did_you_mean("nesterof", ["adam", "nag"], {"nesterov": "nag"})
    ' did you mean nag?'
    """
    aliases = aliases or {}
    near = difflib.get_close_matches(str(word).lower(), [*names, *aliases], most, 0.4)
    meant = dict.fromkeys(aliases.get(name, name) for name in near)
    return f" did you mean {' or '.join(meant)}?" if meant else ""
