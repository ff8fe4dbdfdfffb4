"""Pages in a real browser: nothing is cut, folds open, films play, paper and dark fit."""
import dataclasses
import re

import numpy as np
import pytest

from optim import plots
from optim.derivations import family
from optim.optimizers.classes import OPTIMIZERS
from optim.plots.players import backdrop, on_page
from optim.plots.stages import stage_of
from optim.races.contests import race
from optim.report import measuring, plans
from optim.report import page as pages
from optim.rules import RULES

DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
SCREENS = 12
CUT = """() => [...document.querySelectorAll("body *")].filter(one => {
  const box = one.getBoundingClientRect();
  if (!box.width || box.right <= innerWidth + 1 && box.left >= -1) return false;
  for (let up = one; up; up = up.parentElement) {
    const style = getComputedStyle(up);
    if (["auto", "scroll"].includes(style.overflowX) || up.localName === "math"
        || up !== one && up.localName === "svg" || style.display === "none") return false;
  }
  return true;
}).map(one => one.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module")
def results():
    """A report of full size, with 33 rules: Adam has its facts, those of one stand for each
    other, and curves have the right size, though no network made them."""
    facts = dict.fromkeys(RULES, measuring.facts("gradient_descent"))
    topic = measuring.decided_topic("steepest_descent")
    tree = dataclasses.replace(family(), edges=family().edges[:3])
    rng = np.random.default_rng(0)

    def curve(estimator):
        examples = np.arange(0, estimator.epochs*plans.TRAINED_ON, max(estimator.size, 384))
        loss = 2.3*np.exp(-rng.uniform(1, 5)*examples/examples[-1])
        return measuring.Curve(estimator, 0.1, len(examples), examples, loss, 1 - loss/3)

    plan = plans.ALL
    return measuring.Results(
        plan, facts | {"adam": measuring.facts("adam")}, dict.fromkeys(plan.topics, topic),
        tree,
        {rule: [*map(curve, plan.estimators)] for rule in plan.rules}
        | {rule: [curve(plan.estimators[1])] for rule in plan.others},
        {(rule, split): [0.9, 0.95] for rule in plan.rules for split in ("random", "file")})


@pytest.fixture(scope="module")
def file(results, tmp_path_factory):
    text = pages.page(results)
    place = tmp_path_factory.mktemp("report")/"report.html"
    place.write_text(text, encoding="utf-8")
    return place


@pytest.fixture
def opened(browser, file):
    """opened("#adam", size) is the page there; errors of its script fail the test."""
    page, errors = browser.new_page(), []
    page.on("pageerror", lambda error: errors.append(error))
    page.emulate_media(reduced_motion="reduce", color_scheme="light")

    def at(place="", size=DESK):
        page.set_viewport_size(size)
        page.goto(f"{file.as_uri()}{place}")
        return page
    yield at
    page.close()
    assert not errors


def test_the_folded_report_is_below_twelve_screens_and_names_33_rules(opened):
    page = opened()
    height = page.evaluate("document.documentElement.scrollHeight")
    assert 2000 < height < SCREENS*DESK["height"]
    names = page.locator("#curves .series text").all_text_contents()
    assert len({*names}) == len(OPTIMIZERS) == 33
    boxes = page.evaluate("""[...document.querySelectorAll("#curves .series text")].map(
        text => text.getBoundingClientRect()).map(box => [box.top, box.right])""")
    tops, rights = np.array(sorted(boxes)).T
    assert np.diff(tops).min() > 8 and rights.max() < DESK["width"]     # none on another


def test_the_first_screen_has_the_frame_the_chart_the_findings_and_the_race(opened):
    page = opened()
    for place in ("#frame", "#findings li:last-child", "#curves .chart", "#race .film"):
        box = page.locator(place).bounding_box()
        assert 0 <= box["y"] and box["y"] + box["height"] <= DESK["height"], place


@pytest.mark.parametrize("size", [DESK, PHONE])
@pytest.mark.parametrize("place", ["", "?projector"])
def test_nothing_is_wider_than_the_screen_but_what_scrolls(opened, size, place):
    page = opened(place, size)
    page.evaluate("for (const one of document.querySelectorAll("
                  "'#adam details, #later-rules details')) one.open = true")
    assert page.evaluate(CUT) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    page.evaluate("document.querySelector('h1').style.width = '3000px'")
    assert page.evaluate(CUT) != []                     # which the check would see


def test_a_link_opens_the_fold_that_it_leads_to(opened):
    page = opened("#adam")
    is_open = "!!document.querySelector('{} > details').open"
    assert page.evaluate(is_open.format("#adam"))
    assert not page.evaluate(is_open.format("#nadam"))
    page.click("#rules a[href='#nadam']")
    page.wait_for_function(is_open.format("#nadam"))
    page.wait_for_function("Math.abs(document.querySelector('#nadam')"
                           ".getBoundingClientRect().top - 64) < 24")
    page.click(".totop")
    page.wait_for_function("scrollY < 50")
    page.click("#unfold")
    assert page.evaluate("[...document.querySelectorAll('.fold > details')]"
                         ".every(one => one.open)")


def test_all_is_open_on_paper_and_folded_again_after_it(opened):
    page = opened()
    page.emulate_media(media="print", color_scheme="dark")
    folds = "[...document.querySelectorAll('details')].map(one => one.open)"
    before = page.evaluate(folds)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert all(page.evaluate(folds)) and not page.is_visible(".topbar")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor"
                         ) == "rgb(255, 255, 255)"
    light, dark = page.evaluate("""[...document.querySelectorAll(
        '#race img, #race source')].map(one => one.src || one.srcset)""")[::-1]
    assert page.evaluate("document.querySelector('#race img').currentSrc") == light != dark
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(folds) == before


def test_a_dark_reader_has_a_dark_page_and_a_dark_race_and_a_projector_larger_type(opened):
    page = opened("?projector")
    size = "parseFloat(getComputedStyle(document.querySelector('#frame p')).fontSize)"
    assert page.evaluate(size) == 24
    page.click("#larger")
    assert page.evaluate(size) == 16
    light = page.evaluate("document.querySelector('#race img').currentSrc")
    page.emulate_media(color_scheme="dark")
    colours = page.evaluate("[document.body, document.querySelector('.film-stage')].map("
                            "one => [getComputedStyle(one).backgroundColor,"
                            " getComputedStyle(one).color].map(c => parseInt(c.slice(4))))")
    assert colours[0][0] < 60 and all(ink > 180 for _, ink in colours)
    page.wait_for_function("before => document.querySelector('#race img').currentSrc"
                           " !== before", arg=light)


# --------------------------------------------------------------------------------- films
@pytest.mark.parametrize("kind", ["contour", "surface"])
def test_the_player_draws_each_path_up_to_its_step(browser, kind):
    result = race(["adam", "momentum"], "rosenbrock", steps=9, lr=0.5)    # some leave it
    page = browser.new_page()
    page.emulate_media(reduced_motion="reduce")
    page.set_content(plots.animate(result, kind, every=2, style="light").html())
    assert page.text_content("output") == "step 9" and page.text_content(
        ".film-play") == "Play"
    with stage_of(result, kind, "light", "page", "okabe-ito", bare=True) as stage:
        backdrop(stage)                         # whose layout the paths follow
    for frame, step in ((0, 0), (2, 4), (5, 9)):
        page.fill("input", str(frame))
        assert page.text_content("output") == f"step {step}"
        for k, path in enumerate(result.paths.values()):
            words = page.locator("polyline").nth(k).get_attribute("points")
            found = np.array([word.split(",") for word in words.split()], dtype=float)
            np.testing.assert_allclose(found, on_page(stage, path[:step + 1]), atol=0.06)
            dot = page.locator("[data-of]").nth(k)
            seen = on_page(stage, path[step:step + 1])
            assert ("none" not in (dot.get_attribute("style") or "")) == bool(len(seen))
            if len(seen):
                place = re.findall(r"-?[\d.]+", dot.get_attribute("transform"))
                np.testing.assert_allclose(np.array(place, dtype=float), seen[0], atol=0.06)
    page.close()


def test_a_film_plays_at_once_unless_motion_is_reduced(browser):
    page = browser.new_page()
    page.emulate_media(reduced_motion="no-preference")
    page.set_content(plots.animate(race("adam", "beale", steps=400)).html())
    page.wait_for_function("Number(document.querySelector('input').value) > 3")
    assert page.text_content(".film-play") == "Pause"
    page.click(".film-play")
    now = page.input_value("input")
    page.wait_for_timeout(120)
    assert page.input_value("input") == now and int(now) < 300
    page.click(".film-on")
    assert int(page.input_value("input")) == int(now) + 1
    page.close()
