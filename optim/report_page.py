"""The page of the report: what it says about each rule, and how that looks as HTML.

`facts(rule)` collects formula, derivation and verdicts as text and MathML; `page(results)`
makes the page. All text goes through `tag`, which escapes what is not markup already.
The style sheet is in report.html. Nothing on the page is loaded from elsewhere.
"""
import html
import inspect
import io
import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources
from string import Template
from typing import Any

import numpy as np

from optim.report_pictures import drawn
from optim.rules import LEGEND, PAPER_LETTERS, RULES, UNITS

TITLES = {"gradient_descent": "Gradient descent", "momentum": "Momentum", "nag": "NAG",
          "adagrad": "Adagrad", "rmsprop": "RMSprop", "adadelta": "Adadelta",
          "adam": "Adam", "adamax": "AdaMax",
          "nadam": "Nadam", "adamw": "AdamW", "amsgrad": "AMSGrad"}

TEMPLATE = Template(resources.files("optim").joinpath("report.html").read_text("utf-8"))


# ------------------------------------------------------------------------------- markup
class Html(str):
    """Text that is markup already."""


def tag(name: str, *children: Any, **attributes: Any) -> Html:
    """An element; `class_` stands for class, None leaves an attribute out.

    >>> tag("p", "a < b", tag("br"), class_="x")
    '<p class="x">a &lt; b<br></p>'
    """
    words = [name, *(f'{key.rstrip("_").replace("_", "-")}="{html.escape(str(value))}"'
                     for key, value in attributes.items() if value is not None)]
    inner = "".join(map(markup, children))
    return Html(f"<{' '.join(words)}>{inner}" + ("" if name in VOID else f"</{name}>"))


VOID = ("br", "hr", "img", "source")


def markup(child: Any) -> str:
    if isinstance(child, Html):
        return child
    if isinstance(child, (list, tuple)):
        return "".join(map(markup, child))
    return html.escape(str(child), quote=False)


def prose(text: str) -> Html:
    """A sentence in which `x` is code."""
    parts = re.split(r"`([^`]+)`", text)
    return Html("".join(tag("code", part) if k % 2 else markup(part)
                        for k, part in enumerate(parts)))


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[Any]],
          classes: Sequence[str | None] = ()) -> Html:
    """A table whose first column names its rows, in a box of its own that scrolls.

    A row is a sequence of cells, or markup that is a whole row already.
    """
    classes = [*classes, *[None]*(len(heads) - len(classes))]
    body = [row if isinstance(row, Html) else
            tag("tr", tag("th", row[0], scope="row", class_=classes[0]),
                *(tag("td", cell, class_=c) for cell, c in zip(row[1:], classes[1:])))
            for row in rows]
    head = tag("tr", *(tag("th", text, scope="col", class_=c if c == "number" else None)
                       for text, c in zip(heads, classes)))
    return tag("div", tag("table", tag("caption", caption), tag("thead", head),
                          tag("tbody", body)),
               class_="scroll", tabindex="0", role="region", aria_label=caption)


def figures(x: float, digits: int = 3) -> str:
    return f"{x:.{digits}g}"


def percent(x: float) -> str:
    return f"{100*x:.1f} %"


# ------------------------------------------------------------------------ LaTeX to MathML
GREEK = {"alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ϵ",
         "varepsilon": "ε", "eta": "η", "theta": "θ", "lambda": "λ", "mu": "μ", "nu": "ν",
         "pi": "π", "rho": "ρ", "sigma": "σ", "phi": "φ", "psi": "ψ", "Delta": "Δ",
         "Pi": "Π", "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ", "infty": "∞", "partial": "∂",
         "nabla": "∇", "ldots": "…", "cdots": "⋯", "dots": "…"}
SIGNS = {"le": "≤", "leq": "≤", "ge": "≥", "geq": "≥", "ne": "≠", "neq": "≠", "cdot": "⋅",
         "times": "×", "to": "→", "Rightarrow": "⇒", "in": "∈", "approx": "≈", "{": "{",
         "}": "}", "|": "‖", "lvert": "|", "rvert": "|", "colon": ":", "pm": "±",
         "lfloor": "⌊", "rfloor": "⌋", "langle": "⟨", "rangle": "⟩"}
