"""What users have argued about in public threads, decided: each test names its thread.

Only statements about formulas are here, on the formulas of the present code (the dialects,
which test_lifting.py proves to be the libraries' own) or on those that a thread quotes;
what looks at a whole parameter is held in numbers. Two others say nothing of a formula of
one entry: how Muon scales a matrix (github.com/kozistr/pytorch_optimizer/issues/371), and
that Sophia draws its Hessian at random (github.com/google-deepmind/optax/issues/968).
"""
import numpy as np
import pytest

import optim
from optim import rules
from optim.dialects import keras_rules as keras, optax_rules as optax
from optim.dialects import pytorch_rules as torch
from optim.dialects import whole_parameters
from optim.optimizers.signatures import anatomy, first_states

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
                                    "https://github.com/keras-team/keras/issues/14115",
                                    "https://github.com/lisa-lab/pylearn2/pull/1030"])
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
    "https://github.com/google-research/bert/issues/153",
    "https://github.com/ml-explore/mlx/pull/1640",
    "https://github.com/karpathy/convnetjs/pull/107"])
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


# --- more of where eps stands -------------------------------------------------------------
def test_pytorch_2060_the_adam_of_2017_had_epsilon_hat():
    """https://github.com/pytorch/pytorch/issues/2060: so it had; it has no more."""
    def of_2017(theta, g, m, v, *, t, lr=.001, beta1=.9, beta2=.999, eps=1e-8):
        m = beta1*m + (1 - beta1)*g
        v = beta2*v + (1 - beta2)*g**2
        return theta - lr*np.sqrt(1 - beta2**t)/(1 - beta1**t)*m/(np.sqrt(v) + eps), m, v
    refuted(of_2017, torch.adam, **NO_DECAY)
    proved(of_2017, keras.adam, **NO_DECAY)
    proved(of_2017, adam_of_larger_eps)


def test_tensorflow_58412_eps_of_rmsprop_is_inside_whatever_the_documentation_says():
    """https://github.com/tensorflow/tensorflow/issues/58412"""
    def of_the_code(theta, g, v, *, t, lr=.001, rho=.9, eps=1e-7):
        v = rho*v + (1 - rho)*g**2
        return theta - lr*g/np.sqrt(v + eps), v

    def of_the_documentation(theta, g, v, *, t, lr=.001, rho=.9, eps=1e-7):
        v = rho*v + (1 - rho)*g**2
        return theta - lr*g/(np.sqrt(v) + eps), v
    proved(keras.rmsprop, of_the_code, **NO_DECAY)
    refuted(keras.rmsprop, of_the_documentation, **NO_DECAY)


def test_optax_49_rmsprop_of_tensorflow_1_starts_at_1_with_lr_inside():
    """https://github.com/google-deepmind/optax/issues/49"""
    def of_tensorflow_1(theta, g, m, v=lambda theta: 1 + 0*theta, *, t, lr=.001, rho=.9,
                        mu=.9, eps_root=1e-10):
        v = rho*v + (1 - rho)*g**2
        m = mu*m - lr*g/np.sqrt(v + eps_root)
        return theta + m, m, v
    ours = optax.RULES["rmsprop_momentum"]
    proved(of_tensorflow_1, ours, eps=0, initial_scale=1)
    refuted(of_tensorflow_1, ours, eps=0, initial_scale=0)


def letters_at_least_0(*names):
    return [optim.domains.declare(n, ">= 0") for n in names]


def test_keras_8726_a_root_of_a_small_eps_is_larger_than_eps():
    """https://github.com/keras-team/keras/pull/8726: what stands under the root as eps."""
    import sympy as sp
    e, = letters_at_least_0("e")
    verdict = optim.prove(sp.sqrt(e), e, ">", where={"e": "0 < e < 1"})
    assert verdict.status == "PROVED", verdict
    assert optim.prove(sp.sqrt(e), e, ">").status == "REFUTED"


