"""The rules at work: signatures, hyperparameters, memory, a step, the classes, minimize.

In reading order:

    signatures.py        what a rule's signature says
    beside.py            what stands beside a rule in its file
    hyperparameters.py   numbers at the door
    arena.py             parameters in one flat array
    stepping.py          a rule applied once
    rule_kernels.py      its calls as source that writes into arrays kept for it
    stretches.py         a part in pieces that fit into the cache
    fused_loops.py       the same as one loop, which numba compiles
    second_thread.py     two threads, where a measurement says so
    bounds.py            between which numbers entries lie, through a rule
    lasting_bounds.py    and in every step to come
    kernel_steps.py      a kernel at work on a part
    recorded_steps.py    a step while minigrad.compiler records it
    groups.py            parameter groups and options, as they were accepted
    saved_state.py       what a saved state must be like
    supplies.py          what a rule is given besides: a norm, noise, a gradient elsewhere
    averaged_parameters.py   averages in the place of the parameters, for a while
    optimizer.py         Optimizer: a rule applied to tensors, in PyTorch's manners
    more_classes.py      classes that are made from rules
    classes.py           one class for each rule
    compiling.py         loops of our own through mg.compile
    history.py           minimize, and every step it took
"""
