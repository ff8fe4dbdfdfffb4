"""BGD, SGD and MBGD as estimators of one gradient: their mean and their variance.

There are N examples. x_i is the gradient of example i less the mean gradient of all N, in
one coordinate; the variance V = sigma^2 is the mean of x_i^2. For every N and b the moments
of a batch of b follow by linearity from those of one example and of a pair. All of this is
at one theta. every_batch.py finds the same by counting.
"""
from optim.derivations.claim import Claim, by_theorem, claim
from optim.derivations.per_rule.origins import only_zero
from optim.derivations.rule_letters import ZERO
from optim.derivations.topics.every_batch import every_batch, every_order
from optim.domains import declare

b, n, more = (declare(name, "1, 2, ...") for name in ("b", "n", "M"))
N = more + 1                                             # two examples or more
variance = declare("V", ">= 0")
total, squares, pairs, x, c, p = (
    declare(name, "real") for name in ("S", "Q", "P", "x", "c", "p"))
VARIANCE = r"\mathrm{Var}\left[\frac{1}{b}\sum_{k=1}^{b} x_{i_k}\right]"
LINEAR = "the mean of a sum is the sum of the means, also of dependent terms"
EACH = "each place of a batch holds each example with probability 1/N"


def estimators() -> list[Claim]:
    """The claims of the topic."""
    deviations, square = sum_of_deviations(), square_of_a_sum()
    pair = of_a_pair(deviations, square)
    batch = of_a_batch(deviations, square)
    kept_out = without_replacement(pair, batch[-1])
    return [deviations, square, pair, *batch, with_replacement(deviations, batch[-1]),
            *kept_out, *every_batch(), *one_epoch(deviations, pair, kept_out[1]),
            *every_order()]


def sum_of_deviations() -> Claim:
    """All deviations from the mean add up to 0."""
    return claim(
        "deviations", "Take N >= 2 examples, one theta and one coordinate (squared norms "
        "add up over the coordinates); g_i is the gradient of example i. By induction the "
        "deviations from any c add up to S - N c, S being the sum of the g_i: with none "
        "both are 0, and one more example g adds its own deviation. Where c is the mean of "
        "the g_i, that is 0. These deviations are called x_i.",
        ((total - n*c).subs({total: 0, n: 0}), 0),
        ((total + x) - (n + 1)*c, (total - n*c) + (x - c)), (total - N*(total/N), 0))


def square_of_a_sum() -> Claim:
    """The square of a sum, as squares and pairs."""
    left = total**2 - squares - pairs
    return claim(
        "square-of-sum", "The square of a sum S is the sum Q of its squared terms and the "
        "sum P of the products of its ordered pairs. By induction: with no terms all are "
        "0, and one more term x leaves the square of S less Q and P as it is.",
        (left.subs({total: 0, squares: 0, pairs: 0}), 0),
        (left.subs({total: total + x, squares: squares + x**2, pairs: pairs + 2*x*total},
                   simultaneous=True), left))


def of_a_pair(deviations: Claim, square: Claim) -> Claim:
    """The mean product of two different examples, from the mean square of one."""
    q = declare("q", "real")
    return claim(
        "pair", "Let q be the mean of x_i x_j over the N (N - 1) ordered pairs of "
        "different examples. All squares and pairs add up to 0, as all x_i do; so q is "
        "-V/(N - 1) and no d more or less.",
        *only_zero(N*variance + N*(N - 1)*q, q, -variance/(N - 1)),
        premises=(deviations, square))


