"""The workloads in PyTorch, as its users write them."""
from typing import Any

from optim.benchmarks.layered_networks import NETWORKS, built
from optim.benchmarks.workloads import (
    Run, Workload, batches_as, chain, parameters, point, tensors, valley)


def torch_default(workload: Workload) -> Run:
    """Eager, with its optimizer as it is by default."""
    return in_torch(workload)


def torch_fused(workload: Workload) -> Run:
    """Eager, with Adam in one kernel."""
    if workload.kind in ("chain", "hessian"):
        raise NotImplementedError("there is no optimizer in it")
    return in_torch(workload, fused=True)


def torch_compiled(workload: Workload) -> Run:
    """torch.compile of the loss, Adam in one kernel."""
    if workload.kind != "training":
        raise NotImplementedError("torch.compile is measured on training steps")
    return in_torch(workload, compiled=True, fused=True)


def in_torch(workload: Workload, compiled: bool = False, **options: Any) -> Run:
    """A workload; the options are those of torch.optim.Adam."""
    if workload.kind == "training" or workload.kind in NETWORKS:
        return training(workload, compiled, options)
    return adam(workload, options) if workload.kind == "adam" else derivative(workload)


def copies(moved: list[Any]) -> list[Any]:
    """The values of parameters by now."""
    return [tensor.detach().numpy().copy() for tensor in moved]


def perceptron(workload: Workload) -> tuple[list[Any], Any]:
    """The parameters, with the values that all start from, and the network."""
    import torch
    moved = [torch.nn.Parameter(torch.tensor(p)) for p in parameters(workload)]
    layers: list[Any] = []
    for weight, bias in zip(moved[::2], moved[1::2]):
        layers += [torch.nn.Linear(*weight.shape[::-1]), torch.nn.ReLU()]
        layers[-2].weight, layers[-2].bias = weight, bias
    return moved, torch.nn.Sequential(*layers[:-1])


def training(workload: Workload, compiled: bool, options: dict[str, Any]) -> Run:
    import torch
    moved, model = perceptron(workload) if workload.kind == "training" else built(
        torch.nn, workload.kind, workload.sizes, torch.tensor)
    optimizer = torch.optim.Adam(moved, **options)
    data, functional = batches_as(torch.tensor, workload), torch.nn.functional
    loss_of = functional.cross_entropy if workload.sizes[-1] > 1 else functional.mse_loss

    def forward(x: Any, y: Any) -> Any:
        return loss_of(model(x), y)
    loss_at = torch.compile(forward) if compiled else forward

    def step() -> Any:
        optimizer.zero_grad()
        loss = loss_at(*next(data))
        loss.backward()
        optimizer.step()
        return loss.detach()
    return Run(step, lambda: copies(moved))


def adam(workload: Workload, options: dict[str, Any]) -> Run:
    import torch
    moved = []
    for values, gradient in tensors(workload):
        moved.append(torch.tensor(values, requires_grad=True))
        moved[-1].grad = torch.tensor(gradient)
    return Run(torch.optim.Adam(moved, **options).step, lambda: copies(moved))


def derivative(workload: Workload) -> Run:
    import torch
    x = torch.tensor(point(workload), requires_grad=workload.kind == "chain")
    if workload.kind == "hessian":
        second = torch.func.hessian(valley)
        return Run(lambda: second(x), lambda: [second(x).numpy()])

    def slope() -> Any:
        x.grad = None
        value = chain(x, workload.sizes[0])
        value.backward()
        return value.detach(), x.grad
    return Run(slope, lambda: copies([*slope()]))
