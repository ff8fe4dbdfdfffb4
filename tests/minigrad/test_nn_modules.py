"""Modules have PyTorch's parts, modes, states, hooks, starting values and averages."""
import copy
import pickle

import numpy as np
import pytest
import torch

import minigrad as mg
from minigrad import nn


class Counting(nn.Module):
    """A module with a parameter, two buffers and a child."""

    def __init__(self):
        self.scale = mg.tensor([2.0], requires_grad=True)
        self.inner = nn.Linear(2, 2, rng=0, dtype=np.float64)
        self.register_buffer("count", np.array(0))
        self.register_buffer("seen", np.zeros(2), persistent=False)

    def forward(self, x):
        if self.training:
            self.count[...] = self.count + 1
            self.seen[...] = self.seen + getattr(x, "_data", x)[0]
        return self.inner(x)*self.scale


def nested():
    return nn.Sequential(nn.Linear(2, 2, rng=0, dtype=np.float64), nn.Sequential(
        Counting(), nn.ReLU()), nn.Dropout(0.5, rng=1))


def test_parts_have_pytorchs_names_in_its_order():
    ours, theirs = nested(), torch.nn.Sequential(
        torch.nn.Linear(2, 2), torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.ReLU()))
    assert [n for n, _ in ours.named_children()] == ["0", "1", "2"]
    assert [n for n, _ in ours.named_modules()] == [
        "", "0", "1", "1.0", "1.0.inner", "1.1", "2"]
    assert [n for n, _ in theirs.named_modules()] == ["", "0", "1", "1.0", "1.1"]
    assert ours.children() == list(ours) and ours.modules()[0] is ours
    assert [n for n, _ in ours.named_buffers()] == ["1.0.count", "1.0.seen"]
    assert ours.buffers()[0] is ours[1][0].count
    assert [*ours.state_dict()] == ["0.weight", "0.bias", "1.0.scale", "1.0.inner.weight",
                                    "1.0.inner.bias", "1.0.count"]
    assert ours.num_parameters() == 4 + 2 + 1 + 4 + 2


def test_train_and_eval_switch_all_modules_and_return_the_model():
    model = nested()
    assert all(m.training for m in model.modules())
    assert model.eval() is model and not any(m.training for m in model.modules())
    assert model.train() is model and all(m.training for m in model.modules())
    assert not model.train(False)[1][0].training


def test_buffers_are_written_in_place_and_are_part_of_the_state():
    model, x = Counting(), np.ones((3, 2))
    buffer = model.count
    for _ in range(3):
        model(x)
    assert model.count is buffer and buffer == 3 and model.seen.tolist() == [3, 3]
    model.eval()(x)
    state = model.state_dict()
    assert state["count"] == 3 and "seen" not in state and buffer == 3
    other = Counting()
    other.load_state_dict(state)
    assert other.count == 3 and other.seen.tolist() == [0, 0]
    state["count"][...] = 9
    assert other.count == 3 == model.count
    with pytest.raises(TypeError, match=r"Counting.seen is a buffer, ndarray float64 .2,"):
        model.seen = [1., 2.]
    with pytest.raises(KeyError, match=r"missing \['count'\]"):
        other.load_state_dict({k: v for k, v in state.items() if k != "count"})
    model.register_buffer("seen", None)
    assert model.named_buffers() == [("count", model.count)]


def test_a_compiled_step_writes_buffers_and_follows_another_mode():
    eager, model, x = Counting(), Counting(), np.ones((3, 2))
    step = mg.compile(lambda x: model(x))
    for i in range(5):
        assert (step(x*i).numpy() == eager(x*i).numpy()).all()
    assert step.last and not step.given_up
    assert model.count == eager.count == 5 and (model.seen == eager.seen).all()
    for mode in False, True, False:
        model.train(mode)
        eager.train(mode)
        for i in range(3):
            assert (step(x*i).numpy() == eager(x*i).numpy()).all()
            assert model.count == eager.count and (model.seen == eager.seen).all()
    assert step.made == 2 and not step.given_up and model.count == 8
    model.register_forward_hook(lambda *_: None)
    with pytest.raises(RuntimeError, match="_hooks was bound to another value"):
        step(x)


