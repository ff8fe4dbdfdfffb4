"""The rules after the first eleven: they train, and those of whole parameters are theirs.

Those are held against other forms: sums over the history, a Kronecker product, singular
values. In float64 both agree to rounding, 1e-10 relative over a few steps.
"""
import numpy as np
import pytest

import minigrad as mg
import optim
from optim import more_rules, rules
from optim.more_rules import matrix_roots as matrices
from optim.more_rules import norms
from optim.optimizers.signatures import anatomy, first_states, step_of

from ..cases import each

CLOSE = 1e-10
LATER = [name for name in rules.RULES if name not in rules.FIRST]
rng = np.random.default_rng(7)
MATRIX, TALL, VECTOR = (rng.normal(size=shape) for shape in ((3, 4), (5, 2), (4,)))
GRADIENTS = {x.shape: rng.normal(size=(6, *x.shape)) for x in (MATRIX, TALL, VECTOR)}
every_shape = each("start", [MATRIX, TALL, VECTOR],
                   ids=["wide", "tall", "vector"])


# ------------------------------------------------------------------ training on digits
@each("name", [*LATER, *rules.WHOLE_RULES])
def test_a_rule_trains_the_digits_with_its_defaults(name):
    many = {"batch": "all", "epochs": 300} if name == "rprop" else {"epochs": 30}
    result = optim.train("digits", name, seed=0, evaluate_every=10**9, **many)
    assert result.accuracy >= 0.94 and result.loss[-1] < 0.3


def test_there_are_the_rules_that_were_meant():
    assert LATER == [
        "sign_sgd", "rprop", "lion", "qhm", "aggmo", "sgdw", "asgd", "schedule_free_sgd",
        "radam", "yogi", "adabelief", "qhadam", "adan", "adopt", "schedule_free_adamw",
        "rmsprop_graves", "ftrl"]
    assert [*rules.WHOLE_RULES] == ["lars", "lamb", "adafactor", "shampoo", "muon"]
    for name in (*LATER, *rules.WHOLE_RULES):
        assert name in rules.PAPER_LETTERS or name in rules.WHOLE_RULES
        assert getattr(more_rules, name) is (rules.RULES | rules.WHOLE_RULES)[name]


# ------------------------------------------------------------------ whole parameters
def follow(rule, theta, gradients, **given):
    """theta after each step of the rule."""
    settings = anatomy(rule)[1] | given
    states = first_states(rule, theta, settings).values()
    for t, g in enumerate(gradients, 1):
        theta, *states = step_of(rule, theta, g, *states, t=t, **settings)
        yield theta


def decayed(terms, keep):
    """The sum of keep**(t - i) times the term of step i."""
    return sum(keep**(len(terms) - i)*term for i, term in enumerate(terms, 1))


def lars(theta, gradients, lr, mu, trust, weight_decay):
    pushes = []
    for g in gradients:
        w, length = np.linalg.norm(theta), np.linalg.norm(g)
        local = trust*w/(length + weight_decay*w)
        pushes.append(local*(g + weight_decay*theta))
        theta = theta - lr*decayed(pushes, mu)
        yield theta


def lamb(theta, gradients, lr, beta1, beta2, eps, weight_decay):
    for t in range(1, len(gradients) + 1):
        seen = gradients[:t]
        mean = decayed(seen, beta1)/decayed([1]*t, beta1)
        square = decayed(seen**2, beta2)/decayed([1]*t, beta2)
        r = mean/(square**0.5 + eps) + weight_decay*theta
        theta = theta - lr*np.linalg.norm(theta)*r/np.linalg.norm(r)
        yield theta


def adafactor(theta, gradients, lr, decay, eps, eps_theta, clip):
    squares = np.zeros_like(theta)
    for t, g in enumerate(gradients, 1):
        kept = 1 - t**decay
        squares = kept*squares + (1 - kept)*(g**2 + eps)
        rows, columns = squares.sum(-1), squares.sum(0)
        v = np.outer(rows, columns)/rows.sum() if g.ndim == 2 else squares
        u = g/v**0.5
        u = u/max(1, np.sqrt(np.mean(u**2))/clip)
        size = max(eps_theta, np.sqrt(np.mean(theta**2)))*min(lr, t**-0.5)
        theta = theta - size*u
        yield theta


