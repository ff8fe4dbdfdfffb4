"""The pictures of the report: a race on contours and a map of stability.

Each is drawn twice, for a light and for a dark page, and stands in the page itself.
"""
from base64 import b64encode
from io import BytesIO
from typing import Any

from optim import plots
from optim.notation.markup import Html, tag
from optim.races.replays import replayed


def encoded(figure: Any) -> str:
    """A figure as a data: address."""
    file = BytesIO()
    figure.savefig(file, format="png", dpi=1.6*figure.dpi)
    return "data:image/png;base64," + b64encode(file.getvalue()).decode()


def pictures() -> list[Html]:
    """Pictures for a light and a dark page, of which the reader's is shown."""
    contours = replayed("contours")
    makers = [
        ("A race", "The six methods of a famous animation, on Beale's function. Each has a"
         " learning rate of its own, from 0.001 to 5: six tuned runs, not a fair race.",
         "Paths of six optimizers on contour lines, towards a minimum marked by a star",
         lambda style: plots.contour_race(contours, style=style)),
        ("Where momentum is stable", "Which learning rates and momenta make the steps"
         " shrink on a parabola, and how fast.",
         "A map over learning rate times curvature and momentum; the stable part shaded",
         lambda style: plots.stability_map("momentum", style=style))]
    return [tag("figure", tag("h3", title),
                tag("picture", tag("source", srcset=encoded(make("dark")),
                                   media="(prefers-color-scheme: dark)"),
                    tag("img", src=encoded(make("light")), alt=alternative)),
                tag("figcaption", text), class_="picture")
            for title, text, alternative, make in makers]