def test_a_frozen_model_gets_no_gradients():
    model = nested().requires_grad_(False)
    assert not any(p.requires_grad for p in model.parameters())
    assert len(model.parameters()) == 5 and len(model.state_dict()) == 6
    model[0].requires_grad_()
    np.sum(model(np.ones((2, 2)))).backward()
    assert model[0].weight.grad is not None and model[1][0].scale.grad is None


def test_apply_goes_from_the_leaves_to_the_root():
    seen = []
    model = nested()
    assert model.apply(lambda m: seen.append(type(m).__name__)) is model
    assert seen == ["Linear", "Linear", "Counting", "ReLU", "Sequential", "Dropout",
                    "Sequential"]


def test_a_forward_hook_sees_and_replaces_outputs_until_it_is_removed():
    layer, x, seen = nn.Linear(2, 2, rng=0), np.ones((1, 2), np.float32), []
    first = layer.register_forward_hook(lambda *met: seen.append(met))
    second = layer.register_forward_hook(lambda m, inputs, out: out*0)
    assert not layer(x).numpy().any()
    assert seen[0][0] is layer and seen[0][1][0] is x and seen[0][2].numpy().any()
    second.remove()
    second.remove()
    first.remove()
    assert layer(x).numpy().any() and len(seen) == 1
    with pytest.raises(TypeError, match="needed a function of"):
        layer.register_forward_hook(3)


def test_lists_and_dicts_of_modules_hold_parameters():
    class Heads(nn.Module):
        def __init__(self):
            self.layers = nn.ModuleList([nn.Linear(2, 2, rng=i) for i in range(2)])
            self.heads = nn.ModuleDict({"a": nn.Linear(2, 1, rng=2)})

        def forward(self, x):
            for layer in self.layers:
                x = layer(x)
            return {name: head(x) for name, head in self.heads.items()}
    model = Heads()
    model.heads["b"] = nn.Linear(2, 3, rng=3)
    assert [*model.state_dict()] == [f"{n}.{p}" for n in (
        "layers.0", "layers.1", "heads.a", "heads.b") for p in ("weight", "bias")]
    out = model(np.ones((4, 2), np.float32))
    assert {k: v.shape for k, v in out.items()} == {"a": (4, 1), "b": (4, 3)}
    assert len(model.layers[:1]) == 1 and isinstance(model.layers[:1], nn.ModuleList)
    del model.heads["a"]
    model.layers.append(nn.ReLU())
    assert "a" not in model.heads and len(model.layers) == 3
    assert {model.heads: 1}[model.heads] and model.heads != nn.ModuleDict(model.heads)
    for wrong in (3, nn.ReLU, None):
        with pytest.raises(TypeError, match="ModuleDict: came"):
            model.heads["c"] = wrong
    with pytest.raises(NotImplementedError, match="ModuleList has no method forward"):
        model.layers(np.ones(2))


def tied():
    model = nn.Sequential(nn.Linear(2, 2, rng=0), nn.Linear(2, 2, bias=False, rng=1))
    model[1].weight = model[0].weight
    return model


def test_tied_parameters_come_once_and_are_saved_under_both_names_as_pytorchs():
    model = tied()
    theirs = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Linear(2, 2, bias=False))
    theirs[1].weight = theirs[0].weight
    assert [n for n, _ in model.named_parameters()] == [
        n for n, _ in theirs.named_parameters()] == ["0.weight", "0.bias"]
    assert [*model.state_dict()] == [*theirs.state_dict()] == [
        "0.weight", "0.bias", "1.weight"]
    model.load_state_dict(theirs.state_dict())
    assert (model[1].weight.numpy() == theirs[1].weight.detach().numpy()).all()
    state = model.state_dict()
    once = {k: v*2 for k, v in state.items() if k != "0.weight"}
    model.load_state_dict(once)                             # one name is enough
    assert (model[0].weight.numpy() == 2*state["0.weight"]).all()
    with pytest.raises(ValueError, match="0.weight and 1.weight are one parameter"):
        model.load_state_dict(state | {"1.weight": state["1.weight"] + 1})
    assert (model[0].weight.numpy() == 2*state["0.weight"]).all()


