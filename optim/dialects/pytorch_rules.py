"""The rules as torch.optim 2.13.0 computes them, each where it differs from the paper's.

A rule is written as those of optim.rules are, in the same letters; PyTorch's own name of a
letter is in its class (pytorch.py). Lines are those of the file in torch/optim; what is
given is the single-tensor path, from which foreach differs by rounding alone.

In all of them weight_decay adds its share of theta to the gradient, unless they are called
decoupled: those take lr*weight_decay of theta off.

Missing on purpose: sparse and complex gradients, LBFGS (pytorch_lbfgs.py), Muon,
SparseAdam.
"""
import numpy as np

from optim import rules


def sgd(theta, g, *, t, lr=0.001, weight_decay=0):
    """Gradient descent. sgd.py:343-379."""
    return rules.gradient_descent(theta, g + weight_decay*theta, t=t, lr=lr)


def sgd_momentum(theta, g, m, *, t, lr=0.001, mu=0.9, weight_decay=0):
    """Heavy ball with lr outside the buffer. sgd.py:357-379."""
    m = mu*m + (g + weight_decay*theta)                             # φ
    return theta - lr*m, m


def sgd_dampened(theta, g, m, *, t, lr=0.001, mu=0.9, dampening=0, weight_decay=0):
    """Heavy ball that takes the share 1 - dampening of every gradient but the first.

    sgd.py:357-379.
    """
    g = g + weight_decay*theta
    m = np.where(t == 1, g, mu*m + (1 - dampening)*g)               # φ
    return theta - lr*m, m


def sgd_nesterov(theta, g, m, *, t, lr=0.001, mu=0.9, weight_decay=0):
    """Nesterov's momentum at the look-ahead point, lr outside the buffer. sgd.py:366-369.
    """
    g = g + weight_decay*theta
    m = mu*m + g                                                    # φ
    return theta - lr*(g + mu*m), m


def adagrad(theta, g, v=lambda theta, initial: initial + 0*theta, *, t, lr=0.01,
            lr_decay=0, weight_decay=0, initial=0, eps=1e-10):
    """Adagrad whose lr falls as 1/(1 + (t - 1)*lr_decay). adagrad.py:391-426."""
    lr = lr/(1 + (t - 1)*lr_decay)
    return rules.adagrad(theta, g + weight_decay*theta, v, t=t, lr=lr, eps=eps)


def adadelta(theta, g, v, v_delta, *, t, lr=1, rho=0.9, eps=1e-6, weight_decay=0):
    """Adadelta whose step, not what it remembers of it, is multiplied by lr.

    adadelta.py:281-302.
    """
    step, v, v_delta = rules.adadelta(0, g + weight_decay*theta, v, v_delta,
                                      t=t, rho=rho, eps=eps)
    return theta + lr*step, v, v_delta


def rmsprop(theta, g, v, *, t, lr=0.01, rho=0.99, eps=1e-8, weight_decay=0):
    """RMSprop, eps outside the root. rmsprop.py:301-339."""
    return rules.rmsprop(theta, g + weight_decay*theta, v, t=t, lr=lr, rho=rho, eps=eps)


def rmsprop_momentum(theta, g, m, v, *, t, lr=0.01, mu=0.9, rho=0.99, eps=1e-8,
                     weight_decay=0):
    """RMSprop's quotients piled up, lr outside the buffer. rmsprop.py:301-339."""
    step, v = rules.rmsprop(0, g + weight_decay*theta, v, t=t, lr=1, rho=rho, eps=eps)
    m = mu*m - step                                                 # φ
    return theta - lr*m, m, v


def rmsprop_centered(theta, g, v, g_mean, *, t, lr=0.01, rho=0.99, eps=1e-8,
                     weight_decay=0):
    """RMSprop over the root of the variance, eps outside it. rmsprop.py:301-339.

    Graves 2013, eq. (38)-(41), has eps inside the root.
    """
    g = g + weight_decay*theta
    g_mean = rho*g_mean + (1 - rho)*g
    v = rho*v + (1 - rho)*g**2                                      # ψ
    return theta - lr*g/(np.sqrt(v - g_mean**2) + eps), v, g_mean


