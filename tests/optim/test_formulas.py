"""A formula is what the rule says: as expressions, as numbers, and as it is printed."""
import functools
import re
import xml.etree.ElementTree as xml

import numpy as np
import pytest
import sympy as sp

import optim
from optim.formulas import equations
from optim.formulas.rule_formulas import formula
from optim.notation.marks import Mark, latex, text
from optim.rules import LEGEND, RULES

from ..cases import each

CLOSE = 1e-12       # relative: a few dozen float64 operations on numbers near 1
DRAW = {"real": lambda rng: rng.normal(), ">= 0": lambda rng: rng.uniform(0, 2),
        "> 0": lambda rng: rng.uniform(0.1, 2),
        "[0, 1)": lambda rng: rng.uniform(0.05, 0.95),
        "[0, 1]": lambda rng: rng.uniform(0.05, 0.95),
        "(0, 1)": lambda rng: rng.uniform(0.05, 0.95),
        "> 1": lambda rng: rng.uniform(1.05, 2),
        "1, 2, ...": lambda rng: int(rng.integers(1, 9))}
read = functools.cache(formula)
every_rule = each("name", RULES)


def drawn(f, rng):
    return {name: DRAW[f.domains[s]](rng) for name, s in f.symbols.items()}


def by_the_rule(f, values, rule=None):
    """What the plain rule makes of these numbers, by name."""
    rule = RULES[f.name] if rule is None else rule
    place, gradient = list(f.symbols)[:2]
    states = {n: values[n] for n in f.init}
    rest = {n: x for n, x in values.items() if n not in (place, gradient, *states)}
    out = rule(values[place], values[gradient], *states.values(), **rest)
    return dict(zip(f.update, out if isinstance(out, tuple) else (out,)))


@every_rule
def test_the_formula_gives_the_numbers_of_the_rule(name):
    f, rng = read(name), np.random.default_rng(1)
    compiled = {n: sp.lambdify(list(f.symbols.values()), e) for n, e in f.update.items()}
    for _ in range(20):
        values = drawn(f, rng)
        for n, expected in by_the_rule(f, values).items():
            assert compiled[n](*values.values()) == pytest.approx(expected, rel=CLOSE,
                                                                  abs=CLOSE), n


@every_rule
def test_the_printed_equations_give_the_numbers_of_the_rule(name):
    f = read(name)
    rng = np.random.default_rng(2)
    for _ in range(5):
        values = drawn(f, rng)
        known = {e.left: None for e in f.equations}
        marks = f.equations[-1].marks
        numbers = {s: values[mark.name] for s, mark in marks.items() if s in
                   f.symbols.values()}
        for equation in f.equations:
            if equation.kind == "schedule":                    # also used at t + 1
                ahead = numbers | {f.symbols["t"]: values["t"] + 1}
                later = Mark(equation.left.name, "t+1").symbol()
                numbers[later] = float(equation.right.subs(ahead))
            known[equation.left] = float(equation.right.subs(numbers))
            numbers[equation.left.symbol()] = known[equation.left]
        for n, expected in by_the_rule(f, values).items():
            mark = next(m for m in known if m.name == n and not m.hat and m.index in
                        ("t" if n in f.init else "t+1",))
            assert known[mark] == pytest.approx(expected, rel=CLOSE, abs=CLOSE), n


@every_rule
def test_the_first_step_is_the_rule_at_t_1_from_its_first_states(name):
    f = read(name)
    values = drawn(f, np.random.default_rng(3)) | {"t": 1}
    here = {f.symbols[n]: x for n, x in values.items() if n not in f.init}
    values |= {n: float(sp.sympify(start).subs(here)) for n, start in f.init.items()}
    for n, expected in by_the_rule(f, values).items():
        got = f.first_step[n].subs({f.symbols[k]: x for k, x in values.items()})
        assert float(got) == pytest.approx(expected, rel=CLOSE, abs=CLOSE), n


