"""minigrad atlas: one name, several rules; papers and libraries held against each other.

    minigrad atlas --out atlas.html
    minigrad atlas --only Adam RMSprop --recorded
"""
import argparse
import os
import sys

from optim.commands.shared import BAD, GOOD, UserError, workers_option, writable
from optim.hints import did_you_mean


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("--out", metavar="FILE", default="atlas.html",
                        help="default: atlas.html; a name that ends in .md: Markdown")
    parser.add_argument("--only", metavar="NAME", nargs="+",
                        help="some names, such as Adam")
    parser.add_argument("--recorded", action="store_true",
                        help="our copies of the libraries' rules, loading no library")
    workers_option(parser)


def run(arguments: argparse.Namespace) -> int:
    """Compute the atlas and write the page; bad if a pair is undecided."""
    path = writable(arguments.out, "--out", ".html", ".htm", ".md")
    from optim.atlas import write_atlas
    from optim.atlas.names_in_libraries import FAMILIES
    titles = [known(name, FAMILIES) for name in arguments.only or FAMILIES]
    workers = arguments.workers or os.cpu_count() or 1
    families = write_atlas(path, not arguments.recorded, path.suffix.lower() == ".md",
                           titles=titles, progress=sys.stderr.isatty(),
                           workers=workers if len(titles) > 1 else 0)
    pairs = [c for family in families for c in family.pairs.values()]
    for status in ("PROVED", "REFUTED", "UNDECIDED"):
        print(f"{status:<10}{sum(c.status == status for c in pairs):>4}")
    walks = sum(c.walk is not None for c in pairs)
    print(f"of those refuted, the same in every run: {walks}")
    print(f"atlas: {path}")
    return BAD if any(c.status == "UNDECIDED" for c in pairs) else GOOD


def known(name: str, titles: dict) -> str:
    """The family of this name, in any case; UserError if there is none."""
    found = {title.lower(): title for title in titles}.get(name.lower())
    if found is None:
        raise UserError(f"atlas: no optimizers go by the name {name!r};"
                        f"{did_you_mean(name, titles)} there are {', '.join(titles)}")
    return found
