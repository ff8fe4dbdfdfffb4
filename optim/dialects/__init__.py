"""The rules as other libraries compute them, beside the papers': optim.dialects.torch.

In reading order:

    library.py        an optimizer that takes another library's arguments
    pytorch_rules.py  the rules of torch.optim 2.13.0
    pytorch_lbfgs.py  its LBFGS, which looks along a line
    torch_schedulers.py  its schedulers
    pytorch.py        its classes, with its arguments and defaults
    keras_rules.py    the rules of Keras 3.15.1
    keras_classes.py  its classes
    optax_rules.py    the rules of Optax 0.2.8
    whole_parameters.py  what these three compute with norms and means: no formulas
    survey.py         the rules as Ruder's survey prints them
    optax_lbfgs.py    its lbfgs, which looks along a line
    optax_aliases.py  its aliases
    adapted_rules.py  a rule with letters renamed, held at a number, or with other defaults
    named_optimizers.py  "torch:SGD(momentum=0.9)" as a rule
"""
import importlib
import sys
from typing import Any

MODULES = {"torch": "pytorch", "optax": "optax_aliases", "keras": "keras_classes",
           "survey": "survey"}

# Each by the name that one imports it by, so that `import torch.optim as optim` becomes
# `import optim.dialects.torch as optim`, and `from torch.optim import Adam` likewise.
for name, module in MODULES.items():
    globals()[name] = importlib.import_module(f"optim.dialects.{module}")
    sys.modules[f"optim.dialects.{name}"] = globals()[name]
sys.modules["optim.dialects.torch.lr_scheduler"] = globals()["torch"].lr_scheduler


def __getattr__(name: str) -> Any:
    raise AttributeError(f"module 'optim.dialects' has no attribute {name!r}; it has "
                         f"{', '.join(MODULES)}")


def __dir__() -> list[str]:
    return sorted(MODULES)
