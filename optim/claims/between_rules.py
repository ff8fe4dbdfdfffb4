"""How the rules relate: special cases, changes of variables, and claims that are false.

Each rule has a function that lists what is claimed of it; verify() decides them. A claim
that is expected to be REFUTED is here because it is often made, or to show a difference.
"""
from collections.abc import Callable, Iterator
from functools import partial

import sympy as sp

from optim.derivations.claim import Claim, claim
from optim.derivations.rule_letters import (
    beta1, beta2, eps, g, lr, m, mu, new, rho, rule, share, t, theta, v, v_max,
    weight_decay)
from optim.derivations.per_rule.adam_bound import longer_than_lr
from optim.derivations.per_rule.look_ahead import (
    ahead, gradient, velocity, velocity_new, x, x_new)
from optim.domains import declare

related = partial(claim, source="relation between rules")


def of_momentum() -> Iterator[Claim]:
    """Gradient descent, and Polyak's heavy ball."""
    before = declare("theta_before", "real")
    yield related("is-descent", "With mu = 0 it is gradient descent.",
                  (new("momentum", mu=0), new("gradient_descent")))
    yield related("m-is-step", "m is the step just taken, theta_t - theta_{t+1}.",
                  (new("momentum", "m"), theta - new("momentum")))
    yield claim("heavy-ball", "So it is the heavy ball, theta - lr g + mu (theta - "
                "theta_before).", (new("momentum", m=before - theta),
                                   theta - lr*g + mu*(theta - before)),
                source="Polyak 1964")


def of_nag() -> Iterator[Claim]:
    """Sutskever's look-ahead form, and where it is momentum."""
    curvature = declare("curvature", "real")
    seen = {"theta": ahead, "m": -velocity, "g": gradient(ahead)}
    cited = partial(claim, source="Sutskever, Martens, Dahl & Hinton 2013, eq. (3)-(4)")
    yield related("is-descent", "With mu = 0 it is gradient descent.",
                  (new("nag", mu=0), new("gradient_descent")))
    yield cited("walks-ahead", "It walks the look-ahead points x + mu velocity of the "
                "paper's iterates, whatever the gradient is.",
                (new("nag", **seen), x_new + mu*velocity_new))
    yield cited("minus-velocity", "There m stays minus the paper's velocity.",
                (new("nag", "m", **seen), -velocity_new))
    yield cited("same-start", "Both start alike: at velocity 0 the look-ahead point is x.",
                (ahead.subs(velocity, -rule("nag").init["m"]), x))
    flat = {"theta": x, "m": -velocity, "g": curvature*x}
    yield claim("on-quadratic", "On a quadratic its velocity is that of momentum with mu "
                "(1 - lr curvature).",
                (new("nag", "m", **seen | {"g": curvature*ahead}),
                 new("momentum", "m", **flat, mu=mu*(1 - lr*curvature))),
                source="Sutskever et al. 2013, Theorem 2.1")
    yield related("is-momentum", "It is momentum.", (new("nag"), new("momentum")),
                  expected="REFUTED")


def of_adagrad() -> Iterator[Claim]:
    """A sum that never falls, and steps under a constant gradient."""
    yield related("v-never-falls", "Its v never falls.", (new("adagrad", "v"), ">=", v))
    yield related("constant-gradient", "Under a constant gradient its steps shrink as "
                  "1/sqrt(t), but for eps.", (new("adagrad", v=(t - 1)*g**2),
                                              theta - lr*g/(sp.sqrt(t)*abs(g) + eps)))


def of_rmsprop() -> Iterator[Claim]:
    """When it is Adagrad, and that it is not always."""
    mean = {"rho": 1 - 1/t}
    yield related("plain-mean", "With rho = 1 - 1/t its v is Adagrad's divided by t: a "
                  "plain mean.", (new("rmsprop", "v", **mean),
                                  new("adagrad", "v", v=(t - 1)*v)/t))
    yield related("plain-mean-is-adagrad", "With that rho, lr/sqrt(t) and eps/sqrt(t) "
                  "it is Adagrad.", (
                      new("rmsprop", **mean, lr=lr/sp.sqrt(t), eps=eps/sp.sqrt(t)),
                      new("adagrad", v=(t - 1)*v)))
    yield related("always-adagrad", "It is Adagrad.", (new("rmsprop"), new("adagrad")),
                  expected="REFUTED")


def of_adadelta() -> Iterator[Claim]:
    """RMSprop with eps inside the root, and its first step."""
    yield related("is-rmsprop", "With lr**2 for v_delta + eps it is RMSprop with eps "
                  "inside the root.", (new("adadelta", v_delta=lr**2 - eps),
                                theta - lr*g/sp.sqrt(new("rmsprop", "v") + eps)))
    yield related("eps-sets-step", "Its first step is sqrt(eps) g/sqrt((1 - rho) g**2 + "
                  "eps): eps sets its size.", (
                      rule("adadelta").first_step["theta"],
                      theta - sp.sqrt(eps)*g/sp.sqrt((1 - rho)*g**2 + eps)))


