"""minigrad verify: every claim about a rule or topic, or the prover itself.

    minigrad verify adam nag
    minigrad verify --all --json
    minigrad verify --mutants
    minigrad verify --all --certificates certificates
    minigrad verify torch:RMSprop homework.py:rmsprop --against rmsprop
"""
import argparse
from typing import Any

from optim.commands.shared import (
    BAD, GOOD, OTHERS, TOPICS, UserError, against_of, against_option, is_plain, json_option,
    known_name, known_rule, known_source, print_json, refusing, workers_option)
from optim.optimizers.signatures import Rule, name_of, named_rule
from optim.rules import FIRST, RULES
from optim.workers import results


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("names", metavar="NAME", nargs="*",
                        help=f"rules, or topics: {', '.join(TOPICS)}; {OTHERS}")
    against_option(parser)
    parser.add_argument("--all", action="store_true", help="verify every rule and topic")
    parser.add_argument("--mutants", action="store_true",
                        help="verify the prover instead: does it tell small slips in a "
                        "rule from the rule? Of these rules, of all with --all, or of "
                        "the first eleven")
    parser.add_argument("--certificates", metavar="DIRECTORY",
                        help="write there why each verdict holds, a file for each name, "
                        "for minigrad check to read again")
    workers_option(parser, default="none but this one")
    json_option(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print every claim with its verdict; bad if one is not as claimed."""
    topics = () if arguments.mutants else TOPICS
    names = list(dict.fromkeys(
        known_name(name, topics) if is_plain(name) else known_source(name)
        if arguments.mutants else known_rule(name) for name in arguments.names))
    if arguments.mutants and arguments.certificates is not None:
        raise UserError("verify: --certificates are of claims; leave out --mutants")
    if arguments.mutants and not (names and arguments.all):
        return mutants_told_apart(names or [*(RULES if arguments.all else FIRST)],
                                 arguments.json, arguments.workers)
    if bool(names) == arguments.all:
        raise UserError("verify: needed names of rules or topics, or else --all; see"
                        " minigrad verify --help")
    names = names or [*RULES, *TOPICS]
    from optim.derivations import tally
    place = arguments.certificates
    if place is not None:
        from optim import certificates
        with refusing(OSError):                     # fails now, not after the work
            certificates.prepared(place)
    reports, files = [], []
    todo = [(name, against_of(name, arguments.against), place is not None)
            for name in names]
    with refusing(ValueError, TypeError):
        for report, file in results(decided, todo, workers=arguments.workers):
            reports.append(report)
            files.append(file)
            if not arguments.json:
                print(report, end="\n\n", flush=True)
    if place is not None:
        if rules := [name for name in names if callable(name) or name in RULES]:
            files.append(certificates.readings(rules))
        if arguments.all:                           # what gradients rest on
            files += certificates.certified_vjps()
        certificates.write(place, files)
    if arguments.json:
        found = [report.as_dict() for report in reports]
        print_json(found if place is None else {
            "reports": found, "certificates": certificates.counted(files)})
    else:
        claims = [claim for report in reports for claim in report.claims]
        what = "rule or topic" if len(reports) == 1 else "rules and topics"
        print(f"{len(reports)} {what}, {len(claims)} claims: {tally(claims)}")
        if place is not None:
            print(f"{certificates.summary(files)}\nminigrad check {place}")
    return GOOD if all(report.ok for report in reports) else BAD


def decided(name: str | Rule, against: str | None, certified: bool) -> tuple[Any, Any]:
    """The report, and the file of its certificates if they are asked for."""
    import optim.claims as claims
    report = claims.decided(name, against)
    if not certified:
        return report, None
    from optim import certificates
    return report, certificates.certified(report)


def scored(name: str | Rule) -> Any:
    """The score of a rule's mutants."""
    import optim.mutants as mutants
    return mutants.score(name)


def mutants_told_apart(names: list[str | Rule], as_json: bool, workers: int | None) -> int:
    """Print how well the prover tells these rules from their mutants."""
    import optim.mutants as mutants
    found: list[mutants.Judged] = []
    with refusing(TypeError):
        for name, score in zip(names, results(scored, [(name,) for name in names],
                                              workers=workers)):
            found += score.found
            if not as_json:
                print(score.row(name_of(named_rule(name))), *score.failures, sep="\n    ",
                      flush=True)
    total = mutants.Score(tuple(found))
    if as_json:
        print_json(total.as_dict())
    else:
        print(f"\n{total}")
    return GOOD if total.ok else BAD
