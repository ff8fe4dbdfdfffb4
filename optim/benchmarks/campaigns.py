"""Everything measured, or a quick look at it; and the page of it."""
import importlib.util
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import median

from minigrad.blas import processors
from minigrad.whole_files import whole_file
from optim.benchmarks.benchmark_page import Results, machine, overtaking, page
from optim.benchmarks.implementations import EVERYONE, OURS, PEERS
from optim.benchmarks.ratios import Growth, best
from optim.benchmarks.rounds import measure, memory
from optim.benchmarks.workloads import GROWTH, WORKLOADS, Workload

QUICK = tuple(WORKLOADS[k] for k in (0, 1, 7, 10, 11))


def measured(peers: bool = False, quick: bool = False, processor_time: bool = False,
             started: Callable[[str], object] = lambda name: None) -> Results:
    """Ours, NumPy by hand and, if wanted, the peers that are installed.

    quick: the small workloads in few rounds, no growth. processor_time: count that, with
    one thread each, as where others use the machine. started: is called with the name of
    what is measured next. Raises ValueError if two of them compute different numbers.
    """
    clock = "processor" if processor_time else "clock"
    threads = (1,) if processor_time or quick else tuple(sorted({1, processors()}))
    rounds, seconds = (5, 0.02) if quick else (15, 0.05)
    found, growth, where = [], [], machine()
    names = installed((*OURS, *PEERS) if peers else OURS)
    for workload in QUICK if quick else WORKLOADS:
        started(workload.name)
        found += measure(workload, names, threads, rounds, seconds, clock)
    grown = installed((*OURS, "torch_fused") if peers else OURS)
    for along, workloads in ({} if quick else GROWTH).items():
        started(f"growth by {along}")
        growth += growths(along, workloads, grown, threads, rounds, seconds, clock)
    return Results(found, growth, clock, rounds, where)


def installed(names: Iterable[str]) -> list[str]:
    """The implementations among these that can be imported here."""
    return [name for name in names
            if importlib.util.find_spec(EVERYONE[name].package) is not None]


def growths(along: str, workloads: dict[int, Workload], names: list[str],
            threads: tuple[int, ...], rounds: int, seconds: float, clock: str
            ) -> list[Growth]:
    """What each implementation that does all of these workloads needs for each."""
    results = [each for workload in workloads.values() for each in
               measure(workload, names, threads, rounds, seconds, clock)]
    found = []
    for name in names:
        mine = [best(results, workload, name) for workload in workloads.values()]
        if all(mine):
            held = tuple(memory(name, workload) for workload in workloads.values()
                         ) if name in OURS else ()
            found.append(Growth(along, name, tuple(workloads), tuple(
                median(each.seconds) for each in mine if each), held))
    return found


def write_page(path: Path, results: Results) -> None:
    """Write the page as Markdown and, if there is something to see, its picture beside it.

    Both files appear whole or not at all; OSError where they cannot be written.
    """
    picture = path.with_suffix(".svg") if overtaking(results) else None
    if picture:
        from optim.benchmarks.overtaking import overtaking_curves    # loads matplotlib
        from optim.plots.styles import svg_of
        with whole_file(picture) as file:
            file.write(svg_of(overtaking_curves(results), "benchmarks").encode())
    with whole_file(path) as file:
        file.write(page(results, picture.name if picture else "").encode())
