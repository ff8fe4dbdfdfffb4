"""Where a call stands: the line of a rule, a layer or a derivative that asked for it."""
import linecache
import os
from types import CodeType, FrameType

import numpy as np

from minigrad.guards import line_of

HOME = os.path.dirname(os.path.dirname(__file__)) + os.sep
BETWEEN = (os.path.join(HOME, "compiler"), os.path.dirname(np.__file__), *(
    os.path.join(HOME, name) for name in (
        "tensors.py", "methods.py", "in_place.py", "writes.py", "values.py", "tape.py",
        os.path.join("primitives", "dispatch.py"))))

Place = tuple[CodeType, int]


def origin_of(frame: FrameType) -> Place:
    """The first place, from a frame upwards, that is no machinery between."""
    while frame.f_code.co_filename.startswith(BETWEEN) and frame.f_back:
        frame = frame.f_back
    return frame.f_code, frame.f_lasti


def text_of(place: Place | None) -> str:
    """The line of code that stands there, "" if it is not to be had."""
    if place is None:
        return ""
    path, number = line_of(place)
    return linecache.getline(path, number).split("  # ")[0].strip()
