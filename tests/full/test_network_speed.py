"""A compiled step of a GRU, and of a transformer's layer, beside PyTorch's eager one.

By the processor's time, one thread each, the least of several rounds in turns.

    python -m pytest -s tests/full/test_network_speed.py
"""
import time

import numpy as np
import pytest
import torch

import minigrad as mg
from minigrad import nn

ROUNDS, STEPS = 7, 20


def seconds(step):
    begin = time.process_time()
    for _ in range(STEPS):
        step()
    return (time.process_time() - begin)/STEPS


def ratio(ours, theirs, shape, result=lambda out: out):
    """How many times as long as PyTorch's a step takes: forward, and all gradients."""
    mg.set_blas_threads(1)
    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    ours.load_state_dict(theirs.state_dict())
    x = rng.standard_normal(shape).astype(np.float32)
    weights = rng.standard_normal(result(ours(x)).shape).astype(np.float32)
    tx, tw = torch.tensor(x), torch.tensor(weights)

    def step(x):
        loss = np.sum(result(ours(x))*weights)
        ours.zero_grad()
        loss.backward()
        return loss

    def torchs():
        loss = (result(theirs(tx))*tw).sum()
        theirs.zero_grad()
        loss.backward()
        return loss
    compiled = mg.compile(step)
    for _ in range(4):
        mine, other = compiled(x).item(), torchs().item()
    assert abs(mine - other) < 1e-3*(1 + abs(other)) and compiled.last
    turns = [(seconds(lambda: compiled(x)), seconds(torchs)) for _ in range(ROUNDS)]
    return min(a for a, _ in turns)/min(b for _, b in turns)


@pytest.mark.parametrize("inputs, hidden, n", [(16, 64, 32), (8, 16, 8), (64, 128, 32)])
def test_a_gru_over_32_steps(inputs, hidden, n):
    found = ratio(nn.GRU(inputs, hidden, rng=0), torch.nn.GRU(inputs, hidden),
                  (32, n, inputs), lambda out: out[0])
    print(f"GRU {inputs}-{hidden} B{n}, 32 steps: {found:.2f}")
    assert found <= 1


@pytest.mark.parametrize("width, heads, inner, steps, n", [
    (64, 4, 128, 32, 16), (32, 2, 64, 16, 8)])
def test_a_transformers_layer(width, heads, inner, steps, n):
    options = {"dropout": 0.0, "batch_first": True}
    found = ratio(nn.TransformerEncoderLayer(width, heads, inner, **options, rng=0),
                  torch.nn.TransformerEncoderLayer(width, heads, inner, **options),
                  (n, steps, width))
    print(f"transformer {width}-{inner} B{n}, {steps} steps: {found:.2f}")
    assert found <= 1
