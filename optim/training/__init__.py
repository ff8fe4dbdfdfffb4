"""Networks trained on data: train("digits", "adam").

In reading order:

    tasks.py        classification and regression
    preparing.py    from columns to features, as learned on the training part
    examples.py     examples as they come
    symptoms.py     what may be wrong with a training
    tables.py       examples to train on and to test with
    perceptrons.py  a network from its sizes
    architectures.py  networks from their names
    saved_runs.py   a trained network in a file
    predicting.py   what a trained network says of new rows
    results.py      what a training leaves
    runs.py         a training from start to finish
"""
from optim.training.predicting import Predictions
from optim.training.results import Training, load_training, shown
from optim.training.runs import train
from optim.training.saved_runs import restore
from optim.training.symptoms import cure

__all__ = ["Predictions", "Training", "cure", "load_training", "restore", "shown", "train"]
