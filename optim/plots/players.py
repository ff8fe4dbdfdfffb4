"""A race as a part of a page: its paths as SVG over a picture of the landscape, played by
a script of our own, which loads nothing. Without the script the last step is seen."""
from base64 import b64encode
from hashlib import sha256
from html import escape
from importlib import resources
from io import BytesIO
from string import Template
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.markers import MarkerStyle
from mpl_toolkits.mplot3d.proj3d import proj_transform
from PIL import Image

from optim.plots.stages import Stage, marked, on_stage
from optim.plots.styles import DPI, STYLES, Look

HERE = resources.files("optim.plots")
CSS = Template(HERE.joinpath("film.css").read_text("utf-8"))
SCRIPT = HERE.joinpath("film.js").read_text("utf-8")
SHARP = 1.6                                     # pixels of the picture for one of the page
DARK = "@media screen and (prefers-color-scheme: dark) {{ {} }}"      # paper is light


def backdrop(stage: Stage) -> str:
    """The stage without its paths, as a data: address of a PNG of 256 colours."""
    figure, file = stage.figure, BytesIO()
    before = figure.dpi
    for label in stage.labels:                  # which stand above the paths
        label.set_visible(False)
    figure.set_dpi(SHARP*DPI)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    picture = Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3])
    figure.set_dpi(before)
    picture.quantize(256, dither=Image.Dither.NONE).save(file, format="png", optimize=True)
    return "data:image/png;base64," + b64encode(file.getvalue()).decode()


def on_page(stage: Stage, points: np.ndarray) -> np.ndarray:
    """Points of the landscape in pixels of the picture, from its upper left corner."""
    kept = on_stage(points, stage.domain, leaving=stage.perspective)
    if stage.perspective:
        height = np.asarray(stage.result.landscape(*kept.T), dtype=float)
        kept = np.stack(proj_transform(*kept.T, height, stage.axes.get_proj())[:2], axis=1)
    pixels = stage.axes.transData.transform(kept)
    return np.stack([pixels[:, 0], stage.figure.bbox.height - pixels[:, 1]], axis=1)


def points_of(pixels: np.ndarray) -> list[str]:
    """Pixels as the points of a polyline."""
    return [f"{x:.1f},{y:.1f}" for x, y in pixels]