def test_a_state_is_loaded_in_part_where_that_is_asked_for():
    model = nn.Sequential(nn.Linear(2, 2, rng=0), nn.Linear(2, 2, rng=1))
    before = model.state_dict()
    found = model.load_state_dict({"0.weight": np.ones((2, 2)), "new": np.ones(1)}, False)
    assert found.missing_keys == ["0.bias", "1.weight", "1.bias"]
    assert found.unexpected_keys == ["new"]
    assert model[0].weight.numpy().tolist() == [[1, 1], [1, 1]]
    assert (model[1].weight.numpy() == before["1.weight"]).all()
    with pytest.raises(ValueError, match="shape"):
        model.load_state_dict({"0.weight": np.ones(3)}, strict=False)


def test_a_model_is_copied_and_pickled_with_its_buffers_modes_and_hooks():
    model = Counting().eval()
    for again in copy.deepcopy(model), pickle.loads(pickle.dumps(model)):
        assert not again.training and again.count == model.count
        assert again.count is not model.count and again.scale is not model.scale
        assert [*again.state_dict()] == [*model.state_dict()]


def test_a_summary_says_what_each_layer_gives_and_counts_a_shared_parameter_once():
    model = nn.Sequential(tied(), nn.Dropout(0.5), nn.GRU(2, 3, rng=0))
    found = nn.summary(model, (5, 2))
    assert [row[1] for row in found.rows] == ["(5, 2)", "(5, 2)", "(5, 2)", "(5, 2)",
                                              "(5, 3) (1, 3)", "(5, 3) (1, 3)"]
    assert [row[2] for row in found.rows] == [6, 0, 0, 0, 63, 0]
    assert found.total == found.trainable == 69 == model.num_parameters()
    assert all(m.training and not m._hooks for m in model.modules())
    assert "69 numbers" in repr(found) and "<td>63</td>" in found._repr_html_()
    model.requires_grad_(False)
    assert nn.summary(model).trainable == 0
    with pytest.raises(ValueError):
        nn.summary(model, (5, 3))
    assert not any(m._hooks for m in model.modules())


# --- starting values ----------------------------------------------------------------------
INITS = {
    "uniform_": ({"a": -1.0, "b": 3.0}, 1.0, 4/12**0.5),
    "normal_": ({"mean": 1.0, "std": 2.0}, 1.0, 2.0),
    "trunc_normal_": ({}, 0.0, 0.8796), "xavier_uniform_": ({"gain": 2.0}, 0.0, None),
    "xavier_normal_": ({}, 0.0, None), "kaiming_uniform_": ({"a": 5**0.5}, 0.0, None),
    "kaiming_normal_": ({"nonlinearity": "relu", "mode": "fan_out"}, 0.0, None)}


@pytest.mark.parametrize("name", INITS)
def test_starting_values_have_pytorchs_mean_and_spread(name):
    options, mean, std = INITS[name]
    ours = mg.tensor(np.zeros((40, 30, 3, 3), np.float32), requires_grad=True)
    assert getattr(nn.init, name)(ours, **options, rng=0) is ours
    torch.manual_seed(0)
    theirs = getattr(torch.nn.init, name)(torch.empty(ours.shape), **options).numpy()
    values = ours.numpy()
    assert values.dtype == np.float32 and abs(values.mean() - mean) < 0.05
    assert abs(values.std()/theirs.std() - 1) < 0.03        # 10800 draws: 3 of 0.7 %
    assert std is None or abs(values.std()/std - 1) < 0.03
    assert abs(np.abs(values).max()/np.abs(theirs).max() - 1) < 0.3
    again = getattr(nn.init, name)(mg.tensor(np.zeros(ours.shape)), **options, rng=0)
    assert np.allclose(again.numpy(), values, rtol=1e-6)


