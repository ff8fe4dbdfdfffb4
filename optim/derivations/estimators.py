"""BGD, SGD and MBGD as estimators of one gradient: their mean and their variance.

x_i is the gradient of example i less the mean gradient of all N, in one coordinate; the
variance sigma^2 is the mean of x_i^2. (In more coordinates squared norms are sums of it.)
For every N and b the moments follow by linearity from those of one example and of a pair;
for small N they are also found by going through every batch there is.
"""
from itertools import combinations, permutations, product

import sympy as sp

from optim.derivations.steps import Step, all_of, at_point, by_theorem, checked
from optim.prover import declare

b, more, k = (declare(name, "1, 2, ...") for name in ("b", "M", "k"))
N = more + 1                                             # two examples or more
variance = declare("V", ">= 0")                          # sigma^2
total, squares, pairs, x = (declare(n, "real") for n in ("S", "Q", "P", "x"))
mean = declare("mean", "real")


def estimators() -> list[Step]:
    return [*one_and_two(), *of_a_batch(), *enumerated(), *one_epoch()]


def one_and_two() -> list[Step]:
    """The moments of one example, and of a pair of different ones."""
    return [
        checked("The deviations x_i of the gradients from their mean add up to 0.",
                N*mean - N*mean, sp.Integer(0),
                formula=r"\sum_{i=1}^{N} (\nabla J_i - \nabla J) = 0"),
        checked("The square of a sum is the squares plus all ordered pairs: true of no "
                "terms, and one more term x keeps it true.",
                (squares + x**2) + (pairs + 2*x*(total)), (total + x)**2
                - (total**2 - squares - pairs),
                formula=r"\left(\sum_i x_i\right)^2 = \sum_i x_i^2"
                        r" + \sum_{i \ne j} x_i x_j"),
        checked("So a pair of different examples, drawn evenly from the N (N - 1) ordered "
                "pairs, has this mean product.",
                (0**2 - N*variance)/(N*(N - 1)), -variance/(N - 1),
                formula=r"\mathrm{E}[x_i x_j] = \frac{0^2 - N\sigma^2}{N(N-1)}"
                        r" = -\frac{\sigma^2}{N-1}")]


def of_a_batch() -> list[Step]:
    """Mean and variance of a batch of b, from its b squares and b (b - 1) pairs."""
    def batch(pair):
        return (b*variance + b*(b - 1)*pair)/b**2

    with_ = checked("Drawn with replacement the two of a pair are independent, so a pair's "
                    "mean product is 0*0 and b squares remain.", batch(sp.Integer(0)),
                    variance/b,
                    formula=r"\mathrm{Var}\left[\frac{1}{b}\sum_{k=1}^{b} x_{i_k}\right]"
                            r" = \frac{\sigma^2}{b}")
    without = checked("Drawn without replacement each pair adds what it was found to have.",
                      batch(-variance/(N - 1)), variance/b*(N - b)/(N - 1),
                      formula=r"\mathrm{Var}\left[\frac{1}{b}\sum_{k=1}^{b} x_{i_k}\right]"
                              r" = \frac{\sigma^2}{b}\,\frac{N-b}{N-1}")
    return [
        checked("E is linear, and each place of a batch holds every example evenly: MBGD "
                "is unbiased for every b, SGD (b = 1) and BGD (b = N) among them.",
                b*mean/b, mean,
                formula=r"\mathrm{E}\left[\frac{1}{b}\sum_{k=1}^{b} \nabla J_{i_k}\right]"
                        r" = \nabla J"),
        with_, without,
        checked("The whole set in one batch (BGD) has no variance.",
                (variance/b*(N - b)/(N - 1)).subs(b, N), sp.Integer(0),
                formula=r"b = N:\quad \frac{\sigma^2}{N}\,\frac{N-N}{N-1} = 0"),
        checked("One example (SGD) has all of it.", (variance/b*(N - b)/(N - 1)).subs(b, 1),
                variance, formula=r"b = 1:\quad \sigma^2")]


# ------------------------------------------------------------------ every batch there is
def letters(n: int) -> list[sp.Symbol]:
    return [declare(f"x_{i}", "real") for i in range(1, n + 1)]


def moments(batches, values) -> tuple[sp.Expr, sp.Expr]:
    """Mean and variance of the mean of a batch, all batches being equally likely."""
    centre = sum(values)/sp.Integer(len(values))
    means = [sum(values[i] for i in batch)/sp.Integer(len(batch)) for batch in batches]
    count = sp.Integer(len(means))
    return sum(means)/count, sum((m - centre)**2 for m in means)/count


def claimed(n, size, replaced) -> tuple[sp.Expr, sp.Expr]:
    """Mean and variance by the formulas above."""
    values = letters(n)
    centre = sum(values)/sp.Integer(n)
    sigma2 = sum((v - centre)**2 for v in values)/sp.Integer(n)
    share = sp.Integer(1) if replaced else sp.Rational(n - size, n - 1)
    return centre, sigma2/size*share


def enumerated(largest: int = 4) -> list[Step]:
    steps = []
    for replaced, words in ((True, "with"), (False, "without")):
        goals = []
        for n in range(2, largest + 1):
            for size in range(1, n + 1):
                batches = list(product(range(n), repeat=size) if replaced
                               else combinations(range(n), size))
                found = moments(batches, letters(n))
                goals += list(zip(found, claimed(n, size, replaced)))
        steps.append(all_of(
            f"Every batch drawn {words} replacement from N = 2, 3, 4 examples, gone "
            "through one by one, gives these means and variances.", goals,
            formula=r"N \in \{2, 3, 4\},\; b \in \{1, \ldots, N\}"))
    return steps


def one_epoch(n: int = 4, size: int = 2) -> list[Step]:
    orders = list(permutations(range(n)))
    values = letters(n)
    centre = sum(values)/sp.Integer(n)
    goals = []
    for k in range(0, n, size):
        goals += list(zip(moments([order[k:k + size] for order in orders], values),
                          claimed(n, size, False)))
    together = sum((sum(values[i] for i in order[:size])/size - centre)
                   * (sum(values[i] for i in order[size:])/size - centre)
                   for order in orders)/sp.Integer(len(orders))
    sigma2 = sum((v - centre)**2 for v in values)/n
    each = all_of("In one shuffled epoch each batch has just these moments, the last like "
                  "the first (every order of N = 4 in batches of 2).", goals,
                  formula=r"\mathrm{Var} = \frac{\sigma^2}{2}\,\frac{4-2}{4-1}")
    same = checked("But the batches of an epoch are dependent: two of them have this "
                   "covariance, from b b pairs of different examples, for every N and b.",
                   b**2*(-variance/(N - 1))/b**2, -variance/(N - 1),
                   formula=r"\mathrm{Cov} = -\frac{\sigma^2}{N-1}")
    return [
        each,
        by_theorem("For every N and b: whichever place it has in a shuffled order, a batch "
                   "is a batch drawn without replacement.",
                   r"\mathrm{Var} = \frac{\sigma^2}{b}\,\frac{N-b}{N-1}",
                   "renaming the places of a uniform permutation leaves it uniform", each),
        same,
        checked("The same by going through every order (N = 4, b = 2).", together,
                -sigma2/(n - 1), formula=r"\mathrm{Cov} = -\frac{\sigma^2}{3}"),
        at_point("The batches of an epoch are uncorrelated.", together, sp.Integer(0),
                 dict(zip(values, map(sp.Integer, (1, -1, 0, 0)))), r"\mathrm{Cov} = 0")]
