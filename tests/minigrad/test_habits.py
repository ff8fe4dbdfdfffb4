"""What people type by habit works, or is refused by one line that says what to write.

Every program that a message names is run here, on samples, and is held to what PyTorch's
program of the same row gives. float64 results are compared to 1e-12, float16's exactly.
"""
import ast
import copy
import inspect
import io
import json
import math
import pickle
import re
import statistics
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import torch

import minigrad as mg
import optim
from minigrad import data, dictionary, nn
from minigrad.symbolic import symbols

from ..cases import each

EXACT = 1e-12


def trained():
    """A vector that wants a gradient, and a loss made of it: 14."""
    w = mg.tensor([1., 2., 3.], requires_grad=True)
    return w, np.sum(w*w)


# --- prints --------------------------------------------------------------------------
def test_a_loss_prints_as_a_number_does_in_every_format():
    w, loss = trained()
    assert f"{loss:.4f}" == "14.0000" == format(loss, ".4f")
    assert "{:.3f} {:>8.1e}".format(loss, loss) == "14.000  1.4e+01"
    assert f"{loss}" == "14.0" and f"{mg.tensor(np.float32(0.1))}" == f"{np.float32(0.1)}"
    assert f"{mg.tensor(7):03d} {mg.tensor(0.5):.0%} {mg.tensor(0.1)!r}" == (
        "007 50% tensor(0.1)")
    assert f"{w}" == str(w) == "tensor([1., 2., 3.], requires_grad=True)"
    print(np.zeros(2), w, loss, file=(out := io.StringIO()))
    assert out.getvalue() == f"{np.zeros(2)} {w!r} {loss!r}\n"
    loss.backward()                                     # the graph has not been touched
    assert w.grad.tolist() == [2, 4, 6]


def test_round_gives_a_number_of_one_and_rounds_an_array_with_slope_0():
    w = mg.tensor([1.26, -2.5], requires_grad=True)
    first = round(w[0], 1)
    assert first == 1.3 and type(first) is float and type(round(w[0])) is int
    assert round(w, 1).numpy().tolist() == [1.3, -2.5]
    np.sum(round(w)).backward()
    assert w.grad.tolist() == [0, 0]


@pytest.mark.parametrize("x", [[1., 2.], [[1.]], [1.]])
def test_a_format_for_numbers_refuses_an_array_as_numpy_does(x):
    with pytest.raises(TypeError, match="unsupported format"):
        format(np.array(x), ".2f")
    with pytest.raises(TypeError, match="'.2f' is for one number.*item.*np.round") as error:
        format(mg.tensor(x), ".2f")
    assert "\n" not in str(error.value)


# --- what would lose the gradient ----------------------------------------------------
LOSING = {
    "float": lambda w, loss: float(loss), "int": lambda w, loss: int(loss),
    "math.sqrt": lambda w, loss: math.sqrt(loss), "exp": lambda w, loss: math.exp(loss),
    "math.floor": lambda w, loss: math.floor(loss), "%": lambda w, loss: "%.3f" % loss,
    "fsum": lambda w, loss: math.fsum(w), "complex": lambda w, loss: complex(loss),
    "fmean": lambda w, loss: statistics.fmean([loss]),
    "mean": lambda w, loss: statistics.mean([loss, loss]),
    "stdev": lambda w, loss: statistics.stdev([loss, loss]),
    "np.array": lambda w, loss: np.array([loss, loss]),
    "np.mean": lambda w, loss: np.mean([loss, loss]),
    "slice": lambda w, loss: np.zeros(3).__setitem__(slice(None), w),
    "full": lambda w, loss: np.full(3, loss), "range": lambda w, loss: range(loss),
    "if": lambda w, loss: 1 if loss else 0,
    "normal": lambda w, loss: np.random.default_rng(0).normal(loss)}


@pytest.mark.parametrize("program", LOSING)
def test_what_would_lose_the_gradient_raises_and_names_item_or_numpy(program):
    with pytest.raises(TypeError, match=r"\.item\(\)|\.numpy\(\)") as error:
        LOSING[program](*trained())
    assert "\n" not in str(error.value)


def test_a_math_function_names_numpys():
    with pytest.raises(TypeError, match=r"np.sqrt\(x\) and its like for math.sqrt\(x\)"):
        math.sqrt(trained()[1])


def test_a_tensor_is_saved_by_its_values():
    w, _ = trained()
    np.save(binary := io.BytesIO(), w)
    np.savetxt(text := io.StringIO(), w)
    assert np.load(io.BytesIO(binary.getvalue())).tolist() == [1, 2, 3]
    assert np.loadtxt(io.StringIO(text.getvalue())).tolist() == [1, 2, 3]


def test_one_entry_of_an_array_is_refused_by_numpy_with_our_cure_as_the_cause():
    with pytest.raises(ValueError, match="setting an array element") as error:
        np.zeros(3)[0] = trained()[1]
    assert ".item()" in str(error.value.__cause__)


