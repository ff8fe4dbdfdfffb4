"""What is particular to each rule, in reading order:

    origins.py          the problem that a step solves
    heavy_ball.py       momentum
    look_ahead.py       Nesterov
    accumulators.py     Adagrad and RMSprop
    adadelta_units.py   Adadelta's exponents, and its eps
    adam_bound.py       no step of Adam is longer than this
    adam_attained.py    and none shorter bounds them all
    largest.py          AdaMax as a limit
    adamax_steps.py     how long its steps are
    next_momentum.py    Nadam
    decay.py            AdamW
    amsgrad_steps.py    AMSGrad's step size
    later_means.py      momenta of several kinds, means of places
    later_moments.py    over a root of squares
    later_rules.py      a claim or two of each rule after the first eleven
    three_gradients.py  they lead Adam astray, and AMSGrad home
"""
