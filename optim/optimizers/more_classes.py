"""A class for each rule after the first eleven, made from the rule itself.

class_of makes one for a rule of your own, too: Mine = class_of(mine, "Mine").
"""
import inspect
from typing import Any, ClassVar

from optim import more_rules as rules
from optim.optimizers.groups import Options, refuse_unknown
from optim.optimizers.optimizer import Optimizer
from optim.optimizers.signatures import RULE_OF_CLASS, Rule, anatomy, name_of


class RuleOptimizer(Optimizer):
    """An optimizer whose arguments are the hyperparameters of its class's rule."""
    applies: ClassVar[Rule]
    __signature__: ClassVar[inspect.Signature]              # what help() shows

    def __init__(self, params: Any, *args: Any, **kwargs: Any):
        own = {n: x for n, x in kwargs.items() if n in self.__signature__.parameters}
        others: Any = {n: x for n, x in kwargs.items() if n not in own}
        refuse_unknown(others, type(self))
        given = self.__signature__.bind_partial(params, *args, **own).arguments
        given.pop("params")
        self._begin(params, type(self).applies, given, others)


def class_of(rule: Rule, name: str) -> type[Optimizer]:
    """The class of optimizers that apply the rule, known by this name where it is made.

    beta1 and beta2 are one argument, betas, as PyTorch has it; lr and betas may be given
    by their places, all else by its name.
    """
    settings = dict(anatomy(rule)[1])
    if settings.keys() >= {"beta1", "beta2"}:
        pair = settings.pop("beta1"), settings.pop("beta2")
        settings = {n: settings[n] for n in ("lr",) if n in settings} | {
            "betas": pair} | settings
    kinds = inspect.Parameter
    takes = [kinds(n, kinds.POSITIONAL_OR_KEYWORD if n in ("lr", "betas")
                   else kinds.KEYWORD_ONLY, default=x) for n, x in settings.items()]
    frame = inspect.currentframe()
    where = frame.f_back.f_globals["__name__"] if frame and frame.f_back else __name__
    about = (inspect.getdoc(rule) or name_of(rule)).splitlines()[0]
    made = type(name, (RuleOptimizer,), {
        "__doc__": about, "__module__": where, "applies": staticmethod(rule),
        "__signature__": inspect.Signature([
            kinds("params", kinds.POSITIONAL_OR_KEYWORD),
            *sorted(takes, key=lambda p: p.kind),
            kinds("options", kinds.VAR_KEYWORD, annotation=Options)])})
    RULE_OF_CLASS[made] = rule
    return made


SignSGD = class_of(rules.sign_sgd, "SignSGD")
Rprop = class_of(rules.rprop, "Rprop")
Lion = class_of(rules.lion, "Lion")
QHM = class_of(rules.qhm, "QHM")
AggMo = class_of(rules.aggmo, "AggMo")
SGDW = class_of(rules.sgdw, "SGDW")
ASGD = class_of(rules.asgd, "ASGD")
ScheduleFreeSGD = class_of(rules.schedule_free_sgd, "ScheduleFreeSGD")
RAdam = class_of(rules.radam, "RAdam")
Yogi = class_of(rules.yogi, "Yogi")
AdaBelief = class_of(rules.adabelief, "AdaBelief")
QHAdam = class_of(rules.qhadam, "QHAdam")
Adan = class_of(rules.adan, "Adan")
ADOPT = class_of(rules.adopt, "ADOPT")
ScheduleFreeAdamW = class_of(rules.schedule_free_adamw, "ScheduleFreeAdamW")
RMSpropGraves = class_of(rules.rmsprop_graves, "RMSpropGraves")
FTRL = class_of(rules.ftrl, "FTRL")
LARS = class_of(rules.lars, "LARS")
LAMB = class_of(rules.lamb, "LAMB")
Adafactor = class_of(rules.adafactor, "Adafactor")
Shampoo = class_of(rules.shampoo, "Shampoo")
Muon = class_of(rules.muon, "Muon")

MORE_OPTIMIZERS: dict[str, type[Optimizer]] = {
    name_of(made.applies): made for made in RuleOptimizer.__subclasses__()}
