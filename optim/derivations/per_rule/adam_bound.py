"""No step of Adam is longer than lr R_t, whatever the gradients were.

By induction m^2 <= C_t v for the rule's own m and v: Cauchy-Schwarz, one step at a time.
Here beta2 > 0, for q = beta1^2/beta2. That no smaller bound will do is in adam_attained.
"""
from collections.abc import Callable

import sympy as sp

from optim.derivations.claim import Claim, claim
from optim.derivations.rule_letters import (
    ONE, ZERO, eps, g, gap, lr, m, rule, share, t, theta, v)
from optim.domains import declare
from optim.formulas.rule_formulas import Formula

beta1, beta2 = declare("beta1", "[0, 1)"), declare("beta2", "(0, 1)")
c, C = declare("c", "> 0"), declare("C", "> 0")
first, second = declare("g_1", "real"), declare("g_2", "real")          # two gradients
m_new, v_new, above_0 = declare("m_new", "real"), declare("v_new", ">= 0"), declare(
    "v_new", "> 0")
q, K = beta1**2/beta2, (1 - beta1)**2/(1 - beta2)
size = lr*sp.sqrt(C*(1 - beta2**t))/(1 - beta1**t)       # of the longest step, m^2 <= C v


def own(f: Formula) -> dict[str, sp.Expr]:
    """What the rule makes of its letters, with beta2 > 0."""
    return {n: e.xreplace({f.symbols["beta2"]: beta2}) for n, e in f.update.items()}


def plain(m_new, v_new, eps):
    """Adam's step in its new moments."""
    return lr*m_new/(1 - beta1**t)/(sp.sqrt(v_new/(1 - beta2**t)) + eps)


def squared(b1_t, b2_t, total):
    """R_t^2, of beta1^t, beta2^t and S_t: the sum of the powers of q below t."""
    return (1 - b2_t)/(1 - b1_t)**2*K*total


def closed(q, q_t):
    """S_t, for q other than 1."""
    return (1 - q_t)/(1 - q)


R2 = squared(beta1**t, beta2**t, closed(q, q**t))


# ------------------------------------------------------------------ the paper's bound, lr
def second_step(f: Formula) -> sp.Expr:
    """The square of the second step over lr, without eps, of two gradients g_1 and g_2."""
    begun = {f.symbols[n]: f.first_step[n].subs({g: first, eps: 0}) for n in f.init}
    step = (theta - f.update["theta"]).subs(eps, 0)
    return (step.subs(begun | {t: sp.Integer(2), g: second}, simultaneous=True)/lr)**2


def point(f: Formula, values: tuple[str, ...]) -> dict[sp.Symbol, sp.Expr]:
    """beta1, beta2 and two gradients with these values."""
    letters = f.symbols["beta1"], f.symbols["beta2"], first, second
    return dict(zip(letters, map(sp.Rational, values), strict=True))


def longer_than_lr(f: str | Formula, values: tuple[str, ...], source: str = "",
                   id: str = "longer-than-lr", sentence: str = "Without eps no step is "
                   "longer than lr (here the second one).") -> Claim:
    """The claim, to be refuted, that no step is longer than lr, at two gradients."""
    f = rule(f) if isinstance(f, str) else f
    return claim(id, sentence, (second_step(f), "<=", ONE),
                 at=point(f, values), source=source)


# ------------------------------------------------------------------ the bound that holds
def ignores_scale(f: Formula, power: int) -> Claim:
    """Gradients and eps times c: m is then c m, v is c^power v, the step is the same."""
    scaled = {g: c*g, m: c*m, v: c**power*v, eps: c*eps}
    factors = {"m": c, "v": c**power, "theta": ONE}
    root = "the root of v" if power == 2 else "v"
    return claim("scale", f"If every gradient and eps are multiplied by c > 0, then so are "
                 f"m and {root}, from their start at 0 on, and the steps stay as they are.",
                 *((f.update[n].subs(scaled, simultaneous=True), k*f.update[n])
                   for n, k in factors.items()),
                 *((factors[n]*f.init[n], f.init[n]) for n in ("m", "v")))


def within(new: dict, plain: Callable, most: Callable, sign: str, size) -> list[tuple]:
    """The goals that an m of at most most(v) makes no longer step than this size."""
    def longest(v, eps):
        return sp.Abs(plain(most(v)*(2*share - 1), v, eps))

    return [(theta - new["theta"], plain(new["m"], new["v"], eps)),
            (longest(v_new, eps), sign, size), (longest(above_0, ZERO), "<=", size)]


def near(plain: Callable, power: int, root: sp.Expr, words: str) -> Claim:
    """How much shorter a step is with eps, where it divides by this root of v."""
    return claim("near", "With eps, gradients times c make a step that is shorter by a "
                 f"share of at most eps/(c {words}).",
                 (sp.Abs(plain(c*m_new, c**power*above_0, eps)), ">=",
                  sp.Abs(plain(m_new, above_0, ZERO))*(1 - eps/(c*root))))


def bound(f: Formula) -> list[Claim]:
    """The claims that end in |theta_{t+1} - theta_t| <= lr R_t."""
    cauchy, new = one_step(f), own(f)
    begun = {n: e.xreplace({f.symbols["beta2"]: beta2}) for n, e in f.first_step.items()}
    Q, start = declare("q", "[0, 1)"), declare("K", "> 0")
    total, grown = start*closed(Q, Q**t), q*C + K
    moments = claim(
        "moments", "By induction m_t^2 <= C_t v_t for every t and all gradients: with C_1 "
        "= K at the first step, and if m^2 <= C v before a step, then m^2 <= (q C + K) v "
        "after it. So C_t is K (1 - q^t)/(1 - q) if q < 1.",
        (begun["m"]**2, K*begun["v"]),
        (new["m"]**2, "<=", grown*new["v"].subs(v, m**2/C + gap)),
        (total.subs(t, 1), start), (Q*total + start, total.subs(t, t + 1)),
        premises=(cauchy,))
    return [cauchy, moments, claim(
        "bound", "So if beta1^2 < beta2, no step is longer than lr R_t: for every t = 1, "
        "2, ... and every sequence of gradients. The rule's step is of this form in its "
        "new moments; with m^2 <= C v it is shorter than this size, and without eps, where "
        "v > 0, not longer; and with C_t for C this size is lr R_t.",
        *within(new, plain, lambda v: sp.sqrt(C*v), "<", size),
        (size.subs(C, K*closed(q, q**t))**2, lr**2*R2), premises=(moments,))]


def one_step(f: Formula) -> Claim:
    """From m^2 <= C v to m^2 <= (q C + K) v."""
    new, r = own(f), q*C + K
    square = (m - C*beta1*(1 - beta2)/((1 - beta1)*beta2)*g)**2
    return claim("cauchy-schwarz", "Let C be any number > 0. One step later q C + K for C "
                 "makes of C v - m^2 a multiple of what it was, plus a square "
                 "(Cauchy-Schwarz, one summand at a time).",
                 (r*new["v"] - new["m"]**2,
                  r*beta2/C*(C*v - m**2) + K*beta2/C*square),
                 caption=r"(q C + K)\,v_t - m_t^2 = \frac{(q C + K)\beta_2}{C}"
                         r" (C v_{t-1} - m_{t-1}^2) + \frac{K\beta_2}{C}\left(m_{t-1}"
                         r" - \frac{C\beta_1(1-\beta_2)}{(1-\beta_1)\beta_2} g_t\right)^2,"
                         r"\quad q = \frac{\beta_1^2}{\beta_2},\quad K = \frac{(1-\beta_1)"
                         r"^2}{1-\beta_2}")
