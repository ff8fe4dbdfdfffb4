"""The playground as one page: its parts in optim/playground/page/, and the mathematics.

    from optim.playground.playground_page import page
    page(mathematics())                 # HTML that needs nothing else

No formula stands in the parts: `MG` is printed from the rules. The page's own policy allows
its one script and its one style sheet, by what they hold, and nothing from anywhere else.
"""
import base64
import hashlib
import json
import re
from pathlib import Path
from string import Template
from typing import Any

from minigrad.whole_files import whole_file
from optim.plots.styles import LOOKS, OKABE_ITO, Look, further_looks

PARTS = Path(__file__).parent/"page"
SCRIPTS = ("setting", "runs", "looks", "ground", "picture", "line_and_network", "chart",
           "formulas", "panels", "libraries", "settings_map", "clock", "main")
SPARE = 8                               # looks for rules that have none of their own
PALE = {"yellow": "light", "blue": "dark"}      # what needs an edge, and where
BEFORE, AFTER = "\n// The mathematics, printed.\n", "\n// The page.\n"


def part(name: str) -> str:
    """The text of one part of the page."""
    return (PARTS/name).read_text(encoding="utf-8")


def look(one: Look) -> dict[str, Any]:
    """A look of the project's pictures, as the page draws it."""
    dashes = [] if one.dashes == "-" else [*one.dashes[1]]
    return {"colour": OKABE_ITO.get(one.colour, "ink"), "dash": dashes,
            "marker": one.marker, "pale": PALE.get(one.colour)}


def looks() -> str:
    """LOOKS.rules by rule, and LOOKS.spare: the rules' looks again, then others."""
    others = further_looks()
    spare = [*LOOKS.values(), *(next(others) for _ in range(SPARE))]
    return "const LOOKS = " + json.dumps({
        "rules": {name: look(one) for name, one in LOOKS.items()},
        "spare": [look(one) for one in spare]}) + ";"


def allowed(text: str) -> str:
    """What a policy calls the inline text by."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def page(mathematics: str) -> str:
    """The page around the mathematics, a text that defines MG."""
    style = part("page.css")
    own = "\n".join(part(f"{name}.js") for name in SCRIPTS)
    script = f'"use strict";{BEFORE}{mathematics}{AFTER}{looks()}\n{own}'
    policy = (f"default-src 'none'; script-src {allowed(script)}; style-src "
              f"{allowed(style)}; base-uri 'none'; form-action 'none'")
    return Template(part("page.html")).substitute(policy=policy, style=style, script=script)


def mathematics_of(text: str) -> str:
    """The mathematics that a written page holds; ValueError for any other text."""
    found = re.search(f"{re.escape(BEFORE)}(.*){re.escape(AFTER)}", text, re.DOTALL)
    if not found:
        raise ValueError("this is no page of the playground: it holds no mathematics")
    return found[1]


def write_playground(path: Path) -> int:
    """Write the page, whole or not at all; its size in bytes."""
    from optim.playground.javascript import mathematics     # SymPy
    data = page(mathematics()).encode()
    with whole_file(path) as file:
        file.write(data)
    return len(data)
