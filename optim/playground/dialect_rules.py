"""Every rule of the page by its key: the papers', and each library's by its arguments."""
import inspect
import itertools
from collections.abc import Iterator
from typing import Any

from optim import dialects
from optim.atlas.names_in_libraries import FAMILIES, PAPER, recorded
from optim.dialects.adapted_rules import adapted
from optim.dialects.library import LibraryOptimizer
from optim.dialects.named_optimizers import (
    class_of, is_of_a_dialect, labelled, parsed, rate_for)
from optim.dialects.named_optimizers import called as called_entrywise
from optim.optimizers.signatures import Rule, is_of_whole_parameters
from optim.races.replays import VARIANTS
from optim.rules import RULES, WHOLE_RULES

# What chooses another rule of a class, beside its flags; momentum is off by default.
CHOOSING = {"momentum": 0.9, "dampening": 0.5, "warmup_steps": 10}
# A flag that climbs, and two that change nothing in what is computed.
PASSED = "maximize", "differentiable", "capturable"


def called(text: str) -> Rule:
    """The rule of a library's optimizer, as named_optimizers has it; also one that looks
    at whole parameters. What is 0 among the arguments counts as 0."""
    name, values, given = parsed(text)
    library, _, cls = name.partition(":")
    if library == "survey":
        return called_entrywise(text)
    made = class_of(library, cls)
    rate = rate_for(made, values, given)
    rule, settings, _ = made.choice(**made.arguments(*values, **given, **rate))
    if not is_of_whole_parameters(rule):
        return called_entrywise(text)
    zero = {n: 0 for n, x in settings.items() if x == 0}
    return labelled(text, adapted(rule, held=zero, defaults={
        n: x for n, x in settings.items() if n not in zero}))


def arguments_of(cls: type[LibraryOptimizer]) -> Iterator[dict[str, Any]]:
    """Arguments that may choose another rule of a class, the fewest first."""
    takes = inspect.signature(cls.choose).parameters.values()
    others: list[tuple[str, Any]] = [
        (p.name, not p.default) for p in takes if isinstance(p.default, bool)
        and p.name not in PASSED and not p.name.endswith("_mask")]
    others += [(p.name, CHOOSING[p.name]) for p in takes
               if p.name in CHOOSING and not p.default]
    others += [(p.name, 1.0) for p in takes
               if p.name == "learning_rate" and p.default is None]
    for count in range(len(others) + 1):
        yield from map(dict, itertools.combinations(sorted(others, key=str), count))


def of_library(library: str) -> Iterator[str]:
    """The keys of a library: each class, and each other rule that it may choose."""
    for name, cls in vars(getattr(dialects, library)).items():
        if not (isinstance(cls, type) and issubclass(cls, LibraryOptimizer)
                and hasattr(cls, "choose")):
            continue
        seen = set()
        for given in arguments_of(cls):
            try:
                rule = cls.choice(**cls.arguments(**given, **rate_for(cls, (), given))).rule
            except ValueError:              # the class says that these do not go together
                continue
            if rule not in seen:
                seen.add(rule)
                inner = ", ".join(f"{n}={x!r}" for n, x in given.items())
                yield f"{library}:{name}" + f"({inner})"*bool(inner)


def keys() -> dict[str, tuple[str, Rule]]:
    """{key: (group, rule)} of all rules of the page."""
    found = {name: ("paper", rule) for name, rule in (RULES | WHOLE_RULES).items()}
    texts = [text for library in ("torch", "optax", "keras")
             for text in of_library(library)]
    texts += [f"survey:{name}" for name in dialects.survey.RULES]
    of_atlas = [recorded(text) for family in FAMILIES.values()
                for source, text in family.items() if source in dialects.MODULES
                and source != "survey"]
    same = {same_text(text): text for text in texts}
    texts += [text for text in dict.fromkeys(of_atlas) if same_text(text) not in same]
    found |= {text: (text.partition(":")[0], called(text)) for text in texts}
    return found | {rule.__name__: ("animation", rule) for rule in VARIANTS}


def same_text(text: str) -> Any:
    """A text by what it says: in whatever order its arguments stand."""
    name, values, given = parsed(text)
    return name.lower(), values, frozenset(given.items())


def papers() -> dict[str, str]:
    """{key of a dialect: the name of its paper's rule}, by the atlas.

    Of what stands in no family, the family of the most of its arguments counts.
    """
    ours = RULES | WHOLE_RULES
    families: dict[Any, str] = {}
    for family in FAMILIES.values():
        paper = family.get(PAPER, "")
        for text in family.values() if paper in ours else ():
            families.setdefault(same_text(
                text if is_of_a_dialect(text) else recorded(text)), paper)
    found = {rule.__name__: paper for rule, (paper, _) in VARIANTS.items()}
    for text in filter(is_of_a_dialect, keys()):
        name, values, given = same_text(text)
        fewer = [(name, values, frozenset(some)) for count in range(len(given), -1, -1)
                 for some in itertools.combinations(sorted(given, key=str), count)]
        alone = name.partition(":")[2].replace("_", "")
        named = [n for n in ours if n.replace("_", "") in (alone, alone.removesuffix("w"))]
        for paper in [*(families[x] for x in fewer if x in families), *named][:1]:
            found[text] = paper
    return found
