"""What runs in the process of its own of python_files.py: one file, lifted, as JSON.

Standard input has [FILE.py:NAME, arguments]; the only argument is the seconds of CPU.
"""
import json
import os
import re
import sys
from typing import Any

from optim.lifting.assembly import source_of
from optim.lifting.lifted import implementation, used
from optim.lifting.python_files import one_line, parted, with_its_file
from optim.lifting.rule_functions import as_text, is_rule_shaped, made_text
from optim.optimizers.beside import claims_beside, units_beside
from optim.optimizers.signatures import name_of

MEMORY = 4*2**30                        # bytes


def main() -> None:
    """Answer on what was standard output, which the file does not see."""
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    quiet = os.open(os.devnull, os.O_RDWR)
    words, hyper = json.load(sys.stdin)
    for stream in (0, 1, 2):
        os.dup2(quiet, stream)
    limit(int(sys.argv[1]))
    try:
        sys.path.append(str(parted(words)[0].resolve().parent))
        target, there = with_its_file(words)
        rule, path = rule_text(target, hyper)
        found = {"rule": rule, "path": path} | said_beside(target, there)
    except (Exception, SystemExit) as error:
        found = {"error": [type(error).__name__, one_line(error)]}
    answer.write(json.dumps(found))
    answer.flush()
    os._exit(0)                                         # nothing that waits at exit


def rule_text(target: Any, hyper: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The rule that a target is, or what it is lifted to, as text; and its path."""
    if is_rule_shaped(target) and not hyper and not used(target):
        return as_text(target)
    return made_text(*source_of(implementation(target, hyper)))


def said_beside(target: Any, there: dict[str, Any]) -> dict[str, Any]:
    """What stands beside a rule in its file: its claims, its units, and other rules there
    that the claims name."""
    def beside():
        """The target's name with what is said of it."""
    beside.__name__ = name_of(target)
    for word in ("claims", "units"):
        setattr(beside, word, getattr(target, word, there.get(word)))
    claims = claims_beside(beside)
    named = {*re.findall(r"\w+", " ".join(claims))} - {name_of(target)}
    others = [as_text(there[n])[0] for n in sorted(named & there.keys())
              if is_rule_shaped(there[n]) and there[n] is not target]
    return {"claims": claims, "units": units_beside(beside), "others": others}


def limit(seconds: int) -> None:
    """Limit memory and time where the system can."""
    try:
        import resource
    except ImportError:                                 # Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
