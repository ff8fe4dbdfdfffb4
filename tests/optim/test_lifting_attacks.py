"""Implementations whose formula would come out wrong if a guard were missing.

Each is lifted to a formula that does what it does at fresh points, over long runs and with
gradients of several scales, or is refused by a word that tells of what.
"""
import copy
import decimal
import fractions
import math
import random
import re
import time
import types

import numpy as np
import pytest
import torch

import optim
from optim.lifting.graph import Node, letter
from optim.lifting.named_norms import norms_of, stepped
from optim.lifting.pytorch_steps import TorchClass
from optim.lifting.rule_source import written
from optim.optimizers.signatures import first_states

REFUSALS = NotImplementedError, TypeError, ValueError
EXACT = 1e-9                            # of float64 whose operations are in another order
KEPT = {"count": 0, "m": None}          # what a module keeps
CLOSED = [0]


class Plain(torch.optim.Optimizer):
    """Gradient descent along what `along` makes of the gradient."""

    def __init__(self, params, lr=0.1):
        super().__init__(params, {"lr": lr})
        self.own = types.SimpleNamespace(count=0)
        self.count, self.m, self.numbers = 0, None, [0.0]

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                s = self.state[p]
                if not s:
                    s["step"], s["m"] = 0, torch.zeros_like(p)
                s["step"] += 1
                p.sub_(group["lr"]*self.along(p.grad, p, s, group))


def made(name, along):
    return type(name, (Plain,), {"along": along, "__module__": __name__})


def counted_on_itself(self, g, p, s, group):
    self.count += 1
    return g*(2 if self.count > 100 else 1)


def counted_in_a_list(self, g, p, s, group):
    self.numbers[0] += 1
    return g*(2 if self.numbers[0] > 1000 else 1)


def counted_in_an_object(self, g, p, s, group):
    self.own.count += 1
    return g*(2 if self.own.count > 1000 else 1)


def counted_on_the_class(self, g, p, s, group):
    type(self).steps = getattr(type(self), "steps", 0) + 1
    return g*(2 if type(self).steps > 10**4 else 1)


def counted_in_the_module(self, g, p, s, group):
    KEPT["count"] += 1
    return g*(2 if KEPT["count"] > 10**5 else 1)


def counted_in_a_closure(held=CLOSED):
    def along(self, g, p, s, group):
        held[0] += 1
        return g*(2 if held[0] > 10**5 else 1)
    return along


def counted_in_a_default(self, g, p, s, group, held=[0]):
    held[0] += 1
    return g*(2 if held[0] > 10**5 else 1)


def momentum_on_itself(self, g, p, s, group):
    if self.m is None or self.m.shape != g.shape:
        self.m = torch.zeros_like(g)
    self.m.mul_(0.9).add_(g)
    return self.m.clone()


def momentum_in_a_group(self, g, p, s, group):
    group.setdefault("m", {}).setdefault(id(p), torch.zeros_like(g)).mul_(0.9).add_(g)
    return group["m"][id(p)]


def momentum_in_a_list(self, g, p, s, group):
    s.setdefault("all", [torch.zeros_like(g)])[0].mul_(0.9).add_(g)
    return s["all"][0]


def momentum_in_a_dict(self, g, p, s, group):
    s.setdefault("all", {"m": torch.zeros_like(g)})["m"].mul_(0.9).add_(g)
    return s["all"]["m"]


def momentum_on_the_parameter(self, g, p, s, group):
    p.kept = 0.9*getattr(p, "kept", torch.zeros_like(g)) + g
    return p.kept


def a_tiny_memory(self, g, p, s, group):
    self.tiny = getattr(self, "tiny", torch.zeros_like(g)*0).sum()*0 + g.sum()
    return g + 1e-12*self.tiny


def toggled(self, g, p, s, group):
    s["odd"] = not s.get("odd", False)
    return g if s["odd"] else g/2


def last_gradient_as_numbers(self, g, p, s, group):
    s["last"] = s["m"].tolist()
    s["m"].copy_(g)
    return g + torch.tensor(s["last"])


def counter_by_two(self, g, p, s, group):
    s["step"] += 1
    return g/s["step"]


def counter_that_starts_again(self, g, p, s, group):
    if s["step"] >= 200:
        s["step"] = 0
    return g/(1 + s["step"])


