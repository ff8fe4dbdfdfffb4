"""Where an input is fetched at a call: from an argument, a tensor, an optimizer's settings.
"""
from typing import Any, NamedTuple


class Source(NamedTuple):
    """A text that fetches something: of the object that stands for {}, or of `leaves`, the
    leaves of the arguments."""
    text: str
    owner: Any = None

    def same(self, other: "Source") -> bool:
        """Whether two recordings fetched the same there."""
        return self.text == other.text and self.owner is other.owner

    def extended(self, text: str) -> "Source":
        """What is found from there on."""
        return Source(self.text + text, self.owner)

    def fetch(self, leaves: list) -> Any:
        """What stands there now."""
        return eval(self.text.format("owner"), {"owner": self.owner, "leaves": leaves})


def fetcher(sources: list[Source], around: str) -> Any:
    """A quick function of the leaves: `around` with what the sources fetch for {}."""
    space: dict[str, Any] = {}
    texts = []
    for i, source in enumerate(sources):
        space[f"o{i}"] = source.owner
        texts.append(source.text.format(f"o{i}"))
    exec(f"def fetch(leaves): return {around.format(', '.join(texts))}", space)
    return space["fetch"], space