@pytest.mark.parametrize("draw", ["plot", "hist", "imshow", "scatter", "bar", "axhline"])
def test_matplotlib_refuses_what_wants_a_gradient_and_draws_the_values(draw):
    from matplotlib.figure import Figure
    axes = Figure().subplots()
    w, loss = trained()

    def arguments(values):
        one = {"imshow": np.outer(values, values), "axhline": values[0]}.get(draw, values)
        return [one, one] if draw in ("scatter", "bar") else [one]
    with pytest.raises(TypeError, match=r"\.numpy\(\)") as error:
        getattr(axes, draw)(*arguments(w))
    for name in re.findall(r"np\.(\w+)", str(error.value)):     # no inner name of NumPy's
        assert hasattr(np, name)
    getattr(axes, draw)(*arguments(w.numpy()))
    assert axes.has_data()


def test_a_list_of_losses_is_summed_sorted_and_averaged():
    losses = [np.sum(mg.tensor([x], requires_grad=True)**2) for x in (3., 1., 2.)]
    assert sum(losses).item() == 14 and max(losses) is losses[0]
    assert min(losses) is losses[1]
    assert sorted(losses) == [losses[1], losses[2], losses[0]]
    assert np.mean([loss.item() for loss in losses]) == np.stack(losses).mean().item()
    assert json.dumps([loss.item() for loss in losses]) == "[9.0, 1.0, 4.0]"
    assert np.array([mg.tensor(1.), mg.tensor(2.)]).tolist() == [1, 2]  # nothing is lost


# --- names that other libraries have ---------------------------------------------------
def sample(theirs):
    """The letters of the tables, for PyTorch's programs or for ours."""
    rng = np.random.default_rng(0)
    values = {"x": np.array([[0.5, 2, 3], [1.5, 0.25, 4]]), "v": np.array([1., -2, 0.5]),
              "y": np.array([[1., 2, -1], [0.5, 3, 1]]), "b": rng.normal(size=(2, 3, 3)),
              "p": np.array([[0.2, 0.6, 0.9], [0.1, 0.5, 0.3]]),
              "t": np.array([[0., 1, 1], [1, 0, 0.5]]), "i": np.array([[2], [0]]),
              "m": np.array([[True, False, True], [False]*3]), "labels": np.array([1, 0])}
    wanting = set("xvbp")
    if theirs:
        known = {name: torch.tensor(value, requires_grad=name in wanting)
                 for name, value in values.items()}
        return known | {"torch": torch, "nn": torch.nn, "data": torch.utils.data, "np": np,
                        "f": lambda x: (x**2).sum(), "t": torch.tensor(values["t"]),
                        "model": torch.nn.Sequential(torch.nn.Linear(3, 2))}
    known = {name: mg.tensor(value, requires_grad=name in wanting)
             if value.dtype == float and name != "t" else value
             for name, value in values.items()}
    return known | {"np": np, "mg": mg, "nn": nn, "optim": optim,
                    "f": lambda x: np.sum(x**2), "model": nn.Sequential(nn.Linear(3, 2))}


def value_of(program, letters):
    """What an expression gives, or what x is after a statement."""
    try:
        code = compile(program, "<program>", "eval")
    except SyntaxError:
        exec(program, letters)
        return letters["x"]
    return eval(code, letters)


def arrays(result):
    """A result as plain arrays."""
    if isinstance(result, (list, tuple)):
        return [arrays(part) for part in result]
    if isinstance(result, torch.Tensor):
        return result.detach().numpy()
    return result.numpy() if isinstance(result, mg.Tensor) else np.asarray(result)


# Rows whose left side is another library's than PyTorch's, or cannot run on this machine.
NOT_RUN = {"cuda", "fill", "flat", "partition", "is_cuda", "put", "compress", "array",
           "resize", "Dense", "save", "load", "from_numpy", "register_hook", "retain_grad",
           "apply", "new_tensor", "jacrev", "jit", "vmap"}
# Rows whose two sides are objects of two libraries, or random: only their kind is compared.
OBJECTS = {"device", "grad_fn", "manual_seed", "optim", "utils", "ModuleList", "DataLoader",
           "Dataset", "TensorDataset", "enable_grad", "inference_mode",
           "set_grad_enabled"}
RANDOM = {"normal_", "uniform_", "rand", "randn", "randint", "randperm", "init"}
TABLES = {"METHODS": mg.tensor(0.), "FUNCTIONS": mg, "LAYERS": nn, "LOADERS": data,
          "MODULES": nn.Linear(3, 2)}
ROWS = [(table, name) for table in TABLES
        for name in dictionary.rows(getattr(dictionary, table))]


