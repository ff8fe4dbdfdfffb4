"""The playground's page computes what Python computes, in a browser.

Every number is compared to CLOSE = 1e-12 of the larger coordinate; most are the same bits,
since the page rounds in the order in which the rules are written. What differs is in the
last place of exp, sin, tanh and the like, which browsers have of their own.
"""
import json
import re
import warnings
from pathlib import Path

import numpy as np
import pytest

import minigrad as mg
import optim
from optim.landscapes import LANDSCAPES, landscape
from optim.optimizers.signatures import first_states
from optim.playground import landscape_texts, network_text, read_back
from optim.playground.dialect_rules import keys, papers
from optim.playground.javascript import mathematics
from optim.playground.playground_page import mathematics_of
from optim.playground.presets import presets
from optim.playground.printer import Printer, number, template
from optim.playground.statements_text import Program
from optim.playground.rule_texts import methods, programs
from optim.playground.traced import at_every_branch
from optim.playground.written import letter
from optim.races import race
from optim.races.replays import STEPS, replay
from optim.races.typed_functions import parsed
from optim.rules import FIRST, WHOLE_RULES
from optim.rules import RULES as PAPER
from optim.stability import dynamics

from . import page_runs as pages
from .page_runs import CLOSE, RULES, differences

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")
ANSWER = "text => { try { return MG.parse(text).text } catch (e) { return " \
         "[e instanceof MG.MGError, e.message] } }"


@pytest.fixture(scope="module")
def page(browser):
    """A page in which MG stands."""
    return with_mathematics(browser, mathematics())


def with_mathematics(browser, text):
    page = browser.new_page()
    page.add_script_tag(content=text.replace("const MG =", "window.MG =", 1))
    return page


def test_the_stored_page_holds_this_mathematics():
    """If not: minigrad playground --out notebooks/playground.html."""
    stored = Path(__file__).parents[2]/"notebooks"/"playground.html"
    assert mathematics_of(stored.read_text(encoding="utf-8")) == mathematics()


# ------------------------------------------------------------------------ rules
def test_every_rule_of_the_papers_and_every_class_of_the_dialects_is_there(page):
    there = page.evaluate("Object.keys(MG.rules)")
    assert there == [*keys()]
    assert len(PAPER | WHOLE_RULES) == 33 and {*PAPER, *WHOLE_RULES} <= {*there}
    from optim import dialects
    functions = {f for library in ("pytorch", "keras", "optax") for f in getattr(
        __import__(f"optim.dialects.{library}_rules", fromlist=["x"]), "RULES").values()}
    chosen = {x for x in map(core, RULES.values())}
    assert functions <= chosen | {*PAPER.values()}
    assert {f"survey:{n}" for n in dialects.survey.RULES} <= {*there}


def core(rule):
    """The rule that an adapted one calls."""
    inside = [c.cell_contents for c in rule.__closure__ or ()
              if callable(c.cell_contents) and hasattr(c.cell_contents, "__code__")]
    known = [f for f in inside if f.__module__.startswith("optim.dialects") and
             "adapted" not in f.__module__]
    return next(iter(known), rule)


def steps_of_rules(rules=RULES, plain=5, special=5, seed=0):
    rng = np.random.default_rng(seed)
    return [pages.some_step(key, rng, k >= plain) for key in rules
            for k in range(plain + special)]


def wrong_steps(page, steps):
    """The keys of rules of which a step in the page is not Python's."""
    found = page.evaluate(pages.STEPS, [pages.sent(step) for step in steps])
    return {step[0] for step, after in zip(steps, found) for mine, other in zip(
        after, pages.python_step(step), strict=True)
        if not differences(mine, other).max(initial=0) <= CLOSE}


def test_each_step_is_pythons_from_any_state_and_at_nan_inf_and_0(page):
    assert wrong_steps(page, steps_of_rules()) == set()


def test_states_start_where_pythons_start(page):
    theta = np.array([0.3, -2.0])
    starts = [[key, theta.tolist(), pages.defaults(rule)] for key, rule in RULES.items()]
    for (key, _, h), found in zip(starts, page.evaluate(pages.STARTS, starts)):
        wanted = first_states(RULES[key], theta, h)
        assert [*map(np.ravel, wanted.values())] == [pytest.approx(x, abs=0) for x in found]


def test_paths_of_every_rule_are_pythons(page):
    runs = pages.every_run(RULES, ["booth"], 50)
    far = {key: differences(path, pages.python_path(key, name, steps)).max()
           for (key, name, steps, _), path in zip(runs, page.evaluate(pages.PATHS, runs))}
    assert {key for key, x in far.items() if not x <= CLOSE} == set()
    assert len([x for x in far.values() if x == 0]) > 0.9*len(far)      # the same bits


