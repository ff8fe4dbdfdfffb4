"""The page to play with, in a real browser: it plays, it obeys, and is not to be fooled."""
import json
from pathlib import Path

import numpy as np
import pytest

import optim
from optim.commands.cli import main
from optim.playground import javascript
from optim.playground.playground_page import mathematics_of, page, part

STORED = Path(__file__).parents[2]/"notebooks"/"playground.html"
TEXT = STORED.read_text(encoding="utf-8")
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
CALM = {"color_scheme": "light", "reduced_motion": "reduce"}
HACKED = "window.hacked = true; document.title = 'hacked'"


# ------------------------------------------------------------------------ as it is stored
def test_the_stored_page_is_made_of_the_parts_that_stand_here():
    assert page(mathematics_of(TEXT)) == TEXT
    assert page(mathematics_of(TEXT) + " ") != TEXT
    with pytest.raises(ValueError, match="no page of the playground"):
        mathematics_of(part("page.html"))


def test_the_page_is_one_file_that_names_no_other_place():
    assert len(TEXT.encode()) <= 600_000
    assert "src=" not in TEXT and "@import" not in TEXT and "url(" not in TEXT
    assert not {"fetch(", "XMLHttpRequest", "eval(", "new Function", "innerHTML"} & {
        word for name in ("setting", "formulas", "main", "panels", "libraries", "clock")
        for word in ("fetch(", "XMLHttpRequest", "eval(", "new Function", "innerHTML")
        if word in part(f"{name}.js")}


