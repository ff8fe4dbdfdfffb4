"""Claims about the report: what the page says, that it is whole, and one file."""
import dataclasses
import html
import multiprocessing
import os
import re
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import BrokenExecutor
from functools import cache
from html.parser import HTMLParser
from multiprocessing import connection

import pytest

from optim.commands import cli, shared
from optim.notation import mathml as tex
from optim import workers
from optim.report import measuring, plans
from optim.report import writing as report
from optim.claims.verification import verify
from optim.derivations import TOPICS, Claim, derive, family, tally
from optim.formulas.rule_formulas import formula
from optim.notation.markup import Html, table, tag
from optim.papers import STATEMENTS
from optim.proving.verdicts import Verdict
from optim.optimizers.classes import OPTIMIZERS
from optim.plots.styles import OKABE_ITO, title_of
from optim.report import page as pages
from optim.report import parts, sections
from optim.rules import FIRST, RULES
from optim.notation.mathml import Latex, display, inline

VOID = {"br", "hr", "meta", "wbr", "link", "img", "source", "input"}


class Reader(HTMLParser):
    """Reads a page strictly: tags that do not match are an error."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.ids, self.references, self.anchors = [], [], [], []
        self.names, self.text = set(), ""
        self.feed(text)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, name, attributes):
        self.names.add(name)
        if name not in VOID:
            self.open.append(name)
        self.note(name, dict(attributes))

    def handle_startendtag(self, name, attributes):
        self.names.add(name)
        self.note(name, dict(attributes))

    def note(self, name, attributes):
        self.ids += [attributes["id"]] if "id" in attributes else []
        for key, value in attributes.items():
            if key in ("src", "href", "xlink:href", "data", "srcset", "action", "poster"):
                (self.anchors if name == "a" else self.references).append(value)

    def handle_endtag(self, name):
        assert self.open and self.open.pop() == name, f"</{name}> at {self.getpos()}"

    def handle_data(self, data):
        self.text += data


@pytest.fixture(scope="module")
def results():
    return measuring.measure(plans.QUICK)


@pytest.fixture(scope="module")
def text(results):
    return pages.page(results)


@pytest.fixture(scope="module")
def page(text):
    return Reader(text)


# ------------------------------------------------------------------------------- formulas
@pytest.mark.parametrize("text, mathml", [
    (r"\frac{g_t}{2}", "<mfrac><msub><mi>g</mi><mi>t</mi></msub><mn>2</mn></mfrac>"),
    (r"\beta_{1}^{-t}",
     "<msubsup><mi>β</mi><mn>1</mn><mrow><mo>−</mo><mi>t</mi></mrow></msubsup>"),
    (r"\sum_{i}^{t} x",
     "<mrow><munderover><mo>∑</mo><mi>i</mi><mi>t</mi></munderover><mi>x</mi></mrow>"),
    (r"\left|{m}\right|",
     '<mrow><mo stretchy="true">|</mo><mi>m</mi><mo stretchy="true">|</mo></mrow>'),
    (r"\hat{m}", '<mover accent="true"><mi>m</mi><mo>^</mo></mover>'),
    (r"\text{if } a < 1",
     "<mrow><mtext>if </mtext><mi>a</mi><mo>&lt;</mo><mn>1</mn></mrow>"),
    (r"\sqrt[3]{x}", "<mroot><mi>x</mi><mn>3</mn></mroot>"),
    (r"\lambda'", "<msup><mi>λ</mi><mo>′</mo></msup>"),
    (r"\mathrm{a\_b}", '<mi mathvariant="normal">a_b</mi>'),
    (r"\begin{cases} a & b \\ c & d \end{cases}",
     "<mrow><mo>{</mo><mtable><mtr><mtd><mi>a</mi></mtd><mtd><mi>b</mi></mtd></mtr><mtr>"
     "<mtd><mi>c</mi></mtd><mtd><mi>d</mi></mtd></mtr></mtable></mrow>"),
    (r"\nosuch", "<merror><mtext>\\nosuch</mtext></merror>")])
def test_latex_becomes_mathml(text, mathml):
    assert Latex(text).mathml() == mathml


@pytest.mark.parametrize("text", [
    "", "{", "x_", r"\frac{", r"\left(", "}", "^", "&", r"\sqrt[", r"\begin{cases} a & ",
    r"\begin{nosuch} a", r"\end{cases}", r"\text{a", "\\"])
def test_broken_latex_still_makes_markup_that_closes(text):
    Reader(Latex(text).mathml())


verified = cache(verify)


def every_formula():
    for name in (*RULES, *TOPICS):
        for claim in verified(name).claims:
            yield from (goal.latex() for goal in claim.goals)
            yield from filter(None, [claim.caption])
    yield from (edge.claim.latex() for edge in family().edges)
    for name in RULES:
        yield from (e.latex() for e in formula(name).equations)
        yield STATEMENTS[name].latex()


def letters(text):
    """The letters and digits that a formula has to show, counted."""
    text = re.sub(r"\\(begin|end)\{\w+\}", "", text.replace("\\\\", " "))
    text = re.sub(r"\\(?:text|mathrm|operatorname)\{((?:\\_|[^{}])*)\}", r" \1", text)
    shown = tex.LETTERS | tex.LARGE | {name: name for name in tex.FUNCTIONS}
    text = re.sub(r"\\([A-Za-z]+)", lambda found: shown.get(found[1], ""), text)
    return Counter(filter(str.isalnum, text))


def test_every_formula_is_understood_and_no_letter_of_it_is_lost():
    found = list(every_formula())
    assert len(found) > 300
    for one in found:
        seen = Reader(display(one))
        assert "merror" not in seen.names and "\\" not in seen.text, one
        assert Counter(filter(str.isalnum, seen.text)) == letters(one), one


def test_a_letter_that_is_lost_would_be_seen(monkeypatch):
    monkeypatch.setattr(Latex, "root", lambda self: self.atom() and tag("msqrt"))
    assert Counter(filter(str.isalnum, Reader(display(r"\sqrt{v}")).text)) != letters(
        r"\sqrt{v}")


# ----------------------------------------------------------------------------- the checker
@pytest.mark.parametrize("bad", ["<p><b>x</p></b>", "<p>x", "x</p>", "<svg><g></svg>"])
def test_the_reader_rejects_tags_that_do_not_match(bad):
    with pytest.raises(AssertionError):
        Reader(bad)


# -------------------------------------------------------------------------------- the page
def test_the_tags_of_the_page_match(page):
    assert {"math", "svg", "table", "nav", "details"} <= page.names
    assert "merror" not in page.names and not re.search(r"\\[a-z]+", page.text)


def test_ids_are_unique_and_every_reference_has_its_place(text, page):
    assert len(page.ids) == len(set(page.ids)) > 100
    inner = [reference for reference in page.references + page.anchors
             + re.findall(r"url\((#[^)]*)\)", text) if reference.startswith("#")]
    labels = [word for found in re.findall(r'aria-labelledby="([^"]*)"', text)
              for word in found.split()]
    assert inner and {reference[1:] for reference in inner} | set(labels) <= set(page.ids)


def test_nothing_is_loaded_from_elsewhere(text, page):
    assert not page.names & {"link", "iframe", "object", "embed", "image"}
    assert not re.findall(r"<script[^>]+>|\bfetch\(|XMLHttpRequest|\bimport\b", re.sub(
        r"<code>.*?</code>", "", text)) and text.count("<script>") == 2
    assert all(reference.startswith(("#", "data:image/png;base64,"))
               for reference in page.references)
    assert "@import" not in text and "@font-face" not in text
    assert all(url.startswith("#") for url in re.findall(r"url\(([^)]*)\)", text))
    assert not re.findall(r"(?:https?:)?//[\w.]+\.\w+", text)


def test_each_rule_has_its_section_with_formula_claims_and_curves(results, text):
    sections = dict(re.findall(r'<section id="(\w+)"(.*?)</section>', text, re.DOTALL))
    assert set(results.plan.rules) <= sections.keys()
    for rule in results.plan.rules:
        body = sections[rule]
        assert body.count("<svg") == 2 and body.count("<math") >= 3
        for claim in results.claims[rule]:
            row = re.search(re.escape(html.escape(claim.sentence, quote=False))
                            + r".*?(?=</tr>|</li>)", body, flags=re.DOTALL)
            assert claim.verdict.status in row.group() and parts.notes(claim)
        assert all(f">{e.name}<" in body for e in results.plan.estimators)


def test_the_page_tells_every_claim_that_verify_decides(results):
    assert results.claims.keys() == {*results.facts, *results.topics, "family"}
    for name in (*results.facts, *results.topics):
        assert sorted((c.id, c.verdict.status) for c in verified(name).claims) == sorted(
            (c.id, c.verdict.status) for c in results.claims[name])


def test_the_page_shows_the_goals_of_every_claim_and_marks_each_caption(results, text):
    """So that what stands beside a verdict is what was decided."""
    for claims in results.claims.values():
        for claim in claims:
            assert all(display(goal.latex()) in text for goal in claim.goals)
            if claim.caption:
                assert 'caption: </span>' + inline(claim.caption) in text


def test_every_topic_has_its_section_and_every_rule_links_to_those_that_serve_it(text):
    found = dict(re.findall(r'<section id="([\w-]+)"(.*?)</section>', text, re.DOTALL))
    for name, (_, _, serves) in TOPICS.items():
        body = found[parts.topic_place(name)]
        for step in derive(name).steps:
            assert html.escape(step.sentence, quote=False) in body
            assert step.verdict.status in body
        for rule in set(serves) & set(found):
            assert f'href="#{parts.topic_place(name)}"' in found[rule]
            assert f'href="#{rule}"' in body


def test_the_page_shows_every_edge_of_the_family_with_its_verdict(text):
    body = re.search(r'<section id="family".*?</section>', text, re.DOTALL).group()
    edges = family().edges
    assert body.count("<svg") == 1 and (
        body.count('class="badge proved"') + body.count('class="badge by-theorem"')
        == len(edges))
    for edge in edges:
        assert f"{title_of(edge.source)} → {title_of(edge.target)}" in body
        assert html.escape(edge.claim.sentence, quote=False) in body


def test_links_lead_only_to_sections_that_are_on_the_page(page):
    """In a short plan too: a topic serves rules that the page does not tell."""
    assert {a for a in page.anchors} <= {"#" + name for name in page.ids}
    assert "#momentum" not in page.anchors and "#adam" in page.anchors


def test_every_plot_has_a_title_and_a_description(text):
    plots = re.findall(r"<svg[^>]*>\s*<title[^>]*>([^<]+)</title><desc[^>]*>([^<]+)</desc>",
                       text)
    hidden = re.findall(r'<svg[^>]* aria-hidden="true">', text)     # parts of the film
    assert len(plots) == text.count("<svg") - len(hidden) == len({title for title, _ in plots})
    assert [title for title, description in plots if "ends at" not in description] == [
        "Training loss of 2 rules", "The family of the rules"]
    assert len(hidden) == 7 and re.search('<img src="data:[^>]* alt="Six optimizers', text)


def test_plots_take_their_colours_from_the_page(text):
    plots = re.findall(r'<svg[^>]* role="img".*?</svg>', text, flags=re.DOTALL)
    charts = [plot for plot in plots if 'class="chart"' in plot]
    assert len(charts) == len(plots) - 1 == 5 and "var(--bgd)" in charts[-1]
    found = {*re.findall(r"#[0-9a-fA-F]{6}\b", "".join(plots))}
    assert found <= {*OKABE_ITO.values()}       # which are seen on light and dark
    assert all("currentColor" in plot for plot in plots if plot not in charts[1:])


def test_tables_name_their_rows_and_columns(results, text):
    tables = re.findall(r"<table>.*?</table>", text, flags=re.DOTALL)
    assert len(tables) == 3 + 3*len(results.plan.rules)
    for one in tables:
        assert "<caption>" in one and 'scope="col"' in one and 'scope="row"' in one


def test_a_quick_page_says_so_and_a_full_one_does_not(results, text):
    assert "A quick trial." in text
    plan = plans.Plan(results.plan.rules, others=(), seeds=(0,), more_seeds={})
    full = dataclasses.replace(results, plan=plan)
    assert "A quick trial." not in pages.page(full)


def test_text_from_outside_is_escaped():
    assert tag("p", "<b> & \"", title='"<') == '<p title="&quot;&lt;">&lt;b&gt; &amp; "</p>'
    assert tag("p", Html("<b>x</b>")) == "<p><b>x</b></p>"
    hostile = table("<script>", ["<i>"], [["<script>alert(1)</script>"]])
    assert "<script" not in hostile and "<i>" not in hostile


def test_a_claim_that_fails_is_not_shown_as_a_success():
    claim = Claim("x", "x", decided=Verdict("REFUTED", {"g": 1}))
    assert "at g = 1" in parts.notes(claim)
    assert "REFUTED (claimed: PROVED)" in parts.badge(claim)
    assert "unexpected" in parts.badge(claim)
    assert tally([claim, claim]) == "2 not as claimed"


def test_one_claim_that_fails_makes_the_report_bad(results, monkeypatch, tmp_path, capsys):
    assert results.as_expected
    wrong = Claim("x", "x", decided=Verdict("UNDECIDED"))
    facts = results.facts | {"adam": dataclasses.replace(results.facts["adam"],
                                                         claims=(wrong,))}
    bad = dataclasses.replace(results, facts=facts)
    first, *others = results.family.edges
    dashed = dataclasses.replace(results.family, edges=(
        dataclasses.replace(first, claim=wrong), *others))
    assert not dataclasses.replace(results, family=dashed).as_expected
    monkeypatch.setattr(report, "measure", lambda *_: bad)
    file = tmp_path/"report.html"
    assert cli.main(["report", "--quick", "--out", str(file)]) == shared.BAD
    assert "UNDECIDED (claimed: PROVED)" in file.read_text(encoding="utf-8")


# ------------------------------------------------------------------------------ measuring
def test_the_table_of_learning_rates_covers_every_rule_and_estimator():
    assert list(plans.LEARNING_RATES) == list(FIRST)
    names = {e.name for e in plans.ESTIMATORS}
    for rule, rates in plans.LEARNING_RATES.items():
        assert set(rates) == (set() if rule == "adadelta" else names)


def test_the_full_report_leaves_nothing_out():
    todo = measuring.jobs(plans.FULL)
    for rule in FIRST:
        assert (measuring.facts, (rule,)) in todo
        assert sum(job.do is measuring.curve and job.key[0] == rule for job in todo) == 3
    assert todo[0] == (measuring.decided_family, ())
    topics = [job.key for job in todo if job.do is measuring.decided_topic]
    assert topics == [(topic,) for topic in TOPICS]
    trained = {job.key[0] for job in todo if job.do is measuring.curve}
    assert trained == {*OPTIMIZERS} and len(trained) == 33
    more = measuring.jobs(plans.ALL)
    assert {job.key[0] for job in more if job.do is measuring.facts} == {*RULES}
    assert {job.key[0] for job in more if job.do is measuring.curve} == {*OPTIMIZERS}
    seeds = [job.key[2] for job in todo if job.do is measuring.accuracy
             and job.key[:2] == ("adam", "random")]
    assert seeds == [0, 1, 2, 3, 4] and len(set(todo)) == len(todo)


ALONE = """
from optim import workers
from optim.report import measuring, plans
from optim.report import measuring, plans
for job in measuring.jobs(plans.QUICK):
    if job.do is measuring.accuracy and job.key[0] == "adam":
        print(job.do(*job.key))
    elif job.do is measuring.curve and job.key[0] == "adam":
        print(job.do(*job.key).loss.tolist())