def test_formulas_read_as_in_the_papers():
    assert formula("adam").latex() == r"""\begin{aligned}
m_{t} &= \beta_{1} m_{t-1} + \left(1 - \beta_{1}\right) g_{t} \\
v_{t} &= \beta_{2} v_{t-1} + \left(1 - \beta_{2}\right) g_{t}^{2} \\
\hat{m}_{t} &= \frac{m_{t}}{1 - \beta_{1}^{t}} \\
\hat{v}_{t} &= \frac{v_{t}}{1 - \beta_{2}^{t}} \\
\theta_{t+1} &= \theta_{t} - \frac{\eta \hat{m}_{t}}{\sqrt{\hat{v}_{t}} + \varepsilon}
\end{aligned}"""
    assert str(formula("nadam").equations[-1]) == (
        "theta[t+1] = theta[t] - lr*(mu[t+1]*m[t]/(1 - mu[t+1]*mu_product[t]) + "
        "(1 - mu[t])*g[t]/(1 - mu_product[t]))/(sqrt(v_hat[t]) + eps)")
    assert str(formula("momentum").equations[-1]) == "theta[t+1] = theta[t] - m[t]"


@every_rule
def test_no_code_name_is_left_in_the_latex(name):
    f = read(name)
    tex = f.latex() + f.frame[0].latex() + f.frame[1].latex() + f.row.latex()
    names = [n for n in LEGEND if len(n) > 1] + ["alpha", "hat", "sqrt", "frac", "max"]
    bare = re.sub(r"\\(mathrm|text|begin|end)\{[^}]*\}", "", tex)
    for n in names:
        assert not re.search(rf"(?<![\\A-Za-z]){n}(?![A-Za-z])", bare), n


@every_rule
def test_the_mathml_is_well_formed_and_has_nothing_that_browsers_dropped(name):
    for line in read(name).mathml().splitlines():
        root = xml.fromstring(line)
        assert root.tag == "math" and root.get("display") == "block"
        tags = {e.tag for e in root.iter()}
        assert tags <= {"math", "mrow", "mi", "mn", "mo", "msub", "msup", "msubsup",
                        "mfrac", "msqrt", "mroot", "mover", "munder", "munderover",
                        "mtable", "mtr", "mtd", "mtext", "mspace"}, tags
        assert "-" not in {e.text for e in root.iter("mo")}           # a hyphen is no minus


def test_an_index_says_when_a_letter_is_read():
    lines = [str(e) for e in formula("adadelta").equations]
    assert lines[1].startswith("v_delta[t] = rho*v_delta[t-1] + ")
    assert "v_delta[t-1]" in lines[2] and "v_delta[t]" not in lines[2]


def test_an_unknown_name_is_answered_with_the_nearest_and_all():
    with pytest.raises(ValueError, match=r"'adm'. did you mean adam\?.*adagrad.*amsgrad"):
        formula("adm")
    assert str(formula("Adam")) == str(formula("adam"))


def test_a_rule_of_ones_own_has_a_formula_and_says_what_it_takes_to_be_real():
    def own(w, slope, hold=lambda w: 2*w, *, t, lr=0.1, wobble=3):
        hold = np.where(slope > 0, hold + wobble*slope, 0.5*hold)
        return w - lr*hold, hold

    f = formula(own)
    assert f.assumed == ("w", "slope", "hold", "wobble")
    assert f.init["hold"] == 2*f.symbols["w"]
    assert "any real number: w, slope, hold, wobble" in str(f)
    assert f.domains[f.symbols["lr"]] == "> 0"
    assert "np.where" in f.source and f.row.phi is None
    assert r"w_{t+1} &= w_{t} - \eta \mathrm{hold}_{t}" in f.latex()
    assert "mtable" in f.mathml()
    values = {"w": 1.5, "slope": -2.0, "hold": 0.25, "t": 3, "lr": 0.5, "wobble": 1.0}
    for n, expected in by_the_rule(f, values, own).items():
        got = f.update[n].subs({f.symbols[k]: x for k, x in values.items()})
        assert float(got) == pytest.approx(expected)


def test_a_rule_that_forgets_to_return_a_state_is_refused():
    with pytest.raises(TypeError, match="came 1 result, needs theta and the states m:"):
        formula(lambda theta, g, m, *, t: theta - m)
    with pytest.raises(TypeError, match="returns nothing; it has to return w, m"):
        formula(lambda w, g, m, *, t: None)


def test_a_hyperparameter_before_the_star_is_told_where_to_stand():
    with pytest.raises(TypeError, match=r"the states lr are .* after a \* in \(theta"):
        formula(lambda theta, g, lr=0.1: theta - lr*g)
    with pytest.raises(TypeError, match=r"did you mean \(w, g, m, \*, t, lr\)\?"):
        formula(lambda w, g, m, t, lr: (w - lr*m, m))


