"""optax 0.2.8: its aliases, with its arguments and defaults, on minigrad's tensors.

Optax makes an optimizer without parameters; here they come first, as everywhere. The rules
stand in optax_rules.py. As Optax does, it calls a schedule of Optax's with the count of the
steps before this one; one of optim.schedules has t = 1, 2, ...

>>> import minigrad as mg
>>> p = mg.tensor([1., 2.], requires_grad=True)
>>> opt = sgd([p], learning_rate=0.25)
>>> (p @ p).backward()
>>> opt.step()
>>> p.numpy()
array([0.5, 1. ])
"""
import warnings
from typing import Any, ClassVar

import numpy as np

from optim.dialects import optax_rules as rules, whole_parameters
from optim.dialects.library import LibraryOptimizer
from optim.dialects.optax_lbfgs import lbfgs, scale_by_zoom_linesearch  # noqa: F401
from optim.hints import no_such_name
from optim.optimizers.groups import Choice
from optim.optimizers.signatures import Rule


class Alias(LibraryOptimizer):
    """What Optax's aliases have in common. mu_dtype and masks have no meaning here."""
    counts_from_0 = True
    without_meaning: ClassVar[tuple[str, ...]] = (
        "mu_dtype", "accumulator_dtype", "mask", "weight_decay_mask", "state_dtype")

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.__doc__ = f"{cls.__doc__}\n\n    As optax.{cls.__name__}; see its help."


def chosen(name: str | Rule, learning_rate: Any, **settings: Any) -> Choice:
    return Choice(rules.RULES[name] if isinstance(name, str) else name,
                  settings | {"lr": learning_rate})


class sgd(Alias):
    """Gradient descent, with a trace of the gradients if momentum is given."""

    @staticmethod
    def choose(learning_rate: float, momentum: float | None = None, nesterov: bool = False,
               accumulator_dtype: Any = None) -> Choice:
        """momentum is mu."""
        name = "sgd" if momentum is None else "sgd_nesterov" if nesterov else "sgd_momentum"
        return chosen(name, learning_rate, mu=momentum)


class adagrad(Alias):
    """Steps divided by the root of all squared gradients so far and eps."""

    @staticmethod
    def choose(learning_rate: float, initial_accumulator_value: float = 0.1,
               eps: float = 1e-7) -> Choice:
        """initial_accumulator_value is where v starts."""
        return chosen("adagrad", learning_rate, initial=initial_accumulator_value, eps=eps)


class adadelta(Alias):
    """RMSprop whose learning rate is the size of its own past steps."""

    @staticmethod
    def choose(learning_rate: float | None = None, rho: float = 0.9, eps: float = 1e-6,
               weight_decay: float = 0.0, weight_decay_mask: Any = None) -> Choice:
        """Without a learning rate it climbs: that is Optax's default."""
        settings = {"rho": rho, "eps": eps, "weight_decay": weight_decay}
        if learning_rate is None:
            return Choice(rules.adadelta_ascent, settings)
        return chosen("adadelta", learning_rate, **settings)

    def __init__(self, params: Any, *args: Any, **kwargs: Any):
        super().__init__(params, *args, **kwargs)
        if self.rule is rules.adadelta_ascent:
            warnings.warn("optax.adadelta() without a learning rate climbs (its step has "
                          "no minus), and so does this; pass learning_rate=1.0 for the "
                          "paper's", stacklevel=2)


class rmsprop(Alias):
    """Adagrad that forgets; over the variance, corrected or with a trace if so asked."""

    @staticmethod
    def choose(learning_rate: float, decay: float = 0.9, eps: float = 1e-8,
               initial_scale: float = 0.0, eps_in_sqrt: bool = True,
               centered: bool = False, momentum: float | None = None,
               nesterov: bool = False, bias_correction: bool = False) -> Choice:
        """decay is rho, momentum is mu."""
        name = "rmsprop" + "_centered"*bool(centered) + "_corrected"*bool(bias_correction)
        if momentum is not None:
            name += "_nesterov" if nesterov else "_momentum"
        inside, outside = (eps, 0) if eps_in_sqrt else (0, eps)
        return chosen(name, learning_rate, rho=decay, eps_root=inside, eps=outside,
                      initial_scale=initial_scale, mu=momentum)


