r"""LaTeX as text for a terminal, in the names that formulas have there.

    plain_text(r"v_{t} = \left(1 - \rho\right) \sum_{i=1}^{t} \rho^{t - i} g_{i}^{2}")

It reads the MathML that mathml.py makes, so there is one reader of LaTeX. All is ASCII:
lr for \eta, theta[t] for \theta_t, x**2 for a power, a/b for a fraction.
"""
from itertools import accumulate
from xml.etree import ElementTree

from sympy.printing.pretty.pretty_symbology import greek_unicode

from optim.notation.mathml import LETTERS, SIGNS, display
from optim.rules import LEGEND

Tree = ElementTree.Element
SPELLED = {**{sign: name for name, sign in greek_unicode.items()},
           **{LETTERS[letter.latex[1:]]: name for name, letter in LEGEND.items()
              if letter.latex[1:] in LETTERS}, LETTERS["infty"]: "infinity",
           "∑": "sum", "∏": "product", "−": "-", "≤": "<=", "≥": ">=", "≠": "!=", "⋅": "*",
           "→": "->", "⇒": "=>", "∇": "grad", "…": "...", "⟨": "<", "⟩": ">",
           SIGNS["|"]: "||"}
SPACED = {"=", "+", "-", "<", ">", "<=", ">=", "!=", "->", "=>", "*"}
OPENING, CLOSING, BARS = ("(", "[", "<"), (")", "]", ">"), ("|", "||")
TIGHT = {",": ", ", ":": ": ", "/": "/"}
LARGE = ("sum", "product", "max", "min", "lim", "sup")
OPERATORS = (*LARGE, "grad", "arg", "Delta")


def plain_text(tex: str) -> str:
    r"""The formula in one line.

    >>> plain_text(r"\frac{\eta g_t}{\sqrt{w_t} + \varepsilon}")
    'lr*g[t]/(sqrt(w[t]) + eps)'
    """
    return " ".join(read(ElementTree.fromstring(display(tex))).split()) if tex else ""


def read(node: Tree) -> str:
    """A node of MathML and what is in it as text."""
    parts = list(node)
    match node.tag:
        case "mfrac":
            return f"{over(parts[0])}/{enclosed(parts[1])}"
        case "msqrt":
            return f"sqrt({joined(parts)})"
        case "msub" | "munder":
            return indexed(read(parts[0]), parts[1])
        case "msup":
            return raised(enclosed(parts[0]), parts[1])
        case "msubsup" if parts[2].text == "Δ":
            return indexed(f"{read(parts[0])}_delta", parts[1])
        case "msubsup":
            return raised(indexed(read(parts[0]), parts[1]), parts[2])
        case "munderover":
            return f"{read(parts[0])}[{tight(parts[1])}..{read(parts[2])}]"
        case "mover":
            return f"{read(parts[0])}_hat"
        case "mspace":
            return "  " if node.get("width", "").endswith("1em") else ""
        case _ if parts:
            return joined(parts)
    text = node.text or ""
    return SPELLED.get(text, text)


def joined(parts: list[Tree]) -> str:
    """Parts side by side: a star between factors, spaces around what relates or adds."""
    text, factor, bars = "", False, False               # does a factor, are bars, end here?
    function = operates = False
    for part in parts:
        word, sign, fenced = read(part), *sign_of(part)
        if not word.strip():
            text += word
        elif sign in SPACED and not fenced:
            text += f" {word} " if factor or sign != "-" else word
            factor = False
        elif sign in TIGHT:
            text, factor = text + TIGHT[sign], False
        else:
            closing = sign in CLOSING and fenced or sign in BARS and bars
            called = function and word[:1] in OPENING
            if factor and not (closing or called):
                text += " " if operates else "*"
            text += word
            factor = not (sign in OPENING and fenced or sign in BARS and not bars)
            bars, function = bars != (sign in BARS), part.get("mathvariant") == "normal"
            operates = word.startswith(OPERATORS)
    return text


def sign_of(part: Tree) -> tuple[str, bool]:
    """The operator or bracket that a part is, but for its scripts; is it a bracket?"""
    while part.tag in ("msub", "msup", "msubsup"):
        part = part[0]
    return (read(part), "stretchy" in part.attrib) if part.tag == "mo" else ("", False)


def indexed(base: str, index: Tree) -> str:
    """beta1, theta[t+1], sum[i]; of a norm ||d||_1."""
    text = tight(index)
    if base in BARS:
        return f"{base}_{text}"
    return base + (text if text.isdigit() and base not in LARGE else f"[{text}]")


def tight(index: Tree) -> str:
    """An index, without spaces within it unless it is long."""
    text = read(index)
    return text.replace(" ", "") if len(text) < 12 else text


def raised(base: str, power: Tree) -> str:
    """x**2; what is in brackets already is no power but an index, as in v^(p)."""
    text = read(power)
    return f"{base}^{text}" if text[:1] == "(" else f"{base}**{enclosed(power)}"


def over(node: Tree) -> str:
    """What stands over a line: in brackets if it is a sum."""
    text = read(node)
    depths = accumulate((c in "([") - (c in ")]") for c in text)
    outside = "".join(c for c, depth in zip(text, depths) if depth == 0)
    return f"({text})" if any(f" {sign} " in outside for sign in "+-=") else text


def enclosed(node: Tree) -> str:
    """In brackets, unless it is one letter or number, or ends a bracket."""
    text = read(node)
    depths = [*accumulate((c in "([") - (c in ")]") for c in text)]
    one = text.replace("_", "").replace("[", "").replace("]", "").isalnum()
    bracket = text[:1] in ("(", "|") and 0 not in depths[:-1] or text[:1] == "|"
    return text if one or bracket or text in (*CLOSING, *BARS) else f"({text})"
