"""What stands beside a rule in its file: `claims` and `units`, lists and tables of text."""
from typing import Any

from optim.optimizers.signatures import Rule, name_of

MOST, LONGEST = 50, 400                 # texts beside one rule; letters of one of them


def beside(rule: Rule, word: str) -> Any:
    """What stands beside a rule under this name: its own, or in its file; None if nothing.
    """
    return getattr(rule, word, getattr(rule, "__globals__", {}).get(word))


def claims_beside(rule: Rule) -> list[str]:
    """The claims of a rule; ValueError for what is no list of texts.

    >>> def ball(theta, g, m, *, t, lr=0.1): ...
    >>> ball.claims = {"ball": ["not adam"]}
    >>> claims_beside(ball)
    ['not adam']
    """
    given = beside(rule, "claims")
    if isinstance(given, dict):
        given = given.get(name_of(rule))
    if given is None:
        return []
    if not isinstance(given, (list, tuple)) or not are_texts(given):
        raise ValueError(f"claims of {name_of(rule)}: came {given!r:.80}; needed a list of "
                         f"texts, such as ['gradient_descent if mu = 0'], {SIZE}")
    return [*given]


def units_beside(rule: Rule) -> dict[str, str]:
    """The units of a rule's letters; ValueError for what is no {letter: text}."""
    given = beside(rule, "units")
    if given is None:
        return {}
    if not isinstance(given, dict) or not (
            are_texts(given) and are_texts([*given.values()])):
        raise ValueError(f"units of {name_of(rule)}: came {given!r:.80}; needed texts by "
                         f"letter, such as {{'speed': 'P/L'}}, {SIZE}")
    return {**given}


def are_texts(given: Any) -> bool:
    """Whether all are texts, and not too many or too long."""
    return len(given) <= MOST and all(
        isinstance(text, str) and len(text) <= LONGEST for text in given)


SIZE = f"at most {MOST} of at most {LONGEST} letters"
