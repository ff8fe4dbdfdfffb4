"""The letters of the rules after the first eleven: added to the legend, in its units."""
from optim.rules import LEGEND, PAPER_LETTERS, UNITS, Letter

LEGEND |= {
    "nu":    Letter(r"\nu", "share of m in the step, where g has the rest", "1", "real"),
    "nu1":   Letter(r"\nu_1", "share of m, where g has the rest", "1", "real"),
    "nu2":   Letter(r"\nu_2", "share of v, where g**2 has the rest", "1", "[0, 1]"),
    "m1":    Letter(r"m_1", "first velocity", "L/P", "real"),
    "m2":    Letter(r"m_2", "second velocity", "L/P", "real"),
    "m3":    Letter(r"m_3", "third velocity", "L/P", "real"),
    "mu1":   Letter(r"\mu_1", "how much of m1 is kept", "1", "[0, 1)"),
    "mu2":   Letter(r"\mu_2", "how much of m2 is kept", "1", "[0, 1)"),
    "mu3":   Letter(r"\mu_3", "how much of m3 is kept", "1", "[0, 1)"),
    "trust": Letter(r"\eta_1", "length of a step, of theta's", "1", "> 0"),
    "v_row": Letter(r"r", "means of v over the rows", "L**2/P**2", ">= 0"),
    "v_col": Letter(r"c", "means of v over the columns", "L**2/P**2", ">= 0"),
    "left":  Letter(r"L", "sum of g gᵀ", "L**2/P**2", "real"),
    "right": Letter(r"R", "sum of gᵀ g", "L**2/P**2", "real"),
    "decay": Letter(r"\gamma", "power with which the newest counts", "1", "real"),
    "eps_theta": Letter(r"\varepsilon_2", "least size of theta that counts", "P", "> 0"),
    "clip":  Letter(r"d", "largest root mean square of a step", "1", "> 0"),
    "moved": Letter(r"\Delta\theta", "the step before", "P", "real"),
}

SLOPE = {"lr": "P**2/L"}                # these do not divide by a root of v
# Two units, which no number has: AdaBelief adds one eps to v and to its root, RAdam's lr
# multiplies a mean that is divided by a root, and in its first steps one that is not.
UNITS |= {
    "qhm":                 SLOPE,
    "aggmo":               SLOPE,
    "asgd":                SLOPE,
    "sgdw":                SLOPE | {"m": "P"},
    "schedule_free_sgd":   SLOPE,
    "lion":                {"weight_decay": "1/P"},
    "adan":                {"weight_decay": "1/P", "eps": "L**2/P**2"},
    "adopt":               {"m": "1"},
    "radam":               {"lr": "P and P**2/L"},
    "adabelief":           {"eps": "L**2/P**2 and L/P"},
    "schedule_free_adamw": {"weight_decay": "1/P"},
    "rmsprop_graves":      {"m": "P", "eps": "L**2/P**2"},
    "ftrl":                {"zt": "L/P"},
}

PAPER_LETTERS |= {
    "sign_sgd":            {"theta": "x", "lr": "δ"},
    "rprop":               {"theta": "w", "lr": "Δ₀", "g": "∂E/∂w", "size": "Δ",
                            "moved": "Δw"},
    "lion":                {"lr": "η", "weight_decay": "λ"},
    "qhm":                 {"m": "g", "mu": "β", "lr": "α"},
    "aggmo":               {"m1": "-v⁽¹⁾", "mu1": "β⁽¹⁾", "lr": "γ"},
    "sgdw":                {"mu": "β₁", "lr": "ηα", "weight_decay": "ηλ"},
    "asgd":                {"theta": "x", "theta_mean": "x̄", "lr": "γ"},
    "schedule_free_sgd":   {"theta": "y", "zt": "z", "theta_mean": "x", "beta1": "β",
                            "lr": "γ"},
    "radam":               {"lr": "α"},
    "yogi":                {"theta": "x", "lr": "η", "eps": "ϵ"},
    "adabelief":           {"v": "s", "lr": "α", "eps": "ϵ"},
    "qhadam":              {"m": "g", "v": "s", "lr": "α", "eps": "ϵ"},
    "adan":                {"d_mean": "v", "v": "n", "beta1": "1 - β₁", "beta2": "1 - β₂",
                            "beta3": "1 - β₃", "lr": "η"},
    "adopt":               {"lr": "α", "eps": "ϵ"},
    "schedule_free_adamw": {"theta": "y", "zt": "z", "theta_mean": "x", "lr": "γ"},
    "rmsprop_graves":      {"theta": "w", "g": "ϵ", "v": "n", "g_mean": "g", "m": "-Δ",
                            "rho": "0.95", "mu": "0.9", "lr": "0.0001", "eps": "0.0001"},
    "ftrl":                {"theta": "w", "zt": "z", "v": "n", "lr": "α", "offset": "β",
                            "l1": "λ₁", "l2": "λ₂"},
}
