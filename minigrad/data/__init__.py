"""Small data sets, reading your own, and batches, in this reading order:

    batching.py      BGD, SGD and MBGD: the same examples in batches of another size
    toys.py          moons, spirals and blobs in the plane
    columns.py       tables by columns, of numbers or of words
    csv_guesses.py   what a .csv file looks like
    csv_files.py     reading .csv files as people have them
    files.py         the digits, and your own .csv and .npz files
    texts.py         verses, letter by letter

Missing on purpose: scaling of features, images of more than one axis, anything that needs
the network.
"""
from typing import TYPE_CHECKING

from minigrad.data.batching import batches
from minigrad.data.files import digits, load
from minigrad.data.texts import verses
from minigrad.data.toys import blobs, moons, spirals
from minigrad.dictionary import LOADERS
from minigrad.spellings import named

if TYPE_CHECKING:                       # loaded when it is first used
    from minigrad.data.csv_files import read_csv

__all__ = ["batches", "blobs", "digits", "load", "moons", "read_csv", "spirals",
           "verses"]


def __getattr__(name):
    """read_csv, loaded when it is first used; what to write for PyTorch's names."""
    if name == "read_csv":
        from minigrad.data.csv_files import read_csv
        return read_csv
    raise AttributeError(named("minigrad.data", name, LOADERS, __all__))
