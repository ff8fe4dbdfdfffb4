"""Where in the user's code something happened, for errors that name both ends of a story.

A place is a code object and an offset in it. No frame is kept, so no variable stays alive.
"""
import linecache
import os
import sys

HOME = os.path.dirname(__file__) + os.sep
INSIDE: dict = {}           # file name -> whether it is this package's


def here(depth):
    """The place of the caller outside this package, at least `depth` calls up."""
    frame = sys._getframe(depth)
    while True:
        name = frame.f_code.co_filename
        inside = INSIDE.get(name)
        if inside is None:
            inside = INSIDE[name] = name.startswith(HOME)
        if not inside or frame.f_back is None:
            return frame.f_code, frame.f_lasti
        frame = frame.f_back


def describe(place):
    """A place as text: file, line and what stands there."""
    if place is None:
        return "somewhere"
    code, offset = place
    number = next((line for start, end, line in code.co_lines()
                   if start <= offset < end and line), code.co_firstlineno)
    text = linecache.getline(code.co_filename, number).strip()
    name = os.path.basename(code.co_filename)
    return f"{name}:{number}" + (f" `{text}`" if text else "")
