"""The museum as one page that loads nothing."""
import os
from collections.abc import Sequence
from importlib import resources
from string import Template

from minigrad.whole_files import whole_file
from optim.atlas.atlas_page import page_style
from optim.museum.exhibit import KINDS, Bound
from optim.museum.judging import Judged, Proof, printed_bound
from optim.notation.mathml import display
from optim.notation.markup import Html, tag
from optim.papers.histories import in_letters

STEP = r"\left|\theta_{t+1} - \theta_t\right| \le "


def museum_page(found: Sequence[Judged]) -> str:
    """The page as HTML."""
    own = resources.files("optim.museum").joinpath("museum.html").read_text("utf-8")
    kinds = [tag("div", tag("h3", words), tag("ol", *(
        tag("li", tag("a", j.exhibit.title, href=f"#{j.exhibit.id}"))
        for j in found if j.exhibit.kind == kind)))
        for kind, words in KINDS.items() if any(j.exhibit.kind == kind for j in found)]
    return Template(own).substitute(
        style=page_style(), count=len(found), contents="\n".join(kinds),
        sections="\n".join(map(section, found)))


def section(j: Judged) -> Html:
    """One exhibit."""
    e = j.exhibit
    stated = ", ".join(x for x in (KINDS[e.kind], e.date, e.version) if x)
    return tag("section", tag("h2", e.title, id=f"{e.id}-heading"),
               tag("p", f"{stated}: ", tag("a", e.link, href=e.link), class_="soft"),
               tag("p", e.words), tag("div", printed(j), right(j), class_="of"),
               tag("p", tag("b", "In a training run: "), str(j.effect), "."),
               id=e.id, aria_labelledby=f"{e.id}-heading")


def printed(j: Judged) -> Html:
    """The formula as printed, its verdict, and the witness."""
    e, w = j.exhibit, j.witness
    math = (display(STEP + in_letters(printed_bound(e))) if isinstance(e, Bound)
            else Html(j.formulas[0].mathml()))
    at = [] if w is None else [tag("p", f"At {w}", tag("br"), (
        f"a bound of {w.values[0]!r}, a step of {w.values[1]!r}." if isinstance(e, Bound)
        else f"θ goes from 1 to {w.values[0]!r} as printed, to {w.values[1]!r} by the "
        "right one."), class_="soft")]
    return tag("div", tag("h3", "As printed ", badge(j.verdict.status)),
               tag("div", math, class_="scroll"), *at, class_="formula printed")


def right(j: Judged) -> Html:
    """The right formula and what it rests on."""
    math = [] if isinstance(j.exhibit, Bound) else [
        tag("div", Html(j.formulas[1].mathml()), class_="scroll")]
    return tag("div", tag("h3", "Right ", badge(j.right)), *math,
               tag("ul", *map(proof, j.proofs), class_="soft"), class_="formula")


def proof(p: Proof) -> Html:
    """One thing that is proved."""
    return tag("li", badge(p.status), " ", p.words,
               *[tag("div", display(p.latex), class_="scroll")]*bool(p.latex))


def badge(status: str) -> Html:
    """A status as a badge."""
    return tag("span", status, class_=f"badge {status.lower().replace(' ', '-')}")


def write_museum(path: str | os.PathLike[str], found: Sequence[Judged]) -> None:
    """Write the page; the file appears whole or not at all."""
    with whole_file(path) as file:
        file.write(museum_page(found).encode())
