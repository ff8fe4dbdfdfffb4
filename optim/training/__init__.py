"""Networks trained on data: train("digits", "adam").

In reading order:

    runs.py   a training from start to finish
"""
from optim.training.runs import Training, restore, train

__all__ = ["Training", "restore", "train"]
