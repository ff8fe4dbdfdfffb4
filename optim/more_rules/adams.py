"""Rules that change one thing in Adam."""
import numpy as np

claims = {
    "radam": [
        "momentum if beta2 = 0, lr = lr*(1 - beta1**t)"
        " where mu = beta1, lr = lr*(1 - beta1), m = lr*m",
        "not adam"],
    "yogi": ["not adam"],
    "adabelief": [
        "gradient_descent if beta1 = 0, v = eps*(1 - beta2**(t - 1))/(1 - beta2)"
        " where lr = lr/(sqrt(eps/(1 - beta2)) + eps)",
        "not adam"],
    "qhadam": [
        "adam if nu1 = 1, nu2 = 1",
        "rmsprop if nu1 = 0, nu2 = 1, lr = lr/sqrt(1 - beta2**t),"
        " eps = eps/sqrt(1 - beta2**t) where rho = beta2"],
    "adan": [
        "adam if beta2 = 0, weight_decay = 0, eps = 0,"
        " lr = lr*sqrt(1 - beta3**t)/(1 - beta1**t) where beta2 = beta3"],
    "adopt": ["not adam"],
    "schedule_free_adamw": ["adam if beta1 = 0, weight_decay = 0, zt = theta"],
}


def radam(theta, g, m, v, *, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """Adam once the variance of its denominator is known well enough, before that momentum.

    Liu et al. 2020, Algorithm 2, which prints no eps; ours stands outside the root.
    """
    m = beta1*m + (1 - beta1)*g                                     # φ
    v = beta2*v + (1 - beta2)*g**2                                  # ψ
    m_hat = m/(1 - beta1**t)
    v_hat = v/(1 - beta2**t)
    rho_end = 2/(1 - beta2) - 1
    rho_now = rho_end - 2*t*beta2**t/(1 - beta2**t)
    known = rho_now > 4
    share = ((rho_now - 4)*(rho_now - 2)*rho_end)/((rho_end - 4)*(rho_end - 2)*rho_now)
    scale = np.sqrt(np.where(known, share + 0*v, 1))/(np.sqrt(v_hat) + eps)
    return theta - lr*m_hat*np.where(known, scale, 1), m, v


def yogi(theta, g, m, v, *, t, lr=0.01, beta1=0.9, beta2=0.999, eps=0.001):
    """Adam whose v grows and falls by (1 - beta2)*g**2 a step, however large it is.

    Zaheer, Reddi, Sachan, Kale & Kumar 2018, Algorithm 2: no bias correction. v starts at
    0 here.
    """
    m = beta1*m + (1 - beta1)*g                                     # φ
    v = v - (1 - beta2)*np.sign(v - g**2)*g**2                      # ψ
    return theta - lr*m/(np.sqrt(v) + eps), m, v


def adabelief(theta, g, m, v, *, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """Adam over the mean square of what m did not foresee.

    Zhuang et al. 2020, Algorithm 2; one eps is added to v in every step, and to its root.
    """
    m = beta1*m + (1 - beta1)*g                                     # φ
    v = beta2*v + (1 - beta2)*(g - m)**2 + eps                      # ψ
    m_hat = m/(1 - beta1**t)
    v_hat = v/(1 - beta2**t)
    return theta - lr*m_hat/(np.sqrt(v_hat) + eps), m, v


def qhadam(theta, g, m, v, *, t, lr=0.001, beta1=0.995, beta2=0.999, nu1=0.7, nu2=1,
           eps=1e-8):
    """Adam with quasi-hyperbolic moments: part gradient, part mean.

    Ma & Yarats 2018.
    """
    m = beta1*m + (1 - beta1)*g                                     # φ
    v = beta2*v + (1 - beta2)*g**2                                  # ψ
    m_hat = m/(1 - beta1**t)
    v_hat = v/(1 - beta2**t)
    root = np.sqrt((1 - nu2)*g**2 + nu2*v_hat)
    return theta - lr*((1 - nu1)*g + nu1*m_hat)/(root + eps), m, v


def adan(theta, g, m, d_mean, v, g_prev, *, t, lr=0.001, beta1=0.98, beta2=0.92,
         beta3=0.99, eps=1e-8, weight_decay=0):
    """Nesterov's momentum by differences of gradients, over the root of their squares.

    Xie et al. 2022, Algorithm 1, whose betas are 1 minus these; eps stands inside the
    root, the decay divides. The first difference is 0.
    """
    difference = np.where(t == 1, 0, g - g_prev)
    m = beta1*m + (1 - beta1)*g                                     # φ
    d_mean = beta2*d_mean + (1 - beta2)*difference
    v = beta3*v + (1 - beta3)*(g + beta2*difference)**2             # ψ
    step = lr/np.sqrt(v + eps)*(m + beta2*d_mean)
    return (theta - step)/(1 + lr*weight_decay), m, d_mean, v, g


def adopt(theta, g, m, v, *, t, lr=0.001, beta1=0.9, beta2=0.9999, eps=1e-6):
    """Adam whose gradient is divided first, by a v without it, and then averaged.

    Taniguchi et al. 2024, with the bound t**(1/4) on what is averaged. The first gradient
    only starts v; the steps are counted from there, so the bound is 0 then.
    """
    root = np.maximum(np.sqrt(v), eps)
    bound = (t - 1)**(1/4)*root
    m = beta1*m + (1 - beta1)*np.minimum(np.maximum(g, -bound), bound)/root     # φ
    v = beta2*v + np.where(t == 1, g**2, (1 - beta2)*g**2)          # ψ
    return theta - lr*m, m, v


def schedule_free_adamw(theta, g, v, zt=lambda theta: theta, theta_mean=0, *, t,
                        lr=0.0025, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0):
    """RMSprop at zt, by gradients taken between zt and the mean of all zt.

    Defazio et al. 2024, Algorithm 1, with constant lr. theta is where the gradient is
    taken, their y; theta_mean, their x, is what to evaluate.
    """
    v = beta2*v + (1 - beta2)*g**2                                  # ψ
    v_hat = v/(1 - beta2**t)
    zt = zt - lr*(g/(np.sqrt(v_hat) + eps) + weight_decay*theta)
    theta_mean = theta_mean + (zt - theta_mean)/t
    return (1 - beta1)*zt + beta1*theta_mean, v, zt, theta_mean