def test_the_command_writes_it(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(javascript, "mathematics", lambda: mathematics_of(TEXT))
    assert main(["playground", "--out", str(tmp_path/"new.html")]) == 0
    assert (tmp_path/"new.html").read_text(encoding="utf-8") == TEXT
    assert "kB; open it" in capsys.readouterr().out
    assert main(["playground", "--out", str(tmp_path/"new.txt")]) == 2
    assert "needed a name that ends in .html" in capsys.readouterr().err


# ----------------------------------------------------------------------------- in Chromium
class Played:
    """The stored page in a tab, with all that it complained of or asked the network for."""

    def __init__(self, tab):
        self.tab, self.complaints, self.asked = tab, [], []
        self.size = self.media = None
        tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        tab.on("console", lambda line: self.complaints.append(line.text)
               if line.type in ("error", "warning") else None)
        tab.on("dialog", lambda dialog: (self.complaints.append(dialog.message),
                                         dialog.dismiss()))
        tab.on("request", lambda request: self.asked.append(request.url))

    def open(self, address="", size=DESK, **media):
        self.tab.set_viewport_size(size)
        self.size, self.media = size, CALM | media
        self.tab.emulate_media(**self.media)
        self.tab.goto("about:blank")
        self.tab.goto(STORED.as_uri() + address)
        return self

    def __call__(self, expression, *values):
        return self.tab.evaluate(expression, *values)

    def key(self, *keys):
        for key in keys:
            self.tab.keyboard.press(key)

    def text(self, name):
        return self.tab.locator(f"#{name}").inner_text()

    def until(self, expression):
        for _ in range(400):                    # wait_for_function would need eval
            if self(expression):
                return
            self.tab.wait_for_timeout(50)
        raise AssertionError(f"after 20 s still not: {expression}")

    @property
    def setting(self):
        return self("({...now.s, t: Math.floor(now.t)})")


@pytest.fixture(scope="module")
def tab(browser):
    played = Played(browser.new_page())
    yield played
    # The page itself is the one thing that was asked for, whatever was done with it.
    assert {url.partition("#")[0] for url in played.asked} <= {
        STORED.as_uri(), "about:blank"}, played.asked
    assert played.complaints == [], played.complaints


@pytest.fixture
def still(tab):
    """The page with its first race, standing at its start; loaded anew only if need be."""
    usual = tab.size == DESK and tab.media == CALM and not tab("location.hash")
    if not usual:
        return tab.open()
    tab("now.touched = false, scrollTo(0, 0), begin('contours'), goTo(0)")
    return tab


def test_it_opens_on_a_race_that_plays_to_its_end(tab):
    tab.open(reduced_motion="no-preference")
    assert tab("now.playing") and tab.text("play").endswith("Pause")
    tab.tab.fill("#steps", "120")
    tab.key("Tab")
    tab.tab.select_option("#speed", "120")
    tab.until("!now.playing && now.t === now.s.steps")
    assert tab.text("play").endswith("Again") and tab.text("now") == "120"
    replay = optim.replay("contours")
    for name, run in replay.items():
        k = [entry["label"] for entry in tab("now.s.runs")].index(name)
        path = np.array(tab(f"now.runs[{k}].theta.slice(0, 100)"))
        np.testing.assert_allclose(path, run[:100], rtol=1e-9, atol=1e-9)


def test_who_wants_no_motion_gets_steps(still):
    assert not still("now.playing") and still("now.t") == 0
    still.tab.click("#forth")
    assert still("now.t") == 1
    still.tab.click("#play")
    still.until("now.t > 1")
    assert still("Number.isInteger(now.t)")
    still.tab.click("#play")


def test_dragging_the_ring_moves_the_start_and_the_race_begins_there(tab):
    tab.open(reduced_motion="no-preference")
    box = tab.tab.locator("#picture").bounding_box()
    x, y = box["x"] + 60, box["y"] + 80
    tab.tab.mouse.move(x + 40, y + 40)
    tab.tab.mouse.down()
    tab.tab.mouse.move(x, y)
    assert not tab("now.playing") and tab("now.ghost") == "all"
    tab.tab.mouse.up()
    expected = tab("picture.box.at(60, 80)")
    assert tab("now.playing") and tab("now.runs[0].theta[0]") == tab("now.s.start")
    np.testing.assert_allclose(tab("now.s.start"), expected, rtol=0.02, atol=0.03)


def test_a_slider_lights_its_letter_and_changes_the_path(still):
    before = still("now.runs[1].theta[50]")
    slider = still.tab.locator("#hyper [data-letter=mu] input[type=range]")
    slider.fill("500")
    lit = "[...document.querySelectorAll('#formula .lit')].map(x => x.className)"
    assert still(lit) == ["letter-mu lit"]
    assert 0.4 < still("now.s.runs[1].hyper.mu") < 0.6
    still.until("now.runs[1].last >= 50")
    assert still("now.runs[1].theta[50]") != before
    field = still.tab.locator("#hyper [data-letter=lr] input[type=number]")
    for wrong in ("-1", "1e99", ""):
        field.fill(wrong)
        assert still("now.s.runs[1].hyper.lr") == 0.001
        assert "needs a number" in still.text("hyper")
    field.fill("0.002")
    assert still("now.runs[1].hyper.lr") == 0.002 and "needs" not in still.text("hyper")


def test_the_address_brings_everything_back(still):
    still.tab.select_option("#landscape", "own")
    still.tab.fill("#text", "x**2 + 3*y**2 + sin(x*y)")
    still.tab.select_option("#add", "keras:Adam")
    still.tab.fill("#steps", "77")
    still.tab.fill("#startx", "-1.25")
    still.tab.locator("#hyper [data-letter=beta1] input[type=number]").fill("0.5")
    still.tab.click("#nearer")
    still.tab.select_option("#speed", "5")
    still.tab.click("h1")
    still.key("ArrowRight", "Shift+ArrowRight")
    kept = still.setting
    assert (kept["t"], kept["steps"], kept["start"]) == (11, 77, [-1.25, 1.5])
    address = still("(now.s.t = Math.floor(now.t), toHash(now.s))")
    still.open(address)
    assert still.setting == kept and still.tab.locator("#message").is_hidden()
    assert still.tab.input_value("#text") == kept["text"]


HOSTILE = [
    "#on=<script>alert(1)</script>", "#on=__proto__", "#on=constructor", "#run=__proto__",
    "#run=adam;x;constructor=1", "#run=adam;;lr=Infinity", "#run=adam;;lr=NaN",
    "#run=adam;;lr=0x10", "#run=adam;;lr=1e309", "#run=adam;;beta1=1.5", "#steps=1e6",
    "#steps=1000001", "#steps=-1", "#steps=2.5", "#t=199", "#from=1", "#from=1,NaN",
    "#from=1,2,3", "#from=1e300,1", "#view=0,0,-1", "#view=1,2", "#speed=1e9", "#chosen=9",
    "#chosen=0", "#other=valueOf", "#javascript:alert(1)", "#activation=toString",
    "#on=own&f=" + "(" * 400, "#on=own&f=x.constructor", "#on=own&f=alert(1)",
    "#run=adam"*9, "#" + "&".join(["run=adam"]*9), "#on=beale&" + "a"*7000,
    "#f=x&nonsense=1", "#on=network&steps=2000", "#%E0%A4%A"]


def test_a_hostile_address_is_a_message_and_never_code(still):
    read = """addresses => addresses.map(address => { try { return fromHash(address); }
        catch (error) { return error instanceof SettingError || error instanceof MG.MGError
            ? error.message : null; } })"""
    for address, answer in zip(HOSTILE, still(read, HOSTILE), strict=True):
        assert isinstance(answer, str) and 0 < len(answer) < 700, address
    assert isinstance(still(read, ["#on=beale&run=adam;;lr=0.5&steps=2000"])[0], dict)
    still.tab.click("[data-name=saddle]")
    still(f"location.hash = {json.dumps(HOSTILE[0])}")
    still.until("!$('message').hidden")
    assert "could not be read (no landscape is called <script>" in still.text("message")
    assert (still("now.s.landscape"), still("now.s.steps")) == ("beale", 198)
    still("location.hash = '#on=booth&run=adam;;lr=0.5&steps=20&t=7'")
    still.until("now.s.landscape === 'booth' && now.t === 7 && now.s.steps === 20")
    assert still.tab.locator("#message").is_hidden()


def test_a_rule_s_name_in_the_address_is_text_and_no_markup(still):
    still.open("#run=adam;<img src=x onerror=" + "alert(1)>")
    assert still("document.querySelectorAll('img').length") == 0
    assert "<img src=x onerror=alert(1)>" in still.text("runs")


WRONG = ["alert(1)", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "x**", "",
         "constructor", "x.__proto__", "1e999*x", "x"*501, "("*400, "foo(x)", "x;y", "x=1",
         "fetch('/')", "z + 1"]


def test_a_hostile_function_is_a_message_and_the_last_good_one_stays(still):
    still.tab.select_option("#landscape", "own")
    for text in WRONG:
        still("text => { $('text').value = text; takeText(); }", text)
        assert still.text("wrong").endswith("The function before it stays."), text
        assert still("now.s.text") == "x**2 + 10*y**2"
    assert still("document.querySelectorAll('img, script').length") == 1
    still.tab.fill("#text", "log(x)*sqrt(y)")               # no number left of 0, nor below
    assert still.tab.locator("#wrong").is_hidden()
    assert "not a number" in still.text("runs") and "diverged" in still.text("runs")


def test_the_policy_of_the_page_stops_code_from_text(still):
    still("void setTimeout('window.hacked = true')")
    still(f"""() => {{ const s = document.createElement('script');
        s.textContent = {json.dumps(HACKED)}; document.body.append(s);
        const d = document.createElement('div');
        d.innerHTML = '<img src="data:," onerror="window.hacked = true">';
        document.body.append(d); }}""")
    still.tab.wait_for_timeout(100)
    assert still("window.hacked === undefined") and "hacked" not in still.tab.title()
    assert len(still.complaints) >= 3           # the browser says that it refused
    still.complaints.clear()


def test_more_steps_than_are_kept_are_cut_with_a_word(still):
    for typed, kept in (("1000000", 2000), ("-5", 1), ("", 1), ("12", 12)):
        still.tab.fill("#steps", typed)
        still.key("Tab")
        assert still("now.s.steps") == kept
        assert typed == "12" or "needed a whole number" in still.text("message")


def test_the_keyboard_does_it_all(still):
    still.tab.click("h1")
    for keys, t in ((("ArrowRight",), 1), (("Shift+ArrowRight",), 11), (("ArrowLeft",), 10),
                    (("End",), 198), (("Home",), 0)):
        still.key(*keys)
        assert still("now.t") == t
    still.key("3")
    assert still.text("h-chosen").startswith("NAG")
    still.key(" ")
    assert still("now.playing")
    still.key(" ", "Home")
    assert not still("now.playing")
    still.key("?")
    assert still.tab.locator("#keys").is_visible()
    still.key("Escape")
    assert not still.tab.locator("#keys").is_visible()
    still.tab.focus("#picture")
    start = still("now.s.start")
    still.key("ArrowUp")
    assert still("now.s.start[0]") == start[0] and still("now.s.start[1]") > start[1]


def test_what_diverges_is_said_in_words_and_the_others_go_on(still):
    still.tab.locator("#runs .pick").first.click()
    still.tab.locator("#hyper [data-letter=lr] input[type=number]").fill("10")
    still.key("Tab")
    still.tab.click("h1")
    still.key("End")
    words = still.tab.locator("#runs .fate").all_inner_texts()
    assert "diverged" in words[0] and "from step" in words[0]
    assert all("diverged" not in text for text in words[1:])
    assert still("now.runs[5].last") == 198


def test_a_network_is_trained_in_the_page_by_any_rule(still):
    still.tab.click("[data-name=network]")
    still.tab.select_option("#add", "torch:Adam")
    still.tab.fill("#steps", "40")
    still.key("Tab")
    still.until("now.runs.every(run => run.last >= 40)")
    first, last = (still(f"now.runs.map(run => run.value[{t}])") for t in (0, 40))
    assert len(first) == 5 and len({*first}) == 1 and max(last) < first[0]
    still("goTo(40)")
    assert still("crossing(decided(now.runs[0], 40, 40), .5)") is not None


def test_the_map_of_settings_has_its_exact_line_on_a_quadratic(still):
    still.tab.select_option("#landscape", "long_valley")
    still.tab.locator("#map").scroll_into_view_if_needed()
    assert "The line is exact" in still.text("map-about")
    still.until("map.next === map.cells.length")
    # Curvature 100 and mu = 0.5: 2(1 + mu)/100 is where momentum stops being stable.
    edge = still("""(() => { const {lr: {low, high}, second} = map.axes;
        return edgeOf({rule: 'momentum', hyper: {}}, map.axes)(
            Math.log(.03/low)/Math.log(high/low), .5/second.high); })()""")
    assert abs(edge) < 1e-9
    held = np.array(still("[...map.cells].map(x => x < 0)")).reshape(30, 45)
    assert held[15, 5] and not held[15, -5]
    before = still("now.s.runs[1].hyper.lr")
    still.tab.locator("#map").click(position={"x": 90, "y": 60})
    assert still("now.s.runs[1].hyper.lr") != before


def test_the_same_rule_of_another_library_stands_beside_it(still):
    still.tab.select_option("#add", "adam")
    still.tab.select_option("#beside select", "keras:Adam")
    assert still("document.querySelectorAll('#beside .unequal').length") >= 2
    still.until("now.other.last === 198")
    still("goTo(100)")
    still.until("$('distance-about').textContent.includes('step 100')")
    assert still("distances(now.runs[6], now.other)[100]") > 0
    still.tab.click("text=Let both race")
    assert still("now.s.runs.length") == 8 and still("now.s.runs[7].rule") == "keras:Adam"
    assert still.tab.locator("#add").is_disabled()


def luminance(tab):
    red, green, blue = tab("rgb(getComputedStyle(document.body).backgroundColor)")
    return (0.2126*red + 0.7152*green + 0.0722*blue)/255


def test_it_is_dark_in_the_dark_and_by_a_button(tab):
    tab.open(color_scheme="dark")
    assert luminance(tab) < 0.15
    tab.tab.click("#theme")
    assert luminance(tab) > 0.85
    tab.key("d")
    assert luminance(tab) < 0.15


# What a finger has to hit: 40 pixels high, or wide enough as a slider.
SMALL = """() => [...document.querySelectorAll("button, select, input")].filter(one => {
  const box = one.getBoundingClientRect();
  return box.width && Math.max(box.height, one.closest("label")?.offsetHeight || 0) < 40;
}).map(one => one.outerHTML)"""
OUTSIDE = """() => [...document.querySelectorAll("main *")].filter(one => {
  const box = one.getBoundingClientRect();
  return box.width && box.right > innerWidth + 1 && !one.closest(".scroll");
}).map(one => one.outerHTML.slice(0, 90))"""


def test_on_a_phone_nothing_is_cut_and_a_finger_hits(tab):
    tab.open(size=PHONE)
    for name in ("contours", "reddi", "network"):
        tab.tab.locator(f"[data-name={name}]").click()
        assert tab("document.documentElement.scrollWidth") <= 390
        assert tab(SMALL) == [] and tab(OUTSIDE) == []


def test_every_control_has_a_name_and_two_runs_differ_by_more_than_colour(still):
    still.tab.click("[data-name=fair]")
    still.tab.select_option("#add", "adamax")
    still.tab.select_option("#add", "adam")
    nameless = still("""() => [...document.querySelectorAll("button, select, input")]
        .filter(x => !x.textContent.trim() && !x.labels?.length && !x.ariaLabel)
        .map(x => x.outerHTML)""")
    assert nameless == []
    looks = still("now.looks.map(({marker}) => marker)")
    assert len(looks) == 8 == len({*looks})
