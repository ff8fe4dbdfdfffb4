"""What a message tells to write is a program that runs and does what was meant."""
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import minigrad as mg
import optim
from minigrad import nn
from optim.hints import OTHER_NAMES, did_you_mean, meant
from optim.landscapes import LANDSCAPES, landscape
from optim.optimizers.hyperparameters import WHERE
from optim.plots.styles import looks
from optim.races.replays import replay
from optim.rules import RULES

from ..cases import each


def names():
    """What the programs below are run with: a model, its parameters, an optimizer."""
    model = nn.Sequential(nn.Linear(2, 3, rng=0), nn.ReLU(), nn.Linear(3, 3, rng=1))
    x, y = mg.data.blobs(60, rng=0)
    opt = optim.Adam([mg.tensor([1.0, 2.0], requires_grad=True)])
    p = opt.param_groups[0]["params"][0]
    (p @ p).backward()
    return {"np": np, "mg": mg, "nn": nn, "optim": optim, "model": model, "x": x, "y": y,
            "X": x, "opt": opt, "p": p, "params": [p], "array": np.ones(2), "weight_decay":
            0.1, "schedule": lambda t: 0.5/t, "t": 2, "f": lambda a, b: a**2 + b**2}


# Program, the error it ends in, what the message says, and that as a program.
ADVICE = [
    ("opt.lr", AttributeError, "opt.param_groups[0]['lr']", "opt.param_groups[0]['lr']"),
    ("opt.lr = 0.5", AttributeError, "opt.param_groups[0]['lr']",
     "opt.param_groups[0]['lr'] = 0.5; opt.step(); assert opt.param_groups[0]['lr'] == .5"),
    ("opt.learning_rate = 1", AttributeError, "it is called lr here",
     "optim.SGD([p], lr=1)"),
    ("opt.betas = (0.5, 0.5)", AttributeError,
     "opt.param_groups[0].update(beta1=0.9, beta2=0.999)",
     "opt.param_groups[0].update(beta1=0.9, beta2=0.999); opt.step()"),
    ("opt.weight_decay = 1", AttributeError, "optim.transforms.coupled_weight_decay(1e-4)",
     "optim.Adam(params, transforms=[optim.transforms.coupled_weight_decay(1e-4)])"),
    ("optim.clip_grad_norm_(params, 1.0)", AttributeError,
     "optim.Adam(params, transforms=[optim.transforms.clip_by_norm(1.0)])",
     "optim.Adam(params, transforms=[optim.transforms.clip_by_norm(1.0)]).step()"),
    ("optim.Adam(params, maximize=True)", TypeError, "transforms=[optim.transforms.maximize"
     "()]", "optim.Adam(params, transforms=[optim.transforms.maximize()])"),
    ("optim.Adam(params).averaged().__enter__()", RuntimeError,
     "transforms=[optim.transforms.ema(0.999)]",
     "with optim.Adam(params, transforms=[optim.transforms.ema(0.999)]).averaged(): pass"),
    ("opt.state[p]", AttributeError, "opt.state_dict()['state'][0]",
     "opt.step(); assert opt.state_dict()['state'][0]['m'].shape == (2,)"),
    ("opt.zero_grad(set_to_none=False)", ValueError, "opt.zero_grad()",
     "opt.zero_grad(); assert p.grad is None"),
    ("optim.Adam(model)", TypeError, "model.parameters()",
     "optim.Adam(model.parameters())"),
    ("optim.Adam(dict(model.named_parameters()))", TypeError, "params.items()",
     "params = dict(model.named_parameters()); optim.Adam(params.items())"),
    ("optim.Adam([model[0], model[2]])", TypeError, "[*a.parameters(), *b.parameters()]",
     "a, b = model[0], model[2]; optim.Adam([*a.parameters(), *b.parameters()])"),
    ("optim.Adam(p)", TypeError, "[w]", "w = p; optim.Adam([w])"),
    ("optim.Adam(array)", TypeError, "w = mg.tensor(array, requires_grad=True), then [w]",
     "w = mg.tensor(array, requires_grad=True); optim.Adam([w])"),
    ("optim.Adam([array])", TypeError, "mg.tensor(data, requires_grad=True)",
     "data = array; optim.Adam([mg.tensor(data, requires_grad=True)])"),
    ("optim.Adam([[p]])", TypeError, "[*a, *b]", "a, b = [p], []; optim.Adam([*a, *b])"),
    ("optim.Adam([mg.tensor([1, 2])])", TypeError,
     "mg.tensor(data, requires_grad=True, dtype=float)",
     "data = [1, 2]; optim.Adam([mg.tensor(data, requires_grad=True, dtype=float)])"),
    ("optim.SGD(params, momentum=0.9)", TypeError,
     "optim.Momentum(params, lr=0.01, mu=0.9)",
     "optim.Momentum(params, lr=0.01, mu=0.9)"),
    ("optim.SGD(params, nesterov=True)", TypeError, "optim.NAG(params, lr=0.01, mu=0.9)",
     "optim.NAG(params, lr=0.01, mu=0.9)"),
    ("optim.Adam(params, amsgrad=True)", TypeError, "optim.AMSGrad",
     "optim.AMSGrad(params)"),
    ("optim.Adam(params, betas=0.9)", TypeError, "(beta1, beta2)",
     "beta1, beta2 = 0.9, 0.99; optim.Adam(params, betas=(beta1, beta2))"),
    ("optim.Adam(params, lr='1e-3')", TypeError, "leave the quotes out",
     "optim.Adam(params, lr=1e-3)"),
    ("optim.Adam(params, lr=array)", TypeError, "float(array[0])",
     "optim.Adam(params, lr=float(array[0]))"),
    ("import torch\nw = torch.zeros(1, requires_grad=True)\nscheduler = torch.optim."
     "lr_scheduler.StepLR(torch.optim.SGD([w]), 30)\noptim.Adam(params, lr=scheduler)",
     TypeError,
     "optim.schedules.step(0.1, every=30)",
     "optim.Adam(params, lr=optim.schedules.step(0.1, every=30))"),
    ("optim.Adam(params, lr=10**400)", ValueError, "must be >= 0",
     "optim.Adam(params, lr=0)"),
    ("optim.Optimizer(params, 'adam', lr=0.1)", TypeError, "{'lr': value}",
     "value = 0.1; optim.Optimizer(params, 'adam', {'lr': value})"),
    ("optim.Optimizer(params, 'adam', 0.1)", TypeError, "{'lr': 0.1}",
     "optim.Optimizer(params, 'adam', {'lr': 0.1})"),
    ("optim.lr_scheduler.StepLR(opt, 30)", AttributeError,
     "optim.Adam(params, lr=optim.schedules.step(0.1, every=30))",
     "optim.Adam(params, lr=optim.schedules.step(0.1, every=30)).step()"),
    ("optim.fit(X, y)", TypeError, "optim.train((x, y), 'adam')",
     "optim.train((x, y), 'adam', epochs=1)"),
    ("optim.train(X, y)", TypeError, "optim.train((x, y), 'adam')",
     "optim.train((x, y), 'adam', epochs=1)"),
    ("optim.Tensor", AttributeError, "minigrad.Tensor", "import minigrad; minigrad.Tensor"),
    ("optim.Tensr", AttributeError, "minigrad.tensor", "import minigrad; minigrad.tensor"),
    ("optim.adam(params)", AttributeError, "optim.Adam?", "optim.Adam(params)"),
    ("optim.adam(params)", AttributeError, "optim.rules.adam", "optim.rules.adam"),
    ("optim.sgd", AttributeError, "optim.SGD?", "optim.SGD(params)"),
    ("optim.RMSProp(params)", AttributeError, "optim.RMSprop?", "optim.RMSprop(params)"),
    ("optim.minimize(f, [1., 2.], 'adam')", TypeError, "lambda x: f(*x)",
     "optim.minimize(lambda x: f(*x), [1., 2.], 'adam', 2)"),
    ("optim.race('adam', 'booth', lr='tune')", ValueError, "'tuned'",
     "optim.race('adam', 'booth', lr='tuned', steps=2)"),
    ("optim.race('adam', 'booth', 'ab')", ValueError, "(1, 1)",
     "optim.race('adam', 'booth', (1, 1), steps=2)"),
    ("optim.landscapes.landscape(3)", TypeError, "a function f(x, y)",
     "optim.landscapes.landscape(lambda x, y: x*y, (1, 1))"),
    ("optim.minimize(3, [1., 2.], 'adam')", TypeError, "minimize(f, x0, 'adam')",
     "f, x0 = np.sum, [1., 2.]; optim.minimize(f, x0, 'adam')"),
    ("optim.minimize(np.sum, {'a': 1.}, 'adam')", TypeError, "a, b = x",
     "def g(x):\n    a, b = x\n    return a*b\noptim.minimize(g, [1.0, 2.0], 'adam', 2)"),
    ("optim.minimize(np.sum, np.ma.masked_array([1., 2.], [0, 1]), 'adam')", TypeError,
     "x0.filled(0.0)", "x0 = np.ma.masked_array([1., 2.], [0, 1]); "
     "optim.minimize(np.sum, x0.filled(0.0), 'adam', 2)"),
    ("optim.train((x, np.arange(60.)), 'adam')", ValueError, "task='regression'",
     "optim.train((x, np.arange(60.)), task='regression', epochs=1)"),
    ("optim.train((np.where(x > 1.2, np.nan, x), y), 'adam')", ValueError,
     "drop_missing=True", "optim.train((np.where(x > 1.2, np.nan, x), y), epochs=1, "
     "drop_missing=True)")]