LARGE = {"sum": "∑", "prod": "∏", "max": "max", "min": "min", "lim": "lim", "sup": "sup"}
FUNCTIONS = ("arg", "exp", "log", "sin", "cos", "sign")
SPACES = {",": ".17em", ":": ".22em", ";": ".28em", " ": ".28em", "quad": "1em",
          "qquad": "2em", "!": "0em"}
ACCENTS = {"hat": "^", "bar": "¯", "tilde": "~", "overline": "¯"}
TOKEN = re.compile(r"\\(?:text|mathrm|operatorname)\s*\{[^{}]*\}"
                   r"|\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|[^\s&]")


class Latex:
    """Reads the part of LaTeX that formulas here are written in, and makes MathML of it.

    >>> Latex(r"\\frac{g_t}{2}").mathml()
    '<mfrac><msub><mi>g</mi><mi>t</mi></msub><mn>2</mn></mfrac>'

    A command that it does not know is shown as it stands, in an <merror>.
    """

    def __init__(self, tex: str):
        self.tokens = TOKEN.findall(tex)[::-1]

    def mathml(self, until: str = "") -> Html:
        """The tokens up to this one, or all."""
        parts = []
        while self.tokens and self.tokens[-1] != until:
            parts.append(self.scripted())
        if until and self.tokens:
            self.tokens.pop()
        return parts[0] if len(parts) == 1 else tag("mrow", parts)

    def scripted(self) -> Html:
        """An atom with what stands below and above it."""
        large = self.tokens[-1].lstrip("\\") in LARGE
        base, scripts = self.atom(), {}
        while self.tokens and self.tokens[-1] in ("_", "^"):
            sign = self.tokens.pop()
            scripts[sign] = self.atom()
        names = {"_": "under", "^": "over"} if large else {"_": "sub", "^": "sup"}
        used = [sign for sign in names if sign in scripts]
        return tag("m" + "".join(names[sign] for sign in used), base,
                   *(scripts[sign] for sign in used)) if used else base

    def atom(self) -> Html:
        token = self.tokens.pop() if self.tokens else ""
        if token == "{":
            return self.mathml("}")
        if not token.startswith("\\"):
            kind = "mn" if token[:1].isdigit() else "mi" if token.isalpha() else "mo"
            return tag(kind, {"-": "−", "'": "′"}.get(token, token))
        return self.command(token[1:])

    def command(self, name: str) -> Html:
        if name in ("frac", "tfrac", "dfrac"):
            return tag("mfrac", self.atom(), self.atom())
        if name == "sqrt":
            return tag("msqrt", self.atom())
        if name == "left":
            sides = [self.delimiter(), self.mathml(r"\right"), self.delimiter()]
            return tag("mrow", sides)
        if name in ACCENTS:
            return tag("mover", self.atom(), tag("mo", ACCENTS[name]), accent="true")
        if "{" in name[1:]:
            kind, _, text = name[:-1].partition("{")
            return tag("mtext", text) if kind == "text" else tag("mi", text,
                                                                 mathvariant="normal")
        if name in GREEK:
            return tag("mi", GREEK[name])
        if name in SPACES:
            return tag("mspace", width=SPACES[name])
        if name in LARGE or name in SIGNS:
            return tag("mo", LARGE.get(name) or SIGNS[name])
        if name in FUNCTIONS:
            return tag("mi", name)
        return tag("merror", tag("mtext", f"\\{name}"))

    def delimiter(self) -> Html:
        token = self.tokens.pop() if self.tokens else "."
        sign = SIGNS.get(token[1:], token) if token.startswith("\\") else token
        return tag("mo", sign.replace(".", ""), stretchy="true")


