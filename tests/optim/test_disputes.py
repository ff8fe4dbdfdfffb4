"""What users have argued about in public threads, decided: each test names its thread.

Only statements about formulas are here, on the formulas of the present code (the dialects,
which test_lifting.py proves to be the libraries' own) or on those that a thread quotes.
"""
import numpy as np
import pytest

import optim
from optim import rules
from optim.dialects import keras_rules as keras, optax_rules as optax
from optim.dialects import pytorch_rules as torch

NO_DECAY = {"weight_decay": 0}


def proved(a, b, **where):
    verdict = optim.prove(a, b, where=where or None)
    assert verdict.status == "PROVED", verdict


def refuted(a, b, **where):
    verdict = optim.prove(a, b, where=where or None)
    assert verdict.status == "REFUTED" and verdict.witness is not None, verdict
    return verdict


# --- where eps stands ---------------------------------------------------------------------
def adam_of_larger_eps(theta, g, m, v, *, t, lr=.001, beta1=.9, beta2=.999, eps=1e-8):
    """Algorithm 1 with eps/sqrt(1 - beta2^t) for eps."""
    return rules.adam(theta, g, m, v, t=t, lr=lr, beta1=beta1, beta2=beta2,
                      eps=eps/np.sqrt(1 - beta2**t))


@pytest.mark.parametrize("thread", [
    "https://github.com/tensorflow/tensorflow/issues/9047",
    "https://github.com/tensorflow/tensorflow/issues/35102",
    "https://github.com/keras-team/keras/pull/14035",
    "https://github.com/google-deepmind/optax/issues/571",
    "https://github.com/karpathy/nanochat/issues/304"])
def test_adam_of_keras_is_algorithm_1_with_another_eps(thread):
    refuted(keras.adam, torch.adam, **NO_DECAY)
    proved(keras.adam, adam_of_larger_eps, **NO_DECAY)


def test_pytorch_41477_adam_of_torch_is_algorithm_1():
    """https://github.com/pytorch/pytorch/issues/41477"""
    proved(torch.adam, rules.adam, **NO_DECAY)
    proved(optax.adam, rules.adam, eps_root=0, **NO_DECAY)


def test_oneflow_5960_bias_correction_folded_into_lr_drops_the_scale_of_eps():
    """https://github.com/Oneflow-Inc/oneflow/pull/5960"""
    def folded(theta, g, m, v, *, t, lr=.001, beta1=.9, beta2=.999, eps=1e-8,
               weight_decay=.01):
        m = beta1*m + (1 - beta1)*g
        v = beta2*v + (1 - beta2)*g**2
        lr = lr*np.sqrt(1 - beta2**t)/(1 - beta1**t)
        return theta - lr*(m/(np.sqrt(v) + eps) + weight_decay*theta), m, v
    refuted(folded, torch.adamw)
    refuted(folded, torch.adamw, eps=0)                     # the decay is scaled as well
    proved(folded, torch.adamw, eps=0, **NO_DECAY)


@pytest.mark.parametrize("thread", ["https://github.com/pytorch/pytorch/issues/23796",
                                    "https://github.com/keras-team/keras/issues/435",
                                    "https://github.com/keras-team/keras/issues/4356",
                                    "https://github.com/benbo/adagrad/issues/1"])
def test_eps_is_inside_the_root_in_keras_and_outside_in_torch(thread):
    refuted(torch.rmsprop, keras.rmsprop)
    refuted(torch.adagrad, keras.adagrad, lr_decay=0)
    proved(torch.rmsprop, rules.rmsprop, **NO_DECAY)
    refuted(keras.rmsprop, rules.rmsprop, **NO_DECAY)
    proved(torch.adagrad, rules.adagrad, lr_decay=0, initial=0, **NO_DECAY)


def test_optax_532_rmsprop_is_torchs_with_eps_outside_the_root():
    """https://github.com/google-deepmind/optax/issues/532"""
    refuted(optax.rmsprop, torch.rmsprop, eps=0, initial_scale=0, **NO_DECAY)
    proved(optax.rmsprop, torch.rmsprop, eps_root=0, initial_scale=0, **NO_DECAY)


