"""keras.optimizers 3.15.1: its classes, with its arguments and defaults, on minigrad's
tensors, which come first here. The rules stand in keras_rules.py.

>>> import minigrad as mg
>>> p = mg.tensor([1., 2.], requires_grad=True)
>>> opt = SGD([p], learning_rate=0.25)
>>> (p @ p).backward()
>>> opt.step()
>>> p.numpy()
array([0.5, 1. ])
"""
from typing import Any

from optim.dialects import keras_rules as rules, whole_parameters
from optim.dialects.library import LibraryOptimizer
from optim.hints import no_such_name
from optim.optimizers.groups import Choice
from optim.optimizers.signatures import Rule


class KerasOptimizer(LibraryOptimizer):
    """What Keras's optimizers have in common.

    A schedule of Keras's is called, as there, with the count of the steps before this one.
    Clipping, means of the weights, loss scales and accumulation are no part of a rule; what
    asks for them is refused.
    """
    counts_from_0 = True
    also = {"clipnorm": None, "clipvalue": None, "global_clipnorm": None, "use_ema": False,
            "ema_momentum": 0.99, "ema_overwrite_frequency": None,
            "loss_scale_factor": None, "gradient_accumulation_steps": None, "name": None}
    without_meaning = tuple(also.keys() - {"ema_momentum", "name"})

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.__doc__ = f"{cls.__doc__}\n\n    As keras.optimizers.{cls.__name__}."


def chosen(name: str | Rule, learning_rate: Any, weight_decay: float | None,
           **settings: Any) -> Choice:
    return Choice(rules.RULES[name] if isinstance(name, str) else name, settings | {
        "lr": learning_rate, "weight_decay": weight_decay or 0})


class SGD(KerasOptimizer):
    """Gradient descent, with momentum where it is not 0."""

    @staticmethod
    def choose(learning_rate: float = 0.01, momentum: float = 0.0, nesterov: bool = False,
               weight_decay: float | None = None) -> Choice:
        """momentum is mu."""
        name = "sgd" if not momentum else "sgd_nesterov" if nesterov else "sgd_momentum"
        return chosen(name, learning_rate, weight_decay, mu=momentum)


class Adagrad(KerasOptimizer):
    """Steps divided by the root of all squared gradients so far and eps."""

    @staticmethod
    def choose(learning_rate: float = 0.001, initial_accumulator_value: float = 0.1,
               epsilon: float = 1e-7, weight_decay: float | None = None) -> Choice:
        """initial_accumulator_value is where v starts."""
        return chosen("adagrad", learning_rate, weight_decay, eps=epsilon,
                      initial=initial_accumulator_value)


class Adadelta(KerasOptimizer):
    """RMSprop whose learning rate is the size of its own past steps, times lr."""

    @staticmethod
    def choose(learning_rate: float = 0.001, rho: float = 0.95, epsilon: float = 1e-7,
               weight_decay: float | None = None) -> Choice:
        """With learning_rate 1.0 it is the paper's."""
        return chosen("adadelta", learning_rate, weight_decay, rho=rho, eps=epsilon)


class RMSprop(KerasOptimizer):
    """Adagrad that forgets, over the mean square or the variance; with momentum or not."""

    @staticmethod
    def choose(learning_rate: float = 0.001, rho: float = 0.9, momentum: float = 0.0,
               epsilon: float = 1e-7, centered: bool = False,
               weight_decay: float | None = None) -> Choice:
        """momentum is mu."""
        name = "rmsprop" + "_centered"*bool(centered) + "_momentum"*bool(momentum)
        return chosen(name, learning_rate, weight_decay, rho=rho, eps=epsilon, mu=momentum)


class Adam(KerasOptimizer):
    """The mean gradient in units of its root mean square, with epsilon hat."""

    @staticmethod
    def choose(learning_rate: float = 0.001, beta_1: float = 0.9, beta_2: float = 0.999,
               epsilon: float = 1e-7, amsgrad: bool = False,
               weight_decay: float | None = None) -> Choice:
        """With amsgrad, over the largest v so far."""
        return chosen("adam" + "_amsgrad"*bool(amsgrad), learning_rate, weight_decay,
                      beta1=beta_1, beta2=beta_2, eps=epsilon)


class AdamW(KerasOptimizer):
    """Adam that takes lr*weight_decay of the parameters off."""

    @staticmethod
    def choose(learning_rate: float = 0.001, weight_decay: float | None = 0.004,
               beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-7,
               amsgrad: bool = False) -> Choice:
        """Adam with another default."""
        return Adam.choose(learning_rate, beta_1, beta_2, epsilon, amsgrad, weight_decay)


