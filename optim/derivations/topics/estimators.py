"""BGD, SGD and MBGD as estimators of one gradient: their mean and their variance.

There are N examples. x_i is the gradient of example i less the mean gradient of all N, in
one coordinate; the variance sigma^2 is the mean of x_i^2. For every N and b the moments of
a batch of b follow by linearity from those of one example and of a pair. All of this is at
one theta. every_batch.py finds the same by counting.
"""
import sympy as sp

from optim.derivations.topics.every_batch import every_batch, every_order
from optim.derivations.steps import Step, by_theorem, checked
from optim.domains import declare

b, n, more = (declare(name, "1, 2, ...") for name in ("b", "n", "M"))
N = more + 1                                             # two examples or more
variance = declare("V", ">= 0")                          # sigma^2
total, squares, pairs, x, c, p, q = (
    declare(name, "real") for name in ("S", "Q", "P", "x", "c", "p", "q"))
VARIANCE = r"\mathrm{Var}\left[\frac{1}{b}\sum_{k=1}^{b} x_{i_k}\right]"
LINEAR = "the mean of a sum is the sum of the means, also of dependent terms"
EACH = "each place of a batch holds each example with probability 1/N"
FACTOR = "a product is 0 only where a factor is"


def estimators() -> list[Step]:
    deviations, square = sum_of_deviations(), square_of_a_sum()
    pair = of_a_pair(deviations[-1], square[-1])
    batch = of_a_batch(deviations[-1], square[-1])
    replaced = with_replacement(deviations[-1], batch[-1])
    kept_out = without_replacement(pair[-1], batch[-1])
    return [*deviations, *square, *pair, *batch, *replaced, *kept_out, *every_batch(),
            *one_epoch(deviations[-1], pair[-1], kept_out[1]), *every_order()]


def sum_of_deviations() -> list[Step]:
    grows = checked(
        "Take N >= 2 examples, one theta and one coordinate (squared norms add up over the "
        "coordinates); g_i is the gradient of example i. One more example g adds its own "
        "deviation from c to the sum of the deviations from c.",
        (total + x) - (n + 1)*c, (total - n*c) + (x - c),
        formula=r"\left(\sum_{i=1}^{n} g_i + g\right) - (n+1)\,c"
                r" = \left(\sum_{i=1}^{n} g_i - n c\right) + (g - c)")
    return [grows, by_theorem(
        "So for every c the deviations from c add up to the sum of the g_i less N c. Where "
        "c is the mean of the g_i, that is 0. These deviations are called x_i.",
        r"\sum_{i=1}^{N} x_i = 0,\quad x_i = g_i - \frac{1}{N}\sum_{j=1}^{N} g_j",
        "induction on the number of examples; with none both sides are 0", grows)]


def square_of_a_sum() -> list[Step]:
    grows = checked(
        "Let S be a sum, Q that of its squared terms, P that of the products of all its "
        "ordered pairs of terms. One more term x leaves the square of S less Q and P as it "
        "is.",
        (total + x)**2 - (squares + x**2) - (pairs + 2*x*total),
        total**2 - squares - pairs,
        formula=r"(S + x)^2 - (Q + x^2) - (P + 2 x S) = S^2 - Q - P")
    return [grows, by_theorem(
        "So the square of a sum is its squares and the products of its ordered pairs.",
        r"\left(\sum_i x_i\right)^2 = \sum_i x_i^2 + \sum_{i \ne j} x_i x_j",
        "induction on the number of terms; with none both sides are 0", grows)]


def of_a_pair(deviations: Step, square: Step) -> list[Step]:
    """The mean product of two different examples, from the mean square of one."""
    both = checked(
        "Let sigma^2 be the mean of the x_i^2, and q that of x_i x_j over the N (N - 1) "
        "ordered pairs of different examples. All squares and pairs add up to this.",
        N*variance + N*(N - 1)*q, N*(N - 1)*(q + variance/(N - 1)),
        formula=r"N\sigma^2 + N(N-1)\,q = N(N-1)\left(q + \frac{\sigma^2}{N-1}\right)")
    return [both, by_theorem(
        "All x_i add up to 0, so both sides are 0, and q is known.",
        r"q = -\frac{\sigma^2}{N-1}", FACTOR, deviations, square, both)]