def test_keras_radam_29_eps_squared_inside_the_root_is_eps_outside_up_to_a_root_of_2():
    """https://github.com/CyberZHG/keras-radam/issues/29"""
    import sympy as sp
    v, eps = letters_at_least_0("v", "e")
    inside, outside = sp.sqrt(v + eps**2), sp.sqrt(v) + eps
    assert optim.prove(inside, outside).status == "REFUTED"
    assert optim.prove(inside, outside, "<=").status == "PROVED"
    assert optim.prove(outside, sp.sqrt(2)*inside, "<=").status == "PROVED"


def test_optax_440_adabelief_has_two_eps_each_far_below_the_papers():
    """https://github.com/google-deepmind/optax/issues/440"""
    numbers = anatomy(optax.adabelief)[1]
    assert numbers["eps"] == numbers["eps_root"] == 1e-16 < 1e-8


# --- more of weight decay -----------------------------------------------------------------
def test_optax_292_a_decay_after_the_learning_rate_is_the_papers_with_another_sign():
    """https://github.com/google-deepmind/optax/issues/292"""
    def swapped(theta, g, m, v, *, t, lr=.001, beta1=.9, beta2=.999, eps=1e-8,
                weight_decay=1e-5, sign=1):
        step, m, v = rules.adam(0, g, m, v, t=t, lr=lr, beta1=beta1, beta2=beta2, eps=eps)
        return theta + step + sign*weight_decay*theta, m, v
    refuted(swapped, rules.adamw, sign=1)
    proved(swapped, rules.adamw, sign=-1)
    refuted(swapped, torch.adamw, sign=-1)                  # not multiplied by lr


def test_neural_fortran_152_keras_decays_too():
    """https://github.com/modern-fortran/neural-fortran/issues/152"""
    def decoupled(theta, g, *, t, lr=.01, weight_decay=0):
        return (1 - lr*weight_decay)*theta - lr*g
    proved(keras.sgd, decoupled)
    refuted(keras.sgd, rules.gradient_descent)
    proved(keras.sgd, rules.gradient_descent, **NO_DECAY)


def test_keras_insightface_5_a_decay_with_and_without_lr():
    """https://github.com/leondgarse/Keras_insightface/issues/5"""
    def of_mxnet(theta, g, m, *, t, lr=.01, mu=.9, weight_decay=.01):
        m = mu*m - lr*g
        return theta - lr*weight_decay*theta + m, m

    def of_tensorflow_addons(theta, g, m, *, t, lr=.01, mu=.9, weight_decay=.01):
        m = mu*m - lr*g
        return theta - weight_decay*theta + m, m
    found = optim.prove(of_mxnet, of_tensorflow_addons)
    assert found.status == "REFUTED"
    assert str(found.equal_if) == "weight_decay -> lr*weight_decay"
    proved(of_mxnet, keras.sgd_momentum)


def moved(rule, decay, **others):
    """Where a rule of a whole parameter takes some vector in three steps."""
    theta, states = np.array([1., -2., .5]), None
    for t in (1, 2, 3):
        g = np.array([.3, -.1, .2])*t
        if states is None:
            states = [*first_states(rule, theta, {}).values()]
        theta, *states = rule(theta, g, *states, t=t, lr=.1, weight_decay=decay, eps=1e-6,
                              **others)
    return theta


def test_keras_19981_lamb_is_the_papers_only_without_decay():
    """https://github.com/keras-team/keras/pull/19981: whole parameters, so in numbers."""
    keras_s, papers = whole_parameters.keras_lamb, whole_parameters.lamb
    np.testing.assert_allclose(moved(keras_s, 0), moved(papers, 0), rtol=1e-12)
    assert np.abs(moved(keras_s, .1) - moved(papers, .1)).max() > 1e-3