class adam(Alias):
    """The mean gradient in units of its root mean square."""

    @staticmethod
    def choose(learning_rate: float, b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8,
               eps_root: float = 0.0, mu_dtype: Any = None, *,
               nesterov: bool = False) -> Choice:
        """eps_root stands inside the root."""
        return chosen("nadam" if nesterov else "adam", learning_rate, beta1=b1, beta2=b2,
                      eps=eps, eps_root=eps_root)


class nadam(Alias):
    """Adam that looks ahead, without a schedule of the momentum."""

    @staticmethod
    def choose(learning_rate: float, b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8,
               eps_root: float = 0.0, mu_dtype: Any = None, *,
               nesterov: bool = True) -> Choice:
        """adam with nesterov."""
        return adam.choose(learning_rate, b1, b2, eps, eps_root, nesterov=nesterov)


class adamw(Alias):
    """Adam that takes lr*weight_decay of the parameters off."""

    @staticmethod
    def choose(learning_rate: float, b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8,
               eps_root: float = 0.0, mu_dtype: Any = None, weight_decay: float = 1e-4,
               mask: Any = None, *, nesterov: bool = False) -> Choice:
        """eps_root stands inside the root."""
        return chosen("nadam" if nesterov else "adam", learning_rate, beta1=b1, beta2=b2,
                      eps=eps, eps_root=eps_root, weight_decay=weight_decay)


class nadamw(Alias):
    """nadam that takes lr*weight_decay of the parameters off."""

    @staticmethod
    def choose(learning_rate: float, b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8,
               eps_root: float = 0.0, mu_dtype: Any = None, weight_decay: float = 1e-4,
               mask: Any = None, *, nesterov: bool = True) -> Choice:
        """adamw with nesterov."""
        return adamw.choose(learning_rate, b1, b2, eps, eps_root, None, weight_decay,
                            nesterov=nesterov)


class adamax(Alias):
    """Adam with the largest recent |g| + eps in place of the root mean square."""

    @staticmethod
    def choose(learning_rate: float, b1: float = 0.9, b2: float = 0.999,
               eps: float = 1e-8) -> Choice:
        """b1 and b2 are beta1 and beta2."""
        return adamaxw.choose(learning_rate, b1, b2, eps, 0.0)


class adamaxw(Alias):
    """adamax that takes lr*weight_decay of the parameters off."""

    @staticmethod
    def choose(learning_rate: float, b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8,
               weight_decay: float = 1e-4, mask: Any = None) -> Choice:
        """b1 and b2 are beta1 and beta2."""
        return chosen("adamax", learning_rate, beta1=b1, beta2=b2, eps=eps,
                      weight_decay=weight_decay)


class amsgrad(Alias):
    """Adam whose denominator never shrinks."""

    @staticmethod
    def choose(learning_rate: float, b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8,
               eps_root: float = 0.0, mu_dtype: Any = None, bias_correction_mu: bool = True,
               bias_correction_nu: bool = True) -> Choice:
        """Both moments are corrected, or one of them, or none."""
        both = bool(bias_correction_mu), bool(bias_correction_nu)
        name = {(True, True): "amsgrad", (False, False): "amsgrad_plain",
                (True, False): "amsgrad_corrected_m",
                (False, True): "amsgrad_corrected_v"}[both]
        return chosen(name, learning_rate, beta1=b1, beta2=b2, eps=eps, eps_root=eps_root)


class radam(Alias):
    """Adam once the variance of its denominator is known, and momentum until then."""

    @staticmethod
    def choose(learning_rate: float, b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8,
               eps_root: float = 0.0, threshold: float = 5.0, *,
               nesterov: bool = False) -> Choice:
        """It is known from this threshold on."""
        return chosen("radam" + "_nesterov"*bool(nesterov), learning_rate, beta1=b1,
                      beta2=b2, eps=eps, eps_root=eps_root, threshold=threshold)


class lion(Alias):
    """The sign of a mean gradient."""

    @staticmethod
    def choose(learning_rate: float, b1: float = 0.9, b2: float = 0.99,
               mu_dtype: Any = None, weight_decay: float = 1e-3, mask: Any = None
               ) -> Choice:
        """b1 and b2 are beta1 and beta2."""
        return chosen("lion", learning_rate, beta1=b1, beta2=b2, weight_decay=weight_decay)