@each("table, name", ROWS)
def test_a_name_of_pytorch_raises_with_a_program_that_gives_what_pytorchs_gives(
        table, name, tmp_path):
    theirs, ours = dictionary.rows(getattr(dictionary, table))[name]
    if (table, name) != ("FUNCTIONS", "manual_seed"):
        with pytest.raises(AttributeError) as error:
            getattr(TABLES[table], name)
        message = str(error.value)
        assert f"for {theirs} write {ours}" in message and "\n" not in message
    path = tmp_path/"model.npz"
    model = nn.Sequential(nn.Linear(3, 2))
    np.savez(path, **model.state_dict())
    letters = sample(theirs=False) | {"path": path}
    with np.errstate(divide="ignore"):                          # x/y at y = 0
        found = value_of(ours, letters)
    if table == "MODULES" or name in OBJECTS | NOT_RUN:
        return
    with torch.no_grad() if theirs.split("(")[0].endswith("_") else torch.enable_grad():
        expected = arrays(value_of(theirs, sample(theirs=True)))
    found = arrays(found)
    if isinstance(expected, list):
        assert len(found) == len(expected)
        assert all(map(np.array_equal, found, expected))
        return
    assert found.shape == expected.shape
    if name not in RANDOM | {"ones", "zeros"}:                  # PyTorch's are float32
        assert found.dtype == expected.dtype
        np.testing.assert_allclose(found, expected, rtol=EXACT, atol=EXACT)


def test_a_wrong_row_would_be_caught():
    right = arrays(value_of("x.unsqueeze(0)", sample(theirs=True)))
    assert arrays(value_of("np.expand_dims(x, 1)", sample(False))).shape != right.shape
    tiled = arrays(value_of("x.repeat(2, 1)", sample(theirs=True)))
    repeated = arrays(value_of("np.repeat(x, 2, axis=0)", sample(theirs=False)))
    assert tiled.shape == repeated.shape and not np.allclose(tiled, repeated)


@each("name", [
    "abs", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sqrt", "square", "sin",
    "cos", "tan", "sinh", "cosh", "tanh", "asin", "acos", "atan", "asinh", "atanh", "floor",
    "ceil", "trunc", "sign", "reciprocal", "negative", "isnan", "isinf", "isfinite", "tril",
    "triu", "diff", "deg2rad", "fliplr", "flipud", "nansum", "nanmean", "sinc", "positive"])
def test_a_method_of_pytorch_that_numpy_has_as_a_function_is_named_as_such(name):
    letters = sample(theirs=False) | {"x": mg.tensor([[0.5, 0.2, 0.3], [0.5, 0.25, 0.4]])}
    with pytest.raises(AttributeError, match=f"no attribute '{name}'; write np.") as error:
        getattr(letters["x"], name)
    found = arrays(value_of(str(error.value).split("write ")[1], letters))
    expected = arrays(getattr(torch.tensor(letters["x"].numpy()), name)())
    np.testing.assert_allclose(found, expected, rtol=EXACT)


@pytest.mark.parametrize("name, cure", [
    ("maximum", "np.maximum(x, y)"), ("roll", "np.roll(x, shift)"), ("flip", "np.flip(x)"),
    ("outer", "np.outer(x, b)"), ("det", "np.linalg.det(x)"),
    ("strides", "x.numpy().strides")])
def test_other_names_are_answered_by_numpys(name, cure):
    with pytest.raises(AttributeError) as error:
        getattr(mg.tensor([1.]), name)
    assert cure in str(error.value)


def test_the_names_of_others_are_not_among_a_tensors_own():
    x, layer = mg.tensor([[1.]]), nn.Linear(1, 1)
    assert {"shape", "sum", "backward"} <= {*dir(x)} and not {"exp", "view"} & {*dir(x)}
    assert {"weight", "forward"} <= {*dir(layer)} and "cuda" not in dir(layer)
    assert all(hasattr(x, name) for name in dir(x))
    run = [sys.executable, "-c", "import minigrad as mg; mg.tensor([1.]).shpae"]
    out = subprocess.run(run, capture_output=True, text=True)
    assert "Did you mean: 'shape'?" in out.stderr                       # says Python


def test_a_module_may_have_a_method_or_parameter_of_pytorchs_name():
    class Own(nn.Module):
        def __init__(self):
            self.to = 3

        def train(self):
            return "ours"
    assert Own().train() == "ours" and Own().to == 3 and "train" in dir(Own())
    assert not Own().eval().training
    with pytest.raises(AttributeError, match="Own has no attribute 'cuda'"):
        Own().cuda()


