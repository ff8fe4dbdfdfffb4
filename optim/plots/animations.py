"""A race as a film: one step a frame.

The landscape is drawn once; for each frame only the paths are drawn over it.
"""
from itertools import chain

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image, ImageColor
from tqdm import tqdm

from optim.plots.films import Film
from optim.plots.players import player
from optim.plots.stages import Stage, caption, stage_of
from optim.plots.styles import STYLES
from optim.races.contests import Race

FPS = 25                                                    # as the originals


def animate(result: Race, kind: str = "contour", *, style: str | None = None,
            size: str = "page", palette: str = "okabe-ito", every: int = 1,
            fps: float = FPS, hold: float = 0.0, scale: float = 1.0,
            title: str | None = None, crop: bool = False, progress: bool = False) -> Film:
    """A film of a race on contours or on a surface, a step (or `every` steps) a frame.

    style   "light" or "dark"; None: a light GIF, and a page as the reader's own is
    hold    seconds that it stays on its last frame before it begins again
    scale   of the pixels of a GIF: 0.5 gives a quarter as many
    crop    show no more than where the start, the paths and their minima are
    """
    if every < 1 or fps <= 0:
        raise ValueError(f"animate: every = {every}, fps = {fps}; needed 1 or more, and "
                         "more than 0")
    last = max(len(run) for run in result.values()) - 1
    steps = [*range(0, last, every), last]
    styles = (style,) if style else tuple(STYLES)
    with stage_of(result, kind, styles[0], size, palette, title, "left", crop) as stage:
        stage.figure.set_dpi(scale*stage.figure.dpi)

    def play() -> str:
        """The player, on stages that leave title and legend to the page."""
        stages = {}
        for each in styles:
            with stage_of(result, kind, each, size, palette, crop=crop, bare=True) as bare:
                bare.figure.canvas.draw()
            stages[each] = bare
        return player(stages, every=every, fps=fps, hold=hold,
                      title=caption(result, title))

    return Film(lambda: frames_of(stage, steps, progress), play, len(steps), fps, hold,
                caption(result, title), styles)


def frames_of(stage: Stage, steps: list[int], progress: bool) -> list[Image.Image]:
    """The stage's picture at each of these steps, all in the same 255 colours."""
    s = stage.figure.colours
    with matplotlib.rc_context(stage.figure.rc):
        camera = Camera(stage)
        colours = palette_of([camera.picture(0), camera.picture(steps[-1])], [
            *(look.colour for look in stage.looks.values()), s.page, s.ink])
        return [camera.picture(step).quantize(palette=colours, dither=Image.Dither.NONE)
                for step in tqdm(steps, "frames", disable=not progress)]


class Camera:
    """Takes a stage's picture at a step: only what moves is drawn anew."""

    def __init__(self, stage: Stage):
        self.stage, self.canvas = stage, FigureCanvasAgg(stage.figure)
        box = {"facecolor": stage.figure.colours.page, "edgecolor": "none", "pad": 2}
        self.counter = stage.axes.annotate("", (0.98, 0.97), xycoords="axes fraction",
                                           ha="right", va="top", zorder=9, bbox=box)
        self.moving = sorted([*chain(*stage.artists.values()), *stage.labels,
                              self.counter],
                             key=lambda part: part.zorder)
        for part in self.moving:
            part.set_animated(True)
        self.canvas.draw()
        self.scenery = self.canvas.copy_from_bbox(stage.figure.bbox)

    def picture(self, step: int) -> Image.Image:
        """The picture after so many steps."""
        self.canvas.restore_region(self.scenery)
        self.stage.show(step)
        self.counter.set_text(f"step {step}")
        for part in self.moving:
            self.stage.axes.draw_artist(part)
        return Image.fromarray(np.asarray(self.canvas.buffer_rgba())[..., :3].copy())


def palette_of(frames: list[Image.Image], colours: list[str]) -> Image.Image:
    """The 255 colours that serve these frames best; the given ones count much."""
    needed = [ImageColor.getrgb(colour)[:3] for colour in colours]
    strips = [np.full((8, frames[0].width, 3), colour) for colour in needed]
    pixels = np.vstack([*map(np.asarray, frames), *strips]).astype(np.uint8)
    found = Image.fromarray(pixels).quantize(255, method=Image.Quantize.MEDIANCUT,
                                             dither=Image.Dither.NONE)
    palette = np.array(found.getpalette()).reshape(-1, 3)
    for colour in needed:                       # which the cut has mixed with neighbours
        distance = np.abs(palette - colour).max(axis=1)
        palette[distance <= max(distance.min(), 12)] = colour   # Pillow's search is coarse
    found.putpalette(palette.ravel().tolist())
    return found
