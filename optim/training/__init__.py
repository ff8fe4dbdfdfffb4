"""Networks trained on data: train("digits", "adam").

In reading order:

    tables.py       examples to train on and to test with
    perceptrons.py  a network from its sizes
    architectures.py  networks from their names
    saved_runs.py   a trained network in a file
    runs.py         a training from start to finish
    sweeps.py       many of them: rules, learning rates, seeds
"""
from optim.training.runs import Training, cure, train
from optim.training.saved_runs import restore
from optim.training.sweeps import Sweep, sweep

__all__ = ["Sweep", "Training", "cure", "restore", "sweep", "train"]
