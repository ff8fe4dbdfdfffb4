"""Which optimizers of the libraries go by one name: the rows and columns of the atlas.

A text is what optim.compare takes: our rule of a paper, and each library's own class, with
the arguments that choose the algorithm, by its dotted name.
"""

PAPER, SURVEY = "paper", "survey"           # the others are libraries
MOMENTUM = "momentum=0.9"
MOMENTS = "m = beta1*m + (1 - beta1)*g; v = beta2*v + (1 - beta2)*g**2; "
# What the paper prints beside its algorithm.
EPSILON_HAT = MOMENTS + ("theta - lr*sqrt(1 - beta2**t)/(1 - beta1**t)"
                         "*m/(sqrt(v) + eps)")

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
        PAPER: "rmsprop_graves", "torch": f"torch.optim.RMSprop(centered=True, {MOMENTUM})",
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
    "RAdam": {PAPER: "radam", "torch": "torch.optim.RAdam", "optax": "optax.radam"},
    "Rprop": {PAPER: "rprop", "torch": "torch.optim.Rprop", "optax": "optax.rprop"},
    "Lion": {
        PAPER: "lion", "optax": "optax.lion",
        "keras": "keras.optimizers.Lion(weight_decay=0.001)"},
    "Yogi": {PAPER: "yogi", "optax": "optax.yogi"},
    "AdaBelief": {PAPER: "adabelief", "optax": "optax.adabelief"},
}

GUARD = "for eps = 0 and a sum of 0 Optax stays, where g/0 has no value"
# Why nothing in the catalogue makes two of a name one.
WHY_NOT = {
    ("Adagrad", PAPER, "optax"): GUARD, ("Adagrad", "torch", "optax"): GUARD,
    ("Rprop", PAPER, "torch"): "the paper takes a step back where the sign has turned",
    ("Rprop", PAPER, "optax"): "Optax takes the step of the step before",
    ("Rprop", "torch", "optax"): "Optax takes the step of the step before",
    ("Yogi", PAPER, "optax"): "the moments of Optax start at a millionth"}


def recorded(text: str) -> str:
    """The same optimizer as our copy of its library's rules has it.

    >>> recorded("torch.optim.Adam(amsgrad=True)")
    'torch:Adam(amsgrad=True)'
    """
    path, bracket, arguments = text.partition("(")
    return f"{path.partition('.')[0]}:{path.rpartition('.')[2]}{bracket}{arguments}"
