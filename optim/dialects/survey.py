"""The rules as Ruder's survey prints them, where that is not what the paper has.

Ruder 2016, "An overview of gradient descent optimization algorithms", arXiv:1609.04747; its
letters gamma and eta are rho (or mu) and lr here. Adam is the paper's Algorithm 1 and
Adadelta Zeiler's, so they are the rules themselves, and so are SGD, momentum and, at the
point where its gradient is taken, NAG. AMSGrad stands in the author's blog only.

>>> adam is rules.adam
True
"""
import numpy as np

from optim import rules
from optim.dialects import keras_rules
from optim.rules import adam, amsgrad, gradient_descent, momentum, nag

__all__ = ["adadelta", "adagrad", "adam", "adamax", "amsgrad", "gradient_descent",
           "momentum", "nadam", "nag", "rmsprop"]


def adagrad(theta, g, v, *, t, lr=0.01, eps=1e-8):
    """Adagrad with eps inside the root; the paper's delta stands outside."""
    return keras_rules.adagrad(theta, g, v, t=t, lr=lr, eps=eps)


def rmsprop(theta, g, v, *, t, lr=0.001, rho=0.9, eps=1e-8):
    """RMSprop with eps inside the root; Hinton's slide prints none."""
    return keras_rules.rmsprop(theta, g, v, t=t, lr=lr, rho=rho, eps=eps)


def adadelta(theta, g, v, v_delta, *, t, rho=0.9, eps=1e-6):
    """Adadelta, Zeiler's but for rho: he has 0.95, and the survey no value of eps."""
    return rules.adadelta(theta, g, v, v_delta, t=t, rho=rho, eps=eps)


def adamax(theta, g, m, v, *, t, lr=0.002, beta1=0.9, beta2=0.999):
    """AdaMax without eps, as in the paper: 0/0 while every gradient was 0.

    The survey prints v for the u of the step before, which is read as u.
    """
    m = beta1*m + (1 - beta1)*g                                     # φ
    v = np.maximum(beta2*v, np.abs(g))                              # ψ
    return theta - lr*(m/(1 - beta1**t))/v, m, v


def nadam(theta, g, m, v, *, t, lr=0.002, beta1=0.9, beta2=0.999, eps=1e-8):
    """Nadam without a schedule, whose m is corrected for this step, not for the next.

    Dozat's is divided by 1 - beta1**(t + 1) there; so it has another first step.
    """
    m = beta1*m + (1 - beta1)*g                                     # φ
    v = beta2*v + (1 - beta2)*g**2                                  # ψ
    m_hat = m/(1 - beta1**t)
    v_hat = v/(1 - beta2**t)
    m_bar = beta1*m_hat + (1 - beta1)*g/(1 - beta1**t)
    return theta - lr*m_bar/(np.sqrt(v_hat) + eps), m, v


RULES = {rule.__name__: rule for rule in (
    gradient_descent, momentum, nag, adagrad, rmsprop, adadelta, adam, adamax, nadam,
    amsgrad)}
