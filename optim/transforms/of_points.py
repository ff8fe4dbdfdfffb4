"""Transforms of the point: what is done to theta, or remembered of it, past the rule."""
import numpy as np

from optim.transforms.transforming import transform


@transform()
def weight_decay(step, theta, g, *, t, decoupled_decay=1e-5):
    """Take a share of theta off in every step, past the rule.

    Loshchilov & Hutter 2019, with schedule multiplier 1: not multiplied by lr, as
    PyTorch's is. Adam with it is AdamW, momentum SGDW.
    """
    moved, *states = step(theta, g, t)
    return moved - decoupled_decay*theta, *states


@transform()
def lookahead(step, theta, g, slow=lambda theta: theta, *, t, period=5, pull=0.5):
    """Let slow weights follow: every so many steps they go part of the way to theta, which
    starts again from there.

    Zhang, Lucas, Hinton & Ba 2019, Algorithm 1. What the rule remembers is kept.
    """
    fast, *states = step(theta, g, t)
    meets = t % period == 0
    slow = np.where(meets, slow + pull*(fast - slow), slow)
    return np.where(meets, slow, fast), slow, *states


@transform()
def ema(step, theta, g, average=lambda theta: theta, *, t, keep=0.999):
    """Remember an average that forgets: of the points after each step, from theta's start
    on. theta does not move to it; see Optimizer.averaged.
    """
    moved, *states = step(theta, g, t)
    return moved, keep*average + (1 - keep)*moved, *states


@transform()
def polyak(step, theta, g, average=lambda theta: theta, *, t):
    """Remember the mean of the points after each step.

    Polyak & Juditsky 1992. theta does not move to it; see Optimizer.averaged.
    """
    moved, *states = step(theta, g, t)
    return moved, average + (moved - average)/t, *states
