"""minigrad explain: run a script, watch its backward passes, and say what is wrong.

    minigrad explain train.py --its-own-option 3
    minigrad explain --html page.html train.py      # the pass, step by step
    minigrad explain --trace train.py               # forward values, then adjoints
"""
import argparse
import sys

from optim.commands.shared import BAD, GOOD, INTERRUPTED, UserError, refusing, say, writable

PASSES_ON = True                # words behind the script are its own


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    add = parser.add_argument
    add("--html", metavar="PAGE.html", help="write the explained pass as a page")
    add("--trace", action="store_true", help="print its evaluation trace as well")
    add("script", metavar="SCRIPT.py", nargs="?", help="a Python file, run as python "
                                                       "runs it")
    add("arguments", metavar="ARGUMENT", nargs=argparse.REMAINDER,
        help="its own arguments; --html and --trace are ours here too, unless -- stands "
        "before them")


def own_options(arguments: argparse.Namespace) -> list[str]:
    """The script's arguments, without those of ours that stand among them."""
    words, theirs = list(arguments.arguments), list[str]()
    while words:
        word = words.pop(0)
        if word == "--":
            return theirs + words
        if word == "--trace":
            arguments.trace = True
        elif word == "--html" and words:
            arguments.html = words.pop(0)
        elif word.startswith("--html="):
            arguments.html = word.partition("=")[2]
        else:
            theirs.append(word)
    return theirs


def run(arguments: argparse.Namespace) -> int:
    """Run the script; 0 where its backward passes are healthy, 1 where something is wrong,
    also if it ended in an error."""
    if not arguments.script:
        raise UserError("explain: needed a script, as in minigrad explain train.py")
    theirs = own_options(arguments)
    page = writable(arguments.html, "--html", ".html") if arguments.html else None
    from minigrad.explanation.scripts import run_script
    from optim.optimizers.optimizer import Optimizer
    with refusing(OSError, ValueError):
        from minigrad.explanation.scripts import code_of
        code_of(arguments.script)               # before it runs: its own errors are others
    ran = run_script(arguments.script, theirs, (Optimizer,))
    sys.stdout.flush()
    if ran.traceback:
        print(ran.traceback, end="", file=sys.stderr)
    passes = [p for p in ran.watch.passes if p.explanation is not None]
    shown = next((p for p in passes if not p.diagnosis.healthy), passes[-1] if passes else
                 None)
    if arguments.trace and shown:
        print(shown.explanation)
    print(ran.diagnosis)
    if ran.watch.compiled:
        print("steps of mg.compile are watched for their first three calls, run as written")
    if ran.code not in (None, 0):
        say(f"the script ended itself: exit code {ran.code}")
    if page and shown:
        shown.explanation.save(page)
        print(f"saved: {page}")
    elif page:
        say(f"{page} is not written: there is no backward pass to explain")
    if isinstance(ran.error, KeyboardInterrupt):
        return INTERRUPTED
    return GOOD if ran.diagnosis.healthy and ran.error is None else BAD
