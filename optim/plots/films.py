"""A film: frames of one size as a GIF, or as one HTML page with a slider.

Both files are made of the same frames, which are counted before a file is given out.
"""
import os
import re
from hashlib import sha256
from html import escape
from importlib import resources
from io import BytesIO
from pathlib import Path
from string import Template
from tempfile import TemporaryDirectory
from typing import Any

from matplotlib.animation import HTMLWriter
from matplotlib.figure import Figure
from PIL import Image

from minigrad.whole_files import whole_file
from optim.plots.styles import DPI, STYLES

PAGE = Template(resources.files("optim.plots").joinpath("film.html").read_text("utf-8"))


class Flipbook(Figure):
    """A figure that is one ready frame after another: what HTMLWriter saves of it."""
    page: Image.Image

    def savefig(self, fname: Any, **options: Any) -> None:
        """Write the ready frame, whatever the options."""
        self.page.save(fname, format="png", optimize=False)


class Film:
    """Frames of equal size: save("race.gif"), save("race.html"), or look in a notebook.

    .fps frames a second; a GIF stays .hold seconds longer on its last frame. Raises
    RuntimeError where a file would hold fewer frames than the film.
    """

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
        # Past its limit of 20 MB matplotlib leaves frames out, with no more than a warning.
        writer = HTMLWriter(
            self.fps,                               # type: ignore[arg-type]    # any number
            embed_frames=True, default_mode="loop", embed_limit=2.0**20)
        with TemporaryDirectory() as folder:
            path = Path(folder, "film.html")
            with writer.saving(book, path, dpi=DPI):
                for book.page in self.frames:
                    writer.grab_frame()
            text = path.read_text(encoding="utf-8")
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
        style = STYLES[self.style]
        return PAGE.substitute(title=escape(self.title), page=style.page, ink=style.ink,
                               player=self.player())

    def _repr_html_(self) -> str:
        return self.player()

    def save(self, path: str | os.PathLike[str], kind: str | None = None) -> Path:
        """Write a "gif" or "html", as the file's name ends; whole or not at all.

        Gives the path. Raises ValueError for another kind, OSError where nothing can be
        written.
        """
        path = Path(path)
        kind = kind or path.suffix.lower().lstrip(".")
        if kind not in ("gif", "html"):
            raise ValueError(f"{path}: a film is saved as .gif or .html")
        data = self.gif() if kind == "gif" else self.html().encode()
        with whole_file(path) as file:
            file.write(data)
        return path

    def _count(self, what: str, found: int) -> None:
        if found != len(self):
            raise RuntimeError(f"{what}: {found} of {len(self)} frames were written; no "
                               "frame may be lost. Two frames that are the same are one in "
                               "a GIF; else this matplotlib or Pillow has a new limit")


SIGNS = {"minus": "−", "fast-backward": "|◀", "step-backward": "‹", "pause": "||",
         "play fa-flip-horizontal": "◀", "play": "▶", "step-forward": "›",
         "fast-forward": "▶|", "plus": "+"}
