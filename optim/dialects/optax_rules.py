"""The rules as Optax 0.2.8 computes them, each where it differs from the paper's.

They are written as those of optim.rules are, in the same letters. Lines are those of the
file in optax/_src, unless another is named. weight_decay is multiplied by lr and passes by
the moments, but in adadelta.

What works on a whole parameter stands in whole_parameters.py. Missing on purpose: noise,
line searches, schedules.
"""
import inspect

import numpy as np

from optim import more_rules, rules
from optim.dialects import pytorch_rules


def sgd(theta, g, *, t, lr):
    """Gradient descent. alias.py:2049."""
    return rules.gradient_descent(theta, g, t=t, lr=lr)


def sgd_momentum(theta, g, m, *, t, lr, mu):
    """Heavy ball with lr outside the trace. transforms/_accumulation.py:66-77."""
    return pytorch_rules.sgd_momentum(theta, g, m, t=t, lr=lr, mu=mu, weight_decay=0)


def sgd_nesterov(theta, g, m, *, t, lr, mu):
    """Nesterov's momentum, lr outside the trace. transforms/_accumulation.py:68-75."""
    return pytorch_rules.sgd_nesterov(theta, g, m, t=t, lr=lr, mu=mu, weight_decay=0)


def adagrad(theta, g, v=lambda theta, initial: initial + 0*theta, *, t, lr, initial=0.1,
            eps=1e-7):
    """Adagrad with eps inside the root, from a sum that starts at 0.1; while that is 0,
    nothing moves. transform.py:66-75.
    """
    v = v + g**2                                                    # ψ
    return theta - lr*g*np.where(v > 0, 1/np.sqrt(v + eps), 0), v


def adadelta(theta, g, v, v_delta, *, t, lr, rho=0.9, eps=1e-6, weight_decay=0):
    """Adadelta whose step is multiplied by lr. transform.py:595-608.

    Without an lr, which is the default, its step has the other sign: adadelta_ascent.
    """
    return pytorch_rules.adadelta(theta, g, v, v_delta, t=t, lr=lr, rho=rho, eps=eps,
                                  weight_decay=weight_decay)


def adadelta_ascent(theta, g, v, v_delta, *, t, rho=0.9, eps=1e-6, weight_decay=0):
    """What optax.adadelta() does without a learning rate: it climbs. alias.py:217-221,
    transform.py:1000-1001.
    """
    return pytorch_rules.adadelta(theta, g, v, v_delta, t=t, lr=-1, rho=rho, eps=eps,
                                  weight_decay=weight_decay)


def second(theta, initial_scale):
    """Where a second moment starts."""
    return initial_scale + 0*theta


def rmsprop(theta, g, v=second, *, t, lr, rho=0.9, eps_root=1e-8, eps=0, initial_scale=0):
    """RMSprop; Optax's eps is eps_root, or eps if not eps_in_sqrt. transform.py:130-148."""
    v = rho*v + (1 - rho)*g**2                                      # ψ
    return theta - lr*g/(np.sqrt(v + eps_root) + eps), v


def rmsprop_corrected(theta, g, v=second, *, t, lr, rho=0.9, eps_root=1e-8, eps=0,
                      initial_scale=0):
    """RMSprop over the corrected v: Adam with beta1 = 0. transform.py:130-148."""
    v = rho*v + (1 - rho)*g**2                                      # ψ
    v_hat = v/(1 - rho**t)
    return theta - lr*g/(np.sqrt(v_hat + eps_root) + eps), v


def rmsprop_centered(theta, g, g_mean, v=second, *, t, lr, rho=0.9, eps_root=1e-8, eps=0,
                     initial_scale=0):
    """RMSprop over the root of the variance. transform.py:203-233."""
    g_mean = rho*g_mean + (1 - rho)*g
    v = rho*v + (1 - rho)*g**2                                      # ψ
    return theta - lr*g/(np.sqrt(v - g_mean**2 + eps_root) + eps), g_mean, v