def shampoo(theta, gradients, lr, eps):
    columns = [g.reshape(len(g), -1) for g in gradients]
    for t, g in enumerate(columns, 1):
        left = eps*np.eye(len(g)) + sum(x @ x.T for x in columns[:t])
        right = eps*np.eye(g.shape[1]) + sum(x.T @ x for x in columns[:t])
        values, vectors = np.linalg.eigh(np.kron(left, right))     # its 4th root, inverted
        step = vectors @ np.diag(values**-0.25) @ vectors.T @ g.ravel()
        theta = theta - lr*step.reshape(theta.shape)
        yield theta


def muon(theta, gradients, lr, mu):
    for t in range(1, len(gradients) + 1):
        ahead = gradients[t - 1] + mu*decayed(gradients[:t], mu)
        x = ahead.reshape(len(ahead), -1)
        u, s, v = np.linalg.svd(x, full_matrices=False)
        s = s/(np.linalg.norm(x) + 1e-7)
        for _ in range(5):
            s = 3.4445*s - 4.7750*s**3 + 2.0315*s**5
        step = np.sqrt(max(1, x.shape[0]/x.shape[1]))*(u*s) @ v
        theta = theta - lr*step.reshape(theta.shape)
        yield theta


STATED = {"lars": (lars, {"weight_decay": 0.1}), "lamb": (lamb, {"weight_decay": 0.1}),
          "adafactor": (adafactor, {}), "shampoo": (shampoo, {}), "muon": (muon, {})}


@every_shape
@each("name", STATED)
def test_a_rule_of_whole_parameters_is_what_its_paper_states(name, start):
    assert list(STATED) == list(rules.WHOLE_RULES)
    rule, (stated, given) = rules.WHOLE_RULES[name], STATED[name]
    settings, gradients = anatomy(rule)[1] | given, GRADIENTS[start.shape]
    for ours, theirs in zip(follow(rule, start, gradients, **given),
                            stated(start, gradients, **settings), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=CLOSE, atol=CLOSE)


def norm_of_the_sum(theta, g, m, *, t, lr, mu, trust, weight_decay):
    g = g + weight_decay*theta
    m = mu*m + lr*trust*norms.norm(theta)/norms.norm(g)*g
    return theta - m, m


def decay_past_the_norm(theta, g, m, v, *, t, lr, beta1, beta2, eps, weight_decay):
    return more_rules.lamb(theta - lr*weight_decay*theta, g, m, v, t=t, lr=lr, beta1=beta1,
                           beta2=beta2, eps=eps, weight_decay=0)


def square_roots(theta, g, left, right, *, t, lr, eps):
    left, right = left + matrices.gram_left(g), right + matrices.gram_right(g)
    step = matrices.between(matrices.inverse_root(left, 2), g,
                            matrices.inverse_root(right, 2))
    return theta - lr*step, left, right


def without_the_shape(theta, g, m, *, t, lr, mu):
    m = mu*m + g
    return theta - lr*matrices.orthogonal(g + mu*m), m


def no_clip(theta, g, v_row, v_col, *, t, lr, decay, eps, eps_theta, clip):
    return more_rules.adafactor(theta, g, v_row, v_col, t=t, lr=lr, decay=decay, eps=eps,
                                eps_theta=eps_theta, clip=1e9)


@pytest.mark.parametrize("name, planted", [
    ("lars", norm_of_the_sum), ("lamb", decay_past_the_norm), ("adafactor", no_clip),
    ("shampoo", square_roots), ("muon", without_the_shape)])
def test_an_error_that_others_have_made_is_seen(name, planted):
    right, (stated, given) = rules.WHOLE_RULES[name], STATED[name]
    settings, states = anatomy(right)[1] | given, first_states(
        right, TALL, anatomy(right)[1] | given).values()
    theta = TALL
    for t, g in enumerate(GRADIENTS[TALL.shape], 1):
        theta, *states = planted(theta, g, *states, t=t, **settings)
    *_, last = stated(TALL, GRADIENTS[TALL.shape], **settings)
    assert np.abs(theta - last).max() > 1e-4


