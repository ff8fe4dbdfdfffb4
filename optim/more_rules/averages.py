"""Momenta of several kinds, and means of where a rule has been."""

claims = {
    "qhm": [
        "gradient_descent if nu = 0",
        "momentum if nu = 1 where lr = lr*(1 - mu), m = lr*m",
        "nag if nu = mu where lr = lr*(1 - mu), m = lr*m",
        "not momentum if nu = mu where lr = lr*(1 - mu), m = lr*m"],
    "aggmo": [
        "gradient_descent if mu1 = 0, mu2 = 0, mu3 = 0",
        "momentum if mu2 = mu1, mu3 = mu1, m2 = m1, m3 = m1 where mu = mu1, m = lr*m1",
        "qhm if mu1 = 0, mu3 = mu2, m3 = m2 where mu = mu2, m = (1 - mu2)*m2,"
        " nu = 2/(3 - mu2), lr = lr*(3 - mu2)/(3*(1 - mu2))"],
    "sgdw": [
        "momentum if weight_decay = 0",
        "not gradient_descent if mu = 0"],
    "asgd": ["gradient_descent"],
    "schedule_free_sgd": ["gradient_descent if beta1 = 0, zt = theta"],
}


def qhm(theta, g, m, *, t, lr=0.1, mu=0.999, nu=0.7):
    """Quasi-hyperbolic momentum: a step that is part gradient, part mean of gradients.

    Ma & Yarats 2018, eq. (3)-(4).
    """
    m = mu*m + (1 - mu)*g                                           # φ
    return theta - lr*((1 - nu)*g + nu*m), m


def aggmo(theta, g, m1, m2, m3, *, t, lr=0.02, mu1=0, mu2=0.9, mu3=0.99):
    """Aggregated momentum: the mean of three velocities, each with a momentum of its own.

    Lucas, Sun, Zemel & Grosse 2018, with K = 3.
    """
    m1 = mu1*m1 + g                                                 # φ
    m2 = mu2*m2 + g
    m3 = mu3*m3 + g
    return theta - lr/3*(m1 + m2 + m3), m1, m2, m3


def sgdw(theta, g, m, *, t, lr=0.01, mu=0.9, weight_decay=1e-5):
    """Momentum that also takes a fixed share off the parameters, past m.

    Loshchilov & Hutter 2019, Algorithm 1, with schedule multiplier 1.
    """
    m = mu*m + lr*g                                                 # φ
    return theta - m - weight_decay*theta, m


def asgd(theta, g, theta_mean, *, t, lr=0.1):
    """Gradient descent, and the mean of all points at which a gradient was taken.

    Polyak & Juditsky 1992, with constant lr. theta does not move to the mean.
    """
    return theta - lr*g, theta_mean + (theta - theta_mean)/t


def schedule_free_sgd(theta, g, zt=lambda theta: theta, theta_mean=lambda theta: theta, *,
                      t, lr=1, beta1=0.9):
    """Gradient descent at zt, by gradients taken between zt and the mean of all zt.

    Defazio et al. 2024, with constant lr. theta is where the gradient is taken, their y;
    theta_mean, their x, is what to evaluate.
    """
    zt = zt - lr*g
    theta_mean = theta_mean + (zt - theta_mean)/(t + 1)
    return (1 - beta1)*zt + beta1*theta_mean, zt, theta_mean