@pytest.mark.parametrize("shape", [(3, 5), (5, 3), (4, 2, 3)])
def test_an_orthogonal_start_has_orthonormal_rows_or_columns(shape):
    w = nn.init.orthogonal_(mg.tensor(np.zeros(shape)), gain=2.0, rng=0).numpy()
    w = w.reshape(shape[0], -1)
    gram = w @ w.T if w.shape[0] <= w.shape[1] else w.T @ w
    assert np.allclose(gram, 4*np.eye(len(gram)))


def test_constants_gains_and_refusals_of_starting_values():
    x = mg.tensor(np.zeros((2, 3)), requires_grad=True)
    assert nn.init.constant_(x, 2.5).numpy().tolist() == [[2.5]*3]*2
    assert nn.init.ones_(x).numpy().all() and not nn.init.zeros_(x).numpy().any()
    for name in "linear", "tanh", "relu", "leaky_relu", "selu", "sigmoid", "conv2d":
        assert nn.init.calculate_gain(name) == torch.nn.init.calculate_gain(name)
    for run, complaint in (
            (lambda: nn.init.xavier_normal_(mg.tensor([1.])), "needed .out, in"),
            (lambda: nn.init.kaiming_normal_(x, mode="fan"), "mode is 'fan'"),
            (lambda: nn.init.kaiming_normal_(x, nonlinearity="no"), "came 'no'"),
            (lambda: nn.init.orthogonal_(mg.tensor([1.])), "2 axes or more"),
            (lambda: nn.init.trunc_normal_(x, a=9., b=10.), "within 4 std"),
            (lambda: nn.init.zeros_(np.zeros(2)), "needed a tensor")):
        with pytest.raises((ValueError, TypeError), match=complaint):
            run()


# --- clipping, averages -------------------------------------------------------------------
def with_gradients(seed=0):
    rng = np.random.default_rng(seed)
    arrays = [rng.standard_normal(shape) for shape in ((3, 2), (4,), ())]
    ours = [mg.tensor(np.zeros(a.shape), requires_grad=True) for a in arrays]
    theirs = [torch.zeros(a.shape, dtype=torch.float64, requires_grad=True) for a in arrays]
    for a, p, q in zip(arrays, ours, theirs):
        p.grad, q.grad = np.array(a), torch.tensor(a)
    return [*ours, mg.tensor([1.0], requires_grad=True)], theirs


@pytest.mark.parametrize("norm_type", [2.0, 1.0, 3.0, np.inf])
@pytest.mark.parametrize("max_norm", [0.5, 100.0])
def test_clipping_by_norm_is_pytorchs(norm_type, max_norm):
    ours, theirs = with_gradients()
    found = nn.utils.clip_grad_norm_(ours, max_norm, norm_type)
    expected = torch.nn.utils.clip_grad_norm_(theirs, max_norm, norm_type)
    assert abs(float(found) - float(expected)) < 1e-12
    for p, q in zip(ours, theirs):
        assert np.abs(p.grad - q.grad.numpy()).max() < 1e-12
    assert ours[-1].grad is None
    assert float(nn.utils.get_total_norm([p.grad for p in ours], norm_type)) <= max_norm


