"""Reports and changes that proposed or claimed a formula, and it was not the right one."""
import numpy as np

from optim.dialects import keras_rules as keras, pytorch_rules as torch
from optim.museum.exhibit import Exhibit, Same
from optim.rules import adadelta, adam, adamw, nadam, nag

NO_DECAY = {"weight_decay": 0}


def nesterov_of_1_plus_mu(theta, g, m, *, t, lr=0.001, mu=0.9):
    """The step is 1 + mu times the buffer."""
    m = mu*m + g
    return theta - lr*(1 + mu)*m, m


def adam_of_eps_hat(theta, g, m, v, *, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """The line at the end of the paper's Section 2, whose eps has a hat."""
    m = beta1*m + (1 - beta1)*g
    v = beta2*v + (1 - beta2)*g**2
    return theta - lr*np.sqrt(1 - beta2**t)/(1 - beta1**t)*m/(np.sqrt(v) + eps), m, v


def decay_after_the_rate(theta, g, m, v, *, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8,
                         weight_decay=1e-5):
    """The decay is added last, to a step that has its minus already."""
    theta, m, v = adam(theta, g, m, v, t=t, lr=lr, beta1=beta1, beta2=beta2, eps=eps)
    return theta + weight_decay*theta, m, v


def adam_with_a_penalty(theta, g, m, v, *, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-7,
                        weight_decay=0.004):
    """The decay goes through both moments."""
    return adam_of_eps_hat(theta, g + weight_decay*theta, m, v, t=t, lr=lr, beta1=beta1,
                           beta2=beta2, eps=eps)


def adamw_in_letters_of_keras(theta, g, m, v, *, t, lr=0.001, beta1=0.9, beta2=0.999,
                              eps=1e-7, weight_decay=0.004):
    """The paper's AdamW, with an eps that has a hat and a decay times lr."""
    return adamw(theta, g, m, v, t=t, lr=lr, beta1=beta1, beta2=beta2,
                 eps=eps/np.sqrt(1 - beta2**t), weight_decay=lr*weight_decay)


def adadelta_that_remembers_lr(theta, g, v, v_delta, *, t, lr=1, rho=0.9, eps=1e-6):
    """What is remembered of a step has lr in it."""
    step, v, _ = adadelta(0, g, v, v_delta, t=t, rho=rho, eps=eps)
    return theta + lr*step, v, rho*v_delta + (1 - rho)*(lr*step)**2


EXHIBITS = (
    Exhibit("nesterov-1-plus-mu", "A change of Nesterov's momentum in PyTorch", "report",
            "https://github.com/pytorch/pytorch/pull/5920",
            "The change proposed 1 + mu times the buffer. It leaves out a term: the code "
            "as it was is Nesterov's momentum at the look-ahead point.",
            nesterov_of_1_plus_mu, torch.sgd_nesterov,
            (Same(torch.sgd_nesterov, nag, NO_DECAY), "nag"), training={"lr": 0.03}),
    Exhibit("eps-of-algorithm-1", "Where Algorithm 1 adds eps", "report",
            "https://github.com/pytorch/pytorch/issues/41477",
            "The report said that PyTorch's Adam is not the paper's, and compared it with "
            "the line at the end of Section 2, whose eps has a hat. PyTorch's is Algorithm "
            "1.", adam_of_eps_hat, torch.adam,
            (Same(torch.adam, adam, NO_DECAY), "adam"), date="2020"),
    Exhibit("optax-swap", "A decay after the learning rate in Optax", "report",
            "https://github.com/google-deepmind/optax/issues/292",
            "Exchanging the last two parts of the chain, as proposed, leaves the decay "
            "without lr, as in the paper, but its sign turns with it: the parameters grow.",
            decay_after_the_rate, adamw, ("adamw",), training={"weight_decay": 1e-3}),
    Exhibit("keras-penalty", "AdamW in Keras as a penalty", "report",
            "https://github.com/keras-team/keras/issues/19051",
            "The report said that AdamW had become Adam with an L2 penalty. The code takes "
            "the decay off the parameters, past both moments.",
            adam_with_a_penalty, keras.adam,
            (Same(keras.adam, adamw_in_letters_of_keras), "adamw"),
            training={"weight_decay": 0.1}),
    Exhibit("adadelta-lr", "lr inside what Adadelta remembers", "report",
            "https://github.com/keras-team/keras/pull/11532",
            "A reply said that lr inside or outside is the same. It is for lr = 1 only, "
            "where both are the paper's, which has no lr.",
            adadelta_that_remembers_lr, torch.adadelta,
            (Same(torch.adadelta, keras.adadelta, NO_DECAY),
             Same(torch.adadelta, adadelta, {**NO_DECAY, "lr": 1}), "adadelta"),
            at={"lr": 2}, training={"lr": 30}),
    Exhibit("nadam-of-dozat", "NAdam in PyTorch, as in Dozat", "report",
            "https://github.com/pytorch/pytorch/pull/59009",
            "The schedule is that of Dozat's report; m is taken with the constant β1, and "
            "not with the scheduled mu_t.",
            torch.nadam, nadam, ("nadam",)),
)
