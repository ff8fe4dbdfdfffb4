"""Pictures of rules at work. Every function gives a matplotlib Figure, or a Film.

    from optim import plots, race
    plots.contour_race(race(["momentum", "adam"], "beale", lr=0.001)).savefig("race.png")
    plots.animate(optim.races.replays.replayed("saddle"), "surface").save("saddle.gif")

style="light" or "dark"; size="page" or "phone" (a column of 360 pixels). Colours are those
of Okabe and Ito, and each rule has a line style and a marker of its own as well;
palette="original" has the colours of the famous animations. Nothing is drawn on screen and
no global state of matplotlib is touched.

In reading order:

    styles.py          colours, line styles, sizes, and an empty figure in them
    stages.py          a landscape drawn, and paths on it
    race_pictures.py   a race on contours, on a surface, as curves
    players.py         a race as a part of a page that plays
    films.py           frames as a GIF, or a page with a player
    animations.py      a race as a film
    insides.py         the arrows and the memory of a rule
    stability_maps.py  where a rule is stable
    families.py        the family of the rules
    networks.py        what a network decides, what is inside
    measured_curves.py  what a History measured
    rate_tests.py      which learning rates a network bears
"""
from optim.plots.animations import animate
from optim.plots.families import family_svg, family_tree, further_edges
from optim.plots.films import Film
from optim.plots.insides import inner_arrows, memory_weights
from optim.plots.measured_curves import history_curves
from optim.plots.networks import decision_boundaries, histograms
from optim.plots.race_pictures import (
    contour_race, fair_race, loss_curves, path_curves, surface_race)
from optim.plots.rate_tests import range_curve, range_test
from optim.plots.stability_maps import stability_map

__all__ = [
    "Film", "animate", "contour_race", "decision_boundaries", "fair_race", "family_svg",
    "family_tree", "further_edges", "histograms", "history_curves", "inner_arrows",
    "loss_curves", "memory_weights", "path_curves", "range_curve", "range_test",
    "stability_map", "surface_race"]
