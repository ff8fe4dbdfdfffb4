"""Pictures and films show the data: held by the arrays that are drawn, not by pixels."""
import re
import warnings
from html.parser import HTMLParser
from io import BytesIO

import matplotlib
import numpy as np
import pytest
from matplotlib.transforms import Bbox
from PIL import Image

import minigrad as mg
import optim
import optim.optimizers.signatures
from optim import plots
from optim.landscapes import landscape
from optim.plots.insides import arrows
from optim.plots.stability_maps import farthest, is_linear
from optim.plots.stages import cropped, heights_of, levels, on_stage, window
from optim.plots.styles import LOOKS, OKABE_ITO, STYLES, looks
from optim.races.contests import Race, race
from optim.races.replays import replayed
from optim.rules import FIRST, RULES

matplotlib.use("Agg")
EXACT = 1e-12
SMALL = race(["gradient_descent", "momentum", "adam"], "beale", steps=12, lr=0.001)
SADDLE = replayed("saddle")


def lines(figure, axes=0):
    """{label: points of its line} of what is drawn with a label."""
    return {line.get_label(): line.get_xydata() for line in figure.axes[axes].lines
            if not line.get_label().startswith("_") and len(line.get_xydata()) > 1}


def rendered(figure):
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba())


def one_parameter():
    return mg.tensor([1.0], requires_grad=True)


def model_and_data():
    from minigrad import nn
    rng = np.random.default_rng(0)
    x = rng.standard_normal((40, 2)).astype(np.float32)
    labels = (x[:, 0] > 0).astype(np.int64)
    model = nn.Sequential(nn.Linear(2, 3, rng=0), nn.ReLU(), nn.Linear(3, 2, rng=1))
    return model, x, labels


# ------------------------------------------------------------------------------- races
@pytest.mark.parametrize("step", [None, 5])
def test_the_contour_race_draws_each_path_up_to_the_step(step):
    drawn = lines(plots.contour_race(SMALL, step=step))
    for name, title in (("gradient_descent", "Gradient descent"), ("adam", "Adam")):
        path = SMALL.paths[name]
        np.testing.assert_array_equal(drawn[title], path if step is None else path[:6])


def test_the_surface_race_draws_each_path_at_its_height():
    figure = plots.surface_race(SADDLE)
    for line in figure.axes[0].lines:
        x, y, z = map(np.asarray, line.get_data_3d())
        np.testing.assert_array_equal(z, 5*x**2 - y**2)
        path = SADDLE.paths[line.get_label()]
        if len(x) > 1:
            np.testing.assert_array_equal(np.stack([x, y], axis=1), path[:len(x)])
    left = SADDLE.left
    trails = figure.axes[0].lines[::2]
    drawn = {line.get_label(): len(line.get_data_3d()[0]) for line in trails}
    assert drawn == {name: 199 if step is None else step for name, step in left.items()}


def test_the_saddle_is_seen_as_in_the_original():
    axes = plots.surface_race(SADDLE).axes[0]
    assert (axes.elev, axes.azim) == (45, 225) and axes.get_zlim() == (-5, 5)
    assert axes.get_xlim() == (-1, 1) and axes.get_ylim() == (-2, 1)


def test_who_comes_back_is_seen_again_and_who_runs_away_overflows_nothing():
    domain = ((-1, 1), (-1, 1))
    path = np.array([[0, 0], [2, 0], [0.5, 0], [9e300, np.inf], [np.nan, 0], [0, 0]])
    np.testing.assert_array_equal(on_stage(path, domain, leaving=False),
                                  [[0, 0], [2, 0], [0.5, 0], [201, 201]])
    np.testing.assert_array_equal(on_stage(path, domain, leaving=True), [[0, 0]])
    rendered(plots.contour_race(race("gradient_descent", "beale", lr=1.0, steps=9)))


