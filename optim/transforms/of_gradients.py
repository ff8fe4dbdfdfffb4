"""Transforms of the gradient: each takes the step of the rule with another g."""
import numpy as np

from optim.optimizers.supplies import Draw, GradientAt, Norm
from optim.transforms.transforming import transform


@transform()
def maximize(step, theta, g, *, t):
    """Climb: the step for -g, so for the loss with the other sign.

    Taken twice it is nothing.
    """
    return step(theta, -g, t)


@transform()
def coupled_weight_decay(step, theta, g, *, t, coupled_decay=1e-4):
    """Add a share of theta to the gradient: that of half as much times theta**2.

    PyTorch's weight_decay, but for AdamW's and what is called decoupled. A rule that
    divides by a root of v divides this, too; weight_decay() stands past the rule.
    """
    return step(theta, g + coupled_decay*theta, t)


@transform()
def clip_by_value(step, theta, g, *, t, max_value=1.0):
    """Bring each entry of the gradient between -max_value and max_value.

    As torch.nn.utils.clip_grad_value_.
    """
    return step(theta, np.minimum(np.maximum(g, -max_value), max_value), t)


@transform(g_norm=Norm(lambda theta, g: g))
def clip_by_norm(step, theta, g, *, t, g_norm, max_norm=1.0):
    """Shorten the gradient to max_norm where it is longer.

    Pascanu, Mikolov & Bengio 2013, Algorithm 1. g_norm is the norm of what arrives here of
    all parameters together that move in this step, of every group; a group with a max_norm
    of its own takes its own. As optax.clip_by_global_norm; torch.nn.utils.clip_grad_norm_
    divides by g_norm + 1e-6.
    """
    # A number of Python's takes the dtype of g.
    return step(theta, g*(max_norm/np.maximum(g_norm, max_norm).item()), t)


@transform(xi=Draw())
def gradient_noise(step, theta, g, *, t, xi, variance=0.01, cooling=0.55):
    """Add noise of variance/t**cooling to each entry of the gradient.

    Neelakantan et al. 2015, eq. (1), whose first step is step 0: variance is their eta,
    for which they take 0.01, 0.3 or 1, and cooling their gamma. The generator starts at
    the same seed in every optimizer: opt.generators["xi"] = np.random.default_rng(7) sets
    another.
    """
    return step(theta, g + (variance/t**cooling)**(1/2)*xi, t)


@transform(ascent_norm=Norm(lambda theta, g: g),
           g_ahead=GradientAt(lambda theta, g, ascent_norm, radius:
                              theta + radius/(ascent_norm + (ascent_norm == 0))*g))
def sam(step, theta, g, *, t, ascent_norm, g_ahead, radius=0.05):
    """Take the gradient not here but where the loss is about the worst nearby.

    Sharpness-aware minimization, Foret et al. 2021, Algorithm 1, with p = 2: g_ahead is the
    gradient at theta + radius*g/||g||, of all parameters together. It is one more run of
    the loss, so opt.step(closure) is needed; what the first run returns is returned.
    """
    return step(theta, g_ahead, t)


@transform()
def accumulate(step, theta, g, g_sum, *, t, every=4):
    """Move once for every so many gradients, by their mean.

    The rule counts moves, not gradients, and in between neither theta nor what it
    remembers changes. Call opt.step() for each gradient.
    """
    g_sum = np.where((t - 1) % every == 0, g, g_sum + g)
    moves = t % every == 0
    theta, *states = step(theta, g_sum/every, (t + every - 1)//every, moves)
    return theta, g_sum, *states
