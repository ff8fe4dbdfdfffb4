"""torch.optim 2.13.0: its classes, with its arguments and defaults, on minigrad's tensors.

A script moves over by a change of import. The rules stand in pytorch_rules.py.

>>> import minigrad as mg
>>> p = mg.tensor([1., 2.], requires_grad=True)
>>> opt = RMSprop([p], lr=0.5, alpha=0.75)
>>> (p @ p).backward()
>>> opt.step()
>>> p.numpy().round(6)
array([0., 1.])
"""
from typing import Any, ClassVar

from minigrad.tensors import Tensor

from optim.dialects import pytorch_rules as rules, torch_schedulers, whole_parameters
from optim.dialects.library import LibraryOptimizer, zero_grad
from optim.dialects.pytorch_lbfgs import LBFGS                      # noqa: F401
from optim.hints import no_such_name
from optim.optimizers.groups import Choice

Betas = tuple[float, float]
Optimizer = LibraryOptimizer            # what a script calls torch.optim.Optimizer
lr_scheduler = torch_schedulers
ADAM = {"t": "step", "m": "exp_avg", "v": "exp_avg_sq", "v_max": "max_exp_avg_sq"}


class TorchOptimizer(LibraryOptimizer):
    """What PyTorch's optimizers have in common.

    foreach, fused and capturable say how it computes, not what: they have no effect here.
    """
    without_meaning = "differentiable",
    names: ClassVar[dict[str, str]] = {}        # of the states, where they are Adam's not

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.__doc__ = f"{cls.__doc__}\n\n    As torch.optim.{cls.__name__}; see its help."

    @property
    def state(self) -> dict[Tensor, dict[str, Any]]:
        """What is remembered of each parameter that has moved, by PyTorch's names: copies.
        """
        names = ADAM | self.names
        return {place.tensor: {names.get(name, name): x for name, x in record.items()}
                for place, record in zip(self._places(), self._records()) if record["t"]}
    zero_grad = zero_grad


def chosen(name: str, maximize: bool, **settings: Any) -> Choice:
    return Choice(rules.RULES[name], settings, bool(maximize))


class SGD(TorchOptimizer):
    """Gradient descent, with momentum where it is not 0."""
    names = {"m": "momentum_buffer"}

    @staticmethod
    def choose(lr: float = 1e-3, momentum: float = 0, dampening: float = 0,
               weight_decay: float = 0, nesterov: bool = False, *, maximize: bool = False,
               foreach: bool | None = None, differentiable: bool = False,
               fused: bool | None = None) -> Choice:
        """momentum is mu; nesterov needs it, and no dampening."""
        if nesterov and (momentum <= 0 or dampening):
            raise ValueError("SGD: nesterov needs a momentum above 0 and no dampening; "
                             f"came momentum = {momentum}, dampening = {dampening}")
        if nesterov:
            return chosen("sgd_nesterov", maximize, lr=lr, mu=momentum,
                          weight_decay=weight_decay)
        if momentum:
            return chosen("sgd_dampened" if dampening else "sgd_momentum", maximize, lr=lr,
                          mu=momentum, dampening=dampening, weight_decay=weight_decay)
        return chosen("sgd", maximize, lr=lr, weight_decay=weight_decay)


class Adagrad(TorchOptimizer):
    """Steps divided by the root of all squared gradients so far."""
    names = {"v": "sum"}

    @staticmethod
    def choose(lr: float = 1e-2, lr_decay: float = 0, weight_decay: float = 0,
               initial_accumulator_value: float = 0, eps: float = 1e-10,
               foreach: bool | None = None, *, maximize: bool = False,
               differentiable: bool = False, fused: bool | None = None) -> Choice:
        """initial_accumulator_value is where v starts."""
        return chosen("adagrad", maximize, lr=lr, lr_decay=lr_decay, eps=eps,
                      weight_decay=weight_decay, initial=initial_accumulator_value)


