"""What is saved is loaded bit for bit; what is damaged, foreign or unfitting is refused."""
import builtins
import os
import pickle
import zipfile

import numpy as np
import pytest
import torch

import minigrad as mg
from minigrad import nn

KINDS = ".npz", ".safetensors"


def model(seed=0):
    return nn.Sequential(nn.Linear(3, 4, rng=seed), nn.BatchNorm1d(4), nn.ReLU(),
                         nn.Linear(4, 2, rng=seed + 1))


def same(a, b):
    return a.keys() == b.keys() and all(
        a[k].dtype == b[k].dtype and a[k].shape == b[k].shape
        and a[k].tobytes() == b[k].tobytes() for k in a)


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_comes_back_bit_for_bit(kind, tmp_path):
    path, first, second = tmp_path/f"model{kind}", model(), model(5)
    first[1].running_mean[...] = [np.pi, -0.0, 1e-45, 3e38]
    mg.save(path, first)
    assert same(mg.load(path), first.state_dict())
    assert second.load_state_dict(mg.load(path)) is None
    assert same(second.state_dict(), first.state_dict()) and os.listdir(tmp_path) == [
        path.name]


@pytest.mark.parametrize("kind", KINDS)
def test_arrays_of_every_kind_come_back(kind, tmp_path):
    rng, path = np.random.default_rng(0), str(tmp_path/f"a{kind}")
    state = {"file": rng.standard_normal((3, 4)), "turned": rng.standard_normal((3, 4)).T,
             "a/b.c": np.array(3), "every second": np.arange(9, dtype=np.int32)[::2],
             "none": np.zeros((0, 2), np.float16), "mask": np.array([True, False]),
             "nan": np.array([np.nan, np.inf, -0.0])}
    mg.save(path, state)
    assert same(mg.load(path), state)


def test_an_archive_is_numpys_and_equal_states_are_equal_files(tmp_path):
    mg.save(tmp_path/"a.npz", model())
    mg.save(tmp_path/"b.npz", model())
    assert (tmp_path/"a.npz").read_bytes() == (tmp_path/"b.npz").read_bytes()
    with np.load(tmp_path/"a.npz", allow_pickle=False) as file:
        assert same({name: file[name] for name in file.files}, model().state_dict())
    np.savez(tmp_path/"c.npz", **model().state_dict())
    assert same(mg.load(tmp_path/"c.npz"), model().state_dict())
    np.savez_compressed(tmp_path/"d.npz", **model().state_dict())
    assert same(mg.load(tmp_path/"d.npz"), model().state_dict())


def test_safetensors_are_the_librarys_and_pytorchs(tmp_path):
    from safetensors.torch import load_file, save_file
    theirs = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4),
                                 torch.nn.ReLU(), torch.nn.Linear(4, 2))
    save_file(theirs.state_dict(), tmp_path/"theirs.safetensors")
    ours = model()
    ours.load_state_dict(mg.load(tmp_path/"theirs.safetensors"))
    mg.save(tmp_path/"ours.safetensors", ours)
    for name, value in load_file(tmp_path/"ours.safetensors").items():
        assert torch.equal(value, theirs.state_dict()[name])


def test_a_state_of_pytorchs_is_loaded_by_name_and_saved(tmp_path):
    theirs = torch.nn.Linear(3, 2)
    ours = nn.Linear(3, 2)
    ours.load_state_dict(dict(theirs.named_parameters()))       # which want gradients
    mg.save(tmp_path/"a.npz", dict(theirs.named_parameters()))
    assert same(mg.load(tmp_path/"a.npz"), ours.state_dict())


def test_every_flipped_bit_of_an_archive_is_noticed_or_changes_nothing(tmp_path):
    path, state = tmp_path/"a.npz", {"w": np.arange(4.0), "b": np.array([1], np.int8)}
    mg.save(path, state)
    whole, noticed = path.read_bytes(), 0
    for i in range(len(whole)):
        broken = bytearray(whole)
        broken[i] ^= 1 << i % 8
        path.write_bytes(broken)
        try:
            assert same(mg.load(path), state), i
        except ValueError as error:
            assert "needed a file that mg.save wrote" in str(error)
            noticed += 1
    assert noticed > len(whole)//2