"""


def test_workers_change_nothing(results):
    with workers.single_threaded():
        done = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, text=True,
                              check=True, timeout=60, env=os.environ | {
                                  "PYTHONPATH": os.pathsep.join(sys.path)})
    curves = [str(curve.loss.tolist()) for curve in results.curves["adam"]]
    tests = [str(results.accuracies["adam", split][0]) for split in ("random", "file")]
    assert sorted(done.stdout.splitlines()) == sorted(curves + tests)


def test_an_error_ends_the_workers_at_once():
    with pytest.raises(ZeroDivisionError), workers.pool(1) as executor:
        executor.submit(abs, -1).result()
        executor.submit(time.sleep, 60)
        running = multiprocessing.active_children()
        raise ZeroDivisionError
    # Not join: two threads may wait for a child, and one of them hears nothing.
    ended = connection.wait([worker.sentinel for worker in running], 30)
    assert ended == [worker.sentinel for worker in running] != []


def test_threads_of_linear_algebra_are_put_back(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    with workers.single_threaded():
        assert os.environ["OMP_NUM_THREADS"] == os.environ["MKL_NUM_THREADS"] == "1"
    assert os.environ["OMP_NUM_THREADS"] == "7" and "MKL_NUM_THREADS" not in os.environ


# -------------------------------------------------------------------------------- writing
def test_a_failure_midway_leaves_the_old_file(tmp_path, monkeypatch, results, text):
    file = tmp_path/"report.html"
    file.write_text("old")

    def fail(*_):
        raise OSError("no space left")

    monkeypatch.setattr(report, "measure", lambda *_: results)
    monkeypatch.setattr(pages, "page", lambda results: text)
    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="no space"):
        report.write_report(file, quick=True)
    assert file.read_text() == "old" and os.listdir(tmp_path) == ["report.html"]


def test_a_page_that_cannot_be_made_leaves_the_old_file(tmp_path, monkeypatch, results):
    file = tmp_path/"report.html"
    file.write_text("old")
    monkeypatch.setattr(report, "measure", lambda *_: results)
    monkeypatch.setattr(sections, "drawing", lambda *_: 1/0)
    with pytest.raises(ZeroDivisionError):
        report.write_report(file, quick=True)
    assert file.read_text() == "old" and os.listdir(tmp_path) == ["report.html"]


@pytest.mark.parametrize("failure", [OSError("no space left"), BrokenExecutor("killed")])
def test_a_report_that_cannot_be_finished_says_why(failure, tmp_path, monkeypatch, capsys):
    def fail(*_):
        raise failure

    monkeypatch.setattr(report, "measure", fail)
    assert cli.main(["report", "--out", str(tmp_path/"report.html")]) == shared.WRONG
    assert capsys.readouterr().err == f"minigrad: report: {failure}\n"
    assert not os.listdir(tmp_path)


def test_the_command_writes_the_page_and_a_table(
        tmp_path, monkeypatch, capsys, results, text):
    monkeypatch.setattr(report, "measure", lambda *_: results)
    file = tmp_path/"report.html"
    assert cli.main(["report", "--quick", "--out", str(file)]) == shared.GOOD
    out = capsys.readouterr().out
    assert all(f"\n{rule} " in out for rule in results.plan.rules) and str(file) in out
    # made anew from the same results, it is the same page
    assert file.read_text(encoding="utf-8") == text
