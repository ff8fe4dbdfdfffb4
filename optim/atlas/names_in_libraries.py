"""Which optimizers of the libraries go by one name: the rows and columns of the atlas.

A text is what optim.compare takes: our rule of a paper, and each library's own class, with
the arguments that choose the algorithm, by its dotted name.
"""

PAPER, SURVEY = "paper", "survey"           # the others are libraries
MOMENTUM = "momentum=0.9"
MOMENTS = "m = beta1*m + (1 - beta1)*g; v = beta2*v + (1 - beta2)*g**2; "
RHO_END = "(2/(1 - beta2) - 1)"
RHO = f"({RHO_END} - 2*t*beta2**t/(1 - beta2**t))"
# What papers print that is no rule of optim.rules.
EPSILON_HAT = MOMENTS + ("theta - lr*sqrt(1 - beta2**t)/(1 - beta1**t)"
                         "*m/(sqrt(v) + eps)")
GRAVES = ("v = rho*v + (1 - rho)*g**2; g_mean = rho*g_mean + (1 - rho)*g; "
          "m = mu*m - lr*g/sqrt(v - g_mean**2 + eps); theta + m")
RECTIFIED = MOMENTS + (
    f"theta - lr*m/(1 - beta1**t)*where({RHO} > 4, sqrt(({RHO} - 4)*({RHO} - 2)*{RHO_END}"
    f"/(({RHO_END} - 4)*({RHO_END} - 2)*{RHO})*(1 - beta2**t)/v), 1)")
YOGI = ("m = beta1*m + (1 - beta1)*g; v = v - (1 - beta2)*sign(v - g**2)*g**2; "
        "theta - lr*m/(sqrt(v) + eps)")
BELIEF = ("m = beta1*m + (1 - beta1)*g; v = beta2*v + (1 - beta2)*(g - m)**2 + eps; "
          "theta - lr*m/(1 - beta1**t)/(sqrt(v/(1 - beta2**t)) + eps)")
LEADER = ("zt = zt + g - (sqrt(v + g**2) - sqrt(v))/lr*theta; v = v + g**2; "
          "-zt/((offset + sqrt(v))/lr + l2)")                       # where l1 is 0

