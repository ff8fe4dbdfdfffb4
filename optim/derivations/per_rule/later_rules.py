"""What is particular to rules after the first eleven, a claim or two of each.

How far a step or a second moment can go, what a mean is of, which model a step solves.
"""
from collections.abc import Callable

import sympy as sp

from optim.derivations.claim import Claim, claim
from optim.derivations.per_rule import later_means, later_moments
from optim.derivations.per_rule.origins import only_least
from optim.derivations.rule_letters import (
    ZERO, beta2, eps, g, gap, lr, m, new, t, theta, v)
from optim.domains import declare
from optim.formulas.rule_formulas import Formula

x, bound = declare("x", "real"), declare("c", "> 0")


def step(f: Formula) -> sp.Expr:
    """How far the rule takes theta down."""
    return theta - f.update["theta"]


def sign_sgd(f: Formula) -> list[Claim]:
    """The steepest step among those of size lr in every coordinate."""
    other = declare("share", "[0, 1]")
    return [
        claim("size", "Without a gradient it rests; with one its step has size lr.",
              (step(f).subs(g, 0), 0), (step(f).subs(g, bound), lr),
              (step(f).subs(g, -bound), -lr)),
        claim("steepest", "No step that stays within lr in this coordinate goes down "
              "further along the gradient: x from -lr to lr.",
              (g*step(f), ">=", g*lr*(2*other - 1)))]


def rprop(f: Formula) -> list[Claim]:
    """A step and how it is taken back."""
    old = f.symbols["moved"]
    turned = {g: -bound, f.symbols["g_prev"]: bound}
    return [
        claim("taken-back", "Where the sign turned, theta goes back to where it was one "
              "step before.", (f.update["theta"].subs(turned), theta - old)),
        claim("no-sign", "The step after that sees no sign to agree with: its size stays.",
              (f.update["g_prev"].subs(turned), 0),
              (f.update["size"].subs(f.symbols["g_prev"], 0), f.symbols["size"]))]


def lion(f: Formula) -> list[Claim]:
    """How long its step is."""
    decay = f.symbols["weight_decay"]
    return [claim("bounded", "Without decay no step is longer than lr, whatever the "
                  "gradients are.",
                  (step(f).subs(decay, 0), "<=", lr), (step(f).subs(decay, 0), ">=", -lr))]


def qhm(f: Formula) -> list[Claim]:
    """Between two rules."""
    nu = f.symbols["nu"]
    ends = [f.update["theta"].subs(nu, k) for k in (0, 1)]
    return [claim("between", "Its step is that share between gradient descent and momentum "
                  "whose m is a mean.",
                  (f.update["theta"], (1 - nu)*ends[0] + nu*ends[1]),
                  (ends[0], new("gradient_descent")))]


def radam(f: Formula) -> list[Claim]:
    """What rho_t is: read off a mean age."""
    now = 2/(1 - beta2) - 1 - 2*t*beta2**t/(1 - beta2**t)
    age = beta2/(1 - beta2) - t*beta2**t/(1 - beta2**t)
    return [
        claim("length", "rho_t is the length of a plain mean whose gradients are as old on "
              "average as those in v: the mean age of n numbers is (n - 1)/2.",
              ((now - 1)/2, age)),
        claim("first", "At t = 1 that length is 1, so the first step is not rectified.",
              (now.subs(t, 1), 1), (step(f).subs(t, 1), lr*f.update["m"]/(
                  1 - f.symbols["beta1"])))]


def yogi(f: Formula) -> list[Claim]:
    """How fast v changes."""
    change, most = f.update["v"] - v, (1 - beta2)*g**2
    return [claim("slow", "A step changes v by at most (1 - beta2) g^2, however large v "
                  "is, and never takes it below 0.",
                  (change, "<=", most), (change, ">=", -most), (f.update["v"], ">=", 0)),
            claim("adams-slow", "Not so: Adam's v, too, changes by at most that.",
                  (v - new("adam", "v"), "<=", most), expected="REFUTED")]


def adabelief(f: Formula) -> list[Claim]:
    """What is measured, and what the eps in v adds up to."""
    total = eps*(1 - beta2**t)/(1 - beta2)
    surprise = g - f.update["m"]
    return [
        claim("surprise", "What the new m leaves of a gradient is beta1 times what the old "
              "one left.", (surprise, f.symbols["beta1"]*(g - m))),
        claim("eps", "By induction the eps that are added to v make up this part of it, "
              "so eps/(1 - beta2) of v_hat, at every t.",
              (total.subs(t, 0), 0), (beta2*total.subs(t, t - 1) + eps, total),
              (total/(1 - beta2**t), eps/(1 - beta2)))]


def adopt(f: Formula) -> list[Claim]:
    """The first step, and how much of a gradient counts in the others."""
    share, beta1 = declare("share", "[0, 1]"), f.symbols["beta1"]
    most, root = sp.root(t - 1, 4), sp.Max(sp.sqrt(v), eps)
    counts = f.update["m"] - beta1*m
    return [claim("first", "The first gradient moves nothing; it is what v starts with.",
                  (f.first_step["theta"], theta), (f.first_step["v"], g**2)),
            claim("old-root", "A gradient is divided by the root of the old v, which does "
                  "not know it: a share of (t - 1)^(1/4) of that root counts as that.",
                  (counts.subs(g, share*most*root), (1 - beta1)*share*most))]


def ftrl(f: Formula) -> list[Claim]:
    """The model of which theta is the least point, where no |theta| is in it."""
    s = f.symbols
    bend = (s["offset"] + sp.sqrt(f.update["v"]))/lr + s["l2"] + gap
    plain = {s["l1"]: ZERO, s["l2"]: s["l2"] + gap}
    if_bent = {s["offset"]: s["offset"] + bound}
    best = f.update["theta"].subs(plain).subs(if_bent)
    model = f.update["zt"]*x + bend.subs(if_bent)*x**2/2
    return [claim("least", "Without l1 it goes to the only least point of all tangents so "
                  "far, held by squared distances: at any distance c > 0 from there that "
                  "model is larger.", *only_least(model, x, best))]


LATER: dict[str, tuple[str, Callable[[Formula], list[Claim]]]] = {
    "sign_sgd": ("the size of a step", sign_sgd), "rprop": ("a step taken back", rprop),
    "lion": ("the size of a step", lion), "qhm": ("between two rules", qhm),
    "radam": ("how long a mean is", radam), "yogi": ("how fast v changes", yogi),
    "adabelief": ("what is measured", adabelief), "adopt": ("what divides a step", adopt),
    "ftrl": ("the model of a step", ftrl),
    "aggmo": ("a mean of momenta", later_means.aggmo),
    "sgdw": ("decay beside momentum", later_means.sgdw),
    "asgd": ("a mean of places", later_means.asgd),
    "schedule_free_sgd": ("a mean for a schedule", later_means.schedule_free_sgd),
    "schedule_free_adamw": ("a mean for a schedule", later_means.schedule_free_adamw),
    "qhadam": ("between gradient and mean", later_moments.qhadam),
    "adan": ("a gradient a step ahead", later_moments.adan),
    "rmsprop_graves": ("a variance under the root", later_moments.rmsprop_graves)}
