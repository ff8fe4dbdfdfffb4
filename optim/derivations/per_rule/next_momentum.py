"""Nadam is Adam with the momentum of the next step, as Nesterov's rule is momentum with it.

What Adam makes of its moments is read off Adam; only beta1 becomes a schedule. The paper of
Nadam prints one more factor beta2, which our rule leaves out: what that amounts to.
"""
from dataclasses import replace

import sympy as sp

from optim.derivations.claim import Claim, claim
from optim.derivations.induction import the_step
from optim.derivations.rule_letters import (
    ZERO, beta1, beta2, eps, g, lr, m, new, rule, substitute, t)
from optim.formulas.rule_formulas import Formula
from optim.notation.marks import Mark
from optim.papers import momentum, statement
from optim.domains import declare

M_HAT = Mark("m", "t", hat=True).symbol()


def corrected(f: Formula, m: sp.Expr, v: sp.Expr) -> dict[sp.Symbol, sp.Expr]:
    """The letters with a hat in the rule's step, and what they are for these moments."""
    given = {"m": m, "v": v}
    return {e.left.symbol(): e.right.xreplace({
                replace(e.left, hat=False).symbol(): given[e.left.name]})
            for e in f.equations if e.kind == "corrected" and isinstance(e.left, Mark)}


def adam_mean(mu: sp.Expr, before: sp.Expr, m: sp.Expr, g: sp.Expr) -> sp.Expr:
    """Adam's corrected mean, with mu for beta1 and the product of all mu for beta1^t."""
    moment = new("adam", "m", m=m, g=g)
    mean = corrected(rule("adam"), moment, ZERO).get(M_HAT, moment)
    return mean.xreplace({beta1**t: mu*before}).xreplace({beta1: mu})


def adam_step(mean: sp.Expr) -> sp.Expr:
    """Adam's new theta with this for its corrected mean."""
    adam = rule("adam")
    hats = corrected(adam, ZERO, adam.update["v"]) | {M_HAT: mean}
    return adam.equations[-1].right.xreplace(hats)


def nadam_from_adam(f: Formula) -> list[Claim]:
    """Adam's mean with a schedule for beta1, and the next momentum put in its place."""
    adam, product = rule("adam"), f.symbols["mu_product"]
    mu = statement("nadam").letters[momentum(t)]                     # at step t
    ahead = mu.subs(t, t + 1)
    return [
        claim("adams-moments", "Nadam's m is Adam's with mu_t for beta1, its v is Adam's. "
              "It also keeps the product of the mu, from 1.",
              (f.update["m"], adam.update["m"].xreplace({beta1: mu})),
              (f.update["v"], adam.update["v"]), (f.update["mu_product"], product*mu),
              *((f.init[name], adam.init[name]) for name in ("m", "v")),
              (f.init["mu_product"], 1)),
        claim("two-parts", "Adam's corrected mean, with that product for beta1^t, has two "
              "parts: the momentum and this gradient.", (
                  adam_mean(mu, product, m, g),
                  mu*m/(1 - product*mu) + (1 - mu)*g/(1 - product*mu))),
        claim("next-momentum", "As Nesterov does, Nadam takes the next step's momentum "
              "now: in the first part the new m, the next mu and the next product. Each "
              "part is corrected on its own. The rest is Adam's step.", (
                  f.update["theta"],
                  adam_step(adam_mean(ahead, product*mu, f.update["m"], ZERO)
                            + adam_mean(mu, product, ZERO, g)))),
        *extra_factor(f)]


def extra_factor(f: Formula) -> list[Claim]:
    """The factor beta2 (the paper's nu) that is printed beside v, and what it does."""
    paper, root = statement("nadam"), sp.sqrt(beta2)
    positive = {beta2: declare("beta2", "(0, 1)")}
    printed, ours = the_step(f, paper, paper.printed), f.update["theta"]
    other = substitute(f, ours, lr=lr/root, eps=eps/root)
    return [
        claim("extra-factor", "The paper prints one more factor beta2 beside v. That is "
              "our rule with lr and eps divided by the root of beta2 (0 < beta2 < 1).",
              (printed.xreplace(positive), other.xreplace(positive))),
        claim("factor-ignored", "Not so: that extra factor changes nothing.",
              (printed, ours), expected="REFUTED")]
