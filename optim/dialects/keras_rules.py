"""The rules as Keras 3.15.1 computes them, each where it differs from the paper's.

They are written as those of optim.rules are, in the same letters. Lines are those of the
file in keras/src/optimizers. In all of them weight_decay takes lr*weight_decay of theta off
before the step, and past the moments (base_optimizer.py:952-959).

What works on a whole parameter stands in whole_parameters.py. Missing on purpose: Muon.
"""
import numpy as np

from optim import more_rules, rules
from optim.dialects import pytorch_rules


def sgd(theta, g, *, t, lr=0.01, weight_decay=0):
    """Gradient descent. sgd.py:95-123."""
    return pytorch_rules.sgd(theta, g, t=t, lr=lr, weight_decay=weight_decay)


def sgd_momentum(theta, g, m, *, t, lr=0.01, mu=0.9, weight_decay=0):
    """Heavy ball with lr inside the velocity m, which points along the step.

    sgd.py:103-121; Sutskever et al. 2013, eq. (1)-(2).
    """
    m = mu*m - lr*g                                                 # φ
    return theta - lr*weight_decay*theta + m, m


def sgd_nesterov(theta, g, m, *, t, lr=0.01, mu=0.9, weight_decay=0):
    """Nesterov's momentum at the look-ahead point, lr inside the velocity. sgd.py:112-119.
    """
    m = mu*m - lr*g                                                 # φ
    return theta - lr*weight_decay*theta + mu*m - lr*g, m


def adagrad(theta, g, v=lambda theta, initial: initial + 0*theta, *, t, lr=0.001,
            initial=0.1, eps=1e-7, weight_decay=0):
    """Adagrad with eps inside the root, from a sum that starts at 0.1. adagrad.py:78-92.

    The paper's stands outside, and its sum starts at 0.
    """
    v = v + g**2                                                    # ψ
    return theta - lr*weight_decay*theta - lr*g/np.sqrt(v + eps), v


def adadelta(theta, g, v, v_delta, *, t, lr=0.001, rho=0.95, eps=1e-7, weight_decay=0):
    """Adadelta whose step is multiplied by lr, as PyTorch's. adadelta.py:84-119."""
    return pytorch_rules.adadelta(theta - lr*weight_decay*theta, g, v, v_delta, t=t, lr=lr,
                                  rho=rho, eps=eps, weight_decay=0)


def rmsprop(theta, g, v, *, t, lr=0.001, rho=0.9, eps=1e-7, weight_decay=0):
    """RMSprop with eps inside the root. rmsprop.py:109-154."""
    v = rho*v + (1 - rho)*g**2                                      # ψ
    return theta - lr*weight_decay*theta - lr*g/np.sqrt(v + eps), v


def rmsprop_momentum(theta, g, v, m, *, t, lr=0.001, rho=0.9, mu=0.9, eps=1e-7,
                     weight_decay=0):
    """Its steps piled up, lr inside the velocity. rmsprop.py:109-154."""
    step, v = rmsprop(0, g, v, t=t, lr=lr, rho=rho, eps=eps)
    m = mu*m - step                                                 # φ
    return theta - lr*weight_decay*theta - m, v, m


def rmsprop_centered(theta, g, v, g_mean, *, t, lr=0.001, rho=0.9, eps=1e-7,
                     weight_decay=0):
    """RMSprop over the root of the variance, eps inside it. rmsprop.py:109-154.

    Graves 2013, eq. (38)-(41) without momentum.
    """
    v = rho*v + (1 - rho)*g**2                                      # ψ
    g_mean = rho*g_mean + (1 - rho)*g
    step = lr*g/np.sqrt(v - g_mean**2 + eps)
    return theta - lr*weight_decay*theta - step, v, g_mean


def rmsprop_centered_momentum(theta, g, v, m, g_mean, *, t, lr=0.001, rho=0.9, mu=0.9,
                              eps=1e-7, weight_decay=0):
    """Its steps piled up, lr inside the velocity. rmsprop.py:109-154.

    Graves 2013, eq. (38)-(41), whose velocity is -m.
    """
    theta, v, g_mean, m = more_rules.rmsprop_graves(
        theta - lr*weight_decay*theta, g, v, g_mean, m, t=t, lr=lr, rho=rho, mu=mu, eps=eps)
    return theta, v, m, g_mean