def test_paths_on_every_landscape_are_pythons(page):
    """Of two rules whose steps are no longer than a landscape bends; others magnify the
    last place of a sine, step after step, and are compared in tests/full step by step."""
    runs = pages.every_run(["adam", "torch:RMSprop"], LANDSCAPES, 50)
    for (key, name, steps, _), path in zip(runs, page.evaluate(pages.PATHS, runs)):
        assert differences(path, pages.python_path(key, name, steps)).max() <= CLOSE, name


PLANTED = {     # a slip in the printed text, and a rule of which a step is wrong then
    "beta1*m[i] + (1 - beta1)*g[i]": ("beta1*m[i] + (1 + beta1)*g[i]", "adam"),
    "pow(beta2, t)": ("pow(beta2, t + 1)", "adam"),
    "const sign = x => Math.sign(x) + 0;": (
        "const sign = x => x < 0 ? -1 : 1;", "sign_sgd"),
    "Math.max(": ("Math.min(", "adamax"), " !== 0 ? (": (" === 0 ? (", "lars"),
    "function sum(x) { let s = 0;": ("function sum(x) { let s = 1e-9;", "lamb"),
    "if (p > 0) return out[0] + out[1];": (
        "if (p > 0) return (out[0] + out[1])*(1 + 1e-6);", "adam")}


def test_slips_in_the_printed_text_are_found(browser):
    for text, (slip, key) in PLANTED.items():
        key = next(k for k in RULES if k == key or k == f"optax:{key}")
        assert text in mathematics()
        page = with_mathematics(browser, mathematics().replace(text, slip))
        assert wrong_steps(page, steps_of_rules([key])) == {key}, text
        page.close()


def test_letters_that_are_words_of_javascript_are_no_trouble(browser):
    def odd(theta, g, new, var=1.5, *, t, delete=0.5, h=2.0, n=3.0, Math=1.0, a=0.25):
        new = delete*new + (1 - delete)*g**2
        return theta - h*g/(np.sqrt(new) + a)*n*Math*var, new, var*2

    init, step, _ = methods(odd, *programs(odd))
    page = browser.new_page()
    found = page.evaluate(
        f"() => {{ {runtime()} const init = {init}, step = {step};"
        "const h = {delete: .5, h: 2, n: 3, Math: 1, a: .25};"
        "const s = init([1, 2], h), r = step([1, 2], [3, -4], s, 1, h);"
        "return [[...r.theta], [...r.state.new], r.state.var]; }")
    wanted = odd(np.array([1., 2.]), np.array([3., -4.]), 0*np.ones(2), t=1)
    assert [*map(list, wanted[:2]), wanted[2]] == found


def runtime():
    return mathematics().partition('"use strict";')[2].partition("const FUNCTION =")[0]


def test_what_is_printed_of_a_rule_must_be_its_formula():
    from optim import formula
    rule = PAPER["adam"]
    first, after = programs(rule)
    read_back.check(formula(rule), first, after)
    after["m"] = programs(PAPER["adamax"])[1]["theta"]
    with pytest.raises(ValueError, match="what is printed of m is"):
        read_back.check(formula(rule), first, after)


def test_numbers_and_operations_are_printed_without_loss():
    assert [number(x) for x in (0.1, 1e-7, 2.0, -3, True, np.inf)] == [
        "0.1", "1e-07", "2", "-3", "true", "Infinity"]
    with pytest.raises(ValueError, match="is no float"):
        number(2**60 + 1)
    assert template(np.where, 3)[0] == "A ? B : C" and template(np.log1p, 1)[0] == (
        "Math.log1p(A)")
    import sympy as sp
    assert Printer().doprint((sp.Symbol("x") + 1)**2) == "(x + 1)*(x + 1)"
    x, y = letter("x"), letter("y")
    (node,) = at_every_branch(lambda: x - (y - (x - y)))
    assert Program({"f": node}).names["f"] == "x - (y - (x - y))"
    (node,) = at_every_branch(lambda: max(x, y) if x else -y/(x/y))
    assert "x !== 0" in Program({"f": node}).names["f"]
    with pytest.raises(TypeError, match="has no meaning for the page yet"):
        at_every_branch(lambda: np.sort(letter("v", (5,))))


