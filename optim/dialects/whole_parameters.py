"""What libraries compute with a whole parameter: a norm, a mean, the largest of a row.

They are pure as the other rules, but get one parameter at a time, in its own shape, and
have no formula of one entry. Lines are those of torch 2.13.0 (torch/optim), Optax 0.2.8
(optax/_src) and Keras 3.15.1 (keras/src/optimizers).

Two libraries lose digits on the way, whatever the dtype is: Optax's Adafactor takes
1 - t**-rate in float32, as is done here; Keras on JAX takes means in float32, which is not.
"""
import functools

import numpy as np

from minigrad.primitives.dispatch import primitive
from optim import more_rules, rules
from optim.dialects import optax_rules
from optim.more_rules.norms import norm, number, of_whole_parameters, rms


def trust_ratio(theta, step, trust=1, eps=0, min_norm=0):
    """How much longer theta is than a step, times trust; 1 where one of them is 0.

    optax transform.py:1060-1074; keras lamb.py:119-130.
    """
    length, other = max(norm(theta), min_norm), max(norm(step), min_norm)
    return trust*length/(other + eps) if length and other else 1.0


# --- Adafactor: a second moment of a matrix, kept as a row and a column -----------------
#
# Shazeer & Stern 2018, Algorithms 4 and 5.

def axes_of(theta, smallest=0):
    """The two axes whose means are kept instead of v, or None: v is kept, as v_row.

    They are the last two; with a smallest size, the two longest if both have it.
    """
    if theta.ndim < 2:
        return None
    rows, columns = np.argsort(theta.shape)[-2:] if smallest else (-2, -1)
    return (rows, columns) if theta.shape[rows] >= smallest else None


def first_row(theta, smallest=0):
    axes = axes_of(theta, smallest)
    return 0*(theta if axes is None else np.mean(theta, axes[1], keepdims=True))


def first_column(theta, smallest=0):
    axes = axes_of(theta, smallest)
    return 0.0 if axes is None else 0*np.mean(theta, axes[0], keepdims=True)


def second_moment(v_row, v_col, squares, kept, axes, floor=0):
    """The new v, and what is remembered of it: its means over rows and columns, or itself.
    """
    if axes is None:
        v = kept*v_row + (1 - kept)*squares
        return v, v, v_col
    rows, columns = axes
    v_row = kept*v_row + (1 - kept)*np.mean(squares, columns, keepdims=True)
    v_col = kept*v_col + (1 - kept)*np.mean(squares, rows, keepdims=True)
    mean = np.maximum(np.mean(v_row, rows, keepdims=True), floor)
    return v_row*v_col/mean, v_row, v_col


@of_whole_parameters
def torch_adafactor(theta, g, v_row=lambda theta: first_row(theta),
                    v_col=lambda theta: first_column(theta), *, t, lr=0.01, decay=-0.8,
                    eps=1e-16, eps_theta=1e-3, clip=1, weight_decay=0):
    """Adafactor whose eps bounds v from below; weight_decay is multiplied by lr.

    torch _adafactor.py:366-416; the paper adds its eps to g**2.
    """
    size = max(eps_theta, rms(theta))*min(lr, t**-0.5)
    v, v_row, v_col = second_moment(v_row, v_col, g**2, 1 - t**decay, axes_of(theta), eps)
    step = g/np.sqrt(np.maximum(v, eps**2))
    step = step/max(1, rms(step)/clip)
    return theta*(1 - lr*weight_decay) - size*step, v_row, v_col


@of_whole_parameters
def torch_adafactor_machine(theta, g, v_row=lambda theta: first_row(theta),
                            v_col=lambda theta: first_column(theta), *, t, lr=0.01,
                            decay=-0.8, eps_theta=1e-3, clip=1, weight_decay=0):
    """The same with the machine's eps of theta's dtype: torch's eps[0] = None."""
    return torch_adafactor(theta, g, v_row, v_col, t=t, lr=lr, decay=decay,
                           eps=float(np.finfo(theta.dtype).eps), eps_theta=eps_theta,
                           clip=clip, weight_decay=weight_decay)


@of_whole_parameters
def keras_adafactor(theta, g, v_row=lambda theta: first_row(theta),
                    v_col=lambda theta: first_column(theta), *, t, lr=0.001, decay=-0.8,
                    eps=1e-30, eps_theta=1e-3, clip=1, weight_decay=0):
    """Adafactor; relative_step changes nothing, since rho is the smaller of lr and
    1/sqrt(t) in any case. keras adafactor.py:143-214.
    """
    return more_rules.adafactor(theta - lr*weight_decay*theta, g, v_row, v_col, t=t, lr=lr,
                                decay=decay, eps=eps, eps_theta=eps_theta, clip=clip)


@primitive
def kept_in_single(t, power):
    """1 - t**power, in float32."""
    return float(1 - np.float32(t)**np.float32(power))


