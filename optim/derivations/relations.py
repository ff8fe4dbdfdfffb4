"""How the rules relate: special cases, changes of variables, and claims that are false.

Each rule has a function that lists what is claimed of it; optim.claims decides them. A
claim that is expected to be REFUTED is here because it is often made, or to show a
difference.
"""
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import sympy as sp

from optim.formulas.rule_formulas import Formula, formula
from optim.papers import beta1, beta2, eps, lr, mu, rho, t, weight_decay
from optim.domains import declare

ONE = sp.Integer(1)


@dataclass(frozen=True)
class Relation:
    """left relation right, in words; at a point if one is given."""
    text: str
    left: sp.Expr
    right: sp.Expr
    relation: str = "=="
    expected: str = "PROVED"
    source: str = "relation between rules"
    point: dict | None = None


@cache
def rule(name: str) -> Formula:
    return formula(name)


def new(name: str, part: str = "theta", **values) -> sp.Expr:
    """What a rule makes of one of its letters, with some letters replaced."""
    f = rule(name)
    return f.update[part].subs({f.symbols[k]: x for k, x in values.items()},
                               simultaneous=True)


theta, g, m = (rule("momentum").symbols[name] for name in ("theta", "g", "m"))
v, v_max, v_delta = (rule(n).symbols[s] for n, s in (
    ("adam", "v"), ("amsgrad", "v_max"), ("adadelta", "v_delta")))


def of_momentum() -> Iterator[Relation]:
    before = declare("theta_before", "real")
    yield Relation("With mu = 0 it is gradient descent.",
                   new("momentum", mu=0), new("gradient_descent"))
    yield Relation("m is the step just taken, theta_t - theta_{t+1}.",
                   new("momentum", "m"), theta - new("momentum"))
    yield Relation("So it is the heavy ball, theta - lr g + mu (theta - theta_before).",
                   new("momentum", m=before - theta),
                   theta - lr*g + mu*(theta - before), source="Polyak 1964")


def of_nag() -> Iterator[Relation]:
    x, velocity, curvature = (declare(n, "real") for n in ("x", "velocity", "curvature"))
    gradient = sp.Function("gradient", real=True)
    ahead = x + mu*velocity                           # where the paper takes its gradient
    velocity_new = mu*velocity - lr*gradient(ahead)
    x_new = x + velocity_new
    seen = {"theta": ahead, "m": -velocity, "g": gradient(ahead)}
    paper = "Sutskever, Martens, Dahl & Hinton 2013, eq. (3)-(4)"
    yield Relation("With mu = 0 it is gradient descent.",
                   new("nag", mu=0), new("gradient_descent"))
    yield Relation("It walks the look-ahead points x + mu velocity of the paper's "
                   "iterates, whatever the gradient is.", new("nag", **seen),
                   x_new + mu*velocity_new, source=paper)
    yield Relation("There m stays minus the paper's velocity.", new("nag", "m", **seen),
                   -velocity_new, source=paper)
    yield Relation("Both start alike: at velocity 0 the look-ahead point is x.",
                   ahead.subs(velocity, -rule("nag").init["m"]), x, source=paper)
    flat = {"theta": x, "m": -velocity, "g": curvature*x}
    yield Relation("On a quadratic its velocity is that of momentum with mu (1 - lr "
                   "curvature).",
                   new("nag", "m", **seen | {"g": curvature*ahead}),
                   new("momentum", "m", **flat, mu=mu*(1 - lr*curvature)),
                   source="Sutskever et al. 2013, Theorem 2.1")
    yield Relation("It is momentum.", new("nag"), new("momentum"), expected="REFUTED")


def of_adagrad() -> Iterator[Relation]:
    yield Relation("Its v never falls.", new("adagrad", "v"), v, ">=")
    yield Relation("Under a constant gradient its steps shrink as 1/sqrt(t), but for eps.",
                   new("adagrad", v=(t - 1)*g**2), theta - lr*g/(sp.sqrt(t)*abs(g) + eps))