def rmsprop_centered_momentum(theta, g, m, v, g_mean, *, t, lr=0.01, mu=0.9, rho=0.99,
                              eps=1e-8, weight_decay=0):
    """Centered RMSprop's quotients piled up, lr outside the buffer. rmsprop.py:301-339."""
    step, v, g_mean = rmsprop_centered(0, g + weight_decay*theta, v, g_mean,
                                       t=t, lr=1, rho=rho, eps=eps)
    m = mu*m - step                                                 # φ
    return theta - lr*m, m, v, g_mean


def adam(theta, g, m, v, *, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8,
         weight_decay=0):
    """Adam, Algorithm 1 of the paper. adam.py:396-546."""
    return rules.adam(theta, g + weight_decay*theta, m, v, t=t, lr=lr, beta1=beta1,
                      beta2=beta2, eps=eps)


def adam_amsgrad(theta, g, m, v, v_max, *, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8,
                 weight_decay=0):
    """The largest second moment, corrected after the maximum. adam.py:537-546.

    The paper has no bias correction. Corrected so, the denominator may shrink.
    """
    g = g + weight_decay*theta
    m = beta1*m + (1 - beta1)*g                                     # φ
    v = beta2*v + (1 - beta2)*g**2                                  # ψ
    v_max = np.maximum(v_max, v)
    m_hat = m/(1 - beta1**t)
    v_hat = v_max/(1 - beta2**t)
    return theta - lr*m_hat/(np.sqrt(v_hat) + eps), m, v, v_max


def adamw(theta, g, m, v, *, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8,
          weight_decay=0.01):
    """Adam that also takes lr*weight_decay of theta off. adamw.py:20-48, adam.py:416-419.

    The paper does not multiply by lr. This is also NAdam's and Adam's decoupled form.
    """
    return rules.adamw(theta, g, m, v, t=t, lr=lr, beta1=beta1, beta2=beta2, eps=eps,
                       weight_decay=lr*weight_decay)


def adamw_amsgrad(theta, g, m, v, v_max, *, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8,
                  weight_decay=0.01):
    """adam_amsgrad that also takes lr*weight_decay of theta off. adamw.py:20-48."""
    step, m, v, v_max = adam_amsgrad(0, g, m, v, v_max, t=t, lr=lr, beta1=beta1,
                                     beta2=beta2, eps=eps)
    return theta + step - lr*weight_decay*theta, m, v, v_max


def adamax(theta, g, m, v, *, t, lr=0.002, beta1=0.9, beta2=0.999, eps=1e-8,
           weight_decay=0):
    """AdaMax with eps beside |g|, so that it stays in the state. adamax.py:246-303.

    The paper prints no eps.
    """
    g = g + weight_decay*theta
    m = beta1*m + (1 - beta1)*g                                     # φ
    v = np.maximum(beta2*v, np.abs(g) + eps)                        # ψ
    return theta - lr*(m/(1 - beta1**t))/v, m, v


def nadam(theta, g, m, v, mu_product=1, *, t, lr=0.002, beta1=0.9, psi=0.004, beta2=0.999,
          eps=1e-8, weight_decay=0):
    """Nadam whose m forgets at the constant beta1, past the schedule. nadam.py:304-378.

    The paper's m takes the momentum of the schedule.
    """
    g = g + weight_decay*theta
    mu_now = beta1*(1 - 0.96**(t*psi)/2)
    mu_next = beta1*(1 - 0.96**((t + 1)*psi)/2)
    mu_product = mu_product*mu_now
    m = beta1*m + (1 - beta1)*g                                     # φ
    v = beta2*v + (1 - beta2)*g**2                                  # ψ
    m_bar = mu_next*m/(1 - mu_product*mu_next) + (1 - mu_now)*g/(1 - mu_product)
    v_hat = v/(1 - beta2**t)
    return theta - lr*m_bar/(np.sqrt(v_hat) + eps), m, v, mu_product