def display(tex: str) -> Html:
    """A formula in LaTeX as MathML on a line of its own, with the LaTeX kept beside it."""
    if not tex.strip():
        return Html()
    note = tag("annotation", tex, encoding="application/x-tex")
    return tag("math", tag("semantics", Latex(tex).mathml(), note), display="block")


# --------------------------------------------------------------------- facts about a rule
@dataclass(frozen=True)
class ClaimFacts:
    """A claim and what became of it."""
    statement: str
    source: str
    expected: str
    status: str
    notes: tuple[str, ...]                            # method, witness, conditions
    seconds: float

    @property
    def as_expected(self) -> bool:
        return self.status == self.expected


@dataclass(frozen=True)
class StepFacts:
    """A step of a derivation: words, a formula, and how it was checked."""
    text: str
    formula: Html
    check: ClaimFacts


@dataclass(frozen=True)
class Facts:
    """What the page tells about one rule; formulas are MathML."""
    name: str
    sentence: str
    source: str
    formula: Html
    row: tuple[Html, Html, Html]
    letters: tuple[tuple[str, Html, str, str, str], ...]
    steps: tuple[StepFacts, ...]
    claims: tuple[ClaimFacts, ...]                    # those that are no steps

    @property
    def verdicts(self) -> list[ClaimFacts]:
        """Everything that was decided about the rule."""
        return [*(step.check for step in self.steps), *self.claims]


def facts(rule: str) -> Facts:
    """Formula, table row, letters, derivation and verdicts of one rule."""
    from optim.formulas import formula

    one = formula(rule)
    sentence, _, rest = (inspect.getdoc(RULES[rule]) or "").partition("\n")
    taken = steps(rule)
    return Facts(rule, sentence, " ".join(rest.split()), Html(one.mathml()), row(one),
                 tuple(letter(rule, name) for name in one.symbols), taken,
                 other_claims(rule, {step.text for step in taken}))


def row(one: Any) -> tuple[Html, Html, Html]:
    """phi, psi and the step of the rule's row in the table, as inline MathML."""
    from optim.formulas import mathml
    from optim.papers import in_letters

    cells = [Html("–") if e is None else Html(in_letters((e,), mathml))
             for e in (one.row.phi, one.row.psi)]
    return inline(cells[0]), inline(cells[1]), inline(one.equations[-1].mathml())


def inline(mathml: str) -> Html:
    return Html(mathml.replace('<math display="block">', '<math displaystyle="true">'))


def letter(rule: str, name: str) -> tuple[str, Html, str, str, str]:
    """A row of the legend: name, letter, meaning, unit, and the paper's letter."""
    from optim.formulas import Mark, mathml

    known, mark = LEGEND[name], Mark(name)
    unit = UNITS.get(rule, {}).get(name, known.unit)
    return (tag("code", name), inline(mathml([mark.symbol()], {mark.symbol(): mark})),
            known.meaning, unit.replace("**2", "²").replace("*", " "),
            PAPER_LETTERS[rule].get(name, ""))


def steps(rule: str) -> tuple[StepFacts, ...]:
    from optim.derivations import derive

    return tuple(StepFacts(step.sentence, display(step.formula),
                           verdict_facts(step.sentence, step.expected, step.check))
                 for step in derive(rule).steps)


def verdict_facts(statement: str, expected: str, verdict: Any, source: str = ""
                  ) -> ClaimFacts:
    """A verdict in words."""
    known = verdict.as_dict()
    witness = known["witness"]
    where = None if witness is None else ", ".join(
        f"{name} = {value}" for name, value in witness.items()) or "every point"
    notes = [known["method"], *(f"at {where}" for _ in [where] if where),
             *(f"except on {e}" for e in known["except_on"])]
    if known["equal_if"]:
        notes.append("equal if " + ", ".join(
            f"{name} → {value}" for name, value in known["equal_if"].items()))
    return ClaimFacts(statement, source, expected, known["status"],
                      tuple(filter(None, notes)), verdict.seconds)


def other_claims(rule: str, told: set[str]) -> tuple[ClaimFacts, ...]:
    """The claims about a rule that its derivation does not tell already."""
    from optim.claims import verify

    return tuple(verdict_facts(claim.text, claim.expected, claim.verdict, claim.source)
                 for claim in verify(rule).claims if claim.text not in told)