def of_adam() -> Iterator[Claim]:
    """RMSprop, the sign of the first gradient, the scale of the loss."""
    mean, c = new("adam", "v")/(1 - beta2**t), declare("c", "> 0")
    yield related("is-rmsprop", "With beta1 = 0 its step is RMSprop's with v/(1 - "
                  "beta2**t) for v.", (new("adam", beta1=0),
                                       theta - lr*g/(sp.sqrt(mean) + eps)))
    yield related("v-is-rmsprops", "Its v is RMSprop's with rho = beta2.",
                  (new("adam", "v"), new("rmsprop", "v", rho=beta2)))
    yield related("first-step-is-sign", "Its first step is lr g/(|g| + eps): lr times the "
                  "sign, but for eps.",
                  (rule("adam").first_step["theta"], theta - lr*g/(abs(g) + eps)))
    yield related("ignores-scale", "Without eps it ignores the scale of the loss.",
                  (new("adam", eps=0, g=c*g, m=c*m, v=c**2*v), new("adam", eps=0)))
    yield from eps_hat()
    yield longer_than_lr(
        "adam", ("9/10", "99/100", "10/11", "1"),
        "Kingma & Ba 2015, Section 2.1; erratum in Ma & Yarats 2018, Appendix F")


def eps_hat() -> Iterator[Claim]:
    """The form that the paper recommends for speed, and when it is the same."""
    hat, needed = declare("eps_hat", "> 0"), eps*sp.sqrt(1 - beta2**t)
    rate = lr*sp.sqrt(1 - beta2**t)/(1 - beta1**t)
    denominator = sp.sqrt(new("adam", "v")) + hat
    fast = theta - rate*new("adam", "m")/denominator
    slow = sp.sqrt(new("adam", "v")/(1 - beta2**t)) + eps
    cited = partial(claim, source="Kingma & Ba 2015, end of Section 2")
    yield cited("eps-hat", "The paper's efficient form is the same with eps_hat = eps "
                "sqrt(1 - beta2**t).", (fast.subs(hat, needed), new("adam")))
    yield cited("eps-hat-only", "The two denominators differ by just eps sqrt(1 - beta2**t)"
                " - eps_hat: no other eps_hat will do.",
                (sp.sqrt(1 - beta2**t)*slow - denominator, needed - hat))
    yield cited("eps-hat-is-eps", "The efficient form is the same with eps_hat = eps.",
                (fast.subs(hat, eps), new("adam")), expected="REFUTED")


def of_adamax() -> Iterator[Claim]:
    """What it shares with Adam, and what not."""
    yield related("first-step-is-adams", "Its first step is Adam's.",
                  (rule("adamax").first_step["theta"], rule("adam").first_step["theta"]))
    yield related("step-is-adams", "Its step is Adam's.",
                  (rule("adamax").update["theta"], new("adam", v=v**2)), expected="REFUTED")
    yield longer_than_lr("adamax", ("1/2", "3/4", "1", "3/4"),
                         "Kingma & Ba 2015, Section 7.1")


def of_nadam() -> Iterator[Claim]:
    """Its two special cases that are Adam."""
    yield related("no-momentum", "With mu = 0 it is Adam with beta1 = 0.",
                  (new("nadam", mu=0), new("adam", beta1=0)))
    yield related("no-schedule", "With psi = 0 the momentum is mu/2 throughout, and m is "
                  "Adam's.", (new("nadam", "m", psi=0), new("adam", "m", beta1=mu/2)))


def of_adamw() -> Iterator[Claim]:
    """Adam without decay, PyTorch's form of it, and decay in the gradient."""
    theirs = (theta*(1 - lr*weight_decay) - lr/(1 - beta1**t)*new("adam", "m")
              / (sp.sqrt(new("adam", "v"))/sp.sqrt(1 - beta2**t) + eps))
    for part in ("theta", "m", "v"):
        yield related(f"no-decay-{part}", f"With weight_decay = 0 its {part} is Adam's.",
                      (new("adamw", part, weight_decay=0), new("adam", part)))
    yield related("pytorch", "PyTorch's AdamW is this with weight_decay = lr times theirs.",
                  (new("adamw", weight_decay=lr*weight_decay), theirs))
    yield related("pytorch-same-decay", "PyTorch's AdamW is this with the same "
                  "weight_decay.", (new("adamw"), theirs), expected="REFUTED")
    yield claim("decay-in-gradient", "It is Adam with weight_decay theta added to the "
                "gradient.", (new("adamw"), new("adam", g=g + weight_decay*theta)),
                expected="REFUTED",
                source="Loshchilov & Hutter 2019, Algorithm 2, line 6")


def of_amsgrad() -> Iterator[Claim]:
    """A largest v that never falls; Adam without bias correction."""
    biased = theta - lr*new("adam", "m")/(sp.sqrt(new("adam", "v")) + eps)
    yield related("v-max-never-falls", "Its v_max never falls.",
                  (new("amsgrad", "v_max"), ">=", v_max))
    yield related("v-max-above-v", "Its v_max is never below v.",
                  (new("amsgrad", "v_max"), ">=", new("amsgrad", "v")))
    yield related("while-largest", "As long as v is the largest so far, its step is Adam's "
                  "without bias correction.",
                  (new("amsgrad", v_max=share*new("amsgrad", "v")), biased))
    yield related("always-uncorrected-adam", "Its step is always Adam's without bias "
                  "correction.", (new("amsgrad"), biased), expected="REFUTED")
    yield related("always-adam", "Its step is Adam's.", (new("amsgrad"), new("adam")),
                  expected="REFUTED")


RELATIONS: dict[str, Callable[[], Iterator[Claim]]] = {
    "gradient_descent": lambda: iter(()), "momentum": of_momentum, "nag": of_nag,
    "adagrad": of_adagrad, "rmsprop": of_rmsprop, "adadelta": of_adadelta, "adam": of_adam,
    "adamax": of_adamax, "nadam": of_nadam, "adamw": of_adamw, "amsgrad": of_amsgrad}
