"""The errata museum: each printed form refuted exactly, each right one proved, planted
exhibits caught."""
import json
import time
from dataclasses import replace
from fractions import Fraction
from html.parser import HTMLParser

import numpy as np
import pytest

import optim
from optim import rules
from optim.commands.cli import main
from optim.museum import judging, of_code
from optim.museum.exact_runs import Exact, exact, exact_run, root
from optim.museum.exhibit import Bound, Exhibit, Same
from optim.museum.judging import EXHIBITS, errata, judged
from optim.museum.museum_page import museum_page
from optim.museum.trainings import effect
from optim.museum.witnesses_of_runs import refutes, smallest, values_at
from optim.optimizers.signatures import anatomy, first_states

from ..cases import each


@pytest.fixture(scope="module")
def museum():
    began = time.process_time()
    found = errata()
    assert time.process_time() - began < 60
    return {j.exhibit.id: j for j in found}


def test_there_are_enough_and_each_has_its_own_place(museum):
    assert len(museum) == len(EXHIBITS) >= 15
    kinds = [e.kind for e in EXHIBITS]
    assert sum(k != "code" for k in kinds) >= 15 and {*kinds} == {*judging.KINDS}
    for e in EXHIBITS:
        assert e.link.startswith("https://") and e.words.endswith(".") and e.title


@each("id", [e.id for e in EXHIBITS])
def test_what_is_printed_is_refuted_and_what_is_right_is_proved(id, museum):
    j = museum[id]
    assert j.verdict.status == "REFUTED" and j.right == "PROVED" and j.ok, j
    assert all(isinstance(x, (int, Fraction)) for x in j.verdict.witness.values())
    assert refutes(j.exhibit, j.witness)


@pytest.mark.parametrize("id", ["adam-bound-small", "mlx-adam"])
def test_what_it_does_to_a_training_run_is_computed(id, museum):
    found, e = museum[id].effect, museum[id].exhibit
    assert effect(e) == found and found.printed != found.right
    if isinstance(e, Bound):
        assert found.right > found.printed                      # the bound, in a training
    else:
        assert effect(replace(e, printed=e.right)).printed == found.right


@each("id", [e.id for e in EXHIBITS])
def test_numpy_comes_to_the_places_of_the_witness(id, museum):
    """The same run on floats, by plain calls of the rules."""
    e, w = museum[id].exhibit, museum[id].witness
    for value, exact_value in zip(floats(e, w), w.values):
        assert abs(value - float(exact_value.low)) < 1e-9
        assert exact_value.high - exact_value.low < Fraction(1, 10**20)


def floats(e, w):
    """The numbers of a witness on floats."""
    def run(rule):
        given = {n: float(w.numbers.get(n, x)) for n, x in anatomy(rule)[1].items()}
        states = [*first_states(rule, np.ones(1), given).values()]
        places = [np.ones(1)]
        for t, g in enumerate(w.gradients, 1):
            out = rule(places[-1], np.full(1, float(g)), *states, t=t, **given)
            theta, *states = out if isinstance(out, tuple) else (out,)
            places.append(theta)
        return [x.item() for x in places]
    if isinstance(e, Bound):
        places = run(e.rule)
        return float(e.bound(*map(float, e.betas))), abs(places[-1] - places[-2])
    return run(e.printed)[-1], run(e.right)[-1]


@each("id", [e.id for e in EXHIBITS])
def test_a_witness_that_does_not_hold_is_caught(id, museum):
    e, w = museum[id].exhibit, museum[id].witness
    still = tuple(0 for _ in w.gradients)
    if isinstance(e, Bound):
        still = (*w.gradients[:-1], -w.gradients[-1])
        assert not refutes(e, replace(w, gradients=still,
                                      values=values_at(e, still, w.numbers)))
    assert not refutes(e, replace(w, gradients=still))
    moved = (w.values[0] + Fraction(1, 10**9), w.values[1])
    assert not refutes(e, replace(w, values=moved))
    assert not refutes(e, replace(w, values=w.values[::-1]))


def planted(printed, right=rules.adam, proofs=("adam",)):
    return Exhibit("planted", "Planted", "report", "https://example.org", "Nothing.",
                   printed=printed, right=right, proofs=proofs)


