"""The family of the rules: every edge holds, falls with either rule, and is drawn as told.

Errors are planted in the source of a rule, so that the whole of it goes along with them.
"""
import sys
import xml.etree.ElementTree as xml
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from optim import plots
from optim.derivations import Family, becoming, family, rule_letters
from optim.derivations.claim import claim
from optim.derivations.special_cases import SpecialCase
from optim.formulas.rule_formulas import formula
from optim.papers import t
from optim.plots.families import LEFT, PLACES, RIGHT
from optim.rules import FIRST, RULES

GAP = 1.0                                   # pixels between a label and what is not its own
tree = cache(family)
# rule: what stands in its source, and what makes each of its steps twice as long
DOUBLED = {
    "gradient_descent": ("lr*g", "2*lr*g"), "momentum": ("lr*g", "2*lr*g"),
    "nag": ("lr*g", "2*lr*g"), "adagrad": ("lr*g", "2*lr*g"), "rmsprop": ("lr*g", "2*lr*g"),
    "adadelta": ("np.sqrt(v_delta + eps)", "2*np.sqrt(v_delta + eps)"),
    "adam": ("lr*m_hat", "2*lr*m_hat"), "adamax": ("lr*m_hat", "2*lr*m_hat"),
    "nadam": ("lr*m_bar", "2*lr*m_bar"), "adamw": ("theta + step", "theta + 2*step"),
    "amsgrad": ("lr*m/", "2*lr*m/")} | dict.fromkeys(
        ("sign_sgd", "lion", "qhm", "aggmo", "asgd", "radam", "qhadam"),
        ("theta - lr", "theta - 2*lr")) | {
    "rprop": ("theta + moved", "theta + 2*moved"), "sgdw": ("theta - m", "theta - 2*m"),
    "schedule_free_sgd": ("zt - lr*g", "zt - 2*lr*g"),
    "adabelief": ("lr*m_hat", "2*lr*m_hat"),
    "adan": ("step = lr", "step = 2*lr"),
    "schedule_free_adamw": ("zt - lr*(", "zt - 2*lr*("),
    "rmsprop_graves": ("theta - m", "theta - 2*m"), "ftrl": ("zt + g", "zt + 2*g")}
# rule, what is planted for what, the edges that have to fall
PLANTED = [
    ("momentum", "mu*m", "mu**2*m", "nag momentum, adam momentum"),
    ("nag", "mu*m + lr*g)", "m + lr*g)", "nag momentum, nadam nag"),
    ("adagrad", "v + g**2", "v + 2*g**2", "rmsprop adagrad"),
    ("rmsprop", "np.sqrt(v) + eps", "np.sqrt(v + eps)", "rmsprop adagrad, adam rmsprop"),
    ("rmsprop", "(1 - rho)*g**2", "g**2",
     "rmsprop adagrad, adadelta rmsprop, adam rmsprop"),
    ("adadelta", "v = rho*v", "v = v", "adadelta rmsprop"),
    ("adam", "v/(1 - beta2**t)", "v",
     "adam rmsprop, adam adamax, adamw adam, amsgrad adam, nadam adam"),
    ("adam", "(1 - beta1)*g", "g",
     "adam momentum, adam adamax, adamw adam, amsgrad adam, nadam adam"),
    ("adam", "g**2", "g**4",
     "adam rmsprop, adam adamax, adamw adam, amsgrad adam, "
     "nadam adam"),
    ("adamax", "beta2*v", "v", "adam adamax"),
    ("adamax", "m/(1 - beta1**t)", "m", "adam adamax"),
    ("nadam", "mu_next*m/", "mu_now*m/", ""),           # the same where psi = 0
    ("nadam", "(1 - mu_product*mu_next)", "(1 - mu_product)", "nadam adam"),
    ("nadam", "mu_product=1", "mu_product=0", "nadam adam"),
    ("adamw", "beta2=beta2, eps", "beta2=beta1, eps", "adamw adam"),
    ("amsgrad", "np.maximum(v_max, v)", "v_max", "amsgrad adam")]


CLAIMS = {}                         # what a special case is made of: its claim
claim_of = SpecialCase.claim.fget


def claimed(case):
    """The claim of a special case; once for each pair of rules, for that is slow."""
    made_of = (case.text, case.number, *(tuple(part.items()) for f in (
        case.rule, case.target) for part in (f.update, f.init, f.needs, f.domains)))
    if made_of not in CLAIMS:
        CLAIMS[made_of] = claim_of(case)
    return CLAIMS[made_of]


def with_mutant(monkeypatch, name, old, new):
    """The family where something else stands in the source of one rule."""
    source = formula(name).source
    assert source.replace(old, new) != source
    scope = dict(RULES[name].__globals__)
    exec(source.replace(old, new), scope)
    mutant, usual = formula(scope[name]), rule_letters.rule

    def read(rule):
        return mutant if rule == name else usual(rule)
    monkeypatch.setattr(SpecialCase, "claim", property(claimed))
    for module in (rule_letters, becoming, sys.modules["optim.derivations.family_edges"],
                   sys.modules["optim.derivations.special_cases"],
                   sys.modules["optim.derivations.per_rule.largest"]):
        monkeypatch.setattr(module, "rule", read)
    return family()


def fallen(of):
    return {(e.source, e.target) for e in of.edges if not e.claim.ok}


# ------------------------------------------------------------------ what is claimed
def test_every_edge_is_proved():
    assert tree().ok and not fallen(tree()) and len(tree().edges) == 12 + 19
    assert "\nadam -> rmsprop: With beta1 = 0, " in str(tree())
    assert str(tree()).count("PROVED") == 8 + 19 and str(tree()).count("BY THEOREM") == 4
    assert all(e.how and e.claim.sentence and (e.claim.goals or e.claim.premises)
               for e in tree().edges)


