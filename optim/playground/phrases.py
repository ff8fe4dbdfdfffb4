"""Many similar texts in little room: what often stands side by side gets a letter.

    phrases, packed = pack(texts)       # runtime.js, unpack(phrases, packed): texts

Byte pairs (Gage 1994) on the tags of markup.
"""
import re
from collections import Counter
from collections.abc import Sequence
from itertools import chain, pairwise

TOKEN = re.compile(r"<[^>]*>|[^<]+")
PHRASES, END = 90, "\n"


def pack(texts: Sequence[str]) -> tuple[list[list[str]], str]:
    """Phrases [letter, what it stands for], the latest to be replaced first, and the texts
    in one."""
    rows = [TOKEN.findall(text) for text in texts]
    used = set("".join(texts))
    letters = (c for c in map(chr, range(0xC0, 0x250)) if c not in used)
    phrases: list[list[str]] = []
    for letter in (next(letters) for _ in range(PHRASES)):
        pairs = Counter(chain.from_iterable(map(pairwise, rows)))
        if not pairs:
            break
        (a, b), count = max(pairs.items(), key=lambda x: (len("".join(x[0])) - 2)*x[1])
        if count < 3:
            break
        phrases.append([letter, a + b])
        rows = [merged(row, a, b, letter) for row in rows]
    return phrases[::-1], END.join("".join(row) for row in rows)


def merged(row: list[str], a: str, b: str, letter: str) -> list[str]:
    """A row in which the letter stands for each a that b follows."""
    if a not in row:
        return row
    out: list[str] = []
    k = 0
    while k < len(row):
        hit = row[k] == a and k + 1 < len(row) and row[k + 1] == b
        out.append(letter if hit else row[k])
        k += 1 + hit
    return out