def of_a_batch(deviations: Claim, square: Claim) -> list[Claim]:
    """Mean and variance of a batch of b, from its b squares and b (b - 1) pairs."""
    unbiased = by_theorem(
        "unbiased", "A batch is b examples drawn uniformly. The mean of its gradients is "
        "unbiased for every b, with replacement and without: MBGD, SGD (b = 1) and BGD (b "
        "= N).", LINEAR + "; " + EACH, deviations,
        caption=r"\mathrm{E}\left[\frac{1}{b}\sum_{k=1}^{b} \nabla J_{i_k}\right]"
                r" = \nabla J")
    shares = claim(
        "shares", "A batch has b squares with mean V, and b (b - 1) products of two "
        "places, with mean p. Their sum over the square of b is this.",
        ((b*variance + b*(b - 1)*p)/b**2, variance/b + (b - 1)/b*p))
    return [unbiased, shares, by_theorem(
        "batch-variance", "So that is the variance of the mean of a batch.",
        LINEAR + "; " + EACH, unbiased, square, shares,
        caption=VARIANCE + r" = \frac{\sigma^2}{b} + \frac{b-1}{b}\,p")]


def with_replacement(deviations: Claim, batch: Claim) -> Claim:
    """The variance of a batch drawn with replacement."""
    return by_theorem(
        "with-replacement", "Drawn with replacement two places are independent, so p = 0.",
        "the mean of a product of independent numbers is the product of their means, here "
        "0 and 0", deviations, batch, caption=VARIANCE + r" = \frac{\sigma^2}{b}")


def without_replacement(pair: Claim, batch: Claim) -> list[Claim]:
    """The variance of a batch drawn without replacement."""
    less = variance/b*(N - b)/(N - 1)
    put_in = claim("pair-put-in", "With q for p the variance of a batch is this.",
                   (variance/b + (b - 1)/b*(-variance/(N - 1)), less))
    return [put_in, by_theorem(
        "without-replacement", "Drawn without replacement (b <= N) two places are equally "
        "likely to hold any two different examples: so p = q, and that is the variance.",
        "two places of a uniform draw without replacement hold a uniform pair",
        pair, batch, put_in, caption=VARIANCE + r" = \frac{\sigma^2}{b}\,\frac{N-b}{N-1}"),
        claim("how-much-less", "It is less by the share (b - 1)/(N - 1) than with "
              "replacement: by nothing for SGD (b = 1), by all for BGD (b = N).",
              (variance/b - less, (b - 1)/(N - 1)*variance/b))]


def one_epoch(deviations: Claim, pair: Claim, without: Claim) -> list[Claim]:
    """The batches of a shuffled epoch: each one is unbiased, but they are dependent."""
    number = n + 1                                       # of batches, two or more
    spread, size, rest = declare("V", "> 0"), b + more, declare("R", "real")
    below = claim("negative-covariance", "Where the gradients differ at all, q is below 0.",
                  (-spread/(N - 1), "<", ZERO))
    left = claim(
        "rest-mean", "Let T be the mean of x_i in the first batch, and R the mean of those "
        "still to come. All x_i add up to 0, so R is -b T/(N - b) and no d more or less.",
        *only_zero(b*total + (size - b)*rest, rest, -b*total/(size - b)),
        premises=(deviations,))
    return [
        by_theorem("epoch-batch", "In one shuffled epoch (theta held) a batch, whichever "
                   "its place, is a batch drawn without replacement.",
                   "renaming the places of a uniform permutation leaves it uniform",
                   without),
        below, by_theorem(
            "covariance", "Two batches of one epoch have b b pairs of places between them, "
            "each with mean product q: that is their covariance. So where the gradients "
            "differ at all, the batches of an epoch are dependent.",
            LINEAR + "; two places of a uniform permutation hold a uniform pair; "
            "independent numbers have covariance 0", pair, below,
            caption=r"\mathrm{Cov} = -\frac{\sigma^2}{N-1}"),
        claim("covariances-cancel", "In an epoch of K batches (N = K b) the K variances "
              "and K (K - 1) covariances add up to 0: all batches are the whole set.",
              (number*variance/b*(number*b - b)/(number*b - 1)
               + number*(number - 1)*(-variance/(number*b - 1)), 0)),
        left, by_theorem(
            "next-batch", "Once the first batch is known, R is the mean of the next one: "
            "biased, unless T = 0.", "each place still to come holds each example that is "
            "left with the same probability", left)]
