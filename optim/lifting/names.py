"""What other libraries call our letters."""

HYPERPARAMETERS = {
    "learning_rate": "lr", "alpha": "rho", "decay": "rho", "momentum": "mu", "b1": "beta1",
    "b2": "beta2", "b3": "beta3", "beta_1": "beta1", "beta_2": "beta2", "epsilon": "eps",
    "momentum_decay": "psi", "initial_accumulator_value": "initial", "lambd": "fall",
    "t0": "t_mean", "weight_lr_power": "power", "warmup_steps": "warmup",
    "min_step_size": "size_min", "max_step_size": "size_max"}
PAIRS = {"betas": ["beta1", "beta2"], "etas": ["eta_minus", "eta_plus"],
         "step_sizes": ["size_min", "size_max"]}
# Of homework, where a word means what it means there.
HOMEWORK = {"alpha": "lr", "eta": "lr", "rate": "lr", "decay_rate": "rho", "gamma": "mu",
            "beta": "mu", "wd": "weight_decay", "lambda_": "weight_decay",
            "step_size": "lr", "learningrate": "lr", "epsilon": "eps"}
HOMEWORK_STATES = {"velocity": "m", "velocities": "m", "caches": "v", "vel": "m",
                   "cache": "v", "h": "v", "s": "v", "u": "v",
                   "momentum": "m", "exp_avg": "m", "exp_avg_sq": "v", "grad_squared": "v"}
# Where a word means something else than above.
OF_CLASS = {"ASGD": {"alpha": "power"}, "signum": {"beta": "beta1"},
            "optimistic_gradient_descent": {"alpha": "ahead", "beta": "back"},
            "Ftrl": {"beta": "offset", "l1_regularization_strength": "l1",
                     "l2_regularization_strength": "l2",
                     "l2_shrinkage_regularization_strength": "shrinkage"}}

STATES = {
    "exp_avg": "m", "exp_avg_sq": "v", "max_exp_avg_sq": "v_max", "momentum_buffer": "m",
    "square_avg": "v", "grad_avg": "g_mean", "acc_delta": "v_delta", "sum": "v",
    "exp_inf": "v", "prev": "g_prev", "step_size": "size", "eta": "lr_now", "mu": "m",
    "ax": "theta_mean", "nu": "v", "nu_max": "v_max", "trace": "m", "sum_of_squares": "v",
    "e_g": "v", "e_x": "v_delta", "step_sizes": "size", "prev_updates": "g_prev",
    "momentum": "m", "velocity": "v", "velocity_hat": "v_max", "accumulator": "v",
    "accumulated_grad": "v", "accumulated_delta_var": "v_delta", "u": "v",
    "average_gradient": "g_mean", "linear": "zt", "z": "zt", "max_lr": "lr_max"}
# Likewise.
STATES_OF_CLASS = {"ASGD": {"mu": "share"}, "Nadam": {"variable": "mu_product"},
                   "Adamax": {"norm": "v"}, "adan": {"n": "v", "v": "d_mean"},
                   "rmsprop": {"mu": "g_mean"}, "rprop": {"prev_updates": "step"},
                   "signum": {"ema": "m"}, "ScheduleFreeAdamW": {"momentum": "zt"},
                   "optimistic_gradient_descent": {"previous_gradient": "g_prev"}}


def state_letter(optimizer: str, name: str) -> str:
    """Our letter for what an optimizer calls a state."""
    return STATES_OF_CLASS.get(optimizer, {}).get(name) or STATES.get(name, name)