def nadam_decoupled(theta, g, m, v, mu_product=1, *, t, lr=0.002, beta1=0.9, psi=0.004,
                    beta2=0.999, eps=1e-8, weight_decay=0):
    """nadam that also takes lr*weight_decay of theta off. nadam.py:304-378."""
    step, *states = nadam(0, g, m, v, mu_product, t=t, lr=lr, beta1=beta1, psi=psi,
                          beta2=beta2, eps=eps)
    return theta + step - lr*weight_decay*theta, *states


def radam(theta, g, m, v, *, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8,
          weight_decay=0):
    """Adam once the variance of its denominator is known, else momentum. radam.py:300-358.

    Liu et al. 2020, Algorithm 2, has no eps, and 4 in place of 5.
    """
    g = g + weight_decay*theta
    m = beta1*m + (1 - beta1)*g                                     # φ
    v = beta2*v + (1 - beta2)*g**2                                  # ψ
    m_hat = m/(1 - beta1**t)
    rho_end = 2/(1 - beta2) - 1
    rho_now = rho_end - 2*t*beta2**t/(1 - beta2**t)
    known = rho_now > 5
    share = ((rho_now - 4)*(rho_now - 2)*rho_end)/((rho_end - 4)*(rho_end - 2)*rho_now)
    rectified = np.sqrt(np.where(known, share, 1)*(1 - beta2**t))
    return theta - lr*m_hat*np.where(known, rectified/(np.sqrt(v) + eps), 1), m, v


def radam_decoupled(theta, g, m, v, *, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8,
                    weight_decay=0):
    """radam that also takes lr*weight_decay of theta off. radam.py:300-358."""
    step, m, v = radam(0, g, m, v, t=t, lr=lr, beta1=beta1, beta2=beta2, eps=eps)
    return theta + step - lr*weight_decay*theta, m, v


def rprop(theta, g, g_prev, size=lambda theta, lr: lr + 0*theta, *, t, lr=0.01,
          eta_minus=0.5, eta_plus=1.2, size_min=1e-6, size_max=50):
    """A size for each entry: longer while the sign of g stays, shorter when it changes.

    iRprop- of Igel & Huesken 2000; the size is held within its bounds in every step.
    rprop.py:257-291.
    """
    agreement = g*g_prev
    factor = np.where(agreement > 0, eta_plus, np.where(agreement < 0, eta_minus, 1))
    size = np.minimum(np.maximum(size*factor, size_min), size_max)
    g = np.where(agreement < 0, 0, g)
    return theta - size*np.sign(g), g, size


def asgd(theta, g, lr_now=lambda theta, lr: lr, share=1, theta_mean=0, *, t, lr=0.01,
         fall=1e-4, power=0.75, t_mean=1e6, weight_decay=0):
    """Gradient descent with a falling lr and a decay, and the mean of where it was.

    Polyak & Juditsky 1992. lr_now and share are those that the step before has set; the
    mean is kept beside theta, which does not move to it. asgd.py:247-274.
    """
    g = g + weight_decay*theta
    theta = theta*(1 - fall*lr_now) - lr_now*g
    theta_mean = theta_mean + share*(theta - theta_mean)
    return theta, lr/(1 + fall*lr*t)**power, 1/np.maximum(1, t - t_mean), theta_mean


RULES = {rule.__name__: rule for rule in (
    sgd, sgd_momentum, sgd_dampened, sgd_nesterov, adagrad, adadelta, rmsprop,
    rmsprop_momentum, rmsprop_centered, rmsprop_centered_momentum, adam, adam_amsgrad,
    adamw, adamw_amsgrad, adamax, nadam, nadam_decoupled, radam, radam_decoupled, rprop,
    asgd)}
