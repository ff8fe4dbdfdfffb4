"""The random attack at size: pairs of formulas and of rules, verdicts held to what is true.

    python tests/full/attack_on_the_prover.py 3000             as many pairs of each kind
    python tests/full/attack_on_the_prover.py 500 rules 7000   of one kind, from a seed on

It prints a table for each kind of pair, and exits with 1 if a verdict was false.
tests/optim/test_attack.py runs a sample of it.
"""
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.optim import attack  # noqa: E402


def main(count="1000", kind=None, first="0"):
    found = 0
    for name, (make, decide) in attack.KINDS.items():
        if kind in (None, name):
            began = time.process_time()
            seeds = range(int(first), int(first) + int(count))
            counts, false = attack.attack(make, decide, seeds)
            found += len(false)
            print(f"{name}: {count} pairs, {len(false)} false verdicts, "
                  f"{time.process_time() - began:.0f} s\n{attack.table(counts)}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