def of_rmsprop() -> Iterator[Relation]:
    mean = {"rho": 1 - 1/t}
    yield Relation("With rho = 1 - 1/t its v is Adagrad's divided by t: a plain mean.",
                   new("rmsprop", "v", **mean), new("adagrad", "v", v=(t - 1)*v)/t)
    yield Relation("With that rho, lr/sqrt(t) and eps/sqrt(t) it is Adagrad.",
                   new("rmsprop", **mean, lr=lr/sp.sqrt(t), eps=eps/sp.sqrt(t)),
                   new("adagrad", v=(t - 1)*v))
    yield Relation("It is Adagrad.", new("rmsprop"), new("adagrad"), expected="REFUTED")


def of_adadelta() -> Iterator[Relation]:
    inside = theta - lr*g/sp.sqrt(new("rmsprop", "v") + eps)
    yield Relation("With lr**2 for v_delta + eps it is RMSprop with eps inside the root.",
                   new("adadelta", v_delta=lr**2 - eps), inside)
    yield Relation("Its first step is sqrt(eps) g/sqrt((1 - rho) g**2 + eps): eps sets its "
                   "size.", rule("adadelta").first_step["theta"],
                   theta - sp.sqrt(eps)*g/sp.sqrt((1 - rho)*g**2 + eps))


def of_adam() -> Iterator[Relation]:
    root_mean = new("adam", "v")/(1 - beta2**t)
    yield Relation("With beta1 = 0 its step is RMSprop's with v/(1 - beta2**t) for v.",
                   new("adam", beta1=0), theta - lr*g/(sp.sqrt(root_mean) + eps))
    yield Relation("Its v is RMSprop's with rho = beta2.",
                   new("adam", "v"), new("rmsprop", "v", rho=beta2))
    yield Relation("Its first step is lr g/(|g| + eps): lr times the sign, but for eps.",
                   rule("adam").first_step["theta"], theta - lr*g/(abs(g) + eps))
    scale = declare("c", "> 0")
    yield Relation("Without eps it ignores the scale of the loss.",
                   new("adam", eps=0, g=scale*g, m=scale*m, v=scale**2*v),
                   new("adam", eps=0))
    yield from eps_hat()
    yield longest_step(
        "adam", {"beta1": "9/10", "beta2": "99/100"}, ("10/11", "1"),
        "Kingma & Ba 2015, Section 2.1; erratum in Ma & Yarats 2018, Appendix F")


def eps_hat() -> Iterator[Relation]:
    """The form that the paper recommends for speed, and when it is the same."""
    hat = declare("eps_hat", "> 0")
    rate = lr*sp.sqrt(1 - beta2**t)/(1 - beta1**t)
    denominator = sp.sqrt(new("adam", "v")) + hat
    fast = theta - rate*new("adam", "m")/denominator
    slow = sp.sqrt(new("adam", "v")/(1 - beta2**t)) + eps
    paper = "Kingma & Ba 2015, end of Section 2"
    needed = eps*sp.sqrt(1 - beta2**t)
    yield Relation("The paper's efficient form is the same with eps_hat = eps "
                   "sqrt(1 - beta2**t).", fast.subs(hat, needed), new("adam"), source=paper)
    yield Relation("The two denominators differ by just eps sqrt(1 - beta2**t) - eps_hat: "
                   "no other eps_hat will do.",
                   sp.sqrt(1 - beta2**t)*slow - denominator, needed - hat, source=paper)
    yield Relation("The efficient form is the same with eps_hat = eps.",
                   fast.subs(hat, eps), new("adam"), expected="REFUTED", source=paper)