class yogi(Alias):
    """Adam whose second moment moves by steps of bounded size."""

    @staticmethod
    def choose(learning_rate: float, b1: float = 0.9, b2: float = 0.999,
               eps: float = 1e-3) -> Choice:
        """b1 and b2 are beta1 and beta2."""
        return chosen("yogi", learning_rate, beta1=b1, beta2=b2, eps=eps)


class adabelief(Alias):
    """Adam over the mean square of what the first moment did not foresee."""

    @staticmethod
    def choose(learning_rate: float, b1: float = 0.9, b2: float = 0.999,
               eps: float = 1e-16, eps_root: float = 1e-16, *, nesterov: bool = False
               ) -> Choice:
        """eps_root is added to the second moment in every step."""
        return chosen("adabelief" + "_nesterov"*bool(nesterov), learning_rate, beta1=b1,
                      beta2=b2, eps=eps, eps_root=eps_root)


class adan(Alias):
    """Nesterov's momentum by the differences of gradients."""

    @staticmethod
    def choose(learning_rate: float, b1: float = 0.98, b2: float = 0.92, b3: float = 0.99,
               eps: float = 1e-8, eps_root: float = 1e-8, weight_decay: float = 0.0,
               mask: Any = None) -> Choice:
        """b1, b2 and b3 keep the gradient, its differences and the squares."""
        return chosen("adan", learning_rate, beta1=b1, beta2=b2, beta3=b3, eps=eps,
                      eps_root=eps_root, weight_decay=weight_decay)


class rprop(Alias):
    """A size for each entry's step; as in Optax, a step is taken one step late."""

    @staticmethod
    def choose(learning_rate: float, eta_minus: float = 0.5, eta_plus: float = 1.2,
               min_step_size: float = 1e-6, max_step_size: float = 50.0) -> Choice:
        """learning_rate is the first size."""
        return chosen("rprop", learning_rate, eta_minus=eta_minus, eta_plus=eta_plus,
                      size_min=min_step_size, size_max=max_step_size)

    def __init__(self, params: Any, *args: Any, **kwargs: Any):
        super().__init__(params, *args, **kwargs)
        warnings.warn("optax.rprop of 0.2.8 takes the step of the step before, and so does "
                      "this (https://github.com/google-deepmind/optax/pull/1725); "
                      "optim.dialects.torch.Rprop does not", stacklevel=2)


class sign_sgd(Alias):
    """The sign of the gradient."""

    @staticmethod
    def choose(learning_rate: float) -> Choice:
        """learning_rate is lr."""
        return chosen("sign_sgd", learning_rate)


class signum(Alias):
    """The sign of the mean gradient."""

    @staticmethod
    def choose(learning_rate: float, beta: float = 0.9, accumulator_dtype: Any = None
               ) -> Choice:
        """beta is beta1."""
        return chosen("signum", learning_rate, beta1=beta)


class optimistic_gradient_descent(Alias):
    """A gradient ahead and the last one back."""

    @staticmethod
    def choose(learning_rate: float, alpha: float = 1.0, beta: float = 1.0) -> Choice:
        """alpha is how far ahead, beta how much is taken back."""
        return chosen("optimistic_gradient_descent", learning_rate, ahead=alpha, back=beta)


class schedule_free_sgd(Alias):
    """Gradient descent at a point beside the mean of its points; no schedule is needed."""

    @staticmethod
    def choose(learning_rate: float = 1.0, warmup_steps: int | None = None, b1: float = 0.9,
               weight_decay: float | None = None, weight_lr_power: float = 2.0,
               state_dtype: Any = None) -> Choice:
        """b1 is how near the mean the gradient is taken."""
        return warmed("schedule_free_sgd", warmup_steps, learning_rate, beta1=b1,
                      weight_decay=weight_decay or 0, power=weight_lr_power)


class schedule_free_adamw(Alias):
    """Adam without m at a point beside the mean of its points; no schedule is needed."""

    @staticmethod
    def choose(learning_rate: float = 0.0025, warmup_steps: int | None = None,
               b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8,
               weight_decay: float = 0.0, weight_lr_power: float = 2.0,
               state_dtype: Any = None) -> Choice:
        """b1 is how near the mean the gradient is taken."""
        return warmed("schedule_free_adamw", warmup_steps, learning_rate, beta1=b1,
                      beta2=b2, eps=eps, weight_decay=weight_decay, power=weight_lr_power)