def test_torch_optim_149_roots_of_eps_are_not_eps_in_roots():
    """https://github.com/torch/optim/issues/149: between them lies a factor of sqrt(2)."""
    v, eps = (optim.domains.declare(n, ">= 0") for n in ("v", "e"))
    import sympy as sp
    inside, outside = sp.sqrt(v + eps), sp.sqrt(v) + sp.sqrt(eps)
    assert optim.prove(inside, outside).status == "REFUTED"
    assert optim.prove(inside, outside, "<=").status == "PROVED"
    assert optim.prove(outside, sp.sqrt(2)*inside, "<=").status == "PROVED"


def test_adabelief_61_what_eps_adds_to_the_corrected_moment_does_not_grow():
    """https://github.com/juntang-zhuang/Adabelief-Optimizer/issues/61"""
    import sympy as sp
    f = optim.formula(optax.adabelief)
    v, beta2, eps, t = (f.symbols[n] for n in ("v", "beta2", "eps_root", "t"))
    share = eps*(1 - beta2**t)/(1 - beta2)          # of eps in v, after t steps
    added = f.update["v"].subs(v, share.subs(t, t - 1)) - f.update["v"].subs(
        {v: 0, eps: 0}, simultaneous=True)
    assert optim.prove(sp.expand(added), share).status == "PROVED"      # the step
    assert optim.prove(share.subs(t, 0), sp.Integer(0)).status == "PROVED"
    assert optim.prove(share/(1 - beta2**t), eps/(1 - beta2)).status == "PROVED"


# --- weight decay -------------------------------------------------------------------------
@pytest.mark.parametrize("thread", ["https://github.com/pytorch/pytorch/issues/38853",
                                    "https://github.com/NVIDIA/apex/issues/1849"])
def test_the_decay_of_adamw_is_multiplied_by_lr_and_the_papers_is_not(thread):
    refuted(torch.adamw, rules.adamw)

    def of_share(theta, g, m, v, *, t, lr=.001, beta1=.9, beta2=.999, eps=1e-8,
                 weight_decay=.01):
        return rules.adamw(theta, g, m, v, t=t, lr=lr, beta1=beta1, beta2=beta2, eps=eps,
                           weight_decay=lr*weight_decay)
    proved(torch.adamw, of_share)


def test_keras_16274_a_decay_that_keeps_what_it_should_take():
    """https://github.com/keras-team/keras/pull/16274"""
    def wrong(theta, g, *, t, lr=.01, weight_decay=.1):
        theta = theta - theta*(1 - lr*weight_decay)
        return theta - lr*g
    refuted(wrong, keras.sgd)


def test_keras_19051_adamw_is_not_adam_with_a_penalty():
    """https://github.com/keras-team/keras/issues/19051"""
    def penalty(theta, g, m, v, *, t, lr=.001, beta1=.9, beta2=.999, eps=1e-7,
                weight_decay=.004):
        return keras.adam(theta, g + weight_decay*theta, m, v, t=t, lr=lr, beta1=beta1,
                          beta2=beta2, eps=eps, weight_decay=0)
    refuted(keras.adam, penalty)


def test_pytorch_13801_decay_through_the_buffer_or_past_it():
    """https://github.com/pytorch/pytorch/pull/13801"""
    def past(theta, g, m, *, t, lr=.001, mu=.9, weight_decay=0):
        m = mu*m + g
        return theta - lr*(m + weight_decay*theta), m
    refuted(torch.sgd_momentum, past)
    proved(torch.sgd_momentum, past, **NO_DECAY)


def test_bitsandbytes_1992_lion_with_the_decay_inside_its_sign():
    """https://github.com/bitsandbytes-foundation/bitsandbytes/issues/1992"""
    def inside(theta, g, m, *, t, lr=.001, beta1=.9, beta2=.99, weight_decay=.1):
        return keras.lion(theta, g + weight_decay*theta, m, t=t, lr=lr, beta1=beta1,
                          beta2=beta2, weight_decay=0)
    refuted(inside, keras.lion)