def late(self, g, p, s, group):
    return g/2 if s["step"] > 100 else g


def at_one_step(self, g, p, s, group):
    return 3*g if s["step"] == 57 else g


def every_seventh(self, g, p, s, group):
    return 2*g if s["step"] % 7 == 0 else g


def very_late(self, g, p, s, group):
    return g*(1 if s["step"] < 5000 else 2)


def halved_by_step(self, g, p, s, group):
    return g*0.5**(s["step"]//10)


def int_of_step(self, g, p, s, group):
    return g*0.5**int(s["step"]/10)


def a_schedule_inside(self, g, p, s, group):
    group["lr"] = group["lr"]*0.9
    return g


def clock(self, g, p, s, group):
    return g*(1 + 1e-3*(time.time() % 1))


def chance(self, g, p, s, group):
    return g*random.random()


def torch_chance(self, g, p, s, group):
    return g*torch.rand_like(g)


def bernoulli(self, g, p, s, group):
    return g*torch.empty_like(g).bernoulli_(0.999)


def by_number_of_entries(self, g, p, s, group):
    return g/math.sqrt(p.numel())


def by_shape(self, g, p, s, group):
    return g - g.mean() if g.dim() > 1 else g


def by_one_entry(self, g, p, s, group):
    return 2*g if p.dim() == 0 else g


def the_first_parameter(self, g, p, s, group):
    return g if p is group["params"][0] else 2*g


def clipped_by_norm(self, g, p, s, group):
    return g/g.norm() if g.norm() > 1 else g


def clipped_by_large_norm(self, g, p, s, group):
    return g/g.norm() if g.norm() > 1e4 else g


def all_positive(self, g, p, s, group):
    return 2*g if (g > -1e5).all() else g


def by_sum_of_state(self, g, p, s, group):
    s["m"].mul_(0.9).add_(g)
    return s["m"] if s["m"].sum() > -1e3 else -s["m"]


def exact_zeros(self, g, p, s, group):
    return torch.where(g == 0, torch.ones_like(g), g)


def signs(self, g, p, s, group):
    return torch.sign(g) + (g < 0)*g


def masks_as_numbers(self, g, p, s, group):
    return g*((g > 0).to(g.dtype) - (g < -1).double())


def masks_added(self, g, p, s, group):
    return g*((g > 0).int() + (g > 1).int())


def masks_together(self, g, p, s, group):
    return g*((g > 0) + (g > 1))


def small_integers(self, g, p, s, group):
    return g.long().double() + g


def in_float32(self, g, p, s, group):
    return g.float().double()


def half_precision(self, g, p, s, group):
    return g.to(torch.bfloat16).to(torch.float64)


def a_state_in_float32(self, g, p, s, group):
    low = s.setdefault("low", torch.zeros(g.shape, dtype=torch.float32))
    return low.mul_(0.9).add_(g).double()


def nan_to_number(self, g, p, s, group):
    return torch.nan_to_num(g)


def through_data(self, g, p, s, group):
    p.data.mul_(1 - group["lr"])
    p.data = p.data.view(-1).view(p.shape) - 0.0
    return g


def through_detach(self, g, p, s, group):
    g.detach().mul_(2)
    return g


def through_out(self, g, p, s, group):
    torch.mul(g, 3, out=g)
    return g


def through_numpy(self, g, p, s, group):
    return torch.from_numpy(np.abs(g.numpy()))


def through_list(self, g, p, s, group):
    return torch.tensor(g.tolist())*2


def through_entries(self, g, p, s, group):
    return g*g.reshape(-1)[0]


def of_a_list_of_numbers(self, g, p, s, group):
    return g*torch.tensor([group["lr"], group["lr"]]).sum()


def float_of_lr(self, g, p, s, group):
    return g if float(group["lr"]) < 3 else 2*g


def int_of_lr(self, g, p, s, group):
    return g*(1 + int(group["lr"]))


def rounded_lr(self, g, p, s, group):
    return g*round(group["lr"] + 1)


def rounded_to_digits(self, g, p, s, group):
    return g*round(group["lr"], 1)


def pythons_own(self, g, p, s, group):
    lr = group["lr"]
    return g*(max(lr, 0.5) + min([lr, 0.4]) + abs(-lr) + sum([lr, lr]) + pow(lr, 2)
              + divmod(3, lr)[1])


def of_math(self, g, p, s, group):
    lr = group["lr"]
    return g*(math.log2(1 + lr) + math.atan(lr) + math.hypot(lr, 2) + math.log10(2 + lr))


def of_math_of_many(self, g, p, s, group):
    return g*math.fsum([group["lr"], 1])


def of_math_with_a_base(self, g, p, s, group):
    return g*math.log(group["lr"] + 1, 2)


def of_decimal(self, g, p, s, group):
    return g*float(decimal.Decimal(group["lr"])*2)


def of_fractions(self, g, p, s, group):
    return g*float(fractions.Fraction(group["lr"]))


def through_text(self, g, p, s, group):
    return g*float(f"{group['lr']:.1f}")


def whole_as_text(self, g, p, s, group):
    return g*(1 if str(group["lr"]).startswith("0") else 2)


def copied_state(self, g, p, s, group):
    self.state[p] = copy.deepcopy(s)
    self.state[p]["m"].mul_(0.9).add_(g)
    return copy.deepcopy(self.state[p]["m"])


def outer_product(self, g, p, s, group):
    flat = g.reshape(-1)
    return (flat.unsqueeze(0)*flat.unsqueeze(1)).sum(0).view_as(g)


def matrix_product(self, g, p, s, group):
    return g*(g.reshape(-1) @ g.reshape(-1))


def einsum(self, g, p, s, group):
    return g*torch.einsum("i,i->", g.reshape(-1), g.reshape(-1))


def cumulative(self, g, p, s, group):
    return torch.cumsum(g.reshape(-1), 0).view_as(g)


def in_order(self, g, p, s, group):
    return torch.sort(g.reshape(-1))[0].view_as(g)


def rolled(self, g, p, s, group):
    return torch.roll(g, 1)


def largest(self, g, p, s, group):
    flat = g.reshape(-1)
    return g*(g >= torch.topk(flat, 1)[0])


def largest_of_all(self, g, p, s, group):
    return g/torch.max(g.abs())


def centred(self, g, p, s, group):
    return g - g.mean(dim=-1, keepdim=True) if g.dim() else g


def deviation(self, g, p, s, group):
    return g/(1 + g.std(correction=0))


def divided_with_rounding(self, g, p, s, group):
    return torch.div(g, 0.3, rounding_mode="floor")


def scaled_sum(self, g, p, s, group):
    return torch.add(g, p, alpha=0.5) + torch.sub(g, p, alpha=2) + torch.rsub(g, p, alpha=3)


def a_part_is_written(self, g, p, s, group):
    g.view(-1)[:1] = 0
    return g


def a_part_in_place(self, g, p, s, group):
    g.view(-1)[0].mul_(2)
    return g


def a_mask_is_written(self, g, p, s, group):
    g[g > 0.5] = 0.5
    return g


def lists_of_tensors(self, g, p, s, group):
    torch._foreach_lerp_([s["m"]], [g], 0.1)
    torch._foreach_addcdiv_([g], [s["m"]], [g.abs() + 1], [2.0])
    return g


def with_grad(self, g, p, s, group):
    with torch.enable_grad():
        x = p.detach().requires_grad_()
        (x**2).sum().backward()
    return g + x.grad


def bits(self, g, p, s, group):
    return g*(torch.tensor(s["step"]).long() & 2)


# What each is refused for, by a word of the error; None where it lifts.
CASES = {
    counted_on_itself: "count", counted_in_a_list: "numbers", counted_on_the_class: "steps",
    counted_in_an_object: "count", counted_in_the_module: "KEPT",
    counted_in_a_default: "default|held", momentum_on_itself: "two ways",
    momentum_in_a_group: "elsewhere", momentum_in_a_list: "elsewhere",
    momentum_in_a_dict: "elsewhere", momentum_on_the_parameter: "elsewhere",
    a_tiny_memory: "two ways", toggled: "odd", last_gradient_as_numbers: "of a list",
    counter_by_two: "does not count", counter_that_starts_again: "does not count",
    late: None, at_one_step: None, every_seventh: None, very_late: None,
    halved_by_step: None, int_of_step: "int", a_schedule_inside: "gives|lr",
    clock: "two ways|gives|outside", chance: "two ways", torch_chance: "rand",
    bernoulli: "bernoulli",
    by_number_of_entries: "gives", by_shape: "gives", by_one_entry: "gives",
    the_first_parameter: "two ways", clipped_by_norm: None, clipped_by_large_norm: None,
    all_positive: "all", by_sum_of_state: "sum|elementwise", exact_zeros: None,
    signs: None, masks_as_numbers: None, masks_added: "int32", masks_together: None,
    small_integers: "int64", in_float32: "float32", half_precision: "bfloat16",
    a_state_in_float32: "float32", nan_to_number: "nan_to_num", through_data: None,
    through_detach: None, through_out: None, through_numpy: "numpy", through_list: "tolist",
    through_entries: "getitem", of_a_list_of_numbers: "list", float_of_lr: "float",
    int_of_lr: "int", rounded_lr: None, rounded_to_digits: "round",
    pythons_own: None, of_math: None, of_math_of_many: "fsum", of_math_with_a_base: "log",
    of_decimal: "", of_fractions: "", through_text: "", whole_as_text: "text",
    copied_state: None, outer_product: "mixed", matrix_product: "matmul", einsum: "einsum",
    cumulative: "cumsum", in_order: "sort", rolled: "roll", largest: "topk",
    largest_of_all: "max", centred: "mean", deviation: "std",
    divided_with_rounding: "rounding_mode", scaled_sum: None,
    a_part_is_written: "__setitem__|x\\[index\\]|getitem", a_part_in_place: "getitem",
    a_mask_is_written: None, lists_of_tensors: None,
    with_grad: "backward|not given|gives", bits: "bit"}


def same_as_running(target, formula, steps=150):
    """Raise unless the rule and the class do the same at fresh points."""
    for seed, (lr, scale) in enumerate([(0.1, 1), (0.7, 1e3), (2.5, 1e-6), (0.01, 30)]):
        rng = np.random.default_rng(100 + seed)
        theta, gradients = rng.normal(size=9), scale*rng.normal(size=(steps, 9))
        gradients[rng.random((steps, 9)) < 0.1] = 0
        settings = {name: default if name != "lr" else lr
                    for name, default in target.hyper.items()}
        any_norm = settings | dict.fromkeys(norms_of(formula.rule), 1)
        now = [(x, *first_states(formula.rule, x, any_norm).values())
               for x in target.parameters(theta)]
        ran = target.trajectory(settings, theta.copy(), gradients)
        for t, (g, came) in enumerate(zip(gradients, ran), 1):
            now = stepped(formula.rule, [(x, own, *states) for (x, *states), own in zip(
                now, target.parameters(g))], t, settings)
            for own, (x, *_) in zip(target.parameters(came), now):
                np.testing.assert_allclose(own, x, rtol=EXACT, atol=EXACT*scale)


@pytest.mark.parametrize("along", CASES, ids=lambda f: f.__name__)
def test_what_torch_does_is_lifted_rightly_or_refused_by_name(along):
    cls, word = made(along.__name__.title(), along), CASES[along]
    if word is None:
        return same_as_running(TorchClass(cls, {}), optim.lift(cls))
    with pytest.raises(REFUSALS, match=f"(?i){word}"):
        optim.lift(cls)
    return None


def test_a_count_in_a_closure_is_refused():
    with pytest.raises(REFUSALS, match="held"):
        optim.lift(made("Closed", counted_in_a_closure()))


# ------------------------------------------------------------------------- Optax and JAX
def transform(along):
    """A function that makes a GradientTransformation along what `along` makes of g."""
    import jax
    import optax

    def make(learning_rate):
        return optax.stateless(lambda updates, params: jax.tree.map(
            lambda g, p: -learning_rate*along(g, p, learning_rate), updates, params))
    make.__module__ = "optax.of_a_test"
    return make


def loop(jax, g):
    return jax.lax.fori_loop(0, 3, lambda i, x: x*g, g)


OF_JAX = {
    "int": lambda j, g, p, lr: g + g.astype(int), "float32": lambda j, g, p, lr: g.astype(
        "float32").astype("float64"),
    "reduce_precision": lambda j, g, p, lr: j.lax.reduce_precision(g, 8, 4),
    "cumsum": lambda j, g, p, lr: j.numpy.cumsum(g),
    "sort": lambda j, g, p, lr: j.numpy.sort(g, axis=None).reshape(g.shape),
    "depends on": lambda j, g, p, lr: (g.ravel()[:, None]*g.ravel()[None]).sum(0).reshape(
        g.shape),
    "not elementwise": lambda j, g, p, lr: j.numpy.flip(g),
    "elementwise|sum": lambda j, g, p, lr: j.lax.cond(
        g.sum() > 1, lambda: g, lambda: 2*g),
    "random|constants": lambda j, g, p, lr: g*j.random.uniform(j.random.key(0), g.shape),
    "": lambda j, g, p, lr: g*float(lr)}
RIGHT_IN_JAX = {
    "loop": lambda j, g, p, lr: loop(j, g),
    "norm": lambda j, g, p, lr: g/j.numpy.sqrt((g**2).sum()),
    "norm squared": lambda j, g, p, lr: g*(g.ravel() @ g.ravel()),
    "masks": lambda j, g, p, lr: g*((g > 0) + 0.5*(g > 1).astype(g.dtype)),
    "where": lambda j, g, p, lr: j.numpy.where(g == 0, 1.0, g)*j.numpy.sign(p),
    "powers": lambda j, g, p, lr: g**3 - (-g)**2 + 2.0**-lr,
    "clip": lambda j, g, p, lr: j.numpy.clip(g, -lr, 1)}


@pytest.mark.parametrize("word", OF_JAX)
def test_what_jax_mixes_or_rounds_is_refused_by_name(word):
    import jax
    with pytest.raises((*REFUSALS, jax.errors.JAXTypeError), match=f"(?i){word}"):
        optim.lift(transform(lambda *args: OF_JAX[word](jax, *args)))


@pytest.mark.parametrize("name", RIGHT_IN_JAX)
def test_what_jax_does_by_entry_is_lifted_rightly(name):
    import jax
    from optim.lifting.optax_steps import OptaxFunction
    make = transform(lambda *args: RIGHT_IN_JAX[name](jax, *args))
    same_as_running(OptaxFunction(make, {}), optim.lift(make), steps=10)


# --------------------------------------------------------------------- graphs as source
BINARY = [np.add, np.subtract, np.multiply, np.true_divide, np.power, np.floor_divide,
          np.remainder, np.maximum]
COMPARED = [np.less, np.greater_equal, np.equal]
LETTERS = {"theta": 1.3, "g": -0.7, "lr": 0.4, "t": 3}


def drawn(rng, depth):
    """A graph at random."""
    if depth == 0 or rng.random() < 0.15:
        return (letter(rng.choice([*LETTERS])) if rng.random() < 0.6 else
                rng.choice([-2.0, -0.5, 0.0, 1.0, 3.0, -1e20]))
    kind = rng.random()
    if kind < 0.2:
        return Node(np.negative, drawn(rng, depth - 1))
    if kind < 0.4:
        a, b, c, yes, no = (drawn(rng, depth - 1) for _ in range(5))
        inner = Node(rng.choice(COMPARED), a, b)
        pair = (inner, c) if rng.random() < 0.5 else (c, inner)
        return Node(np.where, Node(rng.choice(COMPARED), *pair), yes, no)
    return Node(rng.choice(BINARY), drawn(rng, depth - 1), drawn(rng, depth - 1))


def test_the_source_of_a_graph_has_the_values_of_the_graph():
    rng = random.Random(7)
    at = {name: np.float64(x) for name, x in LETTERS.items()}
    for _ in range(1500):
        node = Node(np.add, drawn(rng, 5), letter("theta"))
        text, _ = written(node, {})
        whole = re.sub(r"(?<![\w.])(\d+(?:\.\d+)?(?:e[+-]?\d+)?)", r"np.float64(\1)", text)
        with np.errstate(all="ignore"):
            found, meant = eval(whole, {"np": np, **at}), float(np.float64(graph_value(
                node, at)))
        assert np.isclose(found, meant, rtol=EXACT, atol=0, equal_nan=True), text


def graph_value(node, at):
    """What a graph is, call by call."""
    if not isinstance(node, Node):
        return np.float64(node)
    if node.function is None:
        return at[node.args[0]]
    return node.function(*(graph_value(x, at)*1.0 for x in node.args))


@pytest.mark.parametrize("number, text", [
    (math.inf, "np.inf"), (-math.inf, "-np.inf"), (-2.0, "-2"), (0.5, "0.5")])
def test_a_number_is_written_as_python_reads_it(number, text):
    assert written(number, {})[0] == text and eval(text, {"np": np}) == number
