"""The rules after the first eleven, by family; each is known by its name as those are.

In reading order:

    more_letters.py their letters, units and the papers' own letters
    sign_steps.py   steps whose size no gradient tells: signSGD, Rprop, Lion
    averages.py     momenta and averages: QHM, AggMo, SGDW, ASGD, schedule-free SGD
    adams.py        from Adam: RAdam, Yogi, AdaBelief, QHAdam, Adan, ADOPT, schedule-free
    adaptive.py     sums and means of squares: centred RMSprop with momentum, FTRL-Proximal
    norms.py        norms, which stay symbols in formulas
    layers.py       steps as long as a parameter is: LARS, LAMB
    matrix_roots.py Adafactor, Shampoo, Muon

Beside the rules of a file stands what is claimed of each: `claims`, of which
optim.claims.special_cases says how they are written. A rule of one's own may have them too.
"""
from optim.more_rules import more_letters
from optim.more_rules.adams import (
    adabelief, adan, adopt, qhadam, radam, schedule_free_adamw, yogi)
from optim.more_rules.adaptive import ftrl, rmsprop_graves
from optim.more_rules.averages import aggmo, asgd, qhm, schedule_free_sgd, sgdw
from optim.more_rules.layers import lamb, lars
from optim.more_rules.matrix_roots import adafactor, muon, shampoo
from optim.more_rules.sign_steps import lion, rprop, sign_sgd
from optim.rules import register

register(sign_sgd, rprop, lion, qhm, aggmo, sgdw, asgd, schedule_free_sgd, radam, yogi,
         adabelief, qhadam, adan, adopt, schedule_free_adamw, rmsprop_graves, ftrl)
register(lars, lamb, adafactor, shampoo, muon)

__all__ = [
    "adabelief", "adafactor", "adan", "adopt", "aggmo", "asgd", "ftrl", "lamb", "lars",
    "lion", "muon", "qhadam", "qhm", "radam", "rmsprop_graves", "rprop",
    "schedule_free_adamw", "schedule_free_sgd", "sgdw", "shampoo", "sign_sgd", "yogi"]
