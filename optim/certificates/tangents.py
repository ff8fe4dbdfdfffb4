"""The derivative of recorded operations along a direction, by the rules of a textbook.

    tangents(record, {place of a letter: place of its tangent}, y)

gives the place of the tangent of the operation y. Where a comparison of two moving values
is a tie, or a function has a kink, the tangent is recorded as having no value.
"""

CONDITIONS = ("less", "less_equal", "greater", "greater_equal", "equal", "not_equal", "and",
              "or", "not")


def tangents(record, seeds, place):
    """The place of the tangent of an operation; None where it does not move."""
    known = {}
    for k in needed(record.operations, place):
        operation = record.operations[k]
        if k in seeds:
            known[k] = seeds[k]
        elif operation[0] in CONDITIONS or operation[0] != "where" and all(known.get(i) is None for i in arguments(operation)):
            known[k] = None
        else:
            known[k] = Rules(record, known, k).run(*operation)
    return known[place]


def arguments(operation):
    """The places that an operation names."""
    return [i for i in operation[1:] if isinstance(i, int)]


def needed(operations, *places):
    """The places of all operations that some are made of, in order."""
    found, stack = set(), list(places)
    while stack:
        k = stack.pop()
        if k not in found:
            found.add(k)
            stack += arguments(operations[k])
    return sorted(found)


class Rules:
    """The rules of differentiation, for the operation at place y, whose arguments' tangents
    are known: None for what does not move."""

    def __init__(self, record, known, y):
        self.record, self.known, self.y = record, known, y

    def run(self, name, *args):
        """The tangent of an operation, by its rule."""
        rule = getattr(self, args[0] if name == "call" else name + "_rule", None)
        if rule is None:
            raise TypeError(f"no rule of differentiation for {name} {args[0]}")
        places = args[1:] if name == "call" else args
        return rule(*places, *[self.known[i] for i in places])

    def op(self, name, *args):
        return self.record.place(name, *args)

    def number(self, x):
        return self.op("number", str(x))

    def times(self, a, b):
        """a b, where None is 0."""
        return None if a is None or b is None else self.op("multiply", a, b)

    def plus(self, a, b):
        return b if a is None else a if b is None else self.op("add", a, b)

    def over(self, a, b):
        return None if a is None else self.op("divide", a, b)

    def minus(self, a):
        return None if a is None else self.op("negative", a)

    def square(self, a):
        return self.op("power", a, self.number(2))

    def add_rule(self, a, b, da, db):
        return self.plus(da, db)

    def subtract_rule(self, a, b, da, db):
        if da is None or db is None:
            return self.plus(da, self.minus(db))
        return self.op("subtract", da, db)

    def multiply_rule(self, a, b, da, db):
        return self.plus(self.times(da, b), self.times(a, db))

    def divide_rule(self, a, b, da, db):
        return self.over(self.subtract_rule(a, b, da, self.times(self.y, db)), b)

    def negative_rule(self, a, da):
        return self.minus(da)

    def power_rule(self, a, p, da, dp):
        """p a^(p-1) da for a whole number p, else (p y/a) da + y log(a) dp."""
        kind, text = self.record.operations[p][:2]
        if kind == "number" and "/" not in text:
            k = int(text)
            less = a if k == 2 else self.op("power", a, self.number(k - 1))
            return da if k == 1 else self.times(self.times(p, less), da) if k else None
        moved = self.times(self.over(self.times(p, self.y), a), da)
        if self.record.operations[a] == ["number", "0"]:
            none, zero = self.op("none"), self.number(0)
            return self.op("where", self.op("greater", p, zero), zero, none)
        return self.plus(moved, dp and self.times(self.times(self.y, self.op("log", a)), dp))

    def sqrt_rule(self, a, da):
        return self.over(da, self.op("multiply", self.number(2), self.y))

    def exp_rule(self, a, da):
        return self.times(self.y, da)

    def log_rule(self, a, da):
        return self.over(da, a)

    def moving(self, condition):
        """The condition that no two moving values tie in a condition; None if none move."""
        name, *args = self.record.operations[condition]
        if name in ("and", "or", "not"):
            parts = [c for c in map(self.moving, args) if c is not None]
        else:
            moves = any(self.known.get(i) is not None for i in args)
            return self.op("not_equal", *args) if moves else None
        return parts[0] if len(set(parts)) == 1 else (
            self.op("and", *parts) if parts else None)

    def where_rule(self, c, a, b, dc, da, db):
        both = None if da is None and db is None else self.op("where", c, *[
            self.number(0) if d is None else d for d in (da, db)])
        strict = self.moving(c)
        if strict is None:
            return both
        chosen = self.number(0) if both is None else both
        return self.op("where", strict, chosen, self.op("none"))

    def chosen_rule(self, comparison, a, b, da, db):
        zero = self.number(0)
        da, db = (zero if d is None else d for d in (da, db))
        return self.op("where", self.op("not_equal", a, b),
                       self.op("where", self.op(comparison, a, b), da, db), self.op("none"))

    def maximum_rule(self, *args):
        return self.chosen_rule("greater", *args)

    def minimum_rule(self, *args):
        return self.chosen_rule("less", *args)

    def sign_rule(self, a, da):
        zero = self.number(0)
        return self.op("where", self.op("not_equal", a, zero), zero, self.op("none"))

    def absolute_rule(self, a, da):
        slope = self.plus(self.op("sign", a), self.sign_rule(a, da))
        return self.times(slope, da)

    def sin(self, a, da):
        return self.times(self.op("call", "cos", a), da)

    def cos(self, a, da):
        return self.minus(self.times(self.op("call", "sin", a), da))

    def arctan(self, a, da):
        return self.over(da, self.op("add", self.number(1), self.square(a)))

    def arcsin(self, a, da):
        return self.over(da, self.op("sqrt", self.op(
            "subtract", self.number(1), self.square(a))))

    def arcsinh(self, a, da):
        return self.over(da, self.op("sqrt", self.op(
            "add", self.square(a), self.number(1))))

    def arctan2(self, a, b, da, db):
        return self.over(self.subtract_rule(a, b, self.times(b, da), self.times(a, db)),
                         self.op("add", self.square(a), self.square(b)))

    def erf(self, a, da):
        pi = self.op("letter", "pi")
        self.record.letters["pi"] = "> 0"
        slope = self.over(self.number(2), self.op("sqrt", pi))
        bell = self.op("exp", self.minus(self.square(a)))
        return self.times(self.times(slope, bell), da)
