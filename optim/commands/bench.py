"""minigrad bench: how fast is it here, by hand, and in other libraries?

    minigrad bench --quick
    minigrad bench --peers --out benchmarks.md
"""
import argparse
import sys

from optim.commands.shared import GOOD, UserError, json_option, print_json, writable


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    parser.add_argument("--peers", action="store_true",
                        help="PyTorch, JAX and others too, those that are installed")
    parser.add_argument("--quick", action="store_true",
                        help="small work, few rounds: a minute")
    parser.add_argument("--processor-time", action="store_true",
                        help="count what each uses of its processor, with one thread: for "
                             "a machine that others use")
    parser.add_argument("--out", metavar="FILE",
                        help="write the page, .md, and its picture beside it, .svg")
    json_option(parser)


def run(arguments: argparse.Namespace) -> int:
    """Measure, and print a table of ratios."""
    path = writable(arguments.out, "--out", ".md") if arguments.out is not None else None
    from optim.benchmarks import benchmark_page, measured, write_page
    try:
        results = measured(arguments.peers, arguments.quick, arguments.processor_time,
                           started)
    except (ValueError, RuntimeError, OSError) as error:
        raise UserError(f"bench: {error}") from error
    if path is not None:
        write_page(path, results)
    if arguments.json:
        print_json({**results._asdict(),
                    "measured": [{**each._asdict(), "workload": each.workload.name}
                                 for each in results.measured],
                    "growth": [each._asdict() for each in results.growth]})
        return GOOD
    print(results.machine)
    print(benchmark_page.table(*benchmark_page.ratios(results)))
    if path is not None:
        print(f"page: {path}")
    return GOOD


def started(name: str) -> None:
    """Say in a terminal what is measured next."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{name}", end="", file=sys.stderr, flush=True)