def outline(marker: str, size: float) -> str:
    """A marker as the d of an SVG path, around (0, 0)."""
    shape = MarkerStyle(marker)
    path = shape.get_path().transformed(shape.get_transform())
    letters = {1: "M", 2: "L", 3: "Q", 4: "C", 79: "Z"}
    return "".join(letters[int(code)] + ("" if code == 79 else " ".join(
        f"{x:.2f}" for x in size*np.asarray(numbers)*np.tile([1, -1], len(numbers)//2)))
        for numbers, code in path.iter_segments())


def outside(point: tuple[float, ...], domain: Any) -> bool:
    """Whether a point is not in the picture."""
    return any(not low <= x <= high for x, (low, high) in zip(point, domain))


class Drawing:
    """How the runners of some stages, which differ in style alone, are drawn on a page."""

    def __init__(self, stages: dict[str, Stage]):
        self.looks = [stage.looks for stage in stages.values()]
        self.stage = next(iter(stages.values()))

    def colour(self, label: str, part: str = "colour") -> str:
        """A runner's colour as the page knows it: that of its ink changes with the style."""
        found = getattr(self.looks[0][label], part)
        s = self.stage.figure.colours
        if found != getattr(self.looks[-1][label], part) or found in (s.ink, s.page):
            return "var(--film-page)" if found == s.page else "currentColor"
        return str(found)

    def line(self, look: Look) -> str:
        """Width, dashes and colour of a runner's line as attributes."""
        wide = DPI/72*2.0
        dashes = "" if look.dashes == "-" else " ".join(
            f"{wide*x:.1f}" for x in look.dashes[1])
        return (f'fill="none" stroke-width="{wide:.1f}" stroke-linejoin="round"'
                + (f' stroke-dasharray="{dashes}"' if dashes else ""))

    def dot(self, label: str, look: Look, more: str = "") -> str:
        """A runner's marker."""
        return (f'<path d="{outline(look.marker, DPI/72*8)}" fill="{self.colour(label)}"'
                f' stroke="{self.colour(label, "edge")}" stroke-width="1.4"{more}/>')

    def runner(self, label: str, own: str, last: int) -> str:
        """A runner's path and marker, as they are after the last step."""
        look, path = self.looks[0][label], self.stage.result[label].theta
        words = points_of(on_page(self.stage, path))
        spots, more = words, ""
        if len(words) < len(path):          # who left a surface and is back has no trail
            spots = ["".join(points_of(on_page(self.stage, path[k:k + 1]))) or "-"
                     for k in range(len(path))]
            more = f' data-points="{" ".join(spots)}"'
        where = spots[min(last, len(spots) - 1)]
        more += (' style="display:none"' if where == "-" else
                 f' transform="translate({where})"')
        line, colour = self.line(look), self.colour(label)
        return (f'<defs><polyline id="{own}" points="{" ".join(words)}"/></defs>'
                f'<use href="#{own}" fill="none" stroke="var(--film-page)"'
                f' stroke-width="4.4"/><use href="#{own}" {line} stroke="{colour}"/>'
                + self.dot(label, look, f' data-of="{own}"{more}'))

    def labels(self) -> str:
        """The names of the start and of the minima, above all paths."""
        return "".join(
            f'<text x="{x:.1f}" y="{y - 13:.1f}">{name}</text>'
            for point, name, _ in marked(self.stage.result.landscape)
            for x, y in on_page(self.stage, np.array([point]))
            if not outside(point, self.stage.domain))

    def entry(self, label: str) -> str:
        """A runner's line and marker with its name, for the legend."""
        look = self.looks[0][label]
        return (f'<li><svg viewBox="-18 -8 36 16" aria-hidden="true"><path d="M-18 0H18"'
                f' {self.line(look)} stroke="{self.colour(label)}"/>'
                f'{self.dot(label, look)}</svg>{escape(look.title)}</li>')


def player(stages: dict[str, Stage], *, every: int, fps: float, hold: float, title: str
           ) -> str:
    """The film as a part of a page. stages: {style: its stage, bare}; of two the reader's
    own is shown. It plays at once, unless the reader wants less motion."""
    pictures = {style: backdrop(stage) for style, stage in stages.items()}
    drawing = Drawing(stages)
    stage, result = drawing.stage, drawing.stage.result
    last = max(len(run) for run in result.values()) - 1
    own = "film-" + sha256((title + pictures[stage.figure.style] + "".join(
        str(run.theta[-1]) for run in result.values())).encode()).hexdigest()[:12]
    box, frame = stage.figure.bbox, stage.axes.bbox
    corner = f'x="{frame.x0:.1f}" y="{box.height - frame.y1:.1f}"'
    clip = "" if stage.perspective else (
        f'<clipPath id="{own}-clip"><rect {corner} width="{frame.width:.1f}"'
        f' height="{frame.height:.1f}"/></clipPath>')
    runners = "".join(drawing.runner(label, f"{own}-{k}", last)
                      for k, label in enumerate(result))
    first, *others = pictures.items()
    sources = "".join(f'<source srcset="{data}" media="screen and'
                      f' (prefers-color-scheme: {style})">'
                      for style, data in others)
    alternative = escape(f"{title}: paths of " + ", ".join(
        look.title for look in stage.looks.values()))
    dark = "" if len(stages) == 1 else DARK.format(
        f".film {{ color: {STYLES['dark'].ink}; --film-page: {STYLES['dark'].page}; }}")
    css = CSS.substitute(ink=stage.figure.colours.ink, page=stage.figure.colours.page,
                         dark=dark)
    return f"""<style>{css}</style>
<div class="film" data-last="{last}" data-every="{every}" data-fps="{fps:g}"\
 data-hold="{hold:g}">
<div class="film-stage"><picture>{sources}<img src="{first[1]}" alt="{alternative}"\
 width="{box.width:.0f}" height="{box.height:.0f}"></picture>
<svg viewBox="0 0 {box.width:.0f} {box.height:.0f}" aria-hidden="true">{clip}\
<g{"" if stage.perspective else f' clip-path="url(#{own}-clip)"'}>{runners}</g>\
<g class="film-labels">{drawing.labels()}</g></svg></div>
<ul class="film-legend">{"".join(map(drawing.entry, result))}</ul>
<div class="film-controls" hidden><button class="film-play" type="button">Play</button>
<button class="film-back" type="button" aria-label="one step back">‹</button>
<button class="film-on" type="button" aria-label="one step on">›</button>
<input type="range" min="0" max="{-(-last//every)}" value="{-(-last//every)}"\
 aria-label="step"><output>step {last}</output></div>
</div>
<script>{SCRIPT}</script>"""
