"""Training scripts as people write them for torch.optim: run after a change of imports."""
import copy
import importlib
import math
import os

import numpy as np
import pytest

import minigrad as mg
import optim.dialects.torch as optim
from minigrad import nn
from minigrad.nn import mse_loss
from optim.dialects.torch import SGD, Adam, AdamW

os.environ["KERAS_BACKEND"] = "jax"             # before Keras is imported

X = np.random.default_rng(0).normal(size=(64, 5)).astype(np.float32)
Y = X @ np.float32([[1.], [-2.], [.5], [0.], [3.]])
CLASSES = [
    (optim.SGD, {"lr": .1}), (optim.SGD, {"lr": .1, "momentum": .9, "nesterov": True}),
    (optim.SGD, {"lr": .1, "momentum": .9, "dampening": .5, "weight_decay": 1e-4}),
    (optim.Adagrad, {}), (optim.Adadelta, {}), (optim.AdamW, {}), (optim.Adamax, {}),
    (optim.RMSprop, {"centered": True, "momentum": .9}), (optim.Adam, {"amsgrad": True}),
    (optim.NAdam, {}), (optim.RAdam, {}), (optim.Rprop, {}), (optim.ASGD, {}),
    (optim.Adafactor, {})]


@pytest.fixture
def model():
    mg.manual_seed(0)
    return nn.Sequential(nn.Linear(5, 8), nn.Tanh(), nn.Linear(8, 1))


def one_step(model, optimizer):
    optimizer.zero_grad()
    loss = mse_loss(model(mg.tensor(X)), mg.tensor(Y))
    loss.backward()
    optimizer.step()
    return loss.item()


@pytest.mark.parametrize("cls, settings", CLASSES)
def test_every_class_in_the_plain_loop(cls, settings, model):
    optimizer = cls(model.parameters(), **settings)
    losses = [one_step(model, optimizer) for _ in range(20)]
    assert losses[-1] < losses[0]


def test_param_groups_of_two_kinds_and_a_rate_that_falls_by_hand(model):
    bias, others = [], []
    for name, parameter in model.named_parameters():
        (bias if name.endswith("bias") else others).append(parameter)
    optimizer = AdamW([{"params": others, "weight_decay": 0.01},
                       {"params": bias, "weight_decay": 0.0, "lr": 1e-2}],
                      lr=1e-3, betas=(0.9, 0.95), eps=1e-8)
    for epoch in range(4):
        for group in optimizer.param_groups:
            group["lr"] *= 0.5
        one_step(model, optimizer)
    assert [g["lr"] for g in optimizer.param_groups] == [1e-3/16, 1e-2/16]
    assert [g["weight_decay"] for g in optimizer.param_groups] == [0.01, 0.0]


def test_warm_up_and_cosine_by_hand(model):
    optimizer = Adam(model.parameters(), 1e-3, (0.9, 0.999), foreach=None, fused=None)
    for step in range(10):
        rate = 1e-2*(step + 1)/5 if step < 5 else 5e-3*(1 + math.cos(math.pi*(step - 5)/5))
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.zero_grad(set_to_none=True)
        one_step(model, optimizer)
    assert optimizer.param_groups[0]["lr"] == rate


def test_a_closure(model):
    optimizer = SGD(model.parameters(), lr=0.1)

    def closure():
        optimizer.zero_grad()
        loss = mse_loss(model(mg.tensor(X)), mg.tensor(Y))
        loss.backward()
        return loss
    losses = [optimizer.step(closure).item() for _ in range(5)]
    assert losses == sorted(losses, reverse=True)


def test_a_checkpoint_goes_on_as_if_nothing_had_been(model):
    optimizer = Adam(model.parameters(), lr=0.01)
    for _ in range(3):
        one_step(model, optimizer)
    saved = copy.deepcopy({"model": model.state_dict(), "opt": optimizer.state_dict()})
    expected = [one_step(model, optimizer) for _ in range(3)]
    other = nn.Sequential(nn.Linear(5, 8), nn.Tanh(), nn.Linear(8, 1))
    other.load_state_dict(saved["model"])
    again = Adam(other.parameters(), lr=0.5)
    again.load_state_dict(saved["opt"])
    assert [one_step(other, again) for _ in range(3)] == expected


def test_frozen_layers_and_a_group_that_comes_later(model):
    for parameter in model[0].parameters():
        parameter.requires_grad = False
    before = model[0].weight.numpy().copy()
    optimizer = SGD(filter(lambda p: p.requires_grad, model.parameters()), lr=0.1,
                    momentum=0.9)
    one_step(model, optimizer)
    for parameter in model[0].parameters():
        parameter.requires_grad = True
    optimizer.add_param_group({"params": model[0].parameters(), "lr": 0.01})
    assert (model[0].weight.numpy() == before).all()
    one_step(model, optimizer)
    assert (model[0].weight.numpy() != before).any()


def test_what_is_remembered_is_called_as_there(model):
    optimizer = Adam(model.parameters())
    one_step(model, optimizer)
    assert [*optimizer.state[model[0].weight]] == ["step", "exp_avg", "exp_avg_sq"]
    assert optimizer.defaults["betas"] == (0.9, 0.999)


def test_a_class_chosen_by_its_name_is_an_optimizer():
    weight = mg.tensor([1.], requires_grad=True)
    optimizer = getattr(optim, "Adam")([weight], lr=0.1, maximize=True)
    assert isinstance(optimizer, optim.Optimizer)
    for _ in range(5):
        optimizer.zero_grad()
        (-(weight - 3)**2).sum().backward()
        optimizer.step()
    assert weight.item() > 1


@pytest.mark.parametrize("name, cure", [("Muon", "matrices"), ("Adamm", "Adamm")])
def test_what_is_not_here_says_what_there_is(name, cure):
    with pytest.raises(AttributeError, match=cure):
        getattr(optim, name)


def test_the_libraries_themselves_are_not_hidden():
    import keras
    import optax
    import torch
    from optim.dialects import keras as our_keras, optax as our_optax
    for theirs, ours in ((torch.optim.Adam, optim.Adam), (optax.adam, our_optax.adam),
                         (keras.optimizers.Adam, our_keras.Adam)):
        assert theirs is not ours and not theirs.__module__.startswith("optim.")


@pytest.mark.parametrize("library, wrong, right", [
    ("torch", "AdmaW", "AdamW"), ("optax", "adammw", "adamw"), ("keras", "AdmaW", "AdamW")])
def test_a_misspelt_import_names_the_nearest(library, wrong, right):
    module = importlib.import_module(f"optim.dialects.{library}")
    with pytest.raises(ImportError, match=f"did you mean {right}"):
        exec(f"from optim.dialects.{library} import {wrong}")
    with pytest.raises(AttributeError, match=f"did you mean {right}"):
        getattr(module, wrong)
    assert not hasattr(module, wrong)