def test_schedule_free_45_the_decay_passes_by_v_and_is_taken_at_y():
    """https://github.com/facebookresearch/schedule_free/issues/45: theta is y here."""
    import sympy as sp
    f = optim.formula(optax.schedule_free_adamw)
    theta, g, z, v, lr, eps, beta2, decay, t = (f.symbols[n] for n in (
        "theta", "g", "zt", "v", "lr", "eps", "beta2", "weight_decay", "t"))

    def step(slope, beside):
        v_hat = (beta2*v + (1 - beta2)*slope**2)/(1 - beta2**t)
        return z - lr*(slope/(sp.sqrt(v_hat) + eps) + beside)
    assert optim.prove(f.update["zt"], step(g, decay*theta)).status == "PROVED"
    assert optim.prove(f.update["zt"], step(g, decay*z)).status == "REFUTED"
    assert optim.prove(f.update["zt"], step(g + decay*theta, 0)).status == "REFUTED"


# --- more of momentum ---------------------------------------------------------------------
def test_emerging_optimizers_166_a_mean_is_a_sum_where_only_the_direction_counts():
    """https://github.com/NVIDIA-NeMo/Emerging-Optimizers/issues/166"""
    def of_mean(theta, g, m, *, t, lr=.01, mu=.9, eps=1e-7):
        m = mu*m + (1 - mu)*g
        return theta - lr*m/(np.abs(m) + eps), m

    def of_sum(theta, g, m, *, t, lr=.01, mu=.9, eps=1e-7):
        m = mu*m + g
        return theta - lr*m/(np.abs(m) + eps), m
    found = optim.compare(of_mean, of_sum)
    assert found.status == "REFUTED" and not found.same
    found = optim.compare(of_mean, of_sum, where={"eps": 0})
    assert found.same and str(found.walk.condition) == "m -> m/(1 - mu), with mu constant"


# --- more accumulators --------------------------------------------------------------------
def ftrl_of_the_paper(theta, g, v=lambda theta, initial: initial + 0*theta, zt=0, *, t,
                      lr=.001, initial=.1, l1=0, l2=0, offset=0):
    """McMahan et al. 2013, Algorithm 1, with its beta called offset."""
    sigma = (np.sqrt(v + g**2) - np.sqrt(v))/lr
    zt = zt + g - sigma*theta
    v = v + g**2
    kept = np.where(np.abs(zt) <= l1, 0, zt - np.sign(zt)*l1)
    return -kept/((offset + np.sqrt(v))/lr + l2), v, zt


@pytest.mark.parametrize("thread", [
    "https://github.com/tensorflow/tensorflow/issues/3725",
    "https://github.com/tensorflow/tensorflow/pull/47181"])
def test_ftrl_of_keras_counts_l2_twice(thread):
    """The change of the documentation to l2 made it wrong: the code has twice of it."""
    def of_keras(theta, g, v=lambda theta, initial: initial + 0*theta, zt=0, *, t, lr=.001,
                 initial=.1, l1=0, l2=0, offset=0):
        return keras.ftrl(theta, g, v, zt, t=t, lr=lr, initial=initial, l1=l1, l2=l2,
                          offset=offset)

    def twice(theta, g, v=lambda theta, initial: initial + 0*theta, zt=0, *, t, lr=.001,
              initial=.1, l1=0, l2=0, offset=0):
        return ftrl_of_the_paper(theta, g, v, zt, t=t, lr=lr, initial=initial, l1=l1,
                                 l2=2*l2, offset=offset)
    refuted(of_keras, ftrl_of_the_paper)
    proved(of_keras, twice)


def test_tensorflow_18317_which_gradient_ftrl_squares():
    """https://github.com/tensorflow/tensorflow/issues/18317: of g = 0.1 at theta = 1 with a
    shrinkage of 1/2 it was 3.61, by the theta of after the step, -2; 1.21 was right."""
    def shrunk(theta, g, shrinkage):
        return (g + 2*shrinkage*theta)**2
    assert np.isclose(shrunk(-2, .1, .5), 3.61) and np.isclose(shrunk(1, .1, .5), 1.21)
    f = optim.formula(keras.ftrl)
    v, g = f.symbols["v"], f.symbols["g"]
    assert optim.prove(f.update["v"], v + g**2).status == "PROVED"      # today: neither
    assert np.isclose(keras.ftrl(1., .1, 0., 0., t=1, lr=1., shrinkage=.5)[1], .01)


