"""What sections share: their frame, numbers, and verdicts in words."""
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from optim.notation.markup import Html, prose, tag
from optim.plots.styles import title_of
from optim.report.contents import ClaimFacts, StepFacts


def section(place: str, title: str, *children: Any) -> Html:
    return tag("section", tag("h2", title, id=f"{place}-heading"), *children, id=place,
               aria_labelledby=f"{place}-heading")


def figures(x: float, digits: int = 3) -> str:
    return f"{x:.{digits}g}"


def percent(x: float) -> str:
    return f"{100*x:.1f} %"


# ------------------------------------------------------------------------------- places
def topic_title(name: str) -> str:
    return name.replace("_", " ").capitalize()


def topic_place(name: str) -> str:
    """The id of a topic's section."""
    return f"topic-{name}"


def rule_links(names: Iterable[str], told: Collection[str]) -> list[Html]:
    """Titles of rules, as links if the page tells about them."""
    return [tag("a", title_of(name), href=f"#{name}") if name in told else
            Html(title_of(name)) for name in names]


def topic_links(names: Iterable[str]) -> list[Html]:
    """Links to the sections of topics."""
    return [tag("a", topic_title(name), href=f"#{topic_place(name)}") for name in names]


def listed(links: Sequence[Html]) -> Html:
    return Html(", ".join(links))


# ------------------------------------------------------------------------------ verdicts
def kind(claim: ClaimFacts) -> str:
    """PROVED or REFUTED as it was claimed, else "other"."""
    return claim.status if claim.as_expected else "other"


def counted(claims: Iterable[ClaimFacts]) -> str:
    kinds = [kind(claim) for claim in claims]
    words = [(kinds.count("PROVED"), "proved"),
             (kinds.count("REFUTED"), "refuted as claimed"),
             (kinds.count("other"), "not as claimed")]
    return ", ".join(f"{n} {word}" for n, word in words if n)


def notes(claim: ClaimFacts) -> str:
    return "; ".join(claim.notes)


def badge(claim: ClaimFacts) -> Html:
    """The verdict in words; a colour only underlines them."""
    if not claim.as_expected:
        return tag("span", f"{claim.status} (claimed: {claim.expected})",
                   class_="badge unexpected")
    words = "REFUTED (as claimed)" if claim.status == "REFUTED" else claim.status
    return tag("span", words, class_=f"badge {claim.status.lower()}")


def seconds(claim: ClaimFacts) -> str:
    """What the proof took; what follows by a theorem takes none."""
    return f" ({claim.seconds:.2f} s)" if claim.seconds else ""


def step_items(steps: Iterable[StepFacts], heads: Sequence[Any] = ()) -> Html:
    """Steps as a numbered list: words, formula, verdict; each after its head, if any."""
    rest = iter(heads)
    return tag("ol", [
        tag("li", tag("p", next(rest, ""), prose(step.text)),
            tag("div", step.formula, class_="scroll") if step.formula else "",
            tag("p", badge(step.check), " ", notes(step.check), seconds(step.check),
                class_="soft")) for step in steps])