# --- momentum -----------------------------------------------------------------------------
def test_pytorch_5920_nesterov_with_1_plus_mu_is_another_method():
    """https://github.com/pytorch/pytorch/pull/5920"""
    def proposed(theta, g, m, *, t, lr=.001, mu=.9, weight_decay=0):
        g = g + weight_decay*theta
        m = mu*m + g
        return theta - lr*(1 + mu)*m, m
    refuted(proposed, torch.sgd_nesterov)


@pytest.mark.parametrize("thread", ["https://github.com/keras-team/keras/issues/966",
                                    "https://github.com/keras-team/keras/issues/14115"])
def test_keras_nesterov_is_torchs_for_a_constant_lr(thread):
    """Under m -> -lr*m, which torch's buffer is to Keras's velocity."""
    def of_torch(theta, g, m, *, t, lr=.01, mu=.9, weight_decay=0):
        theta, m = torch.sgd_nesterov(theta, g, -m/lr, t=t, lr=lr, mu=mu, weight_decay=0)
        return theta, -lr*m
    proved(of_torch, keras.sgd_nesterov, **NO_DECAY)
    refuted(torch.sgd_nesterov, keras.sgd_nesterov, **NO_DECAY)


@pytest.mark.parametrize("thread", ["https://github.com/pytorch/pytorch/pull/152833",
                                    "https://github.com/ml-explore/mlx/pull/473"])
def test_the_first_gradient_of_torch_is_not_dampened(thread):
    def dampened(theta, g, m, *, t, lr=.001, mu=.9, dampening=0, weight_decay=0):
        g = g + weight_decay*theta
        m = mu*m + (1 - dampening)*g
        return theta - lr*m, m
    refuted(torch.sgd_dampened, dampened)

    def started(theta, g, m, *, t, lr=.001, mu=.9, dampening=0, weight_decay=0):
        """mlx's start of m, dampening/mu times the gradient; here mu is above 0."""
        g = g + weight_decay*theta
        m = mu*np.where(t == 1, dampening/mu*g, m) + (1 - dampening)*g
        return theta - lr*m, m
    assert optim.prove(started, torch.sgd_dampened, where={"mu": "0 < mu < 1"}
                       ).status == "PROVED"


# --- the family of Adam -------------------------------------------------------------------
@pytest.mark.parametrize("thread", ["https://github.com/google-deepmind/optax/issues/1389",
                                    "https://github.com/pytorch/pytorch/issues/142323"])
def test_amsgrad_is_three_rules(thread):
    refuted(torch.adam_amsgrad, optax.amsgrad, eps_root=0, **NO_DECAY)
    refuted(torch.adam_amsgrad, rules.amsgrad, **NO_DECAY)
    refuted(optax.amsgrad, rules.amsgrad, eps_root=0)
    proved(optax.amsgrad_plain, rules.amsgrad, eps_root=0)


def test_pytorch_92699_a_momentum_counted_twice():
    """https://github.com/pytorch/pytorch/pull/92699"""
    def twice(theta, g, m, v, mu_product=1, *, t, lr=.002, beta1=.9, psi=.004, beta2=.999,
              eps=1e-8, weight_decay=0):
        mu_now = beta1*(1 - 0.96**(t*psi)/2)
        mu_next = beta1*(1 - 0.96**((t + 1)*psi)/2)
        mu_product = mu_product*mu_now
        m = beta1*m + (1 - beta1)*g
        v = beta2*v + (1 - beta2)*g**2
        m_bar = (mu_next*m/(1 - mu_product*mu_now*mu_next)
                 + (1 - mu_now)*g/(1 - mu_product))
        return (theta - lr*m_bar/(np.sqrt(v/(1 - beta2**t)) + eps), m, v, mu_product)
    refuted(twice, torch.nadam, **NO_DECAY)


def test_pytorch_59009_nadam_of_torch_keras_and_optax_are_three():
    """https://github.com/pytorch/pytorch/pull/59009"""
    proved(torch.nadam, keras.nadam, psi=1, **NO_DECAY)

    def ours(theta, g, m, v, mu_product=1, *, t, lr=.002, beta1=.9, psi=.004, beta2=.999,
             eps=1e-8, weight_decay=0):
        return rules.nadam(theta, g, m, v, mu_product, t=t, lr=lr, mu=beta1, psi=psi,
                           beta2=beta2, eps=eps)
    refuted(torch.nadam, ours, **NO_DECAY)