def test_equations_light_up_and_a_dialect_says_where_it_differs(page):
    rules = json.loads(page.evaluate("JSON.stringify(MG.rules)"))
    for key, rule in rules.items():
        assert rule["equations"] and all(
            e["mathml"].startswith("<math") and e["mathml"].endswith("</math>")
            and "merror" not in e["mathml"] for e in rule["equations"]), key
        lit = set(re.findall(r"class='letter-(\w+)'", str(
            [e["mathml"] for e in rule["equations"]])))
        assert lit <= {*rule["hyper"]}, key
        for name, x in rule["hyper"].items():
            assert x["low"] <= x["value"] <= x["high"] and (not x["log"] or x["low"] > 0)
            assert name in lit or name in ("lr", "initial") or x["inert"] or (
                "note" in rule or key.endswith("warmup")), (key, name)
    assert rules["keras:Adam"]["differs"] == ["theta[t+1]"]
    assert rules["torch:RMSprop"]["differs"] == rules["survey:adam"]["differs"] == []
    assert all(rules[key]["paper"] == paper for key, paper in papers().items())


# ------------------------------------------------------------------- landscapes
def test_values_and_gradients_of_landscapes_are_pythons(page):
    rng = np.random.default_rng(1)
    for name, land in LANDSCAPES.items():
        points = np.stack([rng.uniform(*ends, 40) for ends in land.domain], axis=1)
        points = np.concatenate([points, [land.start], 0*points[:1]])
        found = page.evaluate("([name, points]) => points.map(p => [MG.landscapes[name]"
                              ".value(...p), ...MG.landscapes[name].gradient(...p)])",
                              [name, points.tolist()])
        wanted = [[land.at(p), *land.gradient(p)] for p in points]
        assert differences(found, wanted).max() <= 4*CLOSE, name


def test_what_a_step_sees_of_a_noisy_landscape_is_drawn_as_in_python(page):
    for name in ("noisy_quadratic", "reddi"):
        seen, point = LANDSCAPES[name].seen(0), np.array(LANDSCAPES[name].start)
        found = page.evaluate("([name, p]) => [1, 2, 3, 4, 5, 6].map(t => MG.landscapes"
                              "[name].sampledValue(...p, t))", [name, point.tolist()])
        assert found == [float(seen(point)) for _ in range(6)]
    assert page.evaluate("MG.landscapes.noisy_quadratic.sampledValue(1, 1, 1) === MG."
                         f"landscapes.noisy_quadratic.sampledValue(1, 1, "
                         f"{1 + landscape_texts.DRAWS})")


def test_the_animations_and_reddis_example_run_in_the_page(page):
    known = presets()
    for name in ("contours", "saddle"):
        wanted = replay(name)
        runs = [[x["rule"], known[name]["landscape"], STEPS, x["hyper"]]
                for x in known[name]["runs"]]
        for x, path in zip(known[name]["runs"], page.evaluate(pages.PATHS, runs)):
            assert (differences(path, wanted[x["label"]]) <= CLOSE).all(), x
    own = [x["hyper"] for x in known["reddi"]["runs"]]
    runs = [[x["rule"], "reddi", 600, x["hyper"]] for x in known["reddi"]["runs"]]
    paths = page.evaluate(pages.PATHS, runs)
    wanted = race({"adam": ("adam", own[0]), "amsgrad": ("amsgrad", own[1])}, "reddi",
                  steps=600).paths
    assert [p[-1] for p in paths] == [pytest.approx(p[-1], abs=1e-12)
                                      for p in wanted.values()]
    lands = {x["landscape"] for x in known.values()}
    assert lands <= {*LANDSCAPES} and {x["rule"] for p in known.values()
                                       for x in p["runs"]} <= {*RULES}


# --------------------------------------------------------------- one's own f(x, y)
TYPED = """x**2 + 10*y**2|abs(x) - maximum(x, y)|maximum(x*y, x*y)|minimum(x, 0)|-x**2**y|
2**x*y**-2|sqrt(x**2)|sqrt(x*0)|cbrt(x)|abs(x)**0.5|square(sin(x)) + cos(y)/tan(x)|
exp(-x**2)*log(1 + y**2)|arcsin(x/9) + arccos(y/9) + arctan(x)|tanh(x)*sinh(y) - cosh(x)|
log1p(x**2) + expm1(y/5)|x**0|x**1|(x - x)**0|x/y/2|x - (y - 1) - 2|3|pi*e|+-+x|1e-3*x|
.5*x + 5.*y + 1_0|0x1F*x|x**0.5|x**y|(-1)**x|maximum(maximum(x, y), x)|
0*x|-0*x|1/(-0*x)|1/(0.0*-x)|minimum(x, y,)|x**3/3 - x*y**2|((((x))))|sqrt(abs(x))*0|
7/2*x|2**-1*x|2**3**2*x|e**x|x**-1|abs(abs(x) - 1)|sqrt(x) - sqrt(x)""".replace(
    "\n", "").split("|") + ["x*(y # two\n)", "x\t+ (\n y)  # end"]
