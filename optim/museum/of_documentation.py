"""Documentation and courses: formulas beside code that computes another one."""
import numpy as np

from optim.dialects import (
    keras_rules as keras, optax_rules as optax, pytorch_rules as torch)
from optim.more_rules.adaptive import ftrl
from optim.museum.exhibit import Exhibit, Same
from optim.rules import adadelta, adam, amsgrad, nag


def nesterov_of_the_gradient_before(theta, g, m, g_prev, *, t, lr=0.001, mu=0.9):
    """The gradient of the step before, beside the buffer of this one."""
    m = mu*m + g
    return theta - lr*(g_prev + mu*m), m, g


def nesterov_that_keeps_its_step(theta, g, m, *, t, lr=0.001, mu=0.9):
    """What is remembered is the step that looks ahead, not the buffer."""
    m = g + mu*(g + mu*m)
    return theta - lr*m, m


def amsgrad_of_corrected(theta, g, m, v, v_max, *, t, lr=0.001, beta1=0.9, beta2=0.999,
                         eps=1e-8):
    """The largest of the corrected second moments."""
    m = beta1*m + (1 - beta1)*g
    v = beta2*v + (1 - beta2)*g**2
    v_max = np.maximum(v_max, v/(1 - beta2**t))
    return theta - lr*m/(1 - beta1**t)/(np.sqrt(v_max) + eps), m, v, v_max


def adam_of_a_rate_that_piles_up(theta, g, m, v, lr_now=lambda theta, lr: lr, *, t, lr=0.01,
                                 beta1=0.9, beta2=0.99, eps=1e-8):
    """The factor of the bias correction, without powers, is taken anew in every step."""
    m = beta1*m + (1 - beta1)*g
    v = beta2*v + (1 - beta2)*g**2
    lr_now = lr_now*np.sqrt(1 - beta2)/(1 - beta1)
    return theta - lr_now*m/(np.sqrt(v) + eps), m, v, lr_now


def adadelta_of_positions(theta, g, v, v_delta, *, t, rho=0.95, eps=1e-6):
    """The mean square of theta, where that of the steps belongs."""
    v = rho*v + (1 - rho)*g**2
    step = np.sqrt(v_delta + eps)/np.sqrt(v + eps)*g
    v_delta = rho*v_delta + (1 - rho)*theta**2
    return theta - step, v, v_delta


def ftrl_of_one_l2(theta, g, v=lambda theta, initial: initial + 0*theta, zt=0, *, t,
                   lr=0.001, initial=0.1, l1=0, l2=0, offset=0):
    """McMahan et al. 2013 with Keras's start of v, and l2 as it is there."""
    return ftrl(theta, g, v, zt, t=t, lr=lr, offset=offset, l1=l1, l2=l2)


def ftrl_of_twice_l2(theta, g, v=lambda theta, initial: initial + 0*theta, zt=0, *, t,
                     lr=0.001, initial=0.1, l1=0, l2=0, offset=0):
    """The same with 2*l2."""
    return ftrl_of_one_l2(theta, g, v, zt, t=t, lr=lr, offset=offset, l1=l1, l2=2*l2)


NO_DECAY = {"weight_decay": 0}
EXHIBITS = (
    Exhibit("torch-nesterov", "Nesterov's momentum in PyTorch's documentation",
            "documentation", "https://github.com/pytorch/pytorch/pull/76639",
            "The page of SGD added mu times the buffer to the gradient of the step before; "
            "the code takes the gradient of this step.",
            nesterov_of_the_gradient_before, torch.sgd_nesterov,
            (Same(torch.sgd_nesterov, nag, NO_DECAY), "nag"),
            training={"lr": 0.03}, date="until May 2022"),
    Exhibit("optax-nesterov", "Nesterov's momentum in Optax's documentation",
            "documentation", "https://github.com/google-deepmind/optax/issues/900",
            "The page of sgd kept g + μ (g + μ m) as the next m, so what is remembered "
            "fades by μ² a step; the code keeps g + μ m and steps by g + μ times that. "
            "The report's first correction had a wrong index and was corrected there.",
            nesterov_that_keeps_its_step, torch.sgd_nesterov,
            (Same(optax.sgd_nesterov, torch.sgd_nesterov, NO_DECAY),
             Same(torch.sgd_nesterov, nag, NO_DECAY), "nag"), training={"lr": 0.03},
            date="until April 2024", version="0.2.2"),
    Exhibit("torch-amsgrad", "AMSGrad in PyTorch's documentation", "documentation",
            "https://github.com/pytorch/pytorch/issues/142323",
            "The page took the largest of the corrected second moments; the code corrects "
            "the largest. The paper corrects neither moment.",
            amsgrad_of_corrected, torch.adam_amsgrad,
            (Same(torch.adam_amsgrad, amsgrad, NO_DECAY,
                  "lr -> lr*sqrt(1 - beta2**t)/(1 - beta1**t), "
                  "eps -> eps*sqrt(1 - beta2**t)"), "amsgrad"), version="up to 2.5"),
    Exhibit("pennylane-adam", "Adam in PennyLane's documentation", "documentation",
            "https://github.com/PennyLaneAI/pennylane/pull/1929",
            "The page divided by 1 - β1, not by 1 - β1^t, and made each step's rate of the "
            "one before, so that the factor √(1 - β2)/(1 - β1) piles up.",
            adam_of_a_rate_that_piles_up, keras.adam,
            (Same(keras.adam, adam, NO_DECAY, "eps -> eps/sqrt(1 - beta2**t)"), "adam")),
    Exhibit("d2l-adadelta", "Adadelta in Dive into Deep Learning", "documentation",
            "https://github.com/d2l-ai/d2l-en/pull/1180",
            "The text let the second mean square be that of the parameters; the paper has "
            "that of the steps.", adadelta_of_positions, adadelta, ("adadelta",)),
    Exhibit("keras-ftrl", "FTRL's l2 in the documentation of TensorFlow and Keras",
            "documentation", "https://github.com/tensorflow/tensorflow/pull/47181",
            "The change put l2 for 2 l2, as in McMahan et al. 2013; the code has 2 l2.",
            ftrl_of_one_l2, keras.ftrl,
            (Same(keras.ftrl, ftrl_of_twice_l2, {**NO_DECAY, "shrinkage": 0, "power": 0.5,
                                                 "l2": "l2 > 0"}), "ftrl"),
            at={"l2": 1}, training={"lr": 0.1, "l2": 0.01}),
)
