"""Networks trained on data: train("digits", "adam").

In reading order:

    tasks.py        classification and regression
    preparing.py    from columns to features, as learned on the training part
    examples.py     examples as they come
    tables.py       examples to train on and to test with
    perceptrons.py  a network from its sizes
    architectures.py  networks from their names
    saved_runs.py   a trained network in a file
    predicting.py   what a trained network says of new rows
    symptoms.py     what may be wrong with a training
    runs.py         a training from start to finish
"""
from optim.training.predicting import Predictions
from optim.training.runs import Training, cure, load_training, shown, train
from optim.training.saved_runs import restore

__all__ = ["Predictions", "Training", "cure", "load_training", "restore", "shown", "train"]
