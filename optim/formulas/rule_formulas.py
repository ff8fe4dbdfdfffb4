"""Formula: what a rule says, read off the rule by running it on symbols.

`formula("adam")` runs `optim.rules.adam` on letters and keeps the expressions that come
out. The same goes for a rule of one's own. How it is printed is told in equations.py.
"""
import inspect
import pickle
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from html import escape
from typing import Any

import sympy as sp

from minigrad.symbolic import Symbolic
from optim.formulas.chains import measured_in, supplied_words, written_around
from optim.formulas.equations import framed, written
from optim.notation.marks import Equation, Mark, aligned, latex, text
from optim.domains import DOMAINS, declare, domain_of
from optim.proving.expressions import prove_expressions
from optim.proving.needs import START
from optim.formulas.entries import on_one_entry
from optim.formulas.literals import readable
from optim.formulas.trials import disagreement
from optim.rules import LEGEND
from optim.optimizers.signatures import (
    Rule, anatomy, is_of_whole_parameters, name_of, named_rule, parameters_of, start_of,
    step_of, supplied_to)

__all__ = ["Equation", "Formula", "Mark", "Rule", "aligned", "formula", "latex", "text"]
SECONDS = 60                            # for a proof that a state keeps its domain


@dataclass(frozen=True)
class Formula:
    """One step of a rule as expressions in the old parameter, gradient and states.

    .update maps theta and each state to its new value, .init each state to its first one;
    .symbols has the parameter first, then the gradient.

    >>> formula("momentum").update["m"]
    g*lr + m*mu
    """
    name: str
    update: dict[str, sp.Expr]
    init: dict[str, sp.Expr]
    symbols: dict[str, sp.Symbol]
    domains: dict[sp.Symbol, str]
    source: str = ""
    path: tuple = ()                        # conditions under which it was read off
    assumed: tuple[str, ...] = ()                   # letters not in the legend's domain
    needs: dict[str, frozenset] = field(default_factory=dict)     # to have a value at all
    rule: Rule | None = None                              # that it was read off
    sizes: tuple[int, ...] = ()         # how many entries it may look for, if it counts
    measured: dict[sp.Symbol, tuple] = field(default_factory=dict)  # see chains.measured_in

    @property
    def states(self) -> tuple[str, ...]:
        return tuple(self.init)

    @cached_property
    def first_step(self) -> dict[str, sp.Expr]:
        """The update at t = 1 from the initial states."""
        start = {self.symbols[name]: value for name, value in self.init.items()}
        start |= {self.symbols["t"]: sp.Integer(1)} if "t" in self.symbols else {}
        return {name: e.subs(start, simultaneous=True) for name, e in self.update.items()}

    @cached_property
    def equations(self) -> list[Equation]:
        """The update as one would write it, in the order in which it is computed."""
        base = getattr(self.rule, "base", None)
        around = written_around(self, formula(base)) if base else []
        return around or list(written(self))

    @cached_property
    def supplied(self) -> tuple[str, ...]:
        """What the rule is given besides its states, each in words."""
        return *supplied_words(self),

    def __getstate__(self) -> dict[str, Any]:
        """What another process gets: all that is said of the rule, and the rule itself if
        that process can import it."""
        said = self.equations, self.supplied, self.notes
        assert said                             # which are kept with the rest
        try:
            pickle.dumps(self.rule)
        except Exception:
            return self.__dict__ | {"rule": None}
        return self.__dict__

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """How the rule was read, where that is not as usual; a verdict's method tells."""
        wider = [f"{n} is taken to be {self.domains[self.symbols[n]]}" for n in self.assumed
                 if n in LEGEND and n not in self.init]
        unread = [f"{self.name} has no source here: a float in it counts as the decimal "
                  "that it prints as"]*(self.rule is not None and not readable(self.rule))
        counted = [f"{self.name} counts its entries or takes them one by one: it was tried "
                   f"on up to {2*max(self.sizes)} of them"] if self.sizes else []
        return *wider, *unread, *counted

    @cached_property
    def disagreement(self) -> str:
        """Where the rule, run on numbers, is not this formula; "" if nowhere seen."""
        return "" if self.rule is None else disagreement(self)

    def as_run(self) -> "Formula":
        """This formula; ValueError where the rule, run on numbers, is seen to be another.
        """
        if self.disagreement:
            raise ValueError(self.disagreement)
        return self

    @property
    def frame(self) -> tuple[Equation, Equation]:
        """The step as theta - m/sqrt(v + eps), and what the rule adds to that."""
        return framed(self)

    @property
    def row(self):
        """The row of the table name, phi(g_1..g_t), psi(g_1..g_t), theta_{t+1}."""
        from optim.papers import row            # whose statements take long to write
        return row(self)

    def latex(self) -> str:
        r"""The equations as LaTeX, aligned at their equal signs.

        >>> print(formula("momentum").latex())
        \begin{aligned}
        m_{t} &= \mu m_{t-1} + \eta g_{t} \\
        \theta_{t+1} &= \theta_{t} - m_{t}
        \end{aligned}
        """
        return aligned(self.equations)

    def mathml(self) -> str:
        """The equations as presentation MathML, one <math> element each."""
        return "\n".join(e.mathml() for e in self.equations)

    def __str__(self) -> str:
        lines = [f"{self.name}", *(f"    {e}" for e in self.equations)]
        start = ", ".join(f"{name}[0] = {value}" for name, value in self.init.items())
        lines += [f"    from {start}"] if start else []
        lines += [f"    where {words}" for words in self.supplied]
        lying: dict[str, list[str]] = {}
        for name in self.assumed:
            lying.setdefault(self.domains[self.symbols[name]], []).append(name)
        lines += [f"    taken to be {'any real number' if domain == 'real' else domain}: "
                  + ", ".join(names) for domain, names in lying.items()]
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    def _repr_markdown_(self) -> str:
        """For notebooks, which remove MathML from what they did not run themselves."""
        return f"**{escape(self.name)}**\n\n$${self.latex()}$$"


