"""Every loss is PyTorch's in value and gradient, compiles, and refuses what is wrong."""
import inspect

import numpy as np
import pytest
import torch
from torch.nn import functional as F

import minigrad as mg
from minigrad import nn

from ..cases import each
from .against_torch import compared, replays


def logits_and_labels(rng, d=()):
    n, c = rng.integers(2, 6, 2)
    return [3*rng.standard_normal((n, c, *d))], rng.integers(0, c, (n, *d)), c


def two(rng, shift=0.0):
    shape = tuple(rng.integers(1, 5, rng.integers(1, 4)))
    return [2*rng.standard_normal(shape), 2*rng.standard_normal(shape) + shift]


def signs(rng):
    x = two(rng)[0]
    return [x], np.sign(rng.standard_normal(x.shape)) + 0.0


REDUCTIONS = "mean", "sum", "none"


def classes(seed):
    """cross_entropy and nll_loss of labels."""
    rng = np.random.default_rng(seed)
    arrays, labels, c = logits_and_labels(rng, [(), (3,), (2, 3)][seed % 3])
    options = {"reduction": REDUCTIONS[seed//3 % 3]}
    if seed % 2:
        options["weight"] = rng.random(c) + 0.1
    if seed % 5 in (1, 2):
        options["ignore_index"] = [1, -100][seed % 2]
        labels.flat[rng.integers(labels.size)] = options["ignore_index"]
        labels.flat[0] = 0
    return arrays, labels, options


def probabilities(seed):
    rng = np.random.default_rng(seed)
    x = 3*rng.standard_normal((4, 3, *[(), (2,)][seed % 2]))
    target = rng.random(x.shape)
    return [x, target/target.sum(1, keepdims=True)], {
        "reduction": REDUCTIONS[seed % 3], "label_smoothing": [0.0, 0.2][seed//2 % 2],
        "weight": [None, rng.random(3)][seed//3 % 2]}


def of_arrays(name, options):
    """ours and theirs with options, whose arrays take the dtype of the input."""
    def ours(*x):
        dtype = x[0].dtype
        return getattr(nn, name)(*x, **{k: v.astype(dtype) if hasattr(v, "astype") else v
                                        for k, v in options.items()})

    def theirs(*x):
        return getattr(F, name)(*x, **{
            k: torch.tensor(v, dtype=x[0].dtype) if hasattr(v, "astype") else v
            for k, v in options.items()})
    return ours, theirs


@each("seed", range(30))
def test_cross_entropy_of_labels_is_pytorchs(seed):
    arrays, labels, options = classes(seed)
    options["label_smoothing"] = [0.0, 0.1][seed//2 % 2]
    ours, theirs = of_arrays("cross_entropy", options)
    assert compared(lambda x: ours(x, labels), lambda x: theirs(x, torch.tensor(labels)),
                    arrays) == []


@pytest.mark.parametrize("seed", range(12))
def test_cross_entropy_of_probabilities_is_pytorchs_in_both_arguments(seed):
    arrays, options = probabilities(seed)
    assert compared(*of_arrays("cross_entropy", options), arrays) == []


@each("seed", range(20))
def test_nll_loss_is_pytorchs(seed):
    (x,), labels, options = classes(seed)
    logs = x - np.log(np.exp(x).sum(1, keepdims=True))
    ours, theirs = of_arrays("nll_loss", options)
    assert compared(lambda x: ours(x, labels), lambda x: theirs(x, torch.tensor(labels)),
                    [logs]) == []


def options_of(seed, **more):
    return {"reduction": REDUCTIONS[seed % 3],
            **{k: v[seed % len(v)] for k, v in more.items()}}


def pairs(name, seed):
    """The arrays of a loss of two like arrays, and its options."""
    rng = np.random.default_rng(seed)
    a, b = two(rng)
    inside = 1/(1 + np.exp(-a)), 1/(1 + np.exp(-b))
    weight = [None, rng.random(a.shape[-1:]) + 0.1][seed//3 % 2]
    positive = [None, rng.random(a.shape[-1:]) + 0.1][seed//2 % 2]
    return {
        "mse_loss": ([a, b], {}), "l1_loss": ([a, b], {}),
        "huber_loss": ([a, b], {"delta": [1.0, 0.5, 2.5][seed//3 % 3]}),
        "smooth_l1_loss": ([a, b], {"beta": [1.0, 0.5, 0.0][seed//3 % 3]}),
        "binary_cross_entropy": ([*inside], {"weight": weight}),
        "binary_cross_entropy_with_logits": (
            [4*a, inside[1]], {"weight": weight, "pos_weight": positive}),
        "kl_div": ([a, [inside[1], b][seed//3 % 2]], {"log_target": bool(seed//3 % 2)}),
    }[name]


PAIRS = ("mse_loss", "l1_loss", "huber_loss", "smooth_l1_loss", "binary_cross_entropy",
         "binary_cross_entropy_with_logits", "kl_div")


@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides")          # PyTorch's of KL
@each("seed", range(12))
@each("name", PAIRS)
def test_a_loss_of_two_arrays_is_pytorchs_in_both(name, seed):
    arrays, options = pairs(name, seed)
    assert compared(*of_arrays(name, options | options_of(seed)), arrays) == []


@pytest.mark.parametrize("seed", range(6))
def test_kl_divergence_averaged_over_the_batch_is_pytorchs(seed):
    arrays, options = pairs("kl_div", seed)
    options["reduction"] = "batchmean"
    assert compared(*of_arrays("kl_div", options), arrays) == []


@pytest.mark.parametrize("seed", range(9))
@pytest.mark.parametrize("name", ["hinge_embedding_loss", "soft_margin_loss"])
def test_a_loss_of_signs_is_pytorchs(name, seed):
    arrays, target = signs(np.random.default_rng(seed))
    more = {"margin": (1.0, 0.5)} if name.startswith("hinge") else {}
    ours, theirs = of_arrays(name, options_of(seed, **more))
    assert compared(lambda x: ours(x, target.astype(x.dtype)),
                    lambda x: theirs(x, torch.tensor(target, dtype=x.dtype)), arrays) == []


@pytest.mark.parametrize("seed", range(9))
def test_margin_ranking_loss_is_pytorchs(seed):
    rng = np.random.default_rng(seed)
    arrays = two(rng)
    target = np.sign(rng.standard_normal(arrays[0].shape))
    ours, theirs = of_arrays("margin_ranking_loss", options_of(seed, margin=(0.0, 0.5)))
    assert compared(lambda x, y: ours(x, y, target.astype(x.dtype)),
                    lambda x, y: theirs(x, y, torch.tensor(target, dtype=x.dtype)),
                    arrays) == []


@pytest.mark.parametrize("seed", range(12))
def test_multi_margin_loss_is_pytorchs(seed):
    rng = np.random.default_rng(seed)
    arrays, labels, c = logits_and_labels(rng)
    ours, theirs = of_arrays("multi_margin_loss", options_of(
        seed, p=(1, 2), margin=(1.0, 0.3, 2.0), weight=(None, rng.random(c))))
    assert compared(lambda x: ours(x, labels), lambda x: theirs(x, torch.tensor(labels)),
                    arrays) == []


def test_a_slip_in_a_loss_is_noticed():
    arrays, options = pairs("huber_loss", 1)
    _, theirs = of_arrays("huber_loss", {"delta": 1.0})
    for slip in ({"delta": 1.001}, {"reduction": "sum"}):
        assert compared(of_arrays("huber_loss", slip)[0], theirs, arrays)
    assert compared(lambda a, b: nn.mse_loss(a, b)*(1 + 1e-11), F.mse_loss, arrays)
    rough = [a.astype(np.float16) for a in arrays]
    assert compared(lambda a, b: nn.mse_loss(a, b) if a.dtype == np.float64 else
                    nn.mse_loss(a.astype(np.float16), b.astype(np.float16)).astype(
                        np.float32), F.mse_loss, rough)


# --- derivatives of second order, compiled steps, tails -----------------------------------
@pytest.mark.parametrize("name", PAIRS)
def test_gradients_are_right_to_second_order_where_they_are_smooth(name):
    arrays, options = pairs(name, 3)
    if name == "smooth_l1_loss":
        options = {"beta": 0.7}
    mg.check_grads(lambda a, b: getattr(nn, name)(a, b, **options), arrays,
                   order=1 if name == "l1_loss" else 2)


def test_gradients_of_classes_and_signs_are_right_to_second_order():
    arrays, labels, options = classes(7)
    mg.check_grads(lambda x: nn.cross_entropy(x, labels, label_smoothing=0.1, **options),
                   arrays, order=2)
    x, target = signs(np.random.default_rng(1))
    mg.check_grads(lambda x: nn.soft_margin_loss(x, target), x, order=2)
    x, labels, _ = logits_and_labels(np.random.default_rng(2))
    mg.check_grads(lambda x: nn.multi_margin_loss(x, labels, p=2), x, order=1)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", PAIRS)
def test_a_compiled_loss_has_the_same_bits(name, dtype):
    arrays, options = pairs(name, 4)
    ours, _ = of_arrays(name, options)
    assert replays(ours, [a.astype(dtype) for a in arrays]) == []


@pytest.mark.parametrize("seed", range(6))
def test_compiled_losses_of_classes_and_signs_have_the_same_bits(seed):
    (x,), labels, options = classes(seed)
    assert replays(lambda x: nn.cross_entropy(x, labels, label_smoothing=0.1, **options),
                   [x]) == []
    assert replays(lambda x: nn.nll_loss(x, labels, **options), [x]) == []
    assert replays(nn.cross_entropy, probabilities(seed)[0]) == []
    (x,), target = signs(np.random.default_rng(seed))
    for name in "hinge_embedding_loss", "soft_margin_loss":
        assert replays(lambda x, name=name: getattr(nn, name)(x, target), [x]) == []
    assert replays(lambda x, y: nn.margin_ranking_loss(x, y, target), [x, x[::-1]]) == []
    (x,), labels, _ = logits_and_labels(np.random.default_rng(seed))
    assert replays(lambda x: nn.multi_margin_loss(x, labels), [x]) == []


def test_a_batch_with_ignored_labels_is_right_in_a_compiled_step_as_well():
    step = mg.compile(lambda x, labels: nn.cross_entropy(x, labels))
    x, plain, some = np.eye(3), np.array([0, 1, 2]), np.array([0, -100, 2])
    for labels in [plain]*3 + [some]*3 + [plain]*2:
        assert float(step(x, labels)) == float(nn.cross_entropy(x, labels))
    assert nn.cross_entropy(x, some) == nn.cross_entropy(x[[0, 2]], plain[[0, 2]])


def test_probabilities_come_as_lists_too_and_in_the_dtype_of_the_logits():
    x, shares = np.eye(3, dtype=np.float32)[:2], [[0.5, 0.5, 0.0], [0.0, 0.0, 1.0]]
    right = nn.cross_entropy(x, np.array(shares, np.float32))
    assert nn.cross_entropy(x, shares) == right and right.dtype == np.float32
    with pytest.raises(TypeError, match="cross_entropy: dtypes float32 and float64 differ"):
        nn.cross_entropy(x, np.array(shares))


def test_losses_are_finite_in_the_tails():
    x = mg.tensor([1000., -1000., 1000., -1000.], requires_grad=True)
    t = np.array([0., 1., 1., 0.])
    loss = nn.binary_cross_entropy_with_logits(x, t, reduction="none")
    np.sum(loss).backward()
    assert loss.numpy().tolist() == [1000, 1000, 0, 0] and x.grad.tolist() == [1, -1, 0, 0]
    small = nn.binary_cross_entropy_with_logits(np.array([-50.]), np.array([0.]))
    assert abs(float(small)/np.exp(-50) - 1) < 1e-15            # not 0: nothing cancels
    p = mg.tensor([0., 1., 0., 1.], requires_grad=True)
    loss = nn.binary_cross_entropy(p, np.array([1., 0., 0., 1.]), reduction="none")
    np.sum(loss).backward()
    assert loss.numpy().tolist() == [100, 100, 0, 0]            # PyTorch's
    assert p.grad.tolist() == [-1e12, 1e12, 0, 0]
    assert float(nn.soft_margin_loss(np.array([-900.]), np.array([1.]))) == 900


@pytest.mark.parametrize("name", [*PAIRS, "soft_margin_loss", "hinge_embedding_loss"])
def test_shapes_that_would_broadcast_and_two_dtypes_are_refused(name):
    loss = getattr(nn, name)
    with pytest.raises(ValueError, match=f"{name}: shapes .* differ and are not broadcast"):
        loss(np.full((3, 1), 0.5), np.ones(3))
    with pytest.raises(ValueError, match="no entries"):
        loss(np.zeros(0), np.zeros(0))
    with pytest.raises(TypeError, match="dtypes .* differ"):
        loss(np.full(2, 0.5, np.float32), np.ones(2))
    with pytest.raises(ValueError, match=f"{name}: reduction is 'median'; needed one of"):
        loss(np.full(2, 0.5), np.ones(2), reduction="median")


@pytest.mark.parametrize("reduction", ["sum", "none"])
@pytest.mark.parametrize("name", ["cross_entropy", "nll_loss"])
def test_without_a_mean_all_labels_may_be_ignored(name, reduction):
    labels, options = np.full(3, -100), {"reduction": reduction}
    assert compared(
        lambda x: getattr(nn, name)(x, labels, **options),
        lambda x: getattr(torch.nn.functional, name)(x, torch.tensor(labels), **options),
        [np.random.default_rng(0).standard_normal((3, 4))]) == []


def test_the_divergence_of_two_numbers_is_pytorchs():
    assert compared(*of_arrays("kl_div", {"reduction": "batchmean"}),
                    [np.array(-0.5), np.array(0.7)]) == []


@each("call, complaint", [
    (lambda: nn.cross_entropy(np.eye(2), [0, 2]), "label 2; needed 0 to 1"),
    (lambda: nn.cross_entropy(np.eye(2), [0, -1]), "label -1"),
    (lambda: nn.cross_entropy(np.eye(2), [-100, -100]), "all labels are -100"),
    (lambda: nn.nll_loss(np.eye(2), [1, 1], ignore_index=1), "nll_loss: all labels are 1"),
    (lambda: nn.cross_entropy(np.eye(2), np.eye(2), ignore_index=1), "has probabilities"),
    (lambda: nn.kl_div(np.ones(2), np.array([0.5, -0.5])), "log_target=True"),
    (lambda: nn.cross_entropy(np.ones(2), np.array(1), np.ones(2)), "atleast_2d"),
    (lambda: nn.cross_entropy(np.eye(2), [0, 5], ignore_index=1), "label 5"),
    (lambda: nn.cross_entropy(np.eye(2), [0, 1], weight=[1., 1., 1.]), "one for each"),
    (lambda: nn.cross_entropy(np.eye(2), [0, 1], label_smoothing=2), "smoothing is 2"),
    (lambda: nn.cross_entropy(np.ones((2, 3, 4)), np.zeros((2, 3), int)),
     r"needed \(n, classes, ...\) and \(n, ...\), here \(2, 4\)"),
    (lambda: nn.nll_loss(np.eye(2), [0, 7]), "nll_loss: label 7"),
    (lambda: nn.cross_entropy(np.zeros((0, 2)), np.zeros((0, 2))), "no entries"),
    (lambda: nn.binary_cross_entropy(np.array([1.5]), np.ones(1)), "outside of 0 to 1"),
    (lambda: nn.binary_cross_entropy_with_logits(np.ones(2), np.ones(2), np.ones((3, 1))),
     "weight has shape"),
    (lambda: nn.soft_margin_loss(np.ones(2), np.zeros(2)), "other numbers than 1 and -1"),
    (lambda: nn.huber_loss(np.ones(2), np.zeros(2), delta=0), "delta is 0"),
    (lambda: nn.smooth_l1_loss(np.ones(2), np.zeros(2), beta=-1), "beta is -1"),
    (lambda: nn.multi_margin_loss(np.ones((2, 2)), [0, 2]), "label 2"),
    (lambda: nn.multi_margin_loss(np.ones((2, 2)), [0, 1], p=3), "p is 3"),
    (lambda: nn.kl_div(np.ones(2), np.ones(2), reduction="all"), "batchmean")])
def test_what_would_be_silently_wrong_is_refused(call, complaint):
    with pytest.raises(ValueError, match=complaint):
        call()


# --- as modules ---------------------------------------------------------------------------
NAMES = {"CrossEntropyLoss": "cross_entropy", "NLLLoss": "nll_loss", "MSELoss": "mse_loss",
         "BCEWithLogitsLoss": "binary_cross_entropy_with_logits", "KLDivLoss": "kl_div",
         "BCELoss": "binary_cross_entropy", "L1Loss": "l1_loss", "HuberLoss": "huber_loss",
         "SmoothL1Loss": "smooth_l1_loss", "HingeEmbeddingLoss": "hinge_embedding_loss",
         "SoftMarginLoss": "soft_margin_loss", "MarginRankingLoss": "margin_ranking_loss",
         "MultiMarginLoss": "multi_margin_loss"}


@pytest.mark.parametrize("kind", NAMES)
def test_a_class_is_its_function_with_pytorchs_options_and_defaults(kind):
    ours, theirs = getattr(nn, kind), getattr(torch.nn, kind)
    options = inspect.signature(theirs).parameters
    for name, default in inspect.signature(ours.function).parameters.items():
        if default.default is not default.empty:
            assert options[name].default == default.default, name
            assert getattr(ours(), name) == default.default or default.default is None
    legacy = {"size_average", "reduce"}
    assert [n for n in options if n not in legacy] == [
        n for n, x in inspect.signature(ours.function).parameters.items()
        if x.default is not x.empty]
    with pytest.raises(TypeError, match=f"{kind} takes no sigma=; .*reduction"):
        ours(sigma=1)


def test_the_options_of_a_class_reach_the_function_and_weights_are_buffers():
    x, labels = np.random.default_rng(0).standard_normal((4, 3)), np.array([0, 1, 2, 1])
    weight = np.array([1., 2., 3.])
    loss = nn.CrossEntropyLoss(weight, ignore_index=1, reduction="sum", label_smoothing=0.2)
    assert loss(x, labels) == nn.cross_entropy(x, labels, weight, 1, "sum", 0.2)
    assert {*loss.state_dict()} == {"weight"} and repr(loss) == (
        "CrossEntropyLoss(ignore_index=1, reduction='sum', label_smoothing=0.2)")
    assert repr(nn.MSELoss()) == "MSELoss(reduction='mean')"
    step = mg.compile(lambda x: loss(x, labels))
    assert len({float(step(x)) for _ in range(4)}) == 1
