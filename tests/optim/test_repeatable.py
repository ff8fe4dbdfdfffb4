"""What is said is the same in every run: Python orders sets anew in each process."""
import os
import subprocess
import sys

WHAT_IS_SAID = """
import optim
derivation = optim.derive("memory")
for step in derivation.steps:
    print(step.sentence, step.check.status, step.check.witness, step.check.method)
print(derivation.latex())
print(optim.formula("nadam"), optim.formula("nadam").latex())
print(optim.prove("adamw", "adam").witness, optim.prove("adamax", "adam").witness)
"""


def said(code, seed):
    """What the code prints in a process that orders its sets by this seed."""
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True,
                          env=os.environ | {"PYTHONHASHSEED": str(seed), "PYTHONPATH":
                                            os.pathsep.join(sys.path)}).stdout


def test_formulas_derivations_and_witnesses_do_not_depend_on_the_order_of_sets():
    assert said(WHAT_IS_SAID, 0) == said(WHAT_IS_SAID, 2) != b""


def test_an_order_that_changes_from_run_to_run_is_seen():
    code = "print(*{'theta', 'g', 'm', 'v', 'lr'})"
    assert len({said(code, seed) for seed in range(4)}) > 1
