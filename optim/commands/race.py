"""minigrad race: a race from the command line.

    minigrad race contours --gif contours.gif
    minigrad race rosenbrock --rules adam,nag --steps 300
    minigrad race rosenbrock --rules torch:Adam,homework.py:adam --lr 0.1
    minigrad race "x**2 + 10*y**2" --start 1,1 --html bowl.html
"""
import argparse
import math
import re
import sys
from typing import Any

import numpy as np

from optim.commands.shared import (
    GOOD, OTHERS, json_option, known_rule, print_json, refusing, writable)
from optim.hints import OTHER_NAMES, meant
from optim.landscapes import LANDSCAPES, Landscape
from optim.landscapes import landscape as landscape_called
from optim.optimizers.signatures import name_of
from optim.races import replays
from optim.races.contests import Race, race
from optim.races.typed_functions import parsed
from optim.rules import RULES

RUNNERS = ("gradient_descent", "momentum", "nag", "adagrad", "rmsprop", "adadelta", "adam")
MOST_STEPS, MOST_FRAMES = 5000, 400
FILMS = {"gif": (".gif",), "html": (".html", ".htm")}
SAFE_RATE = 0.01                            # where there is no lowest point to tune for
BETWEEN = re.compile(r",(?![^(]*\))")        # a comma, but not between arguments


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    add = parser.add_argument
    add("what", metavar="contours|saddle|LANDSCAPE|FORMULA",
        help="one of the famous animations; or one of " + ", ".join(LANDSCAPES)
        + "; or a formula in x and y, such as 'x**2 + 10*y**2'")
    add("--start", metavar="X,Y", help="where to begin; a formula needs one")
    add("--rules", metavar="NAME", nargs="+", help="default: " + ", ".join(RUNNERS)
        + f"; {OTHERS}")
    add("--steps", metavar="N", type=int, help="default: 198, as in the animations")
    add("--lr", metavar="F|tuned", help="a number for all, or the best of a grid for each;"
        " default: as in the animations, else tuned")
    add("--gif", metavar="FILE", help="write a film")
    add("--html", metavar="FILE", help="write a page with the film and a slider")
    add("--surface", action="store_true", help="draw a surface; saddle always has one")
    add("--style", choices=("light", "dark"),
        help="default: light, and a page as the reader's own is")
    json_option(parser)


def run(arguments: argparse.Namespace) -> int:
    """Run the race, write its films, and print who stands where."""
    for option, kinds in FILMS.items():
        if getattr(arguments, option) is not None:
            writable(getattr(arguments, option), f"--{option}", *kinds)
    with refusing(ValueError, TypeError, OSError):
        result = finished(arguments)
    if arguments.json:
        print_json(as_dict(result))
    else:
        print(result)
    return GOOD


def finished(arguments: argparse.Namespace) -> Race:
    """The race, its films written; ValueError says what is wrong with the command."""
    steps = replays.STEPS if arguments.steps is None else arguments.steps
    if not 1 <= steps <= MOST_STEPS:
        raise ValueError(f"--steps: {steps} came; needed 1 to {MOST_STEPS}")
    start, rate = point(arguments.start), learning_rate(arguments.lr)
    names = [known_rule(name) for word in arguments.rules or ()
             for name in BETWEEN.split(word) if name]
    if arguments.surface and not (arguments.gif or arguments.html):
        raise ValueError("--surface: how a film is drawn; needed --gif or --html as well")
    if famous := meant(arguments.what, replays.LANDSCAPE):
        result = replay_race(famous, names, start, steps, rate)
    else:
        ground = landscape_of(arguments.what, start)
        if (arguments.gif or arguments.html) and len(ground.start) != 2:
            raise ValueError(f"{arguments.what} has one variable; a film needs two: leave "
                             "out --gif and --html")
        result = rule_race(ground, names, start, steps, rate)
    if arguments.gif or arguments.html:
        write(result, arguments)
    return result