class Adadelta(TorchOptimizer):
    """RMSprop whose learning rate is the size of its own past steps, times lr."""
    names = {"v": "square_avg", "v_delta": "acc_delta"}

    @staticmethod
    def choose(lr: float = 1.0, rho: float = 0.9, eps: float = 1e-6,
               weight_decay: float = 0, foreach: bool | None = None, *,
               capturable: bool = False, maximize: bool = False,
               differentiable: bool = False) -> Choice:
        """All are hyperparameters of the rule."""
        return chosen("adadelta", maximize, lr=lr, rho=rho, eps=eps,
                      weight_decay=weight_decay)


class RMSprop(TorchOptimizer):
    """Adagrad that forgets, over the mean square or the variance; with momentum or not."""
    names = {"v": "square_avg", "m": "momentum_buffer", "g_mean": "grad_avg"}

    @staticmethod
    def choose(lr: float = 1e-2, alpha: float = 0.99, eps: float = 1e-8,
               weight_decay: float = 0, momentum: float = 0, centered: bool = False,
               capturable: bool = False, foreach: bool | None = None,
               maximize: bool = False, differentiable: bool = False) -> Choice:
        """alpha is rho, momentum is mu."""
        name = "rmsprop" + "_centered"*bool(centered) + "_momentum"*bool(momentum)
        return chosen(name, maximize, lr=lr, rho=alpha, eps=eps, mu=momentum,
                      weight_decay=weight_decay)


class Adam(TorchOptimizer):
    """The mean gradient in units of its root mean square."""

    @staticmethod
    def choose(lr: float = 1e-3, betas: Betas = (0.9, 0.999), eps: float = 1e-8,
               weight_decay: float = 0, amsgrad: bool = False, *,
               foreach: bool | None = None, maximize: bool = False,
               capturable: bool = False, differentiable: bool = False,
               fused: bool | None = None, decoupled_weight_decay: bool = False) -> Choice:
        """With decoupled_weight_decay this is AdamW."""
        name = ("adamw" if decoupled_weight_decay else "adam") + "_amsgrad"*bool(amsgrad)
        return chosen(name, maximize, lr=lr, beta1=betas[0], beta2=betas[1], eps=eps,
                      weight_decay=weight_decay)


class AdamW(TorchOptimizer):
    """Adam that takes lr*weight_decay of the parameters off."""

    @staticmethod
    def choose(lr: float = 1e-3, betas: Betas = (0.9, 0.999), eps: float = 1e-8,
               weight_decay: float = 1e-2, amsgrad: bool = False, *,
               maximize: bool = False, foreach: bool | None = None,
               capturable: bool = False, differentiable: bool = False,
               fused: bool | None = None) -> Choice:
        """All are hyperparameters of the rule."""
        return Adam.choose(lr, betas, eps, weight_decay, amsgrad, maximize=maximize,
                           decoupled_weight_decay=True)


class Adamax(TorchOptimizer):
    """Adam with the largest recent |g| + eps in place of the root mean square."""
    names = {"v": "exp_inf"}

    @staticmethod
    def choose(lr: float = 2e-3, betas: Betas = (0.9, 0.999), eps: float = 1e-8,
               weight_decay: float = 0, foreach: bool | None = None, *,
               maximize: bool = False, differentiable: bool = False,
               capturable: bool = False) -> Choice:
        """All are hyperparameters of the rule."""
        return chosen("adamax", maximize, lr=lr, beta1=betas[0], beta2=betas[1], eps=eps,
                      weight_decay=weight_decay)


class NAdam(TorchOptimizer):
    """Adam with Nesterov's momentum, whose schedule m does not follow."""

    @staticmethod
    def choose(lr: float = 2e-3, betas: Betas = (0.9, 0.999), eps: float = 1e-8,
               weight_decay: float = 0, momentum_decay: float = 4e-3,
               decoupled_weight_decay: bool = False, *, foreach: bool | None = None,
               maximize: bool = False, capturable: bool = False,
               differentiable: bool = False) -> Choice:
        """momentum_decay is psi."""
        return chosen("nadam" + "_decoupled"*bool(decoupled_weight_decay), maximize, lr=lr,
                      beta1=betas[0], beta2=betas[1], eps=eps, psi=momentum_decay,
                      weight_decay=weight_decay)