def test_a_name_that_nobody_has_is_no_attribute_and_no_protocol_is_claimed():
    x = mg.tensor([1., 2.])
    for name in ("nosuch", "exp", "__array_interface__", "__array_struct__", "__dlpack__",
                 "_repr_png_", "__cuda_array_interface__", "to_numpy", "__len_hint__"):
        assert not hasattr(x, name), name
        assert getattr(x, name, "default") == "default"
        assert not hasattr(mg, name) and not hasattr(nn, name) and not hasattr(data, name)
        assert not hasattr(nn.Linear(1, 1), name) and not hasattr(symbols("s"), name)
    for again in copy.copy(x), copy.deepcopy(x), pickle.loads(pickle.dumps(x)):
        assert again is not x and again.numpy().tolist() == [1, 2]
    assert np.asarray(x).tolist() == [1, 2] and float(x[0]) == 1
    model = nn.Sequential(nn.Linear(2, 1), nn.ReLU())
    for again in copy.deepcopy(model), pickle.loads(pickle.dumps(model)):
        assert np.array_equal(again[0].weight.numpy(), model[0].weight.numpy())


@each("name", ["sum", "mean", "std", "max", "argmax", "all", "cumsum"])
@each("keywords", [{"dim": 1}, {"dim": (0, 1), "keepdim": True},
                   {"keepdim": True}])
def test_pytorchs_keywords_are_refused_with_numpys(name, keywords):
    x = mg.tensor([[1., 2.], [3., 4.]], requires_grad=True)
    with pytest.raises(TypeError, match=f"{name}: (dim|keepdim)= is called") as error:
        getattr(x, name)(**keywords)
    ours = str(error.value).split("write ")[1]
    assert ours in [f"axis={keywords.get('dim')!r}", "keepdims=True"]


@pytest.mark.parametrize("x", [mg.tensor([[1., 2.], [3., 4.]]), np.ones((2, 2))])
@pytest.mark.parametrize("function", [nn.softmax, nn.log_softmax, nn.logsumexp])
def test_functions_of_nn_refuse_dim_with_axis(function, x):
    with pytest.raises(TypeError, match=f"{function.__name__}: dim= .* write axis=1$"):
        function(x, dim=1)


TAKERS = {"batches": lambda **kw: data.batches([1., 2.], [0, 1], **kw),
          "Linear": lambda **kw: nn.Linear(3, 2, **kw),
          "mse_loss": lambda **kw: nn.mse_loss(np.ones(2), np.ones(2), **kw),
          "tensor": lambda **kw: mg.tensor([1.0], **kw),
          "ReLU": lambda **kw: nn.ReLU(**kw), "Tanh": lambda **kw: nn.Tanh(**kw),
          "grad": lambda **kw: mg.grad(np.sin, **kw),
          "value_and_grad": lambda **kw: mg.value_and_grad(np.sin, **kw),
          "elementwise_grad": lambda **kw: mg.elementwise_grad(np.sin, **kw),
          "jacobian": lambda **kw: mg.jacobian(np.sin, **kw),
          "hessian": lambda **kw: mg.hessian(np.sin, **kw),
          "train": lambda **kw: optim.train("digits", "adam", **kw),
          "cross_entropy": lambda **kw: nn.cross_entropy(
              np.ones((2, 2)), np.array([0, 1]), **kw)}


@each("owner", TAKERS)
@each("name", dictionary.LACKING)
def test_a_keyword_that_pytorch_has_is_refused_with_what_to_write(owner, name):
    near = {("train", "batch_size"): "did you mean batch=?",
            ("train", "scheduler"): "did you mean schedule=?"}
    if (owner, name) == ("tensor", "requires_grad"):
        assert TAKERS[owner](requires_grad=True).requires_grad
        return
    if owner == "train" and name in inspect.signature(optim.train).parameters:
        return
    with pytest.raises(TypeError) as error:
        TAKERS[owner](**{name: 1})
    cure = near.get((owner, name), dictionary.LACKING[name])
    assert str(error.value) == f"{owner} takes no {name}=; {cure}"


@pytest.mark.parametrize("owner, name, cure", [
    ("batches", "sizes", "did you mean size=?"),
    ("train", "epoch", "did you mean epochs=?"),
    ("grad", "argnum", "did you mean argnums=?"), ("ReLU", "slope", "it takes none"),
    ("hessian", "has_axu", "did you mean has_aux=?"),
    ("train", "rate", "it takes data, optimizer, model, lr"),
    ("tensor", "require_grad", "did you mean requires_grad=?"),
    ("Linear", "activation", "it takes ")])
def test_a_keyword_that_nobody_has_is_answered_with_those_that_are(owner, name, cure):
    with pytest.raises(TypeError, match=f"{owner} takes no {name}=; ") as error:
        TAKERS[owner](**{name: 1})
    assert cure in str(error.value)
    assert list(inspect.signature(data.batches).parameters) == ["x", "y", "size", "rng"]