@each("program, error, words, cure", ADVICE, ids=lambda x: str(x)[:40])
def test_what_a_message_tells_to_write_runs(program, error, words, cure):
    with pytest.raises(error) as caught:
        exec(program, names())
    assert words in str(caught.value)
    exec(cure, names())


def test_the_advice_is_that_of_the_message():
    """Else the cure would be another program than the one that is told."""
    for program, _, words, cure in ADVICE:
        code = re.fullmatch(r"[\w.]*[\[(.].*", words)
        assert not code or words.rstrip("?").split(",")[0] in cure, program


def test_what_is_no_attribute_is_not_there_to_be_asked_for():
    opt = names()["opt"]
    assert not hasattr(opt, "lr") and not hasattr(optim.Adam, "lr")
    for name in {"betas", "state", *WHERE}:
        with pytest.raises(AttributeError, match=f"Adam has no attribute '{name}'; "):
            setattr(opt, name, 1)

    def own(theta, g, *, t, kappa=0.1):
        return theta - kappa*g
    with pytest.raises(AttributeError, match=r"param_groups\[0\]\['kappa'\]"):
        optim.Optimizer(opt.param_groups[0]["params"], own).kappa = 1


def test_a_class_of_ones_own_may_have_such_an_attribute():
    class Mine(optim.Optimizer):
        def __init__(self, params, rate):
            self.alpha = rate
            super().__init__(params, "sgd", {"lr": rate})
    mine = Mine(names()["params"], 0.5)
    mine.alpha, mine.comment = mine.alpha/2, "mine"
    assert (mine.alpha, mine.comment) == (0.25, "mine")


