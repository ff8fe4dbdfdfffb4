"""A rule on the quadratic J = curvature*theta^2/2: a matrix, and where it is stable.

On a quadratic the gradient is curvature*theta, so a rule that is linear in parameter,
gradient and states becomes one matrix, read off its formula. The powers of that matrix tend
to 0 if all roots of its characteristic polynomial lie inside the unit circle; for one or
two roots Jury's conditions say so without finding them. Only s = lr*curvature and mu count.

A rule that divides by a root of its gradients is not linear: dynamics() says so and names
numeric_map(), its step as a function of numbers. The proofs are in optim.derivations.

>>> dynamics("momentum").polynomial
mu + z**2 + z*(-mu + s - 1)
>>> dynamics("momentum").edge
2*mu + 2
"""
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import sympy as sp

from optim.formulas.rule_formulas import formula
from optim.optimizers.signatures import (
    Rule, name_of, named_rule, step_of, supplied_to)
from optim.domains import declare
from optim.proving.expressions import prove_expressions

s, curvature = declare("s", "> 0"), declare("curvature", "> 0")
z = sp.Symbol("z")


def jury(polynomial: sp.Expr) -> list[sp.Expr]:
    """What has to be > 0 for all roots in z to lie inside the unit circle.

    For z - a, and for z^2 + a1 z + a0; of higher degree is a ValueError.
    """
    p = sp.Poly(polynomial, z)
    if p.degree() not in (1, 2) or p.LC() != 1:
        raise ValueError(f"jury: came a polynomial of degree {p.degree()} with leading "
                         f"coefficient {p.LC()}; needed z + a0 or z**2 + a1*z + a0")
    _, *rest = p.all_coeffs()
    if p.degree() == 1:
        return [sp.expand(1 + rest[0]), sp.expand(1 - rest[0])]
    a1, a0 = rest
    return [sp.expand(e) for e in (1 + a1 + a0, 1 - a1 + a0, 1 - a0)]


@dataclass(frozen=True)
class Dynamics:
    """One step of a linear rule on a quadratic: letters -> matrix*letters."""
    name: str
    matrix: sp.Matrix
    letters: tuple[sp.Symbol, ...]

    @cached_property
    def polynomial(self) -> sp.Expr:
        """The characteristic polynomial in z, with s for lr*curvature."""
        lr = [x for x in self.matrix.free_symbols if x.name == "lr"]
        matrix = self.matrix.subs(dict.fromkeys(lr, s/curvature))
        p = sp.cancel((z*sp.eye(len(self.letters)) - matrix).det(method="berkowitz"))
        return sp.collect(sp.expand(p), z)

    @property
    def conditions(self) -> list[sp.Expr]:
        """Jury's conditions: stable where all of them are > 0."""
        return jury(self.polynomial)

    @property
    def edge(self) -> sp.Expr:
        """The s at which the rule stops being stable: stable for 0 < s < edge.

        ValueError if the conditions are not that simple.
        """
        edges = []
        for condition in self.conditions:
            slope, rest = condition.coeff(s, 1), condition.coeff(s, 0)
            if prove_expressions(slope, sp.Integer(0), "<").status == "PROVED":
                edges.append(sp.cancel(-rest/slope))
        if len(edges) != 1:
            raise ValueError(f"{self.name}: {len(edges)} of its conditions fall with s; "
                             "see .conditions")
        return edges[0]

    @property
    def discriminant(self) -> sp.Expr:
        """0 at critical damping; below 0 the rule swings."""
        return sp.expand(sp.discriminant(self.polynomial, z))

    @cached_property
    def compiled(self) -> tuple[list[str], Callable[..., Any]]:
        """Its hyperparameters; all coefficients but the first, as functions of s, them."""
        rest = sp.Poly(self.polynomial, z).all_coeffs()[1:]
        letters = sorted(self.polynomial.free_symbols - {s, z}, key=str)
        return [x.name for x in letters], sp.lambdify([s, *letters], rest, "numpy")

    def radius(self, s_value: Any, **hyperparameters: Any) -> np.ndarray:
        """The largest |root|: what an error is multiplied by in a step, in the long run.

        s_value and hyperparameters may be arrays that broadcast; so does the result.
        """
        names, coefficients = self.compiled
        if set(names) != set(hyperparameters):
            raise ValueError(f"radius: came {sorted(hyperparameters)}, needed {names}")
        last = np.broadcast_arrays(*coefficients(*(np.asarray(x, float) for x in (
            s_value, *(hyperparameters[name] for name in names)))))
        count = len(last)
        companion = np.zeros((*last[0].shape, count, count))    # has these roots
        companion[..., 0, :] = -np.stack(last, axis=-1)
        companion[..., range(1, count), range(count - 1)] = 1
        return np.abs(np.linalg.eigvals(companion)).max(axis=-1)