@pytest.mark.parametrize("unbiased", [True, False])
def test_what_is_divided_by_is_said_in_numpys_words(unbiased):
    x = mg.tensor([1., 2., 4.])
    with pytest.raises(TypeError, match=r"unbiased= is called .*write ddof=\d$") as error:
        x.std(unbiased=unbiased)
    found = eval(f"x.std({str(error.value).split('write ')[1]})", {"x": x}).item()
    assert abs(found - torch.tensor([1., 2, 4]).double().std(unbiased=unbiased)) < EXACT


def test_the_size_is_a_number_that_says_so_when_it_is_called():
    x = mg.tensor(np.zeros((2, 3)))
    assert x.size == 6 and json.dumps(x.size) == "6" and isinstance(x.size, int)
    for arguments in (), (0,), (-1,):
        with pytest.raises(TypeError, match=r"number 6.*write x.shape.*x.shape\[0\]"):
            x.size(*arguments)


# --- what NumPy's arrays have ------------------------------------------------------------
ARGUMENTS = {"take": ([0, 1],), "searchsorted": (2.5,), "argpartition": (1,), "item": (1,),
             "reshape": (3, 2), "swapaxes": (0, 1), "astype": (np.float32,),
             "dot": ([1, 2],), "clip": (1, 2), "choose": ([1.],),
             "compress": ([True, False],)}
OTHERWISE = {"data", "dtype"}           # the memory is an ndarray here


@each("name", [n for n in dir(np.ndarray) if n[0] != "_"])
def test_a_name_of_numpys_arrays_does_the_same_or_says_what_to_write(name):
    values = np.array([1., 3., 4.]) if name == "searchsorted" else np.array(
        [[1., 2.], [4., 3.], [0., 5.]])
    if name in ("nonzero", "dot", "trace"):
        values = values*1
    x, arguments = mg.tensor(values, requires_grad=True), ARGUMENTS.get(name, ())
    if not hasattr(x, name):
        with pytest.raises(AttributeError, match="write ") as error:
            getattr(x, name)
        ours = str(error.value).split("write ")[1]
        if "(x, " not in ours:
            value_of(ours, sample(False) | {"x": x, "y": mg.tensor(values)})
        return
    expected, found = getattr(values, name), getattr(x, name)
    if callable(expected):
        expected, found = expected(*arguments), found(*arguments)
    assert x.dtype == values.dtype
    if name not in OTHERWISE:
        for a, b in zip(*[r if isinstance(r, tuple) else (r,) for r in (expected, found)],
                        strict=True):
            a, b = np.asarray(arrays(a)), np.asarray(arrays(b))
            assert a.dtype == b.dtype
            np.testing.assert_allclose(a, b, rtol=EXACT)


def test_the_methods_that_are_functions_of_numpy_work_on_formulas_too():
    x = symbols("x", (2, 2))
    assert (x.cumprod(axis=0).array == np.cumprod(x.array, axis=0)).all()
    assert (x.diagonal().array == x.array.diagonal()).all()
    assert (x.take([0]).array == x.array.take([0])).all() and x.mT.shape == (2, 2)
    with pytest.raises(AttributeError, match=r"for x.view\(3, 2\) write x.reshape\(3, 2\)"):
        x.view(4)


def test_a_method_that_numpy_and_pytorch_read_in_two_ways_is_refused_with_both():
    with pytest.raises(AttributeError, match=r"np.tile\(x, \(2, 1\)\).*np.repeat\(x, 2, "):
        mg.tensor([1., 2.]).repeat(2)
    with pytest.raises(AttributeError, match=r"np.sort\(x\)"):
        mg.tensor([2., 1.]).sort()


# --- other doors ---------------------------------------------------------------------
def test_create_graph_is_refused_with_what_nests_and_retain_graph_works():
    x = mg.tensor(2., requires_grad=True)
    y = x**3
    with pytest.raises(TypeError, match=r"write|mg.grad\(mg.grad\(f\)\)\(x\)"):
        y.backward(create_graph=True)
    assert x.grad is None
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad == 24
    assert mg.grad(mg.grad(lambda x: x**3))(2.) == 12


@pytest.mark.parametrize("came", [[1.], 1., (1., 2.), "text", np.float64(1)])
def test_the_class_tensor_names_the_function_that_makes_one(came):
    with pytest.raises(TypeError, match=r"Tensor: came \w+; write mg.tensor\(data\)"):
        mg.Tensor(came)
    if came != "text":
        assert mg.tensor(came).numpy().tolist() == np.array(came).tolist()


@pytest.mark.parametrize("owner, name, ours", [
    (mg, "exp", "write np.exp"), (mg, "arange", "write np.arange"),
    (mg, "stack", "write np.stack"), (mg, "float32", "write np.float32"),
    (mg, "random", "write np.random"), (mg, "linalg", "write np.linalg"),
    (mg, "unsqueeze", "write np.expand_dims(x, 0)"), (mg, "relu", "nn.relu(x)"),
    (mg, "manual_sed", "did you mean manual_seed?"), (mg, "modul", "it has Tensor"),
    (mg, "sigmoid", "nn.sigmoid(x)"), (nn, "tanh", "write np.tanh"),
    (nn, "Lineer", "did you mean Linear?"),
    (nn, "Voxels", "it has Module, ModuleDict"),
    (data, "digit", "did you mean digits?"), (data, "mnist", "did you mean moons?")])