FAMILIES: dict[str, dict[str, str]] = {
    "Gradient descent": {
        PAPER: "gradient_descent", SURVEY: "survey:gradient_descent",
        "torch": "torch.optim.SGD", "optax": "optax.sgd", "keras": "keras.optimizers.SGD"},
    "Gradient descent with weight decay": {
        "torch": "torch.optim.SGD(weight_decay=0.01)",
        "keras": "keras.optimizers.SGD(weight_decay=0.01)"},
    "Momentum": {
        PAPER: "momentum", SURVEY: "survey:momentum",
        "torch": f"torch.optim.SGD({MOMENTUM})", "optax": f"optax.sgd({MOMENTUM})",
        "keras": f"keras.optimizers.SGD({MOMENTUM})"},
    "Momentum with weight decay": {
        "torch": f"torch.optim.SGD({MOMENTUM}, weight_decay=0.01)",
        "keras": f"keras.optimizers.SGD({MOMENTUM}, weight_decay=0.01)"},
    "Momentum with dampening": {
        PAPER: "m = mu*m + (1 - dampening)*g; theta - lr*m",
        "torch": f"torch.optim.SGD({MOMENTUM}, dampening=0.5)"},
    "Nesterov": {
        PAPER: "nag", SURVEY: "survey:nag",
        "torch": f"torch.optim.SGD({MOMENTUM}, nesterov=True)",
        "optax": f"optax.sgd({MOMENTUM}, nesterov=True)",
        "keras": f"keras.optimizers.SGD({MOMENTUM}, nesterov=True)"},
    "Adagrad": {
        PAPER: "adagrad", SURVEY: "survey:adagrad", "torch": "torch.optim.Adagrad",
        "optax": "optax.adagrad", "keras": "keras.optimizers.Adagrad"},
    "RMSprop": {
        PAPER: "rmsprop", SURVEY: "survey:rmsprop", "torch": "torch.optim.RMSprop",
        "optax": "optax.rmsprop", "keras": "keras.optimizers.RMSprop"},
    "RMSprop with momentum": {
        "torch": f"torch.optim.RMSprop({MOMENTUM})", "optax": f"optax.rmsprop({MOMENTUM})",
        "keras": f"keras.optimizers.RMSprop({MOMENTUM})"},
    "RMSprop, centered, with momentum": {
        PAPER: GRAVES, "torch": f"torch.optim.RMSprop(centered=True, {MOMENTUM})",
        "optax": f"optax.rmsprop(centered=True, {MOMENTUM})",
        "keras": f"keras.optimizers.RMSprop(centered=True, {MOMENTUM})"},
    "Adadelta": {
        PAPER: "adadelta", SURVEY: "survey:adadelta", "torch": "torch.optim.Adadelta",
        "optax": "optax.adadelta(learning_rate=1.0)",
        "keras": "keras.optimizers.Adadelta"},
    "Adadelta without a learning rate": {PAPER: "adadelta", "optax": "optax.adadelta"},
    "Adam": {
        PAPER: "adam", SURVEY: "survey:adam", "torch": "torch.optim.Adam",
        "optax": "optax.adam", "keras": "keras.optimizers.Adam"},
    "Adam with epsilon hat": {PAPER: EPSILON_HAT, "keras": "keras.optimizers.Adam"},
    "AdaMax": {
        PAPER: "adamax", SURVEY: "survey:adamax", "torch": "torch.optim.Adamax",
        "optax": "optax.adamax", "keras": "keras.optimizers.Adamax"},
    "Nadam": {
        PAPER: "nadam", SURVEY: "survey:nadam", "torch": "torch.optim.NAdam",
        "optax": "optax.nadam", "keras": "keras.optimizers.Nadam"},
    "AdamW": {
        PAPER: "adamw", "torch": "torch.optim.AdamW", "optax": "optax.adamw",
        "keras": "keras.optimizers.AdamW"},
    "AMSGrad": {
        PAPER: "amsgrad", "torch": "torch.optim.Adam(amsgrad=True)",
        "optax": "optax.amsgrad", "keras": "keras.optimizers.Adam(amsgrad=True)"},
    "AMSGrad without bias correction": {
        PAPER: "amsgrad",
        "optax": "optax.amsgrad(bias_correction_mu=False, bias_correction_nu=False)"},
    "RAdam": {PAPER: RECTIFIED, "torch": "torch.optim.RAdam", "optax": "optax.radam"},
    "Rprop": {"torch": "torch.optim.Rprop", "optax": "optax.rprop"},
    "Lion": {"optax": "optax.lion", "keras": "keras.optimizers.Lion(weight_decay=0.001)"},
    "Yogi": {PAPER: YOGI, "optax": "optax.yogi"},
    "AdaBelief": {PAPER: BELIEF, "optax": "optax.adabelief"},
    "FTRL": {
        PAPER: LEADER,
        "keras": "keras.optimizers.Ftrl(l2_regularization_strength=0.1, beta=0.1)"},
    "Schedule-free AdamW": {
        "optax": "optax.contrib.schedule_free_adamw",
        "keras": "keras.optimizers.ScheduleFreeAdamW"},
}

GUARD = "for eps = 0 and a sum of 0 Optax stays, where g/0 has no value"
# Why nothing in the catalogue makes two of a name one.
WHY_NOT = {
    ("Adagrad", PAPER, "optax"): GUARD, ("Adagrad", "torch", "optax"): GUARD,
    ("Rprop", "torch", "optax"): "Optax takes the step of the step before",
    ("Yogi", PAPER, "optax"): "the moments of Optax start at a millionth",
    ("Schedule-free AdamW", "optax", "keras"):
        "Optax weighs its mean by lr, Keras does not; while lr is constant they walk alike "
        "in numbers, which is not proved"}


def recorded(text: str) -> str:
    """The same optimizer as our copy of its library's rules has it.

    >>> recorded("torch.optim.Adam(amsgrad=True)")
    'torch:Adam(amsgrad=True)'
    """
    path, bracket, arguments = text.partition("(")
    return f"{path.partition('.')[0]}:{path.rpartition('.')[2]}{bracket}{arguments}"