def formula(rule: str | Rule, domains: Mapping[str, str] | None = None) -> Formula:
    """The formula of a rule, given by name or as a function.

    domains {letter: one of optim.domains.DOMAINS} go before the legend's. Raises ValueError
    for an unknown name, naming the nearest, and for a rule that uses more than its
    arguments, constants and pure functions.
    Letters that the legend does not have may be any real number, and so may a state that
    is not proved to stay in the domain that its letter has there; Formula.assumed lists
    them.

    >>> print(formula("adam"))
    adam
        m[t] = beta1*m[t-1] + (1 - beta1)*g[t]
        v[t] = beta2*v[t-1] + (1 - beta2)*g[t]**2
        m_hat[t] = m[t]/(1 - beta1**t)
        v_hat[t] = v[t]/(1 - beta2**t)
        theta[t+1] = theta[t] - lr*m_hat[t]/(sqrt(v_hat[t]) + eps)
        from m[0] = 0, v[0] = 0
    """
    rule = named_rule(rule)
    if is_of_whole_parameters(rule):
        return of_whole(rule)
    parameters = parameters_of(rule)
    given = dict(domains or {})
    unknown = [n for n in given if n not in parameters]
    if unknown:
        raise ValueError(f"{name_of(rule)} has no letter {unknown[0]!r}; it has "
                         f"{', '.join(parameters)}")
    where = {n: fitting(n, p.default) for n, p in parameters.items()} | given
    f = read(rule, where)
    while left := [n for n in f.init if n not in given and where[n] != "real"
                   and not stays(f.init[n], f.update[n], where[n])]:
        where |= dict.fromkeys(left, "real")
        f = read(rule, where)                   # another state may have rested on this one
    return f


def of_whole(rule: Rule) -> Formula:
    """The formula of a rule of whole parameters: its letters are arrays, and what it asks
    of a whole array, such as norm(theta), is a symbol of that name.

    ValueError if it asks otherwise than by the functions of more_rules that are named.
    """
    symbols = {n: declare(n, fitting(n, p.default)) for n, p in parameters_of(rule).items()}
    letters = {n: Symbolic(s) for n, s in symbols.items()}
    states, settings = anatomy(rule)
    place, gradient, *_ = symbols
    known = {n: letters[n] for n in ("t", *settings, *supplied_to(rule))}
    try:
        after = step_of(rule, *(letters[n] for n in (place, gradient, *states)), **known)
        starts = [start_of(start, letters[place], known) for start in states.values()]
    except (TypeError, ValueError, AttributeError, IndexError,
            NotImplementedError) as error:
        raise ValueError(f"{name_of(rule)} looks at a whole parameter (a norm, a mean of "
                         f"its rows) in a way that has no formula: {error}") from error
    new, first = ([sp.nsimplify(sp.sympify(getattr(x, "expr", x)), rational=True)
                   for x in xs] for xs in (after, starts))
    return Formula(name_of(rule), dict(zip((place, *states), new)),
                   dict(zip(states, first)), symbols,
                   {s: domain_of(s) for s in symbols.values()}, source_of(rule), rule=rule,
                   measured=measured_in(rule, symbols))


def fitting(name: str, default: Any) -> str:
    """The domain of a letter in the legend, or a wider one if its default is not in that.
    """
    domain = legend_domain(name) or "real"
    known = isinstance(default, (int, float)) and not DOMAINS[domain].holds(default)
    return domain if not known else ">= 0" if domain == "> 0" and default == 0 else "real"


def read(rule: Rule, domains: dict[str, str]) -> Formula:
    """The formula of a rule whose letters range over these domains."""
    symbols = {name: declare(name, domain) for name, domain in domains.items()}
    results, starts, sizes = on_one_entry(rule, symbols)
    needs = {n: needs for n, (_, needs) in results.items()}
    needs |= {n + START: needs for n, (_, needs) in starts.items()}
    return Formula(name_of(rule), {n: e for n, (e, _) in results.items()},
                   {n: e for n, (e, _) in starts.items()}, symbols,
                   {symbols[name]: domain for name, domain in domains.items()},
                   source_of(rule), needs=needs, rule=rule, sizes=sizes, assumed=tuple(
                       n for n, domain in domains.items() if domain != legend_domain(n)),
                   measured=measured_in(rule, symbols))


def legend_domain(name: str) -> str | None:
    return LEGEND[name].domain if name in LEGEND else None


@lru_cache(1000)
def stays(start: sp.Expr, update: sp.Expr, domain: str) -> bool:
    """Whether a state is proved to lie in the domain, from its start on.

    A v that holds velocities is below 0 at times: it is not the v of the legend.
    """
    ends = DOMAINS[domain].ends
    return not DOMAINS[domain].integer and bool(ends) and all(
        prove_expressions(e, sp.Integer(end), relation, seconds=SECONDS).status == "PROVED"
        for relation, end in ends for e in (start, update))


def source_of(rule) -> str:
    try:
        return inspect.getsource(rule)
    except (OSError, TypeError):                # typed at a prompt, or built in
        return ""