def test_a_name_of_a_module_is_answered_in_one_line(owner, name, ours):
    with pytest.raises(AttributeError) as error:
        getattr(owner, name)
    assert ours in str(error.value) and "\n" not in str(error.value)
    with pytest.raises(ImportError):
        exec(f"from {owner.__name__} import {name}")


def test_python_m_minigrad_says_what_to_run():
    run = [sys.executable, "-m", "minigrad", "formula", "adam"]
    out = subprocess.run(run, capture_output=True, text=True)
    assert out.returncode == 1 and out.stderr.endswith("python -m optim formula adam\n")
    assert "Traceback" not in out.stderr and not out.stdout


# --- the seed ------------------------------------------------------------------------
@pytest.fixture
def unseeded():
    """As if nobody had called manual_seed, before and after a test."""
    from minigrad import randomness
    before = randomness._shared[:]
    randomness._shared.clear()
    yield
    randomness._shared[:] = before


def everything():
    """Numbers drawn by all that may be given no generator."""
    x, y = data.moons(12)
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 2))
    order = [labels.tolist() for _ in range(2) for _, labels in data.batches(x, y, 5)]
    return [x.tolist(), [p.tolist() for p in model.parameters()], order,
            nn.he_normal((3, 2)).tolist(), nn.glorot_uniform((3, 2)).tolist()]


def test_after_manual_seed_the_same_numbers_come_again_and_others_after_another(unseeded):
    mg.manual_seed(0)
    first, second = everything(), everything()
    mg.manual_seed(0)
    assert everything() == first != second
    assert everything() == second
    mg.manual_seed(1)
    third = everything()
    assert all(a != b for a, b in zip(first, third, strict=True))


def test_without_manual_seed_numbers_are_fresh_and_numpys_seed_never_matters(unseeded):
    np.random.seed(0)
    first = everything()
    np.random.seed(0)
    assert all(a != b for a, b in zip(first, everything(), strict=True))
    mg.manual_seed(0)
    first = everything()
    np.random.seed(5)
    mg.manual_seed(0)
    assert everything() == first


def test_what_was_given_a_generator_or_a_seed_does_not_see_manual_seed(unseeded):
    def weights(rng):
        return nn.Linear(3, 2, rng=rng).weight.tolist()
    before = weights(7)
    mg.manual_seed(0)
    assert weights(7) == before == weights(np.random.default_rng(7))
    mg.manual_seed(7)
    assert weights(None) == before != weights(None)


def test_a_loader_without_a_generator_follows_manual_seed_again(unseeded):
    loader = data.batches(np.arange(9), np.arange(9), 2)
    mg.manual_seed(3)
    first = [y.tolist() for _, y in loader]
    mg.manual_seed(3)
    assert [y.tolist() for _, y in loader] == first != [y.tolist() for _, y in loader]