def test_it_is_one_family():
    found, todo = set(), ["gradient_descent"]
    while todo:
        name = todo.pop()
        found.add(name)
        for e in tree().edges:
            todo += {e.source, e.target} - found if name in (e.source, e.target) else ()
    signs = {"sign_sgd", "rprop", "lion"}               # a family of their own
    assert found | signs | {"yogi", "adopt"} == set(RULES)


@pytest.mark.parametrize("name", DOUBLED)
def test_a_rule_of_other_steps_loses_all_its_edges_and_no_others(name, monkeypatch):
    assert fallen(with_mutant(monkeypatch, name, *DOUBLED[name])) == {
        (e.source, e.target) for e in tree().edges if name in (e.source, e.target)}


@pytest.mark.parametrize("name, old, new, edges", PLANTED)
def test_an_error_planted_in_a_rule_breaks_what_it_touches(name, old, new, edges,
                                                           monkeypatch):
    expected = {tuple(pair.split()) for pair in edges.split(", ") if pair}
    found = fallen(with_mutant(monkeypatch, name, old, new))
    assert {ends for ends in found if {*ends} <= {*FIRST}} == expected


# ------------------------------------------------------------------ how it is drawn
def drawn(figure):
    """Labels, {rule: box}, and the two ends of each arrow: in pixels."""
    figure.canvas.draw()
    axes, renderer = figure.axes[0], figure.canvas.get_renderer()
    labels = [text for text in axes.texts if text.get_label() == "how"]
    names = [text for text in axes.texts if text.get_label() != "how"]
    boxes = [p.get_window_extent(renderer) for p in axes.patches
             if isinstance(p, FancyBboxPatch)]
    arrows = [axes.transData.transform(p._posA_posB) for p in axes.patches
              if isinstance(p, FancyArrowPatch)]
    return ([(text, text.get_window_extent(renderer)) for text in labels],
            dict(zip((text.get_text() for text in names), boxes)), arrows,
            [text.get_window_extent(renderer) for text in names])


def on_something(figure):
    """The labels that lie on an arrow, on a box, on another label or off the page."""
    labels, boxes, arrows, _ = drawn(figure)
    bad = []
    for text, box in labels:
        box = box.padded(GAP)
        along = np.concatenate([a + np.linspace(0, 1, 500)[:, None]*(b - a)
                                for a, b in arrows])
        others = [other for same, other in labels if same is not text] + [*boxes.values()]
        if (((along >= box.min) & (along <= box.max)).all(axis=1).any()
                or any(box.overlaps(other) for other in others)
                or box.x0 < 0 or box.x1 > figure.bbox.x1):
            bad.append(text.get_text())
    return bad


@pytest.mark.parametrize("size", ["page", "phone"])
def test_no_label_lies_on_a_line_a_box_or_a_label_and_every_name_fits_its_box(size):
    figure = plots.family_tree(tree(), size=size)
    assert on_something(figure) == []
    _, boxes, _, names = drawn(figure)
    for name, box in zip(names, boxes.values()):
        assert box.x0 + GAP < name.x0 and name.x1 + GAP < box.x1
        assert sum(box.overlaps(other) for other in boxes.values()) == 1


def test_a_label_that_lies_on_a_line_would_be_seen():
    figure = plots.family_tree(tree())
    text = next(x for x in figure.axes[0].texts if x.get_label() == "how")
    start, end = PLACES["momentum"], PLACES["gradient_descent"]
    text.set_position([(a + b)/2 for a, b in zip(start, end)])
    assert on_something(figure) == [text.get_text()]


def test_each_arrow_leads_from_its_rule_to_what_that_becomes():
    labels, boxes, arrows, _ = drawn(plots.family_tree(tree()))
    first = [e for e in tree().edges if {e.source, e.target} <= {*FIRST}]
    assert [text.get_text() for text, _ in labels] == [e.how for e in first]
    for edge, ends in zip(first, arrows, strict=True):
        for name, end in zip((edge.source, edge.target), ends):
            box = boxes[plots.styles.title_of(name)].padded(GAP)
            assert ((box.min <= end) & (end <= box.max)).all()


def test_the_picture_has_a_place_for_every_rule_and_every_edge():
    assert set(PLACES) == set(FIRST) and not set(RIGHT) & set(LEFT)
    edges = [(e.source, e.target) for e in tree().edges]
    assert set(RIGHT) | set(LEFT) == {ends for ends in edges if {*ends} <= {*FIRST}}
    texts = [text.get_text() for text in plots.further_edges(tree()).axes[0].texts]
    later = [ends for ends in edges if not {*ends} <= {*FIRST}]
    assert [*zip(texts[::3], texts[1::3])] == [
        tuple(map(plots.styles.title_of, ends)) for ends in later]


def test_an_edge_that_is_not_proved_is_dashed():
    edge = tree().edges[0]
    false = replace(edge, claim=claim("no", "No.", (t, t + 1)))
    for one, dash in ((edge, "-"), (false, "--")):
        arrow = plots.family_tree(Family((one,))).axes[0].patches[-1]
        assert isinstance(arrow, FancyArrowPatch)
        assert arrow.get_linestyle() == dash
    assert not Family((false,)).ok and "REFUTED" in str(Family((false,)))


def test_it_shows_itself_as_one_svg_the_same_each_time():
    svg = plots.family_svg(tree())
    assert xml.fromstring(svg).tag.endswith("svg") and svg == plots.family_svg(tree())
