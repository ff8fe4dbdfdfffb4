"""The letters of the transforms: added to the legend, in its units."""
from optim.rules import LEGEND, Letter

LEGEND |= {
    "coupled_decay":   Letter(r"\lambda_2", "share of theta added to g", "L/P**2", ">= 0"),
    "decoupled_decay": Letter(r"\lambda", "share of theta taken off in a step", "1",
                              ">= 0"),
    "g_norm":      Letter(r"\lVert g\rVert", "norm of all gradients together", "L/P", ">= 0"),
    "max_norm":    Letter(r"c", "largest norm that a gradient keeps", "L/P", "> 0"),
    "max_value":   Letter(r"c_1", "largest size that an entry of g keeps", "L/P", "> 0"),
    "xi":          Letter(r"\xi", "noise: normal, mean 0 and variance 1", "1", "real"),
    "variance":    Letter(r"\nu_0", "variance of the noise in g at t = 1", "L**2/P**2",
                          ">= 0"),
    "cooling":     Letter(r"\gamma", "power with which that variance falls", "1", ">= 0"),
    "g_ahead":     Letter(r"\tilde g", "gradient at the point climbed to", "L/P", "real"),
    "ascent_norm": Letter(r"\lVert g\rVert", "norm of all gradients together", "L/P",
                          "> 0"),
    "radius":      Letter(r"r", "how far is climbed before the gradient is taken", "P",
                          ">= 0"),
    "g_sum":       Letter(r"G", "sum of the gradients since theta moved", "L/P", "real"),
    "every":       Letter(r"k", "gradients to a move of theta", "1", "1, 2, ..."),
    "slow":        Letter(r"\phi", "slow weights, which follow theta", "P", "real"),
    "period":      Letter(r"k_1", "steps between two moves of the slow weights", "1",
                          "1, 2, ..."),
    "pull":        Letter(r"\alpha", "how far the slow weights go to theta", "1", "[0, 1]"),
    "average":     Letter(r"\bar\theta", "average of the points after each step", "P",
                          "real"),
    "keep":        Letter(r"\kappa", "how much of the average is kept", "1", "[0, 1)"),
}