def rmsprop_centered_corrected(theta, g, g_mean, v=second, *, t, lr, rho=0.9,
                               eps_root=1e-8, eps=0, initial_scale=0):
    """The same over the corrected moments. transform.py:203-233."""
    g_mean = rho*g_mean + (1 - rho)*g
    v = rho*v + (1 - rho)*g**2                                      # ψ
    variance = v/(1 - rho**t) - (g_mean/(1 - rho**t))**2
    return theta - lr*g/(np.sqrt(variance + eps_root) + eps), g_mean, v


def with_momentum(rule, ahead):
    """A rule whose steps are piled up, with lr inside; the last one is taken ahead of that.

    alias.py:2016-2046, transforms/_accumulation.py:66-77.
    """
    def run(theta, g, m, *states, t, mu, **settings):
        step, *states = rule(0, g, *states, t=t, **settings)
        m = mu*m + step                                             # φ
        return theta + (step + mu*m if ahead else m), m, *states

    given = inspect.signature(rule).parameters
    positional = inspect.Parameter.POSITIONAL_OR_KEYWORD
    (theta, g, *states), named = [[p for p in given.values() if (p.kind is positional) is k]
                                  for k in (True, False)]
    run.__name__ = f"{rule.__name__}_{'nesterov' if ahead else 'momentum'}"
    run.__signature__ = inspect.Signature([
        theta, g, inspect.Parameter("m", positional), *states, *named,
        inspect.Parameter("mu", inspect.Parameter.KEYWORD_ONLY, default=0.9)])
    return run


def adam(theta, g, m, v, *, t, lr, beta1=0.9, beta2=0.999, eps=1e-8, eps_root=0,
         weight_decay=0):
    """Adam, Algorithm 1 of the paper, with another eps inside the root.

    transform.py:281-307; adamw: alias.py:716-727.
    """
    m = beta1*m + (1 - beta1)*g                                     # φ
    v = beta2*v + (1 - beta2)*g**2                                  # ψ
    m_hat = m/(1 - beta1**t)
    v_hat = v/(1 - beta2**t)
    return theta - lr*(m_hat/(np.sqrt(v_hat + eps_root) + eps) + weight_decay*theta), m, v


def nadam(theta, g, m, v, *, t, lr, beta1=0.9, beta2=0.999, eps=1e-8, eps_root=0,
          weight_decay=0):
    """Adam that looks ahead, at a constant beta1: Nadam without a schedule.

    transform.py:286-300; nadamw: alias.py:716-727.
    """
    m = beta1*m + (1 - beta1)*g                                     # φ
    v = beta2*v + (1 - beta2)*g**2                                  # ψ
    m_bar = beta1*m/(1 - beta1**(t + 1)) + (1 - beta1)*g/(1 - beta1**t)
    v_hat = v/(1 - beta2**t)
    return theta - lr*(m_bar/(np.sqrt(v_hat + eps_root) + eps) + weight_decay*theta), m, v


def adamax(theta, g, m, v, *, t, lr, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0):
    """AdaMax with eps beside |g|, as PyTorch's. transform.py:416-424; adamaxw."""
    step, m, v = pytorch_rules.adamax(0, g, m, v, t=t, lr=lr, beta1=beta1, beta2=beta2,
                                      eps=eps, weight_decay=0)
    return theta + step - lr*weight_decay*theta, m, v


def amsgrad(theta, g, m, v, v_max, *, t, lr, beta1=0.9, beta2=0.999, eps=1e-8, eps_root=0):
    """The largest of the corrected second moments. transform.py:362-388.

    The paper has no bias correction; PyTorch corrects after the maximum.
    """
    m = beta1*m + (1 - beta1)*g                                     # φ
    v = beta2*v + (1 - beta2)*g**2                                  # ψ
    m_hat = m/(1 - beta1**t)
    v_max = np.maximum(v_max, v/(1 - beta2**t))
    return theta - lr*m_hat/(np.sqrt(v_max + eps_root) + eps), m, v, v_max


