"""Networks trained on data: train("digits", "adam").

In reading order:

    tasks.py        classification and regression
    preparing.py    from columns to features, as learned on the training part
    perceptrons.py  a network from its sizes
    architectures.py  networks from their names
    saved_runs.py   a trained network in a file
    measures.py     losses and metrics
    orders.py       in which order an epoch takes the examples
    interrupts.py   Ctrl-C at a good moment
    locks.py        one run at a time
    packing.py      nested data as arrays by name
    run_states.py   what a run changes of a model
    checkpoints.py  a run in a file, to go on from
    network_steps.py  a step on a batch
    training_loop.py  the one loop
    named_schedules.py  schedules by what one writes on a command line
    fit_inputs.py   what fit is given, checked and as arrays
    fits.py         a model of one's own, trained by an optimizer of one's own
    examples.py     examples as they come
    symptoms.py     what may be wrong with a training
    task_checks.py  whether labels can be learned
    tables.py       examples to train on and to test with
    predicting.py   what a trained network says of new rows
    training_results.py  what a training leaves
    runs.py         a training from start to finish
    strategies.py   what a survey's additional strategies do
    sweeps.py       many of them: rules, learning rates, seeds
"""
from optim.training.fits import fit
from optim.training.predicting import Predictions
from optim.training.training_results import Training, load_training, shown
from optim.training.runs import train
from optim.training.saved_runs import restore
from optim.training.sweeps import Sweep, sweep
from optim.training.symptoms import cure

__all__ = ["Predictions", "Sweep", "Training", "cure", "fit", "load_training", "restore",
           "shown", "sweep", "train"]