@pytest.mark.parametrize("rule", [
    lambda: 1, lambda theta: theta, lambda theta, *, g: theta, lambda theta, g, *m: theta,
    lambda theta, g, **others: theta, lambda theta, g, /: theta, print, len])
def test_a_function_without_the_signature_of_a_rule_is_refused(rule):
    with pytest.raises(TypeError, match=r"is not a rule; needs \(theta, g, \*states"):
        formula(rule)


def test_an_optimizer_class_has_the_formula_of_its_rule():
    assert str(formula(optim.Adam)) == str(formula("adam"))
    assert str(formula(optim.SGD)) == str(formula("gradient_descent"))


@pytest.mark.parametrize("wrong, word", [
    (None, "None"), (3, "3"), ([], "a list"), (dict, "the class dict"),
    ({"nag"}, "a set")])
def test_what_is_no_rule_is_refused_in_words(wrong, word):
    with pytest.raises(TypeError, match=f"came {word}; needed a rule's name, or a rule as"):
        formula(wrong)


def test_a_letter_stands_for_a_state_only_where_nothing_changes():
    """m becomes 2*m + g: theta - 2*m - 3*g is theta - m_t - 2*g, not theta - m_t."""
    def twice(theta, g, m, *, t):
        return theta - 2*m - 3*g, 2*m + g

    f = formula(twice)
    step, new = f.equations[-1].right, Mark("m", "t", "new").symbol()
    assert step.has(new)
    assert sp.expand(step.subs(new, f.update["m"]) - f.update["theta"]) == 0


def test_a_printed_form_that_is_not_equal_is_thrown_away(monkeypatch):
    """The planted error: a letter put in place of something else."""
    monkeypatch.setattr(equations, "in_terms_of", lambda e, letter, value, old: e + letter)
    f = formula("momentum")
    assert f.equations[-1].right == f.update["theta"]


def test_the_frame_is_shown_with_its_difference():
    frame, difference = formula("rmsprop").frame
    assert str(frame) == "theta[t+1] = theta[t] - lr*g[t]/sqrt(v[t] + eps)"
    assert difference.right == formula("rmsprop").equations[-1].right - frame.right != 0
    for name in ("gradient_descent", "momentum", "nag", "adadelta"):
        assert read(name).frame[1].right == 0


def test_terms_and_factors_stand_in_the_order_in_which_one_writes_them():
    f = formula("adam")
    s = f.symbols
    marks = f.equations[-1].marks
    assert text(s["eps"] + sp.sqrt(s["v"]), marks) == "sqrt(v[t-1]) + eps"
    assert latex(s["g"]*(1 - s["beta1"]), marks) == r"\left(1 - \beta_{1}\right) g_{t}"
    assert text(sp.Rational(24, 25)**s["t"], marks) == "0.96**t"
    assert text(sp.Rational(1, 3)**s["t"], marks) == "(1/3)**t"


def test_a_formula_stands_for_the_rule_it_was_read_from():
    assert formula(formula("nag")).update == formula("nag").update


def test_unusual_rules_print_too():
    def rule(theta, g, exponential_moving_average_of_squared_gradients, *, damping):
        new = damping*(exponential_moving_average_of_squared_gradients + g)
        return theta - new + (-0.5)**damping, new

    f = formula(rule)                        # no t; a long name; a factored state; (-1/2)**
    step = f.equations[-1]
    assert "t" not in f.symbols and step.right.has(
        Mark("exponential_moving_average_of_squared_gradients", "t").symbol())
    assert r"\left(- \frac{1}{2}\right)^{\mathrm{damping}}" in step.latex()
    assert r"\mathrm{exponential\_moving\_average\_of\_squared\_gradients}_{t}" in f.latex()
    assert "&lt;lambda&gt;" in formula(lambda theta, g, *, t: theta - g)._repr_markdown_()
    assert formula(functools.partial(RULES["adam"], beta1=0.5)).name == "partial"


def test_formulas_show_themselves_in_a_notebook():
    f = formula("momentum")
    assert f._repr_latex_().startswith("$\\displaystyle \\begin{aligned}")
    assert "$$\\begin{aligned}" in f._repr_markdown_()
    assert "**momentum**" in f._repr_markdown_() and "<math" in f.mathml()
