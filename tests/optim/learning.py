"""What networks of layers learn: to add numbers, to reverse sequences."""
import numpy as np

import minigrad as mg
import optim
from minigrad import nn


class Adder(nn.Module):
    """A GRU that reads two numbers bit by bit, the lowest first, and says their sum's."""

    def __init__(self, rng):
        self.gru = nn.GRU(2, 16, batch_first=True, rng=rng)
        self.out = nn.Linear(16, 1, rng=rng)

    def forward(self, bits):                                    # (n, steps, 2)
        states, _ = self.gru(bits)
        rows = np.reshape(states, (-1, 16))
        return np.reshape(self.out(rows), bits.shape[:2])       # logits (n, steps)


def bits_of(numbers, steps):
    return (numbers[:, None] >> np.arange(steps)) & 1


def sums(rng, n, bits):
    """Two numbers of so many bits as steps of pairs, one step more, and their sums."""
    a, b = rng.integers(0, 2**bits, (2, n))
    x = np.stack([bits_of(a, bits + 1), bits_of(b, bits + 1)], -1).astype(np.float32)
    return x, bits_of(a + b, bits + 1).astype(np.float32), a + b


def adder(seed, steps=600, bits=16, batch=64):
    """The share of 2,000 sums of two new numbers of 16 bits that are exact."""
    rng = np.random.default_rng(seed)
    model = Adder(rng)
    opt = optim.Adam(model.parameters(), lr=0.02)

    @mg.compile
    def step(x, y):
        loss = nn.binary_cross_entropy_with_logits(model(x), y)
        opt.zero_grad()
        loss.backward()
        nn.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        return loss
    for _ in range(steps):
        x, y, _ = sums(rng, batch, bits)
        step(x, y)
    x, _, expected = sums(np.random.default_rng(seed + 1000), 2000, 16)
    with mg.no_grad():
        said = (model.eval()(x).numpy() > 0) @ 2**np.arange(17)
    return np.mean(said == expected)


class Reverser(nn.Module):
    """Two layers of attention over letters and their places."""

    def __init__(self, letters, length, width, rng):
        self.letters = nn.Embedding(letters, width, rng=rng)
        self.places = nn.Embedding(length, width, rng=rng)
        self.layers = nn.ModuleList([nn.TransformerEncoderLayer(
            width, 2, 2*width, dropout=0.0, batch_first=True, rng=rng) for _ in range(2)])
        self.out = nn.Linear(width, letters, rng=rng)

    def forward(self, words):                                   # (n, length)
        x = self.letters(words) + self.places(np.arange(words.shape[1]))
        for layer in self.layers:
            x = layer(x)
        return self.out(np.reshape(x, (-1, x.shape[-1])))       # (n*length, letters)


def reverser(seed, steps=300, length=8, letters=10, width=32, batch=64):
    """The share of 500 new words that come out reversed in every letter."""
    rng = np.random.default_rng(seed)
    model = Reverser(letters, length, width, rng)
    opt = optim.Adam(model.parameters(), lr=3e-3)

    @mg.compile
    def step(words, reverse):
        loss = nn.cross_entropy(model(words), reverse)
        opt.zero_grad()
        loss.backward()
        opt.step()
        return loss
    for _ in range(steps):
        words = rng.integers(0, letters, (batch, length))
        step(words, np.ravel(words[:, ::-1]))
    words = np.random.default_rng(seed + 1000).integers(0, letters, (500, length))
    with mg.no_grad():
        said = np.argmax(model.eval()(words).numpy(), axis=1).reshape(words.shape)
    return np.mean(np.all(said == words[:, ::-1], axis=1))