def adam(theta, g, m, v, *, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-7, weight_decay=0):
    """Adam with the paper's epsilon hat: eps is added before v is corrected.

    Kingma & Ba 2015, end of section 2. adam.py:102-137, adamw.py.
    """
    m = beta1*m + (1 - beta1)*g                                     # φ
    v = beta2*v + (1 - beta2)*g**2                                  # ψ
    rate = lr*np.sqrt(1 - beta2**t)/(1 - beta1**t)
    return theta - lr*weight_decay*theta - rate*m/(np.sqrt(v) + eps), m, v


def adam_amsgrad(theta, g, m, v, v_max, *, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-7,
                 weight_decay=0):
    """adam over the largest v so far, which is corrected after the maximum.

    The paper has no bias correction. adam.py:128-137.
    """
    m = beta1*m + (1 - beta1)*g                                     # φ
    v = beta2*v + (1 - beta2)*g**2                                  # ψ
    v_max = np.maximum(v_max, v)
    rate = lr*np.sqrt(1 - beta2**t)/(1 - beta1**t)
    return theta - lr*weight_decay*theta - rate*m/(np.sqrt(v_max) + eps), m, v, v_max


def adamax(theta, g, m, v, *, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-7,
           weight_decay=0):
    """AdaMax with eps outside the maximum. adamax.py:105-129."""
    return rules.adamax(theta - lr*weight_decay*theta, g, m, v, t=t, lr=lr, beta1=beta1,
                        beta2=beta2, eps=eps)


def nadam(theta, g, m, v, mu_product=1, *, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-7,
          weight_decay=0):
    """PyTorch's Nadam with psi = 1: the momentum is at its end after some 100 steps.

    Dozat's psi is 0.004. nadam.py:95-146.
    """
    return pytorch_rules.nadam(theta - lr*weight_decay*theta, g, m, v, mu_product, t=t,
                               lr=lr, beta1=beta1, psi=1, beta2=beta2, eps=eps,
                               weight_decay=0)


def lion(theta, g, m, *, t, lr=0.001, beta1=0.9, beta2=0.99, weight_decay=0):
    """The sign of a mean gradient. Chen et al. 2023, Algorithm 2. lion.py:96-121."""
    return more_rules.lion(theta, g, m, t=t, lr=lr, beta1=beta1, beta2=beta2,
                           weight_decay=weight_decay)


def ftrl(theta, g, v=lambda theta, initial: initial + 0*theta, zt=0, *, t, lr=0.001,
         initial=0.1, power=0.5, l1=0, l2=0, shrinkage=0, offset=0, weight_decay=0):
    """Follow the regularized leader: theta is where all linear losses so far are least.

    McMahan et al. 2013, Algorithm 1, which has half of this l2; v does not take the
    shrinkage. ftrl.py:171-219.
    """
    theta = theta - lr*weight_decay*theta
    v_new = v + g**2                                                # ψ
    zt = zt + g + 2*shrinkage*theta - (v_new**power - v**power)/lr*theta
    kept = np.minimum(np.maximum(zt, -l1), l1)
    return (kept - zt)/(v_new**power/lr + 2*l2 + offset/lr), v_new, zt


def schedule_free_adamw(theta, g, zt=lambda theta: theta, v=0, *, t, lr=0.0025, beta1=0.9,
                        beta2=0.999, eps=1e-8, warmup=1, weight_decay=0):
    """Adam without m at zt; g is taken between zt and the mean of all zt, which is theta's.

    Defazio et al. 2024, Algorithm 1, but for the decay, which zt does not see.
    schedule_free_adamw.py:116-181.
    """
    theta = theta - lr*weight_decay*theta
    v = beta2*v + (1 - beta2)*g**2                                  # ψ
    v_hat = v/(1 - beta2**t)
    zt_new = zt - lr*np.minimum(t/warmup, 1)*g/(np.sqrt(v_hat) + eps)
    mean = (theta - (1 - beta1)*zt)/beta1
    mean = (1 - 1/t)*mean + zt_new/t
    return beta1*mean + (1 - beta1)*zt_new, zt_new, v


RULES = {rule.__name__: rule for rule in (
    sgd, sgd_momentum, sgd_nesterov, adagrad, adadelta, rmsprop, rmsprop_momentum,
    rmsprop_centered, rmsprop_centered_momentum, adam, adam_amsgrad, adamax, nadam, lion,
    ftrl, schedule_free_adamw)}