def test_pytorch_21250_no_correction_is_not_betas_of_0():
    """https://github.com/pytorch/pytorch/pull/21250"""
    def uncorrected(theta, g, m, v, *, t, lr=.001, beta1=.9, beta2=.999, eps=1e-8):
        m = beta1*m + (1 - beta1)*g
        v = beta2*v + (1 - beta2)*g**2
        return theta - lr*m/(np.sqrt(v) + eps), m, v
    refuted(uncorrected, rules.adam)
    proved(uncorrected, rules.adam, beta1=0, beta2=0)


@pytest.mark.parametrize("thread", [
    "https://github.com/google-research/bert/issues/153"])
def test_without_bias_correction_it_is_not_adam(thread):
    test_pytorch_21250_no_correction_is_not_betas_of_0()


def test_jettify_77_yogi_of_optax_starts_at_a_millionth():
    """https://github.com/jettify/pytorch-optimizer/issues/77"""
    def from_0(theta, g, m, v, *, t, lr=.01, beta1=.9, beta2=.999, eps=1e-3):
        return optax.yogi(theta, g, m, v, t=t, lr=lr, beta1=beta1, beta2=beta2, eps=eps)
    refuted(from_0, optax.yogi)


def test_adan_8_optax_has_one_eps_inside_the_root_and_one_outside():
    """https://github.com/sail-sg/Adan/issues/8"""
    eps = {s.name for s in optim.formula(optax.adan).update["theta"].free_symbols}
    assert {"eps", "eps_root"} <= eps


# --- accumulators and stale states --------------------------------------------------------
def test_tensorflow_9058_adadelta_that_reads_what_it_has_just_written():
    """https://github.com/tensorflow/tensorflow/issues/9058"""
    def late(theta, g, v, v_delta, *, t, rho=.95, eps=1e-6):
        v = rho*v + (1 - rho)*g**2
        step = np.sqrt(v_delta + eps)/np.sqrt(v + eps)*g
        v_delta = rho*v_delta + (1 - rho)*step**2
        return theta - np.sqrt(v_delta + eps)/np.sqrt(v + eps)*g, v, v_delta
    refuted(late, rules.adadelta)


def test_keras_11532_lr_inside_what_adadelta_remembers_is_another_rule():
    """https://github.com/keras-team/keras/pull/11532"""
    def inside(theta, g, v, v_delta, *, t, lr=1, rho=.9, eps=1e-6, weight_decay=0):
        step, v, _ = rules.adadelta(0, g, v, v_delta, t=t, rho=rho, eps=eps)
        return theta + lr*step, v, rho*v_delta + (1 - rho)*(lr*step)**2
    refuted(inside, torch.adadelta, **NO_DECAY)
    proved(inside, torch.adadelta, lr=1, **NO_DECAY)
    proved(torch.adadelta, keras.adadelta, **NO_DECAY)
    proved(torch.adadelta, optax.adadelta)


def test_optax_1725_rprop_takes_the_step_of_the_step_before():
    """https://github.com/google-deepmind/optax/pull/1725"""
    first = optim.formula(optax.rprop).first_step["theta"]
    assert str(first) == "theta"                            # nothing moves at t = 1
    assert str(optim.formula(torch.rprop).first_step["theta"]) != "theta"


@pytest.mark.parametrize("thread", ["https://github.com/pytorch/pytorch/issues/70418",
                                    "https://github.com/libfann/fann/issues/85"])
def test_rprop_of_torch_does_not_move_after_a_change_of_sign(thread):
    import sympy as sp
    f = optim.formula(torch.rprop)
    turned = {f.symbols["g"]: sp.Integer(-1), f.symbols["g_prev"]: sp.Integer(1)}
    assert f.update["theta"].subs(turned) == f.symbols["theta"]
    assert f.update["g_prev"].subs(turned) == 0


def test_pytorch_74884_lambd_of_asgd_also_lets_its_rate_fall():
    """https://github.com/pytorch/pytorch/issues/74884"""
    f = optim.formula(torch.asgd)
    assert f.symbols["fall"] in f.update["lr_now"].free_symbols
    assert f.symbols["weight_decay"] not in f.update["lr_now"].free_symbols