def test_step_takes_a_closure_as_pytorch_does():
    made = names()
    opt, p = made["opt"], made["p"]

    def closure():
        opt.zero_grad()
        loss = p @ p
        loss.backward()
        return loss
    assert opt.step(closure).item() == 5 and opt.step() is None and opt.t == 2


# ---------------------------------------------------------------------------------- names
SPELLINGS = [*((name.upper(), name) for name in RULES), ("SGD", "gradient_descent"),
             ("sgd", "gradient_descent"), ("Adam", "adam"), ("NAdam", "nadam"),
             ("Adamax", "adamax"), ("AdaMax", "adamax"), ("rms_prop", "rmsprop"),
             ("RMSprop", "rmsprop"), ("Heavy-Ball", "momentum"), ("Nesterov", "nag"),
             (" Gradient Descent\n", "gradient_descent")]


@each("word, name", SPELLINGS)
def test_a_rule_is_found_by_every_usual_spelling(word, name):
    assert meant(word, RULES, OTHER_NAMES) == name
    assert optim.formula(word).name == name
    assert optim.minimize(np.sum, [1.0], word, 1).rule is RULES[name]
    assert optim.Optimizer(names()["params"], word).rule is RULES[name]
    assert next(iter(optim.race([word], "booth", steps=1).values())).rule is RULES[name]
    assert looks([word])[word].dashes == looks([name])[name].dashes


