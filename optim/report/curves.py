"""The curves of one rule, and drawings of matplotlib's, as SVG that is part of the page."""
import re
from collections.abc import Sequence
from typing import Any

from optim.notation.markup import Html, tag
from optim.plots.styles import STYLES, title_of
from optim.report.charts import Series, chart
from optim.report.parts import figures, percent

PICTURE = STYLES["light"]
VARIABLES = {PICTURE.ink: "currentColor", PICTURE.page: "var(--paper)",
             PICTURE.faint: "var(--soft)"}
DASHES = {"BGD": "", "MBGD": "7 3", "SGD": "8 2.5 2 2.5"}
TITLES = {"loss": "Training loss", "accuracy": "Test accuracy"}


def drawing(rule: str, curves: Sequence[Any], what: str) -> Html:
    """One plot against the examples seen, as SVG: of the "loss" or of the "accuracy"."""
    loss = what == "loss"
    series = [Series(c.estimator.name, c.examples, c.loss if loss else 100*c.accuracy,
                     f"var(--{c.estimator.name.lower()})", DASHES[c.estimator.name])
              for c in curves]
    ends = "; ".join(f"{c.estimator.name} ends at " + (
        figures(c.loss[-1]) if loss else percent(c.accuracy[-1])) for c in curves)
    return chart(f"{rule}-{what}", series, f"{TITLES[what]} of {title_of(rule)}",
                 f"{TITLES[what]} against examples seen, on a logarithmic axis. {ends}.",
                 x_title="examples seen", log_x=True, log_y=loss, beside=62,
                 y_title=TITLES[what].lower() + ("" if loss else ", %"),
                 y_range=None if loss else (0, 100))


def embedded(svg: str, own: str, title: str, description: str) -> Html:
    """An SVG file as part of a page: own ids, the page's colours, a title, no size."""
    svg = svg[svg.index("<svg"):]
    box = re.search(r'viewBox="[^"]*"', svg)
    svg = re.sub(r"<style[^>]*>.*?</style>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = svg.replace("xlink:href", "href")
    svg = re.sub(r'\bid="', f'id="{own}-', svg)
    svg = re.sub(r'href="#', f'href="#{own}-', svg)
    svg = re.sub(r"url\(#", f"url(#{own}-", svg)
    for colour, variable in VARIABLES.items():
        svg = svg.replace(colour, variable)
    inner = svg[svg.index(">") + 1:]
    head = (f'<svg {box.group() if box else ""} role="img"'
            f' aria-labelledby="{own}-title {own}-description">')
    return Html(head + tag("title", title, id=f"{own}-title")
                + tag("desc", description, id=f"{own}-description") + inner.strip())
