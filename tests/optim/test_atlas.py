"""The atlas: what it says of each two rules of one name, and that its page is whole."""
import os
from functools import cache
from itertools import combinations

import pytest

from optim.atlas import atlas_page, gathering
from optim.atlas.names_in_libraries import FAMILIES, recorded
from optim.commands import cli

os.environ["KERAS_BACKEND"] = "jax"             # before Keras is imported
# What is the same rule, and what is not, in the present releases: a sample of the atlas.
SAME = {
    ("RMSprop", "paper", "torch"), ("RMSprop", "optax", "keras"),
    ("Adam", "paper", "torch"), ("Adam", "paper", "optax"), ("Momentum", "torch", "optax"),
    ("Adagrad", "paper", "torch")}
OTHER = {
    ("RMSprop", "paper", "keras"), ("Adam", "torch", "keras"),
    ("AMSGrad", "torch", "optax"), ("AMSGrad", "paper", "torch"),
    ("AdaMax", "torch", "keras"), ("Nadam", "paper", "torch"),
    ("Adagrad", "paper", "keras")}
ONE_WALK = {("Momentum", "torch", "keras"), ("Momentum", "paper", "keras")}


@cache
def member(title, source):
    return gathering.member(source, FAMILIES[title][source], installed=True)


@cache
def pair(title, a, b):
    """How two compare as the atlas compares them; the other pairs are not asked for."""
    return gathering.compared(member(title, a), member(title, b))


@pytest.mark.parametrize("title, a, b", sorted(SAME))
def test_one_rule(title, a, b):
    assert pair(title, a, b).status == "PROVED"


@pytest.mark.parametrize("title, a, b", sorted(OTHER))
def test_two_rules(title, a, b):
    found = pair(title, a, b)
    assert found.status == "REFUTED" and not found.same


@pytest.mark.parametrize("title, a, b", sorted(ONE_WALK))
def test_one_walk_by_other_states(title, a, b):
    found = pair(title, a, b)
    assert found.status == "REFUTED" and found.same


def test_keras_adam_is_the_papers_with_another_eps():
    change = pair("Adam", "paper", "keras").equal_if
    assert "eps" in str(change) and "beta2**t" in str(change)


def test_what_is_installed_is_as_we_have_it():
    for title in {title for title, *_ in SAME | OTHER}:
        for source in FAMILIES[title].keys() & gathering.RECORDED:
            assert member(title, source).change.same, (title, source)


@cache
def whole():
    found, = gathering.gathered(["RMSprop"])
    return found


def test_a_family_that_is_gathered_holds_each_member_and_pair():
    found = whole()
    assert [*found.members] == [*FAMILIES["RMSprop"]]
    assert [*found.pairs] == [*combinations(found.members, 2)]
    outside = {"paper", "torch"}                # where eps is added, of the root
    for (a, b), comparison in found.pairs.items():
        same = (a in outside) == (b in outside)
        assert comparison.status == ("PROVED" if same else "REFUTED")
    assert all(one.version and one.change.same for one in found.members.values()
               if one.source in gathering.RECORDED)


def test_every_name_is_known_to_our_copies_too():
    for texts in FAMILIES.values():
        for source, text in texts.items():
            ours = recorded(text) if source in gathering.RECORDED else text
            assert gathering.meant_rule(ours).formula


def test_without_libraries_the_recorded_rules_stand_in():
    found, = gathering.gathered(["RMSprop"], installed=False)
    assert {m.version for m in found.members.values()} == {None}
    assert found.pairs["paper", "torch"].status == "PROVED"
    assert "recorded" in found.members["torch"].origin


def test_another_version_is_judged_as_it_is(monkeypatch):
    """A library whose Adam is another one from tomorrow on."""
    texts = {"torch": "torch.optim.Adamax"}
    monkeypatch.setitem(FAMILIES, "Adam", texts)
    monkeypatch.setattr(gathering, "recorded", lambda text: "torch:Adam")
    found = gathering.member("torch", texts["torch"], installed=True)
    assert "NOT as 2.13.0 was" in found.origin


def test_the_page_loads_nothing_and_is_whole():
    page = atlas_page.atlas_page([whole()])
    assert page.count("<section") == page.count("</section>") == 1 and "<math" in page
    assert "http" not in page.replace("http://www.w3.org", "")
    assert "$" not in page.split("</style>")[-1]


def test_the_command_writes_either_page(tmp_path, capsys):
    for name in ("a.html", "a.md"):
        path = tmp_path/name
        assert cli.main(["atlas", "--out", str(path), "--only", "rmsprop",
                         "--recorded"]) == 0
        assert "RMSprop" in path.read_text(encoding="utf-8")
    assert cli.main(["atlas", "--only", "Adma", "--out", str(tmp_path/"b.html")]) == 2
    assert "did you mean" in capsys.readouterr().err