POINTS = [(1.0, 2.0), (-1.5, 0.5), (0.0, 0.0), (-0.0, 1.0), (2.0, 2.0), (-3.0, -3.0),
          (1e-200, 1e200), (0.25, -0.75)]
REFUSED = """|  |2x|x^2|sin x|x y|x.y|x[0]|'x'|lambda: x|x if x else y|x < y|x, y|(x, y)|
x and y|not x|~x|x // y|x % y|x @ y|1j*x|1e13*x|1e400|x**101|x**-101|x**(50*3)|10**13|
0**-1*x|1/0|sqrt(-1)|log(0)|(-8)**(1/3)|sin(x, y)|maximum(x)|sin()|sin(x=1)|sin(*x)|
sin|z|f(x)|
x(2)|2(x)|__import__('os')|constructor|toString(x)|__proto__|hasOwnProperty(x)|x;y|x=1|
x:=1|x+|*x|(x|x)|()|007*x|1__0*x|x\\y|x\ty z|1..real|eval(x)|alert(1)|x => y|`x`|${x}|
<script>|x/*y*/|//x|π|0x|1e|1e5x|x**|exp(1000)|1e12*1e12|True*x|None|[x]|{x}|x!|x''|
x ** ** y|window|process|this|arguments|Function('x')|x?.y|x ?? y|x => 1|a.b.c()""".replace(
    "\n", "").split("|") + [
    "(x", "x"*501, "+".join(["x"]*60), "-"*60 + "x", "("*240 + "x" + ")"*240,
    "sin("*60 + "x" + ")"*60, "x**"*60 + "x", "x\0", "\ud800x", "x" + chr(0x202e),
    "9"*400, "x\n+ y"]


def of_python(text, point):
    """Value and gradient; None where minigrad refuses a NaN that is born on the way back.
    """
    f = landscape(parsed(text), start=(1, 1))
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        value = float(f(*map(np.float64, point)))
        try:
            return value, *f.gradient(point)
        except FloatingPointError:
            return value, None, None


def typed(page, text, points=POINTS):
    return page.evaluate("([text, points]) => { const f = MG.parse(text); "
                         "return points.map(p => [f.value(...p), ...f.gradient(...p)]); }",
                         [text, [*map(list, points)]])


def far_off(found, wanted):
    """Whether entries differ; each by itself, since a value says nothing of a slope."""
    if wanted[1] is None:               # then one of the slopes is NaN
        return not np.isnan(found[1:]).any()
    apart = differences(np.array(found)[:, None], np.array(wanted)[:, None])
    return not (apart <= CLOSE).all()


def test_a_typed_function_and_its_gradient_are_minigrads_at_kinks_too(page):
    for text in TYPED:
        for point, found in zip(POINTS, typed(page, text), strict=True):
            wanted = of_python(text, point)
            assert not far_off(found, wanted), (text, point, found, wanted)


def random_text(rng, depth=4):
    """A formula of sums, products, kinks and functions that exist everywhere."""
    if depth == 0 or rng.uniform() < 0.15:
        return str(rng.choice(["x", "y", "2", "0.5", "3"]))
    a, b = random_text(rng, depth - 1), random_text(rng, depth - 1)
    forms = ["({a} + {b})", "({a} - {b})", "{a}*{b}", "{a}/({b}*{b} + 1)", "-{a}",
             "maximum({a}, {b})", "minimum({a}, {b})", "abs({a})", "sin({a})", "tanh({a})",
             "square({a})", "sqrt({a}**2 + 1)", "({a})**2", "exp(-abs({a}))", "arctan({a})"]
    return str(rng.choice(forms)).format(a=a, b=b)


def test_random_typed_functions_are_minigrads(page):
    rng, scale = np.random.default_rng(2), 100      # of CLOSE: errors add up in a formula
    for text in (random_text(rng) for _ in range(40)):
        if len(text) > 400:
            continue
        for found, point in zip(typed(page, text, POINTS[:6]), POINTS[:6]):
            wanted = np.array(of_python(text, point))
            apart = np.abs(np.array(found) - wanted)
            assert (apart <= scale*CLOSE*(1 + np.abs(wanted))).all(), (text, point)