def amsgrad_plain(theta, g, m, v, v_max, *, t, lr, beta1=0.9, beta2=0.999, eps=1e-8,
                  eps_root=0):
    """amsgrad without any correction: the paper's, and eps. transform.py:362-388."""
    m = beta1*m + (1 - beta1)*g                                     # φ
    v = beta2*v + (1 - beta2)*g**2                                  # ψ
    v_max = np.maximum(v_max, v)
    return theta - lr*m/(np.sqrt(v_max + eps_root) + eps), m, v, v_max


def amsgrad_corrected_m(theta, g, m, v, v_max, *, t, lr, beta1=0.9, beta2=0.999, eps=1e-8,
                        eps_root=0):
    """amsgrad in which m alone is corrected. transform.py:362-388."""
    m = beta1*m + (1 - beta1)*g                                     # φ
    v = beta2*v + (1 - beta2)*g**2                                  # ψ
    m_hat = m/(1 - beta1**t)
    v_max = np.maximum(v_max, v)
    return theta - lr*m_hat/(np.sqrt(v_max + eps_root) + eps), m, v, v_max


def amsgrad_corrected_v(theta, g, m, v, v_max, *, t, lr, beta1=0.9, beta2=0.999, eps=1e-8,
                        eps_root=0):
    """amsgrad in which v alone is corrected. transform.py:362-388."""
    m = beta1*m + (1 - beta1)*g                                     # φ
    v = beta2*v + (1 - beta2)*g**2                                  # ψ
    v_max = np.maximum(v_max, v/(1 - beta2**t))
    return theta - lr*m/(np.sqrt(v_max + eps_root) + eps), m, v, v_max


def rectified(m_bar, v, t, beta2, eps, eps_root, threshold):
    """RAdam's direction: m_bar, over v's root once its variance is known."""
    v_hat = v/(1 - beta2**t)
    rho_end = 2/(1 - beta2) - 1
    rho_now = rho_end - 2*t*beta2**t/(1 - beta2**t)
    known = rho_now >= threshold
    share = ((rho_now - 4)*(rho_now - 2)*rho_end)/((rho_end - 4)*(rho_end - 2)*rho_now)
    scale = np.sqrt(np.where(known, share, 1))/(np.sqrt(v_hat + eps_root) + eps)
    return m_bar*np.where(known, scale, 1)


def radam(theta, g, m, v, *, t, lr, beta1=0.9, beta2=0.999, eps=1e-8, eps_root=0,
          threshold=5):
    """RAdam with >= 5 for the paper's > 4. transform.py:860-882."""
    m = beta1*m + (1 - beta1)*g                                     # φ
    v = beta2*v + (1 - beta2)*g**2                                  # ψ
    m_hat = m/(1 - beta1**t)
    return theta - lr*rectified(m_hat, v, t, beta2, eps, eps_root, threshold), m, v


def radam_nesterov(theta, g, m, v, *, t, lr, beta1=0.9, beta2=0.999, eps=1e-8, eps_root=0,
                   threshold=5):
    """RAdam that looks ahead, as nadam does. transform.py:866-870."""
    m = beta1*m + (1 - beta1)*g                                     # φ
    v = beta2*v + (1 - beta2)*g**2                                  # ψ
    m_bar = beta1*m/(1 - beta1**(t + 1)) + (1 - beta1)*g/(1 - beta1**t)
    return theta - lr*rectified(m_bar, v, t, beta2, eps, eps_root, threshold), m, v


def lion(theta, g, m, *, t, lr, beta1=0.9, beta2=0.99, weight_decay=1e-3):
    """The sign of a mean gradient. Chen et al. 2023, Algorithm 2. transform.py:467-490."""
    return more_rules.lion(theta, g, m, t=t, lr=lr, beta1=beta1, beta2=beta2,
                           weight_decay=weight_decay)


def yogi(theta, g, m=1e-6, v=1e-6, *, t, lr, beta1=0.9, beta2=0.999, eps=1e-3):
    """Adam whose v grows and falls by at most (1 - beta2)*g**2, with Adam's corrections.

    Zaheer et al. 2018, Algorithm 2, which has none. transform.py:784-808.
    """
    m = beta1*m + (1 - beta1)*g                                     # φ
    v = v - (1 - beta2)*np.sign(v - g**2)*g**2                      # ψ
    m_hat = m/(1 - beta1**t)
    v_hat = v/(1 - beta2**t)
    return theta - lr*m_hat/(np.sqrt(v_hat) + eps), m, v