def test_optax_288_yogi_no_more_squares_a_square():
    """https://github.com/google-deepmind/optax/pull/288"""
    def squared(theta, g, m=1e-6, v=1e-6, *, t, lr=.01, beta1=.9, beta2=.999, eps=1e-3):
        m = beta1*m + (1 - beta1)*g
        v = v - (1 - beta2)*np.sign(v - g**2)*(g**2)**2
        return theta - lr*m/(1 - beta1**t)/(np.sqrt(np.abs(v)/(1 - beta2**t)) + eps), m, v
    refuted(squared, optax.yogi)


def scaled(theta, step):
    """LAMB's step: as long as theta is."""
    return np.linalg.norm(theta)/np.linalg.norm(step)*step


def test_optax_408_adafactor_clips_its_step_and_not_the_gradient():
    """https://github.com/google-deepmind/optax/issues/408: in numbers, as a whole."""
    sizes = []
    for clipped in (True, False):
        rule = whole_parameters.optax_adafactor(clipped, False, False)
        theta, states = np.zeros(3), [*first_states(rule, np.zeros(3), {"smallest": 128}
                                                    ).values()]
        for t, g in enumerate((1e-3, 1e-3, 1.), 1):
            new, *states = rule(theta, g*np.array([1., 2., 3.]), *states, t=t, lr=1)
            sizes.append(np.sqrt(np.mean((new - theta)**2)))
            theta = new
    assert max(sizes[:3]) <= 1 + 1e-12 < 1.1 < sizes[-1]


def test_jettify_443_a_bias_correction_cancels_in_lamb_but_for_the_decay():
    """https://github.com/jettify/pytorch-optimizer/issues/443: in numbers, norms are no
    formula of one entry."""
    theta, step = np.array([1., -2., .5]), np.array([.3, .1, -.2])
    for factor in (10., .5):
        np.testing.assert_allclose(scaled(theta, step), scaled(theta, factor*step),
                                   rtol=1e-12)
        assert not np.allclose(scaled(theta, step + .1*theta),
                               scaled(theta, factor*step + .1*theta), rtol=1e-3)


def test_pytorch_lamb_1_without_its_trust_ratio_lamb_is_adam():
    """https://github.com/NUS-HPC-AI-Lab/pytorch-lamb/issues/1: it is left out without a
    decay; the ratio of the norms is a letter here."""
    def switched(theta, g, m, v, *, t, lr=.001, beta1=.9, beta2=.999, eps=1e-8,
                 weight_decay=.01, ratio=1):
        step, m, v = rules.adam(0, g, m, v, t=t, lr=1, beta1=beta1, beta2=beta2, eps=eps)
        step = step - weight_decay*theta
        return theta + lr*np.where(weight_decay == 0, 1, ratio)*step, m, v
    proved(switched, rules.adam, **NO_DECAY)
    assert optim.prove(switched, rules.adam, where={"weight_decay": "weight_decay > 0"}
                       ).status == "REFUTED"


def test_kozistr_519_rounding_is_told_from_another_formula():
    """https://github.com/kozistr/pytorch_optimizer/issues/519: a sign makes rounding large.
    """
    def mean(theta, g, m, *, t, lr=.01, beta1=.9):
        m = beta1*m + (1 - beta1)*g
        return theta - lr*np.sign(m), m

    def lerp(theta, g, m, *, t, lr=.01, beta1=.9):
        m = m + (1 - beta1)*(g - m)
        return theta - lr*np.sign(m), m

    def other(theta, g, m, *, t, lr=.01, beta1=.9):
        m = m + beta1*(g - m)
        return theta - lr*np.sign(m), m
    proved(mean, lerp)
    g, m = np.float32(.36159506), np.float32(-.040177237)
    one, beta1 = np.float32(1), np.float32(.9)
    assert np.sign(beta1*m + (one - beta1)*g) != np.sign(m + (one - beta1)*(g - m))
    refuted(mean, other)
