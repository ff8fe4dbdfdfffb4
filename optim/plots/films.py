"""Races as films: one step a frame, as a GIF or as one HTML page with a slider.

The landscape is drawn once; for each frame only the paths are drawn over it. Both files
are made of the same frames, and both are counted before they are given out.
"""
import os
import re
from hashlib import sha256
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.animation import FuncAnimation
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image, ImageColor

from optim.plots.stages import both, caption, flat, lay, raised
from optim.plots.styles import STYLES, legend_below, looks
from optim.races.contests import Race, shown

FPS = 25                                                    # as the originals


def animate(result: Race, kind: str = "contour", *, style: str = "light",
            size: str = "page", palette: str = "okabe-ito", every: int = 1,
            fps: float = FPS, hold: float = 0.0, scale: float = 1.0,
            title: str | None = None, progress: bool = False) -> "Film":
    """A film of a race on contours or on a surface, a step (or `every` steps) a frame.

    hold    seconds that a GIF stays on its last frame before it begins again
    scale   of the pixels: 0.5 gives a quarter as many
    """
    stages = {"contour": flat, "surface": raised}
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
        artists = lay(stage, result, 0)
        axes.set_title(text, loc="left")
        legend_below(figure, size, both(stage, result))
        write = axes.text2D if stage.raised else axes.text
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
        frames = [frame(step).quantize(palette=colours, dither=Image.Dither.NONE)
                  for step in shown(steps, progress, "frames")]
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


class Flipbook(Figure):
    """A figure that is one ready frame after another: what to_jshtml saves of it."""
    page: Image.Image

    def savefig(self, fname: Any, **options: Any) -> None:
        self.page.save(fname, format="png", optimize=False)


class Film:
    """Frames of equal size: save("race.gif"), save("race.html"), or look in a notebook."""

    def __init__(self, frames: list[Image.Image], fps: float, hold: float, title: str,
                 style: str):
        self.frames, self.fps, self.hold = frames, fps, hold
        self.title, self.style = title, style

    def __len__(self) -> int:
        return len(self.frames)

    def __repr__(self) -> str:
        width, height = self.frames[0].size
        return f"Film of {len(self)} frames of {width}x{height}: {self.title}"

    def gif(self) -> bytes:
        """The film as an animated GIF that repeats forever."""
        file, pause = BytesIO(), round(1000/self.fps)
        self.frames[0].save(
            file, format="gif", save_all=True, append_images=self.frames[1:], loop=0,
            duration=[pause]*(len(self) - 1) + [pause + round(1000*self.hold)])
        with Image.open(file) as written:
            self._count("gif", getattr(written, "n_frames", 1))
        return file.getvalue()

    def player(self) -> str:
        """matplotlib's player with every frame in it, as a part of a page."""
        book = Flipbook(figsize=(1, 1))
        FigureCanvasAgg(book)

        def turn(k: int) -> list[Any]:
            book.page = self.frames[k]
            return []
        turn(0)
        # Past its limit of 20 MB matplotlib leaves frames out, with no more than a warning.
        with matplotlib.rc_context({"animation.embed_limit": 2.0**20}):
            film = FuncAnimation(book, turn, frames=len(self), init_func=list,
                                 interval=1000/self.fps, cache_frame_data=False)
            text = film.to_jshtml(default_mode="loop")
        self._count("html", len(re.findall(r'\n *frames\[\d+\] = "data:image', text)))
        # Each player has a random name. One made of what it shows keeps the file the same.
        for name in set(re.findall(r"_anim_img([0-9a-f]{32})", text)):
            text = text.replace(name, sha256(self.title.encode() + self.frames[-1].tobytes()
                                             ).hexdigest()[:32])
        # Its buttons want a font from the network; these signs need none.
        text = re.sub(r"<link[^>]*font-awesome[^>]*>", "", text)
        return re.sub(r'<i class="fa fa-([a-z -]+)"></i>', lambda i: SIGNS[i[1]], text)

    def html(self) -> str:
        """The film as one page that needs nothing else, with a slider and buttons."""
        s = STYLES[self.style]
        return (f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
                f'<meta name="viewport" content="width=device-width, initial-scale=1">'
                f"<title>{escape(self.title)}</title><style>body{{margin:1em auto;"
                f"max-width:60em;padding:0 1em;background:{s.page};color:{s.ink};"
                "font-family:sans-serif}img{max-width:100%;height:auto}"
                "input[type=range]{max-width:100%}button{min-width:2.2em}</style></head>"
                f"<body><h1 style='font-size:1.1em'>{escape(self.title)}</h1>"
                f"{self.player()}</body></html>\n")

    def _repr_html_(self) -> str:
        return self.player()

    def save(self, path: str | os.PathLike[str], kind: str | None = None) -> Path:
        """Write a "gif" or "html", as the file's name ends; whole or not at all."""
        path = Path(path)
        kind = kind or path.suffix.lower().lstrip(".")
        if kind not in ("gif", "html"):
            raise ValueError(f"{path}: a film is saved as .gif or .html")
        data = self.gif() if kind == "gif" else self.html().encode()
        unfinished = path.with_name(f".{path.name}.{os.getpid()}.unfinished")
        try:
            unfinished.write_bytes(data)
            os.replace(unfinished, path)
        finally:
            unfinished.unlink(missing_ok=True)
        return path

    def _count(self, what: str, found: int) -> None:
        if found != len(self):
            raise RuntimeError(f"{what}: {found} of {len(self)} frames were written; no "
                               "frame may be lost. Two frames that are the same are one in "
                               "a GIF; else this matplotlib or Pillow has a new limit")


SIGNS = {"minus": "−", "fast-backward": "|◀", "step-backward": "‹", "pause": "||",
         "play fa-flip-horizontal": "◀", "play": "▶", "step-forward": "›",
         "fast-forward": "▶|", "plus": "+"}