def test_the_minimum_is_marked_with_a_star():
    stars = [line.get_xydata().tolist() for line in plots.contour_race(SMALL).axes[0].lines
             if line.get_marker() == "*"]
    assert stars == [[[3, 0.5]]]


def test_the_loss_curves_are_the_losses():
    drawn = lines(plots.loss_curves(SMALL))
    for name, title in (("momentum", "Momentum"), ("adam", "Adam")):
        np.testing.assert_array_equal(drawn[title][:, 1], SMALL.losses[name])
    axes = plots.loss_curves(SADDLE).axes[0]
    assert axes.get_yscale() == "symlog" and axes.get_xlabel() == "step"


def test_the_loss_axis_fits_the_losses():
    low, high = plots.loss_curves(SMALL).axes[0].get_ylim()
    values = np.concatenate(list(SMALL.losses.values()))
    assert values.min()/10 < low < values.min() and values.max() < high < values.max()*10


def test_the_path_curves_are_the_variables_one_panel_each():
    figure = plots.path_curves(SMALL)
    for k in range(2):
        drawn = lines(figure, k)["Adam"][:, 1]
        np.testing.assert_array_equal(drawn, SMALL.paths["adam"][:, k])
    one = race("adam", "reddi", steps=5)
    assert len(plots.path_curves(one).axes) == 1
    with pytest.raises(ValueError, match="path_curves"):
        plots.contour_race(one)


def test_the_fair_race_has_one_panel_for_each_learning_rate():
    figure = plots.fair_race(["momentum", "adam"], "booth", steps=20, rates=(0.01, "tuned"))
    titles = [axes.get_title() for axes in figure.axes]
    assert titles == ["lr = 0.01 for all", "each lr tuned"]
    for k, rate in enumerate((0.01, "tuned")):
        path = race(["adam"], "booth", steps=20, lr=rate).paths["adam"]
        np.testing.assert_array_equal(lines(figure, k)["Adam"], path)


def crowded(figure):
    """The panels in which a number of the x axis lies on its neighbour."""
    rendered(figure)
    boxes = [[text.get_window_extent() for text in axes.get_xticklabels()
              if text.get_text()] for axes in figure.axes]
    return [k for k, row in enumerate(boxes) if any(map(Bbox.overlaps, row, row[1:]))]


def test_the_numbers_of_narrow_panels_do_not_lie_on_one_another():
    figures = (plots.fair_race(["adam"], "booth", steps=3, rates=(0.1, 0.2, 0.3)),
               plots.inner_arrows(race(["nag", "adam", "adamax"], "booth", steps=9)))
    for figure in figures:
        assert crowded(figure) == []
        figure.axes[1].locator_params(nbins=12)
        assert 1 in crowded(figure)


def test_a_window_of_one_s_own_function_holds_the_start_and_no_runaway():
    result = race({"good": ("gradient_descent", {"lr": 0.05}), "bad": ("gradient_descent",
                  {"lr": 1.0})}, lambda x, y: x**2 + 10*y**2, (1, 1), steps=50)
    assert np.abs(result.paths["bad"]).max() > 1e50
    (x0, x1), (y0, y1) = window(result.landscape, result.paths)
    assert -10 < x0 < 0 < 1 < x1 < 10 and -10 < y0 < 0 < 1 < y1 < 10


def test_contours_are_narrow_at_the_bottom_and_even_where_there_is_none():
    grid = np.linspace(-1, 1, 51)
    bowl = levels(landscape("booth"), landscape("booth")(grid, grid[:, None]))
    assert (np.diff(bowl) > 0).all() and np.diff(bowl)[-1] > 10*np.diff(bowl)[0]
    steps = np.diff(levels(landscape("saddle"), landscape("saddle")(grid, grid[:, None])))
    np.testing.assert_allclose(steps, steps[0])
    assert len(levels(landscape("saddle"), np.full((3, 3), np.nan))) == 2