class RAdam(TorchOptimizer):
    """Adam once the variance of its denominator is known, and momentum until then."""

    @staticmethod
    def choose(lr: float = 1e-3, betas: Betas = (0.9, 0.999), eps: float = 1e-8,
               weight_decay: float = 0, decoupled_weight_decay: bool = False, *,
               foreach: bool | None = None, maximize: bool = False,
               capturable: bool = False, differentiable: bool = False) -> Choice:
        """All are hyperparameters of the rule."""
        return chosen("radam" + "_decoupled"*bool(decoupled_weight_decay), maximize, lr=lr,
                      beta1=betas[0], beta2=betas[1], eps=eps, weight_decay=weight_decay)


class Rprop(TorchOptimizer):
    """A size for each entry's step: longer while the sign of g stays, else shorter."""
    names = {"g_prev": "prev", "size": "step_size"}

    @staticmethod
    def choose(lr: float = 1e-2, etas: tuple[float, float] = (0.5, 1.2),
               step_sizes: tuple[float, float] = (1e-6, 50), *, capturable: bool = False,
               foreach: bool | None = None, maximize: bool = False,
               differentiable: bool = False) -> Choice:
        """etas are the factors of a size, step_sizes its bounds."""
        if not 0 < etas[0] < 1 < etas[1]:
            raise ValueError(f"Rprop: etas = {etas}; needs a pair a < 1 < b above 0")
        return chosen("rprop", maximize, lr=lr, eta_minus=etas[0], eta_plus=etas[1],
                      size_min=step_sizes[0], size_max=step_sizes[1])


class ASGD(TorchOptimizer):
    """Gradient descent whose lr falls, and the mean of where it was, kept beside."""
    names = {"lr_now": "eta", "share": "mu", "theta_mean": "ax"}

    @staticmethod
    def choose(lr: float = 1e-2, lambd: float = 1e-4, alpha: float = 0.75,
               t0: float = 1e6, weight_decay: float = 0, foreach: bool | None = None,
               maximize: bool = False, differentiable: bool = False,
               capturable: bool = False) -> Choice:
        """lr falls as 1/(1 + lambd*lr*t)**alpha; the mean begins after step t0."""
        return chosen("asgd", maximize, lr=lr, fall=lambd, power=alpha, t_mean=t0,
                      weight_decay=weight_decay)


class Adafactor(TorchOptimizer):
    """RMSprop whose v is kept, for matrices, as a row and a column, and whose steps are as
    long as the parameter."""
    names = {"v_row": "row_var", "v_col": "col_var"}

    @staticmethod
    def choose(lr: float = 1e-2, beta2_decay: float = -0.8,
               eps: tuple[float | None, float] = (None, 1e-3), d: float = 1.0,
               weight_decay: float = 0.0, *, foreach: bool | None = None,
               maximize: bool = False) -> Choice:
        """eps bounds v and the size of theta, d is where a step is clipped."""
        settings = dict(lr=lr, decay=beta2_decay, eps_theta=eps[1], clip=d,
                        weight_decay=weight_decay)
        if eps[0] is None:
            return Choice(whole_parameters.torch_adafactor_machine, settings, maximize)
        return Choice(whole_parameters.torch_adafactor, settings | {"eps": eps[0]},
                      maximize)


MISSING = {
    "Muon": "it works on matrices",
    "SparseAdam": "gradients are dense here: Adam"}


def __getattr__(name: str) -> Any:
    """Say of what torch.optim has and this has not what there is."""
    why = f": {MISSING[name]}" if name in MISSING else ""
    raise no_such_name("optim.dialects.torch", name, globals(), why)
