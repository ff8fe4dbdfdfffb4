"""np.einsum: every sum of products, and its VJP, which is again an einsum.

Swapping the result with operand i gives the VJP for i; letters that stand in operand i
alone were summed away and are stretched again.
"""
import string

import numpy as np


def as_subscripts(args):
    """The subscripts and the operands of either form of call: np.einsum("ij,j", a, b) or
    np.einsum(a, [0, 1], b, [1])."""
    if isinstance(args[0], str):
        return args[0].replace(" ", ""), args[1:]
    letters = ["".join("..." if i is Ellipsis else string.ascii_letters[i] for i in places)
               for places in args[1::2] + (args[-1:] if len(args) % 2 else ())]
    inputs = ",".join(letters[:len(args)//2])
    return inputs + ("->" + letters[-1] if len(args) % 2 else ""), args[:len(args)//2*2:2]


def explicit(subscripts, operands):
    """The letters of each operand and of the result, with no ellipsis and no default.

    Without "->" the result has the letters that stand once, in order.

    >>> explicit("ij,jk", (np.ones((2, 3)), np.ones((3, 4))))
    (['ij', 'jk'], 'ik')
    """
    inputs, arrow, output = subscripts.partition("->")
    unused = [c for c in string.ascii_letters if c not in subscripts]
    terms, longest = [], ""
    for term, x in zip(inputs.split(","), operands):
        n = np.ndim(x) - len(term.replace("...", ""))
        dots = "".join(unused[-n:]) if n and "..." in term else ""  # aligned at the right
        longest = max(longest, dots, key=len)
        terms.append(term.replace("...", dots))
    if not arrow:
        letters = inputs.replace(",", "").replace(".", "")
        output = "..." + "".join(c for c in sorted(set(letters)) if letters.count(c) == 1)
    return terms, output.replace("...", longest)


def einsum_vjp(i, g, y, *args, optimize=False):
    """Argument i of the call is operand k; its repeated letters go on the diagonal."""
    subscripts, operands = as_subscripts(args)
    terms, output = explicit(subscripts, operands)
    k = i - 1 if isinstance(args[0], str) else i//2
    mine, shape = terms[k], np.shape(operands[k])
    others = terms[:k] + terms[k + 1:]
    arrays = operands[:k] + operands[k + 1:]
    distinct = "".join(dict.fromkeys(mine))
    kept = "".join(c for c in distinct if c in output + "".join(others))
    out = np.einsum(",".join([output, *others]) + "->" + kept, g, *arrays)
    for axis, c in enumerate(distinct):
        if c not in kept:
            out = np.expand_dims(out, axis)
    lengths = [max(n, shape[mine.index(c)]) for c, n in zip(distinct, np.shape(out))]
    out = np.broadcast_to(out, lengths)
    for axis, c in enumerate(mine):
        if c in mine[:axis]:
            first, n = mine.index(c), np.shape(out)[mine.index(c)]
            eye = np.reshape(np.eye(n, dtype=bool), [
                n if j in (first, axis) else 1 for j in range(np.ndim(out) + 1)])
            out = np.where(eye, np.expand_dims(out, axis), 0)
    return out