def warmed(name: str, steps: int | None, learning_rate: Any, **settings: Any) -> Choice:
    """Optax takes a warm-up of 0 steps as one that is over."""
    return chosen(name + "_warmup"*bool(steps), learning_rate, warmup=steps, **settings)


class lamb(Alias):
    """Adam with decay, each step as long as lr of the parameter."""

    @staticmethod
    def choose(learning_rate: float, b1: float = 0.9, b2: float = 0.999, eps: float = 1e-6,
               eps_root: float = 0.0, weight_decay: float = 0.0, mask: Any = None
               ) -> Choice:
        """eps_root stands inside the root."""
        return chosen(whole_parameters.lamb, learning_rate, beta1=b1, beta2=b2, eps=eps,
                      eps_root=eps_root, weight_decay=weight_decay)


class lars(Alias):
    """Momentum of steps that are each as long as the parameter."""
    without_meaning: ClassVar[tuple[str, ...]] = ()

    @staticmethod
    def choose(learning_rate: float, weight_decay: float = 0.0,
               weight_decay_mask: Any = True, trust_coefficient: float = 0.001,
               eps: float = 0.0, trust_ratio_mask: Any = True, momentum: float = 0.9,
               nesterov: bool = False) -> Choice:
        """momentum is mu; trust_coefficient is the share of theta's length."""
        if weight_decay_mask is not True or trust_ratio_mask is not True:
            raise ValueError("lars: a mask came; parameters that are not to decay or not "
                             "to be measured go into a group of their own")
        rule = whole_parameters.lars_nesterov if nesterov else whole_parameters.lars
        return chosen(rule, learning_rate, weight_decay=weight_decay,
                      trust=trust_coefficient, eps=eps, mu=momentum)


class fromage(Alias):
    """A step as long as lr of the parameter, which is shortened to its length again."""

    @staticmethod
    def choose(learning_rate: float, min_norm: float = 1e-6) -> Choice:
        """min_norm is the least length that counts."""
        return chosen(whole_parameters.fromage, learning_rate, min_norm=min_norm)


class novograd(Alias):
    """Momentum of gradients, each over a mean of their squared norms."""

    @staticmethod
    def choose(learning_rate: float, b1: float = 0.9, b2: float = 0.25, eps: float = 1e-6,
               eps_root: float = 0.0, weight_decay: float = 0.0) -> Choice:
        """b1 and b2 are beta1 and beta2."""
        return chosen(whole_parameters.novograd, learning_rate, beta1=b1, beta2=b2, eps=eps,
                      eps_root=eps_root, weight_decay=weight_decay)


class sm3(Alias):
    """Adagrad that remembers the largest sum of each row and column."""

    @staticmethod
    def choose(learning_rate: float, momentum: float = 0.9) -> Choice:
        """momentum is beta1."""
        return chosen(whole_parameters.sm3, learning_rate, beta1=momentum)


class adafactor(Alias):
    """RMSprop whose v is kept, for large matrices, as a row and a column."""

    @staticmethod
    def choose(learning_rate: float | None = None, min_dim_size_to_factor: int = 128,
               decay_rate: float = 0.8, decay_offset: float = 0,
               multiply_by_parameter_scale: bool = True,
               clipping_threshold: float | None = 1.0, momentum: float | None = None,
               dtype_momentum: Any = np.float32, weight_decay_rate: float | None = None,
               eps: float = 1e-30, factored: bool = True, weight_decay_mask: Any = None
               ) -> Choice:
        """min_dim_size_to_factor is what a matrix has on both sides, at least."""
        rule = whole_parameters.optax_adafactor(
            clipping_threshold is not None, bool(multiply_by_parameter_scale),
            momentum is not None and np.dtype(dtype_momentum) == np.float32)
        return chosen(rule, 1 if learning_rate is None else learning_rate,
                      smallest=min_dim_size_to_factor if factored else 1e300,
                      decay=decay_rate, offset=decay_offset, clip=clipping_threshold or 1,
                      mu=momentum or 0, weight_decay=weight_decay_rate or 0, eps=eps)


def __getattr__(name: str) -> Any:
    raise no_such_name("optim.dialects.optax", name, globals())
