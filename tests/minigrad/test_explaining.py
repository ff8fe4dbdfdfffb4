"""mg.explain shows what backward() does, exactly that, and changes nothing."""
import subprocess
import sys
from xml.etree import ElementTree

import numpy as np
import pytest
import sympy as sp

import minigrad as mg
from minigrad.explanation import local_derivatives
from minigrad.explanation.explanations import gradient_of
from minigrad.primitives import VJPS, elementwise, masking, shapes, stable
from minigrad.symbolic import Symbolic


def leaf(x, **kwargs):
    return mg.tensor(x, requires_grad=True, **kwargs)


# --- the sum over all paths ---------------------------------------------------------------
UNARY = [np.negative, np.square, np.reciprocal, lambda x: x**2, lambda x: x**3,
         lambda x: x - 2, lambda x: 3/x]
BINARY = [np.add, np.subtract, np.multiply, np.divide]


def random_program(rng):
    """A function of a few inputs, whose intermediate values are used more than once."""
    moves = [(rng.choice([*UNARY, *BINARY, *BINARY]), rng.integers(0, 99, 2))
             for _ in range(rng.integers(2, 7))]

    def run(*values):
        values = list(values)
        for f, (i, j) in moves:
            parts = [values[i % len(values)], values[-1 - j % 2]]
            values.append(f(*parts) if f in BINARY else f(parts[0]))
        return values[-1]*values[0] + values[-2]
    return run


def displayed(explanation):
    """{edge: its displayed local derivative}, exactly, from rational values."""
    values, slopes = {}, {}
    for step in explanation.nodes:
        if step.is_leaf:
            values[step.name] = sp.Rational(step.value.item())
        else:
            args = [Symbolic(values[x.name]) if hasattr(x, "name") else
                    x.item() if isinstance(x, np.ndarray) else x for x in step.arguments]
            values[step.name] = Symbolic(step.function(*args)).expr
        for edge in step.inputs:
            slopes[edge] = sp.sympify(edge.formula, locals=dict(values), rational=True)
    return slopes


def over_all_paths(step, loss, slopes):
    """The sum over all paths of the products of the slopes along them."""
    return (sp.Integer(1) if step is loss else sp.Integer(0)) + sum(
        (slopes[edge]*over_all_paths(edge.step, loss, slopes) for edge in step.outputs),
        sp.Integer(0))


def disagreement(run, points):
    """The names of inputs whose exact gradient is not the sum over all paths."""
    inputs = [leaf(float(p)) for p in points]
    explanation = mg.explain(run(*inputs), names={f"x{i}": x for i, x in enumerate(inputs)})
    slopes = displayed(explanation)
    letters = sp.symbols(f"x:{len(points)}", real=True)
    whole = Symbolic(run(*map(Symbolic, letters))).expr
    at = dict(zip(letters, map(sp.Rational, points)))
    return [step.name for step in explanation.leaves if over_all_paths(
        step, explanation.loss, slopes) != sp.diff(whole, sp.Symbol(step.name, real=True)
                                                   ).subs(at)]


@pytest.mark.parametrize("seed", range(25))
def test_paths_of_displayed_derivatives_sum_to_the_exact_gradient(seed):
    rng = np.random.default_rng(seed)
    while True:                                         # until nothing is divided by 0
        run, points = random_program(rng), rng.integers(1, 30, 3)*(-1, 1, 1)
        if is_defined(run, points/8):
            break
    assert disagreement(run, [sp.Rational(int(p), 8) for p in points]) == []


def is_defined(run, points):
    """Whether no value on the way is infinite."""
    with np.errstate(all="raise"):
        try:
            run(*points)
        except FloatingPointError:
            return False
    return True


def test_a_wrong_displayed_derivative_is_caught(monkeypatch):
    wrong = {**VJPS, np.multiply: (lambda g, y, a, b: g*a, lambda g, y, a, b: g*a)}
    monkeypatch.setattr(local_derivatives, "VJPS", wrong)
    assert disagreement(lambda x, y: x*y*y, (2, 3)) != []


def test_entry_by_entry_too_where_arrays_are_broadcast_and_mixed():
    rng = np.random.default_rng(0)
    a, b, c = [leaf(rng.integers(-8, 9, shape)/4) for shape in ((3, 1), (4,), (4, 2))]
    h = a*b + b - a
    loss = np.sum((np.maximum(h, 0) @ c)*h[:, :2].T[0:1].T) + np.sum(h[1]*h[1])
    explanation = mg.explain(loss)
    loss.backward()
    for x, name in ((a, "a"), (b, "b"), (c, "c")):
        assert np.array_equal(gradient_of(explanation, explanation[name]), x.grad)
    edge = explanation["h"].outputs[0]
    edge.__dict__["number"] = edge.number + 1           # the planted error
    assert not np.array_equal(gradient_of(explanation, explanation["a"]), a.grad)