# ------------------------------------------------------------------------------- looks
def luminance(colour):
    c = np.array(matplotlib.colors.to_rgb(colour))
    linear = np.where(c <= 0.03928, c/12.92, ((c + 0.055)/1.055)**2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def contrast(a, b):
    low, high = sorted([luminance(a), luminance(b)])
    return (high + 0.05)/(low + 0.05)


@pytest.mark.parametrize("style", STYLES)
def test_the_colours_are_okabe_and_ito_s_and_no_two_rules_look_alike(style):
    found = looks(RULES, style=style)
    assert {look.colour for look in found.values()} <= {*OKABE_ITO.values(),
                                                        STYLES[style].ink}
    drawn = [(look.colour, str(look.dashes)) for look in found.values()]
    assert len(set(drawn[:len(FIRST)])) == len({
        look.marker for look in found.values()} - {*"d*H8"}) == len(FIRST)
    assert len({(*line, look.marker) for line, look in zip(drawn, found.values())}) == len(
        RULES)


@pytest.mark.parametrize("style", STYLES)
def test_text_stands_out_from_the_page(style):
    s = STYLES[style]
    assert contrast(s.ink, s.page) > 12 and contrast(s.faint, s.page) > 4


def test_the_original_palette_is_the_originals_and_rules_of_one_s_own_get_a_look():
    found = looks(["SGD", "Momentum", "NAG", "Adagrad", "Adadelta", "RMSprop"], "original")
    assert [look.colour for look in found.values()] == [
        "#ff0000", "#008000", "#bf00bf", "#0000ff", "#bfbf00", "#000000"]
    mine = looks(["mine", "adam", "yours"])
    assert len({look.marker for look in mine.values()}) == 3
    assert len(looks([f"rule {k}" for k in range(30)])) == 30
    originals = [look.original for look in LOOKS.values() if look.original]
    assert len({*originals}) == len(originals) == 9


EVERY_FIGURE = {
    "contour_race": lambda **k: plots.contour_race(SMALL, **k),
    "contour_race original": lambda **k: plots.contour_race(SMALL, palette="original", **k),
    "surface_race": lambda **k: plots.surface_race(SADDLE, **k),
    "loss_curves": lambda **k: plots.loss_curves(SMALL, **k),
    "path_curves": lambda **k: plots.path_curves(SMALL, **k),
    "fair_race": lambda **k: plots.fair_race(["adam"], "booth", steps=5, rates=(1.0,), **k),
    "inner_arrows": lambda **k: plots.inner_arrows(SMALL, **k),
    "memory_weights": lambda **k: plots.memory_weights(steps=20, **k),
    "memory_weights without": lambda **k: plots.memory_weights(
        ["adamax", "amsgrad", "adadelta"], **k),
    "stability_map": lambda **k: plots.stability_map(count=41, **k),
    "stability_map adam": lambda **k: plots.stability_map("adam", count=21, **k),
    "family_tree": lambda **k: plots.family_tree(**k),
    "decision_boundaries": lambda **k: plots.decision_boundaries(*model_and_data(), **k),
    "histograms": lambda **k: plots.histograms(model_and_data()[0], **k),
    "range_curve": lambda **k: plots.range_curve([1, 2, 3], [3, 1, 2], **k)}


def border(pixels):
    """The pixels at a picture's edges, of which all that is drawn keeps clear."""
    return np.concatenate([pixels[:, 0], pixels[:, -1], pixels[0], pixels[-1]])


@pytest.mark.parametrize("style, size", [("light", "page"), ("dark", "phone")])
@pytest.mark.parametrize("name", EVERY_FIGURE)
def test_every_figure_is_drawn_in_its_style_labelled_and_the_same_twice(name, style, size):
    first, second = (EVERY_FIGURE[name](style=style, size=size) for _ in range(2))
    pixels = rendered(first)
    np.testing.assert_array_equal(pixels, rendered(second))
    page = np.array(matplotlib.colors.to_rgb(STYLES[style].page))*255
    np.testing.assert_allclose(border(pixels)[:, :3] - page, 0, atol=1)    # nothing is cut
    assert pixels.shape[1] == {"page": 680, "phone": 360}[size]
    for axes in first.axes if name != "family_tree" else []:
        labels = axes.get_xlabel() or axes.get_ylabel()
        assert labels or axes.get_title() or not axes.axison


def test_a_legend_too_wide_for_the_page_would_be_seen_to_be_cut_off():
    figure = plots.contour_race(SMALL, size="phone")
    for text in figure.legends[0].get_texts():
        text.set_text("a label that is much too long for a phone")
    assert not (border(rendered(figure))[:, :3] == 255).all()


def test_a_style_size_or_palette_that_does_not_exist_is_told_in_words():
    for wrong in ({"style": "sepia"}, {"size": "poster"}, {"palette": "jet"}):
        with pytest.raises(ValueError, match="needed"):
            plots.contour_race(SMALL, **wrong)


def test_matplotlib_s_settings_are_left_alone():
    before = dict(matplotlib.rcParams)
    plots.contour_race(SMALL, style="dark")._repr_png_()
    plots.animate(SMALL, every=6).html()
    assert dict(matplotlib.rcParams) == before


# ------------------------------------------------------------------------------- films
def pages(data):
    with Image.open(BytesIO(data)) as film:
        for k in range(film.n_frames):
            film.seek(k)
            yield np.array(film.convert("RGB")), film.info["duration"]


class Links(HTMLParser):
    """Everything in a page that would be fetched."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        self.found += [value for name, value in attributes if name in ("src", "href")]


def test_a_film_has_one_frame_a_step_in_both_files():
    film = plots.animate(SMALL, scale=0.5)
    assert len(film) == 13
    found = list(pages(film.gif()))
    assert len(found) == 13 and [pause for _, pause in found] == [40]*13
    for (written, _), frame in zip(found, film.frames):
        np.testing.assert_array_equal(written, np.array(frame.convert("RGB")))
    drawn = re.findall(r'<polyline id="[^"]*" points="([^"]*)"', film.html())
    assert len(drawn) == 3
    for words, path in zip(drawn, SMALL.paths.values()):        # up to where the axes stand
        pixels = np.array([word.split(",") for word in words.split()], dtype=float)
        assert pixels.shape == (13, 2)
        for k in range(2):
            line = np.polyfit(path[:, k], pixels[:, k], 1)
            np.testing.assert_allclose(np.polyval(line, path[:, k]), pixels[:, k], atol=0.1)


def test_every_and_hold_shape_a_film():
    film = plots.animate(SMALL, every=5, fps=10, hold=1.5, scale=0.5)
    assert len(film) == 4                                   # steps 0, 5, 10 and the last
    assert [pause for _, pause in pages(film.gif())] == [100, 100, 100, 1600]


def test_the_last_frame_shows_what_the_picture_shows():
    """The runner's own colour stands where its path ends, and only from that step on."""
    path = race({"adam": ("adam", {"lr": 0.5})}, "booth", steps=6)
    film = plots.animate(path, "contour")
    green = np.array(matplotlib.colors.to_rgb(OKABE_ITO["green"]))*255
    counts = [np.count_nonzero(np.abs(np.array(frame.convert("RGB")) - green).max(-1) < 3)
              for frame in film.frames]
    assert counts[-1] > counts[1] > 0 and (np.diff(counts) >= -30).all()


def test_a_film_is_the_same_each_time():
    first, second = (plots.animate(SMALL, scale=0.5, every=4) for _ in range(2))
    assert first.gif() == second.gif() and first.html() == second.html()


def test_the_page_needs_nothing_from_elsewhere():
    page = Links()
    text = plots.animate(SMALL, scale=0.5, every=6).html()
    page.feed(text)
    assert [link for link in page.found if not link.startswith(("data:", "#"))] == []
    assert "http" not in re.sub(r"base64,[^\"]*", "", text)
    assert not re.search(r"@import|@font-face|<link|<script [^>]*src", text)


def test_a_frame_that_is_lost_is_an_error():
    film = plots.animate(SMALL, scale=0.5, every=6)
    film.frames.append(film.frames[-1])             # the GIF makes one of two like frames
    with pytest.raises(RuntimeError, match="3 of 4|frames were written"):
        film.gif()


def test_a_film_is_saved_whole_under_its_own_name(tmp_path):
    film = plots.animate(SMALL, scale=0.5, every=6)
    assert film.save(tmp_path/"race.gif").read_bytes() == film.gif()
    assert film.save(tmp_path/"race.html").read_text(encoding="utf-8") == film.html()
    assert film._repr_html_() == film.player() and "3 frames" in repr(film)
    with pytest.raises(ValueError, match=".gif or .html"):
        film.save(tmp_path/"race.mp4")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["race.gif", "race.html"]


def test_199_frames_of_eight_methods_are_all_there_and_small():
    result = replayed("saddle", "all")
    eight = Race(result.landscape, {name: result[name] for name in list(result)[:8]})
    film = plots.animate(eight, "surface")
    data, text = film.gif(), film.html()
    assert len(film) == 199 and 'data-last="198"' in text
    assert len(data) <= 3e6 and sum(1 for _ in pages(data)) == 199
    assert len(text) <= 1e6


def test_a_page_without_a_style_has_a_picture_for_each_and_a_page_of_one_has_one():
    both = plots.animate(SMALL).html()
    assert both.count("data:image/png") == 2 and "prefers-color-scheme: dark" in both
    dark = plots.animate(SMALL, style="dark").html()
    assert dark.count("data:image/png") == 1 and STYLES["dark"].page in dark
    assert "prefers-color-scheme" not in dark and STYLES["light"].page not in dark


@pytest.mark.parametrize("rules, ground", [("adam", "beale"), ("nag", "himmelblau"),
                                           ("gradient_descent", "saddle")])
def test_a_cropped_picture_holds_the_start_the_paths_and_where_they_lead(rules, ground):
    result = race([rules], ground, steps=20, lr=0.001)
    whole, found = (np.array(f(result.landscape, result.paths)) for f in (window, cropped))
    assert np.prod(np.diff(found)) < 0.7*np.prod(np.diff(whole))
    assert (whole[:, 0] <= found[:, 0]).all() and (found[:, 1] <= whole[:, 1]).all()
    minima = np.array(result.landscape.minima or [result.landscape.start])
    nearest = minima[np.argmin(((minima - result[rules].theta[-1])**2).sum(axis=1))]
    for point in [*result[rules].theta, nearest]:
        assert (found[:, 0] <= point).all() and (point <= found[:, 1]).all()
    axes = plots.contour_race(result, crop=True).axes[0]
    np.testing.assert_array_equal([axes.get_xlim(), axes.get_ylim()], found)


def test_start_and_minimum_are_marked_and_named_in_every_picture_of_a_race():
    for figure, places in ((plots.contour_race(SMALL), [(1, 1.6), (3, 0.5)]),
                           (plots.surface_race(SMALL), [(1, 1.6), (3, 0.5)]),
                           (plots.surface_race(SADDLE), [(0.25, -1e-6)])):
        names = [t.get_text().strip() for t in figure.axes[0].texts]
        assert names == ["start", "minimum"][:len(places)] and figure.legends
        if figure.axes[0].name == "rectilinear":
            found = [tuple(line.get_xydata()[0]) for line in figure.axes[0].lines
                     if line.get_marker() in "o*" and len(line.get_xydata()) == 1]
            assert found[:2] == places
    page = plots.animate(SMALL).html()
    assert re.findall(r"<text[^>]*>(\w+)</text>", page) == ["start", "minimum"]


def test_colours_of_a_surface_follow_the_logarithm_where_it_spans_decades():
    grid = np.linspace(-1, 1, 41)
    bowl = grid**2 + grid[:, None]**2
    assert heights_of(bowl) is None and heights_of(np.full((3, 3), np.nan)) is None
    norm = heights_of(10.0**(3*grid + 3*grid[:, None]))
    shades = norm(10.0**np.arange(-4, 7))
    assert (np.diff(shades) > 0).all() and shades[0] >= 0 and shades[-1] == 1
    assert 0.07 < norm(1) and norm(1e3) < 0.75                  # in proportion: 0.001
    label = plots.surface_race(SMALL).axes[0].get_zlabel()
    assert "logarithm" in label
    assert "logarithm" not in plots.surface_race(SADDLE).axes[0].get_zlabel()


def test_the_kind_and_the_pace_of_a_film_are_checked():
    for wrong in ({"kind": "cube"}, {"every": 0}, {"fps": 0}):
        with pytest.raises(ValueError, match="needed"):
            plots.animate(SMALL, **wrong)


# ------------------------------------------------------------------------------ insides
def test_the_arrows_are_the_slope_the_memory_and_the_step():
    found, run = arrows(SMALL, "adam", [0, 3]), SMALL["adam"]
    np.testing.assert_array_equal(found["-g"][1], -run.grad[[0, 3]])
    np.testing.assert_array_equal(found["-m"][1], -run.m[[1, 4]])
    np.testing.assert_allclose(found["root v"][1]**2, run.v[[1, 4]])
    np.testing.assert_array_equal(found["step"][1],
                                  np.diff(run.theta, axis=0)[[0, 3]])
    assert set(arrows(SMALL, "gradient_descent")) == {"-g", "step"}
    with pytest.raises(ValueError, match="needed 0 to 11"):
        arrows(SMALL, "adam", [12])


def test_adamax_s_v_is_a_slope_and_is_drawn_as_it_is():
    result = race("adamax", "booth", steps=3)
    np.testing.assert_array_equal(arrows(result, "adamax", [1])["root v"][1],
                                  result["adamax"].v[[2]])


AGE = np.arange(30)
SHARES = {                                  # what the papers' sums say, term by term
    "momentum": (0.9**AGE, None), "nag": (0.9**AGE, None), "adagrad": (None, 1.0 + 0*AGE),
    "rmsprop": (None, 0.9**AGE), "adadelta": (None, 0.95**AGE),
    "adam": (0.9**AGE, 0.999**AGE), "adamax": (0.9**AGE, None),
    "amsgrad": (0.9**AGE, 0.999**AGE)}


@pytest.mark.parametrize("rule", SHARES)
def test_the_memory_picture_draws_the_weights_in_the_papers_sums(rule):
    figure = plots.memory_weights([rule], steps=30)
    for panel, weights in enumerate(SHARES[rule]):
        drawn = list(lines(figure, panel).values())
        assert len(drawn) == (weights is not None)
        for line in drawn:
            np.testing.assert_array_equal(line[:, 0], AGE)
            np.testing.assert_allclose(line[:, 1], weights/weights.sum(), rtol=EXACT)


def test_the_memory_picture_takes_hyperparameters_where_a_rule_has_them():
    figure = plots.memory_weights(["momentum", "adam"], steps=3, mu=0.5, beta1=0.0)
    drawn = lines(figure)
    np.testing.assert_allclose(drawn["Momentum"][:, 1], np.array([4, 2, 1])/7, rtol=EXACT)
    np.testing.assert_array_equal(drawn["Adam"][:, 1], [1, 0, 0])


def test_the_memory_picture_does_not_draw_but_names_what_has_no_weights():
    figure = plots.memory_weights(["adamax", "amsgrad", "adadelta"])
    below = " ".join(figure.axes[1].get_xlabel().split())
    assert "no weights in AdaMax v, AMSGrad v_max: a largest value" in below
    assert "no weights in Adadelta v_delta: a sum of squared steps" in below
    assert set(lines(figure, 1)) == {"AMSGrad", "Adadelta"}
    for axes in plots.memory_weights().axes:
        assert axes.get_xlabel() == "age of the gradient, steps"


def test_the_memory_picture_of_no_such_rule_is_told_in_words():
    with pytest.raises(ValueError, match="no rule is called 'adm'"):
        plots.memory_weights("adm")


@pytest.mark.parametrize("rules, options, words", [
    ("gradient_descent", {}, "gradient_descent came; needed a rule that remembers"),
    ((), {}, "no rule came; needed a rule that remembers"),
    ("adam", {"steps": 0}, "adam: t = 0 came; needed 1, 2"),
    ("adam", {"steps": 2.5}, "adam: t = 2.5 came"),
    ("adam", {"beta1": 2}, r"beta1 = 2.0, .* must be \[0, 1\)"),
    ("adam", {"beta1": float("nan")}, "beta1 = nan"),
    ("adam", {"rho": 0.5}, "no weight of adam has rho")])
def test_the_memory_picture_of_what_cannot_be_drawn_is_refused(rules, options, words):
    with pytest.raises(ValueError, match=words):
        plots.memory_weights(rules, **options)


@pytest.mark.parametrize("options", [
    {"count": 0}, {"count": 1}, {"largest": 0}, {"largest": -1}, {"largest": float("nan")},
    {"mu": 0.5}])
def test_a_map_over_nothing_is_refused(options):
    with pytest.raises(ValueError, match=f"stability_map: .*{[*options][0]}.* came"):
        plots.stability_map(**options)


EDGES = {"momentum": lambda mu: 2*(1 + mu),                     # the largest stable lr
         "nag": lambda mu: 2*(1 + mu)/(1 + 2*mu)}


@pytest.mark.parametrize("rule", EDGES)
def test_the_thick_line_of_the_map_is_the_edge_that_theory_gives(rule):
    lines = plots.stability_map(rule, count=81).axes[0].collections[-1].get_paths()
    lr, mu = np.concatenate([path.vertices for path in lines]).T
    inner = (mu < 0.95) & (mu > 0.02) & (lr < 3.9)              # off the map's own borders
    assert inner.sum() > 20
    np.testing.assert_allclose(lr[inner], EDGES[rule](mu[inner]), atol=4/81)   # a cell


def test_a_rule_that_is_not_linear_is_run_instead():
    for rule, other, letters in (
            ("gradient_descent", "mu", "lr"), ("adam", "mu", "beta1.*lr"),
            ("momentum", "lr", "lr, mu"), ("adadelta", "rho", "eps, rho")):
        with pytest.raises(ValueError, match=f"letters {letters};.*; {other} came$"):
            plots.stability_map(rule, other)
    theta = optim.minimize(lambda x: x**2/2, 1.0, "adam", 300, lr=0.1, beta1=0.5).theta
    found = farthest("adam", [0.1, 3.0], [0.5], "beta1")
    assert found[0, 0] == pytest.approx(np.abs(theta[201:]).max(), rel=1e-6)
    assert found[0, 1] > found[0, 0]


def test_the_rules_called_linear_are_and_the_others_are_not():
    for name, rule in RULES.items():
        states = [0.0]*(len(optim.optimizers.signatures.anatomy(rule)[0]))
        once, twice = (np.array(rule(x, x, *states, t=1), dtype=float).ravel()[0]
                       for x in (1.0, 2.0))
        assert name not in FIRST or (abs(twice - 2*once) < EXACT) == is_linear(rule, "mu")
    assert not is_linear("qhm", "mu") and not is_linear("asgd", "mu")   # nu, t


# ----------------------------------------------------------------------------- networks
def test_the_boundary_is_where_the_model_changes_its_mind():
    def model(x):
        return np.stack([0*x[:, 0], x[:, 0] - 0.25], axis=1)
    x = np.array([[-1.0, -1], [1, 1], [0.5, 0], [0, 0.5]])
    figure = plots.decision_boundaries(model, x, np.array([0, 1, 1, 0]), count=401)
    paths = [path.vertices for part in figure.axes[0].collections for path in
             part.get_paths() if len(path.vertices)]
    line = paths[-1]
    np.testing.assert_allclose(line[:, 0], 0.25, atol=2.4/400)
    np.testing.assert_array_equal(lines(figure)["class 1"], x[1:3])


def test_the_histograms_count_every_weight_and_every_output():
    model, x, _ = model_and_data()
    figure = plots.histograms(model, x)
    assert [axes.get_title() for axes in figure.axes] == ["0 Linear", "1 ReLU", "2 Linear"]
    counts = [sum(bar.get_height() for bar in axes.patches) for axes in figure.axes]
    assert counts == [120, 120, 80]
    assert "zero" in figure.axes[1].get_xlabel()
    weights = plots.histograms(model)
    assert sum(bar.get_height() for bar in weights.axes[0].patches) == 6
    lost = plots.histograms({"a": [1.0, np.nan]}).axes[0]
    assert "1 not finite" in lost.get_xlabel()


def test_the_range_test_finds_where_descent_diverges_and_puts_everything_back():
    p = mg.tensor([1.0, -2.0], requires_grad=True)
    optimizer = optim.Adam([p], lr=0.5)
    np.sum(p**2).backward()
    optimizer.step()
    before, saved = p.numpy(), optimizer.state_dict()
    rates, losses = plots.range_test(optimizer, lambda: np.sum((p - 3)**2), 1e-4, 100)
    assert 3 < len(rates) == len(losses) <= 100 and (np.diff(rates) > 0).all()
    assert losses.min() < losses[0] and losses[0] == pytest.approx(np.sum((before - 3)**2))
    np.testing.assert_array_equal(p.numpy(), before)
    assert optimizer.param_groups[0]["lr"] == 0.5
    after = optimizer.state_dict()
    assert str(after) == str(saved)
    descent = optim.SGD([mg.tensor([1.0], requires_grad=True)], lr=0.1)
    q = descent.param_groups[0]["params"][0]
    rates, losses = plots.range_test(descent, lambda: np.sum(q**2), 0.01, 1000)
    assert rates[-1] < 1000                                     # past lr = 1 it diverges


def test_the_range_curve_marks_the_fall_and_the_bottom():
    rates, losses = 10.0**np.arange(-4, 3), np.array([5, 5, 4, 1, 0.9, 8, 0.95])
    labels = [line.get_label() for line in plots.range_curve(rates, losses).axes[0].lines]
    assert labels == ["loss", "steepest fall: lr = 0.01", "lowest: lr = 1"]


@pytest.mark.parametrize("call", [
    lambda: plots.decision_boundaries(lambda x: x, np.zeros((3, 3)), np.zeros(3)),
    lambda: plots.decision_boundaries(lambda x: x, np.zeros((3, 2)), np.array([0, 1, 2])),
    lambda: plots.histograms({}), lambda: plots.range_curve([1], [1]),
    lambda: plots.range_test(optim.Adadelta([one_parameter()]), None),
    lambda: plots.range_test(optim.SGD([one_parameter()]), None, 1, 1)])
def test_what_cannot_be_drawn_is_told_in_words(call):
    with pytest.raises(ValueError, match="needed|no learning rate"):
        call()


def test_the_page_of_a_film_has_the_style_s_own_colour():
    for style in STYLES:
        film = plots.animate(SMALL, style=style, every=12, scale=0.5)
        page = tuple(round(255*c) for c in matplotlib.colors.to_rgb(STYLES[style].page))
        assert film.frames[0].convert("RGB").getpixel((1, 1)) == page