def adabelief(theta, g, m, v, *, t, lr, beta1=0.9, beta2=0.999, eps=1e-16, eps_root=1e-16):
    """Adam over the mean square of what m did not foresee; eps_root goes into v.

    Zhuang et al. 2020, Algorithm 2, whose two eps are one. transform.py:729-752.
    """
    m = beta1*m + (1 - beta1)*g                                     # φ
    v = beta2*v + (1 - beta2)*(g - m)**2 + eps_root                 # ψ
    m_hat = m/(1 - beta1**t)
    v_hat = v/(1 - beta2**t)
    return theta - lr*m_hat/(np.sqrt(v_hat) + eps), m, v


def adabelief_nesterov(theta, g, m, v, *, t, lr, beta1=0.9, beta2=0.999, eps=1e-16,
                       eps_root=1e-16):
    """AdaBelief that looks ahead, as nadam does. transform.py:744-748."""
    m = beta1*m + (1 - beta1)*g                                     # φ
    v = beta2*v + (1 - beta2)*(g - m)**2 + eps_root                 # ψ
    m_bar = beta1*m/(1 - beta1**(t + 1)) + (1 - beta1)*g/(1 - beta1**t)
    v_hat = v/(1 - beta2**t)
    return theta - lr*m_bar/(np.sqrt(v_hat) + eps), m, v


def adan(theta, g, m, d_mean, v, g_prev, *, t, lr, beta1=0.98, beta2=0.92, beta3=0.99,
         eps=1e-8, eps_root=1e-8, weight_decay=0):
    """Nesterov's momentum by the differences of gradients.

    Xie et al. 2022, Algorithm 1, whose betas are 1 minus these. transform.py:653-686.
    """
    difference = np.where(t == 1, 0, g - g_prev)
    m = beta1*m + (1 - beta1)*g                                     # φ
    d_mean = beta2*d_mean + (1 - beta2)*difference
    v = beta3*v + (1 - beta3)*(g + (1 - beta2)*difference)**2       # ψ
    m_hat = m/(1 - beta1**t)
    d_hat = d_mean/(1 - beta2**t)
    v_hat = v/(1 - beta3**t)
    step = (m_hat + (1 - beta2)*d_hat)/(np.sqrt(v_hat + eps_root) + eps)
    return theta - lr*(step + weight_decay*theta), m, d_mean, v, g


def rprop(theta, g, size=lambda theta, lr: lr + 0*theta, step=0, *, t, lr, eta_minus=0.5,
          eta_plus=1.2, size_min=1e-6, size_max=50):
    """Rprop that takes the step of the step before. transform.py:923-955.

    https://github.com/google-deepmind/optax/pull/1725.
    """
    agreement = g*step
    factor = np.where(agreement > 0, eta_plus, eta_minus)
    size = np.where(agreement == 0, size,
                    np.minimum(np.maximum(size*factor, size_min), size_max))
    new = np.where(agreement < 0, 0, size*np.sign(g))
    return theta - np.where(agreement < 0, 0, step), size, new


def sign_sgd(theta, g, *, t, lr):
    """The sign of the gradient. Bernstein et al. 2018. alias.py:1377-1438."""
    return more_rules.sign_sgd(theta, g, t=t, lr=lr)


def signum(theta, g, m, *, t, lr, beta1=0.9):
    """The sign of the mean gradient. Bernstein et al. 2018. alias.py:1441-1478."""
    m = beta1*m + (1 - beta1)*g                                     # φ
    return theta - lr*np.sign(m), m


def optimistic_gradient_descent(theta, g, g_prev, *, t, lr, ahead=1, back=1):
    """A gradient ahead and the last one back. Mokhtari et al. 2020. transform.py:1357-1374.
    """
    g_prev = np.where(t == 1, g, g_prev)
    return theta - lr*((ahead + back)*g - back*g_prev), g