def longest_step(f: str | Formula, constants, gradients, source) -> Relation:
    """The claim that no step without eps is longer than lr, at two gradients."""
    f = rule(f) if isinstance(f, str) else f
    values = {f.symbols[k]: sp.Rational(x) for k, x in constants.items()}
    values |= {f.symbols["eps"]: sp.Integer(0)}
    first, second = map(sp.Rational, gradients)
    state = {n: e.subs(values).subs(f.symbols["g"], first) for n, e in f.first_step.items()}
    step = (f.symbols["theta"] - f.update["theta"]).subs(values).subs(
        {f.symbols[n]: state[n] for n in f.init} | {f.symbols["t"]: 2,
                                                    f.symbols["g"]: second})
    point = values | {declare("g_1", "real"): first, declare("g_2", "real"): second}
    return Relation("Without eps no step is longer than lr (here the second one).",
                    (step/lr)**2, ONE, "<=", "REFUTED", source, point)


def of_adamax() -> Iterator[Relation]:
    yield Relation("Its first step is Adam's.", rule("adamax").first_step["theta"],
                   rule("adam").first_step["theta"])
    yield Relation("Its step is Adam's.", rule("adamax").update["theta"],
                   new("adam", v=v**2), expected="REFUTED")
    yield longest_step("adamax", {"beta1": "1/2", "beta2": "3/4"}, ("1", "3/4"),
                       "Kingma & Ba 2015, Section 7.1")


def of_nadam() -> Iterator[Relation]:
    yield Relation("With mu = 0 it is Adam with beta1 = 0.",
                   new("nadam", mu=0), new("adam", beta1=0))
    yield Relation("With psi = 0 the momentum is mu/2 throughout, and m is Adam's.",
                   new("nadam", "m", psi=0), new("adam", "m", beta1=mu/2))


def of_adamw() -> Iterator[Relation]:
    theirs = (theta*(1 - lr*weight_decay) - lr/(1 - beta1**t)*new("adam", "m")
              / (sp.sqrt(new("adam", "v"))/sp.sqrt(1 - beta2**t) + eps))
    for part in ("theta", "m", "v"):
        yield Relation(f"With weight_decay = 0 its {part} is Adam's.",
                       new("adamw", part, weight_decay=0), new("adam", part))
    yield Relation("PyTorch's AdamW is this with weight_decay = lr times theirs.",
                   new("adamw", weight_decay=lr*weight_decay), theirs)
    yield Relation("PyTorch's AdamW is this with the same weight_decay.",
                   new("adamw"), theirs, expected="REFUTED")
    yield Relation("It is Adam with weight_decay theta added to the gradient.",
                   new("adamw"), new("adam", g=g + weight_decay*theta), expected="REFUTED",
                   source="Loshchilov & Hutter 2019, Algorithm 2, line 6")


def of_amsgrad() -> Iterator[Relation]:
    share = declare("share", "[0, 1]")                       # v_max = share*v: not above v
    biased = theta - lr*new("adam", "m")/(sp.sqrt(new("adam", "v")) + eps)
    yield Relation("Its v_max never falls.", new("amsgrad", "v_max"), v_max, ">=")
    yield Relation("Its v_max is never below v.",
                   new("amsgrad", "v_max"), new("amsgrad", "v"), ">=")
    yield Relation("As long as v is the largest so far, its step is Adam's without bias "
                   "correction.",
                   new("amsgrad", v_max=share*new("amsgrad", "v")), biased)
    yield Relation("Its step is always Adam's without bias correction.",
                   new("amsgrad"), biased, expected="REFUTED")
    yield Relation("Its step is Adam's.", new("amsgrad"), new("adam"), expected="REFUTED")


RELATIONS: dict[str, Callable[[], Iterator[Relation]]] = {
    "gradient_descent": lambda: iter(()), "momentum": of_momentum, "nag": of_nag,
    "adagrad": of_adagrad, "rmsprop": of_rmsprop, "adadelta": of_adadelta, "adam": of_adam,
    "adamax": of_adamax, "nadam": of_nadam, "adamw": of_adamw, "amsgrad": of_amsgrad}