class Adamax(KerasOptimizer):
    """Adam with the largest recent |g| in place of the root mean square."""

    @staticmethod
    def choose(learning_rate: float = 0.001, beta_1: float = 0.9, beta_2: float = 0.999,
               epsilon: float = 1e-7, weight_decay: float | None = None) -> Choice:
        """beta_1 and beta_2 are beta1 and beta2."""
        return chosen("adamax", learning_rate, weight_decay, beta1=beta_1, beta2=beta_2,
                      eps=epsilon)


class Nadam(KerasOptimizer):
    """Adam with Nesterov's momentum, on a schedule 250 times as fast as Dozat's."""

    @staticmethod
    def choose(learning_rate: float = 0.001, beta_1: float = 0.9, beta_2: float = 0.999,
               epsilon: float = 1e-7, weight_decay: float | None = None) -> Choice:
        """beta_1 and beta_2 are beta1 and beta2."""
        return chosen("nadam", learning_rate, weight_decay, beta1=beta_1, beta2=beta_2,
                      eps=epsilon)


class Lion(KerasOptimizer):
    """The sign of a mean gradient."""

    @staticmethod
    def choose(learning_rate: float = 0.001, beta_1: float = 0.9, beta_2: float = 0.99,
               weight_decay: float | None = None) -> Choice:
        """beta_1 and beta_2 are beta1 and beta2."""
        return chosen("lion", learning_rate, weight_decay, beta1=beta_1, beta2=beta_2)


class Ftrl(KerasOptimizer):
    """Follow the regularized leader: theta is where all linear losses so far are least."""

    @staticmethod
    def choose(learning_rate: float = 0.001, learning_rate_power: float = -0.5,
               initial_accumulator_value: float = 0.1,
               l1_regularization_strength: float = 0.0,
               l2_regularization_strength: float = 0.0,
               l2_shrinkage_regularization_strength: float = 0.0, beta: float = 0.0,
               weight_decay: float | None = None) -> Choice:
        """beta is added to the rates' roots; the strengths are l1, l2 and shrinkage."""
        return chosen("ftrl", learning_rate, weight_decay, power=-learning_rate_power,
                      initial=initial_accumulator_value, l1=l1_regularization_strength,
                      l2=l2_regularization_strength, offset=beta,
                      shrinkage=l2_shrinkage_regularization_strength)


class ScheduleFreeAdamW(KerasOptimizer):
    """Adam at a point between its own and the mean of those; no schedule is needed."""

    @staticmethod
    def choose(learning_rate: float = 0.0025, beta_1: float = 0.9, beta_2: float = 0.999,
               epsilon: float = 1e-8, warmup_steps: int = 0,
               weight_decay: float | None = None) -> Choice:
        """beta_1 is how near the mean the gradient is taken."""
        return chosen("schedule_free_adamw", learning_rate, weight_decay, beta1=beta_1,
                      beta2=beta_2, eps=epsilon, warmup=max(warmup_steps, 1))


class Lamb(KerasOptimizer):
    """Adam with steps as long as lr of the parameter."""

    @staticmethod
    def choose(learning_rate: float = 0.001, beta_1: float = 0.9, beta_2: float = 0.999,
               epsilon: float = 1e-7, weight_decay: float | None = None) -> Choice:
        """beta_1 and beta_2 are beta1 and beta2."""
        return chosen(whole_parameters.keras_lamb, learning_rate, weight_decay,
                      beta1=beta_1, beta2=beta_2, eps=epsilon)


class Adafactor(KerasOptimizer):
    """RMSprop whose v is kept, for matrices, as a row and a column, and whose steps are as
    long as the parameter."""

    @staticmethod
    def choose(learning_rate: float = 0.001, beta_2_decay: float = -0.8,
               epsilon_1: float = 1e-30, epsilon_2: float = 1e-3,
               clip_threshold: float = 1.0, relative_step: bool = True,
               weight_decay: float | None = None) -> Choice:
        """relative_step changes nothing, in Keras neither."""
        return chosen(whole_parameters.keras_adafactor, learning_rate, weight_decay,
                      decay=beta_2_decay, eps=epsilon_1, eps_theta=epsilon_2,
                      clip=clip_threshold)


def __getattr__(name: str) -> Any:
    raise no_such_name("optim.dialects.keras", name, globals())