def test_threads_draw_from_the_seed_together_and_lose_no_number(unseeded):
    mg.manual_seed(0)
    together = []

    def draw():
        together.extend(nn.Linear(1, 1, bias=False).weight.item() for _ in range(100))
    threads = [threading.Thread(target=draw) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    mg.manual_seed(0)
    assert sorted(together) == sorted(nn.Linear(1, 1, bias=False).weight.item()
                                      for _ in range(400))


@pytest.mark.parametrize("rng, error", [("seed", TypeError), (-1, ValueError),
                                        (np.random, TypeError), (1.5, TypeError)])
def test_what_is_no_generator_is_refused_with_what_is(rng, error):
    for use in (lambda: nn.Linear(2, 1, rng=rng), lambda: data.moons(4, rng=rng),
                lambda: data.batches([1, 2], [1, 2], 1, rng), lambda: mg.manual_seed(rng)):
        with pytest.raises(error, match=r"rng is .*; needed np.random.default_rng\(0\)"):
            use()


# --- notebooks -----------------------------------------------------------------------
def test_a_tensor_in_a_notebook_is_a_small_table_with_its_shape_and_origin():
    page = mg.tensor([[1., 2.5], [3., 4.]], requires_grad=True)._repr_html_()
    assert page.count("<tr>") == 2 and "<td>2.5</td>" in page
    assert "shape (2, 2), float64, requires_grad=True" in page
    made = np.where(mg.tensor([1., 2.], requires_grad=True) > 0, mg.tensor([0., 1.]), 5)
    assert "<td>1</td>" in made._repr_html_()
    assert mg.tensor(2.)._repr_html_() is None          # a notebook then shows its text
    assert "float64, made by multiply" in (trained()[0]*2)._repr_html_()


@pytest.mark.parametrize("shape", [(10**6,), (2000, 500), (100, 100, 10), (0, 3), (3, 0)])
def test_a_huge_or_empty_tensor_shows_little(shape):
    page = mg.tensor(np.zeros(shape, np.float32))._repr_html_()
    assert len(page) < 3000 and f"shape {shape}, float32" in page


def test_functions_between_layers_are_seen_where_a_network_is_printed():
    model = nn.Sequential(nn.Linear(3, 2), np.tanh, nn.Sequential(np.square))
    assert repr(model).splitlines()[2:] == [
        "  (1): tanh", "  (2): Sequential(", "    (0): square", "  )", ")"]


def test_a_module_in_a_notebook_shows_its_tree_and_its_parameters_escaped():
    class Odd(nn.Module):
        def __init__(self):
            self.blocks = {"<b>": mg.tensor([1.], requires_grad=True)}
    page = Odd()._repr_html_()
    assert "&lt;b&gt;" in page and "<b>" not in page and "1 numbers in 1 param" in page
    page = nn.Sequential(nn.Linear(3, 2), nn.ReLU())._repr_html_()
    assert "0.weight" in page and "<td>float32</td><td>(2, 3)</td>" in page
    assert "8 numbers in 2 parameters" in page and "\n" in page


# --- the table of habits of PyTorch's users ---------------------------------------
def raises(program, cure, letters, kind=(TypeError, AttributeError)):
    """That a program raises, and that its message or the cause of it names the cure."""
    with pytest.raises(kind) as error:
        eval(program, letters)
    return cure in f"{error.value} {error.value.__cause__}"


def habits(letters):
    """{the first program of a row of the table: whether what the row says is so}."""
    get = letters.__getitem__
    loss, losses, x, layer, model = map(get, ("loss", "losses", "x", "layer", "model"))
    numbers, names = np.array([[3., 1], [2, 5]]), ("exp", "unsqueeze", "zero_")
    return {
        'f"{loss:.4f}"': lambda: (f"{loss:.4f}", round(loss, 2), sum(losses).item(),
                                  max(losses).item()) == ("14.0000", 14.0, 28, 14),
        "scheduler = StepLR(opt, 30)": lambda: (
            raises("optim.lr_scheduler.StepLR(opt, 30)",
                   "optim.schedules.step(0.1, every=30)", letters)
            and optim.Adam(model.parameters(), lr=optim.schedules.step(
                0.1, every=30)).lr(31) < 0.1
            and raises("optim.schedules.StepLR(opt, 30)", "did you mean step?", letters)
            and optim.dialects.torch.lr_scheduler.StepLR),
        "float(loss)": lambda: (
            raises("float(loss)", ".item()", letters)
            and raises("math.sqrt(loss)", "np.sqrt(x)", letters)
            and raises("np.array(losses)", "np.stack(parts)", letters)
            and raises("axes.plot(losses)", ".numpy()", letters)
            and loss.item() == 14 and np.sqrt(loss).requires_grad
            and np.stack(losses).shape == (2,)),
        "array[0] = loss": lambda: (
            raises("array.__setitem__(0, loss)", ".item()", letters, ValueError)
            and letters["array"].__setitem__(0, loss.item()) is None),
        "pd.Series(losses)": lambda: (
            raises("json.dumps(loss)", "not JSON serializable", letters)
            and letters["objects"].__setitem__(0, loss) is None      # as pandas does
            and letters["objects"][0] is loss
            and json.dumps([loss.item() for loss in losses]) == "[14.0, 14.0]"),
        "x.exp()": lambda: (
            all(raises(f"x.{name}()", "write ", letters) for name in names)
            and raises("x.size()", "x.shape", letters)
            and nn.MSELoss()(letters["x"], letters["x"]).item() == 0),
        "x.grad.zero_()": lambda: (
            raises("layer.weight.grad.zero_()", "no attribute", letters)
            and raises("layer.weight.grad.norm()", "no attribute", letters)
            and np.linalg.norm(layer.weight.grad) == np.float32(6**0.5)
            and [setattr(layer.weight, "grad", None)] and layer.weight.grad is None),
        "x.sum(dim=1, keepdim=True)": lambda: (
            raises("x.sum(dim=1, keepdim=True)", "write ", letters)
            and x.sum(axis=1, keepdims=True).shape == (2, 1)),
        "x.std()": lambda: (
            x.std().item() == numbers.std() != torch.tensor(numbers).std().item()
            and x.max(1).numpy().tolist() == [3, 5] and type(x.nonzero()) is tuple
            and np.array_equal(x.transpose(0, 1).numpy(), numbers)),
        "x.sort()": lambda: (raises("x.sort()", "np.sort(x)", letters)
                             and raises("x.repeat(2)", "np.repeat(x, 2", letters)),
        "loss.backward(create_graph=True)": lambda: (
            raises("loss.backward(create_graph=True)", "mg.grad(mg.grad(f))(x)", letters)
            and mg.grad(mg.grad(lambda x: x**3))(2.) == 12),
        "torch.manual_seed(0)": lambda: letters["everything_after_seeds"](),
        "DataLoader(dataset, 32, shuffle=True)": lambda: (
            raises("data.DataLoader", "mg.data.batches", letters)
            and len({str(list(letters["loader"])) for _ in range(9)}) > 1),
        "model(x)": lambda: (
            raises("model(x)", "x.astype(np.float32), or Linear(2, 3, dtype=np.float64)",
                   letters) and model(x.astype(np.float32)).shape == (2, 3)
            and nn.Linear(2, 3, dtype=np.float64)(x).dtype == float),
        "model(df.to_numpy(np.float32))": lambda: (
            model([[1, 2], [3, 4]]).dtype == np.float32
            and model(numbers.astype(np.float32)).shape == (2, 3)),
        "layer.weight = values": lambda: (
            raises("setattr(layer, 'weight', 0)", "mg.no_grad(): p[...] = values", letters)
            and raises("delattr(layer, 'bias')", "load_state_dict", letters)),
        "model[0] = layer": lambda: (
            [model.__setitem__(0, layer), model.append(layer)] and model[0] is model[-1]),
        "nn.Parameter(x)": lambda: raises("nn.Parameter", "requires_grad=True", letters),
        "model.train()": lambda: (
            model.eval() is model and not layer.training and model.train() is model
            and layer.training and raises("model.to", "one device", letters)
            and raises("x.to", "astype", letters)),
        "model.load_state_dict(theirs.state_dict())": lambda: layer.load_state_dict(
            torch.nn.Linear(2, 3).state_dict()) is None}


def test_every_row_of_the_table_of_habits_is_so(unseeded):
    from matplotlib.figure import Figure
    w, loss = trained()
    model = nn.Sequential(nn.Linear(2, 3))
    model[0].weight.grad = np.ones((3, 2), np.float32)

    def everything_after_seeds():
        mg.manual_seed(0)
        first = everything()
        np.random.seed(1)
        mg.manual_seed(0)
        return everything() == first
    letters = {"loss": loss, "losses": [loss, np.sum(w*w)], "layer": model[0],
               "x": mg.tensor([[3., 1], [2, 5]], requires_grad=True), "model": model,
               "optim": optim, "math": math, "np": np, "axes": Figure().subplots(),
               "array": np.zeros(2),
               "objects": np.empty(2, object),
               "json": json, "nn": nn, "data": data, "loader": data.batches(
                   [1, 2, 3, 4], [1, 2, 3, 4], 1), "everything_after_seeds":
               everything_after_seeds}
    page = Path(mg.__file__).parents[1]/"notebooks/reference/coming_from_pytorch.md"
    text = page.read_text(encoding="utf-8")
    table = text.split("| habit | here |\n|---|---|\n")[1].split("\n\n")[0]
    claims = habits(letters)
    rows = [line.split("`")[1] for line in table.splitlines()]
    assert rows == list(claims)
    assert [row for row in rows if not claims[row]()] == []


def test_whatever_may_be_given_no_generator_asks_one_function_for_it():
    """Elsewhere in both packages a generator starts from a seed that is written there."""
    found = set()
    for package in mg, optim:
        for path in Path(package.__file__).parent.rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                called = getattr(getattr(node, "func", None), "attr", "")
                if called == "default_rng" and not isinstance(node.args[0], ast.Constant):
                    found.add(path.name)
    assert found == {"randomness.py"}


# --- tensors of no axis ------------------------------------------------------------------
def test_the_gradient_of_a_number_stays_an_array_and_takes_what_numpy_makes_of_it():
    w = mg.tensor(2.0, requires_grad=True, dtype=np.float32)
    for expected in 4, 8:
        (w*w).backward()
        assert type(w.grad) is np.ndarray and w.grad == expected
    w.grad[...] = 3
    w.grad = np.clip(w.grad, -1, 1)/2                   # NumPy's scalar, of no axis either
    assert type(w.grad) is np.ndarray and w.grad.dtype == np.float32 and w.grad == 0.5
    w.data = w.data - w.grad
    assert type(w.data) is np.ndarray and w.item() == 1.5
    for wrong, error in (np.float64(1), ValueError), (1.0, TypeError):
        with pytest.raises(error, match="grad: came float"):
            w.grad = wrong


def test_a_module_starts_the_other_base_class_too():
    class Named:
        def __init__(self):
            self.name = "other"

    class Both(nn.Module, Named):
        def __init__(self):
            super().__init__()
    assert Both().name == "other"