def test_rules_of_whole_arrays_are_the_text_that_computes_them():
    rng = np.random.default_rng(1)
    a, b, v = leaf(rng.normal(size=(3, 4))), leaf(rng.normal(size=(4, 2))), leaf(
        rng.normal(size=4))
    p = mg.nn.softmax(a)
    layers = mg.nn.Linear(4, 2, dtype=float)(p)
    loss = np.sum(a @ b) + np.sum(p @ v) + np.sum(layers, axis=0)[1] + np.sum(
        np.reshape(a, (4, 3)).T[1:] + np.expand_dims(v, 0)[:, :1]) + np.max(a, axis=1)[0]
    explanation = mg.explain(loss)
    names = {**vars(np), **vars(elementwise), **vars(shapes), **vars(masking),
             **vars(stable), **{s.name.replace(".", "_"): s.value for s in explanation}}
    names["scatter"] = lambda g, index, shape: shapes.scatter(g, index, shape)
    seen = 0
    for edge in explanation.edges:
        text = edge.formula
        if text.startswith("g -> ") and "[" not in text and " the " not in text and (
                "scatter" not in text):
            for step in explanation:
                text = text.replace(step.name, step.name.replace(".", "_"))
            out = eval(text[5:], {**names, "g": edge.step.cotangent})
            assert np.allclose(out, edge.before, rtol=1e-12), text
            seen += 1
    assert seen >= 8
    rules = {edge.formula for edge in explanation.edges}
    assert {"g -> g @ b.mT", "g -> a.mT @ g",
            "g -> p*(g - sum(g*p, axis=-1, keepdims=True))"} <= rules


# --- as backward() does, and nothing else -------------------------------------------------
def network():
    rng = np.random.default_rng(2)
    model = mg.nn.Sequential(mg.nn.Linear(3, 8, rng=rng), mg.nn.ReLU(),
                             mg.nn.Linear(8, 2, rng=rng))
    x = rng.normal(size=(6, 3)).astype(np.float32)
    return model, mg.nn.cross_entropy(model(x), np.arange(6) % 2)


def test_cotangents_are_those_of_backward_bit_for_bit_and_nothing_changes():
    model, loss = network()
    explanation = mg.explain(loss, model)
    assert all(p.grad is None for p in model.parameters())
    loss.backward()                                     # the graph is still there
    for name, parameter in model.named_parameters():
        cotangent = explanation[name].cotangent
        assert np.array_equal(cotangent, parameter.grad)
        assert cotangent.dtype == parameter.dtype


def test_an_explanation_stays_true_when_the_graph_is_used_up_and_parameters_move():
    model, loss = network()
    before, later = mg.explain(loss, model), mg.explain(loss, model)
    texts = str(before), str(before.steps()), before.svg()
    loss.backward()
    with mg.no_grad():
        for parameter in model.parameters():
            parameter -= parameter.grad
    assert (str(later), str(later.steps()), later.svg()) == texts


def test_the_sum_over_broadcast_axes_is_named():
    w, b = leaf(np.ones((3, 2))), leaf(np.zeros(2))
    explanation = mg.explain(np.sum(w + b))
    edge = explanation["b"].outputs[0]
    assert (edge.axes, edge.before.shape, edge.contribution.shape) == ((0,), (3, 2), (2,))
    assert "summed over axis 0 (unbroadcast)" in explanation.steps()


def test_the_sum_of_contributions_is_written_out():
    x = leaf(3.0)
    assert "x̄ = 1 + 3 + 3 = 7   (used 3 times" in mg.explain(x*x + x).steps()


def test_a_graph_of_second_order_is_explained_as_backward_walks_it():
    x = leaf([1.0, 2.0])
    slope = mg.grad(lambda x: np.sum(x**3))(x)
    loss = np.sum(slope*slope)
    explanation = mg.explain(loss)
    loss.backward()
    assert np.array_equal(explanation["x"].cotangent, x.grad)
    assert np.allclose(x.grad, 36*np.array([1.0, 2.0])**3)


@pytest.mark.parametrize("make", [
    lambda: np.sum(np.sqrt(leaf([0.0, 4.0]))), lambda: np.sum(leaf(np.zeros((0, 3)))*2),
    lambda: np.sum(leaf([1, 2], dtype=np.float16)*3), lambda: leaf(2.0),
    lambda: np.sum(np.where([True, False], leaf([1.0, np.nan]), 0.0)),
    lambda: np.sum(leaf(np.full(3, np.inf))*0.5)])
def test_odd_values_are_shown_in_every_form(make):
    with np.errstate(all="ignore"):
        explanation = mg.explain(make())
    ElementTree.fromstring(explanation.svg())
    for text in (str(explanation), explanation.steps(), explanation._repr_html_()):
        assert explanation.loss.name in text


# --- what cannot be explained -------------------------------------------------------------
def used_up():
    loss = leaf(2.0)*3
    loss.backward()
    return loss


@pytest.mark.parametrize("make, error, says", [
    (lambda: mg.explain(3.0), TypeError, "came float, needs the tensor"),
    (lambda: mg.explain(np.ones(2)), TypeError, "came ndarray"),
    (lambda: mg.explain(mg.tensor(1)), RuntimeError, "requires_grad=True"),
    (lambda: mg.explain(used_up()), RuntimeError, "retain_graph=True"),
    (lambda: mg.explain(leaf([1.0, 2.0])*2), ValueError, "shape .2,., needs one entry"),
    (lambda: mg.explain(leaf([1.0])*2, np.ones(3)), ValueError, "nothing is broadcast"),
    (lambda: mg.explain(leaf(1.0)*2, names="w"), TypeError, "needs a module or"),
    (lambda: mg.explain(leaf(1.0)*2, gradient="1"), TypeError, "needs real numbers")])
