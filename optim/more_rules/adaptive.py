"""Rules that divide by a root of squares, and are not of Adam's family."""
import numpy as np

claims = {
    "rmsprop_graves": [
        "momentum if rho = 0 where lr = lr/sqrt(eps)",
        "not rmsprop if mu = 0"],
    "ftrl": [
        "adagrad if l1 = 0, l2 = 0, offset = eps, zt = -theta*(eps + sqrt(v))/lr",
        "not adagrad if l1 = 0, offset = eps, zt = -theta*(eps + sqrt(v))/lr"],
}


def rmsprop_graves(theta, g, v, g_mean, m, *, t, lr=0.0001, rho=0.95, mu=0.9, eps=0.0001):
    """Centred RMSprop with momentum: steps over a standard deviation, piled up.

    Graves 2013, eq. (38)-(41); eps stands inside the root, lr inside m, which is -Δ there.
    """
    v = rho*v + (1 - rho)*g**2                                      # ψ
    g_mean = rho*g_mean + (1 - rho)*g
    m = mu*m + lr*g/np.sqrt(v - g_mean**2 + eps)                    # φ
    return theta - m, v, g_mean, m


def least_point(theta, lr, offset, l1, l2):
    """The zt of which theta is the least point, before any gradient."""
    return -theta*(offset/lr + l2) - l1*np.sign(theta)


def ftrl(theta, g, v, zt=least_point, *, t, lr=0.1, offset=1, l1=0, l2=0):
    """Follow the regularised leader: go where all tangents so far and a penalty are least.

    McMahan et al. 2013, Algorithm 1. There theta starts at 0 and so does zt; here zt starts
    so that theta is that least point.
    """
    sigma = (np.sqrt(v + g**2) - np.sqrt(v))/lr
    v = v + g**2                                                    # ψ
    zt = zt + g - sigma*theta
    far = np.abs(zt) > l1
    theta = np.where(far, (l1 - np.abs(zt))*np.sign(zt)/((offset + np.sqrt(v))/lr + l2), 0)
    return theta, v, zt
