"""prove: equivalence.prove, of rules by any name and of any library too."""
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from optim.comparing.meant_rules import meant_rule
from optim.dialects.named_optimizers import PACKAGES
from optim.dialects.library import LibraryOptimizer
from optim.equivalence import proofs
from optim.hints import OTHER_NAMES, meant
from optim.lifting.lifted import library_of
from optim.proving.verdicts import Verdict, stated
from optim.rules import RULES


def prove(a: Any, b: Any, relation: str = "==", where: Mapping | None = None,
          seconds: float = 60.0, equal_if: bool = True) -> Verdict:
    """Decide whether `a relation b`: of two expressions, or of two optimizers.

    As equivalence.prove; an optimizer may also be "torch:RMSprop", "FILE.py:FUNCTION", a
    class of torch.optim, an optimizer of Optax or Keras: as optim.compare takes it, which
    matches letters, tells values and looks further for what makes two rules one.
    optim.certify writes why the verdict holds.

    >>> prove("torch:RMSprop", "rmsprop").status
    'PROVED'
    """
    verdict = proofs.prove(read(a), read(b), relation, where, seconds, equal_if)
    return replace(verdict, about=in_words(a, b, relation, where))


def in_words(a: Any, b: Any, relation: str, where: Mapping | None) -> str:
    """What is asked, with the names of rules."""
    left, right = (str(getattr(x, "name", None) or getattr(x, "__name__", None) or x)
                   for x in (a, b))
    return f"{left} {relation} {right}" + (
        f", where {', '.join(stated(where))}" if where else "")


def read(x: Any) -> Any:
    """The rule, if x is one by another name than equivalence.prove knows; else x itself."""
    foreign = meant(x, RULES, OTHER_NAMES) is None if isinstance(x, str) else (
        isinstance(x, LibraryOptimizer) or isinstance(x, type) and issubclass(
            x, LibraryOptimizer) or callable(x) and library_of(x) in PACKAGES)
    return meant_rule(x).formula.rule if foreign else x
