"""Code, as the report on it quotes it; it was mended since, or is mended by the report."""
import numpy as np

from optim.dialects import keras_rules as keras, pytorch_rules as torch
from optim.more_rules.adams import yogi
from optim.more_rules.sign_steps import lion
from optim.museum.exhibit import Exhibit, Same
from optim.museum.of_reports import NO_DECAY, adam_of_eps_hat
from optim.rules import adadelta, adam, adamw, gradient_descent


def decay_that_keeps_lr_times(theta, g, *, t, lr=0.01, weight_decay=0.1):
    """What should stay is taken off."""
    theta = theta - theta*(1 - lr*weight_decay)
    return theta - lr*g


def gradient_descent_of_a_decay(theta, g, *, t, lr=0.01, weight_decay=0.1):
    """1 - lr*weight_decay times the parameter stays."""
    return gradient_descent((1 - lr*weight_decay)*theta, g, t=t, lr=lr)


def adam_uncorrected(theta, g, m, v, *, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    """No bias correction."""
    m = beta1*m + (1 - beta1)*g
    v = beta2*v + (1 - beta2)*g**2
    return theta - lr*m/(np.sqrt(v) + eps), m, v


def nadam_of_mu_twice(theta, g, m, v, mu_product=1, *, t, lr=0.002, beta1=0.9, psi=0.004,
                      beta2=0.999, eps=1e-8):
    """The product that corrects m has this step's momentum in it twice."""
    mu_now = beta1*(1 - 0.96**(t*psi)/2)
    mu_next = beta1*(1 - 0.96**((t + 1)*psi)/2)
    mu_product = mu_product*mu_now
    m = beta1*m + (1 - beta1)*g
    v = beta2*v + (1 - beta2)*g**2
    m_bar = mu_next*m/(1 - mu_product*mu_now*mu_next) + (1 - mu_now)*g/(1 - mu_product)
    return theta - lr*m_bar/(np.sqrt(v/(1 - beta2**t)) + eps), m, v, mu_product


def adadelta_too_late(theta, g, v, v_delta, *, t, rho=0.95, eps=1e-6):
    """The step is taken again with the mean square that has it in it already."""
    v = rho*v + (1 - rho)*g**2
    step = np.sqrt(v_delta + eps)/np.sqrt(v + eps)*g
    v_delta = rho*v_delta + (1 - rho)*step**2
    return theta - np.sqrt(v_delta + eps)/np.sqrt(v + eps)*g, v, v_delta


def lion_of_a_decay_inside(theta, g, m, *, t, lr=0.001, beta1=0.9, beta2=0.99,
                           weight_decay=0):
    """The decay is added to the gradient, so it only turns signs."""
    return lion(theta, g + weight_decay*theta, m, t=t, lr=lr, beta1=beta1, beta2=beta2)


def yogi_of_a_square_squared(theta, g, m, v, *, t, lr=0.01, beta1=0.9, beta2=0.999,
                             eps=0.001):
    """g**4 for g**2; the root is of v without its sign."""
    m = beta1*m + (1 - beta1)*g
    v = v - (1 - beta2)*np.sign(v - g**2)*g**4
    return theta - lr*m/(np.sqrt(np.abs(v)) + eps), m, v


def adamw_of_a_folded_rate(theta, g, m, v, *, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8,
                           weight_decay=0.01):
    """The bias correction is folded into lr, which the decay and eps meet as well."""
    m = beta1*m + (1 - beta1)*g
    v = beta2*v + (1 - beta2)*g**2
    lr = lr*np.sqrt(1 - beta2**t)/(1 - beta1**t)
    return theta - lr*(m/(np.sqrt(v) + eps) + weight_decay*theta), m, v


EXHIBITS = (
    Exhibit("keras-decay", "A decay in Keras that takes what it should leave", "code",
            "https://github.com/keras-team/keras/pull/16274",
            "1 - lr λ times the parameter was subtracted from it, so lr λ times it was "
            "left; 1 - lr λ times it should be.",
            decay_that_keeps_lr_times, keras.sgd,
            (Same(keras.sgd, gradient_descent_of_a_decay), "gradient_descent"),
            at={"weight_decay": 1}, training={"weight_decay": 0.1}),
    Exhibit("torch-eps-hat", "eps in PyTorch's Adam of 2017", "code",
            "https://github.com/pytorch/pytorch/issues/2060",
            "The code had the eps of the line at the end of the paper's Section 2, which "
            "is not that of Algorithm 1. Today's is.", adam_of_eps_hat, adam, ("adam",),
            date="2017"),
    Exhibit("mlx-adam", "Adam without bias correction in MLX", "code",
            "https://github.com/ml-explore/mlx/pull/1640",
            "The moments were used as they are; Algorithm 1 divides them by 1 - β^t.",
            adam_uncorrected, adam, ("adam",)),
    Exhibit("torch-nadam", "NAdam's product in PyTorch", "code",
            "https://github.com/pytorch/pytorch/pull/92699",
            "The product of the momenta was multiplied by mu_t once more.",
            nadam_of_mu_twice, torch.nadam,
            (Same(torch.nadam, keras.nadam, {**NO_DECAY, "psi": 1}),)),
    Exhibit("tensorflow-adadelta", "Adadelta in TensorFlow, read too late", "code",
            "https://github.com/tensorflow/tensorflow/issues/9058",
            "The numerator was read after its update; the paper takes it from the step "
            "before.", adadelta_too_late, adadelta, ("adadelta",)),
    Exhibit("lion-decay", "Lion's decay in bitsandbytes", "code",
            "https://github.com/bitsandbytes-foundation/bitsandbytes/issues/1992",
            "The decay stood inside the sign; the paper takes it off the parameters beside "
            "the sign.", lion_of_a_decay_inside, lion, ("lion",),
            training={"weight_decay": 0.1}),
    Exhibit("optax-yogi", "Yogi in Optax, with a square squared", "code",
            "https://github.com/google-deepmind/optax/pull/288",
            "g**2 with its sign was squared once more before it was added.",
            yogi_of_a_square_squared, yogi, ("yogi",)),
    Exhibit("oneflow-adamw", "AdamW's correction folded into the rate in OneFlow", "code",
            "https://github.com/Oneflow-Inc/oneflow/pull/5960",
            "With the bias correction inside lr, the decay is corrected as well, and eps "
            "counts for more.", adamw_of_a_folded_rate, torch.adamw,
            (Same(torch.adamw, adamw, letters="weight_decay -> lr*weight_decay"), "adamw"),
            training={"weight_decay": 0.1}),
)
