"""A second reader of certificates, version 2, written from certificates.md alone.

`judged` says why a goal is refused, or None; `judged_file` does it for a file's claims.
"""

import json
import re
import sys
from collections.abc import Callable, Iterable
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

Rational = int | Fraction
Monomial = tuple[tuple[str, int], ...]
Signs = frozenset[int]

ANY, NONNEGATIVE, NONPOSITIVE = frozenset({-1, 0, 1}), frozenset({0, 1}), frozenset({-1, 0})
PLUS, MINUS, ZERO, NONZERO = (frozenset(s) for s in ({1}, {-1}, {0}, {-1, 1}))
ALLOWED = {"==": ZERO, "<=": NONPOSITIVE, ">=": NONNEGATIVE, "<": MINUS, ">": PLUS}
WRITTEN = {"+": PLUS, "0": ZERO, "-": MINUS, "+0": NONNEGATIVE, "-0": NONPOSITIVE,
           "+-": NONZERO, "+0-": ANY}
WHOLE = "1, 2, ..."
# for each domain, what it says of x and of x - 1
DOMAINS = {"real": (ANY, ANY), "> 0": (PLUS, ANY), ">= 0": (NONNEGATIVE, ANY),
           "> 1": (PLUS, PLUS), "[0, 1)": (NONNEGATIVE, MINUS), "(0, 1)": (PLUS, MINUS),
           "[0, 1]": (NONNEGATIVE, NONPOSITIVE), "(0, 1]": (PLUS, NONPOSITIVE),
           WHOLE: (PLUS, NONNEGATIVE)}
MOST_POWER, MOST_WORK, SMALL_PRIMES = 1000, 4_000_000, 10_000


class Refused(Exception):
    """The certificate does not show what it says."""


def need(condition: object, why: str) -> None:
    """Refuses, unless the condition holds."""
    if not condition:
        raise Refused(why)


def rational(text: object) -> Rational:
    """The fraction that a text writes."""
    need(isinstance(text, str), "a fraction is a text")
    match = re.fullmatch(r"(-?[0-9]+)(?:/([0-9]+))?", str(text))
    if match is None:
        raise Refused(f"no fraction: {text}")
    bottom = int(match[2] or 1)
    need(bottom, "a fraction over 0")
    value = Fraction(int(match[1]), bottom)
    return value.numerator if value.denominator == 1 else value


def whole(value: object, least: int, most: int) -> int:
    """A whole number of JSON within the bounds."""
    if type(value) is not int or not least <= value <= most:
        raise Refused(f"no whole number from {least} to {most}: {value!r}")
    return value


def listed(value: object, length: int | None = None) -> list[Any]:
    """A list of JSON, perhaps of a certain length."""
    if not isinstance(value, list) or length not in (None, len(value)):
        raise Refused("a list is missing or has another length")
    return value


def named(name: object) -> str:
    """A text that may be a name."""
    if not isinstance(name, str) or not name or set(name) & set("*^()"):
        raise Refused(f"no name: {name!r}")
    return name


# --- polynomials --------------------------------------------------------------

@lru_cache(maxsize=None)
def rank(name: str) -> tuple[int, ...]:
    """Sorts names backwards: the first as text has the greatest rank."""
    return (*(-ord(letter) for letter in name), 1)


@lru_cache(maxsize=200_000)
def height(monomial: Monomial) -> tuple[tuple[tuple[int, ...], int], ...]:
    """Sorts monomials: the leading one has the greatest height."""
    return tuple((rank(name), power) for name, power in monomial)


@lru_cache(maxsize=200_000)
def times(one: Monomial, other: Monomial) -> Monomial:
    """The product of two monomials."""
    powers = dict(one)
    for name, power in other:
        powers[name] = powers.get(name, 0) + power
    return tuple(sorted(powers.items()))


def over(one: Monomial, other: Monomial) -> Monomial | None:
    """The quotient of two monomials, or None."""
    powers = dict(one)
    for name, power in other:
        powers[name] = powers.get(name, 0) - power
        if powers[name] < 0:
            return None
    return tuple((name, power) for name, power in powers.items() if power)


class Poly:
    """A polynomial: {monomial: coefficient that is not 0}; not to be changed."""

    __slots__ = ("terms", "_hash")

    def __init__(self, terms: dict[Monomial, Rational]) -> None:
        self.terms = terms
        self._hash: int | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Poly) and self.terms == other.terms

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(frozenset(self.terms.items()))
        return self._hash

    def __add__(self, other: "Poly") -> "Poly":
        terms = dict(self.terms)
        for monomial, value in other.terms.items():
            total = terms.get(monomial, 0) + value
            if total:
                terms[monomial] = total
            else:
                del terms[monomial]
        return Poly(terms)

    def __sub__(self, other: "Poly") -> "Poly":
        return self + other.scaled(-1)

    def __mul__(self, other: "Poly") -> "Poly":
        need(len(self.terms) * len(other.terms) <= MOST_WORK, "polynomials too large")
        terms: dict[Monomial, Rational] = {}
        for one, c in self.terms.items():
            for two, d in other.terms.items():
                monomial = times(one, two)
                terms[monomial] = terms.get(monomial, 0) + c * d
        return Poly({monomial: c for monomial, c in terms.items() if c})

    def __pow__(self, power: int) -> "Poly":
        result, square = ONE, self
        while power:
            if power & 1:
                result = result * square
            power >>= 1
            square = square * square if power else square
        return result

    def scaled(self, number: Rational) -> "Poly":
        """The multiple by a number that is not 0."""
        return Poly({monomial: c * number for monomial, c in self.terms.items()})

    def number(self) -> Rational | None:
        """The number that this is, or None."""
        return None if any(self.terms) else self.terms.get((), 0)

    def letters(self) -> set[str]:
        """The names of the letters in it."""
        return {name for monomial in self.terms for name, _ in monomial}

    def lead(self) -> Monomial:
        """The leading monomial; there has to be one."""
        return max(self.terms, key=height)

    def monic(self) -> tuple[Rational, "Poly"]:
        """The leading coefficient, and the polynomial over it; 0 for 0."""
        if not self.terms:
            return 1, self
        c = self.terms[self.lead()]
        return c, self if c == 1 else self.scaled(1 / Fraction(c))

    def powers_of(self, name: str) -> dict[int, "Poly"]:
        """{power: the polynomial that stands with this power of the letter}."""
        parts: dict[int, dict[Monomial, Rational]] = {}
        for monomial, c in self.terms.items():
            rest = tuple(pair for pair in monomial if pair[0] != name)
            power = next((k for letter, k in monomial if letter == name), 0)
            parts.setdefault(power, {})[rest] = c
        return {power: Poly(terms) for power, terms in parts.items()}

    def divided(self, divisor: "Poly") -> "Poly | None":
        """The polynomial that is this over a monic one, or None if there is none."""
        last, under = (min(p.terms, key=height) for p in (self, divisor))
        if over(self.lead(), divisor.lead()) is None or over(last, under) is None:
            return None
        rest, quotient, lead = dict(self.terms), {}, divisor.lead()
        while rest:
            first = max(rest, key=height)
            part = over(first, lead)
            if part is None:
                return None
            c = quotient[part] = rest[first]
            for monomial, d in divisor.terms.items():
                place = times(part, monomial)
                rest[place] = rest.get(place, 0) - c * d
                if not rest[place]:
                    del rest[place]
        return Poly(quotient)