def test_what_python_refuses_the_page_refuses_as_an_error_of_its_own(page):
    for text in REFUSED + TYPED:
        try:
            parsed(text)
            wanted = text.strip()
        except ValueError:
            wanted = None
        found = page.evaluate(ANSWER, text)
        assert found == wanted if wanted else found[0] is True and len(found[1]) > 10, text
    assert all(isinstance(page.evaluate(ANSWER, text), list) for text in REFUSED)
    assert "^ is written **" in page.evaluate(ANSWER, "x^2")[1]
    assert "with * for each product" in page.evaluate(ANSWER, "2x")[1]


def test_a_slip_in_the_tape_is_found(browser):
    text = "maximum(x, y)*abs(x)"
    for right, wrong in (("g/2", "g"), ("(g, y, a) => g*sign(a)", "(g, y, a) => g")):
        assert right in mathematics()
        page = with_mathematics(browser, mathematics().replace(right, wrong))
        found = typed(page, text)
        assert any(far_off(f, of_python(text, p)) for f, p in zip(found, POINTS))
        page.close()


# ------------------------------------------------------- the network, the stability map
def test_the_network_is_minigrads(page):
    x, y = network_text.data()
    rng = np.random.default_rng(3)
    start = network_text.start()
    for name, activation in network_text.ACTIVATIONS.items():
        for theta in (start, start + rng.normal(size=82), 0*start):
            value, slope = mg.value_and_grad(lambda p: network_text.loss(
                p, x, y, activation))(theta)                # noqa: B023
            found = page.evaluate("([p, name]) => { const r = MG.network.valueAndGradient("
                                  "p, name); return [r.value, [...r.gradient]]; }",
                                  [theta.tolist(), name])
            assert abs(found[0] - value) <= CLOSE*value
            assert differences(found[1], slope).max() <= CLOSE
        ends = page.evaluate("([p, x, name]) => MG.network.logits(p, ...x, name)",
                             [start.tolist(), [0.5, -0.25], name])
        wanted = network_text.logits(start, np.array([[0.5, -0.25]]), activation)[0]
        assert differences(ends, wanted).max() <= CLOSE
    assert page.evaluate("[...MG.network.start]") == start.tolist()


def test_any_rule_trains_the_network(page):
    """From Python's gradient each rule's step is Python's; by the page's own ones as well,
    but where a rule divides by what is nearly 0, such as a variance of one gradient."""
    x, y = network_text.data()
    slope = mg.grad(lambda p: network_text.loss(p, x, y, np.tanh))
    theta, steps = network_text.start(), []
    for key, rule in RULES.items():
        h = pages.defaults(rule)
        steps.append([key, theta, slope(theta), first_states(rule, theta, h), 1, h])
    for step, after in zip(steps, page.evaluate(pages.STEPS, [*map(pages.sent, steps)])):
        for mine, other in zip(after, pages.python_step(step), strict=True):
            assert differences(mine, other).max(initial=0) <= CLOSE, step[0]
    trained = ["adam", "momentum", "adagrad", "lamb", "muon", "torch:RMSprop", "lion"]
    ends = page.evaluate("""keys => keys.map(key => {
      const rule = MG.rules[key], h = {}, net = MG.network;
      for (const n in rule.hyper) h[n] = rule.hyper[n].value;
      let theta = net.start.slice(), state = rule.init(theta, h);
      for (let t = 1; t <= 10; t++) ({theta, state} = rule.step(
        theta, net.gradient(theta, "tanh"), state, t, h));
      return [...theta]; })""", trained)
    for key, end in zip(trained, ends):
        wanted = optim.minimize(lambda p: network_text.loss(p, x, y, np.tanh), theta,
                                RULES[key], 10, **pages.defaults(RULES[key])).theta[-1]
        assert differences(end, wanted).max() <= CLOSE, key


def test_the_stability_map_is_the_one_of_optim_stability(page):
    there = page.evaluate("Object.fromEntries(Object.entries(MG.stability).map("
                          "([n, x]) => [n, x.hyper]))")
    assert {*there} == {"gradient_descent", "momentum", "nag", "qhm", "sgdw"}
    rng = np.random.default_rng(4)
    for name, letters in there.items():
        known = dynamics(name)
        for _ in range(20):
            s, h = rng.uniform(0, 5), {n: rng.uniform(0, 1) for n in letters}
            found = page.evaluate("([n, s, h]) => MG.stability[n].radius(s, h)",
                                  [name, s, h])
            assert found == pytest.approx(float(known.radius(s, **h)), rel=1e-7)


def test_the_text_is_small_and_stands_in_a_script(page):
    text = mathematics()
    assert len(text.encode()) < 350_000 and "</" not in text
    assert not re.search(r"\beval\(|new Function\(|\bimport\(|fetch\(|https?://", re.sub(
        r"http://www.w3.org", "", text))
    assert len(FIRST) == 11
