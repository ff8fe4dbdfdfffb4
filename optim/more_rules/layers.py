"""Steps as long as the parameter is that they change: LARS and LAMB."""
from optim import rules
from optim.more_rules.norms import norm, of_whole_parameters, ratio


@of_whole_parameters
def lars(theta, g, m, *, t, lr=1, mu=0.9, trust=0.001, weight_decay=1e-4):
    """Momentum of gradients that are as long as a share of the parameter.

    You, Gitman & Ginsburg 2017, Algorithm 1: lr is the global rate, trust the share.
    """
    length = norm(g) + weight_decay*norm(theta)
    m = mu*m + lr*trust*ratio(norm(theta), length)*(g + weight_decay*theta)     # φ
    return theta - m, m


@of_whole_parameters
def lamb(theta, g, m, v, *, t, lr=0.005, beta1=0.9, beta2=0.999, eps=1e-6,
         weight_decay=0):
    """Adam with decay in its step, and each step as long as lr of the parameter.

    You et al. 2020, Algorithm 2, with phi(z) = z.
    """
    step, m, v = rules.adam(0, g, m, v, t=t, lr=1, beta1=beta1, beta2=beta2, eps=eps)
    step = weight_decay*theta - step
    return theta - lr*ratio(norm(theta), norm(step))*step, m, v