def test_every_beginning_of_a_file_is_refused(tmp_path):
    for kind in KINDS:
        path = tmp_path/f"a{kind}"
        mg.save(path, {"w": np.arange(4.0)})
        whole = path.read_bytes()
        for end in range(0, len(whole), 7):
            path.write_bytes(whole[:end])
            with pytest.raises(ValueError, match="damaged, or no .* needed a file that mg"):
                mg.load(path)


class Loud:
    """Whoever unpickles it hears of it."""

    def __reduce__(self):
        return print, ("unpickled",)


def test_nothing_is_unpickled(tmp_path, capsys):
    np.savez(tmp_path/"a.npz", w=np.array([Loud()], object))
    (tmp_path/"b.npz").write_bytes(pickle.dumps(Loud()))
    torch.save({"w": torch.ones(2)}, tmp_path/"c.npz")
    with zipfile.ZipFile(tmp_path/"d.npz", "w") as archive:
        archive.writestr("w.npy", pickle.dumps(Loud()))
    for name, complaint in ("a", "allow_pickle=False"), ("b", "zip"), (
            "c", "PyTorch's, which is unpickled only by torch.load"), ("d", "magic"):
        with pytest.raises(ValueError, match=complaint):
            mg.load(tmp_path/f"{name}.npz")
    assert "unpickled" not in capsys.readouterr().out


def test_a_state_of_another_model_is_refused_and_nothing_is_written(tmp_path):
    mg.save(tmp_path/"a.npz", nn.Linear(3, 2, rng=0))
    other, smaller = nn.Sequential(nn.Linear(3, 2, rng=1)), nn.Linear(3, 1, rng=1)
    before = other.state_dict()
    with pytest.raises(KeyError, match=r"needed exactly \['0.weight', '0.bias'\]"):
        other.load_state_dict(mg.load(tmp_path/"a.npz"))
    with pytest.raises(ValueError, match=r"weight has shape \(2, 3\); needed \(1, 3\)"):
        smaller.load_state_dict(mg.load(tmp_path/"a.npz"))
    assert same(before, other.state_dict())


@pytest.mark.parametrize("path, state, error, complaint", [
    ("a.npz", {"w": np.array([None])}, TypeError, "'w' is object; needed names, and"),
    ("a.npz", {"w": np.array(["a"])}, TypeError, "'w' is <U1"),
    ("a.npz", {3: np.ones(2)}, TypeError, "3 is float64; needed names"),
    ("a.npz", [1, 2], TypeError, "needed save.path, model."),
    ("a.pt", {"w": np.ones(2)}, ValueError, "ends in .npz or .safetensors"),
    ("none/a.npz", {"w": np.ones(2)}, FileNotFoundError, "there is no folder")])
def test_what_cannot_be_saved_is_refused_and_leaves_no_file(path, state, error, complaint,
                                                            tmp_path):
    with pytest.raises(error, match=complaint):
        mg.save(tmp_path/path, state)
    assert os.listdir(tmp_path) == []


def test_the_order_of_arguments_and_a_missing_file_are_named(tmp_path):
    with pytest.raises(TypeError, match="came Linear and str; needed save.path, model."):
        mg.save(nn.Linear(2, 2), "a.npz")
    with pytest.raises(FileNotFoundError, match="is no file; needed one that mg.save"):
        mg.load(tmp_path/"a.npz")


def test_a_failed_write_leaves_the_earlier_file(tmp_path):
    path = tmp_path/"a.npz"
    mg.save(path, {"w": np.ones(2)})
    with pytest.raises(TypeError):
        mg.save(path, {"w": np.ones(2), "v": np.array([None])})
    assert mg.load(path)["w"].tolist() == [1, 1] and os.listdir(tmp_path) == ["a.npz"]


def test_without_the_library_safetensors_say_what_to_install(tmp_path, monkeypatch):
    real = builtins.__import__
    monkeypatch.setattr(builtins, "__import__", lambda name, *args, **kwargs: (
        real(name, *args, **kwargs) if not name.startswith("safetensors") else
        (_ for _ in ()).throw(ImportError(name))))
    with pytest.raises(ModuleNotFoundError, match="pip install safetensors; .npz files"):
        mg.save(tmp_path/"a.safetensors", {"w": np.ones(2)})
