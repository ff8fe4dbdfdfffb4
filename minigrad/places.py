"""Where in the user's code something happened, for errors that name both ends of a story.

A place is a code object and an offset in it. No frame is kept, so no variable stays alive.
"""
import linecache
import os
import sys

HOME = os.path.dirname(__file__) + os.sep


def here():
    """The place of the caller outside this package."""
    frame = sys._getframe(2)
    while frame.f_code.co_filename.startswith(HOME) and frame.f_back is not None:
        frame = frame.f_back
    return frame.f_code, frame.f_lasti


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