def test_clipping_by_value_is_pytorchs_and_what_is_not_finite_is_refused_if_asked():
    ours, theirs = with_gradients()
    nn.clip_grad_value_(ours, 0.5)
    torch.nn.utils.clip_grad_value_(theirs, 0.5)
    assert all((p.grad == q.grad.numpy()).all() for p, q in zip(ours, theirs))
    ours[1].grad[0] = np.inf
    with pytest.warns(RuntimeWarning, match="invalid value"):       # inf*0, as PyTorch's
        assert nn.clip_grad_norm_(ours[1], 1e9) == np.inf
    ours[1].grad[:] = np.nan
    before = ours[0].grad.copy()
    with pytest.raises(RuntimeError, match="the norm of the gradients is nan; needed"):
        nn.clip_grad_norm_(ours, 1.0, error_if_nonfinite=True)
    assert (ours[0].grad == before).all()
    assert float(nn.clip_grad_norm_([], 1.0)) == 0


def test_clipped_steps_with_averages_replay_bit_for_bit():
    import optim
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((8, 4)).astype(np.float32), rng.integers(0, 3, 8)
    states = []
    for compiled in False, True:
        model = nn.Sequential(nn.Linear(4, 5, rng=0), nn.Tanh(), nn.Linear(5, 3, rng=1))
        average = nn.AveragedModel(model, nn.get_ema_avg_fn(0.9))
        opt = optim.Adam(model.parameters(), lr=0.1)

        def step(x, y):
            loss = nn.cross_entropy(model(x), y)
            opt.zero_grad()
            loss.backward()
            norm = nn.clip_grad_norm_(model.parameters(), 0.1)
            opt.step()
            average.update_parameters(model)
            return norm
        run = mg.compile(step) if compiled else step
        norms = [float(run(x, y)) for _ in range(6)]
        states.append([norms, model.state_dict(), average.state_dict()])
    assert min(norms) > 0.1 and not (compiled and run.given_up) and run.last
    np.testing.assert_equal(*states)


@pytest.mark.parametrize("decay", [None, 0.9])
def test_an_average_of_models_is_pytorchs(decay):
    from torch.optim.swa_utils import AveragedModel, get_ema_avg_fn
    ours, theirs = nn.BatchNorm1d(3, dtype=np.float64), torch.nn.BatchNorm1d(3).double()
    mine = nn.AveragedModel(ours, decay and nn.get_ema_avg_fn(decay))
    other = AveragedModel(theirs, avg_fn=decay and get_ema_avg_fn(decay))
    rng = np.random.default_rng(0)
    for _ in range(4):
        values = {k: rng.standard_normal(v.shape) for k, v in ours.state_dict().items()
                  if v.dtype.kind == "f"} | {"num_batches_tracked": np.array(3)}
        ours.load_state_dict(values)
        theirs.load_state_dict({k: torch.tensor(v) for k, v in values.items()})
        mine.update_parameters(ours)
        other.update_parameters(theirs)
    for name, value in other.state_dict().items():
        assert np.abs(mine.state_dict()[name] - value.numpy()).max() < 1e-12, name
    assert mine.n_averaged == 4 and ours.weight.numpy().any()
    with pytest.raises(ValueError, match="decay is 2"):
        nn.get_ema_avg_fn(2)


def test_a_name_in_a_dict_of_modules_has_no_dot_by_which_two_parameters_were_of_one_name():
    inner = nn.ModuleDict({"b": nn.Linear(2, 1)})
    for name in "a.b", "":
        with pytest.raises(KeyError, match="ModuleDict: came the name .*without"):
            nn.ModuleDict({"a": inner, name: nn.Linear(2, 1)})


def test_a_buffer_may_come_as_pytorchs_tensor():
    weight = torch.tensor([1., 2.])
    loss = nn.CrossEntropyLoss(weight=weight)
    weight[0] = 5.
    assert loss.weight.tolist() == [1., 2.] and loss.weight.dtype == np.float32


def test_gradients_are_none_after_zero_grad_whatever_pytorch_may_be_asked():
    with pytest.raises(TypeError, match="takes no set_to_none=; leave it out, gradients"):
        nn.Linear(2, 1).zero_grad(set_to_none=True)
