"""Goals of recorded arrays: that they are equal, and what a function is by definition."""
import numpy as np

from minigrad.primitives import linalg
from minigrad.proving import adjoints
from minigrad.symbolic import Symbolic
from optim.certificates.entry_arrays import Entries, unwrap
from optim.certificates.recorded_entries import Recording
from optim.certificates.tangents import needed

PLACES = {"inputs", "guards", "arguments", "outputs", "vjp", "others", "where"}


def letters(record, name, shape):
    """Letters of their own, as Entries."""
    return Entries(record, record.new(name, shape))


def inner(entries, others):
    """The sum of the products; None is 0."""
    terms = [a*b for a, b in zip(entries.array.flat, others) if b is not None]
    return sum(terms[1:], start=terms[0]) if terms else entries.record.constant(0)


def kept(goal):
    """The goal with the operations and letters alone that it needs."""
    listed, numbered = goal["operations"], {"left", "right", *PLACES}
    used = needed(listed, [k for name in numbered & {*goal} for k in flat(goal[name])])
    new = {k: n for n, k in enumerate(used)}

    def moved(part):
        if isinstance(part, list):
            return [moved(x) for x in part]
        return new[part] if isinstance(part, int) else part
    names = {listed[k][1] for k in used if listed[k][0] == "letter"}
    return goal | {name: moved(goal[name]) for name in numbered & {*goal}} | {
        "operations": [moved(listed[k]) for k in used],
        "letters": {name: domain for name, domain in goal["letters"].items()
                    if name in names}}


def flat(listed):
    """The places in a list of lists; names are none."""
    if isinstance(listed, list):
        return [k for part in listed for k in flat(part)]
    return [listed] if isinstance(listed, int) else []


def equation_goal(title, pairs):
    """The goal that arrays are equal, wherever the first of each pair has values."""
    left = right = pairs[0][0].record.constant(0)
    for k, (first, second) in enumerate(pairs):
        h = letters(first.record, f"h{k}", first.shape)
        second = Entries(first.record, np.broadcast_to(unwrap(second), first.shape))
        left = left + inner(h, first.array.flat)
        right = right + inner(h, second.array.flat)
    record = left.record
    right = right + record.entry("defined", left.place)
    return kept({"kind": "equation", "title": title, "letters": record.letters,
                 "operations": record.listed, "left": left.place, "right": right.place,
                 "relation": "=="})


def linear_goal(title, function, i, case):
    """The goal that a map is linear in argument i: L(p x + q z) = p L(x) + q L(z)."""
    record = Recording()
    args = [Entries(record, a.array) if isinstance(a, Symbolic) else a for a in case.args]
    term = adjoints.TERMS.get(function, lambda i: 0)
    x, z = args[i], letters(record, "z", args[i].shape)
    p, q = letters(record, "p", ()), letters(record, "q", ())

    def at(x):                          # the other terms of a sum of maps are left out
        kept = [0*a if isinstance(a, Entries) and term(j) != term(i) else a
                for j, a in enumerate([*args[:i], x, *args[i + 1:]])]
        return Entries(record, function(*kept, **case.kwargs))
    return equation_goal(title, [(at(p*x + q*z), p*at(x) + q*at(z))])


def defining(function, y, a, *args, **kwargs):
    """Pairs of arrays that are equal, as y is the result of the function by definition."""
    def matrix(start, stop=None):
        return y[start:stop]

    def unit(q):
        return q.T @ q, np.eye(len(q.T))
    m = len(a)
    if function is np.linalg.inv:
        return [(a @ y, np.broadcast_to(np.eye(a.shape[-1]), a.shape))]
    if function is np.linalg.solve:
        b = args[0] if args[0].ndim > 1 else np.expand_dims(args[0], -1)
        return [(a @ (y if args[0].ndim > 1 else np.expand_dims(y, -1)), b)]
    if function is np.linalg.pinv:
        return [(a @ y @ a, a), (y @ a @ y, y), (a @ y, (a @ y).T), (y @ a, (y @ a).T)]
    if function is np.linalg.cholesky:
        part, low = (np.triu, y.T) if kwargs else (np.tril, y)
        return [(part(low @ low.T), part(a)), (np.triu(low, 1), 0)]
    if function is linalg.eigh_rows:
        part = a if kwargs["UPLO"] == "L" else a.T
        whole, w, v = np.tril(part) + np.tril(part, -1).T, y[0], y[1:]
        return [unit(v), (whole @ v, v*w)]
    if function is linalg.svd_rows:
        return [unit(y[:m]), unit(y[m + 1:]), ((y[:m]*y[m]) @ y[m + 1:].T, a)]
    if function is linalg.qr_rows:
        return [unit(y[:m]), (y[:m] @ y[m:], a), (np.tril(y[m:], -1), 0)]
    if function is linalg.signed_logdet:
        det = np.linalg.det(a)
        return [(y[1], np.log(np.abs(det))), (y[0], np.sign(det))]
    return []
