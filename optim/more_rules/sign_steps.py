"""Steps whose size no gradient tells, only their direction: signSGD, Rprop, Lion."""
import numpy as np

claims = {
    "lion": [
        "sign_sgd if beta1 = 0, beta2 = 0, weight_decay = 0",
        "not sign_sgd if weight_decay = 0"],
    "rprop": [
        "sign_sgd while g_prev = 0, size = lr",
        "not sign_sgd"],
}


def sign_sgd(theta, g, *, t, lr=0.001):
    """Step by lr in each coordinate, against the sign of the gradient.

    Bernstein, Wang, Azizzadenesheli & Anandkumar 2018, Algorithm 1.
    """
    return theta - lr*np.sign(g)


def rprop(theta, g, g_prev, size=lambda theta, lr: lr + 0*theta, moved=0, *, t, lr=0.001,
          eta_minus=0.5, eta_plus=1.2, size_min=1e-6, size_max=50):
    """A size for each entry: longer while the sign of g stays, shorter where it turns.

    Riedmiller & Braun 1993. Where the sign turned, the last step is taken back and counts
    as no gradient for the step after. lr is where the sizes start. It is made for gradients
    of all examples: of small batches too many signs turn by chance.
    """
    agreement = g*g_prev
    turned = agreement < 0
    longer = np.minimum(eta_plus*size, size_max)
    shorter = np.maximum(eta_minus*size, size_min)
    size = np.where(turned, shorter, np.where(agreement > 0, longer, size))
    moved = np.where(turned, -moved, -size*np.sign(g))
    return theta + moved, np.where(turned, 0, g), size, moved


def lion(theta, g, m, *, t, lr=0.001, beta1=0.9, beta2=0.99, weight_decay=0):
    """Step by the sign of a mean gradient, and keep another mean.

    Chen et al. 2023. weight_decay is multiplied by lr.
    """
    direction = np.sign(beta1*m + (1 - beta1)*g)
    m = beta2*m + (1 - beta2)*g                                     # φ
    return theta - lr*(direction + weight_decay*theta), m
