"""The pictures of the report: a race on contours and a map of stability.

Each is drawn twice, for a light and for a dark page, and stands in the page itself.
"""
from base64 import b64encode
from io import BytesIO
from typing import Any, NamedTuple

from optim import plots
from optim.notation.markup import Html, tag
from optim.races.replays import replayed
from optim.report.parts import section


class Drawn(NamedTuple):
    """One picture: its heading, what to see in it, and its files by style."""
    title: str
    text: str
    alternative: str
    files: dict[str, str]


def encoded(figure: Any) -> str:
    """A figure as a data: address."""
    file = BytesIO()
    figure.savefig(file, format="png", dpi=1.6*figure.dpi)
    return "data:image/png;base64," + b64encode(file.getvalue()).decode()


def drawn() -> list[Drawn]:
    """The pictures, in the order of the page."""
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
    return [Drawn(title, text, alternative,
                  {style: encoded(make(style)) for style in ("light", "dark")})
            for title, text, alternative, make in makers]


def pictures() -> Html:
    """Pictures for a light and a dark page, of which the reader's is shown."""
    return section("pictures", "Pictures", *[
        tag("figure", tag("h3", each.title),
            tag("picture", tag("source", srcset=each.files["dark"],
                               media="(prefers-color-scheme: dark)"),
                tag("img", src=each.files["light"], alt=each.alternative)),
            tag("figcaption", each.text), class_="picture") for each in drawn()])