def of_a_batch(deviations: Step, square: Step) -> list[Step]:
    """Mean and variance of a batch of b, from its b squares and b (b - 1) pairs."""
    unbiased = by_theorem(
        "A batch is b examples drawn uniformly. The mean of its gradients is unbiased for "
        "every b, with replacement and without: MBGD, SGD (b = 1) and BGD (b = N).",
        r"\mathrm{E}\left[\frac{1}{b}\sum_{k=1}^{b} \nabla J_{i_k}\right] = \nabla J",
        LINEAR + "; " + EACH, deviations)
    shares = checked(
        "A batch has b squares with mean sigma^2, and b (b - 1) products of two places, "
        "with mean p. Their sum over the square of b is this.",
        (b*variance + b*(b - 1)*p)/b**2, variance/b + (b - 1)/b*p,
        formula=r"\frac{b\,\sigma^2 + b(b-1)\,p}{b^2}"
                r" = \frac{\sigma^2}{b} + \frac{b-1}{b}\,p")
    return [unbiased, shares, by_theorem(
        "So that is the variance of the mean of a batch.",
        VARIANCE + r" = \frac{\sigma^2}{b} + \frac{b-1}{b}\,p",
        LINEAR + "; " + EACH, unbiased, square, shares)]


def with_replacement(deviations: Step, batch: Step) -> list[Step]:
    return [by_theorem(
        "Drawn with replacement two places are independent, so p = 0.",
        VARIANCE + r" = \frac{\sigma^2}{b}",
        "the mean of a product of independent numbers is the product of their means, here "
        "0 and 0", deviations, batch)]


def without_replacement(pair: Step, batch: Step) -> list[Step]:
    put_in = checked(
        "Drawn without replacement (b <= N) two places are equally likely to hold any two "
        "different examples, so p = q.",
        variance/b + (b - 1)/b*(-variance/(N - 1)), variance/b*(N - b)/(N - 1),
        formula=r"\frac{\sigma^2}{b} - \frac{b-1}{b}\,\frac{\sigma^2}{N-1}"
                r" = \frac{\sigma^2}{b}\,\frac{N-b}{N-1}")
    return [put_in, by_theorem(
        "So that is the variance without replacement.",
        VARIANCE + r" = \frac{\sigma^2}{b}\,\frac{N-b}{N-1}",
        "two places of a uniform draw without replacement hold a uniform pair",
        pair, batch, put_in), checked(
        "It is less by the share (b - 1)/(N - 1) than with replacement: by nothing for SGD "
        "(b = 1), by all for BGD (b = N).",
        variance/b - variance/b*(N - b)/(N - 1), (b - 1)/(N - 1)*variance/b,
        formula=r"\frac{\sigma^2}{b} - \frac{\sigma^2}{b}\,\frac{N-b}{N-1}"
                r" = \frac{b-1}{N-1}\,\frac{\sigma^2}{b}")]


def one_epoch(deviations: Step, pair: Step, without: Step) -> list[Step]:
    """The batches of a shuffled epoch: each one is unbiased, but they are dependent."""
    number = n + 1                                       # of batches, two or more
    covariance = by_theorem(
        "Two batches of one epoch have b b pairs of places between them, each with mean "
        "product q: that is their covariance.",
        r"\mathrm{Cov} = \frac{b\,b\,q}{b\,b} = -\frac{\sigma^2}{N-1}",
        LINEAR + "; two places of a uniform permutation hold a uniform pair", pair)
    cancel = checked(
        "In an epoch of K batches (N = K b) the K variances and K (K - 1) covariances add "
        "up to 0: all batches together are the whole set.",
        number*variance/b*(number*b - b)/(number*b - 1)
        + number*(number - 1)*(-variance/(number*b - 1)), sp.Integer(0),
        formula=r"K\,\frac{\sigma^2}{b}\,\frac{Kb-b}{Kb-1}"
                r" - K(K-1)\,\frac{\sigma^2}{Kb-1} = 0")
    spread, size, rest = declare("V", "> 0"), b + more, declare("R", "real")
    below = checked("Where the gradients differ at all, the covariance is below 0.",
                    -spread/(N - 1), sp.Integer(0), "<",
                    formula=r"\sigma^2 > 0 \;\Rightarrow\; -\frac{\sigma^2}{N-1} < 0")
    left = checked(
        "Let T be the mean of x_i in the first batch, and R the mean of those still to "
        "come. All x_i add up to this.",
        b*total + (size - b)*rest, (size - b)*(rest + b*total/(size - b)),
        formula=r"b\,T + (N-b)\,R = (N-b)\left(R + \frac{b\,T}{N-b}\right)")
    return [
        by_theorem("In one shuffled epoch (theta held) a batch, whichever its place, is a "
                   "batch drawn without replacement.",
                   VARIANCE + r" = \frac{\sigma^2}{b}\,\frac{N-b}{N-1}",
                   "renaming the places of a uniform permutation leaves it uniform",
                   without),
        covariance, cancel, below,
        by_theorem("So there the batches of an epoch are dependent.",
                   r"\sigma^2 > 0 \;\Rightarrow\; \mathrm{Cov} \ne 0",
                   "independent numbers have covariance 0", covariance, below),
        left,
        by_theorem("They add up to 0, so R is known. Once the first batch is known, R is "
                   "the mean of the next one: biased, unless T = 0.",
                   r"R = -\frac{b\,T}{N-b}",
                   FACTOR + "; each place still to come holds each example that is left "
                   "with the same probability", deviations, left)]
