"""A race as a film: a step a frame, on contours or on a surface.

The landscape is drawn once; for each frame only the paths are drawn over it.
"""
import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image, ImageColor

from optim.plots.films import Film
from optim.plots.stages import (
    caption, contour_stage, draw_paths, legend_entries, surface_stage)
from optim.plots.styles import STYLES, legend_below, looks
from optim.progress import progress_bar
from optim.races.contests import Race

FPS = 25                                                    # as the originals


def animate(result: Race, kind: str = "contour", *, style: str = "light",
            size: str = "page", palette: str = "okabe-ito", every: int = 1,
            fps: float = FPS, hold: float = 0.0, scale: float = 1.0,
            title: str | None = None, progress: bool = False) -> Film:
    """A film of a race on contours or on a surface, a step (or `every` steps) a frame.

    hold    seconds that a GIF stays on its last frame before it begins again
    scale   of the pixels: 0.5 gives a quarter as many
    """
    stages = {"contour": contour_stage, "surface": surface_stage}
    if kind not in stages:
        raise ValueError(f"animate: kind {kind!r} came; needed one of {', '.join(stages)}")
    if every < 1 or fps <= 0:
        raise ValueError(f"animate: every = {every}, fps = {fps}; needed 1 or more, and "
                         "more than 0")
    stage = stages[kind](result, style=style, size=size, palette=palette)
    figure, axes = stage.figure, stage.axes
    text = title if title is not None else caption(result)
    figure.set_dpi(scale*figure.dpi)
    with matplotlib.rc_context(figure.rc):
        artists = draw_paths(stage, result, 0)
        axes.set_title(text, loc="left")
        legend_below(figure, size, legend_entries(stage, result))
        write = axes.text2D if stage.is_surface else axes.text
        counter = write(0.98, 0.97, "", transform=axes.transAxes, ha="right", va="top",
                        zorder=9)
        counter.set_bbox({"facecolor": STYLES[style].page, "edgecolor": "none", "pad": 2})
        moving = [part for pair in artists.values() for part in pair] + [counter]
        for part in moving:
            part.set_animated(True)
        canvas = figure.canvas
        assert isinstance(canvas, FigureCanvasAgg)
        canvas.draw()
        scenery = canvas.copy_from_bbox(figure.bbox)

        def frame(step: int) -> Image.Image:
            canvas.restore_region(scenery)
            for label, (trail, dot) in artists.items():
                points = result[label].theta[:step + 1]
                stage.place(trail, points)
                stage.place(dot, points[-1:])
            counter.set_text(f"step {step}")
            for part in sorted(moving, key=lambda part: part.zorder):
                axes.draw_artist(part)
            return Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3].copy())

        longest = max(len(run) for run in result.values())
        steps = [*range(0, longest - 1, every), longest - 1]
        exact = [look.colour for look in looks(result, palette, style).values()]
        colours = palette_of([frame(steps[0]), frame(steps[-1])],
                             [*exact, STYLES[style].page, STYLES[style].ink])
        with progress_bar(steps, progress, "frames") as bar:
            frames = [frame(step).quantize(palette=colours, dither=Image.Dither.NONE)
                      for step in bar]
    return Film(frames, fps, hold, text, style)


def palette_of(frames: list[Image.Image], colours: list[str]) -> Image.Image:
    """The 255 colours that serve these frames best; the given ones count much."""
    width, height = frames[0].size
    sheet = Image.new("RGB", (width, height*len(frames) + 8*len(colours)))
    for k, frame in enumerate(frames):
        sheet.paste(frame, (0, k*height))
    for k, colour in enumerate(colours):
        sheet.paste(colour, (0, height*len(frames) + 8*k, width, sheet.height))
    found = sheet.quantize(255, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    palette = np.array(found.getpalette()).reshape(-1, 3)
    for colour in colours:                      # which the cut has mixed with neighbours
        exact = np.array(ImageColor.getrgb(colour)[:3])
        distance = np.abs(palette - exact).max(axis=1)
        palette[distance <= max(distance.min(), 12)] = exact    # Pillow's search is coarse
    found.putpalette(palette.ravel().tolist())
    return found
