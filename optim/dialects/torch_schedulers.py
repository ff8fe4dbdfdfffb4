"""torch.optim.lr_scheduler 2.13.0: its classes on optimizers of ours, by its arguments.

As there, a scheduler sets the rate when its own step() is called, mostly once in an epoch.
A schedule that an optimizer is given (optim.schedules) needs no such call.

>>> import minigrad as mg
>>> from optim.dialects.torch import SGD
>>> opt = SGD([mg.tensor([1.0], requires_grad=True)], lr=0.5)
>>> scheduler = StepLR(opt, step_size=1, gamma=0.5)
>>> scheduler.step()
>>> scheduler.get_last_lr()
[0.25]
"""
from collections.abc import Callable
from typing import Any, ClassVar

from optim import schedules
from optim.hints import no_such_name
from optim.optimizers.optimizer import Optimizer


class LRScheduler:
    """Sets the rate of each group to a schedule's value: at once, and by each step().

    Missing on purpose: last_epoch (load_state_dict goes on where a scheduler was), and
    step(epoch).
    """
    choose: ClassVar[Callable[..., Any]]        # from a rate and arguments to a schedule

    def __init__(self, optimizer: Optimizer, *args: Any, **kwargs: Any):
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"{type(self).__name__}: came {type(optimizer).__name__}; "
                            "needs an optimizer of optim.dialects.torch, then the "
                            "arguments")
        groups = optimizer.param_groups
        if any("lr" not in group or callable(group["lr"]) for group in groups):
            raise ValueError(f"{type(self).__name__}: a group has no lr, or a schedule for "
                             "it already; needs a number in each: lr=0.1")
        # The rates that other schedulers began with: this one may follow them.
        started = vars(optimizer).setdefault("_rates_at_first", [])
        started += [group["lr"] for group in groups[len(started):]]
        self.optimizer, self.last_epoch, self.rates = optimizer, 0, [*started]
        self.schedules = self.chosen(started, *args, **kwargs)
        self.set_rates()

    def chosen(self, rates: list[float], *args: Any, **kwargs: Any) -> list[Any]:
        """A function of t for each group."""
        return [type(self).choose(rate, *args, **kwargs) for rate in rates]

    def set_rates(self) -> None:
        """Let the groups have the values of the last epoch."""
        for group, schedule in zip(self.optimizer.param_groups, self.schedules):
            group["lr"] = schedule(self.last_epoch + 1)

    def step(self) -> None:
        """Go on to the next value."""
        self.last_epoch += 1
        self.set_rates()

    def get_last_lr(self) -> list[float]:
        """The rate of each group now."""
        return [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self) -> dict[str, Any]:
        """What load_state_dict of an equal scheduler goes on from, as plain data."""
        return {"last_epoch": self.last_epoch, "rates": self.rates,
                "states": [dict(part.state) for part in self.parts()]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on where the state was taken; ValueError if it began with other rates."""
        if state_dict["rates"] != self.rates:
            raise ValueError(f"load_state_dict: this scheduler began with {self.rates}, "
                             f"the saved one with {state_dict['rates']}; make it before "
                             "the optimizer's load_state_dict, which changes the rates")
        self.last_epoch = int(state_dict["last_epoch"])
        for part, state in zip(self.parts(), state_dict["states"], strict=True):
            part.state.update(state)
        self.set_rates()

    def parts(self) -> list[schedules.Schedule]:
        """The schedules of all groups, and those that they are made of."""
        return [part for schedule in self.schedules
                if isinstance(schedule, schedules.Schedule) for part in schedule.parts()]


class LambdaLR(LRScheduler):
    """Times a function of the epoch, 0, 1, ...; or of a list of them, for each group."""

    def chosen(self, rates: list[float], lr_lambda: Any) -> list[Any]:
        """A function of t for each group."""
        functions = (lr_lambda if isinstance(lr_lambda, (list, tuple)) else
                     [lr_lambda]*len(rates))
        return [lambda t, rate=rate, f=f: rate*f(t - 1)
                for rate, f in zip(rates, functions, strict=True)]


class StepLR(LRScheduler):
    """Times gamma after every step_size epochs."""

    @staticmethod
    def choose(rate: float, step_size: int, gamma: float = 0.1) -> Any:
        return schedules.step(rate, every=step_size, factor=gamma)


class MultiStepLR(LRScheduler):
    """Times gamma after each of the milestones."""

    @staticmethod
    def choose(rate: float, milestones: list[int], gamma: float = 0.1) -> Any:
        return schedules.multi_step(rate, at=sorted(milestones), factor=gamma)


class ConstantLR(LRScheduler):
    """Times a factor for total_iters epochs, then not."""

    @staticmethod
    def choose(rate: float, factor: float = 1/3, total_iters: int = 5) -> Any:
        return schedules.sequence([rate*factor, rate], at=[total_iters])


class LinearLR(LRScheduler):
    """From one share of the rate to another along a line."""

    @staticmethod
    def choose(rate: float, start_factor: float = 1/3, end_factor: float = 1.0,
               total_iters: int = 5) -> Any:
        return schedules.polynomial(rate*start_factor, steps=total_iters,
                                    end=rate*end_factor)


class ExponentialLR(LRScheduler):
    """Times gamma in every epoch."""

    @staticmethod
    def choose(rate: float, gamma: float) -> Any:
        return schedules.exponential(rate, factor=gamma)


class PolynomialLR(LRScheduler):
    """To 0, as a power of the epochs that are left."""

    @staticmethod
    def choose(rate: float, total_iters: int = 5, power: float = 1.0) -> Any:
        return schedules.polynomial(rate, steps=total_iters, power=power)


class CosineAnnealingLR(LRScheduler):
    """To eta_min along half a wave of the cosine, and up again."""

    @staticmethod
    def choose(rate: float, T_max: int, eta_min: float = 0.0) -> Any:
        return schedules.cosine(rate, steps=T_max, end=eta_min)


class CosineAnnealingWarmRestarts(LRScheduler):
    """Half waves of the cosine, each T_mult times as long as the last."""

    @staticmethod
    def choose(rate: float, T_0: int, T_mult: int = 1, eta_min: float = 0.0) -> Any:
        return schedules.cosine_restarts(rate, steps=T_0, growth=T_mult, end=eta_min)


class OneCycleLR(LRScheduler):
    """Up to max_lr and down, while the momentum, or the first beta, goes the other way."""

    def chosen(self, rates: list[float], max_lr: Any, total_steps: int | None = None,
               epochs: int | None = None, steps_per_epoch: int | None = None,
               pct_start: float = 0.3, anneal_strategy: str = "cos",
               cycle_momentum: bool = True, base_momentum: float = 0.85,
               max_momentum: float = 0.95, div_factor: float = 25.0,
               final_div_factor: float = 1e4, three_phase: bool = False) -> list[Any]:
        """The steps are total_steps, or else epochs*steps_per_epoch."""
        steps = total_steps if total_steps is not None else (
            (epochs or 0)*(steps_per_epoch or 0))
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"OneCycleLR: anneal_strategy came as {anneal_strategy!r}; "
                             "needs 'cos' or 'linear'")

        def cycle(peak: float, start: float, end: float) -> schedules.Schedule:
            return schedules.one_cycle(
                peak, steps=steps, rise=pct_start, start=start, end=end,
                linear=anneal_strategy == "linear", three_phase=three_phase)
        self.momentum = cycle(base_momentum, max_momentum, max_momentum)
        self.key = next((key for key in ("momentum", "betas", "mu", "beta1")
                         if cycle_momentum and key in self.optimizer.defaults), "")
        if cycle_momentum and not self.key:
            raise ValueError("OneCycleLR: the optimizer has no momentum; pass "
                             "cycle_momentum=False")
        peaks = max_lr if isinstance(max_lr, (list, tuple)) else [max_lr]*len(rates)
        return [cycle(peak, peak/div_factor, peak/div_factor/final_div_factor)
                for peak, _ in zip(peaks, rates, strict=True)]

    def set_rates(self) -> None:
        """Let the groups have the values of the last epoch."""
        super().set_rates()
        momentum = self.momentum(self.last_epoch + 1)
        for group in self.optimizer.param_groups if self.key else []:
            group[self.key] = ((momentum, *group["betas"][1:]) if self.key == "betas"
                               else momentum)


class SequentialLR(LRScheduler):
    """One scheduler after another, each from its beginning."""

    def chosen(self, rates: list[float], schedulers: list[LRScheduler],
               milestones: list[int]) -> list[Any]:
        """A function of t for each group."""
        return [schedules.sequence([*parts], at=milestones)
                for parts in zip(*[each.schedules for each in schedulers])]


class ReduceLROnPlateau(LRScheduler):
    """Times a factor when more metrics than patience were no better than the best one."""

    @staticmethod
    def choose(rate: float, mode: str = "min", factor: float = 0.1, patience: int = 10,
               threshold: float = 1e-4, threshold_mode: str = "rel", cooldown: int = 0,
               min_lr: float = 0.0, eps: float = 1e-8) -> Any:
        """min_lr is one number for all groups."""
        return schedules.reduce_on_plateau(
            rate, factor=factor, patience=patience, threshold=threshold, least=min_lr,
            mode=mode, threshold_mode=threshold_mode, cooldown=cooldown, eps=eps)

    def step(self, metrics: Any) -> None:       # type: ignore[override]
        """Observe what came out, and go on to the next value."""
        for schedule in self.schedules:
            schedule.observe(metrics)
        super().step()


MISSING = {"CyclicLR": "lr=optim.schedules.sequence([...], at=[...]) has any shape",
           "MultiplicativeLR": "write the product as a function: LambdaLR",
           "ChainedScheduler": "write the product as a function: LambdaLR"}


def __getattr__(name: str) -> Any:
    """Say of what torch.optim.lr_scheduler has and this has not what there is."""
    why = f": {MISSING[name]}" if name in MISSING else ""
    raise no_such_name("optim.dialects.torch.lr_scheduler", name, globals(), why)
