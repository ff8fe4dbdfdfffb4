"""What was proved in Python, written as certificates.

    certify("certificates", verify("adam"), prove("adamw", "adam"))
"""
import os
from collections.abc import Mapping
from typing import Any

from optim.certificates.claim_files import (
    certified, certified_verdicts, counted, prepared, write)
from optim.proving.verdicts import Condition, Verdict


def certify(directory: str | os.PathLike[str], *results: Any) -> dict[str, Any]:
    """Write why these results hold, for minigrad check DIRECTORY to read again.

    results: what optim.verify, prove or compare gave; or a file of certificates as it is,
    such as certificates.readings(rule): that a rule's formula is what its program does.
    A directory that is missing is made; other files of certificates in it stay. Returns
    how many verdicts have a certificate, and how many have none, by method.

    FileExistsError if something else than certificates stands there, TypeError for what
    is no result.

    >>> from tempfile import TemporaryDirectory
    >>> import optim
    >>> with TemporaryDirectory() as directory:
    ...     certify(directory, optim.prove("adamw", "adam", where={"weight_decay": 0}))
    {'certified': 1, 'uncertified': {}}
    """
    prepared(directory)
    files = [*map(file_of, results)]
    write(directory, files)
    return counted(files)


def file_of(result: Any) -> dict[str, Any]:
    """The file of a result's certificates."""
    if isinstance(result, Mapping) and "claims" in result:
        return dict(result)
    if isinstance(result, Verdict):
        return certified_pair(result.about or "a verdict", result)
    if hasattr(result, "verdicts"):                         # of compare
        return certified_verdicts(result.about, result.verdicts())
    if hasattr(result, "claims"):                           # of verify
        return certified(result)
    raise TypeError(f"certify: {result!r:.80} came; needed what optim.verify, optim.prove "
                    "or optim.compare gave")


def certified_pair(about: str, verdict: Verdict) -> dict[str, Any]:
    """The file of a verdict of optim.prove: each quantity, and what makes the two equal."""
    claims = [("equal", about, verdict)]
    if isinstance(verdict.equal_if, Condition):
        claims.append(("equal-if", f"{about}, if {verdict.equal_if}",
                       verdict.equal_if.check))
    return certified_verdicts(about, claims)