NOTHING, ONE = Poly({}), Poly({(): 1})


def constant(number: Rational) -> Poly:
    """A number as a polynomial."""
    return Poly({(): number} if number else {})


def single(name: str) -> Poly:
    """A letter as a polynomial."""
    return Poly({((name, 1),): 1})


def polynomial(data: object, letters: set[str]) -> Poly:
    """Reads a polynomial, which may name only these letters."""
    if not isinstance(data, dict):
        raise Refused("a polynomial is an object")
    terms: dict[Monomial, Rational] = {}
    for text, c in data.items():
        powers: dict[str, int] = {}
        for factor in text.split("*") if text else []:
            name, mark, digits = factor.partition("^")
            need(name in letters, f"there is no letter {name!r} here")
            need(name not in powers, f"a letter twice in {text!r}")
            need(not mark or re.fullmatch("[0-9]{1,4}", digits), f"no power: {factor}")
            powers[name] = whole(int(digits) if mark else 1, 1, MOST_POWER)
        monomial = tuple(sorted(powers.items()))
        need(monomial not in terms, f"a monomial twice: {text!r}")
        terms[monomial] = rational(c)
    return Poly({monomial: c for monomial, c in terms.items() if c})


def powers_read(data: object, letters: set[str]) -> list[tuple[Poly, int]]:
    """Reads [[polynomial, power], ...]."""
    pairs = [listed(pair, 2) for pair in listed(data)]
    return [(polynomial(f, letters), whole(k, 1, MOST_POWER)) for f, k in pairs]


@lru_cache(maxsize=None)
def primes(number: int) -> dict[int, int]:
    """The prime powers of a positive whole number; what is left counts as prime."""
    powers: dict[int, int] = {}
    for prime in range(2, SMALL_PRIMES):
        if prime * prime > number:
            break
        while number % prime == 0:
            powers[prime] = powers.get(prime, 0) + 1
            number //= prime
    if number > 1:
        powers[number] = powers.get(number, 0) + 1
    return powers


def prime_powers(number: Rational) -> dict[int, int]:
    """The prime powers of a fraction's absolute value."""
    value = abs(Fraction(number))
    bottom = {prime: -k for prime, k in primes(value.denominator).items()}
    return primes(value.numerator) | bottom


# --- signs --------------------------------------------------------------------

def sign_of(number: Rational) -> int:
    """-1, 0 or 1."""
    return (number > 0) - (number < 0)


def product_of(one: Iterable[int], other: Iterable[int]) -> Signs:
    """All products of two signs."""
    second = tuple(other)
    return frozenset(a * b for a in one for b in second)


def power_of(signs: Iterable[int], power: int) -> Signs:
    """The signs of a power, of which it matters whether it is even."""
    return frozenset(a * a if power % 2 == 0 else a for a in signs)


def sum_of(terms: list[Signs]) -> Signs:
    """What is known of the sign of a sum of terms."""
    for good in (PLUS, MINUS):
        if all(s <= good | ZERO for s in terms) and good in terms:
            return good
    known = ANY
    for bad in (1, -1):
        if not any(bad in s for s in terms):
            known -= {bad}
    return known


# --- cases --------------------------------------------------------------------

class Quotient:
    """A polynomial over a product of powers of monic ones, none of which is 0."""

    def __init__(self, top: Poly, bottom: dict[Poly, int] | None = None) -> None:
        self.top, self.bottom = top, bottom or {}

    def number(self) -> Rational | None:
        """The number that this is, or None."""
        return None if self.bottom else self.top.number()

    def letters(self) -> set[str]:
        """The names of the letters in it."""
        return self.top.letters().union(*(f.letters() for f in self.bottom))