def refuse_measured(who: str, rule: Rule) -> None:
    """ValueError for a rule that is given what moves with theta as if it were a number."""
    if wanted := supplied_to(rule):
        raise ValueError(f"{who}: {name_of(rule)} is given {', '.join(wanted)}, measured "
                         "anew in every step, so it is no map of theta and its states "
                         "alone; optim.minimize runs it")


def dynamics(rule: str | Rule) -> Dynamics:
    """The rule on a quadratic, as a matrix; ValueError if it is not linear there."""
    refuse_measured("dynamics", named_rule(rule))
    f = formula(rule)
    place, gradient = list(f.symbols)[:2]
    letters = tuple(f.symbols[name] for name in (place, *f.init))
    slope = curvature*f.symbols[place]
    rows = [f.update[x.name].subs(f.symbols[gradient], slope) for x in letters]
    zero = dict.fromkeys(letters, 0)
    linear = all(e.is_polynomial(*letters) and sp.expand(e.subs(zero)) == 0 for e in rows)
    matrix = sp.Matrix([[sp.expand(sp.diff(e, x)) for x in letters] for e in rows]
                       if linear else [])
    if not linear or matrix.free_symbols & {*letters, f.symbols.get("t")}:
        raise ValueError(
            f"dynamics: {f.name} is not one linear map on a quadratic (it divides by its "
            f"gradients, or changes with t); numeric_map({f.name!r}) gives its step")
    return Dynamics(f.name, matrix, letters)


def numeric_map(rule: str | Rule, curvature: float = 1.0, **hyperparameters: float
                ) -> Callable[[Sequence[Any], int], tuple[Any, ...]]:
    """One step on the quadratic as a function ((theta, *states), t) -> (theta, *states)."""
    step = named_rule(rule)
    refuse_measured("numeric_map", step)

    def move(point: Sequence[Any], t: int) -> tuple[Any, ...]:
        theta, *states = point
        return step_of(step, theta, curvature*theta, *states, t=t, **hyperparameters)
    return move


def best_parameters(rule: str, m: Any, L: Any) -> dict[str, Any]:
    """The lr, mu and rate that are best for all curvatures from m to L.

    Of gradient_descent, momentum or nag with constant parameters; the proof is
    optim.derive("stability"). m and L are numbers or SymPy expressions.

    >>> best_parameters("momentum", sp.Integer(1), sp.Integer(9))
    {'lr': 1/4, 'mu': 1/4, 'rate': 1/2}
    """
    m, L = sp.sympify(m), sp.sympify(L)
    kappa, w = L/m, sp.sqrt(3*L/m + 1)
    swing = (sp.sqrt(kappa) - 1)/(sp.sqrt(kappa) + 1)
    known = {
        "gradient_descent": {"lr": 2/(L + m), "rate": (kappa - 1)/(kappa + 1)},
        "momentum": {"lr": 4/(sp.sqrt(L) + sp.sqrt(m))**2, "mu": swing**2, "rate": swing},
        "nag": {"lr": 4/(3*L + m), "mu": (w - 2)/(w + 2), "rate": 1 - 2/w}}
    name = name_of(named_rule(rule))
    if name not in known:
        raise ValueError(f"best_parameters: none are known for {name!r}; "
                         f"there are: {', '.join(known)}")
    return known[name]


def stability_map(rule: str | Rule, s_values: Any, mu_values: Any) -> np.ndarray:
    """The radius for each mu (rows) and s = lr*curvature (columns); stable below 1."""
    return dynamics(rule).radius(np.asarray(s_values)[None, :],
                                 mu=np.asarray(mu_values)[:, None])
