"""The rules at work: signatures, hyperparameters, memory, a step, the classes, minimize.

In reading order:

    signatures.py        what a rule's signature says
    hyperparameters.py   numbers at the door
    arena.py             parameters in one flat array
    stepping.py          a rule applied once
    groups.py            parameter groups and options, as they were accepted
    saved_state.py       what a saved state must be like
    optimizer.py         Optimizer: a rule applied to tensors, in PyTorch's manners
    more_classes.py      classes that are made from rules
    classes.py           one class for each rule
    history.py           minimize, and every step it took
"""