def test_errors_say_what_came_and_what_to_do(make, error, says):
    with pytest.raises(error, match=says):
        make()


def test_in_a_compiled_step_the_error_says_what_to_do():
    x = leaf(2.0)

    @mg.compile
    def step(a):
        loss = x*a
        mg.explain(loss)
        return loss
    with pytest.raises(RuntimeError, match="call the function without mg.compile"):
        step(np.array(3.0))


# --- how it looks -------------------------------------------------------------------------
HOSTILE = "</svg></style><script>document.title='owned'</script>\"'&"


def test_names_are_escaped_everywhere():
    x = leaf(2.0)
    explanation = mg.explain(x*x + 1, names={HOSTILE: x})
    ElementTree.fromstring(explanation.svg())
    assert explanation[HOSTILE].cotangent == 4
    for html in (explanation._repr_html_(), explanation.steps()._repr_html_(),
                 explanation.table()._repr_html_(), explanation.svg()):
        assert "owned'</script>" not in html and "document.title" not in html.replace(
            "&lt;script&gt;document.title", "")


def test_lines_fit_a_terminal_and_arrays_do_not_flood_it():
    model, loss = network()
    explanation = mg.explain(loss, model)
    assert max(map(len, str(explanation).splitlines())) <= 100
    big = leaf(np.zeros((300, 300)))
    assert len(str(mg.explain(np.sum(big*big)))) < 1500


def test_a_deep_graph_is_cut_with_a_note():
    x = y = leaf(1.0)
    for _ in range(20_000):
        y = y*1.0
    explanation = mg.explain(y)
    picture = explanation.svg()
    assert explanation["x"].cotangent == x.item() == 1 and "19,941 more" in picture
    assert picture.count("<title>") == 60 and len(explanation._repr_html_()) < 200_000
    assert "more" in str(explanation) and len(str(explanation)) < 20_000


def test_importing_minigrad_does_not_load_the_explanation():
    code = ("import sys, numpy as np, minigrad as mg; x = mg.tensor(1.0, True);"
            "(x*x).backward(); assert 'minigrad.explanation' not in sys.modules;"
            "mg.explain(x*x); assert 'minigrad.explanation' in sys.modules;"
            "assert 'sympy' not in sys.modules")
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_page_steps_by_buttons_and_keys_and_fits_a_phone(browser, tmp_path):
    model, loss = network()
    explanation = mg.explain(loss, model)
    path = tmp_path/"page.html"
    explanation.save(path)
    twice = explanation._repr_html_() + explanation._repr_html_()
    path.write_text(path.read_text("utf-8").replace("</body>", twice + "</body>"), "utf-8")
    page = browser.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(error))
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(path.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    where = page.locator("output")
    assert where.all_inner_texts() == ["1 of 8"]*3      # each control is its own
    page.locator("[data-by='1']").nth(1).click()
    page.locator("[role=group]").nth(2).press("End")
    assert where.all_inner_texts() == ["1 of 8", "2 of 8", "8 of 8"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    sizes = page.eval_on_selector_all("svg text", "all => all.map(t => parseFloat("
                                      "getComputedStyle(t).fontSize)*t.getScreenCTM().a)")
    assert sizes and min(sizes) >= 10 and errors == []
    page.close()


# ------------------------------------------------------------- what an attack has met once
def test_a_transposed_result_has_its_local_derivative():
    w = mg.tensor([[1., 2.], [3., 4.]], requires_grad=True)
    y = w.T
    edge, = mg.explain(np.sum(y*y))["y"].inputs
    assert edge.jacobian().tolist() == [[1, 0, 0, 0], [0, 0, 1, 0], [0, 1, 0, 0],
                                        [0, 0, 0, 1]]


def test_letters_of_the_formula_are_no_names_of_the_users():
    c1, g = (mg.tensor([2., 3.], requires_grad=True) for _ in range(2))
    edge, = mg.explain(np.sum(c1/np.array([5., 7.]))).edges[:1]
    assert edge.formula == "1/c1′"
    w = mg.tensor([[2., 3.]], requires_grad=True)
    to_w = next(e for e in mg.explain(np.sum(w @ g)).edges if e.source.name == "w")
    assert to_w.formula == "g -> expand_dims(g, -1)*g′"


def test_a_rule_without_words_and_a_name_without_letters_are_shown():
    from minigrad import nn
    out = mg.explain(np.sum(nn.GRU(2, 3, rng=0)(np.ones((4, 1, 2), np.float32))[0]))
    assert "contributes" in out.steps() and "<svg" in out._repr_html_()
    x = mg.tensor([1., 2.], requires_grad=True)
    assert "multiply" in str(mg.explain(np.sum(x*x), names={"": x}))
    assert "given" in str(mg.explain(x*x, np.array([5., 7.])))