def test_proofs_know_the_spellings_and_so_do_topics_and_landscapes():
    assert optim.prove("SGD", "gradient_descent").status == "PROVED"
    assert optim.derive("SGD").name == optim.verify("Sgd").name == "gradient_descent"
    assert optim.derive("Memory").name == optim.verify("MEMORY").name == "memory"
    assert optim.papers.statement("Adam") is optim.papers.statement("adam")
    assert optim.stability.best_parameters("SGD", 1, 9) == (
        optim.stability.best_parameters("gradient_descent", 1, 9))
    assert list(optim.replay("Saddle")) == list(optim.replay("saddle"))
    assert optim.mutants.mutants("SGD") == optim.mutants.mutants("gradient_descent")
    for name in LANDSCAPES:
        assert landscape(name.upper().replace("_", " ")).name == name
    assert optim.Adamax is optim.AdaMax and optim.NAdam is optim.Nadam


@each("find", [optim.formula, optim.derive, optim.verify, optim.train,
               lambda word: optim.race([word], "booth"),
               lambda word: optim.prove(word, "adam")])
@each("word", ["adamm", "AdamM", "Adam 2", ""])
def test_another_word_is_no_rule_and_the_nearest_is_named(find, word):
    with pytest.raises((ValueError, TypeError)) as caught:
        find(word) if find is not optim.train else optim.train("digits", word)
    assert "gradient_descent, momentum" in str(caught.value)
    assert ("did you mean adam" in str(caught.value)) == bool(word)


def test_a_word_near_no_name_has_no_hint():
    assert did_you_mean("zzz", RULES) == ""
    assert meant("zzz", RULES) is meant(3, RULES) is None
    assert did_you_mean("Tensr", ["tensor"], near=0.6) == " did you mean tensor?"
    assert did_you_mean("adm", ["adam"], near=0.9) == ""
    with pytest.raises(ValueError, match="did you mean contours"):
        replay("contour")


def test_every_public_module_is_there_after_import():
    code = ("import sys, minigrad, optim\n"
            "print(sorted({'sympy', 'matplotlib', 'tqdm'} & set(sys.modules)))\n"
            "optim.training.train, optim.plots.styles, optim.races.replays\n"
            "optim.claims.verify, optim.mutants, optim.papers, optim.report\n"
            "optim.Training, optim.commands\n"
            "minigrad.check.check_grads, minigrad.operations, minigrad.proving\n"
            "from optim import *; train, races, landscapes\n")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "[]\n", "")


@each("module", sorted(
    path.stem for path in Path(optim.__file__).parent.iterdir()
    if path.name[0] not in "._" and path.suffix in ("", ".py")))
def test_each_file_and_folder_of_optim_is_an_attribute(module):
    assert getattr(optim, module).__name__ == f"optim.{module}" and module in dir(optim)


# ------------------------------------------------------------------------------ notebooks
def test_what_notebooks_show_is_escaped():
    x, y = mg.data.blobs(60, rng=0)
    result = optim.train((x, y), epochs=3)
    result.settings["data"] = "<script>.csv"
    assert "<script>" in repr(result) and "adam on " in repr(result)
    opt = optim.Optimizer([{"params": names()["params"], "lr": 0.25}], "momentum")
    race = optim.race({"<b>": "adam"}, "booth", steps=1)
    run = optim.minimize(np.sum, [1.0], "adam", 2)
    for shown, wanted in ((result, "&lt;script&gt;.csv"), (opt, "<td>0.25</td>"),
                          (race, "<td>&lt;b&gt;</td>"), (run, "<td>2</td>")):
        html = shown._repr_html_()
        assert wanted in html and "<script>" not in html and "<b>" not in html
        assert html.count("<tr>") == html.count("</tr>") > 1