def write(result: Race, arguments: argparse.Namespace) -> None:
    """Write the films that were asked for."""
    from optim.plots.animations import animate     # matplotlib, only for films
    steps = max(len(run) for run in result.values()) - 1
    surface = arguments.surface or result.landscape.name == "saddle"
    film = animate(result, "surface" if surface else "contour", style=arguments.style,
                   every=-(-steps//MOST_FRAMES), hold=1.0, progress=sys.stderr.isatty(),
                   crop=not surface and not meant(arguments.what, replays.LANDSCAPE))
    for kind in FILMS:
        if path := getattr(arguments, kind):
            film.save(path, kind)


def replay_race(what: str, names: list[str], start: Any, steps: int, rate: Any) -> Race:
    """One of the famous animations, with those of its methods that are named."""
    field = replays.runners(what, "all")
    known = {meant(label, RULES, OTHER_NAMES): label for label in field}
    if wrong := [name for name in names if name not in known]:
        name = wrong[0] if isinstance(wrong[0], str) else name_of(wrong[0])
        raise ValueError(f"--rules: {name!r} is not in this animation; there are "
                         f"{', '.join(known.values())}")
    chosen = {known[name] for name in names} or set(replays.runners(what))
    result = replays.replayed(what, "all", start=start, steps=steps, lr=rate)
    return Race(result.landscape, {k: run for k, run in result.items() if k in chosen})


def rule_race(landscape: Landscape, names: list[str], start: Any, steps: int,
              rate: Any) -> Race:
    """A race of rules; tuned, unless there is no lowest point to tune for."""
    names = [*dict.fromkeys(names)] or list(RUNNERS)
    if rate is None and landscape.minima != ():
        result = race(names, landscape, start, steps, lr="tuned")
        if landscape.minima is not None or not runs_away(result):
            return result
    return race(names, landscape, start, steps, lr=SAFE_RATE if rate is None else rate)


def runs_away(result: Race) -> bool:
    """Whether someone went so far down that there seems to be no bottom."""
    losses = [loss for loss in result.losses.values() if np.isfinite(loss[-1])]
    return any(loss[-1] < loss[0] - 1e6*(1 + abs(loss[0])) for loss in losses)


def landscape_of(what: str, start: Any) -> Landscape:
    """A landscape of optim.landscapes, or the function that the text says."""
    if name := meant(what, LANDSCAPES):
        return LANDSCAPES[name]
    try:
        function = parsed(what)
    except ValueError as error:
        if what.isidentifier():                     # meant as a name, more likely
            landscape_called(what)                  # which raises and names the nearest
        raise ValueError(str(error)) from None
    if start is None:
        raise ValueError("a formula needs a start: --start 1,1")
    if len(start) != 2:
        raise ValueError(f"--start: {len(start)} numbers came; needed X,Y")
    return landscape_called(function, start)


def point(text: str | None) -> tuple[float, ...] | None:
    """The start as numbers; ValueError for anything else."""
    if text is None:
        return None
    try:
        found = tuple(float(part) for part in text.split(","))
    except ValueError:
        found = (math.nan,)
    if not all(map(math.isfinite, found)):
        raise ValueError(f"--start: {text[:40]!r} came; needed finite numbers X,Y, such "
                         "as 1,-0.5")
    return found


def learning_rate(text: str | None) -> float | str | None:
    """A number, "tuned" or None; ValueError for anything else."""
    if text is None or text.lower() == "tuned":
        return text and "tuned"
    try:
        rate = float(text)
    except ValueError:
        rate = math.nan
    if not (math.isfinite(rate) and rate > 0):
        raise ValueError(f"--lr: {text[:40]!r} came; needed a positive number, or tuned")
    return rate


def as_dict(result: Race) -> dict[str, Any]:
    """The race in what JSON can hold; a number that is not finite is None."""
    def number(x: float) -> float | None:
        return float(x) if math.isfinite(x) else None
    return {"landscape": result.landscape.name, "start": list(result.landscape.start),
            "steps": max(len(run) for run in result.values()) - 1,
            "runs": {name: {"hyperparameters": run.hyperparameters,
                            "value": number(result.losses[name][-1]),
                            "point": [number(x) for x in run.theta[-1]],
                            "left_at_step": result.left[name]}
                     for name, run in result.items()}}
