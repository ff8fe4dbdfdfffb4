"""Which optimizers of the libraries go by one name: the rows and columns of the atlas.

A text is what optim.compare takes: our rule of a paper, and each library's own class, with
the arguments that choose the algorithm, by its dotted name.
"""

PAPER = "paper"
MOMENTUM = "momentum=0.9"

FAMILIES: dict[str, dict[str, str]] = {
    "Gradient descent": {
        PAPER: "gradient_descent", "torch": "torch.optim.SGD", "optax": "optax.sgd",
        "keras": "keras.optimizers.SGD"},
    "Momentum": {
        PAPER: "momentum", "torch": f"torch.optim.SGD({MOMENTUM})",
        "optax": f"optax.sgd({MOMENTUM})", "keras": f"keras.optimizers.SGD({MOMENTUM})"},
    "Nesterov": {
        PAPER: "nag", "torch": f"torch.optim.SGD({MOMENTUM}, nesterov=True)",
        "optax": f"optax.sgd({MOMENTUM}, nesterov=True)",
        "keras": f"keras.optimizers.SGD({MOMENTUM}, nesterov=True)"},
    "Adagrad": {
        PAPER: "adagrad", "torch": "torch.optim.Adagrad", "optax": "optax.adagrad",
        "keras": "keras.optimizers.Adagrad"},
    "RMSprop": {
        PAPER: "rmsprop", "torch": "torch.optim.RMSprop", "optax": "optax.rmsprop",
        "keras": "keras.optimizers.RMSprop"},
    "RMSprop, centered, with momentum": {
        "torch": f"torch.optim.RMSprop(centered=True, {MOMENTUM})",
        "optax": f"optax.rmsprop(centered=True, {MOMENTUM})",
        "keras": f"keras.optimizers.RMSprop(centered=True, {MOMENTUM})"},
    "Adadelta": {
        PAPER: "adadelta", "torch": "torch.optim.Adadelta",
        "optax": "optax.adadelta(learning_rate=1.0)",
        "keras": "keras.optimizers.Adadelta"},
    "Adam": {
        PAPER: "adam", "torch": "torch.optim.Adam", "optax": "optax.adam",
        "keras": "keras.optimizers.Adam"},
    "AdaMax": {
        PAPER: "adamax", "torch": "torch.optim.Adamax", "optax": "optax.adamax",
        "keras": "keras.optimizers.Adamax"},
    "Nadam": {
        PAPER: "nadam", "torch": "torch.optim.NAdam", "optax": "optax.nadam",
        "keras": "keras.optimizers.Nadam"},
    "AdamW": {
        PAPER: "adamw", "torch": "torch.optim.AdamW", "optax": "optax.adamw",
        "keras": "keras.optimizers.AdamW"},
    "AMSGrad": {
        PAPER: "amsgrad", "torch": "torch.optim.Adam(amsgrad=True)",
        "optax": "optax.amsgrad", "keras": "keras.optimizers.Adam(amsgrad=True)"},
    "RAdam": {"torch": "torch.optim.RAdam", "optax": "optax.radam"},
    "Rprop": {"torch": "torch.optim.Rprop", "optax": "optax.rprop"},
    "Lion": {"optax": "optax.lion", "keras": "keras.optimizers.Lion(weight_decay=0.001)"},
}


def recorded(text: str) -> str:
    """The same optimizer as our copy of its library's rules has it.

    >>> recorded("torch.optim.Adam(amsgrad=True)")
    'torch:Adam(amsgrad=True)'
    """
    path, bracket, arguments = text.partition("(")
    return f"{path.partition('.')[0]}:{path.rpartition('.')[2]}{bracket}{arguments}"
