"""Arrays by name in a file: mg.save(path, model), model.load_state_dict(mg.load(path)).

A name that ends in .npz is a NumPy archive, .safetensors that library's format, where it is
installed. Nothing is pickled or unpickled; a file appears whole or not at all.
"""
import os
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from minigrad.nn.modules import Module
from minigrad.values import Values
from minigrad.whole_files import whole_file

KINDS = ".npz", ".safetensors"
DAMAGED = (zipfile.BadZipFile, zlib.error, struct.error, ValueError, EOFError, KeyError,
           OSError, NotImplementedError, SyntaxError, UnicodeError, RuntimeError)


def save(path: str | os.PathLike[str], state: Module | Mapping[str, Any]) -> None:
    """Write a module's state, or a dict of arrays, to an .npz or .safetensors file.

    An earlier file of that name is replaced at once, or stays as it was if this fails.
    Raises TypeError for what holds no numbers, ValueError for another kind of file.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     save(Path(folder, "a.npz"), {"w": np.ones(2)})
    ...     load(Path(folder, "a.npz"))
    {'w': array([1., 1.])}
    """
    if isinstance(state, Module):
        state = state.state_dict()
    if not isinstance(state, Mapping) or not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"save: came {type(path).__name__} and {type(state).__name__};"
                        " needed save(path, model), or a dict of arrays for the model")
    arrays = {name: as_saved(name, value) for name, value in state.items()}
    if kind_of(path) == ".safetensors":
        content = safetensors().save(arrays)
        with whole_file(path) as file:
            file.write(content)
        return
    with whole_file(path) as file, zipfile.ZipFile(file, "w") as archive:
        for name, array in arrays.items():
            # Without the time of day, equal states are equal files.
            entry = zipfile.ZipInfo(f"{name}.npy")
            with archive.open(entry, "w", force_zip64=True) as part:
                npy.write_array(part, array, allow_pickle=False)


def load(path: str | os.PathLike[str]) -> dict[str, NDArray]:
    """The arrays in a file that save, np.savez or safetensors wrote, by name.

    Raises FileNotFoundError if there is none, ValueError for a file that is damaged or of
    another kind. A flipped bit in an .npz file is noticed; safetensors has no check sums.
    """
    if not os.path.isfile(path):
        raise FileNotFoundError(f"load: {str(path)!r} is no file; needed one that mg.save"
                                " wrote")
    if kind_of(path) == ".npz":
        return in_archive(path)
    library, content = safetensors(), Path(path).read_bytes()
    try:
        return library.load(content)
    except Exception as error:                  # of its own class, or of NumPy's
        raise ValueError(f"load: {str(path)!r} is damaged, or no safetensors file"
                         f" ({error}); needed a file that mg.save wrote") from error


def in_archive(path: str | os.PathLike[str]) -> dict[str, NDArray]:
    """The arrays in an archive of NumPy's by name; ValueError if it is damaged or none."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            foreign = [name for name in names if not name.endswith(".npy")]
            if foreign:
                raise ValueError(f"it holds {foreign[0]!r}{_of_torch(foreign)}")
            _check_end(path, len(names))
            return {name.removesuffix(".npy"): _array(archive, name) for name in names}
    except DAMAGED as error:
        raise ValueError(f"load: {str(path)!r} is damaged, or no .npz file of arrays"
                         f" ({error}); needed a file that mg.save wrote") from error


def kind_of(path: str | os.PathLike[str]) -> str:
    """How the name of a file ends, if it is one of ours; ValueError for others."""
    kind = Path(path).suffix.lower()
    if kind not in KINDS:
        raise ValueError(f"{str(path)!r} came; needed a name that ends in"
                         f" {' or '.join(KINDS)}")
    return kind


def safetensors() -> Any:
    """The library, or what to install."""
    try:
        import safetensors.numpy
    except ImportError:
        raise ModuleNotFoundError(".safetensors files need a library: pip install"
                                  " safetensors; .npz files need none") from None
    return safetensors.numpy


def as_saved(name: Any, value: Any) -> NDArray:
    """A value as an array of numbers, its entries in order; TypeError for what is none."""
    if isinstance(value, Values):
        value = value.numpy()
    array = np.asarray(value.detach() if hasattr(value, "detach") else value)
    if not isinstance(name, str) or array.dtype.kind not in "fiub":
        raise TypeError(f"save: {name!r} is {array.dtype}; needed names, and arrays of"
                        " numbers")
    return np.array(array, order="C")


def _array(archive: zipfile.ZipFile, name: str) -> NDArray:
    """One array, read to its end, where the check sum is compared."""
    with archive.open(name) as part:
        array = npy.read_array(part, allow_pickle=False)
        if part.read(1):
            raise ValueError(f"{name} is longer than its array")
    return array


def _check_end(path: str | os.PathLike[str], count: int) -> None:
    """ValueError if the end of an archive speaks of other entries than were found there;
    zipfile would leave out those that a damaged directory hides."""
    with open(path, "rb") as file:
        where = file.seek(-22, os.SEEK_END)
        mark, total, size, start = struct.unpack("<4s6x H 2L 2x", file.read(22))
    large = total == 2**16 - 1 or start == 2**32 - 1        # said elsewhere
    if mark != b"PK\5\6" or not large and (total, start + size) != (count, where):
        raise ValueError("its directory is damaged")


def _of_torch(names: list[str]) -> str:
    """What to do about a file of PyTorch's."""
    if not any(name.endswith("data.pkl") for name in names):
        return ""
    return (": PyTorch's, which is unpickled only by torch.load(path, weights_only=True);"
            " load_state_dict takes what that gives")
