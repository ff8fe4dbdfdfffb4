"""A film of a race: frames as a GIF, or a page that plays, with a slider.

The GIF holds as many frames as were drawn, or is not given out. The page has each path
once, as lines over a picture of the landscape: sharp at every size, and small.
"""
import os
from collections.abc import Callable
from functools import cached_property
from html import escape
from io import BytesIO
from pathlib import Path
from string import Template

from PIL import Image

from minigrad.whole_files import whole_file
from optim.plots.players import DARK, HERE
from optim.plots.styles import STYLES

PAGE = Template(HERE.joinpath("film.html").read_text("utf-8"))


class Film:
    """A film of .count frames: save("race.gif"), save("race.html"), or look in a notebook.

    .fps frames a second; it stays .hold seconds longer on its last frame. .style is that
    of the frames; .styles are those of the page, of which the reader's own is shown.
    Raises RuntimeError where a GIF would hold fewer frames than the film.
    """

    def __init__(self, draw: Callable[[], list[Image.Image]], play: Callable[[], str],
                 count: int, fps: float, hold: float, title: str, styles: tuple[str, ...]):
        self._draw, self._play, self.count = draw, play, count
        self.fps, self.hold, self.title, self.styles = fps, hold, title, styles

    @property
    def style(self) -> str:
        """That of the frames."""
        return self.styles[0]

    @cached_property
    def frames(self) -> list[Image.Image]:
        """Pictures of equal size, drawn when first asked for."""
        return self._draw()

    @cached_property
    def _player(self) -> str:
        return self._play()

    def __len__(self) -> int:
        return self.count

    def __repr__(self) -> str:
        return f"Film of {len(self)} frames: {self.title}"

    def gif(self) -> bytes:
        """The film as an animated GIF that repeats forever."""
        file, pause = BytesIO(), round(1000/self.fps)
        self.frames[0].save(
            file, format="gif", save_all=True, append_images=self.frames[1:], loop=0,
            duration=[pause]*(len(self.frames) - 1) + [pause + round(1000*self.hold)])
        with Image.open(file) as written:
            found = getattr(written, "n_frames", 1)
        if found != len(self.frames):
            raise RuntimeError(f"gif: {found} of {len(self.frames)} frames were written; no"
                               " frame may be lost. Two frames that are the same are one in"
                               " a GIF; else this Pillow has a new limit")
        return file.getvalue()

    def player(self) -> str:
        """The film as a part of a page, with its style and its script."""
        return self._player

    def html(self) -> str:
        """The film as one page that needs nothing else, with a slider and buttons."""
        style = STYLES[self.style]
        dark = "" if len(self.styles) == 1 else DARK.format(
            f":root {{ --page: {STYLES['dark'].page}; --ink: {STYLES['dark'].ink}; }}")
        return PAGE.substitute(title=escape(self.title), page=style.page, ink=style.ink,
                               dark=dark, schemes=" ".join(self.styles),
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