def schedule_free(theta, zt, zt_new, weight_sum, lr_max, power, beta1):
    """Where the next gradient is taken, and the sum of the weights of the mean so far.

    contrib/_schedule_free.py:156-219.
    """
    weight = lr_max**power
    weight_sum = weight_sum + weight
    share = np.where(weight_sum > 0, weight/weight_sum, 0)
    mean = (theta - (1 - beta1)*zt)/beta1
    mean = (1 - share)*mean + share*zt_new
    return beta1*mean + (1 - beta1)*zt_new, weight_sum


def schedule_free_sgd(theta, g, zt=lambda theta: theta, weight_sum=0, lr_max=0, *, t, lr=1,
                      beta1=0.9, power=2, weight_decay=0):
    """Gradient descent at zt; g is taken between zt and the mean of all zt.

    Defazio et al. 2024. contrib/_schedule_free.py:222-296.
    """
    lr_max = np.maximum(lr_max, lr)
    zt_new = zt - lr*(g + weight_decay*theta)
    theta, weight_sum = schedule_free(theta, zt, zt_new, weight_sum, lr_max, power, beta1)
    return theta, zt_new, weight_sum, lr_max


def schedule_free_sgd_warmup(theta, g, zt=lambda theta: theta, weight_sum=0, lr_max=0, *, t,
                             lr=1, beta1=0.9, power=2, weight_decay=0, warmup=1):
    """The same while lr rises; in the weights it is a step ahead of that in zt."""
    lr_max = np.maximum(lr_max, lr*np.minimum(t/warmup, 1))
    zt_new = zt - lr*np.minimum((t - 1)/warmup, 1)*(g + weight_decay*theta)
    theta, weight_sum = schedule_free(theta, zt, zt_new, weight_sum, lr_max, power, beta1)
    return theta, zt_new, weight_sum, lr_max


def schedule_free_adamw(theta, g, zt=lambda theta: theta, weight_sum=0, lr_max=0, v=0, *, t,
                        lr=0.0025, beta1=0.9, beta2=0.999, eps=1e-8, power=2,
                        weight_decay=0):
    """Adam without m at zt; g is taken between zt and the mean of all zt.

    Defazio et al. 2024, Algorithm 1. contrib/_schedule_free.py:299-397.
    """
    step, v = rmsprop_corrected(0, g, v, t=t, lr=1, rho=beta2, eps_root=0, eps=eps)
    theta, *states = schedule_free_sgd(theta, weight_decay*theta - step, zt, weight_sum,
                                       lr_max, t=t, lr=lr, beta1=beta1, power=power)
    return theta, *states, v


def schedule_free_adamw_warmup(theta, g, zt=lambda theta: theta, weight_sum=0, lr_max=0,
                               v=0, *, t, lr=0.0025, beta1=0.9, beta2=0.999, eps=1e-8,
                               power=2, weight_decay=0, warmup=1):
    """The same while lr rises; in the weights it is a step ahead of that in zt."""
    step, v = rmsprop_corrected(0, g, v, t=t, lr=1, rho=beta2, eps_root=0, eps=eps)
    theta, *states = schedule_free_sgd_warmup(
        theta, weight_decay*theta - step, zt, weight_sum, lr_max, t=t, lr=lr, beta1=beta1,
        power=power, warmup=warmup)
    return theta, *states, v


RMSPROP = rmsprop, rmsprop_corrected, rmsprop_centered, rmsprop_centered_corrected
RULES = {rule.__name__: rule for rule in (
    sgd, sgd_momentum, sgd_nesterov, adagrad, adadelta, adadelta_ascent, *RMSPROP,
    *(with_momentum(rule, ahead) for rule in RMSPROP for ahead in (False, True)), adam,
    nadam, adamax, amsgrad, amsgrad_plain, amsgrad_corrected_m, amsgrad_corrected_v, radam,
    radam_nesterov, lion, yogi, adabelief, adabelief_nesterov, adan, rprop, sign_sgd,
    signum, optimistic_gradient_descent, schedule_free_sgd, schedule_free_sgd_warmup,
    schedule_free_adamw, schedule_free_adamw_warmup)}