@functools.cache                            # equal arguments choose the same rule
def optax_adafactor(clipped, scaled, single):
    """Optax's Adafactor, with the means of a matrix only where it is large.

    Whether a step's root mean square is clipped, whether it is multiplied by theta's, and
    whether its mean is kept in float32. There is no 1/sqrt(t) in the rate, and lr does not
    multiply weight_decay. optax factorized.py:136-186, alias.py:303-326.
    """
    @of_whole_parameters
    def adafactor(theta, g, v_row=lambda theta, smallest: first_row(theta, smallest),
                  v_col=lambda theta, smallest: first_column(theta, smallest), m=0, *, t,
                  lr=1, smallest=128, decay=0.8, offset=0, clip=1, mu=0, weight_decay=0,
                  eps=1e-30):
        kept = kept_in_single(t - offset, -decay)
        v, v_row, v_col = second_moment(v_row, v_col, g**2 + eps, kept,
                                        axes_of(theta, smallest))
        step = g/np.sqrt(v)
        step = step/max(1, rms(step)/clip) if clipped else step
        m = mu*(m.astype(np.float32) if single else m)
        m = m + (1 - mu)*lr*step*(max(rms(theta), 1e-3) if scaled else 1)
        kept_m = m.astype(np.float32) if single else m
        return theta - (m + weight_decay*theta), v_row, v_col, kept_m.astype(theta.dtype)
    return adafactor


# --- steps as long as the parameter is ---------------------------------------------------

@of_whole_parameters
def keras_lamb(theta, g, m, v, *, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-7,
               weight_decay=0):
    """LAMB whose decay is no part of the step that is measured. keras lamb.py:89-132.

    You et al. 2020, Algorithm 2, measures both.
    """
    theta = theta - lr*weight_decay*theta
    step, m, v = rules.adam(0, g, m, v, t=t, lr=1, beta1=beta1, beta2=beta2, eps=eps)
    return theta + lr*trust_ratio(theta, step)*step, m, v


@of_whole_parameters
def lamb(theta, g, m, v, *, t, lr, beta1=0.9, beta2=0.999, eps=1e-6, eps_root=0,
         weight_decay=0):
    """Adam with decay, each step as long as lr of the parameter. optax alias.py:1295-1300.

    You et al. 2020, Algorithm 2, with phi(z) = z.
    """
    step, m, v = optax_rules.adam(0, g, m, v, t=t, lr=1, beta1=beta1, beta2=beta2, eps=eps,
                                  eps_root=eps_root)
    step = step - weight_decay*theta
    return theta + lr*trust_ratio(theta, step)*step, m, v


@of_whole_parameters
def lars(theta, g, m, *, t, lr, weight_decay=0, trust=0.001, eps=0, mu=0.9):
    """Momentum, lr inside, of steps as long as the parameter. optax alias.py:1221-1231.

    You et al. 2017 have the sum of two norms below, here it is that of a sum.
    """
    g = g + weight_decay*theta
    m = mu*m - lr*trust_ratio(theta, g, trust, eps)*g               # φ
    return theta + m, m


@of_whole_parameters
def lars_nesterov(theta, g, m, *, t, lr, weight_decay=0, trust=0.001, eps=0, mu=0.9):
    """lars at the look-ahead point. optax alias.py:1221-1231."""
    ahead, m = lars(theta, g, m, t=t, lr=lr, weight_decay=weight_decay, trust=trust,
                    eps=eps, mu=mu)
    g = g + weight_decay*theta
    return theta + mu*m - lr*trust_ratio(theta, g, trust, eps)*g, m


@of_whole_parameters
def fromage(theta, g, *, t, lr, min_norm=1e-6):
    """A step as long as lr of the parameter, which is shortened to its length again.

    Bernstein et al. 2020. optax alias.py:1144-1158.
    """
    shorter = (1 + lr**2)**-0.5
    return shorter*(theta - lr*trust_ratio(theta, g, min_norm=min_norm)*g)


@of_whole_parameters
def novograd(theta, g, m, v=lambda theta: 0.0, *, t, lr, beta1=0.9, beta2=0.25, eps=1e-6,
             eps_root=0, weight_decay=0):
    """Momentum of gradients over a mean of their squared norms, which starts at the first.

    Ginsburg et al. 2019, Algorithm 1. optax transform.py:1289-1325.
    """
    beta1, beta2 = (beta1, beta2) if t > 1 else (0, 0)
    v = number(beta2*v + (1 - beta2)*norm(g)**2)                    # ψ
    m = beta1*m + g/((v + eps_root)**0.5 + eps) + weight_decay*theta
    return theta - lr*m, m, v


@of_whole_parameters
def sm3(theta, g, m, v=lambda theta: np.zeros(max(sum(theta.shape), 1)), *, t, lr,
        beta1=0.9):
    """Adagrad that remembers the largest sum of each row, each column, ...; v has all.

    Anil et al. 2019, Algorithm SM3-II, with momentum. optax transform.py:1204-1243.
    """
    ends = np.cumsum(theta.shape)[:-1]
    pieces = [np.expand_dims(x, [*range(i), *range(i + 1, g.ndim)])
              for i, x in enumerate(np.split(v, ends) if g.ndim else ())]
    total = g**2 + functools.reduce(np.minimum, pieces or [v[0]])
    m = beta1*m + (1 - beta1)*np.where(total > 0, g/np.sqrt(total + 1e-8), 0)
    largest = [np.max(total, tuple({*range(g.ndim)} - {i})) for i in range(g.ndim)]
    return theta - lr*m, m, np.concatenate(largest or [total], axis=None)