# ------------------------------------------------------------------------------- curves
# Matplotlib needs real colours; these stand for what the style sheet decides.
INK, GRID = "#000001", "#000002"
STYLES = {"BGD": ("#000003", "-", "o"), "MBGD": ("#000004", "--", "s"),
          "SGD": ("#000005", "-.", "^")}
VARIABLES = {INK: "currentColor", GRID: "var(--grid)",
             **{colour: f"var(--{name.lower()})" for name, (colour, *_) in STYLES.items()}}
RC = {"svg.fonttype": "none", "font.family": "sans-serif", "font.size": 9,
      "text.color": INK, "axes.labelcolor": INK, "axes.edgecolor": INK, "xtick.color": INK,
      "ytick.color": INK, "grid.color": GRID, "axes.spines.top": False,
      "axes.spines.right": False, "axes.linewidth": 0.6, "xtick.major.width": 0.6,
      "ytick.major.width": 0.6, "legend.frameon": False, "path.simplify": True}


def drawing(rule: str, curves: Sequence[Any], what: str) -> Html:
    """One plot against the examples seen, as SVG: of the "loss" or of the "accuracy"."""
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    own = f"{rule}-{what}"
    settings: Any = {**RC, "svg.hashsalt": own}
    with matplotlib.rc_context(settings):
        figure = Figure(figsize=(4.6, 2.9))
        FigureCanvasSVG(figure)
        axes = figure.add_axes((0.11, 0.15, 0.87, 0.74))
        for curve in curves:
            colour, dashes, marker = STYLES[curve.estimator.name]
            x, y = thinned(curve.examples, getattr(curve, what))
            axes.plot(x, y if what == "loss" else 100*y, color=colour, linestyle=dashes,
                      marker=marker, markevery=max(1, len(x)//6), markersize=4,
                      linewidth=1.4, label=curve.estimator.name)
        axes.set_xscale("log")
        axes.set_xlabel("examples seen")
        axes.grid(True, linewidth=0.5)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda n, _: short(n)))
        if what == "loss":
            axes.set_yscale("log")
            axes.yaxis.set_major_locator(LogLocator(subs=(1, 3)))
            axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}"))
        else:
            axes.set_ylim(0, 100)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_minor_formatter(NullFormatter())
        axes.legend(loc="lower left" if what == "loss" else "lower right")
        axes.set_title("training loss" if what == "loss" else "test accuracy, %",
                       loc="left", fontsize=9)
        file = io.StringIO()
        nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        figure.savefig(file, format="svg", transparent=True, metadata=nothing)
    ends = "; ".join(
        f"{curve.estimator.name} ends at " + (figures(curve.loss[-1]) if what == "loss"
                                              else percent(curve.accuracy[-1]))
        for curve in curves)
    title = {"loss": "Training loss", "accuracy": "Test accuracy"}[what]
    return embedded(file.getvalue(), own, f"{title} of {TITLES[rule]}",
                    f"{title} against examples seen, on a logarithmic axis. {ends}.")


def thinned(x: np.ndarray, y: np.ndarray, most: int = 90) -> tuple[np.ndarray, np.ndarray]:
    """At most so many points, evenly spread on a logarithmic axis, the last one kept."""
    x, y = x[1:], y[1:]                               # 0 examples are not on such an axis
    places = np.geomspace(1, len(x), most) - 1
    keep = np.unique(np.round(places).astype(int))
    return x[keep], y[keep]


def short(n: float) -> str:
    return f"{n/1000:g}k" if n >= 1000 else f"{n:g}"