UNITS = {"lars": {"lr": 0, "weight_decay": (1, -2)}, "lamb": {"eps": (1, -1),
         "weight_decay": (0, -1)}, "adafactor": {"eps": (2, -2), "eps_theta": (0, 1)},
         "shampoo": {"lr": (0, 1), "eps": (2, -2)}, "muon": {"lr": (0, 1)}}


@every_shape
@each("name", UNITS)
def test_a_rule_of_whole_parameters_commutes_with_a_change_of_units(name, start):
    """The loss in units c, a parameter in units k: each letter has powers of the two."""
    rule, c, k = rules.WHOLE_RULES[name], 3.0, 0.5
    given = STATED[name][1]
    scaled = {n: x*c**(UNITS[name].get(n) or (0, 0))[0]*k**(UNITS[name].get(n) or (0, 0))[1]
              for n, x in (anatomy(rule)[1] | given).items()}
    plain = follow(rule, start, GRADIENTS[start.shape], **given)
    other = follow(rule, k*start, c/k*GRADIENTS[start.shape], **scaled)
    for a, b in zip(plain, other, strict=True):
        np.testing.assert_allclose(k*a, b, rtol=1e-6, atol=1e-9)    # Muon adds 1e-7


@pytest.mark.parametrize("name", rules.WHOLE_RULES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_class_applies_the_rule_to_one_parameter_after_another(name, dtype):
    kind = optim.optimizers.classes.OPTIMIZERS[name]
    starts = [MATRIX.astype(dtype), VECTOR.astype(dtype)]
    tensors = [mg.tensor(x, requires_grad=True) for x in starts]
    opt = kind(tensors)
    for t in range(6):
        for p in tensors:
            p.grad = GRADIENTS[p.shape][t].astype(dtype)
        opt.step()
    for p, start in zip(tensors, starts):
        *_, last = follow(opt.rule, start, GRADIENTS[p.shape].astype(dtype))
        np.testing.assert_allclose(p.numpy(), last, rtol=1e-5 if dtype is np.float32
                                   else CLOSE)
        assert p.dtype == dtype


def test_a_parameter_of_three_axes_is_refused_by_rules_of_matrices():
    p = mg.tensor(np.ones((2, 2, 2)), requires_grad=True)
    p.grad = np.ones((2, 2, 2))
    with pytest.raises(ValueError, match=r"shape \(2, 2, 2\); needed one of at most two"):
        optim.Muon([p]).step()


def test_the_inverse_root_is_one_and_orthogonal_is_near_it():
    h = MATRIX @ MATRIX.T + np.eye(3)
    root = matrices.inverse_root(h, 4)
    np.testing.assert_allclose(np.linalg.matrix_power(root, 4) @ h, np.eye(3), atol=1e-10)
    s = np.linalg.svd(matrices.orthogonal(MATRIX), compute_uv=False)
    assert (0.6 < s).all() and (s < 1.3).all()


# ------------------------------------------------------------------ formulas
def test_a_norm_stays_a_symbol_in_formulas():
    assert "norm(theta[t])" in str(optim.formula("lamb"))
    assert r"\operatorname{norm}" in optim.formula("lars").latex()
    assert "inverse_root(left[t], 4)" in str(optim.formula("shampoo"))
    assert "orthogonal(" in str(optim.formula("muon"))
    assert "row_means(" in str(optim.formula("adafactor"))


@pytest.mark.parametrize("ask", [
    lambda: optim.prove("lamb", "adam"), lambda: optim.prove(optim.formula("lars"), "nag"),
    lambda: optim.verify("muon"), lambda: optim.derive("shampoo"),
    lambda: optim.prove("momentum", optim.LARS), lambda: optim.derivations.weights("lars")])
def test_nothing_is_proved_of_a_rule_that_looks_at_a_whole_parameter(ask):
    with pytest.raises(ValueError, match="looks at a whole parameter"):
        ask()


def test_what_norm_is_not_known_to_be_is_not_held_against_a_rule():
    @norms.of_whole_parameters
    def turned(theta, g, *, t, lr=0.1):
        return theta - lr*norms.norm(-theta)*g

    assert "norm(-theta[t])" in str(optim.formula(turned))
    with pytest.raises(ValueError, match="nothing is proved"):
        optim.prove(turned, "gradient_descent")