def right_in_other_words(theta, g, m, v, *, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = m + (1 - beta1)*(g - m)
    v = v + (1 - beta2)*(g*g - v)
    root = np.sqrt(1 - beta2**t)
    return theta - lr/(1 - beta1**t)*m*root/(np.sqrt(v) + eps*root), m, v


def test_a_wrong_formula_that_is_right_is_caught():
    j = judged(planted(right_in_other_words))
    assert j.verdict.status == "PROVED" and j.witness is None and not j.ok
    assert not judged(planted(rules.adam)).ok


def test_a_right_form_that_is_wrong_is_caught():
    wrong = of_code.adam_uncorrected
    for proofs in ((Same(wrong, rules.adam),), ("adam", Same(wrong, rules.adam))):
        j = judged(planted(rules.adam, wrong, proofs))
        assert j.verdict.status == "REFUTED" and j.right == "UNDECIDED" and not j.ok
    assert judging.one_rule(Same(rules.rmsprop, optim.dialects.keras_rules.rmsprop)
                            ).status == "UNDECIDED"     # one without eps only
    amsgrad = museum_exhibit("torch-amsgrad")
    said = amsgrad.proofs[0]
    assert judging.one_rule(said).status == "PROVED"
    assert judging.one_rule(replace(said, letters="")).status == "UNDECIDED"


def museum_exhibit(id):
    return next(e for e in EXHIBITS if e.id == id)


def test_a_bound_that_holds_is_caught():
    e = replace(museum_exhibit("adamax-bound"),
                bound=lambda beta1, beta2: (1 - beta1)/(1 - beta1/beta2))
    assert smallest(e) is None and not judged(e).ok


def test_the_first_exhibits_bound_falls_at_the_fifth_step_and_no_sooner(museum):
    j = museum["adam-bound-large"]
    assert len(j.witness.gradients) == 5 < len(j.exhibit.gradients)
    assert j.proofs[0].words.endswith("for every t = 1, 2, ... and every sequence of "
                                      "gradients.")
    second = exact_run(rules.adam, (Fraction(10, 11), 1), {
        "lr": 1, "beta1": Fraction(9, 10), "beta2": Fraction(99, 100), "eps": 0})
    step = (second[1] - second[0])**2                      # 3980/3971, as the paper's notes
    assert step.low <= Fraction(3980, 3971) <= step.high
    assert step.high - step.low < Fraction(1, 10**25)


def test_exact_numbers_hold_what_they_enclose():
    for x in (Fraction(2), Fraction(1, 3), Fraction(10)**40 + 1, Fraction(0)):
        low, high = root(x)
        assert low**2 <= x <= high**2
    assert root(Fraction(9, 4)) == (Fraction(3, 2), Fraction(3, 2))
    wide = Exact(-1, 2)
    assert ((wide*wide).low, (wide*wide).high) == (-2, 4)
    assert ((wide**2).low, (wide**2).high, abs(wide).low, (-wide).low) == (0, 4, 0, -2)
    assert exact(0.1) == Fraction(1, 10) and np.sqrt(exact(4)) == 2
    with pytest.raises(ArithmeticError, match="too near"):
        wide > 0
    with pytest.raises(ZeroDivisionError):
        1/wide
    with pytest.raises(ValueError, match="1/2 or a whole number"):
        exact(2)**Fraction(1, 3)
    with pytest.raises(ValueError, match="needed a number from 0 on"):
        exact(-1).sqrt()


class Links(HTMLParser):
    """The ids, links and sources of a page."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links = set(), []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        assert tag not in ("script", "link", "img", "iframe") and "src" not in given
        self.ids |= {given["id"]} if "id" in given else set()
        self.links += [given["href"]] if "href" in given else []


def test_the_page_has_all_and_loads_nothing(museum):
    text = museum_page([*museum.values()])
    page = Links(text)
    for id, j in museum.items():
        assert id in page.ids and {f"#{id}", j.exhibit.link} <= {*page.links}
    assert all(x[1:] in page.ids for x in page.links if x.startswith("#"))
    assert text.count('class="badge refuted"') == len(museum)
    assert "url(" not in text and "@import" not in text


def test_the_command(tmp_path, capsys):
    assert main(["museum", "mlx-adam", "--json"]) == 0
    found, = json.loads(capsys.readouterr().out)
    assert found["verdict"]["status"] == "REFUTED" and found["ok"]
    assert found["witness"]["printed"] == "2/3" and found["witness"]["right"] == "1/2"
    assert found["verdict"]["witness"]["g_1"] == "1"
    assert main(["museum", "adamax-bound"]) == 0
    text = capsys.readouterr().out
    assert "10/9" in text and "https://arxiv.org/abs/1412.6980" in text
    path = tmp_path/"museum.html"
    assert main(["museum", "mlx-adam", "qhm-sign", "--html", str(path)]) == 0
    assert path.read_text("utf-8").count("<section") == 2
    assert main(["museum", "nothing"]) == 2
    assert "no exhibit is called 'nothing'" in capsys.readouterr().err


def test_the_command_says_no_where_an_exhibit_does_not_belong(monkeypatch, capsys):
    monkeypatch.setattr(judging, "EXHIBITS", (planted(rules.adam),))
    assert main(["museum"]) == 1
    assert "PROVED" in capsys.readouterr().out


def test_the_door():
    assert optim.errata is errata
    with pytest.raises(ValueError, match="there are adam-bound-large"):
        errata("nothing")
