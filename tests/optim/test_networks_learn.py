"""Small networks of every kind learn their tasks, from fixed seeds.

Medians of several seeds are in tests/full/test_networks_learn.py.
"""
import numpy as np
import pytest

from minigrad import nn
from optim.commands.cli import main
from optim.training import restore, train

from .learning import adder, reverser


def test_a_gru_adds_numbers_of_16_bits_exactly():
    assert adder(0, steps=0) < 0.01 and adder(0, steps=300) == 1


def test_two_layers_of_attention_reverse_words():
    assert reverser(0, steps=0) < 0.01 and reverser(0, steps=150) == 1


# 0.5 % are two of 360 examples, by which another processor's last bits may change it.
@pytest.mark.parametrize("model, least, lr", [
    ("mlp:64-32-10", 0.96, 0.001), ("conv", 0.98 - 0.005, 0.001),
    ("gru", 0.98 - 0.005, 0.005)])
def test_a_network_of_a_name_learns_the_digits_and_comes_back_from_its_file(
        model, least, lr, tmp_path):
    result = train("digits", "adam", model, lr=lr)
    assert result.accuracy >= least > train("digits", "adam", model, epochs=0).accuracy
    result.save(tmp_path/"run.npz")
    again, settings = restore(tmp_path/"run.npz")
    assert repr(again) == repr(result.model)
    assert settings["model"] == model.removeprefix("mlp:") + (
        "" if "mlp" in model else ":64-10")
    x = np.random.default_rng(0).random((3, 64)).astype(np.float32)
    assert (again(x).numpy() == result.model(x).numpy()).all()


def test_a_damaged_file_of_a_training_is_refused(tmp_path):
    path = tmp_path/"run.npz"
    train("digits", "adam", "conv", epochs=0).save(path)
    broken = bytearray(path.read_bytes())
    broken[len(broken)//2] ^= 1
    path.write_bytes(broken)
    with pytest.raises(ValueError, match="run.npz' is damaged, or no .npz file of arrays"):
        restore(path)


@pytest.mark.parametrize("model", ["conv", "gru"])
def test_a_compiled_training_has_the_bits_of_an_eager_one(model):
    states = [train("digits", "adam", model, epochs=1, batch=256, compiled=compiled
                    ).model.state_dict() for compiled in (True, False)]
    np.testing.assert_equal(*states)


def test_a_model_is_measured_in_use_and_trained_in_training():
    modes = []

    class Noted(nn.Module):
        def __init__(self):
            self.linear, self.drop = nn.Linear(2, 3, rng=0), nn.Dropout(0.5, rng=0)

        def forward(self, x):
            modes.append(self.training)
            return self.drop(self.linear(x))
    x, y = np.ones((6, 2), np.float32), np.arange(6) % 3
    result = train((x, y, x, y), "adam", Noted(), epochs=1, compiled=False)
    assert modes == [False, False, True, False, False] and result.model.training
    assert result.model.drop.training


@pytest.mark.parametrize("model, complaint", [
    ("convv", "needed sizes such as"), ("conv:64-9", "64-9, but digits has 64 features"),
    ("conv:64-3-10", "needed 64-10"), ("tree:64-10", "needed conv, gru, sizes such as"),
    ("mlp:64-10-9", "needed 64-...-10"), ("mlp:conv", "needed sizes")])
def test_a_model_that_there_is_not_is_refused(model, complaint, capsys):
    with pytest.raises(ValueError, match=complaint):
        train("digits", model=model)
    assert main(["train", "digits", "--model", model]) == 2
    assert "needed" in capsys.readouterr().err


def test_an_image_that_is_not_square_is_refused():
    x, y = np.ones((6, 15), np.float32), np.arange(6) % 3
    with pytest.raises(ValueError, match="conv needs square images .*; came 15 features"):
        train((x, y, x, y), model="conv")


def test_the_command_trains_a_network_of_a_name(capsys):
    assert main("train digits --model gru --epochs 1 --optimizer adam".split()) == 0
    assert "after 1437 examples" in capsys.readouterr().out