class Case:
    """The points of the domain that satisfy the facts, and the letters that steps made."""

    def __init__(self, domains: dict[str, str]) -> None:
        self.facts: dict[Poly, Signs] = {}
        self.products: dict[Poly, list[tuple[Poly, int]]] = {}
        self.roots: dict[str, Poly] = {}
        self.rules: dict[str, tuple[int, Quotient]] = {}  # letter^q is the quotient
        self.powers: dict[str, tuple[Poly, Quotient]] = {}
        self.logs: dict[str, Poly] = {}
        self.calls: dict[str, tuple[str, list[Quotient]]] = {}
        self.letters: set[str] = {"(e)"}
        self.used = set(domains)
        self.learn(single("(e)"), PLUS)
        self.learn(single("(e)") - ONE, PLUS)
        for name, domain in domains.items():
            letter = f"({name}-1)" if domain == WHOLE else name
            self.letters.add(letter)
            first, second = DOMAINS[domain]
            if domain == WHOLE:
                self.learn(single(letter), second)
            else:
                self.learn(single(letter), first)
                self.learn(single(letter) - ONE, second)
        self.used |= self.letters

    def copy(self) -> "Case":
        """A case that may learn other things."""
        other = object.__new__(Case)
        for name, value in vars(self).items():
            setattr(other, name, value.copy())
        return other

    def learn(self, p: Poly, signs: Signs) -> None:
        """Intersects the fact of p."""
        c, monic = p.monic()
        turned = product_of(signs, {sign_of(c)})
        self.facts[monic] = self.facts.get(monic, ANY) & turned

    def factors(self, p: Poly) -> tuple[Rational, dict[Poly, int]]:
        """The number and the factors of a polynomial that is not 0."""
        c, rest = p.monic()
        found: dict[Poly, int] = {}
        if len(rest.terms) == 1:
            (monomial,) = rest.terms
            return c, {single(name): k for name, k in monomial}
        if rest in self.products:
            for f, k in self.products[rest]:
                for g, n in self.factors(f)[1].items():
                    found[g] = found.get(g, 0) + k * n
        else:
            found[rest] = 1
        return c, found

    def known(self, f: Poly) -> Signs:
        """What is known of the sign of a factor."""
        signs = self.facts.get(f, ANY)
        if len(f.terms) == 1:
            (monomial,) = f.terms
            if len(monomial) == 1 and monomial[0][1] == 1 and monomial[0][0] in self.roots:
                signs &= self.sign(self.roots[monomial[0][0]])
        return signs

    def sign(self, p: Poly) -> Signs:
        """What is known of the sign of a polynomial."""
        c, monic = p.monic()
        signs = frozenset({sign_of(c)})
        if not p.terms:
            return ZERO & self.facts.get(p, ANY)
        for f, k in self.factors(p)[1].items():
            signs = product_of(signs, power_of(self.known(f), k))
        return signs & product_of({sign_of(c)}, self.facts.get(monic, ANY))

    def sign_under(self, bottom: dict[Poly, int]) -> Signs:
        """The signs of a bottom, which is not 0."""
        signs = PLUS
        for f, k in bottom.items():
            signs = product_of(signs, power_of(self.sign(f) - ZERO, k))
        return signs

    def sign_q(self, u: Quotient) -> Signs:
        """What is known of the sign of a quotient."""
        return product_of(self.sign(u.top), self.sign_under(u.bottom))

    # quotients

    def by_rules(self, u: Quotient) -> Quotient:
        """The quotient after s^q is replaced by what it is, the newest letter first."""
        for letter, (degree, value) in reversed(self.rules.items()):
            parts = u.top.powers_of(letter)
            most = max((power // degree for power in parts), default=0)
            if most:
                top, bottom = NOTHING, dict(u.bottom)
                for power, part in parts.items():
                    n = power // degree
                    part = part * value.top**n * single(letter)**(power % degree)
                    for f, k in value.bottom.items():
                        part = part * f**(k * (most - n))
                    top = top + part
                for f, k in value.bottom.items():
                    bottom[f] = bottom.get(f, 0) + k * most
                u = Quotient(top, bottom)
        return u

    def is_zero(self, p: Poly) -> bool:
        """Whether a polynomial is 0 after s^q is replaced by what it is."""
        return not self.by_rules(Quotient(p)).top.terms

    def tidy(self, top: Poly, bottom: dict[Poly, int]) -> Quotient:
        """The quotient with its letters replaced and its common factors cancelled."""
        u, rest = self.by_rules(Quotient(top, bottom)), {}
        if not u.top.terms:
            return Quotient(NOTHING)
        top = u.top
        for f, power in u.bottom.items():
            while power and (quotient := top.divided(f)) is not None:
                top, power = quotient, power - 1
            if power:
                rest[f] = power
        return Quotient(top, rest)

    def add(self, u: Quotient, v: Quotient, factor: int = 1) -> Quotient:
        """u + factor v."""
        bottom = {f: max(k, v.bottom.get(f, 0)) for f, k in (v.bottom | u.bottom).items()}
        tops = [u.top, v.top.scaled(factor)]
        for place, below in enumerate((u.bottom, v.bottom)):
            for f, power in bottom.items():
                tops[place] = tops[place] * f**(power - below.get(f, 0))
        return self.tidy(tops[0] + tops[1], bottom)

    def multiply(self, u: Quotient, v: Quotient) -> Quotient:
        """u v."""
        powers = {f: u.bottom.get(f, 0) + v.bottom.get(f, 0) for f in u.bottom | v.bottom}
        return self.tidy(u.top * v.top, powers)

    def inverse(self, u: Quotient) -> Quotient:
        """1/u, where u is known not to be 0; its factors are learned not to be."""
        need(u.top.terms, "a quotient by 0")
        c, bottom = self.factors(u.top)
        top = constant(1 / Fraction(c))
        for f in bottom:
            self.learn(f, NONZERO)
        for f, power in u.bottom.items():
            top = top * f**power
        return self.tidy(top, bottom)

    def power(self, u: Quotient, n: int) -> Quotient:
        """u^n for a whole n; u is known not to be 0 where n < 0."""
        need(abs(n) <= MOST_POWER, "a power too large")
        if n < 0:
            u = self.inverse(u)
        return self.tidy(u.top**abs(n), {f: k * abs(n) for f, k in u.bottom.items() if n})

    # powers, logarithms

    def size(self, f: Poly) -> Poly:
        """|f|, whose sign is needed."""
        signs = self.known(f) if f.number() is None else self.sign(f)
        need(signs <= NONNEGATIVE or signs <= NONPOSITIVE, "|f| needs the sign of f")
        return f if signs <= NONNEGATIVE else f.scaled(-1)

    def pieces(self, b: Quotient) -> tuple[Rational, list[tuple[Poly, int]]]:
        """The number and the factors of a quotient that is not 0."""
        c, factors = self.factors(b.top)
        return c, [*factors.items(), *((f, -k) for f, k in b.bottom.items())]

    def number_power(self, b: Quotient, n: Rational) -> Quotient | None:
        """b^n for a number n, or None: no value."""
        signs = self.sign_q(b)
        if isinstance(n, int):
            if n < 0 and signs <= ZERO:
                return None
            need(n >= 0 or 0 not in signs, "a power < 0 of what may be 0")
            return self.power(b, n)
        good = NONNEGATIVE if n > 0 else PLUS
        if not signs & good:
            return None
        need(signs <= good, "a power of what may be negative, or 0")
        if signs <= ZERO:
            return Quotient(NOTHING)
        c, pieces = self.pieces(b)
        result = Quotient(ONE)
        pieces += [(constant(prime), k) for prime, k in prime_powers(c).items()]
        for f, k in pieces:
            exponent = Fraction(k * n)
            steps, degree = exponent.numerator // exponent.denominator, exponent.denominator
            if exponent.denominator > 1 or exponent.numerator % 2:
                f = self.size(f)
            if n < 0 and k > 0:
                self.learn(f, NONZERO)
            result = self.multiply(result, self.power(Quotient(f), steps))
            if degree > 1:
                s = self.letter_power(f, Quotient(constant(exponent % 1)))
                result = self.multiply(result, s)
        return result

    def letter_power(self, base: Poly, x: Quotient) -> Quotient:
        """base^x by the letter of a "power" step."""
        for w, (made, y) in self.powers.items():
            if made == base and y.bottom == x.bottom:
                lead = x.top.lead()
                n = Fraction(x.top.terms[lead]) / y.top.terms.get(lead, 1)
                if n.denominator == 1 and y.top.scaled(n) == x.top:
                    need(n > 0 or 0 not in self.sign(single(w)), "1/0 for a power's letter")
                    return self.power(Quotient(single(w)), n.numerator)
        raise Refused("there is no letter for a power")

    def split_exponent(self, x: Quotient) -> list[Quotient]:
        """The terms of an exponent, each over its bottom."""
        return [self.tidy(Poly({m: c}), x.bottom) for m, c in x.top.terms.items()]

    def is_whole(self, x: Quotient) -> bool:
        """Whether an exponent is seen to be whole."""
        return (not x.bottom and all(isinstance(c, int) or c.denominator == 1
                                     for c in x.top.terms.values())
                and all(name[0] == "(" for name in x.letters()))

    def raised(self, b: Quotient, x: Quotient) -> Quotient | None:
        """b^x, or None: no value."""
        n = x.number()
        if n is not None:
            return self.number_power(b, n if isinstance(n, int) else fraction(n))
        if b.number() == 1:
            return Quotient(ONE)
        signs, terms = self.sign_q(b), self.split_exponent(x)
        if signs <= ZERO:
            of_x = self.sign_q(x)
            need(len(of_x) == 1, "0^x needs the sign of x")
            return None if of_x == MINUS else Quotient(ONE if of_x == ZERO else NOTHING)
        need(0 not in signs or not any(-1 in self.sign_q(part) for part in terms),
             "a power of what may be 0, whose exponent may be negative")
        need(self.is_whole(x) or signs <= NONNEGATIVE, "a power of what may be negative")
        c, pieces = self.pieces(b)
        if 0 not in signs:
            for f, _ in pieces:
                self.learn(f, NONZERO)
        all_known = all(self.known(f) <= NONNEGATIVE for f, _ in pieces)
        result = Quotient(ONE)
        for part in terms:
            n = part.number()
            if n is not None:
                value = self.number_power(b, n if isinstance(n, int) else fraction(n))
                if value is None:
                    raise Refused("a part of a power without a value")
                result = self.multiply(result, value)
            elif c > 0 and (self.is_whole(part) or all_known):
                if c != 1:
                    below, turn = (c, 1) if c < 1 else (1 / Fraction(c), -1)
                    up = Quotient(part.top.scaled(turn), part.bottom)
                    result = self.multiply(result, self.letter_power(constant(below), up))
                for f, k in pieces:
                    up = Quotient(part.top.scaled(k), part.bottom)
                    result = self.multiply(result, self.letter_power(f, up))
            else:
                need(not b.bottom, "a power of a quotient")
                result = self.multiply(result, self.letter_power(b.top, part))
        return result

    def exponential(self, x: Quotient) -> Quotient:
        """e^x."""
        value = self.raised(Quotient(single("(e)")), x)
        if value is None:
            raise Refused("a power of e without a value")
        return value

    def logarithm(self, b: Quotient) -> Quotient | None:
        """log b, or None: no value."""
        signs = self.sign_q(b)
        if not signs & PLUS:
            return None
        need(signs <= PLUS, "a logarithm of what may be 0 or less")
        c, pieces = self.pieces(b)
        total = Quotient(NOTHING)
        for f, k in pieces + [(constant(p), k) for p, k in prime_powers(c).items()]:
            size = self.size(f)
            found = [y for w, (base, y) in self.powers.items()
                     if base == single("(e)") and single(w) == size]
            if size == single("(e)"):
                found = [Quotient(ONE)]
            found += [Quotient(single(name)) for name, p in self.logs.items() if p == size]
            need(found, "there is no letter for a logarithm")
            total = self.add(total, found[0], k)
        return total


def fraction(number: Rational) -> Rational:
    """The number, as a whole one where it is whole."""
    value = Fraction(number)
    return value.numerator if value.denominator == 1 else value


# --- operations ---------------------------------------------------------------

UNARY = {"negative", "sqrt", "absolute", "sign", "exp", "tanh", "log", "nonzero",
         "nonnegative"}
BINARY = {"add", "subtract", "multiply", "divide", "power", "maximum", "minimum"}
COMPARED: dict[str, Signs] = {
    "less": MINUS, "less_equal": NONPOSITIVE, "greater": PLUS, "greater_equal": NONNEGATIVE,
    "equal": ZERO, "not_equal": NONZERO}
# the types of the arguments: n a text, v the place of a value, c that of a condition
SHAPES = ({name: "v" for name in UNARY | {"defined"}} | {name: "vv" for name in BINARY}
          | {name: "vv" for name in COMPARED}
          | {"letter": "n", "number": "n", "where": "cvv", "sum": "nvvv", "product": "nvvv",
             "none": "", "and": "cc", "or": "cc", "not": "c", "true": "", "false": ""})
CONDITIONS = {*COMPARED, "and", "or", "not", "true", "false"}
Entry = list[Any]


def places(entry: Entry) -> list[int]:
    """The places that an entry names."""
    return [argument for argument in entry[1:] if isinstance(argument, int)]


def check_operations(entries: list[Entry], domains: dict[str, str],
                     sides: list[Any]) -> None:
    """Refuses entries that are not of their shapes, and letters that have no domain."""
    free: list[set[str]] = []
    bound = {str(entry[1]) for entry in entries
             if len(listed(entry)) == 5 and entry[0] in ("sum", "product")}
    for place, entry in enumerate(entries):
        need(isinstance(entry, list) and isinstance(entry[0], str), "no operation")
        name = entry[0]
        shape = SHAPES.get(name, "n" + "v" * (len(entry) - 2) if name == "call" else "v")
        need(name != "call" or len(entry) > 2, "a call without arguments")
        need(len(shape) == len(entry) - 1, f"{name} has another number of arguments")
        for kind, argument in zip(shape, entry[1:], strict=True):
            if kind == "n":
                need(isinstance(argument, str), f"{name} needs a text")
            else:
                whole(argument, 0, place - 1)
                need((entries[argument][0] in CONDITIONS) == (kind == "c"),
                     f"{name}: a condition in place of a value, or a value of a condition")
        letters: set[str] = set().union(*(free[i] for i in places(entry)))
        if name == "number":
            rational(entry[1])
        elif name == "letter":
            need(entry[1] in domains or entry[1] in bound, f"{entry[1]} has no domain")
            letters = {entry[1]}
        elif name in ("sum", "product"):
            named(entry[1])
            letters = free[entry[2]] | free[entry[3]] | (free[entry[4]] - {entry[1]})
        free.append(letters)
    for side in sides:
        whole(side, 0, len(entries) - 1)
        need(entries[side][0] not in CONDITIONS, "a side is a condition")
        need(free[side] <= domains.keys(), "a letter has no domain")


def all_or_none(value: Callable[[int], Any], arguments: list[int]) -> list[Any] | None:
    """The values of arguments, or None at the first that has none."""
    values = []
    for i in arguments:
        values.append(value(i))
        if values[-1] is None:
            return None
    return values


class Work:
    """Works out entries in a case, where each letter t of a goal has a certain shift."""

    def __init__(self, case: Case, entries: list[Entry],
                 shifts: dict[str, Quotient]) -> None:
        self.case, self.entries, self.shifts = case, entries, shifts
        self.values: dict[int, Quotient | None] = {}
        self.truths: dict[int, bool | None] = {}

    def value(self, place: int) -> Quotient | None:
        """The value of an entry, or None where it has none."""
        if place not in self.values:
            self.values[place] = self.worked_out(self.entries[place])
        return self.values[place]

    def truth(self, place: int) -> bool | None:
        """Whether a condition holds, or None where it has no value."""
        if place not in self.truths:
            self.truths[place] = self.decided(self.entries[place])
        return self.truths[place]

    def decided(self, entry: Entry) -> bool | None:
        """Works out a condition."""
        name = entry[0]
        if name in COMPARED:
            values = all_or_none(self.value, entry[1:])
            if values is None:
                return None
            signs = self.case.sign_q(self.case.add(values[0], values[1], -1))
            if signs <= COMPARED[name]:
                return True
            need(not signs & COMPARED[name], f"{name}: the sign is not known")
            return False
        truths = all_or_none(self.truth, entry[1:])
        if truths is None:
            return None
        if name == "not":
            return not truths[0]
        return any(truths) if name in ("or", "false") else all(truths)

    def worked_out(self, entry: Entry) -> Quotient | None:
        """Works out an operation that has a value."""
        name, case = entry[0], self.case
        if name == "letter":
            need(entry[1] in self.shifts or entry[1] in case.letters, "no letter")
            value = self.shifts.get(entry[1]) or Quotient(single(entry[1]))
            return case.tidy(value.top, value.bottom)
        if name == "number":
            return Quotient(constant(rational(entry[1])))
        if name == "where":
            truth = self.truth(entry[1])
            return None if truth is None else self.value(entry[2] if truth else entry[3])
        if name == "none":
            return None
        if name == "defined":
            return None if self.value(entry[1]) is None else Quotient(NOTHING)
        need(name in UNARY | BINARY | {"call"}, f"{name} is not worked out")
        values = all_or_none(self.value, places(entry))
        if values is None:
            return None
        if name == "call":
            return self.called(entry[1], values)
        if name in BINARY:
            return self.of_two(name, values[0], values[1])
        return self.of_one(name, values[0])

    def called(self, name: str, values: list[Quotient]) -> Quotient:
        """The letter of a call."""
        for letter, (function, others) in self.case.calls.items():
            if (function == name and len(others) == len(values)
                    and all(not self.case.add(u, v, -1).top.terms
                            for u, v in zip(values, others, strict=True))):
                return Quotient(single(letter))
        raise Refused("there is no letter for a call")

    def of_two(self, name: str, u: Quotient, v: Quotient) -> Quotient | None:
        """An operation of two arguments."""
        case = self.case
        if name in ("add", "subtract"):
            return case.add(u, v, 1 if name == "add" else -1)
        if name == "multiply":
            return case.multiply(u, v)
        if name == "power":
            return case.raised(u, v)
        if name == "divide":
            signs = case.sign_q(v)
            if signs <= ZERO:
                return None
            need(0 not in signs, "a divisor may be 0")
            return case.multiply(u, case.inverse(v))
        signs = case.sign_q(case.add(u, v, -1))
        need(signs <= NONNEGATIVE or signs <= NONPOSITIVE, f"{name}: the sign is not known")
        return u if (signs <= NONNEGATIVE) == (name == "maximum") else v

    def of_one(self, name: str, u: Quotient) -> Quotient | None:
        """An operation of one argument."""
        case = self.case
        if name == "negative":
            return Quotient(u.top.scaled(-1), u.bottom)
        if name == "sqrt":
            return case.number_power(u, Fraction(1, 2))
        if name == "exp":
            return case.exponential(u)
        if name == "log":
            return case.logarithm(u)
        if name == "tanh":
            square = case.exponential(Quotient(u.top.scaled(2), u.bottom))
            below = case.add(square, Quotient(ONE))
            need(0 not in case.sign_q(below), "tanh: e^(2u) + 1 is not known to be +")
            return case.multiply(case.add(square, Quotient(ONE), -1), case.inverse(below))
        signs = case.sign_q(u)
        if name == "sign":
            need(len(signs) == 1, "sign: it is not known")
            return Quotient(constant(next(iter(signs))))
        if name == "absolute":
            need(signs <= NONNEGATIVE or signs <= NONPOSITIVE, "|u|: the sign is not known")
            return u if signs <= NONNEGATIVE else Quotient(u.top.scaled(-1), u.bottom)
        good = NONZERO if name == "nonzero" else NONNEGATIVE
        need(signs <= good or not signs & good, f"{name}: the sign is not known")
        return Quotient(NOTHING) if signs <= good else None


# --- proofs -------------------------------------------------------------------

class Proof:
    """Checks the steps of a proof of one goal; the kind is "goal", "base" or "step"."""

    def __init__(self, goal: dict[str, Any], kind: str = "goal") -> None:
        self.entries: list[Entry] = goal["operations"]
        self.sides = (goal["left"], goal["right"])
        self.relation: str = goal["relation"]
        self.kind, self.total = kind, goal.get("total", False) or kind != "goal"
        proof = goal["proof"]
        self.t = proof.get("induction", "")
        self.factor = proof.get("factor", 0)
        self.wholes = [name for name, domain in goal["letters"].items() if domain == WHOLE]

    def work(self, case: Case, more: int = 0) -> Work:
        """A working out in a case, for t + more in the step of an induction."""
        shifts = {name: Quotient(ONE + single(f"({name}-1)")) for name in self.wholes}
        if self.kind == "base":
            shifts[self.t] = Quotient(ONE)
        elif more:
            shifts[self.t] = Quotient(constant(1 + more) + single(f"({self.t}-1)"))
        return Work(case, self.entries, shifts)

    def steps(self, steps: object, case: Case) -> None:
        """Checks a list of steps, which change the case."""
        *before, last = listed(steps) or [None]
        for step in before:
            self.step(step, case)
        if not isinstance(last, dict):
            raise Refused("a list of steps has no end")
        if last.keys() == {"holds"}:
            self.holds(last["holds"], case.copy())
        elif last.keys() == {"empty"}:
            need(not case.sign(polynomial(last["empty"], case.letters)), "not empty")
        elif last.keys() == {"split", "cases"}:
            p = polynomial(last["split"], case.letters)
            need(p.terms, "a split by 0")
            covered: Signs = frozenset()
            for signs, branch in [listed(pair, 2) for pair in listed(last["cases"])]:
                need(isinstance(signs, str) and signs in WRITTEN, "no signs")
                covered |= WRITTEN[signs]
                inner = case.copy()
                inner.learn(p, WRITTEN[signs])
                self.steps(branch, inner)
            need(case.sign(p) <= covered, "a split leaves out a sign")
        else:
            raise Refused("a list of steps has no end")

    def step(self, step: object, case: Case) -> None:
        """Checks one step that does not end a case."""
        need(isinstance(step, dict), "a step is an object")
        assert isinstance(step, dict)
        keys = step.keys() - {"times"}
        kinds: list[tuple[set[str], str, Callable[[dict[str, Any], Case], None]]] = [
            ({"sign", "sum"}, "times", self.sign), ({"product", "of"}, "", self.product),
            ({"log", "letter"}, "", self.log),
            ({"power", "exponent", "letter"}, "", self.power),
            ({"call", "letter"}, "", self.call), ({"solve", "for"}, "", self.solve)]
        for wanted, extra, method in kinds:
            if keys == wanted and step.keys() - keys <= {extra}:
                return method(step, case)
        raise Refused(f"no step: {sorted(step)}")

    def new(self, step: dict[str, Any], case: Case) -> Poly:
        """Makes the letter that a step names."""
        name = named(step["letter"])
        need(name not in case.used, f"the letter {name} is not new")
        case.used.add(name)
        case.letters.add(name)
        return single(name)

    def sign(self, step: dict[str, Any], case: Case) -> None:
        """p has the signs of a sum."""
        p = polynomial(step["sign"], case.letters)
        need(p.terms, "the sign of 0")
        total, turn, signs = p, PLUS, []
        for q in [polynomial(q, case.letters) for q in listed(step.get("times", []))]:
            of_q = case.sign(q)
            need(0 not in of_q, "a factor of \"times\" that may be 0")
            total, turn = total * q, product_of(turn, of_q)
        for c, pairs in [listed(term, 2) for term in listed(step["sum"])]:
            number = rational(c)
            of_term, value = frozenset({sign_of(number)}), constant(number)
            for f, k in powers_read(pairs, case.letters):
                of_term = product_of(of_term, power_of(case.sign(f), k))
                value = value * f**k
            signs.append(of_term)
            total = total - value
        need(case.is_zero(total), "\"sign\": the sum is another one")
        case.learn(p, product_of(sum_of(signs), turn))

    def product(self, step: dict[str, Any], case: Case) -> None:
        """p is a product of factors."""
        _, p = polynomial(step["product"], case.letters).monic()
        pairs = [(f.monic()[1], k) for f, k in powers_read(step["of"], case.letters)]
        need(sum(k for _, k in pairs) >= 2, "a product of one factor")
        value = ONE
        for f, k in pairs:
            need(f.number() is None, "a number as a factor")
            value = value * f**k
        need(value == p, "\"product\": another polynomial")
        case.products[p] = pairs

    def power(self, step: dict[str, Any], case: Case) -> None:
        """A letter w = b^y."""
        base = polynomial(step["power"], case.letters)
        need(base.terms, "a power of 0")
        of_base, near = case.sign(base), case.sign(base - ONE)
        y = Quotient(polynomial(step["exponent"], case.letters))
        need(y.top.terms, "the exponent 0")
        of_y, is_whole = case.sign_q(y), case.is_whole(y)
        need(of_base <= PLUS
             or of_y <= NONNEGATIVE and (of_base <= NONNEGATIVE or is_whole)
             or is_whole and 0 not in of_base, "a power that may have no value")
        w, n = self.new(step, case), y.number()
        case.powers[step["letter"]] = (base, y)
        if of_base <= PLUS or of_base <= NONNEGATIVE and of_y <= NONNEGATIVE:
            case.learn(w, of_base if of_y <= PLUS else of_base | PLUS)
            case.learn(w - ONE, product_of(near, of_y))
        elif 0 not in of_base:
            case.learn(w, NONZERO)
        if n is not None and Fraction(n).numerator == 1:
            case.rules[step["letter"]] = (Fraction(n).denominator, Quotient(base))
            case.roots[step["letter"]] = base

    def log(self, step: dict[str, Any], case: Case) -> None:
        """A letter l = log p."""
        p = polynomial(step["log"], case.letters)
        need(case.sign(p) <= PLUS, "a logarithm of what may be 0 or less")
        near = case.sign(p - ONE)
        letter = self.new(step, case)
        case.logs[step["letter"]] = p
        case.learn(letter, near)

    def call(self, step: dict[str, Any], case: Case) -> None:
        """A letter for the value of a call."""
        entry = self.entries[whole(step["call"], 0, len(self.entries) - 1)]
        need(entry[0] == "call", "no call")
        work = self.work(case.copy())
        values = all_or_none(work.value, places(entry))
        if values is None:
            raise Refused("an argument has no value")
        self.new(step, case)
        case.calls[step["letter"]] = (entry[1], values)

    def solve(self, step: dict[str, Any], case: Case) -> None:
        """Puts a value for a letter."""
        p, x = polynomial(step["solve"], case.letters), step["for"]
        parts = p.powers_of(x)
        need(case.sign(p) <= ZERO and 1 in parts and parts.keys() <= {0, 1},
             "what is solved is not known to be 0, or not linear")
        slope, rest = parts[1], parts.get(0, NOTHING)
        need(0 not in case.sign(slope), "the slope may be 0")
        value = case.multiply(Quotient(rest.scaled(-1)), case.inverse(Quotient(slope)))
        case.rules[x] = (1, value)
        case.rules = {s: (q, case.tidy(u.top, u.bottom)) for s, (q, u) in
                      case.rules.items()}
        old = case.copy()
        case.facts = {}
        for f, signs in old.facts.items():
            found = old.tidy(f, {})
            case.learn(found.top, product_of(signs, old.sign_under(found.bottom)))

    def holds(self, data: object, case: Case) -> None:
        """Works out the sides in a case of its own, and sees that the relation holds."""
        need(data == {}, "\"holds\" has keys")
        work = self.work(case)
        u = self.difference(work)
        if u is None:
            return need(not self.total, "neither side has a value")
        if self.kind == "step":
            above, k = self.difference(self.work(case, 1)), work.value(self.factor)
            if above is None or k is None:
                raise Refused("the factor or a side has no value")
            need(case.sign_q(k) <= NONNEGATIVE, "the factor may be negative")
            u = case.add(above, case.multiply(k, u), -1)
        return need(case.sign_q(u) <= ALLOWED[self.relation], "the relation is not seen")

    def difference(self, work: Work) -> Quotient | None:
        """left - right, or None where neither has a value."""
        left, right = [work.value(side) for side in self.sides]
        if left is None or right is None:
            need(left is right, "only one side has a value")
            return None
        return work.case.add(left, right, -1)


# --- refutations by intervals -------------------------------------------------

BITS, MOST_BITS = 256, 4_000_000


def root_of(number: int, degree: int) -> int:
    """The whole part of a root of a whole number >= 0."""
    if number < 2 or number.bit_length() <= degree:
        return min(number, 1)
    guess = 1 << (number.bit_length() // degree + 1)
    while True:
        better = ((degree - 1) * guess + number // guess**(degree - 1)) // degree
        if better >= guess:
            return guess
        guess = better


def floor_to(x: Fraction) -> Fraction:
    """A fraction below, of BITS bits."""
    shift = BITS - x.numerator.bit_length() + x.denominator.bit_length()
    if shift >= 0:
        return Fraction((x.numerator << shift) // x.denominator, 1 << shift)
    return Fraction((x.numerator // (x.denominator << -shift)) << -shift)


Real2 = Callable[[Fraction, Fraction], Fraction]


class Interval:
    """The reals from low to high; exact if both are one fraction."""

    def __init__(self, low: Rational, high: Rational) -> None:
        self.low, self.high = Fraction(low), Fraction(high)
        self.exact = low == high
        if not self.exact:
            self.low, self.high = floor_to(self.low), -floor_to(-self.high)

    def sign(self) -> int:
        """The sign, which must be seen."""
        need(self.exact or self.low > 0 or self.high < 0, "a sign is not seen")
        return sign_of(self.low)

    def hull(self, other: "Interval", of: Real2) -> "Interval":
        """What an operation of two, monotone in each, makes of the ends."""
        ends = [of(a, b) for a in {self.low, self.high} for b in {other.low, other.high}]
        return Interval(min(ends), max(ends))

    def mapped(self, below: Callable[[Fraction], tuple[Fraction, Fraction]]) -> "Interval":
        """What an increasing function makes of it, of which bounds are given."""
        return Interval(below(self.low)[0], below(self.high)[1])


def decimal_bounds(x: Fraction, function: str) -> tuple[Fraction, Fraction]:
    """Bounds of exp x or ln x by 100 decimals; they round correctly, up to half a unit."""
    ends = []
    for rounding, turn in ((ROUND_FLOOR, "next_minus"), (ROUND_CEILING, "next_plus")):
        context = Context(prec=100, rounding=rounding, Emin=-10**6, Emax=10**6)
        near = context.divide(Decimal(x.numerator), Decimal(x.denominator))
        value = getattr(context, function)(near)
        need(value.is_finite() and (value or function == "ln"), "a number too large")
        ends.append(Fraction(getattr(context, turn)(value)))
    return ends[0], ends[1]


def exp_bounds(x: Fraction) -> tuple[Fraction, Fraction]:
    """Bounds of e^x."""
    return decimal_bounds(x, "exp") if x else (Fraction(1), Fraction(1))


def log_bounds(x: Fraction) -> tuple[Fraction, Fraction]:
    """Bounds of log x for x > 0."""
    return decimal_bounds(x, "ln") if x != 1 else (Fraction(0), Fraction(0))


def root_bounds(x: Fraction, degree: int) -> tuple[Fraction, Fraction]:
    """Bounds of a root of x > 0, equal for a perfect power."""
    top, bottom = root_of(x.numerator, degree), root_of(x.denominator, degree)
    if top**degree == x.numerator and bottom**degree == x.denominator:
        return Fraction(top, bottom), Fraction(top, bottom)
    shift = max(0, BITS - (x.numerator.bit_length() - x.denominator.bit_length()) // degree)
    scaled = (x.numerator << (shift * degree)) // x.denominator
    found = root_of(scaled, degree)
    return Fraction(found, 1 << shift), Fraction(found + 1, 1 << shift)


def power_bounds(x: Interval, n: Fraction) -> Interval | None:
    """x^n for an exact n."""
    if n.denominator > 1:
        signs = x.sign()
        if signs < 0 or signs == 0 > n:
            return None
        if signs == 0:
            return Interval(0, 0)
        if n.denominator > MOST_POWER or abs(n.numerator) > MOST_POWER:
            if x.exact and x.low == 1:
                return x
            logarithm = x.mapped(log_bounds)
            return logarithm.hull(Interval(n, n), lambda a, b: a * b).mapped(exp_bounds)
        x = x.mapped(lambda end: root_bounds(end, n.denominator))
    k = n.numerator
    if k < 0:
        if x.sign() == 0:
            return None
        x, k = Interval(1 / x.high, 1 / x.low), -k
    size = max(abs(end.numerator).bit_length() + end.denominator.bit_length()
               for end in (x.low, x.high))
    need(k * size <= MOST_BITS, "a power too large")
    ends = [x.low**k, x.high**k]
    if k % 2 == 0 and k and x.low < 0 < x.high:
        ends.append(Fraction(0))
    return Interval(min(ends), max(ends))


class Point(Work):
    """Works out entries at a point, by intervals."""

    def __init__(self, goal: dict[str, Any]) -> None:
        self.entries, domains = goal["operations"], goal["letters"]
        self.found: dict[int, Interval | None] = {}
        self.truths: dict[int, bool | None] = {}
        self.letters = {x: Fraction(rational(text)) for x, text in goal["point"].items()}
        for name, domain in domains.items():
            x, (first, second) = self.letters[name], DOMAINS[domain]
            need(sign_of(x) in first and sign_of(x - 1) in second
                 and (domains[name] != WHOLE or x.denominator == 1), f"{name} is outside")

    def compared(self, i: int, j: int) -> int | None:
        """The sign of a difference."""
        found = all_or_none(self.interval, [i, j])
        return None if found is None else found[0].hull(found[1], lambda a, b: a - b).sign()

    def interval(self, place: int) -> Interval | None:
        """An interval that holds the value of an entry, or None: surely no value."""
        if place not in self.found:
            self.found[place] = self.enclosed(self.entries[place])
        return self.found[place]

    def decided(self, entry: Entry) -> bool | None:
        """Works out a condition."""
        if entry[0] not in COMPARED:
            return super().decided(entry)
        sign = self.compared(entry[1], entry[2])
        return None if sign is None else sign in COMPARED[entry[0]]

    def enclosed(self, entry: Entry) -> Interval | None:
        """Works out an operation that has a value."""
        name = entry[0]
        if name in ("letter", "number"):
            x = self.letters[entry[1]] if name == "letter" else rational(entry[1])
            return Interval(x, x)
        if name == "where":
            truth = self.truth(entry[1])
            return None if truth is None else self.interval(entry[2] if truth else entry[3])
        if name == "none":
            return None
        if name == "defined":
            return None if self.interval(entry[1]) is None else Interval(0, 0)
        need(name in UNARY | BINARY | {"call"}, f"{name} is not worked out")
        values = all_or_none(self.interval, places(entry))
        if values is None:
            return None
        if name == "call":
            key = f"{named(entry[1])}({', '.join(str(value.low) for value in values)})"
            need(all(value.exact for value in values) and key in self.letters,
                 "a function's value is not given")
            return Interval(self.letters[key], self.letters[key])
        if name in BINARY:
            return self.from_two(name, values[0], values[1])
        return self.from_one(name, values[0])

    def from_two(self, name: str, x: Interval, y: Interval) -> Interval | None:
        """An operation of two arguments."""
        plain: dict[str, Real2] = {
            "add": lambda a, b: a + b, "subtract": lambda a, b: a - b,
            "multiply": lambda a, b: a * b, "maximum": max, "minimum": min}
        if name in plain:
            return x.hull(y, plain[name])
        if name == "divide":
            return None if y.sign() == 0 else x.hull(y, lambda a, b: a / b)
        if y.exact:
            return power_bounds(x, y.low)
        need(x.sign() > 0, "a power whose exponent is not exact, of what is not above 0")
        return x.mapped(log_bounds).hull(y, lambda a, b: a * b).mapped(exp_bounds)

    def from_one(self, name: str, x: Interval) -> Interval | None:
        """An operation of one argument."""
        if name == "negative":
            return Interval(-x.high, -x.low)
        if name == "sqrt":
            return power_bounds(x, Fraction(1, 2))
        if name == "exp":
            return x.mapped(exp_bounds)
        if name == "tanh":
            square = Interval(2 * x.low, 2 * x.high).mapped(exp_bounds)
            return Interval(1 - 2 / (square.low + 1), 1 - 2 / (square.high + 1))
        sign = x.sign()
        if name == "log":
            return x.mapped(log_bounds) if sign > 0 else None
        if name == "sign":
            return Interval(sign, sign)
        if name == "absolute":
            return x if sign >= 0 else Interval(-x.high, -x.low)
        good = sign != 0 if name == "nonzero" else sign >= 0
        return Interval(0, 0) if good else None


def refuted(goal: dict[str, Any]) -> None:
    """Refuses a refutation, unless the goal surely fails at its point."""
    need(isinstance(goal["point"], dict), "the point is an object")
    point = Point(goal)
    left, right = point.interval(goal["left"]), point.interval(goal["right"])
    if left is None or right is None:
        return need(left is not right, "neither side has a value")
    sign = left.hull(right, lambda a, b: a - b).sign()
    return need(sign not in ALLOWED[goal["relation"]], "the relation does not fail there")


# --- goals and files ----------------------------------------------------------

def proved(goal: dict[str, Any]) -> None:
    """Refuses a proof that does not show its goal."""
    proof = goal["proof"]
    need(isinstance(proof, dict), "a proof is an object")
    if proof.keys() == {"identical"}:
        need(proof["identical"] is True and goal["left"] == goal["right"]
             and 0 in ALLOWED[goal["relation"]] and "total" not in goal, "not identical")
    elif proof.keys() == {"steps"}:
        Proof(goal).steps(proof["steps"], Case(goal["letters"]))
    else:
        need(proof.keys() == {"induction", "factor", "base", "step"}, "no proof")
        t, entries = proof["induction"], goal["operations"]
        need(isinstance(t, str) and goal["letters"].get(t) == WHOLE, "no such letter")
        whole(proof["factor"], 0, len(entries) - 1)
        need(entries[proof["factor"]][0] not in CONDITIONS, "the factor is a condition")
        for kind in ("base", "step"):
            Proof(goal, kind).steps(proof[kind], Case(goal["letters"]))


def judged(goal: dict[str, Any]) -> str | None:
    """Why a goal is refused, or None where it is accepted."""
    try:
        need(isinstance(goal, dict), "a goal is an object")
        domains, relation = goal["letters"], goal["relation"]
        need(isinstance(domains, dict), "the letters are an object")
        for name, domain in domains.items():
            need(named(name) and isinstance(domain, str) and domain in DOMAINS, "no domain")
        need(isinstance(relation, str) and relation in ALLOWED, "no relation")
        need(goal.get("total", True) is True, "total is true, or left out")
        need(goal["status"] in ("PROVED", "REFUTED"), "no status of a goal")
        check_operations(listed(goal["operations"]), domains, [goal["left"], goal["right"]])
        (proved if goal["status"] == "PROVED" else refuted)(goal)
    except Refused as reason:
        return str(reason)
    except RecursionError:
        return "too deep"
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, ArithmeticError,
            MemoryError) as error:
        return f"not as it should be: {type(error).__name__} {error}"
    return None


def why_not(claim: dict[str, Any], accepted: dict[str, str]) -> str | None:
    """Why a claim is refused that stands after the accepted ones; else None."""
    status, goals = claim.get("status"), claim.get("goals", [])
    premises = claim.get("premises", [])
    if not isinstance(goals, list) or not isinstance(premises, list):
        return "goals and premises are lists"
    for place, goal in enumerate(goals):
        why = judged(goal)
        if why is not None:
            return f"goal {place}: {why}"
    for premise in premises:
        if not isinstance(premise, str) or (
                accepted.get(premise) not in ("PROVED", "BY THEOREM")):
            return f"the premise {premise} is not accepted"
    kinds = [goal["status"] for goal in goals]
    good = {"PROVED": set(kinds) == {"PROVED"}, "REFUTED": "REFUTED" in kinds,
            "BY THEOREM": bool(premises and not goals and claim.get("theorem"))}
    return None if isinstance(status, str) and good.get(status) else f"not {status}"


def judged_file(data: dict[str, Any]) -> dict[str, dict[str, str]]:
    """{"accepted": {id: status}, "rejected": {id: why}} of the claims of a file."""
    accepted: dict[str, str] = {}
    rejected: dict[str, str] = {}
    claims = data.get("claims") if isinstance(data, dict) else None
    if not isinstance(claims, list) or not all(
            isinstance(c, dict) and isinstance(c.get("id"), str) for c in claims):
        return {"accepted": {}, "rejected": {"(file)": "it has no list of claims with ids"}}
    by_id = {claim["id"]: claim for claim in claims}
    if type(data.get("version")) is not int or data["version"] != 2 or (
            len(by_id) < len(claims)):
        return {"accepted": {}, "rejected": dict.fromkeys(by_id, "version, or an id twice")}
    for name, claim in by_id.items():
        why = why_not(claim, accepted)
        if why is None:
            accepted[name] = claim["status"]
        else:
            rejected[name] = why
    return {"accepted": accepted, "rejected": rejected}


def without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON, in which no key may be twice."""
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a key twice in an object")
    return dict(pairs)


def main(folder: str) -> int:
    """Reads a folder's files; prints counts and what is rejected."""
    counts: dict[str, int] = {}
    for path in sorted(Path(folder).glob("*.json")):
        try:
            text = path.read_text(encoding="utf-8")
            data = json.loads(text, object_pairs_hook=without_doubles)
            found = judged_file(data)
            others = data.get("uncertified", []) if isinstance(data, dict) else []
            counts["uncertified"] = counts.get("uncertified", 0) + len(listed(others))
        except (OSError, ValueError, RecursionError, Refused) as error:
            found = {"accepted": {}, "rejected": {"(file)": str(error)}}
        for status in found["accepted"].values():
            counts[status] = counts.get(status, 0) + 1
        for name, why in found["rejected"].items():
            counts["rejected"] = counts.get("rejected", 0) + 1
            print(f"{path.name}: {name}: {why}")
    print(", ".join(f"{status}: {count}" for status, count in sorted(counts.items())))
    return 1 if counts.get("rejected") else 0


if __name__ == "__main__":
    sys.setrecursionlimit(20_000)
    sys.exit(main(sys.argv[1]))
