"""What sections share: their frame, numbers, and verdicts in words."""
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from optim.certificates.words import in_words
from optim.derivations import Claim
from optim.notation.markup import Html, prose, tag
from optim.notation.mathml import display, inline
from optim.plots.styles import title_of


def folded(place: str, title: str, words: Any, *children: Any) -> Html:
    """A section with its heading, which links reach as #place: a line, to be opened."""
    head = tag("summary", tag("h3", title, id=f"{place}-heading"), " ",
               tag("span", words, class_="soft"))
    return tag("section", tag("details", head, *children), id=place, class_="fold",
               aria_labelledby=f"{place}-heading")


def more(title: str, *children: Any) -> Html:
    """What is there on demand."""
    return tag("details", tag("summary", title), *children, class_="more")


def figures(x: float, digits: int = 3) -> str:
    """A number to so many significant digits."""
    return f"{x:.{digits}g}"


def percent(x: float) -> str:
    """A share from 0 to 1 in percent."""
    return f"{100*x:.1f}\N{NO-BREAK SPACE}%"


# ------------------------------------------------------------------------------- places
def topic_title(name: str) -> str:
    """The heading of a topic's section."""
    return name.replace("_", " ").capitalize()


def topic_place(name: str) -> str:
    """The id of a topic's section."""
    return f"topic-{name}"


def rule_links(names: Iterable[str], on_page: Collection[str]) -> list[Html]:
    """Titles of rules, as links if the page tells about them."""
    return [tag("a", title_of(name), href=f"#{name}") if name in on_page else
            Html(title_of(name)) for name in names]


def topic_links(names: Iterable[str]) -> list[Html]:
    """Links to the sections of topics."""
    return [tag("a", topic_title(name), href=f"#{topic_place(name)}") for name in names]


def listed(links: Sequence[Html]) -> Html:
    """Links with commas between."""
    return Html(", ".join(links))


# ------------------------------------------------------------------------------ verdicts
def notes(claim: Claim) -> str:
    """How the verdict was found: method, witness, exceptions, time."""
    known = claim.verdict.as_dict()
    where = ", ".join(f"{name} = {x}" for name, x in (known["witness"] or {}).items())
    took = f" ({claim.verdict.seconds:.2f} s)" if claim.verdict.seconds > 0.005 else ""
    change = ", ".join(f"{name} → {x}" for name, x in (known["equal_if"] or {}).items())
    words = [known["method"], *(f"except on {e}" for e in known["except_on"])]
    words += [f"at {where or 'every point'}"]*(known["witness"] is not None)
    words += [f"equal if {change}"]*bool(change)
    return "; ".join(filter(None, words)) + took


def badge(claim: Claim) -> Html:
    """The verdict in words; a colour only underlines them."""
    status = claim.verdict.status
    if not claim.ok:
        return tag("span", f"{status} (claimed: {claim.expected})",
                   class_="badge unexpected")
    words = "REFUTED (as claimed)" if status == "REFUTED" else status
    return tag("span", words, class_=f"badge {status.lower().replace(' ', '-')}")


def goals(claim: Claim) -> list[Html]:
    """What was decided: of a theorem, for its premises; and the caption, if any."""
    found = [tag("div", display(goal.latex()), class_="scroll") for goal in claim.goals]
    if claim.theorem:
        found.append(tag("details", tag("summary", "What it rests on"), [
            tag("div", display(goal.latex()), class_="scroll")
            for premise in claim.premises for goal in premise.goals]))
    if claim.caption:
        found.append(tag("div", tag("span", "caption: ", class_="soft"),
                         inline(claim.caption), class_="scroll"))
    return found


def certificate_of(claim: Claim, certificates: Mapping[str, Any]) -> dict[str, Any] | None:
    """The certificate of this very verdict, if there is one; certificates {id: a claim of
    a file that the checker has accepted, with the .file}."""
    found = certificates.get(claim.id)
    says = claim.sentence, claim.verdict.status
    return found if found and (found["sentence"], found["status"]) == says else None


def certificate(claim: Claim, certificates: Mapping[str, Any]) -> Html:
    """The certificate of a verdict, folded, if there is one."""
    found = certificate_of(claim, certificates)
    if found is None:
        return Html()
    lines = [tag("div", line) for goal in found["goals"] for line in in_words(goal)]
    rests = ", ".join(found["premises"])
    return tag("details", tag("summary", "certificate"), lines, tag("div", "rests on "
               + rests) if rests else "", tag("div", tag("a", found["file"], href=found[
                   "file"]), f", claim {claim.id}"), class_="certificate")


def claim_items(claims: Iterable[Claim], heads: Sequence[Any] = (),
                numbers: Sequence[int] = (), certificates: Mapping[str, Any] = {}) -> Html:
    """Claims as a numbered list: words, goals, verdict; each after its head, if any."""
    rest, places = iter(heads), iter(numbers)
    return tag("ol", [
        tag("li", tag("p", next(rest, ""), prose(claim.sentence)), goals(claim),
            tag("p", badge(claim), " ", notes(claim), class_="soft"),
            certificate(claim, certificates),
            value=next(places, None)) for claim in claims])


def key_steps(steps: Sequence[Claim], most: int = 6) -> list[int]:
    """Which steps of a derivation are shown at once: closed forms of the moments, the step
    itself, what follows by a theorem, and what has a caption; else the last."""
    def rank(step: Claim) -> int:
        if step.id == "step" or step.id.endswith("-closed"):
            return 0
        return 1 if step.theorem else 2 if step.caption else 3
    ranks = [rank(step) for step in steps]
    order = sorted((k for k in range(len(steps)) if ranks[k] < 3), key=ranks.__getitem__)
    return sorted(order[:most]) or [*range(len(steps))][-1:]


ROUTINE = ("units of the legend", "its source, run on letters", "common frame")


def key_claims(claims: Sequence[Claim], most: int = 4) -> list[Claim]:
    """The claims of a rule that are shown at once: what it is to other rules and what is
    often said of it and refuted, before others; not its units, defaults and source."""
    found = [claim for claim in claims if claim.source not in ROUTINE
             and not claim.id.startswith("default-")]
    order = sorted(found, key=lambda claim: (
        claim.expected != "REFUTED", claim.source != "relation between rules",
        claim.kind == "identity"))
    chosen = {id(claim) for claim in order[:most]}
    return [claim for claim in found if id(claim) in chosen] or [*claims][-1:]
