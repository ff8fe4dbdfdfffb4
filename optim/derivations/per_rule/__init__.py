"""What is particular to each rule, in reading order:

    origins.py          the problem that a step solves
    heavy_ball.py       momentum
    look_ahead.py       Nesterov
    centring.py         v less a squared mean
    dual_averaging.py   Adagrad's twin
    accumulators.py     Adagrad and RMSprop
    scaling.py          Adadelta's exponents
    two_eps.py          Adadelta's eps
    adam_bound.py       no step of Adam is longer than this
    adam_attained.py    and none shorter bounds them all
    largest.py          AdaMax as a limit
    adamax_steps.py     how long its steps are
    next_momentum.py    Nadam
    decay.py            AdamW
    amsgrad_steps.py    AMSGrad's step size
    adam_fails.py       three gradients that lead Adam astray
    drift.py            AMSGrad under those gradients
"""