def embedded(svg: str, own: str, title: str, description: str) -> Html:
    """An SVG file as part of a page: own ids, the page's colours, a title, no size."""
    svg = svg[svg.index("<svg"):]
    box = re.search(r'viewBox="[^"]*"', svg)
    svg = re.sub(r"<style[^>]*>.*?</style>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = svg.replace("xlink:href", "href")
    svg = re.sub(r'\bid="', f'id="{own}-', svg)
    svg = re.sub(r'href="#', f'href="#{own}-', svg)
    svg = re.sub(r"url\(#", f"url(#{own}-", svg)
    for colour, variable in VARIABLES.items():
        svg = svg.replace(colour, variable)
    inner = svg[svg.index(">") + 1:]
    head = (f'<svg {box.group() if box else ""} role="img"'
            f' aria-labelledby="{own}-title {own}-description">')
    return Html(head + tag("title", title, id=f"{own}-title")
                + tag("desc", description, id=f"{own}-description") + inner.strip())


# --------------------------------------------------------------------------------- page
def page(results: Any) -> str:
    """The whole page."""
    facts, plan = results.facts, results.plan
    body = [head(results), contents(plan.rules), frame(), all_rules(facts), pictures(),
            accuracies(results), method(plan),
            *(rule_section(facts[rule], results.curves[rule]) for rule in plan.rules),
            verdicts_explained(), tag("footer", tag("p", results.about, class_="about"))]
    return TEMPLATE.substitute(title="Update rules: formulas, proofs, training curves",
                               body="\n".join(body))


def head(results: Any) -> Html:
    kinds = [kind(claim) for facts in results.facts.values() for claim in facts.verdicts]
    counts = [("rules", len(results.facts)), ("claims", len(kinds)),
              ("proved", kinds.count("PROVED")),
              ("refuted, as claimed", kinds.count("REFUTED")),
              ("not as claimed", kinds.count("other"))]
    notice = tag("p", tag("strong", "A quick trial."), " Few rules and few epochs: the"
                 " numbers say little about the rules.", class_="notice", role="note")
    return tag(
        "header", tag("h1", "How to move, given a slope"),
        tag("p", "Update rules of gradient descent: each one as a formula read from the"
            " code that runs, with its derivation, what is proved about it, and how it"
            " trains a small network.", class_="lead"),
        notice if results.plan.quick else "",
        tag("p", results.about, class_="about"),
        tag("dl", [tag("div", tag("dt", name), tag("dd", n)) for name, n in counts],
            class_="counts"))


def contents(rules: Sequence[str]) -> Html:
    places = [("frame", "The frame"), ("rules", "All rules in one table"),
              ("pictures", "Pictures"),
              ("accuracy", "Test accuracy"), ("method", "How the runs were made"),
              *((rule, TITLES[rule]) for rule in rules),
              ("verdicts", "What a verdict means")]
    return tag("nav", tag("h2", "Contents", id="contents"),
               tag("ol", [tag("li", tag("a", text, href=f"#{place}"))
                          for place, text in places]), aria_labelledby="contents")


def section(place: str, title: str, *children: Any) -> Html:
    return tag("section", tag("h2", title, id=f"{place}-heading"), *children, id=place,
               aria_labelledby=f"{place}-heading")


def frame() -> Html:
    """The frame that all rules share."""
    return section(
        "frame", "The frame",
        tag("p", "A loss J of the parameters θ is to become small. Every rule here looks at"
            " the slope, remembers something of all slopes so far, and takes a step:"),
        tag("div", tag("div", [math(line) for line in FRAME], class_="scroll"),
            class_="formula"),
        tag("p", "The rules differ in φ and ψ, what they remember, and in how the step is"
            " made of it. The learning rate η belongs to the step, or stands inside m."
            " Where a rule keeps ε outside the root, its own formula says so."))


def pictures() -> Html:
    """Pictures for a light and a dark page, of which the reader's is shown."""
    return section("pictures", "Pictures", *[
        tag("figure", tag("h3", one.title),
            tag("picture", tag("source", srcset=one.files["dark"],
                               media="(prefers-color-scheme: dark)"),
                tag("img", src=one.files["light"], alt=one.alternative)),
            tag("figcaption", one.text), class_="picture") for one in drawn()])


def mi(text: str, low: str = "") -> str:
    return f"<msub><mi>{text}</mi><mi>{low}</mi></msub>" if low else f"<mi>{text}</mi>"


HISTORY = ('<mo>(</mo><msub><mi>g</mi><mn>1</mn></msub><mo>,</mo><mo>…</mo><mo>,</mo>'
           f'{mi("g", "t")}<mo>)</mo>')
NEXT = "<msub><mi>θ</mi><mrow><mi>t</mi><mo>+</mo><mn>1</mn></mrow></msub>"
PHI = f'{mi("m", "t")}<mo>=</mo><mi>φ</mi>{HISTORY}'
PSI = f'{mi("v", "t")}<mo>=</mo><mi>ψ</mi>{HISTORY}'
ROOT = f'<msqrt><mrow>{mi("v", "t")}<mo>+</mo><mi>ε</mi></mrow></msqrt>'
FRAME = (
    f'{mi("g", "t")}<mo>=</mo><mo>∇</mo><mi>J</mi><mo>(</mo>{mi("θ", "t")}<mo>)</mo>',
    f'{PHI}<mo>,</mo><mspace width="1.5em"></mspace>{PSI}',
    f'{NEXT}<mo>=</mo>{mi("θ", "t")}<mo>−</mo><mfrac>{mi("m", "t")}{ROOT}</mfrac>')


def math(inner: str, kind: str = ' display="block"') -> Html:
    return Html(f"<math{kind}><mrow>{inner}</mrow></math>")


HEADS = [math(head, "") for head in (PHI, PSI, NEXT)]


def all_rules(facts: dict[str, Facts]) -> Html:
    rows = [(tag("a", TITLES[rule], href=f"#{rule}"), *one.row)
            for rule, one in facts.items()]
    return section(
        "rules", "All rules in one table",
        tag("p", "What each rule remembers of the gradients, in closed form; its step."),
        table("Each rule in the frame", ["rule", *HEADS], rows))


def accuracies(results: Any) -> Html:
    plan = results.plan
    rows = []
    for rule in plan.rules:
        settings = defaults(rule)
        cells = [spread(results.accuracies[rule, split]) for split in ("random", "file")]
        rows.append((TITLES[rule], settings, *(part for cell in cells for part in cell),
                     len(plan.seeds_of(rule))))
    return section(
        "accuracy", "Test accuracy",
        tag("p", f"Each rule with its defaults, {plan.epochs} epochs at batch 32: the"
            " median over seeds, and the range. The fixed test set holds 360 digits drawn"
            " once and for all, so the same writers stand on both sides. By file order the"
            " last 360 digits are the test set, by writers mostly unseen: that is harder."),
        adam_line(results) if "adam" in plan.rules else "",
        table(f"Test accuracy after {plan.epochs} epochs, median and range over the seeds",
              ["rule", "defaults", "fixed test set", "range", "file order", "range",
               "seeds"],
              rows, ["name", "detail", *["number"]*5]),
        tag("p", "One digit of 360 is 0.28 %: differences of that size mean nothing.",
            class_="soft"))


def adam_line(results: Any) -> Html:
    median, spread_ = spread(results.accuracies["adam", "random"])
    n = len(results.plan.seeds_of("adam"))
    return tag("p", tag("strong", f"Adam: {median}"), " on the fixed test set, the median"
               f" of {n} {'seed' if n == 1 else 'seeds'} (from {spread_}).")


def spread(values: Sequence[float]) -> tuple[str, str]:
    return (percent(float(np.median(values))),
            f"{100*min(values):.1f} to {percent(max(values))}")


def defaults(rule: str) -> str:
    """The rule's hyperparameters as it declares them."""
    return ", ".join(f"{name} = {p.default:g}" for name, p in
                     inspect.signature(RULES[rule]).parameters.items()
                     if p.kind is p.KEYWORD_ONLY and name != "t")


def method(plan: Any) -> Html:
    rows = [(e.name, e.meaning, e.epochs) for e in plan.estimators]
    return section(
        "method", "How the runs were made",
        tag("p", "A network of sizes 64-32-10 with ReLU learns 1437 handwritten digits of"
            " 8 × 8 pixels, in float32; the loss is the mean cross entropy. The gradient in"
            " a step is the mean over a batch. The curves use seed 0. Each rule has, for"
            " each batch size, its own learning rate: of 1 and 3 times powers of ten, what"
            " left the smallest training loss with that seed. The test set had no part."),
        table("The three estimators of the gradient", ["name", "meaning", "epochs"], rows,
              [None, None, "number"]),
        tag("p", "A step costs more than the examples in it, so the three budgets are equal"
            " neither in steps nor in examples, but nearly so in time.", class_="soft"))


def rule_section(facts: Facts, curves: Sequence[Any]) -> Html:
    letters = [(name, letter, meaning, unit, paper)
               for name, letter, meaning, unit, paper in facts.letters]
    return section(
        facts.name, TITLES[facts.name],
        tag("p", prose(facts.sentence), class_="lead"),
        tag("div", tag("div", facts.formula, class_="scroll", tabindex="0", role="region",
                       aria_label=f"{TITLES[facts.name]} as a formula"), class_="formula"),
        tag("p", tag("strong", "Source. "), prose(facts.source)),
        tag("h3", "Letters"),
        table(f"Letters of {TITLES[facts.name]}; the loss has unit L, a parameter P",
              ["in code", "letter", "meaning", "unit", "in the paper"], letters,
              [None, None, "words"]),
        derivation(facts), tag("h3", "Claims"), claims_table(facts),
        tag("h3", "Training on digits"),
        tag("div", [tag("figure", drawing(facts.name, curves, what))
                    for what in ("loss", "accuracy")], class_="curves"),
        table(f"{TITLES[facts.name]}: the runs above",
              ["gradient", "learning rate", "steps", "examples seen", "training loss",
               "test accuracy"],
              [(c.estimator.name, "none" if c.lr is None else f"{c.lr:g}", f"{c.steps:,}",
                f"{int(c.examples[-1]):,}", figures(c.loss[-1]), percent(c.accuracy[-1]))
               for c in curves], [None, *["number"]*5]))


def derivation(facts: Facts) -> Html:
    steps = [tag("li", tag("p", prose(step.text)),
                 tag("div", step.formula, class_="scroll") if step.formula else "",
                 tag("p", badge(step.check), " ", notes(step.check),
                     f" ({step.check.seconds:.2f} s)", class_="soft"))
             for step in facts.steps]
    return tag("details", tag("summary", f"Where it comes from, in {len(steps)} steps: ",
                              counted(step.check for step in facts.steps)),
               tag("ol", steps)) if steps else Html()


def claims_table(facts: Facts) -> Html:
    rows: list[Any] = []
    for source, group in itertools.groupby(facts.claims, lambda claim: claim.source):
        rows.append(tag("tr", tag("th", source, colspan=4, scope="rowgroup"),
                        class_="group"))
        rows += [(prose(claim.statement), badge(claim), notes(claim),
                  f"{claim.seconds:.2f} s") for claim in group]
    return table(f"What else is claimed of {TITLES[facts.name]}:"
                 f" {counted(facts.claims)}", ["claim", "verdict", "how", "time"], rows,
                 ["claim", None, "detail", "number"])


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


def verdicts_explained() -> Html:
    return section(
        "verdicts", "What a verdict means",
        tag("dl",
            tag("dt", tag("span", "PROVED", class_="badge proved")),
            tag("dd", "Algebra that covers the whole domain: equal wherever both sides are"
                " defined, and defined at the same points. Never from samples."),
            tag("dt", tag("span", "REFUTED (as claimed)", class_="badge refuted")),
            tag("dd", "A rational point of the domain at which the two sides provably"
                " differ, or only one is defined: the witness. Such claims are here because"
                " the difference is worth knowing."),
            tag("dt", tag("span", "UNDECIDED", class_="badge undecided")),
            tag("dd", "Neither was found in time. That counts as a failure.")),
        tag("p", "This is computer algebra by SymPy, not a proof checked by a kernel."))
